//! What an export writes, against a Kleer that is played by two lists.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use kleer_employee::leave::{
    AbsenceActivities, AbsenceEvent, Holidays, InKleer, KleerEventId, Leave, LeaveComment,
    LeaveDay, LeaveEmployee, LeaveError, LeaveExport, LeaveOperation, LeavePlan, LeaveProblem,
    LeaveStatus, LeaveTypes, Part, Schedule, WorkWeek, WorkWeeks, WrittenDay, locked_days,
};
use kleer_model::{
    ActivityId, ActivityReadable, ClientProjectId, EventId, EventReadable,
    EventRestrictionReadable, EventRestrictionStatus, EventStatus, EventStatusType, EventWritable,
    List, PayrollEvent, PayrollEventId, PayrollEventType, PayrollUserScheduleMetadata, Rate,
    UserId,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const CONNECTION: &str = "acme->4875";
const USER: UserId = UserId(21);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn november(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn leave(id: &str, leave_type: &str, first: u32, last: u32) -> Leave {
    Leave::new(id, leave_type, november(first), november(last))
}

fn types() -> LeaveTypes {
    LeaveTypes::new()
        .map("vacation", PayrollEventType::Vacation)
        .map("child", PayrollEventType::Childcare)
        .map_when_confirmed("sick", PayrollEventType::Sick)
        .ignore("remote")
}

fn schedule() -> Schedule {
    let week = WorkWeek::full_time(8.into()).unwrap();
    Schedule::weeks(WorkWeeks::always(week), Holidays::swedish())
}

fn activities() -> AbsenceActivities {
    let mut childcare = ActivityReadable::new(ActivityId(43), "VAB");
    childcare.mandatory_child_when_reporting = true;
    AbsenceActivities::by_usual_names(&[
        ActivityReadable::new(ActivityId(41), "Semester"),
        ActivityReadable::new(ActivityId(42), " sjuk "),
        childcare,
        ActivityReadable::new(ActivityId(7), "Utveckling"),
    ])
    .unwrap()
}

/// Which of the two ways absence is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Payroll,
    Time,
}

/// Kleer's events of one user.
#[derive(Debug, Clone)]
struct Kleer {
    way: Way,
    payroll: List<PayrollEvent>,
    written: Vec<WrittenDay>,
    time: List<EventReadable>,
    activities: AbsenceActivities,
    next: i32,
}

impl Kleer {
    fn new(way: Way) -> Self {
        Self {
            way,
            payroll: List::default(),
            written: Vec::new(),
            time: List::default(),
            activities: activities(),
            next: 1,
        }
    }

    fn seen(&self) -> InKleer<'_> {
        match self.way {
            Way::Payroll => InKleer::PayrollEvents {
                events: &self.payroll,
                written: &self.written,
            },
            Way::Time => InKleer::TimeEvents {
                events: &self.time,
                activities: &self.activities,
            },
        }
    }

    fn add(&mut self, event: AbsenceEvent) -> i32 {
        let id = self.next;
        self.next += 1;
        match event {
            AbsenceEvent::Payroll(mut event) => {
                assert_eq!(self.way, Way::Payroll);
                event.id = Some(PayrollEventId(id));
                self.payroll.items.push(event);
            }
            AbsenceEvent::Time(event) => {
                assert_eq!(self.way, Way::Time);
                self.time.items.push(readable(id, event));
            }
        }
        id
    }

    /// Somebody registers absence by hand.
    fn register(&mut self, date: NaiveDate, hours: i32, event_type: PayrollEventType) -> i32 {
        let event = match self.way {
            Way::Payroll => {
                AbsenceEvent::Payroll(PayrollEvent::new(date, hours.into(), event_type))
            }
            Way::Time => {
                let activity = self.activities.get(&event_type).unwrap().id;
                AbsenceEvent::Time(EventWritable::new(
                    "by hand",
                    USER,
                    activity,
                    date,
                    hours.into(),
                ))
            }
        };
        self.add(event)
    }

    fn carry_out(&mut self, plan: &LeavePlan) {
        for operation in &plan.operations {
            match operation {
                LeaveOperation::Create { leave, event } => {
                    let id = self.add(event.clone());
                    if self.way == Way::Payroll {
                        let day = WrittenDay::new(leave, event.date(), PayrollEventId(id));
                        self.written.push(day);
                    }
                }
                LeaveOperation::Update { id, event, .. } => match (id, event) {
                    (KleerEventId::Payroll(id), AbsenceEvent::Payroll(event)) => {
                        let old = self
                            .payroll
                            .items
                            .iter_mut()
                            .find(|old| old.id == Some(*id))
                            .unwrap();
                        *old = event.clone();
                        old.id = Some(*id);
                    }
                    (KleerEventId::Time(id), AbsenceEvent::Time(event)) => {
                        let old = self
                            .time
                            .items
                            .iter_mut()
                            .find(|old| old.id.id == *id)
                            .unwrap();
                        *old = readable(id.0, event.clone());
                    }
                    _ => panic!("an update of the other way's event"),
                },
                LeaveOperation::Delete { id, .. } => match id {
                    KleerEventId::Payroll(id) => {
                        self.payroll.items.retain(|old| old.id != Some(*id));
                        self.written.retain(|day| day.event != *id);
                    }
                    KleerEventId::Time(id) => self.time.items.retain(|old| old.id.id != *id),
                },
                _ => panic!("an operation that this Kleer does not know"),
            }
        }
    }

    /// Day, hours and type of all absence, in order.
    fn absence(&self) -> Vec<(NaiveDate, Decimal, PayrollEventType)> {
        let mut all: Vec<_> = match self.way {
            Way::Payroll => self
                .payroll
                .items
                .iter()
                .map(|event| (event.date, event.hours, event.event_type.clone()))
                .collect(),
            Way::Time => self
                .time
                .items
                .iter()
                .filter(|event| event.client_project.is_none())
                .filter_map(|event| {
                    let event_type = self.activities.event_type(event.activity.id)?;
                    Some((event.date, event.hours, event_type.clone()))
                })
                .collect(),
        };
        all.sort_by(|a, b| (a.0, a.1, format!("{:?}", a.2)).cmp(&(b.0, b.1, format!("{:?}", b.2))));
        all
    }
}

