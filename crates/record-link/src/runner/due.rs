//! What is due, what is touched, what is paused.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use futures_util::{StreamExt, stream};

use super::pass::{pause_of, state_of, topic_of_credentials};
use super::{Entity, RunError, RunReport, Runner, entity};
use crate::clock::until;
use crate::{
    Approval, Batch, BoxFuture, Cancellation, ConnectionId, DeviationChange, DeviationEvent,
    DeviationState, Digest, Pause, PauseReason, RecordKey, RunCause, ScheduleState, StoreError,
    Which, Write,
};

/// A run that was due.
#[derive(Debug)]
#[non_exhaustive]
pub struct DueRun {
    /// The connection.
    pub connection: ConnectionId,
    /// The kind.
    pub kind: Kind,
    /// Why it was due.
    pub cause: RunCause,
    /// What came of it.
    pub result: Result<RunReport, RunError>,
}

/// How often a change of a schedule is tried that somebody else changes, too.
const ATTEMPTS: u32 = 8;

impl Runner {
    /// Runs what is due now, and what was touched: within a connection one kind after the other,
    /// those first that others refer to; [some connections](Self::connections) side by side.
    ///
    /// What another runner works on, and what is paused, is passed over. What was missed is run
    /// once.
    ///
    /// # Errors
    /// When the store cannot say what is due. What goes wrong with a run is in its result.
    pub async fn run_due(&self) -> Result<Vec<DueRun>, StoreError> {
        self.run_due_until(&self.cancellation).await
    }

    async fn run_due_until(&self, cancellation: &Cancellation) -> Result<Vec<DueRun>, StoreError> {
        let mut by_connection: BTreeMap<&ConnectionId, Vec<&Entity>> = BTreeMap::new();
        for entity in entity::in_order(&self.entities) {
            let of_connection = by_connection.entry(&entity.connection).or_default();
            of_connection.push(entity);
        }
        let runs = by_connection.into_values().map(|entities| {
            let runs: BoxFuture<'_, Result<Vec<DueRun>, StoreError>> =
                Box::pin(self.run_due_of(entities, cancellation));
            runs
        });
        // The boxes are made beforehand: a closure inside of the stream would not be `Send`.
        let runs: Vec<_> = runs.collect();
        let runs = stream::iter(runs).buffer_unordered(self.connections);
        let runs: Vec<_> = runs.collect().await;
        let mut all = Vec::new();
        for runs in runs {
            all.extend(runs?);
        }
        Ok(all)
    }

    /// The same for the entities of one connection.
    async fn run_due_of(
        &self,
        entities: Vec<&Entity>,
        cancellation: &Cancellation,
    ) -> Result<Vec<DueRun>, StoreError> {
        let mut runs = Vec::new();
        for entity in entities {
            if cancellation.is_cancelled() {
                break;
            }
            // Anew for each: a run may have paused the connection.
            let states = self.store.schedules(&entity.connection).await?;
            let Some(cause) = self.cause(entity, &states).await? else {
                continue;
            };
            let runner = Self {
                cancellation: cancellation.clone(),
                ..self.clone()
            };
            let result = runner.run_once(entity, cause).await;
            if matches!(result, Err(RunError::Busy(_) | RunError::Paused(_))) {
                continue;
            }
            let run = DueRun {
                connection: entity.connection.clone(),
                kind: entity.kind.clone(),
                cause,
                result,
            };
            if let Some(told) = &self.told {
                told(&run);
            }
            runs.push(run);
        }
        Ok(runs)
    }

    /// Why an entity is to be run now, if it is.
    async fn cause(
        &self,
        entity: &Entity,
        states: &[ScheduleState],
    ) -> Result<Option<RunCause>, StoreError> {
        let now = self.clock.now();
        if pause_of(states, &entity.kind).is_some() {
            return Ok(None);
        }
        if due(entity, states, now).is_some_and(|due| due <= now) {
            return Ok(Some(RunCause::Schedule));
        }
        let touched = self.store.touched(&entity.connection, &entity.kind).await?;
        Ok((!touched.is_empty()).then_some(RunCause::Touch))
    }

