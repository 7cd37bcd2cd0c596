//! Clients: whom the company sends invoices to.

mod convert;
mod fields;
mod matching;
mod policy;

use std::fmt;
use std::time::Duration;

use flat_record::{Kind, Record};
use kleer_client::model::{Client, ClientId};
use kleer_client::{Error, Kleer, Outcome};
use record_link::{
    Capabilities, ClientKey, Clock, Conditional, Found, Observation, Receipt, RecordKey, Recovery,
    RejectReason, Scope, Side, SideError, SideErrorKind, SideFuture, SideOperation, Snapshot,
};

use crate::failure::{names, not_read_back, only, side_error};
use crate::observed::{Now, SETTLE, client_key_in, observed, rejected_items, system_clock};

pub use fields::{KIND, ORGANISATION, PERSON, field, fields};
pub use matching::comparisons;
pub use policy::{one_way, two_way};

/// Kleer's clients as a [`Side`]: records of kind [`client`](KIND) with the layout of [`fields`].
/// The record's key is the client's id.
///
/// ```
/// use kleer_connect::client::Kleer;
/// use kleer_connect::clients::{self, Clients, field};
/// use kleer_connect::link::{ClientKey, Side};
/// use kleer_connect::record::{Kind, Record, Value};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = kleer_sandbox::Sandbox::builder().start().await?;
/// let kleer = Kleer::builder(sandbox.company()).token(sandbox.token());
/// let side = Clients::new(kleer.base_url(sandbox.base_url()).build()?);
///
/// let kind = Kind::new(clients::KIND)?;
/// let record = Record::new(clients::fields())
///     .with(field::NAME, "Exempel AB")?
///     .with(field::ORGNO, "5560160680")?
///     .with(field::COUNTRY_CODE, "SE")?;
/// let key = ClientKey::new("crm->4875", "client", "customer 17");
/// let receipt = side.create(&kind, &key, &record).await?;
/// let shown = receipt.observation.record;
/// assert_eq!(shown.get(field::ORGNO), Some(&Value::from("556016-0680")), "as Kleer writes it");
/// # Ok(())
/// # }
/// ```
///
/// # Requests
///
/// | call | requests |
/// |---|---|
/// | `list`, `find`, `find_all` | `GET client` |
/// | `get` | `GET client/{id}`, a path that is only inferred |
/// | `create` | `PUT client`, and `GET` of the client, since Kleer answers with an id only |
/// | `update` | `GET`, `POST client/{id}` of the whole client, `GET`. The first only if nothing differs |
/// | `delete` | `GET` if a version is given, `DELETE client/{id}` |
///
/// The client key is stamped into `foreign-id`, which Kleer lists again but does not keep unique: a
/// create whose answer was lost is found by a list. An update replaces the whole client, so it reads
/// the client first, changes what is asked for, and sends back the rest as it came, with elements
/// that this crate does not know. Kleer refuses to delete a client that has invoices; make it
/// inactive instead.
#[derive(Clone)]
pub struct Clients {
    kleer: Kleer,
    settle: Duration,
    now: Now,
}

impl Clients {
    /// The clients of a company.
    pub fn new(kleer: Kleer) -> Self {
        Self {
            kleer,
            settle: SETTLE,
            now: system_clock(),
        }
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
        self.now = crate::observed::told_by(clock);
        self
    }

    /// The client of Kleer's API that it speaks through.
    pub fn kleer(&self) -> &Kleer {
        &self.kleer
    }

    async fn list_all(&self, kind: &Kind, operation: SideOperation) -> Result<Snapshot, SideError> {
        let taken_at = (self.now)();
        let listed = self.kleer.clients().list().await;
        let clients = listed.map_err(|error| side_error(operation, error))?;
        let company = self.kleer.company().to_string();
        let scope = Scope::of(["kleer", &company, "clients"]);
        let mut all =
            Snapshot::new(kind.clone(), fields(), scope, taken_at).with_capacity(clients.len());
        for client in &clients {
            match observation_of(client, taken_at) {
                Some(observation) => _ = all.observe(observation),
                None => {
                    let key = RecordKey::new(client.id.to_string()).ok();
                    all.reject(key, RejectReason::Unreadable("no-record".to_owned()));
                }
            }
        }
        Ok(rejected_items(all, &clients))
    }

