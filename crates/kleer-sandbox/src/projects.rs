//! Projects of the accounts, and client projects.

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::resource::{self, Resource};
use crate::state::Books;

const CLIENT_PROJECTS: &str = "client-project-readables";

/// What each project of the accounts has earned and cost: nothing, since no voucher names one.
pub(crate) fn metadata(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    let mut list = Element::new("projects-metadata");
    for project in books.records.items("projects") {
        let mut shown = Element::new("project");
        for name in ["id", "name"] {
            shown.children.extend(project.child(name).cloned());
        }
        for sum in ["revenue", "cost", "profit", "margin"] {
            shown = shown.having(sum, 0);
        }
        list = list.with(shown);
    }
    Answer::canonical(&list)
}

fn kind() -> Result<&'static Resource, Refusal> {
    resource::kind("client_project")
}

pub(crate) fn list(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let wanted = match call.query.text("filter").unwrap_or("all") {
        "all" => None,
        "active" => Some(true),
        "inactive" => Some(false),
        _ => {
            return Err(Refusal::bad_request(
                "the query parameter filter is not all, active or inactive",
            ));
        }
    };
    resource::list(books, call, kind()?, &|project| {
        wanted.is_none_or(|active| project.is_true_at("active") == active)
    })
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    resource::create(books, call, kind()?, &completed)
}

pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    resource::update(books, call, kind()?, &completed)
}

/// Client, name and fixed price are set by the create only.
fn completed(
    books: &Books,
    project: &mut Element,
    before: Option<&Element>,
) -> Result<(), Refusal> {
    if project
        .child("broker-client")
        .is_some_and(|broker| broker.nil)
    {
        project.remove("broker-client");
    }
    match before {
        None => {
            project.set("active", true);
            project.set("status", "Open");
            if project.text_at("opening-date").is_none() {
                project.set("opening-date", books.today());
            }
        }
        Some(before) => {
            for fixed in ["client", "name", "fixed-price"] {
                project.remove(fixed);
                project.children.extend(before.child(fixed).cloned());
            }
        }
    }
    if project.text_at("name").is_none() {
        return Err(Refusal::business(
            "IllegalArgumentException",
            "client-project-writeable/name must not be empty",
        ));
    }
    if project.text_at("currency-type").is_none() {
        let currency = before
            .and_then(|before| before.text_at("currency-type"))
            .unwrap_or(&books.information.accounting_currency);
        project.set("currency-type", currency);
    }
    // Output only: the ids of planned invoices.
    Ok(())
}

pub(crate) fn close(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    set_status(books, call, "Closed")
}

pub(crate) fn open(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    set_status(books, call, "Open")
}

fn set_status(books: &mut Books, call: &Call<'_>, status: &str) -> Result<Answer, Refusal> {
    let (id, _) = resource::known(books, call, kind()?)?;
    if let Some(project) = books.records.item_mut(CLIENT_PROJECTS, id) {
        project.set("status", status);
        project.set("active", status == "Open");
    }
    Ok(Answer::done(call.endpoint, id))
}
