//! Suppliers and their invoices.

use super::{ACT, CREATE, Endpoint, PAGING, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// All suppliers.
    pub const SUPPLIER_LIST: Endpoint = Endpoint {
        name: "supplier.list",
        path: "supplier",
        response: &["suppliers"],
        note: "By analogy with client.",
        ..inferred(READ)
    };

    /// One supplier.
    pub const SUPPLIER_READ: Endpoint = Endpoint {
        name: "supplier.read",
        path: "supplier/{supplier-id}",
        response: &["supplier"],
        note: "By analogy with user/{user-id}.",
        ..inferred(READ)
    };

    /// Creates a supplier.
    pub const SUPPLIER_CREATE: Endpoint = Endpoint {
        name: "supplier.create",
        path: "supplier",
        request: Some("supplier"),
        recovery: Recovery::ForeignId {
            list: "supplier.list",
        },
        note: "By analogy with PUT client.",
        ..inferred(CREATE)
    };

    /// Updates a supplier; the whole supplier is sent.
    pub const SUPPLIER_UPDATE: Endpoint = Endpoint {
        name: "supplier.update",
        path: "supplier/{supplier-id}",
        request: Some("supplier"),
        note: "By analogy with POST client/{client-id}.",
        ..inferred(UPDATE)
    };

    /// Supplier invoices.
    pub const SUPPLIER_INVOICE_LIST: Endpoint = Endpoint {
        name: "supplier_invoice.list",
        path: "supplier/invoice",
        query: PAGING,
        response: &["supplier-invoices"],
        note: "By analogy with client/invoice.",
        ..inferred(READ)
    };

    /// One supplier invoice.
    pub const SUPPLIER_INVOICE_READ: Endpoint = Endpoint {
        name: "supplier_invoice.read",
        path: "supplier/invoice/{supplier-invoice-id}",
        response: &["supplier-invoice"],
        note: "By analogy with client/invoice.",
        ..inferred(READ)
    };

    /// Creates a supplier invoice.
    pub const SUPPLIER_INVOICE_CREATE: Endpoint = Endpoint {
        name: "supplier_invoice.create",
        path: "supplier/invoice",
        request: Some("supplier-invoice-writeable"),
        recovery: Recovery::ForeignId {
            list: "supplier_invoice.list",
        },
        note: "By analogy with PUT client/invoice.",
        ..inferred(CREATE)
    };

    /// Uploads a file with supplier invoices, which Kleer reads and turns into drafts.
    pub const SUPPLIER_INVOICE_UPLOAD: Endpoint = Endpoint {
        name: "supplier_invoice.upload",
        path: "supplier/invoice/bundle",
        request_media: Some("application/octet-stream"),
        response: &["supplier-invoice-bundle-create-result"],
        recovery: Recovery::Impossible,
        note: "Only the type is known; the path is a guess. That the body is the bytes of the file is a guess, too. The answer is a number, not an id.",
        ..inferred(CREATE)
    };

    /// Approves or denies a supplier invoice.
    pub const SUPPLIER_INVOICE_APPROVE: Endpoint = Endpoint {
        name: "supplier_invoice.approve",
        path: "supplier/invoice/{supplier-invoice-id}/approve",
        request: Some("supplier-invoice-approval"),
        recovery: Recovery::State {
            element: "supplier-invoice-approvals",
            read: "supplier_invoice.read",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(ACT)
    };
}
