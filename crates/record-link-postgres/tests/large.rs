//! Much at once: many writes in a batch, many subjects in a question, long texts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link_postgres::PostgresStore;
use record_link_sql::testing::check_large;

#[tokio::test(flavor = "multi_thread")]
async fn much_at_once_is_stored_and_found() {
    let Some(schema) = throw_away_postgres::schema("much at once") else {
        return;
    };
    let builder = PostgresStore::builder(schema.url()).schema(schema.name());
    let store = builder.open().await.unwrap();
    check_large(&store).await.unwrap();
}
