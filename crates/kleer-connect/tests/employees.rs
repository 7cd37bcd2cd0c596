//! Employees against a stateful Kleer: the conformance suite, requests counted, lost answers at
//! every step.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{builder, day, kind, kleer, sandbox, start};
use kleer_connect::client::Kleer;
use kleer_connect::client::model::endpoint::{
    self, Endpoint, PAYROLL_USER_CREATE, PAYROLL_USER_LIST, PAYROLL_USER_READ, PAYROLL_USER_UPDATE,
    USER_CREATE, USER_LIST, USER_READ, USER_UPDATE,
};
use kleer_connect::client::model::{
    CompanyId, List, PayrollUserReadable, PayrollUserWritable, SalaryUnit, User, UserId,
};
use kleer_connect::employee::{self, HOURLY, MONTHLY, field};
use kleer_connect::employees::Employees;
use kleer_connect::link::testing::{Samples, check_side};
use kleer_connect::link::{
    Capabilities, ClientKey, Found, Observation, Receipt, RecordKey, Side, SideError, SideErrorKind,
};
use kleer_connect::record::{FieldName, Record, Reference, Value};
use kleer_sandbox::{Fault, FaultRule, Sandbox, Seed};

/// Published test numbers of the Swedish Tax Agency.
const SSNS: [&str; 2] = ["19121212-1212", "19701063-2391"];

fn whole() -> Record {
    Record::new(employee::fields())
        .with(field::ACTIVE, true)
        .unwrap()
        .with(field::NAME, "Tolvan Tolvansson")
        .unwrap()
        .with(field::EMAIL, "tolvan@example.com")
        .unwrap()
        .with(field::INTERNAL_ID, 1017)
        .unwrap()
        .with(field::SSN, SSNS[0])
        .unwrap()
        .with(field::PHONE, "070-174 06 05")
        .unwrap()
        .with(field::ADDRESS1, "c/o Ek")
        .unwrap()
        .with(field::ADDRESS2, "Storgatan 1")
        .unwrap()
        .with(field::ZIP_CODE, "503 30")
        .unwrap()
        .with(field::STATE, "Borås")
        .unwrap()
        .with(field::COUNTRY_CODE, "SE")
        .unwrap()
        .with(field::TAX_TABLE, 33)
        .unwrap()
        .with(field::TAX_TABLE_COLUMN, 1)
        .unwrap()
        .with(field::CLEARING_NR, "6789")
        .unwrap()
        .with(field::ACCOUNT_NR, "123456789")
        .unwrap()
        .with(field::EMPLOYMENT_START_DATE, day("2026-09-01"))
        .unwrap()
        .with(field::EMPLOYMENT_END_DATE, day("2027-08-31"))
        .unwrap()
        .with(field::SALARY_PERIOD, MONTHLY)
        .unwrap()
        .with(field::MONTHLY_SALARY, rust_decimal::Decimal::new(35_000, 0))
        .unwrap()
        .with(field::MONTHLY_SALARY_START_DATE, day("2026-09-01"))
        .unwrap()
        .with(field::MANAGER, Reference::new(kind("employee"), "101"))
        .unwrap()
        .with(field::NOTES, "Nyanställd")
        .unwrap()
}

/// A user without an agreement.
fn user_only() -> Record {
    set(&[
        (field::NAME, "Anna Ek".into()),
        (field::EMAIL, "anna@example.com".into()),
    ])
}

fn set(values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(employee::fields());
    for (name, value) in values {
        record.set(name, value.clone()).unwrap();
    }
    record
}

fn employees(sandbox: &Sandbox) -> Employees {
    Employees::new(kleer(sandbox), SalaryUnit::Kronor)
}

fn key(source: &str) -> ClientKey {
    ClientKey::new("hr->4875", "employee", source)
}

fn users(sandbox: &Sandbox) -> Vec<User> {
    let list: List<User> = sandbox.read(&USER_LIST, &[]).unwrap();
    list.items
}

/// The users that carry the key.
fn carriers(sandbox: &Sandbox, key: &ClientKey) -> usize {
    let text = key.to_string();
    let carries = |user: &&User| user.foreign_id.as_deref() == Some(text.as_str());
    users(sandbox).iter().filter(carries).count()
}

fn agreement(sandbox: &Sandbox, key: &RecordKey) -> PayrollUserReadable {
    sandbox.read(&PAYROLL_USER_READ, &[key.as_str()]).unwrap()
}

