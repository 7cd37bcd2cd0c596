//! Plans are carried out once, whatever happens.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::{Field, FieldName, Fields, HashKey, Kind, Record, ValueKind};
use record_link::testing::{FakeSide, Fault, FaultyStore, Fuse, ManualClock, StoreFault, block_on};
use record_link::{
    Applied, Capabilities, Clock, Conditional, ConnectionId, Deviation, DeviationClass,
    DeviationQuery, DeviationState, EventQuery, ExecutionError, ExecutionErrorKind, Executor,
    Keeping, LinkState, MemoryStore, Plan, Planner, Policy, RecordKey, Recovery, Side,
    SideErrorKind, SideOperation, Sides, Store, StoreErrorKind, Which, all_links, fold_events,
};

/// Two systems, a store, and a clock that goes on by itself.
#[derive(Clone)]
struct World {
    people: FakeSide,
    payroll: FakeSide,
    store: FaultyStore,
    clock: ManualClock,
}

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
    record.with("city", "Umeå").unwrap()
}

fn everything() -> Capabilities {
    Capabilities::read_only(&fields())
        .creates(Recovery::ByClientKey)
        .updates(Conditional::Atomic)
}

impl World {
    fn new(payroll: Capabilities, people: &[&str]) -> Self {
        let world = Self {
            people: FakeSide::new().with_capabilities(&kind(), Capabilities::read_only(&fields())),
            payroll: FakeSide::new().with_capabilities(&kind(), payroll),
            store: FaultyStore::new(MemoryStore::new()),
            clock: ManualClock::default().ticking(Duration::from_secs(1)),
        };
        for name in people {
            let inserted = world.people.insert(&kind(), &key(name), person(name));
            inserted.unwrap();
        }
        world
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The same world, seen by a process that dies when the fuse blows.
    fn dying(&self, fuse: &Fuse) -> Self {
        Self {
            people: self.people.with_fuse(fuse.clone()),
            payroll: self.payroll.with_fuse(fuse.clone()),
            store: self.store.with_fuse(fuse.clone()),
            clock: self.clock.clone(),
        }
    }

    async fn plan(&self) -> Result<Plan, Box<dyn std::error::Error>> {
        let (store, policy) = (&self.store, Policy::owned_by(Which::Left));
        let links = all_links(store, &connection(), &kind()).await?;
        let left = self.people.list(&kind()).await?;
        let right = self.payroll.list(&kind()).await?;
        let keeping = Keeping::hashes(HashKey::new([7; 16]));
        let plan = Planner::new(connection(), kind(), &policy, keeping)
            .links(&links)
            .known_scopes(store.scopes(&connection(), &kind()).await?)
            .plan(Sides::new(&left, &right), self.now())?;
        Ok(plan)
    }

    fn executor(&self) -> Executor<'_> {
        let keeping = Keeping::hashes(HashKey::new([7; 16]));
        let sides = Sides::<&dyn Side>::new(&self.people, &self.payroll);
        Executor::new(&self.store, sides, keeping, &self.clock).run("run 1")
    }

    async fn apply(&self, plan: &Plan) -> Result<Applied, ExecutionError> {
        self.executor().apply(plan).await
    }

    async fn try_run(&self) -> Result<Applied, Box<dyn std::error::Error>> {
        self.executor().recover(&connection()).await?;
        let plan = self.plan().await?;
        Ok(self.apply(&plan).await?)
    }

    fn run(&self) -> Applied {
        block_on(self.try_run()).unwrap()
    }

    fn deviations(&self) -> Vec<Deviation> {
        let query = DeviationQuery::unsettled();
        let page = block_on(self.store.deviations(&connection(), &query));
        page.unwrap().items
    }

    /// Both systems agree, each person once; the log adds up; nothing is left open.
    fn assert_in_step(&self, context: &str) {
        assert!(
            block_on(self.plan()).unwrap().operations.is_empty(),
            "{context}: not in step"
        );
        let people = self.people.records(&kind());
        let payroll = self.payroll.records(&kind());
        assert_eq!(people.len(), payroll.len(), "{context}");
        assert!(
            self.payroll.doubles(&kind()).is_empty(),
            "{context}: doubles"
        );
        let links = block_on(all_links(&self.store, &connection(), &kind())).unwrap();
        assert_eq!(links.len(), people.len(), "{context}");
        for link in &links {
            assert_eq!(link.state, LinkState::Linked, "{context}");
            let left = &people[link.keys.left.as_ref().unwrap()];
            let right = &payroll[link.keys.right.as_ref().unwrap()];
            assert_eq!(left, right, "{context}");
        }
        assert_eq!(self.open_intents(), 0, "{context}: something is left open");
        let query = EventQuery::new().limit(1000);
        let events = block_on(self.store.events(&connection(), &query)).unwrap();
        let folded = fold_events(events.items.iter().map(|one| &one.event)).unwrap();
        assert!(
            folded.values().eq(links.iter()),
            "{context}: the log does not add up"
        );
    }

    fn open_intents(&self) -> usize {
        block_on(self.store.intents(&connection())).unwrap().len()
    }
}

