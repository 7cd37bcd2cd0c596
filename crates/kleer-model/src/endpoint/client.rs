//! Clients.

use super::{CREATE, DELETE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// All clients.
    pub const CLIENT_LIST: Endpoint = Endpoint {
        name: "client.list",
        path: "client",
        response: &["clients"],
        ..READ
    };

    /// One client.
    pub const CLIENT_READ: Endpoint = Endpoint {
        name: "client.read",
        path: "client/{client-id}",
        response: &["client"],
        note: "By analogy with user/{user-id}.",
        ..inferred(READ)
    };

    /// The client with this foreign id.
    pub const CLIENT_BY_FOREIGN_ID: Endpoint = Endpoint {
        name: "client.by_foreign_id",
        path: "client/foreign-id/{foreign-id}",
        response: &["client"],
        note: "By analogy with user/foreign-id/{foreign-id}.",
        ..inferred(READ)
    };

    /// Creates a client.
    pub const CLIENT_CREATE: Endpoint = Endpoint {
        name: "client.create",
        path: "client",
        request: Some("client"),
        recovery: Recovery::ForeignId {
            list: "client.list",
        },
        note: "Only documented, in a library's comments.",
        ..CREATE
    };

    /// Updates a client; the whole client is sent.
    pub const CLIENT_UPDATE: Endpoint = Endpoint {
        name: "client.update",
        path: "client/{client-id}",
        request: Some("client"),
        ..UPDATE
    };

    /// Deletes a client.
    pub const CLIENT_DELETE: Endpoint = Endpoint {
        name: "client.delete",
        path: "client/{client-id}",
        note: "Only documented, in a library's comments.",
        ..DELETE
    };

    /// The ways in which the company can send invoices.
    pub const CLIENT_DELIVERY_TYPES: Endpoint = Endpoint {
        name: "client.delivery_types",
        path: "client/deliverytype",
        response: &["client-delivery-types"],
        ..READ
    };
}
