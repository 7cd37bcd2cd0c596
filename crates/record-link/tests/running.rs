//! Runs happen when they are due, by one process at a time, and what stops one is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, Reference, ValueKind};
use proptest::prelude::*;
use record_link::testing::{FakeSide, Fault, FaultyStore, Fuse, ManualClock, StoreFault, block_on};
use record_link::{
    Cancellation, Candidate, Clock, ConnectionId, Deviation, DeviationClass, DeviationQuery,
    DeviationState, Entity, Guard, Keeping, Lease, Limit, Link, Matching, MemoryStore, PauseReason,
    Policy, RecordKey, Retries, RunCause, RunError, RunFailure, RunOutcome, RunQuery, RunRecord,
    RunReport, Runner, Schedule, ScheduleState, Side, SideErrorKind, SideOperation, Sides,
    Snapshot, Store, StoreErrorKind, Which, all_links,
};

const HOUR: Duration = Duration::from_secs(3600);

fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

fn connection() -> ConnectionId {
    ConnectionId::new("people->payroll").unwrap()
}

fn fields() -> Fields {
    let fields = ["name", "city"].map(|name| Field::new(name, ValueKind::Text).unwrap());
    Fields::new(fields).unwrap()
}

fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

fn person(name: &str) -> Record {
    let record = Record::new(&fields()).with("name", name).unwrap();
    record.with("city", "Luleå").unwrap()
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Two systems, a store and a clock whose sleeps end at once.
struct World {
    people: FakeSide,
    payroll: FakeSide,
    memory: MemoryStore,
    store: FaultyStore,
    clock: ManualClock,
    policy: Policy,
    schedule: Option<Schedule>,
}

impl World {
    fn new(people: &[&str]) -> Self {
        let side = || FakeSide::new().with_kind(&kind(), &fields());
        let memory = MemoryStore::new();
        let world = Self {
            people: side(),
            payroll: side(),
            store: FaultyStore::new(memory.clone()),
            memory,
            clock: ManualClock::new(noon()),
            policy: Policy::owned_by(Which::Left),
            schedule: None,
        };
        for name in people {
            world.hire(name);
        }
        world
    }

    fn hire(&self, name: &str) {
        let person = person(name);
        self.people.insert(&kind(), &key(name), person).unwrap();
    }

    fn entity(&self) -> Entity {
        let sides = Sides::<Arc<dyn Side>>::new(
            Arc::new(self.people.clone()),
            Arc::new(self.payroll.clone()),
        );
        let keeping = Keeping::hashes(HashKey::new([7; 16]));
        let entity = Entity::new(connection(), kind(), sides, self.policy.clone(), keeping);
        match self.schedule {
            Some(schedule) => entity.schedule(schedule),
            None => entity,
        }
    }

    fn runner(&self) -> Runner {
        Runner::new(
            Arc::new(self.store.clone()),
            Arc::new(self.clock.clone()),
            "worker 1",
        )
        .retries(Retries::none())
        .entity(self.entity())
    }

    fn run(&self, cause: RunCause) -> RunReport {
        block_on(self.runner().run_once(&self.entity(), cause)).unwrap()
    }

    /// What was due, as why and what came of it.
    fn due(&self) -> Vec<(RunCause, RunOutcome)> {
        let runs = block_on(self.runner().run_due()).unwrap();
        let told = runs
            .into_iter()
            .map(|run| (run.cause, run.result.unwrap().record.outcome));
        told.collect()
    }

    fn state(&self) -> ScheduleState {
        let states = block_on(self.memory.schedules(&connection())).unwrap();
        states.into_iter().find(|one| one.kind == kind()).unwrap()
    }

    fn runs(&self) -> Vec<RunRecord> {
        let runs = block_on(self.memory.runs(&connection(), &RunQuery::new()));
        runs.unwrap().items
    }

    fn deviations(&self) -> Vec<Deviation> {
        let all = DeviationQuery::all();
        let found = block_on(self.memory.deviations(&connection(), &all));
        found.unwrap().items
    }

    fn lease(&self) -> Lease {
        let lease = block_on(self.memory.lease(&connection(), "run/employee"));
        lease.unwrap().unwrap()
    }

    fn touch(&self, which: Which, keys: &[&str]) {
        let keys = keys.iter().map(|text| key(text));
        block_on(self.runner().touch(&connection(), &kind(), which, keys)).unwrap();
    }

    fn touched(&self) -> usize {
        let touched = block_on(self.memory.touched(&connection(), &kind()));
        touched.unwrap().len()
    }

    /// Everybody is in payroll once, and nothing is left open.
    fn assert_in_step(&self, context: &str) {
        let people = self.people.records(&kind());
        let payroll = self.payroll.records(&kind());
        assert_eq!(people.len(), payroll.len(), "{context}");
        assert!(self.payroll.doubles(&kind()).is_empty(), "{context}");
        let links = block_on(all_links(&self.memory, &connection(), &kind())).unwrap();
        assert_eq!(links.len(), people.len(), "{context}");
        for link in links {
            let left = &people[link.keys.left.as_ref().unwrap()];
            assert_eq!(
                left,
                &payroll[link.keys.right.as_ref().unwrap()],
                "{context}"
            );
        }
        let intents = block_on(self.memory.intents(&connection())).unwrap();
        assert_eq!(intents.len(), 0, "{context}");
    }
}

#[test]
fn a_run_is_stored_from_its_beginning_to_its_end() {
    let world = World::new(&["Anna", "Bo"]);
    let report = world.run(RunCause::ByHand);
    assert!(report.failure.is_none() && !report.is_partial);
    world.assert_in_step("after a run");
    let record = report.record;
    assert_eq!(record.id, "employee/1");
    assert_eq!(record.outcome, RunOutcome::Finished);
    assert_eq!(record.totals.records, Sides::new(2, 0));
    assert_eq!(record.totals.created, Sides::new(0, 2));
    assert_eq!((record.totals.planned, record.totals.done), (2, 2));
    assert_eq!(world.runs(), [record]);
    // The lease was given back, so that the next one can begin at once.
    assert!(world.lease().until <= world.clock.now());
    let second = world.run(RunCause::Schedule).record;
    assert_eq!(
        (second.id.as_str(), second.totals.planned),
        ("employee/2", 0)
    );
    assert_eq!(world.runs().len(), 2);
    // Events say in which run they happened.
    let query = record_link::EventQuery::new();
    let events = block_on(world.memory.events(&connection(), &query)).unwrap();
    let runs = events.items.iter().map(|one| one.event.run.as_deref());
    assert!(runs.into_iter().all(|run| run == Some("employee/1")));
}

#[test]
fn a_run_can_be_spawned() {
    fn check<T: Send>(_: T) {}
    let world = World::new(&[]);
    let (runner, entity) = (world.runner(), world.entity());
    check(runner.run_once(&entity, RunCause::ByHand));
    check(runner.run_forever(&Cancellation::new()));
}

#[test]
fn what_is_due_runs_once_however_much_was_missed() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(HOUR));
    let finished = [(RunCause::Schedule, RunOutcome::Finished)];
    assert_eq!(world.due(), finished, "the first time");
    assert_eq!(world.due(), [], "it is not due again");
    let next = world.state().next_due.unwrap();
    assert!(next > noon() && next <= noon() + HOUR);
    world.clock.advance(HOUR - Duration::from_secs(1));
    let is_due = world.clock.now() >= next;
    assert_eq!(world.due().len(), usize::from(is_due));
    // A day of outage is made up for by one run.
    world.clock.advance(24 * HOUR);
    assert_eq!(world.due(), finished);
    assert_eq!(world.due(), []);
    let after = world.state();
    assert!(after.next_due.unwrap() > world.clock.now());
    assert_eq!(after.last_finished, world.runs()[0].finished);
}

