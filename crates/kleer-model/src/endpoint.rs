//! Kleer's endpoints, as data.
//!
//! The client sends what this table says, the sandbox serves it, and documentation is made from
//! it. Paths are relative to `/v1/company/{company-id}/`. In Kleer's API `PUT` creates and `POST`
//! updates.
//!
//! Only part of Kleer's paths is known: [`Provenance`] says of each entry how it is known, and
//! [`Recovery`] how a create whose outcome is unknown is found again.

use std::fmt;

/// One call of Kleer's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// A stable name: `client_invoice.create`.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path template: `client/invoice/{client-invoice-id}`.
    pub path: &'static str,
    /// The query parameters.
    pub query: &'static [QueryParameter],
    /// The root element of the request's body.
    pub request: Option<&'static str>,
    /// The root elements that the answer may have, the likeliest first.
    pub response: &'static [&'static str],
    /// How the path is known.
    pub provenance: Provenance,
    /// How a create with an unknown outcome is found again.
    pub recovery: Recovery,
    /// What else a caller should know.
    pub note: &'static str,
}

/// An HTTP method, with Kleer's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Put,
    /// Updates, or acts.
    Post,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method's name in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes anything.
    pub fn is_write(self) -> bool {
        self != Self::Get
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A query parameter of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryParameter {
    /// Its name.
    pub name: &'static str,
    /// What it means, and the form of its value.
    pub meaning: &'static str,
}

/// How an endpoint's path is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provenance {
    /// Real code somewhere calls it.
    Confirmed,
    /// The type is in the schema; the path is our best reading.
    Inferred,
}

/// How a write whose outcome is unknown is found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// It can be repeated: it reads, or it sets what it sets again.
    Repeatable,
    /// By the client key in `foreign-id`, among the items of this list endpoint.
    ForeignId {
        /// The name of the list endpoint.
        list: &'static str,
    },
}

/// A path could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// The template has a parameter that was not given.
    Missing(&'static str),
    /// A parameter was given that the template does not have.
    Unknown(String),
    /// A value is empty, `.` or `..`, and would change the path. Holds the parameter's name.
    Unsafe(String),
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "the path needs a value for {{{name}}}"),
            Self::Unknown(name) => write!(f, "the path has no {{{name}}}"),
            Self::Unsafe(name) => write!(f, "{{{name}}} must not be empty, '.' or '..'"),
        }
    }
}

impl std::error::Error for PathError {}

impl Endpoint {
    /// The names of the path's parameters, in order.
    ///
    /// ```
    /// use kleer_model::endpoint::CLIENT_READ;
    ///
    /// assert_eq!(CLIENT_READ.parameters().collect::<Vec<_>>(), ["client-id"]);
    /// ```
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(parameter)
    }

    /// The path's segments with the parameters filled in, *not* percent-encoded.
    ///
    /// ```
    /// use kleer_model::endpoint::CLIENT_READ;
    ///
    /// assert_eq!(CLIENT_READ.fill(&[("client-id", "17")])?, ["client", "17"]);
    /// assert!(CLIENT_READ.fill(&[("client-id", "..")]).is_err());
    /// # Ok::<(), kleer_model::endpoint::PathError>(())
    /// ```
    ///
    /// # Errors
    /// When a parameter is missing or not known, or when its value would change the path: empty,
    /// `.` or `..`.
    pub fn fill(&self, values: &[(&str, &str)]) -> Result<Vec<String>, PathError> {
        if let Some((name, _)) = values
            .iter()
            .find(|(name, _)| self.parameters().all(|known| known != *name))
        {
            return Err(PathError::Unknown((*name).to_owned()));
        }
        let segment = |template: &'static str| match parameter(template) {
            None => Ok(template.to_owned()),
            Some(name) => match values.iter().find(|(given, _)| *given == name) {
                None => Err(PathError::Missing(name)),
                Some((_, "" | "." | "..")) => Err(PathError::Unsafe(name.to_owned())),
                Some((_, value)) => Ok((*value).to_owned()),
            },
        };
        self.path.split('/').map(segment).collect()
    }
}

