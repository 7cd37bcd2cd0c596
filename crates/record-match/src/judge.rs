//! From pairs to candidates: scores, keys, decisions, one partner each, bands, explanations.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    assignment::{Assigned, Edge, assign},
    columns::Table,
    comparison::Comparisons,
    explanation::{Caution, Evidence, Explanation, Frequency, Reason, RunnerUp},
    kind::{FieldKind, KeyUse},
    level::{Level, Pattern},
    matcher::Options,
    memory::Memory,
    model::{Model, Score},
    outcome::{Band, Candidate, DuplicateReason, Duplicates, Outcome, Statistics, Warning},
    pairs::{Pair, blocked, near, swap::Swap},
    population::Side,
    rivals::{Bests, best_of_either},
    rules::{self, KeyPair, Keys},
    verdicts::Verdicts,
};

/// As many imaginary records, with values as common as untrained, stand behind each frequency.
const IMAGINARY_RECORDS: f64 = 100.0;

/// What a pair that a key suggests is worth at least, above what is needed to be suggested.
const KEY_WORTH: f64 = 1.5;

/// As many likely partners of one record compete.
const MOST_LIKELY: usize = 8;

/// As many contested pairs of one record are listed.
const MOST_CHOICES: usize = 4;

/// Bits above the threshold from which two records with one partner are called duplicates.
const SURE: f64 = 3.0;

pub(crate) struct Judge<'j> {
    comparisons: &'j Comparisons,
    options: &'j Options,
    table: &'j Table<'j>,
    model: &'j Model,
    /// Whether the left and the right side are complete.
    complete: (bool, bool),
    /// Records with a value, by comparison.
    present: Vec<u64>,
    swap: Option<Swap<'j>>,
    /// Bits from which a pair is suggested.
    threshold: f64,
}

/// A pair with its score, on its way to become a candidate.
struct Scored {
    left: u32,
    right: u32,
    pattern: Pattern,
    score: Score,
    reason: Reason,
    cautions: Vec<Caution>,
}

/// Left and right records.
type Records = (BTreeSet<u32>, BTreeSet<u32>);

/// What is known before any score.
#[derive(Default)]
struct Settled {
    linked: Vec<Scored>,
    /// Records that have their partner.
    taken: Records,
    /// Pairs that a key makes likely, whatever the score.
    raised: BTreeMap<(u32, u32), (Reason, Vec<Caution>)>,
    contested: Vec<Scored>,
}

impl Settled {
    fn take(&mut self, scored: Scored) {
        self.taken.0.insert(scored.left);
        self.taken.1.insert(scored.right);
        self.linked.push(scored);
    }

    fn is_free(&self, (left, right): (u32, u32)) -> bool {
        !self.taken.0.contains(&left) && !self.taken.1.contains(&right)
    }
}

/// What became of the likely pairs.
struct Assignment {
    accepted: Vec<Candidate>,
    undecided: Vec<Candidate>,
    duplicates: Vec<Duplicates>,
    /// Left records of which not all undecided pairs are listed.
    crowded: u64,
}

/// The partner of each record that has one, and the margin.
type Partners = BTreeMap<u32, (u32, f64)>;

impl<'j> Judge<'j> {
    pub(crate) fn new(
        comparisons: &'j Comparisons,
        options: &'j Options,
        table: &'j Table<'j>,
        model: &'j Model,
        complete: (bool, bool),
    ) -> Self {
        let present = table
            .columns
            .iter()
            .map(|c| c.present(Side::Left) + c.present(Side::Right));
        let odds = options.suggest_at / (1.0 - options.suggest_at);
        let present = present.collect();
        let swap = Swap::new(comparisons, table);
        Self {
            comparisons,
            options,
            table,
            model,
            complete,
            present,
            swap,
            threshold: odds.log2(),
        }
    }

