//! What has to be written so that Kleer has the leave that the source has.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use kleer_model::{ClientKey, UserId};
use rust_decimal::Decimal;
use thiserror::Error;

use super::planner::Planner;
use super::{
    InKleer, Leave, LeaveDay, LeaveFinding, LeavePlan, LeaveProblem, LeaveTypes, Schedule,
};

/// Which comment an absence carries in Kleer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LeaveComment {
    /// That of the leave.
    #[default]
    OfLeave,
    /// The same for all, such as where it was exported from. Nothing that somebody wrote about an
    /// illness leaves the source.
    Fixed(String),
    /// None of ours. What somebody writes in Kleer stays.
    OfKleer,
}

/// Whose leave it is.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaveEmployee {
    /// The user in Kleer, by the link. Without one nothing is exported.
    pub user: Option<UserId>,
    /// The names of the children that Kleer has registered; `None` if that is not known, and
    /// names are then not checked.
    pub children: Option<Vec<String>>,
    /// The first day of the employment, if days before it are to be refused.
    pub employed_from: Option<NaiveDate>,
    /// The last day of the employment, if days after it are to be refused.
    pub employed_to: Option<NaiveDate>,
}

impl LeaveEmployee {
    /// An employee who is linked to a user in Kleer.
    pub fn linked(user: UserId) -> Self {
        Self {
            user: Some(user),
            children: None,
            employed_from: None,
            employed_to: None,
        }
    }

    /// An employee without a link.
    pub fn unlinked() -> Self {
        Self {
            user: None,
            ..Self::linked(UserId(0))
        }
    }
}

/// Shows the link, and no name of a child.
impl std::fmt::Debug for LeaveEmployee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeaveEmployee")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Exports leave, employee by employee: compares what the source has with what Kleer has.
///
/// A plan writes only what differs, so a second run writes nothing, a changed leave is corrected,
/// and a denied or cancelled one is taken back. **Nothing that is not known to be ours is changed
/// or deleted**, and nothing is taken back because something went wrong: while a leave is
/// unmapped, contradicts itself or waits for approval, its days stay in Kleer as they are.
///
/// ```
/// use chrono::NaiveDate;
/// use kleer_employee::leave::{
///     AbsenceActivities, Holidays, InKleer, Leave, LeaveEmployee, LeaveExport, LeaveOperation,
///     LeaveTypes, Schedule, WorkWeek, WorkWeeks,
/// };
/// use kleer_model::{ActivityId, ActivityReadable, List, PayrollEventType, UserId};
///
/// let day = |day| NaiveDate::from_ymd_opt(2026, 6, day).unwrap();
/// let types = LeaveTypes::new().map("vacation", PayrollEventType::Vacation);
/// let export = LeaveExport::new("acme->4875", &types, day(1), day(30));
///
/// // What Kleer has: its activities, and no absence yet.
/// let activities = [ActivityReadable::new(ActivityId(31), "Semester")];
/// let activities = AbsenceActivities::by_usual_names(&activities)?;
/// let events = List::default();
/// let in_kleer = InKleer::TimeEvents { events: &events, activities: &activities };
///
/// // Thursday to Monday over Midsummer.
/// let leave = Leave::new("leave-311", "vacation", day(18), day(22));
/// let weeks = WorkWeeks::always(WorkWeek::full_time(8.into())?);
/// let schedule = Schedule::weeks(weeks, Holidays::swedish());
/// let employee = LeaveEmployee::linked(UserId(21));
/// let plan = export.plan(&employee, &[leave], &schedule, in_kleer)?;
/// let days: Vec<_> = plan.operations.iter().map(LeaveOperation::date).collect();
/// assert_eq!(days, [day(18), day(22)]);
/// assert!(plan.findings.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LeaveExport<'a> {
    connection: String,
    pub(super) types: &'a LeaveTypes,
    first: NaiveDate,
    last: NaiveDate,
    pub(super) locked: BTreeSet<NaiveDate>,
    pub(super) comment: LeaveComment,
    pub(super) known_leaves: BTreeSet<String>,
}

/// Some items of Kleer's answer could not be read, so nothing may be concluded from what is not in
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "some items of Kleer's list could not be read, so nothing may be concluded from what is not in it; see what was rejected"
)]
#[non_exhaustive]
pub struct IncompleteAnswer;

impl<'a> LeaveExport<'a> {
    /// An export of the days from the first to the last. The connection is the source account
    /// paired with the Kleer company; the client keys of the days are made with it, so it must
    /// stay the same from run to run.
    pub fn new(
        connection: impl Into<String>,
        types: &'a LeaveTypes,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Self {
        Self {
            connection: connection.into(),
            types,
            first,
            last,
            locked: BTreeSet::new(),
            comment: LeaveComment::default(),
            known_leaves: BTreeSet::new(),
        }
    }

