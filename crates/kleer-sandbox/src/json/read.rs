//! Requests in JSON.
//!
//! How Kleer wants JSON written is only partly known, so every variant that integrations send is
//! accepted: lists under the plural or the singular, wrapped or not, or one item without a list;
//! names in any casing; enumerations as constants or as in the schema; numbers and texts for each
//! other. A required text or number that is absent or null is empty or 0, as integrations rely on.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use kleer_model::{Cardinality, Content, FieldDescription, RootElement, RootKind, TypeDescription};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::naming::{constant, is_same, plural};
use crate::element::Element;
use crate::shape;

/// What is wrong, and where. It holds no values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    place: String,
    what: String,
}

impl JsonError {
    fn new(place: &str, what: impl Into<String>) -> Self {
        Self {
            place: place.to_owned(),
            what: what.into(),
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.place, self.what)
    }
}

/// A value, looked at as far as its kind.
enum Json<'a> {
    Null,
    Boolean(bool),
    /// As it was written, so that no digit is lost.
    Number(&'a str),
    Text(String),
    Array(Vec<&'a RawValue>),
    Object(BTreeMap<String, &'a RawValue>),
}

impl<'a> Json<'a> {
    fn of(raw: &'a RawValue, place: &str) -> Result<Self, JsonError> {
        let text = raw.get().trim();
        let broken =
            |error: serde_json::Error| JsonError::new(place, format!("is broken: {error}"));
        Ok(match text.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b't') => Self::Boolean(true),
            Some(b'f') => Self::Boolean(false),
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(broken)?),
            Some(b'[') => Self::Array(serde_json::from_str(text).map_err(broken)?),
            Some(b'{') => Self::Object(serde_json::from_str(text).map_err(broken)?),
            _ => Self::Number(text),
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Reads a document, and tells the places of what it does not have.
pub(crate) fn document(
    root: &RootElement,
    body: &[u8],
) -> Result<(Element, Vec<String>), JsonError> {
    let text = std::str::from_utf8(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body))
        .map_err(|_| JsonError::new(root.name, "is not UTF-8"))?;
    if text.trim_start().starts_with('<') {
        return Err(JsonError::new(
            root.name,
            "is XML, but Content-Type says JSON: send Content-Type: application/xml",
        ));
    }
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| JsonError::new(root.name, format!("is no JSON: {error}")))?;
    let mut reader = Reader {
        ignored: Vec::new(),
    };
    let mut element = Element::new(root.name);
    match &root.kind {
        RootKind::Record(of) => {
            let mut raw = raw;
            // Some send the name of the root, too.
            if let Json::Object(properties) = Json::of(raw, root.name)?
                && let Some((name, inner)) = properties.iter().next()
                && properties.len() == 1
                && is_same(name, root.name)
                && !is_known(of, name)
            {
                raw = inner;
            }
            element.children = reader.value(root.name, raw, of, root.name)?.children;
        }
        RootKind::List {
            element: name,
            item,
            ..
        } => element.children = reader.items(name, raw, item, root.name)?,
        _ => return Err(JsonError::new(root.name, "cannot be read from JSON")),
    }
    Ok((element, reader.ignored))
}

struct Reader {
    ignored: Vec<String>,
}

impl Reader {
    /// The items of a list: an array, an object around one, or a single item.
    fn items(
        &mut self,
        name: &str,
        raw: &RawValue,
        of: &TypeDescription,
        place: &str,
    ) -> Result<Vec<Element>, JsonError> {
        match Json::of(raw, place)? {
            Json::Null => Ok(Vec::new()),
            Json::Array(items) => {
                let mut read = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    let place = format!("{place}[{}]", index + 1);
                    if !matches!(Json::of(item, &place)?, Json::Null) {
                        read.push(self.value(name, item, of, &place)?);
                    }
                }
                Ok(read)
            }
            Json::Object(properties) => {
                let plural = plural(name);
                let inner = properties
                    .iter()
                    .find(|(key, _)| is_same(key, &plural))
                    .or_else(|| {
                        let mut own = properties.iter();
                        // An item may have a property that is named like itself.
                        own.find(|(key, _)| is_same(key, name) && shape::field(of, name).is_none())
                    });
                match inner {
                    Some((key, inner)) => {
                        let place = format!("{place}/{key}");
                        self.items(name, inner, of, &place)
                    }
                    None if properties.is_empty() => Ok(Vec::new()),
                    None => Ok(vec![self.value(name, raw, of, place)?]),
                }
            }
            _ => Ok(vec![self.value(name, raw, of, place)?]),
        }
    }

    /// One value as an element of this name.
    fn value(
        &mut self,
        name: &str,
        raw: &RawValue,
        of: &TypeDescription,
        place: &str,
    ) -> Result<Element, JsonError> {
        let json = Json::of(raw, place)?;
        let mut element = Element::new(name);
        match of.content {
            Content::Fields(fields) | Content::Choice(fields) => match json {
                Json::Object(properties) => {
                    let is_choice = matches!(of.content, Content::Choice(_));
                    element.children = self.record(&properties, of, fields, is_choice, place)?;
                }
                // A bare id for a reference.
                Json::Number(_) | Json::Text(_) if shape::field(of, "id").is_some() => {
                    if let Some(id) = shape::field(of, "id") {
                        let place = format!("{place}/id");
                        element.children = vec![self.value("id", raw, id.of, &place)?];
                    }
                }
                // A bare value for a wrapper around an element of the same name.
                Json::Number(_) | Json::Text(_) if shape::field(of, name).is_some() => {
                    if let Some(inner) = shape::field(of, name) {
                        element.children = vec![self.value(name, raw, inner.of, place)?];
                    }
                }
                json => {
                    return Err(JsonError::new(
                        place,
                        format!("is {}, expected an object", json.kind()),
                    ));
                }
            },
            Content::Enumeration(values) => {
                let text = text_of(json, place)?;
                let known = values
                    .iter()
                    .find(|value| **value == text || constant(value) == text)
                    .or_else(|| values.iter().find(|value| is_same(value, &text)));
                element.text = known.map_or(text, |value| (*value).to_owned());
            }
            Content::Text(kind) => element.text = plain(kind, json, place)?,
            _ => element.text = text_of(json, place)?,
        }
        Ok(element)
    }

    fn record(
        &mut self,
        properties: &BTreeMap<String, &RawValue>,
        of: &TypeDescription,
        fields: &'static [FieldDescription],
        is_choice: bool,
        place: &str,
    ) -> Result<Vec<Element>, JsonError> {
        for name in properties.keys() {
            if !is_known(of, name) {
                self.ignored.push(format!("{place}/{name}"));
            }
        }
        let mut children = Vec::new();
        for field in fields {
            self.field(properties, field, is_choice, place, &mut children)?;
        }
        Ok(children)
    }

    fn field(
        &mut self,
        properties: &BTreeMap<String, &RawValue>,
        field: &'static FieldDescription,
        is_branch: bool,
        place: &str,
        children: &mut Vec<Element>,
    ) -> Result<(), JsonError> {
        if matches!(
            field.cardinality,
            Cardinality::Choice | Cardinality::OptionalChoice | Cardinality::RepeatedChoice
        ) {
            let is_repeated = field.cardinality == Cardinality::RepeatedChoice;
            for branch in shape::fields(field.of) {
                if !is_repeated {
                    self.field(properties, branch, true, place, children)?;
                } else if let Some((name, raw)) = property(properties, branch, true) {
                    let place = format!("{place}/{name}");
                    children.extend(self.items(branch.element, raw, branch.of, &place)?);
                }
            }
            return Ok(());
        }
        let is_repeated = matches!(
            field.cardinality,
            Cardinality::Repeated | Cardinality::Nonempty
        );
        let found = property(properties, field, is_repeated);
        let Some((name, raw)) = found else {
            if !is_branch {
                children.extend(missing(field, place)?);
            }
            return Ok(());
        };
        let place = format!("{place}/{name}");
        let is_null = matches!(Json::of(raw, &place)?, Json::Null);
        match field.cardinality {
            Cardinality::Repeated | Cardinality::Nonempty => {
                children.extend(self.items(field.element, raw, field.of, &place)?);
            }
            Cardinality::Nillable | Cardinality::OptionalNillable if is_null => {
                children.push(Element {
                    nil: true,
                    ..Element::new(field.element)
                });
            }
            _ if is_null => {
                if !is_branch {
                    children.extend(missing(field, &place)?);
                }
            }
            _ => {
                if let Some(item) = field.item {
                    let mut wrapper = Element::new(field.element);
                    wrapper.children = self.items(item, raw, field.of, &place)?;
                    children.push(wrapper);
                    return Ok(());
                }
                let read = self.value(field.element, raw, field.of, &place)?;
                // An empty text where a number or a day may stand says the same as nothing.
                let is_empty = read.text.is_empty() && read.children.is_empty();
                let needs_text = match field.of.content {
                    Content::Text(kind) => kind != "string" && kind != "hexBinary",
                    Content::Enumeration(_) => true,
                    _ => false,
                };
                if is_empty && needs_text {
                    children.extend(missing(field, &place)?);
                } else {
                    children.push(read);
                }
            }
        }
        Ok(())
    }
}

