//! The process that is killed: it exports employees from an HR system that never changes.

use std::env;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use flat_record::{HashKey, Kind, Record};
use kleer_connect::client::model::{CompanyId, SalaryUnit};
use kleer_connect::client::{Kleer, RetryPolicy};
use kleer_connect::employee::{self, field};
use kleer_connect::employees::{self, Employees};
use kleer_sandbox::Sandbox;
use record_link::testing::FakeSide;
use record_link::{
    BoxFuture, Clock, ConnectionId, Executor, FindingKind, Keeping, Planner, ProgressEvent,
    RecordKey, Retries, Side, Sides, Store, Which, all_links,
};
use record_link_postgres::PostgresStore;
use record_link_sqlite::SqliteStore;

const VARIABLE: &str = "KLEER_KILLED_WORKER";
/// What a line of ours begins with: others are of the test harness.
const MARK: &str = "worker: ";
/// A published test number of the Swedish Tax Agency. Nothing is matched by it here, so all may have
/// the same.
const SSN: &str = "19121212-1212";
/// Later than anything that the sandbox or this machine does late.
const SETTLE: Duration = Duration::from_secs(1);

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

    pub(crate) async fn open(&self) -> Box<dyn Store> {
        let (which, place) = self.store.split_once(':').unwrap();
        if which == "sqlite" {
            return Box::new(SqliteStore::open(place).unwrap());
        }
        let (schema, url) = place.split_once(' ').unwrap();
        Box::new(
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

#[derive(Debug)]
struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(time))
    }
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
        let (hr, kleer) = (hr(job.records), job.employees());
        for _ in 0..50 {
            match run(&*store, Sides::new(&hr, &kleer)).await {
                Ok(true) => {
                    tell("finished");
                    return;
                }
                Ok(false) => {}
                Err(error) => {
                    // The next run does better; what is left undone would be seen in the end.
                    let _ = writeln!(std::io::stderr(), "a run ended: {error}");
                }
            }
        }
        panic!("fifty runs, and it is not done");
    });
}

/// One run; whether there was nothing left to do.
async fn run(
    store: &dyn Store,
    sides: Sides<&dyn Side>,
) -> Result<bool, Box<dyn std::error::Error>> {
    let (connection, kind) = (connection(), kind());
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let retries = Retries::new(6).first_wait(Duration::from_millis(2));
    let executor = Executor::new(store, sides, keeping, &TokioClock)
        .concurrency(8)
        .retries(retries)
        .progress(|event| {
            if let ProgressEvent::Ended { .. } = event {
                tell("done");
            }
        });
    let recovered = executor.recover(&connection).await?;
    let links = all_links(store, &connection, &kind).await?;
    let (left, right) = (
        sides.left.list(&kind).await?,
        sides.right.list(&kind).await?,
    );
    let mut policy = employees::one_way(Which::Left);
    policy.guard = record_link::Guard::OFF;
    let plan = Planner::new(connection.clone(), kind.clone(), &policy, keeping)
        .links(&links)
        .known_scopes(store.scopes(&connection, &kind).await?)
        .plan(Sides::new(&left, &right), Utc::now())?;
    assert!(
        !plan
            .findings
            .iter()
            .any(|one| matches!(one.what, FindingKind::Failed { .. })),
        "Kleer refuses what this test sends"
    );
    let is_idle = plan.operations.is_empty() && store.intents(&connection).await?.is_empty();
    let applied = executor.apply(&plan).await?;
    let doubtful = applied.doubtful_creates().chain(&recovered.creates);
    executor.audit(&connection, doubtful).await?;
    Ok(is_idle)
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

    /// Kills it a moment after it has told of so many employees, and at the latest when it has told
    /// of `most`.
    pub(crate) fn kill(self, after: usize, moment: Duration, most: usize) -> Ended {
        self.wait_until(Some((after, moment, most)))
    }

    fn wait_until(mut self, kill: Option<(usize, Duration, usize)>) -> Ended {
        let (mut done, mut is_finished, mut deadline) = (0, false, None);
        loop {
            if is_finished {
                deadline = None;
            } else if let Some((after, moment, most)) = kill {
                if done >= after && deadline.is_none() {
                    deadline = Some(Instant::now() + moment);
                }
                if done >= most || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    self.child.kill().unwrap();
                    self.child.wait().unwrap();
                    done += self.told.iter().filter(|what| what == "done").count();
                    return Ended::Killed { after: done };
                }
            }
            let long = Duration::from_secs(600);
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match self.told.recv_timeout(left.unwrap_or(long)) {
                Ok(what) if what == "finished" => is_finished = true,
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
