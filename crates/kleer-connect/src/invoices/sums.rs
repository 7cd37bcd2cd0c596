//! The sums that Kleer must have of a document, compared with those that it has.

use kleer_invoice::{DocumentKind, Prepaid, SourceInvoice};
use kleer_model::{Cents, ClientId};

use super::buyer::Buyer;
use super::document::Document;
use super::outcome::DocumentResult;
use super::records::Existing;
use super::run::PostingRun;
use super::target::Target;

impl PostingRun {
    /// The sums that Kleer must have of a document that it has already.
    pub(crate) fn expected_sums(&self, document: &Document) -> Option<(Cents, Cents)> {
        let buyer = self.buyer(document);
        let (client, days) = buyer.as_ref().map_or((ClientId(0), 0), Buyer::id_and_days);
        match self.given(document, client, days).map(document) {
            Ok(mapped) => Some((mapped.sums.net, mapped.sums.vat)),
            // It can have become unmappable since; what it states it still states.
            Err(refusal) => refusal.report.totals.map_or_else(
                || stated_sums(&document.source, self.setup.options.settings.prepaid),
                |totals| Some((totals.net.stated, totals.vat.stated)),
            ),
        }
    }

    pub(crate) fn doubles(&self, ids: impl Iterator<Item = i64>) -> String {
        let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
        let (times, word, ids) = (ids.len(), self.setup.options.target.word(), ids.join(", "));
        format!("it is in Kleer {times} times, as {word}s {ids}: delete all but one there")
    }

    /// What Kleer's sums differ in from the expected ones, which the result holds; afterwards it
    /// holds Kleer's.
    pub(crate) fn difference(
        &self,
        existing: &Existing,
        result: &mut DocumentResult,
    ) -> Option<String> {
        let expected = result.kleer_net.zip(result.kleer_vat);
        let (Some(net), Some(vat)) = (existing.net, existing.vat) else {
            let text = "Kleer tells no sums, so they could not be compared";
            result.reasons.push(text.to_owned());
            return None;
        };
        (result.kleer_net, result.kleer_vat) = (Some(net), Some(vat));
        (Some((net, vat)) != expected).then(|| {
            let expected = expected.map_or_else(
                || "sums that are out of range".to_owned(),
                |(net, vat)| format!("{net} and {vat}"),
            );
            let (word, id) = (self.setup.options.target.word(), existing.id);
            let advice = match self.setup.options.target {
                Target::ClientInvoice => "correct or delete it before it is certified",
                Target::Revenue => "correct it there",
            };
            format!(
                "Kleer has net {net} and VAT {vat} where {expected} were expected; it is {word} \
                 {id}: {advice}"
            )
        })
    }
}

/// The sums that a document states, as Kleer must have them: with the rounding amount (BT-114),
/// less what is deducted, and negative for a credit note. `None` if they are out of range.
fn stated_sums(source: &SourceInvoice, prepaid: Prepaid) -> Option<(Cents, Cents)> {
    let totals = source.totals();
    let mut net = totals
        .net
        .checked_add(totals.rounding.unwrap_or(Cents::ZERO))?;
    if prepaid == Prepaid::DeductRow {
        net = net.checked_sub(totals.paid.unwrap_or(Cents::ZERO))?;
    }
    let vat = totals.vat.unwrap_or(Cents::ZERO);
    match source.kind() {
        DocumentKind::Invoice => Some((net, vat)),
        DocumentKind::CreditNote => Some((net.checked_neg()?, vat.checked_neg()?)),
    }
}
