//! Creating many records once while a fifth of all calls goes wrong: at the end each source record
//! stands in Kleer once, or the ones in doubt are named. Never a silent double.
//!
//! Here with some hundred records under each fault. The soak does the same with 10,000, and prints
//! what came of each:
//!
//! ```sh
//! cargo test --release -p kleer-client --test creates_under_faults -- --ignored --nocapture
//! ```
//!
//! It draws a new seed every time and prints it. `KLEER_SOAK_SEED` repeats a seed,
//! `KLEER_SOAK_RECORDS` takes fewer records, and `KLEER_SOAK_FAULT` only the faults with this text
//! in their names.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod fast_timer;
mod faults;
mod run;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fast_timer::Settle;
use kleer_client::model::endpoint;
use kleer_sandbox::{Fault, FaultProfile, FaultRule, Normalisation};
use run::{Plan, Run};

const SEED: u64 = 20_261_120;

/// Longer than the time limit of an attempt.
const TOO_SLOW: Duration = Duration::from_millis(2_500);

fn plan(name: &str, profile: FaultProfile) -> Plan {
    Plan {
        name: name.to_owned(),
        records: 120,
        profile,
        settle: Settle::LongEnough,
        attempts: 8,
        concurrency: 16,
        attempt_timeout: Duration::from_secs(2),
    }
}

/// Under these nothing at all may stay in doubt: each is transient, and the record can be looked up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transient_faults_alone_leave_every_record_there_once() {
    for ((fault_name, fault), seed) in faults::survivable(TOO_SLOW).into_iter().zip(SEED..) {
        let name = format!("{fault_name}, seed {seed}");
        let run = Run::of(plan(&name, faults::alone(fault, seed))).await;
        println!("{run}");
        run.check();
        assert_eq!(run.totals().created, 120, "{name}: {:?}", run.totals());
        assert_eq!((run.copies(), run.doubles()), (120, 0), "{name}");
        assert!(run.audit.is_clean() && run.report.is_clean(), "{name}");
        assert!(run.hits > 10, "{name} hit only {} requests", run.hits);
        assert_eq!(run.finish().await, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_faults_alone_leave_no_silent_double() {
    for ((fault_name, fault), seed) in faults::others().into_iter().zip(SEED..) {
        let name = format!("{fault_name}, seed {seed}");
        let run = Run::of(plan(&name, faults::alone(fault.clone(), seed))).await;
        println!("{run}");
        run.check();
        assert!(run.hits > 10, "{name} hit only {} requests", run.hits);
        let loses_keys = matches!(
            fault,
            Fault::Dropped(_) | Fault::Normalised(Normalisation::Truncate(_))
        );
        assert_eq!(!run.lost().is_empty(), loses_keys, "{name}");
        run.finish().await;
    }
}

/// A run may be killed anywhere, also between a write and its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let mut plan = plan(
        "killed",
        FaultProfile::shared(0.2, [Fault::ResetAfter, Fault::Status(503)]),
    );
    plan.records = 300;
    let run = run::killed(&plan, 5).await;
    println!("{run}");
    run.check();
    let totals = run.totals();
    assert!(
        totals.already_there > 100 && totals.created > 0,
        "{totals:?}"
    );
    assert_eq!(
        (run.copies(), run.doubles(), totals.in_doubt),
        (300, 0, 0),
        "{totals:?}"
    );
    assert_eq!(run.finish().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_faults_mixed_leave_no_silent_double() {
    for seed in SEED..SEED + 3 {
        let name = format!("mixed, seed {seed}");
        let mut plan = plan(&name, faults::mixed(TOO_SLOW, seed));
        plan.records = 400;
        let run = Run::of(plan).await;
        println!("{run}");
        run.check();
        assert!(run.hits > 60, "{name} hit only {} requests", run.hits);
        run.finish().await;
    }
}

/// The settle time is shorter than a write may be late: nothing that a client can look at shows
/// that the first one is still under way. The second makes a double, and the audit names it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_land_after_the_settle_time_are_found_by_the_audit() {
    let run = Run::of(late_plan(120, SEED)).await;
    println!("{run}");
    run.check();
    let doubles = run.doubles();
    assert!(doubles > 10, "only {doubles} doubles, seed {SEED}");
    assert_eq!(run.audit.doubles.len(), doubles, "seed {SEED}");
    assert_eq!(run.finish().await, doubles, "seed {SEED}");
}

fn late_plan(records: usize, seed: u64) -> Plan {
    // Long after the settle time, which passes in less than half a second.
    let late = Fault::ResetThenLate(Duration::from_secs(3));
    let late = FaultRule::new(late).on(&endpoint::CLIENT_CREATE).share(0.2);
    let profile = FaultProfile::new().seed(seed).rule(late);
    Plan {
        records,
        settle: Settle::TooShort,
        ..plan(
            &format!("effect after the settle time, seed {seed}"),
            profile,
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "takes minutes: see the top of this file"]
async fn soak() {
    let seed = variable("KLEER_SOAK_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        now.as_secs()
    });
    let records = variable("KLEER_SOAK_RECORDS").unwrap_or(10_000);
    let records = usize::try_from(records).unwrap();
    let wanted = std::env::var("KLEER_SOAK_FAULT").unwrap_or_default();
    println!("KLEER_SOAK_SEED={seed}, {records} records each");
    let alone = faults::all(TOO_SLOW).into_iter().map(|(name, fault)| {
        let name = format!("{name}, seed {seed}");
        plan(&name, faults::alone(fault, seed))
    });
    let mut plans: Vec<Plan> = alone.collect();
    let mixed = faults::mixed(TOO_SLOW, seed);
    plans.push(plan(&format!("mixed, seed {seed}"), mixed));
    plans.push(late_plan(records, seed));
    for mut plan in plans {
        if !plan.name.contains(&wanted) {
            continue;
        }
        plan.records = records;
        plan.concurrency = 64;
        let run = Run::of(plan).await;
        println!("{run}");
        run.check();
        let to_look_at = run.finish().await;
        println!("{to_look_at:>46} to be looked at by a person");
    }
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number")),
    )
}
