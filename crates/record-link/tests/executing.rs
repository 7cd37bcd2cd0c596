//! Several operations at once, retries, leases, cancellation, progress, recovery and audit.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "executing/doubt.rs"]
mod doubt;
#[path = "executing/leases.rs"]
mod leases;
#[path = "executing/settled.rs"]
mod settled;
#[path = "executing/world.rs"]
mod world;

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use flat_record::{Kind, Record, Reference, Value};
use record_link::testing::{FakeSide, Fault, ManualClock, StoreFault, block_on};
use record_link::transition::Stale;
use record_link::{
    Cancellation, Capabilities, ClientKey, Clock, DeviationClass, DeviationState,
    ExecutionErrorKind, Executor, Guard, Lease, Link, LinkState, Observation, Outcome, Planner,
    Policy, ProgressEvent, Receipt, RecordKey, Recovery, References, Retries, Side, SideError,
    SideErrorKind, SideFuture, SideOperation, Sides, SkipReason, Snapshot, Step, Store,
    StoreErrorKind, Subject, Which,
};
use world::{Watched, World, able, connection, fields, keeping, key, kind};

#[test]
fn so_many_operations_are_under_way_as_is_allowed() {
    for allowed in [1, 5, 16] {
        let world = World::new(able(Recovery::ByClientKey), 40);
        let payroll = Watched::new(&world.payroll);
        let executor = world.over(&payroll).concurrency(allowed);
        let committed = world.store.committed();
        let applied = block_on(executor.apply(&world.plan())).unwrap();
        assert_eq!(applied.totals.created, 40);
        assert_eq!(payroll.creates.lock().unwrap().1, allowed);
        // The intent, and what came of it; one more at the end for the scopes.
        assert_eq!(world.store.committed() - committed, 2 * 40 + 1);
        assert!(world.plan().operations.is_empty());
    }
}

#[test]
fn who_is_referred_to_is_created_before_whatever_goes_on_beside() {
    let world = World::new(able(Recovery::ByClientKey), 0);
    // A chain of ten, each the boss of the next, among thirty who have none.
    for number in 0..10 {
        let boss = (number > 0).then(|| format!("boss {}", number - 1));
        world.person(&format!("boss {number}"), boss.as_deref());
    }
    for number in 0..30 {
        world.person(&format!("person {number}"), None);
    }
    let applied = block_on(world.executor().concurrency(16).apply(&world.plan())).unwrap();
    assert_eq!((applied.totals.created, applied.totals.all()), (40, 40));
    let there = world.payroll.records(&kind());
    let named = |name: &str| {
        let found = there
            .iter()
            .find(|(_, one)| one.get("name") == Some(&name.into()));
        found.unwrap()
    };
    for number in 1..10 {
        let (boss, _) = named(&format!("boss {}", number - 1));
        let (_, record) = named(&format!("boss {number}"));
        let reference = Reference::new(kind(), boss.as_str());
        assert_eq!(record.get("boss"), Some(&reference.into()));
    }
    // Those who wait for one that failed are told so, and the others go on.
    world.person("lonely", None);
    world.person("waiting", Some("lonely"));
    world.person("free", None);
    let refused = Fault::Before(SideErrorKind::Refused);
    world
        .payroll
        .fail_next(SideOperation::Create, refused.clone());
    world.payroll.fail_next(SideOperation::Create, refused);
    let links = world.links();
    let executor = world
        .executor()
        .references(References::of(&links))
        .concurrency(1);
    let applied = block_on(executor.apply(&world.plan())).unwrap();
    let totals = applied.totals;
    assert_eq!(
        (totals.failed, totals.skipped, totals.unchanged),
        (2, 1, 40)
    );
    let is_waiting = |outcome: &Outcome| {
        matches!(
            outcome,
            Outcome::Skipped {
                because: SkipReason::Waits { .. }
            }
        )
    };
    assert_eq!(
        applied
            .records
            .iter()
            .filter(|one| is_waiting(&one.outcome))
            .count(),
        1
    );
}

