//! Reported time: events, the locks of days, and what may be reported on a client project.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::resource::{self, Resource};
use crate::state::Books;

const EVENTS: &str = "event-readables";

fn kind() -> Result<&'static Resource, Refusal> {
    resource::kind("event")
}

/// Events of a span of days: the current week, unless days are given.
pub(crate) fn list(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (monday, sunday) = week_of(books.today());
    let (start, end) = match (call.query.date("startDate")?, call.query.date("endDate")?) {
        (None, None) => (monday, sunday),
        // How Kleer fills in one of the two is not known: the span is open then.
        (start, end) => (
            start.unwrap_or(NaiveDate::MIN),
            end.unwrap_or(NaiveDate::MAX),
        ),
    };
    let wanted = [
        ("user/id", call.query.number::<i64>("userId")?),
        ("activity/id", call.query.number("activityId")?),
        ("client-project/id", call.query.number("clientProjectId")?),
    ];
    resource::list(books, call, kind()?, &|event| {
        let in_span = event
            .date_at("date")
            .is_some_and(|date| start <= date && date <= end);
        let fits = |(path, id): &(&str, Option<i64>)| {
            id.is_none_or(|id| event.number_at(path) == Some(id))
        };
        in_span && wanted.iter().all(fits)
    })
}

fn week_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let monday = day - Days::new(u64::from(day.weekday().num_days_from_monday()));
    (monday, monday + Days::new(6))
}

pub(crate) fn read(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    visible(books, call)?;
    resource::read(books, call, kind()?)
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sent = call.element();
    // Refused with 500 before anything else, although the schema makes it look like a bad request.
    let lacks_key = match &sent {
        Ok(sent) => sent.text_at("foreign-id").is_none(),
        Err(_) => !call
            .body
            .windows(b"<foreign-id>".len())
            .any(|text| text == b"<foreign-id>"),
    };
    let looks_like_event = call
        .body
        .windows(b"<event-writable".len())
        .any(|text| text == b"<event-writable");
    if lacks_key && looks_like_event {
        return Err(Refusal::kleer_error("Tekniskt fel".to_owned()));
    }
    resource::create(books, call, kind()?, &completed)
}

pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    changeable(visible(books, call)?)?;
    resource::update(books, call, kind()?, &completed)
}

pub(crate) fn delete(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    changeable(visible(books, call)?)?;
    resource::delete(books, call, kind()?)
}

/// The event of the path. One that is not there looks like one that the user may not see.
fn visible<'a>(books: &'a Books, call: &Call<'_>) -> Result<&'a Element, Refusal> {
    let id = call.last_id()?;
    books.records.item(EVENTS, id).ok_or_else(|| {
        Refusal::business(
            "EventAccessDeniedException",
            format!("Otillåten access till händelse {id}"),
        )
    })
}

/// Only an open event can be changed.
fn changeable(event: &Element) -> Result<(), Refusal> {
    match event.text_at("status/type") {
        Some("Open") | None => Ok(()),
        Some(status) => Err(Refusal::business(
            "EventLockedException",
            format!(
                "Händelsen är låst ({}): only an open event can be changed",
                swedish(status)
            ),
        )),
    }
}

fn swedish(status: &str) -> &'static str {
    match status {
        "Certified" => "certifierad",
        "Approved" => "godkänd",
        _ => "låst",
    }
}

/// What is kept of an event that was sent.
fn completed(books: &Books, event: &mut Element, before: Option<&Element>) -> Result<(), Refusal> {
    // Integrations leave the key out of updates: it must not be lost.
    if event.text_at("foreign-id").is_none()
        && let Some(key) = before.and_then(|before| before.text_at("foreign-id"))
    {
        event.set("foreign-id", key);
    }
    let user = event.id_at("user/id").unwrap_or_default();
    let activity = event.id_at("activity/id").unwrap_or_default();
    let project = event.id_at("client-project/id");
    let day = event.date_at("date");
    // Integrations write the id 0 for "none".
    if project.is_none() {
        event.remove("client-project");
    }
    for (kind, id) in [("user", user), ("activity", activity)] {
        if id == 0 {
            return Err(resource::kind(kind)?.missing(&format!("event-writable/{kind}"), 0));
        }
    }
    if let Some(day) = day
        && let Some(status) = lock_of(books, user, day, project)
    {
        return Err(Refusal::business(
            "EventLockedException",
            format!("Dagen {day} är låst ({}) för användaren", swedish(&status)),
        ));
    }
    check_hours(event)?;
    let known = books.records.item("activity-readables", activity);
    if known.is_some_and(|activity| activity.is_true_at("mandatory-child-when-reporting"))
        && event.text_at("child").is_none()
    {
        return Err(illegal(
            "event-writable/child is required for this activity",
        ));
    }
    let mut price = known.and_then(|activity| activity.number_at("price"));
    if let Some(project) = project
        && let Some(project) = books.records.item("client-project-readables", project)
    {
        may_report(project, user, activity)?;
        price = project_price(project, activity).or(price);
    }
    let is_invoiceable = project.is_some() && price.is_some();
    event.set("invoiceable", is_invoiceable);
    event.set("invoiced-hours", 0);
    event.set("invoiced-price", 0);
    if before.is_none() {
        event.set("approved", false);
        event.put(status("Open", books.user, books.today()));
    }
    Ok(())
}

fn check_hours(event: &Element) -> Result<(), Refusal> {
    let hours = event.decimal_at("hours").unwrap_or_default();
    if hours.is_sign_negative() || hours > 24.into() {
        return Err(illegal("event-writable/hours is not between 0 and 24"));
    }
    Ok(())
}

fn illegal(message: &str) -> Refusal {
    Refusal::business("IllegalArgumentException", message)
}

