//! How to get to a store.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use record_link::{StoreError, StoreErrorKind};
use secrecy::{ExposeSecret, SecretString};
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::tls::Tls;
use crate::{PostgresStore, error};

/// How to get to a store: where the database is, which schema of it, and how patiently.
///
/// Made by [`PostgresStore::builder`].
#[derive(Clone)]
#[must_use = "nothing is opened yet"]
pub struct PostgresBuilder {
    url: SecretString,
    schema: String,
    pool_size: usize,
    connect_timeout: Duration,
    statement_timeout: Duration,
    tls: Tls,
    application_name: String,
}

/// As many connections as a worker keeps busy; eight workers fit into a server's usual hundred.
const POOL_SIZE: usize = 8;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

impl PostgresBuilder {
    pub(crate) fn new(url: SecretString) -> Self {
        Self {
            url,
            schema: "kleer_connect".to_owned(),
            pool_size: POOL_SIZE,
            connect_timeout: CONNECT_TIMEOUT,
            statement_timeout: STATEMENT_TIMEOUT,
            tls: Tls::FromUrl,
            application_name: "kleer-connect".to_owned(),
        }
    }

    /// The schema that the tables are in: `kleer_connect` unless said otherwise. It is made if it
    /// is not there. A letter or `_`, then letters, digits and `_`, at most 63, all ASCII and small.
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = name.into();
        self
    }

    /// How many connections at most: 8 unless said otherwise, and at least one.
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections.max(1);
        self
    }

    /// How long to wait for a connection, a free one or a new one: 10 s unless said otherwise.
    pub fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// How long the server may work on one statement: 30 s unless said otherwise.
    pub fn statement_timeout(mut self, time: Duration) -> Self {
        self.statement_timeout = time;
        self
    }

    /// Whether to encrypt, and whom to trust: as the URL says, unless said otherwise.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// What the server lists these connections as, for its administrator: `kleer-connect` unless
    /// said otherwise. No secrets.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = name.into();
        self
    }

    /// Connects, and makes the tables or brings them up to date. Several processes may do this at
    /// the same time. To be called in a Tokio runtime, which the connections then live in.
    ///
    /// # Errors
    /// [`Invalid`](StoreErrorKind::Invalid) if the URL or the schema's name makes no sense, the
    /// login is refused, or the server's certificate is not trusted;
    /// [`Unavailable`](StoreErrorKind::Unavailable) if the server is not there;
    /// [`ReadOnly`](StoreErrorKind::ReadOnly) if rights are missing;
    /// [`NewerVersion`](StoreErrorKind::NewerVersion) if a newer version made the tables.
    pub async fn open(self) -> Result<PostgresStore, StoreError> {
        check_schema(&self.schema)?;
        let pool = self.pool()?;
        PostgresStore::open(pool, self.schema, self.statement_timeout).await
    }

    fn pool(&self) -> Result<Pool, StoreError> {
        let (url, url_says) = ssl_mode(self.url.expose_secret());
        let mut server =
            tokio_postgres::Config::from_str(&url).map_err(|_| invalid(error::URL_ADVICE))?;
        server
            .application_name(&self.application_name)
            .connect_timeout(self.connect_timeout)
            // A server that vanished without a word is noticed when a statement should be done.
            .tcp_user_timeout(self.statement_timeout)
            .keepalives_idle(Duration::from_secs(60));
        let tls = self.tls.config(&server, url_says)?;
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = match tls {
            None => {
                Manager::from_config(server.ssl_mode(SslMode::Disable).clone(), NoTls, recycling)
            }
            Some(tls) => {
                server.ssl_mode(SslMode::Require);
                Manager::from_config(server, MakeRustlsConnect::new(tls), recycling)
            }
        };
        let time = Some(self.connect_timeout);
        Pool::builder(manager)
            .max_size(self.pool_size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(time)
            .create_timeout(time)
            .recycle_timeout(time)
            .build()
            .map_err(|_| invalid("the pool of connections cannot be made"))
    }
}

impl fmt::Debug for PostgresBuilder {
    /// Hides the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresBuilder")
            .field("schema", &self.schema)
            .field("pool_size", &self.pool_size)
            .field("application_name", &self.application_name)
            .finish_non_exhaustive()
    }
}

/// What the URL says about TLS, and the URL in words that the driver knows: it has neither
/// `verify-ca` nor `verify-full`, which is how we always do it.
fn ssl_mode(url: &str) -> (String, Option<SslMode>) {
    let mode = ["disable", "require", "verify-ca", "verify-full"].into_iter();
    let found = mode.rev().find(|mode| {
        let word = format!("sslmode={mode}");
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['&', ' ', '\t', '\n']);
        url.match_indices(&word)
            .any(|(at, _)| ends(&url[at + word.len()..]))
    });
    match found {
        Some("disable") => (url.to_owned(), Some(SslMode::Disable)),
        Some(mode) => {
            let known = url.replace(&format!("sslmode={mode}"), "sslmode=require");
            (known, Some(SslMode::Require))
        }
        None => (url.to_owned(), None),
    }
}

/// A schema's name goes into statements, so it is checked, whatever quoting would allow.
fn check_schema(name: &str) -> Result<(), StoreError> {
    let is_letter = |char: char| char.is_ascii_lowercase() || char == '_';
    let is_name = name.len() <= 63
        && name.starts_with(is_letter)
        && name
            .chars()
            .all(|char| is_letter(char) || char.is_ascii_digit())
        && !name.starts_with("pg_");
    if is_name {
        return Ok(());
    }
    Err(invalid(
        "the schema's name is not one: a small letter or _, then small letters, digits and _, at \
         most 63, and not pg_ at its beginning",
    ))
}

fn invalid(detail: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Invalid).with_detail(detail)
}
