//! The matcher and its options.

use std::{num::NonZeroUsize, ops::ControlFlow, sync::Arc};

use crate::{
    columns::Table,
    comparison::Comparisons,
    decision::Decision,
    error::MatchError,
    households,
    judge::Judge,
    level::Pattern,
    memory::{Memory, Recalled},
    model::{Model, Quick},
    nicknames::Nicknames,
    outcome::{Outcome, Statistics, Warning},
    pairs::{Found, Pair, Scope, blocked, exhaustive, swap::Swap},
    parallel,
    population::{Population, Side},
    rules,
    training::{self, Labels},
    verdicts::Verdicts,
};

/// Finds out which records of two sides are the same.
///
/// Untrained weights, training, limits and thresholds have defaults that fit personnel and customer
/// registers; the options change them.
///
/// ```
/// use record_match::{Comparison, Comparisons, FieldKind, Matcher};
///
/// let comparisons = Comparisons::new([
///     Comparison::new("given_name", FieldKind::GivenName),
///     Comparison::new("surname", FieldKind::Surname),
///     Comparison::new("born", FieldKind::Date),
/// ])?;
/// let matcher = Matcher::new(comparisons).suggest_at(0.9).minimum_margin(2.0);
/// # let _ = matcher;
/// # Ok::<(), record_match::MatchError>(())
/// ```
#[derive(Clone)]
pub struct Matcher {
    comparisons: Comparisons,
    pub(crate) options: Options,
}

type OnProgress = Arc<dyn Fn(Progress) -> ControlFlow<()> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) suggest_at: f64,
    pub(crate) minimum_margin: f64,
    pub(crate) auto_by_score: Option<(f64, f64)>,
    pub(crate) exhaustive_up_to: u64,
    threads: Option<NonZeroUsize>,
    nicknames: Arc<Nicknames>,
    model: Option<Model>,
    training: bool,
    households: Option<f64>,
    progress: Option<OnProgress>,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Progress {
    /// Reading and normalising the values.
    Reading,
    /// Looking for pairs; most of the time goes here.
    Comparing,
    /// Training the model on what was found.
    Training,
    /// Choosing one partner for each record.
    Assigning,
}

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matcher")
            .field("comparisons", &self.comparisons)
            .field("suggest_at", &self.options.suggest_at)
            .field("minimum_margin", &self.options.minimum_margin)
            .finish_non_exhaustive()
    }
}

impl Matcher {
    /// With the defaults of every option.
    pub fn new(comparisons: Comparisons) -> Self {
        Self {
            comparisons,
            options: Options {
                suggest_at: 0.5,
                minimum_margin: 1.0,
                auto_by_score: None,
                exhaustive_up_to: 150_000_000,
                threads: None,
                nicknames: Arc::default(),
                model: None,
                training: true,
                households: None,
                progress: None,
            },
        }
    }

    /// Suggests pairs from this probability on: 0.5 by default. Of a hundred pairs suggested with
    /// just this probability, so many are right.
    #[must_use]
    pub fn suggest_at(mut self, probability: f64) -> Self {
        self.options.suggest_at = probability.clamp(1e-6, 1.0 - 1e-9);
        self
    }

    /// Accepts a pair only if every other way to pair the records is worse by so many bits: 1 by
    /// default. A tie is never accepted, whatever is set here.
    #[must_use]
    pub fn minimum_margin(mut self, bits: f64) -> Self {
        self.options.minimum_margin = bits.max(1e-3);
        self
    }

    /// Links by score too, from this probability and margin (in bits) on.
    ///
    /// Off by default: a score is never proof. Even then a pair is linked only if both records are
    /// each other's best, what belongs to one person alone agrees in two fields and differs in
    /// none, and no verified key differs.
    #[must_use]
    pub fn auto_by_score(mut self, probability: f64, margin: f64) -> Self {
        self.options.auto_by_score = Some((probability, margin));
        self
    }

