//! The three-way comparison of one field, and what the policy makes of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{Equivalence, Field, FieldName, Fields, HashKey, Set, Value, ValueKind};

use super::{MergeInput, MergeValues, PlannerError};
use crate::base::{BaseField, BaseNames, Keeping};
use crate::change::{FieldState, Hold, Reason, Recommendation, Resolution};
use crate::identity::{Sides, Which};
use crate::link::{Link, Origin};
use crate::mutants::{Mutant, is as mutated};
use crate::observation::Observation;
use crate::policy::{FieldRule, Gate, MergeWith, Permission, Policy};
use crate::references::References;

/// One field that both sides have, with everything about it that does not depend on the record.
pub(super) struct JointField<'a> {
    pub(super) field: &'a Field,
    pub(super) slots: Sides<usize>,
    pub(super) key: HashKey,
    pub(super) rule: &'a FieldRule,
    /// Its values may speak of other records.
    pub(super) may_refer: bool,
}

/// The fields that both sides have and that are not off, in the order of their names.
pub(super) struct JointFields<'a> {
    pub(super) fields: Vec<JointField<'a>>,
    /// The names, for new bases.
    pub(super) names: BaseNames,
}

impl<'a> JointFields<'a> {
    pub(super) fn new(
        layouts: Sides<&'a Fields>,
        policy: &'a Policy,
        keeping: &Keeping,
    ) -> Result<Self, PlannerError> {
        let mut fields = Vec::new();
        for (left_slot, left) in layouts.left.iter().enumerate() {
            let Some(right_slot) = layouts.right.slot(&left.name) else {
                continue;
            };
            let is_alike = layouts.right.field(right_slot).is_some_and(|right| {
                right.kind == left.kind && right.equivalence == left.equivalence
            });
            if !is_alike {
                return Err(PlannerError::FieldMismatch(left.name.clone()));
            }
            let right_sensitivity = layouts
                .right
                .field(right_slot)
                .map(|right| right.sensitivity);
            let sensitivity = left.sensitivity.max(right_sensitivity.unwrap_or_default());
            let rule = policy.rule(&left.name);
            if policy.is_off(sensitivity) || *rule == FieldRule::Never {
                continue;
            }
            fields.push(JointField {
                field: left,
                slots: Sides::new(left_slot, right_slot),
                key: keeping.hash_key.for_field(&left.name),
                rule,
                may_refer: matches!(
                    left.kind,
                    ValueKind::Reference | ValueKind::List | ValueKind::Set
                ),
            });
        }
        fields.sort_by(|one, other| one.field.name.cmp(&other.field.name));
        let names = BaseNames::new(fields.iter().map(|joint| joint.field.name.clone()));
        Ok(Self { fields, names })
    }
}

impl JointField<'_> {
    pub(super) fn name(&self) -> &FieldName {
        &self.field.name
    }

    pub(super) fn equivalence(&self) -> &Equivalence {
        &self.field.equivalence
    }

    pub(super) fn value<'o>(
        &self,
        which: Which,
        observation: &'o Observation,
    ) -> Option<&'o Value> {
        observation.record.get_slot(self.slots[which])
    }
}

/// What a decision, or the way a link comes about, says about the fields of a link.
#[derive(Default)]
pub(super) struct Wishes<'a> {
    /// Whose values win, in fields that are not named in `by_field`.
    pub(super) prefer: Option<Which>,
    pub(super) by_field: Option<&'a BTreeMap<FieldName, Which>>,
    /// Also against an owner.
    pub(super) is_forced: bool,
    /// They are somebody's, and not only the policy's.
    pub(super) is_decided: bool,
    /// What to do where nothing was agreed.
    pub(super) first_sync: Option<Which>,
    /// Nothing is to be done about these; empty means all.
    pub(super) hands_off: Option<&'a [FieldName]>,
}

impl Wishes<'_> {
    fn preferred(&self, name: &FieldName) -> Option<Which> {
        let by_field = self.by_field.and_then(|fields| fields.get(name));
        by_field.copied().or(self.prefer)
    }

    fn is_hands_off(&self, name: &FieldName) -> bool {
        self.hands_off
            .is_some_and(|fields| fields.is_empty() || fields.contains(name))
    }
}

/// What is the same for all fields of a plan.
pub(super) struct FieldPlanner<'a> {
    pub(super) policy: &'a Policy,
    pub(super) references: &'a References<'a>,
    pub(super) merges: &'a BTreeMap<String, Box<MergeValues<'a>>>,
    pub(super) now: DateTime<Utc>,
}

