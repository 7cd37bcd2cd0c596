//! What is stored about a person can be shown, and taken out without consequences.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use chrono::{DateTime, Utc};
use flat_record::{
    Equivalence, Field, FieldName, Fields, HashKey, Kind, Record, Sensitivity, Value, ValueKind,
};
use proptest::prelude::*;
use record_link::testing::{FakeSide, Fault, ManualClock, block_on};
use record_link::{
    About, Action, Batch, Clock, ConnectionId, Decision, DeviationChange, DeviationEvent,
    DeviationQuery, Entity, Event, EventKind, EventQuery, FieldRule, FindingKind, IgnoredUntil,
    Keeping, Lease, Link, LinkQuery, LinkState, MemoryStore, Origin, Owner, PersonalData,
    PersonalDataError, Policy, RecordKey, Refusals, Retries, RunCause, RunQuery, RunReport, Runner,
    Side, SideErrorKind, SideOperation, Sides, Store, Until, Which, Write, all_links, fold_events,
    forget, personal_data, redact,
};

/// Stands in every value of the person who asks to be forgotten.
const MARKER: &str = "Xanthippa";

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
    let text = |name, sensitivity| {
        let field = Field::new(name, ValueKind::Text).unwrap();
        field.sensitivity(sensitivity)
    };
    let fields = [
        text("name", Sensitivity::Personal),
        text("city", Sensitivity::Internal),
        text("salary", Sensitivity::Sensitive),
    ];
    Fields::new(fields).unwrap()
}

struct World {
    people: FakeSide,
    payroll: FakeSide,
    store: MemoryStore,
    clock: ManualClock,
    policy: Policy,
    keeping: Keeping,
}

impl World {
    fn new(keeping: Keeping) -> Self {
        let side = || FakeSide::new().with_kind(&kind(), &fields());
        let mut policy = Policy::default();
        policy.sides.right.create = record_link::Permission::Automatic;
        Self {
            people: side(),
            payroll: side(),
            store: MemoryStore::new(),
            clock: ManualClock::default(),
            policy,
            keeping,
        }
    }

    fn hire(&self, key_text: &str, marker: &str) {
        let mut record = Record::new(&fields());
        for field in ["name", "city", "salary"] {
            record.set(field, format!("{marker} {field} 1")).unwrap();
        }
        self.people.insert(&kind(), &key(key_text), record).unwrap();
    }

    fn entity(&self) -> Entity {
        let sides = Sides::<Arc<dyn Side>>::new(
            Arc::new(self.people.clone()),
            Arc::new(self.payroll.clone()),
        );
        Entity::new(
            connection(),
            kind(),
            sides,
            self.policy.clone(),
            self.keeping,
        )
    }

    fn run(&self) -> RunReport {
        let runner = Runner::new(
            Arc::new(self.store.clone()),
            Arc::new(self.clock.clone()),
            "one",
        );
        let runner = runner.retries(Retries::none());
        block_on(runner.run_once(&self.entity(), RunCause::ByHand)).unwrap()
    }

    fn redact(&self, which: Which, text: &str) -> Result<record_link::Erased, PersonalDataError> {
        let (key, now) = (key(text), self.clock.now());
        block_on(redact(
            &self.store,
            &connection(),
            &kind(),
            which,
            &key,
            now,
        ))
    }

    fn forget(
        &self,
        text: &str,
        refusals: Refusals,
    ) -> Result<record_link::Erased, PersonalDataError> {
        let (key, now) = (key(text), self.clock.now());
        let (connection, kind) = (connection(), kind());
        let forgets = forget(
            &self.store,
            &connection,
            &kind,
            Which::Left,
            &key,
            refusals,
            now,
        );
        block_on(forgets)
    }

    fn data(&self, which: Which, text: &str) -> PersonalData {
        let key = key(text);
        block_on(personal_data(
            &self.store,
            &connection(),
            &kind(),
            which,
            &key,
        ))
        .unwrap()
    }

