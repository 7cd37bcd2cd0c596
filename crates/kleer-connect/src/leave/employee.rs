//! What Kleer has of one employee, and what the planner makes of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use kleer_employee::leave::{
    AbsenceActivities, InKleer, IncompleteAnswer, LeaveEmployee, LeaveExport, LeaveFinding,
    LeaveOperation, LeavePlan, LeaveProblem, Schedule, locked_days,
};
use kleer_model::{ClientKey, EventId, EventReadable, List, UserId};
use record_link::DeviationClass;

use super::LeaveExportError;
use super::deviations::failure_of_error;
use super::exporter::Round;
use super::memory::{Day, event_of, is_being_deleted};
use super::report::{DayFailure, EmployeeExport};
use super::source::{EmployeeLeave, LeaveRows, WorkingHours};

/// One user, or one employee without a user, to be looked at; neither, for leaves that make no sense.
#[derive(Debug, Clone, Default)]
pub(super) struct Work<'a> {
    pub(super) user: Option<UserId>,
    pub(super) employee: Option<&'a EmployeeLeave>,
    /// Leaves that were exported for the user, and whose days are taken back if they are not given.
    pub(super) known: BTreeSet<String>,
    /// Those of them that are given for another employee now.
    pub(super) moved: BTreeSet<String>,
}

/// What is to be done for one user, and what was read to know it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) export: EmployeeExport,
    /// The foreign ids of the user's events in Kleer.
    pub(super) foreign_ids: BTreeMap<EventId, String>,
    /// Whether Kleer was read: only then is anything known of days that are not there.
    pub(super) was_read: bool,
}

/// What was read of a user.
struct Read {
    events: List<EventReadable>,
    locked: BTreeSet<NaiveDate>,
    schedule: Option<Schedule>,
    children: Option<Vec<String>>,
}

/// Why an employee cannot be read.
enum Unread {
    /// Nothing will succeed.
    Run(LeaveExportError),
    /// This one cannot.
    Employee(DayFailure),
}

impl From<kleer_client::Error> for Unread {
    fn from(error: kleer_client::Error) -> Self {
        if error.is_unauthorized() {
            return Self::Run(LeaveExportError::Unauthorized(error));
        }
        Self::Employee(failure_of_error(&error))
    }
}

impl From<IncompleteAnswer> for Unread {
    fn from(error: IncompleteAnswer) -> Self {
        incomplete(&error.to_string())
    }
}

fn id_is_shared(leave: &str) -> DayFailure {
    let message = format!(
        "another employee has a leave of the same id {leave:?}; ids must be unique in a connection, \
         because Kleer's events are known again by them: make them so, for instance with the \
         employee's id in front"
    );
    DayFailure::new(DeviationClass::Validation, "leave-id-not-unique", message)
}

fn not_shown(missing: &[(Day, Option<EventId>)], shown: usize) -> DayFailure {
    let leaves: BTreeSet<&str> = missing
        .iter()
        .map(|((leave, _), _)| leave.as_str())
        .collect();
    let leaves: Vec<&str> = leaves.into_iter().take(10).collect();
    let message = format!(
        "Kleer does not show {} of {} days that were registered (leaves {}); see whether the token may \
         still see this employee's time, because what is only hidden would be registered twice. If \
         they were deleted in Kleer, export again with these leaves among those looked at",
        missing.len(),
        missing.len() + shown,
        leaves.join(", ")
    );
    DayFailure::new(DeviationClass::InDoubt, "not-shown", message)
}

fn relinked() -> DayFailure {
    let message = "the employee was unlinked, or linked to another user, while the export ran; the \
                   next export goes by the new link";
    DayFailure::new(DeviationClass::Stale, "link-changed", message)
}

fn elsewhere((leave, date): &Day, event: EventId) -> DayFailure {
    let message = format!(
        "event {event}, which was registered for {date} of leave {leave}, is in Kleer and not among the \
         employee's events of this period: it was moved to another day or another user, or is hidden; \
         put it back or delete it in Kleer, because the day would be registered twice"
    );
    DayFailure::new(DeviationClass::InDoubt, "elsewhere", message)
}

fn makes_no_sense(why: &str) -> DayFailure {
    DayFailure::new(DeviationClass::Validation, "leave-unreadable", why)
}

fn incomplete(message: &str) -> Unread {
    Unread::Employee(DayFailure::new(
        DeviationClass::Bug,
        "incomplete-answer",
        message,
    ))
}

