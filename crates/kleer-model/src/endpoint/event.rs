//! Events: reported time, and absences.

use super::{ACT, CREATE, DELETE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred, query};

endpoints! {
    /// Events; those of the current week unless days are given.
    pub const EVENT_LIST: Endpoint = Endpoint {
        name: "event.list",
        path: "event",
        query: &[
            query("userId", "the id of a user"),
            query("startDate", "the first day, YYYY-MM-DD"),
            query("endDate", "the last day, YYYY-MM-DD"),
            query("activityId", "the id of an activity"),
            query("clientProjectId", "the id of a client project"),
        ],
        response: &["event-readables"],
        ..READ
    };

    /// One event.
    pub const EVENT_READ: Endpoint = Endpoint {
        name: "event.read",
        path: "event/{event-id}",
        response: &["event-readable"],
        ..READ
    };

    /// Reports time; without a client project and with an activity for absences, an absence.
    pub const EVENT_CREATE: Endpoint = Endpoint {
        name: "event.create",
        path: "event",
        request: Some("event-writable"),
        response: &["saved", "created"],
        recovery: Recovery::ForeignId {
            list: "event.list",
        },
        note: "Always give a foreign id: without one Kleer has answered 500.",
        ..CREATE
    };

    /// Changes an event that is open.
    pub const EVENT_UPDATE: Endpoint = Endpoint {
        name: "event.update",
        path: "event/{event-id}",
        request: Some("event-writable"),
        ..UPDATE
    };

    /// Deletes an event that is open.
    pub const EVENT_DELETE: Endpoint = Endpoint {
        name: "event.delete",
        path: "event/{event-id}",
        ..DELETE
    };

    /// Which days of a user are locked.
    pub const EVENT_STATUSES: Endpoint = Endpoint {
        name: "event.statuses",
        path: "event/statuses",
        query: &[
            query("userId", "the id of a user"),
            query("fromDate", "the first day, YYYY-MM-DD"),
            query("toDate", "the last day, YYYY-MM-DD"),
        ],
        response: &["event-restriction-readables"],
        note: "Its query names days otherwise than event.list does.",
        ..READ
    };

    /// Certifies a user's events: the user says that they are complete.
    pub const EVENT_CERTIFY: Endpoint = Endpoint {
        name: "event.certify",
        path: "event/certify",
        request: Some("certify-events-request"),
        note: "By analogy with event/approve.",
        ..inferred(ACT)
    };

    /// Approves a user's events.
    pub const EVENT_APPROVE: Endpoint = Endpoint {
        name: "event.approve",
        path: "event/approve",
        request: Some("approve-events-request"),
        note: "Only documented, in a partner's readme.",
        ..ACT
    };

    /// Opens a user's events again.
    pub const EVENT_UNLOCK: Endpoint = Endpoint {
        name: "event.unlock",
        path: "event/unlock",
        request: Some("unlock-events-request"),
        note: "By analogy with event/approve.",
        ..inferred(ACT)
    };
}
