//! A process whose [`Runner`](record_link::Runner) exports employees is killed again and again, in the
//! middle of whatever it does, and the next takes over when its lease has run out: in the end there
//! is one employee in Kleer for each in the HR system, as if nothing had happened.
//!
//! The tests here are short. The whole one, of 2,000 employees and 200 kills on each durable store:
//!
//! ```text
//! cargo test -p kleer-connect --test killed -- --ignored --nocapture
//! ```
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "killed/chance.rs"]
mod chance;
#[path = "killed/result.rs"]
mod result;
#[path = "killed/worker.rs"]
mod worker;

use std::io::Write as _;
use std::time::{Duration, Instant};

use chance::Chance;
use kleer_sandbox::{Fault, FaultProfile, Sandbox};
use result::Result;
use worker::{Ended, Job, Process};

/// How long Kleer's writes take to show, at most; what is later is a fault of this test's machine.
const LATE: Duration = Duration::from_millis(100);

/// How much of everything.
struct Size {
    records: usize,
    kills: usize,
    seed: u64,
}

const SHORT: Size = Size {
    records: 150,
    kills: 12,
    seed: 20_261_120,
};

const WHOLE: Size = Size {
    records: 2_000,
    kills: 200,
    seed: 20_261_121,
};

/// One request in ten goes wrong, half of them before and half after they take effect.
fn faults(seed: u64) -> FaultProfile {
    let faults = [
        Fault::Status(502),
        Fault::Status(503),
        Fault::RetryLater {
            status: 429,
            after: Duration::ZERO,
        },
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::ResetThenLate(LATE),
        Fault::StatusAfterEffect(502),
        Fault::DelayAfterEffect(LATE),
        Fault::TruncatedBody,
        Fault::HtmlAfterEffect(200),
    ];
    FaultProfile::shared(0.1, faults).seed(seed)
}

/// The worker, in a process of its own: what the other tests start. Alone it does nothing.
#[test]
fn worker() {
    if let Some(job) = Job::of_environment() {
        worker::work(&job);
    }
}

#[test]
fn a_run_on_sqlite_that_is_killed_ends_as_if_it_was_not() {
    on_sqlite(&SHORT);
}

#[test]
fn a_run_on_postgres_that_is_killed_ends_as_if_it_was_not() {
    on_postgres(&SHORT);
}

#[test]
#[ignore = "it takes many minutes"]
fn two_thousand_employees_and_two_hundred_kills_on_sqlite() {
    on_sqlite(&WHOLE);
}

#[test]
#[ignore = "it takes many minutes"]
fn two_thousand_employees_and_two_hundred_kills_on_postgres() {
    on_postgres(&WHOLE);
}

fn on_sqlite(size: &Size) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    check(size, "SQLite", &file("killed.db"), &file("undisturbed.db"));
}

fn on_postgres(size: &Size) {
    let name = "a run on PostgreSQL that is killed";
    let schemas = (
        throw_away_postgres::schema(name),
        throw_away_postgres::schema(name),
    );
    let (Some(killed), Some(undisturbed)) = schemas else {
        return;
    };
    let store = |schema: &throw_away_postgres::Schema| {
        format!("postgres:{} {}", schema.name(), schema.url())
    };
    check(size, "PostgreSQL", &store(&killed), &store(&undisturbed));
}

fn check(size: &Size, name: &str, killed: &str, undisturbed: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let begun = Instant::now();
    let start = |faults| {
        let builder = Sandbox::builder()
            .fault_profile(faults)
            .max_recorded_requests(0);
        runtime.block_on(builder.start()).unwrap()
    };
    let sandbox = start(faults(size.seed));
    let job = Job::new(&sandbox, killed, size.records);
    let kills = kill_again_and_again(&job, size);
    sandbox.clear_faults();
    let result = runtime.block_on(Result::of(&sandbox, &job));

    let calm = start(FaultProfile::new());
    let calm_job = Job::new(&calm, undisturbed, size.records);
    assert_eq!(Process::start(&calm_job).wait(), Ended::ByItself);
    let expected = runtime.block_on(Result::of(&calm, &calm_job));

    let _ = writeln!(
        std::io::stderr(),
        "{name}: {} employees, {} kills ({} before an employee was done, {} in a stored run), faults \
         {:?}, {:.0} s",
        size.records,
        kills.all,
        kills.early,
        result.interrupted_runs,
        sandbox.played_faults(),
        begun.elapsed().as_secs_f64(),
    );
    assert_eq!(
        kills.all, size.kills,
        "it was done before it was killed often enough"
    );
    result.is_whole(size.records);
    expected.is_whole(size.records);
    assert!(result.is_as(&expected), "{}", result.difference(&expected));
    result.has_no_open_deviation();
    expected.has_no_open_deviation();
    runtime.block_on(sandbox.shutdown());
    runtime.block_on(calm.shutdown());
}

struct Kills {
    all: usize,
    /// Before the process had done anything that it told.
    early: usize,
}

/// Starts the process, and kills it, until it was killed so often; then it may do the rest.
fn kill_again_and_again(job: &Job, size: &Size) -> Kills {
    let mut chance = Chance::new(size.seed);
    let mut kills = Kills { all: 0, early: 0 };
    let mut done = 0;
    while kills.all < size.kills {
        // So many employees from one kill to the next, on average, that some are left at the end.
        let left = (size.records * 7 / 10).saturating_sub(done);
        let average = left / (size.kills - kills.all);
        let process = Process::start(job);
        // Some die while they look, and some between two answers.
        let ended = if chance.below(4) == 0 {
            let moment = Duration::from_millis(chance.below(900));
            process.kill(0, moment, average + 1)
        } else {
            let after = chance.below(2 * average as u64 + 1);
            let moment = Duration::from_micros(chance.below(10_000));
            process.kill(usize::try_from(after).unwrap(), moment, usize::MAX)
        };
        match ended {
            Ended::Killed { after } => {
                kills.all += 1;
                kills.early += usize::from(after == 0);
                done += after;
            }
            Ended::ByItself => break,
        }
    }
    assert_eq!(Process::start(job).wait(), Ended::ByItself);
    kills
}