/// How many failed or are in doubt.
fn unsuccessful(applied: &Applied) -> u64 {
    applied.totals.failed + applied.totals.in_doubt
}

#[test]
fn records_are_created_and_updated_and_then_there_is_nothing_to_do() {
    let world = World::new(everything(), &["Anna", "Bo", "Cilla"]);
    assert_eq!(world.run().totals.done(), 3);
    world.assert_in_step("created");
    world
        .people
        .edit(&kind(), &key("Bo"), "name", "Bosse")
        .unwrap();
    assert_eq!(world.run().totals.done(), 1);
    world.assert_in_step("updated");
    assert_eq!((world.payroll.writes(), world.open_intents()), (4, 0));
    assert!(world.deviations().is_empty());
}

#[test]
fn a_lost_answer_is_looked_up_before_anything_is_repeated() {
    let world = World::new(everything(), &["Anna"]);
    world
        .payroll
        .fail_next(SideOperation::Create, Fault::AnswerLost);
    let applied = world.run();
    assert_eq!((applied.totals.created, unsuccessful(&applied)), (1, 0));
    assert_eq!(applied.doubtful_creates().count(), 1);
    // What happened stands in the error log, and is settled.
    let all = block_on(
        world
            .store
            .deviations(&connection(), &DeviationQuery::all()),
    );
    let [told] = &all.unwrap().items[..] else {
        panic!()
    };
    assert_eq!(told.class(), DeviationClass::InDoubt);
    assert_eq!(
        (told.run(), told.state()),
        (Some("run 1"), DeviationState::Resolved)
    );
    world.assert_in_step("found again");
    assert_eq!((world.payroll.writes(), world.open_intents()), (1, 0));
}

#[test]
fn what_may_still_land_is_waited_for() {
    let settle = everything().settles_within(Duration::from_secs(1000));
    let world = World::new(settle, &["Anna"]);
    world
        .payroll
        .fail_next(SideOperation::Create, Fault::EffectLate(u32::MAX));
    assert_eq!(unsuccessful(&world.run()), 1);
    for _ in 0..3 {
        let recovered = block_on(world.executor().recover(&connection())).unwrap();
        assert_eq!(recovered.in_doubt.len(), 1);
        assert_eq!(world.run().totals.done(), 0);
        assert_eq!(
            world.payroll.writes(),
            1,
            "nothing is repeated while it may land"
        );
    }
    assert!(world.deviations()[0].failure().code() == "not-settled");
    // Looking does not begin the time anew.
    world.clock.advance(Duration::from_secs(1000));
    assert_eq!(world.run().totals.done(), 1);
    world.assert_in_step("created after the time to settle");
    assert!(world.deviations().is_empty(), "it resolved itself");
}

#[test]
fn where_nothing_can_be_found_again_a_person_has_to_look() {
    let blind = Capabilities::read_only(&fields()).creates(Recovery::Never);
    let world = World::new(blind, &["Anna"]);
    world
        .payroll
        .fail_next(SideOperation::Create, Fault::AnswerLost);
    for _ in 0..3 {
        assert_eq!(world.run().totals.done(), 0);
    }
    assert_eq!(
        world.payroll.writes(),
        1,
        "a create in doubt is never repeated"
    );
    assert_eq!(world.deviations()[0].class(), DeviationClass::InDoubt);
}

#[test]
fn one_that_is_refused_stops_no_other_and_resolves_when_it_succeeds() {
    let world = World::new(everything(), &["Anna", "Bo", "Cilla"]);
    let refused = Fault::Before(SideErrorKind::Refused);
    world
        .payroll
        .fail_next(SideOperation::Create, refused.clone());
    let applied = world.run();
    assert_eq!((applied.totals.done(), unsuccessful(&applied)), (2, 1));
    let open = world.deviations();
    assert_eq!((open.len(), open[0].attempts()), (1, 1));
    assert_eq!(open[0].id(), applied.deviations().next().unwrap());
    // It is not tried again before something changes.
    world.run();
    assert_eq!(world.payroll.writes(), 3);
    for name in ["Anna", "Bo", "Cilla"] {
        world
            .people
            .edit(&kind(), &key(name), "city", "Luleå")
            .unwrap();
    }
    while !block_on(world.plan()).unwrap().operations.is_empty() {
        world.run();
    }
    world.assert_in_step("corrected");
    let id = open[0].id();
    let deviation = block_on(world.store.deviation(&connection(), id)).unwrap();
    assert_eq!(deviation.unwrap().state(), DeviationState::Resolved);
}

#[test]
fn what_was_only_half_done_is_completed_and_not_created_again() {
    let world = World::new(everything(), &["Anna"]);
    let city = FieldName::new("city").unwrap();
    world
        .payroll
        .fail_next(SideOperation::Create, Fault::Partly(vec![city]));
    let applied = world.run();
    assert_eq!(unsuccessful(&applied), 1);
    world.run();
    world.assert_in_step("completed");
    assert_eq!(world.payroll.records(&kind()).len(), 1);
}

