#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! What each thing that a person can decide does and does not do.

mod support;

use flat_record::Value;
use record_link::{
    About, Action, Candidate, Decision, Dependencies, FieldState, FindingKind, FirstSync, Guard,
    Link, LinkState, NewTab, Origin, Permission, Policy, Presence, Refusal, Scope, Sides, Step,
    Tab, Tabs, Until, Which,
};
use support::{Fault, World, connection, hash_key, key, kind, name, time};

/// A record of each side: the same name, and grades 1 and 2.
fn two() -> World {
    let mut world = World::new();
    world.policy.guard = Guard::OFF;
    let put = |world: &mut World, which, key: &str, grade: i64| {
        let fields = [("name", Value::from("Anna")), ("grade", Value::from(grade))];
        world.put(which, key, &fields);
    };
    put(&mut world, Which::Left, "l0", 1);
    put(&mut world, Which::Right, "r0", 2);
    world
}

/// The two, linked, with the left grade agreed: the right one changed it.
fn linked() -> World {
    let mut world = two();
    match_them(&mut world, FirstSync::PreferLeft);
    world.settle(3).unwrap();
    set(&mut world, Which::Right, "grade", 2);
    world.writes.clear();
    world
}

/// A link of which the left record is gone.
fn orphaned() -> World {
    let mut world = linked();
    set(&mut world, Which::Right, "grade", 1);
    world.systems.left.records.remove("l0");
    world.settle(5).unwrap();
    assert_eq!(
        only_link(&world).state,
        LinkState::Orphaned { gone: Which::Left }
    );
    world
}

fn set(world: &mut World, which: Which, field: &str, value: impl Into<Value>) {
    let key = if which == Which::Left { "l0" } else { "r0" };
    let record = world.systems[which].records.get_mut(key).unwrap();
    record.set(field, value).unwrap();
}

fn only_link(world: &World) -> &Link {
    assert_eq!(world.links.len(), 1);
    world.links.values().next().unwrap()
}

fn pair() -> About {
    About::Pair {
        keys: Sides::new(key("l0"), key("r0")),
    }
}

fn record(side: Which) -> About {
    let key = key(if side == Which::Left { "l0" } else { "r0" });
    About::Record { side, key }
}

fn link(world: &World) -> About {
    let id = only_link(world).id;
    About::Link { id }
}

/// Decides, having seen what is there now.
fn decide(world: &mut World, about: About, action: Action) {
    let is_about = |which| !matches!(&about, About::Record { side, .. } if *side != which);
    let is_about = Sides::from_fn(is_about);
    let decision = Decision::new(connection(), kind(), about, action, time(world.hour));
    let keys = Sides::new("l0", "r0");
    let seen = Sides::from_fn(|which| {
        let record = world.systems[which].records.get(keys[which]);
        record.filter(|_| is_about[which])
    });
    let decision = decision.having_seen_records(seen, &hash_key());
    let decision = decision.because("they said so");
    world.decisions.retain(|one| one.id() != decision.id());
    world.decisions.push(decision);
}

fn match_them(world: &mut World, first_sync: FirstSync) {
    decide(world, pair(), Action::Match { first_sync });
}

fn create() -> Action {
    Action::Create {
        despite_candidates: false,
    }
}

fn nothing(until: Until, fields: &[&str]) -> Action {
    let fields = fields.iter().map(|field| name(field)).collect();
    Action::DoNothing { until, fields }
}

fn prefer(side: Which) -> Action {
    Action::Prefer {
        side: Some(side),
        fields: [].into(),
        force: false,
    }
}

fn findings(world: &World) -> Vec<FindingKind> {
    world
        .plan()
        .findings
        .into_iter()
        .map(|one| one.what)
        .collect()
}

fn refusal(world: &World) -> Option<Refusal> {
    findings(world).into_iter().find_map(|one| match one {
        FindingKind::Refused { because, .. } => Some(because),
        _ => None,
    })
}

fn steps(world: &World) -> Vec<&'static str> {
    let plan = world.plan();
    plan.operations
        .iter()
        .map(|one| one.step.as_str())
        .collect()
}

