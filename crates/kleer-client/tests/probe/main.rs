//! The example `probe`, against the sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    dead_code,
    reason = "a test may panic; the example's modules are made for its own crate"
)]

#[path = "../../examples/probe/probe.rs"]
mod probe;
#[path = "../../examples/probe/report.rs"]
mod report;
#[path = "../../examples/probe/shape.rs"]
mod shape;

use chrono::NaiveDate;
use kleer_client::Kleer;
use kleer_client::model::endpoint::{self, Provenance};
use kleer_client::model::{Cents, ClientInvoice, ClientInvoiceRow, ClientKey};
use kleer_sandbox::{Sandbox, Seed};
use report::Verdict;

#[tokio::test]
async fn the_probe_reads_everything_and_tells_nothing_of_the_company() {
    let sandbox = Sandbox::builder()
        .seed(Seed::new().demo())
        .start()
        .await
        .unwrap();
    let kleer = Kleer::builder(sandbox.company())
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    let mut names: Vec<String> = Vec::new();
    for client in sandbox.clients() {
        names.extend([client.name, client.email, client.orgno, client.foreign_id]);
    }
    for product in sandbox.products() {
        names.extend([product.name, product.foreign_id]);
    }
    for user in kleer.users().list().await.unwrap().items {
        names.extend([user.name, user.email]);
    }
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    for number in ["1", "2"] {
        let (client, product) = (sandbox.clients()[0].id, sandbox.products()[0].id);
        let row = ClientInvoiceRow::new(product, 8.into(), Cents(95_000), "Konsulttid");
        let invoice = ClientInvoice::draft(client, today, today, "SEK", vec![row]);
        let key = ClientKey::new("probe", "client-invoice", number);
        let outcome = kleer
            .client_invoices()
            .create_once(key, &invoice)
            .await
            .unwrap();
        assert!(outcome.id().is_some());
    }
    sandbox.clear_requests();

    let report = probe::run(&kleer, today).await.unwrap();

    assert!(
        sandbox
            .requests()
            .iter()
            .all(|request| request.method == "GET"),
        "it only reads"
    );
    let reads = endpoint::ALL
        .iter()
        .filter(|endpoint| endpoint.method.as_str() == "GET")
        .count();
    assert_eq!(report.verdicts.len(), reads);
    // The sandbox serves the table, so what was asked for is there.
    let (answers, rest): (Vec<_>, Vec<_>) = report
        .verdicts
        .iter()
        .partition(|(_, verdict)| *verdict == Verdict::Answers);
    assert!(answers.len() > 40, "{} answer: {rest:?}", answers.len());
    for (endpoint, verdict) in &rest {
        let explained = matches!(
            verdict,
            Verdict::NotTried(_) | Verdict::Refused(..) | Verdict::NothingThere(_)
        );
        assert!(explained, "{}: {verdict:?}", endpoint.name);
    }
    let promoted = report.promoted();
    assert!(
        promoted.contains(&"client.read") && promoted.contains(&"supplier.list"),
        "{promoted:?}"
    );
    for name in &promoted {
        assert_eq!(
            endpoint::find(name).unwrap().provenance,
            Provenance::Inferred
        );
    }
    let paging = |name: &str| {
        report
            .paging
            .iter()
            .find(|(found, _)| *found == name)
            .unwrap()
            .1
    };
    assert_eq!(
        paging("client_invoice.list"),
        "`offset` and `limit` are honoured"
    );
    assert!(paging("revenue_ledger.list").contains("`limit` is honoured"));
    assert!(paging("supplier_invoice.list").contains("nothing to tell from"));
    assert!(
        report
            .units
            .iter()
            .any(|line| line.contains("percent: 25 for 25 %")),
        "{:?}",
        report.units
    );
    assert!(
        report
            .foreign_ids
            .iter()
            .any(|(name, ..)| *name == "client.list")
    );
    let shapes: Vec<&str> = report.shapes.iter().map(|(name, _)| *name).collect();
    assert!(shapes.contains(&"client.list"));
    let clients = &report
        .shapes
        .iter()
        .find(|(name, _)| *name == "client.list")
        .unwrap()
        .1;
    assert!(clients.starts_with("{clients: [{"), "{clients}");

    let text = report.to_string();
    for name in names.iter().filter(|name| name.len() > 2) {
        assert!(!text.contains(name.as_str()), "{name} in the report");
    }
    assert!(!text.contains(sandbox.token()));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn the_probe_tells_wrong_paths_from_missing_rights() {
    // A server that knows the user only.
    let mut server = mockito::Server::new_async().await;
    let me =
        "<user><id>21</id><name>T</name><email>t@example.com</email><active>true</active></user>";
    let _any = server
        .mock("GET", mockito::Matcher::Any)
        .with_status(404)
        // Mockito prefers mocks that expect hits, and then the last.
        .expect(0)
        .create_async()
        .await;
    let _me = server
        .mock("GET", "/company/1/user/me")
        .with_body(me)
        .create_async()
        .await;
    let refused = "<error><message>SingleAccessDeniedException: nej</message></error>";
    let _supplier = server
        .mock("GET", "/company/1/supplier")
        .with_status(500)
        .with_body(refused)
        .create_async()
        .await;
    let _product = server
        .mock("GET", "/company/1/product")
        .with_body("<clients/>")
        .create_async()
        .await;
    let kleer = Kleer::builder(kleer_client::model::CompanyId(1))
        .token("t")
        .base_url(server.url())
        .build()
        .unwrap();
    let report = probe::run(&kleer, NaiveDate::default()).await.unwrap();
    let verdict = |name: &str| {
        let found = report
            .verdicts
            .iter()
            .find(|(endpoint, _)| endpoint.name == name);
        found.unwrap().1.clone()
    };
    assert_eq!(verdict("user.me"), Verdict::Answers);
    assert_eq!(
        verdict("supplier.list"),
        Verdict::Refused(500, Some("SingleAccessDeniedException".to_owned()))
    );
    assert_eq!(verdict("product.list"), Verdict::OtherDocument("clients"));
    assert_eq!(verdict("client.list"), Verdict::NothingThere(404));
    assert_eq!(verdict("client.read"), Verdict::NotTried("client-id"));
    assert!(
        report.doubted().contains(&"product.list") && !report.doubted().contains(&"supplier.list")
    );
    assert!(report.promoted().is_empty());
}
