//! Collects the days that are wanted, then compares them with what Kleer has.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use kleer_model::{ClientKey, UserId};
use rust_decimal::Decimal;

use super::in_kleer::{Existing, Wanted};
use super::{
    InKleer, IncompleteAnswer, KleerEventId, LeaveComment, LeaveDay, LeaveEmployee, LeaveExport,
    LeaveFinding, LeaveOperation, LeavePlan, LeaveProblem, LeaveStatus, LeaveTarget, Mapped,
    Schedule, UnchangedDay,
};

fn wanted_event<'a>(
    day: &'a LeaveDay,
    target: &'a LeaveTarget,
    comment: &'a LeaveComment,
) -> Wanted<'a> {
    Wanted {
        event_type: &target.event_type,
        date: day.date,
        hours: day.hours,
        child: day
            .child
            .as_deref()
            .map(str::trim)
            .filter(|child| !child.is_empty()),
        comment: match comment {
            LeaveComment::OfLeave => Some(&day.comment),
            LeaveComment::Fixed(text) => Some(text),
            LeaveComment::OfKleer => None,
        },
    }
}

/// By how much so many hours may be more than their sum: each is rounded to hundredths.
fn rounding(absences: usize) -> Decimal {
    Decimal::new(1, 2) * Decimal::from(absences)
}

/// An absence in Kleer that is not ours to change now.
struct Other {
    index: usize,
    /// It is ours, but its leave is held.
    held: bool,
}

/// A day to be brought into Kleer, and what stands in its way.
struct Place<'a> {
    user: UserId,
    day: &'a LeaveDay,
    event: &'a Wanted<'a>,
    /// How many leaves the day has.
    leaves: usize,
    /// The hours of all of them.
    wanted_hours: Decimal,
    scheduled: Option<Decimal>,
    /// Those of the same day.
    others: &'a [Other],
}

enum Placed {
    Write(Box<LeaveOperation>),
    There(KleerEventId),
}

