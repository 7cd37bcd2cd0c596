//! The rows of schedules, touched records and runs.

use chrono::{DateTime, Utc};
use flat_record::Kind;
use record_link::{ConnectionId, RecordKey, RunRecord, ScheduleState, Touch, Which};

use super::write::{Written, number};
use crate::json::{encode, shown, word};
use crate::time::{exact, written};
use crate::{Failed, Statement};

pub(super) fn touched(
    connection: &ConnectionId,
    kind: &Kind,
    which: Which,
    key: &RecordKey,
    at: DateTime<Utc>,
) -> Written {
    let statement = Statement::execute(
        "INSERT INTO touches (connection, kind, side, record_key, touched_at, times) \
         VALUES ($1, $2, $3, $4, $5, 1) \
         ON CONFLICT (connection, kind, side, record_key) \
         DO UPDATE SET touched_at = excluded.touched_at, times = touches.times + 1",
    );
    statement
        .with(connection.as_str())
        .with(&**kind)
        .with(which.as_str())
        .with(key.as_str())
        .with(exact(at))
        .into()
}

/// Only if it is still as it was read.
pub(super) fn touch_closed(connection: &ConnectionId, touch: &Touch) -> Written {
    let statement = Statement::execute(
        "DELETE FROM touches WHERE connection = $1 AND kind = $2 AND side = $3 \
         AND record_key = $4 AND touched_at = $5 AND times = $6",
    );
    statement
        .with(connection.as_str())
        .with(&*touch.kind)
        .with(touch.which.as_str())
        .with(touch.key.as_str())
        .with(exact(touch.at))
        .with(number(touch.times))
        .into()
}

/// A new schedule, or the next version of the one that is there.
pub(super) fn schedule(
    connection: &ConnectionId,
    state: &ScheduleState,
) -> Result<Written, Failed> {
    let statement = if state.version == 1 {
        Statement::execute(
            "INSERT INTO schedules (connection, kind, version, next_due, last_started, \
             last_finished, paused_since, paused_because, paused_by, value) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
    } else {
        Statement::execute(
            "UPDATE schedules SET version = $3, next_due = $4, last_started = $5, \
             last_finished = $6, paused_since = $7, paused_because = $8, paused_by = $9, \
             value = $10 WHERE connection = $1 AND kind = $2 AND version = $3 - 1",
        )
    };
    let pause = state.paused.as_ref();
    let because = pause.map(|pause| word(&pause.because, "is")).transpose()?;
    let statement = statement
        .with(connection.as_str())
        .with(&*state.kind)
        .with(number(state.version))
        .with(state.next_due.map(written))
        .with(state.last_started.map(written))
        .with(state.last_finished.map(written))
        .with(pause.map(|pause| written(pause.since)))
        .with(because)
        .with(pause.and_then(|pause| pause.by.as_deref()).map(shown))
        .with(encode(state)?);
    Ok(Written {
        statement,
        must_change: true,
    })
}

pub(super) fn run(connection: &ConnectionId, run: &RunRecord) -> Result<Written, Failed> {
    if run.id.contains('\0') {
        return Err(Failed::invalid("the id of a run has a character NUL"));
    }
    let statement = Statement::execute(
        "INSERT INTO runs (connection, id, kind, cause, asked_by, started_at, finished_at, \
         outcome, planned, done, created, updated, deleted, stale, failed, findings, recovered, \
         doubles, value) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19) \
         ON CONFLICT (connection, id) DO UPDATE SET kind = excluded.kind, cause = excluded.cause, \
         asked_by = excluded.asked_by, started_at = excluded.started_at, \
         finished_at = excluded.finished_at, outcome = excluded.outcome, \
         planned = excluded.planned, done = excluded.done, created = excluded.created, \
         updated = excluded.updated, deleted = excluded.deleted, stale = excluded.stale, \
         failed = excluded.failed, findings = excluded.findings, recovered = excluded.recovered, \
         doubles = excluded.doubles, value = excluded.value",
    );
    let totals = &run.totals;
    let both = |sides: record_link::Sides<u64>| number(sides.left.saturating_add(sides.right));
    Ok(statement
        .with(connection.as_str())
        .with(run.id.as_str())
        .with(&*run.kind)
        .with(run.cause.as_str())
        .with(run.by.as_deref().map(shown))
        .with(written(run.started))
        .with(run.finished.map(written))
        .with(run.outcome.as_str())
        .with(number(totals.planned))
        .with(number(totals.done))
        .with(both(totals.created))
        .with(both(totals.updated))
        .with(both(totals.deleted))
        .with(number(totals.stale))
        .with(number(totals.failed))
        .with(number(totals.findings))
        .with(number(totals.recovered))
        .with(number(totals.doubles))
        .with(encode(run)?)
        .into())
}

pub(super) fn runs_forgotten(connection: &ConnectionId, before: DateTime<Utc>) -> Written {
    Statement::execute("DELETE FROM runs WHERE connection = $1 AND finished_at < $2")
        .with(connection.as_str())
        .with(written(before))
        .into()
}
