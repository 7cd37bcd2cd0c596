//! Which pairs are worth a score: every pair when there are few, blocked ones when there are many.

pub(crate) mod blocked;
pub(crate) mod exhaustive;
pub(crate) mod hooks;
pub(crate) mod near;
pub(crate) mod swap;

use crate::level::Pattern;

/// A pair that may be the same, and how its values agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) pattern: Pattern,
    /// How many passes of blocking found it.
    pub(crate) passes: u8,
}

/// Which records are looked at: all of them, or only those that changed.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s> {
    /// Whether each left record is new or changed; all are if there is nothing.
    pub(crate) left_changed: Option<&'s [bool]>,
    pub(crate) right_changed: Option<&'s [bool]>,
    /// Both sides are the same records: each pair once, and no record with itself.
    pub(crate) within: bool,
}

impl Scope<'_> {
    pub(crate) const ALL: Self = Self {
        left_changed: None,
        right_changed: None,
        within: false,
    };

    pub(crate) fn left(&self, left: usize) -> bool {
        self.left_changed.is_none_or(|changed| changed[left])
    }

    pub(crate) fn right(&self, right: usize) -> bool {
        self.right_changed.is_none_or(|changed| changed[right])
    }

    pub(crate) fn pair(&self, left: usize, right: usize) -> bool {
        !(self.within && left >= right)
    }
}

/// What was found, and what was not looked at.
#[derive(Default)]
pub(crate) struct Found {
    /// By left record, then right.
    pub(crate) pairs: Vec<Pair>,
    /// How many pairs of values have each level, by comparison; `None` if only a sample was taken.
    pub(crate) level_counts: Vec<LevelCounts>,
    /// Left records with more possible partners than are kept.
    pub(crate) crowded: u64,
    /// Values with more similar ones than are kept.
    pub(crate) crowded_values: u64,
    /// Pairs whose values were compared.
    pub(crate) compared: u64,
    pub(crate) blocking: Option<blocked::Report>,
}

/// How many of the pairs that have a value on both sides have each level.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LevelCounts {
    pub(crate) pairs: f64,
    pub(crate) levels: [f64; crate::level::LEVELS],
}

/// As many possible partners of one record are kept.
pub(crate) const MOST_PARTNERS: usize = 64;

/// Keeps the best of one record's possible partners, ties in the order of the right side.
pub(crate) fn keep_best(found: &mut Vec<(f32, Pair)>, crowded: &mut u64) -> Vec<Pair> {
    if found.len() > MOST_PARTNERS {
        *crowded += 1;
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.right.cmp(&b.1.right)));
        found.truncate(MOST_PARTNERS);
    }
    found.sort_unstable_by_key(|(_, pair)| pair.right);
    found.drain(..).map(|(_, pair)| pair).collect()
}
