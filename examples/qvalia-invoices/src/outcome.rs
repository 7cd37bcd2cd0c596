//! What became of a file.

use std::path::PathBuf;

use kleer_invoice::MappingReport;
use kleer_model::Cents;
use serde::{Serialize, Serializer};

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is a draft in Kleer now.
    Posted,
    /// It was in Kleer before.
    Unchanged,
    /// The document or a policy forbids it.
    Refused,
    /// The surroundings failed: the network, Kleer, the file system.
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

/// What became of one file, and why.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FileResult {
    /// The file.
    #[serde(serialize_with = "crate::files::as_text")]
    pub file: PathBuf,
    /// The invoice's number (BT-1), if it could be read.
    pub number: Option<String>,
    /// Where it was to be posted: a sandbox, or a company of a Kleer.
    pub target: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, or what else to know.
    pub reasons: Vec<String>,
    /// The source's total without VAT (BT-109), as decimal text, since a JSON number may lose
    /// digits.
    #[serde(serialize_with = "decimal")]
    pub net: Option<Cents>,
    /// The source's VAT (BT-110), likewise; zero if it states none.
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
    /// What became of every term, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<MappingReport>>,
}

#[expect(clippy::ref_option, reason = "serde gives the field so")]
fn decimal<S: Serializer>(amount: &Option<Cents>, serializer: S) -> Result<S::Ok, S::Error> {
    amount
        .map(|amount| amount.to_string())
        .serialize(serializer)
}

impl FileResult {
    /// A file of which nothing is known yet but that it could not be dealt with.
    pub fn failed(file: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            number: None,
            target: String::new(),
            outcome: Outcome::Failed,
            reasons: vec![reason.into()],
            net: None,
            vat: None,
            kleer_net: None,
            kleer_vat: None,
            currency: None,
            client: None,
            rows: None,
            invoice: None,
            report: None,
        }
    }

    /// The same file with another outcome for this reason.
    pub(crate) fn because(mut self, outcome: Outcome, reason: impl Into<String>) -> Self {
        self.outcome = outcome;
        self.reasons.push(reason.into());
        self
    }
}

/// The program's exit status: 2 if anything failed, else 1 if anything was refused, else 0.
pub fn exit_status(results: &[FileResult]) -> u8 {
    let any = |outcome| results.iter().any(|result| result.outcome == outcome);
    if any(Outcome::Failed) {
        2
    } else {
        u8::from(any(Outcome::Refused))
    }
}
