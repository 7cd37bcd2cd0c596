//! What is run when.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use record_link::Clock;
use record_link::Store;
use record_link::testing::block_on;
use record_link::{Cancellation, ConnectionId, RunCause, RunOutcome, Schedule};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{HOUR, World, connection, kind, noon};

#[test]
fn what_is_due_runs_once_however_much_was_missed() {
    let mut world = World::new(&["Anna"]);
    world.schedule = Some(Schedule::every(HOUR));
    let finished = [(RunCause::Schedule, RunOutcome::Finished)];
    assert_eq!(world.due(), finished, "the first time");
    assert_eq!(world.due(), [], "it is not due again");
    let next = world.state().next_due.unwrap();
    assert!(next > noon() && next <= noon() + HOUR);
    world.clock.advance(Duration::from_secs(3599));
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
fn no_more_connections_are_worked_on_at_once_than_was_asked_for() {
    let switches_with = |connections: usize| {
        let mut world = World::new(&["Anna", "Bo", "Cia", "Dag"]);
        world.schedule = Some(Schedule::every(HOUR));
        let order = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&order);
        let mut runner = world
            .runner()
            .connections(connections)
            .progress(move |connection, _, _| seen.lock().unwrap().push(connection.clone()));
        for number in 0..4 {
            let other = ConnectionId::new(format!("people->payroll {number}")).unwrap();
            runner = runner.entity(world.entity_of(other));
        }
        assert_eq!(block_on(runner.run_due()).unwrap().len(), 5);
        let mut order = order.lock().unwrap().clone();
        order.dedup();
        order.len()
    };
    assert_eq!(switches_with(1), 5, "one after the other");
    assert!(switches_with(5) > 5, "side by side");
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
