//! What is looked at before an employee is sent.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use flat_record::{Record, Value};
use swedish_ids::{AccountCheck, BankAccount, PersonalIdentityNumber, TaxColumn, TaxTable};

use crate::vocabulary::field;

/// Something that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Check {
    /// The personal number is one: date, check digit.
    PersonalNumber,
    /// The personal number is written as Kleer does, `YYYYMMDD-NNNN`.
    PersonalNumberForm,
    /// The tax table exists in the year.
    TaxTable,
    /// The column is one of the seven.
    TaxColumn,
    /// The column is in use in the year.
    TaxColumnInUse,
    /// Clearing and account number fit each other.
    BankAccount,
    /// The account number can be checked: its bank is known.
    BankAccountChecked,
    /// Clearing and account number are there together.
    BankAccountWhole,
    /// The e-mail address has a name and a domain.
    Email,
    /// The country is a code of two capitals.
    Country,
    /// The employment ends on or after its first day.
    EmploymentDates,
    /// The salary begins on or after the first day of the employment.
    SalaryDates,
    /// There are not both a monthly and an hourly salary.
    OneSalary,
}

impl Check {
    /// Every check.
    pub const ALL: [Self; 13] = [
        Self::PersonalNumber,
        Self::PersonalNumberForm,
        Self::TaxTable,
        Self::TaxColumn,
        Self::TaxColumnInUse,
        Self::BankAccount,
        Self::BankAccountChecked,
        Self::BankAccountWhole,
        Self::Email,
        Self::Country,
        Self::EmploymentDates,
        Self::SalaryDates,
        Self::OneSalary,
    ];
}

/// What a check that fails means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Severity {
    /// Nothing: it is not looked at.
    Off,
    /// The employee is sent, and somebody should look.
    Warning,
    /// The employee is not sent.
    Error,
}

/// How seriously each check is taken.
///
/// Unless somebody says otherwise, what cannot be right is an error, and what may be right all the
/// same is a warning.
///
/// ```
/// use kleer_employee::{Check, Severity, ValidationPolicy};
///
/// let policy = ValidationPolicy::default().with(Check::Email, Severity::Off);
/// assert_eq!(policy.severity(Check::PersonalNumber), Severity::Error);
/// assert_eq!(policy.severity(Check::BankAccountChecked), Severity::Warning);
/// assert_eq!(policy.severity(Check::Email), Severity::Off);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct ValidationPolicy(BTreeMap<Check, Severity>);

impl ValidationPolicy {
    /// Takes a check so seriously.
    #[must_use]
    pub fn with(mut self, check: Check, severity: Severity) -> Self {
        self.0.insert(check, severity);
        self
    }

    /// How seriously a check is taken.
    pub fn severity(&self, check: Check) -> Severity {
        self.0.get(&check).copied().unwrap_or(match check {
            Check::TaxColumnInUse
            | Check::BankAccountChecked
            | Check::BankAccountWhole
            | Check::Country
            | Check::PersonalNumberForm
            | Check::SalaryDates => Severity::Warning,
            _ => Severity::Error,
        })
    }
}

/// A check that failed. It holds no value of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ValidationFinding {
    /// The field.
    pub field: String,
    /// The check.
    pub check: Check,
    /// What it means.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ValidationFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            _ => "warning",
        };
        write!(f, "{severity}: {}: {}", self.field, self.message)
    }
}

/// Looks at an employee before it is sent. `today` decides the century of a short personal number,
/// and the year of the tax tables.
///
/// What has no value, or null, is not looked at: [`create`](crate::create) and
/// [`update`](crate::update) say what is required.
///
/// ```
/// use flat_record::Record;
/// use kleer_employee::{Severity, ValidationPolicy, field, validate};
///
/// let record = Record::new(kleer_employee::fields())
///     .with(field::SSN, "19121212-1213")?
///     .with(field::TAX_TABLE, 44)?;
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
/// let findings = validate(&record, today, &ValidationPolicy::default());
/// assert_eq!(findings.len(), 2);
/// assert!(findings.iter().all(|finding| finding.severity == Severity::Error));
/// # Ok::<(), flat_record::RecordError>(())
/// ```
pub fn validate(
    record: &Record,
    today: NaiveDate,
    policy: &ValidationPolicy,
) -> Vec<ValidationFinding> {
    let mut validator = Validator {
        record,
        today,
        policy,
        findings: Vec::new(),
    };
    validator.personal_number();
    validator.tax();
    validator.bank_account();
    validator.contact();
    validator.dates();
    validator.findings
}

struct Validator<'a> {
    record: &'a Record,
    today: NaiveDate,
    policy: &'a ValidationPolicy,
    findings: Vec<ValidationFinding>,
}

impl<'a> Validator<'a> {
    fn find(&mut self, check: Check, field: &str, message: impl Into<String>) {
        let severity = self.policy.severity(check);
        if severity != Severity::Off {
            self.findings.push(ValidationFinding {
                field: field.to_owned(),
                check,
                severity,
                message: message.into(),
            });
        }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        let text = self.record.get(name)?.as_text()?;
        (!text.trim().is_empty()).then_some(text)
    }

