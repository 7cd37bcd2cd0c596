//! How many relatives stand in the data.
//!
//! Two of one household agree in surname, address and telephone, two companies of one group in much
//! of it too. How often that must be expected across the sides is seen within each side: there,
//! different records that agree so are never the same person.

use std::num::NonZeroUsize;

use crate::{
    columns::{NONE, Table},
    compare::compare,
    kind::FieldKind,
    level::Level,
    model::{Model, RAREST, as_f64, coincidence},
    parallel,
    population::Side,
};

/// Half a household pair is imagined, so that a side without any says no more than its size allows.
const IMAGINARY: f64 = 0.5;

/// Where the search for the rate starts.
const START: f64 = 0.2;

const ROUNDS: usize = 30;

/// Larger blocks hold neighbours and namesakes, not households.
const LARGEST_BLOCK: usize = 16;

/// Others of its household that a record has on its side, on average over both sides.
pub(crate) fn count(model: &Model, table: &Table<'_>, threads: NonZeroUsize) -> f64 {
    let records = as_f64(table.left_len()) + as_f64(table.right_len());
    if records < 1.0 {
        return 0.0;
    }
    let sides = [
        (Side::Left, table.left_len()),
        (Side::Right, table.right_len()),
    ];
    // log2 of how likely each pair is in a household over how likely by chance, and its side's size.
    let found = parallel::pieces(
        threads,
        sides.len(),
        1,
        || (),
        |(), range| {
            let (side, length) = sides[range.start];
            let bits = bits(model, table, side).into_iter();
            bits.map(|bits| (bits, as_f64(length))).collect::<Vec<_>>()
        },
    );
    let pairs: Vec<(f64, f64)> = found.into_iter().flatten().collect();
    let mut rate = START;
    for _ in 0..ROUNDS {
        let expected: f64 = pairs
            .iter()
            .map(|(bits, length)| {
                let odds = rate / length * bits.exp2();
                odds / (1.0 + odds)
            })
            .sum();
        rate = (2.0 * expected + IMAGINARY) / (records + 1.0);
    }
    rate
}

/// The pairs of one side that share two values of a household and are not one person.
fn bits(model: &Model, table: &Table<'_>, side: Side) -> Vec<f64> {
    let shared: Vec<usize> = (0..model.comparisons.len())
        .filter(|index| model.comparisons[*index].shared && model.comparisons[*index].scored)
        .collect();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for (place, one) in shared.iter().enumerate() {
        for two in &shared[place + 1..] {
            let (first, second) = (
                table.columns[*one].side(side),
                table.columns[*two].side(side),
            );
            let mut keyed: Vec<(u32, u32, u32)> = (0..)
                .zip(first.iter().zip(second))
                .filter(|(_, (a, b))| **a != NONE && **b != NONE)
                .map(|(record, (a, b))| (*a, *b, record))
                .collect();
            keyed.sort_unstable();
            for block in keyed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                if block.len() <= LARGEST_BLOCK {
                    for (index, a) in block.iter().enumerate() {
                        pairs.extend(block[index + 1..].iter().map(|b| (a.2, b.2)));
                    }
                }
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
        .into_iter()
        .filter_map(|(a, b)| pair_bits(model, table, side, a, b))
        .collect()
}

fn pair_bits(model: &Model, table: &Table<'_>, side: Side, a: u32, b: u32) -> Option<f64> {
    let (mut household, mut personal) = (0.0, 0.0);
    for (one, column) in model.comparisons.iter().zip(&table.columns) {
        let ids = column.side(side);
        let (left, right) = (ids[a as usize], ids[b as usize]);
        if !one.scored || left == NONE || right == NONE {
            continue;
        }
        let level = if left == right {
            Level::Exact
        } else {
            compare(
                column.kind,
                &column.forms[left as usize],
                &column.forms[right as usize],
            )
        };
        let mut bits = one.bits(level);
        if level == Level::Exact && one.shared {
            let present = as_f64(ids.len());
            let counts = match side {
                Side::Left => &column.left_counts,
                Side::Right => &column.right_counts,
            };
            let frequency = f64::from(counts[left as usize]) / present;
            bits = (one.same[usize::from(level.code())] / frequency).log2();
        }
        if one.shared {
            household += bits;
        } else if one.kind == FieldKind::OrganisationName
            && let Some(coincidence) = coincidence(one.kind, level)
        {
            // Another name of the same group, and no sign that they are one.
            household += (coincidence / one.other[usize::from(level.code())].max(RAREST))
                .log2()
                .max(0.0);
        } else {
            personal += bits;
        }
    }
    // Whoever agrees in what is personal too is one person twice.
    (personal <= 0.0 && household > 0.0).then_some(household)
}
