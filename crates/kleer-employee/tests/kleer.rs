//! Between a record and Kleer's user and payroll agreement.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::NaiveDate;
use flat_record::{Kind, Record, Reference, Value};
use kleer_employee::{
    EmployeeProblem, HOURLY, KIND, KleerEmployee, MONTHLY, create, field, fields, update,
};
use kleer_model::{
    DimensionEntryId, Document, PayrollUserReadable, SalaryAmount, SalaryUnit, User, UserId,
};
use rust_decimal::Decimal;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn record(values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(fields());
    for (name, value) in values {
        record.set(name, value.clone()).unwrap();
    }
    record
}

/// What Kleer requires of an employee with an agreement.
fn least() -> Record {
    record(&[
        (field::NAME, "Tolvan Tolvansson".into()),
        (field::EMAIL, "tolvan@example.com".into()),
        (field::SSN, "19121212-1212".into()),
        (
            field::EMPLOYMENT_START_DATE,
            Value::Date(date("2026-09-01")),
        ),
    ])
}

fn tolvan() -> (User, PayrollUserReadable) {
    let mut user = User::new("Tolvan Tolvansson", "tolvan@example.com");
    user.id = UserId(21);
    user.foreign_id = Some("kc1-x".to_owned());
    let agreement = PayrollUserReadable::new(UserId(21), "19121212-1212", date("2026-09-01"));
    (user, agreement)
}

fn problems(record: &Record, unit: SalaryUnit) -> Vec<EmployeeProblem> {
    create(record, unit).unwrap_err().problems
}

#[test]
fn a_user_without_an_agreement() {
    let record = record(&[
        (field::NAME, "Tolvan Tolvansson".into()),
        (field::EMAIL, "tolvan@example.com".into()),
        (field::ACTIVE, false.into()),
        (field::INTERNAL_ID, 17.into()),
        (field::PHONE, Value::Null),
    ]);
    let write = create(&record, SalaryUnit::Kronor).unwrap();
    assert_eq!(write.agreement, None);
    let user = write.user.unwrap();
    assert_eq!((user.active, user.internal_id), (false, Some(17)));
}

#[test]
fn a_create_names_everything_that_kleer_requires() {
    let record = record(&[(field::STATE, "Borås".into())]);
    let required = [
        field::NAME,
        field::EMAIL,
        field::SSN,
        field::EMPLOYMENT_START_DATE,
    ];
    assert_eq!(
        problems(&record, SalaryUnit::Kronor),
        required.map(|field| EmployeeProblem::Required { field })
    );
}

#[test]
fn a_salary_is_written_in_the_unit_that_was_said() {
    let record = |salary: &str| {
        least()
            .with(field::MONTHLY_SALARY, decimal(salary))
            .unwrap()
    };
    let monthly = |salary: &str, unit| {
        create(&record(salary), unit)
            .map(|write| write.agreement.unwrap().monthly_salary.unwrap().0)
    };
    assert_eq!(monthly("35000", SalaryUnit::Kronor), Ok(35_000));
    assert_eq!(monthly("35000.00", SalaryUnit::Ore), Ok(3_500_000));
    assert_eq!(monthly("35000.5", SalaryUnit::Ore), Ok(3_500_050));
    let problem = |salary: &str, unit| problems(&record(salary), unit).remove(0);
    let field = field::MONTHLY_SALARY;
    assert_eq!(
        problem("35000.5", SalaryUnit::Kronor),
        EmployeeProblem::NotWholeKronor { field }
    );
    assert_eq!(
        problem("35000.005", SalaryUnit::Ore),
        EmployeeProblem::NotWholeOre { field }
    );
    for out in ["-1", "79228162514264337593543950335"] {
        assert_eq!(
            problem(out, SalaryUnit::Ore),
            EmployeeProblem::OutOfRange { field },
            "{out}"
        );
    }
}

