//! For each distinct left value of a column the right ones that agree with it, and how well.

use std::{borrow::Cow, collections::HashMap, num::NonZeroUsize};

use crate::{
    columns::{Column, NONE},
    compare::compare,
    level::{LEVELS, Level},
    parallel,
    similarity::{DISTANCE_LENGTH, Word, fewest_slips},
};

use super::{LevelCounts, Scope, hooks};

/// A right value and the level at which it agrees, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Agreement(u32);

impl Agreement {
    const fn new(value: u32, level: Level) -> Self {
        Self((value << 4) | level.code() as u32)
    }

    pub(crate) const fn value(self) -> usize {
        (self.0 >> 4) as usize
    }

    pub(crate) const fn level(self) -> Level {
        Level::from_code((self.0 & 0xF) as u8)
    }
}

/// How many records of the scope have each value.
pub(crate) struct Counts<'c> {
    pub(crate) left: Cow<'c, [u32]>,
    pub(crate) right: Cow<'c, [u32]>,
}

impl<'c> Counts<'c> {
    pub(crate) fn new(column: &'c Column, scope: Scope<'_>) -> Self {
        let count = |all: &'c [u32], ids: &[u32], within: Option<&[bool]>| {
            let Some(within) = within else {
                return Cow::Borrowed(all);
            };
            let mut counts = vec![0; all.len()];
            for (id, _) in ids
                .iter()
                .zip(within)
                .filter(|(id, within)| **within && **id != NONE)
            {
                counts[*id as usize] += 1;
            }
            Cow::Owned(counts)
        };
        Self {
            left: count(&column.left_counts, &column.left, scope.left_changed),
            right: count(&column.right_counts, &column.right, scope.right_changed),
        }
    }
}

/// The agreements of all left values.
pub(crate) struct Near {
    starts: Vec<u32>,
    agreements: Vec<Agreement>,
    pub(crate) counts: LevelCounts,
    pub(crate) crowded: u64,
    pub(crate) compared: u64,
}

/// As many agreements are kept of one value, the best ones.
const MOST_AGREEMENTS: usize = 1024;

/// Right values in an order and with indexes that make the ones worth comparing quick to find.
struct Index {
    /// Values by the length of their word, and where each length starts.
    by_length: Vec<u32>,
    signatures: Vec<u64>,
    lengths: Vec<usize>,
    hooks: HashMap<u64, Vec<u32>>,
}

impl Index {
    fn new(column: &Column, counts: &Counts<'_>) -> Self {
        let right: Vec<u32> = (0..)
            .zip(counts.right.iter())
            .filter(|(_, n)| **n > 0)
            .map(|(id, _)| id)
            .collect();
        let mut buckets: Vec<Vec<u32>> = vec![Vec::new(); DISTANCE_LENGTH + 1];
        let mut hooks: HashMap<u64, Vec<u32>> = HashMap::new();
        let mut offered = Vec::new();
        for id in right {
            let form = &column.forms[id as usize];
            if let Some(word) = form.word() {
                buckets[word.length()].push(id);
            }
            offered.clear();
            hooks::offers(column.kind, form, &mut offered);
            for hook in &offered {
                hooks.entry(*hook).or_default().push(id);
            }
        }
        let mut lengths = vec![0];
        let mut by_length = Vec::new();
        for bucket in buckets {
            by_length.extend(bucket);
            lengths.push(by_length.len());
        }
        let signature = |id: &u32| column.forms[*id as usize].word().map_or(0, Word::signature);
        Self {
            signatures: by_length.iter().map(signature).collect(),
            by_length,
            lengths,
            hooks,
        }
    }
}

impl Near {
    pub(crate) fn new(column: &Column, counts: &Counts<'_>, threads: NonZeroUsize) -> Self {
        let index = Index::new(column, counts);
        let values = column.forms.len();
        let pieces = parallel::pieces(
            threads,
            values,
            128,
            || Search {
                stamps: vec![0; values],
                stamp: 0,
                asked: Vec::new(),
                found: Vec::new(),
            },
            |search, range| search.values(column, counts, &index, range),
        );
        let mut near = Self {
            starts: Vec::with_capacity(values + 1),
            agreements: Vec::new(),
            counts: LevelCounts::default(),
            crowded: 0,
            compared: 0,
        };
        near.starts.push(0);
        let mut levels = [0_u64; LEVELS];
        for piece in pieces {
            let offset = u32::try_from(near.agreements.len()).unwrap_or(u32::MAX);
            near.starts
                .extend(piece.ends.iter().map(|end| offset + end));
            near.agreements.extend(piece.agreements);
            near.crowded += piece.crowded;
            near.compared += piece.compared;
            for (sum, count) in levels.iter_mut().zip(piece.levels) {
                *sum += count;
            }
        }
        let side = |counts: &[u32]| counts.iter().map(|n| u64::from(*n)).sum::<u64>();
        let pairs = side(&counts.left).saturating_mul(side(&counts.right));
        let agreeing: u64 = levels[1..].iter().sum();
        levels[0] = pairs.saturating_sub(agreeing);
        near.counts = LevelCounts {
            pairs: as_f64(pairs),
            levels: levels.map(as_f64),
        };
        near
    }