    fn commit(&self, write: Write) {
        let batch = Batch::new(&connection(), self.clock.now()).write(write);
        block_on(self.store.commit(batch)).unwrap();
    }

    fn decide(&self, about: About, action: Action, reason: &str) {
        let now = self.clock.now();
        let decision = Decision::new(connection(), kind(), about, action, now).because(reason);
        self.commit(Write::Decision(Box::new(decision)));
    }

    /// Everything that the store has, as text.
    fn everything(&self) -> String {
        let connection = connection();
        let store = &self.store;
        block_on(async {
            let links = store
                .links(&connection, &LinkQuery::new().limit(1000))
                .await
                .unwrap();
            let events = store
                .events(&connection, &EventQuery::new().limit(10_000))
                .await
                .unwrap();
            let events: Vec<_> = events.items.into_iter().map(|one| one.event).collect();
            let all = DeviationQuery::all().limit(1000);
            let deviations = store.deviations(&connection, &all).await.unwrap();
            let runs = store
                .runs(&connection, &RunQuery::new().limit(1000))
                .await
                .unwrap();
            let parts = (
                (links.items, events, deviations.items, runs.items),
                store.intents(&connection).await.unwrap(),
                store.decisions(&connection, &kind()).await.unwrap(),
                store.touched(&connection, &kind()).await.unwrap(),
                store.schedules(&connection).await.unwrap(),
                store.approvals(&connection, &kind()).await.unwrap(),
            );
            serde_json::to_string(&parts).unwrap()
        })
    }

    fn assert_adds_up(&self) {
        let log = EventQuery::new().limit(10_000);
        let log = block_on(self.store.events(&connection(), &log)).unwrap();
        let folded = fold_events(log.items.iter().map(|one| &one.event)).unwrap();
        // Of all kinds.
        let query = LinkQuery::new().limit(10_000);
        let links = block_on(self.store.links(&connection(), &query)).unwrap();
        assert!(
            folded.values().eq(links.items.iter()),
            "the log does not add up"
        );
    }

    fn edit(&self, which: Which, text: &str, field: &str, value: &str) {
        let side = if which == Which::Left {
            &self.people
        } else {
            &self.payroll
        };
        side.edit(&kind(), &key(text), field, value).unwrap();
    }

    /// The key of the record that was made in payroll.
    fn partner(&self, text: &str) -> String {
        let links = block_on(all_links(&self.store, &connection(), &kind())).unwrap();
        let is_theirs = |keys: &Sides<Option<RecordKey>>| keys.left == Some(key(text));
        let link = links
            .into_iter()
            .find(|link| is_theirs(&link.keys))
            .unwrap();
        link.keys.right.unwrap().as_str().to_owned()
    }
}

fn hash_key() -> HashKey {
    HashKey::new([7; 16])
}

/// A world in which there is something of everything about a person.
fn full_world(keeping: Keeping) -> World {
    let world = World::new(keeping);
    world.hire("e-1", MARKER);
    world.hire("e-2", "Bo");
    world.run();
    world.edit(Which::Left, "e-1", "city", &format!("{MARKER} moved"));
    world.run();
    world.edit(Which::Left, "e-1", "city", &format!("{MARKER} moved again"));
    let refused = Fault::Before(SideErrorKind::Refused);
    world.payroll.fail_next(SideOperation::Update, refused);
    world.run();
    let told = record_link::Failure::new(record_link::DeviationClass::Validation, "no", MARKER);
    let told = told.labelled(MARKER);
    let subject = record_link::Subject::Record {
        side: Which::Right,
        kind: kind(),
        key: key(&world.partner("e-1")),
    };
    let topic = record_link::Topic::new(&connection(), "post", subject);
    let now = world.clock.now();
    world.commit(Write::Deviation(DeviationEvent::failed(topic, told, now)));
    let about = About::Record {
        side: Which::Left,
        key: key("e-1"),
    };
    let until = Until::Forever;
    let nothing = Action::DoNothing {
        until,
        fields: Vec::new(),
    };
    world.decide(about, nothing, &format!("{MARKER} leaves in June"));
    let (kind, key) = (kind(), key("e-1"));
    let which = Which::Left;
    let at = now;
    world.commit(Write::Touched {
        kind,
        which,
        key,
        at,
    });
    world
}

