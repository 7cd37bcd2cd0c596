//! A stateful stand-in for the API of Kleer, so that a connector can be tested and shown without a
//! Kleer account.
//!
//! It is a real HTTP server on 127.0.0.1 that keeps what it is sent, refuses what Kleer would
//! refuse as far as that is known, and can be told to fail in the ways in which servers and
//! networks fail. It is not built on this project's client, so that each tests the other.
//!
//! ```
//! use chrono::NaiveDate;
//! use kleer_model::{
//!     Cents, Client, ClientInvoice, ClientInvoiceRow, Created, Document, Product, endpoint,
//! };
//! use kleer_sandbox::{Fault, Sandbox, Seed};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let seed = Seed::new()
//!     .client(Client::new("Exempel AB", "SE"))
//!     .product(Product::new("Konsulttimme", "tim", Cents(95_000)));
//! let sandbox = Sandbox::builder().seed(seed).start().await?;
//! let (client, product) = (sandbox.clients()[0].id, sandbox.products()[0].id);
//!
//! // Any HTTP client will do.
//! let day = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
//! let row = ClientInvoiceRow::new(product, 8.into(), Cents(95_000), "Konsulttid");
//! let invoice = ClientInvoice::draft(client, day, day, "SEK", vec![row]).to_xml()?;
//! let create = || {
//!     reqwest::Client::new()
//!         .put(format!("{}/company/{}/client/invoice", sandbox.base_url(), sandbox.company()))
//!         .header("X-Token", sandbox.token())
//!         .body(invoice.clone())
//!         .send()
//! };
//!
//! // The write takes effect, but the connection breaks before the answer.
//! sandbox.fail_next(Fault::ResetAfter);
//! assert!(create().await.is_err());
//! assert_eq!(sandbox.client_invoices().len(), 1); // whoever repeats it now makes a double
//!
//! let created = Created::from_xml(&create().await?.bytes().await?)?;
//! let invoices = sandbox.client_invoices();
//! assert_eq!(invoices[1].id.0, created.id);
//! assert_eq!(invoices[1].amount, Some(Cents(760_000)));
//! assert_eq!(invoices[1].vat, Some(Cents(190_000))); // 25 %, taken from the product
//!
//! sandbox.assert_requests(&[&endpoint::CLIENT_INVOICE_CREATE, &endpoint::CLIENT_INVOICE_CREATE]);
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | to find | look at |
//! |---|---|
//! | starting, looking inside, stopping | [`Sandbox`], [`SandboxBuilder`], [`StartError`] |
//! | what is there from the start | [`Seed`] |
//! | failing on purpose | [`Fault`], [`FaultRule`], [`FaultProfile`], [`Sandbox::fail`], [`Sandbox::fault`] |
//! | what is in it now, and what is there twice | [`Sandbox::read`], [`Sandbox::write`], [`Sandbox::doubles`] |
//! | what a connector has sent | [`RecordedRequest`], [`Sandbox::requests`] |
//! | what it does, and how that is known of Kleer | [`behaviour`] |
//! | running it as a program | the crate's `README.md` |
//!
//! # What it is not
//!
//! It is no copy of Kleer. Much of Kleer's behaviour is not public; [`behaviour`] says of each rule
//! whether it is known or our reading. Its token guards nothing: it listens on 127.0.0.1, in plain
//! HTTP.
//!
//! # How it works
//!
//! A request in JSON becomes the XML that says the same (`json`), is checked (`admission`), and goes
//! to the function of its endpoint (`routes`). What all kinds of records have in common (lists,
//! reading, creating, updating, deleting) is done by one engine for all of them (`resource`), from
//! the endpoint table and the descriptions of the types in `kleer-model`; what is known of a kind
//! stands in a file of its own (`events`, `payroll`, ..). What every company has from the start is
//! in `setup`.

mod accounting;
mod admission;
mod answer;
mod bank;
pub mod behaviour;
mod call;
mod client_agreements;
mod client_invoices;
mod clients;
mod company;
mod crowd;
mod demo;
mod element;
mod events;
mod expenses;
mod fault;
mod foundations;
mod inspect;
mod json;
mod login;
mod payroll;
mod payroll_runs;
mod products;
mod projects;
mod records;
mod request_log;
mod resource;
mod revenues;
mod routes;
mod sandbox;
mod schedules;
mod schema;
mod seed;
mod server;
mod setup;
mod shape;
mod state;
mod supplier_invoices;
mod users;

pub use fault::{Fault, FaultProfile, FaultRule, Normalisation, UnknownProfile};
pub use inspect::Refused;
pub use request_log::RecordedRequest;
pub use sandbox::{
    DEFAULT_COMPANY, DEFAULT_EMAIL, DEFAULT_MAX_BODY_BYTES, DEFAULT_PASSWORD, DEFAULT_TOKEN,
    Sandbox, SandboxBuilder, StartError,
};
pub use seed::Seed;
