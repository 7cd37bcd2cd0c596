//! Who competes with whom for a record.

use crate::columns::NONE;

/// The two best scores of each record, to tell what a pair competes with.
pub(crate) struct Bests(Vec<[(f64, u32); 2]>);

impl Bests {
    pub(crate) fn new(records: usize) -> Self {
        Self(vec![[(f64::NEG_INFINITY, NONE); 2]; records])
    }

    pub(crate) fn see(&mut self, record: u32, bits: f64, partner: u32) {
        let [best, second] = &mut self.0[record as usize];
        if bits > best.0 {
            *second = *best;
            *best = (bits, partner);
        } else if bits > second.0 {
            *second = (bits, partner);
        }
    }

    /// The best score with anybody but this partner.
    pub(crate) fn without(&self, record: u32, partner: u32) -> f64 {
        let [best, second] = self.0[record as usize];
        if best.1 == partner { second.0 } else { best.0 }
    }
}

/// Which pairs are among so many best ones of their left or of their right record; equally good ones
/// in the order of their partners.
pub(crate) fn best_of_either(scores: &[(u32, u32, f64)], most: usize) -> Vec<bool> {
    let mut kept = vec![false; scores.len()];
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let mut mark = |one: fn(&(u32, u32, f64)) -> u32, other: fn(&(u32, u32, f64)) -> u32| {
        order.sort_unstable_by(|a, b| {
            let (a, b) = (&scores[*a], &scores[*b]);
            (one(a).cmp(&one(b)))
                .then(b.2.total_cmp(&a.2))
                .then(other(a).cmp(&other(b)))
        });
        for of_one in order.chunk_by(|a, b| one(&scores[*a]) == one(&scores[*b])) {
            for index in of_one.iter().take(most) {
                kept[*index] = true;
            }
        }
    };
    mark(|pair| pair.0, |pair| pair.1);
    mark(|pair| pair.1, |pair| pair.0);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_either_record_are_kept() {
        let pairs = [
            (0, 0, 1.0),
            (0, 1, 3.0),
            (0, 2, 3.0),
            (1, 0, 0.5),
            (1, 2, 9.0),
        ];
        // (0, 1) is the first of the best of left 0 and of right 1; (0, 0) is the best of right 0.
        assert_eq!(best_of_either(&pairs, 1), [true, true, false, false, true]);
        assert_eq!(best_of_either(&pairs, 2), [true, true, true, true, true]);
    }
}
