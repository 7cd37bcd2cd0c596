//! A worker that is stopped in the middle of its work, and goes on when another has taken over.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::Kind;
use record_link::{
    Batch, ConnectionId, Event, EventKind, EventQuery, Lease, Link, Origin, RecordKey, Sides,
    Store, StoreErrorKind, Write,
};
use record_link_postgres::PostgresStore;

/// Say to a process of the test what it is to play, and where.
const ROLE: &str = "RECORD_LINK_POSTGRES_ROLE";
const URL: &str = "RECORD_LINK_POSTGRES_URL";
const SCHEMA: &str = "RECORD_LINK_POSTGRES_SCHEMA";
const MARK: &str = "told: ";
const MINUTE: Duration = Duration::from_secs(60);

fn connection() -> ConnectionId {
    ConnectionId::new("one").unwrap()
}

fn linking(batch: Batch, record: &str) -> Batch {
    let key = || RecordKey::new(record).unwrap();
    let kind = Kind::new("employee").unwrap();
    let keys = Sides::new(key(), key());
    let mut link = Link::new(connection(), kind, keys, Origin::Confirmed, 0);
    link.version = 1;
    let event = Event::new(EventKind::Linked, link, DateTime::<Utc>::UNIX_EPOCH);
    batch.write(Write::Event(Box::new(event)))
}

async fn open(url: String, schema: &str) -> PostgresStore {
    let builder = PostgresStore::builder(url).schema(schema);
    let builder = builder.statement_timeout(Duration::from_secs(1));
    builder.open().await.unwrap()
}

/// Plays the worker: takes the lease, and commits under it until it is refused.
#[tokio::test]
async fn role() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let (url, schema) = (std::env::var(URL).unwrap(), std::env::var(SCHEMA).unwrap());
    let store = open(url, &schema).await;
    let held = store.lease(&connection(), "sync").await.unwrap();
    let now = held.as_ref().map_or_else(Utc::now, |lease| lease.until);
    let taken = Lease::take(&connection(), held.as_ref(), "sync", &role, now, MINUTE);
    let (lease, batch) = taken.unwrap();
    store.commit(batch).await.unwrap();
    let mut out = std::io::stdout();
    // So many that it is never done before it is stopped.
    for number in 0..5_000 {
        let batch = Batch::new(&connection(), now).require(lease.precondition());
        let committed = store
            .commit(linking(batch, &format!("{role} {number}")))
            .await;
        let told = match committed {
            Ok(()) => "committed".to_owned(),
            Err(error) => error.kind().to_string(),
        };
        writeln!(out, "{MARK}{told}").unwrap();
        out.flush().unwrap();
        if told == "conflict" {
            return;
        }
    }
}

fn signal(name: &str, process: u32) {
    let mut kill = Command::new("kill");
    assert!(
        kill.args([name, &process.to_string()])
            .status()
            .unwrap()
            .success()
    );
    if name == "-STOP" {
        let is_stopped = || {
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
            stat.rsplit_once(')').unwrap().1.starts_with(" T")
        };
        while !is_stopped() {
            std::thread::yield_now();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_worker_commits_nothing_after_another_took_over() {
    let Some(schema) = throw_away_postgres::schema("a stopped worker") else {
        return;
    };
    let store = open(schema.url(), schema.name()).await;
    for round in 0..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "role", "--nocapture", "--test-threads=1"])
            .env(ROLE, format!("child {round}"))
            .env(URL, schema.url())
            .env(SCHEMA, schema.name())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..10 + 3 * round {
            // It is at work.
            while !lines.next().unwrap().unwrap().contains("committed") {}
        }
        signal("-STOP", child.id());
        // Stopped in the middle of a commit, it holds a row, until the server ends that.
        let own = loop {
            let held = store.lease(&connection(), "sync").await.unwrap().unwrap();
            let later = held.until + TimeDelta::seconds(1);
            let taken = Lease::take(&connection(), Some(&held), "sync", "parent", later, MINUTE);
            let own = format!("parent {round}");
            match store.commit(linking(taken.unwrap().1, &own)).await {
                Ok(()) => break own,
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}"),
            }
        };
        signal("-CONT", child.id());
        let told: Vec<String> = lines.map_while(Result::ok).collect();
        assert!(child.wait().unwrap().success());
        assert!(
            told.iter().any(|line| line.ends_with("conflict")),
            "{told:?}"
        );
        let query = EventQuery::new().limit(1_000_000);
        let events = store.events(&connection(), &query).await.unwrap().items;
        let last = events
            .last()
            .unwrap()
            .event
            .link
            .keys
            .left
            .as_ref()
            .unwrap();
        assert_eq!(last.as_str(), own, "it committed afterwards");
    }
}
