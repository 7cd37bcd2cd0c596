//! Lists that come in pages.
//!
//! A page begins after the place of the last item of the page before: what changes meanwhile moves
//! nothing. Where several states are asked for, each is read on its own through the index that
//! begins with the state, in the order of the list, and the database merges them no further than a
//! page; one condition for all would have it read and sort every row of these states.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use record_link::{
    ConnectionId, Cursor, Deviation, DeviationId, DeviationQuery, EventQuery, Link, LinkId,
    LinkQuery, LinkStanding, LoggedEvent, Page, RunQuery, RunRecord,
};

use super::{Question, foreign_cursor, rows};
use crate::json::{asked_for, decode, word};
use crate::time::written;
use crate::{Answer, Failed, Row, SqlValue, Statement};

/// A statement that is put together: the text, and the parameters so far.
#[derive(Default)]
struct Composed {
    sql: String,
    parameters: Vec<SqlValue>,
}

impl Composed {
    /// Adds a parameter; its name in the text.
    fn parameter(&mut self, value: impl Into<SqlValue>) -> String {
        self.parameters.push(value.into());
        format!("${}", self.parameters.len())
    }

    /// The condition that a column is one of these; none if there are none.
    fn one_of(&mut self, column: &str, values: Vec<String>) -> String {
        if values.is_empty() {
            return String::new();
        }
        let values = values.into_iter().map(|value| self.parameter(value));
        let values: Vec<String> = values.collect();
        format!(" AND {column} IN ({})", values.join(", "))
    }

    fn statement(self) -> Statement {
        let mut statement = Statement::query(Cow::Owned(self.sql));
        statement.parameters = self.parameters;
        statement
    }
}

/// One more than the page holds, to see whether there is more.
fn one_more(limit: usize) -> i64 {
    i64::try_from(limit.max(1)).map_or(i64::MAX, |limit| limit.saturating_add(1))
}

/// The page, given one item more than it holds if there are more.
fn page<T>(mut items: Vec<T>, limit: usize, cursor: impl FnOnce(&T) -> Cursor) -> Page<T> {
    let limit = limit.max(1);
    if items.len() <= limit {
        return Page::new(items, None);
    }
    items.truncate(limit);
    let next = items.last().map(cursor);
    Page::new(items, next)
}

/// [`Store::links`](record_link::Store::links).
#[derive(Debug, Clone)]
pub struct Links {
    /// Of this connection.
    pub connection: ConnectionId,
    /// Which.
    pub query: LinkQuery,
}

/// All states that a link can be in.
const STANDINGS: [LinkStanding; 7] = [
    LinkStanding::Creating,
    LinkStanding::InDoubt,
    LinkStanding::Failed,
    LinkStanding::Linked,
    LinkStanding::Orphaned,
    LinkStanding::Unlinked,
    LinkStanding::Ended,
];

impl Question for Links {
    type Answer = Page<Link>;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        let query = &self.query;
        let after = query.after.as_ref().map(|cursor| cursor.as_str().parse());
        let after: Option<LinkId> = after.transpose().map_err(|_| foreign_cursor())?;

        let mut composed = Composed::default();
        let connection = composed.parameter(self.connection.as_str());
        let mut conditions = format!("connection = {connection}");
        if let Some(kind) = &query.kind {
            let kind = composed.parameter(&**kind);
            let _ = write!(conditions, " AND kind = {kind}");
        }
        if let Some(after) = after {
            let after = composed.parameter(after.to_string());
            let _ = write!(conditions, " AND id > {after}");
        }
        if let Some((which, key)) = &query.record {
            let key = composed.parameter(key.as_str());
            let _ = write!(conditions, " AND {}_key = {key}", which.as_str());
        }
        let limit = composed.parameter(one_more(query.limit));
        let mut states = query.standing.clone();
        states.sort_unstable();
        states.dedup();
        if states.is_empty() && query.kind.is_some() && query.record.is_none() {
            // The index for a kind begins with the state.
            states = STANDINGS.into();
        }
        composed.sql = if states.is_empty() || query.record.is_some() {
            // A record has few links, and an index of its own.
            let states = states.iter().map(|state| word(state, ""));
            let states = states.collect::<Result<Vec<_>, _>>()?;
            let states = composed.one_of("state", states);
            format!("SELECT value FROM links WHERE {conditions}{states} ORDER BY id LIMIT {limit}")
        } else {
            let mut parts = Vec::new();
            for state in states {
                let state = composed.parameter(word(&state, "")?);
                parts.push(format!(
                    "SELECT value, id FROM links WHERE {conditions} AND state = {state}"
                ));
            }
            format!("{} ORDER BY id LIMIT {limit}", parts.join(" UNION ALL "))
        };
        Ok(vec![composed.statement()])
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        let rows = rows(answers);
        let links = rows.iter().map(|row| decode(row, 0, "links"));
        let links = links.collect::<Result<Vec<Link>, _>>()?;
        let cursor = |link: &Link| Cursor::new(link.id.to_string());
        Ok(page(links, self.query.limit, cursor))
    }
}

