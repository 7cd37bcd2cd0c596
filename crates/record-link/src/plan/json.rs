//! A plan as JSON, and its digest.

use super::{Digest, Operation, Plan, PlanError};
use crate::hash;
use crate::identity::ConnectionId;

impl Digest {
    /// The digest of what a plan does.
    pub(crate) fn of(
        connection: &ConnectionId,
        kind: &flat_record::Kind,
        operations: &[Operation],
    ) -> Result<Self, PlanError> {
        let operations = serde_json::to_vec(operations).map_err(|_| PlanError::NoJson)?;
        Ok(Self(hash::of_parts([
            connection.as_str().as_bytes(),
            kind.as_bytes(),
            &operations,
        ])))
    }
}

impl Plan {
    /// The plan as JSON. It holds the values that are to be written: personal data.
    ///
    /// # Errors
    /// When a value cannot be written, as a timestamp in the year 10000.
    pub fn to_json(&self) -> Result<String, PlanError> {
        serde_json::to_string_pretty(self).map_err(|_| PlanError::NoJson)
    }

    /// Reads a plan that [`to_json`](Self::to_json) wrote, and [checks](Self::check) it.
    ///
    /// # Errors
    /// When it is not the JSON of a plan, or was edited into one that does not hold together.
    pub fn from_json(json: &str) -> Result<Self, PlanError> {
        let plan: Self = serde_json::from_str(json).map_err(|error| PlanError::NotAPlan {
            line: error.line(),
            column: error.column(),
        })?;
        plan.check()?;
        Ok(plan)
    }
}
