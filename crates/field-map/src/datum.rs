//! A value on its way from one side to the other.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat};
use flat_record::{Kind, Reference, Value, ValueKind};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::error::Problem;

/// A value on its way; texts are borrowed for as long as nothing changes them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Cow<'a, str>),
    Date(NaiveDate),
    Timestamp(DateTime<FixedOffset>),
    List(Vec<Datum<'a>>),
    Set(Vec<Datum<'a>>),
    /// Boxed, since it is rare and would make every value larger.
    Reference(Box<(Kind, Cow<'a, str>)>),
}

impl<'a> Datum<'a> {
    pub(crate) fn reference(kind: Kind, key: Cow<'a, str>) -> Self {
        Self::Reference(Box::new((kind, key)))
    }

    /// A value of a document. An object is none.
    pub(crate) fn of_json(value: &'a Json) -> Result<Self, Problem> {
        Ok(match value {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::String(text) => Self::Text(Cow::Borrowed(text)),
            Json::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                // The digits as written, not their binary neighbour.
                None => Self::Decimal(decimal(&number.to_string()).ok_or(Problem::Number)?),
            },
            Json::Array(elements) => Self::List(
                elements
                    .iter()
                    .map(Self::of_json)
                    .collect::<Result<_, _>>()?,
            ),
            Json::Object(_) => return Err(Problem::Object),
        })
    }

    pub(crate) fn of_value(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Integer(integer) => Self::Integer(*integer),
            Value::Decimal(decimal) => Self::Decimal(*decimal),
            Value::Date(date) => Self::Date(*date),
            Value::Timestamp(timestamp) => Self::Timestamp(*timestamp),
            Value::Text(text) => Self::Text(Cow::Borrowed(text.as_str())),
            Value::List(elements) => Self::List(elements.iter().map(Self::of_value).collect()),
            Value::Set(elements) => Self::Set(elements.iter().map(Self::of_value).collect()),
            Value::Reference(reference) => Self::reference(
                reference.kind.clone(),
                Cow::Borrowed(reference.key.as_str()),
            ),
        }
    }

    /// The value, in whatever kind it has.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Integer(integer) => Value::Integer(integer),
            Self::Decimal(decimal) => Value::Decimal(decimal),
            Self::Text(text) => Value::from(&*text),
            Self::Date(date) => Value::Date(date),
            Self::Timestamp(timestamp) => Value::Timestamp(timestamp),
            Self::List(elements) => Value::list(elements.into_iter().map(Self::into_value)),
            Self::Set(elements) => Value::set(elements.into_iter().map(Self::into_value)),
            Self::Reference(reference) => {
                let (kind, key) = *reference;
                Value::Reference(Box::new(Reference::new(kind, key.as_ref())))
            }
        }
    }

    /// The value in the kind of its field, where that is no guess.
    pub(crate) fn into_kind(self, kind: ValueKind) -> Result<Value, Problem> {
        let found = self.name();
        let wrong = || Problem::Kind {
            expected: kind,
            found,
        };
        Ok(match (kind, self) {
            (_, Self::Null) => Value::Null,
            (ValueKind::Integer, Self::Decimal(decimal)) => {
                Value::Integer(integer(decimal).ok_or(Problem::NotWhole)?)
            }
            (ValueKind::Decimal, Self::Integer(integer)) => Value::Decimal(integer.into()),
            (ValueKind::Date, Self::Text(text)) => Value::Date(date(&text)?),
            (ValueKind::Timestamp, Self::Text(text)) => Value::Timestamp(timestamp(&text)?),
            (ValueKind::Set, Self::List(elements)) => Self::Set(elements).into_value(),
            (kind, datum) => {
                let value = datum.into_value();
                if value.kind().is_some_and(|found| found != kind) {
                    return Err(wrong());
                }
                value
            }
        })
    }

    /// The value as JSON: dates, timestamps and keys of references as text.
    pub(crate) fn into_json(self) -> Result<Json, Problem> {
        Ok(match self {
            Self::Null => Json::Null,
            Self::Bool(flag) => Json::Bool(flag),
            Self::Integer(integer) => Json::from(integer),
            Self::Decimal(decimal) => json_number(decimal)?,
            Self::Text(text) => Json::String(text.into_owned()),
            Self::Reference(reference) => Json::String(reference.1.into_owned()),
            Self::Date(date) => Json::String(date.to_string()),
            Self::Timestamp(timestamp) => {
                Json::String(timestamp.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
            Self::List(elements) | Self::Set(elements) => Json::Array(
                elements
                    .into_iter()
                    .map(Self::into_json)
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Decimal(_) => "a number",
            Self::Text(_) => "a text",
            Self::Date(_) => "a date",
            Self::Timestamp(_) => "a timestamp",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Reference(..) => "a reference",
        }
    }
}

/// A decimal as written, with an exponent too; `None` where digits would be lost.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    // The reader of decimals takes "1_000" too, which no system writes.
    if text.contains('_') {
        return None;
    }
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let number = Decimal::from_str_exact(digits).ok()?;
    if exponent == 0 {
        return Some(number);
    }
    let scale = i32::try_from(number.scale()).ok()?.checked_sub(exponent)?;
    if (0..=28).contains(&scale) {
        let mut shifted = number;
        shifted.set_scale(u32::try_from(scale).ok()?).ok()?;
        return Some(shifted);
    }
    // A large number, written short.
    let zeros = u32::try_from(scale.checked_neg()?).ok()?;
    let factor = 10_i64.checked_pow(zeros)?;
    let mut whole = number;
    whole.set_scale(0).ok()?;
    whole.checked_mul(factor.into())
}

pub(crate) fn integer(decimal: Decimal) -> Option<i64> {
    let whole = decimal.normalize();
    (whole.scale() == 0)
        .then(|| i64::try_from(whole.mantissa()).ok())
        .flatten()
}

pub(crate) fn date(text: &str) -> Result<NaiveDate, Problem> {
    // `chrono` takes "2026-1-5" too; what writes so may mean anything.
    iso_date(text.as_bytes()).ok_or_else(|| Problem::Date {
        expected: "YYYY-MM-DD".to_owned(),
    })
}

fn iso_date(text: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |number, digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

/// The date of a timestamp at midnight UTC, the way in which most systems write a date; any other
/// text is left to [`timestamp`].
pub(crate) fn midnight(text: &str) -> Option<NaiveDate> {
    let (date, time) = text.as_bytes().split_at_checked(10)?;
    let fraction = time.strip_prefix(b"T00:00:00")?.strip_suffix(b"Z")?;
    let nothing = fraction.is_empty() || fraction == b".000";
    nothing.then(|| iso_date(date)).flatten()
}

pub(crate) fn timestamp(text: &str) -> Result<DateTime<FixedOffset>, Problem> {
    DateTime::parse_from_rfc3339(text).map_err(|_| Problem::Timestamp)
}

/// A JSON number that says the same: a whole one, or one whose shortest form has the same digits.
fn json_number(decimal: Decimal) -> Result<Json, Problem> {
    if let Some(integer) = integer(decimal) {
        return Ok(Json::from(integer));
    }
    let normal = decimal.normalize();
    let number = normal
        .to_string()
        .parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .ok_or(Problem::Number)?;
    if self::decimal(&number.to_string()).is_some_and(|again| again == normal) {
        Ok(Json::Number(number))
    } else {
        Err(Problem::Number)
    }
}

impl Datum<'_> {
    /// The same, borrowed from nothing.
    pub(crate) fn into_owned(self) -> Datum<'static> {
        let all = |parts: Vec<Self>| parts.into_iter().map(Self::into_owned).collect();
        match self {
            Self::Null => Datum::Null,
            Self::Bool(flag) => Datum::Bool(flag),
            Self::Integer(integer) => Datum::Integer(integer),
            Self::Decimal(decimal) => Datum::Decimal(decimal),
            Self::Text(text) => Datum::Text(Cow::Owned(text.into_owned())),
            Self::Date(date) => Datum::Date(date),
            Self::Timestamp(timestamp) => Datum::Timestamp(timestamp),
            Self::List(parts) => Datum::List(all(parts)),
            Self::Set(parts) => Datum::Set(all(parts)),
            Self::Reference(reference) => {
                let (kind, key) = *reference;
                Datum::reference(kind, Cow::Owned(key.into_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value is moved some fifty times on its way through a record.
    #[test]
    fn a_value_is_small() {
        assert!(size_of::<Datum<'_>>() <= 32, "{}", size_of::<Datum<'_>>());
        let fallible = size_of::<Result<Datum<'_>, Problem>>();
        assert!(fallible <= 64, "{fallible}");
    }
}