    /// Judges pairs of two sides.
    pub(crate) fn between(&self, pairs: &[Pair], keys: &Keys, verdicts: &Verdicts) -> Outcome {
        let mut settled = self.settle(keys, verdicts);
        let mut bests = (
            Bests::new(self.table.left_len()),
            Bests::new(self.table.right_len()),
        );
        let likely = self.likely(pairs, &mut settled, verdicts, &mut bests);
        // Whoever shares a verified key with others is not told apart by a score.
        let (ambiguous, mut likely): (Vec<Scored>, Vec<Scored>) = likely
            .into_iter()
            .partition(|s| keys.ambiguous.contains(&(s.left, s.right)));
        settled
            .contested
            .extend(ambiguous.into_iter().map(|mut scored| {
                scored.cautions.push(Caution::KeyNotUnique);
                scored
            }));
        let open: (BTreeSet<u32>, BTreeSet<u32>) = settled
            .contested
            .iter()
            .map(|scored| (scored.left, scored.right))
            .unzip();
        likely.retain(|s| !open.0.contains(&s.left) && !open.1.contains(&s.right));
        let mut duplicates = self.doubles(keys);
        let Assignment {
            accepted: mut candidates,
            undecided: mut contested,
            duplicates: same_partner,
            crowded,
        } = self.assign(likely, &bests);
        duplicates.extend(same_partner);
        candidates.extend(settled.linked.into_iter().map(|scored| {
            let next = rival(&bests, &scored).map_or(0.0, |rival| rival.bits.max(0.0));
            let margin = (scored.score.total - next).max(0.0);
            self.candidate(&scored, Band::Auto, margin, &bests)
        }));
        contested.extend(
            settled
                .contested
                .iter()
                .map(|s| self.candidate(s, Band::Suggest, 0.0, &bests)),
        );
        for list in [&mut candidates, &mut contested] {
            list.sort_by(|a, b| (&a.left, &a.right).cmp(&(&b.left, &b.right)));
        }
        let mut outcome = self.outcome(candidates, contested, duplicates, pairs);
        if crowded > 0 {
            outcome
                .warnings
                .push(Warning::ManyChoices { records: crowded });
        }
        outcome
    }

    /// What decisions and keys say, before any score.
    fn settle(&self, keys: &Keys, verdicts: &Verdicts) -> Settled {
        let mut settled = Settled::default();
        for (left, right) in &verdicts.confirmed {
            settled.take(self.whole(*left, *right, Reason::Confirmed, Vec::new()));
        }
        // A key counts for whoever no person has decided about, whatever other keys say.
        let decided = settled.taken.clone();
        for key in &keys.pairs {
            let pair = (key.left, key.right);
            if verdicts.rejected.contains(&pair)
                || decided.0.contains(&key.left)
                || decided.1.contains(&key.right)
            {
                continue;
            }
            let name = self.comparisons.as_slice()[key.comparison]
                .name()
                .to_owned();
            let reason = Reason::Key { comparison: name };
            let cautions = self.cautions(key);
            let denied = |caution: &Caution| {
                matches!(
                    caution,
                    Caution::EverythingElseDiffers
                        | Caution::OwnFieldsDiffer
                        | Caution::KeyDiffers { .. }
                )
            };
            if key.key_use == KeyUse::Links && cautions.is_empty() {
                settled.take(self.whole(key.left, key.right, reason, cautions));
            } else if key.key_use == KeyUse::Links && key.rivalled {
                settled
                    .contested
                    .push(self.whole(key.left, key.right, reason, cautions));
            } else if key.key_use == KeyUse::Links || !cautions.iter().any(denied) {
                settled.raised.insert(pair, (reason, cautions));
            }
        }
        settled
    }

