//! A store that fails on demand, round any other.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flat_record::Kind;

use super::fuse::Fuse;
use super::waiting::yield_now;
use crate::{
    Approval, Batch, BoxFuture, ConnectionId, Decision, Deviation, DeviationId, DeviationQuery,
    EventQuery, Intent, Lease, Link, LinkId, LinkQuery, LoggedEvent, Page, RecordKey, RunQuery,
    RunRecord, ScheduleState, Scope, Sides, Store, StoreError, StoreErrorKind, Summary, Touch,
    Which,
};

/// What goes wrong with a call of a [`FaultyStore`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreFault {
    /// It fails, and nothing is written.
    Before(StoreErrorKind),
    /// A commit is carried out, but its answer is lost.
    AnswerLost,
}

/// A store that fails on demand.
///
/// Clones share the faults and the store.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use record_link::testing::{FaultyStore, StoreFault, block_on};
/// use record_link::{Batch, ConnectionId, MemoryStore, Store, StoreErrorKind};
///
/// let store = FaultyStore::new(MemoryStore::new());
/// store.fail_next_commit(StoreFault::Before(StoreErrorKind::Full));
/// let batch = Batch::new(&ConnectionId::new("acme->4875")?, DateTime::<Utc>::UNIX_EPOCH);
/// let error = block_on(store.commit(batch.clone())).unwrap_err();
/// assert_eq!(error.kind(), StoreErrorKind::Full);
/// block_on(store.commit(batch))?; // only the next one fails
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    faults: Arc<Mutex<Faults>>,
    fuse: Fuse,
    /// Calls of the store under this one that were not answered.
    inside: Arc<AtomicUsize>,
    seen: Option<Arc<Seen>>,
}

/// Is shown what was committed.
type Seen = dyn Fn(&Batch) + Send + Sync;

/// A call that the store under this one has not answered, or that nobody waits for any more.
struct Inside<'a>(&'a AtomicUsize);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Default)]
struct Faults {
    commits: Vec<StoreFault>,
    queries: Vec<StoreErrorKind>,
    committed: u64,
}

impl FaultyStore {
    /// A store that does what `inner` does.
    pub fn new(inner: impl Store + 'static) -> Self {
        Self::sharing(Arc::new(inner))
    }

    /// A store that does what `inner` does, which others use as well.
    pub fn sharing(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            faults: Arc::default(),
            fuse: Fuse::never(),
            inside: Arc::default(),
            seen: None,
        }
    }

    /// The same store, used by a process that dies when the fuse blows.
    #[must_use]
    pub fn with_fuse(&self, fuse: Fuse) -> Self {
        Self {
            fuse,
            ..self.clone()
        }
    }

    /// The next commit fails so. Several faults come one after the other.
    pub fn fail_next_commit(&self, fault: StoreFault) {
        self.faults().commits.push(fault);
    }

    /// The next query fails with an error of this kind.
    pub fn fail_next_query(&self, kind: StoreErrorKind) {
        self.faults().queries.push(kind);
    }

    /// How many batches were committed, whether or not the answer was lost.
    pub fn committed(&self) -> u64 {
        self.faults().committed
    }

    /// Shows each batch that was committed to somebody.
    pub(super) fn showing(self, seen: impl Fn(&Batch) + Send + Sync + 'static) -> Self {
        let seen: Option<Arc<Seen>> = Some(Arc::new(seen));
        Self { seen, ..self }
    }

    /// Whether somebody waits for the store under this one, not for a step of a fake.
    pub(super) fn is_waited_for(&self) -> bool {
        self.inside.load(Ordering::SeqCst) > 0
    }

    fn enter(&self) -> Inside<'_> {
        self.inside.fetch_add(1, Ordering::SeqCst);
        Inside(&self.inside)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        // A panic elsewhere in a test must not hide what it is about.
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn query<'a, T: Send + 'a>(
        &'a self,
        query: BoxFuture<'a, Result<T, StoreError>>,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            yield_now().await;
            let fault = first(&mut self.faults().queries);
            if let Some(kind) = fault {
                return Err(StoreError::new(kind));
            }
            let before = self.fuse.step();
            let result = if before {
                let _inside = self.enter();
                Some(query.await)
            } else {
                None
            };
            // The answer is on its way, and its reader may be paused.
            yield_now().await;
            match result {
                Some(result) if self.fuse.step() => result,
                _ => Err(StoreError::new(StoreErrorKind::Unavailable)),
            }
        })
    }
}

fn first<T>(list: &mut Vec<T>) -> Option<T> {
    (!list.is_empty()).then(|| list.remove(0))
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl Store for FaultyStore {
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            yield_now().await;
            if !self.fuse.step() {
                return Err(StoreError::new(StoreErrorKind::Unavailable));
            }
            let fault = first(&mut self.faults().commits);
            if let Some(StoreFault::Before(kind)) = fault {
                return Err(StoreError::new(kind));
            }
            let shown = self.seen.is_some().then(|| batch.clone());
            let inside = self.enter();
            self.inner.commit(batch).await?;
            drop(inside);
            self.faults().committed += 1;
            if let (Some(seen), Some(batch)) = (&self.seen, shown) {
                seen(&batch);
            }
            yield_now().await;
            if fault.is_some() || !self.fuse.step() {
                return Err(StoreError::new(StoreErrorKind::OutcomeUnknown));
            }
            Ok(())
        })
    }

    fn connections(&self) -> BoxFuture<'_, Result<Vec<ConnectionId>, StoreError>> {
        self.query(self.inner.connections())
    }

    fn link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: LinkId,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>> {
        self.query(self.inner.link(connection, id))
    }

    fn live_link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
        which: Which,
        key: &'a RecordKey,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>> {
        self.query(self.inner.live_link(connection, kind, which, key))
    }

    fn links<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a LinkQuery,
    ) -> BoxFuture<'a, Result<Page<Link>, StoreError>> {
        self.query(self.inner.links(connection, query))
    }

    fn events<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a EventQuery,
    ) -> BoxFuture<'a, Result<Page<LoggedEvent>, StoreError>> {
        self.query(self.inner.events(connection, query))
    }

    fn intents<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<Intent>, StoreError>> {
        self.query(self.inner.intents(connection))
    }

    fn decisions<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Decision>, StoreError>> {
        self.query(self.inner.decisions(connection, kind))
    }

    fn deviation<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: DeviationId,
    ) -> BoxFuture<'a, Result<Option<Deviation>, StoreError>> {
        self.query(self.inner.deviation(connection, id))
    }

    fn deviations<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a DeviationQuery,
    ) -> BoxFuture<'a, Result<Page<Deviation>, StoreError>> {
        self.query(self.inner.deviations(connection, query))
    }

    fn scopes<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Sides<Option<Scope>>, StoreError>> {
        self.query(self.inner.scopes(connection, kind))
    }

    fn approvals<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Approval>, StoreError>> {
        self.query(self.inner.approvals(connection, kind))
    }

    fn lease<'a>(
        &'a self,
        connection: &'a ConnectionId,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Lease>, StoreError>> {
        self.query(self.inner.lease(connection, name))
    }

    fn touched<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Touch>, StoreError>> {
        self.query(self.inner.touched(connection, kind))
    }

    fn schedules<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<ScheduleState>, StoreError>> {
        self.query(self.inner.schedules(connection))
    }

    fn runs<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a RunQuery,
    ) -> BoxFuture<'a, Result<Page<RunRecord>, StoreError>> {
        self.query(self.inner.runs(connection, query))
    }

    fn summary<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        self.query(self.inner.summary(connection))
    }
}