async fn create(side: &Employees, key: &ClientKey, record: &Record) -> Result<Receipt, SideError> {
    side.create(&kind("employee"), key, record).await
}

async fn get(side: &Employees, key: &RecordKey) -> Observation {
    side.get(&kind("employee"), key).await.unwrap().unwrap()
}

async fn update(
    side: &Employees,
    key: &RecordKey,
    changes: &Record,
    version: Option<&str>,
) -> Result<Receipt, SideError> {
    side.update(&kind("employee"), key, changes, version).await
}

fn samples(prefix: &str) -> Samples {
    Samples::new(&kind("employee"), prefix)
        .record(whole())
        .change(set(&[
            (field::NAME, "Tolvan  Ek ".into()),
            (field::SSN, SSNS[1].into()),
            (field::EMPLOYMENT_START_DATE, day("2026-10-01").into()),
            (field::PHONE, Value::Null),
        ]))
        .change(set(&[
            (field::EMPLOYMENT_END_DATE, Value::Null),
            (field::SALARY_PERIOD, HOURLY.into()),
            (
                field::HOURLY_SALARY,
                rust_decimal::Decimal::new(210, 0).into(),
            ),
            (field::HOURLY_SALARY_START_DATE, day("2027-01-01").into()),
            (field::MONTHLY_SALARY, Value::Null),
            (field::MONTHLY_SALARY_START_DATE, day("2027-01-01").into()),
        ]))
        .change(set(&[(field::ACTIVE, false.into())]))
        .refused(set(&[(field::NAME, "Anna Ek".into())]))
        .refused(user_only().with(field::PHONE, "070-174 06 05").unwrap())
        .missing(RecordKey::new("99999").unwrap())
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_side() {
    for unit in [SalaryUnit::Kronor, SalaryUnit::Ore] {
        let sandbox = sandbox().await;
        let side = Employees::new(kleer(&sandbox), unit);
        let report = check_side(&side, &samples("plain")).await;
        let report = report.into_result().unwrap();
        let skipped: Vec<_> = report.skipped().collect();
        assert_eq!(skipped, ["what_is_deleted_is_gone"]);

        // Users who have no agreement, and get none.
        let samples = Samples::new(&kind("employee"), "users")
            .record(user_only())
            .change(set(&[(field::NAME, "Anna Berg".into())]))
            .change(set(&[(field::PHONE, Value::Null)]))
            .missing(RecordKey::new("99999").unwrap());
        check_side(&side, &samples).await.into_result().unwrap();
    }
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_side_when_reads_fail() {
    let sandbox = sandbox().await;
    for fault in [Fault::Status(503), Fault::ResetBefore, Fault::TruncatedBody] {
        sandbox.fault(FaultRule::new(fault).on_reads().share(0.1));
    }
    sandbox.fault(
        FaultRule::new(Fault::RetryLater {
            status: 429,
            after: std::time::Duration::ZERO,
        })
        .on_writes()
        .share(0.1),
    );
    let side = employees(&sandbox);
    let report = check_side(&side, &samples("reads fail")).await;
    report.into_result().unwrap();
    assert!(
        sandbox.played_faults().len() >= 4,
        "{:?}",
        sandbox.played_faults()
    );
}

#[tokio::test]
async fn users_without_the_payroll_keep_them_too() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox).users_only();
    let samples = Samples::new(&kind("employee"), "users")
        .record(user_only())
        .change(set(&[(field::NAME, "Anna Berg".into())]))
        .refused(set(&[(field::EMAIL, "anna@example.com".into())]))
        .missing(RecordKey::new("99999").unwrap());
    check_side(&side, &samples).await.into_result().unwrap();
    let payroll = sandbox.requests().into_iter();
    let payroll =
        payroll.filter(|one| one.endpoint.is_some_and(|name| name.starts_with("payroll")));
    assert_eq!(payroll.count(), 0);

    let able = side.capabilities(&kind("employee")).unwrap();
    assert!(able.can_write(field::NAME) && !able.can_write(field::SSN));
    let error = create(&side, &key("e-1"), &whole()).await.unwrap_err();
    assert_eq!(error.kind(), SideErrorKind::Unsupported);
    assert_eq!(error.code(), Some("read-only-field"));
}

