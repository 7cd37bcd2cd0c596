//! From the command line and the settings to a connection that is ready.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flat_record::HashKey;
use kleer_client::Kleer;
use kleer_model::SalaryUnit;
use record_link::Store;
use serde::de::DeserializeOwned;

use super::{Command, Common, StoreArgument, hash_key};
use crate::Task;
use crate::configuration::{Configuration, Connection, Secrets, StoreLocation};

const NO_HASH_KEY: &str = "a PostgreSQL store needs a `hash-key` in the settings of the connection: \
    32 random hexadecimal digits, as a secret ({ env = \"NAME\" } or { file = \"path\" }), the same on \
    each machine";

/// A connection that is ready: the token may do what the command does, and the store is that of this
/// company.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened<S> {
    /// The connection's settings.
    pub connection: Connection<S>,
    /// The folder that files in them are meant from.
    pub folder: PathBuf,
    /// The client.
    pub kleer: Kleer,
    /// How Kleer writes salaries there.
    pub salary_unit: SalaryUnit,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The secret of what is hashed in it.
    pub hash_key: HashKey,
}

/// Opens the connection that the command line names, or the only one of the settings, for a program
/// of this name.
///
/// Without a `hash-key` in the settings, one is made with a new `SQLite` file, and kept beside it
/// under the same name with the ending `.key`: only its owner may read it. It belongs into each
/// backup of the store, but not to the same place: whoever has both can try which values the hashes
/// are of. A store whose key is lost cannot tell any more what has changed, and is not opened: put the
/// key back, or begin with a new store and match who is there. A `PostgreSQL` store has no place
/// beside it, and needs a `hash-key` in the settings, the same on each machine.
///
/// # Errors
/// When the settings are wrong, a secret is missing, a right is missing in Kleer, or this is another
/// company than the one in the store. The text is for the person at the command line.
pub async fn open<S: DeserializeOwned + Clone>(
    common: &Common,
    command: &Command,
    secrets: &dyn Secrets,
    program: &str,
) -> Result<Opened<S>, Box<dyn Error + Send + Sync>> {
    let configuration = Configuration::<S>::read(&common.settings)?;
    let label = match (&common.connection, configuration.connections.as_slice()) {
        (Some(label), _) => label.clone(),
        (None, [only]) => only.label.clone(),
        (None, _) => return Err("name one of the connections with --connection".into()),
    };
    let connection = configuration.connection(&label)?.clone();
    let (place, schema) = match (&common.store, &configuration.store) {
        (Some(place), _) => (place.clone(), None),
        (None, StoreLocation::Sqlite { path }) => (StoreArgument::Sqlite(path.clone()), None),
        (None, StoreLocation::Postgres { url, schema }) => {
            let url = StoreArgument::Postgres(url.resolve(secrets)?);
            (url, schema.as_deref())
        }
    };
    let hash_key = match (connection.hash_key(secrets)?, &place) {
        (Some(key), _) => key,
        (None, StoreArgument::Sqlite(path)) => hash_key::beside(path, secrets)?,
        (None, StoreArgument::Memory) => HashKey::new(hash_key::random()?),
        (None, StoreArgument::Postgres(_)) => return Err(NO_HASH_KEY.into()),
    };
    let store = place.open(program, schema).await;
    let store = store.map_err(|error| format!("the store {place}: {error}"))?;
    connection.check_store(&*store).await?;

    let kleer = connection.open(secrets, |kleer| kleer).await?;
    let task = match command {
        Command::Leave { .. } => Task::ExportLeave,
        command if command.writes_employees() => Task::ExportEmployees,
        _ => Task::ImportEmployees,
    };
    let preflight = kleer.preflight(task.rights()).await?;
    if !preflight.missing.is_empty() {
        let missing = preflight.missing.iter().map(|one| format!("\n  {one}"));
        let missing: String = missing.collect();
        return Err(format!("the token lacks rights in Kleer:{missing}").into());
    }
    connection.check_company(&preflight.company)?;
    let unit = connection.salary_unit;
    Ok(Opened {
        salary_unit: unit.ok_or("say in the settings which salary-unit Kleer uses")?,
        folder: common.settings.parent().unwrap_or(Path::new("")).to_owned(),
        connection,
        kleer,
        store,
        hash_key,
    })
}
