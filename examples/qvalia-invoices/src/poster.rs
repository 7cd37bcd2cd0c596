//! Posts documents, one after the other, so that each stands in Kleer once.
//!
//! The order of things makes it safe to kill a run anywhere and start it again: every create
//! carries a key that is computed from the document alone, and before anything is created Kleer's
//! own lists are searched for that key.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use kleer_client::{Error, Kleer, Outcome as Effect};
use kleer_invoice::{
    Catalogue, ClientMatch, Context, DocumentKind, ReadLimits, ReasonCode, Refusal, Settings,
    SourceInvoice, find_client, map, missing_products, propose_client,
};
use kleer_model::{
    Cents, Client, ClientId, ClientInvoice, ClientInvoiceId, ClientKey, List, Product, RateUnit,
};
use thiserror::Error as ThisError;

use crate::invoice_index::{Existing, IndexError, InvoiceIndex};
use crate::outcome::{FileResult, Outcome};

/// How to post.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How invoices are mapped.
    pub settings: Settings,
    /// Whether unknown buyers become new clients.
    pub create_clients: bool,
    /// How Kleer writes VAT rates; found out from its products if it is not given.
    pub rate_unit: Option<RateUnit>,
    /// Whether a number (BT-1) that its seller has used for other content is refused. If not, the
    /// draft is posted beside the first one, and the result says so.
    pub refuse_reused_numbers: bool,
    /// Whether results carry the account of every term.
    pub report: bool,
    /// How long to wait before looking for a record whose create was not answered.
    pub settle: Duration,
    /// The largest document read, in bytes.
    pub max_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            create_clients: false,
            rate_unit: None,
            refuse_reused_numbers: false,
            report: false,
            settle: Duration::from_secs(2),
            max_bytes: ReadLimits::default().max_bytes,
        }
    }
}

/// Posting cannot begin.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum StartError {
    /// Kleer cannot be reached or refuses the credentials.
    #[error("{0}")]
    Kleer(#[from] Error),
    /// One of Kleer's lists has items that could not be read.
    #[error("Kleer's list of {what} is incomplete ({why}), so a double could not be ruled out")]
    Incomplete {
        /// What the list is of.
        what: &'static str,
        /// Why it is incomplete.
        why: String,
    },
    /// It is not known whether 25 % is written 25 or 0.25.
    #[error(
        "it is not known how this Kleer writes VAT rates: its products tell nothing, or contradict \
         each other. Look at a product in Kleer and say --rate-unit percent (25) or fraction (0.25)"
    )]
    UnknownRateUnit,
}

impl From<IndexError> for StartError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Kleer(error) => Self::Kleer(error),
            IndexError::Incomplete(why) => Self::Incomplete {
                what: "invoices",
                why,
            },
        }
    }
}

/// A connection to one Kleer company, with what is known of it.
#[derive(Debug)]
pub struct Poster {
    kleer: Kleer,
    options: Options,
    connection: String,
    clients: Vec<Client>,
    catalogue: Catalogue,
    invoices: InvoiceIndex,
    /// Creates of this run whose outcome is not known: not to be tried again before a fresh look.
    in_doubt: HashSet<ClientKey>,
    /// Why nothing more is tried, once the credentials were refused.
    refused_token: Option<String>,
}

/// Whom an invoice is for.
enum Buyer {
    Known {
        id: ClientId,
        payment_days: i32,
    },
    /// A client to create, with its key.
    New(Box<Client>),
}

/// Why a step did not succeed, and whose fault it was.
struct Stop(Outcome, Vec<String>);

impl Stop {
    fn refused(reason: impl Into<String>) -> Self {
        Self(Outcome::Refused, vec![reason.into()])
    }

    fn failed(reason: impl Into<String>) -> Self {
        Self(Outcome::Failed, vec![reason.into()])
    }
}

fn complete<T>(list: List<T>, what: &'static str) -> Result<Vec<T>, StartError> {
    let part = list
        .page
        .and_then(|page| page.size)
        .and_then(|size| usize::try_from(size).ok());
    if let Some(rejected) = list.rejected.first() {
        let why = format!("{} items: {}", list.rejected.len(), rejected.error);
        return Err(StartError::Incomplete { what, why });
    }
    match part {
        Some(size) if size > list.items.len() => {
            let why = format!("{} of {size} came", list.items.len());
            Err(StartError::Incomplete { what, why })
        }
        _ => Ok(list.items),
    }
}

