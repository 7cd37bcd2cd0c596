//! Consolidation: saying which bank transactions pay which revenues.

use crate::codec::Value;
use crate::codec::declare::record;
use crate::{
    BankTransactionId, BankTransactionReference, Cents, CurrencyAmount, File, RevenueReference,
};

record! {
    /// Says which revenues one bank transaction pays, and how much of each (schema type
    /// `bank-transaction-consolidate-revenues`). Write only.
    pub struct BankTransactionConsolidateRevenues = "bank-transaction-consolidate-revenues", root "bank-transaction-consolidate-revenues" {
        /// Whether Kleer must refuse unless the whole transaction is accounted for and every
        /// revenue is paid in full. Kleer recommends it where that is expected.
        required require_full_consolidation: bool = "require-full-consolidation";
        /// The revenues. One that was sold in several currencies stands once for each.
        repeated revenues: RevenueConsolidation = "revenue";
        /// What it is booked upon: at least one file, in PDF.
        nonempty files: File = "file";
    }
}

impl BankTransactionConsolidateRevenues {
    /// Revenues that one transaction pays in full.
    ///
    /// ```
    /// use kleer_model::{
    ///     BankTransactionConsolidateRevenues, Cents, CurrencyAmount, Document, File,
    ///     RevenueConsolidation, RevenueId, RevenueTransactionFees,
    /// };
    ///
    /// let revenue = RevenueConsolidation::new(
    ///     RevenueId(8),
    ///     Cents(12_300),
    ///     CurrencyAmount::new("SEK", Cents(12_500)),
    ///     RevenueTransactionFees::new("SEK", Cents(200), Cents::ZERO),
    /// );
    /// let statement = File::new("statement.pdf", b"%PDF".to_vec());
    /// let paid = BankTransactionConsolidateRevenues::new(vec![revenue], statement);
    /// assert!(paid.to_xml()?.contains("<revenue-reference><id>8</id></revenue-reference>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(revenues: Vec<RevenueConsolidation>, file: File) -> Self {
        Self {
            require_full_consolidation: true,
            revenues,
            files: vec![file],
            ..Self::blank()
        }
    }
}

record! {
    /// What a bank transaction pays of one revenue in one currency (an anonymous type of the
    /// schema).
    pub struct RevenueConsolidation = "" {
        /// The revenue.
        required revenue_reference: RevenueReference = "revenue-reference";
        /// The part of the transaction, in cent of the bank account's currency.
        required bank_transaction_amount: Cents = "bank-transaction-amount";
        /// What it pays, in a currency of the revenue. When that pays all of it, Kleer books the
        /// gain or loss by exchange.
        required revenue_amount: CurrencyAmount = "revenue-amount";
        /// What the payment service kept.
        required transaction_fees: RevenueTransactionFees = "transaction-fees";
    }
}

impl RevenueConsolidation {
    /// What a transaction pays of a revenue.
    pub fn new(
        revenue: impl Into<RevenueReference>,
        bank_transaction_amount: Cents,
        revenue_amount: CurrencyAmount,
        transaction_fees: RevenueTransactionFees,
    ) -> Self {
        Self {
            revenue_reference: revenue.into(),
            bank_transaction_amount,
            revenue_amount,
            transaction_fees,
            ..Self::blank()
        }
    }
}

record! {
    /// Says that several bank transactions together pay several revenues in full (schema type
    /// `revenue-fuzzy-consolidation`). Write only.
    pub struct RevenueFuzzyConsolidation = "revenue-fuzzy-consolidation", root "revenue-fuzzy-consolidation" {
        /// The revenues.
        nonempty revenue_references: RevenueReference = "revenue-reference";
        /// The transactions.
        nonempty bank_transaction_references: BankTransactionReference = "bank-transaction-reference";
        /// What the payment service kept.
        required transaction_fees: RevenueTransactionFees = "transaction-fees";
        /// An amount that comes from an earlier ledger.
        optional previous_ledger: PreviousLedger = "previous-ledger";
        /// The gain or loss by exchange that you expect, in cent. Kleer checks its own against it.
        optional fx_amount: Cents = "fx-amount";
        /// What it is booked upon: at least one file, in PDF.
        nonempty files: File = "file";
    }
}

