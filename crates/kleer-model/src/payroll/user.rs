//! Payroll agreements: how an employee is employed, taxed and paid.

use chrono::NaiveDate;

use super::PayrollChild;
use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{
    DimensionEntryReference, PayrollScheduleId, PayrollScheduleReference, Rate, SalaryAmount,
    UserId, UserReference,
};

record! {
    /// An employee's payroll agreement, as Kleer writes it (schema type `payroll-user-readable`).
    /// Read only; see [`PayrollUserWritable`].
    ///
    /// Name and e-mail address are the user's, not here. The schema requires almost everything,
    /// but Kleer leaves out what is not set or what the caller may not see. So only the user is
    /// sure to be there.
    pub struct PayrollUserReadable = "payroll-user-readable", root "payroll-user-readable", list "payroll-user-readables" / "payroll-user-readable" {
        /// Whose agreement it is.
        required user: UserReference = "user";
        /// The personal number, as `YYYYMMDD-NNNN`.
        expected ssn: String = "ssn", personal;
        /// The first line of the address; integrations write "c/o" lines here.
        expected address1: String = "address1", personal;
        /// The second line of the address: street and number.
        expected address2: String = "address2", personal;
        /// The postal code.
        expected zip_code: String = "zip-code", personal;
        /// The town (the name is Kleer's).
        expected state: String = "state", personal;
        /// The country (ISO 3166-1 alpha-2).
        expected country_code: String = "country-code";
        /// The telephone number.
        expected phone: String = "phone", personal;
        /// The number of the tax table.
        expected tax_table: i32 = "tax-table", personal;
        /// The column of the tax table.
        expected tax_table_column: i32 = "tax-table-column", personal;
        /// The tax rate, where no table applies; its unit is not established.
        expected tax_percentage: Rate = "tax-percentage", personal;
        /// The tax rate of one-time payments; its unit is not established.
        expected one_time_tax_percentage: Rate = "one-time-tax-percentage", personal;
        /// The clearing number of the bank account.
        expected clearing_nr: String = "clearing-nr", personal;
        /// The number of the bank account.
        expected account_nr: String = "account-nr", personal;
        /// The first day of the employment.
        expected employment_start_date: NaiveDate = "employment-start-date";
        /// The last day of the employment; absent while it has no end.
        optional employment_end_date: NaiveDate = "employment-end-date";
        /// Notes.
        optional notes: String = "notes", personal;
        /// The reimbursement for each Swedish mile (10 km) travelled; its unit is not established.
        expected travel_reimbursement_per_mile: SalaryAmount = "travel-reimbursement-per-mile", personal;
        /// Whether there is an expense allowance.
        expected expense_allowance: bool = "expense-allowance";
        /// Whether there is a fuel benefit.
        expected fuel_benefit: bool = "fuel-benefit";
        /// For which month the salary is paid.
        expected monthly_salary_type: PayrollUserMonthlySalaryType = "monthly-salary-type";
        /// The monthly salary; its unit is not established.
        expected monthly_salary: SalaryAmount = "monthly-salary", personal;
        /// The first day of that monthly salary.
        optional monthly_salary_start_date: NaiveDate = "monthly-salary-start-date";
        /// The pension of a year; its unit is not established.
        expected monthly_salary_yearly_pension: SalaryAmount = "monthly-salary-yearly-pension", personal;
        /// The hourly salary; its unit is not established.
        expected hourly_salary: SalaryAmount = "hourly-salary", personal;
        /// The first day of that hourly salary.
        optional hourly_salary_start_date: NaiveDate = "hourly-salary-start-date";
        /// Which variable salary the employee has.
        expected variable_salary_type: PayrollUserVariableSalaryType = "variable-salary-type";
        /// For which month variable salary is paid.
        expected variable_salary_payout_type: PayrollUserVariableSalaryPayoutType = "variable-salary-payout-type";
        /// Who enters variable salary.
        expected variable_salary_input_type: PayrollUserVariableSalaryInputType = "variable-salary-input-type";
        /// What is agreed on variable salary.
        expected variable_salary_description: String = "variable-salary-description", personal;
        /// How variable salary is taxed (Kleer spells the element `variable-salery-tax-type`).
        expected variable_salary_tax_type: PayrollUserVariableTaxType = "variable-salery-tax-type";
        /// The vacation pay on variable salary; its unit is not established. Kleer misspells this
        /// element too.
        expected variable_salary_provision_vacation_percentage: Rate = "variable-salery-provision-vacation-percentage", personal;
        /// Whether there is provision.
        expected provision: bool = "provision";
        /// What Kleer does about month reports.
        expected month_report_strategy: PayrollUserMonthReportStrategy = "month-report-strategy";
        /// The manager; id 0 for none.
        expected manager_user: UserReference = "manager-user";
        /// The number of the workplace.
        expected workplace_number: String = "workplace-number";
        /// The percentage of a vacation debt that is fixed; its unit is not established. The
        /// element's name is in camel case.
        optional vacation_fixed_debt_percentage: Rate = "vacationFixedDebtPercentage", personal;
        /// The schedules.
        expected_list schedules: PayrollUserSchedule = "schedules" / "schedule";
        /// Entries of dimensions.
        expected_list dimension_entries: DimensionEntryReference = "dimension-entries" / "dimension-entry";
        /// The days of vacation, from each day on which they changed.
        expected_list vacation_entitlements: VacationEntitlement = "vacation-entitlements" / "vacation-entitlement";
        /// The children, for whom leave can be taken.
        expected_list children: PayrollChild = "children" / "child";
        /// The monthly salaries of all times.
        expected_list full_history_monthly_salaries: FullHistoryMonthlySalary = "full-history-monthly-salaries" / "full-history-monthly-salary";
    }
}