/// [`Store::events`](record_link::Store::events).
#[derive(Debug, Clone)]
pub struct Events {
    /// Of this connection.
    pub connection: ConnectionId,
    /// Which.
    pub query: EventQuery,
}

impl Question for Events {
    type Answer = Page<LoggedEvent>;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        let query = &self.query;
        let after = query.after.as_ref().map(|cursor| cursor.as_str().parse());
        let after: Option<u64> = after.transpose().map_err(|_| foreign_cursor())?;
        let after = after.map(|after| i64::try_from(after).unwrap_or(i64::MAX));
        let mut statement = Statement::query(match query.link {
            None => {
                "SELECT place, value FROM events WHERE connection = $1 AND place > $2 \
                 ORDER BY place LIMIT $3"
            }
            Some(_) => {
                "SELECT place, value FROM events WHERE connection = $1 AND place > $2 \
                 AND link = $4 ORDER BY place LIMIT $3"
            }
        })
        .with(self.connection.as_str())
        .with(after.unwrap_or(0))
        .with(one_more(query.limit));
        if let Some(link) = query.link {
            statement = statement.with(link.to_string());
        }
        Ok(vec![statement])
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        let rows = rows(answers);
        let logged = |row: &Row| {
            let place = u64::try_from(row.integer(0)?);
            let place = place.map_err(|_| Failed::damaged("events.place"))?;
            Ok(LoggedEvent::new(place, decode(row, 1, "events")?))
        };
        let events = rows.iter().map(logged);
        let events = events.collect::<Result<Vec<LoggedEvent>, Failed>>()?;
        let cursor = |logged: &LoggedEvent| Cursor::new(logged.place.to_string());
        Ok(page(events, self.query.limit, cursor))
    }
}

/// [`Store::deviations`](record_link::Store::deviations).
#[derive(Debug, Clone)]
pub struct Deviations {
    /// Of this connection.
    pub connection: ConnectionId,
    /// Which.
    pub query: DeviationQuery,
}

/// Where something stands in a list that begins with the latest: the moment as it is written, and
/// the id.
fn latest(cursor: &Cursor) -> Result<(String, &str), Failed> {
    let (moment, id) = cursor.as_str().split_once(' ').ok_or_else(foreign_cursor)?;
    let moment: DateTime<Utc> = moment.parse().map_err(|_| foreign_cursor())?;
    if id.contains('\0') {
        return Err(foreign_cursor());
    }
    Ok((written(moment), id))
}

impl Question for Deviations {
    type Answer = Page<Deviation>;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        let about = self.query.about.iter().map(asked_for);
        let about = about.collect::<Result<BTreeSet<_>, _>>()?;
        let about: Vec<String> = about.into_iter().collect();
        if about.is_empty() {
            return Ok(vec![self.statement(Vec::new())?]);
        }
        let parts = about.chunks(SUBJECTS);
        parts.map(|part| self.statement(part.to_vec())).collect()
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        latest_first(
            answers,
            "deviations",
            self.query.limit,
            |one: &Deviation| one.id().to_string(),
        )
    }
}

/// As many subjects are asked for in one statement. (`SQLite` takes 32,766 parameters, `PostgreSQL`
/// 65,535.)
const SUBJECTS: usize = 512;

