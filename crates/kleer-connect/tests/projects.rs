//! Client projects against a stateful Kleer: the conformance suite, with and without a field for
//! the client key, and lost answers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{day, kind, kleer, start};
use kleer_connect::client::model::endpoint::{
    CLIENT_PROJECT_CLOSE, CLIENT_PROJECT_CREATE, CLIENT_PROJECT_LIST, CLIENT_PROJECT_OPEN,
    CLIENT_PROJECT_READ, CLIENT_PROJECT_UPDATE, Recovery,
};
use kleer_connect::client::model::{
    ActivityId, Client, ClientId, ClientProjectReadable, ClientProjectUser,
    ClientProjectUserActivity, ClientProjectWritable, List, User, UserId,
};
use kleer_connect::link::testing::{Samples, check_side};
use kleer_connect::link::{ClientKey, Found, RecordKey, Side, SideErrorKind};
use kleer_connect::projects::{self, Projects, field};
use kleer_connect::record::{Record, Reference, Value};
use kleer_sandbox::{Fault, FaultRule, Sandbox, Seed};

async fn sandbox() -> Sandbox {
    let client = |id: i32| {
        let mut client = Client::new("Exempel AB", "SE");
        client.id = ClientId(id);
        client
    };
    let mut bo = User::new("Bo Testlund", "bo@example.com");
    bo.id = UserId(500);
    let seed = Seed::new().client(client(17)).client(client(18)).user(&bo);
    start(Sandbox::builder().seed(seed)).await
}

fn set(values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(projects::fields());
    for (name, value) in values {
        record.set(name, value.clone()).unwrap();
    }
    record
}

fn client(id: &str) -> Value {
    Reference::new(kind("client"), id).into()
}

fn employee(id: &str) -> Value {
    Reference::new(kind("employee"), id).into()
}

fn decimal(number: i64, places: u32) -> Value {
    rust_decimal::Decimal::new(number, places).into()
}

fn whole() -> Record {
    set(&[
        (field::NUMBER, "P-104".into()),
        (field::NAME, "Ny webbplats".into()),
        (field::CLIENT, client("17")),
        (field::BROKER_CLIENT, client("18")),
        (field::FIXED_PRICE, true.into()),
        (field::STATUS, projects::OPEN.into()),
        (field::CURRENCY_TYPE, "EUR".into()),
        (field::YOUR_REFERENCE, "Anna Ek".into()),
        (field::OUR_REFERENCE, employee("101")),
        (field::DELIVERY_TYPE, "Email".into()),
        (field::PAYMENT_DAYS, 30.into()),
        (field::PO_NR, "PO-1".into()),
        (field::BUDGET_HOURS, decimal(1205, 1)),
        (field::BUDGET_AMOUNT, decimal(12_345_678, 2)),
        (field::OPENING_DATE, day("2026-12-01").into()),
        (field::CLOSING_DATE, day("2027-12-01").into()),
        (field::ALL_USERS, false.into()),
        (field::USERS, Value::set([employee("101")])),
        (field::LEADS, Value::set([employee("101")])),
        (field::ALL_ACTIVITIES, true.into()),
        (field::COMMENT, "Efter påsk".into()),
        (field::DEFAULT_NOTES, "Tack".into()),
    ])
}

fn smallest() -> Record {
    set(&[
        (field::NUMBER, "P-105".into()),
        (field::NAME, "Underhåll".into()),
        (field::CLIENT, client("17")),
        (field::STATUS, projects::CLOSED.into()),
    ])
}

fn key(source: &str) -> ClientKey {
    ClientKey::new("crm->4875", "client-project", source)
}

