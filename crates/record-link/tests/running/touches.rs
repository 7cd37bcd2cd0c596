//! What somebody says has changed is read before its time.

use flat_record::{HashKey, Kind};
use record_link::testing::{FakeSide, Fault, block_on};
use record_link::{
    Candidate, DeviationClass, Entity, Keeping, Link, Matching, RecordKey, RunCause, RunOutcome,
    Runner, Side, SideErrorKind, SideOperation, Sides, Snapshot, Which, all_links,
};
use std::sync::Arc;

use super::{World, connection, key, kind, person};

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
