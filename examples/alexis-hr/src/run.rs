//! The commands: those about employees as every connector has them, and leave.

use std::io::{IsTerminal, Write, stderr};

use clap::Parser;
use kleer_connect::TokioClock;
use kleer_connect::leave::{EmployeeLinks, LeaveExporter};
use kleer_connect::program::{self, Ask, Command, Common};
use kleer_connect::workbench::{Report, export_leave};
use record_link::Sides;

use crate::leave;
use crate::session::{ALEXIS, Failed, Session};

/// Keeps the employees of Alexis HR and of Kleer in step, and takes leave into Kleer. The source is
/// Alexis HR.
///
/// Without a command, a demo with a fake of Alexis HR and a sandbox of Kleer shows how it works.
#[derive(Debug, Parser)]
#[command(name = "alexis-hr", version)]
#[command(
    after_help = "Exit status: 0 done, 1 something needs a person, 2 the command could not \
                        be carried out."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// For every command.
    #[command(flatten)]
    pub common: Common,
}

/// Carries out a command.
///
/// # Errors
/// When it cannot be carried out at all. What happens to single employees is in the report.
pub async fn run(
    session: &Session,
    command: &Command,
    common: &Common,
    ask: Ask<'_>,
) -> Result<Report, Failed> {
    let display = common.display(Sides::new("Alexis", "Kleer"));
    if let Command::Leave { from, to, consent } = command {
        let source = leave::read(session, *from, *to).await?;
        let (store, connection) = (&*session.store, &session.connection);
        let links = EmployeeLinks::of_store(store, connection, &session.kind, ALEXIS).await?;
        let types = session.settings.leave_types.clone();
        let kleer = session.kleer.kleer();
        let exporter = LeaveExporter::new(store, kleer, &TokioClock, connection, types);
        let consent = consent.or_ask(ask);
        return Ok(export_leave(&exporter, &source, &links, display, consent).await?);
    }
    let mut bench = common.settle(session.bench()?);
    if common.progress || stderr().is_terminal() {
        bench = bench.progress(|event| {
            if let Some(line) = program::progress_line(event) {
                // Whoever closed the terminal does not want to know.
                let _ = writeln!(stderr(), "{line}");
            }
        });
    }
    let report = program::carry_out(&bench, ALEXIS, display, command, ask).await?;
    report.ok_or_else(|| "this command is not known here".into())
}