#[test]
fn everything_about_a_person_is_shown_and_nothing_about_others() {
    let world = full_world(Keeping::values(hash_key()));
    let data = world.data(Which::Left, "e-1");
    assert_eq!((data.links.len(), data.intents.len()), (1, 0));
    assert_eq!(data.events.len(), 3);
    assert_eq!((data.decisions.len(), data.touches.len()), (1, 1));
    assert_eq!(data.deviations.len(), 2);
    let text = serde_json::to_string(&data).unwrap();
    assert!(text.contains(MARKER) && !text.contains("Bo "));
    assert_eq!(serde_json::from_str::<PersonalData>(&text).unwrap(), data);
    assert!(!format!("{data:?}").contains(MARKER));
    // The same from the other side, but for what is about the left record alone.
    let other = world.data(Which::Right, &world.partner("e-1"));
    assert_eq!(other, data);
    let nobody = world.data(Which::Left, "e-9");
    assert_eq!(nobody, PersonalData::default());
    // All that the store has of the marker is in what is shown.
    let of_world = world.everything().matches(MARKER).count();
    assert_eq!(text.matches(MARKER).count(), of_world);
}

#[test]
fn a_base_keeps_values_of_fields_up_to_a_class_and_hashes_of_others() {
    let cases = [
        (Keeping::hashes(hash_key()), [false; 3], [true; 3]),
        (Keeping::values(hash_key()), [true; 3], [true; 3]),
        (
            Keeping::values_up_to(Sensitivity::Internal, hash_key()),
            [false, true, false],
            [false, true, false],
        ),
        (
            Keeping::values_up_to(Sensitivity::Personal, hash_key()),
            [true, true, false],
            [true, true, false],
        ),
    ];
    for (keeping, in_base, in_log) in cases {
        let world = World::new(keeping);
        world.hire("e-1", MARKER);
        world.run();
        let names = ["name", "city", "salary"];
        let base = world.data(Which::Left, "e-1").links[0].base.clone();
        let kept = names.map(|name| base.get(name).value(Which::Left).is_some());
        assert_eq!(kept, in_base, "{keeping:?}");
        assert!(names.iter().all(|name| !base.get(name).is_unknown()));
        for name in names {
            world.edit(Which::Left, "e-1", name, &format!("{name} 2"));
        }
        world.run();
        let data = world.data(Which::Left, "e-1");
        let EventKind::Updated { changes, .. } = &data.events[2].what else {
            panic!("{:?}", data.events[2])
        };
        let told = names.map(|name| {
            let change = changes.iter().find(|one| one.field == *name).unwrap();
            assert_eq!(change.is_hidden, change.to == Value::Null);
            !change.is_hidden
        });
        assert_eq!(told, in_log, "{keeping:?}");
        // Whatever is kept, both are in step, and stay so.
        let writes = world.payroll.writes();
        let report = world.run();
        assert_eq!(report.record.totals.planned, 0, "{keeping:?}");
        assert_eq!(world.payroll.writes(), writes);
    }
}

#[test]
fn where_the_sides_disagree_the_higher_class_counts() {
    let mut world = World::new(Keeping::values_up_to(Sensitivity::Personal, hash_key()));
    let field = Field::new("name", ValueKind::Text).unwrap();
    let field = field.sensitivity(Sensitivity::Sensitive);
    let strict = Fields::new([field]).unwrap();
    world.payroll = FakeSide::new().with_kind(&kind(), &strict);
    world.policy = Policy::owned_by(Which::Left);
    for name in ["city", "salary"] {
        world.policy.field(FieldName::new(name).unwrap()).rule = FieldRule::Never;
    }
    world.hire("e-1", MARKER);
    world.run();
    let data = world.data(Which::Left, "e-1");
    let name = data.links[0].base.get("name");
    assert!(!name.is_unknown() && name.value(Which::Left).is_none());
}

