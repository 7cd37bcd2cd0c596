//! Records that are not linked: what is to be created, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use flat_record::{FieldName, Value};

use super::run::Run;
use crate::change::BlockedOn;
use crate::decision::{Action, Decision};
use crate::identity::{LinkId, RecordKey, Sides, Which};
use crate::link::{Link, Origin};
use crate::mutants::{Mutant, is as mutated};
use crate::observation::Observation;
use crate::plan::{FindingKind, Operation, OperationId, Refusal, Step};
use crate::policy::Permission;
use crate::references::references_in;
use crate::snapshot::Snapshot;
use client_key::ClientKey;

/// A record that is to be created.
pub(super) struct Wanted<'a> {
    link: Link,
    source: &'a Observation,
    on: Which,
    look_first: bool,
    decision: Option<&'a Decision>,
    requires: Vec<OperationId>,
}

/// What is known of a wanted create before the order is.
#[derive(Default)]
struct Draft {
    values: BTreeMap<FieldName, Value>,
    /// In the terms of the source; each with the wanted creates that it refers to.
    pending: BTreeMap<FieldName, (Value, Vec<usize>)>,
    blocked: BTreeSet<BlockedOn>,
    /// Fields that must not be written there.
    compared: Vec<FieldName>,
}

impl<'a> Run<'a> {
    pub(super) fn want_create(
        &mut self,
        link: &Link,
        source: &'a Observation,
        on: Which,
        look_first: bool,
        decision: Option<&'a Decision>,
    ) {
        self.wanted.push(Wanted {
            link: link.clone(),
            source,
            on,
            look_first,
            decision,
            requires: Vec::new(),
        });
    }

    /// Creates the lost record of a link again, for a link of its own.
    pub(super) fn want_recreate(
        &mut self,
        link: &Link,
        source: &'a Observation,
        on: Which,
        decision: &'a Decision,
        required: OperationId,
    ) {
        let incarnation = link.incarnation.saturating_add(1);
        let wanted = Wanted {
            link: self.creating(source, on, incarnation),
            source,
            on,
            look_first: false,
            decision: Some(decision),
            requires: vec![required],
        };
        self.wanted.push(wanted);
    }

    fn creating(&self, source: &Observation, on: Which, incarnation: u64) -> Link {
        let (connection, kind) = (self.planner.connection.clone(), self.planner.kind.clone());
        Link::creating(connection, kind, source.key.clone(), on, incarnation)
    }

    pub(super) fn plan_creates(&mut self) -> Vec<Operation> {
        // First what was created before is known again, then the rest is looked at: what one
        // record finds must not depend on which record comes first.
        for side in Which::BOTH {
            self.recover(side);
        }
        for side in Which::BOTH {
            let snapshot: &'a Snapshot = self.snapshots[side];
            for (position, source) in snapshot.observations().iter().enumerate() {
                let is_held = self.live_link(side, position).is_some();
                if !is_held && !snapshot.is_contradicted(position) {
                    self.look_at(side, source);
                }
            }
        }
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.sort_by(|one, other| (one.on, &one.source.key).cmp(&(other.on, &other.source.key)));
        let mut drafts = self.drafts(&wanted);
        self.spread_blocks(&wanted, &mut drafts);
        self.ordered(&wanted, drafts)
    }

