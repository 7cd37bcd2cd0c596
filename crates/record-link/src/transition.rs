//! What follows what: from a link, an operation and what came of it to what is to be stored.
//!
//! | step | before the remote call | it was carried out | it was refused | nobody knows |
//! |---|---|---|---|---|
//! | create | `creating` + intent | `linked`, base from the read-back | `failed` | `in-doubt` |
//! | update | intent | base from the read-back | as before | as before, intent in doubt |
//! | delete | intent | `ended` | as before | as before, intent in doubt |
//!
//! Everything else is local and one change: `link` makes a link, `adopt` turns `creating`,
//! `failed` and `in-doubt` into `linked`, `orphan` turns `linked` into `orphaned` and `orphaned`
//! into `ended`, `return` turns `orphaned` into `linked`, `unlink` turns whatever
//! is live into `unlinked`, `end` turns `orphaned` into `ended`, and `agree` and `note` keep the state.
//! Nothing leads out of `unlinked` and `ended`: who links again begins a new link.
//!
//! A base moves here and nowhere else, and only to values that both sides were seen to have.

mod error;
mod progress;

use chrono::{DateTime, Utc};
use flat_record::{Field, FieldName, Kind, Value};

use crate::base::{BaseField, BasePair, Keeping};
use crate::decision::DecisionId;
use crate::event::{Event, EventKind};
use crate::identity::{ConnectionId, Sides, Which};
use crate::intent::{Intent, IntentState};
use crate::link::{Link, LinkState, Origin, Presence, Tombstone, Written};
use crate::mutants::{Mutant, is as mutated};
use crate::observation::Observation;
use crate::plan::{FieldChange, Operation, OperationId, Step};
use crate::policy::Oscillation;
use crate::references::References;

pub use error::TransitionError;
use error::{known, needed, wrong_state};
pub use progress::{Progress, Stale};

/// How many writes of a field are remembered, to notice two systems that correct each other.
const REMEMBERED_WRITES: usize = Oscillation::MOST_TIMES as usize;

/// Computes what is to be stored when something is about to happen, or has happened.
#[derive(Debug)]
#[non_exhaustive]
pub struct Transitions<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The kind of the records.
    pub kind: Kind,
    /// How values are remembered.
    pub keeping: Keeping,
    /// What records are called on the other side, as of now.
    pub references: &'a References<'a>,
    /// The time.
    pub now: DateTime<Utc>,
    /// The run.
    pub run: Option<String>,
}

/// What is to be stored, all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition {
    /// The link as it is from now on, with the version that must be stored now (none: no such
    /// link may be stored yet).
    pub link: Option<LinkWrite>,
    /// What becomes of the intent.
    pub intent: IntentWrite,
    /// What to append to the log.
    pub event: Option<Event>,
    /// The decision that is carried out now and to be removed.
    pub spent: Option<DecisionId>,
}

/// A link to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkWrite {
    /// The version that must be stored now; none if there must be no such link.
    pub before: Option<u64>,
    /// The link from now on.
    pub link: Link,
}

/// What becomes of an intent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IntentWrite {
    /// Nothing.
    #[default]
    Keep,
    /// It is stored.
    Put(Box<Intent>),
    /// It is removed.
    Remove(OperationId),
}

