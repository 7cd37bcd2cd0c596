//! Values of `record-link` as JSON, and words of them for columns.

use record_link::{Scope, Subject};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Failed, Row};

/// A value as JSON.
pub(crate) fn encode(value: &impl Serialize) -> Result<String, Failed> {
    // The error could hold what it is about.
    serde_json::to_string(value).map_err(|_| Failed::invalid("a value cannot be written as JSON"))
}

/// The value in a column, which is that of a table.
pub(crate) fn decode<T: DeserializeOwned>(
    row: &Row,
    column: usize,
    table: &str,
) -> Result<T, Failed> {
    serde_json::from_str(row.text(column)?).map_err(|error| {
        // Where, but not what: serde's message shows what it found.
        let (line, place) = (error.line(), error.column());
        Failed::damaged(format!(
            "a `value` of table {table} is not what it should be, at line {line}, column {place}"
        ))
    })
}

/// What a deviation is about, for the column by which it is asked for: as JSON, or its digest if that
/// is longer than a database takes into an index. (`PostgreSQL` takes 2,704 bytes, of which a
/// connection has 200.)
pub(crate) fn asked_for(subject: &Subject) -> Result<String, Failed> {
    let json = encode(subject)?;
    if json.len() <= LONGEST_SUBJECT {
        return Ok(json);
    }
    Ok(Scope::of(["deviations.subject", &json]).to_string())
}

const LONGEST_SUBJECT: usize = 2_000;

/// The word by which serde tells the variants of an enum apart.
pub(crate) fn word(value: &impl Serialize, tag: &str) -> Result<String, Failed> {
    let value = serde_json::to_value(value);
    let value = value.map_err(|_| Failed::invalid("a value cannot be written as JSON"))?;
    let word = match &value {
        serde_json::Value::String(word) => Some(word.as_str()),
        other => other.get(tag).and_then(serde_json::Value::as_str),
    };
    Ok(word.unwrap_or_default().to_owned())
}

/// A free text for a column: without NUL, which not every database takes. The JSON beside it has
/// the text as it is.
pub(crate) fn shown(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
