//! Agreements by which clients are invoiced again and again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{
    Cents, ClientAgreementId, ClientId, ClientReference, CustomField, DimensionsDistribution,
    Discount, ProductReference, Timestamp, UserReference,
};

record! {
    /// An agreement by which a client is invoiced at an interval (schema type `client-agreement`),
    /// read and written.
    ///
    /// An update sends an [`UpdateClientAgreement`] with the whole agreement. It makes a new
    /// revision, and all rows are replaced.
    pub struct ClientAgreement = "client-agreement", root "client-agreement", list "client-agreements" / "client-agreement" {
        /// Kleer's id; 0 on a create.
        required id: ClientAgreementId = "id";
        /// Your own key. Kleer does not make it unique.
        required foreign_id: String = "foreign-id";
        /// The revision; Kleer counts it.
        required revision_nr: i32 = "revision-nr";
        /// The client that is invoiced.
        required client_ref: ClientReference = "client-ref";
        /// What is agreed.
        required description: String = "description";
        /// Deprecated by Kleer: ignored when written, and on reading the same as
        /// [`start_invoice_date`](Self::start_invoice_date).
        optional start_date: NaiveDate = "start-date";
        /// The day from which invoices are made. It lies after the agreement's beginning where the
        /// client was invoiced elsewhere before.
        required start_invoice_date: NaiveDate = "start-invoice-date";
        /// The date of the next invoice. The schema demands the element; `None` is written as nil.
        nillable next_invoice_date: NaiveDate = "next-invoice-date";
        /// The last day of the agreement. The schema demands the element; `None` is written as
        /// nil and stands for "until further notice". There is no way to leave it unchanged on an
        /// update: what is sent counts.
        nillable end_date: NaiveDate = "end-date";
        /// The day on which Kleer reminds that the agreement must be renewed.
        optional renewal_notification_date: NaiveDate = "renewal-notification-date";
        /// The client's reference: a person or a code.
        required your_reference: String = "your-reference", personal;
        /// The user who answers for the invoices; `None` is written as nil.
        nillable our_reference: UserReference = "our-reference";
        /// The user who shall approve the invoices; `None` is written as nil.
        nillable approver: UserReference = "approver";
        /// The currency (ISO 4217).
        required currency: String = "currency";
        /// Days from an invoice's date to its due date.
        required payment_days: i32 = "payment-days";
        /// Months from one invoice to the next; usually 1, 3, 6 or 12.
        required invoice_interval_months: i32 = "invoice-interval-months";
        /// When in a period its invoice is made.
        required invoice_day: InvoiceDay = "invoice-day";
        /// The client's order number; may be empty.
        required po_nr: String = "po-nr";
        /// The number of the agreement, for the invoices; may be empty.
        required agreement_nr: String = "agreement-nr";
        /// The number of the subscription, for the invoices; may be empty.
        required subscription_nr: String = "subscription-nr";
        /// The accounts by which invoices are accrued, if they are.
        optional accrual_configuration: AccrualConfiguration = "accrual-configuration";
        /// Notes for the company's own use; absent when written: empty.
        optional notes: String = "notes", personal;
        /// Whether it has been deleted.
        required deleted: bool = "deleted";
        /// Fields that the company has defined itself.
        optional_list fields: CustomField = "fields" / "field";
        /// Rows of the first invoice only.
        list first_invoice_rows: ClientAgreementRow = "first-invoice-rows" / "row";
        /// Rows of every invoice.
        list recurring_rows: ClientAgreementRow = "recurring-rows" / "row";
        /// Who wrote this revision; ignored when written.
        optional registration_user: UserReference = "registration-user";
        /// When it was written; ignored when written.
        optional registration_date: Timestamp = "registration-date";
    }
}

impl ClientAgreement {
    /// A new agreement until further notice, with 30 payment days and nobody responsible.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{
    ///     Cents, ClientAgreement, ClientAgreementRow, ClientId, Document, InvoiceDay,
    /// };
    ///
    /// let start = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
    /// let row = ClientAgreementRow::new(1.into(), Cents(49_900), "st", "Support");
    /// let mut agreement = ClientAgreement::new(
    ///     ClientId(17),
    ///     start,
    ///     3,
    ///     InvoiceDay::InvoiceAtStart,
    ///     "SEK",
    ///     vec![row],
    /// );
    /// agreement.description = "Support per kvartal".to_owned();
    /// assert!(agreement.to_xml()?.contains("<end-date xmlns:xsi="));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        client: ClientId,
        start_invoice_date: NaiveDate,
        invoice_interval_months: i32,
        invoice_day: InvoiceDay,
        currency: impl Into<String>,
        recurring_rows: Vec<ClientAgreementRow>,
    ) -> Self {
        Self {
            client_ref: client.into(),
            start_invoice_date,
            currency: currency.into(),
            payment_days: 30,
            invoice_interval_months,
            invoice_day,
            recurring_rows,
            ..Self::blank()
        }
    }
}