#[test]
fn create_makes_a_record_and_links_it() {
    let mut world = two();
    assert!(steps(&world).is_empty(), "nothing is created unasked");
    decide(&mut world, record(Which::Left), create());
    assert_eq!(steps(&world), ["create"]);
    world.settle(2).unwrap();
    let made = only_link(&world);
    assert_eq!(made.origin, Origin::Created { on: Which::Right });
    assert_eq!(world.systems.right.records.len(), 2);
    assert!(world.decisions.is_empty(), "carried out once");
}

#[test]
fn create_beside_a_candidate_is_refused_unless_it_is_acknowledged() {
    let mut world = two();
    let keys = Sides::new(key("l0"), key("r0"));
    world.candidates = vec![Candidate::likely(keys, 600)];
    decide(&mut world, record(Which::Left), create());
    let candidates = vec![key("r0")];
    let shadowed = Some(Refusal::CreateShadowsCandidate { candidates });
    assert_eq!(refusal(&world), shadowed);
    assert!(steps(&world).is_empty());
    // A page that was lost does not make the candidate go away.
    let there = world.systems.right.records.remove("r0").unwrap();
    world.is_complete.right = false;
    assert_eq!((refusal(&world), steps(&world)), (shadowed, vec![]));
    world.is_complete.right = true;
    assert_eq!(
        steps(&world),
        ["create"],
        "now it is known that it is not there"
    );
    world.systems.right.records.insert("r0".to_owned(), there);
    let despite_candidates = true;
    decide(
        &mut world,
        record(Which::Left),
        Action::Create { despite_candidates },
    );
    assert_eq!(steps(&world), ["create"]);
}

#[test]
fn match_adopts_without_writing() {
    let mut world = two();
    match_them(&mut world, FirstSync::Ask);
    assert_eq!(steps(&world), ["link"]);
    world.settle(2).unwrap();
    assert!(world.writes.is_empty());
    let known: Vec<_> = only_link(&world)
        .base
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(known, ["name"], "only what is equal is agreed");
    let plan = world.plan();
    assert_eq!(plan.findings[0].what, FindingKind::Conflict);
    assert_eq!(plan.findings[0].fields[0].state, FieldState::Conflict);
    // Both are held now.
    world.put(Which::Right, "r1", &[("name", "Anna".into())]);
    let keys = Sides::new(key("l0"), key("r1"));
    decide(
        &mut world,
        About::Pair { keys },
        Action::Match {
            first_sync: FirstSync::Ask,
        },
    );
    assert!(matches!(
        refusal(&world),
        Some(Refusal::AlreadyLinked {
            side: Which::Left,
            ..
        })
    ));
}

#[test]
fn match_may_say_whose_values_are_taken() {
    for (first_sync, winner, grade) in [
        (FirstSync::PreferLeft, Which::Left, 1),
        (FirstSync::PreferRight, Which::Right, 2),
    ] {
        let mut world = two();
        match_them(&mut world, first_sync);
        world.settle(2).unwrap();
        let fields = vec![name("grade")];
        let loser = winner.other();
        let loser_key = if loser == Which::Left { "l0" } else { "r0" };
        assert_eq!(world.writes, [(loser, loser_key.to_owned(), fields)]);
        assert_eq!(
            world.value_of(loser, loser_key, "grade"),
            Some(grade.into())
        );
    }
}

#[test]
fn prefer_writes_what_differs_once() {
    for winner in Which::BOTH {
        let mut world = linked();
        set(&mut world, Which::Left, "grade", 3);
        assert_eq!(findings(&world), [FindingKind::Conflict]);
        let about = link(&world);
        decide(&mut world, about, prefer(winner));
        world.settle(2).unwrap();
        let key = if winner == Which::Left { "r0" } else { "l0" };
        let fields = vec![name("grade")];
        assert_eq!(world.writes, [(winner.other(), key.to_owned(), fields)]);
        assert!(world.decisions.is_empty(), "one-shot");
    }
}

