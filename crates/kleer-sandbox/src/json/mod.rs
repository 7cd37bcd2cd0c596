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
    if let Some((place, character)) = element.forbidden() {
        return Err(Refusal::bad_request(format!(
            "the request body is no valid <{}>: {place} holds U+{:04X}, which XML cannot carry: \
             remove it",
            root.name,
            u32::from(character),
        )));
    }
    Ok(Request {
        xml: element.to_xml().into_bytes(),
        ignored,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::PathBuf;

    use kleer_model::ROOTS;

    use super::*;
    use crate::element::Element;

    fn corpus() -> Option<PathBuf> {
        let folder = PathBuf::from(std::env::var_os("KLEER_CORPUS")?);
        let folder = if folder.is_absolute() {
            folder
        } else {
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../..")
                .join(folder)
        };
        Some(folder.join("kleer-xml"))
    }

    /// Elements that say the same in JSON whether they stand or not.
    fn without_blanks(mut element: Element) -> Element {
        element.page.clear();
        for child in &mut element.children {
            *child = without_blanks(std::mem::take(child));
        }
        let is_blank = |child: &Element| {
            child.children.is_empty()
                && (child.nil || matches!(child.text.as_str(), "" | "0" | "false" | "0001-01-01"))
        };
        element.children.retain(|child| !is_blank(child));
        element
    }

    /// Documents of every root become JSON and come back as they were.
    #[test]
    fn every_document_survives_json() {
        let Some(corpus) = corpus() else {
            let text = "SKIPPED every_document_survives_json: KLEER_CORPUS is not set\n";
            let _ = std::io::stderr().write_all(text.as_bytes());
            return;
        };
        let mut compared = 0;
        for root in ROOTS {
            // Abstract types: no endpoint has them.
            if root.name == "report" {
                continue;
            }
            for file in std::fs::read_dir(corpus.join(root.name)).unwrap() {
                let file = file.unwrap().path();
                let written = root.rewrite(&std::fs::read(&file).unwrap()).unwrap();
                let json = answer(&written).unwrap();
                let (read, ignored) = read::document(root, json.as_bytes())
                    .unwrap_or_else(|error| panic!("{}: {error}: {json}", file.display()));
                assert!(ignored.is_empty(), "{}: {ignored:?}", file.display());
                let again = root
                    .rewrite(read.to_xml().as_bytes())
                    .unwrap_or_else(|error| panic!("{}: {error}: {json}", file.display()));
                let [before, after] = [&written, &again]
                    .map(|xml| without_blanks(Element::from_xml(xml).unwrap()).to_xml());
                assert_eq!(before, after, "{}", file.display());
                compared += 1;
            }
        }
        assert!(compared > 500, "{compared}");
    }
}
