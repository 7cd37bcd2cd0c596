//! Every row of the tables of the Alexis page, from one system to the other: export, import, leave.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "tables of rows, and a helper that keeps them short"
)]

mod support;

use std::collections::BTreeSet;

use kleer_model::{
    EmploymentEnd, List, PayrollChild, PayrollUserReadable, PayrollUserWritable, SalaryAmount,
    User, endpoint,
};
use serde_json::{Value as Json, json};
use support::{Desk, count};

type InKleer = fn(&User, &PayrollUserReadable) -> Option<String>;

fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// The resource and what is changed in it, the number of the row in `docs/profiles/alexis-hr.md`,
/// and what Kleer has afterwards.
fn export_rows() -> Vec<(u8, &'static str, Json, InKleer, &'static str)> {
    let employee = "employee";
    vec![
        (
            1,
            employee,
            json!({"active": false}),
            |user, _| text(user.active),
            "false",
        ),
        (
            2,
            employee,
            json!({"privateEmail": "ny@example.com"}),
            |user, _| text(&user.email),
            "ny@example.com",
        ),
        (
            4,
            employee,
            json!({"firstName": "Anna-Märta"}),
            |user, _| text(&user.name),
            "Anna-Märta Sjögren",
        ),
        (
            4,
            employee,
            json!({"lastName": "Ek"}),
            |user, _| text(&user.name),
            "Märta Ek",
        ),
        (
            5,
            employee,
            json!({"privatePhone": "070-174 06 31"}),
            |_, paid| paid.phone.clone(),
            "070-174 06 31",
        ),
        (
            6,
            employee,
            json!({"ssn": "194912109958"}),
            |_, paid| paid.ssn.clone(),
            "19491210-9958",
        ),
        (
            7,
            employee,
            json!({"homeAddress": {"street": "Nygatan 8"}}),
            |_, paid| paid.address2.clone(),
            "Nygatan 8",
        ),
        (
            8,
            employee,
            json!({"homeAddress": {"postalCode": "722 12"}}),
            |_, paid| paid.zip_code.clone(),
            "722 12",
        ),
        (
            9,
            employee,
            json!({"homeAddress": {"city": "Sala"}}),
            |_, paid| paid.state.clone(),
            "Sala",
        ),
        (
            10,
            employee,
            json!({"homeAddress": {"country": "NO"}}),
            |_, paid| paid.country_code.clone(),
            "NO",
        ),
        (
            11,
            employee,
            json!({"tax": {"table": 34}}),
            |_, paid| paid.tax_table.map(|n| n.to_string()),
            "34",
        ),
        (
            12,
            employee,
            json!({"tax": {"column": 3}}),
            |_, paid| paid.tax_table_column.map(|n| n.to_string()),
            "3",
        ),
        (
            13,
            employee,
            json!({"bankAccount": {"clearing": "9661", "number": "1000013"}}),
            |_, paid| paid.clearing_nr.clone(),
            "9661",
        ),
        (
            14,
            employee,
            json!({"bankAccount": {"number": "1000002"}}),
            |_, paid| paid.account_nr.clone(),
            "1000002",
        ),
        (
            15,
            "employment",
            json!({"startDate": "2026-02-01T00:00:00.000Z"}),
            |_, paid| paid.employment_start_date.map(|d| d.to_string()),
            "2026-02-01",
        ),
        (
            16,
            "employment",
            json!({"endDate": "2027-05-31T00:00:00.000Z"}),
            |_, paid| paid.employment_end_date.map(|d| d.to_string()),
            "2027-05-31",
        ),
        (
            17,
            "compensation",
            json!({"payoutPeriod": "HOURLY", "amount": 250, "effectiveDate": "2026-10-01T00:00:00.000Z"}),
            |_, paid| paid.hourly_salary.map(|s| s.0.to_string()),
            "250",
        ),
        (
            18,
            "compensation",
            json!({"payoutPeriod": "HOURLY", "amount": 250, "effectiveDate": "2026-10-01T00:00:00.000Z"}),
            |_, paid| paid.hourly_salary_start_date.map(|d| d.to_string()),
            "2026-10-01",
        ),
        (
            19,
            "compensation",
            json!({"amount": 37_000, "effectiveDate": "2026-10-01T00:00:00.000Z"}),
            |_, paid| paid.monthly_salary.map(|s| s.0.to_string()),
            "37000",
        ),
        (
            20,
            "compensation",
            json!({"amount": 37_000, "effectiveDate": "2026-10-01T00:00:00.000Z"}),
            |_, paid| paid.monthly_salary_start_date.map(|d| d.to_string()),
            "2026-10-01",
        ),
    ]
}

