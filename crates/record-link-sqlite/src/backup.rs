//! Copies of a store that is in use.

use std::path::{Path, PathBuf};

use record_link_sql::{DriverErrorKind, Failed};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::database::Database;
use crate::error::Place;

/// How many pages are copied before progress is told: a few megabytes.
const STEP: i32 = 1_000;

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// Pages of the store.
    pub pages: u64,
    /// Of which so many are copied.
    pub pages_done: u64,
}

/// Copies what a connection sees into a file.
pub(crate) fn copy(
    source: &Database,
    target: &Path,
    mut progress: impl FnMut(BackupProgress),
) -> Result<(), Failed> {
    let place = Place::new(&target.display().to_string());
    let unfinished = beside(target, "unfinished");
    remove(&unfinished, &place)?;
    // All steps in one read transaction: else each commit of others would let it begin again.
    source.execute("BEGIN")?;
    source.texts("SELECT count(*) FROM sqlite_master")?;
    let copied = write(source, &unfinished, &place, &mut progress);
    // Nothing was written, so it does not matter how it ends.
    let _ = source.execute("ROLLBACK");
    let moved = copied.and_then(|()| {
        let renamed = std::fs::rename(&unfinished, target);
        renamed.map_err(|error| place.io(&error, "the copy cannot take its name"))
    });
    if moved.is_err() {
        // The error is what counts.
        let _ = std::fs::remove_file(&unfinished);
    }
    moved
}

fn write(
    source: &Database,
    unfinished: &Path,
    place: &Place,
    progress: &mut impl FnMut(BackupProgress),
) -> Result<(), Failed> {
    crate::options::create(unfinished, place)?;
    let sqlite = |error| place.sqlite(error);
    let mut copy = Connection::open(unfinished).map_err(sqlite)?;
    {
        let backup = Backup::new(&source.connection, &mut copy).map_err(sqlite)?;
        loop {
            let step = backup.step(STEP).map_err(sqlite)?;
            let told = backup.progress();
            let [pages, left] = [told.pagecount, told.remaining].map(|count| {
                // Neither is ever negative.
                u64::try_from(count).unwrap_or(0)
            });
            progress(BackupProgress {
                pages,
                pages_done: pages.saturating_sub(left),
            });
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => {
                    let kind = DriverErrorKind::Unavailable;
                    return Err(source.place.failed(kind, "it is locked: copy it later"));
                }
            }
        }
    }
    // One file, without a log beside it.
    copy.execute_batch("PRAGMA journal_mode = DELETE")
        .map_err(sqlite)?;
    copy.close().map_err(|(_, error)| place.sqlite(error))?;
    let flushed = std::fs::File::open(unfinished).and_then(|file| file.sync_all());
    flushed.map_err(|error| place.io(&error, "the copy cannot be flushed"))
}

/// The path with another ending after its own.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Removes what a copy left that was killed.
fn remove(path: &Path, place: &Place) -> Result<(), Failed> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(place.io(&error, "an unfinished copy cannot be removed")),
    }
}
