//! Invoices that were issued elsewhere, and that Kleer only books.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::path::Path;
use std::time::Duration;

use kleer_connect::invoices::Target;
use kleer_connect::invoices::{DocumentResult, Outcome};
use kleer_model::endpoint::{CLIENT_INVOICE_CREATE, REVENUE_CREATE, REVENUE_LIST};
use kleer_model::{Cents, List, RateUnit, Revenue, RevenueCreate, RevenueLedger, RevenueLedgerId};
use kleer_sandbox::{Fault, Sandbox, Seed};
use record_link::DeviationClass;
use support::{Desk, Poster, changed, client, fixture, options};

const LEDGER: RevenueLedgerId = RevenueLedgerId(3);

async fn sandbox() -> Sandbox {
    let ledger = RevenueLedger::new(LEDGER, "Kundreskontra", 1510);
    Sandbox::builder()
        .rate_unit(RateUnit::Percent)
        .seed(Seed::new().record(ledger))
        .start()
        .await
        .unwrap()
}

async fn poster(sandbox: &Sandbox) -> Poster {
    let mut options = options();
    options.target = Target::Revenue;
    options.settings.revenue_ledger = Some(LEDGER);
    Poster::connect(client(sandbox), options).await.unwrap()
}

async fn post(sandbox: &Sandbox, file: &Path) -> DocumentResult {
    let mut poster = poster(sandbox).await;
    let mut results = vec![poster.post(file).await];
    poster.verify(&mut results).await;
    results.remove(0)
}

fn revenues(sandbox: &Sandbox) -> Vec<Revenue> {
    let list: List<Revenue> = sandbox.read(&REVENUE_LIST, &[]).unwrap();
    list.items
}

fn sums(revenue: &Revenue) -> (Cents, Cents) {
    let amounts = || revenue.rows.iter().map(|row| &row.original_amount);
    let sum = |cents: Vec<i64>| Cents(cents.iter().sum());
    (
        sum(amounts().map(|amount| amount.amount.0).collect()),
        sum(amounts().map(|amount| amount.vat.0).collect()),
    )
}

#[tokio::test]
async fn a_revenue_arrives_with_its_sums_its_key_and_the_document_as_its_file() {
    let sandbox = sandbox().await;
    let file = fixture("02-discounts-and-rounding.xml");
    let result = post(&sandbox, &file).await;
    assert_eq!(result.outcome, Outcome::Posted, "{:?}", result.reasons);
    let booked = revenues(&sandbox);
    assert_eq!(booked.len(), 1);
    let revenue = &booked[0];
    assert_eq!(result.revenue, Some(revenue.id.0));
    assert_eq!(result.invoice, None);
    assert_eq!(sums(revenue), (Cents(652_904), Cents(81_494)));
    assert_eq!(
        (result.kleer_net, result.kleer_vat),
        (Some(Cents(652_904)), Some(Cents(81_494)))
    );
    assert_eq!(revenue.ledger.id, LEDGER);
    assert!(revenue.external_id.starts_with("kc1-"));
    let client = revenue.client.as_ref().unwrap().id;
    assert_eq!(client, sandbox.clients()[0].id);
    // Kleer does not show a revenue's files; what was sent does.
    let requests = sandbox.requests();
    let sent = requests
        .iter()
        .find(|request| request.endpoint == Some(REVENUE_CREATE.name))
        .unwrap();
    let sent: RevenueCreate = sent.document().unwrap();
    assert_eq!(sent.files[0].filename, "02-discounts-and-rounding.xml");
    assert_eq!(sent.files[0].data.0, std::fs::read(&file).unwrap());
    // Nothing is billed.
    sandbox.assert_requested(&CLIENT_INVOICE_CREATE, 0);
}

#[tokio::test]
async fn a_second_run_posts_nothing() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = fixture("01-consulting.xml");
    assert_eq!(post(&sandbox, &file).await.outcome, Outcome::Posted);
    let copy = changed("01-consulting.xml", &[("\n  ", "\n\n\t ")]);
    let copy = desk.file("copy.xml", copy);
    for file in [&file, &copy] {
        let result = post(&sandbox, file).await;
        assert_eq!(result.outcome, Outcome::Unchanged, "{result:?}");
        assert_eq!(result.revenue, Some(revenues(&sandbox)[0].id.0));
        // Compared, too.
        assert_eq!(result.kleer_net, Some(Cents(3_690_500)));
    }
    sandbox.assert_requested(&REVENUE_CREATE, 1);
}

