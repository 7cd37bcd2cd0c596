//! Carries out plans.

mod apply;
mod audit;
mod cancellation;
mod commit;
mod error;
mod in_step;
mod lease;
mod operation;
mod outcome;
mod progress;
mod recover;
mod resemblance;
mod retries;
mod schedule;
mod send;
mod session;
mod settle;
mod tell;

use std::fmt;
use std::time::Duration;

use flat_record::Kind;

use crate::plan::Plan;
use crate::{Clock, ConnectionId, DeviationEvent, Keeping, Lease, References, Side, Sides, Store};

pub use cancellation::Cancellation;
pub use error::{ExecutionError, ExecutionErrorKind};
use lease::HeldLease;
pub use outcome::{
    Applied, Audited, Double, Outcome, OutcomeTotals, RecordOutcome, Recovered, SentCreate,
    SkipReason,
};
pub use progress::ProgressEvent;
pub use retries::Retries;

/// Carries out plans, so that every record is created once, whatever happens in between.
///
/// - The intent is committed before a request leaves, and what came of it in one commit after it.
/// - Each operation is checked against the records as they are now; one that is *stale* is left to
///   the next plan.
/// - A create that was tried before is looked for by its client key first.
/// - A write whose outcome is not known is given the [time to settle](crate::Capabilities::settle)
///   and looked for at the end of the run; a create is sent again only when it is provably not
///   there. What a process left behind that died, [`recover`](Self::recover) finds out: it is called
///   before the snapshots for a plan are taken.
/// - What fails becomes a deviation and does not stop the others; what succeeds resolves its own.
///
/// ```
/// use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
/// use record_link::testing::{FakeSide, ManualClock, block_on};
/// use record_link::{
///     ConnectionId, Executor, Keeping, MemoryStore, Planner, Policy, ProgressEvent, RecordKey,
///     Side, Sides, Which,
/// };
///
/// # block_on(async {
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let (connection, kind) = (ConnectionId::new("hr->payroll")?, Kind::new("employee")?);
/// let hr = FakeSide::new().with_kind(&kind, &fields);
/// let payroll = FakeSide::new().with_kind(&kind, &fields);
/// let anna = Record::new(&fields).with("name", "Anna")?;
/// hr.insert(&kind, &RecordKey::new("e-1")?, anna);
///
/// let (store, clock) = (MemoryStore::new(), ManualClock::default());
/// let keeping = Keeping::hashes(HashKey::new([7; 16])); // keep the key secret
/// let sides = Sides::<&dyn Side>::new(&hr, &payroll);
/// let executor = Executor::new(&store, sides, keeping, &clock)
///     .concurrency(16)
///     .progress(|event| {
///         if let ProgressEvent::Ended { number, of, .. } = event {
///             assert_eq!((*number, *of), (1, 1)); // for a progress bar
///         }
///     });
/// executor.recover(&connection).await?;
///
/// let policy = Policy::owned_by(Which::Left);
/// let (left, right) = (hr.list(&kind).await?, payroll.list(&kind).await?);
/// let plan = Planner::new(connection, kind.clone(), &policy, keeping)
///     .plan(Sides::new(&left, &right), record_link::Clock::now(&clock))?;
/// let applied = executor.apply(&plan).await?;
/// assert_eq!((applied.totals.created, applied.totals.all()), (1, 1));
/// assert_eq!(payroll.records(&kind).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Executor<'a> {
    store: &'a dyn Store,
    sides: Sides<&'a dyn Side>,
    keeping: Keeping,
    clock: &'a dyn Clock,
    references: References<'a>,
    run: Option<String>,
    concurrency: usize,
    retries: Retries,
    longest_settle: Duration,
    lease: Option<HeldLease>,
    progress: Option<ProgressCallback<'a>>,
    cancellation: Option<&'a Cancellation>,
}

type ProgressCallback<'a> = Box<dyn Fn(&ProgressEvent) + Send + Sync + 'a>;

/// How many operations are under way at once, unless somebody says otherwise: what a system that
/// limits requests bears.
const CONCURRENCY: usize = 4;

/// How long writes of unknown outcome are waited for within a run, unless somebody says otherwise.
const LONGEST_SETTLE: Duration = Duration::from_secs(60);

impl<'a> Executor<'a> {
    /// Between these sides, over this store. `keeping` is what the planner was given.
    pub fn new(
        store: &'a dyn Store,
        sides: Sides<&'a dyn Side>,
        keeping: Keeping,
        clock: &'a dyn Clock,
    ) -> Self {
        Self {
            store,
            sides,
            keeping,
            clock,
            references: References::default(),
            run: None,
            concurrency: CONCURRENCY,
            retries: Retries::default(),
            longest_settle: LONGEST_SETTLE,
            lease: None,
            progress: None,
            cancellation: None,
        }
    }

