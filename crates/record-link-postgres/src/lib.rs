//! Links, their history and deviations in `PostgreSQL`: the store for many workers.
//!
//! | Read about | in |
//! |---|---|
//! | the store | [`PostgresStore`] |
//! | where it is, and how to get there | [`PostgresBuilder`] |
//! | encryption, and whom to trust | [`Tls`] |
//!
//! The tables, and what to ask them, are described in `docs/store.md`; they are the same as those of
//! the `SQLite` store, by the same code (`record-link-sql`).
//!
//! ```no_run
//! use record_link::{ConnectionId, DeviationQuery, Store};
//! use record_link_postgres::PostgresStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = PostgresStore::builder("postgres://connector:secret@db.example.se/links")
//!     .schema("acme")
//!     .open()
//!     .await?;
//! let connection = ConnectionId::new("acme->4875")?;
//! for deviation in store.deviations(&connection, &DeviationQuery::unsettled()).await?.items {
//!     println!("{}", deviation.code());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # How it works
//!
//! Every commit is one transaction, which first writes the row of its connection in the table
//! `connections`. There the commits of one connection stand in line, whichever process they come
//! from; those of other connections go on beside them. Batches for one connection that are committed
//! at the same time in one process go into one transaction, and share the wait for the disk. What
//! the server refuses since another transaction came between (40001, 40P01) is begun anew with the
//! same batch. No transaction is open across a request to another system: work is divided by
//! [`Lease`](record_link::Lease)s.
//!
//! # `PostgreSQL` and others
//!
//! It asks for nothing that engines which speak its protocol lack: no advisory locks, `LISTEN`,
//! sequences, triggers, `SKIP LOCKED` or session state, and nothing that a pooler in transaction
//! mode breaks except prepared statements (`PgBouncer` knows these from 1.21 on). Tested is
//! `PostgreSQL` 15.

mod builder;
mod error;
mod group;
mod store;
mod tls;
mod transaction;

pub use builder::PostgresBuilder;
pub use store::PostgresStore;
pub use tls::Tls;
