//! Client agreements, by which clients are invoiced again and again.

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::element::Element;
use crate::records::Record;
use crate::resource;
use crate::state::Books;

const AGREEMENTS: &str = "client-agreements";

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("client_agreement")?;
    resource::create(books, call, kind, &|books, agreement, _| {
        completed(books, agreement, 1);
        Ok(())
    })
}

/// What only Kleer sets.
fn completed(books: &Books, agreement: &mut Element, revision: i64) {
    let start = agreement
        .text_at("start-invoice-date")
        .unwrap_or_default()
        .to_owned();
    agreement.set("revision-nr", revision);
    // Deprecated: always the same as the other.
    agreement.set("start-date", &start);
    agreement.set("next-invoice-date", &start);
    if agreement.child("notes").is_none() {
        agreement.set("notes", "");
    }
    agreement.put(Element::reference("registration-user", books.user));
    agreement.set("registration-date", books.now());
}

/// Revises an agreement; answers with the number of the revision.
pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let kind = resource::kind("client_agreement")?;
    let (id, record) = resource::known(books, call, kind)?;
    let revision = record.item.number_at("revision-nr").unwrap_or(1) + 1;
    let sent = call.element()?;
    resource::check_references(books, &sent, resource::request_type(call.endpoint))?;
    let mut agreement = sent.child("client-agreement").cloned().unwrap_or_default();
    completed(books, &mut agreement, revision);
    agreement.set("id", id);
    let item = resource::canonical(AGREEMENTS, &agreement)?;
    books
        .records
        .put(AGREEMENTS, id, Record { parent: 0, item });
    let result = Element::new("update-client-agreement-result").having("revision-nr", revision);
    Ok(Answer::element(&result))
}
