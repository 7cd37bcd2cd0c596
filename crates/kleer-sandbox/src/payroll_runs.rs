//! Payroll runs, what they pay, and the month reports they are made of.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::payroll;
use crate::records::Record;
use crate::resource;
use crate::shape;
use crate::state::Books;

const RUNS: &str = "payroll-runs";
const REPORTS: &str = "payroll-month-report-readables";

/// Quantity times price, rounded to whole units.
fn total<'a>(articles: impl Iterator<Item = &'a Element>) -> Result<i64, Refusal> {
    let mut sum = Decimal::ZERO;
    for article in articles {
        let quantity = article.decimal_at("quantity").unwrap_or_default();
        let price = Decimal::from(article.number_at("price").unwrap_or_default());
        sum = quantity
            .checked_mul(price)
            .and_then(|amount| sum.checked_add(amount))
            .ok_or_else(out_of_range)?;
    }
    sum.round().to_i64().ok_or_else(out_of_range)
}

fn out_of_range() -> Refusal {
    Refusal::business("ArithmeticException", "the sums are out of range")
}

/// What the sandbox takes for tax and social fees: flat shares, not Sweden's tables.
struct Sums {
    gross: i64,
    benefits: i64,
    tax: i64,
    social_fees: i64,
}

impl Sums {
    fn of(gross: i64, benefits: i64) -> Result<Self, Refusal> {
        let base = gross.checked_add(benefits).ok_or_else(out_of_range)?;
        let share = |per_ten_thousand: i64| {
            (Decimal::from(base) * Decimal::new(per_ten_thousand, 4))
                .round()
                .to_i64()
                .ok_or_else(out_of_range)
        };
        Ok(Self {
            gross,
            benefits,
            tax: share(3_000)?,
            social_fees: share(3_142)?,
        })
    }

    fn put_into(&self, element: &mut Element) {
        element.set("gross", self.gross);
        element.set("benefits", self.benefits);
        element.set("payout", self.gross.saturating_sub(self.tax));
        element.set("tax", self.tax);
        element.set("social-fees", self.social_fees);
    }
}

/// Makes a payroll run. Every user in it must be employed.
pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let mut payouts = Element::new("payouts");
    let mut transactions = Vec::new();
    for payout in sent
        .child("payouts")
        .into_iter()
        .flat_map(|all| &all.children)
    {
        let user = payout.number_at("user/id").unwrap_or_default();
        if books.records.item("payroll-user-readables", user).is_none() {
            return Err(Refusal::business(
                "PayrollUserDoesNotExistException",
                format!("there is no payroll user {user}"),
            ));
        }
        let articles = payout.child("articles");
        let of = |name: &'static str| articles.into_iter().flat_map(move |all| all.all(name));
        let paid = of("salary")
            .chain(of("provision"))
            .chain(of("other-articles"));
        let sums = Sums::of(total(paid)?, total(of("benefit"))?)?;
        let id = books.records.next_id("payouts", 52_000);
        let mut shown = Element::new("payout").with(Element::reference("payout-id", id));
        for name in ["user", "project", "period-start", "period-end"] {
            shown.children.extend(payout.child(name).cloned());
        }
        sums.put_into(&mut shown);
        payouts.children.push(shown);
        for article in articles.into_iter().flat_map(|all| &all.children) {
            transactions.push(transaction(books, payout, id, article)?);
        }
    }
    let run = Element::new("payroll-run")
        .having(
            "payment-date",
            sent.text_at("payment-date").unwrap_or_default(),
        )
        .with(payouts);
    let id = resource::insert(books, resource::kind("payroll_run")?, 0, run)?;
    let kind = resource::kind("payroll_transaction")?;
    for transaction in transactions {
        resource::insert(books, kind, 0, transaction)?;
    }
    Ok(Answer::done(call.endpoint, id))
}

fn transaction(
    books: &Books,
    payout: &Element,
    payout_id: i64,
    article: &Element,
) -> Result<Element, Refusal> {
    let text = |element: &Element, name: &str| element.text_at(name).unwrap_or_default().to_owned();
    // The server chooses the article of what is not in other-articles; which one is not known.
    let first = books.records.all("payroll-article-readables").next();
    let number = article
        .id_at("article/id")
        .or(first.map(|(id, _)| id))
        .unwrap_or_default();
    let period = article.child("period").cloned().unwrap_or_else(|| {
        Element::new("period")
            .having("start", text(payout, "period-start"))
            .having("end", text(payout, "period-end"))
    });
    let amount = total(std::iter::once(article))?;
    Ok(Element::new("payroll-transaction")
        .with(Element::reference(
            "user",
            payout.number_at("user/id").unwrap_or_default(),
        ))
        .with(Element::reference("payroll-payout", payout_id))
        .with(Element::reference("payroll-article", number))
        .with(period)
        .having("description", text(article, "description"))
        .having("quantity", text(article, "quantity"))
        .having("unit", "Generic")
        .having("price", text(article, "price"))
        .having("social-fees", Sums::of(amount, 0)?.social_fees)
        .having("id", 0))
}

