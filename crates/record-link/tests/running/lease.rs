//! One process at a time, whatever happens to it.

use chrono::TimeDelta;
use flat_record::{HashKey, Kind};
use record_link::Clock;
use record_link::Store;
use record_link::testing::{FakeSide, Fuse, ManualClock, block_on};
use record_link::{
    Candidate, Entity, Keeping, Lease, Link, Matching, MemoryStore, RecordKey, RunCause, RunError,
    RunOutcome, RunQuery, Runner, Schedule, Side, Sides, Snapshot,
};
use std::sync::Arc;
use std::time::Duration;

use super::{HOUR, World, connection, kind, noon};

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
    struct Slow(FakeSide, ManualClock, MemoryStore);

    impl Side for Slow {
        fn capabilities(&self, kind: &Kind) -> Option<record_link::Capabilities> {
            self.0.capabilities(kind)
        }

        fn list<'a>(&'a self, kind: &'a Kind) -> record_link::SideFuture<'a, Snapshot> {
            Box::pin(async move {
                for _ in 0..60 {
                    let (connection, now) = (connection(), self.1.now());
                    let lease = self.2.lease(&connection, "run/employee").await.unwrap();
                    assert!(lease.unwrap().until > now, "it ran out");
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
    let slow = Slow(
        world.people.clone(),
        world.clock.clone(),
        world.memory.clone(),
    );
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
fn two_runners_never_create_a_double_in_whatever_order_they_work() {
    let store = Arc::new(MemoryStore::new());
    let report = block_on(record_link::testing::check_two_runners(
        store,
        "memory",
        0..500,
    ));
    let report = report.into_result().unwrap();
    assert_eq!(report.passed(), 2, "{report}");
}

/// Takes two minutes, in which another runner tries.
#[derive(Debug)]
struct SlowMatching {
    clock: ManualClock,
    other: Option<(Runner, Entity)>,
}

impl Matching for SlowMatching {
    fn candidates(&self, _: Sides<&Snapshot>, _: &[Link]) -> Vec<Candidate> {
        self.clock.advance(Duration::from_secs(120));
        if let Some((runner, entity)) = &self.other {
            // That it is busy is one of the outcomes.
            let _ = block_on(runner.run_once(entity, RunCause::ByHand));
        }
        Vec::new()
    }
}

#[test]
fn a_matching_longer_than_the_lease_ends_typed_and_can_be_given_time() {
    let matches = |world: &World, other: bool| {
        let runner = Runner::new(
            Arc::new(world.store.clone()),
            Arc::new(world.clock.clone()),
            "worker 2",
        );
        world.entity().matching(Arc::new(SlowMatching {
            clock: world.clock.clone(),
            other: other.then(|| (runner, world.entity())),
        }))
    };
    // Nobody else wants it: no harm is done.
    let world = World::new(&["Anna"]);
    let run = world.runner();
    let alone = block_on(run.run_once(&matches(&world, false), RunCause::ByHand)).unwrap();
    assert_eq!(alone.record.outcome, RunOutcome::Finished);
    world.assert_in_step("alone");

    // Another one takes it: what was planned is not written, and not a second time.
    let world = World::new(&["Anna"]);
    let run = world.runner();
    let lost = block_on(run.run_once(&matches(&world, true), RunCause::ByHand));
    assert!(matches!(lost, Err(RunError::LeaseLost)), "{lost:?}");
    world.assert_in_step("after the other one");
    let outcomes: Vec<_> = world.runs().into_iter().map(|run| run.outcome).collect();
    assert_eq!(outcomes, [RunOutcome::Finished, RunOutcome::Interrupted]);

    // With time enough the other one waits.
    let world = World::new(&["Anna"]);
    let run = world.runner().planning_time(Duration::from_secs(300));
    let held = block_on(run.run_once(&matches(&world, true), RunCause::ByHand)).unwrap();
    assert_eq!(held.record.outcome, RunOutcome::Finished);
    assert_eq!((world.runs().len(), world.lease().fence), (1, 1));
    world.assert_in_step("with time");
}
