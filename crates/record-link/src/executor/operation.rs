//! Carries out one operation.

use chrono::{DateTime, Utc};
use flat_record::Kind;

use futures_util::future::join;

use super::send::Sent;
use super::session::Session;
use super::tell::{doubles, moved_on, no_such_step, not_settled, undecided};
use super::{ExecutionError, Outcome, SentCreate, SkipReason};
use crate::plan::{Operation, OperationId, Step};
use crate::transition::{Stale, Transition, Transitions};
use crate::{
    Batch, ClientKey, DeviationClass, DeviationId, Failure, Found, Link, Observation, Precondition,
    Receipt, References, SideError, SideErrorKind, Sides, Unlinked, Which, Write,
};

/// One operation under way.
#[derive(Clone, Copy)]
pub(super) struct One<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) kind: &'a Kind,
    pub(super) operation: &'a Operation,
}

/// What came of an operation so far.
pub(super) enum Ended {
    As(Outcome),
    /// It was sent, and nobody knows what came of it.
    InDoubt(Box<Doubt>),
}

/// A write of unknown outcome.
pub(super) struct Doubt {
    pub(super) deviation: DeviationId,
    /// The operation as it was sent.
    pub(super) sent: Operation,
    /// When it was sent, at the latest.
    pub(super) since: DateTime<Utc>,
}

/// What a look for the record of a create found.
pub(super) enum Looked {
    /// It is not there, or there was no reason to look.
    Absent,
    There(Box<Observation>),
    /// It is not known, and why.
    Unknown(Failure),
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        Self::As(outcome)
    }
}

