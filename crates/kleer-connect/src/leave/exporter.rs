//! The exporter and its settings, and the order of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::NaiveDate;
use futures_util::StreamExt;
use kleer_client::Kleer;
use kleer_employee::leave::{AbsenceActivities, LeaveComment, LeaveTypes};
use kleer_model::{ActivityReadable, PayrollEventType, UserId};
use record_link::{Cancellation, Clock, ConnectionId, Store};

use super::deviations::Unsettled;
use super::employee::{Prepared, Work};
use super::execution::{Done, Only};
use super::memory::{Day, Memory};
use super::report::{DayOutcome, DayResult, ExportPlan, ExportTotals, Exported, LeaveProgress};
use super::work_lease::WorkLease;
use super::{EmployeeLinks, LeaveExportError, LeaveSource};

const DEFAULT_CONCURRENCY: usize = 8;
const DEFAULT_SETTLE: Duration = Duration::from_secs(5);
const DEFAULT_LEASE: Duration = Duration::from_secs(120);

type OnProgress = Arc<dyn Fn(LeaveProgress) + Send + Sync>;

/// Exports leave into Kleer: reads, plans, shows, carries out, remembers.
///
/// A second run writes nothing, a changed leave is corrected, a cancelled one is taken back. What
/// others registered is never touched. A run that dies is repaired by the next one. What does not go
/// is a deviation in the store.
///
/// ```no_run
/// # async fn example(
/// #     store: &dyn record_link::Store, kleer: &kleer_client::Kleer, source: kleer_connect::leave::LeaveSource,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use flat_record::Kind;
/// use kleer_connect::TokioClock;
/// use kleer_connect::leave::{EmployeeLinks, LeaveExporter};
/// use kleer_employee::leave::LeaveTypes;
/// use kleer_model::PayrollEventType;
/// use record_link::{ConnectionId, Which};
///
/// let connection = ConnectionId::new("acme->4875")?;
/// let types = LeaveTypes::new()
///     .map("vacation", PayrollEventType::Vacation)
///     .map_when_confirmed("sick", PayrollEventType::Sick);
/// let links =
///     EmployeeLinks::of_store(store, &connection, &Kind::new("employee")?, Which::Left).await?;
/// let exporter = LeaveExporter::new(store, kleer, &TokioClock, &connection, types);
///
/// let plan = exporter.plan(&source, &links).await?; // writes nothing: show it
/// println!("{}", plan.totals());
/// let exported = exporter.apply(&source, &links, &plan).await?;
/// println!("{}", exported.totals);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct LeaveExporter<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) kleer: &'a Kleer,
    pub(super) clock: &'a dyn Clock,
    pub(super) connection: &'a ConnectionId,
    pub(super) types: LeaveTypes,
    pub(super) comment: LeaveComment,
    pub(super) run: Option<String>,
    pub(super) settle: Duration,
    pub(super) looked_at: BTreeSet<String>,
    activity_names: Option<Vec<(PayrollEventType, String)>>,
    concurrency: usize,
    holder: String,
    lease: Duration,
    on_progress: Option<OnProgress>,
    cancellation: Option<Cancellation>,
}

impl<'a> LeaveExporter<'a> {
    /// An exporter of a connection, with the table of its types of leave.
    ///
    /// The connection's id must stay the same from run to run: the days are known again by it.
    pub fn new(
        store: &'a dyn Store,
        kleer: &'a Kleer,
        clock: &'a dyn Clock,
        connection: &'a ConnectionId,
        types: LeaveTypes,
    ) -> Self {
        Self {
            store,
            kleer,
            clock,
            connection,
            types,
            comment: LeaveComment::default(),
            run: None,
            settle: DEFAULT_SETTLE,
            looked_at: BTreeSet::new(),
            activity_names: None,
            concurrency: DEFAULT_CONCURRENCY,
            holder: "an export of leave".to_owned(),
            lease: DEFAULT_LEASE,
            on_progress: None,
            cancellation: None,
        }
    }

