//! What was told of a record is settled when the record is in step, whatever brought it there.

use super::*;

/// A record whose create is half done: the boss is missing.
fn half_done() -> World {
    let world = World::new(able(Recovery::ByClientKey), 0);
    world.person("boss", None);
    world.apply();
    world.person("anna", Some("boss"));
    let boss = vec!["boss".parse().unwrap()];
    world
        .payroll
        .fail_next(SideOperation::Create, Fault::Partly(boss));
    world.run();
    assert_eq!(world.deviations().len(), 1);
    world
}

#[test]
fn a_half_done_create_whose_last_step_lost_its_answer_leaves_no_deviation() {
    let world = half_done();
    world
        .payroll
        .fail_next(SideOperation::Update, Fault::AnswerLost);
    // A process that dies while it waits for what it does not know.
    let plan = world.plan();
    assert_eq!(plan.operations.len(), 1);
    let links = world.links();
    let executor = world.executor().references(References::of(&links));
    let executor = executor.longest_settle(Duration::ZERO);
    block_on(executor.apply(&plan)).unwrap();
    world.run();
    assert!(world.plan().operations.is_empty());
    assert!(world.deviations().is_empty(), "{:?}", world.deviations());
}

#[test]
fn a_half_done_create_that_somebody_completes_by_hand_leaves_no_deviation() {
    let world = half_done();
    let there = world.payroll.records(&kind());
    let (boss, _) = there
        .iter()
        .find(|(_, one)| one.get("name") == Some(&"boss".into()))
        .unwrap();
    let (anna, _) = there
        .iter()
        .find(|(_, one)| one.get("name") == Some(&"anna".into()))
        .unwrap();
    let reference = Reference::new(kind(), boss.as_str());
    world
        .payroll
        .edit(&kind(), anna, "boss", reference)
        .unwrap();
    world.run();
    assert!(world.deviations().is_empty(), "{:?}", world.deviations());
}

#[test]
fn what_is_refused_and_then_taken_back_is_wrong_no_more() {
    let world = World::new(able(Recovery::ByClientKey), 2);
    world.apply();
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "refused")
        .unwrap();
    world
        .people
        .edit(&kind(), &key("person 1"), "name", "refused too")
        .unwrap();
    for _ in 0..2 {
        let refused = Fault::Before(SideErrorKind::Refused);
        world.payroll.fail_next(SideOperation::Update, refused);
    }
    world.run();
    assert_eq!(world.deviations().len(), 2);
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "person 0")
        .unwrap();
    let refused = Fault::Before(SideErrorKind::Refused);
    world.payroll.fail_next(SideOperation::Update, refused);
    world.run();
    // The other one is still wrong.
    assert_eq!(world.deviations().len(), 1);
    world.run();
    assert!(world.deviations().is_empty());
}

#[test]
fn what_a_plan_did_not_look_at_stays() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    world.apply();
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "refused")
        .unwrap();
    let refused = Fault::Before(SideErrorKind::Refused);
    world.payroll.fail_next(SideOperation::Update, refused);
    world.run();
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "person 0")
        .unwrap();
    world
        .payroll
        .fail_next(SideOperation::List, Fault::PageLost);
    world.run();
    assert_eq!(world.deviations().len(), 1);
}

/// A system that writes names in capitals, and lost the answer to an update of Anna's.
fn shouting() -> World {
    let shouts = |record: &mut Record| {
        let name = record.get("name").and_then(Value::as_text);
        let name = name.unwrap_or_default().trim().to_uppercase();
        record.set("name", name.as_str()).unwrap();
    };
    let mut world = World::new(able(Recovery::ByClientKey), 0);
    world.payroll = world.payroll.normalising(&kind(), shouts);
    // Nobody wins by himself: what is not known as ours is a conflict.
    world.policy = Policy::default();
    world.policy.guard = Guard::OFF;
    world.policy.sides.right.create = record_link::Permission::Automatic;
    world.person("anna", None);
    world.run();
    world
        .people
        .edit(&kind(), &key("anna"), "name", " anna maria")
        .unwrap();
    world
        .payroll
        .fail_next(SideOperation::Update, Fault::AnswerLost);
    world
}

/// A run that does not wait for what it does not know, as one that dies.
fn dies(world: &World) {
    let executor = world.executor().longest_settle(Duration::ZERO);
    let applied = block_on(executor.apply(&world.plan())).unwrap();
    assert_eq!(applied.totals.all(), 1);
    // What is open then is what a process leaves that dies.
}

#[test]
fn an_update_of_unknown_outcome_is_ours_in_the_systems_own_way_of_writing() {
    for waits in [true, false] {
        let mut world = shouting();
        if !waits {
            let settle = able(Recovery::ByClientKey).settles_within(Duration::from_secs(5));
            world.payroll = world.payroll.with_capabilities(&kind(), settle);
        }
        dies(&world);
        let open = block_on(world.store.intents(&connection())).unwrap();
        assert_eq!(open.len(), usize::from(!waits));
        world.run();
        let plan = world.plan();
        assert_eq!((plan.operations.len(), plan.findings.len()), (0, 0));
        assert!(world.deviations().is_empty());
        let writes = world.payroll.calls();
        let updates = writes
            .iter()
            .filter(|call| **call == SideOperation::Update)
            .count();
        assert_eq!(updates, 1, "it is not sent again");
        // An edit on either side goes on from there.
        world
            .people
            .edit(&kind(), &key("anna"), "name", "anna b")
            .unwrap();
        assert_eq!(world.run().totals.updated, 1);
    }
}

#[test]
fn an_edit_after_an_update_of_unknown_outcome_is_a_conflict() {
    let mut world = shouting();
    let settle = able(Recovery::ByClientKey).settles_within(Duration::from_secs(5));
    world.payroll = world.payroll.with_capabilities(&kind(), settle);
    dies(&world);
    let there = world.payroll.records(&kind());
    let anna = there.keys().next().unwrap();
    world
        .payroll
        .edit(&kind(), anna, "name", "Anna Karin")
        .unwrap();
    let executor = world.executor();
    block_on(executor.recover(&connection())).unwrap();
    let plan = world.plan();
    assert_eq!((plan.operations.len(), plan.findings.len()), (0, 1));
    assert_eq!(plan.findings[0].what, record_link::FindingKind::Conflict);
    let there = world.payroll.records(&kind());
    assert_eq!(there[anna].get("name"), Some(&"Anna Karin".into()));
}
