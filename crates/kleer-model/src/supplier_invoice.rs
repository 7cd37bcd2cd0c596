//! Supplier invoices: what the company is billed.
//!
//! Read and write are two types whose fields have different names:
//!
//! | [`SupplierInvoice`], read | [`SupplierInvoiceWritable`], written |
//! |---|---|
//! | `supplier_ref` | `supplier` |
//! | `bank_account_ref` | `bank_account`, a choice |
//! | `deposit_account_type`, `deposit_account_nr` | `deposit_account`, one element |
//! | `self_invoice_references` | `client_invoice_relations` |
//! | no files | `files`, at least one |

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{choice, enumeration, record};
use crate::{
    AccrualPeriod, BankAccountReference, Cents, ClientInvoiceRelation, DimensionEntryReference,
    File, Nillable, ProjectReference, SupplierId, SupplierInvoiceAccountId, SupplierInvoiceId,
    SupplierReference, Timestamp, UserId, UserReference,
};

record! {
    /// An invoice from a supplier (schema type `supplier-invoice`), as Kleer sends it.
    ///
    /// There is no field of its own for the number that the supplier gave the invoice.
    pub struct SupplierInvoice = "supplier-invoice", root "supplier-invoice", list "supplier-invoices" / "supplier-invoice" paged {
        /// Kleer's id.
        required id: SupplierInvoiceId = "id";
        /// Your own key.
        required foreign_id: String = "foreign-id";
        /// The supplier.
        required supplier_ref: SupplierReference = "supplier-ref";
        /// The company's bank account that pays.
        optional bank_account_ref: BankAccountReference = "bank-account-ref";
        /// The supplier's reference at the company: the user who bought.
        optional your_reference: UserReference = "your-reference";
        /// The company's reference at the supplier: a person or a code.
        required our_reference: String = "our-reference", personal;
        /// What kind of account is paid to.
        required deposit_account_type: SupplierInvoiceDepositAccountType = "deposit-account-type";
        /// The number of the account that is paid to.
        required deposit_account_nr: String = "deposit-account-nr", personal;
        /// The day on which it is booked.
        required accounting_date: NaiveDate = "accounting-date";
        /// The invoice's date.
        required invoice_date: NaiveDate = "invoice-date";
        /// The day on which it must be paid.
        required due_date: NaiveDate = "due-date";
        /// The amount, in cent. Whether it includes VAT is not established.
        required amount: Cents = "amount";
        /// The VAT, in cent.
        required vat: Cents = "vat";
        /// The currency (ISO 4217).
        required currency: String = "currency";
        /// The rate of exchange to the currency of the accounts.
        required currency_rate: Decimal = "currency-rate";
        /// The company's order number.
        required po_nr: String = "po-nr";
        /// What the payment says where it has no OCR number.
        required reference_nr: String = "reference-nr", personal;
        /// The OCR number of the payment.
        required ocr: String = "ocr";
        /// The day on which it shall be paid.
        required payment_date: NaiveDate = "payment-date";
        /// What has been said to it; absent when nothing was.
        optional_list supplier_invoice_approvals: SupplierInvoiceApprovalReadable = "supplier-invoice-approvals" / "supplier-invoice-approval";
        /// Whether it is certified (final and booked).
        required certified: bool = "certified";
        /// Whether it is a reminder, and which.
        required reminder_type: SupplierInvoiceReminderType = "reminder-type";
        /// What remains to be paid, in cent.
        required remaining: Cents = "remaining";
        /// Its payments.
        list supplier_invoice_payments: SupplierInvoicePayment = "supplier-invoice-payments" / "supplier-invoice-payment";
        /// How it is booked.
        list accounts: SupplierInvoiceAccount = "accounts" / "account";
        /// The country of the purchase (ISO 3166-1 alpha-2).
        optional country_code: String = "country-code";
        /// The client invoices that it belongs to.
        required self_invoice_references: ClientInvoiceRelation = "self-invoice-references";
    }
}

