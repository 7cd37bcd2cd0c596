//! Runs what is to be kept in step: when it is due, by one process at a time.

mod due;
mod entity;
mod held;
mod pass;
mod rejected;
mod report;
mod schedule;
mod view;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{Cancellation, Clock, ConnectionId, ProgressEvent, Retries, RunCause, Store};
use flat_record::Kind;

pub use due::DueRun;
pub use entity::{Entity, Matching};
pub use pass::run_lease;
pub use report::{RunError, RunFailure, RunReport};
pub use schedule::Schedule;

/// Keeps entities in step: takes the lease, finds out what became of what was under way, reads both
/// sides, matches, plans with the decisions that stand, carries the plan out, looks for doubles, and
/// stores what came of it.
///
/// - **One at a time.** Of all runners on one store, one works on a kind of a connection, under a
///   [lease](crate::Lease) named `run/<kind>` that it renews. If its process dies, the lease runs out
///   and another runner goes on from there; if it was only slow, the store refuses what it still
///   wants to write.
/// - **Nothing is invented.** A run carries out what the policy permits and what people
///   [decided](crate::Decision), and nothing else. What needs a person is told by the
///   [findings](crate::Plan::findings) of the plan and by deviations.
/// - **A guard rail quarantines.** A plan that trips one is not applied: a deviation on the kind
///   names its digest, and once that is [approved](Self::approve), the next run that comes to the
///   same plan applies it.
/// - **Refused credentials pause.** A deviation on the connection says which side; nothing of the
///   connection is run by the clock before somebody [resumes](Self::resume) it, or runs it by hand
///   with success.
/// - **What cannot be read is told.** Each item of a list that could not be used has a deviation,
///   which is settled when it can (from a hundred on, they are counted). Until then nothing is
///   concluded from what is missing.
/// - **What fails is told**, by a typed outcome: one record in [`Applied`](crate::Applied), a run in
///   [`RunReport::failure`], a store in [`RunError`].
///
/// It needs no runtime: the [`Clock`] waits. Its messages, `Debug` and errors hold no personal data.
///
/// ```
/// use std::sync::Arc;
/// use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
/// use record_link::testing::{FakeSide, ManualClock, block_on};
/// use record_link::{
///     ConnectionId, Entity, Keeping, MemoryStore, Policy, RecordKey, RunCause, RunOutcome, Runner,
///     Side, Sides, Which,
/// };
///
/// # block_on(async {
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let kind = Kind::new("employee")?;
/// let hr = FakeSide::new().with_kind(&kind, &fields);
/// let payroll = FakeSide::new().with_kind(&kind, &fields);
/// let anna = Record::new(&fields).with("name", "Anna")?;
/// hr.insert(&kind, &RecordKey::new("e-1")?, anna);
///
/// let sides = Sides::<Arc<dyn Side>>::new(Arc::new(hr), Arc::new(payroll.clone()));
/// let keeping = Keeping::hashes(HashKey::new([7; 16])); // keep the key secret
/// let connection = ConnectionId::new("hr->payroll")?;
/// let entity = Entity::new(connection, kind.clone(), sides, Policy::owned_by(Which::Left), keeping);
///
/// let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::default()));
/// let runner = Runner::new(store, clock, "worker 1");
/// let report = runner.run_once(&entity, RunCause::ByHand).await?;
/// assert_eq!(report.record.outcome, RunOutcome::Finished);
/// assert_eq!(report.record.totals.created.right, 1);
/// assert_eq!(payroll.records(&kind).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Runner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    holder: String,
    entities: Vec<Entity>,
    lease_time: Duration,
    planning_time: Option<Duration>,
    poll: Duration,
    concurrency: usize,
    connections: usize,
    retries: Retries,
    longest_settle: Option<Duration>,
    partial_up_to: usize,
    keep_runs: Option<Duration>,
    progress: Option<Arc<ProgressOfKind>>,
    told: Option<Arc<ToldOfRun>>,
    cancellation: Cancellation,
}

type ProgressOfKind = dyn Fn(&ConnectionId, &Kind, &ProgressEvent) + Send + Sync;
type ToldOfRun = dyn Fn(&DueRun) + Send + Sync;

/// For how long a lease is taken, unless somebody says otherwise: after so long another runner goes
/// on where a process died.
const LEASE_TIME: Duration = Duration::from_secs(60);

/// How often it is looked what is due, unless somebody says otherwise.
const POLL: Duration = Duration::from_secs(10);

/// Up to so many touched records are read one by one, unless somebody says otherwise.
const PARTIAL_UP_TO: usize = 50;

/// How many requests to a side are under way at once, unless somebody says otherwise.
const CONCURRENCY: usize = 4;

/// How many connections are worked on at once, unless somebody says otherwise.
const CONNECTIONS: usize = 4;

