//! What a batch speaks of, as it is stored.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use flat_record::Kind;
use record_link::{
    Batch, ConnectionId, Deviation, DeviationId, Event, Lease, Link, LinkId, OperationId,
    Precondition, RecordKey, Which, Write,
};

use crate::json::decode;
use crate::{Answer, Failed, Row, Statement};

/// A record of a side.
pub(super) type Record = (Kind, Which, RecordKey);

/// Something to be read before it can be decided. Each is read once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Read {
    Link(LinkId),
    /// All of a link, to take the values out of it.
    WholeLink(LinkId),
    /// All events of a link, to take the values out of them.
    History(LinkId),
    Holder(Record),
    Intent(OperationId),
    IntentsOf(LinkId),
    Deviation(DeviationId),
    Lease(String),
    Schedule(Kind),
}

/// As much of a link as a batch is decided by.
#[derive(Debug, Clone)]
pub(super) struct LinkHead {
    pub(super) version: u64,
    pub(super) is_live: bool,
    /// The records that it holds; none, if it is not live.
    pub(super) holds: Vec<Record>,
}

impl LinkHead {
    pub(super) fn of(link: &Link) -> Self {
        let held = Which::BOTH.into_iter().filter(|_| link.is_live());
        let record = |which: Which| {
            let key = link.keys[which].clone()?;
            Some((link.kind.clone(), which, key))
        };
        Self {
            version: link.version,
            is_live: link.is_live(),
            holds: held.filter_map(record).collect(),
        }
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) links: BTreeMap<LinkId, LinkHead>,
    /// Which live link has a record.
    pub(super) live: BTreeMap<Record, LinkId>,
    /// The links of open intents.
    pub(super) intents: BTreeMap<OperationId, LinkId>,
    pub(super) deviations: BTreeMap<DeviationId, Deviation>,
    leases: BTreeMap<String, Lease>,
    pub(super) whole_links: BTreeMap<LinkId, Link>,
    /// The events of links, with their places.
    pub(super) histories: BTreeMap<LinkId, Vec<(i64, Event)>>,
    /// The versions of the schedules.
    pub(super) schedules: BTreeMap<Kind, u64>,
}

impl Read {
    /// What a batch needs to know.
    pub(super) fn of(batch: &Batch) -> BTreeSet<Self> {
        let mut reads = BTreeSet::new();
        for precondition in &batch.preconditions {
            match precondition {
                Precondition::LinkVersion { link, .. } => reads.insert(Self::Link(*link)),
                Precondition::NoIntent { operation } => reads.insert(Self::Intent(*operation)),
                Precondition::LeaseFence { name, .. }
                | Precondition::LeaseUnchanged { name, .. }
                | Precondition::LeaseHeld { name, .. } => {
                    // One with NUL cannot be stored, nor asked for.
                    !name.contains('\0') && reads.insert(Self::Lease(name.clone()))
                }
                // Known::holds refuses what it does not know.
                _ => false,
            };
        }
        for write in &batch.writes {
            match write {
                Write::Event(event) => {
                    reads.insert(Self::Link(event.link.id));
                    let held = LinkHead::of(&event.link).holds;
                    reads.extend(held.into_iter().map(Self::Holder));
                }
                Write::Deviation(event) => drop(reads.insert(Self::Deviation(event.id))),
                Write::DeviationRedacted(id) => drop(reads.insert(Self::Deviation(*id))),
                Write::Redacted(link) => {
                    reads.extend(
                        [Self::IntentsOf, Self::WholeLink, Self::History].map(|of| of(*link)),
                    );
                }
                Write::Forgotten(link) => {
                    reads.extend([Self::Link, Self::IntentsOf].map(|of| of(*link)));
                }
                Write::Schedule(state) => drop(reads.insert(Self::Schedule(state.kind.clone()))),
                _ => {}
            }
        }
        reads
    }