#[tokio::test]
async fn each_call_makes_the_requests_that_it_says() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    let receipt = create(&side, &key("e-1"), &whole()).await.unwrap();
    let mut asked = endpoints(&sandbox);
    asked[2..].sort_unstable();
    let reads = [PAYROLL_USER_READ.name, USER_READ.name];
    assert_eq!(asked[..2], [USER_CREATE.name, PAYROLL_USER_CREATE.name]);
    assert_eq!(asked[2..], reads);
    let id = &receipt.observation.key;

    sandbox.clear_requests();
    get(&side, id).await;
    let mut asked = endpoints(&sandbox);
    asked.sort_unstable();
    assert_eq!(asked, reads);

    // The user's part only, the agreement's only, both, none.
    let name = (field::NAME, Value::from("Tolvan Ek"));
    let phone = (field::PHONE, Value::from("031-1"));
    let cases: [(Record, &[&Endpoint]); 4] = [
        (
            set(std::slice::from_ref(&name)),
            &[&USER_UPDATE, &USER_READ],
        ),
        (
            set(std::slice::from_ref(&phone)),
            &[&PAYROLL_USER_UPDATE, &PAYROLL_USER_READ],
        ),
        (
            set(&[
                (field::NAME, "Bo Ek".into()),
                (field::PHONE, "031-2".into()),
            ]),
            &[
                &USER_UPDATE,
                &PAYROLL_USER_UPDATE,
                &USER_READ,
                &PAYROLL_USER_READ,
            ],
        ),
        (
            set(&[
                (field::NAME, " Bo  Ek".into()),
                (field::PHONE, "031-2".into()),
            ]),
            &[],
        ),
    ];
    for (changes, then) in cases {
        sandbox.clear_requests();
        update(&side, id, &changes, None).await.unwrap();
        let mut asked = endpoints(&sandbox);
        asked.sort_unstable();
        let mut expected: Vec<_> = then.iter().map(|one| one.name).chain(reads).collect();
        expected.sort_unstable();
        assert_eq!(asked, expected);
    }

    // The token's user has no agreement, and is asked for.
    sandbox.clear_requests();
    let all = side.list(&kind("employee")).await.unwrap();
    assert!(all.is_complete() && all.len() == 2);
    sandbox.assert_requests(&[&PAYROLL_USER_LIST, &USER_LIST, &PAYROLL_USER_READ]);
    sandbox.clear_requests();
    let side = side.asks_for_missing_agreements(false);
    side.list(&kind("employee")).await.unwrap();
    sandbox.assert_requests(&[&PAYROLL_USER_LIST, &USER_LIST]);

    sandbox.clear_requests();
    side.find(&kind("employee"), &key("e-2")).await.unwrap();
    sandbox.assert_requests(&[&USER_LIST]);
}

fn endpoints(sandbox: &Sandbox) -> Vec<&'static str> {
    let requests = sandbox.requests().into_iter();
    requests.map(|one| one.endpoint.unwrap()).collect()
}

/// Takes a create that failed to its end as the executor does: look, and what is there is updated
/// with what it lacks; what is not there is created again.
async fn resume(side: &Employees, key: &ClientKey, record: &Record) -> Observation {
    let found = side.find(&kind("employee"), key).await.unwrap();
    let one = match found {
        Found::One(one) => one,
        Found::Nothing => {
            let receipt = create(side, key, record).await.unwrap();
            assert!(receipt.missing.is_empty());
            return receipt.observation;
        }
        other => panic!("{other:?}"),
    };
    let receipt = update(side, &one.key, record, one.version.as_deref())
        .await
        .unwrap();
    assert!(receipt.missing.is_empty());
    receipt.observation
}

