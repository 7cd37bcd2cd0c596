//! Where links are kept: the memory of a connector.

mod batch;
mod error;
mod lease;
mod memory;
mod query;
mod run_record;
mod schedule_state;
mod touch;

use std::fmt;

use flat_record::Kind;

use crate::{
    BoxFuture, ConnectionId, Decision, Deviation, DeviationId, Intent, Link, LinkId, RecordKey,
    Scope, Sides, Which,
};

pub use batch::{Batch, Precondition, Write};
pub use error::{Conflict, StoreError, StoreErrorKind};
pub use lease::{Lease, LeaseHeld};
pub use memory::MemoryStore;
pub use query::{
    Approval, Cursor, DeviationQuery, EventQuery, LinkQuery, LinkStanding, LoggedEvent, PAGE, Page,
    Summary,
};
pub use run_record::{RunCause, RunOutcome, RunQuery, RunRecord, RunTotals};
pub use schedule_state::{Pause, PauseReason, ScheduleState};
pub use touch::Touch;

/// Where links and their history, decisions, intents, deviations and leases are kept.
///
/// Whoever writes a store implements this; the
/// [conformance suite](crate::testing::check_store) says whether it is done.
/// [`MemoryStore`] is one, to be read as an example.
///
/// # What an implementation promises
///
/// - **A batch is committed whole or not at all**, also when the process is killed in the middle.
///   When `commit` has returned, what it wrote survives a loss of power.
/// - **All preconditions are checked first**, against the state before the batch, and nothing comes
///   between the check and the writes.
/// - **A record has at most one live link** for a connection and kind, on each side, after each
///   write; see [`Write::Event`]. The store's own constraint keeps it, not a query before the write.
/// - **A link's version counts**: it is the compare-and-swap of the whole crate.
/// - **What is redacted or forgotten is gone**, from every query and from what lies under them:
///   also from indexes, and from free pages of a file once it is [compacted](Write::Redacted).
/// - **Every query sees the state of one moment**, with everything that was committed before it was
///   asked.
/// - **Connections do not see each other**, whatever ids they share.
/// - **An error means that nothing was written**, unless it is
///   [`OutcomeUnknown`](StoreErrorKind::OutcomeUnknown).
/// - A future may be dropped at any await point; a commit is then of unknown outcome.
pub trait Store: fmt::Debug + Send + Sync {
    /// Commits a batch.
    ///
    /// # Errors
    /// A [conflict](StoreError::conflict) if a precondition does not hold or the batch does not fit
    /// what is stored; another error if the store cannot do its work.
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The connections of which anything is stored, in order.
    ///
    /// # Errors
    /// If the store cannot be read, as with all queries.
    fn connections(&self) -> BoxFuture<'_, Result<Vec<ConnectionId>, StoreError>>;

    /// A link.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: LinkId,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>>;

    /// The live link of a record.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn live_link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
        which: Which,
        key: &'a RecordKey,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>>;

    /// A page of links, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read, or the cursor is not one of its own.
    fn links<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a LinkQuery,
    ) -> BoxFuture<'a, Result<Page<Link>, StoreError>>;

    /// A page of the log of events, the oldest first. Folded, they give the links; see
    /// [`fold_events`](crate::fold_events).
    ///
    /// # Errors
    /// If the store cannot be read, or the cursor is not one of its own.
    fn events<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a EventQuery,
    ) -> BoxFuture<'a, Result<Page<LoggedEvent>, StoreError>>;

    /// The open intents, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn intents<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<Intent>, StoreError>>;

    /// The decisions about records of a kind, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn decisions<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Decision>, StoreError>>;

    /// A deviation.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn deviation<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: DeviationId,
    ) -> BoxFuture<'a, Result<Option<Deviation>, StoreError>>;

    /// A page of deviations: the one that failed last first; of several at once, in the order of
    /// their ids.
    ///
    /// # Errors
    /// If the store cannot be read, or the cursor is not one of its own.
    fn deviations<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a DeviationQuery,
    ) -> BoxFuture<'a, Result<Page<Deviation>, StoreError>>;

    /// The scopes of the latest complete snapshots of a kind.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn scopes<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Sides<Option<Scope>>, StoreError>>;

    /// The approvals of plans for a kind, in the order of their digests.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn approvals<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Approval>, StoreError>>;

    /// The latest lease of this name, run out or not.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn lease<'a>(
        &'a self,
        connection: &'a ConnectionId,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Lease>, StoreError>>;

    /// The records of a kind that somebody says have changed, those of the left side first, and of
    /// a side in the order of their keys.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn touched<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Touch>, StoreError>>;

    /// How far the schedules have come, in the order of their kinds.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn schedules<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<ScheduleState>, StoreError>>;

    /// A page of runs: the one that began last first; of several at once, in the order of their
    /// ids.
    ///
    /// # Errors
    /// If the store cannot be read, or the cursor is not one of its own.
    fn runs<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a RunQuery,
    ) -> BoxFuture<'a, Result<Page<RunRecord>, StoreError>>;

    /// How many there are of what.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn summary<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Summary, StoreError>>;
}

/// All links of a kind, live or not, page by page: what the planner is given.
///
/// # Errors
/// If the store cannot be read.
pub async fn all_links(
    store: &dyn Store,
    connection: &ConnectionId,
    kind: &Kind,
) -> Result<Vec<Link>, StoreError> {
    const PAGE_OF_MANY: usize = 5_000;
    let mut query = LinkQuery::new().kind(kind.clone()).limit(PAGE_OF_MANY);
    let mut links = Vec::new();
    loop {
        let page = store.links(connection, &query).await?;
        links.extend(page.items);
        if page.next.is_none() {
            return Ok(links);
        }
        query = query.after(page.next);
    }
}
