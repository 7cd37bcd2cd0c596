//! What `--store` names, and how it is opened.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use record_link::{MemoryStore, Store, StoreError};
use record_link_postgres::PostgresStore;
use record_link_sqlite::SqliteStore;
use secrecy::{ExposeSecret, SecretString};

/// Where a program keeps its links, decisions and deviations: a file, a database, or nowhere.
///
/// As it is typed; neither `Display` nor `Debug` shows the user or the password of a database.
///
/// ```
/// use kleer_connect::program::StoreArgument;
///
/// let file: StoreArgument = "in/links.db".parse()?;
/// assert!(matches!(file, StoreArgument::Sqlite(_)));
/// let database: StoreArgument = "postgres://me:secret@db.example/links".parse()?;
/// assert_eq!(database.to_string(), "PostgreSQL db.example/links");
/// assert!("mysql://db/links".parse::<StoreArgument>().is_err());
/// # Ok::<(), kleer_connect::program::StoreArgumentError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum StoreArgument {
    /// Nothing outlives the program: `memory`.
    Memory,
    /// An `SQLite` file.
    Sqlite(PathBuf),
    /// A `PostgreSQL` database, by its URL, which may hold a password.
    Postgres(SecretString),
}

/// A text that names no store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreArgumentError {
    /// It is empty.
    #[error("a file, a postgres:// URL or `memory` is expected")]
    Empty,
    /// A mistyped scheme must not become a file of that name.
    #[error("only postgres:// URLs are known; a file has no scheme")]
    Scheme,
}

impl FromStr for StoreArgument {
    type Err = StoreArgumentError;

    fn from_str(text: &str) -> Result<Self, StoreArgumentError> {
        Ok(match text {
            "" => return Err(StoreArgumentError::Empty),
            "memory" => Self::Memory,
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::Postgres(SecretString::from(url))
            }
            url if url.contains("://") => return Err(StoreArgumentError::Scheme),
            file => Self::Sqlite(file.into()),
        })
    }
}

impl fmt::Display for StoreArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let url = url.expose_secret().split('?').next().unwrap_or_default();
                let after_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
                let place = after_scheme.rsplit_once('@');
                let place = place.map_or(after_scheme, |(_, place)| place);
                write!(f, "PostgreSQL {place}")
            }
        }
    }
}

impl fmt::Debug for StoreArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreArgument({self})")
    }
}

impl StoreArgument {
    /// Opens the store, and makes it if it is not there. The program's name, which a database shows
    /// to those who look after it, and the schema are for `PostgreSQL`; without a schema it is the
    /// store's own default.
    ///
    /// # Errors
    /// When it cannot be used; the error says why.
    pub async fn open(
        &self,
        program: &str,
        schema: Option<&str>,
    ) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path)?),
            Self::Postgres(url) => {
                let builder = PostgresStore::builder(url.expose_secret());
                let builder = builder.application_name(program);
                let builder = match schema {
                    Some(schema) => builder.schema(schema),
                    None => builder,
                };
                Arc::new(builder.open().await?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_store_is_told_apart_and_shows_no_password() {
        let parse = |text: &str| text.parse::<StoreArgument>();
        assert!(matches!(parse("memory"), Ok(StoreArgument::Memory)));
        let file = parse("in/links.db").unwrap();
        assert!(matches!(&file, StoreArgument::Sqlite(path) if path.ends_with("links.db")));
        for scheme in ["postgres", "postgresql"] {
            let url = format!("{scheme}://me:geheim@db.example:5432/links?sslmode=require");
            let store = parse(&url).unwrap();
            assert_eq!(store.to_string(), "PostgreSQL db.example:5432/links");
            assert!(!format!("{store:?}").contains("geheim"));
            // A password in a parameter, with a character that looks like the end of the user.
            let url = format!("{scheme}://db.example/links?user=me&password=geh@eim");
            let store = parse(&url).unwrap();
            assert_eq!(store.to_string(), "PostgreSQL db.example/links");
        }
        let wrong = |text| parse(text).unwrap_err();
        assert_eq!(wrong("mysql://db/links"), StoreArgumentError::Scheme);
        assert_eq!(wrong(""), StoreArgumentError::Empty);
    }
}