#[test]
fn after_a_redaction_no_value_is_left() {
    for keeping in [Keeping::values(hash_key()), Keeping::hashes(hash_key())] {
        let world = full_world(keeping);
        let before = world.data(Which::Left, "e-1");
        let other = world.data(Which::Left, "e-2");
        assert!(world.everything().contains(MARKER));
        let erased = world.redact(Which::Left, "e-1").unwrap();
        assert_eq!((erased.links_redacted, erased.deviations_redacted), (1, 2));
        assert_eq!(erased.decisions_redacted, 1);
        assert!(!world.everything().contains(MARKER));
        let after = world.data(Which::Left, "e-1");
        assert_eq!(after.links[0].base.iter().count(), 0, "not even a hash");
        assert!(after.links[0].written.is_none());
        assert!(
            after
                .events
                .iter()
                .all(|event| event.link.base.iter().count() == 0)
        );
        // What is not a value is as it was.
        assert_eq!(after.links[0].keys, before.links[0].keys);
        assert_eq!(after.links[0].state, before.links[0].state);
        assert_eq!(after.events.len(), before.events.len() + 1);
        let states = |data: &PersonalData| -> Vec<_> {
            let deviations = data.deviations.iter();
            deviations
                .map(|one| (one.id(), one.state(), one.fingerprint()))
                .collect()
        };
        assert_eq!(states(&after), states(&before));
        assert_eq!(after.touches, before.touches);
        assert_eq!(
            world.data(Which::Left, "e-2"),
            other,
            "somebody else changed"
        );
        world.assert_adds_up();
        // Once more changes nothing that is seen.
        world.redact(Which::Left, "e-1").unwrap();
        world.assert_adds_up();
    }
}

#[test]
fn what_is_under_way_is_not_redacted() {
    let world = World::new(Keeping::values(hash_key()));
    world.hire("e-1", MARKER);
    let lost = Fault::EffectLate(1000);
    world.payroll.fail_next(SideOperation::Create, lost);
    let able = record_link::Capabilities::read_only(&fields())
        .creates(record_link::Recovery::ByClientKey)
        .settles_within(std::time::Duration::from_secs(3600));
    let _ = world.payroll.clone().with_capabilities(&kind(), able);
    world.run();
    let data = world.data(Which::Left, "e-1");
    assert_eq!(data.intents.len(), 1);
    let before = world.everything();
    let error = world.redact(Which::Left, "e-1").unwrap_err();
    assert!(
        matches!(error, PersonalDataError::IntentOpen { operation, .. } if operation == data.intents[0].id())
    );
    assert_eq!(world.everything(), before);
    // Nor while a run may be about to write what it has read.
    world.payroll.settle();
    world.clock.advance(std::time::Duration::from_secs(7200));
    world.run();
    let current = block_on(world.store.lease(&connection(), "run/employee")).unwrap();
    let (now, minute) = (world.clock.now(), std::time::Duration::from_secs(60));
    let name = "run/employee";
    let taken = Lease::take(&connection(), current.as_ref(), name, "two", now, minute);
    block_on(world.store.commit(taken.unwrap().1)).unwrap();
    let error = world.redact(Which::Left, "e-1").unwrap_err();
    assert!(matches!(error, PersonalDataError::Busy(_)));
    world.clock.advance(minute);
    world.redact(Which::Left, "e-1").unwrap();
    assert!(!world.everything().contains(MARKER));
}

