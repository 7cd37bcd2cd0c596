//! The schema of all documents, as the model knows it.

use std::collections::BTreeSet;
use std::fmt::Write;

use kleer_model::{Cardinality, Content, FieldDescription, ROOTS, RootKind, TypeDescription};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::state::Books;

/// Answers with a schema written from the model's descriptions. Its comments are not Kleer's, and
/// types that Kleer names may be written where they are used.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature that all handlers have"
)]
pub(crate) fn read(_: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(Answer::Bytes("application/xml", schema().into_bytes()))
}

fn schema() -> String {
    let mut xsd =
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" version=\"1.0\">\n".to_owned();
    let mut named = Named::default();
    for root in ROOTS {
        // Writing to a string cannot fail.
        let _ = write!(xsd, "<xs:element name=\"{}\">", root.name);
        match &root.kind {
            RootKind::Record(of) => content(of, &mut xsd, &mut named),
            RootKind::List {
                element,
                item,
                paged,
            } => {
                xsd.push_str("<xs:complexType><xs:sequence>");
                declaration(element, "0", "unbounded", false, item, &mut xsd, &mut named);
                xsd.push_str("</xs:sequence>");
                if *paged {
                    for name in ["offset", "limit", "size"] {
                        let _ = write!(xsd, "<xs:attribute name=\"{name}\" type=\"xs:int\"/>");
                    }
                }
                xsd.push_str("</xs:complexType>");
            }
            _ => {}
        }
        xsd.push_str("</xs:element>\n");
    }
    while let Some(of) = named.waiting.pop() {
        let mut body = String::new();
        content(of, &mut body, &mut named);
        let kind = if matches!(of.content, Content::Enumeration(_)) {
            "<xs:simpleType"
        } else {
            "<xs:complexType"
        };
        let with_name = format!("{kind} name=\"{}\"", of.schema);
        xsd.push_str(&body.replacen(kind, &with_name, 1));
        xsd.push('\n');
    }
    xsd.push_str("</xs:schema>\n");
    xsd
}

/// The named types that are still to be written.
#[derive(Default)]
struct Named {
    seen: BTreeSet<&'static str>,
    waiting: Vec<&'static TypeDescription>,
}

/// The name of a type, if it has one that other elements can use.
fn name_of(of: &'static TypeDescription, named: &mut Named) -> Option<String> {
    match of.content {
        Content::Text(builtin) => Some(format!("xs:{builtin}")),
        Content::Any => Some("xs:anyType".to_owned()),
        Content::Abstract(kinds) => {
            // Which one it is the document says.
            kinds.first().map(|_| "xs:anyType".to_owned())
        }
        _ if of.schema.is_empty() => None,
        _ => {
            if named.seen.insert(of.schema) {
                named.waiting.push(of);
            }
            Some(of.schema.to_owned())
        }
    }
}

/// The content of a type, as an unnamed type.
fn content(of: &'static TypeDescription, xsd: &mut String, named: &mut Named) {
    match of.content {
        Content::Fields(fields) => {
            xsd.push_str("<xs:complexType><xs:sequence>");
            for field in fields {
                field_in(field, xsd, named);
            }
            xsd.push_str("</xs:sequence></xs:complexType>");
        }
        Content::Choice(branches) => {
            xsd.push_str("<xs:complexType><xs:choice>");
            for branch in branches {
                field_in(branch, xsd, named);
            }
            xsd.push_str("</xs:choice></xs:complexType>");
        }
        Content::Enumeration(values) => {
            xsd.push_str("<xs:simpleType><xs:restriction base=\"xs:string\">");
            for value in values {
                let _ = write!(xsd, "<xs:enumeration value=\"{value}\"/>");
            }
            xsd.push_str("</xs:restriction></xs:simpleType>");
        }
        _ => {}
    }
}

fn field_in(field: &'static FieldDescription, xsd: &mut String, named: &mut Named) {
    use Cardinality::{
        Choice, Nillable, Nonempty, NonemptyList, Optional, OptionalChoice, OptionalList,
        OptionalNillable, OptionalNonemptyList, Repeated, RepeatedChoice,
    };
    let least = match field.cardinality {
        Optional | OptionalList | OptionalNonemptyList | OptionalNillable | Repeated
        | OptionalChoice | RepeatedChoice => "0",
        _ => "1",
    };
    let most = match field.cardinality {
        Repeated | Nonempty | RepeatedChoice => "unbounded",
        _ => "1",
    };
    let nillable = matches!(field.cardinality, Nillable | OptionalNillable);
    if matches!(field.cardinality, Choice | OptionalChoice | RepeatedChoice) {
        let _ = write!(
            xsd,
            "<xs:choice minOccurs=\"{least}\" maxOccurs=\"{most}\">"
        );
        if let Content::Choice(branches) = field.of.content {
            for branch in branches {
                field_in(branch, xsd, named);
            }
        }
        xsd.push_str("</xs:choice>");
        return;
    }
    let Some(item) = field.item else {
        declaration(field.element, least, most, nillable, field.of, xsd, named);
        return;
    };
    let _ = write!(
        xsd,
        "<xs:element name=\"{}\" minOccurs=\"{least}\"><xs:complexType><xs:sequence>",
        field.element
    );
    let least = match field.cardinality {
        NonemptyList | OptionalNonemptyList => "1",
        _ => "0",
    };
    declaration(item, least, "unbounded", false, field.of, xsd, named);
    xsd.push_str("</xs:sequence></xs:complexType></xs:element>");
}

fn declaration(
    element: &str,
    least: &str,
    most: &str,
    nillable: bool,
    of: &'static TypeDescription,
    xsd: &mut String,
    named: &mut Named,
) {
    let _ = write!(
        xsd,
        "<xs:element name=\"{element}\" minOccurs=\"{least}\" maxOccurs=\"{most}\""
    );
    if nillable {
        xsd.push_str(" nillable=\"true\"");
    }
    if let Some(name) = name_of(of, named) {
        let _ = write!(xsd, " type=\"{name}\"/>");
    } else {
        xsd.push('>');
        content(of, xsd, named);
        xsd.push_str("</xs:element>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_root_is_declared_and_every_named_type_is_there() {
        let xsd = schema();
        for root in ROOTS {
            assert!(xsd.contains(&format!("<xs:element name=\"{}\">", root.name)));
        }
        for used in xsd.split(" type=\"").skip(1) {
            let name = used.split('"').next().unwrap();
            let is_there = name.starts_with("xs:")
                || ["simpleType", "complexType"]
                    .iter()
                    .any(|kind| xsd.contains(&format!("<xs:{kind} name=\"{name}\"")));
            assert!(is_there, "{name}");
        }
    }
}
