//! One run, from the lease to the stored end.

use chrono::{DateTime, Utc};
use flat_record::Kind;

use super::held::Held;
use super::{Entity, RunError, RunFailure, RunReport, Runner, view};
use crate::plan::Verdict;
use crate::{
    Applied, Audited, Conflict, ConnectionId, Decision, DeviationChange, DeviationClass,
    DeviationEvent, DeviationId, ExecutionErrorKind, Executor, Failure, Lease, Link, Outcome,
    Pause, PauseReason, Plan, Planner, Recovered, References, RunCause, RunOutcome, RunQuery,
    RunRecord, RunTotals, ScheduleState, Scope, Sides, Snapshot, Store, StoreError, StoreErrorKind,
    Subject, Topic, Touch, Trip, Which, Write, all_links,
};

/// The name of the [lease](crate::Lease) under which a kind of a connection is worked on: whoever
/// works on it without a [`Runner`] takes the same one, so that nobody else does, and no
/// [`redact`](crate::redact), [`forget`](crate::forget) or [`Rebuild`](crate::Rebuild) comes between.
///
/// ```
/// assert_eq!(record_link::run_lease(&flat_record::Kind::new("leave")?), "run/leave");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn run_lease(kind: &Kind) -> String {
    format!("run/{kind}")
}

/// What a run has found out so far: also one that stops in the middle tells it.
#[derive(Default)]
struct Progress {
    is_partial: bool,
    plan: Option<Box<Plan>>,
    applied: Option<Box<Applied>>,
    recovered: Recovered,
    audited: Audited,
    records: Sides<u64>,
    rejected: Sides<u64>,
    touches: Vec<Touch>,
    /// Whether both sides were read.
    has_read: bool,
}

/// Why a run stops in the middle.
enum Stop {
    /// It is to be stored, and told.
    Failed(RunFailure),
    /// Nothing may be stored any more.
    Lost(RunError),
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Store(error) => Self::Failed(RunFailure::Store(error)),
            error => Self::Lost(error),
        }
    }
}

impl From<RunFailure> for Stop {
    fn from(failure: RunFailure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(RunFailure::Store(error))
    }
}

impl From<crate::ExecutionError> for Stop {
    fn from(error: crate::ExecutionError) -> Self {
        if error.is_lease_lost() {
            return Self::Lost(RunError::LeaseLost);
        }
        Self::Failed(RunFailure::Execution(error))
    }
}

/// What the store knows of an entity.
struct Known {
    links: Vec<Link>,
    others: Vec<Link>,
    decisions: Vec<Decision>,
    scopes: Sides<Option<Scope>>,
}

impl Known {
    async fn read(store: &dyn Store, entity: &Entity) -> Result<Self, StoreError> {
        let (connection, kind) = (&entity.connection, &entity.kind);
        let mut others = Vec::new();
        for other in entity.refers_to.iter().filter(|other| *other != kind) {
            others.extend(all_links(store, connection, other).await?);
        }
        Ok(Self {
            links: all_links(store, connection, kind).await?,
            others,
            decisions: store.decisions(connection, kind).await?,
            scopes: store.scopes(connection, kind).await?,
        })
    }

    fn references(&self) -> References<'_> {
        References::of(self.links.iter().chain(&self.others))
    }

    fn plan(
        &self,
        entity: &Entity,
        snapshots: Sides<&Snapshot>,
        is_partial: bool,
        now: DateTime<Utc>,
    ) -> Result<Plan, RunFailure> {
        let mut policy = entity.policy.clone();
        let mut candidates = Vec::new();
        if is_partial {
            // Records are touched because they changed: that all did says nothing.
            policy.guard.all_changed_from = 0;
        } else if let Some(matching) = &entity.matching {
            candidates = matching.candidates(snapshots, &self.links);
        }
        let (connection, kind) = (entity.connection.clone(), entity.kind.clone());
        let mut planner = Planner::new(connection, kind, &policy, entity.keeping)
            .links(&self.links)
            .candidates(&candidates)
            .decisions(&self.decisions)
            .references(References::of(&self.others))
            .known_scopes(self.scopes);
        for (name, merge) in &entity.merges {
            planner = planner.merge(name.clone(), move |input| merge(input));
        }
        planner.plan(snapshots, now).map_err(RunFailure::Planner)
    }
}

/// See [`Runner::preview`].
pub(super) async fn preview(runner: &Runner, entity: &Entity) -> Result<Plan, RunError> {
    let known = Known::read(&*runner.store, entity).await?;
    let failed = |failure| RunError::Failed(Box::new(failure));
    let seen = view::all(entity, &known.links, &known.decisions).await;
    let seen = seen.map_err(failed)?;
    let now = runner.clock.now();
    known
        .plan(entity, seen.as_ref(), false, now)
        .map_err(failed)
}

