//! How much each agreement counts: the model of Fellegi and Sunter, with households.
//!
//! A level counts log2(m / u) bits, where m is how often it occurs in pairs that are the same and u
//! how often in pairs that are not (Fellegi and Sunter 1969, "A theory for record linkage"). Where
//! two values are equal, u is the frequency of that value, so that Ek counts for more than
//! Andersson. To the two classes of the textbook a third is added: two of one household (or two
//! companies of one group) agree in what such people share, and in nothing else.

use serde::{Deserialize, Serialize};

use crate::{
    comparison::Comparisons,
    kind::{Defaults, FieldKind},
    level::{LEVELS, Level, Pattern},
};

/// A trained or untrained model: how probable each level is. Plain data, without any value of a
/// record; it can be stored, and used for a later run or for another connection of the same kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Model {
    /// By comparison, in their order.
    pub comparisons: Vec<LevelProbabilities>,
    /// How probable it is that a left and a right record, drawn blindly, are the same.
    pub prior: f64,
    /// Of the records of the smaller side, how large a part has a partner.
    pub overlap: f64,
    /// How many others of one household (or group of companies) a record has on its own side: as
    /// many it must be expected to have on the other one.
    pub households: f64,
    /// How probable it is that two records drawn blindly are of one household.
    pub household_prior: f64,
    /// How many pairs the training had reason to hold for the same; 0 if untrained.
    pub trained_on: f64,
}

/// How probable the levels of one comparison are, by growing agreement as in [`Level::ALL`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LevelProbabilities {
    /// The comparison's name.
    pub name: String,
    /// What the field holds.
    pub kind: FieldKind,
    /// Whether households share it.
    pub shared: bool,
    /// Whether it counts.
    pub scored: bool,
    /// In pairs that are the same.
    pub same: [f64; LEVELS],
    /// In pairs that are not.
    pub other: [f64; LEVELS],
}

impl LevelProbabilities {
    /// What a level counts, in bits, before the frequency of the value is known.
    pub fn bits(&self, level: Level) -> f64 {
        if !self.scored || level == Level::Missing {
            return 0.0;
        }
        let code = usize::from(level.code());
        (self.same[code].max(RAREST) / self.other[code].max(RAREST)).log2()
    }
}

/// No level is impossible.
pub(crate) const RAREST: f64 = 1e-9;

/// What a surname counts once the given name was found in its place: the two are one event.
const SURNAME_IF_SWAPPED: f64 = 0.9;

/// Two of one household have the same date of birth, or the same given name, at least so often:
/// twins, and father and son.
const HOUSEHOLD_COINCIDENCE: f64 = 0.02;

/// Of two companies of a group so many have a name that contains the other's, and so many the same
/// name with another legal form.
const GROUP_CONTAINED: f64 = 0.3;
const GROUP_OTHER_FORM: f64 = 0.05;

/// Of two of one household, or of two companies of a group, so many write one e-mail address.
const COMMON_MAILBOX: f64 = 0.01;

/// How probable a level of a field that is not shared is in two of one household or group, where
/// that is more than chance.
pub(crate) fn coincidence(kind: FieldKind, level: Level) -> Option<f64> {
    match (kind, level) {
        (FieldKind::Date | FieldKind::GivenName, Level::Exact) => Some(HOUSEHOLD_COINCIDENCE),
        (FieldKind::Email, Level::Exact) => Some(COMMON_MAILBOX),
        (FieldKind::OrganisationName, Level::Related) => Some(GROUP_CONTAINED),
        (FieldKind::OrganisationName, Level::Variant) => Some(GROUP_OTHER_FORM),
        _ => None,
    }
}

/// However many partners were found, a record that is left over may have none.
const LARGEST_OVERLAP: f64 = 0.9;

/// As many records without a partner are imagined.
const IMAGINARY_SINGLES: f64 = 5.0;