    /// A record that no link holds.
    fn look_at(&mut self, side: Which, source: &'a Observation) {
        let on = side.other();
        let past = self.past(side, source.key.as_str());
        let decision = self
            .record_decisions
            .get(&(side, source.key.as_str()))
            .copied();
        if past.is_unlinked {
            if let Some(decision) =
                decision.filter(|one| matches!(one.action, Action::Create { .. }))
            {
                self.refuse(None, decision, Refusal::WasUnlinked { side });
            }
            return;
        }
        let is_fresh = decision
            .is_none_or(|decision| self.is_fresh(decision, Sides::only(side, Some(source))));
        if let Some(Action::DoNothing { .. }) = decision.map(|decision| &decision.action)
            && is_fresh
        {
            return;
        }
        if self.doubled.contains(&(side, source.key.as_str())) {
            return;
        }
        self.totals.new[side] += 1;
        let permission = self.planner.policy.sides[on].create;
        let shadowed = self.open_candidates(side, source.key.as_str());
        // What was to be left alone until it changes, and changed, is as new as the rest.
        let decision = decision.filter(|one| !matches!(one.action, Action::DoNothing { .. }));
        match decision.map(|decision| (decision, &decision.action)) {
            Some((decision, Action::Create { despite_candidates })) => {
                if !is_fresh {
                    let decision = decision.id();
                    let keys = Sides::only(side, Some(source.key.clone()));
                    self.find(None, keys, FindingKind::Stale { decision });
                } else if permission == Permission::Never {
                    self.refuse(None, decision, Refusal::NotPermitted { on });
                } else if !shadowed.is_empty() && !despite_candidates {
                    let candidates = shadowed;
                    let because = Refusal::CreateShadowsCandidate { candidates };
                    self.refuse(None, decision, because);
                } else {
                    let link = self.creating(source, on, past.next);
                    self.want_create(&link, source, on, false, Some(decision));
                }
            }
            Some((decision, _)) => self.refuse(None, decision, Refusal::DoesNotFit),
            None if permission != Permission::Automatic => {}
            // Who does not know all records there does not know that this one is missing.
            None if !self.snapshots[on].is_complete() && !mutated(Mutant::CreateBlindly) => {}
            None if self.may_be_ours(side, source).is_some() => {
                let keys = Sides::only(side, Some(source.key.clone()));
                if let Some(link) = self.may_be_ours(side, source) {
                    self.find(None, keys, FindingKind::MayBeOurs { link });
                }
            }
            None if !shadowed.is_empty() => {
                let keys = Sides::only(side, Some(source.key.clone()));
                self.find(None, keys, FindingKind::Candidates { keys: shadowed });
            }
            None => {
                let link = self.creating(source, on, past.next);
                self.want_create(&link, source, on, false, None);
            }
        }
    }

    /// The link whose create of unknown outcome may have made a record: at least half of what both
    /// say is the same. Only records of such creates are held back, so that one doubt does not stop
    /// all others.
    fn may_be_ours(&self, side: Which, record: &Observation) -> Option<LinkId> {
        let might = self.doubts.iter().find(|(on, _, source)| {
            let pairs = self.joint.fields.iter().filter(|joint| !joint.may_refer);
            let pairs = pairs.filter_map(|joint| {
                let here = joint.value(side, record).filter(|value| !value.is_null())?;
                let there = joint
                    .value(side.other(), source)
                    .filter(|value| !value.is_null())?;
                Some(joint.equivalence().equal(here, there))
            });
            let equal: Vec<bool> = pairs.collect();
            let alike = equal.iter().filter(|equal| **equal).count();
            *on == side && alike * 2 >= equal.len().max(1)
        });
        might.map(|(_, link, _)| *link)
    }

    /// Records that a record may be the same as, and that could be linked with it.
    fn open_candidates(&self, side: Which, key: &str) -> Vec<RecordKey> {
        let other = side.other();
        let candidates = self.candidates[side].get(key).into_iter().flatten();
        let keys = candidates.map(|candidate| &candidate.keys[other]);
        let is_open = |key: &&RecordKey| {
            let position = self.snapshots[other].position(key.as_str());
            // One that an incomplete snapshot does not show may be there all the same.
            let is_free = match position {
                Some(position) => self.live_link(other, position).is_none(),
                None => !self.snapshots[other].is_complete(),
            };
            is_free && !self.past(other, key.as_str()).is_unlinked
        };
        keys.filter(is_open).cloned().collect()
    }

    /// Free records of a side that carry a client key, by what they were made from.
    fn carriers(&self, on: Which) -> BTreeMap<ClientKey, Vec<(usize, u64)>> {
        let mut carriers: BTreeMap<ClientKey, Vec<(usize, u64)>> = BTreeMap::new();
        if mutated(Mutant::ForgetClientKey) {
            return carriers;
        }
        let snapshot = self.snapshots[on];
        for (position, observation) in snapshot.observations().iter().enumerate() {
            let Some(text) = &observation.client_key else {
                continue;
            };
            let is_free =
                self.live_link(on, position).is_none() && !snapshot.is_contradicted(position);
            let is_unlinked = self.past(on, observation.key.as_str()).is_unlinked;
            if let Ok(key) = text.parse::<ClientKey>()
                && is_free
                && !is_unlinked
            {
                let of_source = carriers.entry(key.with_incarnation(0)).or_default();
                of_source.push((position, key.incarnation()));
            }
        }
        carriers
    }

