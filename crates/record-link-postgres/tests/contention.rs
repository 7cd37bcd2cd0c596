//! Many who work on one connection at once, in one process and in several.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::Kind;
use record_link::{
    Batch, ConnectionId, Event, EventKind, EventQuery, Lease, Link, Origin, RecordKey, Sides,
    Store, Write, fold_events,
};
use record_link_postgres::PostgresStore;

const TASKS: usize = 16;
/// As many stores stand for as many processes: each has connections of its own.
const PROCESSES: usize = 4;

fn link(connection: &ConnectionId, left: &str, right: &str) -> Link {
    let keys = Sides::new(
        RecordKey::new(left).unwrap(),
        RecordKey::new(right).unwrap(),
    );
    let kind = Kind::new("employee").unwrap();
    let mut link = Link::new(connection.clone(), kind, keys, Origin::Confirmed, 0);
    link.version = 1;
    link
}

fn linked(link: &Link) -> Batch {
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let event = Event::new(EventKind::Linked, link.clone(), now);
    Batch::new(&link.connection, now).write(Write::Event(Box::new(event)))
}

async fn stores(schema: &throw_away_postgres::Schema) -> Vec<PostgresStore> {
    let mut stores = Vec::new();
    for _ in 0..PROCESSES {
        let builder = PostgresStore::builder(schema.url()).schema(schema.name());
        stores.push(builder.open().await.unwrap());
    }
    stores
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_who_change_one_link_lose_no_change_and_no_event() {
    const CHANGES: u64 = 5;
    let Some(schema) = throw_away_postgres::schema("sixteen tasks on one connection") else {
        return;
    };
    let stores = stores(&schema).await;
    let connection = ConnectionId::new("one").unwrap();
    let first = link(&connection, "left", "right");
    stores[0].commit(linked(&first)).await.unwrap();

    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let (store, connection, id) = (
            stores[task % PROCESSES].clone(),
            connection.clone(),
            first.id,
        );
        tasks.push(tokio::spawn(async move {
            let (mut done, mut conflicts) = (0, 0_u32);
            while done < CHANGES {
                let mut next = store.link(&connection, id).await.unwrap().unwrap();
                next.version += 1;
                match store.commit(linked(&next)).await {
                    Ok(()) => done += 1,
                    Err(error) => {
                        assert!(error.is_conflict(), "{error}");
                        conflicts += 1;
                    }
                }
                // A commit that has nothing to do with the others succeeds at once.
                let own = link(
                    &connection,
                    &format!("{task} {done} {conflicts}"),
                    &format!("{task} {done} {conflicts}"),
                );
                store.commit(linked(&own)).await.unwrap();
            }
            conflicts
        }));
    }
    let (mut conflicts, changes) = (0, TASKS as u64 * CHANGES);
    for task in tasks {
        conflicts += task.await.unwrap();
    }
    // Otherwise they did not meet, and nothing is proved.
    assert!(conflicts > 0, "nobody was ever in the way of another");
    let link = stores[1]
        .link(&connection, first.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(link.version, 1 + changes);

    let all = EventQuery::new().limit(100_000);
    let events = stores[2].events(&connection, &all).await.unwrap().items;
    assert!(events.is_sorted_by(|one, two| one.place < two.place));
    assert_eq!(events.len() as u64, 1 + 2 * changes + u64::from(conflicts));
    let folded = fold_events(events.iter().map(|logged| &logged.event)).unwrap();
    assert_eq!(folded[&first.id], link);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_who_link_one_record_one_wins_in_every_round() {
    let Some(schema) = throw_away_postgres::schema("sixteen who link one record") else {
        return;
    };
    let stores = stores(&schema).await;
    let connection = ConnectionId::new("one").unwrap();
    for round in 0..8 {
        let right = format!("right {round}");
        let tasks = (0..TASKS).map(|task| {
            let store = stores[task % PROCESSES].clone();
            let batch = linked(&link(&connection, &format!("left {round} {task}"), &right));
            tokio::spawn(async move { store.commit(batch).await })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => won += 1,
                Err(error) => assert!(error.is_conflict(), "{error}"),
            }
        }
        assert_eq!(won, 1, "round {round}");
    }
}

/// Places are given in the order of the commits: whoever reads on from a place misses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_reads_the_log_while_it_grows_misses_no_event() {
    let Some(schema) = throw_away_postgres::schema("reading a growing log") else {
        return;
    };
    const EACH: usize = 20;
    let stores = stores(&schema).await;
    let connection = ConnectionId::new("one").unwrap();
    let mut writers = Vec::new();
    for task in 0..TASKS {
        let (store, connection) = (stores[task % PROCESSES].clone(), connection.clone());
        writers.push(tokio::spawn(async move {
            for number in 0..EACH {
                let record = format!("{task} {number}");
                store
                    .commit(linked(&link(&connection, &record, &record)))
                    .await
                    .unwrap();
            }
        }));
    }
    let (mut seen, mut after, mut queries) = (BTreeSet::new(), None, 0);
    while seen.len() < TASKS * EACH {
        let is_over = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let query = EventQuery::new().after(after.clone()).limit(7);
        let page = stores[3].events(&connection, &query).await.unwrap();
        let is_last = page.next.is_none();
        for logged in &page.items {
            assert!(seen.insert(logged.event.link.id), "an event came twice");
            after = Some(record_link::Cursor::new(logged.place.to_string()));
        }
        queries += 1;
        assert!(
            !(is_over && is_last) || seen.len() == TASKS * EACH,
            "{} were missed",
            TASKS * EACH - seen.len()
        );
    }
    assert!(
        queries > TASKS * EACH / 7,
        "it was read only after it had grown"
    );
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_lease_ran_out_while_it_was_paused_cannot_commit() {
    let Some(schema) = throw_away_postgres::schema("a paused worker") else {
        return;
    };
    let stores = stores(&schema).await;
    let connection = ConnectionId::new("one").unwrap();
    let (noon, minute) = (DateTime::<Utc>::UNIX_EPOCH, Duration::from_secs(60));
    let (lease, taking) = Lease::take(&connection, None, "sync", "worker 1", noon, minute).unwrap();
    stores[0].commit(taking).await.unwrap();
    let work = |at| {
        let mut batch = linked(&link(&connection, "left", "right")).require(lease.precondition());
        batch.at = at;
        batch
    };
    // It sleeps. By its own clock the time is over, and nobody else has come.
    let later = noon + TimeDelta::seconds(61);
    assert!(
        stores[0]
            .commit(work(later))
            .await
            .unwrap_err()
            .is_conflict()
    );
    // Somebody else takes over, in another process. Now its own clock does not help it either.
    let held = stores[1].lease(&connection, "sync").await.unwrap();
    let taken = Lease::take(
        &connection,
        held.as_ref(),
        "sync",
        "worker 2",
        later,
        minute,
    );
    stores[1].commit(taken.unwrap().1).await.unwrap();
    assert!(
        stores[0]
            .commit(work(noon))
            .await
            .unwrap_err()
            .is_conflict()
    );
    let events = stores[0]
        .events(&connection, &EventQuery::new())
        .await
        .unwrap();
    assert!(events.items.is_empty(), "it committed");
}
