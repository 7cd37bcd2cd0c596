//! From a record to what is written to Kleer: everything on a create, and only what differs on an
//! update.

use std::fmt;

use chrono::NaiveDate;
use flat_record::{Change, Record, Value, difference};
use kleer_model::{
    Cents, DimensionEntryId, EmploymentEnd, PayrollUserWritable, SalaryAmount, SalaryUnit, User,
    UserId,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use thiserror::Error;

use crate::from_kleer::{KleerEmployee, KleerRecordError};
use crate::vocabulary::{HOURLY, MONTHLY, field, fields};

/// What to write so that Kleer has an employee as a record says.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct EmployeeWrite {
    /// The user to create, or the whole user with its changes; `None` if nothing of it changes.
    pub user: Option<User>,
    /// What to set in the payroll agreement, and nothing else; `None` if nothing of it changes.
    pub agreement: Option<PayrollUserWritable>,
    /// Fields that the record says are null, and that are kept: Kleer has a monthly and an hourly
    /// salary, and the record does not say which period counts. Nobody's pay ends by that.
    pub kept: Vec<&'static str>,
}

impl EmployeeWrite {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.user.is_none() && self.agreement.is_none()
    }
}

/// A record that cannot be written to Kleer, with everything that is wrong with it. It holds no
/// value of the record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub struct EmployeeError {
    /// What is wrong. Never empty.
    pub problems: Vec<EmployeeProblem>,
}

impl fmt::Display for EmployeeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the employee cannot be written to Kleer: ")?;
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// One thing for which a record cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmployeeProblem {
    /// Kleer requires it.
    #[error("Kleer requires {field}; add it at the source, or map it")]
    Required {
        /// The field.
        field: &'static str,
    },
    /// Kleer has no way to say that there is none.
    #[error("{field} cannot be cleared in Kleer; clear it there by hand, or leave it out")]
    CannotBeCleared {
        /// The field.
        field: &'static str,
    },
    /// A number is beyond what Kleer takes.
    #[error("{field} is out of the range that Kleer takes")]
    OutOfRange {
        /// The field.
        field: &'static str,
    },
    /// Kleer keeps whole kronor, and the salary has a part of one. Nothing is rounded.
    #[error(
        "{field} has a part of a krona, but this Kleer keeps whole kronor; round it at the source"
    )]
    NotWholeKronor {
        /// The field.
        field: &'static str,
    },
    /// A salary has more than two decimals.
    #[error("{field} has parts of an öre; round it at the source")]
    NotWholeOre {
        /// The field.
        field: &'static str,
    },
    /// A reference that is not the id of a user in Kleer.
    #[error("{field} does not refer to a user in Kleer; link that employee first")]
    NotLinked {
        /// The field.
        field: &'static str,
    },
    /// The salary says one period, and the amounts another.
    #[error("the salary is counted by {period}, but only another amount is given")]
    SalaryPeriod {
        /// The period.
        period: &'static str,
    },
    /// What Kleer sent cannot be compared with.
    #[error("{0}")]
    Kleer(String),
}

/// Collects problems while it converts.
struct Converter {
    unit: SalaryUnit,
    problems: Vec<EmployeeProblem>,
}

impl Converter {
    fn finish(self, write: EmployeeWrite) -> Result<EmployeeWrite, EmployeeError> {
        if self.problems.is_empty() {
            Ok(write)
        } else {
            Err(EmployeeError {
                problems: self.problems,
            })
        }
    }