    /// What records are called on the other side, for fields that refer to them: what the planner
    /// was given, and the links of the planned kind if its records refer to each other.
    #[must_use]
    pub fn references(mut self, references: References<'a>) -> Self {
        self.references = references;
        self
    }

    /// The run, for events and deviations.
    #[must_use]
    pub fn run(mut self, run: impl Into<String>) -> Self {
        self.run = Some(run.into());
        self
    }

    /// How many operations may be under way at once; at least one, and four by default. Those that
    /// depend on one another keep their order.
    #[must_use]
    pub fn concurrency(mut self, operations: usize) -> Self {
        self.concurrency = operations.max(1);
        self
    }

    /// How often and after which time a call is tried again that failed without an effect.
    #[must_use]
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// How long a call of this executor may wait for writes of unknown outcome to show; a minute by
    /// default. Where a side needs more [time to settle](crate::Capabilities::settle) than this, they
    /// are left to a later run.
    #[must_use]
    pub fn longest_settle(mut self, time: Duration) -> Self {
        self.longest_settle = time;
        self
    }

    /// Works under a lease, which was [taken](Lease::take): every commit requires that it is held,
    /// and while there is work it is renewed, each time for so long (at least a second), when half of
    /// it is over. Who
    /// loses it stops at once.
    ///
    /// Without a lease, only one process may work on a connection at a time.
    #[must_use]
    pub fn under(mut self, lease: Lease, time: Duration) -> Self {
        self.lease = Some(HeldLease::new(lease, time));
        self
    }

    /// Is told what happens. It is called in between, so it must not take long.
    #[must_use]
    pub fn progress(mut self, told: impl Fn(&ProgressEvent) + Send + Sync + 'a) -> Self {
        self.progress = Some(Box::new(told));
        self
    }

    /// Stops when this is cancelled: nothing more is begun, what is under way ends and is stored.
    #[must_use]
    pub fn cancellation(mut self, cancellation: &'a Cancellation) -> Self {
        self.cancellation = Some(cancellation);
        self
    }

    /// Finds out what became of writes whose outcome is not known: those of a process that died,
    /// and those whose answer was lost. To be called before the snapshots for a plan are taken.
    ///
    /// A create is looked for by its client key; it is taken for not done only when the side had
    /// its [time to settle](crate::Capabilities::settle).
    ///
    /// # Errors
    /// When the store fails, the lease is lost, or a side refuses the credentials.
    pub async fn recover(&self, connection: &ConnectionId) -> Result<Recovered, ExecutionError> {
        recover::recover(self, connection, None).await
    }

    /// The same for the writes of one kind: those of others may be under way elsewhere, under a
    /// lease of their own.
    ///
    /// # Errors
    /// As [`recover`](Self::recover).
    pub async fn recover_kind(
        &self,
        connection: &ConnectionId,
        kind: &Kind,
    ) -> Result<Recovered, ExecutionError> {
        recover::recover(self, connection, Some(kind)).await
    }

    /// Carries out a plan.
    ///
    /// # Errors
    /// When a guard rail stopped the plan, the plan was edited, the store fails, the lease is lost,
    /// or a side refuses the credentials: then nothing can be done safely any more. What happens to
    /// single records is no error but in [`Applied`].
    pub async fn apply(&self, plan: &Plan) -> Result<Applied, ExecutionError> {
        apply::apply(self, plan).await
    }

    /// Looks whether creates made several records: a request whose answer was lost may have taken
    /// effect after it was looked for and sent again. To be called at the end of a run, with
    /// [`Applied::doubtful_creates`] and [`Recovered::creates`], or with all of
    /// [`Applied::creates`] where the other system cannot be trusted.
    ///
    /// Each side is asked once for all of them ([`Side::find_all`]). A double becomes a deviation
    /// that names the records: keep one and delete the others.
    ///
    /// # Errors
    /// When the store fails, the lease is lost, or a side cannot be asked.
    pub async fn audit<'c>(
        &self,
        connection: &ConnectionId,
        creates: impl IntoIterator<Item = &'c SentCreate>,
    ) -> Result<Audited, ExecutionError> {
        let creates: Vec<_> = creates.into_iter().collect();
        audit::audit(self, connection, &creates).await
    }

    fn in_run(&self, event: DeviationEvent) -> DeviationEvent {
        match &self.run {
            Some(run) => event.in_run(run),
            None => event,
        }
    }

    fn tell(&self, event: &ProgressEvent) {
        if let Some(told) = &self.progress {
            told(event);
        }
    }
}

impl fmt::Debug for Executor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor")
            .field("store", &self.store)
            .field("sides", &self.sides)
            .field("clock", &self.clock)
            .field("run", &self.run)
            .field("concurrency", &self.concurrency)
            .field("retries", &self.retries)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
