//! Pairs that share something, where there are too many to look at every one.
//!
//! A pass of blocking puts records into blocks by one value or by two, and only records of one block
//! are compared. Which passes are made is decided by how common the values are in the data at hand:
//! loose ones first, as many as can be afforded. What blocking missed is estimated from how many
//! passes found each pair that was accepted.

use std::{collections::HashMap, num::NonZeroUsize, ops::Range};

use serde::{Deserialize, Serialize};

use crate::{
    columns::{Column, NONE, Table},
    compare::{compare, date, reach},
    comparison::Comparisons,
    kind::FieldKind,
    level::{Level, Pattern},
    model::{Quick, as_f64},
    normalise::{DateDigits, Form, fingerprint},
    parallel,
    similarity::{DISTANCE_LENGTH, fewest_slips},
};

use super::{Found, LevelCounts, Pair, Scope, keep_best, near, swap::Swap};

/// What blocking did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The passes, by what they were made of.
    pub passes: Vec<String>,
    /// Blocks that were left out because too many records were in them.
    pub common_blocks: u64,
    /// Pairs that were looked at, of all that there are.
    pub looked_at: u64,
    /// Pairs that were accepted.
    pub accepted: u64,
    /// How many more would have been accepted, about, had every pair been looked at: by Chao's
    /// estimate from those that only one pass and only two found. A lower bound, since passes that
    /// use the same fields miss the same pairs.
    pub estimated_missed: f64,
}

impl Report {
    /// Takes note of how many passes found each accepted pair.
    pub(crate) fn accept(&mut self, passes: impl Iterator<Item = u8>) {
        let (mut once, mut twice) = (0.0, 0.0);
        for passes in passes {
            self.accepted += 1;
            match passes {
                1 => once += 1.0,
                2 => twice += 1.0,
                _ => {}
            }
        }
        self.estimated_missed = once * (once - 1.0_f64).max(0.0) / (2.0 * (twice + 1.0));
    }
}

/// A pass may be expected to give so many pairs for each record of the larger side...
const PAIRS_A_PASS: f64 = 12.0;
/// ...and all passes together so many.
const PAIRS_A_RECORD: f64 = 40.0;
const MOST_PASSES: usize = 24;
/// A block with more pairs than these is left out.
const LARGEST_BLOCK: u64 = 4_096;
/// Pairs that are drawn to see how often values agree by chance.
const SAMPLE: u64 = 150_000;

/// What a pass blocks by.
#[derive(Clone, Copy)]
enum Pass {
    One(usize),
    Two(usize, usize),
    /// Two values whichever stands where.
    Either(usize, usize),
}

/// One way to block by a column: a hash for each value, 0 for none.
struct Sieve {
    name: String,
    column: usize,
    exact: bool,
    hashes: Vec<u64>,
    /// How probable it is that two records of the two sides fall into one block.
    together: f64,
}

/// All pairs that share a block and may be the same.
pub(crate) fn find(
    comparisons: &Comparisons,
    table: &Table<'_>,
    quick: &Quick,
    scope: Scope<'_>,
    threads: NonZeroUsize,
) -> Found {
    let scored: Vec<usize> = comparisons
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_scored())
        .map(|(i, _)| i)
        .collect();
    let sieves: Vec<Sieve> = parallel::pieces(
        threads,
        scored.len(),
        1,
        || (),
        |(), range| sieves(comparisons, table, scored[range.start]),
    )
    .into_iter()
    .flatten()
    .collect();
    let swap = Swap::new(comparisons, table);
    let passes = choose(&sieves, table, swap.as_ref());
    let blocks = parallel::pieces(
        threads,
        passes.len(),
        1,
        || (),
        |(), range| Blocks::new(table, &sieves, passes[range.start]),
    );
    let search = Search {
        table,
        quick,
        scope,
        swap: swap.as_ref(),
        blocks: &blocks,
    };
    let rows = parallel::pieces(
        threads,
        table.left_len(),
        256,
        || Row {
            seen: vec![0; table.right_len()],
            touched: Vec::new(),
            kept: Vec::new(),
        },
        |row, range| search.rows(row, range),
    );
    let mut found = Found::default();
    let mut report = Report::default();
    for (pairs, crowded, compared) in rows {
        found.pairs.extend(pairs);
        found.crowded += crowded;
        found.compared += compared;
    }
    report.looked_at = found.compared;
    report.common_blocks = blocks.iter().map(|blocks| blocks.common).sum();
    report.passes = passes
        .iter()
        .map(|pass| match *pass {
            Pass::One(one) => sieves[one].name.clone(),
            Pass::Two(one, two) => format!("{} + {}", sieves[one].name, sieves[two].name),
            Pass::Either(one, two) => {
                format!(
                    "{} + {}, whichever way round",
                    sieves[one].name, sieves[two].name
                )
            }
        })
        .collect();
    found.blocking = Some(report);
    found.level_counts = sample(comparisons, table, threads);
    found
}

