//! The tables, and how a database of an earlier version becomes one of today.
//!
//! Every table has `connection` first in its key. A column `value` holds the whole thing as JSON,
//! in the form that `record-link` gives it, and nothing else is read back into the program; the
//! other columns are made of it in the same statement, for indexes and for people who look inside.
//! Times are texts in RFC 3339, UTC, with nine decimals, so that they sort as texts.

mod version_1;
mod version_2;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::time::written;
use crate::{DriverErrorKind, Failed, Statement, Transaction};

/// The table that says which versions a database has been brought to.
const VERSIONS: &str = "schema_version";

/// Creates [`VERSIONS`].
const CREATE_VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version BIGINT NOT NULL PRIMARY KEY, -- the latest is the version of the tables
    applied_at TEXT NOT NULL,            -- when the database was brought to it
    applied_by TEXT NOT NULL             -- by which program, and its version
)";

/// What makes the tables of one version out of those of the version before.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Migration {
    /// The version that the tables have afterwards.
    pub version: i64,
    /// The statements. They can be carried out again: not every database undoes the creation of a
    /// table when a transaction is rolled back.
    pub statements: &'static [&'static str],
}

/// All migrations, the first version first.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        statements: version_1::STATEMENTS,
    },
    Migration {
        version: 2,
        statements: version_2::STATEMENTS,
    },
];

/// The version of the tables that this program works with.
pub const VERSION: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// The version of a database's tables; 0 if it has none of ours.
///
/// # Errors
/// If the database does not answer.
pub async fn version(transaction: &mut dyn Transaction) -> Result<i64, Failed> {
    if !transaction.has_table(VERSIONS).await? {
        return Ok(0);
    }
    let newest = [Statement::query(
        "SELECT coalesce(max(version), 0) FROM schema_version",
    )];
    let answers = transaction.run(&newest).await?;
    let row = answers.first().and_then(|answer| answer.rows.first());
    row.ok_or_else(|| Failed::damaged("schema_version"))?
        .integer(0)
}

/// Refuses a database whose tables are not those of this program; for one that is only read.
///
/// # Errors
/// When they are newer, or older: somebody who may write has to open it first.
pub async fn check(transaction: &mut dyn Transaction) -> Result<(), Failed> {
    let found = version(transaction).await?;
    if found == VERSION {
        return Ok(());
    }
    refuse_newer(found)?;
    let detail = match found {
        0 => "there are no tables of links in it".to_owned(),
        _ => format!(
            "its tables are of version {found}, and of version {VERSION} they have to be: open it \
             for writing once"
        ),
    };
    Err(Failed::driver(DriverErrorKind::ReadOnly).with_detail(detail))
}

/// Brings the tables to the version of this program. `now` is noted beside each version.
///
/// The transaction has to be committed. Where two processes may do it at once, both may be told
/// that one [was in the way](Failed::was_in_the_way): begin anew.
///
/// # Errors
/// When the tables are of a newer version; nothing is changed then.
pub async fn migrate(transaction: &mut dyn Transaction, now: DateTime<Utc>) -> Result<(), Failed> {
    migrate_with(transaction, now, MIGRATIONS).await
}

/// Brings the tables to the version of the last of `migrations`, which begin with the first. For
/// tests that need a database of an earlier version.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_with(
    transaction: &mut dyn Transaction,
    now: DateTime<Utc>,
    migrations: &[Migration],
) -> Result<(), Failed> {
    let found = version(transaction).await?;
    refuse_newer(found)?;
    let missing = migrations.iter().filter(|one| one.version > found);
    let mut statements = vec![Statement::execute(CREATE_VERSIONS)];
    for migration in missing {
        let changes = migration.statements.iter();
        statements.extend(changes.map(|sql| Statement::execute(Cow::Borrowed(*sql))));
        let note = Statement::execute(
            "INSERT INTO schema_version (version, applied_at, applied_by) VALUES ($1, $2, $3) \
             ON CONFLICT (version) DO NOTHING",
        );
        let program = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
        statements.push(
            note.with(migration.version)
                .with(written(now))
                .with(program),
        );
    }
    if statements.len() == 1 {
        return Ok(());
    }
    // One after the other: a statement is understood only when the table it speaks of is there.
    for statement in statements {
        transaction.run(&[statement]).await?;
    }
    Ok(())
}

fn refuse_newer(found: i64) -> Result<(), Failed> {
    if found <= VERSION {
        return Ok(());
    }
    let detail = format!("its tables are of version {found}, this program knows {VERSION}");
    Err(Failed::driver(DriverErrorKind::NewerVersion).with_detail(detail))
}
