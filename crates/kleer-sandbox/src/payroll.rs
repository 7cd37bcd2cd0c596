//! Employees, their absences and children.

use chrono::{Datelike, NaiveDate};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::events;
use crate::records::Record;
use crate::resource::{self, Resource};
use crate::setup;
use crate::shape;
use crate::state::Books;

const EMPLOYEES: &str = "payroll-user-readables";

/// Employees are kept under the ids of their users.
pub(crate) fn read(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let employee = employee(books, call)?;
    Ok(Answer::element(&resource::as_root(call.endpoint, employee)))
}

/// The employee that the path begins with. 500 for a user without an employment, as Kleer answers.
pub(crate) fn employee<'a>(books: &'a Books, call: &Call<'_>) -> Result<&'a Element, Refusal> {
    let id: i64 = call.id()?;
    books.records.item(EMPLOYEES, id).ok_or_else(|| {
        Refusal::business(
            "PayrollUserDoesNotExistException",
            format!("there is no payroll user {id}"),
        )
    })
}

/// Employs a user. Who is employed already keeps the one employment: it is changed.
pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id: i64 = call.id()?;
    if !books.exists("user", id) {
        return Err(resource::kind("user")?.unknown(id));
    }
    if books.records.item(EMPLOYEES, id).is_some() {
        return Err(Refusal::business(
            "PayrollUserAlreadyExistsException",
            format!("user {id} has an employment; POST changes it"),
        ));
    }
    let sent = call.element()?;
    for required in ["ssn", "employment-start-date"] {
        if sent.text_at(required).is_none() {
            return Err(illegal(&format!(
                "payroll-user-writable/{required} is required to employ a user"
            )));
        }
    }
    let blank = Element::new("payroll-user-readable")
        .with(Element::reference("user", id))
        .having("country-code", "SE")
        .with(Element::reference("manager-user", books.user));
    keep(books, call, id, sent, blank)
}

/// Changes an employment: what is absent stays.
pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let before = employee(books, call)?.clone();
    let sent = call.element()?;
    keep(books, call, call.id()?, sent, before)
}

fn keep(
    books: &mut Books,
    call: &Call<'_>,
    id: i64,
    mut sent: Element,
    mut employee: Element,
) -> Result<Answer, Refusal> {
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    check(&sent)?;
    // A wrapper, so that "no end" and "the end stays" differ.
    if let Some(end) = sent.child("employment-end-date").cloned() {
        sent.remove("employment-end-date");
        match end.text_at("employment-end-date") {
            Some(day) => employee.set("employment-end-date", day),
            None => employee.remove("employment-end-date"),
        }
    }
    if let Some(entitlement) = sent.child("vacation-entitlement").cloned() {
        sent.remove("vacation-entitlement");
        let start = entitlement.text_at("start-date").map(str::to_owned);
        if let Some(all) = employee.child_mut("vacation-entitlements") {
            all.children
                .retain(|known| known.text_at("start-date") != start.as_deref());
            all.children.push(entitlement);
        }
    }
    let today = books.today();
    let first_of_month = today.with_day(1).unwrap_or(today);
    for kind in ["monthly", "hourly"] {
        let (salary, from) = (
            format!("{kind}-salary"),
            format!("{kind}-salary-start-date"),
        );
        if sent.text_at(&salary).is_some() && sent.text_at(&from).is_none() {
            sent.set(&from, first_of_month);
        }
    }
    if let Some(salary) = sent.number_at("monthly-salary")
        && let Some(from) = sent.date_at("monthly-salary-start-date")
    {
        remember_salary(&mut employee, salary, from);
    }
    for child in sent.children {
        employee.put(child);
    }
    if let Some((_, of)) = resource::kind("payroll_user")?.item() {
        shape::fit(&mut employee, of, false);
    }
    let item = resource::canonical(EMPLOYEES, &employee)?;
    books.records.put(EMPLOYEES, id, Record { parent: 0, item });
    Ok(Answer::done(call.endpoint, id))
}

fn remember_salary(employee: &mut Element, salary: i64, from: NaiveDate) {
    if let Some(history) = employee.child_mut("full-history-monthly-salaries") {
        history
            .children
            .retain(|known| known.date_at("monthly-salary-start-date") != Some(from));
        let entry = Element::new("full-history-monthly-salary")
            .having("monthly-salary", salary)
            .having("monthly-salary-start-date", from);
        history.children.push(entry);
    }
}

/// What no employee can have. Only what is certain: digits of a personal number, a country's two
/// letters, days in order.
fn check(sent: &Element) -> Result<(), Refusal> {
    if let Some(ssn) = sent.text_at("ssn") {
        let digits = ssn.bytes().filter(u8::is_ascii_digit).count();
        let others = ssn.bytes().filter(|byte| !byte.is_ascii_digit());
        if !matches!(digits, 10 | 12) || others.into_iter().any(|byte| !b"-+".contains(&byte)) {
            return Err(illegal(
                "payroll-user-writable/ssn is not written YYYYMMDD-NNNN",
            ));
        }
    }
    if let Some(country) = sent.text_at("country-code")
        && (country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err(illegal(
            "payroll-user-writable/country-code is not two capital letters (ISO 3166)",
        ));
    }
    Ok(())
}

