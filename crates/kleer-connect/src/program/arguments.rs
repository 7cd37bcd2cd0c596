//! What can be said on the command line.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use super::StoreArgument;

/// For every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The settings: connections, store, units, and what the source needs.
    #[arg(long, global = true, default_value = "connector.toml")]
    pub settings: PathBuf,
    /// The connection, by its label; the only one of the settings if it is not named.
    #[arg(long, global = true)]
    pub connection: Option<String>,
    /// Another place for links, decisions and deviations than that of the settings: a file
    /// (`SQLite`), `postgres://…`, or `memory`. A URL with a password is better given in the settings,
    /// as a secret.
    #[arg(long, global = true)]
    pub store: Option<StoreArgument>,
    /// How to print.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// Show names, numbers and salaries, and not *** in their place.
    #[arg(long, global = true)]
    pub show_personal_data: bool,
    /// Tell how far it is, also where no person sits at a terminal.
    #[arg(long, global = true)]
    pub progress: bool,
    /// After how many seconds without a sign of life a run counts as dead, and another goes on.
    #[arg(long, global = true, default_value_t = 60, value_name = "SECONDS")]
    pub lease: u64,
    /// Who decides, for the log of decisions.
    #[arg(long, global = true)]
    pub by: Option<String>,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One JSON object.
    Json,
}

/// Whether to ask.
#[derive(Debug, Clone, Default, Args)]
pub struct Consent {
    /// Do not ask before something is written.
    #[arg(long)]
    pub yes: bool,
    /// Show what would be done, and stop there.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// The digest of a plan that a guard rail stopped, as it was shown.
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<record_link::Digest>,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Shows the employees of a system, and where each stands.
    Status {
        /// Whose.
        #[arg(long, value_enum, default_value_t)]
        of: System,
        /// Which of them.
        #[arg(long, value_enum, default_value_t)]
        tab: TabName,
    },
    /// Shows who may be the same person in both systems, and why; links or rejects pairs.
    Match {
        /// Link this pair: the employee's id in the source, and the user's in Kleer.
        #[arg(long, value_name = "SOURCE=KLEER", value_parser = pair)]
        confirm: Vec<(String, String)>,
        /// Never propose this pair again.
        #[arg(long, value_name = "SOURCE=KLEER", value_parser = pair)]
        reject: Vec<(String, String)>,
        /// Link all pairs with the same personal number, alone on both sides.
        #[arg(long)]
        certain: bool,
        /// Whose values win where linked people differ; otherwise each difference is a conflict.
        #[arg(long, value_enum)]
        prefer: Option<System>,
        /// Whether to ask.
        #[command(flatten)]
        consent: Consent,
    },
    /// Creates employees in Kleer who are not linked, and writes what changed of those who are.
    Export {
        /// The employees, by their ids in the source; all if none is named.
        employees: Vec<String>,
        /// Create those who are named although Kleer has people who may be the same.
        #[arg(long, requires = "employees")]
        despite_candidates: bool,
        /// Whether to ask.
        #[command(flatten)]
        consent: Consent,
    },
    /// Writes to the source what changed in Kleer, or does with employees what is decided.
    Import {
        /// The employees, by their ids in Kleer.
        employees: Vec<String>,
        /// What to do with them.
        #[arg(long, value_enum, requires = "employees")]
        action: Option<ImportAction>,
        /// Whether to ask.
        #[command(flatten)]
        consent: Consent,
    },
    /// Takes links apart. Nothing is written on either side, and nothing is exported any more.
    Unlink {
        /// The employees, by their ids in the source.
        #[arg(required = true)]
        employees: Vec<String>,
        /// Whether to ask.
        #[command(flatten)]
        consent: Consent,
    },
    /// Takes leave into Kleer, day by day.
    Leave {
        /// The first day.
        #[arg(long)]
        from: NaiveDate,
        /// The last day.
        #[arg(long)]
        to: NaiveDate,
        /// Whether to ask.
        #[command(flatten)]
        consent: Consent,
    },
    /// What failed or was withheld.
    #[command(subcommand)]
    Deviations(Deviations),
}

/// What to do with deviations.
#[derive(Debug, Subcommand)]
pub enum Deviations {
    /// Lists them.
    List {
        /// Also those that are ignored or resolved.
        #[arg(long)]
        all: bool,
    },
    /// Shows one with all reasons.
    Show {
        /// Its id, or the beginning of it.
        id: String,
    },
    /// Tries again what failed for these records, with what both systems say now.
    Reprocess {
        /// Their ids; all that are open if none is named.
        ids: Vec<String>,
        /// Whether to ask.
        #[command(flatten)]
        consent: Consent,
    },
    /// Leaves them as they are, until they fail for another reason.
    Ignore {
        /// Their ids.
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

/// One of the two systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum System {
    #[default]
    Source,
    Kleer,
}

/// Which employees to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TabName {
    NotLinked,
    Linked,
    #[default]
    All,
}

/// What to do with employees on import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportAction {
    /// Create them in the source.
    Create,
    /// The same, although the source has people who may be the same.
    CreateAnyway,
    /// What the source says wins.
    PreferSource,
    /// What Kleer says wins.
    PreferKleer,
    /// Leave them alone until something changes.
    Nothing,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let parts = text
        .split_once('=')
        .ok_or("a pair is written SOURCE=KLEER")?;
    Ok((parts.0.to_owned(), parts.1.to_owned()))
}

impl Command {
    /// Whether somebody is to be asked before something is written.
    pub fn asks(&self) -> bool {
        let consent = match self {
            Self::Match {
                confirm,
                reject,
                certain,
                consent,
                ..
            } => (!confirm.is_empty() || !reject.is_empty() || *certain).then_some(consent),
            Self::Export { consent, .. }
            | Self::Import { consent, .. }
            | Self::Unlink { consent, .. }
            | Self::Leave { consent, .. }
            | Self::Deviations(Deviations::Reprocess { consent, .. }) => Some(consent),
            Self::Status { .. } | Self::Deviations(_) => None,
        };
        consent.is_some_and(|consent| !consent.yes && !consent.dry_run)
    }
}

impl Command {
    /// Whether it may write employees in Kleer.
    pub fn writes_employees(&self) -> bool {
        matches!(
            self,
            Self::Match { .. }
                | Self::Export { .. }
                | Self::Import { .. }
                | Self::Deviations(Deviations::Reprocess { .. })
        )
    }
}
