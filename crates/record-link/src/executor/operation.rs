//! Carries out one operation.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{Kind, Record, RecordError, Value};

use super::{
    Applied, ExecutionError, ExecutionErrorKind, Executor, Outcome, ProgressEvent, Recovered,
    SkipReason,
};
use crate::plan::{Operation, OperationId, Plan, Step, Verdict, keep_scope};
use crate::transition::{IntentWrite, Progress, Stale, Transition, Transitions};
use crate::{
    Batch, ConnectionId, DeviationChange, DeviationClass, DeviationEvent, DeviationId, Failure,
    Found, Link, LinkState, Observation, Origin, Receipt, References, SideError, SideErrorKind,
    SideOperation, Sides, StoreError, Subject, Topic, Unlinked, Which, Write,
};

/// What became of a write of unknown outcome.
enum Fate {
    Settled,
    NotDone,
    InDoubt(DeviationId),
}

/// What came of a request to a side.
enum Sent {
    /// The record as it is now; `None` after a delete.
    Done(Option<Receipt>),
    Failed(SideError),
    /// It is not known, and cannot be found out: why.
    InDoubt(Failure),
}

/// What a look for the record of a create found.
enum Looked {
    /// It is not there, or there was no reason to look.
    Absent,
    /// It is not there, but may still come.
    TooEarly,
    /// What came of the create, as the look tells.
    Sent(Sent),
}

impl From<Result<Receipt, SideError>> for Sent {
    fn from(result: Result<Receipt, SideError>) -> Self {
        match result {
            Ok(receipt) => Self::Done(Some(receipt)),
            Err(error) => Self::Failed(error),
        }
    }
}

/// See [`Executor::recover`].
pub(super) async fn recover(
    executor: &Executor<'_>,
    connection: &ConnectionId,
) -> Result<Recovered, ExecutionError> {
    let mut recovered = Recovered::default();
    for intent in executor.store.intents(connection).await? {
        let operation = &intent.operation;
        let Some(link) = executor.store.link(connection, operation.link).await? else {
            continue;
        };
        let one = One {
            executor,
            connection,
            kind: &link.kind,
            operation,
        };
        match one.recover(&link).await? {
            Fate::Settled => recovered.settled.push(operation.id),
            Fate::NotDone => recovered.not_done.push(operation.id),
            Fate::InDoubt(deviation) => recovered.in_doubt.push((operation.id, deviation)),
        }
    }
    Ok(recovered)
}

/// See [`Executor::apply`].
pub(super) async fn apply(executor: &Executor<'_>, plan: &Plan) -> Result<Applied, ExecutionError> {
    if matches!(plan.verdict, Verdict::Quarantined { .. }) {
        return Err(ExecutionError::new(ExecutionErrorKind::Quarantined(
            plan.digest,
        )));
    }
    plan.check()?;
    let of = plan.operations.len();
    executor.tell(&ProgressEvent::Started { operations: of });
    let mut outcomes = Vec::new();
    let mut scopes = plan.scopes;
    let mut progress = Progress::default();
    let mut created = Vec::new();
    for operation in &plan.operations {
        let step = One {
            executor,
            connection: &plan.connection,
            kind: &plan.kind,
            operation,
        };
        let outcome = step.carry_out(&mut progress, &mut created).await?;
        if !outcome.is_done() {
            keep_scope(&mut scopes, operation);
        }
        executor.tell(&ProgressEvent::Ended {
            operation: operation.id,
            link: operation.link,
            step: operation.step.as_str(),
            outcome: outcome.clone(),
            number: outcomes.len() + 1,
            of,
        });
        outcomes.push(outcome);
    }
    let kind = plan.kind.clone();
    let scopes = Write::Scopes { kind, scopes };
    let batch = Batch::new(&plan.connection, executor.clock.now()).write(scopes);
    executor.store.commit(batch).await?;
    let mut new_keys = HashMap::new();
    for link in &created {
        if let Origin::Created { on } = link.origin
            && let Some(key) = &link.keys[on]
        {
            new_keys.insert(link.id, (on, key.clone()));
        }
    }
    let applied = Applied::of(plan, outcomes, &new_keys);
    executor.tell(&ProgressEvent::Finished {
        totals: applied.totals,
    });
    Ok(applied)
}

