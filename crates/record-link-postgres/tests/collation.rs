//! A database that sorts texts as a language does, not as bytes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write as _;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use record_link::testing::check_store;
use record_link::{Batch, ConnectionId, MemoryStore, RunCause, RunQuery, RunRecord, Store, Write};
use record_link_postgres::PostgresStore;
use record_link_sql::testing::Model;
use throw_away_postgres::{Cluster, ClusterError};
use tokio_postgres::NoTls;

/// The ids of all runs, page by page.
async fn paged(store: &dyn Store, connection: &ConnectionId, limit: usize) -> Vec<String> {
    let (mut ids, mut query) = (Vec::new(), RunQuery::new().limit(limit));
    loop {
        let page = store.runs(connection, &query).await.unwrap();
        ids.extend(page.items.into_iter().map(|run| run.id));
        let Some(next) = page.next else { return ids };
        assert!(ids.len() < 1_000, "it does not end");
        query = query.after(Some(next));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_in_the_order_of_bytes_whatever_language_the_database_speaks() {
    let cluster = match Cluster::builder().start() {
        Ok(cluster) => cluster,
        Err(error @ (ClusterError::NotInstalled | ClusterError::NoOtherUser)) => {
            let _ = writeln!(std::io::stderr(), "SKIPPED collation: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let url = cluster.url();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    // Swedish, and digits as numbers: as far from the order of bytes as it gets.
    let made = client.batch_execute(
        "CREATE DATABASE swedish TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' \
         LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE-u-kn-true'",
    );
    if let Err(error) = made.await {
        // 0A000: the server was built without ICU.
        assert_eq!(error.code().unwrap().code(), "0A000", "{error}");
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED collation: the server has no ICU"
        );
        return;
    }
    let url = format!("{}/swedish", url.rsplit_once('/').unwrap().0);
    let store = PostgresStore::builder(&*url).open().await.unwrap();
    let (client, task) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(task);
    let row = client
        .query_one("SELECT 'Z' > 'a' AND '9' < '10'", &[])
        .await
        .unwrap();
    assert!(row.get::<_, bool>(0), "it sorts as bytes");

    let memory = MemoryStore::new();
    let connection = ConnectionId::new("one").unwrap();
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let ids = [
        "a",
        "B",
        "b",
        "A",
        "å",
        "Å",
        "ä",
        "z",
        "Z",
        "10",
        "9",
        "run-10",
        "run-9",
        "run 10",
        "-a",
        "_",
        "e\u{301}",
        "é",
        "ö",
        "o",
        "0",
        "00",
        "\u{200B}a",
        "I",
        "i",
        "ß",
        "ss",
    ];
    let mut batch = Batch::new(&connection, now);
    for id in ids {
        let kind = Kind::new("employee").unwrap();
        let run = RunRecord::begun(id, kind, RunCause::Schedule, now);
        batch = batch.write(Write::Run(Box::new(run)));
    }
    memory.commit(batch.clone()).await.unwrap();
    store.commit(batch).await.unwrap();
    for limit in [1, 2, 3, 100] {
        let expected = paged(&memory, &connection, limit).await;
        assert_eq!(expected.len(), ids.len());
        assert_eq!(
            paged(&store, &connection, limit).await,
            expected,
            "pages of {limit}"
        );
    }
    // Everything else, too.
    check_store(&store, "two").await.into_result().unwrap();
    for seed in 0..3 {
        let builder = PostgresStore::builder(&*url).schema(format!("model_{seed}"));
        let store = builder.open().await.unwrap();
        let mut model = Model::new(seed);
        for _ in 0..60 {
            model.step(&store).await.unwrap();
        }
        model.compare(&store).await.unwrap();
    }
}
