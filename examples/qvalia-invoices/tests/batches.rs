//! Documents posted side by side, what stays in doubt, and the audit after the run.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::PathBuf;
use std::time::Duration;

use kleer_connect::invoices::{DocumentResult, Outcome};
use kleer_model::endpoint::{
    CLIENT_CREATE, CLIENT_INVOICE_CREATE, CLIENT_INVOICE_LIST, CLIENT_LIST, PRODUCT_CREATE,
    PRODUCT_LIST,
};
use kleer_sandbox::{Fault, FaultRule};
use record_link::DeviationClass;
use support::{Desk, Poster, changed, client, fixture, options, poster, sandbox};

/// Invoices of one seller to one buyer, with numbers of their own.
fn many(desk: &Desk, count: usize) -> Vec<PathBuf> {
    let file = |at: usize| {
        let number = format!("2026-3{at:03}");
        let xml = changed("01-consulting.xml", &[("2026-1001", &number)]);
        desk.file(&format!("{at}.xml"), xml)
    };
    (0..count).map(file).collect()
}

fn outcomes(results: &[DocumentResult]) -> Vec<Outcome> {
    results.iter().map(|result| result.outcome).collect()
}

#[tokio::test]
async fn a_batch_reads_each_list_once() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let files = many(&desk, 12);
    let mut poster = poster(&sandbox).await;
    sandbox.clear_requests();
    let mut results = poster.post_all(&files).await;
    assert!(outcomes(&results).iter().all(|one| *one == Outcome::Posted));
    assert_eq!(sandbox.client_invoices().len(), 12);
    assert_eq!((sandbox.clients().len(), sandbox.products().len()), (1, 2));
    sandbox.assert_requested(&CLIENT_INVOICE_LIST, 1);
    sandbox.assert_requested(&CLIENT_LIST, 1);
    sandbox.assert_requested(&PRODUCT_LIST, 1);
    // The sums, and the audit.
    poster.verify(&mut results).await;
    assert!(outcomes(&results).iter().all(|one| *one == Outcome::Posted));
    sandbox.assert_requested(&CLIENT_INVOICE_LIST, 3);
    // Nothing more is asked for when there is nothing to create.
    sandbox.clear_requests();
    let again = poster.post_all(&files).await;
    assert!(
        outcomes(&again)
            .iter()
            .all(|one| *one == Outcome::Unchanged)
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn copies_and_other_editions_in_one_batch_are_told_apart() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let other = changed(
        "01-consulting.xml",
        &[("Konsulttimme", "Konsulttimme, junior")],
    );
    let files = [
        fixture("01-consulting.xml"),
        desk.file(
            "copy.xml",
            changed("01-consulting.xml", &[("\n  ", "\n\t")]),
        ),
        desk.file("other.xml", other),
        fixture("01-consulting.xml"),
    ];
    let results = poster(&sandbox).await.post_all(&files).await;
    assert_eq!(
        outcomes(&results),
        [
            Outcome::Posted,
            Outcome::Unchanged,
            Outcome::Posted,
            Outcome::Unchanged
        ]
    );
    // In the order of the files, each with its own number and reasons.
    for (result, file) in results.iter().zip(&files) {
        assert_eq!(result.document, qvalia_invoices::files::key(file));
    }
    assert!(results[2].reasons[0].starts_with("BT-1: "), "{results:?}");
    assert_eq!(results[1].reasons.len(), 1, "{results:?}");
    assert_eq!(sandbox.client_invoices().len(), 2);

    // The same when the other edition is refused.
    let mut strict = options();
    strict.refuse_reused_numbers = true;
    let sandbox = support::sandbox().await;
    let mut strict = Poster::connect(client(&sandbox), strict).await.unwrap();
    let results = strict.post_all(&files[1..3]).await;
    assert_eq!(outcomes(&results), [Outcome::Posted, Outcome::Refused]);
}

#[tokio::test]
async fn an_item_at_two_vat_rates_gets_what_it_needs_in_one_batch() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    // RES-1 has 6 % in the first one; here it is 25 %, as the other line.
    let low = changed("01-consulting.xml", &[("2026-1001", "2026-4001")]);
    let high = changed(
        "01-consulting.xml",
        &[("RES-1", "KT-9"), ("KT-1", "RES-1"), ("KT-9", "KT-1")],
    );
    let files = [desk.file("low.xml", low), desk.file("high.xml", high)];
    let mut poster = poster(&sandbox).await;
    let mut results = poster.post_all(&files).await;
    poster.verify(&mut results).await;
    assert_eq!(
        outcomes(&results),
        [Outcome::Posted, Outcome::Posted],
        "{results:?}"
    );
    // The two items, and a default product for either rate.
    assert_eq!(sandbox.products().len(), 4);
}

#[tokio::test]
async fn one_document_that_fails_does_not_hold_up_its_batch() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let files = many(&desk, 6);
    sandbox.fail(
        &CLIENT_INVOICE_CREATE,
        1,
        Fault::KleerError("Perioden är låst".to_owned()),
    );
    let results = poster(&sandbox).await.post_all(&files).await;
    let failed: Vec<_> = results
        .iter()
        .filter(|result| result.outcome == Outcome::Failed)
        .collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].reasons[0].contains("Perioden är låst"));
    assert_eq!(sandbox.client_invoices().len(), 5);
}

