//! Lost answers at every step, other people's changes, missing rights.

use crate::common::{self, builder, kind, sandbox};
use crate::support::{
    agreement, carriers, create, employees, get, key, set, update, user_only, users, whole,
};
use kleer_connect::client::Kleer;
use kleer_connect::client::model::endpoint::{
    Endpoint, PAYROLL_USER_CREATE, PAYROLL_USER_LIST, PAYROLL_USER_READ, PAYROLL_USER_UPDATE,
    USER_CREATE, USER_READ, USER_UPDATE,
};
use kleer_connect::client::model::{CompanyId, PayrollUserWritable, SalaryUnit, User};
use kleer_connect::employee::field;
use kleer_connect::employees::Employees;
use kleer_connect::link::{ClientKey, Found, Observation, RecordKey, Side, SideErrorKind};
use kleer_connect::record::{FieldName, Record, Value};
use kleer_sandbox::{Fault, FaultRule};
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
