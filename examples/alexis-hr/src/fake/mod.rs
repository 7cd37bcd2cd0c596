//! A small fake of Alexis HR: an HTTP server that speaks the shapes of its API as far as they are
//! published (list envelopes, pages, side-loaded relations, filters, the bearer token, errors), and
//! fails when it is told to.
//!
//! What it keeps are JSON objects by resource. It is not built on the program's client, and the
//! client knows nothing of it, so that each tests the other.

mod answer;
mod people;
mod query;
mod records;
mod stage;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};

use axum::extract::Request;
use serde_json::Value as Json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use records::Records;

pub use stage::Stage;

/// The token that the fake knows.
pub const TOKEN: &str = "fake-alexis-token";

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// 429, with so many seconds to wait.
    RateLimited(u64),
    /// 401.
    Unauthorised,
    /// 403.
    Forbidden,
    /// 500; nothing is done.
    ServerError,
    /// It is done, but the answer breaks off.
    AnswerLost,
    /// It is done, but the answer is no JSON.
    Garbled,
    /// It is done, but the answer is JSON of another shape.
    Senseless,
}

/// How lists are paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paging {
    /// As it was asked for.
    #[default]
    Right,
    /// Each page but the first begins so many records too early.
    Overlapping(usize),
    /// After so many first pages the first record goes away, and all others move up.
    Shrinking(usize),
    /// `total` says one more than there are.
    Overstated,
}

/// A request that came.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// `GET`, ...
    pub method: String,
    /// `/v1/employee/64f0...`
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The body, null if there was none.
    pub body: Json,
}

struct State {
    records: Records,
    faults: Vec<(String, Fault)>,
    paging: Paging,
    received: Vec<Received>,
}

/// A running fake. It ends when it is dropped.
pub struct FakeAlexis {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl fmt::Debug for FakeAlexis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeAlexis")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeAlexis {
    /// Starts one that knows no employees.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start() -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            records: Records::default(),
            faults: Vec::new(),
            paging: Paging::Right,
            received: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let handle = move |request: Request| answer::to(Arc::clone(&shared), request);
        let router = axum::Router::new().fallback(handle);
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            let ended = async {
                // Also when the sender is gone.
                let _ = stopped.await;
            };
            let serving = axum::serve(listener, router);
            tokio::select! {
                _ = serving => {}
                () = ended => {}
            }
        });
        Ok(Self {
            address,
            state,
            stop: Some(stop),
            server,
        })
    }

    /// The address to be given to a client, with the version.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Adds the people of the demo: see `people`.
    pub fn add_demo(&self) {
        people::add_demo(&mut lock(&self.state).records);
    }

    /// Adds so many employees without number, all of them different.
    pub fn add_many(&self, count: usize) {
        people::add_many(&mut lock(&self.state).records, count);
    }

    /// Adds a record; its id. What the resource requires besides is filled in.
    pub fn add(&self, resource: &str, record: &Json) -> String {
        lock(&self.state).records.insert(resource, record)
    }

    /// Changes a record, as somebody in the web application does. A nested object is merged.
    pub fn change(&self, resource: &str, id: &str, changes: &Json) {
        lock(&self.state).records.patch(resource, id, changes);
    }

    /// Deletes a record.
    pub fn delete(&self, resource: &str, id: &str) {
        lock(&self.state).records.remove(resource, id);
    }

    /// A record as it is, null if there is none.
    pub fn get(&self, resource: &str, id: &str) -> Json {
        let state = lock(&self.state);
        state.records.get(resource, id).cloned().unwrap_or_default()
    }

    /// All records of a resource.
    pub fn all(&self, resource: &str) -> Vec<Json> {
        lock(&self.state).records.all(resource).to_vec()
    }

    /// The id of the employee of this first name, as the demo calls them.
    pub fn id_of(&self, first_name: &str) -> Option<String> {
        let all = self.all("employee");
        let one = all.iter().find(|one| one["firstName"] == first_name)?;
        one["id"].as_str().map(ToOwned::to_owned)
    }

    /// The next requests whose method and path begin so (`"PATCH /v1/employee"`) fail, each fault
    /// once.
    pub fn fail(&self, beginning: &str, faults: impl IntoIterator<Item = Fault>) {
        let faults = faults
            .into_iter()
            .map(|fault| (beginning.to_owned(), fault));
        lock(&self.state).faults.extend(faults);
    }

    /// How lists are paged from now on.
    pub fn page(&self, paging: Paging) {
        lock(&self.state).paging = paging;
    }

    /// The requests that came since the last call of this.
    pub fn take_received(&self) -> Vec<Received> {
        std::mem::take(&mut lock(&self.state).received)
    }

    /// Ends it.
    pub async fn shutdown(mut self) {
        drop(self.stop.take());
        let _ = (&mut self.server).await;
    }
}

impl Drop for FakeAlexis {
    fn drop(&mut self) {
        self.server.abort();
    }
}
