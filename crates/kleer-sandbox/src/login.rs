//! Logging in: an e-mail address and a password give a token for each company.

use kleer_model::UserAuthentication;
use secrecy::{ExposeSecret, SecretString};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::server::{Changing, Settings};
use crate::state::Books;

/// The one who may log in.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) password: SecretString,
}

/// Answers with the companies, their tokens, and what their users may do.
pub(crate) fn authenticate(
    settings: &Settings,
    changing: &Changing,
    call: &Call<'_>,
) -> Result<Answer, Refusal> {
    let sent: UserAuthentication = call.document()?;
    let Login { email, password } = &settings.login;
    // People write addresses in any case.
    let is_known = sent.email.trim().to_lowercase() == email.to_lowercase()
        && sent.password == password.expose_secret();
    if !is_known {
        return Err(Refusal::wrong_password());
    }
    let main = accessible(&changing.books, &settings.token).having("main", true);
    let mut companies = Element::new("accessible-companies").with(main);
    for (company, token) in &settings.others {
        if let Some(books) = changing.others.get(company) {
            companies = companies.with(accessible(books, token).having("main", false));
        }
    }
    Answer::canonical(&companies)
}

fn accessible(books: &Books, token: &SecretString) -> Element {
    let mut accesses = Element::new("accesses");
    for (_, record) in books.records.all("accesses") {
        if record.parent == books.user
            && let Some(right) = record.item.text_at("type")
        {
            accesses = accesses.having("type", right);
        }
    }
    let mut roles = Element::new("access-roles");
    roles.children = books.records.items("access-roles").cloned().collect();
    Element::new("accessible-company")
        .having("id", books.company)
        .having("name", &books.information.name)
        .having("active", true)
        .having("token", token.expose_secret())
        .having(
            "accounting-currency-type",
            &books.information.accounting_currency,
        )
        .with(accesses)
        .with(roles)
}
