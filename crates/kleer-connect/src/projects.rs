//! Client projects: what is done for clients.

mod convert;
mod fields;
mod matching;
mod policy;

use std::fmt;
use std::time::Duration;

use flat_record::{Kind, Record};
use kleer_client::model::{ClientProjectId, ClientProjectReadable, CustomField, List};
use kleer_client::{Error, Kleer, Outcome, ProjectFilter};
use record_link::{
    Capabilities, ClientKey, Clock, Conditional, Found, Observation, Receipt, RecordKey, Recovery,
    Scope, Side, SideError, SideErrorKind, SideFuture, SideOperation, Snapshot,
};

use crate::failure::{names, not_read_back, only, side_error};
use crate::observed::{
    Now, SETTLE, achieved, client_key_in, observed, snapshot_of, system_clock, told_by,
};
use convert::Turn;

pub use fields::{CLOSED, DRAFT, KIND, OPEN, field, fields};
pub use matching::comparisons;
pub use policy::{one_way, only_new_from_kleer, two_way};

/// Kleer's client projects as a [`Side`]: records of kind [`client-project`](KIND) with the layout
/// of [`fields`]. The record's key is the project's id; they refer to
/// [clients](crate::clients::KIND) and [employees](kleer_employee::KIND).
///
/// ```
/// use kleer_connect::client::Kleer;
/// use kleer_connect::client::model::Client;
/// use kleer_connect::link::{ClientKey, Found, Side};
/// use kleer_connect::projects::{self, Projects, field};
/// use kleer_connect::record::{Kind, Record, Reference};
/// use kleer_sandbox::{Sandbox, Seed};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let seed = Seed::new().client(Client::new("Exempel AB", "SE"));
/// let sandbox = Sandbox::builder().seed(seed).start().await?;
/// let kleer = Kleer::builder(sandbox.company()).token(sandbox.token());
/// let side = Projects::new(kleer.base_url(sandbox.base_url()).build()?);
///
/// let client = Reference::new(Kind::new("client")?, sandbox.clients()[0].id.to_string());
/// let record = Record::new(projects::fields())
///     .with(field::NUMBER, "P-104")?
///     .with(field::NAME, "Ny webbplats")?
///     .with(field::CLIENT, client)?;
/// let (kind, key) = (Kind::new(projects::KIND)?, ClientKey::new("crm->4875", "client-project", "104"));
/// side.create(&kind, &key, &record).await?;
/// // Kleer has no room for the key of a project.
/// assert_eq!(side.find(&kind, &key).await?, Found::Undecided);
/// # Ok(())
/// # }
/// ```
///
/// # Client keys
///
/// The schema gives projects no `foreign-id`. A project with the same number, name and client may
/// have been there before, or be the one of another record, so a create whose answer was lost is
/// never concluded from these: it waits for a person ([`Recovery::Never`]).
///
/// A company that has defined a field of its own for client projects can give it to the key: see
/// [`key_in_field`](Self::key_in_field). Then a lost create is found by any process
/// ([`Recovery::ByListing`]), and nobody is asked. Define one.
///
/// # Requests
///
/// | call | requests |
/// |---|---|
/// | `list` | `GET client-project?filter=all` |
/// | `find`, `find_all` | none; the list, if keys stand in a field |
/// | `get` | `GET client-project/{id}` |
/// | `create` | `PUT client-project`, `POST …/close` if it is to be closed, `GET` of the project |
/// | `update` | `GET`, `POST client-project/{id}` of the whole project and `POST …/open` or `…/close`, each only if needed, `GET`. The first only if nothing differs |
///
/// The paths of the writes are inferred, as the table of endpoints says. An update replaces the
/// whole project, so it reads the project first and sends back what it showed: activities, prices,
/// planned invoices and fields of the company's own. Elements that only a later schema has cannot be
/// sent back, since the type that is written is another one than the one that is read.
#[derive(Clone)]
pub struct Projects {
    kleer: Kleer,
    settle: Duration,
    key_field: Option<String>,
    now: Now,
}

