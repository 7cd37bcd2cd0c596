//! Logging in, tokens, and what a user may do.
//!
//! A token is a key to a company: `Debug` hides it, as it hides passwords.

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{CompanyId, Timestamp, UserReference};

record! {
    /// A login by e-mail address and password (schema type `user-authentication`). Write only.
    ///
    /// Kleer answers with a list of [`AccessibleCompany`]. Users who log in by other means than a
    /// password cannot use it.
    pub struct UserAuthentication = "user-authentication", root "user-authentication" {
        /// The user's e-mail address.
        required email: String = "email", personal;
        /// The user's password.
        required password: String = "password", personal;
    }
}

impl UserAuthentication {
    /// A login.
    ///
    /// ```
    /// use kleer_model::{Document, UserAuthentication};
    ///
    /// let login = UserAuthentication::new("tolvan@example.com", "hemligt");
    /// assert!(login.to_xml()?.contains("<password>hemligt</password>"));
    /// assert!(!format!("{login:?}").contains("hemligt"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            password: password.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A company that a user may use, and the token for it (schema type `accessible-company`).
    /// Read only.
    pub struct AccessibleCompany = "accessible-company", list "accessible-companies" / "accessible-company" {
        /// Kleer's id of the company, which stands in every path of the API.
        required id: CompanyId = "id";
        /// The company's name.
        required name: String = "name";
        /// Whether the company is in use.
        required active: bool = "active";
        /// Whether it is the user's main company.
        required main: bool = "main";
        /// The user's token for the company. A secret.
        required token: String = "token", personal;
        /// The currency of the company's accounts (ISO 4217).
        required accounting_currency_type: String = "accounting-currency-type";
        /// What the user may do.
        list accesses: AccessType = "accesses" / "type";
        /// The roles that the user has.
        list access_roles: AccessRole = "access-roles" / "access-role";
    }
}

impl AccessibleCompany {
    /// A company in use; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: CompanyId,
        name: impl Into<String>,
        token: impl Into<String>,
        accounting_currency_type: impl Into<String>,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            active: true,
            token: token.into(),
            accounting_currency_type: accounting_currency_type.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A token (schema type `token`): it stands for one user in one company.
    pub struct Token = "token", root "token", list "tokens" / "token" {
        /// The company that it opens.
        required company: TokenCompany = "company";
        /// The token itself. A secret.
        required value: String = "value", personal;
        /// Whether the company is the user's main one.
        required main: bool = "main";
    }
}

impl Token {
    /// A token; for tests and sandboxes, since Kleer only sends it.
    pub fn new(company: TokenCompany, value: impl Into<String>, main: bool) -> Self {
        Self {
            company,
            value: value.into(),
            main,
            ..Self::blank()
        }
    }
}

record! {
    /// The company of a [`Token`] (an anonymous type of the schema, alike
    /// [`Company`](crate::Company)).
    pub struct TokenCompany = "" {
        /// Kleer's id of the company.
        required id: CompanyId = "id";
        /// The company's name.
        required name: String = "name";
    }
}

impl TokenCompany {
    /// A company; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: CompanyId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// Something that a user may do, and who allowed it (schema type `access`).
    pub struct Access = "access", root "access", list "accesses" / "access" {
        /// What.
        required access_type: AccessType = "type";
        /// Who allowed it.
        optional registration_user: UserReference = "registration-user";
        /// When.
        optional registration_datetime: Timestamp = "registration-datetime";
    }
}

impl Access {
    /// A right, without who allowed it.
    pub fn new(access_type: AccessType) -> Self {
        Self {
            access_type,
            ..Self::blank()
        }
    }
}

record! {
    /// A role: rights that go together (schema type `access-role`). Read only.
    pub struct AccessRole = "access-role", list "access-roles" / "access-role" {
        /// Kleer's id, which is a text.
        required id: String = "id";
        /// The name.
        required name: String = "name";
        /// What it allows.
        required description: String = "description";
    }
}