/// The sieves of one column.
fn sieves(comparisons: &Comparisons, table: &Table<'_>, index: usize) -> Vec<Sieve> {
    let column = &table.columns[index];
    let name = comparisons.as_slice()[index].name();
    let sieve = |label: &str, exact: bool, hash: &dyn Fn(&Form) -> u64| {
        let hashes: Vec<u64> = column.forms.iter().map(hash).collect();
        let together = together(column, &hashes, table);
        Sieve {
            name: format!("{name}{label}"),
            column: index,
            exact,
            hashes,
            together,
        }
    };
    let mut sieves = vec![sieve("", true, &|form| match form {
        Form::Date { digits } => text(digits.as_str()),
        _ => form.word().map_or(0, |word| text(word.as_str())),
    })];
    match column.forms.first() {
        Some(Form::Date { .. }) => {
            let part = |range: Range<usize>| {
                move |form: &Form| match form {
                    Form::Date { digits } => text(&digits.as_str()[range.clone()]),
                    _ => 0,
                }
            };
            sieves.push(sieve(" (year)", false, &part(0..4)));
            sieves.push(sieve(" (month and day)", false, &part(4..8)));
        }
        Some(Form::Phrase(_) | Form::Organisation { .. } | Form::Address { .. }) => {
            sieves.push(sieve(" (sound)", false, &|form| {
                form.word().map_or(0, |word| text(&sound(word.as_str())))
            }));
            sieves.push(sieve(" (beginning)", false, &|form| {
                form.word().map_or(0, |word| {
                    text(&word.as_str().chars().take(3).collect::<String>())
                })
            }));
        }
        _ => {}
    }
    sieves
}

/// Never 0, which stands for no value.
fn text(text: &str) -> u64 {
    mix(fingerprint(text.as_bytes())) | 1
}

/// Spreads the bits of a weak hash (the finaliser of `SplitMix64`).
const fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// What is left of a word when vowels and doubled letters go: most slips of the ear and some of the
/// finger leave it.
fn sound(word: &str) -> String {
    let mut sound = String::new();
    let mut last = None;
    for (index, character) in word.chars().enumerate() {
        let character = match character {
            'c' | 'q' | 'g' => 'k',
            'z' | 'x' => 's',
            'v' | 'w' => 'f',
            'd' => 't',
            'b' => 'p',
            'm' => 'n',
            'j' => 'i',
            other => other,
        };
        if index > 0 && matches!(character, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h') {
            last = None;
            continue;
        }
        if last != Some(character) {
            sound.push(character);
            if sound.len() >= 5 {
                break;
            }
        }
        last = Some(character);
    }
    sound
}

fn together(column: &Column, hashes: &[u64], table: &Table<'_>) -> f64 {
    let mut counts: HashMap<u64, (u64, u64)> = HashMap::new();
    for ((hash, left), right) in hashes
        .iter()
        .zip(&column.left_counts)
        .zip(&column.right_counts)
    {
        if *hash != 0 {
            let (lefts, rights) = counts.entry(*hash).or_default();
            *lefts += u64::from(*left);
            *rights += u64::from(*right);
        }
    }
    let pairs: u64 = counts.values().map(|(left, right)| left * right).sum();
    near::as_f64(pairs) / (as_f64(table.left_len()) * as_f64(table.right_len())).max(1.0)
}