/// Runs an entity once: to apply a plan that was made before, or one that is made now.
pub(super) async fn run(
    runner: &Runner,
    entity: &Entity,
    cause: RunCause,
    by: Option<String>,
    given: Option<Plan>,
) -> Result<RunReport, RunError> {
    let (mut held, mut record) = begin(runner, entity, cause, by).await?;
    let mut progress = Progress::default();
    let is_given = given.is_some();
    let result = work(runner, entity, &mut held, &record, given, &mut progress).await;
    let failure = match result {
        Ok(()) => None,
        Err(Stop::Failed(failure)) => Some(failure),
        Err(Stop::Lost(error)) => return Err(error),
    };
    record.totals = totals(&progress);
    let end = End {
        runner,
        entity,
        is_given,
    };
    let record = end
        .store(&mut held, record, &progress, failure.as_ref())
        .await?;
    Ok(RunReport {
        record,
        is_partial: progress.is_partial,
        plan: progress.plan,
        applied: progress.applied,
        recovered: progress.recovered,
        audited: progress.audited,
        failure,
    })
}

/// Takes the lease and stores that a run begins.
async fn begin<'a>(
    runner: &'a Runner,
    entity: &'a Entity,
    cause: RunCause,
    by: Option<String>,
) -> Result<(Held<'a>, RunRecord), RunError> {
    let (store, clock) = (&*runner.store, &*runner.clock);
    let (connection, kind) = (&entity.connection, &entity.kind);
    let name = run_lease(kind);
    for attempt in 1_u32.. {
        let states = store.schedules(connection).await?;
        if cause != RunCause::ByHand
            && let Some(pause) = pause_of(&states, kind)
        {
            return Err(RunError::Paused(pause));
        }
        let current = store.lease(connection, &name).await?;
        let now = clock.now();
        let (time, holder) = (runner.lease_time, runner.holder.as_str());
        let (lease, taking) = Lease::take(connection, current.as_ref(), &name, holder, now, time)?;
        let mut record =
            RunRecord::begun(format!("{kind}/{}", lease.fence), kind.clone(), cause, now);
        record.by.clone_from(&by);
        let mut batch = taking.write(Write::Run(Box::new(record.clone())));
        // Whoever has the lease is the only one: what runs still is dead.
        let running = RunQuery::new().kind(kind.clone()).running();
        for dead in store.runs(connection, &running).await?.items {
            let dead = dead.ended(RunOutcome::Interrupted, now);
            batch = batch.write(Write::Run(Box::new(dead)));
        }
        let mut state = state_of(&states, kind);
        state.last_started = Some(now);
        batch = batch.write(Write::Schedule(state.next_version()));
        let held = Held {
            store,
            clock,
            connection,
            lease,
            time,
        };
        match store.commit(batch).await {
            Ok(()) => return Ok((held, record)),
            // Somebody paused it meanwhile, or was quicker: look again.
            Err(error) if error.is_conflict() && attempt < 8 => {}
            Err(error) if error.kind() == StoreErrorKind::OutcomeUnknown => {
                let stored = store.lease(connection, &name).await?;
                if stored.as_ref() == Some(&held.lease) {
                    return Ok((held, record));
                }
                held.pass_over(error, attempt).await?;
            }
            Err(error) if error.is_retryable() => held.pass_over(error, attempt).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(RunError::LeaseLost)
}

/// The pause that keeps a kind from being run by the clock: its own, or refused credentials of any
/// kind, which are those of the connection.
pub(super) fn pause_of(states: &[ScheduleState], kind: &Kind) -> Option<Pause> {
    let mut paused = states.iter().filter_map(|state| {
        let pause = state.paused.as_ref()?;
        let is_ours = state.kind == *kind || pause.because == PauseReason::Credentials;
        is_ours.then(|| pause.clone())
    });
    paused.next()
}

pub(super) fn state_of(states: &[ScheduleState], kind: &Kind) -> ScheduleState {
    let known = states.iter().find(|state| state.kind == *kind).cloned();
    known.unwrap_or_else(|| ScheduleState::new(kind.clone()))
}

fn executor<'a>(
    runner: &'a Runner,
    entity: &'a Entity,
    held: &Held<'_>,
    run: &str,
    references: References<'a>,
) -> Executor<'a> {
    let sides = entity.borrowed_sides();
    let mut executor = Executor::new(&*runner.store, sides, entity.keeping, &*runner.clock)
        .references(references)
        .run(run)
        .concurrency(runner.concurrency)
        .retries(runner.retries)
        .cancellation(&runner.cancellation)
        .under(held.lease.clone(), held.time);
    if let Some(time) = runner.longest_settle {
        executor = executor.longest_settle(time);
    }
    if let Some(told) = &runner.progress {
        executor = executor.progress(|event| told(&entity.connection, &entity.kind, event));
    }
    executor
}

