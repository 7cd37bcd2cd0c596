//! How a store is opened.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::Utc;
use record_link::StoreError;
use record_link_sql::{DriverErrorKind, Failed, schema};

use crate::SqliteStore;
use crate::database::{Database, now};
use crate::error::Place;

/// How long to wait before a log that others keep from being turned on is tried again.
const AGAIN: Duration = Duration::from_millis(5);

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
    most: Option<u64>,
}

impl Options {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            patience: Duration::from_secs(5),
            is_read_only: false,
            readers: 2,
            most: None,
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

    /// Lets the file grow to so many bytes and no further: a commit that needs more is
    /// [`Full`](record_link::StoreErrorKind::Full), as it would be on a full disk, and the disk has
    /// room left for others. A file that is larger already does not grow. Without the write-ahead
    /// log, which needs some megabytes beside it.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.most = Some(bytes);
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
            check(&mut reader)?;
            None
        } else {
            let writer = open_for_writing(&self.path, &place, self.patience)?;
            if let Some(bytes) = self.most {
                limit(&writer, bytes)?;
            }
            Some(writer)
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
        check(&mut database)?;
    }
    let mode = turn_on_the_log(&database, patience)?;
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

/// Two processes that make one file at the same moment stand in each other's way here, and `SQLite` does
/// not wait by itself: one of them would have to give up what it holds.
fn turn_on_the_log(database: &Database, patience: Duration) -> Result<Vec<String>, Failed> {
    let begin = Instant::now();
    loop {
        match database.texts("PRAGMA journal_mode = WAL") {
            Err(error)
                if error.kind() == Some(DriverErrorKind::Unavailable)
                    && begin.elapsed() < patience =>
            {
                std::thread::sleep(AGAIN);
            }
            done => return done,
        }
    }
}

fn check(database: &mut Database) -> Result<(), Failed> {
    let checked = now(schema::check(database)).and_then(|checked| checked);
    checked.map_err(|error| error.of(database.place.as_str()))
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
        return Err(error.of(database.place.as_str()));
    }
    let committed = database.connection.execute_batch("COMMIT");
    committed.map_err(|error| database.place.commit(error))
}

/// Lets the file grow to so many bytes only.
fn limit(database: &Database, bytes: u64) -> Result<(), Failed> {
    let size = database.texts("PRAGMA page_size")?;
    let size: u64 = size
        .first()
        .and_then(|size| size.parse().ok())
        .unwrap_or(4096);
    // SQLite takes 32 bits of it, and 0 for no change.
    let pages = (bytes / size.max(1)).clamp(1, u64::from(u32::MAX - 1));
    database
        .texts(&format!("PRAGMA max_page_count = {pages}"))
        .map(drop)
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
