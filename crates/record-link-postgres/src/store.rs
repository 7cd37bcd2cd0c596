//! The store itself.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use deadpool_postgres::Pool;
use record_link::{Batch, BoxFuture, StoreError, StoreErrorKind};
use record_link_sql::{Database, Failed, Question, schema};
use secrecy::SecretString;
use tokio::runtime::Handle;

use crate::PostgresBuilder;
use crate::error;
use crate::group::{Committer, Groups, Outcome};
use crate::transaction::{Access, Beginnings, Open};

/// A store in a schema of a `PostgreSQL` database.
///
/// Clones share its connections. Opened by [`PostgresStore::builder`].
///
/// - A commit that another one [stood in the way of](record_link_sql::Failed::was_in_the_way) is
///   repeated, for as long as one statement may take; after that it is
///   [`Unavailable`](StoreErrorKind::Unavailable), and nothing was written.
/// - If the connection breaks while the server commits, the outcome is
///   [unknown](StoreErrorKind::OutcomeUnknown); if it breaks before, the store is `Unavailable`.
/// - No error tells a password or a value of a row.
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared>,
    groups: Arc<Groups>,
    runtime: Handle,
}

struct Shared {
    pool: Pool,
    schema: String,
    beginnings: Beginnings,
    /// How long to begin anew.
    patience: Duration,
}

impl PostgresStore {
    /// A store in the database at a URL: `postgres://user:password@host:port/database`, or
    /// `host=… user=…`, as for `psql`. Nothing is done before
    /// [`open`](PostgresBuilder::open).
    pub fn builder(url: impl Into<SecretString>) -> PostgresBuilder {
        PostgresBuilder::new(url.into())
    }

    pub(crate) async fn open(
        pool: Pool,
        schema: String,
        statement_timeout: Duration,
    ) -> Result<Self, StoreError> {
        let runtime = Handle::try_current().map_err(|_| {
            let invalid = StoreError::new(StoreErrorKind::Invalid);
            invalid.with_detail("a store is opened inside a Tokio runtime, and there is none")
        })?;
        let shared = Shared {
            pool,
            beginnings: Beginnings::new(&schema, statement_timeout),
            schema,
            patience: statement_timeout,
        };
        shared.migrate().await?;
        Ok(Self {
            shared: Arc::new(shared),
            groups: Arc::default(),
            runtime,
        })
    }

    /// The name of its schema.
    pub fn schema(&self) -> &str {
        &self.shared.schema
    }
}

impl fmt::Debug for PostgresStore {
    /// Hides where it is, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("schema", &self.shared.schema)
            .finish_non_exhaustive()
    }
}

/// What follows when a transaction failed.
enum Next {
    Again,
    End(Failed),
}

/// How often and how long it was tried.
struct Tries {
    begun: Instant,
    patience: Duration,
    number: u32,
}

impl Tries {
    fn new(patience: Duration) -> Self {
        let begun = Instant::now();
        Self {
            begun,
            patience,
            number: 0,
        }
    }

    /// Waits a little if it is worth another try: at first almost nothing, then up to 50 ms, by
    /// chance, so that two who met do not meet again.
    async fn after(&mut self, failed: Failed) -> Next {
        if !failed.was_in_the_way() || self.begun.elapsed() >= self.patience {
            return Next::End(failed);
        }
        let longest = 1_000_u64 << self.number.min(6); // microseconds
        let chance = RandomState::new().hash_one(self.number) % longest.min(50_000);
        tokio::time::sleep(Duration::from_micros(chance)).await;
        self.number += 1;
        Next::Again
    }
}