fn readable(id: i32, event: EventWritable) -> EventReadable {
    let status = EventStatus::new(EventStatusType::Open, USER, event.date);
    EventReadable::from_writable(EventId(id), event, status)
}

fn both(test: impl Fn(Kleer)) {
    test(Kleer::new(Way::Time));
    test(Kleer::new(Way::Payroll));
}

fn plan(kleer: &Kleer, leaves: &[Leave]) -> LeavePlan {
    let types = types();
    LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .plan(
            &LeaveEmployee::linked(USER),
            leaves,
            &schedule(),
            kleer.seen(),
        )
        .unwrap()
}

fn kinds(plan: &LeavePlan) -> (usize, usize, usize) {
    let count = |test: fn(&LeaveOperation) -> bool| {
        plan.operations
            .iter()
            .filter(|operation| test(operation))
            .count()
    };
    (
        count(|operation| matches!(operation, LeaveOperation::Create { .. })),
        count(|operation| matches!(operation, LeaveOperation::Update { .. })),
        count(|operation| matches!(operation, LeaveOperation::Delete { .. })),
    )
}

fn problems(plan: &LeavePlan) -> Vec<String> {
    plan.findings.iter().map(ToString::to_string).collect()
}

#[test]
fn a_second_run_writes_nothing() {
    both(|mut kleer| {
        let leaves = [leave("a", "vacation", 19, 23)];
        let first = plan(&kleer, &leaves);
        assert_eq!(kinds(&first), (3, 0, 0));
        kleer.carry_out(&first);

        let second = plan(&kleer, &leaves);
        assert!(second.operations.is_empty(), "{second:?}");
        assert_eq!(second.unchanged.len(), 3);
        assert!(second.findings.is_empty());
    });
}

#[test]
fn each_day_carries_date_hours_type_child_and_comment() {
    let mut kleer = Kleer::new(Way::Time);
    let mut one = leave("a", "child", 18, 18);
    one.child = Some(" Alva ".to_owned());
    one.comment = "from 12".to_owned();
    one.part = Part::Half;
    kleer.carry_out(&plan(&kleer, std::slice::from_ref(&one)));
    let event = &kleer.time.items[0];
    assert_eq!((event.date, event.hours), (november(18), 4.into()));
    assert_eq!(event.activity.id, ActivityId(43));
    assert_eq!(event.child.as_deref(), Some("Alva"));
    assert_eq!(event.comment, "from 12");
    assert_eq!(event.client_project, None);
    let types = types();
    let export = LeaveExport::new(CONNECTION, &types, november(1), november(30));
    assert_eq!(
        event.foreign_id,
        export.client_key("a", november(18)).to_string()
    );

    let mut kleer = Kleer::new(Way::Payroll);
    kleer.carry_out(&plan(&kleer, &[one]));
    let event = &kleer.payroll.items[0];
    assert_eq!(event.event_type, PayrollEventType::Childcare);
    assert_eq!(event.child.as_deref(), Some("Alva"));
    assert_eq!((event.hours, event.comment.as_str()), (4.into(), "from 12"));
}

#[test]
fn a_changed_leave_is_corrected_day_by_day() {
    both(|mut kleer| {
        kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 16, 18)]));

        // One day later, at half time.
        let mut changed = leave("a", "vacation", 17, 19);
        changed.extent = 50.into();
        let correction = plan(&kleer, &[changed]);
        assert_eq!(kinds(&correction), (1, 2, 1));
        kleer.carry_out(&correction);
        let days: Vec<_> = kleer
            .absence()
            .into_iter()
            .map(|(date, hours, _)| (date, hours))
            .collect();
        assert_eq!(
            days,
            [17, 18, 19].map(|day| (november(day), Decimal::from(4)))
        );
    });
}