/// The reasons of a refusal, with what somebody at the command line can do about each.
fn explain_refusal(refusal: &Refusal) -> impl Iterator<Item = String> + '_ {
    // Products that are missing would have been created, had there been no other reason.
    let reasons = refusal
        .reasons
        .iter()
        .filter(|one| one.code != ReasonCode::ProductToCreate);
    reasons.map(|reason| {
        let advice = match reason.code {
            ReasonCode::Prepaid => {
                "register the payment in Kleer by hand, or post with --prepaid carry-in-notes"
            }
            ReasonCode::CreditedInvoiceUnknown => {
                "post the invoice that is credited, certify it in Kleer, then reprocess this one"
            }
            ReasonCode::UnknownProduct => {
                "create a product with this foreign id in Kleer, or post with --unknown-product \
                 create or default-product"
            }
            ReasonCode::NoDefaultProduct => "name one with --default-product",
            ReasonCode::VatMismatch => {
                "correct the product's VAT rate in Kleer, or post with --vat-mismatch reroute"
            }
            ReasonCode::RuleBroken => "ask the sender for a corrected document",
            _ => reason.advice(),
        };
        let place = match reason.place.as_str() {
            "" => String::new(),
            place => format!(" at {place}"),
        };
        format!("{}{place}: {}; {advice}", reason.subject, reason.text)
    })
}

/// What went wrong in a call, with Kleer's own words for the person who runs this.
fn explain(error: &Error) -> String {
    match error.kleer_message() {
        Some(message) => format!("{error} Kleer says: {message}"),
        None => error.to_string(),
    }
}

impl Poster {
    /// Connects: reads the company's clients, products and invoices.
    ///
    /// # Errors
    /// When Kleer cannot be reached, refuses the token, or gives an incomplete list, and when it
    /// is not known how it writes VAT rates.
    pub async fn connect(kleer: Kleer, options: Options) -> Result<Self, StartError> {
        let products = complete(kleer.products().list().await?, "products")?;
        let clients = complete(kleer.clients().list().await?, "clients")?;
        let rates = products.iter().filter_map(|product| product.vat_percentage);
        let rate_unit = options.rate_unit.or_else(|| RateUnit::detect(rates));
        let rate_unit = rate_unit.ok_or(StartError::UnknownRateUnit)?;
        let invoices = InvoiceIndex::load(&kleer).await?;
        Ok(Self {
            // The same for every machine and host that posts to this company.
            connection: format!("qvalia-invoices->{}", kleer.company()),
            catalogue: Catalogue::new(&products, rate_unit),
            in_doubt: HashSet::new(),
            refused_token: None,
            kleer,
            options,
            clients,
            invoices,
        })
    }

    /// Posts one document. Whatever happens to it becomes the result.
    pub async fn post(&mut self, file: &Path) -> FileResult {
        let mut result = FileResult::failed(file, "");
        result.reasons.clear();
        match self.try_post(file, &mut result).await {
            Ok(outcome) => result.outcome = outcome,
            Err(Stop(outcome, reasons)) => {
                result.outcome = outcome;
                result.reasons.extend(reasons);
            }
        }
        result
    }