fn status(kind: &str, user: i64, day: NaiveDate) -> Element {
    Element::new("status")
        .having("type", kind)
        .with(Element::reference("registration-user", user))
        .having("registration-date", day)
}

/// Whether a user may report an activity on a client project.
///
/// All activities are allowed if the project says so; else those of the project, and if the user
/// has some there, only those that both have. If only the user has some, they count.
pub(crate) fn may_report(project: &Element, user: i64, activity: i64) -> Result<(), Refusal> {
    let denied = |why: &str| Err(Refusal::business("EventAccessDeniedException", why));
    if project.text_at("status") != Some("Open") || !project.is_true_at("active") {
        return denied("the client project is not open");
    }
    let own = project
        .all("user")
        .find(|entry| entry.number_at("user/id") == Some(user));
    if own.is_none() && !project.is_true_at("all-users") {
        return denied("the user is not in the client project");
    }
    if project.is_true_at("all-activities") {
        return Ok(());
    }
    let ids = |element: &Element| -> BTreeSet<i64> {
        element
            .all("activity")
            .filter_map(|entry| entry.number_at("activity/id"))
            .collect()
    };
    let of_project = ids(project);
    let of_user = own.map(ids).unwrap_or_default();
    let allowed = match (of_project.is_empty(), of_user.is_empty()) {
        (false, false) => of_project.contains(&activity) && of_user.contains(&activity),
        (false, true) => of_project.contains(&activity),
        (true, _) => of_user.contains(&activity),
    };
    if allowed {
        Ok(())
    } else {
        denied("the activity is not in the client project, or not the user's there")
    }
}

fn project_price(project: &Element, activity: i64) -> Option<i64> {
    let mut entries = project.all("activity");
    entries
        .find(|entry| entry.number_at("activity/id") == Some(activity))?
        .number_at("price")
}

/// How a day of a user is locked: by an event of it that is certified or approved, or by a request
/// for its span of days. A lock for one client project holds there only.
pub(crate) fn lock_of(
    books: &Books,
    user: i64,
    day: NaiveDate,
    project: Option<i64>,
) -> Option<String> {
    let locks = books.locks.iter().rev();
    let of_request = locks
        .filter(|lock| lock.user == user && lock.start <= day && day <= lock.end)
        .find(|lock| lock.project.is_none() || lock.project == project)
        .map(|lock| lock.status.clone());
    of_request.filter(|status| status != "Open")
}

/// A span of days of a user that was certified, approved or opened again.
#[derive(Debug)]
pub(crate) struct Lock {
    user: i64,
    project: Option<i64>,
    start: NaiveDate,
    end: NaiveDate,
    status: String,
}

/// How each day of a user stands.
pub(crate) fn statuses(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let user = call.query.number("userId")?.unwrap_or(books.user);
    let (monday, sunday) = week_of(books.today());
    let start = call.query.date("fromDate")?.unwrap_or(monday);
    let end = call.query.date("toDate")?.unwrap_or(sunday);
    check_span(start, end)?;
    if !books.exists("user", user) {
        return Err(resource::kind("user")?.missing("userId", user));
    }
    let mut statuses = Element::new("event-restriction-readables");
    for day in start.iter_days().take_while(|day| *day <= end) {
        let kind = lock_of(books, user, day, None).unwrap_or_else(|| "Open".to_owned());
        let status = Element::new("status")
            .having("type", kind)
            .with(Element::reference("registration-user", user))
            .having("event-date", day);
        statuses = statuses.with(Element::new("event-restriction-readable").with(status));
    }
    Ok(Answer::element(&statuses))
}

/// Refuses a span that ends before it starts, or that is longer than ten years.
pub(crate) fn check_span(start: NaiveDate, end: NaiveDate) -> Result<(), Refusal> {
    let days = (end - start).num_days();
    if (0..=3_660).contains(&days) {
        Ok(())
    } else {
        Err(Refusal::bad_request(
            "the span of days ends before it starts, or is longer than ten years",
        ))
    }
}

pub(crate) fn certify(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    set_status(books, call, "Certified", &["Open"])
}

pub(crate) fn approve(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    set_status(books, call, "Approved", &["Open", "Certified"])
}

pub(crate) fn unlock(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    set_status(books, call, "Open", &["Certified", "Approved"])
}

fn set_status(
    books: &mut Books,
    call: &Call<'_>,
    to: &str,
    from: &[&str],
) -> Result<Answer, Refusal> {
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let user = sent.id_at("user-id/id").unwrap_or_default();
    if user == 0 {
        return Err(resource::kind("user")?.missing("user-id", 0));
    }
    let project = sent.id_at("client-project-id/id");
    let (Some(start), Some(end)) = (sent.date_at("start-date"), sent.date_at("end-date")) else {
        return Err(Refusal::bad_request("the span of days is no such"));
    };
    check_span(start, end)?;
    let ids: Vec<i64> = books
        .records
        .all(EVENTS)
        .filter(|(_, record)| {
            let event = &record.item;
            let date = event.date_at("date").unwrap_or_default();
            event.number_at("user/id") == Some(user)
                && (start..=end).contains(&date)
                && project.is_none_or(|id| event.number_at("client-project/id") == Some(id))
                && event
                    .text_at("status/type")
                    .is_some_and(|status| from.contains(&status))
        })
        .map(|(id, _)| id)
        .collect();
    let (by, today) = (books.user, books.today());
    for id in ids {
        if let Some(event) = books.records.item_mut(EVENTS, id) {
            event.put(status(to, by, today));
            event.set("approved", to != "Open");
        }
    }
    books.locks.push(Lock {
        user,
        project,
        start,
        end,
        status: to.to_owned(),
    });
    Ok(Answer::done(call.endpoint, user))
}
