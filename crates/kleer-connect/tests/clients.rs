//! Clients against a stateful Kleer: the conformance suite, requests counted, lost answers, and
//! what other people changed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{kind, kleer, sandbox, start};
use kleer_connect::client::model::endpoint::{
    CLIENT_CREATE, CLIENT_DELETE, CLIENT_LIST, CLIENT_READ, CLIENT_UPDATE, Recovery,
};
use kleer_connect::client::model::{Client, User};
use kleer_connect::clients::{self, Clients, field};
use kleer_connect::link::testing::{Samples, check_side};
use kleer_connect::link::{ClientKey, Found, Observation, RecordKey, Side, SideErrorKind};
use kleer_connect::record::{Record, Reference, Value};
use kleer_sandbox::{Fault, FaultRule, Sandbox, Seed};

fn set(values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(clients::fields());
    for (name, value) in values {
        record.set(name, value.clone()).unwrap();
    }
    record
}

fn whole() -> Record {
    set(&[
        (field::ACTIVE, true.into()),
        (field::NAME, "Exempel AB".into()),
        (field::CLIENT_TYPE, clients::ORGANISATION.into()),
        (field::ORGNO, "5560160680".into()),
        (field::VAT_NR, "SE556016068001".into()),
        (field::CONTACT, "Anna Ek".into()),
        (field::EMAIL, "faktura@example.com".into()),
        (field::PHONE, "031-1".into()),
        (field::ADDRESS1, "Box 7".into()),
        (field::ADDRESS2, "Storgatan 1".into()),
        (field::ZIP_CODE, "503 30".into()),
        (field::STATE, "Borås".into()),
        (field::COUNTRY, "Sverige".into()),
        (field::COUNTRY_CODE, "SE".into()),
        (field::CURRENCY_TYPE, "SEK".into()),
        (field::PAYMENT_DAYS, 15.into()),
        (field::DELIVERY_TYPE, "Email".into()),
        (field::GLN, "7300009000007".into()),
        (field::USER, Reference::new(kind("employee"), "101").into()),
        (
            field::APPROVER,
            Reference::new(kind("employee"), "101").into(),
        ),
        (field::NOTES, "Ring först".into()),
    ])
}

fn key(source: &str) -> ClientKey {
    ClientKey::new("crm->4875", "client", source)
}

fn samples(prefix: &str) -> Samples {
    Samples::new(&kind(clients::KIND), prefix)
        .record(whole())
        .record(set(&[
            (field::NAME, "Anna Ek".into()),
            (field::CLIENT_TYPE, clients::PERSON.into()),
            (field::COUNTRY_CODE, "SE".into()),
        ]))
        .change(set(&[
            (field::NAME, "Exempel i Borås AB".into()),
            (field::ORGNO, "202100-5489".into()),
            (field::STATE, Value::Null),
            (field::VAT_NR, Value::Null),
            (field::APPROVER, Value::Null),
            (field::USER, Value::Null),
        ]))
        .change(set(&[
            (field::PAYMENT_DAYS, 20.into()),
            (field::ACTIVE, false.into()),
            (field::NOTES, "Ring inte".into()),
            (field::CURRENCY_TYPE, "EUR".into()),
        ]))
        .refused(set(&[(field::NAME, "Exempel AB".into())]))
        .missing(RecordKey::new("99999").unwrap())
}

async fn get(side: &Clients, key: &RecordKey) -> Observation {
    side.get(&kind(clients::KIND), key).await.unwrap().unwrap()
}

