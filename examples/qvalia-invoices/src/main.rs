//! Posts Peppol UBL customer invoices into Kleer; see `--help`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use qvalia_invoices::arguments::Arguments;
use qvalia_invoices::run::run;
use record_link::Cancellation;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    let mut progress = io::stderr().lock();
    let cancellation = Cancellation::new();
    tokio::spawn(listen(cancellation.clone()));
    let result = run(arguments, &mut out, &mut progress, &cancellation).await;
    let flushed = out.flush();
    match result {
        Ok(status) if flushed.is_ok() => ExitCode::from(status),
        Ok(_) => ExitCode::from(2),
        Err(error) => {
            // If not even this can be written, the exit status still tells.
            let _ = writeln!(progress, "error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Ctrl-C lets what is under way come to its end. Whoever presses it again does not want to wait;
/// the next run finds out what became of it.
#[expect(
    clippy::exit,
    reason = "that is what was asked for, and the run is safe to be killed"
)]
async fn listen(cancellation: Cancellation) {
    if tokio::signal::ctrl_c().await.is_ok() {
        cancellation.cancel();
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        std::process::exit(130);
    }
}
