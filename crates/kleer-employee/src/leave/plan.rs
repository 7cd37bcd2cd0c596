//! What is to be written.

use chrono::NaiveDate;

use super::{AbsenceEvent, KleerEventId, LeaveDay, LeaveFinding};

/// One write.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LeaveOperation {
    /// A day that Kleer does not have.
    Create {
        /// The leave's id in its system.
        leave: String,
        /// What to write.
        event: AbsenceEvent,
    },
    /// A day that Kleer has otherwise.
    Update {
        /// The leave's id in its system.
        leave: String,
        /// Which event.
        id: KleerEventId,
        /// What to write.
        event: AbsenceEvent,
    },
    /// A day that is no absence any more.
    Delete {
        /// The leave's id in its system.
        leave: String,
        /// Which event.
        id: KleerEventId,
        /// The day.
        date: NaiveDate,
    },
}

impl LeaveOperation {
    /// The day.
    pub fn date(&self) -> NaiveDate {
        match self {
            Self::Create { event, .. } | Self::Update { event, .. } => event.date(),
            Self::Delete { date, .. } => *date,
        }
    }

    /// The leave's id in its system.
    pub fn leave(&self) -> &str {
        match self {
            Self::Create { leave, .. }
            | Self::Update { leave, .. }
            | Self::Delete { leave, .. } => leave,
        }
    }
}

/// A day that Kleer has as the source does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UnchangedDay {
    /// The leave's id in its system.
    pub leave: String,
    /// The day.
    pub date: NaiveDate,
    /// The event in Kleer.
    pub event: KleerEventId,
}

impl UnchangedDay {
    pub(super) fn of(day: &LeaveDay, event: KleerEventId) -> Self {
        Self {
            leave: day.leave.clone(),
            date: day.date,
            event,
        }
    }
}

/// What to write for one employee, and what could not be planned.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeavePlan {
    /// What to write, by day; what is deleted before what is created.
    pub operations: Vec<LeaveOperation>,
    /// The days that Kleer has as the source does. A payroll event among them is
    /// [ours](super::WrittenDay) from now on, if nobody else claims it.
    pub unchanged: Vec<UnchangedDay>,
    /// What is not in Kleer as the source says, and stays so until somebody does something.
    pub findings: Vec<LeaveFinding>,
}
