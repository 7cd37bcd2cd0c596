//! The records of one side.

use std::fmt;

use flat_record::Record;
use serde::{Deserialize, Serialize};

/// One of the two systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first one given.
    Left,
    /// The second one.
    Right,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Left => "left",
            Self::Right => "right",
        })
    }
}

/// The records of one side, each with its key, and whether they are all that side has.
///
/// Completeness matters: that a personal number stands once on a side is known only if every record
/// of the side was looked at. Nothing is linked automatically to an incomplete side.
///
/// Records that are already linked belong here too if anything else shall be found out about the
/// rest of the side; tell so by a confirmed [`Decision`](crate::Decision).
#[derive(Clone)]
pub struct Population<'a> {
    entries: Vec<(&'a str, &'a Record)>,
    complete: bool,
}

impl<'a> Population<'a> {
    /// All records that the side has.
    pub fn complete(entries: impl IntoIterator<Item = (&'a str, &'a Record)>) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            complete: true,
        }
    }

    /// Some of them: a page, a filtered list, a listing that failed half-way.
    pub fn incomplete(entries: impl IntoIterator<Item = (&'a str, &'a Record)>) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            complete: false,
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether these are all records of the side.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    pub(crate) fn entries(&self) -> &[(&'a str, &'a Record)] {
        &self.entries
    }
}

impl fmt::Debug for Population<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, complete } = self;
        f.debug_struct("Population")
            .field("records", &entries.len())
            .field("complete", complete)
            .finish()
    }
}
