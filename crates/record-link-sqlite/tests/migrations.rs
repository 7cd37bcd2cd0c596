//! A file of each earlier version is opened, and everything is there.
//!
//! `fixtures/version-N.sql` is what a file of version N was, as `sqlite3 links.db .dump` tells it;
//! it never changes. Whoever adds a version adds the fixture of the one before.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{FieldName, Kind, Value};
use record_link::testing::block_on;
use record_link::{
    About, Action, Approval, Base, BaseField, Batch, Decision, DeviationQuery, EventQuery, Intent,
    Lease, Link, LinkQuery, LinkState, MemoryStore, RecordKey, RunCause, RunQuery, RunRecord,
    ScheduleState, Scope, Sides, Store, Tombstone, Which, Write, fold_events,
};
use record_link_sql::schema::{MIGRATIONS, VERSION};
use record_link_sqlite::SqliteStore;
use rusqlite::Connection;
use serde_json::json;
use support::{batch, connection, link, linked};

/// Each version before today's.
const EARLIER: &[(i64, &str)] = &[(1, include_str!("fixtures/version-1.sql"))];

fn at(seconds: i64) -> DateTime<Utc> {
    let begin = DateTime::from_timestamp(1_790_000_000, 123_456_789).unwrap();
    begin + TimeDelta::seconds(seconds)
}

fn employee() -> Kind {
    Kind::new("employee").unwrap()
}

/// What was committed to the file of version 1, in this order.
fn work_of_version_1() -> Vec<Batch> {
    let mut with_base: Link = link("Åsa", 1);
    let mut base = Base::default();
    let name = FieldName::new("name").unwrap();
    base.set(&name, BaseField::Value(Box::new(Value::from("Åsa 🙂 'x'"))));
    let hash = FieldName::new("city").unwrap();
    base.set(&hash, BaseField::Hash(u64::MAX));
    with_base.base = base;
    let mut apart = link("apart", 2);
    let first = linked(&apart);
    apart.version = 2;
    apart.state = LinkState::Unlinked(Tombstone::new(at(1), Some("desk".to_owned())));

    let step = json!({"do": "delete", "on": "right"});
    let step: record_link::Step = serde_json::from_value(step).unwrap();
    let operation = json!({
        "id": record_link::OperationId::of(with_base.id, 0, &step), "link": with_base.id,
        "keys": with_base.keys, "incarnation": 0, "step": step,
        "expects": record_link::Expectation::default(),
    });
    let operation = serde_json::from_value(operation).unwrap();
    let intent = Intent::new(connection(), operation, at(2));
    let about = About::Record {
        side: Which::Left,
        key: RecordKey::new("e-1").unwrap(),
    };
    let decision = Decision::new(connection(), employee(), about, Action::Reject, at(3)).by("Åsa");
    let scopes = Sides::new(Some(Scope::of(["all"])), None);
    let digest = "1f".repeat(16).parse().unwrap();
    let lease = json!({
        "name": "sync", "holder": "worker 1", "fence": 3, "until": at(60),
    });
    let lease: Lease = serde_json::from_value(lease).unwrap();
    let kind = employee();
    let rest = Batch::new(&connection(), at(4))
        .write(linked(&with_base))
        .write(first)
        .write(linked(&apart))
        .write(Write::Intent(Box::new(intent)))
        .write(Write::Decision(Box::new(decision)))
        .write(Write::Scopes { kind, scopes })
        .write(Write::Approval(
            Approval::new(digest, employee(), at(5)).by("Åsa"),
        ))
        .write(Write::Lease(lease));
    vec![
        batch("one", 1, "Åsa's\n\"text\""),
        rest,
        batch("two", 2, "x"),
    ]
}