impl RevenueFuzzyConsolidation {
    /// Transactions that together pay revenues.
    ///
    /// ```
    /// use kleer_model::{
    ///     BankTransactionId, Cents, Document, File, RevenueFuzzyConsolidation, RevenueId,
    ///     RevenueTransactionFees,
    /// };
    ///
    /// let paid = RevenueFuzzyConsolidation::new(
    ///     [RevenueId(8), RevenueId(9)],
    ///     [BankTransactionId(41)],
    ///     RevenueTransactionFees::new("SEK", Cents(200), Cents::ZERO),
    ///     File::new("statement.pdf", b"%PDF".to_vec()),
    /// );
    /// assert_eq!(paid.revenue_references.len(), 2);
    /// assert!(paid.to_xml().is_ok());
    /// ```
    pub fn new(
        revenues: impl IntoIterator<Item = impl Into<RevenueReference>>,
        bank_transactions: impl IntoIterator<Item = BankTransactionId>,
        transaction_fees: RevenueTransactionFees,
        file: File,
    ) -> Self {
        Self {
            revenue_references: revenues.into_iter().map(Into::into).collect(),
            bank_transaction_references: bank_transactions.into_iter().map(Into::into).collect(),
            transaction_fees,
            files: vec![file],
            ..Self::blank()
        }
    }
}

record! {
    /// An amount from an earlier ledger (an anonymous type of the schema).
    pub struct PreviousLedger = "" {
        /// The account that is credited (BAS number).
        required account_nr: i32 = "account-nr";
        /// The amount.
        required amount: CurrencyAmount = "amount";
    }
}

impl PreviousLedger {
    /// An amount to be credited to an account.
    pub fn new(account_nr: i32, amount: CurrencyAmount) -> Self {
        Self {
            account_nr,
            amount,
            ..Self::blank()
        }
    }
}

record! {
    /// What a payment service kept of a payment (schema type `revenue-transaction-fees`).
    pub struct RevenueTransactionFees = "revenue-transaction-fees" {
        /// The currency (ISO 4217).
        required currency_type: String = "currency-type";
        /// The fees, in cent.
        required amount: Cents = "amount";
        /// The VAT on the fees, in cent. It counts as already taken from the bank transaction's
        /// amount.
        required vat: Cents = "vat";
    }
}

impl RevenueTransactionFees {
    /// Fees and their VAT.
    pub fn new(currency_type: impl Into<String>, amount: Cents, vat: Cents) -> Self {
        Self {
            currency_type: currency_type.into(),
            amount,
            vat,
            ..Self::blank()
        }
    }
}

record! {
    /// What a [`RevenueFuzzyConsolidation`] did (schema type
    /// `revenue-fuzzy-consolidation-result`). Read only.
    pub struct RevenueFuzzyConsolidationResult = "revenue-fuzzy-consolidation-result", root "revenue-fuzzy-consolidation-result" {
        /// How many bank transactions were consolidated.
        required bank_transaction_count: i32 = "bank-transaction-count";
        /// How many revenues were consolidated.
        required revenue_count: i32 = "revenue-count";
        /// The sum of the bank transactions in the company's currency, in cent.
        required bank_transaction_accounting_amount: Cents = "bank-transaction-accounting-amount";
        /// The sum of the revenues in the company's currency, in cent.
        required revenue_accounting_amount: Cents = "revenue-accounting-amount";
    }
}

impl RevenueFuzzyConsolidationResult {
    /// A result; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        bank_transaction_count: i32,
        revenue_count: i32,
        bank_transaction_accounting_amount: Cents,
        revenue_accounting_amount: Cents,
    ) -> Self {
        Self {
            bank_transaction_count,
            revenue_count,
            bank_transaction_accounting_amount,
            revenue_accounting_amount,
            ..Self::blank()
        }
    }
}
