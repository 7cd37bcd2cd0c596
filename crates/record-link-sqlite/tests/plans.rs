//! What tabs and lists ask is found through indexes, in the order of the list.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use flat_record::Kind;
use record_link::testing::block_on;
use record_link::{
    DeviationClass, DeviationQuery, DeviationState, EventQuery, LinkQuery, LinkStanding, RecordKey,
    RunQuery, Store, Subject, Which,
};
use record_link_sql::questions::{
    Decisions, DeviationById, Deviations, Events, Intents, LinkById, Links, LiveLink, Runs,
};
use record_link_sql::{Question, SqlValue};
use record_link_sqlite::SqliteStore;
use rusqlite::Connection;
use rusqlite::types::Value;
use support::{batch, connection, link, topic};

fn employee() -> Kind {
    Kind::new("employee").unwrap()
}

/// How the database would answer.
fn plan(file: &Connection, question: &impl Question) -> Vec<String> {
    let mut steps = Vec::new();
    for statement in question.statements().unwrap() {
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql.replace('$', "?"));
        let values = statement.parameters.into_iter().map(|value| match value {
            SqlValue::Integer(number) => Value::Integer(number),
            SqlValue::Text(text) => Value::Text(text),
            _ => Value::Null,
        });
        let mut prepared = file.prepare(&sql).unwrap();
        let values = rusqlite::params_from_iter(values);
        let rows = prepared
            .query_map(values, |row| row.get::<_, String>(3))
            .unwrap();
        steps.extend(rows.map(Result::unwrap));
    }
    steps
}

/// No table is read from end to end, and nothing is sorted.
fn is_direct(file: &Connection, what: &str, question: &impl Question) {
    let steps = plan(file, question);
    let tables = [
        "links",
        "events",
        "deviations",
        "runs",
        "intents",
        "decisions",
    ];
    for step in &steps {
        let is_scan = tables.iter().any(|table| *step == format!("SCAN {table}"));
        let is_slow = is_scan || step.contains("TEMP B-TREE");
        assert!(!is_slow, "{what}: {steps:#?}");
    }
    assert!(
        steps.iter().any(|step| step.contains(" INDEX ")),
        "{what}: {steps:#?}"
    );
}

#[test]
fn tabs_and_lists_use_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("links.db");
    let store = SqliteStore::open(&path).unwrap();
    for number in 0..50 {
        block_on(store.commit(batch("one", number, "text"))).unwrap();
    }
    let file = Connection::open(&path).unwrap();
    let page = |query: LinkQuery| {
        let first = query.clone().limit(10);
        let first = block_on(store.links(&connection(), &first)).unwrap();
        let query = query.after(first.next);
        let connection = connection();
        Links { connection, query }
    };
    let tab = LinkQuery::new().kind(employee());
    for (what, query) in [
        ("all links", LinkQuery::new()),
        ("all links of a kind", tab.clone()),
        ("a tab", tab.clone().standing([LinkStanding::Linked])),
        (
            "a tab of two states",
            tab.clone()
                .standing([LinkStanding::Linked, LinkStanding::Orphaned]),
        ),
    ] {
        is_direct(&file, what, &page(query));
    }
    for which in Which::BOTH {
        let key = RecordKey::new("left one a 3").unwrap();
        let query = tab.clone().record(which, key.clone());
        let (connection, kind) = (connection(), employee());
        is_direct(
            &file,
            "links of a record",
            &Links {
                connection: connection.clone(),
                query,
            },
        );
        let question = LiveLink {
            connection,
            kind,
            which,
            key,
        };
        is_direct(&file, "the live link of a record", &question);
    }
    let id = link("one a", 3).id;
    let (connection, query) = (connection(), EventQuery::new());
    is_direct(
        &file,
        "a link",
        &LinkById {
            connection: connection.clone(),
            id,
        },
    );
    let events = |query| Events {
        connection: connection.clone(),
        query,
    };
    is_direct(&file, "the log", &events(query.clone()));
    is_direct(&file, "the history of a link", &events(query.link(id)));

    let deviations = |query: DeviationQuery| {
        let first = block_on(store.deviations(&connection, &query.clone().limit(5))).unwrap();
        let (connection, query) = (connection.clone(), query.after(first.next));
        Deviations { connection, query }
    };
    let all = DeviationQuery::all;
    let subject = topic("one", 3).subject;
    let print = block_on(store.deviations(&connection, &all()))
        .unwrap()
        .items[0]
        .fingerprint();
    for (what, query) in [
        ("all deviations", all()),
        ("the error log", DeviationQuery::unsettled()),
        ("open ones", all().states([DeviationState::Open])),
        (
            "open ones of a class",
            DeviationQuery::unsettled().class(DeviationClass::Bug),
        ),
        ("those of one cause", all().fingerprint(print)),
        ("those about a record", all().about([subject])),
    ] {
        is_direct(&file, what, &deviations(query));
    }
    // About two, they have to be sorted, but are found.
    let two = all().about([topic("one", 4).subject, Subject::Connection]);
    let steps = plan(&file, &deviations(two));
    let is_found = steps
        .iter()
        .any(|step| step.contains("deviations_by_subject"));
    assert!(is_found, "{steps:#?}");
    let id = topic("one", 3).id();
    is_direct(
        &file,
        "a deviation",
        &DeviationById {
            connection: connection.clone(),
            id,
        },
    );
    let runs = |query| Runs {
        connection: connection.clone(),
        query,
    };
    is_direct(&file, "runs", &runs(RunQuery::new()));
    is_direct(
        &file,
        "runs of a kind",
        &runs(RunQuery::new().kind(employee())),
    );
    is_direct(
        &file,
        "intents",
        &Intents {
            connection: connection.clone(),
        },
    );
    let kind = employee();
    is_direct(
        &file,
        "decisions",
        &Decisions {
            connection: connection.clone(),
            kind,
        },
    );
}
