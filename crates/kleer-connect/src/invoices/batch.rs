//! Creates what a batch of documents needs, and then its invoices or revenues.

use std::collections::{HashMap, HashSet};
use std::fmt;

use kleer_client::{Creatable, CreateOutcome, Doubt, DoubtReason, Error};
use kleer_model::{Client, ClientKey, Product};
use record_link::DeviationClass;

use super::buyer::Buyer;
use super::document::Document;
use super::outcome::{DocumentResult, Outcome, Stop, explain};
use super::records::Existing;
use super::refusals::explain_refusal;
use super::run::PostingRun;
use super::target::{Draft, Mapped};

/// A document that can be posted, as far as is known.
pub(crate) struct Ready {
    /// Which of the results is its.
    pub(crate) at: usize,
    pub(crate) document: Document,
    pub(crate) buyer: Buyer,
}

/// A record that stands in Kleer.
#[derive(Debug, Clone, Copy)]
struct Made<Id> {
    id: Id,
    /// It was created now, and not by an earlier run.
    is_new: bool,
}

/// By what records are found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// Our key.
    Ours,
    /// What they have already: a product the seller's item number, by which people and later
    /// invoices find it.
    Theirs,
}

type MadeByKey<Id> = HashMap<ClientKey, Result<Made<Id>, Stop>>;

impl<Id> Made<Id> {
    fn with<Other>(&self, id: Other) -> Made<Other> {
        Made {
            id,
            is_new: self.is_new,
        }
    }
}

impl PostingRun {
    /// Creates what a batch needs, and then its invoices or revenues.
    ///
    /// That they are about to be created is stored before anything is sent. What came of it is
    /// stored with the next commit, which ends the batch.
    pub(crate) async fn create_batch(&mut self, batch: Vec<Ready>, results: &mut [DocumentResult]) {
        if batch.is_empty() {
            return;
        }
        let begun = self.setup.clock.now();
        for ready in &batch {
            self.journal
                .begin(&ready.document, &results[ready.at], begun);
        }
        if let Err(stop) = self.flush().await {
            for ready in &batch {
                results[ready.at].stop(stop.clone());
            }
            return;
        }
        let keys: Vec<(usize, ClientKey)> = batch
            .iter()
            .map(|ready| (ready.at, ready.document.key))
            .collect();
        self.create_within(batch, results).await;
        let now = self.setup.clock.now();
        for (at, key) in keys {
            let result = &results[at];
            match (result.kleer_id(), result.class) {
                (Some(id), None) => self.journal.stands(key, id, now),
                // Its own create; one of a client or product leaves nothing of the document.
                _ if self.in_doubt.contains(&key) => self.journal.in_doubt(key, now),
                _ => self.journal.not_created(key, now),
            }
        }
    }

    async fn create_within(&mut self, mut batch: Vec<Ready>, results: &mut [DocumentResult]) {
        self.create_clients(&mut batch, results).await;
        self.create_products_of(&mut batch, results).await;
        let (mut invoices, mut revenues) = (Vec::new(), Vec::new());
        batch.retain(|ready| {
            let result = &mut results[ready.at];
            match self.map_ready(ready) {
                Ok(mapped) => {
                    self.attach_report(result, &mapped.report);
                    result.rows = Some(mapped.rows);
                    result.kleer_net = Some(mapped.sums.net);
                    result.kleer_vat = Some(mapped.sums.vat);
                    let key = ready.document.key;
                    match mapped.draft {
                        Draft::Invoice(invoice) => invoices.push((key, *invoice)),
                        Draft::Revenue(revenue) => revenues.push((key, *revenue)),
                    }
                    true
                }
                Err(stop) => {
                    result.stop(stop);
                    false
                }
            }
        });
        let mut made: MadeByKey<i64> = HashMap::new();
        for (key, one) in self.create_once(invoices, Marks::Ours).await {
            let one = one.map(|made| made.with(i64::from(made.id.0)));
            made.insert(key, one);
        }
        for (key, one) in self.create_once(revenues, Marks::Ours).await {
            made.insert(key, one.map(|made| made.with(made.id.0)));
        }
        for ready in batch {
            let result = &mut results[ready.at];
            let key = ready.document.key;
            match made.remove(&key) {
                Some(Ok(made)) => self.note_made(result, key, made),
                Some(Err(stop)) => result.stop(stop),
                None => {
                    let stop = self.doubtful(key, "nothing was told of its create", "");
                    result.stop(stop);
                }
            }
        }
    }

