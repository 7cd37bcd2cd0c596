//! What came of a plan: one outcome for each record.

use std::collections::{HashMap, HashSet};

use flat_record::Kind;
use serde::{Deserialize, Serialize};

use crate::plan::{FindingKind, Operation, OperationId, Plan, Step};
use crate::transition::Stale;
use crate::{ClientKey, DeviationId, LinkId, RecordKey, Sides, Which};

/// What came of a plan.
///
/// Every record of the plan stands in it once, so that the [`totals`](Self::totals) add up to what
/// was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Applied {
    /// What came of each record: first those that something was to be done for, in the order of the
    /// plan, then those that were found to need a person.
    pub records: Vec<RecordOutcome>,
    /// How many came to what. Pairs that were in step, and therefore stand nowhere in the plan, count
    /// as unchanged. (Of a [selection](Plan::select), pairs in step and findings are those of the
    /// whole plan.)
    pub totals: OutcomeTotals,
    /// Whether somebody asked to stop before the end.
    pub is_cancelled: bool,
    /// The creates that were sent, or looked for: what [`audit`](crate::Executor::audit) is given.
    pub creates: Vec<SentCreate>,
}

/// What came of a record, or of a pair of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordOutcome {
    /// The link that it is about; `None` for a record that has none.
    pub link: Option<LinkId>,
    /// The keys of the records, as far as they are known now.
    pub keys: Sides<Option<RecordKey>>,
    /// What came of it.
    pub outcome: Outcome,
    /// The operations of the plan that are about it.
    pub operations: Vec<OperationId>,
}

/// What came of a record, or of a pair of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// A record was created, or one that was created before was found by its client key.
    Created {
        /// Where.
        on: Which,
    },
    /// Fields of a record were written.
    Updated {
        /// Where.
        on: Which,
    },
    /// A record was deleted.
    Deleted {
        /// Where.
        on: Which,
    },
    /// Two records that were there were linked.
    Linked,
    /// A pair was unlinked.
    Unlinked,
    /// Nothing was written to a side, and no link was made or taken apart: at most it was noted
    /// what both sides agree on, or that a record is gone or back.
    Unchanged,
    /// Nothing was tried, and why.
    Skipped {
        /// Why.
        because: SkipReason,
    },
    /// Something changed since the plan was made: the next plan sees it.
    Stale {
        /// What changed.
        because: Stale,
    },
    /// It failed; see the deviation.
    Failed {
        /// The deviation.
        deviation: DeviationId,
    },
    /// Nobody knows whether it took effect; see the deviation.
    InDoubt {
        /// The deviation.
        deviation: DeviationId,
    },
}

/// Why nothing was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SkipReason {
    /// The plan has nothing to do for it, but found something: it needs a person, or time.
    Found {
        /// What.
        what: Box<FindingKind>,
    },
    /// It waits for another operation, which was not carried out.
    Waits {
        /// Which.
        operation: OperationId,
    },
    /// Somebody asked to stop.
    Cancelled,
    /// The run ended before its turn: see the [error](crate::ExecutionError).
    Stopped,
}

/// How many records came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct OutcomeTotals {
    /// [`Outcome::Created`].
    pub created: u64,
    /// [`Outcome::Updated`].
    pub updated: u64,
    /// [`Outcome::Deleted`].
    pub deleted: u64,
    /// [`Outcome::Linked`].
    pub linked: u64,
    /// [`Outcome::Unlinked`].
    pub unlinked: u64,
    /// [`Outcome::Unchanged`], and pairs that were in step.
    pub unchanged: u64,
    /// [`Outcome::Skipped`].
    pub skipped: u64,
    /// [`Outcome::Stale`].
    pub stale: u64,
    /// [`Outcome::Failed`].
    pub failed: u64,
    /// [`Outcome::InDoubt`].
    pub in_doubt: u64,
}

impl OutcomeTotals {
    /// How many there are in all.
    pub fn all(&self) -> u64 {
        self.done() + self.unchanged + self.skipped + self.stale + self.failed + self.in_doubt
    }

    /// For how many something was done.
    pub fn done(&self) -> u64 {
        self.created + self.updated + self.deleted + self.linked + self.unlinked
    }

    fn count(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Created { .. } => &mut self.created,
            Outcome::Updated { .. } => &mut self.updated,
            Outcome::Deleted { .. } => &mut self.deleted,
            Outcome::Linked => &mut self.linked,
            Outcome::Unlinked => &mut self.unlinked,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped { .. } => &mut self.skipped,
            Outcome::Stale { .. } => &mut self.stale,
            Outcome::Failed { .. } => &mut self.failed,
            Outcome::InDoubt { .. } => &mut self.in_doubt,
        } += 1;
    }
}