impl One<'_> {
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.session.executor.clock.now()
    }

    pub(super) async fn link(&self) -> Result<Option<Link>, ExecutionError> {
        let (executor, connection) = (self.session.executor, self.session.connection);
        let link = self.operation.link;
        executor.ask(|| executor.store.link(connection, link)).await
    }

    pub(super) fn transitions<'t>(&self, references: &'t References<'t>) -> Transitions<'t> {
        let executor = self.session.executor;
        let (connection, kind) = (self.session.connection.clone(), self.kind.clone());
        let mut next = Transitions::new(connection, kind, executor.keeping, references, self.now());
        next.run.clone_from(&executor.run);
        next
    }

    pub(super) async fn get(
        &self,
        which: Which,
        key: &crate::RecordKey,
    ) -> Result<Result<Option<Observation>, SideError>, ExecutionError> {
        let side = self.session.executor.sides[which];
        let id = Some(self.operation.id);
        self.session
            .call(id, which, || side.get(self.kind, key))
            .await
    }

    /// The records as they are now, as far as they matter.
    async fn read(
        &self,
    ) -> Result<Result<Sides<Option<Observation>>, (Which, SideError)>, ExecutionError> {
        let mut seen = Sides::new(None, None);
        let step = &self.operation.step;
        // These are about our memory alone: they look at no record.
        if matches!(step, Step::Unlink | Step::Note { .. } | Step::Orphan { .. }) {
            return Ok(Ok(seen));
        }
        let get = |which: Which| async move {
            match &self.operation.keys[which] {
                Some(key) => self.get(which, key).await,
                None => Ok(Ok(None)),
            }
        };
        let (left, right) = join(get(Which::Left), get(Which::Right)).await;
        for (which, found) in [(Which::Left, left?), (Which::Right, right?)] {
            match found {
                Ok(found) => seen[which] = found,
                Err(error) => return Ok(Err((which, error))),
            }
        }
        Ok(Ok(seen))
    }

    /// Why the operation is not to be carried out any more.
    fn check(&self, link: Option<&Link>, seen: &Sides<Option<Observation>>) -> Option<Outcome> {
        let hash_key = &self.session.executor.keeping.hash_key;
        let mut hashes = seen
            .as_ref()
            .map(|one| one.as_ref().map(|one| one.hash(hash_key)));
        let is_unread = matches!(
            self.operation.step,
            Step::Unlink | Step::Note { .. } | Step::Orphan { .. }
        );
        let shared = self.session.shared();
        if is_unread {
            hashes = shared.progress.expected(self.operation);
        }
        match shared.progress.check(self.operation, link, hashes) {
            Ok(()) => None,
            Err(Stale::Requirement(operation)) => {
                let because = SkipReason::Waits { operation };
                Some(Outcome::Skipped { because })
            }
            Err(because) => Some(Outcome::Stale { because }),
        }
    }

    /// Carries the operation out.
    pub(super) async fn carry_out(self) -> Result<Ended, ExecutionError> {
        // What waits for something that was not done need not be looked at.
        if let Some(operation) = self.session.shared().progress.missing(self.operation) {
            let because = SkipReason::Waits { operation };
            return Ok(Outcome::Skipped { because }.into());
        }
        let seen = match self.read().await? {
            Ok(seen) => seen,
            Err(_) if self.session.is_cancelled() => {
                return Ok(Ended::As(Outcome::Skipped {
                    because: SkipReason::Cancelled,
                }));
            }
            Err((which, error)) => return self.told(which, &error).await,
        };
        let link = self.link().await?;
        if let Some(outcome) = self.check(link.as_ref(), &seen) {
            return Ok(outcome.into());
        }
        let references = &self.session.executor.references;
        if !matches!(&self.operation.step, Step::Create { pending, .. } if !pending.is_empty()) {
            return self.finish(references, seen, link).await;
        }
        // References to what this plan created before: only to what the operation asks for.
        let made: Vec<Link> = {
            let shared = self.session.shared();
            let required = self.operation.requires.iter();
            required
                .filter_map(|id| shared.made.get(id).cloned())
                .collect()
        };
        let mut references = references.over();
        references.add(&made);
        self.finish(&references, seen, link).await
    }

    /// Carries out the operation, which was checked.
    async fn finish(
        &self,
        references: &References<'_>,
        seen: Sides<Option<Observation>>,
        link: Option<Link>,
    ) -> Result<Ended, ExecutionError> {
        let Some(on) = self.operation.step.writes_on() else {
            return self.finish_here(references, &seen, link.as_ref()).await;
        };
        let operation = match self.translated(references) {
            Ok(operation) => operation,
            Err(unlinked) => {
                let message = unlinked.to_string();
                let class = DeviationClass::Stale;
                let failure = Failure::new(class, "reference-not-linked", message);
                return self.told_failure(&failure).await;
            }
        };
        let one = One {
            operation: &operation,
            ..*self
        };
        match one.look(on, link.as_ref()).await? {
            Looked::Absent => {}
            Looked::There(found) => {
                self.note_create(link.as_ref(), true);
                let receipt = Receipt::whole(*found);
                return one.conclude(references, seen, Some(receipt), link).await;
            }
            // Nothing is touched: the time to settle goes on.
            Looked::Unknown(failure) => {
                let deviation = self
                    .write_deviation(&failure, Transition::default())
                    .await?;
                return Ok(Outcome::InDoubt { deviation }.into());
            }
        }
        if self.session.is_cancelled() {
            let because = SkipReason::Cancelled;
            return Ok(Outcome::Skipped { because }.into());
        }
        let begun = match one.transitions(references).begin(&operation, link.as_ref()) {
            Ok(begun) => begun,
            Err(error) => return self.told_failure(&no_such_step(&error)).await,
        };
        let Ok(link) = self.begin(begun, link).await? else {
            let because = Stale::Link;
            return Ok(Outcome::Stale { because }.into());
        };
        self.note_create(link.as_ref(), false);
        match one.send(on, link.as_ref(), &seen).await? {
            Sent::Done(receipt) => one.conclude(references, seen, receipt, link).await,
            Sent::Failed(error) => {
                if let Some(found) = one.exists(on, link.as_ref(), &error).await? {
                    let receipt = Some(Receipt::whole(found));
                    return one.conclude(references, seen, receipt, link).await;
                }
                let source = seen[on.other()].as_ref();
                one.failed(references, link.as_ref(), source, on, &error)
                    .await
            }
        }
    }

    /// Carries out a local step.
    async fn finish_here(
        &self,
        references: &References<'_>,
        seen: &Sides<Option<Observation>>,
        link: Option<&Link>,
    ) -> Result<Ended, ExecutionError> {
        let records = seen.as_ref().map(Option::as_ref);
        let next = self.transitions(references);
        let done = match next.carry_out(self.operation, link, records) {
            Ok(done) => done,
            Err(error) => return self.told_failure(&no_such_step(&error)).await,
        };
        let is_new = done.link.is_some();
        let batch = self.batch().transition(done);
        let more = self.adopted().into_iter().chain(self.succeeded());
        let batch = more.fold(batch, Batch::write);
        if self.session.executor.commit(batch).await?.is_err() {
            let because = Stale::Link;
            return Ok(Outcome::Stale { because }.into());
        }
        let mut shared = self.session.shared();
        shared
            .progress
            .note_versions(self.operation.link, u64::from(is_new));
        shared.progress.done(self.operation, None);
        Ok(Outcome::of(&self.operation.step).into())
    }

    /// Stores that the operation is about to be sent. The link from now on, or nothing if somebody
    /// else was quicker.
    async fn begin(
        &self,
        begun: Transition,
        link: Option<Link>,
    ) -> Result<Result<Option<Link>, ()>, ExecutionError> {
        let mut batch = self.batch();
        let link = if let Some(write) = &begun.link {
            Some(write.link.clone())
        } else {
            // The intent alone: nobody else may have begun it, or changed the link.
            batch = batch
                .require(Precondition::LinkVersion {
                    link: self.operation.link,
                    version: link.as_ref().map(|link| link.version),
                })
                .require(Precondition::NoIntent {
                    operation: self.operation.id,
                });
            link
        };
        let versions = u64::from(begun.link.is_some());
        let batch = batch.transition(begun);
        if self.session.executor.commit(batch).await?.is_err() {
            return Ok(Err(()));
        }
        let mut shared = self.session.shared();
        shared.progress.note_versions(self.operation.link, versions);
        Ok(Ok(link))
    }

    /// Stores what came of a write that took effect. `self.operation` is what was sent.
    pub(super) async fn conclude(
        &self,
        references: &References<'_>,
        mut seen: Sides<Option<Observation>>,
        receipt: Option<Receipt>,
        link: Option<Link>,
    ) -> Result<Ended, ExecutionError> {
        let Some(on) = self.operation.step.writes_on() else {
            return Ok(Outcome::Unchanged.into());
        };
        let missing = receipt
            .as_ref()
            .map(|one| one.missing.clone())
            .unwrap_or_default();
        let reason = receipt.as_ref().and_then(|one| one.reason.as_ref());
        let reason = reason.map(SideError::to_failure);
        seen[on] = receipt.map(|receipt| receipt.observation);
        let achieved = without(self.operation, &missing);
        let records = seen.as_ref().map(Option::as_ref);
        // If the link moves on meanwhile, as when somebody unlinks the pair, it is read again.
        let mut link = link;
        for _ in 0..3 {
            let next = self.transitions(references);
            let Ok(done) = next.acknowledge(&achieved, link.as_ref(), records) else {
                break;
            };
            let made = done.link.as_ref().map(|write| write.link.clone());
            // The record is there, and what is missing is planned again.
            let (deviation, told) = match &reason {
                Some(reason) => {
                    let (id, write) = self.deviation(reason);
                    (Some(id), vec![write])
                }
                None => (None, self.succeeded()),
            };
            let batch = told
                .into_iter()
                .fold(self.batch().transition(done), Batch::write);
            if self.session.executor.commit(batch).await?.is_ok() {
                let hash_key = &self.session.executor.keeping.hash_key;
                let written = seen[on].as_ref().map(|one| (on, one.hash(hash_key)));
                self.note_done(on, written, made);
                return Ok(Ended::As(match deviation {
                    Some(deviation) => Outcome::Failed { deviation },
                    None => Outcome::of(&self.operation.step),
                }));
            }
            link = self.link().await?;
        }
        let mut failure = moved_on();
        if let Some(written) = &seen[on] {
            failure = failure.and(written.key.as_str());
        }
        let (deviation, write) = self.deviation(&failure);
        let close = Write::IntentClosed(self.operation.id);
        let batch = self.batch().write(close).write(write);
        self.commit_note(batch).await?;
        Ok(Outcome::InDoubt { deviation }.into())
    }

    fn note_done(
        &self,
        on: Which,
        written: Option<(Which, crate::RecordHash)>,
        made: Option<Link>,
    ) {
        let mut shared = self.session.shared();
        let versions = u64::from(made.is_some());
        shared.progress.note_versions(self.operation.link, versions);
        shared.progress.done(self.operation, written);
        let (Some(link), Step::Create { .. }) = (made, &self.operation.step) else {
            return;
        };
        if let Some(key) = &link.keys[on] {
            shared.new_keys.insert(link.id, (on, key.clone()));
        }
        if shared.required.contains(&self.operation.id) {
            shared.made.insert(self.operation.id, link);
        }
    }

    /// Stores what came of a write that failed. `self.operation` is what was sent.
    async fn failed(
        &self,
        references: &References<'_>,
        link: Option<&Link>,
        source: Option<&Observation>,
        on: Which,
        error: &SideError,
    ) -> Result<Ended, ExecutionError> {
        let next = self.transitions(references);
        let kind = error.kind();
        // Once somebody gives new credentials, there is nothing wrong with the record.
        let may_pass = kind.class().may_pass() || kind == SideErrorKind::Unauthenticated;
        let done = if error.outcome_is_unknown() {
            next.unknown(self.operation, link)
        } else if may_pass {
            next.not_done(self.operation, link)
        } else {
            next.refuse(self.operation, link, source)
        };
        // There is a link since the operation was begun.
        let done = done.unwrap_or_default();
        if kind == SideErrorKind::Unauthenticated {
            self.commit_note(self.batch().transition(done)).await?;
            return self.told(on, error).await;
        }
        let deviation = self.write_deviation(&error.to_failure(), done).await?;
        if !error.outcome_is_unknown() {
            return Ok(Outcome::Failed { deviation }.into());
        }
        self.note_create(link, true);
        Ok(Ended::InDoubt(Box::new(Doubt {
            deviation,
            sent: self.operation.clone(),
            since: self.now(),
        })))
    }

    /// Looks for the record of a create that was tried before.
    async fn look(&self, on: Which, link: Option<&Link>) -> Result<Looked, ExecutionError> {
        let looks_first = matches!(
            self.operation.step,
            Step::Create {
                look_first: true,
                ..
            }
        );
        let key = link.filter(|_| looks_first).and_then(Link::client_key);
        let Some(key) = key else {
            return Ok(Looked::Absent);
        };
        let known = self.session.shared().found.remove(&key);
        let found = match known {
            Some(found) => Ok(found),
            None => self.find(on, &key).await?,
        };
        let found = match found {
            // Somebody looked, and wants it created: that is spent when the create is begun.
            Ok(Found::Undecided) if self.operation.decision.is_some() => Ok(Found::Nothing),
            found => found,
        };
        let since = self.session.shared().open.get(&self.operation.id).copied();
        Ok(self.judge(on, found.map_err(|error| error.to_failure()), since))
    }

    /// The record of this very create, if the other system says that there is such a record.
    async fn exists(
        &self,
        on: Which,
        link: Option<&Link>,
        error: &SideError,
    ) -> Result<Option<Observation>, ExecutionError> {
        let is_create = matches!(self.operation.step, Step::Create { .. });
        let key = link.and_then(Link::client_key);
        let Some(key) = key.filter(|_| is_create && error.kind() == SideErrorKind::AlreadyExists)
        else {
            return Ok(None);
        };
        Ok(match self.find(on, &key).await? {
            Ok(Found::One(found)) => Some(found),
            _ => None,
        })
    }

    async fn find(
        &self,
        on: Which,
        key: &ClientKey,
    ) -> Result<Result<Found, SideError>, ExecutionError> {
        let side = self.session.executor.sides[on];
        let id = Some(self.operation.id);
        self.session
            .call(id, on, || side.find(self.kind, key))
            .await
    }

    /// What an answer to a look says about a create that was sent at this time.
    pub(super) fn judge(
        &self,
        on: Which,
        found: Result<Found, Failure>,
        since: Option<DateTime<Utc>>,
    ) -> Looked {
        match found {
            Ok(Found::Nothing) => {
                let settle = self.session.executor.settle(on, self.kind);
                let shows = since.map(|since| crate::clock::after(since, settle));
                if shows.is_some_and(|shows| self.now() < shows) {
                    Looked::Unknown(not_settled())
                } else {
                    Looked::Absent
                }
            }
            Ok(Found::One(found)) => Looked::There(Box::new(found)),
            Ok(Found::Several(records)) => Looked::Unknown(doubles(&records)),
            Ok(Found::Undecided) => Looked::Unknown(undecided()),
            // It is as much in doubt as it was before.
            Err(failure) => Looked::Unknown(failure),
        }
    }

    /// Notes the create that this is, if it is one, for the audit.
    pub(super) fn note_create(&self, link: Option<&Link>, was_in_doubt: bool) {
        let Step::Create { on, look_first, .. } = self.operation.step else {
            return;
        };
        if let Some(client_key) = link.and_then(Link::client_key) {
            self.session.note_create(SentCreate {
                link: self.operation.link,
                kind: self.kind.clone(),
                on,
                client_key,
                source: self.operation.keys[on.other()].clone(),
                was_in_doubt: was_in_doubt || look_first,
            });
        }
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

    pub(super) fn batch(&self) -> Batch {
        Batch::new(self.session.connection, self.now())
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
}

/// The operation without fields that were not written.
pub(super) fn without(operation: &Operation, missing: &[flat_record::FieldName]) -> Operation {
    let mut operation = operation.clone();
    match &mut operation.step {
        Step::Create { values, .. } => values.retain(|field, _| !missing.contains(field)),
        Step::Update { changes, .. } => changes.retain(|change| !missing.contains(&change.field)),
        _ => {}
    }
    operation
}