/// Which passes can be afforded.
fn choose(sieves: &[Sieve], table: &Table<'_>, swap: Option<&Swap<'_>>) -> Vec<Pass> {
    let all = as_f64(table.left_len()) * as_f64(table.right_len());
    let larger = as_f64(table.left_len().max(table.right_len()));
    let mut passes: Vec<(f64, Pass)> = Vec::new();
    let mut budget = PAIRS_A_RECORD * larger;
    if let Some(swap) = swap {
        let exact = |column: usize| sieves.iter().position(|s| s.column == column && s.exact);
        if let (Some(given), Some(surname)) = (exact(swap.given), exact(swap.surname)) {
            passes.push((0.0, Pass::Either(given, surname)));
        }
    }
    let mut offers: Vec<(f64, Pass)> = Vec::new();
    for (index, one) in sieves.iter().enumerate() {
        let expected = one.together * all;
        if one.exact && expected <= PAIRS_A_PASS * larger {
            offers.push((expected, Pass::One(index)));
        }
        // Alone it is loose enough; with another it would find nobody new.
        for (other, two) in sieves.iter().enumerate().skip(index + 1) {
            let expected = expected * two.together;
            if one.column != two.column
                && one.together * all > PAIRS_A_PASS * larger / 4.0
                && two.together * all > PAIRS_A_PASS * larger / 4.0
                && expected <= PAIRS_A_PASS * larger
            {
                offers.push((expected, Pass::Two(index, other)));
            }
        }
    }
    // Single values first, then the loosest pairs; the order of the sieves decides ties.
    offers.sort_by(|a, b| {
        let rank = |pass: &Pass| usize::from(!matches!(pass, Pass::One(_)));
        rank(&a.1).cmp(&rank(&b.1)).then(b.0.total_cmp(&a.0))
    });
    for (expected, pass) in offers {
        if passes.len() < MOST_PASSES && expected <= budget {
            budget -= expected;
            passes.push((expected, pass));
        }
    }
    passes.into_iter().map(|(_, pass)| pass).collect()
}

/// The blocks of one pass: for each left record a range of right ones.
struct Blocks {
    ranges: Vec<(u32, u32)>,
    rights: Vec<u32>,
    common: u64,
}

impl Blocks {
    fn new(table: &Table<'_>, sieves: &[Sieve], pass: Pass) -> Self {
        let mut lefts = keyed(sieves, pass, table.left_len(), |column| {
            &table.columns[column].left
        });
        let mut rights = keyed(sieves, pass, table.right_len(), |column| {
            &table.columns[column].right
        });
        lefts.sort_unstable();
        rights.sort_unstable();
        let mut ranges = vec![(0, 0); table.left_len()];
        let mut common = 0;
        let mut start = 0;
        for block in lefts.chunk_by(|a, b| a.0 == b.0) {
            let key = block[0].0;
            while rights.get(start).is_some_and(|(other, _)| *other < key) {
                start += 1;
            }
            let length = rights[start..]
                .iter()
                .take_while(|(other, _)| *other == key)
                .count();
            let pairs = (block.len() as u64).saturating_mul(length as u64);
            if pairs > LARGEST_BLOCK {
                common += 1;
            } else {
                let range = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
                for (_, left) in block {
                    ranges[*left as usize] = (range(start), range(start + length));
                }
            }
            start += length;
        }
        Self {
            ranges,
            rights: rights.into_iter().map(|(_, right)| right).collect(),
            common,
        }
    }

    fn of(&self, left: usize) -> &[u32] {
        let (start, end) = self.ranges[left];
        &self.rights[start as usize..end as usize]
    }
}

