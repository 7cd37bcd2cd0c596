//! Posts Peppol UBL customer invoices into Kleer, and keeps what deviates.
//!
//! The connector that this program reproduces is Qvalia's: customer invoices go into Kleer,
//! products are matched or created, and what deviates is kept, to be viewed, reprocessed or ignored.
//! All of that is [`kleer_connect::invoices`]; here are files, options and tables.
//!
//! | to find | look in |
//! |---|---|
//! | the command line | [`arguments`] |
//! | what each command does | [`run`](mod@run) |
//! | where documents are posted to | `kleer` |
//! | where is kept what was posted and what was not | [`store`] |
//! | the settings of the mapping | [`settings_file`] |
//! | what to do about a refusal | [`advice`] |
//! | which files there are | [`files`] |

pub mod advice;
pub mod arguments;
pub mod files;
mod kleer;
mod output;
pub mod run;
pub mod settings_file;
pub mod store;

/// The examples of the project's README, so that they are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
