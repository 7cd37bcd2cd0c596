//! What `docs/store.md` tells an operator is so in `PostgreSQL`, too; and tables of version 1, with
//! what was in them, are brought up to date.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::{ConnectionId, EventQuery, LinkQuery, Store, fold_events};
use record_link_postgres::PostgresStore;
use record_link_sql::testing::{documented_queries, operator_work};

const PAGE: &str = include_str!("../../../docs/store.md");
/// What a store of version 1 was, as `SQLite` tells it; the statements are the same.
const VERSION_1: &str = include_str!("../../record-link-sqlite/tests/fixtures/version-1.sql");

/// A connection whose unqualified names are those of the schema, as an operator has it.
async fn operator(schema: &throw_away_postgres::Schema) -> tokio_postgres::Client {
    let connected = tokio_postgres::connect(&schema.url(), tokio_postgres::NoTls).await;
    let (client, connection) = connected.unwrap();
    tokio::spawn(connection);
    let path = format!("SET search_path TO {}", schema.name());
    client.batch_execute(&path).await.unwrap();
    client
}

#[tokio::test]
async fn the_ten_queries_work_and_find_something() {
    let Some(schema) = throw_away_postgres::schema("documented queries") else {
        return;
    };
    let builder = PostgresStore::builder(schema.url()).schema(schema.name());
    let store = builder.open().await.unwrap();
    for batch in operator_work().unwrap() {
        store.commit(batch).await.unwrap();
    }
    let operator = operator(&schema).await;
    let queries = documented_queries(PAGE);
    assert_eq!(queries.len(), 10);
    for query in queries {
        let rows = operator.query(&*query.sql, &[]).await;
        let rows = rows.unwrap_or_else(|error| panic!("{}: {error:?}", query.title));
        assert!(!rows.is_empty(), "{} finds nothing", query.title);
    }
}

#[tokio::test]
async fn the_tables_are_those_that_are_described() {
    let Some(schema) = throw_away_postgres::schema("described tables") else {
        return;
    };
    let builder = PostgresStore::builder(schema.url()).schema(schema.name());
    drop(builder.open().await.unwrap());
    let operator = operator(&schema).await;
    for table in record_link_sql::schema::tables() {
        let sql = "SELECT column_name::text FROM information_schema.columns \
                   WHERE table_schema = $1::text AND table_name = $2::text ORDER BY ordinal_position";
        let rows = operator
            .query(sql, &[&schema.name(), &table.name])
            .await
            .unwrap();
        let columns: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let described: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns, described, "{}", table.name);
    }
}

#[tokio::test]
async fn what_was_in_tables_of_version_1_is_there_when_they_are_up_to_date() {
    let Some(schema) = throw_away_postgres::schema("version 1") else {
        return;
    };
    let operator = operator(&schema).await;
    let make = format!("CREATE SCHEMA {}", schema.name());
    operator.batch_execute(&make).await.unwrap();
    let dump = VERSION_1.lines().filter(|line| !line.starts_with("PRAGMA"));
    let sql = dump
        .collect::<Vec<_>>()
        .join("\n")
        .replace("char(10)", "chr(10)");
    operator.batch_execute(&sql).await.unwrap();

    let builder = PostgresStore::builder(schema.url()).schema(schema.name());
    let store = builder.open().await.unwrap();
    let rows = operator
        .query("SELECT version FROM schema_version ORDER BY version", &[])
        .await;
    let versions: Vec<i64> = rows.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(
        versions,
        (1..=record_link_sql::schema::VERSION).collect::<Vec<_>>()
    );
    let connection = ConnectionId::new("acme->4875").unwrap();
    let links = store
        .links(&connection, &LinkQuery::new())
        .await
        .unwrap()
        .items;
    let events = store
        .events(&connection, &EventQuery::new())
        .await
        .unwrap()
        .items;
    let folded = fold_events(events.iter().map(|one| &one.event)).unwrap();
    assert!(links.len() >= 3 && links.iter().all(|link| folded[&link.id] == *link));
    assert_eq!(store.intents(&connection).await.unwrap().len(), 1);
    assert!(store.lease(&connection, "sync").await.unwrap().is_some());
    record_link::testing::check_store(&store, "one")
        .await
        .into_result()
        .unwrap();
}