impl Runner {
    /// A runner over a store. `holder` names this process for people, and is different for each:
    /// host name and process id, for instance.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, holder: impl Into<String>) -> Self {
        Self {
            store,
            clock,
            holder: holder.into(),
            entities: Vec::new(),
            lease_time: LEASE_TIME,
            planning_time: None,
            poll: POLL,
            concurrency: CONCURRENCY,
            connections: CONNECTIONS,
            retries: Retries::default(),
            longest_settle: None,
            partial_up_to: PARTIAL_UP_TO,
            keep_runs: None,
            progress: None,
            told: None,
            cancellation: Cancellation::new(),
        }
    }

    /// An entity to be run when it is due; those of one connection and kind replace one another.
    #[must_use]
    pub fn entity(mut self, entity: Entity) -> Self {
        let is_same =
            |one: &Entity| (&one.connection, &one.kind) == (&entity.connection, &entity.kind);
        self.entities.retain(|one| !is_same(one));
        self.entities.push(entity);
        self
    }

    /// The entities, in the order in which they were given.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// For how long a lease is taken and renewed; a minute by default, and at least a second. After
    /// so long another runner goes on where this process died.
    #[must_use]
    pub fn lease_time(mut self, time: Duration) -> Self {
        self.lease_time = time.max(Duration::from_secs(1));
        self
    }

    /// For how long the lease is taken while a plan is made; as long as
    /// [`lease_time`](Self::lease_time) by default, and never shorter.
    ///
    /// Matching and planning only compute, and nothing can be renewed meanwhile. If they take longer
    /// than this, another runner may take the lease: then the run ends as
    /// [`RunError::LeaseLost`](crate::RunError::LeaseLost) and writes nothing, and if that happens to
    /// each in turn, none gets on. Of many thousand records that nobody linked yet, give it more time
    /// than the slowest matching takes; a process that dies just then keeps others waiting so long.
    #[must_use]
    pub fn planning_time(mut self, time: Duration) -> Self {
        self.planning_time = Some(time);
        self
    }

    /// How often it is looked what is due, and so how soon a touched record is read; ten seconds by
    /// default.
    #[must_use]
    pub fn poll(mut self, every: Duration) -> Self {
        self.poll = every.max(Duration::from_millis(1));
        self
    }

    /// How many requests to a side may be under way at once; see [`Executor::concurrency`](crate::Executor::concurrency).
    #[must_use]
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// How many connections are worked on at once: 4, unless somebody says otherwise.
    ///
    /// Whoever takes fewer leaves more to other runners: what is due is taken by the first that has
    /// time for it.
    #[must_use]
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How often a request is tried again that failed without an effect.
    #[must_use]
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// How long a run may wait for writes of unknown outcome to show; see
    /// [`Executor::longest_settle`](crate::Executor::longest_settle).
    #[must_use]
    pub fn longest_settle(mut self, time: Duration) -> Self {
        self.longest_settle = Some(time);
        self
    }

    /// Up to so many touched records are read one by one; of more, everything is listed. 50 by
    /// default; 0 lists always.
    #[must_use]
    pub fn partial_up_to(mut self, records: usize) -> Self {
        self.partial_up_to = records;
        self
    }

    /// Runs that ended longer ago than this are forgotten at the end of a run; by default all are
    /// kept.
    #[must_use]
    pub fn keep_runs(mut self, time: Duration) -> Self {
        self.keep_runs = Some(time);
        self
    }

    /// Is told what happens while a plan is carried out. It must not take long.
    #[must_use]
    pub fn progress(
        mut self,
        told: impl Fn(&ConnectionId, &Kind, &ProgressEvent) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(told));
        self
    }

    /// Is told of every run of [`run_due`](Self::run_due) and [`run_forever`](Self::run_forever)
    /// when it ends.
    #[must_use]
    pub fn told(mut self, told: impl Fn(&DueRun) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(told));
        self
    }

    /// Stops runs when this is cancelled: nothing more is begun, what is under way ends and is
    /// stored.
    #[must_use]
    pub fn cancellation(mut self, cancellation: &Cancellation) -> Self {
        self.cancellation = cancellation.clone();
        self
    }

    /// Runs an entity now. It need not be one of the runner's own.
    ///
    /// By hand it is run also if its schedule is paused.
    ///
    /// # Errors
    /// When another runner works on it, its schedule is paused, or the store fails so that nothing
    /// could be begun or the end not be stored. Whatever else goes wrong is in the report.
    pub async fn run_once(&self, entity: &Entity, cause: RunCause) -> Result<RunReport, RunError> {
        Box::pin(pass::run(self, entity, cause, None, None)).await
    }

    /// Runs an entity now, since this person asked for it.
    ///
    /// # Errors
    /// As [`run_once`](Self::run_once).
    pub async fn run_for(
        &self,
        entity: &Entity,
        person: impl Into<String>,
    ) -> Result<RunReport, RunError> {
        Box::pin(pass::run(
            self,
            entity,
            RunCause::ByHand,
            Some(person.into()),
            None,
        ))
        .await
    }

    /// What a run would do now: nothing is stored or written. The plan can be shown,
    /// [selected](crate::Plan::select) from and [applied](Self::apply).
    ///
    /// What earlier runs left in doubt is not found out before; a run may therefore plan less.
    ///
    /// # Errors
    /// When a side or the store cannot be read, or what is given does not go together.
    pub async fn preview(&self, entity: &Entity) -> Result<crate::Plan, RunError> {
        Box::pin(pass::preview(self, entity)).await
    }

    /// Applies a plan that was made before, as a run of its own: what changed since is stale, and a
    /// plan that a guard rail stopped is quarantined unless it is approved.
    ///
    /// # Errors
    /// As [`run_once`](Self::run_once), and when the plan is of another connection or kind.
    pub async fn apply(
        &self,
        entity: &Entity,
        plan: crate::Plan,
        person: Option<String>,
    ) -> Result<RunReport, RunError> {
        if plan.connection != entity.connection || plan.kind != entity.kind {
            return Err(RunError::OtherPlan);
        }
        Box::pin(pass::run(
            self,
            entity,
            RunCause::ByHand,
            person,
            Some(plan),
        ))
        .await
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("store", &self.store)
            .field("clock", &self.clock)
            .field("holder", &self.holder)
            .field("entities", &self.entities)
            .finish_non_exhaustive()
    }
}
