//! What a run does from its beginning to its end.

use flat_record::{Field, Fields, HashKey, Kind, Record, Reference, ValueKind};
use record_link::Clock;
use record_link::Store;
use record_link::testing::{FakeSide, Fault, ManualClock, block_on};
use record_link::{
    Cancellation, Entity, Keeping, MemoryStore, Policy, RunCause, RunOutcome, Runner, Schedule,
    Side, SideOperation, Sides, Which,
};
use std::sync::Arc;

use super::{HOUR, World, connection, fields, key, kind, noon};

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
    let other = Entity::new(
        connection(),
        department.clone(),
        sides,
        Policy::default(),
        keeping,
    );
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
    assert_eq!(
        world.memory.clone().summary_of(),
        record_link::Summary::default()
    );
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
