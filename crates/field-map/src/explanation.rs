//! What became of each row of a profile, for one document.

use std::borrow::Cow;
use std::fmt;

use flat_record::{Record, Sensitivity, Value};

use crate::error::Failure;
use crate::mapper::{Input, Mapper, Off};

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It filled the field, from this one of its sources.
    Filled { from: usize },
    /// Its default filled the field.
    Default,
    /// A row before it filled the field.
    AlreadyFilled,
    /// Its condition does not hold.
    NotApplicable,
    /// The document has no value.
    Missing,
    /// See the failures.
    Failed,
    /// It is not used on this connection.
    Off,
}

/// A record, and for each row of the profile: which value from where, or why not.
///
/// It costs little to make, since it is rendered only when somebody asks.
#[derive(Clone)]
pub struct Explanation<'a> {
    pub(crate) mapper: &'a Mapper,
    pub(crate) record: Record,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) failures: Vec<Failure>,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowExplanation {
    /// The row of the profile, counted from 1.
    pub row: usize,
    /// The field.
    pub target: String,
    /// How much the field says about a person.
    pub class: Sensitivity,
    /// What became of it.
    pub outcome: RowOutcome,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowOutcome {
    /// It filled the field.
    Filled {
        /// The path that the value is from.
        from: String,
    },
    /// Its default filled the field, since the document has no value there.
    Default {
        /// The path.
        from: String,
    },
    /// A row before it filled the field.
    AlreadyFilled,
    /// Its condition does not hold.
    NotApplicable,
    /// The document has no value there, and the field was left as it is.
    Missing {
        /// The path.
        from: String,
    },
    /// It failed.
    Failed(Failure),
    /// The connection leaves out fields of its class.
    DroppedClass,
    /// A setting switches it off.
    SwitchedOff,
}

impl<'a> Explanation<'a> {
    /// The record; without the fields whose rows failed.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The rows that failed.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// What became of each row that exports, in the profile's order.
    pub fn rows(&self) -> impl Iterator<Item = RowExplanation> + use<'_, 'a> {
        self.mapper
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.exports)
            .map(|(index, row)| RowExplanation {
                row: row.number,
                target: row.target.clone(),
                class: row.class,
                outcome: self.outcome(index),
            })
    }

    fn outcome(&self, index: usize) -> RowOutcome {
        let row = &self.mapper.rows[index];
        match (self.outcomes[index], row.off) {
            (_, Some(Off::Class(_))) => RowOutcome::DroppedClass,
            (_, Some(Off::Setting)) | (Outcome::Off, None) => RowOutcome::SwitchedOff,
            (Outcome::Filled { from }, None) => RowOutcome::Filled {
                from: self.source(index, from),
            },
            (Outcome::Default, None) => RowOutcome::Default {
                from: row.source.clone(),
            },
            (Outcome::AlreadyFilled, None) => RowOutcome::AlreadyFilled,
            (Outcome::NotApplicable, None) => RowOutcome::NotApplicable,
            (Outcome::Missing, None) => RowOutcome::Missing {
                from: row.source.clone(),
            },
            (Outcome::Failed, None) => self
                .failures
                .iter()
                .find(|failure| failure.row == row.number)
                .map_or(RowOutcome::NotApplicable, |failure| {
                    RowOutcome::Failed(failure.clone())
                }),
        }
    }

    fn source(&self, index: usize, from: usize) -> String {
        let exports = &self.mapper.exports;
        let input = exports
            .iter()
            .find(|export| export.row == index)
            .map(|export| &export.input);
        match input {
            Some(Input::FirstOf(places)) if from > 0 => places
                .get(from)
                .map(|place| self.mapper.paths.path(*place).to_string())
                .unwrap_or_default(),
            _ => self.mapper.rows[index].source.clone(),
        }
    }

    /// As text, a line for each row, with the values of fields up to a class of sensitivity.
    pub fn render(&self, up_to: Sensitivity) -> String {
        let mut text = String::new();
        for row in self.rows() {
            // Writing to a text cannot fail.
            let _ = self.render_row(&row, up_to, &mut text);
        }
        text
    }

    fn write_value(
        &self,
        row: &RowExplanation,
        up_to: Sensitivity,
        f: &mut impl fmt::Write,
    ) -> fmt::Result {
        match self.record.get(&row.target) {
            Some(value) if row.class <= up_to => f.write_str(&shown(value)),
            _ => f.write_str("(not shown)"),
        }
    }

    fn render_row(
        &self,
        row: &RowExplanation,
        up_to: Sensitivity,
        f: &mut impl fmt::Write,
    ) -> fmt::Result {
        write!(f, "{}: ", row.target)?;
        match &row.outcome {
            RowOutcome::Filled { from } => {
                self.write_value(row, up_to, f)?;
                writeln!(f, ", from {from}")
            }
            RowOutcome::Default { from } => {
                self.write_value(row, up_to, f)?;
                writeln!(f, ", the row's default, since there is nothing in {from}")
            }
            RowOutcome::AlreadyFilled => {
                writeln!(f, "row {} not used, filled by a row before it", row.row)
            }
            RowOutcome::NotApplicable => {
                writeln!(f, "row {} not used, its condition does not hold", row.row)
            }
            RowOutcome::Missing { from } => writeln!(f, "left as it is, nothing in {from}"),
            RowOutcome::Failed(failure) => writeln!(f, "failed, {failure}"),
            RowOutcome::DroppedClass => {
                writeln!(
                    f,
                    "left out, as this connection drops what is {}",
                    class(row.class)
                )
            }
            RowOutcome::SwitchedOff => {
                writeln!(f, "row {} not used, switched off by a setting", row.row)
            }
        }
    }
}

/// What the values are worth seeing for: a text that is empty is said to be.
pub(crate) fn shown(value: &Value) -> Cow<'static, str> {
    match value {
        Value::Null => Cow::Borrowed("nothing"),
        Value::Text(text) if text.is_empty() => Cow::Borrowed("an empty text"),
        Value::Text(text) => Cow::Owned(text.as_str().to_owned()),
        Value::Bool(flag) => Cow::Borrowed(if *flag { "yes" } else { "no" }),
        Value::Integer(integer) => Cow::Owned(integer.to_string()),
        Value::Decimal(decimal) => Cow::Owned(decimal.to_string()),
        Value::Date(date) => Cow::Owned(date.to_string()),
        Value::Timestamp(timestamp) => Cow::Owned(timestamp.to_rfc3339()),
        Value::Reference(reference) => {
            Cow::Owned(format!("{} {}", reference.kind, reference.key.as_str()))
        }
        Value::List(values) => {
            let all: Vec<_> = values.iter().map(shown).collect();
            Cow::Owned(all.join(", "))
        }
        Value::Set(values) => {
            let all: Vec<_> = values.iter().map(shown).collect();
            Cow::Owned(all.join(", "))
        }
    }
}

pub(crate) fn class(class: Sensitivity) -> &'static str {
    match class {
        Sensitivity::Public => "public",
        Sensitivity::Internal => "internal",
        Sensitivity::Sensitive => "sensitive",
        _ => "personal",
    }
}

/// Without values that say something about a person.
impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Sensitivity::Internal))
    }
}

impl fmt::Debug for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("profile", &self.mapper.profile)
            .field("outcomes", &self.outcomes)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}
