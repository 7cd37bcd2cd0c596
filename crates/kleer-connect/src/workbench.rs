//! What a person sees and does: the tabs, the affected fields, the actions.

mod affected;
mod console;
mod display;
mod error;
mod leave_command;
mod picture;
mod table;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use flat_record::Kind;
use futures_util::future::try_join;
use record_link::{
    About, Action, Applied, Batch, Clock, ConnectionId, Decision, Dependencies, DeviationChange,
    DeviationClass, DeviationEvent, Entity, Failure, Keeping, Observation, Operation, OperationId,
    Planner, Policy, ProgressEvent, RecordKey, RunError, Runner, Scope, Side, SideError,
    SideOperation, Sides, Snapshot, Store, Subject, Topic, Verdict, Which, Write, all_links,
};
use record_match::{Matcher, Population};

pub use affected::{Affected, AffectedField, Work};
pub use console::{Choice, Consent, Console, Report};
pub use display::Display;
pub use error::WorkbenchError;
pub use leave_command::export_leave;
pub use picture::{Listed, Picture, Standing};
pub use table::Table;

/// The word under which deviations of withheld records are kept.
const WITHHELD: &str = "withhold";

type Check = dyn Fn(Which, &Observation) -> Vec<String> + Send + Sync;

/// The records of one kind on one connection, as a person works with them: what a connector's
/// screens or commands are made of.
///
/// [`look`](Self::look) takes a [`Picture`] of both sides: its tabs and proposed pairs. From it and
/// from decisions, [`work`](Self::work) makes [`Work`]: the affected fields, to be shown before
/// anything is done. [`carry_out`](Self::carry_out) does it.
///
/// ```
/// use std::sync::Arc;
/// use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
/// use kleer_connect::workbench::Workbench;
/// use record_link::testing::{FakeSide, ManualClock, block_on};
/// use record_link::{
///     ConnectionId, Keeping, MemoryStore, Policy, RecordKey, Side, Sides, Which,
/// };
///
/// # block_on(async {
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let kind = Kind::new("employee")?;
/// let [hr, payroll] = [(); 2].map(|()| FakeSide::new().with_kind(&kind, &fields));
/// hr.insert(&kind, &RecordKey::new("e-1")?, Record::new(&fields).with("name", "Anna")?);
///
/// let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::default()));
/// let keeping = Keeping::hashes(HashKey::new([7; 16])); // keep the key secret
/// let sides = Sides::<Arc<dyn Side>>::new(Arc::new(hr), Arc::new(payroll));
/// let (connection, policy) = (ConnectionId::new("hr->payroll")?, Policy::default());
/// let bench = Workbench::new(store, clock, sides, connection, kind, policy, keeping);
///
/// let picture = bench.look().await?;
/// let new = picture.creatable(Which::Left);
/// let decisions = new.iter().map(|key| bench.create(&picture, Which::Left, key));
/// let work = bench.work(&picture, decisions.collect(), |_| true)?;
/// assert_eq!(work.affected(&picture)[0].fields[0].field, "name"); // show it, and ask
/// let applied = bench.carry_out(work).await?;
/// assert_eq!(applied.totals.created, 1);
/// assert!(bench.look().await?.creatable(Which::Left).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Workbench {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    sides: Sides<Arc<dyn Side>>,
    connection: ConnectionId,
    kind: Kind,
    policy: Policy,
    keeping: Keeping,
    matcher: Option<Matcher>,
    check: Option<Arc<Check>>,
    by: Option<String>,
    runner: Runner,
}

