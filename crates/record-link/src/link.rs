//! The durable fact that two records are one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flat_record::{FieldName, Kind};
use serde::{Deserialize, Serialize};

use crate::base::Base;
use crate::identity::{ConnectionId, LinkId, RecordKey, Sides, Which};
use crate::observation::{RecordHash, hex64};
use client_key::ClientKey;

/// The durable fact that a record on the left and one on the right are one.
///
/// Plain data: what may follow what is in [`transition`](crate::transition). A store keeps at most
/// one *live* link ([`Link::is_live`]) for a record of a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// The connection that it belongs to.
    pub connection: ConnectionId,
    /// The kind of its records.
    pub kind: Kind,
    /// The keys of its records; one is not known while the record is being created.
    pub keys: Sides<Option<RecordKey>>,
    /// Where it stands.
    pub state: LinkState,
    /// How it came about.
    pub origin: Origin,
    /// Which life of its records this is; 0 is the first. A record that is linked again after it
    /// was unlinked, or created again, begins a new one.
    pub incarnation: u64,
    /// Counts the changes of this link: a change of it states which version it was made from.
    pub version: u64,
    /// The values both sides had when last in step.
    #[serde(default)]
    pub base: Base,
    /// Whether the records were there when somebody looked.
    #[serde(default)]
    pub presence: Sides<Presence>,
    /// What was written into which field lately, to notice two systems that keep correcting each
    /// other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Box<BTreeMap<FieldName, Vec<Written>>>>,
    /// Whether the values were taken out of it once. What the base does not know may have been
    /// agreed or refused before, so that not even an empty field is filled without being asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_redacted: bool,
    /// Whose its records are, if they belong to a record of another kind: a day of leave, to an
    /// employee. What is asked about that record finds this link, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Box<Owner>>,
}

/// The record that the records of a link belong to: the employee of a day of leave or of a pay slip.
///
/// By it [`personal_data`](crate::personal_data), [`redact`](crate::redact) and
/// [`forget`](crate::forget) find what is stored about a person under keys of its own. It is a key
/// and no value: it stays when a link is redacted.
///
/// ```
/// use flat_record::Kind;
/// use record_link::{ConnectionId, Link, Owner, RecordKey, Which};
///
/// let (connection, leave) = (ConnectionId::new("hr->payroll")?, Kind::new("leave")?);
/// let anna = Owner::new(Kind::new("employee")?, Which::Left, RecordKey::new("e-17")?);
/// let day = RecordKey::new("leave-4/2026-11-20")?;
/// let link = Link::creating(connection, leave, day, Which::Right, 0).owned_by(anna);
/// assert_eq!(link.owner.unwrap().key.as_str(), "e-17");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Owner {
    /// The kind of the record.
    pub kind: Kind,
    /// The side that has it.
    pub which: Which,
    /// Its key there.
    pub key: RecordKey,
}

impl Owner {
    /// This record of this side.
    pub fn new(kind: Kind, which: Which, key: RecordKey) -> Self {
        Self { kind, which, key }
    }
}

impl std::fmt::Debug for Owner {
    /// Hides the key, which may be a personal number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Owner")
            .field("kind", &self.kind)
            .field("which", &self.which)
            .finish_non_exhaustive()
    }
}

/// Where a link stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum LinkState {
    /// A record is to be created on this side; it is not known to be there yet.
    Creating {
        /// Where.
        on: Which,
    },
    /// A create was sent, and what became of it is not known.
    InDoubt {
        /// Where.
        on: Which,
    },
    /// A create was refused. It is tried again, as the same create, when the source changes or
    /// somebody asks for it.
    Failed {
        /// Where.
        on: Which,
        /// What it was tried with: the hash of the source.
        tried: Option<RecordHash>,
    },
    /// Both records are there.
    Linked,
    /// One record is gone.
    Orphaned {
        /// Which one.
        gone: Which,
    },
    /// The pair was unlinked. Neither record is linked, imported or exported until somebody links
    /// it again.
    Unlinked(Tombstone),
    /// Both records are gone. Nothing is to be done any more.
    Ended,
}

impl LinkState {
    /// The word for it, as it is stored: `linked`, `in-doubt`, …
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Creating { .. } => "creating",
            Self::InDoubt { .. } => "in-doubt",
            Self::Failed { .. } => "failed",
            Self::Linked => "linked",
            Self::Orphaned { .. } => "orphaned",
            Self::Unlinked(_) => "unlinked",
            Self::Ended => "ended",
        }
    }

    /// The side on which a record is being created, or failed to be.
    pub fn creates_on(&self) -> Option<Which> {
        match self {
            Self::Creating { on } | Self::InDoubt { on } | Self::Failed { on, .. } => Some(*on),
            _ => None,
        }
    }
}

