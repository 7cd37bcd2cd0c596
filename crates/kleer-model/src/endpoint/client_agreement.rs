//! Client agreements, by which clients are invoiced again and again.

use super::{CREATE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// All client agreements.
    pub const CLIENT_AGREEMENT_LIST: Endpoint = Endpoint {
        name: "client_agreement.list",
        path: "client/agreement",
        response: &["client-agreements"],
        note: "By analogy with client/invoice.",
        ..inferred(READ)
    };

    /// One client agreement.
    pub const CLIENT_AGREEMENT_READ: Endpoint = Endpoint {
        name: "client_agreement.read",
        path: "client/agreement/{client-agreement-id}",
        response: &["client-agreement"],
        note: "By analogy with client/invoice.",
        ..inferred(READ)
    };

    /// Creates a client agreement.
    pub const CLIENT_AGREEMENT_CREATE: Endpoint = Endpoint {
        name: "client_agreement.create",
        path: "client/agreement",
        request: Some("client-agreement"),
        recovery: Recovery::ForeignId {
            list: "client_agreement.list",
        },
        note: "By analogy with PUT client/invoice.",
        ..inferred(CREATE)
    };

    /// Revises a client agreement; the whole agreement is sent.
    pub const CLIENT_AGREEMENT_UPDATE: Endpoint = Endpoint {
        name: "client_agreement.update",
        path: "client/agreement/{client-agreement-id}",
        request: Some("update-client-agreement"),
        response: &["update-client-agreement-result"],
        recovery: Recovery::State {
            element: "revision-nr",
            read: "client_agreement.list",
        },
        note: "By analogy with POST client/{client-id}. Each update makes a revision.",
        ..inferred(UPDATE)
    };
}
