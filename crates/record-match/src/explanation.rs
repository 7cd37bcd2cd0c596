//! Why a pair is proposed, so that a payroll clerk can check it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{kind::FieldKind, level::Level, model::probability};

/// Why two records are held to be the same, or not.
///
/// Plain data that holds no value of a record, so that it can be stored with a decision. `Display`
/// writes it as text, a line for each comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Explanation {
    /// What led to the band.
    pub reason: Reason,
    /// What each comparison says, in the order of the comparisons.
    pub evidence: Vec<Evidence>,
    /// Where the score starts, in bits: how rare it is that two records drawn blindly are the same.
    pub prior_bits: f64,
    /// What is taken off because two of one household would agree as well; never above 0.
    pub household_bits: f64,
    /// The score: prior, household and evidence together.
    pub total_bits: f64,
    /// The best score that either record has with anybody else.
    pub runner_up: Option<RunnerUp>,
    /// What speaks against linking without a look, however high the score is.
    pub cautions: Vec<Caution>,
}

/// What led to the band.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// A person has confirmed it.
    Confirmed,
    /// Both have the same value of this key, and nobody else has it.
    Key {
        /// The comparison's name.
        comparison: String,
    },
    /// The score.
    Score,
}

/// What one comparison says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The comparison's name.
    pub comparison: String,
    /// What the field holds.
    pub kind: FieldKind,
    /// How well the two values agree.
    pub level: Level,
    /// What that counts, in bits: 1 doubles the odds, -1 halves them.
    pub bits: f64,
    /// How common the value is, where the two are equal.
    pub frequency: Option<Frequency>,
}

/// How many records of both sides have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Frequency {
    /// Records that have this value.
    pub records: u64,
    /// Records that have any value.
    pub of: u64,
}

/// The next best partner of either record.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunnerUp {
    /// Its score in bits, on the same scale as the pair's own.
    pub bits: f64,
    /// Which record of the pair it would take; it stands on the other side.
    pub rival_of: crate::Side,
}

/// What speaks against linking without a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Caution {
    /// Not all records of a side were given: another one may have the same key.
    IncompleteSide(crate::Side),
    /// A verified key that both have differs.
    KeyDiffers {
        /// The comparison's name.
        comparison: String,
    },
    /// A key agrees and everything else differs.
    EverythingElseDiffers,
    /// A key agrees and nothing else that belongs to one alone does: as where the number of a wife,
    /// or of the parent company, was filled in.
    OwnFieldsDiffer,
    /// Another record has another verified key of one of the two.
    AnotherKeyElsewhere,
    /// Several records of one side have this key.
    KeyNotUnique,
    /// Another pair is as good, or almost.
    Tie,
}

impl Explanation {
    /// How probable it is that the two are the same, by the score alone.
    pub fn probability(&self) -> f64 {
        probability(self.total_bits)
    }
}

/// A line for each thing that counts, strongest first would hide the order of the form: fields stay
/// in the order of the comparisons.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Confirmed => writeln!(f, "Confirmed by a person.")?,
            Reason::Key { comparison } => {
                writeln!(
                    f,
                    "Both have the same {}, and nobody else has it.",
                    words(comparison)
                )?;
            }
            Reason::Score => writeln!(f, "{}", likelihood(self.total_bits))?,
        }
        for evidence in &self.evidence {
            write!(
                f,
                "  {}: {}",
                words(&evidence.comparison),
                evidence.kind.describe(evidence.level)
            )?;
            if let Some(Frequency { records, of }) = evidence.frequency {
                write!(
                    f,
                    " ({} of {} records have it)",
                    thousands(records),
                    thousands(of)
                )?;
            }
            if evidence.level == Level::Missing {
                writeln!(f)?;
            } else {
                writeln!(f, ", {:+.1}", evidence.bits)?;
            }
        }
        writeln!(f, "  before looking, {:+.1}", self.prior_bits)?;
        if self.household_bits < -0.05 {
            writeln!(
                f,
                "  could be two of one household or group, {:+.1}",
                self.household_bits
            )?;
        }
        write!(f, "  together {:+.1}", self.total_bits)?;
        if let Some(runner_up) = self.runner_up {
            write!(
                f,
                "; the next best pair with one of the two has {:+.1}",
                runner_up.bits
            )?;
        }
        for caution in &self.cautions {
            write!(f, "\n  Look: {caution}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IncompleteSide(side) => write!(
                f,
                "not all records of the {side} side were there, another one may have the same key"
            ),
            Self::KeyDiffers { comparison } => write!(f, "{} differs", words(comparison)),
            Self::EverythingElseDiffers => f.write_str("everything else differs"),
            Self::OwnFieldsDiffer => {
                f.write_str("the rest is what a household or group may share, or differs")
            }
            Self::AnotherKeyElsewhere => {
                f.write_str("another record has another key of one of the two")
            }
            Self::KeyNotUnique => f.write_str("several records of one side have this key"),
            Self::Tie => f.write_str("another pair is as good, or almost"),
        }
    }
}

/// Field names as people read them.
fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn likelihood(bits: f64) -> String {
    let probability = 100.0 * probability(bits);
    match probability {
        p if p >= 99.95 => "More than 99.9 % likely to be the same.".to_owned(),
        p if p >= 99.0 => format!("{p:.1} % likely to be the same."),
        p if p >= 1.0 => format!("{p:.0} % likely to be the same."),
        _ => "Less than 1 % likely to be the same.".to_owned(),
    }
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
