//! Alone in its program, since it listens to panics of any thread.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Waker};
use std::time::Duration;

use record_link_sqlite::SqliteStore;

static HAS_PANICKED: AtomicBool = AtomicBool::new(false);

/// A store, and who is told when it was dropped.
struct Last {
    _store: SqliteStore,
    _told: Told,
}

struct Told(Sender<()>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.send(()).unwrap();
    }
}

#[test]
fn a_store_may_be_dropped_on_a_thread_of_its_own() {
    std::panic::set_hook(Box::new(|_| HAS_PANICKED.store(true, Ordering::SeqCst)));
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("links.db")).unwrap();
    let ((go, may_go), (told, dropped)) = (channel(), channel());
    let last = Last {
        _store: store.clone(),
        _told: Told(told),
    };
    // What tells of the progress owns the store, and is dropped where the copy is made.
    let mut copy = store.backup_to(folder.path().join("copy.db"), move |_| {
        let _ = &last;
        may_go.recv().unwrap();
    });
    let mut context = Context::from_waker(Waker::noop());
    assert!(copy.as_mut().poll(&mut context).is_pending());
    drop(copy);
    drop(store);
    go.send(()).unwrap();
    let told = dropped.recv_timeout(Duration::from_secs(20));
    assert!(told.is_ok(), "it was not dropped");
    let has_panicked = HAS_PANICKED.load(Ordering::SeqCst);
    assert!(!has_panicked, "a thread waited for itself");
}

#[test]
fn a_store_that_was_closed_is_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    drop(SqliteStore::open(&file).unwrap());
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["links.db"]);
}