/// The property of a field: by its name, by the plural of a repeated one, in any casing.
fn property<'a>(
    properties: &'a BTreeMap<String, &'a RawValue>,
    field: &FieldDescription,
    is_repeated: bool,
) -> Option<(&'a str, &'a RawValue)> {
    let mut names = vec![field.element.to_owned()];
    if is_repeated {
        names.insert(0, plural(field.element));
    }
    let exact = names.iter().find_map(|name| properties.get_key_value(name));
    let found = exact.or_else(|| {
        properties
            .iter()
            .find(|(key, _)| names.iter().any(|name| is_same(key, name)))
    });
    found.map(|(name, raw)| (name.as_str(), *raw))
}

fn is_known(of: &TypeDescription, property: &str) -> bool {
    shape::fields(of).iter().any(|field| {
        matches!(
            field.cardinality,
            Cardinality::Choice | Cardinality::OptionalChoice | Cardinality::RepeatedChoice
        ) && is_known(field.of, property)
            || is_same(field.element, property)
            || is_same(&plural(field.element), property)
    })
}

/// What stands for a field that was not sent: nothing if it is optional, else an empty text, 0,
/// `false`, an empty list, or an object of such.
fn missing(field: &'static FieldDescription, place: &str) -> Result<Option<Element>, JsonError> {
    let is_required = matches!(
        field.cardinality,
        Cardinality::Required | Cardinality::Nillable | Cardinality::List | Cardinality::Blankable
    );
    if !is_required {
        return Ok(None);
    }
    let has_no_blank = field.cardinality == Cardinality::Required
        && matches!(
            field.of.content,
            Content::Text("date" | "dateTime" | "hexBinary") | Content::Enumeration(_)
        );
    if has_no_blank {
        let place = if place.ends_with(field.element) {
            place.to_owned()
        } else {
            format!("{place}/{}", field.element)
        };
        return Err(JsonError::new(&place, "is missing"));
    }
    Ok(Some(shape::blank(field)))
}

