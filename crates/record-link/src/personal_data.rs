//! What is stored about one person: to be shown to them, and to be taken out.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use serde::{Deserialize, Serialize};

use crate::runner::run_lease;
use crate::{
    About, Action, Batch, Conflict, ConnectionId, Decision, Deviation, DeviationId, DeviationQuery,
    DeviationState, Event, EventKind, EventQuery, Intent, LeaseHeld, Link, LinkId, LinkQuery,
    LinkState, OperationId, Owner, Precondition, RecordKey, Store, StoreError, Subject, Touch,
    Which, Write,
};

/// Everything that is stored about a record: what a person may ask to see.
///
/// It can be serialised. It names the person: hand it to nobody else.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct PersonalData {
    /// The links that have, or had, the record, and then those that belong to it.
    pub links: Vec<Link>,
    /// Their history, the oldest event of each link first.
    pub events: Vec<Event>,
    /// What was decided about the record, its links and the records it was linked with.
    pub decisions: Vec<Decision>,
    /// What is under way: with the values that are written.
    pub intents: Vec<Intent>,
    /// What failed: on the record, its links and the records it was linked with.
    pub deviations: Vec<Deviation>,
    /// Whether somebody said that it, or one it was linked with, changed.
    pub touches: Vec<Touch>,
}

impl std::fmt::Debug for PersonalData {
    /// Counts, and hides the rest.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonalData")
            .field("links", &self.links.len())
            .field("events", &self.events.len())
            .field("decisions", &self.decisions.len())
            .field("intents", &self.intents.len())
            .field("deviations", &self.deviations.len())
            .field("touches", &self.touches.len())
            .finish()
    }
}

/// Personal data could not be taken out. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PersonalDataError {
    /// A write is under way, which holds values: what became of it is found out by the next run.
    #[error(
        "operation {operation} on link {link} is under way: run the entity first, which settles it"
    )]
    IntentOpen {
        /// The link.
        link: LinkId,
        /// What is under way.
        operation: OperationId,
    },
    /// A run of the kind is under way, which would write what it has read: try again when it has
    /// ended.
    #[error(transparent)]
    Busy(#[from] LeaseHeld),
    /// A link lives: the person is still kept in step.
    #[error("link {link} is live: unlink it first, or redact it instead")]
    StillLive {
        /// The link.
        link: LinkId,
    },
    /// Something failed and nobody settled it, which would be forgotten, too.
    #[error(
        "deviation {deviation} is not settled: reprocess or ignore it first, or redact instead"
    )]
    Unsettled {
        /// The deviation.
        deviation: DeviationId,
    },
    /// The store failed, or others changed the same links again and again.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erased {
    /// Links that stay without values.
    pub links_redacted: u64,
    /// Links that are gone with their history.
    pub links_forgotten: u64,
    /// Deviations that stay without values.
    pub deviations_redacted: u64,
    /// Deviations that are gone.
    pub deviations_forgotten: u64,
    /// Decisions that stay without their reason.
    pub decisions_redacted: u64,
    /// Decisions that are gone.
    pub decisions_forgotten: u64,
    /// Touches that are gone.
    pub touches_forgotten: u64,
}

/// What becomes of refusals when a person is forgotten: that they were unlinked, or that somebody
/// decided to do nothing about them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusals {
    /// They stay, without values: a record that is still there, or comes back, is not created or
    /// linked again by accident.
    #[default]
    Keep,
    /// They go, too. A record that is still there is like one that was never seen: only for people
    /// who are gone from both systems.
    Forget,
}

/// How often it is tried when others change the same links.
const ATTEMPTS: u32 = 8;

