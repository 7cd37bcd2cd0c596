//! What is given: whose leave, of which days, and who is who in Kleer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use flat_record::Kind;
use kleer_employee::leave::{Leave, LeaveDay, Schedule};
use kleer_model::UserId;
use record_link::{
    ConnectionId, Link, LinkQuery, LinkState, Owner, RecordKey, Store, StoreError, Which, all_links,
};
use thiserror::Error;

/// All leave of a period, employee by employee.
///
/// ```
/// use chrono::NaiveDate;
/// use kleer_connect::leave::{EmployeeLeave, LeaveSource};
/// use kleer_employee::leave::Leave;
/// use record_link::RecordKey;
///
/// let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
/// let leave = Leave::new("leave-311", "vacation", day(16), day(20));
/// let source = LeaveSource::new(day(1), day(30))
///     .employee(EmployeeLeave::new(RecordKey::new("5f1e")?, vec![leave]))
///     .complete(); // every page was read
/// assert_eq!(source.employees().len(), 1);
/// # Ok::<(), record_link::IdentityError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LeaveSource {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) employees: Vec<EmployeeLeave>,
    /// Leaves of which something makes no sense, and what.
    pub(super) unreadable: BTreeMap<String, String>,
    pub(super) is_complete: bool,
}

impl LeaveSource {
    /// The leave of the days from the first to the last, both included.
    pub fn new(first: NaiveDate, last: NaiveDate) -> Self {
        Self {
            first,
            last,
            employees: Vec::new(),
            unreadable: BTreeMap::new(),
            is_complete: false,
        }
    }

    /// Adds an employee with all leave that touches the period, the denied and cancelled too.
    #[must_use]
    pub fn employee(mut self, employee: EmployeeLeave) -> Self {
        self.employees.push(employee);
        self
    }

    /// Adds employees.
    #[must_use]
    pub fn with_employees(mut self, employees: impl IntoIterator<Item = EmployeeLeave>) -> Self {
        self.employees.extend(employees);
        self
    }

    /// Of this leave something makes no sense: a row without a day, say, or without an employee. It is
    /// a deviation with this reason, which names no person, and nothing of it is exported. What was
    /// exported of it before stays.
    #[must_use]
    pub fn unreadable(mut self, leave: impl Into<String>, why: impl Into<String>) -> Self {
        self.unreadable.insert(leave.into(), why.into());
        self
    }

    /// Everything was read: what was exported and is not given is not in the source any more, and
    /// is taken back. Without this it stays.
    #[must_use]
    pub fn complete(mut self) -> Self {
        self.is_complete = true;
        self
    }

    /// The employees.
    pub fn employees(&self) -> &[EmployeeLeave] {
        &self.employees
    }

    pub(super) fn check(&self) -> Result<(), LeaveSourceError> {
        if self.last < self.first {
            return Err(LeaveSourceError::EndsBeforeStart {
                first: self.first,
                last: self.last,
            });
        }
        // Longer is a mistyped year, and too much for one answer.
        if (self.last - self.first).num_days() > 3_660 {
            return Err(LeaveSourceError::TooLong {
                first: self.first,
                last: self.last,
            });
        }
        let mut seen = BTreeSet::new();
        let twice = self.employees.iter().position(|one| !seen.insert(&one.key));
        match twice {
            Some(position) => Err(LeaveSourceError::EmployeeTwice { position }),
            None => Ok(()),
        }
    }

    /// The ids of leaves that are not exported: several employees have them, or they make no sense.
    pub(super) fn refused_ids(&self) -> BTreeSet<String> {
        let mut owner: BTreeMap<&str, usize> = BTreeMap::new();
        let mut shared: BTreeSet<String> = self.unreadable.keys().cloned().collect();
        for (index, employee) in self.employees.iter().enumerate() {
            for id in employee.rows.ids() {
                if *owner.entry(id).or_insert(index) != index {
                    shared.insert(id.to_owned());
                }
            }
        }
        shared
    }
}

