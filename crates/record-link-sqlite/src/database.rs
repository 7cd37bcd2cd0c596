//! A connection to the file: how it is set up, and the statements of the interpreter in it.

use std::path::Path;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use record_link::BoxFuture;
use record_link_sql::{
    Answer, DriverErrorKind, Failed, Question, Row, SqlValue, Statement, Transaction, ask,
};
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, OpenFlags};

use crate::error::Place;

/// More than there are different statements.
const STATEMENTS: usize = 200;

/// A connection to the file.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) connection: Connection,
    pub(crate) place: Place,
}

impl Database {
    /// Opens a file that is there.
    pub(crate) fn open(
        path: &Path,
        place: &Place,
        is_writer: bool,
        patience: Duration,
    ) -> Result<Self, Failed> {
        // Not as a URI, in which some characters of a path would mean something.
        let flags = if is_writer {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        } else {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        };
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags);
        Self::set_up(connection, place, patience)
    }

    pub(crate) fn in_memory(place: &Place) -> Result<Self, Failed> {
        Self::set_up(Connection::open_in_memory(), place, Duration::ZERO)
    }

    fn set_up(
        connection: rusqlite::Result<Connection>,
        place: &Place,
        patience: Duration,
    ) -> Result<Self, Failed> {
        let connection = connection.map_err(|error| place.sqlite(error))?;
        let place = place.clone();
        let database = Self { connection, place };
        let connection = &database.connection;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let set = connection.busy_timeout(patience);
        set.map_err(|error| database.place.sqlite(error))?;
        // A file from elsewhere must not make us run functions of its own.
        database.execute("PRAGMA trusted_schema = OFF")?;
        Ok(database)
    }

    /// Runs statements without parameters.
    pub(crate) fn execute(&self, sql: &str) -> Result<(), Failed> {
        let done = self.connection.execute_batch(sql);
        done.map_err(|error| self.place.sqlite(error))
    }

    /// The texts in the first column of what a statement answers.
    pub(crate) fn texts(&self, sql: &str) -> Result<Vec<String>, Failed> {
        let texts = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| row.get_ref(0).map(text_of))?;
            rows.collect()
        };
        texts().map_err(|error| self.place.sqlite(error))
    }

    /// Asks a question in one read transaction.
    pub(crate) fn ask<Q: Question>(&mut self, question: &Q) -> Result<Q::Answer, Failed> {
        self.execute("BEGIN")?;
        let answer = now(ask(self, question)).and_then(|answer| answer);
        // Nothing was written, so it does not matter how it ends.
        let ended = self.execute("ROLLBACK");
        let answer = answer.map_err(|error| error.of(self.place.as_str()))?;
        ended.map(|()| answer)
    }

    fn run_now(&mut self, statements: &[Statement]) -> Result<Vec<Answer>, Failed> {
        let answers = statements.iter().map(|statement| self.answer(statement));
        answers
            .collect::<rusqlite::Result<_>>()
            .map_err(|error| self.place.sqlite(error))
    }

    fn answer(&self, statement: &Statement) -> rusqlite::Result<Answer> {
        // SQLite takes `$1` for a name, and numbers names as they come.
        let sql = statement.sql.replace('$', "?");
        let mut prepared = self.connection.prepare_cached(&sql)?;
        for (value, place) in statement.parameters.iter().zip(1..) {
            match value {
                SqlValue::Integer(number) => prepared.raw_bind_parameter(place, number)?,
                SqlValue::Text(text) => prepared.raw_bind_parameter(place, text)?,
                _ => prepared.raw_bind_parameter(place, rusqlite::types::Null)?,
            }
        }
        if statement.gives_rows {
            rows(&mut prepared)
        } else {
            let changed = prepared.raw_execute()?;
            Ok(Answer::changed(u64::try_from(changed).unwrap_or(u64::MAX)))
        }
    }
}

fn rows(prepared: &mut CachedStatement<'_>) -> rusqlite::Result<Answer> {
    let columns = prepared.column_count();
    let mut found = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|column| {
            Ok(match row.get_ref(column)? {
                ValueRef::Null => SqlValue::Null,
                ValueRef::Integer(number) => SqlValue::Integer(number),
                other => SqlValue::Text(text_of(other)),
            })
        });
        found.push(Row::new(values.collect::<rusqlite::Result<_>>()?));
    }
    Ok(Answer::rows(found))
}

/// A text; of what is none, nothing, which no reader of it takes for a value.
fn text_of(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}

impl Transaction for Database {
    fn run<'a>(
        &'a mut self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Answer>, Failed>> {
        Box::pin(std::future::ready(self.run_now(statements)))
    }

    fn has_table<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool, Failed>> {
        let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1";
        let answers = self.run_now(&[Statement::query(sql).with(name)]);
        let has = answers.map(|answers| answers.iter().any(|answer| !answer.rows.is_empty()));
        Box::pin(std::future::ready(has))
    }
}

/// What a future gives that never has to wait: all of this crate's statements are carried out when
/// they are asked for.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> Result<T, Failed> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => Err(Failed::driver(DriverErrorKind::Unavailable)
            .with_detail("a statement waits, which none does")),
    }
}
