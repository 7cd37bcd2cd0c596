//! What is to be done about a live link.

use std::collections::BTreeMap;

use super::fields::{JointField, Wishes};
use super::run::Run;
use crate::base::{Base, BaseField, BaseNames};
use crate::change::{FieldDifference, FieldState, Hold, Reason, Resolution};
use crate::decision::{Action, Decision};
use crate::identity::{RecordKey, Sides, Which};
use crate::link::{Link, LinkState, Presence};
use crate::mutants::{Mutant, is as mutated};
use crate::observation::Observation;
use crate::plan::{FieldChange, Finding, FindingKind, Refusal, Step};
use crate::policy::Permission;
use client_key::ClientKey;

/// What a side says of a record that a link holds.
enum Sight<'a> {
    Seen(&'a Observation),
    /// Nothing can be concluded.
    Unknown,
    /// It is missing from a complete snapshot of the known scope.
    Missing,
    /// The scope is another one than before.
    OtherScope,
    /// The side says that it is deleted.
    Deleted,
}

impl<'a> Run<'a> {
    pub(super) fn plan_link(&mut self, index: usize, link: &'a Link) {
        let before = (self.operations.len(), self.findings.len());
        match &link.state {
            LinkState::Creating { on }
            | LinkState::InDoubt { on }
            | LinkState::Failed { on, .. } => self.plan_unfinished(index, link, *on),
            LinkState::Linked => self.plan_linked(index, link),
            LinkState::Orphaned { gone } => self.plan_orphaned(index, link, *gone),
            LinkState::Unlinked(_) | LinkState::Ended => {}
        }
        if before == (self.operations.len(), self.findings.len()) {
            self.totals.in_step += 1;
        }
    }

