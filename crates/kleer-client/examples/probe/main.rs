//! Asks the real Kleer what could only be inferred, and changes nothing.
//!
//! ```sh
//! KLEER_COMPANY=4875 KLEER_TOKEN=... cargo run -p kleer-client --example probe > report.md
//! ```
//!
//! `KLEER_URL` takes another address than Kleer's production service. It sends `GET` requests only,
//! at most two a second. The report holds names of endpoints and elements, statuses and counts: no
//! names, amounts, ids or texts of the company. Read it all the same before you pass it on.

mod probe;
mod report;
mod shape;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use kleer_client::model::CompanyId;
use kleer_client::{Kleer, PRODUCTION_URL, RateLimit, RetryPolicy};

#[tokio::main(flavor = "current_thread")]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]
async fn main() -> ExitCode {
    match run().await {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("probe: {why}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<report::Report, String> {
    let variable = |name: &str| std::env::var(name).map_err(|_| format!("set {name}"));
    let company: i32 = variable("KLEER_COMPANY")?
        .parse()
        .map_err(|_| "KLEER_COMPANY is not a number")?;
    let kleer = Kleer::builder(CompanyId(company))
        .token(variable("KLEER_TOKEN")?)
        .base_url(variable("KLEER_URL").unwrap_or_else(|_| PRODUCTION_URL.to_owned()))
        .rate_limit(RateLimit::per_second(2))
        .retry(RetryPolicy::default().with_max_attempts(2))
        .build()
        .map_err(|error| error.to_string())?;
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(0));
    let today = DateTime::from_timestamp(seconds, 0)
        .ok_or("the clock is wrong")?
        .date_naive();
    probe::run(&kleer, today)
        .await
        .map_err(|error| error.to_string())
}
