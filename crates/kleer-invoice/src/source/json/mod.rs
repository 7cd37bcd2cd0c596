//! UBL in JSON: the OASIS representation "UBL 2.1 JSON" in version 2.0, as Qvalia sends it.
//!
//! Each element is a list of objects under its name, with the text under `_`, attributes beside it
//! and child elements as further lists: `{"ID":[{"_":"17","schemeID":"0088"}]}`. Objects instead
//! of lists of one, and plain values instead of objects with a text only, are understood as well,
//! because senders write them; numbers and texts are both values.
//!
//! The document is written down as XML, in the order of the schema, and read like any other. So an
//! invoice maps equally from both, whatever the order of the members in JSON.

mod syntax;

use std::fmt::Write as _;

use super::ReadError;
use super::paths::{Element, root_of};
use super::read_error::hint_for;
use super::scan::has_forbidden_character;
use syntax::{Json, Kind, MAX_DEPTH, SyntaxError};

const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const DOCUMENT: &str = "urn:oasis:names:specification:ubl:schema:xsd:";

/// Writes a document in JSON down as XML.
pub(super) fn to_xml(text: &str) -> Result<String, ReadError> {
    let json = Json::parse(text).map_err(|error| match error {
        SyntaxError::Cut => ReadError::Truncated {
            line: super::last_line(text),
        },
        SyntaxError::TooDeep => ReadError::TooDeep {
            depth: MAX_DEPTH + 1,
            limit: MAX_DEPTH,
        },
        SyntaxError::At(at, problem) => {
            let (line, column) = syntax::position(text, at);
            ReadError::NotJson {
                line,
                column,
                problem,
            }
        }
    })?;
    let mut writer = Writer {
        // Tags are longer than names in JSON, brackets and quotes make up for some of it.
        out: String::with_capacity(text.len() + text.len() / 4),
        path: Vec::new(),
        json,
    };
    writer.document()?;
    Ok(writer.out)
}

struct Writer<'a> {
    json: Json<'a>,
    out: String,
    path: Vec<String>,
}

/// A child element: its place in the schema, its name, its value.
struct Child {
    order: usize,
    name: String,
    value: usize,
    element: Option<&'static Element>,
}

