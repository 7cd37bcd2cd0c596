//! What can be created once, and how each type is found again.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hash;

use kleer_model::endpoint::{self, Endpoint};
use kleer_model::{
    Client, ClientAgreement, ClientAgreementId, ClientId, ClientInvoice, ClientInvoiceId,
    ClientKey, ClientProjectId, ClientProjectReadable, ClientProjectWritable,
    CreateFoundationGrant, CreateFoundationGrantPayment, DimensionEntry, DimensionEntryId,
    DimensionEntryWritable, EventId, EventReadable, EventWritable, FoundationGrantId,
    FoundationGrantPaymentId, FoundationGrantPaymentReadable, FoundationGrantReadable, ListItem,
    Product, ProductId, Revenue, RevenueCreate, RevenueId, Supplier, SupplierId, SupplierInvoice,
    SupplierInvoiceId, SupplierInvoiceWritable, User, UserId,
};

use crate::response::AnsweredId;

/// A record that [`create_once`](crate::Kleer::create_once) can create: Kleer keeps a mark of it
/// that its list shows again. Sealed.
///
/// The mark is the [client key](ClientKey), which is stamped into `foreign-id` (for revenues
/// `external-id`). Client projects have neither: their mark is the `number`, which you give and
/// which must be unique in the company.
pub trait Creatable: sealed::Marked {}

impl<T: sealed::Marked> Creatable for T {}

pub(crate) mod sealed {
    use super::{AnsweredId, ClientKey, Cow, Endpoint, Hash, ListItem, fmt};

    pub trait Marked: kleer_model::Document + Clone + Send + Sync + 'static {
        /// What Kleer calls the new record by.
        type Id: AnsweredId
            + Copy
            + Eq
            + Ord
            + Hash
            + fmt::Debug
            + fmt::Display
            + Send
            + Sync
            + 'static;
        /// The record as its list shows it.
        type Listed: ListItem + Send + Unpin + 'static;

        const CREATE: &'static Endpoint;
        /// Whether the client key is the mark.
        const STAMPED: bool = true;

        /// Makes the key the mark, where the type has a place for it.
        fn stamp(&mut self, key: &ClientKey);
        fn mark(&self) -> Cow<'_, str>;
        fn id_of(listed: &Self::Listed) -> Self::Id;
        fn mark_of(listed: &Self::Listed) -> &str;
        /// Whether a record without a mark may be this one.
        fn resembles(&self, listed: &Self::Listed) -> bool;
        /// What the list must be asked for to show all these records.
        fn index_query(_records: &[&Self]) -> Vec<(&'static str, String)> {
            Vec::new()
        }
    }
}

/// Names that differ in case and spaces only may be one name after Kleer has put it right.
fn alike(left: &str, right: &str) -> bool {
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_lowercase).collect() };
    words(left) == words(right)
}

macro_rules! marked {
    ($(
        $record:ty => $id:ty, $listed:ty, $create:ident, by $mark:ident $kind:ident,
        listed $listed_mark:ident, id $($listed_id:ident).+,
        |$this:ident, $seen:ident| $resembles:expr
        $(, query $query:expr)?;
    )*) => {$(
        impl sealed::Marked for $record {
            type Id = $id;
            type Listed = $listed;

            const CREATE: &'static Endpoint = &endpoint::$create;

            fn stamp(&mut self, key: &ClientKey) {
                self.$mark = marked!(@stamp $kind key);
            }

            fn mark(&self) -> Cow<'_, str> {
                Cow::Borrowed(marked!(@read $kind &self.$mark))
            }

            fn id_of(listed: &$listed) -> $id {
                listed.$($listed_id).+
            }

            fn mark_of(listed: &$listed) -> &str {
                marked!(@read $kind &listed.$listed_mark)
            }

            fn resembles(&self, $seen: &$listed) -> bool {
                let $this = self;
                $resembles
            }

            $(fn index_query(records: &[&Self]) -> Vec<(&'static str, String)> {
                let query: fn(&[&Self]) -> Vec<(&'static str, String)> = $query;
                query(records)
            })?
        }
    )*};
    (@stamp text $key:ident) => { $key.to_string() };
    (@stamp optional $key:ident) => { Some($key.to_string()) };
    (@read text $mark:expr) => { $mark.as_str() };
    (@read optional $mark:expr) => { $mark.as_deref().unwrap_or_default() };
}

