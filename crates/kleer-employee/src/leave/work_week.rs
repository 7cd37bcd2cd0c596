//! Which days an employee works, and how long.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};
use rust_decimal::Decimal;
use thiserror::Error;

/// The working hours of a week, Monday first. A day of zero hours is not a working day.
///
/// ```
/// use chrono::Weekday;
/// use kleer_employee::leave::WorkWeek;
/// use rust_decimal::Decimal;
///
/// let week = WorkWeek::full_time(8.into())?;
/// assert_eq!(week.hours(Weekday::Fri), Decimal::from(8));
/// assert_eq!(week.hours(Weekday::Sat), Decimal::ZERO);
///
/// // Tuesdays off.
/// let week = week.with(Weekday::Tue, 0.into())?;
/// assert_eq!(week.total(), Decimal::from(32));
/// # Ok::<(), kleer_employee::leave::WorkWeekError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "[Decimal; 7]", into = "[Decimal; 7]")
)]
pub struct WorkWeek([Decimal; 7]);

impl WorkWeek {
    /// A week of these hours, Monday first.
    ///
    /// # Errors
    /// [`WorkWeekError::Hours`] if a day has less than 0 or more than 24 hours.
    pub fn new(hours: [Decimal; 7]) -> Result<Self, WorkWeekError> {
        for (index, hours) in hours.iter().enumerate() {
            if hours.is_sign_negative() && !hours.is_zero() || *hours > Decimal::from(24) {
                return Err(WorkWeekError::Hours {
                    weekday: WEEKDAYS[index],
                    hours: *hours,
                });
            }
        }
        Ok(Self(hours))
    }

    /// Monday to Friday, with these hours a day.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn full_time(hours_a_day: Decimal) -> Result<Self, WorkWeekError> {
        let mut hours = [hours_a_day; 7];
        hours[5] = Decimal::ZERO;
        hours[6] = Decimal::ZERO;
        Self::new(hours)
    }

    /// The same week with other hours on one day.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with(self, weekday: Weekday, hours: Decimal) -> Result<Self, WorkWeekError> {
        let mut week = self.0;
        week[index(weekday)] = hours;
        Self::new(week)
    }

    /// The hours of a day.
    pub fn hours(&self, weekday: Weekday) -> Decimal {
        self.0[index(weekday)]
    }

    /// The hours of the week.
    pub fn total(&self) -> Decimal {
        self.0.iter().sum()
    }
}

impl TryFrom<[Decimal; 7]> for WorkWeek {
    type Error = WorkWeekError;

    fn try_from(hours: [Decimal; 7]) -> Result<Self, Self::Error> {
        Self::new(hours)
    }
}

impl From<WorkWeek> for [Decimal; 7] {
    fn from(week: WorkWeek) -> Self {
        week.0
    }
}

const WEEKDAYS: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

fn index(weekday: Weekday) -> usize {
    weekday.num_days_from_monday() as usize
}

/// Whose work week it is. The more particular one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum WorkWeekScope {
    /// The whole company's.
    Company,
    /// That of the employee's office.
    Office,
    /// The employee's own.
    Employee,
}

impl fmt::Display for WorkWeekScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Company => "company",
            Self::Office => "office",
            Self::Employee => "employee",
        })
    }
}

/// A work week and when it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct EffectiveWorkWeek {
    /// Whose it is.
    pub scope: WorkWeekScope,
    /// The first day on which it counts.
    pub effective_from: NaiveDate,
    /// The last day on which it counts, if it ends.
    pub effective_to: Option<NaiveDate>,
    /// The week.
    pub week: WorkWeek,
}

impl EffectiveWorkWeek {
    /// A week that counts from a day on.
    pub fn new(scope: WorkWeekScope, effective_from: NaiveDate, week: WorkWeek) -> Self {
        Self {
            scope,
            effective_from,
            effective_to: None,
            week,
        }
    }

    /// The same, until a last day.
    #[must_use]
    pub fn until(mut self, effective_to: NaiveDate) -> Self {
        self.effective_to = Some(effective_to);
        self
    }