#[tokio::test]
async fn a_create_that_loses_an_answer_never_doubles_and_is_completed() {
    let writes: [&Endpoint; 2] = [&USER_CREATE, &PAYROLL_USER_CREATE];
    let faults = [
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::Status(503),
        Fault::StatusAfterEffect(503),
        Fault::Status(500),
        Fault::StatusAfterEffect(500),
        Fault::HtmlAfterEffect(200),
        Fault::TruncatedBody,
        Fault::KleerError("TechnicalException: Tekniskt fel".to_owned()),
    ];
    for at in writes {
        for fault in &faults {
            let sandbox = sandbox().await;
            let side = employees(&sandbox);
            sandbox.fail(at, 1, fault.clone());
            let what = format!("{} {}", at.name, fault.name());
            let result = create(&side, &key("e-1"), &whole()).await;
            sandbox.assert_faults_played();
            let is_business_error = matches!(fault, Fault::KleerError(_));
            match result {
                Ok(receipt) => {
                    let shown = get(&side, &receipt.observation.key).await;
                    assert_eq!(receipt.observation.record, shown.record, "{what}");
                    // What is said to be missing is, and what is not is there.
                    for (field, _) in whole().iter() {
                        let is_missing = receipt.missing.contains(&field.name);
                        let is_empty = shown.record.get(&field.name).unwrap().is_null();
                        assert_eq!(is_missing, is_empty, "{what} {}", field.name);
                    }
                    assert_eq!(receipt.missing.is_empty(), receipt.reason.is_none());
                }
                Err(error) if is_business_error => {
                    assert_eq!(error.kind(), SideErrorKind::Refused, "{what}");
                    assert_eq!(error.code(), Some("TechnicalException"));
                    assert_eq!(carriers(&sandbox, &key("e-1")), 0, "{what}");
                }
                Err(error) => assert!(error.outcome_is_unknown(), "{what}: {error:?}"),
            }
            let done = resume(&side, &key("e-1"), &whole()).await;
            assert_eq!(carriers(&sandbox, &key("e-1")), 1, "{what}");
            for (field, value) in whole().iter() {
                let shown = done.record.get(&field.name).unwrap();
                assert!(
                    field.equivalence.equal(value, shown),
                    "{what} {}",
                    field.name
                );
            }
        }
    }
}

#[tokio::test]
async fn a_create_that_cannot_be_read_back_is_of_unknown_outcome() {
    for at in [&USER_READ, &PAYROLL_USER_READ] {
        let sandbox = sandbox().await;
        let side = employees(&sandbox);
        sandbox.fail(at, 9, Fault::Status(503));
        let error = create(&side, &key("e-1"), &whole()).await.unwrap_err();
        assert!(error.outcome_is_unknown());
        assert_eq!(error.code(), Some("not-read-back"));
        sandbox.clear_faults();
        resume(&side, &key("e-1"), &whole()).await;
        assert_eq!(carriers(&sandbox, &key("e-1")), 1);
    }
}

#[tokio::test]
async fn a_create_that_stopped_after_the_user_is_shown_as_one_without_an_agreement() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    sandbox.fail(&PAYROLL_USER_CREATE, 1, Fault::Status(503));
    let receipt = create(&side, &key("e-1"), &whole()).await.unwrap();
    let reason = receipt.reason.unwrap();
    assert_eq!(reason.kind(), SideErrorKind::OutcomeUnknown);
    assert!(receipt.missing.iter().any(|name| *name == field::SSN));
    assert!(receipt.missing.iter().all(|name| *name != field::NAME));

    // A list shows the same, so that a plan made of it fills the fields.
    let all = side.list(&kind("employee")).await.unwrap();
    let listed = all.get(receipt.observation.key.as_str()).unwrap();
    assert_eq!(listed.record, receipt.observation.record);
    assert_eq!(listed.record.get(field::SSN), Some(&Value::Null));
    assert_eq!(listed.version, receipt.observation.version);
    assert_eq!(listed.client_key, receipt.observation.client_key);

    // An update that does not suffice for an agreement says what is required.
    let phone = set(&[(field::PHONE, "031-1".into())]);
    let error = update(&side, &listed.key, &phone, None).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (SideErrorKind::Refused, Some("required"))
    );
    let names: Vec<_> = error.fields().iter().map(FieldName::as_str).collect();
    assert_eq!(names, [field::SSN, field::EMPLOYMENT_START_DATE]);
}

