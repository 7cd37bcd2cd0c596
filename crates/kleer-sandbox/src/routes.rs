//! From the endpoint table to the functions that carry requests out.

use std::collections::BTreeMap;

use http::Uri;
use kleer_model::endpoint::{self, Endpoint, Scope};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::resource::{self, Resource};
use crate::state::Books;
use crate::{
    accounting, bank, client_agreements, client_invoices, clients, company, events, expenses,
    foundations, payroll, payroll_runs, products, projects, revenues, schedules, schema,
    supplier_invoices, users,
};

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
    (&endpoint::CLIENT_BY_FOREIGN_ID, clients::by_foreign_id),
    (&endpoint::CLIENT_INVOICE_PAY, client_invoices::pay),
    (
        &endpoint::CLIENT_INVOICE_CERTIFY,
        client_invoices::certify_by_call,
    ),
    (
        &endpoint::CLIENT_INVOICE_SEND,
        client_invoices::send_by_call,
    ),
    (&endpoint::CLIENT_INVOICE_PDF, client_invoices::print),
    (
        &endpoint::CLIENT_AGREEMENT_CREATE,
        client_agreements::create,
    ),
    (
        &endpoint::CLIENT_AGREEMENT_UPDATE,
        client_agreements::update,
    ),
    (&endpoint::COMPANY_MESSAGE, company::message),
    (&endpoint::SCHEMA_READ, schema::read),
    (&endpoint::USER_ME, users::me),
    (&endpoint::USER_CREATE, users::create),
    (&endpoint::USER_UPDATE, users::update),
    (&endpoint::ACCESS_GRANT, users::grant),
    (&endpoint::ACCESS_REPLACE, users::replace_accesses),
    (&endpoint::ACCESS_ROLES, users::roles),
    (
        &endpoint::INTERNAL_HOURLY_COST_REPLACE,
        users::replace_costs,
    ),
    (
        &endpoint::SUPPLIER_INVOICE_CREATE,
        supplier_invoices::create,
    ),
    (
        &endpoint::SUPPLIER_INVOICE_UPLOAD,
        supplier_invoices::upload,
    ),
    (
        &endpoint::SUPPLIER_INVOICE_APPROVE,
        supplier_invoices::approve,
    ),
    (&endpoint::PROJECT_METADATA, projects::metadata),
    (&endpoint::CLIENT_PROJECT_LIST, projects::list),
    (&endpoint::CLIENT_PROJECT_CREATE, projects::create),
    (&endpoint::CLIENT_PROJECT_UPDATE, projects::update),
    (&endpoint::CLIENT_PROJECT_CLOSE, projects::close),
    (&endpoint::CLIENT_PROJECT_OPEN, projects::open),
    (&endpoint::EVENT_LIST, events::list),
    (&endpoint::EVENT_READ, events::read),
    (&endpoint::EVENT_CREATE, events::create),
    (&endpoint::EVENT_UPDATE, events::update),
    (&endpoint::EVENT_DELETE, events::delete),
    (&endpoint::EVENT_STATUSES, events::statuses),
    (&endpoint::EVENT_CERTIFY, events::certify),
    (&endpoint::EVENT_APPROVE, events::approve),
    (&endpoint::EVENT_UNLOCK, events::unlock),
    (&endpoint::PAYROLL_USER_READ, payroll::read),
    (&endpoint::PAYROLL_USER_CREATE, payroll::create),
    (&endpoint::PAYROLL_USER_UPDATE, payroll::update),
    (&endpoint::PAYROLL_USER_SCHEDULE, schedules::of_employee),
    (&endpoint::PAYROLL_EVENT_LIST, payroll::list_absences),
    (&endpoint::PAYROLL_EVENT_CREATE, payroll::create_absence),
    (&endpoint::PAYROLL_EVENT_UPDATE, payroll::update_absence),
    (&endpoint::PAYROLL_EVENT_DELETE, payroll::delete_absence),
    (&endpoint::PAYROLL_CHILD_CREATE, payroll::create_child),
    (
        &endpoint::PAYROLL_SCHEDULE_CREATE_ROLLING,
        schedules::create,
    ),
    (
        &endpoint::PAYROLL_SCHEDULE_UPDATE_ROLLING,
        schedules::update,
    ),
    (&endpoint::PAYROLL_SCHEDULE_CREATE_FIXED, schedules::create),
    (&endpoint::PAYROLL_SCHEDULE_UPDATE_FIXED, schedules::update),
    (&endpoint::PAYROLL_RUN_CREATE, payroll_runs::create),
    (&endpoint::PAYROLL_RUN_PAY, payroll_runs::pay),
    (
        &endpoint::PAYROLL_MONTH_REPORT_LIST,
        payroll_runs::list_reports,
    ),
    (
        &endpoint::PAYROLL_MONTH_REPORT_READ,
        payroll_runs::read_report,
    ),
    (
        &endpoint::PAYROLL_MONTH_REPORT_UPDATE,
        payroll_runs::update_report,
    ),
    (&endpoint::EXPENSE_CREATE, expenses::create),
    (&endpoint::EXPENSE_FILE_LIST, expenses::list_files),
    (&endpoint::EXPENSE_FILE_UPLOAD, expenses::upload),
    (&endpoint::EXPENSE_ENTRY_CREATE, expenses::create_entry),
    (&endpoint::EXPENSE_ENTRY_UPDATE, expenses::update_entry),
    (&endpoint::EXPENSE_ENTRY_FORM, expenses::form),
    (
        &endpoint::EXPENSE_ENTRY_FORM_DEFAULTS,
        expenses::form_defaults,
    ),
    (
        &endpoint::ACCOUNTING_YEAR_RESTRICTIONS,
        accounting::restrictions,
    ),
    (&endpoint::ACCOUNT_LIST, accounting::list_accounts),
    (&endpoint::VOUCHER_LIST_DETAILED, accounting::list_detailed),
    (&endpoint::VOUCHER_READ, accounting::read_voucher),
    (&endpoint::VOUCHER_CREATE, accounting::create_voucher),
    (&endpoint::EXCHANGE_RATE_READ, accounting::exchange_rate),
    (&endpoint::REVENUE_CREATE, revenues::create),
    (&endpoint::REVENUE_UPDATE, revenues::update),
    (&endpoint::REVENUE_CONSOLIDATE, revenues::consolidate),
    (&endpoint::BANK_TRANSACTION_CREATE, bank::create_transaction),
    (
        &endpoint::BANK_TRANSACTION_DISTRIBUTIONS,
        bank::distributions,
    ),
    (&endpoint::BANK_TRANSACTION_CONSOLIDATE, revenues::pay),
    (&endpoint::BANK_INFORMATION_VALIDATE, bank::validate),
    (
        &endpoint::FOUNDATION_GRANT_CREATE,
        foundations::create_grant,
    ),
    (
        &endpoint::FOUNDATION_GRANT_UPDATE,
        foundations::update_grant,
    ),
    (
        &endpoint::FOUNDATION_GRANT_RETURN,
        foundations::return_grant,
    ),
    (
        &endpoint::FOUNDATION_GRANT_PAYMENT_CREATE,
        foundations::create_payment,
    ),
    (
        &endpoint::FOUNDATION_GRANT_PAYMENT_UPDATE,
        foundations::update_payment,
    ),
    (
        &endpoint::FOUNDATION_GRANT_REPAYMENT_CREATE,
        foundations::create_repayment,
    ),
];