impl AccessRole {
    /// A role; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            ..Self::blank()
        }
    }
}

enumeration! {
    /// A right of a user (schema type `access-type`).
    ///
    /// Kleer publishes the names only; what is said here is read off them. Rights come and go: a
    /// schema of 2018 had one that is gone.
    pub enum AccessType = "access-type" {
        /// Sees everything and changes nothing: an auditor.
        Auditor = "Auditor",
        /// Administers the company, without the payroll.
        Administrator = "Administrator",
        /// Administers the company and the payroll.
        AdministratorWithPayroll = "AdministratorWithPayroll",
        /// Agreements with clients, the user's own.
        ClientAgreementOwn = "ClientAgreementOwn",
        /// Client invoices.
        ClientInvoice = "ClientInvoice",
        /// Client invoices, to read.
        ClientInvoiceRead = "ClientInvoiceRead",
        /// Client invoices, to make.
        ClientInvoiceCreate = "ClientInvoiceCreate",
        /// Client invoices, to certify the user's own.
        ClientInvoiceCertifyOwn = "ClientInvoiceCertifyOwn",
        /// Client invoices, the user's own.
        ClientInvoiceOwn = "ClientInvoiceOwn",
        /// Client projects, the user's own.
        ClientProjectOwn = "ClientProjectOwn",
        /// A customer manager at the bank SEB.
        CustomerManagerSeb = "CustomerManagerSeb",
        /// Entries of dimensions, the user's own.
        DimensionOwn = "DimensionOwn",
        /// Dimensions.
        Dimensions = "Dimensions",
        /// Expenses.
        Expenses = "Expenses",
        /// Expenses, the user's own.
        ExpensesOwn = "ExpensesOwn",
        /// Expenses, to pay out.
        ExpensesPay = "ExpensesPay",
        /// An expert.
        Expert = "Expert",
        /// An accountant from outside the company.
        ExternalAccountant = "ExternalAccountant",
        /// A manager.
        Manager = "Manager",
        /// The payroll.
        Payroll = "Payroll",
        /// The payroll, to read.
        PayrollRead = "PayrollRead",
        /// The payroll, the user's own.
        PayrollOwn = "PayrollOwn",
        /// The payroll, to pay out.
        PayrollPay = "PayrollPay",
        /// Remuneration.
        Remuneration = "Remuneration",
        /// Remuneration, the user's own.
        RemunerationOwn = "RemunerationOwn",
        /// Somebody responsible.
        Responsible = "Responsible",
        /// Somebody responsible, to read.
        ResponsibleRead = "ResponsibleRead",
        /// Supplier invoices.
        SupplierInvoice = "SupplierInvoice",
        /// Supplier invoices, to read.
        SupplierInvoiceRead = "SupplierInvoiceRead",
        /// Supplier invoices that are secret, to read.
        SupplierInvoiceSecretRead = "SupplierInvoiceSecretRead",
        /// Supplier invoices, to certify for the organisation.
        SupplierInvoiceCertifyOrg = "SupplierInvoiceCertifyOrg",
        /// Supplier invoices, to make.
        SupplierInvoiceCreate = "SupplierInvoiceCreate",
        /// Supplier invoices, to pay.
        SupplierInvoicePay = "SupplierInvoicePay",
        /// Reported time.
        Timereport = "Timereport",
        /// Reported time, the user's own.
        TimereportOwn = "TimereportOwn",
        /// A subcontractor.
        Subcontractor = "Subcontractor",
        /// The secret part of the payroll.
        PayrollSecret = "PayrollSecret",
        /// The secret part of the payroll, to read.
        PayrollSecretRead = "PayrollSecretRead",
        /// Grants of a foundation, to pay out.
        FoundationGrantPay = "FoundationGrantPay",
        /// Grants of a foundation.
        FoundationGrant = "FoundationGrant",
        /// Requests for attachments.
        AttachmentRequest = "AttachmentRequest",
        /// Transfers between the company's own accounts, to pay.
        InternalTransferPay = "InternalTransferPay",
    }
}
