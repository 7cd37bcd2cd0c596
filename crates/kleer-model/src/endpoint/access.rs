//! Signing in, and what users may do.

use super::{ACT, CREATE, Endpoint, READ, Recovery, Scope, UPDATE, endpoints, inferred};

endpoints! {
    /// The companies that an e-mail address and a password open, with a token for each.
    pub const ACCESS_AUTHENTICATE: Endpoint = Endpoint {
        name: "access.authenticate",
        scope: Scope::Api,
        path: "access/authenticate",
        request: Some("user-authentication"),
        response: &["accessible-companies"],
        note: "Called by code from 2018 to 2024; may fail for users who sign in with BankID.",
        ..ACT
    };

    /// What a user may do.
    pub const ACCESS_LIST: Endpoint = Endpoint {
        name: "access.list",
        path: "user/{user-id}/access",
        response: &["accesses"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Lets a user do something.
    pub const ACCESS_GRANT: Endpoint = Endpoint {
        name: "access.grant",
        path: "user/{user-id}/access",
        request: Some("access"),
        response: &["created", "saved", "ok"],
        recovery: Recovery::NaturalKey {
            element: "type",
            read: "access.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Says all that a user may do.
    pub const ACCESS_REPLACE: Endpoint = Endpoint {
        name: "access.replace",
        path: "user/{user-id}/access",
        request: Some("accesses"),
        note: "Only the type is known; the path is a guess.",
        ..inferred(UPDATE)
    };

    /// The roles of a user.
    pub const ACCESS_ROLES: Endpoint = Endpoint {
        name: "access.roles",
        path: "user/{user-id}/access/role",
        response: &["access-roles"],
        note: "Only the type is known; the path is a guess. Whether the roles are a user's or the company's is not known.",
        ..inferred(READ)
    };
}
