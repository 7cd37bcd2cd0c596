//! What is committed together, and under which conditions.

use chrono::{DateTime, Utc};

use flat_record::Kind;

use super::{Approval, Lease, RunRecord, ScheduleState, Touch};
use crate::transition::{IntentWrite, Transition};
use crate::{
    ConnectionId, Decision, DecisionId, DeviationEvent, DeviationId, Digest, Event, Intent, LinkId,
    OperationId, RecordKey, Scope, Sides, Which,
};

/// Changes of one connection that are committed together or not at all.
///
/// No transaction is held open across a request to a side: what must still be so is said in
/// preconditions, and the commit fails as a [conflict](super::Conflict) if it is not. That is all
/// that a store needs to offer, and what `SQLite`, `PostgreSQL` and engines like it can.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use flat_record::Kind;
/// use record_link::{
///     Batch, ConnectionId, Event, EventKind, Link, MemoryStore, Origin, RecordKey, Sides, Store,
///     Write,
/// };
///
/// # record_link::testing::block_on(async {
/// let connection = ConnectionId::new("acme->4875")?;
/// let keys = Sides::new(RecordKey::new("e-17")?, RecordKey::new("4711")?);
/// let mut link = Link::new(connection.clone(), Kind::new("employee")?, keys, Origin::Imported, 0);
/// link.version = 1; // the first that is stored
///
/// let store = MemoryStore::new();
/// let now = DateTime::<Utc>::UNIX_EPOCH;
/// let event = Event::new(EventKind::Imported, link.clone(), now);
/// let batch = Batch::new(&connection, now).write(Write::Event(Box::new(event)));
/// store.commit(batch.clone()).await?;
/// assert_eq!(store.link(&connection, link.id).await?, Some(link));
/// // The link is there now, so it cannot be made a second time.
/// assert!(store.commit(batch).await.unwrap_err().is_conflict());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// The connection that everything in it belongs to.
    pub connection: ConnectionId,
    /// When it is committed, by the caller's clock: a lease that has run out by then is not held.
    pub at: DateTime<Utc>,
    /// What must be so.
    pub preconditions: Vec<Precondition>,
    /// What is written, in this order.
    pub writes: Vec<Write>,
}