impl PayrollUserReadable {
    /// An agreement that has everything that the schema requires, empty or 0 where nothing better
    /// is known; for tests and sandboxes, since Kleer only sends it.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Document, PayrollUserReadable, UserId};
    ///
    /// let hired = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
    /// let user = PayrollUserReadable::new(UserId(12), "19121212-1212", hired);
    /// assert_eq!(PayrollUserReadable::from_xml(user.to_xml()?.as_bytes())?, user);
    ///
    /// // What Kleer sends may be much less.
    /// let xml = b"<payroll-user-readable><user><id>12</id></user></payroll-user-readable>";
    /// assert_eq!(PayrollUserReadable::from_xml(xml)?.ssn, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(user: UserId, ssn: impl Into<String>, employment_start_date: NaiveDate) -> Self {
        let empty = || Some(String::new());
        let rate = Some(Rate::default());
        let amount = Some(SalaryAmount::default());
        Self {
            ssn: Some(ssn.into()),
            address1: empty(),
            address2: empty(),
            zip_code: empty(),
            state: empty(),
            country_code: Some("SE".to_owned()),
            phone: empty(),
            tax_table: Some(0),
            tax_table_column: Some(0),
            tax_percentage: rate,
            one_time_tax_percentage: rate,
            clearing_nr: empty(),
            account_nr: empty(),
            employment_start_date: Some(employment_start_date),
            travel_reimbursement_per_mile: amount,
            expense_allowance: Some(false),
            fuel_benefit: Some(false),
            monthly_salary_type: Some(PayrollUserMonthlySalaryType::Current),
            monthly_salary: amount,
            monthly_salary_yearly_pension: amount,
            hourly_salary: amount,
            variable_salary_type: Some(PayrollUserVariableSalaryType::Disabled),
            variable_salary_payout_type: Some(PayrollUserVariableSalaryPayoutType::Current),
            variable_salary_input_type: Some(PayrollUserVariableSalaryInputType::SomebodyElse),
            variable_salary_description: empty(),
            variable_salary_tax_type: Some(PayrollUserVariableTaxType::Normal),
            variable_salary_provision_vacation_percentage: rate,
            provision: Some(false),
            month_report_strategy: Some(PayrollUserMonthReportStrategy::DontCreate),
            manager_user: Some(UserReference::new(UserId(0))),
            workplace_number: empty(),
            schedules: Some(Vec::new()),
            dimension_entries: Some(Vec::new()),
            vacation_entitlements: Some(Vec::new()),
            children: Some(Vec::new()),
            full_history_monthly_salaries: Some(Vec::new()),
            ..Self::of(user)
        }
    }

    /// An agreement of which Kleer tells nothing but whose it is; for tests, since Kleer only
    /// sends it. It can be read, but not written.
    pub fn of(user: UserId) -> Self {
        Self {
            user: user.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// What to set in an employee's payroll agreement (schema type `payroll-user-writable`). Write
    /// only.
    ///
    /// Start with [`create`](Self::create) or [`update`](Self::update). What is absent stays as it
    /// is, and has Kleer's default on a create. Whose agreement it is stands in the path.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Cents, Document, EmploymentEnd, PayrollUserWritable, SalaryAmount, SalaryUnit};
    ///
    /// let last_day = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
    /// let mut change = PayrollUserWritable::update();
    /// change.phone = Some("070-174 06 05".to_owned());
    /// change.monthly_salary = SalaryAmount::from_cents_exact(Cents(3_500_000), SalaryUnit::Kronor);
    /// change.set_employment_end(EmploymentEnd::Set { date: last_day, end_type: None });
    /// assert_eq!(
    ///     change.to_xml()?,
    ///     "<payroll-user-writable><phone>070-174 06 05</phone>\
    ///      <employment-end-date><employment-end-date>2026-12-31</employment-end-date>\
    ///      </employment-end-date><monthly-salary>35000</monthly-salary></payroll-user-writable>"
    /// );
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub struct PayrollUserWritable = "payroll-user-writable", root "payroll-user-writable" {
        /// The personal number, as `YYYYMMDD-NNNN`. Required on a create.
        optional ssn: String = "ssn", personal;
        /// The first line of the address; integrations write "c/o" lines here.
        optional address1: String = "address1", personal;
        /// The second line of the address: street and number.
        optional address2: String = "address2", personal;
        /// The postal code.
        optional zip_code: String = "zip-code", personal;
        /// The town (the name is Kleer's).
        optional state: String = "state", personal;
        /// The country (ISO 3166-1 alpha-2).
        optional country_code: String = "country-code";
        /// The telephone number.
        optional phone: String = "phone", personal;
        /// The number of the tax table.
        optional tax_table: i32 = "tax-table", personal;
        /// The column of the tax table.
        optional tax_table_column: i32 = "tax-table-column", personal;
        /// The tax rate, where no table applies; its unit is not established.
        optional tax_percentage: Rate = "tax-percentage", personal;
        /// The tax rate of one-time payments; its unit is not established.
        optional one_time_tax_percentage: Rate = "one-time-tax-percentage", personal;
        /// The clearing number of the bank account.
        optional clearing_nr: String = "clearing-nr", personal;
        /// The number of the bank account.
        optional account_nr: String = "account-nr", personal;
        /// The first day of the employment. Required on a create.
        optional employment_start_date: NaiveDate = "employment-start-date";
        /// The end of the employment as it stands in XML. Use
        /// [`set_employment_end`](Self::set_employment_end) and
        /// [`employment_end`](Self::employment_end).
        optional employment_end_date: PayrollUserEmploymentEndDate = "employment-end-date";
        /// Notes.
        optional notes: String = "notes", personal;
        /// The reimbursement for each Swedish mile (10 km) travelled; its unit is not established.
        optional travel_reimbursement_per_mile: SalaryAmount = "travel-reimbursement-per-mile", personal;
        /// Whether there is an expense allowance.
        optional expense_allowance: bool = "expense-allowance";
        /// Whether there is a fuel benefit.
        optional fuel_benefit: bool = "fuel-benefit";
        /// For which month the salary is paid.
        optional monthly_salary_type: PayrollUserMonthlySalaryType = "monthly-salary-type";
        /// The monthly salary; its unit is not established.
        optional monthly_salary: SalaryAmount = "monthly-salary", personal;
        /// The first day of that monthly salary; the first of the current month when it is absent.
        optional monthly_salary_start_date: NaiveDate = "monthly-salary-start-date";
        /// The pension of a year; its unit is not established.
        optional monthly_salary_yearly_pension: SalaryAmount = "monthly-salary-yearly-pension", personal;
        /// The hourly salary; its unit is not established.
        optional hourly_salary: SalaryAmount = "hourly-salary", personal;
        /// The first day of that hourly salary; the first of the current month when it is absent.
        optional hourly_salary_start_date: NaiveDate = "hourly-salary-start-date";
        /// Whether there is provision.
        optional provision: bool = "provision";
        /// What Kleer does about month reports.
        optional month_report_strategy: PayrollUserMonthReportStrategy = "month-report-strategy";
        /// The schedules. Absent leaves them; present replaces them all, and an empty list clears
        /// them.
        optional_list schedules: PayrollUserSchedule = "schedules" / "schedule";
        /// Entries of dimensions. Absent leaves them; present replaces them all, and an empty list
        /// clears them.
        optional_list dimension_entries: DimensionEntryReference = "dimension-entries" / "dimension-entry";
        /// The manager.
        optional manager_user: UserReference = "manager-user";
        /// The days of vacation from a day on. One is written here;
        /// [`PayrollUserReadable::vacation_entitlements`] has them all.
        optional vacation_entitlement: VacationEntitlement = "vacation-entitlement";
    }
}

impl PayrollUserWritable {
    /// A new agreement, with what Kleer requires of one. All else has Kleer's defaults.
    ///
    /// The personal number is written as `YYYYMMDD-NNNN`.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Document, PayrollUserWritable};
    ///
    /// let hired = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
    /// let agreement = PayrollUserWritable::create("19121212-1212", hired);
    /// assert_eq!(
    ///     agreement.to_xml()?,
    ///     "<payroll-user-writable><ssn>19121212-1212</ssn>\
    ///      <employment-start-date>2026-09-01</employment-start-date></payroll-user-writable>"
    /// );
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn create(ssn: impl Into<String>, employment_start_date: NaiveDate) -> Self {
        Self {
            ssn: Some(ssn.into()),
            employment_start_date: Some(employment_start_date),
            ..Self::blank()
        }
    }

    /// A change of nothing: set what shall be changed.
    ///
    /// The schema lets an update be this empty. Whether Kleer does is not proven: the integration
    /// that is known to work sends the personal number and the first day of the employment with
    /// every update.
    pub fn update() -> Self {
        Self::blank()
    }

    /// Says what shall become of the employment's end date.
    ///
    /// ```
    /// use kleer_model::{Document, EmploymentEnd, PayrollUserWritable};
    ///
    /// let mut change = PayrollUserWritable::update();
    /// change.set_employment_end(EmploymentEnd::Remove);
    /// assert_eq!(change.employment_end(), EmploymentEnd::Remove);
    /// assert_eq!(
    ///     change.to_xml()?,
    ///     "<payroll-user-writable><employment-end-date/></payroll-user-writable>"
    /// );
    /// change.set_employment_end(EmploymentEnd::Leave);
    /// assert_eq!(change.to_xml()?, "<payroll-user-writable/>");
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn set_employment_end(&mut self, end: EmploymentEnd) {
        self.employment_end_date = match end {
            EmploymentEnd::Leave => None,
            EmploymentEnd::Remove => Some(PayrollUserEmploymentEndDate::blank()),
            EmploymentEnd::Set { date, end_type } => Some(PayrollUserEmploymentEndDate {
                employment_end_date: Some(date),
                employment_end_type: end_type,
                ..PayrollUserEmploymentEndDate::blank()
            }),
        };
    }

    /// What shall become of the employment's end date. An end without a date removes it, whatever
    /// else it says.
    pub fn employment_end(&self) -> EmploymentEnd {
        let Some(end) = &self.employment_end_date else {
            return EmploymentEnd::Leave;
        };
        match end.employment_end_date {
            None => EmploymentEnd::Remove,
            Some(date) => EmploymentEnd::Set {
                date,
                end_type: end.employment_end_type.clone(),
            },
        }
    }
}

/// What shall become of an employment's end date; see
/// [`PayrollUserWritable::set_employment_end`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum EmploymentEnd {
    /// It stays as it is.
    #[default]
    Leave,
    /// There shall be none: the employment goes on.
    Remove,
    /// The employment ends.
    Set {
        /// Its last day.
        date: NaiveDate,
        /// How it ends; left to Kleer when it is `None`.
        end_type: Option<PayrollUserEmploymentEndType>,
    },
}

