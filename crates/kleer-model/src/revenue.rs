//! Revenues: sales that another system has invoiced, and that Kleer only books.
//!
//! A revenue stands in a ledger and is later consolidated with the bank transactions that pay it
//! (see [`bank`](crate::bank)).

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::{choice, id, record};
use crate::{
    Cents, ClientId, ClientReference, DimensionsDistribution, File, NewClient, Period, ProductId,
    ProductReference,
};

id! {
    /// A revenue (schema type `revenue-id`).
    pub struct RevenueId(i64);
}

id! {
    /// A ledger of revenues (schema type `revenue-ledger-id`).
    pub struct RevenueLedgerId(i64),
    /// Refers to a [`RevenueLedger`] (schema type `revenue-ledger-reference`).
    RevenueLedgerReference = "revenue-ledger-reference";
}

choice! {
    /// Refers to a [`Revenue`] by either of its two keys (schema type `revenue-reference`).
    pub enum RevenueReference = "revenue-reference" {
        /// By Kleer's id.
        Id(RevenueId) = "id",
        /// By your own key, in its ledger.
        ExternalId(RevenueExternalId) = "external-id",
    }
}

impl From<RevenueId> for RevenueReference {
    fn from(id: RevenueId) -> Self {
        Self::Id(id)
    }
}

impl From<RevenueExternalId> for RevenueReference {
    fn from(id: RevenueExternalId) -> Self {
        Self::ExternalId(id)
    }
}

record! {
    /// Your own key of a revenue (an anonymous type of the schema).
    pub struct RevenueExternalId = "" {
        /// The key.
        required id: String = "id";
        /// The ledger.
        required revenue_ledger: RevenueLedgerReference = "revenue-ledger";
    }
}

impl RevenueExternalId {
    /// The key of a revenue in a ledger.
    pub fn new(id: impl Into<String>, revenue_ledger: RevenueLedgerId) -> Self {
        Self {
            id: id.into(),
            revenue_ledger: revenue_ledger.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A ledger of revenues (schema type `revenue-ledger`). Read only.
    pub struct RevenueLedger = "revenue-ledger", list "revenue-ledgers" / "revenue-ledger" paged {
        /// Kleer's id.
        required id: RevenueLedgerId = "id";
        /// The name.
        required name: String = "name";
        /// The account on which claims stand (BAS number).
        required account_nr: i32 = "account-nr";
    }
}

impl RevenueLedger {
    /// A ledger; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: RevenueLedgerId, name: impl Into<String>, account_nr: i32) -> Self {
        Self {
            id,
            name: name.into(),
            account_nr,
            ..Self::blank()
        }
    }
}

record! {
    /// A booked revenue (schema type `revenue`). Read only; see [`RevenueCreate`].
    pub struct Revenue = "revenue", root "revenue", list "revenues" / "revenue" paged {
        /// Kleer's id.
        required id: RevenueId = "id";
        /// The ledger that it stands in.
        required ledger: RevenueLedgerReference = "ledger";
        /// Your own key. Kleer keeps it unique.
        required external_id: String = "external-id";
        /// How often it was revised.
        optional revision: i32 = "revision";
        /// The client.
        optional client: ClientReference = "client";
        /// The country of the sale (ISO 3166-1 alpha-2).
        required country_code: String = "country-code";
        /// The day of the sale.
        required transaction_date: NaiveDate = "transaction-date";
        /// What remains to be paid, in cent of the company's currency.
        required remaining_accounting_amount: Cents = "remaining-accounting-amount";
        /// The rows.
        repeated rows: RevenueRow = "row";
    }
}

impl Revenue {
    /// A revenue without rows of which nothing remains to be paid; for tests and sandboxes, since
    /// Kleer only sends it.
    pub fn new(
        id: RevenueId,
        ledger: RevenueLedgerId,
        external_id: impl Into<String>,
        country_code: impl Into<String>,
        transaction_date: NaiveDate,
    ) -> Self {
        Self {
            id,
            ledger: ledger.into(),
            external_id: external_id.into(),
            country_code: country_code.into(),
            transaction_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A row of a [`Revenue`] (an anonymous type of the schema).
    pub struct RevenueRow = "" {
        /// Kleer's id.
        required id: i32 = "id";
        /// The product.
        required product: ProductReference = "product";
        /// The amount in the currency of the sale.
        required original_amount: RevenueOriginalAmount = "original-amount";
        /// The amount in the company's currency.
        required accounting_amount: RevenueAccountingAmount = "accounting-amount";
        /// The days over which it is accrued.
        required period: Period = "period";
        /// Entries of dimensions.
        required dimensions: DimensionsDistribution = "dimensions";
    }
}

impl RevenueRow {
    /// A row without dimensions; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: i32,
        product: ProductId,
        original_amount: RevenueOriginalAmount,
        accounting_amount: RevenueAccountingAmount,
        period: Period,
    ) -> Self {
        Self {
            id,
            product: product.into(),
            original_amount,
            accounting_amount,
            period,
            ..Self::blank()
        }
    }
}

record! {
    /// A revenue to be booked (schema type `revenue-create`). Write only.
    ///
    /// Either [`client`](Self::client) or [`new_client`](Self::new_client) must stand. A revenue
    /// below 0 credits another one and must refer to it.
    pub struct RevenueCreate = "revenue-create", root "revenue-create" {
        /// The revenue that this one credits.
        optional debit_revenue: RevenueReference = "debit-revenue";
        /// The ledger.
        required ledger: RevenueLedgerReference = "ledger";
        /// Your own key. Kleer keeps it unique, so a revenue is never booked twice.
        required external_id: String = "external-id";
        /// The client, if Kleer has it.
        optional client: ClientReference = "client";
        /// The client, if Kleer shall make it.
        optional new_client: NewClient = "new-client";
        /// The country of the sale (ISO 3166-1 alpha-2).
        required country_code: String = "country-code";
        /// The day of the sale.
        required transaction_date: NaiveDate = "transaction-date";
        /// The rows.
        repeated rows: RevenueCreateRow = "row";
        /// What it is booked upon: at least one file.
        nonempty files: File = "file";
    }
}

impl RevenueCreate {
    /// A sale to a client that Kleer has.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{
    ///     Cents, ClientId, Document, File, ProductId, RevenueCreate, RevenueCreateRow,
    ///     RevenueLedgerId, RevenueOriginalAmount,
    /// };
    ///
    /// let amount = RevenueOriginalAmount::new(Cents(10_000), Cents(2_500), "SEK");
    /// let mut revenue = RevenueCreate::new(
    ///     RevenueLedgerId(1),
    ///     "order-1017",
    ///     "SE",
    ///     NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
    ///     vec![RevenueCreateRow::new(ProductId(3), amount)],
    ///     File::new("order-1017.pdf", b"%PDF".to_vec()),
    /// )
    /// .with_client(ClientId(17));
    /// assert!(revenue.to_xml()?.contains("<client><id>17</id></client>"));
    ///
    /// revenue.files.clear();
    /// assert!(revenue.to_xml().is_err(), "at least one file");
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        ledger: RevenueLedgerId,
        external_id: impl Into<String>,
        country_code: impl Into<String>,
        transaction_date: NaiveDate,
        rows: Vec<RevenueCreateRow>,
        file: File,
    ) -> Self {
        Self {
            ledger: ledger.into(),
            external_id: external_id.into(),
            country_code: country_code.into(),
            transaction_date,
            rows,
            files: vec![file],
            ..Self::blank()
        }
    }

