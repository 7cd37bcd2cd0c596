//! Who is linked with whom, and who may write.

use super::*;

/// No record is ever in two live links, and no ambiguous pair is linked without a person.
pub(crate) fn i9_one_to_one() -> Result<(), String> {
    let demands = [("new links", 60), ("ambiguous", 10)];
    run(900, worlds(), &demands, |(pairs, policy), coverage| {
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

/// However a create ends, there is at most one record in the end, if the side keeps client keys.
pub(crate) fn never_a_double() -> Result<(), String> {
    let faults = prop::collection::vec(0_u8..4, 12);
    let demands = [("lost answers", 40), ("created", 100), ("forgotten", 40)];
    run(
        300,
        (1_usize..4, faults, any::<bool>(), any::<bool>()),
        &demands,
        |(people, faults, forgets, shows), coverage| {
            let mut world = World::new();
            world.policy = open_policy().build();
            world.shows_client_keys = shows;
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
            for _ in 0..20 {
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
            if forgets && shows {
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
