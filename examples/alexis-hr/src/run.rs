//! The commands.

use std::io::{IsTerminal, Write, stderr};

use kleer_connect::TokioClock;
use kleer_connect::client::Task;
use kleer_connect::leave::{EmployeeLinks, LeaveExporter};
use kleer_connect::workbench::{Choice, Consent as May, Console, Report, Standing, export_leave};
use kleer_employee::field;
use record_link::{FirstSync, ProgressEvent};

use crate::arguments::{Command, Common, Consent, Deviations, ImportAction, System, TabName};
use crate::leave;
use crate::session::{ALEXIS, Failed, KLEER, Session, display};

/// Asks somebody who was shown what would be done.
pub type Ask<'a> = &'a mut (dyn FnMut(&str) -> bool + Send);

const READ: &[Task] = &[Task::ReadPayroll];
const WRITE: &[Task] = &[Task::WriteUsers, Task::WritePayroll];
const LEAVE: &[Task] = &[Task::ReadPayroll, Task::ReadTime, Task::WriteTime];

/// What a command does in Kleer.
pub fn tasks(command: &Command) -> &'static [Task] {
    match command {
        Command::Export { .. } | Command::Import { .. } | Command::Match { .. } => WRITE,
        Command::Leave { .. } => LEAVE,
        Command::Deviations(Deviations::Reprocess { .. }) => WRITE,
        _ => READ,
    }
}

impl System {
    fn side(self) -> record_link::Which {
        match self {
            Self::Alexis => ALEXIS,
            Self::Kleer => KLEER,
        }
    }
}

fn may<'a>(consent: &Consent, ask: Ask<'a>) -> May<'a> {
    if consent.dry_run {
        May::DryRun
    } else if consent.yes {
        May::Given(consent.approve)
    } else {
        May::Ask(ask)
    }
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
    let mut bench = session.bench();
    if let Some(person) = &common.by {
        bench = bench.by(person);
    }
    if common.progress || stderr().is_terminal() {
        bench = bench.progress(|event| {
            if let ProgressEvent::Ended {
                number,
                of,
                step,
                outcome,
                ..
            } = event
            {
                // Whoever closed the terminal does not want to know.
                let _ = writeln!(stderr(), "[{number}/{of}] {step} {}", outcome.as_str());
            }
        });
    }
    let console = Console::new(&bench, display(common.show_personal_data));
    let report = match command {
        Command::Status { of, tab } => {
            let shows = |standing: Standing| match tab {
                TabName::NotLinked => standing.is_unlinked(),
                TabName::Linked => !standing.is_unlinked(),
                TabName::All => true,
            };
            console.status(of.side(), field::NAME, shows).await?
        }
        Command::Match {
            confirm,
            reject,
            certain,
            prefer,
            consent,
        } => {
            if confirm.is_empty() && reject.is_empty() && !certain {
                return Ok(console.proposals(field::NAME).await?);
            }
            let first = match prefer {
                None => FirstSync::Ask,
                Some(System::Alexis) => FirstSync::PreferLeft,
                Some(System::Kleer) => FirstSync::PreferRight,
            };
            console
                .pair(confirm, reject, *certain, first, may(consent, ask))
                .await?
        }
        Command::Export {
            employees,
            despite_candidates,
            consent,
        } => {
            console
                .export(ALEXIS, employees, *despite_candidates, may(consent, ask))
                .await?
        }
        Command::Import {
            employees,
            action,
            consent,
        } => {
            let choice = action.map(|action| match action {
                ImportAction::Create => Choice::Create {
                    despite_candidates: false,
                },
                ImportAction::CreateAnyway => Choice::Create {
                    despite_candidates: true,
                },
                ImportAction::PreferAlexis => Choice::Prefer(ALEXIS),
                ImportAction::PreferKleer => Choice::Prefer(KLEER),
                ImportAction::Nothing => Choice::Nothing,
            });
            console
                .act(KLEER, employees, choice.as_ref(), may(consent, ask))
                .await?
        }
        Command::Unlink { employees, consent } => {
            console
                .act(ALEXIS, employees, Some(&Choice::Unlink), may(consent, ask))
                .await?
        }
        Command::Leave { from, to, consent } => {
            let source = leave::read(session, *from, *to).await?;
            let (store, connection) = (&*session.store, &session.connection);
            let links = EmployeeLinks::of_store(store, connection, &session.kind, ALEXIS).await?;
            let types = session.settings.leave_types.clone();
            let kleer = session.kleer.kleer();
            let exporter = LeaveExporter::new(store, kleer, &TokioClock, connection, types);
            let display = display(common.show_personal_data);
            export_leave(&exporter, &source, &links, display, may(consent, ask)).await?
        }
        Command::Deviations(Deviations::List { all }) => console.deviations(*all).await?,
        Command::Deviations(Deviations::Show { id }) => console.deviation(id).await?,
        Command::Deviations(Deviations::Ignore { ids }) => console.ignore(ids).await?,
        Command::Deviations(Deviations::Reprocess { ids, consent }) => {
            console.reprocess(ids, may(consent, ask)).await?
        }
    };
    Ok(report)
}
