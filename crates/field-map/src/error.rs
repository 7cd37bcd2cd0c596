//! What is wrong with a profile, or with a document that is mapped.

use std::fmt;

use flat_record::{RecordError, ValueKind};
use thiserror::Error;

use crate::path::PathProblem;

/// A profile that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", summary(.profile.as_deref(), .problems))]
#[non_exhaustive]
pub struct ProfileError {
    /// The profile's name, if it could be read.
    pub profile: Option<String>,
    /// What is wrong, in the order of the text. Never empty.
    pub problems: Vec<ProfileProblem>,
}

fn summary(profile: Option<&str>, problems: &[ProfileProblem]) -> String {
    let mut text = match profile {
        Some(profile) => format!("the profile `{profile}` cannot be used:"),
        None => "the profile cannot be used:".to_owned(),
    };
    for problem in problems {
        text.push_str("\n  ");
        text.push_str(&problem.to_string());
    }
    text
}

/// One thing that is wrong with a profile, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileProblem {
    /// The line, counted from 1; 0 for a profile that has no text.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The row of the profile, counted from 1, and the field that it fills.
    pub row: Option<(usize, String)>,
    /// What it is.
    pub kind: ProfileProblemKind,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if let Some((row, target)) = &self.row {
            write!(f, ", row {row} ({target})")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// What kind of thing is wrong with a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProfileProblemKind {
    /// The text is not TOML, or not JSON.
    Syntax,
    /// A key that no profile has.
    UnknownKey,
    /// A key that must be there is not.
    MissingKey,
    /// A value of another kind than the key takes, or one that it does not take.
    Value,
    /// A path that is none.
    Path,
    /// Paths that are named in a circle.
    Cycle,
    /// A field that the target does not have.
    UnknownField,
    /// A setting, table or function that nobody defines.
    UnknownName,
    /// A transform does not fit what comes before it, or the field what comes after it.
    Kind,
    /// A row that is to be used both ways cannot be reversed.
    Irreversible,
    /// A row that can never be reached, because one before it always is.
    Unreachable,
    /// Two things of one name.
    Duplicate,
}

/// A document that could not be mapped, with everything that is wrong with it.
#[derive(Clone, PartialEq, Eq, Error)]
#[error("{}", mapping_summary(.profile, .record.as_deref(), .failures))]
#[non_exhaustive]
pub struct MappingError {
    /// The profile's name.
    pub profile: String,
    /// Which record, as the caller named it.
    pub record: Option<String>,
    /// What is wrong, by row. Never empty.
    pub failures: Vec<Failure>,
}

fn mapping_summary(profile: &str, record: Option<&str>, failures: &[Failure]) -> String {
    let mut text = match record {
        Some(record) => format!("record {record} does not fit the profile `{profile}`:"),
        None => format!("a record does not fit the profile `{profile}`:"),
    };
    for failure in failures {
        text.push_str("\n  ");
        text.push_str(&failure.to_string());
    }
    text
}

impl fmt::Debug for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a row did not fill its field. It holds no value of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The row of the profile, counted from 1.
    pub row: usize,
    /// The field that it fills.
    pub target: String,
    /// Where it reads, or on import writes.
    pub source: String,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "row {} ({} <- {}): {}",
            self.row, self.target, self.source, self.problem
        )
    }
}

/// What is wrong with a value. It never holds the value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// A required value is not there.
    #[error("there is no value, and one is required; add it, or give the row a default")]
    Missing,
    /// The document is not shaped as the path says.
    #[error(transparent)]
    Path(Box<PathProblem>),
    /// An object stands where a value is expected.
    #[error("an object stands there; name one of its keys in the path")]
    Object,
    /// A value that the field does not take.
    #[error("the field takes {expected}, not {found}; convert it with a transform")]
    Kind {
        /// What the field takes.
        expected: ValueKind,
        /// What came out of the row.
        found: &'static str,
    },
    /// A value that a transform does not take.
    #[error("`{transform}` takes no value that is {found}")]
    Transform {
        /// The transform.
        transform: &'static str,
        /// What it was given.
        found: &'static str,
    },
    /// A number with a fraction where a whole one is expected.
    #[error("the number is not whole, or too large; scale or round it in the profile")]
    NotWhole,
    /// A number that cannot be held exactly.
    #[error("the number cannot be held exactly: it has more than 28 digits, or is too large")]
    Number,
    /// A text that is no number.
    #[error("the text is no number as the profile describes it")]
    NotANumber,
    /// A text that is neither `true` nor `false`.
    #[error("the text is neither `true` nor `false`")]
    NotAFlag,
    /// A number that the way back does not divide evenly.
    #[error("the number cannot be divided by {by} without a remainder")]
    NotDivisible {
        /// The factor of the transform.
        by: String,
    },
    /// A text that is no date of the formats of the profile.
    #[error("the text is no date of the format `{expected}`; add its format to the profile")]
    Date {
        /// The formats.
        expected: String,
    },
    /// A text that is no timestamp.
    #[error("the text is no timestamp like `2026-11-20T08:00:00+01:00`")]
    Timestamp,
    /// A timestamp whose time is not midnight, so that its date depends on the time zone.
    #[error(
        "the timestamp is not at midnight, so its date depends on the time zone; if the date as written is meant, say `ignore-time` in the profile"
    )]
    NotMidnight,
    /// A text that the table does not have.
    #[error("the table `{table}` does not have the value; add it to the table")]
    NotInTable {
        /// The table.
        table: String,
    },
    /// A text without the prefix that it should have.
    #[error("the text does not begin with {prefix:?}")]
    NoPrefix {
        /// The prefix.
        prefix: String,
    },
    /// An element of a set that could not be told apart from the others again.
    #[error(
        "an element of the set is empty, has white space at its ends, or contains the separator {separator:?}; write the set as a list, or choose another separator"
    )]
    NotSeparable {
        /// The separator.
        separator: String,
    },
    /// A text that is no such identifier.
    #[error("the text is no valid {identifier}: {why}")]
    Identifier {
        /// The kind of identifier.
        identifier: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A function of the app refused the value.
    #[error("`{function}`: {why}")]
    Function {
        /// The function.
        function: String,
        /// What it says.
        why: String,
    },
    /// The record does not take a value: a mistake of this crate.
    #[error(transparent)]
    Record(RecordError),
    /// Two rows write different values to the same place of the document.
    #[error("row {other} writes another value to the same place; let one of them apply at a time")]
    Contradicts {
        /// The other row.
        other: usize,
    },
}

impl From<PathProblem> for Problem {
    fn from(problem: PathProblem) -> Self {
        Self::Path(Box::new(problem))
    }
}
