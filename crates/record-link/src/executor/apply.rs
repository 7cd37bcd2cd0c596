//! Carries out a plan: several operations at once.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::in_step;
use super::operation::{Doubt, Ended, One};
use super::schedule::Schedule;
use super::session::Session;
use super::settle::{Fate, Open};
use super::{
    Applied, ExecutionError, ExecutionErrorKind, Executor, Outcome, ProgressEvent, SkipReason,
};
use crate::clock::{after, until};
use crate::plan::{Plan, Step, Verdict, keep_scope};
use crate::transition::Transition;
use crate::{Batch, ClientKey, Recovery, Which, Write};

/// See [`Executor::apply`].
pub(super) async fn apply(executor: &Executor<'_>, plan: &Plan) -> Result<Applied, ExecutionError> {
    if matches!(plan.verdict, Verdict::Quarantined { .. }) {
        let stopped = ExecutionErrorKind::Quarantined(plan.digest);
        return Err(ExecutionError::new(stopped));
    }
    plan.check()?;
    let session = Session::new(executor, &plan.connection);
    let mut work = Work {
        session: &session,
        plan,
        schedule: Schedule::of(&plan.operations),
        outcomes: vec![None; plan.operations.len()],
        ended: 0,
    };
    executor.tell(&ProgressEvent::Started {
        operations: plan.operations.len(),
    });
    tracing::debug!(connection = %plan.connection, kind = %plan.kind, run = executor.run,
        operations = plan.operations.len(), "a plan is carried out");
    let result = executor.beside_lease(&plan.connection, work.run()).await;
    let applied = work.applied();
    tracing::info!(connection = %plan.connection, kind = %plan.kind, run = executor.run,
        done = applied.totals.done(), failed = applied.totals.failed,
        in_doubt = applied.totals.in_doubt, stale = applied.totals.stale,
        skipped = applied.totals.skipped, "a plan was carried out");
    executor.tell(&ProgressEvent::Finished {
        totals: applied.totals,
    });
    match result {
        Ok(()) => Ok(applied),
        Err(error) => Err(error.after(applied)),
    }
}

/// A plan under way.
struct Work<'a> {
    session: &'a Session<'a>,
    plan: &'a Plan,
    schedule: Schedule,
    outcomes: Vec<Option<Outcome>>,
    ended: usize,
}

