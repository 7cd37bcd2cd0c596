//! Links between the records of two systems.

mod apply;
mod base;
mod candidate;
mod change;
mod client_key;
mod decision;
mod deviation;
mod event;
mod future;
mod hash;
mod identity;
mod intent;
mod key_index;
mod link;
#[doc(hidden)]
pub mod mutants;
mod observation;
mod plan;
mod planner;
mod policy;
mod references;
mod side;
mod snapshot;
mod store;
mod tabs;
pub mod testing;
pub mod transition;

pub use apply::{Applied, Applier, ApplyError, Recovered};
pub use base::{Base, BaseField, BaseForm, BaseNames, BasePair, Keeping, Remembered};
pub use candidate::Candidate;
pub use change::{
    BlockedOn, FieldDifference, FieldState, Hold, Reason, Recommendation, Resolution,
};
pub use client_key::{ClientKey, ParseClientKeyError};
pub use decision::{About, Action, Decision, DecisionId, FirstSync, Until};
pub use deviation::{
    Deviation, DeviationChange, DeviationClass, DeviationError, DeviationEvent, DeviationId,
    DeviationState, Failure, Fingerprint, IgnoredUntil, Payload, Subject, Topic,
};
pub use event::{Event, EventKind, EventOrderError, fold_events};
pub use future::BoxFuture;
pub use hash::ParseHashError;
pub use identity::{ConnectionId, IdentityError, LinkId, RecordKey, Sides, Which};
pub use intent::{Intent, IntentState};
pub use link::{Link, LinkState, Origin, Presence, Tombstone, Written};
pub use observation::{ChangedAt, Observation, RecordHash};
pub use plan::{
    Dependencies, Digest, Expectation, ExpectedRecord, FieldChange, Finding, FindingKind,
    Operation, OperationId, Plan, PlanError, Refusal, Selection, Step, Totals, Trip, Verdict,
};
pub use planner::{MergeInput, MergeValues, Planner, PlannerError};
pub use policy::{
    AutoLink, FieldPolicy, FieldRule, Gate, Guard, Limit, MergeWith, Oscillation, Permission,
    Policy, PolicyError, SideRules,
};
pub use references::{References, Unlinked};
pub use side::{
    Capabilities, Conditional, Found, Receipt, Recovery, Side, SideError, SideErrorKind,
    SideOperation,
};
pub use snapshot::{RejectReason, Rejected, Scope, Snapshot, Taken};
pub use store::{
    Approval, Batch, Conflict, Cursor, DeviationQuery, EventQuery, Lease, LeaseHeld, LinkQuery,
    LinkStanding, LoggedEvent, MemoryStore, PAGE, Page, Precondition, Store, StoreError,
    StoreErrorKind, Summary, Write, all_links,
};
pub use tabs::{NewTab, Tab, Tabs};

/// The guide for those who write a connector, so that its program is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/connector-guide.md")]
pub struct ConnectorGuide;
