//! The products in Kleer, and which one a line takes.

use std::collections::HashMap;

use en16931::invoice::{InvoiceLine, LineVat};
use kleer_model::{Cents, Product, ProductId, Rate, RateUnit};
use rust_decimal::Decimal;

use crate::labels::Label;
use crate::settings::{DefaultProduct, ROUNDING_PRODUCT, UnknownProduct, VatMismatch, product_of};
use crate::{ReasonCode, Settings, SourceInvoice};

/// The products of one company, by foreign id.
///
/// ```
/// use kleer_invoice::Catalogue;
/// use kleer_model::{Cents, Product, ProductId, RateUnit};
///
/// let mut product = Product::new("Konsulttimme", "HUR", Cents(95_000));
/// product.id = ProductId(7);
/// product.foreign_id = "KT-1".to_owned();
/// let catalogue = Catalogue::new(&[product], RateUnit::Percent);
/// assert_eq!(catalogue.len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct Catalogue {
    by_foreign_id: HashMap<String, Listed>,
    /// The VAT rates that Kleer says, for products that the settings name by their ids.
    percent_by_id: HashMap<ProductId, Decimal>,
    rate_unit: RateUnit,
}

/// It cannot be told how the company's Kleer writes VAT rates: 25 or 0.25.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not known how this Kleer writes VAT rates (25 or 0.25), and its products do not tell; \
     look at one product in Kleer and say it with Settings::with_rate_unit"
)]
#[non_exhaustive]
pub struct RateUnitUnknown;

#[derive(Debug, Clone, Copy)]
struct Listed {
    id: ProductId,
    percent: Option<Decimal>,
    /// Another product has the same foreign id.
    ambiguous: bool,
}

impl Catalogue {
    /// Indexes products. `rate_unit` says how the company's Kleer writes rates; it is not
    /// established and has no default ([`RateUnit::detect`] may find it out). Products without a
    /// foreign id cannot be found by an invoice and are left out.
    pub fn new(products: &[Product], rate_unit: RateUnit) -> Self {
        let mut catalogue = Self {
            by_foreign_id: HashMap::with_capacity(products.len()),
            percent_by_id: HashMap::with_capacity(products.len()),
            rate_unit,
        };
        for product in products {
            catalogue.insert(product);
        }
        catalogue
    }

    /// Indexes products with the unit of rates that the settings name, or else the one that the
    /// products' rates tell ([`RateUnit::detect`]).
    ///
    /// # Errors
    /// When neither tells: the unit is never guessed.
    pub fn of(products: &[Product], settings: &Settings) -> Result<Self, RateUnitUnknown> {
        let rates = products.iter().filter_map(|product| product.vat_percentage);
        let unit = settings.rate_unit.or_else(|| RateUnit::detect(rates));
        Ok(Self::new(products, unit.ok_or(RateUnitUnknown)?))
    }

    /// Adds a product that has its id: one that was just created. A second product with the same
    /// foreign id makes the foreign id ambiguous.
    pub fn insert(&mut self, product: &Product) {
        let percent = product
            .vat_percentage
            .map(|rate| rate.to_percent(self.rate_unit));
        if let Some(percent) = percent {
            self.percent_by_id.insert(product.id, percent);
        }
        let foreign_id = product.foreign_id.trim();
        if foreign_id.is_empty() {
            return;
        }
        let listed = Listed {
            id: product.id,
            percent,
            ambiguous: false,
        };
        self.by_foreign_id
            .entry(foreign_id.to_owned())
            .and_modify(|known| known.ambiguous |= known.id != product.id)
            .or_insert(listed);
    }

    /// How rates are written.
    pub fn rate_unit(&self) -> RateUnit {
        self.rate_unit
    }

    /// How many foreign ids are known.
    pub fn len(&self) -> usize {
        self.by_foreign_id.len()
    }

    /// Whether no foreign id is known.
    pub fn is_empty(&self) -> bool {
        self.by_foreign_id.is_empty()
    }

