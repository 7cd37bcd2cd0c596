//! The hours that an employee would have worked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use kleer_model::PayrollUserScheduleMetadata;
use rust_decimal::Decimal;

use super::{LeaveError, WorkWeeks};

/// Which days off are taken from a work week.
///
/// The dates are those of the Swedish act on public holidays (1989:253), and the three eves that
/// the annual leave act puts on a par with Sundays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Holidays {
    /// Public holidays are days off. By the act every Sunday is one too; whether a Sunday is worked
    /// is said by the work week, so an ordinary one stays as it is there.
    pub public: bool,
    /// Midsummer Eve, Christmas Eve and New Year's Eve are days off.
    pub eves: bool,
    /// Other days off, such as those that the company gives (*klämdagar*).
    pub also: BTreeSet<NaiveDate>,
}

impl Holidays {
    /// No day off but those of the work week: what an HR system does whose policy says nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Public holidays and the three eves.
    pub fn swedish() -> Self {
        Self {
            public: true,
            eves: true,
            also: BTreeSet::new(),
        }
    }

    /// Public holidays, the eves being working days, as they are by the letter of the law.
    pub fn public_only() -> Self {
        Self {
            public: true,
            ..Self::default()
        }
    }

    /// Whether nobody works on this day.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.also.contains(&date)
            || self.public && swedish_ids::public_holiday(date).is_some()
            || self.eves && swedish_ids::de_facto_day_off(date).is_some()
    }
}

/// What an employee would have worked, day by day.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// By work weeks, without the days off.
    Weeks {
        /// The work weeks.
        weeks: WorkWeeks,
        /// The days off.
        holidays: Holidays,
    },
    /// By the hours that somebody already knows of each day: Kleer's own schedule.
    Hours(BTreeMap<NaiveDate, Decimal>),
}

impl Schedule {
    /// By work weeks.
    pub fn weeks(weeks: WorkWeeks, holidays: Holidays) -> Self {
        Self::Weeks { weeks, holidays }
    }

    /// By Kleer's schedule of the employee (`payroll-user-schedule-metadatas`): its *actual hours*,
    /// in which level of employment and bank holidays are already counted. The best source there
    /// is, because the salary is computed from it.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_employee::leave::Schedule;
    /// use kleer_model::{PayrollUserScheduleMetadata, Rate};
    ///
    /// let day = |day| NaiveDate::from_ymd_opt(2026, 12, day).unwrap();
    /// let schedule = Schedule::of_kleer(&[
    ///     PayrollUserScheduleMetadata::new(day(23), Rate(100.into()), 8.into()),
    ///     PayrollUserScheduleMetadata::new(day(24), Rate(100.into()), 0.into()),
    /// ]);
    /// assert_eq!(schedule.hours_on(day(24))?, 0.into());
    /// assert!(schedule.hours_on(day(25)).is_err(), "the answer did not reach so far");
    /// # Ok::<(), kleer_employee::leave::LeaveError>(())
    /// ```
    pub fn of_kleer(days: &[PayrollUserScheduleMetadata]) -> Self {
        Self::Hours(
            days.iter()
                .map(|day| (day.date, day.actual_hours))
                .collect(),
        )
    }

    /// The hours of a day; zero where the employee does not work.
    ///
    /// # Errors
    /// [`LeaveError::NoSchedule`] if nothing is known of the day: absence of a schedule is not a
    /// day off. [`LeaveError::ScheduledHours`] if the day has less than 0 or more than 24 hours.
    pub fn hours_on(&self, date: NaiveDate) -> Result<Decimal, LeaveError> {
        match self {
            Self::Weeks { weeks, holidays } => {
                let hours = weeks
                    .hours_on(date)
                    .ok_or(LeaveError::NoSchedule { date })?;
                Ok(if holidays.contains(date) {
                    Decimal::ZERO
                } else {
                    hours
                })
            }
            Self::Hours(days) => {
                let hours = days
                    .get(&date)
                    .copied()
                    .ok_or(LeaveError::NoSchedule { date })?;
                if hours < Decimal::ZERO || hours > Decimal::from(24) {
                    return Err(LeaveError::ScheduledHours { date, hours });
                }
                Ok(hours)
            }
        }
    }
}
