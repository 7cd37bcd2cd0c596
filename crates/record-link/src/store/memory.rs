//! A store in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use flat_record::Kind;

use super::{
    Approval, Batch, Conflict, Cursor, DeviationQuery, EventQuery, Lease, LinkQuery, LinkStanding,
    LoggedEvent, Page, Precondition, Store, StoreError, StoreErrorKind, Summary, Write,
};
use crate::{
    BoxFuture, ConnectionId, Decision, DecisionId, Deviation, DeviationChange, DeviationEvent,
    DeviationId, Digest, Event, Intent, Link, LinkId, OperationId, RecordKey, Scope, Sides, Which,
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
    /// In the order of the commits: the place of an event is its index and one.
    events: Vec<Arc<Event>>,
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

/// What a batch makes of links and deviations, seen before it is certain that all of it fits.
#[derive(Default)]
struct Draft {
    links: BTreeMap<LinkId, Arc<Event>>,
    /// `None` where a record has no live link any more.
    live: BTreeMap<Record, Option<LinkId>>,
    deviations: BTreeMap<DeviationId, Deviation>,
}

impl Connection {
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        for precondition in &batch.preconditions {
            if !self.holds(precondition, batch.at) {
                return Err(Conflict::Precondition(precondition.clone()).into());
            }
        }
        let mut draft = Draft::default();
        for write in &batch.writes {
            match write {
                Write::Event(event) => self.draft_event(&mut draft, event, &batch.connection)?,
                Write::Deviation(event) => {
                    self.draft_deviation(&mut draft, event, &batch.connection)?;
                }
                Write::Decision(one) => check_connection(&one.connection, &batch.connection)?,
                Write::Intent(one) => check_connection(&one.connection, &batch.connection)?,
                _ => {}
            }
        }
        self.write(batch.writes, draft);
        Ok(())
    }

    fn holds(&self, precondition: &Precondition, at: DateTime<Utc>) -> bool {
        match precondition {
            Precondition::LinkVersion { link, version } => {
                self.links.get(link).map(|event| event.link.version) == *version
            }
            Precondition::NoIntent { operation } => !self.intents.contains_key(operation),
            Precondition::LeaseFence { name, fence } => {
                self.leases.get(name).map(|lease| lease.fence) == *fence
            }
            Precondition::LeaseHeld { name, fence } => {
                let lease = self.leases.get(name);
                lease.is_some_and(|lease| lease.fence == *fence && lease.until > at)
            }
        }
    }

    fn draft_event(
        &self,
        draft: &mut Draft,
        event: &Event,
        connection: &ConnectionId,
    ) -> Result<(), StoreError> {
        let link = &event.link;
        check_connection(&link.connection, connection)?;
        let before = draft
            .links
            .get(&link.id)
            .or_else(|| self.links.get(&link.id));
        let version = before.map_or(0, |before| before.link.version);
        if version.checked_add(1) != Some(link.version) {
            return Err(Conflict::LinkVersion { link: link.id }.into());
        }
        let released = before.map(|before| records_of(&before.link));
        for record in released.into_iter().flatten() {
            draft.live.insert(record, None);
        }
        for record in records_of(link) {
            let holder = match draft.live.get(&record) {
                Some(drafted) => *drafted,
                None => self.live.get(&record).copied(),
            };
            if let Some(taken_by) = holder {
                let (link, which) = (link.id, record.1);
                return Err(Conflict::RecordLinked {
                    link,
                    which,
                    taken_by,
                }
                .into());
            }
            draft.live.insert(record, Some(link.id));
        }
        draft.links.insert(link.id, Arc::new(event.clone()));
        Ok(())
    }

    fn draft_deviation(
        &self,
        draft: &mut Draft,
        event: &DeviationEvent,
        connection: &ConnectionId,
    ) -> Result<(), StoreError> {
        if let DeviationChange::Failed { topic, .. } = &event.change {
            check_connection(&topic.connection, connection)?;
        }
        let before = draft.deviations.get(&event.id);
        let before = before.or_else(|| self.deviations.get(&event.id)).cloned();
        if before.is_none() && event.change == DeviationChange::Succeeded {
            return Ok(());
        }
        let after = Deviation::after(before, event).map_err(Conflict::Deviation)?;
        draft.deviations.insert(event.id, after);
        Ok(())
    }

    /// Writes what fits: nothing can go wrong from here on.
    fn write(&mut self, writes: Vec<Write>, draft: Draft) {
        for (record, holder) in draft.live {
            match holder {
                Some(link) => self.live.insert(record, link),
                None => self.live.remove(&record),
            };
        }
        self.links.extend(draft.links);
        self.deviations.extend(draft.deviations);
        for write in writes {
            match write {
                Write::Event(event) => {
                    // The latest one is the one that holds the link.
                    let latest = self.links.get(&event.link.id);
                    let shared = latest.filter(|latest| latest.link.version == event.link.version);
                    let event = shared.cloned().unwrap_or_else(|| Arc::new(*event));
                    self.events.push(event);
                }
                Write::Deviation(_) => {}
                Write::Intent(intent) => drop(self.intents.insert(intent.id(), *intent)),
                Write::IntentClosed(id) => drop(self.intents.remove(&id)),
                Write::Decision(one) => drop(self.decisions.insert(one.id(), *one)),
                Write::DecisionClosed(id) => drop(self.decisions.remove(&id)),
                Write::Scopes { kind, scopes } => {
                    let known = self.scopes.entry(kind).or_default();
                    for which in Which::BOTH {
                        known[which] = scopes[which].or(known[which]);
                    }
                }
                Write::Approval(one) => drop(self.approvals.insert(one.digest, one)),
                Write::ApprovalClosed(digest) => drop(self.approvals.remove(&digest)),
                Write::Lease(lease) => drop(self.leases.insert(lease.name.clone(), lease)),
            }
        }
    }
}

