//! Working under a lease.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{ExecutionError, ExecutionErrorKind, Executor};
use crate::testing::yield_now;
use crate::{Conflict, ConnectionId, Lease, Precondition, StoreErrorKind};

/// The lease that an executor works under.
#[derive(Debug)]
pub(super) struct HeldLease {
    lease: Mutex<Lease>,
    time: Duration,
    /// Two renewals at once could be stored in the wrong order.
    renewing: futures_util::lock::Mutex<()>,
}

impl HeldLease {
    pub(super) fn new(lease: Lease, time: Duration) -> Self {
        Self {
            lease: Mutex::new(lease),
            time: time.max(Duration::from_secs(1)),
            renewing: futures_util::lock::Mutex::new(()),
        }
    }

    fn lease(&self) -> MutexGuard<'_, Lease> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When a half of its time is left.
    fn renewed_at(&self) -> DateTime<Utc> {
        let half = chrono::TimeDelta::from_std(self.time / 2).unwrap_or_default();
        let until = self.lease().until;
        until.checked_sub_signed(half).unwrap_or(until)
    }

    pub(super) fn precondition(&self) -> Precondition {
        self.lease().precondition()
    }
}

impl Executor<'_> {
    /// Sees to it that the lease is held for some time to come. Ends at once, without a point at
    /// which others could go on, when nothing is to be done.
    pub(super) async fn hold(&self, connection: &ConnectionId) -> Result<(), ExecutionError> {
        let Some(held) = &self.lease else {
            return Ok(());
        };
        // A renewal may take so long that the next one is due; that must come to an end.
        for _ in 0..3 {
            if self.clock.now() < held.renewed_at() {
                return Ok(());
            }
            let _only_one = held.renewing.lock().await;
            if self.clock.now() >= held.renewed_at() {
                self.renew(held, connection).await?;
            }
        }
        if self.clock.now() < held.lease().until {
            return Ok(());
        }
        Err(ExecutionError::new(ExecutionErrorKind::LeaseLost))
    }

    async fn renew(
        &self,
        held: &HeldLease,
        connection: &ConnectionId,
    ) -> Result<(), ExecutionError> {
        let mut failed = 0;
        loop {
            let now = self.clock.now();
            let (renewed, batch) = held.lease().renew(connection, now, held.time);
            match self.store.commit(batch).await {
                Ok(()) => {
                    tracing::debug!(lease = renewed.name, fence = renewed.fence, "renewed");
                    *held.lease() = renewed;
                    return Ok(());
                }
                Err(error) if matches!(error.conflict(), Some(Conflict::Precondition(_))) => {
                    return Err(ExecutionError::new(ExecutionErrorKind::LeaseLost));
                }
                // To renew twice does no harm.
                Err(error)
                    if error.is_retryable() || error.kind() == StoreErrorKind::OutcomeUnknown =>
                {
                    failed += 1;
                    let Some(wait) = self.retries.next(failed, 0, None) else {
                        return Err(error.into());
                    };
                    self.clock.sleep(wait).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Does some work and renews the lease beside it. If the lease is lost, the work is dropped
    /// where it stands.
    pub(super) async fn beside_lease<T>(
        &self,
        connection: &ConnectionId,
        work: impl Future<Output = Result<T, ExecutionError>>,
    ) -> Result<T, ExecutionError> {
        let keep = async {
            let Some(held) = &self.lease else {
                return std::future::pending().await;
            };
            loop {
                self.clock.alarm(held.renewed_at()).await;
                if let Err(error) = self.hold(connection).await {
                    break error;
                }
                // A clock that ends too early must not keep others from going on.
                yield_now().await;
            }
        };
        let (mut work, mut keep) = (pin!(work), pin!(keep));
        let result = std::future::poll_fn(|context| {
            if let Poll::Ready(result) = work.as_mut().poll(context) {
                return Poll::Ready(result);
            }
            keep.as_mut().poll(context).map(Err)
        })
        .await;
        if let Err(error) = &result
            && error.is_lease_lost()
        {
            tracing::warn!(%connection, "the lease is lost: nothing more is written");
        }
        result
    }
}
