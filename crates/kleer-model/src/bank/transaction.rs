//! Transactions on bank accounts, and what they are distributed over.

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::record;
use crate::value::BLANK_DATE;
use crate::{
    BankAccountId, BankAccountReference, BankTransactionId, BankTransactionReference, Cents,
    ClientInvoiceReference, Company, CurrencyAmount, File, RevenueReference,
    SupplierInvoiceReference,
};

record! {
    /// A transaction on a bank account (schema type `bank-transaction`). Read only.
    pub struct BankTransaction = "bank-transaction", root "bank-transaction", list "bank-transactions" / "bank-transaction" paged {
        /// Kleer's id.
        required id: BankTransactionReference = "id";
        /// The account.
        required bank_account: BankAccountReference = "bank-account";
        /// The company.
        required company: Company = "company";
        /// The day.
        required date: NaiveDate = "date";
        /// The amount in the account's currency, in cent: in above 0, out below.
        required amount: Cents = "amount";
        /// What is not yet accounted for, in cent.
        required remaining_amount: Cents = "remaining-amount";
        /// The bank's reference.
        required reference: String = "reference", personal;
        /// What the bank says of it.
        required description: String = "description", personal;
        /// Whether it was deleted.
        required deleted: bool = "deleted";
        /// When it was deleted. The schema demands the element even where nothing was; readers
        /// take its absence.
        expected deleted_date: NaiveDate = "deleted-date";
        /// The voucher by which it was booked.
        optional voucher: BankTransactionVoucher = "voucher";
        /// What users say of it.
        optional_list comments: String = "comments" / "comment", personal;
        /// What the payer says.
        optional_list messages: String = "messages" / "message", personal;
        /// What it was based on.
        optional_list files: File = "files" / "file";
        /// Who paid, as Bankgirot tells.
        optional bgc_metadata: BgcMetadata = "bgc-metadata";
    }
}

impl BankTransaction {
    /// A transaction that is not accounted for and not deleted; for tests and sandboxes, since
    /// Kleer only sends it.
    ///
    /// The day of deletion is the 1 January of the year 1, because the schema demands one.
    pub fn new(
        id: BankTransactionId,
        bank_account: BankAccountId,
        company: Company,
        date: NaiveDate,
        amount: Cents,
    ) -> Self {
        Self {
            id: id.into(),
            bank_account: bank_account.into(),
            company,
            date,
            amount,
            remaining_amount: amount,
            deleted_date: Some(BLANK_DATE),
            ..Self::blank()
        }
    }
}

record! {
    /// The voucher of a [`BankTransaction`] (an anonymous type of the schema).
    pub struct BankTransactionVoucher = "" {
        /// Kleer's id of the voucher.
        required id: i32 = "id";
        /// The name of the voucher's series.
        required serie_name: String = "serie-name";
        /// The voucher's number in the series.
        required number: i64 = "number";
    }
}

impl BankTransactionVoucher {
    /// A voucher; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: i32, serie_name: impl Into<String>, number: i64) -> Self {
        Self {
            id,
            serie_name: serie_name.into(),
            number,
            ..Self::blank()
        }
    }
}

record! {
    /// The payer of a bankgiro payment (an anonymous type of the schema).
    pub struct BgcMetadata = "" {
        /// The payer's bankgiro number, digits only.
        optional bankgiro: i64 = "bankgiro", personal;
        /// The name.
        required name: String = "name", personal;
        /// The postal code.
        required zip_code: String = "zipcode", personal;
        /// The country.
        required country: String = "country";
        /// The town.
        required city: String = "city", personal;
        /// The street.
        required address: String = "address", personal;
        /// The organisation number; of a sole trader, a personal number.
        required orgno: String = "orgno", personal;
    }
}

impl BgcMetadata {
    /// A payer without an address; for tests and sandboxes, since Kleer only sends it.
    pub fn new(name: impl Into<String>, orgno: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            orgno: orgno.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A bank transaction to be made by hand (schema type `create-bank-transaction`). Write only.
    pub struct CreateBankTransaction = "create-bank-transaction", root "create-bank-transaction" {
        /// The account.
        required bank_account_id: BankAccountId = "bankAccountId";
        /// The day.
        required date: NaiveDate = "date";
        /// The amount in the account's currency, in cent: in above 0, out below.
        required amount: Cents = "amount";
        /// A reference. A create can only be found again by what it says, so make it unique.
        required reference: String = "reference", personal;
        /// What it is about.
        required description: String = "description", personal;
        /// What it is based on: at least one file.
        nonempty_list files: File = "files" / "file";
    }
}

impl CreateBankTransaction {
    /// A transaction without a description.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{BankAccountId, Cents, CreateBankTransaction, Document, File};
    ///
    /// let transaction = CreateBankTransaction::new(
    ///     BankAccountId(2),
    ///     NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
    ///     Cents(125_000),
    ///     "1017",
    ///     File::new("statement.pdf", b"%PDF".to_vec()),
    /// );
    /// assert!(transaction.to_xml()?.contains("<bankAccountId>2</bankAccountId>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        bank_account_id: BankAccountId,
        date: NaiveDate,
        amount: Cents,
        reference: impl Into<String>,
        file: File,
    ) -> Self {
        Self {
            bank_account_id,
            date,
            amount,
            reference: reference.into(),
            files: vec![file],
            ..Self::blank()
        }
    }
}

record! {
    /// A part of a bank transaction and what it pays (schema type
    /// `bank-transaction-distribution`). Read only.
    pub struct BankTransactionDistribution = "bank-transaction-distribution", list "bank-transaction-distributions" / "bank-transaction-distribution" {
        /// Kleer's id.
        required id: i64 = "id";
        /// The client invoice that it pays.
        optional client_invoice: ClientInvoiceReference = "client-invoice";
        /// The revenue that it pays.
        optional revenue: RevenueReference = "revenue";
        /// The supplier invoice that it pays.
        optional supplier_invoice: SupplierInvoiceReference = "supplier-invoice";
        /// Free text; may be empty.
        required comment: String = "comment", personal;
        /// The part, in its own currency.
        required native_amount: CurrencyAmount = "native-amount";
        /// The part in the company's currency, in cent.
        required accounting_amount: Cents = "accounting-amount";
        /// The day on which it was distributed.
        required registration_date: NaiveDate = "registration-date";
    }
}

impl BankTransactionDistribution {
    /// A part that pays nothing in particular; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: i64,
        native_amount: CurrencyAmount,
        accounting_amount: Cents,
        registration_date: NaiveDate,
    ) -> Self {
        Self {
            id,
            native_amount,
            accounting_amount,
            registration_date,
            ..Self::blank()
        }
    }
}
