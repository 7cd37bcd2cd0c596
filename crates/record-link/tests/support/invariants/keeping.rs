//! Nothing is lost, and nothing is done that nobody could want.

use super::*;

/// A changed value ends on both sides, or stays where it is, or stands in the log as overwritten;
/// and where nobody may decide, nothing is written at all.
pub(crate) fn i4_no_silent_loss() -> Result<(), String> {
    let strategy = (prop::collection::vec(pair(), 1..5), policy());
    run(
        1600,
        strategy,
        &[
            ("overwritten", 40),
            ("kept", 200),
            ("asked", 40),
            ("merged", 10),
            ("deleted", 5),
        ],
        |(pairs, mut policy), coverage| {
            if policy.keeps_values {
                policy.rules[3] = 6; // tags are merged
            }
            let mut world = world(&pairs, &policy);
            let before = world.clone();
            let plan = world.plan();
            world.apply(&plan);
            for which in Which::BOTH {
                for (record_key, record) in &before.systems[which].records {
                    if !world.systems[which].records.contains_key(record_key) {
                        assert_deletion(&before, &plan, which, record_key)?;
                        coverage.met("deleted");
                        continue;
                    }
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
            for event in &world.events {
                if let EventKind::Updated { changes, .. } = &event.what
                    && changes.iter().any(|one| one.because == Reason::Merged)
                {
                    coverage.met("merged");
                }
            }
            // Where both changed, or nothing was agreed, and only somebody may decide.
            for (at, spec) in pairs.iter().enumerate() {
                let decided = spec.decision < 12 || policy.first_sync != 0;
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

/// A record is deleted by a word, or if it says nothing but what was agreed.
fn assert_deletion(
    before: &World,
    plan: &Plan,
    which: Which,
    record_key: &str,
) -> Result<(), TestCaseError> {
    let deletion = plan.operations.iter().find(|one| {
        let is_it = one.keys[which]
            .as_ref()
            .is_some_and(|key| key.as_str() == record_key);
        matches!(one.step, Step::Delete { .. }) && is_it
    });
    let Some(deletion) = deletion else {
        return Err(TestCaseError::fail(format!(
            "nobody planned to delete {record_key}"
        )));
    };
    prop_assert!(before.policy.sides[which].delete != Permission::Never);
    if deletion.decision.is_some() {
        return Ok(());
    }
    prop_assert!(before.policy.sides[which].delete == Permission::Automatic);
    let link = &before.links[&deletion.link];
    for (field, value) in before.systems[which].records[record_key].iter() {
        let is_off = *before.policy.rule(&field.name) == FieldRule::Never;
        let field_key = hash_key().for_field(&field.name);
        let base = link.base.get(&field.name);
        let is_as_agreed = base.is_unchanged(which, value, &field.equivalence, &field_key);
        prop_assert!(
            is_off || is_as_agreed.unwrap_or(value.is_null()),
            "{} of {record_key} was deleted, and nobody else has it",
            field.name
        );
    }
    Ok(())
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
        800,
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
