//! What can be wrong with what is asked for.

use crate::population::Side;

/// Why nothing was matched. Holds no key and no value of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MatchError {
    /// There is nothing to compare by.
    #[error("no comparison is given; name at least one field that both sides have")]
    NoComparison,
    /// More than [`Comparisons::MAXIMUM`](crate::Comparisons::MAXIMUM).
    #[error(
        "{count} comparisons are given, at most 16 can be used; leave out those that say least"
    )]
    TooManyComparisons {
        /// As many as were given.
        count: usize,
    },
    /// Two comparisons have one name.
    #[error(
        "two comparisons are called {name:?}; explanations could not tell them apart, rename one"
    )]
    DoubleComparison {
        /// That name.
        name: Box<str>,
    },
    /// A comparison without a field on one side.
    #[error("comparison {name:?} names no field of one side; name at least one of each")]
    NoField {
        /// The comparison's name.
        name: Box<str>,
    },
    /// Two records of one side have one key.
    #[error(
        "records {first} and {second} of the {side} side (from 0) have the same key; a key must name one record"
    )]
    DoubleKey {
        /// The side.
        side: Side,
        /// Where the key was first, counted from 0.
        first: usize,
        /// Where it was again.
        second: usize,
    },
    /// More records than 2^28 on one side.
    #[error(
        "the {side} side has {count} records; at most 268,435,455 can be matched at once, split them"
    )]
    TooManyRecords {
        /// The side.
        side: Side,
        /// As many as were given.
        count: usize,
    },
    /// One pair is both confirmed and rejected, or a record is confirmed to be two.
    #[error(
        "decision {second} contradicts decision {first} (from 0, in their order); take one of them back"
    )]
    ContradictingDecisions {
        /// The earlier one.
        first: usize,
        /// The later one.
        second: usize,
    },
    /// What is remembered comes from other comparisons.
    #[error(
        "what is remembered was made with other comparisons or another version of this library; match without it once"
    )]
    OtherMemory,
    /// The progress callback asked to stop.
    #[error("stopped by the progress callback; nothing was matched")]
    Stopped,
}