fn text_of(json: Json<'_>, place: &str) -> Result<String, JsonError> {
    match json {
        Json::Text(text) => Ok(text),
        Json::Number(number) => Ok(number.to_owned()),
        Json::Boolean(value) => Ok(value.to_string()),
        json => Err(JsonError::new(
            place,
            format!("is {}, expected a text", json.kind()),
        )),
    }
}

/// A value of one of XML Schema's own types. What is no such value is left for the reader of XML
/// to refuse.
fn plain(kind: &str, json: Json<'_>, place: &str) -> Result<String, JsonError> {
    if let ("hexBinary", Json::Array(bytes)) = (kind, &json) {
        let bytes = bytes.iter().map(|byte| one_byte(byte.get())).collect();
        let wrong = || JsonError::new(place, "is an array, but not of bytes");
        return Option::ok_or_else(bytes, wrong);
    }
    let text = text_of(json, place)?;
    // One library sends the array as a text.
    if kind == "hexBinary"
        && let Ok(bytes) = serde_json::from_str::<Vec<&RawValue>>(&text)
        && let Some(bytes) = bytes.iter().map(|byte| one_byte(byte.get())).collect()
    {
        return Ok(bytes);
    }
    Ok(match kind {
        "int" | "long" => whole_number(text.trim()).unwrap_or(text),
        "decimal" => decimal(text.trim()).unwrap_or(text),
        // A day that comes with a time of day.
        "date" => match text.split_once('T') {
            Some((day, _)) => day.to_owned(),
            None => text,
        },
        "hexBinary" => hexadecimal(&text).unwrap_or(text),
        "string" => text,
        _ => text.trim().to_owned(),
    })
}

