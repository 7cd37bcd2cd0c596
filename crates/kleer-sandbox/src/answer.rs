//! Answers: Kleer's XML, and the ways in which a request is refused.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use kleer_model::endpoint::Endpoint;
use kleer_model::{Document, ErrorMessage, ReadOptions, RootElement};

use crate::element::Element;
use crate::json;

/// What Kleer's answers say of themselves.
const XML: &str = "application/xml;charset=UTF-8";
const JSON: &str = "application/json;charset=UTF-8";

/// A request carried out: the body of a 200.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A document.
    Xml(String),
    /// Bytes of this media type.
    Bytes(&'static str, Vec<u8>),
}

impl Answer {
    /// The document, if it is one.
    pub(crate) fn xml(&self) -> Option<&str> {
        match self {
            Self::Xml(xml) => Some(xml),
            Self::Bytes(..) => None,
        }
    }

    /// An answer with this document.
    ///
    /// # Errors
    /// A refusal (500) if the document cannot be written as XML: state that was seeded with such
    /// characters.
    pub(crate) fn document<D: Document>(document: &D) -> Result<Self, Refusal> {
        document.to_xml().map(Self::Xml).map_err(|error| {
            Refusal::business(
                "TechnicalException",
                format!("this record has no XML form: {error}"),
            )
        })
    }

    /// An answer with an element that the model has written.
    pub(crate) fn element(element: &Element) -> Self {
        Self::Xml(element.to_xml())
    }

    /// An answer with an element whose children stand in any order.
    ///
    /// # Errors
    /// A refusal (500) if it is no valid document: a fault of the sandbox, or of its seed.
    pub(crate) fn canonical(element: &Element) -> Result<Self, Refusal> {
        let failed = |why: String| {
            Refusal::business(
                "TechnicalException",
                format!("this answer has no XML form: {why}"),
            )
        };
        let root = RootElement::find(&element.name)
            .ok_or_else(|| failed(format!("there is no root {}", element.name)))?;
        let options = ReadOptions::default().with_max_bytes(usize::MAX);
        root.rewrite_with(element.to_xml().as_bytes(), &options)
            .map(Self::Xml)
            .map_err(|error| failed(error.to_string()))
    }

    /// The answer to a write: the id, in the likeliest of the endpoint's answers.
    pub(crate) fn done(endpoint: &Endpoint, id: i64) -> Self {
        let root = endpoint.response.first().copied().unwrap_or("ok");
        Self::element(&Element::new(root).having("id", id))
    }
}

/// Why a request was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    /// Why, without the status.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// 400: the request cannot be understood.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401: no token, or not the sandbox's.
    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Invalid credentials: send the sandbox's token in the header X-Token",
        )
    }

    /// 401: the log-in failed.
    pub(crate) fn wrong_password() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Invalid credentials: nobody has this e-mail address and password here",
        )
    }

    /// 403: the token is for another company.
    pub(crate) fn wrong_company(company: kleer_model::CompanyId) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            format!(
                "SingleAccessDeniedException: Otillåten access (this token is for company {company})"
            ),
        )
    }

    /// 404: there is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 405: the path exists, but not with this method.
    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("this path takes {allowed}; in Kleer PUT creates and POST updates"),
        )
    }

    /// The body could not be taken in: 413 if it is too large, else 400.
    pub(crate) fn body(status: StatusCode, limit: usize) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(
                status,
                format!("the request body is larger than the sandbox's limit of {limit} bytes"),
            ),
            _ => Self::bad_request("the request body could not be read to its end"),
        }
    }

    /// 500, Kleer's status for business errors: a Java exception's name, then why.
    pub(crate) fn business(exception: &str, message: impl AsRef<str>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("{exception}: {}", message.as_ref()),
        )
    }

    /// 500 with a message as it is.
    pub(crate) fn kleer_error(message: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// 501: Kleer has this endpoint, the sandbox does not (yet).
    pub(crate) fn not_implemented(endpoint: &str) -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            format!("the sandbox does not implement the endpoint {endpoint}"),
        )
    }
}

/// What a caller speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
}

impl Format {
    /// `Content-Type` decides, also on `GET`; `Accept` does not matter.
    pub(crate) fn of(content_type: Option<&str>) -> Self {
        let essence = content_type
            .and_then(|text| text.split(';').next())
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if essence == "application/json" || essence == "text/json" || essence.ends_with("+json") {
            Self::Json
        } else {
            Self::Xml
        }
    }
}

/// The answer to a request in XML, carried out or refused.
pub(crate) fn response(outcome: Result<Answer, Refusal>) -> Response {
    response_in(Format::Xml, outcome)
}

/// The answer to a request, carried out or refused.
pub(crate) fn response_in(format: Format, outcome: Result<Answer, Refusal>) -> Response {
    let outcome = outcome.and_then(|answer| match (answer, format) {
        (Answer::Xml(xml), Format::Json) => match json::answer(&xml) {
            Ok(json) => Ok(Answer::Bytes(JSON, json.into_bytes())),
            Err(why) => Err(Refusal::business(
                "TechnicalException",
                format!("this answer has no JSON form: {why}"),
            )),
        },
        (answer, _) => Ok(answer),
    });
    match (outcome, format) {
        (Ok(Answer::Xml(xml)), _) => with_body(StatusCode::OK, XML, xml),
        (Ok(Answer::Bytes(media, bytes)), _) => with_body(StatusCode::OK, media, bytes),
        (Err(Refusal { status, message }), Format::Xml) => {
            with_body(status, XML, error_body(&message))
        }
        (Err(Refusal { status, message }), Format::Json) => {
            with_body(status, JSON, json::error(&message))
        }
    }
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// An answer with a body of this type.
pub(crate) fn with_body(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn error_body(message: &str) -> String {
    let readable = message.replace(
        |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'),
        " ",
    );
    // A message without control characters always has an XML form.
    ErrorMessage::new(readable)
        .to_xml()
        .unwrap_or_else(|_| "<error><message/></error>".to_owned())
}
