//! How a company wants its invoices mapped.

use std::collections::BTreeMap;

use kleer_model::{Cents, ProductId, RateUnit, RevenueLedgerId};
use rust_decimal::Decimal;

use crate::{NotesTemplate, OcrSettings, RulePolicy, Term};

/// What to do with a seller's item id (BT-155) that no product in Kleer has as its foreign id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum UnknownProduct {
    /// Propose a product, in [`missing_products`](crate::missing_products), that the app creates
    /// first.
    #[default]
    Create,
    /// Use the default product of the line's VAT category and rate.
    DefaultProduct,
    /// Refuse the invoice.
    Refuse,
}

/// What to do when a product that matches by its foreign id has another VAT rate than the line.
/// Kleer takes the rate from the product, so such a row would be booked with the wrong VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum VatMismatch {
    /// Use the default product of the line's VAT category and rate.
    #[default]
    Reroute,
    /// Refuse the invoice.
    Refuse,
}

/// What to do with an amount that is already paid (BT-113). Kleer has no field for it and would
/// ask the customer for the whole amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Prepaid {
    /// Refuse the invoice.
    #[default]
    Refuse,
    /// Post the whole amount, and write what is paid into the notes. Somebody has to register the
    /// payment.
    CarryInNotes,
    /// Deduct it by a row without VAT on [`Settings::prepaid_product`], so that Kleer asks for what
    /// is due (BT-115). The product's account should be that of advances from customers (BAS 2420).
    DeductRow,
}

/// What to do with a corrected invoice (type code 384). Kleer cannot replace an invoice: beside
/// the one that it corrects, it would be billed in addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum CorrectedInvoice {
    /// Refuse it: the sender should credit the original in full and issue another invoice.
    #[default]
    Refuse,
    /// It states the difference to the original: an invoice, or a credit if it is negative.
    Difference,
}

/// The due date when the source has none (BT-9) and the context no payment days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum MissingDueDate {
    /// The issue date (BT-2): no credit is invented. The report says so.
    #[default]
    IssueDate,
    /// So many days after the issue date. The report says so.
    DaysAfterIssue(u16),
    /// Refuse the invoice.
    Refuse,
}

/// The language of the labels in notes and descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Language {
    /// Swedish.
    #[default]
    Swedish,
    /// English.
    English,
}

/// Which specification identifiers (BT-24) are accepted. Self-billing never is: there the buyer
/// issues the invoice, and the books it belongs to are another company's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Profiles {
    /// How an accepted identifier begins; `urn:cen.eu:en16931:2017` by default, which all usage
    /// specifications of EN 16931 share.
    pub accepted_prefixes: Vec<String>,
    /// Whether an invoice without an identifier is accepted; no by default.
    pub accept_missing: bool,
}

impl Default for Profiles {
    fn default() -> Self {
        Self {
            accepted_prefixes: vec!["urn:cen.eu:en16931:2017".to_owned()],
            accept_missing: false,
        }
    }
}

impl Profiles {
    pub(crate) fn accepts(&self, specification: Option<&str>) -> bool {
        match specification.map(str::trim).filter(|id| !id.is_empty()) {
            None => self.accept_missing,
            Some(id) => self
                .accepted_prefixes
                .iter()
                .any(|prefix| id.starts_with(prefix)),
        }
    }
}

/// The product in Kleer for rows of one VAT category and rate that have no product of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DefaultProduct {
    /// The VAT category (UNCL 5305), such as `S`.
    pub category: String,
    /// The VAT rate in percent; 0 for categories without one. A text, such as `"25"`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub rate: Decimal,
    /// The product, by its id in Kleer.
    #[cfg_attr(feature = "schema", schemars(with = "i32"))]
    pub product: ProductId,
}

/// The account of products that are to be created for one VAT category and rate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SalesAccount {
    /// The VAT category (UNCL 5305), such as `S`.
    pub category: String,
    /// The VAT rate in percent; 0 for categories without one. A text, such as `"25"`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub rate: Decimal,
    /// The account (BAS number), such as 3001.
    pub account_nr: i32,
}

impl DefaultProduct {
    /// The foreign id that marks the default product of a VAT category and rate in Kleer.
    ///
    /// ```
    /// use kleer_invoice::DefaultProduct;
    ///
    /// assert_eq!(DefaultProduct::foreign_id("S", "25.00".parse()?), "kleer-connect:default:S:25");
    /// # Ok::<(), rust_decimal::Error>(())
    /// ```
    pub fn foreign_id(category: &str, rate: Decimal) -> String {
        format!("kleer-connect:default:{category}:{}", rate.normalize())
    }
}

