//! Which business rules an invoice breaks, and which of them stop it.
//!
//! The rules of EN 16931, Peppol and `XRechnung` come from the crate `en16931`; the Swedish ones
//! (`SE-R-001` to `SE-R-013`) are here. All end up as [`Finding`](crate::Finding)s of one kind.

mod findings;
mod policy;
mod sweden;
mod unrepresentable;
mod xpath;

pub use policy::{RuleBase, RulePolicy, Severity};
pub(crate) use sweden::{Broken, check as check_sweden};
