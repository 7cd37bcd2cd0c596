//! Reading and writing 10,000 payroll users, against quick-xml's bare events and against a reader
//! and a writer that serde derives for the same types; and the memory that reading takes.
//!
//! `cargo bench -p kleer-model --bench payroll_users`
//!
//! Each round runs all of them in turn, so that a busy machine slows all alike; what counts is the
//! median of the rounds' ratios.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its result"
)]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on")]

#[path = "payroll_users/derived.rs"]
mod derived;

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use kleer_model::{
    DimensionEntryId, Document, FullHistoryMonthlySalary, List, PayrollChild, PayrollScheduleId,
    PayrollUserReadable, PayrollUserSchedule, Rate, SalaryAmount, UserId, UserReference,
    VacationEntitlement,
};
use quick_xml::events::Event;
use rust_decimal::Decimal;

const USERS: i32 = 10_000;
const ROUNDS: usize = 31;

/// Published test identities; no number of a real person.
const TEST_PERSONS: [&str; 5] = [
    "20170101-2393",
    "19121212-1212",
    "19090527-1474",
    "20000229-2399",
    "19570428-9999",
];
const STREETS: [&str; 4] = ["Storgatan", "Kungsgatan", "Björkvägen", "Södra Ågatan"];
const TOWNS: [&str; 4] = ["Stockholm", "Göteborg", "Örebro", "Sundsvall"];

fn day(year: i32, number: i32) -> NaiveDate {
    let ordinal = 1 + number.unsigned_abs() % 365;
    NaiveDate::from_yo_opt(year, ordinal).unwrap()
}

fn pick<'a>(from: &[&'a str], number: i32) -> &'a str {
    from[usize::try_from(number).unwrap_or_default() % from.len()]
}

fn user(number: i32) -> PayrollUserReadable {
    let hired = day(2005 + number % 20, number * 7);
    let mut user =
        PayrollUserReadable::new(UserId(10_000 + number), pick(&TEST_PERSONS, number), hired);
    let salary = i64::from(28_000 + number % 400 * 100);
    let text = |text: String| Some(text);
    user.address1 = text(if number % 5 == 0 {
        "c/o Exempel & Söner".to_owned()
    } else {
        String::new()
    });
    user.address2 = text(format!("{} {}", pick(&STREETS, number), 1 + number % 120));
    user.zip_code = text(format!("{} {:02}", 111 + number % 800, number % 100));
    user.state = text(pick(&TOWNS, number / 3).to_owned());
    user.phone = text(format!("070-174 06 {:02}", number % 100));
    user.tax_table = Some(29 + number % 13);
    user.tax_table_column = Some(1);
    user.tax_percentage = Some(Rate(Decimal::new(300, 1)));
    user.clearing_nr = text("8901".to_owned());
    user.account_nr = text(format!("12{number:08}"));
    user.employment_end_date = (number % 8 == 0).then(|| day(2026, number));
    user.notes = (number % 3 == 0).then(|| "Börjar kl. 7 <obs> enligt avtal".to_owned());
    user.travel_reimbursement_per_mile = Some(SalaryAmount(250));
    user.monthly_salary = Some(SalaryAmount(salary));
    user.monthly_salary_start_date = Some(day(2026, 90));
    user.variable_salary_description = text("Ingen rörlig lön".to_owned());
    user.variable_salary_provision_vacation_percentage = Some(Rate(Decimal::new(12, 2)));
    user.manager_user = Some(UserReference::new(UserId(10_000 + number / 12)));
    user.workplace_number = text(format!("{:05}", number % 40));
    user.schedules = Some(vec![PayrollUserSchedule::new(PayrollScheduleId(
        1 + number % 6,
    ))]);
    user.dimension_entries = Some(vec![
        DimensionEntryId(100 + number % 30).into(),
        DimensionEntryId(900).into(),
    ]);
    user.vacation_entitlements = Some(vec![VacationEntitlement::new(hired, 25)]);
    user.children = Some(
        (0..number % 3)
            .map(|child| PayrollChild::new(format!("Barn {child}"), day(2012 + child, number)))
            .collect(),
    );
    user.full_history_monthly_salaries = Some(
        (0..=number % 3)
            .map(|year| {
                let raised = SalaryAmount(salary - i64::from(year) * 900);
                FullHistoryMonthlySalary::new(raised, day(2026 - year, 90))
            })
            .collect(),
    );
    user
}

fn users() -> List<PayrollUserReadable> {
    List::from((0..USERS).map(user).collect::<Vec<_>>())
}

/// The cost of XML itself: quick-xml's events, looked at by nobody.
fn events(xml: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut count = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return count,
            event => {
                black_box(&event);
                count += 1;
            }
        }
    }
}