    /// Foreign ids that several products have, sorted.
    pub fn ambiguous(&self) -> Vec<&str> {
        let mut found: Vec<&str> = self
            .by_foreign_id
            .iter()
            .filter(|(_, listed)| listed.ambiguous)
            .map(|(foreign_id, _)| foreign_id.as_str())
            .collect();
        found.sort_unstable();
        found
    }
}

/// How a line came to its product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The seller's item id.
    ItemId {
        /// Whether Kleer says which VAT rate the product has.
        vat_known: bool,
    },
    /// VAT category and rate, because the line has no item id.
    Default,
    /// VAT category and rate, because the item id is not in Kleer.
    Unknown,
    /// VAT category and rate, because the product has another rate.
    Mismatch,
}

/// A product that a line takes.
#[derive(Debug)]
pub(crate) enum Choice {
    Product {
        id: ProductId,
        by: By,
    },
    /// It has to be created first.
    Create(Box<Product>),
    Refuse {
        code: ReasonCode,
        term: u16,
        text: String,
    },
}

/// Chooses products; `planned` are those that are to be created.
pub(crate) struct Chooser<'a> {
    catalogue: &'a Catalogue,
    settings: &'a Settings,
    planned: Vec<Product>,
    /// Where each planned foreign id is: a document may have very many lines.
    planned_at: HashMap<String, usize>,
}

/// The rate of a VAT category in percent: absent is 0 for category O only, which has none.
pub(crate) fn percent_of(vat: &LineVat) -> Option<Decimal> {
    match vat.rate {
        Some(rate) => Some(rate.into_decimal().normalize()),
        None if vat.category.as_str() == "O" => Some(Decimal::ZERO),
        None => None,
    }
}

impl<'a> Chooser<'a> {
    pub(crate) fn new(catalogue: &'a Catalogue, settings: &'a Settings) -> Self {
        Self {
            catalogue,
            settings,
            planned: Vec::new(),
            planned_at: HashMap::new(),
        }
    }

    /// Takes a product as if it existed.
    pub(crate) fn plan(&mut self, product: Product) {
        self.planned_at
            .insert(product.foreign_id.clone(), self.planned.len());
        self.planned.push(product);
    }

    fn find(&self, foreign_id: &str) -> Option<Listed> {
        self.catalogue
            .by_foreign_id
            .get(foreign_id)
            .copied()
            .or_else(|| {
                let product = self.planned.get(*self.planned_at.get(foreign_id)?)?;
                let unit = self.catalogue.rate_unit;
                let percent = product.vat_percentage.map(|rate| rate.to_percent(unit));
                Some(Listed {
                    id: product.id,
                    percent,
                    ambiguous: false,
                })
            })
    }

    /// The product of a line.
    pub(crate) fn for_line(&self, line: &InvoiceLine, percent: Decimal) -> Choice {
        let category = line.vat.category.as_str();
        let item_id = line.item.seller_identifier.as_deref().map_or("", str::trim);
        if item_id.is_empty() {
            return self.for_vat(category, percent, By::Default);
        }
        let Some(listed) = self.find(item_id) else {
            return match self.settings.unknown_product {
                UnknownProduct::Create => {
                    Choice::Create(Box::new(self.proposal(line, item_id, percent)))
                }
                UnknownProduct::DefaultProduct => self.for_vat(category, percent, By::Unknown),
                UnknownProduct::Refuse => Choice::Refuse {
                    code: ReasonCode::UnknownProduct,
                    term: 155,
                    text: format!("no product in Kleer has the foreign id {item_id:?}"),
                },
            };
        };
        if listed.ambiguous {
            return Choice::Refuse {
                code: ReasonCode::AmbiguousProduct,
                term: 155,
                text: format!("several products in Kleer have the foreign id {item_id:?}"),
            };
        }
        match listed.percent {
            Some(known) if known != percent => match self.settings.vat_mismatch {
                VatMismatch::Reroute => self.for_vat(category, percent, By::Mismatch),
                VatMismatch::Refuse => Choice::Refuse {
                    code: ReasonCode::VatMismatch,
                    term: 152,
                    text: format!(
                        "the product {item_id:?} has {known} % VAT in Kleer and the line {percent} %"
                    ),
                },
            },
            known => Choice::Product {
                id: listed.id,
                by: By::ItemId {
                    vat_known: known.is_some(),
                },
            },
        }
    }

