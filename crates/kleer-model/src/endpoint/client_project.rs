//! Client projects, activities, and what an hour costs.

use super::{ACT, CREATE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred, query};

endpoints! {
    /// Client projects.
    pub const CLIENT_PROJECT_LIST: Endpoint = Endpoint {
        name: "client_project.list",
        path: "client-project",
        query: &[
            query("filter", "all, active or inactive"),
        ],
        response: &["client-project-readables"],
        ..READ
    };

    /// One client project.
    pub const CLIENT_PROJECT_READ: Endpoint = Endpoint {
        name: "client_project.read",
        path: "client-project/{client-project-id}",
        response: &["client-project-readable"],
        ..READ
    };

    /// Creates a client project.
    pub const CLIENT_PROJECT_CREATE: Endpoint = Endpoint {
        name: "client_project.create",
        path: "client-project",
        request: Some("client-project-writeable"),
        recovery: Recovery::Listing {
            list: "client_project.list",
        },
        note: "By analogy with PUT client; a commercial connector creates them. It has no foreign id: a number of your own makes it recognisable.",
        ..inferred(CREATE)
    };

    /// Updates a client project; the whole project is sent.
    pub const CLIENT_PROJECT_UPDATE: Endpoint = Endpoint {
        name: "client_project.update",
        path: "client-project/{client-project-id}",
        request: Some("client-project-writeable"),
        note: "By analogy with POST client/{client-id}; a commercial connector updates them. Client, name and fixed price are set by the create only.",
        ..inferred(UPDATE)
    };

    /// Closes a client project.
    pub const CLIENT_PROJECT_CLOSE: Endpoint = Endpoint {
        name: "client_project.close",
        path: "client-project/{client-project-id}/close",
        note: "The schema says that closing is an operation of its own; the path is a guess.",
        ..inferred(ACT)
    };

    /// Opens a client project again.
    pub const CLIENT_PROJECT_OPEN: Endpoint = Endpoint {
        name: "client_project.open",
        path: "client-project/{client-project-id}/open",
        note: "By analogy with closing it, whose path is a guess, too.",
        ..inferred(ACT)
    };

    /// All activities: what time is reported on, and the absences.
    pub const ACTIVITY_LIST: Endpoint = Endpoint {
        name: "activity.list",
        path: "activity",
        response: &["activity-readables"],
        ..READ
    };

    /// One activity.
    pub const ACTIVITY_READ: Endpoint = Endpoint {
        name: "activity.read",
        path: "activity/{activity-id}",
        response: &["activity-readable"],
        ..READ
    };

    /// What an hour of a user costs the company.
    pub const INTERNAL_HOURLY_COST_LIST: Endpoint = Endpoint {
        name: "internal_hourly_cost.list",
        path: "user/{user-id}/internal-hourly-cost",
        response: &["internal-hourly-cost-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Adds what an hour of a user costs from a day on.
    pub const INTERNAL_HOURLY_COST_CREATE: Endpoint = Endpoint {
        name: "internal_hourly_cost.create",
        path: "user/{user-id}/internal-hourly-cost",
        request: Some("internal-hourly-cost-writable"),
        response: &["created", "saved", "ok"],
        recovery: Recovery::Listing {
            list: "internal_hourly_cost.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Says all that an hour of a user costs, now and before.
    pub const INTERNAL_HOURLY_COST_REPLACE: Endpoint = Endpoint {
        name: "internal_hourly_cost.replace",
        path: "user/{user-id}/internal-hourly-cost",
        request: Some("internal-hourly-cost-writables"),
        note: "Only the type is known; the path is a guess.",
        ..inferred(UPDATE)
    };
}