#[test]
fn a_side_that_was_not_there_is_asked_again_after_longer_and_longer_times() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    for _ in 0..3 {
        let away = Fault::Before(SideErrorKind::Unavailable);
        world.payroll.fail_next(SideOperation::Create, away);
    }
    let waits = Mutex::new(Vec::new());
    let retries = Retries::new(4).first_wait(Duration::from_secs(2)).seed(17);
    let executor = world.executor().retries(retries).progress(|event| {
        if let ProgressEvent::Waiting {
            wait, because, on, ..
        } = event
        {
            assert_eq!(
                (*because, *on),
                (Some(SideErrorKind::Unavailable), Some(Which::Right))
            );
            waits.lock().unwrap().push(*wait);
        }
    });
    let plan = world.plan();
    let applied = block_on(executor.apply(&plan)).unwrap();
    assert_eq!(applied.totals.created, 1);
    let waits = waits.lock().unwrap().clone();
    assert_eq!(waits.iter().sum::<Duration>(), world.clock.slept());
    for (wait, longest) in waits.iter().zip([2, 4, 8]) {
        let longest = Duration::from_secs(longest);
        assert!(*wait >= longest / 2 && *wait <= longest, "{wait:?}");
    }
    assert_eq!(waits.len(), 3);
    // Another seed, other times; the same seed, the same.
    let number = 4711;
    assert_ne!(retries.wait(1, number), retries.seed(18).wait(1, number));
    assert_eq!(retries.wait(1, number), retries.wait(1, number));
    assert!(world.deviations().is_empty());

    // It has an end.
    world.person("Bo", None);
    for _ in 0..9 {
        let away = Fault::Before(SideErrorKind::Unavailable);
        world.payroll.fail_next(SideOperation::Create, away);
    }
    let executor = world.executor().retries(retries);
    let applied = block_on(executor.apply(&world.plan())).unwrap();
    assert_eq!(
        (applied.totals.failed, world.payroll.armed_faults()),
        (1, 5)
    );
    assert_eq!(world.deviations()[0].class(), DeviationClass::Transient);
    block_on(world.store.intents(&connection()))
        .unwrap()
        .is_empty()
        .then_some(())
        .unwrap();
}

#[test]
fn a_side_that_asks_to_wait_is_given_the_time_if_it_is_bearable() {
    for (asked, is_done) in [(20, true), (3600, false)] {
        let world = World::new(able(Recovery::ByClientKey), 1);
        let has_asked = Mutex::new(false);
        let payroll = Watched::before(&world.payroll, |_| {
            let has_asked = std::mem::replace(&mut *has_asked.lock().unwrap(), true);
            let error = SideError::new(SideOperation::Create, SideErrorKind::RateLimited);
            (!has_asked).then(|| error.with_wait(Duration::from_secs(asked)))
        });
        let applied = block_on(world.over(&payroll).apply(&world.plan())).unwrap();
        assert_eq!(applied.totals.created == 1, is_done);
        let waited = Duration::from_secs(if is_done { asked } else { 0 });
        assert_eq!(world.clock.slept(), waited);
    }
}

#[test]
fn a_store_that_is_locked_is_asked_again_and_a_lost_commit_is_read_back() {
    let world = World::new(able(Recovery::ByClientKey), 2);
    let plan = world.plan();
    let faults = [
        StoreFault::Before(StoreErrorKind::Unavailable),
        StoreFault::AnswerLost,
        StoreFault::AnswerLost,
        StoreFault::Before(StoreErrorKind::Unavailable),
        StoreFault::AnswerLost,
    ];
    for fault in faults {
        world.store.fail_next_commit(fault);
    }
    world.store.fail_next_query(StoreErrorKind::Unavailable);
    let applied = block_on(world.executor().apply(&plan)).unwrap();
    assert_eq!((applied.totals.created, applied.totals.all()), (2, 2));
    assert_eq!(world.payroll.writes(), 2);
    // An update's intent comes without an event, and is read back as well.
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "Anna")
        .unwrap();
    let plan = world.plan();
    world.store.fail_next_commit(StoreFault::AnswerLost);
    let applied = block_on(world.executor().apply(&plan)).unwrap();
    assert_eq!((applied.totals.updated, world.payroll.writes()), (1, 3));
    assert!(world.plan().operations.is_empty());
    // It has an end as well.
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "Annika")
        .unwrap();
    let plan = world.plan();
    for _ in 0..4 {
        world
            .store
            .fail_next_commit(StoreFault::Before(StoreErrorKind::Unavailable));
    }
    let error = block_on(world.executor().apply(&plan)).unwrap_err();
    assert!(matches!(error.kind(), ExecutionErrorKind::Store(error) if error.is_retryable()));
    assert!(error.is_retryable());
    assert_eq!(world.payroll.writes(), 3);
}

