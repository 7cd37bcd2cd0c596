//! Both systems, the store and the settings, put together.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;

use flat_record::{HashKey, Kind};
use kleer_connect::client::{Kleer, Task};
use kleer_connect::employees::{self, Employees};
use kleer_connect::matching::Matcher;
use kleer_connect::program::{Command, Common};
use kleer_connect::workbench::Workbench;
use kleer_connect::{DocumentSide, JsonApi, TokioClock};
use kleer_employee::{KIND, Severity, ValidationPolicy, validate};
use record_link::{
    AutoLink, Clock, ConnectionId, Keeping, Observation, Permission, Policy, Side, Sides, Store,
    Which,
};
use record_link_sqlite::SqliteStore;

use crate::settings::Settings;
use crate::side::AlexisEmployees;

/// Alexis is on the left, Kleer on the right.
pub const ALEXIS: Which = Which::Left;
/// See [`ALEXIS`].
pub const KLEER: Which = Which::Right;

/// Why a command could not be carried out at all.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Both systems, the store and the settings, put together.
#[derive(Debug)]
pub struct Session {
    pub(crate) settings: Settings,
    pub(crate) alexis: Arc<DocumentSide<AlexisEmployees>>,
    pub(crate) kleer: Arc<Employees>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) connection: ConnectionId,
    pub(crate) kind: Kind,
    policy: Policy,
    keeping: Keeping,
    matcher: Matcher,
}

/// A store in a file, and the key beside it under which the values in it are hashed.
///
/// # Errors
/// When a file cannot be read or written.
pub fn open_store(path: &Path) -> Result<(Arc<dyn Store>, HashKey), Failed> {
    let key_file = path.with_extension("key");
    if !path.exists() && !key_file.exists() {
        // Seeded by the system's randomness.
        let random = || RandomState::new().hash_one(0_u8);
        fs::write(&key_file, format!("{:016x}{:016x}", random(), random()))?;
    }
    let name = key_file.display();
    let text = fs::read_to_string(&key_file).map_err(|error| format!("{name}: {error}"))?;
    let key = u128::from_str_radix(text.trim(), 16).map_err(|error| format!("{name}: {error}"))?;
    Ok((
        Arc::new(SqliteStore::open(path)?),
        HashKey::new(key.to_be_bytes()),
    ))
}

impl Session {
    /// Connects to both systems, and looks whether the token may do what is to be done.
    ///
    /// # Errors
    /// When a right is missing in Kleer, or this is another company than the one in the store.
    pub async fn open(common: &Common, command: &Command) -> Result<Self, Failed> {
        let settings = Settings::read(&common.settings)?;
        let store = common
            .store
            .clone()
            .unwrap_or_else(|| "alexis-hr.sqlite".into());
        let tasks: &[Task] = match command {
            Command::Leave { .. } => &[Task::ReadPayroll, Task::ReadTime, Task::WriteTime],
            command if command.writes_employees() => &[Task::WriteUsers, Task::WritePayroll],
            _ => &[Task::ReadPayroll],
        };
        Self::with(settings, open_store(&store)?, tasks).await
    }

    /// See [`open`](Self::open).
    ///
    /// # Errors
    /// As there.
    pub async fn with(
        settings: Settings,
        (store, hash_key): (Arc<dyn Store>, HashKey),
        tasks: &[Task],
    ) -> Result<Self, Failed> {
        let kleer = Kleer::builder(settings.company).base_url(&settings.kleer.base_url);
        let kleer = kleer.token(settings.kleer.token.read()?).build()?;
        let preflight = kleer.preflight(tasks).await?;
        if !preflight.missing.is_empty() {
            let missing = preflight.missing.iter().map(|one| format!("\n  {one}"));
            return Err(format!(
                "the token lacks rights in Kleer:{}",
                missing.collect::<String>()
            )
            .into());
        }
        let company = &preflight.company;
        let connection = format!(
            "{}->kleer:{}:{}",
            settings.label, settings.company, company.orgno
        );
        let connection = ConnectionId::new(connection)?;
        let ours = format!("{}->kleer:", settings.label);
        for known in store.connections().await? {
            if known.as_str().starts_with(&ours) && known != connection {
                return Err(format!(
                    "{connection} is not what was linked before: {known}. Correct the settings, or \
                     give the other company a label or a store of its own"
                )
                .into());
            }
        }
        let alexis = JsonApi::new(&settings.alexis.base_url, settings.alexis.token.read()?)?;
        let profile = kleer_employee::alexis_hr()?;
        let mapper = profile
            .compile_for(kleer_employee::fields())
            .setting("use-work-email", settings.use_work_email)
            .compile()?;
        let kind = Kind::new(KIND)?;
        let key_field = settings.reference_field.clone();
        let documents = AlexisEmployees {
            api: alexis,
            key_field,
        };
        let mut policy = employees::two_way(ALEXIS);
        policy.most_sensitive = settings.most_sensitive;
        // Here people decide.
        policy.auto_link = AutoLink::Never;
        policy.sides[KLEER].create = Permission::Ask;
        Ok(Self {
            alexis: Arc::new(
                DocumentSide::new(documents, kind.clone(), mapper).never_writes([
                    "address1",
                    "manager-user",
                    "dimension-entries",
                    "notes",
                ]),
            ),
            kleer: Arc::new(Employees::new(kleer, settings.salary_unit)),
            store,
            connection,
            kind,
            policy,
            keeping: Keeping::hashes(hash_key),
            matcher: Matcher::new(employees::comparisons()?),
            settings,
        })
    }

    /// The workbench for the employees.
    pub fn bench(&self) -> Workbench {
        let (store, clock) = (Arc::clone(&self.store), Arc::new(TokioClock));
        let (alexis, kleer) = (Arc::clone(&self.alexis), Arc::clone(&self.kleer));
        let sides = Sides::<Arc<dyn Side>>::new(alexis, kleer);
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let policy = self.policy.clone();
        let alexis = Arc::clone(&self.alexis);
        Workbench::new(store, clock, sides, connection, kind, policy, self.keeping)
            .matching(self.matcher.clone())
            .check(move |side, seen| match side {
                ALEXIS => problems(&alexis, seen),
                KLEER => Vec::new(),
            })
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
