//! Why posting cannot begin, or not go on.

use record_link::{DeviationClass, LeaseHeld, StoreError};
use thiserror::Error;

use super::outcome::Stop;

/// Posting cannot begin, or cannot go on.
///
/// What happens to single documents is no error but a [`DocumentResult`](super::DocumentResult).
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PostError {
    /// Kleer cannot be reached or refuses the credentials.
    #[error("{0}")]
    Kleer(#[from] kleer_client::Error),
    /// One of Kleer's lists has items that could not be read.
    #[error("Kleer's list of {what} is incomplete ({why}), so a double could not be ruled out")]
    Incomplete {
        /// What the list is of.
        what: &'static str,
        /// Why it is incomplete.
        why: String,
    },
    /// It is not known whether 25 % is written 25 or 0.25.
    #[error(
        "it is not known how this Kleer writes VAT rates: its products tell nothing, or contradict \
         each other. Look at a product in Kleer and set rate_unit to percent (25) or fraction (0.25)"
    )]
    UnknownRateUnit,
    /// The store failed. What is in Kleer stays there, and is found by the next run.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// Another run works on the same connection.
    #[error("another run posts on this connection: {0}")]
    Busy(LeaseHeld),
    /// This run was paused for so long that another one took its place.
    #[error(
        "this run took longer than its lease, and another one took its place: what it had begun is \
         looked for by that one, or by the next run"
    )]
    Overtaken,
    /// The links of this connection were made with another company or another Kleer.
    #[error(
        "the links of this connection were made with {kept}, not with {given}: use another store or \
         another connection, or correct the company and the address"
    )]
    OtherKleer {
        /// The company, and where, that the links are of.
        kept: String,
        /// The company, and where, that was to be posted to.
        given: String,
    },
    /// Nothing of what the store has links of is in this Kleer.
    #[error(
        "none of the {count} {what}s that the store says were posted is in this Kleer. If it was \
         emptied, or they were deleted, accept that they are missing (accept_missing): they are not \
         posted again. If it is another Kleer, use another store"
    )]
    AllMissing {
        /// How many.
        count: usize,
        /// The word for one of them.
        what: &'static str,
    },
}

impl PostError {
    /// Whether it is about Kleer, so that documents that were to be posted are worth keeping as
    /// deviations of this [class](Self::class). (If it is about the store or another run, they
    /// cannot be kept, or the other run may be posting them.)
    pub fn is_kleers(&self) -> bool {
        matches!(
            self,
            Self::Kleer(_) | Self::Incomplete { .. } | Self::UnknownRateUnit
        )
    }

    /// Whether another run works on the connection, or took it over.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Overtaken)
    }

    /// What kind of deviation it makes of the documents that were to be posted.
    pub fn class(&self) -> DeviationClass {
        match self {
            Self::Kleer(error) => Stop::of(error).class,
            Self::UnknownRateUnit => DeviationClass::Validation,
            Self::OtherKleer { .. } | Self::AllMissing { .. } => DeviationClass::Guard,
            Self::Incomplete { .. } | Self::Store(_) | Self::Busy(_) | Self::Overtaken => {
                DeviationClass::Transient
            }
        }
    }
}