/// Carried out before any company's books are looked at, by `login`.
const LOGIN: &Endpoint = &endpoint::ACCESS_AUTHENTICATE;

/// The endpoints that the sandbox carries out, by name.
pub(crate) fn implemented() -> impl Iterator<Item = &'static str> {
    let has_handler = |one: &&&Endpoint| {
        handler(one).is_some() || generic(one).is_some() || one.name == LOGIN.name
    };
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

/// The address of today for one that clients of older libraries use: with `/api` before `/v1`, as on
/// Kleer's oldest host, or `event/` with a slash at its end.
pub(crate) fn of_today(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let mut changed = path;
    if let Some(rest) = path.strip_prefix("/api")
        && rest.starts_with("/v1/")
    {
        changed = rest;
    }
    if let Some(without) = changed.strip_suffix('/')
        && without.ends_with("/event")
    {
        changed = without;
    }
    if changed == path {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}"));
    format!("{changed}{}", query.unwrap_or_default())
        .parse()
        .ok()
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
    fn addresses_of_older_libraries_are_understood() {
        let today = |old: &'static str| of_today(&Uri::from_static(old)).map(|uri| uri.to_string());
        assert_eq!(
            today("/api/v1/company/1/client?a=b").as_deref(),
            Some("/v1/company/1/client?a=b")
        );
        assert_eq!(
            today("/v1/company/1/event/").as_deref(),
            Some("/v1/company/1/event")
        );
        assert_eq!(today("/v1/company/1/client/"), None);
        assert_eq!(today("/v1/company/1/event"), None);
        assert_eq!(today("/apiv1/company/1/client"), None);
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
