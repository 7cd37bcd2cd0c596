//! Revenues: sales that another system has invoiced, and the bank transactions that pay them.

use kleer_model::Client;

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::clients;
use crate::element::Element;
use crate::records::Record;
use crate::resource;
use crate::state::Books;

const REVENUES: &str = "revenues";
const TRANSACTIONS: &str = "bank-transactions";

fn illegal(message: impl AsRef<str>) -> Refusal {
    Refusal::business("IllegalArgumentException", message)
}

/// What was sent, as it is read. `message` and files are kept by Kleer, but cannot be read.
fn completed(books: &mut Books, mut revenue: Element) -> Result<Element, Refusal> {
    revenue.name = "revenue".to_owned();
    let new_client = revenue.child("new-client").cloned();
    if revenue.child("client").is_some() == new_client.is_some() {
        return Err(illegal("revenue-create: give either client or new-client"));
    }
    let day = revenue
        .text_at("transaction-date")
        .unwrap_or_default()
        .to_owned();
    let mut remaining = 0_i64;
    for row in revenue
        .children
        .iter_mut()
        .filter(|child| child.name == "row")
    {
        let id = books.records.next_id("revenue-rows", 85_000);
        row.set("id", id);
        let original = row.child("original-amount").cloned().unwrap_or_default();
        if row.child("accounting-amount").is_none() {
            let mut amount = Element::new("accounting-amount");
            for name in ["amount", "vat"] {
                amount.children.extend(original.child(name).cloned());
            }
            row.put(amount);
        }
        if row.child("period").is_none() {
            row.put(
                Element::new("period")
                    .having("start", &day)
                    .having("end", &day),
            );
        }
        for part in ["amount", "vat"] {
            let amount = row.number_at(&format!("accounting-amount/{part}"));
            remaining = remaining
                .checked_add(amount.unwrap_or_default())
                .ok_or_else(|| illegal("the revenue's sums are out of range"))?;
        }
    }
    let debit = revenue.child("debit-revenue");
    if remaining < 0 && debit.is_none() {
        return Err(illegal(
            "revenue-create/debit-revenue is required, because the total is negative",
        ));
    }
    if let Some(debit) = debit {
        find(books, debit)?;
    }
    // Last, so that a revenue that is refused makes no client.
    if let Some(new) = new_client {
        let id = self::new_client(books, &revenue, &new)?;
        revenue.put(Element::reference("client", id));
    }
    revenue.set("remaining-accounting-amount", remaining);
    Ok(revenue)
}

fn new_client(books: &mut Books, revenue: &Element, new: &Element) -> Result<i64, Refusal> {
    let country = revenue.text_at("country-code").unwrap_or("SE");
    let mut client = Client::new(new.text_at("name").unwrap_or_default(), country);
    client.foreign_id = new.text_at("foreign-id").unwrap_or_default().to_owned();
    client.client_type = new.text_at("client-type").map(str::to_owned);
    let id = books.ids.client(&books.clients);
    let client = clients::accepted(books, client, id, None)?;
    books.clients.insert(id, client);
    Ok(id.0.into())
}

/// The revenue that a reference names: by its id, or by the key of the other system.
fn find(books: &Books, reference: &Element) -> Result<i64, Refusal> {
    if let Some(id) = reference.number_at("id") {
        return match books.records.item(REVENUES, id) {
            Some(_) => Ok(id),
            None => Err(resource::kind("revenue")?.missing("revenue-reference", id)),
        };
    }
    let key = reference.text_at("external-id/id");
    let mut revenues = books.records.all(REVENUES);
    revenues
        .find(|(_, record)| record.item.text_at("external-id") == key)
        .map(|(id, _)| id)
        .ok_or_else(|| {
            Refusal::business(
                "RevenueDoesNotExistException",
                "there is no revenue with this external id",
            )
        })
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("revenue")?;
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let key = sent.text_at("external-id");
    if key.is_none() {
        return Err(illegal("revenue-create/external-id must not be empty"));
    }
    if books
        .records
        .items(REVENUES)
        .any(|other| other.text_at("external-id") == key)
    {
        return Err(Refusal::business(
            "RevenueAlreadyExistsException",
            "there is a revenue with this external id already",
        ));
    }
    let mut revenue = completed(books, sent)?;
    revenue.set("revision", 1);
    fit(&mut revenue)?;
    let id = resource::insert(books, kind, 0, revenue)?;
    Ok(Answer::done(call.endpoint, id))
}

fn fit(revenue: &mut Element) -> Result<(), Refusal> {
    if let Some((_, of)) = resource::kind("revenue")?.item() {
        crate::shape::fit(revenue, of, false);
    }
    Ok(())
}

