//! What is to be done, as data: to be shown, stored, edited, approved and applied.

mod check;
mod json;
mod select;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flat_record::{FieldName, Kind, Text, Value};
use serde::{Deserialize, Serialize};

pub use check::PlanError;
pub(crate) use select::keep_scope;
pub use select::{Dependencies, Selection};

use crate::change::{BlockedOn, FieldDifference, Reason};
use crate::decision::DecisionId;
use crate::hash::{self, hash_type};
use crate::identity::{ConnectionId, LinkId, RecordKey, Sides, Which};
use crate::link::{Origin, Presence};
use crate::observation::RecordHash;
use crate::snapshot::Scope;

hash_type! {
    /// The digest of a plan: two plans with the same digest do the same.
    ///
    /// Written as 32 hexadecimal digits.
    Digest, "a plan's digest"
}

hash_type! {
    /// The id of an operation: the same when it is planned again.
    ///
    /// Written as 32 hexadecimal digits.
    OperationId, "the id of an operation"
}

/// What is to be done for the records of one kind: operations in the order in which they are to be
/// carried out, and what was found that needs a person or no operation.
///
/// The same inputs give the same plan, byte for byte. A plan can be shown, narrowed down
/// ([`select`](Self::select)), kept as JSON ([`to_json`](Self::to_json),
/// [`from_json`](Self::from_json)) and applied later; each operation says what it expects to find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Plan {
    /// The connection.
    pub connection: ConnectionId,
    /// The kind of the records.
    pub kind: Kind,
    /// The time that the planner was told.
    pub made_at: DateTime<Utc>,
    /// What the plan does, as a hash: of connection, kind and operations.
    pub digest: Digest,
    /// Whether the plan may be applied.
    pub verdict: Verdict,
    /// What is to be done, in this order.
    pub operations: Vec<Operation>,
    /// What needs a person, or is worth knowing.
    pub findings: Vec<Finding>,
    /// How many there are of what.
    pub totals: Totals,
    /// The scopes of the snapshots that were complete: the next plan is to be told. Where there is
    /// none, what was known before goes on.
    pub scopes: Sides<Option<Scope>>,
}

/// Whether a plan may be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// It may.
    Clear,
    /// A guard rail stopped it: it may be applied only when somebody approved its digest.
    Quarantined {
        /// What was noticed.
        trips: Vec<Trip>,
    },
    /// A guard rail stopped it, and somebody approved its digest.
    Approved {
        /// What was noticed.
        trips: Vec<Trip>,
    },
}

/// What a guard rail noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Trip {
    /// Too many records would be created.
    Creates {
        /// How many.
        number: u64,
        /// Of how many.
        all: u64,
    },
    /// Too many records would be changed.
    Updates {
        /// How many.
        number: u64,
        /// Of how many.
        all: u64,
    },
    /// Too many records are gone, or would be deleted or unlinked.
    Removals {
        /// How many.
        number: u64,
        /// Of how many.
        all: u64,
    },
    /// A side shows no record, though many were linked.
    Emptied {
        /// The side.
        side: Which,
        /// How many were linked.
        linked: u64,
    },
    /// Every linked record of a side changed, as a new time zone or format does it.
    AllChanged {
        /// The side.
        side: Which,
        /// How many.
        number: u64,
    },
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The link that it is about, or makes.
    pub link: LinkId,
    /// The records that it is about; one that is to be created has no key yet.
    pub keys: Sides<Option<RecordKey>>,
    /// The life of the records that the link stands for.
    pub incarnation: u64,
    /// What is to be done.
    pub step: Step,
    /// Operations of this plan that must have succeeded before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<OperationId>,
    /// What must still be so.
    pub expects: Expectation,
    /// The decision that it carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionId>,
    /// Who made that decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Step {
    /// Create a record on a side, and link it with its source. Remote.
    Create {
        /// Where.
        on: Which,
        /// What to write, in the terms of that side.
        values: BTreeMap<FieldName, Value>,
        /// Fields that refer to records which this plan creates before, in the terms of the
        /// source: they are translated when those records are there.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pending: BTreeMap<FieldName, Value>,
        /// Fields that are left out, since their references run in a circle: the next plan writes
        /// them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_out: Vec<FieldName>,
        /// Fields that are compared, but that the policy does not let us write there. Where both
        /// records say the same of them, that is agreed.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        compared: Vec<FieldName>,
        /// It was tried before, or is in doubt: look for the record by its client key first, and
        /// create it only if it is not there.
        #[serde(default)]
        look_first: bool,
    },
    /// Write fields of a record. Remote.
    Update {
        /// Where.
        on: Which,
        /// What.
        changes: Vec<FieldChange>,
    },
    /// Delete a record whose partner is gone. Remote.
    Delete {
        /// Where.
        on: Which,
    },
    /// Link two records that are there. Local.
    Link {
        /// How the link comes about.
        origin: Origin,
        /// The fields of which both records say the same, and which are therefore agreed.
        #[serde(default)]
        agreed: Vec<FieldName>,
    },
    /// A record that was being created is there: link it. Local.
    Adopt {
        /// Where it is.
        on: Which,
    },
    /// Remember that both sides say the same of these fields. Local.
    Agree {
        /// Which.
        fields: Vec<FieldName>,
    },
    /// Take a link apart. Local.
    Unlink,
    /// End a link that lost a record, since that is created anew for a link of its own. Local.
    End,
    /// Remember that a record is gone, or that both are. Local.
    Orphan {
        /// Which.
        gone: Which,
    },
    /// A record that was gone is there again. Local.
    Return {
        /// Which.
        back: Which,
    },
    /// Remember whether a record was there. Local.
    Note {
        /// Which.
        side: Which,
        /// Whether it was.
        presence: Presence,
    },
}

