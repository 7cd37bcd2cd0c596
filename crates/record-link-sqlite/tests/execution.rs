//! Plans are carried out once over this store, wherever a process dies and whoever else works.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use record_link::testing::{ExecutionChecks, check_execution, check_two_runners};
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

#[test]
fn two_runners_on_a_file_make_no_double() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("links.db")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let runs = check_two_runners(Arc::new(store.clone()), "file", 0..60);
    let report = runtime.block_on(runs).into_result().unwrap();
    assert_eq!(report.passed(), report.checks().len(), "{report}");
    runtime.block_on(store.check_integrity()).unwrap();
}