/// The foreign id that marks the product of rounding rows (BT-114) in Kleer.
pub const ROUNDING_PRODUCT: &str = "kleer-connect:rounding";

/// How a company wants its invoices mapped. Start from the default.
///
/// ```
/// use kleer_invoice::{Language, Prepaid, Settings};
///
/// let settings = Settings::default()
///     .with_language(Language::English)
///     .with_prepaid(Prepaid::CarryInNotes);
/// assert!(settings.create_default_products);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Settings {
    /// Seller's item ids that are not in Kleer.
    pub unknown_product: UnknownProduct,
    /// Products with another VAT rate than the line.
    pub vat_mismatch: VatMismatch,
    /// Default products by VAT category and rate. Where none is named, a product with
    /// [`DefaultProduct::foreign_id`] is looked for.
    pub default_products: Vec<DefaultProduct>,
    /// Products of document level allowances (BG-20) by VAT category and rate. Where none is
    /// named, the default product is taken.
    pub allowance_products: Vec<DefaultProduct>,
    /// Products of document level charges (BG-21) by VAT category and rate. Where none is named,
    /// the default product is taken.
    pub charge_products: Vec<DefaultProduct>,
    /// Whether [`missing_products`](crate::missing_products) proposes default and rounding
    /// products that do not exist; yes by default.
    pub create_default_products: bool,
    /// The product of rounding rows. Where none is named, a product with the foreign id
    /// [`ROUNDING_PRODUCT`] is looked for.
    #[cfg_attr(feature = "schema", schemars(with = "Option<i32>"))]
    pub rounding_product: Option<ProductId>,
    /// The product of rows that deduct what is already paid: needed for [`Prepaid::DeductRow`].
    #[cfg_attr(feature = "schema", schemars(with = "Option<i32>"))]
    pub prepaid_product: Option<ProductId>,
    /// The sales account of products that are to be created, by VAT category and rate. The rows
    /// of an invoice take their account from the product.
    pub sales_accounts: Vec<SalesAccount>,
    /// The sales account where none is named for the VAT category and rate; Kleer's default if
    /// absent.
    pub sales_account: Option<i32>,
    /// The account of the rounding product that is to be created, such as 3740 of BAS; Kleer's
    /// default if absent.
    pub rounding_account: Option<i32>,
    /// Amounts that are already paid.
    pub prepaid: Prepaid,
    /// How far the VAT that Kleer will compute may be from the one that the document states
    /// (BT-110), in hundredths of the currency; 0 by default. The sum without VAT is always equal.
    /// EN 16931 lets a sender's VAT deviate by less than 100 (BR-CO-17).
    #[cfg_attr(feature = "schema", schemars(with = "i64", range(min = 0)))]
    pub vat_tolerance: Cents,
    /// Corrected invoices (type code 384).
    pub corrected_invoice: CorrectedInvoice,
    /// Invoices without a due date.
    pub missing_due_date: MissingDueDate,
    /// The payment reference.
    pub ocr: OcrSettings,
    /// How the notes read; if absent, a line with a label for each term that has no field.
    pub notes_template: Option<NotesTemplate>,
    /// The custom fields that take terms, by the term (`BT-19`): their aliases in Kleer. A term of
    /// the document goes to a field of the invoice, one of a line to a field of the row. A term
    /// that would stand in notes or description stands in the field instead; one that has a field
    /// of Kleer keeps it, and the custom field is a copy.
    #[cfg_attr(
        feature = "schema",
        schemars(
            with = "BTreeMap<String, String>",
            extend("propertyNames" = { "pattern": "^BT-[0-9]+$" })
        )
    )]
    pub custom_fields: BTreeMap<Term, String>,
    /// What rows say for a unit code (UN/ECE Recommendation 20), such as `tim` for `HUR`. A code
    /// that is not here stands as it is.
    pub unit_texts: BTreeMap<String, String>,
    /// How the company's Kleer writes VAT rates, `percent` (25) or `fraction` (0.25). It is not
    /// established, so there is no default; see [`Catalogue::of`](crate::Catalogue::of).
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<crate::settings_schema::RateUnit>")
    )]
    pub rate_unit: Option<RateUnit>,
    /// The ledger for invoices that were issued elsewhere and are only booked: needed for
    /// [`map_revenue`](crate::map_revenue), and of no use to [`map()`](crate::map()).
    #[cfg_attr(feature = "schema", schemars(with = "Option<i64>"))]
    pub revenue_ledger: Option<RevenueLedgerId>,
    /// The language of labels.
    pub language: Language,
    /// Which broken rules stop an invoice.
    pub rule_policy: RulePolicy,
    /// Which specification identifiers are accepted.
    pub profiles: Profiles,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unknown_product: UnknownProduct::default(),
            vat_mismatch: VatMismatch::default(),
            default_products: Vec::new(),
            allowance_products: Vec::new(),
            charge_products: Vec::new(),
            create_default_products: true,
            rounding_product: None,
            prepaid_product: None,
            sales_accounts: Vec::new(),
            sales_account: None,
            rounding_account: None,
            prepaid: Prepaid::default(),
            vat_tolerance: Cents::ZERO,
            corrected_invoice: CorrectedInvoice::default(),
            missing_due_date: MissingDueDate::default(),
            ocr: OcrSettings::default(),
            notes_template: None,
            custom_fields: BTreeMap::new(),
            unit_texts: BTreeMap::new(),
            rate_unit: None,
            revenue_ledger: None,
            language: Language::default(),
            rule_policy: RulePolicy::default(),
            profiles: Profiles::default(),
        }
    }
}

