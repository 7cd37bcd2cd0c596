//! What the database says, in the words of a store.
//!
//! A message of the server may quote a value, and with it a person: only codes and names of tables
//! and constraints are passed on.

use std::error::Error as StdError;
use std::fmt::Write;

use deadpool_postgres::PoolError;
use record_link_sql::{DriverErrorKind, Failed};
use tokio_postgres::error::SqlState;

/// What is told about a URL that cannot be read. The reason is not: it may quote a piece of a
/// password that is not escaped.
pub(crate) const URL_ADVICE: &str = "the URL is not one of PostgreSQL: write \
    postgres://user:password@host:port/database and percent-encode what is neither letter nor digit \
    in the password";

/// Whether the driver speaks of the URL, which it reads in part only when it connects.
fn is_of_url(words: &str) -> bool {
    words.starts_with("invalid configuration") || words.starts_with("invalid connection string")
}

/// An error before the commit: nothing is stored.
pub(crate) fn of_statement(error: &tokio_postgres::Error) -> Failed {
    let kind = match error.code() {
        Some(code) => kind_of(code),
        None if certificate_error(error).is_some() => DriverErrorKind::Invalid,
        // The driver tells these apart only in its words.
        None => match error.to_string() {
            words if words.starts_with("authentication") || is_of_url(&words) => {
                DriverErrorKind::Invalid
            }
            words if words.contains("serializing") || words.contains("column") => {
                DriverErrorKind::Damaged
            }
            _ => DriverErrorKind::Unavailable,
        },
    };
    Failed::driver(kind).with_detail(detail(error))
}

/// An error of the commit itself: only some answers say that nothing is stored. With any other the
/// connection broke or the server went down, and the answer is lost, not necessarily the commit.
pub(crate) fn of_commit(error: &tokio_postgres::Error) -> Failed {
    match error.code() {
        Some(code) if is_rolled_back(code) => of_statement(error),
        _ => Failed::driver(DriverErrorKind::OutcomeUnknown).with_detail(detail(error)),
    }
}

/// Whether a commit with this answer is certainly none. "Completion unknown" (40003) is what
/// distributed engines answer when they do not know either.
fn is_rolled_back(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    let is_unknown = *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN;
    (class == "40" || class == "23") && !is_unknown
}

/// The kind of an error with this code, before the commit.
fn kind_of(code: &SqlState) -> DriverErrorKind {
    match code.code() {
        // What `SERIALIZABLE` asks its users to repeat.
        "40001" | "40P01" => DriverErrorKind::Serialization,
        "53100" => DriverErrorKind::Full,
        // A missing right; a server that is read-only, as a standby is.
        "42501" | "25006" => DriverErrorKind::ReadOnly,
        // A refused login; no such database; a character that no text may have.
        "28000" | "28P01" | "3D000" | "22021" => DriverErrorKind::Invalid,
        // Rows and tables that two make at once: the second finds them when it looks again.
        "23505" | "42P07" | "42P06" | "42710" => DriverErrorKind::UniqueViolation,
        // A lost connection, a lack of memory or connections, a time limit, and what a server says
        // that starts or stops.
        code if ["08", "40", "53", "55", "57", "58"]
            .contains(&code.get(..2).unwrap_or_default()) =>
        {
            DriverErrorKind::Unavailable
        }
        // A limit of the server, such as the longest key of an index.
        code if code.starts_with("54") => DriverErrorKind::Invalid,
        _ => DriverErrorKind::Damaged,
    }
}

/// The error of getting a connection.
pub(crate) fn of_pool(error: &PoolError) -> Failed {
    let unavailable = Failed::driver(DriverErrorKind::Unavailable);
    match error {
        PoolError::Backend(error) => of_statement(error),
        PoolError::Timeout(_) => unavailable.with_detail(
            "no connection became free or could be made in time: raise the size of the pool or the \
             time limit, or look whether the server is there",
        ),
        _ => unavailable.with_detail("the pool of connections is closed"),
    }
}

/// What is wrong with the server's certificate, if that is the reason.
fn certificate_error(error: &tokio_postgres::Error) -> Option<&rustls::CertificateError> {
    let mut source = StdError::source(error);
    while let Some(one) = source {
        let inner = match one.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().and_then(|inner| inner.downcast_ref()),
            None => one.downcast_ref::<rustls::Error>(),
        };
        if let Some(rustls::Error::InvalidCertificate(why)) = inner {
            return Some(why);
        }
        source = one.source();
    }
    None
}

/// What happened, without anything that the server quotes.
fn detail(error: &tokio_postgres::Error) -> String {
    let Some(database) = error.as_db_error() else {
        return match certificate_error(error) {
            // Another root of the same name did not sign it, either.
            Some(
                rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature,
            ) => "the server's certificate is not signed by a root that is trusted: give its root \
                 certificate to the store"
                .to_owned(),
            Some(_) => "the server's certificate is not valid for its host name and now".to_owned(),
            None if is_of_url(&error.to_string()) => URL_ADVICE.to_owned(),
            None if error.is_closed() => "the connection is closed".to_owned(),
            // Its `Display` names what was done, and no value.
            None => error.to_string(),
        };
    };
    let code = database.code().code();
    let meaning = match code {
        "28000" | "28P01" => "the server refuses the user or the password: check both",
        "3D000" => "there is no such database",
        "3F000" => "there is no such schema",
        "42501" => {
            "the user has not the right to do this: let it create in the schema, and read and write \
             its tables"
        }
        "25006" => "the server is read-only, as a standby is",
        "53100" => "the server's disk is full",
        "53300" => "the server has no connection left: make the pools smaller",
        "54000" | "54011" | "54023" => "a value or a statement is longer than PostgreSQL takes",
        "57014" => "the statement took longer than its time limit",
        "57P01" | "57P02" | "57P03" => "the server is shutting down or starting up",
        "40001" | "40P01" => "others keep changing the same: try again",
        "22021" => "a text holds a character that PostgreSQL cannot store, such as NUL",
        "42P01" | "42703" => "a table or a column is missing",
        _ => "the server refused it",
    };
    let mut detail = format!("{meaning}; SQLSTATE {code}");
    for (what, name) in [
        ("table", database.table()),
        ("constraint", database.constraint()),
    ] {
        if let Some(name) = name {
            // Writing to a text does not fail.
            let _ = write!(detail, ", {what} {name}");
        }
    }
    detail
}
