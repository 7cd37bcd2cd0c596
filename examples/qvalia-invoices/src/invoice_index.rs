//! Which invoices Kleer has, by our key.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use kleer_client::{Error, Kleer};
use kleer_model::{Cents, ClientInvoice, ClientInvoiceId, ClientKey, List, Page};
use thiserror::Error;

/// An invoice of ours in Kleer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Existing {
    pub(crate) key: ClientKey,
    pub(crate) id: ClientInvoiceId,
    /// The number, once it is certified.
    pub(crate) invoice_nr: Option<i32>,
    pub(crate) amount: Option<Cents>,
    pub(crate) vat: Option<Cents>,
    /// Somebody has deleted it in Kleer.
    pub(crate) disabled: bool,
}

/// All invoices in Kleer that carry a key of ours.
#[derive(Debug, Default)]
pub(crate) struct InvoiceIndex {
    by_source: HashMap<ClientKey, Vec<Existing>>,
}

/// The index could not be made.
#[derive(Debug, Error)]
pub(crate) enum IndexError {
    #[error(transparent)]
    Kleer(#[from] Error),
    /// Without every invoice, one that is missing from the list may still be there.
    #[error(
        "Kleer's list of invoices is incomplete ({0}), so a double could not be ruled out: \
         nothing is posted"
    )]
    Incomplete(String),
}

/// The widest span that is asked for: everything anyone has invoiced with Kleer or will.
const FIRST: Option<NaiveDate> = NaiveDate::from_ymd_opt(1990, 1, 1);
const LAST: Option<NaiveDate> = NaiveDate::from_ymd_opt(2100, 12, 31);

/// The source's part of a key, the same for every life of the source.
fn source_of(key: ClientKey) -> ClientKey {
    key.with_incarnation(0)
}

impl InvoiceIndex {
    /// Reads every invoice that Kleer has.
    ///
    /// How to ask for the second page of a list is not known, but the list can be narrowed by
    /// invoice date. So a list that says it is a part is asked for again in two halves, until
    /// each part is whole.
    pub(crate) async fn load(kleer: &Kleer) -> Result<Self, IndexError> {
        let mut index = Self::default();
        let mut list = kleer.client_invoices().list().await?;
        let mut spans = Vec::new();
        if is_part(&list) {
            spans.extend(FIRST.zip(LAST));
            list = List::default();
        }
        index.take(list)?;
        while let Some((from, to)) = spans.pop() {
            let list = kleer
                .client_invoices()
                .list()
                .invoice_date_from(from)
                .invoice_date_to(to)
                .await?;
            if !is_part(&list) {
                index.take(list)?;
                continue;
            }
            let days = (to - from).num_days();
            let middle =
                from + Days::new(u64::try_from(days / 2).map_err(|_| incomplete_day(from))?);
            let Some(after) = middle.succ_opt().filter(|after| days > 0 && *after <= to) else {
                return Err(incomplete_day(from));
            };
            spans.extend([(after, to), (from, middle)]);
        }
        Ok(index)
    }

    fn take(&mut self, list: List<ClientInvoice>) -> Result<(), IndexError> {
        if let Some(rejected) = list.rejected.first() {
            let count = list.rejected.len();
            let why = format!(
                "{count} could not be read, the first because of {}",
                rejected.error
            );
            return Err(IndexError::Incomplete(why));
        }
        for invoice in list {
            self.insert(&invoice);
        }
        Ok(())
    }

    fn insert(&mut self, invoice: &ClientInvoice) {
        if let Some(existing) = Existing::of(invoice) {
            self.add(existing);
        }
    }

    /// Adds an invoice, or replaces what is known of it.
    pub(crate) fn add(&mut self, existing: Existing) {
        let same_source = self.by_source.entry(source_of(existing.key)).or_default();
        same_source.retain(|known| known.id != existing.id);
        same_source.push(existing);
    }

    /// The invoices of a key's source, in all their lives.
    pub(crate) fn of_source(&self, key: ClientKey) -> &[Existing] {
        self.by_source
            .get(&source_of(key))
            .map_or(&[], Vec::as_slice)
    }

    /// The key of an invoice.
    pub(crate) fn key_of(&self, id: ClientInvoiceId) -> Option<ClientKey> {
        self.by_source
            .values()
            .flatten()
            .find(|one| one.id == id)
            .map(|one| one.key)
    }

    /// The invoices with exactly this key. More than one is a double.
    pub(crate) fn of_key(&self, key: ClientKey) -> Vec<Existing> {
        self.of_source(key)
            .iter()
            .filter(|one| one.key == key)
            .copied()
            .collect()
    }
}

impl Existing {
    pub(crate) fn of(invoice: &ClientInvoice) -> Option<Self> {
        Some(Self {
            key: invoice.foreign_id.parse().ok()?,
            id: invoice.id,
            invoice_nr: Some(invoice.invoice_nr).filter(|number| *number > 0),
            amount: invoice.amount,
            vat: invoice.vat,
            disabled: invoice.disabled,
        })
    }
}

fn incomplete_day(day: NaiveDate) -> IndexError {
    IndexError::Incomplete(format!("not even the invoices of {day} come all at once"))
}

/// Whether a list says that it is not all of what was asked for.
fn is_part(list: &List<ClientInvoice>) -> bool {
    let there = list.items.len() + list.rejected.len();
    match list.page {
        Some(Page {
            size: Some(size), ..
        }) => usize::try_from(size).is_ok_and(|size| size > there),
        _ => false,
    }
}