#[test]
fn another_type_is_a_correction_and_no_second_absence() {
    both(|mut kleer| {
        kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 16, 16)]));
        let mut sick = leave("a", "sick", 16, 16);
        sick.status = LeaveStatus::Confirmed;
        let correction = plan(&kleer, &[sick]);
        assert_eq!(kinds(&correction), (0, 1, 0));
        kleer.carry_out(&correction);
        assert_eq!(
            kleer.absence(),
            [(november(16), 8.into(), PayrollEventType::Sick)]
        );
    });
}

#[test]
fn a_denied_or_cancelled_leave_is_taken_back() {
    for status in [LeaveStatus::Denied, LeaveStatus::Cancelled] {
        both(|mut kleer| {
            kleer.carry_out(&plan(
                &kleer,
                &[
                    leave("a", "vacation", 16, 17),
                    leave("b", "vacation", 18, 18),
                ],
            ));
            let mut cancelled = leave("a", "vacation", 16, 17);
            cancelled.status = status;
            let back = plan(&kleer, &[cancelled, leave("b", "vacation", 18, 18)]);
            assert_eq!(kinds(&back), (0, 0, 2));
            kleer.carry_out(&back);
            assert_eq!(kleer.absence().len(), 1);
        });
    }
}

#[test]
fn a_leave_that_the_source_deleted_is_taken_back_when_it_is_known() {
    let mut kleer = Kleer::new(Way::Time);
    kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 16, 16)]));

    // Nobody remembers it: it is reported, not deleted.
    let forgotten = plan(&kleer, &[]);
    assert!(forgotten.operations.is_empty());
    assert_eq!(
        problems(&forgotten),
        [
            "event 1 in Kleer was exported from a leave that is not given; if the leave was deleted, name its id among the known leaves"
        ]
    );

    let types = types();
    let known = LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .known_leaves(["a".to_owned()])
        .plan(&LeaveEmployee::linked(USER), &[], &schedule(), kleer.seen())
        .unwrap();
    assert_eq!(kinds(&known), (0, 0, 1));
    assert!(known.findings.is_empty());
}

#[test]
fn what_is_undecided_stays_as_it_is() {
    both(|mut kleer| {
        kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 16, 17)]));
        let before = kleer.absence();

        let mut pending = leave("a", "vacation", 16, 19);
        pending.status = LeaveStatus::Pending;
        let unmapped = leave("a", "sabbatical", 16, 17);
        let ignored = leave("a", "remote", 16, 17);
        let not_confirmed = leave("a", "sick", 16, 17);
        let backwards = leave("a", "vacation", 17, 16);
        for (held, findings) in [
            (pending, 0),
            (unmapped, 1),
            (ignored, 1),
            (not_confirmed, 0),
            (backwards, 1),
        ] {
            let plan = plan(&kleer, &[held]);
            assert!(plan.operations.is_empty(), "{plan:?}");
            assert_eq!(plan.findings.len(), findings, "{plan:?}");
            kleer.carry_out(&plan);
            assert_eq!(kleer.absence(), before);
        }
    });
}

#[test]
fn an_unlinked_employee_is_skipped_and_reported() {
    let types = types();
    let kleer = Kleer::new(Way::Time);
    let plan = LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .plan(
            &LeaveEmployee::unlinked(),
            &[leave("a", "vacation", 16, 17)],
            &schedule(),
            kleer.seen(),
        )
        .unwrap();
    assert!(plan.operations.is_empty());
    assert_eq!(plan.findings.len(), 1);
    assert_eq!(plan.findings[0].problem, LeaveProblem::NotLinked);
}

#[test]
fn an_unmapped_type_is_refused_by_name_and_the_rest_goes_on() {
    both(|kleer| {
        let plan = plan(
            &kleer,
            &[
                leave("a", "sabbatical", 16, 17),
                leave("b", "vacation", 18, 18),
            ],
        );
        assert_eq!(kinds(&plan), (1, 0, 0));
        assert_eq!(
            problems(&plan),
            [
                "leave a: the leave type \"sabbatical\" is not in the mapping table; add what it becomes in Kleer, or that it is ignored"
            ]
        );
    });
}

#[test]
fn a_child_is_demanded_where_kleer_demands_one() {
    both(|kleer| {
        let plan = plan(&kleer, &[leave("a", "child", 18, 18)]);
        assert!(plan.operations.is_empty());
        assert_eq!(plan.findings[0].problem, LeaveProblem::NoChild);
        assert_eq!(plan.findings[0].date, Some(november(18)));
    });
}