    fn problem(&mut self, problem: EmployeeProblem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// A text; null is the empty one, by which Kleer clears.
    fn text(value: &Value) -> Option<String> {
        match value {
            Value::Null => Some(String::new()),
            value => value.as_text().map(ToOwned::to_owned),
        }
    }

    fn date(&mut self, name: &'static str, value: &Value) -> Option<NaiveDate> {
        if *value == Value::Null {
            self.problem(EmployeeProblem::CannotBeCleared { field: name });
        }
        value.as_date()
    }

    fn number(&mut self, name: &'static str, value: &Value) -> Option<i32> {
        let Some(number) = value.as_integer() else {
            self.problem(EmployeeProblem::CannotBeCleared { field: name });
            return None;
        };
        let number = i32::try_from(number).ok();
        if number.is_none() {
            self.problem(EmployeeProblem::OutOfRange { field: name });
        }
        number
    }

    /// A salary; null is 0, by which Kleer says that there is none.
    fn salary(&mut self, name: &'static str, value: &Value) -> Option<SalaryAmount> {
        let kronor = match value {
            Value::Null => return Some(SalaryAmount(0)),
            value => value.as_decimal()?,
        };
        let ore = kronor.checked_mul(Decimal::ONE_HUNDRED);
        let Some(ore) = ore else {
            self.problem(EmployeeProblem::OutOfRange { field: name });
            return None;
        };
        if !ore.fract().is_zero() {
            self.problem(EmployeeProblem::NotWholeOre { field: name });
            return None;
        }
        let Some(cents) = ore.to_i64().filter(|cents| *cents >= 0) else {
            self.problem(EmployeeProblem::OutOfRange { field: name });
            return None;
        };
        let amount = SalaryAmount::from_cents_exact(Cents(cents), self.unit);
        if amount.is_none() {
            self.problem(EmployeeProblem::NotWholeKronor { field: name });
        }
        amount
    }

    fn user(&mut self, user: &mut User, name: &str, value: &Value) -> bool {
        match name {
            field::ACTIVE => match value {
                Value::Bool(active) => user.active = *active,
                _ => self.problem(EmployeeProblem::CannotBeCleared {
                    field: field::ACTIVE,
                }),
            },
            field::NAME => match value.as_text().filter(|text| !text.trim().is_empty()) {
                Some(text) => user.name = text.to_owned(),
                None => self.problem(EmployeeProblem::Required { field: field::NAME }),
            },
            field::EMAIL => match value.as_text().filter(|text| !text.trim().is_empty()) {
                Some(text) => user.email = text.to_owned(),
                None => self.problem(EmployeeProblem::Required {
                    field: field::EMAIL,
                }),
            },
            field::INTERNAL_ID => {
                if let Some(number) = self.number(field::INTERNAL_ID, value) {
                    user.internal_id = Some(number);
                }
            }
            _ => return false,
        }
        true
    }

    fn agreement(
        &mut self,
        agreement: &mut PayrollUserWritable,
        name: &str,
        value: &Value,
    ) -> bool {
        match name {
            field::PHONE => agreement.phone = Self::text(value),
            field::ADDRESS1 => agreement.address1 = Self::text(value),
            field::ADDRESS2 => agreement.address2 = Self::text(value),
            field::ZIP_CODE => agreement.zip_code = Self::text(value),
            field::STATE => agreement.state = Self::text(value),
            field::COUNTRY_CODE => agreement.country_code = Self::text(value),
            field::CLEARING_NR => agreement.clearing_nr = Self::text(value),
            field::ACCOUNT_NR => agreement.account_nr = Self::text(value),
            field::NOTES => agreement.notes = Self::text(value),
            field::SSN => match value.as_text().filter(|text| !text.trim().is_empty()) {
                Some(text) => agreement.ssn = Some(text.to_owned()),
                None => self.problem(EmployeeProblem::CannotBeCleared { field: field::SSN }),
            },
            field::TAX_TABLE => agreement.tax_table = self.number(field::TAX_TABLE, value),
            field::TAX_TABLE_COLUMN => {
                agreement.tax_table_column = self.number(field::TAX_TABLE_COLUMN, value);
            }
            field::EMPLOYMENT_START_DATE => {
                agreement.employment_start_date = self.date(field::EMPLOYMENT_START_DATE, value);
            }
            field::EMPLOYMENT_END_DATE => {
                agreement.set_employment_end(match value.as_date() {
                    Some(date) => EmploymentEnd::Set {
                        date,
                        end_type: None,
                    },
                    None => EmploymentEnd::Remove,
                });
            }
            field::MONTHLY_SALARY => {
                agreement.monthly_salary = self.salary(field::MONTHLY_SALARY, value);
            }
            field::HOURLY_SALARY => {
                agreement.hourly_salary = self.salary(field::HOURLY_SALARY, value);
            }
            field::MONTHLY_SALARY_START_DATE => {
                agreement.monthly_salary_start_date =
                    self.date(field::MONTHLY_SALARY_START_DATE, value);
            }
            field::HOURLY_SALARY_START_DATE => {
                agreement.hourly_salary_start_date =
                    self.date(field::HOURLY_SALARY_START_DATE, value);
            }
            field::MANAGER => match value.as_reference() {
                Some(reference) => match reference.key.as_str().parse::<UserId>() {
                    Ok(id) => agreement.manager_user = Some(id.into()),
                    Err(_) => self.problem(EmployeeProblem::NotLinked {
                        field: field::MANAGER,
                    }),
                },
                None => self.problem(EmployeeProblem::CannotBeCleared {
                    field: field::MANAGER,
                }),
            },
            field::DIMENSION_ENTRIES => {
                agreement.dimension_entries = self.dimension_entries(value);
            }
            _ => return false,
        }
        true
    }

    /// A salary without its first day would count from the first of this month, and a day without
    /// its salary may mean anything: they are written together. What the record does not say stays
    /// as it is in Kleer.
    fn keep_salaries_with_their_days(
        &mut self,
        record: &Record,
        now: &Record,
        agreement: &mut PayrollUserWritable,
    ) {
        for one in [&BY_MONTH, &BY_HOUR] {
            let (salary, day) = one.written(agreement);
            let missing = match (salary, day) {
                (Some(SalaryAmount(0)), _) => continue,
                (Some(_), None) => one.day,
                (None, Some(_)) => one.salary,
                _ => continue,
            };
            let value = record.get(missing).or_else(|| now.get(missing));
            if let Some(value) = value.filter(|value| **value != Value::Null) {
                self.agreement(agreement, missing, value);
            }
        }
    }

    /// Kleer has no field for the period: whoever goes from a monthly salary to an hourly one, or
    /// back, would be paid both unless the other one ends.
    fn end_the_other_salary(
        record: &Record,
        now: &Record,
        agreement: &mut PayrollUserWritable,
    ) -> bool {
        let Some(one) = Salary::of_period(record) else {
            return false;
        };
        let other = one.other();
        // What the record says of the other salary is its own word on it.
        let ends = says(record, one.salary)
            && record.get(other.salary).is_none()
            && says(now, other.salary);
        if ends {
            *other.places(agreement).0 = Some(SalaryAmount(0));
        }
        ends
    }

    /// A salary ends where the next one begins. Its own first day would end it from its beginning.
    fn end_salaries_on_their_days(record: &Record, agreement: &mut PayrollUserWritable) {
        for one in [&BY_MONTH, &BY_HOUR] {
            if one.written(agreement).0 == Some(SalaryAmount(0)) {
                let said = |name: &str| record.get(name).and_then(Value::as_date);
                let day = said(one.day).or_else(|| said(one.other().day));
                *one.places(agreement).1 = day;
            }
        }
    }

    fn dimension_entries(
        &mut self,
        value: &Value,
    ) -> Option<Vec<kleer_model::DimensionEntryReference>> {
        let mut entries = Vec::new();
        if let Some(set) = value.as_set() {
            for element in set {
                let id = element.as_integer().and_then(|id| id.try_into().ok());
                let Some(id) = id else {
                    self.problem(EmployeeProblem::OutOfRange {
                        field: field::DIMENSION_ENTRIES,
                    });
                    return None;
                };
                entries.push(DimensionEntryId(id).into());
            }
        }
        Some(entries)
    }
}

/// One of the two salaries that Kleer has room for.
struct Salary {
    salary: &'static str,
    day: &'static str,
    period: &'static str,
}

const BY_MONTH: Salary = Salary {
    salary: field::MONTHLY_SALARY,
    day: field::MONTHLY_SALARY_START_DATE,
    period: MONTHLY,
};

const BY_HOUR: Salary = Salary {
    salary: field::HOURLY_SALARY,
    day: field::HOURLY_SALARY_START_DATE,
    period: HOURLY,
};

impl Salary {
    /// The salary that counts, by the period that a record says.
    fn of_period(record: &Record) -> Option<&'static Self> {
        let period = record.get(field::SALARY_PERIOD).and_then(Value::as_text);
        [&BY_MONTH, &BY_HOUR]
            .into_iter()
            .find(|one| period == Some(one.period))
    }