impl<'a> Round<'a> {
    /// Reads what Kleer has of a user and plans. Only what stops the whole run is an error.
    pub(super) async fn prepare(&self, work: &Work<'a>) -> Result<Prepared, LeaveExportError> {
        let rows = work.employee.map(|employee| &employee.rows);
        let ids: BTreeSet<&str> = rows.into_iter().flat_map(|rows| rows.ids()).collect();
        let unreadable = &self.source.unreadable;
        let shared = |id: &&str| self.refused.contains(*id) && !unreadable.contains_key(*id);
        let refused = if work.user.is_none() && work.employee.is_none() {
            let all = unreadable.iter();
            all.map(|(id, why)| (id.clone(), makes_no_sense(why)))
                .collect()
        } else {
            let all = ids.into_iter().filter(shared);
            all.map(|id| (id.to_owned(), id_is_shared(id))).collect()
        };
        let mut prepared = Prepared {
            export: EmployeeExport {
                employee: work.employee.map(|employee| employee.key.clone()),
                user: work.user,
                operations: Vec::new(),
                unchanged: Vec::new(),
                findings: Vec::new(),
                refused,
                problem: None,
            },
            foreign_ids: BTreeMap::new(),
            was_read: false,
        };
        let rows = rows.map(|rows| rows.without(&self.refused));
        let rows = rows.unwrap_or(LeaveRows::Days(Vec::new()));
        let planned = match work.user {
            None => self.plan_unlinked(&rows).map(|plan| (plan, None)),
            Some(user) if !self.is_linked(work, user).await? => Err(Unread::Employee(relinked())),
            Some(user) => match self.read(user, work.employee, &rows).await {
                Ok(read) => match self.check_memory(user, &read).await {
                    Ok(()) => {
                        let plan = self.plan_user(user, work, &rows, &read);
                        plan.map(|plan| (plan, Some(read)))
                    }
                    Err(hidden) => Err(hidden),
                },
                Err(unread) => Err(unread),
            },
        };
        match planned {
            Ok((plan, read)) => {
                if let Some(read) = read {
                    prepared.was_read = true;
                    let events = read.events.items.into_iter();
                    prepared.foreign_ids = events
                        .map(|event| (event.id.id, event.foreign_id))
                        .collect();
                }
                prepared.export.operations = plan.operations;
                prepared.export.unchanged = plan.unchanged;
                prepared.export.findings = plan.findings;
                if let Some(user) = work.user {
                    let known = |finding: &LeaveFinding| match finding.problem {
                        // Ours, and of a leave that this run was not told of: it stays as it is.
                        LeaveProblem::Unrecognised { event } => {
                            event_id(event).is_some_and(|event| self.memory.has_event(user, event))
                        }
                        _ => false,
                    };
                    prepared.export.findings.retain(|finding| !known(finding));
                }
            }
            Err(Unread::Run(error)) => return Err(error),
            Err(Unread::Employee(failure)) => prepared.export.problem = Some(failure),
        }
        Ok(prepared)
    }

    /// Whether the link by which the run goes is still there.
    async fn is_linked(&self, work: &Work<'_>, user: UserId) -> Result<bool, LeaveExportError> {
        let Some(employee) = work.employee else {
            return Ok(true);
        };
        let store = self.exporter.store;
        Ok(self.links.is_current(store, &employee.key, user).await?)
    }

