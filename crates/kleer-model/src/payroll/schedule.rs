//! Working schedules.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{choice, enumeration, record};
use crate::{PayrollScheduleId, Rate};

record! {
    /// The working schedules of the company (schema type `payroll-schedules-readable`). Read only.
    ///
    /// Not a [`List`](crate::List), since its items are of two kinds: one that cannot be read
    /// fails the document.
    pub struct PayrollSchedulesReadable = "payroll-schedules-readable", root "payroll-schedules-readable" {
        /// The schedules, of both kinds, in Kleer's order.
        repeated_choice schedules: PayrollScheduleReadable = "rolling-schedule" | "fixed-schedule";
    }
}

impl PayrollSchedulesReadable {
    /// These schedules; for tests and sandboxes, since Kleer only sends them.
    pub fn new(schedules: Vec<PayrollScheduleReadable>) -> Self {
        Self {
            schedules,
            ..Self::blank()
        }
    }
}

choice! {
    /// A working schedule of either kind (schema type `payroll-schedule-readable`). Read only.
    pub enum PayrollScheduleReadable = "payroll-schedule-readable", root "payroll-schedule-readable" {
        /// One that begins anew after some weeks.
        Rolling(PayrollRollingScheduleReadable) = "rolling-schedule",
        /// One of given dates.
        Fixed(PayrollFixedScheduleReadable) = "fixed-schedule",
    }
}

impl PayrollScheduleReadable {
    /// The schedule's id, unless it is of a kind that this version of the model does not know.
    pub fn id(&self) -> Option<PayrollScheduleId> {
        match self {
            Self::Rolling(schedule) => Some(schedule.id),
            Self::Fixed(schedule) => Some(schedule.id),
            Self::Other(_) => None,
        }
    }

    /// The schedule's name, unless it is of a kind that this version of the model does not know.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Rolling(schedule) => Some(&schedule.name),
            Self::Fixed(schedule) => Some(&schedule.name),
            Self::Other(_) => None,
        }
    }
}

record! {
    /// A schedule that begins anew after some weeks, as Kleer writes it (schema type
    /// `payroll-rolling-schedule-readable`). Read only; see [`PayrollRollingScheduleWritable`].
    pub struct PayrollRollingScheduleReadable = "payroll-rolling-schedule-readable" {
        /// Kleer's id.
        required id: PayrollScheduleId = "id";
        /// The name.
        required name: String = "name";
        /// A description; may be empty.
        required description: String = "description";
        /// The weeks after which it begins anew.
        required weeks: i32 = "weeks";
        /// The hours of a week, on average.
        required hours_per_week: Decimal = "hours-per-week";
        /// The days of a week, on average.
        required days_per_week: Decimal = "days-per-week";
        /// The share of full time; its unit is not established.
        required level_of_employment: Rate = "level-of-employment";
        /// By how many it is used.
        optional usage_count: i32 = "usage-count";
        /// Whether it may be changed.
        required editable: bool = "editable";
        /// The days.
        list intervals: PayrollRollingScheduleInterval = "intervals" / "interval";
    }
}

impl PayrollRollingScheduleReadable {
    /// A schedule that may be changed; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: PayrollScheduleId, name: impl Into<String>, weeks: i32) -> Self {
        Self {
            id,
            name: name.into(),
            weeks,
            editable: true,
            ..Self::blank()
        }
    }
}

record! {
    /// A schedule that begins anew after some weeks, to write (schema type
    /// `payroll-rolling-schedule-writeable`).
    pub struct PayrollRollingScheduleWritable = "payroll-rolling-schedule-writeable", root "payroll-rolling-schedule-writeable" {
        /// The name.
        required name: String = "name";
        /// A description; may be empty.
        required description: String = "description";
        /// The days. On an update, absent leaves them; present replaces them all, and an empty
        /// list clears them.
        optional_list intervals: PayrollRollingScheduleInterval = "intervals" / "interval";
    }
}

impl PayrollRollingScheduleWritable {
    /// A schedule without a description, which leaves the days as they are.
    ///
    /// ```
    /// use kleer_model::{
    ///     Document, PayrollRollingScheduleInterval, PayrollRollingScheduleWritable,
    ///     PayrollScheduleIntervalType,
    /// };
    ///
    /// let mut schedule = PayrollRollingScheduleWritable::new("Halvtid");
    /// let work = PayrollScheduleIntervalType::Work;
    /// schedule.intervals = Some(vec![PayrollRollingScheduleInterval::new(1, 4.into(), work)]);
    /// assert!(schedule.to_xml()?.contains("<interval><day>1</day><hours>4</hours>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A schedule of given dates, as Kleer writes it (schema type
    /// `payroll-fixed-schedule-readable`). Read only; see [`PayrollFixedScheduleWritable`].
    pub struct PayrollFixedScheduleReadable = "payroll-fixed-schedule-readable" {
        /// Kleer's id.
        required id: PayrollScheduleId = "id";
        /// The name.
        required name: String = "name";
        /// A description; may be empty.
        required description: String = "description";
        /// The hours of a week, on average.
        required hours_per_week: Decimal = "hours-per-week";
        /// The days of a week, on average.
        required days_per_week: Decimal = "days-per-week";
        /// The share of full time; its unit is not established.
        required level_of_employment: Rate = "level-of-employment";
        /// By how many it is used.
        optional usage_count: i32 = "usage-count";
        /// Whether it may be changed.
        required editable: bool = "editable";
        /// The days.
        list intervals: PayrollFixedScheduleInterval = "intervals" / "interval";
    }
}

