//! Both systems, the store and the settings, put together.

use std::sync::Arc;

use flat_record::{FieldName, Kind};
use kleer_connect::configuration::Environment;
use kleer_connect::employees::{self, Employees};
use kleer_connect::matching::Matcher;
use kleer_connect::program::{Command, Common, open, problems_of};
use kleer_connect::workbench::Workbench;
use kleer_connect::{DocumentSide, JsonApi, TokioClock};
use kleer_employee::{KIND, field};
use record_link::{
    AutoLink, Clock, ConnectionId, FieldRule, Keeping, Permission, Policy, Side, Sides, Store,
    Which,
};

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

impl Session {
    /// Connects to both systems, and looks whether the token may do what is to be done.
    ///
    /// # Errors
    /// When the settings are wrong, a right is missing in Kleer, or this is another company than the
    /// one in the store.
    pub async fn open(common: &Common, command: &Command) -> Result<Self, Failed> {
        let secrets = Environment::new(|name| std::env::var(name).ok());
        let opened = open::<AlexisSettings>(common, command, &secrets, "alexis-hr").await?;
        let settings = opened.connection.source.clone();
        let mut token = settings.token.clone();
        token.relative_to(&opened.folder);
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
            kleer: Arc::new(Employees::new(opened.kleer, opened.salary_unit)),
            store: opened.store,
            connection: opened.connection.id().clone(),
            kind,
            keeping: Keeping::hashes(opened.hash_key),
            settings,
        })
    }

    /// Who may write what: people decide who is created and linked.
    fn policy(&self) -> Result<Policy, Failed> {
        let mut policy = employees::two_way(ALEXIS);
        policy.most_sensitive = self
            .settings
            .most_sensitive
            .unwrap_or(policy.most_sensitive);
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
    pub(crate) fn bench(&self) -> Result<Workbench, Failed> {
        let (store, clock) = (Arc::clone(&self.store), Arc::new(TokioClock));
        let (alexis, kleer) = (Arc::clone(&self.alexis), Arc::clone(&self.kleer));
        let sides = Sides::<Arc<dyn Side>>::new(alexis, kleer);
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let (policy, keeping) = (self.policy()?, self.keeping);
        let alexis = Arc::clone(&self.alexis);
        let bench = Workbench::new(store, clock, sides, connection, kind, policy, keeping);
        Ok(bench
            .matching(Matcher::new(employees::comparisons()?))
            .check(move |side, seen| {
                if side != ALEXIS {
                    return Vec::new();
                }
                let mut problems = alexis.problems(&seen.key);
                problems.extend(problems_of(seen, TokioClock.now().date_naive()));
                problems
            }))
    }
}
