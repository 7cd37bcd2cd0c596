//! What does not go: deviations, faults of the network, rights.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use kleer_client::model::{ActivityId, ActivityReadable, ApproveEventsRequest, User, endpoint};
use kleer_client::{Body, BoxFuture, Kleer, RetryPolicy, Transport, TransportError};
use kleer_connect::leave::{DayResult, EmployeeLinks, LeaveExportError, OPERATION};
use kleer_sandbox::{Fault, FaultProfile, FaultRule, Sandbox, Seed};
use record_link::{DeviationClass, DeviationQuery, DeviationState, MemoryStore, Store};

use crate::support::{Company, Watched, client, day, key, leave, november, of, types};

#[tokio::test]
async fn each_leave_that_does_not_go_is_one_deviation_and_is_resolved_when_it_goes() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let lock = ApproveEventsRequest::new(company.users["e2"], day(2), day(3));
    company.kleer().events().approve(&lock).await.unwrap();
    let source = november([
        of(
            "e1",
            vec![
                leave("sabbatical", "sabbatical", 2, 3),
                leave("no child", "child", 5, 5),
                leave("fine", "vacation", 6, 6),
            ],
        ),
        of("e2", vec![leave("locked", "vacation", 2, 4)]),
    ]);
    let exported = company.run(&store, &source).await;
    assert_eq!(exported.totals.created, 2);
    assert_eq!(exported.totals.findings, 4);
    let deviations = company.deviations(&store).await;
    let codes: Vec<_> = deviations.iter().map(|one| one.failure().code()).collect();
    assert_eq!(codes, ["leave-type-not-mapped", "locked", "no-child"]);
    assert!(
        deviations
            .iter()
            .all(|one| one.topic().operation == OPERATION)
    );
    assert_eq!(
        deviations[1].failure().messages().len(),
        2,
        "both days in one"
    );
    assert!(deviations[1].failure().messages()[0].starts_with("2026-11-02: "));

    // Failing again counts; it is no second entry.
    company.run(&store, &source).await;
    let deviations = company.deviations(&store).await;
    assert_eq!(
        deviations
            .iter()
            .map(|one| one.attempts())
            .collect::<Vec<_>>(),
        [2, 2, 2]
    );

    // What is corrected, or gone, resolves itself; what is not given stays open.
    let source = kleer_connect::leave::LeaveSource::new(day(1), day(30)).employee(of(
        "e1",
        vec![
            leave("sabbatical", "unpaid", 2, 3),
            leave("fine", "vacation", 6, 6),
        ],
    ));
    company.run(&store, &source).await;
    assert_eq!(company.codes(&store).await, ["locked", "no-child"]);
    let resolved = DeviationQuery::all().states([DeviationState::Resolved]);
    let resolved = store
        .deviations(&company.connection, &resolved)
        .await
        .unwrap();
    assert_eq!(resolved.items.len(), 1);
}

#[tokio::test]
async fn leave_ids_that_two_employees_have_are_refused_and_what_is_there_stays() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    company
        .run(
            &store,
            &november([of("e1", vec![leave("1", "vacation", 2, 2)])]),
        )
        .await;
    let source = november([
        of(
            "e1",
            vec![leave("1", "vacation", 2, 3), leave("2", "vacation", 5, 5)],
        ),
        of("e2", vec![leave("1", "vacation", 9, 9)]),
    ]);
    let exported = company.run(&store, &source).await;
    assert_eq!((exported.totals.created, exported.totals.deleted), (1, 0));
    let there = ["e1 2026-11-02 Vacation 8 h", "e1 2026-11-05 Vacation 8 h"];
    assert_eq!(company.absences().await, there);
    assert_eq!(company.codes(&store).await, ["leave-id-not-unique"]);
    assert!(!exported.is_clean());
}

