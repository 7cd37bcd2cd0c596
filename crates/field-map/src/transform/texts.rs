//! What transforms do with texts.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::{Part, Scalar, SplitAt, Table, Unknown};
use crate::datum::{self, Datum};
use crate::error::Problem;

pub(super) fn text(text: String) -> Datum<'static> {
    Datum::Text(Cow::Owned(text))
}

pub(super) fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

pub(super) fn collapse(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = trim(text);
    let mut after_space = false;
    let single = text.chars().all(|one| {
        let fine = !one.is_whitespace() || (one == ' ' && !after_space);
        after_space = one.is_whitespace();
        fine
    });
    if single {
        return text;
    }
    let words: Vec<_> = text.split_whitespace().collect();
    Cow::Owned(words.join(" "))
}

pub(super) fn recase(text: Cow<'_, str>, recase: impl Fn(&str) -> String) -> Cow<'_, str> {
    let changed = recase(&text);
    if changed == text {
        text
    } else {
        Cow::Owned(changed)
    }
}

pub(super) fn empty_to_null(datum: Datum<'_>) -> Datum<'_> {
    let empty = match &datum {
        Datum::Text(text) => text.trim().is_empty(),
        Datum::List(parts) | Datum::Set(parts) => parts.is_empty(),
        _ => false,
    };
    if empty { Datum::Null } else { datum }
}

/// Joins what is there; of nothing but nulls nothing is made.
pub(super) fn join<'a>(parts: Vec<Datum<'a>>, separator: &str) -> Result<Datum<'a>, Problem> {
    let mut joined: Option<Cow<'a, str>> = None;
    for part in parts {
        let text = match part {
            Datum::Null => continue,
            Datum::Text(text) if text.is_empty() => continue,
            Datum::Text(text) => text,
            Datum::Integer(integer) => Cow::Owned(integer.to_string()),
            other => {
                return Err(Problem::Transform {
                    transform: "join",
                    found: other.name(),
                });
            }
        };
        joined = Some(match joined {
            None => text,
            Some(before) => {
                let mut before = before.into_owned();
                before.push_str(separator);
                before.push_str(&text);
                Cow::Owned(before)
            }
        });
    }
    Ok(joined.map_or(Datum::Null, Datum::Text))
}

pub(super) fn unjoin<'a>(text: Cow<'a, str>, separator: &str, at: SplitAt) -> Datum<'a> {
    let parts = match at {
        SplitAt::First => text.split_once(separator),
        SplitAt::Last => text.rsplit_once(separator),
    };
    Datum::List(match parts {
        Some((first, last)) => vec![self::text(first.to_owned()), self::text(last.to_owned())],
        None => vec![Datum::Text(text), Datum::Null],
    })
}

pub(super) fn split<'a>(text: Cow<'a, str>, separator: &str, part: Part) -> Cow<'a, str> {
    let range = match part {
        Part::BeforeFirst => text.find(separator).map_or(0..text.len(), |at| 0..at),
        Part::BeforeLast => text.rfind(separator).map_or(0..text.len(), |at| 0..at),
        Part::AfterFirst => text
            .find(separator)
            .map_or(0..0, |at| at + separator.len()..text.len()),
        Part::AfterLast => text
            .rfind(separator)
            .map_or(0..0, |at| at + separator.len()..text.len()),
    };
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    }
}

pub(super) fn look_up<'a>(
    table: &Table,
    unknown: Unknown,
    backward: bool,
    text: Cow<'a, str>,
) -> Result<Datum<'a>, Problem> {
    let map = match (&table.backward, backward) {
        (_, false) => Some(&table.forward),
        (Ok(map), true) => Some(map),
        (Err(_), true) => None,
    };
    match map.and_then(|map| map.get(&*text)) {
        Some(found) => Ok(self::text(found.clone())),
        None => match unknown {
            Unknown::Keep => Ok(Datum::Text(text)),
            Unknown::Null => Ok(Datum::Null),
            Unknown::Error => Err(Problem::NotInTable {
                table: table.name.clone(),
            }),
        },
    }
}

pub(super) fn no_prefix(prefix: &str) -> Problem {
    Problem::NoPrefix {
        prefix: prefix.to_owned(),
    }
}

pub(super) fn parse_date(text: &str, formats: &[String]) -> Result<Datum<'static>, Problem> {
    formats
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(text.trim(), format).ok())
        .map(Datum::Date)
        .ok_or_else(|| Problem::Date {
            expected: formats.join("` or `"),
        })
}

pub(super) fn date_of_timestamp(
    timestamp: chrono::DateTime<chrono::FixedOffset>,
    ignore_time: bool,
) -> Result<Datum<'static>, Problem> {
    let local = timestamp.naive_local();
    if !ignore_time && local.time() != chrono::NaiveTime::MIN {
        return Err(Problem::NotMidnight);
    }
    Ok(Datum::Date(local.date()))
}

pub(super) fn parse_number(
    text: &str,
    decimal: char,
    group: Option<char>,
) -> Result<Datum<'static>, Problem> {
    let mut digits = String::with_capacity(text.len());
    for one in text.trim().chars() {
        if one == decimal {
            digits.push('.');
        } else if group == Some(one) {
            // "1.000" is a thousand or one, by what the profile says and nothing else.
        } else if one.is_ascii_digit() || one == '-' {
            digits.push(one);
        } else {
            return Err(Problem::NotANumber);
        }
    }
    datum::decimal(&digits)
        .map(Datum::Decimal)
        .ok_or(Problem::NotANumber)
}

pub(super) fn parse(text: &str, scalar: Scalar) -> Result<Datum<'static>, Problem> {
    let text = text.trim();
    Ok(match scalar {
        Scalar::Integer => Datum::Integer(text.parse().map_err(|_| Problem::NotANumber)?),
        Scalar::Decimal => Datum::Decimal(datum::decimal(text).ok_or(Problem::NotANumber)?),
        Scalar::Bool => match text {
            "true" => Datum::Bool(true),
            "false" => Datum::Bool(false),
            _ => return Err(Problem::NotAFlag),
        },
        Scalar::Date => Datum::Date(datum::date(text)?),
    })
}
