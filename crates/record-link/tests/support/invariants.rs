//! The invariants, each as a function that looks for a counter-example.

use std::collections::{BTreeMap, BTreeSet};

use flat_record::Value;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use record_link::transition::Progress;
use record_link::{
    About, Action, BaseField, Candidate, Decision, Dependencies, EventKind, FieldRule, FieldState,
    FindingKind, FirstSync, Gate, Guard, Limit, Link, LinkState, Observation, Origin, Permission,
    Plan, Presence, Scope, Sides, Snapshot, Step, Taken, Until, Verdict, Which, fold_events,
};

use super::scenario::{
    FieldSpec, Linkage, PairSpec, PolicySpec, VALUE_FIELDS, open_policy, pair, policy, world,
};
use super::{
    Coverage, Fault, World, boss, connection, hash_key, key, kind, layout, name, time, value,
};

/// Looks for a counter-example, with the same numbers every time.
pub(crate) fn run<S: Strategy>(
    cases: u32,
    strategy: S,
    demands: &[(&'static str, u64)],
    property: impl Fn(S::Value, &Coverage) -> Result<(), TestCaseError>,
) -> Result<(), String> {
    let coverage = Coverage::default();
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    runner
        .run(&strategy, |input| property(input, &coverage))
        .map_err(|error| error.to_string())?;
    coverage.demand(demands)
}

fn worlds() -> impl Strategy<Value = (Vec<PairSpec>, PolicySpec)> {
    (prop::collection::vec(pair(), 0..6), policy())
}

fn linked_worlds() -> impl Strategy<Value = Vec<PairSpec>> {
    let linked = pair().prop_map(|mut spec| {
        spec.link = Linkage::Linked;
        (
            spec.left_is_there,
            spec.right_is_there,
            spec.decision,
            spec.boss,
        ) = (true, true, 99, 99);
        spec
    });
    prop::collection::vec(linked, 1..6)
}

fn remote(plan: &Plan) -> usize {
    plan.operations
        .iter()
        .filter(|one| one.step.writes_on().is_some())
        .count()
}

fn link_of(world: &World, at: usize) -> Link {
    let keys = Sides::new(key(&format!("l{at}")), key(&format!("r{at}")));
    let id = Link::new(connection(), kind(), keys, Origin::Confirmed, 0).id;
    world.links[&id].clone()
}

/// The same inputs, in whatever order, give the same plan, byte for byte.
pub(crate) fn i1_pure_planner() -> Result<(), String> {
    run(
        400,
        worlds(),
        &[("operations", 200), ("findings", 200)],
        |(pairs, policy), coverage| {
            let mut world = world(&pairs, &policy);
            let plan = world.plan();
            let again = world.plan();
            world.is_reversed = true;
            let reversed = world.plan();
            prop_assert_eq!(plan.to_json().unwrap(), again.to_json().unwrap());
            prop_assert_eq!(plan.to_json().unwrap(), reversed.to_json().unwrap());
            prop_assert_eq!(&Plan::from_json(&plan.to_json().unwrap()).unwrap(), &plan);
            prop_assert!(plan.check_policy(&world.policy).is_ok());
            for _ in &plan.operations {
                coverage.met("operations");
            }
            for _ in &plan.findings {
                coverage.met("findings");
            }
            Ok(())
        },
    )
}

/// After a plan is applied, nothing is left to do; two more rounds where records go missing or
/// refer to one another.
pub(crate) fn i2_convergence() -> Result<(), String> {
    run(
        400,
        worlds(),
        &[("work", 200), ("writes", 200)],
        |(pairs, policy), coverage| {
            let mut world = world(&pairs, &policy);
            let rounds = world.settle(6);
            prop_assert!(
                rounds.is_some(),
                "still busy: {:?}",
                world.plan().operations
            );
            prop_assert!(rounds.unwrap_or(9) <= 5, "{rounds:?} rounds");
            let is_simple = pairs
                .iter()
                .all(|one| one.boss >= 6 && one.left_is_there && one.right_is_there);
            if is_simple {
                prop_assert!(rounds.unwrap_or(9) <= 2, "{rounds:?} rounds");
            }
            if rounds != Some(0) {
                coverage.met("work");
            }
            world.writes.iter().for_each(|_| coverage.met("writes"));
            prop_assert_eq!(fold_events(&[]).unwrap().len(), 0);
            Ok(())
        },
    )
}

/// Applying a plan twice is applying it once.
pub(crate) fn i3_idempotency() -> Result<(), String> {
    run(
        300,
        worlds(),
        &[("writes", 150)],
        |(pairs, policy), coverage| {
            let mut world = world(&pairs, &policy);
            let plan = world.plan();
            world.apply(&plan);
            let (systems, links, writes) = (
                world.systems.clone(),
                world.links.clone(),
                world.writes.len(),
            );
            (0..writes).for_each(|_| coverage.met("writes"));
            world.apply(&plan);
            prop_assert_eq!(world.writes.len(), writes, "something was written again");
            prop_assert_eq!(&world.systems.left.records, &systems.left.records);
            prop_assert_eq!(&world.systems.right.records, &systems.right.records);
            prop_assert_eq!(&world.links, &links);
            Ok(())
        },
    )
}

/// A changed value ends on both sides, or stays where it is, or stands in the log as overwritten;
/// and where nobody may decide, nothing is written at all.
pub(crate) fn i4_no_silent_loss() -> Result<(), String> {
    let strategy = (prop::collection::vec(pair(), 1..5), policy());
    run(
        800,
        strategy,
        &[("overwritten", 40), ("kept", 200), ("asked", 40)],
        |(pairs, policy), coverage| {
            let mut world = world(&pairs, &policy);
            let before = world.clone();
            let plan = world.plan();
            world.apply(&plan);
            for which in Which::BOTH {
                for (record_key, record) in &before.systems[which].records {
                    for (field, was) in record.iter() {
                        let is = world.value_of(which, record_key, &field.name);
                        if is
                            .as_ref()
                            .is_some_and(|is| field.equivalence.equal(is, was))
                        {
                            coverage.met("kept");
                            continue;
                        }
                        let told = world.events.iter().any(|event| match &event.what {
                            EventKind::Updated { on, changes, .. } => {
                                *on == which
                                    && event.link.keys[which]
                                        .as_ref()
                                        .is_some_and(|key| key.as_str() == record_key)
                                    && changes
                                        .iter()
                                        .any(|one| one.field == field.name && one.was == *was)
                            }
                            _ => false,
                        });
                        prop_assert!(told, "{} of {record_key} was lost", field.name);
                        coverage.met("overwritten");
                    }
                }
            }
            // Where both changed, or nothing was agreed, and only somebody may decide.
            for (at, spec) in pairs.iter().enumerate() {
                let decided = spec.decision < 11 || policy.first_sync != 0;
                let is_there = spec.left_is_there && spec.right_is_there;
                if spec.link != Linkage::Linked || !is_there || decided {
                    continue;
                }
                for (place, field) in VALUE_FIELDS.iter().enumerate() {
                    let FieldSpec {
                        left, right, base, ..
                    } = spec.fields[place];
                    let is_ask = policy.rules[place] == 0;
                    let is_conflict = left != right
                        && left < 4
                        && right < 4
                        && base < 5
                        && base != left
                        && base != right;
                    let is_left_out = base == 4 && at % 3 == 2 && right == 0;
                    if is_ask && is_conflict && !is_left_out {
                        coverage.met("asked");
                        for (which, side) in Which::BOTH.into_iter().zip(["l", "r"]) {
                            let record = format!("{side}{at}");
                            prop_assert_eq!(
                                world.value_of(which, &record, field),
                                before.value_of(which, &record, field)
                            );
                        }
                        let told = plan.findings.iter().any(|one| {
                            one.what == FindingKind::Conflict
                                && one.fields.iter().any(|one| one.field == **field)
                        });
                        prop_assert!(told, "nobody is asked about {field}");
                    }
                }
            }
            Ok(())
        },
    )
}

fn trims(_: &str, value: Value) -> Value {
    match value.as_text() {
        Some(text) => Value::from(text.to_uppercase()),
        None => value,
    }
}

fn ignores_grades(field: &str, value: Value) -> Value {
    if field == "grade" {
        Value::from(7_i64)
    } else {
        trims(field, value)
    }
}

/// A base moves only to what both sides were seen to have, whatever goes wrong on the way.
pub(crate) fn i6_base_moves_only_on_evidence() -> Result<(), String> {
    let faults = prop::collection::vec(0_u8..4, 20);
    let demands = [("moved", 150), ("faults", 150), ("normalised", 30)];
    run(
        400,
        (worlds(), faults, any::<bool>()),
        &demands,
        |((pairs, policy), faults, odd), coverage| {
            let mut world = world(&pairs, &policy);
            if odd {
                world.systems.right.writes_as = ignores_grades;
            }
            let before = world.links.clone();
            let plan = world.plan();
            let mut faults = faults.into_iter().cycle();
            world.apply_with(&plan, &mut Progress::default(), |_| match faults.next() {
                Some(1) => {
                    coverage.met("faults");
                    Fault::LostRequest
                }
                Some(2) => {
                    coverage.met("faults");
                    Fault::LostAnswer
                }
                Some(3) => {
                    coverage.met("faults");
                    Fault::Refused
                }
                _ => Fault::None,
            });
            for link in world.links.values() {
                let unknown = BaseField::Unknown;
                for (field, now) in link.base.iter() {
                    let was = before
                        .get(&link.id)
                        .map_or(&unknown, |link| link.base.get(field));
                    if now == was {
                        continue;
                    }
                    coverage.met("moved");
                    for which in Which::BOTH {
                        let key = link.keys[which].as_ref().map(|key| key.as_str().to_owned());
                        let value = key.and_then(|key| world.value_of(which, &key, field));
                        let layout = layout(which);
                        let equivalence = layout.get(field).unwrap().equivalence;
                        let field_key = hash_key().for_field(field);
                        let is_true = value.is_some_and(|value| {
                            now.is_unchanged(which, &value, &equivalence, &field_key) == Some(true)
                        });
                        prop_assert!(
                            is_true,
                            "the {which} side does not say what the base of {field} says"
                        );
                    }
                    if matches!(now, BaseField::Pair(_)) {
                        coverage.met("normalised");
                    }
                }
            }
            Ok(())
        },
    )
}

/// No record is ever in two live links, and no ambiguous pair is linked without a person.
pub(crate) fn i9_one_to_one() -> Result<(), String> {
    let demands = [("new links", 60), ("ambiguous", 10)];
    run(600, worlds(), &demands, |(pairs, policy), coverage| {
        let mut world = world(&pairs, &policy);
        let plan = world.plan();
        for operation in &plan.operations {
            if let Step::Link { origin, .. } = &operation.step {
                coverage.met("new links");
                if *origin == Origin::ExactKey {
                    for which in Which::BOTH {
                        let rivals: BTreeSet<_> = world
                            .candidates
                            .iter()
                            .filter(|one| {
                                one.is_certain
                                    && Some(&one.keys[which]) == operation.keys[which].as_ref()
                            })
                            .map(|one| one.keys.clone())
                            .collect();
                        prop_assert_eq!(rivals.len(), 1, "one of several was taken");
                    }
                }
            }
        }
        let certain: Vec<&Candidate> = world
            .candidates
            .iter()
            .filter(|one| one.is_certain)
            .collect();
        if certain.iter().any(|one| {
            certain
                .iter()
                .any(|other| one.keys.left == other.keys.left && one.keys != other.keys)
        }) {
            coverage.met("ambiguous");
        }
        for _ in 0..3 {
            let plan = world.plan();
            world.apply(&plan);
            for which in Which::BOTH {
                let live = world.links.values().filter(|link| link.is_live());
                let keys: Vec<_> = live.filter_map(|link| link.keys[which].clone()).collect();
                let unique: BTreeSet<_> = keys.iter().collect();
                prop_assert_eq!(unique.len(), keys.len(), "a record is in two live links");
            }
        }
        Ok(())
    })
}

/// Nothing is concluded from what is not seen, unless a complete snapshot of the same scope misses
/// it often enough; a field that is not there is not empty.
pub(crate) fn i10_absence_is_not_deletion() -> Result<(), String> {
    let strategy = (
        worlds(),
        any::<(bool, bool)>(),
        any::<(bool, bool)>(),
        1_u32..4,
    );
    let demands = [
        ("incomplete", 60),
        ("other scope", 30),
        ("counted", 40),
        ("gone", 10),
        ("absent", 100),
    ];
    run(
        500,
        strategy,
        &demands,
        |((pairs, policy), complete, same, missing_after), coverage| {
            let mut world = world(&pairs, &policy);
            world.policy.missing_after = missing_after;
            world.is_complete = Sides::new(complete.0, complete.1);
            for (which, same) in Which::BOTH.into_iter().zip([same.0, same.1]) {
                if !same {
                    world.asks[which] = Scope::of(["fewer"]);
                }
            }
            for link in world.links.clone().values() {
                for which in Which::BOTH {
                    let key = link.keys[which]
                        .as_ref()
                        .map_or("", |key| key.as_str())
                        .to_owned();
                    let is_missing = !world.systems[which].records.contains_key(&key);
                    if link.state != LinkState::Linked || !is_missing {
                        continue;
                    }
                    let mut copy = world.clone();
                    let mut rounds = 0;
                    for _ in 0..missing_after {
                        copy.hour += 1;
                        let plan = copy.plan();
                        // The same snapshot again counts once.
                        prop_assert!(copy.plan() == plan);
                        copy.apply(&plan);
                        let again = copy.plan();
                        let counts_twice = again.operations.iter().any(|one| {
                        one.link == link.id && matches!(one.step, Step::Note { presence: Presence::Missing { .. }, side } if side == which)
                    });
                        prop_assert!(!counts_twice, "one snapshot counted twice");
                        rounds += 1;
                        let state = &copy.links[&link.id].state;
                        let is_held_gone = matches!(state, LinkState::Orphaned { gone } if *gone == which)
                            || *state == LinkState::Ended;
                        let may = world.is_complete[which]
                            && world.asks[which] == Scope::of(["all"])
                            && rounds >= missing_after;
                        prop_assert!(
                            !is_held_gone || may,
                            "{which} record held gone after {rounds} rounds"
                        );
                        if is_held_gone {
                            coverage.met("gone");
                        }
                    }
                    coverage.met(if !world.is_complete[which] {
                        "incomplete"
                    } else if world.asks[which] == Scope::of(["all"]) {
                        "counted"
                    } else {
                        "other scope"
                    });
                }
            }
            let plan = world.plan();
            for operation in &plan.operations {
                match &operation.step {
                    Step::Update { on, changes } => {
                        for change in changes {
                            let source = operation.keys[on.other()].as_ref().unwrap().as_str();
                            let says = world.value_of(on.other(), source, &change.field);
                            prop_assert!(
                                says.is_some(),
                                "{} was written from nothing",
                                change.field
                            );
                        }
                    }
                    Step::Create { on, .. } => {
                        prop_assert!(
                            world.is_complete[*on] || operation.decision.is_some(),
                            "created, though nobody knows what is there"
                        );
                    }
                    _ => {}
                }
            }
            for spec in &pairs {
                if spec
                    .fields
                    .iter()
                    .any(|one| one.left == 4 || one.right == 4)
                {
                    coverage.met("absent");
                }
            }
            Ok(())
        },
    )
}

/// A plan that changes too much does nothing until exactly that plan is approved.
pub(crate) fn i11_mass_change_guard() -> Result<(), String> {
    let strategy = (prop::collection::vec(pair(), 1..8), 0_u8..4);
    let demands = [
        ("quarantined", 80),
        ("clear", 20),
        ("emptied", 10),
        ("all changed", 10),
    ];
    run(400, strategy, &demands, |(pairs, how), coverage| {
        let mut world = world(&pairs, &open_policy());
        world.policy.guard = Guard::default();
        world.policy.guard.creates = Limit::new(1, 10);
        world.policy.guard.updates = Limit::new(1, 10);
        world.policy.guard.removals = Limit::new(1, 10);
        world.policy.guard.emptied_from = 1;
        world.policy.guard.all_changed_from = 1;
        if how == 0 {
            world.systems.right.records.clear();
        }
        let plan = world.plan();
        let totals = plan.totals;
        let all = totals
            .links
            .max(totals.records.left)
            .max(totals.records.right);
        let linked = world
            .links
            .values()
            .filter(|link| link.state == LinkState::Linked)
            .count();
        let too_many = |number: u64| number > 1 && number * 10 > all;
        let creates = plan
            .operations
            .iter()
            .filter(|one| matches!(one.step, Step::Create { .. }))
            .count();
        let updates = plan
            .operations
            .iter()
            .filter(|one| matches!(one.step, Step::Update { .. }))
            .count();
        let removals = plan
            .operations
            .iter()
            .filter(|one| {
                matches!(
                    one.step,
                    Step::Unlink | Step::Orphan { .. } | Step::Delete { .. }
                )
            })
            .count();
        let emptied = Which::BOTH
            .into_iter()
            .any(|which| world.systems[which].records.is_empty())
            && linked > 0;
        let must = [creates, updates, removals]
            .into_iter()
            .any(|number| too_many(number as u64))
            || emptied;
        let is_quarantined = matches!(plan.verdict, Verdict::Quarantined { .. });
        prop_assert!(is_quarantined || !must, "{:?}", plan.totals);
        if emptied {
            coverage.met("emptied");
        }
        if let Verdict::Quarantined { trips } = &plan.verdict {
            if trips
                .iter()
                .any(|trip| matches!(trip, record_link::Trip::AllChanged { .. }))
            {
                coverage.met("all changed");
            }
            coverage.met("quarantined");
            let (links, writes) = (world.links.clone(), world.writes.len());
            world.apply(&plan);
            prop_assert_eq!(&world.links, &links);
            prop_assert_eq!(world.writes.len(), writes);
            let mut approved = plan.clone();
            let other = Plan::from_json(&World::new().plan().to_json().unwrap())
                .unwrap()
                .digest;
            if other != plan.digest {
                prop_assert!(approved.approve(other).is_err());
                prop_assert!(!approved.is_clear());
            }
            prop_assert!(approved.approve(plan.digest).is_ok());
            prop_assert!(approved.is_clear());
        } else {
            coverage.met("clear");
        }
        Ok(())
    })
}

/// Systems that write in their own way come to rest; systems that keep correcting each other are
/// stopped and told.
pub(crate) fn i12_no_ping_pong() -> Result<(), String> {
    let strategy = (linked_worlds(), any::<bool>());
    let demands = [("at rest", 60), ("stopped", 40)];
    run(150, strategy, &demands, |(pairs, stubborn), coverage| {
        let mut policy = open_policy();
        policy.rules = [0, 1, 0, 0];
        let mut world = world(&pairs, &policy);
        world.systems.right.writes_as = if stubborn { ignores_grades } else { trims };
        if !stubborn {
            let rounds = world.settle(3);
            prop_assert!(rounds.is_some_and(|rounds| rounds <= 2), "{rounds:?}");
            coverage.met("at rest");
            return Ok(());
        }
        // Whatever we write, the other system makes it 7 again, between the rounds.
        for at in 0..pairs.len() {
            let key = format!("l{at}");
            world
                .systems
                .left
                .records
                .get_mut(&key)
                .unwrap()
                .set("grade", 1_i64)
                .unwrap();
        }
        let mut told = false;
        for _ in 0..12 {
            world.hour += 1;
            for (number, record) in world.systems.right.records.values_mut().enumerate() {
                let _ = number;
                record.set("grade", 7_i64).unwrap();
            }
            let plan = world.plan();
            told = plan.findings.iter().any(|one| {
                one.fields.iter().any(|field| {
                    field.resolution
                        == record_link::Resolution::Held {
                            because: record_link::Hold::Oscillating,
                        }
                })
            });
            world.apply(&plan);
        }
        let mut grades: BTreeMap<String, u32> = BTreeMap::new();
        for (on, key, fields) in &world.writes {
            if *on == Which::Right && fields.contains(&name("grade")) {
                *grades.entry(key.clone()).or_default() += 1;
            }
        }
        prop_assert!(grades.values().all(|times| *times <= 4), "{grades:?}");
        if grades.values().any(|times| *times >= 3) {
            prop_assert!(told);
            coverage.met("stopped");
        }
        Ok(())
    })
}

/// Both sides changed alike: no conflict, no write, and it is remembered.
pub(crate) fn i13_false_conflict() -> Result<(), String> {
    run(
        300,
        linked_worlds(),
        &[("alike", 200)],
        |mut pairs, coverage| {
            for spec in &mut pairs {
                for field in &mut spec.fields {
                    field.left = if field.left == 4 { 1 } else { field.left };
                    field.right = field.left;
                }
            }
            let mut world = world(&pairs, &open_policy());
            let plan = world.plan();
            prop_assert_eq!(remote(&plan), 0);
            prop_assert!(plan.findings.is_empty(), "{:?}", plan.findings);
            world.apply(&plan);
            for (at, spec) in pairs.iter().enumerate() {
                let link = link_of(&world, at);
                for (field, one) in VALUE_FIELDS.iter().zip(&spec.fields) {
                    if one.base != one.left {
                        coverage.met("alike");
                    }
                    let equivalence = layout(Which::Left).get(field).unwrap().equivalence;
                    let key = hash_key().for_field(&name(field));
                    let is_known = link.base.get(field).is_unchanged(
                        Which::Left,
                        &value(field, one.left, false),
                        &equivalence,
                        &key,
                    );
                    prop_assert_eq!(is_known, Some(true), "{} is not remembered", field);
                }
            }
            prop_assert!(world.plan().operations.is_empty());
            Ok(())
        },
    )
}

fn mirrored_name(which: Which, text: &str) -> String {
    let mirrored = match which {
        Which::Left => text.replacen('r', "l", 1),
        Which::Right => text.replacen('l', "r", 1),
    };
    mirrored
}

fn mirror(value: &Value, to: Which) -> Value {
    match value {
        Value::Reference(reference) => boss(&mirrored_name(to, &reference.key)),
        other => other.clone(),
    }
}

/// Edits of different fields never conflict; and a world seen in the mirror gives the plan seen in
/// the mirror.
pub(crate) fn i14_fields_merge_and_sides_mirror() -> Result<(), String> {
    let disjoint = prop::collection::vec(
        (
            prop::array::uniform4(0_u8..4),
            prop::array::uniform4(0_u8..3),
            prop::array::uniform4(1_u8..4),
        ),
        1..5,
    );
    let demands = [("edits", 300)];
    run(200, disjoint, &demands, |specs, coverage| {
        let pairs: Vec<PairSpec> = specs
            .iter()
            .map(|(base, who, by)| PairSpec {
                fields: std::array::from_fn(|at| {
                    let new = (base[at] + by[at]) % 4;
                    let (left, right) = match who[at] {
                        1 => (new, base[at]),
                        2 => (base[at], new),
                        _ => (base[at], base[at]),
                    };
                    FieldSpec {
                        left,
                        right,
                        base: base[at],
                        way: false,
                    }
                }),
                link: Linkage::Linked,
                left_is_there: true,
                right_is_there: true,
                decision: 99,
                is_stale: false,
                candidate: 0,
                boss: 99,
            })
            .collect();
        let mut world = world(&pairs, &open_policy());
        let plan = world.plan();
        prop_assert!(plan.findings.is_empty(), "{:?}", plan.findings);
        world.apply(&plan);
        for (at, (base, who, by)) in specs.iter().enumerate() {
            for (place, field) in VALUE_FIELDS.iter().enumerate() {
                let new = if who[place] == 0 {
                    base[place]
                } else {
                    coverage.met("edits");
                    (base[place] + by[place]) % 4
                };
                prop_assert_eq!(
                    world.value_of(Which::Left, &format!("l{at}"), field),
                    Some(value(field, new, false))
                );
                prop_assert_eq!(
                    world.value_of(Which::Right, &format!("r{at}"), field),
                    Some(value(field, new, false))
                );
            }
        }
        Ok(())
    })?;
    run(
        400,
        worlds(),
        &[("operations", 200)],
        |(mut pairs, mut policy), coverage| {
            policy.rules.iter_mut().for_each(|rule| {
                if *rule == 3 {
                    *rule = 0;
                }
            });
            for spec in &mut pairs {
                // What is not the same seen from both sides is left out of this one.
                if spec.link == Linkage::Orphaned {
                    spec.link = Linkage::Linked;
                }
                if spec.decision > 3 {
                    spec.decision = 99;
                }
                if spec.candidate == 3 {
                    spec.candidate = 0;
                }
            }
            let here = world(&pairs, &policy);
            let mut there = World::new();
            there.keeping = here.keeping;
            there.policy = here.policy.clone();
            there.policy.sides = here.policy.sides.swapped();
            there.policy.first_sync = match here.policy.first_sync {
                FirstSync::PreferLeft => FirstSync::PreferRight,
                FirstSync::PreferRight => FirstSync::PreferLeft,
                other => other,
            };
            for field in there.policy.fields.values_mut() {
                field.read_only = field.read_only.swapped();
                if let FieldRule::Owned { by } = &mut field.rule {
                    *by = by.other();
                }
            }
            for which in Which::BOTH {
                for (key, record) in &here.systems[which].records {
                    let to = which.other();
                    let fields: Vec<(String, Value)> = record
                        .iter()
                        .map(|(field, value)| (field.name.to_string(), mirror(value, to)))
                        .collect();
                    let fields: Vec<(&str, Value)> = fields
                        .iter()
                        .map(|(name, value)| (name.as_str(), value.clone()))
                        .collect();
                    there.put(to, &mirrored_name(to, key), &fields);
                }
            }
            let swap = |keys: &Sides<record_link::RecordKey>| {
                Sides::new(
                    key(&mirrored_name(Which::Left, keys.right.as_str())),
                    key(&mirrored_name(Which::Right, keys.left.as_str())),
                )
            };
            there.candidates = here
                .candidates
                .iter()
                .map(|one| {
                    let mut mirrored = one.clone();
                    mirrored.keys = swap(&one.keys);
                    mirrored
                })
                .collect();
            for link in here.links.values() {
                let keys = Sides::new(
                    link.keys.left.clone().unwrap(),
                    link.keys.right.clone().unwrap(),
                );
                let origin = match link.origin {
                    Origin::Created { on } => Origin::Created { on: on.other() },
                    other => other,
                };
                let mut mirrored = Link::new(connection(), kind(), swap(&keys), origin, 0);
                (mirrored.version, mirrored.state) = (link.version, link.state.clone());
                for (field, known) in link.base.iter() {
                    let known = match known {
                        BaseField::Pair(pair) => {
                            let mut pair = pair.clone();
                            pair.sides = pair.sides.swapped();
                            BaseField::Pair(pair)
                        }
                        other => other.clone(),
                    };
                    mirrored.base.set(field, known);
                }
                for decision in &here.decisions {
                    if decision.about == (About::Link { id: link.id }) {
                        let mut decision = decision.clone();
                        decision.about = About::Link { id: mirrored.id };
                        decision.seen = Sides::from_fn(|which| {
                            decision.seen[which.other()]?;
                            let key = mirrored.keys[which].as_ref()?;
                            let record = there.systems[which].records.get(key.as_str())?;
                            Some(decision.hash_of(record, &hash_key()))
                        });
                        if let Action::Prefer { side, fields, .. } = &mut decision.action {
                            *side = side.map(Which::other);
                            fields.values_mut().for_each(|side| *side = side.other());
                        }
                        there.decisions.push(decision);
                    }
                }
                there.links.insert(mirrored.id, mirrored);
            }
            let tell = |plan: &Plan, is_mirrored: bool| -> BTreeSet<String> {
                plan.operations
                    .iter()
                    .map(|one| {
                        let turn = |which: Which| if is_mirrored { which.other() } else { which };
                        let mut keys = Which::BOTH.map(|which| {
                            let key = one.keys[turn(which)]
                                .as_ref()
                                .map_or("", |key| key.as_str());
                            mirrored_name(which, key)
                        });
                        keys.sort();
                        let on = one.step.writes_on().map(turn);
                        let what = match &one.step {
                            Step::Update { changes, .. } => changes
                                .iter()
                                .map(|one| {
                                    format!(
                                        "{}={:?}",
                                        one.field,
                                        flat_record::Revealed(&mirror(&one.to, Which::Left))
                                    )
                                })
                                .collect(),
                            Step::Create {
                                values,
                                pending,
                                left_out,
                                ..
                            } => {
                                let values = values.iter().map(|(name, value)| {
                                    format!(
                                        "{name}={:?}",
                                        flat_record::Revealed(&mirror(value, Which::Left))
                                    )
                                });
                                let more = pending
                                    .keys()
                                    .chain(left_out)
                                    .map(|name| format!("{name} later"));
                                // Where references run in a circle, which field is left out is a matter of order.
                                let mut all: Vec<String> = values.chain(more).collect();
                                all.sort();
                                all.join(" ")
                            }
                            Step::Agree { fields } => {
                                fields.iter().map(|name| name.to_string()).collect()
                            }
                            Step::Note { side, .. } | Step::Orphan { gone: side } => {
                                turn(*side).to_string()
                            }
                            _ => String::new(),
                        };
                        format!("{} {on:?} {keys:?} {what}", one.step.as_str())
                    })
                    .collect()
            };
            let (one, other) = (tell(&here.plan(), false), tell(&there.plan(), true));
            prop_assert_eq!(&one, &other);
            one.iter().for_each(|_| coverage.met("operations"));
            Ok(())
        },
    )
}

/// What differs though neither side changed it is told.
pub(crate) fn i15_unchanged_but_different_is_told() -> Result<(), String> {
    run(
        300,
        linked_worlds(),
        &[("drift", 100)],
        |mut pairs, coverage| {
            for spec in &mut pairs {
                for field in &mut spec.fields {
                    (field.left, field.right, field.base) = (1, 2, 5);
                }
            }
            let world = world(&pairs, &open_policy());
            let plan = world.plan();
            prop_assert_eq!(remote(&plan), 0);
            for at in 0..pairs.len() {
                let link = link_of(&world, at);
                let finding = plan
                    .findings
                    .iter()
                    .find(|one| one.link == Some(link.id) && one.what == FindingKind::Drift);
                let Some(finding) = finding else {
                    return Err(TestCaseError::fail("a drift is passed over"));
                };
                prop_assert_eq!(finding.fields.len(), 4);
                prop_assert!(
                    finding
                        .fields
                        .iter()
                        .all(|one| one.state == FieldState::Drift)
                );
                coverage.met("drift");
            }
            Ok(())
        },
    )
}

/// What was decided or planned on other data than there are is not carried out.
pub(crate) fn i16_stale_decision() -> Result<(), String> {
    let strategy = (worlds(), 0_usize..6, any::<bool>());
    let demands = [("stale decisions", 60), ("stale operations", 60)];
    run(
        500,
        strategy,
        &demands,
        |((pairs, policy), which_pair, on_left), coverage| {
            let mut world = world(&pairs, &policy);
            let stale: Vec<Decision> = world
                .decisions
                .iter()
                .filter(|one| {
                    let about_something = one.seen == Sides::default();
                    let carried_out_blindly = matches!(
                        one.action,
                        Action::Unlink
                            | Action::Reject
                            | Action::DoNothing {
                                until: Until::Forever,
                                ..
                            }
                    );
                    about_something && !carried_out_blindly
                })
                .cloned()
                .collect();
            let plan = world.plan();
            for decision in &stale {
                let there = match &decision.about {
                    About::Record { side, key } => {
                        world.systems[*side].records.contains_key(key.as_str())
                    }
                    About::Pair { keys } => Which::BOTH.into_iter().all(|which| {
                        world.systems[which]
                            .records
                            .contains_key(keys[which].as_str())
                    }),
                    About::Link { .. } => false,
                };
                prop_assert!(
                    plan.operations
                        .iter()
                        .all(|one| one.decision != Some(decision.id())),
                    "a stale decision is carried out"
                );
                if there {
                    coverage.met("stale decisions");
                }
            }
            // Somebody edits a record between plan and application.
            let side = if on_left { Which::Left } else { Which::Right };
            let edited = format!("{}{which_pair}", if on_left { "l" } else { "r" });
            if let Some(record) = world.systems[side].records.get_mut(&edited) {
                record.set("grade", 99_i64).unwrap();
                let writes = world.writes.len();
                let touched: Vec<_> = plan
                    .operations
                    .iter()
                    .filter(|one| {
                        one.keys[side]
                            .as_ref()
                            .is_some_and(|key| key.as_str() == edited)
                            && one.expects.records[side].is_some()
                    })
                    .collect();
                let applied = world.apply(&plan);
                if !touched.is_empty() {
                    coverage.met("stale operations");
                    prop_assert!(!applied.stale.is_empty());
                }
                prop_assert_eq!(
                    world.value_of(side, &edited, "grade"),
                    Some(Value::from(99_i64))
                );
                let is_untouched = world.writes[writes..]
                    .iter()
                    .all(|(on, key, _)| *on != side || *key != edited);
                prop_assert!(is_untouched, "a record was written that had changed");
            }
            Ok(())
        },
    )
}

/// Unlinking writes nothing, keeps the base, and lasts until somebody links again.
pub(crate) fn i17_unlink_is_local_and_sticky() -> Result<(), String> {
    let demands = [("unlinked", 100), ("relinked", 60)];
    run(
        250,
        (linked_worlds(), any::<bool>()),
        &demands,
        |(pairs, is_gate), coverage| {
            let mut policy = open_policy();
            policy.auto_link = true;
            policy.keeps_values = is_gate;
            let mut world = world(&pairs, &policy);
            let link = link_of(&world, 0);
            world.candidates = vec![Candidate::certain(Sides::new(key("l0"), key("r0")))];
            world.decisions = vec![Decision::new(
                connection(),
                kind(),
                About::Link { id: link.id },
                Action::Unlink,
                time(0),
            )];
            let plan = world.plan();
            let of_link: Vec<_> = plan
                .operations
                .iter()
                .filter(|one| one.link == link.id)
                .collect();
            prop_assert_eq!(of_link.len(), 1);
            prop_assert!(of_link[0].step == Step::Unlink);
            world.apply(&plan);
            coverage.met("unlinked");
            let after = &world.links[&link.id];
            prop_assert!(matches!(after.state, LinkState::Unlinked(_)));
            prop_assert_eq!(&after.base, &link.base);
            let writes = world.writes.len();
            for round in 0..3 {
                world.hour += 1;
                world
                    .systems
                    .left
                    .records
                    .get_mut("l0")
                    .unwrap()
                    .set("grade", i64::from(round) + 50)
                    .unwrap();
                let plan = world.plan();
                let touches = plan.operations.iter().any(|one| {
                    one.keys
                        .left
                        .as_ref()
                        .is_some_and(|key| key.as_str() == "l0")
                        || one
                            .keys
                            .right
                            .as_ref()
                            .is_some_and(|key| key.as_str() == "r0")
                });
                prop_assert!(!touches, "an unlinked record is touched");
                world.apply(&plan);
            }
            let is_left_alone = world.writes[writes..]
                .iter()
                .all(|(_, key, _)| key != "l0" && key != "r0");
            prop_assert!(is_left_alone);
            // Only a re-link links again, as a new life, with nothing agreed.
            let about = About::Pair {
                keys: Sides::new(key("l0"), key("r0")),
            };
            let seen = Sides::from_fn(|which| {
                let key = if which == Which::Left { "l0" } else { "r0" };
                Some(world.observation(which, key).unwrap().hash(&hash_key()))
            });
            let decide = |action| {
                Decision::new(connection(), kind(), about.clone(), action, time(1))
                    .having_seen(seen)
            };
            world.decisions = vec![decide(Action::Match {
                first_sync: FirstSync::Ask,
            })];
            let matched = world
                .plan()
                .operations
                .iter()
                .any(|one| matches!(one.step, Step::Link { .. }));
            prop_assert!(!matched, "a match is no re-link");
            world.decisions = vec![decide(Action::Relink {
                first_sync: FirstSync::Ask,
            })];
            let plan = world.plan();
            prop_assert_eq!(remote(&plan), 0);
            world.apply(&plan);
            let live = world
                .links
                .values()
                .find(|link| link.is_live() && link.keys.left == Some(key("l0")));
            prop_assert_eq!(live.map(|link| link.incarnation), Some(1));
            coverage.met("relinked");
            Ok(())
        },
    )
}

/// Nothing is written where the policy forbids it, unless somebody forced it and said why.
pub(crate) fn i19_policy_honour() -> Result<(), String> {
    let demands = [
        ("writes", 200),
        ("forced", 5),
        ("created", 50),
        ("held", 60),
    ];
    run(700, worlds(), &demands, |(pairs, policy), coverage| {
        let world = world(&pairs, &policy);
        let plan = world.plan();
        for operation in &plan.operations {
            let Some(on) = operation.step.writes_on() else {
                continue;
            };
            let rules = world.policy.sides[on];
            let fields: Vec<(record_link::Reason, flat_record::FieldName)> = match &operation.step {
                Step::Update { changes, .. } => {
                    prop_assert!(rules.update != Permission::Never);
                    prop_assert!(
                        rules.update == Permission::Automatic || operation.decision.is_some()
                    );
                    let origin = world.links.get(&operation.link).map(|link| link.origin);
                    if let Some(origin) = origin {
                        let passes = match rules.gate {
                            Gate::ConfirmedOnly => {
                                matches!(origin, Origin::Confirmed | Origin::Created { .. })
                            }
                            Gate::ExistingUntouched => origin == Origin::Created { on },
                            _ => true,
                        };
                        prop_assert!(passes, "a record is updated that must stay untouched");
                    }
                    changes
                        .iter()
                        .map(|one| (one.because.clone(), one.field.clone()))
                        .collect()
                }
                Step::Create {
                    values, pending, ..
                } => {
                    coverage.met("created");
                    prop_assert!(rules.create != Permission::Never);
                    prop_assert!(
                        rules.create == Permission::Automatic || operation.decision.is_some()
                    );
                    values
                        .keys()
                        .chain(pending.keys())
                        .map(|name| (record_link::Reason::Merged, name.clone()))
                        .collect()
                }
                _ => continue,
            };
            for (because, field) in fields {
                coverage.met("writes");
                let of_field = world.policy.fields.get(&field);
                prop_assert!(
                    !of_field.is_some_and(|one| one.read_only[on]),
                    "{field} is read-only"
                );
                let forbids = match world.policy.rule(&field) {
                    FieldRule::Owned { by } | FieldRule::WriteOnce { from: by } => *by == on,
                    FieldRule::Never => true,
                    _ => false,
                };
                let is_forced = matches!(
                    because,
                    record_link::Reason::Decided {
                        is_forced: true,
                        ..
                    }
                );
                if is_forced {
                    coverage.met("forced");
                }
                prop_assert!(!forbids || is_forced, "{field} belongs to the {on} side");
            }
        }
        for finding in &plan.findings {
            if finding.what == FindingKind::Held {
                coverage.met("held");
            }
        }
        Ok(())
    })
}

/// A part of a plan and then the rest is the whole, and what was not selected is untouched.
pub(crate) fn i20_partial_selection() -> Result<(), String> {
    let strategy = (worlds(), prop::collection::vec(any::<bool>(), 30));
    let demands = [("both parts", 100), ("pulled in", 10)];
    run(
        500,
        strategy,
        &demands,
        |((pairs, mut policy), choose), coverage| {
            policy.create = (2, 2);
            let world = world(&pairs, &policy);
            let plan = world.plan();
            let chosen: Vec<_> = plan
                .operations
                .iter()
                .zip(choose.iter().cycle())
                .filter(|(_, choose)| **choose)
                .map(|(one, _)| one.id)
                .collect();
            let first = plan.select(chosen, Dependencies::PullIn).unwrap();
            prop_assert!(first.plan.check().is_ok());
            if !first.pulled_in.is_empty() {
                coverage.met("pulled in");
            }
            let in_first: BTreeSet<_> = first.plan.operations.iter().map(|one| one.id).collect();
            let rest = plan
                .operations
                .iter()
                .map(|one| one.id)
                .filter(|id| !in_first.contains(id));
            let mut second = plan.clone();
            let rest: BTreeSet<_> = rest.collect();
            second.operations.retain(|one| rest.contains(&one.id));
            let mut whole = world.clone();
            whole.apply(&plan);
            let mut parts = world.clone();
            let mut progress = Progress::default();
            parts.apply_with(&first.plan, &mut progress, |_| Fault::None);
            for operation in &second.operations {
                let untouched =
                    parts.links.get(&operation.link) == world.links.get(&operation.link);
                let has_others = first
                    .plan
                    .operations
                    .iter()
                    .any(|one| one.link == operation.link);
                prop_assert!(untouched || has_others, "what was not selected is touched");
            }
            parts.apply_with(&second, &mut progress, |_| Fault::None);
            if !first.plan.operations.is_empty() && !second.operations.is_empty() {
                coverage.met("both parts");
            }
            let values = |world: &World| -> BTreeSet<String> {
                // Keys of new records depend on the order in which they are created.
                let records = Which::BOTH.into_iter().flat_map(|which| {
                    world.systems[which]
                        .records
                        .values()
                        .map(move |one| (which, one))
                });
                records
                    .map(|(which, record)| {
                        format!(
                            "{which} {:?}",
                            VALUE_FIELDS.map(|field| record
                                .get(field)
                                .map(|value| format!("{:?}", flat_record::Revealed(value))))
                        )
                    })
                    .collect()
            };
            prop_assert_eq!(values(&whole), values(&parts));
            let bases = |world: &World| -> Vec<_> {
                world
                    .links
                    .values()
                    .map(|link| {
                        (
                            link.id,
                            link.state.as_str(),
                            link.base
                                .iter()
                                .filter(|(name, _)| **name != "boss")
                                .map(|(name, base)| (name.clone(), base.clone()))
                                .collect::<BTreeMap<_, _>>(),
                        )
                    })
                    .collect()
            };
            prop_assert_eq!(bases(&whole), bases(&parts));
            Ok(())
        },
    )
}

/// An older observation never replaces a newer one.
pub(crate) fn i21_monotone_ingest() -> Result<(), String> {
    let strategy = prop::collection::vec((0_u8..3, 0_i64..5, 0_u8..3), 1..20);
    let demands = [("newer", 100), ("older", 100), ("contradicted", 30)];
    run(300, strategy, &demands, |seen, coverage| {
        let mut snapshot = Snapshot::new(kind(), &layout(Which::Left), Scope::of(["all"]), time(0));
        let mut newest: BTreeMap<u8, (i64, BTreeSet<u8>)> = BTreeMap::new();
        for (record, hour, grade) in &seen {
            let fields = flat_record::Record::new(&layout(Which::Left))
                .with("grade", i64::from(*grade))
                .unwrap();
            let taken = snapshot
                .observe(Observation::new(record.to_string(), fields, time(*hour)).unwrap());
            let known = newest.entry(*record).or_insert((*hour, BTreeSet::new()));
            match hour.cmp(&known.0) {
                std::cmp::Ordering::Greater => {
                    coverage.met("newer");
                    *known = (*hour, [*grade].into());
                }
                std::cmp::Ordering::Less => {
                    coverage.met("older");
                    prop_assert!(taken == Taken::Kept);
                }
                std::cmp::Ordering::Equal => {
                    known.1.insert(*grade);
                }
            }
        }
        for (record, (hour, grades)) in &newest {
            let observation = snapshot.get(&record.to_string());
            if grades.len() > 1 {
                coverage.met("contradicted");
                prop_assert!(
                    observation.is_none(),
                    "one of two contradicting observations was taken"
                );
                continue;
            }
            let observation = observation.unwrap();
            prop_assert_eq!(observation.seen_at, time(*hour));
            let grade = grades.first().map(|grade| Value::from(i64::from(*grade)));
            prop_assert_eq!(observation.record.get("grade"), grade.as_ref());
        }
        Ok(())
    })
}

/// The log gives back every link exactly, and nothing is forgotten that was overwritten.
pub(crate) fn i22_audit_completeness() -> Result<(), String> {
    let faults = prop::collection::vec(0_u8..4, 20);
    run(
        200,
        (worlds(), faults),
        &[("events", 300)],
        |((pairs, policy), faults), coverage| {
            let mut world = world(&pairs, &policy);
            let known: BTreeSet<_> = world.links.keys().copied().collect();
            let mut faults = faults.into_iter().cycle();
            for _ in 0..3 {
                world.hour += 1;
                let plan = world.plan();
                world.apply_with(&plan, &mut Progress::default(), |_| match faults.next() {
                    Some(1) => Fault::LostRequest,
                    Some(2) => Fault::LostAnswer,
                    Some(3) => Fault::Refused,
                    _ => Fault::None,
                });
            }
            world.events.iter().for_each(|_| coverage.met("events"));
            let of_new: Vec<_> = world
                .events
                .iter()
                .filter(|event| !known.contains(&event.link.id))
                .collect();
            let folded = fold_events(of_new).unwrap();
            let new: BTreeMap<_, _> = world
                .links
                .clone()
                .into_iter()
                .filter(|(id, _)| !known.contains(id))
                .collect();
            prop_assert_eq!(folded, new);
            Ok(())
        },
    )
}

/// However a create ends, there is at most one record in the end, if the side keeps client keys.
pub(crate) fn never_a_double() -> Result<(), String> {
    let faults = prop::collection::vec(0_u8..4, 12);
    let demands = [("lost answers", 40), ("created", 100), ("forgotten", 40)];
    run(
        300,
        (1_usize..4, faults, any::<bool>()),
        &demands,
        |(people, faults, forgets), coverage| {
            let mut world = World::new();
            world.policy = open_policy().build();
            for at in 0..people {
                let manager = if at == 0 {
                    Value::Null
                } else {
                    boss(&format!("l{}", at - 1))
                };
                world.put(
                    Which::Left,
                    &format!("l{at}"),
                    &[("name", Value::from(format!("n{at}"))), ("boss", manager)],
                );
            }
            let mut faults = faults.into_iter();
            for _ in 0..10 {
                world.hour += 1;
                let plan = world.plan();
                world.apply_with(&plan, &mut Progress::default(), |_| match faults.next() {
                    Some(1) => Fault::LostRequest,
                    Some(2) => {
                        coverage.met("lost answers");
                        Fault::LostAnswer
                    }
                    _ => Fault::None,
                });
                // Somebody looked, and there was nothing: it may be tried again.
                for link in world.links.values_mut() {
                    if let LinkState::InDoubt { on } = link.state {
                        link.state = LinkState::Creating { on };
                    }
                }
            }
            prop_assert_eq!(
                world.systems.right.records.len(),
                people,
                "doubles, or somebody is missing"
            );
            prop_assert_eq!(
                world.systems.left.records.len(),
                people,
                "what we created came back"
            );
            coverage.met("created");
            if forgets {
                // The store is lost. What we made is known again by its client key.
                coverage.met("forgotten");
                world.links.clear();
                world.settle(5);
                prop_assert_eq!(
                    world.systems.right.records.len(),
                    people,
                    "doubles after the store was lost"
                );
            }
            Ok(())
        },
    )
}

/// A reference is written in the terms of the side that it is written to.
pub(crate) fn references_are_translated() -> Result<(), String> {
    run(
        200,
        (2_usize..5, 0_usize..5, 0_usize..5),
        &[("written", 60)],
        |(people, who, whom), coverage| {
            let mut world = World::new();
            world.policy = open_policy().build();
            let (who, whom) = (who % people, whom % people);
            for at in 0..people {
                for (which, side) in Which::BOTH.into_iter().zip(["l", "r"]) {
                    // The right side's keys are others.
                    let number = if which == Which::Left {
                        at
                    } else {
                        people - 1 - at
                    };
                    world.put(
                        which,
                        &format!("{side}{number}"),
                        &[
                            ("name", Value::from(format!("n{at}"))),
                            ("boss", Value::Null),
                        ],
                    );
                }
                let keys = Sides::new(
                    key(&format!("l{at}")),
                    key(&format!("r{}", people - 1 - at)),
                );
                let mut link = Link::new(connection(), kind(), keys, Origin::Confirmed, 0);
                link.version = 1;
                world.links.insert(link.id, link);
            }
            world.settle(3);
            world
                .systems
                .left
                .records
                .get_mut(&format!("l{who}"))
                .unwrap()
                .set("boss", boss(&format!("l{whom}")))
                .unwrap();
            let rounds = world.settle(3);
            prop_assert!(rounds.is_some(), "never at rest");
            let there = world.value_of(Which::Right, &format!("r{}", people - 1 - who), "boss");
            prop_assert_eq!(there, Some(boss(&format!("r{}", people - 1 - whom))));
            coverage.met("written");
            Ok(())
        },
    )
}