/// What must be so for a batch to be committed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Precondition {
    /// A link that is only read is in this version, or there is none. (For a link that is written,
    /// its own version says it.)
    LinkVersion {
        /// The link.
        link: LinkId,
        /// Its version; `None` if it must not exist.
        version: Option<u64>,
    },
    /// An operation is not under way.
    NoIntent {
        /// The operation.
        operation: OperationId,
    },
    /// The latest lease of this name has this fence, run out or not; `None` if there was never one.
    LeaseFence {
        /// What was leased.
        name: String,
        /// The fence.
        fence: Option<u64>,
    },
    /// The latest lease of this name is this one, neither taken nor renewed since; `None` if there was
    /// never one.
    LeaseUnchanged {
        /// What was leased.
        name: String,
        /// The lease as it was seen.
        lease: Option<Box<Lease>>,
    },
    /// The latest lease of this name has this fence, and has not run out when the batch is
    /// committed.
    LeaseHeld {
        /// What was leased.
        name: String,
        /// The fence.
        fence: u64,
    },
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Write {
    /// Something happened to a link: the link becomes the event's, with its base and its
    /// tombstone, and the event is appended to the log. There is no other way to change a link, so
    /// that the log always adds up to what is stored.
    ///
    /// The version of the event's link says what it replaces: version 1 is the first of a link that
    /// does not exist, any other follows the one before it. A record of a side has at most one live
    /// link, after each write of a batch: one that changes partners is unlinked first.
    Event(Box<Event>),
    /// What is about to be done; replaces an intent of the same operation.
    Intent(Box<Intent>),
    /// What was to be done is done, or will not be. Nothing if there is no intent.
    IntentClosed(OperationId),
    /// A decision; replaces one about the same thing.
    Decision(Box<Decision>),
    /// A decision is carried out or taken back. Nothing if there is none.
    DecisionClosed(DecisionId),
    /// Something happened to a deviation. The store applies it
    /// ([`Deviation::after`](crate::Deviation::after)), so that two workers add up. One that
    /// succeeded and is not known is nothing; any other that does not fit is a conflict.
    Deviation(DeviationEvent),
    /// The scopes of the latest complete snapshots of a kind; one that is `None` stays as it was.
    Scopes {
        /// The kind.
        kind: Kind,
        /// The scopes.
        scopes: Sides<Option<Scope>>,
    },
    /// Somebody approved a plan that a guard rail stopped; replaces an approval of the same plan.
    Approval(Approval),
    /// An approved plan is applied, or the approval is taken back. Nothing if there is none.
    ApprovalClosed(Digest),
    /// A lease was taken, renewed or given back.
    Lease(Lease),
    /// The values leave a link and all its events, those of this batch before it too: the link
    /// becomes [`Link::redacted`](crate::Link::redacted), each event
    /// [`Event::redacted`](crate::Event::redacted). Versions and places stay, so that the log still
    /// adds up to the link. Nothing if there is no such link. A conflict
    /// ([`IntentOpen`](super::Conflict::IntentOpen)) while an intent of the link is open, since that
    /// holds values, too.
    ///
    /// It does not count as a change of the link: whoever calls it writes an
    /// [`Event`](Self::Event) before it in the same batch, so that one who read the link earlier
    /// cannot bring the values back. [`redact`](crate::redact) does.
    ///
    /// A database may leave deleted text in free pages until it is compacted; its store says how.
    Redacted(LinkId),
    /// A link that is not live goes, with all its events. The places of others stay as they are,
    /// and no later event gets one of those that are free. Nothing if there is no such link.
    /// A conflict if it is live ([`StillLive`](super::Conflict::StillLive)) or an intent of it is
    /// open ([`IntentOpen`](super::Conflict::IntentOpen)).
    ///
    /// Its deviations and decisions have writes of their own.
    Forgotten(LinkId),
    /// The values leave a deviation: it becomes
    /// [`Deviation::redacted`](crate::Deviation::redacted). Nothing if there is none.
    DeviationRedacted(DeviationId),
    /// A deviation goes, whatever its state. Nothing if there is none.
    DeviationForgotten(DeviationId),
    /// Somebody says that a record has changed. One that was touched before, and not closed, is
    /// touched once more: its [`times`](Touch::times) go up by one, and its time becomes this.
    Touched {
        /// The kind of the record.
        kind: Kind,
        /// The side that has it.
        which: Which,
        /// Its key there.
        key: RecordKey,
        /// When.
        at: DateTime<Utc>,
    },
    /// A touch was seen to. Nothing if there is none, or if it was touched again meanwhile: if what
    /// is stored differs in anything from this.
    TouchClosed(Touch),
    /// How far a schedule has come; replaces the state of the same kind. Version 1 is the first of
    /// a schedule that is not stored yet, any other follows the one that is there; else it is a
    /// conflict ([`ScheduleVersion`](super::Conflict::ScheduleVersion)).
    Schedule(ScheduleState),
    /// A run began or ended; replaces the one of the same id.
    Run(Box<RunRecord>),
    /// The runs that ended before this time go. (One that has not ended stays.)
    RunsForgotten {
        /// The time.
        before: DateTime<Utc>,
    },
}

impl Batch {
    /// A batch without anything in it.
    pub fn new(connection: &ConnectionId, at: DateTime<Utc>) -> Self {
        Self {
            connection: connection.clone(),
            at,
            preconditions: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// Adds a precondition.
    #[must_use]
    pub fn require(mut self, precondition: Precondition) -> Self {
        self.preconditions.push(precondition);
        self
    }

    /// Adds a change.
    #[must_use]
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// Adds what a [transition](crate::transition) of a link is to store: the link with its event,
    /// the intent, the decision that is spent.
    #[must_use]
    pub fn transition(mut self, transition: Transition) -> Self {
        // The event holds the link; its version says what it replaces.
        let event = transition.event.map(|event| Write::Event(Box::new(event)));
        let intent = match transition.intent {
            IntentWrite::Put(intent) => Some(Write::Intent(intent)),
            IntentWrite::Remove(operation) => Some(Write::IntentClosed(operation)),
            IntentWrite::Keep => None,
        };
        let spent = transition.spent.map(Write::DecisionClosed);
        self.writes
            .extend(event.into_iter().chain(intent).chain(spent));
        self
    }

    /// Adds what another batch of the same connection requires and writes, after what is there.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.preconditions.extend(other.preconditions);
        self.writes.extend(other.writes);
        self
    }

    /// Whether it requires and writes nothing.
    pub fn is_empty(&self) -> bool {
        self.preconditions.is_empty() && self.writes.is_empty()
    }
}