    fn note_made(&mut self, result: &mut DocumentResult, key: ClientKey, made: Made<i64>) {
        self.set_id(result, made.id);
        result.key = Some(key);
        if made.is_new {
            result.done(Outcome::Posted);
        } else {
            // Somebody else has posted it since this run has read Kleer's list.
            let word = self.setup.options.target.word();
            let text = format!("it is in Kleer already, as {word} {}", made.id);
            result.reasons.push(text);
            result.done(Outcome::Unchanged);
        }
        self.records.add(Existing {
            key: Some(key),
            id: made.id,
            invoice_nr: None,
            net: result.kleer_net,
            vat: result.kleer_vat,
            disabled: false,
        });
    }

    fn map_ready(&self, ready: &Ready) -> Result<Mapped, Stop> {
        let (client, days) = ready.buyer.id_and_days();
        let given = self.given(&ready.document, client, days);
        given.map(&ready.document).map_err(|refusal| {
            let options = &self.setup.options;
            let reasons = explain_refusal(&refusal, options.target, options.advice);
            Stop::refused_for(reasons.collect())
        })
    }

    /// Creates the clients that a batch needs. What has none afterwards leaves the batch.
    async fn create_clients(&mut self, batch: &mut Vec<Ready>, results: &mut [DocumentResult]) {
        let mut new: Vec<(ClientKey, Client)> = Vec::new();
        for ready in batch.iter() {
            if let Buyer::New { key, client } = &ready.buyer
                && !new.iter().any(|(known, _)| known == key)
            {
                new.push((*key, (**client).clone()));
            }
        }
        let made = self.create_once(new.clone(), Marks::Ours).await;
        for (key, mut client) in new {
            if let Some(Ok(made)) = made.get(&key) {
                client.id = made.id;
                client.foreign_id = key.to_string();
                self.clients.push(client);
            }
        }
        batch.retain_mut(|ready| {
            let Buyer::New { key, client } = &ready.buyer else {
                return true;
            };
            let result = &mut results[ready.at];
            match made.get(key) {
                Some(Ok(made)) => {
                    result.created.client = made.is_new.then_some(made.id);
                    ready.buyer = Buyer::Known {
                        id: made.id,
                        payment_days: client.payment_days,
                    };
                    return true;
                }
                Some(Err(stop)) => result.stop(stop.clone()),
                None => result.stop(Stop::in_doubt("in doubt: nothing was told of its client")),
            }
            false
        });
    }

    /// Creates the products that a batch needs. What lacks one afterwards leaves the batch.
    async fn create_products_of(&mut self, batch: &mut Vec<Ready>, results: &mut [DocumentResult]) {
        let mut failed: HashMap<String, Stop> = HashMap::new();
        loop {
            let mut new = Vec::new();
            let mut seen = HashSet::new();
            batch.retain(|ready| {
                let (client, days) = ready.buyer.id_and_days();
                let given = self.given(&ready.document, client, days);
                for product in given.missing_products(&ready.document) {
                    let result = &mut results[ready.at];
                    if let Some(stop) = failed.get(&product.foreign_id) {
                        result.stop(stop.clone());
                        return false;
                    }
                    result.created.products.push(product.foreign_id.clone());
                    if seen.insert(product.foreign_id.clone()) {
                        new.push(product);
                    }
                }
                true
            });
            // A product that is there now can make another one necessary: two documents that have
            // an item at different VAT rates, say.
            if new.is_empty() {
                return;
            }
            failed.extend(self.create_products(new).await);
        }
    }

