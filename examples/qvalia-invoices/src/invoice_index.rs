//! Which invoices Kleer has, by our key.

use std::collections::{HashMap, HashSet};

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

/// The span that is halved when a list is a part; what lies before and behind it is asked for whole.
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
    /// each part is whole. In the end all that the first answer announced must have come.
    pub(crate) async fn load(kleer: &Kleer) -> Result<Self, IndexError> {
        let mut index = Self::default();
        let list = kleer.client_invoices().list().await?;
        if !is_part(&list) {
            index.take(list)?;
            return Ok(index);
        }
        let announced = list.page.and_then(|page| page.size);
        let announced = announced
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(usize::MAX);
        let mut seen = HashSet::new();
        let (Some(begin), Some(end)) = (FIRST, LAST) else {
            return Err(IndexError::Incomplete("it comes in parts".to_owned()));
        };
        let mut spans = vec![
            (Some(begin), Some(end)),
            (None, begin.pred_opt()),
            (end.succ_opt(), None),
        ];
        while let Some((from, to)) = spans.pop() {
            let mut call = kleer.client_invoices().list();
            if let Some(from) = from {
                call = call.invoice_date_from(from);
            }
            if let Some(to) = to {
                call = call.invoice_date_to(to);
            }
            let list = call.await?;
            if !is_part(&list) {
                seen.extend(list.iter().map(|invoice| invoice.id));
                index.take(list)?;
                continue;
            }
            let halves = from.zip(to).and_then(|(from, to)| {
                let half = u64::try_from((to - from).num_days() / 2).ok()?;
                let middle = from.checked_add_days(Days::new(half))?;
                let after = middle.succ_opt().filter(|after| *after <= to)?;
                Some([(Some(after), Some(to)), (Some(from), Some(middle))])
            });
            let Some(halves) = halves else {
                let day = from.or(to).map_or_else(String::new, |day| day.to_string());
                let why = format!("not even the invoices of {day} come all at once");
                return Err(IndexError::Incomplete(why));
            };
            spans.extend(halves);
        }
        if seen.len() < announced {
            let why = format!(
                "{announced} were announced and {} came, part by part",
                seen.len()
            );
            return Err(IndexError::Incomplete(why));
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

/// Whether a list says that it is not all of what was asked for, or does not say that it is.
fn is_part(list: &List<ClientInvoice>) -> bool {
    let there = list.items.len() + list.rejected.len();
    match list.page {
        Some(Page {
            size: Some(size), ..
        }) => usize::try_from(size).map_or(true, |size| size > there),
        // A limit that is reached, and no word of how many there are.
        Some(Page {
            size: None,
            limit: Some(limit),
            ..
        }) => usize::try_from(limit).is_ok_and(|limit| limit > 0 && limit <= there),
        _ => false,
    }
}
