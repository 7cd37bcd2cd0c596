#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! What each rule of a policy does and does not do.

mod support;

use flat_record::{Field, Fields, Record, Sensitivity, Value, ValueKind};
use record_link::{
    About, Action, AutoLink, BaseField, Candidate, Decision, EventKind, FieldRule, FieldState,
    FirstSync, Gate, Guard, Hold, Keeping, Link, MergeWith, Observation, Origin, Permission, Plan,
    Planner, Policy, PolicyError, Reason, Resolution, Scope, Sides, Snapshot, Step, Trip, Verdict,
    Which,
};
use support::{World, connection, hash_key, key, kind, layout, name, time};

/// One linked pair, in step: Anna in Luleå, grade 1, tags k and x.
fn pair() -> World {
    let mut world = World::new();
    world.policy.guard = Guard::OFF;
    add(&mut world, 0);
    world
}

fn add(world: &mut World, number: u32) {
    let keys = Sides::new(format!("l{number}"), format!("r{number}"));
    for which in Which::BOTH {
        world.put(
            which,
            &keys[which],
            &[
                ("name", "Anna".into()),
                ("city", "Luleå".into()),
                ("grade", 1.into()),
                ("tags", Value::set(["k", "x"])),
            ],
        );
    }
    let keys = keys.map(|text| key(&text));
    let mut link = Link::new(connection(), kind(), keys, Origin::Confirmed, 0);
    link.version = 1;
    world.links.insert(link.id, link);
    in_step(world);
}

/// What both sides say is agreed, in the way the world keeps values.
fn in_step(world: &mut World) {
    let keeping = world.keeping;
    for link in world.links.values_mut() {
        let keys = link.keys.clone().map(Option::unwrap);
        let left = &world.systems.left.records[keys.left.as_str()];
        for field in left.fields() {
            let Some(value) = left.get(&field.name) else {
                continue;
            };
            let field_key = keeping.hash_key.for_field(&field.name);
            let agreed = keeping.form.agree(value, &field.equivalence, &field_key);
            link.base.set(&field.name, agreed);
        }
    }
}

fn set(world: &mut World, which: Which, field: &str, value: impl Into<Value>) {
    let key = if which == Which::Left { "l0" } else { "r0" };
    let record = world.systems[which].records.get_mut(key).unwrap();
    record.set(field, value).unwrap();
}

fn rule(world: &mut World, field: &str, rule: FieldRule) {
    world.policy.field(name(field)).rule = rule;
}

/// What is written: side, field, value.
fn writes(plan: &Plan) -> Vec<(Which, String, Value)> {
    let mut writes = Vec::new();
    for operation in &plan.operations {
        if let Step::Update { on, changes } = &operation.step {
            let changes = changes.iter();
            writes.extend(changes.map(|one| (*on, one.field.to_string(), one.to.clone())));
        }
    }
    writes
}

/// What is told of a field: its state, what is done, and the strongest reason.
fn told(plan: &Plan, field: &str) -> Option<(FieldState, Resolution, Option<Reason>)> {
    let mut fields = plan.findings.iter().flat_map(|one| &one.fields);
    let one = fields.find(|one| *one.field == *field)?;
    let reason = one.recommendation.reasons.first().cloned();
    Some((one.state, one.resolution.clone(), reason))
}

