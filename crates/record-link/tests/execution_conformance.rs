//! Plans are carried out once, whatever happens.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::MemoryStore;
use record_link::testing::{ExecutionChecks, block_on, check_execution};

#[test]
fn plans_are_carried_out_once_over_a_store_in_memory() {
    let checks = ExecutionChecks::new();
    let store = MemoryStore::new();
    let report = block_on(check_execution(store, "memory", &checks, async |store| {
        store
    }));
    let report = report.into_result().unwrap();
    assert_eq!((report.passed(), report.skipped().count()), (6, 0));
}