impl<'a> Transitions<'a> {
    /// Transitions that happen at this time.
    pub fn new(
        connection: ConnectionId,
        kind: Kind,
        keeping: Keeping,
        references: &'a References<'a>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            connection,
            kind,
            keeping,
            references,
            now,
            run: None,
        }
    }

    fn change(
        &self,
        before: Option<&Link>,
        link: Link,
        operation: &Operation,
        what: EventKind,
    ) -> Transition {
        let before = before.map(|link| link.version);
        let link = Link {
            version: before.unwrap_or(0).saturating_add(1),
            ..link
        };
        Transition {
            event: Some(Event {
                at: self.now,
                run: self.run.clone(),
                by: operation.by.clone(),
                operation: Some(operation.id),
                what,
                link: link.clone(),
                is_redacted: false,
            }),
            link: Some(LinkWrite { before, link }),
            intent: IntentWrite::Keep,
            spent: None,
        }
    }

    fn intent(
        &self,
        operation: &Operation,
        link: &Link,
        state: IntentState,
        attempts: u32,
    ) -> IntentWrite {
        IntentWrite::Put(Box::new(Intent {
            connection: self.connection.clone(),
            operation: operation.clone(),
            client_key: match operation.step {
                Step::Create { .. } => link.client_key(),
                _ => None,
            },
            state,
            attempts,
            at: self.now,
        }))
    }

    /// A remote step is about to be sent: this is stored before.
    ///
    /// # Errors
    /// When the step is local, or does not go with the state of the link.
    pub fn begin(
        &self,
        operation: &Operation,
        link: Option<&Link>,
    ) -> Result<Transition, TransitionError> {
        match &operation.step {
            Step::Create { on, .. } => {
                let new = match link {
                    None => self.new_link(operation, *on)?,
                    Some(link) if link.state.creates_on() == Some(*on) => Link {
                        state: LinkState::Creating { on: *on },
                        ..link.clone()
                    },
                    Some(link) => return Err(wrong_state(operation, link)),
                };
                let mut transition =
                    self.change(link, new, operation, EventKind::CreateIntended { on: *on });
                if let Some(write) = &mut transition.link {
                    if mutated(Mutant::BaseOnIntention) {
                        self.intend_base(&mut write.link, operation);
                    }
                    transition.intent = self.intent(operation, &write.link, IntentState::Begun, 1);
                }
                // From now on the link says what is to be done. A decision that outlived its
                // create would let one of unknown outcome be repeated.
                transition.spent = operation.decision;
                Ok(transition)
            }
            Step::Update { .. } => {
                let link = known(operation, link)?;
                if link.state != LinkState::Linked {
                    return Err(wrong_state(operation, link));
                }
                let mut transition = Transition::default();
                if mutated(Mutant::BaseOnIntention) {
                    let mut moved = link.clone();
                    self.intend_base(&mut moved, operation);
                    let fields = Vec::new();
                    transition =
                        self.change(Some(link), moved, operation, EventKind::Agreed { fields });
                }
                transition.intent = self.intent(operation, link, IntentState::Begun, 1);
                Ok(transition)
            }
            Step::Delete { on } => {
                let link = known(operation, link)?;
                if link.state != (LinkState::Orphaned { gone: on.other() }) {
                    return Err(wrong_state(operation, link));
                }
                Ok(Transition {
                    intent: self.intent(operation, link, IntentState::Begun, 1),
                    ..Transition::default()
                })
            }
            step => Err(TransitionError::WrongWay(step.as_str())),
        }
    }

    /// The mistake that a mutant makes: what is meant to be written counts as agreed.
    fn intend_base(&self, link: &mut Link, operation: &Operation) {
        let values: Vec<(FieldName, Value)> = match &operation.step {
            Step::Create { values, .. } => values.clone().into_iter().collect(),
            Step::Update { changes, .. } => {
                let pairs = changes
                    .iter()
                    .map(|one| (one.field.clone(), one.to.clone()));
                pairs.collect()
            }
            _ => Vec::new(),
        };
        for (name, value) in values {
            let key = self.keeping.hash_key.for_field(&name);
            let exact = flat_record::Equivalence::EXACT;
            link.base
                .set(&name, self.keeping.form.agree(&value, &exact, &key));
        }
    }

    fn new_link(&self, operation: &Operation, on: Which) -> Result<Link, TransitionError> {
        let source = operation.keys[on.other()]
            .clone()
            .ok_or(TransitionError::NoRecord {
                link: operation.link,
                side: on.other(),
                step: operation.step.as_str(),
            })?;
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        Ok(Link::creating(
            connection,
            kind,
            source,
            on,
            operation.incarnation,
        ))
    }

    /// A remote step was carried out. `records` are the records as they were read: the one that
    /// was written *after* the write, the other one before it. (After a delete there is none.)
    ///
    /// A create that was looked up and found after a lost answer is acknowledged in the same way.
    ///
    /// # Errors
    /// When the step is local, does not go with the state of the link, or a record is missing.
    pub fn acknowledge(
        &self,
        operation: &Operation,
        link: Option<&Link>,
        records: Sides<Option<&Observation>>,
    ) -> Result<Transition, TransitionError> {
        let link = known(operation, link)?;
        let mut next = link.clone();
        let what = match &operation.step {
            Step::Create {
                on,
                values,
                pending,
                compared,
                ..
            } => {
                if link.state.creates_on() != Some(*on) {
                    return Err(wrong_state(operation, link));
                }
                let written = needed(operation, records, *on)?;
                let source = needed(operation, records, on.other())?;
                next.keys[*on] = Some(written.key.clone());
                next.state = LinkState::Linked;
                let mut sides = Sides::new(source, source);
                sides[*on] = written;
                for (name, to) in values {
                    self.settle(&mut next, name, *on, to, None, sides);
                }
                for name in pending.keys().chain(compared) {
                    self.agree(&mut next, name, sides);
                }
                EventKind::Created { on: *on }
            }
            Step::Update { on, changes } => {
                if link.state != LinkState::Linked {
                    return Err(wrong_state(operation, link));
                }
                let written = needed(operation, records, *on)?;
                let source = needed(operation, records, on.other())?;
                let mut sides = Sides::new(source, source);
                sides[*on] = written;
                let mut not_taken = Vec::new();
                for change in changes {
                    self.remember_write(&mut next, change, *on, written);
                    let was = Some(&change.was);
                    if !self.settle(&mut next, &change.field, *on, &change.to, was, sides) {
                        not_taken.push(change.field.clone());
                    }
                }
                EventKind::Updated {
                    on: *on,
                    changes: if mutated(Mutant::NoAudit) {
                        Vec::new()
                    } else {
                        self.told(changes, sides)
                    },
                    not_taken,
                }
            }
            Step::Delete { on } => {
                if !matches!(link.state, LinkState::Orphaned { .. }) {
                    return Err(wrong_state(operation, link));
                }
                next.state = LinkState::Ended;
                EventKind::Deleted { on: *on }
            }
            step => return Err(TransitionError::WrongWay(step.as_str())),
        };
        let mut transition = self.change(Some(link), next, operation, what);
        transition.intent = IntentWrite::Remove(operation.id);
        transition.spent = operation.decision;
        Ok(transition)
    }

    /// A remote step was refused for good: the record breaks a rule there. `source` is the record
    /// that it was made from.
    ///
    /// # Errors
    /// When there is no such link.
    pub fn refuse(
        &self,
        operation: &Operation,
        link: Option<&Link>,
        source: Option<&Observation>,
    ) -> Result<Transition, TransitionError> {
        let link = known(operation, link)?;
        let mut transition = match link.state.creates_on() {
            Some(on) => {
                let tried = source.map(|source| source.hash(&self.keeping.hash_key));
                let next = Link {
                    state: LinkState::Failed { on, tried },
                    ..link.clone()
                };
                self.change(Some(link), next, operation, EventKind::CreateFailed { on })
            }
            None => Transition::default(),
        };
        transition.intent = IntentWrite::Remove(operation.id);
        Ok(transition)
    }

    /// It is known that a remote step was not carried out, and that it may be tried again: it
    /// never left, or a look-up after the time to settle found nothing.
    ///
    /// # Errors
    /// When there is no such link.
    pub fn not_done(
        &self,
        operation: &Operation,
        link: Option<&Link>,
    ) -> Result<Transition, TransitionError> {
        let link = known(operation, link)?;
        let mut transition = Transition::default();
        if let LinkState::InDoubt { on } = link.state {
            let next = Link {
                state: LinkState::Creating { on },
                ..link.clone()
            };
            transition = self.change(
                Some(link),
                next,
                operation,
                EventKind::CreateIntended { on },
            );
        }
        transition.intent = IntentWrite::Remove(operation.id);
        Ok(transition)
    }

    /// A remote step was sent, and nobody knows what became of it. A create is in doubt; an update
    /// is simply planned anew from what is there then.
    ///
    /// # Errors
    /// When there is no such link.
    pub fn unknown(
        &self,
        operation: &Operation,
        link: Option<&Link>,
    ) -> Result<Transition, TransitionError> {
        let link = known(operation, link)?;
        let mut transition = Transition::default();
        if let Some(on) = link.state.creates_on() {
            let next = Link {
                state: LinkState::InDoubt { on },
                ..link.clone()
            };
            transition = self.change(Some(link), next, operation, EventKind::CreateInDoubt { on });
        }
        transition.intent = self.intent(operation, link, IntentState::InDoubt, 1);
        Ok(transition)
    }

    /// Carries out a local step. `records` are the records as they are now, for steps that look at
    /// them.
    ///
    /// # Errors
    /// When the step is remote, does not go with the state of the link, or a record is missing.
    pub fn carry_out(
        &self,
        operation: &Operation,
        link: Option<&Link>,
        records: Sides<Option<&Observation>>,
    ) -> Result<Transition, TransitionError> {
        if let Step::Link { origin, agreed } = &operation.step {
            return self.link(operation, *origin, agreed, link, records);
        }
        let link = known(operation, link)?;
        let mut next = link.clone();
        let mut cancelled = None;
        let what = match (&operation.step, &link.state) {
            (Step::Adopt { on }, state) if state.creates_on() == Some(*on) => {
                next.keys[*on] = Some(needed(operation, records, *on)?.key.clone());
                next.state = LinkState::Linked;
                EventKind::Created { on: *on }
            }
            (Step::Agree { fields }, LinkState::Linked) => {
                let left = needed(operation, records, Which::Left)?;
                let right = needed(operation, records, Which::Right)?;
                let fields_agreed = if mutated(Mutant::AgreeWithoutBase) {
                    &[]
                } else {
                    &fields[..]
                };
                for name in fields_agreed {
                    self.agree(&mut next, name, Sides::new(left, right));
                }
                EventKind::Agreed {
                    fields: fields.clone(),
                }
            }
            (Step::Unlink, state) if link.is_live() => {
                cancelled = state.creates_on();
                next.state = LinkState::Unlinked(Tombstone::new(self.now, operation.by.clone()));
                if mutated(Mutant::UnlinkForgetsBase) {
                    next.base = crate::base::Base::default();
                }
                EventKind::Unlinked
            }
            (Step::End, LinkState::Orphaned { gone }) => {
                let gone = gone.other();
                next.state = LinkState::Ended;
                EventKind::Orphaned { gone }
            }
            (Step::Orphan { gone }, LinkState::Linked) => {
                next.state = LinkState::Orphaned { gone: *gone };
                next.presence[*gone] = Presence::Present;
                EventKind::Orphaned { gone: *gone }
            }
            (Step::Orphan { gone }, LinkState::Orphaned { gone: before }) if gone != before => {
                next.state = LinkState::Ended;
                EventKind::Orphaned { gone: *gone }
            }
            (Step::Return { back }, LinkState::Orphaned { gone }) if gone == back => {
                next.state = LinkState::Linked;
                next.presence[*back] = Presence::Present;
                EventKind::Returned { back: *back }
            }
            (Step::Note { side, presence }, LinkState::Linked | LinkState::Orphaned { .. }) => {
                next.presence[*side] = *presence;
                EventKind::Noted {
                    side: *side,
                    presence: *presence,
                }
            }
            (step, _) if step.writes_on().is_some() => {
                return Err(TransitionError::WrongWay(step.as_str()));
            }
            _ => return Err(wrong_state(operation, link)),
        };
        let mut transition = self.change(Some(link), next, operation, what);
        transition.spent = operation.decision;
        if let Some(on) = cancelled {
            let create = OperationId::of_create(link.id, link.incarnation, on);
            transition.intent = IntentWrite::Remove(create);
        }
        Ok(transition)
    }

    fn link(
        &self,
        operation: &Operation,
        origin: Origin,
        agreed: &[FieldName],
        before: Option<&Link>,
        records: Sides<Option<&Observation>>,
    ) -> Result<Transition, TransitionError> {
        if let Some(before) = before {
            return Err(wrong_state(operation, before));
        }
        let left = needed(operation, records, Which::Left)?;
        let right = needed(operation, records, Which::Right)?;
        let keys = Sides::new(left.key.clone(), right.key.clone());
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let mut link = Link::new(connection, kind, keys, origin, operation.incarnation);
        link.id = operation.link;
        // Only what the plan names: of a field that is off, not even a hash is kept.
        for name in agreed {
            self.agree(&mut link, name, Sides::new(left, right));
        }
        let mut transition = self.change(None, link, operation, EventKind::Linked);
        transition.spent = operation.decision;
        Ok(transition)
    }

    /// Both sides' values of a field, if both say something.
    fn values<'r>(
        name: &str,
        records: Sides<&'r Observation>,
    ) -> Option<(&'r Field, Sides<&'r Value>)> {
        let field = records.left.record.fields().get(name)?;
        let left = records.left.record.get(name)?;
        Some((field, Sides::new(left, records.right.record.get(name)?)))
    }

    fn equal(&self, field: &Field, values: Sides<&Value>) -> bool {
        match self.references.translate(values.left, Which::Left) {
            Ok(left) => field.equivalence.equal(&left, values.right),
            Err(_) => false,
        }
    }

    /// Remembers that both sides say the same of a field, if they do.
    fn agree(&self, link: &mut Link, name: &FieldName, records: Sides<&Observation>) -> bool {
        let Some((field, values)) = Self::values(name, records) else {
            return false;
        };
        if !self.equal(field, values) {
            return false;
        }
        let key = self.keeping.hash_key.for_field(name);
        let agreed = if field.equivalence.equal(values.left, values.right) {
            let form = self.keeping.form_of(name, records);
            form.agree(values.left, &field.equivalence, &key)
        } else {
            // References: the same record has another key on each side.
            self.pair(field, values, records)
        };
        link.base.set(name, agreed);
        true
    }

    fn pair(
        &self,
        field: &Field,
        values: Sides<&Value>,
        records: Sides<&Observation>,
    ) -> BaseField {
        let key = self.keeping.hash_key.for_field(&field.name);
        let form = self.keeping.form_of(&field.name, records);
        let remember = |value| form.remember(value, &field.equivalence, &key);
        BaseField::Pair(Box::new(BasePair::new(values.map(remember), true)))
    }

    /// Moves the base of a field that was written, on the evidence of what was read back. Returns
    /// whether the other system took the value over, perhaps in its own way of writing it.
    fn settle(
        &self,
        link: &mut Link,
        name: &FieldName,
        on: Which,
        to: &Value,
        was: Option<&Value>,
        records: Sides<&Observation>,
    ) -> bool {
        if mutated(Mutant::BaseWithoutReadBack) {
            let exact = flat_record::Equivalence::EXACT;
            let key = self.keeping.hash_key.for_field(name);
            link.base
                .set(name, self.keeping.form.agree(to, &exact, &key));
            return true;
        }
        if self.agree(link, name, records) {
            return true;
        }
        let Some((field, values)) = Self::values(name, records) else {
            return false;
        };
        let (source, read_back) = (values[on.other()], values[on]);
        let is_from_source = self
            .references
            .translate(source, on.other())
            .is_ok_and(|there| field.equivalence.equal(&there, to));
        let is_ignored = match was {
            Some(was) => field.equivalence.equal(was, read_back),
            None => read_back.is_null(),
        };
        if field.equivalence.equal(to, read_back) {
            // Taken over, but the other side says something else: half of a merge, or a change
            // since. There is no agreement yet.
            return true;
        }
        if is_ignored || !is_from_source {
            return !is_ignored;
        }
        link.base.set(name, self.pair(field, values, records));
        true
    }

    /// Changes as they may stand in an event.
    fn told(&self, changes: &[FieldChange], records: Sides<&Observation>) -> Vec<FieldChange> {
        let told = changes.iter().cloned();
        told.map(|change| {
            if self.keeping.tells(&change.field, records) {
                change
            } else {
                change.hidden()
            }
        })
        .collect()
    }

    fn remember_write(
        &self,
        link: &mut Link,
        change: &FieldChange,
        on: Which,
        record: &Observation,
    ) {
        let Some(field) = record.record.fields().get(&change.field) else {
            return;
        };
        let key = self.keeping.hash_key.for_field(&change.field);
        let hash = key.hash(&change.to, &field.equivalence);
        let written = link.written.get_or_insert_default();
        let of_field = written.entry(change.field.clone()).or_default();
        of_field.push(Written::new(on, hash, self.now));
        let surplus = of_field.len().saturating_sub(REMEMBERED_WRITES);
        of_field.drain(..surplus);
    }
}
