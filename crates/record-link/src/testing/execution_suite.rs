//! The conformance suite for carrying out plans over a store.

mod dying;
mod two;
mod world;

use std::sync::Arc;

use super::report::{Ended, Report};
use crate::Store;

/// How much a run of [`check_execution`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExecutionChecks {
    /// The process dies at every such step: 1 for each of them.
    pub every: u64,
    /// In how many orders two workers work side by side.
    pub seeds: u64,
}

impl Default for ExecutionChecks {
    /// Every step, and 200 orders: for a store whose commits take no time.
    fn default() -> Self {
        Self {
            every: 1,
            seeds: 200,
        }
    }
}

impl ExecutionChecks {
    /// Every step, and 200 orders.
    pub fn new() -> Self {
        Self::default()
    }

    /// The process dies at every such step only. A run has about two hundred.
    #[must_use]
    pub fn every(mut self, step: u64) -> Self {
        self.every = step.max(1);
        self
    }

    /// In so many orders two workers work side by side.
    #[must_use]
    pub fn seeds(mut self, seeds: u64) -> Self {
        self.seeds = seeds.max(1);
        self
    }
}

/// Checks that plans are carried out once, whatever happens, over a store.
///
/// - A process creates, updates, unlinks and deletes records, in both directions, while answers are
///   lost and writes are refused or half done. It dies at each of its steps in turn; the store is
///   opened again, and the next process brings the work to its end. What the systems and the links
///   are then must be what they are when nobody dies, and at no instant may a record be anything
///   but what it was or what it is to be.
/// - Two processes work on one connection, under a lease, in many orders; they are paused, lose their
///   lease and die. No record may be created twice.
///
/// `reopen` closes the store, as a process that ends does, and opens what is stored again. The suite
/// works in connections of its own, whose ids begin with `prefix`. With a store whose commits take
/// two milliseconds, `ExecutionChecks::new().every(4).seeds(20)` takes about a minute.
///
/// ```
/// use record_link::{MemoryStore, testing};
///
/// # testing::block_on(async {
/// // Memory is not durable; a clone stands for a store that is opened again.
/// let checks = testing::ExecutionChecks::new().every(20).seeds(5);
/// let store = MemoryStore::new();
/// let report = testing::check_execution(store, "run 1", &checks, async |store| store).await;
/// report.into_result().unwrap();
/// # });
/// ```
#[must_use = "a report that nobody reads proves nothing"]
pub async fn check_execution<S: Store + 'static>(
    store: S,
    prefix: &str,
    checks: &ExecutionChecks,
    reopen: impl AsyncFn(S) -> S,
) -> Report {
    let mut report = Report::new("execution");
    let mut store = Some(store);
    for scenario in dying::SCENARIOS {
        let result = dying::check(&mut store, prefix, checks, &reopen, scenario).await;
        report.add(scenario.name, result);
    }
    for (name, recovery) in two::CHECKS {
        let result = two::check(&mut store, &format!("{prefix} {name}"), checks, recovery).await;
        report.add(name, result);
    }
    report
}

/// Lends a store to processes, until they are gone.
struct Lent<S>(Arc<S>);

impl<S: Store + 'static> Lent<S> {
    fn take(store: &mut Option<S>) -> Result<Self, Ended> {
        store
            .take()
            .map(|store| Self(Arc::new(store)))
            .ok_or_else(lost)
    }

    fn shared(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0) as Arc<dyn Store>
    }

    fn give_back(self) -> Result<S, Ended> {
        Arc::into_inner(self.0).ok_or_else(lost)
    }
}

fn lost() -> Ended {
    Ended::Broken("the store was lost by an earlier check".into())
}
