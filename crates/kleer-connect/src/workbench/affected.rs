//! What is to be done, as it is shown before it is done.

use flat_record::{FieldName, Sensitivity, Value};
use record_link::{
    Action, Decision, Digest, Finding, FindingKind, Operation, Plan, PlanError, RecordKey,
    Resolution, Sides, Step, Trip, Verdict, Which,
};
use serde::Serialize;

use super::Picture;

/// What is to be done, and what is not, and why: to be shown before it is carried out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Work {
    /// The operations that were chosen. Its findings are those of everything.
    pub plan: Plan,
    /// The decisions that are carried out with it.
    pub decisions: Vec<Decision>,
    /// The records that were chosen and are left alone: the side, the key, and why.
    pub withheld: Vec<(Which, RecordKey, Vec<String>)>,
    /// The records that were chosen and are in order.
    pub(super) sound: Vec<(Which, RecordKey)>,
}

/// One record, and what is to be done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Affected {
    /// The word for what is to be done: `create`, `update`, `link`, `unlink`, ..., or `conflict`
    /// and `held` for what waits for somebody.
    pub action: &'static str,
    /// The side that is written to, if one is.
    pub on: Option<Which>,
    /// The records.
    pub keys: Sides<Option<RecordKey>>,
    /// The fields that change, or that somebody has to decide about.
    pub fields: Vec<AffectedField>,
}

/// One field of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct AffectedField {
    /// The field.
    pub field: FieldName,
    /// How much it says about a person.
    pub sensitivity: Sensitivity,
    /// What is there, on the side that is written to; of a conflict, on the left side.
    pub is: Option<Value>,
    /// What is to be there; of a conflict, what the right side says.
    pub becomes: Option<Value>,
}

impl Work {
    /// Whether there is nothing to do, nor anything to remember.
    pub fn is_empty(&self) -> bool {
        let stands =
            |one: &Decision| matches!(one.action, Action::Reject | Action::DoNothing { .. });
        self.plan.operations.is_empty() && !self.decisions.iter().any(stands)
    }

    /// What a guard rail noticed, if it stopped the plan.
    pub fn stopped_by(&self) -> &[Trip] {
        match &self.plan.verdict {
            Verdict::Quarantined { trips } => trips,
            _ => &[],
        }
    }

    /// Lets it pass the guard rail, on the word of somebody who saw the plan with this digest.
    ///
    /// # Errors
    /// When it was another plan that was approved.
    pub fn approve(&mut self, digest: Digest) -> Result<(), PlanError> {
        self.plan.approve(digest)
    }

    /// The records that something is done with or that wait for somebody, and their fields.
    pub fn affected(&self, picture: &Picture) -> Vec<Affected> {
        let class = |name: &str| {
            let field = picture.snapshots.left.fields().get(name);
            field.map_or(Sensitivity::Sensitive, |field| field.sensitivity)
        };
        let done = self
            .plan
            .operations
            .iter()
            .filter_map(|one| affected_by(one, &class));
        let waiting = self.plan.findings.iter().filter_map(waiting);
        done.chain(waiting).collect()
    }
}

fn affected_by(operation: &Operation, class: &dyn Fn(&str) -> Sensitivity) -> Option<Affected> {
    let field = |field: &FieldName, is: Option<&Value>, becomes: &Value| AffectedField {
        field: field.clone(),
        sensitivity: class(field),
        is: is.cloned(),
        becomes: Some(becomes.clone()),
    };
    let fields = match &operation.step {
        Step::Create { values, .. } => {
            let said = values.iter().filter(|(_, value)| !value.is_null());
            said.map(|(name, value)| field(name, None, value)).collect()
        }
        Step::Update { changes, .. } => {
            let all = changes.iter();
            all.map(|one| field(&one.field, Some(&one.was), &one.to))
                .collect()
        }
        // Notes of ours, which nobody needs to be asked about.
        Step::Agree { .. } | Step::Note { .. } => return None,
        _ => Vec::new(),
    };
    Some(Affected {
        action: operation.step.as_str(),
        on: operation.step.writes_on(),
        keys: operation.keys.clone(),
        fields,
    })
}

fn waiting(finding: &Finding) -> Option<Affected> {
    let action = match finding.what {
        FindingKind::Conflict => "conflict",
        FindingKind::Held => "held",
        FindingKind::Drift => "drift",
        FindingKind::Blocked { .. } => "blocked",
        _ => return None,
    };
    let waits = |resolution: &Resolution| {
        matches!(resolution, Resolution::Ask | Resolution::Held { .. }) || action == "drift"
    };
    let fields = finding.fields.iter().filter(|one| waits(&one.resolution));
    let fields = fields.map(|one| AffectedField {
        field: one.field.clone(),
        sensitivity: one.sensitivity,
        is: one.values.left.clone(),
        becomes: one.values.right.clone(),
    });
    Some(Affected {
        action,
        on: None,
        keys: finding.keys.clone(),
        fields: fields.collect(),
    })
}