impl Projects {
    /// The client projects of a company.
    pub fn new(kleer: Kleer) -> Self {
        Self {
            kleer,
            settle: SETTLE,
            key_field: None,
            now: system_clock(),
        }
    }

    /// Stamps the client key into the company's own field with this alias, which has to be defined
    /// in Kleer, for client projects.
    #[must_use]
    pub fn key_in_field(mut self, alias: impl Into<String>) -> Self {
        self.key_field = Some(alias.into());
        self
    }

    /// How long after a lost answer a look is believed that finds nothing. 5 s by default.
    #[must_use]
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// Tells the time by another clock than the computer's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.now = told_by(clock);
        self
    }

    /// The client of Kleer's API that it speaks through.
    pub fn kleer(&self) -> &Kleer {
        &self.kleer
    }

    async fn projects(&self) -> Result<List<ClientProjectReadable>, Error> {
        let list = self.kleer.client_projects().list();
        list.filter(ProjectFilter::All).await
    }

    async fn list_all(&self, kind: &Kind, operation: SideOperation) -> Result<Snapshot, SideError> {
        let taken_at = (self.now)();
        let listed = self.projects().await;
        let projects = listed.map_err(|error| side_error(operation, error))?;
        let company = self.kleer.company().to_string();
        let scope = Scope::of(["kleer", &company, "client projects"]);
        let empty =
            Snapshot::new(kind.clone(), fields(), scope, taken_at).with_capacity(projects.len());
        let observe = |project: &ClientProjectReadable| self.observe(project, taken_at);
        let id = |project: &ClientProjectReadable| project.id.id.to_string();
        Ok(snapshot_of(empty, &projects, id, observe))
    }

    fn observe(
        &self,
        project: &ClientProjectReadable,
        seen_at: chrono::DateTime<chrono::Utc>,
    ) -> Option<Observation> {
        let record = convert::record_of(project).ok()?;
        let fields = project.fields.iter().flatten();
        let mut of_key = fields.filter(|field| Some(&field.alias) == self.key_field.as_ref());
        let key = of_key.find_map(|field| client_key_in(Some(&field.value)));
        observed(project.id.id.to_string(), record, key, seen_at)
    }

    /// A project and what is seen of it; `None` if there is none.
    async fn shown(
        &self,
        id: ClientProjectId,
        operation: SideOperation,
    ) -> Result<Option<(ClientProjectReadable, Observation)>, SideError> {
        let seen_at = (self.now)();
        let project = match self.kleer.client_projects().get(id).await {
            Ok(project) => project,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(side_error(operation, error)),
        };
        match self.observe(&project, seen_at) {
            Some(observation) => Ok(Some((project, observation))),
            None => {
                Err(SideError::new(operation, SideErrorKind::Malfunction).with_code("no-record"))
            }
        }
    }

    /// What is there after a write.
    async fn read_back(
        &self,
        id: ClientProjectId,
        asked: &Record,
        failed: Option<SideError>,
        operation: SideOperation,
    ) -> Result<Receipt, SideError> {
        let observation = match self.shown(id, SideOperation::Get).await {
            Ok(Some((_, observation))) => observation,
            Ok(None) => return Err(not_read_back(operation, failed)),
            Err(error) => return Err(not_read_back(operation, Some(error))),
        };
        Ok(achieved(observation, asked, failed))
    }

    /// Opens or closes a project.
    async fn turn(
        &self,
        id: ClientProjectId,
        turn: Turn,
        operation: SideOperation,
    ) -> Result<(), SideError> {
        let projects = self.kleer.client_projects();
        let done = match turn {
            Turn::Open => projects.open(id).await,
            Turn::Close => projects.close(id).await,
        };
        match done {
            Err(error) if error.outcome() != Outcome::CarriedOut => {
                Err(side_error(operation, error))
            }
            _ => Ok(()),
        }
    }

    async fn create_one(&self, key: &ClientKey, record: &Record) -> Result<Receipt, SideError> {
        let operation = SideOperation::Create;
        let (mut project, turn) = convert::create(record)?;
        if let Some(alias) = &self.key_field {
            let stamp = CustomField::new(alias, key.to_string());
            project.fields.get_or_insert_default().push(stamp);
        }
        let created = self.kleer.client_projects().create(&project).await;
        let id = created.map_err(|error| side_error(operation, error))?.id;
        let failed = match turn {
            Some(turn) => self.turn(id, turn, operation).await.err(),
            None => None,
        };
        self.read_back(id, record, failed, operation).await
    }

    async fn update_one(
        &self,
        key: &RecordKey,
        changes: &Record,
        if_version: Option<&str>,
    ) -> Result<Receipt, SideError> {
        let operation = SideOperation::Update;
        let not_found = || SideError::new(operation, SideErrorKind::NotFound);
        let id: ClientProjectId = key.as_str().parse().map_err(|_| not_found())?;
        let shown = self.shown(id, operation).await?;
        let (project, before) = shown.ok_or_else(not_found)?;
        if if_version.is_some_and(|version| before.version.as_deref() != Some(version)) {
            return Err(SideError::new(operation, SideErrorKind::Changed));
        }
        let write = convert::update(&project, &before.record, changes)?;
        if let Some(project) = &write.project {
            match self.kleer.client_projects().update(id, project).await {
                Err(error) if error.outcome() != Outcome::CarriedOut => {
                    return Err(side_error(operation, error));
                }
                _ => {}
            }
        }
        let mut failed = None;
        if let Some(turn) = write.turn {
            match self.turn(id, turn, operation).await {
                // Nothing else was written: it is as if nobody had asked.
                Err(error) if write.project.is_none() => return Err(error),
                turned => failed = turned.err(),
            }
        }
        if write.project.is_none() && write.turn.is_none() {
            return Ok(Receipt::whole(before));
        }
        self.read_back(id, changes, failed, operation).await
    }
}

