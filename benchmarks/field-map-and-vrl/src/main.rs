//! `field-map` and `vrl` doing the same mapping, in turns.
//!
//! The VRL program does the same as the profile, as far as VRL can: it neither checks nor
//! normalises the personal number, does not see that a timestamp is at midnight, and counts money
//! in binary. A VRL program changes its event, so it needs a copy of each document; the time of
//! that copy is measured too, and the ratio is given with and without it.

#[path = "../../../crates/kleer-employee/benches/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use field_map::Circumstances;
use vrl::compiler::{Context, TargetValue, TimeZone, compile, state::RuntimeState};
use vrl::value::{Secrets, Value};

const EMPLOYEES: u64 = 100_000;
const ROUNDS: usize = 5;

const PROGRAM: &str = r#"
out = {}
out.active = bool!(.active)
first = strip_whitespace(replace(string!(.firstName), r'\s+', " "))
last = strip_whitespace(replace(string!(.lastName), r'\s+', " "))
out.name = join!([first, last], " ")
text = strip_whitespace!(.privateEmail)
out.email = if text == "" { null } else { text }
text = strip_whitespace!(.privatePhone)
out.phone = if text == "" { null } else { text }
text = strip_whitespace!(.ssn)
out.ssn = if text == "" { null } else { text }
text = strip_whitespace!(.homeAddress.street)
out.address2 = if text == "" { null } else { text }
text = strip_whitespace!(.homeAddress.postalCode)
out."zip-code" = if text == "" { null } else { text }
text = strip_whitespace!(.homeAddress.city)
out.state = if text == "" { null } else { text }
text = strip_whitespace!(.homeAddress.country)
out."country-code" = if text == "" { null } else { text }
text = strip_whitespace!(.bankAccount.clearing)
out."clearing-nr" = if text == "" { null } else { text }
text = strip_whitespace!(.bankAccount.number)
out."account-nr" = if text == "" { null } else { text }
out."tax-table" = int!(.tax.table)
out."tax-table-column" = int!(.tax.column)
day = parse_timestamp!(.employment.startDate, "%+")
out."employment-start-date" = format_timestamp!(day, "%F")
if !is_null(.employment.endDate) {
    day = parse_timestamp!(.employment.endDate, "%+")
    out."employment-end-date" = format_timestamp!(day, "%F")
} else {
    out."employment-end-date" = null
}
period = .compensation.payoutPeriod
if period == "HOURLY" {
    out."hourly-salary" = to_float!(.compensation.amount)
    day = parse_timestamp!(.compensation.effectiveDate, "%+")
    out."hourly-salary-start-date" = format_timestamp!(day, "%F")
    out."salary-period" = "Hourly"
} else if period == "MONTHLY" {
    out."monthly-salary" = to_float!(.compensation.amount)
    day = parse_timestamp!(.compensation.effectiveDate, "%+")
    out."monthly-salary-start-date" = format_timestamp!(day, "%F")
    out."salary-period" = "Monthly"
} else {
    abort
}
. = out
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let profile = kleer_employee::alexis_hr()?;
    let mapper = profile.compile_for(kleer_employee::fields()).compile()?;
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default();
    let circumstances = Circumstances::on(day);

    let compiled = compile(PROGRAM, &vrl::stdlib::all()).map_err(|errors| format!("{errors:?}"))?;
    let time_zone = TimeZone::default();

    let documents: Vec<_> = (0..EMPLOYEES).map(support::employee).collect();
    let events: Vec<Value> = documents.iter().cloned().map(Value::from).collect();

    // Both say the same of every employee, or the race is between two different things.
    for (document, event) in documents.iter().zip(&events) {
        let record = mapper.export(document, &circumstances)?;
        let mapped = run(&compiled.program, event.clone(), &time_zone)?;
        let object = mapped.as_object().ok_or("not an object")?;
        for (name, theirs) in object {
            let ours = record.get(name).ok_or_else(|| format!("{name} is not in the record"))?;
            if shown(ours) != shown_by_vrl(theirs) {
                return Err(format!("{name} differs").into());
            }
        }
        let ours = record.iter().filter(|(_, value)| **value != flat_record::Value::Null).count();
        let theirs = object.values().filter(|value| !value.is_null()).count();
        if ours != theirs {
            return Err(format!("{ours} fields, and {theirs} of vrl").into());
        }
    }

    let mut ratios = Vec::new();
    let mut net_ratios = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for document in &documents {
            black_box(mapper.export(document, &circumstances)?);
        }
        let ours = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for event in &events {
            black_box(run(&compiled.program, event.clone(), &time_zone)?);
        }
        let theirs = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for event in &events {
            black_box(event.clone());
        }
        let copies = start.elapsed().as_secs_f64();
        println!(
            "field-map {:>8.0} records a second, vrl {:>8.0}, copies {:>8.0}",
            EMPLOYEES as f64 / ours,
            EMPLOYEES as f64 / theirs,
            EMPLOYEES as f64 / copies
        );
        ratios.push(theirs / ours);
        net_ratios.push((theirs - copies) / ours);
    }
    ratios.sort_by(f64::total_cmp);
    net_ratios.sort_by(f64::total_cmp);
    println!(
        "median: field-map is {:.2} times as fast, {:.2} times without the copies",
        ratios[ROUNDS / 2],
        net_ratios[ROUNDS / 2]
    );
    Ok(())
}

fn shown(value: &flat_record::Value) -> String {
    match value {
        flat_record::Value::Bool(flag) => flag.to_string(),
        flat_record::Value::Integer(integer) => integer.to_string(),
        flat_record::Value::Decimal(decimal) => decimal.normalize().to_string(),
        flat_record::Value::Date(date) => date.to_string(),
        other => other.as_text().unwrap_or_default().to_owned(),
    }
}

fn shown_by_vrl(value: &Value) -> String {
    match value {
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(integer) => integer.to_string(),
        Value::Float(float) => float.to_string(),
        other => other.to_str_lossy().map(|text| text.to_string()).unwrap_or_default(),
    }
}

fn run(
    program: &vrl::compiler::Program,
    event: Value,
    time_zone: &TimeZone,
) -> Result<Value, Box<dyn Error>> {
    let mut target = TargetValue {
        value: event,
        metadata: Value::Object(BTreeMap::new()),
        secrets: Secrets::default(),
    };
    let mut state = RuntimeState::default();
    let mut context = Context::new(&mut target, &mut state, time_zone);
    program.resolve(&mut context).map_err(|error| error.to_string())?;
    Ok(target.value)
}
