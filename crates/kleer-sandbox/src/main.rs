//! Runs a Kleer sandbox until Ctrl-C.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use kleer_model::{CompanyId, RateUnit};
use kleer_sandbox::{DEFAULT_COMPANY, DEFAULT_TOKEN, Sandbox, Seed};

/// A stand-in for the API of Kleer on 127.0.0.1, for tests and demos. What it holds is gone when it
/// ends.
#[derive(Debug, Parser)]
#[command(name = "kleer-sandbox", version)]
struct Arguments {
    /// The port; 0 takes a free one.
    #[arg(long, default_value_t = 4875)]
    port: u16,
    /// The id of the company.
    #[arg(long, default_value_t = DEFAULT_COMPANY.0)]
    company: i32,
    /// The token that requests must send as X-Token.
    #[arg(long, default_value = DEFAULT_TOKEN)]
    token: String,
    /// What is there from the start.
    #[arg(long, value_enum, default_value_t = SeedName::Demo)]
    seed: SeedName,
    /// How rates are written: 25 or 0.25 for 25 %.
    #[arg(long, value_enum, default_value_t = UnitName::Percent)]
    rate_unit: UnitName,
    /// Accept unknown and out-of-order elements, and unknown query parameters.
    #[arg(long)]
    lenient: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SeedName {
    /// A few clients and products.
    Demo,
    /// Nothing.
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
        SeedName::Empty => Seed::new(),
    };
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