#[test]
fn who_is_gone_can_be_forgotten_and_nothing_open_is_closed_by_it() {
    let world = full_world(Keeping::values(hash_key()));
    let live = world.forget("e-1", Refusals::Forget).unwrap_err();
    assert!(matches!(live, PersonalDataError::StillLive { .. }));
    let link = world.data(Which::Left, "e-1").links[0].clone();
    let unlink = Decision::new(
        connection(),
        kind(),
        About::Link { id: link.id },
        Action::Unlink,
        world.clock.now(),
    );
    world.commit(Write::Decision(Box::new(unlink)));
    world.run();
    assert!(matches!(
        world.data(Which::Left, "e-1").links[0].state,
        LinkState::Unlinked(_)
    ));
    let open = world.forget("e-1", Refusals::Forget).unwrap_err();
    assert!(matches!(open, PersonalDataError::Unsettled { .. }));
    for deviation in world.data(Which::Left, "e-1").deviations {
        let until = IgnoredUntil::Forever;
        let ignored = DeviationChange::Ignored { until };
        let event = DeviationEvent::new(deviation.id(), ignored, world.clock.now());
        world.commit(Write::Deviation(event));
    }

    // What was refused stays refused, without a value, unless somebody says otherwise.
    let erased = world.forget("e-1", Refusals::Keep).unwrap();
    assert_eq!((erased.links_redacted, erased.links_forgotten), (1, 0));
    assert!(!world.everything().contains(MARKER));
    world.assert_adds_up();
    let writes = world.payroll.writes();
    world.run();
    assert_eq!(world.payroll.writes(), writes, "she was created again");

    world.people.remove(&kind(), &key("e-1")).unwrap();
    world
        .payroll
        .remove(&kind(), &key(&world.partner("e-1")))
        .unwrap();
    let erased = world.forget("e-1", Refusals::Forget).unwrap();
    assert_eq!((erased.links_redacted, erased.links_forgotten), (0, 1));
    let left = world.data(Which::Left, "e-1");
    assert_eq!(left, PersonalData::default());
    assert!(!world.everything().contains("e-1"));
    world.assert_adds_up();
    assert_eq!(world.run().record.totals.planned, 0);
    // A second time there is nothing.
    assert_eq!(
        world.forget("e-1", Refusals::Forget).unwrap(),
        record_link::Erased::default()
    );
}

/// A day of leave under a key of its own, which belongs to a record of an employee.
fn day_of(world: &World, text: &str, which: Which, of: &str) -> Link {
    let (leave, event) = (Kind::new("leave").unwrap(), key(&format!("event {text}")));
    let keys = Sides::new(key(text), event);
    let origin = Origin::Created { on: Which::Right };
    let owner = Owner::new(kind(), which, key(of));
    let mut link = Link::new(connection(), leave, keys, origin, 0).owned_by(owner);
    link.version = 1;
    let form = record_link::BaseForm::Values;
    let agreed = form.agree(
        &Value::from(format!("{MARKER} is ill")),
        &Equivalence::default(),
        &hash_key().for_field(&FieldName::new("note").unwrap()),
    );
    link.base.set(&FieldName::new("note").unwrap(), agreed);
    let event = Event::new(EventKind::Imported, link.clone(), world.clock.now());
    world.commit(Write::Event(Box::new(event)));
    let subject = record_link::Subject::Record {
        side: Which::Left,
        kind: link.kind.clone(),
        key: key(text),
    };
    let topic = record_link::Topic::new(&connection(), "create", subject);
    let failure = record_link::Failure::new(record_link::DeviationClass::Validation, "bad", "no")
        .and(format!("{MARKER} is on leave"));
    let now = world.clock.now();
    world.commit(Write::Deviation(DeviationEvent::failed(
        topic.clone(),
        failure,
        now,
    )));
    let settled = DeviationChange::Succeeded;
    world.commit(Write::Deviation(DeviationEvent::new(
        topic.id(),
        settled,
        now,
    )));
    link
}

