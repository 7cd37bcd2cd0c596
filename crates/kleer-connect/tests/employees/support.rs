//! What the tests of employees share.

use crate::common::{day, kind, kleer};
use kleer_connect::client::model::endpoint::{PAYROLL_USER_READ, USER_LIST};
use kleer_connect::client::model::{List, PayrollUserReadable, SalaryUnit, User};
use kleer_connect::employee::{self, HOURLY, MONTHLY, field};
use kleer_connect::employees::Employees;
use kleer_connect::link::testing::Samples;
use kleer_connect::link::{ClientKey, Observation, Receipt, RecordKey, Side, SideError};
use kleer_connect::record::{Record, Reference, Value};
use kleer_sandbox::Sandbox;
/// Published test numbers of the Swedish Tax Agency.
pub(crate) const SSNS: [&str; 2] = ["19121212-1212", "19701063-2391"];

pub(crate) fn whole() -> Record {
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
pub(crate) fn user_only() -> Record {
    set(&[
        (field::NAME, "Anna Ek".into()),
        (field::EMAIL, "anna@example.com".into()),
    ])
}

pub(crate) fn set(values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(employee::fields());
    for (name, value) in values {
        record.set(name, value.clone()).unwrap();
    }
    record
}

pub(crate) fn employees(sandbox: &Sandbox) -> Employees {
    Employees::new(kleer(sandbox), SalaryUnit::Kronor)
}

pub(crate) fn key(source: &str) -> ClientKey {
    ClientKey::new("hr->4875", "employee", source)
}

pub(crate) fn users(sandbox: &Sandbox) -> Vec<User> {
    let list: List<User> = sandbox.read(&USER_LIST, &[]).unwrap();
    list.items
}

/// The users that carry the key.
pub(crate) fn carriers(sandbox: &Sandbox, key: &ClientKey) -> usize {
    let text = key.to_string();
    let carries = |user: &&User| user.foreign_id.as_deref() == Some(text.as_str());
    users(sandbox).iter().filter(carries).count()
}

pub(crate) fn agreement(sandbox: &Sandbox, key: &RecordKey) -> PayrollUserReadable {
    sandbox.read(&PAYROLL_USER_READ, &[key.as_str()]).unwrap()
}

pub(crate) async fn create(
    side: &Employees,
    key: &ClientKey,
    record: &Record,
) -> Result<Receipt, SideError> {
    side.create(&kind("employee"), key, record).await
}

pub(crate) async fn get(side: &Employees, key: &RecordKey) -> Observation {
    side.get(&kind("employee"), key).await.unwrap().unwrap()
}

pub(crate) async fn update(
    side: &Employees,
    key: &RecordKey,
    changes: &Record,
    version: Option<&str>,
) -> Result<Receipt, SideError> {
    side.update(&kind("employee"), key, changes, version).await
}

pub(crate) fn samples(prefix: &str) -> Samples {
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
            (field::MONTHLY_SALARY_START_DATE, Value::Null),
        ]))
        .change(set(&[(field::ACTIVE, false.into())]))
        .refused(set(&[(field::NAME, "Anna Ek".into())]))
        .refused(user_only().with(field::PHONE, "070-174 06 05").unwrap())
        .missing(RecordKey::new("99999").unwrap())
}