#[test]
fn of_a_field_that_is_off_nothing_is_kept() {
    let secret = |name: &str, sensitivity| {
        let field = Field::new(name, ValueKind::Text).unwrap();
        field.sensitivity(sensitivity)
    };
    let fields = Fields::new([
        secret("name", Sensitivity::Internal),
        secret("diagnosis", Sensitivity::Sensitive),
        secret("nickname", Sensitivity::Internal),
    ])
    .unwrap();
    let mut policy = Policy::default();
    policy.most_sensitive = Sensitivity::Internal;
    policy.field(name("nickname")).rule = FieldRule::Never;
    policy.sides.right.create = Permission::Automatic;
    policy.auto_link = AutoLink::Certain;
    let keeping = Keeping::values(hash_key());
    let record = || {
        let record = Record::new(&fields).with("name", "Anna").unwrap();
        let record = record.with("diagnosis", "private").unwrap();
        record.with("nickname", "Ann").unwrap()
    };
    let take = |keys: &[&str]| {
        let mut all = Snapshot::new(kind(), &fields, Scope::of(["all"]), time(0));
        for key in keys {
            all.add(*key, record());
        }
        all.complete()
    };
    let (left, right) = (take(&["l0", "l1"]), take(&["r0"]));
    let candidates = [Candidate::certain(Sides::new(key("l0"), key("r0")))];
    let plan = Planner::new(connection(), kind(), &policy, keeping)
        .candidates(&candidates)
        .plan(Sides::new(&left, &right), time(0))
        .unwrap();
    assert_eq!(plan.operations.len(), 2);
    let references = record_link::References::default();
    let transitions = record_link::transition::Transitions::new(
        connection(),
        kind(),
        keeping,
        &references,
        time(0),
    );
    let [linking, creating] = &plan.operations[..] else {
        panic!()
    };
    let seen = Sides::new(left.get("l0"), right.get("r0"));
    let linked = transitions.carry_out(linking, None, seen).unwrap();
    let begun = transitions
        .begin(creating, None)
        .unwrap()
        .link
        .unwrap()
        .link;
    let there = Observation::new("r1", record(), time(0)).unwrap();
    let seen = Sides::new(left.get("l1"), Some(&there));
    let created = transitions
        .acknowledge(creating, Some(&begun), seen)
        .unwrap();
    for link in [linked.link.unwrap().link, created.link.unwrap().link] {
        let known: Vec<_> = link.base.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(known, ["name"], "{:?}", link.state);
    }
}

#[test]
fn an_owner_wins_whoever_changed() {
    for owner in Which::BOTH {
        let mut world = pair();
        rule(&mut world, "grade", FieldRule::Owned { by: owner });
        set(&mut world, owner, "grade", 2);
        let expected = vec![(owner.other(), "grade".to_owned(), Value::from(2))];
        assert_eq!(writes(&world.plan()), expected, "the owner changed");
        set(&mut world, owner.other(), "grade", 3);
        assert_eq!(writes(&world.plan()), expected, "both changed");
        set(&mut world, owner, "grade", 1);
        let back = vec![(owner.other(), "grade".to_owned(), Value::from(1))];
        assert_eq!(writes(&world.plan()), back, "only the other one changed");
        // It stands in the log what was overwritten, and why.
        let plan = world.plan();
        world.apply(&plan);
        let log = world.events.iter().find_map(|event| match &event.what {
            EventKind::Updated { on, changes, .. } => Some((*on, &changes[0])),
            _ => None,
        });
        let (on, change) = log.unwrap();
        let because = Reason::Owned { by: owner };
        assert_eq!(on, owner.other());
        assert_eq!((&change.was, &change.because), (&Value::from(3), &because));
    }
}

#[test]
fn who_asks_is_told_and_nothing_is_written() {
    let mut world = pair();
    set(&mut world, Which::Left, "grade", 2);
    assert_eq!(writes(&world.plan()).len(), 1, "only one side changed");
    set(&mut world, Which::Right, "grade", 3);
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    let reason = Some(Reason::BothChanged);
    assert_eq!(
        told(&plan, "grade"),
        Some((FieldState::Conflict, Resolution::Ask, reason))
    );
    assert_eq!(plan.totals.conflicts, 1);
}

/// A plan of the pair, with the times at which each side says the record or the grade changed.
fn plan_with_times(world: &World, record: Sides<Option<i64>>, grade: Sides<Option<i64>>) -> Plan {
    let snapshots = Sides::from_fn(|which| {
        let shown = world.snapshot(which);
        let mut snapshot = Snapshot::new(kind(), shown.fields(), shown.scope(), time(0));
        for observation in shown.observations() {
            let mut observation = observation.clone();
            if let Some(at) = record[which] {
                observation = observation.changed_at(time(at));
            }
            if let Some(at) = grade[which] {
                observation = observation.field_changed_at(name("grade"), time(at));
            }
            snapshot.observe(observation);
        }
        snapshot.complete()
    });
    let links: Vec<Link> = world.links.values().cloned().collect();
    Planner::new(connection(), kind(), &world.policy, world.keeping)
        .links(&links)
        .known_scopes(world.scopes)
        .plan(snapshots.as_ref(), time(0))
        .unwrap()
}

