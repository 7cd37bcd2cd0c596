//! What the payroll, expense and report types promise beyond the declaration.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::{Month, NaiveDate};
use kleer_model::{
    AnyValue, Cents, Company, CompanyCardReadable, CompanyId, DimensionEntryId, DimensionId,
    Document, EmploymentEnd, ExpenseDefaultDimension, ExpenseDimension, ExpenseDimensionEntry,
    ExpenseEntryDimensionEntry, ExpenseEntryFormDefaults, ExpenseEntryId, ExpenseEntryReadable,
    ExpenseFileId, ExpenseId, ExpenseReadable, ExpenseTypeClassification, ExpenseTypeId,
    ExpenseTypeReadable, FullHistoryMonthlySalary, List, PayrollArticleId, PayrollArticleReadable,
    PayrollChild, PayrollEvent, PayrollEventType, PayrollFixedScheduleReadable,
    PayrollMonthReportReadable, PayrollPayoutId, PayrollRollingScheduleReadable, PayrollRun,
    PayrollRunId, PayrollRunPayout, PayrollScheduleId, PayrollScheduleReadable,
    PayrollSchedulesReadable, PayrollSignature, PayrollTransaction, PayrollUserEmploymentEndType,
    PayrollUserReadable, PayrollUserSchedule, PayrollUserScheduleMetadata, PayrollUserWritable,
    Period, Rate, ReadErrorKind, Report, ReportHeader, ReportSection, ReportSectionModelHeader,
    ReportSectionModelItem, ReportSectionModelItemRow, ReportSectionModelStringItem,
    ReportSectionSimpleTable, ReportSectionSimpleTableObject, Revealed, SalaryAmount, SalaryUnit,
    Timestamp, UserId, VacationEntitlement, WriteErrorKind,
};
use proptest::prelude::*;

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn moment() -> Timestamp {
    "2026-11-20T13:32:00".parse().unwrap()
}

/// Reads what was written.
fn again<T: Document>(value: &T) -> T {
    T::from_xml(value.to_xml().unwrap().as_bytes()).unwrap()
}

fn list<T>(item: T) -> List<T>
where
    List<T>: Document,
{
    let mut list = List::default();
    list.items.push(item);
    list
}

#[test]
fn an_employment_end_is_left_removed_or_set() {
    let mut change = PayrollUserWritable::update();
    assert_eq!(change.employment_end(), EmploymentEnd::Leave);
    for end in [
        EmploymentEnd::Remove,
        EmploymentEnd::Set {
            date: day(30),
            end_type: None,
        },
        EmploymentEnd::Set {
            date: day(30),
            end_type: Some(PayrollUserEmploymentEndType::NextMonth),
        },
        EmploymentEnd::Leave,
    ] {
        change.set_employment_end(end.clone());
        assert_eq!(again(&change).employment_end(), end);
    }
    // The wrapper may hold a type alone.
    let xml = b"<payroll-user-writable><employment-end-date><employment-end-type>NextMonth\
        </employment-end-type></employment-end-date></payroll-user-writable>";
    let odd = PayrollUserWritable::from_xml(xml).unwrap();
    assert_eq!(odd.employment_end(), EmploymentEnd::Remove);
    assert_eq!(again(&odd), odd);
}

#[test]
fn of_an_agreement_only_the_user_must_be_there() {
    let xml = b"<payroll-user-readable><user><id>12</id></user></payroll-user-readable>";
    let user = PayrollUserReadable::from_xml(xml).unwrap();
    assert_eq!(user, PayrollUserReadable::of(UserId(12)));
    // Absent is not empty.
    assert_eq!((user.ssn.as_ref(), user.schedules.as_ref()), (None, None));
    // But Kleer would not write it so, and neither do we.
    let error = user.to_xml().unwrap_err();
    assert_eq!(
        (error.path(), error.kind()),
        ("payroll-user-readable/ssn", WriteErrorKind::Missing)
    );

    let error = PayrollUserReadable::from_xml(b"<payroll-user-readable/>").unwrap_err();
    assert!(matches!(error.kind(), ReadErrorKind::Missing { element } if element == "user"));
}