/// Leave that cannot be exported as it was given. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LeaveSourceError {
    /// The period ends before it begins.
    #[error("the period begins on {first} and ends on {last}, before that; exchange the two")]
    EndsBeforeStart {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// The period is longer than ten years.
    #[error("the period from {first} to {last} is longer than ten years; export it in parts")]
    TooLong {
        /// The first day.
        first: NaiveDate,
        /// The last day.
        last: NaiveDate,
    },
    /// An employee stands twice.
    #[error(
        "employee {position} (counted from 0) has the key of an earlier one; give all leave of an employee at once"
    )]
    EmployeeTwice {
        /// Which one, counted from 0.
        position: usize,
    },
    /// Two employees are linked to one user in Kleer.
    #[error("user {user} in Kleer is linked to two employees; unlink one of them")]
    UserTwice {
        /// The user.
        user: UserId,
    },
}

/// The leave of one employee.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EmployeeLeave {
    /// The employee's key in the source.
    pub key: RecordKey,
    /// The leave.
    pub rows: LeaveRows,
    /// When the employee would have worked.
    pub hours: WorkingHours,
    /// The first day of the employment, if days before it are to be refused.
    pub employed_from: Option<NaiveDate>,
    /// The last day of the employment, if days after it are to be refused.
    pub employed_to: Option<NaiveDate>,
}

impl EmployeeLeave {
    /// The leave of an employee, by Kleer's own schedule.
    pub fn new(key: RecordKey, rows: impl Into<LeaveRows>) -> Self {
        Self {
            key,
            rows: rows.into(),
            hours: WorkingHours::OfKleer,
            employed_from: None,
            employed_to: None,
        }
    }

    /// With these working hours.
    #[must_use]
    pub fn hours(mut self, hours: WorkingHours) -> Self {
        self.hours = hours;
        self
    }

    /// Refuses days before the first and after the last day of the employment.
    #[must_use]
    pub fn employed(mut self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        (self.employed_from, self.employed_to) = (from, to);
        self
    }
}

/// Leave as periods, or as days that the source has made of them already.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaveRows {
    /// Periods, which are split by the working hours.
    Periods(Vec<Leave>),
    /// Days.
    Days(Vec<LeaveDay>),
}

impl From<Vec<Leave>> for LeaveRows {
    fn from(periods: Vec<Leave>) -> Self {
        Self::Periods(periods)
    }
}

impl From<Vec<LeaveDay>> for LeaveRows {
    fn from(days: Vec<LeaveDay>) -> Self {
        Self::Days(days)
    }
}

impl LeaveRows {
    /// The ids of the leaves.
    pub(super) fn ids(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Periods(leaves) => Box::new(leaves.iter().map(|leave| leave.id.as_str())),
            Self::Days(days) => Box::new(days.iter().map(|day| day.leave.as_str())),
        }
    }

    /// The first and the last day of each leave.
    pub(super) fn periods(&self) -> BTreeMap<String, (NaiveDate, NaiveDate)> {
        let mut periods: BTreeMap<String, (NaiveDate, NaiveDate)> = BTreeMap::new();
        let mut add = |id: &str, first: NaiveDate, last: NaiveDate| {
            let period = periods.entry(id.to_owned()).or_insert((first, last));
            *period = (period.0.min(first), period.1.max(last));
        };
        match self {
            Self::Periods(leaves) => {
                for leave in leaves {
                    add(&leave.id, leave.first, leave.last);
                }
            }
            Self::Days(days) => {
                for day in days {
                    add(&day.leave, day.date, day.date);
                }
            }
        }
        periods
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Periods(leaves) => leaves.is_empty(),
            Self::Days(days) => days.is_empty(),
        }
    }

    pub(super) fn names_a_child(&self) -> bool {
        let names = |child: &Option<String>| child.as_ref().is_some_and(|name| !name.is_empty());
        match self {
            Self::Periods(leaves) => leaves.iter().any(|leave| names(&leave.child)),
            Self::Days(days) => days.iter().any(|day| names(&day.child)),
        }
    }

    /// Without the leaves of these ids.
    pub(super) fn without(&self, ids: &BTreeSet<String>) -> Self {
        match self {
            Self::Periods(leaves) => {
                let kept = leaves.iter().filter(|leave| !ids.contains(&leave.id));
                Self::Periods(kept.cloned().collect())
            }
            Self::Days(days) => {
                let kept = days.iter().filter(|day| !ids.contains(&day.leave));
                Self::Days(kept.cloned().collect())
            }
        }
    }

    /// The first day that the schedule must reach: hours are rounded over the whole leave.
    pub(super) fn begins(&self, first: NaiveDate) -> NaiveDate {
        match self {
            Self::Periods(leaves) => {
                let starts = leaves.iter().map(|leave| leave.first);
                starts.min().map_or(first, |start| start.min(first))
            }
            Self::Days(_) => first,
        }
    }
}