fn keyed<'t>(
    sieves: &[Sieve],
    pass: Pass,
    records: usize,
    ids: impl Fn(usize) -> &'t [u32],
) -> Vec<(u64, u32)> {
    let hash = |sieve: usize, record: usize| {
        let id = ids(sieves[sieve].column)[record];
        if id == NONE {
            0
        } else {
            sieves[sieve].hashes[id as usize]
        }
    };
    (0..)
        .zip(0..records)
        .filter_map(|(id, record)| {
            let key = match pass {
                Pass::One(one) => hash(one, record),
                Pass::Two(one, two) | Pass::Either(one, two) => {
                    match (hash(one, record), hash(two, record)) {
                        (0, _) | (_, 0) => 0,
                        (first, second) if matches!(pass, Pass::Either(..)) => {
                            mix(first.wrapping_add(second)) | 1
                        }
                        (first, second) => mix(first.rotate_left(17) ^ second) | 1,
                    }
                }
            };
            (key != 0).then_some((key, id))
        })
        .collect()
}

struct Row {
    /// How many passes found each right record for the present left one.
    seen: Vec<u8>,
    touched: Vec<u32>,
    kept: Vec<(f32, Pair)>,
}

struct Search<'s> {
    table: &'s Table<'s>,
    quick: &'s Quick,
    scope: Scope<'s>,
    swap: Option<&'s Swap<'s>>,
    blocks: &'s [Blocks],
}

impl Search<'_> {
    fn rows(&self, row: &mut Row, range: Range<usize>) -> (Vec<Pair>, u64, u64) {
        let (mut pairs, mut crowded, mut compared) = (Vec::new(), 0, 0);
        for left in range {
            let all = self.scope.left(left);
            for blocks in self.blocks {
                for right in blocks.of(left) {
                    let index = *right as usize;
                    if !self.scope.pair(left, index) || !(all || self.scope.right(index)) {
                        continue;
                    }
                    if row.seen[index] == 0 {
                        row.touched.push(*right);
                    }
                    row.seen[index] = row.seen[index].saturating_add(1);
                }
            }
            compared += row.touched.len() as u64;
            for right in row.touched.drain(..) {
                let passes = std::mem::take(&mut row.seen[right as usize]);
                if let Some((bits, pattern)) = self.look(left, right as usize) {
                    let left = u32::try_from(left).unwrap_or(u32::MAX);
                    row.kept.push((
                        bits,
                        Pair {
                            left,
                            right,
                            pattern,
                            passes,
                        },
                    ));
                }
            }
            pairs.extend(keep_best(&mut row.kept, &mut crowded));
        }
        (pairs, crowded, compared)
    }

    fn look(&self, left: usize, right: usize) -> Option<(f32, Pattern)> {
        let mut pattern = Pattern::default();
        let mut bits = 0.0;
        for (index, most_after) in self.quick.order() {
            let level = level(&self.table.columns[*index], left, right);
            pattern.set(*index, level);
            bits += self.quick.weight(*index, level);
            if bits + most_after < self.quick.threshold {
                return None;
            }
        }
        if let Some(swap) = self.swap {
            swap.apply(left, right, &mut pattern);
        }
        let bits = self.quick.bits(pattern);
        (bits >= self.quick.threshold).then_some((bits, pattern))
    }
}

/// Words of any length agree with no more slips than these.
#[expect(clippy::cast_possible_truncation, reason = "a handful")]
const MOST_SLIPS: u32 = reach(DISTANCE_LENGTH).1 as u32;

fn level(column: &Column, left: usize, right: usize) -> Level {
    let (left, right) = (column.left[left], column.right[right]);
    if left == NONE || right == NONE {
        Level::Missing
    } else {
        value_level(column, left, right)
    }
}

