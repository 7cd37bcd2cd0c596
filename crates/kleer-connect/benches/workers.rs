//! How much faster eight worker processes are than two, which share one `PostgreSQL` store and export
//! into one Kleer that answers after 30 ms. Each runs one connection after the other, with a
//! `Runner`, under its lease.
//!
//! ```text
//! cargo bench -p kleer-connect --bench workers
//! ```
//!
//! It fails if anything is there twice, or if eight are not at least 1.6 times as fast.
//!
//! # What bounds it
//!
//! Workers wait for Kleer, or for a core. What is waited for is printed beside each time: the time
//! that the requests would need if nothing took time but Kleer's 30 ms, and how busy the cores of the
//! machine were. Sandbox, `PostgreSQL` and all workers run on the same machine.
//!
//! With one request at once for each worker, the workers wait for Kleer: that is what eight of them
//! are for, and that line decides. A worker with four requests at once does the work of four; where
//! two such workers keep the cores busy already, six more have nothing to wait for together, and the
//! line says nothing about workers. It decides, too, where the cores are not the bound.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement"
)]

use std::env;
use std::process::{Command, exit};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flat_record::{HashKey, Kind, Record};
use kleer_connect::TokioClock;
use kleer_connect::client::Kleer;
use kleer_connect::client::model::endpoint::USER_LIST;
use kleer_connect::client::model::{CompanyId, List, SalaryUnit, User};
use kleer_connect::employee::{self, field};
use kleer_connect::employees::{self, Employees};
use kleer_sandbox::{FaultProfile, Sandbox};
use record_link::testing::FakeSide;
use record_link::{
    ConnectionId, Entity, Guard, Keeping, Link, LinkStanding, RecordKey, RunCause, RunError,
    RunOutcome, Runner, Side, Sides, Store, Which, all_links,
};
use record_link_postgres::PostgresStore;
use throw_away_postgres::Cluster;

const LATENCY: Duration = Duration::from_millis(30);
/// Source accounts; a worker works on one at a time.
const CONNECTIONS: usize = 32;
const EMPLOYEES: usize = 12;
/// For each connection: Kleer's list of users, and for each user a create and the read-back.
const REQUESTS: usize = CONNECTIONS * (1 + 2 * EMPLOYEES);
const ROUNDS: usize = 2;
const AT_LEAST: f64 = 1.6;
/// With more of the time of all cores used than this, the cores are the bound.
const BUSY: f64 = 0.85;

const VARIABLE: &str = "KLEER_WORKERS_BENCH";

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Ok(job) = env::var(VARIABLE) {
        runtime.block_on(worker(&job));
        return;
    }
    let cluster = Cluster::builder().start().unwrap();
    let url = cluster.url();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!(
        "{CONNECTIONS} connections of {EMPLOYEES} employees, {LATENCY:?} to Kleer, {cores} cores"
    );
    println!("at once  workers    time  of Kleer  cores busy  ours  ratio");
    let mut is_fast = true;
    for at_once in [1, 2, 4] {
        let mut sums = [Cost::default(); 2];
        // In turns, since the machine has other things to do as well.
        for round in 0..ROUNDS {
            for (sum, workers) in sums.iter_mut().zip([2, 8]) {
                let schema = format!("s{at_once}_{workers}_{round}");
                let one = measure(&url, &schema, workers, at_once);
                sum.add(&runtime.block_on(one));
            }
        }
        let ratio = sums[0].time / sums[1].time;
        for (sum, workers) in sums.iter().zip([2, 8]) {
            let of_kleer = REQUESTS as f64 * LATENCY.as_secs_f64() / (workers * at_once) as f64;
            print!(
                "{at_once:7}  {workers:7}  {:4.1} s  {of_kleer:6.1} s  {:8.0} %  {:3.0} %",
                sum.time / ROUNDS as f64,
                100.0 * sum.busy / sum.all,
                100.0 * sum.ours / sum.all
            );
            println!(
                "  {}",
                if workers == 8 {
                    format!("{ratio:5.2}")
                } else {
                    String::new()
                }
            );
        }
        let is_bound = sums[1].busy > BUSY * sums[1].all;
        if at_once > 1 && is_bound {
            println!("         bound by the cores: this says nothing about workers");
        }
        is_fast &= ratio >= AT_LEAST || (at_once > 1 && is_bound);
    }
    drop(cluster);
    if !is_fast {
        println!("eight are less than {AT_LEAST} times as fast as two");
        exit(1);
    }
}

/// What an export cost, in seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    time: f64,
    /// In which a core did something, whatever it was.
    busy: f64,
    /// In which a core worked for the workers and the sandbox. `PostgreSQL` is not in it.
    ours: f64,
    /// Of all cores.
    all: f64,
}

impl Cost {
    /// What was used so far, by this process and those that it has waited for. Zeros on a machine
    /// that has no `/proc`.
    fn so_far() -> Self {
        let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
        let numbers = |text: &str, skipped: usize| -> Vec<f64> {
            let numbers = text.split_whitespace().skip(skipped);
            numbers.map_while(|one| one.parse().ok()).collect()
        };
        let machine = read("/proc/stat");
        let machine = numbers(machine.lines().next().unwrap_or_default(), 1);
        let of_process = read("/proc/self/stat");
        let of_process = numbers(of_process.rsplit(')').next().unwrap_or_default(), 11);
        // Guests are in the user time already; idle and waiting for a disk are the fourth and fifth.
        let all: f64 = machine.iter().take(8).sum();
        let idle: f64 = machine.iter().skip(3).take(2).sum();
        Self {
            time: 0.0,
            busy: (all - idle) / 100.0,
            ours: of_process.iter().take(4).sum::<f64>() / 100.0,
            all: all / 100.0,
        }
    }