impl SupplierInvoice {
    /// What Kleer would send of an invoice that was written and is neither certified nor paid; for
    /// tests and sandboxes.
    ///
    /// What Kleer keeps elsewhere (files), gives itself (ids of the accounts) or decides (a bank
    /// account by its bankgiro, the default VAT code of an account) is left out. It is booked on
    /// its own date unless it says otherwise.
    pub fn from_writable(id: SupplierInvoiceId, invoice: SupplierInvoiceWritable) -> Self {
        let account = |account: SupplierInvoiceAccountWritable| SupplierInvoiceAccount {
            account_nr: account.account_nr,
            vat_code: match account.vat_code {
                Nillable::Value(code) => Some(code),
                _ => None,
            },
            amount: account.amount,
            dimension_entries: account.dimension_entries,
            period: account.period,
            ..Value::blank()
        };
        Self {
            id,
            foreign_id: invoice.foreign_id,
            supplier_ref: invoice.supplier,
            bank_account_ref: match invoice.bank_account {
                Some(DebtorBankAccount::Reference(reference)) => Some(reference),
                _ => None,
            },
            your_reference: invoice.your_reference,
            our_reference: invoice.our_reference,
            deposit_account_type: invoice.deposit_account.account_type,
            deposit_account_nr: invoice.deposit_account.nr,
            accounting_date: invoice.accounting_date.unwrap_or(invoice.invoice_date),
            invoice_date: invoice.invoice_date,
            due_date: invoice.due_date,
            amount: invoice.amount,
            vat: invoice.vat,
            currency: invoice.currency,
            currency_rate: invoice.currency_rate,
            po_nr: invoice.po_nr,
            reference_nr: invoice.reference_nr,
            ocr: invoice.ocr,
            payment_date: invoice.payment_date,
            reminder_type: invoice
                .reminder_type
                .unwrap_or(SupplierInvoiceReminderType::None),
            remaining: invoice.amount,
            accounts: invoice.accounts.into_iter().map(account).collect(),
            self_invoice_references: invoice.client_invoice_relations.unwrap_or_default(),
            ..Self::blank()
        }
    }
}

record! {
    /// A line of accounts of a [`SupplierInvoice`] (an anonymous type of the schema), as Kleer
    /// sends it.
    pub struct SupplierInvoiceAccount = "" {
        /// Kleer's id.
        optional id: SupplierInvoiceAccountId = "id";
        /// The account (BAS number).
        required account_nr: i32 = "account-nr";
        /// The VAT code; `None` (nil in the document) when there is none.
        nillable vat_code: VatCodeType = "vat-code";
        /// The amount, in cent.
        required amount: Cents = "amount";
        /// Entries of dimensions; on result accounts only.
        optional_list dimension_entries: DimensionEntryReference = "dimension-entries" / "dimension-entry";
        /// The days over which the amount is accrued; on result accounts only.
        optional period: AccrualPeriod = "period";
    }
}

record! {
    /// What somebody said to a [`SupplierInvoice`] (an anonymous type of the schema). Read only;
    /// [`SupplierInvoiceApproval`] says it.
    pub struct SupplierInvoiceApprovalReadable = "" {
        /// Who.
        required approval_user: UserReference = "approval-user";
        /// When.
        required approval_date: Timestamp = "approval-date";
        /// Why.
        optional approval_note: String = "approval-note", personal;
        /// Yes or no.
        required approval_type: SupplierInvoiceApprovalType = "approval-type";
    }
}

impl SupplierInvoiceApprovalReadable {
    /// What Kleer would send of an approval that was given; for tests and sandboxes.
    pub fn from_writable(approval: SupplierInvoiceApproval, approval_date: Timestamp) -> Self {
        Self {
            approval_user: approval.approval_user,
            approval_date,
            approval_note: approval.approval_note,
            approval_type: approval.approval_type,
            ..Self::blank()
        }
    }
}