record! {
    /// A row of a [`ClientAgreement`] (schema type `client-agreement-row`).
    pub struct ClientAgreementRow = "client-agreement-row" {
        /// How many units.
        required quantity: Decimal = "quantity";
        /// The price per unit without VAT, in cent.
        required price: Cents = "price";
        /// The product, which decides VAT and account.
        optional product: ProductReference = "product";
        /// The unit, as text that is printed.
        required unit: String = "unit";
        /// What is billed.
        required description: String = "description";
        /// A discount.
        optional discount: Discount = "discount";
        /// Fields that the company has defined itself.
        optional_list fields: CustomField = "fields" / "field";
        /// How the amount is spread over entries of dimensions.
        optional dimensions: DimensionsDistribution = "dimensions";
    }
}

impl ClientAgreementRow {
    /// A row without a product.
    pub fn new(
        quantity: Decimal,
        price: Cents,
        unit: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        Self {
            quantity,
            price,
            unit: unit.into(),
            description: description.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// The accounts by which the invoices of an agreement are accrued (an anonymous type of the
    /// schema).
    pub struct AccrualConfiguration = "" {
        /// The account that holds what is not earned yet (BAS number).
        required accrual_account_nr: i32 = "accrual-account-nr";
        /// The account of the revenue (BAS number).
        required revenue_account_nr: i32 = "revenue-account-nr";
    }
}

impl AccrualConfiguration {
    /// A configuration from its two accounts.
    pub fn new(accrual_account_nr: i32, revenue_account_nr: i32) -> Self {
        Self {
            accrual_account_nr,
            revenue_account_nr,
            ..Self::blank()
        }
    }
}

record! {
    /// The request that updates an agreement (an anonymous type of the schema). Write only.
    ///
    /// Kleer answers with an [`UpdateClientAgreementResult`].
    pub struct UpdateClientAgreement = "", root "update-client-agreement" {
        /// The whole agreement as it shall be.
        required client_agreement: ClientAgreement = "client-agreement";
    }
}

impl UpdateClientAgreement {
    /// A request to make the agreement what is said here.
    pub fn new(client_agreement: ClientAgreement) -> Self {
        Self {
            client_agreement,
            ..Self::blank()
        }
    }
}

impl From<ClientAgreement> for UpdateClientAgreement {
    fn from(client_agreement: ClientAgreement) -> Self {
        Self::new(client_agreement)
    }
}

record! {
    /// The answer to an [`UpdateClientAgreement`] (an anonymous type of the schema). Read only.
    pub struct UpdateClientAgreementResult = "", root "update-client-agreement-result" {
        /// The revision that was made.
        required revision_nr: i32 = "revision-nr";
    }
}

impl UpdateClientAgreementResult {
    /// An answer with this revision; for tests and sandboxes, since Kleer only sends it.
    pub fn new(revision_nr: i32) -> Self {
        Self {
            revision_nr,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// When an agreement's invoices are made (schema type `invoice-day`).
    ///
    /// A period is the months that one invoice bills.
    pub enum InvoiceDay = "invoice-day" {
        /// On the first day of the period.
        InvoiceAtStart = "INVOICE_AT_START",
        /// So early that the invoice falls due on the first day of the period.
        PayAtStart = "PAY_AT_START",
        /// On the last day of the period.
        InvoiceAtEnd = "INVOICE_AT_END",
        /// On the first day of the month before the one in which the period begins.
        InvoiceAtStartMonth = "INVOICE_AT_START_MONTH",
        /// 60 days before the period begins.
        Invoice60DaysPriorToPeriodStart = "INVOICE_60_DAYS_PRIOR_TO_PERIOD_START",
        /// On the first day of the month after the one in which the period ends.
        InvoiceAtEndMonth = "INVOICE_AT_END_MONTH",
        /// The day before the period begins.
        InvoiceOneDayPriorToPeriodStart = "INVOICE_ONE_DAY_PRIOR_TO_PERIOD_START",
        /// Five days before the period begins. (The schema's comment says one day, which its own
        /// name contradicts.)
        InvoiceFiveDaysPriorToPeriodStart = "INVOICE_FIVE_DAYS_PRIOR_TO_PERIOD_START",
    }
}