    /// Pairs that score and keys make likely, of records that are still free.
    fn likely(
        &self,
        pairs: &[Pair],
        settled: &mut Settled,
        verdicts: &Verdicts,
        bests: &mut (Bests, Bests),
    ) -> Vec<Scored> {
        let mut likely: BTreeMap<(u32, u32), Scored> = BTreeMap::new();
        let kept = self.of_the_best(pairs, MOST_LIKELY);
        for (index, pair) in pairs.iter().enumerate() {
            let score = self.score(pair.pattern, pair.left, pair.right);
            bests.0.see(pair.left, score.total, pair.right);
            bests.1.see(pair.right, score.total, pair.left);
            let key = (pair.left, pair.right);
            if score.total > self.threshold
                && kept.as_ref().is_none_or(|kept| kept[index])
                && settled.is_free(key)
                && !verdicts.rejected.contains(&key)
                && let Some(scored) = self.by_score(pair, score)
            {
                likely.insert(key, scored);
            }
        }
        for (key, (reason, cautions)) in std::mem::take(&mut settled.raised) {
            let contradictions = rules::contradictions(self.comparisons, self.table, key);
            if settled.is_free(key)
                && !rules::excludes(self.comparisons, self.table, &contradictions, key)
            {
                likely.insert(key, self.whole(key.0, key.1, reason, cautions));
            }
        }
        likely.into_values().collect()
    }

    /// Which pairs are among the best of either of their records; nothing if no record has more.
    fn of_the_best(&self, pairs: &[Pair], most: usize) -> Option<Vec<bool>> {
        let mut counts = (
            vec![0_usize; self.table.left_len()],
            vec![0_usize; self.table.right_len()],
        );
        for pair in pairs {
            counts.0[pair.left as usize] += 1;
            counts.1[pair.right as usize] += 1;
        }
        let is_crowded = |counts: &[usize]| counts.iter().any(|count| *count > most);
        if !is_crowded(&counts.0) && !is_crowded(&counts.1) {
            return None;
        }
        let scores: Vec<(u32, u32, f64)> = pairs
            .iter()
            .map(|pair| {
                let score = self.score(pair.pattern, pair.left, pair.right);
                (pair.left, pair.right, score.total)
            })
            .collect();
        Some(best_of_either(&scores, most))
    }

    /// A pair that the score makes likely, unless a number says that the two are two.
    fn by_score(&self, pair: &Pair, score: Score) -> Option<Scored> {
        let key = (pair.left, pair.right);
        let contradictions = rules::contradictions(self.comparisons, self.table, key);
        if rules::excludes(self.comparisons, self.table, &contradictions, key) {
            return None;
        }
        let cautions = contradictions
            .iter()
            .map(|index| self.key_differs(*index))
            .collect();
        let Pair {
            left,
            right,
            pattern,
            ..
        } = *pair;
        Some(Scored {
            left,
            right,
            pattern,
            score,
            reason: Reason::Score,
            cautions,
        })
    }

    /// Judges pairs of one side.
    pub(crate) fn within(&self, pairs: &[Pair]) -> Outcome {
        let mut bests = Bests::new(self.table.left_len());
        let mut groups: Vec<usize> = (0..self.table.left_len()).collect();
        let mut likely = Vec::new();
        for pair in pairs {
            let score = self.score(pair.pattern, pair.left, pair.right);
            bests.see(pair.left, score.total, pair.right);
            bests.see(pair.right, score.total, pair.left);
            if score.total > self.threshold
                && let Some(scored) = self.by_score(pair, score)
            {
                likely.push(scored);
                join(&mut groups, pair.left as usize, pair.right as usize);
            }
        }
        let mut members: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for record in 0..groups.len() {
            let root = root(&mut groups, record);
            members
                .entry(root)
                .or_default()
                .push(self.table.left_keys[record].to_owned());
        }
        let duplicates = members
            .into_values()
            .filter(|keys| keys.len() > 1)
            .map(|keys| Duplicates {
                side: Side::Left,
                keys,
                reason: DuplicateReason::Score,
            })
            .collect();
        let candidates = likely
            .into_iter()
            .map(|scored| {
                let margin = scored.score.total - self.threshold;
                let explanation = self.explain(&scored, None);
                Candidate {
                    left: self.table.left_keys[scored.left as usize].to_owned(),
                    right: self.table.right_keys[scored.right as usize].to_owned(),
                    score: scored.score.total,
                    margin,
                    band: Band::Suggest,
                    explanation,
                }
            })
            .collect();
        self.outcome(candidates, Vec::new(), duplicates, pairs)
    }

