//! What can go wrong, in one type that is safe to log.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use kleer_model::endpoint::{self, Provenance};

use crate::failure::Failure;
use crate::request::RenderedRequest;
use crate::retry::{Event, GaveUp};

/// A call that did not succeed, or a client that could not be built.
///
/// Small (one pointer), and safe to log: `Display`, `Debug` and the `source` chain never show a URL,
/// an id, a body, a token, or Kleer's own message, because names of people may be in all of them.
/// What happened is in [`kind`](Self::kind); for a write, what is known of its effect is in
/// [`outcome`](Self::outcome).
///
/// ```
/// use kleer_client::{Error, Outcome};
///
/// fn report(error: &Error) -> String {
///     match error.outcome() {
///         Outcome::NotCarriedOut if error.is_retryable() => format!("later: {error}"),
///         Outcome::NotCarriedOut => format!("not done: {error}"),
///         Outcome::Unknown => format!("look it up before sending it again: {error}"),
///         Outcome::CarriedOut => format!("done, but: {error}"),
///         _ => error.to_string(),
///     }
/// }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    outcome: Outcome,
    is_write: bool,
    retryable: bool,
    attempts: u32,
    elapsed: Duration,
    gave_up: Option<GaveUp>,
    failure: Failure,
}

/// What happened. Errors before the network: `Configuration`, `InvalidRequest`, `Write`, `DryRun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client could not be built: a setting is wrong. Nothing was sent.
    Configuration,
    /// The call's own arguments do not make a request (an empty path segment, `..`). Nothing was
    /// sent.
    InvalidRequest,
    /// The record cannot be written as a document that Kleer's schema allows. Nothing was sent.
    Write,
    /// The client is in dry run and the call is a write. Nothing was sent;
    /// [`Error::rendered_request`] shows what would have been.
    DryRun,
    /// No connection could be made. The request never left.
    Connect,
    /// The server's certificate was refused: it is not for this host, out of date, or signed by
    /// nobody who is trusted. The request never left.
    Certificate,
    /// The attempt timeout ran out, or the time for a whole list.
    Timeout,
    /// The connection broke before the end of the answer.
    Interrupted,
    /// The answer was a redirect. Redirects are never followed.
    Redirect,
    /// Kleer answered with its own error document: a business error. See [`Error::kleer_message`].
    Api {
        /// The HTTP status; often 500.
        status: StatusCode,
    },
    /// An HTTP error status without Kleer's own error document: Kleer itself or something before it.
    Status {
        /// The HTTP status.
        status: StatusCode,
    },
    /// A 2xx answer with a web page or another document that Kleer's interface does not produce.
    WrongContentType,
    /// A 2xx answer that is malformed or of the wrong type.
    Decode,
    /// A 2xx answer larger than the client's limit.
    BodyTooLarge,
    /// A create was accepted, but the answer does not tell the new record's id.
    MissingId,
    /// The [token source](crate::TokenSource) has no token. Nothing was sent.
    NoToken,
    /// The list is there, but some of its items could not be read: nothing may be concluded from
    /// what is not in it.
    IncompleteList,
    /// The pages of a list do not fit together: Kleer answered with another part than was asked
    /// for, or the list changed while it was read.
    Paging,
}

/// What is known of a write that failed. For a read it is always `NotCarriedOut`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing was changed in Kleer.
    NotCarriedOut,
    /// Kleer may have carried it out or may still do so. Look the record up before sending it again.
    Unknown,
    /// Kleer said that it carried it out; only the answer could not be used. Do not send it again.
    CarriedOut,
}

impl Outcome {
    /// What is known after two attempts, of which either may have had an effect.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::CarriedOut, _) | (_, Self::CarriedOut) => Self::CarriedOut,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::NotCarriedOut, Self::NotCarriedOut) => Self::NotCarriedOut,
        }
    }
}

