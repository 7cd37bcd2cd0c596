//! The identifiers of `swedish-ids`, as a transform.

use chrono::NaiveDate;
use swedish_ids::{
    BankAccount, Bankgiro, ClearingNumber, OcrReference, OrganisationNumber,
    PersonalIdentityNumber, Plusgiro, VatNumber,
};

use crate::error::Problem;

/// An identifier of `swedish-ids`, and the form that it is brought into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identifier {
    /// `YYYYMMDD-NNNN`.
    PersonalNumber,
    /// `NNNNNN-NNNN`.
    OrganisationNumber,
    /// `SEnnnnnnnnnn01`.
    VatNumber,
    /// `NNN-NNNN` or `NNNN-NNNN`.
    Bankgiro,
    /// `NN NN NN-N`.
    Plusgiro,
    /// Four digits, and the check digit where the bank uses one.
    ClearingNumber,
    /// Clearing and account number.
    BankAccount,
    /// Digits.
    OcrReference,
}

impl Identifier {
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("personal-number", Self::PersonalNumber),
        ("organisation-number", Self::OrganisationNumber),
        ("vat-number", Self::VatNumber),
        ("bankgiro", Self::Bankgiro),
        ("plusgiro", Self::Plusgiro),
        ("clearing-number", Self::ClearingNumber),
        ("bank-account", Self::BankAccount),
        ("ocr-reference", Self::OcrReference),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == self)
            .map_or("", |(name, _)| name)
    }

    pub(super) fn normalise(self, text: &str, day: NaiveDate) -> Result<String, Problem> {
        let normal = match self {
            Self::PersonalNumber => {
                PersonalIdentityNumber::parse_at(text, day).map(|number| number.to_string())
            }
            Self::OrganisationNumber => text.parse().map(|id: OrganisationNumber| id.to_string()),
            Self::VatNumber => text.parse().map(|id: VatNumber| id.to_string()),
            Self::Bankgiro => text.parse().map(|id: Bankgiro| id.to_string()),
            Self::Plusgiro => text.parse().map(|id: Plusgiro| id.to_string()),
            Self::ClearingNumber => text.parse().map(|id: ClearingNumber| id.to_string()),
            Self::BankAccount => text.parse().map(|id: BankAccount| id.to_string()),
            Self::OcrReference => text.parse().map(|id: OcrReference| id.to_string()),
        };
        normal.map_err(|error| Problem::Identifier {
            identifier: self.name(),
            why: error.to_string(),
        })
    }
}