fn parameter(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

const READ: Endpoint = Endpoint {
    name: "",
    method: Method::Get,
    path: "",
    query: &[],
    request: None,
    response: &[],
    provenance: Provenance::Confirmed,
    recovery: Recovery::Repeatable,
    note: "",
};
const CREATE: Endpoint = Endpoint {
    method: Method::Put,
    response: &["created", "saved"],
    ..READ
};
const UPDATE: Endpoint = Endpoint {
    method: Method::Post,
    response: &["saved", "ok"],
    ..READ
};
const DELETE: Endpoint = Endpoint {
    method: Method::Delete,
    response: &["deleted", "ok"],
    ..READ
};

const fn query(name: &'static str, meaning: &'static str) -> QueryParameter {
    QueryParameter { name, meaning }
}

/// The company behind the token.
pub const COMPANY_INFORMATION: Endpoint = Endpoint {
    name: "company.information",
    path: "info",
    response: &["company-information"],
    ..READ
};

/// All clients.
pub const CLIENT_LIST: Endpoint = Endpoint {
    name: "client.list",
    path: "client",
    response: &["clients"],
    ..READ
};

/// One client.
pub const CLIENT_READ: Endpoint = Endpoint {
    name: "client.read",
    path: "client/{client-id}",
    response: &["client"],
    provenance: Provenance::Inferred,
    note: "By analogy with user/{user-id}.",
    ..READ
};

/// Creates a client.
pub const CLIENT_CREATE: Endpoint = Endpoint {
    name: "client.create",
    path: "client",
    request: Some("client"),
    recovery: Recovery::ForeignId {
        list: "client.list",
    },
    ..CREATE
};

/// Updates a client; the whole client is sent.
pub const CLIENT_UPDATE: Endpoint = Endpoint {
    name: "client.update",
    path: "client/{client-id}",
    request: Some("client"),
    ..UPDATE
};

/// Deletes a client.
pub const CLIENT_DELETE: Endpoint = Endpoint {
    name: "client.delete",
    path: "client/{client-id}",
    ..DELETE
};

/// The ways in which the company can send invoices.
pub const CLIENT_DELIVERY_TYPES: Endpoint = Endpoint {
    name: "client.delivery_types",
    path: "client/deliverytype",
    response: &["client-delivery-types"],
    ..READ
};

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
    provenance: Provenance::Inferred,
    recovery: Recovery::ForeignId {
        list: "product.list",
    },
    note: "By analogy with PUT client.",
    ..CREATE
};

/// Updates a product; the whole product is sent.
pub const PRODUCT_UPDATE: Endpoint = Endpoint {
    name: "product.update",
    path: "product/{product-id}",
    request: Some("product"),
    provenance: Provenance::Inferred,
    note: "By analogy with POST client/{client-id}.",
    ..UPDATE
};

/// Client invoices.
pub const CLIENT_INVOICE_LIST: Endpoint = Endpoint {
    name: "client_invoice.list",
    path: "client/invoice",
    query: &[
        query(
            "filter",
            "all (default), certified, certifiable or sendable",
        ),
        query("query", "free text"),
        query(
            "invoiceDateLower",
            "first invoice date, YYYY-MM-DD, included",
        ),
        query(
            "invoiceDateUpper",
            "last invoice date, YYYY-MM-DD, included",
        ),
        query(
            "ignoreFiles",
            "true leaves attachments out; false (default) inlines them all",
        ),
    ],
    response: &["client-invoices"],
    note: "The answer has the attributes of a page; how to ask for the next one is not known.",
    ..READ
};

/// One client invoice.
pub const CLIENT_INVOICE_READ: Endpoint = Endpoint {
    name: "client_invoice.read",
    path: "client/invoice/{client-invoice-id}",
    response: &["client-invoice"],
    provenance: Provenance::Inferred,
    note: "By analogy with product/{product-id}.",
    ..READ
};

