//! Client invoices.

use super::{
    ACT, CREATE, DELETE, Endpoint, PAGING, READ, Recovery, UPDATE, endpoints, inferred, query,
};

endpoints! {
    /// Client invoices.
    pub const CLIENT_INVOICE_LIST: Endpoint = Endpoint {
        name: "client_invoice.list",
        path: "client/invoice",
        query: &[
            query(
                "filter",
                "all (default), certified, certifiable or sendable",
            ),
            query("query", "free text"),
            query(
                "invoiceDateLower",
                "first invoice date, YYYY-MM-DD, included",
            ),
            query(
                "invoiceDateUpper",
                "last invoice date, YYYY-MM-DD, included",
            ),
            query(
                "ignoreFiles",
                "true leaves attachments out; false (default) inlines them all",
            ),
            PAGING[0],
            PAGING[1],
        ],
        response: &["client-invoices"],
        note: "The answer has the attributes of a page; how the next one is asked for is inferred.",
        ..READ
    };

    /// One client invoice.
    pub const CLIENT_INVOICE_READ: Endpoint = Endpoint {
        name: "client_invoice.read",
        path: "client/invoice/{client-invoice-id}",
        response: &["client-invoice"],
        note: "By analogy with product/{product-id}.",
        ..inferred(READ)
    };

    /// Creates a client invoice.
    pub const CLIENT_INVOICE_CREATE: Endpoint = Endpoint {
        name: "client_invoice.create",
        path: "client/invoice",
        query: &[
            query(
                "defaultDimensionsFromProduct",
                "true takes dimensions from the rows' products",
            ),
            query(
                "defaultDimensionsFromClient",
                "true takes dimensions from the client",
            ),
        ],
        request: Some("client-invoice"),
        recovery: Recovery::ForeignId {
            list: "client_invoice.list",
        },
        ..CREATE
    };

    /// Updates a client invoice; the whole invoice is sent.
    pub const CLIENT_INVOICE_UPDATE: Endpoint = Endpoint {
        name: "client_invoice.update",
        path: "client/invoice/{client-invoice-id}",
        request: Some("client-invoice"),
        note: "By analogy with POST client/{client-id}.",
        ..inferred(UPDATE)
    };

    /// Deletes a client invoice that is not certified.
    pub const CLIENT_INVOICE_DELETE: Endpoint = Endpoint {
        name: "client_invoice.delete",
        path: "client/invoice/{client-invoice-id}",
        note: "By analogy with DELETE client/{client-id}. A deleted invoice reads as disabled.",
        ..inferred(DELETE)
    };

    /// Books a payment of a client invoice.
    pub const CLIENT_INVOICE_PAY: Endpoint = Endpoint {
        name: "client_invoice.pay",
        path: "client/invoice/{client-invoice-id}/payment",
        request: Some("client-invoice-payment-writable"),
        response: &["created", "saved", "ok"],
        recovery: Recovery::State {
            element: "remaining",
            read: "client_invoice.read",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Certifies a client invoice: it is booked and gets its number, for good.
    pub const CLIENT_INVOICE_CERTIFY: Endpoint = Endpoint {
        name: "client_invoice.certify",
        path: "client/invoice/{client-invoice-id}/certify",
        recovery: Recovery::State {
            element: "certified",
            read: "client_invoice.read",
        },
        note: "That it can be done is in the schema; the path is a guess.",
        ..inferred(ACT)
    };

    /// Sends a certified client invoice to the client.
    pub const CLIENT_INVOICE_SEND: Endpoint = Endpoint {
        name: "client_invoice.send",
        path: "client/invoice/{client-invoice-id}/send",
        recovery: Recovery::State {
            element: "sent",
            read: "client_invoice.read",
        },
        note: "That it can be done is in the schema; the path is a guess. What is sent twice arrives twice.",
        ..inferred(ACT)
    };

    /// A client invoice as it is printed.
    pub const CLIENT_INVOICE_PDF: Endpoint = Endpoint {
        name: "client_invoice.pdf",
        path: "client/invoice/{client-invoice-id}/pdf",
        response_media: Some("application/pdf"),
        note: "Neither the path nor the form of the answer is known.",
        ..inferred(READ)
    };

    /// The layouts of client invoices, debit and credit.
    pub const CLIENT_INVOICE_TEMPLATES: Endpoint = Endpoint {
        name: "client_invoice.templates",
        path: "client/invoice/template",
        response: &["client-invoice-templates"],
        ..READ
    };
}
