//! What matching found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    explanation::Explanation, memory::Memory, model::Model, pairs::blocked, population::Side,
};

/// What may be done with a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Too little speaks for it.
    No,
    /// Show it to a person.
    Suggest,
    /// Link it.
    Auto,
}

impl Band {
    /// The name in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Suggest => "suggest",
            Self::Auto => "auto",
        }
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A pair that may be the same. Plain data: whoever plans links or creates takes it from here.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candidate {
    /// Key of the left record.
    pub left: String,
    /// Key of the right record.
    pub right: String,
    /// Score in bits: log2 of the odds that the two are the same.
    pub score: f64,
    /// By how many bits everything gets worse if this pair is not taken; 0 is a tie.
    pub margin: f64,
    /// What may be done with it.
    pub band: Band,
    /// Why.
    pub explanation: Explanation,
}

impl Candidate {
    /// How probable it is that the two are the same, by the score alone.
    pub fn probability(&self) -> f64 {
        self.explanation.probability()
    }
}

/// Without the keys, which may be numbers of persons.
impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            left: _,
            right: _,
            score,
            margin,
            band,
            explanation: _,
        } = self;
        f.debug_struct("Candidate")
            .field("band", band)
            .field("score", score)
            .field("margin", margin)
            .finish_non_exhaustive()
    }
}

/// Records of one side that look like one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Duplicates {
    /// The side that has them.
    pub side: Side,
    /// Their keys, ascending.
    pub keys: Vec<String>,
    /// Why.
    pub reason: DuplicateReason,
}

/// Why records of one side look like one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DuplicateReason {
    /// They have the same verified key.
    Key {
        /// The comparison's name.
        comparison: String,
    },
    /// They are all likely to be the same as one record of the other side.
    SamePartner {
        /// That record's key.
        partner: String,
    },
    /// They resemble each other, as [`Matcher::duplicates`](crate::Matcher::duplicates) found.
    Score,
}

/// Without the keys, which may be numbers of persons.
impl fmt::Debug for Duplicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Duplicates")
            .field("side", &self.side)
            .field("records", &self.keys.len())
            .finish_non_exhaustive()
    }
}

/// Something that was capped or could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// Values that were too long to be compared in full.
    LongValues {
        /// The comparison's name.
        comparison: String,
        /// How many.
        values: u64,
    },
    /// Values that could not be read as what the field should hold; they count as missing.
    UnreadableValues {
        /// The comparison's name.
        comparison: String,
        /// How many.
        values: u64,
    },
    /// A field that no record of a side has: the comparison says nothing.
    EmptyField {
        /// The comparison's name.
        comparison: String,
        /// The side.
        side: Side,
    },
    /// Records with so many possible partners that only the best were kept.
    CrowdedRecords {
        /// How many records.
        records: u64,
    },
    /// Records with so many contested pairs that only the best are listed.
    ManyChoices {
        /// How many left records.
        records: u64,
    },
    /// Values with so many similar ones that only the best were kept.
    CrowdedValues {
        /// How many values.
        values: u64,
    },
    /// Values that so many records have that blocking did not look for partners by them.
    CommonValues {
        /// How many values.
        values: u64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongValues { comparison, values } => write!(
                f,
                "{comparison}: {values} values are longer than 200 characters; the rest was compared only for equality"
            ),
            Self::UnreadableValues { comparison, values } => write!(
                f,
                "{comparison}: {values} values could not be read as such and count as missing; check the field's kind"
            ),
            Self::EmptyField { comparison, side } => {
                write!(f, "{comparison}: no record of the {side} side has a value")
            }
            Self::CrowdedRecords { records } => write!(
                f,
                "{records} records have more than 64 possible partners, of which the best were kept; add a field that tells them apart"
            ),
            Self::ManyChoices { records } => write!(
                f,
                "{records} left records have more than 4 partners that are likely alike, of which the first are listed; look for duplicates within each side first"
            ),
            Self::CrowdedValues { values } => write!(
                f,
                "{values} values have more than 1,024 similar ones, of which the best were kept"
            ),
            Self::CommonValues { values } => write!(
                f,
                "{values} values or combinations are too common to look for partners by them; partners that share nothing rarer were not looked at"
            ),
        }
    }
}

/// How the work was done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Records of the left side.
    pub left: usize,
    /// Records of the right side.
    pub right: usize,
    /// Records that were new or changed since what is remembered, on both sides.
    pub changed: usize,
    /// Pairs that could be the same and got a score.
    pub scored: usize,
    /// Pairs of distinct values (or of records, when blocked) that were compared.
    pub compared: u64,
    /// What blocking did; nothing if every pair was looked at.
    pub blocking: Option<blocked::Report>,
}

/// What matching found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// One to one: no record is in two of them. By left key.
    pub candidates: Vec<Candidate>,
    /// Likely pairs that were not accepted because another is as good, or because a verified key
    /// stands on several records: somebody must choose. By left key, then right key.
    pub contested: Vec<Candidate>,
    /// Records of one side that look like one.
    pub duplicates: Vec<Duplicates>,
    /// What was capped or could not be used.
    pub warnings: Vec<Warning>,
    /// How the work was done.
    pub statistics: Statistics,
    /// The weights that were used.
    pub model: Model,
    /// What the next run can start from.
    pub memory: Memory,
}
