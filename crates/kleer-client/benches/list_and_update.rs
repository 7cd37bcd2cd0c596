//! A first sync of a real company: one list, then 5,000 updates, 16 at a time, against a sandbox in
//! another process that takes 30 ms for every answer.
//!
//! ```sh
//! cargo bench -p kleer-client --bench list_and_update
//! ```
//!
//! It ends with status 1 if a target is missed: at most 1.15 times the ideal time (calls x latency /
//! concurrency), and less than 100 MB of memory. The time is measured three times, and the best
//! counts: a busy machine can only make it worse. Other numbers than the default ones, for a look:
//! `-- --records 500 --latency 10 --concurrency 4`.

#![allow(
    clippy::print_stdout,
    clippy::exit,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a program, and its failure is a panic"
)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use kleer_client::Kleer;
use kleer_sandbox::{FaultProfile, Sandbox, Seed};

const TARGET_RATIO: f64 = 1.15;
const TARGET_MEGABYTES: f64 = 100.0;
const ROUNDS: usize = 3;

#[derive(Debug, Clone, Copy)]
struct Settings {
    records: usize,
    latency: Duration,
    concurrency: usize,
}

impl Settings {
    fn from_arguments() -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let number = |name: &str, default: usize| {
            let at = arguments.iter().position(|argument| argument == name);
            at.and_then(|at| arguments.get(at + 1))
                .map_or(default, |text| {
                    text.parse()
                        .unwrap_or_else(|_| panic!("{name} takes a number"))
                })
        };
        Self {
            records: number("--records", 5_000),
            latency: Duration::from_millis(number("--latency", 30) as u64),
            concurrency: number("--concurrency", 16),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let settings = Settings::from_arguments();
    if std::env::args().any(|argument| argument == "--serve") {
        serve(settings).await;
        return ExitCode::SUCCESS;
    }
    let server = Server::start(settings);
    let kleer = Kleer::builder(kleer_sandbox::DEFAULT_COMPANY)
        .token(kleer_sandbox::DEFAULT_TOKEN)
        .base_url(&server.base_url)
        .build()
        .unwrap();
    let calls = settings.records + 1;
    let ideal = settings.latency * u32::try_from(calls).unwrap()
        / u32::try_from(settings.concurrency).unwrap();
    println!(
        "{calls} calls of {:?}, {} at a time: ideal {ideal:.2?}",
        settings.latency, settings.concurrency
    );

    let mut best = f64::INFINITY;
    for round in 1..=ROUNDS {
        let (started, processor) = (Instant::now(), processor_time());
        let updated = sync(&kleer, settings.concurrency).await;
        let (elapsed, processor) = (
            started.elapsed(),
            processor_time().saturating_sub(processor),
        );
        assert_eq!(updated, settings.records);
        let ratio = elapsed.as_secs_f64() / ideal.as_secs_f64();
        best = best.min(ratio);
        println!(
            "round {round}: {elapsed:.2?}, {ratio:.3} of the ideal; the client's processor time \
             {processor:.2?}"
        );
    }
    let megabytes = peak_megabytes();
    println!("best {best:.3} of the ideal (at most {TARGET_RATIO})");
    println!("the client's peak memory {megabytes:.1} MB (below {TARGET_MEGABYTES})");
    if best <= TARGET_RATIO && megabytes < TARGET_MEGABYTES {
        ExitCode::SUCCESS
    } else {
        println!("MISSED");
        ExitCode::FAILURE
    }
}

/// One list, and an update of everything in it.
async fn sync(kleer: &Kleer, concurrency: usize) -> usize {
    let clients = kleer.clients().list().await.unwrap();
    assert!(clients.is_complete());
    futures_util::stream::iter(clients.items)
        .map(|mut client| async move {
            client.payment_days += 1;
            kleer.clients().update(client.id, &client).await
        })
        .buffer_unordered(concurrency)
        .try_fold(0, |updated, _| async move { Ok(updated + 1) })
        .await
        .unwrap()
}

/// The sandbox, in a process of its own: this program once more.
struct Server {
    child: Child,
    base_url: String,
}

impl Server {
    fn start(settings: Settings) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--serve", "--records", &settings.records.to_string()])
            .args(["--latency", &settings.latency.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base_url = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut base_url)
            .unwrap();
        Self {
            child,
            base_url: base_url.trim().to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

async fn serve(settings: Settings) {
    let sandbox = Sandbox::builder()
        .seed(Seed::new().many_clients(settings.records))
        .fault_profile(FaultProfile::new().latency(settings.latency))
        .max_recorded_requests(0)
        .start()
        .await
        .unwrap();
    println!("{}", sandbox.base_url());
    let end_of_input = || std::io::stdin().read_to_end(&mut Vec::new());
    tokio::task::spawn_blocking(end_of_input)
        .await
        .unwrap()
        .unwrap();
}

/// The most memory that this process had at any time (Linux; elsewhere 0).
fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or_default() * 1024.0 / 1e6
}

/// The processor time of this process so far, in steps of 10 ms (Linux; elsewhere 0).
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, in brackets, may hold spaces; user and system time are the 12th and 13th after it.
    let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let ticks = |index| {
        let field = after_name.split(' ').nth(index);
        field
            .and_then(|field| field.parse::<u64>().ok())
            .unwrap_or_default()
    };
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}
