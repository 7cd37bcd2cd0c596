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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;

    use super::*;

    /// Notes the sizes of groups, and takes its time.
    #[derive(Default)]
    struct Slow {
        groups: Mutex<Vec<usize>>,
        panics: bool,
    }

    impl Committer for Slow {
        fn commit_group(&self, batches: Vec<Batch>) -> BoxFuture<'_, Vec<Outcome>> {
            self.groups.lock().unwrap().push(batches.len());
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                assert!(!self.panics, "on purpose");
                batches.iter().map(|_| Ok(())).collect()
            })
        }
    }

    fn batch(connection: &str) -> Batch {
        Batch::new(
            &ConnectionId::new(connection).unwrap(),
            DateTime::UNIX_EPOCH,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_come_meanwhile_go_together_and_other_connections_alone() {
        let (groups, slow) = (Arc::<Groups>::default(), Arc::<Slow>::default());
        let commit = |connection: &'static str| {
            let (groups, slow) = (Arc::clone(&groups), Arc::clone(&slow));
            let runtime = Handle::current();
            tokio::spawn(async move { groups.commit(&runtime, &slow, batch(connection)).await })
        };
        let mut all = vec![commit("one")];
        tokio::time::sleep(Duration::from_millis(1)).await;
        all.extend((0..MOST + 2).map(|_| commit("one")));
        all.push(commit("two"));
        for one in all {
            one.await.unwrap().unwrap();
        }
        assert_eq!(*slow.groups.lock().unwrap(), [1, 1, MOST, 2]);
        assert!(groups.waiting().is_empty(), "somebody is still at work");
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_takes_nobody_with_them() {
        let (groups, slow) = (Arc::<Groups>::default(), Arc::<Slow>::default());
        let runtime = Handle::current();
        let first = groups.commit(&runtime, &slow, batch("one"));
        let given_up = tokio::time::timeout(Duration::from_millis(1), first).await;
        assert!(given_up.is_err());
        groups.commit(&runtime, &slow, batch("one")).await.unwrap();
        assert_eq!(*slow.groups.lock().unwrap(), [1, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn if_the_work_panics_the_outcome_is_unknown_and_the_next_commit_works() {
        let groups = Arc::<Groups>::default();
        let panics = Arc::new(Slow {
            panics: true,
            ..Slow::default()
        });
        let runtime = Handle::current();
        let error = groups
            .commit(&runtime, &panics, batch("one"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::OutcomeUnknown);
        let slow = Arc::<Slow>::default();
        groups.commit(&runtime, &slow, batch("one")).await.unwrap();
    }
}
