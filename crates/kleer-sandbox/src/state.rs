//! The books: what the sandbox's company has, and the numbers it gives out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{Days, NaiveDate};
use kleer_model::{
    Client, ClientDeliveryType, ClientId, ClientInvoice, ClientInvoiceId, ClientInvoiceTemplate,
    ClientInvoiceTemplateId, CompanyId, CompanyInformation, Product, ProductId, RateUnit,
};

use crate::events::Lock;
use crate::records::Records;
use crate::resource;

/// The state of one company.
#[derive(Debug)]
pub(crate) struct Books {
    /// How VAT rates and percentages are written here.
    pub(crate) rate_unit: RateUnit,
    /// The most items that a paged list gives at once; `None` gives all.
    pub(crate) page_limit: Option<usize>,
    pub(crate) information: CompanyInformation,
    pub(crate) delivery_types: Vec<ClientDeliveryType>,
    pub(crate) templates: Vec<ClientInvoiceTemplate>,
    pub(crate) clients: BTreeMap<ClientId, Client>,
    pub(crate) products: BTreeMap<ProductId, Product>,
    pub(crate) client_invoices: BTreeMap<ClientInvoiceId, ClientInvoice>,
    /// Numbers of certified invoices, also of such that are not in `client_invoices`.
    pub(crate) certified_numbers: BTreeSet<i32>,
    pub(crate) ids: Ids,
    /// Everything else, whatever its type.
    pub(crate) records: Records,
    /// The days that were certified, approved or opened again, oldest first.
    pub(crate) locks: Vec<Lock>,
    /// The company's id.
    pub(crate) company: CompanyId,
    /// The id of the token's user.
    pub(crate) user: i64,
    pub(crate) clock: Clock,
}

/// What day it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    /// The day that a test has set.
    pub(crate) fixed: Option<NaiveDate>,
}

impl Clock {
    /// The day that was set, or today in UTC.
    pub(crate) fn today(self) -> NaiveDate {
        self.fixed.unwrap_or_else(|| {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
            let days = since_epoch.map_or(0, |time| time.as_secs() / 86_400);
            NaiveDate::default() + Days::new(days)
        })
    }
}

impl Books {
    /// Whether there is a record of this kind (`client-project`) with this id. Of kinds that the
    /// sandbox does not keep, everything is taken to be there.
    pub(crate) fn exists(&self, kind: &str, id: i64) -> bool {
        let Ok(short) = i32::try_from(id) else {
            return false;
        };
        match kind {
            "client" => self.clients.contains_key(&ClientId(short)),
            "product" => self.products.contains_key(&ProductId(short)),
            "client-invoice" => self.client_invoices.contains_key(&ClientInvoiceId(short)),
            "client-invoice-template" => {
                let id = ClientInvoiceTemplateId(short);
                self.templates.iter().any(|template| template.id == id)
            }
            _ => {
                let mut kinds = resource::RESOURCES.iter();
                kinds
                    .find(|resource| resource.name == kind)
                    .is_none_or(|resource| self.records.get(resource.list, id).is_some())
            }
        }
    }

    pub(crate) fn today(&self) -> NaiveDate {
        self.clock.today()
    }

    /// The time of a registration: the sandbox knows days only, so that a test can set them.
    pub(crate) fn now(&self) -> String {
        format!("{}T12:00:00", self.today())
    }

    /// The name of the delivery type that is used where none is given.
    pub(crate) fn default_delivery_type(&self) -> Option<String> {
        self.delivery_types
            .iter()
            .find(|kind| kind.default)
            .map(|kind| kind.name.clone())
    }

    /// The number that the next certified invoice gets.
    pub(crate) fn next_invoice_number(&self) -> i32 {
        self.certified_numbers
            .last()
            .map_or(1, |last| last.saturating_add(1))
    }
}

/// Gives out ids, each once. Clients, products and invoices start at different thousands, so that
/// a test that mixes them up fails.
#[derive(Debug)]
pub(crate) struct Ids {
    client: i32,
    product: i32,
    client_invoice: i32,
    row: i32,
}

impl Default for Ids {
    fn default() -> Self {
        Self {
            client: 1000,
            product: 5000,
            client_invoice: 20_000,
            row: 700_000,
        }
    }
}

impl Ids {
    /// An id that no client in these books has.
    pub(crate) fn client(&mut self, taken: &BTreeMap<ClientId, Client>) -> ClientId {
        next(&mut self.client, |id| taken.contains_key(&ClientId(id))).into()
    }

    /// An id that no product in these books has.
    pub(crate) fn product(&mut self, taken: &BTreeMap<ProductId, Product>) -> ProductId {
        next(&mut self.product, |id| taken.contains_key(&ProductId(id))).into()
    }

    pub(crate) fn client_invoice(&mut self) -> ClientInvoiceId {
        next(&mut self.client_invoice, |_| false).into()
    }

    pub(crate) fn row(&mut self) -> i32 {
        next(&mut self.row, |_| false)
    }
}

/// Wraps to 1 after the largest number, which no test reaches; a seeded id is skipped.
fn next(last: &mut i32, taken: impl Fn(i32) -> bool) -> i32 {
    loop {
        *last = last.checked_add(1).unwrap_or(1);
        if !taken(*last) {
            return *last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn taken_ids_are_skipped_and_the_last_number_does_not_overflow() {
        let mut last = 7;
        assert_eq!(next(&mut last, |id| id == 8 || id == 9), 10);
        last = i32::MAX;
        assert_eq!(next(&mut last, |_| false), 1);
    }
}
