//! The invoices or revenues that Kleer has, by id and by our key.

use std::collections::HashMap;

use kleer_client::Kleer;
use kleer_model::{Cents, ClientInvoice, ClientKey, List, Revenue};

use super::error::PostError;
use super::target::Target;

/// An invoice or a revenue in Kleer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Existing {
    /// Our key, if it has one.
    pub(crate) key: Option<ClientKey>,
    pub(crate) id: i64,
    /// The number of an invoice, once it is certified.
    pub(crate) invoice_nr: Option<i32>,
    pub(crate) net: Option<Cents>,
    pub(crate) vat: Option<Cents>,
    /// Somebody has deleted it in Kleer.
    pub(crate) disabled: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Records {
    by_id: HashMap<i64, Existing>,
    by_source: HashMap<ClientKey, Vec<i64>>,
}

/// The source's part of a key, the same for every life of the source.
pub(crate) fn source_of(key: ClientKey) -> ClientKey {
    key.with_incarnation(0)
}

/// The items of a whole list.
///
/// # Errors
/// When some could not be read: without every record, one that is missing from the list may still
/// be in Kleer.
pub(crate) fn complete<T>(list: List<T>, what: &'static str) -> Result<Vec<T>, PostError> {
    match list.rejected.first() {
        None => Ok(list.items),
        Some(rejected) => Err(PostError::Incomplete {
            what,
            why: format!("{} items: {}", list.rejected.len(), rejected.error),
        }),
    }
}

impl Records {
    /// Reads them from Kleer, page by page.
    ///
    /// # Errors
    /// When the list cannot be read to its end.
    pub(crate) async fn load(kleer: &Kleer, target: Target) -> Result<Self, PostError> {
        let mut records = Self::default();
        match target {
            Target::ClientInvoice => {
                let list = kleer.client_invoices().list().all().await?;
                for invoice in complete(list, "invoices")? {
                    records.add(Existing::invoice(&invoice));
                }
            }
            Target::Revenue => {
                let list = kleer.revenues().list().all().await?;
                for revenue in complete(list, "revenues")? {
                    records.add(Existing::revenue(&revenue));
                }
            }
        }
        Ok(records)
    }

    pub(crate) fn add(&mut self, existing: Existing) {
        if self.by_id.insert(existing.id, existing).is_none()
            && let Some(key) = existing.key
        {
            let same_source = self.by_source.entry(source_of(key)).or_default();
            same_source.push(existing.id);
        }
    }

    pub(crate) fn of_id(&self, id: i64) -> Option<&Existing> {
        self.by_id.get(&id)
    }

    /// The records of a key's source, in all their lives.
    pub(crate) fn of_source(&self, key: ClientKey) -> impl Iterator<Item = &Existing> {
        let ids = self.by_source.get(&source_of(key)).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id))
    }

    /// The records with exactly this key. More than one that is not deleted is a double.
    pub(crate) fn of_key(&self, key: ClientKey) -> Vec<Existing> {
        let same = self.of_source(key).filter(|one| one.key == Some(key));
        same.copied().collect()
    }
}

impl Existing {
    fn invoice(invoice: &ClientInvoice) -> Self {
        Self {
            key: invoice.foreign_id.parse().ok(),
            id: invoice.id.0.into(),
            invoice_nr: Some(invoice.invoice_nr).filter(|number| *number > 0),
            net: invoice.amount,
            vat: invoice.vat,
            disabled: invoice.disabled,
        }
    }

    fn revenue(revenue: &Revenue) -> Self {
        let sum = |part: fn(&kleer_model::RevenueOriginalAmount) -> Cents| {
            let mut amounts = revenue.rows.iter().map(|row| part(&row.original_amount));
            amounts.try_fold(Cents::ZERO, Cents::checked_add)
        };
        Self {
            key: revenue.external_id.parse().ok(),
            id: revenue.id.0,
            invoice_nr: None,
            net: sum(|amount| amount.amount),
            vat: sum(|amount| amount.vat),
            disabled: false,
        }
    }
}
