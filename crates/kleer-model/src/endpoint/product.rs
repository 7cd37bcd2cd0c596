//! Products.

use super::{CREATE, Endpoint, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// All products.
    pub const PRODUCT_LIST: Endpoint = Endpoint {
        name: "product.list",
        path: "product",
        response: &["products"],
        ..READ
    };

    /// One product.
    pub const PRODUCT_READ: Endpoint = Endpoint {
        name: "product.read",
        path: "product/{product-id}",
        response: &["product"],
        ..READ
    };

    /// Creates a product.
    pub const PRODUCT_CREATE: Endpoint = Endpoint {
        name: "product.create",
        path: "product",
        request: Some("product"),
        recovery: Recovery::ForeignId {
            list: "product.list",
        },
        note: "By analogy with PUT client.",
        ..inferred(CREATE)
    };

    /// Updates a product; the whole product is sent.
    pub const PRODUCT_UPDATE: Endpoint = Endpoint {
        name: "product.update",
        path: "product/{product-id}",
        request: Some("product"),
        note: "By analogy with POST client/{client-id}.",
        ..inferred(UPDATE)
    };
}