    /// A product that the settings name; Kleer may say that it has another VAT rate.
    fn named(&self, id: ProductId, percent: Decimal, term: u16, by: By) -> Choice {
        match self.catalogue.percent_by_id.get(&id) {
            Some(known) if *known != percent => Choice::Refuse {
                code: ReasonCode::VatMismatch,
                term,
                text: format!(
                    "the settings name product {id} for {percent} % VAT, and it has {known} % in \
                     Kleer"
                ),
            },
            _ => Choice::Product { id, by },
        }
    }

    /// The product of a document level allowance or charge.
    pub(crate) fn for_part(&self, label: Label, category: &str, percent: Decimal) -> Choice {
        let (products, term) = match label {
            Label::Charge => (&self.settings.charge_products, 102),
            _ => (&self.settings.allowance_products, 95),
        };
        match product_of(products, category, percent) {
            Some(id) => self.named(id, percent, term, By::Default),
            None => self.for_vat(category, percent, By::Default),
        }
    }

    /// The product of rows that deduct what is already paid.
    pub(crate) fn for_paid(&self) -> Choice {
        match self.settings.prepaid_product {
            Some(id) => self.named(id, Decimal::ZERO, 113, By::Default),
            None => Choice::Refuse {
                code: ReasonCode::NoDefaultProduct,
                term: 113,
                text: "there is no product for what is already paid; name one with \
                       Settings::with_prepaid_product"
                    .to_owned(),
            },
        }
    }

    /// The default product of a VAT category and rate.
    pub(crate) fn for_vat(&self, category: &str, percent: Decimal, by: By) -> Choice {
        if let Some(id) = self.settings.default_product(category, percent) {
            return self.named(id, percent, 151, by);
        }
        let foreign_id = DefaultProduct::foreign_id(category, percent);
        match self.find(&foreign_id) {
            Some(listed) if listed.ambiguous => Choice::Refuse {
                code: ReasonCode::AmbiguousProduct,
                term: 151,
                text: format!("several products in Kleer have the foreign id {foreign_id:?}"),
            },
            Some(listed) if listed.percent.is_some_and(|known| known != percent) => {
                Choice::Refuse {
                    code: ReasonCode::VatMismatch,
                    term: 152,
                    text: format!("the product {foreign_id:?} has another VAT rate in Kleer"),
                }
            }
            Some(listed) => Choice::Product { id: listed.id, by },
            None if self.settings.create_default_products => {
                let label = Label::DefaultProduct.text(self.settings.language);
                let name = format!("{label} {category} {} %", percent.normalize());
                let mut product = self.product(&foreign_id, &name, "", Cents::ZERO, percent);
                product.account_nr = self.settings.account_for(category, percent);
                Choice::Create(Box::new(product))
            }
            None => Choice::Refuse {
                code: ReasonCode::NoDefaultProduct,
                term: 151,
                text: format!("there is no default product for VAT {category} {percent} %"),
            },
        }
    }

