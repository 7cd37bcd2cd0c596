//! A store in memory.

mod commit;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use flat_record::Kind;

use super::{
    Approval, Batch, Cursor, DeviationQuery, EventQuery, Lease, LinkQuery, LinkStanding,
    LoggedEvent, Page, RunQuery, RunRecord, ScheduleState, Store, StoreError, StoreErrorKind,
    Summary, Touch,
};
use crate::{
    BoxFuture, ConnectionId, Decision, DecisionId, Deviation, DeviationId, DeviationState, Digest,
    Event, Intent, Link, LinkId, OperationId, RecordKey, Scope, Sides, Which,
};

/// A store in memory: for tests, for connectors that link anew in each run, and as the example of
/// what a store has to do.
///
/// Clones share what is stored. It ends with the process.
#[derive(Clone, Default)]
pub struct MemoryStore {
    connections: Arc<Mutex<BTreeMap<ConnectionId, Connection>>>,
}

/// What is stored of one connection.
#[derive(Default)]
struct Connection {
    /// By their places, in the order of the commits.
    events: BTreeMap<u64, Arc<Event>>,
    /// The place of the event that was committed last, also if it is forgotten.
    last_place: u64,
    /// The latest event of each link, which holds the link.
    links: BTreeMap<LinkId, Arc<Event>>,
    /// Which live link has a record: the unique index.
    live: BTreeMap<Record, LinkId>,
    intents: BTreeMap<OperationId, Intent>,
    decisions: BTreeMap<DecisionId, Decision>,
    deviations: BTreeMap<DeviationId, Deviation>,
    scopes: BTreeMap<Kind, Sides<Option<Scope>>>,
    approvals: BTreeMap<Digest, Approval>,
    leases: BTreeMap<String, Lease>,
    touches: BTreeMap<Record, Touch>,
    schedules: BTreeMap<Kind, ScheduleState>,
    runs: BTreeMap<String, RunRecord>,
}

/// A record of a side.
type Record = (Kind, Which, RecordKey);

impl MemoryStore {
    /// A store with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    fn connections(&self) -> MutexGuard<'_, BTreeMap<ConnectionId, Connection>> {
        // A commit checks before it writes, so a panic elsewhere leaves nothing half done.
        let lock = self.connections.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks one connection; one that is not known has nothing.
    fn ask<'a, T: Send + 'a>(
        &'a self,
        connection: &'a ConnectionId,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async move {
            match self.connections().get(connection) {
                Some(known) => question(known),
                None => question(&Connection::default()),
            }
        })
    }
}

impl fmt::Debug for MemoryStore {
    /// Hides what is stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections = self.connections();
        f.debug_struct("MemoryStore")
            .field("connections", &connections.keys())
            .finish_non_exhaustive()
    }
}

fn foreign_cursor() -> StoreError {
    StoreError::new(StoreErrorKind::Invalid).with_detail("the cursor is not one of this query's")
}

/// Cuts a page out of what comes after a cursor.
fn page<T>(
    rest: impl Iterator<Item = T>,
    limit: usize,
    cursor_of: impl FnOnce(&T) -> Cursor,
) -> Page<T> {
    let mut rest = rest.peekable();
    let items: Vec<T> = rest.by_ref().take(limit.max(1)).collect();
    let next = rest.peek().and_then(|_| items.last()).map(cursor_of);
    Page::new(items, next)
}