#[test]
fn what_changed_since_the_plan_is_left_to_the_next() {
    let world = World::new(everything(), &["Anna"]);
    world.run();
    world
        .people
        .edit(&kind(), &key("Anna"), "name", "Anna Maria")
        .unwrap();
    let plan = block_on(world.plan()).unwrap();
    world
        .people
        .edit(&kind(), &key("Anna"), "name", "Annika")
        .unwrap();
    let writes = world.payroll.writes();
    let applied = block_on(world.apply(&plan)).unwrap();
    assert_eq!((applied.totals.stale, world.payroll.writes()), (1, writes));
    world.run();
    world.assert_in_step("planned anew");
    // A plan that was carried out is stale as a whole.
    let again = block_on(world.apply(&plan)).unwrap();
    assert_eq!(again.totals.done(), 0);
}

#[test]
fn somebody_who_edits_between_reading_and_writing_is_not_overwritten() {
    let world = World::new(everything(), &["Anna"]);
    world.run();
    world
        .people
        .edit(&kind(), &key("Anna"), "name", "Anna Maria")
        .unwrap();
    let city = FieldName::new("city").unwrap();
    let edit = Fault::EditedMeanwhile(city, "Kiruna".into());
    world.payroll.fail_next(SideOperation::Update, edit);
    let applied = world.run();
    assert_eq!(unsuccessful(&applied), 1);
    assert_eq!(world.deviations()[0].class(), DeviationClass::Stale);
    let payroll = world.payroll.records(&kind());
    let anna = payroll.values().next().unwrap();
    assert_eq!(anna.get("city"), Some(&"Kiruna".into()));
}

#[test]
fn a_store_that_fails_stops_the_run_and_nothing_is_lost() {
    for fault in [StoreErrorKind::Full, StoreErrorKind::ReadOnly] {
        let world = World::new(everything(), &["Anna", "Bo"]);
        let plan = block_on(world.plan()).unwrap();
        world.store.fail_next_commit(StoreFault::Before(fault));
        let executor = world.executor().concurrency(1);
        let error = block_on(executor.apply(&plan)).unwrap_err();
        let applied = error.applied().unwrap();
        assert_eq!((applied.totals.skipped, applied.totals.all()), (2, 2));
        assert!(
            error.to_string().contains("store") || error.to_string().contains("commit"),
            "{error}"
        );
        assert_eq!(
            world.payroll.writes(),
            0,
            "without its intent, nothing is sent"
        );
        while !block_on(world.plan()).unwrap().operations.is_empty() {
            world.run();
        }
        world.assert_in_step("after the store came back");
    }
}

/// A process dies at step k, for every k; the next ones bring the work to its end.
#[test]
fn dying_at_any_step_leaves_one_record_for_each_person() {
    let (mut steps, mut died_after_effect) = (0, 0);
    for step in 0.. {
        let world = World::new(everything(), &["Anna", "Bo"]);
        world.run();
        world
            .people
            .edit(&kind(), &key("Bo"), "name", "Bosse")
            .unwrap();
        world
            .people
            .insert(&kind(), &key("Cilla"), person("Cilla"))
            .unwrap();
        let before = world.payroll.records(&kind());

        let fuse = Fuse::blowing_at(step);
        let result = block_on(world.dying(&fuse).try_run());
        if !fuse.has_blown() {
            result.unwrap();
            world.assert_in_step("undisturbed");
            steps = step;
            break;
        }
        died_after_effect += u32::from(world.payroll.records(&kind()) != before);
        for _ in 0..5 {
            world.run();
        }
        world.assert_in_step(&format!("died at step {step}"));
        let creates = world.payroll.calls();
        let creates = creates
            .iter()
            .filter(|call| **call == SideOperation::Create);
        assert!(
            creates.count() <= 4,
            "died at step {step}: too many creates"
        );
    }
    assert!(steps > 25, "a run has only {steps} steps");
    assert!(
        died_after_effect > 5,
        "only {died_after_effect} deaths came after an effect"
    );
}

#[test]
fn a_plan_that_a_guard_rail_stopped_is_not_carried_out() {
    let names: Vec<String> = (0..200).map(|number| format!("person {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::new(everything(), &names);
    for (number, name) in names.iter().enumerate() {
        if number >= 100 {
            world.people.remove(&kind(), &key(name)).unwrap();
        }
    }
    let mut plan = block_on(world.plan()).unwrap();
    if plan.is_clear() {
        let digest = plan.digest;
        plan.verdict = serde_json::from_value(serde_json::json!({
            "is": "quarantined",
            "trips": [],
        }))
        .unwrap();
        let error = block_on(world.apply(&plan)).unwrap_err();
        assert!(
            matches!(error.kind(), ExecutionErrorKind::Quarantined(stopped) if *stopped == digest)
        );
    } else {
        assert!(block_on(world.apply(&plan)).is_err());
    }
    assert_eq!(world.payroll.writes(), 0);
    let nothing = block_on(world.store.summary(&connection())).unwrap();
    assert!(nothing.links.is_empty());
}