impl Step {
    /// The word for it, as it is stored: `create`, `update`, …
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
            Self::Link { .. } => "link",
            Self::Adopt { .. } => "adopt",
            Self::Agree { .. } => "agree",
            Self::Unlink => "unlink",
            Self::End => "end",
            Self::Orphan { .. } => "orphan",
            Self::Return { .. } => "return",
            Self::Note { .. } => "note",
        }
    }

    /// The side that is written to, if one is: only then is the step more than a note of ours.
    pub fn writes_on(&self) -> Option<Which> {
        match self {
            Self::Create { on, .. } | Self::Update { on, .. } | Self::Delete { on } => Some(*on),
            _ => None,
        }
    }

    /// The side that tells the step apart from another one of the same word.
    fn side(&self) -> Option<Which> {
        match self {
            Self::Create { on, .. }
            | Self::Update { on, .. }
            | Self::Delete { on }
            | Self::Adopt { on } => Some(*on),
            Self::Orphan { gone: side } | Self::Return { back: side } | Self::Note { side, .. } => {
                Some(*side)
            }
            Self::Link { .. } | Self::Agree { .. } | Self::Unlink | Self::End => None,
        }
    }
}

impl OperationId {
    /// The id of a step on a link.
    pub fn of(link: LinkId, incarnation: u64, step: &Step) -> Self {
        let side = step.side().map_or("", Which::as_str);
        let (link, incarnation) = (link.to_string(), incarnation.to_string());
        let words = [link.as_str(), &incarnation, step.as_str(), side];
        Self(hash::of_parts(words.map(str::as_bytes)))
    }
}

impl OperationId {
    /// A number that differs from one operation to the next, to spread what they do in time.
    pub(crate) fn number(self) -> u64 {
        self.0
            .iter()
            .take(8)
            .fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// The id of the create of a link, without what it writes.
    pub(crate) fn of_create(link: LinkId, incarnation: u64, on: Which) -> Self {
        let create = Step::Create {
            on,
            values: BTreeMap::new(),
            pending: BTreeMap::new(),
            left_out: Vec::new(),
            compared: Vec::new(),
            look_first: false,
        };
        Self::of(link, incarnation, &create)
    }
}

/// A field that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct FieldChange {
    /// The field.
    pub field: FieldName,
    /// What it says now, as the plan saw it: what will be overwritten.
    pub was: Value,
    /// What it will say, in the terms of the side that is written to.
    pub to: Value,
    /// Why.
    pub because: Reason,
    /// In an event: whether the values are not kept, or were taken out. They are null then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_hidden: bool,
}

impl FieldChange {
    /// The change without its values.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        (self.was, self.to) = (Value::Null, Value::Null);
        self.is_hidden = true;
        self
    }
}

/// What must be so when an operation is carried out; if it is not, the operation is stale.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Expectation {
    /// The version of the link; none if there is no such link yet.
    pub link_version: Option<u64>,
    /// The records, as the plan saw them.
    pub records: Sides<Option<ExpectedRecord>>,
}

/// A record, as a plan saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectedRecord {
    /// The hash of its fields.
    pub hash: RecordHash,
    /// Its version, if the side gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
}

impl ExpectedRecord {
    /// A record with this hash and version.
    pub fn new(hash: RecordHash, version: Option<Text>) -> Self {
        Self { hash, version }
    }
}