#[test]
fn refused_credentials_end_the_run_at_once() {
    let world = World::new(able(Recovery::ByClientKey), 20);
    let refused = Fault::Before(SideErrorKind::Unauthenticated);
    for _ in 0..20 {
        world
            .payroll
            .fail_next(SideOperation::Create, refused.clone());
    }
    let plan = world.plan();
    let error = block_on(world.executor().concurrency(3).apply(&plan)).unwrap_err();
    assert_eq!(error.refused_credentials(), Some(Which::Right));
    assert!(!error.is_retryable());
    let applied = error.applied().unwrap();
    let totals = applied.totals;
    assert_eq!((totals.failed, totals.skipped, totals.all()), (3, 17, 20));
    // One deviation, about the connection; nothing is open, and no record is to blame.
    let deviations = world.deviations();
    assert_eq!(deviations.len(), 1);
    assert_eq!(deviations[0].topic().subject, Subject::Connection);
    assert_eq!(deviations[0].class(), DeviationClass::Authentication);
    assert_eq!(applied.deviations().next(), Some(deviations[0].id()));
    assert!(
        block_on(world.store.intents(&connection()))
            .unwrap()
            .is_empty()
    );
    let is_failed = |link: &Link| matches!(link.state, LinkState::Failed { .. });
    assert!(!world.links().iter().any(is_failed));

    // New credentials: everything is done, and the deviation settled.
    while world.payroll.armed_faults() > 0 {
        let record = Record::new(&fields());
        let key = ClientKey::new("other", "employee", "0");
        block_on(world.payroll.create(&kind(), &key, &record)).unwrap_err();
    }
    assert_eq!(world.apply().totals.created, 20);
    assert!(world.deviations().is_empty());
}

#[test]
fn who_cancels_finds_everything_stored_that_was_begun() {
    let world = World::new(able(Recovery::ByClientKey), 20);
    let cancellation = Cancellation::new();
    let plan = world.plan();
    let executor = world.executor().concurrency(3).cancellation(&cancellation);
    let executor = executor.progress(|event| {
        if matches!(event, ProgressEvent::Ended { number: 5, .. }) {
            cancellation.cancel();
        }
    });
    let applied = block_on(executor.apply(&plan)).unwrap();
    assert!(applied.is_cancelled);
    let totals = applied.totals;
    assert!(totals.created >= 5 && totals.created <= 8, "{totals:?}");
    assert_eq!(totals.created + totals.skipped, 20);
    assert!(
        block_on(world.store.intents(&connection()))
            .unwrap()
            .is_empty()
    );
    assert_eq!(world.links().len(), world.payroll.records(&kind()).len());
    assert_eq!(world.apply().totals.all(), 20);
    assert_eq!(world.payroll.records(&kind()).len(), 20);
}

