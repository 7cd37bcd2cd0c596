//! Clients, the agreements with them, the invoices to them, and the products on the invoices.

use bytes::Bytes;
use chrono::NaiveDate;
use kleer_model::{
    Client, ClientAgreement, ClientAgreementId, ClientDeliveryType, ClientId, ClientInvoice,
    ClientInvoiceId, ClientInvoicePaymentWritable, ClientInvoiceTemplate, List, Product, ProductId,
    UpdateClientAgreement, UpdateClientAgreementResult, endpoint,
};

use super::{area, once, query_call, streams};
use crate::call::Call;
use crate::pages::PagedCall;
use crate::response::{self, Created, Read};

area! {
    /// The company's clients: whom it sends invoices to. From
    /// [`Kleer::clients`](crate::Kleer::clients).
    Clients {
        /// All clients. Conclude nothing from what is missing in a list that
        /// [is not complete](kleer_model::List::is_complete).
        list list() -> Client = CLIENT_LIST confirmed;
        /// One client.
        read get(id: ClientId => "client-id") -> Client = CLIENT_READ inferred;
        /// The client with this foreign id.
        read get_by_foreign_id(foreign_id: &str => "foreign-id") -> Client = CLIENT_BY_FOREIGN_ID inferred;
        /// Creates a client. Kleer has no protection against doubles: rather use
        /// [`create_once`](Self::create_once).
        create create(; client: &Client) -> ClientId = CLIENT_CREATE confirmed;
        /// Replaces a client by the whole record: [`get`](Self::get) it, change it, send it back.
        update update(id: ClientId => "client-id"; client: &Client) -> ClientId = CLIENT_UPDATE confirmed;
        /// Deletes a client.
        act delete(id: ClientId => "client-id") -> ClientId = CLIENT_DELETE confirmed;
        /// The ways in which invoices can be delivered.
        list delivery_types() -> ClientDeliveryType = CLIENT_DELIVERY_TYPES confirmed;
    }
}

once!(Clients: Client, "the clients");

area! {
    /// The agreements by which clients are invoiced again and again. From
    /// [`Kleer::client_agreements`](crate::Kleer::client_agreements).
    ClientAgreements {
        /// All agreements.
        list list() -> ClientAgreement = CLIENT_AGREEMENT_LIST inferred;
        /// One agreement.
        read get(id: ClientAgreementId => "client-agreement-id") -> ClientAgreement = CLIENT_AGREEMENT_READ inferred;
        /// Creates an agreement. Kleer has no protection against doubles: rather use
        /// [`create_once`](Self::create_once).
        create create(; agreement: &ClientAgreement) -> ClientAgreementId = CLIENT_AGREEMENT_CREATE inferred;
        /// Revises an agreement; the whole agreement is sent, and each update makes a revision.
        ask update(id: ClientAgreementId => "client-agreement-id"; agreement: &UpdateClientAgreement) -> UpdateClientAgreementResult = CLIENT_AGREEMENT_UPDATE inferred;
    }
}

once!(ClientAgreements: ClientAgreement, "the agreements");

area! {
    /// The invoices that the company sends. From
    /// [`Kleer::client_invoices`](crate::Kleer::client_invoices).
    ClientInvoices {
        /// Invoices, without the contents of their attached files unless
        /// [`with_files`](ListClientInvoices::with_files) asks for them.
        query list() -> ListClientInvoices = CLIENT_INVOICE_LIST confirmed;
        /// One invoice.
        read get(id: ClientInvoiceId => "client-invoice-id") -> ClientInvoice = CLIENT_INVOICE_READ inferred;
        /// Replaces an invoice by the whole record.
        update update(id: ClientInvoiceId => "client-invoice-id"; invoice: &ClientInvoice) -> ClientInvoiceId = CLIENT_INVOICE_UPDATE inferred;
        /// Deletes an invoice that is not certified; afterwards it reads as disabled.
        act delete(id: ClientInvoiceId => "client-invoice-id") -> ClientInvoiceId = CLIENT_INVOICE_DELETE inferred;
        /// Books a payment. After an unknown outcome compare what remains to be paid.
        update pay(id: ClientInvoiceId => "client-invoice-id"; payment: &ClientInvoicePaymentWritable) -> i32 = CLIENT_INVOICE_PAY inferred;
        /// Certifies an invoice: it is booked and gets its number, **for good**.
        act certify(id: ClientInvoiceId => "client-invoice-id") -> ClientInvoiceId = CLIENT_INVOICE_CERTIFY inferred;
        /// Sends a certified invoice to the client. What is sent twice arrives twice.
        act send_to_client(id: ClientInvoiceId => "client-invoice-id") -> ClientInvoiceId = CLIENT_INVOICE_SEND inferred;
        /// An invoice as it is printed.
        bytes pdf(id: ClientInvoiceId => "client-invoice-id") -> Bytes = CLIENT_INVOICE_PDF inferred;
        /// The templates after which invoices are laid out.
        list templates() -> ClientInvoiceTemplate = CLIENT_INVOICE_TEMPLATES confirmed;
    }
}