    /// Links records with what was created from them before, by us, if that is there: a store was
    /// lost, or another worker was quicker.
    fn recover(&mut self, side: Which) {
        let on = side.other();
        let carriers = self.carriers(on);
        if carriers.is_empty() {
            return;
        }
        let snapshot: &'a Snapshot = self.snapshots[side];
        for (position, source) in snapshot.observations().iter().enumerate() {
            let source_key = source.key.as_str();
            let is_held = self.live_link(side, position).is_some();
            if is_held
                || snapshot.is_contradicted(position)
                || self.past(side, source_key).is_unlinked
            {
                continue;
            }
            let (connection, kind) = (self.planner.connection.as_str(), &self.planner.kind);
            let key = ClientKey::new(connection, kind, source_key);
            match carriers.get(&key).map(Vec::as_slice) {
                None | Some([]) => {}
                Some([(there, incarnation)]) => {
                    let mut positions = Sides::new(position, position);
                    positions[on] = *there;
                    let origin = Origin::Created { on };
                    self.link_pair(positions, origin, Some(*incarnation), None, None);
                }
                Some(several) => {
                    let there: &'a Snapshot = self.snapshots[on];
                    let there = several
                        .iter()
                        .filter_map(|(at, _)| there.observations().get(*at));
                    let mut keys = Vec::new();
                    for double in there {
                        self.doubled.insert((on, double.key.as_str()));
                        keys.push(double.key.clone());
                    }
                    keys.sort();
                    self.doubled.insert((side, source_key));
                    let record = Sides::only(side, Some(source.key.clone()));
                    self.find(None, record, FindingKind::Doubles { on, keys });
                }
            }
        }
    }