/// What became of a field and what is done about it.
pub(super) struct Verdict {
    pub(super) state: FieldState,
    pub(super) resolution: Resolution,
    pub(super) recommendation: Recommendation,
    /// What is written to each side, in its terms.
    pub(super) write: Sides<Option<Value>>,
}

impl Verdict {
    fn new(state: FieldState, resolution: Resolution, reasons: Vec<Reason>) -> Self {
        let recommendation = Recommendation {
            side: None,
            reasons,
        };
        Self {
            state,
            resolution,
            recommendation,
            write: Sides::default(),
        }
    }

    fn held(state: FieldState, because: Hold, reasons: Vec<Reason>) -> Self {
        Self::new(state, Resolution::Held { because }, reasons)
    }
}

impl FieldPlanner<'_> {
    /// Whether two values say the same; `None` if one speaks of a record that is not linked.
    fn equal(&self, joint: &JointField<'_>, values: Sides<&Value>) -> Option<bool> {
        let equivalence = joint.equivalence();
        if !joint.may_refer {
            return Some(equivalence.equal(values.left, values.right));
        }
        if let Ok(left) = self.references.translate(values.left, Which::Left) {
            return Some(equivalence.equal(&left, values.right));
        }
        let right = self.references.translate(values.right, Which::Right).ok()?;
        Some(equivalence.equal(values.left, &right))
    }

    /// The state of a field that both sides can read.
    fn state(&self, joint: &JointField<'_>, base: &BaseField, values: Sides<&Value>) -> FieldState {
        let equal = self.equal(joint, values);
        let is_changed = |which: Which| {
            let unchanged =
                base.is_unchanged(which, values[which], joint.equivalence(), &joint.key);
            unchanged.map(|unchanged| !unchanged)
        };
        let (Some(left), Some(right)) = (is_changed(Which::Left), is_changed(Which::Right)) else {
            return match equal {
                Some(true) => FieldState::BothSame,
                Some(false) if mutated(Mutant::BlindFirstSync) => FieldState::LeftChanged,
                Some(false) => FieldState::Conflict,
                None => FieldState::Unreadable,
            };
        };
        if equal == Some(true) && !mutated(Mutant::FalseConflict) {
            let is_stated = !matches!(base, BaseField::Pair(pair) if !pair.is_acknowledged);
            return if !left && !right && is_stated {
                FieldState::Same
            } else {
                FieldState::BothSame
            };
        }
        match (left, right) {
            (true, true) => FieldState::Conflict,
            (true, false) => FieldState::LeftChanged,
            (false, true) => FieldState::RightChanged,
            (false, false) => {
                // What refers to another record stands for the same only as long as that record
                // is linked with the same partner.
                let may_differ = !joint.may_refer || equal.is_none();
                let is_agreed =
                    may_differ && matches!(base, BaseField::Pair(pair) if pair.is_acknowledged);
                if is_agreed || equal == Some(true) || mutated(Mutant::SilentDrift) {
                    FieldState::Same
                } else {
                    FieldState::Drift
                }
            }
        }
    }

    /// What became of a field of a linked pair, and what is done about it.
    pub(super) fn judge(
        &self,
        joint: &JointField<'_>,
        link: &Link,
        base: &BaseField,
        observations: Sides<&Observation>,
        wishes: &Wishes<'_>,
    ) -> Verdict {
        let (Some(left), Some(right)) = (
            joint.value(Which::Left, observations.left),
            joint.value(Which::Right, observations.right),
        ) else {
            let verdict = Verdict::new(FieldState::Unreadable, Resolution::Nothing, Vec::new());
            let left = joint.value(Which::Left, observations.left);
            return match left {
                // A missing value is no empty value.
                Some(_) if mutated(Mutant::AbsentFieldIsNull) => {
                    self.write(joint, link, verdict, Which::Left, Value::Null, wishes)
                }
                _ => verdict,
            };
        };
        let values = Sides::new(left, right);
        let state = self.state(joint, base, values);
        match state {
            FieldState::Same => return Verdict::new(state, Resolution::Nothing, Vec::new()),
            FieldState::BothSame => {
                let resolution = if mutated(Mutant::ForgetAgreement) {
                    Resolution::Nothing
                } else {
                    Resolution::Agree
                };
                return Verdict::new(state, resolution, vec![Reason::Equal]);
            }
            FieldState::Unreadable => return self.blocked(values, state),
            _ => {}
        }
        if wishes.is_hands_off(joint.name()) {
            return Verdict::held(state, Hold::DoNothing, Vec::new());
        }
        let is_known = !base.is_unknown();
        let (winner, reasons) =
            self.winner(joint, link, state, is_known, values, observations, wishes);
        let verdict = Verdict::new(state, Resolution::Ask, reasons);
        match winner {
            Winner::Side(side) => self.write(
                joint,
                link,
                verdict,
                side.other(),
                values[side].clone(),
                wishes,
            ),
            Winner::Merge(with) => self.merge(joint, link, state, base, values, with, wishes),
            Winner::Nobody => Verdict {
                resolution: Resolution::Nothing,
                ..verdict
            },
            Winner::Ask(advice) => {
                let mut verdict = verdict;
                verdict.recommendation.side = advice;
                verdict
            }
        }
    }

    fn blocked(&self, values: Sides<&Value>, state: FieldState) -> Verdict {
        let unlinked = Which::BOTH
            .into_iter()
            .find_map(|which| self.references.translate(values[which], which).err());
        match unlinked {
            Some(unlinked) => Verdict::held(state, Hold::Blocked { on: unlinked.0 }, Vec::new()),
            None => Verdict::new(state, Resolution::Nothing, Vec::new()),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "they are what the question is made of"
    )]
    fn winner<'w>(
        &self,
        joint: &'w JointField<'_>,
        link: &Link,
        state: FieldState,
        is_known: bool,
        values: Sides<&Value>,
        observations: Sides<&Observation>,
        wishes: &Wishes<'_>,
    ) -> (Winner<'w>, Vec<Reason>) {
        if let Some(side) = wishes.preferred(joint.name()) {
            let is_forced = wishes.is_forced && !joint.rule.may_write(side.other());
            return (
                Winner::Side(side),
                vec![Reason::Decided { side, is_forced }],
            );
        }
        let is_empty = |which: Which| joint.equivalence().canonical(values[which]).is_null();
        if let FieldRule::WriteOnce { from } = joint.rule {
            // It had a value, which somebody took out: that stands.
            let was_emptied = match state {
                FieldState::Conflict => is_known || forgot(link),
                FieldState::LeftChanged => *from == Which::Right,
                FieldState::RightChanged => *from == Which::Left,
                _ => false,
            };
            return if is_empty(from.other()) && !is_empty(*from) && !was_emptied {
                (
                    Winner::Side(*from),
                    vec![Reason::OtherIsEmpty { side: *from }],
                )
            } else {
                (Winner::Nobody, Vec::new())
            };
        }
        if !is_known {
            if let Origin::Created { on } = link.origin
                && is_empty(on)
                && !forgot(link)
            {
                let side = on.other();
                return (Winner::Side(side), vec![Reason::LeftOut { side }]);
            }
            if let Some(side) = wishes.first_sync {
                return (Winner::Side(side), vec![Reason::FirstSync { side }]);
            }
            if mutated(Mutant::BlindFirstSync) {
                return (Winner::Side(Which::Left), Vec::new());
            }
            let only = Which::BOTH.into_iter().find(|side| is_empty(side.other()));
            let (advice, reason) = match (joint.rule, only) {
                (FieldRule::Owned { by }, _) => (Some(*by), Some(Reason::Owned { by: *by })),
                (_, Some(side)) => (Some(side), Some(Reason::OtherIsEmpty { side })),
                _ => self.fresher(joint, observations, true),
            };
            let reasons = [Reason::NothingAgreed].into_iter().chain(reason).collect();
            return (Winner::Ask(advice), reasons);
        }
        if let FieldRule::Owned { by } = joint.rule {
            return (Winner::Side(*by), vec![Reason::Owned { by: *by }]);
        }
        let changed = match state {
            FieldState::LeftChanged => Some(Which::Left),
            FieldState::RightChanged => Some(Which::Right),
            _ => None,
        };
        if let Some(side) = changed {
            return (Winner::Side(side), vec![Reason::OnlyOneChanged { side }]);
        }
        if state == FieldState::Conflict && mutated(Mutant::LeftWinsConflicts) {
            return (Winner::Side(Which::Left), Vec::new());
        }
        match joint.rule {
            FieldRule::Merge { with } if state == FieldState::Conflict => {
                return (Winner::Merge(with), vec![Reason::Merged]);
            }
            FieldRule::Newest { trust_record_times } if state == FieldState::Conflict => {
                if let (Some(side), Some(reason)) =
                    self.fresher(joint, observations, *trust_record_times)
                {
                    return (Winner::Side(side), vec![reason]);
                }
            }
            _ => {}
        }
        let (advice, reason) = self.fresher(joint, observations, true);
        let first = (state == FieldState::Conflict).then_some(Reason::BothChanged);
        (
            Winner::Ask(advice),
            first.into_iter().chain(reason).collect(),
        )
    }

    /// The side on which the field was changed later, if both say when.
    #[expect(clippy::unused_self, reason = "reads as the questions beside it")]
    fn fresher(
        &self,
        joint: &JointField<'_>,
        observations: Sides<&Observation>,
        trust_record_times: bool,
    ) -> (Option<Which>, Option<Reason>) {
        let times = observations.map(|observation| {
            let times = observation.changed_at.as_deref()?;
            let certain = times.fields.get(joint.name()).map(|at| (*at, true));
            let record = times.record.filter(|_| trust_record_times);
            certain.or(record.map(|at| (at, false)))
        });
        let (Some(left), Some(right)) = (times.left, times.right) else {
            return (None, None);
        };
        let side = match left.0.cmp(&right.0) {
            std::cmp::Ordering::Greater => Which::Left,
            std::cmp::Ordering::Less => Which::Right,
            std::cmp::Ordering::Equal => return (None, None),
        };
        let is_certain = left.1 && right.1;
        (Some(side), Some(Reason::Fresher { side, is_certain }))
    }

    /// Writes a value, in the terms of the side that it comes from, if that may be done.
    fn write(
        &self,
        joint: &JointField<'_>,
        link: &Link,
        mut verdict: Verdict,
        on: Which,
        value: Value,
        wishes: &Wishes<'_>,
    ) -> Verdict {
        verdict.recommendation.side = Some(on.other());
        let is_forced = verdict.recommendation.reasons.iter().any(|reason| {
            matches!(
                reason,
                Reason::Decided {
                    is_forced: true,
                    ..
                }
            )
        });
        let by_wish =
            |reason: &Reason| matches!(reason, Reason::Decided { .. } | Reason::FirstSync { .. });
        let is_decided = wishes.is_decided && verdict.recommendation.reasons.iter().any(by_wish);
        let name = joint.name();
        let is_permitted = if is_forced {
            !self.policy.is_read_only(name, on)
        } else {
            self.policy.may_write(name, on)
        };
        let rules = &self.policy.sides[on];
        let passes_gate = match rules.gate {
            Gate::Open => true,
            Gate::ConfirmedOnly => {
                let made = matches!(link.origin, Origin::Created { .. } | Origin::Rebuilt { .. });
                made || link.origin == Origin::Confirmed
            }
            Gate::ExistingUntouched => {
                link.origin == Origin::Created { on } || link.origin == Origin::Rebuilt { on }
            }
        };
        let hold = if !is_permitted && !mutated(Mutant::IgnoreReadOnly) {
            Some(Hold::NotPermitted { on })
        } else if (rules.update == Permission::Never || !passes_gate)
            && !mutated(Mutant::IgnoreGate)
        {
            Some(Hold::NoUpdates { on })
        } else if rules.update == Permission::Ask && !is_decided {
            Some(Hold::AskFirst { on })
        } else {
            None
        };
        if let Some(because) = hold {
            verdict
                .recommendation
                .reasons
                .push(Reason::CannotWrite { side: on });
            verdict.resolution = Resolution::Held { because };
            return verdict;
        }
        let value = if joint.may_refer && !mutated(Mutant::UntranslatedReference) {
            match self
                .references
                .translate(&value, on.other())
                .map(Cow::into_owned)
            {
                Ok(value) => value,
                Err(unlinked) => {
                    let because = Hold::Blocked { on: unlinked.0 };
                    verdict.resolution = Resolution::Held { because };
                    return verdict;
                }
            }
        } else {
            value
        };
        if !is_decided && self.is_oscillating(joint, link, on, &value) {
            let because = Hold::Oscillating;
            verdict.resolution = Resolution::Held { because };
            return verdict;
        }
        verdict.write[on] = Some(value);
        verdict.resolution = Resolution::Write { on };
        verdict
    }

    /// Whether this value was written into this field so often lately that two systems seem to
    /// correct each other.
    fn is_oscillating(
        &self,
        joint: &JointField<'_>,
        link: &Link,
        on: Which,
        value: &Value,
    ) -> bool {
        if mutated(Mutant::PingPong) {
            return false;
        }
        let Some(written) = link
            .written
            .as_deref()
            .and_then(|all| all.get(joint.name()))
        else {
            return false;
        };
        let hash = joint.key.hash(value, joint.equivalence());
        let limit = self.policy.oscillation;
        let within = TimeDelta::hours(limit.within_hours.into());
        let same = written.iter().filter(|one| {
            one.on == on && one.value == hash && self.now.signed_duration_since(one.at) <= within
        });
        same.count() >= usize::try_from(limit.times).unwrap_or(usize::MAX)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "they are what the question is made of"
    )]
    fn merge(
        &self,
        joint: &JointField<'_>,
        link: &Link,
        state: FieldState,
        base: &BaseField,
        values: Sides<&Value>,
        with: &MergeWith,
        wishes: &Wishes<'_>,
    ) -> Verdict {
        // In the terms of the left side; what cannot be translated cannot be merged.
        let right = match self.references.translate(values.right, Which::Right) {
            Ok(right) => right,
            Err(unlinked) => {
                return Verdict::held(
                    state,
                    Hold::Blocked { on: unlinked.0 },
                    vec![Reason::Merged],
                );
            }
        };
        let base = base.value(Which::Left);
        let merged = match with {
            MergeWith::Elements => {
                base.and_then(|base| merge_elements(base, values.left, &right, joint.equivalence()))
            }
            MergeWith::Function(name) => self.merges.get(name).and_then(|merge| {
                merge(&MergeInput {
                    field: joint.name(),
                    base,
                    left: values.left,
                    right: &right,
                })
            }),
        };
        let Some(merged) =
            merged.filter(|merged| merged.kind().is_none_or(|kind| kind == joint.field.kind))
        else {
            return Verdict::new(state, Resolution::Ask, vec![Reason::BothChanged]);
        };
        let mut result = Verdict::new(state, Resolution::Merge, vec![Reason::Merged]);
        for on in Which::BOTH {
            let in_left_terms = match on {
                Which::Left => values.left,
                Which::Right => &*right,
            };
            if joint.equivalence().equal(in_left_terms, &merged) {
                continue;
            }
            // `write` translates into the terms of `on`; for the left side it must not.
            let value = match on {
                Which::Right => merged.clone(),
                Which::Left => match self.references.translate(&merged, Which::Left) {
                    Ok(there) => there.into_owned(),
                    Err(unlinked) => {
                        let because = Hold::Blocked { on: unlinked.0 };
                        return Verdict::held(state, because, vec![Reason::Merged]);
                    }
                },
            };
            let one = Verdict::new(state, Resolution::Ask, vec![Reason::Merged]);
            let mut one = self.write(joint, link, one, on, value, wishes);
            // Both or none: one half of a merge is what nobody wanted.
            if let Resolution::Held { .. } = one.resolution {
                return one;
            }
            result.write[on] = one.write[on].take();
        }
        result
    }
}

