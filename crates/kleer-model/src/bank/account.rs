//! Bank accounts of the company.

use crate::BankAccountId;
use crate::codec::Value;
use crate::codec::declare::record;

record! {
    /// A bank account of the company (schema type `bank-account`). Read only.
    pub struct BankAccount = "bank-account", list "bank-accounts" / "bank-account" {
        /// Kleer's id.
        required id: BankAccountId = "id";
        /// The name.
        required name: String = "name";
        /// The currency (ISO 4217).
        required currency: String = "currency";
        /// The bank's identifier (BIC).
        required bic: String = "bic";
        /// The account's number (IBAN).
        required iban: String = "iban";
        /// The bankgiro number that leads to it.
        optional bankgiro: String = "bankgiro";
    }
}

impl BankAccount {
    /// An account; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: BankAccountId, name: impl Into<String>, currency: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            currency: currency.into(),
            ..Self::blank()
        }
    }
}