    fn other(&self) -> &'static Self {
        if self.period == MONTHLY {
            &BY_HOUR
        } else {
            &BY_MONTH
        }
    }

    fn places<'a>(
        &self,
        agreement: &'a mut PayrollUserWritable,
    ) -> (&'a mut Option<SalaryAmount>, &'a mut Option<NaiveDate>) {
        if self.period == MONTHLY {
            (
                &mut agreement.monthly_salary,
                &mut agreement.monthly_salary_start_date,
            )
        } else {
            (
                &mut agreement.hourly_salary,
                &mut agreement.hourly_salary_start_date,
            )
        }
    }

    fn written(
        &self,
        agreement: &mut PayrollUserWritable,
    ) -> (Option<SalaryAmount>, Option<NaiveDate>) {
        let (salary, day) = self.places(agreement);
        (*salary, *day)
    }

    /// Whether a field is the first day of a salary that there is not, by the record or, if it does
    /// not say, by what Kleer has: it says nothing, or when the salary ends.
    fn is_day_of_none(name: &str, record: &Record, now: &Record) -> bool {
        [&BY_MONTH, &BY_HOUR].into_iter().any(|one| {
            let salary = record.get(one.salary).or_else(|| now.get(one.salary));
            one.day == name && salary == Some(&Value::Null)
        })
    }

    /// Whether a field is a salary beside which Kleer has another, and the record does not say that
    /// only the other one counts.
    fn is_one_of_two(name: &str, record: &Record, now: &Record) -> Option<&'static str> {
        let one = [&BY_MONTH, &BY_HOUR]
            .into_iter()
            .find(|one| one.salary == name)?;
        let counts = Self::of_period(record).map(|counts| counts.salary);
        let is_kept = says(now, one.other().salary) && counts != Some(one.other().salary);
        is_kept.then_some(one.salary)
    }
}

