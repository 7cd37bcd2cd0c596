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
