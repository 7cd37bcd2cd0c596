//! Foundations: grants, what is paid out of them, and what is paid back.
//!
//! For companies that administer grant-giving foundations.

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::{enumeration, id, record};
use crate::{
    Cents, CurrencyAmount, DimensionEntryId, DimensionEntryReference, DimensionsDistribution, File,
    SupplierInvoiceId, SupplierInvoicePayee,
};

id! {
    /// A grant.
    pub struct FoundationGrantId(i32);
}

id! {
    /// A payment out of a grant.
    pub struct FoundationGrantPaymentId(i32);
}

id! {
    /// A repayment of a grant.
    pub struct FoundationGrantRepaymentId(i32);
}

record! {
    /// A grant to be made (schema type `create-foundation-grant`). Write only.
    pub struct CreateFoundationGrant = "create-foundation-grant", root "create-foundation-grant" {
        /// Who receives it.
        required recipient: String = "recipient", personal;
        /// The grant.
        required currency_amount: CurrencyAmount = "currency-amount";
        /// Your own key.
        required foreign_id: String = "foreign-id";
        /// The number of the case.
        optional case_nr: String = "case-nr";
        /// Entries of dimensions.
        required dimensions_distribution: DimensionsDistribution = "dimensions-distribution";
        /// What the grant is based on: at least one file.
        nonempty_list files: File = "files" / "file";
        /// The day of the decision.
        required decision_date: NaiveDate = "decision-date";
    }
}