#[test]
fn a_restart_neither_skips_a_run_nor_repeats_one() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(HOUR).jitter(HOUR / 4).seed(3));
    world.due();
    let next = world.state().next_due.unwrap();
    // Each `due` is a new runner, as after a restart.
    while world.clock.now() + TimeDelta::minutes(7) < next {
        world.clock.advance(Duration::from_secs(7 * 60));
        assert_eq!(world.due(), [], "before its time");
    }
    world.clock.advance(Duration::from_secs(7 * 60));
    assert_eq!(world.due().len(), 1);
    // An interval that is made shorter counts at once.
    world.schedule = Some(Schedule::every(Duration::from_secs(60)));
    assert_eq!(world.due().len(), 1);
}

#[test]
fn a_run_whose_process_died_is_due_still_and_is_marked() {
    let mut world = World::new(&["Anna", "Bo"]);
    world.schedule = Some(Schedule::every(24 * HOUR));
    let fuse = Fuse::blowing_at(30);
    let dying = World {
        people: world.people.with_fuse(fuse.clone()),
        payroll: world.payroll.with_fuse(fuse.clone()),
        store: world.store.with_fuse(fuse.clone()),
        memory: world.memory.clone(),
        clock: world.clock.clone(),
        policy: world.policy.clone(),
        schedule: world.schedule,
    };
    let runs = block_on(dying.runner().run_due());
    assert!(fuse.has_blown());
    assert!(runs.is_err() || runs.unwrap()[0].result.is_err());
    assert_eq!(world.runs()[0].outcome, RunOutcome::Running);
    // While its lease may still be held, nobody else begins.
    let busy = world.lease().until > world.clock.now();
    assert_eq!(world.due().is_empty(), busy);
    world.clock.advance(Duration::from_secs(61));
    if busy {
        assert_eq!(world.due(), [(RunCause::Schedule, RunOutcome::Finished)]);
    }
    world.assert_in_step("after the other one died");
    let outcomes: Vec<_> = world.runs().into_iter().map(|run| run.outcome).collect();
    assert_eq!(outcomes, [RunOutcome::Finished, RunOutcome::Interrupted]);
}