    fn add(&mut self, other: &Self) {
        self.time += other.time;
        self.busy += other.busy;
        self.ours += other.ours;
        self.all += other.all;
    }
}

/// What it costs when so many workers do everything.
async fn measure(url: &str, schema: &str, workers: usize, at_once: usize) -> Cost {
    let faults = FaultProfile::new().latency(LATENCY);
    let sandbox = Sandbox::builder()
        .fault_profile(faults)
        .max_recorded_requests(0);
    let sandbox = sandbox.start().await.unwrap();
    let store = PostgresStore::builder(url)
        .schema(schema)
        .open()
        .await
        .unwrap();
    let (begun, before) = (Instant::now(), Cost::so_far());
    let processes = (0..workers).map(|number| {
        let (company, number, at_once) = (
            sandbox.company().to_string(),
            number.to_string(),
            at_once.to_string(),
        );
        let job = [
            url,
            schema,
            sandbox.base_url(),
            &company,
            sandbox.token(),
            &number,
            &at_once,
        ];
        let mut command = Command::new(env::current_exe().unwrap());
        command.env(VARIABLE, job.join("\n")).spawn().unwrap()
    });
    let processes: Vec<_> = processes.collect();
    let ended = tokio::task::spawn_blocking(|| {
        processes
            .into_iter()
            .all(|mut one| one.wait().unwrap().success())
    });
    assert!(ended.await.unwrap(), "a worker failed");
    let (time, after) = (begun.elapsed().as_secs_f64(), Cost::so_far());

    sandbox.assert_no_doubles(&USER_LIST);
    let users: List<User> = sandbox.read(&USER_LIST, &[]).unwrap();
    let ours = users
        .items
        .iter()
        .filter(|user| user.foreign_id.as_ref().is_some_and(|id| !id.is_empty()));
    assert_eq!(ours.count(), CONNECTIONS * EMPLOYEES);
    for connection in (0..CONNECTIONS).map(connection) {
        assert!(is_exported(&store, &connection).await, "it is not done");
        assert!(store.intents(&connection).await.unwrap().is_empty());
    }
    sandbox.shutdown().await;
    Cost {
        time,
        busy: after.busy - before.busy,
        ours: after.ours - before.ours,
        all: after.all - before.all,
    }
}

fn connection(number: usize) -> ConnectionId {
    ConnectionId::new(format!("hr {number}->4875")).unwrap()
}

fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

async fn is_exported(store: &dyn Store, connection: &ConnectionId) -> bool {
    let is_linked = |link: &Link| LinkStanding::from(&link.state) == LinkStanding::Linked;
    let links = all_links(store, connection, &kind()).await.unwrap();
    links.iter().filter(|link| is_linked(link)).count() == EMPLOYEES
}

/// Works through the connections that nobody else works on, until all are done.
async fn worker(job: &str) {
    let [url, schema, kleer, company, token, number, at_once] =
        job.split('\n').collect::<Vec<_>>()[..]
    else {
        panic!("no job")
    };
    let store = PostgresStore::builder(url)
        .schema(schema)
        .open()
        .await
        .unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let runner = format!("process {}", std::process::id());
    let runner = Runner::new(Arc::clone(&store), Arc::new(TokioClock), runner)
        .concurrency(at_once.parse().unwrap());
    let kleer = Kleer::builder(CompanyId(company.parse().unwrap()))
        .token(token)
        .base_url(kleer);
    let kleer = Employees::new(kleer.build().unwrap(), SalaryUnit::Kronor).users_only();
    let kleer: Arc<dyn Side> = Arc::new(kleer);
    // Each begins elsewhere, so that they do not all ask for the same lease.
    let first: usize = number.parse::<usize>().unwrap() * CONNECTIONS / 8;
    let mut left: Vec<_> = (0..CONNECTIONS)
        .map(|step| (first + step) % CONNECTIONS)
        .collect();
    while !left.is_empty() {
        let mut still_left = Vec::new();
        for number in left {
            if is_exported(&*store, &connection(number)).await {
                continue;
            }
            let entity = entity(number, Arc::clone(&kleer));
            match runner.run_once(&entity, RunCause::Schedule).await {
                Ok(report) => assert_eq!(report.record.outcome, RunOutcome::Finished, "{report:?}"),
                // Somebody else works on it.
                Err(RunError::Busy(_)) => still_left.push(number),
                Err(error) => panic!("{error}"),
            }
        }
        left = still_left;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn entity(number: usize, kleer: Arc<dyn Side>) -> Entity {
    let mut policy = employees::one_way(Which::Left);
    policy.guard = Guard::OFF; // a first export creates everybody
    Entity::new(
        connection(number),
        kind(),
        Sides::<Arc<dyn Side>>::new(Arc::new(hr(number)), kleer),
        policy,
        Keeping::hashes(HashKey::new([7; 16])),
    )
}

fn hr(number: usize) -> FakeSide {
    let side = FakeSide::new().with_kind(&kind(), employee::fields());
    for employee in 0..EMPLOYEES {
        let record = Record::new(employee::fields())
            .with(field::NAME, format!("Testperson {employee} at {number}"))
            .unwrap()
            .with(
                field::EMAIL,
                format!("person-{employee}@company-{number}.example"),
            )
            .unwrap();
        let key = RecordKey::new(format!("e-{employee}")).unwrap();
        side.insert(&kind(), &key, record).unwrap();
    }
    side
}
