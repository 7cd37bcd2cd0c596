//! What a store is asked for.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use serde::{Deserialize, Serialize};

use crate::{
    DeviationClass, DeviationState, Digest, Event, Fingerprint, LinkId, LinkState, RecordKey,
    Subject, Which,
};

/// How many items a page has unless something else is asked for.
pub const PAGE: usize = 100;

/// Where the next page begins. A text that only its store understands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor, made by a store.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The cursor as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Some of the items that a query is about, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; `None` if there is no more.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// A page.
    pub fn new(items: Vec<T>, next: Option<Cursor>) -> Self {
        Self { items, next }
    }
}

/// Where a link stands, by name only: what a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LinkStanding {
    /// [`LinkState::Creating`].
    Creating,
    /// [`LinkState::InDoubt`].
    InDoubt,
    /// [`LinkState::Failed`].
    Failed,
    /// [`LinkState::Linked`].
    Linked,
    /// [`LinkState::Orphaned`].
    Orphaned,
    /// [`LinkState::Unlinked`].
    Unlinked,
    /// [`LinkState::Ended`].
    Ended,
}

impl From<&LinkState> for LinkStanding {
    fn from(state: &LinkState) -> Self {
        match state {
            LinkState::Creating { .. } => Self::Creating,
            LinkState::InDoubt { .. } => Self::InDoubt,
            LinkState::Failed { .. } => Self::Failed,
            LinkState::Linked => Self::Linked,
            LinkState::Orphaned { .. } => Self::Orphaned,
            LinkState::Unlinked(_) => Self::Unlinked,
            LinkState::Ended => Self::Ended,
        }
    }
}

/// Which links, in the order of their ids.
///
/// ```
/// use record_link::{LinkQuery, LinkStanding};
///
/// let query = LinkQuery::new().standing([LinkStanding::InDoubt, LinkStanding::Failed]).limit(20);
/// assert_eq!(query.limit, 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkQuery {
    /// Of this kind; `None` for all.
    pub kind: Option<Kind>,
    /// That stand so; empty for all.
    pub standing: Vec<LinkStanding>,
    /// That have this record, live or not; `None` for all.
    pub record: Option<(Which, RecordKey)>,
    /// After this cursor.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl Default for LinkQuery {
    fn default() -> Self {
        Self::new()
    }
}

impl LinkQuery {
    /// All links, [`PAGE`] of them at a time.
    pub fn new() -> Self {
        Self {
            kind: None,
            standing: Vec::new(),
            record: None,
            after: None,
            limit: PAGE,
        }
    }

    /// Only links of this kind.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Only links that stand so.
    #[must_use]
    pub fn standing(mut self, standing: impl IntoIterator<Item = LinkStanding>) -> Self {
        self.standing.extend(standing);
        self
    }

    /// Only links that have this record of this side, whether or not they are live: its history.
    #[must_use]
    pub fn record(mut self, which: Which, key: RecordKey) -> Self {
        self.record = Some((which, key));
        self
    }

    /// The page that begins at a cursor.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// At most so many, and at least one.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }
}

/// Which deviations, the one that failed last first.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviationQuery {
    /// In these states; empty for all.
    pub states: Vec<DeviationState>,
    /// Of this class.
    pub class: Option<DeviationClass>,
    /// With this fingerprint: the same cause.
    pub fingerprint: Option<Fingerprint>,
    /// About one of these; empty for all.
    pub about: Vec<Subject>,
    /// After this cursor.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl Default for DeviationQuery {
    fn default() -> Self {
        Self::all()
    }
}

impl DeviationQuery {
    /// All deviations, [`PAGE`] of them at a time.
    pub fn all() -> Self {
        Self {
            states: Vec::new(),
            class: None,
            fingerprint: None,
            about: Vec::new(),
            after: None,
            limit: PAGE,
        }
    }

    /// What somebody has to look at: open, or being reprocessed.
    pub fn unsettled() -> Self {
        Self::all().states([DeviationState::Open, DeviationState::Reprocessing])
    }

    /// Only those in these states.
    #[must_use]
    pub fn states(mut self, states: impl IntoIterator<Item = DeviationState>) -> Self {
        self.states.extend(states);
        self
    }

    /// Only those of this class.
    #[must_use]
    pub fn class(mut self, class: DeviationClass) -> Self {
        self.class = Some(class);
        self
    }

    /// Only those with this cause.
    #[must_use]
    pub fn fingerprint(mut self, fingerprint: Fingerprint) -> Self {
        self.fingerprint = Some(fingerprint);
        self
    }

    /// Only those about one of these, whatever the operation.
    #[must_use]
    pub fn about(mut self, subjects: impl IntoIterator<Item = Subject>) -> Self {
        self.about.extend(subjects);
        self
    }

    /// The page that begins at a cursor.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// At most so many, and at least one.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }
}

/// Which events, in the order in which they were committed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventQuery {
    /// Of this link; `None` for all.
    pub link: Option<LinkId>,
    /// After this cursor.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl Default for EventQuery {
    fn default() -> Self {
        Self::new()
    }
}

impl EventQuery {
    /// All events, [`PAGE`] of them at a time.
    pub fn new() -> Self {
        Self {
            link: None,
            after: None,
            limit: PAGE,
        }
    }

    /// Only the history of this link.
    #[must_use]
    pub fn link(mut self, link: LinkId) -> Self {
        self.link = Some(link);
        self
    }

    /// The page that begins at a cursor.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// At most so many, and at least one.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.max(1);
        self
    }
}

/// An event, with its place in the log of its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedEvent {
    /// Its place: higher than that of every event that was committed before.
    pub place: u64,
    /// The event.
    pub event: Event,
}

impl LoggedEvent {
    /// An event at its place.
    pub fn new(place: u64, event: Event) -> Self {
        Self { place, event }
    }
}

/// That a plan may be applied although a guard rail stopped it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Approval {
    /// The digest of the plan: of another plan nothing is approved.
    pub digest: Digest,
    /// The kind of its records.
    pub kind: Kind,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it, whatever the application knows them by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Approval {
    /// The approval of a plan.
    pub fn new(digest: Digest, kind: Kind, at: DateTime<Utc>) -> Self {
        let by = None;
        Self {
            digest,
            kind,
            at,
            by,
        }
    }

    /// This person gave it.
    #[must_use]
    pub fn by(mut self, person: impl Into<String>) -> Self {
        self.by = Some(person.into());
        self
    }
}

impl fmt::Debug for Approval {
    /// Hides who gave it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Approval")
            .field("digest", &self.digest)
            .field("kind", &self.kind)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// How many there are of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Links, by kind and where they stand. What there is none of is not in it.
    pub links: BTreeMap<(Kind, LinkStanding), u64>,
    /// Deviations, by state. What there is none of is not in it.
    pub deviations: BTreeMap<DeviationState, u64>,
    /// Deviations that are not settled (open, or being reprocessed), by class: who has to do
    /// something. What there is none of is not in it.
    pub unsettled: BTreeMap<DeviationClass, u64>,
    /// Open intents.
    pub intents: u64,
    /// When anything happened last to the open intent that has waited longest: an old one says that
    /// nothing has run since.
    pub oldest_intent: Option<DateTime<Utc>>,
    /// Decisions that stand or wait to be carried out, by kind. What there is none of is not in it.
    pub decisions: BTreeMap<Kind, u64>,
    /// Records that were touched and not read since, by kind. What there is none of is not in it.
    pub touched: BTreeMap<Kind, u64>,
    /// The kinds whose schedule is paused, in order.
    pub paused: Vec<Kind>,
}
