//! Bank transactions, and the check of account numbers.

use std::str::FromStr;

use swedish_ids::{Bankgiro, Plusgiro};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::resource;
use crate::state::Books;

pub(crate) fn create_transaction(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("bank_transaction")?;
    resource::create(books, call, kind, &|books, transaction, _| {
        let account: i64 = transaction
            .text_at("bank-account")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        if !books.exists("bank-account", account) {
            let kind = resource::kind("bank_account")?;
            return Err(kind.missing("create-bank-transaction/bankAccountId", account));
        }
        transaction.put(Element::reference("bank-account", account));
        transaction.put(
            Element::new("company")
                .having("id", books.company)
                .having("name", &books.information.name),
        );
        let amount = transaction.text_at("amount").unwrap_or("0").to_owned();
        transaction.set("remaining-amount", amount);
        transaction.set("deleted", false);
        // The files of a transaction are left out of lists; whether Kleer shows them is not known.
        Ok(())
    })
}

pub(crate) fn distributions(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("bank_transaction_distribution")?;
    resource::list(books, call, kind, &|_| true)
}

/// Checks the form and the check digits of an account number.
pub(crate) fn validate(_: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sent = call.element()?;
    let failure = match sent.child("bic-iban") {
        Some(account) => bic_iban(account),
        None => payee(&sent),
    };
    let result = Element::new("bank-information-validate-result")
        .having("success", failure.is_none())
        .having("message", failure.unwrap_or_default());
    Ok(Answer::element(&result))
}

fn bic_iban(account: &Element) -> Option<&'static str> {
    let text = |name: &str| -> String {
        let text = account.text_at(name).unwrap_or_default();
        text.chars().filter(|c| !c.is_whitespace()).collect()
    };
    let bic = text("bic");
    let is_bic = matches!(bic.len(), 8 | 11)
        && bic.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && bic.bytes().take(6).all(|byte| byte.is_ascii_alphabetic());
    if !is_bic {
        return Some("BIC is not 8 or 11 letters and digits");
    }
    (!is_iban(&text("iban"))).then_some("IBAN has a wrong form or wrong check digits")
}

/// ISO 13616: the number, turned and read as digits, is 1 modulo 97.
fn is_iban(iban: &str) -> bool {
    let is_formed = (15..=34).contains(&iban.len())
        && iban.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && iban.bytes().take(2).all(|byte| byte.is_ascii_uppercase());
    if !is_formed {
        return false;
    }
    let turned = iban.chars().skip(4).chain(iban.chars().take(4));
    let remainder =
        turned
            .filter_map(|character| character.to_digit(36))
            .fold(0, |remainder, digit| {
                let shift = if digit > 9 { 100 } else { 10 };
                (remainder * shift + digit) % 97
            });
    remainder == 1
}

fn payee(sent: &Element) -> Option<&'static str> {
    let number = sent
        .text_at("supplier-invoice-account/nr")
        .unwrap_or_default();
    match sent
        .text_at("supplier-invoice-account/type")
        .unwrap_or_default()
    {
        "BankGiro" => Bankgiro::from_str(number)
            .is_err()
            .then_some("the bankgiro number has a wrong form or a wrong check digit"),
        "PlusGiro" => Plusgiro::from_str(number)
            .is_err()
            .then_some("the plusgiro number has a wrong form or a wrong check digit"),
        "Iban" => {
            let mut parts = number.split('-');
            let any = parts.any(is_iban);
            (!any).then_some("IBAN has a wrong form or wrong check digits")
        }
        "NorwegianBankAccount" => {
            let is_formed = number.len() == 11 && number.bytes().all(|byte| byte.is_ascii_digit());
            (!is_formed).then_some("the account number is not 11 digits")
        }
        "BankAccount" => {
            let is_formed = number.split_once('-').is_some_and(|(clearing, account)| {
                let digits =
                    |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                digits(clearing) && digits(account)
            });
            (!is_formed).then_some("the account number is not clearing number, hyphen, account")
        }
        _ => number.is_empty().then_some("the account number is empty"),
    }
}