/// Everything that is stored about a record of a side: what a person may ask to see.
///
/// A person who has several records is asked for by each of them. A record that it was linked with
/// belongs to it as far as the link goes; other links of *that* record are not followed, since they
/// may be of somebody else.
///
/// Links of any kind that say that they [belong](Link::owner) to the record are of the person, too,
/// or to the one that it is linked with now. To find them, all links of the connection are read.
/// What failed before there was a link is found by the record that it is about, not by its owner.
///
/// # Errors
/// If the store cannot be read.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use flat_record::Kind;
/// use record_link::{
///     Batch, ConnectionId, Event, EventKind, Link, MemoryStore, Origin, RecordKey, Sides, Store,
///     Which, Write, personal_data, redact,
/// };
///
/// # record_link::testing::block_on(async {
/// let (connection, kind) = (ConnectionId::new("acme->4875")?, Kind::new("employee")?);
/// let keys = Sides::new(RecordKey::new("e-17")?, RecordKey::new("4711")?);
/// let mut link = Link::new(connection.clone(), kind.clone(), keys, Origin::Imported, 0);
/// link.version = 1;
/// let (store, now) = (MemoryStore::new(), DateTime::<Utc>::UNIX_EPOCH);
/// let event = Event::new(EventKind::Imported, link, now);
/// store.commit(Batch::new(&connection, now).write(Write::Event(Box::new(event)))).await?;
///
/// let record = RecordKey::new("e-17")?;
/// let data = personal_data(&store, &connection, &kind, Which::Left, &record).await?;
/// assert_eq!((data.links.len(), data.events.len()), (1, 1));
/// let json = serde_json::to_string_pretty(&data)?; // what the person gets
/// # let _ = json;
///
/// let erased = redact(&store, &connection, &kind, Which::Left, &record, now).await?;
/// assert_eq!(erased.links_redacted, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub async fn personal_data(
    store: &dyn Store,
    connection: &ConnectionId,
    kind: &Kind,
    which: Which,
    key: &RecordKey,
) -> Result<PersonalData, StoreError> {
    let mut data = PersonalData::default();
    let mut query = LinkQuery::new()
        .kind(kind.clone())
        .record(which, key.clone());
    loop {
        let page = store.links(connection, &query).await?;
        data.links.extend(page.items);
        if page.next.is_none() {
            break;
        }
        query = query.after(page.next);
    }
    let mut persons = BTreeSet::from([Owner::new(kind.clone(), which, key.clone())]);
    for link in data.links.iter().filter(|link| link.is_live()) {
        persons.extend(records_of(link));
    }
    let own: BTreeSet<LinkId> = data.links.iter().map(|link| link.id).collect();
    let mut query = LinkQuery::new().limit(OWNED_AT_ONCE);
    loop {
        let page = store.links(connection, &query).await?;
        let is_owned = |link: &Link| {
            let owner = link.owner.as_ref();
            owner.is_some_and(|owner| persons.contains(&**owner)) && !own.contains(&link.id)
        };
        data.links.extend(page.items.into_iter().filter(is_owned));
        if page.next.is_none() {
            break;
        }
        query = query.after(page.next);
    }
    for link in &data.links {
        let mut query = EventQuery::new().link(link.id);
        loop {
            let page = store.events(connection, &query).await?;
            data.events
                .extend(page.items.into_iter().map(|one| one.event));
            if page.next.is_none() {
                break;
            }
            query = query.after(page.next);
        }
    }
    let mut records = BTreeSet::from([Owner::new(kind.clone(), which, key.clone())]);
    records.extend(data.links.iter().flat_map(records_of));
    let of_links: BTreeSet<LinkId> = data.links.iter().map(|link| link.id).collect();
    let kinds: BTreeSet<&Kind> = records.iter().map(|record| &record.kind).collect();
    for kind in kinds {
        let is_of = |which, key: &RecordKey| {
            records.contains(&Owner::new(kind.clone(), which, key.clone()))
        };
        let is_about = |decision: &Decision| match &decision.about {
            About::Record { side, key } => is_of(*side, key),
            About::Pair { keys } => Which::BOTH
                .into_iter()
                .any(|which| is_of(which, &keys[which])),
            About::Link { id } => of_links.contains(id),
        };
        let decisions = store.decisions(connection, kind).await?.into_iter();
        data.decisions.extend(decisions.filter(is_about));
        let touches = store.touched(connection, kind).await?.into_iter();
        let touches = touches.filter(|touch| is_of(touch.which, &touch.key));
        data.touches.extend(touches);
    }
    let intents = store.intents(connection).await?.into_iter();
    let intents = intents.filter(|one| of_links.contains(&one.operation.link));
    data.intents.extend(intents);
    let of_records = records.iter().map(|record| Subject::Record {
        side: record.which,
        kind: record.kind.clone(),
        key: record.key.clone(),
    });
    let of_links = data.links.iter().map(|link| Subject::Link {
        kind: link.kind.clone(),
        link: link.id,
    });
    let mut query = DeviationQuery::all().about(of_records.chain(of_links));
    loop {
        let page = store.deviations(connection, &query).await?;
        data.deviations.extend(page.items);
        if page.next.is_none() {
            break;
        }
        query = query.after(page.next);
    }
    Ok(data)
}

/// How many links are read at once to see whose they are.
const OWNED_AT_ONCE: usize = 1000;

