//! What `SQLite` answers, as what a store tells.

use std::sync::Arc;

use record_link_sql::{DriverErrorKind, Failed};
use rusqlite::{Error, ErrorCode, ffi};

/// The file that is meant, for messages.
#[derive(Debug, Clone)]
pub(crate) struct Place(Arc<str>);

impl Place {
    pub(crate) fn new(name: &str) -> Self {
        Self(name.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// An error of our own about the file.
    pub(crate) fn failed(&self, kind: DriverErrorKind, what: &str) -> Failed {
        Failed::driver(kind).with_detail(format!("{}: {what}", self.0))
    }

    /// An error of the file system about the file.
    pub(crate) fn io(&self, error: &std::io::Error, what: &str) -> Failed {
        use std::io::ErrorKind;
        let kind = match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                DriverErrorKind::ReadOnly
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                DriverErrorKind::Full
            }
            _ => DriverErrorKind::Unavailable,
        };
        self.failed(kind, &format!("{what}: {error}"))
    }

    /// An error of `SQLite` about the file.
    pub(crate) fn sqlite(&self, error: Error) -> Failed {
        let (kind, what) = match &error {
            Error::SqliteFailure(code, _) => meaning(*code),
            // It would show the whole statement.
            Error::SqlInputError { error, msg, .. } => {
                let (kind, what) = meaning(*error);
                return self.failed(kind, &format!("{what}: {msg}"));
            }
            // The others are about how rusqlite is called, or what a column holds.
            _ => (
                DriverErrorKind::Damaged,
                "what is stored is not as it should be",
            ),
        };
        // A message of SQLite names files, tables and columns, never values.
        let detail = format!("{}: {what}: {error}", self.0);
        Failed::driver(kind).with_detail(detail).with_source(error)
    }

    /// An error of the `COMMIT` itself: by it the writes may have reached the file or not.
    pub(crate) fn commit(&self, error: Error) -> Failed {
        if let Error::SqliteFailure(code, _) = &error {
            // A write that failed left no whole transaction in the log; a flush that failed may have.
            let is_flush = code.code == ErrorCode::SystemIoFailure
                && code.extended_code != ffi::SQLITE_IOERR_WRITE;
            if is_flush {
                let detail = format!("{}: the commit could not be flushed: {error}", self.0);
                let unknown = Failed::driver(DriverErrorKind::OutcomeUnknown);
                return unknown.with_detail(detail).with_source(error);
            }
        }
        self.sqlite(error)
    }
}

fn meaning(error: ffi::Error) -> (DriverErrorKind, &'static str) {
    match error.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => (
            DriverErrorKind::Unavailable,
            "it is locked by another process or program",
        ),
        ErrorCode::DiskFull => (
            DriverErrorKind::Full,
            "its disk is full, or it has reached the size that it may have",
        ),
        ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::AuthorizationForStatementDenied => {
            (DriverErrorKind::ReadOnly, "it cannot be written to")
        }
        ErrorCode::CannotOpen => (
            DriverErrorKind::Unavailable,
            "it, or a file beside it, cannot be opened",
        ),
        ErrorCode::SystemIoFailure if error.extended_code == ffi::SQLITE_IOERR_WRITE => (
            DriverErrorKind::Full,
            "it cannot grow: a quota, a limit of the process, or a failing disk",
        ),
        ErrorCode::SystemIoFailure => (DriverErrorKind::Unavailable, "its disk does not answer"),
        ErrorCode::NotADatabase => (DriverErrorKind::Damaged, "it is not a database"),
        ErrorCode::DatabaseCorrupt => (DriverErrorKind::Damaged, "it is damaged"),
        ErrorCode::ConstraintViolation => (
            DriverErrorKind::UniqueViolation,
            "a constraint stands against it",
        ),
        ErrorCode::TooBig | ErrorCode::TypeMismatch | ErrorCode::ParameterOutOfRange => {
            (DriverErrorKind::Invalid, "a value is not taken")
        }
        ErrorCode::OutOfMemory => (DriverErrorKind::Unavailable, "there is not enough memory"),
        // A table or a column that is not there, mostly.
        _ => (DriverErrorKind::Damaged, "it is not as it should be"),
    }
}

#[cfg(test)]
mod tests {
    use record_link::{StoreError, StoreErrorKind};

    use super::*;

    fn failure(extended: i32) -> Error {
        Error::SqliteFailure(ffi::Error::new(extended), None)
    }

    #[test]
    fn only_a_commit_that_could_not_be_flushed_is_of_unknown_outcome() {
        let place = Place::new("links.db");
        let kind = |failed: Failed| StoreError::from(failed).kind();
        for (code, in_statement, in_commit) in [
            (
                ffi::SQLITE_IOERR_FSYNC,
                StoreErrorKind::Unavailable,
                StoreErrorKind::OutcomeUnknown,
            ),
            (
                ffi::SQLITE_IOERR,
                StoreErrorKind::Unavailable,
                StoreErrorKind::OutcomeUnknown,
            ),
            (
                ffi::SQLITE_IOERR_WRITE,
                StoreErrorKind::Full,
                StoreErrorKind::Full,
            ),
            (ffi::SQLITE_FULL, StoreErrorKind::Full, StoreErrorKind::Full),
            (
                ffi::SQLITE_BUSY,
                StoreErrorKind::Unavailable,
                StoreErrorKind::Unavailable,
            ),
            (
                ffi::SQLITE_READONLY_DBMOVED,
                StoreErrorKind::ReadOnly,
                StoreErrorKind::ReadOnly,
            ),
            (
                ffi::SQLITE_CORRUPT,
                StoreErrorKind::Damaged,
                StoreErrorKind::Damaged,
            ),
        ] {
            assert_eq!(kind(place.sqlite(failure(code))), in_statement, "{code}");
            assert_eq!(kind(place.commit(failure(code))), in_commit, "{code}");
        }
        let told = StoreError::from(place.sqlite(failure(ffi::SQLITE_BUSY))).to_string();
        assert!(told.contains("links.db"), "{told}");
    }
}
