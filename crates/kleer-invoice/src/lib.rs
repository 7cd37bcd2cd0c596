//! Maps an EN 16931 invoice to an invoice of Kleer.

mod base64;
mod catalogue;
mod clients;
mod context;
mod identity;
mod labels;
mod mapping;
mod refusal;
mod report;
mod rules;
mod settings;
mod source;
mod terms;

pub use catalogue::{Catalogue, missing_products};
pub use clients::{ClientKeyKind, ClientMatch, find_client, propose_client};
pub use context::Context;
pub use identity::SourceIdentity;
pub use mapping::{Mapping, map};
pub use refusal::{Reason, ReasonCode, Refusal};
pub use report::{
    Compared, Fate, Finding, MappingReport, Remark, RemarkCode, ReportEntry, TotalsComparison,
    UnmappedElement,
};
pub use rules::{RuleBase, RulePolicy, Severity};
pub use settings::{
    DefaultProduct, Language, MissingDueDate, Prepaid, Profiles, ROUNDING_PRODUCT, Settings,
    UnknownProduct, VatMismatch,
};
pub use source::{
    DocumentKind, Party, PostalAddress, ReadError, ReadLimits, SourceInvoice, Totals,
};
pub use terms::{ParseTermError, Term};