    async fn try_post(&mut self, file: &Path, result: &mut FileResult) -> Result<Outcome, Stop> {
        let source = self.read(file)?;
        let totals = source.totals();
        result.number = source.number().map(str::to_owned);
        result.net = Some(totals.net);
        result.vat = Some(totals.vat.unwrap_or(Cents::ZERO));
        result.currency = source.currency().map(str::to_owned);
        result.client = source.buyer().name().map(str::to_owned);
        if let Some(why) = &self.refused_token {
            return Err(Stop::failed(format!("not tried: {why}")));
        }

        let key = self.key_of(&source);
        if let Some(outcome) = self.already_there(key, &source, result)? {
            return Ok(outcome);
        }
        let settings = self.options.settings.clone();
        // A first look before anything is created: what cannot be posted must leave nothing
        // behind, and all its reasons are told together.
        let buyer = self.buyer(&source);
        let mut reasons = buyer.as_ref().err().map(|Stop(_, reasons)| reasons.clone());
        let (client, days) = match &buyer {
            Ok(Buyer::Known { id, payment_days }) => (*id, *payment_days),
            Ok(Buyer::New(proposed)) => (ClientId(0), proposed.payment_days),
            Err(_) => (ClientId(0), 0),
        };
        if let Err(refusal) = map(
            &source,
            &self.context(&source, client, days, key),
            &settings,
        ) && !refusal.only_products_missing()
        {
            self.attach_report(result, &refusal.report);
            reasons
                .get_or_insert_default()
                .extend(explain_refusal(&refusal));
        }
        if let Some(reasons) = reasons {
            return Err(Stop(Outcome::Refused, reasons));
        }
        let client = match buyer? {
            Buyer::Known { id, .. } => id,
            Buyer::New(proposed) => self.create_client(*proposed).await?,
        };
        for product in missing_products(&source, &self.catalogue, &settings) {
            self.create_product(product).await?;
        }
        let context = self.context(&source, client, days, key);
        let mapping = map(&source, &context, &settings)
            .map_err(|refusal| Stop(Outcome::Refused, explain_refusal(&refusal).collect()))?;
        self.attach_report(result, &mapping.report);
        result.rows = Some(mapping.invoice.rows.len());
        result.kleer_net = Some(mapping.sums.net);
        result.kleer_vat = Some(mapping.sums.vat);
        let id = self.create_invoice(&mapping.invoice, key).await?;
        result.invoice = Some(id.0);
        self.invoices.add(Existing {
            key,
            id,
            invoice_nr: None,
            amount: Some(mapping.sums.net),
            vat: Some(mapping.sums.vat),
            disabled: false,
        });
        Ok(Outcome::Posted)
    }

    fn read(&self, file: &Path) -> Result<SourceInvoice, Stop> {
        let failed = |error: io::Error| Stop::failed(format!("the file cannot be read: {error}"));
        let limit = self.options.max_bytes;
        let known = std::fs::metadata(file).map_err(failed)?;
        // A pipe would make the run wait, a device would never end.
        if !known.is_file() {
            return Err(Stop::refused(
                "it is not a file that can be read to its end",
            ));
        }
        let too_large = |size: String| {
            Stop::refused(format!(
                "the file has {size} bytes, more than the {limit} that an invoice may have; raise \
                 --max-bytes if it really is one"
            ))
        };
        if usize::try_from(known.len()).map_or(true, |size| size > limit) {
            return Err(too_large(known.len().to_string()));
        }
        let mut bytes = Vec::new();
        // A file may grow while it is read.
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let open = std::fs::File::open(file).map_err(failed)?;
        open.take(most).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > limit {
            return Err(too_large("too many".to_owned()));
        }
        let limits = ReadLimits::default().with_max_bytes(limit);
        SourceInvoice::from_ubl_with(&bytes, &limits)
            .map_err(|error| Stop::refused(error.to_string()))
    }

    /// The key of a document: who issued it, its type and number; and, as incarnation, its
    /// content, since sellers do use a number twice.
    fn key_of(&self, source: &SourceInvoice) -> ClientKey {
        let source_key = source.identity().as_source_key();
        ClientKey::new(&self.connection, "client-invoice", &source_key)
            .with_incarnation(source.fingerprint())
    }

    /// Whether the document stands in Kleer already, and if another one has its number.
    fn already_there(
        &self,
        key: ClientKey,
        source: &SourceInvoice,
        result: &mut FileResult,
    ) -> Result<Option<Outcome>, Stop> {
        let known = self.invoices.of_key(key);
        let alive: Vec<&Existing> = known.iter().filter(|one| !one.disabled).collect();
        match (alive.as_slice(), known.first()) {
            ([], None) => {}
            ([], Some(deleted)) => {
                result.invoice = Some(deleted.id.0);
                let text = format!(
                    "it was posted as invoice {} and deleted in Kleer since",
                    deleted.id
                );
                result.reasons.push(text);
                return Ok(Some(Outcome::Unchanged));
            }
            ([one], _) => {
                // A run that was killed before it compared left that to this one.
                (result.kleer_net, result.kleer_vat) = expected_sums(source).unzip();
                result.invoice = Some(one.id.0);
                if let Some(problem) = difference(one, result) {
                    return Err(Stop::failed(problem));
                }
                result
                    .reasons
                    .push(format!("it is in Kleer already, as invoice {}", one.id));
                return Ok(Some(Outcome::Unchanged));
            }
            (several, _) => return Err(Stop::failed(doubles(several.iter().map(|one| one.id)))),
        }
        let others = self.invoices.of_source(key);
        if let Some(other) = others.iter().find(|other| !other.disabled) {
            let number = source.number().unwrap_or_default();
            let text = format!(
                "BT-1: the seller has used the number {number} for other content, which is invoice \
                 {} in Kleer; certify only the right one",
                other.id
            );
            if self.options.refuse_reused_numbers {
                return Err(Stop::refused(text));
            }
            result.reasons.push(text);
        }
        Ok(None)
    }

