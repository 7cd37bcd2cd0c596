//! Posts Peppol UBL customer invoices into Kleer; see `--help`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use qvalia_invoices::arguments::Arguments;
use qvalia_invoices::run::run;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    let mut progress = io::stderr().lock();
    let result = run(arguments, &mut out, &mut progress).await;
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