#[test]
fn killed_at_each_step_a_run_is_made_up_for_without_a_double() {
    let mut killed = 0;
    for step in 0.. {
        let mut world = World::new(&["Anna", "Bo"]);
        world.schedule = Some(Schedule::every(HOUR));
        let fuse = Fuse::blowing_at(step);
        let dying = World {
            people: world.people.with_fuse(fuse.clone()),
            payroll: world.payroll.with_fuse(fuse.clone()),
            store: world.store.with_fuse(fuse.clone()),
            memory: world.memory.clone(),
            clock: world.clock.clone(),
            policy: world.policy.clone(),
            schedule: world.schedule,
        };
        let _ = block_on(dying.runner().run_due());
        world.clock.advance(Duration::from_secs(61));
        for _ in 0..3 {
            world.due();
            world.clock.advance(HOUR);
        }
        world.assert_in_step(&format!("killed at step {step}"));
        let running = RunQuery::new().running();
        let running = block_on(world.memory.runs(&connection(), &running)).unwrap();
        assert_eq!(running.items.len(), 0, "killed at step {step}");
        if !fuse.has_blown() {
            break;
        }
        killed += 1;
    }
    assert!(killed > 40, "only {killed} steps");
}

#[test]
fn one_runner_works_at_a_time() {
    let world = World::new(&["Anna"]);
    let (name, time) = ("run/employee", Duration::from_secs(60));
    let now = world.clock.now();
    let (_, batch) = Lease::take(&connection(), None, name, "worker 2", now, time).unwrap();
    block_on(world.memory.commit(batch)).unwrap();
    let result = block_on(world.runner().run_once(&world.entity(), RunCause::ByHand));
    let error = result.unwrap_err();
    assert!(matches!(&error, RunError::Busy(held) if held.holder == "worker 2"));
    assert!(error.is_busy());
    assert_eq!(world.people.calls(), [], "it asked a side");
    // The other one died.
    world.clock.advance(time);
    assert_eq!(
        world.run(RunCause::ByHand).record.outcome,
        RunOutcome::Finished
    );
    assert_eq!(world.lease().fence, 2);
}