    /// The same sale, to a client that Kleer has.
    #[must_use]
    pub fn with_client(mut self, client: ClientId) -> Self {
        self.client = Some(client.into());
        self.new_client = None;
        self
    }

    /// The same sale, to a client that Kleer shall make.
    #[must_use]
    pub fn with_new_client(mut self, client: NewClient) -> Self {
        self.client = None;
        self.new_client = Some(client);
        self
    }
}

record! {
    /// A row of a [`RevenueCreate`] (an anonymous type of the schema).
    pub struct RevenueCreateRow = "" {
        /// The product.
        required product: ProductReference = "product";
        /// The amount in the currency of the sale.
        required original_amount: RevenueOriginalAmount = "original-amount";
        /// The amount in the company's currency. Absent: by the rate of the day of the sale.
        optional accounting_amount: RevenueAccountingAmount = "accounting-amount";
        /// The days over which it is accrued. Absent: the day of the sale.
        optional period: Period = "period";
        /// Entries of dimensions.
        optional dimensions: DimensionsDistribution = "dimensions";
    }
}

impl RevenueCreateRow {
    /// A row for a product.
    pub fn new(product: ProductId, original_amount: RevenueOriginalAmount) -> Self {
        Self {
            product: product.into(),
            original_amount,
            ..Self::blank()
        }
    }
}

record! {
    /// A booked revenue to be revised (schema type `revenue-update`). Write only.
    ///
    /// The whole revenue is sent again. Each update makes a revision, so one that is sent twice
    /// makes two.
    pub struct RevenueUpdate = "revenue-update", root "revenue-update" {
        /// The revenue as it shall be.
        required create: RevenueCreate = "create";
        /// Why.
        required message: String = "message", personal;
    }
}

impl RevenueUpdate {
    /// A revision, and the reason for it.
    pub fn new(create: RevenueCreate, message: impl Into<String>) -> Self {
        Self {
            create,
            message: message.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An amount in the currency of a sale (schema type `revenue-original-amount`).
    pub struct RevenueOriginalAmount = "revenue-original-amount" {
        /// The amount, in cent; presumably without VAT.
        required amount: Cents = "amount";
        /// The VAT, in cent.
        required vat: Cents = "vat";
        /// The currency (ISO 4217).
        required currency: String = "currency";
    }
}

impl RevenueOriginalAmount {
    /// An amount, its VAT and their currency.
    pub fn new(amount: Cents, vat: Cents, currency: impl Into<String>) -> Self {
        Self {
            amount,
            vat,
            currency: currency.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An amount in the company's currency (schema type `revenue-accounting-amount`).
    pub struct RevenueAccountingAmount = "revenue-accounting-amount" {
        /// The amount, in cent; presumably without VAT.
        required amount: Cents = "amount";
        /// The VAT, in cent.
        required vat: Cents = "vat";
    }
}

impl RevenueAccountingAmount {
    /// An amount and its VAT.
    pub fn new(amount: Cents, vat: Cents) -> Self {
        Self {
            amount,
            vat,
            ..Self::blank()
        }
    }
}
