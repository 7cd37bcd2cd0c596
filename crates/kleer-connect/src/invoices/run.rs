//! Posts documents so that each stands in Kleer once.
//!
//! The order of things makes it safe to kill a run anywhere and start it again: every create
//! carries a key that is computed from the document alone, and before anything is created Kleer's
//! own lists are searched for that key. What is created is created by
//! [`create_all_once`](Kleer::create_all_once), one batch of documents at a time: clients, products,
//! then the invoices or revenues.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kleer_client::{Error, Kleer};
use kleer_invoice::{Catalogue, MappingReport, ReadLimits, Settings};
use kleer_model::{Cents, Client, ClientId, ClientKey};
use record_link::DeviationClass;
use thiserror::Error as ThisError;

use crate::batch::Ready;
use crate::buyer::Buyer;
use crate::document::Document;
use crate::kleer_records::{Existing, Records, complete, source_of};
use crate::outcome::{FileResult, Outcome, Stop};
use crate::refusals::explain_refusal;
use crate::target::{Given, Target};

/// How to post.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// What documents become.
    pub target: Target,
    /// How invoices are mapped.
    pub settings: Settings,
    /// Whether unknown buyers become new clients.
    pub create_clients: bool,
    /// Whether a number (BT-1) that its seller has used for other content is refused. If not, the
    /// document is posted beside the first one, and the result says so.
    pub refuse_reused_numbers: bool,
    /// Whether results carry the account of every term.
    pub report: bool,
    /// How long to wait before looking for a record whose create was not answered.
    pub settle: Duration,
    /// How many records are created at the same time.
    pub concurrency: usize,
    /// The largest document read, in bytes.
    pub max_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: Target::default(),
            settings: Settings::default(),
            create_clients: false,
            refuse_reused_numbers: false,
            report: false,
            settle: Duration::from_secs(5),
            concurrency: 8,
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

impl StartError {
    /// What kind of deviation it makes of the documents that were to be posted.
    pub fn class(&self) -> DeviationClass {
        match self {
            Self::Kleer(error) => Stop::of(error).class,
            Self::Incomplete { .. } => DeviationClass::Transient,
            Self::UnknownRateUnit => DeviationClass::Validation,
        }
    }
}

/// A connection to one Kleer company, with what is known of it.
#[derive(Debug)]
pub struct Poster {
    pub(crate) kleer: Kleer,
    pub(crate) options: Options,
    pub(crate) connection: String,
    pub(crate) clients: Vec<Client>,
    pub(crate) catalogue: Catalogue,
    pub(crate) records: Records,
    /// Creates of this run whose outcome is not known: not to be tried again before a fresh look.
    pub(crate) in_doubt: HashSet<ClientKey>,
    /// Why nothing more is tried, once the credentials were refused.
    pub(crate) refused_token: Option<String>,
}

/// What a first look at a document says, before anything is created.
enum Look {
    /// It is in Kleer already.
    Unchanged,
    /// It has to wait for another document of the batch.
    Later,
    Ready(Box<Ready>),
}

impl Poster {
    /// Connects: reads the company's clients, products and invoices (or revenues).
    ///
    /// # Errors
    /// When Kleer cannot be reached, refuses the token, or gives an incomplete list, and when it
    /// is not known how it writes VAT rates.
    pub async fn connect(kleer: Kleer, options: Options) -> Result<Self, StartError> {
        let products = complete(kleer.products().list().await?, "products")?;
        let clients = complete(kleer.clients().list().await?, "clients")?;
        let catalogue = Catalogue::of(&products, &options.settings)
            .map_err(|_unknown| StartError::UnknownRateUnit)?;
        let records = Records::load(&kleer, options.target).await?;
        Ok(Self {
            // The same for every machine and host that posts to this company.
            connection: format!("qvalia-invoices->{}", kleer.company()),
            catalogue,
            in_doubt: HashSet::new(),
            refused_token: None,
            kleer,
            options,
            clients,
            records,
        })
    }

    /// Posts one document. Whatever happens to it becomes the result.
    pub async fn post(&mut self, file: &Path) -> FileResult {
        let mut results = self.post_all(&[file.to_owned()]).await;
        results
            .pop()
            .unwrap_or_else(|| FileResult::failed(file, "it was not looked at"))
    }

    /// Posts documents side by side; Kleer's lists are read once for all of them. The results are
    /// in the order of the files.
    ///
    /// The documents are held in memory: of very many, post some hundred at a time.
    pub async fn post_all(&mut self, files: &[PathBuf]) -> Vec<FileResult> {
        let mut results: Vec<_> = files.iter().map(FileResult::pending).collect();
        let mut waiting: Vec<usize> = (0..files.len()).collect();
        while !waiting.is_empty() {
            let mut batch = Vec::new();
            let mut later = Vec::new();
            let mut sources = HashSet::new();
            for at in waiting {
                match self.look_at(at, &mut results[at], &sources) {
                    Ok(Look::Ready(ready)) => {
                        sources.insert(source_of(ready.document.key));
                        batch.push(*ready);
                    }
                    Ok(Look::Unchanged) => results[at].done(Outcome::Unchanged),
                    // The first one never waits, so each round has fewer.
                    Ok(Look::Later) => {
                        results[at] = FileResult::pending(&files[at]);
                        later.push(at);
                    }
                    Err(stop) => results[at].stop(stop),
                }
            }
            self.create_batch(batch, &mut results).await;
            waiting = later;
        }
        results
    }

