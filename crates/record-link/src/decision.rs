//! What a person decided, and what they saw when they did.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flat_record::{FieldName, HashKey, Kind, Record};
use serde::{Deserialize, Serialize};

use crate::hash::{self, hash_type};
use crate::identity::{ConnectionId, LinkId, RecordKey, Sides, Which};
use crate::observation::RecordHash;

hash_type! {
    /// The id of a decision: the same for every decision about the same thing, so that the later
    /// one takes the place of the earlier.
    ///
    /// Written as 32 hexadecimal digits.
    DecisionId, "the id of a decision"
}

/// What a person decided about a record, a pair or a link, with the hashes of the records that
/// they saw: when a record changes before the decision is carried out, it is stale.
///
/// *Create*, *Prefer*, *Match*, *Re-link* and *Unlink* are carried out once. *Do nothing* and
/// *Reject* stand until they are taken back, or until what they are about changes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Decision {
    /// The connection.
    pub connection: ConnectionId,
    /// The kind of the records.
    pub kind: Kind,
    /// What it is about.
    pub about: About,
    /// What is to be done.
    pub action: Action,
    /// The hash of each record as the person saw it; for a record that is not there, none. See
    /// [`hash_of`](Self::hash_of).
    pub seen: Sides<Option<RecordHash>>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Who made it, as the application knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl std::fmt::Debug for Decision {
    /// Hides who made it and why.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision")
            .field("kind", &self.kind)
            .field("about", &self.about)
            .field("action", &self.action)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

/// What a decision is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum About {
    /// A record of one side that is not linked: *Create*, *Do nothing*.
    Record {
        /// The side.
        side: Which,
        /// The record.
        key: RecordKey,
    },
    /// A record of each side: *Match*, *Re-link*, *Reject*.
    Pair {
        /// The records.
        keys: Sides<RecordKey>,
    },
    /// A link: *Prefer*, *Do nothing*, *Unlink*; *Create* makes a record again that is gone.
    Link {
        /// The link.
        id: LinkId,
    },
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Create the record on the other side, and link the two.
    Create {
        /// The person saw that there are candidates to link it with, and wants a new record
        /// nevertheless.
        #[serde(default)]
        despite_candidates: bool,
    },
    /// Of the fields that differ, one side's values win, this time.
    Prefer {
        /// Whose, for fields that are not named.
        #[serde(default)]
        side: Option<Which>,
        /// Whose, field by field.
        #[serde(default)]
        fields: BTreeMap<FieldName, Which>,
        /// Also where the policy says that the other side owns the field. It is written into the
        /// event log, with the reason.
        #[serde(default)]
        force: bool,
    },
    /// Link two records that are there.
    Match {
        /// What becomes of the fields that differ.
        #[serde(default)]
        first_sync: FirstSync,
    },
    /// Link two records although one of them was unlinked. What was agreed before is forgotten.
    Relink {
        /// What becomes of the fields that differ.
        #[serde(default)]
        first_sync: FirstSync,
    },
    /// Write nothing, and do not ask again.
    DoNothing {
        /// For how long.
        #[serde(default)]
        until: Until,
        /// Of a link: which fields, mostly those that were shown as different. None means all, and
        /// then a change of any field of the records ends it.
        #[serde(default)]
        fields: Vec<FieldName>,
    },
    /// Take the link apart. Nothing is written on either side, and neither record is linked,
    /// imported or exported until somebody links it again.
    Unlink,
    /// Of a link that lost one record: delete the other one too.
    Delete,
    /// These two are not the same: do not propose the pair again.
    Reject,
}

/// What becomes of the fields that differ when two records are linked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FirstSync {
    /// Nothing is written; each is a conflict for somebody to resolve.
    #[default]
    Ask,
    /// The left side's values are written to the right.
    PreferLeft,
    /// The right side's values are written to the left.
    PreferRight,
}

impl FirstSync {
    /// The side whose values win, if one does.
    pub fn preferred(self) -> Option<Which> {
        match self {
            Self::Ask => None,
            Self::PreferLeft => Some(Which::Left),
            Self::PreferRight => Some(Which::Right),
        }
    }
}

/// For how long *Do nothing* holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Until {
    /// Until one of the fields changes, on either side.
    #[default]
    Change,
    /// Until it is taken back.
    Forever,
}

impl Decision {
    /// A decision that was made at this time.
    pub fn new(
        connection: ConnectionId,
        kind: Kind,
        about: About,
        action: Action,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            connection,
            kind,
            about,
            action,
            seen: Sides::default(),
            at,
            by: None,
            reason: None,
        }
    }

    /// With the hashes of the records that the person saw.
    #[must_use]
    pub fn having_seen(mut self, seen: Sides<Option<RecordHash>>) -> Self {
        self.seen = seen;
        self
    }

    /// With the hashes of these records, which the person saw; `key` is that of the
    /// [`Keeping`](crate::Keeping).
    ///
    /// Of a pair and of a link, both; of a record, and of a link that lost or never had the other
    /// one, that one only. A decision that saw nothing is stale.
    ///
    /// ```
    /// use chrono::{DateTime, Utc};
    /// use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
    /// use record_link::{About, Action, ConnectionId, Decision, RecordKey, Sides, Which};
    ///
    /// let anna = Record::new(&Fields::new([Field::new("name", ValueKind::Text)?])?).with("name", "Anna")?;
    /// let about = About::Record { side: Which::Left, key: RecordKey::new("e-17")? };
    /// let (connection, kind) = (ConnectionId::new("hr->payroll")?, Kind::new("employee")?);
    /// let create = Action::Create { despite_candidates: false };
    /// let now = DateTime::<Utc>::UNIX_EPOCH;
    /// let decision = Decision::new(connection, kind, about, create, now)
    ///     .having_seen_records(Sides::only(Which::Left, Some(&anna)), &HashKey::new([7; 16]));
    /// assert!(decision.seen.left.is_some() && decision.seen.right.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn having_seen_records(self, records: Sides<Option<&Record>>, key: &HashKey) -> Self {
        let seen = records.map(|record| record.map(|record| self.hash_of(record, key)));
        self.having_seen(seen)
    }

    /// Made by this person, whatever the application knows them by.
    #[must_use]
    pub fn by(mut self, person: impl Into<String>) -> Self {
        self.by = Some(person.into());
        self
    }

    /// Made for this reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The hash of a record, as far as this decision is about it: what belongs into
    /// [`having_seen`](Self::having_seen).
    pub fn hash_of(&self, record: &Record, key: &HashKey) -> RecordHash {
        match &self.action {
            Action::DoNothing { fields, .. } if !fields.is_empty() => {
                RecordHash::of_fields(record, key, |name| fields.contains(name))
            }
            _ => RecordHash::of(record, key),
        }
    }

    /// Its id.
    pub fn id(&self) -> DecisionId {
        let link;
        let about = match &self.about {
            About::Record { side, key } => ["record", side.as_str(), key.as_str()],
            About::Pair { keys } => ["pair", keys.left.as_str(), keys.right.as_str()],
            About::Link { id } => {
                link = id.to_string();
                ["link", &link, ""]
            }
        };
        let words = [self.connection.as_str(), &self.kind]
            .into_iter()
            .chain(about);
        DecisionId(hash::of_parts(words.map(str::as_bytes)))
    }
}