impl Deviations {
    /// Those about one of these, or about anything.
    fn statement(&self, mut about: Vec<String>) -> Result<Statement, Failed> {
        let query = &self.query;
        let mut composed = Composed::default();
        let connection = composed.parameter(self.connection.as_str());
        let mut conditions = format!("connection = {connection}");
        if let Some(class) = query.class {
            let class = composed.parameter(class.as_str());
            let _ = write!(conditions, " AND class = {class}");
        }
        if let Some(fingerprint) = query.fingerprint {
            let fingerprint = composed.parameter(fingerprint.to_string());
            let _ = write!(conditions, " AND fingerprint = {fingerprint}");
        }
        if let Some(cursor) = &query.after {
            let (moment, id) = latest(cursor)?;
            let id: DeviationId = id.parse().map_err(|_| foreign_cursor())?;
            let (moment, id) = (
                composed.parameter(moment),
                composed.parameter(id.to_string()),
            );
            // The first condition is the one that an index can begin at.
            let _ = write!(
                conditions,
                " AND last_seen <= {moment} AND (last_seen < {moment} OR id > {id})"
            );
        }
        let limit = composed.parameter(one_more(query.limit));
        let order = format!("ORDER BY last_seen DESC, id LIMIT {limit}");
        let mut states: Vec<&str> = query.states.iter().map(|state| state.as_str()).collect();
        states.sort_unstable();
        states.dedup();
        if !about.is_empty() || query.fingerprint.is_some() {
            // These have indexes of their own, and find few.
            let states = states.into_iter().map(str::to_owned).collect();
            let states = composed.one_of("state", states);
            // Few different texts: a driver keeps them prepared.
            let last = about.last().cloned().unwrap_or_default();
            about.resize(about.len().next_power_of_two().min(about.len() * 2), last);
            let about = composed.one_of("subject", about);
            composed.sql = format!(
                "SELECT last_seen, value, id FROM deviations \
                 WHERE {conditions}{states}{about} {order}"
            );
            return Ok(composed.statement());
        }
        if states.is_empty() {
            states = vec!["open", "reprocessing", "resolved", "ignored"];
        }
        let mut parts = Vec::new();
        for state in states {
            let state = composed.parameter(state);
            parts.push(format!(
                "SELECT last_seen, value, id FROM deviations WHERE {conditions} \
                 AND state = {state}"
            ));
        }
        composed.sql = format!("{} {order}", parts.join(" UNION ALL "));
        Ok(composed.statement())
    }
}

/// [`Store::runs`](record_link::Store::runs).
#[derive(Debug, Clone)]
pub struct Runs {
    /// Of this connection.
    pub connection: ConnectionId,
    /// Which.
    pub query: RunQuery,
}

impl Question for Runs {
    type Answer = Page<RunRecord>;

    fn statements(&self) -> Result<Vec<Statement>, Failed> {
        let query = &self.query;
        let mut composed = Composed::default();
        let connection = composed.parameter(self.connection.as_str());
        let mut conditions = format!("connection = {connection}");
        if let Some(kind) = &query.kind {
            let kind = composed.parameter(&**kind);
            let _ = write!(conditions, " AND kind = {kind}");
        }
        if query.is_running {
            conditions.push_str(" AND finished_at IS NULL");
        }
        if let Some(cursor) = &query.after {
            let (moment, id) = latest(cursor)?;
            let (moment, id) = (composed.parameter(moment), composed.parameter(id));
            let _ = write!(
                conditions,
                " AND started_at <= {moment} AND (started_at < {moment} OR id > {id})"
            );
        }
        let limit = composed.parameter(one_more(query.limit));
        composed.sql = format!(
            "SELECT started_at, value FROM runs WHERE {conditions} \
             ORDER BY started_at DESC, id LIMIT {limit}"
        );
        Ok(vec![composed.statement()])
    }

    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed> {
        latest_first(answers, "runs", self.query.limit, |run: &RunRecord| {
            run.id.clone()
        })
    }
}

/// A page of rows that are a moment, a value, and an id if they come from several statements, each
/// of which has the latest first.
fn latest_first<T: serde::de::DeserializeOwned>(
    answers: Vec<Answer>,
    table: &str,
    limit: usize,
    id: impl FnOnce(&T) -> String,
) -> Result<Page<T>, Failed> {
    let is_merged = answers.len() > 1;
    let mut rows = rows(answers);
    if is_merged {
        let ordered_by =
            |row: &Row| Ok((Reverse(row.text(0)?.to_owned()), row.text(2)?.to_owned()));
        let keys = rows.iter().map(ordered_by);
        let keys = keys.collect::<Result<Vec<_>, Failed>>()?;
        let mut merged: Vec<_> = keys.into_iter().zip(rows).collect();
        merged.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        merged.truncate(limit.max(1).saturating_add(1));
        rows = merged.into_iter().map(|(_, row)| row).collect();
    }
    let found = |row: &Row| Ok((row.text(0)?.to_owned(), decode(row, 1, table)?));
    let found = rows.iter().map(found);
    let found = found.collect::<Result<Vec<(String, T)>, Failed>>()?;
    let cursor = |(moment, one): &(String, T)| Cursor::new(format!("{moment} {}", id(one)));
    let page = page(found, limit, cursor);
    let items = page.items.into_iter().map(|(_, one)| one).collect();
    Ok(Page::new(items, page.next))
}