    /// Looks at every pair if there are at most so many, and blocks otherwise: 150 million by
    /// default, which is 12,000 by 12,000.
    #[must_use]
    pub fn exhaustive_up_to(mut self, pairs: u64) -> Self {
        self.options.exhaustive_up_to = pairs;
        self
    }

    /// Works on so many threads; by default on as many as there are, at most eight. The result does
    /// not depend on it. On `wasm32` there is always one.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.options.threads = Some(threads);
        self
    }

    /// Takes other groups of nicknames than the built-in ones.
    #[must_use]
    pub fn nicknames(mut self, nicknames: Nicknames) -> Self {
        self.options.nicknames = Arc::new(nicknames);
        self
    }

    /// Starts from this model instead of the untrained one.
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.options.model = Some(model);
        self
    }

    /// Whether the model learns from the records: it does by default.
    #[must_use]
    pub fn training(mut self, training: bool) -> Self {
        self.options.training = training;
        self
    }

    /// How many others of its household (or group of companies) to expect for each record.
    ///
    /// By default they are counted: relatives that stand on one side of the data are to be expected
    /// on the other one too. 0 if relatives cannot occur.
    #[must_use]
    pub fn households(mut self, households: f64) -> Self {
        self.options.households = Some(households.max(0.0));
        self
    }

    /// Tells where the run is, and stops it if the answer is [`ControlFlow::Break`].
    #[must_use]
    pub fn on_progress(
        mut self,
        progress: impl Fn(Progress) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Self {
        self.options.progress = Some(Arc::new(progress));
        self
    }

    /// What is compared.
    pub fn comparisons(&self) -> &Comparisons {
        &self.comparisons
    }

    /// Matches two sides.
    ///
    /// The result depends neither on the order of the records nor on the number of threads.
    ///
    /// # Errors
    /// [`MatchError`] for keys that are not unique, contradicting decisions, a model for other
    /// comparisons, and [`MatchError::Stopped`].
    pub fn run(
        &self,
        left: &Population<'_>,
        right: &Population<'_>,
        decisions: &[Decision],
    ) -> Result<Outcome, MatchError> {
        self.run_with(left, right, decisions, None)
    }

    /// Matches two sides, of which most records are as they were when `memory` was made.
    ///
    /// Only pairs with a new or changed record are looked at again, and the model stays as it was.
    /// If more than a fifth of the records changed, everything is done anew, training too.
    ///
    /// # Errors
    /// As [`Matcher::run`], and [`MatchError::OtherMemory`].
    pub fn run_again(
        &self,
        left: &Population<'_>,
        right: &Population<'_>,
        decisions: &[Decision],
        memory: &Memory,
    ) -> Result<Outcome, MatchError> {
        if !memory.is_current() || !memory.model.fits(&self.comparisons) {
            return Err(MatchError::OtherMemory);
        }
        self.run_with(left, right, decisions, Some(memory))
    }

    /// Finds records of one side that look like one: each pair of [`Outcome::candidates`] and
    /// [`Outcome::contested`] names two records of that side, and [`Outcome::duplicates`] groups
    /// them. Nothing is ever linked automatically.
    ///
    /// # Errors
    /// As [`Matcher::run`].
    pub fn duplicates(&self, population: &Population<'_>) -> Result<Outcome, MatchError> {
        let table = self.read(population, population)?;
        self.step(Progress::Comparing)?;
        let scope = Scope {
            within: true,
            ..Scope::ALL
        };
        let untrained = self.untrained(&table)?;
        let quick = Quick::new(&untrained);
        let found = self.find(&table, &quick, scope);
        self.step(Progress::Training)?;
        let model = self.train(untrained, &found, &found.pairs, &table, &Labels::default());
        self.step(Progress::Assigning)?;
        let judge = Judge::new(
            &self.comparisons,
            &self.options,
            &table,
            &model,
            (false, false),
        );
        let mut outcome = judge.within(&found.pairs);
        self.finish(&mut outcome, &table, &found, found.pairs.len());
        Ok(outcome)
    }

    fn run_with(
        &self,
        left: &Population<'_>,
        right: &Population<'_>,
        decisions: &[Decision],
        memory: Option<&Memory>,
    ) -> Result<Outcome, MatchError> {
        let table = self.read(left, right)?;
        let verdicts = Verdicts::new(decisions, &table)?;
        let keys = rules::find(&self.comparisons, &table);
        self.step(Progress::Comparing)?;
        let untrained = self.untrained(&table)?;
        let quick = Quick::new(&untrained);
        let recalled = memory.map(|memory| (memory, memory.recall(&table)));
        let recalled = recalled.filter(|(_, recalled)| few_changed(recalled));
        let changed = match &recalled {
            Some((_, recalled)) => recalled.changed(),
            None => table.left_len() + table.right_len(),
        };
        let (found, model) = if let Some((memory, recalled)) = recalled {
            (
                self.find_changed(&table, &quick, recalled),
                memory.model.clone(),
            )
        } else {
            let found = self.find(&table, &quick, Scope::ALL);
            self.step(Progress::Training)?;
            let swap = Swap::new(&self.comparisons, &table);
            let pattern = |pair: &(u32, u32)| -> Pattern {
                blocked::pattern(&self.comparisons, &table, swap.as_ref(), *pair)
            };
            let labels = Labels {
                same: verdicts.confirmed.iter().map(pattern).collect(),
            };
            let allowed = verdicts.allowed(&found.pairs);
            let model = self.train(untrained, &found, &allowed, &table, &labels);
            (found, model)
        };
        self.step(Progress::Assigning)?;
        let complete = (left.is_complete(), right.is_complete());
        let judge = Judge::new(&self.comparisons, &self.options, &table, &model, complete);
        let mut outcome = judge.between(&found.pairs, &keys, &verdicts);
        self.finish(&mut outcome, &table, &found, changed);
        Ok(outcome)
    }

    fn step(&self, progress: Progress) -> Result<(), MatchError> {
        match &self.options.progress {
            Some(report) if report(progress).is_break() => Err(MatchError::Stopped),
            _ => Ok(()),
        }
    }

    fn read<'a>(
        &self,
        left: &Population<'a>,
        right: &Population<'a>,
    ) -> Result<Table<'a>, MatchError> {
        self.step(Progress::Reading)?;
        let threads = self.threads_used();
        Table::new(
            &self.comparisons,
            left,
            right,
            &self.options.nicknames,
            threads,
        )
    }

    fn untrained(&self, table: &Table<'_>) -> Result<Model, MatchError> {
        let (left, right) = (table.left_len(), table.right_len());
        let mut model = match &self.options.model {
            Some(model) if !model.fits(&self.comparisons) => return Err(MatchError::OtherMemory),
            Some(model) => model.clone(),
            None => Model::untrained(&self.comparisons, left, right),
        };
        // How rare a match is depends on how many records there are, wherever the model is from.
        model.start_matches(left, right);
        let households = match self.options.households {
            Some(households) => households,
            None => households::count(&model, table, self.threads_used()),
        };
        model.set_households(households, left, right);
        Ok(model)
    }

    fn threads_used(&self) -> NonZeroUsize {
        self.options.threads.unwrap_or_else(parallel::available)
    }

    fn find(&self, table: &Table<'_>, quick: &Quick, scope: Scope<'_>) -> Found {
        let all = (table.left_len() as u64).saturating_mul(table.right_len() as u64);
        let find = if all <= self.options.exhaustive_up_to {
            exhaustive::find
        } else {
            blocked::find
        };
        find(&self.comparisons, table, quick, scope, self.threads_used())
    }

    /// Adds the pairs of changed records to those that are remembered.
    fn find_changed(&self, table: &Table<'_>, quick: &Quick, recalled: Recalled) -> Found {
        let all = (table.left_len() as u64).saturating_mul(table.right_len() as u64);
        let Recalled {
            left_changed,
            right_changed,
            pairs,
        } = recalled;
        let scope = |left, right| Scope {
            left_changed: left,
            right_changed: right,
            within: false,
        };
        let mut found = if all > self.options.exhaustive_up_to {
            let either = scope(
                Some(left_changed.as_slice()),
                Some(right_changed.as_slice()),
            );
            blocked::find(&self.comparisons, table, quick, either, self.threads_used())
        } else {
            let unchanged: Vec<bool> = left_changed.iter().map(|changed| !changed).collect();
            let find = |scope| {
                exhaustive::find(&self.comparisons, table, quick, scope, self.threads_used())
            };
            let mut found = find(scope(Some(&left_changed), None));
            let more = find(scope(Some(&unchanged), Some(&right_changed)));
            found.pairs.extend(more.pairs);
            found.compared += more.compared;
            found.crowded += more.crowded;
            found.crowded_values += more.crowded_values;
            found
        };
        found.pairs.extend(pairs);
        found.pairs.sort_unstable();
        found
    }

    fn train(
        &self,
        untrained: Model,
        found: &Found,
        pairs: &[Pair],
        table: &Table<'_>,
        labels: &Labels,
    ) -> Model {
        let sides = (table.left_len(), table.right_len());
        if self.options.training {
            training::train(&untrained, pairs, &found.level_counts, sides, labels)
        } else {
            untrained
        }
    }

    fn finish(&self, outcome: &mut Outcome, table: &Table<'_>, found: &Found, changed: usize) {
        outcome.statistics = Statistics {
            left: table.left_len(),
            right: table.right_len(),
            changed,
            scored: found.pairs.len(),
            compared: found.compared,
            blocking: found.blocking.clone(),
        };
        if let Some(report) = &mut outcome.statistics.blocking {
            report.accept(accepted_passes(
                &found.pairs,
                outcome.candidates.as_slice(),
                table,
            ));
        }
        let mut warnings = self.warnings(table, found);
        warnings.append(&mut outcome.warnings);
        outcome.warnings = warnings;
    }

    fn warnings(&self, table: &Table<'_>, found: &Found) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for (index, comparison) in self.comparisons.iter().enumerate() {
            let name = || comparison.name().to_owned();
            if table.cut[index] > 0 {
                warnings.push(Warning::LongValues {
                    comparison: name(),
                    values: table.cut[index],
                });
            }
            if table.unreadable[index] > 0 {
                let values = table.unreadable[index];
                warnings.push(Warning::UnreadableValues {
                    comparison: name(),
                    values,
                });
            }
            for (side, records) in [
                (Side::Left, table.left_len()),
                (Side::Right, table.right_len()),
            ] {
                if records > 0 && table.columns[index].present(side) == 0 {
                    warnings.push(Warning::EmptyField {
                        comparison: name(),
                        side,
                    });
                }
            }
        }
        if found.crowded > 0 {
            warnings.push(Warning::CrowdedRecords {
                records: found.crowded,
            });
        }
        if found.crowded_values > 0 {
            warnings.push(Warning::CrowdedValues {
                values: found.crowded_values,
            });
        }
        if let Some(report) = found
            .blocking
            .as_ref()
            .filter(|report| report.common_blocks > 0)
        {
            warnings.push(Warning::CommonValues {
                values: report.common_blocks,
            });
        }
        warnings
    }
}

fn accepted_passes<'p>(
    pairs: &'p [Pair],
    accepted: &'p [crate::Candidate],
    table: &'p Table<'_>,
) -> impl Iterator<Item = u8> + 'p {
    accepted.iter().filter_map(|candidate| {
        let left = u32::try_from(
            table
                .left_keys
                .binary_search(&candidate.left.as_str())
                .ok()?,
        )
        .ok()?;
        let right = u32::try_from(
            table
                .right_keys
                .binary_search(&candidate.right.as_str())
                .ok()?,
        )
        .ok()?;
        let place = pairs
            .binary_search_by_key(&(left, right), |pair| (pair.left, pair.right))
            .ok()?;
        Some(pairs[place].passes).filter(|passes| *passes > 0)
    })
}

fn few_changed(recalled: &Recalled) -> bool {
    recalled.changed() * 5 <= recalled.left_changed.len() + recalled.right_changed.len()
}