#[test]
fn a_long_list_does_not_cost_the_lease() {
    /// A side whose list takes ten minutes.
    #[derive(Debug)]
    struct Slow(FakeSide, ManualClock);

    impl Side for Slow {
        fn capabilities(&self, kind: &Kind) -> Option<record_link::Capabilities> {
            self.0.capabilities(kind)
        }

        fn list<'a>(&'a self, kind: &'a Kind) -> record_link::SideFuture<'a, Snapshot> {
            Box::pin(async move {
                for _ in 0..60 {
                    self.1.advance(Duration::from_secs(10));
                    record_link::testing::yield_now().await;
                }
                self.0.list(kind).await
            })
        }

        fn get<'a>(
            &'a self,
            kind: &'a Kind,
            key: &'a RecordKey,
        ) -> record_link::SideFuture<'a, Option<record_link::Observation>> {
            self.0.get(kind, key)
        }
    }

    let world = World::new(&["Anna"]);
    let slow = Slow(world.people.clone(), world.clock.clone());
    let sides = Sides::<Arc<dyn Side>>::new(Arc::new(slow), Arc::new(world.payroll.clone()));
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let entity = Entity::new(connection(), kind(), sides, world.policy.clone(), keeping);
    let report = block_on(world.runner().run_once(&entity, RunCause::ByHand)).unwrap();
    assert_eq!(report.record.outcome, RunOutcome::Finished);
    assert!(world.clock.now() > noon() + TimeDelta::minutes(9));
    world.assert_in_step("after a long list");
}

#[test]
fn who_was_overtaken_stores_nothing_more() {
    // While the first one lists, its lease runs out and another one works.
    #[derive(Debug)]
    struct Overtaken(FakeSide, ManualClock, Runner, Entity);

    impl Side for Overtaken {
        fn capabilities(&self, kind: &Kind) -> Option<record_link::Capabilities> {
            self.0.capabilities(kind)
        }

        fn list<'a>(&'a self, kind: &'a Kind) -> record_link::SideFuture<'a, Snapshot> {
            Box::pin(async move {
                self.1.advance(Duration::from_secs(61));
                // At one go: this process is frozen meanwhile.
                let run = block_on(self.2.run_once(&self.3, RunCause::ByHand));
                assert_eq!(run.unwrap().record.outcome, RunOutcome::Finished);
                self.0.list(kind).await
            })
        }

        fn get<'a>(
            &'a self,
            kind: &'a Kind,
            key: &'a RecordKey,
        ) -> record_link::SideFuture<'a, Option<record_link::Observation>> {
            self.0.get(kind, key)
        }
    }

    let world = World::new(&["Anna"]);
    let other = Runner::new(
        Arc::new(world.store.clone()),
        Arc::new(world.clock.clone()),
        "worker 2",
    );
    let side = Overtaken(
        world.people.clone(),
        world.clock.clone(),
        other,
        world.entity(),
    );
    let sides = Sides::<Arc<dyn Side>>::new(Arc::new(side), Arc::new(world.payroll.clone()));
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let entity = Entity::new(connection(), kind(), sides, world.policy.clone(), keeping);
    let result = block_on(world.runner().run_once(&entity, RunCause::ByHand));
    assert!(matches!(result, Err(RunError::LeaseLost)), "{result:?}");
    world.assert_in_step("after both");
    let outcomes: Vec<_> = world.runs().into_iter().map(|run| run.outcome).collect();
    assert_eq!(outcomes, [RunOutcome::Finished, RunOutcome::Interrupted]);
}

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
fn a_person_can_pause_and_resume() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(HOUR));
    block_on(world.runner().pause(&connection(), &kind(), "Åsa")).unwrap();
    assert_eq!(world.due(), []);
    let summary = block_on(world.memory.summary(&connection())).unwrap();
    assert_eq!(summary.paused, [kind()]);
    // By hand it runs, and stays paused.
    assert_eq!(
        world.run(RunCause::ByHand).record.outcome,
        RunOutcome::Finished
    );
    assert!(world.state().paused.is_some());
    world.clock.advance(2 * HOUR);
    block_on(world.runner().resume(&connection(), &kind())).unwrap();
    assert_eq!(world.due().len(), 1);
}

