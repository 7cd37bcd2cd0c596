//! Client invoices: what the company bills its customers.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{
    Accrual, AccrualPeriod, Address, Cents, ClientAgreementReference, ClientId, ClientInvoiceId,
    ClientInvoiceReference, ClientInvoiceTemplateId, ClientInvoiceTemplateReference,
    ClientReference, CustomField, DimensionsDistribution, Discount, ExpenseEntryId, File,
    ProductId, ProductReference, ProjectReference, Rate, SupplierInvoiceId, Timestamp, UserId,
    UserReference,
};

record! {
    /// An invoice to a client (schema type `client-invoice`), read and written.
    ///
    /// Start one with [`draft`](Self::draft). A draft has no number; Kleer gives it one when it is
    /// certified, and from then on it is booked.
    pub struct ClientInvoice = "client-invoice", root "client-invoice", list "client-invoices" / "client-invoice" paged {
        /// Kleer's id; ignored when written.
        required id: ClientInvoiceId = "id";
        /// The invoice's number, 0 until it is certified; ignored when written.
        required invoice_nr: i32 = "invoice-nr";
        /// The number (not the id) of the invoice that this one credits. Every credit needs it.
        optional debit_invoice_nr: i32 = "debit-invoice-nr";
        /// Whether the reported time behind credited rows can be invoiced again.
        optional delete_row_reference_when_credit: bool = "delete-row-reference-when-credit";
        /// Where the e-invoice carries periods.
        optional edi_period_type: EdiPeriodType = "edi-period-type";
        /// The invoices that credit this one; ignored when written.
        optional_list credit_invoices: ClientInvoiceReference = "credit-invoices" / "client-invoice";
        /// The invoices that this one sums up; ignored when written.
        optional_list aggregated_invoices: ClientInvoiceReference = "aggregated-invoices" / "client-invoice";
        /// Your own key. Kleer does not make it unique; see [`ClientKey`](crate::ClientKey).
        required foreign_id: String = "foreign-id";
        /// The client's order number; may be empty.
        required po_nr: String = "po-nr";
        /// The number of an agreement.
        optional agreement_nr: String = "agreement-nr";
        /// The number of a subscription.
        optional subscription_nr: String = "subscription-nr";
        /// The client that is billed.
        required client_ref: ClientReference = "client-ref";
        /// The end client, where a broker is billed.
        optional end_client: ClientReference = "end-client";
        /// The layout; Kleer chooses when it is absent.
        optional client_invoice_template_ref: ClientInvoiceTemplateReference = "client-invoice-template-ref";
        /// The client's reference: a person or a code.
        required your_reference: String = "your-reference", personal;
        /// The user who answers for the invoice; id 0 for none.
        required our_reference: UserReference = "our-reference";
        /// The user who shall approve the invoice; id 0 for none.
        optional approver: UserReference = "approver";
        /// Where the invoice goes.
        required invoice_address: Address = "invoice-address";
        /// Where the invoice is mailed to.
        required invoice_email: String = "invoice-email", personal;
        /// Whom the delivery goes to.
        required delivery_name: String = "delivery-name", personal;
        /// Where the delivery goes.
        required delivery_address: Address = "delivery-address";
        /// The delivery's e-mail address.
        required delivery_email: String = "delivery-email", personal;
        /// The invoice's date.
        required invoice_date: NaiveDate = "invoice-date";
        /// The day on which it must be paid.
        required due_date: NaiveDate = "due-date";
        /// The day of delivery. The schema demands the element, so `None` is written as the
        /// 1 January of the year 1, as integrations do; that date and an empty text are read as
        /// `None`.
        blankable delivery_date: NaiveDate = "delivery-date";
        /// The days over which the invoice is accrued.
        optional period: AccrualPeriod = "period";
        /// The sum without VAT, in cent. Kleer computes it.
        optional amount: Cents = "amount";
        /// The VAT, in cent. Kleer computes it from the rows' products.
        optional vat: Cents = "vat";
        /// The currency (ISO 4217).
        required currency: String = "currency";
        /// The rate of exchange; the latest when it is absent.
        optional currency_rate: Decimal = "currency-rate";
        /// Whether the invoice is certified (final and booked); ignored when written.
        required certified: bool = "certified";
        /// When it was certified.
        optional certified_date: Timestamp = "certified-date";
        /// Whether it was sent at least once; ignored when written.
        required sent: bool = "sent";
        /// Free text.
        optional notes: String = "notes", personal;
        /// How it is sent, by a name of the company's
        /// [`ClientDeliveryType`](crate::ClientDeliveryType)s. Empty: the client's or company's
        /// default on a create, unchanged on an update.
        optional delivery_type: String = "delivery-type";
        /// The recipient's Global Location Number.
        optional gln: String = "gln";
        /// The recipient's VAT number. Empty: the client's on a create, unchanged on an update.
        optional vat_nr: String = "vat-nr", personal;
        /// The country of the sale (ISO 3166-1 alpha-2). Empty: the client's on a create,
        /// unchanged on an update.
        optional country_code: String = "country-code";
        /// The agreement that it was made from; ignored when written.
        optional client_agreement_ref: ClientAgreementReference = "client-agreement-ref";
        /// What remains to be paid, in cent; 0 until it is certified. Ignored when written.
        required remaining: Cents = "remaining";
        /// The day of the last payment.
        optional last_payment_date: NaiveDate = "last-payment-date";
        /// Whether a user has deleted it.
        required disabled: bool = "disabled";
        /// Whether Kleer must not certify and send it by itself.
        optional automatic_actions_disabled: bool = "automatic-actions-disabled";
        /// Why not.
        optional automatic_actions_message: String = "automatic-actions-message", personal;
        /// Fields that the company has defined itself.
        optional_list fields: CustomField = "fields" / "field";
        /// Who approved it, and when.
        optional approved: Approved = "approved";
        /// How it was delivered; ignored when written.
        optional_list invoice_deliveries: InvoiceDelivery = "invoice-deliveries" / "invoice-delivery";
        /// Attachments. On an update, absent leaves them; present replaces them all, and an empty
        /// list deletes them.
        optional_list files: File = "files" / "file";
        /// The rows.
        list rows: ClientInvoiceRow = "rows" / "row";
        /// Supplier invoices and expenses that are billed on.
        optional_list reinvoicings: Reinvoicing = "reinvoicings" / "row";
        /// Whether it went to factoring; ignored when written.
        optional factoring: bool = "factoring";
    }
}