/// Collects what is wanted, then compares.
pub(super) struct Planner<'a> {
    export: &'a LeaveExport<'a>,
    in_kleer: InKleer<'a>,
    existing: Vec<Existing>,
    wanted: Vec<LeaveDay>,
    findings: Vec<LeaveFinding>,
    /// Leaves whose days in Kleer can be told to be ours.
    pub(super) known: BTreeSet<String>,
    held_leaves: BTreeSet<String>,
    held_days: BTreeSet<(String, NaiveDate)>,
    /// Those of the held leaves that are ignored on purpose.
    ignored: BTreeSet<String>,
    /// Whether there is anything that an employee without a link misses.
    has_something: bool,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        export: &'a LeaveExport<'a>,
        in_kleer: InKleer<'a>,
    ) -> Result<Self, IncompleteAnswer> {
        if !in_kleer.is_complete() {
            return Err(IncompleteAnswer);
        }
        let mut existing = in_kleer.existing();
        existing.retain(|event| export.contains(event.date));
        existing.sort_by_key(|event| (event.date, event.id));
        Ok(Self {
            export,
            in_kleer,
            existing,
            wanted: Vec::new(),
            findings: Vec::new(),
            known: export.known_leaves.clone(),
            held_leaves: BTreeSet::new(),
            held_days: BTreeSet::new(),
            ignored: BTreeSet::new(),
            has_something: false,
        })
    }

    pub(super) fn note(&mut self, finding: LeaveFinding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    pub(super) fn hold_leave(&mut self, leave: &str, problem: LeaveProblem) {
        self.has_something = true;
        self.known.insert(leave.to_owned());
        self.held_leaves.insert(leave.to_owned());
        self.note(LeaveFinding::of_leave(leave, problem));
    }

    pub(super) fn hold_day(&mut self, leave: &str, date: NaiveDate, problem: LeaveProblem) {
        self.has_something = true;
        self.held_days.insert((leave.to_owned(), date));
        self.note(LeaveFinding::of_day(leave, date, problem));
    }

    pub(super) fn is_held(&self, leave: &str) -> bool {
        self.held_leaves.contains(leave)
    }

    pub(super) fn is_day_held(&self, leave: &str, date: NaiveDate) -> bool {
        self.is_held(leave) || self.held_days.contains(&(leave.to_owned(), date))
    }

    /// Whether days of this leave are to be in Kleer. Where nothing is decided, they are held: what
    /// is there stays.
    pub(super) fn wants(&mut self, leave: &str, leave_type: &str, status: LeaveStatus) -> bool {
        self.known.insert(leave.to_owned());
        if matches!(status, LeaveStatus::Denied | LeaveStatus::Cancelled) {
            return false;
        }
        let types = self.export.types;
        match types.get(leave_type) {
            Mapped::Unknown => {
                let leave_type = leave_type.to_owned();
                self.hold_leave(leave, LeaveProblem::UnmappedType { leave_type });
                false
            }
            Mapped::To(target)
                if status == LeaveStatus::Confirmed
                    || status == LeaveStatus::Approved && !target.confirmed_only =>
            {
                true
            }
            Mapped::Ignored => {
                self.ignored.insert(leave.to_owned());
                self.held_leaves.insert(leave.to_owned());
                false
            }
            // Not decided yet, or not confirmed yet.
            Mapped::To(_) => {
                self.held_leaves.insert(leave.to_owned());
                false
            }
        }
    }

    pub(super) fn want(&mut self, day: LeaveDay) {
        self.has_something = true;
        self.wanted.push(day);
    }

    pub(super) fn finish(
        mut self,
        employee: &LeaveEmployee,
        schedule: Option<&Schedule>,
    ) -> LeavePlan {
        let Some(user) = employee.user else {
            let mut plan = LeavePlan::default();
            if self.has_something {
                let not_linked = LeaveFinding::of_employee(LeaveProblem::NotLinked);
                plan.findings.push(not_linked);
            }
            return plan;
        };
        // Another's absence is neither ours nor in the way.
        self.existing
            .retain(|event| event.user.is_none_or(|whose| whose == user));
        let types = self.export.types;
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.sort_by(|a, b| (a.date, &a.leave).cmp(&(b.date, &b.leave)));
        self.refuse_overlaps(&wanted, schedule);

        let mut ours = self.ours(&wanted);
        self.report_ignored(&ours);
        let comment = self.export.comment.clone();
        let mut placeable = Vec::new();
        for day in &wanted {
            if self.is_day_held(&day.leave, day.date) {
                continue;
            }
            let Mapped::To(target) = types.get(&day.leave_type) else {
                continue;
            };
            let event = wanted_event(day, target, &comment);
            match self.check(employee, &event) {
                Ok(()) => placeable.push((day, event)),
                Err(problem) => self.hold_day(&day.leave, day.date, problem),
            }
        }
        let mut others = self.others(&ours);
        let mut adopted = BTreeMap::new();
        for (index, (day, event)) in placeable.iter().enumerate() {
            if ours.contains_key(&(day.leave.clone(), day.date)) {
                continue;
            }
            // Somebody else has registered the very same: there is nothing to do.
            let Some(same_day) = others.get_mut(&day.date) else {
                continue;
            };
            let same = same_day
                .iter()
                .position(|other| !other.held && self.existing[other.index].is(event));
            if let Some(at) = same {
                adopted.insert(index, self.existing[same_day.remove(at).index].id);
            }
        }
        let mut same_day: BTreeMap<NaiveDate, (usize, Decimal)> = BTreeMap::new();
        for (day, _) in &placeable {
            let (leaves, hours) = same_day.entry(day.date).or_default();
            *leaves += 1;
            *hours += day.hours;
        }
        let mut plan = LeavePlan::default();
        for (index, (day, event)) in placeable.iter().enumerate() {
            let (leaves, wanted_hours) = same_day.get(&day.date).copied().unwrap_or_default();
            let place = Place {
                user,
                day,
                event,
                leaves,
                wanted_hours,
                scheduled: schedule.and_then(|schedule| schedule.hours_on(day.date).ok()),
                others: others.get(&day.date).map(Vec::as_slice).unwrap_or_default(),
            };
            let own = ours.remove(&(day.leave.clone(), day.date));
            match (adopted.get(&index), own) {
                (Some(id), _) => plan.unchanged.push(UnchangedDay::of(day, *id)),
                (None, own) => match self.place(&place, own.as_deref().unwrap_or_default()) {
                    Ok(Placed::Write(operation)) => plan.operations.push(*operation),
                    Ok(Placed::There(id)) => plan.unchanged.push(UnchangedDay::of(day, id)),
                    Err(problem) => self.hold_day(&day.leave, day.date, problem),
                },
            }
        }
        self.take_back(ours, &mut plan);
        plan.operations.sort_by(|a, b| {
            let order = |operation: &LeaveOperation| {
                let creates = matches!(operation, LeaveOperation::Create { .. });
                (operation.date(), creates, operation.leave().to_owned())
            };
            order(a).cmp(&order(b))
        });
        self.findings
            .sort_by(|a, b| (&a.leave, a.date).cmp(&(&b.leave, b.date)));
        plan.findings = self.findings;
        plan
    }

    /// Days whose leaves take more than the employee would have worked: none of them is written,
    /// because nobody can tell which is right.
    fn refuse_overlaps(&mut self, wanted: &[LeaveDay], schedule: Option<&Schedule>) {
        for same_day in wanted.chunk_by(|a, b| a.date == b.date) {
            let date = same_day[0].date;
            let Some(scheduled) = schedule.and_then(|schedule| schedule.hours_on(date).ok()) else {
                continue;
            };
            let hours: Decimal = same_day.iter().map(|day| day.hours).sum();
            if hours > scheduled + rounding(same_day.len()) {
                let leaves: Vec<_> = same_day.iter().map(|day| day.leave.clone()).collect();
                for day in same_day {
                    let problem = LeaveProblem::MoreThanWorkDay {
                        hours,
                        scheduled,
                        leaves: leaves.clone(),
                    };
                    self.hold_day(&day.leave, date, problem);
                }
            }
        }
    }

    /// The events in Kleer that are known to be ours, by leave and day, as indexes.
    fn ours(&mut self, wanted: &[LeaveDay]) -> BTreeMap<(String, NaiveDate), Vec<usize>> {
        let mut ours: BTreeMap<(String, NaiveDate), Vec<usize>> = BTreeMap::new();
        match self.in_kleer {
            InKleer::PayrollEvents { written, .. } => {
                let mut by_event = BTreeMap::new();
                for day in written {
                    by_event
                        .entry(KleerEventId::Payroll(day.event))
                        .or_insert(day);
                }
                for (index, event) in self.existing.iter().enumerate() {
                    if let Some(day) = by_event.get(&event.id) {
                        let key = (day.leave.clone(), day.date);
                        ours.entry(key).or_default().push(index);
                    }
                }
            }
            InKleer::TimeEvents { .. } => {
                let mut unrecognised = Vec::new();
                // By its key a day is known again when somebody has moved it to another one.
                let mut by_key = BTreeMap::new();
                for day in wanted {
                    let key = self.export.client_key(&day.leave, day.date);
                    by_key.insert(key, (&day.leave, day.date));
                }
                for (index, event) in self.existing.iter().enumerate() {
                    let Some(key) = event
                        .foreign_id
                        .as_deref()
                        .and_then(|id| id.parse::<ClientKey>().ok())
                    else {
                        continue;
                    };
                    let day = by_key.get(&key.with_incarnation(0)).copied().or_else(|| {
                        let of = |leave: &&String| {
                            self.export.client_key(leave, event.date).same_source(&key)
                        };
                        Some((self.known.iter().find(of)?, event.date))
                    });
                    match day {
                        Some((leave, date)) => {
                            ours.entry((leave.clone(), date)).or_default().push(index);
                        }
                        None if event.is_absence() => unrecognised.push(event.id),
                        // A client key of another kind of ours, such as reported time.
                        None => {}
                    }
                }
                for event in unrecognised {
                    self.note(LeaveFinding::of_employee(LeaveProblem::Unrecognised {
                        event,
                    }));
                }
            }
        }
        ours
    }

    /// A leave that was exported under another type, and that is ignored now: whether its days are
    /// absence is for people to say.
    fn report_ignored(&mut self, ours: &BTreeMap<(String, NaiveDate), Vec<usize>>) {
        let there: BTreeSet<&String> = ours
            .keys()
            .map(|(leave, _)| leave)
            .filter(|leave| self.ignored.contains(*leave))
            .collect();
        for leave in there {
            self.note(LeaveFinding::of_leave(leave, LeaveProblem::IgnoredNow));
        }
    }

    fn check(&self, employee: &LeaveEmployee, wanted: &Wanted<'_>) -> Result<(), LeaveProblem> {
        if employee
            .employed_from
            .is_some_and(|from| wanted.date < from)
            || employee.employed_to.is_some_and(|to| wanted.date > to)
        {
            return Err(LeaveProblem::OutsideEmployment);
        }
        self.in_kleer.check(wanted)?;
        if let (Some(child), Some(children)) = (wanted.child, &employee.children)
            && !children.iter().any(|known| known.trim() == child)
        {
            return Err(LeaveProblem::UnknownChild);
        }
        Ok(())
    }

    /// The absences in Kleer that are not ours to change now.
    fn others(
        &self,
        ours: &BTreeMap<(String, NaiveDate), Vec<usize>>,
    ) -> BTreeMap<NaiveDate, Vec<Other>> {
        let mut owners = BTreeMap::new();
        for (day, indexes) in ours {
            owners.extend(indexes.iter().map(|index| (*index, day)));
        }
        let mut others: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, event) in self.existing.iter().enumerate() {
            let held = match owners.get(&index) {
                Some((leave, date)) if self.is_day_held(leave, *date) => true,
                Some(_) => continue,
                None => false,
            };
            if event.is_absence() {
                let same_day = others.entry(event.date).or_default();
                same_day.push(Other { index, held });
            }
        }
        others
    }

    /// What makes Kleer have this day.
    fn place(&mut self, place: &Place<'_>, own: &[usize]) -> Result<Placed, LeaveProblem> {
        let day = place.day;
        let own: Vec<&Existing> = own.iter().map(|index| &self.existing[*index]).collect();
        if let [first, _, ..] = own.as_slice() {
            let (id, same) = (first.id, first.is(place.event));
            let events = own.iter().map(|event| event.id).collect();
            let problem = LeaveProblem::Double { events };
            if !same {
                return Err(problem);
            }
            self.note(LeaveFinding::of_day(&day.leave, day.date, problem));
            return Ok(Placed::There(id));
        }
        let own = own.first().copied();
        if let Some(own) = own.filter(|own| own.is(place.event)) {
            return Ok(Placed::There(own.id));
        }
        let locked = |date| self.export.locked.contains(&date);
        if locked(day.date) || own.is_some_and(|own| own.locked || locked(own.date)) {
            return Err(LeaveProblem::Locked);
        }
        let others: Vec<&Existing> = place
            .others
            .iter()
            .map(|other| &self.existing[other.index])
            .collect();
        // Whatever Kleer sends as hours.
        let hours = others.iter().fold(place.wanted_hours, |sum, event| {
            sum.checked_add(event.hours).unwrap_or(Decimal::MAX)
        });
        let fits = |scheduled: Decimal| hours <= scheduled + rounding(place.leaves + others.len());
        if !others.is_empty() && !place.scheduled.is_some_and(fits) {
            let events = others.iter().map(|event| event.id).collect();
            return Err(LeaveProblem::AlreadyRegistered { events });
        }
        let leave = day.leave.clone();
        let key = self.export.client_key(&leave, day.date).to_string();
        let event = self.in_kleer.event(place.user, &key, place.event, own)?;
        Ok(Placed::Write(Box::new(match own {
            Some(own) => LeaveOperation::Update {
                leave,
                id: own.id,
                event,
            },
            None => LeaveOperation::Create { leave, event },
        })))
    }

    /// What is in Kleer of ours and not wanted any more.
    fn take_back(&mut self, ours: BTreeMap<(String, NaiveDate), Vec<usize>>, plan: &mut LeavePlan) {
        for ((leave, date), indexes) in ours {
            if self.is_day_held(&leave, date) {
                continue;
            }
            for index in indexes {
                let event = &self.existing[index];
                if event.locked || self.export.locked.contains(&event.date) {
                    self.note(LeaveFinding::of_day(&leave, date, LeaveProblem::Locked));
                } else {
                    plan.operations.push(LeaveOperation::Delete {
                        leave: leave.clone(),
                        id: event.id,
                        date: event.date,
                    });
                }
            }
        }
    }
}