impl<'a> Work<'a> {
    fn one(&self, place: usize) -> Option<One<'a>> {
        Some(One {
            session: self.session,
            kind: &self.plan.kind,
            operation: self.plan.operations.get(place)?,
        })
    }

    async fn run(&mut self) -> Result<(), ExecutionError> {
        let (session, plan) = (self.session, self.plan);
        let required = plan
            .operations
            .iter()
            .flat_map(|one| one.requires.iter().copied());
        session.shared().required = required.collect();
        self.look_ahead().await?;
        let failure = self.carry_out().await?;
        session.end().await?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        let mut scopes = plan.scopes;
        for (operation, outcome) in plan.operations.iter().zip(&self.outcomes) {
            if !outcome.as_ref().is_some_and(Outcome::is_done) {
                keep_scope(&mut scopes, operation);
            }
        }
        let kind = plan.kind.clone();
        let batch = Batch::new(&plan.connection, session.executor.clock.now())
            .write(Write::Scopes { kind, scopes });
        let batch = session.accepted().into_iter().fold(batch, Batch::write);
        // Nothing can stand against it.
        let _ = session.executor.commit(batch).await?;
        in_step::resolve(session, plan).await
    }

    /// Carries out what can be; the store's failure, if it failed.
    async fn carry_out(&mut self) -> Result<Option<ExecutionError>, ExecutionError> {
        let session = self.session;
        let mut running = FuturesUnordered::new();
        let mut in_doubt = Vec::new();
        // What is to be sent once more, and how often it was.
        let mut again: Vec<(usize, u32)> = Vec::new();
        let mut failure = None;
        loop {
            while running.len() < session.executor.concurrency && !session.is_stopping() {
                let next = again.pop().or_else(|| Some((self.schedule.next()?, 0)));
                let Some((place, times)) = next else { break };
                let Some(one) = self.one(place) else { continue };
                running.push(async move { (place, times + 1, one.carry_out().await) });
            }
            match running.next().await {
                Some((place, _, Ok(Ended::As(outcome)))) => self.end(place, outcome),
                Some((place, times, Ok(Ended::InDoubt(doubt)))) => {
                    in_doubt.push((place, times, doubt));
                }
                // Who lost the lease has no business here any more; the rest is dropped.
                Some((_, _, Err(error))) if error.is_lease_lost() => return Err(error),
                // The others store what came of them, if they can.
                Some((_, _, Err(error))) => {
                    session.halt.cancel();
                    failure.get_or_insert(error);
                }
                None if in_doubt.is_empty() => return Ok(failure),
                None => again = self.settle(std::mem::take(&mut in_doubt)).await?,
            }
        }
    }

    /// Gives writes of unknown outcome the time to show and looks for them. Those that are provably
    /// not there are returned, to be sent again.
    async fn settle(
        &mut self,
        doubts: Vec<(usize, u32, Box<Doubt>)>,
    ) -> Result<Vec<(usize, u32)>, ExecutionError> {
        let (session, executor) = (self.session, self.session.executor);
        let now = executor.clock.now();
        let (mut open, mut places, mut longest) = (Vec::new(), Vec::new(), None);
        for (place, times, doubt) in doubts {
            let Doubt {
                deviation,
                sent,
                since,
            } = *doubt;
            let settle = sent
                .step
                .writes_on()
                .map(|on| executor.settle(on, &self.plan.kind));
            let wait = until(now, after(since, settle.unwrap_or_default()));
            if wait > executor.longest_settle || session.is_stopping() {
                self.end(place, Outcome::InDoubt { deviation });
                continue;
            }
            longest = longest.max(Some(wait));
            places.push((place, times, deviation));
            open.push(Open {
                kind: self.plan.kind.clone(),
                sent,
                since,
            });
        }
        let Some(wait) = longest else {
            return Ok(Vec::new());
        };
        let writes = open.len();
        executor.tell(&ProgressEvent::Settling { writes, wait });
        if !wait.is_zero() && !session.sleep(wait).await {
            for (place, _, deviation) in places {
                self.end(place, Outcome::InDoubt { deviation });
            }
            return Ok(Vec::new());
        }
        let fates = match session.look_for(&open).await {
            Ok(fates) => fates,
            Err(error) => {
                for (place, _, deviation) in places {
                    self.end(place, Outcome::InDoubt { deviation });
                }
                return Err(error);
            }
        };
        let mut again = Vec::new();
        for (((place, times, deviation), open), fate) in places.into_iter().zip(open).zip(fates) {
            match fate {
                Fate::Ended(outcome) => self.end(place, outcome),
                Fate::Closed if times < executor.retries.attempts && !session.is_stopping() => {
                    again.push((place, times));
                }
                // Planned again next time.
                Fate::Closed => self.end(place, Outcome::Failed { deviation }),
                Fate::Unknown(failure) => {
                    let one = One {
                        session,
                        kind: &open.kind,
                        operation: &open.sent,
                    };
                    let deviation = one.write_deviation(&failure, Transition::default()).await?;
                    self.end(place, Outcome::InDoubt { deviation });
                }
            }
        }
        Ok(again)
    }

    fn end(&mut self, place: usize, outcome: Outcome) {
        let (Some(operation), Some(slot)) = (
            self.plan.operations.get(place),
            self.outcomes.get_mut(place),
        ) else {
            return;
        };
        self.ended += 1;
        tracing::debug!(operation = %operation.id, link = %operation.link,
            step = operation.step.as_str(), outcome = outcome.as_str(), "an operation ended");
        self.session.executor.tell(&ProgressEvent::Ended {
            operation: operation.id,
            link: operation.link,
            step: operation.step.as_str(),
            outcome: outcome.clone(),
            number: self.ended,
            of: self.plan.operations.len(),
        });
        *slot = Some(outcome);
        self.schedule.ended(place);
    }

    /// Looks for what was tried before: what is open, and where a look is a listing, all of it in
    /// one.
    async fn look_ahead(&self) -> Result<(), ExecutionError> {
        let (session, plan) = (self.session, self.plan);
        let mut keys: [Vec<ClientKey>; 2] = Default::default();
        for operation in &plan.operations {
            let Step::Create {
                on,
                look_first: true,
                ..
            } = operation.step
            else {
                continue;
            };
            if let Some(source) = &operation.keys[on.other()] {
                let key = ClientKey::new(plan.connection.as_str(), &plan.kind, source.as_str());
                keys[usize::from(on == Which::Right)]
                    .push(key.with_incarnation(operation.incarnation));
            }
        }
        if keys.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let executor = session.executor;
        let open = executor
            .ask(|| executor.store.intents(&plan.connection))
            .await?;
        session.shared().open = open.iter().map(|one| (one.id(), one.at)).collect();
        for (on, keys) in Which::BOTH.into_iter().zip(keys) {
            let able = executor.sides[on].capabilities(&plan.kind);
            let is_listing = able.is_some_and(|able| able.create == Some(Recovery::ByListing));
            if is_listing && !keys.is_empty() {
                let found = session.find_all(&plan.kind, on, &keys).await?;
                let found = found
                    .into_iter()
                    .filter_map(|(key, found)| Some((key, found.ok()?)));
                session.shared().found.extend(found);
            }
        }
        Ok(())
    }

    /// What came of the plan so far.
    fn applied(&mut self) -> Applied {
        let is_cancelled = self.session.is_cancelled();
        let because = if is_cancelled {
            SkipReason::Cancelled
        } else {
            SkipReason::Stopped
        };
        let outcomes = std::mem::take(&mut self.outcomes).into_iter();
        let outcomes = outcomes.map(|outcome| {
            outcome.unwrap_or_else(|| Outcome::Skipped {
                because: because.clone(),
            })
        });
        let new_keys = std::mem::take(&mut self.session.shared().new_keys);
        let mut applied = Applied::of(self.plan, outcomes.collect(), &new_keys);
        applied.is_cancelled = is_cancelled;
        applied.creates = self.session.creates();
        applied
    }
}