fn carriers(sandbox: &Sandbox, key: &ClientKey) -> usize {
    let text = key.to_string();
    let clients = sandbox.clients().into_iter();
    clients.filter(|client| client.foreign_id == text).count()
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_side() {
    let sandbox = sandbox().await;
    let report = check_side(&Clients::new(kleer(&sandbox)), &samples("plain")).await;
    let report = report.into_result().unwrap();
    let skipped: Vec<_> = report.skipped().collect();
    assert_eq!(skipped, ["what_it_excludes_is_unsupported"]);
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_side_when_reads_fail() {
    let sandbox = sandbox().await;
    for fault in [Fault::Status(503), Fault::ResetBefore, Fault::TruncatedBody] {
        sandbox.fault(FaultRule::new(fault).on_reads().share(0.1));
    }
    let side = Clients::new(kleer(&sandbox));
    check_side(&side, &samples("reads fail"))
        .await
        .into_result()
        .unwrap();
    assert_eq!(
        sandbox.played_faults().len(),
        3,
        "{:?}",
        sandbox.played_faults()
    );
}

#[tokio::test]
async fn each_call_makes_the_requests_that_it_says() {
    let sandbox = sandbox().await;
    let side = Clients::new(kleer(&sandbox));
    let client = kind(clients::KIND);
    let created = side
        .create(&client, &key("17"), &whole())
        .await
        .unwrap()
        .observation;
    sandbox.assert_requests(&[&CLIENT_CREATE, &CLIENT_READ]);
    sandbox.clear_requests();
    let days = set(&[(field::PAYMENT_DAYS, 20.into())]);
    side.update(&client, &created.key, &days, None)
        .await
        .unwrap();
    sandbox.assert_requests(&[&CLIENT_READ, &CLIENT_UPDATE, &CLIENT_READ]);
    sandbox.clear_requests();
    let same = set(&[
        (field::PAYMENT_DAYS, 20.into()),
        (field::NAME, " Exempel  AB".into()),
    ]);
    side.update(&client, &created.key, &same, None)
        .await
        .unwrap();
    sandbox.assert_requests(&[&CLIENT_READ]);
    sandbox.clear_requests();
    side.find_all(&client, &[key("17"), key("18"), key("19")])
        .await
        .unwrap();
    sandbox.assert_requests(&[&CLIENT_LIST]);
    sandbox.clear_requests();
    side.delete(&client, &created.key, None).await.unwrap();
    sandbox.assert_requests(&[&CLIENT_DELETE]);
}

#[tokio::test]
async fn a_lost_answer_never_doubles_and_never_loses() {
    let client = kind(clients::KIND);
    let days = set(&[(field::PAYMENT_DAYS, 20.into())]);
    for at in [&CLIENT_CREATE, &CLIENT_UPDATE] {
        for fault in [
            Fault::ResetBefore,
            Fault::ResetAfter,
            Fault::Status(503),
            Fault::StatusAfterEffect(503),
            Fault::StatusAfterEffect(500),
            Fault::HtmlAfterEffect(200),
            Fault::TruncatedBody,
            Fault::KleerError("TechnicalException: Tekniskt fel".to_owned()),
        ] {
            let what = format!("{} {}", at.name, fault.name());
            let is_business_error = matches!(fault, Fault::KleerError(_));
            let sandbox = sandbox().await;
            let side = Clients::new(kleer(&sandbox));
            sandbox.fail(at, 1, fault);
            let created = side.create(&client, &key("17"), &whole()).await;
            if let Err(error) = &created {
                assert_eq!(error.outcome_is_unknown(), !is_business_error, "{what}");
            }
            let found = side.find(&client, &key("17")).await.unwrap();
            let one = match (created, found) {
                (Ok(receipt), Found::One(found)) => {
                    assert_eq!(receipt.observation.key, found.key, "{what}");
                    found
                }
                (Err(_), Found::One(found)) => found,
                (Err(_), Found::Nothing) => {
                    let again = side.create(&client, &key("17"), &whole()).await;
                    again.unwrap().observation
                }
                other => panic!("{what}: {other:?}"),
            };
            let updated = side
                .update(&client, &one.key, &days, one.version.as_deref())
                .await;
            if let Err(error) = updated {
                assert_eq!(error.outcome_is_unknown(), !is_business_error, "{what}");
                side.update(&client, &one.key, &days, None).await.unwrap();
            }
            sandbox.assert_faults_played();
            assert_eq!(carriers(&sandbox, &key("17")), 1, "{what}");
            let shown = get(&side, &one.key).await.record;
            assert_eq!(shown.get(field::PAYMENT_DAYS), Some(&20.into()), "{what}");
            assert_eq!(shown.get(field::NAME), Some(&"Exempel AB".into()), "{what}");
        }
    }
}

#[tokio::test]
async fn what_a_person_changed_in_between_is_kept_or_noticed() {
    let sandbox = sandbox().await;
    let side = Clients::new(kleer(&sandbox));
    let client = kind(clients::KIND);
    let before = side
        .create(&client, &key("17"), &whole())
        .await
        .unwrap()
        .observation;
    let id = before.key.as_str();

    let mut theirs: Client = sandbox.read(&CLIENT_READ, &[id]).unwrap();
    theirs.phone = "08-1".to_owned();
    sandbox.write(&CLIENT_UPDATE, &[id], &theirs).unwrap();
    let days = set(&[(field::PAYMENT_DAYS, 20.into())]);
    let error = side
        .update(&client, &before.key, &days, before.version.as_deref())
        .await;
    assert_eq!(error.unwrap_err().kind(), SideErrorKind::Changed);
    assert_eq!(sandbox.count_requests(&CLIENT_UPDATE), 0);
    let error = side
        .delete(&client, &before.key, before.version.as_deref())
        .await;
    assert_eq!(error.unwrap_err().kind(), SideErrorKind::Changed);

    // What is no field of ours goes back as it came.
    let now = get(&side, &before.key).await;
    theirs.accountnr = 1510;
    sandbox.write(&CLIENT_UPDATE, &[id], &theirs).unwrap();
    side.update(&client, &now.key, &days, now.version.as_deref())
        .await
        .unwrap();
    let after: Client = sandbox.read(&CLIENT_READ, &[id]).unwrap();
    assert_eq!((after.accountnr, after.payment_days), (1510, 20));
    assert_eq!(
        (after.phone.as_str(), after.foreign_id),
        ("08-1", key("17").to_string())
    );
}

#[tokio::test]
async fn what_kleer_cannot_hold_is_refused_by_name_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let side = Clients::new(kleer(&sandbox));
    let client = kind(clients::KIND);
    let one = side
        .create(&client, &key("17"), &whole())
        .await
        .unwrap()
        .observation;
    sandbox.clear_requests();
    let employee = |key: &str| Value::from(Reference::new(kind("employee"), key));
    let cases = [
        (field::NAME, Value::Null, "cannot-be-cleared"),
        (field::COUNTRY_CODE, " ".into(), "cannot-be-cleared"),
        (field::DELIVERY_TYPE, Value::Null, "cannot-be-cleared"),
        (
            field::PAYMENT_DAYS,
            (i64::from(i32::MAX) + 1).into(),
            "out-of-range",
        ),
        (field::USER, employee("e-17"), "not-linked"),
        (field::APPROVER, employee("e-17"), "not-linked"),
        (field::EDI_RECIPIENT, "Exempel".into(), "read-only-field"),
        (field::DIMENSION_ENTRIES, Value::set(["x"]), "out-of-range"),
    ];
    for (name, value, code) in cases {
        let error = side
            .update(&client, &one.key, &set(&[(name, value)]), None)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (SideErrorKind::Refused, Some(code)),
            "{name}"
        );
        assert_eq!(error.fields().len(), 1);
        assert_eq!(error.fields()[0].as_str(), name);
        assert!(error.message().unwrap().starts_with(name));
    }
    let error = side
        .create(&client, &key("18"), &set(&[]))
        .await
        .unwrap_err();
    let names: Vec<_> = error.fields().iter().map(ToString::to_string).collect();
    assert_eq!(names, [field::NAME, field::COUNTRY_CODE]);
    assert!(sandbox.requests().iter().all(|one| one.method == "GET"));
}

