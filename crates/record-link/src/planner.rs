//! The planner: from two snapshots, the links, a policy and decisions to a plan.

mod creates;
mod fields;
mod guard;
mod links;
mod pairs;
mod run;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use flat_record::{FieldName, Kind, Value};

use crate::base::Keeping;
use crate::candidate::Candidate;
use crate::decision::Decision;
use crate::identity::{ConnectionId, LinkId, Sides, Which};
use crate::link::Link;
use crate::plan::{Digest, Plan, PlanError};
use crate::policy::{FieldRule, MergeWith, Policy, PolicyError};
use crate::references::References;
use crate::snapshot::{Scope, Snapshot};

/// Computes what is to be done for the records of one kind.
///
/// A pure function of what it is given: no clock, no chance, no I/O. The order of links,
/// candidates, decisions and observations does not matter, and neither does which side is called
/// left.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
/// use record_link::{ConnectionId, Keeping, Planner, Policy, Scope, Sides, Snapshot, Step, Which};
///
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let (kind, now) = (Kind::new("employee")?, DateTime::<Utc>::UNIX_EPOCH);
/// let mut hr = Snapshot::new(kind.clone(), &fields, Scope::of(["all"]), now);
/// hr.add("e-1", Record::new(&fields).with("name", "Anna")?);
/// let payroll = Snapshot::new(kind.clone(), &fields, Scope::of(["all"]), now).complete();
///
/// let policy = Policy::owned_by(Which::Left);
/// let keeping = Keeping::hashes(HashKey::new([7; 16]));
/// let planner = Planner::new(ConnectionId::new("hr->payroll")?, kind, &policy, keeping);
/// let plan = planner.plan(Sides::new(&hr.complete(), &payroll), now)?;
/// assert!(matches!(plan.operations[0].step, Step::Create { on: Which::Right, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Planner<'a> {
    connection: ConnectionId,
    kind: Kind,
    policy: &'a Policy,
    keeping: Keeping,
    links: &'a [Link],
    candidates: &'a [Candidate],
    decisions: &'a [Decision],
    references: References<'a>,
    merges: BTreeMap<String, Box<MergeValues<'a>>>,
    known_scopes: Sides<Option<Scope>>,
    approved: Option<Digest>,
}

/// Merges two changed values of a field: a pure function. `None` if it cannot, and somebody has to
/// be asked.
pub type MergeValues<'a> = dyn Fn(&MergeInput<'_>) -> Option<Value> + Send + Sync + 'a;

/// What a merge is made of. References are in the terms of the left side.
#[derive(Debug)]
#[non_exhaustive]
pub struct MergeInput<'a> {
    /// The field.
    pub field: &'a FieldName,
    /// What was agreed before, if the base keeps values.
    pub base: Option<&'a Value>,
    /// What the left side says now.
    pub left: &'a Value,
    /// What the right side says now.
    pub right: &'a Value,
}

