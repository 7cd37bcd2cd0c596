//! Client invoices: the invoices that the company sends.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use chrono::NaiveDate;
use kleer_model::{ClientInvoice, ClientInvoiceId, ClientInvoiceTemplate, List, endpoint};

use crate::call::Call;
use crate::error::Error;
use crate::kleer::Kleer;
use crate::request::RenderedRequest;
use crate::response::{self, Accepted, Created};
use crate::retry::RetryPolicy;
use crate::transport::BoxFuture;

/// The company's client invoices. From [`Kleer::client_invoices`].
#[derive(Debug, Clone, Copy)]
pub struct ClientInvoices<'a> {
    kleer: &'a Kleer,
}

impl<'a> ClientInvoices<'a> {
    pub(crate) fn new(kleer: &'a Kleer) -> Self {
        Self { kleer }
    }

    /// Invoices, without the contents of their attached files unless
    /// [`with_files`](ListClientInvoices::with_files) asks for them.
    pub fn list(&self) -> ListClientInvoices {
        ListClientInvoices {
            call: Call::of_endpoint(
                self.kleer,
                &endpoint::CLIENT_INVOICE_LIST,
                &[],
                response::document,
            ),
            filter: None,
            from: None,
            to: None,
            text: None,
            with_files: false,
        }
    }

    /// One invoice.
    ///
    /// The path is inferred, not confirmed: see [`CLIENT_INVOICE_READ`](kleer_model::endpoint::CLIENT_INVOICE_READ).
    pub fn get(&self, id: ClientInvoiceId) -> Call<ClientInvoice> {
        let path = [("client-invoice-id", &*id.to_string())];
        Call::of_endpoint(
            self.kleer,
            &endpoint::CLIENT_INVOICE_READ,
            &path,
            response::document,
        )
    }

    /// Creates an invoice. What the record says happens: a
    /// [draft](ClientInvoice::draft) is not certified, not sent, and has no automatic actions.
    ///
    /// Kleer has no protection against doubles: put a key of your own into `foreign_id`, and after
    /// an [unknown outcome](crate::Outcome::Unknown) look for it in [`list`](Self::list).
    pub fn create(&self, invoice: &ClientInvoice) -> CreateClientInvoice {
        CreateClientInvoice {
            call: Call::with_document(
                self.kleer,
                &endpoint::CLIENT_INVOICE_CREATE,
                &[],
                invoice,
                response::created,
            ),
            from_product: None,
            from_client: None,
        }
    }

    /// Replaces an invoice by the whole record.
    ///
    /// The path is inferred, not confirmed: see [`CLIENT_INVOICE_UPDATE`](kleer_model::endpoint::CLIENT_INVOICE_UPDATE).
    pub fn update(
        &self,
        id: ClientInvoiceId,
        invoice: &ClientInvoice,
    ) -> Call<Accepted<ClientInvoiceId>> {
        let path = [("client-invoice-id", &*id.to_string())];
        Call::with_document(
            self.kleer,
            &endpoint::CLIENT_INVOICE_UPDATE,
            &path,
            invoice,
            response::accepted,
        )
    }

    /// Deletes an invoice; afterwards it reads as disabled.
    ///
    /// The path is inferred, not confirmed: see [`CLIENT_INVOICE_DELETE`](kleer_model::endpoint::CLIENT_INVOICE_DELETE).
    pub fn delete(&self, id: ClientInvoiceId) -> Call<Accepted<ClientInvoiceId>> {
        let path = [("client-invoice-id", &*id.to_string())];
        Call::of_endpoint(
            self.kleer,
            &endpoint::CLIENT_INVOICE_DELETE,
            &path,
            response::accepted,
        )
    }

    /// The templates after which invoices are laid out.
    pub fn templates(&self) -> Call<List<ClientInvoiceTemplate>> {
        Call::of_endpoint(
            self.kleer,
            &endpoint::CLIENT_INVOICE_TEMPLATES,
            &[],
            response::document,
        )
    }
}

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