    fn context(
        &self,
        source: &SourceInvoice,
        client: ClientId,
        payment_days: i32,
        key: ClientKey,
    ) -> Context<'_> {
        let mut context = Context::new(client, key.to_string(), &self.catalogue);
        if let Ok(days) = u16::try_from(payment_days) {
            context = context.with_payment_days(days);
        }
        for number in source.preceding_invoices() {
            if let Some(invoice_nr) = self.invoice_nr_of(source, number) {
                context = context.with_debit_invoice(number, invoice_nr);
            }
        }
        context
    }

    /// Kleer's number of the invoice that the seller gave this number. Unknown as long as it is
    /// a draft, and when several invoices have the number.
    fn invoice_nr_of(&self, source: &SourceInvoice, number: &str) -> Option<i32> {
        let mut identity = source.identity();
        identity.number = number.split_whitespace().collect::<Vec<_>>().join(" ");
        // The type codes of invoices that can be credited (UNTDID 1001), the usual one first.
        let found = [
            "380", "383", "384", "386", "393", "82", "84", "326", "388", "395",
        ]
        .iter()
        .flat_map(|type_code| {
            (*type_code).clone_into(&mut identity.type_code);
            let source_key = identity.as_source_key();
            let key = ClientKey::new(&self.connection, "client-invoice", &source_key);
            self.invoices.of_source(key)
        })
        .filter(|existing| !existing.disabled)
        .collect::<Vec<_>>();
        match found.as_slice() {
            [one] => one.invoice_nr,
            _ => None,
        }
    }

    fn attach_report(&self, result: &mut FileResult, report: &kleer_invoice::MappingReport) {
        if self.options.report {
            result.report = Some(Box::new(report.clone()));
        }
    }

    /// The client that the buyer is, or the one to create for it.
    fn buyer(&self, source: &SourceInvoice) -> Result<Buyer, Stop> {
        let known = |id: ClientId| {
            let client = self.clients.iter().find(|client| client.id == id);
            let payment_days = client.map_or(0, |client| client.payment_days);
            Buyer::Known { id, payment_days }
        };
        let mut proposed = propose_client(source);
        proposed.foreign_id = self.key_of_client(source).to_string();
        let ours: Vec<&Client> = self
            .clients
            .iter()
            .filter(|client| client.foreign_id == proposed.foreign_id)
            .collect();
        match ours.as_slice() {
            [] => {}
            [one] if one.active == Some(false) => {
                return Err(Stop::refused(format!(
                    "BG-7: the buyer is client {} in Kleer, which is not active; activate it there, \
                     then reprocess",
                    one.id
                )));
            }
            [one] => return Ok(known(one.id)),
            several => {
                let ids: Vec<String> = several.iter().map(|one| one.id.to_string()).collect();
                return Err(Stop::refused(format!(
                    "BG-7: the buyer was created in Kleer {} times (clients {}); delete all but one \
                     there, then reprocess",
                    several.len(),
                    ids.join(", ")
                )));
            }
        }
        match find_client(source, &self.clients) {
            ClientMatch::One { id, .. } => Ok(known(id)),
            ClientMatch::Ambiguous { ids, .. } => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                Err(Stop::refused(format!(
                    "BG-7: several clients in Kleer have the buyer's identifier (ids {}); correct \
                     them there, then reprocess",
                    ids.join(", ")
                )))
            }
            _ if self.options.create_clients => Ok(Buyer::New(Box::new(proposed))),
            _ => Err(Stop::refused(
                "BG-7: the buyer is no client in Kleer; create it there and reprocess, or allow \
                 --create-clients",
            )),
        }
    }

    /// The key of a client that is made from a buyer: its strongest identifier. A buyer that has
    /// none is known by name and whole address, since two people may share a name.
    fn key_of_client(&self, source: &SourceInvoice) -> ClientKey {
        let buyer = source.buyer();
        let address = buyer.address();
        let compact = |text: &str| -> String {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
                .to_uppercase()
        };
        let filled = |kind: &str, text: &str| {
            let text = compact(text);
            (!text.is_empty()).then(|| format!("{kind}:{}:{text}", address.country))
        };
        let schemed = |kind: &str, (scheme, value): (&str, &str)| {
            filled(&format!("{kind}:{}", compact(scheme)), value)
        };
        let whole = propose_client(source).address;
        let by_name = || {
            [
                "name",
                buyer.name().unwrap_or_default(),
                &whole.address1,
                &whole.address2,
                &whole.zip_code,
                &whole.state,
                address.country,
            ]
            .map(|part| format!("{}:{}", part.trim().len(), part.trim().to_uppercase()))
            .concat()
        };
        let source_key = filled("org", &buyer.organisation_number().unwrap_or_default())
            .or_else(|| filled("org", buyer.legal_registration().unwrap_or_default()))
            .or_else(|| filled("vat", &buyer.vat_number().unwrap_or_default()))
            .or_else(|| filled("gln", buyer.gln().unwrap_or_default()))
            .or_else(|| buyer.endpoint().and_then(|id| schemed("endpoint", id)))
            .or_else(|| buyer.identifiers().find_map(|id| schemed("id", id)))
            .unwrap_or_else(by_name);
        ClientKey::new(&self.connection, "client", &source_key)
    }

    async fn create_client(&mut self, mut client: Client) -> Result<ClientId, Stop> {
        let key = client
            .foreign_id
            .parse()
            .map_err(|error| Stop::failed(format!("{error}")))?;
        self.is_free_of_doubt(key)?;
        let answer = self
            .kleer
            .clients()
            .create(&client)
            .await
            .map(|created| created.id);
        client.id = if let Some(id) = self.settled(answer)? {
            id
        } else {
            self.wait().await;
            let list = self.kleer.clients().list().await;
            let list = list.map_err(|error| self.in_doubt(key, &explain(&error)))?;
            let found = list
                .iter()
                .find(|known| known.foreign_id == client.foreign_id);
            let found = found.map(|known| known.id);
            found.ok_or_else(|| self.in_doubt(key, "it is not in the list of clients"))?
        };
        let id = client.id;
        self.clients.push(client);
        Ok(id)
    }

    async fn create_product(&mut self, mut product: Product) -> Result<(), Stop> {
        let key = ClientKey::new(&self.connection, "product", &product.foreign_id);
        self.is_free_of_doubt(key)?;
        let answer = self
            .kleer
            .products()
            .create(&product)
            .await
            .map(|created| created.id);
        product.id = if let Some(id) = self.settled(answer)? {
            id
        } else {
            self.wait().await;
            let list = self.kleer.products().list().await;
            let list = list.map_err(|error| self.in_doubt(key, &explain(&error)))?;
            let found = list
                .iter()
                .find(|known| known.foreign_id == product.foreign_id);
            let found = found.map(|known| known.id);
            found.ok_or_else(|| self.in_doubt(key, "it is not in the list of products"))?
        };
        self.catalogue.insert(&product);
        Ok(())
    }

    async fn create_invoice(
        &mut self,
        invoice: &ClientInvoice,
        key: ClientKey,
    ) -> Result<ClientInvoiceId, Stop> {
        self.is_free_of_doubt(key)?;
        let answer = self
            .kleer
            .client_invoices()
            .create(invoice)
            .await
            .map(|created| created.id);
        if let Some(id) = self.settled(answer)? {
            return Ok(id);
        }
        self.wait().await;
        let day = invoice.invoice_date;
        let list = self
            .kleer
            .client_invoices()
            .list()
            .invoice_date_from(day)
            .invoice_date_to(day);
        let list = list
            .await
            .map_err(|error| self.in_doubt(key, &explain(&error)))?;
        let found = list
            .iter()
            .find(|known| known.foreign_id == invoice.foreign_id);
        let found = found.map(|known| known.id);
        found.ok_or_else(|| self.in_doubt(key, "it is not in the list of that day's invoices"))
    }

    fn is_free_of_doubt(&self, key: ClientKey) -> Result<(), Stop> {
        if self.in_doubt.contains(&key) {
            let text = "an earlier create of the same record in this run is in doubt";
            return Err(Stop::failed(text));
        }
        Ok(())
    }

    /// The id that a create gave; `None` if Kleer must be asked whether it took effect.
    fn settled<Id>(&mut self, answer: Result<Id, Error>) -> Result<Option<Id>, Stop> {
        match answer {
            Ok(id) => Ok(Some(id)),
            Err(error) if error.outcome() == Effect::NotCarriedOut => {
                if error.is_unauthorized() {
                    self.refused_token = Some(error.to_string());
                }
                Err(Stop::failed(explain(&error)))
            }
            Err(_) => Ok(None),
        }
    }

    /// A create that can be neither confirmed nor repeated.
    fn in_doubt(&mut self, key: ClientKey, why: &str) -> Stop {
        self.in_doubt.insert(key);
        Stop::failed(format!(
            "in doubt: a create was not answered, and {why}. It may still take effect. Nothing is \
             repeated; reprocess later, which looks for foreign-id {key} first"
        ))
    }

    async fn wait(&self) {
        tokio::time::sleep(self.options.settle).await;
    }

    /// Compares what Kleer made of the posted invoices with what was expected, and looks for
    /// doubles that landed late. A result that does not hold becomes a failed one.
    pub async fn verify(&mut self, results: &mut [FileResult]) {
        let posted = |result: &&mut FileResult| result.outcome == Outcome::Posted;
        if !results
            .iter()
            .any(|result| result.outcome == Outcome::Posted)
        {
            return;
        }
        let index = match InvoiceIndex::load(&self.kleer).await {
            Ok(index) => index,
            Err(error) => {
                // The draft is there; the next run compares it.
                for result in results.iter_mut().filter(posted) {
                    let text = format!("posted, but Kleer's sums could not be read back: {error}");
                    *result = result.clone().because(Outcome::Failed, text);
                }
                return;
            }
        };
        for result in results.iter_mut().filter(posted) {
            let known = result
                .invoice
                .and_then(|id| self.invoices.key_of(ClientInvoiceId(id)));
            let found = known.map(|key| index.of_key(key)).unwrap_or_default();
            let alive: Vec<&Existing> = found.iter().filter(|one| !one.disabled).collect();
            let problem = match alive.as_slice() {
                [] => Some("it is not in Kleer's list of invoices after the post".to_owned()),
                [one] => difference(one, result),
                several => Some(doubles(several.iter().map(|one| one.id))),
            };
            if let Some(problem) = problem {
                *result = result.clone().because(Outcome::Failed, problem);
            }
        }
        self.invoices = index;
    }
}