#[tokio::test]
async fn an_organisation_number_is_written_as_kleer_does_and_a_persons_as_it_came() {
    let sandbox = sandbox().await;
    let side = Clients::new(kleer(&sandbox));
    let client = kind(clients::KIND);
    for (given, shown) in [
        ("165560160680", "556016-0680"),
        ("19121212-1212", "19121212-1212"),
        ("NO 987", "NO 987"),
    ] {
        let record = whole().with(field::ORGNO, given).unwrap();
        let receipt = side.create(&client, &key(given), &record).await.unwrap();
        assert_eq!(
            receipt.observation.record.get(field::ORGNO),
            Some(&shown.into())
        );
    }
}

#[tokio::test]
async fn a_client_with_invoices_is_not_deleted() {
    let seed = Seed::new().demo();
    let sandbox = start(Sandbox::builder().seed(seed)).await;
    let side = Clients::new(kleer(&sandbox));
    let message = "ClientHasInvoicesException: client 1001 has invoices".to_owned();
    sandbox.fail(&CLIENT_DELETE, 1, Fault::KleerError(message));
    let one = RecordKey::new(sandbox.clients()[0].id.to_string()).unwrap();
    let error = side
        .delete(&kind(clients::KIND), &one, None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), SideErrorKind::Refused);
    assert_eq!(error.code(), Some("ClientHasInvoicesException"));
    let list = side.list(&kind(clients::KIND)).await.unwrap();
    assert!(list.is_complete() && list.get(one.as_str()).is_some());
    // Foreign ids of others are not ours.
    assert!(
        list.observations()
            .iter()
            .all(|one| one.client_key.is_none())
    );
}

