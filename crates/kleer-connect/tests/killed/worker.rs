//! The process that is killed: it exports employees from an HR system that never changes.

use std::env;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use flat_record::{HashKey, Kind, Record};
use kleer_connect::TokioClock;
use kleer_connect::client::model::{CompanyId, SalaryUnit};
use kleer_connect::client::{Kleer, RetryPolicy};
use kleer_connect::employee::{self, field};
use kleer_connect::employees::{self, Employees};
use kleer_sandbox::Sandbox;
use record_link::testing::FakeSide;
use record_link::{
    ConnectionId, Entity, FindingKind, Guard, Keeping, ProgressEvent, RecordKey, Recovered,
    Retries, RunCause, RunReport, Runner, Side, Sides, Store, Which,
};
use record_link_postgres::PostgresStore;
use record_link_sqlite::SqliteStore;

const VARIABLE: &str = "KLEER_KILLED_WORKER";
/// What a line of ours begins with: others are of the test harness.
const MARK: &str = "worker: ";
/// It begins a run.
const BEGINS: &str = "begins";
/// It did what was to be done about an employee.
const DONE: &str = "done";
/// There is nothing left to do.
const FINISHED: &str = "finished";
/// A published test number of the Swedish Tax Agency. Nothing is matched by it here, so all may have
/// the same.
const SSN: &str = "19121212-1212";
/// Later than anything that the sandbox or this machine does late.
const SETTLE: Duration = Duration::from_secs(1);
/// The shortest there is, since a process that is started after one was killed waits until the lease
/// runs out.
const LEASE_TIME: Duration = Duration::from_secs(1);

/// What a worker has to do: with which store, with which Kleer, how many employees.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    store: String,
    kleer: String,
    company: i32,
    token: String,
    records: usize,
}

impl Job {
    pub(crate) fn new(sandbox: &Sandbox, store: &str, records: usize) -> Self {
        Self {
            store: store.to_owned(),
            kleer: sandbox.base_url().to_owned(),
            company: sandbox.company().0,
            token: sandbox.token().to_owned(),
            records,
        }
    }

    /// The job of this process, if it was started for one.
    pub(crate) fn of_environment() -> Option<Self> {
        let text = env::var(VARIABLE).ok()?;
        let mut parts = text.split('\n');
        let mut next = || parts.next().unwrap().to_owned();
        Some(Self {
            store: next(),
            kleer: next(),
            company: next().parse().unwrap(),
            token: next(),
            records: next().parse().unwrap(),
        })
    }

    fn to_text(&self) -> String {
        let (company, records) = (self.company.to_string(), self.records.to_string());
        [&*self.store, &self.kleer, &company, &self.token, &records].join("\n")
    }

    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        let (which, place) = self.store.split_once(':').unwrap();
        if which == "sqlite" {
            return Arc::new(SqliteStore::open(place).unwrap());
        }
        let (schema, url) = place.split_once(' ').unwrap();
        Arc::new(
            PostgresStore::builder(url)
                .schema(schema)
                .open()
                .await
                .unwrap(),
        )
    }

    pub(crate) fn employees(&self) -> Employees {
        let retry = RetryPolicy::default()
            .with_max_attempts(8)
            .with_base_delay(Duration::from_millis(1))
            .with_max_delay(Duration::from_millis(20));
        let kleer = Kleer::builder(CompanyId(self.company))
            .token(self.token.clone())
            .base_url(&*self.kleer)
            .retry(retry)
            .build()
            .unwrap();
        Employees::new(kleer, SalaryUnit::Kronor).settle(SETTLE)
    }
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("hr->4875").unwrap()
}

pub(crate) fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

/// What the HR system has.
fn hr(records: usize) -> FakeSide {
    let side = FakeSide::new().with_kind(&kind(), employee::fields());
    let hired = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
    for number in 0..records {
        let record = Record::new(employee::fields())
            .with(field::NAME, format!("Testperson {number}"))
            .unwrap()
            .with(field::EMAIL, format!("person-{number}@example.com"))
            .unwrap()
            .with(field::SSN, SSN)
            .unwrap()
            .with(field::EMPLOYMENT_START_DATE, hired)
            .unwrap();
        let key = RecordKey::new(format!("e-{number}")).unwrap();
        side.insert(&kind(), &key, record).unwrap();
    }
    side
}

fn tell(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{MARK}{what}").unwrap();
    out.flush().unwrap();
}