impl Model {
    /// Notes how many pairs are the same, on sides of these sizes.
    pub(crate) fn set_matches(&mut self, matches: f64, left: usize, right: usize) {
        let (left, right) = (as_f64(left.max(1)), as_f64(right.max(1)));
        self.prior = (matches / (left * right)).min(0.5);
        self.overlap = (matches / (left.min(right) + IMAGINARY_SINGLES)).min(LARGEST_OVERLAP);
    }

    /// Half of the smaller side has a partner: where training starts.
    pub(crate) fn start_matches(&mut self, left: usize, right: usize) {
        self.set_matches(0.5 * as_f64(left.min(right)), left, right);
    }

    /// Where the score of a pair starts, in bits.
    ///
    /// A record has one partner at most. So a pair is not held against all other pairs, but against
    /// what else could be said of its two records: that the one on the smaller side has no partner
    /// at all. Where most records have one, that is rare, and little is needed to pair what is left
    /// (Sadinle 2017, "Bayesian estimation of bipartite matchings for record linkage", the prior).
    /// Who else competes for the two is weighed when partners are assigned.
    pub fn prior_bits(&self) -> f64 {
        (self.prior / (1.0 - self.prior)).log2() - (1.0 - self.overlap).log2()
    }

    /// Expects so many others of its household for each record, on sides of these sizes.
    pub(crate) fn set_households(&mut self, households: f64, left: usize, right: usize) {
        self.households = households;
        self.household_prior = (households / as_f64(left.max(right).max(1))).min(0.5);
    }

    /// The weights that are shipped, for sides of these sizes.
    pub fn untrained(comparisons: &Comparisons, left: usize, right: usize) -> Self {
        let comparisons = comparisons
            .iter()
            .map(|comparison| {
                let Defaults { same, other } = comparison.kind().defaults();
                LevelProbabilities {
                    name: comparison.name().to_owned(),
                    kind: comparison.kind(),
                    shared: comparison.is_shared(),
                    scored: comparison.is_scored(),
                    same,
                    other,
                }
            })
            .collect();
        let mut model = Self {
            comparisons,
            prior: 0.0,
            overlap: 0.0,
            households: 0.0,
            household_prior: 0.0,
            trained_on: 0.0,
        };
        model.start_matches(left, right);
        model
    }

    /// Whether it was made for these comparisons.
    pub(crate) fn fits(&self, comparisons: &Comparisons) -> bool {
        self.comparisons.len() == comparisons.len()
            && self
                .comparisons
                .iter()
                .zip(comparisons)
                .all(|(mine, other)| {
                    mine.name == other.name()
                        && mine.kind == other.kind()
                        && mine.shared == other.is_shared()
                        && mine.scored == other.is_scored()
                })
    }

    /// The score of a pair whose values have these frequencies where they are equal.
    pub(crate) fn score(
        &self,
        pattern: Pattern,
        frequency: impl Fn(usize) -> Option<f64>,
    ) -> Score {
        let mut score = Score {
            prior: self.prior_bits(),
            ..Score::default()
        };
        let mut household = 0.0;
        let swapped = self.comparisons.iter().enumerate().any(|(index, one)| {
            one.kind == FieldKind::GivenName && pattern.level(index) == Level::Swapped
        });
        for (index, one) in self.comparisons.iter().enumerate() {
            let level = pattern.level(index);
            if !one.scored || level == Level::Missing {
                continue;
            }
            let code = usize::from(level.code());
            let mut same = one.same[code].max(RAREST);
            let mut other = one.other[code].max(RAREST);
            if matches!(level, Level::Exact | Level::Swapped)
                && let Some(frequency) = frequency(index)
            {
                other = frequency.max(RAREST);
            }
            if level == Level::Swapped && one.kind == FieldKind::Surname && swapped {
                same = SURNAME_IF_SWAPPED;
            }
            let bits = (same / other).log2();
            score.bits[index] = bits;
            score.total += bits;
            if one.shared {
                household += bits;
            } else if let Some(coincidence) = coincidence(one.kind, level) {
                household += (coincidence / other).log2().max(0.0);
            }
        }
        let rate = self.household_prior;
        score.household = -(1.0 + rate * household.exp2()).log2();
        score.total += score.prior + score.household;
        score
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of records, at most 2^28"
)]
pub(crate) const fn as_f64(count: usize) -> f64 {
    count as f64
}