    /// The product of rounding rows.
    pub(crate) fn for_rounding(&self) -> Choice {
        if let Some(id) = self.settings.rounding_product {
            return self.named(id, Decimal::ZERO, 114, By::Default);
        }
        match self.find(ROUNDING_PRODUCT) {
            Some(listed) if listed.ambiguous => Choice::Refuse {
                code: ReasonCode::AmbiguousProduct,
                term: 114,
                text: format!("several products in Kleer have the foreign id {ROUNDING_PRODUCT:?}"),
            },
            Some(listed) if listed.percent.is_some_and(|known| !known.is_zero()) => {
                Choice::Refuse {
                    code: ReasonCode::VatMismatch,
                    term: 114,
                    text: format!("the product {ROUNDING_PRODUCT:?} has VAT in Kleer"),
                }
            }
            Some(listed) => Choice::Product {
                id: listed.id,
                by: By::Default,
            },
            None if self.settings.create_default_products => {
                let name = Label::Rounding.text(self.settings.language);
                let mut product =
                    self.product(ROUNDING_PRODUCT, name, "", Cents::ZERO, Decimal::ZERO);
                product.account_nr = self.settings.rounding_account;
                Choice::Create(Box::new(product))
            }
            None => Choice::Refuse {
                code: ReasonCode::NoDefaultProduct,
                term: 114,
                text: "there is no product for rounding".to_owned(),
            },
        }
    }

    fn proposal(&self, line: &InvoiceLine, item_id: &str, percent: Decimal) -> Product {
        let name = line
            .item
            .name
            .as_deref()
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let price = unit_price(line)
            .and_then(Cents::from_decimal_exact)
            .filter(|price| *price >= Cents::ZERO)
            .unwrap_or(Cents::ZERO);
        let unit = self.settings.unit_text(line.unit_code.as_str());
        let mut product = self.product(item_id, name.unwrap_or(item_id), unit, price, percent);
        let category = line.vat.category.as_str();
        product.account_nr = self.settings.account_for(category, percent);
        product
    }

    fn product(
        &self,
        foreign_id: &str,
        name: &str,
        unit: &str,
        price: Cents,
        percent: Decimal,
    ) -> Product {
        let mut product = Product::new(name, unit, price);
        foreign_id.clone_into(&mut product.foreign_id);
        product.vat_percentage = Some(Rate::from_percent(percent, self.catalogue.rate_unit));
        product
    }
}

/// BT-146 / BT-149 if the division comes out exactly.
pub(crate) fn unit_price(line: &InvoiceLine) -> Option<Decimal> {
    let price = line.price.net_price.into_decimal();
    let base = match line
        .price
        .base_quantity
        .map(en16931::Quantity::into_decimal)
    {
        None => return Some(price.normalize()),
        Some(base) if base == Decimal::ONE => return Some(price.normalize()),
        Some(base) => base,
    };
    let unit = price.checked_div(base)?.normalize();
    (unit.checked_mul(base)? == price).then_some(unit)
}

/// The products that must exist in Kleer before the invoice can be mapped, each once: products
/// of unknown item ids (under [`UnknownProduct::Create`]), default products and the rounding
/// product. Create them, [`insert`](Catalogue::insert) them with their new ids, then map.
///
/// Empty also for an invoice that cannot be mapped for other reasons: map it to see them.
pub fn missing_products(
    source: &SourceInvoice,
    catalogue: &Catalogue,
    settings: &Settings,
) -> Vec<Product> {
    let invoice = source.as_en16931();
    let mut chooser = Chooser::new(catalogue, settings);
    for line in &invoice.lines {
        if let Some(percent) = percent_of(&line.vat)
            && let Choice::Create(product) = chooser.for_line(line, percent)
        {
            chooser.plan(*product);
        }
    }
    let allowances = invoice
        .allowances
        .iter()
        .map(|part| (Label::Allowance, part));
    let charges = invoice.charges.iter().map(|part| (Label::Charge, part));
    for (label, part) in allowances.chain(charges) {
        if let Some(percent) = percent_of(&part.vat)
            && let Choice::Create(product) =
                chooser.for_part(label, part.vat.category.as_str(), percent)
        {
            chooser.plan(*product);
        }
    }
    if invoice
        .totals
        .rounding
        .is_some_and(|rounding| !rounding.is_zero())
        && let Choice::Create(product) = chooser.for_rounding()
    {
        chooser.plan(*product);
    }
    chooser.planned
}
