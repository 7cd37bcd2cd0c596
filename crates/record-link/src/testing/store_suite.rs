//! The conformance suite for stores.

mod concurrency;
mod connections;
mod deviations;
mod leases;
mod links;
mod pages;
mod pending;
mod personal_data;
mod upkeep;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{Kind, NameError};

use super::report::{Ended, Report, ensure};
use crate::{
    Batch, BoxFuture, ConnectionId, Event, EventKind, IdentityError, Link, LinkState, Origin,
    RecordKey, Sides, Store, StoreError, StoreErrorKind, Tombstone, Write,
};

/// Checks every promise of [`Store`] on a store.
///
/// It works in connections of its own, whose ids begin with `prefix`; give each run another prefix
/// if the store is kept. What it stored stays.
///
/// ```
/// use record_link::{MemoryStore, testing};
///
/// let store = MemoryStore::new();
/// let report = testing::block_on(testing::check_store(&store, "run 1"));
/// report.into_result().unwrap();
/// ```
///
/// A durable store has to pass [`check_reopened_store`] as well.
#[must_use = "a report that nobody reads proves nothing"]
pub async fn check_store(store: &dyn Store, prefix: &str) -> Report {
    let mut report = Report::new("store");
    let suites = [
        links::CHECKS,
        pending::CHECKS,
        deviations::CHECKS,
        leases::CHECKS,
        pages::CHECKS,
        personal_data::CHECKS,
        upkeep::CHECKS,
        connections::CHECKS,
        concurrency::CHECKS,
    ];
    for (name, check) in suites.into_iter().flatten() {
        let result = match Bench::new(store, &format!("{prefix} {name}")) {
            Ok(bench) => check(bench).await,
            Err(error) => Err(error.into()),
        };
        report.add(name, result);
    }
    report
}

/// Checks that a store still has what it had, after it was closed and opened again.
///
/// `written` is open and is written to; `reopen` closes it, as a process that ends does, and opens
/// what is stored again.
///
/// ```
/// use record_link::{MemoryStore, testing};
///
/// # testing::block_on(async {
/// // Memory is not durable; a clone stands for a store that is opened again.
/// let store = MemoryStore::new();
/// let report = testing::check_reopened_store(store, "run 1", async |store| store).await;
/// report.into_result().unwrap();
/// # });
/// ```
#[must_use = "a report that nobody reads proves nothing"]
pub async fn check_reopened_store<S: Store>(
    written: S,
    prefix: &str,
    reopen: impl AsyncFnOnce(S) -> S,
) -> Report {
    let mut report = Report::new("reopened store");
    let name = "what_is_stored_is_there_after_opening_again";
    let result = connections::survives(written, prefix, reopen).await;
    report.add(name, result);
    report
}

/// A check: its name, which is the promise, and what tells whether it is kept.
type Checks = &'static [(&'static str, Check)];
type Check = for<'a> fn(Bench<'a>) -> BoxFuture<'a, Result<(), Ended>>;

/// Lists async functions as checks, by their names.
macro_rules! checks {
    ($($name:ident),* $(,)?) => {
        pub(super) const CHECKS: super::Checks =
            &[$((stringify!($name), |bench| Box::pin($name(bench)))),*];
    };
}
use checks;

/// What a check works with: the store, and a connection of its own.
#[derive(Clone)]
pub(super) struct Bench<'a> {
    store: &'a dyn Store,
    connection: ConnectionId,
    kind: Kind,
}

/// A moment with nanoseconds, which a store must not cut off.
fn at(seconds: i64) -> DateTime<Utc> {
    let begin = DateTime::from_timestamp(1_790_000_000, 123_456_789).unwrap_or_default();
    begin + TimeDelta::seconds(seconds)
}

fn key(text: &str) -> Result<RecordKey, IdentityError> {
    RecordKey::new(text)
}

/// An error of the making of the suite's own data; it cannot occur.
#[derive(Debug, thiserror::Error)]
pub(super) enum OwnData {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl<'a> Bench<'a> {
    fn new(store: &'a dyn Store, connection: &str) -> Result<Self, OwnData> {
        Ok(Self {
            store,
            connection: ConnectionId::new(connection)?,
            kind: Kind::new("employee")?,
        })
    }

    fn batch(&self) -> Batch {
        Batch::new(&self.connection, at(0))
    }

    /// A link of two records, as it is stored first.
    fn link(&self, left: &str, right: &str) -> Result<Link, IdentityError> {
        self.link_again(left, right, 0)
    }

    /// A link of two records in one of their lives, as it is stored first.
    fn link_again(&self, left: &str, right: &str, incarnation: u64) -> Result<Link, IdentityError> {
        let keys = Sides::new(key(left)?, key(right)?);
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let mut link = Link::new(connection, kind, keys, Origin::Confirmed, incarnation);
        link.version = 1;
        Ok(link)
    }

    async fn commit(&self, writes: impl IntoIterator<Item = Write>) -> Result<(), StoreError> {
        let mut batch = self.batch();
        batch.writes.extend(writes);
        self.store.commit(batch).await
    }

    /// Commits, and expects somebody to have been quicker.
    async fn conflicts(&self, batch: Batch, what: &str) -> Result<(), Ended> {
        match self.store.commit(batch).await {
            Ok(()) => Err(Ended::Broken(format!("{what} was committed"))),
            Err(error) => {
                let kind = error.kind();
                ensure!(error.is_conflict(), "{what} is {kind}, not a conflict");
                let is_told = error.conflict().is_some();
                ensure!(is_told, "{what}: the conflict does not say what it is");
                Ok(())
            }
        }
    }

    /// Commits, and expects that it makes no sense.
    async fn is_invalid(&self, batch: Batch, what: &str) -> Result<(), Ended> {
        let result = self.store.commit(batch).await;
        let kind = result.err().map(|error| error.kind());
        let is_invalid = kind == Some(StoreErrorKind::Invalid);
        ensure!(is_invalid, "{what} is not invalid, but {kind:?}");
        Ok(())
    }
}

/// The write of an event that makes a link what it is here.
fn linked(link: &Link) -> Write {
    Write::Event(Box::new(Event::new(EventKind::Linked, link.clone(), at(0))))
}

/// The link unlinked, as its next version.
fn unlinked(link: &Link) -> Link {
    let mut link = next(link);
    link.state = LinkState::Unlinked(Tombstone::new(at(1), Some("desk".to_owned())));
    link
}

/// The link in its next version.
fn next(link: &Link) -> Link {
    let mut link = link.clone();
    link.version += 1;
    link
}
