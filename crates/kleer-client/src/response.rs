//! What Kleer answers, and how an answer becomes a value or a failure.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use kleer_model::{
    Created as CreatedDocument, Deleted as DeletedDocument, Document, Done as DoneDocument,
    ErrorMessage, List, ListItem, ListReader, ReadError, ReadErrorKind, ReadOptions,
    Saved as SavedDocument,
};

use crate::error::ErrorKind;
use crate::failure::Failure;
use crate::retry::Event;
use crate::transport::Body;

/// A record was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Created<Id> {
    /// The new record's id.
    pub id: Id,
}

/// Kleer took an update or a deletion.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Accepted<Id> {
    /// The record's id, if the answer tells it.
    pub id: Option<Id>,
    /// Kleer's remark, if any. It may hold personal data; `Debug` does not show it.
    pub message: Option<String>,
}

impl<Id: fmt::Debug> fmt::Debug for Accepted<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The answer to a raw call: nothing is read into it.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawResponse {
    /// A 2xx status; every other is an error.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The answer's body as it came. It may hold personal data; `Debug` does not show it.
    pub body: Bytes,
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

mod sealed {
    /// An id as Kleer's answers to writes tell it: 32 bits, also where the schema has 64 elsewhere.
    pub trait AnsweredId: Sized {
        fn of(number: i32) -> Self;
    }
}
pub(crate) use sealed::AnsweredId;

macro_rules! answered {
    ($($id:ident)*) => {$(
        impl AnsweredId for kleer_model::$id {
            fn of(number: i32) -> Self {
                Self(number.into())
            }
        }
    )*};
}

answered! {
    BankTransactionId ClientAgreementId ClientId ClientInvoiceId ClientProjectId DimensionEntryId
    EventId ExpenseEntryId ExpenseFileId ExpenseId FoundationGrantId FoundationGrantPaymentId
    FoundationGrantRepaymentId PayrollEventId PayrollRunId PayrollScheduleId ProductId ProjectId
    RevenueId SubcontractorId SupplierId SupplierInvoiceId UserId
}

impl AnsweredId for i32 {
    fn of(number: i32) -> Self {
        number
    }
}

/// A complete 2xx answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The client's size limit, which is also the reader's.
    pub(crate) max_bytes: usize,
}

/// Reads an answer into the value of a call.
pub(crate) enum Read<T> {
    /// From the whole body.
    Whole(fn(&Answer) -> Result<T, Failure>),
    /// From its pieces, as they arrive.
    Pieces(fn(ReadOptions) -> Box<dyn Gather<T>>),
    /// Not at all: the caller reads the body.
    Open(fn(Opened) -> T),
}

impl<T> Clone for Read<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Read<T> {}

/// An answer whose body is still to be read.
pub(crate) struct Opened {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// How many requests it took.
    pub(crate) attempts: u32,
    /// How long they took.
    pub(crate) elapsed: Duration,
}

/// Makes a value of the pieces of a body.
pub(crate) trait Gather<T>: Send {
    fn push(&mut self, bytes: &[u8]) -> Result<(), ReadError>;
    fn finish(self: Box<Self>) -> Result<T, ReadError>;
}

impl<T: ListItem + Send> Gather<List<T>> for ListReader<T> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        ListReader::push(self, bytes)
    }

    fn finish(self: Box<Self>) -> Result<List<T>, ReadError> {
        ListReader::finish(*self)
    }
}

/// A list, read while it arrives.
pub(crate) fn list<T: ListItem + Send + 'static>() -> Read<List<T>> {
    Read::Pieces(|options| Box::new(ListReader::new(options)))
}

/// A document of the schema.
pub(crate) fn whole<T: Document>() -> Read<T> {
    Read::Whole(document)
}

/// A document of the schema.
fn document<T: Document>(answer: &Answer) -> Result<T, Failure> {
    parse(answer).map_err(|failure| answer.blame(failure))
}

/// Bytes that are no document of the schema.
pub(crate) fn bytes(answer: &Answer) -> Result<Bytes, Failure> {
    if root_name(&answer.body) == Some(ErrorMessage::ROOT.as_bytes()) {
        return Err(answer.blame(error_in_success(answer)));
    }
    match foreign_document(&answer.headers, &answer.body) {
        Some(what @ "it is a web page") => Err(answer
            .blame(Failure::new(ErrorKind::WrongContentType, Event::ForeignAnswer).detail(what))),
        _ => Ok(answer.body.clone()),
    }
}

