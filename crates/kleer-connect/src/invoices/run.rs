//! One run: what is known of Kleer and of the store, and what becomes of documents.

use std::collections::HashSet;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::{Either, select};
use kleer_invoice::{Catalogue, MappingReport};
use kleer_model::{Cents, Client, ClientId, ClientKey};
use record_link::{
    Batch, DeviationClass, LinkState, RunCause, RunOutcome, RunQuery, RunRecord, Write,
};

use super::batch::Ready;
use super::buyer::Buyer;
use super::company;
use super::document::{Document, SourceDocument};
use super::error::PostError;
use super::journal::{Begun, Journal};
use super::lease::Held;
use super::outcome::{DocumentResult, Outcome, PostTotals, Stop};
use super::poster::Setup;
use super::records::{Existing, Records, complete, source_of};
use super::refusals::explain_refusal;
use super::target::{Given, Target};

/// How many changes are committed together at most.
const MOST_WRITES: usize = 2_000;

/// A run of an [`InvoicePoster`](super::InvoicePoster), which no other run on the same connection
/// can be beside: post batch after batch, then [`finish`](Self::finish).
///
/// Dropping it leaves everything to the next run, which has to wait until its lease has run out.
#[must_use = "a run holds a lease until it is finished"]
pub struct PostingRun {
    pub(crate) setup: Arc<Setup>,
    held: Arc<Held>,
    pub(crate) journal: Journal,
    pub(crate) clients: Vec<Client>,
    pub(crate) catalogue: Catalogue,
    pub(crate) records: Records,
    record: RunRecord,
    /// Creates of this run whose outcome is not known: not to be tried again before a fresh look.
    pub(crate) in_doubt: HashSet<ClientKey>,
    /// Why nothing more is tried: the credentials were refused, or the store failed.
    pub(crate) stopped: Option<Stop>,
    /// Why the store failed.
    broken: Option<PostError>,
}

impl fmt::Debug for PostingRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostingRun")
            .field("setup", &self.setup)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// What a first look at a document says, before anything is created.
enum Look {
    /// It is in Kleer already.
    Unchanged,
    /// It has to wait for another document of the batch.
    Later(Box<Document>),
    Ready(Box<Ready>),
}

impl PostingRun {
    pub(crate) async fn start(setup: Arc<Setup>) -> Result<Self, PostError> {
        let (connection, options) = (&setup.connection, &setup.options);
        let held = Held::take(
            &setup.store,
            &setup.clock,
            connection,
            &options.holder,
            options.lease,
        );
        let held = Arc::new(held.await?);
        let started = {
            let work = pin!(Self::begin(Arc::clone(&setup), Arc::clone(&held)));
            match select(work, pin!(held.keep())).await {
                Either::Left((started, _)) => started,
                Either::Right((lost, _)) => Err(lost),
            }
        };
        match started {
            Ok(run) => Ok(run),
            Err(error) => {
                // So that the next try need not wait. Why this one failed is what counts.
                let _ = held.release().await;
                Err(error)
            }
        }
    }