    /// Looks at a document before anything is created: what cannot be posted must leave nothing
    /// behind, and all its reasons are told together.
    fn look_at(
        &self,
        at: usize,
        result: &mut FileResult,
        sources: &HashSet<ClientKey>,
    ) -> Result<Look, Stop> {
        let (target, most) = (self.options.target, self.options.max_bytes);
        let document = Document::read(&result.file, most, &self.connection, target)?;
        let totals = document.source.totals();
        result.number = document.source.number().map(str::to_owned);
        result.net = Some(totals.net);
        result.vat = Some(totals.vat.unwrap_or(Cents::ZERO));
        result.currency = document.source.currency().map(str::to_owned);
        result.client = document.source.buyer().name().map(str::to_owned);
        if let Some(why) = &self.refused_token {
            let text = format!("not tried: {why}");
            return Err(Stop::failed(DeviationClass::Authentication, text));
        }
        if self.has_to_wait(&document, sources) {
            return Ok(Look::Later);
        }
        if self.is_there(&document, result)? {
            return Ok(Look::Unchanged);
        }
        let buyer = self.buyer(&document);
        let mut reasons = buyer.as_ref().err().map(|stop| stop.reasons.clone());
        let (client, days) = buyer.as_ref().map_or((ClientId(0), 0), Buyer::id_and_days);
        if let Err(refusal) = self.given(&document, client, days).map(&document)
            && !refusal.only_products_missing()
        {
            self.attach_report(result, &refusal.report);
            let told = reasons.get_or_insert_default();
            told.extend(explain_refusal(&refusal, target));
        }
        if let Some(reasons) = reasons {
            return Err(Stop::refused_for(reasons));
        }
        Ok(Look::Ready(Box::new(Ready {
            at,
            buyer: buyer?,
            document,
        })))
    }

    /// Whether what becomes of another document of the batch decides about this one: the same
    /// invoice in another copy, or a revenue that this one credits.
    fn has_to_wait(&self, document: &Document, sources: &HashSet<ClientKey>) -> bool {
        let is_credited = |number: &str| {
            let mut keys = document.keys_of_number(number);
            keys.any(|key| sources.contains(&source_of(key)))
        };
        sources.contains(&source_of(document.key))
            || (self.options.target == Target::Revenue
                && document.source.is_credit()
                && document.source.preceding_invoices().any(is_credited))
    }

    /// Whether the document stands in Kleer already; and says if another one has its number.
    fn is_there(&self, document: &Document, result: &mut FileResult) -> Result<bool, Stop> {
        let (key, word) = (document.key, self.options.target.word());
        let known = self.records.of_key(key);
        let alive: Vec<&Existing> = known.iter().filter(|one| !one.disabled).collect();
        match (alive.as_slice(), known.first()) {
            ([], None) => {}
            ([], Some(deleted)) => {
                self.set_id(result, deleted.id);
                let id = deleted.id;
                let text = format!("it was posted as {word} {id} and deleted in Kleer since");
                result.reasons.push(text);
                return Ok(true);
            }
            ([one], _) => {
                // A run that was killed before it compared left that to this one.
                (result.kleer_net, result.kleer_vat) = self.expected_sums(document).unzip();
                self.set_id(result, one.id);
                if let Some(problem) = self.difference(one, result) {
                    return Err(Stop::failed(DeviationClass::Validation, problem));
                }
                let text = format!("it is in Kleer already, as {word} {}", one.id);
                result.reasons.push(text);
                return Ok(true);
            }
            (several, _) => {
                let ids = several.iter().map(|one| one.id);
                return Err(Stop::in_doubt(self.doubles(ids)));
            }
        }
        let mut others = self.records.of_source(key);
        if let Some(other) = others.find(|other| !other.disabled) {
            let number = document.source.number().unwrap_or_default();
            let text = format!(
                "BT-1: the seller has used the number {number} for other content, which is {word} \
                 {} in Kleer; {}",
                other.id,
                match self.options.target {
                    Target::ClientInvoice => "certify only the right one",
                    Target::Revenue => "look which one is right",
                }
            );
            if self.options.refuse_reused_numbers {
                return Err(Stop::refused(text));
            }
            result.reasons.push(text);
        }
        Ok(false)
    }

    pub(crate) fn buyer(&self, document: &Document) -> Result<Buyer, Stop> {
        Buyer::of(document, &self.clients, self.options.create_clients)
    }

    /// What the document is mapped with.
    pub(crate) fn given<'a>(
        &'a self,
        document: &'a Document,
        client: ClientId,
        days: i32,
    ) -> Given<'a> {
        let preceding = document.source.preceding_invoices();
        let credited = preceding.filter_map(|number| {
            let keys = document.keys_of_number(number);
            let mut found = keys
                .flat_map(|key| self.records.of_source(key))
                .filter(|existing| !existing.disabled);
            // Unknown, too, when several have the number.
            let one = found.next()?;
            found.next().is_none().then_some((number, one))
        });
        Given {
            target: self.options.target,
            settings: &self.options.settings,
            catalogue: &self.catalogue,
            client,
            payment_days: days,
            credited: credited.collect(),
        }
    }

    pub(crate) fn attach_report(&self, result: &mut FileResult, report: &MappingReport) {
        if self.options.report {
            result.report = Some(Box::new(report.clone()));
        }
    }

    pub(crate) fn set_id(&self, result: &mut FileResult, id: i64) {
        match self.options.target {
            Target::ClientInvoice => result.invoice = i32::try_from(id).ok(),
            Target::Revenue => result.revenue = Some(id),
        }
    }
}