impl PayrollFixedScheduleReadable {
    /// A schedule that may be changed; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: PayrollScheduleId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            editable: true,
            ..Self::blank()
        }
    }
}

record! {
    /// A schedule of given dates, to write (schema type `payroll-fixed-schedule-writeable`).
    pub struct PayrollFixedScheduleWritable = "payroll-fixed-schedule-writeable", root "payroll-fixed-schedule-writeable" {
        /// The name.
        required name: String = "name";
        /// A description; may be empty.
        required description: String = "description";
        /// The hours of a week, on average.
        optional hours_per_week: Decimal = "hours-per-week";
        /// The days of a week, on average.
        optional days_per_week: Decimal = "days-per-week";
        /// The share of full time; its unit is not established.
        optional level_of_employment: Rate = "level-of-employment";
        /// The days. On an update, absent leaves them; present replaces them all, and an empty
        /// list clears them.
        optional_list intervals: PayrollFixedScheduleInterval = "intervals" / "interval";
    }
}

impl PayrollFixedScheduleWritable {
    /// A schedule without a description, which leaves the days as they are.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A day of a schedule that begins anew (schema type `payroll-rolling-schedule-interval`),
    /// read and written.
    pub struct PayrollRollingScheduleInterval = "payroll-rolling-schedule-interval" {
        /// The day's place in the schedule. Whether the first is 0 or 1 is not established.
        required day: i32 = "day";
        /// The hours.
        required hours: Decimal = "hours";
        /// What the day is.
        required interval_type: PayrollScheduleIntervalType = "type";
        /// A comment; may be empty.
        required comment: String = "comment", personal;
    }
}

impl PayrollRollingScheduleInterval {
    /// A day without a comment.
    pub fn new(day: i32, hours: Decimal, interval_type: PayrollScheduleIntervalType) -> Self {
        Self {
            day,
            hours,
            interval_type,
            ..Self::blank()
        }
    }
}

record! {
    /// A day of a schedule of given dates (schema type `payroll-fixed-schedule-interval`), read
    /// and written.
    pub struct PayrollFixedScheduleInterval = "payroll-fixed-schedule-interval" {
        /// The day.
        required date: NaiveDate = "date";
        /// The hours.
        required hours: Decimal = "hours";
        /// What the day is.
        required interval_type: PayrollScheduleIntervalType = "type";
        /// A comment; may be empty.
        required comment: String = "comment", personal;
    }
}

impl PayrollFixedScheduleInterval {
    /// A day without a comment.
    pub fn new(
        date: NaiveDate,
        hours: Decimal,
        interval_type: PayrollScheduleIntervalType,
    ) -> Self {
        Self {
            date,
            hours,
            interval_type,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// What a day of a schedule is (schema type `payroll-schedule-interval-type`).
    pub enum PayrollScheduleIntervalType = "payroll-schedule-interval-type" {
        /// A working day.
        Work = "Work",
        /// A working day with fewer hours, as the day before a holiday.
        WorkReduced = "WorkReduced",
        /// A day off.
        WorkFree = "WorkFree",
    }
}

record! {
    /// What an employee's schedule says of one day (schema type
    /// `payroll-user-schedule-metadata`). Read only.
    ///
    /// For "how many hours are to be worked", take [`actual_hours`](Self::actual_hours).
    pub struct PayrollUserScheduleMetadata = "payroll-user-schedule-metadata", list "payroll-user-schedule-metadatas" / "payroll-user-schedule-metadata" {
        /// The day.
        required date: NaiveDate = "date";
        /// The share of full time on that day; its unit is not established.
        required level_of_employment: Rate = "level-of-employment";
        /// The hours of the schedule. How they differ from the net hours is not established.
        required gross_hours: Decimal = "gross-hours";
        /// The hours of the schedule. How they differ from the gross hours is not established.
        required net_hours: Decimal = "net-hours";
        /// The hours to work: level of employment and bank holidays are already counted in.
        required actual_hours: Decimal = "actual-hours";
    }
}

impl PayrollUserScheduleMetadata {
    /// A day on which these hours are to be worked, gross and net hours the same; for tests and
    /// sandboxes, since Kleer only sends it.
    pub fn new(date: NaiveDate, level_of_employment: Rate, hours: Decimal) -> Self {
        Self {
            date,
            level_of_employment,
            gross_hours: hours,
            net_hours: hours,
            actual_hours: hours,
            ..Self::blank()
        }
    }
}
