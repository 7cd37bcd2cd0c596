//! The bank: accounts, transactions, and the check of account numbers.

use super::{ACT, CREATE, Endpoint, PAGING, READ, Recovery, endpoints, inferred};

endpoints! {
    /// The company's bank accounts.
    pub const BANK_ACCOUNT_LIST: Endpoint = Endpoint {
        name: "bank_account.list",
        path: "bank/account",
        response: &["bank-accounts"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Transactions on bank accounts.
    pub const BANK_TRANSACTION_LIST: Endpoint = Endpoint {
        name: "bank_transaction.list",
        path: "bank/transaction",
        query: PAGING,
        response: &["bank-transactions"],
        note: "Only the type is known; the path is a guess. Its filters are not known.",
        ..inferred(READ)
    };

    /// One transaction on a bank account.
    pub const BANK_TRANSACTION_READ: Endpoint = Endpoint {
        name: "bank_transaction.read",
        path: "bank/transaction/{bank-transaction-id}",
        response: &["bank-transaction"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Makes a bank transaction by hand.
    pub const BANK_TRANSACTION_CREATE: Endpoint = Endpoint {
        name: "bank_transaction.create",
        path: "bank/transaction",
        request: Some("create-bank-transaction"),
        recovery: Recovery::Listing {
            list: "bank_transaction.list",
        },
        note: "Only the type is known; the path is a guess. It has no foreign id: a reference of your own makes it recognisable.",
        ..inferred(CREATE)
    };

    /// What a bank transaction pays.
    pub const BANK_TRANSACTION_DISTRIBUTIONS: Endpoint = Endpoint {
        name: "bank_transaction.distributions",
        path: "bank/transaction/{bank-transaction-id}/distribution",
        response: &["bank-transaction-distributions"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Says which revenues a bank transaction pays.
    pub const BANK_TRANSACTION_CONSOLIDATE: Endpoint = Endpoint {
        name: "bank_transaction.consolidate",
        path: "bank/transaction/{bank-transaction-id}/consolidate",
        request: Some("bank-transaction-consolidate-revenues"),
        recovery: Recovery::State {
            element: "remaining-amount",
            read: "bank_transaction.read",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(ACT)
    };

    /// Checks the form and check digits of an account number.
    pub const BANK_INFORMATION_VALIDATE: Endpoint = Endpoint {
        name: "bank_information.validate",
        path: "bank/validate",
        request: Some("bank-information-validate-request"),
        response: &["bank-information-validate-result"],
        note: "Only the type is known; the path is a guess. It changes nothing.",
        ..inferred(ACT)
    };
}