/// A pair's score in bits, and what it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Score {
    /// log2 of the odds that the two are the same.
    pub(crate) total: f64,
    pub(crate) bits: [f64; Pattern::CAPACITY],
    pub(crate) prior: f64,
    /// What is taken off because a household would explain the pair as well; never above 0.
    pub(crate) household: f64,
}

/// The probability that odds of so many bits stand for.
pub(crate) fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// Weights for the first look at a pair: untrained, without frequencies, in one table.
pub(crate) struct Quick {
    weights: Vec<[f32; 16]>,
    /// The scored comparisons in the order in which a pair is looked at, and what those after it may
    /// add at most. Names come last: they cost most, and where all the rest differs nobody asks.
    order: Vec<(usize, f32)>,
    /// Pairs below it cannot become the same by training and rare values.
    pub(crate) threshold: f32,
}

/// What training and rare values may add at most.
const SLACK: f64 = 12.0;

impl Quick {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "weights need no more than single precision for a first look"
    )]
    pub(crate) fn new(model: &Model) -> Self {
        let weights: Vec<[f32; 16]> = model
            .comparisons
            .iter()
            .map(|one| {
                let mut weights = [0.0; 16];
                for level in Level::ALL {
                    if one.kind.has_level(level) {
                        weights[usize::from(level.code())] = one.bits(level) as f32;
                    }
                }
                weights
            })
            .collect();
        let prior = (model.prior / (1.0 - model.prior)).log2();
        let most = |weights: &[f32; 16]| weights.iter().copied().fold(0.0, f32::max);
        let rank = |index: &usize| match model.comparisons[*index].kind {
            FieldKind::Date | FieldKind::Code => 0,
            FieldKind::GivenName | FieldKind::Surname => 2,
            FieldKind::PersonName | FieldKind::OrganisationName => 3,
            _ => 1,
        };
        let mut scored: Vec<usize> = (0..weights.len())
            .filter(|index| model.comparisons[*index].scored)
            .collect();
        scored.sort_by_key(rank);
        // Exchanged names are seen last of all, and may add to what was found different before.
        let swapped = |index: usize| {
            let weights: &[f32; 16] = &weights[index];
            match model.comparisons[index].kind {
                FieldKind::GivenName | FieldKind::Surname => {
                    weights[usize::from(Level::Swapped.code())].max(0.0) - weights[0].min(0.0)
                }
                _ => 0.0,
            }
        };
        let order = (0..scored.len())
            .map(|place| {
                let (seen, rest) = scored.split_at(place + 1);
                let after: f32 = rest.iter().map(|index| most(&weights[*index])).sum();
                let exchanged: f32 = seen.iter().map(|index| swapped(*index)).sum();
                (scored[place], after + exchanged)
            })
            .collect();
        Self {
            weights,
            order,
            threshold: (-prior - SLACK) as f32,
        }
    }

    pub(crate) fn weight(&self, comparison: usize, level: Level) -> f32 {
        self.weights[comparison][usize::from(level.code())]
    }

    /// The scored comparisons, cheap ones first, each with what those after it may add at most.
    pub(crate) fn order(&self) -> &[(usize, f32)] {
        &self.order
    }

    pub(crate) fn bits(&self, pattern: Pattern) -> f32 {
        self.weights
            .iter()
            .enumerate()
            .map(|(index, weights)| weights[pattern.code(index)])
            .sum()
    }
}
