//! Documents into Kleer, each once: [`InvoicePoster`].
//!
//! It takes source documents (Peppol UBL, in XML or JSON), maps them with
//! [`kleer_invoice`], matches or creates the client and the products that they need, creates a draft
//! (or books a revenue), reads Kleer's sums back, and keeps what was not posted as a deviation.
//!
//! | to | use |
//! |---|---|
//! | post | [`InvoicePoster::post`], or [`start`](InvoicePoster::start) and a [`PostingRun`] |
//! | say what is posted | [`SourceDocument`], [`Batches`], [`Target`] |
//! | see what became of it | [`PostReport`], [`DocumentResult`], [`Outcome`] |
//! | view, ignore or forget what was not posted | [`NotPostedDocuments`] |
//! | reprocess it | [`PostingRun::reprocessing`], and post it again |
//!
//! # What is kept
//!
//! In a [`Store`](record_link::Store), for each connection:
//!
//! - a [`Link`](record_link::Link) for each document that was posted, of the kind of its
//!   [`Target`]: on the left its identity (seller, type, number), on the right its id in Kleer, and
//!   as incarnation the fingerprint of its money and items. Another copy of the document has the
//!   same fingerprint and is `unchanged`; the same number with other content is another link, with
//!   the content in its left key. As base, the sums that were read back;
//! - an [`Intent`](record_link::Intent) for each create, from before it is sent until it is known
//!   what became of it;
//! - a [`Deviation`](record_link::Deviation) for each document that was not posted, under its name;
//! - which company at which address the links are of, as a link of the kind `kleer-company`;
//! - a [`RunRecord`](record_link::RunRecord) for each run, and the lease of the one that works.
//!
//! Seller and number stand there in clear; a sole trader's number is personal data, and so may be
//! what a deviation says. [`NotPostedDocuments::forget`] removes that.
//!
//! # Killed anywhere, run again
//!
//! What was posted is known by a key that is computed from the document and stamped into the record
//! in Kleer; Kleer's whole list is read at the beginning, and an incomplete one stops the run. So the
//! store is a memory, not the only proof: a run that was killed at any step, or whose store was
//! lost, is finished by the next one without a double, and the links are made again as the documents
//! come by.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use kleer_client::Kleer;
//! use kleer_connect::invoices::{InvoicePoster, NotPostedDocuments, Outcome, SourceDocument};
//! use kleer_invoice::Settings;
//! use kleer_model::RateUnit;
//! use kleer_sandbox::Sandbox;
//! use record_link::{ConnectionId, MemoryStore};
//!
//! let sandbox = Sandbox::builder().rate_unit(RateUnit::Percent).start().await?;
//! let kleer = Kleer::builder(sandbox.company())
//!     .token(sandbox.token().to_owned())
//!     .base_url(sandbox.base_url())
//!     .build()?;
//! let store = MemoryStore::new(); // or one that lasts: record-link-sqlite, record-link-postgres
//! let connection = ConnectionId::new(format!("shop->{}", kleer.company()))?;
//! let poster = InvoicePoster::builder(kleer, Arc::new(store.clone()), connection)
//!     .settings(Settings::default().with_rate_unit(RateUnit::Percent))
//!     .create_clients(true)
//!     .build();
//!
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/invoices/documents");
//! # std::env::set_current_dir(folder)?;
//! let names = ["consulting.xml", "prepaid.xml"];
//! let documents = names.map(|name| match std::fs::read(name) {
//!     Ok(bytes) => SourceDocument::new(name, bytes),
//!     Err(error) => SourceDocument::failed(name, error.to_string()),
//! });
//! let report = poster.post(documents.clone()).await?;
//! assert_eq!(report.totals().to_string(), "1 posted, 0 unchanged, 1 refused, 0 failed");
//!
//! // What is there is known again, and what was refused is kept.
//! assert_eq!(poster.post(documents).await?.results[0].outcome, Outcome::Unchanged);
//! let refused = NotPostedDocuments::of(&store).list(false).await?;
//! assert_eq!(refused[0].document, "prepaid.xml");
//! assert!(refused[0].deviation.failure().messages()[0].starts_with("BT-113: "));
//! # Ok(()) }
//! ```

mod batch;
mod batches;
mod buyer;
mod company;
mod deviations;
mod document;
mod error;
mod journal;
mod lease;
mod outcome;
mod poster;
mod records;
mod refusals;
mod run;
mod sums;
mod target;
mod verify;

pub use batches::Batches;
pub use deviations::{DeviationsError, NotPosted, NotPostedDocuments};
pub use document::SourceDocument;
pub use error::PostError;
pub use outcome::{DocumentResult, Outcome, PostReport, PostTotals};
pub use poster::{InvoicePoster, InvoicePosterBuilder, PostProgress};
pub use refusals::Advice;
pub use run::PostingRun;
pub use target::Target;