#[test]
fn what_belongs_to_a_person_under_other_keys_is_shown_and_taken_out_too() {
    let world = World::new(Keeping::values(hash_key()));
    world.hire("e-1", MARKER);
    world.hire("e-2", "Bo");
    world.run();
    let hers = day_of(&world, "leave-1", Which::Left, "e-1");
    // Kept under the key that payroll gave her.
    let also = day_of(&world, "leave-2", Which::Right, &world.partner("e-1"));
    let his = day_of(&world, "leave-3", Which::Left, "e-2");
    let data = world.data(Which::Left, "e-1");
    let shown = |link: &Link| data.links.iter().any(|one| one.id == link.id);
    assert!(shown(&hers) && shown(&also) && !shown(&his));
    assert_eq!((data.links.len(), data.deviations.len()), (3, 2));
    assert_eq!(
        data.events.len(),
        2 + data
            .events
            .iter()
            .filter(|one| one.link.kind == kind())
            .count()
    );

    // Nothing of it may be worked on meanwhile.
    let (now, minute) = (world.clock.now(), std::time::Duration::from_secs(60));
    let name = record_link::run_lease(&hers.kind);
    let taken = Lease::take(&connection(), None, &name, "two", now, minute).unwrap();
    block_on(world.store.commit(taken.1)).unwrap();
    let busy = world.redact(Which::Left, "e-1").unwrap_err();
    assert!(matches!(busy, PersonalDataError::Busy(_)));
    world.clock.advance(minute);

    let erased = world.redact(Which::Left, "e-1").unwrap();
    assert_eq!((erased.links_redacted, erased.deviations_redacted), (3, 2));
    let stored = |link: &Link| block_on(world.store.link(&connection(), link.id)).unwrap();
    assert_eq!(stored(&hers).unwrap().base.iter().count(), 0);
    assert_eq!(stored(&hers).unwrap().owner, hers.owner, "still hers");
    assert_eq!(stored(&his), Some(his.clone()), "somebody else's changed");
    world.assert_adds_up();

    // Forgotten with her, but not as long as she is kept in step.
    let live = world.forget("e-1", Refusals::Forget).unwrap_err();
    assert!(matches!(live, PersonalDataError::StillLive { .. }));
    let link = world.data(Which::Left, "e-1").links[0].id;
    let (about, unlink) = (About::Link { id: link }, Action::Unlink);
    let unlink = Decision::new(connection(), kind(), about, unlink, world.clock.now());
    world.commit(Write::Decision(Box::new(unlink)));
    world.run();
    world.forget("e-1", Refusals::Keep).unwrap();
    assert!(
        stored(&hers).unwrap().is_live(),
        "it would be created again"
    );
    world.forget("e-1", Refusals::Forget).unwrap();
    assert_eq!(stored(&hers), None);
    assert_eq!(stored(&his), Some(his.clone()));
    world.assert_adds_up();
}

fn rule() -> impl Strategy<Value = FieldRule> {
    prop_oneof![
        Just(FieldRule::Ask),
        Just(FieldRule::Owned { by: Which::Left }),
        Just(FieldRule::Owned { by: Which::Right }),
        Just(FieldRule::WriteOnce { from: Which::Left }),
        Just(FieldRule::Newest {
            trust_record_times: true
        }),
        Just(FieldRule::Never),
    ]
}

#[derive(Debug, Clone)]
enum Step {
    Edit(Which, usize, usize, u8),
    Run,
}

fn step() -> impl Strategy<Value = Step> {
    let which = prop_oneof![Just(Which::Left), Just(Which::Right)];
    prop_oneof![
        3 => (which, 0_usize..2, 0_usize..3, 0_u8..4).prop_map(|(which, who, field, value)| {
            Step::Edit(which, who, field, value)
        }),
        2 => Just(Step::Run),
    ]
}

