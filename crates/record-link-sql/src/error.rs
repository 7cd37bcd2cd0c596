//! What a database refused, and what follows from it.

use std::error::Error as StdError;
use std::fmt;

use record_link::{StoreError, StoreErrorKind};

/// What went wrong in the database, as far as a store has to tell it apart.
///
/// A driver translates the codes of its database into these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DriverErrorKind {
    /// A unique index stands against it. The batch was checked before, so somebody else came
    /// between: roll back and begin anew, which then finds out who.
    UniqueViolation,
    /// Two transactions stood in each other's way (a serialisation failure, a deadlock): roll back
    /// and begin anew.
    Serialization,
    /// The database cannot be reached, is locked, or has no connection left.
    Unavailable,
    /// The answer to a commit was lost.
    OutcomeUnknown,
    /// There is no room left.
    Full,
    /// The database, or the right of its user, is for reading only.
    ReadOnly,
    /// The database was made by a newer version.
    NewerVersion,
    /// What is stored cannot be read, or a table is not as it should be.
    Damaged,
    /// The database does not take a value or a statement.
    Invalid,
}

impl DriverErrorKind {
    fn as_store_error(self) -> StoreErrorKind {
        match self {
            Self::UniqueViolation | Self::Serialization | Self::Unavailable => {
                StoreErrorKind::Unavailable
            }
            Self::OutcomeUnknown => StoreErrorKind::OutcomeUnknown,
            Self::Full => StoreErrorKind::Full,
            Self::ReadOnly => StoreErrorKind::ReadOnly,
            Self::NewerVersion => StoreErrorKind::NewerVersion,
            Self::Damaged => StoreErrorKind::Damaged,
            Self::Invalid => StoreErrorKind::Invalid,
        }
    }
}

/// Why a batch or a question came to nothing: the transaction has to be rolled back.
///
/// Either the database did not do something ([`Failed::driver`]), or what is stored stands against
/// it (a conflict, mostly). As a [`StoreError`] it is what the caller of a store is told.
#[derive(Debug)]
pub struct Failed(Box<Inner>);

#[derive(Debug)]
enum Inner {
    Store(StoreError),
    Driver {
        kind: DriverErrorKind,
        detail: Option<String>,
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
}

impl Failed {
    /// The database did not do something.
    pub fn driver(kind: DriverErrorKind) -> Self {
        Self(Box::new(Inner::Driver {
            kind,
            detail: None,
            source: None,
        }))
    }

    /// What is stored cannot be read.
    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::driver(DriverErrorKind::Damaged).with_detail(detail)
    }

    /// The batch or the question makes no sense.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        StoreError::new(StoreErrorKind::Invalid)
            .with_detail(detail)
            .into()
    }

    /// Adds what is meant: a file, a server, a table. Without personal data.
    #[must_use]
    pub fn with_detail(mut self, text: impl Into<String>) -> Self {
        if let Inner::Driver { detail, .. } = &mut *self.0 {
            *detail = Some(text.into());
        }
        self
    }

    /// Says which database it was, before what else is said, if that does not begin with it.
    #[must_use]
    pub fn of(mut self, name: &str) -> Self {
        if let Inner::Driver { detail, .. } = &mut *self.0 {
            *detail = Some(match detail.take() {
                Some(detail) if detail.starts_with(name) => detail,
                Some(detail) => format!("{name}: {detail}"),
                None => name.to_owned(),
            });
        }
        self
    }

    /// Adds the database's own error. Its `Display` must not hold personal data.
    #[must_use]
    pub fn with_source(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        if let Inner::Driver { source, .. } = &mut *self.0 {
            *source = Some(cause.into());
        }
        self
    }

    /// What the database refused; `None` if it is not the database that stands against it.
    pub fn kind(&self) -> Option<DriverErrorKind> {
        match &*self.0 {
            Inner::Store(_) => None,
            Inner::Driver { kind, .. } => Some(*kind),
        }
    }

    /// What [is meant](Self::with_detail), if the database did not do something.
    pub fn detail(&self) -> Option<&str> {
        match &*self.0 {
            Inner::Store(_) => None,
            Inner::Driver { detail, .. } => detail.as_deref(),
        }
    }

    /// Whether the same transaction may succeed at once if it is begun anew: another one stood in
    /// its way.
    pub fn was_in_the_way(&self) -> bool {
        matches!(
            self.kind(),
            Some(DriverErrorKind::UniqueViolation | DriverErrorKind::Serialization)
        )
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(Box::new(Inner::Store(error)))
    }
}

impl From<record_link::Conflict> for Failed {
    fn from(conflict: record_link::Conflict) -> Self {
        StoreError::from(conflict).into()
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match *failed.0 {
            Inner::Store(error) => error,
            Inner::Driver {
                kind,
                detail,
                source,
            } => {
                let mut error = Self::new(kind.as_store_error());
                if let Some(detail) = detail {
                    error = error.with_detail(detail);
                }
                if let Some(source) = source {
                    error = error.with_source(source);
                }
                error
            }
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::Store(error) => write!(f, "{error}"),
            Inner::Driver { kind, detail, .. } => {
                write!(f, "the database did not do it: {kind:?}")?;
                match detail {
                    Some(detail) => write!(f, " ({detail})"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl StdError for Failed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Inner::Store(error) => error.source(),
            Inner::Driver { source, .. } => {
                let source = source.as_deref()?;
                Some(source)
            }
        }
    }
}
