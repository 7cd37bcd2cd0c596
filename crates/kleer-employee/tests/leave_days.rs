//! Which days a leave is made of: a table of cases checked by hand against the calendar, and what
//! must hold of every leave.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::{Datelike, NaiveDate, Weekday};
use kleer_employee::leave::{
    EffectiveWorkWeek, Holidays, Leave, LeaveError, Part, Schedule, WorkWeek, WorkWeekError,
    WorkWeekScope, WorkWeeks,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Monday to Friday, eight hours.
const FULL: &str = "8 8 8 8 8 0 0";
/// Fridays off.
const FOUR_DAYS: &str = "8 8 8 8 0 0 0";
/// Half of each day.
const HALF_DAYS: &str = "4 4 4 4 4 0 0";
/// Two and a half days.
const MIXED: &str = "8 0 8 0 4 0 0";
/// Thursday to Sunday, ten hours.
const WEEKEND: &str = "0 0 0 10 10 10 10";
/// A week of 37.5 hours.
const OFFICE: &str = "7.5 7.5 7.5 7.5 7.5 0 0";
/// A week of 38.25 hours, of which Friday is the shortest.
const UNEVEN: &str = "7.75 7.75 7.75 7.75 7.25 0 0";

const NONE: fn() -> Holidays = Holidays::none;
const PUBLIC: fn() -> Holidays = Holidays::public_only;
const SWEDISH: fn() -> Holidays = Holidays::swedish;

/// What it shows; week; days off; first and last day; extent; part; the days and their hours.
type Case = (
    &'static str,
    &'static str,
    fn() -> Holidays,
    &'static str,
    &'static str,
    Part,
    &'static str,
);

const W: Part = Part::Whole;
const H: Part = Part::Half;

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Plain weeks.
    ("one Wednesday", FULL, NONE, "2026-11-18 2026-11-18", "100", W, "2026-11-18=8"),
    ("one Saturday", FULL, NONE, "2026-11-21 2026-11-21", "100", W, ""),
    ("one Sunday", FULL, NONE, "2026-11-22 2026-11-22", "100", W, ""),
    ("a whole week, Monday to Sunday", FULL, NONE, "2026-11-16 2026-11-22", "100", W, "2026-11-16..2026-11-20=8"),
    ("over a weekend, Friday to Monday", FULL, NONE, "2026-11-20 2026-11-23", "100", W, "2026-11-20=8 2026-11-23=8"),
    ("a weekend only", FULL, NONE, "2026-11-21 2026-11-22", "100", W, ""),
    ("Thursday to Monday of June 2023, as another export of absence documents it", FULL, NONE, "2023-06-01 2023-06-05", "100", W, "2023-06-01..2023-06-02=8 2023-06-05=8"),
    ("two weeks", OFFICE, NONE, "2026-09-07 2026-09-18", "100", W, "2026-09-07..2026-09-11=7.5 2026-09-14..2026-09-18=7.5"),
    ("the end of a month", FULL, NONE, "2026-09-29 2026-10-02", "100", W, "2026-09-29..2026-10-02=8"),
    ("the last of February in a common year", FULL, NONE, "2027-02-26 2027-03-01", "100", W, "2027-02-26=8 2027-03-01=8"),
    ("the last of February in a leap year", FULL, NONE, "2028-02-28 2028-03-01", "100", W, "2028-02-28..2028-03-01=8"),
    ("the day on which summer time begins is as long as any", WEEKEND, NONE, "2026-03-29 2026-03-29", "100", W, "2026-03-29=10"),
    ("the day on which summer time ends is as long as any", WEEKEND, NONE, "2026-10-25 2026-10-25", "100", W, "2026-10-25=10"),

    // The turn of the year.
    ("the turn of the year by the work week only", FULL, NONE, "2026-12-30 2027-01-04", "100", W, "2026-12-30..2027-01-01=8 2027-01-04=8"),
    ("the turn of the year, eves worked", FULL, PUBLIC, "2026-12-30 2027-01-04", "100", W, "2026-12-30..2026-12-31=8 2027-01-04=8"),
    ("the turn of the year", FULL, SWEDISH, "2026-12-30 2027-01-04", "100", W, "2026-12-30=8 2027-01-04=8"),
    ("Christmas to Epiphany", FULL, SWEDISH, "2026-12-23 2027-01-07", "100", W, "2026-12-23=8 2026-12-28..2026-12-30=8 2027-01-04..2027-01-05=8 2027-01-07=8"),
    ("Christmas to Epiphany, eves worked", FULL, PUBLIC, "2026-12-23 2027-01-07", "100", W, "2026-12-23..2026-12-24=8 2026-12-28..2026-12-31=8 2027-01-04..2027-01-05=8 2027-01-07=8"),
    ("Christmas on a weekend gives no Monday", FULL, SWEDISH, "2027-12-23 2027-12-28", "100", W, "2027-12-23=8 2027-12-27..2027-12-28=8"),
    ("Epiphany alone", FULL, SWEDISH, "2026-01-06 2026-01-06", "100", W, ""),
    ("Epiphany alone, no days off but the week's", FULL, NONE, "2026-01-06 2026-01-06", "100", W, "2026-01-06=8"),

    // Spring.
    ("Easter 2026", FULL, SWEDISH, "2026-04-02 2026-04-07", "100", W, "2026-04-02=8 2026-04-07=8"),
    ("Easter 2027", FULL, SWEDISH, "2027-03-25 2027-03-30", "100", W, "2027-03-25=8 2027-03-30=8"),
    ("Easter by the work week only", FULL, NONE, "2026-04-02 2026-04-07", "100", W, "2026-04-02..2026-04-03=8 2026-04-06..2026-04-07=8"),
    ("Easter of who works weekends", WEEKEND, SWEDISH, "2026-04-02 2026-04-05", "100", W, "2026-04-02=10 2026-04-04=10"),
    ("the first of May on a Friday", FULL, SWEDISH, "2026-04-30 2026-05-04", "100", W, "2026-04-30=8 2026-05-04=8"),
    ("the first of May on a Saturday", FULL, SWEDISH, "2027-04-30 2027-05-03", "100", W, "2027-04-30=8 2027-05-03=8"),
    ("Ascension Day and the Friday after it", FULL, SWEDISH, "2026-05-13 2026-05-15", "100", W, "2026-05-13=8 2026-05-15=8"),
    ("Whit Monday is a working day since 2005", FULL, SWEDISH, "2026-05-25 2026-05-25", "100", W, "2026-05-25=8"),
    ("Whit Monday was a holiday in 2004", FULL, SWEDISH, "2004-05-31 2004-06-01", "100", W, "2004-06-01=8"),
    ("the National Day on a Saturday", FULL, SWEDISH, "2026-06-05 2026-06-08", "100", W, "2026-06-05=8 2026-06-08=8"),
    ("the National Day on a Friday", FULL, SWEDISH, "2025-06-05 2025-06-06", "100", W, "2025-06-05=8"),

    // Midsummer.
    ("Midsummer 2026", FULL, SWEDISH, "2026-06-18 2026-06-22", "100", W, "2026-06-18=8 2026-06-22=8"),
    ("Midsummer 2026, the eve worked", FULL, PUBLIC, "2026-06-18 2026-06-22", "100", W, "2026-06-18..2026-06-19=8 2026-06-22=8"),
    ("Midsummer 2027", FULL, SWEDISH, "2027-06-24 2027-06-28", "100", W, "2027-06-24=8 2027-06-28=8"),
    ("Midsummer at half time", FULL, SWEDISH, "2026-06-18 2026-06-22", "50", W, "2026-06-18=4 2026-06-22=4"),
    ("Midsummer of who works weekends", WEEKEND, SWEDISH, "2026-06-18 2026-06-21", "100", W, "2026-06-18=10 2026-06-21=10"),
    ("Midsummer of who works weekends, the eve worked", WEEKEND, PUBLIC, "2026-06-18 2026-06-20", "100", W, "2026-06-18..2026-06-19=10"),

    // Autumn.
    ("All Saints' Day is a Saturday", FULL, SWEDISH, "2026-10-30 2026-11-02", "100", W, "2026-10-30=8 2026-11-02=8"),
    ("All Saints' Day of who works weekends", WEEKEND, PUBLIC, "2026-10-29 2026-10-31", "100", W, "2026-10-29..2026-10-30=10"),

    // Weeks that are not full.
    ("a week of four days", FOUR_DAYS, NONE, "2026-11-16 2026-11-22", "100", W, "2026-11-16..2026-11-19=8"),
    ("the day off of a week of four days", FOUR_DAYS, NONE, "2026-11-20 2026-11-20", "100", W, ""),
    ("a week of half days", HALF_DAYS, NONE, "2026-11-16 2026-11-20", "100", W, "2026-11-16..2026-11-20=4"),
    ("a week of two and a half days", MIXED, NONE, "2026-11-16 2026-11-20", "100", W, "2026-11-16=8 2026-11-18=8 2026-11-20=4"),
    ("a week of two and a half days at half time", MIXED, NONE, "2026-11-16 2026-11-20", "50", W, "2026-11-16=4 2026-11-18=4 2026-11-20=2"),
    ("a holiday on a day that is not worked anyway", MIXED, SWEDISH, "2026-05-11 2026-05-15", "100", W, "2026-05-11=8 2026-05-13=8 2026-05-15=4"),
    ("from Thursday to Sunday", WEEKEND, NONE, "2026-11-16 2026-11-22", "100", W, "2026-11-19..2026-11-22=10"),
    ("who works Sundays does so although every Sunday is a public holiday", WEEKEND, SWEDISH, "2026-11-20 2026-11-22", "100", W, "2026-11-20..2026-11-22=10"),
    ("not on Whit Sunday", WEEKEND, PUBLIC, "2026-05-23 2026-05-24", "100", W, "2026-05-23=10"),

    // Extent.
    ("a quarter", FULL, NONE, "2026-11-16 2026-11-17", "25", W, "2026-11-16..2026-11-17=2"),
    ("an eighth, as parents may take", FULL, NONE, "2026-11-16 2026-11-17", "12.5", W, "2026-11-16..2026-11-17=1"),
    ("three quarters of an office day", OFFICE, NONE, "2026-11-16 2026-11-16", "75", W, "2026-11-16=5.63"),
    ("three quarters of two office days add up to 11.25", OFFICE, NONE, "2026-11-16 2026-11-17", "75", W, "2026-11-16=5.63 2026-11-17=5.62"),
    ("a third of a day", FULL, NONE, "2026-11-16 2026-11-18", "33.33", W, "2026-11-16=2.67 2026-11-17=2.66 2026-11-18=2.67"),
    ("half of an uneven week", UNEVEN, NONE, "2026-11-16 2026-11-20", "50", W, "2026-11-16=3.88 2026-11-17=3.87 2026-11-18=3.88 2026-11-19=3.87 2026-11-20=3.63"),
    ("one per cent of a day", FULL, NONE, "2026-11-16 2026-11-16", "1", W, "2026-11-16=0.08"),
    ("so little that there is nothing to write for a day", HALF_DAYS, NONE, "2026-11-16 2026-11-18", "0.1", W, "2026-11-17=0.01"),

    // Parts of a day.
    ("half a day", FULL, NONE, "2026-11-18 2026-11-18", "100", H, "2026-11-18=4"),
    ("half an office day", OFFICE, NONE, "2026-11-18 2026-11-18", "100", H, "2026-11-18=3.75"),
    ("half a day of half time", FULL, NONE, "2026-11-18 2026-11-18", "50", H, "2026-11-18=2"),
    ("half a day on a weekend", FULL, NONE, "2026-11-21 2026-11-21", "100", H, ""),
    ("half a day on Christmas Eve", FULL, SWEDISH, "2026-12-24 2026-12-24", "100", H, ""),
    ("half of Christmas Eve where it is worked", FULL, PUBLIC, "2026-12-24 2026-12-24", "100", H, "2026-12-24=4"),
    ("ninety minutes", FULL, NONE, "2026-11-18 2026-11-18", "100", Part::Minutes(90), "2026-11-18=1.5"),
    ("twenty minutes", FULL, NONE, "2026-11-18 2026-11-18", "100", Part::Minutes(20), "2026-11-18=0.33"),
    ("minutes that are the whole day", FULL, NONE, "2026-11-18 2026-11-18", "100", Part::Minutes(480), "2026-11-18=8"),
    ("minutes on a day that is not worked", FULL, NONE, "2026-11-21 2026-11-21", "100", Part::Minutes(60), ""),
    ("an hour at half time", FULL, NONE, "2026-11-18 2026-11-18", "50", Part::Minutes(60), "2026-11-18=0.5"),

    // Long ones.
    ("a summer of five weeks", FULL, SWEDISH, "2026-06-29 2026-08-02", "100", W, "2026-06-29..2026-07-03=8 2026-07-06..2026-07-10=8 2026-07-13..2026-07-17=8 2026-07-20..2026-07-24=8 2026-07-27..2026-07-31=8"),
    ("parental leave over Easter at three quarters", FULL, SWEDISH, "2026-03-30 2026-04-10", "75", W, "2026-03-30..2026-04-02=6 2026-04-07..2026-04-10=6"),
];

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn week(text: &str) -> WorkWeek {
    let hours: Vec<Decimal> = text.split(' ').map(decimal).collect();
    WorkWeek::new(hours.try_into().unwrap()).unwrap()
}

