//! Decisions, as positions in the table.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    columns::Table,
    decision::{Decision, Verdict},
    error::MatchError,
    pairs::Pair,
};

#[derive(Default)]
pub(crate) struct Verdicts {
    pub(crate) confirmed: BTreeSet<(u32, u32)>,
    pub(crate) rejected: BTreeSet<(u32, u32)>,
}

impl Verdicts {
    pub(crate) fn new(decisions: &[Decision], table: &Table<'_>) -> Result<Self, MatchError> {
        let mut verdicts = Self::default();
        let mut lefts: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        let mut rights: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        let mut pairs: BTreeMap<(&str, &str), (Verdict, usize)> = BTreeMap::new();
        for (second, decision) in decisions.iter().enumerate() {
            let (left, right) = (decision.left.as_str(), decision.right.as_str());
            let (verdict, first) = *pairs
                .entry((left, right))
                .or_insert((decision.verdict, second));
            if verdict != decision.verdict {
                return Err(MatchError::ContradictingDecisions { first, second });
            }
            if decision.verdict == Verdict::Confirmed {
                let (partner, first) = *lefts.entry(left).or_insert((right, second));
                if partner != right {
                    return Err(MatchError::ContradictingDecisions { first, second });
                }
                let (partner, first) = *rights.entry(right).or_insert((left, second));
                if partner != left {
                    return Err(MatchError::ContradictingDecisions { first, second });
                }
            }
            let place = |keys: &[&str], key: &str| {
                keys.binary_search(&key)
                    .ok()
                    .and_then(|place| u32::try_from(place).ok())
            };
            if let (Some(left), Some(right)) = (
                place(&table.left_keys, left),
                place(&table.right_keys, right),
            ) {
                match decision.verdict {
                    Verdict::Confirmed => verdicts.confirmed.insert((left, right)),
                    Verdict::Rejected => verdicts.rejected.insert((left, right)),
                };
            }
        }
        Ok(verdicts)
    }

    /// The pairs that nobody has rejected: the others must not teach.
    pub(crate) fn allowed<'p>(&self, pairs: &'p [Pair]) -> Cow<'p, [Pair]> {
        if self.rejected.is_empty() {
            return Cow::Borrowed(pairs);
        }
        let allowed = |pair: &&Pair| !self.rejected.contains(&(pair.left, pair.right));
        Cow::Owned(pairs.iter().filter(allowed).copied().collect())
    }
}
