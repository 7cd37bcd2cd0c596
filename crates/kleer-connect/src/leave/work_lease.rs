//! The right to export the leave of a connection: one run at a time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use record_link::{Batch, Clock, ConnectionId, Lease, Store, run_lease};

use super::LeaveExportError;
use super::memory::kind;

/// What is leased: as for a run of the days' kind, so that nobody's data are taken out of the store
/// while days of theirs are written.
fn name() -> String {
    run_lease(&kind())
}

/// A lease that is held, and renewed in time by whatever is committed under it.
#[derive(Debug)]
pub(super) struct WorkLease<'a> {
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    connection: &'a ConnectionId,
    time: Duration,
    lease: Mutex<Lease>,
}

impl<'a> WorkLease<'a> {
    pub(super) async fn take(
        store: &'a dyn Store,
        clock: &'a dyn Clock,
        connection: &'a ConnectionId,
        holder: &str,
        time: Duration,
    ) -> Result<Self, LeaveExportError> {
        let name = name();
        loop {
            let current = store.lease(connection, &name).await?;
            let (lease, batch) = Lease::take(
                connection,
                current.as_ref(),
                &name,
                holder,
                clock.now(),
                time,
            )
            .map_err(LeaveExportError::Busy)?;
            match store.commit(batch).await {
                Ok(()) => {
                    let lease = Mutex::new(lease);
                    return Ok(Self {
                        store,
                        clock,
                        connection,
                        time,
                        lease,
                    });
                }
                // Somebody was quicker: the next look says who.
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn lease(&self) -> Lease {
        let lease = self.lease.lock();
        lease.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Commits a batch, if the lease is still ours.
    pub(super) async fn commit(&self, batch: Batch) -> Result<(), LeaveExportError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.renew().await?;
        let batch = batch.require(self.lease().precondition());
        Ok(self.store.commit(batch).await?)
    }

    /// Renews the lease when half of its time is over. To be called before something long.
    pub(super) async fn renew(&self) -> Result<(), LeaveExportError> {
        let (lease, now) = (self.lease(), self.clock.now());
        let left = (lease.until - now).to_std().unwrap_or_default();
        if left > self.time / 2 {
            return Ok(());
        }
        let (renewed, batch) = lease.renew(self.connection, now, self.time);
        self.store.commit(batch).await?;
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = renewed;
        Ok(())
    }

    /// Gives the lease back. If that fails it runs out by itself.
    pub(super) async fn release(&self) {
        let batch = self.lease().release(self.connection, self.clock.now());
        drop(self.store.commit(batch).await);
    }
}
