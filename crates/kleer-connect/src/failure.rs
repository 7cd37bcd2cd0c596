//! What a failed call to Kleer means for whoever asked a side for something.

use flat_record::{FieldName, Fields, Kind};
use kleer_client::{Error, ErrorKind, Outcome};
use record_link::{SideError, SideErrorKind, SideOperation};

/// What the failure of a call says about a record, in the words of [`record_link`].
///
/// | Kleer's client says | the side says |
/// |---|---|
/// | a write whose outcome is unknown, or of which only the answer was lost | [`OutcomeUnknown`](SideErrorKind::OutcomeUnknown) |
/// | 401, or there is no token | [`Unauthenticated`](SideErrorKind::Unauthenticated) |
/// | 403, or `…AccessDeniedException` | [`Forbidden`](SideErrorKind::Forbidden) |
/// | 404, 410, or `…DoesNotExistException` for a record that was asked for | [`NotFound`](SideErrorKind::NotFound) |
/// | 429 | [`RateLimited`](SideErrorKind::RateLimited), with the time to wait |
/// | no connection, a timeout of a read, 502 to 504, a 500 without Kleer's body | [`Unavailable`](SideErrorKind::Unavailable) |
/// | `…AlreadyExistsException` | [`AlreadyExists`](SideErrorKind::AlreadyExists) |
/// | a business error, another 4xx, or a record that the schema forbids | [`Refused`](SideErrorKind::Refused) |
/// | a dry run | [`Unsupported`](SideErrorKind::Unsupported), with the code `dry-run` |
/// | an answer that cannot be read, a business error on a read | [`Malfunction`](SideErrorKind::Malfunction) |
///
/// The code is the name of Kleer's exception, or a word for what happened; Kleer's own message,
/// which may name people, is behind [`SideError::message`].
pub(crate) fn side_error(operation: SideOperation, error: Error) -> SideError {
    let mut failure =
        SideError::new(operation, kind_of(operation, &error)).with_code(code_of(&error));
    if let Some(message) = error.kleer_message() {
        failure = failure.with_message(message);
    }
    if let Some(wait) = error.retry_after() {
        failure = failure.with_wait(wait);
    }
    failure.with_source(error)
}

fn kind_of(operation: SideOperation, error: &Error) -> SideErrorKind {
    if error.outcome() != Outcome::NotCarriedOut {
        return SideErrorKind::OutcomeUnknown;
    }
    if error.is_unauthorized() || error.kind() == ErrorKind::NoToken {
        return SideErrorKind::Unauthenticated;
    }
    if error.is_forbidden() {
        return SideErrorKind::Forbidden;
    }
    let is_of_one_record = operation != SideOperation::List && operation != SideOperation::Find;
    if is_of_one_record && error.is_not_found() {
        // A create asks for no record: what it names is not there.
        return match operation {
            SideOperation::Create => SideErrorKind::Refused,
            _ => SideErrorKind::NotFound,
        };
    }
    if error.status().is_some_and(|status| status.as_u16() == 429) {
        return SideErrorKind::RateLimited;
    }
    if error.is_retryable() {
        return SideErrorKind::Unavailable;
    }
    let is_write = operation.is_write();
    match error.kind() {
        ErrorKind::Connect
        | ErrorKind::Certificate
        | ErrorKind::Timeout
        | ErrorKind::Interrupted
        | ErrorKind::IncompleteList
        | ErrorKind::Paging => SideErrorKind::Unavailable,
        ErrorKind::DryRun => SideErrorKind::Unsupported,
        ErrorKind::Api { .. } if is_write && has_ending(error, "AlreadyExistsException") => {
            SideErrorKind::AlreadyExists
        }
        ErrorKind::Write => SideErrorKind::Refused,
        ErrorKind::Api { .. } if is_write => SideErrorKind::Refused,
        ErrorKind::Status { status } if is_write && status.is_client_error() => {
            SideErrorKind::Refused
        }
        _ => SideErrorKind::Malfunction,
    }
}

fn has_ending(error: &Error, ending: &str) -> bool {
    error.exception().is_some_and(|name| name.ends_with(ending))
}

/// Kleer's exception, or a word of ours: never anything personal.
fn code_of(error: &Error) -> String {
    if let Some(exception) = error.exception() {
        return exception.to_owned();
    }
    let word = match error.kind() {
        ErrorKind::Configuration | ErrorKind::InvalidRequest => "request",
        ErrorKind::Write => "not-in-schema",
        ErrorKind::DryRun => "dry-run",
        ErrorKind::Connect => "no-connection",
        ErrorKind::Certificate => "certificate",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Interrupted => "interrupted",
        ErrorKind::NoToken => "no-token",
        ErrorKind::MissingId => "no-id",
        ErrorKind::BodyTooLarge => "answer-too-large",
        _ => match error.status() {
            Some(status) if !status.is_success() => return format!("http-{}", status.as_u16()),
            _ => "answer-unreadable",
        },
    };
    word.to_owned()
}

/// A refusal of values before anything was sent, naming the fields that are the reason.
pub(crate) fn refused<'a>(
    operation: SideOperation,
    code: &str,
    layout: &Fields,
    fields: impl IntoIterator<Item = &'a str>,
    message: String,
) -> SideError {
    SideError::new(operation, SideErrorKind::Refused)
        .with_code(code)
        .with_message(message)
        .concerning(names(layout, fields))
}

/// The names of fields, as the layout has them; what it has not is left out.
pub(crate) fn names<'a>(
    layout: &Fields,
    fields: impl IntoIterator<Item = &'a str>,
) -> Vec<FieldName> {
    let known = |name: &'a str| layout.get(name).map(|field| field.name.clone());
    fields.into_iter().filter_map(known).collect()
}

/// A write of which Kleer said that it was carried out, or may have been, and that could not be
/// read back.
pub(crate) fn not_read_back(operation: SideOperation, cause: Option<SideError>) -> SideError {
    let error = SideError::new(operation, SideErrorKind::OutcomeUnknown).with_code("not-read-back");
    match cause {
        Some(cause) => error.with_source(cause),
        None => error,
    }
}

/// Refuses records of another kind than the side's.
pub(crate) fn only(kind: &Kind, known: &str, operation: SideOperation) -> Result<(), SideError> {
    if *kind == *known {
        Ok(())
    } else {
        Err(SideError::unsupported(operation))
    }
}
