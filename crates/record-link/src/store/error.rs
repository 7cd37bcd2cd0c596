//! Why a store did not do what it was asked for.

use std::error::Error as StdError;
use std::fmt;

use flat_record::Kind;

use super::Precondition;
use crate::{DeviationError, LinkId, OperationId, Which};

/// What stands against a commit: somebody else was quicker. Nothing was written; read again and
/// decide anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// A precondition does not hold.
    #[error("what was required does not hold any more: {0:?}")]
    Precondition(Precondition),
    /// A written link does not follow the one that is there.
    #[error("link {link} is not in the version that this change was made from")]
    LinkVersion {
        /// The link.
        link: LinkId,
    },
    /// A record already has a live link.
    #[error(
        "the {which} record of link {link} is linked already, by {taken_by}: unlink that first"
    )]
    RecordLinked {
        /// The link that was to be written.
        link: LinkId,
        /// The side of the record.
        which: Which,
        /// The live link that it has.
        taken_by: LinkId,
    },
    /// A link cannot lose its values, or go, while a write of it is under way.
    #[error("operation {operation} of link {link} is under way: settle it first, by a run")]
    IntentOpen {
        /// The link.
        link: LinkId,
        /// What is under way.
        operation: OperationId,
    },
    /// A live link cannot go.
    #[error("link {link} is live: unlink it first, or only take its values out")]
    StillLive {
        /// The link.
        link: LinkId,
    },
    /// A written schedule does not follow the one that is there.
    #[error("the schedule of kind `{kind}` is not in the version that this change was made from")]
    ScheduleVersion {
        /// The kind.
        kind: Kind,
    },
    /// An event does not fit the deviation.
    #[error(transparent)]
    Deviation(DeviationError),
}

/// Why a store did not do what it was asked for.
///
/// Every kind but [`OutcomeUnknown`](Self::OutcomeUnknown) says that nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Somebody else was quicker; see [`StoreError::conflict`].
    Conflict,
    /// The batch or the query makes no sense: a link of another connection, for instance.
    Invalid,
    /// The database cannot be reached or is locked. A later try may succeed.
    Unavailable,
    /// A commit may have been carried out: its answer was lost. Read before anything is repeated.
    OutcomeUnknown,
    /// There is no room left.
    Full,
    /// The database cannot be written to.
    ReadOnly,
    /// The database was made by a newer version of the program.
    NewerVersion,
    /// What is stored cannot be read.
    Damaged,
}

impl StoreErrorKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Unavailable => "unavailable",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Full => "full",
            Self::ReadOnly => "read-only",
            Self::NewerVersion => "newer-version",
            Self::Damaged => "damaged",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Conflict => "somebody else was quicker: read again",
            Self::Invalid => "this makes no sense",
            Self::Unavailable => "the store cannot be reached or is locked: try again",
            Self::OutcomeUnknown => {
                "the commit may have been carried out: read before repeating it"
            }
            Self::Full => "the store has no room left: free some",
            Self::ReadOnly => "the store cannot be written to: check its rights",
            Self::NewerVersion => "the store was made by a newer version: update this program",
            Self::Damaged => "the store cannot be read: restore a backup",
        }
    }
}

impl fmt::Display for StoreErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A store did not do what it was asked for.
///
/// ```
/// use record_link::{StoreError, StoreErrorKind};
///
/// let error = StoreError::new(StoreErrorKind::Unavailable).with_detail("links.db is locked");
/// assert!(error.is_retryable() && !error.is_conflict());
/// assert!(error.to_string().ends_with("(links.db is locked)"));
/// ```
#[derive(Debug)]
pub struct StoreError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: StoreErrorKind,
    conflict: Option<Conflict>,
    detail: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// An error.
    pub fn new(kind: StoreErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            conflict: None,
            detail: None,
            source: None,
        }))
    }

    /// Adds what is meant: a file, a table, a field. Without personal data.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds the deeper cause. Its `Display` must not hold personal data.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Why.
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }

    /// What stands against the commit, if it is a conflict.
    pub fn conflict(&self) -> Option<&Conflict> {
        self.0.conflict.as_ref()
    }

    /// Whether somebody else was quicker.
    pub fn is_conflict(&self) -> bool {
        self.0.kind == StoreErrorKind::Conflict
    }

    /// Whether the same call may succeed later. (After a conflict, another one may.)
    pub fn is_retryable(&self) -> bool {
        self.0.kind == StoreErrorKind::Unavailable
    }
}

impl From<Conflict> for StoreError {
    fn from(conflict: Conflict) -> Self {
        let mut error = Self::new(StoreErrorKind::Conflict);
        error.0.conflict = Some(conflict);
        error
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        match &inner.conflict {
            Some(conflict) => write!(f, "{conflict}")?,
            None => f.write_str(inner.kind.advice())?,
        }
        match &inner.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
