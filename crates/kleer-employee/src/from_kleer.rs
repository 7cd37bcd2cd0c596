//! What Kleer has of an employee, as a record.

use flat_record::{Kind, NameError, Record, RecordError, Reference, Value};
use kleer_model::{PayrollUserReadable, SalaryAmount, SalaryUnit, User};
use rust_decimal::Decimal;
use thiserror::Error;

use crate::vocabulary::{HOURLY, KIND, MONTHLY, field, fields};

/// An employee as Kleer has it: the user and, if there is one, the payroll agreement.
///
/// ```
/// use flat_record::Value;
/// use kleer_employee::{KleerEmployee, field};
/// use kleer_model::{PayrollUserReadable, SalaryAmount, SalaryUnit, User, UserId};
///
/// let user = User::new("Tolvan Tolvansson", "tolvan@example.com");
/// let mut agreement = PayrollUserReadable::of(UserId(21));
/// agreement.state = Some("Borås".to_owned());
/// agreement.phone = Some(String::new());
/// agreement.monthly_salary = Some(SalaryAmount(35_000));
///
/// let employee = KleerEmployee::new(&user, Some(&agreement));
/// let record = employee.record(SalaryUnit::Kronor)?;
/// assert_eq!(record.get(field::STATE), Some(&Value::from("Borås")));
/// assert_eq!(record.get(field::PHONE), Some(&Value::Null), "empty");
/// assert_eq!(record.get(field::ZIP_CODE), None, "not told");
/// # Ok::<(), kleer_employee::KleerRecordError>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct KleerEmployee<'a> {
    /// The user.
    pub user: &'a User,
    /// The payroll agreement.
    pub agreement: Option<&'a PayrollUserReadable>,
}

/// What Kleer sent cannot be held in a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KleerRecordError {
    /// A salary is beyond what can be counted.
    #[error("the {field} that Kleer sent is out of range")]
    Salary {
        /// The field.
        field: &'static str,
    },
    /// The record does not take a value: a mistake of ours.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A name is none: a mistake of ours.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl<'a> KleerEmployee<'a> {
    /// A user and the payroll agreement.
    pub fn new(user: &'a User, agreement: Option<&'a PayrollUserReadable>) -> Self {
        Self { user, agreement }
    }

    /// The record.
    ///
    /// What Kleer does not tell has no value: an absent element may mean that the caller lacks the
    /// right to see it. An empty text is null, and so is a 0 where 0 means that there is none (tax
    /// table and column, salary, manager). The first day of a salary is as well known as its amount:
    /// null if there is no salary, or no day.
    ///
    /// # Errors
    /// [`KleerRecordError::Salary`] if a salary is out of range in that unit.
    pub fn record(&self, unit: SalaryUnit) -> Result<Record, KleerRecordError> {
        let user = self.user;
        let mut record = Record::new(fields());
        record.set(field::ACTIVE, user.active)?;
        record.set(field::NAME, text(&user.name))?;
        record.set(field::EMAIL, text(&user.email))?;
        if let Some(id) = user.internal_id {
            record.set(field::INTERNAL_ID, i64::from(id))?;
        }
        let Some(agreement) = self.agreement else {
            return Ok(record);
        };
        let texts = [
            (field::SSN, &agreement.ssn),
            (field::PHONE, &agreement.phone),
            (field::ADDRESS1, &agreement.address1),
            (field::ADDRESS2, &agreement.address2),
            (field::ZIP_CODE, &agreement.zip_code),
            (field::STATE, &agreement.state),
            (field::COUNTRY_CODE, &agreement.country_code),
            (field::CLEARING_NR, &agreement.clearing_nr),
            (field::ACCOUNT_NR, &agreement.account_nr),
            (field::NOTES, &agreement.notes),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                record.set(name, text(value))?;
            }
        }
        let numbers = [
            (field::TAX_TABLE, agreement.tax_table),
            (field::TAX_TABLE_COLUMN, agreement.tax_table_column),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                let value = (value != 0).then_some(i64::from(value));
                record.set(name, value.map_or(Value::Null, Value::Integer))?;
            }
        }
        if let Some(date) = agreement.employment_start_date {
            record.set(field::EMPLOYMENT_START_DATE, date)?;
            // Kleer leaves the end out while there is none: with a start, that is known.
            let end = agreement.employment_end_date;
            record.set(
                field::EMPLOYMENT_END_DATE,
                end.map_or(Value::Null, Value::Date),
            )?;
        }
        Self::salaries(agreement, unit, &mut record)?;
        if let Some(manager) = &agreement.manager_user {
            let manager = if manager.id.0 == 0 {
                Value::Null
            } else {
                Value::from(Reference::new(
                    Kind::new(KIND)?,
                    manager.id.to_string().as_str(),
                ))
            };
            record.set(field::MANAGER, manager)?;
        }
        if let Some(entries) = &agreement.dimension_entries {
            let ids = entries.iter().map(|entry| i64::from(entry.id.0));
            record.set(field::DIMENSION_ENTRIES, Value::set(ids))?;
        }
        Ok(record)
    }

    fn salaries(
        agreement: &PayrollUserReadable,
        unit: SalaryUnit,
        record: &mut Record,
    ) -> Result<(), KleerRecordError> {
        let salary = |amount: Option<SalaryAmount>, name: &'static str| match amount {
            None => Ok(None),
            Some(SalaryAmount(0)) => Ok(Some(Value::Null)),
            Some(amount) => amount
                .to_cents(unit)
                .map(|cents| Some(Value::Decimal(Decimal::new(cents.0, 2))))
                .ok_or(KleerRecordError::Salary { field: name }),
        };
        let monthly = salary(agreement.monthly_salary, field::MONTHLY_SALARY)?;
        let hourly = salary(agreement.hourly_salary, field::HOURLY_SALARY)?;
        let period = match (&monthly, &hourly) {
            (Some(Value::Decimal(_)), Some(Value::Null)) => Some(MONTHLY),
            (Some(Value::Null), Some(Value::Decimal(_))) => Some(HOURLY),
            // Both, none, or not told: it would be a guess.
            _ => None,
        };
        if let Some(period) = period {
            record.set(field::SALARY_PERIOD, period)?;
        }
        let dates = [
            (
                field::MONTHLY_SALARY_START_DATE,
                &monthly,
                agreement.monthly_salary_start_date,
            ),
            (
                field::HOURLY_SALARY_START_DATE,
                &hourly,
                agreement.hourly_salary_start_date,
            ),
        ];
        for (name, amount, date) in dates {
            let date = date.map(Value::Date);
            let date = match amount {
                None => date,
                // What it kept of a salary that has ended is not the first day of one.
                Some(Value::Null) => Some(Value::Null),
                // With the amount, it is known that there is no day.
                Some(_) => Some(date.unwrap_or(Value::Null)),
            };
            if let Some(date) = date {
                record.set(name, date)?;
            }
        }
        if let Some(monthly) = monthly {
            record.set(field::MONTHLY_SALARY, monthly)?;
        }
        if let Some(hourly) = hourly {
            record.set(field::HOURLY_SALARY, hourly)?;
        }
        Ok(())
    }
}

fn text(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::from(text)
    }
}