impl CreateFoundationGrant {
    /// A grant without dimensions.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Cents, CreateFoundationGrant, CurrencyAmount, Document, File};
    ///
    /// let grant = CreateFoundationGrant::new(
    ///     "Föreningen Exempel",
    ///     CurrencyAmount::new("SEK", Cents(5_000_000)),
    ///     "grant-12",
    ///     NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
    ///     File::new("decision.pdf", b"%PDF".to_vec()),
    /// );
    /// assert!(grant.to_xml()?.contains("<amount>5000000</amount>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        recipient: impl Into<String>,
        currency_amount: CurrencyAmount,
        foreign_id: impl Into<String>,
        decision_date: NaiveDate,
        file: File,
    ) -> Self {
        Self {
            recipient: recipient.into(),
            currency_amount,
            foreign_id: foreign_id.into(),
            files: vec![file],
            decision_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A change of a grant (schema type `foundation-grant-update`). Write only. What is absent
    /// presumably stays as it is.
    pub struct FoundationGrantUpdate = "foundation-grant-update", root "foundation-grant-update" {
        /// Who receives it.
        optional recipient: String = "recipient", personal;
        /// The grant, in the currency that it was made in.
        optional grant_amount: FoundationAmount = "grant-amount";
        /// Entries of dimensions.
        optional dimensions_distribution: DimensionsDistribution = "dimensions-distribution";
    }
}

impl Default for FoundationGrantUpdate {
    /// A change of nothing.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// Says that a grant is returned (schema type `foundation-grant-return`). Write only.
    pub struct FoundationGrantReturn = "foundation-grant-return", root "foundation-grant-return" {
        /// The day of the decision.
        required decision_date: NaiveDate = "decision-date";
        /// What the return is based on: at least one file.
        nonempty_list files: File = "files" / "file";
    }
}

impl FoundationGrantReturn {
    /// A return decided on a day.
    pub fn new(decision_date: NaiveDate, file: File) -> Self {
        Self {
            decision_date,
            files: vec![file],
            ..Self::blank()
        }
    }
}

record! {
    /// A grant (schema type `foundation-grant-readable`; its root is `foundation-grant`). Read
    /// only.
    pub struct FoundationGrantReadable = "foundation-grant-readable", root "foundation-grant", list "foundation-grants" / "foundation-grant" paged {
        /// Kleer's id.
        required id: FoundationGrantId = "id";
        /// Who receives it.
        required recipient: String = "recipient", personal;
        /// The grant.
        required currency_amount: CurrencyAmount = "currency-amount";
        /// Your own key.
        required foreign_id: String = "foreign-id";
        /// The number of the case.
        optional case_nr: String = "case-nr";
        /// The day of the decision.
        required decision_date: NaiveDate = "decision-date";
        /// Whether it is returned.
        required returned: bool = "returned";
        /// Whether it is deleted.
        required deleted: bool = "deleted";
        /// Entries of dimensions.
        optional dimensions: DimensionsDistribution = "dimensions";
    }
}

impl FoundationGrantReadable {
    /// A grant that is neither returned nor deleted; for tests and sandboxes, since Kleer only
    /// sends it.
    pub fn new(
        id: FoundationGrantId,
        recipient: impl Into<String>,
        currency_amount: CurrencyAmount,
        decision_date: NaiveDate,
    ) -> Self {
        Self {
            id,
            recipient: recipient.into(),
            currency_amount,
            decision_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A payment to be made out of a grant (schema type `create-foundation-grant-payment`). Write
    /// only.
    pub struct CreateFoundationGrantPayment = "create-foundation-grant-payment", root "create-foundation-grant-payment" {
        /// The grant.
        required grant_id: FoundationGrantId = "grant-id";
        /// Your own key.
        required foreign_id: String = "foreign-id";
        /// The number of the case.
        optional case_nr: String = "case-nr";
        /// Who is paid.
        required recipient: FoundationRecipient = "recipient";
        /// The account that is paid to.
        optional deposit_account: SupplierInvoicePayee = "deposit-account";
        /// The day of payment.
        optional payment_date: NaiveDate = "payment-date";
        /// What is paid, in the grant's currency.
        required payment_amount: FoundationAmount = "payment-amount";
        /// What the payment is based on; if any, at least one.
        optional_nonempty_list files: File = "files" / "file";
        /// The payment reference, with a check digit (OCR).
        optional ocr: String = "ocr";
        /// The payment reference, as text.
        optional reference_nr: String = "reference-nr", personal;
        /// How it is paid.
        optional payment_type: FoundationGrantPaymentType = "payment-type";
    }
}

impl CreateFoundationGrantPayment {
    /// A payment; everything else is left to Kleer.
    pub fn new(
        grant_id: FoundationGrantId,
        foreign_id: impl Into<String>,
        recipient: FoundationRecipient,
        amount: Cents,
    ) -> Self {
        Self {
            grant_id,
            foreign_id: foreign_id.into(),
            recipient,
            payment_amount: FoundationAmount::new(amount),
            ..Self::blank()
        }
    }
}

record! {
    /// A change of a payment (schema type `update-foundation-grant-payment`). Write only. What is
    /// absent presumably stays as it is.
    pub struct UpdateFoundationGrantPayment = "update-foundation-grant-payment", root "update-foundation-grant-payment" {
        /// Who is paid.
        optional recipient: FoundationRecipientUpdate = "recipient";
        /// The account that is paid to.
        optional deposit_account: SupplierInvoicePayee = "deposit-account";
        /// The day of payment.
        optional payment_date: NaiveDate = "payment-date";
        /// What is paid, in the grant's currency.
        optional payment_amount: FoundationAmountUpdate = "payment-amount";
        /// The payment reference, with a check digit (OCR).
        optional ocr: String = "ocr";
        /// The payment reference, as text.
        optional reference_nr: String = "reference-nr", personal;
        /// How it is paid.
        optional payment_type: FoundationGrantPaymentType = "payment-type";
        /// What the payment is based on; if any, at least one.
        optional_nonempty_list files: File = "files" / "file";
    }
}

impl Default for UpdateFoundationGrantPayment {
    /// A change of nothing.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// A payment out of a grant (schema type `foundation-grant-payment-readable`; its root is
    /// `foundation-grant-payment`). Read only.
    pub struct FoundationGrantPaymentReadable = "foundation-grant-payment-readable", root "foundation-grant-payment", list "foundation-grant-payments" / "foundation-grant-payment" paged {
        /// Kleer's id.
        required id: FoundationGrantPaymentId = "id";
        /// The grant.
        required grant_id: FoundationGrantId = "grant-id";
        /// Your own key.
        required foreign_id: String = "foreign-id";
        /// The number of the case.
        optional case_nr: String = "case-nr";
        /// How far it has come. The schema does not list the values.
        required status: String = "status";
        /// Who is paid.
        required recipient: FoundationRecipient = "recipient";
        /// The account that is paid to.
        required deposit_account: SupplierInvoicePayee = "deposit-account";
        /// The day of payment.
        required payment_date: NaiveDate = "payment-date";
        /// What is paid, in the grant's currency.
        required payment_amount: FoundationAmount = "payment-amount";
        /// What remains to be paid.
        optional remaining_amount: FoundationAmount = "remaining-amount";
        /// The payment reference, with a check digit (OCR).
        optional ocr: String = "ocr";
        /// The payment reference, as text.
        optional reference_nr: String = "reference-nr", personal;
        /// How it is paid.
        optional payment_type: FoundationGrantPaymentType = "payment-type";
        /// The supplier invoices through which it is paid; if any, at least one.
        optional_nonempty_list supplier_invoices: FoundationGrantPaymentInvoice = "supplierInvoices" / "supplierInvoice";
    }
}

impl FoundationGrantPaymentReadable {
    /// A payment; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: FoundationGrantPaymentId,
        grant_id: FoundationGrantId,
        recipient: FoundationRecipient,
        deposit_account: SupplierInvoicePayee,
        payment_date: NaiveDate,
        amount: Cents,
    ) -> Self {
        Self {
            id,
            grant_id,
            recipient,
            deposit_account,
            payment_date,
            payment_amount: FoundationAmount::new(amount),
            ..Self::blank()
        }
    }
}

record! {
    /// A supplier invoice through which a grant is paid (schema type
    /// `foundation-grant-payment-invoice`). Read only.
    pub struct FoundationGrantPaymentInvoice = "foundation-grant-payment-invoice" {
        /// Kleer's id of the supplier invoice.
        required id: SupplierInvoiceId = "id";
        /// The amount, in cent.
        required amount: Cents = "amount";
        /// Whether it is certified.
        required certified: bool = "certified";
        /// Whether it is paid.
        required paid: bool = "paid";
    }
}

impl FoundationGrantPaymentInvoice {
    /// An invoice that is neither certified nor paid; for tests and sandboxes, since Kleer only
    /// sends it.
    pub fn new(id: SupplierInvoiceId, amount: Cents) -> Self {
        Self {
            id,
            amount,
            ..Self::blank()
        }
    }
}

record! {
    /// A repayment to be made of a grant (schema type `create-foundation-grant-repayment`). Write
    /// only.
    pub struct CreateFoundationGrantRepayment = "create-foundation-grant-repayment", root "create-foundation-grant-repayment" {
        /// Your own key. Kleer does not give it back on reading.
        required foreign_id: String = "foreign-id";
        /// The grant.
        required grant_id: FoundationGrantId = "grant-id";
        /// The day of the decision.
        required decision_date: NaiveDate = "decision-date";
        /// What is paid back, in cent of the grant's currency.
        required amount: Cents = "amount";
        /// What the repayment is based on.
        required file: File = "file";
    }
}

impl CreateFoundationGrantRepayment {
    /// A repayment.
    pub fn new(
        grant_id: FoundationGrantId,
        foreign_id: impl Into<String>,
        decision_date: NaiveDate,
        amount: Cents,
        file: File,
    ) -> Self {
        Self {
            foreign_id: foreign_id.into(),
            grant_id,
            decision_date,
            amount,
            file,
            ..Self::blank()
        }
    }
}

record! {
    /// A repayment of a grant (schema type `foundation-grant-repayment-readable`; its root is
    /// `foundation-grant-repayment`). Read only.
    pub struct FoundationGrantRepaymentReadable = "foundation-grant-repayment-readable", root "foundation-grant-repayment", list "foundation-grant-repayments" / "foundation-grant-repayment" paged {
        /// Kleer's id.
        required id: FoundationGrantRepaymentId = "id";
        /// The grant.
        required grant_id: FoundationGrantId = "grant-id";
        /// The day of the decision.
        required decision_date: NaiveDate = "decision-date";
        /// What is paid back, in the grant's currency.
        required amount: FoundationAmount = "amount";
    }
}

impl FoundationGrantRepaymentReadable {
    /// A repayment; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: FoundationGrantRepaymentId,
        grant_id: FoundationGrantId,
        decision_date: NaiveDate,
        amount: Cents,
    ) -> Self {
        Self {
            id,
            grant_id,
            decision_date,
            amount: FoundationAmount::new(amount),
            ..Self::blank()
        }
    }
}

record! {
    /// A foundation that the company administers (schema type `sub-foundation-readable`). Read
    /// only.
    pub struct SubFoundationReadable = "sub-foundation-readable", root "sub-foundation-readable", list "sub-foundations-readables" / "sub-foundation-readable" paged {
        /// Kleer's id: text, not a number.
        required id: String = "id";
        /// The name.
        required name: String = "name";
        /// The organisation number.
        required orgno: String = "orgno";
        /// The entry of a dimension that stands for it.
        required dimension_entry: DimensionEntryReference = "dimension-entry";
    }
}

impl SubFoundationReadable {
    /// A foundation; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        orgno: impl Into<String>,
        dimension_entry: DimensionEntryId,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            orgno: orgno.into(),
            dimension_entry: dimension_entry.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// Who is paid out of a grant (an anonymous type of the schema).
    pub struct FoundationRecipient = "" {
        /// The name.
        required name: String = "name", personal;
        /// The organisation or personal number, presumably.
        required identifier: String = "identifier", personal;
    }
}

impl FoundationRecipient {
    /// A recipient.
    pub fn new(name: impl Into<String>, identifier: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            identifier: identifier.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A change of who is paid out of a grant (an anonymous type of the schema).
    pub struct FoundationRecipientUpdate = "" {
        /// The name.
        optional name: String = "name", personal;
        /// The organisation or personal number, presumably.
        optional identifier: String = "identifier", personal;
    }
}

impl Default for FoundationRecipientUpdate {
    /// A change of nothing.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// An amount in the currency of a grant (an anonymous type of the schema).
    pub struct FoundationAmount = "" {
        /// The amount, in cent.
        required amount: Cents = "amount";
    }
}

impl FoundationAmount {
    /// An amount.
    pub fn new(amount: Cents) -> Self {
        Self {
            amount,
            ..Self::blank()
        }
    }
}

record! {
    /// A change of an amount in the currency of a grant (an anonymous type of the schema).
    pub struct FoundationAmountUpdate = "" {
        /// The amount, in cent.
        optional amount: Cents = "amount";
    }
}

impl FoundationAmountUpdate {
    /// A change, or none.
    pub fn new(amount: Option<Cents>) -> Self {
        Self {
            amount,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// How a grant is paid (schema type `foundation-grant-payment-type`).
    pub enum FoundationGrantPaymentType = "foundation-grant-payment-type" {
        /// Through a supplier invoice.
        SupplierInvoice = "SupplierInvoice",
        /// Through the payroll.
        Payroll = "Payroll",
        /// By a transfer from the bank account.
        BankTransfer = "BankTransfer",
    }
}
