//! What the company sells.

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{Cents, DimensionEntryReference, ProductId, Rate};

record! {
    /// A product or service (schema type `product`), read and written.
    ///
    /// A row of an invoice takes its VAT rate and its account from its product, whatever the row
    /// itself says. So the product decides how a sale is booked.
    pub struct Product = "product", root "product", list "products" / "product" {
        /// Kleer's id; 0 on a create.
        required id: ProductId = "id";
        /// Your own key. Kleer does not make it unique.
        required foreign_id: String = "foreign-id";
        /// The name.
        required name: String = "name";
        /// Goods or services; Kleer decides when it is absent on a create.
        optional product_type: PurchaseType = "type";
        /// The unit, as text that is printed (`st`, `tim`).
        required unit: String = "unit";
        /// The price per unit without VAT, in cent.
        required price: Cents = "price";
        /// Deprecated by Kleer; 0.
        required ean: i64 = "ean";
        /// Entries of dimensions for rows of this product.
        optional_list dimension_entries: DimensionEntryReference = "dimension-entries" / "dimension-entry";
        /// The sales account (BAS number); Kleer decides when it is absent on a create.
        optional account_nr: i32 = "account-nr";
        /// The VAT rate of domestic sales; its unit is not established.
        optional vat_percentage: Rate = "vat-percentage";
        /// Deprecated by Kleer: accounts by market. On reading, all equal the account number.
        optional accounts: ProductAccounts = "accounts";
    }
}

impl Product {
    /// A new product; everything else is left to Kleer.
    ///
    /// ```
    /// use kleer_model::{Cents, Document, Product};
    ///
    /// let mut product = Product::new("Konsulttimme", "tim", Cents(95_000));
    /// product.foreign_id = "KT-1".to_owned();
    /// assert!(product.to_xml()?.contains("<price>95000</price>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(name: impl Into<String>, unit: impl Into<String>, price: Cents) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            price,
            ..Self::blank()
        }
    }
}

record! {
    /// Deprecated accounts of a product by market (an anonymous type of the schema).
    pub struct ProductAccounts = "" {
        /// Sweden.
        optional se: i32 = "se";
        /// The rest of the European Union.
        optional eu: i32 = "eu";
        /// Elsewhere.
        optional export: i32 = "export";
    }
}

impl ProductAccounts {
    /// The same account in every market, as Kleer sends it; for tests and sandboxes.
    pub fn all(account_nr: i32) -> Self {
        let account = Some(account_nr);
        Self {
            se: account,
            eu: account,
            export: account,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// What is sold (schema type `purchase-type`).
    pub enum PurchaseType = "purchase-type" {
        /// Goods.
        Goods = "Goods",
        /// Services.
        Services = "Services",
        /// Services delivered electronically, which have VAT rules of their own.
        DigitalServices = "DigitalServices",
    }
}
