//! Vouchers, the balances that they make, and rates of exchange.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::events;
use crate::resource::{self, Resource};
use crate::state::Books;

const VOUCHERS: &str = "vouchers-readable";

fn illegal(message: impl AsRef<str>) -> Refusal {
    Refusal::business("IllegalArgumentException", message)
}

fn transactions(voucher: &Element) -> impl Iterator<Item = &Element> {
    let wrapper = voucher.child("transactions");
    wrapper.into_iter().flat_map(|wrapper| &wrapper.children)
}

fn year_of(books: &Books, day: NaiveDate) -> Option<i64> {
    let mut years = books.records.all("accounting-year-readables");
    years
        .find(|(_, record)| {
            record
                .item
                .date_at("start-date")
                .is_some_and(|start| start <= day)
                && record
                    .item
                    .date_at("end-date")
                    .is_some_and(|end| day <= end)
        })
        .map(|(id, _)| id)
}

/// Books a voucher: balanced, within an accounting year, numbered in its series.
pub(crate) fn create_voucher(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("voucher")?;
    resource::create(books, call, kind, &|books, voucher, _| {
        completed(books, voucher)
    })
}

fn completed(books: &Books, voucher: &mut Element) -> Result<(), Refusal> {
    let day = voucher.date_at("date").unwrap_or_default();
    let Some(year) = year_of(books, day) else {
        return Err(illegal(format!(
            "voucher-writeable/date: {day} is in no accounting year"
        )));
    };
    let serie = voucher.text_at("serie").unwrap_or_default().to_owned();
    if serie.is_empty() {
        return Err(illegal("voucher-writeable/serie must not be empty"));
    }
    let (mut sum, mut turnover) = (0_i64, 0_i64);
    for transaction in transactions(voucher) {
        let amount = transaction.number_at("amount").unwrap_or_default();
        let added = sum
            .checked_add(amount)
            .zip(turnover.checked_add(amount.max(0)));
        (sum, turnover) = added.ok_or_else(|| illegal("the voucher's sums are out of range"))?;
        let number = transaction.number_at("account-nr");
        let mut accounts = books.records.items("account-metadatas");
        if !accounts.any(|account| account.number_at("accountNr") == number) {
            let number = number.unwrap_or_default();
            return Err(illegal(format!("there is no account {number}")));
        }
    }
    if sum != 0 {
        return Err(illegal("the voucher's transactions do not add up to 0"));
    }
    let numbers = books.records.items(VOUCHERS).filter(|other| {
        other.text_at("serie") == Some(&serie)
            && other.date_at("date").and_then(|day| year_of(books, day)) == Some(year)
    });
    let last = numbers.filter_map(|other| other.number_at("number")).max();
    voucher.set("number", last.unwrap_or(0) + 1);
    voucher.set("turnover", turnover);
    let currency = books.information.accounting_currency.clone();
    if let Some(all) = voucher.child_mut("transactions") {
        for transaction in &mut all.children {
            show_transaction(transaction, &currency);
        }
    }
    Ok(())
}

/// Dimensions are read with amounts, and amounts with their currencies.
fn show_transaction(transaction: &mut Element, currency: &str) {
    let amount = transaction.text_at("amount").unwrap_or("0").to_owned();
    let mut entries = Element::new("dimension-entries");
    let shares = transaction
        .child("dimensions")
        .map(|all| all.children.clone());
    for share in shares.into_iter().flatten() {
        let id = share.number_at("id").unwrap_or_default();
        let part = share.decimal_at("percentage").unwrap_or(Decimal::ONE);
        let whole: Decimal = amount.parse().unwrap_or_default();
        let share = part.checked_mul(whole).unwrap_or_default().round();
        entries = entries.with(
            Element::new("dimension-entry")
                .with(Element::reference("id", id))
                .having("amount", share),
        );
    }
    transaction.put(entries);
    let own = transaction.child("currency-amount").cloned();
    let foreign = transaction.text_at("currency-type").map(str::to_owned);
    let in_currency = own.unwrap_or_else(|| {
        Element::new("currency-amount")
            .having("currency-type", foreign.as_deref().unwrap_or(currency))
            .having("amount", &amount)
    });
    transaction.put(Element::new("currency-amounts").with(in_currency));
    if transaction.child("vat-code").is_some_and(|code| code.nil) {
        transaction.remove("vat-code");
    }
}

/// One voucher, by accounting year, series and number.
pub(crate) fn read_voucher(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let year: Option<i64> = call.text("accounting-year-id").parse().ok();
    let found = books.records.items(VOUCHERS).find(|voucher| {
        voucher.date_at("date").and_then(|day| year_of(books, day)) == year
            && voucher.text_at("serie") == Some(call.text("serie"))
            && voucher.text_at("number") == Some(call.text("number"))
    });
    match found {
        Some(voucher) => Ok(Answer::element(&resource::as_root(call.endpoint, voucher))),
        None => Err(Refusal::not_found("there is no such voucher")),
    }
}

