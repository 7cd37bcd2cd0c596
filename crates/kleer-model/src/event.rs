//! Events: time that users report, day by day.
//!
//! Only open events can be changed. Absence is reported as an event too: without a client project,
//! on the activity that stands for the absence.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{
    ActivityId, ActivityReference, Cents, ClientProjectReference, EventId, EventReference, UserId,
    UserReference,
};

record! {
    /// Reported time (schema type `event-readable`), as Kleer sends it.
    pub struct EventReadable = "event-readable", root "event-readable", list "event-readables" / "event-readable" {
        /// Kleer's id.
        required id: EventReference = "id";
        /// Your own key.
        required foreign_id: String = "foreign-id";
        /// Whose time it is.
        required user: UserReference = "user";
        /// What was done.
        required activity: ActivityReference = "activity";
        /// The client project; absent for time that concerns no client, such as absence.
        optional client_project: ClientProjectReference = "client-project";
        /// The child's name, where the activity demands one.
        optional child: String = "child", personal;
        /// The day.
        required date: NaiveDate = "date";
        /// How many hours.
        required hours: Decimal = "hours";
        /// A comment that the client may see, on the invoice.
        required comment: String = "comment", personal;
        /// A comment that stays in the company.
        required internal_comment: String = "internal-comment", personal;
        /// Whether the time can be invoiced.
        required invoiceable: bool = "invoiceable";
        /// How many hours have been invoiced.
        required invoiced_hours: Decimal = "invoiced-hours";
        /// What has been invoiced, presumably in cent. Whether it is a sum or a price per hour is
        /// not established.
        required invoiced_price: Cents = "invoiced-price";
        /// Deprecated by Kleer: read [`status`](Self::status).
        required approved: bool = "approved";
        /// How far the event has come; only an open one can be changed.
        required status: EventStatus = "status";
    }
}

impl EventReadable {
    /// What Kleer would send of an event that was written; for tests and sandboxes. It is not
    /// invoiceable, and nothing of it has been invoiced.
    pub fn from_writable(id: EventId, event: EventWritable, status: EventStatus) -> Self {
        Self {
            id: id.into(),
            foreign_id: event.foreign_id,
            user: event.user,
            activity: event.activity,
            client_project: event.client_project,
            child: event.child,
            date: event.date,
            hours: event.hours,
            comment: event.comment,
            internal_comment: event.internal_comment.unwrap_or_default(),
            approved: status.status_type != EventStatusType::Open,
            status,
            ..Self::blank()
        }
    }
}

record! {
    /// Reported time (schema type `event-writable`), as it is written.
    pub struct EventWritable = "event-writable", root "event-writable" {
        /// Your own key. Set it always: it is how a lost answer is recovered.
        required foreign_id: String = "foreign-id";
        /// Whose time it is.
        required user: UserReference = "user";
        /// What was done.
        required activity: ActivityReference = "activity";
        /// The client project; absent for time that concerns no client, such as absence.
        optional client_project: ClientProjectReference = "client-project";
        /// The child's name, where the activity demands one
        /// ([`mandatory_child_when_reporting`](crate::ActivityReadable::mandatory_child_when_reporting)).
        optional child: String = "child", personal;
        /// The day.
        required date: NaiveDate = "date";
        /// How many hours. Kleer's own pages expect quarters of an hour; the API takes any.
        required hours: Decimal = "hours";
        /// A comment that the client may see, on the invoice.
        required comment: String = "comment", personal;
        /// A comment that stays in the company.
        optional internal_comment: String = "internal-comment", personal;
    }
}

impl EventWritable {
    /// Hours of a user on a day, outside client projects.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{ActivityId, ClientProjectId, Document, EventWritable, UserId};
    ///
    /// let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    /// let hours = "7.5".parse()?;
    /// let mut event = EventWritable::new("time-311", UserId(21), ActivityId(4), date, hours);
    /// event.client_project = Some(ClientProjectId(90).into());
    /// assert!(event.to_xml()?.contains("<hours>7.5</hours><comment/>"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        foreign_id: impl Into<String>,
        user: UserId,
        activity: ActivityId,
        date: NaiveDate,
        hours: Decimal,
    ) -> Self {
        Self {
            foreign_id: foreign_id.into(),
            user: user.into(),
            activity: activity.into(),
            date,
            hours,
            ..Self::blank()
        }
    }
}

record! {
    /// How far an event has come (schema type `event-status`). Read only.
    pub struct EventStatus = "event-status" {
        /// How far.
        required status_type: EventStatusType = "type";
        /// Who brought it there.
        required registration_user: UserReference = "registration-user";
        /// When. A date, where other types have a date and time under this name.
        required registration_date: NaiveDate = "registration-date";
    }
}

