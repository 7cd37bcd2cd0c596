//! The check of account numbers.

use crate::SupplierInvoicePayee;
use crate::codec::Value;
use crate::codec::declare::{choice, record};

choice! {
    /// An account number for Kleer to check (schema type `bank-information-validate-request`).
    ///
    /// ```
    /// use kleer_model::{BankInformationValidateRequest, BicIban, Document};
    ///
    /// let account = BicIban::new("ESSESESS", "SE4550000000058398257466");
    /// let request = BankInformationValidateRequest::BicIban(account);
    /// assert!(request.to_xml()?.contains("<bic>ESSESESS</bic>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub enum BankInformationValidateRequest = "bank-information-validate-request", root "bank-information-validate-request" {
        /// An international account number.
        BicIban(BicIban) = "bic-iban",
        /// An account as it stands in a supplier invoice.
        SupplierInvoiceAccount(SupplierInvoicePayee) = "supplier-invoice-account",
    }
}

record! {
    /// An international account number (an anonymous type of the schema).
    pub struct BicIban = "" {
        /// The bank's identifier (BIC).
        required bic: String = "bic", personal;
        /// The account's number (IBAN).
        required iban: String = "iban", personal;
    }
}

impl BicIban {
    /// An account number.
    pub fn new(bic: impl Into<String>, iban: impl Into<String>) -> Self {
        Self {
            bic: bic.into(),
            iban: iban.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// What Kleer finds of an account number (schema type `bank-information-validate-result`).
    /// Read only.
    pub struct BankInformationValidateResult = "bank-information-validate-result", root "bank-information-validate-result" {
        /// Whether its form and check digits are right. That does not mean that the account
        /// exists.
        required success: bool = "success";
        /// What is wrong, for people to read; empty if nothing is.
        required message: String = "message", personal;
    }
}

impl BankInformationValidateResult {
    /// A result: `Err` says what is wrong. For tests and sandboxes, since Kleer only sends it.
    pub fn new(result: Result<(), String>) -> Self {
        Self {
            success: result.is_ok(),
            message: result.err().unwrap_or_default(),
            ..Self::blank()
        }
    }
}
