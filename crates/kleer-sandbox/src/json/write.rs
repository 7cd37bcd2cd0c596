//! Answers in JSON.
//!
//! Written by hand and not through a library's numbers: a decimal keeps every digit.

use std::fmt::Write;

use kleer_model::{Cardinality, Content, FieldDescription, RootElement, RootKind, TypeDescription};

use super::naming::{constant, plural};
use crate::element::Element;
use crate::shape;

/// The answer that this XML of ours is.
///
/// # Errors
/// What is wrong with the XML, which is a fault of the sandbox.
pub(crate) fn answer(xml: &str) -> Result<String, String> {
    let element = Element::from_xml(xml)?;
    let root = RootElement::find(&element.name)
        .ok_or_else(|| format!("no root element {}", element.name))?;
    let mut json = String::with_capacity(xml.len());
    match &root.kind {
        RootKind::Record(of) => object(&element, of, &mut json),
        RootKind::List {
            element: name,
            item,
            ..
        } => {
            json.push('{');
            for (name, value) in &element.page {
                string(name, &mut json);
                let _ = write!(json, ":{value},");
            }
            string(&plural(name), &mut json);
            json.push(':');
            array(&element.children, item, &mut json);
            json.push('}');
        }
        _ => return Err("a root of an unknown kind".to_owned()),
    }
    Ok(json)
}

/// Kleer's error body.
pub(crate) fn error(message: &str) -> String {
    let mut json = "{\"message\":".to_owned();
    string(message, &mut json);
    json.push('}');
    json
}

fn array<'a>(
    items: impl IntoIterator<Item = &'a Element>,
    of: &TypeDescription,
    json: &mut String,
) {
    json.push('[');
    let mut separator = "";
    for item in items {
        json.push_str(separator);
        value(item, of, json);
        separator = ",";
    }
    json.push(']');
}

fn value(element: &Element, of: &TypeDescription, json: &mut String) {
    if element.nil {
        json.push_str("null");
        return;
    }
    match of.content {
        Content::Fields(_) | Content::Choice(_) => object(element, of, json),
        Content::Enumeration(_) => string(&constant(&element.text), json),
        Content::Text("int" | "long" | "decimal") if is_number(&element.text) => {
            json.push_str(&element.text);
        }
        Content::Text("boolean") if matches!(element.text.as_str(), "true" | "false") => {
            json.push_str(&element.text);
        }
        _ => string(&element.text, json),
    }
}

/// Whether XML's way of writing a number is JSON's, too.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}

/// Whether elements of this field stand side by side, without a wrapper.
fn is_repeated(cardinality: Cardinality) -> bool {
    matches!(
        cardinality,
        Cardinality::Repeated | Cardinality::Nonempty | Cardinality::RepeatedChoice
    )
}

fn object(element: &Element, of: &TypeDescription, json: &mut String) {
    json.push('{');
    let mut separator = "";
    let mut property = |name: &str, json: &mut String| {
        json.push_str(separator);
        string(name, json);
        json.push(':');
        separator = ",";
    };
    for (index, child) in element.children.iter().enumerate() {
        let Some(field) = shape::field(of, &child.name) else {
            // An element that Kleer's schema does not have; a lenient sandbox keeps it.
            property(&child.name, json);
            unknown(child, json);
            continue;
        };
        if is_repeated_in(of, field) {
            let is_first = element
                .children
                .iter()
                .take(index)
                .all(|earlier| earlier.name != child.name);
            if is_first {
                property(&plural(&child.name), json);
                array(element.all(&child.name), field.of, json);
            }
            continue;
        }
        property(&child.name, json);
        match field.item {
            Some(_) if child.nil => json.push_str("null"),
            Some(item) => wrapper(child, item, field.of, json),
            None => value(child, field.of, json),
        }
    }
    // An empty list beside other properties is an empty array; an object that is nothing but an
    // empty list is an empty object.
    let fields = shape::fields(of);
    if fields.len() > 1 {
        for field in fields {
            if is_repeated(field.cardinality)
                && field.cardinality != Cardinality::RepeatedChoice
                && element.child(field.element).is_none()
            {
                property(&plural(field.element), json);
                json.push_str("[]");
            }
        }
    }
    json.push('}');
}

