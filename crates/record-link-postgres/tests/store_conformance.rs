//! The public conformance suite on a real server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::testing::{Outcome, Report, check_reopened_store, check_store};
use record_link_postgres::PostgresStore;

async fn open(url: &str, schema: &str) -> PostgresStore {
    PostgresStore::builder(url)
        .schema(schema)
        .open()
        .await
        .unwrap()
}

fn is_whole(report: Report) {
    let skipped = |outcome: &Outcome| matches!(outcome, Outcome::Skipped(_));
    assert!(!report.checks().iter().any(|one| skipped(&one.outcome)));
    report.into_result().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_every_promise_of_a_store() {
    let Some(schema) = throw_away_postgres::schema("store conformance") else {
        return;
    };
    let store = open(&schema.url(), schema.name()).await;
    is_whole(check_store(&store, "one").await);
    // Not a word of the first run is in the way of another.
    is_whole(check_store(&store, "two").await);
}

#[tokio::test]
async fn it_keeps_every_promise_on_a_runtime_with_one_thread() {
    let Some(schema) = throw_away_postgres::schema("store conformance, one thread") else {
        return;
    };
    let store = open(&schema.url(), schema.name()).await;
    is_whole(check_store(&store, "one").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_there_after_opening_again() {
    let Some(schema) = throw_away_postgres::schema("reopened store") else {
        return;
    };
    let (url, name) = (schema.url(), schema.name().to_owned());
    let store = open(&url, &name).await;
    let report = check_reopened_store(store, "one", async |store| {
        drop(store);
        open(&url, &name).await
    });
    is_whole(report.await);
}