/// When an employee would have worked.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum WorkingHours {
    /// By Kleer's own schedule of the employee, from which the salary is computed. One more request
    /// for each employee.
    #[default]
    OfKleer,
    /// By the source's work weeks, or hours that it knows.
    Given(Schedule),
    /// Not known. Only for days: one on which Kleer already has other absence is then refused.
    Unknown,
}

/// Who is who: the employees of the source and the users in Kleer that they are linked to. Leave of
/// anybody else is reported, and not exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmployeeLinks {
    users: BTreeMap<RecordKey, UserId>,
    /// Where they were read.
    origin: Option<(ConnectionId, Kind, Which)>,
}

/// The user of a link whose source is that side.
fn user_of(link: &Link, source: Which) -> Option<UserId> {
    let key = link.keys[source.other()].as_ref()?;
    key.as_str().parse().ok().map(UserId)
}

impl EmployeeLinks {
    /// Nobody is linked.
    pub fn new() -> Self {
        Self::default()
    }

    /// The live links of a kind in a store, the source being the side `source`. Links whose record
    /// in Kleer is not there yet, or is gone, are passed over.
    ///
    /// An export looks at an employee's link once more before it writes: who was unlinked, or linked
    /// to another user, since it was read is left for the next run.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of_store(
        store: &dyn Store,
        connection: &ConnectionId,
        kind: &Kind,
        source: Which,
    ) -> Result<Self, StoreError> {
        let mut links = Self {
            users: BTreeMap::new(),
            origin: Some((connection.clone(), kind.clone(), source)),
        };
        for link in all_links(store, connection, kind).await? {
            if link.state != LinkState::Linked {
                continue;
            }
            if let (Some(key), Some(user)) = (link.keys[source].clone(), user_of(&link, source)) {
                links = links.link(key, user);
            }
        }
        Ok(links)
    }

    /// This employee is that user in Kleer.
    #[must_use]
    pub fn link(mut self, employee: RecordKey, user: UserId) -> Self {
        self.users.insert(employee, user);
        self
    }

    /// The user that an employee is linked to.
    pub fn user(&self, employee: &RecordKey) -> Option<UserId> {
        self.users.get(employee).copied()
    }

    /// Whose the days of an employee are, in the store.
    pub(super) fn owner(&self, employee: Option<&RecordKey>) -> Option<Owner> {
        let (kind, source) = match &self.origin {
            Some((_, kind, source)) => (kind.clone(), *source),
            None => (Kind::new("employee").ok()?, Which::Left),
        };
        Some(Owner::new(kind, source, employee?.clone()))
    }

    /// Whether an employee is still linked to a user, if that can be looked up.
    pub(super) async fn is_current(
        &self,
        store: &dyn Store,
        employee: &RecordKey,
        user: UserId,
    ) -> Result<bool, StoreError> {
        let Some((connection, kind, source)) = &self.origin else {
            return Ok(true);
        };
        let query = LinkQuery::new()
            .record(*source, employee.clone())
            .kind(kind.clone());
        let links = store.links(connection, &query).await?.items;
        let is_linked =
            |link: &Link| link.state == LinkState::Linked && user_of(link, *source) == Some(user);
        Ok(links.iter().any(is_linked))
    }

    /// All users that somebody is linked to.
    pub(super) fn users(&self) -> impl Iterator<Item = UserId> {
        self.users.values().copied()
    }

    pub(super) fn check(&self, source: &LeaveSource) -> Result<(), LeaveSourceError> {
        let mut seen = BTreeSet::new();
        let users = source
            .employees
            .iter()
            .filter_map(|one| self.user(&one.key));
        match users.into_iter().find(|user| !seen.insert(*user)) {
            Some(user) => Err(LeaveSourceError::UserTwice { user }),
            None => Ok(()),
        }
    }
}
