//! Random batches give the same answers as in memory, also when the file is opened anew between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::testing::block_on;
use record_link_sql::testing::{Model, Tally};
use record_link_sqlite::SqliteStore;

fn add(all: &mut Tally, tally: Tally) {
    all.committed += tally.committed;
    all.conflicts += tally.conflicts;
    all.invalid += tally.invalid;
    all.compared += tally.compared;
}

#[test]
fn random_batches_give_the_same_answers_as_in_memory() {
    let mut all = Tally::default();
    for seed in 0..60 {
        let store = SqliteStore::in_memory().unwrap();
        let mut model = Model::new(seed);
        for _ in 0..6 {
            for _ in 0..40 {
                block_on(model.step(&store)).unwrap();
            }
            block_on(model.compare(&store)).unwrap();
        }
        block_on(store.check_integrity()).unwrap();
        add(&mut all, model.tally());
    }
    // It did try something.
    let is_much = all.committed > 5_000 && all.conflicts > 1_000 && all.invalid > 20;
    assert!(is_much && all.compared > 10_000, "{all:?}");
}

#[test]
fn a_store_that_is_opened_again_and_again_gives_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 100..108 {
        let file = folder.path().join(format!("{seed}.db"));
        let mut model = Model::new(seed);
        for _ in 0..5 {
            let store = SqliteStore::open(&file).unwrap();
            for _ in 0..20 {
                block_on(model.step(&store)).unwrap();
            }
            drop(store);
            let store = SqliteStore::open(&file).unwrap();
            block_on(model.compare(&store)).unwrap();
            block_on(store.check_integrity()).unwrap();
        }
        assert!(model.tally().committed > 20, "{:?}", model.tally());
    }
}
