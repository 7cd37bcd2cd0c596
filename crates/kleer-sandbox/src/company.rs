//! What the company has set up: its name, its ways of sending invoices, its invoice layouts; and
//! messages about it.

use kleer_model::List;

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::state::Books;

pub(crate) fn information(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(&books.information)
}

pub(crate) fn delivery_types(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(&List::from(books.delivery_types.clone()))
}

pub(crate) fn invoice_templates(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(&List::from(books.templates.clone()))
}

/// Takes a message about the company. Nobody reads it.
pub(crate) fn message(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let sent = call.element()?;
    if sent.text_at("subject").is_none() && sent.text_at("message").is_none() {
        return Err(Refusal::business(
            "IllegalArgumentException",
            "company-message has neither a subject nor a message",
        ));
    }
    let id = books.records.next_id("company-messages", 0);
    Ok(Answer::done(call.endpoint, id))
}
