//! Leave, from any HR system to Kleer: day by day, by the employee's own schedule, and as often as
//! one likes.
//!
//! | step | |
//! |---|---|
//! | when the employee would have worked | [`WorkWeeks`], [`Holidays`], or Kleer's own hours: [`Schedule`] |
//! | which days a leave is made of | [`Leave::days`], or ready rows: [`LeaveDay`] |
//! | which type it is in Kleer | [`LeaveTypes`] |
//! | what Kleer already has, and how absence is written there | [`InKleer`], [`AbsenceActivities`], [`locked_days`] |
//! | what has to be written | [`LeaveExport`] -> [`LeavePlan`] |
//! | what is not in Kleer as the source says, and why | [`LeaveFinding`] |

mod activities;
mod days;
mod export;
mod finding;
mod in_kleer;
mod plan;
mod planner;
mod schedule;
mod types;
mod work_week;

pub use activities::{AbsenceActivities, AbsenceActivity, ActivityError};
pub use days::{Leave, LeaveDay, LeaveError, LeaveStatus, Part};
pub use export::{IncompleteAnswer, LeaveComment, LeaveEmployee, LeaveExport};
pub use finding::{LeaveFinding, LeaveProblem};
pub use in_kleer::{AbsenceEvent, InKleer, KleerEventId, WrittenDay, locked_days};
pub use plan::{LeaveOperation, LeavePlan, UnchangedDay};
pub use schedule::{Holidays, Schedule};
pub use types::{LeaveTarget, LeaveTypes, Mapped};
pub use work_week::{EffectiveWorkWeek, WorkWeek, WorkWeekError, WorkWeekScope, WorkWeeks};