#[test]
fn who_cancels_does_not_wait_for_another_try() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    let away = Fault::Before(SideErrorKind::Unavailable);
    world.payroll.fail_next(SideOperation::Create, away);
    let cancellation = Cancellation::new();
    // Its sleeps would never end.
    let clock = ManualClock::held(DateTime::UNIX_EPOCH);
    let sides = Sides::<&dyn Side>::new(&world.people, &world.payroll);
    let executor = Executor::new(&world.store, sides, keeping(), &clock)
        .cancellation(&cancellation)
        .progress(|event| {
            if matches!(event, ProgressEvent::Waiting { .. }) {
                cancellation.cancel();
            }
        });
    let applied = block_on(executor.apply(&world.plan())).unwrap();
    assert_eq!((applied.totals.failed, applied.is_cancelled), (1, true));
    assert!(
        block_on(world.store.intents(&connection()))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn progress_is_told_from_beginning_to_end() {
    let world = World::new(able(Recovery::ByClientKey), 3);
    let told = Mutex::new(Vec::new());
    let executor = world
        .executor()
        .progress(|event| told.lock().unwrap().push(event.clone()));
    block_on(executor.apply(&world.plan())).unwrap();
    drop(executor);
    let told = told.into_inner().unwrap();
    assert_eq!(told[0], ProgressEvent::Started { operations: 3 });
    for (place, event) in told[1..4].iter().enumerate() {
        let ProgressEvent::Ended {
            number,
            of,
            step,
            outcome,
            ..
        } = event
        else {
            panic!()
        };
        assert_eq!((*number, *of, *step), (place + 1, 3, "create"));
        assert_eq!(*outcome, Outcome::Created { on: Which::Right });
    }
    assert!(matches!(told[4], ProgressEvent::Finished { totals } if totals.created == 3));
    assert_eq!(told.len(), 5);
    assert!(!format!("{told:?}").contains("person"), "no personal data");
}

#[test]
fn an_old_plan_is_not_carried_out_a_second_time() {
    let world = World::new(able(Recovery::ByClientKey), 2);
    let old = world.plan();
    world.apply();
    let writes = world.payroll.writes();
    let again = block_on(world.executor().apply(&old)).unwrap();
    assert_eq!((again.totals.stale, again.totals.all()), (2, 2));
    let because = Stale::Link;
    assert_eq!(again.records[0].outcome, Outcome::Stale { because });
    assert_eq!(world.payroll.writes(), writes);
}

#[test]
fn what_we_wrote_is_no_change_of_the_other_side() {
    let shouts = |record: &mut Record| {
        let name = record
            .get("name")
            .and_then(Value::as_text)
            .unwrap_or_default();
        let name = name.trim().to_uppercase();
        record.set("name", name.as_str()).unwrap();
    };
    // Both may change a name, and nobody wins by himself: an echo would be a conflict.
    for policy in [Policy::owned_by(Which::Left), Policy::default()] {
        let mut world = World::new(able(Recovery::ByClientKey), 0);
        world.payroll = world.payroll.normalising(&kind(), shouts);
        world.policy = policy;
        world.policy.guard = Guard::OFF;
        world.policy.sides.right.create = record_link::Permission::Automatic;
        world.person(" anna ", None);
        assert_eq!(world.apply().totals.created, 1);
        let plan = world.plan();
        assert_eq!((plan.operations.len(), plan.findings.len()), (0, 0));
        world
            .people
            .edit(&kind(), &key(" anna "), "name", " anna maria")
            .unwrap();
        assert_eq!(world.apply().totals.updated, 1);
        let plan = world.plan();
        assert_eq!((plan.operations.len(), plan.findings.len()), (0, 0));
        let there = world.payroll.records(&kind()).pop_first().unwrap().1;
        assert_eq!(there.get("name"), Some(&"ANNA MARIA".into()));
    }
}

#[test]
fn unlinking_asks_no_side() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    world.apply();
    let link = world.links().pop().unwrap();
    let decision = record_link::Decision::new(
        connection(),
        kind(),
        record_link::About::Link { id: link.id },
        record_link::Action::Unlink,
        world.clock.now(),
    );
    let snapshots = block_on(async {
        let left = world.people.list(&kind()).await.unwrap();
        (left, world.payroll.list(&kind()).await.unwrap())
    });
    let decisions = [decision];
    let links = world.links();
    let plan = Planner::new(connection(), kind(), &world.policy, keeping())
        .links(&links)
        .decisions(&decisions)
        .plan(Sides::new(&snapshots.0, &snapshots.1), world.clock.now())
        .unwrap();
    let calls = (world.people.calls().len(), world.payroll.calls().len());
    let applied = block_on(world.executor().apply(&plan)).unwrap();
    assert_eq!((applied.totals.unlinked, applied.totals.all()), (1, 1));
    assert_eq!(
        calls,
        (world.people.calls().len(), world.payroll.calls().len())
    );
}

/// What a runtime with several threads asks of a future.
#[test]
fn the_futures_can_move_between_threads() {
    fn is_send<T: Send>(one: T) -> T {
        one
    }
    let world = World::new(able(Recovery::ByClientKey), 1);
    let plan = world.plan();
    let executor = is_send(world.executor());
    block_on(is_send(executor.recover(&connection()))).unwrap();
    let applied = block_on(is_send(executor.apply(&plan))).unwrap();
    block_on(is_send(executor.audit(&connection(), &applied.creates))).unwrap();
}