impl Shared {
    async fn begin(&self, access: Access) -> Result<Open<'_>, Failed> {
        Open::new(&self.pool, &self.beginnings, access).await
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let mut tries = Tries::new(self.patience);
        loop {
            match self.try_to_migrate().await {
                Ok(()) => return Ok(()),
                Err(failed) => match tries.after(failed).await {
                    Next::Again => {}
                    Next::End(failed) => return Err(failed.into()),
                },
            }
        }
    }

    /// Makes the schema, if it is not there, and the tables in it.
    async fn try_to_migrate(&self) -> Result<(), Failed> {
        {
            let connection = self.pool.get().await;
            let connection = connection.map_err(|error| error::of_pool(&error))?;
            let there = "SELECT 1 FROM information_schema.schemata \
                         WHERE schema_name = CAST($1 AS TEXT)";
            let found = connection.query_opt(there, &[&self.schema]).await;
            // Only made if it is missing: whoever may use it need not be allowed to make one.
            if found
                .map_err(|error| error::of_statement(&error))?
                .is_none()
            {
                let make = format!("CREATE SCHEMA IF NOT EXISTS \"{}\"", self.schema);
                let made = connection.batch_execute(&make).await;
                made.map_err(|error| error::of_statement(&error))?;
            }
        }
        let mut transaction = self.begin(Access::Migrate).await?;
        match schema::migrate(&mut transaction, Utc::now()).await {
            Ok(()) => transaction.commit().await,
            Err(failed) => {
                transaction.roll_back().await;
                Err(failed)
            }
        }
    }

    /// Commits batches in one transaction; what came of each, or why none of them was committed.
    async fn try_group(&self, batches: &[Batch]) -> Result<Vec<Outcome>, Failed> {
        let access = match batches {
            [_] => Access::Write,
            _ => Access::WriteMany,
        };
        let mut transaction = self.begin(access).await?;
        let mut outcomes = Vec::with_capacity(batches.len());
        for batch in batches {
            if outcomes.last().is_some_and(Result::is_ok) {
                transaction.keep();
            }
            match record_link_sql::commit(&mut transaction, batch).await {
                Ok(()) => outcomes.push(Ok(())),
                // What is stored stands against this one; the others go on.
                Err(refused) if refused.kind().is_none() => {
                    outcomes.push(Err(refused.into()));
                    if batches.len() > 1 {
                        transaction.undo();
                    }
                }
                Err(failed) => {
                    transaction.roll_back().await;
                    return Err(failed);
                }
            }
        }
        if outcomes.iter().any(Result::is_ok) {
            transaction.commit().await?;
        } else {
            transaction.roll_back().await;
        }
        Ok(outcomes)
    }

    /// Commits batches, and begins anew as long as others are in the way.
    async fn group(&self, batches: &[Batch]) -> Vec<Outcome> {
        let mut tries = Tries::new(self.patience);
        loop {
            let failed = match self.try_group(batches).await {
                Ok(outcomes) => return outcomes,
                Err(failed) => failed,
            };
            match tries.after(failed).await {
                Next::Again => {}
                Next::End(failed) => return self.told(batches, failed).await,
            }
        }
    }

    /// The error for each, if none of them was committed.
    async fn told(&self, batches: &[Batch], failed: Failed) -> Vec<Outcome> {
        let error = StoreError::from(failed);
        let kind = error.kind();
        let is_of_one = !matches!(
            kind,
            StoreErrorKind::Unavailable | StoreErrorKind::OutcomeUnknown
        );
        if batches.len() > 1 && is_of_one {
            // One that the database does not take is no reason to refuse the others.
            let mut outcomes = Vec::with_capacity(batches.len());
            for batch in batches {
                let alone = Box::pin(self.group(std::slice::from_ref(batch)));
                outcomes.extend(alone.await);
            }
            return outcomes;
        }
        let text = error.to_string();
        let others = (1..batches.len()).map(|_| {
            let other = StoreError::new(kind);
            Err(other.with_detail(text.clone()))
        });
        let others: Vec<Outcome> = others.collect();
        std::iter::once(Err(error)).chain(others).collect()
    }

    async fn ask<Q: Question>(&self, question: Q) -> Result<Q::Answer, StoreError> {
        let mut transaction = self.begin(Access::Read).await?;
        let answer = record_link_sql::ask(&mut transaction, &question).await;
        transaction.roll_back().await;
        Ok(answer?)
    }
}

impl Committer for Shared {
    fn commit_group(&self, batches: Vec<Batch>) -> BoxFuture<'_, Vec<Outcome>> {
        Box::pin(async move { self.group(&batches).await })
    }
}

impl Database for PostgresStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let (groups, runtime) = (&self.groups, &self.runtime);
            groups.commit(runtime, &self.shared, batch).await
        })
    }

    fn ask<Q: Question>(&self, question: Q) -> BoxFuture<'_, Result<Q::Answer, StoreError>> {
        Box::pin(async move { self.shared.ask(question).await })
    }
}