/// What is done between the beginning and the end.
async fn work(
    runner: &Runner,
    entity: &Entity,
    held: &mut Held<'_>,
    record: &RunRecord,
    given: Option<Plan>,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let (store, clock) = (&*runner.store, &*runner.clock);
    let (connection, kind) = (&entity.connection, &entity.kind);
    let mut known = Known::read(store, entity).await?;
    progress.recovered = executor(runner, entity, held, &record.id, known.references())
        .recover_kind(connection, kind)
        .await?;
    held.renew().await?;
    if runner.cancellation.is_cancelled() {
        return Ok(());
    }
    if progress.recovered != Recovered::default() {
        known = Known::read(store, entity).await?;
    }
    let mut plan = if let Some(plan) = given {
        plan
    } else {
        // Whatever is touched from here on is for the next run.
        progress.touches = store.touched(connection, kind).await?;
        let seen = look(runner, entity, held, &known, record.cause, progress).await?;
        if runner.cancellation.is_cancelled() {
            return Ok(());
        }
        // Matching and planning may take a while, in which nothing can be renewed.
        held.renew().await?;
        let plan = known.plan(entity, seen.as_ref(), progress.is_partial, clock.now())?;
        held.renew().await?;
        plan
    };
    let mut approved = None;
    if !plan.is_clear() {
        let approvals = store.approvals(connection, kind).await?;
        approved = approvals.into_iter().find(|one| one.digest == plan.digest);
        if approved.is_some() && plan.approve(plan.digest).is_err() {
            approved = None;
        }
    }
    let plan = &*progress.plan.insert(Box::new(plan));
    if matches!(plan.verdict, Verdict::Quarantined { .. }) {
        return Ok(());
    }
    if let Some(approval) = approved {
        // An approval is for once: what is left after a crash is another plan.
        let closed = Write::ApprovalClosed(approval.digest);
        let batch = held.batch(clock.now()).write(closed);
        store.commit(batch).await?;
    }
    let executor = executor(runner, entity, held, &record.id, known.references());
    let applied = match executor.apply(plan).await {
        Ok(applied) => applied,
        Err(error) => {
            progress.applied = error.applied().cloned().map(Box::new);
            return Err(error.into());
        }
    };
    let applied = &*progress.applied.insert(Box::new(applied));
    let doubtful = applied
        .doubtful_creates()
        .chain(&progress.recovered.creates);
    progress.audited = executor.audit(connection, doubtful).await?;
    Ok(())
}

/// Reads both sides: all of them, or only the touched pairs.
async fn look(
    runner: &Runner,
    entity: &Entity,
    held: &mut Held<'_>,
    known: &Known,
    cause: RunCause,
    progress: &mut Progress,
) -> Result<Sides<Snapshot>, Stop> {
    let is_touch = cause == RunCause::Touch;
    let pairs = view::touched_pairs(&progress.touches, &known.links, runner.partial_up_to);
    let seen = if let Some(pairs) = pairs.filter(|_| is_touch) {
        progress.is_partial = true;
        let read = view::pairs(entity, &pairs, runner.concurrency, runner.clock.now());
        held.during(read).await??
    } else {
        let read = view::all(entity, &known.links, &known.decisions);
        held.during(read).await??
    };
    progress.has_read = true;
    progress.records = seen.as_ref().map(|side| count(side.len()));
    progress.rejected = seen.as_ref().map(|side| count(side.rejected().len()));
    Ok(seen)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn totals(progress: &Progress) -> RunTotals {
    let mut totals = RunTotals {
        records: progress.records,
        rejected: progress.rejected,
        recovered: count(progress.recovered.settled.len() + progress.recovered.not_done.len()),
        doubles: count(progress.audited.doubles.len()),
        ..RunTotals::default()
    };
    if let Some(plan) = &progress.plan {
        totals.planned = count(plan.operations.len());
        totals.findings = count(plan.findings.len());
    }
    if let Some(applied) = &progress.applied {
        for record in &applied.records {
            match record.outcome {
                Outcome::Created { on } => totals.created[on] += 1,
                Outcome::Updated { on } => totals.updated[on] += 1,
                Outcome::Deleted { on } => totals.deleted[on] += 1,
                _ => {}
            }
        }
        let of = applied.totals;
        totals.done = of.done();
        (totals.stale, totals.failed) = (of.stale, of.failed + of.in_doubt);
    }
    totals
}

/// The end of a run.
struct End<'a> {
    runner: &'a Runner,
    entity: &'a Entity,
    /// Whether a plan was given, so that nothing was read.
    is_given: bool,
}

