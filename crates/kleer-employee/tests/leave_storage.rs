//! Settings and plans survive being stored.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::NaiveDate;
use kleer_employee::leave::{
    AbsenceActivities, Holidays, InKleer, Leave, LeaveComment, LeaveEmployee, LeaveExport,
    LeavePlan, LeaveTypes, Mapped, Schedule, WorkWeek, WorkWeeks,
};
use kleer_model::{ActivityId, ActivityReadable, List, PayrollEventType, UserId};

#[test]
fn the_mapping_table_is_written_as_a_user_would() {
    let json = r#"{
        "remote": "ignore",
        "sick": { "event_type": "Sick", "confirmed_only": true },
        "vacation": { "event_type": "Vacation" }
    }"#;
    let types: LeaveTypes = serde_json::from_str(json).unwrap();
    let expected = LeaveTypes::new()
        .map("vacation", PayrollEventType::Vacation)
        .map_when_confirmed("sick", PayrollEventType::Sick)
        .ignore("remote");
    assert_eq!(types, expected);
    assert_eq!(types.get("remote"), Mapped::Ignored);
    assert_eq!(types.targets().count(), 2);
    let again: LeaveTypes = serde_json::from_str(&serde_json::to_string(&types).unwrap()).unwrap();
    assert_eq!(again, types);
}

#[test]
fn a_plan_survives_being_stored() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let types = LeaveTypes::new().map("vacation", PayrollEventType::Vacation);
    let activities =
        AbsenceActivities::by_usual_names(&[ActivityReadable::new(ActivityId(41), "Semester")]);
    let activities = activities.unwrap();
    let events = List::default();
    let weeks = WorkWeeks::always(WorkWeek::full_time(8.into()).unwrap());
    let plan = LeaveExport::new("acme->4875", &types, day(1), day(30))
        .comment(LeaveComment::Fixed("Exported from HR".to_owned()))
        .plan(
            &LeaveEmployee::linked(UserId(21)),
            &[
                Leave::new("a", "vacation", day(17), day(18)),
                Leave::new("b", "sabbatical", day(17), day(18)),
            ],
            &Schedule::weeks(weeks, Holidays::swedish()),
            InKleer::TimeEvents {
                events: &events,
                activities: &activities,
            },
        )
        .unwrap();
    assert_eq!((plan.operations.len(), plan.findings.len()), (2, 1));
    let text = serde_json::to_string(&plan).unwrap();
    let again: LeavePlan = serde_json::from_str(&text).unwrap();
    assert_eq!(again, plan);
}

#[test]
fn a_week_that_makes_no_sense_is_not_read() {
    let week: Result<WorkWeek, _> = serde_json::from_str(r#"["8","8","8","8","80","0","0"]"#);
    let error = week.unwrap_err().to_string();
    assert!(error.contains("80 hours on Fri"), "{error}");
}
