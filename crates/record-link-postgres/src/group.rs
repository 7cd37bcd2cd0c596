//! Batches for one connection that are committed at the same time go into one transaction.
//!
//! Each commit counts the events of its connection, so that their order is the order of the commits;
//! two transactions that do that at once stand in each other's way, and one has to begin anew. In
//! one process that need not be: whoever comes while a commit is under way goes with the next, and
//! they share the wait for the disk as well.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record_link::{Batch, BoxFuture, ConnectionId, StoreError, StoreErrorKind};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The most that go together: those who wait should not wait for too many others.
const MOST: usize = 64;

pub(crate) type Outcome = Result<(), StoreError>;

/// A batch, and who waits for what becomes of it.
struct Waiting {
    batch: Batch,
    outcome: oneshot::Sender<Outcome>,
}

/// Who waits, by connection. One that is in it has somebody at work.
#[derive(Default)]
pub(crate) struct Groups {
    waiting: Mutex<HashMap<ConnectionId, Vec<Waiting>>>,
}

/// Commits batches of one connection; one outcome each, in their order.
pub(crate) trait Committer: Send + Sync + 'static {
    fn commit_group(&self, batches: Vec<Batch>) -> BoxFuture<'_, Vec<Outcome>>;
}

impl Groups {
    fn waiting(&self) -> MutexGuard<'_, HashMap<ConnectionId, Vec<Waiting>>> {
        // Nothing that can panic is done while it is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits a batch together with those that come at the same time. The work is a task of its
    /// own: it is done whether or not somebody waits for it, and one who gives up takes nobody
    /// with them.
    pub(crate) async fn commit(
        self: &Arc<Self>,
        runtime: &Handle,
        committer: &Arc<impl Committer>,
        batch: Batch,
    ) -> Outcome {
        let (outcome, told) = oneshot::channel();
        let connection = batch.connection.clone();
        let is_first = {
            let mut waiting = self.waiting();
            let is_first = !waiting.contains_key(&connection);
            let group = waiting.entry(connection.clone()).or_default();
            group.push(Waiting { batch, outcome });
            is_first
        };
        if is_first {
            let at_work = AtWork {
                groups: Arc::clone(self),
                connection,
            };
            let committer = Arc::clone(committer);
            runtime.spawn(async move { at_work.run(&*committer).await });
        }
        told.await.unwrap_or_else(|_| {
            let unknown = StoreError::new(StoreErrorKind::OutcomeUnknown);
            Err(unknown.with_detail("the runtime of the store ended"))
        })
    }
}

/// Somebody who commits for a connection until nobody waits.
struct AtWork {
    groups: Arc<Groups>,
    connection: ConnectionId,
}

impl AtWork {
    async fn run(self, committer: &impl Committer) {
        while let Some(group) = self.next() {
            let (batches, told): (Vec<_>, Vec<_>) = group
                .into_iter()
                .map(|one| (one.batch, one.outcome))
                .unzip();
            let outcomes = committer.commit_group(batches).await;
            for (told, outcome) in told.into_iter().zip(outcomes) {
                // Whoever gave up does not hear it.
                let _ = told.send(outcome);
            }
        }
    }

    /// Those who go next; `None` if nobody waits, and from then on nobody is at work.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut waiting = self.groups.waiting();
        let group = waiting.get_mut(&self.connection)?;
        if group.is_empty() {
            waiting.remove(&self.connection);
            return None;
        }
        let rest = group.split_off(MOST.min(group.len()));
        Some(std::mem::replace(group, rest))
    }
}

impl Drop for AtWork {
    /// If the task ends in the middle, whoever waits is told, and the next one begins anew.
    fn drop(&mut self) {
        let left = self.groups.waiting().remove(&self.connection);
        drop(left);
    }
}
