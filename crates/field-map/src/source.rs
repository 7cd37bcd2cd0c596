//! Reading a source's JSON without losing anything on the way.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};
use thiserror::Error;

/// JSON that cannot be read without loss.
#[derive(Debug, Error)]
#[error("{message} at line {line}, column {column}")]
#[non_exhaustive]
pub struct ReadJsonError {
    /// What is wrong. It names keys, and no value.
    pub message: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in bytes, counted from 1.
    pub column: usize,
}

/// Reads a document, and refuses what `serde_json` would silently change: a key that stands twice
/// (the first value would be lost) and a number of 2^53 or more that is not written as a whole one
/// of 64 bits. A fraction is kept to the 15 significant digits that every JSON reader keeps.
///
/// ```
/// let error = field_map::read_json(br#"{ "ssn": "1", "ssn": "2" }"#).unwrap_err();
/// assert_eq!(error.to_string(), "the key `ssn` stands twice at line 1, column 19");
/// ```
///
/// # Errors
/// [`ReadJsonError`] with the place.
pub fn read_json(text: &[u8]) -> Result<Json, ReadJsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = Exact
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        ReadJsonError {
            message: text.strip_suffix(&place).unwrap_or(&text).to_owned(),
            line: error.line(),
            column: error.column(),
        }
    })
}

struct Exact;

impl<'de> DeserializeSeed<'de> for Exact {
    type Value = Json;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Exact {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(number.into())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Json, E> {
        // Beyond 2^53 a binary number is no longer next to its neighbour: digits may be lost.
        if number.abs() >= 9_007_199_254_740_992.0 {
            return Err(E::custom(
                "a number has more digits than can be kept; send it as a text",
            ));
        }
        serde_json::Number::from_f64(number)
            .map(Json::Number)
            .ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(Self)? {
            list.push(element);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                let key: String = key.chars().take(100).collect();
                return Err(de::Error::custom(format!("the key `{key}` stands twice")));
            }
            let value = entries.next_value_seed(Self)?;
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}