/// The answer to a create: `created` or `saved`, and it must tell the id.
pub(crate) fn created<Id: AnsweredId>(answer: &Answer) -> Result<Created<Id>, Failure> {
    match acknowledged(answer) {
        Ok(Accepted { id: Some(id), .. }) => Ok(Created { id: Id::of(id) }),
        Ok(_) => Err(answer.blame(Failure::new(ErrorKind::MissingId, Event::UnreadableAnswer))),
        Err(failure) => Err(answer.blame(failure)),
    }
}

/// The answer to an update or a deletion: `ok`, `saved`, `deleted`, `created` or nothing at all.
pub(crate) fn accepted<Id: AnsweredId>(answer: &Answer) -> Result<Accepted<Id>, Failure> {
    match acknowledged(answer) {
        Ok(Accepted { id, message }) => Ok(Accepted {
            id: id.map(Id::of),
            message,
        }),
        Err(failure) => Err(answer.blame(failure)),
    }
}

/// Anything.
#[expect(clippy::unnecessary_wraps, reason = "the signature of `Read`")]
pub(crate) fn raw(answer: &Answer) -> Result<RawResponse, Failure> {
    Ok(RawResponse {
        status: answer.status,
        headers: answer.headers.clone(),
        body: answer.body.clone(),
    })
}

/// Anything but a document that begins like XML.
pub(crate) fn raw_json(answer: &Answer) -> Result<RawResponse, Failure> {
    let Some(root) = root_name(&answer.body) else {
        return raw(answer);
    };
    let failure = if root == ErrorMessage::ROOT.as_bytes() {
        error_in_success(answer)
    } else if foreign_document(&answer.headers, &answer.body) == Some("it is a web page") {
        Failure::new(ErrorKind::WrongContentType, Event::ForeignAnswer).detail("it is a web page")
    } else {
        // Kleer's interface it is, so the call was carried out.
        let event = Event::UnreadableAnswer;
        Failure::new(ErrorKind::WrongContentType, event).detail("it is XML, not JSON")
    };
    Err(answer.blame(failure))
}

/// Which of the small answers it is shows its root; for most writes it is not established which
/// one Kleer sends.
fn acknowledged(answer: &Answer) -> Result<Accepted<i32>, Failure> {
    if answer.body.trim_ascii().is_empty() {
        return Ok(Accepted {
            id: None,
            message: None,
        });
    }
    match root_name(&answer.body) {
        Some(root) if root == SavedDocument::ROOT.as_bytes() => {
            parse::<SavedDocument>(answer).map(|saved| Accepted {
                id: saved.id,
                message: None,
            })
        }
        Some(root) if root == DeletedDocument::ROOT.as_bytes() => parse::<DeletedDocument>(answer)
            .map(|gone| Accepted {
                id: gone.id,
                message: None,
            }),
        Some(root) if root == DoneDocument::ROOT.as_bytes() => {
            parse::<DoneDocument>(answer).map(|done| Accepted {
                id: Some(done.id),
                message: done.message,
            })
        }
        // Also for an unexpected root: the reader's error names it.
        _ => parse::<CreatedDocument>(answer).map(|created| Accepted {
            id: Some(created.id),
            message: None,
        }),
    }
}

fn parse<T: Document>(answer: &Answer) -> Result<T, Failure> {
    let options = ReadOptions::default().with_max_bytes(answer.max_bytes);
    T::from_xml_with(&answer.body, &options).map_err(|error| unreadable(answer, error))
}

/// Why a 2xx answer could not be read. Its body may be cut short.
pub(crate) fn unreadable(answer: &Answer, error: ReadError) -> Failure {
    if root_name(&answer.body) == Some(ErrorMessage::ROOT.as_bytes()) {
        return error_in_success(answer);
    }
    if let Some(what) = foreign_document(&answer.headers, &answer.body) {
        return Failure::new(ErrorKind::WrongContentType, Event::ForeignAnswer).detail(what);
    }
    let (kind, event) = match error.kind() {
        // Cut short without the transport noticing: like a connection that broke.
        ReadErrorKind::Truncated => (ErrorKind::Decode, Event::AnswerLost),
        ReadErrorKind::TooLarge { .. } => (ErrorKind::BodyTooLarge, Event::UnreadableAnswer),
        _ => (ErrorKind::Decode, Event::UnreadableAnswer),
    };
    Failure::new(kind, event).caused_by(error)
}

/// An error document with a 2xx status: believe the document.
fn error_in_success(answer: &Answer) -> Failure {
    let status = answer.status;
    Failure::new(ErrorKind::Api { status }, Event::ErrorInSuccess)
        .message(kleer_message(&answer.headers, &answer.body).map(|own| own.text))
}

impl Answer {
    pub(crate) fn blame(&self, failure: Failure) -> Failure {
        failure.status(self.status).body(&self.body)
    }
}

