//! What became of records that were to be created once.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use kleer_model::ClientKey;

use crate::error::Error;

/// What became of each record of a [batch](crate::CreateAllOnce), in the order of the batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct CreateReport<Id> {
    /// One for each record.
    pub items: Vec<CreateItem<Id>>,
    /// Whether Kleer's list was read once more at the end, where records were sent twice. If not,
    /// run an [audit](crate::Kleer::audit).
    pub audited: bool,
}

/// One record of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct CreateItem<Id> {
    /// The record's key.
    pub key: ClientKey,
    /// What became of it.
    pub outcome: CreateOutcome<Id>,
}

/// What became of one record.
#[derive(Debug)]
#[non_exhaustive]
pub enum CreateOutcome<Id> {
    /// It was created, and stands in Kleer once.
    Created {
        /// Its id.
        id: Id,
        /// The answer was lost, and the record was found by its key.
        found: bool,
    },
    /// An earlier run had created it; nothing was sent.
    AlreadyThere {
        /// Its id.
        id: Id,
    },
    /// It may stand in Kleer never, once or twice: a person must look.
    InDoubt(Doubt<Id>),
    /// It was not created, and nothing was changed. The same batch can be run again.
    Failed(Error),
}

impl<Id: Copy> CreateOutcome<Id> {
    /// The id of the record, if it certainly stands in Kleer once.
    pub fn id(&self) -> Option<Id> {
        match self {
            Self::Created { id, .. } | Self::AlreadyThere { id } => Some(*id),
            Self::InDoubt(_) | Self::Failed(_) => None,
        }
    }
}

/// A record of which it could not be found out whether it was created.
#[derive(Debug)]
#[non_exhaustive]
pub struct Doubt<Id> {
    /// Why it cannot be decided.
    pub reason: DoubtReason,
    /// Records of Kleer that are it, or may be it.
    pub candidates: Vec<Id>,
    /// The error that left the outcome open, or that kept the list from being read.
    pub error: Option<Arc<Error>>,
}

/// Why it cannot be decided whether a record was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DoubtReason {
    /// Several records carry its key. Nothing was sent for it in this run, or a create that was
    /// given up took effect late.
    Several,
    /// Items of the list could not be read, and it may be one of them.
    IncompleteList,
    /// The list could not be read after the outcome was lost.
    ListFailed,
    /// A record appeared during the run that may be it, but does not carry its key as it was sent.
    Lookalike,
    /// It was sent as often as allowed, the last outcome is unknown, and it is not in the list.
    NotFound,
    /// Kleer said that it created the record, and it is not in the list.
    CarriedOutButNotFound,
}

impl fmt::Display for DoubtReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Several => "several records carry its key: keep one and delete the others",
            Self::IncompleteList => {
                "items of the list could not be read, and it may be one of them"
            }
            Self::ListFailed => "the list could not be read after the outcome was lost: run again",
            Self::Lookalike => "a record appeared that may be it, but does not carry its key",
            Self::NotFound => {
                "its outcome is unknown and it is not in the list; it may still appear: run again \
                 later, and audit"
            }
            Self::CarriedOutButNotFound => {
                "Kleer said that it created it, and it is not in the list"
            }
        })
    }
}

/// The sums of a report. They add up to the number of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[non_exhaustive]
pub struct CreateTotals {
    /// Created in this run.
    pub created: usize,
    /// Created by an earlier run.
    pub already_there: usize,
    /// In doubt.
    pub in_doubt: usize,
    /// Not created.
    pub failed: usize,
}

impl CreateTotals {
    /// All records of which it is known what became of them.
    pub fn total(&self) -> usize {
        self.created + self.already_there + self.in_doubt + self.failed
    }

    pub(crate) fn count<Id>(&mut self, outcome: &CreateOutcome<Id>) {
        *match outcome {
            CreateOutcome::Created { .. } => &mut self.created,
            CreateOutcome::AlreadyThere { .. } => &mut self.already_there,
            CreateOutcome::InDoubt(_) => &mut self.in_doubt,
            CreateOutcome::Failed(_) => &mut self.failed,
        } += 1;
    }
}

impl fmt::Display for CreateTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} created, {} there already, {} in doubt, {} failed",
            self.created, self.already_there, self.in_doubt, self.failed
        )
    }
}

impl<Id: Copy> CreateReport<Id> {
    /// The sums.
    pub fn totals(&self) -> CreateTotals {
        let mut totals = CreateTotals::default();
        for item in &self.items {
            totals.count(&item.outcome);
        }
        totals
    }

    /// Whether every record stands in Kleer once.
    pub fn is_clean(&self) -> bool {
        self.items.iter().all(|item| item.outcome.id().is_some())
    }

    /// The records in doubt.
    pub fn in_doubt(&self) -> impl Iterator<Item = (&ClientKey, &Doubt<Id>)> {
        self.items.iter().filter_map(|item| match &item.outcome {
            CreateOutcome::InDoubt(doubt) => Some((&item.key, doubt)),
            _ => None,
        })
    }

    /// The records that were not created, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&ClientKey, &Error)> {
        self.items.iter().filter_map(|item| match &item.outcome {
            CreateOutcome::Failed(error) => Some((&item.key, error)),
            _ => None,
        })
    }
}

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateProgress {
    /// The number of records.
    pub total: usize,
    /// What became of those that are decided.
    pub so_far: CreateTotals,
    /// How often Kleer's list was read.
    pub lists_read: u32,
}

/// What an [audit](crate::Kleer::audit) found.
#[derive(Debug)]
#[non_exhaustive]
pub struct AuditReport<Id> {
    /// How many records were looked at.
    pub examined: usize,
    /// How many items of the list could not be read. Unless it is 0, there may be more doubles.
    pub unread: usize,
    /// The keys that several records carry.
    pub doubles: Vec<Double<Id>>,
    pub(crate) marks: HashMap<Id, String>,
}

/// Records that carry the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Double<Id> {
    /// What they carry: a client key as text, or for client projects their number.
    pub mark: String,
    /// The records, by their ids from low to high: the first is the eldest, presumably.
    pub ids: Vec<Id>,
}

impl<Id: Copy + Eq + std::hash::Hash> AuditReport<Id> {
    /// Whether every record could be read, and no two carry the same key.
    pub fn is_clean(&self) -> bool {
        self.unread == 0 && self.doubles.is_empty()
    }

    /// Records that the report says were created, and that do not carry their key in Kleer: it was
    /// dropped or changed there. A later run will not recognise them.
    pub fn lost_keys(&self, report: &CreateReport<Id>) -> Vec<(ClientKey, Id)> {
        let is_lost = |item: &CreateItem<Id>| {
            let id = item.outcome.id()?;
            let kept = self
                .marks
                .get(&id)
                .is_some_and(|mark| *mark == super::squeezed(&item.key.to_string()));
            (!kept).then_some((item.key, id))
        };
        report.items.iter().filter_map(is_lost).collect()
    }
}
