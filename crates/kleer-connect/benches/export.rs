//! Exports 5,000 employees into a sandbox that answers each request after 30 ms, 16 at a time, and
//! runs again without changes. Prints how long it took, against the time that the requests alone
//! need, and how many requests there were.
//!
//! `cargo bench -p kleer-connect --bench export [-- EMPLOYEES]`

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kleer_connect::RecordMatching;
use kleer_connect::client::Kleer;
use kleer_connect::client::model::SalaryUnit;
use kleer_connect::employee::{self, MONTHLY, field};
use kleer_connect::employees::{self, Employees};
use kleer_connect::link::testing::FakeSide;
use kleer_connect::link::{
    BoxFuture, Clock, ConnectionId, Entity, Guard, Keeping, MemoryStore, RecordKey, RunCause,
    RunOutcome, Runner, Side, Sides, Which,
};
use kleer_connect::record::{HashKey, Kind, Record};
use kleer_sandbox::{FaultProfile, Sandbox};

const LATENCY: Duration = Duration::from_millis(30);
const AT_ONCE: usize = 16;

#[derive(Debug)]
struct RealTime;

impl Clock for RealTime {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        chrono::Utc::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

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

fn seconds(requests: usize) -> f64 {
    requests as f64 * LATENCY.as_secs_f64() / AT_ONCE as f64
}

#[tokio::main]
async fn main() {
    let people: usize = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(5_000);
    let kind = Kind::new("employee").unwrap();
    let hr = FakeSide::new().with_kind(&kind, employee::fields());
    for number in 0..people {
        let key = RecordKey::new(format!("e-{number}")).unwrap();
        hr.insert(&kind, &key, person(number)).unwrap();
    }
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
        Arc::new(RealTime),
        "benchmark",
    )
    .concurrency(AT_ONCE);

    for run in ["first export", "again, without changes"] {
        let begun = Instant::now();
        let report = runner.run_once(&entity, RunCause::ByHand).await.unwrap();
        let took = begun.elapsed().as_secs_f64();
        assert_eq!(report.record.outcome, RunOutcome::Finished, "{report:?}");
        let counts = requests(&sandbox);
        let all: usize = counts.values().sum();
        let writes: usize = counts
            .iter()
            .filter(|(name, _)| name.ends_with(".create") || name.ends_with(".update"))
            .map(|(_, count)| count)
            .sum();
        println!("{run}: {people} employees in {took:.2} s");
        for (name, count) in &counts {
            println!("  {count:>6} {name}");
        }
        if writes > 0 {
            let each = seconds(4 * people);
            println!(
                "  ideal for 2 writes and 2 reads each: {each:.2} s, ratio {:.3}",
                took / each
            );
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
            assert!(!counts.keys().any(|name| name.ends_with(".create")));
        }
    }
}
