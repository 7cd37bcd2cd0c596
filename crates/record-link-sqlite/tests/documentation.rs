//! What `docs/store.md` tells an operator is so.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use record_link::Store;
use record_link::testing::block_on;
use record_link_sql::schema::MIGRATIONS;
use record_link_sql::testing::{documented_queries, operator_work, tables_in_markdown};
use record_link_sqlite::SqliteStore;
use rusqlite::Connection;

const PAGE: &str = include_str!("../../../docs/store.md");

#[test]
fn the_ten_queries_work_and_find_something() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    let store = SqliteStore::open(&file).unwrap();
    for batch in operator_work().unwrap() {
        block_on(store.commit(batch)).unwrap();
    }
    let file = Connection::open(&file).unwrap();
    let queries = documented_queries(PAGE);
    assert_eq!(queries.len(), 10);
    for (query, number) in queries.iter().zip(1..) {
        let begins = query.title.starts_with(&format!("{number}. "));
        assert!(begins, "{}", query.title);
        let mut statement = file.prepare(&query.sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        let row = rows.next().unwrap();
        assert!(row.is_some(), "{} finds nothing", query.title);
    }
}

#[test]
fn the_tables_are_described_as_they_are() {
    for (table, columns) in tables_in_markdown() {
        let heading = format!("### `{table}`\n");
        let (_, section) = PAGE
            .split_once(&heading)
            .unwrap_or_else(|| panic!("no {heading}"));
        let section = section
            .split("\n## ")
            .next()
            .unwrap()
            .split("\n### ")
            .next()
            .unwrap();
        assert!(
            section.contains(&columns),
            "docs/store.md, {heading}\n{columns}"
        );
    }
    let newest = MIGRATIONS.last().unwrap().version;
    assert!(
        PAGE.contains(&format!("\n| {newest} | ")),
        "version {newest} is not described"
    );
}

#[test]
fn the_columns_that_are_described_are_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    drop(SqliteStore::open(&file).unwrap());
    let file = Connection::open(&file).unwrap();
    for table in record_link_sql::schema::tables() {
        let sql = format!("SELECT name FROM pragma_table_info('{}')", table.name);
        let mut statement = file.prepare(&sql).unwrap();
        let columns = statement
            .query_map([], |row| row.get::<_, String>(0))
            .unwrap();
        let columns: Vec<String> = columns.map(Result::unwrap).collect();
        let described: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(columns, described, "{}", table.name);
    }
}
