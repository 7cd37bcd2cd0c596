//! Who may write what, and who wins.

use std::collections::BTreeMap;

use flat_record::{FieldName, Fields, Sensitivity};
use serde::{Deserialize, Serialize};

use crate::decision::FirstSync;
use crate::identity::{Sides, Which};

/// Who may write what, and who wins: per kind of record, and per field.
///
/// The default is careful: nothing is created or deleted without a decision, changes of one side
/// are written to the other, and where both changed, somebody is asked.
///
/// ```
/// use record_link::{FieldRule, Permission, Policy, Which};
/// use flat_record::FieldName;
///
/// // HR is right about everything but the bank account, which payroll looks after.
/// let mut policy = Policy::owned_by(Which::Left);
/// policy.field(FieldName::new("bank-account")?).rule = FieldRule::Owned { by: Which::Right };
/// assert_eq!(policy.sides.right.create, Permission::Automatic);
/// # Ok::<(), flat_record::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// What may be written on each side.
    pub sides: Sides<SideRules>,
    /// Which pairs are linked without a decision.
    pub auto_link: AutoLink,
    /// What becomes of the fields that differ when two records are linked without a decision that
    /// says so.
    pub first_sync: FirstSync,
    /// The rule of fields that are not named.
    pub default_rule: FieldRule,
    /// The fields that have a rule of their own.
    pub fields: BTreeMap<FieldName, FieldPolicy>,
    /// Fields above this class are off: neither compared nor written, and never in a plan.
    pub most_sensitive: Sensitivity,
    /// In how many complete snapshots of one scope in a row a record must be missing before it
    /// counts as gone; at least 1.
    pub missing_after: u32,
    /// What stops a plan until somebody approves it.
    pub guard: Guard,
    /// When two systems that correct each other are stopped.
    pub oscillation: Oscillation,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            sides: Sides::default(),
            auto_link: AutoLink::default(),
            first_sync: FirstSync::default(),
            default_rule: FieldRule::default(),
            fields: BTreeMap::new(),
            most_sensitive: Sensitivity::Sensitive,
            missing_after: 2,
            guard: Guard::default(),
            oscillation: Oscillation::default(),
        }
    }
}

impl Policy {
    /// One side owns every field, and its records are created on the other.
    pub fn owned_by(owner: Which) -> Self {
        let mut policy = Self {
            default_rule: FieldRule::Owned { by: owner },
            ..Self::default()
        };
        policy.sides[owner.other()].create = Permission::Automatic;
        policy.sides[owner].update = Permission::Never;
        policy
    }

    /// New records of one side are created on the other; what is there stays as it is.
    pub fn only_new_from(source: Which) -> Self {
        let mut policy = Self::default();
        policy.sides[source.other()].create = Permission::Automatic;
        for which in Which::BOTH {
            policy.sides[which].update = Permission::Never;
        }
        policy
    }

    /// The policy of a field, to be changed; it begins with the rule of all others.
    pub fn field(&mut self, name: FieldName) -> &mut FieldPolicy {
        let rule = self.default_rule.clone();
        self.fields.entry(name).or_insert_with(|| FieldPolicy {
            rule,
            read_only: Sides::default(),
        })
    }

    /// The rule of a field.
    pub fn rule(&self, name: &str) -> &FieldRule {
        self.fields
            .get(name)
            .map_or(&self.default_rule, |field| &field.rule)
    }

    /// Whether a field cannot or must not be written on a side, whoever asks for it.
    pub fn is_read_only(&self, name: &str, on: Which) -> bool {
        let field = self.fields.get(name);
        *self.rule(name) == FieldRule::Never || field.is_some_and(|field| field.read_only[on])
    }

    /// Whether a field may be written on a side, as far as the policy of the field goes.
    pub fn may_write(&self, name: &str, on: Which) -> bool {
        !self.is_read_only(name, on) && self.rule(name).may_write(on)
    }

    /// Whether a field is off by its class.
    pub fn is_off(&self, sensitivity: Sensitivity) -> bool {
        sensitivity > self.most_sensitive
    }

    /// Checks the policy against the layouts of both sides.
    ///
    /// # Errors
    /// When it names a field that neither side has, or its numbers make no sense.
    pub fn check(&self, layouts: Sides<&Fields>) -> Result<(), PolicyError> {
        for name in self.fields.keys() {
            if layouts.left.slot(name).is_none() && layouts.right.slot(name).is_none() {
                return Err(PolicyError::UnknownField(name.clone()));
            }
        }
        if self.missing_after == 0 {
            return Err(PolicyError::Zero("missing-after"));
        }
        if self.oscillation.times == 0 {
            return Err(PolicyError::Zero("oscillation.times"));
        }
        if self.oscillation.times > Oscillation::MOST_TIMES {
            return Err(PolicyError::TooManyTimes(self.oscillation.times));
        }
        Ok(())
    }
}

/// A policy that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It names a field that neither side has.
    #[error(
        "the policy names field `{0}`, which neither side has: correct the name or take it out"
    )]
    UnknownField(FieldName),
    /// A number that must be at least 1.
    #[error("`{0}` of the policy is 0: it must be at least 1")]
    Zero(&'static str),
    /// More writes of a field than are remembered: two systems that correct each other would never
    /// be noticed.
    #[error("`oscillation.times` of the policy is {0}: at most 12 writes are remembered")]
    TooManyTimes(u32),
}