#[tokio::test]
async fn an_update_that_loses_an_answer_never_loses_what_it_wrote() {
    let changes = set(&[
        (field::NAME, "Tolvan Ek".into()),
        (field::PHONE, "031-1".into()),
    ]);
    for (at, is_second) in [(&USER_UPDATE, false), (&PAYROLL_USER_UPDATE, true)] {
        for fault in [
            Fault::ResetBefore,
            Fault::ResetAfter,
            Fault::StatusAfterEffect(503),
            Fault::TruncatedBody,
            Fault::KleerError("TechnicalException: Tekniskt fel".to_owned()),
        ] {
            let sandbox = sandbox().await;
            let side = employees(&sandbox);
            let before = create(&side, &key("e-1"), &whole())
                .await
                .unwrap()
                .observation;
            sandbox.fail(at, 1, fault.clone());
            let what = format!("{} {}", at.name, fault.name());
            let result = update(&side, &before.key, &changes, before.version.as_deref()).await;
            sandbox.assert_faults_played();
            let shown = get(&side, &before.key).await;
            match result {
                Ok(receipt) => {
                    assert_eq!(receipt.observation.record, shown.record, "{what}");
                    assert_eq!(receipt.observation.version, shown.version, "{what}");
                    for (field, value) in changes.iter() {
                        let is_there = shown.record.get(&field.name) == Some(value);
                        let is_missing = receipt.missing.contains(&field.name);
                        assert_ne!(is_there, is_missing, "{what} {}", field.name);
                    }
                }
                Err(error) => {
                    assert!(!is_second, "{what}: the first part was written");
                    let is_business_error = matches!(fault, Fault::KleerError(_));
                    assert_eq!(error.outcome_is_unknown(), !is_business_error, "{what}");
                    if is_business_error {
                        assert_eq!(shown.record, before.record, "{what}");
                    }
                }
            }
            let receipt = update(&side, &before.key, &changes, None).await.unwrap();
            assert!(receipt.missing.is_empty(), "{what}");
            assert_eq!(
                receipt.observation.record.get(field::PHONE),
                changes.get(field::PHONE)
            );
            assert_eq!(
                receipt.observation.record.get(field::NAME),
                changes.get(field::NAME)
            );
        }
    }
}

#[tokio::test]
async fn what_a_person_changed_in_between_is_kept_or_noticed() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    let before = create(&side, &key("e-1"), &whole())
        .await
        .unwrap()
        .observation;
    let id = before.key.as_str();

    // In a field of ours: a write under the old version is refused, and changes nothing.
    let mut theirs = PayrollUserWritable::update();
    theirs.phone = Some("08-1".to_owned());
    sandbox.write(&PAYROLL_USER_UPDATE, &[id], &theirs).unwrap();
    let changes = set(&[(field::NAME, "Tolvan Ek".into())]);
    let error = update(&side, &before.key, &changes, before.version.as_deref()).await;
    assert_eq!(error.unwrap_err().kind(), SideErrorKind::Changed);
    assert_eq!(sandbox.count_requests(&USER_UPDATE), 0);

    // In an element that is no field: it does not matter for the version, and stays.
    let version = get(&side, &before.key).await.version;
    let mut theirs: User = sandbox.read(&USER_READ, &[id]).unwrap();
    theirs.dimension_user_percentage = Some(rust_decimal::Decimal::new(5, 1));
    sandbox.write(&USER_UPDATE, &[id], &theirs).unwrap();
    update(&side, &before.key, &changes, version.as_deref())
        .await
        .unwrap();
    let after: User = sandbox.read(&USER_READ, &[id]).unwrap();
    assert_eq!(after.name, "Tolvan Ek");
    assert_eq!(
        after.dimension_user_percentage,
        theirs.dimension_user_percentage
    );
    assert_eq!(after.foreign_id, Some(key("e-1").to_string()));
    assert_eq!(
        agreement(&sandbox, &before.key).phone.as_deref(),
        Some("08-1")
    );
}

#[tokio::test]
async fn an_agreement_of_a_user_who_was_there_before_is_made_by_an_update() {
    let seed = Seed::new().user(&User::new("Tolvan Tolvansson", "tolvan@example.com"));
    let sandbox = start(Sandbox::builder().seed(seed)).await;
    let side = employees(&sandbox);
    let id = users(&sandbox)
        .iter()
        .find(|user| user.email.starts_with("tolvan"))
        .unwrap()
        .id;
    let record_key = RecordKey::new(id.to_string()).unwrap();
    let listed = side.list(&kind("employee")).await.unwrap();
    let before = listed.get(record_key.as_str()).unwrap();
    assert_eq!(before.record.get(field::SSN), Some(&Value::Null));
    assert_eq!(before.client_key, None);
    let receipt = update(&side, &record_key, &whole(), before.version.as_deref())
        .await
        .unwrap();
    assert!(receipt.missing.is_empty());
    assert_eq!(
        agreement(&sandbox, &record_key).ssn.as_deref(),
        Some(SSNS[0])
    );

    // Not asked for, it is not known whether there is an agreement, and nothing is filled.
    let other = employees(&sandbox).asks_for_missing_agreements(false);
    let listed = other.list(&kind("employee")).await.unwrap();
    assert_eq!(listed.get("101").unwrap().record.get(field::SSN), None);
}