/// How long it takes, without dropping what comes of it.
fn time<T>(run: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let value = black_box(run());
    let elapsed: Duration = start.elapsed();
    drop(value);
    elapsed.as_secs_f64()
}

/// The value below which this share of the values lies.
fn quantile(values: &[f64], hundredths: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) * hundredths / 100]
}

fn show(label: &str, values: &[f64], unit: &str) -> f64 {
    let [low, median, high] = [10, 50, 90].map(|share| quantile(values, share));
    println!("{label:<34} {median:>8.2} {unit} ({low:.2} to {high:.2})");
    median
}

/// A number of bytes from Linux's account of this process, or `None` elsewhere.
fn from_status(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kibibytes: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// The peak of memory while something runs, above what was in use before.
fn peak<T>(run: impl FnOnce() -> T) -> Option<u64> {
    // Resets the peak.
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = from_status("VmRSS:")?;
    let value = black_box(run());
    let peak = from_status("VmHWM:")?;
    drop(value);
    Some(peak.saturating_sub(before))
}

/// Measures memory in a process of its own, where nothing was freed that could be used again.
fn measure_memory(what: &str, file: &std::ffi::OsStr) -> ExitCode {
    let xml = std::fs::read_to_string(file).unwrap();
    let peak = match what {
        "own" => peak(|| List::<PayrollUserReadable>::from_xml(xml.as_bytes()).unwrap()),
        _ => peak(|| quick_xml::de::from_str::<derived::Users>(&xml).unwrap()),
    };
    match peak {
        Some(peak) => {
            println!("{peak}");
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

fn memory(what: &str, file: &std::path::Path) -> Option<f64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program)
        .arg("--memory")
        .arg(what)
        .arg(file)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.trim().parse().ok()
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let [_, option, what, file] = arguments.as_slice()
        && option == "--memory"
    {
        return measure_memory(&what.to_string_lossy(), file);
    }

    let list = users();
    let xml = list.to_xml().unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a size in megabytes")]
    let megabytes = xml.len() as f64 / 1e6;
    println!("{USERS} payroll users, {megabytes:.1} MB, {ROUNDS} rounds; median (p10 to p90)");

    // Both read the same values, and both write them.
    assert_eq!(
        List::<PayrollUserReadable>::from_xml(xml.as_bytes()).unwrap(),
        list
    );
    let derived: derived::Users = quick_xml::de::from_str(&xml).unwrap();
    let derived_xml = quick_xml::se::to_string(&derived).unwrap();
    assert_eq!(
        List::<PayrollUserReadable>::from_xml(derived_xml.as_bytes()).unwrap(),
        list
    );

    let file = std::env::temp_dir().join(format!("payroll-users-{}.xml", std::process::id()));
    std::fs::write(&file, &xml).unwrap();
    let memory = ["own", "derived"].map(|what| memory(what, &file));
    std::fs::remove_file(&file).unwrap();

    let mut times: [Vec<f64>; 5] = Default::default();
    for _ in 0..ROUNDS {
        let round = [
            time(|| events(&xml)),
            time(|| List::<PayrollUserReadable>::from_xml(xml.as_bytes()).unwrap()),
            time(|| quick_xml::de::from_str::<derived::Users>(&xml).unwrap()),
            time(|| list.to_xml().unwrap()),
            time(|| quick_xml::se::to_string(&derived).unwrap()),
        ];
        times
            .iter_mut()
            .zip(round)
            .for_each(|(times, time)| times.push(time));
    }
    let labels = ["events", "read", "read by serde", "write", "write by serde"];
    for (label, times) in labels.iter().zip(&times) {
        let speeds: Vec<f64> = times.iter().map(|time| megabytes / time).collect();
        show(label, &speeds, "MB/s");
    }
    let ratio = |above: usize, below: usize| {
        let pairs = times[above].iter().zip(&times[below]);
        pairs
            .map(|(above, below)| above / below)
            .collect::<Vec<f64>>()
    };
    let reached = [
        show("read, speed of events (want 0.5)", &ratio(0, 1), "x") >= 0.5,
        show("read, speed of serde (want 1.7)", &ratio(2, 1), "x") >= 1.7,
        show("write, speed of serde (want 3)", &ratio(4, 3), "x") >= 3.0,
        if let [Some(own), Some(derived)] = memory {
            let [own, derived] = [own, derived].map(|bytes| bytes / 1e6);
            println!("memory above the input: {own:.1} MB; serde {derived:.1} MB");
            own < megabytes
        } else {
            println!("memory above the input: not measured, which only Linux lets us");
            true
        },
    ];
    if reached.contains(&false) {
        println!("a target was missed");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
