//! One TOML file for all that a connector has to be told: several labelled connections to several
//! Kleer companies, the store, and whatever the source system needs.
//!
//! ```
//! use kleer_connect::configuration::{Access, Configuration, SecretRef};
//! use serde::Deserialize;
//!
//! /// What this app needs to know of its own system.
//! #[derive(Debug, Deserialize)]
//! #[serde(rename_all = "kebab-case", deny_unknown_fields)]
//! struct HumanResources {
//!     address: String,
//!     token: SecretRef,
//! }
//!
//! let configuration = Configuration::<HumanResources>::parse(r#"
//! [store]
//! sqlite = "links.db"
//!
//! [connections.acme]
//! company = 4875
//! token = { env = "KLEER_TOKEN_ACME" } # a secret is named here, and stands elsewhere
//! salary-unit = "kronor"               # no default: see the units
//! schedules.employee = { every = "15m", jitter = "1m" }
//!
//! [connections.acme.source]
//! address = "https://hr.example.com"
//! token = { file = "hr-token" }
//! "#)?;
//! let acme = configuration.connection("acme")?;
//! assert_eq!(acme.id().as_str(), "acme->4875");
//! assert_eq!(acme.access, Access::Token(SecretRef::Env("KLEER_TOKEN_ACME".to_owned())));
//! assert_eq!(acme.source.address, "https://hr.example.com");
//!
//! // Everything that is wrong is told at once, with its place.
//! let error = Configuration::<HumanResources>::parse("[connections.acme]\ncompny = 4875").unwrap_err();
//! assert!(error.to_string().contains("line 2, column 1: a connection has no key `compny`; did you mean `company`?"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! |---|---|
//! | the file | [`Configuration`], [`Connection`], [`StoreLocation`], [`ScheduleSettings`] |
//! | secrets | [`SecretRef`], [`Secrets`]: read by whoever asks for it, never by themselves |
//! | the client of a connection | [`Connection::open`] |
//! | a company that is not the one before | [`Connection::check_store`], [`Connection::check_company`] |
//! | the JSON Schema, for editors | [`json_schema`], [`json_schema_with`], `docs/schemas/configuration.schema.json` |

mod company;
mod duration;
mod error;
mod open;
mod read;
mod reader;
mod schema;
mod secret;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kleer_model::{CompanyId, RateUnit, SalaryUnit};
use record_link::{ConnectionId, Schedule};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use company::CompanyError;
pub use error::{ConfigurationError, ConfigurationProblem, UnknownConnection};
pub use open::OpenError;
#[cfg(feature = "program")]
pub(crate) use open::hash_key_of;
pub use schema::{json_schema, json_schema_with};
pub use secrecy::ExposeSecret;
pub use secret::{Environment, SecretError, SecretRef, Secrets};

/// The largest file that is taken for a configuration, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// What a connector is told: where its links are, and its connections.
///
/// `S` is the app's own: what stands in the table `source` of each connection. An app without such a
/// table takes [`NoSource`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Configuration<S> {
    /// Where links and deviations are kept.
    pub store: StoreLocation,
    /// The connections, in the order of the file.
    pub connections: Vec<Connection<S>>,
}

/// Where links and deviations are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreLocation {
    /// In an `SQLite` file. The default is `kleer-connect.db`.
    Sqlite {
        /// The file. One that is not absolute is meant from the folder of the configuration.
        path: PathBuf,
    },
    /// In a `PostgreSQL` database.
    Postgres {
        /// Its URL, which holds a password.
        url: SecretRef,
        /// The name of the database schema, if it is not the store's own default.
        schema: Option<String>,
    },
}

impl Default for StoreLocation {
    fn default() -> Self {
        Self::Sqlite {
            path: PathBuf::from("kleer-connect.db"),
        }
    }
}

/// One account of the source, paired with one Kleer company.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection<S> {
    /// What people call it. It never changes: links are known by it.
    pub label: String,
    /// The company in Kleer.
    pub company: CompanyId,
    /// The company's organisation number, to notice a token of another company.
    pub organisation_number: Option<String>,
    /// Kleer's address, if it is not the production's.
    pub base_url: Option<String>,
    /// How to prove the right to use it.
    pub access: Access,
    /// How Kleer writes salaries in this company. There is no default: see
    /// [`Units`](crate::Units).
    pub salary_unit: Option<SalaryUnit>,
    /// How Kleer writes rates in this company. There is no default: see [`Units`](crate::Units).
    pub rate_unit: Option<RateUnit>,
    /// How many requests to Kleer may run at the same time.
    pub concurrency: Option<usize>,
    /// The secret of the hashes of what was last in step: 32 hexadecimal digits.
    pub hash_key: Option<SecretRef>,
    /// When which kind of record is kept in step by itself.
    pub schedules: BTreeMap<String, ScheduleSettings>,
    /// What the app needs to know of its own system.
    pub source: S,
    id: ConnectionId,
}