impl Store for MemoryStore {
    fn commit(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut connections = self.connections();
            let known = connections.get_mut(&batch.connection);
            if let Some(connection) = known {
                return connection.commit(batch);
            }
            let (id, mut connection) = (batch.connection.clone(), Connection::default());
            connection.commit(batch)?;
            connections.insert(id, connection);
            Ok(())
        })
    }

    fn connections(&self) -> BoxFuture<'_, Result<Vec<ConnectionId>, StoreError>> {
        Box::pin(async move { Ok(self.connections().keys().cloned().collect()) })
    }

    fn link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: LinkId,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>> {
        self.ask(connection, move |known| {
            Ok(known.links.get(&id).map(|event| event.link.clone()))
        })
    }

    fn live_link<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
        which: Which,
        key: &'a RecordKey,
    ) -> BoxFuture<'a, Result<Option<Link>, StoreError>> {
        self.ask(connection, move |known| {
            let id = known.live.get(&(kind.clone(), which, key.clone()));
            let event = id.and_then(|id| known.links.get(id));
            Ok(event.map(|event| event.link.clone()))
        })
    }

    fn links<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a LinkQuery,
    ) -> BoxFuture<'a, Result<Page<Link>, StoreError>> {
        self.ask(connection, move |known| {
            let after = query.after.as_ref().map(|cursor| cursor.as_str().parse());
            let after: Option<LinkId> = after.transpose().map_err(|_| foreign_cursor())?;
            let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
            let is_asked_for = |link: &Link| {
                let standing = LinkStanding::from(&link.state);
                let has =
                    |(which, key): &(Which, RecordKey)| link.keys[*which].as_ref() == Some(key);
                query.kind.as_ref().is_none_or(|kind| *kind == link.kind)
                    && (query.standing.is_empty() || query.standing.contains(&standing))
                    && query.record.as_ref().is_none_or(has)
            };
            let links = known.links.range((begin, Bound::Unbounded));
            let links = links.map(|(_, event)| &event.link);
            let found = links.filter(|link| is_asked_for(link)).cloned();
            let cursor = |link: &Link| Cursor::new(link.id.to_string());
            Ok(page(found, query.limit, cursor))
        })
    }

    fn events<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a EventQuery,
    ) -> BoxFuture<'a, Result<Page<LoggedEvent>, StoreError>> {
        self.ask(connection, move |known| {
            let after = query.after.as_ref().map(|cursor| cursor.as_str().parse());
            let after: u64 = after
                .transpose()
                .map_err(|_| foreign_cursor())?
                .unwrap_or(0);
            let places = (Bound::Excluded(after), Bound::Unbounded);
            let of_link = |event: &Event| query.link.is_none_or(|link| link == event.link.id);
            let found = known.events.range(places);
            let found = found.filter(|(_, event)| of_link(event));
            let found = found.map(|(place, event)| LoggedEvent::new(*place, Event::clone(event)));
            let cursor = |logged: &LoggedEvent| Cursor::new(logged.place.to_string());
            Ok(page(found, query.limit, cursor))
        })
    }

    fn intents<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<Intent>, StoreError>> {
        self.ask(connection, |known| {
            Ok(known.intents.values().cloned().collect())
        })
    }

    fn decisions<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Decision>, StoreError>> {
        self.ask(connection, move |known| {
            let of_kind = known.decisions.values().filter(|one| one.kind == *kind);
            Ok(of_kind.cloned().collect())
        })
    }

    fn deviation<'a>(
        &'a self,
        connection: &'a ConnectionId,
        id: DeviationId,
    ) -> BoxFuture<'a, Result<Option<Deviation>, StoreError>> {
        self.ask(connection, move |known| {
            Ok(known.deviations.get(&id).cloned())
        })
    }

    fn deviations<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a DeviationQuery,
    ) -> BoxFuture<'a, Result<Page<Deviation>, StoreError>> {
        self.ask(connection, move |known| {
            let after = query.after.as_ref().map(Latest::read).transpose()?;
            let is_asked_for = |one: &&Deviation| {
                (query.states.is_empty() || query.states.contains(&one.state()))
                    && query.class.is_none_or(|class| class == one.class())
                    && query
                        .fingerprint
                        .is_none_or(|print| print == one.fingerprint())
                    && (query.about.is_empty() || query.about.contains(&one.topic().subject))
            };
            let found = known.deviations.values().filter(is_asked_for);
            let place = |one: &Deviation| Latest::new(one.last_seen(), one.id());
            Ok(latest_first(found, place, after.as_ref(), query.limit))
        })
    }

    fn scopes<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Sides<Option<Scope>>, StoreError>> {
        self.ask(connection, move |known| {
            Ok(known.scopes.get(kind).copied().unwrap_or_default())
        })
    }

    fn approvals<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Approval>, StoreError>> {
        self.ask(connection, move |known| {
            let of_kind = known.approvals.values().filter(|one| one.kind == *kind);
            Ok(of_kind.cloned().collect())
        })
    }

    fn lease<'a>(
        &'a self,
        connection: &'a ConnectionId,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Lease>, StoreError>> {
        self.ask(connection, move |known| Ok(known.leases.get(name).cloned()))
    }

    fn touched<'a>(
        &'a self,
        connection: &'a ConnectionId,
        kind: &'a Kind,
    ) -> BoxFuture<'a, Result<Vec<Touch>, StoreError>> {
        self.ask(connection, move |known| {
            let of_kind = known.touches.values().filter(|touch| touch.kind == *kind);
            Ok(of_kind.cloned().collect())
        })
    }

    fn schedules<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Vec<ScheduleState>, StoreError>> {
        self.ask(connection, |known| {
            Ok(known.schedules.values().cloned().collect())
        })
    }

    fn runs<'a>(
        &'a self,
        connection: &'a ConnectionId,
        query: &'a RunQuery,
    ) -> BoxFuture<'a, Result<Page<RunRecord>, StoreError>> {
        self.ask(connection, move |known| {
            let after = query.after.as_ref().map(Latest::read).transpose()?;
            let found = known.runs.values().filter(|run| {
                query.kind.as_ref().is_none_or(|kind| *kind == run.kind)
                    && !(query.is_running && run.finished.is_some())
            });
            let place = |run: &RunRecord| Latest::new(run.started, run.id.clone());
            Ok(latest_first(found, place, after.as_ref(), query.limit))
        })
    }

    fn summary<'a>(
        &'a self,
        connection: &'a ConnectionId,
    ) -> BoxFuture<'a, Result<Summary, StoreError>> {
        self.ask(connection, |known| {
            let mut summary = Summary::default();
            for event in known.links.values() {
                let standing = LinkStanding::from(&event.link.state);
                let kind = event.link.kind.clone();
                *summary.links.entry((kind, standing)).or_default() += 1;
            }
            for deviation in known.deviations.values() {
                let state = deviation.state();
                *summary.deviations.entry(state).or_default() += 1;
                if matches!(state, DeviationState::Open | DeviationState::Reprocessing) {
                    *summary.unsettled.entry(deviation.class()).or_default() += 1;
                }
            }
            summary.intents = known.intents.len().try_into().unwrap_or(u64::MAX);
            summary.oldest_intent = known.intents.values().map(|intent| intent.at).min();
            for decision in known.decisions.values() {
                *summary.decisions.entry(decision.kind.clone()).or_default() += 1;
            }
            for touch in known.touches.values() {
                *summary.touched.entry(touch.kind.clone()).or_default() += 1;
            }
            let paused = known.schedules.values().filter(|one| one.paused.is_some());
            summary.paused = paused.map(|one| one.kind.clone()).collect();
            Ok(summary)
        })
    }
}

