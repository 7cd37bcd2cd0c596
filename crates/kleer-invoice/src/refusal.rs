//! Why an invoice is not mapped.

use std::borrow::Cow;
use std::fmt;

use crate::{MappingReport, Term};

/// What is wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ReasonCode {
    /// The specification identifier (BT-24) is absent or not accepted.
    UnknownProfile,
    /// The document is self-billed: the buyer issued it.
    SelfBilled,
    /// Root element and type code (BT-3) contradict each other, so that the sign is unclear.
    ContradictoryType,
    /// A corrected invoice (type code 384), which Kleer cannot put in the place of another one.
    CorrectedInvoice,
    /// The document asks for no payment: a pro forma invoice (type code 325).
    NotAnInvoice,
    /// A business rule that the policy holds as stopping.
    RuleBroken,
    /// A term without which there is no invoice is absent.
    MissingTerm,
    /// A number that is not one.
    NotANumber,
    /// Amounts in different currencies.
    MixedCurrencies,
    /// Amounts with more decimals than their currency has.
    TooManyDecimals,
    /// There are no lines.
    NoLines,
    /// A part was already paid, and Kleer has no field for it.
    Prepaid,
    /// The seller's item id is not known in Kleer, and the settings refuse that.
    UnknownProduct,
    /// A product has to be created in Kleer first.
    ProductToCreate,
    /// Several products in Kleer have the foreign id.
    AmbiguousProduct,
    /// There is no default product for the VAT category and rate.
    NoDefaultProduct,
    /// The product in Kleer has another VAT rate.
    VatMismatch,
    /// A credit names no invoice that it credits.
    CreditedInvoiceMissing,
    /// It is not known which invoice in Kleer is credited.
    CreditedInvoiceUnknown,
    /// A credit names several invoices, and Kleer takes one.
    SeveralCreditedInvoices,
    /// There is no due date, and the settings refuse that.
    NoDueDate,
    /// No OCR number can be made of the invoice number.
    NoPaymentReference,
    /// An attachment is not base64.
    AttachmentNotBase64,
    /// A revenue has no file to be booked upon.
    NoFile,
    /// A revenue has no key of its own.
    NoExternalId,
    /// The settings name no ledger for revenues.
    NoLedger,
    /// A text has characters that XML forbids.
    ForbiddenCharacter,
    /// The sums that Kleer will compute are not those of the source.
    SumsDiffer,
    /// An amount or number is too large.
    OutOfRange,
    /// The settings ask for something that cannot be.
    UnusableSettings,
}

impl ReasonCode {
    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::UnknownProfile => {
                "accept the profile in Settings::with_profile, or ask the sender for Peppol BIS \
                 Billing 3"
            }
            Self::SelfBilled => "handle it as a sale of the seller by hand",
            Self::RuleBroken => {
                "ask the sender for a corrected document, or let the rule pass with \
                 RulePolicy::passing"
            }
            Self::ContradictoryType
            | Self::MissingTerm
            | Self::NotANumber
            | Self::AttachmentNotBase64 => "ask the sender for a corrected document",
            Self::TooManyDecimals => {
                "ask the sender which currency is meant, and for a corrected document"
            }
            Self::MixedCurrencies => "ask the sender for one invoice per currency",
            Self::NoLines => "ask the sender for an invoice with lines",
            Self::Prepaid => {
                "register the payment in Kleer by hand, or carry the paid amount in the notes or \
                 deduct it by a row with Settings::with_prepaid"
            }
            Self::UnknownProduct => {
                "create a product with this foreign id in Kleer, or let unknown products be \
                 created or replaced with Settings::with_unknown_product"
            }
            Self::ProductToCreate => {
                "create what missing_products() lists, insert it into the catalogue, and map again"
            }
            Self::AmbiguousProduct => "give each product in Kleer a foreign id of its own",
            Self::NoDefaultProduct => {
                "name one with Settings::with_default_product, or allow creating it with \
                 Settings::with_create_default_products"
            }
            Self::VatMismatch => {
                "correct the product's VAT rate in Kleer, or let such lines go to the default \
                 product with Settings::with_vat_mismatch"
            }
            Self::CreditedInvoiceMissing => {
                "find the credited invoice and create the credit in Kleer by hand"
            }
            Self::CreditedInvoiceUnknown => {
                "post the credited invoice first, then give its number with \
                 Context::with_debit_invoice, or its key with RevenueContext::with_debit_revenue"
            }
            Self::SeveralCreditedInvoices => "create one credit per invoice in Kleer by hand",
            Self::NoDueDate => {
                "give the client's payment days with Context::with_payment_days, or choose \
                 another Settings::with_missing_due_date"
            }
            Self::CorrectedInvoice => {
                "credit the original in full and post another invoice, or let it count as the \
                 difference with Settings::with_corrected_invoice"
            }
            Self::NotAnInvoice => "wait for the invoice itself",
            Self::NoPaymentReference => {
                "choose what happens to letters with OcrSettings::with_letters, or switch OCR \
                 numbers off"
            }
            Self::NoFile => {
                "give the document that was issued, or the source, with RevenueContext::with_file"
            }
            Self::NoLedger => "name a ledger of the company with Settings::with_revenue_ledger",
            Self::NoExternalId => "give a key that is unique for the document",
            Self::ForbiddenCharacter => "remove the control characters at the source",
            Self::SumsDiffer => {
                "compare the sums in the report; if only VAT differs, the sender rounds in \
                 another way, and the invoice has to be entered by hand"
            }
            Self::OutOfRange => "enter the invoice by hand",
            Self::UnusableSettings => "correct Settings::custom_fields",
        }
    }
}

/// One reason for refusing an invoice. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Reason {
    /// What is wrong.
    pub code: ReasonCode,
    /// The business term (`BT-113`) or rule (`BR-CO-15`) it is about.
    pub subject: Cow<'static, str>,
    /// Where: a line (`line 3`) or a path; empty for the document.
    pub place: String,
    /// In words.
    pub text: Cow<'static, str>,
}

impl Reason {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        self.code.advice()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.subject)?;
        if !self.place.is_empty() {
            write!(f, " at {}", self.place)?;
        }
        write!(f, ": {}; {}", self.text, self.advice())
    }
}

/// An invoice that is not mapped, with all reasons at once and the report as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[error("the invoice cannot be mapped: {}", list(.reasons))]
#[non_exhaustive]
pub struct Refusal {
    /// Why; at least one.
    pub reasons: Vec<Reason>,
    /// What would have become of each term.
    pub report: Box<MappingReport>,
}

impl Refusal {
    pub(crate) fn new(reasons: Vec<Reason>, report: MappingReport) -> Self {
        Self {
            reasons,
            report: Box::new(report),
        }
    }

    /// Whether a reason has this code.
    pub fn has(&self, code: ReasonCode) -> bool {
        self.reasons.iter().any(|reason| reason.code == code)
    }

    /// Whether creating the products of [`missing_products`](crate::missing_products) is all that
    /// is needed.
    pub fn only_products_missing(&self) -> bool {
        self.reasons
            .iter()
            .all(|reason| reason.code == ReasonCode::ProductToCreate)
    }
}

fn list(reasons: &[Reason]) -> String {
    reasons
        .iter()
        .map(Reason::to_string)
        .collect::<Vec<_>>()
        .join(" | ")
}

pub(crate) fn bt(number: u16) -> Cow<'static, str> {
    Cow::Owned(Term::bt(number).to_string())
}
