//! Requests whose values are changed on the way in: dropped or normalised.

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;
use serde_json::Value;

use super::Normalisation;

/// The body without every element, or JSON property, of this name. A body that is neither XML nor
/// JSON stays as it is.
pub(crate) fn without(body: &Bytes, name: &str) -> Bytes {
    if let Some(mut json) = json(body) {
        drop_property(&mut json, name);
        return json.to_string().into();
    }
    xml(body, &Change::Drop(name)).unwrap_or_else(|| body.clone())
}

/// The body with nothing in any element, or JSON property, of this name. A body that is neither XML
/// nor JSON stays as it is.
pub(crate) fn emptied(body: &Bytes, name: &str) -> Bytes {
    if let Some(mut json) = json(body) {
        empty_property(&mut json, name);
        return json.to_string().into();
    }
    xml(body, &Change::Empty(name)).unwrap_or_else(|| body.clone())
}

/// The body with every text normalised. A body that is neither XML nor JSON stays as it is.
pub(crate) fn normalised(body: &Bytes, how: Normalisation) -> Bytes {
    if let Some(mut json) = json(body) {
        normalise_strings(&mut json, how);
        return json.to_string().into();
    }
    xml(body, &Change::Normalise(how)).unwrap_or_else(|| body.clone())
}

fn json(body: &Bytes) -> Option<Value> {
    serde_json::from_slice(body).ok()
}