record! {
    /// A payment of a [`SupplierInvoice`] (an anonymous type of the schema). Read only.
    pub struct SupplierInvoicePayment = "" {
        /// Kleer's id.
        required id: i32 = "id";
        /// The day of the payment.
        required date: NaiveDate = "date";
        /// The amount in the invoice's currency, in cent.
        required amount: Cents = "amount";
        /// The amount in the currency of the accounts, in cent.
        required accounting_amount: Cents = "accounting-amount";
        /// The account that is paid to: its kind and its number, in spite of the element's name.
        required payee_type: SupplierInvoicePayee = "payee-type";
        /// What the payment says where it has no OCR number.
        optional reference_nr: String = "reference-nr", personal;
        /// The OCR number of the payment.
        optional ocr: String = "ocr";
        /// What became of it, step by step; at least one.
        nonempty status: SupplierInvoicePaymentStatus = "status";
        /// Who registered it.
        required registration_user: UserReference = "registration-user";
        /// When it was registered.
        required registration_date: Timestamp = "registration-date";
    }
}

impl SupplierInvoicePayment {
    /// A payment in the currency of the accounts; for tests and sandboxes, since Kleer only sends
    /// it.
    pub fn new(
        id: i32,
        amount: Cents,
        payee: SupplierInvoicePayee,
        status: SupplierInvoicePaymentStatus,
        registration_user: UserId,
        registration_date: Timestamp,
    ) -> Self {
        Self {
            id,
            date: status.date,
            amount,
            accounting_amount: amount,
            payee_type: payee,
            status: vec![status],
            registration_user: registration_user.into(),
            registration_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A step of a [`SupplierInvoicePayment`] (an anonymous type of the schema). Read only.
    pub struct SupplierInvoicePaymentStatus = "" {
        /// Kleer's id.
        required id: i32 = "id";
        /// What happened.
        required status_type: SupplierInvoicePaymentStatusType = "type";
        /// The day on which it happened.
        required date: NaiveDate = "date";
        /// What the bank or Kleer says to it.
        optional message: String = "message", personal;
    }
}

impl SupplierInvoicePaymentStatus {
    /// A step; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: i32, status_type: SupplierInvoicePaymentStatusType, date: NaiveDate) -> Self {
        Self {
            id,
            status_type,
            date,
            ..Self::blank()
        }
    }
}

record! {
    /// An invoice from a supplier (schema type `supplier-invoice-writeable`), as it is written.
    pub struct SupplierInvoiceWritable = "supplier-invoice-writeable", root "supplier-invoice-writeable" {
        /// Your own key. Kleer does not make it unique.
        required foreign_id: String = "foreign-id";
        /// The supplier, who must exist.
        required supplier: SupplierReference = "supplier";
        /// The company's bank account that pays. Leave it out if unsure: Kleer then chooses.
        optional bank_account: DebtorBankAccount = "bank-account";
        /// The supplier's reference at the company: the user who bought.
        optional your_reference: UserReference = "your-reference";
        /// The company's reference at the supplier: a person or a code; may be empty.
        required our_reference: String = "our-reference", personal;
        /// The account that is paid to.
        required deposit_account: SupplierInvoicePayee = "deposit-account";
        /// The day on which it is booked.
        optional accounting_date: NaiveDate = "accounting-date";
        /// The invoice's date.
        required invoice_date: NaiveDate = "invoice-date";
        /// The day on which it must be paid.
        required due_date: NaiveDate = "due-date";
        /// The day on which it shall be paid.
        required payment_date: NaiveDate = "payment-date";
        /// The amount, in cent. Whether it includes VAT is not established.
        required amount: Cents = "amount";
        /// The VAT, in cent.
        required vat: Cents = "vat";
        /// The currency (ISO 4217).
        required currency: String = "currency";
        /// The rate of exchange to the currency of the accounts; presumably 1 in that currency.
        required currency_rate: Decimal = "currency-rate";
        /// The company's order number; may be empty.
        required po_nr: String = "po-nr";
        /// What the payment says where it has no OCR number; empty where it has one.
        required reference_nr: String = "reference-nr", personal;
        /// The OCR number of the payment; may be empty.
        required ocr: String = "ocr";
        /// Whether it is a reminder, and which.
        optional reminder_type: SupplierInvoiceReminderType = "reminder-type";
        /// The invoice itself: at least one file, and only PDF.
        nonempty_list files: File = "files" / "file";
        /// How it is booked: at least one line. Whether the lines must add up to the amount is not
        /// established.
        nonempty_list accounts: SupplierInvoiceAccountWritable = "accounts" / "account";
        /// The client invoices that it belongs to.
        optional client_invoice_relations: ClientInvoiceRelation = "client-invoice-relations";
    }
}

impl SupplierInvoiceWritable {
    /// An invoice to be paid on its due date, without reference or OCR number.
    ///
    /// The total says in which currency and at which rate it is.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{
    ///     Cents, Document, File, SupplierId, SupplierInvoiceAccountWritable,
    ///     SupplierInvoiceDepositAccountType, SupplierInvoicePayee, SupplierInvoiceTotal,
    ///     SupplierInvoiceWritable,
    /// };
    ///
    /// let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    /// let mut invoice = SupplierInvoiceWritable::new(
    ///     SupplierId(8),
    ///     SupplierInvoicePayee::new(SupplierInvoiceDepositAccountType::BankGiro, "9912346"),
    ///     day(11, 20),
    ///     day(12, 20),
    ///     SupplierInvoiceTotal::new(Cents(125_000), Cents(25_000), "SEK", 1.into()),
    ///     vec![SupplierInvoiceAccountWritable::new(6540, Cents(100_000))],
    ///     vec![File::new("1017.pdf", b"%PDF-1.7".to_vec())],
    /// );
    /// invoice.ocr = "10173".to_owned();
    /// assert!(invoice.to_xml()?.contains("<due-date>2026-12-20</due-date>"));
    ///
    /// invoice.files.clear();
    /// assert!(invoice.to_xml().unwrap_err().to_string().contains("files"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        supplier: SupplierId,
        deposit_account: SupplierInvoicePayee,
        invoice_date: NaiveDate,
        due_date: NaiveDate,
        total: SupplierInvoiceTotal,
        accounts: Vec<SupplierInvoiceAccountWritable>,
        files: Vec<File>,
    ) -> Self {
        Self {
            supplier: supplier.into(),
            deposit_account,
            invoice_date,
            due_date,
            payment_date: due_date,
            amount: total.amount,
            vat: total.vat,
            currency: total.currency,
            currency_rate: total.currency_rate,
            files,
            accounts,
            ..Self::blank()
        }
    }
}