#[tokio::test]
async fn whoever_is_employed_in_the_meantime_is_planned_again() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    let before = create(&side, &key("e-1"), &user_only())
        .await
        .unwrap()
        .observation;
    let message = "PayrollUserAlreadyExistsException: user 1 has an employment".to_owned();
    sandbox.fail(&PAYROLL_USER_CREATE, 1, Fault::KleerError(message));
    let error = update(
        &side,
        &before.key,
        &whole()
            .with(field::NAME, "Anna Ek")
            .unwrap()
            .with(field::EMAIL, "anna@example.com")
            .unwrap(),
        None,
    )
    .await;
    // The number of the company was written first.
    let receipt = error.unwrap();
    assert_eq!(receipt.reason.unwrap().kind(), SideErrorKind::Changed);
    assert!(receipt.missing.iter().any(|name| *name == field::SSN));
}

#[tokio::test]
async fn without_the_right_to_the_payroll_its_fields_are_not_said_and_not_written() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    let before = create(&side, &key("e-1"), &whole())
        .await
        .unwrap()
        .observation;
    let with_rights = side.list(&kind("employee")).await.unwrap();
    for refusal in [
        Fault::Status(403),
        Fault::KleerError("SingleAccessDeniedException: Otillåten access".to_owned()),
    ] {
        sandbox.clear_faults();
        for endpoint in [&PAYROLL_USER_LIST, &PAYROLL_USER_READ] {
            sandbox.fault(FaultRule::new(refusal.clone()).on(endpoint).always());
        }
        let listed = side.list(&kind("employee")).await.unwrap();
        assert!(listed.is_complete());
        assert_ne!(
            listed.scope(),
            with_rights.scope(),
            "another question, another scope"
        );
        for one in [
            listed.get(before.key.as_str()).unwrap(),
            &get(&side, &before.key).await,
        ] {
            let mut names = common::mentioned(&one.record);
            names.sort_unstable();
            assert_eq!(
                names,
                [field::ACTIVE, field::EMAIL, field::INTERNAL_ID, field::NAME]
            );
        }
        sandbox.clear_requests();
        let changes = set(&[(field::NAME, "Bo".into()), (field::PHONE, "031-1".into())]);
        let error = update(&side, &before.key, &changes, None)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), SideErrorKind::Forbidden);
        let names: Vec<_> = error.fields().iter().map(FieldName::as_str).collect();
        assert_eq!(names, [field::PHONE]);
        assert_eq!(
            sandbox.count_requests(&USER_UPDATE),
            0,
            "neither part is written"
        );
        // The user's part can be written alone.
        let name = set(&[(field::NAME, "Bo Ek".into())]);
        assert!(
            update(&side, &before.key, &name, None)
                .await
                .unwrap()
                .missing
                .is_empty()
        );
        assert_eq!(sandbox.count_requests(&PAYROLL_USER_CREATE), 0);
    }
}

#[tokio::test]
async fn a_refusal_to_employ_leaves_a_user_and_says_what_is_missing() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    let denied = "PayrollAccessDeniedException: Otillåten access".to_owned();
    sandbox.fail(&PAYROLL_USER_CREATE, 1, Fault::KleerError(denied));
    let receipt = create(&side, &key("e-1"), &whole()).await.unwrap();
    let reason = receipt.reason.unwrap();
    assert_eq!(reason.kind(), SideErrorKind::Forbidden);
    assert_eq!(reason.code(), Some("PayrollAccessDeniedException"));
    assert!(!format!("{reason} {reason:?}").contains("Otill"));
    assert!(reason.message().unwrap().contains("Otill"));
}

#[tokio::test]
async fn a_wrong_token_and_a_wrong_company_are_told_apart() {
    let sandbox = sandbox().await;
    let wrong: [(Kleer, SideErrorKind); 2] = [
        (
            builder(&sandbox).token("other").build().unwrap(),
            SideErrorKind::Unauthenticated,
        ),
        (
            Kleer::builder(CompanyId(4711))
                .token(sandbox.token())
                .base_url(sandbox.base_url())
                .build()
                .unwrap(),
            SideErrorKind::Forbidden,
        ),
    ];
    for (kleer, expected) in wrong {
        let side = Employees::new(kleer, SalaryUnit::Kronor);
        let employee = kind("employee");
        let id = RecordKey::new("101").unwrap();
        let errors = [
            side.list(&employee).await.unwrap_err(),
            side.get(&employee, &id).await.unwrap_err(),
            side.find(&employee, &key("e-1")).await.unwrap_err(),
            create(&side, &key("e-1"), &whole()).await.unwrap_err(),
            update(&side, &id, &user_only(), None).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), expected, "{error:?}");
        }
    }
    assert_eq!(users(&sandbox).len(), 1);
}