    /// Days on which Kleer lets nobody change anything; see [`locked_days`](super::locked_days).
    #[must_use]
    pub fn locked(mut self, days: impl IntoIterator<Item = NaiveDate>) -> Self {
        self.locked.extend(days);
        self
    }

    /// Which comment the absences carry.
    #[must_use]
    pub fn comment(mut self, comment: LeaveComment) -> Self {
        self.comment = comment;
        self
    }

    /// Leaves that earlier runs exported and that the source may have deleted since. Their days
    /// are taken back when they are not among those given.
    #[must_use]
    pub fn known_leaves(mut self, leaves: impl IntoIterator<Item = String>) -> Self {
        self.known_leaves.extend(leaves);
        self
    }

    /// The client key of a day of a leave: the foreign id of its time event.
    pub fn client_key(&self, leave: &str, date: NaiveDate) -> ClientKey {
        ClientKey::new(&self.connection, "leave-day", &format!("{leave} {date}"))
    }

    /// What to write for leaves that are periods. Give all leaves of the employee that touch the
    /// export's period, the denied and cancelled ones too. The schedule must reach from the first
    /// day of the earliest of them to the end of the period: the hours of a day are rounded so that
    /// those of the whole leave add up.
    ///
    /// # Errors
    /// [`IncompleteAnswer`] if Kleer's list is not complete.
    pub fn plan(
        &self,
        employee: &LeaveEmployee,
        leaves: &[Leave],
        schedule: &Schedule,
        in_kleer: InKleer<'_>,
    ) -> Result<LeavePlan, IncompleteAnswer> {
        let mut planner = Planner::new(self, in_kleer)?;
        let mut by_id: BTreeMap<&str, &Leave> = BTreeMap::new();
        for leave in leaves {
            match by_id.insert(&leave.id, leave) {
                Some(other) if other != leave => {
                    planner.hold_leave(&leave.id, LeaveProblem::Contradicting);
                }
                _ => {}
            }
        }
        for leave in by_id.values() {
            if planner.is_held(&leave.id)
                || !planner.wants(&leave.id, &leave.leave_type, leave.status)
            {
                continue;
            }
            match leave.days_until(self.last, schedule) {
                Err(error) => planner.hold_leave(&leave.id, LeaveProblem::Leave(error)),
                Ok(days) => {
                    let mut any = false;
                    for day in days.into_iter().filter(|day| self.contains(day.date)) {
                        any = true;
                        planner.want(day);
                    }
                    if !any && leave.first <= self.last && leave.last >= self.first {
                        planner.note(LeaveFinding::of_leave(
                            &leave.id,
                            LeaveProblem::NoWorkingDay,
                        ));
                    }
                }
            }
        }
        Ok(planner.finish(employee, Some(schedule)))
    }

    /// What to write for rows that are days already. Give all rows of the employee in the export's
    /// period. Without a schedule, a day on which Kleer already has other absence is refused,
    /// because nobody can tell whether both fit.
    ///
    /// # Errors
    /// [`IncompleteAnswer`] if Kleer's list is not complete.
    pub fn plan_days(
        &self,
        employee: &LeaveEmployee,
        days: &[LeaveDay],
        schedule: Option<&Schedule>,
        in_kleer: InKleer<'_>,
    ) -> Result<LeavePlan, IncompleteAnswer> {
        let mut planner = Planner::new(self, in_kleer)?;
        let mut seen: BTreeMap<(&str, NaiveDate), &LeaveDay> = BTreeMap::new();
        for day in days.iter().filter(|day| self.contains(day.date)) {
            planner.known.insert(day.leave.clone());
            match seen.insert((&day.leave, day.date), day) {
                Some(other) if other != day || day.row.is_none() => {
                    planner.hold_day(&day.leave, day.date, LeaveProblem::Contradicting);
                }
                _ => {}
            }
        }
        for day in seen.into_values() {
            if planner.is_day_held(&day.leave, day.date)
                || !planner.wants(&day.leave, &day.leave_type, day.status)
            {
                continue;
            }
            if day.hours <= Decimal::ZERO || day.hours > Decimal::from(24) {
                let problem = LeaveProblem::Hours { hours: day.hours };
                planner.hold_day(&day.leave, day.date, problem);
                continue;
            }
            planner.want(day.clone());
        }
        Ok(planner.finish(employee, schedule))
    }

    pub(super) fn contains(&self, date: NaiveDate) -> bool {
        self.first <= date && date <= self.last
    }
}