#[test]
fn prefer_may_differ_from_field_to_field() {
    let mut world = linked();
    set(&mut world, Which::Left, "grade", 3);
    set(&mut world, Which::Left, "name", "Anna L");
    set(&mut world, Which::Right, "name", "Anna R");
    let about = link(&world);
    let action = Action::Prefer {
        side: Some(Which::Left),
        fields: [(name("name"), Which::Right)].into(),
        force: false,
    };
    decide(&mut world, about, action);
    world.settle(3).unwrap();
    assert_eq!(world.value_of(Which::Right, "r0", "grade"), Some(3.into()));
    assert_eq!(
        world.value_of(Which::Left, "l0", "name"),
        Some("Anna R".into())
    );
    assert!(world.decisions.is_empty());
}

#[test]
fn do_nothing_writes_nothing_and_never_moves_the_base() {
    for (until, shows_again) in [(Until::Change, true), (Until::Forever, false)] {
        let mut world = linked();
        let before = only_link(&world).clone();
        let about = link(&world);
        decide(&mut world, about, nothing(until, &["grade"]));
        assert_eq!((steps(&world), findings(&world)), (vec![], vec![]));
        // Another field goes on as always.
        set(&mut world, Which::Left, "name", "Anna L");
        assert_eq!(steps(&world), ["update"]);
        world.settle(2).unwrap();
        assert_eq!(
            only_link(&world).base.get("grade"),
            before.base.get("grade")
        );
        assert_eq!(world.value_of(Which::Left, "l0", "grade"), Some(1.into()));
        // An affected field changes.
        set(&mut world, Which::Left, "grade", 3);
        let conflict = if shows_again {
            vec![FindingKind::Conflict]
        } else {
            vec![]
        };
        assert_eq!(
            (steps(&world), findings(&world)),
            (vec![], conflict),
            "{until:?}"
        );
        assert_eq!(
            only_link(&world).base.get("grade"),
            before.base.get("grade")
        );
    }
}

#[test]
fn do_nothing_about_a_record_keeps_it_from_being_created() {
    for (until, is_created) in [(Until::Change, true), (Until::Forever, false)] {
        let mut world = two();
        world.systems.right.records.clear();
        world.policy = Policy::owned_by(Which::Left);
        decide(&mut world, record(Which::Left), nothing(until, &[]));
        assert!(steps(&world).is_empty());
        let tab = |world: &World| {
            let tabs = Tabs::new(&[], &world.decisions, &[], hash_key());
            tabs.of(Which::Left, &world.snapshot(Which::Left), "l0")
        };
        assert_eq!(tab(&world), Tab::Ignored);
        set(&mut world, Which::Left, "grade", 9);
        assert_eq!(steps(&world).len(), usize::from(is_created), "{until:?}");
        assert_eq!(tab(&world) == Tab::New(NewTab::OnlyHere), is_created);
    }
}