#[tokio::test]
async fn a_refused_token_stops_the_run_and_a_missing_right_one_employee() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = november([
        of("e1", vec![leave("a", "vacation", 2, 2)]),
        of("e2", vec![leave("b", "vacation", 2, 2)]),
    ]);
    let kleer = Kleer::builder(company.sandbox.company())
        .token("another")
        .base_url(company.sandbox.base_url())
        .build()
        .unwrap();
    let exporter = company.exporter(&store, &kleer);
    let error = exporter
        .run_once(&source, &company.links())
        .await
        .unwrap_err();
    assert!(
        matches!(error, LeaveExportError::Unauthorized(_)),
        "{error:?}"
    );
    assert!(!error.is_retryable());

    company
        .sandbox
        .fail(&endpoint::EVENT_STATUSES, 1, Fault::Status(403));
    let exported = company.run(&store, &source).await;
    assert_eq!((exported.problems.len(), exported.totals.created), (1, 1));
    let deviations = company.deviations(&store).await;
    assert_eq!(deviations[0].class(), DeviationClass::Authentication);
    // The right came: the next run writes the other, and the deviation is over.
    assert_eq!(company.run(&store, &source).await.totals.created, 1);
    assert!(company.codes(&store).await.is_empty());
    // In the middle of the writes.
    let more = november([of("e1", vec![leave("a", "vacation", 2, 4)])]);
    company
        .sandbox
        .fail(&endpoint::EVENT_CREATE, 1, Fault::Status(401));
    let error = company.try_run(&store, &more).await.unwrap_err();
    assert!(
        matches!(error, LeaveExportError::Unauthorized(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_day_that_kleer_refuses_is_told_and_tried_again() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let refusal = "EventLockedException: Perioden är låst för Tolvan Tolvansson";
    company.sandbox.fail(
        &endpoint::EVENT_CREATE,
        1,
        Fault::KleerError(refusal.to_owned()),
    );
    let source = november([of("e1", vec![leave("a", "vacation", 2, 3)])]);
    let exported = company.run(&store, &source).await;
    assert_eq!((exported.totals.created, exported.totals.failed), (1, 1));
    let DayResult::Failed(failure) = &exported.days[0].result else {
        panic!("{:?}", exported.days[0]);
    };
    assert_eq!(failure.code, "locked");
    // Kleer's words are for the log of deviations, and for nothing else.
    assert!(!format!("{exported:?}").contains("Tolvan"));
    assert!(!serde_json::to_string(&exported).unwrap().contains("Tolvan"));
    let deviations = company.deviations(&store).await;
    assert!(deviations[0].failure().messages()[1].contains("Tolvan"));
    assert_eq!(company.run(&store, &source).await.totals.created, 1);
    assert!(company.codes(&store).await.is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = november([of("e1", vec![leave("a", "vacation", 2, 3)])]);
    company
        .sandbox
        .fail(&endpoint::EVENT_CREATE, 1, Fault::ResetAfter);
    let exported = company.run(&store, &source).await;
    assert!(exported.is_clean(), "{exported:?}");
    assert!(matches!(
        exported.days[0].result,
        DayResult::Done { found: true, .. }
    ));
    // A change, and a delete.
    let mut changed = leave("a", "unpaid", 2, 2);
    changed.extent = 50.into();
    let source = november([of("e1", vec![changed])]);
    company
        .sandbox
        .fail(&endpoint::EVENT_UPDATE, 1, Fault::ResetAfter);
    company
        .sandbox
        .fail(&endpoint::EVENT_DELETE, 1, Fault::ResetAfter);
    let exported = company.run(&store, &source).await;
    assert!(exported.is_clean(), "{exported:?}");
    assert_eq!((exported.totals.updated, exported.totals.deleted), (1, 1));
    assert_eq!(
        company.absences().await,
        ["e1 2026-11-02 LeaveOfAbsence 4 h"]
    );
    assert!(company.run(&store, &source).await.days.is_empty());
}

#[tokio::test]
async fn a_create_that_lands_late_is_a_double_that_is_told() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = november([of("e1", vec![leave("a", "vacation", 2, 2)])]);
    // It lands after the settle time, and before the run's last look.
    let late = Fault::ResetThenLate(Duration::from_millis(60));
    company.sandbox.fail(&endpoint::EVENT_CREATE, 1, late);
    let exported = company.run(&store, &source).await;
    company.sandbox.late_writes_landed().await;
    if exported.is_clean() {
        // It landed after all: the next run tells.
        let exported = company.run(&store, &source).await;
        assert!(!exported.is_clean(), "{exported:?}");
    }
    let codes = company.codes(&store).await;
    assert!(codes == ["double"] || codes == ["in-doubt"], "{codes:?}");
    assert_eq!(
        company.events().await.len(),
        2,
        "nothing is deleted without a person"
    );
}

/// Answers creates as if they were carried out.
#[derive(Debug)]
struct Swallowing(Watched);

impl Transport for Swallowing {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        if request.method() != http::Method::PUT {
            return self.0.send(request);
        }
        let body = Body::from(Bytes::from_static(b"<created/>"));
        let answer = http::Response::builder().header("content-type", "application/xml");
        Box::pin(async { Ok(answer.body(body).unwrap()) })
    }
}

#[tokio::test]
async fn what_kleer_says_it_created_and_does_not_show_waits_for_somebody() {
    let company = Company::open().await;
    let store = MemoryStore::new();
    let source = november([of("e1", vec![leave("a", "vacation", 2, 2)])]);
    // Kleer says that it created the event, without an id; and the event is not there.
    let kleer = client(&company.sandbox)
        .transport(Swallowing(Watched::new()))
        .build()
        .unwrap();
    let exporter = company.exporter(&store, &kleer);
    let exported = exporter.run_once(&source, &company.links()).await.unwrap();
    assert_eq!(exported.totals.in_doubt, 1, "{exported:?}");
    company.sandbox.clear_requests();
    let exported = company.run(&store, &source).await;
    assert_eq!((exported.totals.in_doubt, company.writes()), (1, 0));
    assert_eq!(company.codes(&store).await, ["in-doubt"]);
    // Somebody has looked.
    let kleer = company.kleer();
    let exporter = company.exporter(&store, &kleer).looked_at(["a".to_owned()]);
    let exported = exporter.run_once(&source, &company.links()).await.unwrap();
    assert_eq!(exported.totals.created, 1);
    assert!(company.codes(&store).await.is_empty());
}

#[tokio::test]
async fn whatever_the_network_does_runs_come_to_the_same_end_without_a_double() {
    let late = FaultRule::new(Fault::ResetThenLate(Duration::from_millis(10)));
    for seed in 0..6 {
        let company = Company::open().await;
        let store = MemoryStore::new();
        let source = november([
            of("e1", vec![leave("a", "vacation", 2, 6)]),
            of("e2", vec![leave("b", "unpaid", 2, 4)]),
            of("e3", vec![leave("c", "vacation", 9, 13)]),
        ]);
        let profile = FaultProfile::new()
            .seed(seed)
            .rule(FaultRule::new(Fault::ResetAfter).on_writes().share(0.15))
            .rule(
                FaultRule::new(Fault::StatusAfterEffect(503))
                    .on_writes()
                    .share(0.1),
            )
            .rule(FaultRule::new(Fault::Status(502)).share(0.1))
            .rule(FaultRule::new(Fault::TruncatedBody).share(0.1))
            .rule(late.clone().on_writes().share(0.05));
        company.sandbox.set_fault_profile(profile);
        let kleer = client(&company.sandbox)
            .retry(RetryPolicy::none())
            .build()
            .unwrap();
        for _ in 0..4 {
            // The lease is not given back by a run that failed half-way; its time passes.
            company.clock.advance(Duration::from_secs(600));
            let exporter = company
                .exporter(&store, &kleer)
                .settle(Duration::from_millis(60));
            drop(exporter.run_once(&source, &company.links()).await);
        }
        company.sandbox.late_writes_landed().await;
        company.sandbox.clear_faults();
        company.clock.advance(Duration::from_secs(600));
        let exported = company.run(&store, &source).await;
        let keys: Vec<String> = company
            .events()
            .await
            .into_iter()
            .map(|event| event.foreign_id)
            .collect();
        let once: BTreeSet<&String> = keys.iter().collect();
        assert_eq!(
            (keys.len(), once.len()),
            (13, 13),
            "seed {seed}: {exported:?}"
        );
        assert!(exported.is_clean(), "seed {seed}: {exported:?}");
        assert!(company.codes(&store).await.is_empty(), "seed {seed}");
    }
}

#[tokio::test]
async fn activities_that_cannot_be_told_apart_stop_the_run() {
    let seed = Seed::new()
        .user(&User::new("Tolvan Tolvansson", "tolvan@example.com"))
        .record(ActivityReadable::new(ActivityId(901), "semester "));
    let sandbox = Sandbox::builder()
        .seed(seed)
        .today(day(20))
        .start()
        .await
        .unwrap();
    let kleer = client(&sandbox).build().unwrap();
    let users = kleer.users().list().await.unwrap();
    let user = users
        .iter()
        .find(|one| one.email == "tolvan@example.com")
        .unwrap()
        .id;
    let (store, clock) = (
        MemoryStore::new(),
        record_link::testing::ManualClock::default(),
    );
    let connection = record_link::ConnectionId::new("acme->4875").unwrap();
    let exporter =
        kleer_connect::leave::LeaveExporter::new(&store, &kleer, &clock, &connection, types());
    let links = EmployeeLinks::new().link(key("e1"), user);
    let source = november([of("e1", vec![leave("a", "vacation", 2, 2)])]);
    let error = exporter.plan(&source, &links).await.unwrap_err();
    assert!(
        matches!(error, LeaveExportError::AmbiguousActivities(_)),
        "{error:?}"
    );
    // Named otherwise, it goes: here vacation is reported on the activity for unpaid leave.
    let names = [(
        kleer_client::model::PayrollEventType::Vacation,
        "Tjänstledig",
    )];
    let plan = exporter
        .activity_names(names)
        .plan(&source, &links)
        .await
        .unwrap();
    assert_eq!(plan.totals().created, 1);
}

#[tokio::test]
async fn no_more_employees_are_worked_on_at_once_than_were_asked_for() {
    let mut most = Vec::new();
    for concurrency in [1, 2] {
        let company = Company::open().await;
        let slow = FaultProfile::new().latency(Duration::from_millis(10));
        company.sandbox.set_fault_profile(slow);
        let store = MemoryStore::new();
        let watched = Watched::new();
        let seen = Arc::clone(&watched.most);
        let kleer = client(&company.sandbox).transport(watched).build().unwrap();
        let source =
            november(["e1", "e2", "e3"].map(|one| of(one, vec![leave(one, "vacation", 2, 3)])));
        let exporter = company.exporter(&store, &kleer).concurrency(concurrency);
        let exported = exporter.run_once(&source, &company.links()).await.unwrap();
        assert_eq!(exported.totals.created, 6);
        most.push(seen.load(Ordering::SeqCst));
    }
    assert_eq!(most, [1, 2]);
}
