//! What is found before an employee is sent.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::NaiveDate;
use flat_record::{Record, Value};
use kleer_employee::{Check, Severity, ValidationPolicy, field, fields, validate};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn record(values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(fields());
    for (name, value) in values {
        record.set(name, value.clone()).unwrap();
    }
    record
}

fn found(values: &[(&str, Value)]) -> Vec<(Check, Severity)> {
    validate(&record(values), today(), &ValidationPolicy::default())
        .into_iter()
        .map(|finding| (finding.check, finding.severity))
        .collect()
}

fn date(text: &str) -> Value {
    Value::Date(text.parse().unwrap())
}

#[test]
fn an_employee_without_a_fault() {
    let values = [
        (field::SSN, "19121212-1212".into()),
        (field::TAX_TABLE, 33.into()),
        (field::TAX_TABLE_COLUMN, 1.into()),
        (field::CLEARING_NR, "8327-9".into()),
        (field::ACCOUNT_NR, "0147258925".into()),
        (field::EMAIL, "tolvan@example.com".into()),
        (field::COUNTRY_CODE, "SE".into()),
        (field::EMPLOYMENT_START_DATE, date("2026-01-01")),
        (field::EMPLOYMENT_END_DATE, date("2026-01-01")),
        (field::MONTHLY_SALARY, Value::Decimal(35_000.into())),
        (field::HOURLY_SALARY, Value::Decimal(0.into())),
        (field::MONTHLY_SALARY_START_DATE, date("2026-01-01")),
    ];
    assert_eq!(found(&values), []);
    assert_eq!(found(&[]), []);
    let empty = fields()
        .iter()
        .map(|field| (field.name.as_str(), Value::Null));
    assert_eq!(found(&empty.collect::<Vec<_>>()), []);
}

/// What a record holds, and what is found in it.
type Case = (Vec<(&'static str, Value)>, Check, Severity);

#[test]
#[allow(clippy::too_many_lines, reason = "a table of cases")]
fn each_check_finds_its_fault() {
    use Severity::{Error, Warning};
    let cases: Vec<Case> = vec![
        (
            vec![(field::SSN, "19121212-1213".into())],
            Check::PersonalNumber,
            Error,
        ),
        (
            vec![(field::SSN, "121212+1212".into())],
            Check::PersonalNumberForm,
            Warning,
        ),
        (vec![(field::TAX_TABLE, 28.into())], Check::TaxTable, Error),
        (
            vec![(field::TAX_TABLE, (-1).into())],
            Check::TaxTable,
            Error,
        ),
        (vec![(field::TAX_TABLE, 43.into())], Check::TaxTable, Error),
        (
            vec![(field::TAX_TABLE_COLUMN, 0.into())],
            Check::TaxColumn,
            Error,
        ),
        (
            vec![(field::TAX_TABLE_COLUMN, 8.into())],
            Check::TaxColumn,
            Error,
        ),
        (
            vec![(field::TAX_TABLE_COLUMN, 7.into())],
            Check::TaxColumnInUse,
            Warning,
        ),
        (
            vec![
                (field::CLEARING_NR, "8327-9".into()),
                (field::ACCOUNT_NR, "0147258926".into()),
            ],
            Check::BankAccount,
            Error,
        ),
        (
            vec![
                (field::CLEARING_NR, "12".into()),
                (field::ACCOUNT_NR, "1".into()),
            ],
            Check::BankAccount,
            Error,
        ),
        (
            vec![(field::CLEARING_NR, "8327-9".into())],
            Check::BankAccountWhole,
            Warning,
        ),
        (
            vec![(field::ACCOUNT_NR, "0147258925".into())],
            Check::BankAccountWhole,
            Warning,
        ),
        (vec![(field::EMAIL, "tolvan".into())], Check::Email, Error),
        (
            vec![(field::EMAIL, "tolvan@localhost".into())],
            Check::Email,
            Error,
        ),
        (
            vec![(field::EMAIL, "a b@example.com".into())],
            Check::Email,
            Error,
        ),
        (
            vec![(field::EMAIL, "a@b@example.com".into())],
            Check::Email,
            Error,
        ),
        (
            vec![(field::COUNTRY_CODE, "Sweden".into())],
            Check::Country,
            Warning,
        ),
        (
            vec![(field::COUNTRY_CODE, "se".into())],
            Check::Country,
            Warning,
        ),
        (
            vec![
                (field::EMPLOYMENT_START_DATE, date("2026-02-01")),
                (field::EMPLOYMENT_END_DATE, date("2026-01-31")),
            ],
            Check::EmploymentDates,
            Error,
        ),
        (
            vec![
                (field::EMPLOYMENT_START_DATE, date("2026-02-01")),
                (field::HOURLY_SALARY_START_DATE, date("2026-01-31")),
            ],
            Check::SalaryDates,
            Warning,
        ),
        (
            vec![
                (field::MONTHLY_SALARY, Value::Decimal(35_000.into())),
                (field::HOURLY_SALARY, Value::Decimal(210.into())),
            ],
            Check::OneSalary,
            Error,
        ),
    ];
    for (values, check, severity) in &cases {
        assert_eq!(found(values), [(*check, *severity)], "{check:?}");
    }
    let tested: std::collections::BTreeSet<_> = cases.iter().map(|(_, check, _)| *check).collect();
    let untested: Vec<_> = Check::ALL
        .iter()
        .filter(|check| !tested.contains(check))
        .collect();
    assert_eq!(untested, [&Check::BankAccountChecked], "see the test below");
}

#[test]
fn an_account_of_an_unknown_bank_is_looked_at_twice() {
    let values = [
        (field::CLEARING_NR, "1000".into()),
        (field::ACCOUNT_NR, "1234567".into()),
    ];
    assert_eq!(
        found(&values),
        [(Check::BankAccountChecked, Severity::Warning)]
    );
}

#[test]
fn the_policy_decides_what_a_fault_means() {
    let record = record(&[(field::EMAIL, "tolvan".into())]);
    let with = |severity| {
        let policy = ValidationPolicy::default().with(Check::Email, severity);
        validate(&record, today(), &policy)
    };
    assert_eq!(with(Severity::Warning)[0].severity, Severity::Warning);
    assert!(with(Severity::Off).is_empty());
}

#[test]
fn a_finding_names_the_field_and_not_the_value() {
    let values = [
        (field::SSN, "planted".into()),
        (field::EMAIL, "planted".into()),
        (field::COUNTRY_CODE, "planted".into()),
        (field::CLEARING_NR, "planted".into()),
        (field::ACCOUNT_NR, "planted".into()),
    ];
    let findings = validate(&record(&values), today(), &ValidationPolicy::default());
    assert_eq!(findings.len(), 4);
    for finding in findings {
        let shown = format!("{finding} {finding:?}");
        assert!(
            shown.contains(&finding.field) && !shown.contains("planted"),
            "{shown}"
        );
    }
}