    fn counts_on(&self, date: NaiveDate) -> bool {
        self.effective_from <= date && self.effective_to.is_none_or(|last| date <= last)
    }
}

/// All work weeks that may count for one employee: the employee's own over the office's over the
/// company's; of one scope, the one that began last.
///
/// ```
/// use chrono::NaiveDate;
/// use kleer_employee::leave::{EffectiveWorkWeek, WorkWeek, WorkWeekScope, WorkWeeks};
///
/// let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
/// let full = WorkWeek::full_time(8.into())?;
/// let half = WorkWeek::full_time(4.into())?;
/// let weeks = WorkWeeks::new([
///     EffectiveWorkWeek::new(WorkWeekScope::Company, day(1, 1), full),
///     EffectiveWorkWeek::new(WorkWeekScope::Employee, day(9, 1), half).until(day(9, 30)),
/// ])?;
/// assert_eq!(weeks.on(day(8, 31)), Some(&full));
/// assert_eq!(weeks.on(day(9, 30)), Some(&half));
/// assert_eq!(weeks.on(day(10, 1)), Some(&full));
/// # Ok::<(), kleer_employee::leave::WorkWeekError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkWeeks {
    /// The one that wins first.
    weeks: Vec<EffectiveWorkWeek>,
}

impl WorkWeeks {
    /// These work weeks, in any order.
    ///
    /// # Errors
    /// [`WorkWeekError::Ambiguous`] if two of one scope begin on the same day and differ: which of
    /// them counts would be a guess. [`WorkWeekError::EndsBeforeStart`] if one does.
    pub fn new(weeks: impl IntoIterator<Item = EffectiveWorkWeek>) -> Result<Self, WorkWeekError> {
        let mut weeks: Vec<_> = weeks.into_iter().collect();
        weeks.sort_by_key(|week| {
            std::cmp::Reverse((week.scope, week.effective_from, week.effective_to))
        });
        for week in &weeks {
            if week.effective_to.is_some_and(|to| to < week.effective_from) {
                return Err(WorkWeekError::EndsBeforeStart {
                    scope: week.scope,
                    effective_from: week.effective_from,
                });
            }
        }
        for pair in weeks.windows(2) {
            let same_start =
                pair[0].scope == pair[1].scope && pair[0].effective_from == pair[1].effective_from;
            if same_start && pair[0] != pair[1] {
                return Err(WorkWeekError::Ambiguous {
                    scope: pair[0].scope,
                    effective_from: pair[0].effective_from,
                });
            }
        }
        Ok(Self { weeks })
    }

    /// One work week, at all times.
    pub fn always(week: WorkWeek) -> Self {
        Self {
            weeks: vec![EffectiveWorkWeek::new(
                WorkWeekScope::Employee,
                NaiveDate::MIN,
                week,
            )],
        }
    }

    /// The work week that counts on a day, if there is one.
    pub fn on(&self, date: NaiveDate) -> Option<&WorkWeek> {
        self.weeks
            .iter()
            .find(|week| week.counts_on(date))
            .map(|week| &week.week)
    }

    /// The hours of a day by its work week, holidays not considered; `None` if no week counts.
    pub fn hours_on(&self, date: NaiveDate) -> Option<Decimal> {
        self.on(date).map(|week| week.hours(date.weekday()))
    }
}

/// Work weeks that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WorkWeekError {
    /// A day of less than 0 or more than 24 hours.
    #[error("a work week has {hours} hours on {weekday}; write hours from 0 to 24")]
    Hours {
        /// The day.
        weekday: Weekday,
        /// Its hours.
        hours: Decimal,
    },
    /// Two different work weeks of one scope begin on the same day.
    #[error(
        "two different work weeks of the {scope} count from {effective_from}; end or remove one of them"
    )]
    Ambiguous {
        /// Whose they are.
        scope: WorkWeekScope,
        /// When both begin.
        effective_from: NaiveDate,
    },
    /// A work week ends before it begins.
    #[error("the work week of the {scope} that counts from {effective_from} ends before that day")]
    EndsBeforeStart {
        /// Whose it is.
        scope: WorkWeekScope,
        /// When it begins.
        effective_from: NaiveDate,
    },
}