#[test]
fn debug_hides_what_people_earn_and_why_they_are_away() {
    let mut user = PayrollUserReadable::new(UserId(12), "19121212-1212", day(1));
    user.monthly_salary = Some(SalaryAmount(35_017));
    user.children = Some(vec![PayrollChild::new("Alva", day(2))]);
    user.full_history_monthly_salaries = Some(vec![FullHistoryMonthlySalary::new(
        SalaryAmount(35_018),
        day(1),
    )]);
    let shown = format!("{user:?}");
    for secret in ["19121212", "35017", "35018", "Alva", "2026-11-02"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
        assert!(format!("{:?}", Revealed(&user)).contains(secret));
    }
    let event = PayrollEvent::new(day(20), 8.into(), PayrollEventType::Sick);
    assert!(!format!("{event:?}").contains("Sick"));
    let mut writable = PayrollUserWritable::create("19121212-1212", day(1));
    writable.hourly_salary = Some(SalaryAmount(35_017));
    let shown = format!("{writable:?}");
    assert!(!shown.contains("19121212") && !shown.contains("35017"));
}

#[test]
fn months_of_reports_are_counted_from_0() {
    let mut report = PayrollMonthReportReadable::new(UserId(12), 2026, Month::January);
    assert_eq!(report.month, 0);
    for (number, month) in [
        (0, Some(Month::January)),
        (11, Some(Month::December)),
        (12, None),
        (-1, None),
        (255, None),
        (i32::MIN, None),
    ] {
        report.month = number;
        assert_eq!(report.calendar_month(), month, "{number}");
    }
}

#[test]
fn the_year_1_means_no_date_where_the_schema_demands_one() {
    let xml = "<payroll-child><name>Alva</name><birth-date>0001-01-01</birth-date></payroll-child>";
    let child = PayrollChild::from_xml(xml.as_bytes()).unwrap();
    assert_eq!(child.birth_date, None);
    assert_eq!(child.to_xml().unwrap(), xml);

    let mut defaults = ExpenseEntryFormDefaults::new(day(20));
    defaults.date = None;
    assert!(
        defaults
            .to_xml()
            .unwrap()
            .contains("<date>0001-01-01</date>")
    );
    assert_eq!(again(&defaults).date, None);
}

#[test]
fn schedules_of_both_kinds_keep_their_order_and_what_is_new() {
    let xml = "<payroll-schedules-readable>\
        <fixed-schedule><id>2</id><name>F</name><description/><hours-per-week>40</hours-per-week>\
        <days-per-week>5</days-per-week><level-of-employment>1</level-of-employment>\
        <editable>true</editable><intervals/></fixed-schedule>\
        <flexible-schedule><id>3</id></flexible-schedule>\
        <rolling-schedule><id>1</id><name>R</name><description/><weeks>2</weeks>\
        <hours-per-week>40</hours-per-week><days-per-week>5</days-per-week>\
        <level-of-employment>1</level-of-employment><editable>false</editable><intervals/>\
        </rolling-schedule></payroll-schedules-readable>";
    let read = PayrollSchedulesReadable::from_xml(xml.as_bytes()).unwrap();
    let ids: Vec<_> = read
        .schedules
        .iter()
        .map(|schedule| (schedule.id(), schedule.name()))
        .collect();
    let expected = [(2, "F"), (1, "R")].map(|(id, name)| (Some(PayrollScheduleId(id)), Some(name)));
    assert_eq!(ids, expected);
    assert!(
        read.to_xml()
            .unwrap()
            .contains("<flexible-schedule><id>3</id></flexible-schedule>")
    );
}