#[test]
fn a_touched_pair_is_read_alone() {
    let world = World::new(&["Anna", "Bo"]);
    world.run(RunCause::ByHand);
    let lists = |side: &FakeSide| {
        let calls = side.calls().into_iter();
        calls.filter(|call| *call == SideOperation::List).count()
    };
    let before = lists(&world.people) + lists(&world.payroll);
    world
        .people
        .edit(&kind(), &key("Anna"), "city", "Umeå")
        .unwrap();
    world
        .people
        .edit(&kind(), &key("Bo"), "city", "Kiruna")
        .unwrap();
    for _ in 0..3 {
        world.touch(Which::Left, &["Anna"]);
    }
    assert_eq!(world.due(), [(RunCause::Touch, RunOutcome::Finished)]);
    assert_eq!(
        lists(&world.people) + lists(&world.payroll),
        before,
        "it listed"
    );
    let cities: Vec<_> = world
        .payroll
        .records(&kind())
        .values()
        .map(|one| one.get("city").unwrap().as_text().unwrap().to_owned())
        .collect();
    assert_eq!(
        cities,
        ["Umeå", "Luleå"],
        "not only the touched pair was written"
    );
    assert_eq!(world.touched(), 0);
    assert_eq!(world.due(), []);
    // The next full run sees the other one.
    world.run(RunCause::Schedule);
    world.assert_in_step("after a full run");
}

#[test]
fn nothing_is_concluded_from_a_touched_record_that_is_not_there() {
    let world = World::new(&["Anna", "Bo"]);
    world.run(RunCause::ByHand);
    let before = block_on(all_links(&world.memory, &connection(), &kind())).unwrap();
    world.people.remove(&kind(), &key("Anna")).unwrap();
    world.touch(Which::Left, &["Anna"]);
    assert_eq!(world.due(), [(RunCause::Touch, RunOutcome::Finished)]);
    let after = block_on(all_links(&world.memory, &connection(), &kind())).unwrap();
    assert_eq!(before, after);
}

#[test]
fn a_touched_record_without_a_partner_needs_the_whole_picture() {
    /// Says that Bo on the left is the Bo that payroll has.
    #[derive(Debug)]
    struct SameName;

    impl Matching for SameName {
        fn candidates(&self, snapshots: Sides<&Snapshot>, _: &[Link]) -> Vec<Candidate> {
            let name = |one: &record_link::Observation| one.record.get("name").cloned();
            let lefts = snapshots.left.observations().iter();
            let pairs = lefts.flat_map(|left| {
                let rights = snapshots.right.observations().iter();
                let same = rights.filter(|right| name(left) == name(right));
                same.map(|right| {
                    Candidate::certain(Sides::new(left.key.clone(), right.key.clone()))
                })
            });
            pairs.collect()
        }
    }

    let mut world = World::new(&["Anna"]);
    world.policy.auto_link = record_link::AutoLink::Certain;
    world.run(RunCause::ByHand);
    world
        .payroll
        .insert(&kind(), &key("p-7"), person("Bo"))
        .unwrap();
    world.hire("Bo");
    world.touch(Which::Left, &["Bo"]);
    let runner = world
        .runner()
        .entity(world.entity().matching(Arc::new(SameName)));
    let runs = block_on(runner.run_due()).unwrap();
    let report = runs.into_iter().next().unwrap().result.unwrap();
    assert!(!report.is_partial);
    world.assert_in_step("Bo was linked and not created");
    assert_eq!(world.touched(), 0);
}

