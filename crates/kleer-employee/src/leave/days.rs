//! A leave, and the days that it is made of.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use thiserror::Error;

use super::Schedule;

/// The longest leave that is taken for one: 20 years. What is longer is a mistyped year.
const LONGEST_DAYS: i64 = 20 * 366;

/// How much of each day a leave takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Part {
    /// The whole working day.
    #[default]
    Whole,
    /// Half of the working day, before or after noon. Of one day only.
    Half,
    /// So many minutes. Of one day only.
    Minutes(u32),
}

/// How far a leave has come in the system that it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LeaveStatus {
    /// Applied for. It is not exported.
    Pending,
    /// Denied. What was exported of it is taken back.
    Denied,
    /// Cancelled. What was exported of it is taken back.
    Cancelled,
    /// Approved.
    #[default]
    Approved,
    /// Confirmed after it was taken: the hours are final.
    Confirmed,
}

/// A period of absence, as an HR system holds it.
///
/// ```
/// use chrono::NaiveDate;
/// use kleer_employee::leave::{Holidays, Leave, Schedule, WorkWeek, WorkWeeks};
///
/// let day = |day| NaiveDate::from_ymd_opt(2026, 6, day).unwrap();
/// let weeks = WorkWeeks::always(WorkWeek::full_time(8.into())?);
/// let schedule = Schedule::weeks(weeks, Holidays::swedish());
///
/// // Thursday to Monday over Midsummer 2026, at 50 %.
/// let mut leave = Leave::new("leave-311", "vacation", day(18), day(22));
/// leave.extent = 50.into();
/// let days: Vec<_> = leave.days(&schedule)?.iter().map(|day| day.to_string()).collect();
/// assert_eq!(days, ["2026-06-18: 4 h", "2026-06-22: 4 h"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Leave {
    /// Its id in the system that it is from. No other leave of the connection has it, whoever's it
    /// is: the client keys of its days are made of it.
    pub id: String,
    /// Its type there, by the key of the mapping table: an id, a code or a name.
    pub leave_type: String,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// The extent in per cent: 50 for half time.
    pub extent: Decimal,
    /// How much of each day.
    pub part: Part,
    /// How far it has come.
    pub status: LeaveStatus,
    /// The name of the child that it is for.
    pub child: Option<String>,
    /// A comment.
    pub comment: String,
}

impl Leave {
    /// An approved leave of whole days at 100 %.
    pub fn new(
        id: impl Into<String>,
        leave_type: impl Into<String>,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Self {
        Self {
            id: id.into(),
            leave_type: leave_type.into(),
            first,
            last,
            extent: Decimal::ONE_HUNDRED,
            part: Part::Whole,
            status: LeaveStatus::Approved,
            child: None,
            comment: String::new(),
        }
    }

    /// The days of the leave on which the employee would have worked, with the hours of absence.
    ///
    /// Hours are rounded to hundredths, and so that they add up: what one day's rounding takes, the
    /// next gives. The days before an extension therefore stay as they are.
    ///
    /// # Errors
    /// [`LeaveError`] if the leave contradicts itself, or nothing is known of the schedule on one
    /// of its days.
    pub fn days(&self, schedule: &Schedule) -> Result<Vec<LeaveDay>, LeaveError> {
        self.days_until(self.last, schedule)
    }

    /// The days of the leave until one of them. Later days change nothing of these, so nothing needs
    /// to be known of them.
    pub(super) fn days_until(
        &self,
        last: NaiveDate,
        schedule: &Schedule,
    ) -> Result<Vec<LeaveDay>, LeaveError> {
        self.check()?;
        let last = last.min(self.last);
        let share = self.extent / Decimal::ONE_HUNDRED;
        let mut exact = Decimal::ZERO;
        let mut given = Decimal::ZERO;
        let mut days = Vec::new();
        for date in self.first.iter_days().take_while(|date| *date <= last) {
            let scheduled = schedule.hours_on(date)?;
            if scheduled <= Decimal::ZERO {
                continue;
            }
            exact += share
                * match self.part {
                    Part::Whole => scheduled,
                    Part::Half => scheduled / Decimal::TWO,
                    Part::Minutes(minutes) => {
                        let hours = Decimal::from(minutes) / Decimal::from(60);
                        if hours > scheduled {
                            return Err(LeaveError::LongerThanWorkDay { date, scheduled });
                        }
                        hours
                    }
                };
            let hours =
                exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero) - given;
            given += hours;
            if hours > Decimal::ZERO {
                days.push(LeaveDay {
                    leave: self.id.clone(),
                    row: None,
                    leave_type: self.leave_type.clone(),
                    date,
                    hours: hours.normalize(),
                    status: self.status,
                    child: self.child.clone(),
                    comment: self.comment.clone(),
                });
            }
        }
        Ok(days)
    }