    fn outcome(
        &self,
        candidates: Vec<Candidate>,
        contested: Vec<Candidate>,
        duplicates: Vec<Duplicates>,
        pairs: &[Pair],
    ) -> Outcome {
        Outcome {
            candidates,
            contested,
            duplicates,
            warnings: Vec::new(),
            statistics: Statistics::default(),
            model: self.model.clone(),
            memory: Memory::new(self.table, self.model, pairs),
        }
    }

    /// One partner for each record: the accepted, the undecided, and who looks like a duplicate.
    fn assign(&self, likely: Vec<Scored>, bests: &(Bests, Bests)) -> Assignment {
        let weight = |scored: &Scored| {
            let weight = scored.score.total - self.threshold;
            if matches!(scored.reason, Reason::Key { .. }) {
                weight.max(KEY_WORTH)
            } else {
                weight
            }
        };
        let edges: Vec<Edge> = likely
            .iter()
            .map(|s| Edge {
                left: s.left,
                right: s.right,
                weight: weight(s),
            })
            .collect();
        let assigned = assign(&edges, self.table.left_len(), self.table.right_len());
        let accepts = |edge: &Edge, assigned: &Assigned| {
            assigned.chosen
                && assigned.margin >= self.options.minimum_margin.min(edge.weight * 0.999)
        };
        let mut partners = (Partners::new(), Partners::new());
        for (edge, assigned) in edges.iter().zip(&assigned).filter(|(e, a)| accepts(e, a)) {
            partners.0.insert(edge.left, (edge.right, assigned.margin));
            partners.1.insert(edge.right, (edge.left, assigned.margin));
        }
        let duplicates = self.same_partner(&edges, &partners);
        let (mut accepted, mut open) = (Vec::new(), Vec::new());
        for ((scored, edge), assigned) in likely.into_iter().zip(&edges).zip(&assigned) {
            if accepts(edge, assigned) {
                let band = self.band(&scored, assigned, bests);
                accepted.push(self.candidate(&scored, band, assigned.margin, bests));
            } else if !partners.0.contains_key(&edge.left) && !partners.1.contains_key(&edge.right)
            {
                open.push((scored, assigned.margin));
            }
        }
        let scores: Vec<(u32, u32, f64)> = open
            .iter()
            .map(|(scored, _)| (scored.left, scored.right, scored.score.total))
            .collect();
        let listed = best_of_either(&scores, MOST_CHOICES);
        let mut crowded = BTreeSet::new();
        let mut undecided = Vec::new();
        for ((mut scored, margin), listed) in open.into_iter().zip(listed) {
            if listed {
                scored.cautions.push(Caution::Tie);
                undecided.push(self.candidate(&scored, Band::Suggest, margin, bests));
            } else {
                crowded.insert(scored.left);
            }
        }
        Assignment {
            accepted,
            undecided,
            duplicates,
            crowded: crowded.len() as u64,
        }
    }

    /// Records of one side whose best partner is one record of the other.
    fn same_partner(&self, edges: &[Edge], partners: &(Partners, Partners)) -> Vec<Duplicates> {
        let mut duplicates = Vec::new();
        let sides = [
            (
                Side::Left,
                &self.table.left_keys,
                &self.table.right_keys,
                &partners.0,
            ),
            (
                Side::Right,
                &self.table.right_keys,
                &self.table.left_keys,
                &partners.1,
            ),
        ];
        for (side, keys, partner_keys, taken) in sides {
            let mut suitors: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for edge in edges.iter().filter(|edge| edge.weight >= SURE) {
                let (record, partner) = match side {
                    Side::Left => (edge.left, edge.right),
                    Side::Right => (edge.right, edge.left),
                };
                if taken
                    .get(&record)
                    .is_none_or(|(other, _)| *other == partner)
                {
                    suitors.entry(partner).or_default().push(record);
                }
            }
            for (partner, mut records) in
                suitors.into_iter().filter(|(_, records)| records.len() > 1)
            {
                records.sort_unstable();
                duplicates.push(Duplicates {
                    side,
                    keys: records
                        .iter()
                        .map(|r| keys[*r as usize].to_owned())
                        .collect(),
                    reason: DuplicateReason::SamePartner {
                        partner: partner_keys[partner as usize].to_owned(),
                    },
                });
            }
        }
        duplicates
    }

