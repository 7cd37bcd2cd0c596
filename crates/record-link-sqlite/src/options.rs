//! How a store is opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Utc;
use record_link::StoreError;
use record_link_sql::{DriverErrorKind, Failed, schema};

use crate::SqliteStore;
use crate::database::{Database, now};
use crate::error::Place;

/// How a store is opened; see [`SqliteStore::options`].
///
/// ```
/// use std::time::Duration;
/// use record_link_sqlite::SqliteStore;
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = SqliteStore::options(folder.join("links.db"))
///     .busy_timeout(Duration::from_secs(30))
///     .open()?;
/// # drop(store);
/// // For a look from the side, while the connector works:
/// let reader = SqliteStore::options(folder.join("links.db")).read_only().open()?;
/// # drop(reader);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is opened until `open` is called"]
pub struct Options {
    path: PathBuf,
    patience: Duration,
    is_read_only: bool,
    readers: usize,
}

impl Options {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            patience: Duration::from_secs(5),
            is_read_only: false,
            readers: 2,
        }
    }

    /// How long to wait for another process that has the file locked; 5 seconds unless it is said.
    /// After that an operation is [`Unavailable`](record_link::StoreErrorKind::Unavailable).
    pub fn busy_timeout(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// Only reads. The file has to be there, with tables of today's version; the folder has to be
    /// writable nevertheless unless another process has the file open, since `SQLite` keeps a file
    /// of shared memory beside it.
    pub fn read_only(mut self) -> Self {
        self.is_read_only = true;
        self
    }

    /// How many queries can be answered at the same time, each on a thread of its own; 2 unless it
    /// is said, and at least 1.
    pub fn readers(mut self, count: usize) -> Self {
        self.readers = count.max(1);
        self
    }

    /// Opens the store, makes the file if there is none, and brings its tables to today's version.
    /// It works on the disk before it returns.
    ///
    /// A new file can be read by its owner only: keys and open intents are personal data.
    ///
    /// # Errors
    /// If the file cannot be opened, is locked for longer than the
    /// [patience](Self::busy_timeout), is no database or damaged, or was made by a newer version.
    /// It is left as it was then.
    pub fn open(self) -> Result<SqliteStore, StoreError> {
        let place = Place::new(&self.path.display().to_string());
        let writer = if self.is_read_only {
            let mut reader = Database::open(&self.path, &place, false, self.patience)?;
            now(schema::check(&mut reader))??;
            None
        } else {
            Some(open_for_writing(&self.path, &place, self.patience)?)
        };
        let open = {
            let (path, place, patience) = (self.path, place.clone(), self.patience);
            move || Database::open(&path, &place, false, patience)
        };
        Ok(SqliteStore::of_file(place, writer, self.readers, open)?)
    }
}

fn open_for_writing(path: &Path, place: &Place, patience: Duration) -> Result<Database, Failed> {
    create(path, place)?;
    let mut database = Database::open(path, place, true, patience)?;
    // Before anything is changed: the newer program may rely on what we would change.
    let found = now(schema::version(&mut database))??;
    if found > schema::VERSION {
        now(schema::check(&mut database))??;
    }
    let mode = database.texts("PRAGMA journal_mode = WAL")?;
    if mode != ["wal"] {
        return Err(place.failed(
            DriverErrorKind::Unavailable,
            "its folder cannot hold a write-ahead log: take one on a local disk",
        ));
    }
    prepare(&mut database, found)?;
    sync_folder(path, place)?;
    Ok(database)
}

/// Sets a database up for writing, and brings its tables to today's version.
pub(crate) fn prepare(database: &mut Database, found: i64) -> Result<(), Failed> {
    database.execute(
        // Each commit is on the disk before it is acknowledged; what is deleted is overwritten.
        "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON",
    )?;
    if found == schema::VERSION {
        return Ok(());
    }
    database.execute("BEGIN IMMEDIATE")?;
    let migrated = now(schema::migrate(database, Utc::now())).and_then(|migrated| migrated);
    if let Err(error) = migrated {
        // The error is what counts.
        let _ = database.execute("ROLLBACK");
        return Err(error);
    }
    let committed = database.connection.execute_batch("COMMIT");
    committed.map_err(|error| database.place.commit(error))
}

/// Makes the file, for its owner only, if it is not there.
pub(crate) fn create(path: &Path, place: &Place) -> Result<(), Failed> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(place.io(&error, "it cannot be made")),
    }
}

/// Makes sure that a loss of power does not take the names of new files with it.
fn sync_folder(path: &Path, place: &Place) -> Result<(), Failed> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| place.io(&error, "its folder cannot be flushed"))
}