    /// Runs what is due, when it is due, until it is asked to stop: then nothing more is begun, what
    /// is under way ends and is stored.
    ///
    /// A store that cannot be reached is asked again and again; [`told`](Self::told) hears of every
    /// run.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use flat_record::{Field, Fields, HashKey, Kind, ValueKind};
    /// use record_link::testing::{FakeSide, ManualClock, block_on};
    /// use record_link::{
    ///     Cancellation, ConnectionId, Entity, Keeping, MemoryStore, Policy, Runner, Schedule, Side,
    ///     Sides, Which,
    /// };
    ///
    /// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
    /// let kind = Kind::new("employee")?;
    /// let side = || -> Arc<dyn Side> { Arc::new(FakeSide::new().with_kind(&kind, &fields)) };
    /// let (policy, keeping) = (Policy::default(), Keeping::hashes(HashKey::new([7; 16])));
    /// let connection = ConnectionId::new("hr->payroll")?;
    /// let entity = Entity::new(connection, kind.clone(), Sides::new(side(), side()), policy, keeping)
    ///     .schedule(Schedule::every(Duration::from_secs(15 * 60)));
    ///
    /// let cancellation = Cancellation::new(); // a clone for Ctrl-C
    /// let stop = cancellation.clone();
    /// let runner = Runner::new(Arc::new(MemoryStore::new()), Arc::new(ManualClock::default()), "worker 1")
    ///     .entity(entity)
    ///     .told(move |run| {
    ///         assert!(run.result.is_ok());
    ///         stop.cancel(); // one run is enough for an example
    ///     });
    /// block_on(runner.run_forever(&cancellation));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn run_forever(&self, cancellation: &Cancellation) {
        while !cancellation.is_cancelled() {
            let ran = self.run_due_until(cancellation).await;
            let is_well = match &ran {
                Ok(runs) => runs.iter().all(|run| run.result.is_ok()),
                Err(_) => false,
            };
            let mut wait = self.poll;
            if is_well && let Ok(Some(next)) = self.next_due().await {
                // One that is due and was not run is another runner's.
                let time = until(self.clock.now(), next);
                wait = wait.min(if time.is_zero() { wait } else { time });
            }
            self.wait(wait, cancellation).await;
        }
    }

    /// When the next of the entities is due; `None` if none has a schedule that is not paused. One
    /// that is over was not run yet.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let now = self.clock.now();
        let mut next = None;
        for entity in &self.entities {
            let states = self.store.schedules(&entity.connection).await?;
            if pause_of(&states, &entity.kind).is_none() {
                next = next.into_iter().chain(due(entity, &states, now)).min();
            }
        }
        Ok(next)
    }

    /// Waits, or less if it is asked to stop.
    async fn wait(&self, time: Duration, cancellation: &Cancellation) {
        let mut sleep = self.clock.sleep(time);
        let mut cancelled = pin!(cancellation.cancelled());
        std::future::poll_fn(|context| {
            if cancelled.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            sleep.as_mut().poll(context)
        })
        .await;
    }

    /// Somebody says that these records of a side have changed: a webhook, a message, a person. The
    /// next [`run_due`](Self::run_due) of any runner on this store reads them, and their partners,
    /// before the schedule would. Nothing is concluded from a record that is not there, and if one
    /// of them has no partner yet, both sides are read in full.
    ///
    /// It only notes the keys; it may be called as often as messages come.
    ///
    /// # Errors
    /// If the store fails: have the message sent again.
    pub async fn touch(
        &self,
        connection: &ConnectionId,
        kind: &Kind,
        which: Which,
        keys: impl IntoIterator<Item = RecordKey>,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        let mut batch = Batch::new(connection, at);
        batch
            .writes
            .extend(keys.into_iter().map(|key| Write::Touched {
                kind: kind.clone(),
                which,
                key,
                at,
            }));
        if batch.is_empty() {
            return Ok(());
        }
        self.store.commit(batch).await
    }

    /// Lets a plan be applied that a guard rail stopped, on the word of a person who saw the plan
    /// with this digest. The next run that comes to the same plan applies it, once.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn approve(
        &self,
        connection: &ConnectionId,
        kind: &Kind,
        digest: Digest,
        person: impl Into<String>,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        let approval = Approval::new(digest, kind.clone(), at).by(person);
        let batch = Batch::new(connection, at).write(Write::Approval(approval));
        self.store.commit(batch).await
    }

    /// Pauses the schedule of a kind: nothing of it is run by the clock, or since it was touched,
    /// before it is resumed. A run that is under way goes on.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn pause(
        &self,
        connection: &ConnectionId,
        kind: &Kind,
        person: impl Into<String>,
    ) -> Result<(), StoreError> {
        let pause = Pause::new(self.clock.now(), PauseReason::ByHand).by(person);
        self.change(connection, |states| {
            let mut state = state_of(states, kind);
            state.paused = Some(pause.clone());
            vec![state]
        })
        .await
    }

    /// Resumes the schedule of a kind: what was missed is run once. If it was paused since
    /// credentials were refused, all kinds of the connection are resumed, and its deviations are
    /// being reprocessed until a run succeeds or fails again.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn resume(&self, connection: &ConnectionId, kind: &Kind) -> Result<(), StoreError> {
        let by_credentials = |state: &&ScheduleState| {
            let pause = state.paused.as_ref();
            pause.is_some_and(|pause| pause.because == PauseReason::Credentials)
        };
        self.change(connection, |states| {
            let is_ours = |state: &&ScheduleState| state.kind == *kind && state.paused.is_some();
            let resumed = states
                .iter()
                .filter(|one| is_ours(one) || by_credentials(one));
            let mut resumed: Vec<_> = resumed.cloned().collect();
            for state in &mut resumed {
                state.paused = None;
            }
            resumed
        })
        .await?;
        for which in Which::BOTH {
            let id = topic_of_credentials(connection, which).id();
            let deviation = self.store.deviation(connection, id).await?;
            if deviation.is_some_and(|one| one.state() == DeviationState::Open) {
                let now = self.clock.now();
                let event = DeviationEvent::new(id, DeviationChange::Reprocessing, now);
                let batch = Batch::new(connection, now).write(Write::Deviation(event));
                match self.store.commit(batch).await {
                    // It was settled meanwhile.
                    Err(error) if error.is_conflict() => {}
                    result => result?,
                }
            }
        }
        Ok(())
    }

    /// Changes schedules; anew if somebody else did meanwhile.
    async fn change(
        &self,
        connection: &ConnectionId,
        to: impl Fn(&[ScheduleState]) -> Vec<ScheduleState>,
    ) -> Result<(), StoreError> {
        let mut attempt = 1;
        loop {
            let states = self.store.schedules(connection).await?;
            let changed = to(&states).into_iter().map(ScheduleState::next_version);
            let mut batch = Batch::new(connection, self.clock.now());
            batch.writes.extend(changed.map(Write::Schedule));
            if batch.is_empty() {
                return Ok(());
            }
            match self.store.commit(batch).await {
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }
}

/// Since when, or from when on, an entity is due; `None` if it has no schedule.
fn due(entity: &Entity, states: &[ScheduleState], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let schedule = entity.schedule.as_ref()?;
    let state = states.iter().find(|state| state.kind == entity.kind);
    Some(schedule.due(state, now))
}
