//! Exports 5,000 employees into a sandbox that answers each request after 30 ms, 16 at a time, and
//! runs again without changes. Prints how many requests there were, and how long it took:
//!
//! - against the ideal, the number of requests that the employees need x 30 ms / 16, of which it may
//!   take 1.3 times;
//! - against the same requests sent in the same process by the same client with nothing else done,
//!   which is what counts on a machine that does other things, too;
//! - in time of the processor, sandbox and client included.
//!
//! `cargo bench -p kleer-connect --bench export [-- EMPLOYEES]`
//!
//! It fails if it takes longer than that, if anything but the two lists and the one user without an
//! agreement is read again, or if anything is written again.
//!
//! # Why an employee needs four requests
//!
//! Two are writes: of the user and of the payroll agreement. Kleer answers them with an id, or with
//! "saved", and never with what it stored. What it stored may differ from what was sent (it gives
//! numbers, trims, and may leave out what the token has no right to write), and is what later runs
//! compare with. So two are reads. None of them can be saved:
//!
//! - The agreement refers to its user by id only (`user-reference`), so that it does not show the
//!   user; nothing else shows both.
//! - One list of everybody at the end of the run, in place of 10,000 reads, would leave the links of
//!   a run that is killed with what was sent and not with what is there. A value that Kleer changed
//!   would then look like an edit that somebody made in Kleer.
//!
//! The ideal is therefore that of four requests for each employee.

#![allow(
    clippy::unwrap_used,
    clippy::exit,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use kleer_connect::client::Kleer;
use kleer_connect::client::model::SalaryUnit;
use kleer_connect::client::model::endpoint::{PAYROLL_USER_LIST, PAYROLL_USER_READ, USER_LIST};
use kleer_connect::employee::{self, MONTHLY, field};
use kleer_connect::employees::{self, Employees};
use kleer_connect::link::testing::FakeSide;
use kleer_connect::link::{
    ConnectionId, Entity, Guard, Keeping, MemoryStore, RecordKey, RunCause, RunOutcome, Runner,
    Side, Sides, Which,
};
use kleer_connect::record::{HashKey, Kind, Record};
use kleer_connect::{RecordMatching, TokioClock};
use kleer_sandbox::{FaultProfile, Sandbox};

const LATENCY: Duration = Duration::from_millis(30);
const AT_ONCE: usize = 16;
/// How many requests an employee needs: see above.
const EACH: usize = 4;
/// How many times the ideal time it may take.
const AT_MOST: f64 = 1.3;

/// A personal number with a serial that is given to nobody.
fn ssn(number: usize) -> String {
    let (day, serial) = (number / 20, 980 + number % 20);
    let born = chrono::NaiveDate::from_ymd_opt(1960, 1, 1).unwrap() + chrono::Days::new(day as u64);
    let digits = format!("{}{serial}", born.format("%y%m%d"));
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(place, digit)| {
            let product = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            product / 10 + product % 10
        })
        .sum();
    format!("{}-{serial}{}", born.format("%Y%m%d"), (10 - sum % 10) % 10)
}

fn person(number: usize) -> Record {
    let hired = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
    let salary = rust_decimal::Decimal::from(30_000 + number % 20_000);
    let text = |name: &str| format!("{name} {number}");
    Record::new(employee::fields())
        .with(field::ACTIVE, true)
        .and_then(|one| one.with(field::NAME, text("Test Testsson")))
        .and_then(|one| one.with(field::EMAIL, format!("test-{number}@example.com")))
        .and_then(|one| one.with(field::SSN, ssn(number)))
        .and_then(|one| one.with(field::ADDRESS2, text("Storgatan")))
        .and_then(|one| one.with(field::ZIP_CODE, "503 30"))
        .and_then(|one| one.with(field::STATE, "Borås"))
        .and_then(|one| one.with(field::COUNTRY_CODE, "SE"))
        .and_then(|one| one.with(field::EMPLOYMENT_START_DATE, hired))
        .and_then(|one| one.with(field::SALARY_PERIOD, MONTHLY))
        .and_then(|one| one.with(field::MONTHLY_SALARY, salary))
        .and_then(|one| one.with(field::MONTHLY_SALARY_START_DATE, hired))
        .unwrap()
}

fn requests(sandbox: &Sandbox) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for request in sandbox.requests() {
        *counts.entry(request.endpoint.unwrap_or("?")).or_default() += 1;
    }
    sandbox.clear_requests();
    counts
}

