//! Carrying out what was planned for one employee.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::NaiveDate;
use kleer_client::{CreateOutcome, Doubt, DoubtReason};
use kleer_employee::leave::{AbsenceEvent, KleerEventId, LeaveOperation};
use kleer_model::{EventId, EventWritable, UserId};
use record_link::{DeviationClass, Link};

use super::LeaveExportError;
use super::deviations::{About, Problems, failure_of_error};
use super::employee::{Prepared, Work, day_of, event_id, life_of};
use super::exporter::Round;
use super::memory::{Changes, Day, event_of, is_being_deleted, must_be_looked_at, user_of};
use super::report::{DayAction, DayFailure, DayOutcome, DayResult};

/// How often a change or a delete is sent whose answer was lost: both name their event by its id, and
/// can be repeated.
const ATTEMPTS: u32 = 3;

/// What is waited between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// Which of the operations are carried out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Only<'a> {
    /// All.
    All,
    /// What takes back days of these leaves.
    TakingBack(&'a BTreeSet<String>),
    /// What a plan showed.
    Shown(&'a [LeaveOperation]),
}

/// What was done for one employee.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) days: Vec<DayOutcome>,
    /// Whether a create may have been carried out twice.
    pub(super) to_audit: bool,
    /// Somebody asked to stop before everything was done.
    pub(super) is_cut_short: bool,
}

