//! Revenues: sales that another system has invoiced.

use super::{ACT, CREATE, Endpoint, PAGING, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// The ledgers of revenues.
    pub const REVENUE_LEDGER_LIST: Endpoint = Endpoint {
        name: "revenue_ledger.list",
        path: "revenue/ledger",
        query: PAGING,
        response: &["revenue-ledgers"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Revenues.
    pub const REVENUE_LIST: Endpoint = Endpoint {
        name: "revenue.list",
        path: "revenue",
        query: PAGING,
        response: &["revenues"],
        note: "Only the type is known; the path is a guess. Its filters are not known.",
        ..inferred(READ)
    };

    /// One revenue.
    pub const REVENUE_READ: Endpoint = Endpoint {
        name: "revenue.read",
        path: "revenue/{revenue-id}",
        response: &["revenue"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Books a revenue.
    pub const REVENUE_CREATE: Endpoint = Endpoint {
        name: "revenue.create",
        path: "revenue",
        request: Some("revenue-create"),
        recovery: Recovery::NaturalKey {
            element: "external-id",
            read: "revenue.list",
        },
        note: "Only the type is known; the path is a guess. Kleer keeps the external id unique.",
        ..inferred(CREATE)
    };

    /// Revises a revenue; the whole revenue is sent.
    pub const REVENUE_UPDATE: Endpoint = Endpoint {
        name: "revenue.update",
        path: "revenue/{revenue-id}",
        request: Some("revenue-update"),
        recovery: Recovery::State {
            element: "revision",
            read: "revenue.read",
        },
        note: "Only the type is known; the path is a guess. Each update makes a revision.",
        ..inferred(UPDATE)
    };

    /// Says that bank transactions together pay revenues in full.
    pub const REVENUE_CONSOLIDATE: Endpoint = Endpoint {
        name: "revenue.consolidate",
        path: "revenue/consolidate",
        request: Some("revenue-fuzzy-consolidation"),
        response: &["revenue-fuzzy-consolidation-result"],
        recovery: Recovery::State {
            element: "remaining-accounting-amount",
            read: "revenue.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(ACT)
    };
}
