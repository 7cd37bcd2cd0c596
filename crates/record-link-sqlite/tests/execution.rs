//! Plans are carried out once over this store, wherever a process dies.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::testing::{ExecutionChecks, check_execution};
use record_link_sqlite::SqliteStore;

#[test]
fn plans_are_carried_out_once_over_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    let store = SqliteStore::open(&file).unwrap();
    let checks = ExecutionChecks::new().every(4).seeds(20);
    let reopen = async |store: SqliteStore| {
        drop(store);
        SqliteStore::open(&file).unwrap()
    };
    // A runtime sleeps while the file is written; the suite's own `block_on` would take a core.
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let report = runtime.block_on(check_execution(store, "file", &checks, reopen));
    let report = report.into_result().unwrap();
    assert_eq!(report.passed(), report.checks().len(), "{report}");
    let store = SqliteStore::open(&file).unwrap();
    runtime.block_on(store.check_integrity()).unwrap();
}