marked! {
    Client => ClientId, Client, CLIENT_CREATE, by foreign_id text, listed foreign_id, id id,
        |this, seen| alike(&this.name, &seen.name);
    Product => ProductId, Product, PRODUCT_CREATE, by foreign_id text, listed foreign_id, id id,
        |this, seen| alike(&this.name, &seen.name);
    Supplier => SupplierId, Supplier, SUPPLIER_CREATE, by foreign_id text, listed foreign_id, id id,
        |this, seen| alike(&this.name, &seen.name);
    User => UserId, User, USER_CREATE, by foreign_id optional, listed foreign_id, id id,
        |this, seen| alike(&this.name, &seen.name) || alike(&this.email, &seen.email);
    ClientAgreement => ClientAgreementId, ClientAgreement, CLIENT_AGREEMENT_CREATE,
        by foreign_id text, listed foreign_id, id id,
        |this, seen| this.client_ref.id == seen.client_ref.id;
    ClientInvoice => ClientInvoiceId, ClientInvoice, CLIENT_INVOICE_CREATE,
        by foreign_id text, listed foreign_id, id id,
        |this, seen| this.client_ref.id == seen.client_ref.id,
        // Of all days: a date that Kleer changes must not hide an invoice.
        query |_| vec![("ignoreFiles", "true".to_owned())];
    SupplierInvoiceWritable => SupplierInvoiceId, SupplierInvoice, SUPPLIER_INVOICE_CREATE,
        by foreign_id text, listed foreign_id, id id,
        |this, seen| this.supplier.id == seen.supplier_ref.id;
    EventWritable => EventId, EventReadable, EVENT_CREATE, by foreign_id text, listed foreign_id,
        id id.id,
        |this, seen| this.user.id == seen.user.id && this.date == seen.date
            && this.activity.id == seen.activity.id,
        query |events| days_of(events);
    RevenueCreate => RevenueId, Revenue, REVENUE_CREATE, by external_id text, listed external_id,
        id id,
        |this, seen| this.ledger.id == seen.ledger.id
            && this.transaction_date == seen.transaction_date;
    CreateFoundationGrant => FoundationGrantId, FoundationGrantReadable, FOUNDATION_GRANT_CREATE,
        by foreign_id text, listed foreign_id, id id,
        |this, seen| alike(&this.recipient, &seen.recipient);
    CreateFoundationGrantPayment => FoundationGrantPaymentId, FoundationGrantPaymentReadable,
        FOUNDATION_GRANT_PAYMENT_CREATE, by foreign_id text, listed foreign_id, id id,
        |this, seen| this.grant_id == seen.grant_id;
    DimensionEntryWritable => DimensionEntryId, DimensionEntry, DIMENSION_ENTRY_CREATE,
        by foreign_id optional, listed foreign_id, id id,
        |this, seen| alike(&this.name, &seen.name);
}

impl sealed::Marked for ClientProjectWritable {
    type Id = ClientProjectId;
    type Listed = ClientProjectReadable;

    const CREATE: &'static Endpoint = &endpoint::CLIENT_PROJECT_CREATE;
    const STAMPED: bool = false;

    fn stamp(&mut self, _key: &ClientKey) {}

    fn mark(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.number.trim())
    }

    fn id_of(listed: &ClientProjectReadable) -> ClientProjectId {
        listed.id.id
    }

    fn mark_of(listed: &ClientProjectReadable) -> &str {
        listed.number.trim()
    }

    fn resembles(&self, listed: &ClientProjectReadable) -> bool {
        alike(&self.name, &listed.name)
    }

    fn index_query(_records: &[&Self]) -> Vec<(&'static str, String)> {
        vec![("filter", "all".to_owned())]
    }
}

/// Unless days are given, Kleer lists the events of the current week.
fn days_of(events: &[&EventWritable]) -> Vec<(&'static str, String)> {
    let mut query = Vec::new();
    let days = || events.iter().map(|event| event.date);
    if let (Some(first), Some(last)) = (days().min(), days().max()) {
        query.push(("startDate", first.to_string()));
        query.push(("endDate", last.to_string()));
    }
    if let Some((first, others)) = events.split_first()
        && others.iter().all(|event| event.user.id == first.user.id)
    {
        query.push(("userId", first.user.id.to_string()));
    }
    query
}