/// The records that a link holds: none, if it is not live.
fn records_of(link: &Link) -> Vec<Record> {
    let held = Which::BOTH.into_iter().filter(|_| link.is_live());
    let record = |which: Which| {
        let key = link.keys[which].clone()?;
        Some((link.kind.clone(), which, key))
    };
    held.filter_map(record).collect()
}

fn check_connection(of: &ConnectionId, batch: &ConnectionId) -> Result<(), StoreError> {
    if of == batch {
        return Ok(());
    }
    let detail = format!("something of connection {of} is in a batch of connection {batch}");
    Err(StoreError::new(StoreErrorKind::Invalid).with_detail(detail))
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
                query.kind.as_ref().is_none_or(|kind| *kind == link.kind)
                    && (query.standing.is_empty() || query.standing.contains(&standing))
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
            let after: usize = after
                .transpose()
                .map_err(|_| foreign_cursor())?
                .unwrap_or(0);
            let places = known.events.iter().zip(1_u64..).skip(after);
            let of_link = |event: &Event| query.link.is_none_or(|link| link == event.link.id);
            let found = places
                .filter(|(event, _)| of_link(event))
                .map(|(event, place)| LoggedEvent::new(place, Event::clone(event)));
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
            let after = query.after.as_ref().map(DeviationPlace::read).transpose()?;
            let is_asked_for = |one: &&Deviation| {
                (query.states.is_empty() || query.states.contains(&one.state()))
                    && query.class.is_none_or(|class| class == one.class())
                    && query
                        .fingerprint
                        .is_none_or(|print| print == one.fingerprint())
            };
            let found = known.deviations.values().filter(is_asked_for);
            let placed = found.map(|one| (DeviationPlace::of(one), one));
            let mut placed: Vec<_> = placed
                .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
                .collect();
            placed.sort_unstable_by_key(|(place, _)| *place);
            let found = placed.into_iter().map(|(_, one)| one.clone());
            let cursor = |one: &Deviation| DeviationPlace::of(one).cursor();
            Ok(page(found, query.limit, cursor))
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
                *summary.deviations.entry(deviation.state()).or_default() += 1;
            }
            summary.intents = known.intents.len().try_into().unwrap_or(u64::MAX);
            Ok(summary)
        })
    }
}

/// Where a deviation stands in the list: the one that failed last first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct DeviationPlace(std::cmp::Reverse<DateTime<Utc>>, DeviationId);

impl DeviationPlace {
    fn of(deviation: &Deviation) -> Self {
        Self(std::cmp::Reverse(deviation.last_seen()), deviation.id())
    }

    fn cursor(&self) -> Cursor {
        // Chrono writes as many decimals as there are.
        Cursor::new(format!("{} {}", self.0.0.to_rfc3339(), self.1))
    }

    fn read(cursor: &Cursor) -> Result<Self, StoreError> {
        let parse = || {
            let (time, id) = cursor.as_str().split_once(' ')?;
            let time = DateTime::parse_from_rfc3339(time).ok()?.to_utc();
            Some(Self(std::cmp::Reverse(time), id.parse().ok()?))
        };
        parse().ok_or_else(foreign_cursor)
    }
}
