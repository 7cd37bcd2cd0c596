//! Stand-ins for types that others declare at this moment; not to be merged.

use crate::CompanyId;
use crate::codec::Value;
use crate::codec::declare::{enumeration, record};

record! {
    /// Stand-in.
    pub struct Company = "company" {
        /// Stand-in.
        required id: CompanyId = "id";
        /// Stand-in.
        required name: String = "name";
    }
}

impl Company {
    /// Stand-in.
    pub fn new(id: CompanyId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// Stand-in.
    pub struct NewClient = "new-client" {
        /// Stand-in.
        required foreign_id: String = "foreign-id";
        /// Stand-in.
        required name: String = "name", personal;
        /// Stand-in.
        required client_type: ClientType = "client-type";
    }
}

enumeration! {
    /// Stand-in.
    pub enum ClientType = "client-type" {
        /// Stand-in.
        Organisation = "Organisation",
        /// Stand-in.
        Person = "Person",
    }
}

record! {
    /// Stand-in.
    pub struct SupplierInvoicePayee = "supplier-invoice-payee" {
        /// Stand-in.
        required account_type: SupplierInvoiceDepositAccountType = "type";
        /// Stand-in.
        required nr: String = "nr", personal;
    }
}

enumeration! {
    /// Stand-in.
    pub enum SupplierInvoiceDepositAccountType = "supplier-invoice-deposit-account-type" {
        /// Stand-in.
        BankGiro = "BankGiro",
    }
}

enumeration! {
    /// Stand-in.
    pub enum VatCodeType = "vat-code-type" {
        /// Stand-in.
        A = "A",
    }
}