/// What a call with options of its own shares with every [`Call`].
macro_rules! like_a_call {
    ($name:ident => $output:ty) => {
        impl $name {
            /// Like [`Call::retry`].
            pub fn retry(mut self, policy: RetryPolicy) -> Self {
                self.call = self.call.retry(policy);
                self
            }

            /// Like [`Call::attempt_timeout`].
            pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
                self.call = self.call.attempt_timeout(timeout);
                self
            }

            /// Like [`Call::render`].
            ///
            /// # Errors
            /// If the arguments make no request.
            pub fn render(self) -> Result<RenderedRequest, Error> {
                self.into_call().render()
            }

            /// Like [`Call::send`].
            ///
            /// # Errors
            /// An [`Error`].
            pub async fn send(self) -> Result<$output, Error> {
                self.into_call().send().await
            }
        }

        impl IntoFuture for $name {
            type Output = Result<$output, Error>;
            type IntoFuture = BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                self.into_call().into_future()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Not the options: a search text may be a name.
                f.debug_struct(stringify!($name))
                    .field("call", &self.call)
                    .finish_non_exhaustive()
            }
        }
    };
}

/// A list of client invoices, with its options. `.await` it.
///
/// ```no_run
/// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
/// use kleer_client::InvoiceFilter;
///
/// let certified = kleer.client_invoices().list().filter(InvoiceFilter::Certified).await?;
/// for invoice in &certified.items {
///     println!("{}: {} left to pay", invoice.invoice_nr, invoice.remaining);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct ListClientInvoices {
    call: Call<List<ClientInvoice>>,
    filter: Option<InvoiceFilter>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    text: Option<String>,
    with_files: bool,
}

impl ListClientInvoices {
    /// Only these invoices.
    pub fn filter(mut self, filter: InvoiceFilter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Only invoices dated on this day or later.
    pub fn invoice_date_from(mut self, day: NaiveDate) -> Self {
        self.from = Some(day);
        self
    }

    /// Only invoices dated on this day or earlier.
    pub fn invoice_date_to(mut self, day: NaiveDate) -> Self {
        self.to = Some(day);
        self
    }

    /// Only invoices in which Kleer finds this text.
    pub fn query(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// With the contents of the attached files, which can make the answer very large.
    pub fn with_files(mut self) -> Self {
        self.with_files = true;
        self
    }

    fn into_call(self) -> Call<List<ClientInvoice>> {
        let mut call = self.call;
        if let Some(filter) = self.filter {
            call = call.with_query("filter", filter.as_str());
        }
        if let Some(text) = self.text {
            call = call.with_query("query", text);
        }
        if let Some(day) = self.from {
            call = call.with_query("invoiceDateLower", day.to_string());
        }
        if let Some(day) = self.to {
            call = call.with_query("invoiceDateUpper", day.to_string());
        }
        call.with_query("ignoreFiles", (!self.with_files).to_string())
    }
}

like_a_call!(ListClientInvoices => List<ClientInvoice>);

/// The creation of a client invoice, with its options. `.await` it.
#[must_use = "a call does nothing until it is awaited or sent"]
pub struct CreateClientInvoice {
    call: Call<Created<ClientInvoiceId>>,
    from_product: Option<bool>,
    from_client: Option<bool>,
}

impl CreateClientInvoice {
    /// Whether rows without dimensions get those of their product. Not said by default: Kleer
    /// decides.
    pub fn default_dimensions_from_product(mut self, take: bool) -> Self {
        self.from_product = Some(take);
        self
    }

    /// Whether rows without dimensions get those of the client. Not said by default: Kleer decides.
    pub fn default_dimensions_from_client(mut self, take: bool) -> Self {
        self.from_client = Some(take);
        self
    }

    fn into_call(self) -> Call<Created<ClientInvoiceId>> {
        let mut call = self.call;
        if let Some(take) = self.from_product {
            call = call.with_query("defaultDimensionsFromProduct", take.to_string());
        }
        if let Some(take) = self.from_client {
            call = call.with_query("defaultDimensionsFromClient", take.to_string());
        }
        call
    }
}

like_a_call!(CreateClientInvoice => Created<ClientInvoiceId>);