/// Pays a run: it gets its number, once.
pub(crate) fn pay(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("payroll_run")?;
    let (id, record) = resource::known(books, call, kind)?;
    let sent = call.element()?;
    if record.item.child("paid").is_some() {
        return Err(Refusal::business(
            "PayrollRunPaidException",
            format!("payroll run {id} is utbetald already"),
        ));
    }
    let mut item = record.item.clone();
    let last = books
        .records
        .items(RUNS)
        .filter_map(|run| run.number_at("nr"))
        .max();
    item.set("nr", last.unwrap_or(0) + 1);
    if let Some(day) = sent.text_at("payment-date") {
        item.set("payment-date", day);
    }
    item.put(
        Element::new("paid")
            .with(Element::reference("user", books.user))
            .having("datetime", books.now()),
    );
    let item = resource::canonical(RUNS, &item)?;
    books.records.put(RUNS, id, Record { parent: 0, item });
    Ok(Answer::done(call.endpoint, id))
}

/// The year and the month of the path; January is month 0.
fn month_of(call: &Call<'_>) -> Result<(i64, i64), Refusal> {
    let year = call
        .text("year")
        .parse()
        .ok()
        .filter(|year| (1900..=9999).contains(year));
    let month = call
        .text("month")
        .parse()
        .ok()
        .filter(|month| (0..=11).contains(month));
    match (year, month) {
        (Some(year), Some(month)) => Ok((year, month)),
        _ => Err(Refusal::bad_request(
            "the path's year and month are no such; months go from 0 (January) to 11",
        )),
    }
}

/// A user's report of a month, and its id if it has been written. One that has not is empty.
fn report(books: &Books, user: i64, year: i64, month: i64) -> (Option<i64>, Element) {
    let mut reports = books.records.all(REPORTS);
    let found = reports.find(|(_, record)| {
        record.parent == user
            && record.item.number_at("year") == Some(year)
            && record.item.number_at("month") == Some(month)
    });
    if let Some((id, record)) = found {
        return (Some(id), record.item.clone());
    }
    let mut report = Element::new("payroll-month-report-readable")
        .with(Element::reference("user", user))
        .having("year", year)
        .having("month", month)
        .with(Element::new("provisions"))
        .having("notes", "");
    for sum in ["gross", "benefits", "payout", "tax", "social-fees"] {
        report.set(sum, 0);
    }
    (None, report.with(Element::new("articles")))
}

/// The reports of all employees for a month.
pub(crate) fn list_reports(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (year, month) = month_of(call)?;
    let mut list = Element::new(REPORTS);
    for (user, _) in books.records.all("payroll-user-readables") {
        list.children.push(report(books, user, year, month).1);
    }
    Ok(Answer::element(&list))
}

pub(crate) fn read_report(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (year, month) = month_of(call)?;
    payroll::employee(books, call)?;
    Ok(Answer::element(&report(books, call.id()?, year, month).1))
}

/// Changes a report: a list that is absent stays, one that is there replaces all.
pub(crate) fn update_report(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let (year, month) = month_of(call)?;
    payroll::employee(books, call)?;
    let user: i64 = call.id()?;
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let (id, mut item) = report(books, user, year, month);
    for list in sent.children {
        item.put(list);
    }
    let inner = |name: &str| {
        let wrapper = item.child(name);
        wrapper.into_iter().flat_map(|wrapper| &wrapper.children)
    };
    let mut gross = total(inner("articles"))?;
    for provision in inner("provisions") {
        let amount = provision.number_at("amount").unwrap_or_default();
        gross = gross.checked_add(amount).ok_or_else(out_of_range)?;
    }
    Sums::of(gross, 0)?.put_into(&mut item);
    let kind = resource::kind("payroll_month_report")?;
    if let Some((_, of)) = kind.item() {
        shape::fit(&mut item, of, false);
    }
    match id {
        Some(id) => {
            let item = resource::canonical(REPORTS, &item)?;
            books
                .records
                .put(REPORTS, id, Record { parent: user, item });
        }
        None => {
            resource::insert(books, kind, user, item)?;
        }
    }
    Ok(Answer::done(call.endpoint, user))
}