/// What the planner was given does not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlannerError {
    /// A snapshot is of another kind.
    #[error("the {side} snapshot is of kind `{found}`, but kind `{expected}` is planned")]
    OtherKind {
        /// The side.
        side: Which,
        /// The kind that is planned.
        expected: Kind,
        /// The kind of the snapshot.
        found: Kind,
    },
    /// A link belongs to another connection or kind.
    #[error("link {0} is of another connection or kind: load the links of what is planned only")]
    ForeignLink(LinkId),
    /// A link stands twice.
    #[error("link {0} stands twice: load each link once")]
    DuplicateLink(LinkId),
    /// A live link lacks a key that its state needs.
    #[error("link {0} lacks the key of a record that its state needs: mend it in the store")]
    BrokenLink(LinkId),
    /// The sides disagree about a field's kind, or about when two of its values are the same.
    #[error(
        "field `{0}` has another kind or another equivalence on the right side than on the left: \
         make the layouts agree"
    )]
    FieldMismatch(FieldName),
    /// The policy cannot be followed.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The policy names a merge function that the planner was not given.
    #[error("field `{field}` is merged by `{function}`, which the planner was not given")]
    UnknownMerge {
        /// The field, or none for the rule of all others.
        field: String,
        /// The function.
        function: String,
    },
    /// The plan has no JSON form, and so no digest.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl fmt::Debug for Planner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planner")
            .field("connection", &self.connection)
            .field("kind", &self.kind)
            .field("links", &self.links.len())
            .field("candidates", &self.candidates.len())
            .field("decisions", &self.decisions.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Planner<'a> {
    /// A planner for the records of one kind on one connection.
    pub fn new(connection: ConnectionId, kind: Kind, policy: &'a Policy, keeping: Keeping) -> Self {
        Self {
            connection,
            kind,
            policy,
            keeping,
            links: &[],
            candidates: &[],
            decisions: &[],
            references: References::default(),
            merges: BTreeMap::new(),
            known_scopes: Sides::default(),
            approved: None,
        }
    }

    /// The links of this kind on this connection: *all* of them, also those that are not live.
    #[must_use]
    pub fn links(mut self, links: &'a [Link]) -> Self {
        self.links = links;
        self
    }

    /// Pairs that may be one, as a matcher proposes them.
    #[must_use]
    pub fn candidates(mut self, candidates: &'a [Candidate]) -> Self {
        self.candidates = candidates;
        self
    }

    /// What people decided. Those for other connections and kinds are passed over.
    #[must_use]
    pub fn decisions(mut self, decisions: &'a [Decision]) -> Self {
        self.decisions = decisions;
        self
    }

    /// How records of *other* kinds are called on the other side, for fields that refer to them.
    #[must_use]
    pub fn references(mut self, references: References<'a>) -> Self {
        self.references = references;
        self
    }

    /// A function that merges, under the name by which [`MergeWith::Function`] calls it.
    #[must_use]
    pub fn merge(
        mut self,
        name: impl Into<String>,
        merge: impl Fn(&MergeInput<'_>) -> Option<Value> + Send + Sync + 'a,
    ) -> Self {
        self.merges.insert(name.into(), Box::new(merge));
        self
    }

    /// The scopes of the last complete snapshots that were planned with: [`Plan::scopes`].
    ///
    /// Without them, nothing is concluded from what is missing: it may have been out of scope.
    #[must_use]
    pub fn known_scopes(mut self, scopes: Sides<Option<Scope>>) -> Self {
        self.known_scopes = scopes;
        self
    }

    /// A plan with this digest was approved: it passes the guard rails.
    #[must_use]
    pub fn approved(mut self, digest: Digest) -> Self {
        self.approved = Some(digest);
        self
    }

    /// Makes the plan.
    ///
    /// # Errors
    /// When snapshots, links, policy and functions do not go together.
    pub fn plan(
        &self,
        snapshots: Sides<&Snapshot>,
        now: DateTime<Utc>,
    ) -> Result<Plan, PlannerError> {
        self.check(snapshots)?;
        run::Run::new(self, snapshots, now)?.plan()
    }

    fn check(&self, snapshots: Sides<&Snapshot>) -> Result<(), PlannerError> {
        for side in Which::BOTH {
            let found = snapshots[side].kind();
            if *found != self.kind {
                let (expected, found) = (self.kind.clone(), found.clone());
                return Err(PlannerError::OtherKind {
                    side,
                    expected,
                    found,
                });
            }
        }
        self.policy.check(snapshots.map(Snapshot::fields))?;
        let named = self
            .policy
            .fields
            .iter()
            .map(|(name, field)| (name.as_str(), &field.rule));
        for (field, rule) in named.chain([("", &self.policy.default_rule)]) {
            if let FieldRule::Merge {
                with: MergeWith::Function(function),
            } = rule
                && !self.merges.contains_key(function)
            {
                let (field, function) = (field.to_owned(), function.clone());
                return Err(PlannerError::UnknownMerge { field, function });
            }
        }
        Ok(())
    }
}