/// The failure that an answer other than 2xx stands for. `body` may be cut short.
pub(crate) fn failure_of_status(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Failure {
    let own = kleer_message(headers, body);
    // JSON with a `message` is what gateways send, too: for a 500, where it decides whether a write
    // may have been carried out, it counts as Kleer's only if it names a Java exception.
    let kleers_own = own.as_ref().is_some_and(|own| own.certain);
    let event = Event::Status { status, kleers_own };
    let kind = if status.is_redirection() {
        ErrorKind::Redirect
    } else if kleers_own {
        ErrorKind::Api { status }
    } else {
        ErrorKind::Status { status }
    };
    let failure = Failure::new(kind, event)
        .status(status)
        .body(body)
        .message(own.map(|own| own.text));
    match foreign_document(headers, body) {
        Some(what) if kind == (ErrorKind::Status { status }) => failure.detail(what),
        _ => failure,
    }
}

/// Kleer's own message.
struct KleerMessage {
    text: String,
    /// No gateway writes an error like this.
    certain: bool,
}

fn kleer_message(headers: &HeaderMap, body: &[u8]) -> Option<KleerMessage> {
    if root_name(body) == Some(ErrorMessage::ROOT.as_bytes()) {
        let error = ErrorMessage::from_xml(body).ok()?;
        return Some(KleerMessage {
            text: error.message,
            certain: true,
        });
    }
    if !is_json(headers, body) {
        return None;
    }
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = value.get("message")?.as_str()?.to_owned();
    let certain = crate::error::exception_name(&text).is_some();
    Some(KleerMessage { text, certain })
}

/// What a document is that Kleer's XML interface does not produce.
fn foreign_document(headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
    let root = root_name(body).map(<[u8]>::to_ascii_lowercase);
    let start = trim_start(body).get(..9).map(<[u8]>::to_ascii_lowercase);
    if media_type_has(headers, "html")
        || root.as_deref() == Some(b"html")
        || start.as_deref() == Some(b"<!doctype")
    {
        Some("it is a web page")
    } else if is_json(headers, body) {
        Some("it is JSON, not XML")
    } else {
        None
    }
}

fn is_json(headers: &HeaderMap, body: &[u8]) -> bool {
    media_type_has(headers, "json") || matches!(trim_start(body).first(), Some(b'{' | b'['))
}

fn media_type_has(headers: &HeaderMap, part: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().contains(part))
}

fn trim_start(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(body)
        .trim_ascii_start()
}

/// The name of the root element, found without reading the document: after a byte order mark, white
/// space, the declaration, comments and processing instructions.
fn root_name(body: &[u8]) -> Option<&[u8]> {
    let mut rest = trim_start(body);
    loop {
        let end = if rest.starts_with(b"<?") {
            &b"?>"[..]
        } else if rest.starts_with(b"<!--") {
            &b"-->"[..]
        } else {
            break;
        };
        let at = rest.windows(end.len()).position(|window| window == end)?;
        rest = rest.get(at + end.len()..)?.trim_ascii_start();
    }
    let rest = rest.strip_prefix(b"<")?;
    let end = rest
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))?;
    rest.get(..end).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_behind_what_may_stand_before_it() {
        let cases: [(&[u8], Option<&[u8]>); 10] = [
            (b"<saved/>", Some(b"saved")),
            (b"<error><message>x</message></error>", Some(b"error")),
            (
                b"\xef\xbb\xbf\n <?xml version=\"1.0\"?>\n<!-- > --> <ok a='1'>",
                Some(b"ok"),
            ),
            (b"<created\n>", Some(b"created")),
            (b"", None),
            (b"saved", None),
            (b"<", None),
            (b"<saved", None),
            (b"<?xml", None),
            (b"< saved>", None),
        ];
        for (body, expected) in cases {
            assert_eq!(
                root_name(body),
                expected,
                "{:?}",
                String::from_utf8_lossy(body)
            );
        }
    }

    #[test]
    fn a_gateways_json_is_not_kleers_own_error() {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let event = |body: &'static str| {
            failure_of_status(
                status,
                &HeaderMap::new(),
                &Bytes::from_static(body.as_bytes()),
            )
            .event
        };
        let foreign = Event::Status {
            status,
            kleers_own: false,
        };
        let own = Event::Status {
            status,
            kleers_own: true,
        };
        assert_eq!(event(r#"{"message": "Internal server error"}"#), foreign);
        assert_eq!(
            event(r#"{"message": "EventAccessDeniedException: nej"}"#),
            own
        );
        assert_eq!(event("<error><message>Tekniskt fel</message></error>"), own);
        assert_eq!(event("<error><message>Tekniskt f"), foreign);
        assert_eq!(event("<html><body>error</body></html>"), foreign);
        assert_eq!(event(""), foreign);
    }
}