impl Round<'_> {
    fn changes(&self) -> Changes<'_> {
        Changes {
            connection: self.exporter.connection,
            run: self.exporter.run.as_deref(),
            now: self.exporter.clock.now(),
        }
    }

    /// Carries out what was prepared, and remembers it.
    pub(super) async fn carry_out(
        &self,
        work: &Work<'_>,
        prepared: &Prepared,
        only: Only<'_>,
    ) -> Result<Done, LeaveExportError> {
        let mut done = Done::default();
        let mut problems = Problems::default();
        let Some(whose) = whose(work) else {
            for (leave, failure) in &prepared.export.refused {
                problems.add(About::Leave(leave.clone()), None, failure.clone());
            }
            self.store_problems(problems).await?;
            return Ok(done);
        };
        self.remember_what_is_there(work, prepared).await?;
        if let Some(user) = work.user {
            for operation in &prepared.export.operations {
                let is_wanted = match only {
                    Only::All => true,
                    Only::TakingBack(leaves) => {
                        matches!(operation, LeaveOperation::Delete { leave, .. } if leaves.contains(leave))
                    }
                    Only::Shown(shown) => shown.contains(operation),
                };
                if !is_wanted {
                    continue;
                }
                if self.exporter.is_cancelled() {
                    done.is_cut_short = true;
                    break;
                }
                let result = self.one(user, operation, prepared, &mut done).await?;
                let outcome = DayOutcome {
                    employee: prepared.export.employee.clone(),
                    user,
                    leave: operation.leave().to_owned(),
                    date: operation.date(),
                    action: DayAction::of(operation),
                    result,
                };
                if let DayResult::Failed(failure) | DayResult::InDoubt(failure) = &outcome.result {
                    let about = About::Leave(outcome.leave.clone());
                    problems.add(about, Some(outcome.date), failure.clone());
                }
                self.tell(&outcome);
                done.days.push(outcome);
            }
        }
        if matches!(only, Only::TakingBack(_)) {
            return Ok(done); // The second look reports what is left.
        }
        if let Some(user) = work.user
            && done.to_audit
        {
            self.audit(user, &mut problems).await;
        }
        // What was not tried is neither wrong nor settled.
        if done.is_cut_short {
            self.store_problems(problems).await?;
        } else {
            self.report(work, prepared, &whose, problems).await?;
        }
        Ok(done)
    }

    /// Commits the deviations of an employee: those that there are, and those that are over.
    async fn report(
        &self,
        work: &Work<'_>,
        prepared: &Prepared,
        whose: &About,
        mut problems: Problems,
    ) -> Result<(), LeaveExportError> {
        let periods = work.employee.map(|employee| employee.rows.periods());
        problems.concern(periods.unwrap_or_default());
        problems.settled(whose.clone());
        if prepared.export.problem.is_none() {
            let given = work.employee.map(|employee| employee.rows.ids());
            let given = given.into_iter().flatten().map(ToOwned::to_owned);
            for leave in given.chain(work.known.iter().cloned()) {
                let is_of_another = work.moved.contains(&leave);
                // An employee who is not linked has one deviation, and the leaves have none.
                if !is_of_another && !self.source.unreadable.contains_key(&leave) {
                    problems.settled(About::Leave(leave));
                }
            }
        }
        for finding in &prepared.export.findings {
            problems.find(whose, finding);
        }
        for (leave, failure) in &prepared.export.refused {
            problems.add(About::Leave(leave.clone()), None, failure.clone());
        }
        if let Some(failure) = &prepared.export.problem {
            problems.add(whose.clone(), None, failure.clone());
        }
        self.store_problems(problems).await
    }

    async fn store_problems(&self, problems: Problems) -> Result<(), LeaveExportError> {
        let changes = self.changes();
        let mut batch = changes.batch();
        let run = changes.run;
        batch.writes = problems.writes(changes.connection, &self.unsettled, run, changes.now);
        self.lease().commit(batch).await
    }

    /// Resolves what was told of leaves that are not in the source any more, and of which nothing is
    /// in Kleer.
    pub(super) async fn resolve_deleted_leaves(&self) -> Result<(), LeaveExportError> {
        if !self.source.is_complete {
            return Ok(());
        }
        let (first, last) = (self.source.first, self.source.last);
        let exported = self.memory.leaves_by_user(first, last);
        let rows = self.source.employees.iter().map(|employee| &employee.rows);
        let mut kept: BTreeSet<&str> = rows.flat_map(|rows| rows.ids()).collect();
        kept.extend(exported.values().flatten().map(String::as_str));
        kept.extend(self.source.unreadable.keys().map(String::as_str));
        let mut problems = Problems::default();
        for leave in self.unsettled.leaves_touching(first, last) {
            if !kept.contains(leave) {
                problems.settled(About::Leave(leave.to_owned()));
            }
        }
        self.store_problems(problems).await
    }

    /// Links what is in Kleer by the day's key, and gives up creates that are neither there nor
    /// wanted.
    async fn remember_what_is_there(
        &self,
        work: &Work<'_>,
        prepared: &Prepared,
    ) -> Result<(), LeaveExportError> {
        let (Some(user), true) = (work.user, prepared.was_read) else {
            return Ok(());
        };
        let changes = self.changes();
        let mut batch = changes.batch();
        let mut links = Vec::new();
        let mut there = BTreeSet::new();
        let unchanged = &prepared.export.unchanged;
        let unchanged = unchanged
            .iter()
            .map(|day| (day.leave.clone(), day.date, day.event));
        let rewritten = prepared.export.operations.iter().filter_map(|operation| {
            let (leave, date) = day_of(operation);
            match operation {
                LeaveOperation::Update { id, .. } | LeaveOperation::Delete { id, .. } => {
                    Some((leave, date, *id))
                }
                _ => None,
            }
        });
        for (leave, date, event) in unchanged.chain(rewritten) {
            let day = (leave, date);
            let Some(event) = event_id(event) else {
                continue;
            };
            // What somebody else registered is not ours, even if it says the same.
            let foreign_id = prepared.foreign_ids.get(&event);
            let connection = changes.connection.as_str();
            let life = foreign_id.and_then(|id| life_of(id, &day, connection));
            let Some(life) = life else { continue };
            there.insert(day.clone());
            let (write, link) = match self.memory.get(&day) {
                Some(link) if link.state.creates_on().is_some() => changes.created(link, event),
                Some(link) if link.is_live() => continue,
                known => {
                    let owner = self.links.owner(prepared.export.employee.as_ref());
                    let next = known.map_or(0, |link| link.incarnation + 1);
                    let imported = changes.imported(&day, user, event, owner, life.max(next));
                    let Ok(imported) = imported else { continue };
                    imported
                }
            };
            batch = batch.write(write);
            links.push((day, link));
        }
        let wanted: BTreeSet<Day> = prepared.export.operations.iter().map(day_of).collect();
        // An event that is not there any more: somebody has deleted it, or a run that died did.
        for (day, link) in self
            .memory
            .linked(user, self.source.first, self.source.last)
        {
            let is_there =
                event_of(&link).is_some_and(|event| prepared.foreign_ids.contains_key(&event));
            // One that is to be created anew begins another life in the same commit as its intent.
            if is_there || there.contains(&day) || wanted.contains(&day) {
                continue;
            }
            let (write, link) = changes.gone(link);
            batch = batch.write(write);
            links.push((day, link));
        }
        for day in self
            .memory
            .pending(user, self.source.first, self.source.last)
        {
            let is_given_up = work.known.contains(&day.0) && !wanted.contains(&day);
            // A day that waits for somebody is not given up behind their back.
            let is_held = |held: &NaiveDate| *held == day.1;
            let is_held = prepared.export.findings.iter().any(|finding| {
                finding.leave.as_ref() == Some(&day.0) && finding.date.as_ref().is_none_or(is_held)
            });
            if there.contains(&day) || !is_given_up || is_held {
                continue;
            }
            let Some(link) = self.memory.get(&day) else {
                continue;
            };
            let (write, link) = changes.given_up(link);
            batch = batch.write(write);
            links.push((day, link));
        }
        self.lease().commit(batch).await?;
        for (day, link) in links {
            self.memory.put(&day, link);
        }
        Ok(())
    }

    async fn one(
        &self,
        user: UserId,
        operation: &LeaveOperation,
        prepared: &Prepared,
        done: &mut Done,
    ) -> Result<DayResult, LeaveExportError> {
        let day = day_of(operation);
        match operation {
            LeaveOperation::Create {
                event: AbsenceEvent::Time(event),
                ..
            } => self.create(user, &day, event, prepared, done).await,
            LeaveOperation::Update {
                id: KleerEventId::Time(id),
                event: AbsenceEvent::Time(event),
                ..
            } => {
                let mut event = event.clone();
                // The key that it carries, in whichever life.
                if let Some(foreign_id) = prepared.foreign_ids.get(id) {
                    event.foreign_id = foreign_id.clone();
                }
                self.update(&day, *id, &event).await
            }
            LeaveOperation::Delete {
                id: KleerEventId::Time(id),
                ..
            } => self.delete(user, &day, *id).await,
            // Nothing else is planned from time events.
            _ => Ok(DayResult::Stale),
        }
    }

    async fn create(
        &self,
        user: UserId,
        day: &Day,
        event: &EventWritable,
        prepared: &Prepared,
        done: &mut Done,
    ) -> Result<DayResult, LeaveExportError> {
        let known = self.memory.get(day);
        if let Some(link) = &known {
            if link.is_live() && user_of(link).is_some_and(|of| of != user) {
                let message = "the day is still registered for another user in Kleer, and could not \
                               be taken back there; see that user's days";
                let failure = DayFailure::new(DeviationClass::Conflict, "other-user", message);
                return Ok(DayResult::Failed(failure));
            }
            if must_be_looked_at(link) && !self.exporter.looked_at.contains(&day.0) {
                return Ok(DayResult::InDoubt(in_doubt(
                    "Kleer said earlier that it registered the day, and does not show it; look in \
                     Kleer, then export again with the leave among those looked at",
                )));
            }
            done.to_audit |= link.state.creates_on().is_some();
        }
        let owner = self.links.owner(prepared.export.employee.as_ref());
        let intended = self.changes().intend(day, user, owner, known);
        let Ok((batch, link)) = intended else {
            let message = "the leave's id is longer than 980 bytes or has control characters; give \
                           the leave another";
            let failure = DayFailure::new(DeviationClass::Validation, "leave-id", message);
            return Ok(DayResult::Failed(failure));
        };
        let Some(key) = link.client_key() else {
            return Ok(DayResult::Stale); // A link that is being created has one.
        };
        self.lease().commit(batch).await?;
        self.memory.put(day, link.clone());
        let create = self.exporter.kleer.events().create_once(key, event);
        let outcome = create.settle(self.exporter.settle).await;
        let (changes, mut batch) = (self.changes(), self.changes().batch());
        let ((write, link), result) = match outcome {
            Ok(CreateOutcome::Created { id, found }) => {
                done.to_audit |= found;
                (changes.created(link, id), DayResult::done(id, found))
            }
            Ok(CreateOutcome::AlreadyThere { id }) => {
                (changes.created(link, id), DayResult::done(id, true))
            }
            Ok(CreateOutcome::InDoubt(doubt)) => {
                done.to_audit = true;
                let look = doubt.reason == DoubtReason::CarriedOutButNotFound;
                let failure = failure_of_doubt(&doubt);
                (changes.in_doubt(link, look), DayResult::InDoubt(failure))
            }
            Err(error) if error.is_unauthorized() => {
                self.keep(day, changes.refused(link), batch).await?;
                return Err(LeaveExportError::Unauthorized(error));
            }
            Err(error) => {
                let failure = failure_of_error(&error);
                (changes.refused(link), DayResult::Failed(failure))
            }
            Ok(_) => {
                let failure = in_doubt("Kleer's answer is of a kind that is not known");
                (changes.in_doubt(link, true), DayResult::InDoubt(failure))
            }
        };
        batch = batch.write(write);
        self.lease().commit(batch).await?;
        self.memory.put(day, link);
        Ok(result)
    }

    async fn keep(
        &self,
        day: &Day,
        (write, link): (record_link::Write, Link),
        batch: record_link::Batch,
    ) -> Result<(), LeaveExportError> {
        self.lease().commit(batch.write(write)).await?;
        self.memory.put(day, link);
        Ok(())
    }

    async fn update(
        &self,
        day: &Day,
        id: EventId,
        event: &EventWritable,
    ) -> Result<DayResult, LeaveExportError> {
        let events = self.exporter.kleer.events();
        let mut attempt = 1;
        let found = loop {
            self.lease().renew().await?;
            let Err(error) = events.update(id, event).await else {
                break attempt > 1;
            };
            if let Some(result) = self.give_up(error, &mut attempt).await? {
                return Ok(result);
            }
            let read = events.get(id).await;
            if read.is_ok_and(|now| says(event, &now)) {
                break true;
            }
        };
        if let Some(link) = self.memory.get(day).filter(Link::is_live) {
            let changes = self.changes();
            self.keep(day, changes.updated(link), changes.batch())
                .await?;
        }
        Ok(DayResult::done(id, found))
    }

    async fn delete(
        &self,
        user: UserId,
        day: &Day,
        id: EventId,
    ) -> Result<DayResult, LeaveExportError> {
        // Whoever finds the event gone must know that it was us, and that nothing is hidden.
        if let Some(link) = self.memory.get(day).filter(Link::is_live)
            && !is_being_deleted(&link)
        {
            let changes = self.changes();
            self.keep(day, changes.deleting(link), changes.batch())
                .await?;
        }
        let events = self.exporter.kleer.events();
        let mut attempt = 1;
        let found = loop {
            self.lease().renew().await?;
            let Err(error) = events.delete(id).await else {
                break attempt > 1;
            };
            // Kleer tells of one that is not there as of one that may not be seen.
            let may_be_gone = error.is_not_found() || error.is_forbidden();
            if may_be_gone && self.is_gone(user, id).await {
                break true;
            }
            if let Some(result) = self.give_up(error, &mut attempt).await? {
                return Ok(result);
            }
            if self.is_gone(user, id).await {
                break true;
            }
        };
        if let Some(link) = self.memory.get(day).filter(Link::is_live) {
            let changes = self.changes();
            self.keep(day, changes.deleted(link), changes.batch())
                .await?;
        }
        Ok(DayResult::Done { event: None, found })
    }

    /// Whether an event is in none of the days of the period. What cannot be read is not gone.
    async fn is_gone(&self, user: UserId, id: EventId) -> bool {
        let (first, last) = (self.source.first, self.source.last);
        let events = self.exporter.kleer.events();
        let listed = events.list().user(user).from(first).to(last).await;
        listed.is_ok_and(|events| {
            events.is_complete() && events.items.iter().all(|event| event.id.id != id)
        })
    }

    /// What to do after an error of something that can be repeated: nothing, or say what became of
    /// it.
    async fn give_up(
        &self,
        error: kleer_client::Error,
        attempt: &mut u32,
    ) -> Result<Option<DayResult>, LeaveExportError> {
        if error.is_unauthorized() {
            return Err(LeaveExportError::Unauthorized(error));
        }
        let can_be_repeated = error.is_outcome_unknown() || error.is_retryable();
        if can_be_repeated && *attempt < ATTEMPTS {
            *attempt += 1;
            self.exporter.clock.sleep(PAUSE).await;
            return Ok(None);
        }
        let failure = failure_of_error(&error);
        Ok(Some(match error.outcome() {
            kleer_client::Outcome::NotCarriedOut if *attempt == 1 => DayResult::Failed(failure),
            _ => DayResult::InDoubt(failure),
        }))
    }

    /// Looks for days that stand twice.
    async fn audit(&self, user: UserId, problems: &mut Problems) {
        let (first, last) = (self.source.first, self.source.last);
        let events = self.exporter.kleer.events();
        let listed = events.list().user(user).from(first).to(last).await;
        let Ok(listed) = listed else { return };
        let mut seen = BTreeSet::new();
        for event in &listed.items {
            let Ok(key) = event.foreign_id.parse::<kleer_model::ClientKey>() else {
                continue;
            };
            if seen.insert(key) {
                continue;
            }
            let Some((leave, date)) = self.memory.day_of_key(&key) else {
                continue;
            };
            let message = "Kleer has the day more than once: a first answer was lost, and what it \
                           was about landed late; delete all but one of them";
            let failure = DayFailure::new(DeviationClass::InDoubt, "double", message);
            problems.add(About::Leave(leave.clone()), Some(date), failure);
            self.found_double((leave, date));
        }
    }
}