    async fn client(&self, id: ClientId) -> Result<Option<Client>, Error> {
        match self.kleer.clients().get(id).await {
            Ok(client) => Ok(Some(client)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A client and what is seen of it; `None` if there is none.
    async fn shown(
        &self,
        id: ClientId,
        operation: SideOperation,
    ) -> Result<Option<(Client, Observation)>, SideError> {
        let seen_at = (self.now)();
        let client = self.client(id).await;
        let Some(client) = client.map_err(|error| side_error(operation, error))? else {
            return Ok(None);
        };
        match observation_of(&client, seen_at) {
            Some(observation) => Ok(Some((client, observation))),
            None => {
                Err(SideError::new(operation, SideErrorKind::Malfunction).with_code("no-record"))
            }
        }
    }

    /// What is there after a write.
    async fn read_back(
        &self,
        id: ClientId,
        operation: SideOperation,
    ) -> Result<Receipt, SideError> {
        match self.shown(id, SideOperation::Get).await {
            Ok(Some((_, observation))) => Ok(Receipt::whole(observation)),
            Ok(None) => Err(not_read_back(operation, None)),
            Err(error) => Err(not_read_back(operation, Some(error))),
        }
    }

    /// What is there before a write, in the version that the caller saw.
    async fn before(
        &self,
        key: &RecordKey,
        if_version: Option<&str>,
        operation: SideOperation,
    ) -> Result<(ClientId, Client, Observation), SideError> {
        let not_found = || SideError::new(operation, SideErrorKind::NotFound);
        let id: ClientId = key.as_str().parse().map_err(|_| not_found())?;
        let shown = self.shown(id, operation).await?;
        let (client, observation) = shown.ok_or_else(not_found)?;
        if if_version.is_some_and(|version| observation.version.as_deref() != Some(version)) {
            return Err(SideError::new(operation, SideErrorKind::Changed));
        }
        Ok((id, client, observation))
    }

    async fn create_one(&self, key: &ClientKey, record: &Record) -> Result<Receipt, SideError> {
        let operation = SideOperation::Create;
        let mut client = convert::create(record)?;
        client.foreign_id = key.to_string();
        let created = self.kleer.clients().create(&client).await;
        let id = created.map_err(|error| side_error(operation, error))?.id;
        self.read_back(id, operation).await
    }

    async fn update_one(
        &self,
        key: &RecordKey,
        changes: &Record,
        if_version: Option<&str>,
    ) -> Result<Receipt, SideError> {
        let operation = SideOperation::Update;
        let (id, client, before) = self.before(key, if_version, operation).await?;
        let Some(changed) = convert::update(&client, &before.record, changes)? else {
            return Ok(Receipt::whole(before));
        };
        match self.kleer.clients().update(id, &changed).await {
            Err(error) if error.outcome() != Outcome::CarriedOut => {
                Err(side_error(operation, error))
            }
            _ => self.read_back(id, operation).await,
        }
    }

    async fn delete_one(&self, key: &RecordKey, if_version: Option<&str>) -> Result<(), SideError> {
        let operation = SideOperation::Delete;
        let id = match if_version {
            Some(_) => self.before(key, if_version, operation).await?.0,
            None => {
                let not_found = |_| SideError::new(operation, SideErrorKind::NotFound);
                key.as_str().parse().map_err(not_found)?
            }
        };
        match self.kleer.clients().delete(id).await {
            Err(error) if error.outcome() != Outcome::CarriedOut => {
                Err(side_error(operation, error))
            }
            _ => Ok(()),
        }
    }
}

fn observation_of(client: &Client, seen_at: chrono::DateTime<chrono::Utc>) -> Option<Observation> {
    let record = convert::record_of(client).ok()?;
    let key = client_key_in(Some(&client.foreign_id));
    observed(client.id.to_string(), record, key, seen_at)
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients")
            .field("company", &self.kleer.company())
            .field("settle", &self.settle)
            .finish_non_exhaustive()
    }
}

impl Side for Clients {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        (*kind == *KIND).then(|| {
            Capabilities::read_only(fields())
                .creates(Recovery::ByListing)
                .updates(Conditional::Checked)
                .deletes()
                .settles_within(self.settle)
                .never_writes(names(fields(), [field::EDI_RECIPIENT]))
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
            only(kind, KIND, SideOperation::Find)?;
            let all = self.list_all(kind, SideOperation::Find).await?;
            Ok(all.find(client_key))
        })
    }

    fn find_all<'a>(
        &'a self,
        kind: &'a Kind,
        client_keys: &'a [ClientKey],
    ) -> SideFuture<'a, Vec<(ClientKey, Found)>> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Find)?;
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

    fn delete<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        if_version: Option<&'a str>,
    ) -> SideFuture<'a, ()> {
        Box::pin(async move {
            only(kind, KIND, SideOperation::Delete)?;
            self.delete_one(key, if_version).await
        })
    }
}
