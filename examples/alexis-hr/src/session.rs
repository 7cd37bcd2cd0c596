//! Both systems, the store and the settings, put together.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;

use flat_record::{FieldName, HashKey, Kind};
use kleer_connect::configuration::{Configuration, Environment, StoreLocation};
use kleer_connect::employees::{self, Employees};
use kleer_connect::matching::Matcher;
use kleer_connect::program::{Command, Common};
use kleer_connect::workbench::Workbench;
use kleer_connect::{DocumentSide, JsonApi, Task, TokioClock};
use kleer_employee::{KIND, Severity, ValidationPolicy, field, validate};
use record_link::{
    AutoLink, Clock, ConnectionId, FieldRule, Keeping, Observation, Permission, Policy, Side,
    Sides, Store, Which,
};
use record_link_sqlite::SqliteStore;

use crate::settings::AlexisSettings;
use crate::side::AlexisEmployees;

/// Alexis is on the left, Kleer on the right.
pub const ALEXIS: Which = Which::Left;

/// Why a command could not be carried out at all.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Both systems, the store and the settings, put together.
#[derive(Debug)]
pub struct Session {
    pub(crate) settings: AlexisSettings,
    pub(crate) alexis: Arc<DocumentSide<AlexisEmployees>>,
    pub(crate) kleer: Arc<Employees>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) connection: ConnectionId,
    pub(crate) kind: Kind,
    keeping: Keeping,
}

/// The key under which values in the store are hashed: made once, and kept beside it.
fn key_beside(store: &Path) -> Result<HashKey, Failed> {
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

impl Session {
    /// Connects to both systems, and looks whether the token may do what is to be done.
    ///
    /// # Errors
    /// When the settings are wrong, a right is missing in Kleer, or this is another company than the
    /// one in the store.
    pub async fn open(common: &Common, command: &Command) -> Result<Self, Failed> {
        let secrets = Environment::new(|name| std::env::var(name).ok());
        let configuration = Configuration::<AlexisSettings>::read(&common.settings)?;
        let folder = common.settings.parent().unwrap_or(Path::new("")).to_owned();
        let label = match (&common.connection, configuration.connections.as_slice()) {
            (Some(label), _) => label.clone(),
            (None, [only]) => only.label.clone(),
            (None, _) => return Err("name one of the connections with --connection".into()),
        };
        let connection = configuration.connection(&label)?;
        let path = match (&common.store, &configuration.store) {
            (Some(path), _) | (None, StoreLocation::Sqlite { path }) => path.clone(),
            _ => return Err("this program keeps its links in an SQLite file".into()),
        };
        let hash_key = match connection.hash_key(&secrets)? {
            Some(key) => key,
            None => key_beside(&path)?,
        };
        let store = Arc::new(SqliteStore::open(&path)?);
        connection.check_store(&*store).await?;

        let kleer = connection.open(&secrets, |kleer| kleer).await?;
        let task = match command {
            Command::Leave { .. } => Task::ExportLeave,
            command if command.writes_employees() => Task::ExportEmployees,
            _ => Task::ImportEmployees,
        };
        let preflight = kleer.preflight(task.rights()).await?;
        if !preflight.missing.is_empty() {
            let missing: String = preflight
                .missing
                .iter()
                .map(|one| format!("\n  {one}"))
                .collect();
            return Err(format!("the token lacks rights in Kleer:{missing}").into());
        }
        connection.check_company(&preflight.company)?;
        let unit = connection
            .salary_unit
            .ok_or("say in the settings which salary-unit Kleer uses")?;

        let settings = connection.source.clone();
        let mut token = settings.token.clone();
        token.relative_to(&folder);
        let api = JsonApi::new(&settings.base_url, token.resolve(&secrets)?)?;
        let profile = kleer_employee::alexis_hr()?;
        let mapper = profile
            .compile_for(kleer_employee::fields())
            .setting("use-work-email", settings.use_work_email)
            .compile()?;
        let key_field = settings.reference_field.clone();
        let kind = Kind::new(KIND)?;
        let documents = AlexisEmployees { api, key_field };
        Ok(Self {
            alexis: Arc::new(DocumentSide::new(documents, kind.clone(), mapper)),
            kleer: Arc::new(Employees::new(kleer, unit)),
            store,
            connection: connection.id().clone(),
            kind,
            keeping: Keeping::hashes(hash_key),
            settings,
        })
    }

    /// Who may write what: people decide who is created and linked.
    fn policy(&self) -> Result<Policy, Failed> {
        let mut policy = employees::two_way(ALEXIS);
        policy.most_sensitive = self.settings.most_sensitive;
        policy.auto_link = AutoLink::Never;
        policy.sides[ALEXIS.other()].create = Permission::Ask;
        // Alexis gets the ID number that Kleer has given, and keeps one of its own.
        let from = ALEXIS.other();
        policy.field(FieldName::new(field::INTERNAL_ID)?).rule = FieldRule::WriteOnce { from };
        for unknown in [
            field::ADDRESS1,
            field::MANAGER,
            field::DIMENSION_ENTRIES,
            field::NOTES,
        ] {
            policy.field(FieldName::new(unknown)?).rule = FieldRule::Never;
        }
        Ok(policy)
    }

    /// The workbench for the employees.
    ///
    /// # Errors
    /// None in a program that was tested: the policy is part of it.
    pub fn bench(&self) -> Result<Workbench, Failed> {
        let (store, clock) = (Arc::clone(&self.store), Arc::new(TokioClock));
        let (alexis, kleer) = (Arc::clone(&self.alexis), Arc::clone(&self.kleer));
        let sides = Sides::<Arc<dyn Side>>::new(alexis, kleer);
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let (policy, keeping) = (self.policy()?, self.keeping);
        let alexis = Arc::clone(&self.alexis);
        let bench = Workbench::new(store, clock, sides, connection, kind, policy, keeping);
        Ok(bench
            .matching(Matcher::new(employees::comparisons()?))
            .check(move |side, seen| match side {
                ALEXIS => problems(&alexis, seen),
                Which::Right => Vec::new(),
            }))
    }
}

/// What stands against exporting an employee.
fn problems(alexis: &DocumentSide<AlexisEmployees>, seen: &Observation) -> Vec<String> {
    let today = TokioClock.now().date_naive();
    let findings = validate(&seen.record, today, &ValidationPolicy::default());
    let errors = findings
        .iter()
        .filter(|one| one.severity == Severity::Error);
    let mut problems = alexis.problems(&seen.key);
    problems.extend(errors.map(ToString::to_string));
    problems
}