/// What a supplier invoice comes to, for [`SupplierInvoiceWritable::new`]. Not a type of the
/// schema: there these are four elements, none of which can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupplierInvoiceTotal {
    /// The amount, in cent.
    pub amount: Cents,
    /// The VAT, in cent.
    pub vat: Cents,
    /// The currency (ISO 4217).
    pub currency: String,
    /// The rate of exchange to the currency of the accounts.
    pub currency_rate: Decimal,
}

impl SupplierInvoiceTotal {
    /// A total from amount, VAT, currency and rate of exchange.
    pub fn new(
        amount: Cents,
        vat: Cents,
        currency: impl Into<String>,
        currency_rate: Decimal,
    ) -> Self {
        Self {
            amount,
            vat,
            currency: currency.into(),
            currency_rate,
        }
    }
}

record! {
    /// A line of accounts of a [`SupplierInvoiceWritable`] (an anonymous type of the schema).
    pub struct SupplierInvoiceAccountWritable = "" {
        /// The account (BAS number).
        required account_nr: i32 = "account-nr";
        /// The VAT code. Absent: the account's default. Nil: none.
        optional_nillable vat_code: VatCodeType = "vat-code";
        /// The amount, in cent.
        required amount: Cents = "amount";
        /// Deprecated by Kleer: use [`dimension_entries`](Self::dimension_entries).
        optional project: ProjectReference = "project";
        /// Entries of dimensions; on result accounts only.
        optional_list dimension_entries: DimensionEntryReference = "dimension-entries" / "dimension-entry";
        /// The days over which the amount is accrued; on result accounts only.
        optional period: AccrualPeriod = "period";
    }
}

