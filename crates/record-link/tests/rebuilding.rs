//! A lost store is made again from client keys, and nothing is created a second time.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
use proptest::prelude::*;
use record_link::testing::{FakeSide, Fault, ManualClock, block_on};
use record_link::{
    Capabilities, ClientKey, Conditional, ConnectionId, DeviationQuery, DeviationState, Entity,
    Found, Keeping, Lease, Link, LinkState, MemoryStore, Observation, Origin, Permission, Policy,
    Rebuild, RebuildError, Rebuilt, Receipt, RecordKey, Recovery, Retries, RunCause, RunReport,
    Runner, Side, SideFuture, SideOperation, Sides, Snapshot, Store, Which, all_links,
};

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
    let fields = ["name", "city"].map(|name| Field::new(name, ValueKind::Text).unwrap());
    Fields::new(fields).unwrap()
}

fn person(name: &str) -> Record {
    let record = Record::new(&fields()).with("name", name).unwrap();
    record.with("city", "Luleå").unwrap()
}

/// A side whose list does not show client keys.
#[derive(Debug, Clone)]
struct Silent(FakeSide);

impl Side for Silent {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        self.0.capabilities(kind)
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot> {
        Box::pin(async move {
            let full = self.0.list(kind).await?;
            let kind = full.kind().clone();
            let mut silent = Snapshot::new(kind, full.fields(), full.scope(), full.taken_at());
            for observation in full.observations() {
                let mut observation = observation.clone();
                observation.client_key = None;
                silent.observe(observation);
            }
            Ok(if full.is_complete() {
                silent.complete()
            } else {
                silent
            })
        })
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> SideFuture<'a, Option<Observation>> {
        self.0.get(kind, key)
    }

    fn find<'a>(&'a self, kind: &'a Kind, key: &'a ClientKey) -> SideFuture<'a, Found> {
        self.0.find(kind, key)
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        self.0.create(kind, client_key, record)
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> SideFuture<'a, Receipt> {
        self.0.update(kind, key, changes, if_version)
    }
}

struct World {
    people: FakeSide,
    payroll: FakeSide,
    is_silent: bool,
    store: MemoryStore,
    clock: ManualClock,
}

impl World {
    fn new(is_silent: bool) -> Self {
        let side = || FakeSide::new().with_kind(&kind(), &fields());
        Self {
            people: side(),
            payroll: side(),
            is_silent,
            store: MemoryStore::new(),
            clock: ManualClock::default(),
        }
    }

    fn hire(&self, name: &str) {
        self.people
            .insert(&kind(), &key(name), person(name))
            .unwrap();
    }

    fn payroll_side(&self) -> Arc<dyn Side> {
        if self.is_silent {
            Arc::new(Silent(self.payroll.clone()))
        } else {
            Arc::new(self.payroll.clone())
        }
    }

    fn run(&self) -> RunReport {
        let sides = Sides::<Arc<dyn Side>>::new(Arc::new(self.people.clone()), self.payroll_side());
        let mut policy = Policy::default();
        policy.sides.right.create = Permission::Automatic;
        let keeping = Keeping::hashes(HashKey::new([7; 16]));
        let entity = Entity::new(connection(), kind(), sides, policy, keeping);
        let clock = Arc::new(self.clock.clone());
        let runner = Runner::new(Arc::new(self.store.clone()), clock, "one");
        let runner = runner.retries(Retries::none());
        block_on(runner.run_once(&entity, RunCause::ByHand)).unwrap()
    }

    fn lose_store(&mut self) {
        self.store = MemoryStore::new();
    }

    fn rebuild(&self) -> Result<Rebuilt, RebuildError> {
        let payroll = self.payroll_side();
        let sides = Sides::<&dyn Side>::new(&self.people, &*payroll);
        let now = record_link::Clock::now(&self.clock);
        block_on(Rebuild::new(connection(), kind(), sides).run(&self.store, now))
    }

    fn links(&self) -> Vec<Link> {
        block_on(all_links(&self.store, &connection(), &kind())).unwrap()
    }
}