/// Replaces a revenue by a new revision.
pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("revenue")?;
    let (id, record) = resource::known(books, call, kind)?;
    let revision = record.item.number_at("revision").unwrap_or(1) + 1;
    let key = record.item.text_at("external-id").map(str::to_owned);
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let sent = sent.child("create").cloned().unwrap_or_default();
    if sent.text_at("external-id") != key.as_deref() {
        return Err(illegal(
            "revenue-update/create/external-id is not the revenue's",
        ));
    }
    let mut revenue = completed(books, sent)?;
    revenue.set("revision", revision);
    revenue.set("id", id);
    fit(&mut revenue)?;
    let item = resource::canonical(REVENUES, &revenue)?;
    books.records.put(REVENUES, id, Record { parent: 0, item });
    Ok(Answer::done(call.endpoint, id))
}

fn remaining(books: &Books, list: &str, name: &str, id: i64) -> i64 {
    let item = books.records.item(list, id);
    item.and_then(|item| item.number_at(name))
        .unwrap_or_default()
}

fn set_remaining(books: &mut Books, list: &str, name: &str, id: i64, amount: i64) {
    if let Some(item) = books.records.item_mut(list, id) {
        item.set(name, amount);
    }
}

const OPEN_REVENUE: &str = "remaining-accounting-amount";
const OPEN_TRANSACTION: &str = "remaining-amount";

/// Says that bank transactions together pay revenues in full.
pub(crate) fn consolidate(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let mut revenues = Vec::new();
    for reference in sent.all("revenue-reference") {
        revenues.push(find(books, reference)?);
    }
    let transactions: Vec<i64> = sent
        .all("bank-transaction-reference")
        .filter_map(|reference| reference.number_at("id"))
        .collect();
    let sum = |ids: &[i64], list: &str, name: &str| {
        ids.iter().fold(0_i64, |sum, id| {
            sum.saturating_add(remaining(books, list, name, *id))
        })
    };
    let paid = sum(&transactions, TRANSACTIONS, OPEN_TRANSACTION);
    let owed = sum(&revenues, REVENUES, OPEN_REVENUE);
    let fees = ["amount", "vat"]
        .iter()
        .filter_map(|part| sent.number_at(&format!("transaction-fees/{part}")))
        .fold(0_i64, i64::saturating_add);
    let other = ["previous-ledger/amount/amount", "fx-amount"]
        .iter()
        .filter_map(|path| sent.number_at(path))
        .fold(0_i64, i64::saturating_add);
    if paid.saturating_add(fees).saturating_add(other) != owed {
        return Err(illegal(
            "the bank transactions, the fees and the differences do not add up to the revenues",
        ));
    }
    for id in &revenues {
        set_remaining(books, REVENUES, OPEN_REVENUE, *id, 0);
    }
    for id in &transactions {
        set_remaining(books, TRANSACTIONS, OPEN_TRANSACTION, *id, 0);
    }
    let result = Element::new("revenue-fuzzy-consolidation-result")
        .having("bank-transaction-count", transactions.len())
        .having("revenue-count", revenues.len())
        .having("bank-transaction-accounting-amount", paid)
        .having("revenue-accounting-amount", owed);
    Answer::canonical(&result)
}

/// Says which revenues a bank transaction pays.
pub(crate) fn pay(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("bank_transaction")?;
    let (id, _) = resource::known(books, call, kind)?;
    let sent = call.element()?;
    let mut left = remaining(books, TRANSACTIONS, OPEN_TRANSACTION, id);
    let mut paid = Vec::new();
    for entry in sent.all("revenue") {
        let reference = entry
            .child("revenue-reference")
            .cloned()
            .unwrap_or_default();
        let revenue = find(books, &reference)?;
        let amount = entry
            .number_at("bank-transaction-amount")
            .unwrap_or_default();
        let before = remaining(books, REVENUES, OPEN_REVENUE, revenue);
        let fees = entry
            .number_at("transaction-fees/amount")
            .unwrap_or_default();
        let open = before.saturating_sub(amount).saturating_sub(fees);
        left = left.saturating_sub(amount);
        paid.push((
            revenue,
            amount,
            open,
            entry.child("revenue-amount").cloned(),
        ));
    }
    if left < 0 {
        return Err(illegal(
            "the revenues take more than the bank transaction has left",
        ));
    }
    if sent.is_true_at("require-full-consolidation")
        && (left != 0 || paid.iter().any(|(_, _, open, _)| *open != 0))
    {
        return Err(illegal(
            "something would remain, and require-full-consolidation is true",
        ));
    }
    let distributions = resource::kind("bank_transaction_distribution")?;
    for (revenue, amount, open, native) in paid {
        set_remaining(books, REVENUES, OPEN_REVENUE, revenue, open);
        let native = native.unwrap_or_else(|| {
            Element::new("")
                .having("currency-type", &books.information.accounting_currency)
                .having("amount", amount)
        });
        let distribution = Element::new(distributions.item().map_or("", |(name, _)| name))
            .having("id", 0)
            .with(Element::new("revenue").having("id", revenue))
            .having("comment", "")
            .with(native.named("native-amount"))
            .having("accounting-amount", amount)
            .having("registration-date", books.today());
        resource::insert(books, distributions, id, distribution)?;
    }
    set_remaining(books, TRANSACTIONS, OPEN_TRANSACTION, id, left);
    Ok(Answer::done(call.endpoint, id))
}