impl End<'_> {
    /// Stores what came of a run, and gives the lease back.
    async fn store(
        &self,
        held: &mut Held<'_>,
        record: RunRecord,
        progress: &Progress,
        failure: Option<&RunFailure>,
    ) -> Result<RunRecord, RunError> {
        let (store, connection) = (held.store, held.connection);
        let mut attempt = 1;
        loop {
            let now = held.clock.now();
            let (outcome, deviations) = self.outcome(&record, progress, failure, now);
            let ended = record.clone().ended(outcome, now);
            let states = match store.schedules(connection).await {
                Ok(states) => states,
                Err(error) => {
                    held.pass_over(error, attempt).await?;
                    attempt += 1;
                    continue;
                }
            };
            let mut batch = held.lease.release(connection, now);
            batch.writes.extend(deviations);
            batch.writes.push(Write::Run(Box::new(ended.clone())));
            let mut states = self.states(&states, &ended, progress, failure, now);
            batch.writes.append(&mut states);
            if ended.outcome == RunOutcome::Finished {
                let closed = progress.touches.iter().cloned();
                batch.writes.extend(closed.map(Write::TouchClosed));
            }
            if let Some(kept) = self.runner.keep_runs {
                let before =
                    now - chrono::TimeDelta::from_std(kept).unwrap_or(chrono::TimeDelta::MAX);
                batch.writes.push(Write::RunsForgotten { before });
            }
            let Err(error) = store.commit(batch).await else {
                return Ok(ended);
            };
            if matches!(error.conflict(), Some(Conflict::ScheduleVersion { .. })) {
                // Somebody paused or resumed it meanwhile, or the answer was lost. Both are read.
                continue;
            }
            held.pass_over(error, attempt).await?;
            attempt += 1;
        }
    }

    /// What came of it, with the deviations that open and those that are settled.
    fn outcome(
        &self,
        record: &RunRecord,
        progress: &Progress,
        failure: Option<&RunFailure>,
        now: DateTime<Utc>,
    ) -> (RunOutcome, Vec<Write>) {
        let mut writes = Vec::new();
        let mut settle = |topic: Topic| {
            let event = DeviationEvent::new(topic.id(), DeviationChange::Succeeded, now);
            writes.push(Write::Deviation(event.in_run(&record.id)));
        };
        if progress.has_read {
            for which in Which::BOTH {
                settle(self.topic_of_read(which));
                settle(self.topic_of_credentials(which));
            }
        }
        if failure.is_none() && progress.applied.is_some() {
            settle(self.topic("apply"));
            settle(self.topic("plan"));
        }
        let mut open = |topic: Topic, failure: Failure| -> DeviationId {
            let event = DeviationEvent::failed(topic, failure, now).in_run(&record.id);
            let id = event.id;
            writes.push(Write::Deviation(event));
            id
        };
        if let Some(failure) = failure {
            let class = failure.class();
            let deviation = match (failure, failure.refused_credentials()) {
                (_, Some(which)) => {
                    let told = credentials_refused(which);
                    Some(open(self.topic_of_credentials(which), told))
                }
                (RunFailure::Side { which, error }, None) => {
                    Some(open(self.topic_of_read(*which), error.to_failure()))
                }
                (RunFailure::Planner(error), None) => {
                    let told = Failure::new(class, "not-plannable", error.to_string());
                    Some(open(self.topic("plan"), told))
                }
                (RunFailure::Execution(error), None) => {
                    let code = execution_code(error.kind());
                    let told = Failure::new(class, code, error.to_string());
                    Some(open(self.topic("apply"), told))
                }
                // A store that fails is nothing for a deviation in it.
                (RunFailure::Store(_), None) => None,
            };
            return (RunOutcome::Failed { class, deviation }, writes);
        }
        let plan = progress.plan.as_deref();
        if let Some(Plan {
            verdict: Verdict::Quarantined { trips },
            digest,
            ..
        }) = plan
        {
            open(self.topic("plan"), quarantined(*digest, trips));
            let digest = *digest;
            return (RunOutcome::Quarantined { digest }, writes);
        }
        let is_cancelled = match &progress.applied {
            Some(applied) => applied.is_cancelled,
            None => true,
        };
        if is_cancelled {
            (RunOutcome::Cancelled, writes)
        } else {
            (RunOutcome::Finished, writes)
        }
    }

    /// The schedules as they are after the run.
    fn states(
        &self,
        states: &[ScheduleState],
        ended: &RunRecord,
        progress: &Progress,
        failure: Option<&RunFailure>,
        now: DateTime<Utc>,
    ) -> Vec<Write> {
        let (connection, kind) = (&self.entity.connection, &self.entity.kind);
        let mut state = state_of(states, kind);
        state.last_finished = Some(now);
        let was_whole = !progress.is_partial && !self.is_given;
        if let Some(schedule) = &self.entity.schedule {
            let may_pass = failure.is_some_and(|failure| failure.class().may_pass());
            match &ended.outcome {
                // It is due still.
                RunOutcome::Cancelled => {}
                _ if may_pass => {
                    state.next_due = Some(schedule.retry_after(now, connection, kind));
                }
                _ if was_whole => state.next_due = Some(schedule.next_after(now, connection, kind)),
                _ => {}
            }
        }
        let is_refused = failure.and_then(RunFailure::refused_credentials).is_some();
        if is_refused && state.paused.is_none() {
            state.paused = Some(Pause::new(now, PauseReason::Credentials));
        }
        let mut changed = vec![state];
        if progress.has_read && !is_refused && ended.cause == RunCause::ByHand {
            // The credentials are good again: so they are for all kinds.
            let by_credentials = |state: &ScheduleState| {
                let pause = state.paused.as_ref();
                pause.is_some_and(|pause| pause.because == PauseReason::Credentials)
            };
            let others = states.iter().filter(|state| state.kind != *kind);
            changed.extend(others.filter(|state| by_credentials(state)).cloned());
            for state in changed.iter_mut().filter(|state| by_credentials(state)) {
                state.paused = None;
            }
        }
        let states = changed.into_iter().map(ScheduleState::next_version);
        states.map(Write::Schedule).collect()
    }

    fn topic(&self, operation: &str) -> Topic {
        let kind = self.entity.kind.clone();
        Topic::new(&self.entity.connection, operation, Subject::Kind { kind })
    }

    fn topic_of_read(&self, which: Which) -> Topic {
        self.topic(&format!("read-{which}"))
    }

    fn topic_of_credentials(&self, which: Which) -> Topic {
        topic_of_credentials(&self.entity.connection, which)
    }
}

