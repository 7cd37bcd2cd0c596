//! Kleer's JSON, as far as its shape is known. Each rule with what it rests on stands in
//! [`behaviour`](crate::behaviour).
//!
//! The descriptions of the types say what is a list, a number or an enumeration. A request in JSON
//! becomes the XML that says the same, and then goes the way of every request; an answer becomes
//! JSON at the very end. So no rule of the sandbox needs to know which of the two a caller speaks.

mod naming;
mod read;
mod write;

use kleer_model::RootElement;
use kleer_model::endpoint::Endpoint;

use crate::answer::Refusal;

pub(crate) use write::{answer, error};

/// A request's body as XML.
pub(crate) struct Request {
    pub(crate) xml: Vec<u8>,
    /// The places of properties that no element corresponds to.
    pub(crate) ignored: Vec<String>,
}

/// Turns a body in JSON into the XML that says the same.
///
/// # Errors
/// A refusal (400) that names the place.
pub(crate) fn request(endpoint: &Endpoint, body: &[u8]) -> Result<Request, Refusal> {
    let Some(root) = endpoint.request.and_then(RootElement::find) else {
        // Bytes, or no body at all.
        return Ok(Request {
            xml: body.to_vec(),
            ignored: Vec::new(),
        });
    };
    let (element, ignored) = read::document(root, body).map_err(|error| {
        Refusal::bad_request(format!(
            "the request body is no JSON of <{}>: {error}",
            root.name
        ))
    })?;
    Ok(Request {
        xml: element.to_xml().into_bytes(),
        ignored,
    })
}