#[test]
fn a_lost_store_is_made_again_from_client_keys() {
    for is_silent in [false, true] {
        let mut world = World::new(is_silent);
        for name in ["Anna", "Bo", "Cilla"] {
            world.hire(name);
        }
        // Somebody whom payroll has by itself.
        world
            .payroll
            .insert(&kind(), &key("p-9"), person("Doris"))
            .unwrap();
        world.run();
        let before: Vec<_> = world
            .links()
            .into_iter()
            .map(|link| (link.id, link.keys))
            .collect();
        assert_eq!(before.len(), 3);
        world
            .payroll
            .edit(&kind(), before[0].1.right.as_ref().unwrap(), "city", "Umeå")
            .unwrap();
        let writes = world.payroll.writes();

        world.lose_store();
        let rebuilt = world.rebuild().unwrap();
        assert_eq!(rebuilt.linked.len(), 3);
        assert_eq!(
            (rebuilt.ambiguous.len(), rebuilt.not_found),
            (0, Sides::new(0, 1))
        );
        assert_eq!(rebuilt.strays, Sides::default());
        assert_eq!(world.payroll.writes(), writes, "it wrote");
        let after = world.links();
        for link in &after {
            assert_eq!(link.origin, Origin::Rebuilt { on: Which::Right });
            assert_eq!((&link.state, link.version), (&LinkState::Linked, 1));
            assert_eq!(link.base.iter().count(), 0);
            assert!(link.client_key().is_some());
        }
        let keys = after.iter().map(|link| (link.id, link.keys.clone()));
        assert_eq!(keys.collect::<Vec<_>>(), before);

        // What is the same is agreed on, what differs is a conflict, and nothing is written.
        let report = world.run();
        assert_eq!(world.payroll.writes(), writes, "the next run wrote");
        assert_eq!(world.people.writes(), 0);
        let conflicts = report.plan.unwrap().totals.conflicts;
        assert_eq!(conflicts, 1);
        let agreed: usize = world
            .links()
            .iter()
            .map(|link| link.base.iter().count())
            .sum();
        assert_eq!(agreed, 5);
        // From then on changes flow again.
        world
            .people
            .edit(&kind(), &key("Bo"), "city", "Kiruna")
            .unwrap();
        world.run();
        assert_eq!(world.payroll.writes(), writes + 1);
        // A second time there is nothing to do.
        assert_eq!(world.rebuild().unwrap().linked.len(), 0);
    }
}

#[test]
fn later_lives_are_found_too() {
    let world = World::new(true);
    world.hire("Anna");
    let client_key = ClientKey::new(connection().as_str(), "employee", "Anna");
    let third = client_key.with_incarnation(3);
    block_on(world.payroll.create(&kind(), &third, &person("Anna"))).unwrap();
    assert_eq!(world.rebuild().unwrap().linked.len(), 1);
    assert_eq!(world.links()[0].incarnation, 3);
    assert_eq!(world.links()[0].client_key(), Some(third));

    let world = World::new(true);
    world.hire("Anna");
    let beyond = client_key.with_incarnation(4);
    block_on(world.payroll.create(&kind(), &beyond, &person("Anna"))).unwrap();
    let rebuilt = world.rebuild().unwrap();
    assert_eq!((rebuilt.linked.len(), rebuilt.not_found.left), (0, 1));
}

#[test]
fn what_is_ambiguous_is_told_and_not_linked() {
    for is_silent in [false, true] {
        let world = World::new(is_silent);
        for name in ["Anna", "Bo"] {
            world.hire(name);
        }
        let create = |name: &str, life| {
            let client_key = ClientKey::new(connection().as_str(), "employee", name);
            let client_key = client_key.with_incarnation(life);
            block_on(world.payroll.create(&kind(), &client_key, &person(name))).unwrap();
        };
        create("Anna", 0);
        create("Anna", 1);
        create("Bo", 0);
        let rebuilt = world.rebuild().unwrap();
        assert_eq!((rebuilt.linked.len(), rebuilt.ambiguous.len()), (1, 1));
        let deviations = DeviationQuery::unsettled();
        let deviations = block_on(world.store.deviations(&connection(), &deviations));
        let deviations = deviations.unwrap().items;
        assert_eq!(deviations.len(), 1);
        assert_eq!(deviations[0].id(), rebuilt.ambiguous[0]);
        assert_eq!(
            deviations[0].failure().messages().len(),
            3,
            "both records are named"
        );
        // Somebody deletes one; then it is clear.
        let double = world.payroll.records(&kind()).into_keys().next().unwrap();
        world.payroll.remove(&kind(), &double).unwrap();
        assert_eq!(world.rebuild().unwrap().linked.len(), 1);
        let settled = block_on(world.store.deviation(&connection(), rebuilt.ambiguous[0]));
        assert_eq!(settled.unwrap().unwrap().state(), DeviationState::Resolved);
    }
}

#[test]
fn a_record_whose_source_is_gone_is_a_stray() {
    let mut world = World::new(false);
    world.hire("Anna");
    world.run();
    world.lose_store();
    world.people.remove(&kind(), &key("Anna")).unwrap();
    let rebuilt = world.rebuild().unwrap();
    let there: Vec<_> = world.payroll.records(&kind()).into_keys().collect();
    assert_eq!(rebuilt.strays.right, there);
    assert!(world.links().is_empty());
}

