//! Pairs that are to be linked: by decision, or since they are certain.

use std::collections::BTreeSet;

use super::fields::Wishes;
use super::run::Run;
use crate::change::FieldState;
use crate::decision::{Action, Decision, FirstSync};
use crate::identity::{LinkId, Sides, Which};
use crate::link::{Link, Origin};
use crate::mutants::{Mutant, is as mutated};
use crate::observation::Observation;
use crate::plan::{FindingKind, Refusal, Step};
use crate::policy::AutoLink;

impl<'a> Run<'a> {
    pub(super) fn plan_pairs(&mut self) {
        let decided: Vec<(Sides<&'a str>, &'a Decision)> = self
            .pair_decisions
            .iter()
            .map(|(keys, decision)| (*keys, *decision))
            .collect();
        for (keys, decision) in decided {
            match decision.action {
                Action::Match { first_sync } => self.match_pair(keys, decision, first_sync, false),
                Action::Relink { first_sync } => self.match_pair(keys, decision, first_sync, true),
                Action::Reject => {}
                _ => self.refuse(None, decision, Refusal::DoesNotFit),
            }
        }
        if self.planner.policy.auto_link == AutoLink::Certain {
            self.link_certain_pairs();
        }
    }

    /// Where a record is, if it is there and nothing contradicts it.
    fn position(&self, which: Which, key: &str) -> Option<usize> {
        let snapshot = self.snapshots[which];
        let position = snapshot.position(key)?;
        (!snapshot.is_contradicted(position)).then_some(position)
    }

    fn match_pair(
        &mut self,
        keys: Sides<&'a str>,
        decision: &'a Decision,
        first_sync: FirstSync,
        is_relink: bool,
    ) {
        let positions = Sides::from_fn(|which| self.position(which, keys[which]));
        let Sides {
            left: Some(left),
            right: Some(right),
        } = positions
        else {
            // Not seen: whether it is gone is known only if all were seen.
            let gone = Which::BOTH
                .into_iter()
                .any(|which| positions[which].is_none() && self.snapshots[which].is_complete());
            if gone {
                let keys = match &decision.about {
                    crate::decision::About::Pair { keys } => keys.clone().map(Some),
                    _ => Sides::default(),
                };
                let decision = decision.id();
                self.find(None, keys, FindingKind::NothingToDecide { decision });
            }
            return;
        };
        let positions = Sides::new(left, right);
        let holders = Sides::from_fn(|which| self.live_link(which, positions[which]));
        if holders.left.is_some() && holders.left == holders.right {
            return; // Done already.
        }
        for side in Which::BOTH {
            if let Some(link) = holders[side]
                && !mutated(Mutant::DoubleLink)
            {
                self.refuse(None, decision, Refusal::AlreadyLinked { side, link });
                return;
            }
        }
        let unlinked = Which::BOTH
            .into_iter()
            .find(|side| self.past(*side, keys[*side]).is_unlinked);
        match unlinked {
            Some(side) if !is_relink => {
                return self.refuse(None, decision, Refusal::WasUnlinked { side });
            }
            None if is_relink => return self.refuse(None, decision, Refusal::WasNotUnlinked),
            _ => {}
        }
        let observations = self.at(positions);
        if !self.is_fresh(decision, observations.map(Some)) {
            let keys = observations.map(|one| Some(one.key.clone()));
            let decision = decision.id();
            return self.find(None, keys, FindingKind::Stale { decision });
        }
        let origin = Origin::Confirmed;
        self.link_pair(
            positions,
            origin,
            None,
            first_sync.preferred(),
            Some(decision),
        );
    }

    fn at(&self, positions: Sides<usize>) -> Sides<&'a Observation> {
        let snapshots = self.snapshots;
        Sides::from_fn(|which| {
            let snapshot: &'a crate::snapshot::Snapshot = snapshots[which];
            &snapshot.observations()[positions[which]]
        })
    }

    /// The live link that holds a record: one that there is, or one that this plan makes.
    pub(super) fn live_link(&self, which: Which, position: usize) -> Option<LinkId> {
        let held = self.holder(which, position).map(|link| link.id);
        held.or_else(|| self.taken[which].get(&position).copied())
    }

    fn link_certain_pairs(&mut self) {
        let certain: BTreeSet<Sides<&'a str>> = self
            .candidates
            .left
            .values()
            .flatten()
            .filter(|candidate| candidate.is_certain)
            .map(|candidate| {
                candidate
                    .keys
                    .as_ref()
                    .map(crate::identity::RecordKey::as_str)
            })
            .collect();
        for keys in certain {
            let is_only_one = Which::BOTH.into_iter().all(|which| {
                let of_record = self.candidates[which].get(keys[which]);
                let certain = of_record.into_iter().flatten().filter(|one| one.is_certain);
                certain.count() == 1
            });
            if !is_only_one && !mutated(Mutant::FirstCandidateWins) {
                continue;
            }
            let Sides {
                left: Some(left),
                right: Some(right),
            } = Sides::from_fn(|which| self.position(which, keys[which]))
            else {
                continue;
            };
            let positions = Sides::new(left, right);
            let is_free = Which::BOTH.into_iter().all(|which| {
                self.live_link(which, positions[which]).is_none()
                    && !self.past(which, keys[which]).is_unlinked
                    && !self.record_decisions.contains_key(&(which, keys[which]))
            });
            if is_free {
                self.link_pair(positions, Origin::ExactKey, None, None, None);
            }
        }
    }

    /// Links two records, and resolves what differs if somebody or the policy says how.
    pub(super) fn link_pair(
        &mut self,
        positions: Sides<usize>,
        origin: Origin,
        incarnation: Option<u64>,
        prefer: Option<Which>,
        decision: Option<&Decision>,
    ) {
        let observations = self.at(positions);
        let keys = observations.map(|one| one.key.clone());
        let next = Which::BOTH.map(|which| self.past(which, keys[which].as_str()).next);
        let incarnation = incarnation.unwrap_or_else(|| next[0].max(next[1]));
        let (connection, kind) = (self.planner.connection.clone(), self.planner.kind.clone());
        let mut link = Link::new(connection, kind, keys, origin, incarnation);
        if let Origin::Created { on } = origin {
            let source = &observations[on.other()].key;
            link.id = LinkId::new(
                &link.connection,
                &link.kind,
                on.other(),
                source,
                incarnation,
            );
        }
        for which in Which::BOTH {
            self.taken[which].insert(positions[which], link.id);
        }
        let first_sync = prefer.or(self.planner.policy.first_sync.preferred());
        let wishes = Wishes {
            first_sync,
            is_decided: prefer.is_some(),
            ..Wishes::default()
        };
        let (mut agreed, mut others) = (Vec::new(), Vec::new());
        for (slot, joint) in self.joint.fields.iter().enumerate() {
            let base = link.base.get(joint.name());
            let verdict = self
                .field_planner()
                .judge(joint, &link, base, observations, &wishes);
            match verdict.state {
                FieldState::BothSame => agreed.push(joint.name().clone()),
                _ => others.push(slot),
            }
        }
        let operation = self.operation(
            &link,
            Step::Link { origin, agreed },
            observations.map(Some),
            decision,
        );
        let required = [operation.id];
        self.operations.push(operation);
        let base = link.base.clone();
        self.resolve(
            &link,
            &base,
            observations,
            &wishes,
            decision,
            &others,
            &required,
        );
    }
}
