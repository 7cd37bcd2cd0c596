//! The bank: accounts and their transactions, what these pay, and the check of account numbers.

mod account;
mod consolidation;
mod transaction;
mod validation;

pub use account::*;
pub use consolidation::*;
pub use transaction::*;
pub use validation::*;