impl ClientInvoice {
    /// A draft: neither certified nor sent, and with Kleer's automatic actions off, so that
    /// nothing leaves by accident.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Cents, ClientId, ClientInvoice, ClientInvoiceRow, Document, ProductId};
    ///
    /// let row = ClientInvoiceRow::new(ProductId(3), 8.into(), Cents(95_000), "Konsulttid");
    /// let issued = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    /// let due = NaiveDate::from_ymd_opt(2026, 12, 20).unwrap();
    /// let invoice = ClientInvoice::draft(ClientId(17), issued, due, "SEK", vec![row]);
    /// assert!(invoice.to_xml()?.contains("<automatic-actions-disabled>true<"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn draft(
        client: ClientId,
        invoice_date: NaiveDate,
        due_date: NaiveDate,
        currency: impl Into<String>,
        rows: Vec<ClientInvoiceRow>,
    ) -> Self {
        Self {
            client_ref: client.into(),
            our_reference: UserReference::new(UserId(0)),
            invoice_date,
            due_date,
            currency: currency.into(),
            automatic_actions_disabled: Some(true),
            rows,
            ..Self::blank()
        }
    }
}

record! {
    /// A row of a [`ClientInvoice`] (schema type `client-invoice-row`).
    ///
    /// Its VAT rate and account come from its product, whatever it says itself.
    pub struct ClientInvoiceRow = "client-invoice-row" {
        /// Kleer's id; ignored when written.
        optional id: i32 = "id";
        /// How many units.
        required quantity: Decimal = "quantity";
        /// The price per unit without VAT, in cent.
        required price: Cents = "price";
        /// The VAT rate; its unit is not established. Kleer overwrites it with the product's,
        /// except under the One Stop Shop rules.
        required vat: Rate = "vat";
        /// The product.
        required product: ProductReference = "product";
        /// The unit, as text that is printed.
        required unit: String = "unit";
        /// What is billed.
        required description: String = "description";
        /// The account; deprecated when written, since the product decides.
        required account_nr: i32 = "account-nr";
        /// Deprecated by Kleer: use dimensions.
        optional project: ProjectReference = "project";
        /// Entries of dimensions.
        optional dimensions: DimensionsDistribution = "dimensions";
        /// The days over which the row is accrued.
        optional period: AccrualPeriod = "period";
        /// The day of delivery.
        optional delivery_date: NaiveDate = "delivery-date";
        /// A discount.
        optional discount: Discount = "discount";
        /// Fields that the company has defined itself.
        optional_list fields: CustomField = "fields" / "field";
        /// The parts that belong to each month.
        optional_list accruals: Accrual = "accruals" / "accrual";
    }
}

