//! How well two values of one field agree: one scale for all kinds of field.

use serde::{Deserialize, Serialize};

/// How well two values of one field agree.
///
/// One scale serves all kinds of field; what a level means for a kind, and how much it counts, is
/// said by [`FieldKind::describe`](crate::FieldKind::describe) and by the model. The order is that
/// of growing agreement, [`Level::Missing`] apart, which counts neither for nor against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Level {
    /// The values have nothing to do with each other.
    Different = 0,
    /// They have something in common: an initial, a postal area, two of three parts of a date.
    Related = 1,
    /// A few characters differ.
    Similar = 2,
    /// One slip: a character or digit, or two neighbours exchanged.
    Near = 3,
    /// Another form of the same: a nickname, one half of a double name, another legal form.
    Variant = 4,
    /// Exchanged: given name and surname, day and month.
    Swapped = 5,
    /// The same after normalising.
    Exact = 6,
    /// Empty on one side or on both. Neutral.
    Missing = 15,
}

/// Levels that can occur, [`Level::Missing`] apart.
pub(crate) const LEVELS: usize = 7;

impl Level {
    /// Every level but [`Level::Missing`], by growing agreement.
    pub const ALL: [Self; LEVELS] = [
        Self::Different,
        Self::Related,
        Self::Similar,
        Self::Near,
        Self::Variant,
        Self::Swapped,
        Self::Exact,
    ];

    /// The level as an index, and as the four bits that it takes in a [`Pattern`].
    pub(crate) const fn code(self) -> u8 {
        self as u8
    }

    pub(crate) const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Different,
            1 => Self::Related,
            2 => Self::Similar,
            3 => Self::Near,
            4 => Self::Variant,
            5 => Self::Swapped,
            6 => Self::Exact,
            _ => Self::Missing,
        }
    }
}

/// The levels of all comparisons of one pair, four bits each.
///
/// A missing value sets all four, so that the pattern of a pair starts as the union of what is
/// missing on either side.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub(crate) struct Pattern(pub(crate) u64);

impl Pattern {
    /// As many comparisons as a pattern holds.
    pub(crate) const CAPACITY: usize = 16;

    pub(crate) const fn level(self, comparison: usize) -> Level {
        Level::from_code(((self.0 >> (4 * comparison)) & 0xF) as u8)
    }

    pub(crate) const fn code(self, comparison: usize) -> usize {
        ((self.0 >> (4 * comparison)) & 0xF) as usize
    }

    pub(crate) const fn set(&mut self, comparison: usize, level: Level) {
        let shift = 4 * comparison;
        self.0 = (self.0 & !(0xF << shift)) | ((level.code() as u64) << shift);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_keeps_every_level_where_it_was_put() {
        let mut pattern = Pattern::default();
        for (index, level) in Level::ALL.into_iter().chain([Level::Missing]).enumerate() {
            pattern.set(2 * index, level);
        }
        for (index, level) in Level::ALL.into_iter().chain([Level::Missing]).enumerate() {
            assert_eq!(pattern.level(2 * index), level);
            assert_eq!(pattern.level(2 * index + 1), Level::Different);
        }
        pattern.set(0, Level::Missing);
        pattern.set(0, Level::Near);
        assert_eq!(pattern.level(0), Level::Near);
    }
}