#[test]
fn what_sandboxes_make_can_be_written_and_read() {
    let mut user = PayrollUserReadable::new(UserId(12), "19121212-1212", day(1));
    user.schedules = Some(vec![PayrollUserSchedule::new(PayrollScheduleId(3))]);
    user.vacation_entitlements = Some(vec![VacationEntitlement::new(day(1), 25)]);
    assert_eq!(again(&user), user);
    let users = list(user);
    assert_eq!(again(&users), users);

    let articles = list(PayrollArticleReadable::new(
        PayrollArticleId(7),
        "Milersättning",
    ));
    assert_eq!(again(&articles), articles);

    let days = list(PayrollUserScheduleMetadata::new(
        day(20),
        Rate(1.into()),
        8.into(),
    ));
    assert_eq!(again(&days), days);

    let schedules = PayrollSchedulesReadable::new(vec![
        PayrollScheduleReadable::Rolling(PayrollRollingScheduleReadable::new(
            PayrollScheduleId(1),
            "Heltid",
            1,
        )),
        PayrollScheduleReadable::Fixed(PayrollFixedScheduleReadable::new(
            PayrollScheduleId(2),
            "Jul",
        )),
    ]);
    assert_eq!(again(&schedules), schedules);
    assert_eq!(again(&schedules.schedules[1]), schedules.schedules[1]);

    let payout = PayrollRunPayout::new(PayrollPayoutId(5), UserId(12), day(1), day(30));
    let mut run = PayrollRun::new(PayrollRunId(9), day(25), vec![payout]);
    run.paid = Some(PayrollSignature::new(UserId(1), moment()));
    let runs = list(run);
    assert_eq!(again(&runs), runs);

    let period = Period::new(day(1), day(30));
    let transactions = list(PayrollTransaction::new(
        1,
        UserId(12),
        PayrollPayoutId(5),
        PayrollArticleId(7),
        period,
    ));
    assert_eq!(again(&transactions), transactions);

    let expense = list(ExpenseReadable::new(
        ExpenseId(1),
        1,
        day(20),
        Cents(84_800),
    ));
    assert_eq!(again(&expense), expense);

    let mut expense_type = ExpenseTypeReadable::new(
        ExpenseTypeId(2),
        "Representation",
        ExpenseTypeClassification::Representation,
    );
    expense_type.dimensions.push(ExpenseDefaultDimension::new(
        DimensionId(1),
        "Kostnadsställe",
        ExpenseDimensionEntry::new(DimensionEntryId(5), "Konsult"),
    ));
    let mut entry = ExpenseEntryReadable::new(
        ExpenseEntryId(4),
        ExpenseFileId(31),
        expense_type,
        "Anna Andersson",
        day(20),
        Cents(84_800),
        ExpenseEntryDimensionEntry::new(
            DimensionEntryId(5),
            "Konsult",
            ExpenseDimension::new(DimensionId(1), "Kostnadsställe"),
        ),
    );
    entry.company_card = Some(CompanyCardReadable::new(3.into(), "Eurocard"));
    assert_eq!(again(&entry), entry);
    assert!(!format!("{entry:?}").contains("Anna"));
}

#[test]
fn a_report_is_written_with_the_types_that_it_is_of() {
    let text = |text: &str| {
        let value = AnyValue::text(text).with_type("string");
        ReportSectionModelItem::String(ReportSectionModelStringItem::new(value))
    };
    let table = ReportSectionSimpleTable::new(
        "Intäkter",
        vec![
            ReportSectionSimpleTableObject::Header(ReportSectionModelHeader::new(text("2026"))),
            ReportSectionSimpleTableObject::ItemRow(ReportSectionModelItemRow::new(vec![text(
                "Försäljning",
            )])),
        ],
    );
    let mut report = Report::new(
        "Resultat",
        Company::new(CompanyId(1), "Exempel AB"),
        vec![ReportSection::SimpleTable(table)],
    );
    report.headers.push(ReportHeader::new("Skapad av", "Anna"));
    assert_eq!(again(&report), report);
    let shown = format!("{report:?}");
    assert!(
        shown.contains("Intäkter") && !shown.contains("Anna") && !shown.contains("Försäljning")
    );

    // A section of a type to come is kept, and what the schema demands is demanded.
    let xml = report.to_xml().unwrap();
    let new = xml.replace("report-section-simple-table\"", "report-section-chart\"");
    let read = Report::from_xml(new.as_bytes()).unwrap();
    assert!(!matches!(read.sections[0], ReportSection::SimpleTable(_)));
    let written = read.to_xml().unwrap();
    assert!(written.contains("report-section-chart") && written.contains("Försäljning"));
    report.sections.clear();
    assert!(report.to_xml().is_err());
}

proptest! {
    #[test]
    fn salaries_survive_their_unit(amount in any::<i64>()) {
        for unit in [SalaryUnit::Kronor, SalaryUnit::Ore] {
            if let Some(cents) = SalaryAmount(amount).to_cents(unit) {
                prop_assert_eq!(SalaryAmount::from_cents_exact(cents, unit), Some(SalaryAmount(amount)));
            } else {
                prop_assert!(unit == SalaryUnit::Kronor && amount.checked_mul(100).is_none());
            }
        }
        // Nothing is rounded.
        let whole = amount % 100 == 0;
        let kronor = SalaryAmount::from_cents_exact(Cents(amount), SalaryUnit::Kronor);
        prop_assert_eq!(kronor.is_some(), whole);
    }

    #[test]
    fn salaries_are_written_as_they_are(amount in any::<i64>()) {
        let mut change = PayrollUserWritable::update();
        change.monthly_salary = Some(SalaryAmount(amount));
        let element = format!("<monthly-salary>{amount}</monthly-salary>");
        prop_assert!(change.to_xml().unwrap().contains(&element));
        prop_assert_eq!(again(&change), change);
    }
}
