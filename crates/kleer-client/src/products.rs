//! Products and services that invoice rows refer to.

use kleer_model::{List, Product, ProductId, endpoint};

use crate::call::Call;
use crate::kleer::Kleer;
use crate::response::{self, Accepted, Created};

/// The company's products. From [`Kleer::products`].
#[derive(Debug, Clone, Copy)]
pub struct Products<'a> {
    kleer: &'a Kleer,
}

impl<'a> Products<'a> {
    pub(crate) fn new(kleer: &'a Kleer) -> Self {
        Self { kleer }
    }

    /// All products.
    pub fn list(&self) -> Call<List<Product>> {
        Call::of_endpoint(self.kleer, &endpoint::PRODUCT_LIST, &[], response::document)
    }

    /// One product.
    pub fn get(&self, id: ProductId) -> Call<Product> {
        let path = [("product-id", &*id.to_string())];
        Call::of_endpoint(
            self.kleer,
            &endpoint::PRODUCT_READ,
            &path,
            response::document,
        )
    }

    /// Creates a product. Kleer has no protection against doubles: put a key of your own into
    /// `foreign_id`.
    ///
    /// The path is inferred, not confirmed: see [`PRODUCT_CREATE`](kleer_model::endpoint::PRODUCT_CREATE).
    pub fn create(&self, product: &Product) -> Call<Created<ProductId>> {
        Call::with_document(
            self.kleer,
            &endpoint::PRODUCT_CREATE,
            &[],
            product,
            response::created,
        )
    }

    /// Replaces a product by the whole record.
    ///
    /// The path is inferred, not confirmed: see [`PRODUCT_UPDATE`](kleer_model::endpoint::PRODUCT_UPDATE).
    pub fn update(&self, id: ProductId, product: &Product) -> Call<Accepted<ProductId>> {
        let path = [("product-id", &*id.to_string())];
        Call::with_document(
            self.kleer,
            &endpoint::PRODUCT_UPDATE,
            &path,
            product,
            response::accepted,
        )
    }
}
