#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! Decisions, references and deletions, carried out on sides and in a store.

use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, Reference, Value, ValueKind};
use record_link::testing::{FakeSide, Fault, ManualClock, block_on};
use record_link::{
    About, Action, Applied, Batch, Capabilities, Clock, Conditional, ConnectionId, Decision,
    ExecutionError, ExecutionErrorKind, Executor, FirstSync, Guard, Keeping, Link, LinkState,
    MemoryStore, Permission, Plan, PlanError, Planner, Policy, RecordKey, Recovery, References,
    Side, SideOperation, Sides, Step, Store, Which, Write, all_links,
};

struct World {
    people: FakeSide,
    payroll: FakeSide,
    store: MemoryStore,
    policy: Policy,
    clock: ManualClock,
}

fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

fn connection() -> ConnectionId {
    ConnectionId::new("people->payroll").unwrap()
}

fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

fn fields() -> Fields {
    let name = Field::new("name", ValueKind::Text).unwrap();
    let boss = Field::new("boss", ValueKind::Reference).unwrap();
    Fields::new([name, boss]).unwrap()
}

fn keeping() -> Keeping {
    Keeping::hashes(HashKey::new([7; 16]))
}

/// A person, whose boss has this key.
fn person(name: &str, boss: Option<&str>) -> Record {
    let boss = boss.map_or(Value::Null, |boss| Reference::new(kind(), boss).into());
    let record = Record::new(&fields()).with("name", name).unwrap();
    record.with("boss", boss).unwrap()
}

impl World {
    fn new(recovery: Recovery) -> Self {
        let able = Capabilities::read_only(&fields())
            .creates(recovery)
            .updates(Conditional::Atomic)
            .deletes();
        let mut policy = Policy::owned_by(Which::Left);
        policy.guard = Guard::OFF;
        policy.missing_after = 1;
        Self {
            people: FakeSide::new().with_capabilities(&kind(), Capabilities::read_only(&fields())),
            payroll: FakeSide::new().with_capabilities(&kind(), able),
            store: MemoryStore::new(),
            policy,
            clock: ManualClock::default().ticking(Duration::from_secs(1)),
        }
    }

