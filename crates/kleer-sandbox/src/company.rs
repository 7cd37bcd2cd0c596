//! What the company has set up: its name, its ways of sending invoices, its invoice layouts.

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
