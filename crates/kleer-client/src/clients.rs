//! Clients: whom the company sends invoices to.

use kleer_model::{Client, ClientDeliveryType, ClientId, List, endpoint};

use crate::call::Call;
use crate::kleer::Kleer;
use crate::response::{self, Accepted, Created};

/// The company's clients. From [`Kleer::clients`].
#[derive(Debug, Clone, Copy)]
pub struct Clients<'a> {
    kleer: &'a Kleer,
}

impl<'a> Clients<'a> {
    pub(crate) fn new(kleer: &'a Kleer) -> Self {
        Self { kleer }
    }

    /// All clients. Conclude nothing from what is missing in a list that
    /// [is not complete](List::is_complete).
    pub fn list(&self) -> Call<List<Client>> {
        Call::of_endpoint(self.kleer, &endpoint::CLIENT_LIST, &[], response::document)
    }

    /// One client.
    ///
    /// The path is inferred, not confirmed: see [`CLIENT_READ`](kleer_model::endpoint::CLIENT_READ).
    pub fn get(&self, id: ClientId) -> Call<Client> {
        let path = [("client-id", &*id.to_string())];
        Call::of_endpoint(
            self.kleer,
            &endpoint::CLIENT_READ,
            &path,
            response::document,
        )
    }

    /// Creates a client. Kleer has no protection against doubles: put a key of your own into
    /// `foreign_id`, and after an [unknown outcome](crate::Outcome::Unknown) look for it in
    /// [`list`](Self::list).
    pub fn create(&self, client: &Client) -> Call<Created<ClientId>> {
        Call::with_document(
            self.kleer,
            &endpoint::CLIENT_CREATE,
            &[],
            client,
            response::created,
        )
    }

    /// Replaces a client by the whole record: [`get`](Self::get) it, change it, send it back.
    pub fn update(&self, id: ClientId, client: &Client) -> Call<Accepted<ClientId>> {
        let path = [("client-id", &*id.to_string())];
        Call::with_document(
            self.kleer,
            &endpoint::CLIENT_UPDATE,
            &path,
            client,
            response::accepted,
        )
    }

    /// Deletes a client.
    pub fn delete(&self, id: ClientId) -> Call<Accepted<ClientId>> {
        let path = [("client-id", &*id.to_string())];
        Call::of_endpoint(
            self.kleer,
            &endpoint::CLIENT_DELETE,
            &path,
            response::accepted,
        )
    }

    /// The ways in which invoices can be delivered.
    pub fn delivery_types(&self) -> Call<List<ClientDeliveryType>> {
        Call::of_endpoint(
            self.kleer,
            &endpoint::CLIENT_DELIVERY_TYPES,
            &[],
            response::document,
        )
    }
}