record_link_sql::store!(PostgresStore);

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use record_link::{ConnectionId, Lease, Store};
    use record_link_sql::{DriverErrorKind, SqlValue, Statement, Transaction};

    use super::*;

    async fn opened(
        test: &str,
        timeout: Duration,
    ) -> Option<(throw_away_postgres::Schema, PostgresStore)> {
        let schema = throw_away_postgres::schema(test)?;
        let builder = PostgresStore::builder(schema.url()).schema(schema.name());
        let store = builder.statement_timeout(timeout).open().await.unwrap();
        Some((schema, store))
    }

    fn taking(connection: &ConnectionId) -> Batch {
        let (now, minute) = (chrono::DateTime::UNIX_EPOCH, Duration::from_secs(60));
        Lease::take(connection, None, "sync", "worker", now, minute)
            .unwrap()
            .1
    }

    fn place(connection: &ConnectionId) -> Vec<Statement> {
        let sql = "INSERT INTO connections (connection, events) VALUES ($1, 1)";
        vec![Statement::execute(sql).with(connection.as_str())]
    }

    /// A process that is stopped in the middle of a commit holds the row of its connection.
    #[tokio::test]
    async fn a_commit_whose_process_is_paused_is_rolled_back_and_does_not_stop_the_others() {
        let second = Duration::from_secs(1);
        let Some((_schema, store)) = opened("a paused commit", second).await else {
            return;
        };
        let connection = ConnectionId::new("one").unwrap();
        let mut paused = store.shared.begin(Access::Write).await.unwrap();
        paused.run(&place(&connection)).await.unwrap();
        // The first try waits as long as a statement may take; the next ones find the way free.
        let commit = async {
            loop {
                match store.commit(taking(&connection)).await {
                    Err(error) if error.is_retryable() => {}
                    result => return result,
                }
            }
        };
        tokio::time::timeout(30 * second, commit)
            .await
            .unwrap()
            .unwrap();
        // The paused one wakes up, and its commit is none.
        let failed = match paused.run(&place(&connection)).await {
            Ok(_) => paused.commit().await.unwrap_err(),
            Err(failed) => failed,
        };
        let kind = failed.kind().unwrap();
        assert!(kind == DriverErrorKind::Unavailable, "{kind:?}: {failed}");
    }

    #[tokio::test]
    async fn a_transaction_that_is_dropped_leaves_nothing_and_no_connection_in_the_middle() {
        let Some((_schema, store)) = opened("dropped", Duration::from_secs(5)).await else {
            return;
        };
        let connection = ConnectionId::new("one").unwrap();
        let before = store.shared.pool.status().size;
        {
            let mut dropped = store.shared.begin(Access::Write).await.unwrap();
            dropped.run(&place(&connection)).await.unwrap();
        }
        assert!(store.shared.pool.status().size < before.max(1) || before == 0);
        assert!(store.connections().await.unwrap().is_empty());
        store.commit(taking(&connection)).await.unwrap();
    }

    #[tokio::test]
    async fn of_statements_that_are_sent_together_the_first_that_fails_is_told() {
        let Some((_schema, store)) = opened("pipeline", Duration::from_secs(5)).await else {
            return;
        };
        let mut open = store.shared.begin(Access::Write).await.unwrap();
        let number = |number: i64| Statement::query("SELECT CAST($1 AS BIGINT)").with(number);
        let answers = open.run(&[number(1), number(2), number(3)]).await.unwrap();
        let numbers: Vec<_> = answers
            .iter()
            .map(|one| one.rows[0].integer(0).unwrap())
            .collect();
        assert_eq!(numbers, [1, 2, 3]);
        let nothing = Statement::query("SELECT CAST($1 AS TEXT)").with(SqlValue::Null);
        let answers = open.run(&[nothing]).await.unwrap();
        assert_eq!(answers[0].rows[0].optional_text(0).unwrap(), None);
        // The second divides by nothing; the third fails since the transaction has.
        let divided = Statement::query("SELECT 1 / CAST($1 AS BIGINT)").with(0);
        let failed = open
            .run(&[number(1), divided, number(3)])
            .await
            .unwrap_err();
        assert!(failed.to_string().contains("22012"), "{failed}");
        open.roll_back().await;
        assert!(store.connections().await.unwrap().is_empty());
    }

    /// From every version that there ever was, and from nothing.
    #[tokio::test]
    async fn tables_of_every_earlier_version_are_brought_up_to_date() {
        for version in 0..=schema::MIGRATIONS.len() {
            let Some(own) = throw_away_postgres::schema("earlier versions") else {
                return;
            };
            let builder = PostgresStore::builder(own.url()).schema(own.name());
            // An own one first, whose tables are thrown away.
            let first = builder.clone().open().await.unwrap();
            let client = first.shared.pool.get().await.unwrap();
            let name = own.name();
            let empty = format!("DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}");
            client.batch_execute(&empty).await.unwrap();
            drop(client);
            let mut open = first.shared.begin(Access::Migrate).await.unwrap();
            let migrations = &schema::MIGRATIONS[..version];
            schema::migrate_with(&mut open, Utc::now(), migrations)
                .await
                .unwrap();
            open.commit().await.unwrap();

            let store = builder.open().await.unwrap();
            let mut open = store.shared.begin(Access::Read).await.unwrap();
            assert_eq!(schema::version(&mut open).await.unwrap(), schema::VERSION);
            open.roll_back().await;
            let report = record_link::testing::check_store(&store, "one").await;
            report.into_result().unwrap();
        }
    }
}
