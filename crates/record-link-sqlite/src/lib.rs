//! Links in an `SQLite` file: durable, one writer, no server to run.
//!
//! | Read about | in |
//! |---|---|
//! | the store | [`SqliteStore`] |
//! | opening one, and how it is to behave | [`Options`] |
//! | copying it while it is used | [`SqliteStore::backup_to`], [`BackupProgress`] |
//! | looking whether it is sound | [`SqliteStore::check_integrity`] |
//! | giving room back, and removing what was deleted | [`SqliteStore::compact`] |
//!
//! The tables, what an operator asks them, backups and what to do when the disk is full are told in
//! `docs/store.md`.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use record_link::{
//!     Batch, ConnectionId, Event, EventKind, Link, Origin, RecordKey, Sides, Store, Write,
//! };
//! use record_link_sqlite::SqliteStore;
//!
//! # record_link::testing::block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let file = folder.join("links.db");
//! let connection = ConnectionId::new("acme->4875")?;
//! let keys = Sides::new(RecordKey::new("e-17")?, RecordKey::new("4711")?);
//! let kind = flat_record::Kind::new("employee")?;
//! let mut link = Link::new(connection.clone(), kind, keys, Origin::Imported, 0);
//! link.version = 1;
//!
//! let store = SqliteStore::open(&file)?;
//! let now = DateTime::<Utc>::UNIX_EPOCH;
//! let event = Event::new(EventKind::Imported, link.clone(), now);
//! store.commit(Batch::new(&connection, now).write(Write::Event(Box::new(event)))).await?;
//! drop(store); // or the process is killed here
//!
//! let store = SqliteStore::open(&file)?;
//! assert_eq!(store.link(&connection, link.id).await?, Some(link));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! No runtime is needed: the store has threads of its own, and its futures can be polled by
//! whatever there is.

mod backup;
mod database;
mod error;
mod options;
mod readers;
mod store;
mod writer;

pub use backup::BackupProgress;
pub use options::Options;
pub use store::SqliteStore;