#[test]
fn unlink_is_local_and_sticky_and_relink_begins_anew() {
    let mut world = linked();
    world.policy.sides.left.create = Permission::Automatic;
    world.policy.sides.right.create = Permission::Automatic;
    let about = link(&world);
    decide(&mut world, about, Action::Unlink);
    assert_eq!(steps(&world), ["unlink"]);
    world.settle(2).unwrap();
    let unlinked = only_link(&world).clone();
    assert!(matches!(unlinked.state, LinkState::Unlinked(_)));
    assert!(world.writes.is_empty() && unlinked.base.iter().count() > 0);
    // Neither changes nor candidates nor a match bring it back, and nothing is exported.
    world.candidates = vec![Candidate::certain(Sides::new(key("l0"), key("r0")))];
    world.policy.auto_link = record_link::AutoLink::Certain;
    set(&mut world, Which::Left, "grade", 7);
    assert!(steps(&world).is_empty());
    match_them(&mut world, FirstSync::Ask);
    assert!(matches!(refusal(&world), Some(Refusal::WasUnlinked { .. })));
    // To another partner, and with nothing agreed.
    world.put(
        Which::Right,
        "r1",
        &[("name", "Anna".into()), ("grade", 5.into())],
    );
    world.policy.sides.left.create = Permission::Ask;
    let keys = Sides::new(key("l0"), key("r1"));
    let action = Action::Relink {
        first_sync: FirstSync::Ask,
    };
    let decision = Decision::new(connection(), kind(), About::Pair { keys }, action, time(0));
    let hash = |which: Which, key: &str| {
        let record = &world.systems[which].records[key];
        Some(decision.hash_of(record, &hash_key()))
    };
    let seen = Sides::new(hash(Which::Left, "l0"), hash(Which::Right, "r1"));
    world.decisions = vec![decision.having_seen(seen)];
    world.settle(2).unwrap();
    let again = world.links.values().find(|link| link.is_live()).unwrap();
    assert_eq!(
        (again.incarnation, again.state.clone()),
        (1, LinkState::Linked)
    );
    assert!(again.base.get("grade").is_unknown() && world.writes.is_empty());
    assert_eq!(world.links[&unlinked.id], unlinked, "its history stays");
    // The old partner is as unlinked as before.
    let links: Vec<Link> = world.links.values().cloned().collect();
    let tabs = Tabs::new(&links, &[], &[], hash_key());
    assert_eq!(
        tabs.of(Which::Right, &world.snapshot(Which::Right), "r0"),
        Tab::Unlinked
    );
}

#[test]
fn a_tombstone_ends_with_the_life_that_a_relink_began() {
    let mut world = linked();
    let about = link(&world);
    decide(&mut world, about, Action::Unlink);
    world.settle(2).unwrap();
    decide(
        &mut world,
        pair(),
        Action::Relink {
            first_sync: FirstSync::PreferLeft,
        },
    );
    world.settle(3).unwrap();
    let gone = Sides::new("l0", "r0");
    let records = Sides::from_fn(|which| world.systems[which].records.remove(gone[which]));
    world.settle(6).unwrap();
    assert!(world.links.values().all(|link| !link.is_live()));
    // Both come back: they are new, for they were linked again, and not unlinked since.
    for which in Which::BOTH {
        let record = records[which].clone().unwrap();
        world.systems[which]
            .records
            .insert(gone[which].to_owned(), record);
    }
    let links: Vec<Link> = world.links.values().cloned().collect();
    let tabs = Tabs::new(&links, &[], &[], hash_key());
    let tab = tabs.of(Which::Left, &world.snapshot(Which::Left), "l0");
    assert_eq!(tab, Tab::New(NewTab::OnlyHere));
    decide(
        &mut world,
        pair(),
        Action::Match {
            first_sync: FirstSync::PreferLeft,
        },
    );
    assert!(steps(&world).contains(&"link"), "{:?}", refusal(&world));
    world.settle(3).unwrap();
    let live = world.links.values().find(|link| link.is_live()).unwrap();
    assert_eq!(live.incarnation, 2);
}

#[test]
fn an_orphan_is_deleted_only_by_a_word_that_the_policy_permits() {
    let mut world = orphaned();
    let about = link(&world);
    decide(&mut world, about, Action::Delete);
    assert_eq!(
        refusal(&world),
        Some(Refusal::NotPermitted { on: Which::Right })
    );
    world.policy.sides.right.delete = Permission::Ask;
    assert_eq!(steps(&world), ["delete"]);
    // Made on other data than there are now.
    set(&mut world, Which::Right, "grade", 9);
    assert!(matches!(findings(&world)[0], FindingKind::Stale { .. }));
    assert!(steps(&world).is_empty());
    set(&mut world, Which::Right, "grade", 1);
    world.settle(2).unwrap();
    assert!(world.systems.right.records.is_empty());
    assert_eq!(only_link(&world).state, LinkState::Ended);
    assert!(world.decisions.is_empty());
}