    pub(crate) fn of(&self, value: u32) -> &[Agreement] {
        let value = value as usize;
        &self.agreements[self.starts[value] as usize..self.starts[value + 1] as usize]
    }
}

/// Counts of pairs stay far below 2^53.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of pairs; a rounded last digit is of no account"
)]
pub(crate) const fn as_f64(count: u64) -> f64 {
    count as f64
}

struct Piece {
    ends: Vec<u32>,
    agreements: Vec<Agreement>,
    levels: [u64; LEVELS],
    crowded: u64,
    compared: u64,
}

struct Search {
    /// Which left value last looked at each right one.
    stamps: Vec<u32>,
    stamp: u32,
    asked: Vec<u64>,
    found: Vec<Agreement>,
}

impl Search {
    fn values(
        &mut self,
        column: &Column,
        counts: &Counts<'_>,
        index: &Index,
        range: std::ops::Range<usize>,
    ) -> Piece {
        let mut piece = Piece {
            ends: Vec::with_capacity(range.len()),
            agreements: Vec::new(),
            levels: [0; LEVELS],
            crowded: 0,
            compared: 0,
        };
        for value in range {
            if counts.left[value] > 0 {
                self.value(column, counts, index, value, &mut piece);
            }
            piece
                .ends
                .push(u32::try_from(piece.agreements.len()).unwrap_or(u32::MAX));
        }
        piece
    }

    fn value(
        &mut self,
        column: &Column,
        counts: &Counts<'_>,
        index: &Index,
        value: usize,
        piece: &mut Piece,
    ) {
        let form = &column.forms[value];
        self.stamp += 1;
        self.found.clear();
        let id = u32::try_from(value).unwrap_or(u32::MAX);
        if counts.right[value] > 0 {
            self.stamps[value] = self.stamp;
            self.found.push(Agreement::new(id, Level::Exact));
        }
        if let Some(word) = form.word() {
            let slips = hooks::slips(column.kind, word.length());
            if slips > 0 {
                let shortest = word.length().saturating_sub(slips);
                let longest = (word.length() + slips).min(DISTANCE_LENGTH);
                let near = index.lengths[shortest]..index.lengths[longest + 1];
                let signature = word.signature();
                for position in near {
                    if fewest_slips(signature, index.signatures[position]) as usize <= slips {
                        self.look(column, value, index.by_length[position], piece);
                    }
                }
            }
        }
        let mut asked = std::mem::take(&mut self.asked);
        asked.clear();
        hooks::asks(column.kind, form, &mut asked);
        for hook in &asked {
            for other in index.hooks.get(hook).map_or(&[][..], Vec::as_slice) {
                self.look(column, value, *other, piece);
            }
        }
        self.asked = asked;
        if self.found.len() > MOST_AGREEMENTS {
            piece.crowded += 1;
            self.found
                .sort_unstable_by_key(|found| (std::cmp::Reverse(found.level()), found.value()));
            self.found.truncate(MOST_AGREEMENTS);
        }
        self.found.sort_unstable();
        let here = u64::from(counts.left[value]);
        for found in &self.found {
            let pairs = here * u64::from(counts.right[found.value()]);
            piece.levels[usize::from(found.level().code())] += pairs;
        }
        piece.agreements.extend_from_slice(&self.found);
    }

    fn look(&mut self, column: &Column, value: usize, other: u32, piece: &mut Piece) {
        let stamp = &mut self.stamps[other as usize];
        if *stamp == self.stamp {
            return;
        }
        *stamp = self.stamp;
        piece.compared += 1;
        let level = compare(
            column.kind,
            &column.forms[value],
            &column.forms[other as usize],
        );
        if level != Level::Different {
            self.found.push(Agreement::new(other, level));
        }
    }
}