#[tokio::test]
async fn a_lost_answer_makes_no_double() {
    let faults = [
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::StatusAfterEffect(502),
        Fault::Status(503),
        Fault::TruncatedBody,
        Fault::Html(200),
        Fault::ResetThenLate(Duration::from_millis(200)),
    ];
    for fault in faults {
        let sandbox = sandbox().await;
        sandbox.fail(&REVENUE_CREATE, 1, fault.clone());
        let file = fixture("01-consulting.xml");
        let result = post(&sandbox, &file).await;
        assert_eq!(sandbox.armed_faults(), 0);
        assert!(
            matches!(result.outcome, Outcome::Posted | Outcome::Failed),
            "{fault:?}: {result:?}"
        );
        sandbox.late_writes_landed().await;
        let later = post(&sandbox, &file).await;
        let done = matches!(later.outcome, Outcome::Posted | Outcome::Unchanged);
        assert!(done, "{fault:?}: {later:?}");
        assert_eq!(revenues(&sandbox).len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_credit_finds_its_revenue_also_in_the_same_batch() {
    let sandbox = sandbox().await;
    let credit = fixture("07-credit-note.xml");
    let debit = fixture("02-discounts-and-rounding.xml");
    let alone = post(&sandbox, &credit).await;
    assert_eq!(alone.outcome, Outcome::Refused);
    assert!(alone.reasons[0].starts_with("BT-25: "), "{alone:?}");
    let mut poster = poster(&sandbox).await;
    let mut results = poster.post_all(&[debit, credit]).await;
    poster.verify(&mut results).await;
    assert_eq!(results[1].outcome, Outcome::Posted, "{:?}", results[1]);
    let booked = revenues(&sandbox);
    assert_eq!(booked.len(), 2);
    assert_eq!(sums(&booked[1]), (Cents(-32_940), Cents(-3_953)));
}

#[tokio::test]
async fn kleers_own_sums_are_compared_by_the_next_run() {
    let sandbox = sandbox().await;
    let file = fixture("01-consulting.xml");
    assert_eq!(post(&sandbox, &file).await.outcome, Outcome::Posted);
    // Somebody revises it.
    let requests = sandbox.requests();
    let sent = requests
        .iter()
        .find(|request| request.endpoint == Some(REVENUE_CREATE.name))
        .unwrap();
    let mut revised: RevenueCreate = sent.document().unwrap();
    revised.rows.truncate(1);
    let id = revenues(&sandbox)[0].id;
    client(&sandbox)
        .revenues()
        .update(id, &kleer_model::RevenueUpdate::new(revised, "corrected"))
        .await
        .unwrap();
    let result = post(&sandbox, &file).await;
    assert_eq!(result.outcome, Outcome::Failed, "{result:?}");
    assert_eq!(result.class, Some(DeviationClass::Validation));
    assert!(result.reasons[0].contains("36905.00"), "{result:?}");
}

/// What was to be booked is never billed because somebody forgot an option.
#[tokio::test]
async fn a_deviation_belongs_to_its_target() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = fixture("05-prepaid.xml");
    let more = ["--create-clients", "--rate-unit", "percent"];
    let as_revenue = ["--target", "revenue", "--revenue-ledger", "3"];
    let all = [&[file.to_str().unwrap()], &more[..], &as_revenue].concat();
    assert_eq!(desk.run_against(&sandbox, &all).await.status, 1);
    let list = desk.run(&["list", "--format", "json"]).await.json();
    assert_eq!(list[0]["target"], "revenue");
    let carry = ["reprocess", "--prepaid", "carry-in-notes"];
    let error = desk
        .try_run_against(&sandbox, &[&carry[..], &more].concat())
        .await
        .unwrap_err();
    assert!(error.contains("--target"), "{error}");
    sandbox.assert_requested(&CLIENT_INVOICE_CREATE, 0);
    let right = [&carry[..], &more, &as_revenue].concat();
    assert_eq!(desk.run_against(&sandbox, &right).await.status, 0);
    assert_eq!(revenues(&sandbox).len(), 1);
    assert_eq!(desk.run(&["list"]).await.out, "no deviations\n");
}

#[tokio::test]
async fn a_real_kleer_needs_a_ledger() {
    let sandbox = sandbox().await;
    let desk = Desk::new();
    let file = fixture("01-consulting.xml");
    let file = file.to_str().unwrap();
    let error = desk
        .try_run_against(&sandbox, &[file, "--target", "revenue"])
        .await
        .unwrap_err();
    assert!(error.contains("--revenue-ledger"), "{error}");
    // One that Kleer does not have is told by Kleer.
    let wrong = [
        file,
        "--target",
        "revenue",
        "--revenue-ledger",
        "99",
        "--create-clients",
        "--rate-unit",
        "percent",
    ];
    let printed = desk.run_against(&sandbox, &wrong).await;
    assert_eq!(printed.status, 2, "{}", printed.out);
    assert!(revenues(&sandbox).is_empty());
}

#[tokio::test]
async fn the_demo_books_revenues_too() {
    let desk = Desk::new();
    let printed = desk.run(&["--target", "revenue"]).await;
    assert_eq!(printed.status, 0);
    let at_desk = desk.folder.path().to_str().unwrap();
    insta::assert_snapshot!("demo_of_revenues", printed.out.replace(at_desk, "DESK"));
}