#[tokio::test]
async fn doubles_and_lists_with_holes_are_told() {
    let sandbox = sandbox().await;
    let side = Clients::new(kleer(&sandbox));
    let client = kind(clients::KIND);
    for _ in 0..2 {
        side.create(&client, &key("17"), &whole()).await.unwrap();
    }
    let found = side.find(&client, &key("17")).await.unwrap();
    assert!(matches!(found, Found::Several(two) if two.len() == 2));

    let mut server = mockito::Server::new_async().await;
    let body = "<clients><client><id>x</id></client></clients>";
    server
        .mock("GET", "/company/7/client")
        .with_header("content-type", "application/xml")
        .with_body(body)
        .create_async()
        .await;
    let kleer = kleer_connect::client::Kleer::builder(kleer_connect::client::model::CompanyId(7))
        .token("t")
        .base_url(server.url())
        .build()
        .unwrap();
    let side = Clients::new(kleer);
    let list = side.list(&client).await.unwrap();
    assert!(!list.is_complete() && list.rejected().len() == 1);
    assert_eq!(
        side.find(&client, &key("17")).await.unwrap(),
        Found::Undecided
    );
}

#[tokio::test]
async fn nothing_shows_a_client() {
    let sandbox = sandbox().await;
    let side = Clients::new(kleer(&sandbox));
    let client = kind(clients::KIND);
    let receipt = side.create(&client, &key("17"), &whole()).await.unwrap();
    let cleared = set(&[(field::NAME, Value::Null)]);
    let error = side
        .update(&client, &receipt.observation.key, &cleared, None)
        .await
        .unwrap_err();
    let shown = format!("{side:?} {receipt:?} {error:?} {error}");
    for value in ["Exempel AB", "556016", "Anna", sandbox.token()] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
}

#[test]
fn recovery_is_that_of_the_endpoint_table() {
    assert_eq!(
        CLIENT_CREATE.recovery,
        Recovery::ForeignId {
            list: "client.list"
        }
    );
}

#[allow(dead_code, reason = "a compile-time check")]
fn a_side_is_shared(side: Clients, _: User) -> Box<dyn Side> {
    Box::new(side)
}
