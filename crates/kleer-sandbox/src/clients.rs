//! Clients.

use kleer_model::{Client, ClientId, Created, Deleted, List, Nillable, Saved};

use crate::answer::{Answer, Refusal};
use crate::call::Call;
use crate::state::Books;

pub(crate) fn list(books: &mut Books, _: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(&List::from(
        books.clients.values().cloned().collect::<Vec<_>>(),
    ))
}

pub(crate) fn read(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    Answer::document(known(books, call.id()?)?)
}

/// The first client with the foreign id of the path.
pub(crate) fn by_foreign_id(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let wanted = call.text("foreign-id");
    let found = books
        .clients
        .values()
        .find(|client| client.foreign_id == wanted);
    match found {
        Some(client) => Answer::document(client),
        None => Err(Refusal::not_found(
            "there is no client with this foreign id",
        )),
    }
}

pub(crate) fn create(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let client = call.document()?;
    let id = books.ids.client(&books.clients);
    let client = accepted(books, client, id, None)?;
    books.clients.insert(id, client);
    Answer::document(&Created::new(id.0))
}

pub(crate) fn update(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.id()?;
    let before = known(books, id)?;
    let client = accepted(books, call.document()?, id, Some(before))?;
    books.clients.insert(id, client);
    Answer::document(&Saved::new(Some(id.0)))
}

pub(crate) fn delete(books: &mut Books, call: &Call<'_>) -> Result<Answer, Refusal> {
    let id = call.id()?;
    known(books, id)?;
    if books
        .client_invoices
        .values()
        .any(|invoice| invoice.client_ref.id == id)
    {
        return Err(Refusal::business(
            "ClientHasInvoicesException",
            format!("client {id} has invoices and cannot be deleted; make it inactive instead"),
        ));
    }
    books.clients.remove(&id);
    Answer::document(&Deleted::new(Some(id.0)))
}

fn known(books: &Books, id: ClientId) -> Result<&Client, Refusal> {
    books
        .clients
        .get(&id)
        .ok_or_else(|| Refusal::not_found(format!("there is no client {id}")))
}

/// What is stored of a client that was sent: the whole of it, except what the schema says of
/// elements that are absent or empty.
pub(crate) fn accepted(
    books: &Books,
    mut client: Client,
    id: ClientId,
    before: Option<&Client>,
) -> Result<Client, Refusal> {
    client.id = id;
    if client.delivery_type.as_deref().is_none_or(str::is_empty) {
        client.delivery_type = match before {
            Some(before) => before.delivery_type.clone(),
            None => books.default_delivery_type(),
        };
    }
    // A command to Kleer, not a property. The sandbox knows no e-invoice operator, and as the
    // schema says of a look-up without one clear hit, sets no recipient.
    client.fetch_edi_recipient = None;
    client.template = match client.template {
        // On reading it is always there: nil says "a reasonable default".
        Nillable::Absent => before.map_or(Nillable::Nil, |before| before.template.clone()),
        Nillable::Nil => Nillable::Nil,
        Nillable::Value(template) => {
            if !books.templates.iter().any(|known| known.id == template.id) {
                return Err(Refusal::business(
                    "ClientInvoiceTemplateDoesNotExistException",
                    format!("there is no client invoice template {}", template.id),
                ));
            }
            Nillable::Value(template)
        }
    };
    client.approver = match client.approver {
        Nillable::Absent => before.map_or(Nillable::Absent, |before| before.approver.clone()),
        Nillable::Nil => Nillable::Absent,
        approver @ Nillable::Value(_) => approver,
    };
    if let Some(before) = before {
        client.dimension_entries = client
            .dimension_entries
            .or_else(|| before.dimension_entries.clone());
        client.client_broker = client
            .client_broker
            .or_else(|| before.client_broker.clone());
    }
    client.active = client
        .active
        .or(before.and_then(|before| before.active))
        .or(Some(true));
    Ok(client)
}
