//! How a company wants its invoices mapped.

use kleer_model::ProductId;
use rust_decimal::Decimal;

use crate::RulePolicy;

/// What to do with a seller's item id (BT-155) that no product in Kleer has as its foreign id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
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
#[non_exhaustive]
pub enum Prepaid {
    /// Refuse the invoice.
    #[default]
    Refuse,
    /// Write it into the notes. Somebody has to register the payment.
    CarryInNotes,
}

/// The due date when the source has none (BT-9) and the context no payment days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
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
#[cfg_attr(feature = "serde", serde(default))]
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
#[non_exhaustive]
pub struct DefaultProduct {
    /// The VAT category (UNCL 5305), such as `S`.
    pub category: String,
    /// The VAT rate in percent; 0 for categories without one.
    pub rate: Decimal,
    /// The product.
    pub product: ProductId,
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
#[cfg_attr(feature = "serde", serde(default))]
#[non_exhaustive]
pub struct Settings {
    /// Seller's item ids that are not in Kleer.
    pub unknown_product: UnknownProduct,
    /// Products with another VAT rate than the line.
    pub vat_mismatch: VatMismatch,
    /// Default products by VAT category and rate. Where none is named, a product with
    /// [`DefaultProduct::foreign_id`] is looked for.
    pub default_products: Vec<DefaultProduct>,
    /// Whether [`missing_products`](crate::missing_products) proposes default and rounding
    /// products that do not exist; yes by default.
    pub create_default_products: bool,
    /// The product of rounding rows. Where none is named, a product with the foreign id
    /// [`ROUNDING_PRODUCT`] is looked for.
    pub rounding_product: Option<ProductId>,
    /// Amounts that are already paid.
    pub prepaid: Prepaid,
    /// Invoices without a due date.
    pub missing_due_date: MissingDueDate,
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
            create_default_products: true,
            rounding_product: None,
            prepaid: Prepaid::default(),
            missing_due_date: MissingDueDate::default(),
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
        let category = category.into();
        self.default_products
            .retain(|known| known.category != category || known.rate != rate);
        self.default_products.push(DefaultProduct {
            category,
            rate,
            product,
        });
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
        self.default_products
            .iter()
            .find(|known| known.category == category && known.rate == rate)
            .map(|known| known.product)
    }
}