    /// Which comment the absences carry. That of the leave by default.
    #[must_use]
    pub fn comment(mut self, comment: LeaveComment) -> Self {
        self.comment = comment;
        self
    }

    /// What the activities for absence are called in this company. [Kleer's usual
    /// names](AbsenceActivities::USUAL_NAMES) by default.
    #[must_use]
    pub fn activity_names<T: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = (PayrollEventType, T)>,
    ) -> Self {
        let names = names
            .into_iter()
            .map(|(event_type, name)| (event_type, name.into()));
        self.activity_names = Some(names.collect());
        self
    }

    /// How many employees are worked on at the same time. 8 by default. The days of one employee are
    /// written one after the other.
    #[must_use]
    pub fn concurrency(mut self, employees: usize) -> Self {
        self.concurrency = employees.max(1);
        self
    }

    /// How long to wait after a create of unknown outcome before it is looked for, so that one that
    /// is still under way can land. 5 s by default.
    #[must_use]
    pub fn settle(mut self, time: Duration) -> Self {
        self.settle = time;
        self
    }

    /// The run, for events and deviations.
    #[must_use]
    pub fn run(mut self, run: impl Into<String>) -> Self {
        self.run = Some(run.into());
        self
    }

    /// Who works, for whoever finds the lease taken, and for how long without a sign of life. 2
    /// minutes by default.
    #[must_use]
    pub fn lease(mut self, holder: impl Into<String>, time: Duration) -> Self {
        (self.holder, self.lease) = (holder.into(), time);
        self
    }

    /// Ends the run before its next write when somebody asks to stop, by Ctrl-C for instance. A write
    /// that is under way is waited for, and what was not done is not reported: the next run does it.
    #[must_use]
    pub fn cancellation(mut self, cancellation: &Cancellation) -> Self {
        self.cancellation = Some(cancellation.clone());
        self
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancellation
            .as_ref()
            .is_some_and(Cancellation::is_cancelled)
    }

    /// Leaves of which somebody has looked whether their days are in Kleer: days of them that are in
    /// doubt, or that Kleer does not show any more, may be sent once more.
    #[must_use]
    pub fn looked_at(mut self, leaves: impl IntoIterator<Item = String>) -> Self {
        self.looked_at.extend(leaves);
        self
    }

    /// Is told after each day and each employee how far the run has come.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(LeaveProgress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(tell));
        self
    }

    /// Reads what Kleer has and shows what would be written. Writes nothing, neither to Kleer nor
    /// to the store.
    ///
    /// # Errors
    /// When the leave was given in a way that makes no sense, the store or the activities cannot be
    /// read, or the token is refused.
    pub async fn plan(
        &self,
        source: &LeaveSource,
        links: &EmployeeLinks,
    ) -> Result<ExportPlan, LeaveExportError> {
        let round = Round::begin(self, source, links, None).await?;
        let prepared = round.prepare_all().await?;
        let employees = prepared.into_iter().map(|one| one.export).filter(|one| {
            !one.operations.is_empty()
                || !one.unchanged.is_empty()
                || !one.findings.is_empty()
                || !one.refused.is_empty()
                || one.problem.is_some()
        });
        Ok(ExportPlan {
            employees: employees.collect(),
        })
    }

    /// Carries out a plan. Kleer is read again, and what is not as the plan showed it is not done
    /// but [stale](DayResult::Stale).
    ///
    /// # Errors
    /// As [`run_once`](Self::run_once).
    pub async fn apply(
        &self,
        source: &LeaveSource,
        links: &EmployeeLinks,
        plan: &ExportPlan,
    ) -> Result<Exported, LeaveExportError> {
        self.carry_out(source, links, Some(plan)).await
    }

    /// Plans and carries out, without anybody looking at the plan.
    ///
    /// # Errors
    /// [`LeaveExportError`]: when another run is under way, the store fails, the token is refused,
    /// the activities cannot be read or told apart, or the leave was given in a way that makes no
    /// sense. Everything else is in [`Exported`] and in the store's deviations.
    pub async fn run_once(
        &self,
        source: &LeaveSource,
        links: &EmployeeLinks,
    ) -> Result<Exported, LeaveExportError> {
        self.carry_out(source, links, None).await
    }

    async fn carry_out(
        &self,
        source: &LeaveSource,
        links: &EmployeeLinks,
        plan: Option<&ExportPlan>,
    ) -> Result<Exported, LeaveExportError> {
        source.check()?;
        links.check(source)?;
        let (store, clock) = (self.store, self.clock);
        let lease =
            WorkLease::take(store, clock, self.connection, &self.holder, self.lease).await?;
        let result = async {
            let round = Round::begin(self, source, links, Some(&lease)).await?;
            round.settle().await?;
            round.carry_out_all(plan).await
        }
        .await;
        lease.release().await;
        result
    }

    async fn activities(&self) -> Result<AbsenceActivities, LeaveExportError> {
        let listed = self.kleer.client_projects().activities().await;
        let listed = listed.map_err(|error| {
            if error.is_unauthorized() {
                LeaveExportError::Unauthorized(error)
            } else {
                LeaveExportError::Activities(error)
            }
        })?;
        if !listed.is_complete() {
            let unread = listed.rejected.len();
            return Err(LeaveExportError::UnreadActivities { unread });
        }
        let activities: &[ActivityReadable] = &listed.items;
        Ok(match &self.activity_names {
            None => AbsenceActivities::by_usual_names(activities)?,
            Some(names) => {
                let names = names.iter();
                let names = names.map(|(event_type, name)| (event_type.clone(), name.as_str()));
                AbsenceActivities::by_names(activities, names)?
            }
        })
    }
}