#[test]
fn a_child_must_be_registered_where_that_is_known() {
    let kleer = Kleer::new(Way::Time);
    let types = types();
    let export = LeaveExport::new(CONNECTION, &types, november(1), november(30));
    let mut employee = LeaveEmployee::linked(USER);
    employee.children = Some(vec!["Alva".to_owned()]);
    let mut one = leave("a", "child", 18, 18);
    for (child, findings) in [("Alva", 0), ("alva", 1), ("Bo", 1)] {
        one.child = Some(child.to_owned());
        let plan = export
            .plan(&employee, &[one.clone()], &schedule(), kleer.seen())
            .unwrap();
        assert_eq!(plan.findings.len(), findings, "{child}");
        assert!(!format!("{plan:?}").contains(child) || findings == 0);
    }
}

#[test]
fn a_type_without_an_activity_is_reported() {
    let mut kleer = Kleer::new(Way::Time);
    kleer.activities = AbsenceActivities::by_usual_names(&[]).unwrap();
    let plan = plan(&kleer, &[leave("a", "vacation", 18, 18)]);
    assert!(plan.operations.is_empty());
    assert_eq!(
        problems(&plan),
        [
            "leave a on 2026-11-18: Kleer has no activity for Vacation; create it in Kleer, or name the one that stands for it"
        ]
    );
}

#[test]
fn two_activities_of_one_name_are_refused() {
    let error = AbsenceActivities::by_usual_names(&[
        ActivityReadable::new(ActivityId(41), "Semester"),
        ActivityReadable::new(ActivityId(44), "semester"),
    ])
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "2 activities are named \"Semester\" (ids 41, 44); rename all but one in Kleer"
    );
}

#[test]
fn overlapping_leaves_that_fit_are_written_and_others_refused() {
    both(|kleer| {
        let mut half = leave("a", "vacation", 16, 17);
        half.extent = 50.into();
        let mut other_half = leave("b", "child", 17, 18);
        other_half.extent = 50.into();
        other_half.child = Some("Alva".to_owned());
        let fits = plan(&kleer, &[half.clone(), other_half.clone()]);
        assert_eq!(kinds(&fits), (4, 0, 0));
        assert!(fits.findings.is_empty());

        other_half.extent = 75.into();
        let clash = plan(&kleer, &[half, other_half]);
        assert_eq!(kinds(&clash), (2, 0, 0), "the days that do not overlap");
        assert_eq!(
            problems(&clash),
            ["a", "b"].map(|leave| format!(
                "leave {leave} on 2026-11-17: the leaves of the day take 10 hours of a working day of 8; correct the leaves that overlap (a, b)"
            ))
        );
    });
}

#[test]
fn rounding_does_not_make_two_halves_more_than_a_whole() {
    let week = WorkWeek::full_time("7.75".parse().unwrap()).unwrap();
    let schedule = Schedule::weeks(WorkWeeks::always(week), Holidays::none());
    let mut half = leave("a", "vacation", 17, 17);
    half.extent = 50.into();
    let mut other = half.clone();
    other.id = "b".to_owned();
    let types = types();
    let kleer = Kleer::new(Way::Time);
    let plan = LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .plan(
            &LeaveEmployee::linked(USER),
            &[half, other],
            &schedule,
            kleer.seen(),
        )
        .unwrap();
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    assert_eq!(plan.operations.len(), 2);
}

#[test]
fn absence_that_somebody_registered_is_never_overwritten() {
    both(|mut kleer| {
        kleer.register(november(17), 8, PayrollEventType::Sick);
        let plan = plan(&kleer, &[leave("a", "vacation", 16, 17)]);
        assert_eq!(kinds(&plan), (1, 0, 0));
        assert_eq!(
            problems(&plan),
            [
                "leave a on 2026-11-17: Kleer already has other absence on the day (event 1), which is not overwritten; correct one of the two"
            ]
        );
        let before = kleer.absence();
        kleer.carry_out(&plan);
        assert!(kleer.absence().contains(&before[0]));
    });
}

#[test]
fn the_same_absence_registered_by_hand_is_not_written_again() {
    both(|mut kleer| {
        let id = kleer.register(november(17), 8, PayrollEventType::Vacation);
        let plan = plan(&kleer, &[leave("a", "vacation", 17, 17)]);
        assert!(plan.operations.is_empty());
        assert_eq!(plan.unchanged.len(), 1);
        assert_eq!(plan.unchanged[0].event.to_string(), id.to_string());
        assert!(plan.findings.is_empty());
    });
}

#[test]
fn what_was_registered_by_hand_stands_for_one_leave_only() {
    both(|mut kleer| {
        kleer.register(november(17), 4, PayrollEventType::Vacation);
        let mut half = leave("a", "vacation", 17, 17);
        half.extent = 50.into();
        let mut other = half.clone();
        other.id = "b".to_owned();
        let plan = plan(&kleer, &[half, other]);
        assert_eq!((kinds(&plan), plan.unchanged.len()), ((1, 0, 0), 1));
    });
}

#[test]
fn a_held_day_stands_for_its_own_leave_only() {
    both(|mut kleer| {
        kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 17, 17)]));
        let mut pending = leave("a", "vacation", 17, 17);
        pending.status = LeaveStatus::Pending;
        let plan = plan(&kleer, &[pending, leave("b", "vacation", 17, 17)]);
        assert!(
            plan.operations.is_empty() && plan.unchanged.is_empty(),
            "{plan:?}"
        );
        assert!(matches!(
            plan.findings[0].problem,
            LeaveProblem::AlreadyRegistered { .. }
        ));
    });
}

