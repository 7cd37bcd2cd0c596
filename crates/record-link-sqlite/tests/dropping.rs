//! Alone in its program, since it listens to panics of any thread.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use record_link_sqlite::SqliteStore;

static HAS_PANICKED: AtomicBool = AtomicBool::new(false);

#[test]
fn a_store_may_be_dropped_on_a_thread_of_its_own() {
    std::panic::set_hook(Box::new(|_| HAS_PANICKED.store(true, Ordering::SeqCst)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    let log = folder.path().join("links.db-wal");
    let store = SqliteStore::open(&file).unwrap();
    let (go, may_go) = channel();
    let last = store.clone();
    // What tells of the progress owns the store, and is dropped where the copy is made.
    let mut copy = store.backup_to(folder.path().join("copy.db"), move |_| {
        let _ = &last;
        may_go.recv().unwrap();
    });
    let mut context = Context::from_waker(Waker::noop());
    assert!(copy.as_mut().poll(&mut context).is_pending());
    drop(copy);
    drop(store);
    assert!(log.exists(), "the store is still there");
    go.send(()).unwrap();
    // When the last connection is closed, the log goes.
    let begin = Instant::now();
    while log.exists() && begin.elapsed() < Duration::from_secs(20) {
        std::thread::yield_now();
    }
    assert!(!log.exists(), "the file was not closed");
    assert!(
        !HAS_PANICKED.load(Ordering::SeqCst),
        "a thread waited for itself"
    );
}
