//! A running sandbox, and how it is started.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use kleer_model::endpoint::Endpoint;
use kleer_model::{Client, ClientInvoice, ClientInvoiceId, CompanyId, Product, RateUnit};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::client_invoices;
use crate::fault::{Fault, FaultProfile, FaultRule, Faults};
use crate::login::Login;
use crate::request_log::{self, RecordedRequest, RequestLog};
use crate::seed::Seed;
use crate::server::{self, Changing, Settings, Shared};
use crate::state::Clock;

/// The company of a sandbox that is not told another.
pub const DEFAULT_COMPANY: CompanyId = CompanyId(4875);

/// The token of a sandbox that is not told another.
pub const DEFAULT_TOKEN: &str = "sandbox-token";

/// The e-mail address with which one logs in to a sandbox that is not told another.
pub const DEFAULT_EMAIL: &str = "integration@sandladan.example";

/// The password with which one logs in to a sandbox that is not told another.
pub const DEFAULT_PASSWORD: &str = "sandbox-password";

/// The largest request body that a sandbox accepts if it is not told otherwise: 64 MiB.
pub const DEFAULT_MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// How a sandbox is to be; see [`Sandbox::builder`].
#[derive(Debug)]
#[must_use = "nothing runs before start()"]
pub struct SandboxBuilder {
    company: CompanyId,
    token: SecretString,
    rate_unit: RateUnit,
    strict: bool,
    seed: Seed,
    port: u16,
    max_body_bytes: usize,
    page_limit: Option<usize>,
    max_recorded_requests: usize,
    clock: Clock,
    login: Login,
    others: Vec<(CompanyId, SecretString, Seed)>,
    faults: FaultProfile,
}

impl SandboxBuilder {
    /// The company that the token is for. Default: [`DEFAULT_COMPANY`].
    pub fn company(mut self, company: CompanyId) -> Self {
        self.company = company;
        self
    }

    /// The token that requests must send as `X-Token`. Default: [`DEFAULT_TOKEN`].
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = token.into();
        self
    }

    /// How VAT rates and percentage discounts are written. Default: [`RateUnit::Percent`].
    ///
    /// Which of the two Kleer uses is not established, so test a connector with both.
    pub fn rate_unit(mut self, unit: RateUnit) -> Self {
        self.rate_unit = unit;
        self
    }

    /// Whether bodies with unknown or out-of-order elements, and unknown query parameters, are
    /// refused. Default: yes.
    ///
    /// Kleer's schema is made of sequences, and what Kleer does with a body that breaks one is not
    /// known: it may refuse it, or silently skip a field. So a connector must not send one, and a
    /// test must notice when it does.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// What is there from the start. Default: nothing.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// The port on 127.0.0.1. Default: 0, a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The largest request body; a larger one is answered with 413. Default:
    /// [`DEFAULT_MAX_BODY_BYTES`].
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// The most items that a paged list gives. Default: all.
    ///
    /// Kleer "may adjust" the number of rows, and how to ask for the rest is not known. With this a
    /// test can show that a connector notices a list that is not the whole (`size` above `limit`),
    /// instead of taking what is not listed for missing.
    pub fn page_limit(mut self, items: usize) -> Self {
        self.page_limit = Some(items);
        self
    }

    /// The most requests that are recorded; the oldest are forgotten. Default: all.
    pub fn max_recorded_requests(mut self, requests: usize) -> Self {
        self.max_recorded_requests = requests;
        self
    }

    /// One more company, with a token and a state of its own.
    ///
    /// A token opens its own company only. Logging in gives the tokens of all of them.
    pub fn another_company(
        mut self,
        company: CompanyId,
        token: impl Into<SecretString>,
        seed: Seed,
    ) -> Self {
        self.others.push((company, token.into(), seed));
        self
    }

    /// The e-mail address and the password that `access/authenticate` takes. Default:
    /// [`DEFAULT_EMAIL`] and [`DEFAULT_PASSWORD`].
    pub fn login(mut self, email: impl Into<String>, password: impl Into<SecretString>) -> Self {
        self.login = Login {
            email: email.into(),
            password: password.into(),
        };
        self
    }

    /// What day it is: it decides what "the current week" is, from when on a salary is valid, and
    /// the dates of registration. Default: the computer's day in UTC.
    pub fn today(mut self, day: NaiveDate) -> Self {
        self.clock.fixed = Some(day);
        self
    }

    /// What goes wrong from the start, and how long every answer takes. Default: nothing, and no
    /// time.
    pub fn fault_profile(mut self, profile: FaultProfile) -> Self {
        self.faults = profile;
        self
    }

    /// Starts the server, in the background of the current tokio runtime.
    ///
    /// # Errors
    /// When the port is not free, or when the token or the seed cannot be used.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let mut companies = vec![(self.company, &self.token)];
        for (company, token, _) in &self.others {
            let is_taken = companies.iter().any(|(known, known_token)| {
                known == company || known_token.expose_secret() == token.expose_secret()
            });
            if is_taken {
                return Err(StartError::Company(*company));
            }
            companies.push((*company, token));
        }
        let is_sendable = |(_, token): &(CompanyId, &SecretString)| {
            let token = token.expose_secret();
            !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if !companies.iter().all(is_sendable) {
            return Err(StartError::Token);
        }
        let mut others = std::collections::BTreeMap::new();
        let mut other_tokens = Vec::new();
        for (company, token, seed) in self.others {
            let books = seed
                .books(self.rate_unit, self.page_limit, company, self.clock)
                .map_err(StartError::Seed)?;
            others.insert(company, books);
            other_tokens.push((company, token));
        }
        let books = self
            .seed
            .books(self.rate_unit, self.page_limit, self.company, self.clock)
            .map_err(StartError::Seed)?;
        let bind = |source| StartError::Bind {
            port: self.port,
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))
            .await
            .map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let settings = Settings {
            company: self.company,
            token: self.token,
            others: other_tokens,
            login: self.login,
            strict: self.strict,
            max_body_bytes: self.max_body_bytes,
        };
        let log = RequestLog::new(self.max_recorded_requests);
        let changing = Changing {
            books,
            others,
            faults: Faults::new(self.faults),
            log,
        };
        let shared = Arc::new(Shared::new(settings, changing));
        let (stop, stopped) = watch::channel(());
        let router = server::router(Arc::clone(&shared));
        let task = tokio::spawn(server::run(listener, router, stopped));
        Ok(Sandbox {
            shared,
            base_url: base_url(address),
            stop,
            task: Some(task),
        })
    }
}

