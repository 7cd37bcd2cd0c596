//! Whether a plan holds together: it may have been stored, sent and edited since it was made.

use std::collections::BTreeSet;

use flat_record::FieldName;

use super::{Digest, Operation, OperationId, Plan, Step};
use crate::identity::Which;
use crate::policy::{Permission, Policy};

/// A plan that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The text is not the JSON of a plan.
    #[error("line {line}, column {column} is not the JSON of a plan: make the plan anew")]
    NotAPlan {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// A value of the plan has no JSON form, as a timestamp in the year 10000.
    #[error("a value of the plan has no JSON form: correct the record that it comes from")]
    NoJson,
    /// The operations are not those that the digest was made of.
    #[error(
        "the plan was edited: its operations make digest {found}, not {stated}; select operations \
         with `Plan::select`, or make the plan anew"
    )]
    Edited {
        /// The digest that the plan states.
        stated: Digest,
        /// The digest that its operations make.
        found: Digest,
    },
    /// The approval is for another plan.
    #[error("digest {approved} was approved, but this plan is {found}: show it and ask again")]
    OtherDigest {
        /// The digest that was approved.
        approved: Digest,
        /// The digest of the plan.
        found: Digest,
    },
    /// Two operations have the same id.
    #[error("operation {0} stands twice: make the plan anew")]
    Duplicate(OperationId),
    /// An operation's id is not what its link and its step make.
    #[error("operation {0} has the id of another step: make the plan anew")]
    WrongId(OperationId),
    /// An operation requires one that does not stand before it.
    #[error(
        "operation {operation} requires {required}, which does not stand before it: make the plan anew"
    )]
    NotBefore {
        /// The operation.
        operation: OperationId,
        /// What it requires.
        required: OperationId,
    },
    /// An operation lacks what its step needs, or has what it cannot have.
    #[error("operation {operation} ({step}) makes no sense: {problem}; make the plan anew")]
    Nonsense {
        /// The operation.
        operation: OperationId,
        /// Its step.
        step: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// An operation that was asked for is not in the plan.
    #[error("operation {0} is not in the plan: show the plan as it is now")]
    UnknownOperation(OperationId),
    /// An operation was selected without one that it requires.
    #[error("operation {operation} requires {required}, which is not selected: select it too")]
    Unselected {
        /// The operation.
        operation: OperationId,
        /// What it requires.
        required: OperationId,
    },
    /// An operation writes what the policy forbids.
    #[error(
        "operation {operation} writes on the {on} side what the policy forbids there: make the plan anew"
    )]
    NotPermitted {
        /// The operation.
        operation: OperationId,
        /// The side.
        on: Which,
        /// The field, if it is about one.
        field: Option<FieldName>,
    },
}

impl Plan {
    /// Checks that the plan holds together: that its digest fits, that ids are right and unique,
    /// that what an operation requires stands before it, and that every step has what it needs.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), PlanError> {
        let found = Digest::of(&self.connection, &self.kind, &self.operations)?;
        if found != self.digest {
            let stated = self.digest;
            return Err(PlanError::Edited { stated, found });
        }
        let mut before = BTreeSet::new();
        for operation in &self.operations {
            if operation.id
                != OperationId::of(operation.link, operation.incarnation, &operation.step)
            {
                return Err(PlanError::WrongId(operation.id));
            }
            for required in &operation.requires {
                if !before.contains(required) {
                    let (operation, required) = (operation.id, *required);
                    return Err(PlanError::NotBefore {
                        operation,
                        required,
                    });
                }
            }
            if !before.insert(operation.id) {
                return Err(PlanError::Duplicate(operation.id));
            }
            check_step(operation).map_err(|problem| PlanError::Nonsense {
                operation: operation.id,
                step: operation.step.as_str(),
                problem,
            })?;
        }
        Ok(())
    }

    /// Checks that the plan writes nothing that a policy forbids, except what somebody forced.
    ///
    /// # Errors
    /// The first operation that does.
    pub fn check_policy(&self, policy: &Policy) -> Result<(), PlanError> {
        for operation in &self.operations {
            let refuse = |on, field| PlanError::NotPermitted {
                operation: operation.id,
                on,
                field,
            };
            let permission = |permission, on| match (permission, operation.decision) {
                (Permission::Never, _) | (Permission::Ask, None) => Err(refuse(on, None)),
                _ => Ok(()),
            };
            match &operation.step {
                // One that was begun is finished.
                Step::Create {
                    look_first: true, ..
                } => {}
                Step::Create { on, .. } => permission(policy.sides[*on].create, *on)?,
                Step::Delete { on } => permission(policy.sides[*on].delete, *on)?,
                Step::Update { on, changes } => {
                    permission(policy.sides[*on].update, *on)?;
                    for change in changes {
                        let is_forced = matches!(
                            change.because,
                            crate::change::Reason::Decided {
                                is_forced: true,
                                ..
                            }
                        );
                        let name = &change.field;
                        let is_forced = is_forced && !policy.is_read_only(name, *on);
                        if !policy.may_write(name, *on) && !is_forced {
                            return Err(refuse(*on, Some(change.field.clone())));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn check_step(operation: &Operation) -> Result<(), &'static str> {
    let has_key = |which: Which| operation.keys[which].is_some();
    let expects = |which: Which| operation.expects.records[which].is_some();
    let is_new = operation.expects.link_version.is_none();
    match &operation.step {
        Step::Create {
            on,
            values,
            pending,
            left_out,
            ..
        } => {
            if !has_key(on.other()) || !expects(on.other()) {
                return Err("a create needs the record that it is made from");
            }
            if has_key(*on) || expects(*on) {
                return Err("a record that is to be created has a key already");
            }
            let twice = |name: &&FieldName| values.contains_key(*name) || left_out.contains(name);
            if pending.keys().find(twice).is_some() {
                return Err("a field is written and left out");
            }
        }
        Step::Update { changes, .. } => {
            let has_link = !is_new || !operation.requires.is_empty();
            let both = Which::BOTH
                .into_iter()
                .all(|which| has_key(which) && expects(which));
            if !has_link || !both {
                return Err("an update needs a link and both records");
            }
            let mut names = BTreeSet::new();
            if changes.is_empty() || !changes.iter().all(|change| names.insert(&change.field)) {
                return Err("an update needs fields, each of them once");
            }
        }
        Step::Delete { on } => {
            if is_new || !has_key(*on) || !expects(*on) {
                return Err("a delete needs a link and the record");
            }
        }
        Step::Link { .. } => {
            if !is_new
                || !Which::BOTH
                    .into_iter()
                    .all(|which| has_key(which) && expects(which))
            {
                return Err("a new link needs both records");
            }
        }
        Step::Adopt { on } => {
            if is_new || !has_key(*on) || !expects(*on) {
                return Err("an adoption needs a link and the record");
            }
        }
        Step::Agree { fields } => {
            if is_new || fields.is_empty() || !Which::BOTH.into_iter().all(expects) {
                return Err("an agreement needs a link, fields and both records");
            }
        }
        Step::Unlink
        | Step::End
        | Step::Orphan { .. }
        | Step::Return { .. }
        | Step::Note { .. } => {
            if is_new {
                return Err("the step needs a link");
            }
        }
    }
    Ok(())
}
