//! Ids that Kleer assigns, one type for each kind, and the elements that refer to them.

use crate::codec::declare::id;

id! {
    /// A company of Kleer's, as it stands in every path of the API.
    pub struct CompanyId(i32);
}

id! {
    /// A client: a customer of the company.
    pub struct ClientId(i32),
    /// Refers to a [`Client`](crate::Client) (schema type `client-reference`).
    ClientReference = "client-reference";
}

id! {
    /// A product or service that is sold.
    pub struct ProductId(i32),
    /// Refers to a [`Product`](crate::Product) (schema type `product-reference`).
    ProductReference = "product-reference";
}

id! {
    /// A user of Kleer: a person with an account in the company.
    pub struct UserId(i32),
    /// Refers to a user (schema type `user-reference`). Id 0 means "none" where an element is
    /// required.
    UserReference = "user-reference";
}

id! {
    /// A client invoice. Not its number: that is given when the invoice is certified.
    pub struct ClientInvoiceId(i32),
    /// Refers to a [`ClientInvoice`](crate::ClientInvoice) (schema type
    /// `client-invoice-reference`).
    ClientInvoiceReference = "client-invoice-reference";
}

id! {
    /// A layout for client invoices.
    pub struct ClientInvoiceTemplateId(i32),
    /// Refers to a [`ClientInvoiceTemplate`](crate::ClientInvoiceTemplate) (schema type
    /// `client-invoice-template-reference`).
    ClientInvoiceTemplateReference = "client-invoice-template-reference";
}

id! {
    /// An agreement by which a client is invoiced again and again.
    pub struct ClientAgreementId(i32),
    /// Refers to a client agreement (schema type `client-agreement-reference`).
    ClientAgreementReference = "client-agreement-reference";
}

id! {
    /// A broker between the company and an end client.
    pub struct ClientBrokerId(i32),
    /// Refers to a broker (schema type `client-broker-reference`).
    ClientBrokerReference = "client-broker-reference";
}

id! {
    /// An entry of a dimension: a cost centre, a project, an employee.
    pub struct DimensionEntryId(i32),
    /// Refers to an entry of a dimension (schema type `dimension-entry-reference`).
    DimensionEntryReference = "dimension-entry-reference";
}

id! {
    /// A project of the accounts (not a client project). Deprecated by Kleer in rows.
    pub struct ProjectId(i32),
    /// Refers to a project of the accounts (schema type `project-reference`).
    ProjectReference = "project-reference";
}

id! {
    /// An activity: what time is reported on.
    pub struct ActivityId(i32),
    /// Refers to an activity (schema type `activity-reference`).
    ActivityReference = "activity-reference";
}

id! {
    /// A bank account of the company.
    pub struct BankAccountId(i64),
    /// Refers to a bank account (schema type `bank-account-reference`).
    BankAccountReference = "bank-account-reference";
}

id! {
    /// A transaction on a bank account.
    pub struct BankTransactionId(i64),
    /// Refers to a bank transaction (schema type `bank-transaction-reference`).
    BankTransactionReference = "bank-transaction-reference";
}

id! {
    /// A row of a client invoice.
    pub struct ClientInvoiceRowId(i32),
    /// Refers to a row of a client invoice (schema type `client-invoice-row-reference`).
    ClientInvoiceRowReference = "client-invoice-row-reference";
}

id! {
    /// A client project: what is done for a client, and what time is reported on.
    pub struct ClientProjectId(i32),
    /// Refers to a client project (schema type `client-project-reference`).
    ClientProjectReference = "client-project-reference";
}

id! {
    /// A company card, by which employees pay.
    pub struct CompanyCardId(i32),
    /// Refers to a company card (schema type `company-card-reference`).
    CompanyCardReference = "company-card-reference";
}

id! {
    /// A dimension of the accounts, such as cost centres.
    pub struct DimensionId(i32),
    /// Refers to a dimension (schema type `dimension-reference`).
    DimensionReference = "dimension-reference";
}

id! {
    /// An event: time reported on a day.
    pub struct EventId(i32),
    /// Refers to an event (schema type `event-reference`).
    EventReference = "event-reference";
}

id! {
    /// An entry of an expense report.
    pub struct ExpenseEntryId(i32),
    /// Refers to an expense entry (schema type `expense-entry-reference`).
    ExpenseEntryReference = "expense-entry-reference";
}

id! {
    /// A file with a receipt.
    pub struct ExpenseFileId(i32),
    /// Refers to a receipt's file (schema type `expense-file-reference`).
    ExpenseFileReference = "expense-file-reference";
}

id! {
    /// A type of expenses.
    pub struct ExpenseTypeId(i32),
    /// Refers to a type of expenses (schema type `expense-type-reference`).
    ExpenseTypeReference = "expense-type-reference";
}

id! {
    /// An invoice that is planned for a project with a fixed price.
    pub struct FixedPricePlannedInvoiceId(i32),
    /// Refers to a planned invoice (schema type `fixed-price-planned-invoice-reference`).
    FixedPricePlannedInvoiceReference = "fixed-price-planned-invoice-reference";
}

id! {
    /// A row of a planned invoice.
    pub struct FixedPricePlannedInvoiceRowId(i32),
    /// Refers to a row of a planned invoice (schema type
    /// `fixed-price-planned-invoice-row-reference`).
    FixedPricePlannedInvoiceRowReference = "fixed-price-planned-invoice-row-reference";
}

id! {
    /// An article of the payroll: a kind of pay, benefit or deduction.
    pub struct PayrollArticleId(i32),
    /// Refers to a payroll article (schema type `payroll-article-reference`).
    PayrollArticleReference = "payroll-article-reference";
}

id! {
    /// What one person is paid in a payroll run.
    pub struct PayrollPayoutId(i32),
    /// Refers to a payout (schema type `payroll-payout-reference`).
    PayrollPayoutReference = "payroll-payout-reference";
}

id! {
    /// A working schedule.
    pub struct PayrollScheduleId(i32),
    /// Refers to a working schedule (schema type `payroll-schedule-reference`).
    PayrollScheduleReference = "payroll-schedule-reference";
}

id! {
    /// A row of a revenue.
    pub struct RevenueRowId(i32),
    /// Refers to a row of a revenue (schema type `revenue-row-reference`).
    RevenueRowReference = "revenue-row-reference";
}

id! {
    /// A supplier.
    pub struct SupplierId(i32),
    /// Refers to a supplier (schema type `supplier-reference`).
    SupplierReference = "supplier-reference";
}

id! {
    /// An invoice from a supplier.
    pub struct SupplierInvoiceId(i32),
    /// Refers to a supplier invoice (schema type `supplier-invoice-reference`).
    SupplierInvoiceReference = "supplier-invoice-reference";
}

id! {
    /// A line of accounts of a supplier invoice.
    pub struct SupplierInvoiceAccountId(i32),
    /// Refers to a line of accounts of a supplier invoice (schema type
    /// `supplier-invoice-account-reference`).
    SupplierInvoiceAccountReference = "supplier-invoice-account-reference";
}