impl Writer<'_> {
    fn kind(&self, number: usize) -> Kind {
        self.json.node(number).map_or(Kind::Null, |node| node.kind)
    }

    fn scalar(&self, number: usize) -> Option<String> {
        let node = self.json.node(number)?;
        let text = self.json.scalar(node)?;
        Some(if node.kind == Kind::Number {
            plain_number(&text)
        } else {
            text.into_owned()
        })
    }

    fn wrong(&self, number: usize, problem: &'static str) -> ReadError {
        let (line, column) = self.json.position(number);
        ReadError::NotUblJson {
            path: self.path.join("/"),
            line,
            column,
            problem,
        }
    }

    fn document(&mut self) -> Result<(), ReadError> {
        if self.kind(0) != Kind::Object {
            return Err(self.wrong(
                0,
                "an object with the member Invoice or CreditNote is wanted",
            ));
        }
        let mut root: Option<(&'static str, usize)> = None;
        let mut namespace = None;
        let mut other = None;
        for name_at in self.json.inside(0).collect::<Vec<_>>() {
            let name = self.scalar(name_at).unwrap_or_default();
            let found = match name.as_str() {
                "Invoice" => "Invoice",
                "CreditNote" => "CreditNote",
                "_D" => {
                    namespace = self.scalar(name_at + 1);
                    continue;
                }
                // Other namespaces, and what an envelope says of the document.
                _ => {
                    other.get_or_insert(name);
                    continue;
                }
            };
            if root.is_some() {
                return Err(self.wrong(name_at, "there is a second document"));
            }
            root = Some((found, name_at + 1));
        }
        let Some((name, value)) = root else {
            let found: String = other.unwrap_or_default().chars().take(80).collect();
            return Err(ReadError::WrongRoot {
                hint: if found == "data" || found == "status" {
                    "this is the answer of a server; read each document in its list by itself"
                } else {
                    hint_for(&found)
                },
                found,
            });
        };
        if namespace.is_some_and(|uri| uri != format!("{DOCUMENT}{name}-2")) {
            return Err(ReadError::WrongRoot {
                found: name.to_owned(),
                hint: hint_for(name),
            });
        }
        let value = match self.kind(value) {
            Kind::Array => {
                let mut items = self.json.inside(value);
                let first = items.next();
                if let Some(second) = items.next() {
                    return Err(self.wrong(second, "there is a second document"));
                }
                match first {
                    Some(first) => first,
                    None => return Err(self.wrong(value, "there is no document in the list")),
                }
            }
            _ => value,
        };
        if self.kind(value) != Kind::Object {
            return Err(self.wrong(value, "the document must be an object"));
        }
        let declared =
            format!(" xmlns=\"{DOCUMENT}{name}-2\" xmlns:cac=\"{CAC}\" xmlns:cbc=\"{CBC}\"");
        self.path.push(name.to_owned());
        self.object("", name, &declared, value, Some(root_of(name)))
    }

    /// An element for each item of a list, or one.
    fn elements(&mut self, child: &Child) -> Result<(), ReadError> {
        if child.name == "UBLExtensions" && self.kind(child.value) != Kind::Null {
            // What is in it is no UBL, and so of any form. The report names the element, which
            // must not be empty: a rule of Peppol forbids that.
            self.out
                .push_str("<cac:UBLExtensions><cbc:ID>-</cbc:ID></cac:UBLExtensions>");
            return Ok(());
        }
        self.path.push(child.name.clone());
        if self.kind(child.value) == Kind::Array {
            for item in self.json.inside(child.value).collect::<Vec<_>>() {
                self.element(&child.name, item, child.element)?;
            }
        } else {
            self.element(&child.name, child.value, child.element)?;
        }
        self.path.pop();
        Ok(())
    }

    fn element(
        &mut self,
        name: &str,
        value: usize,
        element: Option<&'static Element>,
    ) -> Result<(), ReadError> {
        match self.kind(value) {
            Kind::Object => self.object("cac:", name, "", value, element),
            Kind::Array => Err(self.wrong(value, "a list inside a list is no element")),
            // Absent.
            Kind::Null => Ok(()),
            _ => {
                let _ = write!(self.out, "<cbc:{name}>");
                let text = self.scalar(value).unwrap_or_default();
                self.text(&text, value)?;
                let _ = write!(self.out, "</cbc:{name}>");
                Ok(())
            }
        }
    }

    fn object(
        &mut self,
        prefix: &str,
        name: &str,
        declared: &str,
        value: usize,
        element: Option<&'static Element>,
    ) -> Result<(), ReadError> {
        let mut text: Option<usize> = None;
        let mut attributes = String::new();
        let mut children: Vec<Child> = Vec::new();
        for name_at in self.json.inside(value).collect::<Vec<_>>() {
            let member = self.scalar(name_at).unwrap_or_default();
            let value = name_at + 1;
            if member == "_" {
                if text.replace(value).is_some() {
                    return Err(self.wrong(name_at, "the text stands twice"));
                }
                if matches!(self.kind(value), Kind::Object | Kind::Array) {
                    return Err(self.wrong(value, "the text of an element must be a single value"));
                }
                continue;
            }
            let letters = member.bytes().all(|byte| byte.is_ascii_alphanumeric());
            match member.as_bytes().first() {
                Some(b'A'..=b'Z') if letters => {
                    if member.ends_with("Content") && self.scalar(value).is_some() {
                        return Err(self.wrong(
                            name_at,
                            "this is version 1.0 of UBL in JSON; ask for version 2.0, which has \
                             texts under \"_\"",
                        ));
                    }
                    let at = element.and_then(|element| element.find_child(&member, 0));
                    children.push(Child {
                        // What the schema's part for invoices does not have comes last.
                        order: at.unwrap_or(usize::MAX),
                        element: at.and_then(|at| element?.children.get(at)),
                        name: member,
                        value,
                    });
                }
                Some(b'a'..=b'z') if letters && member != "xmlns" => {
                    let Some(text) = self.scalar(value) else {
                        if self.kind(value) == Kind::Null {
                            continue;
                        }
                        return Err(self.wrong(
                            value,
                            "a name with a small first letter is an attribute, and must have a \
                             single value",
                        ));
                    };
                    if attributes.contains(&format!(" {member}=\"")) {
                        return Err(self.wrong(name_at, "a name stands twice in one object"));
                    }
                    // UBL knows a dozen. The search above takes as long as there are many.
                    if attributes.len() > 10_000 {
                        return Err(self.wrong(name_at, "an element has too many attributes"));
                    }
                    self.allowed(&text, value)?;
                    let _ = write!(attributes, " {member}=\"");
                    // A line end would be read as a blank.
                    escape(&text, &['&', '<', '"', '\r', '\n', '\t'], &mut attributes);
                    attributes.push('"');
                }
                // Namespaces.
                Some(b'_') if letters_after(&member) => {}
                _ if member.starts_with("xmlns") || member.starts_with("xsi:") => {}
                _ => {
                    return Err(self.wrong(
                        name_at,
                        "a name that version 2.0 of UBL in JSON does not have; texts stand under \
                         \"_\", attributes under their own names",
                    ));
                }
            }
        }
        if let Some(twice) = twice(&children) {
            return Err(self.wrong(twice - 1, "a name stands twice in one object"));
        }
        if let (Some(text), false) = (text, children.is_empty()) {
            return Err(self.wrong(text, "an element has a text or elements, not both"));
        }
        let prefix = if children.is_empty() && !prefix.is_empty() {
            "cbc:"
        } else {
            prefix
        };
        let _ = write!(self.out, "<{prefix}{name}{declared}{attributes}>");
        if let Some(value) = text {
            let text = self.scalar(value).unwrap_or_default();
            self.text(&text, value)?;
        }
        children.sort_by_key(|child| child.order);
        for child in &children {
            self.elements(child)?;
        }
        let _ = write!(self.out, "</{prefix}{name}>");
        Ok(())
    }

    fn allowed(&self, text: &str, at: usize) -> Result<(), ReadError> {
        if has_forbidden_character(text) {
            return Err(self.wrong(
                at,
                "a text has a control character that no invoice may have",
            ));
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), ReadError> {
        self.allowed(text, at)?;
        escape(text, &['&', '<', '>', '\r'], &mut self.out);
        Ok(())
    }
}

/// The value of the second of two children with one name. Sorted, because an object may have as
/// many members as somebody likes to write.
fn twice(children: &[Child]) -> Option<usize> {
    let mut names: Vec<_> = children
        .iter()
        .map(|child| (child.name.as_str(), child.value))
        .collect();
    names.sort_unstable();
    let same = names.windows(2).find(|pair| pair[0].0 == pair[1].0)?;
    Some(same[1].1)
}

/// Whether a name is an underscore and letters, as the namespaces of the representation are.
fn letters_after(name: &str) -> bool {
    let letters = &name[1..];
    !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Writes a text with references for some characters.
fn escape(text: &str, characters: &[char], out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(characters) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        out.push_str(match from.as_bytes()[0] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\r' => "&#13;",
            b'\n' => "&#10;",
            _ => "&#9;",
        });
        rest = &from[1..];
    }
    out.push_str(rest);
}