#[test]
fn what_is_touched_during_a_run_is_for_the_next() {
    /// Touches Anna again while she is read.
    #[derive(Debug)]
    struct Touching(FakeSide, Runner);

    impl Side for Touching {
        fn capabilities(&self, kind: &Kind) -> Option<record_link::Capabilities> {
            self.0.capabilities(kind)
        }

        fn list<'a>(&'a self, kind: &'a Kind) -> record_link::SideFuture<'a, Snapshot> {
            self.0.list(kind)
        }

        fn get<'a>(
            &'a self,
            kind: &'a Kind,
            key: &'a RecordKey,
        ) -> record_link::SideFuture<'a, Option<record_link::Observation>> {
            Box::pin(async move {
                let connection = connection();
                let touch = self.1.touch(&connection, kind, Which::Left, [key.clone()]);
                touch.await.unwrap();
                self.0.get(kind, key).await
            })
        }
    }

    let world = World::new(&["Anna", "Bo"]);
    world.run(RunCause::ByHand);
    world.touch(Which::Left, &["Anna", "Bo"]);
    let touching = Touching(world.people.clone(), world.runner());
    let sides = Sides::<Arc<dyn Side>>::new(Arc::new(touching), Arc::new(world.payroll.clone()));
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let entity = Entity::new(connection(), kind(), sides, world.policy.clone(), keeping);
    let report = block_on(world.runner().run_once(&entity, RunCause::Touch)).unwrap();
    assert_eq!((report.is_partial, world.touched()), (true, 2));
    // A run that fails keeps them as well.
    let down = Fault::Before(SideErrorKind::Unavailable);
    world.people.fail_next(SideOperation::Get, down);
    let report = world.run(RunCause::Touch);
    assert_eq!(report.failure.unwrap().class(), DeviationClass::Transient);
    assert_eq!(world.touched(), 2);
    world.run(RunCause::Touch);
    assert_eq!(world.touched(), 0);
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

#[test]
fn what_another_kind_has_under_way_is_left_to_its_own_run() {
    let world = World::new(&["Anna"]);
    // Somebody else creates Anna right now, under the lease of employees.
    let lost = Fault::EffectLate(1000);
    world.payroll.fail_next(SideOperation::Create, lost);
    let able = record_link::Capabilities::read_only(&fields())
        .creates(record_link::Recovery::ByClientKey)
        .settles_within(HOUR);
    let _ = world.payroll.clone().with_capabilities(&kind(), able);
    world.run(RunCause::ByHand);
    let open = || block_on(world.memory.intents(&connection())).unwrap();
    let before = open();
    assert_eq!(before.len(), 1);
    world.clock.advance(2 * HOUR);

    let department = Kind::new("department").unwrap();
    let side = || -> Arc<dyn Side> { Arc::new(FakeSide::new().with_kind(&department, &fields())) };
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let sides = Sides::new(side(), side());
    let other = Entity::new(connection(), department.clone(), sides, Policy::default(), keeping);
    let report = block_on(world.runner().run_once(&other, RunCause::ByHand)).unwrap();
    assert_eq!(report.record.outcome, RunOutcome::Finished);
    assert_eq!(open(), before);
    // Its own run finds out.
    world.payroll.settle();
    let report = world.run(RunCause::ByHand);
    assert_eq!(report.record.totals.recovered, 1);
    world.assert_in_step("after its own run");
}

