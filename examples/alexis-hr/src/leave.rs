//! The leave of Alexis HR: its rows are days already (`leave-transaction`).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kleer_connect::leave::{EmployeeLeave, LeaveSource, WorkingHours};
use kleer_employee::leave::{
    EffectiveWorkWeek, Holidays, LeaveDay, LeaveStatus, Schedule, WorkWeek, WorkWeekScope,
    WorkWeeks,
};
use record_link::RecordKey;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::api::{self, id_of};
use crate::session::{Failed, Session};

#[rustfmt::skip]
const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const NO_SENSE: &str = "it has no employee, no date or no hours: correct it in Alexis";

/// The leave of all employees from the first to the last day.
///
/// # Errors
/// When a list cannot be read. What makes no sense is a deviation of its leave.
pub async fn read(
    session: &Session,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<LeaveSource, Failed> {
    let api = &session.alexis.documents().api;
    let days =
        [first, last].map(|day| ("filters[date][$between][]", format!("{day}T00:00:00.000Z")));
    let rows = api::all(api, "leave-transaction", &days).await?;
    let children = api::all(api, "child", &[]).await?;
    let weeks = api::all(api, "work-week", &[]).await?;
    let employees = api::all(api, "employee", &[]).await?;
    let is_whole = rows.is_whole && employees.is_whole;
    let names: BTreeMap<&str, &Json> = children
        .records
        .iter()
        .map(|child| (id_of(child), &child["name"]))
        .collect();
    let employees: BTreeMap<&str, &Json> = (employees.records.iter())
        .map(|employee| (id_of(employee), employee))
        .collect();
    let mut source = LeaveSource::new(first, last);
    let mut by_employee: BTreeMap<&str, Vec<LeaveDay>> = BTreeMap::new();
    for row in &rows.records {
        if let (Some(employee), Some(day)) = (row["employeeId"].as_str(), day_of(row, &names)) {
            by_employee.entry(employee).or_default().push(day);
        } else {
            let why = format!("row {}: {NO_SENSE}", id_of(row));
            source = source.unreadable(leave_of(row), why);
        }
    }
    for (id, days) in by_employee {
        let nobody = Json::Null;
        let employee = employees.get(id).copied().unwrap_or(&nobody);
        let hours = match schedule_of(employee, &weeks.records) {
            Ok(None) => WorkingHours::OfKleer,
            Ok(Some(schedule)) => WorkingHours::Given(schedule),
            Err(why) => {
                let why = format!("the work week of the employee makes no sense: {why}");
                for day in &days {
                    source = source.unreadable(&day.leave, &why);
                }
                WorkingHours::Unknown
            }
        };
        let [from, to] = ["startDate", "endDate"].map(|name| date(&employee["employment"][name]));
        let leave = EmployeeLeave::new(RecordKey::new(id)?, days);
        source = source.employee(leave.hours(hours).employed(from, to));
    }
    Ok(if is_whole { source.complete() } else { source })
}

/// The leave that a row is a day of.
fn leave_of(row: &Json) -> &str {
    row["parent"]["id"].as_str().unwrap_or_else(|| id_of(row))
}

fn date(value: &Json) -> Option<NaiveDate> {
    value.as_str()?.get(..10)?.parse().ok()
}

fn decimal(value: &Json) -> Result<Decimal, Failed> {
    Ok(value.to_string().parse()?)
}

fn day_of(row: &Json, children: &BTreeMap<&str, &Json>) -> Option<LeaveDay> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let (day, hours) = (date(&row["date"])?, decimal(&row["hours"]).ok()?);
    let mut one = LeaveDay::new(leave_of(row), text(&row["leaveTypeId"]), day, hours);
    one.row = Some(text(&row["id"]));
    one.comment = text(&row["description"]);
    one.status = match row["status"].as_str() {
        Some("CONFIRMED") => LeaveStatus::Confirmed,
        Some("APPROVED") => LeaveStatus::Approved,
        _ => LeaveStatus::Pending,
    };
    let child = row["childId"].as_str().and_then(|id| children.get(id));
    one.child = child.map(|name| text(name));
    Some(one)
}

/// When an employee works: the most specific work week, of those that Alexis has.
fn schedule_of(employee: &Json, weeks: &[Json]) -> Result<Option<Schedule>, Failed> {
    let mut effective = Vec::new();
    for week in weeks {
        let (of_employee, of_office) = (&week["employeeId"], &week["officeId"]);
        let scope = match (of_employee.is_null(), of_office.is_null()) {
            (false, _) if *of_employee == employee["id"] => WorkWeekScope::Employee,
            (true, false) if *of_office == employee["officeId"] => WorkWeekScope::Office,
            (true, true) => WorkWeekScope::Company,
            _ => continue,
        };
        let mut hours = [Decimal::ZERO; 7];
        for (hours, name) in hours.iter_mut().zip(WEEKDAYS) {
            if week[name]["working"] == true {
                *hours = decimal(&week[name]["duration"])?;
            }
        }
        let from = date(&week["effectiveFrom"]).ok_or("a work week without a first day")?;
        let one = EffectiveWorkWeek::new(scope, from, WorkWeek::new(hours)?);
        effective.push(match date(&week["effectiveTo"]) {
            Some(to) => one.until(to),
            None => one,
        });
    }
    if effective.is_empty() {
        return Ok(None);
    }
    // Alexis makes rows for the days of its work week, and leaves out holidays only if its policy
    // says so: a row on one is right. Which hours a day has is all that the work week is for.
    Ok(Some(Schedule::weeks(
        WorkWeeks::new(effective)?,
        Holidays::none(),
    )))
}
