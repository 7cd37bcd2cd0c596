//! What the app knows about Kleer when it maps one invoice.

use std::collections::BTreeMap;

use kleer_model::{ClientId, UserId};

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
        self.debit_invoices.insert(preceding.into(), invoice_nr);
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