#[test]
fn an_incomplete_list_a_failing_side_and_a_run_are_refused() {
    let world = World::new(false);
    world.hire("Anna");
    world
        .payroll
        .fail_next(SideOperation::List, Fault::PageLost);
    assert!(matches!(
        world.rebuild(),
        Err(RebuildError::Incomplete {
            which: Which::Right
        })
    ));
    let down = Fault::Before(record_link::SideErrorKind::Unavailable);
    world.people.fail_next(SideOperation::List, down);
    assert!(matches!(
        world.rebuild(),
        Err(RebuildError::Side {
            which: Which::Left,
            ..
        })
    ));
    let (now, minute) = (DateTime::<Utc>::UNIX_EPOCH, Duration::from_secs(60));
    let (_, batch) = Lease::take(&connection(), None, "run/employee", "two", now, minute).unwrap();
    block_on(world.store.commit(batch)).unwrap();
    assert!(matches!(world.rebuild(), Err(RebuildError::Busy(_))));
}

#[test]
fn a_side_without_a_memory_of_client_keys_is_undecided() {
    let world = World::new(false);
    let able = Capabilities::read_only(&fields())
        .creates(Recovery::Never)
        .updates(Conditional::Unversioned);
    let _ = world.payroll.clone().with_capabilities(&kind(), able);
    world.hire("Anna");
    let rebuilt = world.rebuild().unwrap();
    assert_eq!((rebuilt.linked.len(), rebuilt.undecided.left), (0, 1));
}

#[derive(Debug, Clone)]
enum Step {
    Hire(u8),
    Leave(u8),
    Edit(Which, u8, u8),
    Run,
    LoseAnswer,
    LoseStore,
}

fn step() -> impl Strategy<Value = Step> {
    let which = prop_oneof![Just(Which::Left), Just(Which::Right)];
    prop_oneof![
        3 => (0_u8..6).prop_map(Step::Hire),
        1 => (0_u8..6).prop_map(Step::Leave),
        3 => (which, 0_u8..6, 0_u8..3).prop_map(|(which, who, city)| Step::Edit(which, who, city)),
        4 => Just(Step::Run),
        1 => Just(Step::LoseAnswer),
        2 => Just(Step::LoseStore),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// However often the store is lost and made again: nobody is created twice, nothing that
    /// somebody wrote is overwritten by a rebuilt link without being asked, and each record of a
    /// person stays linked with the same one.
    #[test]
    fn however_often_the_store_is_lost_nobody_is_created_twice(
        is_silent: bool,
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let mut world = World::new(is_silent);
        let mut left = BTreeSet::new();
        for step in steps {
            match step {
                Step::Hire(who) => {
                    let name = format!("e-{who}");
                    // Of a record whose source was gone when the store was lost, a side that does
                    // not show client keys says nothing any more.
                    let is_forgotten = is_silent && left.contains(&who);
                    if !is_forgotten && !world.people.records(&kind()).contains_key(&key(&name)) {
                        world.hire(&name);
                    }
                }
                Step::Leave(who) => {
                    left.insert(who);
                    world.people.remove(&kind(), &key(&format!("e-{who}")));
                }
                Step::Edit(which, who, city) => {
                    let name = format!("e-{who}");
                    let side = if which == Which::Left { &world.people } else { &world.payroll };
                    let records = side.records(&kind());
                    let is_theirs = |record: &Record| record.get("name") == Some(&name.as_str().into());
                    let found = records.into_iter().find(|(_, record)| is_theirs(record));
                    if let Some((key, _)) = found {
                        side.edit(&kind(), &key, "city", format!("city {city}")).unwrap();
                    }
                }
                Step::Run => drop(world.run()),
                Step::LoseAnswer => {
                    world.payroll.fail_next(SideOperation::Create, Fault::AnswerLost);
                }
                Step::LoseStore => {
                    let before = world.links();
                    world.lose_store();
                    let payroll = world.payroll.records(&kind());
                    world.rebuild().unwrap();
                    let people = world.people.records(&kind());
                    // Every pair whose records are both there is the same pair again.
                    for link in before.iter().filter(|link| link.state == LinkState::Linked) {
                        let (Some(left), Some(right)) = (&link.keys.left, &link.keys.right) else {
                            continue;
                        };
                        if people.contains_key(left) && payroll.contains_key(right) {
                            let again = world.links().into_iter().find(|one| one.id == link.id);
                            prop_assert_eq!(again.map(|one| one.keys), Some(link.keys.clone()));
                        }
                    }
                    let linked = world.links();
                    world.run();
                    let after = world.payroll.records(&kind());
                    for link in linked {
                        let right = link.keys.right.as_ref().unwrap();
                        prop_assert_eq!(&after[right], &payroll[right], "it was overwritten");
                    }
                }
            }
            prop_assert!(world.payroll.doubles(&kind()).is_empty());
            let names = world.payroll.records(&kind()).into_values();
            let mut names: Vec<_> = names.map(|one| one.get("name").cloned()).collect();
            let of = names.len();
            names.sort_by_key(|name| format!("{name:?}"));
            names.dedup();
            prop_assert_eq!(names.len(), of, "somebody is there twice");
        }
    }
}