/// What may be written on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SideRules {
    /// Whether records are created here, for records of the other side.
    pub create: Permission,
    /// Whether records are updated here.
    pub update: Permission,
    /// Whether records are deleted here, when the other side's record is gone.
    pub delete: Permission,
    /// Which records may be updated at all.
    pub gate: Gate,
}

impl Default for SideRules {
    fn default() -> Self {
        Self {
            create: Permission::Ask,
            update: Permission::Automatic,
            delete: Permission::Never,
            gate: Gate::Open,
        }
    }
}

/// Whether something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Never, whatever anybody decides.
    Never,
    /// When somebody decides it.
    Ask,
    /// Whenever it follows from the rules.
    Automatic,
}

/// Which records of a side may be updated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Gate {
    /// All that are linked.
    #[default]
    Open,
    /// Those whose link a person confirmed, and those that we created.
    ConfirmedOnly,
    /// Those that we created: records that were there before stay untouched.
    ExistingUntouched,
}

/// Which pairs are linked without a decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AutoLink {
    /// None.
    #[default]
    Never,
    /// Candidates that are certain, if there is exactly one for each of the two records.
    Certain,
}

/// The policy of one field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FieldPolicy {
    /// Who wins.
    pub rule: FieldRule,
    /// The sides on which the field cannot or must not be written.
    pub read_only: Sides<bool>,
}

/// Who wins in a field.
///
/// Where nothing was agreed before (the first time two records meet), every difference is a
/// conflict, and only [`first-sync`](Policy::first_sync) or a decision resolves it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FieldRule {
    /// Whoever changed; if both did, somebody is asked.
    #[default]
    Ask,
    /// One side. The other one's changes are overwritten.
    Owned {
        /// Which.
        by: Which,
    },
    /// Whoever changed; if both did, the later one, if both sides say when the field was changed.
    /// Otherwise somebody is asked.
    Newest {
        /// Take the time when the *record* was changed where a side does not say it of the field.
        /// It may well be another field that was changed then.
        #[serde(default)]
        trust_record_times: bool,
    },
    /// Whoever changed; if both did, the values are merged.
    Merge {
        /// How.
        with: MergeWith,
    },
    /// One side's value is written where the other has none, and never again.
    WriteOnce {
        /// Whose value.
        from: Which,
    },
    /// It is left alone: neither compared nor written.
    Never,
}

impl FieldRule {
    /// Whether the rule lets the field be written on a side.
    pub fn may_write(&self, on: Which) -> bool {
        match self {
            Self::Owned { by: owner } | Self::WriteOnce { from: owner } => on != *owner,
            Self::Never => false,
            Self::Ask | Self::Newest { .. } | Self::Merge { .. } => true,
        }
    }
}

/// How two changed values are merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MergeWith {
    /// Sets, element by element: what one side added is added, what one removed is removed. It
    /// needs bases that keep values.
    Elements,
    /// The function that the planner was given under this name.
    Function(String),
}

/// What stops a plan until somebody approves exactly that plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Guard {
    /// More creates than this.
    pub creates: Limit,
    /// More updates than this.
    pub updates: Limit,
    /// More deletions, unlinked pairs and records found gone than this.
    pub removals: Limit,
    /// A side that shows no record at all, where so many were linked; 0 switches it off.
    pub emptied_from: u32,
    /// Every record of a side changed, where so many are linked; 0 switches it off.
    pub all_changed_from: u32,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            // Most who use this have some ten to some hundred people: what doubles or blanks all
            // of them must not pass as a small number.
            creates: Limit::new(50, 50),
            updates: Limit::new(20, 50),
            removals: Limit::new(5, 5),
            emptied_from: 2,
            all_changed_from: 20,
        }
    }
}

impl Guard {
    /// A guard that never stops anything.
    pub const OFF: Self = Self {
        creates: Limit::OFF,
        updates: Limit::OFF,
        removals: Limit::OFF,
        emptied_from: 0,
        all_changed_from: 0,
    };
}

/// A number that is exceeded when it is more than both a count and a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Limit {
    /// So many are always fine.
    pub count: u64,
    /// So many in a hundred of the links, or of the larger side's records if these are more, are
    /// always fine.
    pub percent: u32,
}

impl Limit {
    /// Never exceeded.
    pub const OFF: Self = Self::new(u64::MAX, 100);

    /// More than `count` and more than `percent` in a hundred exceed it.
    pub const fn new(count: u64, percent: u32) -> Self {
        Self { count, percent }
    }

    /// Whether `number` of `all` exceeds it.
    pub fn is_exceeded(&self, number: u64, all: u64) -> bool {
        let share = u128::from(number) * 100 > u128::from(all) * u128::from(self.percent);
        number > self.count && share
    }
}

/// When two systems that correct each other are stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Oscillation {
    /// The same value was written into the same field of the same record so often (at most
    /// [`MOST_TIMES`](Self::MOST_TIMES)) …
    pub times: u32,
    /// … within so many hours.
    pub within_hours: u32,
}

impl Oscillation {
    /// How many writes of a field are remembered.
    pub const MOST_TIMES: u32 = 12;
}

impl Default for Oscillation {
    fn default() -> Self {
        Self {
            times: 3,
            within_hours: 72,
        }
    }
}
