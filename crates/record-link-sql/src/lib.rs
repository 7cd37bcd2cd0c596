//! What the SQL stores of `record-link` share: everything but the database.
//!
//! For those who write a store on another SQL database; applications take `record-link-sqlite` or
//! `record-link-postgres`.
//!
//! | Read about | in |
//! |---|---|
//! | what a database has to offer | [`Transaction`], [`Statement`], [`Answer`], [`SqlValue`] |
//! | what it may answer instead | [`Failed`], [`DriverErrorKind`] |
//! | the tables, and the way from earlier ones | [`schema`] |
//! | carrying out a batch | [`commit`] |
//! | carrying out a query | [`Question`], [`questions`] |
//! | making a store of it | [`Database`], [`store!`] |
//! | proving it, beside the suite of `record-link` | [`testing`] |
//!
//! A batch takes two round trips beside the beginning and the end of its transaction: one reads
//! what the batch speaks of, one writes. A query takes one.

mod commit;
mod error;
mod json;
pub mod questions;
pub mod schema;
mod store;
pub mod testing;
mod time;
mod transaction;

pub use commit::commit;
pub use error::{DriverErrorKind, Failed};
pub use questions::{Question, ask};
pub use store::Database;
pub use transaction::{Answer, Row, SqlValue, Statement, Transaction};

#[doc(hidden)]
pub mod __private {
    pub use flat_record::Kind;
}
