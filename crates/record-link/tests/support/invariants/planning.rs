//! What is planned, done and done again.

use super::*;

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

/// A part of a plan and then the rest is the whole, and what was not selected is untouched.
pub(crate) fn i20_partial_selection() -> Result<(), String> {
    let strategy = (worlds(), prop::collection::vec(any::<bool>(), 30));
    let demands = [("both parts", 100), ("pulled in", 10)];
    run(
        3000,
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
