//! The canonical employee: the fields on which every source and Kleer meet.

use std::sync::LazyLock;

use flat_record::{
    Equivalence, Field, FieldName, Fields, FieldsError, NameError, Sensitivity, ValueKind,
    WhiteSpace,
};
use thiserror::Error;

/// The names of the fields. They are those of Kleer's schema where it has one.
pub mod field {
    /// Whether the account is in use (`user/active`).
    pub const ACTIVE: &str = "active";
    /// The whole name (`user/name`): Kleer keeps first and last name in one.
    pub const NAME: &str = "name";
    /// The e-mail address (`user/email`).
    pub const EMAIL: &str = "email";
    /// The number that the company gives the employee (`user/internal-id`; "ID number" on Kleer's
    /// pages).
    pub const INTERNAL_ID: &str = "internal-id";
    /// The personal number, `YYYYMMDD-NNNN`.
    pub const SSN: &str = "ssn";
    /// The telephone number.
    pub const PHONE: &str = "phone";
    /// The first line of the address: in Kleer, whom it is in care of.
    pub const ADDRESS1: &str = "address1";
    /// Street and number: in Kleer, the second line of the address.
    pub const ADDRESS2: &str = "address2";
    /// The postal code.
    pub const ZIP_CODE: &str = "zip-code";
    /// The town: Kleer calls the field so.
    pub const STATE: &str = "state";
    /// The country (ISO 3166-1 alpha-2).
    pub const COUNTRY_CODE: &str = "country-code";
    /// The number of the tax table.
    pub const TAX_TABLE: &str = "tax-table";
    /// The column of the tax table.
    pub const TAX_TABLE_COLUMN: &str = "tax-table-column";
    /// The clearing number of the bank account.
    pub const CLEARING_NR: &str = "clearing-nr";
    /// The number of the bank account.
    pub const ACCOUNT_NR: &str = "account-nr";
    /// The first day of the employment.
    pub const EMPLOYMENT_START_DATE: &str = "employment-start-date";
    /// The last day of the employment; null while it has no end.
    pub const EMPLOYMENT_END_DATE: &str = "employment-end-date";
    /// How the salary is counted, [`HOURLY`](super::HOURLY) or [`MONTHLY`](super::MONTHLY). Kleer
    /// has no such field: there it is which of the two salaries is not 0.
    pub const SALARY_PERIOD: &str = "salary-period";
    /// The salary of a month, in kronor.
    pub const MONTHLY_SALARY: &str = "monthly-salary";
    /// The first day of that monthly salary.
    pub const MONTHLY_SALARY_START_DATE: &str = "monthly-salary-start-date";
    /// The salary of an hour, in kronor.
    pub const HOURLY_SALARY: &str = "hourly-salary";
    /// The first day of that hourly salary.
    pub const HOURLY_SALARY_START_DATE: &str = "hourly-salary-start-date";
    /// The manager: a reference to an [employee](super::KIND).
    pub const MANAGER: &str = "manager-user";
    /// The dimension entries that the employee's costs are booked on, by their ids: the "tags" or
    /// "categories" of other systems.
    pub const DIMENSION_ENTRIES: &str = "dimension-entries";
    /// Notes.
    pub const NOTES: &str = "notes";
}

/// The kind of record that an employee is, for references and links.
pub const KIND: &str = "employee";

/// The [salary period](field::SALARY_PERIOD) of who is paid by the hour.
pub const HOURLY: &str = "Hourly";

/// The [salary period](field::SALARY_PERIOD) of who is paid by the month.
pub const MONTHLY: &str = "Monthly";

#[derive(Debug, Error)]
enum LayoutError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Fields(#[from] FieldsError),
}

fn layout() -> Result<Fields, LayoutError> {
    use Sensitivity::{Internal, Personal, Sensitive};
    let text = Equivalence::EXACT
        .white_space(WhiteSpace::Collapse)
        .composed()
        .empty_is_null();
    let email = text.fold_case();
    let money = Equivalence::EXACT.decimal_places(2);
    let exact = Equivalence::EXACT;
    let fields = [
        (field::ACTIVE, ValueKind::Bool, Internal, exact),
        (field::NAME, ValueKind::Text, Personal, text),
        (field::EMAIL, ValueKind::Text, Personal, email),
        (field::INTERNAL_ID, ValueKind::Integer, Internal, exact),
        (field::SSN, ValueKind::Text, Sensitive, text),
        (field::PHONE, ValueKind::Text, Personal, text),
        (field::ADDRESS1, ValueKind::Text, Personal, text),
        (field::ADDRESS2, ValueKind::Text, Personal, text),
        (field::ZIP_CODE, ValueKind::Text, Personal, text),
        (field::STATE, ValueKind::Text, Personal, text),
        (field::COUNTRY_CODE, ValueKind::Text, Internal, email),
        (field::TAX_TABLE, ValueKind::Integer, Sensitive, exact),
        (
            field::TAX_TABLE_COLUMN,
            ValueKind::Integer,
            Sensitive,
            exact,
        ),
        (field::CLEARING_NR, ValueKind::Text, Sensitive, text),
        (field::ACCOUNT_NR, ValueKind::Text, Sensitive, text),
        (
            field::EMPLOYMENT_START_DATE,
            ValueKind::Date,
            Personal,
            exact,
        ),
        (field::EMPLOYMENT_END_DATE, ValueKind::Date, Personal, exact),
        (field::SALARY_PERIOD, ValueKind::Text, Personal, text),
        (field::MONTHLY_SALARY, ValueKind::Decimal, Sensitive, money),
        (
            field::MONTHLY_SALARY_START_DATE,
            ValueKind::Date,
            Sensitive,
            exact,
        ),
        (field::HOURLY_SALARY, ValueKind::Decimal, Sensitive, money),
        (
            field::HOURLY_SALARY_START_DATE,
            ValueKind::Date,
            Sensitive,
            exact,
        ),
        (field::MANAGER, ValueKind::Reference, Internal, exact),
        (field::DIMENSION_ENTRIES, ValueKind::Set, Internal, exact),
        (field::NOTES, ValueKind::Text, Sensitive, text),
    ];
    let mut all = Vec::with_capacity(fields.len());
    for (name, kind, sensitivity, equivalence) in fields {
        let field = Field::new(FieldName::new(name)?, kind)?;
        all.push(field.sensitivity(sensitivity).equivalence(equivalence));
    }
    Ok(Fields::new(all)?)
}

/// The fields of the canonical employee: their kinds, how they are compared, and how much each
/// says about a person. All records of employees share this layout.
///
/// ```
/// use flat_record::Sensitivity;
/// use kleer_employee::field;
///
/// let fields = kleer_employee::fields();
/// let salary = fields.get(field::MONTHLY_SALARY).unwrap();
/// assert_eq!(salary.sensitivity, Sensitivity::Sensitive);
/// ```
pub fn fields() -> &'static Fields {
    static FIELDS: LazyLock<Fields> = LazyLock::new(|| {
        #[expect(
            clippy::expect_used,
            reason = "the layout is made of constants, and every test makes it"
        )]
        layout().expect("the layout of an employee is one")
    });
    &FIELDS
}
