//! Working schedules, and what an employee works on each day.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::events;
use crate::payroll;
use crate::resource::{self, Resource};
use crate::state::Books;

const SCHEDULES: &str = "payroll-schedules-readable";

/// The hours of a full-time week in Sweden, of which the level of employment is a part.
const FULL_TIME: i64 = 40;

fn kind() -> Result<&'static Resource, Refusal> {
    resource::kind("payroll_schedule")
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    resource::create(books, call, kind()?, &completed)
}

pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (id, record) = resource::known(books, call, kind()?)?;
    let is_fixed = call.endpoint.path.contains("/fixed/");
    if (record.item.name == "fixed-schedule") != is_fixed {
        return Err(kind()?.unknown(id));
    }
    resource::update(books, call, kind()?, &completed)
}

/// The sums of a schedule. A rolling one has nothing but its days, and Kleer works the rest out.
fn completed(_: &Books, schedule: &mut Element, _: Option<&Element>) -> Result<(), Refusal> {
    schedule.set("editable", true);
    let days: Vec<&Element> = schedule
        .child("intervals")
        .into_iter()
        .flat_map(|intervals| intervals.all("interval"))
        .collect();
    let is_rolling = days.iter().any(|day| day.child("day").is_some());
    if days.iter().any(|day| {
        day.number_at("day")
            .is_some_and(|day| !(1..=365).contains(&day))
    }) {
        return Err(Refusal::business(
            "IllegalArgumentException",
            "intervals/interval/day is not between 1 (the first Monday) and 365",
        ));
    }
    let last = days.iter().filter_map(|day| day.number_at("day")).max();
    let weeks = if is_rolling {
        (last.unwrap_or(1) + 6) / 7
    } else {
        1
    };
    let hours: Decimal = days.iter().map(|day| hours_of(day)).sum();
    let working = days.iter().filter(|day| !hours_of(day).is_zero()).count();
    let per_week = hours / Decimal::from(weeks);
    let sums = [
        ("hours-per-week", per_week),
        (
            "days-per-week",
            Decimal::from(working) / Decimal::from(weeks),
        ),
        ("level-of-employment", per_week / Decimal::from(FULL_TIME)),
    ];
    for (name, sum) in sums {
        if is_rolling || schedule.text_at(name).is_none() {
            schedule.set(name, sum.round_dp(4).normalize());
        }
    }
    if schedule.name == "rolling-schedule" {
        schedule.set("weeks", weeks);
    }
    Ok(())
}

fn hours_of(interval: &Element) -> Decimal {
    if interval.text_at("type") == Some("WorkFree") {
        return Decimal::ZERO;
    }
    interval.decimal_at("hours").unwrap_or_default()
}

/// What an employee works on each day of a span.
pub(crate) fn of_employee(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let employee = payroll::employee(books, call)?;
    let (start, end) = (call.date("start-date")?, call.date("end-date")?);
    events::check_span(start, end)?;
    let mut days = Element::new("payroll-user-schedule-metadatas");
    for day in start.iter_days().take_while(|day| *day <= end) {
        let schedule = schedule_on(books, employee, day);
        let level = schedule
            .and_then(|schedule| schedule.decimal_at("level-of-employment"))
            .unwrap_or_default();
        let gross = schedule.map_or(Decimal::ZERO, |schedule| hours_on(schedule, day));
        let is_off =
            swedish_ids::is_public_holiday(day) || swedish_ids::de_facto_day_off(day).is_some();
        let actual = if is_off { Decimal::ZERO } else { gross };
        days = days.with(
            Element::new("payroll-user-schedule-metadata")
                .having("date", day)
                .having("level-of-employment", level)
                .having("gross-hours", gross)
                .having("net-hours", gross)
                .having("actual-hours", actual),
        );
    }
    Ok(Answer::element(&days))
}

/// The schedule of an employee on a day: the last that holds then, or the company's first for an
/// employee who has none. Outside the employment there is none.
fn schedule_on<'a>(books: &'a Books, employee: &Element, day: NaiveDate) -> Option<&'a Element> {
    let starts = employee.date_at("employment-start-date");
    let ends = employee.date_at("employment-end-date");
    if starts.is_some_and(|starts| day < starts) || ends.is_some_and(|ends| day > ends) {
        return None;
    }
    let own = employee.child("schedules")?;
    if own.children.is_empty() {
        return books.records.items(SCHEDULES).next();
    }
    let mut holding = own.children.iter().rev().filter(|entry| {
        entry.date_at("start-date").is_none_or(|from| from <= day)
            && entry.date_at("end-date").is_none_or(|to| day <= to)
    });
    let id = holding.next()?.number_at("schedule/id")?;
    books.records.item(SCHEDULES, id)
}

/// The hours of a schedule on a day. A rolling one begins on a Monday; its first week is counted
/// from Monday, 1 January 1900.
fn hours_on(schedule: &Element, day: NaiveDate) -> Decimal {
    let Some(intervals) = schedule.child("intervals") else {
        return Decimal::ZERO;
    };
    let weeks = schedule.number_at("weeks").unwrap_or(1).max(1);
    let weeks_since = i64::from(day.num_days_from_ce() - MONDAY).div_euclid(7);
    let place =
        weeks_since.rem_euclid(weeks) * 7 + i64::from(day.weekday().num_days_from_monday()) + 1;
    let of_day = intervals.all("interval").filter(|interval| {
        interval.number_at("day") == Some(place) || interval.date_at("date") == Some(day)
    });
    of_day.map(hours_of).sum()
}

/// Monday, 1 January 1900, in days of the common era.
const MONDAY: i32 = 693_596;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_week_begins_on_a_monday() {
        let day = NaiveDate::from_num_days_from_ce_opt(MONDAY).unwrap();
        assert_eq!(day.to_string(), "1900-01-01");
        assert_eq!(day.weekday(), chrono::Weekday::Mon);
    }
}
