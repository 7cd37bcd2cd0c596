//! Vouchers: what is booked, and where it came from.
//!
//! [`VoucherWritable`] books, [`VoucherReadable`] is what was booked, and [`VoucherDetailed`] also
//! says from which invoice row, expense or revenue each amount came.

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::{choice, record};
use crate::{
    Cents, ClientInvoiceRowReference, CurrencyAmount, DimensionEntryId, DimensionEntryReference,
    DimensionId, DimensionReference, DimensionsDistribution, Empty, ExpenseEntryReference, File,
    Nillable, ProjectReference, RevenueRowReference, SupplierInvoiceAccountReference, VatCodeType,
};

record! {
    /// A voucher to be booked (schema type `voucher-writeable`). Write only.
    pub struct VoucherWritable = "voucher-writeable", root "voucher-writeable" {
        /// The name of the series. Kleer gives the voucher the next number in it.
        required serie: String = "serie";
        /// What the voucher is about.
        required description: String = "description", personal;
        /// Free text; may be empty.
        required comments: String = "comments", personal;
        /// The day on which it is booked.
        required date: NaiveDate = "date";
        /// What is booked. Vouchers balance: the amounts add up to 0.
        list transactions: VoucherWritableTransaction = "transactions" / "transaction";
        /// What the voucher is based on.
        list files: File = "files" / "file";
    }
}

impl VoucherWritable {
    /// A voucher without comments and files.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Cents, Document, VoucherWritable, VoucherWritableTransaction};
    ///
    /// let date = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    /// let transactions = vec![
    ///     VoucherWritableTransaction::new(6570, Cents(12_500)),
    ///     VoucherWritableTransaction::new(1930, Cents(-12_500)),
    /// ];
    /// let voucher = VoucherWritable::new("A", date, "Bankavgift", transactions);
    /// assert!(voucher.to_xml()?.contains("<account-nr>1930</account-nr><amount>-12500</amount>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        serie: impl Into<String>,
        date: NaiveDate,
        description: impl Into<String>,
        transactions: Vec<VoucherWritableTransaction>,
    ) -> Self {
        Self {
            serie: serie.into(),
            description: description.into(),
            date,
            transactions,
            ..Self::blank()
        }
    }
}

record! {
    /// A transaction of a [`VoucherWritable`] (an anonymous type of the schema).
    pub struct VoucherWritableTransaction = "" {
        /// The account (BAS number).
        required account_nr: i32 = "account-nr";
        /// The VAT code. If one transaction of the voucher says anything here, each is coded just
        /// as it says, and nil means "none"; if all are absent, Kleer codes each by its account.
        optional_nillable vat_code: VatCodeType = "vat-code";
        /// The organisation number of the other party; of a sole trader, a personal number.
        optional orgno: String = "orgno", personal;
        /// The amount, in cent: debit above 0, credit below. In the company's currency unless
        /// [`currency`](Self::currency) names another.
        required amount: Cents = "amount";
        /// Entries of dimensions.
        optional_choice dimensions: VoucherDimensions = "project" | "dimensions";
        /// The currency, where it is not the company's.
        optional_choice currency: VoucherCurrency = "currency-type" | "currency-amount";
    }
}

impl VoucherWritableTransaction {
    /// An amount on an account, in the company's currency; Kleer chooses the VAT code.
    pub fn new(account_nr: i32, amount: Cents) -> Self {
        Self {
            account_nr,
            vat_code: Nillable::Absent,
            amount,
            ..Self::blank()
        }
    }
}

choice! {
    /// Which entries of dimensions a transaction belongs to (an anonymous type of the schema).
    pub enum VoucherDimensions = "" {
        /// Deprecated by Kleer: use dimensions.
        Project(ProjectReference) = "project",
        /// Shares of the amount.
        Dimensions(DimensionsDistribution) = "dimensions",
    }
}

