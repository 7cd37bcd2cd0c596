//! Single things and short lists.

use flat_record::Kind;
use record_link::{
    Approval, ConnectionId, Decision, Deviation, DeviationId, Intent, Lease, Link, LinkId,
    RecordKey, ScheduleState, Scope, Sides, Touch, Which,
};
use serde::de::DeserializeOwned;

use super::{Question, rows};
use crate::json::decode;
use crate::{Answer, Failed, Row, Statement};

/// [`Store::connections`](record_link::Store::connections).
#[derive(Debug, Clone)]
pub struct Connections;

impl Question for Connections {
    type Answer = Vec<ConnectionId>;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        Ok(vec![Statement::query("SELECT connection FROM connections")])
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        let id = |row: &Row| {
            ConnectionId::new(row.text(0)?).map_err(|_| Failed::damaged("connections.connection"))
        };
        let mut ids = rows(answers)
            .iter()
            .map(id)
            .collect::<Result<Vec<_>, _>>()?;
        // Here and not there: databases differ in how they order texts.
        ids.sort_unstable();
        Ok(ids)
    }
}

fn values<T: DeserializeOwned>(answers: Vec<Answer>, table: &str) -> Result<Vec<T>, Failed> {
    let rows = rows(answers);
    rows.iter().map(|row| decode(row, 0, table)).collect()
}

fn value<T: DeserializeOwned>(answers: Vec<Answer>, table: &str) -> Result<Option<T>, Failed> {
    Ok(values(answers, table)?.into_iter().next())
}

/// Declares a question whose one statement answers with values of a table.
macro_rules! of_values {
    (
        $(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* } -> $answer:ty,
        $read:ident($table:literal), |$self:ident| $statement:expr
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name {
            /// Of this connection.
            pub connection: ConnectionId,
            $(#[allow(missing_docs, reason = "it is what the type says")] pub $field: $type),*
        }

        impl Question for $name {
            type Answer = $answer;

            fn statements(&self) -> Result<Vec<Statement>, Failed> {
                let $self = self;
                Ok(vec![$statement])
            }

            fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
                $read(answers, $table)
            }
        }
    };
}

of_values! {
    /// [`Store::link`](record_link::Store::link).
    LinkById { id: LinkId } -> Option<Link>, value("links"),
    |of| Statement::query("SELECT value FROM links WHERE connection = $1 AND id = $2")
        .with(of.connection.as_str())
        .with(of.id.to_string())
}

of_values! {
    /// [`Store::live_link`](record_link::Store::live_link).
    LiveLink { kind: Kind, which: Which, key: RecordKey } -> Option<Link>, value("links"),
    |of| Statement::query(match of.which {
        Which::Left => "SELECT value FROM links \
            WHERE connection = $1 AND kind = $2 AND left_key = $3 AND live = 1",
        Which::Right => "SELECT value FROM links \
            WHERE connection = $1 AND kind = $2 AND right_key = $3 AND live = 1",
    })
    .with(of.connection.as_str())
    .with(&*of.kind)
    .with(of.key.as_str())
}

of_values! {
    /// [`Store::intents`](record_link::Store::intents).
    Intents {} -> Vec<Intent>, values("intents"),
    |of| Statement::query("SELECT value FROM intents WHERE connection = $1 ORDER BY operation")
        .with(of.connection.as_str())
}

of_values! {
    /// [`Store::decisions`](record_link::Store::decisions).
    Decisions { kind: Kind } -> Vec<Decision>, values("decisions"),
    |of| Statement::query(
        "SELECT value FROM decisions WHERE connection = $1 AND kind = $2 ORDER BY id",
    )
    .with(of.connection.as_str())
    .with(&*of.kind)
}

of_values! {
    /// [`Store::deviation`](record_link::Store::deviation).
    DeviationById { id: DeviationId } -> Option<Deviation>, value("deviations"),
    |of| Statement::query("SELECT value FROM deviations WHERE connection = $1 AND id = $2")
        .with(of.connection.as_str())
        .with(of.id.to_string())
}