/// Whether a link belongs to a record of this kind, and is not one of it.
fn is_owned(link: &Link, of: &Kind) -> bool {
    link.kind != *of && link.owner.as_ref().is_some_and(|owner| owner.kind == *of)
}

/// The records that a link has, or had.
fn records_of(link: &Link) -> impl Iterator<Item = Owner> {
    let keys = Which::BOTH.map(|which| (which, link.keys[which].clone()));
    let kind = link.kind.clone();
    keys.into_iter()
        .filter_map(move |(which, key)| Some(Owner::new(kind.clone(), which, key?)))
}

/// Takes the values out of everything that is stored about a record: out of the base of its links
/// and out of their whole history, as values and as hashes, and out of its deviations; the reasons
/// of decisions go, too. Keys, states, who decided what and the hashes of whole records by which a
/// decision stays true remain, so that nothing is created anew, and nothing overwritten: a field that
/// differs from now on is a conflict, one that is the same is agreed on anew.
///
/// Nothing is written to either system. What a deviation was about stays open.
///
/// # Errors
/// When a run of the kind or a write of one of its links is under way, or the store fails. Then
/// nothing was changed.
pub async fn redact(
    store: &dyn Store,
    connection: &ConnectionId,
    kind: &Kind,
    which: Which,
    key: &RecordKey,
    now: DateTime<Utc>,
) -> Result<Erased, PersonalDataError> {
    erase(store, connection, kind, which, key, now, |data| {
        let mut eraser = Eraser::new(connection, data, now)?;
        for link in &data.links {
            eraser.redact_link(link, now);
        }
        for decision in &data.decisions {
            eraser.redact_decision(decision);
        }
        for deviation in &data.deviations {
            eraser.redact_deviation(deviation.id());
        }
        Ok(eraser)
    })
    .await
}

/// Forgets a person who is gone: the links of a record with their history, its deviations,
/// decisions and touches. Only what is settled can be forgotten: nothing open is closed by it.
///
/// [Refusals](Refusals::Keep) stay, without values, unless somebody says otherwise. So do links of
/// other kinds that [belong](Link::owner) to the record and live: they end and are forgotten with
/// [`Refusals::Forget`].
///
/// # Errors
/// When one of its links is live, a run or a write is under way, something about it is not settled, or the
/// store fails. Then nothing was changed.
pub async fn forget(
    store: &dyn Store,
    connection: &ConnectionId,
    kind: &Kind,
    which: Which,
    key: &RecordKey,
    refusals: Refusals,
    now: DateTime<Utc>,
) -> Result<Erased, PersonalDataError> {
    erase(store, connection, kind, which, key, now, |data| {
        let mut eraser = Eraser::new(connection, data, now)?;
        // What belongs to the record goes with it; where a create is under way, nobody can say
        // what there is.
        let is_settled =
            |link: &Link| matches!(link.state, LinkState::Linked | LinkState::Orphaned { .. });
        let is_in_the_way =
            |link: &&Link| link.is_live() && !(is_owned(link, kind) && is_settled(link));
        if let Some(link) = data.links.iter().find(is_in_the_way) {
            return Err(PersonalDataError::StillLive { link: link.id });
        }
        let is_open = |one: &&Deviation| {
            matches!(
                one.state(),
                DeviationState::Open | DeviationState::Reprocessing
            )
        };
        if let Some(deviation) = data.deviations.iter().find(is_open) {
            let deviation = deviation.id();
            return Err(PersonalDataError::Unsettled { deviation });
        }
        for link in &data.links {
            // Of one that lives, too: its records would be created or linked again.
            let is_refusal = link.is_live() || matches!(link.state, LinkState::Unlinked(_));
            if is_refusal && refusals == Refusals::Keep {
                eraser.redact_link(link, now);
            } else {
                if link.is_live() {
                    eraser.end_link(link, now);
                }
                eraser.batch.writes.push(Write::Forgotten(link.id));
                eraser.erased.links_forgotten += 1;
            }
        }
        for decision in &data.decisions {
            let is_refusal = matches!(decision.action, Action::DoNothing { .. } | Action::Reject);
            if is_refusal && refusals == Refusals::Keep {
                eraser.redact_decision(decision);
            } else {
                eraser
                    .batch
                    .writes
                    .push(Write::DecisionClosed(decision.id()));
                eraser.erased.decisions_forgotten += 1;
            }
        }
        for deviation in &data.deviations {
            // One that is to be left alone is a refusal, too.
            let is_refusal = deviation.state() == DeviationState::Ignored;
            if is_refusal && refusals == Refusals::Keep {
                eraser.redact_deviation(deviation.id());
            } else {
                let gone = Write::DeviationForgotten(deviation.id());
                eraser.batch.writes.push(gone);
                eraser.erased.deviations_forgotten += 1;
            }
        }
        for touch in &data.touches {
            eraser.batch.writes.push(Write::TouchClosed(touch.clone()));
            eraser.erased.touches_forgotten += 1;
        }
        Ok(eraser)
    })
    .await
}

