//! Every pair, over distinct values.
//!
//! Values are compared once, however many records have them, and a pair of records costs only where
//! it agrees in something: for each left record the right ones are reached through the values that
//! agree with its own.

use std::{num::NonZeroUsize, ops::Range};

use crate::{
    columns::{Column, NONE, Table},
    comparison::Comparisons,
    level::{Level, Pattern},
    model::Quick,
    parallel,
};

use super::{
    Found, Pair, Scope, keep_best,
    near::{Counts, Near},
    swap::Swap,
};

/// A comparison whose values agree in more than this share of all pairs finds nobody; it is looked
/// at where another one has found somebody.
const COMMONPLACE: f64 = 0.02;

/// Below so many pairs every comparison may find.
const FEW_PAIRS: f64 = 250_000.0;

/// More right records than these are not looked through for exchanged names.
const MOST_SWAPPED: usize = 512;

/// Says that a pair was reached; no level uses this bit.
const TOUCHED: u64 = 1 << 63;

struct Compared<'t> {
    index: usize,
    column: &'t Column,
    near: Near,
    /// Right records by value.
    starts: Vec<u32>,
    records: Vec<u32>,
    /// Whether it finds pairs, or only adds to those found.
    finds: bool,
}

impl<'t> Compared<'t> {
    fn new(index: usize, column: &'t Column, scope: Scope<'_>, threads: NonZeroUsize) -> Self {
        let near = Near::new(column, &Counts::new(column, scope), threads);
        let mut starts = vec![0_u32; column.forms.len() + 1];
        let present = || {
            (0..)
                .zip(&column.right)
                .filter(|(r, id)| **id != NONE && scope.right(*r as usize))
        };
        for (_, id) in present() {
            starts[*id as usize + 1] += 1;
        }
        for value in 0..column.forms.len() {
            starts[value + 1] += starts[value];
        }
        let mut next = starts.clone();
        let mut records = vec![0; starts[column.forms.len()] as usize];
        for (record, id) in present() {
            let place = &mut next[*id as usize];
            records[*place as usize] = record;
            *place += 1;
        }
        let agreeing: f64 = near.counts.levels[1..].iter().sum();
        let finds = near.counts.pairs < FEW_PAIRS || agreeing <= COMMONPLACE * near.counts.pairs;
        Self {
            index,
            column,
            near,
            starts,
            records,
            finds,
        }
    }

    fn records(&self, value: usize) -> &[u32] {
        &self.records[self.starts[value] as usize..self.starts[value + 1] as usize]
    }
}

/// All pairs that may be the same.
pub(crate) fn find(
    comparisons: &Comparisons,
    table: &Table<'_>,
    quick: &Quick,
    scope: Scope<'_>,
    threads: NonZeroUsize,
) -> Found {
    let mut compared: Vec<Compared<'_>> = Vec::new();
    for (index, comparison) in comparisons.iter().enumerate() {
        if comparison.is_scored() {
            compared.push(Compared::new(index, &table.columns[index], scope, threads));
        }
    }
    if !compared.iter().any(|one| one.finds) {
        // The one that tells records apart best, so that there is something to show.
        let share = |one: &Compared<'_>| one.near.counts.levels[0] / one.near.counts.pairs.max(1.0);
        if let Some(best) = compared
            .iter_mut()
            .max_by(|a, b| share(a).total_cmp(&share(b)))
        {
            best.finds = true;
        }
    }
    let swap = Swap::new(comparisons, table);
    let right_missing = missing(&compared, table.right_len(), |column| &column.right);
    let left_missing = missing(&compared, table.left_len(), |column| &column.left);
    let search = Search {
        compared: &compared,
        swap: swap.as_ref(),
        quick,
        scope,
        left_missing: &left_missing,
        right_missing: &right_missing,
    };
    let rows = parallel::pieces(
        threads,
        table.left_len(),
        64,
        || Row::new(&compared, table.right_len()),
        |row, range| search.rows(row, range),
    );
    let mut found = Found {
        level_counts: vec![super::LevelCounts::default(); comparisons.len()],
        ..Found::default()
    };
    for one in &compared {
        found.level_counts[one.index] = one.near.counts;
        found.crowded_values += one.near.crowded;
        found.compared += one.near.compared;
    }
    for (pairs, crowded) in rows {
        found.pairs.extend(pairs);
        found.crowded += crowded;
    }
    found
}

