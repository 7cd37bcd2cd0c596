//! A server that goes down between commits, and in the middle of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use record_link::{
    Batch, ConnectionId, Event, EventKind, EventQuery, Link, LinkId, Origin, RecordKey, Sides,
    Store, StoreErrorKind, Write, all_links,
};
use record_link_postgres::PostgresStore;
use throw_away_postgres::{Cluster, ClusterError};

const ROUNDS: usize = 6;
const TASKS: usize = 8;

fn employee() -> Kind {
    Kind::new("employee").unwrap()
}

fn linking(connection: &ConnectionId, record: &str) -> (LinkId, Batch) {
    let keys = Sides::new(
        RecordKey::new(record).unwrap(),
        RecordKey::new(record).unwrap(),
    );
    let mut link = Link::new(connection.clone(), employee(), keys, Origin::Confirmed, 0);
    link.version = 1;
    let (id, now) = (link.id, DateTime::<Utc>::UNIX_EPOCH);
    let event = Event::new(EventKind::Linked, link, now);
    (
        id,
        Batch::new(connection, now).write(Write::Event(Box::new(event))),
    )
}

/// What became of the commits of one task, as it was told.
#[derive(Default)]
struct Told {
    committed: BTreeSet<LinkId>,
    not_committed: BTreeSet<LinkId>,
    unknown: BTreeSet<LinkId>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_is_there_and_what_was_refused_is_not() {
    let cluster = match Cluster::builder().start() {
        Ok(cluster) => Arc::new(cluster),
        Err(error @ (ClusterError::NotInstalled | ClusterError::NoOtherUser)) => {
            let _ = writeln!(std::io::stderr(), "SKIPPED lost server: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let store = PostgresStore::builder(cluster.url()).open().await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let committed = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let (store, over) = (store.clone(), Arc::clone(&over));
        let committed = Arc::clone(&committed);
        // Some share a connection, and so a transaction; some have one alone.
        let connection = ConnectionId::new(format!("connection {}", task % 4)).unwrap();
        tasks.push(tokio::spawn(async move {
            let mut told = Told::default();
            for number in 0.. {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let (id, batch) = linking(&connection, &format!("{task} {number}"));
                match store.commit(batch).await {
                    Ok(()) => {
                        committed.fetch_add(1, Ordering::Relaxed);
                        told.committed.insert(id)
                    }
                    Err(error) => {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        match error.kind() {
                            StoreErrorKind::Unavailable => told.not_committed.insert(id),
                            StoreErrorKind::OutcomeUnknown => told.unknown.insert(id),
                            kind => panic!("{kind}: {error}"),
                        }
                    }
                };
            }
            told
        }));
    }
    for round in 0..ROUNDS {
        let before = committed.load(Ordering::Relaxed);
        while committed.load(Ordering::Relaxed) < before + 200 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Not the same moment each time.
        tokio::time::sleep(Duration::from_micros(370 * round as u64)).await;
        let cluster = Arc::clone(&cluster);
        let again = move || {
            if round % 2 == 0 {
                cluster.stop_immediately().unwrap();
            } else {
                cluster.stop().unwrap();
            }
            cluster.start_again().unwrap();
        };
        tokio::task::spawn_blocking(again).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    over.store(true, Ordering::Relaxed);
    let mut told = Told::default();
    for task in tasks {
        let one = task.await.unwrap();
        told.committed.extend(one.committed);
        told.not_committed.extend(one.not_committed);
        told.unknown.extend(one.unknown);
    }

    let (mut stored, mut logged) = (BTreeSet::new(), BTreeSet::new());
    for connection in store.connections().await.unwrap() {
        let links = all_links(&store, &connection, &employee()).await.unwrap();
        stored.extend(links.iter().map(|link| link.id));
        let query = EventQuery::new().limit(1_000_000);
        let events = store.events(&connection, &query).await.unwrap().items;
        logged.extend(events.iter().map(|one| one.event.link.id));
    }
    let _ = writeln!(
        std::io::stderr(),
        "{} committed, {} not, {} unknown",
        told.committed.len(),
        told.not_committed.len(),
        told.unknown.len()
    );
    assert!(
        told.committed.is_subset(&stored),
        "an acknowledged commit is lost"
    );
    assert!(
        told.not_committed.is_disjoint(&stored),
        "a refused commit is there"
    );
    let known: BTreeSet<_> = told.committed.union(&told.unknown).copied().collect();
    assert!(
        stored.is_subset(&known),
        "something is stored that nobody committed"
    );
    assert_eq!(stored, logged, "a batch is half there");
    // Otherwise nothing was in the way, and nothing is proved.
    assert!(!told.not_committed.is_empty() && told.committed.len() > ROUNDS * 200);
}
