//! Who may work on something, so that two workers never do the same at once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Batch, Precondition, Write};
use crate::ConnectionId;

/// The right of one worker to work on something of a connection, for a time.
///
/// A lease that ran out may be taken by another worker; the first may be paused and not know. So
/// each taking has a higher *fence* than the one before, and whoever works under a lease commits
/// with [`Lease::precondition`]: the store refuses the one that was overtaken.
///
/// ```
/// use std::time::Duration;
/// use chrono::{DateTime, TimeDelta, Utc};
/// use record_link::{ConnectionId, Lease, MemoryStore, Store};
///
/// # record_link::testing::block_on(async {
/// let store = MemoryStore::new();
/// let connection = ConnectionId::new("acme->4875")?;
/// let (noon, minute) = (DateTime::<Utc>::UNIX_EPOCH, Duration::from_secs(60));
///
/// let (lease, batch) = Lease::take(&connection, None, "sync", "worker 1", noon, minute)?;
/// store.commit(batch).await?;
///
/// let held = store.lease(&connection, "sync").await?;
/// assert!(Lease::take(&connection, held.as_ref(), "sync", "worker 2", noon, minute).is_err());
///
/// // The first worker sleeps, and its lease runs out.
/// let later = noon + TimeDelta::seconds(61);
/// let (_, batch) = Lease::take(&connection, held.as_ref(), "sync", "worker 2", later, minute)?;
/// store.commit(batch).await?;
/// let too_late = record_link::Batch::new(&connection, later).require(lease.precondition());
/// assert!(store.commit(too_late).await.unwrap_err().is_conflict());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Lease {
    /// What may be worked on: `sync`, for instance, or `sync/employee`.
    pub name: String,
    /// Who works.
    pub holder: String,
    /// Higher with each taking.
    pub fence: u64,
    /// Until when. At this moment it has run out.
    pub until: DateTime<Utc>,
}

/// Somebody else holds the lease.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{holder} works on it until {until}: try again then")]
#[non_exhaustive]
pub struct LeaseHeld {
    /// Who.
    pub holder: String,
    /// Until when.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// Takes a lease that nobody holds, or that ran out; `current` is what the store has. It counts
    /// once the batch is committed; if that is a [conflict](super::StoreError::is_conflict),
    /// somebody else was quicker.
    ///
    /// `holder` is for people, and different for each process.
    ///
    /// # Errors
    /// When somebody holds it.
    pub fn take(
        connection: &ConnectionId,
        current: Option<&Self>,
        name: impl Into<String>,
        holder: impl Into<String>,
        now: DateTime<Utc>,
        time: Duration,
    ) -> Result<(Self, Batch), LeaseHeld> {
        if let Some(held) = current.filter(|lease| lease.until > now) {
            return Err(LeaseHeld {
                holder: held.holder.clone(),
                until: held.until,
            });
        }
        let lease = Self {
            name: name.into(),
            holder: holder.into(),
            fence: current.map_or(1, |lease| lease.fence.saturating_add(1)),
            until: after(now, time),
        };
        // One that is renewed between the look and the commit is held: its fence alone would not say.
        let unchanged = Precondition::LeaseUnchanged {
            name: lease.name.clone(),
            lease: current.cloned().map(Box::new),
        };
        let batch = Batch::new(connection, now)
            .require(unchanged)
            .write(Write::Lease(lease.clone()));
        Ok((lease, batch))
    }

    /// The same lease for a longer time. The fence stays, so that commits that are under way keep
    /// their right. To be committed like [`take`](Self::take)'s.
    pub fn renew(
        &self,
        connection: &ConnectionId,
        now: DateTime<Utc>,
        time: Duration,
    ) -> (Self, Batch) {
        let lease = Self {
            until: after(now, time),
            ..self.clone()
        };
        let batch = lease.batch(connection, now);
        (lease, batch)
    }

    /// Gives the lease back before it runs out.
    pub fn release(&self, connection: &ConnectionId, now: DateTime<Utc>) -> Batch {
        let released = Self {
            until: now,
            ..self.clone()
        };
        released.batch(connection, now)
    }

    fn batch(&self, connection: &ConnectionId, now: DateTime<Utc>) -> Batch {
        let (name, fence) = (self.name.clone(), Some(self.fence));
        Batch::new(connection, now)
            .require(Precondition::LeaseFence { name, fence })
            .write(Write::Lease(self.clone()))
    }

    /// What a commit under this lease requires: that it is the latest, and has not run out.
    pub fn precondition(&self) -> Precondition {
        Precondition::LeaseHeld {
            name: self.name.clone(),
            fence: self.fence,
        }
    }
}

fn after(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(time)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
