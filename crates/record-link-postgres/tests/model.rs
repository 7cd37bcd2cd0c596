//! Random batches give the same answers as in memory, also through a store that is opened anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link_postgres::PostgresStore;
use record_link_sql::testing::{Model, Tally};

fn add(all: &mut Tally, tally: Tally) {
    all.committed += tally.committed;
    all.conflicts += tally.conflicts;
    all.invalid += tally.invalid;
    all.compared += tally.compared;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_batches_give_the_same_answers_as_in_memory() {
    let mut all = Tally::default();
    for seed in 0..12 {
        // A model asks for all connections, so it has a schema of its own.
        let Some(schema) = throw_away_postgres::schema("random batches") else {
            return;
        };
        let mut model = Model::new(seed);
        for _ in 0..4 {
            let builder = PostgresStore::builder(schema.url()).schema(schema.name());
            let store = builder.open().await.unwrap();
            for _ in 0..30 {
                model.step(&store).await.unwrap();
            }
            model.compare(&store).await.unwrap();
        }
        add(&mut all, model.tally());
    }
    // It did try something.
    let is_much = all.committed > 600 && all.conflicts > 150 && all.invalid > 2;
    assert!(is_much && all.compared > 1_500, "{all:?}");
}
