//! Making the links again of a store that was lost.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use flat_record::Kind;

use crate::runner::run_lease;
use crate::testing::join_all;
use crate::{
    Batch, BoxFuture, ClientKey, ConnectionId, DeviationChange, DeviationClass, DeviationEvent,
    DeviationId, Event, EventKind, Failure, Found, LeaseHeld, Link, LinkId, LinkState, Origin,
    Precondition, RecordKey, Recovery, Side, SideError, Sides, Snapshot, Store, StoreError,
    Subject, Topic, Which, Write, all_links,
};

/// Makes the links again of a store that was lost, or of one that was restored from an old backup:
/// of each record that has no link, the client keys that its create would have had are computed and
/// looked for on the other side. Where one record carries one of them, the two are linked.
///
/// - Nothing is written to either system.
/// - What was agreed is not known any more: at the next run, fields that are the same are agreed on
///   anew, and fields that differ are conflicts. The [origin](Origin::Rebuilt) says why.
/// - What is ambiguous, since several records carry a key or one belongs to several, becomes a
///   deviation and is not linked.
/// - Pairs that a person or a match had made leave no trace in the systems: the next run proposes
///   them again. Nor is it known any more which pairs were *unlinked*: one that we had created is
///   linked again.
/// - A record whose source is gone is a [stray](Rebuilt::strays) if the list shows its client key,
///   and out of sight if it does not. Should the source come back under the same key, such a side
///   gets a second record: delete what belongs to nobody before.
///
/// ```
/// use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
/// use record_link::testing::{FakeSide, block_on};
/// use record_link::{
///     ClientKey, ConnectionId, MemoryStore, Rebuild, RecordKey, Side, Sides,
/// };
///
/// # block_on(async {
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let (connection, kind) = (ConnectionId::new("hr->payroll")?, Kind::new("employee")?);
/// let hr = FakeSide::new().with_kind(&kind, &fields);
/// let payroll = FakeSide::new().with_kind(&kind, &fields);
/// let anna = Record::new(&fields).with("name", "Anna")?;
/// hr.insert(&kind, &RecordKey::new("e-1")?, anna.clone());
/// // Created by us once; the store is gone.
/// payroll.create(&kind, &ClientKey::new("hr->payroll", "employee", "e-1"), &anna).await?;
///
/// let (store, now) = (MemoryStore::new(), chrono::DateTime::UNIX_EPOCH);
/// let sides = Sides::<&dyn Side>::new(&hr, &payroll);
/// let rebuilt = Rebuild::new(connection, kind, sides).run(&store, now).await?;
/// assert_eq!((rebuilt.linked.len(), rebuilt.ambiguous.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Rebuild<'a> {
    connection: ConnectionId,
    kind: Kind,
    sides: Sides<&'a dyn Side>,
    incarnations: u64,
}

/// What was made again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rebuilt {
    /// The links that were made.
    pub linked: Vec<LinkId>,
    /// Records that were created and of which it is not clear which one belongs to which: their
    /// deviations.
    pub ambiguous: Vec<DeviationId>,
    /// Records that have no link now, and of which the other side has nothing that we created: they
    /// are new, were linked by a match or by a person, or were created in a life beyond those that
    /// were looked for.
    pub not_found: Sides<u64>,
    /// Records without a link of which the other side has no means to tell.
    pub undecided: Sides<u64>,
    /// Records of each side that carry a client key whose source is not there, or is linked
    /// otherwise.
    pub strays: Sides<Vec<RecordKey>>,
}

