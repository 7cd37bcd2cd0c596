//! The rows of the tables.

use record_link::{
    About, Approval, ConnectionId, Decision, DecisionId, Deviation, DeviationId, Digest, Event,
    Intent, Lease, Link, LinkId, OperationId, RecordKey, Scope, Sides, Subject, Which,
};

use crate::json::{asked_for, encode, shown, word};
use crate::time::written;
use crate::{Failed, Statement};

/// A statement, and whether it would be wrong if it changed nothing.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) statement: Statement,
    pub(super) must_change: bool,
}

impl From<Statement> for Written {
    fn from(statement: Statement) -> Self {
        Self {
            statement,
            must_change: false,
        }
    }
}

/// A number for a column. One that does not fit is the highest that does; the JSON has it exactly.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn key(key: Option<&RecordKey>) -> Option<&str> {
    key.map(RecordKey::as_str)
}

/// The link of an event: a new one, or the next version of the one that is there.
pub(super) fn link(event: &Event) -> Result<Written, Failed> {
    let link = &event.link;
    let statement = if link.version == 1 {
        Statement::execute(
            "INSERT INTO links (connection, id, kind, state, live, left_key, right_key, \
             incarnation, version, changed_at, value) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
    } else {
        Statement::execute(
            "UPDATE links SET kind = $3, state = $4, live = $5, left_key = $6, right_key = $7, \
             incarnation = $8, version = $9, changed_at = $10, value = $11 \
             WHERE connection = $1 AND id = $2 AND version = $9 - 1",
        )
    };
    let statement = statement
        .with(link.connection.as_str())
        .with(link.id.to_string())
        .with(&*link.kind)
        .with(link.state.as_str())
        .with(i64::from(link.is_live()))
        .with(key(link.keys.left.as_ref()))
        .with(key(link.keys.right.as_ref()))
        .with(number(link.incarnation))
        .with(number(link.version))
        .with(written(event.at))
        .with(encode(link)?);
    Ok(Written {
        statement,
        must_change: true,
    })
}

/// The value of a link that does not change otherwise.
pub(super) fn link_value(link: &Link) -> Result<Written, Failed> {
    let sql = "UPDATE links SET value = $3 WHERE connection = $1 AND id = $2";
    Ok(Statement::execute(sql)
        .with(link.connection.as_str())
        .with(link.id.to_string())
        .with(encode(link)?)
        .into())
}

/// The value of an event that does not change otherwise.
pub(super) fn event_value(place: i64, event: &Event) -> Result<Written, Failed> {
    let sql = "UPDATE events SET value = $3 WHERE connection = $1 AND place = $2";
    Ok(Statement::execute(sql)
        .with(event.link.connection.as_str())
        .with(place)
        .with(encode(event)?)
        .into())
}

/// A link goes, with its events.
pub(super) fn link_gone(connection: &ConnectionId, link: LinkId) -> [Written; 2] {
    [
        "DELETE FROM links WHERE connection = $1 AND id = $2",
        "DELETE FROM events WHERE connection = $1 AND link = $2",
    ]
    .map(|sql| {
        Statement::execute(sql)
            .with(connection.as_str())
            .with(link.to_string())
            .into()
    })
}

pub(super) fn event(place: i64, event: &Event) -> Result<Written, Failed> {
    let link = &event.link;
    let statement = Statement::execute(
        "INSERT INTO events (connection, place, link, version, what, happened_at, run, done_by, \
         operation, value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    );
    Ok(statement
        .with(link.connection.as_str())
        .with(place)
        .with(link.id.to_string())
        .with(number(link.version))
        .with(word(&event.what, "is")?)
        .with(written(event.at))
        .with(event.run.as_deref().map(shown))
        .with(event.by.as_deref().map(shown))
        .with(event.operation.map(|operation| operation.to_string()))
        .with(encode(event)?)
        .into())
}

pub(super) fn intent(connection: &ConnectionId, intent: &Intent) -> Result<Written, Failed> {
    let operation = &intent.operation;
    let statement = Statement::execute(
        "INSERT INTO intents (connection, operation, link, does, left_key, right_key, client_key, \
         state, attempts, changed_at, value) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (connection, operation) DO UPDATE SET link = excluded.link, \
         does = excluded.does, left_key = excluded.left_key, right_key = excluded.right_key, \
         client_key = excluded.client_key, state = excluded.state, attempts = excluded.attempts, \
         changed_at = excluded.changed_at, value = excluded.value",
    );
    Ok(statement
        .with(connection.as_str())
        .with(operation.id.to_string())
        .with(operation.link.to_string())
        .with(operation.step.as_str())
        .with(key(operation.keys.left.as_ref()))
        .with(key(operation.keys.right.as_ref()))
        .with(intent.client_key.as_ref().map(ToString::to_string))
        .with(word(&intent.state, "is")?)
        .with(i64::from(intent.attempts))
        .with(written(intent.at))
        .with(encode(intent)?)
        .into())
}

pub(super) fn intent_closed(connection: &ConnectionId, operation: OperationId) -> Written {
    Statement::execute("DELETE FROM intents WHERE connection = $1 AND operation = $2")
        .with(connection.as_str())
        .with(operation.to_string())
        .into()
}

pub(super) fn decision(connection: &ConnectionId, decision: &Decision) -> Result<Written, Failed> {
    let (mut keys, mut link) = (Sides::default(), None);
    match &decision.about {
        About::Record { side, key } => keys = Sides::only(*side, Some(key)),
        About::Pair { keys: both } => keys = Sides::new(Some(&both.left), Some(&both.right)),
        About::Link { id } => link = Some(id.to_string()),
    }
    let statement = Statement::execute(
        "INSERT INTO decisions (connection, id, kind, about, left_key, right_key, link, action, \
         decided_at, decided_by, value) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (connection, id) DO UPDATE SET kind = excluded.kind, about = excluded.about, \
         left_key = excluded.left_key, right_key = excluded.right_key, link = excluded.link, \
         action = excluded.action, decided_at = excluded.decided_at, \
         decided_by = excluded.decided_by, value = excluded.value",
    );
    Ok(statement
        .with(connection.as_str())
        .with(decision.id().to_string())
        .with(&*decision.kind)
        .with(word(&decision.about, "is")?)
        .with(key(keys.left))
        .with(key(keys.right))
        .with(link)
        .with(word(&decision.action, "do")?)
        .with(written(decision.at))
        .with(decision.by.as_deref().map(shown))
        .with(encode(decision)?)
        .into())
}

pub(super) fn decision_closed(connection: &ConnectionId, id: DecisionId) -> Written {
    Statement::execute("DELETE FROM decisions WHERE connection = $1 AND id = $2")
        .with(connection.as_str())
        .with(id.to_string())
        .into()
}

pub(super) fn deviation(deviation: &Deviation) -> Result<Written, Failed> {
    let topic = deviation.topic();
    let (mut kind, mut side, mut record, mut link) = (None, None, None, None);
    match &topic.subject {
        Subject::Kind { kind: of } => kind = Some(of.to_string()),
        Subject::Record {
            side: on,
            kind: of,
            key,
        } => {
            (kind, side) = (Some(of.to_string()), Some(on.as_str()));
            record = Some(key.as_str().to_owned());
        }
        Subject::Link { kind: of, link: id } => {
            (kind, link) = (Some(of.to_string()), Some(id.to_string()));
        }
        Subject::Document { kind: of, key } => {
            (kind, record) = (Some(shown(of)), Some(shown(key)));
        }
        // The connection; and what is not known here has its word, and the JSON.
        _ => {}
    }
    let failure = deviation.failure();
    let statement = Statement::execute(
        "INSERT INTO deviations (connection, id, state, class, code, operation, about, kind, side, \
         record_key, link, subject, label, message, fingerprint, attempts, first_seen, last_seen, \
         changed_at, run, value) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21) \
         ON CONFLICT (connection, id) DO UPDATE SET state = excluded.state, \
         class = excluded.class, code = excluded.code, label = excluded.label, \
         message = excluded.message, fingerprint = excluded.fingerprint, \
         attempts = excluded.attempts, first_seen = excluded.first_seen, \
         last_seen = excluded.last_seen, changed_at = excluded.changed_at, run = excluded.run, \
         value = excluded.value",
    );
    Ok(statement
        .with(topic.connection.as_str())
        .with(deviation.id().to_string())
        .with(deviation.state().as_str())
        .with(deviation.class().as_str())
        .with(shown(failure.code()))
        .with(shown(&topic.operation))
        .with(word(&topic.subject, "is")?)
        .with(kind)
        .with(side)
        .with(record)
        .with(link)
        .with(asked_for(&topic.subject)?)
        .with(failure.label().map(shown))
        .with(shown(&failure.messages().join("\n")))
        .with(deviation.fingerprint().to_string())
        .with(i64::from(deviation.attempts()))
        .with(written(deviation.first_seen()))
        .with(written(deviation.last_seen()))
        .with(written(deviation.changed_at()))
        .with(deviation.run().map(shown))
        .with(encode(deviation)?)
        .into())
}

pub(super) fn deviation_gone(connection: &ConnectionId, id: DeviationId) -> Written {
    Statement::execute("DELETE FROM deviations WHERE connection = $1 AND id = $2")
        .with(connection.as_str())
        .with(id.to_string())
        .into()
}

/// A row for each side that tells its scope; the other one stays as it was.
pub(super) fn scopes<'a>(
    connection: &'a ConnectionId,
    kind: &'a flat_record::Kind,
    scopes: &'a Sides<Option<Scope>>,
) -> impl Iterator<Item = Written> + use<'a> {
    Which::BOTH.into_iter().filter_map(move |which| {
        let statement = Statement::execute(
            "INSERT INTO scopes (connection, kind, side, scope) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (connection, kind, side) DO UPDATE SET scope = excluded.scope",
        );
        let scope = scopes[which]?;
        Some(
            statement
                .with(connection.as_str())
                .with(&**kind)
                .with(which.as_str())
                .with(scope.to_string())
                .into(),
        )
    })
}