    pub(super) fn statement(&self, connection: &ConnectionId) -> Statement {
        let query = |sql: &'static str| Statement::query(sql).with(connection.as_str());
        match self {
            Self::Link(id) => query(
                "SELECT version, live, kind, left_key, right_key FROM links \
                 WHERE connection = $1 AND id = $2",
            )
            .with(id.to_string()),
            Self::Holder((kind, which, key)) => query(match which {
                Which::Left => {
                    "SELECT id FROM links \
                     WHERE connection = $1 AND kind = $2 AND left_key = $3 AND live = 1"
                }
                Which::Right => {
                    "SELECT id FROM links \
                     WHERE connection = $1 AND kind = $2 AND right_key = $3 AND live = 1"
                }
            })
            .with(&**kind)
            .with(key.as_str()),
            Self::Intent(operation) => {
                query("SELECT link FROM intents WHERE connection = $1 AND operation = $2")
                    .with(operation.to_string())
            }
            Self::WholeLink(id) => {
                query("SELECT value FROM links WHERE connection = $1 AND id = $2")
                    .with(id.to_string())
            }
            Self::History(id) => query(
                "SELECT place, value FROM events WHERE connection = $1 AND link = $2 \
                 ORDER BY place",
            )
            .with(id.to_string()),
            Self::IntentsOf(id) => query(
                "SELECT operation FROM intents WHERE connection = $1 AND link = $2 \
                 ORDER BY operation",
            )
            .with(id.to_string()),
            Self::Schedule(kind) => {
                query("SELECT version FROM schedules WHERE connection = $1 AND kind = $2")
                    .with(&**kind)
            }
            Self::Deviation(id) => {
                query("SELECT value FROM deviations WHERE connection = $1 AND id = $2")
                    .with(id.to_string())
            }
            Self::Lease(name) => {
                query("SELECT value FROM leases WHERE connection = $1 AND name = $2")
                    .with(name.as_str())
            }
        }
    }
}

impl Known {
    /// What was answered to these reads, in their order.
    pub(super) fn new(
        reads: BTreeSet<Read>,
        answers: impl Iterator<Item = Answer>,
    ) -> Result<Self, Failed> {
        let mut known = Self::default();
        for (read, answer) in reads.into_iter().zip(answers) {
            known.add(read, &answer)?;
        }
        Ok(known)
    }

    fn add(&mut self, read: Read, answer: &Answer) -> Result<(), Failed> {
        let Some(row) = answer.rows.first() else {
            return Ok(());
        };
        match read {
            Read::WholeLink(id) => {
                self.whole_links.insert(id, decode(row, 0, "links")?);
            }
            Read::History(id) => {
                let event = |row: &Row| Ok((row.integer(0)?, decode(row, 1, "events")?));
                let events = answer.rows.iter().map(event);
                let events = events.collect::<Result<_, Failed>>()?;
                self.histories.insert(id, events);
            }
            Read::IntentsOf(id) => {
                for row in &answer.rows {
                    let operation = row.text(0)?.parse();
                    let operation = operation.map_err(|_| Failed::damaged("intents.operation"))?;
                    self.intents.insert(operation, id);
                }
            }
            Read::Schedule(kind) => {
                self.schedules
                    .insert(kind, version(row, "schedules.version")?);
            }
            Read::Link(id) => {
                let version = version(row, "links.version")?;
                let is_live = row.integer(1)? == 1;
                let mut holds = Vec::new();
                if is_live {
                    let kind = Kind::new(row.text(2)?);
                    let kind = kind.map_err(|_| Failed::damaged("links.kind"))?;
                    for (which, column) in [(Which::Left, 3), (Which::Right, 4)] {
                        if let Some(key) = row.optional_text(column)? {
                            let key = RecordKey::new(key);
                            let key = key.map_err(|_| Failed::damaged("links.left_key"))?;
                            holds.push((kind.clone(), which, key));
                        }
                    }
                }
                let head = LinkHead {
                    version,
                    is_live,
                    holds,
                };
                self.links.insert(id, head);
            }
            Read::Holder(record) => {
                let id = row.text(0)?.parse();
                let id = id.map_err(|_| Failed::damaged("links.id"))?;
                self.live.insert(record, id);
            }
            Read::Intent(operation) => {
                let link = row.text(0)?.parse();
                let link = link.map_err(|_| Failed::damaged("intents.link"))?;
                self.intents.insert(operation, link);
            }
            Read::Deviation(id) => {
                self.deviations.insert(id, decode(row, 0, "deviations")?);
            }
            Read::Lease(name) => {
                self.leases.insert(name, decode(row, 0, "leases")?);
            }
        }
        Ok(())
    }

    /// Whether a precondition holds for a batch that is committed at this time.
    pub(super) fn holds(&self, precondition: &Precondition, at: DateTime<Utc>) -> bool {
        match precondition {
            Precondition::LinkVersion { link, version } => {
                self.links.get(link).map(|link| link.version) == *version
            }
            Precondition::NoIntent { operation } => !self.intents.contains_key(operation),
            Precondition::LeaseFence { name, fence } => {
                self.leases.get(name).map(|lease| lease.fence) == *fence
            }
            Precondition::LeaseUnchanged { name, lease } => {
                self.leases.get(name) == lease.as_deref()
            }
            Precondition::LeaseHeld { name, fence } => {
                let lease = self.leases.get(name);
                lease.is_some_and(|lease| lease.fence == *fence && lease.until > at)
            }
            // One that is not known cannot be said to hold.
            _ => false,
        }
    }
}

/// The version in the first column of a row.
fn version(row: &Row, column: &str) -> Result<u64, Failed> {
    u64::try_from(row.integer(0)?).map_err(|_| Failed::damaged(column))
}