/// The id of Märta, or of what belongs to her.
fn id_in(desk: &Desk, resource: &str) -> String {
    let id = desk.id("Märta");
    match resource {
        "employee" => id,
        other => desk.alexis.get("employee", &id)[format!("{other}Id")]
            .as_str()
            .unwrap()
            .to_owned(),
    }
}

fn in_kleer(desk: &Desk, user: &str) -> (User, PayrollUserReadable) {
    let user: User = desk.sandbox.read(&endpoint::USER_READ, &[user]).unwrap();
    let paid = desk
        .sandbox
        .read(&endpoint::PAYROLL_USER_READ, &[&user.id.to_string()])
        .unwrap();
    (user, paid)
}

#[tokio::test]
async fn each_row_of_the_export_reaches_kleer_when_somebody_is_created() {
    for (row, resource, change, read, expected) in export_rows() {
        let desk = Desk::new().await;
        desk.alexis
            .change(resource, &id_in(&desk, resource), &change);
        let marta = desk.alexis.all("employee")[2]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let report = desk.run(&["export", &marta]).await;
        assert_eq!(
            count(&report, "/applied/created"),
            1,
            "row {row}: {}",
            report.text
        );
        let created = desk
            .users()
            .into_iter()
            .map(|user| user.id.0)
            .max()
            .unwrap();
        let (user, paid) = in_kleer(&desk, &created.to_string());
        assert_eq!(read(&user, &paid).as_deref(), Some(expected), "row {row}");
    }
}

