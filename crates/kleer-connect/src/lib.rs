//! Kleer as one side of a connector: what the connectors of HR systems, CRMs and invoice hubs have
//! in common, so that each has to know its own system only.
//!
//! ```
//! use std::sync::Arc;
//! use kleer_connect::client::Kleer;
//! use kleer_connect::client::model::SalaryUnit;
//! use kleer_connect::employee::{self, field};
//! use kleer_connect::employees::{self, Employees};
//! use kleer_connect::link::testing::{FakeSide, ManualClock};
//! use kleer_connect::link::{
//!     ConnectionId, Entity, Keeping, MemoryStore, RecordKey, RunCause, Runner, Side, Sides, Which,
//! };
//! use kleer_connect::record::{HashKey, Kind, Record};
//! use kleer_connect::RecordMatching;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Your system, as records of employees. (Here one that stands in for it.)
//! let kind = Kind::new(employee::KIND)?;
//! let hr = FakeSide::new().with_kind(&kind, employee::fields());
//! let hired = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).ok_or("no such day")?;
//! let anna = Record::new(employee::fields())
//!     .with(field::NAME, "Anna Ek")?
//!     .with(field::EMAIL, "anna@example.com")?
//!     .with(field::PHONE, "070-174 06 05")?
//!     .with(field::SSN, "19121212-1212")?
//!     .with(field::EMPLOYMENT_START_DATE, hired)?;
//! let number = RecordKey::new("e-1")?;
//! hr.insert(&kind, &number, anna);
//!
//! // Kleer. (Here a sandbox: see the crate kleer-sandbox.)
//! let sandbox = kleer_sandbox::Sandbox::builder().start().await?;
//! let kleer = Kleer::builder(sandbox.company()).token(sandbox.token());
//! let kleer = kleer.base_url(sandbox.base_url()).build()?;
//! let kleer = Employees::new(kleer, SalaryUnit::Kronor);
//!
//! // What is kept in step, by which policy, and who may be who.
//! let sides = Sides::<Arc<dyn Side>>::new(Arc::new(hr.clone()), Arc::new(kleer.clone()));
//! let keeping = Keeping::hashes(HashKey::new([7; 16])); // 16 random bytes that you keep secret
//! let policy = employees::one_way(Which::Left);
//! let entity = Entity::new(ConnectionId::new("hr->4875")?, kind.clone(), sides, policy, keeping)
//!     .matching(Arc::new(RecordMatching::by(employees::comparisons()?)));
//!
//! // A store that outlives the process, and a clock that ticks, in earnest.
//! let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::default()));
//! let runner = Runner::new(store, clock, "this process");
//! let report = runner.run_once(&entity, RunCause::ByHand).await?;
//! assert_eq!(report.record.totals.created.right, 1);
//!
//! hr.edit(&kind, &number, field::PHONE, "031-10 20 30");
//! let report = runner.run_once(&entity, RunCause::ByHand).await?;
//! assert_eq!(report.record.totals.updated.right, 1);
//! let all = kleer.list(&kind).await?;
//! let phones = all.observations().iter().filter_map(|one| one.record.get(field::PHONE)?.as_text());
//! assert_eq!(phones.collect::<Vec<_>>(), ["031-10 20 30"]);
//! # Ok(())
//! # }
//! ```
//!
//! # Map
//!
//! | To | see |
//! |---|---|
//! | keep employees in step: user and payroll agreement as one record | [`employees`] |
//! | keep clients in step | [`clients`] |
//! | keep client projects in step | [`projects`] |
//! | export leave, day by day | [`leave`] |
//! | post invoices, each once | [`invoices`] |
//! | read one configuration file with several connections | [`configuration`] |
//! | tell which rights and reads a task lacks, before it begins | [`preflight()`], [`Task`] |
//! | find out how Kleer writes salaries and rates | [`Units`] |
//! | run on tokio's clock | [`TokioClock`] |
//! | show people what is to be done, and let them decide | [`workbench`] |
//! | write a side for a JSON API with a mapping profile | [`DocumentSide`], [`JsonApi`], [`read_offset_pages`] |
//! | give a program the usual commands (feature `program`) | `program` |
//! | know who is who | [`RecordMatching`], and `comparisons` of each of these |
//! | say who owns which field | `one_way` and `two_way` of each of these |
//!
//! # The crates below
//!
//! One dependency is enough: everything that the sides, runs and mappings are made of is here under
//! these names.
//!
//! | | |
//! |---|---|
//! | [`record`] | values, records, fields, and how they differ |
//! | [`mapping`] | profiles: which path of a source fills which field |
//! | [`matching`] | comparing records and proposing pairs |
//! | [`link`] | sides, links, policies, plans, runs, deviations, stores |
//! | [`client`], [`client::model`] | calls to Kleer, and the types of its schema |
//! | [`employee`] | the canonical employee, built-in profiles, leave |
//! | [`invoice`] | invoices of EN 16931 as Kleer's |
//! | [`identifiers`] | Swedish personal and organisation numbers, bank accounts, tax tables |
//!
//! Nothing here prints or reads the environment. No `Display`, no `Debug`, no error and no span shows
//! anything personal.

pub mod clients;
pub mod configuration;
pub mod employees;
pub mod invoices;
pub mod leave;
#[cfg(feature = "program")]
pub mod program;
pub mod projects;
pub mod workbench;

mod clock;
mod conversion;
mod document_side;
mod failure;
mod json_api;
mod observed;
mod offset_pages;
mod preflight;
mod record_matching;
mod units;

pub use clock::TokioClock;
pub use document_side::{DocumentSide, Documents, NEW_ID, Request};
pub use json_api::{JsonApi, JsonApiError};
pub use offset_pages::{OffsetList, OffsetPage, join_related, read_offset_pages};
pub use preflight::{ReadCheck, Readiness, Task, TaskReadiness, Verdict, preflight};
pub use record_matching::RecordMatching;
pub use units::{
    Confidence, DetectedUnits, Detection, Evidence, MissingUnit, Units, detect_rate_unit,
    detect_salary_unit, prove_salary_unit,
};

#[doc(no_inline)]
pub use field_map as mapping;
#[doc(no_inline)]
pub use flat_record as record;
#[doc(no_inline)]
pub use kleer_client as client;
#[doc(no_inline)]
pub use kleer_employee as employee;
#[doc(no_inline)]
pub use kleer_invoice as invoice;
#[doc(no_inline)]
pub use record_link as link;
#[doc(no_inline)]
pub use record_match as matching;
#[doc(no_inline)]
pub use swedish_ids as identifiers;

/// The guide for those who write a connector. Here, since its end uses all of the crates below, so
/// that each of its programs is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/connector-guide.md")]
pub struct ConnectorGuide;
