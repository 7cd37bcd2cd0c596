//! What a call will send: put together from checked parts, and shown without the token.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use kleer_model::endpoint::{Endpoint, Recovery, Scope};
use url::Url;

use crate::failure::Failure;

/// The header that carries the token.
pub(crate) const TOKEN_HEADER: &str = "x-token";

pub(crate) const XML: &str = "application/xml";
pub(crate) const XML_UTF_8: &str = "application/xml; charset=utf-8";

/// Calls that change nothing, although their method is that of a write.
const HARMLESS: [&str; 2] = ["access.authenticate", "bank_information.validate"];

/// The parts of a request that do not depend on the client.
#[derive(Clone)]
pub(crate) struct Draft {
    /// The endpoint's name, for errors and spans.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    /// Decoded path segments.
    pub(crate) segments: Vec<String>,
    /// Whether the path begins with `company/{company-id}`.
    pub(crate) of_company: bool,
    pub(crate) query: Vec<(Cow<'static, str>, String)>,
    pub(crate) accept: HeaderValue,
    /// Kleer chooses the format of its answer by this header, so a request without a body has it,
    /// too.
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
    /// It changes nothing, whatever its method: it may be tried like a read, also in a dry run.
    pub(crate) harmless: bool,
    /// Carried out twice it does no more than once.
    pub(crate) repeatable: bool,
}

impl Draft {
    /// A request of the endpoint table that speaks XML.
    pub(crate) fn of_endpoint(
        endpoint: &'static Endpoint,
        template: &str,
        path: &[(&str, &str)],
        body: Option<Bytes>,
    ) -> Result<Self, Failure> {
        let method = Method::from_bytes(endpoint.method.as_str().as_bytes())
            .map_err(|error| Failure::invalid_request("unknown method").caused_by(error))?;
        let segments = endpoint.fill_as(template, path).map_err(|error| {
            Failure::invalid_request("the path cannot be built").caused_by(error)
        })?;
        Ok(Self {
            operation: endpoint.name,
            method,
            segments,
            of_company: endpoint.scope == Scope::Company,
            query: Vec::new(),
            accept: HeaderValue::from_static(XML),
            content_type: HeaderValue::from_static(XML_UTF_8),
            body: body.unwrap_or_default(),
            harmless: HARMLESS.contains(&endpoint.name),
            repeatable: endpoint.recovery == Recovery::Repeatable,
        })
    }

    pub(crate) fn is_write(&self) -> bool {
        !self.harmless && !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// The URL under `base`.
    ///
    /// Every segment is percent-encoded, so it cannot leave its place. What encoding cannot make
    /// safe is refused: `.` and `..` are dropped or resolved by URL libraries and servers, and an
    /// empty segment is another endpoint.
    pub(crate) fn url(&self, base: &Url, company: impl fmt::Display) -> Result<Url, Failure> {
        let mut url = base.clone();
        {
            let mut path = url
                .path_segments_mut()
                .map_err(|()| Failure::invalid_request("the base URL cannot have a path"))?;
            path.pop_if_empty();
            if self.of_company {
                path.push("company").push(&company.to_string());
            }
            for (index, segment) in self.segments.iter().enumerate() {
                if segment.is_empty() || is_dots(segment) {
                    return Err(Failure::invalid_request(format!(
                        "path segment {} is empty, \".\" or \"..\"",
                        index + 1
                    )));
                }
                if segment.contains(char::is_control) {
                    return Err(Failure::invalid_request(format!(
                        "path segment {} contains a control character",
                        index + 1
                    )));
                }
                path.push(segment);
            }
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    /// The request without the token, which is added only when an attempt is sent.
    pub(crate) fn to_http(
        &self,
        url: &Url,
        user_agent: &HeaderValue,
    ) -> Result<http::Request<Bytes>, Failure> {
        let mut request = http::Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = url
            .as_str()
            .parse()
            .map_err(|_| Failure::invalid_request("the URL is too long or not valid"))?;
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, self.accept.clone());
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        headers.insert(header::USER_AGENT, user_agent.clone());
        Ok(request)
    }
}

/// `.` or `..`, also with dots that are percent-encoded already: a server may decode twice.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

/// Exactly what a call would send, with the token replaced by `[redacted]`.
///
/// The URL and the body **may hold personal data**: they are behind accessors, and `Debug` does not
/// show them.
#[derive(Clone, PartialEq)]
pub struct RenderedRequest {
    operation: &'static str,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl RenderedRequest {
    pub(crate) fn new(
        operation: &'static str,
        url: Url,
        request: http::Request<Bytes>,
        credentials: Option<HeaderName>,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        if let Some(name) = credentials {
            headers.insert(name, HeaderValue::from_static("[redacted]"));
        }
        Self {
            operation,
            method: parts.method,
            url,
            headers,
            body,
        }
    }

    /// The name of the endpoint.
    pub fn endpoint(&self) -> &'static str {
        self.operation
    }

    /// The HTTP method. In Kleer `PUT` creates and `POST` updates.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The whole URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers that the client sets. The transport adds `Host` and `Content-Length`.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body; empty if there is none.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for RenderedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenderedRequest")
            .field("endpoint", &self.operation)
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