#[test]
fn a_salary_of_another_period_is_refused() {
    let record = least()
        .with(field::SALARY_PERIOD, HOURLY)
        .unwrap()
        .with(field::MONTHLY_SALARY, decimal("210"))
        .unwrap();
    assert_eq!(
        problems(&record, SalaryUnit::Kronor),
        [EmployeeProblem::SalaryPeriod { period: "hour" }]
    );
    let record = least()
        .with(field::SALARY_PERIOD, MONTHLY)
        .unwrap()
        .with(field::HOURLY_SALARY, decimal("35000"))
        .unwrap();
    assert_eq!(
        problems(&record, SalaryUnit::Kronor),
        [EmployeeProblem::SalaryPeriod { period: "month" }]
    );
}

#[test]
fn what_kleer_does_not_tell_has_no_value_and_what_is_empty_is_null() {
    let (user, mut agreement) = tolvan();
    agreement.zip_code = None;
    agreement.state = Some("Borås".to_owned());
    agreement.tax_table = Some(33);
    agreement.manager_user = Some(UserId(7).into());
    agreement.dimension_entries =
        Some(vec![DimensionEntryId(4).into(), DimensionEntryId(2).into()]);
    let record = KleerEmployee::new(&user, Some(&agreement))
        .record(SalaryUnit::Ore)
        .unwrap();
    assert_eq!(record.get(field::ZIP_CODE), None);
    assert_eq!(record.get(field::STATE), Some(&"Borås".into()));
    assert_eq!(record.get(field::PHONE), Some(&Value::Null));
    assert_eq!(record.get(field::TAX_TABLE), Some(&33.into()));
    assert_eq!(record.get(field::TAX_TABLE_COLUMN), Some(&Value::Null));
    assert_eq!(record.get(field::EMPLOYMENT_END_DATE), Some(&Value::Null));
    assert_eq!(
        record.get(field::DIMENSION_ENTRIES),
        Some(&Value::set([2, 4]))
    );
    let manager = record.get(field::MANAGER).unwrap().as_reference().unwrap();
    assert_eq!((manager.kind.as_str(), manager.key.as_str()), (KIND, "7"));

    let unseen = PayrollUserReadable::of(UserId(21));
    let record = KleerEmployee::new(&user, Some(&unseen))
        .record(SalaryUnit::Ore)
        .unwrap();
    assert_eq!(
        record.get(field::EMPLOYMENT_END_DATE),
        None,
        "not even the start is told"
    );
    assert_eq!(record.get(field::SALARY_PERIOD), None);
}

#[test]
fn the_period_follows_from_the_one_salary_that_is_not_zero() {
    let (user, mut agreement) = tolvan();
    let mut period = |hourly, monthly| {
        agreement.hourly_salary = Some(SalaryAmount(hourly));
        agreement.monthly_salary = Some(SalaryAmount(monthly));
        let kleer = KleerEmployee::new(&user, Some(&agreement));
        let record = kleer.record(SalaryUnit::Kronor).unwrap();
        record
            .get(field::SALARY_PERIOD)
            .and_then(Value::as_text)
            .map(ToOwned::to_owned)
    };
    assert_eq!(period(210, 0).as_deref(), Some(HOURLY));
    assert_eq!(period(0, 35_000).as_deref(), Some(MONTHLY));
    assert_eq!(period(210, 35_000), None);
    assert_eq!(period(0, 0), None);
}