#[tokio::test]
async fn overload_says_how_long_to_wait() {
    let sandbox = sandbox().await;
    let retry = kleer_connect::client::RetryPolicy::none();
    let kleer = builder(&sandbox).retry(retry).build().unwrap();
    let side = Employees::new(kleer, SalaryUnit::Kronor);
    let after = std::time::Duration::from_secs(7);
    sandbox.fail_next(Fault::RetryLater { status: 429, after });
    let error = create(&side, &key("e-1"), &whole()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.wait()),
        (SideErrorKind::RateLimited, Some(after))
    );
    sandbox.fail_next(Fault::RetryLater { status: 503, after });
    let error = side.list(&kind("employee")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.wait()),
        (SideErrorKind::Unavailable, Some(after))
    );
    // A write under 503 may have been carried out.
    sandbox.fail_next(Fault::RetryLater { status: 503, after });
    let error = create(&side, &key("e-1"), &whole()).await.unwrap_err();
    assert!(error.outcome_is_unknown());
}

#[tokio::test]
async fn doubles_are_found_as_several_and_others_foreign_ids_are_left_alone() {
    let mut foreign = User::new("Anna Ek", "anna@example.com");
    foreign.foreign_id = Some("extern-7".to_owned());
    let sandbox = start(Sandbox::builder().seed(Seed::new().user(&foreign))).await;
    let side = employees(&sandbox);
    create(&side, &key("e-1"), &whole()).await.unwrap();
    create(&side, &key("e-1"), &whole()).await.unwrap();
    create(&side, &key("e-2"), &user_only()).await.unwrap();
    let found = side.find(&kind("employee"), &key("e-1")).await.unwrap();
    assert!(matches!(found, Found::Several(two) if two.len() == 2));
    let found = side.find(&kind("employee"), &key("e-2")).await.unwrap();
    assert!(matches!(found, Found::One(_)));
    assert_eq!(
        side.find(&kind("employee"), &key("e-3")).await.unwrap(),
        Found::Nothing
    );
    let all = side.list(&kind("employee")).await.unwrap();
    assert_eq!(
        all.observations()
            .iter()
            .filter(|one| one.client_key.is_some())
            .count(),
        3
    );
    let anna = users(&sandbox)
        .into_iter()
        .find(|user| user.name == "Anna Ek")
        .unwrap();
    let anna = RecordKey::new(anna.id.to_string()).unwrap();
    update(
        &side,
        &anna,
        &set(&[(field::NAME, "Anna Berg".into())]),
        None,
    )
    .await
    .unwrap();
    let anna: User = sandbox.read(&USER_READ, &[anna.as_str()]).unwrap();
    assert_eq!(anna.foreign_id.as_deref(), Some("extern-7"));
}

#[tokio::test]
async fn what_kleer_cannot_hold_is_refused_by_name_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    let id = create(&side, &key("e-1"), &whole())
        .await
        .unwrap()
        .observation
        .key;
    sandbox.clear_requests();
    let writes: usize = 0;
    let cases: [(&str, Value, &str); 5] = [
        (field::SSN, Value::Null, "cannot-be-cleared"),
        (
            field::TAX_TABLE,
            (i64::from(i32::MAX) + 1).into(),
            "out-of-range",
        ),
        (
            field::MONTHLY_SALARY,
            rust_decimal::Decimal::new(350_001, 1).into(),
            "not-whole-kronor",
        ),
        (
            field::MANAGER,
            Reference::new(kind("employee"), "e-9").into(),
            "not-linked",
        ),
        // Kleer has no such field, and the salary is a monthly one.
        (field::SALARY_PERIOD, HOURLY.into(), "salary-period"),
    ];
    for (name, value, code) in cases {
        let error = update(&side, &id, &set(&[(name, value)]), None)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (SideErrorKind::Refused, Some(code)),
            "{name}"
        );
        assert_eq!(
            error
                .fields()
                .iter()
                .map(FieldName::as_str)
                .collect::<Vec<_>>(),
            [name]
        );
    }
    assert_eq!(
        sandbox
            .requests()
            .iter()
            .filter(|one| one.method != "GET")
            .count(),
        writes
    );
}