    async fn begin(setup: Arc<Setup>, held: Arc<Held>) -> Result<Self, PostError> {
        let (connection, options) = (&setup.connection, &setup.options);
        let id = format!("invoices-{}", held.fence());
        let store = setup.store.as_ref();
        let marker = company::check(&setup).await?;
        let loaded = Journal::load(store, connection, options.target, Some(id.clone()));
        let (journal, begun) = loaded.await?;
        // What an earlier run sent may be under way.
        if let Some(last) = begun.iter().map(|one| one.at).max() {
            let passed = setup.clock.now().signed_duration_since(last);
            let left = options
                .settle
                .saturating_sub(passed.to_std().unwrap_or_default());
            setup.clock.sleep(left).await;
        }
        let kleer = &setup.kleer;
        let products = complete(kleer.products().list().await?, "products")?;
        let clients = complete(kleer.clients().list().await?, "clients")?;
        let catalogue = Catalogue::of(&products, &options.settings)
            .map_err(|_unknown| PostError::UnknownRateUnit)?;
        let records = Records::load(kleer, options.target).await?;
        let now = setup.clock.now();
        let record = RunRecord::begun(id, options.target.kind(), RunCause::ByHand, now);
        let mut run = Self {
            journal,
            clients,
            catalogue,
            records,
            in_doubt: HashSet::new(),
            stopped: None,
            broken: None,
            record,
            held,
            setup,
        };
        run.check_missing(now)?;
        run.recover(&begun, now);
        let mut writes: Vec<Write> = marker.into_iter().collect();
        // Under our lease nobody else runs: those that did not end died.
        let query = RunQuery::new().kind(run.record.kind.clone()).running();
        let page = run.setup.store.runs(&run.setup.connection, &query).await?;
        let died = page.items.into_iter().map(|one| {
            let one = one.ended(RunOutcome::Interrupted, now);
            Write::Run(Box::new(one))
        });
        writes.extend(died);
        writes.push(Write::Run(Box::new(run.record.clone())));
        writes.extend(run.journal.take_writes());
        run.commit(writes).await?;
        Ok(run)
    }

    /// Looks at the records that the store has links of: what is not in Kleer's whole list is gone.
    fn check_missing(&mut self, now: DateTime<Utc>) -> Result<(), PostError> {
        let options = &self.setup.options;
        let mut linked = 0_usize;
        let (mut missing, mut back) = (Vec::new(), Vec::new());
        for (key, state, id) in self.journal.ids() {
            let is_there = self.records.of_id(id).is_some();
            match state {
                LinkState::Linked => {
                    linked += 1;
                    // One that was a double may have been deleted, and the other one kept.
                    if !is_there && self.records.of_key(key).is_empty() {
                        missing.push(key);
                    }
                }
                LinkState::Orphaned { .. } if is_there => back.push((key, id)),
                _ => {}
            }
        }
        if !missing.is_empty() && missing.len() == linked && !options.accept_missing {
            return Err(PostError::AllMissing {
                count: linked,
                what: options.target.word(),
            });
        }
        for key in missing {
            self.journal.gone(key, now);
        }
        for (key, id) in back {
            self.journal.stands(key, id, now);
        }
        Ok(())
    }

    /// Finds out what became of creates that an earlier run had begun and did not tell of.
    fn recover(&mut self, begun: &[Begun], now: DateTime<Utc>) {
        for one in begun {
            let known = self.records.of_key(one.key);
            let alive: Vec<&Existing> = known.iter().filter(|one| !one.disabled).collect();
            match (alive.as_slice(), known.first()) {
                ([found], _) => self.journal.stands(one.key, found.id, now),
                ([], Some(deleted)) => self.journal.stands(one.key, deleted.id, now),
                ([], None) => {
                    self.journal.not_created(one.key, now);
                    let why = "an earlier run did not tell what became of it, and it is not in \
                               Kleer: reprocess it";
                    let class = DeviationClass::Transient;
                    self.journal.interrupted(one, class, why, now);
                }
                (several, _) => {
                    let why = self.doubles(several.iter().map(|one| one.id));
                    self.journal.in_doubt(one.key, now);
                    let class = DeviationClass::InDoubt;
                    self.journal.interrupted(one, class, &why, now);
                }
            }
        }
    }

    /// Commits under the lease, in parts of a bounded size.
    async fn commit(&self, mut writes: Vec<Write>) -> Result<(), PostError> {
        while !writes.is_empty() {
            let rest = writes.split_off(writes.len().min(MOST_WRITES));
            let mut batch = Batch::new(&self.setup.connection, self.setup.clock.now());
            batch.writes = std::mem::replace(&mut writes, rest);
            self.held.commit(batch).await?;
        }
        Ok(())
    }

