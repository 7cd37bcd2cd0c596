//! Posts Peppol UBL customer invoices into Kleer, with a log of deviations.
//!
//! The connector that this program reproduces is Qvalia's: customer invoices go into Kleer,
//! products are matched or created, and what deviates is kept in a log, to be viewed, reprocessed
//! or ignored. Everything but the order of steps comes from the crates below it: `kleer-invoice`
//! maps, `kleer-client` posts, `kleer-sandbox` plays Kleer.
//!
//! | to find | look in |
//! |---|---|
//! | the command line | [`arguments`] |
//! | what each command does | [`run`](mod@run) |
//! | how a document is posted once, whatever happens | [`poster`] |
//! | what is kept of those that were not | [`deviation_log`] |
//! | what became of a file | [`outcome`] |
//! | which files there are | [`files`] |

pub mod arguments;
pub mod deviation_log;
pub mod files;
mod invoice_index;
pub mod outcome;
mod output;
pub mod poster;
pub mod run;

/// The examples of the project's README, so that they are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