/// The links could not be made again. What was committed before stays, and may be gone on with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// A side could not be read.
    #[error("the {which} side: {error}")]
    Side {
        /// Which.
        which: Which,
        /// Why.
        error: SideError,
    },
    /// A list was not complete: a record that it lacks could make another one look unambiguous.
    #[error(
        "the list of the {which} side is not complete: mend what could not be read, and try again"
    )]
    Incomplete {
        /// Which.
        which: Which,
    },
    /// A run of the kind is under way.
    #[error(transparent)]
    Busy(#[from] LeaseHeld),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many lives of a record are looked for, unless somebody says otherwise.
const INCARNATIONS: u64 = 4;

/// How many links are committed at once.
const AT_ONCE: usize = 500;

/// A record that may have been created from another.
struct Proposal {
    source_side: Which,
    source: RecordKey,
    /// What carries one of its client keys, and in which life.
    found: BTreeMap<RecordKey, u64>,
}

impl<'a> Rebuild<'a> {
    /// The links of a kind on a connection, between these sides. The connection's id must be the
    /// one that it had: client keys are made of it.
    pub fn new(connection: ConnectionId, kind: Kind, sides: Sides<&'a dyn Side>) -> Self {
        Self {
            connection,
            kind,
            sides,
            incarnations: INCARNATIONS,
        }
    }

    /// How many lives of a record are looked for; four by default. A record has a new life each
    /// time it is linked or created again. Each costs a request where a side looks up client keys
    /// one by one.
    #[must_use]
    pub fn incarnations(mut self, lives: u64) -> Self {
        self.incarnations = lives.max(1);
        self
    }

    /// Reads both sides, looks, and stores the links.
    ///
    /// # Errors
    /// When a side cannot be read as a whole, a run of the kind is under way, or the store fails.
    pub async fn run(
        &self,
        store: &dyn Store,
        now: DateTime<Utc>,
    ) -> Result<Rebuilt, RebuildError> {
        let name = run_lease(&self.kind);
        let lease = store.lease(&self.connection, &name).await?;
        if let Some(held) = lease.as_ref().filter(|lease| lease.until > now) {
            let (holder, until) = (held.holder.clone(), held.until);
            return Err(LeaseHeld { holder, until }.into());
        }
        let fence = lease.map(|lease| lease.fence);
        let idle = Precondition::LeaseFence { name, fence };

        let links = all_links(store, &self.connection, &self.kind).await?;
        let snapshots = self.list().await?;
        let mut taken: BTreeSet<(Which, &RecordKey)> = BTreeSet::new();
        for link in &links {
            for which in Which::BOTH {
                // Also of links that are not live: what was unlinked stays so.
                taken.extend(link.keys[which].as_ref().map(|key| (which, key)));
            }
        }
        let mut rebuilt = Rebuilt::default();
        let mut proposals = Vec::new();
        for source_side in Which::BOTH {
            self.propose(
                source_side,
                snapshots.as_ref(),
                &taken,
                &mut proposals,
                &mut rebuilt,
            )
            .await?;
        }
        let writes = self.settle(&proposals, &mut rebuilt, now);
        Self::find_strays(snapshots.as_ref(), &taken, &proposals, &mut rebuilt);
        for chunk in writes.chunks(AT_ONCE) {
            let mut batch = Batch::new(&self.connection, now).require(idle.clone());
            batch.writes.extend(chunk.iter().flatten().cloned());
            store.commit(batch).await?;
        }
        Ok(rebuilt)
    }

    async fn list(&self) -> Result<Sides<Snapshot>, RebuildError> {
        let list = |which: Which| -> BoxFuture<'_, (Which, Result<Snapshot, SideError>)> {
            let listed = self.sides[which].list(&self.kind);
            Box::pin(async move { (which, listed.await) })
        };
        let mut snapshots = Vec::new();
        for (which, listed) in join_all(Which::BOTH.map(list).into()).await {
            let snapshot = listed.map_err(|error| RebuildError::Side { which, error })?;
            if !snapshot.is_complete() {
                return Err(RebuildError::Incomplete { which });
            }
            snapshots.push(snapshot);
        }
        match <[Snapshot; 2]>::try_from(snapshots) {
            Ok([left, right]) => Ok(Sides::new(left, right)),
            Err(_) => Err(RebuildError::Incomplete { which: Which::Left }),
        }
    }

    /// Looks for what was created from the records of a side.
    async fn propose(
        &self,
        source_side: Which,
        snapshots: Sides<&Snapshot>,
        taken: &BTreeSet<(Which, &RecordKey)>,
        proposals: &mut Vec<Proposal>,
        rebuilt: &mut Rebuilt,
    ) -> Result<(), RebuildError> {
        let on = source_side.other();
        let able = self.sides[on].capabilities(&self.kind);
        let Some(recovery) = able.and_then(|able| able.create) else {
            return Ok(()); // we never created there
        };
        let mut sources: BTreeMap<ClientKey, (&RecordKey, u64)> = BTreeMap::new();
        for source in snapshots[source_side].observations() {
            if taken.contains(&(source_side, &source.key)) {
                continue;
            }
            let (connection, kind) = (self.connection.as_str(), &self.kind);
            let first = ClientKey::new(connection, kind, source.key.as_str());
            for life in 0..self.incarnations {
                sources.insert(first.with_incarnation(life), (&source.key, life));
            }
        }
        // What the list shows needs no request; of what it does not, it may not tell.
        let mut found: BTreeMap<&RecordKey, BTreeMap<RecordKey, u64>> = BTreeMap::new();
        let mut shown: BTreeSet<&RecordKey> = BTreeSet::new();
        for observation in snapshots[on].observations() {
            let text = observation.client_key.as_deref();
            let Some(key) = text.and_then(|text| text.parse::<ClientKey>().ok()) else {
                continue;
            };
            if let Some((source, life)) = sources.get(&key) {
                shown.insert(source);
                let of_source = found.entry(source).or_default();
                of_source.insert(observation.key.clone(), *life);
            }
        }
        let mut undecided: BTreeSet<&RecordKey> = BTreeSet::new();
        if recovery != Recovery::ByListing {
            let asked = sources
                .iter()
                .filter(|(_, (source, _))| !shown.contains(source));
            let asked: Vec<ClientKey> = asked.map(|(key, _)| *key).collect();
            let answers = if asked.is_empty() {
                Vec::new()
            } else {
                let answers = self.sides[on].find_all(&self.kind, &asked).await;
                answers.map_err(|error| RebuildError::Side { which: on, error })?
            };
            for (key, answer) in answers {
                let Some((source, life)) = sources.get(&key) else {
                    continue;
                };
                let records = match answer {
                    Found::Nothing => Vec::new(),
                    Found::One(record) => vec![record],
                    Found::Several(records) => records,
                    Found::Undecided => {
                        undecided.insert(source);
                        Vec::new()
                    }
                };
                for record in records {
                    found.entry(source).or_default().insert(record.key, *life);
                }
            }
        }
        let all: BTreeSet<&RecordKey> = sources.values().map(|(source, _)| *source).collect();
        for source in all {
            match found.remove(source) {
                Some(found) => proposals.push(Proposal {
                    source_side,
                    source: source.clone(),
                    found,
                }),
                None if undecided.contains(source) => rebuilt.undecided[source_side] += 1,
                None => {}
            }
        }
        Ok(())
    }

    /// Links where it is clear, and tells where it is not: the writes of each record together.
    fn settle(
        &self,
        proposals: &[Proposal],
        rebuilt: &mut Rebuilt,
        now: DateTime<Utc>,
    ) -> Vec<Vec<Write>> {
        let mut wanted: BTreeMap<(Which, &RecordKey), usize> = BTreeMap::new();
        for proposal in proposals {
            let (source_side, on) = (proposal.source_side, proposal.source_side.other());
            *wanted.entry((source_side, &proposal.source)).or_default() += 1;
            for key in proposal.found.keys() {
                *wanted.entry((on, key)).or_default() += 1;
            }
        }
        let is_alone = |which, key| wanted.get(&(which, key)) == Some(&1);
        let mut writes = Vec::new();
        for proposal in proposals {
            let (source_side, on) = (proposal.source_side, proposal.source_side.other());
            let subject = Subject::Record {
                side: source_side,
                kind: self.kind.clone(),
                key: proposal.source.clone(),
            };
            let topic = Topic::new(&self.connection, "rebuild", subject);
            let mut found = proposal.found.iter();
            match (found.next(), found.next()) {
                (Some((key, life)), None)
                    if is_alone(source_side, &proposal.source) && is_alone(on, key) =>
                {
                    let link = self.link(proposal, key, *life);
                    rebuilt.linked.push(link.id);
                    let event = Event::new(EventKind::Imported, link, now);
                    let settled = DeviationChange::Succeeded;
                    let settled = DeviationEvent::new(topic.id(), settled, now);
                    writes.push(vec![
                        Write::Event(Box::new(event)),
                        Write::Deviation(settled),
                    ]);
                }
                _ => {
                    let event = DeviationEvent::failed(topic, ambiguous(proposal), now);
                    rebuilt.ambiguous.push(event.id);
                    writes.push(vec![Write::Deviation(event)]);
                }
            }
        }
        writes
    }

    fn link(&self, proposal: &Proposal, key: &RecordKey, life: u64) -> Link {
        let on = proposal.source_side.other();
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let mut link = Link::creating(connection, kind, proposal.source.clone(), on, life);
        link.keys[on] = Some(key.clone());
        link.state = LinkState::Linked;
        link.origin = Origin::Rebuilt { on };
        link.version = 1;
        link
    }

    /// Records that we seem to have created, and that belong to nothing.
    fn find_strays(
        snapshots: Sides<&Snapshot>,
        taken: &BTreeSet<(Which, &RecordKey)>,
        proposals: &[Proposal],
        rebuilt: &mut Rebuilt,
    ) {
        let proposed: BTreeSet<(Which, &RecordKey)> = proposals
            .iter()
            .flat_map(|one| one.found.keys().map(|key| (one.source_side.other(), key)))
            .collect();
        for which in Which::BOTH {
            let carry = snapshots[which].observations().iter().filter(|one| {
                let text = one.client_key.as_deref();
                text.is_some_and(|text| text.parse::<ClientKey>().is_ok())
            });
            let keys = carry.map(|one| &one.key);
            let is_stray = |key: &&RecordKey| {
                !taken.contains(&(which, *key)) && !proposed.contains(&(which, *key))
            };
            rebuilt.strays[which] = keys.filter(is_stray).cloned().collect();
            let sources = proposals.iter().filter(|one| one.source_side == which);
            let sources: BTreeSet<&RecordKey> = sources.map(|one| &one.source).collect();
            let alone = snapshots[which]
                .observations()
                .iter()
                .filter(|one| is_stray(&&one.key) && !sources.contains(&one.key));
            let alone = u64::try_from(alone.count()).unwrap_or(u64::MAX);
            rebuilt.not_found[which] = alone.saturating_sub(rebuilt.undecided[which]);
        }
    }
}

fn ambiguous(proposal: &Proposal) -> Failure {
    let message = "after the store was lost it is not clear which record was created from this one: \
                   link the right one by hand, and delete what is double";
    let mut failure = Failure::new(DeviationClass::InDoubt, "ambiguous", message);
    for key in proposal.found.keys() {
        failure = failure.and(key.as_str());
    }
    failure
}