/// The level of two values: most are told apart by their digests.
fn value_level(column: &Column, left: u32, right: u32) -> Level {
    if left == right {
        Level::Exact
    } else {
        let (left, right) = (left as usize, right as usize);
        let (near, far) = (column.digests[left], column.digests[right]);
        let most = match column.kind {
            FieldKind::Date => {
                return date(
                    DateDigits(near.to_le_bytes()),
                    DateDigits(far.to_le_bytes()),
                );
            }
            FieldKind::Email
            | FieldKind::PersonalNumber
            | FieldKind::OrganisationNumber
            | FieldKind::Identifier
            | FieldKind::ClientKey => 1,
            // A country code of three digits may stand before one of the two.
            FieldKind::Phone => 3,
            FieldKind::Code => 0,
            FieldKind::PersonName => u32::MAX,
            _ => MOST_SLIPS,
        };
        if fewest_slips(near, far) > most
            && column
                .marks
                .get(left)
                .zip(column.marks.get(right))
                .is_none_or(|(left, right)| left.asks & right.offers == 0)
        {
            return Level::Different;
        }
        compare(column.kind, &column.forms[left], &column.forms[right])
    }
}

/// The levels of one pair, as the search would have found them.
pub(crate) fn pattern(
    comparisons: &Comparisons,
    table: &Table<'_>,
    swap: Option<&Swap<'_>>,
    (left, right): (u32, u32),
) -> Pattern {
    let (left, right) = (left as usize, right as usize);
    let mut pattern = Pattern::default();
    for (index, comparison) in comparisons.iter().enumerate() {
        if comparison.is_scored() {
            pattern.set(index, level(&table.columns[index], left, right));
        }
    }
    if let Some(swap) = swap {
        swap.apply(left, right, &mut pattern);
    }
    pattern
}

/// How often values agree by chance: equal ones are counted, the rest is drawn.
fn sample(comparisons: &Comparisons, table: &Table<'_>, threads: NonZeroUsize) -> Vec<LevelCounts> {
    parallel::pieces(
        threads,
        comparisons.len(),
        1,
        || (),
        |(), range| {
            let column = &table.columns[range.start];
            let mut counts = LevelCounts::default();
            if !comparisons.as_slice()[range.start].is_scored() {
                return counts;
            }
            let side = |ids: &[u32]| -> Vec<u32> {
                ids.iter().copied().filter(|id| *id != NONE).collect()
            };
            let (lefts, rights) = (side(&column.left), side(&column.right));
            if lefts.is_empty() || rights.is_empty() {
                return counts;
            }
            counts.pairs = as_f64(lefts.len()) * as_f64(rights.len());
            let draw = |number: u64, ids: &[u32]| {
                let index = (u128::from(mix(number)) * ids.len() as u128) >> 64;
                ids[usize::try_from(index).unwrap_or(0)]
            };
            let each = counts.pairs / near::as_f64(SAMPLE);
            for number in 0..SAMPLE {
                let left = draw(2 * number + 1, &lefts);
                let right = draw(2 * number + 2, &rights);
                if left != right {
                    let level = value_level(column, left, right);
                    counts.levels[usize::from(level.code())] += each;
                }
            }
            let equal: u64 = column
                .left_counts
                .iter()
                .zip(&column.right_counts)
                .map(|(left, right)| u64::from(*left) * u64::from(*right))
                .sum();
            counts.levels[usize::from(Level::Exact.code())] += near::as_f64(equal);
            counts
        },
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Nicknames, columns::marks, normalise::read};

    proptest! {
        #[test]
        fn a_digest_rejects_no_pair_that_agrees(left in "[ab0-3 .@+]{1,14}", right in "[ab0-3 .@+]{1,14}") {
            let nicknames = Nicknames::none().with_group(["a", "bb", "ab"]);
            for kind in FieldKind::ALL {
                let forms: Vec<Form> = [&left, &right]
                    .into_iter()
                    .filter_map(|text| read(kind, text, &nicknames))
                    .collect();
                if forms.len() < 2 {
                    continue;
                }
                let column = Column {
                    kind,
                    left: vec![0],
                    right: vec![1],
                    digests: forms.iter().map(Form::digest).collect(),
                    marks: marks(kind, &forms),
                    forms,
                    left_counts: vec![1, 0],
                    right_counts: vec![0, 1],
                };
                let expected = compare(kind, &column.forms[0], &column.forms[1]);
                prop_assert_eq!(level(&column, 0, 0), expected, "{}", kind);
            }
        }
    }
}