/// Does the job, run after run, until nothing is left to do.
pub(crate) fn work(job: &Job) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = job.open().await;
        let runner = Runner::new(Arc::clone(&store), Arc::new(TokioClock), process_name())
            .lease_time(LEASE_TIME)
            .concurrency(8)
            .retries(Retries::new(6).first_wait(Duration::from_millis(2)))
            .progress(|_, _, event| {
                if let ProgressEvent::Ended { .. } = event {
                    tell(DONE);
                }
            });
        let entity = entity(job);
        for _ in 0..50 {
            // Until nobody holds the lease, of those before who were killed.
            let lease = store.lease(&connection(), "run/employee").await.unwrap();
            if let Some(lease) = lease {
                let left = (lease.until - Utc::now()).to_std().unwrap_or_default();
                tokio::time::sleep(left).await;
            }
            tell(BEGINS);
            match runner.run_once(&entity, RunCause::Schedule).await {
                Ok(report) if is_idle(&report) => {
                    tell(FINISHED);
                    return;
                }
                Ok(RunReport { failure: None, .. }) => {}
                // The next run does better; what is left undone would be seen in the end.
                Ok(report) => note(&report.failure.unwrap()),
                Err(error) => note(&error),
            }
        }
        panic!("fifty runs, and it is not done");
    });
}

/// Whether there was nothing left to do.
fn is_idle(report: &RunReport) -> bool {
    if report.failure.is_some() {
        return false;
    }
    let plan = report.plan.as_ref().unwrap();
    let is_refused = plan
        .findings
        .iter()
        .any(|one| matches!(one.what, FindingKind::Failed { .. }));
    assert!(!is_refused, "Kleer refuses what this test sends");
    plan.operations.is_empty() && report.recovered == Recovered::default()
}

fn note(error: &dyn std::error::Error) {
    let _ = writeln!(std::io::stderr(), "a run ended: {error}");
}

fn process_name() -> String {
    format!("process {}", std::process::id())
}

fn entity(job: &Job) -> Entity {
    let (hr, kleer) = (hr(job.records), job.employees());
    let mut policy = employees::one_way(Which::Left);
    policy.guard = Guard::OFF; // a first export creates everybody
    Entity::new(
        connection(),
        kind(),
        Sides::<Arc<dyn Side>>::new(Arc::new(hr), Arc::new(kleer)),
        policy,
        Keeping::hashes(HashKey::new([7; 16])),
    )
}

/// A worker that runs.
pub(crate) struct Process {
    child: Child,
    told: Receiver<String>,
}

/// How a worker ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It did its job.
    ByItself,
    /// It was killed, when it had told of so many employees.
    Killed { after: usize },
}

impl Process {
    pub(crate) fn start(job: &Job) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "worker", "--nocapture"])
            .env(VARIABLE, job.to_text())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, told) = channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(what) = line.strip_prefix(MARK) {
                    let _ = sender.send(what.to_owned());
                }
            }
        });
        Self { child, told }
    }

    /// Waits until it has done its job.
    pub(crate) fn wait(self) -> Ended {
        self.wait_until(None)
    }

    /// Kills it a moment after it has begun a run and told of so many employees, and at the latest
    /// when it has told of `most`.
    pub(crate) fn kill(self, after: usize, moment: Duration, most: usize) -> Ended {
        self.wait_until(Some((after, moment, most)))
    }

    fn wait_until(mut self, kill: Option<(usize, Duration, usize)>) -> Ended {
        let (mut has_begun, mut done, mut is_finished) = (false, 0, false);
        let mut deadline = None;
        loop {
            if is_finished {
                deadline = None;
            } else if let Some((after, moment, most)) = kill {
                if has_begun && done >= after && deadline.is_none() {
                    deadline = Some(Instant::now() + moment);
                }
                if done >= most || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    self.child.kill().unwrap();
                    self.child.wait().unwrap();
                    done += self.told.iter().filter(|what| what == DONE).count();
                    return Ended::Killed { after: done };
                }
            }
            let long = Duration::from_secs(600);
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match self.told.recv_timeout(left.unwrap_or(long)) {
                Ok(what) if what == FINISHED => is_finished = true,
                Ok(what) if what == BEGINS => has_begun = true,
                Ok(_) => done += 1,
                Err(RecvTimeoutError::Timeout) if left.is_some() => {}
                Err(RecvTimeoutError::Timeout) => panic!("the worker does not get on"),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = self.child.wait().unwrap();
        assert!(
            status.success() && is_finished,
            "the worker failed: {status}"
        );
        Ended::ByItself
    }
}
