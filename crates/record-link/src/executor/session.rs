//! What the operations of one call of an executor share.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Cancellation, ExecutionError, ExecutionErrorKind, Executor, ProgressEvent, SentCreate,
};
use crate::clock::{after, until};
use crate::transition::Progress;
use crate::{
    Batch, ClientKey, ConnectionId, DeviationChange, DeviationEvent, Found, Link, LinkId,
    OperationId, RecordKey, SideError, SideErrorKind, SideFuture, SideOperation, Sides, Subject,
    Topic, Which, Write,
};

pub(super) struct Session<'e> {
    pub(super) executor: &'e Executor<'e>,
    pub(super) connection: &'e ConnectionId,
    /// Ends all waiting, when the run has to end.
    pub(super) halt: Cancellation,
    answered: Sides<AtomicBool>,
    shared: Mutex<Shared>,
}

/// What changes while operations are under way.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) progress: Progress,
    /// Operations that others require.
    pub(super) required: HashSet<OperationId>,
    /// The links that those made.
    pub(super) made: HashMap<OperationId, Link>,
    /// The keys of records that were created.
    pub(super) new_keys: HashMap<LinkId, (Which, RecordKey)>,
    pub(super) creates: HashMap<LinkId, SentCreate>,
    /// Writes of unknown outcome that were there before, and since when.
    pub(super) open: HashMap<OperationId, DateTime<Utc>>,
    /// What was looked for in one listing.
    pub(super) found: HashMap<ClientKey, Found>,
    refused: Option<Which>,
    /// Until when a side asked us to leave it alone.
    paused_until: Sides<Option<DateTime<Utc>>>,
}

impl<'e> Session<'e> {
    pub(super) fn new(executor: &'e Executor<'e>, connection: &'e ConnectionId) -> Self {
        Self {
            executor,
            connection,
            halt: Cancellation::new(),
            answered: Sides::default(),
            shared: Mutex::default(),
        }
    }

    /// Never held across an await point.
    pub(super) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing more is to be begun.
    pub(super) fn is_stopping(&self) -> bool {
        self.halt.is_cancelled() || self.is_cancelled()
    }

