//! Links between the records of two systems: what belongs together, what changed where, and what is
//! to be done about it.
//!
//! | Read about | in |
//! |---|---|
//! | the two sides, connections, keys | [`Which`], [`Sides`], [`ConnectionId`], [`RecordKey`] |
//! | what a side shows | [`Observation`], [`Snapshot`], [`Scope`] |
//! | the durable fact that two records are one | [`Link`], [`LinkState`], [`Base`], [`Tombstone`] |
//! | who may write what, and who wins | [`Policy`], [`FieldRule`], [`Guard`] |
//! | what a person decided | [`Decision`], [`Action`] |
//! | what is to be done | [`Planner`], [`Plan`], [`Operation`], [`Finding`], [`FieldDifference`] |
//! | what follows when it is done, or fails | [`transition`], [`Intent`], [`Event`], [`fold_events`] |
//! | where a record is shown | [`Tabs`] |
//! | our identity of a create | [`ClientKey`] |
//! | items that failed | [`Deviation`] |
//! | one of the two systems, to be implemented | [`Side`], [`Capabilities`], [`SideError`] |
//! | where links are kept, to be implemented | [`Store`], [`Batch`], [`Lease`], [`MemoryStore`] |
//! | carrying out a plan | [`Executor`], [`Applied`], [`Retries`], [`Cancellation`], [`Clock`] |
//! | running it when it is due, by one process at a time | [`Runner`], [`Entity`], [`Schedule`] |
//! | what is stored about a person, and taking it out | [`personal_data`], [`redact`], [`forget`] |
//! | making a lost store again | [`Rebuild`] |
//! | proof that sides and stores keep their promises; fakes with faults | [`testing`] |
//!
//! Everything here is pure: no clock, no chance, no I/O; what is asynchronous needs no particular
//! runtime. How to write a connector is told in `docs/connector-guide.md`. The planner compares three ways, field by
//! field: what the left side says, what the right side says, and the *base*, which is what both had
//! when they were last in step.
//!
//! ```
//! use chrono::{DateTime, Utc};
//! use flat_record::{Field, Fields, HashKey, Kind, Record, Value, ValueKind};
//! use record_link::transition::Transitions;
//! use record_link::{
//!     ConnectionId, Keeping, Link, Observation, Origin, Planner, Policy, RecordKey, References,
//!     Scope, Sides, Snapshot, Step, Which,
//! };
//!
//! let fields = Fields::new([
//!     Field::new("name", ValueKind::Text)?,
//!     Field::new("city", ValueKind::Text)?,
//! ])?;
//! let (connection, kind) = (ConnectionId::new("hr->payroll")?, Kind::new("employee")?);
//! let (now, scope) = (DateTime::<Utc>::UNIX_EPOCH, Scope::of(["all"]));
//! let anna = |city: &str| Record::new(&fields).with("name", "Anna")?.with("city", city);
//! let take = |key: &str, city: &str| -> Result<Snapshot, Box<dyn std::error::Error>> {
//!     let mut snapshot = Snapshot::new(kind.clone(), &fields, scope, now);
//!     snapshot.add(key, anna(city)?);
//!     Ok(snapshot.complete())
//! };
//!
//! // A pair that was in step in Luleå. Since then Anna moved, and HR knows.
//! let keeping = Keeping::hashes(HashKey::new([7; 16])); // keep the key secret
//! let keys = Sides::new(RecordKey::new("e-1")?, RecordKey::new("4711")?);
//! let mut link = Link::new(connection.clone(), kind.clone(), keys, Origin::Confirmed, 0);
//! link.version = 1;
//! for (name, value) in [("name", "Anna"), ("city", "Luleå")] {
//!     let field = fields.get(name).ok_or("no such field")?;
//!     let key = keeping.hash_key.for_field(&field.name);
//!     link.base.set(&field.name, keeping.form.agree(&value.into(), &field.equivalence, &key));
//! }
//!
//! let (hr, payroll) = (take("e-1", "Umeå")?, take("4711", "Luleå")?);
//! let policy = Policy::default();
//! let links = [link.clone()];
//! let planner = Planner::new(connection.clone(), kind.clone(), &policy, keeping).links(&links);
//! let plan = planner.plan(Sides::new(&hr, &payroll), now)?;
//! let operation = &plan.operations[0];
//! let Step::Update { on: Which::Right, changes } = &operation.step else { panic!() };
//! assert_eq!((&*changes[0].field, &changes[0].to), ("city", &Value::from("Umeå")));
//!
//! // It was written, and read back: now, and not before, the base moves.
//! let references = References::of(&links);
//! let transitions = Transitions::new(connection, kind, keeping, &references, now);
//! let read_back = Observation::new("4711", anna("Umeå")?, now)?;
//! let source = hr.get("e-1");
//! let done = transitions.acknowledge(operation, Some(&link), Sides::new(source, Some(&read_back)))?;
//! assert_ne!(done.link.ok_or("the link changes")?.link.base, link.base);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod base;
mod candidate;
mod change;
mod clock;
mod decision;
mod deviation;
mod event;
mod executor;
mod future;
mod hash;
mod identity;
mod intent;
mod key_index;
mod link;
#[doc(hidden)]
pub mod mutants;
mod observation;
mod personal_data;
mod plan;
mod planner;
mod policy;
mod rebuild;
mod references;
mod runner;
mod side;
mod snapshot;
mod store;
mod tabs;
pub mod testing;
pub mod transition;