/// Whether a field stands repeatedly, itself or as a branch of a choice that does.
fn is_repeated_in(of: &TypeDescription, field: &FieldDescription) -> bool {
    is_repeated(field.cardinality)
        || shape::fields(of).iter().any(|own| {
            own.cardinality == Cardinality::RepeatedChoice
                && shape::field(own.of, field.element).is_some()
        })
}

/// A wrapper stays an object, and its items are one array in it.
fn wrapper(element: &Element, item: &str, of: &TypeDescription, json: &mut String) {
    json.push('{');
    if !element.children.is_empty() {
        string(&plural(item), json);
        json.push(':');
        array(&element.children, of, json);
    }
    json.push('}');
}

fn unknown(element: &Element, json: &mut String) {
    if element.children.is_empty() {
        string(&element.text, json);
        return;
    }
    json.push('{');
    let mut separator = "";
    for child in &element.children {
        json.push_str(separator);
        string(&child.name, json);
        json.push(':');
        unknown(child, json);
        separator = ",";
    }
    json.push('}');
}

fn string(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            // The line separators are legal in JSON, but not in old JavaScript.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_not_wrapped_and_lists_are_plural() {
        assert_eq!(
            answer("<created><id>123</id></created>").unwrap(),
            r#"{"id":123}"#
        );
        assert_eq!(
            answer(
                "<users><user><id>7</id><name>Å \"B\"</name><active>true</active></user></users>"
            )
            .unwrap(),
            r#"{"users":[{"id":7,"name":"Å \"B\"","active":true}]}"#
        );
        assert_eq!(answer("<users/>").unwrap(), r#"{"users":[]}"#);
        assert_eq!(
            answer("<client-invoices offset=\"0\" limit=\"0\" size=\"2\"/>").unwrap(),
            r#"{"offset":0,"limit":0,"size":2,"client-invoices":[]}"#
        );
    }

    #[test]
    fn wrappers_stay_enumerations_shout_and_decimals_keep_their_digits() {
        let event = "<payroll-event><date>2026-11-20</date><hours>7.50</hours>\
                     <type>LeaveOfAbsence</type><comment/></payroll-event>";
        assert_eq!(
            answer(event).unwrap(),
            r#"{"date":"2026-11-20","hours":7.50,"type":"LEAVE_OF_ABSENCE","comment":""}"#
        );
        let user = "<payroll-user-readable><user><id>7</id></user><vacation-entitlements>\
                    <vacation-entitlement><start-date>2026-01-01</start-date>\
                    <entitlement>25</entitlement></vacation-entitlement></vacation-entitlements>\
                    <children/></payroll-user-readable>";
        assert_eq!(
            answer(user).unwrap(),
            r#"{"user":{"id":7},"vacation-entitlements":{"vacation-entitlements":[{"start-date":"2026-01-01","entitlement":25}]},"children":{}}"#
        );
    }

    #[test]
    fn repeated_elements_beside_others_are_arrays() {
        let project = "<client-project-readable><id><id>5</id></id><activity><activity><id>1</id>\
                       </activity></activity><user><user><id>2</id></user></user>\
                       <status>Open</status><dimensions/></client-project-readable>";
        assert_eq!(
            answer(project).unwrap(),
            r#"{"id":{"id":5},"activities":[{"activity":{"id":1}}],"users":[{"user":{"id":2},"activities":[]}],"status":"OPEN","dimensions":{},"leads":[],"fixed-price-planned-invoices":[],"write-offs":[]}"#
        );
        let schedules = "<payroll-schedules-readable><rolling-schedule><id>1</id></rolling-schedule>\
                         <fixed-schedule><id>2</id></fixed-schedule></payroll-schedules-readable>";
        assert_eq!(
            answer(schedules).unwrap(),
            r#"{"rolling-schedules":[{"id":1}],"fixed-schedules":[{"id":2}]}"#
        );
    }
}