    /// Whether the caller asked to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        let cancellation = self.executor.cancellation;
        cancellation.is_some_and(Cancellation::is_cancelled)
    }

    fn refused(&self) -> Option<Which> {
        self.shared().refused
    }

    /// The end of the call: an error, with a deviation of its own, if a side refused the
    /// credentials.
    pub(super) async fn end(&self) -> Result<(), ExecutionError> {
        let Some(on) = self.refused() else {
            return Ok(());
        };
        let executor = self.executor;
        let error = SideError::new(SideOperation::Get, SideErrorKind::Unauthenticated);
        let now = executor.clock.now();
        let event = DeviationEvent::failed(self.credentials(on), error.to_failure(), now);
        let write = Write::Deviation(executor.in_run(event));
        // A failure fits whatever is there.
        let _ = executor
            .commit(Batch::new(self.connection, now).write(write))
            .await?;
        tracing::warn!(connection = %self.connection, side = %on, "the credentials are refused");
        Err(ExecutionError::new(ExecutionErrorKind::Unauthenticated(on)))
    }

    /// Sleeps, unless the run is to end: whether it did.
    pub(super) async fn sleep(&self, time: Duration) -> bool {
        let mut sleep = self.executor.clock.sleep(time);
        let mut halted = std::pin::pin!(self.halt.cancelled());
        let cancelled = self.executor.cancellation.map(Cancellation::cancelled);
        let mut cancelled = std::pin::pin!(async move {
            match cancelled {
                Some(cancelled) => cancelled.await,
                None => std::future::pending().await,
            }
        });
        std::future::poll_fn(|context| {
            let is_ended = halted.as_mut().poll(context).is_ready()
                || cancelled.as_mut().poll(context).is_ready();
            if is_ended {
                return Poll::Ready(false);
            }
            sleep.as_mut().poll(context).map(|()| true)
        })
        .await
    }

    /// Calls a side under the lease, again while it fails without an effect and may succeed later.
    ///
    /// Between the look at the lease and the call there is no point at which others could go on: a
    /// request leaves while the lease is held, or not at all.
    pub(super) async fn call<'c, T>(
        &self,
        operation: Option<OperationId>,
        on: Which,
        call: impl Fn() -> SideFuture<'c, T>,
    ) -> Result<Result<T, SideError>, ExecutionError> {
        let mut failed = 0;
        loop {
            self.pause(on).await;
            self.executor.hold(self.connection).await?;
            let error = match call().await {
                Ok(answer) => {
                    self.answered[on].store(true, Ordering::Relaxed);
                    return Ok(Ok(answer));
                }
                Err(error) => error,
            };
            let kind = error.kind();
            if kind == SideErrorKind::Unauthenticated {
                self.shared().refused.get_or_insert(on);
                self.halt.cancel();
            }
            let may_pass = matches!(
                kind,
                SideErrorKind::Unavailable | SideErrorKind::RateLimited
            );
            failed += 1;
            let number = operation.map_or(0, OperationId::number);
            let wait = self.executor.retries.next(failed, number, error.wait());
            let Some(wait) = wait.filter(|_| may_pass && !self.is_stopping()) else {
                return Ok(Err(error));
            };
            tracing::debug!(operation = operation.map(tracing::field::display), side = %on,
                because = %kind, failed, ?wait, "a call is tried again");
            self.executor.tell(&ProgressEvent::Waiting {
                operation,
                on: Some(on),
                because: Some(kind),
                failed,
                wait,
            });
            if kind == SideErrorKind::RateLimited {
                let until = Some(after(self.executor.clock.now(), wait));
                let mut shared = self.shared();
                shared.paused_until[on] = shared.paused_until[on].max(until);
            }
            if !self.sleep(wait).await {
                return Ok(Err(error));
            }
        }
    }

    /// Leaves a side alone that asked for fewer requests: what it said to one call is meant for
    /// all. If the run has to end, what is under way does not wait.
    async fn pause(&self, on: Which) {
        loop {
            let paused_until = self.shared().paused_until[on];
            let now = self.executor.clock.now();
            let Some(paused_until) = paused_until.filter(|paused_until| *paused_until > now) else {
                return;
            };
            if !self.sleep(until(now, paused_until)).await {
                return;
            }
        }
    }

    /// What the deviation of refused credentials is about.
    pub(super) fn credentials(&self, on: Which) -> Topic {
        let operation = format!("authenticate-{on}");
        Topic::new(self.connection, operation, Subject::Connection)
    }

    /// Resolves the deviations of refused credentials, on sides that answered.
    pub(super) fn accepted(&self) -> Vec<Write> {
        let answered = Which::BOTH.into_iter();
        let answered = answered.filter(|which| {
            self.answered[*which].load(Ordering::Relaxed) && self.refused() != Some(*which)
        });
        let now = self.executor.clock.now();
        let resolved = answered.map(|which| {
            let id = self.credentials(which).id();
            let event = DeviationEvent::new(id, DeviationChange::Succeeded, now);
            Write::Deviation(self.executor.in_run(event))
        });
        resolved.collect()
    }

    /// Notes a create that is sent, or looked for.
    pub(super) fn note_create(&self, create: SentCreate) {
        let mut shared = self.shared();
        let was_in_doubt = create.was_in_doubt;
        let known = shared.creates.entry(create.link).or_insert(create);
        known.was_in_doubt |= was_in_doubt;
    }

    /// The creates that were noted, in the order of their links.
    pub(super) fn creates(&self) -> Vec<SentCreate> {
        let mut creates: Vec<_> = self.shared().creates.values().cloned().collect();
        creates.sort_unstable_by_key(|create| create.link);
        creates
    }
}
