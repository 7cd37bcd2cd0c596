//! What an executor tells while it works.

use std::time::Duration;

use crate::{LinkId, OperationId, Outcome, OutcomeTotals, SideErrorKind, Which};

/// What an [`Executor`](crate::Executor) tells while it works. Without personal data: ids, words
/// and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgressEvent {
    /// A plan is being carried out.
    Started {
        /// How many operations it has.
        operations: usize,
    },
    /// An operation ended.
    Ended {
        /// Which.
        operation: OperationId,
        /// The link that it is about.
        link: LinkId,
        /// The word for what was to be done: `create`, `update`, …
        step: &'static str,
        /// What came of it.
        outcome: Outcome,
        /// How many have ended, with this one.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// A call failed without an effect and is tried again after a time.
    Waiting {
        /// The operation that it belongs to; `None` for one that belongs to several.
        operation: Option<OperationId>,
        /// The side; `None` for the store.
        on: Option<Which>,
        /// Why a side failed.
        because: Option<SideErrorKind>,
        /// How many tries have failed.
        failed: u32,
        /// How long it waits.
        wait: Duration,
    },
    /// Writes whose outcome is not known are given the time to show, and are then looked for.
    Settling {
        /// How many.
        writes: usize,
        /// How long it waits.
        wait: Duration,
    },
    /// A plan was carried out, as far as possible.
    Finished {
        /// How many came to what.
        totals: OutcomeTotals,
    },
}