of_values! {
    /// [`Store::approvals`](record_link::Store::approvals).
    Approvals { kind: Kind } -> Vec<Approval>, values("approvals"),
    |of| Statement::query(
        "SELECT value FROM approvals WHERE connection = $1 AND kind = $2 ORDER BY digest",
    )
    .with(of.connection.as_str())
    .with(&*of.kind)
}

of_values! {
    /// [`Store::lease`](record_link::Store::lease).
    LeaseByName { name: String } -> Option<Lease>, value("leases"),
    |of| Statement::query("SELECT value FROM leases WHERE connection = $1 AND name = $2")
        .with(of.connection.as_str())
        // A name with NUL is not stored, and a name with its sign instead is another one.
        .with(if of.name.contains('\0') { "" } else { of.name.as_str() })
}

fn schedules(answers: Vec<Answer>, table: &str) -> Result<Vec<ScheduleState>, Failed> {
    let mut schedules: Vec<ScheduleState> = values(answers, table)?;
    // Here and not there: databases differ in how they order texts.
    schedules.sort_unstable_by(|one, other| one.kind.cmp(&other.kind));
    Ok(schedules)
}

of_values! {
    /// [`Store::schedules`](record_link::Store::schedules).
    Schedules {} -> Vec<ScheduleState>, schedules("schedules"),
    |of| Statement::query("SELECT value FROM schedules WHERE connection = $1")
        .with(of.connection.as_str())
}

/// [`Store::touched`](record_link::Store::touched).
#[derive(Debug, Clone)]
pub struct Touches {
    /// Of this connection.
    pub connection: ConnectionId,
    /// Of this kind.
    pub kind: Kind,
}

impl Question for Touches {
    type Answer = Vec<Touch>;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        let sql = "SELECT side, record_key, touched_at, times FROM touches \
                   WHERE connection = $1 AND kind = $2";
        let query = Statement::query(sql).with(self.connection.as_str());
        Ok(vec![query.with(&*self.kind)])
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        let touch = |row: &Row| {
            let which: Which = from_word(row.text(0)?, "touches.side")?;
            let key = RecordKey::new(row.text(1)?);
            let key = key.map_err(|_| Failed::damaged("touches.record_key"))?;
            let at = row.text(2)?.parse();
            let at = at.map_err(|_| Failed::damaged("touches.touched_at"))?;
            Ok(Touch::new(
                self.kind.clone(),
                which,
                key,
                at,
                count(row, 3)?,
            ))
        };
        let touches = rows(answers);
        let touches = touches.iter().map(touch);
        let mut touches = touches.collect::<Result<Vec<_>, Failed>>()?;
        touches
            .sort_unstable_by(|one, other| (one.which, &one.key).cmp(&(other.which, &other.key)));
        Ok(touches)
    }
}

/// [`Store::scopes`](record_link::Store::scopes).
#[derive(Debug, Clone)]
pub struct Scopes {
    /// Of this connection.
    pub connection: ConnectionId,
    /// Of this kind.
    pub kind: Kind,
}

impl Question for Scopes {
    type Answer = Sides<Option<Scope>>;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        let sql = "SELECT side, scope FROM scopes WHERE connection = $1 AND kind = $2";
        let query = Statement::query(sql).with(self.connection.as_str());
        Ok(vec![query.with(&*self.kind)])
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        let mut scopes = Sides::default();
        for row in rows(answers) {
            let which = Which::BOTH.into_iter();
            let which = which.filter(|which| row.text(0).is_ok_and(|side| side == which.as_str()));
            let scope = row.text(1)?.parse();
            let scope: Scope = scope.map_err(|_| Failed::damaged("scopes.scope"))?;
            for which in which {
                scopes[which] = Some(scope);
            }
        }
        Ok(scopes)
    }
}

pub(super) fn count(row: &Row, column: usize) -> Result<u64, Failed> {
    u64::try_from(row.integer(column)?).map_err(|_| Failed::damaged("a count below zero"))
}

/// The variant of an enum that serde writes as this word.
pub(super) fn from_word<T: DeserializeOwned>(word: &str, column: &str) -> Result<T, Failed> {
    let word = serde_json::Value::String(word.to_owned());
    serde_json::from_value(word).map_err(|_| Failed::damaged(column))
}
