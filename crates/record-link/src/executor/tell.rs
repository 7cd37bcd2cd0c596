//! What is stored of operations that failed.

use super::operation::{Ended, One};
use super::{ExecutionError, Outcome};
use crate::plan::Step;
use crate::transition::{Transition, TransitionError};
use crate::{
    Batch, DeviationChange, DeviationClass, DeviationEvent, DeviationId, Failure, Observation,
    SideError, SideErrorKind, Subject, Topic, Which, Write,
};

impl One<'_> {
    /// Commits what stands alone. Only a link that moved on can stand against it; then the note of
    /// what happened to it is not true any more, and the rest is stored without it.
    pub(super) async fn commit_note(&self, batch: Batch) -> Result<bool, ExecutionError> {
        let is_rest = |write: &Write| !matches!(write, Write::Event(_) | Write::Intent(_));
        let mut rest = batch.clone();
        rest.writes.retain(is_rest);
        let Err(conflict) = self.session.executor.commit(batch).await? else {
            return Ok(true);
        };
        tracing::debug!(%conflict, "a link moved on");
        if !rest.is_empty() {
            // What is left follows from nothing, so that nothing can stand against it.
            let _ = self.session.executor.commit(rest).await?;
        }
        Ok(false)
    }

    /// Stores a failure, and what becomes of the link.
    pub(super) async fn write_deviation(
        &self,
        failure: &Failure,
        done: Transition,
    ) -> Result<DeviationId, ExecutionError> {
        let versions = u64::from(done.link.is_some());
        let (id, write) = self.deviation(failure);
        let batch = self.batch().transition(done).write(write);
        if self.commit_note(batch).await? {
            let mut shared = self.session.shared();
            shared.progress.note_versions(self.operation.link, versions);
        }
        Ok(id)
    }

    /// Stores the failure of a side before anything was begun.
    pub(super) async fn told(
        &self,
        which: Which,
        error: &SideError,
    ) -> Result<Ended, ExecutionError> {
        if error.kind() != SideErrorKind::Unauthenticated {
            return self.told_failure(&error.to_failure()).await;
        }
        // It is about the connection, and not about each of its records: told once, at the end.
        let deviation = self.session.credentials(which).id();
        Ok(Outcome::Failed { deviation }.into())
    }

    pub(super) async fn told_failure(&self, failure: &Failure) -> Result<Ended, ExecutionError> {
        let deviation = self.write_deviation(failure, Transition::default()).await?;
        Ok(Outcome::Failed { deviation }.into())
    }

    pub(super) fn topic(&self) -> Topic {
        let step = &self.operation.step;
        let creates = matches!(step, Step::Create { .. });
        self.topic_named(step.as_str(), step.writes_on().filter(|_| creates))
    }

    /// What a deviation of such a step on this pair is about; a create is about its source.
    pub(super) fn topic_named(&self, word: &str, creates_on: Option<Which>) -> Topic {
        let kind = self.kind.clone();
        let source = creates_on.map(Which::other);
        let record = source.and_then(|side| Some((side, self.operation.keys[side].clone()?)));
        let subject = match record {
            Some((side, key)) => Subject::Record { side, kind, key },
            None => Subject::Link {
                kind,
                link: self.operation.link,
            },
        };
        Topic::new(self.session.connection, word, subject)
    }

    pub(super) fn deviation(&self, failure: &Failure) -> (DeviationId, Write) {
        let event = DeviationEvent::failed(self.topic(), failure.clone(), self.now());
        let id = event.id;
        (id, Write::Deviation(self.session.executor.in_run(event)))
    }

    /// What resolves the deviations that are settled when the operation succeeds: its own, and those
    /// of writes that it completes, as the update after a create that was only half done.
    pub(super) fn succeeded(&self) -> Vec<Write> {
        let mut topics = vec![self.topic()];
        match &self.operation.step {
            Step::Update { on, .. } | Step::Adopt { on } => {
                topics.push(self.topic_named("create", Some(*on)));
            }
            Step::Agree { .. } => {
                topics.push(self.topic_named("update", None));
                // The last step of a create that was half done may be the one that lost its answer.
                let creates = Which::BOTH.map(|on| self.topic_named("create", Some(on)));
                topics.extend(creates);
            }
            _ => {}
        }
        let now = self.now();
        let resolved = topics.into_iter().map(|topic| {
            let event = DeviationEvent::new(topic.id(), DeviationChange::Succeeded, now);
            Write::Deviation(self.session.executor.in_run(event))
        });
        resolved.collect()
    }
}

pub(super) fn doubles(records: &[Observation]) -> Failure {
    let message = "several records carry the client key of one create: keep one and delete the \
                   others";
    let failure = Failure::new(DeviationClass::InDoubt, "doubles", message);
    let keys = records.iter().map(|record| record.key.as_str());
    keys.fold(failure, Failure::and)
}

pub(super) fn not_settled() -> Failure {
    let message = "a create may have taken effect and may still show: a later run looks again";
    Failure::new(DeviationClass::InDoubt, "not-settled", message)
}

pub(super) fn source_gone() -> Failure {
    let message = "a create took effect, but its source is gone: delete the record, or link it";
    Failure::new(DeviationClass::InDoubt, "source-gone", message)
}

pub(super) fn undecided() -> Failure {
    let message = "a create may have taken effect, and the system cannot tell: look for the record, \
                   and link it or create it by a decision";
    Failure::new(DeviationClass::InDoubt, "undecided", message)
}

pub(super) fn moved_on() -> Failure {
    let message = "a write took effect, but its link was changed meanwhile: look at the record, and \
                   link or delete it";
    Failure::new(DeviationClass::InDoubt, "link-moved-on", message)
}

pub(super) fn no_such_step(error: &TransitionError) -> Failure {
    Failure::new(DeviationClass::Bug, "step-does-not-fit", error.to_string())
}
