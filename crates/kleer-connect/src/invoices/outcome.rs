//! What became of a document.

use std::fmt;

use kleer_client::Error;
use kleer_invoice::MappingReport;
use kleer_model::{Cents, ClientId, ClientKey};
use record_link::DeviationClass;
use serde::{Serialize, Serializer};

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Outcome {
    /// It is in Kleer now: a draft, or a booked revenue.
    Posted,
    /// It was in Kleer before.
    Unchanged,
    /// The document or a policy forbids it.
    Refused,
    /// The surroundings failed: the network, Kleer, the store, the file system.
    Failed,
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What became of one document, and why.
///
/// Names of clients, reasons (which may hold Kleer's own words) and the document's name may be
/// personal data: `Debug` hides them.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct DocumentResult {
    /// The name that the document was given.
    pub document: String,
    /// The invoice's number (BT-1), if it could be read.
    pub number: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What kind of deviation it is; none if the document stands in Kleer as it should.
    pub class: Option<DeviationClass>,
    /// Why, or what else to know.
    pub reasons: Vec<String>,
    /// The source's total without VAT (BT-109). As JSON decimal text, as all amounts here, since a
    /// JSON number may lose digits.
    #[serde(serialize_with = "decimal")]
    pub net: Option<Cents>,
    /// The source's VAT (BT-110); zero if it states none.
    #[serde(serialize_with = "decimal")]
    pub vat: Option<Cents>,
    /// The sum without VAT that Kleer has: the source's with the rounding amount (BT-114), and
    /// negative for a credit.
    #[serde(serialize_with = "decimal")]
    pub kleer_net: Option<Cents>,
    /// The VAT that Kleer has.
    #[serde(serialize_with = "decimal")]
    pub kleer_vat: Option<Cents>,
    /// The currency (BT-5).
    pub currency: Option<String>,
    /// The buyer's name (BT-44).
    pub client: Option<String>,
    /// The number of rows in Kleer.
    pub rows: Option<usize>,
    /// The invoice's id in Kleer.
    pub invoice: Option<i32>,
    /// The revenue's id in Kleer.
    pub revenue: Option<i64>,
    /// What became of every term, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<MappingReport>>,
    /// What was created for it, to be looked at again after the run.
    #[serde(skip)]
    pub(crate) created: Created,
    /// Its key in Kleer, if it was posted in this run.
    #[serde(skip)]
    pub(crate) key: Option<ClientKey>,
    #[serde(skip)]
    pub(crate) is_decided: bool,
}

/// What was created for a document, beside its invoice or revenue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Created {
    pub(crate) client: Option<ClientId>,
    /// Products, by their foreign ids.
    pub(crate) products: Vec<String>,
}

/// Why a document goes no further, and whose fault it is.
#[derive(Clone)]
pub(crate) struct Stop {
    pub(crate) outcome: Outcome,
    pub(crate) class: DeviationClass,
    pub(crate) reasons: Vec<String>,
}

impl Stop {
    /// The document or a policy forbids it.
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::refused_for(vec![reason.into()])
    }

    pub(crate) fn refused_for(reasons: Vec<String>) -> Self {
        Self {
            outcome: Outcome::Refused,
            class: DeviationClass::Validation,
            reasons,
        }
    }

    /// The surroundings failed.
    pub(crate) fn failed(class: DeviationClass, reason: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Failed,
            class,
            reasons: vec![reason.into()],
        }
    }

    /// Nobody knows whether it stands in Kleer, or it stands there several times.
    pub(crate) fn in_doubt(reason: impl Into<String>) -> Self {
        Self::failed(DeviationClass::InDoubt, reason)
    }

    /// A call failed, and nothing was changed.
    pub(crate) fn of(error: &Error) -> Self {
        let class = match error.status().map(|status| status.as_u16()) {
            Some(401 | 403) => DeviationClass::Authentication,
            Some(429) => DeviationClass::RateLimit,
            _ => DeviationClass::Transient,
        };
        Self::failed(class, explain(error))
    }
}

/// What went wrong in a call, with Kleer's own words for the person who runs this.
pub(crate) fn explain(error: &Error) -> String {
    match error.kleer_message() {
        Some(message) => format!("{error} Kleer says: {message}"),
        None => error.to_string(),
    }
}

#[expect(clippy::ref_option, reason = "serde gives the field so")]
fn decimal<S: Serializer>(amount: &Option<Cents>, serializer: S) -> Result<S::Ok, S::Error> {
    amount
        .map(|amount| amount.to_string())
        .serialize(serializer)
}

impl DocumentResult {
    /// A document of which nothing is known yet but that it could not be dealt with.
    pub(crate) fn failed(
        document: impl Into<String>,
        class: DeviationClass,
        reason: impl Into<String>,
    ) -> Self {
        let mut result = Self::pending(document);
        result.stop(Stop::failed(class, reason));
        result
    }

    /// A document of which nothing is known yet.
    pub(crate) fn pending(document: impl Into<String>) -> Self {
        Self {
            document: document.into(),
            number: None,
            outcome: Outcome::Failed,
            class: Some(DeviationClass::Transient),
            reasons: Vec::new(),
            net: None,
            vat: None,
            kleer_net: None,
            kleer_vat: None,
            currency: None,
            client: None,
            rows: None,
            invoice: None,
            revenue: None,
            report: None,
            created: Created::default(),
            key: None,
            is_decided: false,
        }
    }

    /// It stands in Kleer as it should.
    pub(crate) fn done(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        self.class = None;
        self.is_decided = true;
    }

    /// It goes no further.
    pub(crate) fn stop(&mut self, stop: Stop) {
        self.outcome = stop.outcome;
        self.class = Some(stop.class);
        self.is_decided = true;
        self.reasons.extend(stop.reasons);
    }

    /// The id of its record in Kleer, whatever its target.
    pub fn kleer_id(&self) -> Option<i64> {
        self.invoice.map(i64::from).or(self.revenue)
    }
}

impl fmt::Debug for DocumentResult {
    /// Hides what names people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentResult")
            .field("outcome", &self.outcome)
            .field("class", &self.class)
            .field("reasons", &self.reasons.len())
            .field("net", &self.net)
            .field("kleer_net", &self.kleer_net)
            .field("id", &self.kleer_id())
            .finish_non_exhaustive()
    }
}

/// How many documents became what. They add up to all documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct PostTotals {
    /// In Kleer now.
    pub posted: usize,
    /// In Kleer before.
    pub unchanged: usize,
    /// Refused.
    pub refused: usize,
    /// Failed, or in doubt.
    pub failed: usize,
}

impl PostTotals {
    /// Counts results.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a DocumentResult>) -> Self {
        let mut totals = Self::default();
        for result in results {
            *match result.outcome {
                Outcome::Posted => &mut totals.posted,
                Outcome::Unchanged => &mut totals.unchanged,
                Outcome::Refused => &mut totals.refused,
                Outcome::Failed => &mut totals.failed,
            } += 1;
        }
        totals
    }
}

impl fmt::Display for PostTotals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} posted, {} unchanged, {} refused, {} failed",
            self.posted, self.unchanged, self.refused, self.failed
        )
    }
}

/// What became of all documents of a run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PostReport {
    /// One for each document, in their order.
    pub results: Vec<DocumentResult>,
    /// Whether the run was cancelled: then there are documents that nobody looked at, and they have
    /// no result.
    pub is_cancelled: bool,
}

impl PostReport {
    /// The sums.
    pub fn totals(&self) -> PostTotals {
        PostTotals::of(&self.results)
    }
}