#[test]
fn each_day_registered_by_hand_is_found() {
    both(|mut kleer| {
        kleer.register(november(16), 8, PayrollEventType::Vacation);
        kleer.register(november(17), 8, PayrollEventType::Vacation);
        let plan = plan(&kleer, &[leave("a", "vacation", 17, 17)]);
        assert!(plan.operations.is_empty(), "{plan:?}");
    });
}

/// Its foreign id still says which day it is: a second event with that id would be a double.
#[test]
fn a_time_event_that_somebody_moved_is_moved_back() {
    let mut kleer = Kleer::new(Way::Time);
    let leaves = [leave("a", "vacation", 16, 16)];
    kleer.carry_out(&plan(&kleer, &leaves));
    kleer.time.items[0].date = november(18);
    let again = plan(&kleer, &leaves);
    assert_eq!(kinds(&again), (0, 1, 0));
    assert!(again.findings.is_empty());

    // Not from a day, nor to one, on which nothing can be changed.
    let types = types();
    for locked in [16, 18] {
        let export = LeaveExport::new(CONNECTION, &types, november(1), november(30))
            .locked([november(locked)]);
        let employee = LeaveEmployee::linked(USER);
        let plan = export
            .plan(&employee, &leaves, &schedule(), kleer.seen())
            .unwrap();
        assert_eq!(kinds(&plan), (0, 0, 0), "{locked}");
        assert_eq!(plan.findings[0].problem, LeaveProblem::Locked);
    }
    kleer.carry_out(&again);
    assert_eq!(kleer.absence()[0].0, november(16));
    assert_eq!(kinds(&plan(&kleer, &leaves)), (0, 0, 0));
}

/// Kleer tells the schedule of the export's period; what comes after it changes nothing in it.
#[test]
fn nothing_needs_to_be_known_of_what_follows_the_period() {
    let schedule = Schedule::of_kleer(
        &(1..=30)
            .map(|day| PayrollUserScheduleMetadata::new(november(day), Rate(100.into()), 8.into()))
            .collect::<Vec<_>>(),
    );
    let types = types();
    let long = Leave::new("a", "vacation", november(26), day("2027-03-31"));
    let kleer = Kleer::new(Way::Time);
    let plan = LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .plan(
            &LeaveEmployee::linked(USER),
            &[long],
            &schedule,
            kleer.seen(),
        )
        .unwrap();
    assert_eq!(kinds(&plan), (5, 0, 0));
    assert!(plan.findings.is_empty());
}

/// An employee who has nothing to export misses nothing by not being linked.
#[test]
fn an_unlinked_employee_without_leave_is_not_reported() {
    let types = types();
    let kleer = Kleer::new(Way::Time);
    let export = LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .known_leaves(["old".to_owned()]);
    let mut denied = leave("b", "vacation", 16, 17);
    denied.status = LeaveStatus::Denied;
    let employee = LeaveEmployee::unlinked();
    for leaves in [vec![], vec![denied]] {
        let plan = export
            .plan(&employee, &leaves, &schedule(), kleer.seen())
            .unwrap();
        assert_eq!(plan, LeavePlan::default());
    }
}

/// A list of the whole company's events: another's absence is neither the same nor in the way.
#[test]
fn events_of_others_are_passed_over() {
    let mut kleer = Kleer::new(Way::Time);
    kleer.register(november(16), 8, PayrollEventType::Vacation);
    kleer.register(november(17), 8, PayrollEventType::Sick);
    for event in &mut kleer.time.items {
        event.user = UserId(22).into();
    }
    let plan = plan(&kleer, &[leave("a", "vacation", 16, 17)]);
    assert_eq!(kinds(&plan), (2, 0, 0));
    assert!(plan.findings.is_empty());
}

/// Numbers that no day can have are refused, and do not stop the others.
#[test]
fn impossible_hours_in_kleer_are_no_panic() {
    let types = types();
    let hours = |day: u32| if day == 17 { Decimal::MAX } else { 8.into() };
    let schedule = Schedule::of_kleer(
        &(16..=18)
            .map(|day| {
                PayrollUserScheduleMetadata::new(november(day), Rate(100.into()), hours(day))
            })
            .collect::<Vec<_>>(),
    );
    let mut kleer = Kleer::new(Way::Payroll);
    for _ in 0..2 {
        let event = PayrollEvent::new(november(16), Decimal::MAX, PayrollEventType::Sick);
        kleer.add(AbsenceEvent::Payroll(event));
    }
    let leaves = [
        leave("a", "vacation", 16, 16),
        leave("b", "vacation", 17, 18),
    ];
    let plan = LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .plan(
            &LeaveEmployee::linked(USER),
            &leaves,
            &schedule,
            kleer.seen(),
        )
        .unwrap();
    assert_eq!(kinds(&plan), (0, 0, 0));
    assert!(matches!(
        plan.findings[0].problem,
        LeaveProblem::AlreadyRegistered { .. }
    ));
    assert!(matches!(
        plan.findings[1].problem,
        LeaveProblem::Leave(LeaveError::ScheduledHours { .. })
    ));
}

