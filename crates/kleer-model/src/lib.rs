//! Kleer's XML vocabulary as exact Rust types, and its endpoints as data.
//!
//! Kleer (formerly PE Accounting) is a Swedish accounting and payroll service. This crate knows
//! what its documents look like. It does no I/O: `kleer-client` sends what is written here.
//!
//! ```
//! use kleer_model::{Cents, ClientInvoice, ClientId, ClientInvoiceRow, Document, List, ProductId};
//! use chrono::NaiveDate;
//!
//! // Write: in the schema's order, or an error that names the field.
//! let issued = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
//! let row = ClientInvoiceRow::new(ProductId(3), 8.into(), Cents(95_000), "Konsulttid");
//! let mut invoice = ClientInvoice::draft(ClientId(17), issued, issued, "SEK", vec![row]);
//! invoice.foreign_id = "order-1017".to_owned();
//! let xml = invoice.to_xml()?;
//!
//! // Read: what is absent is `None`, what is unknown is kept.
//! let read = ClientInvoice::from_xml(xml.as_bytes())?;
//! assert_eq!(read, invoice);
//!
//! // A list sets bad items aside instead of failing, and says that it is incomplete.
//! let list = List::<ClientInvoice>::from_xml(b"<client-invoices><client-invoice/></client-invoices>")?;
//! assert!(list.is_empty() && !list.is_complete());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Map
//!
//! | to find | look in |
//! |---|---|
//! | reading and writing | [`Document`], [`ReadOptions`], [`ReadError`], [`WriteError`], [`List`], [`ListReader`] |
//! | sales | [`client`], [`client_agreement`], [`client_invoice`], [`product`], [`revenue`] |
//! | purchases | [`supplier`], [`supplier_invoice`], [`expense`] |
//! | people and wages | [`user`], [`payroll`] |
//! | projects and time | [`project`], [`client_project`], [`event`], [`dimension`] |
//! | books and bank | [`accounting`], [`bank`], [`foundation`], [`report`] |
//! | the company and its rights | [`company`], [`access`] |
//! | Kleer's answers | [`answer`] |
//! | what several types share | [`part`]; ids and references in [`id`] |
//! | amounts, rates, dates, bytes | [`value`] |
//! | an invoice's sums | [`sums`]: the rounding model |
//! | Kleer's calls | [`endpoint`] |
//! | the identity of a create | [`ClientKey`] |
//! | the schema as data | [`Described`], [`TypeDescription`]; every document in [`root`] |
//! | `Debug` with personal data | [`Revealed`] |
//!
//! All of the published schema is here: `docs/coverage.md` has the figures, and
//! `cargo run -p kleer-model --example drift -- FILE` compares the types with a schema of today.
//!
//! Every public type is also found at the root. Names follow the schema in Rust's casing.
//!
//! # Promises
//!
//! * Readers are tolerant: elements may stand in any order, unknown elements are kept and written
//!   back in place, unknown values of enumerations are kept. Absent is `None`, never `""` or 0.
//! * Writers are exact: what is written validates against Kleer's schema, or there is an error.
//! * Reading is bounded in size and depth. A DOCTYPE, a wrong root and content after the root are
//!   refused. Nothing is fetched, ever.
//! * `Debug` hides personal data, and errors hold no values.

mod codec;

pub mod access;
pub mod accounting;
pub mod answer;
pub mod bank;
pub mod client;
pub mod client_agreement;
pub mod client_invoice;
pub mod client_project;
pub mod company;
pub mod dimension;
pub mod endpoint;
pub mod event;
pub mod expense;
pub mod foundation;
pub mod id;
pub mod part;
pub mod payroll;
pub mod product;
pub mod project;
pub mod report;
pub mod revenue;
pub mod root;
pub mod sums;
pub mod supplier;
pub mod supplier_invoice;
pub mod user;
pub mod value;

pub use access::*;
pub use accounting::*;
pub use answer::*;
pub use bank::*;
pub use client::*;
pub use client_agreement::*;
pub use client_invoice::*;
pub use client_key::{ClientKey, ParseClientKeyError};
pub use client_project::*;
pub use codec::any::AnyValue;
pub use codec::describe::{Cardinality, Content, Described, FieldDescription, TypeDescription};
pub use codec::error::{ReadError, ReadErrorKind, WriteError, WriteErrorKind};
pub use codec::list::{List, ListItem, Page, Rejected};
pub use codec::list_reader::ListReader;
pub use codec::read::ReadOptions;
pub use codec::reveal::{Reveal, Revealed};
pub use codec::unknown::Unknown;
pub use codec::{Document, Nillable};
pub use company::*;
pub use dimension::*;
pub use event::*;
pub use expense::*;
pub use foundation::*;
pub use id::*;
pub use part::*;
pub use payroll::*;
pub use product::*;
pub use project::*;
pub use report::*;
pub use revenue::*;
pub use root::{ROOTS, RewriteError, RootElement, RootKind, UNREACHABLE};
pub use supplier::*;
pub use supplier_invoice::*;
pub use user::*;
pub use value::{Cents, HexBinary, Rate, RateUnit, SalaryAmount, SalaryUnit, Timestamp};