/// A remembered refusal: this pair was unlinked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tombstone {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom, as the application knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Tombstone {
    /// Unlinked at this time, by somebody.
    pub fn new(at: DateTime<Utc>, by: Option<String>) -> Self {
        Self { at, by }
    }
}

impl std::fmt::Debug for Tombstone {
    /// Hides who did it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tombstone")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// How a link came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Origin {
    /// Both records carry the same certain identifier, and a policy lets such pairs be linked.
    ExactKey,
    /// A person confirmed the pair.
    Confirmed,
    /// We created one of the records.
    Created {
        /// On which side.
        on: Which,
    },
    /// It was taken over from somewhere else.
    Imported,
    /// We created one of the records, lost the store, and found the record again by its client key.
    Rebuilt {
        /// On which side.
        on: Which,
    },
}

/// Whether a record was there when somebody looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Presence {
    /// It was, or nobody looked yet.
    #[default]
    Present,
    /// It was missing in so many complete snapshots of one scope in a row.
    Missing {
        /// How many.
        times: u32,
        /// When the last of them was taken: no snapshot counts twice.
        at: DateTime<Utc>,
    },
    /// It was missing when the scope had changed, which says nothing.
    OutOfScope,
}

/// A value that was written into a field, as far as is needed to notice it coming back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Written {
    /// To which side.
    pub on: Which,
    /// The keyed hash of the value.
    #[serde(with = "hex64")]
    pub value: u64,
    /// When.
    pub at: DateTime<Utc>,
}

impl Written {
    /// This value was written to this side at this time.
    pub fn new(on: Which, value: u64, at: DateTime<Utc>) -> Self {
        Self { on, value, at }
    }
}

impl Link {
    /// A link of two records that are there, with nothing agreed yet.
    ///
    /// ```
    /// use flat_record::Kind;
    /// use record_link::{ConnectionId, Link, LinkState, Origin, RecordKey, Sides};
    ///
    /// let keys = Sides::new(RecordKey::new("e-17")?, RecordKey::new("4711")?);
    /// let link = Link::new(ConnectionId::new("hr->payroll")?, Kind::new("employee")?, keys, Origin::Imported, 0);
    /// assert_eq!((&link.state, link.version), (&LinkState::Linked, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        connection: ConnectionId,
        kind: Kind,
        keys: Sides<RecordKey>,
        origin: Origin,
        incarnation: u64,
    ) -> Self {
        Self {
            id: LinkId::new(&connection, &kind, Which::Left, &keys.left, incarnation),
            connection,
            kind,
            keys: keys.map(Some),
            state: LinkState::Linked,
            origin,
            incarnation,
            version: 0,
            base: Base::default(),
            presence: Sides::default(),
            written: None,
            is_redacted: false,
            owner: None,
        }
    }

    /// A link of a record that is there with one that is to be created on the side `on`.
    pub fn creating(
        connection: ConnectionId,
        kind: Kind,
        source: RecordKey,
        on: Which,
        incarnation: u64,
    ) -> Self {
        Self {
            id: LinkId::new(&connection, &kind, on.other(), &source, incarnation),
            connection,
            kind,
            keys: Sides::only(on.other(), Some(source)),
            state: LinkState::Creating { on },
            origin: Origin::Created { on },
            incarnation,
            version: 0,
            base: Base::default(),
            presence: Sides::default(),
            written: None,
            is_redacted: false,
            owner: None,
        }
    }

    /// With this base.
    #[must_use]
    pub fn base(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// A link whose records belong to this one, which is of another kind.
    #[must_use]
    pub fn owned_by(mut self, owner: Owner) -> Self {
        self.owner = Some(Box::new(owner));
        self
    }

    /// The link without values: nothing is agreed, whether it was kept as values or as hashes, and
    /// what was written lately is forgotten. Keys, state and version stay, so that nothing is
    /// created anew and fields that differ are for somebody to decide.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        self.base = Base::default();
        self.written = None;
        self.is_redacted = true;
        self
    }

    /// Whether the link holds its records: no other link may have one of them.
    pub fn is_live(&self) -> bool {
        !matches!(self.state, LinkState::Unlinked(_) | LinkState::Ended)
    }

    /// The client key of the record that this link creates, or created: known before it exists.
    pub fn client_key(&self) -> Option<ClientKey> {
        let made_on = match self.origin {
            Origin::Created { on } | Origin::Rebuilt { on } => Some(on),
            _ => None,
        };
        let on = self.state.creates_on().or(made_on)?;
        let source = self.keys[on.other()].as_ref()?;
        let key = ClientKey::new(self.connection.as_str(), &self.kind, source.as_str());
        Some(key.with_incarnation(self.incarnation))
    }
}