    fn doubles(&self, keys: &Keys) -> Vec<Duplicates> {
        keys.doubles
            .iter()
            .map(|double| {
                let side = match double.side {
                    Side::Left => &self.table.left_keys,
                    Side::Right => &self.table.right_keys,
                };
                let comparison = self.comparisons.as_slice()[double.comparison]
                    .name()
                    .to_owned();
                Duplicates {
                    side: double.side,
                    keys: double
                        .records
                        .iter()
                        .map(|r| side[*r as usize].to_owned())
                        .collect(),
                    reason: DuplicateReason::Key { comparison },
                }
            })
            .collect()
    }

    /// The band of an accepted pair.
    fn band(&self, scored: &Scored, assigned: &Assigned, bests: &(Bests, Bests)) -> Band {
        let Some((probability, margin)) = self.options.auto_by_score else {
            return Band::Suggest;
        };
        let rival = rival(bests, scored).map_or(f64::NEG_INFINITY, |rival| rival.bits);
        let (mut agreeing, mut differing) = (0, 0);
        for (index, comparison) in self.comparisons.iter().enumerate() {
            if comparison.is_scored() && !comparison.is_shared() {
                match scored.pattern.level(index) {
                    Level::Exact => agreeing += 1,
                    Level::Different | Level::Related => differing += 1,
                    _ => {}
                }
            }
        }
        let sure = crate::model::probability(scored.score.total) >= probability
            && assigned.margin >= margin
            && scored.score.total - rival >= margin
            && scored.cautions.is_empty()
            && agreeing >= 2
            && differing == 0;
        if sure { Band::Auto } else { Band::Suggest }
    }

    /// What speaks against linking by a key.
    fn cautions(&self, key: &KeyPair) -> Vec<Caution> {
        let mut cautions = Vec::new();
        for (side, complete) in [
            (Side::Left, self.complete.0),
            (Side::Right, self.complete.1),
        ] {
            if !complete {
                cautions.push(Caution::IncompleteSide(side));
            }
        }
        cautions.extend(
            key.contradictions
                .iter()
                .map(|index| self.key_differs(*index)),
        );
        if key.rivalled {
            cautions.push(Caution::AnotherKeyElsewhere);
        }
        let pattern = self.pattern(key.left, key.right);
        let (mut agreeing, mut differing) = (0, 0);
        let (mut own_agreeing, mut own_differing, mut own_known) = (0, 0, 0);
        let key_kind = self.comparisons.as_slice()[key.comparison].kind();
        for (index, comparison) in self.comparisons.iter().enumerate() {
            if !comparison.is_scored() || index == key.comparison {
                continue;
            }
            // A date of birth that agrees only repeats what the personal number says.
            let own = !comparison.is_shared();
            let repeats =
                comparison.kind() == FieldKind::Date && key_kind == FieldKind::PersonalNumber;
            let level = pattern.level(index);
            own_known += u32::from(own && level != Level::Missing);
            match level {
                Level::Different => {
                    differing += 1;
                    own_differing += u32::from(own);
                }
                Level::Missing | Level::Related => {}
                _ => {
                    agreeing += 1;
                    own_agreeing += u32::from(own && !repeats);
                }
            }
        }
        if agreeing == 0 && differing >= 2 {
            cautions.push(Caution::EverythingElseDiffers);
        } else if own_agreeing == 0
            && (own_differing >= 1 || own_known >= 1 && key.key_use == KeyUse::Suggests)
        {
            cautions.push(Caution::OwnFieldsDiffer);
        }
        cautions
    }

    fn key_differs(&self, comparison: usize) -> Caution {
        Caution::KeyDiffers {
            comparison: self.comparisons.as_slice()[comparison].name().to_owned(),
        }
    }

    fn pattern(&self, left: u32, right: u32) -> Pattern {
        blocked::pattern(
            self.comparisons,
            self.table,
            self.swap.as_ref(),
            (left, right),
        )
    }