pub(super) fn approval(connection: &ConnectionId, approval: &Approval) -> Result<Written, Failed> {
    let statement = Statement::execute(
        "INSERT INTO approvals (connection, digest, kind, approved_at, approved_by, value) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (connection, digest) DO UPDATE SET kind = excluded.kind, \
         approved_at = excluded.approved_at, approved_by = excluded.approved_by, \
         value = excluded.value",
    );
    Ok(statement
        .with(connection.as_str())
        .with(approval.digest.to_string())
        .with(&*approval.kind)
        .with(written(approval.at))
        .with(approval.by.as_deref().map(shown))
        .with(encode(approval)?)
        .into())
}

pub(super) fn approval_closed(connection: &ConnectionId, digest: Digest) -> Written {
    Statement::execute("DELETE FROM approvals WHERE connection = $1 AND digest = $2")
        .with(connection.as_str())
        .with(digest.to_string())
        .into()
}

pub(super) fn lease(connection: &ConnectionId, lease: &Lease) -> Result<Written, Failed> {
    if lease.name.contains('\0') {
        return Err(Failed::invalid("the name of a lease has a character NUL"));
    }
    let statement = Statement::execute(
        "INSERT INTO leases (connection, name, holder, fence, held_until, value) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (connection, name) DO UPDATE SET holder = excluded.holder, \
         fence = excluded.fence, held_until = excluded.held_until, value = excluded.value",
    );
    Ok(statement
        .with(connection.as_str())
        .with(lease.name.as_str())
        .with(shown(&lease.holder))
        .with(number(lease.fence))
        .with(written(lease.until))
        .with(encode(lease)?)
        .into())
}