#[test]
fn the_newest_wins_only_if_both_sides_are_certain() {
    let none = Sides::new(None, None);
    let mut world = pair();
    let trusting = |trust_record_times| FieldRule::Newest { trust_record_times };
    rule(&mut world, "grade", trusting(false));
    set(&mut world, Which::Left, "grade", 2);
    set(&mut world, Which::Right, "grade", 3);
    let wins = |plan: &Plan| writes(plan).first().map(|(on, ..)| on.other());

    let later_left = Sides::new(Some(2), Some(1));
    let plan = plan_with_times(&world, none, later_left);
    assert_eq!(wins(&plan), Some(Which::Left));
    let plan = plan_with_times(&world, none, Sides::new(Some(1), Some(2)));
    assert_eq!(wins(&plan), Some(Which::Right));
    // The same time, one side silent, and times of the record tell nothing.
    for (record, grade) in [
        (none, none),
        (none, Sides::new(Some(1), Some(1))),
        (none, Sides::new(Some(9), None)),
        (later_left, none),
        (Sides::new(None, Some(9)), Sides::new(Some(1), None)),
    ] {
        let plan = plan_with_times(&world, record, grade);
        assert_eq!(wins(&plan), None, "{record:?} {grade:?}");
        assert_eq!(told(&plan, "grade").unwrap().1, Resolution::Ask);
    }
    // As advice, the time of the record is good enough, and says that it is not certain.
    let plan = plan_with_times(&world, later_left, none);
    let advice = &plan.findings[0].fields[0].recommendation;
    let fresher = Reason::Fresher {
        side: Which::Left,
        is_certain: false,
    };
    assert_eq!(advice.side, Some(Which::Left));
    assert!(advice.reasons.contains(&fresher), "{advice:?}");
    // Unless the policy says that it will do.
    rule(&mut world, "grade", trusting(true));
    assert_eq!(
        wins(&plan_with_times(&world, later_left, none)),
        Some(Which::Left)
    );
    // Where only one side changed, it wins, however old.
    rule(&mut world, "grade", trusting(false));
    set(&mut world, Which::Left, "grade", 1);
    assert_eq!(
        wins(&plan_with_times(&world, none, later_left)),
        Some(Which::Right)
    );
}

#[test]
fn sets_are_merged_by_their_elements() {
    let mut world = pair();
    world.keeping = Keeping::values(hash_key());
    in_step(&mut world);
    rule(
        &mut world,
        "tags",
        FieldRule::Merge {
            with: MergeWith::Elements,
        },
    );
    set(
        &mut world,
        Which::Left,
        "tags",
        Value::set(["k", "x", "left"]),
    );
    set(&mut world, Which::Right, "tags", Value::set(["k", "right"])); // without x
    let merged = Value::set(["k", "left", "right"]);
    let plan = world.plan();
    let both = Which::BOTH.map(|on| (on, "tags".to_owned(), merged.clone()));
    assert_eq!(writes(&plan), both);
    world.apply(&plan);
    assert!(
        world.plan().operations.is_empty(),
        "in step after one round"
    );
    assert!(world.plan().findings.is_empty());
    // Half of it carried out is brought to the end, with nothing lost.
    set(
        &mut world,
        Which::Left,
        "tags",
        Value::set(["k", "left", "right", "a"]),
    );
    set(
        &mut world,
        Which::Right,
        "tags",
        Value::set(["k", "left", "right", "b"]),
    );
    let mut half = world.plan();
    half.operations.truncate(1);
    world.apply(&half);
    world.settle(3).unwrap();
    let all = Value::set(["k", "left", "right", "a", "b"]);
    assert_eq!(world.value_of(Which::Left, "l0", "tags"), Some(all.clone()));
    assert_eq!(world.value_of(Which::Right, "r0", "tags"), Some(all));
}

#[test]
fn what_cannot_be_merged_is_asked() {
    let mut world = pair(); // bases are hashes: what was there before is not known
    rule(
        &mut world,
        "tags",
        FieldRule::Merge {
            with: MergeWith::Elements,
        },
    );
    set(&mut world, Which::Left, "tags", Value::set(["left"]));
    set(&mut world, Which::Right, "tags", Value::set(["right"]));
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    assert_eq!(told(&plan, "tags").unwrap().1, Resolution::Ask);
    // One side must not be written: half of a merge is what nobody wanted.
    world.keeping = Keeping::values(hash_key());
    for which in Which::BOTH {
        set(&mut world, which, "tags", Value::set(["k"]));
    }
    in_step(&mut world);
    set(&mut world, Which::Left, "tags", Value::set(["k", "left"]));
    set(&mut world, Which::Right, "tags", Value::set(["k", "right"]));
    world.policy.field(name("tags")).read_only.left = true;
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    let because = Hold::NotPermitted { on: Which::Left };
    assert_eq!(told(&plan, "tags").unwrap().1, Resolution::Held { because });
}