impl<S: fmt::Debug> fmt::Debug for Connection<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("label", &self.label)
            .field("company", &self.company)
            .field("access", &self.access)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl<S> Connection<S> {
    /// The connection's id: label and company, `acme->4875`. Links, client keys and leases are made
    /// with it.
    pub fn id(&self) -> &ConnectionId {
        &self.id
    }
}

/// How a connection proves its right.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// By a token.
    Token(SecretRef),
    /// By logging in, for each run anew.
    LogIn {
        /// The user's e-mail address.
        email: String,
        /// The password.
        password: SecretRef,
    },
}

impl fmt::Debug for Access {
    /// Hides the address, which names a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(token) => f.debug_tuple("Token").field(token).finish(),
            Self::LogIn { password, .. } => f
                .debug_struct("LogIn")
                .field("password", password)
                .finish_non_exhaustive(),
        }
    }
}

/// When something is done by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScheduleSettings {
    /// How long from one time to the next.
    pub every: Duration,
    /// By how much each time is moved, at most, so that not everybody asks at once.
    pub jitter: Duration,
}

impl From<ScheduleSettings> for Schedule {
    fn from(settings: ScheduleSettings) -> Self {
        Self::every(settings.every).jitter(settings.jitter)
    }
}

/// The table `source` of an app that has none: it must be empty, or left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoSource {}

impl<S: DeserializeOwned> Configuration<S> {
    /// Reads a configuration from a text. Files that it names are meant from the working folder.
    ///
    /// # Errors
    /// All that is wrong, each with line and column.
    pub fn parse(text: &str) -> Result<Self, ConfigurationError> {
        // The parser passes over a byte order mark, with which some editors begin a file.
        read::configuration(text)
    }

    /// Reads a configuration file. Files that it names are meant from its folder.
    ///
    /// # Errors
    /// When the file cannot be read or is larger than 1 MiB; or all that is wrong, each with line and
    /// column.
    pub fn read(path: &Path) -> Result<Self, ConfigurationError> {
        let unreadable = |source| ConfigurationError::unreadable(path, source);
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
        let read = read.map_err(unreadable)?;
        if u64::try_from(read).unwrap_or(u64::MAX) > LARGEST {
            let message = "the file is larger than 1 MiB, and no configuration; name another";
            let error = std::io::Error::new(std::io::ErrorKind::FileTooLarge, message);
            return Err(unreadable(error));
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| ConfigurationError::not_text(&bytes, error).in_file(path))?;
        let mut configuration = Self::parse(text).map_err(|error| error.in_file(path))?;
        if let Some(folder) = path.parent() {
            configuration.relative_to(folder);
        }
        Ok(configuration)
    }
}

impl<S> Configuration<S> {
    /// The connection of this label.
    ///
    /// # Errors
    /// When there is none; the error names those that there are.
    pub fn connection(&self, label: &str) -> Result<&Connection<S>, UnknownConnection> {
        let found = self.connections.iter().find(|one| one.label == label);
        found.ok_or_else(|| {
            let known = self.connections.iter().map(|one| one.label.clone());
            UnknownConnection::new(label, known.collect())
        })
    }

    /// Files of this configuration are meant from this folder. (Those that the app's own `source`
    /// names are for the app: [`SecretRef::relative_to`].)
    pub fn relative_to(&mut self, folder: &Path) {
        match &mut self.store {
            StoreLocation::Sqlite { path } => *path = folder.join(&*path),
            StoreLocation::Postgres { url, .. } => url.relative_to(folder),
        }
        for connection in &mut self.connections {
            match &mut connection.access {
                Access::Token(secret)
                | Access::LogIn {
                    password: secret, ..
                } => secret.relative_to(folder),
            }
            if let Some(key) = &mut connection.hash_key {
                key.relative_to(folder);
            }
        }
    }
}