enum Winner<'a> {
    Side(Which),
    Merge(&'a MergeWith),
    /// The rule says to leave it.
    Nobody,
    Ask(Option<Which>),
}

/// What one side added is added, what one side removed is removed. Null is the empty set.
fn merge_elements(
    base: &Value,
    left: &Value,
    right: &Value,
    equivalence: &Equivalence,
) -> Option<Value> {
    let elements = |value: &Value| match value {
        Value::Null => Some(Set::default()),
        Value::Set(set) => Some(set.clone()),
        _ => None,
    };
    let (base, left, right) = (elements(base)?, elements(left)?, elements(right)?);
    let canonical = |set: &Set| -> Set {
        set.iter()
            .map(|one| equivalence.canonical(one).into_owned())
            .collect()
    };
    let (in_base, in_left, in_right) = (canonical(&base), canonical(&left), canonical(&right));
    let mut taken: Vec<Value> = Vec::new();
    let mut merged: Vec<Value> = Vec::new();
    for element in left.iter().chain(&right) {
        let form = equivalence.canonical(element).into_owned();
        let in_both = in_left.contains(&form) && in_right.contains(&form);
        if (in_both || !in_base.contains(&form)) && !taken.contains(&form) {
            taken.push(form);
            merged.push(element.clone());
        }
    }
    Some(Value::set(merged))
}

/// Whether what is not known of a link may have been agreed or refused before.
fn forgot(link: &Link) -> bool {
    link.is_redacted || matches!(link.origin, Origin::Rebuilt { .. })
}
