//! What is written, corrected, taken back, and left alone.

use chrono::NaiveDate;
use kleer_client::model::endpoint;
use kleer_connect::leave::{
    DayResult, EmployeeLeave, EmployeeLinks, LeaveExportError, LeaveExporter, LeaveSource,
    LeaveSourceError, WorkingHours,
};
use kleer_employee::leave::{LeaveDay, LeaveOperation, LeaveStatus};
use record_link::{MemoryStore, Store};
use rust_decimal::Decimal;

use crate::support::{Company, day, key, leave, november, of, types, weeks};

#[tokio::test]
async fn a_second_run_writes_nothing() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let mut half = leave("b", "unpaid", 16, 17);
    half.extent = 50.into();
    let source = november([
        of("e1", vec![leave("a", "vacation", 12, 16)]),
        of("e2", vec![half]),
    ]);
    let exported = company.run(&store, &source).await;
    assert!(exported.is_clean(), "{exported:?}");
    assert_eq!((exported.totals.created, exported.totals.unchanged), (5, 0));
    let there = [
        "e1 2026-11-12 Vacation 8 h",
        "e1 2026-11-13 Vacation 8 h",
        "e1 2026-11-16 Vacation 8 h",
        "e2 2026-11-16 LeaveOfAbsence 4 h",
        "e2 2026-11-17 LeaveOfAbsence 4 h",
    ];
    assert_eq!(company.absences().await, there);

    let events = store
        .events(&company.connection, &Default::default())
        .await
        .unwrap();
    let (events, writes) = (events.items.len(), company.writes());
    company.sandbox.clear_requests();
    let exported = company.run(&store, &source).await;
    assert_eq!((exported.totals.created, exported.totals.unchanged), (0, 5));
    assert!(exported.is_clean() && exported.days.is_empty());
    assert_eq!(company.writes(), 0, "after {writes}");
    // Each list is read once for each employee.
    company.sandbox.assert_requested(&endpoint::EVENT_LIST, 2);
    company
        .sandbox
        .assert_requested(&endpoint::ACTIVITY_LIST, 1);
    let now = store
        .events(&company.connection, &Default::default())
        .await
        .unwrap();
    assert_eq!(now.items.len(), events, "nothing happened to a link");
}

#[tokio::test]
async fn a_changed_leave_is_corrected_and_a_cancelled_or_deleted_one_taken_back() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = november([of(
        "e1",
        vec![
            leave("changed", "vacation", 2, 3),
            leave("cancelled", "vacation", 9, 10),
            leave("deleted", "unpaid", 16, 16),
        ],
    )]);
    company.run(&store, &source).await;
    assert_eq!(company.absences().await.len(), 5);

    let mut changed = leave("changed", "unpaid", 3, 4);
    changed.extent = 25.into();
    let mut cancelled = leave("cancelled", "vacation", 9, 10);
    cancelled.status = LeaveStatus::Cancelled;
    let given = vec![changed, cancelled];
    let part = LeaveSource::new(day(1), day(30)).employee(of("e1", given.clone()));
    let exported = company.run(&store, &part).await;
    assert_eq!(
        (
            exported.totals.created,
            exported.totals.updated,
            exported.totals.deleted
        ),
        (1, 1, 3)
    );
    // Nobody said that everything was read, so what is not given stays.
    let there = [
        "e1 2026-11-03 LeaveOfAbsence 2 h",
        "e1 2026-11-04 LeaveOfAbsence 2 h",
        "e1 2026-11-16 LeaveOfAbsence 8 h",
    ];
    assert_eq!(company.absences().await, there);
    assert!(exported.is_clean(), "{exported:?}");

    let exported = company.run(&store, &november([of("e1", given)])).await;
    assert_eq!(exported.totals.deleted, 1);
    assert_eq!(company.absences().await, there[..2]);

    // An employee without any leave left, and one who is not in the source any more.
    let exported = company.run(&store, &november([])).await;
    assert_eq!(exported.totals.deleted, 2);
    assert!(company.absences().await.is_empty());

    // Applied for once more: the same days come back.
    let exported = company.run(&store, &source).await;
    assert_eq!(exported.totals.created, 5);
    assert_eq!(company.run(&store, &source).await.totals.unchanged, 5);
}

