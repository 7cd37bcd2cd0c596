//! What stops a run is told, and what is to be done about it.

use flat_record::{HashKey, Kind};
use record_link::testing::{FakeSide, Fault, FaultyStore, StoreFault, block_on};
use record_link::{
    ConnectionId, Deviation, DeviationClass, DeviationQuery, DeviationState, Entity, Guard,
    Keeping, Lease, Limit, Link, PauseReason, Policy, RecordKey, RejectReason, Retries, RunCause,
    RunError, RunFailure, RunOutcome, RunQuery, RunRecord, Runner, Schedule, ScheduleState, Side,
    SideErrorKind, SideOperation, Sides, Snapshot, Store, StoreErrorKind, Subject, Which,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{HOUR, World, connection, fields, key, kind};

#[test]
fn a_guard_rail_quarantines_until_the_digest_is_approved() {
    let mut world = World::new(&["Anna", "Bo", "Cilla"]);
    let mut guard = Guard::default();
    guard.creates = Limit::new(1, 10);
    world.policy.guard = guard;
    let report = world.run(RunCause::ByHand);
    let digest = report.plan.as_ref().unwrap().digest;
    assert_eq!(report.record.outcome, RunOutcome::Quarantined { digest });
    assert!(report.failure.is_none());
    assert_eq!(world.payroll.writes(), 0);
    let deviation = world.deviations().pop().unwrap();
    assert_eq!(
        (deviation.class(), deviation.state()),
        (DeviationClass::Guard, DeviationState::Open)
    );
    let messages = deviation.failure().messages().join(" ");
    assert!(
        messages.contains(&digest.to_string()) && messages.contains("3 of 3"),
        "{messages}"
    );

    // Another plan is not what was approved.
    let approve = |digest| {
        block_on(
            world
                .runner()
                .approve(&connection(), &kind(), digest, "Åsa"),
        )
    };
    world.hire("Doris");
    approve(digest).unwrap();
    let report = world.run(RunCause::Schedule);
    let other = report.plan.as_ref().unwrap().digest;
    assert_eq!(
        report.record.outcome,
        RunOutcome::Quarantined { digest: other }
    );
    assert_eq!(world.payroll.writes(), 0);

    approve(other).unwrap();
    assert_eq!(
        world.run(RunCause::Schedule).record.outcome,
        RunOutcome::Finished
    );
    world.assert_in_step("approved");
    assert_eq!(
        world.deviations().pop().unwrap().state(),
        DeviationState::Resolved
    );
    // It was for once; the one that came to nothing is left.
    let left = block_on(world.memory.approvals(&connection(), &kind())).unwrap();
    assert_eq!(
        left.into_iter().map(|one| one.digest).collect::<Vec<_>>(),
        [digest]
    );
}

#[test]
fn refused_credentials_pause_the_connection_until_somebody_resumes_it() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(HOUR));
    let refused = || Fault::Before(SideErrorKind::Unauthenticated);
    world.payroll.fail_next(SideOperation::List, refused());
    let runs = block_on(world.runner().run_due()).unwrap();
    let report = runs.into_iter().next().unwrap().result.unwrap();
    let failure = report.failure.unwrap();
    assert_eq!(failure.refused_credentials(), Some(Which::Right));
    let state = world.state();
    assert_eq!(state.paused.unwrap().because, PauseReason::Credentials);
    let open = || {
        let deviation = world.deviations().into_iter().next().unwrap();
        (deviation.class(), deviation.state())
    };
    let class = DeviationClass::Authentication;
    assert_eq!(open(), (class, DeviationState::Open));

    // Nothing asks a side again: not the clock, not a touch, not another kind.
    let calls = world.payroll.calls().len();
    world.clock.advance(2 * HOUR);
    world.touch(Which::Left, &["Anna"]);
    assert_eq!(world.due(), []);
    let result = block_on(world.runner().run_once(&world.entity(), RunCause::Touch));
    assert!(matches!(result, Err(RunError::Paused(_))));
    let department = Kind::new("department").unwrap();
    let sides = Sides::<Arc<dyn Side>>::new(
        Arc::new(world.people.clone().with_kind(&department, &fields())),
        Arc::new(world.payroll.clone().with_kind(&department, &fields())),
    );
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let other = Entity::new(connection(), department, sides, Policy::default(), keeping);
    let result = block_on(world.runner().run_once(&other, RunCause::Schedule));
    assert!(matches!(result, Err(RunError::Paused(_))));
    assert_eq!(world.payroll.calls().len(), calls);

    block_on(world.runner().resume(&connection(), &kind())).unwrap();
    assert_eq!(open(), (class, DeviationState::Reprocessing));
    // They are refused again; then somebody tries by hand, with success.
    world.payroll.fail_next(SideOperation::List, refused());
    world.due();
    assert_eq!(open(), (class, DeviationState::Open));
    assert!(world.state().paused.is_some());
    assert_eq!(
        world.run(RunCause::ByHand).record.outcome,
        RunOutcome::Finished
    );
    assert!(world.state().paused.is_none());
    assert_eq!(open(), (class, DeviationState::Resolved));
    world.assert_in_step("resumed");
}