impl SupplierInvoiceAccountWritable {
    /// An amount on an account, with the account's VAT code.
    pub fn new(account_nr: i32, amount: Cents) -> Self {
        Self {
            account_nr,
            amount,
            ..Self::blank()
        }
    }
}

choice! {
    /// The company's bank account that pays a supplier invoice (an anonymous type of the schema).
    pub enum DebtorBankAccount = "" {
        /// The account that has this bankgiro number.
        Bankgiro(String) = "bankgiro",
        /// The account itself.
        Reference(BankAccountReference) = "reference",
    }
}

record! {
    /// An account that is paid to: its kind and its number (schema type `supplier-invoice-payee`).
    pub struct SupplierInvoicePayee = "supplier-invoice-payee", root "supplier-invoice-payee" {
        /// The kind of account, which says what form the number has.
        required account_type: SupplierInvoiceDepositAccountType = "type";
        /// The number.
        required nr: String = "nr", personal;
    }
}

impl SupplierInvoicePayee {
    /// An account from its kind and number.
    pub fn new(account_type: SupplierInvoiceDepositAccountType, nr: impl Into<String>) -> Self {
        Self {
            account_type,
            nr: nr.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A yes or no to a supplier invoice (schema type `supplier-invoice-approval`). Write only;
    /// Kleer sends [`SupplierInvoiceApprovalReadable`].
    pub struct SupplierInvoiceApproval = "supplier-invoice-approval", root "supplier-invoice-approval" {
        /// Who says it.
        required approval_user: UserReference = "approval-user";
        /// Why.
        optional approval_note: String = "approval-note", personal;
        /// Yes or no.
        required approval_type: SupplierInvoiceApprovalType = "approval-type";
    }
}

impl SupplierInvoiceApproval {
    /// A yes or no without a note.
    pub fn new(approval_user: UserId, approval_type: SupplierInvoiceApprovalType) -> Self {
        Self {
            approval_user: approval_user.into(),
            approval_type,
            ..Self::blank()
        }
    }
}

record! {
    /// The answer to an upload of several invoices in one (an anonymous type of the schema). Read
    /// only.
    pub struct SupplierInvoiceBundleCreateResult = "", root "supplier-invoice-bundle-create-result" {
        /// A number: of the bundle, or how many invoices it holds. Which is not established.
        required nr: i32 = "nr";
    }
}

impl SupplierInvoiceBundleCreateResult {
    /// An answer with this number; for tests and sandboxes, since Kleer only sends it.
    pub fn new(nr: i32) -> Self {
        Self {
            nr,
            ..Self::blank()
        }
    }
}

record! {
    /// The supplier invoices that belong to a client invoice (schema type
    /// `supplier-invoice-relation`).
    ///
    /// No document can hold it today: the only element of this type, in `client-invoice`, may not
    /// occur (`maxOccurs="0"`).
    pub struct SupplierInvoiceRelation = "supplier-invoice-relation" {
        /// Their ids.
        repeated supplier_invoice_id: SupplierInvoiceId = "supplier-invoice-id";
    }
}

impl SupplierInvoiceRelation {
    /// A relation to these supplier invoices.
    pub fn new(supplier_invoice_id: Vec<SupplierInvoiceId>) -> Self {
        Self {
            supplier_invoice_id,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// A kind of account that a supplier can be paid to (schema type
    /// `supplier-invoice-deposit-account-type`). It says what form the number has.
    pub enum SupplierInvoiceDepositAccountType = "supplier-invoice-deposit-account-type" {
        /// A bankgiro number.
        BankGiro = "BankGiro",
        /// A plusgiro number.
        PlusGiro = "PlusGiro",
        /// Two groups of letters and digits with a hyphen between them, presumably BIC and IBAN.
        Iban = "Iban",
        /// Two groups of digits with a hyphen between them, presumably clearing and account
        /// number.
        BankAccount = "BankAccount",
        /// Some other account: the value `Other` of the schema. (The variant `Other` holds values
        /// that the schema does not have.)
        OtherAccount = "Other",
        /// Three groups of letters and digits with hyphens between them.
        InternationalBankAccountWithRouting = "InternationalBankAccountWithRouting",
        /// A group of letters and digits, a hyphen, and digits.
        InternationalBankAccountWithAccountNumber = "InternationalBankAccountWithAccountNumber",
        /// Two groups of letters and digits and one of digits, with hyphens between them.
        InternationalBankAccountViaIntermediary = "InternationalBankAccountViaIntermediary",
        /// Three groups of letters and digits and three of digits, with hyphens between them.
        InternationalBankAccountInRussiaInRub = "InternationalBankAccountInRussiaInRub",
        /// Eleven digits.
        NorwegianBankAccount = "NorwegianBankAccount",
    }
}

enumeration! {
    /// Whether a supplier invoice is a reminder, and which (schema type
    /// `supplier-invoice-reminder-type`).
    pub enum SupplierInvoiceReminderType = "supplier-invoice-reminder-type" {
        /// It is none.
        None = "None",
        /// A reminder.
        Reminder = "Reminder",
        /// A demand by a debt collector.
        DebtCollection = "DebtCollection",
        /// A demand by the enforcement authority.
        Enforcement = "Enforcement",
    }
}

enumeration! {
    /// What somebody says to a supplier invoice (schema type `supplier-invoice-approval-type`).
    pub enum SupplierInvoiceApprovalType = "supplier-invoice-approval-type" {
        /// Yes.
        Approval = "APPROVAL",
        /// No.
        Denial = "DENIAL",
        /// Nothing, until time was up.
        Timeout = "TIMEOUT",
    }
}

enumeration! {
    /// What became of a payment to a supplier (schema type
    /// `supplier-invoice-payment-status-type`).
    pub enum SupplierInvoicePaymentStatusType = "supplier-invoice-payment-status-type" {
        /// It waits.
        Pending = "Pending",
        /// It is under way.
        Processed = "Processed",
        /// It has been paid.
        Completed = "Completed",
        /// It failed.
        Failed = "Failed",
        /// It failed, and somebody has seen that.
        FailedAcknowledged = "FailedAcknowledged",
        /// It was called off.
        Cancelled = "Cancelled",
        /// Nothing was heard of it.
        Lost = "Lost",
    }
}

enumeration! {
    /// A VAT code: where an amount stands in the VAT return (schema type `vat-code-type`).
    ///
    /// The schema gives the codes without a word. What is said here is what they usually mean in
    /// Swedish bookkeeping (1, 2, 3 for 25 %, 12 %, 6 %), and is not established for Kleer. Where
    /// only the code stands, not even that is.
    pub enum VatCodeType = "vat-code-type" {
        /// `_3FEU` (the underscore is the schema's): a middleman's sale in triangular trade.
        ThreeFeu = "_3FEU",
        /// `_3VEU` (the underscore is the schema's): a middleman's purchase in triangular trade.
        ThreeVeu = "_3VEU",
        /// `A`.
        A = "A",
        /// `BVMB`: the base of margin taxation.
        Bvmb = "BVMB",
        /// `E`: export out of the European Union.
        E = "E",
        /// `FMOSS`.
        Fmoss = "FMOSS",
        /// `FOBS`.
        Fobs = "FOBS",
        /// `FOSS`.
        Foss = "FOSS",
        /// `FTEU`: services sold to another EU country.
        Fteu = "FTEU",
        /// `HFS`: rent with voluntary liability to VAT.
        Hfs = "HFS",
        /// `I`: input VAT.
        I = "I",
        /// `IT`: services bought in Sweden under reverse charge.
        It = "IT",
        /// `ITEU`: services bought from another EU country.
        Iteu = "ITEU",
        /// `ITGLOB`: services bought from outside the European Union.
        Itglob = "ITGLOB",
        /// `IVGLOB`: goods bought from outside the European Union.
        Ivglob = "IVGLOB",
        /// `IV`: goods bought in Sweden under reverse charge.
        Iv = "IV",
        /// `IVEU`: goods bought from another EU country.
        Iveu = "IVEU",
        /// `MF`: sales exempt from VAT.
        Mf = "MF",
        /// `MOSS`: sales under the Mini One Stop Shop.
        Moss = "MOSS",
        /// `OBS`.
        Obs = "OBS",
        /// `OSS`: sales under the One Stop Shop.
        Oss = "OSS",
        /// `MP1`: sales with VAT, the first rate.
        Mp1 = "MP1",
        /// `MP2`: sales with VAT, the second rate.
        Mp2 = "MP2",
        /// `MP3`: sales with VAT, the third rate.
        Mp3 = "MP3",
        /// `MP4`: sales with VAT, a fourth rate.
        Mp4 = "MP4",
        /// `OTTU`: other services sold abroad.
        Ottu = "OTTU",
        /// `R1`.
        R1 = "R1",
        /// `R2`.
        R2 = "R2",
        /// `U1`: output VAT on sales in Sweden, the first rate.
        U1 = "U1",
        /// `U2`: output VAT on sales in Sweden, the second rate.
        U2 = "U2",
        /// `U3`: output VAT on sales in Sweden, the third rate.
        U3 = "U3",
        /// `U4`: output VAT on sales in Sweden, a fourth rate.
        U4 = "U4",
        /// `UEU1`: output VAT on purchases from the European Union, the first rate.
        Ueu1 = "UEU1",
        /// `UEU2`: output VAT on purchases from the European Union, the second rate.
        Ueu2 = "UEU2",
        /// `UEU3`: output VAT on purchases from the European Union, the third rate.
        Ueu3 = "UEU3",
        /// `UEU4`: output VAT on purchases from the European Union, a fourth rate.
        Ueu4 = "UEU4",
        /// `UOS1`: output VAT under reverse charge in Sweden, the first rate.
        Uos1 = "UOS1",
        /// `UOS2`: output VAT under reverse charge in Sweden, the second rate.
        Uos2 = "UOS2",
        /// `UOS3`: output VAT under reverse charge in Sweden, the third rate.
        Uos3 = "UOS3",
        /// `UOS4`: output VAT under reverse charge in Sweden, a fourth rate.
        Uos4 = "UOS4",
        /// `UVFU1`: output VAT on goods from outside the European Union, the first rate.
        Uvfu1 = "UVFU1",
        /// `UVFU2`: output VAT on goods from outside the European Union, the second rate.
        Uvfu2 = "UVFU2",
        /// `UVFU3`: output VAT on goods from outside the European Union, the third rate.
        Uvfu3 = "UVFU3",
        /// `UVFU4`: output VAT on goods from outside the European Union, a fourth rate.
        Uvfu4 = "UVFU4",
        /// `UT`.
        Ut = "UT",
        /// `UTFU1`: output VAT on services from abroad, the first rate.
        Utfu1 = "UTFU1",
        /// `UTFU2`: output VAT on services from abroad, the second rate.
        Utfu2 = "UTFU2",
        /// `UTFU3`: output VAT on services from abroad, the third rate.
        Utfu3 = "UTFU3",
        /// `UTFU4`: output VAT on services from abroad, a fourth rate.
        Utfu4 = "UTFU4",
        /// `VTEU`: goods sold to another EU country.
        Vteu = "VTEU",
        /// `OETEU`.
        Oeteu = "OETEU",
        /// `INGEN` (Swedish for "none"): no VAT code.
        Ingen = "INGEN",
    }
}