#[test]
fn a_merge_function_is_asked_only_when_both_changed() {
    let mut world = pair();
    let with = MergeWith::Function("longest".to_owned());
    rule(&mut world, "name", FieldRule::Merge { with });
    let plan = |world: &World| {
        let snapshots = Sides::from_fn(|which| world.snapshot(which));
        let links: Vec<Link> = world.links.values().cloned().collect();
        let planner = Planner::new(connection(), kind(), &world.policy, world.keeping)
            .links(&links)
            .known_scopes(world.scopes)
            .merge("longest", |input| {
                let length = |value: &Value| value.as_text().map(str::len);
                match length(input.left).cmp(&length(input.right)) {
                    std::cmp::Ordering::Greater => Some(input.left.clone()),
                    std::cmp::Ordering::Less => Some(input.right.clone()),
                    std::cmp::Ordering::Equal => None,
                }
            });
        planner.plan(snapshots.as_ref(), time(0)).unwrap()
    };
    set(&mut world, Which::Left, "name", "An");
    let one = plan(&world);
    assert_eq!(
        writes(&one),
        [(Which::Right, "name".to_owned(), "An".into())]
    );
    set(&mut world, Which::Right, "name", "Anna-Lena");
    let both = plan(&world);
    assert_eq!(
        writes(&both),
        [(Which::Left, "name".to_owned(), "Anna-Lena".into())]
    );
    set(&mut world, Which::Left, "name", "Anna-Lisa");
    assert_eq!(
        told(&plan(&world), "name").unwrap().1,
        Resolution::Ask,
        "no answer"
    );
}

#[test]
fn what_is_written_once_is_not_written_again() {
    let mut world = pair();
    rule(
        &mut world,
        "name",
        FieldRule::WriteOnce { from: Which::Left },
    );
    set(&mut world, Which::Left, "name", "Anna B");
    assert!(writes(&world.plan()).is_empty(), "there is a value");
    for emptied_too in [false, true] {
        let mut world = world.clone();
        if emptied_too {
            set(&mut world, Which::Left, "name", "Anna");
        }
        set(&mut world, Which::Right, "name", Value::Null);
        assert!(writes(&world.plan()).is_empty(), "somebody took it out");
    }
    // Nothing was there, and it was agreed that nothing is.
    let mut world = pair();
    rule(
        &mut world,
        "name",
        FieldRule::WriteOnce { from: Which::Left },
    );
    for which in Which::BOTH {
        set(&mut world, which, "name", Value::Null);
    }
    in_step(&mut world);
    set(&mut world, Which::Right, "name", "theirs");
    assert!(writes(&world.plan()).is_empty(), "it goes one way only");
    set(&mut world, Which::Right, "name", Value::Null);
    set(&mut world, Which::Left, "name", "Anna");
    let once = [(Which::Right, "name".to_owned(), "Anna".into())];
    assert_eq!(writes(&world.plan()), once);
    world.settle(2).unwrap();
    set(&mut world, Which::Left, "name", "Anna B");
    assert!(writes(&world.plan()).is_empty());
}

#[test]
fn what_is_never_touched_is_not_even_compared() {
    let mut world = pair();
    rule(&mut world, "city", FieldRule::Never);
    set(&mut world, Which::Left, "city", "Umeå");
    set(&mut world, Which::Right, "city", "Kiruna");
    let plan = world.plan();
    assert!(plan.operations.is_empty() && plan.findings.is_empty());
    assert_eq!(plan.totals.fields, 4);
    // Not by a decision either, forced or not.
    prefer(&mut world, Which::Left, true);
    let plan = world.plan();
    assert!(writes(&plan).is_empty());
}

/// A decision for the values of one side, on what is there now.
fn prefer(world: &mut World, side: Which, force: bool) {
    let id = *world.links.keys().next().unwrap();
    let action = Action::Prefer {
        side: Some(side),
        fields: [].into(),
        force,
    };
    let decision = Decision::new(connection(), kind(), About::Link { id }, action, time(0));
    let records = Sides::new(("l0", Which::Left), ("r0", Which::Right));
    let seen = records.map(|(key, which)| {
        let record = world.systems[which].records.get(key)?;
        Some(decision.hash_of(record, &hash_key()))
    });
    let decision = decision.having_seen(seen);
    world.decisions = vec![decision.because("told by phone")];
}

