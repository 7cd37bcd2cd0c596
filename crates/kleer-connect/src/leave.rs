//! Leave from any HR system into Kleer, as often as one likes.
//!
//! [`LeaveExporter`] is the shell round the planner of [`kleer_employee::leave`]: it reads what Kleer
//! has, shows or carries out the plan, and remembers in the store what it wrote.
//!
//! | | |
//! |---|---|
//! | whose leave, and of which days | [`LeaveSource`], [`EmployeeLeave`], [`LeaveRows`], [`WorkingHours`] |
//! | who is who in Kleer | [`EmployeeLinks`] |
//! | reading, planning, carrying out | [`LeaveExporter`] |
//! | what would be done, and what was | [`ExportPlan`], [`Exported`], [`DayOutcome`] |
//! | what does not go | deviations in the store, [`LeaveExportError`] |
//!
//! # What is stored
//!
//! - For each day a link of the kind `leave-day`: on the left the leave's id and the day, on the
//!   right Kleer's event. A day that is about to be created is a link in the state *creating*, which
//!   is committed before the request: that is the intent. (No [`record_link::Intent`] is stored,
//!   since those are settled by the executor of the records, which knows no leave.) Changes name an
//!   event by its id and can be repeated, so they need none; that an event is about to be deleted is
//!   noted in its link, so that the next run knows why it is gone. Each link says whose it is:
//!   [`record_link::redact`] and [`record_link::forget`] of an employee find the days, too.
//! - For each leave that is not in Kleer as the source says, one deviation of the operation
//!   [`OPERATION`] about the `leave`; for an employee who is not linked or cannot be read, one about
//!   the `employee`. They resolve themselves.
//!
//! Nothing that a leave tells (its type, its comment, for which child) is stored.
//!
//! # How absence is written
//!
//! As time events without a client project, each with the client key of its day as foreign id: the
//! way that integrations in production use. (The path for writing payroll events is inferred, and
//! they have no foreign id by which a lost answer could be recovered.)

mod deviations;
mod employee;
mod error;
mod execution;
mod exporter;
mod memory;
mod report;
mod source;
mod work_lease;

pub use deviations::OPERATION;
pub use error::LeaveExportError;
pub use exporter::LeaveExporter;
pub use report::{
    DayAction, DayFailure, DayOutcome, DayResult, EmployeeExport, ExportPlan, ExportTotals,
    Exported, LeaveProgress,
};
pub use source::{
    EmployeeLeave, EmployeeLinks, LeaveRows, LeaveSource, LeaveSourceError, WorkingHours,
};