#[test]
fn an_update_writes_only_what_differs() {
    let (user, agreement) = tolvan();
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    let unit = SalaryUnit::Kronor;
    let same = kleer.record(unit).unwrap();
    assert!(update(&same, &kleer, unit).unwrap().is_empty());
    // Spaces at the ends are no difference, nor is letter case in an address of e-mail.
    let same = same.with(field::EMAIL, " Tolvan@Example.com").unwrap();
    assert!(update(&same, &kleer, unit).unwrap().is_empty());

    let changed = same
        .with(field::NAME, "Tolvan T. Tolvansson")
        .unwrap()
        .with(field::STATE, "Borås")
        .unwrap()
        .with(field::TAX_TABLE, 33)
        .unwrap();
    let write = update(&changed, &kleer, unit).unwrap();
    let written = write.user.unwrap();
    assert_eq!(written.name, "Tolvan T. Tolvansson");
    assert_eq!(
        (written.id, written.foreign_id.as_deref()),
        (UserId(21), Some("kc1-x"))
    );
    assert_eq!(
        write.agreement.unwrap().to_xml().unwrap(),
        "<payroll-user-writable><state>Borås</state><tax-table>33</tax-table></payroll-user-writable>"
    );

    // What the record does not say is left alone.
    let nothing = Record::new(fields());
    assert!(update(&nothing, &kleer, unit).unwrap().is_empty());
}

#[test]
fn null_clears_where_kleer_can() {
    let (user, mut agreement) = tolvan();
    agreement.phone = Some("08-1".to_owned());
    agreement.employment_end_date = Some(date("2026-12-31"));
    agreement.monthly_salary = Some(SalaryAmount(35_000));
    agreement.tax_table = Some(33);
    agreement.dimension_entries = Some(vec![DimensionEntryId(4).into()]);
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    let unit = SalaryUnit::Kronor;
    let cleared = record(&[
        (field::PHONE, Value::Null),
        (field::EMPLOYMENT_END_DATE, Value::Null),
        (field::MONTHLY_SALARY, Value::Null),
        (field::DIMENSION_ENTRIES, Value::Null),
    ]);
    let write = update(&cleared, &kleer, unit).unwrap();
    assert_eq!(
        write.agreement.unwrap().to_xml().unwrap(),
        "<payroll-user-writable><phone/><employment-end-date/><monthly-salary>0</monthly-salary>\
         <dimension-entries/></payroll-user-writable>"
    );
    for field in [field::SSN, field::EMPLOYMENT_START_DATE, field::TAX_TABLE] {
        let error = update(&record(&[(field, Value::Null)]), &kleer, unit).unwrap_err();
        assert_eq!(error.problems, [EmployeeProblem::CannotBeCleared { field }]);
    }
}

#[test]
fn nothing_is_cleared_that_kleer_does_not_tell() {
    let (user, mut agreement) = tolvan();
    agreement.phone = None;
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    let null = record(&[(field::PHONE, Value::Null)]);
    assert!(update(&null, &kleer, SalaryUnit::Ore).unwrap().is_empty());
    let some = record(&[(field::PHONE, "08-1".into())]);
    assert!(!update(&some, &kleer, SalaryUnit::Ore).unwrap().is_empty());
}

#[test]
fn a_salary_and_its_first_day_are_written_together() {
    let (user, mut agreement) = tolvan();
    agreement.monthly_salary = Some(SalaryAmount(35_000));
    agreement.monthly_salary_start_date = Some(date("2026-09-01"));
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    let unit = SalaryUnit::Kronor;
    let now = kleer.record(unit).unwrap();
    let raised = now
        .clone()
        .with(field::MONTHLY_SALARY, decimal("36000"))
        .unwrap();
    let change = update(&raised, &kleer, unit).unwrap().agreement.unwrap();
    assert_eq!(change.monthly_salary, Some(SalaryAmount(36_000)));
    assert_eq!(change.monthly_salary_start_date, Some(date("2026-09-01")));

    let day = Value::Date(date("2026-10-01"));
    let moved = now.with(field::MONTHLY_SALARY_START_DATE, day).unwrap();
    let change = update(&moved, &kleer, unit).unwrap().agreement.unwrap();
    assert_eq!(change.monthly_salary, Some(SalaryAmount(35_000)));
    assert_eq!(change.monthly_salary_start_date, Some(date("2026-10-01")));
    assert_eq!(change.hourly_salary, None);
}