fn drop_property(value: &mut Value, name: &str) {
    match value {
        Value::Object(properties) => {
            properties.remove(name);
            properties
                .values_mut()
                .for_each(|value| drop_property(value, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_property(item, name)),
        _ => {}
    }
}

fn empty_property(value: &mut Value, name: &str) {
    match value {
        Value::Object(properties) => {
            for (property, value) in properties {
                if property == name {
                    *value = Value::String(String::new());
                } else {
                    empty_property(value, name);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| empty_property(item, name)),
        _ => {}
    }
}

fn normalise_strings(value: &mut Value, how: Normalisation) {
    match value {
        Value::String(text) => *text = normalise(text, how),
        Value::Object(properties) => properties
            .values_mut()
            .for_each(|value| normalise_strings(value, how)),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| normalise_strings(item, how)),
        _ => {}
    }
}

fn normalise(text: &str, how: Normalisation) -> String {
    match how {
        Normalisation::WhiteSpace => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Normalisation::UpperCase => text.to_uppercase(),
        Normalisation::Truncate(characters) => text.chars().take(characters).collect(),
    }
}

enum Change<'a> {
    Drop(&'a str),
    Empty(&'a str),
    Normalise(Normalisation),
}

/// An element that is open: where it begins, where its content begins, and whether it holds
/// elements.
struct Open {
    start: usize,
    content: usize,
    is_named: bool,
    has_elements: bool,
}

/// Changes the source where it must be, and leaves every other byte as it is. `None` if it is no
/// XML.
fn xml(body: &Bytes, change: &Change<'_>) -> Option<Bytes> {
    let source = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(source);
    let mut open: Vec<Open> = Vec::new();
    // What to put where, in the order of the source.
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    let mut before = position(&reader)?;
    loop {
        let event = reader.read_event().ok()?;
        let after = position(&reader)?;
        let is_named = |name: &str| match change {
            Change::Drop(wanted) | Change::Empty(wanted) => *wanted == name,
            Change::Normalise(_) => false,
        };
        match event {
            Event::Start(start) => {
                if let Some(parent) = open.last_mut() {
                    parent.has_elements = true;
                }
                open.push(Open {
                    start: before,
                    content: after,
                    is_named: is_named(start.name().as_ref()),
                    has_elements: false,
                });
            }
            Event::Empty(empty) => {
                if let Some(parent) = open.last_mut() {
                    parent.has_elements = true;
                }
                if matches!(change, Change::Drop(_)) && is_named(empty.name().as_ref()) {
                    edits.push((before, after, String::new()));
                }
            }
            Event::End(_) => {
                let element = open.pop()?;
                if element.is_named {
                    edits.retain(|(start, ..)| *start < element.start);
                    edits.push(match change {
                        Change::Empty(_) => (element.content, before, String::new()),
                        _ => (element.start, after, String::new()),
                    });
                } else if let Change::Normalise(how) = change
                    && !element.has_elements
                    // Text with a section of its own (CDATA) or a comment is left alone.
                    && let Some(text) = source.get(element.content..before)
                    && !text.contains('<')
                    && let Ok(text) = unescape(text)
                {
                    let text = normalise(&text, *how);
                    edits.push((element.content, before, escape(text.as_str()).into_owned()));
                }
            }
            Event::Eof if open.is_empty() && !edits.is_empty() => break,
            // Nothing to change, or no document.
            Event::Eof => return None,
            _ => {}
        }
        before = after;
    }
    let mut changed = String::with_capacity(source.len());
    let mut copied = 0;
    for (start, end, replacement) in edits {
        changed.push_str(source.get(copied..start)?);
        changed.push_str(&replacement);
        copied = end;
    }
    changed.push_str(source.get(copied..)?);
    Some(changed.into())
}

fn position(reader: &Reader<&[u8]>) -> Option<usize> {
    usize::try_from(reader.buffer_position()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    const CLIENT: &str = "<?xml version='1.0'?><client a='1'> <name>  Björk &amp;\n Bygg </name>\
        <address><name/><zip>1</zip></address><!-- <name> --><x><name><name>y</name></name></x></client>";

    #[test]
    fn an_element_is_dropped_wherever_it_stands() {
        let body = Bytes::from_static(CLIENT.as_bytes());
        assert_eq!(
            text(&without(&body, "name")),
            "<?xml version='1.0'?><client a='1'> <address><zip>1</zip></address>\
             <!-- <name> --><x></x></client>"
        );
        assert_eq!(without(&body, "nowhere"), body);
        assert_eq!(
            text(&emptied(&body, "name")),
            "<?xml version='1.0'?><client a='1'> <name></name><address><name/><zip>1</zip></address>\
             <!-- <name> --><x><name></name></x></client>"
        );
    }

    #[test]
    fn texts_are_normalised_and_the_rest_stays() {
        let body = Bytes::from_static(CLIENT.as_bytes());
        let tidy = normalised(&body, Normalisation::WhiteSpace);
        assert_eq!(
            text(&tidy),
            CLIENT.replace("  Björk &amp;\n Bygg ", "Björk &amp; Bygg")
        );
        let loud = normalised(&body, Normalisation::UpperCase);
        assert!(text(&loud).contains("  BJÖRK &amp;\n BYGG ") && text(&loud).contains("<name>Y<"));
        let short = normalised(&body, Normalisation::Truncate(5));
        assert!(
            text(&short).contains("<name>  Bjö</name>"),
            "{}",
            text(&short)
        );
    }

    #[test]
    fn json_is_changed_alike() {
        let body = Bytes::from_static(br#"{"name":" a  b ","rows":[{"name":1,"n":2},"c "]}"#);
        assert_eq!(
            text(&emptied(&body, "name")),
            r#"{"name":"","rows":[{"n":2,"name":""},"c "]}"#
        );
        assert_eq!(text(&without(&body, "name")), r#"{"rows":[{"n":2},"c "]}"#);
        assert_eq!(
            text(&normalised(&body, Normalisation::WhiteSpace)),
            r#"{"name":"a b","rows":[{"n":2,"name":1},"c"]}"#
        );
    }

    #[test]
    fn what_is_no_document_stays() {
        for body in ["", "<a>", "<a></b>", "{", "\u{1}"] {
            let body = Bytes::from_static(body.as_bytes());
            assert_eq!(without(&body, "a"), body);
            assert_eq!(normalised(&body, Normalisation::UpperCase), body);
        }
        let binary = Bytes::from_static(&[0xff, b'<', b'a', b'>']);
        assert_eq!(without(&binary, "a"), binary);
    }
}