fn illegal(message: &str) -> Refusal {
    Refusal::business("IllegalArgumentException", message)
}

fn absences() -> Result<&'static Resource, Refusal> {
    resource::kind("payroll_event")
}

/// A user's absences over a span of days: those reported as such, and the events of activities that
/// stand for one.
pub(crate) fn list_absences(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    employee(books, call)?;
    let user: i64 = call.id()?;
    let (from, to) = (call.date("from-date")?, call.date("to-date")?);
    events::check_span(from, to)?;
    let in_span = |item: &Element| {
        let date = item.date_at("date");
        date.is_some_and(|date| from <= date && date <= to)
    };
    let mut items: Vec<Element> = books
        .records
        .all("payroll-events")
        .filter(|(_, record)| record.parent == user && in_span(&record.item))
        .map(|(_, record)| record.item.clone())
        .collect();
    for event in books.records.items("event-readables") {
        if event.number_at("user/id") == Some(user) && in_span(event) {
            items.extend(as_absence(books, event));
        }
    }
    items.sort_by_key(|item| item.date_at("date"));
    let mut list = Element::new("payroll-events");
    list.children = items;
    Ok(Answer::element(&list))
}

/// An event without a client project, on an activity that stands for an absence.
fn as_absence(books: &Books, event: &Element) -> Option<Element> {
    if event.child("client-project").is_some() {
        return None;
    }
    let activity = event.number_at("activity/id")?;
    let activity = books.records.item("activity-readables", activity)?;
    let kind = setup::absence(activity.text_at("name")?)?;
    let mut absence = Element::new("payroll-event")
        .having("id", event.number_at("id/id")?)
        .having("date", event.date_at("date")?)
        .having("hours", event.text_at("hours")?)
        .having("type", kind);
    if let Some(child) = event.text_at("child") {
        absence = absence.having("child", child);
    }
    Some(absence.having("comment", event.text_at("comment").unwrap_or_default()))
}

pub(crate) fn create_absence(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let employee = employee(books, call)?.clone();
    resource::create(books, call, absences()?, &|books, absence, _| {
        accepted_absence(books, &employee, absence)
    })
}

pub(crate) fn update_absence(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let employee = employee(books, call)?.clone();
    resource::update(books, call, absences()?, &|books, absence, before| {
        not_locked(books, &employee, before)?;
        accepted_absence(books, &employee, absence)
    })
}

pub(crate) fn delete_absence(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let employee = employee(books, call)?;
    let (_, record) = resource::known(books, call, absences()?)?;
    not_locked(books, employee, Some(&record.item))?;
    resource::delete(books, call, absences()?)
}

/// An absence on a day that is locked is neither added, changed nor deleted.
fn not_locked(books: &Books, employee: &Element, absence: Option<&Element>) -> Result<(), Refusal> {
    let user = employee.number_at("user/id").unwrap_or_default();
    let day = absence.and_then(|absence| absence.date_at("date"));
    match day.and_then(|day| events::lock_of(books, user, day, None).map(|_| day)) {
        Some(day) => Err(Refusal::business(
            "EventLockedException",
            format!("Dagen {day} är låst för användaren"),
        )),
        None => Ok(()),
    }
}

fn accepted_absence(
    books: &Books,
    employee: &Element,
    absence: &mut Element,
) -> Result<(), Refusal> {
    not_locked(books, employee, Some(absence))?;
    let hours = absence.decimal_at("hours").unwrap_or_default();
    if hours.is_sign_negative() || hours > 24.into() {
        return Err(illegal("payroll-event/hours is not between 0 and 24"));
    }
    let child = absence.text_at("child");
    let needs_child = matches!(absence.text_at("type"), Some("Childcare" | "ParentalLeave"));
    if needs_child && child.is_none() {
        return Err(illegal(
            "payroll-event/child is required for this type of absence",
        ));
    }
    Ok(())
}

/// Registers a child of an employee.
pub(crate) fn create_child(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut employee = employee(books, call)?.clone();
    let id: i64 = call.id()?;
    let child = call.element()?.named("child");
    if child.text_at("name").is_none() {
        return Err(illegal("payroll-child/name is required"));
    }
    if let Some(children) = employee.child_mut("children") {
        children.children.push(child);
    }
    let item = resource::canonical(EMPLOYEES, &employee)?;
    books.records.put(EMPLOYEES, id, Record { parent: 0, item });
    Ok(Answer::done(call.endpoint, id))
}