/// `25.0` and `2.5e1` are whole numbers, too.
fn whole_number(text: &str) -> Option<String> {
    let value: Decimal = decimal(text)?.parse().ok()?;
    let whole = value.is_integer().then(|| value.trunc().normalize());
    whole.map(|whole| whole.to_string())
}

/// A decimal keeps its digits, also zeros at its end; XML has no exponents.
fn decimal(text: &str) -> Option<String> {
    let value = text.parse().or_else(|_| Decimal::from_scientific(text));
    value.ok().map(|value: Decimal| value.to_string())
}

/// A byte of an array: hexadecimal digits as a text, or a number (perhaps a signed one, as in Java).
fn one_byte(json: &str) -> Option<String> {
    let byte = if let Some(text) = json.trim().strip_prefix('"') {
        u8::from_str_radix(text.strip_suffix('"')?, 16).ok()?
    } else {
        let number: i16 = json.trim().parse().ok()?;
        u8::try_from(if number < 0 { number + 256 } else { number }).ok()?
    };
    Some(format!("{byte:02X}"))
}

/// Bytes as hexadecimal digits: as they are in XML, and in the one library that sends files in
/// JSON. Base64, which most libraries of JSON write bytes in, is understood as well.
fn hexadecimal(text: &str) -> Option<String> {
    if text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(text.to_owned());
    }
    let mut hexadecimal = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            // Writing to a string cannot fail.
            let _ = write!(hexadecimal, "{:02X}", (bits >> count) & 0xFF);
        }
    }
    Some(hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(root: &str, json: &str) -> Result<String, String> {
        let root = RootElement::find(root).unwrap();
        document(root, json.as_bytes())
            .map(|(element, _)| element.to_xml())
            .map_err(|error| error.to_string())
    }

    const EVENT: &str = "<event-writable><foreign-id>x</foreign-id><user><id>1</id></user>\
                         <activity><id>2</id></activity><date>2026-11-20</date><hours>7.5</hours>\
                         <comment/></event-writable>";

    #[test]
    fn properties_are_put_in_the_order_of_the_schema() {
        let json = r#"{"hours": 7.5, "comment": "", "date": "2026-11-20", "user": {"id": 1},
                       "foreign-id": "x", "activity": {"id": 2}}"#;
        assert_eq!(read("event-writable", json).unwrap(), EVENT);
    }

    #[test]
    fn variants_say_the_same() {
        for json in [
            r#"{"foreignId":"x","user":1,"activity":"2","date":"2026-11-20T00:00:00","hours":"7.5"}"#,
            r#"{"event-writable":{"foreign_id":"x","user":{"id":1.0},"activity":{"id":2},
                "client-project":null,"date":"2026-11-20","hours":75e-1,"comment":null}}"#,
        ] {
            assert_eq!(read("event-writable", json).unwrap(), EVENT, "{json}");
        }
    }

    #[test]
    fn lists_come_in_every_shape() {
        let expected = "<payroll-user-writable><dimension-entries><dimension-entry><id>7</id>\
                        </dimension-entry></dimension-entries></payroll-user-writable>";
        for json in [
            r#"{"dimension-entries":{"dimension-entries":[{"id":7}]}}"#,
            r#"{"dimension-entries":{"dimension-entry":[{"id":7}]}}"#,
            r#"{"dimension-entries":{"dimension-entry":{"id":7}}}"#,
            r#"{"dimension-entries":[{"id":7}]}"#,
            r#"{"dimension-entries":[7]}"#,
            r#"{"dimension-entries":{"id":7}}"#,
        ] {
            assert_eq!(
                read("payroll-user-writable", json).unwrap(),
                expected,
                "{json}"
            );
        }
        let empty = "<payroll-user-writable><dimension-entries/></payroll-user-writable>";
        for json in [
            r#"{"dimension-entries":[]}"#,
            r#"{"dimension-entries":{}}"#,
            r#"{"dimension-entries":{"dimension-entries":null}}"#,
        ] {
            assert_eq!(
                read("payroll-user-writable", json).unwrap(),
                empty,
                "{json}"
            );
        }
        // Absent is not empty.
        assert_eq!(
            read("payroll-user-writable", r#"{"dimension-entries":null}"#).unwrap(),
            "<payroll-user-writable/>"
        );
    }

    #[test]
    fn enumerations_are_constants_or_as_in_the_schema() {
        for kind in ["LEAVE_OF_ABSENCE", "LeaveOfAbsence", "leaveOfAbsence"] {
            let json = format!(r#"{{"date":"2026-11-20","hours":8,"type":"{kind}"}}"#);
            let xml = read("payroll-event", &json).unwrap();
            assert!(xml.contains("<type>LeaveOfAbsence</type>"), "{xml}");
        }
    }

    #[test]
    fn files_are_hexadecimal_or_base64() {
        for data in [
            r#""255044462D""#,
            r#""JVBERi0=""#,
            r#"["25","50","44","46","2d"]"#,
            r#""[\"25\",\"50\",\"44\",\"46\",\"2d\"]""#,
            "[37, 80, 68, 70, 45]",
        ] {
            let json = format!(
                r#"{{"files":[{{"filename":"a.pdf","data":{data}}}],
                    "decision-date":"2026-01-01"}}"#
            );
            let xml = read("foundation-grant-return", &json).unwrap();
            assert!(xml.contains("<data>255044462D</data>"), "{xml}");
        }
    }

    #[test]
    fn a_choice_is_plain_properties_and_nil_is_null() {
        let json = r#"{"bic-iban":{"bic":"A","iban":"B"}}"#;
        assert_eq!(
            read("bank-information-validate-request", json).unwrap(),
            "<bank-information-validate-request><bic-iban><bic>A</bic><iban>B</iban></bic-iban>\
             </bank-information-validate-request>"
        );
        let xml = read("client-project-writeable", r#"{"broker-client":null}"#).unwrap();
        assert!(
            xml.contains("<broker-client ") && xml.contains("nil=\"true\""),
            "{xml}"
        );
    }

    #[test]
    fn no_digit_is_lost() {
        let json = r#"{"date":"2026-11-20","hours":12345678901234567890.12345,"type":"SICK"}"#;
        let xml = read("payroll-event", json).unwrap();
        assert!(
            xml.contains("<hours>12345678901234567890.12345</hours>"),
            "{xml}"
        );
    }

    #[test]
    fn what_cannot_be_read_names_the_place_and_no_value() {
        let error = |json: &str| read("event-writable", json).unwrap_err();
        assert_eq!(error("{}"), "event-writable/date is missing");
        assert_eq!(
            error(r#"{"user":"Anna","date":[]}"#),
            "event-writable/date is an array, expected a text"
        );
        assert!(error("{").starts_with("event-writable is no JSON"));
        assert!(error("<event-writable/>").contains("Content-Type"));
        assert!(error("[1]").contains("expected an object"));
    }

    #[test]
    fn what_no_element_corresponds_to_is_told() {
        let root = RootElement::find("payroll-user-writable").unwrap();
        let (_, ignored) = document(root, br#"{"shoe-size":44,"ssn":""}"#).unwrap();
        assert_eq!(ignored, ["payroll-user-writable/shoe-size"]);
    }
}