/// Reads, decides and commits; anew if somebody else was quicker.
async fn erase(
    store: &dyn Store,
    connection: &ConnectionId,
    kind: &Kind,
    which: Which,
    key: &RecordKey,
    now: DateTime<Utc>,
    decide: impl Fn(&PersonalData) -> Result<Eraser, PersonalDataError>,
) -> Result<Erased, PersonalDataError> {
    let mut attempt = 1;
    let mut kinds = BTreeSet::from([kind.clone()]);
    loop {
        // No run may be under way, and none may begin before this is committed: it would carry out
        // a decision that comes back, or write what it has read.
        let mut idle = Vec::new();
        for kind in &kinds {
            let name = run_lease(kind);
            let lease = store.lease(connection, &name).await?;
            if let Some(held) = lease.as_ref().filter(|lease| lease.until > now) {
                let (holder, until) = (held.holder.clone(), held.until);
                return Err(LeaseHeld { holder, until }.into());
            }
            let fence = lease.map(|lease| lease.fence);
            idle.push(Precondition::LeaseFence { name, fence });
        }
        let data = personal_data(store, connection, kind, which, key).await?;
        let known = kinds.len();
        kinds.extend(data.links.iter().map(|link| link.kind.clone()));
        if kinds.len() > known {
            // The same goes for the kinds of what belongs to the record.
            continue;
        }
        let Eraser { batch, erased } = decide(&data)?;
        if batch.is_empty() {
            return Ok(erased);
        }
        let batch = idle.into_iter().fold(batch, Batch::require);
        let Err(error) = store.commit(batch).await else {
            return Ok(erased);
        };
        match error.conflict() {
            Some(Conflict::IntentOpen { link, operation }) => {
                let (link, operation) = (*link, *operation);
                return Err(PersonalDataError::IntentOpen { link, operation });
            }
            Some(_) if attempt < ATTEMPTS => attempt += 1,
            _ => return Err(error.into()),
        }
    }
}

/// What is to be committed, and what it does.
struct Eraser {
    batch: Batch,
    erased: Erased,
}

impl Eraser {
    fn new(
        connection: &ConnectionId,
        data: &PersonalData,
        now: DateTime<Utc>,
    ) -> Result<Self, PersonalDataError> {
        if let Some(open) = data.intents.first() {
            let (link, operation) = (open.operation.link, open.id());
            return Err(PersonalDataError::IntentOpen { link, operation });
        }
        Ok(Self {
            batch: Batch::new(connection, now),
            erased: Erased::default(),
        })
    }

    fn redact_link(&mut self, link: &Link, now: DateTime<Utc>) {
        // A version of its own: who read the link before cannot bring the values back.
        let mut redacted = link.clone().redacted();
        redacted.version = redacted.version.saturating_add(1);
        let mut event = Event::new(EventKind::Redacted, redacted, now);
        event.is_redacted = true;
        self.batch.writes.push(Write::Event(Box::new(event)));
        self.batch.writes.push(Write::Redacted(link.id));
        self.erased.links_redacted += 1;
    }

    /// A link that is forgotten next does not hold its records any more.
    fn end_link(&mut self, link: &Link, now: DateTime<Utc>) {
        let mut ended = link.clone().redacted();
        ended.version = ended.version.saturating_add(1);
        ended.state = LinkState::Ended;
        let event = Event::new(EventKind::Redacted, ended, now);
        self.batch.writes.push(Write::Event(Box::new(event)));
    }

    fn redact_decision(&mut self, decision: &Decision) {
        let mut redacted = decision.clone();
        redacted.reason = None;
        self.batch.writes.push(Write::Decision(Box::new(redacted)));
        self.erased.decisions_redacted += 1;
    }

    fn redact_deviation(&mut self, deviation: DeviationId) {
        self.batch.writes.push(Write::DeviationRedacted(deviation));
        self.erased.deviations_redacted += 1;
    }
}
