//! What people have decided about pairs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether two records are the same, as a person has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They are. Both leave the competition, and the pair teaches the model.
    Confirmed,
    /// They are not. The pair is never proposed again.
    Rejected,
}

/// A verdict about one pair. Decisions about records that are not there are ignored.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// Key of the left record.
    pub left: String,
    /// Key of the right record.
    pub right: String,
    /// What was decided.
    pub verdict: Verdict,
}

impl Decision {
    /// The two are the same.
    pub fn confirmed(left: impl Into<String>, right: impl Into<String>) -> Self {
        Self {
            left: left.into(),
            right: right.into(),
            verdict: Verdict::Confirmed,
        }
    }

    /// The two are not the same.
    pub fn rejected(left: impl Into<String>, right: impl Into<String>) -> Self {
        Self {
            left: left.into(),
            right: right.into(),
            verdict: Verdict::Rejected,
        }
    }
}

/// Without the keys, which may be numbers of persons.
impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}