/// The time of the processor that this process has used.
fn processor_seconds() -> f64 {
    let usage = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = usage.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

async fn sandbox() -> (Sandbox, Kleer) {
    let profile = FaultProfile::new().latency(LATENCY);
    let sandbox = Sandbox::builder()
        .fault_profile(profile)
        .start()
        .await
        .unwrap();
    let kleer = Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .max_concurrent_requests(AT_ONCE)
        .build()
        .unwrap();
    (sandbox, kleer)
}

/// The requests of the export, and nothing else.
async fn bare(people: usize) -> f64 {
    let (_sandbox, kleer) = sandbox().await;
    let begun = Instant::now();
    let create = |number: usize| {
        let kleer = kleer.clone();
        async move {
            let write = employee::create(&person(number), SalaryUnit::Kronor).unwrap();
            let id = kleer.users().create(&write.user.unwrap()).await.unwrap().id;
            let payroll = kleer.payroll().user(id);
            payroll.create(&write.agreement.unwrap()).await.unwrap();
            let (user, agreement) =
                futures_util::future::join(kleer.users().get(id).send(), payroll.get().send())
                    .await;
            (user.unwrap(), agreement.unwrap())
        }
    };
    let mut created = stream::iter((0..people).map(create)).buffer_unordered(AT_ONCE);
    while created.next().await.is_some() {}
    begun.elapsed().as_secs_f64()
}

fn seconds(requests: usize) -> f64 {
    requests as f64 * LATENCY.as_secs_f64() / AT_ONCE as f64
}

#[tokio::main]
async fn main() {
    let people: usize = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(5_000);
    let kind = Kind::new("employee").unwrap();
    let hr = FakeSide::new().with_kind(&kind, employee::fields());
    for number in 0..people {
        let key = RecordKey::new(format!("e-{number}")).unwrap();
        hr.insert(&kind, &key, person(number)).unwrap();
    }
    let (sandbox, kleer) = sandbox().await;
    let side = Employees::new(kleer, SalaryUnit::Kronor);
    let mut policy = employees::one_way(Which::Left);
    policy.guard = Guard::OFF; // a first export creates everybody
    let entity = Entity::new(
        ConnectionId::new("hr->4875").unwrap(),
        kind,
        Sides::<Arc<dyn Side>>::new(Arc::new(hr), Arc::new(side)),
        policy,
        Keeping::hashes(HashKey::new([7; 16])),
    )
    .matching(Arc::new(RecordMatching::by(
        employees::comparisons().unwrap(),
    )));
    let runner = Runner::new(
        Arc::new(MemoryStore::new()),
        Arc::new(TokioClock),
        "benchmark",
    )
    .concurrency(AT_ONCE);

    let mut is_fast = true;
    for run in ["first export", "again, without changes"] {
        let is_first = run == "first export";
        // Half before and half after, for a machine whose other work changes.
        let before = if is_first {
            bare(people / 2).await
        } else {
            0.0
        };
        let (begun, used) = (Instant::now(), processor_seconds());
        let report = runner.run_once(&entity, RunCause::ByHand).await.unwrap();
        let took = begun.elapsed().as_secs_f64();
        let used = processor_seconds() - used;
        assert_eq!(report.record.outcome, RunOutcome::Finished, "{report:?}");
        let counts = requests(&sandbox);
        let all: usize = counts.values().sum();
        let writes: usize = counts
            .iter()
            .filter(|(name, _)| name.ends_with(".create") || name.ends_with(".update"))
            .map(|(_, count)| count)
            .sum();
        println!("{run}: {people} employees in {took:.2} s, {used:.2} s of the processor");
        for (name, count) in &counts {
            println!("  {count:>6} {name}");
        }
        if writes > 0 {
            let same = before + bare(people - people / 2).await;
            println!(
                "  the same requests alone: {same:.2} s, ratio {:.3}",
                took / same
            );
            let each = seconds(EACH * people);
            let ratio = took / each;
            println!("  ideal for 2 writes and 2 reads each: {each:.2} s, ratio {ratio:.3}");
            if ratio > AT_MOST {
                println!("  more than {AT_MOST} times the ideal");
                is_fast = false;
            }
            let bare = seconds(writes);
            println!(
                "  ideal for the writes alone:          {bare:.2} s, ratio {:.3}",
                took / bare
            );
            println!(
                "  ideal for all {all} requests:     {:.2} s, ratio {:.3}",
                seconds(all),
                took / seconds(all)
            );
        } else {
            // The user of the token has no agreement in the list, so that it is asked for.
            let once = [&PAYROLL_USER_LIST, &PAYROLL_USER_READ, &USER_LIST].map(|one| one.name);
            assert_eq!(counts, once.map(|name| (name, 1)).into());
        }
    }
    if !is_fast {
        std::process::exit(1);
    }
}
