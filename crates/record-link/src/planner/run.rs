//! One run of the planner: what it looks up, and what it gathers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::creates::Wanted;
use super::fields::{FieldPlanner, JointFields, Verdict};
use super::{Planner, PlannerError};
use crate::base::{Base, BaseNames};
use crate::candidate::Candidate;
use crate::change::FieldDifference;
use crate::decision::{About, Action, Decision, DecisionId, Until};
use crate::identity::{LinkId, RecordKey, Sides, Which};
use crate::key_index;
use crate::link::{Link, LinkState};
use crate::mutants::{Mutant, is as mutated};
use crate::observation::Observation;
use crate::plan::{
    Digest, Expectation, ExpectedRecord, Finding, FindingKind, Operation, OperationId, Plan, Step,
    Totals, Verdict as PlanVerdict,
};
use crate::references::References;
use crate::snapshot::Snapshot;

/// What the links that are not live any more say of a record.
#[derive(Default, Clone, Copy)]
pub(super) struct Past {
    /// The next incarnation.
    pub(super) next: u64,
    /// It was unlinked.
    pub(super) is_unlinked: bool,
}

/// How many links are read ahead. Links and records lie all over the memory, and whoever asks for
/// one, works on it, and then asks for the next, mostly waits. A short loop that only reads a few
/// of them first lets the processor wait for all of them at once.
const READ_AHEAD: usize = 32;

/// No record, no link.
const NONE: u32 = u32::MAX;