    fn sight(&self, index: usize, link: &Link, which: Which) -> Sight<'a> {
        if let Some(observation) = self.held(index, which) {
            return Sight::Seen(observation);
        }
        let snapshot = self.snapshots[which];
        if self.is_contradicted(index, which) {
            return Sight::Unknown;
        }
        if link.keys[which]
            .as_ref()
            .is_some_and(|key| snapshot.deleted().contains(key))
        {
            return Sight::Deleted;
        }
        if mutated(Mutant::AbsenceIsDeletion) {
            return Sight::Deleted;
        }
        if !snapshot.is_complete() && !mutated(Mutant::PartialIsComplete) {
            return Sight::Unknown;
        }
        if self.planner.known_scopes[which] != Some(snapshot.scope())
            && !mutated(Mutant::IgnoreScope)
        {
            return Sight::OtherScope;
        }
        Sight::Missing
    }

    /// A record that is being created, or failed to be: it may be there already, and if not, a
    /// person may say what is to be done.
    fn plan_unfinished(&mut self, index: usize, link: &'a Link, on: Which) {
        if self.adopt(link, on) || self.adopt_matched(index, link, on) {
            return;
        }
        let source = self.held(index, on.other());
        let seen = Sides::only(on.other(), source);
        let decision = self.link_decisions.get(&link.id).copied();
        let (mut wants, mut is_left_alone) = (None, false);
        match decision.map(|decision| (decision, &decision.action)) {
            None => {}
            Some((decision, Action::Unlink)) => {
                let none = Sides::default();
                let operation = self.operation(link, Step::Unlink, none, Some(decision));
                self.operations.push(operation);
                return;
            }
            Some((decision, Action::DoNothing { .. })) => {
                is_left_alone = self.is_fresh(decision, seen);
            }
            Some((decision, Action::Create { .. })) if self.is_fresh(decision, seen) => {
                wants = Some(decision);
            }
            Some((decision, Action::Create { .. })) => {
                let decision = decision.id();
                self.find_on(link, FindingKind::Stale { decision });
            }
            Some((decision, _)) => self.refuse(Some(link), decision, Refusal::DoesNotFit),
        }
        if let Some(source) = source
            && !matches!(link.state, LinkState::Failed { .. })
        {
            self.doubts.push((on, link.id, source));
        }
        let hash = source.map(|source| source.hash(&self.planner.keeping.hash_key));
        let goes_on = match &link.state {
            LinkState::InDoubt { .. } => false,
            LinkState::Failed { tried, .. } => hash != *tried && !is_left_alone,
            _ => true,
        };
        if let Some(source) = source.filter(|_| goes_on || wants.is_some()) {
            self.want_create(link, source, on, true, wants);
        } else if !is_left_alone {
            let what = match link.state {
                LinkState::Failed { .. } => FindingKind::Failed { on },
                _ => FindingKind::InDoubt { on },
            };
            self.find_on(link, what);
        }
    }

    /// Takes the record that a person matched with the source of a create for what was created.
    fn adopt_matched(&mut self, index: usize, link: &'a Link, on: Which) -> bool {
        let Some(source) = self.held(index, on.other()) else {
            return false;
        };
        let matched = self.pair_decisions.iter().find_map(|(keys, decision)| {
            let is_match = matches!(decision.action, Action::Match { .. });
            let is_ours = is_match && *keys[on.other()] == *source.key.as_str();
            let position = self.snapshots[on].position(keys[on]).filter(|_| is_ours)?;
            let there = self.snapshots[on].get(keys[on])?;
            let mut seen = Sides::new(source, source);
            seen[on] = there;
            let is_free = self.live_link(on, position).is_none()
                && !self.past(on, keys[on]).is_unlinked
                && self.is_fresh(decision, seen.map(Some));
            is_free.then_some((position, seen, *decision))
        });
        let Some((position, seen, decision)) = matched else {
            return false;
        };
        let step = Step::Adopt { on };
        let mut operation = self.operation(link, step, seen.map(Some), Some(decision));
        operation.keys[on] = Some(seen[on].key.clone());
        self.operations.push(operation);
        self.taken[on].insert(position, link.id);
        true
    }

    /// Looks in the listing for the record that a link creates.
    fn adopt(&mut self, link: &'a Link, on: Which) -> bool {
        let Some(client_key) = link.client_key() else {
            return false;
        };
        let found = self.with_client_key(&client_key, on);
        let keys: Vec<RecordKey> = found.iter().map(|(_, one)| one.key.clone()).collect();
        // They are ours, and are not exported as if they were new.
        for (position, _) in &found {
            self.taken[on].insert(*position, link.id);
        }
        match found.as_slice() {
            [] => false,
            [(_, observation)] => {
                let observation: &Observation = observation;
                let mut operation = self.operation(
                    link,
                    Step::Adopt { on },
                    Sides::only(on, Some(observation)),
                    None,
                );
                operation.keys[on] = Some(observation.key.clone());
                self.operations.push(operation);
                true
            }
            _ => {
                self.find_on(link, FindingKind::Doubles { on, keys });
                true
            }
        }
    }

    /// Records of a side that carry a client key and that no live link holds.
    fn with_client_key(&self, key: &ClientKey, on: Which) -> Vec<(usize, &'a Observation)> {
        let text = key.to_string();
        let snapshot = self.snapshots[on];
        let observations = snapshot.observations().iter().enumerate();
        let carriers = observations.filter(|(position, one)| {
            one.client_key.as_ref().is_some_and(|key| *key == *text)
                && !snapshot.is_contradicted(*position)
                && self.holder(on, *position).is_none()
        });
        carriers.collect()
    }

    fn plan_orphaned(&mut self, index: usize, link: &'a Link, gone: Which) {
        let here = gone.other();
        let decision = self.link_decisions.get(&link.id).copied();
        if self.held(index, gone).is_some() && link.keys[gone].is_some() {
            let back = Sides::only(gone, self.held(index, gone));
            let operation = self.operation(link, Step::Return { back: gone }, back, None);
            self.operations.push(operation);
            return;
        }
        let survivor = match self.sight(index, link, here) {
            Sight::Seen(survivor) => survivor,
            Sight::Deleted => {
                let step = Step::Orphan { gone: here };
                let operation = self.operation(link, step, Sides::default(), None);
                self.operations.push(operation);
                return;
            }
            Sight::Missing => return self.note_missing(link, here),
            Sight::Unknown | Sight::OtherScope => {
                return self.find_on(link, FindingKind::Orphaned { gone });
            }
        };
        let seen = Sides::only(here, Some(survivor));
        // What somebody wanted left alone shows again when it changed.
        let decision = decision.filter(|decision| {
            let is_hands_off = matches!(decision.action, Action::DoNothing { .. });
            !is_hands_off || self.is_fresh(decision, seen)
        });
        let delete = self.planner.policy.sides[here].delete;
        match decision.map(|decision| (decision, &decision.action)) {
            Some((decision, Action::Unlink)) => {
                let operation =
                    self.operation(link, Step::Unlink, Sides::default(), Some(decision));
                self.operations.push(operation);
            }
            Some((decision, Action::Create { .. } | Action::Delete))
                if !self.is_fresh(decision, seen) =>
            {
                let decision = decision.id();
                self.find_on(link, FindingKind::Stale { decision });
            }
            Some((decision, Action::Create { .. })) => {
                if self.planner.policy.sides[gone].create == Permission::Never {
                    self.refuse(Some(link), decision, Refusal::NotPermitted { on: gone });
                    return;
                }
                let end = self.operation(link, Step::End, seen, Some(decision));
                let required = end.id;
                self.operations.push(end);
                self.want_recreate(link, survivor, gone, decision, required);
            }
            Some((decision, Action::Delete)) => {
                if delete == Permission::Never {
                    self.refuse(Some(link), decision, Refusal::NotPermitted { on: here });
                    return;
                }
                let operation =
                    self.operation(link, Step::Delete { on: here }, seen, Some(decision));
                self.operations.push(operation);
            }
            Some((_, Action::DoNothing { .. })) => {}
            // Whoever changed it since both were in step does not know that it is to go.
            None if delete == Permission::Automatic && self.is_as_agreed(link, here, survivor) => {
                let operation = self.operation(link, Step::Delete { on: here }, seen, None);
                self.operations.push(operation);
            }
            None => self.find_on(link, FindingKind::Orphaned { gone }),
            Some((decision, _)) => {
                self.refuse(Some(link), decision, Refusal::DoesNotFit);
                self.find_on(link, FindingKind::Orphaned { gone });
            }
        }
    }

    /// Whether a record says nothing but what was agreed, as far as the fields of both sides go.
    fn is_as_agreed(&self, link: &Link, which: Which, record: &Observation) -> bool {
        if mutated(Mutant::DeleteWhatChanged) {
            return true;
        }
        self.joint.fields.iter().all(|joint| {
            let Some(value) = joint.value(which, record) else {
                return true;
            };
            let base = link.base.get(joint.name());
            let unchanged = base.is_unchanged(which, value, joint.equivalence(), &joint.key);
            unchanged.unwrap_or_else(|| joint.equivalence().canonical(value).is_null())
        })
    }

    pub(super) fn refuse(&mut self, link: Option<&Link>, decision: &Decision, because: Refusal) {
        let keys = match (&decision.about, link) {
            (_, Some(link)) => link.keys.clone(),
            (crate::decision::About::Pair { keys }, None) => keys.clone().map(Some),
            (crate::decision::About::Record { side, key }, None) => {
                Sides::only(*side, Some(key.clone()))
            }
            (crate::decision::About::Link { .. }, None) => Sides::default(),
        };
        let decision = decision.id();
        self.find(link, keys, FindingKind::Refused { decision, because });
    }

    fn note_missing(&mut self, link: &'a Link, side: Which) {
        let at = self.snapshots[side].taken_at();
        let times = match link.presence[side] {
            // What was out of scope when it went missing may still be.
            Presence::OutOfScope => return self.find_on(link, FindingKind::OutOfScope { side }),
            Presence::Missing { at: before, .. } if at <= before => return,
            Presence::Missing { times, .. } => times.saturating_add(1),
            Presence::Present => 1,
        };
        let step = if times >= self.planner.policy.missing_after || mutated(Mutant::GoneAtOnce) {
            Step::Orphan { gone: side }
        } else {
            self.find_on(link, FindingKind::Missing { side, times });
            let presence = Presence::Missing { times, at };
            Step::Note { side, presence }
        };
        let operation = self.operation(link, step, Sides::default(), None);
        self.operations.push(operation);
    }

    fn plan_linked(&mut self, index: usize, link: &'a Link) {
        for which in Which::BOTH {
            if let Some(first) = self.first_holder(index, which) {
                self.find_on(link, FindingKind::HeldTwice { side: which, first });
                return;
            }
        }
        let decision = self.link_decisions.get(&link.id).copied();
        if let Some(decision) = decision.filter(|decision| decision.action == Action::Unlink) {
            let operation = self.operation(link, Step::Unlink, Sides::default(), Some(decision));
            self.operations.push(operation);
            return;
        }
        let mut seen = Sides::default();
        for which in Which::BOTH {
            match self.sight(index, link, which) {
                Sight::Seen(observation) => {
                    seen[which] = Some(observation);
                    if link.presence[which] != Presence::Present {
                        let presence = Presence::Present;
                        let step = Step::Note {
                            side: which,
                            presence,
                        };
                        let operation = self.operation(link, step, Sides::default(), None);
                        self.operations.push(operation);
                    }
                }
                Sight::Unknown => {}
                Sight::Deleted => {
                    let step = Step::Orphan { gone: which };
                    let operation = self.operation(link, step, Sides::default(), None);
                    self.operations.push(operation);
                }
                Sight::OtherScope => {
                    self.find_on(link, FindingKind::OutOfScope { side: which });
                    if link.presence[which] != Presence::OutOfScope {
                        let presence = Presence::OutOfScope;
                        let step = Step::Note {
                            side: which,
                            presence,
                        };
                        let operation = self.operation(link, step, Sides::default(), None);
                        self.operations.push(operation);
                    }
                }
                Sight::Missing => self.note_missing(link, which),
            }
        }
        if let Sides {
            left: Some(left),
            right: Some(right),
        } = seen
        {
            self.plan_fields(link, Sides::new(left, right), decision);
        }
    }

    /// Compares the fields of a linked pair. This is where nearly all time goes, and nearly all
    /// pairs are in step: those must cost no allocation.
    fn plan_fields(
        &mut self,
        link: &'a Link,
        observations: Sides<&'a Observation>,
        decision: Option<&'a Decision>,
    ) {
        self.compared += 1;
        let fields = &self.joint.fields;
        self.totals.fields += super::run::count(fields.len());
        let slots = observations.map(|observation| observation.record.slots());
        let bases = BaseSlots::new(&link.base, &self.joint.names, &mut self.known_names);
        let mut of_interest: Vec<usize> = Vec::new();
        for (slot, joint) in fields.iter().enumerate() {
            let left = slots.left.get(joint.slots.left).and_then(Option::as_ref);
            let right = slots.right.get(joint.slots.right).and_then(Option::as_ref);
            let is_in_step = match (left, right) {
                (Some(left), Some(right)) => {
                    !joint.may_refer
                        && joint.equivalence().equal(left, right)
                        && is_agreed(bases.get(slot, joint), left, joint)
                }
                _ => !mutated(Mutant::AbsentFieldIsNull),
            };
            if !is_in_step {
                of_interest.push(slot);
            }
        }
        if !of_interest.is_empty() {
            self.plan_changed_fields(link, &link.base, observations, decision, &of_interest);
        } else if let Some(decision) = decision {
            self.check_decision(link, decision, observations);
        }
    }

    /// A preference for a pair of which nothing is left to resolve was carried out, or is stale.
    fn check_decision(
        &mut self,
        link: &'a Link,
        decision: &Decision,
        observations: Sides<&Observation>,
    ) {
        match decision.action {
            Action::Prefer { .. } if !self.is_fresh(decision, observations.map(Some)) => {
                let decision = decision.id();
                self.find_on(link, FindingKind::Stale { decision });
            }
            Action::Prefer { .. } | Action::DoNothing { .. } => {}
            _ => self.refuse(Some(link), decision, Refusal::DoesNotFit),
        }
    }

    fn plan_changed_fields(
        &mut self,
        link: &Link,
        base: &Base,
        observations: Sides<&Observation>,
        decision: Option<&Decision>,
        of_interest: &[usize],
    ) {
        let first_sync = self.planner.policy.first_sync.preferred();
        let mut wishes = Wishes {
            first_sync,
            ..Wishes::default()
        };
        let mut acting = None;
        if let Some(decision) = decision {
            let is_fresh = self.is_fresh(decision, observations.map(Some));
            match &decision.action {
                Action::Prefer {
                    side,
                    fields,
                    force,
                } if is_fresh => {
                    if let Some(field) = self.unknown_field(fields.keys()) {
                        self.refuse(Some(link), decision, Refusal::UnknownField { field });
                    } else {
                        wishes.prefer = *side;
                        wishes.by_field = Some(fields);
                        wishes.is_forced = *force && decision.reason.is_some();
                        wishes.is_decided = true;
                        acting = Some(decision);
                    }
                }
                Action::Prefer { .. } => {
                    let decision = decision.id();
                    self.find_on(link, FindingKind::Stale { decision });
                }
                Action::DoNothing { fields, .. } if is_fresh => {
                    wishes.hands_off = Some(fields.as_slice());
                }
                // What somebody wanted left alone changed: it shows again.
                Action::DoNothing { .. } => {}
                _ => self.refuse(Some(link), decision, Refusal::DoesNotFit),
            }
        }
        self.resolve(link, base, observations, &wishes, acting, of_interest, &[]);
    }

    fn unknown_field<'n>(
        &self,
        mut names: impl Iterator<Item = &'n flat_record::FieldName>,
    ) -> Option<flat_record::FieldName> {
        let is_unknown = |name: &&flat_record::FieldName| {
            Which::BOTH
                .into_iter()
                .all(|which| self.snapshots[which].fields().slot(name).is_none())
        };
        names.find(is_unknown).cloned()
    }

    /// Turns what became of some fields into operations and findings.
    #[expect(
        clippy::too_many_arguments,
        reason = "they are what the question is made of"
    )]
    pub(super) fn resolve(
        &mut self,
        link: &Link,
        base: &Base,
        observations: Sides<&Observation>,
        wishes: &Wishes<'_>,
        decision: Option<&Decision>,
        slots: &[usize],
        requires: &[crate::plan::OperationId],
    ) {
        let mut agreed = Vec::new();
        let mut changes: Sides<Vec<FieldChange>> = Sides::default();
        let mut findings: BTreeMap<u8, (FindingKind, Vec<FieldDifference>)> = BTreeMap::new();
        let mut has_moved = Sides::new(false, false);
        for slot in slots {
            let joint = &self.joint.fields[*slot];
            let in_base = base.get(joint.name());
            let mut verdict =
                self.field_planner()
                    .judge(joint, link, in_base, observations, wishes);
            for which in Which::BOTH {
                let own = match which {
                    Which::Left => FieldState::LeftChanged,
                    Which::Right => FieldState::RightChanged,
                };
                let both = [FieldState::Conflict, FieldState::BothSame].contains(&verdict.state);
                has_moved[which] |= !in_base.is_unknown() && (verdict.state == own || both);
            }
            let about = match &verdict.resolution {
                Resolution::Ask if verdict.state == FieldState::Drift => {
                    Some((1, FindingKind::Drift))
                }
                Resolution::Ask => Some((0, FindingKind::Conflict)),
                Resolution::Held {
                    because: Hold::DoNothing,
                } => None,
                Resolution::Held { .. } => Some((2, FindingKind::Held)),
                Resolution::Agree => {
                    agreed.push(joint.name().clone());
                    None
                }
                _ => None,
            };
            if let Some((rank, kind)) = about {
                let difference = self.difference(*slot, base, observations, &verdict);
                findings
                    .entry(rank)
                    .or_insert((kind, Vec::new()))
                    .1
                    .push(difference);
            }
            for on in Which::BOTH {
                let was = joint.value(on, observations[on]);
                if let (Some(to), Some(was)) = (
                    verdict.write[on].take(),
                    was.or(Some(&flat_record::Value::Null)),
                ) {
                    changes[on].push(FieldChange {
                        field: joint.name().clone(),
                        was: was.clone(),
                        to,
                        because: reason(&verdict.recommendation.reasons),
                        is_hidden: false,
                    });
                }
            }
        }
        for which in Which::BOTH {
            self.changed[which] += u64::from(has_moved[which]);
        }
        let seen = observations.map(Some);
        let mut steps = Vec::new();
        if !agreed.is_empty() {
            steps.push((Step::Agree { fields: agreed }, None));
        }
        for on in Which::BOTH {
            let changes = std::mem::take(&mut changes[on]);
            if !changes.is_empty() {
                steps.push((Step::Update { on, changes }, decision));
            }
        }
        for (step, decision) in steps {
            let mut operation = self.operation(link, step, seen, decision);
            operation.requires.extend_from_slice(requires);
            self.operations.push(operation);
        }
        for (what, fields) in findings.into_values() {
            match what {
                FindingKind::Conflict => self.totals.conflicts += 1,
                FindingKind::Drift => self.totals.drifts += 1,
                _ => {}
            }
            let (link_id, keys) = (Some(link.id), link.keys.clone());
            self.findings.push(Finding {
                link: link_id,
                keys,
                what,
                fields,
            });
        }
    }
}