/// Vouchers with where each amount comes from: in the sandbox from nowhere, for all are made by
/// hand.
pub(crate) fn list_detailed(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let mut list = Element::new("vouchers-detailed");
    for (id, record) in books.records.all(VOUCHERS) {
        let mut voucher = record.item.clone().named("voucher");
        voucher.remove("turnover");
        if let Some(all) = voucher.child_mut("transactions") {
            for (place, transaction) in all.children.iter_mut().enumerate() {
                let number = id * 100 + i64::try_from(place).unwrap_or_default();
                let amount = transaction.text_at("amount").unwrap_or("0").to_owned();
                let currency = transaction.at("currency-amounts/currency-amount").cloned();
                let reference = Element::new("reference")
                    .with(Element::new("type").with(Element::new("none")))
                    .having("transaction-reference-id", number)
                    .having("amount", amount)
                    .with(currency.unwrap_or_default())
                    .with(Element::new("dimension-entries"));
                transaction.remove("dimension-entries");
                transaction.remove("currency-amounts");
                transaction.set("transaction-id", number);
                transaction.put(Element::new("references").with(reference));
            }
        }
        list.children.push(voucher);
    }
    page(books, call, &mut list)?;
    Answer::canonical(&list)
}

/// Cuts a list to the page that is asked for.
fn page(books: &Books, call: &Call<'_>, list: &mut Element) -> Result<(), Refusal> {
    let size = list.children.len();
    let offset = call.query.number("offset")?.unwrap_or(0).min(size);
    let most = books.page_limit.unwrap_or(usize::MAX);
    let limit = call.query.number("limit")?.unwrap_or(usize::MAX).min(most);
    list.children = list.children.drain(..).skip(offset).take(limit).collect();
    list.page = [
        ("offset", offset),
        ("limit", list.children.len()),
        ("size", size),
    ]
    .map(|(name, number)| (name.to_owned(), number.to_string()))
    .to_vec();
    Ok(())
}

/// All accounts, with what the vouchers of a span of days did to them.
pub(crate) fn list_accounts(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (start, end) = (call.date("start-date")?, call.date("end-date")?);
    events::check_span(start, end)?;
    let kind: &Resource = resource::kind("account")?;
    let mut list = Element::new(kind.list);
    for account in books.records.items(kind.list) {
        let number = account.number_at("accountNr");
        let (mut before, mut within, mut debits, mut credits) = (0_i64, 0_i64, 0, 0);
        for voucher in books.records.items(VOUCHERS) {
            let day = voucher.date_at("date").unwrap_or_default();
            for transaction in transactions(voucher) {
                let amount = transaction.number_at("amount").unwrap_or_default();
                if transaction.number_at("account-nr") != number || day > end {
                    continue;
                }
                if day < start {
                    before = before.saturating_add(amount);
                } else {
                    within = within.saturating_add(amount);
                    if amount >= 0 {
                        debits += 1;
                    } else {
                        credits += 1;
                    }
                }
            }
        }
        let mut shown = account.clone();
        shown.set("in-balance", before);
        shown.set("out-balance", before.saturating_add(within));
        shown.set("debit-count", debits);
        shown.set("credit-count", credits);
        list.children.push(shown);
    }
    Ok(Answer::element(&list))
}

/// What is locked in an accounting year: nothing.
pub(crate) fn restrictions(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("accounting_year_restriction")?;
    resource::list(books, call, kind, &|_| true)
}

/// Fictitious rates in kronor, the same every day.
const RATES: &[(&str, i64)] = &[
    ("SEK", 100),
    ("EUR", 1_100),
    ("USD", 1_000),
    ("GBP", 1_300),
    ("NOK", 95),
    ("DKK", 150),
];

pub(crate) fn exchange_rate(_: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    call.date("date")?;
    let rate = |currency: &str| {
        let found = RATES.iter().find(|(known, _)| *known == currency);
        found
            .map(|(_, rate)| Decimal::from(*rate))
            .ok_or_else(|| Refusal::not_found("the sandbox has no rate for this currency"))
    };
    let (from, to) = (call.text("from-currency"), call.text("to-currency"));
    let rate = (rate(from)? / rate(to)?).round_dp(6).normalize();
    let answer = Element::new("exchange-rate")
        .having("from-currency", from)
        .having("to-currency", to)
        .having("rate", rate);
    Ok(Answer::element(&answer))
}