fn base_url(address: SocketAddr) -> String {
    format!("http://{address}/v1")
}

/// Why a sandbox did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The port could not be taken. Choose another, or 0 for a free one.
    Bind {
        /// The port.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// The token cannot be sent in a header: it is empty, or has characters other than printable
    /// ASCII without spaces.
    Token,
    /// This company, or its token, is given twice. Each company has an id and a token of its own.
    Company(CompanyId),
    /// A record of the seed cannot be used. Says which and why.
    Seed(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind { port, .. } => {
                write!(
                    f,
                    "the sandbox cannot listen on 127.0.0.1:{port}; choose another port"
                )
            }
            Self::Token => f.write_str(
                "the sandbox's token must be printable ASCII without spaces, and not empty",
            ),
            Self::Company(company) => write!(
                f,
                "the sandbox's company {company}, or its token, is given twice; each company has \
                 an id and a token of its own"
            ),
            Self::Seed(why) => write!(f, "the sandbox's seed cannot be used: {why}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind { source, .. } => Some(source),
            Self::Token | Self::Company(_) | Self::Seed(_) => None,
        }
    }
}

/// A running sandbox. It stops when it is dropped, or in good order by
/// [`shutdown`](Self::shutdown).
pub struct Sandbox {
    pub(crate) shared: Arc<Shared>,
    base_url: String,
    stop: watch::Sender<()>,
    task: Option<JoinHandle<()>>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_url", &self.base_url)
            .field("company", &self.shared.settings.company)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// A sandbox with the default company and token, percentages, strict, empty, on a free port.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            company: DEFAULT_COMPANY,
            token: DEFAULT_TOKEN.into(),
            rate_unit: RateUnit::Percent,
            strict: true,
            seed: Seed::new(),
            port: 0,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            page_limit: None,
            max_recorded_requests: usize::MAX,
            clock: Clock::default(),
            login: Login {
                email: DEFAULT_EMAIL.to_owned(),
                password: DEFAULT_PASSWORD.into(),
            },
            others: Vec::new(),
            faults: FaultProfile::new(),
        }
    }

    /// Where a client points to: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The company that the token is for.
    pub fn company(&self) -> CompanyId {
        self.shared.settings.company
    }

    /// The token. It opens nothing but this sandbox.
    pub fn token(&self) -> &str {
        self.shared.settings.token.expose_secret()
    }

    /// The names of the endpoints that are carried out: all of the table, as a test proves. One that a
    /// later version of the table adds answers 501 until it is.
    pub fn implemented() -> impl Iterator<Item = &'static str> {
        crate::routes::implemented()
    }

    /// All clients, by id.
    pub fn clients(&self) -> Vec<Client> {
        self.shared.lock().books.clients.values().cloned().collect()
    }

    /// All products, by id.
    pub fn products(&self) -> Vec<Product> {
        self.shared
            .lock()
            .books
            .products
            .values()
            .cloned()
            .collect()
    }

    /// All client invoices, by id, deleted ones among them, as they are read over HTTP.
    pub fn client_invoices(&self) -> Vec<ClientInvoice> {
        let changing = self.shared.lock();
        let books = &changing.books;
        let invoices = books.client_invoices.values();
        invoices
            .map(|invoice| client_invoices::shown(books, invoice, false))
            .collect()
    }

    /// Certifies a draft, as a user does in Kleer: it gets the next number and can be credited.
    /// Returns the number; `None` if there is no such invoice, or if it is deleted.
    pub fn certify_client_invoice(&self, id: ClientInvoiceId) -> Option<i32> {
        client_invoices::certify(&mut self.shared.lock().books, id)
    }

    /// Marks a certified invoice as sent, as a user does in Kleer. False if there is none.
    pub fn send_client_invoice(&self, id: ClientInvoiceId) -> bool {
        client_invoices::send(&mut self.shared.lock().books, id)
    }

    /// Makes the number of an invoice known that was certified elsewhere, so that credits can name
    /// it.
    pub fn register_certified_invoice_number(&self, number: i32) {
        self.shared.lock().books.certified_numbers.insert(number);
    }

    /// Lets the next request go wrong, whatever it is.
    pub fn fail_next(&self, fault: Fault) {
        self.fault(FaultRule::new(fault));
    }

    /// Lets the next `count` requests to an endpoint go wrong.
    ///
    /// Faults are used in the order in which they were armed.
    pub fn fail(&self, endpoint: &Endpoint, count: usize, fault: Fault) {
        self.fault(FaultRule::new(fault).on(endpoint).times(count));
    }

    /// Adds a rule to those in force.
    pub fn fault(&self, rule: FaultRule) {
        self.shared.lock().faults.arm(rule);
    }

    /// Replaces all rules, the seed and the latency.
    pub fn set_fault_profile(&self, profile: FaultProfile) {
        self.shared.lock().faults.set(profile);
    }

    /// How many requests are still to go wrong by rules with a count. A test that armed faults
    /// should end at 0: else they never happened. See
    /// [`assert_faults_played`](Self::assert_faults_played).
    pub fn armed_faults(&self) -> usize {
        self.shared.lock().faults.remaining()
    }

    /// How many requests each kind of fault has hit so far, by [`Fault::name`].
    pub fn played_faults(&self) -> BTreeMap<&'static str, usize> {
        self.shared.lock().faults.played.clone()
    }

    /// Takes back the faults that have not happened yet, and the rules with a share. The latency
    /// stays.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Ends when no write is on its way any more that was answered before its effect
    /// ([`Fault::ResetThenLate`], [`Fault::Delay`]). Look at the state only after this.
    pub async fn late_writes_landed(&self) {
        while self.shared.lock().faults.late_writes > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// For tests: every fault with a count has happened.
    ///
    /// # Panics
    /// When some have not; the message says how many.
    #[track_caller]
    pub fn assert_faults_played(&self) {
        let armed = self.armed_faults();
        assert!(armed == 0, "{armed} of the armed faults never happened");
    }

    /// The requests so far, in the order in which they arrived.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.lock().log.snapshot()
    }

    /// How many requests an endpoint has had.
    pub fn count_requests(&self, endpoint: &Endpoint) -> usize {
        self.shared.lock().log.count(endpoint.name)
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.lock().log.clear();
    }

    /// For tests: the requests so far were to exactly these endpoints, in this order.
    ///
    /// # Panics
    /// When they were not; the message shows both lists.
    #[track_caller]
    pub fn assert_requests(&self, expected: &[&Endpoint]) {
        let requests = self.requests();
        let found: Vec<&str> = requests
            .iter()
            .map(|request| request.endpoint.unwrap_or("(no endpoint)"))
            .collect();
        let expected: Vec<&str> = expected.iter().map(|endpoint| endpoint.name).collect();
        assert!(
            found == expected,
            "the sandbox got other requests\n expected: {expected:?}\n    found: {found:?}"
        );
    }

    /// Writes the body of every recorded request that has one to `folder/NNNN-root.xml` (or
    /// `NNNN-endpoint.json`), so that a schema validator can look at them, and returns the files. `NNNN` counts requests from 1.
    /// The folder is made if need be.
    ///
    /// It uses blocking I/O: it is for the end of a test.
    ///
    /// # Errors
    /// When the folder or a file cannot be written.
    pub fn write_request_bodies(&self, folder: impl AsRef<Path>) -> io::Result<Vec<PathBuf>> {
        request_log::write_bodies(&self.requests(), folder.as_ref())
    }

    /// Stops accepting connections, lets requests that are under way end (for two seconds at most),
    /// and stops.
    pub async fn shutdown(mut self) {
        // No receiver: the server has stopped already.
        let _ = self.stop.send(());
        if let Some(task) = self.task.take() {
            // An error is a panic or an abort of the task; it is over either way.
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
