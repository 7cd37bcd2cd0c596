//! Expenses: receipts, entries, and reports of entries.

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::resource::{self, Resource};
use crate::state::Books;

const ENTRIES: &str = "expense-entry-readables";

/// The types of expenses that the company knows: id, name, classification.
const TYPES: &[(i64, &str, &str)] = &[
    (1, "Övrigt", "Basic"),
    (2, "Resor", "Basic"),
    (3, "Representation", "Representation"),
];

fn expense_type(name: &str, id: i64) -> Option<Element> {
    let (_, title, classification) = TYPES.iter().find(|(known, ..)| *known == id)?;
    Some(
        Element::new(name)
            .having("id", id)
            .having("name", title)
            .having("description", "")
            .having("classification", classification)
            .with(Element::new("dimensions")),
    )
}

fn illegal(message: impl AsRef<str>) -> Refusal {
    Refusal::business("IllegalArgumentException", message)
}

/// Takes the bytes of a receipt.
pub(crate) fn upload(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    if call.body.is_empty() {
        return Err(Refusal::bad_request("the request has no file in its body"));
    }
    let file = Element::new("expense-file")
        .having("description", "")
        .having("filename", "kvitto")
        .having("thumbnail", "")
        .having("registration-date", books.now());
    let id = resource::insert(books, resource::kind("expense_file")?, 0, file)?;
    Ok(Answer::done(call.endpoint, id))
}

/// The receipts that are in no entry.
pub(crate) fn list_files(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let used: Vec<i64> = books
        .records
        .items(ENTRIES)
        .filter_map(|entry| entry.number_at("expense-file/id"))
        .collect();
    resource::list(books, call, resource::kind("expense_file")?, &|file| {
        file.number_at("id").is_none_or(|id| !used.contains(&id))
    })
}

fn entries() -> Result<&'static Resource, Refusal> {
    resource::kind("expense_entry")
}

pub(crate) fn create_entry(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    resource::create(books, call, entries()?, &completed)
}

pub(crate) fn update_entry(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (id, record) = resource::known(books, call, entries()?)?;
    if record.item.child("expense-nr").is_some() {
        return Err(Refusal::business(
            "ExpenseEntryLockedException",
            format!("expense entry {id} is in an expense report (låst)"),
        ));
    }
    resource::update(books, call, entries()?, &completed)
}

/// References become what they refer to.
fn completed(books: &Books, entry: &mut Element, before: Option<&Element>) -> Result<(), Refusal> {
    let id = entry.number_at("expense-type/id").unwrap_or_default();
    let kind = expense_type("expense-type", id).ok_or_else(|| {
        illegal(format!(
            "expense-entry-writable/expense-type: there is no type {id}"
        ))
    })?;
    entry.put(kind);
    if entry.child("company-card").is_some() {
        return Err(illegal(
            "expense-entry-writable/company-card: the sandbox's company has no cards",
        ));
    }
    if entry.child("persons").is_none() {
        let user = books.records.item("users", books.user);
        let name = user.and_then(|user| user.text_at("name")).unwrap_or("-");
        entry.put(Element::new("persons").having("name", name));
    }
    if let Some(shares) = entry.child_mut("dimension-entries") {
        for share in &mut shares.children {
            let id = share.number_at("id").unwrap_or_default();
            *share = named_entry(books, id);
        }
    }
    let project = entry.id_at("re-invoicing/client-project/id");
    let mut reinvoicing = Element::new("re-invoicing");
    if let Some(id) = project {
        let item = books.records.item("client-project-readables", id);
        let name = item
            .and_then(|item| item.text_at("name"))
            .unwrap_or_default();
        reinvoicing = reinvoicing.with(
            Element::new("client-project")
                .having("id", id)
                .having("name", name),
        );
    }
    entry.put(reinvoicing);
    entry.set("currency-rate", 1);
    let day = entry.text_at("date").unwrap_or_default().to_owned();
    entry.set("period-start-date", &day);
    entry.set("period-end-date", &day);
    if before.is_none() {
        entry.set("registration-date", books.now());
    }
    Ok(())
}