    /// A pair that need not be among those found.
    fn whole(&self, left: u32, right: u32, reason: Reason, cautions: Vec<Caution>) -> Scored {
        let pattern = self.pattern(left, right);
        let score = self.score(pattern, left, right);
        Scored {
            left,
            right,
            pattern,
            score,
            reason,
            cautions,
        }
    }

    fn score(&self, pattern: Pattern, left: u32, right: u32) -> Score {
        self.model.score(pattern, |index| {
            let count = self.count(index, pattern.level(index), left, right)?;
            let exact = usize::from(Level::Exact.code());
            let usual = self.table.columns[index].kind.defaults().other[exact];
            // How many others have it: that these two have it is what is to be judged.
            let others = near::as_f64(count.saturating_sub(2));
            let of = near::as_f64(self.present[index]) + IMAGINARY_RECORDS;
            let frequency = IMAGINARY_RECORDS.mul_add(usual, others) / of;
            // Where nobody else has it, it is as rare as values are, but no rarer than can be seen.
            Some(frequency.max(self.model.comparisons[index].other[exact].min(1.0 / of)))
        })
    }

    /// How many records have the value, if the level is one for which that counts.
    fn count(&self, index: usize, level: Level, left: u32, right: u32) -> Option<u64> {
        let column = &self.table.columns[index];
        let value = match level {
            Level::Exact => column.left[left as usize],
            Level::Swapped if column.kind != FieldKind::Date => column.left[left as usize],
            _ => return None,
        };
        let other = if level == Level::Exact {
            column.right[right as usize]
        } else {
            value
        };
        let count = |value: u32| {
            let value = value as usize;
            u64::from(*column.left_counts.get(value)?)
                .checked_add(u64::from(*column.right_counts.get(value)?))
        };
        // Two spellings of one value can be equal: the commoner one counts.
        Some(count(value)?.max(count(other)?))
    }

    fn candidate(
        &self,
        scored: &Scored,
        band: Band,
        margin: f64,
        bests: &(Bests, Bests),
    ) -> Candidate {
        let explanation = self.explain(scored, rival(bests, scored));
        Candidate {
            left: self.table.left_keys[scored.left as usize].to_owned(),
            right: self.table.right_keys[scored.right as usize].to_owned(),
            score: scored.score.total,
            margin,
            band,
            explanation,
        }
    }

    fn explain(&self, scored: &Scored, runner_up: Option<RunnerUp>) -> Explanation {
        let evidence = self
            .comparisons
            .iter()
            .enumerate()
            .filter(|(_, comparison)| comparison.is_scored())
            .map(|(index, comparison)| {
                let level = scored.pattern.level(index);
                let frequency = (level == Level::Exact)
                    .then(|| self.count(index, level, scored.left, scored.right))
                    .flatten()
                    .map(|records| Frequency {
                        records,
                        of: self.present[index],
                    });
                Evidence {
                    comparison: comparison.name().to_owned(),
                    kind: comparison.kind(),
                    level,
                    bits: scored.score.bits[index],
                    frequency,
                }
            })
            .collect();
        Explanation {
            reason: scored.reason.clone(),
            evidence,
            prior_bits: scored.score.prior,
            household_bits: scored.score.household,
            total_bits: scored.score.total,
            runner_up,
            cautions: scored.cautions.clone(),
        }
    }
}

/// The best pair of either record with anybody else.
fn rival(bests: &(Bests, Bests), scored: &Scored) -> Option<RunnerUp> {
    let of_left = bests.0.without(scored.left, scored.right);
    let of_right = bests.1.without(scored.right, scored.left);
    let (bits, rival_of) = if of_right > of_left {
        (of_right, Side::Right)
    } else {
        (of_left, Side::Left)
    };
    bits.is_finite().then_some(RunnerUp { bits, rival_of })
}

fn root(groups: &mut [usize], mut record: usize) -> usize {
    while groups[record] != record {
        groups[record] = groups[groups[record]];
        record = groups[record];
    }
    record
}

fn join(groups: &mut [usize], left: usize, right: usize) {
    let (left, right) = (root(groups, left), root(groups, right));
    groups[left.max(right)] = left.min(right);
}