#[test]
fn a_payroll_event_that_somebody_moved_is_moved_back() {
    let mut kleer = Kleer::new(Way::Payroll);
    kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 17, 17)]));
    kleer.payroll.items[0].date = november(18);
    let correction = plan(&kleer, &[leave("a", "vacation", 17, 17)]);
    assert_eq!(kinds(&correction), (0, 1, 0));
    kleer.carry_out(&correction);
    assert_eq!(kleer.absence()[0].0, november(17));
}

#[test]
fn half_a_day_fits_beside_what_somebody_registered() {
    both(|mut kleer| {
        kleer.register(november(17), 4, PayrollEventType::Sick);
        let mut half = leave("a", "vacation", 17, 17);
        half.part = Part::Half;
        let plan = plan(&kleer, &[half]);
        assert_eq!(kinds(&plan), (1, 0, 0), "{plan:?}");
    });
}

#[test]
fn work_on_a_project_is_no_absence_and_is_left_alone() {
    let mut kleer = Kleer::new(Way::Time);
    let mut work = EventWritable::new("w", USER, ActivityId(41), november(17), 8.into());
    work.client_project = Some(ClientProjectId(90).into());
    kleer.add(AbsenceEvent::Time(work));
    let plan = plan(&kleer, &[leave("a", "vacation", 17, 17)]);
    assert_eq!(kinds(&plan), (1, 0, 0));
}

#[test]
fn a_locked_day_is_reported_and_left_alone() {
    let locked = List::from(vec![
        EventRestrictionReadable::new(EventRestrictionStatus::new(
            EventStatusType::Certified,
            USER,
            november(17),
        )),
        EventRestrictionReadable::new(EventRestrictionStatus::new(
            EventStatusType::Open,
            USER,
            november(18),
        )),
    ]);
    let locked = locked_days(&locked).unwrap();
    assert_eq!(locked, BTreeSet::from([november(17)]));

    both(|mut kleer| {
        let types = types();
        let export = LeaveExport::new(CONNECTION, &types, november(1), november(30));
        let closed = export.clone().locked(locked.clone());
        let employee = LeaveEmployee::linked(USER);
        let run = |export: &LeaveExport<'_>, kleer: &Kleer, leaves: &[Leave]| {
            export
                .plan(&employee, leaves, &schedule(), kleer.seen())
                .unwrap()
        };
        // A create.
        let create = run(&closed, &kleer, &[leave("a", "vacation", 17, 18)]);
        assert_eq!(kinds(&create), (1, 0, 0));
        assert_eq!(create.findings[0].problem, LeaveProblem::Locked);
        // What is there already needs no key.
        kleer.carry_out(&run(&export, &kleer, &[leave("a", "vacation", 17, 18)]));
        let same = run(&closed, &kleer, &[leave("a", "vacation", 17, 18)]);
        assert!(same.operations.is_empty() && same.findings.is_empty());
        // An update and a delete.
        let mut half = leave("a", "vacation", 17, 17);
        half.extent = 50.into();
        let update = run(&closed, &kleer, &[half]);
        assert_eq!(kinds(&update), (0, 0, 1), "the open day is taken back");
        assert_eq!(update.findings[0].problem, LeaveProblem::Locked);
        let mut cancelled = leave("a", "vacation", 17, 18);
        cancelled.status = LeaveStatus::Cancelled;
        let delete = run(&closed, &kleer, &[cancelled]);
        assert_eq!(kinds(&delete), (0, 0, 1));
        assert_eq!(delete.findings[0].date, Some(november(17)));
    });
}

#[test]
fn an_event_that_is_not_open_is_locked() {
    let mut kleer = Kleer::new(Way::Time);
    kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 17, 17)]));
    kleer.time.items[0].status.status_type = EventStatusType::Approved;
    let mut half = leave("a", "vacation", 17, 17);
    half.extent = 50.into();
    let plan = plan(&kleer, &[half]);
    assert!(plan.operations.is_empty());
    assert_eq!(plan.findings[0].problem, LeaveProblem::Locked);
}

#[test]
fn a_double_in_kleer_is_reported_and_not_made_worse() {
    let mut kleer = Kleer::new(Way::Time);
    kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 17, 17)]));
    let mut again = kleer.time.items[0].clone();
    again.id = EventId(99).into();
    kleer.time.items.push(again);
    let plan = plan(&kleer, &[leave("a", "vacation", 17, 17)]);
    assert!(plan.operations.is_empty());
    assert_eq!(
        problems(&plan),
        [
            "leave a on 2026-11-17: Kleer has the day more than once (event 1, event 99); delete all but the first"
        ]
    );
}