/// Whether a value says something that a create has to write: what is null is left to Kleer.
fn says(record: &Record, name: &str) -> bool {
    record.get(name).is_some_and(|value| *value != Value::Null)
}

/// Whether a record says anything that stands in a payroll agreement.
fn has_agreement(record: &Record) -> bool {
    fields().iter().any(|one| {
        !matches!(
            one.name.as_str(),
            field::ACTIVE | field::NAME | field::EMAIL | field::INTERNAL_ID | field::SALARY_PERIOD
        ) && says(record, &one.name)
    })
}

/// What to write for an employee that Kleer does not have: a user, and an agreement if the record
/// says anything of one.
///
/// The user carries no foreign id yet; stamp your client key into it. A salary without its first day
/// is valid from the first of the current month: Kleer's default.
///
/// ```
/// use flat_record::Record;
/// use kleer_employee::field;
/// use kleer_model::SalaryUnit;
///
/// let record = Record::new(kleer_employee::fields())
///     .with(field::NAME, "Tolvan Tolvansson")?
///     .with(field::EMAIL, "tolvan@example.com")?
///     .with(field::PHONE, "070-174 06 05")?;
/// let error = kleer_employee::create(&record, SalaryUnit::Kronor).unwrap_err();
/// assert_eq!(error.to_string(), "the employee cannot be written to Kleer: \
///     Kleer requires ssn; add it at the source, or map it; \
///     Kleer requires employment-start-date; add it at the source, or map it");
/// # Ok::<(), flat_record::RecordError>(())
/// ```
///
/// # Errors
/// [`EmployeeError`] with everything that is missing or cannot be written.
pub fn create(record: &Record, unit: SalaryUnit) -> Result<EmployeeWrite, EmployeeError> {
    let mut converter = Converter {
        unit,
        problems: Vec::new(),
    };
    let mut user = User::new("", "");
    for name in [field::NAME, field::EMAIL] {
        if !says(record, name) {
            converter.problem(EmployeeProblem::Required { field: name });
        }
    }
    let mut agreement = PayrollUserWritable::update();
    let wants_agreement = has_agreement(record);
    if wants_agreement {
        for name in [field::SSN, field::EMPLOYMENT_START_DATE] {
            if !says(record, name) {
                converter.problem(EmployeeProblem::Required { field: name });
            }
        }
    }
    check_period(record, &mut converter);
    for one in fields() {
        let Some(value) = record.get(&one.name).filter(|value| **value != Value::Null) else {
            continue;
        };
        let _ = converter.user(&mut user, &one.name, value)
            || converter.agreement(&mut agreement, &one.name, value);
    }
    converter.finish(EmployeeWrite {
        user: Some(user),
        agreement: wants_agreement.then_some(agreement),
        kept: Vec::new(),
    })
}