fn schedule(week_text: &str, holidays: Holidays) -> Schedule {
    Schedule::weeks(WorkWeeks::always(week(week_text)), holidays)
}

/// "2026-11-16..2026-11-20=8": each day of it.
fn expected(text: &str) -> Vec<(NaiveDate, Decimal)> {
    let mut days = Vec::new();
    for part in text.split_whitespace() {
        let (dates, hours) = part.split_once('=').unwrap();
        let (first, last) = dates.split_once("..").unwrap_or((dates, dates));
        let (first, last) = (day(first), day(last));
        days.extend(
            first
                .iter_days()
                .take_while(|date| *date <= last)
                .map(|date| (date, decimal(hours))),
        );
    }
    days
}

#[test]
fn the_table_of_cases() {
    let mut wrong = Vec::new();
    for (name, week, holidays, period, extent, part, days) in CASES {
        let (first, last) = period.split_once(' ').unwrap();
        let mut leave = Leave::new("l", "t", day(first), day(last));
        leave.extent = decimal(extent);
        leave.part = *part;
        let found: Vec<_> = leave
            .days(&schedule(week, holidays()))
            .unwrap()
            .iter()
            .map(|day| (day.date, day.hours))
            .collect();
        if found != expected(days) {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(CASES.len() >= 60, "{}", CASES.len());
}

#[test]
fn a_day_that_the_company_gives_is_off() {
    let mut holidays = Holidays::swedish();
    // The Friday after Ascension Day.
    holidays.also.insert(day("2026-05-15"));
    let leave = Leave::new("l", "t", day("2026-05-13"), day("2026-05-18"));
    let days = leave.days(&schedule(FULL, holidays)).unwrap();
    let dates: Vec<_> = days.iter().map(|day| day.date).collect();
    assert_eq!(dates, [day("2026-05-13"), day("2026-05-18")]);
}

#[test]
fn the_employees_week_wins_over_the_offices_and_that_over_the_companys() {
    let from = |scope, from: &str, text: &str| EffectiveWorkWeek::new(scope, day(from), week(text));
    let weeks = WorkWeeks::new([
        from(WorkWeekScope::Company, "2020-01-01", FULL),
        from(WorkWeekScope::Office, "2026-11-01", OFFICE),
        from(WorkWeekScope::Employee, "2026-11-16", FOUR_DAYS).until(day("2026-11-22")),
        from(WorkWeekScope::Company, "2026-11-01", HALF_DAYS),
        from(WorkWeekScope::Employee, "2026-11-19", MIXED).until(day("2026-11-20")),
    ])
    .unwrap();
    let hours = |text: &str| weeks.hours_on(day(text));
    assert_eq!(hours("2019-12-31"), None, "before all weeks");
    assert_eq!(hours("2026-10-30"), Some(8.into()), "the company's first");
    assert_eq!(hours("2026-11-13"), Some(decimal("7.5")), "the office's");
    assert_eq!(hours("2026-11-18"), Some(8.into()), "the employee's");
    assert_eq!(
        hours("2026-11-20"),
        Some(4.into()),
        "the employee's later one"
    );
    assert_eq!(
        hours("2026-11-23"),
        Some(decimal("7.5")),
        "the office's again"
    );
}

#[test]
fn work_weeks_that_make_no_sense_are_refused() {
    let company =
        |text| EffectiveWorkWeek::new(WorkWeekScope::Company, day("2026-01-01"), week(text));
    let error = WorkWeeks::new([company(FULL), company(OFFICE)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "two different work weeks of the company count from 2026-01-01; end or remove one of them"
    );
    assert!(WorkWeeks::new([company(FULL), company(FULL)]).is_ok());
    let error = WorkWeeks::new([company(FULL).until(day("2025-12-31"))]).unwrap_err();
    assert!(matches!(error, WorkWeekError::EndsBeforeStart { .. }));
    let error = WorkWeek::full_time(decimal("24.01")).unwrap_err();
    assert!(matches!(
        error,
        WorkWeekError::Hours {
            weekday: Weekday::Mon,
            ..
        }
    ));
    assert!(WorkWeek::full_time(decimal("-1")).is_err());
}

#[test]
fn a_leave_that_contradicts_itself_is_refused() {
    let full = schedule(FULL, Holidays::none());
    let leave = |first, last| Leave::new("l", "t", day(first), day(last));

    let error = leave("2026-11-20", "2026-11-19").days(&full).unwrap_err();
    assert!(matches!(error, LeaveError::EndsBeforeStart { .. }));
    let error = leave("2026-11-20", "2206-11-20").days(&full).unwrap_err();
    assert!(matches!(error, LeaveError::TooLong { .. }));
    for extent in ["0", "-50", "100.01"] {
        let mut leave = leave("2026-11-20", "2026-11-20");
        leave.extent = decimal(extent);
        let error = leave.days(&full).unwrap_err();
        assert!(matches!(error, LeaveError::Extent { .. }), "{extent}");
    }
    for part in [Part::Half, Part::Minutes(30)] {
        let mut leave = leave("2026-11-19", "2026-11-20");
        leave.part = part;
        let error = leave.days(&full).unwrap_err();
        assert!(matches!(error, LeaveError::PartOfSeveralDays { .. }));
    }
    let mut long = leave("2026-11-20", "2026-11-20");
    long.part = Part::Minutes(481);
    let error = long.days(&full).unwrap_err();
    assert!(matches!(error, LeaveError::LongerThanWorkDay { .. }));
}

#[test]
fn a_day_without_a_schedule_is_not_a_day_off() {
    let weeks = WorkWeeks::new([EffectiveWorkWeek::new(
        WorkWeekScope::Company,
        day("2026-11-19"),
        week(FULL),
    )]);
    let schedule = Schedule::weeks(weeks.unwrap(), Holidays::none());
    let leave = Leave::new("l", "t", day("2026-11-18"), day("2026-11-20"));
    assert_eq!(
        leave.days(&schedule),
        Err(LeaveError::NoSchedule {
            date: day("2026-11-18")
        })
    );
}

#[test]
fn nothing_personal_in_debug() {
    let mut leave = Leave::new("l-1", "planted-sick", day("2026-11-18"), day("2026-11-18"));
    leave.child = Some("planted-child".to_owned());
    leave.comment = "planted-comment".to_owned();
    let days = leave.days(&schedule(FULL, Holidays::none())).unwrap();
    let text = format!("{leave:?} {days:?} {}", days[0]);
    assert!(text.contains("l-1"));
    assert!(!text.contains("planted"), "{text}");
}

fn weeks() -> impl Strategy<Value = WorkWeek> {
    prop::array::uniform7(0..=48_i64)
        .prop_map(|quarters| WorkWeek::new(quarters.map(|n| Decimal::new(n * 25, 2))).unwrap())
}

fn holidays() -> impl Strategy<Value = Holidays> {
    prop_oneof![
        Just(Holidays::none()),
        Just(Holidays::public_only()),
        Just(Holidays::swedish())
    ]
}

proptest! {
    /// The hours add up to the schedule's share of the period, however they fall on its days.
    #[test]
    fn total_hours_equal_the_share_of_the_schedule(
        week in weeks(),
        holidays in holidays(),
        start in 0..2000_i64,
        length in 0..200_i64,
        extent in 1..=10_000_i64,
    ) {
        let first = day("2024-01-01") + chrono::Days::new(start.unsigned_abs());
        let last = first + chrono::Days::new(length.unsigned_abs());
        let schedule = Schedule::weeks(WorkWeeks::always(week), holidays.clone());
        let mut leave = Leave::new("l", "t", first, last);
        leave.extent = Decimal::new(extent, 2);
        let days = leave.days(&schedule).unwrap();

        // Computed otherwise: by counting weekdays.
        let mut scheduled = Decimal::ZERO;
        let mut date = first;
        while date <= last {
            if !holidays.contains(date) {
                scheduled += <[Decimal; 7]>::from(week)[date.weekday() as usize];
            }
            date = date.succ_opt().unwrap();
        }
        let share = scheduled * leave.extent / Decimal::ONE_HUNDRED;
        let total: Decimal = days.iter().map(|day| day.hours).sum();
        prop_assert!((total - share).abs() <= Decimal::new(5, 3), "{total} of {share}");

        for pair in days.windows(2) {
            prop_assert!(pair[0].date < pair[1].date);
        }
        for day in &days {
            let hours = schedule.hours_on(day.date).unwrap();
            prop_assert!(day.hours > Decimal::ZERO && day.hours <= hours);
            prop_assert!(first <= day.date && day.date <= last);
            prop_assert!(day.hours.scale() <= 2);
        }
    }

    /// A leave that is made longer keeps the days that it had.
    #[test]
    fn an_extension_leaves_the_days_before_it(
        week in weeks(), length in 0..60_u64, more in 0..60_u64, extent in 1..=100_i64,
    ) {
        let schedule = Schedule::weeks(WorkWeeks::always(week), Holidays::swedish());
        let first = day("2026-03-30");
        let mut short = Leave::new("l", "t", first, first + chrono::Days::new(length));
        short.extent = extent.into();
        let mut long = short.clone();
        long.last = short.last + chrono::Days::new(more);
        let long = long.days(&schedule).unwrap();
        let short = short.days(&schedule).unwrap();
        prop_assert_eq!(&long[..short.len()], &short[..]);
    }
}