/// Something that needs a person, or is worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Finding {
    /// The link that it is about, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkId>,
    /// The records that it is about.
    pub keys: Sides<Option<RecordKey>>,
    /// What it is.
    pub what: FindingKind,
    /// The fields that it is about: the *affected fields*.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDifference>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Fields wait for somebody to decide.
    Conflict,
    /// Fields differ though neither side changed them.
    Drift,
    /// Fields should be written and are held back.
    Held,
    /// A record waits for others to be linked.
    Blocked {
        /// Which.
        on: Vec<BlockedOn>,
    },
    /// A decision was made on other data than there are now: it is not carried out.
    Stale {
        /// Which.
        decision: DecisionId,
    },
    /// A decision is about a record, a pair or a link that is not there (any more).
    NothingToDecide {
        /// Which.
        decision: DecisionId,
    },
    /// A decision does not go with what is there.
    Refused {
        /// Which.
        decision: DecisionId,
        /// Why.
        because: Refusal,
    },
    /// A record is missing, but not for long enough.
    Missing {
        /// On which side.
        side: Which,
        /// In how many complete snapshots in a row.
        times: u32,
    },
    /// A record was not there when the scope was another one than before, which says nothing: it
    /// may be left out, or gone. Nothing is concluded until it shows again, or somebody unlinks
    /// the pair.
    OutOfScope {
        /// On which side.
        side: Which,
    },
    /// One record of a link is gone: create it again, unlink, or delete the other.
    Orphaned {
        /// On which side.
        gone: Which,
    },
    /// A create may have taken effect or not; the listing does not tell.
    InDoubt {
        /// On which side.
        on: Which,
    },
    /// A create was refused, and nothing changed since: see its deviation.
    Failed {
        /// On which side.
        on: Which,
    },
    /// A record looks like what a create of unknown outcome may have made: it is not created on
    /// the other side before that is known.
    MayBeOurs {
        /// The link whose create it may be.
        link: LinkId,
    },
    /// A record would be created, but there are records that it may be the same as.
    Candidates {
        /// Their keys.
        keys: Vec<RecordKey>,
    },
    /// Several live links hold the same record. The first one is followed.
    HeldTwice {
        /// The side of the record.
        side: Which,
        /// The link that is followed.
        first: LinkId,
    },
    /// Several records carry the client key of a create: doubles.
    Doubles {
        /// The side they are on.
        on: Which,
        /// Their keys.
        keys: Vec<RecordKey>,
    },
}

/// Why a decision is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Refusal {
    /// There are records that it may be the same as: look at them first.
    CreateShadowsCandidate {
        /// Their keys.
        candidates: Vec<RecordKey>,
    },
    /// A record is held by a live link.
    AlreadyLinked {
        /// On which side.
        side: Which,
        /// By which link.
        link: LinkId,
    },
    /// A record was unlinked; only *Re-link* links it again.
    WasUnlinked {
        /// On which side.
        side: Which,
    },
    /// Neither record was unlinked: *Match* is what is meant.
    WasNotUnlinked,
    /// The policy does not permit it.
    NotPermitted {
        /// On which side.
        on: Which,
    },
    /// The action does not fit what it is about.
    DoesNotFit,
    /// The decision names a field that there is not.
    UnknownField {
        /// Which.
        field: FieldName,
    },
}

/// How many there are of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct Totals {
    /// Records of each side that were looked at.
    pub records: Sides<u64>,
    /// Live links.
    pub links: u64,
    /// Live links of which nothing is to be done or told.
    pub in_step: u64,
    /// Records to be created, by the side they are created on.
    pub creates: Sides<u64>,
    /// Records to be updated, by side.
    pub updates: Sides<u64>,
    /// Records to be deleted, by side.
    pub deletes: Sides<u64>,
    /// Pairs to be linked.
    pub new_links: u64,
    /// Links to be taken apart.
    pub unlinks: u64,
    /// Links that lose a record.
    pub orphans: u64,
    /// Links with a field that waits for somebody to decide.
    pub conflicts: u64,
    /// Links with a field that differs though neither side changed.
    pub drifts: u64,
    /// Records of each side that are not linked, and of which nothing was decided.
    pub new: Sides<u64>,
    /// Fields of linked pairs that were compared.
    pub fields: u64,
}

impl Totals {
    /// Counts operations anew.
    pub(crate) fn count(&mut self, operations: &[Operation]) {
        (self.creates, self.updates, self.deletes) = Default::default();
        (self.new_links, self.unlinks, self.orphans) = (0, 0, 0);
        for operation in operations {
            match &operation.step {
                Step::Create { on, .. } => self.creates[*on] += 1,
                Step::Update { on, .. } => self.updates[*on] += 1,
                Step::Delete { on } => self.deletes[*on] += 1,
                Step::Link { .. } => self.new_links += 1,
                Step::Unlink => self.unlinks += 1,
                Step::Orphan { .. } => self.orphans += 1,
                _ => {}
            }
        }
    }
}
