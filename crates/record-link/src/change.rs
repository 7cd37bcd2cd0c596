//! What became of a field, what is done about it, and why.

use flat_record::{FieldName, Sensitivity, Value};
use serde::{Deserialize, Serialize};

use crate::identity::{RecordKey, Sides, Which};

/// What became of a field since both sides were last in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldState {
    /// Both sides are as agreed.
    Same,
    /// Only the left side changed.
    LeftChanged,
    /// Only the right side changed.
    RightChanged,
    /// Both sides say the same, which is not what was agreed before: both changed alike, or
    /// nothing had been agreed.
    BothSame,
    /// Both sides changed, and differ; or they differ and nothing was agreed before.
    Conflict,
    /// Neither side changed, but they differ, and nobody agreed that they stand for the same.
    Drift,
    /// A side says nothing about the field, or speaks of a record that is not linked.
    Unreadable,
}

/// What is done about a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Resolution {
    /// Nothing.
    Nothing,
    /// Both sides say the same: remember it.
    Agree,
    /// One side's value is written to the other.
    Write {
        /// To which side.
        on: Which,
    },
    /// A merged value is written to the sides that have another.
    Merge,
    /// Somebody has to decide.
    Ask,
    /// It would be written, but must not or cannot.
    Held {
        /// Why.
        because: Hold,
    },
}

/// Why a field that should be written is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Hold {
    /// The field is read-only there, or owned by that side.
    NotPermitted {
        /// On which side.
        on: Which,
    },
    /// Records are not updated on this side, or not this record.
    NoUpdates {
        /// On which side.
        on: Which,
    },
    /// Records are updated on this side only when somebody decides it.
    AskFirst {
        /// On which side.
        on: Which,
    },
    /// It refers to a record that is not linked yet.
    Blocked {
        /// The record.
        on: BlockedOn,
    },
    /// The same value was written so often that two systems seem to correct each other.
    Oscillating,
    /// Somebody decided to do nothing.
    DoNothing,
}

/// A record that has to be linked first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BlockedOn {
    /// The side that the record is on.
    pub side: Which,
    /// Its kind.
    pub kind: flat_record::Kind,
    /// Its key.
    pub key: RecordKey,
}

/// Why the planner does, or advises, what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The policy says that this side owns the field.
    Owned {
        /// The owner.
        by: Which,
    },
    /// Only this side changed.
    OnlyOneChanged {
        /// The one that did.
        side: Which,
    },
    /// The other side has nothing.
    OtherIsEmpty {
        /// The side that has something.
        side: Which,
    },
    /// This side changed later.
    Fresher {
        /// Which.
        side: Which,
        /// Whether both sides say when the *field* was changed.
        is_certain: bool,
    },
    /// A person decided for this side.
    Decided {
        /// Which.
        side: Which,
        /// Against the policy.
        is_forced: bool,
    },
    /// The policy, or the person who matched the records, said what to do when they first meet.
    FirstSync {
        /// Whose values are taken.
        side: Which,
    },
    /// The record was created by us from this side, and this field was left out then.
    LeftOut {
        /// The source.
        side: Which,
    },
    /// The values were merged.
    Merged,
    /// Both sides say the same.
    Equal,
    /// Nothing was agreed yet, so nobody knows which side changed.
    NothingAgreed,
    /// Both sides changed.
    BothChanged,
    /// It cannot be written on this side.
    CannotWrite {
        /// Which.
        side: Which,
    },
}

/// Advice for the person who is asked: whose value to take, and why. It never acts by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recommendation {
    /// Whose value, if anything speaks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Which>,
    /// Why, the strongest reason first.
    pub reasons: Vec<Reason>,
}

/// What became of one field of a linked pair, with what is done about it and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct FieldDifference {
    /// The field.
    pub field: FieldName,
    /// How much it says about a person: what may be shown to whom.
    pub sensitivity: Sensitivity,
    /// What became of it.
    pub state: FieldState,
    /// What each side says, if it says something. A reference is in the terms of its side. In JSON
    /// a side that says nothing is left out; one that says null is null.
    #[serde(with = "said")]
    pub values: Sides<Option<Value>>,
    /// What was agreed, if the base keeps values.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "said::value"
    )]
    pub base: Option<Value>,
    /// What is done about it.
    pub resolution: Resolution,
    /// Why, and what to advise where somebody is asked.
    pub recommendation: Recommendation,
}

/// Values that may be absent, which null is not: serde's own `Option` cannot tell them apart.
mod said {
    use flat_record::Value;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::identity::Sides;

    #[derive(Serialize)]
    struct Shown<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        left: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        right: Option<&'a Value>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Read {
        #[serde(default, deserialize_with = "value")]
        left: Option<Value>,
        #[serde(default, deserialize_with = "value")]
        right: Option<Value>,
    }

    pub(super) fn serialize<S: Serializer>(
        values: &Sides<Option<Value>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (left, right) = (values.left.as_ref(), values.right.as_ref());
        Shown { left, right }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Sides<Option<Value>>, D::Error> {
        let read = Read::deserialize(deserializer)?;
        Ok(Sides::new(read.left, read.right))
    }

    /// A value that is there; null is one.
    pub(super) fn value<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}