/// A dimension entry with its dimension, as expenses show it.
fn named_entry(books: &Books, id: i64) -> Element {
    let record = books.records.get("dimension-entries", id);
    let name = |item: Option<&Element>| {
        item.and_then(|item| item.text_at("name"))
            .unwrap_or_default()
            .to_owned()
    };
    let parent = record.map(|record| record.parent).unwrap_or_default();
    let dimension = books.records.item("dimensions", parent);
    Element::new("dimension-entry")
        .having("id", id)
        .having("name", name(record.map(|record| &record.item)))
        .with(
            Element::new("dimension")
                .having("id", parent)
                .having("name", name(dimension)),
        )
}

/// Makes a report of entries, each of which is in one report at most.
pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let ids: Vec<i64> = sent
        .child("expense-entries")
        .into_iter()
        .flat_map(|entries| &entries.children)
        .filter_map(|entry| entry.number_at("id"))
        .collect();
    let mut amount = 0_i64;
    for (place, id) in ids.iter().enumerate() {
        let entry = books.records.item(ENTRIES, *id);
        let entry = entry.ok_or_else(|| illegal(format!("there is no expense entry {id}")))?;
        if entry.child("expense-nr").is_some() || ids.iter().take(place).any(|one| one == id) {
            return Err(illegal(format!(
                "expense entry {id} is in a report already"
            )));
        }
        amount = amount.saturating_add(entry.number_at("amount").unwrap_or_default());
    }
    let last = books
        .records
        .items("expense-readables")
        .filter_map(|one| one.number_at("nr"));
    let number = last.max().unwrap_or(0) + 1;
    let expense = Element::new("expense")
        .having("id", 0)
        .having("nr", number)
        .having("date", books.today())
        .having("amount", amount)
        .having("currency-type", &books.information.accounting_currency)
        .having("reimbursed", false)
        .having("paid", false)
        .having("entries", ids.len())
        .having("certified", false)
        .having("approved", false);
    let id = resource::insert(books, resource::kind("expense")?, 0, expense)?;
    for entry in ids {
        if let Some(mut item) = books.records.item(ENTRIES, entry).cloned() {
            item.set("expense-nr", number);
            let item = resource::canonical(ENTRIES, &item)?;
            let record = crate::records::Record { parent: 0, item };
            books.records.put(ENTRIES, entry, record);
        }
    }
    Ok(Answer::done(call.endpoint, id))
}

/// What a user may choose in an entry.
pub(crate) fn form(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    let mut types = Element::new("expense-types");
    types.children = TYPES
        .iter()
        .filter_map(|(id, ..)| expense_type("expense-type", *id))
        .collect();
    let mut currencies = Element::new("currency-types");
    for currency in ["SEK", "EUR", "USD", "NOK", "DKK", "GBP"] {
        currencies = currencies.having("currency-type", currency);
    }
    let mut rates = Element::new("vat-percentages");
    for percent in [25, 12, 6, 0] {
        let rate = kleer_model::Rate::from_percent(percent.into(), books.rate_unit);
        rates = rates.having("vat-percentage", rate.0.normalize());
    }
    let sweden = Element::new("country").having("code", "SE").with(rates);
    let mut projects = Element::new("re-invoicing");
    for project in books.records.items("client-project-readables") {
        if project.text_at("status") == Some("Open") {
            projects = projects.with(named("client-project", project, "id/id"));
        }
    }
    let mut dimensions = Element::new("dimensions");
    for (id, record) in books.records.all("dimensions") {
        let mut entries = Element::new("entries");
        for (_, entry) in books.records.all("dimension-entries") {
            if entry.parent == id {
                entries = entries.with(named("entry", &entry.item, "id"));
            }
        }
        let shown = named("dimension", &record.item, "id");
        dimensions = dimensions.with(shown.having("required", false).with(entries));
    }
    let form = Element::new("expense-entry-form")
        .with(Element::new("company-cards"))
        .with(types)
        .with(currencies)
        .with(Element::new("countries").with(sweden))
        .with(dimensions)
        .with(projects);
    Answer::canonical(&form)
}

fn named(name: &str, item: &Element, id: &str) -> Element {
    Element::new(name)
        .having("id", item.text_at(id).unwrap_or_default())
        .having("name", item.text_at("name").unwrap_or_default())
}

/// What an entry says unless the user chooses.
pub(crate) fn form_defaults(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    let mut defaults = Element::new("expense-entry-form-defaults")
        .having("date", books.today())
        .having("description", "")
        .having("digital", true)
        .having("currency-type", &books.information.accounting_currency)
        .having("country-code", "SE")
        .with(Element::new("dimensions"));
    defaults.children.extend(expense_type("type", 1));
    Answer::canonical(&defaults)
}
