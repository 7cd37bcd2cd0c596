//! Where is kept what was posted and what was not.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use record_link::{ConnectionId, MemoryStore, Store, StoreError};
use record_link_postgres::PostgresStore;
use record_link_sqlite::SqliteStore;
use secrecy::{ExposeSecret, SecretString};

/// The store of a real Kleer, if none is named: a file in the working folder.
pub const DEFAULT_STORE: &str = "qvalia-invoices.db";

/// What all connections of this program begin with.
const SOURCE: &str = "qvalia-invoices->";

/// What `--store` names.
#[derive(Clone)]
pub enum StoreArgument {
    /// Nothing outlives the program.
    Memory,
    /// An `SQLite` file.
    Sqlite(PathBuf),
    /// A `PostgreSQL` database, by its URL, which may hold a password.
    Postgres(SecretString),
}

impl FromStr for StoreArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "" => return Err("a file, a postgres:// URL or `memory` is expected".to_owned()),
            "memory" => Self::Memory,
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Self::Postgres(SecretString::from(url))
            }
            // A mistyped scheme must not become a file of that name.
            url if url.contains("://") => {
                return Err("only postgres:// URLs are known; a file has no scheme".to_owned());
            }
            file => Self::Sqlite(file.into()),
        })
    }
}

impl fmt::Display for StoreArgument {
    /// Without what could be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let after_user = url.expose_secret().rsplit_once('@');
                let place = after_user.map_or("", |(_, place)| place);
                let place = place.split('?').next().unwrap_or_default();
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
    /// Opens the store, and makes it if it is not there. A schema is for `PostgreSQL`.
    ///
    /// # Errors
    /// When it cannot be used; the error says why.
    pub async fn open(&self, schema: &str) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path)?),
            Self::Postgres(url) => {
                let builder = PostgresStore::builder(url.expose_secret());
                Arc::new(
                    builder
                        .application_name("qvalia-invoices")
                        .schema(schema)
                        .open()
                        .await?,
                )
            }
        })
    }
}

/// The connection with a company: what links and deviations are kept under, and what the keys are
/// made of by which invoices are known again in Kleer. The same for every machine that posts there.
///
/// # Errors
/// Never, for a company that there can be.
pub fn connection_with(company: i32) -> Result<ConnectionId, record_link::IdentityError> {
    ConnectionId::new(format!("{SOURCE}{company}"))
}

/// The other companies that a store has documents of.
///
/// # Errors
/// If the store cannot be read.
pub async fn other_connections(
    store: &dyn Store,
    ours: &ConnectionId,
) -> Result<Vec<ConnectionId>, StoreError> {
    let mut others = store.connections().await?;
    others.retain(|one| one != ours && one.as_str().starts_with(SOURCE));
    Ok(others)
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
        }
        assert!(parse("mysql://db/links").is_err() && parse("").is_err());
    }
}
