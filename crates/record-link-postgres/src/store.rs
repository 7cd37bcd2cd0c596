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
