//! The look back after a run: is everything there once, with its key and its sums?

use std::collections::HashSet;

use kleer_client::{AuditReport, Creatable};
use kleer_invoice::Catalogue;
use kleer_model::{Client, ClientId, ClientInvoice, ClientInvoiceId, RevenueCreate, RevenueId};
use record_link::DeviationClass;

use super::buyer;
use super::error::PostError;
use super::outcome::{DocumentResult, Outcome, Stop};
use super::records::{Records, complete};
use super::run::PostingRun;
use super::target::Target;

/// What Kleer has after a run.
struct Now {
    records: Records,
    /// Invoices or revenues that carry the same key, by their ids.
    doubles: Vec<Vec<i64>>,
    /// Clients that carry the same key; not looked for when none was created.
    client_doubles: Vec<Vec<ClientId>>,
    /// Foreign ids that several products have, likewise.
    product_doubles: HashSet<String>,
}

/// The ids of each double; an audit that could not read everything proves nothing.
fn doubles<Id: Copy>(
    audit: AuditReport<Id>,
    what: &'static str,
) -> Result<Vec<Vec<Id>>, PostError> {
    if audit.unread > 0 {
        let why = format!("{} items", audit.unread);
        return Err(PostError::Incomplete { what, why });
    }
    Ok(audit.doubles.into_iter().map(|double| double.ids).collect())
}

impl PostingRun {
    /// Compares what Kleer made of the posted documents with what was expected, and audits it for
    /// doubles that landed late. A result that does not hold becomes a failed one; of one that
    /// holds, the sums are kept as what both sides agree on.
    pub(crate) async fn verify_within(&mut self, results: &mut [DocumentResult]) {
        let mut posted: Vec<&mut DocumentResult> = results
            .iter_mut()
            .filter(|result| result.outcome == Outcome::Posted)
            .collect();
        if posted.is_empty() {
            return;
        }
        let now = match self.look_back(&posted).await {
            Ok(now) => now,
            Err(error) => {
                // It is there; the next run compares it.
                let text = format!("posted, but Kleer's sums could not be read back: {error}");
                let at = self.setup.clock.now();
                for result in posted {
                    result.stop(Stop::failed(DeviationClass::Transient, &text));
                    self.journal.note(result, at);
                }
                let _ = self.flush().await;
                return;
            }
        };
        let at = self.setup.clock.now();
        for result in &mut posted {
            if let Some(stop) = self.problem(&now, result) {
                result.stop(stop);
                self.journal.note(result, at);
            } else if let (Some(key), Some(net), Some(vat)) =
                (result.key, result.kleer_net, result.kleer_vat)
            {
                self.journal.agree(key, net, vat, at);
            }
        }
        self.records = now.records;
        // A failure is told at the end of the run.
        let _ = self.flush().await;
    }

    async fn look_back(&self, posted: &[&mut DocumentResult]) -> Result<Now, PostError> {
        let records = Records::load(&self.setup.kleer, self.setup.options.target).await?;
        let doubles = match self.setup.options.target {
            Target::ClientInvoice => {
                let audit = self.audit::<ClientInvoice>("invoices").await?;
                let ids = |ids: Vec<ClientInvoiceId>| ids.iter().map(|id| id.0.into()).collect();
                audit.into_iter().map(ids).collect()
            }
            Target::Revenue => {
                let audit = self.audit::<RevenueCreate>("revenues").await?;
                let ids = |ids: Vec<RevenueId>| ids.iter().map(|id| id.0).collect();
                audit.into_iter().map(ids).collect()
            }
        };
        let client_doubles = if posted.iter().any(|one| one.created.client.is_some()) {
            self.audit::<Client>("clients").await?
        } else {
            Vec::new()
        };
        let mut product_doubles = HashSet::new();
        if posted.iter().any(|one| !one.created.products.is_empty()) {
            let products = complete(self.setup.kleer.products().list().await?, "products")?;
            let catalogue = Catalogue::new(&products, self.catalogue.rate_unit());
            let found = catalogue.ambiguous().into_iter().map(str::to_owned);
            product_doubles.extend(found);
        }
        Ok(Now {
            records,
            doubles,
            client_doubles,
            product_doubles,
        })
    }

    async fn audit<T: Creatable>(&self, what: &'static str) -> Result<Vec<Vec<T::Id>>, PostError> {
        doubles(self.setup.kleer.audit::<T>().await?, what)
    }

    /// What is wrong with a posted document.
    fn problem(&self, now: &Now, result: &mut DocumentResult) -> Option<Stop> {
        let word = self.setup.options.target.word();
        let id = result.kleer_id()?;
        let Some(found) = now.records.of_id(id).filter(|one| !one.disabled) else {
            let text = format!("it is not in Kleer's list of {word}s after the post");
            return Some(Stop::in_doubt(text));
        };
        let is_alive = |id: &i64| now.records.of_id(*id).is_some_and(|one| !one.disabled);
        if let Some(ids) = now.doubles.iter().find(|ids| ids.contains(&id)) {
            let alive: Vec<i64> = ids.iter().copied().filter(is_alive).collect();
            if alive.len() > 1 {
                return Some(Stop::in_doubt(self.doubles(alive.into_iter())));
            }
        }
        if found.key != self.records.of_id(id).and_then(|sent| sent.key) {
            let field = self.setup.options.target.key_field();
            return Some(Stop::in_doubt(format!(
                "{word} {id} does not show its key in {field} as it was sent, so a later run would \
                 not recognise it: do not post it again"
            )));
        }
        let created = &result.created;
        let client = created.client.and_then(|client| {
            let mut doubles = now.client_doubles.iter();
            doubles.find(|ids| ids.contains(&client))
        });
        if let Some(ids) = client {
            return Some(Stop::in_doubt(buyer::doubled(ids)));
        }
        let mut products = created.products.iter();
        if let Some(product) = products.find(|one| now.product_doubles.contains(*one)) {
            return Some(Stop::in_doubt(format!(
                "BT-155: several products in Kleer have the foreign id {product:?}; keep the one \
                 that its row has there"
            )));
        }
        let difference = self.difference(found, result)?;
        Some(Stop::failed(DeviationClass::Validation, difference))
    }
}