#[tokio::test]
async fn an_employee_who_is_not_linked_is_reported_and_one_who_was_unlinked_left_alone() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = november([
        of("e1", vec![leave("a", "vacation", 2, 2)]),
        of("e2", vec![leave("b", "vacation", 2, 2)]),
    ]);
    company.run(&store, &source).await;
    assert_eq!(company.absences().await.len(), 2);

    let kleer = company.kleer();
    let only_e1 = EmployeeLinks::new().link(key("e1"), company.users["e1"]);
    let fewer = november([
        of("e1", vec![leave("a", "vacation", 2, 2)]),
        of("e2", vec![leave("b", "vacation", 2, 3)]),
    ]);
    let exporter = company.exporter(&store, &kleer);
    let exported = exporter.run_once(&fewer, &only_e1).await.unwrap();
    assert_eq!((exported.totals.findings, exported.days.len()), (1, 0));
    assert_eq!(company.codes(&store).await, ["employee-not-linked"]);
    let exported = exporter.run_once(&november([]), &only_e1).await.unwrap();
    assert_eq!(exported.totals.deleted, 1, "that of e1, who is linked");
    assert_eq!(company.absences().await, ["e2 2026-11-02 Vacation 8 h"]);

    // Linked again, the deviation is over.
    let exported = company.run(&store, &fewer).await;
    assert_eq!((exported.totals.created, exported.totals.unchanged), (2, 1));
    assert!(company.codes(&store).await.is_empty());
}

#[tokio::test]
async fn what_others_registered_is_never_touched() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    company.somebody_registers("e1", "Sjuk", day(2), 8).await;
    company
        .somebody_registers("e1", "Semester", day(3), 8)
        .await;
    let source = november([of("e1", vec![leave("a", "vacation", 2, 4)])]);
    let exported = company.run(&store, &source).await;
    // On the 2nd they were ill, the 3rd is there already, the 4th is new.
    assert_eq!((exported.totals.created, exported.totals.unchanged), (1, 1));
    assert_eq!(company.codes(&store).await, ["already-registered"]);
    let there = [
        "e1 2026-11-02 Sick 8 h",
        "e1 2026-11-03 Vacation 8 h",
        "e1 2026-11-04 Vacation 8 h",
    ];
    assert_eq!(company.absences().await, there);
    // Cancelled: ours goes, theirs stays.
    let exported = company
        .run(&store, &november([of("e1", Vec::<LeaveDay>::new())]))
        .await;
    assert_eq!(exported.totals.deleted, 1);
    assert_eq!(company.absences().await, there[..2]);
}

#[tokio::test]
async fn leave_that_moves_to_another_employee_is_taken_back_there_first() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = |employee| november([of(employee, vec![leave("a", "vacation", 2, 3)])]);
    company.run(&store, &source("e1")).await;
    let exported = company.run(&store, &source("e2")).await;
    assert_eq!((exported.totals.created, exported.totals.deleted), (2, 2));
    assert!(exported.is_clean(), "{exported:?}");
    let there = ["e2 2026-11-02 Vacation 8 h", "e2 2026-11-03 Vacation 8 h"];
    assert_eq!(company.absences().await, there);
    assert!(company.run(&store, &source("e2")).await.days.is_empty());

    // Where it cannot be taken back, it is not registered twice.
    let locked =
        kleer_client::model::ApproveEventsRequest::new(company.users["e2"], day(2), day(2));
    company.kleer().events().approve(&locked).await.unwrap();
    let exported = company.run(&store, &source("e3")).await;
    assert_eq!((exported.totals.created, exported.totals.deleted), (1, 1));
    assert_eq!(exported.totals.failed, 1);
    let there = ["e2 2026-11-02 Vacation 8 h", "e3 2026-11-03 Vacation 8 h"];
    assert_eq!(company.absences().await, there);
    assert_eq!(company.codes(&store).await, ["other-user"]);
}