/// Nobody is paid by the month and by the hour.
#[test]
fn a_salary_of_another_period_ends_the_one_in_kleer() {
    let (user, mut agreement) = tolvan();
    let unit = SalaryUnit::Kronor;
    agreement.hourly_salary = Some(SalaryAmount(0));
    agreement.monthly_salary = Some(SalaryAmount(35_000));
    agreement.monthly_salary_start_date = Some(date("2026-09-01"));
    let day = date("2026-12-01");
    let hourly = record(&[
        (field::SALARY_PERIOD, HOURLY.into()),
        (field::HOURLY_SALARY, decimal("210")),
        (field::HOURLY_SALARY_START_DATE, Value::Date(day)),
    ]);
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    let change = update(&hourly, &kleer, unit).unwrap().agreement.unwrap();
    assert_eq!(change.hourly_salary, Some(SalaryAmount(210)));
    assert_eq!(change.hourly_salary_start_date, Some(day));
    assert_eq!(change.monthly_salary, Some(SalaryAmount(0)));
    assert_eq!(change.monthly_salary_start_date, Some(day));

    // As Kleer has it then: the same record writes nothing more.
    agreement.hourly_salary = change.hourly_salary;
    agreement.hourly_salary_start_date = Some(day);
    agreement.monthly_salary = change.monthly_salary;
    agreement.monthly_salary_start_date = Some(day);
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    assert!(update(&hourly, &kleer, unit).unwrap().is_empty());
    // Whoever is paid both already is not any longer.
    agreement.monthly_salary = Some(SalaryAmount(35_000));
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    let change = update(&hourly, &kleer, unit).unwrap().agreement.unwrap();
    assert_eq!(
        (change.hourly_salary, change.monthly_salary),
        (None, Some(SalaryAmount(0)))
    );
    agreement.monthly_salary = Some(SalaryAmount(0));
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    // And back to the month.
    let monthly = record(&[
        (field::SALARY_PERIOD, MONTHLY.into()),
        (field::MONTHLY_SALARY, decimal("36000")),
    ]);
    let change = update(&monthly, &kleer, unit).unwrap().agreement.unwrap();
    assert_eq!(change.hourly_salary, Some(SalaryAmount(0)));
    assert_eq!(change.hourly_salary_start_date, None);
    // What the record says of the other salary counts.
    let both = hourly.with(field::MONTHLY_SALARY, decimal("100")).unwrap();
    let change = update(&both, &kleer, unit).unwrap().agreement.unwrap();
    assert_eq!(change.monthly_salary, Some(SalaryAmount(100)));
}

#[test]
fn an_agreement_that_is_not_there_yet_is_whole() {
    let (user, _) = tolvan();
    let kleer = KleerEmployee::new(&user, None);
    let unit = SalaryUnit::Kronor;
    let whole = least().with(field::STATE, "Borås").unwrap();
    let write = update(&whole, &kleer, unit).unwrap();
    assert_eq!(write.user, None);
    let agreement = write.agreement.unwrap();
    assert_eq!(agreement.ssn.as_deref(), Some("19121212-1212"));
    let part = record(&[(field::STATE, "Borås".into())]);
    let error = update(&part, &kleer, unit).unwrap_err();
    assert_eq!(
        error.problems,
        [field::SSN, field::EMPLOYMENT_START_DATE].map(|field| EmployeeProblem::Required { field })
    );
}

#[test]
fn a_manager_must_be_linked() {
    let manager = |key: &str| Value::from(Reference::new(Kind::new(KIND).unwrap(), key));
    let write = create(
        &least().with(field::MANAGER, manager("7")).unwrap(),
        SalaryUnit::Ore,
    );
    assert_eq!(
        write.unwrap().agreement.unwrap().manager_user,
        Some(UserId(7).into())
    );
    let record = least().with(field::MANAGER, manager("5f1e")).unwrap();
    assert_eq!(
        problems(&record, SalaryUnit::Ore),
        [EmployeeProblem::NotLinked {
            field: field::MANAGER
        }]
    );
}