/// A number of JSON without an exponent, which the numbers of UBL do not have. Each digit stays.
fn plain_number(written: &str) -> String {
    /// More zeros than any amount has are not written out: the number is refused as it stands.
    const MOST_PLACES: i64 = 40;
    let Some((mantissa, exponent)) = written.split_once(['e', 'E']) else {
        return written.to_owned();
    };
    let Ok(exponent) = exponent.parse::<i64>() else {
        return written.to_owned();
    };
    if exponent.abs() > MOST_PLACES {
        return written.to_owned();
    }
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{part}");
    let Ok(length) = i64::try_from(whole.len()) else {
        return written.to_owned();
    };
    let mut point = length + exponent;
    while point < 1 {
        digits.insert(0, '0');
        point += 1;
    }
    while usize::try_from(point).is_ok_and(|point| point > digits.len()) {
        digits.push('0');
    }
    let (whole, part) = digits.split_at(usize::try_from(point).unwrap_or(digits.len()));
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if part.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(json: &str) -> String {
        let xml = to_xml(json).unwrap();
        let (tag, rest) = xml.split_once('>').unwrap();
        assert!(tag.starts_with("<Invoice xmlns=") && tag.contains(CAC) && tag.contains(CBC));
        rest.strip_suffix("</Invoice>").unwrap().to_owned()
    }

    #[test]
    fn elements_attributes_and_texts() {
        let json = r#"{"_D":"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2","_A":"x",
            "Invoice":[{"ID":[{"_":"A&B"}],"AccountingSupplierParty":[{"Party":[{
            "EndpointID":[{"schemeID":"0007","_":"2021005489"}]}]}],"Note":[{"_":"1\n2"}]}]}"#;
        assert_eq!(
            xml(json),
            "<cbc:ID>A&amp;B</cbc:ID><cbc:Note>1\n2</cbc:Note><cac:AccountingSupplierParty>\
             <cac:Party><cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID></cac:Party>\
             </cac:AccountingSupplierParty>"
        );
    }

    #[test]
    fn shorter_forms_mean_the_same() {
        let long = r#"{"Invoice":[{"ID":[{"_":"17"}],"TaxTotal":[{"TaxAmount":[{"_":"1.50",
            "currencyID":"SEK"}]}]}]}"#;
        let short = r#"{"Invoice":{"TaxTotal":{"TaxAmount":{"_":1.50,"currencyID":"SEK"}},
            "ID":17,"Note":null},"integrationId":"7"}"#;
        assert_eq!(xml(long), xml(short));
    }

    #[test]
    fn numbers_lose_their_exponent_and_no_digit() {
        for (written, plain) in [
            ("1.2500", "1.2500"),
            ("1.25E2", "125"),
            ("1.25e+1", "12.5"),
            ("-125e-4", "-0.0125"),
            ("0.5E1", "5"),
            ("5e0", "5"),
            ("1E99", "1E99"),
            ("12345678901234567890.12E3", "12345678901234567890120"),
        ] {
            assert_eq!(plain_number(written), plain);
        }
    }

    #[test]
    fn what_is_not_ubl_is_told_with_its_place() {
        let error = |json: &str| to_xml(json).unwrap_err();
        for json in [
            "[]",
            r#"{"Invoice":[]}"#,
            r#"{"Invoice":[{},{}]}"#,
            r#"{"Invoice":{},"CreditNote":{}}"#,
            r#"{"Invoice":"x"}"#,
            r#"{"Invoice":{"ID":[["1"]]}}"#,
            r#"{"Invoice":{"ID":"1","ID":"2"}}"#,
            r#"{"Invoice":{"ID":{"_":"1","schemeID":"a","schemeID":"b"}}}"#,
            r#"{"Invoice":{"ID":{"_":"1","_":"2"}}}"#,
            r#"{"Invoice":{"ID":{"_":["1"]}}}"#,
            r#"{"Invoice":{"ID":{"schemeID":["1"]}}}"#,
            r##"{"Invoice":{"ID":{"#text":"1"}}}"##,
            r#"{"Invoice":{"cbc:ID":"1"}}"#,
            r#"{"Invoice":{"ID":[{"IdentifierContent":"1"}]}}"#,
            r#"{"Invoice":{"Party":{"_":"x","ID":"1"}}}"#,
            r#"{"Invoice":{"ID":"a\u0000b"}}"#,
        ] {
            let found = error(json);
            assert!(
                matches!(found, ReadError::NotUblJson { .. }),
                "{json}: {found:?}"
            );
        }
        match error("{\"Invoice\":{\n \"Note\":[{\"_\":{}}]}}") {
            ReadError::NotUblJson {
                path, line, column, ..
            } => assert_eq!((path.as_str(), line, column), ("Invoice/Note", 2, 15)),
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            error(r#"{"status":"success","data":[]}"#),
            ReadError::WrongRoot { hint, .. } if hint.contains("each document")
        ));
        assert!(matches!(
            error(r#"{"_D":"urn:x","Invoice":[{}]}"#),
            ReadError::WrongRoot { .. }
        ));
        assert!(matches!(
            error("{\"Invoice\":"),
            ReadError::Truncated { line: 1 }
        ));
        assert!(matches!(error("{]"), ReadError::NotJson { column: 2, .. }));
    }
}
