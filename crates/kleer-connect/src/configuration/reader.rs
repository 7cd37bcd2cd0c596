//! Reads values of a TOML text and collects what is wrong with them, each with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigurationProblem;

/// A value and where it stands.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A text and where its lines begin.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(newlines).collect(),
        }
    }

    pub(super) fn problem(&self, at: usize, message: String) -> ConfigurationProblem {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..at).unwrap_or_default();
        ConfigurationProblem {
            line,
            column: before.chars().count() + 1,
            message,
        }
    }
}

/// The name among `known` that was perhaps meant.
pub(super) fn suggestion<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1 + candidate.len() / 4 && *distance < candidate.chars().count()
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be changed, added or taken away. Case, and `_` for `-`, count little.
fn distance(one: &str, other: &str) -> usize {
    if one.len().abs_diff(other.len()) > 8 || one.len() > 100 {
        return usize::MAX;
    }
    let fold =
        |text: &str| -> Vec<char> { text.to_lowercase().replace('_', "-").chars().collect() };
    let (one, other) = (fold(one), fold(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (index, found) in other.iter().enumerate() {
            let changed = diagonal + usize::from(found != letter);
            diagonal = row[index + 1];
            row[index + 1] = changed.min(row[index] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// What is read, and what is wrong with it.
pub(super) struct Reader<'t> {
    lines: Lines<'t>,
    pub(super) problems: Vec<ConfigurationProblem>,
}

impl<'t> Reader<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            lines: Lines::of(text),
            problems: Vec::new(),
        }
    }

    pub(super) fn problem(&mut self, at: usize, message: impl Into<String>) {
        let problem = self.lines.problem(at, message.into());
        self.problems.push(problem);
    }

    /// The value is of another type than it has to be. What it says is not shown.
    pub(super) fn wrong(&mut self, value: &Value<'_>, what: &str, expected: &str) {
        let found = name(value.get_ref());
        self.problem(
            value.span().start,
            format!("`{what}` takes {expected}, not {found}"),
        );
    }

    pub(super) fn table<'v, 'd>(
        &mut self,
        value: &'v Value<'d>,
        what: &str,
    ) -> Option<&'v DeTable<'d>> {
        if let DeValue::Table(table) = value.get_ref() {
            Some(table)
        } else {
            self.wrong(value, what, "a table");
            None
        }
    }

    /// Tells of keys that a table does not have.
    pub(super) fn only(&mut self, table: &DeTable<'_>, what: &str, keys: &[&str]) {
        for key in table.keys() {
            let name: &str = key.get_ref();
            if keys.contains(&name) {
                continue;
            }
            let hint = suggestion(name, keys.iter().copied())
                .map(|known| format!("; did you mean `{known}`?"))
                .unwrap_or_else(|| format!("; it has {}", quoted(keys)));
            let name: String = name.chars().take(100).collect();
            self.problem(
                key.span().start,
                format!("{what} has no key `{name}`{hint}"),
            );
        }
    }

    pub(super) fn text(&mut self, value: &Value<'_>, what: &str) -> Option<String> {
        let DeValue::String(text) = value.get_ref() else {
            self.wrong(value, what, "a text");
            return None;
        };
        if text.trim().is_empty() {
            self.problem(
                value.span().start,
                format!("`{what}` is empty; write it, or leave it out"),
            );
            return None;
        }
        Some(text.clone().into_owned())
    }

    /// A whole number within a range.
    pub(super) fn whole<T: TryFrom<i64> + std::fmt::Display + PartialOrd>(
        &mut self,
        value: &Value<'_>,
        what: &str,
        (least, most): (T, T),
    ) -> Option<T> {
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong(value, what, "a whole number");
            return None;
        };
        let digits = number.as_str().replace('_', "");
        let number = i64::from_str_radix(&digits, number.radix()).ok();
        let number = number.and_then(|number| T::try_from(number).ok());
        let found = number.filter(|number| *number >= least && *number <= most);
        if found.is_none() {
            let message = format!("`{what}` takes a whole number from {least} to {most}");
            self.problem(value.span().start, message);
        }
        found
    }

    /// One of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        value: &Value<'_>,
        what: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(value, what)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let hint = suggestion(&text, known.iter().copied())
                .map(|known| format!("; did you mean `{known}`?"))
                .unwrap_or_default();
            let message = format!("`{what}` is one of {}{hint}", quoted(&known));
            self.problem(value.span().start, message);
        }
        found.map(|(_, value)| *value)
    }

    pub(super) fn missing(&mut self, place: &Range<usize>, what: &str, key: &str, example: &str) {
        let message = format!("{what} has no `{key}`; write `{example}`");
        self.problem(place.start, message);
    }
}

pub(super) fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
