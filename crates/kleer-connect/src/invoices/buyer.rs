//! Whom an invoice is for.

use kleer_invoice::{ClientMatch, find_client, propose_client};
use kleer_model::{Client, ClientId, ClientKey};

use super::document::Document;
use super::outcome::Stop;

/// Whom an invoice is for.
pub(crate) enum Buyer {
    Known {
        id: ClientId,
        payment_days: i32,
    },
    /// A client to create.
    New {
        key: ClientKey,
        client: Box<Client>,
    },
}

fn joined<T: ToString>(ids: impl IntoIterator<Item = T>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    ids.join(", ")
}

/// A client that stands in Kleer several times, by our own key.
pub(crate) fn doubled(ids: &[ClientId]) -> String {
    format!(
        "BG-7: the buyer was created in Kleer {} times (clients {}); delete all but one there, \
         then reprocess",
        ids.len(),
        joined(ids)
    )
}

impl Buyer {
    /// The client that the buyer is, or the one to create for it.
    pub(crate) fn of(
        document: &Document,
        clients: &[Client],
        may_create: bool,
    ) -> Result<Self, Stop> {
        let known = |id: ClientId| {
            let client = clients.iter().find(|client| client.id == id);
            let payment_days = client.map_or(0, |client| client.payment_days);
            Self::Known { id, payment_days }
        };
        let key = document.key_of_client();
        let foreign_id = key.to_string();
        let ours: Vec<&Client> = clients
            .iter()
            .filter(|client| client.foreign_id == foreign_id)
            .collect();
        match ours.as_slice() {
            [] => {}
            [one] if one.active == Some(false) => {
                return Err(Stop::refused(format!(
                    "BG-7: the buyer is client {} in Kleer, which is not active; activate it there, \
                     then reprocess",
                    one.id
                )));
            }
            [one] => return Ok(known(one.id)),
            several => {
                let ids: Vec<ClientId> = several.iter().map(|one| one.id).collect();
                return Err(Stop::refused(doubled(&ids)));
            }
        }
        match find_client(&document.source, clients) {
            ClientMatch::One { id, .. } => Ok(known(id)),
            ClientMatch::Ambiguous { ids, .. } => Err(Stop::refused(format!(
                "BG-7: several clients in Kleer have the buyer's identifier, or contradict it (ids \
                 {}); correct them there, then reprocess",
                joined(ids)
            ))),
            _ if may_create => {
                let client = Box::new(propose_client(&document.source));
                Ok(Self::New { key, client })
            }
            _ => Err(Stop::refused(
                "BG-7: the buyer is no client in Kleer; create it there and reprocess, or let clients \
                 be created (create_clients)",
            )),
        }
    }

    /// The client's id, as far as it has one, and its payment days.
    pub(crate) fn id_and_days(&self) -> (ClientId, i32) {
        match self {
            Self::Known { id, payment_days } => (*id, *payment_days),
            Self::New { client, .. } => (ClientId(0), client.payment_days),
        }
    }
}
