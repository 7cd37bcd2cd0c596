//! Posts Peppol UBL customer invoices into Kleer, with a log of deviations.
//!
//! The connector that this program reproduces is Qvalia's: customer invoices go into Kleer,
//! products are matched or created, and what deviates is kept in a log, to be viewed, reprocessed
//! or ignored. Everything but the order of steps comes from the crates below it: `kleer-invoice`
//! maps, `kleer-client` creates each record once, `kleer-sandbox` plays Kleer, `record-link` knows what a
//! deviation is.
//!
//! | to find | look in |
//! |---|---|
//! | the command line | [`arguments`] |
//! | what each command does | [`run`](mod@run) |
//! | how documents are posted once, whatever happens | [`poster`] |
//! | what they become: invoices or revenues | [`target`] |
//! | the settings of the mapping | [`settings_file`] |
//! | what is kept of those that were not | [`deviation_log`] |
//! | what became of a file | [`outcome`] |
//! | which files there are | [`files`] |

pub mod arguments;
mod batch;
mod buyer;
pub mod deviation_log;
mod document;
pub mod files;
mod kleer_records;
pub mod outcome;
mod output;
pub mod poster;
mod products;
mod refusals;
pub mod run;
pub mod settings_file;
mod sums;
pub mod target;
mod verify;

/// The examples of the project's README, so that they are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
