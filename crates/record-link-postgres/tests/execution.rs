//! Plans are carried out once over this store, whatever happens in between.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use record_link::testing::{ExecutionChecks, check_execution, check_two_runners};
use record_link_postgres::PostgresStore;

#[tokio::test]
async fn plans_are_carried_out_once_whatever_happens() {
    let Some(schema) = throw_away_postgres::schema("execution") else {
        return;
    };
    let open = || {
        let builder = PostgresStore::builder(schema.url()).schema(schema.name());
        // The suite wants its faults to meet the same records each time; with one connection, the
        // answers come in the order of the questions.
        let builder = builder.pool_size(1);
        async { builder.open().await.unwrap() }
    };
    let checks = ExecutionChecks::new().every(10).seeds(10);
    let report = check_execution(open().await, "one", &checks, async |store| {
        store.close().await;
        open().await
    });
    report.await.into_result().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_never_create_a_double() {
    let Some(schema) = throw_away_postgres::schema("two runners") else {
        return;
    };
    let builder = PostgresStore::builder(schema.url()).schema(schema.name());
    let store = Arc::new(builder.open().await.unwrap());
    let report = Box::pin(check_two_runners(store, "one", 0..60)).await;
    report.into_result().unwrap();
}