impl Outcome {
    /// The word for it: `created`, `in-doubt`, …
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Created { .. } => "created",
            Self::Updated { .. } => "updated",
            Self::Deleted { .. } => "deleted",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::Unchanged => "unchanged",
            Self::Skipped { .. } => "skipped",
            Self::Stale { .. } => "stale",
            Self::Failed { .. } => "failed",
            Self::InDoubt { .. } => "in-doubt",
        }
    }

    /// Whether what the plan asked for was done.
    pub fn is_done(&self) -> bool {
        self.rank() < 6
    }

    /// The deviation, if it failed or is in doubt.
    pub fn deviation(&self) -> Option<DeviationId> {
        match self {
            Self::Failed { deviation } | Self::InDoubt { deviation } => Some(*deviation),
            _ => None,
        }
    }

    /// What a step that was carried out comes to.
    pub(super) fn of(step: &Step) -> Self {
        match step {
            Step::Create { on, .. } => Self::Created { on: *on },
            Step::Update { on, .. } => Self::Updated { on: *on },
            Step::Delete { on } => Self::Deleted { on: *on },
            Step::Link { .. } | Step::Adopt { .. } => Self::Linked,
            Step::Unlink => Self::Unlinked,
            Step::Agree { .. }
            | Step::End
            | Step::Orphan { .. }
            | Step::Return { .. }
            | Step::Note { .. } => Self::Unchanged,
        }
    }

    /// Of several operations on one record, the one that a person has to know of.
    fn rank(&self) -> u8 {
        match self {
            Self::Unchanged => 0,
            Self::Linked => 1,
            Self::Updated { .. } => 2,
            Self::Unlinked => 3,
            Self::Deleted { .. } => 4,
            Self::Created { .. } => 5,
            Self::Skipped { .. } => 6,
            Self::Stale { .. } => 7,
            Self::Failed { .. } => 8,
            Self::InDoubt { .. } => 9,
        }
    }
}

/// A create that was sent, or looked for: if its answer was lost or late, a double of it may come
/// to light.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SentCreate {
    /// The link.
    pub link: LinkId,
    /// The kind of the record.
    pub kind: Kind,
    /// The side on which it was created.
    pub on: Which,
    /// The client key that the record carries.
    pub client_key: ClientKey,
    /// The key of the source.
    pub source: Option<RecordKey>,
    /// Whether it was ever in doubt: its answer was lost, or a process died in the middle. Only such
    /// a create can make a double.
    pub was_in_doubt: bool,
}

impl Applied {
    /// What came of the record of a link.
    pub fn outcome(&self, link: LinkId) -> Option<&Outcome> {
        let record = self.records.iter().find(|one| one.link == Some(link));
        record.map(|one| &one.outcome)
    }

    /// The deviations of the records that failed or are in doubt.
    pub fn deviations(&self) -> impl Iterator<Item = DeviationId> {
        self.records
            .iter()
            .filter_map(|one| one.outcome.deviation())
    }

    /// The creates that were ever in doubt: those of which a double may come to light.
    pub fn doubtful_creates(&self) -> impl Iterator<Item = &SentCreate> {
        self.creates.iter().filter(|create| create.was_in_doubt)
    }

    /// One outcome for each record, from one for each operation.
    pub(super) fn of(
        plan: &Plan,
        outcomes: Vec<Outcome>,
        new_keys: &HashMap<LinkId, (Which, RecordKey)>,
    ) -> Self {
        let mut applied = Self::default();
        let mut places: HashMap<LinkId, usize> = HashMap::new();
        for (operation, outcome) in plan.operations.iter().zip(outcomes) {
            let Operation { link, keys, .. } = operation;
            if let Some(record) = places.get(link).and_then(|at| applied.records.get_mut(*at)) {
                record.operations.push(operation.id);
                if outcome.rank() > record.outcome.rank() {
                    record.outcome = outcome;
                }
                continue;
            }
            let mut keys = keys.clone();
            if let Some((on, key)) = new_keys.get(link) {
                keys[*on] = Some(key.clone());
            }
            places.insert(*link, applied.records.len());
            applied.records.push(RecordOutcome {
                link: Some(*link),
                keys,
                outcome,
                operations: vec![operation.id],
            });
        }
        let mut records: HashSet<Sides<Option<&str>>> = HashSet::new();
        for finding in &plan.findings {
            let keys = finding
                .keys
                .as_ref()
                .map(|key| Some(key.as_ref()?.as_str()));
            let is_known = match finding.link {
                Some(link) => places.insert(link, usize::MAX).is_some(),
                None => !records.insert(keys),
            };
            if !is_known {
                let what = Box::new(finding.what.clone());
                applied.records.push(RecordOutcome {
                    link: finding.link,
                    keys: finding.keys.clone(),
                    outcome: Outcome::Skipped {
                        because: SkipReason::Found { what },
                    },
                    operations: Vec::new(),
                });
            }
        }
        for record in &applied.records {
            applied.totals.count(&record.outcome);
        }
        applied.totals.unchanged += plan.totals.in_step;
        applied
    }
}

/// What was found out about writes of unknown outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recovered {
    /// They took effect, or what they wrote is seen by the next plan.
    pub settled: Vec<OperationId>,
    /// They did not take effect; the next plan asks for them again.
    pub not_done: Vec<OperationId>,
    /// It is not known yet, or cannot be found out; each with its deviation.
    pub in_doubt: Vec<(OperationId, DeviationId)>,
    /// The creates among them: what [`audit`](crate::Executor::audit) is given.
    pub creates: Vec<SentCreate>,
}

/// What an audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Audited {
    /// How many creates were looked for.
    pub looked_for: u64,
    /// Creates of which the system has several records.
    pub doubles: Vec<Double>,
    /// Creates of which the side could not tell.
    pub undecided: u64,
}

/// A create of which the system has several records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Double {
    /// The link of the create.
    pub link: LinkId,
    /// The side that has them.
    pub on: Which,
    /// Their keys.
    pub keys: Vec<RecordKey>,
    /// The deviation that tells of it.
    pub deviation: DeviationId,
}
