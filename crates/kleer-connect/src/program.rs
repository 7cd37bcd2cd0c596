//! The command line of a connector's program, and its commands over a [`Workbench`].
//!
//! A program adds the arguments to its own, opens its connection, and gives each command to
//! [`carry_out`]. Only [`Command::Leave`] is left to it, since where leave comes from it alone knows:
//! see [`export_leave`](crate::workbench::export_leave).
//!
//! ```
//! use clap::Parser;
//! use kleer_connect::program::{Command, Common};
//!
//! #[derive(Debug, Parser)]
//! struct Arguments {
//!     #[command(subcommand)]
//!     command: Command,
//!     #[command(flatten)]
//!     common: Common,
//! }
//!
//! let arguments = Arguments::parse_from(["hr", "export", "--dry-run", "--format", "json"]);
//! assert!(!arguments.command.asks());
//! assert!(arguments.command.writes_employees());
//! ```

mod arguments;
mod hash_key;
mod open;
mod store;

use flat_record::Sensitivity;
use kleer_employee::{Severity, ValidationPolicy, field, validate};
use record_link::{FirstSync, ProgressEvent, Sides, Which};

use crate::workbench::{
    Choice, Consent as May, Console, Display, Report, Standing, Workbench, WorkbenchError,
};

pub use arguments::{Command, Common, Consent, Deviations, Format, ImportAction, System, TabName};
pub use open::{Opened, open};
pub use store::{StoreArgument, StoreArgumentError};

/// Asks somebody who was shown what would be done.
pub type Ask<'a> = &'a mut (dyn FnMut(&str) -> bool + Send);

impl System {
    /// The side that it is, if the source is this one.
    pub fn side(self, source: Which) -> Which {
        match self {
            Self::Source => source,
            Self::Kleer => source.other(),
        }
    }
}

impl Consent {
    /// What may be done; who has said nothing is asked.
    pub fn or_ask<'a>(&self, ask: Ask<'a>) -> May<'a> {
        if self.dry_run {
            May::DryRun
        } else if self.yes {
            May::Given(self.approve)
        } else {
            May::Ask(ask)
        }
    }
}

impl Report {
    /// As it is printed.
    pub fn printed(&self, format: Format) -> String {
        match format {
            Format::Table => self.text.clone(),
            Format::Json => format!("{}\n", self.json),
        }
    }
}

impl Common {
    /// How values are shown: those that say something about a person only if it is asked for.
    pub fn display(&self, names: Sides<&'static str>) -> Display {
        let display = Display::new(names);
        if self.show_personal_data {
            display.showing(Sensitivity::Sensitive)
        } else {
            display
        }
    }

    /// A workbench as it is asked for: by whom, and for how long a run is believed to be alive.
    pub fn settle(&self, bench: Workbench) -> Workbench {
        let bench = bench.lease_time(std::time::Duration::from_secs(self.lease));
        match &self.by {
            Some(person) => bench.by(person),
            None => bench,
        }
    }
}

/// What is told of a run that is under way: which record is done of how many, and nothing of what it
/// says.
pub fn progress_line(event: &ProgressEvent) -> Option<String> {
    let ProgressEvent::Ended {
        number,
        of,
        step,
        outcome,
        ..
    } = event
    else {
        return None;
    };
    Some(format!("[{number}/{of}] {step} {}", outcome.as_str()))
}

/// What stands against writing an employee to Kleer, without values.
pub fn problems_of(employee: &record_link::Observation, today: chrono::NaiveDate) -> Vec<String> {
    let findings = validate(&employee.record, today, &ValidationPolicy::default());
    let errors = findings
        .iter()
        .filter(|one| one.severity == Severity::Error);
    errors.map(ToString::to_string).collect()
}

/// Carries out a command about employees; `source` is the side that the source is on. Nothing for
/// [`Command::Leave`], which is left to the program.
///
/// # Errors
/// When it cannot be carried out at all. What happens to single employees is in the report.
pub async fn carry_out(
    bench: &Workbench,
    source: Which,
    display: Display,
    command: &Command,
    ask: Ask<'_>,
) -> Result<Option<Report>, WorkbenchError> {
    let console = Console::new(bench, display);
    let kleer = source.other();
    let report = match command {
        Command::Leave { .. } => return Ok(None),
        Command::Status { of, tab } => {
            let shows = |standing: Standing| match tab {
                TabName::NotLinked => standing.is_unlinked(),
                TabName::Linked => !standing.is_unlinked(),
                TabName::All => true,
            };
            console.status(of.side(source), field::NAME, shows).await?
        }
        Command::Match {
            confirm,
            reject,
            certain,
            prefer,
            consent,
        } => {
            if confirm.is_empty() && reject.is_empty() && !certain {
                return Ok(Some(console.proposals(field::NAME).await?));
            }
            let first = match prefer.map(|system| system.side(source)) {
                None => FirstSync::Ask,
                Some(Which::Left) => FirstSync::PreferLeft,
                Some(Which::Right) => FirstSync::PreferRight,
            };
            // Typed with the source first, whichever side it is on.
            let sided = |pairs: &[(String, String)]| -> Vec<(String, String)> {
                let pairs = pairs.iter().cloned();
                pairs
                    .map(|(a, b)| {
                        if source == Which::Left {
                            (a, b)
                        } else {
                            (b, a)
                        }
                    })
                    .collect()
            };
            let (confirm, reject) = (sided(confirm), sided(reject));
            console
                .pair(&confirm, &reject, *certain, first, consent.or_ask(ask))
                .await?
        }
        Command::Export {
            employees,
            despite_candidates,
            consent,
        } => {
            console
                .export(source, employees, *despite_candidates, consent.or_ask(ask))
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
                ImportAction::PreferSource => Choice::Prefer(source),
                ImportAction::PreferKleer => Choice::Prefer(kleer),
                ImportAction::Nothing => Choice::Nothing,
            });
            console
                .act(kleer, employees, choice.as_ref(), consent.or_ask(ask))
                .await?
        }
        Command::Unlink { employees, consent } => {
            console
                .act(
                    source,
                    employees,
                    Some(&Choice::Unlink),
                    consent.or_ask(ask),
                )
                .await?
        }
        Command::Deviations(Deviations::List { all }) => console.deviations(*all).await?,
        Command::Deviations(Deviations::Show { id }) => console.deviation(id).await?,
        Command::Deviations(Deviations::Ignore { ids }) => console.ignore(ids).await?,
        Command::Deviations(Deviations::Reprocess { ids, consent }) => {
            console.reprocess(ids, consent.or_ask(ask)).await?
        }
    };
    Ok(Some(report))
}
