//! Users, and the suppliers that some of them work for.

use super::{CREATE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// The user of the token.
    pub const USER_ME: Endpoint = Endpoint {
        name: "user.me",
        path: "user/me",
        response: &["user"],
        ..READ
    };

    /// All users, active and not.
    pub const USER_LIST: Endpoint = Endpoint {
        name: "user.list",
        path: "user",
        response: &["users"],
        ..READ
    };

    /// One user.
    pub const USER_READ: Endpoint = Endpoint {
        name: "user.read",
        path: "user/{user-id}",
        response: &["user"],
        ..READ
    };

    /// The user with this foreign id.
    pub const USER_BY_FOREIGN_ID: Endpoint = Endpoint {
        name: "user.by_foreign_id",
        path: "user/foreign-id/{foreign-id}",
        response: &["user"],
        note: "Only documented, by an integrator's notes.",
        ..READ
    };

    /// Creates a user.
    pub const USER_CREATE: Endpoint = Endpoint {
        name: "user.create",
        path: "user",
        request: Some("user"),
        recovery: Recovery::ForeignId {
            list: "user.list",
        },
        note: "By analogy with PUT client.",
        ..inferred(CREATE)
    };

    /// Updates a user; id, name, e-mail address and active suffice.
    pub const USER_UPDATE: Endpoint = Endpoint {
        name: "user.update",
        path: "user/{user-id}",
        request: Some("user"),
        note: "Which of its answers Kleer gives is not known.",
        ..UPDATE
    };

    /// All subcontractors: suppliers, and the users who work for them.
    pub const SUBCONTRACTOR_LIST: Endpoint = Endpoint {
        name: "subcontractor.list",
        path: "subcontractor",
        response: &["subcontractor-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// One subcontractor.
    pub const SUBCONTRACTOR_READ: Endpoint = Endpoint {
        name: "subcontractor.read",
        path: "subcontractor/{subcontractor-id}",
        response: &["subcontractor-readable"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Creates a subcontractor.
    pub const SUBCONTRACTOR_CREATE: Endpoint = Endpoint {
        name: "subcontractor.create",
        path: "subcontractor",
        request: Some("subcontractor-writeable"),
        recovery: Recovery::Listing {
            list: "subcontractor.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Updates a subcontractor.
    pub const SUBCONTRACTOR_UPDATE: Endpoint = Endpoint {
        name: "subcontractor.update",
        path: "subcontractor/{subcontractor-id}",
        request: Some("subcontractor-writeable"),
        note: "Only the type is known; the path is a guess.",
        ..inferred(UPDATE)
    };
}
