//! The store.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_channel::oneshot;
use record_link::{Batch, BoxFuture, StoreError};
use record_link_sql::{DriverErrorKind, Failed, Question, questions};

use crate::backup::{self, BackupProgress};
use crate::database::Database;
use crate::error::Place;
use crate::options::{Options, prepare};
use crate::readers::Readers;
use crate::writer::{Committing, Task, Writer};

/// A [`Store`](record_link::Store) in an `SQLite` file.
///
/// Clones share the file; when the last is dropped, what is queued is finished and the file closed.
/// One process writes at a time, and others wait for it ([`Options::busy_timeout`]): for a second
/// process that lists or reprocesses that is enough, for many workers take a server.
///
/// Commits that come together are flushed together. When a commit has returned, it survives a loss
/// of power, as far as the disk tells the truth about what it has written.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

struct Shared {
    place: Place,
    /// `None` if it is open for reading only.
    writer: Option<Writer>,
    /// `None` if it is in memory: then the writer answers.
    readers: Option<Readers>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("file", &self.shared.place.as_str())
            .field("is_read_only", &self.shared.writer.is_none())
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a file, or makes it; see [`Options::open`].
    ///
    /// # Errors
    /// As [`Options::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::options(path.as_ref()).open()
    }

    /// How a file is to be opened.
    pub fn options(path: impl Into<PathBuf>) -> Options {
        Options::new(path)
    }

    /// A store that ends with the process: for tests.
    ///
    /// # Errors
    /// If there is no memory, or no thread.
    pub fn in_memory() -> Result<Self, StoreError> {
        let place = Place::new("(memory)");
        let mut database = Database::in_memory(&place)?;
        prepare(&mut database, 0)?;
        let writer = Some(Writer::start(&place, database)?);
        let readers = None;
        Ok(Self {
            shared: Arc::new(Shared {
                place,
                writer,
                readers,
            }),
        })
    }

    pub(crate) fn of_file(
        place: Place,
        writer: Option<Database>,
        readers: usize,
        open: impl Fn() -> Result<Database, Failed>,
    ) -> Result<Self, Failed> {
        let readers = Some(Readers::start(&place, readers, open)?);
        let writer = writer.map(|database| Writer::start(&place, database));
        let writer = writer.transpose()?;
        let shared = Shared {
            place,
            writer,
            readers,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Copies the store into another file while it is used. The copy is what the store was at one
    /// moment, whole, and one file; what is committed meanwhile is not in it.
    ///
    /// It is written under another name beside `target` and takes its place when it is whole: a
    /// copy of that name that was there before is lost only then. It can be read by its owner only.
    /// `progress` is called now and then, on a thread of the store.
    ///
    /// ```
    /// # record_link::testing::block_on(async {
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// # let store = record_link_sqlite::SqliteStore::open(folder.join("links.db"))?;
    /// let copy = folder.join("links-2026-03-01.db");
    /// store.backup_to(&copy, |progress| assert!(progress.pages_done <= progress.pages)).await?;
    /// assert!(record_link_sqlite::SqliteStore::open(copy).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// If the copy cannot be written, or the store not be read.
    pub fn backup_to(
        &self,
        target: impl Into<PathBuf>,
        progress: impl FnMut(BackupProgress) + Send + 'static,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        let target = target.into();
        self.read(move |database| backup::copy(database, &target, progress))
    }

    /// Looks whether the file is sound: its pages and indexes, and whether each link is what the
    /// log of its events says. It reads everything, so it takes a while.
    ///
    /// # Errors
    /// [`Damaged`](record_link::StoreErrorKind::Damaged) if it is not sound, with what was found
    /// first; or if it cannot be read.
    pub fn check_integrity(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.read(|database| {
            let found = database.texts("PRAGMA integrity_check(5)")?;
            if found != ["ok"] {
                let kind = DriverErrorKind::Damaged;
                return Err(database.place.failed(kind, &found.join("; ")));
            }
            database.ask(&questions::Soundness)
        })
    }

    /// Moves what was committed from the write-ahead log into the file, and empties the log.
    /// `SQLite` does so by itself now and then, and when the store is closed; do it before the file
    /// is copied by other means than [`backup_to`](Self::backup_to).
    ///
    /// # Errors
    /// [`Unavailable`](record_link::StoreErrorKind::Unavailable) if somebody reads for longer than
    /// the [patience](Options::busy_timeout); what could be moved is moved then.
    pub fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.maintain(checkpoint)
    }

    /// Gives the room of what was deleted back to the disk, and empties the log, so that nothing of
    /// what was redacted or forgotten is left in the file or beside it. It needs as much room again
    /// as the file has, and commits wait for it.
    ///
    /// What is deleted is overwritten in the file at once; in the log it stays until this or a
    /// checkpoint.
    ///
    /// # Errors
    /// If there is no room, or somebody reads for longer than the
    /// [patience](Options::busy_timeout).
    pub fn compact(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.maintain(|database| {
            database.execute("VACUUM")?;
            checkpoint(database)
        })
    }

    /// Does something on a thread that reads.
    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> Result<T, Failed> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StoreError>> {
        let shared = &*self.shared;
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            // Whoever does not wait any more does not need the answer.
            let job = Box::new(move |database: &mut Database| drop(answer.send(work(database))));
            let is_sent = match (&shared.readers, &shared.writer) {
                (Some(readers), _) => readers.send(job),
                (None, Some(writer)) => writer.send(Task::Other(job)),
                (None, None) => false,
            };
            self.answered(is_sent, answered).await
        })
    }

    /// Does something on the thread that writes, between two groups of commits.
    fn maintain(
        &self,
        work: impl FnOnce(&mut Database) -> Result<(), Failed> + Send + 'static,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let writer = self.writer()?;
            let (answer, answered) = oneshot::channel();
            let job = Box::new(move |database: &mut Database| drop(answer.send(work(database))));
            self.answered(writer.send(Task::Other(job)), answered).await
        })
    }

    async fn answered<T>(
        &self,
        is_sent: bool,
        answered: oneshot::Receiver<Result<T, Failed>>,
    ) -> Result<T, StoreError> {
        if is_sent && let Ok(answer) = answered.await {
            return Ok(answer?);
        }
        Err(self.gone(DriverErrorKind::Unavailable))
    }

    fn writer(&self) -> Result<&Writer, StoreError> {
        let place = &self.shared.place;
        let writer = self.shared.writer.as_ref();
        let read_only = || place.failed(DriverErrorKind::ReadOnly, "it is open for reading only");
        Ok(writer.ok_or_else(read_only)?)
    }

    /// A thread is gone, which it is not unless it panicked.
    fn gone(&self, kind: DriverErrorKind) -> StoreError {
        let place = &self.shared.place;
        place.failed(kind, "its thread ended: open it again").into()
    }
}

fn checkpoint(database: &mut Database) -> Result<(), Failed> {
    // The first column says whether somebody was in the way.
    if database.texts("PRAGMA wal_checkpoint(TRUNCATE)")? == ["1"] {
        let kind = DriverErrorKind::Unavailable;
        return Err(database
            .place
            .failed(kind, "somebody reads it: the log is not empty yet"));
    }
    Ok(())
}

impl record_link_sql::Database for SqliteStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let writer = self.writer()?;
            let (answer, answered) = oneshot::channel();
            if !writer.send(Task::Commit(Committing { batch, answer })) {
                return Err(self.gone(DriverErrorKind::Unavailable));
            }
            let result = answered.await;
            result.unwrap_or_else(|_| Err(self.gone(DriverErrorKind::OutcomeUnknown)))
        })
    }

    fn ask<Q: Question>(&self, question: Q) -> BoxFuture<'_, Result<Q::Answer, StoreError>> {
        self.read(move |database| database.ask(&question))
    }
}

record_link_sql::store!(SqliteStore);
