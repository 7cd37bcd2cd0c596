//! One transaction on one connection of the pool.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use deadpool_postgres::{Object, Pool};
use record_link::BoxFuture;
use record_link_sql::{Answer, DriverErrorKind, Failed, Row, SqlValue, Statement, Transaction};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reading the state of one moment.
    Read,
    /// Reading and writing what belongs to one connection, as if nobody else was there.
    Write,
    /// The same for several that can be [undone](Open::undo) one by one.
    WriteMany,
    /// Making tables.
    Migrate,
}

/// How a transaction begins.
///
/// One that writes is `READ COMMITTED`, and that is enough: it first writes the row of its
/// connection, where everybody else who commits for this connection waits for it, and all that it
/// reads afterwards belongs to the connection. So commits of one connection follow one another, and
/// those of others do not meet. `SERIALIZABLE` adds nothing to that but failures: it remembers
/// whole pages of indexes, and in tables that have few, everybody stands in everybody's way.
#[derive(Debug)]
pub(crate) struct Beginnings {
    schema: String,
    read: String,
    write: String,
    write_many: String,
    migrate: String,
}

/// How long a transaction may wait for its own process: one that is paused must not keep the others
/// from their work.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl Beginnings {
    /// All in one text, so that it takes no round trip of its own; for this transaction only, so
    /// that a pooler between us and the server may hand the connection to others after it.
    pub(crate) fn new(schema: &str, statement_timeout: Duration) -> Self {
        let milliseconds = |time: Duration| time.as_millis().clamp(1, 2_147_483_647);
        let settings = format!(
            "SET LOCAL search_path TO \"{schema}\"; SET LOCAL statement_timeout = {}; \
             SET LOCAL idle_in_transaction_session_timeout = {}",
            milliseconds(statement_timeout),
            milliseconds(LONGEST_PAUSE.min(statement_timeout)),
        );
        let write = format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {settings}");
        Self {
            schema: schema.to_owned(),
            read: format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {settings}"),
            write_many: format!("{write}; SAVEPOINT batch"),
            write,
            migrate: format!("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE; {settings}"),
        }
    }
}

const KEEP: &str = "RELEASE SAVEPOINT batch; SAVEPOINT batch";
const UNDO: &str = "ROLLBACK TO SAVEPOINT batch";
const UNDO_AND_COMMIT: &str = "ROLLBACK TO SAVEPOINT batch; COMMIT";

/// A transaction that is open, or will be with its first statement.
///
/// One that is dropped in the middle takes its connection with it, and the server rolls back.
pub(crate) struct Open<'a> {
    /// There until it is finished.
    connection: Option<Object>,
    beginnings: &'a Beginnings,
    /// What goes before the next statement, in the same round trip.
    before: Option<&'a str>,
    has_begun: bool,
    makes_tables: bool,
}

impl<'a> Open<'a> {
    pub(crate) async fn new(
        pool: &Pool,
        beginnings: &'a Beginnings,
        access: Access,
    ) -> Result<Self, Failed> {
        let connection = pool.get().await.map_err(|error| error::of_pool(&error))?;
        let before = match access {
            Access::Read => &beginnings.read,
            Access::Write => &beginnings.write,
            Access::WriteMany => &beginnings.write_many,
            Access::Migrate => &beginnings.migrate,
        };
        Ok(Self {
            connection: Some(connection),
            beginnings,
            before: Some(before),
            has_begun: false,
            makes_tables: access == Access::Migrate,
        })
    }

    /// Of those that write many: what was done since the last point stays, and a new point begins.
    pub(crate) fn keep(&mut self) {
        // What is still to be undone, or to begin, goes before.
        if self.before.is_none() {
            self.before = Some(KEEP);
        }
    }

    /// Of those that write many: what was done since the last point is undone.
    pub(crate) fn undo(&mut self) {
        if self.has_begun {
            self.before = Some(UNDO);
        }
    }

    /// Commits.
    pub(crate) async fn commit(mut self) -> Result<(), Failed> {
        let Some(connection) = self.connection.take().filter(|_| self.has_begun) else {
            return Ok(());
        };
        let commit = match self.before {
            Some(UNDO) => UNDO_AND_COMMIT,
            _ => "COMMIT",
        };
        let committed = connection.batch_execute(commit).await;
        committed.map_err(|error| {
            drop(Object::take(connection));
            error::of_commit(&error)
        })
    }