#[test]
fn fields_above_a_class_are_off() {
    let mut world = pair();
    world.policy.most_sensitive = Sensitivity::Public;
    set(&mut world, Which::Left, "city", "Umeå");
    let plan = world.plan();
    assert!(plan.operations.is_empty() && plan.findings.is_empty());
    assert_eq!(plan.totals.fields, 0);
}

#[test]
fn what_is_owned_is_written_only_by_force_and_with_a_reason() {
    let mut world = pair();
    rule(&mut world, "grade", FieldRule::Owned { by: Which::Left });
    set(&mut world, Which::Right, "grade", 3);
    prefer(&mut world, Which::Right, false);
    let because = Hold::NotPermitted { on: Which::Left };
    let held = |plan: &Plan| told(plan, "grade").map(|(_, done, _)| done);
    let refused = Some(Resolution::Held { because });
    assert_eq!(held(&world.plan()), refused);
    prefer(&mut world, Which::Right, true);
    let plan = world.plan();
    assert_eq!(writes(&plan), [(Which::Left, "grade".to_owned(), 3.into())]);
    let Step::Update { changes, .. } = &plan.operations[0].step else {
        panic!()
    };
    let forced = Reason::Decided {
        side: Which::Right,
        is_forced: true,
    };
    assert_eq!(changes[0].because, forced);
    world.decisions[0].reason = None;
    assert_eq!(held(&world.plan()), refused, "no reason was given");
    // What cannot be written is not written by force either.
    prefer(&mut world, Which::Right, true);
    world.policy.field(name("grade")).read_only.left = true;
    assert_eq!(held(&world.plan()), refused);
}

#[test]
fn gates_keep_records_from_being_updated() {
    let origins = [
        Origin::ExactKey,
        Origin::Imported,
        Origin::Confirmed,
        Origin::Created { on: Which::Left },
        Origin::Created { on: Which::Right },
    ];
    for (gate, open) in [
        (Gate::Open, [true, true, true, true, true]),
        (Gate::ConfirmedOnly, [false, false, true, true, true]),
        (Gate::ExistingUntouched, [false, false, false, false, true]),
    ] {
        for (origin, is_open) in origins.into_iter().zip(open) {
            let mut world = pair();
            world.policy.sides.right.gate = gate;
            world
                .links
                .values_mut()
                .for_each(|link| link.origin = origin);
            set(&mut world, Which::Left, "grade", 2);
            let plan = world.plan();
            assert_eq!(
                writes(&plan).len(),
                usize::from(is_open),
                "{gate:?} {origin:?}"
            );
            if !is_open {
                let because = Hold::NoUpdates { on: Which::Right };
                assert_eq!(
                    told(&plan, "grade").unwrap().1,
                    Resolution::Held { because }
                );
            }
        }
    }
}

#[test]
fn only_new_ones_come_from_the_right() {
    let mut world = pair();
    world.policy = Policy::only_new_from(Which::Right);
    set(&mut world, Which::Left, "grade", 2);
    world.put(Which::Left, "l1", &[("name", "Bo".into())]);
    world.put(Which::Right, "r1", &[("name", "Cilla".into())]);
    let plan = world.plan();
    let [one] = &plan.operations[..] else {
        panic!("{plan:?}")
    };
    assert!(matches!(
        &one.step,
        Step::Create {
            on: Which::Left,
            ..
        }
    ));
    assert_eq!(one.keys.right, Some(key("r1")));
}

#[test]
fn updates_that_need_a_word_wait_for_it() {
    let mut world = pair();
    world.policy.sides.right.update = Permission::Ask;
    set(&mut world, Which::Left, "grade", 2);
    let because = Hold::AskFirst { on: Which::Right };
    assert_eq!(
        told(&world.plan(), "grade").unwrap().1,
        Resolution::Held { because }
    );
    prefer(&mut world, Which::Left, false);
    assert_eq!(writes(&world.plan()).len(), 1);
}