impl Settings {
    /// Sets what happens to unknown item ids.
    #[must_use]
    pub fn with_unknown_product(mut self, unknown_product: UnknownProduct) -> Self {
        self.unknown_product = unknown_product;
        self
    }

    /// Sets what happens when a product has another VAT rate than the line.
    #[must_use]
    pub fn with_vat_mismatch(mut self, vat_mismatch: VatMismatch) -> Self {
        self.vat_mismatch = vat_mismatch;
        self
    }

    /// Names the default product of a VAT category and rate in percent.
    #[must_use]
    pub fn with_default_product(
        mut self,
        category: impl Into<String>,
        rate: Decimal,
        product: ProductId,
    ) -> Self {
        set_product(&mut self.default_products, category.into(), rate, product);
        self
    }

    /// Names the product of document level allowances of a VAT category and rate in percent.
    #[must_use]
    pub fn with_allowance_product(
        mut self,
        category: impl Into<String>,
        rate: Decimal,
        product: ProductId,
    ) -> Self {
        set_product(&mut self.allowance_products, category.into(), rate, product);
        self
    }

    /// Names the product of document level charges of a VAT category and rate in percent.
    #[must_use]
    pub fn with_charge_product(
        mut self,
        category: impl Into<String>,
        rate: Decimal,
        product: ProductId,
    ) -> Self {
        set_product(&mut self.charge_products, category.into(), rate, product);
        self
    }

    /// Names the sales account of products to be created for a VAT category and rate in percent.
    #[must_use]
    pub fn with_sales_account(
        mut self,
        category: impl Into<String>,
        rate: Decimal,
        account_nr: i32,
    ) -> Self {
        let category = category.into();
        self.sales_accounts
            .retain(|known| known.category != category || known.rate != rate);
        self.sales_accounts.push(SalesAccount {
            category,
            rate,
            account_nr,
        });
        self
    }

    /// Names the sales account of products to be created of all other categories and rates.
    #[must_use]
    pub fn with_other_sales_account(mut self, account_nr: i32) -> Self {
        self.sales_account = Some(account_nr);
        self
    }

    /// Names the account of a rounding product to be created.
    #[must_use]
    pub fn with_rounding_account(mut self, account_nr: i32) -> Self {
        self.rounding_account = Some(account_nr);
        self
    }

    /// Deducts what is already paid by a row on this product, which must have no VAT.
    #[must_use]
    pub fn with_prepaid_product(mut self, product: ProductId) -> Self {
        self.prepaid = Prepaid::DeductRow;
        self.prepaid_product = Some(product);
        self
    }

    /// Sets how far the VAT that Kleer computes may be from the stated one.
    #[must_use]
    pub fn with_vat_tolerance(mut self, tolerance: Cents) -> Self {
        self.vat_tolerance = tolerance;
        self
    }

    /// Sets what happens to corrected invoices.
    #[must_use]
    pub fn with_corrected_invoice(mut self, corrected_invoice: CorrectedInvoice) -> Self {
        self.corrected_invoice = corrected_invoice;
        self
    }

