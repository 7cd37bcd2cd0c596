//! A connection that breaks at the commit: before the server has heard of it, and after it has done
//! it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, Utc};
use flat_record::Kind;
use record_link::{
    Batch, ConnectionId, Event, EventKind, EventQuery, Link, Origin, RecordKey, Sides, Store,
    StoreErrorKind, Write,
};
use record_link_postgres::PostgresStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LET_THROUGH: u8 = 0;
/// The next time that a commit is sent, the connection breaks before it is passed on.
const CUT_BEFORE: u8 = 1;
/// The next time that a commit is answered, the connection breaks before that is passed on.
const CUT_AFTER: u8 = 2;
/// The next time that a transaction begins that writes, the connection breaks.
const CUT_AT_WRITE: u8 = 3;

/// Stands between the store and the server.
async fn proxy(server: String, orders: Arc<AtomicU8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(pass(client, server, Arc::clone(&orders)));
        }
    });
    port
}

async fn pass(mut client: TcpStream, mut server: TcpStream, orders: Arc<AtomicU8>) {
    let (mut asked, mut told) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut commits = false;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                let has = |words: &[u8]| asked[..length].windows(words.len()).any(|at| at == words);
                let obeys = |order| {
                    let next = LET_THROUGH;
                    let done = orders.compare_exchange(order, next, Ordering::SeqCst, Ordering::SeqCst);
                    done.is_ok()
                };
                // A query is sent in the clear, and ends with NUL.
                let is_commit = has(b"COMMIT\0");
                if is_commit && obeys(CUT_BEFORE) || has(b"READ WRITE;") && obeys(CUT_AT_WRITE) {
                    return;
                }
                commits = is_commit && obeys(CUT_AFTER);
                server.write_all(&asked[..length]).await.unwrap();
            }
            read = server.read(&mut told) => {
                let Ok(length @ 1..) = read else { return };
                if commits {
                    // It has answered, so it is done.
                    return;
                }
                if client.write_all(&told[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn linking(connection: &ConnectionId, record: &str) -> Batch {
    let key = || RecordKey::new(record).unwrap();
    let kind = Kind::new("employee").unwrap();
    let keys = Sides::new(key(), key());
    let mut link = Link::new(connection.clone(), kind, keys, Origin::Confirmed, 0);
    link.version = 1;
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let event = Event::new(EventKind::Linked, link, now);
    Batch::new(connection, now).write(Write::Event(Box::new(event)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_of_unknown_outcome_and_is_never_repeated() {
    let Some(schema) = throw_away_postgres::schema("a lost answer") else {
        return;
    };
    let url = schema.url();
    let (login, rest) = url.rsplit_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let orders = Arc::new(AtomicU8::new(LET_THROUGH));
    let port = proxy(server.to_owned(), Arc::clone(&orders)).await;
    let through = format!("{login}@127.0.0.1:{port}/{database}");
    let open = |url: String| PostgresStore::builder(url).schema(schema.name()).open();
    let store = open(through).await.unwrap();
    let beside = open(url.clone()).await.unwrap();

    for (order, expected, is_there) in [
        (CUT_AT_WRITE, StoreErrorKind::Unavailable, false),
        (CUT_BEFORE, StoreErrorKind::OutcomeUnknown, false),
        (CUT_AFTER, StoreErrorKind::OutcomeUnknown, true),
    ] {
        // Alone, and several that share a transaction: all are told the same.
        for others in [0, 5] {
            let connection = ConnectionId::new(format!("cut {order} {others}")).unwrap();
            store.commit(linking(&connection, "first")).await.unwrap();
            orders.store(order, Ordering::SeqCst);
            let tasks: Vec<_> = (0..=others)
                .map(|number| {
                    let store = store.clone();
                    let batch = linking(&connection, &format!("cut {number}"));
                    tokio::spawn(async move { store.commit(batch).await })
                })
                .collect();
            let mut told = Vec::new();
            for task in tasks {
                told.push(task.await.unwrap().err().map(|error| error.kind()));
            }
            assert_eq!(
                orders.load(Ordering::SeqCst),
                LET_THROUGH,
                "nothing was cut"
            );
            let hit = told.iter().flatten().count();
            assert!(hit > 0, "{told:?}");
            assert!(
                told.iter().flatten().all(|kind| *kind == expected),
                "{told:?}"
            );
            let query = EventQuery::new().limit(100);
            let events = beside.events(&connection, &query).await.unwrap().items;
            let stored = events.len() - 1;
            let whole = told.len() - hit;
            let expected = if is_there { whole + hit } else { whole };
            assert_eq!(stored, expected, "{order}: {told:?}");
            // The store is whole again.
            store.commit(linking(&connection, "last")).await.unwrap();
        }
    }
}