    fn check(&self) -> Result<(), LeaveError> {
        if self.last < self.first {
            return Err(LeaveError::EndsBeforeStart {
                first: self.first,
                last: self.last,
            });
        }
        if (self.last - self.first).num_days() > LONGEST_DAYS {
            return Err(LeaveError::TooLong {
                first: self.first,
                last: self.last,
            });
        }
        if self.extent <= Decimal::ZERO || self.extent > Decimal::ONE_HUNDRED {
            return Err(LeaveError::Extent {
                extent: self.extent,
            });
        }
        if self.part != Part::Whole && self.first != self.last {
            return Err(LeaveError::PartOfSeveralDays {
                first: self.first,
                last: self.last,
            });
        }
        Ok(())
    }
}

/// Shows neither what the leave is, nor whose or for whom: it tells of health and family.
impl fmt::Debug for Leave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leave")
            .field("id", &self.id)
            .field("first", &self.first)
            .field("last", &self.last)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The absence of one day: made of a [`Leave`], or ready from a system that keeps such rows.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeaveDay {
    /// The id of the leave that it belongs to. No other leave of the connection has it, whoever's it
    /// is: the client key of the day is made of it.
    pub leave: String,
    /// The row's own id, if it has one: by it, a row that pages showed twice is known again.
    pub row: Option<String>,
    /// The leave's type, by the key of the mapping table.
    pub leave_type: String,
    /// The day.
    pub date: NaiveDate,
    /// The hours of absence.
    pub hours: Decimal,
    /// How far the leave has come.
    pub status: LeaveStatus,
    /// The name of the child that it is for.
    pub child: Option<String>,
    /// A comment.
    pub comment: String,
}

impl LeaveDay {
    /// An approved day of absence.
    pub fn new(
        leave: impl Into<String>,
        leave_type: impl Into<String>,
        date: NaiveDate,
        hours: Decimal,
    ) -> Self {
        Self {
            leave: leave.into(),
            row: None,
            leave_type: leave_type.into(),
            date,
            hours,
            status: LeaveStatus::Approved,
            child: None,
            comment: String::new(),
        }
    }
}

/// The day and its hours, and nothing personal.
impl fmt::Display for LeaveDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} h", self.date, self.hours.normalize())
    }
}

/// Shows neither what the absence is, nor whose or for whom.
impl fmt::Debug for LeaveDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaveDay")
            .field("leave", &self.leave)
            .field("date", &self.date)
            .field("hours", &self.hours)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A leave whose days cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LeaveError {
    /// It ends before it begins.
    #[error("the leave begins on {first} and ends on {last}, before that; correct its dates")]
    EndsBeforeStart {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// It lasts more than 20 years.
    #[error("the leave from {first} to {last} lasts more than 20 years; correct its dates")]
    TooLong {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// Its extent is no share of a day.
    #[error("the leave has an extent of {extent} %; write more than 0 and at most 100")]
    Extent {
        /// The extent in per cent.
        extent: Decimal,
    },
    /// It takes a part of a day, but has several: of which of them?
    #[error(
        "the leave from {first} to {last} takes a part of a day but has several days; split it, or give an extent"
    )]
    PartOfSeveralDays {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// It takes more than the employee would have worked.
    #[error("the leave takes more of {date} than the {scheduled} hours of its schedule")]
    LongerThanWorkDay {
        /// The day.
        date: NaiveDate,
        /// The hours of the schedule.
        scheduled: Decimal,
    },
    /// The schedule has a day that is none.
    #[error("the schedule has {hours} hours on {date}; it can have 0 to 24, correct it")]
    ScheduledHours {
        /// The day.
        date: NaiveDate,
        /// Its hours.
        hours: Decimal,
    },
    /// Nothing is known of the schedule.
    #[error(
        "no work week or schedule says what was to be worked on {date}; read the schedule of the whole period, or add a work week that counts then"
    )]
    NoSchedule {
        /// The day.
        date: NaiveDate,
    },
}