impl fmt::Debug for Projects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projects")
            .field("company", &self.kleer.company())
            .field("settle", &self.settle)
            .field("key_field", &self.key_field)
            .finish_non_exhaustive()
    }
}

impl Side for Projects {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        let recovery = match self.key_field {
            Some(_) => Recovery::ByListing,
            None => Recovery::Never,
        };
        (*kind == *KIND).then(|| {
            Capabilities::read_only(fields())
                .creates(recovery)
                .updates(Conditional::Checked)
                .settles_within(self.settle)
                .never_writes(names(fields(), [field::ACTIVE]))
        })
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::List)?;
            self.list_all(kind, SideOperation::List).await
        })
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> SideFuture<'a, Option<Observation>> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Get)?;
            let Ok(id) = key.as_str().parse() else {
                return Ok(None);
            };
            let shown = self.shown(id, SideOperation::Get).await?;
            Ok(shown.map(|(_, observation)| observation))
        })
    }

    fn find<'a>(&'a self, kind: &'a Kind, client_key: &'a ClientKey) -> SideFuture<'a, Found> {
        Box::pin(async move {
            let found = self
                .find_all(kind, std::slice::from_ref(client_key))
                .await?;
            let first = found.into_iter().next();
            Ok(first.map_or(Found::Undecided, |(_, found)| found))
        })
    }

    fn find_all<'a>(
        &'a self,
        kind: &'a Kind,
        client_keys: &'a [ClientKey],
    ) -> SideFuture<'a, Vec<(ClientKey, Found)>> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Find)?;
            if self.key_field.is_none() {
                let undecided = client_keys.iter().map(|key| (*key, Found::Undecided));
                return Ok(undecided.collect());
            }
            let all = self.list_all(kind, SideOperation::Find).await?;
            Ok(all.find_all(client_keys))
        })
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Create)?;
            self.create_one(client_key, record).await
        })
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Update)?;
            self.update_one(key, changes, if_version).await
        })
    }
}