choice! {
    /// The currency of a transaction (an anonymous type of the schema).
    pub enum VoucherCurrency = "" {
        /// The currency (ISO 4217) of the transaction's amount. Kleer converts it by the rate of
        /// the voucher's date.
        CurrencyType(String) = "currency-type",
        /// The amount in a foreign currency, beside the transaction's amount, which is in the
        /// company's currency.
        CurrencyAmount(CurrencyAmount) = "currency-amount",
    }
}

record! {
    /// A booked voucher (schema type `voucher-readable`). Read only.
    pub struct VoucherReadable = "voucher-readable", root "voucher-readable", list "vouchers-readable" / "voucher-readable" {
        /// The name of its series.
        required serie: String = "serie";
        /// Its number, unique in the series and accounting year.
        required number: i64 = "number";
        /// What it is about.
        required description: String = "description", personal;
        /// The day on which it is booked.
        required date: NaiveDate = "date";
        /// The turnover (presumably the sum of its debits), in cent.
        required turnover: Cents = "turnover";
        /// What is booked.
        list transactions: VoucherReadableTransaction = "transactions" / "transaction";
    }
}

impl VoucherReadable {
    /// A voucher; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        serie: impl Into<String>,
        number: i64,
        date: NaiveDate,
        description: impl Into<String>,
        transactions: Vec<VoucherReadableTransaction>,
    ) -> Self {
        let debit = |transaction: &VoucherReadableTransaction| transaction.amount.0.max(0);
        Self {
            serie: serie.into(),
            number,
            description: description.into(),
            date,
            turnover: Cents(transactions.iter().map(debit).fold(0, i64::saturating_add)),
            transactions,
            ..Self::blank()
        }
    }
}

record! {
    /// A transaction of a [`VoucherReadable`] (an anonymous type of the schema).
    pub struct VoucherReadableTransaction = "" {
        /// The account (BAS number).
        required account_nr: i32 = "account-nr";
        /// The VAT code.
        optional vat_code: VatCodeType = "vat-code";
        /// The organisation number of the other party; of a sole trader, a personal number.
        optional orgno: String = "orgno", personal;
        /// The amount in the company's currency, in cent.
        required amount: Cents = "amount";
        /// The parts that belong to entries of dimensions.
        list dimension_entries: VoucherDimensionAmount = "dimension-entries" / "dimension-entry";
        /// The amount in each currency that it was booked in.
        nonempty_list currency_amounts: CurrencyAmount = "currency-amounts" / "currency-amount";
    }
}

impl VoucherReadableTransaction {
    /// A transaction without dimensions; for tests and sandboxes, since Kleer only sends it.
    pub fn new(account_nr: i32, amount: Cents, currency: impl Into<String>) -> Self {
        Self {
            account_nr,
            amount,
            currency_amounts: vec![CurrencyAmount::new(currency, amount)],
            ..Self::blank()
        }
    }
}

record! {
    /// The part of a transaction that belongs to an entry of a dimension (an anonymous type of the
    /// schema).
    pub struct VoucherDimensionAmount = "" {
        /// The entry.
        required id: DimensionEntryReference = "id";
        /// The part, in cent.
        required amount: Cents = "amount";
    }
}

impl VoucherDimensionAmount {
    /// A part; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: DimensionEntryId, amount: Cents) -> Self {
        Self {
            id: id.into(),
            amount,
            ..Self::blank()
        }
    }
}

record! {
    /// A booked voucher, with what each amount comes from (schema type `voucher-detailed`). Read
    /// only.
    pub struct VoucherDetailed = "voucher-detailed", list "vouchers-detailed" / "voucher" paged {
        /// The name of its series.
        required serie: String = "serie";
        /// Its number, unique in the series and accounting year.
        required number: i64 = "number";
        /// What it is about.
        required description: String = "description", personal;
        /// The day on which it is booked.
        required date: NaiveDate = "date";
        /// What is booked.
        list transactions: VoucherDetailedTransaction = "transactions" / "transaction";
    }
}

impl VoucherDetailed {
    /// A voucher; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        serie: impl Into<String>,
        number: i64,
        date: NaiveDate,
        description: impl Into<String>,
        transactions: Vec<VoucherDetailedTransaction>,
    ) -> Self {
        Self {
            serie: serie.into(),
            number,
            description: description.into(),
            date,
            transactions,
            ..Self::blank()
        }
    }
}