pub(super) fn topic_of_credentials(connection: &ConnectionId, which: Which) -> Topic {
    Topic::new(
        connection,
        format!("authenticate-{which}"),
        Subject::Connection,
    )
}

fn credentials_refused(which: Which) -> Failure {
    let message = format!(
        "the {which} side refuses the credentials: enter new ones and resume the connection; \
         nothing is run by the clock before"
    );
    Failure::new(
        DeviationClass::Authentication,
        "credentials-refused",
        message,
    )
}

fn quarantined(digest: crate::Digest, trips: &[Trip]) -> Failure {
    let message = format!(
        "a guard rail stopped the plan with digest {digest}, and nothing was done: look at the \
         plan, and approve the digest or find out what is wrong"
    );
    let mut failure = Failure::new(DeviationClass::Guard, "quarantined", message)
        .distinguished_by(digest.to_string());
    for trip in trips {
        failure = failure.and(told(*trip));
    }
    failure
}

fn told(trip: Trip) -> String {
    match trip {
        Trip::Creates { number, all } => format!("{number} of {all} records would be created"),
        Trip::Updates { number, all } => format!("{number} of {all} records would be changed"),
        Trip::Removals { number, all } => {
            format!("{number} of {all} records are gone, or would be deleted or unlinked")
        }
        Trip::Emptied { side, linked } => {
            format!("the {side} side shows no record, but {linked} are linked")
        }
        Trip::AllChanged { side, number } => {
            format!("all {number} linked records of the {side} side changed")
        }
    }
}

fn execution_code(kind: &ExecutionErrorKind) -> &'static str {
    match kind {
        ExecutionErrorKind::Quarantined(_) => "quarantined",
        ExecutionErrorKind::Plan(_) => "plan-edited",
        ExecutionErrorKind::Store(_) => "store",
        ExecutionErrorKind::LeaseLost => "lease-lost",
        ExecutionErrorKind::Unauthenticated(_) => "credentials-refused",
        ExecutionErrorKind::Transition(_) => "transition",
    }
}