#[test]
fn a_lost_answer_does_not_make_a_second_absence() {
    // The payroll event was created, but nobody got to remember it.
    let mut kleer = Kleer::new(Way::Payroll);
    kleer.carry_out(&plan(&kleer, &[leave("a", "vacation", 17, 17)]));
    kleer.written.clear();
    let plan = plan(&kleer, &[leave("a", "vacation", 17, 17)]);
    assert!(plan.operations.is_empty());
    assert_eq!(plan.unchanged.len(), 1);
}

#[test]
fn nothing_is_concluded_from_an_incomplete_list() {
    let types = types();
    let export = LeaveExport::new(CONNECTION, &types, november(1), november(30));
    let xml = "<event-readables><event-readable><id>oops</id></event-readable></event-readables>";
    let events = <List<EventReadable> as kleer_model::Document>::from_xml(xml.as_bytes()).unwrap();
    let activities = activities();
    let in_kleer = InKleer::TimeEvents {
        events: &events,
        activities: &activities,
    };
    let employee = LeaveEmployee::linked(USER);
    assert!(export.plan(&employee, &[], &schedule(), in_kleer).is_err());
}

#[test]
fn only_days_of_the_period_are_touched() {
    both(|mut kleer| {
        let types = types();
        let all = LeaveExport::new(CONNECTION, &types, day("2026-10-01"), day("2026-12-31"));
        let whole = Leave::new("a", "vacation", day("2026-10-28"), day("2026-11-03"));
        let employee = LeaveEmployee::linked(USER);
        let first = all
            .plan(
                &employee,
                std::slice::from_ref(&whole),
                &schedule(),
                kleer.seen(),
            )
            .unwrap();
        assert_eq!(kinds(&first), (5, 0, 0));
        kleer.carry_out(&first);
        let mut cancelled = whole;
        cancelled.status = LeaveStatus::Cancelled;
        assert_eq!(
            kinds(&plan(&kleer, &[cancelled])),
            (0, 0, 2),
            "November only"
        );
    });
}

#[test]
fn days_outside_the_employment_are_refused() {
    let kleer = Kleer::new(Way::Time);
    let types = types();
    let mut employee = LeaveEmployee::linked(USER);
    employee.employed_from = Some(november(17));
    employee.employed_to = Some(november(18));
    let plan = LeaveExport::new(CONNECTION, &types, november(1), november(30))
        .plan(
            &employee,
            &[leave("a", "vacation", 16, 19)],
            &schedule(),
            kleer.seen(),
        )
        .unwrap();
    assert_eq!(kinds(&plan), (2, 0, 0));
    assert_eq!(plan.findings.len(), 2);
}

#[test]
fn a_leave_without_a_working_day_is_reported() {
    let plan = plan(&Kleer::new(Way::Time), &[leave("a", "vacation", 21, 22)]);
    assert_eq!(
        problems(&plan),
        ["leave a: no day of the leave in the period is a working day of the employee"]
    );
}

#[test]
fn comments_by_setting() {
    let types = types();
    let export =
        |comment| LeaveExport::new(CONNECTION, &types, november(1), november(30)).comment(comment);
    let employee = LeaveEmployee::linked(USER);
    let mut one = leave("a", "vacation", 17, 17);
    one.comment = "planted".to_owned();

    let mut kleer = Kleer::new(Way::Time);
    let fixed = export(LeaveComment::Fixed("Exported from HR".to_owned()));
    kleer.carry_out(
        &fixed
            .plan(&employee, &[one.clone()], &schedule(), kleer.seen())
            .unwrap(),
    );
    assert_eq!(kleer.time.items[0].comment, "Exported from HR");

    // Somebody writes another, and a note of the company's own.
    kleer.time.items[0].comment = "by hand".to_owned();
    kleer.time.items[0].internal_comment = "internal".to_owned();
    one.extent = 50.into();
    let keep = export(LeaveComment::OfKleer);
    kleer.carry_out(
        &keep
            .plan(&employee, &[one], &schedule(), kleer.seen())
            .unwrap(),
    );
    let event = &kleer.time.items[0];
    assert_eq!((event.hours, event.comment.as_str()), (4.into(), "by hand"));
    assert_eq!(event.internal_comment, "internal");
}

#[test]
fn ready_rows_are_exported_as_they_are() {
    both(|mut kleer| {
        let types = types();
        let export = LeaveExport::new(CONNECTION, &types, november(1), november(30));
        let employee = LeaveEmployee::linked(USER);
        let row = |row: &str, date, hours: &str| {
            let mut day = LeaveDay::new("a", "vacation", november(date), hours.parse().unwrap());
            day.row = Some(row.to_owned());
            day
        };
        // A page showed row 1 twice.
        let rows = [row("1", 16, "8"), row("1", 16, "8"), row("2", 17, "2.5")];
        let first = export
            .plan_days(&employee, &rows, None, kleer.seen())
            .unwrap();
        assert_eq!(kinds(&first), (2, 0, 0));
        assert!(first.findings.is_empty());
        kleer.carry_out(&first);

        // A row less, and one that changed.
        let rows = [row("2", 17, "3")];
        let second = export
            .plan_days(&employee, &rows, None, kleer.seen())
            .unwrap();
        assert_eq!(kinds(&second), (0, 1, 1));

        // Two rows that contradict each other, and one that is no absence.
        let rows = [row("1", 16, "8"), row("3", 16, "4"), row("4", 17, "0")];
        let third = export
            .plan_days(&employee, &rows, None, kleer.seen())
            .unwrap();
        assert!(third.operations.is_empty(), "{third:?}");
        assert_eq!(third.findings.len(), 2);
    });
}