#[test]
fn a_base_that_was_forgotten_stops_the_plan() {
    let trips = |world: &World| match world.plan().verdict {
        Verdict::Quarantined { trips } => trips,
        verdict => panic!("{verdict:?}"),
    };
    let all_changed = |number| Which::BOTH.map(|side| Trip::AllChanged { side, number });
    // Another key: every hash is another one.
    let mut world = World::new();
    (0..20).for_each(|number| add(&mut world, number));
    assert!(world.plan().is_clear() && world.plan().operations.is_empty());
    let mut other_key = world.clone();
    other_key.keeping = Keeping::hashes(flat_record::HashKey::new([1; 16]));
    assert!(trips(&other_key).starts_with(&all_changed(20)));
    // And what differs is asked, not overwritten.
    set(&mut other_key, Which::Left, "grade", 2);
    assert_eq!(
        told(&other_key.plan(), "grade").unwrap().0,
        FieldState::Conflict
    );
    assert!(writes(&other_key.plan()).is_empty());

    // Another equivalence: the hashes were made of other canonical forms.
    for link in world.links.values_mut() {
        let field_key = world.keeping.hash_key.for_field(&name("city"));
        let exact = flat_record::Equivalence::EXACT;
        let agreed = world
            .keeping
            .form
            .agree(&"Luleå".into(), &exact, &field_key);
        assert_ne!(link.base.get("city"), &agreed);
        link.base.set(&name("city"), agreed);
    }
    assert!(trips(&world).starts_with(&all_changed(20)));
    let plan = world.plan();
    assert!(
        plan.operations
            .iter()
            .all(|one| one.step.writes_on().is_none())
    );
}

#[test]
fn a_small_company_is_guarded_too() {
    // Sixty new keys for the same sixty people, as after a move to another system.
    let mut world = World::new();
    world.policy = Policy::owned_by(Which::Left);
    for number in 0..60 {
        world.put(
            Which::Left,
            &format!("new{number}"),
            &[("name", "Anna".into())],
        );
        world.put(
            Which::Right,
            &format!("r{number}"),
            &[("name", "Anna".into())],
        );
    }
    assert!(!world.plan().is_clear(), "sixty doubles");
    // A list that lost most of its names.
    let mut world = World::new();
    (0..50).for_each(|number| add(&mut world, number));
    for number in 0..45 {
        let record = world.systems.left.records.get_mut(&format!("l{number}"));
        record.unwrap().set("name", Value::Null).unwrap();
    }
    let plan = world.plan();
    assert_eq!((plan.totals.updates.right, plan.is_clear()), (45, false));
}

#[test]
fn an_oscillation_that_could_not_be_noticed_is_refused() {
    let mut policy = Policy::default();
    policy.oscillation.times = 13;
    let fields = layout(Which::Left);
    let layouts = Sides::new(&fields, &fields);
    assert_eq!(policy.check(layouts), Err(PolicyError::TooManyTimes(13)));
    policy.oscillation.times = 12;
    assert_eq!(policy.check(layouts), Ok(()));
}

#[test]
fn what_speaks_for_a_side_is_told() {
    // Nothing was agreed, and one side is empty.
    let mut world = pair();
    for link in world.links.values_mut() {
        link.base.set(&name("name"), BaseField::Unknown);
        link.base.set(&name("grade"), BaseField::Unknown);
    }
    set(&mut world, Which::Right, "name", Value::Null);
    rule(&mut world, "grade", FieldRule::Owned { by: Which::Right });
    set(&mut world, Which::Left, "grade", 2);
    let plan = world.plan();
    assert!(plan.operations.is_empty(), "advice is no action");
    let advice = |field: &str| {
        let mut fields = plan.findings[0].fields.iter();
        let one = fields.find(|one| *one.field == *field).unwrap();
        (one.recommendation.side, one.recommendation.reasons.clone())
    };
    let empty = Reason::OtherIsEmpty { side: Which::Left };
    assert_eq!(
        advice("name"),
        (Some(Which::Left), vec![Reason::NothingAgreed, empty])
    );
    let owned = Reason::Owned { by: Which::Right };
    assert_eq!(
        advice("grade"),
        (Some(Which::Right), vec![Reason::NothingAgreed, owned])
    );
}

#[test]
fn first_sync_may_be_a_matter_of_policy() {
    let mut world = World::new();
    world.policy.auto_link = AutoLink::Certain;
    world.policy.first_sync = FirstSync::PreferRight;
    world.put(
        Which::Left,
        "l0",
        &[("name", "Anna".into()), ("grade", 1.into())],
    );
    world.put(
        Which::Right,
        "r0",
        &[("name", "Anna".into()), ("grade", 2.into())],
    );
    world.candidates = vec![Candidate::certain(Sides::new(key("l0"), key("r0")))];
    let plan = world.plan();
    assert_eq!(writes(&plan), [(Which::Left, "grade".to_owned(), 2.into())]);
    world.apply(&plan);
    assert!(world.plan().operations.is_empty());
}