/// Where something stands in a list that begins with the latest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Latest<Id>(Reverse<DateTime<Utc>>, Id);

impl<Id: fmt::Display + FromStr> Latest<Id> {
    fn new(at: DateTime<Utc>, id: Id) -> Self {
        Self(Reverse(at), id)
    }

    fn cursor(&self) -> Cursor {
        // Chrono writes as many decimals as there are.
        Cursor::new(format!("{} {}", self.0.0.to_rfc3339(), self.1))
    }

    fn read(cursor: &Cursor) -> Result<Self, StoreError> {
        let parse = || {
            let (time, id) = cursor.as_str().split_once(' ')?;
            let time = DateTime::parse_from_rfc3339(time).ok()?.to_utc();
            Some(Self::new(time, id.parse().ok()?))
        };
        parse().ok_or_else(foreign_cursor)
    }
}

/// A page of what was found, the latest first.
fn latest_first<'a, T: Clone + 'a, Id: fmt::Display + FromStr + Ord>(
    found: impl Iterator<Item = &'a T>,
    place: impl Fn(&T) -> Latest<Id>,
    after: Option<&Latest<Id>>,
    limit: usize,
) -> Page<T> {
    let placed = found.map(|one| (place(one), one));
    let mut placed: Vec<_> = placed
        .filter(|(place, _)| after.is_none_or(|after| place > after))
        .collect();
    placed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let found = placed.into_iter().map(|(_, one)| one.clone());
    page(found, limit, |one| place(one).cursor())
}
