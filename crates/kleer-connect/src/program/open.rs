//! From the command line and the settings to a connection that is ready.

use std::error::Error;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flat_record::HashKey;
use kleer_client::Kleer;
use kleer_model::SalaryUnit;
use record_link::{Store, StoreError};
use serde::de::DeserializeOwned;

use super::{Command, Common};
use crate::Task;
use crate::configuration::{Configuration, Connection, Secrets, StoreLocation};

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

/// Opens the connection that the command line names, or the only one of the settings. Without a
/// `hash-key` in the settings, one is made and kept in a file beside the store.
///
/// # Errors
/// When the settings are wrong, a secret is missing, a right is missing in Kleer, or this is another
/// company than the one in the store. The text is for the person at the command line.
pub async fn open<S: DeserializeOwned + Clone>(
    common: &Common,
    command: &Command,
    secrets: &dyn Secrets,
    open_store: impl FnOnce(&Path) -> Result<Arc<dyn Store>, StoreError>,
) -> Result<Opened<S>, Box<dyn Error + Send + Sync>> {
    let configuration = Configuration::<S>::read(&common.settings)?;
    let label = match (&common.connection, configuration.connections.as_slice()) {
        (Some(label), _) => label.clone(),
        (None, [only]) => only.label.clone(),
        (None, _) => return Err("name one of the connections with --connection".into()),
    };
    let connection = configuration.connection(&label)?.clone();
    let path = match (&common.store, &configuration.store) {
        (Some(path), _) | (None, StoreLocation::Sqlite { path }) => path.clone(),
        _ => return Err("this program keeps its links in an SQLite file: name one".into()),
    };
    let hash_key = match connection.hash_key(secrets)? {
        Some(key) => key,
        None => key_beside(&path)?,
    };
    let store = open_store(&path)?;
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

fn key_beside(store: &Path) -> Result<HashKey, Box<dyn Error + Send + Sync>> {
    let file = store.with_extension("key");
    if !store.exists() && !file.exists() {
        // Seeded by the system's randomness.
        let random = || RandomState::new().hash_one(0_u8);
        fs::write(&file, format!("{:016x}{:016x}", random(), random()))?;
    }
    let name = file.display();
    let text = fs::read_to_string(&file).map_err(|error| format!("{name}: {error}"))?;
    let key = u128::from_str_radix(text.trim(), 16).map_err(|error| format!("{name}: {error}"))?;
    Ok(HashKey::new(key.to_be_bytes()))
}
