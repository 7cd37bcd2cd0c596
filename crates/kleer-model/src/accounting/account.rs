//! Accounts of the ledger, with their balances.

use crate::Cents;
use crate::codec::Value;
use crate::codec::declare::record;

record! {
    /// An account of the ledger and what happened on it over the days that were asked for (schema
    /// type `account-metadata`). Read only.
    pub struct AccountMetadata = "account-metadata", root "account-metadata", list "account-metadatas" / "account" {
        /// The account's number (BAS).
        required account_nr: i32 = "accountNr";
        /// The account's name.
        required description: String = "description";
        /// The balance before the first day, in cent of the company's currency.
        required in_balance: Cents = "in-balance";
        /// The balance after the last day, in cent of the company's currency.
        required out_balance: Cents = "out-balance";
        /// The number of debit transactions.
        required debit_count: i32 = "debit-count";
        /// The number of credit transactions.
        required credit_count: i32 = "credit-count";
        /// Whether the account is out of use.
        required disabled: bool = "disabled";
    }
}

impl AccountMetadata {
    /// An account on which nothing happened; for tests and sandboxes, since Kleer only sends it.
    pub fn new(account_nr: i32, description: impl Into<String>) -> Self {
        Self {
            account_nr,
            description: description.into(),
            ..Self::blank()
        }
    }
}
