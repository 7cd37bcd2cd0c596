//! Runs a Kleer sandbox until Ctrl-C.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Parser, ValueEnum};
use kleer_model::{CompanyId, RateUnit};
use kleer_sandbox::{DEFAULT_COMPANY, DEFAULT_TOKEN, FaultProfile, Sandbox, Seed};

/// A stand-in for the API of Kleer on 127.0.0.1, for tests and demos. What it holds is gone when it
/// ends.
#[derive(Debug, Parser)]
#[command(name = "kleer-sandbox", version, after_help = PROFILES)]
struct Arguments {
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 4875)]
    port: u16,
    /// The id of the company that the token is for.
    #[arg(long, default_value_t = DEFAULT_COMPANY.0)]
    company: i32,
    /// The token that requests must send as X-Token.
    #[arg(long, default_value = DEFAULT_TOKEN)]
    token: String,
    /// What is there from the start.
    #[arg(long, value_enum, default_value_t = SeedName::Demo)]
    seed: SeedName,
    /// What goes wrong, on purpose; the profiles are described below.
    #[arg(long, value_parser = PossibleValuesParser::new(FaultProfile::NAMES), default_value = "none")]
    fault_profile: String,
    /// Which requests the profile hits is drawn from this number: the same number, the same run.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    fault_seed: u64,
    /// How many milliseconds every answer takes, instead of the profile's.
    #[arg(long, value_name = "MS")]
    latency: Option<u64>,
    /// How rates are written: 25 or 0.25 for 25 %.
    #[arg(long, value_enum, default_value_t = UnitName::Percent)]
    rate_unit: UnitName,
    /// Accept unknown and out-of-order elements, and unknown query parameters.
    #[arg(long)]
    lenient: bool,
}

const PROFILES: &str = "\
Fault profiles:
  none          nothing goes wrong
  slow          every answer takes 300 ms, one in ten 3 s more
  rate-limit    one request in five: 429 with Retry-After
  outage        one in five: 500, 502 or 503, half of them after the write took effect
  lost-answers  one in five takes effect, and its answer is lost
  late-writes   one in ten: the connection is reset, the write takes effect 3 s later
  garbled       one in five: an HTML page, another content type, a body in drips
  mixed         one in five meets one of all faults";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SeedName {
    /// A small company: a few clients, products, employees, suppliers and projects.
    Demo,
    /// The same with 5,000 clients more.
    Large,
    /// Only what every company has: the token's user, activities, accounts.
    Empty,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum UnitName {
    Percent,
    Fraction,
}

/// The sandbox runs for days in front of a demo: it must not remember every request.
const RECORDED_REQUESTS: usize = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = match arguments.seed {
        SeedName::Demo => Seed::new().demo(),
        SeedName::Large => Seed::new().demo().many_clients(5_000),
        SeedName::Empty => Seed::new(),
    };
    let mut faults = match arguments.fault_profile.parse::<FaultProfile>() {
        Ok(profile) => profile.seed(arguments.fault_seed),
        Err(error) => return failed(&error),
    };
    if let Some(latency) = arguments.latency {
        faults = faults.latency(Duration::from_millis(latency));
    }
    let unit = match arguments.rate_unit {
        UnitName::Percent => RateUnit::Percent,
        UnitName::Fraction => RateUnit::Fraction,
    };
    let started = Sandbox::builder()
        .company(CompanyId(arguments.company))
        .token(arguments.token)
        .rate_unit(unit)
        .strict(!arguments.lenient)
        .seed(seed)
        .fault_profile(faults)
        .port(arguments.port)
        .max_recorded_requests(RECORDED_REQUESTS)
        .start()
        .await;
    let sandbox = match started {
        Ok(sandbox) => sandbox,
        Err(error) => return failed(&error),
    };
    // A closed output is no reason not to serve.
    let _ = writeln!(
        std::io::stdout(),
        "Kleer sandbox\n  base URL  {}\n  company   {}\n  X-Token   {}\nCtrl-C stops it.",
        sandbox.base_url(),
        sandbox.company(),
        sandbox.token(),
    );
    let outcome = stop_requested().await;
    sandbox.shutdown().await;
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    let mut stderr = std::io::stderr();
    let _ = match error.source() {
        Some(source) => writeln!(stderr, "kleer-sandbox: {error} ({source})"),
        None => writeln!(stderr, "kleer-sandbox: {error}"),
    };
    ExitCode::FAILURE
}

/// Waits for Ctrl-C or, where there is such a thing, for the signal that service managers send.
#[cfg(unix)]
async fn stop_requested() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn stop_requested() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
