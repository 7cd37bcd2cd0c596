//! Absence and worked hours of employees.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{enumeration, id, record};

id! {
    /// An event of the payroll. Not the id of a time event: that is [`EventId`](crate::EventId).
    pub struct PayrollEventId(i32);
}

record! {
    /// Absence or worked hours of one employee on one day (schema type `payroll-event`).
    ///
    /// An event is one day; a leave of a week is five or seven events. Whose it is stands in the
    /// path. How it is written is not established: the way that is in use is a time event with
    /// the activity of the absence and no client project.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Document, PayrollEvent, PayrollEventType};
    ///
    /// let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    /// let mut event = PayrollEvent::new(date, 8.into(), PayrollEventType::Childcare);
    /// event.child = Some("Alva".to_owned());
    /// assert!(event.to_xml()?.contains("<type>Childcare</type><child>Alva</child><comment/>"));
    /// assert!(event.event_type.is_absence());
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub struct PayrollEvent = "payroll-event", root "payroll-event", list "payroll-events" / "payroll-event" {
        /// Kleer's id; ignored when written.
        optional id: PayrollEventId = "id";
        /// The day.
        required date: NaiveDate = "date";
        /// The hours of the day.
        required hours: Decimal = "hours";
        /// What it is.
        required event_type: PayrollEventType = "type", personal;
        /// The name of the child that [`Childcare`](PayrollEventType::Childcare) and
        /// [`ParentalLeave`](PayrollEventType::ParentalLeave) are for. Whether it must be one of
        /// [`PayrollUserReadable::children`](crate::PayrollUserReadable::children) is not
        /// established; it is safe if it is.
        optional child: String = "child", personal;
        /// A comment; may be empty.
        required comment: String = "comment", personal;
    }
}

impl PayrollEvent {
    /// An event without a child or a comment.
    pub fn new(date: NaiveDate, hours: Decimal, event_type: PayrollEventType) -> Self {
        Self {
            date,
            hours,
            event_type,
            ..Self::blank()
        }
    }
}

record! {
    /// A child of an employee, for whom leave can be taken (schema type `payroll-child`), read and
    /// written.
    pub struct PayrollChild = "payroll-child", root "payroll-child" {
        /// The name.
        required name: String = "name", personal;
        /// The day of birth. The schema demands the element, so `None` is written as the
        /// 1 January of the year 1; that date and an empty text are read as `None`.
        blankable birth_date: NaiveDate = "birth-date", personal;
    }
}

impl PayrollChild {
    /// A child.
    pub fn new(name: impl Into<String>, birth_date: NaiveDate) -> Self {
        Self {
            name: name.into(),
            birth_date: Some(birth_date),
            ..Self::blank()
        }
    }
}

enumeration! {
    /// What a [`PayrollEvent`] is (schema type `payroll-event-type`). Kleer adds to these.
    ///
    /// The Swedish names are those of Kleer's usual activities for absence.
    pub enum PayrollEventType = "payroll-event-type" {
        /// Sick leave (*Sjuk*).
        Sick = "Sick",
        /// Vacation (*Semester*).
        Vacation = "Vacation",
        /// Unpaid leave that earns no vacation (*Tjänstledig*).
        LeaveOfAbsence = "LeaveOfAbsence",
        /// Unpaid leave that earns vacation (*Tjänstledig (Semestergrundande)*).
        LeaveOfAbsenceVacationEarned = "LeaveOfAbsenceVacationEarned",
        /// Worked hours of an employee with hourly pay. Not an absence.
        WorkHour = "WorkHour",
        /// Parental leave (*Föräldraledighet*), for a child.
        ParentalLeave = "ParentalLeave",
        /// Care of a child that is ill (*VAB*), for a child.
        Childcare = "Childcare",
        /// Care of a close relative (*Vård av nära anhörig*).
        CloseRelativeCare = "CloseRelativeCare",
        /// The ten days at a child's birth (*10 dagar vid barns födelse*).
        PaternityLeave = "PaternityLeave",
        /// A short paid leave (*Permission*). Not short-time work, for all its name.
        Furlough = "Furlough",
        /// Other absence (*Övrig frånvaro*).
        OtherLeave = "OtherLeave",
        /// Other absence that, by its name, earns no vacation. The activity that is in use for it
        /// says the opposite (*Övrig frånvaro (Semestergrundande)*): look before you rely on it.
        OtherLeaveVacationNotEarned = "OtherLeaveVacationNotEarned",
    }
}

impl PayrollEventType {
    /// Whether it is absence: everything that is known but worked hours. Of a value that is not
    /// known nothing can be said, so it is not counted as absence.
    pub fn is_absence(&self) -> bool {
        !matches!(self, Self::WorkHour | Self::Other(_))
    }
}