impl ClientInvoiceRow {
    /// A row for this many units of a product.
    pub fn new(
        product: ProductId,
        quantity: Decimal,
        price: Cents,
        description: impl Into<String>,
    ) -> Self {
        Self {
            quantity,
            price,
            product: product.into(),
            description: description.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An approval (an anonymous type of the schema).
    pub struct Approved = "" {
        /// Who approved.
        required user: UserReference = "user";
        /// When.
        required registration_date: Timestamp = "registration-date";
    }
}

record! {
    /// A delivery of an invoice (an anonymous type of the schema).
    pub struct InvoiceDelivery = "" {
        /// How.
        required delivery_method: DeliveryMethod = "delivery-method";
        /// By whom.
        optional registration_user: UserReference = "registration-user";
        /// When.
        optional registration_datetime: Timestamp = "registration-datetime";
    }
}

record! {
    /// A supplier invoice or an expense that is billed on to a client (schema type `reinvoicing`).
    pub struct Reinvoicing = "reinvoicing" {
        /// Kleer's id.
        optional id: i32 = "id";
        /// What is billed on.
        optional reinvoicing_type: ReinvoicingType = "reinvoicing-type";
        /// The id of the supplier invoice.
        optional supplier_invoice: SupplierInvoiceId = "supplier-invoice";
        /// The id of the expense entry.
        optional expense_entry: ExpenseEntryId = "expense-entry";
    }
}

record! {
    /// A payment of a client invoice that is registered by hand (schema type
    /// `client-invoice-payment-writable`). Write only.
    pub struct ClientInvoicePaymentWritable = "client-invoice-payment-writable", root "client-invoice-payment-writable" {
        /// The day of the payment.
        required date: NaiveDate = "date";
        /// What is paid of the invoice, in cent of the invoice's currency. If that is the currency
        /// of the accounts, it must equal [`accounting_amount`](Self::accounting_amount).
        required invoice_amount: Cents = "invoice-amount";
        /// The same in cent of the accounts' currency.
        required accounting_amount: Cents = "accounting-amount";
        /// How the payment is booked.
        list transactions: ClientInvoicePaymentTransaction = "transactions" / "transaction";
        /// Attachments.
        list files: File = "files" / "file";
    }
}

impl ClientInvoicePaymentWritable {
    /// A payment of an invoice in the currency of the accounts.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{
    ///     Cents, ClientInvoicePaymentTransaction, ClientInvoicePaymentWritable, Document,
    /// };
    ///
    /// let date = NaiveDate::from_ymd_opt(2026, 12, 18).unwrap();
    /// let bank = ClientInvoicePaymentTransaction::new(1930, Cents(118_750));
    /// let payment = ClientInvoicePaymentWritable::new(date, Cents(118_750), vec![bank]);
    /// assert!(payment.to_xml()?.contains("<accounting-amount>118750</accounting-amount>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        date: NaiveDate,
        amount: Cents,
        transactions: Vec<ClientInvoicePaymentTransaction>,
    ) -> Self {
        Self {
            date,
            invoice_amount: amount,
            accounting_amount: amount,
            transactions,
            ..Self::blank()
        }
    }
}

record! {
    /// A line of accounts of a [`ClientInvoicePaymentWritable`] (an anonymous type of the schema).
    pub struct ClientInvoicePaymentTransaction = "" {
        /// The account (BAS number).
        required account_nr: i32 = "account-nr";
        /// The amount, in cent. Which sign means debit is not established.
        required amount: Cents = "amount";
    }
}

impl ClientInvoicePaymentTransaction {
    /// An amount on an account.
    pub fn new(account_nr: i32, amount: Cents) -> Self {
        Self {
            account_nr,
            amount,
            ..Self::blank()
        }
    }
}

record! {
    /// The client invoices that belong to a supplier invoice, as with self-billing (schema type
    /// `client-invoice-relation`).
    pub struct ClientInvoiceRelation = "client-invoice-relation", root "client-invoice-relation" {
        /// Their ids.
        repeated client_invoice_id: ClientInvoiceId = "client-invoice-id";
    }
}

impl ClientInvoiceRelation {
    /// A relation to these client invoices.
    pub fn new(client_invoice_id: Vec<ClientInvoiceId>) -> Self {
        Self {
            client_invoice_id,
            ..Self::blank()
        }
    }
}

impl Default for ClientInvoiceRelation {
    /// A relation to nothing.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// A layout for client invoices (schema type `client-invoice-template`). Read only.
    pub struct ClientInvoiceTemplate = "client-invoice-template", root "client-invoice-template", list "client-invoice-templates" / "client-invoice-template" {
        /// Kleer's id.
        required id: ClientInvoiceTemplateId = "id";
        /// Your own key.
        required foreign_id: String = "foreign-id";
        /// The name.
        required name: String = "name";
        /// What it is for.
        required description: String = "description";
    }
}

impl ClientInvoiceTemplate {
    /// A layout; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: ClientInvoiceTemplateId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

enumeration! {
    /// Where an e-invoice carries the periods of its rows (schema type `edi-period-type`).
    pub enum EdiPeriodType = "edi-period-type" {
        /// On each row.
        Row = "Row",
        /// On the invoice.
        Invoice = "Invoice",
        /// Nowhere.
        None = "None",
    }
}

enumeration! {
    /// How an invoice was delivered (schema type `delivery-method-type`).
    pub enum DeliveryMethod = "delivery-method-type" {
        /// Printed and mailed.
        Mail = "Mail",
        /// By e-mail.
        Email = "Email",
        /// By somebody, outside Kleer.
        Manually = "Manually",
        /// Through Svea.
        Svea = "Svea",
        /// As an e-invoice.
        Efaktura = "Efaktura",
    }
}

enumeration! {
    /// What is billed on to a client (schema type `reinvoicing-type`).
    pub enum ReinvoicingType = "reinvoicing-type" {
        /// A supplier invoice.
        SupplierInvoice = "SupplierInvoice",
        /// An expense.
        ExpenseEntry = "ExpenseEntry",
    }
}
