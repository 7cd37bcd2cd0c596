//! Clients: the company's customers.

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{
    Address, ClientBrokerReference, ClientId, ClientInvoiceTemplateReference,
    DimensionEntryReference, UserId, UserReference,
};

record! {
    /// A customer of the company (schema type `client`), read and written.
    ///
    /// On an update the whole client is sent: what is required replaces what Kleer has. Optional
    /// elements that are absent stay as they are where the field says so.
    pub struct Client = "client", root "client", list "clients" / "client" {
        /// Kleer's id; 0 on a create.
        required id: ClientId = "id";
        /// Your own key. Kleer does not make it unique.
        required foreign_id: String = "foreign-id";
        /// The name.
        required name: String = "name", personal;
        /// A person to turn to.
        required contact: String = "contact", personal;
        /// The address.
        required address: Address = "address";
        /// The e-mail address.
        required email: String = "email", personal;
        /// A value of [`ClientType`], which the schema leaves a free text here.
        optional client_type: String = "client-type";
        /// The country (ISO 3166-1 alpha-2).
        required country_code: String = "country-code";
        /// The currency (ISO 4217).
        optional currency_type: String = "currency-type";
        /// Free text.
        optional notes: String = "notes", personal;
        /// Deprecated by Kleer; 0.
        required accountnr: i32 = "accountnr";
        /// Days from an invoice's date to its due date.
        required payment_days: i32 = "payment-days";
        /// The organisation number, or the personal number of a person or sole trader.
        required orgno: String = "orgno", personal;
        /// The telephone number.
        required phone: String = "phone", personal;
        /// The user who is responsible for the client; id 0 for none.
        required user: UserReference = "user";
        /// How invoices are sent, by a name of the company's
        /// [`ClientDeliveryType`]s. Empty: the company's default on a
        /// create, unchanged on an update.
        optional delivery_type: String = "delivery-type";
        /// The VAT number.
        optional vat_nr: String = "vat-nr", personal;
        /// The Global Location Number.
        optional gln: String = "gln";
        /// The recipient of e-invoices.
        optional edi_recipient: EdiRecipient = "edi-recipient";
        /// Whether Kleer shall look the e-invoice recipient up. It sets none when several match.
        optional fetch_edi_recipient: bool = "fetch-edi-recipient";
        /// The layout for new invoices. Nil: Kleer chooses. Absent on an update: unchanged.
        optional_nillable template: ClientInvoiceTemplateReference = "template";
        /// The approver of new invoices. Nil clears it. Absent on an update: unchanged.
        optional_nillable approver: UserReference = "approver";
        /// Entries of dimensions. Absent on an update: unchanged.
        optional_list dimension_entries: DimensionEntryReference = "dimension-entries" / "dimension-entry";
        /// Brokers. Absent on an update: unchanged.
        optional_list client_broker: ClientBrokerReference = "client-broker" / "client-broker";
        /// Whether the client is in use.
        optional active: bool = "active";
    }
}

impl Client {
    /// A new organisation, with 30 payment days and nobody responsible.
    ///
    /// ```
    /// use kleer_model::{Client, Document};
    ///
    /// let mut client = Client::new("Exempel AB", "SE");
    /// client.orgno = "202100-5489".to_owned();
    /// let xml = client.to_xml()?;
    /// assert!(xml.starts_with("<client><id>0</id><foreign-id/><name>Exempel AB</name>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(name: impl Into<String>, country_code: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            client_type: Some(ClientType::Organisation.into()),
            country_code: country_code.into(),
            payment_days: 30,
            user: UserReference::new(UserId(0)),
            ..Self::blank()
        }
    }
}

record! {
    /// The recipient of a client's e-invoices (schema type `edi-recipient`).
    pub struct EdiRecipient = "edi-recipient" {
        /// The recipient's name at the operator.
        required name: String = "name", personal;
    }
}

record! {
    /// A way in which the company can send invoices (an anonymous type of the schema).
    pub struct ClientDeliveryType = "", list "client-delivery-types" / "client-delivery-type" {
        /// The name that [`Client::delivery_type`] and
        /// [`ClientInvoice::delivery_type`](crate::ClientInvoice::delivery_type) take.
        required name: String = "name";
        /// Whether it is the company's default.
        required default: bool = "default";
    }
}

impl ClientDeliveryType {
    /// A way of sending; for tests and sandboxes, since Kleer only sends it.
    pub fn new(name: impl Into<String>, default: bool) -> Self {
        Self {
            name: name.into(),
            default,
            ..Self::blank()
        }
    }
}

record! {
    /// A client that is made along with something else (schema type `new-client`): a revenue can
    /// name one in place of an existing client. Write only.
    pub struct NewClient = "new-client" {
        /// Your own key. Kleer does not make it unique.
        required foreign_id: String = "foreign-id";
        /// The name.
        required name: String = "name", personal;
        /// An organisation or a person.
        required client_type: ClientType = "client-type";
    }
}

impl NewClient {
    /// A client to be made.
    pub fn new(
        foreign_id: impl Into<String>,
        name: impl Into<String>,
        client_type: ClientType,
    ) -> Self {
        Self {
            foreign_id: foreign_id.into(),
            name: name.into(),
            client_type,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// Whether a client is an organisation or a person (schema type `client-type`).
    pub enum ClientType = "client-type" {
        /// A company, an association, an authority.
        Organisation = "Organisation",
        /// A natural person.
        Person = "Person",
    }
}