#[test]
fn kinds_are_run_after_those_that_they_refer_to() {
    let (client, project) = (Kind::new("client").unwrap(), Kind::new("project").unwrap());
    let client_fields = Fields::new([Field::new("name", ValueKind::Text).unwrap()]).unwrap();
    let of_client = Field::new("client", ValueKind::Reference).unwrap();
    let project_fields = [Field::new("name", ValueKind::Text).unwrap(), of_client];
    let project_fields = Fields::new(project_fields).unwrap();
    let side = || {
        let side = FakeSide::new().with_kind(&client, &client_fields);
        side.with_kind(&project, &project_fields)
    };
    let (crm, kleer) = (side(), side());
    let acme = Record::new(&client_fields).with("name", "Acme").unwrap();
    crm.insert(&client, &key("c-1"), acme).unwrap();
    let work = Record::new(&project_fields).with("name", "Roof").unwrap();
    let work = work
        .with("client", Reference::new(client.clone(), "c-1"))
        .unwrap();
    crm.insert(&project, &key("p-1"), work).unwrap();

    let entity = |kind: &Kind| {
        let sides = Sides::<Arc<dyn Side>>::new(Arc::new(crm.clone()), Arc::new(kleer.clone()));
        let keeping = Keeping::hashes(HashKey::new([7; 16]));
        let policy = Policy::owned_by(Which::Left);
        Entity::new(connection(), kind.clone(), sides, policy, keeping)
            .schedule(Schedule::every(HOUR))
    };
    let runner = Runner::new(
        Arc::new(MemoryStore::new()),
        Arc::new(ManualClock::new(noon())),
        "one",
    )
    .entity(entity(&project).refers_to([client.clone()]))
    .entity(entity(&client));
    let runs = block_on(runner.run_due()).unwrap();
    let kinds: Vec<_> = runs.iter().map(|run| run.kind.clone()).collect();
    assert_eq!(kinds, [client.clone(), project.clone()]);
    let there = kleer.records(&client).into_keys().next().unwrap();
    let made = kleer.records(&project).into_values().next().unwrap();
    let expected = Reference::new(client, there.as_text());
    assert_eq!(made.get("client"), Some(&expected.into()));
}

#[test]
fn what_the_entity_does_not_want_is_left_alone_unless_it_is_linked() {
    let world = World::new(&["Anna", "Bo"]);
    let only = |city: &'static str| {
        world
            .entity()
            .only(move |_, one: &record_link::Observation| {
                one.record.get("city").and_then(|city| city.as_text()) == Some(city)
            })
    };
    let run = |entity: &Entity| block_on(world.runner().run_once(entity, RunCause::ByHand));
    let report = run(&only("Umeå")).unwrap();
    assert_eq!(report.record.totals.created.right, 0);
    run(&only("Luleå")).unwrap();
    world.assert_in_step("both are wanted");
    // Anna leaves the city: she is linked, and stays in step.
    world
        .people
        .edit(&kind(), &key("Anna"), "city", "Umeå")
        .unwrap();
    for _ in 0..5 {
        run(&only("Luleå")).unwrap();
        world.clock.advance(HOUR);
    }
    world.assert_in_step("she is not taken for deleted");
}

#[test]
fn a_preview_writes_nothing_and_can_be_applied() {
    let world = World::new(&["Anna", "Bo"]);
    let plan = block_on(world.runner().preview(&world.entity())).unwrap();
    assert_eq!(plan.operations.len(), 2);
    assert_eq!(world.payroll.writes(), 0);
    assert_eq!(world.memory.clone().summary_of(), Default::default());
    let one = [plan.operations[0].id];
    let selected = plan
        .select(one, record_link::Dependencies::PullIn)
        .unwrap()
        .plan;
    let apply = world.runner();
    let entity = world.entity();
    let apply = apply.apply(&entity, selected, Some("Åsa".to_owned()));
    let report = block_on(apply).unwrap();
    assert_eq!(report.record.totals.created.right, 1);
    assert_eq!(report.record.by.as_deref(), Some("Åsa"));
    // Applied again it is stale, and nothing happens twice.
    let again = world.runner();
    let report = block_on(again.apply(&world.entity(), plan, None)).unwrap();
    assert_eq!(
        (
            report.record.totals.created.right,
            report.record.totals.stale
        ),
        (1, 1)
    );
    world.assert_in_step("after both");
    let debug = format!("{:?} {:?}", report.record, world.runner());
    assert!(!debug.contains("Åsa") && !debug.contains("Anna"));
}

