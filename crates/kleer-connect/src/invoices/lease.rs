//! Only one run at a time posts on a connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use record_link::{
    Batch, Clock, Conflict, ConnectionId, Lease, LeaseHeld, Precondition, Store, StoreError,
    StoreErrorKind,
};

use super::error::PostError;

/// What is leased: all posting of documents on a connection, whatever they become, since clients
/// and products are created for each target.
const NAME: &str = "invoices";

/// The lease of a run.
#[derive(Debug)]
pub(crate) struct Held {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    connection: ConnectionId,
    time: Duration,
    lease: Mutex<Lease>,
}

/// Why a lease was not taken.
enum NotTaken {
    Held {
        by: LeaseHeld,
        fence: u64,
    },
    /// Somebody else was quicker.
    Raced,
}

impl Held {
    /// Takes the lease. A run that died did not give its lease back, so one that is held is waited
    /// for once: who lives renews it in that time.
    pub(crate) async fn take(
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        connection: &ConnectionId,
        holder: &str,
        time: Duration,
    ) -> Result<Self, PostError> {
        let mut waited_for = None;
        loop {
            let (by, fence) = match Self::try_take(store, clock, connection, holder, time).await? {
                Ok(held) => return Ok(held),
                Err(NotTaken::Raced) => continue,
                Err(NotTaken::Held { by, fence }) => (by, fence),
            };
            let wait = (by.until - clock.now()).to_std().unwrap_or_default();
            // Another fence: somebody else took it while we waited.
            if waited_for.is_some_and(|waited| waited != (fence, by.until)) || wait > time {
                return Err(PostError::Busy(by));
            }
            waited_for = Some((fence, by.until));
            clock.sleep(wait).await;
        }
    }

    async fn try_take(
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        connection: &ConnectionId,
        holder: &str,
        time: Duration,
    ) -> Result<Result<Self, NotTaken>, StoreError> {
        let current = store.lease(connection, NAME).await?;
        let taken = Lease::take(
            connection,
            current.as_ref(),
            NAME,
            holder,
            clock.now(),
            time,
        );
        let (lease, batch) = match taken {
            Ok(taken) => taken,
            Err(by) => {
                let fence = current.map_or(0, |lease| lease.fence);
                return Ok(Err(NotTaken::Held { by, fence }));
            }
        };
        match store.commit(batch).await {
            Ok(()) => {}
            Err(error) if error.is_conflict() => return Ok(Err(NotTaken::Raced)),
            Err(error) if error.kind() == StoreErrorKind::OutcomeUnknown => {
                if store.lease(connection, NAME).await?.as_ref() != Some(&lease) {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        Ok(Ok(Self {
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            connection: connection.clone(),
            time,
            lease: Mutex::new(lease),
        }))
    }

    fn lease(&self) -> MutexGuard<'_, Lease> {
        // A lease is replaced whole.
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Higher with each run.
    pub(crate) fn fence(&self) -> u64 {
        self.lease().fence
    }

    /// Commits under the lease.
    pub(crate) async fn commit(&self, batch: Batch) -> Result<(), PostError> {
        let batch = batch.require(self.lease().precondition());
        let committed = self.store.commit(batch).await;
        committed.map_err(|error| match error.conflict() {
            Some(Conflict::Precondition(Precondition::LeaseHeld { .. })) => PostError::Overtaken,
            _ => PostError::Store(error),
        })
    }

    /// When a third of the lease is over. Counted from when it was taken or renewed, since work comes
    /// in parts, each of which may be shorter than that.
    fn due(&self) -> DateTime<Utc> {
        let left = TimeDelta::from_std(self.time / 3 * 2).unwrap_or(TimeDelta::MAX);
        let until = self.lease().until;
        until.checked_sub_signed(left).unwrap_or(until)
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let current = self.lease().clone();
        let (renewed, batch) = current.renew(&self.connection, self.clock.now(), self.time);
        self.store.commit(batch).await?;
        *self.lease() = renewed;
        Ok(())
    }

    /// Renews the lease if it is time to, before work that needs it. One that ran out while nobody
    /// worked is renewed too, unless somebody else has taken it.
    pub(crate) async fn refresh(&self) -> Result<(), PostError> {
        let now = self.clock.now();
        if now < self.due() {
            return Ok(());
        }
        match self.renew().await {
            Ok(()) => Ok(()),
            Err(error) if error.is_conflict() => Err(PostError::Overtaken),
            // Tried again while work goes on, as long as it holds.
            Err(_) if now < self.lease().until => Ok(()),
            Err(error) => Err(PostError::Store(error)),
        }
    }

    /// Renews the lease again and again; ends only when it is lost.
    pub(crate) async fn keep(&self) -> PostError {
        let mut at = self.due();
        loop {
            self.clock.alarm(at).await;
            at = match self.renew().await {
                Ok(()) => self.due(),
                Err(error) if error.is_conflict() => return PostError::Overtaken,
                Err(error) if self.lease().until <= self.clock.now() => {
                    return PostError::Store(error);
                }
                // Tried again, as long as it holds.
                Err(_) => {
                    let soon = TimeDelta::from_std(self.time / 10).unwrap_or(TimeDelta::MAX);
                    let now = self.clock.now();
                    now.checked_add_signed(soon).unwrap_or(now)
                }
            };
        }
    }

    /// Gives the lease back.
    pub(crate) async fn release(&self) -> Result<(), PostError> {
        let batch = self.lease().release(&self.connection, self.clock.now());
        match self.store.commit(batch).await {
            // Somebody else has it by now.
            Err(error) if error.is_conflict() => Ok(()),
            released => Ok(released?),
        }
    }
}
