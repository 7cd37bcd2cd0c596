//! What the documentation tells an operator, to be tried.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{FieldName, Kind, Value};
use record_link::{
    About, Action, Base, BaseField, Batch, ConnectionId, Decision, DeviationChange, DeviationClass,
    DeviationEvent, Event, EventKind, Failure, Intent, Lease, Link, LinkState, Origin, Pause,
    PauseReason, RecordKey, RunCause, RunOutcome, RunRecord, ScheduleState, Sides, Step, Subject,
    Tombstone, Topic, Which, Write,
};
use serde_json::json;

use crate::schema;

/// A query of the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Documented {
    /// Its heading: the question.
    pub title: String,
    /// The statement.
    pub sql: String,
}

/// The queries of `docs/store.md`: each block of SQL below a heading of the third level.
pub fn documented_queries(markdown: &str) -> Vec<Documented> {
    let (mut found, mut title) = (Vec::new(), String::new());
    let mut sql: Option<String> = None;
    for line in markdown.lines() {
        match (&mut sql, line) {
            (None, "```sql") => sql = Some(String::new()),
            (None, _) => {
                if let Some(heading) = line.strip_prefix("### ") {
                    title = heading.to_owned();
                }
            }
            (Some(_), "```") => {
                let (title, sql) = (title.clone(), sql.take().unwrap_or_default());
                found.push(Documented { title, sql });
            }
            (Some(sql), _) => {
                sql.push_str(line);
                sql.push('\n');
            }
        }
    }
    found
}

/// The columns of each table as `docs/store.md` lists them, with the name of the table.
pub fn tables_in_markdown() -> Vec<(&'static str, String)> {
    let tables = schema::tables().into_iter().map(|table| {
        let mut text = String::from("| column | | |\n|---|---|---|\n");
        for column in table.columns {
            let kind = match (column.kind, column.is_optional) {
                ("BIGINT", false) => "number",
                ("BIGINT", true) => "number or empty",
                (_, false) => "text",
                (_, true) => "text or empty",
            };
            let comment = column.comment.unwrap_or_default();
            // Writing to a text cannot fail.
            let _ = writeln!(text, "| `{}` | {kind} | {comment} |", column.name);
        }
        (table.name, text)
    });
    tables.collect()
}

/// A moment of the day that the work is about.
fn at(minutes: i64) -> DateTime<Utc> {
    let begin = DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default();
    begin + TimeDelta::minutes(minutes)
}

/// What has to be committed to an empty store for each of the
/// [`documented_queries`] to find something. (`None` never: all names in it are good ones.)
pub fn operator_work() -> Option<Vec<Batch>> {
    let connection = ConnectionId::new("acme->4875").ok()?;
    let kind = Kind::new("employee").ok()?;
    let link = |left: &str, right: &str| {
        let keys = Sides::new(RecordKey::new(left).ok()?, RecordKey::new(right).ok()?);
        let mut link = Link::new(connection.clone(), kind.clone(), keys, Origin::Confirmed, 0);
        link.version = 1;
        Some(link)
    };
    let event = |what, link: &Link, minutes| {
        let event = Event::new(what, link.clone(), at(minutes));
        Write::Event(Box::new(event.in_run("run 1").by("desk")))
    };
    let mut anna = link("e-17", "4711")?;
    let mut base = Base::default();
    let name = FieldName::new("name").ok()?;
    base.set(&name, BaseField::Value(Box::new(Value::from("Anna"))));
    anna.base = base;
    let bo = link("e-18", "4712")?;
    let mut apart = bo.clone();
    apart.version = 2;
    apart.state = LinkState::Unlinked(Tombstone::new(at(2), Some("desk".to_owned())));
    let mut in_doubt = Link::creating(
        connection.clone(),
        kind.clone(),
        RecordKey::new("e-19").ok()?,
        Which::Right,
        0,
    );
    in_doubt.version = 1;
    in_doubt.state = LinkState::InDoubt { on: Which::Right };

    let step = Step::Delete { on: Which::Right };
    let operation = json!({
        "id": record_link::OperationId::of(in_doubt.id, 0, &step),
        "link": in_doubt.id,
        "keys": in_doubt.keys,
        "incarnation": 0,
        "step": step,
        "expects": record_link::Expectation::default(),
    });
    let operation = serde_json::from_value(operation).ok()?;
    let mut intent = Intent::new(connection.clone(), operation, at(3));
    intent.client_key = in_doubt.client_key();
    let about = About::Record {
        side: Which::Left,
        key: RecordKey::new("e-20").ok()?,
    };
    let decision = Decision::new(
        connection.clone(),
        kind.clone(),
        about,
        Action::Reject,
        at(4),
    );
    let lease: Lease = serde_json::from_value(json!({
        "name": "sync/employee", "holder": "worker 1", "fence": 1, "until": at(60),
    }))
    .ok()?;
    let failed = |key: &str| {
        let (side, kind) = (Which::Left, kind.clone());
        let key = RecordKey::new(key).ok()?;
        let topic = Topic::new(&connection, "create", Subject::Record { side, kind, key });
        let failure = Failure::new(DeviationClass::Validation, "email-invalid", "is no address");
        Some(DeviationEvent::failed(topic, failure.labelled("Anna"), at(5)).in_run("run 1"))
    };
    let (first, second, third) = (failed("e-21")?, failed("e-22")?, failed("e-23")?);
    let done = DeviationEvent::new(third.id, DeviationChange::Succeeded, at(6));
    let pause = Pause::new(at(7), PauseReason::Credentials);
    let mut schedule = ScheduleState::new(kind.clone()).next_version();
    (schedule.next_due, schedule.paused) = (Some(at(8)), Some(pause));
    let run = RunRecord::begun("run 1", kind.clone(), RunCause::Schedule, at(0));
    let run = run.ended(RunOutcome::Finished, at(9));

    let mut batch = Batch::new(&connection, at(9));
    batch.writes = vec![
        event(EventKind::Linked, &anna, 0),
        event(EventKind::Linked, &bo, 1),
        event(EventKind::Unlinked, &apart, 2),
        event(EventKind::CreateInDoubt { on: Which::Right }, &in_doubt, 3),
        Write::Intent(Box::new(intent)),
        Write::Decision(Box::new(decision.by("desk"))),
        Write::Lease(lease),
        Write::Deviation(first),
        Write::Deviation(second),
        Write::Deviation(third),
        Write::Deviation(done),
        Write::Schedule(schedule),
        Write::Run(Box::new(run)),
        Write::Touched {
            kind,
            which: Which::Left,
            key: RecordKey::new("e-17").ok()?,
            at: at(9),
        },
    ];
    Some(vec![batch])
}