trait SummaryOf {
    fn summary_of(&self) -> record_link::Summary;
}

impl SummaryOf for MemoryStore {
    fn summary_of(&self) -> record_link::Summary {
        block_on(self.summary(&connection())).unwrap()
    }
}

#[test]
fn it_runs_until_it_is_asked_to_stop() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(HOUR));
    let cancellation = Cancellation::new();
    let (stop, runs) = (cancellation.clone(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&runs);
    let runner = world.runner().told(move |run| {
        assert_eq!(
            run.result.as_ref().unwrap().record.outcome,
            RunOutcome::Finished
        );
        if counted.fetch_add(1, Ordering::SeqCst) == 4 {
            stop.cancel();
        }
    });
    block_on(runner.run_forever(&cancellation));
    assert_eq!(runs.load(Ordering::SeqCst), 5);
    let hours = world.clock.now().signed_duration_since(noon()).num_hours();
    assert!((3..=4).contains(&hours), "five runs took {hours} hours");
    // A run that is asked to stop is due still, and keeps the lease from nobody.
    world.clock.advance(HOUR);
    let entity = world.entity();
    let stopped = world.runner().cancellation(&cancellation);
    let report = block_on(stopped.run_once(&entity, RunCause::Schedule)).unwrap();
    assert_eq!(report.record.outcome, RunOutcome::Cancelled);
    assert_eq!(world.due(), [(RunCause::Schedule, RunOutcome::Finished)]);
}

#[test]
fn old_runs_are_forgotten_if_somebody_says_so() {
    let world = World::new(&[]);
    world.run(RunCause::ByHand);
    world.clock.advance(48 * HOUR);
    world.run(RunCause::ByHand);
    let runner = world.runner().keep_runs(24 * HOUR);
    block_on(runner.run_once(&world.entity(), RunCause::ByHand)).unwrap();
    let ids: Vec<_> = world.runs().into_iter().map(|run| run.id).collect();
    assert_eq!(ids, ["employee/2", "employee/3"]);
}

proptest! {
    #[test]
    fn the_next_time_is_after_now_and_within_the_interval_and_its_jitter(
        every in 1_u64..1_000_000, at in 0_u64..2_000_000, jitter in 0_u64..2_000_000,
        seed: u64, now in -1_000_000_000_i64..4_000_000_000,
    ) {
        let seconds = Duration::from_secs;
        let schedule = Schedule::every(seconds(every)).at(seconds(at)).jitter(seconds(jitter));
        let schedule = schedule.seed(seed);
        let now = DateTime::from_timestamp(now, 5).unwrap();
        let next = schedule.next_after(now, &connection(), &kind());
        prop_assert!(next > now);
        let latest = now + seconds(every) + seconds(jitter.min(every));
        prop_assert!(next <= latest, "{next} is after {latest}");
        // Without jitter it is the full interval, whenever it is asked.
        let plain = Schedule::every(seconds(every)).at(seconds(at));
        let plain = plain.next_after(now, &connection(), &kind());
        let offset = plain.timestamp() - i64::try_from(at).unwrap();
        prop_assert_eq!(offset.rem_euclid(i64::try_from(every).unwrap()), 0);
        prop_assert!(next >= plain);
        prop_assert_eq!(schedule.next_after(now, &connection(), &kind()), next);
    }
}

#[test]
fn connections_do_not_all_begin_at_once() {
    let schedule = Schedule::every(HOUR).jitter(HOUR / 2);
    let of = |number: usize| {
        let connection = ConnectionId::new(format!("connection {number}")).unwrap();
        schedule.next_after(noon(), &connection, &kind())
    };
    let mut times: Vec<_> = (0..100).map(of).collect();
    times.sort();
    times.dedup();
    assert!(times.len() > 95, "only {} different times", times.len());
    let spread = *times.last().unwrap() - times[0];
    assert!(spread > TimeDelta::minutes(25), "{spread}");
}