    /// What is to be written, and what that refers to.
    fn drafts(&self, wanted: &[Wanted<'a>]) -> Vec<Draft> {
        let places: BTreeMap<(Which, &str), usize> = wanted
            .iter()
            .enumerate()
            .map(|(at, one)| ((one.on, one.source.key.as_str()), at))
            .collect();
        let mut drafts = Vec::with_capacity(wanted.len());
        for one in wanted {
            let mut draft = Draft::default();
            for joint in &self.joint.fields {
                let name = joint.name();
                let Some(value) = joint.value(one.on.other(), one.source) else {
                    continue;
                };
                if !self.planner.policy.may_write(name, one.on) && !mutated(Mutant::IgnoreReadOnly)
                {
                    draft.compared.push(name.clone());
                    continue;
                }
                if !joint.may_refer {
                    draft.values.insert(name.clone(), value.clone());
                    continue;
                }
                if let Ok(there) = self.references.translate(value, one.on.other()) {
                    draft.values.insert(name.clone(), there.into_owned());
                    continue;
                }
                let mut needs = Vec::new();
                for reference in references_in(value) {
                    let (kind, key) = (&reference.kind, reference.key.as_str());
                    if self
                        .references
                        .other_key(kind, one.on.other(), key)
                        .is_some()
                    {
                        continue;
                    }
                    let planned = (*kind == self.planner.kind)
                        .then(|| places.get(&(one.on, key)).copied())
                        .flatten();
                    match planned {
                        Some(place) => needs.push(place),
                        None => {
                            draft.blocked.insert(BlockedOn {
                                side: one.on.other(),
                                kind: kind.clone(),
                                key: RecordKey::new(reference.key.clone())
                                    .unwrap_or_else(|_| RecordKey::unknown()),
                            });
                        }
                    }
                }
                draft.pending.insert(name.clone(), (value.clone(), needs));
            }
            drafts.push(draft);
        }
        drafts
    }

    /// What waits for a record that waits, waits too.
    fn spread_blocks(&mut self, wanted: &[Wanted<'a>], drafts: &mut [Draft]) {
        let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
        for (at, draft) in drafts.iter().enumerate() {
            for need in draft.pending.values().flat_map(|(_, needs)| needs) {
                dependents[*need].push(at);
            }
        }
        let is_blocked = |draft: &Draft| !draft.blocked.is_empty();
        let mut todo: Vec<usize> = (0..drafts.len())
            .filter(|at| is_blocked(&drafts[*at]))
            .collect();
        while let Some(at) = todo.pop() {
            let side = wanted[at].on.other();
            let (kind, key) = (self.planner.kind.clone(), wanted[at].source.key.clone());
            let on = BlockedOn { side, kind, key };
            for dependent in &dependents[at] {
                let was_blocked = is_blocked(&drafts[*dependent]);
                drafts[*dependent].blocked.insert(on.clone());
                if !was_blocked {
                    todo.push(*dependent);
                }
            }
        }
        for (one, draft) in wanted.iter().zip(drafts.iter()) {
            if is_blocked(draft) {
                let on = draft.blocked.iter().cloned().collect();
                let link = (one.link.version > 0).then_some(&one.link);
                self.find(link, one.link.keys.clone(), FindingKind::Blocked { on });
            }
        }
    }

    /// The creates in an order in which what is referred to comes first. Where references run in a
    /// circle, the field that closes it is left out.
    fn ordered(&self, wanted: &[Wanted<'a>], mut drafts: Vec<Draft>) -> Vec<Operation> {
        let needs: Vec<Vec<(FieldName, usize)>> = drafts
            .iter()
            .map(|draft| {
                let pending = draft.pending.iter();
                let pairs = pending.flat_map(|(name, (_, needs))| {
                    needs.iter().map(move |need| (name.clone(), *need))
                });
                pairs.collect()
            })
            .collect();
        // 0: not seen, 1: what it needs is being looked at, 2: done.
        let mut marks = vec![0_u8; drafts.len()];
        let mut left_out: Vec<BTreeSet<FieldName>> = vec![BTreeSet::new(); drafts.len()];
        let mut operations = Vec::new();
        for start in 0..drafts.len() {
            // A stack of our own: a chain of a hundred thousand managers must not overflow.
            let mut stack = vec![(start, 0)];
            while let Some((at, next)) = stack.pop() {
                if marks[at] == 2 || !drafts[at].blocked.is_empty() {
                    continue;
                }
                marks[at] = 1;
                if let Some((name, need)) = needs[at].get(next) {
                    stack.push((at, next + 1));
                    match marks[*need] {
                        0 => stack.push((*need, 0)),
                        1 => {
                            left_out[at].insert(name.clone());
                        }
                        _ => {}
                    }
                    continue;
                }
                marks[at] = 2;
                let draft = std::mem::take(&mut drafts[at]);
                let left_out = std::mem::take(&mut left_out[at]);
                operations.push(self.create(wanted, &wanted[at], draft, left_out));
            }
        }
        operations
    }

    fn create(
        &self,
        all: &[Wanted<'a>],
        wanted: &Wanted<'a>,
        draft: Draft,
        left_out: BTreeSet<FieldName>,
    ) -> Operation {
        let mut requires: BTreeSet<OperationId> = wanted.requires.iter().copied().collect();
        let mut pending = BTreeMap::new();
        for (name, (value, needs)) in draft.pending {
            if left_out.contains(&name) {
                continue;
            }
            for need in needs {
                let needed = &all[need];
                let (link, incarnation) = (needed.link.id, needed.link.incarnation);
                requires.insert(OperationId::of_create(link, incarnation, needed.on));
            }
            pending.insert(name, value);
        }
        let step = Step::Create {
            on: wanted.on,
            values: draft.values,
            pending,
            left_out: left_out.into_iter().collect(),
            compared: draft.compared,
            look_first: wanted.look_first && !mutated(Mutant::CreateWithoutLooking),
        };
        let source = Sides::only(wanted.on.other(), Some(wanted.source));
        let mut operation = self.operation(&wanted.link, step, source, wanted.decision);
        operation.requires = requires.into_iter().collect();
        operation
    }
}