pub(super) struct Run<'a> {
    pub(super) planner: &'a Planner<'a>,
    pub(super) snapshots: Sides<&'a Snapshot>,
    pub(super) now: DateTime<Utc>,
    pub(super) joint: JointFields<'a>,
    pub(super) references: References<'a>,
    /// For each observation of a side, which link holds it.
    holders: Sides<Vec<u32>>,
    /// For each link, which observation of each side it holds.
    positions: Vec<Sides<u32>>,
    pub(super) past: Sides<BTreeMap<&'a str, Past>>,
    pub(super) link_decisions: BTreeMap<LinkId, &'a Decision>,
    pub(super) record_decisions: BTreeMap<(Which, &'a str), &'a Decision>,
    pub(super) pair_decisions: BTreeMap<Sides<&'a str>, &'a Decision>,
    /// Candidates that nobody rejected, by record.
    pub(super) candidates: Sides<BTreeMap<&'a str, Vec<&'a Candidate>>>,
    /// The names of a base that were found to be the joint ones.
    pub(super) known_names: BaseNames,
    /// Records that this plan links, by their positions.
    pub(super) taken: Sides<BTreeMap<usize, LinkId>>,
    /// Records of which several were created.
    pub(super) doubled: BTreeSet<(Which, &'a str)>,
    /// Creates that may have taken effect: where, of which link, from which record.
    pub(super) doubts: Vec<(Which, LinkId, &'a Observation)>,
    pub(super) wanted: Vec<Wanted<'a>>,
    pub(super) operations: Vec<Operation>,
    pub(super) findings: Vec<Finding>,
    pub(super) totals: Totals,
    /// Linked pairs that were compared, and how many of them changed on each side.
    pub(super) compared: u64,
    pub(super) changed: Sides<u64>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        planner: &'a Planner<'a>,
        snapshots: Sides<&'a Snapshot>,
        now: DateTime<Utc>,
    ) -> Result<Self, PlannerError> {
        let layouts = snapshots.map(Snapshot::fields);
        let joint = JointFields::new(layouts, planner.policy, &planner.keeping)?;
        let mut references = planner.references.clone();
        if joint.fields.iter().any(|joint| joint.may_refer) {
            references.add(planner.links);
        }
        let mut run = Self {
            planner,
            snapshots,
            now,
            joint,
            references,
            holders: snapshots.map(|snapshot| vec![NONE; snapshot.len()]),
            positions: Vec::with_capacity(planner.links.len()),
            past: Sides::default(),
            link_decisions: BTreeMap::new(),
            record_decisions: BTreeMap::new(),
            pair_decisions: BTreeMap::new(),
            candidates: Sides::default(),
            known_names: BaseNames::default(),
            taken: Sides::default(),
            doubled: BTreeSet::new(),
            doubts: Vec::new(),
            wanted: Vec::new(),
            operations: Vec::new(),
            findings: Vec::new(),
            totals: Totals::default(),
            compared: 0,
            changed: Sides::default(),
        };
        run.find_records()?;
        run.sort_decisions();
        run.sort_candidates();
        Ok(run)
    }

    /// Finds the observations that each link holds.
    fn find_records(&mut self) -> Result<(), PlannerError> {
        let links = self.planner.links;
        let mut hashes: Vec<Sides<u64>> = Vec::with_capacity(READ_AHEAD);
        for (index, link) in links.iter().enumerate() {
            if index % READ_AHEAD == 0 {
                hashes.clear();
                let ahead = links.iter().skip(index).take(READ_AHEAD);
                hashes.extend(ahead.map(|link| {
                    let keys = link.keys.as_ref();
                    keys.map(|key| key.as_ref().map_or(0, |key| key_index::hash(key.as_str())))
                }));
                let touched = hashes.iter().map(|hash| {
                    let touch = |which: Which| self.snapshots[which].touch(hash[which]);
                    touch(Which::Left) ^ touch(Which::Right)
                });
                std::hint::black_box(touched.fold(0, |all, one| all ^ one));
            }
            let hash = hashes[index % READ_AHEAD];
            if link.connection != self.planner.connection || link.kind != self.planner.kind {
                return Err(PlannerError::ForeignLink(link.id));
            }
            if !link.is_live() {
                self.remember(link);
                self.positions.push(Sides::new(NONE, NONE));
                continue;
            }
            let needs = |which: Which| link.state.creates_on() != Some(which);
            if Which::BOTH
                .into_iter()
                .any(|which| needs(which) && link.keys[which].is_none())
            {
                return Err(PlannerError::BrokenLink(link.id));
            }
            let positions = Sides::from_fn(|which| {
                let key = link.keys[which].as_ref();
                let position = key.and_then(|key| {
                    let key = key.as_str();
                    self.snapshots[which].position_hashed(key, hash[which])
                });
                position
                    .and_then(|position| u32::try_from(position).ok())
                    .unwrap_or(NONE)
            });
            self.positions.push(positions);
            let index = u32::try_from(index).unwrap_or(NONE);
            for which in Which::BOTH {
                let Some(holder) = at_mut(&mut self.holders[which], positions[which]) else {
                    continue;
                };
                // Which of two comes first must not depend on the order of the links.
                let earlier = usize::try_from(*holder)
                    .ok()
                    .and_then(|held| links.get(held));
                match earlier {
                    None => *holder = index,
                    Some(earlier) if earlier.id == link.id => {
                        return Err(PlannerError::DuplicateLink(link.id));
                    }
                    Some(earlier) if link.id < earlier.id => *holder = index,
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Remembers what a link that is not live says of its records.
    fn remember(&mut self, link: &'a Link) {
        for which in Which::BOTH {
            if let Some(key) = &link.keys[which] {
                let past = self.past[which].entry(key.as_str()).or_default();
                let is_unlinked =
                    matches!(link.state, LinkState::Unlinked(_)) && !mutated(Mutant::NoTombstone);
                let next = link.incarnation.saturating_add(1);
                // A tombstone holds until somebody links again: the latest life counts.
                past.is_unlinked = match next.cmp(&past.next) {
                    std::cmp::Ordering::Less => past.is_unlinked,
                    std::cmp::Ordering::Equal => past.is_unlinked || is_unlinked,
                    std::cmp::Ordering::Greater => is_unlinked,
                };
                past.next = past.next.max(next);
            }
        }
    }

    fn sort_decisions(&mut self) {
        let mut latest: BTreeMap<DecisionId, &'a Decision> = BTreeMap::new();
        for decision in self.planner.decisions {
            if decision.connection != self.planner.connection || decision.kind != self.planner.kind
            {
                continue;
            }
            let known = latest.entry(decision.id()).or_insert(decision);
            if decision.at > known.at {
                *known = decision;
            }
        }
        for decision in latest.into_values() {
            match &decision.about {
                About::Link { id } => {
                    self.link_decisions.insert(*id, decision);
                }
                About::Record { side, key } => {
                    self.record_decisions
                        .insert((*side, key.as_str()), decision);
                }
                About::Pair { keys } => {
                    let keys = keys.as_ref().map(RecordKey::as_str);
                    self.pair_decisions.insert(keys, decision);
                }
            }
        }
    }

    fn sort_candidates(&mut self) {
        for candidate in self.planner.candidates {
            let keys = candidate.keys.as_ref().map(RecordKey::as_str);
            let decision = self.pair_decisions.get(&keys);
            if decision.is_some_and(|decision| decision.action == Action::Reject) {
                continue;
            }
            for which in Which::BOTH {
                let of_record = self.candidates[which].entry(keys[which]).or_default();
                of_record.push(candidate);
            }
        }
        for which in Which::BOTH {
            for of_record in self.candidates[which].values_mut() {
                of_record.sort_by(|one, other| {
                    let by_likelihood = other.per_mille.cmp(&one.per_mille);
                    by_likelihood.then_with(|| one.keys.cmp(&other.keys))
                });
                of_record.dedup_by(|one, other| one.keys == other.keys);
            }
        }
    }

    pub(super) fn plan(mut self) -> Result<Plan, PlannerError> {
        let planner = self.planner;
        self.totals.records = self.snapshots.map(|snapshot| count(snapshot.len()));
        let order = self.order();
        for (at, index) in order.iter().copied().enumerate() {
            if at % READ_AHEAD == 0 {
                let ahead = order.iter().skip(at).take(READ_AHEAD);
                let touched = ahead.filter_map(|index| {
                    let link = planner.links.get(*index)?;
                    let right = self.held(*index, Which::Right);
                    let said = right.is_some_and(|one| one.record.get_slot(0).is_some());
                    Some(link.base.slots().first()?.is_unknown() ^ said ^ link.is_live())
                });
                std::hint::black_box(touched.fold(false, |all, one| all ^ one));
            }
            if let Some(link) = planner.links.get(index).filter(|link| link.is_live()) {
                self.totals.links += 1;
                self.plan_link(index, link);
            }
        }
        self.plan_pairs();
        self.doubts.sort_by_key(|(_, link, _)| *link);
        let creates = self.plan_creates();
        if !mutated(Mutant::OrderMatters) {
            self.operations
                .sort_by_key(|operation| (operation.link, rank(&operation.step)));
        }
        self.operations.extend(creates);
        self.report_pointless_decisions();
        self.findings
            .sort_by(|one, other| (one.link, &one.keys).cmp(&(other.link, &other.keys)));
        self.totals.count(&self.operations);
        let digest = Digest::of(&planner.connection, &planner.kind, &self.operations)?;
        let trips = self.trips();
        let verdict = match trips {
            trips if trips.is_empty() || mutated(Mutant::NoGuard) => PlanVerdict::Clear,
            trips if planner.approved == Some(digest) => PlanVerdict::Approved { trips },
            trips => PlanVerdict::Quarantined { trips },
        };
        let scopes = Sides::from_fn(|which| {
            let snapshot = self.snapshots[which];
            let seen = snapshot.is_complete().then(|| snapshot.scope());
            seen.or(planner.known_scopes[which])
        });
        Ok(Plan {
            connection: planner.connection.clone(),
            kind: planner.kind.clone(),
            made_at: self.now,
            digest,
            verdict,
            operations: self.operations,
            findings: self.findings,
            totals: self.totals,
            scopes,
        })
    }

    /// The links in the order of the left side's records, and then the others. The plan does not
    /// depend on it, but its time does: records lie one after the other in memory, and what is read
    /// in that order is there before it is asked for.
    fn order(&self) -> Vec<usize> {
        let links = self.planner.links.len();
        let mut order = Vec::with_capacity(links);
        let mut is_ordered = vec![false; links];
        for holder in &self.holders.left {
            let Ok(index) = usize::try_from(*holder) else {
                continue;
            };
            if let Some(mark) = is_ordered.get_mut(index) {
                *mark = true;
                order.push(index);
            }
        }
        order.extend((0..links).filter(|index| !is_ordered[*index]));
        order
    }

    /// The observation of a side that a link holds; none if contradicting ones came.
    pub(super) fn held(&self, index: usize, which: Which) -> Option<&'a Observation> {
        let position = self.positions.get(index)?[which];
        let position = usize::try_from(position).ok()?;
        let snapshot: &'a Snapshot = self.snapshots[which];
        let observation = snapshot.observations().get(position)?;
        (!snapshot.is_contradicted(position)).then_some(observation)
    }

    /// Whether contradicting items came for the record that a link holds.
    pub(super) fn is_contradicted(&self, index: usize, which: Which) -> bool {
        let position = self.positions.get(index).map_or(NONE, |sides| sides[which]);
        usize::try_from(position).is_ok_and(|at| self.snapshots[which].is_contradicted(at))
    }

    /// The live link that holds an observation.
    pub(super) fn holder(&self, which: Which, position: usize) -> Option<&'a Link> {
        let holder = *self.holders[which].get(position)?;
        self.planner.links.get(usize::try_from(holder).ok()?)
    }

    /// Another link that holds the record too, and comes first.
    pub(super) fn first_holder(&self, index: usize, which: Which) -> Option<LinkId> {
        let position = self.positions.get(index)?[which];
        let holder = self.holder(which, usize::try_from(position).ok()?)?;
        let link = self.planner.links.get(index)?;
        (holder.id != link.id).then_some(holder.id)
    }

    pub(super) fn past(&self, which: Which, key: &str) -> Past {
        self.past[which].get(key).copied().unwrap_or_default()
    }

    pub(super) fn field_planner(&self) -> FieldPlanner<'_> {
        FieldPlanner {
            policy: self.planner.policy,
            references: &self.references,
            merges: &self.planner.merges,
            now: self.now,
        }
    }

    fn expected(&self, observation: &Observation) -> ExpectedRecord {
        let hash = observation.hash(&self.planner.keeping.hash_key);
        ExpectedRecord::new(hash, observation.version.clone())
    }

    /// An operation on a link.
    pub(super) fn operation(
        &self,
        link: &Link,
        step: Step,
        observations: Sides<Option<&Observation>>,
        decision: Option<&Decision>,
    ) -> Operation {
        Operation {
            id: OperationId::of(link.id, link.incarnation, &step),
            link: link.id,
            keys: link.keys.clone(),
            incarnation: link.incarnation,
            step,
            requires: Vec::new(),
            expects: Expectation {
                link_version: (link.version > 0).then_some(link.version),
                records: observations.map(|observation| Some(self.expected(observation?))),
            },
            decision: decision.map(Decision::id),
            by: decision.and_then(|decision| decision.by.clone()),
        }
    }

    pub(super) fn find(
        &mut self,
        link: Option<&Link>,
        keys: Sides<Option<RecordKey>>,
        what: FindingKind,
    ) {
        let link = link.map(|link| link.id);
        let fields = Vec::new();
        self.findings.push(Finding {
            link,
            keys,
            what,
            fields,
        });
    }

    pub(super) fn find_on(&mut self, link: &Link, what: FindingKind) {
        self.find(Some(link), link.keys.clone(), what);
    }

    /// Whether the records are what somebody saw who decided.
    pub(super) fn is_fresh(
        &self,
        decision: &Decision,
        observations: Sides<Option<&Observation>>,
    ) -> bool {
        if mutated(Mutant::StaleDecision) {
            return true;
        }
        let key = &self.planner.keeping.hash_key;
        let seen = observations.map(|one| one.map(|one| decision.hash_of(&one.record, key)));
        match &decision.action {
            Action::DoNothing {
                until: Until::Forever,
                ..
            } => true,
            _ => seen == decision.seen,
        }
    }

    /// What is shown of a field.
    pub(super) fn difference(
        &self,
        slot: usize,
        base: &Base,
        observations: Sides<&Observation>,
        verdict: &Verdict,
    ) -> FieldDifference {
        let joint = &self.joint.fields[slot];
        FieldDifference {
            field: joint.name().clone(),
            sensitivity: joint.field.sensitivity,
            state: verdict.state,
            values: Sides::from_fn(|which| joint.value(which, observations[which]).cloned()),
            base: base.get(joint.name()).value(Which::Left).cloned(),
            resolution: verdict.resolution.clone(),
            recommendation: verdict.recommendation.clone(),
        }
    }

    /// Decisions about what is not there.
    fn report_pointless_decisions(&mut self) {
        let known: BTreeSet<LinkId> = if self.link_decisions.is_empty() {
            BTreeSet::new()
        } else {
            self.planner.links.iter().map(|link| link.id).collect()
        };
        let mut pointless = Vec::new();
        for (id, decision) in &self.link_decisions {
            if !known.contains(id) {
                pointless.push((Sides::default(), decision.id()));
            }
        }
        for ((side, key), decision) in &self.record_decisions {
            let snapshot = self.snapshots[*side];
            if snapshot.is_complete() && snapshot.get(key).is_none() {
                let key = RecordKey::new(*key).ok();
                pointless.push((Sides::only(*side, key), decision.id()));
            }
        }
        for (keys, decision) in pointless {
            self.find(None, keys, FindingKind::NothingToDecide { decision });
        }
    }
}

fn at_mut(holders: &mut [u32], position: u32) -> Option<&mut u32> {
    holders.get_mut(usize::try_from(position).ok()?)
}

pub(super) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// In which order the operations on one link are carried out.
fn rank(step: &Step) -> (u8, Option<Which>) {
    match step {
        Step::Link { .. } => (0, None),
        Step::Adopt { on } => (1, Some(*on)),
        Step::Return { back } => (2, Some(*back)),
        Step::Note { side, .. } => (3, Some(*side)),
        Step::Agree { .. } => (4, None),
        Step::Update { on, .. } => (5, Some(*on)),
        Step::Orphan { gone } => (6, Some(*gone)),
        Step::Delete { on } => (7, Some(*on)),
        Step::Unlink => (8, None),
        Step::End => (9, None),
        Step::Create { on, .. } => (10, Some(*on)),
    }
}
