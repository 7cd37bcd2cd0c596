//! Fields merge, and the sides mirror each other.

use super::*;

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
    match which {
        Which::Left => text.replacen('r', "l", 1),
        Which::Right => text.replacen('l', "r", 1),
    }
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
                                fields.iter().map(ToString::to_string).collect()
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