#[test]
fn without_a_schedule_a_day_with_other_absence_is_refused() {
    both(|mut kleer| {
        kleer.register(november(17), 2, PayrollEventType::Sick);
        let types = types();
        let plan = LeaveExport::new(CONNECTION, &types, november(1), november(30))
            .plan_days(
                &LeaveEmployee::linked(USER),
                &[LeaveDay::new("a", "vacation", november(17), 4.into())],
                None,
                kleer.seen(),
            )
            .unwrap();
        assert!(plan.operations.is_empty());
        assert!(matches!(
            plan.findings[0].problem,
            LeaveProblem::AlreadyRegistered { .. }
        ));
    });
}

#[test]
fn one_leave_in_two_versions_is_held() {
    both(|kleer| {
        let plan = plan(
            &kleer,
            &[
                leave("a", "vacation", 16, 17),
                leave("a", "vacation", 16, 18),
            ],
        );
        assert!(plan.operations.is_empty());
        assert_eq!(plan.findings[0].problem, LeaveProblem::Contradicting);
    });
}

fn any_leave() -> impl Strategy<Value = Leave> {
    (
        0..5_u8,
        prop_oneof![
            Just("vacation"),
            Just("child"),
            Just("sick"),
            Just("sabbatical"),
            Just("remote")
        ],
        1..=28_u32,
        0..4_u32,
        prop_oneof![Just(100_i64), Just(50), Just(25)],
        prop_oneof![
            4 => Just(LeaveStatus::Approved),
            2 => Just(LeaveStatus::Confirmed),
            1 => Just(LeaveStatus::Pending),
            1 => Just(LeaveStatus::Cancelled)
        ],
        any::<bool>(),
    )
        .prop_map(|(id, leave_type, first, length, extent, status, child)| {
            let mut one = leave(
                &format!("l{id}"),
                leave_type,
                first,
                (first + length).min(30),
            );
            one.extent = extent.into();
            one.status = status;
            one.child = child.then(|| "Alva".to_owned());
            one
        })
}

fn registered() -> impl Strategy<Value = (u32, i32, PayrollEventType)> {
    (
        1..=30_u32,
        1..=8_i32,
        prop_oneof![
            Just(PayrollEventType::Vacation),
            Just(PayrollEventType::Sick)
        ],
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the leaves were and become, and whatever somebody registered: what a run plans is
    /// done after it, what others registered is untouched, and no day has more than its hours
    /// because of us.
    #[test]
    fn runs_settle_and_never_touch_what_others_registered(
        way in prop_oneof![Just(Way::Time), Just(Way::Payroll)],
        by_hand in prop::collection::vec(registered(), 0..4),
        before in prop::collection::vec(any_leave(), 0..6),
        after in prop::collection::vec(any_leave(), 0..6),
    ) {
        let mut kleer = Kleer::new(way);
        for (date, hours, event_type) in &by_hand {
            kleer.register(november(*date), *hours, event_type.clone());
        }
        let mut by_hand = kleer.absence();
        let mut over = BTreeMap::new();
        for (date, hours, _) in &by_hand {
            *over.entry(*date).or_insert(Decimal::ZERO) += *hours;
        }
        for leaves in [&before, &after] {
            let first = plan(&kleer, leaves);
            kleer.carry_out(&first);
            let again = plan(&kleer, leaves);
            prop_assert!(again.operations.is_empty(), "{again:?}");
            prop_assert_eq!(&again.findings, &first.findings);
            prop_assert_eq!(
                again.unchanged.len(),
                first.unchanged.len() + kinds(&first).0 + kinds(&first).1
            );
        }
        let now = kleer.absence();
        let mut hours: BTreeMap<NaiveDate, Decimal> = BTreeMap::new();
        for (date, added, _) in &now {
            *hours.entry(*date).or_default() += *added;
        }
        for (date, hours) in hours {
            let most = schedule().hours_on(date).unwrap().max(
                over.get(&date).copied().unwrap_or_default());
            prop_assert!(hours <= most, "{date}: {hours} of {most}");
        }
        let mut rest = now;
        while let Some(kept) = by_hand.pop() {
            let at = rest.iter().position(|event| *event == kept);
            prop_assert!(at.is_some(), "{kept:?} is gone");
            rest.remove(at.unwrap());
        }
    }
}