#[test]
fn credentials_that_are_refused_in_the_middle_pause_it_too() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(HOUR));
    let refused = Fault::Before(SideErrorKind::Unauthenticated);
    world.payroll.fail_next(SideOperation::Create, refused);
    world.due();
    let is_paused = world.state().paused.is_some();
    let is_told = world
        .deviations()
        .iter()
        .any(|one| one.class() == DeviationClass::Authentication);
    assert!(is_paused && is_told);
}

#[test]
fn a_side_that_is_not_there_is_asked_again_soon() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(24 * HOUR));
    let down = Fault::Before(SideErrorKind::Unavailable);
    world.people.fail_next(SideOperation::List, down);
    let runs = block_on(world.runner().run_due()).unwrap();
    let report = runs.into_iter().next().unwrap().result.unwrap();
    assert!(matches!(
        report.failure,
        Some(RunFailure::Side {
            which: Which::Left,
            ..
        })
    ));
    let deviation = world.deviations().pop().unwrap();
    let failed = RunOutcome::Failed {
        class: DeviationClass::Transient,
        deviation: Some(deviation.id()),
    };
    assert_eq!(report.record.outcome, failed);
    assert_eq!(world.due(), []);
    world.clock.advance(Duration::from_secs(5 * 60));
    assert_eq!(world.due(), [(RunCause::Schedule, RunOutcome::Finished)]);
    assert_eq!(
        world.deviations().pop().unwrap().state(),
        DeviationState::Resolved
    );
}

#[test]
fn a_store_that_fails_gives_a_typed_outcome_and_loses_nothing() {
    let kinds = [
        StoreErrorKind::Unavailable,
        StoreErrorKind::Full,
        StoreErrorKind::Damaged,
        StoreErrorKind::OutcomeUnknown,
        StoreErrorKind::Conflict,
    ];
    for error in kinds {
        for number in 0..60 {
            let world = World::new(&["Anna", "Bo"]);
            // So many calls succeed before one fails.
            let counting = Counting {
                inner: world.store.clone(),
                calls: Arc::new(AtomicUsize::new(0)),
                fails_at: number,
                kind: error,
            };
            let runner = Runner::new(Arc::new(counting), Arc::new(world.clock.clone()), "one")
                .retries(Retries::none());
            let result = block_on(runner.run_once(&world.entity(), RunCause::ByHand));
            if let Ok(report) = &result {
                let is_told =
                    report.failure.is_some() == (report.record.outcome != RunOutcome::Finished);
                assert!(is_told, "{error} at {number}");
            }
            world.clock.advance(Duration::from_secs(61));
            for _ in 0..2 {
                world.run(RunCause::ByHand);
            }
            world.assert_in_step(&format!("{error} at call {number}"));
        }
    }
}

/// A store of which one commit fails.
#[derive(Debug)]
struct Counting {
    inner: FaultyStore,
    calls: Arc<AtomicUsize>,
    fails_at: usize,
    kind: StoreErrorKind,
}

impl Counting {
    fn next(&self, fail: impl FnOnce(StoreErrorKind)) {
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.fails_at {
            fail(self.kind);
        }
    }
}

macro_rules! counted {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => { $(
        fn $name<'a>(
            &'a self,
            $($argument: $type),*
        ) -> record_link::BoxFuture<'a, Result<$result, record_link::StoreError>> {
            self.next(|kind| self.inner.fail_next_query(kind));
            self.inner.$name($($argument),*)
        }
    )* };
}