record! {
    /// A transaction of a [`VoucherDetailed`] (an anonymous type of the schema).
    pub struct VoucherDetailedTransaction = "" {
        /// The account (BAS number).
        required account_nr: i32 = "account-nr";
        /// The VAT code.
        optional vat_code: VatCodeType = "vat-code";
        /// The organisation number of the other party; of a sole trader, a personal number.
        optional orgno: String = "orgno", personal;
        /// Kleer's id of the transaction.
        required transaction_id: i32 = "transaction-id";
        /// The amount in the company's currency, in cent.
        required amount: Cents = "amount";
        /// What the amount comes from. The amounts of the references add up to it.
        nonempty_list references: VoucherTransactionReference = "references" / "reference";
    }
}

impl VoucherDetailedTransaction {
    /// A transaction; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        account_nr: i32,
        transaction_id: i32,
        amount: Cents,
        references: Vec<VoucherTransactionReference>,
    ) -> Self {
        Self {
            account_nr,
            transaction_id,
            amount,
            references,
            ..Self::blank()
        }
    }
}

record! {
    /// What a transaction, or a part of it, comes from (an anonymous type of the schema).
    pub struct VoucherTransactionReference = "" {
        /// Where it points to.
        required reference_type: VoucherTransactionReferenceType = "type";
        /// Kleer's id of the reference.
        required transaction_reference_id: i32 = "transaction-reference-id";
        /// The part of the transaction's amount, in cent.
        required amount: Cents = "amount";
        /// The part in the currency that it was booked in.
        required currency_amount: CurrencyAmount = "currency-amount";
        /// The parts that belong to entries of dimensions.
        list dimension_entries: VoucherReferenceDimensionAmount = "dimension-entries" / "dimension-entry";
    }
}

impl VoucherTransactionReference {
    /// A reference without dimensions; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        reference_type: VoucherTransactionReferenceType,
        transaction_reference_id: i32,
        amount: Cents,
        currency_amount: CurrencyAmount,
    ) -> Self {
        Self {
            reference_type,
            transaction_reference_id,
            amount,
            currency_amount,
            ..Self::blank()
        }
    }
}

choice! {
    /// Where a reference of a transaction points to (an anonymous type of the schema).
    pub enum VoucherTransactionReferenceType = "" {
        /// A row of a client invoice.
        ClientInvoiceRow(ClientInvoiceRowReference) = "client-invoice-row",
        /// An entry of an expense report.
        ExpenseEntry(ExpenseEntryReference) = "expense-entry",
        /// A line of accounts of a supplier invoice.
        SupplierInvoiceAccount(SupplierInvoiceAccountReference) = "supplier-invoice-account",
        /// A row of a revenue.
        RevenueRow(RevenueRowReference) = "revenue-row",
        /// Nowhere: the transaction stands for itself, which is the usual case.
        None(Empty) = "none",
        /// Somewhere that Kleer does not tell.
        Elsewhere(Empty) = "other",
    }
}

record! {
    /// The part of a [`VoucherTransactionReference`] that belongs to an entry of a dimension (an
    /// anonymous type of the schema).
    pub struct VoucherReferenceDimensionAmount = "" {
        /// The entry.
        required id: DimensionEntryId = "id";
        /// The entry's dimension.
        required dimension: DimensionReference = "dimension";
        /// The part in the company's currency, in cent.
        required amount: Cents = "amount";
        /// The part in the currency that it was booked in.
        required currency_amount: CurrencyAmount = "currency-amount";
    }
}

impl VoucherReferenceDimensionAmount {
    /// A part; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: DimensionEntryId,
        dimension: DimensionId,
        amount: Cents,
        currency_amount: CurrencyAmount,
    ) -> Self {
        Self {
            id,
            dimension: dimension.into(),
            amount,
            currency_amount,
            ..Self::blank()
        }
    }
}