    /// Stores what is to be stored. If that fails nothing more is tried: whether a document was
    /// posted could not be kept.
    pub(crate) async fn flush(&mut self) -> Result<(), Stop> {
        if self.broken.is_some() {
            return Err(self.stopped.clone().unwrap_or_else(|| Stop::in_doubt("")));
        }
        let writes = self.journal.take_writes();
        match self.commit(writes).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.break_off(error)),
        }
    }

    fn break_off(&mut self, error: PostError) -> Stop {
        let stop = Stop::failed(DeviationClass::Transient, error.to_string());
        self.stopped = Some(stop.clone());
        self.broken = Some(error);
        stop
    }

    /// Notes that documents are tried again, which have deviations: until they are decided, they are
    /// shown as being reprocessed.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn reprocessing(
        &mut self,
        documents: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<(), PostError> {
        let now = self.setup.clock.now();
        for document in documents {
            self.journal.reprocess(document.as_ref(), now);
        }
        self.held.refresh().await?;
        let writes = self.journal.take_writes();
        let conflicts = |done: &Result<(), PostError>| match done {
            Err(PostError::Store(error)) => error.is_conflict(),
            _ => false,
        };
        let done = self.commit(writes.clone()).await;
        if !conflicts(&done) {
            return done;
        }
        // Somebody has settled or forgotten one of them meanwhile: then there is nothing to show of
        // it, and the others are shown all the same.
        for write in writes {
            let done = self.commit(vec![write]).await;
            if !conflicts(&done) {
                done?;
            }
        }
        Ok(())
    }

    /// Posts a batch of documents side by side; Kleer's lists are read once for all of them. The
    /// results are in the order of the documents.
    ///
    /// All of them are held in memory: see [`Batches`](super::Batches).
    pub async fn post_all(&mut self, documents: Vec<SourceDocument>) -> Vec<DocumentResult> {
        let names = documents.iter().map(SourceDocument::name);
        let mut results: Vec<_> = names.map(DocumentResult::pending).collect();
        let held = Arc::clone(&self.held);
        let lost = {
            let work = pin!(async {
                held.refresh().await?;
                self.post_within(documents, &mut results).await;
                Ok(())
            });
            match select(work, pin!(held.keep())).await {
                Either::Left((done, _)) => done.err(),
                Either::Right((lost, _)) => Some(lost),
            }
        };
        if let Some(lost) = lost {
            let stop = self.break_off(lost);
            for result in results.iter_mut().filter(|result| !result.is_decided) {
                result.stop(stop.clone());
            }
        }
        results
    }

    async fn post_within(
        &mut self,
        documents: Vec<SourceDocument>,
        results: &mut [DocumentResult],
    ) {
        let mut waiting = Vec::new();
        for (at, document) in documents.into_iter().enumerate() {
            match self.read(document, &mut results[at]) {
                Ok(document) => waiting.push((at, Box::new(document))),
                Err(stop) => results[at].stop(stop),
            }
        }
        loop {
            let mut batch = Vec::new();
            let mut later = Vec::new();
            let mut sources = HashSet::new();
            for (at, document) in waiting {
                match self.look_at(at, document, &mut results[at], &sources) {
                    Ok(Look::Ready(ready)) => {
                        sources.insert(source_of(ready.document.key));
                        batch.push(*ready);
                    }
                    Ok(Look::Unchanged) => results[at].done(Outcome::Unchanged),
                    // The first one never waits, so each round has fewer.
                    Ok(Look::Later(document)) => later.push((at, document)),
                    Err(stop) => results[at].stop(stop),
                }
            }
            self.create_batch(batch, results).await;
            if later.is_empty() {
                break;
            }
            waiting = later;
        }
        let now = self.setup.clock.now();
        for result in results.iter() {
            self.journal.note(result, now);
        }
        if let Err(stop) = self.flush().await {
            let why = stop.reasons.first().map_or("", String::as_str);
            let text = format!("what became of it could not be stored: {why}");
            // It is in Kleer all the same, and the next run finds it there by its key.
            let posted = results.iter_mut();
            for result in posted.filter(|result| result.outcome == Outcome::Posted) {
                result.reasons.push(text.clone());
            }
        }
    }

    fn read(
        &self,
        document: SourceDocument,
        result: &mut DocumentResult,
    ) -> Result<Document, Stop> {
        let options = &self.setup.options;
        let connection = self.setup.connection.as_str();
        let document = Document::read(document, options.max_bytes, connection, options.target)?;
        let totals = document.source.totals();
        result.number = document.source.number().map(str::to_owned);
        result.net = Some(totals.net);
        result.vat = Some(totals.vat.unwrap_or(Cents::ZERO));
        result.currency = document.source.currency().map(str::to_owned);
        result.client = document.source.buyer().name().map(str::to_owned);
        Ok(document)
    }

    /// Looks at a document before anything is created: what cannot be posted must leave nothing
    /// behind, and all its reasons are told together.
    fn look_at(
        &mut self,
        at: usize,
        document: Box<Document>,
        result: &mut DocumentResult,
        sources: &HashSet<ClientKey>,
    ) -> Result<Look, Stop> {
        if let Some(stop) = &self.stopped {
            let why = stop.reasons.first().map_or("", String::as_str);
            return Err(Stop::failed(stop.class, format!("not tried: {why}")));
        }
        if self.has_to_wait(&document, sources) {
            return Ok(Look::Later(document));
        }
        if self.is_there(&document, result)? {
            return Ok(Look::Unchanged);
        }
        let options = &self.setup.options;
        let buyer = self.buyer(&document);
        let mut reasons = buyer.as_ref().err().map(|stop| stop.reasons.clone());
        let (client, days) = buyer.as_ref().map_or((ClientId(0), 0), Buyer::id_and_days);
        if let Err(refusal) = self.given(&document, client, days).map(&document)
            && !refusal.only_products_missing()
        {
            self.attach_report(result, &refusal.report);
            let told = reasons.get_or_insert_default();
            told.extend(explain_refusal(&refusal, options.target, options.advice));
        }
        if let Some(reasons) = reasons {
            return Err(Stop::refused_for(reasons));
        }
        Ok(Look::Ready(Box::new(Ready {
            at,
            buyer: buyer?,
            document: *document,
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
            || (self.setup.options.target == Target::Revenue
                && document.source.is_credit()
                && document.source.preceding_invoices().any(is_credited))
    }

    /// Whether the document stands in Kleer already; and says if another one has its number.
    fn is_there(&mut self, document: &Document, result: &mut DocumentResult) -> Result<bool, Stop> {
        let (key, word) = (document.key, self.setup.options.target.word());
        let now = self.setup.clock.now();
        let known = self.records.of_key(key);
        let alive: Vec<&Existing> = known.iter().filter(|one| !one.disabled).collect();
        match (alive.as_slice(), known.first()) {
            ([], None) => {
                if let Some(reason) = self.was_there(key, result)? {
                    result.reasons.push(reason);
                    return Ok(true);
                }
            }
            ([], Some(deleted)) => {
                self.set_id(result, deleted.id);
                let id = deleted.id;
                let text = format!("it was posted as {word} {id} and deleted in Kleer since");
                result.reasons.push(text);
                return Ok(true);
            }
            ([one], _) => {
                self.journal.adopt(document, one.id, now);
                // A run that was killed before it compared left that to this one.
                (result.kleer_net, result.kleer_vat) = self.expected_sums(document).unzip();
                self.set_id(result, one.id);
                if let Some(problem) = self.difference(one, result) {
                    return Err(Stop::failed(DeviationClass::Validation, problem));
                }
                if let (Some(net), Some(vat)) = (one.net, one.vat) {
                    self.journal.agree(key, net, vat, now);
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
                match self.setup.options.target {
                    Target::ClientInvoice => "certify only the right one",
                    Target::Revenue => "look which one is right",
                }
            );
            if self.setup.options.refuse_reused_numbers {
                return Err(Stop::refused(text));
            }
            result.reasons.push(text);
        }
        Ok(false)
    }

    /// What the store says of a document that is not in Kleer's list: it may have been there.
    fn was_there(
        &self,
        key: ClientKey,
        result: &mut DocumentResult,
    ) -> Result<Option<String>, Stop> {
        let Some(link) = self.journal.link(key) else {
            return Ok(None);
        };
        let word = self.setup.options.target.word();
        match link.state {
            LinkState::Creating { .. } | LinkState::InDoubt { .. } | LinkState::Failed { .. } => {
                Ok(None)
            }
            LinkState::Linked | LinkState::Orphaned { .. } => {
                let id = link
                    .keys
                    .right
                    .as_ref()
                    .and_then(|id| id.as_str().parse().ok());
                let id: i64 = id.unwrap_or_default();
                self.set_id(result, id);
                Ok(Some(format!(
                    "it was posted as {word} {id}, which is not in Kleer any more"
                )))
            }
            LinkState::Unlinked(_) | LinkState::Ended => Err(Stop::refused(
                "its link was taken apart in the store: forget that link, and it can be posted again",
            )),
        }
    }

    pub(crate) fn buyer(&self, document: &Document) -> Result<Buyer, Stop> {
        Buyer::of(document, &self.clients, self.setup.options.create_clients)
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
            target: self.setup.options.target,
            settings: &self.setup.options.settings,
            catalogue: &self.catalogue,
            client,
            payment_days: days,
            credited: credited.collect(),
        }
    }

    pub(crate) fn attach_report(&self, result: &mut DocumentResult, report: &MappingReport) {
        if self.setup.options.report {
            result.report = Some(Box::new(report.clone()));
        }
    }

    pub(crate) fn set_id(&self, result: &mut DocumentResult, id: i64) {
        match self.setup.options.target {
            Target::ClientInvoice => result.invoice = i32::try_from(id).ok(),
            Target::Revenue => result.revenue = Some(id),
        }
    }

    /// Reads Kleer's lists back, compares what it made of the posted documents with what was
    /// expected, and looks for doubles that landed late. A result that does not hold becomes a
    /// failed one, and a deviation.
    pub async fn verify(&mut self, results: &mut [DocumentResult]) {
        let held = Arc::clone(&self.held);
        let lost = {
            let work = pin!(async {
                held.refresh().await?;
                self.verify_within(results).await;
                Ok(())
            });
            match select(work, pin!(held.keep())).await {
                Either::Left((done, _)) => done.err(),
                Either::Right((lost, _)) => Some(lost),
            }
        };
        if let Some(lost) = lost {
            self.break_off(lost);
        }
    }

    /// [Verifies](Self::verify), and gives the lease back.
    ///
    /// # Errors
    /// If the store failed, now or in between, or another run took this one's place. The results
    /// tell what became of the documents all the same.
    pub async fn finish(self, results: &mut [DocumentResult]) -> Result<(), PostError> {
        self.finish_as(RunOutcome::Finished, results).await
    }

    /// The same for a run that ends before all documents were given to it, since somebody asked it
    /// to: so it is recorded.
    ///
    /// # Errors
    /// As those of [`finish`](Self::finish).
    pub async fn finish_early(self, results: &mut [DocumentResult]) -> Result<(), PostError> {
        self.finish_as(RunOutcome::Cancelled, results).await
    }

    pub(crate) async fn finish_as(
        mut self,
        outcome: RunOutcome,
        results: &mut [DocumentResult],
    ) -> Result<(), PostError> {
        self.verify(results).await;
        let totals = PostTotals::of(&*results);
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.record.totals.records.left = number(results.len());
        self.record.totals.created.right = number(totals.posted);
        self.record.totals.failed = number(totals.refused + totals.failed);
        let now = self.setup.clock.now();
        let record = self.record.clone().ended(outcome, now);
        let ended = match self.broken.take() {
            Some(error) => Err(error),
            None => self.commit(vec![Write::Run(Box::new(record))]).await,
        };
        let released = self.held.release().await;
        ended.and(released)
    }
}