/// One operation under way.
struct One<'a> {
    executor: &'a Executor<'a>,
    connection: &'a ConnectionId,
    kind: &'a Kind,
    operation: &'a Operation,
}

impl One<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.executor.clock.now()
    }

    async fn link(&self) -> Result<Option<Link>, StoreError> {
        let store = self.executor.store;
        store.link(self.connection, self.operation.link).await
    }

    async fn commit(&self, transition: Transition, more: Option<Write>) -> Result<(), StoreError> {
        let mut batch = Batch::new(self.connection, self.now()).transition(transition);
        batch.writes.extend(more);
        self.executor.store.commit(batch).await
    }

    /// Finds out what became of the operation, which was begun before.
    async fn recover(&self, link: &Link) -> Result<Fate, ExecutionError> {
        let references = &self.executor.references;
        let next = self.transitions(references);
        let on = match &self.operation.step {
            Step::Create { on, .. } if link.state.creates_on() == Some(*on) => *on,
            // What an update or a delete did is seen by the next plan.
            _ => {
                let batch = Batch::new(self.connection, self.now());
                let close = batch.write(Write::IntentClosed(self.operation.id));
                self.executor.store.commit(close).await?;
                return Ok(Fate::Settled);
            }
        };
        let failure = match self.look_for(on, link, true).await? {
            Looked::Absent => {
                let transition = next.not_done(self.operation, Some(link))?;
                self.commit(transition, None).await?;
                return Ok(Fate::NotDone);
            }
            Looked::TooEarly => not_settled(),
            Looked::Sent(Sent::Done(receipt)) => {
                let mut seen = Sides::new(None, None);
                seen[on] = receipt.map(|receipt| receipt.observation);
                let source = on.other();
                let read = match &link.keys[source] {
                    Some(key) => self.executor.sides[source].get(self.kind, key).await,
                    None => Ok(None),
                };
                match read {
                    Ok(Some(read)) => {
                        seen[source] = Some(read);
                        let records = seen.as_ref().map(Option::as_ref);
                        let done = next.acknowledge(self.operation, Some(link), records)?;
                        self.commit(done, Some(self.succeeded())).await?;
                        return Ok(Fate::Settled);
                    }
                    Ok(None) => source_gone(),
                    Err(error) => error.to_failure(),
                }
            }
            Looked::Sent(Sent::InDoubt(failure)) => failure,
            Looked::Sent(Sent::Failed(error)) => error.to_failure(),
        };
        let (id, write) = self.deviation(&failure);
        // In doubt from the first look on; the intent keeps its time, from which it settles.
        let in_doubt = match link.state {
            LinkState::InDoubt { .. } => Transition::default(),
            _ => Transition {
                intent: IntentWrite::Keep,
                ..next.unknown(self.operation, Some(link))?
            },
        };
        self.commit(in_doubt, Some(write)).await?;
        Ok(Fate::InDoubt(id))
    }

    fn transitions<'t>(&self, references: &'t References<'t>) -> Transitions<'t> {
        let keeping = self.executor.keeping;
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let mut next = Transitions::new(connection, kind, keeping, references, self.now());
        next.run.clone_from(&self.executor.run);
        next
    }

    fn succeeded(&self) -> Write {
        let (id, change) = (self.topic().id(), DeviationChange::Succeeded);
        Write::Deviation(self.in_run(DeviationEvent::new(id, change, self.now())))
    }

    async fn carry_out(
        &self,
        progress: &mut Progress,
        created: &mut Vec<Link>,
    ) -> Result<Outcome, ExecutionError> {
        let mut seen = Sides::new(None, None);
        for which in Which::BOTH {
            if let Some(key) = &self.operation.keys[which] {
                match self.executor.sides[which].get(self.kind, key).await {
                    Ok(found) => seen[which] = found,
                    Err(error) => return self.told(&error.to_failure()).await,
                }
            }
        }
        let link = self.link().await?;
        let hash_key = &self.executor.keeping.hash_key;
        let hash = |one: &Option<Observation>| one.as_ref().map(|one| one.hash(hash_key));
        let hashes = seen.as_ref().map(hash);
        match progress.check(self.operation, link.as_ref(), hashes) {
            Ok(()) => {}
            Err(Stale::Requirement(operation)) => {
                let because = SkipReason::Waits { operation };
                return Ok(Outcome::Skipped { because });
            }
            Err(because) => return Ok(Outcome::Stale { because }),
        }
        let has_pending =
            matches!(&self.operation.step, Step::Create { pending, .. } if !pending.is_empty());
        if !has_pending {
            let next = self.transitions(&self.executor.references);
            let (outcome, made) = self.finish(&next, seen, link, progress).await?;
            created.extend(made);
            return Ok(outcome);
        }
        // References to what this plan created before, only where they are needed.
        let (outcome, made) = {
            let mut references = self.executor.references.clone();
            references.add(created.iter());
            let next = self.transitions(&references);
            self.finish(&next, seen, link, progress).await?
        };
        created.extend(made);
        Ok(outcome)
    }

    /// Carries out the operation, which was checked; with the link, if it created a record.
    async fn finish(
        &self,
        next: &Transitions<'_>,
        mut seen: Sides<Option<Observation>>,
        link: Option<Link>,
        progress: &mut Progress,
    ) -> Result<(Outcome, Option<Link>), ExecutionError> {
        let not_done = |outcome| (outcome, None);
        let Some(on) = self.operation.step.writes_on() else {
            let records = seen.as_ref().map(Option::as_ref);
            let done = next.carry_out(self.operation, link.as_ref(), records)?;
            progress.note(self.operation, &done);
            self.commit(done, self.adopted()).await?;
            progress.done(self.operation, None);
            return Ok((Outcome::of(&self.operation.step), None));
        };
        let operation = match self.translated(next.references) {
            Ok(operation) => operation,
            Err(unlinked) => {
                let failure = Failure::new(
                    DeviationClass::Stale,
                    "reference-not-linked",
                    unlinked.to_string(),
                );
                return self.told(&failure).await.map(not_done);
            }
        };

        let (link, sent) = match self.look(on, link.as_ref()).await? {
            // Nothing is touched: the time to settle goes on.
            Looked::TooEarly => return self.told(&not_settled()).await.map(not_done),
            Looked::Sent(sent) => (link, sent),
            Looked::Absent => {
                let begun = next.begin(&operation, link.as_ref())?;
                progress.note(&operation, &begun);
                self.commit(begun, None).await?;
                let link = self.link().await?;
                let sent = self.send(&operation, on, link.as_ref(), &seen).await;
                (link, sent)
            }
        };
        let (done, partly) = match sent {
            Sent::Done(receipt) => {
                let missing = receipt.as_ref().map(|receipt| receipt.missing.clone());
                let reason = receipt.as_ref().and_then(|one| one.reason.as_ref());
                let reason = reason.map(SideError::to_failure);
                seen[on] = receipt.map(|receipt| receipt.observation);
                let achieved = without(&operation, &missing.unwrap_or_default());
                let records = seen.as_ref().map(Option::as_ref);
                let done = next.acknowledge(&achieved, link.as_ref(), records)?;
                (done, reason)
            }
            Sent::Failed(error) => {
                let done = if error.outcome_is_unknown() {
                    next.unknown(&operation, link.as_ref())?
                } else if error.kind().class().may_pass() {
                    next.not_done(&operation, link.as_ref())?
                } else {
                    next.refuse(&operation, link.as_ref(), seen[on.other()].as_ref())?
                };
                let failure = error.to_failure();
                return self.failed(progress, done, &failure).await.map(not_done);
            }
            Sent::InDoubt(failure) => {
                let done = next.unknown(&operation, link.as_ref())?;
                return self.failed(progress, done, &failure).await.map(not_done);
            }
        };
        progress.note(&operation, &done);
        let made = done.link.as_ref().map(|write| write.link.clone());
        let hash_key = &self.executor.keeping.hash_key;
        let written = seen[on].as_ref().map(|one| (on, one.hash(hash_key)));
        let (told, outcome) = if let Some(reason) = partly {
            // The record is there, and what is missing is planned again.
            let (deviation, write) = self.deviation(&reason);
            (write, Outcome::Failed { deviation })
        } else {
            (self.succeeded(), Outcome::of(&self.operation.step))
        };
        self.commit(done, Some(told)).await?;
        progress.done(&operation, written);
        Ok((outcome, made))
    }

    /// Looks for the record of a create that was tried before.
    async fn look(&self, on: Which, link: Option<&Link>) -> Result<Looked, StoreError> {
        let looks_first = matches!(
            self.operation.step,
            Step::Create {
                look_first: true,
                ..
            }
        );
        match link.filter(|_| looks_first) {
            Some(link) => self.look_for(on, link, false).await,
            None => Ok(Looked::Absent),
        }
    }

    async fn look_for(
        &self,
        on: Which,
        link: &Link,
        is_recovery: bool,
    ) -> Result<Looked, StoreError> {
        let Some(key) = link.client_key() else {
            return Ok(Looked::Absent);
        };
        let (side, kind) = (self.executor.sides[on], self.kind);
        // Somebody looked, and wants it created: that is spent when the create is begun.
        let is_absent = self.operation.decision.is_some() && !is_recovery;
        let found = match side.find(kind, &key).await {
            Ok(Found::Undecided) if is_absent => Ok(Found::Nothing),
            found => found,
        };
        Ok(match found {
            Ok(Found::Nothing) => {
                let settle = side.capabilities(kind).map(|able| able.settle);
                if self.may_still_land(settle.unwrap_or_default()).await? {
                    Looked::TooEarly
                } else {
                    Looked::Absent
                }
            }
            Ok(Found::One(found)) => Looked::Sent(Sent::Done(Some(Receipt::whole(found)))),
            Ok(Found::Several(_)) => Looked::Sent(Sent::InDoubt(doubles())),
            Ok(Found::Undecided) => Looked::Sent(Sent::InDoubt(undecided())),
            // It is as much in doubt as it was before.
            Err(error) => Looked::Sent(Sent::InDoubt(error.to_failure())),
        })
    }

    /// Whether what was begun before and is not there may still come.
    async fn may_still_land(&self, settle: Duration) -> Result<bool, StoreError> {
        let intents = self.executor.store.intents(self.connection).await?;
        let begun = intents.iter().find(|one| one.id() == self.operation.id);
        let settle = TimeDelta::from_std(settle).unwrap_or(TimeDelta::MAX);
        Ok(begun.is_some_and(|begun| self.now().signed_duration_since(begun.at) < settle))
    }

    /// Closes the intent of a create whose record is adopted.
    fn adopted(&self) -> Option<Write> {
        let Step::Adopt { on } = self.operation.step else {
            return None;
        };
        let Operation {
            link, incarnation, ..
        } = *self.operation;
        let id = OperationId::of_create(link, incarnation, on);
        Some(Write::IntentClosed(id))
    }

    /// Stores what did not succeed, with its deviation.
    async fn failed(
        &self,
        progress: &mut Progress,
        done: Transition,
        failure: &Failure,
    ) -> Result<Outcome, ExecutionError> {
        progress.note(self.operation, &done);
        let (id, write) = self.deviation(failure);
        self.commit(done, Some(write)).await?;
        Ok(Outcome::Failed { deviation: id })
    }

    /// Stores a failure before anything was begun.
    async fn told(&self, failure: &Failure) -> Result<Outcome, ExecutionError> {
        let (id, write) = self.deviation(failure);
        self.commit(Transition::default(), Some(write)).await?;
        Ok(Outcome::Failed { deviation: id })
    }

    fn topic(&self) -> Topic {
        let kind = self.kind.clone();
        let source = match &self.operation.step {
            Step::Create { on, .. } => Some(on.other()),
            _ => None,
        };
        let record = source.and_then(|side| Some((side, self.operation.keys[side].clone()?)));
        let subject = match record {
            Some((side, key)) => Subject::Record { side, kind, key },
            None => Subject::Link {
                kind,
                link: self.operation.link,
            },
        };
        Topic::new(self.connection, self.operation.step.as_str(), subject)
    }

    fn deviation(&self, failure: &Failure) -> (DeviationId, Write) {
        let event = DeviationEvent::failed(self.topic(), failure.clone(), self.now());
        (event.id, Write::Deviation(self.in_run(event)))
    }

    fn in_run(&self, event: DeviationEvent) -> DeviationEvent {
        match &self.executor.run {
            Some(run) => event.in_run(run),
            None => event,
        }
    }

    /// The operation, with references to what was created before in the terms of its side.
    fn translated(&self, references: &References<'_>) -> Result<Operation, Unlinked> {
        let mut operation = self.operation.clone();
        if let Step::Create {
            on,
            values,
            pending,
            ..
        } = &mut operation.step
        {
            for (field, value) in std::mem::take(pending) {
                let there = references.translate(&value, on.other())?.into_owned();
                values.insert(field, there);
            }
        }
        Ok(operation)
    }

    async fn send(
        &self,
        operation: &Operation,
        on: Which,
        link: Option<&Link>,
        seen: &Sides<Option<Observation>>,
    ) -> Sent {
        let (side, kind) = (self.executor.sides[on], self.kind);
        let Some(able) = side.capabilities(kind) else {
            let error = SideError::new(SideOperation::Get, SideErrorKind::Unsupported);
            return Sent::Failed(error);
        };
        let record = |values: &mut dyn Iterator<Item = (&flat_record::FieldName, &Value)>| {
            let mut record = Record::new(&able.fields);
            for (field, value) in values {
                record.set(field, value.clone())?;
            }
            Ok::<_, RecordError>(record)
        };
        let refused = |operation, error: RecordError| {
            let refused = SideError::new(operation, SideErrorKind::Refused);
            Sent::Failed(refused.with_source(error))
        };
        let present = seen[on].as_ref();
        let version = present.and_then(|present| present.version.as_deref());
        match &operation.step {
            Step::Create { values, .. } => {
                let Some(key) = link.and_then(Link::client_key) else {
                    let error = SideError::new(SideOperation::Create, SideErrorKind::Malfunction);
                    return Sent::Failed(error);
                };
                match record(&mut values.iter()) {
                    Ok(record) => side.create(kind, &key, &record).await.into(),
                    Err(error) => refused(SideOperation::Create, error),
                }
            }
            Step::Update { changes, .. } => {
                let (Some(present), values) = (present, changes.iter()) else {
                    let error = SideError::new(SideOperation::Update, SideErrorKind::NotFound);
                    return Sent::Failed(error);
                };
                match record(&mut values.map(|change| (&change.field, &change.to))) {
                    Ok(record) => {
                        let update = side.update(kind, &present.key, &record, version);
                        update.await.into()
                    }
                    Err(error) => refused(SideOperation::Update, error),
                }
            }
            _ => {
                let Some(present) = present else {
                    return Sent::Done(None); // gone already
                };
                match side.delete(kind, &present.key, version).await {
                    Ok(()) => Sent::Done(None),
                    Err(error) => Sent::Failed(error),
                }
            }
        }
    }
}

fn doubles() -> Failure {
    let message = "several records carry the client key of one create: keep one and delete the \
                   others";
    Failure::new(DeviationClass::InDoubt, "doubles", message)
}

fn not_settled() -> Failure {
    let message = "a create may have taken effect and may still show: a later run looks again";
    Failure::new(DeviationClass::InDoubt, "not-settled", message)
}

fn source_gone() -> Failure {
    let message = "a create took effect, but its source is gone: delete the record, or link it";
    Failure::new(DeviationClass::InDoubt, "source-gone", message)
}

fn undecided() -> Failure {
    let message = "a create may have taken effect, and the system cannot tell: look for the record, \
                   and link it or create it by a decision";
    Failure::new(DeviationClass::InDoubt, "undecided", message)
}

/// The operation without fields that were not written.
fn without(operation: &Operation, missing: &[flat_record::FieldName]) -> Operation {
    let mut operation = operation.clone();
    match &mut operation.step {
        Step::Create { values, .. } => values.retain(|field, _| !missing.contains(field)),
        Step::Update { changes, .. } => changes.retain(|change| !missing.contains(&change.field)),
        _ => {}
    }
    operation
}
