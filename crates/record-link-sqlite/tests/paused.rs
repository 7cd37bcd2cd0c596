//! A worker that is stopped in the middle of its work, and goes on when another has taken over.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use record_link::testing::block_on;
use record_link::{Batch, EventQuery, Lease, Store, StoreErrorKind};
use record_link_sqlite::SqliteStore;
use support::{MARK, connection, link, linked};

const MINUTE: Duration = Duration::from_secs(60);

fn open(file: PathBuf) -> SqliteStore {
    let options = SqliteStore::options(file).busy_timeout(Duration::from_millis(200));
    options.open().unwrap()
}

/// Plays the worker: takes the lease, and commits under it until it is refused.
#[test]
fn role() {
    let Ok(role) = std::env::var(support::ROLE) else {
        return;
    };
    let store = open(std::env::var_os(support::FILE).unwrap().into());
    let held = block_on(store.lease(&connection(), "sync")).unwrap();
    let now = held.as_ref().map_or_else(Utc::now, |lease| lease.until);
    let taken = Lease::take(&connection(), held.as_ref(), "sync", &role, now, MINUTE);
    let (lease, batch) = taken.unwrap();
    block_on(store.commit(batch)).unwrap();
    let mut out = std::io::stdout();
    // So many that it is never done before it is stopped.
    for number in 0..5_000 {
        let batch = Batch::new(&connection(), now).require(lease.precondition());
        let committed = block_on(store.commit(batch.write(linked(&link(&role, number)))));
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

#[test]
fn a_stopped_worker_commits_nothing_after_another_took_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    let store = open(file.clone());
    for round in 0..4 {
        let name = format!("child {round}");
        let mut child = support::again("role", &name, &file).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..10 + 3 * round {
            // It is at work.
            while !lines.next().unwrap().unwrap().contains("committed") {}
        }
        // Each time, at another moment. Stopped while it writes, it holds the file: then later.
        loop {
            signal("-STOP", child.id());
            let held = block_on(store.lease(&connection(), "sync"))
                .unwrap()
                .unwrap();
            let later = held.until + TimeDelta::seconds(1);
            let taken = Lease::take(&connection(), Some(&held), "sync", "parent", later, MINUTE);
            let own = linked(&link("parent", round));
            let batch = taken.unwrap().1.write(own);
            match block_on(store.commit(batch)) {
                Ok(()) => break,
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}"),
            }
            signal("-CONT", child.id());
            std::thread::sleep(Duration::from_millis(2));
        }
        signal("-CONT", child.id());
        let told: Vec<String> = lines.map_while(Result::ok).collect();
        assert!(child.wait().unwrap().success());
        assert!(
            told.iter().any(|line| line.ends_with("conflict")),
            "{told:?}"
        );
        let query = EventQuery::new().limit(1_000_000);
        let events = block_on(store.events(&connection(), &query)).unwrap().items;
        let last = events
            .last()
            .unwrap()
            .event
            .link
            .keys
            .left
            .as_ref()
            .unwrap();
        assert_eq!(
            last.as_str(),
            format!("left parent {round}"),
            "it committed afterwards"
        );
    }
}
