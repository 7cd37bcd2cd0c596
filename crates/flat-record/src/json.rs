//! The stable form of a value in JSON and in other formats that describe themselves.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, SecondsFormat};
use rust_decimal::Decimal;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::Text;
use crate::value::{Reference, Set, Value};

/// What JSON has no kind for is an object with one key, which names the kind.
fn tagged<S: Serializer>(
    serializer: S,
    tag: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

fn timestamp<E: serde::ser::Error>(value: &DateTime<FixedOffset>) -> Result<String, E> {
    // RFC 3339 has offsets of whole minutes and years of four digits only.
    let value = if value.offset().local_minus_utc() % 60 == 0 {
        *value
    } else {
        value.to_utc().fixed_offset()
    };
    if !(0..=9999).contains(&value.year()) {
        return Err(E::custom("a timestamp is not in the years 0 to 9999"));
    }
    Ok(value.to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Decimal(value) => tagged(serializer, "decimal", &value.to_string()),
            Self::Date(value) => tagged(serializer, "date", &value.to_string()),
            Self::Timestamp(value) => tagged(serializer, "timestamp", &timestamp(value)?),
            Self::Text(value) => value.serialize(serializer),
            Self::List(value) => serializer.collect_seq(value),
            Self::Set(value) => tagged(serializer, "set", value.as_slice()),
            Self::Reference(value) => tagged(serializer, "reference", &**value),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "null, true or false, a whole number, a text, a list, or an object with one of the keys \
             decimal, date, timestamp, set and reference",
        )
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        let value = i64::try_from(value)
            .map_err(|_| E::custom("a whole number is too large: write it as a decimal"))?;
        Ok(Value::Integer(value))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        // 0.1 has no exact binary form: what comes out is not what stands in the document.
        Err(E::custom(
            "a number with a fraction must be written as {\"decimal\":\"…\"}, which is exact",
        ))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Value::List(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let tag: Text = map
            .next_key()?
            .ok_or_else(|| A::Error::custom("an empty object is not a value"))?;
        let value = match tag.as_str() {
            "decimal" => {
                let text: Text = map.next_value()?;
                Decimal::from_str(&text).map(Value::Decimal).map_err(|_| {
                    A::Error::custom("not a decimal of at most 28 digits, such as \"12.50\"")
                })?
            }
            "date" => {
                let text: Text = map.next_value()?;
                NaiveDate::from_str(&text)
                    .map(Value::Date)
                    .map_err(|_| A::Error::custom("not a date such as \"2026-11-20\""))?
            }
            "timestamp" => {
                let text: Text = map.next_value()?;
                DateTime::parse_from_rfc3339(&text)
                    .map(Value::Timestamp)
                    .map_err(|_| {
                        A::Error::custom("not a timestamp such as \"2026-11-20T08:00:00+01:00\"")
                    })?
            }
            "set" => Value::Set(map.next_value()?),
            "reference" => Value::Reference(Box::new(map.next_value::<Reference>()?)),
            // The key is not repeated: in a document of another shape it may be somebody's name.
            _ => {
                return Err(A::Error::custom(
                    "an object that is a value has one of the keys decimal, date, timestamp, set \
                     and reference",
                ));
            }
        };
        if map.next_key::<Text>()?.is_some() {
            return Err(A::Error::custom(
                "an object that is a value has exactly one key",
            ));
        }
        Ok(value)
    }
}

/// As the list of the elements.
impl Serialize for Set {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Set {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Value>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}
