//! The lease of a run, kept while there is work.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::RunError;
use crate::clock::after;
use crate::{Batch, Clock, ConnectionId, Lease, Store, StoreError, StoreErrorKind};

/// The lease of a run.
pub(super) struct Held<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) clock: &'a dyn Clock,
    pub(super) connection: &'a ConnectionId,
    pub(super) lease: Lease,
    pub(super) time: Duration,
}

/// How often a commit is tried in all whose failure may pass.
const ATTEMPTS: u32 = 4;

/// How long to wait before a commit is tried again, at first.
const WAIT: Duration = Duration::from_millis(200);

impl Held<'_> {
    /// Does something that takes long, and renews the lease meanwhile.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, RunError> {
        let mut work = pin!(work);
        loop {
            // Well before it runs out, so that there is time to try again.
            let early = self.time / 3 * 2;
            let renew_at = after(self.lease.until, Duration::ZERO) - early;
            if renew_at <= self.clock.now() {
                self.renew().await?;
                continue;
            }
            let mut alarm = self.clock.alarm(renew_at);
            let done = std::future::poll_fn(|context| {
                if let Poll::Ready(value) = work.as_mut().poll(context) {
                    return Poll::Ready(Some(value));
                }
                alarm.as_mut().poll(context).map(|()| None)
            });
            if let Some(value) = done.await {
                return Ok(value);
            }
        }
    }

    /// Renews the lease, as of now.
    pub(super) async fn renew(&mut self) -> Result<(), RunError> {
        self.renew_for(self.time).await
    }

    /// Renews the lease for so long, or its usual time if that is longer.
    pub(super) async fn renew_for(&mut self, time: Duration) -> Result<(), RunError> {
        let time = time.max(self.time);
        for attempt in 1.. {
            let (lease, batch) = self.lease.renew(self.connection, self.clock.now(), time);
            match self.store.commit(batch).await {
                Ok(()) => {
                    self.lease = lease;
                    return Ok(());
                }
                Err(error) => self.pass_over(error, attempt).await?,
            }
        }
        Ok(())
    }

    /// Waits after a failure that may pass; gives up on any other, and on a lost lease.
    pub(super) async fn pass_over(&self, error: StoreError, attempt: u32) -> Result<(), RunError> {
        if error.is_conflict() {
            return Err(RunError::LeaseLost);
        }
        let may_pass = error.is_retryable() || error.kind() == StoreErrorKind::OutcomeUnknown;
        if !may_pass || attempt >= ATTEMPTS {
            return Err(RunError::Store(error));
        }
        self.clock.sleep(WAIT * (1 << attempt.min(8))).await;
        Ok(())
    }

    /// A batch under the lease: it fails if another runner took it. That the lease ran out does not
    /// matter as long as nobody did.
    pub(super) fn batch(&self, now: DateTime<Utc>) -> Batch {
        let (name, fence) = (self.lease.name.clone(), Some(self.lease.fence));
        let precondition = crate::Precondition::LeaseFence { name, fence };
        Batch::new(self.connection, now).require(precondition)
    }
}