#[tokio::test]
async fn each_row_of_the_export_reaches_kleer_when_it_changes() {
    for (row, resource, change, read, expected) in export_rows() {
        let desk = Desk::new().await;
        let (first, name) = ("Märta", "Märta Sjögren");
        let marta = desk.id(first);
        desk.run(&["export", &marta]).await;
        let user = desk.user(name).unwrap().id.to_string();
        let id = match resource {
            "employee" => marta.clone(),
            other => desk.alexis.get("employee", &marta)[format!("{other}Id")]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        desk.alexis.change(resource, &id, &change);
        let report = desk.run(&["export", &marta]).await;
        assert_eq!(
            count(&report, "/applied/updated"),
            1,
            "row {row}: {}",
            report.text
        );
        let (person, paid) = in_kleer(&desk, &user);
        assert_eq!(read(&person, &paid).as_deref(), Some(expected), "row {row}");
    }
}

#[tokio::test]
async fn the_work_address_is_used_if_the_settings_say_so() {
    let desk = Desk::new().await;
    desk.set("use-work-email = true");
    desk.run(&["export", &desk.id("Märta")]).await;
    assert_eq!(
        desk.user("Märta Sjögren").unwrap().email,
        "marta@work.example.com"
    );
}

#[tokio::test]
async fn what_is_too_sensitive_is_left_out() {
    let desk = Desk::new().await;
    desk.run(&["export", &desk.id("Märta")]).await;
    desk.set("most-sensitive = \"personal\"");
    let compensation = id_in(&desk, "compensation");
    desk.alexis
        .change("compensation", &compensation, &json!({"amount": 99_000}));
    desk.alexis.change(
        "employee",
        &desk.id("Märta"),
        &json!({"privatePhone": "070-174 06 35"}),
    );
    desk.run(&["export"]).await;
    let paid = desk.employment("Märta Sjögren");
    assert_eq!(paid.monthly_salary, Some(SalaryAmount(36_000)));
    assert_eq!(paid.phone.as_deref(), Some("070-174 06 35"));
}

type Change = fn(&mut User, &mut PayrollUserWritable);

/// What is changed in Kleer, and what Alexis says then: resource, path, value.
fn import_rows() -> Vec<(u8, Change, &'static str, &'static str, Json)> {
    vec![
        (
            1,
            |user, _| user.active = false,
            "employee",
            "/active",
            json!(false),
        ),
        (
            2,
            |user, _| user.email = "k@example.com".to_owned(),
            "employee",
            "/privateEmail",
            json!("k@example.com"),
        ),
        (
            4,
            |user, _| user.name = "Anna Märta Sjö".to_owned(),
            "employee",
            "/firstName",
            json!("Anna Märta"),
        ),
        (
            4,
            |user, _| user.name = "Anna Märta Sjö".to_owned(),
            "employee",
            "/lastName",
            json!("Sjö"),
        ),
        (
            5,
            |_, paid| paid.phone = Some("070-174 06 32".to_owned()),
            "employee",
            "/privatePhone",
            json!("070-174 06 32"),
        ),
        (
            6,
            |_, paid| paid.ssn = Some("19491210-9958".to_owned()),
            "employee",
            "/ssn",
            json!("19491210-9958"),
        ),
        (
            7,
            |_, paid| paid.address2 = Some("Kleergatan 1".to_owned()),
            "employee",
            "/homeAddress/street",
            json!("Kleergatan 1"),
        ),
        (
            8,
            |_, paid| paid.zip_code = Some("111 22".to_owned()),
            "employee",
            "/homeAddress/postalCode",
            json!("111 22"),
        ),
        (
            9,
            |_, paid| paid.state = Some("Stockholm".to_owned()),
            "employee",
            "/homeAddress/city",
            json!("Stockholm"),
        ),
        (
            10,
            |_, paid| paid.country_code = Some("FI".to_owned()),
            "employee",
            "/homeAddress/country",
            json!("FI"),
        ),
        (
            11,
            |_, paid| paid.tax_table = Some(35),
            "employee",
            "/tax/table",
            json!(35),
        ),
        (
            12,
            |_, paid| paid.tax_table_column = Some(2),
            "employee",
            "/tax/column",
            json!(2),
        ),
        (
            13,
            |_, paid| paid.clearing_nr = Some("9662".to_owned()),
            "employee",
            "/bankAccount/clearing",
            json!("9662"),
        ),
        (
            14,
            |_, paid| paid.account_nr = Some("1000036".to_owned()),
            "employee",
            "/bankAccount/number",
            json!("1000036"),
        ),
        (
            15,
            |_, paid| paid.employment_start_date = "2026-02-02".parse().ok(),
            "employment",
            "/startDate",
            json!("2026-02-02T00:00:00.000Z"),
        ),
        (
            16,
            |_, paid| {
                paid.set_employment_end(EmploymentEnd::Set {
                    date: "2027-03-31".parse().unwrap(),
                    end_type: None,
                });
            },
            "employment",
            "/endDate",
            json!("2027-03-31T00:00:00.000Z"),
        ),
        (
            17,
            |_, paid| hourly(paid),
            "compensation",
            "/amount",
            json!(260),
        ),
        (
            18,
            |_, paid| hourly(paid),
            "compensation",
            "/effectiveDate",
            json!("2026-11-01T00:00:00.000Z"),
        ),
        (
            21,
            |_, paid| hourly(paid),
            "compensation",
            "/payoutPeriod",
            json!("HOURLY"),
        ),
        (
            22,
            |_, paid| hourly(paid),
            "compensation",
            "/payoutFrequency",
            json!("MONTH"),
        ),
        (
            23,
            |_, paid| hourly(paid),
            "employment-type",
            "/name",
            json!("Hourly"),
        ),
        (
            19,
            |_, paid| monthly(paid),
            "compensation",
            "/amount",
            json!(39_000),
        ),
        (
            20,
            |_, paid| monthly(paid),
            "compensation",
            "/effectiveDate",
            json!("2026-12-01T00:00:00.000Z"),
        ),
    ]
}

/// From the month to the hour.
fn hourly(paid: &mut PayrollUserWritable) {
    paid.monthly_salary = Some(SalaryAmount(0));
    paid.monthly_salary_start_date = "2026-11-01".parse().ok();
    paid.hourly_salary = Some(SalaryAmount(260));
    paid.hourly_salary_start_date = "2026-11-01".parse().ok();
}

fn monthly(paid: &mut PayrollUserWritable) {
    paid.monthly_salary = Some(SalaryAmount(39_000));
    paid.monthly_salary_start_date = "2026-12-01".parse().ok();
}

#[tokio::test]
async fn each_row_of_the_import_reaches_alexis_when_it_changes() {
    for (row, change, resource, path, expected) in import_rows() {
        let desk = Desk::new().await;
        let (first, name) = ("Märta", "Märta Sjögren");
        let marta = desk.id(first);
        desk.run(&["export", &marta]).await;
        desk.run(&["import"]).await;
        let mut user = desk.user(name).unwrap();
        let id = user.id.to_string();
        let mut paid = PayrollUserWritable::update();
        change(&mut user, &mut paid);
        desk.sandbox
            .write(&endpoint::USER_UPDATE, &[&id], &user)
            .unwrap();
        desk.sandbox
            .write(&endpoint::PAYROLL_USER_UPDATE, &[&id], &paid)
            .unwrap();
        let report = desk.run(&["import", &id]).await;
        assert_eq!(
            count(&report, "/applied/updated"),
            1,
            "row {row}: {}",
            report.text
        );
        let employee = desk.alexis.get("employee", &marta);
        let there = match resource {
            "employee" => employee,
            "employment-type" => {
                let employment = employee["employmentId"].as_str().unwrap();
                let employment = desk.alexis.get("employment", employment);
                desk.alexis
                    .get(resource, employment["typeId"].as_str().unwrap())
            }
            other => desk
                .alexis
                .get(other, employee[format!("{other}Id")].as_str().unwrap()),
        };
        assert_eq!(there.pointer(path), Some(&expected), "row {row}");
        let again = desk.run(&["import", &id]).await;
        assert_eq!(
            again.json["affected"],
            json!([]),
            "row {row}: {}",
            again.text
        );
    }
}

#[tokio::test]
async fn somebody_who_is_only_in_kleer_is_created_in_alexis_with_every_row() {
    // Rows 21 to 23 follow from how the salary is counted.
    is_created_in_alexis("Märta", "Märta Sjögren").await;
    is_created_in_alexis("Amina", "Amina Haddad").await;
}

async fn is_created_in_alexis(first: &str, name: &str) {
    let desk = Desk::new().await;
    let of = |desk: &Desk, resource: &str| {
        let employee = desk.alexis.get("employee", &desk.id(first));
        employee[format!("{resource}Id")]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let marta = desk.id(first);
    desk.run(&["export", &marta]).await;
    let id = desk.user(name).unwrap().id.to_string();
    let mut user = desk.user(name).unwrap();
    user.internal_id = Some(77);
    desk.sandbox
        .write(&endpoint::USER_UPDATE, &[&id], &user)
        .unwrap();
    let (before, employment, compensation) = (
        desk.alexis.get("employee", &marta),
        desk.alexis.get("employment", &of(&desk, "employment")),
        desk.alexis.get("compensation", &of(&desk, "compensation")),
    );
    // As if Alexis had never known her.
    desk.alexis.delete("employee", &marta);
    std::fs::remove_file(desk.path("links.sqlite")).unwrap();
    let report = desk.run(&["import", &id, "--action", "create"]).await;
    assert_eq!(
        count(&report, "/applied/created"),
        1,
        "{} {}",
        report.text,
        report.json
    );

    let created = desk.alexis.get("employee", &desk.id(first));
    assert_ne!(created["id"], before["id"]);
    assert_eq!(created["employeeNumber"], "77"); // row 24
    for name in [
        "active",
        "privateEmail",
        "firstName",
        "lastName",
        "privatePhone",
        "ssn",
        "homeAddress",
        "tax",
    ] {
        assert_eq!(created[name], before[name], "{name}");
    }
    for name in ["clearing", "number"] {
        assert_eq!(created["bankAccount"][name], before["bankAccount"][name]);
    }
    let related = |name: &str| desk.alexis.get(name, &of(&desk, name));
    for name in ["startDate", "endDate", "typeId"] {
        assert_eq!(related("employment")[name], employment[name], "{name}");
    }
    for name in [
        "amount",
        "effectiveDate",
        "payoutPeriod",
        "payoutFrequency",
        "currency",
    ] {
        assert_eq!(related("compensation")[name], compensation[name], "{name}");
    }
}

#[tokio::test]
async fn the_number_that_kleer_gives_comes_to_alexis_and_one_that_is_there_stays() {
    let desk = Desk::new().await;
    let (marta, amina) = (desk.id("Märta"), desk.id("Amina"));
    desk.alexis
        .change("employee", &amina, &json!({"employeeNumber": "A-17"}));
    desk.run(&["export", &marta, &amina]).await;
    desk.run(&["import"]).await;
    let number = desk.user("Märta Sjögren").unwrap().internal_id.unwrap();
    assert_eq!(
        desk.alexis.get("employee", &marta)["employeeNumber"],
        number.to_string()
    );
    assert_eq!(
        desk.alexis.get("employee", &amina)["employeeNumber"],
        "A-17"
    );
}

#[tokio::test]
async fn each_column_of_the_leave_table_reaches_kleer() {
    let desk = Desk::new().await;
    desk.run(&["export"]).await;
    let child = PayrollChild::new("Sami", "2021-04-09".parse().unwrap());
    let amina = desk.user("Amina Haddad").unwrap().id.to_string();
    desk.sandbox
        .write(&endpoint::PAYROLL_CHILD_CREATE, &[&amina], &child)
        .unwrap();
    let leave = ["leave", "--from", "2026-10-01", "--to", "2026-11-30"];
    let report = desk.run(&leave).await;
    assert_eq!(count(&report, "/exported/created"), 6, "{}", report.text);
    // The sick leave that is not confirmed waits, and what is in no table is reported.
    let findings = report.json["findings"].to_string();
    assert!(
        findings.contains("is not in the mapping table"),
        "{findings}"
    );
    assert!(report.needs_somebody);

    let written: Vec<kleer_model::EventWritable> = desk
        .sandbox
        .requests()
        .iter()
        .filter(|one| one.endpoint == Some(endpoint::EVENT_CREATE.name))
        .map(|one| one.document().unwrap())
        .collect();
    let activities: List<kleer_model::ActivityReadable> =
        desk.sandbox.read(&endpoint::ACTIVITY_LIST, &[]).unwrap();
    let name_of = |id: kleer_model::ActivityId| {
        activities
            .items
            .iter()
            .find(|one| one.id.id == id)
            .unwrap()
            .name
            .clone()
    };
    let rows: BTreeSet<_> = written
        .iter()
        .map(|one| {
            let user = one.user.id.to_string();
            let activity = name_of(one.activity.id);
            let child = one.child.clone().unwrap_or_default();
            (
                one.date.to_string(),
                one.hours.normalize().to_string(),
                activity,
                child,
                one.comment.clone(),
                user,
            )
        })
        .collect();
    let [anna, marta] =
        ["Anna Ek", "Märta Sjögren"].map(|name| desk.user(name).unwrap().id.to_string());
    let row = |day: &str, hours: &str, activity: &str, child: &str, comment: &str, user: &str| {
        [day, hours, activity, child, comment, user]
            .map(ToOwned::to_owned)
            .into()
    };
    assert_eq!(
        rows,
        BTreeSet::from([
            row("2026-10-08", "8", "Semester", "", "Höstlov", &marta),
            row("2026-10-09", "8", "Semester", "", "Höstlov", &marta),
            row("2026-10-12", "8", "Semester", "", "Höstlov", &marta),
            row("2026-11-02", "8", "Semester", "", "", &marta),
            row("2026-10-14", "8", "Sjuk", "", "", &anna),
            row("2026-10-20", "4", "VAB", "Sami", "Feber", &amina),
        ])
    );

    // Once more: nothing. One that is taken back in Alexis goes away in Kleer.
    let report = desk.run(&leave).await;
    assert_eq!(
        (
            count(&report, "/exported/created"),
            count(&report, "/exported/unchanged")
        ),
        (0, 6)
    );
    let rows = desk.alexis.all("leave-transaction");
    let gone = rows
        .iter()
        .find(|one| one["date"] == "2026-11-02T00:00:00.000Z")
        .unwrap();
    desk.alexis
        .delete("leave-transaction", gone["id"].as_str().unwrap());
    let report = desk.run(&leave).await;
    assert_eq!(count(&report, "/exported/deleted"), 1, "{}", report.text);
}

#[tokio::test]
async fn the_work_address_goes_both_ways_when_it_changes() {
    // Row 3.
    let desk = Desk::new().await;
    desk.set("use-work-email = true");
    let marta = desk.id("Märta");
    desk.run(&["export", &marta]).await;
    let changed = json!({"workEmail": "ny@work.example.com"});
    desk.alexis.change("employee", &marta, &changed);
    desk.run(&["export"]).await;
    let mut user = desk.user("Märta Sjögren").unwrap();
    assert_eq!(user.email, "ny@work.example.com");

    user.email = "kleer@work.example.com".to_owned();
    let id = user.id.to_string();
    desk.sandbox
        .write(&endpoint::USER_UPDATE, &[&id], &user)
        .unwrap();
    let private = desk.alexis.get("employee", &marta)["privateEmail"].clone();
    desk.run(&["import"]).await;
    let employee = desk.alexis.get("employee", &marta);
    assert_eq!(employee["workEmail"], "kleer@work.example.com");
    assert_eq!(employee["privateEmail"], private);
}