/// Creates a client invoice.
pub const CLIENT_INVOICE_CREATE: Endpoint = Endpoint {
    name: "client_invoice.create",
    path: "client/invoice",
    query: &[
        query(
            "defaultDimensionsFromProduct",
            "true takes dimensions from the rows' products",
        ),
        query(
            "defaultDimensionsFromClient",
            "true takes dimensions from the client",
        ),
    ],
    request: Some("client-invoice"),
    recovery: Recovery::ForeignId {
        list: "client_invoice.list",
    },
    ..CREATE
};

/// Updates a client invoice; the whole invoice is sent.
pub const CLIENT_INVOICE_UPDATE: Endpoint = Endpoint {
    name: "client_invoice.update",
    path: "client/invoice/{client-invoice-id}",
    request: Some("client-invoice"),
    provenance: Provenance::Inferred,
    note: "By analogy with POST client/{client-id}.",
    ..UPDATE
};

/// Deletes a client invoice that is not certified.
pub const CLIENT_INVOICE_DELETE: Endpoint = Endpoint {
    name: "client_invoice.delete",
    path: "client/invoice/{client-invoice-id}",
    provenance: Provenance::Inferred,
    note: "By analogy with DELETE client/{client-id}. A deleted invoice reads as disabled.",
    ..DELETE
};

/// The layouts of client invoices, debit and credit.
pub const CLIENT_INVOICE_TEMPLATES: Endpoint = Endpoint {
    name: "client_invoice.templates",
    path: "client/invoice/template",
    response: &["client-invoice-templates"],
    ..READ
};

/// Every endpoint.
pub const ALL: &[&Endpoint] = &[
    &COMPANY_INFORMATION,
    &CLIENT_LIST,
    &CLIENT_READ,
    &CLIENT_CREATE,
    &CLIENT_UPDATE,
    &CLIENT_DELETE,
    &CLIENT_DELIVERY_TYPES,
    &CLIENT_INVOICE_LIST,
    &CLIENT_INVOICE_READ,
    &CLIENT_INVOICE_CREATE,
    &CLIENT_INVOICE_UPDATE,
    &CLIENT_INVOICE_DELETE,
    &CLIENT_INVOICE_TEMPLATES,
    &PRODUCT_LIST,
    &PRODUCT_READ,
    &PRODUCT_CREATE,
    &PRODUCT_UPDATE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_calls_are_unique_and_recoveries_name_a_list() {
        for (at, endpoint) in ALL.iter().enumerate() {
            for other in &ALL[at + 1..] {
                assert_ne!(endpoint.name, other.name);
                assert_ne!((endpoint.method, endpoint.path), (other.method, other.path));
            }
            if let Recovery::ForeignId { list } = endpoint.recovery {
                let list = ALL.iter().find(|other| other.name == list).unwrap();
                assert_eq!(list.method, Method::Get);
            }
            assert_eq!(
                endpoint.method == Method::Put,
                endpoint.recovery != Recovery::Repeatable
            );
            assert!(!endpoint.response.is_empty(), "{}", endpoint.name);
        }
    }

    #[test]
    fn a_path_is_filled_exactly_or_refused() {
        let fill = |values: &[(&str, &str)]| CLIENT_INVOICE_READ.fill(values);
        assert_eq!(
            fill(&[("client-invoice-id", "7/../8")]),
            Ok(vec!["client".into(), "invoice".into(), "7/../8".into()])
        );
        assert_eq!(fill(&[]), Err(PathError::Missing("client-invoice-id")));
        assert_eq!(
            fill(&[("client-invoice-id", "7"), ("x", "8")]),
            Err(PathError::Unknown("x".into()))
        );
        for bad in ["", ".", ".."] {
            assert_eq!(
                fill(&[("client-invoice-id", bad)]),
                Err(PathError::Unsafe("client-invoice-id".into()))
            );
        }
    }
}
