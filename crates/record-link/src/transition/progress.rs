//! Whether an operation still goes with what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Transition;
use crate::identity::{LinkId, Sides, Which};
use crate::link::{Link, LinkState};
use crate::mutants::{Mutant, is as mutated};
use crate::observation::RecordHash;
use crate::plan::{Operation, OperationId, Step};

/// Something changed since the plan was made: the operation is not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "changed", content = "which", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Stale {
    /// The link changed.
    #[error("the link changed since the plan was made: make the plan anew")]
    Link,
    /// A record changed.
    #[error("the record on the {0} side changed since the plan was made: make the plan anew")]
    Record(Which),
    /// A record is gone.
    #[error("the record on the {0} side is gone: make the plan anew")]
    Gone(Which),
    /// A record that was gone is there again, so that its partner must not be deleted, and it must
    /// not be created a second time.
    #[error("the record on the {0} side is there again: make the plan anew")]
    Returned(Which),
    /// An operation that has to come first was not carried out.
    #[error("operation {0} has to be carried out first")]
    Requirement(OperationId),
}

/// What the operations of a plan that were carried out did to links and records: these are no
/// changes by somebody else, and make nothing stale.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    links: BTreeMap<LinkId, (u64, Sides<Option<RecordHash>>)>,
    done: BTreeSet<OperationId>,
}

impl Progress {
    /// Notes what an operation did, so that those that follow can be checked.
    pub fn note(&mut self, operation: &Operation, transition: &Transition) {
        if transition.link.is_some() {
            self.links.entry(operation.link).or_default().0 += 1;
        }
    }

    /// Notes that a link was written so many times.
    pub(crate) fn note_versions(&mut self, link: LinkId, versions: u64) {
        if versions > 0 {
            self.links.entry(link).or_default().0 += versions;
        }
    }

    /// The first operation that has to be carried out before this one and was not.
    pub(crate) fn missing(&self, operation: &Operation) -> Option<OperationId> {
        let required = operation.requires.iter().copied();
        required.into_iter().find(|id| !self.done.contains(id))
    }

    /// The records as they are to be found: as the plan saw them, or as it left them itself.
    pub(crate) fn expected(&self, operation: &Operation) -> Sides<Option<RecordHash>> {
        let written = self.links.get(&operation.link).map(|(_, written)| *written);
        Sides::from_fn(|which| {
            let expected = operation.expects.records[which].as_ref()?;
            Some(
                written
                    .and_then(|written| written[which])
                    .unwrap_or(expected.hash),
            )
        })
    }

    /// Notes that an operation is done, and how it left the record that it wrote.
    pub fn done(&mut self, operation: &Operation, written: Option<(Which, RecordHash)>) {
        self.done.insert(operation.id);
        if let Some((which, hash)) = written {
            self.links.entry(operation.link).or_default().1[which] = Some(hash);
        }
    }

    /// Checks that everything is as the plan saw it, but for what the plan itself did.
    ///
    /// `link` is the link as it is stored now, `records` the hashes of the records as they are now.
    ///
    /// # Errors
    /// What changed.
    pub fn check(
        &self,
        operation: &Operation,
        link: Option<&Link>,
        records: Sides<Option<RecordHash>>,
    ) -> Result<(), Stale> {
        for required in &operation.requires {
            if !self.done.contains(required) {
                return Err(Stale::Requirement(*required));
            }
        }
        if mutated(Mutant::StaleDecision) {
            return Ok(());
        }
        let (versions, written) = self.links.get(&operation.link).copied().unwrap_or_default();
        let expected = operation.expects.link_version.unwrap_or(0) + versions;
        if link.map_or(0, |link| link.version) != expected {
            return Err(Stale::Link);
        }
        // What follows from a loss is not done when the record is back.
        let lost = match (&operation.step, link.map(|link| &link.state)) {
            (Step::Delete { on }, _) => Some(on.other()),
            (Step::End, Some(LinkState::Orphaned { gone })) => Some(*gone),
            _ => None,
        };
        if let Some(lost) = lost.filter(|lost| records[*lost].is_some()) {
            return Err(Stale::Returned(lost));
        }
        for which in Which::BOTH {
            let Some(expected) = &operation.expects.records[which] else {
                continue;
            };
            match records[which] {
                None => return Err(Stale::Gone(which)),
                Some(now) if now != written[which].unwrap_or(expected.hash) => {
                    return Err(Stale::Record(which));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}