    fn leave_export(&self) -> LeaveExport<'a> {
        let source = self.source;
        let connection = self.exporter.connection.as_str();
        LeaveExport::new(connection, &self.exporter.types, source.first, source.last)
            .comment(self.exporter.comment.clone())
    }

    /// Nobody is written, so nothing has to be read: only whether there is anything to miss.
    fn plan_unlinked(&self, rows: &LeaveRows) -> Result<LeavePlan, Unread> {
        let export = self.leave_export();
        let (events, activities) = (List::default(), AbsenceActivities::default());
        let in_kleer = InKleer::TimeEvents {
            events: &events,
            activities: &activities,
        };
        let employee = LeaveEmployee::unlinked();
        Ok(match rows {
            LeaveRows::Periods(leaves) => {
                let source = self.source;
                let touching = |leave: &&kleer_employee::leave::Leave| {
                    leave.first <= source.last && leave.last >= source.first
                };
                let leaves: Vec<_> = leaves.iter().filter(touching).cloned().collect();
                let schedule = Schedule::Hours(BTreeMap::new());
                export.plan(&employee, &leaves, &schedule, in_kleer)?
            }
            LeaveRows::Days(days) => export.plan_days(&employee, days, None, in_kleer)?,
        })
    }

    async fn read(
        &self,
        user: UserId,
        employee: Option<&EmployeeLeave>,
        rows: &LeaveRows,
    ) -> Result<Read, Unread> {
        let (first, last) = (self.source.first, self.source.last);
        let kleer = self.exporter.kleer;
        let events = kleer
            .events()
            .list()
            .user(user)
            .from(first)
            .to(last)
            .await?;
        let statuses = kleer.events().statuses();
        let locked = locked_days(&statuses.user(user).from(first).to(last).await?)?;
        let schedule = match employee.map(|employee| &employee.hours) {
            Some(WorkingHours::OfKleer) if !rows.is_empty() => {
                let payroll = kleer.payroll().user(user);
                let days = payroll.schedule(rows.begins(first), last).await?;
                if !days.is_complete() {
                    return Err(incomplete(
                        "some days of Kleer's schedule of the employee could not be read",
                    ));
                }
                Some(Schedule::of_kleer(&days.items))
            }
            Some(WorkingHours::Given(schedule)) => Some(schedule.clone()),
            _ => None,
        };
        let children = if rows.names_a_child() {
            match kleer.payroll().user(user).get().await {
                Ok(employment) => employment
                    .children
                    .map(|children| children.into_iter().map(|child| child.name).collect()),
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(error.into()),
            }
        } else {
            None
        };
        Ok(Read {
            events,
            locked,
            schedule,
            children,
        })
    }

    /// Whether what was registered for a user is still shown. Kleer leaves out what the token may not
    /// see, without an error: it would then be taken for deleted, and registered once more.
    ///
    /// Single days are believed to be deleted: if others of ours are shown, and Kleer does not know
    /// the event by its id either. More than that, or a user of whom nothing is shown, is for a
    /// person.
    async fn check_memory(&self, user: UserId, read: &Read) -> Result<(), Unread> {
        if !read.events.is_complete() {
            return Ok(()); // The planner refuses it.
        }
        let connection = self.exporter.connection.as_str();
        let events = &read.events.items;
        let (mut shown, mut missing) = (0_usize, Vec::new());
        let (first, last) = (self.source.first, self.source.last);
        for (day, link) in self.memory.linked(user, first, last) {
            let id = event_of(&link);
            let is_shown = events.iter().any(|event| {
                Some(event.id.id) == id || life_of(&event.foreign_id, &day, connection).is_some()
            });
            if is_shown {
                shown += 1;
            } else if !is_being_deleted(&link) && !self.exporter.looked_at.contains(&day.0) {
                missing.push((day, id));
            }
        }
        if missing.len() > shown {
            return Err(Unread::Employee(not_shown(&missing, shown)));
        }
        for (day, id) in &missing {
            let Some(id) = id else { continue };
            match self.exporter.kleer.events().get(*id).await {
                Ok(_) => return Err(Unread::Employee(elsewhere(day, *id))),
                // Kleer tells of one that is not there as of one that may not be seen.
                Err(error) if error.is_not_found() || error.is_forbidden() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn plan_user(
        &self,
        user: UserId,
        work: &Work<'_>,
        rows: &LeaveRows,
        read: &Read,
    ) -> Result<LeavePlan, Unread> {
        let mut employee = LeaveEmployee::linked(user);
        employee.children = read.children.clone();
        if let Some(of) = work.employee {
            (employee.employed_from, employee.employed_to) = (of.employed_from, of.employed_to);
        }
        let export = self
            .leave_export()
            .locked(read.locked.iter().copied())
            .known_leaves(work.known.iter().cloned());
        let in_kleer = InKleer::TimeEvents {
            events: &read.events,
            activities: &self.activities,
        };
        let nothing = Schedule::Hours(BTreeMap::new());
        Ok(match rows {
            LeaveRows::Periods(leaves) => {
                let schedule = read.schedule.as_ref().unwrap_or(&nothing);
                export.plan(&employee, leaves, schedule, in_kleer)?
            }
            LeaveRows::Days(days) => {
                export.plan_days(&employee, days, read.schedule.as_ref(), in_kleer)?
            }
        })
    }
}

/// The id of a time event.
pub(super) fn event_id(event: kleer_employee::leave::KleerEventId) -> Option<EventId> {
    match event {
        kleer_employee::leave::KleerEventId::Time(id) => Some(id),
        kleer_employee::leave::KleerEventId::Payroll(_) => None,
    }
}

/// The day that an operation is about, by what its event in Kleer is remembered by: one that
/// somebody has moved to another day is known by the day that it was written for.
pub(super) fn day_of(operation: &LeaveOperation) -> Day {
    (operation.leave().to_owned(), operation.date())
}

/// Which life of its day an event is, if it carries the day's key.
pub(super) fn life_of(foreign_id: &str, day: &Day, connection: &str) -> Option<u64> {
    let key: ClientKey = foreign_id.parse().ok()?;
    let (leave, date) = day;
    let of_day = ClientKey::new(connection, "leave-day", &format!("{leave} {date}"));
    of_day.same_source(&key).then_some(key.incarnation())
}
