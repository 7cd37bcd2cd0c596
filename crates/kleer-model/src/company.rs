//! The company behind a token.

use crate::CompanyId;
use crate::codec::declare::record;

record! {
    /// What Kleer tells of the company that a token belongs to (schema type
    /// `company-information`). Read only.
    pub struct CompanyInformation = "company-information", root "company-information" {
        /// The company's name.
        required name: String = "name";
        /// The organisation number, as text.
        required orgno: String = "orgno";
        /// The currency of the accounts (ISO 4217).
        required accounting_currency: String = "accounting-currency";
        /// The company's bankgiro number, digits only.
        optional bankgiro: i64 = "bankgiro";
        /// The address to which invoices from suppliers can be mailed.
        required supplier_invoice_email: String = "supplier-invoice-email";
    }
}

impl CompanyInformation {
    /// A company with these values; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        name: impl Into<String>,
        orgno: impl Into<String>,
        accounting_currency: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            orgno: orgno.into(),
            accounting_currency: accounting_currency.into(),
            ..crate::codec::Value::blank()
        }
    }
}

record! {
    /// A company's id and name (schema type `company`). Read only.
    pub struct Company = "company", root "company" {
        /// The company's id, as it stands in every path.
        required id: CompanyId = "id";
        /// Its name.
        required name: String = "name";
    }
}

impl Company {
    /// A company with this id and name; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: CompanyId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..crate::codec::Value::blank()
        }
    }
}
