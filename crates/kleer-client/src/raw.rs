//! The way to everything that has no typed call yet.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};

use crate::call::Call;
use crate::error::Error;
use crate::failure::Failure;
use crate::kleer::Kleer;
use crate::request::{Draft, RenderedRequest, XML, XML_UTF_8};
use crate::response::{self, RawResponse, Read};
use crate::retry::RetryPolicy;
use crate::transport::BoxFuture;

const JSON: &str = "application/json";

/// A request to any path, with the same token, retries, limits, dry run and errors as a typed call.
/// From [`Kleer::raw`].
///
/// The path is given in segments, relative to the company; each is percent-encoded, so it cannot
/// reach another endpoint. A method other than `GET`, `HEAD` and `OPTIONS` is a write. An answer
/// other than 2xx is an [`Error`].
///
/// ```no_run
/// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
/// use kleer_client::Method;
///
/// let events = kleer
///     .raw(Method::GET, &["event"])
///     .query("startDate", "2026-01-01")
///     .query("endDate", "2026-01-31")
///     .await?;
/// println!("{} bytes of XML", events.body.len());
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct RawCall {
    call: Call<RawResponse>,
    /// Only as a shortcut: without a body it also decides the `Content-Type`, see
    /// [`accept`](Self::accept).
    has_body: bool,
}

impl RawCall {
    pub(crate) fn new(kleer: &Kleer, method: Method, segments: &[&str]) -> Self {
        let draft = Draft {
            operation: "raw",
            method,
            segments: segments.iter().map(|&segment| segment.to_owned()).collect(),
            of_company: true,
            query: Vec::new(),
            accept: HeaderValue::from_static(XML),
            content_type: HeaderValue::from_static(XML_UTF_8),
            body: Bytes::new(),
            harmless: false,
            repeatable: false,
        };
        Self {
            call: Call::new(kleer, Ok(draft), Read::Whole(response::raw)),
            has_body: false,
        }
    }

    /// Takes the path from the base URL instead of the company (`["xsd"]` is Kleer's schema).
    pub fn outside_company(self) -> Self {
        self.edit(|draft| {
            draft.of_company = false;
            Ok(())
        })
    }

    /// Adds a query parameter.
    pub fn query(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let pair = (name.into().into(), value.into());
        self.edit(|draft| {
            draft.query.push(pair);
            Ok(())
        })
    }

    /// Sends an XML document.
    pub fn body_xml(self, xml: impl Into<String>) -> Self {
        self.body(XML_UTF_8, xml.into())
    }

    /// Sends JSON, and asks for JSON.
    pub fn json(self, json: impl Into<String>) -> Self {
        self.accept(JSON).body(JSON, json.into())
    }

    /// Asks for an answer of this media type; XML by default.
    ///
    /// Kleer chooses the format of its answer by the *request's* `Content-Type`, so a request
    /// without a body says it there, too. An answer in XML to a call that asks for JSON is an error
    /// ([`ErrorKind::WrongContentType`](crate::ErrorKind::WrongContentType)); other media types are
    /// not looked at.
    pub fn accept(mut self, media_type: &str) -> Self {
        let has_body = self.has_body;
        let read = if media_type.eq_ignore_ascii_case(JSON) {
            response::raw_json
        } else {
            response::raw
        };
        self.call = self.call.reading(Read::Whole(read));
        self.edit(|draft| {
            let value = HeaderValue::from_str(media_type).map_err(|error| {
                Failure::invalid_request("`accept` has a character that a header cannot have")
                    .caused_by(error)
            })?;
            if !has_body {
                draft.content_type = value.clone();
            }
            draft.accept = value;
            Ok(())
        })
    }

    /// Like [`Call::retry`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.call = self.call.retry(policy);
        self
    }

    /// Like [`Call::attempt_timeout`].
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.call = self.call.attempt_timeout(timeout);
        self
    }

    /// Like [`Call::render`].
    ///
    /// # Errors
    /// If the arguments make no request: an empty path segment, `.` or `..`.
    pub fn render(self) -> Result<RenderedRequest, Error> {
        self.call.render()
    }

    /// Like [`Call::send`].
    ///
    /// # Errors
    /// An [`Error`], also for every answer other than 2xx.
    pub async fn send(self) -> Result<RawResponse, Error> {
        self.call.send().await
    }

    fn body(mut self, content_type: &'static str, body: String) -> Self {
        self.has_body = true;
        self.edit(|draft| {
            draft.content_type = HeaderValue::from_static(content_type);
            draft.body = Bytes::from(body);
            Ok(())
        })
    }

    fn edit(mut self, change: impl FnOnce(&mut Draft) -> Result<(), Failure>) -> Self {
        self.call = self.call.edit(change);
        self
    }
}

impl IntoFuture for RawCall {
    type Output = Result<RawResponse, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.call.into_future()
    }
}

impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