record! {
    /// The end of an employment as it stands in XML (an anonymous type of the schema): absent
    /// leaves it, an empty element removes it. [`EmploymentEnd`] says the same without the riddle.
    pub struct PayrollUserEmploymentEndDate = "" {
        /// The last day.
        optional employment_end_date: NaiveDate = "employment-end-date";
        /// How it ends.
        optional employment_end_type: PayrollUserEmploymentEndType = "employment-end-type";
    }
}

record! {
    /// A schedule that an employee works by (schema type `payroll-user-schedule`), read and
    /// written.
    pub struct PayrollUserSchedule = "payroll-user-schedule" {
        /// The schedule.
        required schedule: PayrollScheduleReference = "schedule";
        /// The first day on which it holds; absent, it has none.
        optional start_date: NaiveDate = "start-date";
        /// The last day on which it holds; absent, it has none.
        optional end_date: NaiveDate = "end-date";
        /// A comment; may be empty.
        required comment: String = "comment", personal;
    }
}

impl PayrollUserSchedule {
    /// A schedule for all time, without a comment.
    pub fn new(schedule: PayrollScheduleId) -> Self {
        Self {
            schedule: schedule.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// The days of vacation that an employee is entitled to from a day on (schema type
    /// `vacation-entitlement`), read and written.
    pub struct VacationEntitlement = "vacation-entitlement" {
        /// From when.
        required start_date: NaiveDate = "start-date";
        /// How many days a year.
        required entitlement: i64 = "entitlement";
    }
}

impl VacationEntitlement {
    /// So many days of vacation from a day on.
    pub fn new(start_date: NaiveDate, entitlement: i64) -> Self {
        Self {
            start_date,
            entitlement,
            ..Self::blank()
        }
    }
}

record! {
    /// A monthly salary that an employee has or had (schema type `full-history-monthly-salary`).
    /// Read only.
    pub struct FullHistoryMonthlySalary = "full-history-monthly-salary" {
        /// The salary; its unit is not established.
        required monthly_salary: SalaryAmount = "monthly-salary", personal;
        /// Its first day. The schema demands the element, so `None` is written as the 1 January
        /// of the year 1; that date and an empty text are read as `None`.
        blankable monthly_salary_start_date: NaiveDate = "monthly-salary-start-date";
    }
}

impl FullHistoryMonthlySalary {
    /// A salary from a day on; for tests and sandboxes, since Kleer only sends it.
    pub fn new(monthly_salary: SalaryAmount, start_date: NaiveDate) -> Self {
        Self {
            monthly_salary,
            monthly_salary_start_date: Some(start_date),
            ..Self::blank()
        }
    }
}

enumeration! {
    /// What Kleer does about an employee's month reports (schema type
    /// `payroll-user-month-report-strategy`).
    pub enum PayrollUserMonthReportStrategy = "payroll-user-month-report-strategy" {
        /// It makes none.
        DontCreate = "DontCreate",
        /// It makes them.
        Create = "Create",
        /// It makes them, and the employee approves them.
        CreateApproveSelf = "CreateApproveSelf",
    }
}

enumeration! {
    /// For which month a salary is paid (schema type `payroll-user-monthly-salary-type`). By their
    /// names; Kleer does not explain the values.
    pub enum PayrollUserMonthlySalaryType = "payroll-user-monthly-salary-type" {
        /// Paid in the month after.
        Next = "Next",
        /// Paid in the same month.
        Current = "Current",
    }
}

enumeration! {
    /// Which variable salary an employee has (schema type `payroll-user-variable-salary-type`).
    pub enum PayrollUserVariableSalaryType = "payroll-user-variable-salary-type" {
        /// None.
        Disabled = "Disabled",
        /// Provision.
        Provision = "Provision",
        /// Provision, with vacation pay on it.
        ProvisionWithVacation = "ProvisionWithVacation",
        /// A bonus.
        Bonus = "Bonus",
    }
}

enumeration! {
    /// For which month variable salary is paid (schema type
    /// `payroll-user-variable-salary-payout-type`). By their names; Kleer does not explain the
    /// values.
    pub enum PayrollUserVariableSalaryPayoutType = "payroll-user-variable-salary-payout-type" {
        /// Paid in the same month.
        Current = "Current",
        /// Paid in the month after.
        Next = "Next",
    }
}

enumeration! {
    /// Who enters variable salary (schema type `payroll-user-variable-salary-input-type`).
    pub enum PayrollUserVariableSalaryInputType = "payroll-user-variable-salary-input-type" {
        /// The employee.
        Employee = "Self",
        /// Somebody else. Not [`Other`](Self::Other), which is a value that the schema does not
        /// have.
        SomebodyElse = "Other",
    }
}

enumeration! {
    /// How variable salary is taxed (schema type `payroll-user-variable-tax-type`).
    pub enum PayrollUserVariableTaxType = "payroll-user-variable-tax-type" {
        /// Like salary.
        Normal = "Normal",
        /// As a one-time payment.
        OneTime = "OneTime",
    }
}

enumeration! {
    /// How an employment ends (schema type `payroll-user-employment-end-type`). Kleer does not
    /// explain the values.
    pub enum PayrollUserEmploymentEndType = "payroll-user-employment-end-type" {
        /// Nothing more is done, by its name.
        Disabled = "Disabled",
        /// Something is done in the month after, by its name.
        NextMonth = "NextMonth",
    }
}
