//! Foundations: grants, payments, repayments.

use super::{ACT, CREATE, Endpoint, PAGING, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// Grants.
    pub const FOUNDATION_GRANT_LIST: Endpoint = Endpoint {
        name: "foundation_grant.list",
        path: "foundation/grant",
        query: PAGING,
        response: &["foundation-grants"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// One grant.
    pub const FOUNDATION_GRANT_READ: Endpoint = Endpoint {
        name: "foundation_grant.read",
        path: "foundation/grant/{foundation-grant-id}",
        response: &["foundation-grant"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Makes a grant.
    pub const FOUNDATION_GRANT_CREATE: Endpoint = Endpoint {
        name: "foundation_grant.create",
        path: "foundation/grant",
        request: Some("create-foundation-grant"),
        recovery: Recovery::ForeignId {
            list: "foundation_grant.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Changes a grant.
    pub const FOUNDATION_GRANT_UPDATE: Endpoint = Endpoint {
        name: "foundation_grant.update",
        path: "foundation/grant/{foundation-grant-id}",
        request: Some("foundation-grant-update"),
        note: "Only the type is known; the path is a guess.",
        ..inferred(UPDATE)
    };

    /// Says that a grant is returned.
    pub const FOUNDATION_GRANT_RETURN: Endpoint = Endpoint {
        name: "foundation_grant.return",
        path: "foundation/grant/{foundation-grant-id}/return",
        request: Some("foundation-grant-return"),
        recovery: Recovery::State {
            element: "returned",
            read: "foundation_grant.read",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(ACT)
    };

    /// Payments out of grants.
    pub const FOUNDATION_GRANT_PAYMENT_LIST: Endpoint = Endpoint {
        name: "foundation_grant_payment.list",
        path: "foundation/payment",
        query: PAGING,
        response: &["foundation-grant-payments"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// One payment out of a grant.
    pub const FOUNDATION_GRANT_PAYMENT_READ: Endpoint = Endpoint {
        name: "foundation_grant_payment.read",
        path: "foundation/payment/{foundation-grant-payment-id}",
        response: &["foundation-grant-payment"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Pays out of a grant.
    pub const FOUNDATION_GRANT_PAYMENT_CREATE: Endpoint = Endpoint {
        name: "foundation_grant_payment.create",
        path: "foundation/payment",
        request: Some("create-foundation-grant-payment"),
        recovery: Recovery::ForeignId {
            list: "foundation_grant_payment.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Changes a payment out of a grant.
    pub const FOUNDATION_GRANT_PAYMENT_UPDATE: Endpoint = Endpoint {
        name: "foundation_grant_payment.update",
        path: "foundation/payment/{foundation-grant-payment-id}",
        request: Some("update-foundation-grant-payment"),
        note: "Only the type is known; the path is a guess.",
        ..inferred(UPDATE)
    };

    /// Repayments of grants.
    pub const FOUNDATION_GRANT_REPAYMENT_LIST: Endpoint = Endpoint {
        name: "foundation_grant_repayment.list",
        path: "foundation/repayment",
        query: PAGING,
        response: &["foundation-grant-repayments"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// One repayment of a grant.
    pub const FOUNDATION_GRANT_REPAYMENT_READ: Endpoint = Endpoint {
        name: "foundation_grant_repayment.read",
        path: "foundation/repayment/{foundation-grant-repayment-id}",
        response: &["foundation-grant-repayment"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Books a repayment of a grant.
    pub const FOUNDATION_GRANT_REPAYMENT_CREATE: Endpoint = Endpoint {
        name: "foundation_grant_repayment.create",
        path: "foundation/repayment",
        request: Some("create-foundation-grant-repayment"),
        recovery: Recovery::Listing {
            list: "foundation_grant_repayment.list",
        },
        note: "Only the type is known; the path is a guess. Its foreign id cannot be read again.",
        ..inferred(CREATE)
    };

    /// The foundations that the company administers.
    pub const SUB_FOUNDATION_LIST: Endpoint = Endpoint {
        name: "sub_foundation.list",
        path: "foundation/sub-foundation",
        query: PAGING,
        response: &["sub-foundations-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// One foundation that the company administers.
    pub const SUB_FOUNDATION_READ: Endpoint = Endpoint {
        name: "sub_foundation.read",
        path: "foundation/sub-foundation/{sub-foundation-id}",
        response: &["sub-foundation-readable"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };
}