fn samples(prefix: &str) -> Samples {
    Samples::new(&kind(projects::KIND), prefix)
        .record(whole())
        .record(smallest())
        .change(set(&[
            (field::NUMBER, "P-106".into()),
            (field::COMMENT, Value::Null),
            (field::YOUR_REFERENCE, Value::Null),
            (field::OUR_REFERENCE, Value::Null),
            (field::BROKER_CLIENT, Value::Null),
            (field::CLOSING_DATE, Value::Null),
            (field::USERS, Value::Null),
            (field::BUDGET_AMOUNT, decimal(1, 2)),
        ]))
        .change(set(&[
            (field::PO_NR, "PO-2".into()),
            (field::PAYMENT_DAYS, 10.into()),
            (field::DELIVERY_TYPE, Value::Null),
            (field::LEADS, Value::set([employee("101")])),
        ]))
        .refused(set(&[
            (field::NAME, "Utan nummer".into()),
            (field::CLIENT, client("17")),
        ]))
        .refused(whole().with(field::ACTIVE, true).unwrap())
        .missing(RecordKey::new("99999").unwrap())
}

fn all(sandbox: &Sandbox) -> Vec<ClientProjectReadable> {
    let list: List<ClientProjectReadable> = sandbox.read(&CLIENT_PROJECT_LIST, &[]).unwrap();
    list.items
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_side_with_and_without_a_field_for_the_key() {
    for alias in [None, Some("kleer-connect")] {
        let sandbox = sandbox().await;
        let mut side = Projects::new(kleer(&sandbox));
        if let Some(alias) = alias {
            side = side.key_in_field(alias);
        }
        let report = check_side(&side, &samples("plain")).await;
        let report = report.into_result().unwrap();
        let skipped: Vec<_> = report.skipped().collect();
        let expected: &[&str] = match alias {
            None => &[
                "a_client_key_that_nobody_used_finds_nothing",
                "what_is_deleted_is_gone",
            ],
            Some(_) => &["what_is_deleted_is_gone"],
        };
        assert_eq!(skipped, expected);
    }
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_side_when_reads_fail() {
    let sandbox = sandbox().await;
    for fault in [Fault::Status(503), Fault::ResetBefore, Fault::TruncatedBody] {
        sandbox.fault(FaultRule::new(fault).on_reads().share(0.1));
    }
    let side = Projects::new(kleer(&sandbox)).key_in_field("kleer-connect");
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
async fn opening_and_closing_are_requests_of_their_own() {
    let sandbox = sandbox().await;
    let side = Projects::new(kleer(&sandbox));
    let project = kind(projects::KIND);
    let one = side
        .create(&project, &key("1"), &smallest())
        .await
        .unwrap()
        .observation;
    sandbox.assert_requests(&[
        &CLIENT_PROJECT_CREATE,
        &CLIENT_PROJECT_CLOSE,
        &CLIENT_PROJECT_READ,
    ]);
    assert_eq!(one.record.get(field::ACTIVE), Some(&false.into()));

    sandbox.clear_requests();
    let open = set(&[(field::STATUS, projects::OPEN.into())]);
    let receipt = side
        .update(&project, &one.key, &open, one.version.as_deref())
        .await
        .unwrap();
    sandbox.assert_requests(&[
        &CLIENT_PROJECT_READ,
        &CLIENT_PROJECT_OPEN,
        &CLIENT_PROJECT_READ,
    ]);
    assert_eq!(
        receipt.observation.record.get(field::STATUS),
        open.get(field::STATUS)
    );

    sandbox.clear_requests();
    side.update(&project, &one.key, &open, None).await.unwrap();
    sandbox.assert_requests(&[&CLIENT_PROJECT_READ]);

    // The second request of an update fails: the first is said to be done.
    sandbox.fail(
        &CLIENT_PROJECT_CLOSE,
        2,
        Fault::KleerError("TechnicalException: nej".to_owned()),
    );
    let both = set(&[
        (field::COMMENT, "Klart".into()),
        (field::STATUS, projects::CLOSED.into()),
    ]);
    let receipt = side.update(&project, &one.key, &both, None).await.unwrap();
    assert_eq!(receipt.missing.len(), 1);
    assert_eq!(receipt.missing[0].as_str(), field::STATUS);
    assert_eq!(
        receipt.observation.record.get(field::COMMENT),
        both.get(field::COMMENT)
    );
    let close = set(&[(field::STATUS, projects::CLOSED.into())]);
    let error = side
        .update(&project, &one.key, &close, None)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), SideErrorKind::Refused);
    // And that of a create.
    sandbox.fail(&CLIENT_PROJECT_CLOSE, 1, Fault::ResetAfter);
    let receipt = side.create(&project, &key("2"), &smallest()).await.unwrap();
    assert_eq!(receipt.missing.len(), 0, "it was closed, as is seen");
    sandbox.fail(&CLIENT_PROJECT_CLOSE, 1, Fault::ResetBefore);
    let receipt = side.create(&project, &key("3"), &smallest()).await.unwrap();
    assert_eq!(receipt.missing.len(), 1);
    assert!(receipt.reason.unwrap().outcome_is_unknown());
}

/// A project with our number, name and client may have been there before, or be another record's:
/// only the key says that it is ours.
#[tokio::test]
async fn a_create_that_loses_its_answer_is_found_by_its_key_or_stays_in_doubt() {
    let project = kind(projects::KIND);
    for alias in [None, Some("kleer-connect")] {
        for (fault, has_effect) in [
            (Fault::ResetAfter, true),
            (Fault::StatusAfterEffect(503), true),
            (Fault::TruncatedBody, true),
            (Fault::ResetBefore, false),
            (Fault::Status(503), false),
        ] {
            let sandbox = sandbox().await;
            let mut side = Projects::new(kleer(&sandbox));
            if let Some(alias) = alias {
                side = side.key_in_field(alias);
            }
            // Somebody made the same one by hand.
            let other = ClientProjectWritable::new(ClientId(17), "P-104", "Ny webbplats");
            sandbox.write(&CLIENT_PROJECT_CREATE, &[], &other).unwrap();
            let by_hand = all(&sandbox)[0].id.id.to_string();
            let what = format!("{alias:?} {}", fault.name());
            sandbox.fail(&CLIENT_PROJECT_CREATE, 1, fault);
            let created = side.create(&project, &key("1"), &whole()).await;
            sandbox.assert_faults_played();
            assert!(created.unwrap_err().outcome_is_unknown(), "{what}");
            let there = if has_effect { 2 } else { 1 };
            assert_eq!(all(&sandbox).len(), there, "{what}");
            let found = side.find(&project, &key("1")).await.unwrap();
            match (alias, found) {
                (None, found) => assert_eq!(found, Found::Undecided, "{what}"),
                (_, Found::One(ours)) => {
                    assert!(has_effect, "{what}");
                    assert_ne!(ours.key.as_str(), by_hand, "{what}");
                }
                (_, found) => assert_eq!((found, has_effect), (Found::Nothing, false), "{what}"),
            }
        }
    }
}

#[tokio::test]
async fn an_update_that_loses_its_answer_is_of_unknown_outcome_and_can_be_repeated() {
    let project = kind(projects::KIND);
    for fault in [Fault::ResetBefore, Fault::ResetAfter, Fault::TruncatedBody] {
        let sandbox = sandbox().await;
        let side = Projects::new(kleer(&sandbox));
        let one = side
            .create(&project, &key("1"), &whole())
            .await
            .unwrap()
            .observation;
        sandbox.fail(&CLIENT_PROJECT_UPDATE, 1, fault.clone());
        let changes = set(&[(field::PO_NR, "PO-2".into())]);
        let updated = side
            .update(&project, &one.key, &changes, one.version.as_deref())
            .await;
        match updated {
            Err(error) => assert!(error.outcome_is_unknown()),
            Ok(receipt) => {
                assert_eq!(fault.name(), "truncated-body");
                assert_eq!(
                    receipt.observation.record.get(field::PO_NR),
                    changes.get(field::PO_NR)
                );
            }
        }
        let receipt = side
            .update(&project, &one.key, &changes, None)
            .await
            .unwrap();
        assert_eq!(
            receipt.observation.record.get(field::PO_NR),
            changes.get(field::PO_NR)
        );
        assert_eq!(all(&sandbox).len(), 1);
    }
}

#[tokio::test]
async fn an_update_keeps_what_is_no_field_and_notices_what_is() {
    let sandbox = sandbox().await;
    let side = Projects::new(kleer(&sandbox)).key_in_field("kleer-connect");
    let project = kind(projects::KIND);
    let before = side
        .create(&project, &key("1"), &whole())
        .await
        .unwrap()
        .observation;
    let id = before.key.as_str();

    // A person sets a price for a user.
    let shown: ClientProjectReadable = sandbox.read(&CLIENT_PROJECT_READ, &[id]).unwrap();
    let activity: i32 = 201;
    let mut theirs = ClientProjectWritable::new(ClientId(17), "P-104", "Ny webbplats");
    theirs.fields.clone_from(&shown.fields);
    let mut user = ClientProjectUser::new(UserId(101));
    let mut priced = ClientProjectUserActivity::new(ActivityId(activity));
    priced.price = Some(kleer_connect::client::model::Cents(99_000));
    user.activity.push(priced);
    theirs.user.push(user.clone());
    sandbox
        .write(&CLIENT_PROJECT_UPDATE, &[id], &theirs)
        .unwrap();

    let changes = set(&[(field::PO_NR, "PO-2".into())]);
    let error = side
        .update(&project, &before.key, &changes, before.version.as_deref())
        .await;
    assert_eq!(error.unwrap_err().kind(), SideErrorKind::Changed);

    // Whoever is there keeps the price when somebody joins.
    let both = Value::set([employee("101"), employee("500")]);
    let users = set(&[(field::USERS, both), (field::PO_NR, "PO-2".into())]);
    side.update(&project, &before.key, &users, None)
        .await
        .unwrap();
    let after: ClientProjectReadable = sandbox.read(&CLIENT_PROJECT_READ, &[id]).unwrap();
    assert_eq!(after.user, [user, ClientProjectUser::new(UserId(500))]);
    assert_eq!(after.po_nr.as_deref(), Some("PO-2"));
    assert_eq!(after.fields, shown.fields, "the key stays");
    assert!(matches!(
        side.find(&project, &key("1")).await.unwrap(),
        Found::One(_)
    ));
}

#[tokio::test]
async fn what_kleer_cannot_hold_is_refused_by_name_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let side = Projects::new(kleer(&sandbox));
    let project = kind(projects::KIND);
    let one = side
        .create(&project, &key("1"), &whole())
        .await
        .unwrap()
        .observation;
    sandbox.clear_requests();
    let cases = [
        (field::NAME, "Annat namn".into(), "only-on-create"),
        (field::CLIENT, client("18"), "only-on-create"),
        (field::FIXED_PRICE, false.into(), "only-on-create"),
        (field::NUMBER, Value::Null, "cannot-be-cleared"),
        (field::STATUS, projects::DRAFT.into(), "unknown-value"),
        (field::DELIVERY_TYPE, "Brevduva".into(), "unknown-value"),
        (field::ACTIVE, false.into(), "read-only-field"),
        (field::BUDGET_AMOUNT, decimal(1, 3), "not-whole-ore"),
        (field::LEADS, Value::set([employee("e-1")]), "not-linked"),
        (field::BROKER_CLIENT, client("c-1"), "not-linked"),
    ];
    for (name, value, code) in cases {
        let error = side
            .update(&project, &one.key, &set(&[(name, value)]), None)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (SideErrorKind::Refused, Some(code)),
            "{name}"
        );
        assert_eq!(error.fields()[0].as_str(), name);
    }
    assert!(sandbox.requests().iter().all(|one| one.method == "GET"));
}

#[test]
fn recovery_is_that_of_the_endpoint_table() {
    let listing = Recovery::Listing {
        list: "client_project.list",
    };
    assert_eq!(CLIENT_PROJECT_CREATE.recovery, listing);
}
