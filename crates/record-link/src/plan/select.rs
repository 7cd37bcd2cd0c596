//! A part of a plan, and its approval.

use std::collections::BTreeSet;

use super::{Digest, Operation, OperationId, Plan, PlanError, Step, Verdict};
use crate::identity::Sides;
use crate::link::Presence;
use crate::snapshot::Scope;

/// What is done about operations that selected ones require.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dependencies {
    /// They are selected too, and named.
    #[default]
    PullIn,
    /// It is an error.
    Refuse,
}

/// A part of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// The plan of the selected operations. Its findings are those of the whole.
    pub plan: Plan,
    /// Operations that were not asked for, but that others require.
    pub pulled_in: Vec<OperationId>,
}

impl Plan {
    /// The plan of some operations only. The rest stays untouched, and is planned again next time.
    /// Of the totals, those that count operations are of the selected ones.
    ///
    /// A quarantined plan stays quarantined: approve it before.
    ///
    /// # Errors
    /// When an operation is not in the plan, or requires one that is not selected and must not be
    /// pulled in.
    pub fn select(
        &self,
        operations: impl IntoIterator<Item = OperationId>,
        dependencies: Dependencies,
    ) -> Result<Selection, PlanError> {
        let asked: BTreeSet<OperationId> = operations.into_iter().collect();
        let known: BTreeSet<OperationId> = self.operations.iter().map(|one| one.id).collect();
        if let Some(unknown) = asked.difference(&known).next() {
            return Err(PlanError::UnknownOperation(*unknown));
        }
        let mut selected = asked.clone();
        // What is required stands before what requires it: one pass from the end finds all.
        for operation in self.operations.iter().rev() {
            let is_lone = crate::mutants::is(crate::mutants::Mutant::SelectWithoutRequired);
            if !selected.contains(&operation.id) || is_lone {
                continue;
            }
            for required in &operation.requires {
                if selected.insert(*required) && dependencies == Dependencies::Refuse {
                    let (operation, required) = (operation.id, *required);
                    return Err(PlanError::Unselected {
                        operation,
                        required,
                    });
                }
            }
        }
        let mut plan = self.clone();
        plan.operations
            .retain(|operation| selected.contains(&operation.id));
        for operation in &self.operations {
            if !selected.contains(&operation.id) {
                keep_scope(&mut plan.scopes, operation);
            }
        }
        plan.totals.count(&plan.operations);
        plan.digest = Digest::of(&plan.connection, &plan.kind, &plan.operations)?;
        Ok(Selection {
            plan,
            pulled_in: selected.difference(&asked).copied().collect(),
        })
    }

    /// Whether the plan may be applied.
    pub fn is_clear(&self) -> bool {
        !matches!(self.verdict, Verdict::Quarantined { .. })
    }

    /// Lets a quarantined plan be applied, on the word of somebody who saw the plan with this
    /// digest.
    ///
    /// # Errors
    /// When it was another plan that was approved.
    pub fn approve(&mut self, digest: Digest) -> Result<(), PlanError> {
        let is_theirs =
            digest == self.digest || crate::mutants::is(crate::mutants::Mutant::ApproveAnyDigest);
        if !is_theirs {
            let (approved, found) = (digest, self.digest);
            return Err(PlanError::OtherDigest { approved, found });
        }
        if let Verdict::Quarantined { trips } = &mut self.verdict {
            let trips = std::mem::take(trips);
            self.verdict = Verdict::Approved { trips };
        }
        Ok(())
    }
}

/// Keeps the scope of a side as it was, since an operation is not carried out that notes a record
/// as out of scope: otherwise the next plan would take it for missing.
pub(crate) fn keep_scope(scopes: &mut Sides<Option<Scope>>, operation: &Operation) {
    if let Step::Note {
        side,
        presence: Presence::OutOfScope,
    } = operation.step
    {
        scopes[side] = None;
    }
}
