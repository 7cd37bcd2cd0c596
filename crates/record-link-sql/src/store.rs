//! From the questions and batches of a store to its database.

use record_link::{Batch, BoxFuture, StoreError};

use crate::Question;

/// A database that has transactions: what a store implements to become one.
///
/// With it, [`store!`](crate::store!) writes the implementation of
/// [`Store`](record_link::Store).
pub trait Database: std::fmt::Debug + Send + Sync {
    /// Begins a transaction, carries out the batch in it with [`commit`](crate::commit), and
    /// commits it; or rolls it back, and begins anew if another one
    /// [was in the way](crate::Failed::was_in_the_way).
    ///
    /// # Errors
    /// As [`Store::commit`](record_link::Store::commit).
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Asks a question in a transaction that sees the state of one moment.
    ///
    /// # Errors
    /// If the database cannot be read.
    fn ask<Q: Question>(&self, question: Q) -> BoxFuture<'_, Result<Q::Answer, StoreError>>;
}

/// Implements [`Store`](record_link::Store) for a type that is a [`Database`](crate::Database).
///
/// A macro, since a store is a type of its own crate, and `Store` is a trait of another.
#[macro_export]
macro_rules! store {
    ($type:ty) => {
        const _: () = {
            use ::record_link::{
                Approval, Batch, BoxFuture, ConnectionId, Decision, Deviation, DeviationId,
                DeviationQuery, EventQuery, Intent, Lease, Link, LinkId, LinkQuery, LoggedEvent,
                Page, RecordKey, RunQuery, RunRecord, ScheduleState, Scope, Sides, StoreError,
                Summary, Touch, Which,
            };
            use $crate::__private::Kind;
            use $crate::{Database, questions as ask};

            type Answered<'a, T> = BoxFuture<'a, ::core::result::Result<T, StoreError>>;

            impl ::record_link::Store for $type {
                fn commit(&self, batch: Batch) -> Answered<'_, ()> {
                    Database::write(self, batch)
                }

                fn connections(&self) -> Answered<'_, Vec<ConnectionId>> {
                    Database::ask(self, ask::Connections)
                }

                fn link<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    id: LinkId,
                ) -> Answered<'a, Option<Link>> {
                    let connection = connection.clone();
                    Database::ask(self, ask::LinkById { connection, id })
                }

                fn live_link<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    kind: &'a Kind,
                    which: Which,
                    key: &'a RecordKey,
                ) -> Answered<'a, Option<Link>> {
                    let (connection, kind, key) = (connection.clone(), kind.clone(), key.clone());
                    let question = ask::LiveLink {
                        connection,
                        kind,
                        which,
                        key,
                    };
                    Database::ask(self, question)
                }

                fn links<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    query: &'a LinkQuery,
                ) -> Answered<'a, Page<Link>> {
                    let (connection, query) = (connection.clone(), query.clone());
                    Database::ask(self, ask::Links { connection, query })
                }

                fn events<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    query: &'a EventQuery,
                ) -> Answered<'a, Page<LoggedEvent>> {
                    let (connection, query) = (connection.clone(), query.clone());
                    Database::ask(self, ask::Events { connection, query })
                }

                fn intents<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                ) -> Answered<'a, Vec<Intent>> {
                    let connection = connection.clone();
                    Database::ask(self, ask::Intents { connection })
                }

                fn decisions<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    kind: &'a Kind,
                ) -> Answered<'a, Vec<Decision>> {
                    let (connection, kind) = (connection.clone(), kind.clone());
                    Database::ask(self, ask::Decisions { connection, kind })
                }

                fn deviation<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    id: DeviationId,
                ) -> Answered<'a, Option<Deviation>> {
                    let connection = connection.clone();
                    Database::ask(self, ask::DeviationById { connection, id })
                }

                fn deviations<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    query: &'a DeviationQuery,
                ) -> Answered<'a, Page<Deviation>> {
                    let (connection, query) = (connection.clone(), query.clone());
                    Database::ask(self, ask::Deviations { connection, query })
                }

                fn scopes<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    kind: &'a Kind,
                ) -> Answered<'a, Sides<Option<Scope>>> {
                    let (connection, kind) = (connection.clone(), kind.clone());
                    Database::ask(self, ask::Scopes { connection, kind })
                }

                fn approvals<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    kind: &'a Kind,
                ) -> Answered<'a, Vec<Approval>> {
                    let (connection, kind) = (connection.clone(), kind.clone());
                    Database::ask(self, ask::Approvals { connection, kind })
                }

                fn lease<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    name: &'a str,
                ) -> Answered<'a, Option<Lease>> {
                    let (connection, name) = (connection.clone(), name.to_owned());
                    Database::ask(self, ask::LeaseByName { connection, name })
                }

                fn touched<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    kind: &'a Kind,
                ) -> Answered<'a, Vec<Touch>> {
                    let (connection, kind) = (connection.clone(), kind.clone());
                    Database::ask(self, ask::Touches { connection, kind })
                }

                fn schedules<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                ) -> Answered<'a, Vec<ScheduleState>> {
                    let connection = connection.clone();
                    Database::ask(self, ask::Schedules { connection })
                }

                fn runs<'a>(
                    &'a self,
                    connection: &'a ConnectionId,
                    query: &'a RunQuery,
                ) -> Answered<'a, Page<RunRecord>> {
                    let (connection, query) = (connection.clone(), query.clone());
                    Database::ask(self, ask::Runs { connection, query })
                }

                fn summary<'a>(&'a self, connection: &'a ConnectionId) -> Answered<'a, Summary> {
                    let connection = connection.clone();
                    Database::ask(self, ask::Summed { connection })
                }
            }
        };
    };
}