/// What to write so that Kleer has an employee as the record says: the whole user if anything of
/// it differs, and of the agreement only what differs.
///
/// A field without a value in the record is left as it is, and so is one that Kleer does not tell,
/// unless the record has a value for it. Null clears where Kleer can: a text, a salary (by 0), the
/// end of the employment, the dimension entries.
///
/// # Salaries
///
/// Kleer keeps a history of salaries by their first days, and takes the first of the current month
/// for a salary without one. So:
///
/// - A changed salary carries its first day, and a changed first day its salary: the one that the
///   record says, else the one that Kleer shows. An amount that changes while its day does not
///   corrects that entry of the history. Only where nobody knows a day, none is sent.
/// - A salary of another [period](field::SALARY_PERIOD) than the one in Kleer ends that one, on its
///   own first day. A salary that is null ends on the first day that the record says for either,
///   or else on Kleer's: never on its own old one, which would end it from its beginning.
/// - Beside a monthly salary, Kleer may have an hourly one, for hours that are paid besides. A null
///   ends one of two only if the record says by its period that the other one counts; else it is
///   [kept](EmployeeWrite::kept).
///
/// ```
/// use flat_record::{Record, Value};
/// use kleer_employee::{KleerEmployee, field};
/// use kleer_model::{EmploymentEnd, PayrollUserReadable, SalaryUnit, User, UserId};
///
/// let hired = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
/// let user = User::new("Tolvan Tolvansson", "tolvan@example.com");
/// let agreement = PayrollUserReadable::new(UserId(21), "19121212-1212", hired);
/// let kleer = KleerEmployee::new(&user, Some(&agreement));
///
/// let record = kleer.record(SalaryUnit::Kronor)?.with(field::STATE, "Borås")?;
/// let write = kleer_employee::update(&record, &kleer, SalaryUnit::Kronor)?;
/// assert_eq!(write.user, None);
/// let change = write.agreement.unwrap();
/// assert_eq!((change.state.as_deref(), change.ssn), (Some("Borås"), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`EmployeeError`] with everything that cannot be written.
pub fn update(
    record: &Record,
    kleer: &KleerEmployee<'_>,
    unit: SalaryUnit,
) -> Result<EmployeeWrite, EmployeeError> {
    let mut converter = Converter {
        unit,
        problems: Vec::new(),
    };
    let now = kleer.record(unit).map_err(|error| EmployeeError {
        problems: vec![match error {
            KleerRecordError::Salary { field } => EmployeeProblem::OutOfRange { field },
            other => EmployeeProblem::Kleer(other.to_string()),
        }],
    })?;
    check_period(record, &mut converter);
    let mut user = kleer.user.clone();
    let mut user_changes = false;
    let mut agreement = PayrollUserWritable::update();
    let mut agreement_changes = false;
    let mut kept = Vec::new();
    for one in difference(record, &now).iter() {
        let value = match &one.change {
            Change::Changed { left, .. } => left,
            // Kleer does not tell; that there is none needs no saying.
            Change::OnlyLeft(left) if **left != Value::Null => left,
            _ => continue,
        };
        let name = one.field.name.as_str();
        if Salary::is_day_of_none(name, record, &now) {
            continue;
        }
        if value.is_null()
            && let Some(salary) = Salary::is_one_of_two(name, record, &now)
        {
            kept.push(salary);
            continue;
        }
        if converter.user(&mut user, name, value) {
            user_changes = true;
        } else if converter.agreement(&mut agreement, name, value) {
            agreement_changes = true;
        }
    }
    agreement_changes |= Converter::end_the_other_salary(record, &now, &mut agreement);
    converter.keep_salaries_with_their_days(record, &now, &mut agreement);
    Converter::end_salaries_on_their_days(record, &mut agreement);
    // An agreement that is not there yet has to be whole.
    if agreement_changes && kleer.agreement.is_none() {
        for name in [field::SSN, field::EMPLOYMENT_START_DATE] {
            if !says(record, name) {
                converter.problem(EmployeeProblem::Required { field: name });
            }
        }
    }
    converter.finish(EmployeeWrite {
        user: user_changes.then_some(user),
        agreement: agreement_changes.then_some(agreement),
        kept,
    })
}

/// A salary without its period, or with another one, is not written: it could be off by a factor of
/// 160.
fn check_period(record: &Record, converter: &mut Converter) {
    let period = record
        .get(field::SALARY_PERIOD)
        .and_then(|value| value.as_text());
    let monthly = says(record, field::MONTHLY_SALARY);
    let hourly = says(record, field::HOURLY_SALARY);
    match period {
        Some(HOURLY) if monthly && !hourly => {
            converter.problem(EmployeeProblem::SalaryPeriod { period: "hour" });
        }
        Some(MONTHLY) if hourly && !monthly => {
            converter.problem(EmployeeProblem::SalaryPeriod { period: "month" });
        }
        _ => {}
    }
}
