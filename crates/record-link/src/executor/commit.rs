//! Reading and committing, as safely as a store allows.

use super::{ExecutionError, ExecutionErrorKind, Executor, ProgressEvent};
use crate::{Batch, BoxFuture, Conflict, Precondition, StoreError, StoreErrorKind, Write};

impl Executor<'_> {
    /// Asks the store, again if it is not to be had at the moment.
    pub(super) async fn ask<'q, T>(
        &self,
        question: impl Fn() -> BoxFuture<'q, Result<T, StoreError>>,
    ) -> Result<T, ExecutionError> {
        let mut failed = 0;
        loop {
            match question().await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.wait_for_store(error, &mut failed).await?,
            }
        }
    }

    /// Commits a batch under the lease. What stands against it is returned; everything else that
    /// goes wrong ends the run, as nothing can be done safely without the store.
    ///
    /// A store that is not to be had at the moment is asked again, and a commit whose answer was
    /// lost is read back before it is repeated.
    pub(super) async fn commit(
        &self,
        mut batch: Batch,
    ) -> Result<Result<(), Conflict>, ExecutionError> {
        let mut failed = 0;
        let mut may_be_committed = false;
        loop {
            self.hold(&batch.connection).await?;
            batch.at = self.clock.now();
            let mut attempt = batch.clone();
            if let Some(held) = &self.lease {
                attempt.preconditions.push(held.precondition());
            }
            let Err(error) = self.store.commit(attempt).await else {
                return Ok(Ok(()));
            };
            if let Some(conflict) = error.conflict() {
                if is_lease(conflict) {
                    return Err(ExecutionError::new(ExecutionErrorKind::LeaseLost));
                }
                // A commit whose answer was lost may stand against its own repetition.
                if may_be_committed && self.is_committed(&batch).await? {
                    return Ok(Ok(()));
                }
                return Ok(Err(conflict.clone()));
            }
            if error.kind() == StoreErrorKind::OutcomeUnknown {
                may_be_committed = true;
                if self.is_committed(&batch).await? {
                    return Ok(Ok(()));
                }
            }
            self.wait_for_store(error, &mut failed).await?;
        }
    }

    async fn wait_for_store(
        &self,
        error: StoreError,
        failed: &mut u32,
    ) -> Result<(), ExecutionError> {
        let may_pass = error.is_retryable() || error.kind() == StoreErrorKind::OutcomeUnknown;
        *failed += 1;
        let wait = self.retries.next(*failed, 1, None).filter(|_| may_pass);
        let Some(wait) = wait else {
            return Err(error.into());
        };
        tracing::warn!(kind = %error.kind(), failed = *failed, ?wait, "the store is asked again");
        self.tell(&ProgressEvent::Waiting {
            operation: None,
            on: None,
            because: None,
            failed: *failed,
            wait,
        });
        self.clock.sleep(wait).await;
        Ok(())
    }

    /// Whether a batch is committed whose answer was lost: seen by something in it that nobody else
    /// would write. Of a batch without such a thing it does not matter, since it does the same when
    /// it is committed twice.
    async fn is_committed(&self, batch: &Batch) -> Result<bool, ExecutionError> {
        let connection = &batch.connection;
        let of_link = batch.writes.iter().rev().find_map(|write| match write {
            Write::Event(event) => Some(&event.link),
            _ => None,
        });
        if let Some(link) = of_link {
            let there = self.ask(|| self.store.link(connection, link.id)).await?;
            return Ok(there.as_ref() == Some(link));
        }
        for write in &batch.writes {
            match write {
                Write::Intent(intent) => {
                    let open = self.ask(|| self.store.intents(connection)).await?;
                    return Ok(open.iter().any(|one| *one == **intent));
                }
                Write::Deviation(event) => {
                    let there = self
                        .ask(|| self.store.deviation(connection, event.id))
                        .await?;
                    return Ok(there.is_some_and(|one| one.changed_at() == event.at));
                }
                _ => {}
            }
        }
        Ok(false)
    }
}

fn is_lease(conflict: &Conflict) -> bool {
    matches!(
        conflict,
        Conflict::Precondition(
            Precondition::LeaseHeld { .. }
                | Precondition::LeaseFence { .. }
                | Precondition::LeaseUnchanged { .. }
        )
    )
}