#[test]
fn numbers_out_of_range_are_refused() {
    for name in [
        field::TAX_TABLE,
        field::TAX_TABLE_COLUMN,
        field::INTERNAL_ID,
    ] {
        let record = least().with(name, i64::MAX).unwrap();
        assert_eq!(
            problems(&record, SalaryUnit::Ore),
            [EmployeeProblem::OutOfRange { field: name }]
        );
    }
    let (user, mut agreement) = tolvan();
    agreement.monthly_salary = Some(SalaryAmount(i64::MAX));
    let kleer = KleerEmployee::new(&user, Some(&agreement));
    assert!(kleer.record(SalaryUnit::Kronor).is_err());
    assert!(kleer.record(SalaryUnit::Ore).is_ok());
}

#[test]
fn nothing_personal_in_errors_and_debug() {
    let record = least()
        .with(field::NAME, "planted-name")
        .unwrap()
        .with(
            field::MONTHLY_SALARY,
            Value::Decimal(Decimal::new(123_454_321, 3)),
        )
        .unwrap();
    let error = create(&record, SalaryUnit::Kronor).unwrap_err();
    let mut whole = record.clone();
    whole.unset(field::MONTHLY_SALARY).unwrap();
    let write = create(&whole, SalaryUnit::Kronor).unwrap();
    let shown = format!("{error} {error:?} {write:?} {record:?}");
    for planted in ["planted", "19121212", "123454", "tolvan@"] {
        assert!(!shown.contains(planted), "{shown}");
    }
}

/// Tolvan, paid so from the first of September.
fn paid(monthly: i64, hourly: i64) -> (User, PayrollUserReadable) {
    let (user, mut agreement) = tolvan();
    let from = Some(date("2026-09-01"));
    agreement.monthly_salary = Some(SalaryAmount(monthly));
    agreement.monthly_salary_start_date = from.filter(|_| monthly != 0);
    agreement.hourly_salary = Some(SalaryAmount(hourly));
    agreement.hourly_salary_start_date = from.filter(|_| hourly != 0);
    (user, agreement)
}

/// What is sent of both salaries: the amount and the first day of each.
type Sent = [(Option<i64>, Option<NaiveDate>); 2];

fn sent(changes: &[(&str, Value)], kleer: &(User, PayrollUserReadable)) -> Sent {
    let kleer = KleerEmployee::new(&kleer.0, Some(&kleer.1));
    let write = update(&record(changes), &kleer, SalaryUnit::Kronor).unwrap();
    let write = write
        .agreement
        .unwrap_or_else(kleer_model::PayrollUserWritable::update);
    [
        (
            write.monthly_salary.map(|salary| salary.0),
            write.monthly_salary_start_date,
        ),
        (
            write.hourly_salary.map(|salary| salary.0),
            write.hourly_salary_start_date,
        ),
    ]
}

/// Only what changes is said, as a plan does.
#[test]
fn a_changed_salary_carries_the_day_that_does_not_change() {
    let day = Some(date("2026-09-01"));
    let none = (None, None);
    let change = [(field::MONTHLY_SALARY, decimal("36000"))];
    assert_eq!(sent(&change, &paid(35_000, 0)), [(Some(36_000), day), none]);
    let change = [(field::HOURLY_SALARY, decimal("220"))];
    assert_eq!(sent(&change, &paid(0, 210)), [none, (Some(220), day)]);

    // And a day that changes carries its salary, also one in the future.
    for later in ["2026-10-01", "2031-01-01"] {
        let change = [(field::MONTHLY_SALARY_START_DATE, date(later).into())];
        let moved = (Some(35_000), Some(date(later)));
        assert_eq!(sent(&change, &paid(35_000, 0)), [moved, none]);
    }
    // The day of a salary that Kleer does not tell is not made up.
    let mut unsaid = paid(35_000, 0);
    unsaid.1.monthly_salary_start_date = None;
    let change = [(field::MONTHLY_SALARY, decimal("36000"))];
    assert_eq!(sent(&change, &unsaid), [(Some(36_000), None), none]);
}

