//! What is kept of a run.

use std::fmt;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use serde::{Deserialize, Serialize};

use super::{Cursor, PAGE};
use crate::{DeviationClass, DeviationId, Digest, Sides};

/// One run: for whom, why, when, and what came of it. It holds no personal data but who asked for
/// it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RunRecord {
    /// Its id, different for each run of a connection; events and deviations name it.
    pub id: String,
    /// The kind of its records.
    pub kind: Kind,
    /// Why it was run.
    pub cause: RunCause,
    /// Who asked for it, if it was a person: whatever the application knows them by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended; none while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<DateTime<Utc>>,
    /// What came of it.
    pub outcome: RunOutcome,
    /// How many of what.
    #[serde(default)]
    pub totals: RunTotals,
}

/// Why something is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RunCause {
    /// It was due.
    Schedule,
    /// Records were touched.
    Touch,
    /// Somebody asked for it.
    ByHand,
}

impl RunCause {
    /// The word for it, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Touch => "touch",
            Self::ByHand => "by-hand",
        }
    }
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RunOutcome {
    /// It is under way, or its process died and no other run has noticed yet.
    Running,
    /// It came to its end. Single items may have failed: see the totals.
    Finished,
    /// A guard rail stopped the plan; nothing was applied.
    Quarantined {
        /// The digest that an approval has to name.
        digest: Digest,
    },
    /// It could not be carried out, or not to its end; what was done is stored.
    Failed {
        /// What sort of failure it was.
        class: DeviationClass,
        /// Its deviation, if there is one. (A store that fails cannot keep one.)
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deviation: Option<DeviationId>,
    },
    /// It was asked to stop, and did.
    Cancelled,
    /// Its process died; a later run noticed and went on from there.
    Interrupted,
}

impl RunOutcome {
    /// The word for it, as it is stored.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Quarantined { .. } => "quarantined",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for RunOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many of what there were in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct RunTotals {
    /// Records that each side showed.
    pub records: Sides<u64>,
    /// Items of each side that could not be used: see [`Rejected`](crate::Rejected).
    pub rejected: Sides<u64>,
    /// Operations that were planned.
    pub planned: u64,
    /// Operations that were carried out.
    pub done: u64,
    /// Records that were created, by the side they were created on.
    pub created: Sides<u64>,
    /// Records that were updated, by side.
    pub updated: Sides<u64>,
    /// Records that were deleted, by side.
    pub deleted: Sides<u64>,
    /// Operations that were left to the next run, since something changed meanwhile.
    pub stale: u64,
    /// Operations that failed or are in doubt: each has a deviation.
    pub failed: u64,
    /// What waits for a person to decide.
    pub findings: u64,
    /// Writes of earlier runs whose outcome was not known and was found out.
    pub recovered: u64,
    /// Records that were created twice: each has a deviation.
    pub doubles: u64,
}

impl RunRecord {
    /// A run that begins.
    pub fn begun(
        id: impl Into<String>,
        kind: Kind,
        cause: RunCause,
        started: DateTime<Utc>,
    ) -> Self {
        Self {
            id: id.into(),
            kind,
            cause,
            by: None,
            started,
            finished: None,
            outcome: RunOutcome::Running,
            totals: RunTotals::default(),
        }
    }

    /// This person asked for it.
    #[must_use]
    pub fn by(mut self, person: impl Into<String>) -> Self {
        self.by = Some(person.into());
        self
    }

    /// The same run, ended.
    #[must_use]
    pub fn ended(mut self, outcome: RunOutcome, finished: DateTime<Utc>) -> Self {
        (self.outcome, self.finished) = (outcome, Some(finished));
        self
    }
}

impl fmt::Debug for RunRecord {
    /// Hides who asked for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunRecord")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("cause", &self.cause)
            .field("started", &self.started)
            .field("finished", &self.finished)
            .field("outcome", &self.outcome)
            .field("totals", &self.totals)
            .finish_non_exhaustive()
    }
}

/// Which runs: the one that began last first; of several that began at once, in the order of their
/// ids.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunQuery {
    /// Of this kind; `None` for all.
    pub kind: Option<Kind>,
    /// Only those that have not ended.
    pub is_running: bool,
    /// After this cursor.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl Default for RunQuery {
    fn default() -> Self {
        Self::new()
    }
}

impl RunQuery {
    /// All runs, [`PAGE`] of them at a time.
    pub fn new() -> Self {
        Self {
            kind: None,
            is_running: false,
            after: None,
            limit: PAGE,
        }
    }

    /// Only runs of this kind.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Only runs that have not ended: that are under way, or whose process died.
    #[must_use]
    pub fn running(mut self) -> Self {
        self.is_running = true;
        self
    }

    /// The page that begins at a cursor.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// At most so many, and at least one.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }
}