    fn date(&self, name: &str) -> Option<NaiveDate> {
        self.record.get(name)?.as_date()
    }

    fn personal_number(&mut self) {
        let Some(text) = self.text(field::SSN) else {
            return;
        };
        match PersonalIdentityNumber::parse_at(text, self.today) {
            Err(error) => self.find(
                Check::PersonalNumber,
                field::SSN,
                format!("is no personal number: {error}; correct it at the source"),
            ),
            Ok(number) if number.to_string() != text => self.find(
                Check::PersonalNumberForm,
                field::SSN,
                "is not written YYYYMMDD-NNNN; normalise it in the profile",
            ),
            Ok(_) => {}
        }
    }

    fn tax(&mut self) {
        let year = self.today.year();
        let integer = |name: &str| self.record.get(name).and_then(Value::as_integer);
        let (table, column) = (integer(field::TAX_TABLE), integer(field::TAX_TABLE_COLUMN));
        if let Some(table) = table {
            let exists =
                u8::try_from(table).is_ok_and(|table| TaxTable::for_year(table, year).is_ok());
            if !exists {
                self.find(
                    Check::TaxTable,
                    field::TAX_TABLE,
                    format!("is no tax table of {year}; correct it at the source"),
                );
            }
        }
        if let Some(column) = column {
            match u8::try_from(column)
                .ok()
                .and_then(|column| TaxColumn::new(column).ok())
            {
                None => self.find(
                    Check::TaxColumn,
                    field::TAX_TABLE_COLUMN,
                    "is none of the columns 1 to 7; correct it at the source",
                ),
                Some(column) if column.warning(year).is_some() => self.find(
                    Check::TaxColumnInUse,
                    field::TAX_TABLE_COLUMN,
                    format!(
                        "is a column that is not in use for most in {year}; see whether 1 is meant"
                    ),
                ),
                Some(_) => {}
            }
        }
    }

    fn bank_account(&mut self) {
        let clearing = self.text(field::CLEARING_NR);
        let account = self.text(field::ACCOUNT_NR);
        match (clearing, account) {
            (Some(clearing), Some(account)) => match BankAccount::check_parts(clearing, account) {
                AccountCheck::Invalid(error) => self.find(
                    Check::BankAccount,
                    field::ACCOUNT_NR,
                    format!("no such account can exist: {error}; correct it at the source"),
                ),
                AccountCheck::CannotBeChecked(..) => self.find(
                    Check::BankAccountChecked,
                    field::ACCOUNT_NR,
                    "cannot be checked, since no rule for its bank is known; look at it twice",
                ),
                _ => {}
            },
            (Some(_), None) => self.find(
                Check::BankAccountWhole,
                field::ACCOUNT_NR,
                "is missing, though there is a clearing number",
            ),
            (None, Some(_)) => self.find(
                Check::BankAccountWhole,
                field::CLEARING_NR,
                "is missing, though there is an account number",
            ),
            (None, None) => {}
        }
    }

    fn contact(&mut self) {
        if let Some(email) = self.text(field::EMAIL) {
            let whole = email.split_once('@').is_some_and(|(name, domain)| {
                !name.is_empty()
                    && domain.contains('.')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
                    && !domain.contains('@')
            });
            if !whole || email.contains(char::is_whitespace) {
                self.find(
                    Check::Email,
                    field::EMAIL,
                    "is no e-mail address; correct it at the source",
                );
            }
        }
        if let Some(country) = self.text(field::COUNTRY_CODE)
            && (country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            self.find(
                Check::Country,
                field::COUNTRY_CODE,
                "is no code of two capitals, such as SE; map it by a table in the profile",
            );
        }
    }

    fn dates(&mut self) {
        let start = self.date(field::EMPLOYMENT_START_DATE);
        let end = self.date(field::EMPLOYMENT_END_DATE);
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            self.find(
                Check::EmploymentDates,
                field::EMPLOYMENT_END_DATE,
                "is before the first day of the employment; correct one of them at the source",
            );
        }
        for name in [
            field::MONTHLY_SALARY_START_DATE,
            field::HOURLY_SALARY_START_DATE,
        ] {
            if let (Some(start), Some(salary)) = (start, self.date(name))
                && salary < start
            {
                self.find(
                    Check::SalaryDates,
                    name,
                    "is before the first day of the employment",
                );
            }
        }
        let amount = |name: &str| {
            let amount = self.record.get(name).and_then(Value::as_decimal);
            amount.is_some_and(|amount| !amount.is_zero())
        };
        if amount(field::MONTHLY_SALARY) && amount(field::HOURLY_SALARY) {
            self.find(
                Check::OneSalary,
                field::HOURLY_SALARY,
                "is there beside a monthly salary; clear one of them",
            );
        }
    }
}