impl Error {
    /// What happened.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is known of the effect of a write. Always [`Outcome::NotCarriedOut`] for a read.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// Whether a write may or may not have been carried out.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome == Outcome::Unknown
    }

    /// Whether the same call may succeed later and can be sent again without harm. The client's own
    /// retries are over when an error is returned.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// 404 or 410, or one of Kleer's own errors named `…NotFoundException` or
    /// `…DoesNotExistException`.
    pub fn is_not_found(&self) -> bool {
        self.status()
            .is_some_and(|s| s == StatusCode::NOT_FOUND || s == StatusCode::GONE)
            || self.exception_ends_with(&["NotFoundException", "DoesNotExistException"])
    }

    /// 401: the token is wrong or no longer valid.
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// 403, or one of Kleer's own errors named `…AccessDeniedException`: the token's user lacks a
    /// right.
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(StatusCode::FORBIDDEN)
            || self.exception_ends_with(&["AccessDeniedException"])
    }

    /// The attempt timeout ran out.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Kleer answered with its own error document: the request reached the application and was
    /// refused there.
    pub fn is_application_error(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Api { .. })
    }

    /// The client is in dry run and would have sent this write.
    pub fn is_dry_run(&self) -> bool {
        self.0.kind == ErrorKind::DryRun
    }

    /// The HTTP status of the last answer, also when its body was the problem.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.failure.status
    }

    /// The name of the endpoint (`client_invoice.create`), never its URL. `None` for an error of the
    /// builder.
    pub fn endpoint(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// How many requests were sent or tried. Zero if the call failed before that.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The time the call took, waits included.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long the last answer asked to wait, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.failure.retry_after
    }

    /// Kleer's own message. It is in Swedish and **may hold personal data**: do not log it blindly.
    pub fn kleer_message(&self) -> Option<&str> {
        self.0.failure.message.as_deref()
    }

    /// The name of the Java exception with which Kleer's message begins, without its package
    /// (`PayrollUserDoesNotExistException`).
    pub fn exception(&self) -> Option<&str> {
        self.kleer_message().and_then(exception_name)
    }

    /// The body of the last answer, at most its first 64 KiB. It **may hold personal data**.
    pub fn body(&self) -> Option<&[u8]> {
        self.0.failure.body.as_deref()
    }

    /// The request that a dry run did not send.
    pub fn rendered_request(&self) -> Option<&RenderedRequest> {
        self.0.failure.rendered.as_ref()
    }

    fn exception_ends_with(&self, endings: &[&str]) -> bool {
        self.exception()
            .is_some_and(|name| endings.iter().any(|ending| name.ends_with(ending)))
    }

    /// An error of the builder.
    pub(crate) fn configuration(detail: impl Into<Cow<'static, str>>) -> Self {
        let failure = Failure::new(ErrorKind::Configuration, Event::NotSent).detail(detail);
        Self::before_sending(None, false, failure)
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.failure.source = Some(source.into());
        self
    }

    /// An error before anything was sent.
    pub(crate) fn before_sending(
        operation: Option<&'static str>,
        is_write: bool,
        failure: Failure,
    ) -> Self {
        Self(Box::new(Inner {
            kind: failure.kind,
            operation,
            outcome: Outcome::NotCarriedOut,
            is_write,
            retryable: false,
            attempts: 0,
            elapsed: Duration::ZERO,
            gave_up: None,
            failure,
        }))
    }

    /// The end of a call that was sent at least once.
    pub(crate) fn after_sending(
        operation: &'static str,
        is_write: bool,
        attempts: u32,
        elapsed: Duration,
        gave_up: Option<GaveUp>,
        failure: Failure,
    ) -> Self {
        let assessment = crate::retry::assess(failure.event, is_write);
        Self(Box::new(Inner {
            kind: failure.kind,
            operation: Some(operation),
            outcome: assessment.outcome,
            is_write,
            retryable: assessment.retryable,
            attempts,
            elapsed,
            gave_up,
            failure,
        }))
    }

    /// Takes into account what the attempts before the last one came to: that the last was refused
    /// does not undo what an earlier one may have done.
    pub(crate) fn after_all(mut self, known: Outcome) -> Self {
        let inner = &mut *self.0;
        inner.outcome = inner.outcome.or_worse(known);
        if inner.is_write && inner.outcome != Outcome::NotCarriedOut {
            inner.retryable = false;
        }
        self
    }

    /// What happened, in words that show nothing of the request or the answer.
    fn write_cause(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind {
            ErrorKind::Configuration => f.write_str("a setting of the client is wrong")?,
            ErrorKind::InvalidRequest => f.write_str("the request cannot be built")?,
            ErrorKind::Write => f.write_str("the record does not fit Kleer's schema")?,
            ErrorKind::DryRun => {
                f.write_str("nothing was sent, because the client is in dry run")?;
            }
            ErrorKind::Connect => f.write_str("no connection could be made")?,
            ErrorKind::Certificate => f.write_str("the server's certificate was refused")?,
            ErrorKind::Timeout => f.write_str("the attempt timed out")?,
            ErrorKind::Interrupted => {
                f.write_str("the connection broke before the end of the answer")?;
            }
            ErrorKind::Redirect => f.write_str("the answer was a redirect")?,
            ErrorKind::Api { status } => {
                write!(f, "Kleer refused the request with {}", status.as_u16())?;
                if let Some(exception) = self.exception() {
                    write!(f, " ({exception})")?;
                }
            }
            ErrorKind::Status { status } => {
                write!(f, "the server answered {}", status.as_u16())?;
                if let Some(reason) = status.canonical_reason() {
                    write!(f, " {reason}")?;
                }
            }
            ErrorKind::WrongContentType => {
                f.write_str("the answer is not a document of Kleer's interface")?;
            }
            ErrorKind::Decode => f.write_str("the answer could not be read")?,
            ErrorKind::BodyTooLarge => f.write_str("the answer is larger than the limit")?,
            ErrorKind::MissingId => f.write_str("the answer does not tell the new record's id")?,
            ErrorKind::NoToken => f.write_str("there is no token")?,
            ErrorKind::IncompleteList => f.write_str("items of the list could not be read")?,
            ErrorKind::Paging => f.write_str("the pages of the list do not fit together")?,
        }
        match &self.0.failure.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }

    /// Nothing is found, or nothing takes this method, at a path that nobody has seen.
    fn may_be_a_wrong_path(&self) -> bool {
        let is_inferred = self
            .endpoint()
            .and_then(endpoint::find)
            .is_some_and(|endpoint| endpoint.provenance == Provenance::Inferred);
        is_inferred
            && self.exception().is_none()
            && matches!(
                self.status().map(|status| status.as_u16()),
                Some(404 | 405 | 501)
            )
    }

    /// What to do about it.
    fn advice(&self) -> &'static str {
        match self.0.kind {
            ErrorKind::Configuration => "Correct it and build the client again",
            ErrorKind::InvalidRequest | ErrorKind::Write => {
                "Nothing was sent; correct the arguments"
            }
            ErrorKind::NoToken => "Nothing was sent; see the cause below",
            ErrorKind::Certificate => {
                "Nothing was sent; check the base URL and this machine's clock, and give a client that \
                 trusts a private authority with `http_client`"
            }
            ErrorKind::IncompleteList => {
                "Conclude nothing from what is not in the list; `rejected()` names the items"
            }
            ErrorKind::Paging => "Read the list again from its beginning",
            ErrorKind::DryRun => {
                "See `rendered_request()`, or build the client without `dry_run(true)`"
            }
            _ if self.is_unauthorized() => {
                "Check the token: it belongs to one user and one company"
            }
            _ if self.is_forbidden() => {
                "Give the token's user the right that is missing, and check that the company id is the \
                 token's"
            }
            ErrorKind::Redirect => {
                "Redirects are never followed, because the token would travel along; \
                 check the base URL"
            }
            _ if self.0.is_write && self.0.outcome == Outcome::Unknown => {
                "It is not known whether this was carried out: look the record up before sending it \
                 again"
            }
            _ if self.0.is_write && self.0.outcome == Outcome::CarriedOut => {
                "This was carried out: do not send it again, look the record up"
            }
            ErrorKind::WrongContentType => {
                "Check the base URL, and for a login or maintenance page in between"
            }
            ErrorKind::BodyTooLarge => "Ask for less, or raise `max_response_bytes` on the builder",
            ErrorKind::Decode => "The cause below names the place; see `body()`",
            _ if self.may_be_a_wrong_path() => {
                "Check the id. The path of this endpoint is inferred and may be wrong, too: the \
                 example `probe` tries it, `override_path` on the builder corrects it"
            }
            _ if self.is_not_found() => {
                "Check the id: it may be deleted or belong to another company"
            }
            ErrorKind::Api { .. } => "See `kleer_message()`",
            _ if self.0.retryable => "Nothing was changed; try again later",
            _ => "See `body()` for the answer",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            f.write_str(operation)?;
            if let Some(endpoint) = endpoint::find(operation) {
                write!(f, " ({} {})", endpoint.method, endpoint.path)?;
            }
            f.write_str(" failed")?;
            if inner.attempts > 0 {
                let plural = if inner.attempts == 1 { "" } else { "s" };
                let seconds = inner.elapsed.as_secs_f64();
                write!(
                    f,
                    " after {} attempt{plural} in {seconds:.1} s",
                    inner.attempts
                )?;
            }
            f.write_str(": ")?;
        }
        self.write_cause(f)?;
        match inner.gave_up {
            Some(GaveUp::Budget) => f.write_str("; there was no time left for another attempt")?,
            Some(GaveUp::ServerWait) => {
                let seconds = inner.failure.retry_after.unwrap_or_default().as_secs();
                write!(
                    f,
                    "; it asked to wait {seconds} s, longer than the time budget of the call"
                )?;
            }
            Some(GaveUp::Attempts | GaveUp::NotTriedAgain) | None => {}
        }
        write!(f, ". {}.", self.advice())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("endpoint", &inner.operation)
            .field("status", &inner.failure.status)
            .field("outcome", &inner.outcome)
            .field("retryable", &inner.retryable)
            .field("attempts", &inner.attempts)
            .field("elapsed", &inner.elapsed)
            .field("retry_after", &inner.failure.retry_after)
            .field("exception", &self.exception())
            .field("detail", &inner.failure.detail)
            .field("body_bytes", &inner.failure.body.as_ref().map(Bytes::len))
            .field("source", &inner.failure.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .failure
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// The simple name of the Java exception at the start of `message`.
///
/// Only a name as a Java class has one is taken (ASCII letters and digits, `Exception` or `Error` at
/// the end, at most 80 characters), because it is shown in `Display`.
pub(crate) fn exception_name(message: &str) -> Option<&str> {
    let message = message.trim_start();
    let end = message
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '$' || c == '_'))
        .unwrap_or(message.len());
    let (qualified, rest) = message.split_at_checked(end)?;
    if !(rest.is_empty() || rest.starts_with(':') || rest.starts_with(char::is_whitespace)) {
        return None;
    }
    let name = qualified.rsplit(['.', '$']).next()?;
    let is_class = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.len() <= 80
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ["Exception", "Error"]
            .iter()
            .any(|e| name.len() > e.len() && name.ends_with(e));
    is_class.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_name_is_only_taken_from_the_start() {
        let cases = [
            (
                "PayrollUserDoesNotExistException: 17",
                Some("PayrollUserDoesNotExistException"),
            ),
            (
                "se.kleer.core.EventAccessDeniedException",
                Some("EventAccessDeniedException"),
            ),
            ("a.Outer$InnerException: x", Some("InnerException")),
            (
                "  NullPointerException\n\tat ...",
                Some("NullPointerException"),
            ),
            ("OutOfMemoryError: heap", Some("OutOfMemoryError")),
            ("Tekniskt fel", None),
            ("Exception: x", None),
            ("Fel i PayrollException", None),
            ("Anna.Exception@example.se", None),
            ("lowerException", None),
            ("Anna_Exception", None),
            ("", None),
            ("Åsa Exception", None),
        ];
        for (message, expected) in cases {
            assert_eq!(exception_name(message), expected, "{message:?}");
        }
        let long = format!("{}Exception", "A".repeat(80));
        assert_eq!(exception_name(&long), None);
    }

    #[test]
    fn an_error_is_one_pointer() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