const NAMES: [&str; 3] = ["name", "city", "salary"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happened before and happens after: the next run creates nothing and overwrites
    /// nothing of a person who was redacted; what differs is shown, what is equal is agreed on.
    #[test]
    fn a_redacted_person_is_neither_created_nor_overwritten(
        rules in prop::array::uniform3(rule()),
        form in 0_u8..3,
        before in prop::collection::vec(step(), 0..8),
        after in prop::collection::vec(step().prop_filter("edits", |step| matches!(step, Step::Edit(..))), 0..5),
    ) {
        let keeping = match form {
            0 => Keeping::hashes(hash_key()),
            1 => Keeping::values(hash_key()),
            _ => Keeping::values_up_to(Sensitivity::Internal, hash_key()),
        };
        let mut world = World::new(keeping);
        for (name, rule) in NAMES.iter().zip(rules) {
            world.policy.field(FieldName::new(*name).unwrap()).rule = rule;
        }
        world.hire("e-0", MARKER);
        world.hire("e-1", "Bo");
        world.run();
        let edit = |step: &Step| {
            let Step::Edit(which, who, field, value) = step else {
                world.run();
                return;
            };
            let left = format!("e-{who}");
            let text = if *which == Which::Left { left.clone() } else { world.partner(&left) };
            let marker = if *who == 0 { MARKER } else { "Bo" };
            let side = if *which == Which::Left { &world.people } else { &world.payroll };
            // One value is nothing at all.
            let value = match value {
                0 => Value::Null,
                number => Value::from(format!("{marker} {field} {number}")),
            };
            side.edit(&kind(), &key(&text), NAMES[*field], value).unwrap();
        };
        before.iter().for_each(edit);
        world.redact(Which::Left, "e-0").unwrap();
        prop_assert!(!world.everything().contains(MARKER));
        world.assert_adds_up();
        after.iter().for_each(edit);

        let partner = world.partner("e-0");
        let (left, right) = (key("e-0"), key(&partner));
        let people = world.people.records(&kind());
        let payroll = world.payroll.records(&kind());
        let report = world.run();
        prop_assert_eq!(&world.people.records(&kind())[&left], &people[&left]);
        prop_assert_eq!(&world.payroll.records(&kind())[&right], &payroll[&right]);
        prop_assert_eq!(world.payroll.records(&kind()).len(), 2);
        prop_assert_eq!(world.people.records(&kind()).len(), 2);
        world.assert_adds_up();
        // Each field that differs and could be written is a conflict for somebody to see.
        let plan = report.plan.unwrap();
        let base = world.data(Which::Left, "e-0").links[0].base.clone();
        for name in NAMES {
            let sides = [people[&left].get(name), payroll[&right].get(name)];
            let is_equal = Equivalence::default().equal(sides[0].unwrap(), sides[1].unwrap());
            let rule = &world.policy.fields[&FieldName::new(name).unwrap()].rule;
            match rule {
                FieldRule::Never => {}
                _ if is_equal => prop_assert!(!base.get(name).is_unknown(), "{} is not agreed on", name),
                FieldRule::WriteOnce { .. } => {}
                _ => {
                    let is_shown = plan.findings.iter().any(|finding| {
                        finding.what == FindingKind::Conflict
                            && finding.keys.left.as_ref() == Some(&left)
                            && finding.fields.iter().any(|field| field.field == *name)
                    });
                    prop_assert!(is_shown, "{} differs and is not shown", name);
                }
            }
        }
    }
}

#[test]
fn the_time_is_only_for_the_log() {
    // A clock that is behind takes nothing out of the order.
    let world = full_world(Keeping::values(hash_key()));
    let (key, past) = (key("e-1"), DateTime::<Utc>::UNIX_EPOCH);
    block_on(redact(
        &world.store,
        &connection(),
        &kind(),
        Which::Left,
        &key,
        past,
    ))
    .unwrap();
    world.assert_adds_up();
}
