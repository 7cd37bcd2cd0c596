//! The built-in profiles, row by row: the tables of the systems' pages, from the source's document
//! to what is written to Kleer, and back.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use chrono::NaiveDate;
use field_map::{Circumstances, Mapper, Problem, Profile};
use flat_record::{Record, Sensitivity, Value};
use kleer_employee::{KleerEmployee, alexis_hr, create, field, fields, simployer_one, update};
use kleer_model::{
    Document, EmploymentEnd, PayrollUserReadable, PayrollUserWritable, SalaryUnit, User, UserId,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const UNIT: SalaryUnit = SalaryUnit::Ore;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn on() -> Circumstances<'static> {
    Circumstances::on(today()).of("5f1e")
}

fn profiles() -> [Profile; 2] {
    [alexis_hr().unwrap(), simployer_one().unwrap()]
}

fn mapper(profile: &Profile, work_email: bool) -> Mapper {
    profile
        .compile_for(fields())
        .setting("use-work-email", work_email)
        .compile()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// What Kleer requires of an employee, and nothing else.
fn least() -> Json {
    json!({
        "id": "5f1e",
        "firstName": "Tolvan",
        "lastName": "Tolvansson",
        "privateEmail": "tolvan@example.com",
        "workEmail": "tolvan@work.example.com",
        "ssn": "19121212-1212",
        "employment": { "startDate": "2026-01-01" }
    })
}

fn put(document: &mut Json, path: &str, value: Json) {
    let mut at = document;
    for key in path.split('.') {
        at = &mut at[key];
    }
    *at = value;
}

/// Several of them.
fn with(changes: &[(&str, Json)]) -> Json {
    let mut document = least();
    for (path, value) in changes {
        put(&mut document, path, value.clone());
    }
    document
}

fn written(mapper: &Mapper, document: &Json) -> String {
    let record = mapper.export(document, &on()).unwrap();
    let write = create(&record, UNIT).unwrap();
    let user = write.user.unwrap().to_xml().unwrap();
    let agreement = write.agreement.unwrap().to_xml().unwrap();
    format!("{user}{agreement}")
}

/// The table of the export: what the source has, and the element that Kleer gets.
#[test]
fn the_export_table_row_by_row() {
    let hourly = |amount: Json| {
        vec![(
            "compensation",
            json!({ "payoutPeriod": "HOURLY", "amount": amount, "effectiveDate": "2026-02-01" }),
        )]
    };
    let monthly = |amount: Json| {
        vec![(
            "compensation",
            json!({ "payoutPeriod": "MONTHLY", "amount": amount, "effectiveDate": "2026-02-01T00:00:00.000Z" }),
        )]
    };
    let rows: Vec<(Vec<(&str, Json)>, &str)> = vec![
        (vec![("active", json!(false))], "<active>false</active>"),
        (vec![("active", json!(true))], "<active>true</active>"),
        (vec![], "<email>tolvan@example.com</email>"),
        (vec![], "<name>Tolvan Tolvansson</name>"),
        (
            vec![("privatePhone", json!("070-174 06 05"))],
            "<phone>070-174 06 05</phone>",
        ),
        (
            vec![("ssn", json!("121212+1212"))],
            "<ssn>19121212-1212</ssn>",
        ),
        (
            vec![("homeAddress.street", json!("Storgatan 1"))],
            "<address2>Storgatan 1</address2>",
        ),
        (
            vec![("homeAddress.postalCode", json!("503 30"))],
            "<zip-code>503 30</zip-code>",
        ),
        (
            vec![("homeAddress.city", json!("Borås"))],
            "<state>Borås</state>",
        ),
        (
            vec![("homeAddress.country", json!("SE"))],
            "<country-code>SE</country-code>",
        ),
        (vec![("tax.table", json!(33))], "<tax-table>33</tax-table>"),
        (
            vec![("tax.column", json!(1))],
            "<tax-table-column>1</tax-table-column>",
        ),
        (
            vec![("bankAccount.clearing", json!("8327-9"))],
            "<clearing-nr>8327-9</clearing-nr>",
        ),
        (
            vec![("bankAccount.number", json!("0147258925"))],
            "<account-nr>0147258925</account-nr>",
        ),
        (
            vec![("employment.startDate", json!("2026-03-01T00:00:00.000Z"))],
            "<employment-start-date>2026-03-01</employment-start-date>",
        ),
        (
            vec![("employment.endDate", json!("2026-12-31T00:00:00.000Z"))],
            "<employment-end-date><employment-end-date>2026-12-31</employment-end-date></employment-end-date>",
        ),
        (
            hourly(json!(210.5)),
            "<hourly-salary>21050</hourly-salary><hourly-salary-start-date>2026-02-01</hourly-salary-start-date>",
        ),
        (
            monthly(json!(35000)),
            "<monthly-salary>3500000</monthly-salary><monthly-salary-start-date>2026-02-01</monthly-salary-start-date>",
        ),
    ];
    for profile in profiles() {
        let mapper = mapper(&profile, false);
        for (changes, element) in &rows {
            let mut changes = changes.clone();
            // Dates come as timestamps.
            if !changes
                .iter()
                .any(|(path, _)| path.starts_with("employment"))
            {
                changes.push(("employment.startDate", json!("2026-01-01T00:00:00.000Z")));
            } else if !changes
                .iter()
                .any(|(path, _)| *path == "employment.startDate")
            {
                changes.push(("employment.startDate", json!("2026-01-01T00:00:00Z")));
            }
            for (path, value) in &mut changes {
                if *path == "compensation" && value["effectiveDate"] == json!("2026-02-01") {
                    value["effectiveDate"] = json!("2026-02-01T00:00:00Z");
                }
            }
            let xml = written(&mapper, &with(&changes));
            assert!(xml.contains(element), "{element} is not in {xml}");
        }
    }
}

#[test]
fn what_the_source_does_not_say_is_not_written() {
    for profile in profiles() {
        let document = with(&[("employment.startDate", json!("2026-01-01T00:00:00Z"))]);
        let record = mapper(&profile, false).export(&document, &on()).unwrap();
        let agreement = create(&record, UNIT).unwrap().agreement.unwrap();
        assert_eq!(
            agreement,
            PayrollUserWritable::create(
                "19121212-1212",
                NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
            )
        );
    }
}

#[test]
fn the_work_email_by_setting() {
    for profile in profiles() {
        let document = with(&[("employment.startDate", json!("2026-01-01T00:00:00Z"))]);
        let xml = written(&mapper(&profile, true), &document);
        assert!(
            xml.contains("<email>tolvan@work.example.com</email>"),
            "{xml}"
        );
    }
}

#[test]
fn a_salary_of_another_period_or_of_none_is_refused_and_named() {
    let mapper = mapper(&alexis_hr().unwrap(), false);
    for period in ["DAILY", "WEEKLY", "BI_WEEKLY", "QUARTERLY", "ANNUAL"] {
        let document = with(&[
            (
                "compensation",
                json!({ "payoutPeriod": period, "amount": 1 }),
            ),
            ("employment.startDate", json!("2026-01-01T00:00:00Z")),
        ]);
        let error = mapper.export(&document, &on()).unwrap_err();
        assert_eq!(error.failures.len(), 1);
        assert!(matches!(
            error.failures[0].problem,
            Problem::NotInTable { .. }
        ));
        assert_eq!(error.failures[0].source, "compensation.payoutPeriod");
    }
    for compensation in [
        json!({ "amount": 1 }),
        json!({ "amount": 1, "payoutPeriod": null }),
    ] {
        let document = with(&[
            ("compensation", compensation),
            ("employment.startDate", json!("2026-01-01T00:00:00Z")),
        ]);
        let error = mapper.export(&document, &on()).unwrap_err();
        assert_eq!(error.failures[0].problem, Problem::Missing);
    }
}

/// The table of the import: what Kleer has, and where the source gets it.
#[test]
#[allow(clippy::too_many_lines, reason = "the table")]
fn the_import_table_row_by_row() {
    type Change = fn(&mut User, &mut PayrollUserReadable);
    let rows: Vec<(Change, &str, Json)> = vec![
        (|user, _| user.active = false, "/active", json!(false)),
        (
            |user, _| user.email = "a@example.com".into(),
            "/privateEmail",
            json!("a@example.com"),
        ),
        (
            |user, _| user.name = "Anna Maria Ek".into(),
            "/firstName",
            json!("Anna Maria"),
        ),
        (
            |user, _| user.name = "Anna Maria Ek".into(),
            "/lastName",
            json!("Ek"),
        ),
        (
            |user, _| user.internal_id = Some(17),
            "/employeeNumber",
            json!("17"),
        ),
        (
            |_, to| to.phone = Some("08-1".into()),
            "/privatePhone",
            json!("08-1"),
        ),
        (
            |_, to| to.ssn = Some("19121212-1212".into()),
            "/ssn",
            json!("19121212-1212"),
        ),
        (
            |_, to| to.address2 = Some("Storgatan 1".into()),
            "/homeAddress/street",
            json!("Storgatan 1"),
        ),
        (
            |_, to| to.zip_code = Some("503 30".into()),
            "/homeAddress/postalCode",
            json!("503 30"),
        ),
        (
            |_, to| to.state = Some("Borås".into()),
            "/homeAddress/city",
            json!("Borås"),
        ),
        (
            |_, to| to.country_code = Some("SE".into()),
            "/homeAddress/country",
            json!("SE"),
        ),
        (|_, to| to.tax_table = Some(33), "/tax/table", json!(33)),
        (
            |_, to| to.tax_table_column = Some(1),
            "/tax/column",
            json!(1),
        ),
        (
            |_, to| to.clearing_nr = Some("8327".into()),
            "/bankAccount/clearing",
            json!("8327"),
        ),
        (
            |_, to| to.account_nr = Some("123".into()),
            "/bankAccount/number",
            json!("123"),
        ),
        (
            |_, to| to.employment_start_date = NaiveDate::from_ymd_opt(2026, 1, 1),
            "/employment/startDate",
            json!("2026-01-01T00:00:00.000Z"),
        ),
        (
            |_, to| {
                to.employment_start_date = NaiveDate::from_ymd_opt(2026, 1, 1);
                to.employment_end_date = NaiveDate::from_ymd_opt(2026, 12, 31);
            },
            "/employment/endDate",
            json!("2026-12-31T00:00:00.000Z"),
        ),
        (
            |_, to| salaries(to, 0, 3_500_000),
            "/compensation/amount",
            json!(35000),
        ),
        (
            |_, to| salaries(to, 0, 3_500_000),
            "/compensation/payoutPeriod",
            json!("MONTHLY"),
        ),
        (
            |_, to| salaries(to, 0, 3_500_000),
            "/compensation/payoutFrequency",
            json!("MONTH"),
        ),
        (
            |_, to| salaries(to, 0, 3_500_000),
            "/employmentType/name",
            json!("Permanent"),
        ),
        (
            |_, to| salaries(to, 0, 3_500_000),
            "/compensation/effectiveDate",
            json!("2026-02-01T00:00:00.000Z"),
        ),
        (
            |_, to| salaries(to, 21_050, 0),
            "/compensation/amount",
            json!(210.5),
        ),
        (
            |_, to| salaries(to, 21_050, 0),
            "/compensation/payoutPeriod",
            json!("HOURLY"),
        ),
        (
            |_, to| salaries(to, 21_050, 0),
            "/compensation/payoutFrequency",
            json!("MONTH"),
        ),
        (
            |_, to| salaries(to, 21_050, 0),
            "/employmentType/name",
            json!("Hourly"),
        ),
    ];
    for profile in profiles() {
        let mapper = mapper(&profile, false);
        for (change, pointer, expected) in &rows {
            let mut user = User::new("Tolvan Tolvansson", "tolvan@example.com");
            let mut agreement = PayrollUserReadable::of(UserId(21));
            change(&mut user, &mut agreement);
            let record = KleerEmployee::new(&user, Some(&agreement))
                .record(UNIT)
                .unwrap();
            let document = mapper.import(&record, &on()).unwrap();
            assert_eq!(
                document.pointer(pointer),
                Some(expected),
                "{pointer} in {document}"
            );
        }
    }
}

fn salaries(agreement: &mut PayrollUserReadable, hourly: i64, monthly: i64) {
    let from = NaiveDate::from_ymd_opt(2026, 2, 1);
    agreement.hourly_salary = Some(kleer_model::SalaryAmount(hourly));
    agreement.monthly_salary = Some(kleer_model::SalaryAmount(monthly));
    agreement.hourly_salary_start_date = from.filter(|_| hourly != 0);
    agreement.monthly_salary_start_date = from.filter(|_| monthly != 0);
}

/// What Kleer sends of an employee that was written so.
fn kept(user: &User, agreement: &PayrollUserWritable) -> PayrollUserReadable {
    let mut kept = PayrollUserReadable::new(
        user.id,
        agreement.ssn.clone().unwrap_or_default(),
        agreement.employment_start_date.unwrap(),
    );
    kept.country_code = Some(String::new());
    let texts = [
        (&mut kept.phone, &agreement.phone),
        (&mut kept.address2, &agreement.address2),
        (&mut kept.zip_code, &agreement.zip_code),
        (&mut kept.state, &agreement.state),
        (&mut kept.country_code, &agreement.country_code),
        (&mut kept.clearing_nr, &agreement.clearing_nr),
        (&mut kept.account_nr, &agreement.account_nr),
    ];
    for (kept, written) in texts {
        if written.is_some() {
            kept.clone_from(written);
        }
    }
    kept.tax_table = agreement.tax_table.or(kept.tax_table);
    kept.tax_table_column = agreement.tax_table_column.or(kept.tax_table_column);
    if let EmploymentEnd::Set { date, .. } = agreement.employment_end() {
        kept.employment_end_date = Some(date);
    }
    kept.monthly_salary = agreement.monthly_salary.or(kept.monthly_salary);
    kept.hourly_salary = agreement.hourly_salary.or(kept.hourly_salary);
    kept.monthly_salary_start_date = agreement.monthly_salary_start_date;
    kept.hourly_salary_start_date = agreement.hourly_salary_start_date;
    kept
}

fn any_employee() -> impl Strategy<Value = Json> {
    let word = "[A-ZÅÄÖ][a-zåäö]{1,8}";
    let date = (2000..2030_i32, 1..=12_u32, 1..=28_u32)
        .prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}T00:00:00.000Z"));
    let compensation =
        (1..10_000_000_i64, any::<bool>(), date.clone()).prop_map(|(ore, hourly, from)| {
            let amount = if ore % 100 == 0 {
                json!(ore / 100)
            } else {
                json!(
                    format!("{}.{:02}", ore / 100, ore % 100)
                        .parse::<f64>()
                        .unwrap()
                )
            };
            json!({
                "amount": amount,
                "payoutPeriod": if hourly { "HOURLY" } else { "MONTHLY" },
                "effectiveDate": from
            })
        });
    (
        (word, word, any::<bool>(), "[0-9]{3}-[0-9]{6}"),
        ("[A-Za-z]{1,9} [0-9]{1,2}", "[0-9]{3} [0-9]{2}", word),
        (29..=42_i64, 1..=6_i64),
        ("[0-9]{4}", "[0-9]{7}"),
        (date.clone(), proptest::option::of(date)),
        proptest::option::of(compensation),
    )
        .prop_map(|(names, address, tax, bank, employment, compensation)| {
            let mut document = json!({
                "firstName": names.0,
                "lastName": names.1,
                "active": names.2,
                "privatePhone": names.3,
                "privateEmail": "tolvan@example.com",
                "ssn": "19121212-1212",
                "homeAddress": {
                    "street": address.0, "postalCode": address.1, "city": address.2, "country": "SE"
                },
                "tax": { "table": tax.0, "column": tax.1 },
                "bankAccount": { "clearing": bank.0, "number": bank.1 },
                "employment": { "startDate": employment.0, "endDate": employment.1 },
            });
            if let Some(compensation) = compensation {
                document["compensation"] = compensation;
            }
            document
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Exported to Kleer and imported again, nothing is lost that both tables carry; and a second
    /// export finds nothing to write.
    #[test]
    fn a_round_trip_loses_nothing(document in any_employee()) {
        let mapper = mapper(&alexis_hr().unwrap(), false);
        let exported = mapper.export(&document, &on()).unwrap();
        let write = create(&exported, UNIT).unwrap();
        let user = write.user.unwrap();
        let agreement = kept(&user, &write.agreement.unwrap());
        let kleer = KleerEmployee::new(&user, Some(&agreement));

        let again = update(&exported, &kleer, UNIT).unwrap();
        prop_assert!(again.is_empty(), "{again:?}");

        let mut imported = mapper.import(&kleer.record(UNIT).unwrap(), &on()).unwrap();
        let period = imported["compensation"]["payoutPeriod"].clone();
        if let Some(compensation) = imported.get_mut("compensation").and_then(Json::as_object_mut) {
            // What the import adds.
            compensation.remove("payoutFrequency");
        }
        imported.as_object_mut().unwrap().remove("employmentType");
        if period == Json::Null {
            imported.as_object_mut().unwrap().remove("compensation");
        }
        prop_assert_eq!(imported, document);
    }
}

/// The one salary counts, and the other is known not to be there: else a period that is switched in
/// Kleer would come back without its amount.
#[test]
fn the_salary_of_the_other_period_is_known_not_to_be_there() {
    let day = "2026-09-01T00:00:00.000Z";
    let (monthly, hourly) = (
        [field::MONTHLY_SALARY, field::MONTHLY_SALARY_START_DATE],
        [field::HOURLY_SALARY, field::HOURLY_SALARY_START_DATE],
    );
    for profile in profiles() {
        let mapper = mapper(&profile, false);
        for (period, is, is_not) in [("MONTHLY", monthly, hourly), ("HOURLY", hourly, monthly)] {
            let pay = json!({ "amount": 210, "payoutPeriod": period, "effectiveDate": day });
            let record = mapper
                .export(&with(&[("compensation", pay)]), &on())
                .unwrap();
            for name in is {
                assert!(record.get(name).is_some_and(|value| !value.is_null()));
            }
            for name in is_not {
                assert_eq!(record.get(name), Some(&Value::Null), "{period}: {name}");
            }
        }
        // Who has no salary there has none that is known not to be.
        let record = mapper.export(&with(&[]), &on()).unwrap();
        for name in monthly.into_iter().chain(hourly) {
            assert_eq!(record.get(name), None, "{name}");
        }
    }
}

#[test]
fn what_is_sensitive_can_be_kept_at_home_by_one_switch() {
    let profile = alexis_hr().unwrap();
    let mapper = profile
        .compile_for(fields())
        .drop_class(Sensitivity::Sensitive)
        .compile()
        .unwrap();
    let document = with(&[
        ("employment.startDate", json!("2026-01-01T00:00:00Z")),
        (
            "compensation",
            json!({ "amount": 1, "payoutPeriod": "MONTHLY" }),
        ),
        ("bankAccount.number", json!("123")),
    ]);
    let record: Record = mapper.export(&document, &on()).unwrap();
    assert_eq!(record.get(field::SSN), None);
    assert_eq!(record.get(field::MONTHLY_SALARY), None);
    assert_eq!(record.get(field::ACCOUNT_NR), None);
    assert_eq!(
        record.get(field::NAME),
        Some(&Value::from("Tolvan Tolvansson"))
    );
}

/// After a change: `UPDATE_DOCS=1 cargo test -p kleer-employee --test profiles`
#[test]
fn the_tables_and_the_schema_are_in_the_documentation() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut pages: Vec<_> = profiles()
        .into_iter()
        .map(|profile| {
            let note = "<!-- Generated from the profile; a test keeps them equal. -->\n\n";
            let path = docs.join(format!("profiles/{}.md", profile.name()));
            (path, format!("{note}{}", profile.to_markdown()))
        })
        .collect();
    let schema = serde_json::to_string_pretty(&field_map::json_schema()).unwrap();
    pages.push((
        docs.join("schemas/profile.schema.json"),
        format!("{schema}\n"),
    ));
    for (path, page) in pages {
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &page).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == page,
            "{} is not what the code says: UPDATE_DOCS=1 cargo test -p kleer-employee --test profiles",
            path.display()
        );
    }
}