fn file_of(version: i64, file: &Path) {
    let (_, sql) = EARLIER.iter().find(|(of, _)| *of == version).unwrap();
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

fn version_of(file: &Path) -> i64 {
    let sql = "SELECT max(version) FROM schema_version";
    let file = Connection::open(file).unwrap();
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn there_is_a_file_of_every_earlier_version() {
    let versions: Vec<i64> = MIGRATIONS.iter().map(|one| one.version).collect();
    assert!(versions.iter().copied().eq(1..=VERSION), "{versions:?}");
    let earlier: Vec<i64> = EARLIER.iter().map(|(version, _)| *version).collect();
    assert!(earlier.iter().copied().eq(1..VERSION), "{earlier:?}");
    for (version, _) in EARLIER {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("links.db");
        file_of(*version, &file);
        assert_eq!(version_of(&file), *version);
    }
}

#[test]
fn all_of_version_1_is_there_after_it_was_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    file_of(1, &file);
    // For reading only it cannot be brought to today's version, and says so.
    let error = SqliteStore::options(&file).read_only().open().unwrap_err();
    assert!(error.to_string().contains("for writing once"), "{error}");
    assert_eq!(version_of(&file), 1);

    let memory = MemoryStore::new();
    for batch in work_of_version_1() {
        block_on(memory.commit(batch)).unwrap();
    }
    for _ in 0..2 {
        let store = SqliteStore::open(&file).unwrap();
        is_same(&memory, &store);
        block_on(store.check_integrity()).unwrap();
    }
    assert_eq!(version_of(&file), VERSION);

    // And it can do what it could not before.
    let store = SqliteStore::open(&file).unwrap();
    let run = RunRecord::begun("run 1", employee(), RunCause::Schedule, at(9));
    let more = Batch::new(&connection(), at(9))
        .write(Write::Schedule(
            ScheduleState::new(employee()).next_version(),
        ))
        .write(Write::Run(Box::new(run)));
    block_on(store.commit(more)).unwrap();
    let runs = block_on(store.runs(&connection(), &RunQuery::new())).unwrap();
    assert_eq!(runs.items.len(), 1);
    let record = RecordKey::new("left apart 2").unwrap();
    let query = LinkQuery::new().record(Which::Left, record);
    let links = block_on(store.links(&connection(), &query)).unwrap();
    assert_eq!(links.items.len(), 1);
}

/// The tables and indexes of a file, as they were made.
fn schema_of(file: &Path) -> Vec<(String, String)> {
    let file = Connection::open(file).unwrap();
    let sql = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name";
    let mut statement = file.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_file_of_an_earlier_version_becomes_what_a_new_one_is() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.db");
    drop(SqliteStore::open(&new).unwrap());
    for (version, _) in EARLIER {
        let file = folder.path().join(format!("{version}.db"));
        file_of(*version, &file);
        assert_ne!(schema_of(&file), schema_of(&new));
        drop(SqliteStore::open(&file).unwrap());
        assert_eq!(schema_of(&file), schema_of(&new));
    }
}

fn is_same(memory: &MemoryStore, store: &SqliteStore) {
    let of = &connection();
    let links = |store: &dyn Store| block_on(store.links(of, &LinkQuery::new())).unwrap().items;
    assert_eq!(links(store), links(memory));
    assert_eq!(links(store).len(), 6);
    let events = |store: &dyn Store| {
        block_on(store.events(of, &EventQuery::new()))
            .unwrap()
            .items
    };
    assert_eq!(events(store), events(memory));
    let folded = fold_events(events(store).iter().map(|one| &one.event)).unwrap();
    assert!(folded.into_values().eq(links(store)));
    let intents = |store: &dyn Store| block_on(store.intents(of)).unwrap();
    assert_eq!(intents(store), intents(memory));
    assert_eq!(intents(store).len(), 1);
    let decisions = |store: &dyn Store| block_on(store.decisions(of, &employee())).unwrap();
    assert_eq!(decisions(store), decisions(memory));
    assert_eq!(decisions(store).len(), 1);
    let deviations = |store: &dyn Store| {
        let query = DeviationQuery::all();
        block_on(store.deviations(of, &query)).unwrap().items
    };
    assert_eq!(deviations(store), deviations(memory));
    assert_eq!(deviations(store).len(), 2);
    let scopes = |store: &dyn Store| block_on(store.scopes(of, &employee())).unwrap();
    assert_eq!(scopes(store), scopes(memory));
    assert!(scopes(store).left.is_some());
    let approvals = |store: &dyn Store| block_on(store.approvals(of, &employee())).unwrap();
    assert_eq!(approvals(store), approvals(memory));
    assert_eq!(approvals(store).len(), 1);
    let lease = |store: &dyn Store| block_on(store.lease(of, "sync")).unwrap();
    assert_eq!(lease(store), lease(memory));
    assert!(lease(store).is_some());
}

/// As an engine leaves it that cannot undo the making of tables, and whose client was killed.
#[test]
fn a_migration_that_ended_in_the_middle_is_finished_by_the_next_opening() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.db");
    drop(SqliteStore::open(&new).unwrap());
    let statements = record_link_sql::schema::MIGRATIONS.iter();
    let statements: Vec<_> = statements.flat_map(|one| one.statements).collect();
    for done in 0..=statements.len() {
        let file = folder.path().join(format!("{done}.db"));
        let half = Connection::open(&file).unwrap();
        for statement in &statements[..done] {
            half.execute_batch(statement).unwrap();
        }
        drop(half);
        drop(SqliteStore::open(&file).unwrap());
        assert_eq!(schema_of(&file), schema_of(&new), "after {done} statements");
        assert_eq!(version_of(&file), VERSION);
    }
}

/// Plays a process that opens the file.
#[test]
fn role() {
    if std::env::var_os(support::ROLE).is_some() {
        let file = std::path::PathBuf::from(std::env::var_os(support::FILE).unwrap());
        let store = SqliteStore::open(file).unwrap();
        assert!(block_on(store.connections()).unwrap().len() < 2);
    }
}

#[test]
fn processes_that_open_a_file_at_once_make_or_migrate_it_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..6 {
        let file = folder.path().join(format!("{round}.db"));
        if round % 2 == 1 {
            file_of(1, &file);
        }
        let open = |_| support::again("role", "open", &file).spawn().unwrap();
        let children: Vec<_> = (0..6).map(open).collect();
        for child in children {
            let ended = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&ended.stdout);
            assert!(ended.status.success(), "round {round}: {said}");
        }
        assert_eq!(version_of(&file), VERSION);
        let store = SqliteStore::open(&file).unwrap();
        block_on(store.check_integrity()).unwrap();
    }
}

/// Whoever finds a file that another one is making waits for it, although `SQLite` would not: it gives up
/// at once when a reader wants to turn on the write-ahead log.
#[test]
fn who_finds_a_file_that_is_being_made_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("links.db");
    let maker = rusqlite::Connection::open(&file).unwrap();
    let making = maker.execute_batch("CREATE TABLE made (id); BEGIN IMMEDIATE");
    making.unwrap();
    let opening = std::thread::spawn(move || SqliteStore::open(&file).map(drop));
    std::thread::sleep(std::time::Duration::from_millis(200));
    maker.execute_batch("COMMIT").unwrap();
    drop(maker);
    opening.join().unwrap().unwrap();
}