#[test]
fn what_changed_since_is_not_deleted_unasked() {
    let mut world = orphaned();
    world.policy.sides.right.delete = Permission::Automatic;
    assert_eq!(steps(&world), ["delete"]);
    set(&mut world, Which::Right, "grade", 9);
    assert_eq!(steps(&world), Vec::<&str>::new(), "nobody else has the 9");
    assert_eq!(
        findings(&world),
        [FindingKind::Orphaned { gone: Which::Left }]
    );
    set(&mut world, Which::Right, "grade", 1);
    let about = link(&world);
    decide(&mut world, about, nothing(Until::Change, &[]));
    assert!(steps(&world).is_empty(), "somebody wants it left alone");
}

#[test]
fn nothing_follows_from_a_loss_when_the_record_is_back() {
    for is_delete in [true, false] {
        let mut world = orphaned();
        world.policy.sides.right.delete = Permission::Ask;
        let about = link(&world);
        let action = if is_delete { Action::Delete } else { create() };
        decide(&mut world, about, action);
        let plan = world.plan();
        assert!(
            plan.operations
                .iter()
                .any(|one| one.step.writes_on().is_some())
        );
        world.put(
            Which::Left,
            "l0",
            &[("name", "Anna".into()), ("grade", 1.into())],
        );
        let applied = world.apply(&plan);
        assert_eq!(
            (applied.done, world.writes.len()),
            (0, 0),
            "{:?}",
            applied.stale
        );
        world.decisions.clear();
        world.settle(2).unwrap();
        assert_eq!(only_link(&world).state, LinkState::Linked);
    }
}

#[test]
fn an_orphan_is_created_again_in_a_life_of_its_own() {
    let mut world = orphaned();
    let about = link(&world);
    decide(&mut world, about, create());
    assert_eq!(steps(&world), ["end", "create"]);
    let plan = world.plan();
    let [end, again] = &plan.operations[..] else {
        panic!()
    };
    assert_eq!(again.requires, [end.id]);
    world.settle(2).unwrap();
    let mut states: Vec<_> = world
        .links
        .values()
        .map(|link| (link.incarnation, link.state.clone()))
        .collect();
    states.sort_by_key(|(incarnation, _)| *incarnation);
    assert_eq!(states, [(0, LinkState::Ended), (1, LinkState::Linked)]);
    assert_eq!(
        (
            world.systems.left.records.len(),
            world.systems.right.records.len()
        ),
        (1, 1)
    );
    assert_eq!(world.value_of(Which::Left, "l101", "grade"), Some(1.into()));
}

/// The create of a record ended in doubt, and the other system does not tell.
fn in_doubt(fault: Fault) -> World {
    let mut world = two();
    world.systems.right.records.clear();
    world.shows_client_keys = false;
    world.policy = Policy::owned_by(Which::Left);
    let plan = world.plan();
    world.apply_with(
        &plan,
        &mut record_link::transition::Progress::default(),
        |_| fault,
    );
    assert_eq!(
        only_link(&world).state,
        LinkState::InDoubt { on: Which::Right }
    );
    assert_eq!(
        findings(&world),
        [FindingKind::InDoubt { on: Which::Right }]
    );
    world
}

#[test]
fn a_person_ends_a_doubt_by_matching_what_is_there() {
    let mut world = in_doubt(Fault::LostAnswer);
    let key_there = key("r101");
    let keys = Sides::new(key("l0"), key_there.clone());
    let action = Action::Match {
        first_sync: FirstSync::Ask,
    };
    let decision = Decision::new(connection(), kind(), About::Pair { keys }, action, time(0));
    let left = &world.systems.left.records["l0"];
    let right = &world.systems.right.records["r101"];
    let seen = Sides::new(left, right).map(|one| Some(decision.hash_of(one, &hash_key())));
    world.decisions = vec![decision.having_seen(seen)];
    assert_eq!(steps(&world), ["adopt"]);
    world.settle(3).unwrap();
    let link = only_link(&world);
    assert_eq!(
        (&link.state, &link.keys.right),
        (&LinkState::Linked, &Some(key_there))
    );
    assert_eq!(
        (world.systems.right.records.len(), world.decisions.len()),
        (1, 0)
    );
}

