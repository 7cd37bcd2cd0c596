//! The books, sales invoiced elsewhere, and the bank.

use chrono::NaiveDate;
use kleer_model::{
    AccountMetadata, AccountingYearId, AccountingYearReadable, AccountingYearRestrictionReadable,
    BankAccount, BankInformationValidateRequest, BankInformationValidateResult, BankTransaction,
    BankTransactionConsolidateRevenues, BankTransactionDistribution, BankTransactionId,
    CreateBankTransaction, ExchangeRate, Revenue, RevenueCreate, RevenueFuzzyConsolidation,
    RevenueFuzzyConsolidationResult, RevenueId, RevenueLedger, RevenueUpdate, VoucherDetailed,
    VoucherReadable, VoucherWritable,
};

use super::{area, once};

area! {
    /// The books: years, accounts, vouchers, rates of exchange. From
    /// [`Kleer::accounting`](crate::Kleer::accounting).
    Accounting {
        /// All accounting years.
        list years() -> AccountingYearReadable = ACCOUNTING_YEAR_LIST inferred;
        /// One accounting year.
        read year(id: AccountingYearId => "accounting-year-id") -> AccountingYearReadable = ACCOUNTING_YEAR_READ inferred;
        /// What is locked in an accounting year.
        list year_restrictions(id: AccountingYearId => "accounting-year-id") -> AccountingYearRestrictionReadable = ACCOUNTING_YEAR_RESTRICTIONS inferred;
        /// All accounts, with their balances over a span of days.
        list accounts(from: NaiveDate => "start-date", to: NaiveDate => "end-date") -> AccountMetadata = ACCOUNT_LIST confirmed;
        /// The vouchers.
        list vouchers() -> VoucherReadable = VOUCHER_LIST inferred;
        /// The vouchers with what each amount comes from, page by page.
        paged vouchers_detailed() -> VoucherDetailed = VOUCHER_LIST_DETAILED inferred;
        /// One voucher, by what makes it unique.
        read voucher(year: AccountingYearId => "accounting-year-id", serie: &str => "serie", number: i64 => "number") -> VoucherReadable = VOUCHER_READ inferred;
        /// Books a voucher. It has no foreign id: put a mark of your own into its description, and
        /// look for it after an unknown outcome.
        create create_voucher(; voucher: &VoucherWritable) -> i32 = VOUCHER_CREATE inferred;
        /// The rate of exchange between two currencies (ISO 4217) on a day.
        read exchange_rate(from: &str => "from-currency", to: &str => "to-currency", date: NaiveDate => "date") -> ExchangeRate = EXCHANGE_RATE_READ inferred;
    }
}

area! {
    /// Sales that another system has invoiced. From [`Kleer::revenues`](crate::Kleer::revenues).
    Revenues {
        /// The ledgers, page by page.
        paged ledgers() -> RevenueLedger = REVENUE_LEDGER_LIST inferred;
        /// The revenues, page by page.
        paged list() -> Revenue = REVENUE_LIST inferred;
        /// One revenue.
        read get(id: RevenueId => "revenue-id") -> Revenue = REVENUE_READ inferred;
        /// Books a revenue. Kleer keeps the external id unique.
        create create(; revenue: &RevenueCreate) -> RevenueId = REVENUE_CREATE inferred;
        /// Revises a revenue; the whole revenue is sent, and each update makes a revision.
        update update(id: RevenueId => "revenue-id"; revenue: &RevenueUpdate) -> RevenueId = REVENUE_UPDATE inferred;
        /// Says that bank transactions together pay revenues in full.
        ask consolidate(; consolidation: &RevenueFuzzyConsolidation) -> RevenueFuzzyConsolidationResult = REVENUE_CONSOLIDATE inferred;
    }
}

once!(Revenues: RevenueCreate, "the revenues");

area! {
    /// Bank accounts and their transactions. From [`Kleer::bank`](crate::Kleer::bank).
    Bank {
        /// The company's bank accounts.
        list accounts() -> BankAccount = BANK_ACCOUNT_LIST inferred;
        /// Transactions, page by page.
        paged transactions() -> BankTransaction = BANK_TRANSACTION_LIST inferred;
        /// One transaction.
        read transaction(id: BankTransactionId => "bank-transaction-id") -> BankTransaction = BANK_TRANSACTION_READ inferred;
        /// Makes a transaction by hand. It has no foreign id: put a reference of your own into it,
        /// and look for it after an unknown outcome.
        create create_transaction(; transaction: &CreateBankTransaction) -> BankTransactionId = BANK_TRANSACTION_CREATE inferred;
        /// What a transaction pays.
        list distributions(id: BankTransactionId => "bank-transaction-id") -> BankTransactionDistribution = BANK_TRANSACTION_DISTRIBUTIONS inferred;
        /// Says which revenues a transaction pays.
        update consolidate(id: BankTransactionId => "bank-transaction-id"; revenues: &BankTransactionConsolidateRevenues) -> BankTransactionId = BANK_TRANSACTION_CONSOLIDATE inferred;
        /// Checks the form and check digits of an account number. It changes nothing, and is tried
        /// again like a read.
        ask validate(; account: &BankInformationValidateRequest) -> BankInformationValidateResult = BANK_INFORMATION_VALIDATE inferred;
    }
}