/// The strongest reason.
fn reason(reasons: &[Reason]) -> Reason {
    reasons.first().cloned().unwrap_or(Reason::BothChanged)
}

/// Whether both sides saying `value` is what was agreed.
fn is_agreed(base: &BaseField, value: &flat_record::Value, joint: &JointField<'_>) -> bool {
    match base {
        BaseField::Hash(hash) => *hash == joint.key.hash(value, joint.equivalence()),
        BaseField::Value(agreed) => joint.equivalence().equal(agreed, value),
        BaseField::Unknown | BaseField::Pair(_) => false,
    }
}

/// The slots of a base, in the order of the joint fields if they are kept so.
struct BaseSlots<'a> {
    base: &'a Base,
    is_aligned: bool,
}

impl<'a> BaseSlots<'a> {
    fn new(base: &'a Base, names: &BaseNames, known: &mut BaseNames) -> Self {
        // Most bases share one list of names: it is compared once.
        let is_aligned = base.names().is_same(names)
            || base.names().is_same(known)
            || base.names().iter().eq(names.iter());
        if is_aligned && !base.names().is_same(known) {
            *known = base.names().clone();
        }
        Self { base, is_aligned }
    }

    fn get(&self, slot: usize, joint: &JointField<'_>) -> &'a BaseField {
        if self.is_aligned {
            self.base.slots().get(slot).unwrap_or(&BaseField::Unknown)
        } else {
            self.base.get(joint.name())
        }
    }
}