    fn person(&self, name: &str, boss: Option<&str>) {
        let inserted = self.people.insert(&kind(), &key(name), person(name, boss));
        inserted.unwrap();
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn links(&self) -> Vec<Link> {
        block_on(all_links(&self.store, &connection(), &kind())).unwrap()
    }

    fn link(&self) -> Link {
        self.links().pop().unwrap()
    }

    fn plan(&self) -> Plan {
        let links = self.links();
        block_on(async {
            let decisions = self.store.decisions(&connection(), &kind()).await.unwrap();
            let left = self.people.list(&kind()).await.unwrap();
            let right = self.payroll.list(&kind()).await.unwrap();
            let scopes = self.store.scopes(&connection(), &kind()).await.unwrap();
            Planner::new(connection(), kind(), &self.policy, keeping())
                .links(&links)
                .decisions(&decisions)
                .known_scopes(scopes)
                .plan(Sides::new(&left, &right), self.now())
                .unwrap()
        })
    }

    fn try_apply(&self, plan: &Plan) -> Result<Applied, ExecutionError> {
        let links = self.links();
        let sides = Sides::<&dyn Side>::new(&self.people, &self.payroll);
        let executor = Executor::new(&self.store, sides, keeping(), &self.clock);
        let executor = executor.references(References::of(&links));
        block_on(executor.recover(&connection()))?;
        block_on(executor.apply(plan))
    }

    fn recover(&self) {
        let sides = Sides::<&dyn Side>::new(&self.people, &self.payroll);
        let executor = Executor::new(&self.store, sides, keeping(), &self.clock);
        block_on(executor.recover(&connection())).unwrap();
    }

    fn run(&self) -> Applied {
        self.recover();
        self.try_apply(&self.plan()).unwrap()
    }

    /// Decides, having seen these records.
    fn decide(&self, about: About, action: Action, seen: Sides<Option<&Record>>) {
        let decision = Decision::new(connection(), kind(), about, action, self.now());
        let decision = decision.having_seen_records(seen, &keeping().hash_key);
        let write = Write::Decision(Box::new(decision));
        let batch = Batch::new(&connection(), self.now()).write(write);
        block_on(self.store.commit(batch)).unwrap();
    }

    fn open(&self) -> (usize, usize) {
        let intents = block_on(self.store.intents(&connection())).unwrap();
        let decisions = block_on(self.store.decisions(&connection(), &kind())).unwrap();
        (intents.len(), decisions.len())
    }
}

/// How many failed or are in doubt.
fn unsuccessful(applied: &Applied) -> u64 {
    applied.totals.failed + applied.totals.in_doubt
}

#[test]
fn a_boss_is_created_before_those_who_refer_to_her() {
    let world = World::new(Recovery::ByClientKey);
    world.person("Bo", Some("Anna"));
    world.person("Cilla", Some("Bo"));
    world.person("Anna", None);
    let plan = world.plan();
    let pending = |one: &&record_link::Operation| matches!(&one.step, Step::Create { pending, .. } if !pending.is_empty());
    assert_eq!(plan.operations.iter().filter(pending).count(), 2);
    assert_eq!(world.try_apply(&plan).unwrap().totals.done(), 3);

    // Each refers to whom the other system knows as that boss.
    let there = world.payroll.records(&kind());
    let key_of = |name: &str| {
        let found = there
            .iter()
            .find(|(_, one)| one.get("name") == Some(&name.into()));
        found.unwrap().0.clone()
    };
    for (name, boss) in [("Bo", "Anna"), ("Cilla", "Bo")] {
        let boss = Reference::new(kind(), key_of(boss).as_str());
        assert_eq!(
            there[&key_of(name)].get("boss"),
            Some(&boss.into()),
            "{name}"
        );
    }
    assert_eq!(world.plan().operations, [], "in step, the references too");
}

#[test]
fn who_refers_to_what_was_not_created_waits() {
    let world = World::new(Recovery::ByClientKey);
    world.person("Bo", Some("Anna"));
    world.person("Anna", None);
    let refused = Fault::Before(record_link::SideErrorKind::Refused);
    world.payroll.fail_next(SideOperation::Create, refused);
    let applied = world.run();
    let all = (
        applied.totals.done(),
        applied.totals.skipped,
        unsuccessful(&applied),
    );
    assert_eq!(all, (0, 1, 1), "a reference to nobody is not written");
    assert!(world.payroll.records(&kind()).is_empty());
}

#[test]
fn an_orphan_is_deleted_and_one_that_is_back_is_not() {
    let mut world = World::new(Recovery::ByClientKey);
    world.policy.sides.right.delete = Permission::Automatic;
    for name in ["Anna", "Bo"] {
        world.person(name, None);
    }
    world.run();
    let removed = ["Anna", "Bo"].map(|name| world.people.remove(&kind(), &key(name)).unwrap());
    world.run();
    let plan = world.plan();
    assert_eq!(plan.totals.deletes.right, 2);
    // Bo is back before the plan is applied.
    world
        .people
        .insert(&kind(), &key("Bo"), removed[1].clone())
        .unwrap();
    let applied = world.try_apply(&plan).unwrap();
    assert_eq!((applied.totals.done(), applied.totals.stale), (1, 1));
    let left: Vec<_> = world.payroll.records(&kind()).into_values().collect();
    assert_eq!(left[0].get("name"), Some(&"Bo".into()));
    world.run();
    let states = world.links().into_iter().map(|link| link.state);
    let (ended, linked): (Vec<_>, Vec<_>) = states.partition(|state| *state == LinkState::Ended);
    assert_eq!((ended.len(), linked), (1, vec![LinkState::Linked]));
    assert_eq!(world.open(), (0, 0));
}

#[test]
fn a_lost_answer_to_a_deletion_is_settled_within_the_run() {
    let mut world = World::new(Recovery::ByClientKey);
    world.policy.sides.right.delete = Permission::Automatic;
    world.person("Anna", None);
    world.run();
    world.people.remove(&kind(), &key("Anna")).unwrap();
    world.run();
    world
        .payroll
        .fail_next(SideOperation::Delete, Fault::AnswerLost);
    assert_eq!(world.run().totals.deleted, 1);
    assert_eq!(
        (world.link().state, world.open()),
        (LinkState::Ended, (0, 0))
    );
    assert!(world.payroll.records(&kind()).is_empty());
}

#[test]
fn an_orphan_is_created_again_with_a_key_of_its_own() {
    let world = World::new(Recovery::ByClientKey);
    world.person("Anna", None);
    world.run();
    let (there, record) = world.payroll.records(&kind()).pop_first().unwrap();
    world.payroll.remove(&kind(), &there).unwrap();
    world.run();
    let about = About::Link {
        id: world.link().id,
    };
    let action = Action::Create {
        despite_candidates: false,
    };
    world.decide(about, action, Sides::only(Which::Left, Some(&record)));
    assert_eq!(world.run().totals.created, 1);
    let keys: std::collections::BTreeSet<_> = world
        .links()
        .iter()
        .map(|link| link.client_key().unwrap())
        .collect();
    assert_eq!(
        keys.len(),
        2,
        "an old double cannot be taken for the new one"
    );
    assert_eq!(world.payroll.records(&kind()).len(), 1);
    assert!(world.plan().operations.is_empty());
    assert_eq!(world.open(), (0, 0));
}

/// A create in doubt on a side that cannot look.
fn in_doubt(fault: Fault) -> World {
    let world = World::new(Recovery::Never);
    world.person("Anna", None);
    world.payroll.fail_next(SideOperation::Create, fault);
    world.run();
    world.run();
    assert_eq!(world.link().state, LinkState::InDoubt { on: Which::Right });
    world
}

#[test]
fn a_person_says_which_record_a_create_in_doubt_made() {
    let world = in_doubt(Fault::AnswerLost);
    let (there, record) = world.payroll.records(&kind()).pop_first().unwrap();
    let keys = Sides::new(key("Anna"), there.clone());
    let action = Action::Match {
        first_sync: FirstSync::Ask,
    };
    world.decide(
        About::Pair { keys },
        action,
        Sides::new(&record, &record).map(Some),
    );
    world.run();
    world.run();
    let link = world.link();
    assert_eq!(
        (link.state, link.keys.right),
        (LinkState::Linked, Some(there))
    );
    assert_eq!((world.open(), world.payroll.writes()), ((0, 0), 1));
}

#[test]
fn a_person_asks_for_a_create_in_doubt_once_more_and_only_once() {
    let world = in_doubt(Fault::EffectLate(u32::MAX));
    let about = About::Link {
        id: world.link().id,
    };
    let action = Action::Create {
        despite_candidates: false,
    };
    let anna = person("Anna", None);
    let seen = Sides::only(Which::Left, Some(&anna));
    world.decide(about.clone(), action.clone(), seen);
    world
        .payroll
        .fail_next(SideOperation::Create, Fault::EffectLate(u32::MAX));
    for _ in 0..4 {
        world.run();
    }
    assert_eq!(world.payroll.writes(), 2, "one word, one request");
    world.decide(about, action, seen);
    world.run();
    assert_eq!(world.link().state, LinkState::Linked);
    assert_eq!(world.open(), (0, 0));
}

#[test]
fn what_may_still_land_is_not_asked_for_once_more() {
    let mut world = in_doubt(Fault::EffectLate(u32::MAX));
    let able = Capabilities::read_only(&fields()).creates(Recovery::Never);
    let slow = able.settles_within(Duration::from_secs(1000));
    world.payroll = world.payroll.with_capabilities(&kind(), slow);
    let about = About::Link {
        id: world.link().id,
    };
    let action = Action::Create {
        despite_candidates: false,
    };
    let anna = person("Anna", None);
    world.decide(about, action, Sides::only(Which::Left, Some(&anna)));
    world.run();
    assert_eq!(
        (world.payroll.writes(), world.open()),
        (1, (1, 1)),
        "the word stands"
    );
    world.clock.advance(Duration::from_secs(1000));
    world.run();
    assert_eq!((world.payroll.writes(), world.open()), (2, (0, 0)));
}

#[test]
fn a_create_in_doubt_can_be_given_up() {
    let world = in_doubt(Fault::EffectLate(u32::MAX));
    let about = About::Link {
        id: world.link().id,
    };
    let anna = person("Anna", None);
    world.decide(about, Action::Unlink, Sides::only(Which::Left, Some(&anna)));
    for _ in 0..3 {
        world.run();
    }
    assert!(matches!(world.link().state, LinkState::Unlinked(_)));
    assert_eq!((world.open(), world.payroll.writes()), ((0, 0), 1));
}

#[test]
fn an_edited_plan_is_not_applied() {
    let world = World::new(Recovery::ByClientKey);
    world.person("Anna", None);
    let mut plan = world.plan();
    let Step::Create { values, .. } = &mut plan.operations[0].step else {
        panic!()
    };
    *values.values_mut().next().unwrap() = Value::from("Somebody else");
    let error = world.try_apply(&plan).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ExecutionErrorKind::Plan(PlanError::Edited { .. })
        ),
        "{error}"
    );
    assert_eq!((world.payroll.writes(), world.links().len()), (0, 0));
}