impl EventStatus {
    /// A status; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        status_type: EventStatusType,
        registration_user: UserId,
        registration_date: NaiveDate,
    ) -> Self {
        Self {
            status_type,
            registration_user: registration_user.into(),
            registration_date,
            ..Self::blank()
        }
    }
}

record! {
    /// Whether a day is open for a user's events (schema type `event-restriction-readable`). Read
    /// only.
    pub struct EventRestrictionReadable = "event-restriction-readable", root "event-restriction-readable", list "event-restriction-readables" / "event-restriction-readable" {
        /// The day and how far it has come.
        required status: EventRestrictionStatus = "status";
    }
}

impl EventRestrictionReadable {
    /// A day's restriction; for tests and sandboxes, since Kleer only sends it.
    pub fn new(status: EventRestrictionStatus) -> Self {
        Self {
            status,
            ..Self::blank()
        }
    }
}

record! {
    /// How far a day has come (schema type `event-restriction-status`). Read only.
    pub struct EventRestrictionStatus = "event-restriction-status" {
        /// How far; only on an open day can events be written.
        required status_type: EventStatusType = "type";
        /// Who brought it there.
        required registration_user: UserReference = "registration-user";
        /// The day.
        required event_date: NaiveDate = "event-date";
    }
}

impl EventRestrictionStatus {
    /// A day's status; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        status_type: EventStatusType,
        registration_user: UserId,
        event_date: NaiveDate,
    ) -> Self {
        Self {
            status_type,
            registration_user: registration_user.into(),
            event_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A request to certify the events of a user (schema type `certify-events-request`). Write
    /// only.
    pub struct CertifyEventsRequest = "certify-events-request", root "certify-events-request" {
        /// Whose events. A reference, in spite of the element's name.
        required user_id: UserReference = "user-id";
        /// The first day.
        required start_date: NaiveDate = "start-date";
        /// The last day.
        required end_date: NaiveDate = "end-date";
        /// Only those of a client project. A reference, in spite of the element's name.
        optional client_project_id: ClientProjectReference = "client-project-id";
    }
}

impl CertifyEventsRequest {
    /// A request for all events of a user from one day to another.
    pub fn new(user: UserId, start_date: NaiveDate, end_date: NaiveDate) -> Self {
        Self {
            user_id: user.into(),
            start_date,
            end_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A request to approve the events of a user (schema type `approve-events-request`). Write
    /// only.
    pub struct ApproveEventsRequest = "approve-events-request", root "approve-events-request" {
        /// Whose events. A reference, in spite of the element's name.
        required user_id: UserReference = "user-id";
        /// The first day.
        required start_date: NaiveDate = "start-date";
        /// The last day.
        required end_date: NaiveDate = "end-date";
        /// Only those of a client project. A reference, in spite of the element's name.
        optional client_project_id: ClientProjectReference = "client-project-id";
    }
}

impl ApproveEventsRequest {
    /// A request for all events of a user from one day to another.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{ApproveEventsRequest, Document, UserId};
    ///
    /// let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    /// let request = ApproveEventsRequest::new(UserId(21), day(1), day(30));
    /// assert!(request.to_xml()?.contains("<user-id><id>21</id></user-id>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(user: UserId, start_date: NaiveDate, end_date: NaiveDate) -> Self {
        Self {
            user_id: user.into(),
            start_date,
            end_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A request to open the events of a user again (schema type `unlock-events-request`). Write
    /// only.
    pub struct UnlockEventsRequest = "unlock-events-request", root "unlock-events-request" {
        /// Whose events. A reference, in spite of the element's name.
        required user_id: UserReference = "user-id";
        /// The first day.
        required start_date: NaiveDate = "start-date";
        /// The last day.
        required end_date: NaiveDate = "end-date";
        /// Only those of a client project. A reference, in spite of the element's name.
        optional client_project_id: ClientProjectReference = "client-project-id";
    }
}

impl UnlockEventsRequest {
    /// A request for all events of a user from one day to another.
    pub fn new(user: UserId, start_date: NaiveDate, end_date: NaiveDate) -> Self {
        Self {
            user_id: user.into(),
            start_date,
            end_date,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// How far reported time has come (schema type `event-status-type`).
    pub enum EventStatusType = "event-status-type" {
        /// It can be changed.
        Open = "Open",
        /// It has been approved.
        Approved = "Approved",
        /// It has been certified.
        Certified = "Certified",
    }
}
