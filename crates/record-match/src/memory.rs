//! What is remembered of a run, so that the next one looks only at what changed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{columns::Table, level::Pattern, model::Model, pairs::Pair};

/// What the next run starts from: the trained model, a fingerprint of each record, and the pairs
/// that could be the same. Holds keys, but no value of a record.
#[derive(Clone, Serialize, Deserialize)]
pub struct Memory {
    version: u32,
    pub(crate) model: Model,
    left: Vec<(String, u64)>,
    right: Vec<(String, u64)>,
    /// Positions in `left` and `right`, and the pattern.
    pairs: Vec<(u32, u32, Pattern)>,
}

const VERSION: u32 = 1;

/// Without the keys, which may be numbers of persons.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("left", &self.left.len())
            .field("right", &self.right.len())
            .field("pairs", &self.pairs.len())
            .finish_non_exhaustive()
    }
}

/// What of a memory still holds.
pub(crate) struct Recalled {
    pub(crate) left_changed: Vec<bool>,
    pub(crate) right_changed: Vec<bool>,
    pub(crate) pairs: Vec<Pair>,
}

impl Recalled {
    /// New and changed records of both sides.
    pub(crate) fn changed(&self) -> usize {
        self.left_changed
            .iter()
            .chain(&self.right_changed)
            .filter(|changed| **changed)
            .count()
    }
}

impl Memory {
    pub(crate) fn new(table: &Table<'_>, model: &Model, pairs: &[Pair]) -> Self {
        let side = |keys: &[&str], prints: &[u64]| {
            keys.iter()
                .zip(prints)
                .map(|(key, print)| ((*key).to_owned(), *print))
                .collect()
        };
        Self {
            version: VERSION,
            model: model.clone(),
            left: side(&table.left_keys, &table.left_fingerprints),
            right: side(&table.right_keys, &table.right_fingerprints),
            pairs: pairs
                .iter()
                .map(|pair| (pair.left, pair.right, pair.pattern))
                .collect(),
        }
    }

    /// The model that the run used.
    pub fn model(&self) -> &Model {
        &self.model
    }

    pub(crate) fn is_current(&self) -> bool {
        self.version == VERSION
    }

    pub(crate) fn recall(&self, table: &Table<'_>) -> Recalled {
        let (left_places, left_changed) =
            places(&self.left, &table.left_keys, &table.left_fingerprints);
        let (right_places, right_changed) =
            places(&self.right, &table.right_keys, &table.right_fingerprints);
        let mut pairs: Vec<Pair> = self
            .pairs
            .iter()
            .filter_map(|(left, right, pattern)| {
                let place = |places: &[Option<u32>], index: u32| *places.get(index as usize)?;
                let (left, right) = (place(&left_places, *left)?, place(&right_places, *right)?);
                Some(Pair {
                    left,
                    right,
                    pattern: *pattern,
                    passes: 0,
                })
            })
            .collect();
        pairs.sort_unstable();
        Recalled {
            left_changed,
            right_changed,
            pairs,
        }
    }
}

/// Where each remembered record that did not change is now, and which of the present ones changed.
fn places(then: &[(String, u64)], keys: &[&str], prints: &[u64]) -> (Vec<Option<u32>>, Vec<bool>) {
    let mut changed = vec![true; keys.len()];
    let places = then
        .iter()
        .map(|(key, print)| {
            let place = keys.binary_search(&key.as_str()).ok()?;
            if prints[place] != *print {
                return None;
            }
            changed[place] = false;
            u32::try_from(place).ok()
        })
        .collect();
    (places, changed)
}
