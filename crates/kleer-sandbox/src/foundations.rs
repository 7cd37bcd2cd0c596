//! Foundations: grants, payments, repayments.

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::resource;
use crate::state::Books;

pub(crate) fn create_grant(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("foundation_grant")?;
    resource::create(books, call, kind, &|_, grant, _| {
        grant.set("returned", false);
        grant.set("deleted", false);
        Ok(())
    })
}

pub(crate) fn update_grant(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("foundation_grant")?;
    resource::update(books, call, kind, &|_, grant, before| {
        // An update gives the amount only: the currency stays.
        let currency = before.and_then(|before| before.text_at("currency-amount/currency-type"));
        if let (Some(amount), Some(currency)) = (grant.child_mut("currency-amount"), currency) {
            amount.set("currency-type", currency);
        }
        Ok(())
    })
}

/// Says that a grant is returned, once.
pub(crate) fn return_grant(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("foundation_grant")?;
    let (id, record) = resource::known(books, call, kind)?;
    call.element()?;
    if record.item.is_true_at("returned") {
        return Err(Refusal::business(
            "FoundationGrantReturnedException",
            format!("foundation grant {id} is returned already"),
        ));
    }
    if let Some(grant) = books.records.item_mut(kind.list, id) {
        grant.set("returned", true);
    }
    Ok(Answer::done(call.endpoint, id))
}

/// The grant that a payment or a repayment names by its bare id.
fn check_grant(books: &Books, item: &Element) -> Result<(), Refusal> {
    let id = item.number_at("grant-id").unwrap_or_default();
    match books.records.item("foundation-grants", id) {
        Some(_) => Ok(()),
        None => Err(resource::kind("foundation_grant")?.missing("grant-id", id)),
    }
}

pub(crate) fn create_payment(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("foundation_grant_payment")?;
    resource::create(books, call, kind, &|books, payment, _| {
        check_grant(books, payment)?;
        payment.set("status", "Created");
        if payment.text_at("payment-date").is_none() {
            payment.set("payment-date", books.today());
        }
        let amount = payment.child("payment-amount").cloned();
        payment
            .children
            .extend(amount.map(|amount| amount.named("remaining-amount")));
        Ok(())
    })
}

/// What is absent stays, also within the recipient and the amount.
pub(crate) fn update_payment(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("foundation_grant_payment")?;
    resource::update(books, call, kind, &|_, payment, before| {
        for name in ["recipient", "payment-amount"] {
            let old = before.and_then(|before| before.child(name));
            if let (Some(new), Some(old)) = (payment.child_mut(name), old) {
                for part in &old.children {
                    if new.child(&part.name).is_none() {
                        new.children.push(part.clone());
                    }
                }
            }
        }
        Ok(())
    })
}

pub(crate) fn create_repayment(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("foundation_grant_repayment")?;
    resource::create(books, call, kind, &|books, repayment, _| {
        check_grant(books, repayment)?;
        let amount = repayment.text_at("amount").unwrap_or("0").to_owned();
        repayment.put(Element::new("amount").having("amount", amount));
        Ok(())
    })
}