/// The sums that Kleer must have of a document: with the rounding amount (BT-114), and negative for
/// a credit note. `None` if they are out of range.
fn expected_sums(source: &SourceInvoice) -> Option<(Cents, Cents)> {
    let totals = source.totals();
    let net = totals
        .net
        .checked_add(totals.rounding.unwrap_or(Cents::ZERO))?;
    let vat = totals.vat.unwrap_or(Cents::ZERO);
    match source.kind() {
        DocumentKind::Invoice => Some((net, vat)),
        DocumentKind::CreditNote => Some((net.checked_neg()?, vat.checked_neg()?)),
    }
}

fn doubles(ids: impl Iterator<Item = ClientInvoiceId>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    let (times, ids) = (ids.len(), ids.join(", "));
    format!("it is in Kleer {times} times, as invoices {ids}: delete all but one there")
}

/// What Kleer's sums differ in from the expected ones, which the result holds; afterwards it holds
/// Kleer's.
fn difference(existing: &Existing, result: &mut FileResult) -> Option<String> {
    let expected = result.kleer_net.zip(result.kleer_vat);
    let (Some(net), Some(vat)) = (existing.amount, existing.vat) else {
        result
            .reasons
            .push("Kleer tells no sums, so they could not be compared".to_owned());
        return None;
    };
    (result.kleer_net, result.kleer_vat) = (Some(net), Some(vat));
    (Some((net, vat)) != expected).then(|| {
        let expected = expected.map_or_else(
            || "sums that are out of range".to_owned(),
            |(net, vat)| format!("{net} and {vat}"),
        );
        format!(
            "Kleer has net {net} and VAT {vat} where {expected} were expected; it is invoice {}: \
             correct or delete it before it is certified",
            existing.id
        )
    })
}