pub use base::{Base, BaseField, BaseForm, BaseNames, BasePair, Keeping, Remembered};
pub use candidate::Candidate;
pub use change::{
    BlockedOn, FieldDifference, FieldState, Hold, Reason, Recommendation, Resolution,
};
pub use client_key::{ClientKey, ParseClientKeyError};
pub use clock::Clock;
pub use decision::{About, Action, Decision, DecisionId, FirstSync, Until};
pub use deviation::{
    Deviation, DeviationChange, DeviationClass, DeviationError, DeviationEvent, DeviationId,
    DeviationState, Failure, Fingerprint, IgnoredUntil, Payload, Subject, Topic,
};
pub use event::{Event, EventKind, EventOrderError, fold_events};
pub use executor::{
    Applied, Audited, Cancellation, Double, ExecutionError, ExecutionErrorKind, Executor, Outcome,
    OutcomeTotals, ProgressEvent, RecordOutcome, Recovered, Retries, SentCreate, SkipReason,
};
pub use future::BoxFuture;
pub use hash::ParseHashError;
pub use identity::{ConnectionId, IdentityError, LinkId, RecordKey, Sides, Which};
pub use intent::{Intent, IntentState};
pub use link::{Link, LinkState, Origin, Owner, Presence, Tombstone, Written};
pub use observation::{ChangedAt, Observation, RecordHash};
pub use personal_data::{
    Erased, PersonalData, PersonalDataError, Refusals, forget, personal_data, redact,
};
pub use plan::{
    Dependencies, Digest, Expectation, ExpectedRecord, FieldChange, Finding, FindingKind,
    Operation, OperationId, Plan, PlanError, Refusal, Selection, Step, Totals, Trip, Verdict,
};
pub use planner::{MergeInput, MergeValues, Planner, PlannerError};
pub use policy::{
    AutoLink, FieldPolicy, FieldRule, Gate, Guard, Limit, MergeWith, Oscillation, Permission,
    Policy, PolicyError, SideRules,
};
pub use rebuild::{Rebuild, RebuildError, Rebuilt};
pub use references::{References, Unlinked};
pub use runner::{
    DueRun, Entity, Matching, RunError, RunFailure, RunReport, Runner, Schedule, run_lease,
};
pub use side::{
    Capabilities, Conditional, Found, Receipt, Recovery, Side, SideError, SideErrorKind,
    SideFuture, SideOperation,
};
pub use snapshot::{RejectReason, Rejected, Scope, Snapshot, Taken};
pub use store::{
    Approval, Batch, Conflict, Cursor, DeviationQuery, EventQuery, Lease, LeaseHeld, LinkQuery,
    LinkStanding, LoggedEvent, MemoryStore, PAGE, Page, Pause, PauseReason, Precondition, RunCause,
    RunOutcome, RunQuery, RunRecord, RunTotals, ScheduleState, Store, StoreError, StoreErrorKind,
    Summary, Touch, Write, all_links,
};
pub use tabs::{NewTab, Tab, Tabs};