#[test]
fn the_first_day_of_a_salary_is_as_well_known_as_its_amount() {
    let day = |kleer: &(User, PayrollUserReadable), name: &str| {
        let record = KleerEmployee::new(&kleer.0, Some(&kleer.1)).record(SalaryUnit::Kronor);
        record.unwrap().get(name).cloned()
    };
    let (monthly, hourly) = (
        field::MONTHLY_SALARY_START_DATE,
        field::HOURLY_SALARY_START_DATE,
    );
    let mut kleer = paid(35_000, 0);
    assert_eq!(day(&kleer, monthly), Some(date("2026-09-01").into()));
    assert_eq!(day(&kleer, hourly), Some(Value::Null));
    // The day on which it ended is not the first day of a salary.
    kleer.1.hourly_salary_start_date = Some(date("2026-09-01"));
    assert_eq!(day(&kleer, hourly), Some(Value::Null));
    kleer.1.monthly_salary_start_date = None;
    assert_eq!(day(&kleer, monthly), Some(Value::Null));
    // Not told is not known.
    (kleer.1.monthly_salary, kleer.1.hourly_salary) = (None, None);
    assert_eq!(day(&kleer, monthly), None);
    assert_eq!(day(&kleer, hourly), Some(date("2026-09-01").into()));
}

#[test]
fn a_salary_ends_where_the_next_one_begins_and_never_at_its_beginning() {
    let next = date("2026-12-01");
    let switched = [
        (field::SALARY_PERIOD, HOURLY.into()),
        (field::HOURLY_SALARY, decimal("210")),
        (field::HOURLY_SALARY_START_DATE, next.into()),
        (field::MONTHLY_SALARY, Value::Null),
        (field::MONTHLY_SALARY_START_DATE, Value::Null),
    ];
    let ended = [(Some(0), Some(next)), (Some(210), Some(next))];
    assert_eq!(sent(&switched, &paid(35_000, 0)), ended);
    // Said or not: the same.
    assert_eq!(sent(&switched[..3], &paid(35_000, 0)), ended);
    // As Kleer has it then, nothing is left to write, whoever says it.
    let mut kleer = paid(0, 210);
    kleer.1.monthly_salary_start_date = Some(next);
    kleer.1.hourly_salary_start_date = Some(next);
    assert_eq!(sent(&switched, &kleer), [(None, None), (None, None)]);
    // Nobody says when: Kleer decides, and not the first day of what ends.
    let ended = [(field::MONTHLY_SALARY, Value::Null)];
    assert_eq!(
        sent(&ended, &paid(35_000, 0)),
        [(Some(0), None), (None, None)]
    );
}

#[test]
fn an_hourly_salary_beside_a_monthly_one_does_not_end_unless_the_period_says_so() {
    let kleer = paid(35_000, 210);
    let (user, agreement) = &kleer;
    let kleer_now = KleerEmployee::new(user, Some(agreement));
    for (null, others) in [
        (field::HOURLY_SALARY, field::MONTHLY_SALARY),
        (field::MONTHLY_SALARY, field::HOURLY_SALARY),
    ] {
        let changes = record(&[(null, Value::Null), (others, decimal("400"))]);
        let write = update(&changes, &kleer_now, SalaryUnit::Kronor).unwrap();
        assert_eq!(write.kept, [null]);
        let agreement = write.agreement.unwrap();
        let salaries = [agreement.monthly_salary, agreement.hourly_salary];
        assert!(!salaries.contains(&Some(SalaryAmount(0))), "{salaries:?}");
    }
    let only_monthly = [
        (field::SALARY_PERIOD, MONTHLY.into()),
        (field::HOURLY_SALARY, Value::Null),
    ];
    assert_eq!(sent(&only_monthly, &kleer)[1], (Some(0), None));
}
