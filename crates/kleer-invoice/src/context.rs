//! What the app knows about Kleer when it maps one invoice.

use std::collections::BTreeMap;

use kleer_model::{ClientId, File, NewClient, RevenueReference, UserId};

use crate::Catalogue;

/// What the app knows about Kleer when it maps one invoice.
///
/// How rates are written (25 or 0.25) is said once, in [`Catalogue::new`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Context<'a> {
    /// The client that is billed.
    pub client: ClientId,
    /// Our key for the invoice in Kleer; a [`kleer_model::ClientKey`] as text.
    pub foreign_id: String,
    /// The products in Kleer.
    pub catalogue: &'a Catalogue,
    /// Kleer's number for each invoice that a credit may name (BT-25, trimmed).
    pub debit_invoices: BTreeMap<String, i32>,
    /// The client's payment days, for invoices without a due date.
    pub payment_days: Option<u16>,
    /// The user who answers for the invoice; nobody if absent.
    pub our_reference: Option<UserId>,
    /// The user who shall approve the invoice; Kleer decides if absent.
    pub approver: Option<UserId>,
}

impl<'a> Context<'a> {
    /// A context with what every invoice needs.
    pub fn new(client: ClientId, foreign_id: impl Into<String>, catalogue: &'a Catalogue) -> Self {
        Self {
            client,
            foreign_id: foreign_id.into(),
            catalogue,
            debit_invoices: BTreeMap::new(),
            payment_days: None,
            our_reference: None,
            approver: None,
        }
    }

    /// Says which invoice in Kleer (its number, not its id) a preceding invoice number (BT-25) is.
    #[must_use]
    pub fn with_debit_invoice(mut self, preceding: impl Into<String>, invoice_nr: i32) -> Self {
        let preceding = preceding.into().trim().to_owned();
        self.debit_invoices.insert(preceding, invoice_nr);
        self
    }

    /// Sets the client's payment days.
    #[must_use]
    pub fn with_payment_days(mut self, days: u16) -> Self {
        self.payment_days = Some(days);
        self
    }

    /// Sets the user who answers for the invoice.
    #[must_use]
    pub fn with_our_reference(mut self, user: UserId) -> Self {
        self.our_reference = Some(user);
        self
    }

    /// Sets the user who shall approve the invoice.
    #[must_use]
    pub fn with_approver(mut self, user: UserId) -> Self {
        self.approver = Some(user);
        self
    }
}

/// The client of a revenue.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum RevenueClient {
    /// One that Kleer has.
    Known(ClientId),
    /// One that Kleer shall make; see [`propose_new_client`](crate::propose_new_client).
    New(NewClient),
}

impl From<ClientId> for RevenueClient {
    fn from(id: ClientId) -> Self {
        Self::Known(id)
    }
}

impl From<NewClient> for RevenueClient {
    fn from(client: NewClient) -> Self {
        Self::New(client)
    }
}

/// What the app knows about Kleer when it maps one invoice that is only to be booked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RevenueContext<'a> {
    /// The client.
    pub client: RevenueClient,
    /// Our key for the revenue in Kleer, which keeps it unique: a revenue is never booked twice. A
    /// [`kleer_model::ClientKey`] as text, or the number of the invoice where one company numbers
    /// them all.
    pub external_id: String,
    /// The products in Kleer.
    pub catalogue: &'a Catalogue,
    /// The revenue for each invoice that a credit may name (BT-25, trimmed): by Kleer's id, or by
    /// the external id that was given when it was booked.
    pub debit_revenues: BTreeMap<String, RevenueReference>,
    /// The country of the sale (ISO 3166-1 alpha-2); the buyer's (BT-55) if absent.
    pub country: Option<String>,
    /// Files beside the attachments of the document, such as the document itself. At least one
    /// file is needed, to book the revenue upon.
    pub files: Vec<File>,
}

impl<'a> RevenueContext<'a> {
    /// A context with what every revenue needs.
    pub fn new(
        client: impl Into<RevenueClient>,
        external_id: impl Into<String>,
        catalogue: &'a Catalogue,
    ) -> Self {
        Self {
            client: client.into(),
            external_id: external_id.into(),
            catalogue,
            debit_revenues: BTreeMap::new(),
            country: None,
            files: Vec::new(),
        }
    }

    /// Adds a file: the document as it was sent, or as it was received.
    #[must_use]
    pub fn with_file(mut self, file: File) -> Self {
        self.files.push(file);
        self
    }

    /// Says which revenue a preceding invoice number (BT-25) is.
    #[must_use]
    pub fn with_debit_revenue(
        mut self,
        preceding: impl Into<String>,
        revenue: impl Into<RevenueReference>,
    ) -> Self {
        let preceding = preceding.into().trim().to_owned();
        self.debit_revenues.insert(preceding, revenue.into());
        self
    }

    /// Sets the country of the sale.
    #[must_use]
    pub fn with_country(mut self, country: impl Into<String>) -> Self {
        self.country = Some(country.into());
        self
    }
}