impl fmt::Debug for Workbench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workbench")
            .field("connection", &self.connection)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Workbench {
    /// For the records of a kind between two sides. `keeping` must stay the same from run to run.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        sides: Sides<Arc<dyn Side>>,
        connection: ConnectionId,
        kind: Kind,
        policy: Policy,
        keeping: Keeping,
    ) -> Self {
        let runner = Runner::new(Arc::clone(&store), Arc::clone(&clock), "workbench");
        Self {
            store,
            clock,
            sides,
            connection,
            kind,
            policy,
            keeping,
            matcher: None,
            check: None,
            by: None,
            runner,
        }
    }

    /// Proposes pairs of records that may be one.
    #[must_use]
    pub fn matching(mut self, matcher: Matcher) -> Self {
        self.matcher = Some(matcher);
        self
    }

    /// What stands against writing a record of a side to the other one; nothing if that is in
    /// order. What is withheld becomes a deviation, and goes away with its reason.
    #[must_use]
    pub fn check(
        mut self,
        check: impl Fn(Which, &Observation) -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// Tells how far it is while it carries out.
    #[must_use]
    pub fn progress(mut self, told: impl Fn(&ProgressEvent) + Send + Sync + 'static) -> Self {
        self.runner = self.runner.progress(move |_, _, event| told(event));
        self
    }

    /// Who decides, as the application knows them.
    #[must_use]
    pub fn by(mut self, person: impl Into<String>) -> Self {
        self.by = Some(person.into());
        self
    }

    /// How many records are written at once; 4 unless it is said.
    #[must_use]
    pub fn concurrency(mut self, records: usize) -> Self {
        self.runner = self.runner.concurrency(records);
        self
    }

    /// After how long without a sign of life another run goes on where this one died; a minute
    /// unless it is said.
    #[must_use]
    pub fn lease_time(mut self, time: Duration) -> Self {
        self.runner = self.runner.lease_time(time);
        self
    }

    fn entity(&self) -> Entity {
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let (sides, policy) = (self.sides.clone(), self.policy.clone());
        Entity::new(connection, kind, sides, policy, self.keeping)
    }

    /// Reads both sides, the links and the decisions. Before that, it finds out what became of what
    /// an earlier run left behind.
    ///
    /// # Errors
    /// When a side cannot be read, the store fails, or another run is under way that left something
    /// open.
    pub async fn look(&self) -> Result<Picture, WorkbenchError> {
        if !self.store.intents(&self.connection).await?.is_empty() {
            // A run of nothing: whoever holds the lease finds out what is open.
            let nothing = Planner::new(
                self.connection.clone(),
                self.kind.clone(),
                &self.policy,
                self.keeping,
            );
            let now = self.clock.now();
            let unseen = |which: Which| {
                let able = self.sides[which].capabilities(&self.kind);
                let able = able.ok_or_else(|| SideError::unsupported(SideOperation::List))?;
                let scope = Scope::of(["nothing"]);
                Ok::<_, SideError>(Snapshot::new(self.kind.clone(), &able.fields, scope, now))
            };
            let (left, right) = (unseen(Which::Left)?, unseen(Which::Right)?);
            let plan = nothing.plan(Sides::new(&left, &right), now)?;
            let plan = plan.select([], Dependencies::Refuse)?.plan;
            self.runner
                .apply(&self.entity(), plan, self.by.clone())
                .await?;
        }
        let (left, right) = (&self.sides.left, &self.sides.right);
        let (left, right) = try_join(left.list(&self.kind), right.list(&self.kind)).await?;
        let links = all_links(&*self.store, &self.connection, &self.kind).await?;
        let decisions = self.store.decisions(&self.connection, &self.kind).await?;
        let scopes = self.store.scopes(&self.connection, &self.kind).await?;
        let snapshots = Sides::new(left, right);
        let matched = match &self.matcher {
            Some(matcher) => {
                let verdicts = picture::verdicts(&links, &decisions);
                let [left, right] = [&snapshots.left, &snapshots.right].map(population);
                Some(matcher.run(&left, &right, &verdicts)?)
            }
            None => None,
        };
        let candidates = picture::candidates(matched.as_ref())?;
        Ok(Picture {
            snapshots,
            links,
            decisions,
            matched,
            candidates,
            scopes,
            hash_key: self.keeping.hash_key,
        })
    }

    /// A decision about what is in a picture, by whoever uses the workbench.
    pub fn decision(&self, picture: &Picture, about: About, action: Action) -> Decision {
        let keys = match &about {
            About::Record { side, key } => {
                let mut keys = Sides::new(None, None);
                keys[*side] = Some(key.clone());
                keys
            }
            About::Pair { keys } => keys.clone().map(Some),
            About::Link { id } => {
                let link = picture.links.iter().find(|link| link.id == *id);
                link.map(|link| link.keys.clone()).unwrap_or_default()
            }
        };
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let decision = Decision::new(connection, kind, about, action, self.clock.now());
        let seen = |which: Which| {
            let shown = picture.snapshots[which].get(keys[which].as_ref()?.as_str())?;
            Some(&shown.record)
        };
        let seen = Sides::new(seen(Which::Left), seen(Which::Right));
        let decision = decision.having_seen_records(seen, &self.keeping.hash_key);
        match &self.by {
            Some(person) => decision.by(person),
            None => decision,
        }
    }

    /// *Create*: the record is to be created on the other side.
    pub fn create(&self, picture: &Picture, side: Which, key: &RecordKey) -> Decision {
        let key = key.clone();
        let action = Action::Create {
            despite_candidates: false,
        };
        self.decision(picture, About::Record { side, key }, action)
    }

    /// What is to be done, given the decisions in the store and these, of those operations that
    /// somebody chose. Nothing is stored or written.
    ///
    /// # Errors
    /// When the policy cannot be followed.
    pub fn work(
        &self,
        picture: &Picture,
        decisions: Vec<Decision>,
        is_chosen: impl Fn(&Operation) -> bool,
    ) -> Result<Work, WorkbenchError> {
        let mut all = picture.decisions.clone();
        all.retain(|known| decisions.iter().all(|new| new.id() != known.id()));
        all.extend(decisions.iter().cloned());
        let plan = Planner::new(
            self.connection.clone(),
            self.kind.clone(),
            &self.policy,
            self.keeping,
        )
        .links(&picture.links)
        .candidates(&picture.candidates)
        .decisions(&all)
        .known_scopes(picture.scopes)
        .plan(picture.snapshots.as_ref(), self.clock.now())?;
        let mut withheld = Vec::new();
        let mut sound = Vec::new();
        let mut chosen: Vec<OperationId> = Vec::new();
        for operation in plan.operations.iter().filter(|one| is_chosen(one)) {
            let problems = self.problems(picture, operation);
            let source = operation.step.writes_on().map(Which::other);
            let source = source.and_then(|which| Some((which, operation.keys[which].clone()?)));
            match (problems.is_empty(), source) {
                (false, Some((side, key))) => withheld.push((side, key, problems)),
                (_, source) => {
                    sound.extend(source);
                    chosen.push(operation.id);
                }
            }
        }
        let plan = plan.select(chosen, Dependencies::PullIn)?.plan;
        Ok(Work {
            plan,
            decisions,
            withheld,
            sound,
        })
    }

    fn problems(&self, picture: &Picture, operation: &Operation) -> Vec<String> {
        let (Some(check), Some(on)) = (&self.check, operation.step.writes_on()) else {
            return Vec::new();
        };
        let key = operation.keys[on.other()].as_ref();
        let source = key.and_then(|key| picture.snapshots[on.other()].get(key.as_str()));
        source
            .map(|source| check(on.other(), source))
            .unwrap_or_default()
    }

    /// Carries out what was shown. What was decided is stored first, so that a run that dies can be
    /// finished by the next.
    ///
    /// # Errors
    /// When a guard rail stopped the plan and nobody [approved](Work::approve) it, the store fails,
    /// or a side refuses the credentials.
    pub async fn carry_out(&self, work: Work) -> Result<Applied, WorkbenchError> {
        if let Verdict::Quarantined { .. } = &work.plan.verdict {
            return Err(WorkbenchError::Guarded(work.plan.digest));
        }
        let now = self.clock.now();
        let mut batch = Batch::new(&self.connection, now);
        for decision in work.decisions {
            batch = batch.write(Write::Decision(Box::new(decision)));
        }
        for (side, key, problems) in &work.withheld {
            let mut problems = problems.iter();
            let first = problems.next().map_or("", String::as_str);
            let failure = Failure::new(DeviationClass::Validation, "withheld", first);
            let failure = problems.fold(failure, Failure::and);
            let event = DeviationEvent::failed(self.topic(*side, key), failure, now);
            batch = batch.write(Write::Deviation(event));
        }
        for (side, key) in &work.sound {
            let id = self.topic(*side, key).id();
            let event = DeviationEvent::new(id, DeviationChange::Succeeded, now);
            batch = batch.write(Write::Deviation(event));
        }
        if !batch.is_empty() {
            self.store.commit(batch).await?;
        }
        let report = self
            .runner
            .apply(&self.entity(), work.plan, self.by.clone())
            .await?;
        match (report.failure, report.applied) {
            (Some(failure), _) => Err(RunError::Failed(Box::new(failure)).into()),
            (None, applied) => Ok(applied.map(|applied| *applied).unwrap_or_default()),
        }
    }

    fn topic(&self, side: Which, key: &RecordKey) -> Topic {
        let (kind, key) = (self.kind.clone(), key.clone());
        Topic::new(
            &self.connection,
            WITHHELD,
            Subject::Record { side, kind, key },
        )
    }
}

fn population(snapshot: &Snapshot) -> Population<'_> {
    let entries = snapshot.observations().iter();
    let entries = entries.map(|one| (one.key.as_str(), &one.record));
    if snapshot.is_complete() {
        Population::complete(entries)
    } else {
        Population::incomplete(entries)
    }
}
