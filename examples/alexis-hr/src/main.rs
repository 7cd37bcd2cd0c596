//! Keeps the employees of Alexis HR and of Kleer in step; see `--help`.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use alexis_hr::run::{Arguments, run};
use alexis_hr::session::{Failed, Session};
use clap::Parser;
use kleer_connect::program::{Command, Common};

/// Shows what would be done, and asks the person at the terminal.
fn ask(shown: &str) -> bool {
    let mut line = String::new();
    let asked = write!(stderr(), "{shown}\nCarry this out? [y/N] ");
    let answered = asked.and_then(|()| stdin().lock().read_line(&mut line));
    answered.is_ok() && matches!(line.trim(), "y" | "Y" | "yes")
}

async fn carry_out(command: &Command, common: &Common) -> Result<u8, Failed> {
    if command.asks() && !stdin().is_terminal() {
        return Err("nobody can be asked here: give --yes, or --dry-run to look first".into());
    }
    let session = Session::open(common, command).await?;
    let report = run(&session, command, common, &mut ask).await?;
    stdout().write_all(report.printed(common.format).as_bytes())?;
    Ok(u8::from(report.needs_somebody))
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Some(command) => carry_out(command, &arguments.common).await,
        None => alexis_hr::demo::play(&mut stdout()).await.map(|()| 0),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            // If not even this can be written, the exit status still tells.
            let _ = writeln!(stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}
