//! What the side promises: the conformance suite, requests counted, what is shown and refused.

use crate::common::{day, kind, kleer, sandbox, start};
use crate::support::{
    SSNS, agreement, create, employees, get, key, samples, set, update, user_only, users, whole,
};
use kleer_connect::client::Kleer;
use kleer_connect::client::model::endpoint::{
    self, Endpoint, PAYROLL_USER_CREATE, PAYROLL_USER_LIST, PAYROLL_USER_READ, PAYROLL_USER_UPDATE,
    USER_CREATE, USER_LIST, USER_READ, USER_UPDATE,
};
use kleer_connect::client::model::{CompanyId, SalaryUnit, User, UserId};
use kleer_connect::employee::{HOURLY, field};
use kleer_connect::employees::Employees;
use kleer_connect::link::testing::{Samples, check_side};
use kleer_connect::link::{Capabilities, Found, RecordKey, Side, SideErrorKind};
use kleer_connect::record::{FieldName, Record, Reference, Value};
use kleer_sandbox::{Fault, FaultRule, Sandbox, Seed};
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

/// Else a raise would count from the day on which Kleer's salary began, perhaps years ago.
#[tokio::test]
async fn a_raise_from_a_source_without_days_begins_with_the_month() {
    let sandbox = sandbox().await;
    let raise = set(&[(
        field::MONTHLY_SALARY,
        rust_decimal::Decimal::from(36_000).into(),
    )]);
    for (side, begins) in [
        (employees(&sandbox), "2026-09-01"),
        (employees(&sandbox).without_salary_days(), "2026-11-01"),
    ] {
        let created = create(&employees(&sandbox), &key(begins), &whole()).await;
        let id = created.unwrap().observation.key;
        update(&side, &id, &raise, None).await.unwrap();
        let paid = agreement(&sandbox, &id);
        assert_eq!(paid.monthly_salary.unwrap().0, 36_000);
        assert_eq!(paid.monthly_salary_start_date, Some(day(begins)));
    }
    let side = employees(&sandbox).without_salary_days();
    let able = side.capabilities(&kind("employee")).unwrap();
    assert!(!able.can_write(field::MONTHLY_SALARY_START_DATE));
    assert!(able.can_write(field::MONTHLY_SALARY));
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
