//! The shape of a JSON document: names and types, no values.

use serde_json::Value;

const DEEPEST: usize = 6;

/// `{"users":[{"id":7,"name":"…"}]}` is `{users: [{id: number, name: string}]}`.
pub(crate) fn of(value: &Value) -> String {
    at(value, 0)
}

fn at(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(number) if number.is_f64() => "decimal".to_owned(),
        Value::Number(_) => "number".to_owned(),
        // A constant in capitals is an enumeration, and worth seeing; everything else is hidden.
        Value::String(text) if text.is_empty() => "empty string".to_owned(),
        Value::String(text) if is_constant(text) => "STRING IN CAPITALS".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(_) | Value::Object(_) if depth >= DEEPEST => "...".to_owned(),
        Value::Array(items) => match items.first() {
            Some(first) => format!("[{}]", at(first, depth + 1)),
            None => "[]".to_owned(),
        },
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("{}: {}", shown(name), at(value, depth + 1)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

fn is_constant(text: &str) -> bool {
    text.len() > 3
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// A name that looks like an element's.
fn shown(name: &str) -> &str {
    let looks = !name.is_empty()
        && name.len() <= 50
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if looks {
        name
    } else {
        "(a name that is none of the schema's)"
    }
}
