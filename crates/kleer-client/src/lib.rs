//! Typed async client for the REST API of Kleer, the Swedish accounting and payroll service
//! (formerly PE Accounting).
//!
//! ```no_run
//! use kleer_client::model::{Client, ClientKey, CompanyId};
//! use kleer_client::{CreateOutcome, Kleer};
//!
//! # async fn example(token: String) -> Result<(), kleer_client::Error> {
//! let kleer = Kleer::builder(CompanyId(4875)).token(token).test().build()?;
//!
//! println!("connected to {}", kleer.company_information().await?.name);
//!
//! let client = Client::new("Exempelbolaget AB", "SE");
//!
//! // What would be sent? Nothing is.
//! let request = kleer.clients().create(&client).render()?;
//! println!("{} {}", request.method(), request.url());
//!
//! // Kleer has no idempotency key. The client key is ours: whoever runs this again, and however
//! // often the connection breaks, makes one client of it, or is told that it is in doubt.
//! let key = ClientKey::new("crm->4875", "client", "customer 4711");
//! match kleer.clients().create_once(key, &client).await? {
//!     CreateOutcome::Created { id, .. } => println!("client {id} is new"),
//!     CreateOutcome::AlreadyThere { id } => println!("client {id} was there"),
//!     CreateOutcome::InDoubt(doubt) => println!("a person must look: {}", doubt.reason),
//!     _ => {}
//! }
//! # Ok(()) }
//! ```
//!
//! # What it promises
//!
//! - **A write is never repeated unless it is known that the first one changed nothing.** Every
//!   error says what is known of its effect: [`Error::outcome`]. The whole table is in [`retry`].
//! - **Nothing secret or personal in logs.** `Display`, `Debug`, the error chain and the `tracing`
//!   spans show no token, URL, id, body, or message of Kleer's.
//! - **The token goes to one address.** Redirects are not followed, and proxies are not taken from
//!   the environment.
//! - **Bounded.** Every attempt has a time limit, every call and every list that is read as a stream
//!   a time budget, every answer a size limit; compressed answers are refused.
//!
//! Typed calls speak XML, whose schema Kleer publishes. The types are those of [`kleer_model`]
//! (here as [`model`]), and so is the table of endpoints; each entry says whether its path is
//! confirmed or inferred.
//!
//! # Map
//!
//! | | |
//! |---|---|
//! | [`Kleer`], [`KleerBuilder`] | the client and its settings |
//! | [`LogIn`], [`TokenSource`] | other ways to prove who you are |
//! | [`Kleer::preflight`], [`Task`] | who am I, and which rights are missing |
//! | [`Users`], [`Clients`], [`ClientInvoices`], [`Payroll`], … | the areas, by methods of [`Kleer`] |
//! | [`ListStream`], [`PagedCall`], [`Pages`] | long lists |
//! | [`once`], [`Kleer::create_once`], [`Kleer::audit`] | creates that leave no double |
//! | [`Call`], [`RenderedRequest`] | a call before it is sent |
//! | [`Created`], [`Accepted`], [`model::List`] | answers |
//! | [`Error`], [`Outcome`] | failures |
//! | [`retry`], [`RetryPolicy`], [`RateLimit`] | what is tried again and when, and how fast |
//! | [`RawCall`] | any other path |
//! | [`Transport`], [`Timer`] | the seams for other HTTP stacks and for tests |
//!
//! Each call is one `kleer.call` span of [`tracing`] with `endpoint`, `method`, `attempts`,
//! `status`, `outcome` (of a failed write) and `elapsed_ms`.

mod areas;
mod builder;
mod call;
mod error;
mod failure;
mod handle;
mod kleer;
mod limits;
mod list_stream;
mod log_in;
pub mod once;
mod pages;
mod preflight;
mod raw;
mod request;
mod reqwest_transport;
mod response;
pub mod retry;
mod timer;
mod token;
mod transport;

pub use kleer_model as model;

pub use http::{HeaderMap, Method, StatusCode};
pub use secrecy::{ExposeSecret, SecretString};

pub use areas::{
    Accounting, Bank, ClientAgreements, ClientInvoices, ClientProjects, Clients, Company,
    CreateClientInvoice, DimensionEntries, Dimensions, EventStatuses, Events, Expenses, Foundation,
    FoundationPayments, FoundationRepayments, InvoiceFilter, ListClientInvoices,
    ListClientProjects, ListEvents, ListExpenses, Payroll, PayrollOfUser, PayrollRuns,
    PayrollSchedules, Products, ProjectFilter, Projects, Revenues, SubFoundations, Subcontractors,
    SupplierInvoices, Suppliers, UserAccess, Users,
};
pub use builder::{KleerBuilder, PRODUCTION_URL, TEST_URL};
pub use call::Call;
pub use error::{Error, ErrorKind, Outcome};
pub use kleer::Kleer;
pub use limits::RateLimit;
pub use list_stream::ListStream;
pub use log_in::{LogIn, Session};
#[doc(inline)]
pub use once::{
    AuditCall, AuditReport, Creatable, CreateAllOnce, CreateItem, CreateOnce, CreateOutcome,
    CreateProgress, CreateReport, CreateTotals, Double, Doubt, DoubtReason,
};
pub use pages::{PagedCall, PagedStream, Pages};
pub use preflight::{MissingRight, Preflight, PreflightCall, Task};
pub use raw::RawCall;
pub use request::RenderedRequest;
pub use reqwest_transport::ReqwestTransport;
pub use response::{Accepted, Created, RawResponse};
#[doc(inline)]
pub use retry::RetryPolicy;
pub use timer::{Timer, TokioTimer};
pub use token::{TokenError, TokenSource};
pub use transport::{Body, BoxFuture, ReadChunk, Transport, TransportError, TransportErrorKind};
