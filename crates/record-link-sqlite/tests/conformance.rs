//! The store keeps every promise of the suite, in memory, in a file, and after opening it again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::testing::{block_on, check_reopened_store, check_store};
use record_link_sqlite::SqliteStore;

#[test]
fn a_store_in_memory_keeps_every_promise() {
    let store = SqliteStore::in_memory().unwrap();
    let report = block_on(check_store(&store, "one")).into_result().unwrap();
    assert!(report.checks().len() >= 40, "{report}");
    assert_eq!(report.passed(), report.checks().len(), "{report}");
}

#[test]
fn a_store_in_a_file_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    let store = SqliteStore::open(&file).unwrap();
    let report = block_on(check_store(&store, "one")).into_result().unwrap();
    assert_eq!(report.passed(), report.checks().len(), "{report}");
    // Nor does a second run in the same store find anything else.
    block_on(check_store(&store, "two")).into_result().unwrap();
    block_on(store.check_integrity()).unwrap();
    let reopen = async |store: SqliteStore| {
        drop(store);
        SqliteStore::open(&file).unwrap()
    };
    let report = block_on(check_reopened_store(store, "one", reopen));
    report.into_result().unwrap();
}

#[tokio::test]
async fn a_store_under_a_runtime_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("links.db")).unwrap();
    check_store(&store, "one").await.into_result().unwrap();
}
