//! One kind of record on one connection, with everything a run needs to know.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use flat_record::Kind;

use super::Schedule;
use crate::{
    Candidate, ConnectionId, Keeping, Link, MergeInput, MergeValues, Observation, Policy, Side,
    Sides, Snapshot, Which,
};

/// Proposes which records of the two sides may be one. Pure: the same for the same input.
///
/// The crate `record-match` is made for it; `docs/connector-guide.md` shows how.
pub trait Matching: fmt::Debug + Send + Sync {
    /// The pairs that may be one. Records that live links hold may be passed over.
    fn candidates(&self, snapshots: Sides<&Snapshot>, links: &[Link]) -> Vec<Candidate>;
}

/// What is kept in step: the records of one kind on one connection, between two sides, under a
/// policy.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use flat_record::{Field, Fields, HashKey, Kind, ValueKind};
/// use record_link::testing::FakeSide;
/// use record_link::{ConnectionId, Entity, Keeping, Policy, Schedule, Side, Sides, Which};
///
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let project = Kind::new("project")?;
/// let side = || -> Arc<dyn Side> { Arc::new(FakeSide::new().with_kind(&project, &fields)) };
/// let entity = Entity::new(
///     ConnectionId::new("acme->4875")?,
///     project.clone(),
///     Sides::new(side(), side()),
///     Policy::owned_by(Which::Left),
///     Keeping::hashes(HashKey::new([7; 16])), // keep the key secret
/// )
/// .refers_to([Kind::new("client")?]) // clients are run first
/// .schedule(Schedule::every(Duration::from_secs(15 * 60)));
/// assert_eq!(entity.kind(), &project);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Entity {
    pub(super) connection: ConnectionId,
    pub(super) kind: Kind,
    pub(super) sides: Sides<Arc<dyn Side>>,
    pub(super) policy: Policy,
    pub(super) keeping: Keeping,
    pub(super) matching: Option<Arc<dyn Matching>>,
    pub(super) filter: Option<Arc<Filter>>,
    pub(super) merges: BTreeMap<String, Arc<MergeValues<'static>>>,
    pub(super) refers_to: Vec<Kind>,
    pub(super) schedule: Option<Schedule>,
}

type Filter = dyn Fn(Which, &Observation) -> bool + Send + Sync;

impl Entity {
    /// The records of a kind, kept in step between these sides. `keeping` is the same for all kinds
    /// of a connection.
    pub fn new(
        connection: ConnectionId,
        kind: Kind,
        sides: Sides<Arc<dyn Side>>,
        policy: Policy,
        keeping: Keeping,
    ) -> Self {
        Self {
            connection,
            kind,
            sides,
            policy,
            keeping,
            matching: None,
            filter: None,
            merges: BTreeMap::new(),
            refers_to: Vec::new(),
            schedule: None,
        }
    }

    /// Who may be who, for records that are not linked.
    #[must_use]
    pub fn matching(mut self, matching: Arc<dyn Matching>) -> Self {
        self.matching = Some(matching);
        self
    }

    /// Only records that pass are taken up: of one that is linked with nothing, and of which nobody
    /// decided anything, a run knows nothing unless it passes. A linked record always stays in view,
    /// so that one that does not pass any more is never taken for deleted.
    #[must_use]
    pub fn only(
        mut self,
        filter: impl Fn(Which, &Observation) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.filter = Some(Arc::new(filter));
        self
    }

    /// A function that merges, under the name by which the policy calls it: see
    /// [`Planner::merge`](crate::Planner::merge).
    #[must_use]
    pub fn merge(
        mut self,
        name: impl Into<String>,
        merge: impl Fn(&MergeInput<'_>) -> Option<flat_record::Value> + Send + Sync + 'static,
    ) -> Self {
        self.merges.insert(name.into(), Arc::new(merge));
        self
    }

    /// The other kinds that its records refer to: their links say what a reference is called on the
    /// other side, and they are run first.
    #[must_use]
    pub fn refers_to(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.refers_to.extend(kinds);
        self
    }

    /// When it is run. Without a schedule it is run by hand and when a record is
    /// [touched](super::Runner::touch).
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = Some(schedule);
        self
    }

    /// The connection.
    pub fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    /// The kind.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    pub(super) fn borrowed_sides(&self) -> Sides<&dyn Side> {
        Sides::new(&*self.sides.left, &*self.sides.right)
    }
}

impl fmt::Debug for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entity")
            .field("connection", &self.connection)
            .field("kind", &self.kind)
            .field("sides", &self.sides)
            .field("matching", &self.matching)
            .field("refers_to", &self.refers_to)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

/// Entities in an order in which each comes after those it refers to. Where they refer to each
/// other in a circle, the order in which they were given stays.
pub(super) fn in_order(entities: &[Entity]) -> Vec<&Entity> {
    let mut waiting: Vec<&Entity> = entities.iter().collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_ready = |one: &&Entity| {
            let waits_for = |kind: &Kind| {
                let is_it = |other: &&Entity| {
                    other.kind == *kind && other.connection == one.connection && kind != &one.kind
                };
                waiting.iter().any(is_it)
            };
            !one.refers_to.iter().any(waits_for)
        };
        let next = waiting.iter().position(is_ready).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}
