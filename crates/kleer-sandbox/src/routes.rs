//! From the endpoint table to the functions that carry requests out.

use std::collections::BTreeMap;

use kleer_model::endpoint::{self, Endpoint, Scope};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::resource::{self, Resource};
use crate::state::Books;
use crate::{client_invoices, clients, company, products};

type Handler = fn(&mut Books, &Call<'_>) -> Result<Answer, Refusal>;

/// The endpoints with a function of their own. Every other one is carried out by what its name says
/// it does (see [`generic`]).
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
    let has_handler = |one: &&&Endpoint| handler(one).is_some() || generic(one).is_some();
    endpoint::ALL
        .iter()
        .filter(has_handler)
        .map(|endpoint| endpoint.name)
}

fn handler(endpoint: &Endpoint) -> Option<Handler> {
    let found = HANDLERS
        .iter()
        .find(|(known, _)| known.name == endpoint.name);
    found.map(|(_, handler)| *handler)
}

/// What an endpoint does to records of a kind, by the second part of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    List,
    Read,
    ByForeignId,
    Create,
    Update,
    Delete,
}

/// The kind of records that an endpoint is about, and what it does to them.
fn generic(endpoint: &Endpoint) -> Option<(&'static Resource, Verb)> {
    let (area, verb) = endpoint.name.split_once('.')?;
    let verb = match verb {
        "list" => Verb::List,
        "read" => Verb::Read,
        "by_foreign_id" => Verb::ByForeignId,
        "create" => Verb::Create,
        "update" => Verb::Update,
        "delete" => Verb::Delete,
        _ => return None,
    };
    Some((resource::of_area(area)?, verb))
}

/// Carries a call out, under the lock and without waiting for anything.
pub(crate) fn carry_out(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    if let Some(handler) = handler(call.endpoint) {
        return handler(books, call);
    }
    let Some((kind, verb)) = generic(call.endpoint) else {
        return Err(Refusal::not_implemented(call.endpoint.name));
    };
    match verb {
        Verb::List => resource::list(books, call, kind, &|_| true),
        Verb::Read => resource::read(books, call, kind),
        Verb::ByForeignId => resource::by_foreign_id(books, call, kind),
        Verb::Create => resource::create(books, call, kind, &resource::no_rule),
        Verb::Update => resource::update(books, call, kind, &resource::no_rule),
        Verb::Delete => resource::delete(books, call, kind),
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
