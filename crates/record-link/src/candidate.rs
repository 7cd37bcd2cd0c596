//! Two records that may be one.

use serde::{Deserialize, Serialize};

use crate::identity::{RecordKey, Sides};

/// Two records that may be one, as a matcher proposes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Candidate {
    /// The records.
    pub keys: Sides<RecordKey>,
    /// The probability that they are one, in thousandths.
    pub per_mille: u16,
    /// Whether it is certain: the same verified identifier. Only such pairs are ever linked without
    /// a person.
    pub is_certain: bool,
}

impl Candidate {
    /// A pair that may be one, with this probability in thousandths.
    pub fn likely(keys: Sides<RecordKey>, per_mille: u16) -> Self {
        Self {
            keys,
            per_mille: per_mille.min(1000),
            is_certain: false,
        }
    }

    /// A pair with the same verified identifier.
    pub fn certain(keys: Sides<RecordKey>) -> Self {
        Self {
            keys,
            per_mille: 1000,
            is_certain: true,
        }
    }
}