#[tokio::test]
async fn after_a_refused_token_nothing_more_is_tried() {
    let sandbox = sandbox().await;
    let mut poster = poster(&sandbox).await;
    sandbox.fault(FaultRule::new(Fault::Status(401)).always());
    let first = poster.post(&fixture("01-consulting.xml")).await;
    assert_eq!(first.class, Some(DeviationClass::Authentication));
    let before = sandbox.requests().len();
    let second = poster.post(&fixture("04-fractional-price.xml")).await;
    assert_eq!(second.outcome, Outcome::Failed);
    assert!(second.reasons[0].starts_with("not tried: "), "{second:?}");
    assert_eq!(sandbox.requests().len(), before);
}

/// A create that is never answered and never lands is sent twice at most, and is in doubt.
#[tokio::test]
async fn what_stays_unknown_is_in_doubt_and_a_later_run_finishes_it() {
    for (endpoint, most) in [
        (CLIENT_CREATE, 2),
        (PRODUCT_CREATE, 2),
        (CLIENT_INVOICE_CREATE, 2),
    ] {
        let sandbox = sandbox().await;
        let file = fixture("04-fractional-price.xml");
        sandbox.fault(FaultRule::new(Fault::ResetBefore).on(&endpoint).always());
        let mut first = poster(&sandbox).await;
        let result = first.post(&file).await;
        assert_eq!(result.outcome, Outcome::Failed, "{result:?}");
        assert_eq!(result.class, Some(DeviationClass::InDoubt), "{result:?}");
        assert!(
            result.reasons[0].starts_with("in doubt: "),
            "{:?}",
            result.reasons
        );
        let sent = sandbox.count_requests(&endpoint);
        // Two products are new.
        let kinds = if endpoint.name == PRODUCT_CREATE.name {
            2
        } else {
            1
        };
        assert_eq!(sent, most * kinds, "{}", endpoint.name);
        // Not in this run, whatever the network does by now.
        sandbox.clear_faults();
        let same_run = first.post(&file).await;
        assert_eq!(same_run.class, Some(DeviationClass::InDoubt));
        assert_eq!(sandbox.count_requests(&endpoint), sent);
        let later = poster(&sandbox).await.post(&file).await;
        assert_eq!(later.outcome, Outcome::Posted, "{later:?}");
    }
}

#[tokio::test]
async fn what_is_in_doubt_is_a_deviation_of_that_class() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = fixture("04-fractional-price.xml");
    let target = ["--create-clients", "--rate-unit", "percent"];
    let settings = desk.file("settings.json", "{}");
    // The program waits its settle time of some seconds, so the answer is lost once only, and
    // what landed does not carry its key.
    sandbox.fault(
        FaultRule::new(Fault::Dropped("foreign-id".to_owned()))
            .on(&CLIENT_INVOICE_CREATE)
            .times(1),
    );
    let arguments = [
        file.to_str().unwrap(),
        "--settings",
        settings.to_str().unwrap(),
    ];
    let printed = desk
        .run_against(&sandbox, &[&arguments[..], &target].concat())
        .await;
    assert_eq!(printed.status, 2);
    assert!(
        printed.out.contains("does not show its key"),
        "{}",
        printed.out
    );
    let list = desk.run(&["list", "--format", "json"]).await.json();
    assert_eq!(list[0]["class"], "in-doubt", "{list:?}");
}

#[tokio::test]
async fn creates_that_land_late_are_named_after_the_run() {
    // The settle time of 20 ms is long over when they land, and each record was sent again.
    let late = Fault::ResetThenLate(Duration::from_secs(2));
    for endpoint in [CLIENT_CREATE, CLIENT_INVOICE_CREATE] {
        let sandbox = sandbox().await;
        sandbox.fail(&endpoint, 1, late.clone());
        let mut poster = poster(&sandbox).await;
        let mut results = vec![poster.post(&fixture("04-fractional-price.xml")).await];
        assert_eq!(results[0].outcome, Outcome::Posted, "{results:?}");
        sandbox.late_writes_landed().await;
        poster.verify(&mut results).await;
        let result = &results[0];
        assert_eq!(result.outcome, Outcome::Failed, "{}", endpoint.name);
        assert_eq!(result.class, Some(DeviationClass::InDoubt));
        assert!(result.reasons[0].contains("2 times"), "{result:?}");
    }
}

#[tokio::test]
async fn a_product_that_is_there_twice_after_the_run_is_named() {
    let sandbox = sandbox().await;
    let mut poster = poster(&sandbox).await;
    let mut results = vec![poster.post(&fixture("01-consulting.xml")).await];
    let double = sandbox.products()[0].clone();
    client(&sandbox).products().create(&double).await.unwrap();
    poster.verify(&mut results).await;
    assert_eq!(results[0].class, Some(DeviationClass::InDoubt));
    assert!(
        results[0].reasons[0].contains(&double.foreign_id),
        "{results:?}"
    );
}
