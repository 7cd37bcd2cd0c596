//! Expenses: receipts, entries, and reports of entries.

use super::{CREATE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred, query};

endpoints! {
    /// The expense reports of the token's user.
    pub const EXPENSE_LIST: Endpoint = Endpoint {
        name: "expense.list",
        path: "expense",
        query: &[
            query("query", "free text"),
        ],
        response: &["expense-readables"],
        note: "Only the user's own.",
        ..READ
    };

    /// Makes an expense report of entries.
    pub const EXPENSE_CREATE: Endpoint = Endpoint {
        name: "expense.create",
        path: "expense",
        request: Some("expense-writable"),
        recovery: Recovery::Listing {
            list: "expense.list",
        },
        note: "By analogy with PUT client.",
        ..inferred(CREATE)
    };

    /// Receipts that are not yet in an entry, presumably.
    pub const EXPENSE_FILE_LIST: Endpoint = Endpoint {
        name: "expense_file.list",
        path: "expense/file",
        response: &["expense-file-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Uploads a receipt.
    pub const EXPENSE_FILE_UPLOAD: Endpoint = Endpoint {
        name: "expense_file.upload",
        path: "expense/file",
        request_media: Some("application/octet-stream"),
        recovery: Recovery::Listing {
            list: "expense_file.list",
        },
        note: "That some file is uploaded as bytes is known from a library; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Expense entries.
    pub const EXPENSE_ENTRY_LIST: Endpoint = Endpoint {
        name: "expense_entry.list",
        path: "expense/entry",
        response: &["expense-entry-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// One expense entry.
    pub const EXPENSE_ENTRY_READ: Endpoint = Endpoint {
        name: "expense_entry.read",
        path: "expense/entry/{expense-entry-id}",
        response: &["expense-entry-readable"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Creates an expense entry for a receipt.
    pub const EXPENSE_ENTRY_CREATE: Endpoint = Endpoint {
        name: "expense_entry.create",
        path: "expense/entry",
        request: Some("expense-entry-writable"),
        recovery: Recovery::Listing {
            list: "expense_entry.list",
        },
        note: "Only the type is known; the path is a guess. The receipt tells entries apart.",
        ..inferred(CREATE)
    };

    /// Updates an expense entry.
    pub const EXPENSE_ENTRY_UPDATE: Endpoint = Endpoint {
        name: "expense_entry.update",
        path: "expense/entry/{expense-entry-id}",
        request: Some("expense-entry-writable"),
        note: "Only the type is known; the path is a guess.",
        ..inferred(UPDATE)
    };

    /// What a user may choose in an expense entry.
    pub const EXPENSE_ENTRY_FORM: Endpoint = Endpoint {
        name: "expense_entry.form",
        path: "expense/entry/form",
        response: &["expense-entry-form"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// What an expense entry says unless the user chooses.
    pub const EXPENSE_ENTRY_FORM_DEFAULTS: Endpoint = Endpoint {
        name: "expense_entry.form_defaults",
        path: "expense/entry/form/defaults",
        response: &["expense-entry-form-defaults"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };
}
