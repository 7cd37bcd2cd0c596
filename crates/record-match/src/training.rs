//! Expectation maximisation over the patterns of agreement.
//!
//! What is learned is how often each level occurs in pairs that are the same, and how many such
//! pairs there are. How often a level occurs in other pairs is not learned but counted, over all
//! pairs of values. Patterns are few, so that a round costs microseconds.

use std::collections::BTreeMap;

use crate::{
    kind::Defaults,
    level::{LEVELS, Level, Pattern},
    model::{Model, Quick, as_f64, probability},
    pairs::{LevelCounts, Pair},
};

/// As many imaginary pairs stand behind the shipped probabilities: twenty records cannot overrule
/// them, a thousand can.
const IMAGINARY_PAIRS: f64 = 30.0;

/// The same for pairs that are not the same, of which there are many more.
const IMAGINARY_OTHERS: f64 = 400.0;

const MOST_ROUNDS: usize = 40;

/// What is known for certain, from decisions.
#[derive(Default)]
pub(crate) struct Labels {
    pub(crate) same: Vec<Pattern>,
}

/// Trains a model on the pairs that were found.
pub(crate) fn train(
    start: &Model,
    pairs: &[Pair],
    counts: &[LevelCounts],
    sides: (usize, usize),
    labels: &Labels,
) -> Model {
    let mut model = start.clone();
    if sides.0.min(sides.1) == 0 {
        return model;
    }
    let patterns = best_patterns(pairs, start, sides);
    if patterns.is_empty() && labels.same.is_empty() {
        set_others(&mut model, counts, 0.0);
        return model;
    }
    set_others(&mut model, counts, 0.0);
    let smaller = as_f64(sides.0.min(sides.1));
    for _ in 0..MOST_ROUNDS {
        let mut sums = vec![[0.0; LEVELS]; model.comparisons.len()];
        let mut matches = 0.0;
        let mut add = |pattern: Pattern, share: f64| {
            for (index, sums) in sums.iter_mut().enumerate() {
                if let Some(sum) = sums.get_mut(pattern.code(index)) {
                    *sum += share;
                }
            }
        };
        for (pattern, count) in &patterns {
            let share = probability(model.score(*pattern, |_| None).total) * count;
            matches += share;
            add(*pattern, share);
        }
        for pattern in &labels.same {
            add(*pattern, 1.0);
        }
        let before = model.prior;
        model.set_matches(matches.max(0.05 * smaller).min(smaller), sides.0, sides.1);
        for (one, sums) in model.comparisons.iter_mut().zip(&sums) {
            let Defaults { same, .. } = one.kind.defaults();
            let total: f64 = sums.iter().sum::<f64>() + IMAGINARY_PAIRS;
            for (code, probability) in one.same.iter_mut().enumerate() {
                *probability = IMAGINARY_PAIRS.mul_add(same[code], sums[code]) / total;
            }
        }
        set_others(&mut model, counts, matches);
        model.trained_on = matches;
        if (model.prior / before - 1.0).abs() < 1e-4 {
            break;
        }
    }
    for one in &mut model.comparisons {
        let levels: Vec<usize> = Level::ALL
            .into_iter()
            .filter(|level| *level != Level::Swapped && one.kind.has_level(*level))
            .map(|level| usize::from(level.code()))
            .collect();
        grow_with_agreement(&mut one.same, &mut one.other, &levels);
    }
    model
}

/// The patterns of pairs that are each other's best: one record is one other, so that the many that
/// resemble it a little teach nothing.
fn best_patterns(pairs: &[Pair], model: &Model, sides: (usize, usize)) -> BTreeMap<Pattern, f64> {
    let quick = Quick::new(model);
    let none = f32::NEG_INFINITY;
    // The best and whether there is only one such.
    let mut left = vec![(none, 0_u32); sides.0];
    let mut right = vec![(none, 0_u32); sides.1];
    let see = |slot: &mut (f32, u32), bits: f32| {
        if bits > slot.0 {
            *slot = (bits, 1);
        } else if bits >= slot.0 {
            slot.1 += 1;
        }
    };
    for pair in pairs {
        let bits = quick.bits(pair.pattern);
        see(&mut left[pair.left as usize], bits);
        see(&mut right[pair.right as usize], bits);
    }
    let mut patterns = BTreeMap::new();
    for pair in pairs {
        let bits = quick.bits(pair.pattern);
        if left[pair.left as usize] == (bits, 1) && right[pair.right as usize] == (bits, 1) {
            *patterns.entry(pair.pattern).or_insert(0.0) += 1.0;
        }
    }
    patterns
}

/// Counts how often the levels occur in pairs that are not the same: in all pairs but those.
fn set_others(model: &mut Model, counts: &[LevelCounts], matches: f64) {
    for (one, counts) in model.comparisons.iter_mut().zip(counts) {
        let Defaults { other, .. } = one.kind.defaults();
        let pairs = (counts.pairs - matches).max(0.0) + IMAGINARY_OTHERS;
        let mut rest = 1.0;
        for (code, usual) in other.into_iter().enumerate().skip(1) {
            // Exchanged names are not counted.
            let counted = if code == usize::from(Level::Swapped.code())
                && one.kind != crate::FieldKind::Date
            {
                usual * (pairs - IMAGINARY_OTHERS)
            } else {
                matches
                    .mul_add(-one.same[code], counts.levels[code])
                    .max(0.0)
            };
            one.other[code] = IMAGINARY_OTHERS.mul_add(usual, counted) / pairs;
            rest -= one.other[code];
        }
        one.other[0] = rest.max(0.001);
    }
}

/// Makes better agreement count no less than worse: neighbours that do not are taken together.
fn grow_with_agreement(same: &mut [f64; LEVELS], other: &mut [f64; LEVELS], levels: &[usize]) {
    struct Block {
        levels: Vec<usize>,
        same: f64,
        other: f64,
    }
    let mut blocks: Vec<Block> = Vec::new();
    for level in levels {
        let mut block = Block {
            levels: vec![*level],
            same: same[*level],
            other: other[*level],
        };
        while let Some(before) = blocks.last() {
            if before.same * block.other <= block.same * before.other {
                break;
            }
            block.same += before.same;
            block.other += before.other;
            block.levels.extend(&before.levels);
            blocks.pop();
        }
        blocks.push(block);
    }
    for block in blocks
        .iter()
        .filter(|block| block.levels.len() > 1 && block.other > 0.0)
    {
        let ratio = block.same / block.other;
        for level in &block.levels {
            same[*level] = other[*level] * ratio;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn weights_grow_with_agreement_after_pooling(
            same in prop::array::uniform7(1e-6_f64..1.0), other in prop::array::uniform7(1e-6_f64..1.0)
        ) {
            let (mut pooled, mut rest) = (same, other);
            let levels: Vec<usize> = (0..LEVELS).collect();
            grow_with_agreement(&mut pooled, &mut rest, &levels);
            for pair in levels.windows(2) {
                let weight = |level: usize| pooled[level] / rest[level];
                prop_assert!(weight(pair[1]) >= weight(pair[0]) * (1.0 - 1e-9));
            }
            prop_assert!((pooled.iter().sum::<f64>() - same.iter().sum::<f64>()).abs() < 1e-9);
        }
    }
}