    /// Creates products and takes them into the catalogue. The answer names those that are not there
    /// afterwards.
    async fn create_products(&mut self, products: Vec<Product>) -> HashMap<String, Stop> {
        let connection = self.setup.connection.as_str();
        let keyed = products.into_iter().map(|product| {
            let key = ClientKey::new(connection, "product", &product.foreign_id);
            (key, product)
        });
        let keyed: Vec<(ClientKey, Product)> = keyed.collect();
        let mut made = self.create_once(keyed.clone(), Marks::Theirs).await;
        let mut failed = HashMap::new();
        for (key, mut product) in keyed {
            match made.remove(&key) {
                Some(Ok(made)) => {
                    product.id = made.id;
                    self.catalogue.insert(&product);
                }
                Some(Err(stop)) => drop(failed.insert(product.foreign_id, stop)),
                None => {
                    let stop = Stop::in_doubt("in doubt: nothing was told of its product");
                    failed.insert(product.foreign_id, stop);
                }
            }
        }
        failed
    }

    /// Creates records that stand in Kleer once, by kleer-client's rules.
    async fn create_once<T: Creatable>(
        &mut self,
        records: Vec<(ClientKey, T)>,
        marks: Marks,
    ) -> MadeByKey<T::Id> {
        let mut made = HashMap::new();
        let mut tried = Vec::new();
        for (key, record) in records {
            match self.free_of_doubt(key) {
                Ok(()) => tried.push((key, record)),
                Err(stop) => _ = made.insert(key, Err(stop)),
            }
        }
        if tried.is_empty() {
            return made;
        }
        let keys: Vec<ClientKey> = tried.iter().map(|(key, _)| *key).collect();
        let call = self.setup.kleer.create_all_once(tried);
        let mut call = call.settle(self.setup.options.settle);
        if marks == Marks::Theirs {
            call = call.own_marks();
        }
        match call.concurrency(self.setup.options.concurrency).await {
            Ok(report) => {
                for item in report.items {
                    let key = item.key;
                    let one = match item.outcome {
                        CreateOutcome::Created { id, .. } => Ok(Made { id, is_new: true }),
                        CreateOutcome::AlreadyThere { id } => Ok(Made { id, is_new: false }),
                        CreateOutcome::Failed(error) => Err(self.failed(&error)),
                        CreateOutcome::InDoubt(doubt) => {
                            let (why, advice) = why_in_doubt(&doubt);
                            Err(self.doubtful(key, &why, advice))
                        }
                        _ => Err(self.doubtful(key, "its outcome is of a new kind", "")),
                    };
                    made.insert(key, one);
                }
            }
            // Nothing was sent.
            Err(error) => {
                for key in keys {
                    made.insert(key, Err(self.failed(&error)));
                }
            }
        }
        made
    }

    /// What a failed call does to a document; nothing more is tried once the token is refused.
    pub(crate) fn failed(&mut self, error: &Error) -> Stop {
        if error.is_unauthorized() {
            let class = DeviationClass::Authentication;
            self.stopped = Some(Stop::failed(class, error.to_string()));
        }
        Stop::of(error)
    }

    /// Nothing that is in doubt is tried again in the same run.
    pub(crate) fn free_of_doubt(&self, key: ClientKey) -> Result<(), Stop> {
        if self.in_doubt.contains(&key) {
            let text = "an earlier create of the same record in this run is in doubt";
            return Err(Stop::in_doubt(text));
        }
        Ok(())
    }

    /// A create that can be neither confirmed nor repeated.
    pub(crate) fn doubtful(&mut self, key: ClientKey, why: &str, advice: &str) -> Stop {
        self.in_doubt.insert(key);
        Stop::in_doubt(format!("in doubt: {why}{advice} (its key is {key})"))
    }
}

/// Why a create is in doubt, and what to do about it.
fn why_in_doubt<Id: fmt::Display>(doubt: &Doubt<Id>) -> (String, &'static str) {
    let mut why = doubt.reason.to_string();
    if !doubt.candidates.is_empty() {
        let ids: Vec<String> = doubt.candidates.iter().map(ToString::to_string).collect();
        why.push_str(" (in Kleer it is, or may be, ");
        why.push_str(&ids.join(", "));
        why.push(')');
    }
    if let Some(error) = &doubt.error {
        why.push_str("; ");
        why.push_str(&explain(error));
    }
    let advice = match doubt.reason {
        DoubtReason::Several => "",
        _ => ". Nothing is repeated; reprocess later, which looks for its key first",
    };
    (why, advice)
}
