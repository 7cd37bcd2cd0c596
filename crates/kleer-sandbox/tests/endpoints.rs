//! The whole endpoint table is served, statefully, in XML and in JSON.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{call, get, sandbox};
use kleer_model::endpoint::{self, Endpoint, Method};
use kleer_model::{RootElement, RootKind};
use kleer_sandbox::Sandbox;

#[test]
fn every_endpoint_is_carried_out() {
    let implemented: Vec<_> = Sandbox::implemented().collect();
    let missing: Vec<_> = endpoint::ALL
        .iter()
        .map(|endpoint| endpoint.name)
        .filter(|name| !implemented.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn path(endpoint: &Endpoint) -> String {
    let values: Vec<_> = endpoint
        .parameters()
        .map(|name| {
            let value = match name {
                "client-id" => "17",
                "product-id" => "3",
                "user-id" => "101",
                "activity-id" => "201",
                "payroll-schedule-id" => "701",
                "dimension-id" => "11",
                "accounting-year-id" => "21",
                "start-date" | "from-date" | "date" => "2026-01-01",
                "end-date" | "to-date" => "2026-01-31",
                "year" => "2026",
                "month" => "0",
                "from-currency" => "EUR",
                "to-currency" => "SEK",
                _ => "1",
            };
            (name, value)
        })
        .collect();
    endpoint.fill(&values).unwrap().join("/")
}

/// Lists answer at once, in the root that the table names, and in both formats.
#[tokio::test]
async fn every_list_is_there_from_the_start() {
    let sandbox = sandbox().await;
    let mut lists = 0;
    for endpoint in endpoint::ALL {
        let Some(root) = endpoint
            .response
            .first()
            .and_then(|root| RootElement::find(root))
        else {
            continue;
        };
        let is_list = matches!(root.kind, RootKind::List { .. });
        if endpoint.method != Method::Get || !is_list || endpoint.path.contains("payroll/user/{") {
            continue;
        }
        if endpoint.name == "bank_transaction.distributions" {
            continue; // of a transaction, of which there is none
        }
        lists += 1;
        let answer = get(&sandbox, &path(endpoint)).await;
        assert_eq!(answer.status, 200, "{}: {answer:?}", endpoint.name);
        root.rewrite(answer.text.as_bytes())
            .unwrap_or_else(|error| panic!("{}: {error}: {}", endpoint.name, answer.text));
        let json = common::json(&sandbox, "GET", &path(endpoint), None).await;
        assert_eq!(json.status, 200, "{}: {json:?}", endpoint.name);
        assert!(json.value().is_object(), "{}: {json:?}", endpoint.name);
    }
    assert!(lists > 30, "{lists}");
}

/// What is refused is refused with Kleer's error body; nothing is 501, and nothing is unhandled.
#[tokio::test]
async fn no_call_is_unknown_to_the_sandbox() {
    let sandbox = sandbox().await;
    for endpoint in endpoint::ALL {
        if endpoint.scope != endpoint::Scope::Company {
            continue;
        }
        let method = endpoint.method.as_str().parse().unwrap();
        let answer = call(&sandbox, method, &path(endpoint), String::new()).await;
        assert!(
            [200, 400, 404, 500].contains(&answer.status),
            "{}: {answer:?}",
            endpoint.name
        );
        assert!(
            !answer.text.contains("TechnicalException"),
            "{}: {answer:?}",
            endpoint.name
        );
        if answer.status != 200 {
            assert!(answer.text.starts_with("<error>"), "{}", endpoint.name);
        }
    }
}
