//! From the endpoint table to the functions that carry requests out.

use std::collections::BTreeMap;

use kleer_model::endpoint::{self, Endpoint, Scope};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::state::Books;
use crate::{client_invoices, clients, company, products};

type Handler = fn(&mut Books, &Call<'_>) -> Result<Answer, Refusal>;

/// What is implemented. Everything else in the table answers 501.
const HANDLERS: &[(&Endpoint, Handler)] = &[
    (&endpoint::COMPANY_INFORMATION, company::information),
    (&endpoint::CLIENT_DELIVERY_TYPES, company::delivery_types),
    (
        &endpoint::CLIENT_INVOICE_TEMPLATES,
        company::invoice_templates,
    ),
    (&endpoint::CLIENT_LIST, clients::list),
    (&endpoint::CLIENT_READ, clients::read),
    (&endpoint::CLIENT_CREATE, clients::create),
    (&endpoint::CLIENT_UPDATE, clients::update),
    (&endpoint::CLIENT_DELETE, clients::delete),
    (&endpoint::PRODUCT_LIST, products::list),
    (&endpoint::PRODUCT_READ, products::read),
    (&endpoint::PRODUCT_CREATE, products::create),
    (&endpoint::PRODUCT_UPDATE, products::update),
    (&endpoint::CLIENT_INVOICE_LIST, client_invoices::list),
    (&endpoint::CLIENT_INVOICE_READ, client_invoices::read),
    (&endpoint::CLIENT_INVOICE_CREATE, client_invoices::create),
    (&endpoint::CLIENT_INVOICE_UPDATE, client_invoices::update),
    (&endpoint::CLIENT_INVOICE_DELETE, client_invoices::delete),
];

/// The endpoints that the sandbox carries out, by name.
pub(crate) fn implemented() -> impl Iterator<Item = &'static str> {
    HANDLERS.iter().map(|(endpoint, _)| endpoint.name)
}

/// Carries a call out, under the lock and without waiting for anything.
pub(crate) fn carry_out(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    match HANDLERS
        .iter()
        .find(|(endpoint, _)| endpoint.name == call.endpoint.name)
    {
        Some((_, handler)) => handler(books, call),
        None => Err(Refusal::not_implemented(call.endpoint.name)),
    }
}

/// The table's endpoints by axum path.
pub(crate) fn by_path() -> BTreeMap<String, Vec<&'static Endpoint>> {
    let mut paths: BTreeMap<String, Vec<&'static Endpoint>> = BTreeMap::new();
    for &endpoint in endpoint::ALL {
        paths.entry(axum_path(endpoint)).or_default().push(endpoint);
    }
    paths
}

/// `client/{client-id}` as `/v1/company/{company}/client/{1}`. Parameters are named by their
/// place: axum refuses two routes that name the same place differently, and the table may.
fn axum_path(endpoint: &Endpoint) -> String {
    let segment = |(place, segment): (usize, &str)| {
        if segment.starts_with('{') {
            format!("/{{{place}}}")
        } else {
            format!("/{segment}")
        }
    };
    let relative: String = endpoint.path.split('/').enumerate().map(segment).collect();
    match endpoint.scope {
        Scope::Api => format!("/v1{relative}"),
        _ => format!("/v1/company/{{company}}{relative}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_named_by_their_place() {
        let path = |name: &str| axum_path(endpoint::find(name).unwrap());
        assert_eq!(path("company.information"), "/v1/company/{company}/info");
        assert_eq!(
            path("payroll_event.list"),
            "/v1/company/{company}/payroll/user/{2}/event/from/{5}/to/{7}"
        );
        assert_eq!(path("access.authenticate"), "/v1/access/authenticate");
    }

    #[test]
    fn a_path_and_a_method_are_one_endpoint() {
        for (path, endpoints) in by_path() {
            let mut methods: Vec<_> = endpoints.iter().map(|e| e.method.as_str()).collect();
            methods.sort_unstable();
            methods.dedup();
            assert_eq!(methods.len(), endpoints.len(), "{path}");
        }
    }

    #[test]
    fn every_handler_is_reached_through_the_table() {
        let table: Vec<_> = endpoint::ALL.iter().map(|endpoint| endpoint.name).collect();
        for name in implemented() {
            assert!(table.contains(&name), "{name}");
        }
    }
}