    /// Sets how the payment reference is made, and where it stands.
    #[must_use]
    pub fn with_ocr(mut self, ocr: OcrSettings) -> Self {
        self.ocr = ocr;
        self
    }

    /// Sets how the notes read.
    #[must_use]
    pub fn with_notes_template(mut self, template: NotesTemplate) -> Self {
        self.notes_template = Some(template);
        self
    }

    /// Puts a term into the custom field with this alias.
    #[must_use]
    pub fn with_custom_field(mut self, term: Term, alias: impl Into<String>) -> Self {
        self.custom_fields.insert(term, alias.into());
        self
    }

    /// Sets what rows say for a unit code, such as `tim` for `HUR`.
    #[must_use]
    pub fn with_unit_text(mut self, code: impl Into<String>, text: impl Into<String>) -> Self {
        self.unit_texts.insert(code.into(), text.into());
        self
    }

    /// Says how the company's Kleer writes VAT rates.
    #[must_use]
    pub fn with_rate_unit(mut self, unit: RateUnit) -> Self {
        self.rate_unit = Some(unit);
        self
    }

    /// Names the ledger for invoices that are only booked.
    #[must_use]
    pub fn with_revenue_ledger(mut self, ledger: RevenueLedgerId) -> Self {
        self.revenue_ledger = Some(ledger);
        self
    }

    /// Sets whether default and rounding products are proposed for creation.
    #[must_use]
    pub fn with_create_default_products(mut self, create: bool) -> Self {
        self.create_default_products = create;
        self
    }

    /// Names the product of rounding rows. It must have no VAT.
    #[must_use]
    pub fn with_rounding_product(mut self, product: ProductId) -> Self {
        self.rounding_product = Some(product);
        self
    }

    /// Sets what happens to amounts that are already paid.
    #[must_use]
    pub fn with_prepaid(mut self, prepaid: Prepaid) -> Self {
        self.prepaid = prepaid;
        self
    }

    /// Sets the due date of invoices that have none.
    #[must_use]
    pub fn with_missing_due_date(mut self, missing_due_date: MissingDueDate) -> Self {
        self.missing_due_date = missing_due_date;
        self
    }

    /// Sets the language of labels.
    #[must_use]
    pub fn with_language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// Sets which broken rules stop an invoice.
    #[must_use]
    pub fn with_rule_policy(mut self, rule_policy: RulePolicy) -> Self {
        self.rule_policy = rule_policy;
        self
    }

    /// Accepts specification identifiers that begin with `prefix`, in addition.
    #[must_use]
    pub fn with_profile(mut self, prefix: impl Into<String>) -> Self {
        self.profiles.accepted_prefixes.push(prefix.into());
        self
    }

    /// Sets whether invoices without a specification identifier are accepted.
    #[must_use]
    pub fn with_missing_profile(mut self, accept: bool) -> Self {
        self.profiles.accept_missing = accept;
        self
    }

    pub(crate) fn default_product(&self, category: &str, rate: Decimal) -> Option<ProductId> {
        product_of(&self.default_products, category, rate)
    }

    /// The sales account of a product that is to be created.
    pub(crate) fn account_for(&self, category: &str, rate: Decimal) -> Option<i32> {
        let named = self
            .sales_accounts
            .iter()
            .find(|known| known.category == category && known.rate == rate);
        named.map(|known| known.account_nr).or(self.sales_account)
    }

    /// Whether a custom field takes the term.
    pub(crate) fn has_custom_field(&self, term: u16) -> bool {
        // Most companies name none, and this is asked for every term of every line.
        !self.custom_fields.is_empty() && self.custom_fields.contains_key(&Term::bt(term))
    }

    pub(crate) fn unit_text<'a>(&'a self, code: &'a str) -> &'a str {
        self.unit_texts.get(code).map_or(code, String::as_str)
    }
}

fn set_product(
    products: &mut Vec<DefaultProduct>,
    category: String,
    rate: Decimal,
    product: ProductId,
) {
    products.retain(|known| known.category != category || known.rate != rate);
    products.push(DefaultProduct {
        category,
        rate,
        product,
    });
}

pub(crate) fn product_of(
    products: &[DefaultProduct],
    category: &str,
    rate: Decimal,
) -> Option<ProductId> {
    products
        .iter()
        .find(|known| known.category == category && known.rate == rate)
        .map(|known| known.product)
}
