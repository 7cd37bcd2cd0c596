//! What was not exported, and what to do about it.

use std::fmt;

use chrono::NaiveDate;
use kleer_model::PayrollEventType;
use rust_decimal::Decimal;
use thiserror::Error;

use super::{KleerEventId, LeaveError};

/// A leave, or one day of it, that is not in Kleer as the source says, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeaveFinding {
    /// The leave's id in its system, unless the finding is about the employee.
    pub leave: Option<String>,
    /// The day, unless the finding is about the whole leave.
    pub date: Option<NaiveDate>,
    /// What is wrong.
    pub problem: LeaveProblem,
}

impl LeaveFinding {
    pub(super) fn of_employee(problem: LeaveProblem) -> Self {
        Self {
            leave: None,
            date: None,
            problem,
        }
    }

    pub(super) fn of_leave(leave: &str, problem: LeaveProblem) -> Self {
        Self {
            leave: Some(leave.to_owned()),
            date: None,
            problem,
        }
    }

    pub(super) fn of_day(leave: &str, date: NaiveDate, problem: LeaveProblem) -> Self {
        Self {
            leave: Some(leave.to_owned()),
            date: Some(date),
            problem,
        }
    }
}

/// Names the leave by its id, and nobody.
impl fmt::Display for LeaveFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(leave) = &self.leave {
            write!(f, "leave {leave}")?;
            if let Some(date) = self.date {
                write!(f, " on {date}")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}", self.problem)
    }
}

/// Why a leave, or a day of it, is not in Kleer as the source says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LeaveProblem {
    /// The employee is not linked to anybody in Kleer.
    #[error("the employee is not linked to a user in Kleer; export or match the employee first")]
    NotLinked,
    /// The mapping table does not have the type.
    #[error(
        "the leave type {leave_type:?} is not in the mapping table; add what it becomes in Kleer, or that it is ignored"
    )]
    UnmappedType {
        /// The type, as the source names it.
        leave_type: String,
    },
    /// The type is ignored on purpose, but Kleer has days of the leave from when it was not.
    #[error(
        "earlier runs exported the leave, and its type is ignored now; delete its days in Kleer, or cancel the leave at the source"
    )]
    IgnoredNow,
    /// Kleer has no activity for the type.
    #[error(
        "Kleer has no activity for {event_type:?}; create it in Kleer, or name the one that stands for it"
    )]
    NoActivity {
        /// Kleer's type of absence.
        event_type: PayrollEventType,
    },
    /// Kleer wants to know for which child the leave is.
    #[error("Kleer demands a child for this type of leave; add the child to the leave")]
    NoChild,
    /// The child is not among those that Kleer has registered for the employee.
    #[error(
        "the leave's child is not registered for the employee in Kleer under this name; register it, or write the name as Kleer has it"
    )]
    UnknownChild,
    /// The leave contradicts itself, or its days cannot be told.
    #[error(transparent)]
    Leave(LeaveError),
    /// Nothing of the leave falls on a working day of the period.
    #[error("no day of the leave in the period is a working day of the employee")]
    NoWorkingDay,
    /// The day is not in the employee's employment.
    #[error("the day is before the start or after the end of the employment")]
    OutsideEmployment,
    /// A row says nothing that can be a day's absence.
    #[error("{hours} hours are no absence of a day; correct the row")]
    Hours {
        /// The hours.
        hours: Decimal,
    },
    /// The leaves of the day take more hours than the day has.
    #[error(
        "the leaves of the day take {hours} hours of a working day of {scheduled}; correct the leaves that overlap ({})",
        leaves.join(", ")
    )]
    MoreThanWorkDay {
        /// The hours of all leaves.
        hours: Decimal,
        /// The hours of the schedule.
        scheduled: Decimal,
        /// The ids of the leaves.
        leaves: Vec<String>,
    },
    /// Somebody has already registered absence on the day, and other than this.
    #[error(
        "Kleer already has other absence on the day ({}), which is not overwritten; correct one of the two",
        ids(events)
    )]
    AlreadyRegistered {
        /// The events in Kleer.
        events: Vec<KleerEventId>,
    },
    /// Kleer has the day twice.
    #[error(
        "Kleer has the day more than once ({}); delete all but the first",
        ids(events)
    )]
    Double {
        /// The events in Kleer.
        events: Vec<KleerEventId>,
    },
    /// The day is locked in Kleer.
    #[error("the day is approved or certified in Kleer; have it unlocked, then export again")]
    Locked,
    /// The source has one leave or one day of it twice, and not the same.
    #[error("the source shows it more than once, with different contents; read it again")]
    Contradicting,
    /// An event in Kleer is ours, but of a leave that is not given.
    #[error(
        "event {event} in Kleer was exported from a leave that is not given; if the leave was deleted, name its id among the known leaves"
    )]
    Unrecognised {
        /// The event in Kleer.
        event: KleerEventId,
    },
}

fn ids(events: &[KleerEventId]) -> String {
    let texts: Vec<_> = events
        .iter()
        .map(|event| format!("event {event}"))
        .collect();
    texts.join(", ")
}
