//! Dimensions of the accounts, and their entries.

use super::{CREATE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// All dimensions.
    pub const DIMENSION_LIST: Endpoint = Endpoint {
        name: "dimension.list",
        path: "dimension",
        response: &["dimensions"],
        ..READ
    };

    /// The entries of a dimension.
    pub const DIMENSION_ENTRY_LIST: Endpoint = Endpoint {
        name: "dimension_entry.list",
        path: "dimension/{dimension-id}/entry",
        response: &["dimension-entries"],
        ..READ
    };

    /// Creates an entry of a dimension.
    pub const DIMENSION_ENTRY_CREATE: Endpoint = Endpoint {
        name: "dimension_entry.create",
        path: "dimension/{dimension-id}/entry",
        request: Some("dimension-entry-writeable"),
        recovery: Recovery::NaturalKey {
            element: "foreign-id",
            read: "dimension_entry.list",
        },
        note: "By analogy with GET dimension/{dimension-id}/entry. Kleer keeps the foreign id unique in its dimension; give one, or the entry cannot be found again.",
        ..inferred(CREATE)
    };

    /// Updates an entry of a dimension.
    pub const DIMENSION_ENTRY_UPDATE: Endpoint = Endpoint {
        name: "dimension_entry.update",
        path: "dimension/{dimension-id}/entry/{dimension-entry-id}",
        request: Some("dimension-entry-writeable"),
        note: "By analogy with POST client/{client-id}.",
        ..inferred(UPDATE)
    };
}