/// Endpoints that are called by hand-written methods.
#[cfg(test)]
pub(super) const EXTRA: &[(&endpoint::Endpoint, &str)] =
    &[(&endpoint::CLIENT_INVOICE_CREATE, "confirmed")];

impl ClientInvoices<'_> {
    /// Creates an invoice. What the record says happens: a
    /// [draft](ClientInvoice::draft) is not certified, not sent, and has no automatic actions.
    ///
    /// Kleer has no protection against doubles: rather use [`create_once`](Self::create_once).
    ///
    /// Calls [`CLIENT_INVOICE_CREATE`](kleer_model::endpoint::CLIENT_INVOICE_CREATE), whose path is
    /// confirmed.
    pub fn create(&self, invoice: &ClientInvoice) -> CreateClientInvoice {
        CreateClientInvoice {
            call: self.at.call_with(
                &endpoint::CLIENT_INVOICE_CREATE,
                &[],
                invoice,
                Read::Whole(response::created),
            ),
        }
    }
}

once!(ClientInvoices: ClientInvoice, "the invoices");

/// Which invoices a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvoiceFilter {
    /// All of them. Kleer's default.
    All,
    /// Those that are certified, that is, final and entered in the books.
    Certified,
    /// Those that could be certified.
    Certifiable,
    /// Those that could be sent.
    Sendable,
}

impl InvoiceFilter {
    /// Kleer's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Certified => "certified",
            Self::Certifiable => "certifiable",
            Self::Sendable => "sendable",
        }
    }
}

query_call! {
    /// A list of client invoices, with its options. Files are left out unless they are asked for.
    ///
    /// `.await` it for one page, or see
    /// [`PagedCall`](crate::PagedCall).
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer, day: chrono::NaiveDate) -> Result<(), kleer_client::Error> {
    /// let certified = kleer.client_invoices().list().certified().from(day).all().await?;
    /// for invoice in &certified.items {
    ///     println!("{}: {} left to pay", invoice.invoice_nr, invoice.remaining);
    /// }
    /// # Ok(()) }
    /// ```
    ListClientInvoices(PagedCall<ClientInvoice>) -> List<ClientInvoice> {
        /// Only these invoices.
        filter(filter: InvoiceFilter) => "filter" = filter.as_str();
        /// Only invoices that are certified, that is, final and entered in the books.
        certified() => "filter" = InvoiceFilter::Certified.as_str();
        /// Only invoices dated on this day or later.
        from(day: NaiveDate) => "invoiceDateLower" = day.to_string();
        /// Only invoices dated on this day or earlier.
        to(day: NaiveDate) => "invoiceDateUpper" = day.to_string();
        /// The same as [`from`](Self::from).
        invoice_date_from(day: NaiveDate) => "invoiceDateLower" = day.to_string();
        /// The same as [`to`](Self::to).
        invoice_date_to(day: NaiveDate) => "invoiceDateUpper" = day.to_string();
        /// Only invoices in which Kleer finds this text.
        query(text: impl Into<String>) => "query" = text;
        /// With the contents of the attached files, which can make the answer very large.
        with_files() => "ignoreFiles" = "false";
    }
}

streams!(ListClientInvoices: paged ClientInvoice, always "ignoreFiles" = "true");

query_call! {
    /// The creation of a client invoice, with its options. `.await` it.
    CreateClientInvoice(Call<Created<ClientInvoiceId>>) -> Created<ClientInvoiceId> {
        /// Whether rows without dimensions get those of their product. Not said by default: Kleer
        /// decides.
        default_dimensions_from_product(take: bool) => "defaultDimensionsFromProduct" = take.to_string();
        /// Whether rows without dimensions get those of the client. Not said by default: Kleer
        /// decides.
        default_dimensions_from_client(take: bool) => "defaultDimensionsFromClient" = take.to_string();
    }
}

area! {
    /// The company's products and services, which invoice rows refer to. From
    /// [`Kleer::products`](crate::Kleer::products).
    Products {
        /// All products.
        list list() -> Product = PRODUCT_LIST confirmed;
        /// One product.
        read get(id: ProductId => "product-id") -> Product = PRODUCT_READ confirmed;
        /// Creates a product. Kleer has no protection against doubles: rather use
        /// [`create_once`](Self::create_once).
        create create(; product: &Product) -> ProductId = PRODUCT_CREATE inferred;
        /// Replaces a product by the whole record.
        update update(id: ProductId => "product-id"; product: &Product) -> ProductId = PRODUCT_UPDATE inferred;
    }
}

once!(Products: Product, "the products");