#[tokio::test]
async fn a_plan_writes_nothing_and_is_applied_as_it_was_shown() {
    let company = Company::open().await;
    let (store, kleer) = (MemoryStore::new(), company.kleer());
    let exporter = company.exporter(&store, &kleer);
    let links = company.links();
    let source = november([of("e1", vec![leave("a", "vacation", 2, 4)])]);
    let plan = exporter.plan(&source, &links).await.unwrap();
    assert_eq!(plan.totals().created, 3);
    assert_eq!(plan.operations().count(), 3);
    assert_eq!(company.writes(), 0);
    assert!(
        store.connections().await.unwrap().is_empty(),
        "not even a lease"
    );
    // It can be kept.
    let plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();

    // Meanwhile: one day is registered by somebody, another is wanted that nobody was shown.
    company.somebody_registers("e1", "Sjuk", day(3), 8).await;
    let source = november([of("e1", vec![leave("a", "vacation", 2, 5)])]);
    let exported = exporter.apply(&source, &links, &plan).await.unwrap();
    assert_eq!((exported.totals.created, exported.totals.stale), (2, 1));
    let stale: Vec<_> = exported
        .days
        .iter()
        .filter(|one| one.result == DayResult::Stale)
        .collect();
    assert_eq!(stale[0].date, day(3));
    let there = [
        "e1 2026-11-02 Vacation 8 h",
        "e1 2026-11-03 Sick 8 h",
        "e1 2026-11-04 Vacation 8 h",
    ];
    assert_eq!(company.absences().await, there);

    // A part of a plan is a plan: what was moved is shown as a delete and a create.
    let source = november([of("e2", vec![leave("a", "vacation", 2, 2)])]);
    let mut plan = exporter.plan(&source, &links).await.unwrap();
    for employee in &mut plan.employees {
        employee
            .operations
            .retain(|one| !matches!(one, LeaveOperation::Create { .. }));
    }
    let exported = exporter.apply(&source, &links, &plan).await.unwrap();
    assert_eq!((exported.totals.created, exported.totals.deleted), (0, 2));
    assert_eq!(company.absences().await, there[1..2]);
    // Applied again, everything in it is over.
    let exported = exporter.apply(&source, &links, &plan).await.unwrap();
    assert_eq!(exported.totals.deleted, 0);
}

#[tokio::test]
async fn days_go_as_days_and_by_kleers_own_schedule() {
    let company = Company::open().await;
    company.employ("e1", "19121212-1212");
    let store = MemoryStore::new();
    let row = |date: u32, hours: &str| {
        let hours: Decimal = hours.parse().unwrap();
        LeaveDay::new("a", "vacation", day(date), hours)
    };
    let days = EmployeeLeave::new(key("e2"), vec![row(2, "3.5"), row(3, "8")])
        .hours(WorkingHours::Unknown);
    let by_kleer = EmployeeLeave::new(key("e1"), vec![leave("b", "unpaid", 6, 9)]);
    let exported = company.run(&store, &november([days, by_kleer])).await;
    assert!(exported.is_clean(), "{exported:?}");
    company
        .sandbox
        .assert_requested(&endpoint::PAYROLL_USER_SCHEDULE, 1);
    let there = [
        "e1 2026-11-06 LeaveOfAbsence 8 h",
        "e1 2026-11-09 LeaveOfAbsence 8 h",
        "e2 2026-11-02 Vacation 3.5 h",
        "e2 2026-11-03 Vacation 8 h",
    ];
    assert_eq!(company.absences().await, there);

    // Somebody without an employment has no schedule: that one fails, the others do not.
    let other = EmployeeLeave::new(key("e3"), vec![leave("c", "unpaid", 6, 9)]);
    let source = LeaveSource::new(day(1), day(30)).employee(other);
    let exported = company.run(&store, &source).await;
    assert_eq!(exported.problems.len(), 1);
    assert_eq!(company.codes(&store).await, ["not-found"]);
}

#[tokio::test]
async fn leave_that_makes_no_sense_is_refused_before_anything_is_read() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let refused = |source: LeaveSource, links: EmployeeLinks| {
        let (company, store) = (&company, &store);
        async move {
            let kleer = company.kleer();
            let exporter =
                LeaveExporter::new(store, &kleer, &company.clock, &company.connection, types());
            match exporter.run_once(&source, &links).await {
                Err(LeaveExportError::Source(error)) => error,
                other => panic!("{other:?}"),
            }
        }
    };
    let links = company.links();
    let backwards = refused(LeaveSource::new(day(2), day(1)), links.clone()).await;
    assert!(matches!(
        backwards,
        LeaveSourceError::EndsBeforeStart { .. }
    ));
    let far = NaiveDate::from_ymd_opt(2206, 1, 1).unwrap();
    let long = refused(LeaveSource::new(day(2), far), links.clone()).await;
    assert!(matches!(long, LeaveSourceError::TooLong { .. }));
    let employee = || of("e1", vec![leave("a", "vacation", 2, 2)]);
    let twice = refused(november([employee(), employee()]), links.clone()).await;
    assert_eq!(twice, LeaveSourceError::EmployeeTwice { position: 1 });
    let user = company.users["e1"];
    let shared = november([employee(), of("e2", vec![leave("b", "vacation", 2, 2)])]);
    let twice = refused(shared, links.link(key("e2"), user)).await;
    assert_eq!(twice, LeaveSourceError::UserTwice { user });
    assert!(company.sandbox.requests().is_empty());
    drop(weeks());
}