#[tokio::test]
async fn a_list_with_an_item_that_cannot_be_read_is_incomplete_and_shows_the_others() {
    // An item without an id comes from a Kleer that leaves it out; a stand-in answers so.
    let mut server = mockito::Server::new_async().await;
    let user = |id: u32, name: &str| {
        format!(
            "<user><id>{id}</id><name>{name}</name><email>a@example.com</email><active>true</active></user>"
        )
    };
    let employee = |id: u32, phone: &str| {
        format!(
            "<payroll-user-readable><user><id>{id}</id></user><phone>{phone}</phone></payroll-user-readable>"
        )
    };
    let users = [
        user(1, "Anna"),
        user(2, "Bo"),
        user(2, "Bosse"),
        user(3, "Cilla"),
        user(4, "Dag"),
        "<user><id>x</id></user>".to_owned(),
    ];
    let agreements = [
        employee(1, "1"),
        employee(3, "3"),
        employee(3, "33"),
        employee(4, "4"),
        employee(4, "4"),
        employee(9, "9"),
        "<payroll-user-readable/>".to_owned(),
    ];
    let bodies = [
        ("user", format!("<users>{}</users>", users.concat())),
        (
            "payroll/user",
            format!(
                "<payroll-user-readables>{}</payroll-user-readables>",
                agreements.concat()
            ),
        ),
    ];
    for (path, body) in &bodies {
        let path = format!("/company/7/{path}");
        server
            .mock("GET", path.as_str())
            .with_header("content-type", "application/xml")
            .with_body(body)
            .create_async()
            .await;
    }
    let missing = "<error><message>PayrollUserDoesNotExistException: 2</message></error>";
    server
        .mock("GET", "/company/7/payroll/user/2")
        .with_status(500)
        .with_header("content-type", "application/xml")
        .with_body(missing)
        .create_async()
        .await;
    let kleer = Kleer::builder(CompanyId(7))
        .token("t")
        .base_url(server.url())
        .build()
        .unwrap();
    let side = Employees::new(kleer, SalaryUnit::Kronor);
    let all = side.list(&kind("employee")).await.unwrap();
    assert!(!all.is_complete());
    let shown = |id: &str| all.get(id).map(|one| one.record.get(field::PHONE).cloned());
    assert_eq!(shown("1"), Some(Some("1".into())));
    assert_eq!(shown("2"), None, "two users under one id");
    assert_eq!(shown("3"), None, "two agreements that differ");
    assert_eq!(
        shown("4"),
        Some(Some("4".into())),
        "two that are the same are one"
    );
    let mut rejected: Vec<_> = all
        .rejected()
        .iter()
        .map(|one| one.key.as_ref().map(|key| key.as_str().to_owned()))
        .collect();
    rejected.sort_unstable();
    let named = |id: &str| Some(id.to_owned());
    assert_eq!(rejected, [None, None, named("2"), named("3"), named("9")]);
    // A look that finds nothing in such a list decides nothing.
    assert_eq!(
        side.find(&kind("employee"), &key("e-1")).await.unwrap(),
        Found::Undecided
    );
}

#[tokio::test]
async fn nothing_shows_a_person() {
    let sandbox = sandbox().await;
    let side = employees(&sandbox);
    let receipt = create(&side, &key("e-1"), &whole()).await.unwrap();
    let error = update(
        &side,
        &receipt.observation.key,
        &set(&[(field::SSN, Value::Null)]),
        None,
    )
    .await
    .unwrap_err();
    let shown = format!("{side:?} {receipt:?} {error:?} {error}");
    for value in ["Tolvan", "tolvan@", "1212", "070-174", sandbox.token()] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_says_so() {
    let sandbox = sandbox().await;
    let kleer = builder(&sandbox).dry_run(true).build().unwrap();
    let side = Employees::new(kleer, SalaryUnit::Kronor);
    let error = create(&side, &key("e-1"), &whole()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (SideErrorKind::Unsupported, Some("dry-run"))
    );
    assert_eq!(users(&sandbox).len(), 1);
}

/// What the table of endpoints says is what the side relies on.
#[test]
fn recovery_is_that_of_the_endpoint_table() {
    use endpoint::Recovery;
    assert_eq!(
        USER_CREATE.recovery,
        Recovery::ForeignId { list: "user.list" }
    );
    let by_user = Recovery::NaturalKey {
        element: "user",
        read: "payroll_user.read",
    };
    assert_eq!(PAYROLL_USER_CREATE.recovery, by_user);
}

#[allow(dead_code, reason = "a compile-time check")]
fn a_side_is_shared(side: Employees, _: UserId, _: Capabilities) -> Box<dyn Side> {
    Box::new(side)
}