/// Whom a deviation that is about no leave is about.
fn whose(work: &Work<'_>) -> Option<About> {
    let employee = work
        .employee
        .map(|employee| About::Employee(employee.key.clone()));
    employee.or_else(|| work.user.map(About::User))
}

impl DayResult {
    fn done(event: EventId, found: bool) -> Self {
        Self::Done {
            event: Some(KleerEventId::Time(event)),
            found,
        }
    }
}

/// Whether an event says what was to be written.
fn says(wanted: &EventWritable, event: &kleer_model::EventReadable) -> bool {
    wanted.date == event.date
        && wanted.hours == event.hours
        && wanted.activity.id == event.activity.id
        && wanted.comment == event.comment
        && wanted.child.as_deref().unwrap_or_default() == event.child.as_deref().unwrap_or_default()
}

fn in_doubt(message: &str) -> DayFailure {
    DayFailure::new(DeviationClass::InDoubt, "in-doubt", message)
}

fn failure_of_doubt(doubt: &Doubt<EventId>) -> DayFailure {
    let mut message = format!(
        "it is not known whether the day was registered: {}",
        doubt.reason
    );
    if !doubt.candidates.is_empty() {
        let events: Vec<_> = doubt.candidates.iter().map(ToString::to_string).collect();
        message = format!("{message} (events {})", events.join(", "));
    }
    DayFailure::new(DeviationClass::InDoubt, "in-doubt", message)
}