/// For each record the pattern of what it lacks.
fn missing(
    compared: &[Compared<'_>],
    records: usize,
    side: impl Fn(&Column) -> &[u32],
) -> Vec<Pattern> {
    let mut missing = vec![Pattern::default(); records];
    for one in compared {
        for (pattern, id) in missing.iter_mut().zip(side(one.column)) {
            if *id == NONE {
                pattern.set(one.index, Level::Missing);
            }
        }
    }
    missing
}

/// What one thread reuses from record to record.
struct Row {
    /// The levels found so far, by right record.
    patterns: Vec<u64>,
    touched: Vec<u32>,
    /// The level of each right value, for comparisons that do not find.
    levels: Vec<Vec<u8>>,
    kept: Vec<(f32, Pair)>,
}

impl Row {
    fn new(compared: &[Compared<'_>], right: usize) -> Self {
        Self {
            patterns: vec![0; right],
            touched: Vec::new(),
            levels: compared
                .iter()
                .map(|one| {
                    if one.finds {
                        Vec::new()
                    } else {
                        vec![0; one.column.forms.len()]
                    }
                })
                .collect(),
            kept: Vec::new(),
        }
    }

    fn touch(&mut self, right: u32, bits: u64) {
        let pattern = &mut self.patterns[right as usize];
        if *pattern == 0 {
            self.touched.push(right);
        }
        *pattern |= bits;
    }
}

struct Search<'s> {
    compared: &'s [Compared<'s>],
    swap: Option<&'s Swap<'s>>,
    quick: &'s Quick,
    scope: Scope<'s>,
    left_missing: &'s [Pattern],
    right_missing: &'s [Pattern],
}

impl Search<'_> {
    fn rows(&self, row: &mut Row, range: Range<usize>) -> (Vec<Pair>, u64) {
        let (mut pairs, mut crowded) = (Vec::new(), 0);
        for left in range {
            if self.scope.left(left) {
                self.row(row, left);
                pairs.extend(keep_best(&mut row.kept, &mut crowded));
            }
        }
        (pairs, crowded)
    }

    fn row(&self, row: &mut Row, left: usize) {
        for one in self.compared.iter().filter(|one| one.finds) {
            let value = one.column.left[left];
            if value == NONE {
                continue;
            }
            for agreement in one.near.of(value) {
                let bits = u64::from(agreement.level().code()) << (4 * one.index);
                for right in one.records(agreement.value()) {
                    row.touch(*right, bits);
                }
            }
        }
        if let Some(swap) = self.swap {
            self.touch_swapped(swap, row, left);
        }
        for (one, levels) in self
            .compared
            .iter()
            .zip(&mut row.levels)
            .filter(|(one, _)| !one.finds)
        {
            let value = one.column.left[left];
            if value != NONE {
                for agreement in one.near.of(value) {
                    levels[agreement.value()] = agreement.level().code();
                }
            }
        }
        let touched = std::mem::take(&mut row.touched);
        for right in &touched {
            let index = *right as usize;
            let mut bits = std::mem::take(&mut row.patterns[index]) & !TOUCHED;
            if !self.scope.pair(left, index) {
                continue;
            }
            for (one, levels) in self
                .compared
                .iter()
                .zip(&row.levels)
                .filter(|(one, _)| !one.finds)
            {
                let value = one.column.right[index];
                if value != NONE {
                    bits |= u64::from(levels[value as usize]) << (4 * one.index);
                }
            }
            let mut pattern =
                Pattern(bits | self.left_missing[left].0 | self.right_missing[index].0);
            if let Some(swap) = self.swap {
                swap.apply(left, index, &mut pattern);
            }
            let bits = self.quick.bits(pattern);
            if bits >= self.quick.threshold {
                let left = u32::try_from(left).unwrap_or(u32::MAX);
                row.kept.push((
                    bits,
                    Pair {
                        left,
                        right: *right,
                        pattern,
                        passes: 0,
                    },
                ));
            }
        }
        row.touched = touched;
        row.touched.clear();
        for (one, levels) in self
            .compared
            .iter()
            .zip(&mut row.levels)
            .filter(|(one, _)| !one.finds)
        {
            let value = one.column.left[left];
            if value != NONE {
                for agreement in one.near.of(value) {
                    levels[agreement.value()] = 0;
                }
            }
        }
    }

    /// Reaches right records whose names are this one's the other way round, which need not agree
    /// in anything as they stand.
    fn touch_swapped(&self, swap: &Swap<'_>, row: &mut Row, left: usize) {
        let (as_surname, as_given) = swap.values(left);
        for (column, value) in [(swap.surname, as_surname), (swap.given, as_given)] {
            let Some(value) = value else { continue };
            let Some(one) = self.compared.iter().find(|one| one.index == column) else {
                continue;
            };
            let records = one.records(value as usize);
            if records.len() > MOST_SWAPPED {
                continue;
            }
            for right in records {
                let mut pattern = Pattern::default();
                swap.apply(left, *right as usize, &mut pattern);
                if pattern != Pattern::default() && row.patterns[*right as usize] == 0 {
                    row.touch(*right, TOUCHED);
                }
            }
        }
    }
}