impl Store for Counting {
    fn commit(
        &self,
        batch: record_link::Batch,
    ) -> record_link::BoxFuture<'_, Result<(), record_link::StoreError>> {
        self.next(|kind| {
            let fault = match kind {
                StoreErrorKind::OutcomeUnknown => StoreFault::AnswerLost,
                kind => StoreFault::Before(kind),
            };
            self.inner.fail_next_commit(fault);
        });
        self.inner.commit(batch)
    }

    fn connections(
        &self,
    ) -> record_link::BoxFuture<'_, Result<Vec<ConnectionId>, record_link::StoreError>> {
        self.inner.connections()
    }

    counted! {
        link(connection: &'a ConnectionId, id: record_link::LinkId) -> Option<Link>;
        live_link(connection: &'a ConnectionId, kind: &'a Kind, which: Which, key: &'a RecordKey) -> Option<Link>;
        links(connection: &'a ConnectionId, query: &'a record_link::LinkQuery) -> record_link::Page<Link>;
        events(connection: &'a ConnectionId, query: &'a record_link::EventQuery) -> record_link::Page<record_link::LoggedEvent>;
        intents(connection: &'a ConnectionId) -> Vec<record_link::Intent>;
        decisions(connection: &'a ConnectionId, kind: &'a Kind) -> Vec<record_link::Decision>;
        deviation(connection: &'a ConnectionId, id: record_link::DeviationId) -> Option<Deviation>;
        deviations(connection: &'a ConnectionId, query: &'a DeviationQuery) -> record_link::Page<Deviation>;
        scopes(connection: &'a ConnectionId, kind: &'a Kind) -> Sides<Option<record_link::Scope>>;
        approvals(connection: &'a ConnectionId, kind: &'a Kind) -> Vec<record_link::Approval>;
        lease(connection: &'a ConnectionId, name: &'a str) -> Option<Lease>;
        touched(connection: &'a ConnectionId, kind: &'a Kind) -> Vec<record_link::Touch>;
        schedules(connection: &'a ConnectionId) -> Vec<ScheduleState>;
        runs(connection: &'a ConnectionId, query: &'a RunQuery) -> record_link::Page<RunRecord>;
        summary(connection: &'a ConnectionId) -> record_link::Summary;
    }
}

/// An item that cannot be used.
type Bad = (Option<RecordKey>, RejectReason);

/// A side whose list shows items that cannot be used, too.
#[derive(Debug, Clone)]
struct Muddled {
    inner: FakeSide,
    bad: Arc<Mutex<Vec<Bad>>>,
}

impl Side for Muddled {
    fn capabilities(&self, kind: &Kind) -> Option<record_link::Capabilities> {
        self.inner.capabilities(kind)
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> record_link::SideFuture<'a, Snapshot> {
        Box::pin(async move {
            let mut snapshot = self.inner.list(kind).await?;
            for (key, reason) in self.bad.lock().unwrap().iter() {
                snapshot.reject(key.clone(), reason.clone());
            }
            Ok(snapshot)
        })
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> record_link::SideFuture<'a, Option<record_link::Observation>> {
        self.inner.get(kind, key)
    }
}

#[test]
fn each_item_that_cannot_be_used_is_told_until_it_can() {
    let world = World::new(&["Anna"]);
    world.run(RunCause::ByHand);
    let muddled = Muddled {
        inner: world.people.clone(),
        bad: Arc::default(),
    };
    let sides =
        Sides::<Arc<dyn Side>>::new(Arc::new(muddled.clone()), Arc::new(world.payroll.clone()));
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let entity = Entity::new(connection(), kind(), sides, world.policy.clone(), keeping);
    let runner = world.runner().entity(entity.clone());
    let run = || block_on(runner.run_once(&entity, RunCause::ByHand)).unwrap();
    let open = || {
        let query = DeviationQuery::unsettled().limit(1000);
        let found = block_on(world.memory.deviations(&connection(), &query));
        found.unwrap().items
    };
    let unreadable = || RejectReason::Unreadable("bad-date".to_owned());
    *muddled.bad.lock().unwrap() = vec![
        (Some(key("Bo")), unreadable()),
        // Two that contradict each other are one thing to look at.
        (Some(key("Cilla")), RejectReason::DuplicateKey { other: 1 }),
        (Some(key("Cilla")), RejectReason::DuplicateKey { other: 1 }),
        (None, RejectReason::NoKey),
    ];
    assert_eq!(run().record.outcome, RunOutcome::Finished);
    run();
    let told = open();
    assert_eq!(told.len(), 3, "once each: {told:?}");
    assert!(told.iter().all(|one| one.attempts() == 2));
    let about = |text: &str| {
        let is_it = |one: &&Deviation| {
            matches!(&one.topic().subject,
                Subject::Record { side: Which::Left, key, .. } if key.as_str() == text)
        };
        told.iter().find(is_it).unwrap().failure().clone()
    };
    assert_eq!(about("Cilla").code(), "duplicate-key");
    assert!(about("Bo").messages().join(" ").contains("bad-date"));

    // To read a few records says nothing about the list.
    world.touch(Which::Left, &["Anna"]);
    let touched = block_on(runner.run_due()).unwrap();
    assert!(touched[0].result.as_ref().unwrap().is_partial);
    assert_eq!(open().len(), 3);

    // One can be used now, and one is shown still.
    muddled.bad.lock().unwrap().remove(0);
    world.hire("Bo");
    run();
    assert_eq!(open().len(), 2);
    // Whoever is not in an incomplete list may be there.
    muddled.bad.lock().unwrap().drain(..2);
    run();
    assert_eq!(open().len(), 2);
    muddled.bad.lock().unwrap().clear();
    run();
    assert_eq!(open(), []);

    // A system that shows nothing but what cannot be read does not fill the list of deviations.
    let many = (0..5000).map(|number| (Some(key(&format!("p{number}"))), unreadable()));
    muddled.bad.lock().unwrap().extend(many);
    run();
    let told = open();
    assert_eq!(told.len(), 101);
    let messages: Vec<_> = told
        .iter()
        .flat_map(|one| one.failure().messages())
        .collect();
    assert!(
        messages.iter().any(|one| one.starts_with("4900 items")),
        "{messages:?}"
    );
    muddled.bad.lock().unwrap().clear();
    run();
    assert_eq!(open(), []);
}