#[test]
fn a_person_ends_a_doubt_by_asking_for_it_once() {
    let mut world = in_doubt(Fault::LostRequest);
    let about = link(&world);
    decide(&mut world, about, create());
    let plan = world.plan();
    assert!(matches!(
        plan.operations[0].step,
        Step::Create {
            look_first: true,
            ..
        }
    ));
    // It ends in doubt again: it is not sent a third time on the same word.
    world.apply_with(
        &plan,
        &mut record_link::transition::Progress::default(),
        |_| Fault::LostRequest,
    );
    assert!(world.decisions.is_empty());
    assert_eq!(steps(&world), Vec::<&str>::new());
    let about = link(&world);
    decide(&mut world, about, create());
    world.settle(2).unwrap();
    assert_eq!(only_link(&world).state, LinkState::Linked);
}

#[test]
fn a_person_ends_a_doubt_by_letting_it_be() {
    let mut world = in_doubt(Fault::LostRequest);
    let about = link(&world);
    decide(&mut world, about.clone(), nothing(Until::Change, &[]));
    assert_eq!((steps(&world), findings(&world)), (vec![], vec![]));
    decide(&mut world, about.clone(), prefer(Which::Left));
    assert_eq!(refusal(&world), Some(Refusal::DoesNotFit));
    decide(&mut world, about, Action::Unlink);
    world.settle(2).unwrap();
    assert!(matches!(only_link(&world).state, LinkState::Unlinked(_)));
    assert!(steps(&world).is_empty(), "nor is it created again");
}

#[test]
fn a_refused_create_waits_for_a_change_or_a_word() {
    let mut world = two();
    world.systems.right.records.clear();
    world.policy = Policy::owned_by(Which::Left);
    let plan = world.plan();
    let mut progress = record_link::transition::Progress::default();
    world.apply_with(&plan, &mut progress, |_| Fault::Refused);
    assert_eq!(findings(&world), [FindingKind::Failed { on: Which::Right }]);
    assert!(steps(&world).is_empty());
    let about = link(&world);
    decide(&mut world, about.clone(), create());
    assert_eq!(steps(&world), ["create"]);
    decide(&mut world, about, nothing(Until::Forever, &[]));
    set(&mut world, Which::Left, "grade", 4);
    assert_eq!((steps(&world), findings(&world)), (vec![], vec![]));
    world.decisions.clear();
    assert_eq!(steps(&world), ["create"], "the source changed");
}

#[test]
fn what_fits_no_link_is_refused() {
    let mut world = linked();
    set(&mut world, Which::Right, "grade", 1); // in step
    for action in [create(), Action::Delete] {
        let about = link(&world);
        decide(&mut world, about, action);
        assert_eq!(refusal(&world), Some(Refusal::DoesNotFit));
        assert!(steps(&world).is_empty());
    }
}

#[test]
fn a_changed_scope_is_no_deletion_even_if_only_a_part_is_applied() {
    let mut world = linked();
    world.systems.left.records.remove("l0"); // the new filter leaves it out
    world.put(Which::Left, "l1", &[("name", "Bo".into())]);
    world.asks.left = Scope::of(["active"]);
    world.policy.sides.right.create = Permission::Automatic;
    world.policy.sides.right.delete = Permission::Automatic;
    let plan = world.plan();
    let out = FindingKind::OutOfScope { side: Which::Left };
    assert!(plan.findings.iter().any(|one| one.what == out));
    // Only the create is selected: the note that the record is out of scope is not taken.
    let create = plan
        .operations
        .iter()
        .find(|one| one.step.as_str() == "create")
        .unwrap();
    let part = plan.select([create.id], Dependencies::Refuse).unwrap().plan;
    assert_eq!((part.scopes.left, part.totals.creates.right), (None, 1));
    world.apply(&part);
    world.settle(6);
    let kept = world
        .links
        .values()
        .find(|link| link.keys.left == Some(key("l0")))
        .unwrap();
    assert_eq!(kept.state, LinkState::Linked);
    assert_eq!(kept.presence.left, Presence::OutOfScope);
    assert!(world.systems.right.records.contains_key("r0"));
    assert!(
        findings(&world).contains(&out),
        "it is told as long as it lasts"
    );
}
