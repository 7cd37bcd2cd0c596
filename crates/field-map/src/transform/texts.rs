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

/// The elements of a set with separators between them, if they can be told apart again.
pub(super) fn unset<'a>(parts: Vec<Datum<'a>>, separator: &str) -> Result<Datum<'a>, Problem> {
    let separable = |part: &Datum<'_>| match part {
        Datum::Null => false,
        Datum::Text(text) => {
            !text.contains(separator) && !text.is_empty() && text.trim() == text.as_ref()
        }
        _ => true,
    };
    if !parts.iter().all(separable) {
        return Err(Problem::NotSeparable {
            separator: separator.to_owned(),
        });
    }
    if parts.is_empty() {
        // Not null: that would say that there is no set.
        return Ok(text(String::new()));
    }
    join(parts, separator)
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
    let text = text.trim();
    let digits = text.bytes().all(|one| one.is_ascii_digit());
    formats
        .iter()
        .find_map(|format| {
            let date = NaiveDate::parse_from_str(text, format).ok()?;
            // Without separators, "2026111" is the 1st of November or the 11th of January.
            (!digits || date.format(format).to_string() == text).then_some(date)
        })
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

/// Whether a character separates groups. A space of one kind is as good as another: what looks like
/// a space in a file is often one that does not break.
fn is_group(one: char, group: Option<char>) -> bool {
    group.is_some_and(|group| one == group || group.is_whitespace() && one.is_whitespace())
}

pub(super) fn parse_number(
    text: &str,
    decimal: char,
    group: Option<char>,
) -> Result<Datum<'static>, Problem> {
    let mut digits = String::with_capacity(text.len());
    // How many digits stand after the last separator of groups.
    let mut in_group = None;
    let whole = |in_group: Option<u32>| in_group.is_none_or(|digits| digits == 3);
    let mut fraction = false;
    for one in text.trim().chars() {
        if one == decimal && !fraction && whole(in_group) {
            fraction = true;
            in_group = None;
            digits.push('.');
        } else if is_group(one, group) && !fraction && whole(in_group) {
            // "1.000" is a thousand or one, by what the profile says; but "12.50" is no number
            // whose groups are separated by dots.
            in_group = Some(0);
        } else if one.is_ascii_digit() || one == '-' && digits.is_empty() {
            in_group = in_group.map(|digits| digits + 1);
            digits.push(one);
        } else {
            return Err(Problem::NotANumber);
        }
    }
    if !whole(in_group) {
        return Err(Problem::NotANumber);
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
