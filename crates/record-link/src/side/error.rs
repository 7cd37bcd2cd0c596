//! Why a side did not do what it was asked for, and whether it may have done it after all.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use flat_record::FieldName;
use serde::{Deserialize, Serialize};

use crate::{DeviationClass, Failure};

/// What a side was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SideOperation {
    /// [`Side::list`](crate::Side::list).
    List,
    /// [`Side::get`](crate::Side::get).
    Get,
    /// [`Side::find`](crate::Side::find).
    Find,
    /// [`Side::create`](crate::Side::create).
    Create,
    /// [`Side::update`](crate::Side::update).
    Update,
    /// [`Side::delete`](crate::Side::delete).
    Delete,
}

impl SideOperation {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Find => "find",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// Whether it can change the other system.
    pub fn is_write(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Delete)
    }
}

impl fmt::Display for SideOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a side did not do what it was asked for.
///
/// Every kind but [`OutcomeUnknown`](Self::OutcomeUnknown) says that **nothing was changed**. When
/// in doubt, choose that one: taking a lost answer for a refusal makes doubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SideErrorKind {
    /// The system could not be reached, or says that it did not carry the request out. A later try
    /// may succeed.
    Unavailable,
    /// The system asks us to slow down, and did not carry the request out.
    RateLimited,
    /// The credentials are refused: nothing will succeed until a person gives others.
    Unauthenticated,
    /// The credentials are good, but have no right to this.
    Forbidden,
    /// The system refuses the values, and would refuse them again.
    Refused,
    /// There is no record with this key.
    NotFound,
    /// The record is not in the version that the caller saw.
    Changed,
    /// The record exists already: one with this client key, or one that must be unique.
    AlreadyExists,
    /// The side cannot do this; its [`Capabilities`](crate::Capabilities) say so.
    Unsupported,
    /// A write may have been carried out: its answer was lost, or could not be understood. Look
    /// before anything is repeated.
    OutcomeUnknown,
    /// An answer to a read could not be understood, or the side has a mistake of its own.
    Malfunction,
}

impl SideErrorKind {
    /// The word for it; also the code of the deviation if the side gives none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::RateLimited => "rate-limited",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Refused => "refused",
            Self::NotFound => "not-found",
            Self::Changed => "changed",
            Self::AlreadyExists => "already-exists",
            Self::Unsupported => "unsupported",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Malfunction => "malfunction",
        }
    }

    /// What happened and what to do, for a person who reads nothing else.
    fn advice(self) -> &'static str {
        match self {
            Self::Unavailable => "the system could not be reached: a later run tries again",
            Self::RateLimited => "the system asks for fewer requests: a later run tries again",
            Self::Unauthenticated => "the credentials are refused: enter new ones",
            Self::Forbidden => "the credentials have no right to this: ask for it, or exclude it",
            Self::Refused => "the system refuses the values: correct them where they come from",
            Self::NotFound => "the record is not there any more: take a new snapshot",
            Self::Changed => "the record changed meanwhile: plan again",
            Self::AlreadyExists => "such a record exists already: look it up and link it",
            Self::Unsupported => "this side cannot do that: change the policy",
            Self::OutcomeUnknown => {
                "the answer was lost, and the write may have taken effect: look"
            }
            Self::Malfunction => "the answer makes no sense: report it with the request id",
        }
    }

    /// The class of the deviation that it becomes.
    pub fn class(self) -> DeviationClass {
        match self {
            Self::Unavailable => DeviationClass::Transient,
            Self::RateLimited => DeviationClass::RateLimit,
            Self::Unauthenticated | Self::Forbidden => DeviationClass::Authentication,
            Self::Refused | Self::AlreadyExists | Self::Unsupported => DeviationClass::Validation,
            Self::NotFound | Self::Changed => DeviationClass::Stale,
            Self::OutcomeUnknown => DeviationClass::InDoubt,
            Self::Malfunction => DeviationClass::Bug,
        }
    }
}

impl fmt::Display for SideErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A side did not do what it was asked for.
///
/// `Display` and `Debug` hold no personal data: the other system's own words, which may name
/// people, are behind [`message`](Self::message).
///
/// ```
/// use record_link::{DeviationClass, SideError, SideErrorKind, SideOperation};
///
/// let error = SideError::new(SideOperation::Create, SideErrorKind::Refused)
///     .with_code("email-invalid")
///     .with_message("anna@ is no address");
/// assert!(!error.outcome_is_unknown());
/// assert!(!format!("{error} {error:?}").contains("anna"));
/// let failure = error.to_failure();
/// assert_eq!((failure.class(), failure.code()), (DeviationClass::Validation, "email-invalid"));
/// assert_eq!(failure.messages(), ["anna@ is no address"]);
/// ```
pub struct SideError(Box<Inner>);

struct Inner {
    operation: SideOperation,
    kind: SideErrorKind,
    code: Option<String>,
    message: Option<String>,
    fields: Vec<FieldName>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl SideError {
    /// The side cannot do this at all, or does not know the kind of record.
    pub fn unsupported(operation: SideOperation) -> Self {
        Self::new(operation, SideErrorKind::Unsupported)
    }

    /// An error.
    pub fn new(operation: SideOperation, kind: SideErrorKind) -> Self {
        Self(Box::new(Inner {
            operation,
            kind,
            code: None,
            message: None,
            fields: Vec::new(),
            request_id: None,
            retry_after: None,
            source: None,
        }))
    }

    /// Adds the other system's code, a stable word without personal data.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Adds the other system's words, for a person.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(message.into());
        self
    }

    /// Adds the fields that are the reason.
    #[must_use]
    pub fn concerning(mut self, fields: impl IntoIterator<Item = FieldName>) -> Self {
        self.0.fields.extend(fields);
        self
    }

    /// Adds the other system's number of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Adds how long the other system asks us to wait.
    #[must_use]
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds the deeper cause. Its `Display` must not hold personal data.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// What the side was asked for.
    pub fn operation(&self) -> SideOperation {
        self.0.operation
    }

    /// Why it did not do it.
    pub fn kind(&self) -> SideErrorKind {
        self.0.kind
    }

    /// Whether the write may have taken effect all the same.
    pub fn outcome_is_unknown(&self) -> bool {
        self.0.kind == SideErrorKind::OutcomeUnknown
    }

    /// The other system's code, if it gave one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The other system's words. They may name people.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// The fields that are the reason.
    pub fn fields(&self) -> &[FieldName] {
        &self.0.fields
    }

    /// The other system's number of the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the other system asks us to wait.
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The failure of which a deviation is made.
    pub fn to_failure(&self) -> Failure {
        let inner = &self.0;
        let code = inner.code.as_deref().unwrap_or(inner.kind.as_str());
        let message = inner.message.as_deref().unwrap_or(inner.kind.advice());
        let fields = inner.fields.iter().map(FieldName::as_str);
        let failure = Failure::new(inner.kind.class(), code, message)
            .distinguished_by(inner.kind.as_str())
            .concerning(fields);
        match &inner.request_id {
            Some(id) => failure.with_request_id(id),
            None => failure,
        }
    }
}

impl fmt::Display for SideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{}: {}", inner.operation, inner.kind.advice())?;
        if let Some(code) = &inner.code {
            write!(f, " ({code})")?;
        }
        if let Some(id) = &inner.request_id {
            write!(f, ", request {id}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SideError {
    /// Hides the message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("SideError")
            .field("operation", &inner.operation)
            .field("kind", &inner.kind)
            .field("code", &inner.code)
            .field("fields", &inner.fields)
            .field("request_id", &inner.request_id)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for SideError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}