impl fmt::Debug for LeaveExporter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaveExporter")
            .field("connection", &self.connection)
            .field("run", &self.run)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// One run: the settings, and what was read at its beginning.
pub(super) struct Round<'a> {
    pub(super) exporter: &'a LeaveExporter<'a>,
    pub(super) source: &'a LeaveSource,
    pub(super) memory: Memory,
    pub(super) unsettled: Unsettled,
    pub(super) activities: AbsenceActivities,
    /// The ids of leaves that several employees have, or that make no sense.
    pub(super) refused: BTreeSet<String>,
    pub(super) links: &'a EmployeeLinks,
    lease: Option<&'a WorkLease<'a>>,
    progress: Mutex<LeaveProgress>,
    doubles: Mutex<BTreeSet<Day>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Counters only: a panic elsewhere does not make them wrong.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Round<'a> {
    async fn begin(
        exporter: &'a LeaveExporter<'a>,
        source: &'a LeaveSource,
        links: &'a EmployeeLinks,
        lease: Option<&'a WorkLease<'a>>,
    ) -> Result<Self, LeaveExportError> {
        source.check()?;
        links.check(source)?;
        Ok(Self {
            exporter,
            source,
            memory: Memory::load(exporter.store, exporter.connection, links).await?,
            unsettled: Unsettled::load(exporter.store, exporter.connection).await?,
            activities: exporter.activities().await?,
            refused: source.refused_ids(),
            links,
            lease,
            progress: Mutex::new(LeaveProgress::new(0, 0, ExportTotals::default())),
            doubles: Mutex::default(),
        })
    }

    /// The lease that everything is committed under.
    pub(super) fn lease(&self) -> &'a WorkLease<'a> {
        #[expect(
            clippy::expect_used,
            reason = "a plan commits nothing, and all else has a lease"
        )]
        self.lease.expect("a lease")
    }

    /// Waits until the creates of a run that died have landed, or never will.
    async fn settle(&self) -> Result<(), LeaveExportError> {
        let clock = self.exporter.clock;
        if let Some(at) = self.memory.settled_at(self.exporter.settle) {
            let left = (at - clock.now()).to_std().unwrap_or_default();
            // A clock that was put back must not make us wait for ever.
            let left = left.min(self.exporter.settle);
            if !left.is_zero() {
                clock.sleep(left).await;
            }
            self.lease().renew().await?;
        }
        Ok(())
    }

    /// Who has to be looked at: whoever has leave, and whoever had some that may have to go.
    fn works(&self) -> Vec<Work<'a>> {
        let exported = self
            .memory
            .leaves_by_user(self.source.first, self.source.last);
        let mut owner: BTreeMap<&str, Option<UserId>> = BTreeMap::new();
        for employee in &self.source.employees {
            for id in employee.rows.ids() {
                owner.insert(id, self.links.user(&employee.key));
            }
        }
        let known = |user: UserId| -> (BTreeSet<String>, BTreeSet<String>) {
            let leaves = exported.get(&user).cloned().unwrap_or_default();
            let leaves = leaves.into_iter().filter(|id| !self.refused.contains(id));
            let (mut known, mut moved) = (BTreeSet::new(), BTreeSet::new());
            for leave in leaves {
                match owner.get(leave.as_str()) {
                    // Of an employee who is not linked: nothing is done with it.
                    Some(None) => continue,
                    Some(Some(now)) if *now != user => drop(moved.insert(leave.clone())),
                    Some(_) => {}
                    None if self.source.is_complete => {}
                    None => continue,
                }
                known.insert(leave);
            }
            (known, moved)
        };
        let mut seen = BTreeSet::new();
        let mut works = Vec::new();
        if !self.source.unreadable.is_empty() {
            // Of whom they are need not be known.
            works.push(Work::default());
        }
        for employee in &self.source.employees {
            let user = self.links.user(&employee.key);
            let (known, moved) = user.map(&known).unwrap_or_default();
            seen.extend(user);
            if employee.rows.is_empty() && known.is_empty() {
                continue;
            }
            works.push(Work {
                user,
                employee: Some(employee),
                known,
                moved,
            });
        }
        let linked: BTreeSet<UserId> = self.links.users().collect();
        for user in exported.keys().filter(|user| !seen.contains(*user)) {
            let (mut known, moved) = known(*user);
            // Who was unlinked is left alone: only what is another's now goes.
            if !linked.contains(user) {
                known.retain(|leave| moved.contains(leave));
            }
            if !known.is_empty() {
                works.push(Work {
                    user: Some(*user),
                    employee: None,
                    known,
                    moved,
                });
            }
        }
        works
    }

    async fn prepare_all(&self) -> Result<Vec<Prepared>, LeaveExportError> {
        let works = self.works();
        let prepared = works.iter().map(|work| self.prepare(work));
        let mut prepared = futures_util::stream::iter(prepared).buffered(self.exporter.concurrency);
        let mut all = Vec::new();
        while let Some(one) = prepared.next().await {
            all.push(one?);
        }
        Ok(all)
    }

    async fn carry_out_all(&self, plan: Option<&ExportPlan>) -> Result<Exported, LeaveExportError> {
        // What moved from one user to another is taken back first: a day has one event.
        let mut taken_back = Vec::new();
        let mut is_cancelled = false;
        for work in self.works().iter().filter(|work| !work.moved.is_empty()) {
            if self.exporter.is_cancelled() {
                is_cancelled = true;
                break;
            }
            let prepared = self.prepare(work).await?;
            let mut leaves = work.moved.clone();
            if let Some(plan) = plan {
                let shown = shown_for(plan, work.user);
                leaves.retain(|leave| shown.iter().any(|one| one.leave() == leave));
            }
            let done = self
                .carry_out(work, &prepared, Only::TakingBack(&leaves))
                .await?;
            is_cancelled |= done.is_cut_short;
            taken_back.extend(done.days);
        }
        let works = self.works();
        lock(&self.progress).of_employees = works.len();
        let each = works.iter().enumerate().map(|(index, work)| async move {
            if self.exporter.is_cancelled() {
                return Ok(None);
            }
            let done = self.whole(work, plan).await;
            let progress = {
                let mut progress = lock(&self.progress);
                progress.employees += 1;
                *progress
            };
            self.tell_progress(progress);
            done.map(|done| Some((index, done)))
        });
        let mut all = futures_util::stream::iter(each).buffer_unordered(self.exporter.concurrency);
        let mut results = Vec::new();
        while let Some(one) = all.next().await {
            match one? {
                Some(one) => results.push(one),
                None => is_cancelled = true,
            }
        }
        drop(all);
        results.sort_by_key(|(index, _)| *index);
        let mut exported = Exported {
            days: taken_back,
            is_cancelled,
            ..Exported::default()
        };
        for (_, (prepared, done)) in results {
            exported.is_cancelled |= done.is_cut_short;
            exported.days.extend(done.days);
            exported.totals.unchanged += prepared.export.unchanged.len();
            let employee = prepared.export.employee;
            let findings = prepared.export.findings.into_iter();
            exported
                .findings
                .extend(findings.map(|finding| (employee.clone(), finding)));
            let refused = prepared.export.refused.into_iter().map(|(_, why)| why);
            let problems = refused.chain(prepared.export.problem);
            exported
                .problems
                .extend(problems.map(|why| (employee.clone(), why)));
        }
        if !exported.is_cancelled {
            self.resolve_deleted_leaves().await?;
        }
        for outcome in &exported.days {
            exported.totals.count(outcome);
        }
        exported.totals.findings = exported.findings.len() + exported.problems.len();
        exported.doubles = lock(&self.doubles).iter().cloned().collect();
        Ok(exported)
    }

    /// Reads, plans and carries out for one employee.
    async fn whole(
        &self,
        work: &Work<'a>,
        plan: Option<&ExportPlan>,
    ) -> Result<(Prepared, Done), LeaveExportError> {
        let prepared = self.prepare(work).await?;
        let Some(plan) = plan else {
            let done = self.carry_out(work, &prepared, Only::All).await?;
            return Ok((prepared, done));
        };
        let shown = shown_for(plan, work.user);
        let mut done = self.carry_out(work, &prepared, Only::Shown(&shown)).await?;
        if let Some(user) = work.user.filter(|_| !done.is_cut_short) {
            let is_there = |operation: &kleer_employee::leave::LeaveOperation| {
                let same = |day: &kleer_employee::leave::UnchangedDay| {
                    day.leave == operation.leave() && day.date == operation.date()
                };
                prepared.export.unchanged.iter().any(same) || work.moved.contains(operation.leave())
            };
            for operation in &shown {
                let is_done = prepared.export.operations.contains(operation);
                if is_done || is_there(operation) {
                    continue;
                }
                done.days.push(DayOutcome {
                    employee: prepared.export.employee.clone(),
                    user,
                    leave: operation.leave().to_owned(),
                    date: operation.date(),
                    action: super::DayAction::of(operation),
                    result: DayResult::Stale,
                });
            }
        }
        Ok((prepared, done))
    }

    pub(super) fn tell(&self, outcome: &DayOutcome) {
        let progress = {
            let mut progress = lock(&self.progress);
            progress.so_far.count(outcome);
            *progress
        };
        self.tell_progress(progress);
    }

    fn tell_progress(&self, progress: LeaveProgress) {
        if let Some(tell) = &self.exporter.on_progress {
            tell(progress);
        }
    }

    pub(super) fn found_double(&self, day: (String, NaiveDate)) {
        lock(&self.doubles).insert(day);
    }
}

/// What a plan showed for a user.
fn shown_for(
    plan: &ExportPlan,
    user: Option<UserId>,
) -> Vec<kleer_employee::leave::LeaveOperation> {
    let of_user = plan.employees.iter().filter(|one| one.user == user);
    of_user
        .flat_map(|one| one.operations.iter().cloned())
        .collect()
}