    /// Ends it without a change. Nobody waits for the answer: whoever uses the connection next
    /// stands in line behind it.
    pub(crate) async fn roll_back(mut self) {
        let Some(connection) = self.connection.take().filter(|_| self.has_begun) else {
            return;
        };
        let mut rolled_back = pin!(connection.batch_execute("ROLLBACK"));
        // Polled once, it is sent. If the connection is closed, the pool notices.
        poll_fn(|context| {
            let _ = rolled_back.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
    }

    async fn all(&mut self, statements: &[Statement]) -> Result<Vec<Answer>, Failed> {
        let before = self.before.take();
        let connection = self.connection.as_ref().ok_or_else(closed)?;
        self.has_begun = true;
        // Both at once: on the wire it goes before, and its answer is not waited for.
        let begin = async {
            match before {
                Some(text) => connection.batch_execute(text).await,
                None => Ok(()),
            }
        };
        let (prefix, answers) = join(begin, ask(connection, statements)).await;
        // If it did not begin, what the statements say is of no interest.
        prefix.map_err(|error| error::of_statement(&error))?;
        answers
    }
}

fn closed() -> Failed {
    Failed::driver(DriverErrorKind::Unavailable).with_detail("the transaction is over")
}

/// Sends all statements, then reads the answers.
async fn ask(connection: &Object, statements: &[Statement]) -> Result<Vec<Answer>, Failed> {
    let mut asked: Vec<BoxFuture<'_, _>> = Vec::with_capacity(statements.len());
    for statement in statements {
        // Those that are known need no round trip. In the others, names stand for tables of our
        // schema, since the transaction has begun.
        let prepared = connection.prepare_cached(&statement.sql).await;
        let prepared = prepared.map_err(|error| error::of_statement(&error))?;
        asked.push(Box::pin(answer(connection, prepared, statement)));
    }
    in_order(asked).await.into_iter().collect()
}

async fn answer(
    connection: &Object,
    prepared: tokio_postgres::Statement,
    statement: &Statement,
) -> Result<Answer, Failed> {
    let parameters: Vec<Parameter<'_>> = statement.parameters.iter().map(Parameter).collect();
    let parameters: Vec<&(dyn ToSql + Sync)> = parameters
        .iter()
        .map(|one| one as &(dyn ToSql + Sync))
        .collect();
    let result = if statement.gives_rows {
        let rows = connection.query(&prepared, &parameters).await;
        rows.map(|rows| {
            rows.iter()
                .map(row)
                .collect::<Result<_, _>>()
                .map(Answer::rows)
        })
    } else {
        let changed = connection.execute(&prepared, &parameters).await;
        changed.map(|changed| Ok(Answer::changed(changed)))
    };
    result.map_err(|error| error::of_statement(&error))?
}

fn row(row: &tokio_postgres::Row) -> Result<Row, Failed> {
    let value = |(at, column): (usize, &tokio_postgres::Column)| {
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(at).map(SqlValue::from),
            // What some engines call a `BIGINT` or a count is an `INT4` to others.
            Type::INT4 => row
                .try_get::<_, Option<i32>>(at)
                .map(|number| SqlValue::from(number.map(i64::from))),
            _ => row.try_get::<_, Option<String>>(at).map(SqlValue::from),
        };
        value.map_err(|_| {
            let detail = format!("column {} is neither text nor number", column.name());
            Failed::driver(DriverErrorKind::Damaged).with_detail(detail)
        })
    };
    let values = row.columns().iter().enumerate().map(value);
    Ok(Row::new(values.collect::<Result<_, _>>()?))
}

/// A parameter, of whatever type the statement wants.
#[derive(Debug)]
struct Parameter<'a>(&'a SqlValue);

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self.0 {
            SqlValue::Integer(number) if *ty == Type::INT4 => {
                i32::try_from(*number)?.to_sql(ty, out)
            }
            SqlValue::Integer(number) => number.to_sql(ty, out),
            SqlValue::Text(text) => text.to_sql(ty, out),
            _ => Ok(IsNull::Yes),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [
            Type::INT8,
            Type::INT4,
            Type::TEXT,
            Type::VARCHAR,
            Type::UNKNOWN,
        ]
        .contains(ty)
    }

    to_sql_checked!();
}

/// Both at once; whenever they are polled, the first is polled first.
async fn join<A: Send, B: Send>(
    first: impl Future<Output = A> + Send,
    second: impl Future<Output = B> + Send,
) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut one, mut two) = (None, None);
    poll_fn(|context| {
        poll_into(&mut one, first.as_mut(), context);
        poll_into(&mut two, second.as_mut(), context);
        match (one.take(), two.take()) {
            (Some(one), Some(two)) => Poll::Ready((one, two)),
            (waiting, other) => {
                (one, two) = (waiting, other);
                Poll::Pending
            }
        }
    })
    .await
}

/// All at once; whenever they are polled, in this order. What the driver is first polled with, it
/// sends first.
async fn in_order<T>(futures: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(|future| (future, None)).collect();
    poll_fn(|context| {
        for (future, output) in &mut futures {
            poll_into(output, future.as_mut(), context);
        }
        if futures.iter().all(|(_, output)| output.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    futures
        .into_iter()
        .filter_map(|(_, output)| output)
        .collect()
}

fn poll_into<T>(
    output: &mut Option<T>,
    future: Pin<&mut (impl Future<Output = T> + ?Sized)>,
    context: &mut Context<'_>,
) {
    if output.is_none()
        && let Poll::Ready(ready) = future.poll(context)
    {
        *output = Some(ready);
    }
}

/// Texts sort by their bytes in our tables, as they do in memory and in other databases: the order
/// of a database is that of a language, if its administrator chose one.
fn sorted_by_bytes(statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    if statement.sql.starts_with("CREATE TABLE") {
        statement.sql = statement.sql.replace(" TEXT", " TEXT COLLATE \"C\"").into();
    }
    statement
}

impl Transaction for Open<'_> {
    fn run<'a>(
        &'a mut self,
        statements: &'a [Statement],
    ) -> BoxFuture<'a, Result<Vec<Answer>, Failed>> {
        Box::pin(async move {
            if !self.makes_tables {
                return self.all(statements).await;
            }
            let statements: Vec<_> = statements.iter().map(sorted_by_bytes).collect();
            self.all(&statements).await
        })
    }

    fn has_table<'a>(&'a mut self, name: &'a str) -> BoxFuture<'a, Result<bool, Failed>> {
        Box::pin(async move {
            let statement = Statement::query(
                "SELECT count(*) FROM information_schema.tables \
                 WHERE table_schema = CAST($1 AS TEXT) AND table_name = CAST($2 AS TEXT)",
            );
            let schema = self.beginnings.schema.clone();
            let answers = self.all(&[statement.with(schema).with(name)]).await?;
            let row = answers.first().and_then(|answer| answer.rows.first());
            Ok(row.map(|row| row.integer(0)).transpose()?.unwrap_or(0) > 0)
        })
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.has_begun) {
            // In the middle of something: nobody else may have it.
            drop(Object::take(connection));
        }
    }
}
