//! The same types with the readers and writers that serde derives, to measure against.

#![allow(clippy::struct_field_names, reason = "the names are the schema's")]

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(rename = "payroll-user-readables")]
pub(crate) struct Users {
    #[serde(rename = "payroll-user-readable", default)]
    users: Vec<User>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct User {
    user: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    ssn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_table: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_table_column: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_percentage: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_tax_percentage: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clearing_nr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_nr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    employment_start_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    employment_end_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    travel_reimbursement_per_mile: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expense_allowance: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel_benefit: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_salary_type: Option<Payout>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_salary: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_salary_start_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_salary_yearly_pension: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hourly_salary: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hourly_salary_start_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable_salary_type: Option<VariableSalary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable_salary_payout_type: Option<Payout>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable_salary_input_type: Option<Input>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variable_salary_description: Option<String>,
    #[serde(rename = "variable-salery-tax-type")]
    #[serde(skip_serializing_if = "Option::is_none")]
    variable_salary_tax_type: Option<Tax>,
    #[serde(rename = "variable-salery-provision-vacation-percentage")]
    #[serde(skip_serializing_if = "Option::is_none")]
    variable_salary_provision_vacation_percentage: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provision: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    month_report_strategy: Option<MonthReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager_user: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workplace_number: Option<String>,
    #[serde(rename = "vacationFixedDebtPercentage")]
    #[serde(skip_serializing_if = "Option::is_none")]
    vacation_fixed_debt_percentage: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedules: Option<Schedules>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimension_entries: Option<DimensionEntries>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vacation_entitlements: Option<Entitlements>,
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<Children>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_history_monthly_salaries: Option<Salaries>,
}

#[derive(Serialize, Deserialize)]
struct Reference {
    id: i32,
}

/// Wrappers of lists.
macro_rules! wrapper {
    ($($name:ident { $items:ident = $wire:literal: $item:ident })*) => { $(
        #[derive(Serialize, Deserialize)]
        struct $name {
            #[serde(rename = $wire, default)]
            $items: Vec<$item>,
        }
    )* };
}

wrapper! {
    Schedules { schedules = "schedule": Schedule }
    DimensionEntries { entries = "dimension-entry": Reference }
    Entitlements { entitlements = "vacation-entitlement": Entitlement }
    Children { children = "child": Child }
    Salaries { salaries = "full-history-monthly-salary": Salary }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Schedule {
    schedule: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<Day>,
    comment: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entitlement {
    start_date: Day,
    entitlement: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Child {
    name: String,
    birth_date: Day,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Salary {
    monthly_salary: i64,
    monthly_salary_start_date: Day,
}

#[derive(Serialize, Deserialize)]
enum Payout {
    Next,
    Current,
}

#[derive(Serialize, Deserialize)]
enum VariableSalary {
    Disabled,
    Provision,
    ProvisionWithVacation,
    Bonus,
}

#[derive(Serialize, Deserialize)]
enum Input {
    #[serde(rename = "Self")]
    Employee,
    #[serde(rename = "Other")]
    SomebodyElse,
}

#[derive(Serialize, Deserialize)]
enum Tax {
    Normal,
    OneTime,
}

#[derive(Serialize, Deserialize)]
enum MonthReport {
    DontCreate,
    Create,
    CreateApproveSelf,
}

/// A value read from text and written as text, without the features of other crates.
struct AsText<T>(T);

type Day = AsText<NaiveDate>;
type Number = AsText<Decimal>;

impl<T: fmt::Display> Serialize for AsText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for AsText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(std::marker::PhantomData<T>);

        impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
            type Value = AsText<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value as text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<AsText<T>, E> {
                text.parse().map(AsText).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text(std::marker::PhantomData))
    }
}
