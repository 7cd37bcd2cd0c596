#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! What nobody should send, and everybody does.

mod support;

use flat_record::{Field, Fields, Record, Value, ValueKind};
use record_link::{
    About, Action, Candidate, ConnectionId, Decision, FindingKind, Link, NewTab, Origin, Plan,
    PlanError, Planner, PlannerError, PolicyError, RecordKey, Refusal, RejectReason, Scope, Sides,
    Snapshot, Step, Tab, Tabs, Taken, Which,
};
use support::scenario::open_policy;
use support::{World, boss, connection, hash_key, key, kind, layout, name, time};

fn open_world() -> World {
    let mut world = World::new();
    world.policy = open_policy().build();
    world
}

#[test]
fn duplicate_keys_set_the_record_aside_and_nothing_is_concluded() {
    let mut snapshot = Snapshot::new(kind(), &layout(Which::Left), Scope::of(["all"]), time(0));
    let record = |grade: i64| {
        Record::new(&layout(Which::Left))
            .with("grade", grade)
            .unwrap()
    };
    assert_eq!(snapshot.add("l1", record(1)), Taken::New);
    assert_eq!(snapshot.add("l1", record(1)), Taken::Kept, "pages overlap");
    assert!(snapshot.clone().complete().is_complete());
    assert_eq!(snapshot.add("l1", record(2)), Taken::Rejected);
    let snapshot = snapshot.complete();
    assert!(snapshot.get("l1").is_none() && !snapshot.is_complete());
    assert_eq!(snapshot.rejected()[0].position, 2);
    assert_eq!(
        snapshot.rejected()[0].reason,
        RejectReason::DuplicateKey { other: 0 }
    );
}

#[test]
fn records_without_a_key_or_of_another_layout_are_rejected() {
    let mut snapshot = Snapshot::new(kind(), &layout(Which::Left), Scope::of(["all"]), time(0));
    let record = Record::new(&layout(Which::Left));
    for bad in ["", " ", "a\u{0}b"] {
        assert_eq!(
            snapshot.add(bad, record.clone()),
            Taken::Rejected,
            "{bad:?}"
        );
    }
    let other = Fields::new([Field::new("shoe-size", ValueKind::Integer).unwrap()]).unwrap();
    assert_eq!(snapshot.add("l1", Record::new(&other)), Taken::Rejected);
    let reasons: Vec<&RejectReason> = snapshot.rejected().iter().map(|one| &one.reason).collect();
    assert_eq!(reasons[..3], [&RejectReason::NoKey; 3]);
    assert_eq!(reasons[3], &RejectReason::OtherLayout);
    assert!(snapshot.is_empty());
}

#[test]
fn many_keys_are_all_found_again() {
    let mut snapshot = Snapshot::new(kind(), &layout(Which::Left), Scope::of(["all"]), time(0));
    for number in 0..5000 {
        snapshot.add(format!("k{number}"), Record::new(&layout(Which::Left)));
    }
    assert!((0..5000).all(|number| snapshot.position(&format!("k{number}")) == Some(number)));
    assert_eq!(snapshot.position("k5000"), None);
}

#[test]
fn a_policy_that_names_unknown_fields_is_refused() {
    let mut world = open_world();
    world.policy.field(name("shoe-size"));
    let snapshots = Sides::from_fn(|which| world.snapshot(which));
    let plan = |policy: &record_link::Policy| {
        let planner = Planner::new(connection(), kind(), policy, world.keeping);
        planner.plan(snapshots.as_ref(), time(0))
    };
    let refused = plan(&world.policy).unwrap_err();
    assert_eq!(
        refused,
        PlannerError::Policy(PolicyError::UnknownField(name("shoe-size")))
    );
    let mut policy = open_policy().build();
    policy.missing_after = 0;
    assert_eq!(
        plan(&policy).unwrap_err(),
        PlannerError::Policy(PolicyError::Zero("missing-after"))
    );
    let mut policy = open_policy().build();
    let with = record_link::MergeWith::Function("longest".to_owned());
    policy.field(name("name")).rule = record_link::FieldRule::Merge { with };
    assert!(matches!(
        plan(&policy),
        Err(PlannerError::UnknownMerge { .. })
    ));
    assert!(serde_json::from_str::<record_link::Policy>(r#"{"felds":{}}"#).is_err());
    let json = serde_json::to_string(&open_policy().build()).unwrap();
    assert_eq!(
        serde_json::from_str::<record_link::Policy>(&json).unwrap(),
        open_policy().build()
    );
}

#[test]
fn links_that_do_not_belong_here_are_refused() {
    let world = open_world();
    let snapshots = Sides::from_fn(|which| world.snapshot(which));
    let keys = Sides::new(key("l1"), key("r1"));
    let plan = |links: &[Link]| {
        let planner = Planner::new(connection(), kind(), &world.policy, world.keeping);
        planner.links(links).plan(snapshots.as_ref(), time(0))
    };
    let elsewhere = ConnectionId::new("elsewhere").unwrap();
    let foreign = Link::new(elsewhere, kind(), keys.clone(), Origin::Imported, 0);
    assert_eq!(
        plan(std::slice::from_ref(&foreign)).unwrap_err(),
        PlannerError::ForeignLink(foreign.id)
    );
    let mut broken = Link::new(connection(), kind(), keys, Origin::Imported, 0);
    broken.keys.right = None;
    assert_eq!(
        plan(std::slice::from_ref(&broken)).unwrap_err(),
        PlannerError::BrokenLink(broken.id)
    );
}

#[test]
fn layouts_that_disagree_are_refused() {
    let world = open_world();
    let left = world.snapshot(Which::Left);
    let other = Fields::new([Field::new("name", ValueKind::Integer).unwrap()]).unwrap();
    let right = Snapshot::new(kind(), &other, Scope::of(["all"]), time(0));
    let policy = record_link::Policy::default();
    let planner = Planner::new(connection(), kind(), &policy, world.keeping);
    let refused = planner
        .plan(Sides::new(&left, &right), time(0))
        .unwrap_err();
    assert_eq!(refused, PlannerError::FieldMismatch(name("name")));
}

#[test]
fn a_plan_edited_into_nonsense_is_refused() {
    let mut world = open_world();
    world.put(
        Which::Left,
        "l1",
        &[("name", Value::from("Anna")), ("boss", boss("l2"))],
    );
    world.put(Which::Left, "l2", &[("name", Value::from("Berit"))]);
    let plan = world.plan();
    assert_eq!(plan.operations.len(), 2);
    let json = plan.to_json().unwrap();
    let edited = json.replace("Anna", "Eva");
    assert!(matches!(
        Plan::from_json(&edited),
        Err(PlanError::Edited { .. })
    ));
    assert!(matches!(
        Plan::from_json("{"),
        Err(PlanError::NotAPlan { .. })
    ));
    let renamed = json.replace("\"operations\"", "\"operation\"");
    assert!(matches!(
        Plan::from_json(&renamed),
        Err(PlanError::NotAPlan { .. })
    ));
    assert!(!format!("{:?} {plan:?}", Plan::from_json(&edited)).contains("Anna"));

    // In the order in which they cannot be done; and one of them twice.
    let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
    value["operations"].as_array_mut().unwrap().reverse();
    assert!(Plan::from_json(&value.to_string()).is_err());
    let mut turned = plan.clone();
    turned.operations.reverse();
    assert!(turned.check().is_err());
    let unknown = plan.operations[0].id;
    let other = open_world().plan();
    let refused = other
        .select([unknown], record_link::Dependencies::Refuse)
        .unwrap_err();
    assert_eq!(refused, PlanError::UnknownOperation(unknown));
    let needy = plan.operations[1].id;
    let refused = plan
        .select([needy], record_link::Dependencies::Refuse)
        .unwrap_err();
    assert!(matches!(refused, PlanError::Unselected { .. }));
    let pulled = plan
        .select([needy], record_link::Dependencies::PullIn)
        .unwrap();
    assert_eq!(pulled.pulled_in, [unknown]);
}

#[test]
fn a_decision_for_what_is_gone_is_told() {
    let mut world = open_world();
    world.put(Which::Left, "l1", &[("name", Value::from("Anna"))]);
    world.policy.sides.right.create = record_link::Permission::Ask;
    let decide = |about, action| Decision::new(connection(), kind(), about, action, time(0));
    let create = Action::Create {
        despite_candidates: false,
    };
    let of_record = About::Record {
        side: Which::Left,
        key: key("l9"),
    };
    let of_pair = About::Pair {
        keys: Sides::new(key("l1"), key("r9")),
    };
    let gone = Link::new(
        connection(),
        kind(),
        Sides::new(key("l7"), key("r7")),
        Origin::Imported,
        0,
    );
    let of_link = About::Link { id: gone.id };
    world.decisions = vec![
        decide(of_record, create.clone()),
        decide(
            of_pair,
            Action::Match {
                first_sync: record_link::FirstSync::Ask,
            },
        ),
        decide(of_link, Action::Unlink),
    ];
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    let pointless =
        |one: &&record_link::Finding| matches!(one.what, FindingKind::NothingToDecide { .. });
    assert_eq!(plan.findings.iter().filter(pointless).count(), 3);
}

#[test]
fn references_in_a_circle_are_created_without_the_one_that_closes_it() {
    let mut world = open_world();
    world.put(
        Which::Left,
        "l1",
        &[("name", Value::from("a")), ("boss", boss("l2"))],
    );
    world.put(
        Which::Left,
        "l2",
        &[("name", Value::from("b")), ("boss", boss("l3"))],
    );
    world.put(
        Which::Left,
        "l3",
        &[("name", Value::from("c")), ("boss", boss("l1"))],
    );
    world.put(
        Which::Left,
        "l4",
        &[("name", Value::from("d")), ("boss", boss("l4"))],
    );
    let plan = world.plan();
    let left_out = plan
        .operations
        .iter()
        .filter(|one| matches!(&one.step, Step::Create { left_out, .. } if !left_out.is_empty()));
    assert_eq!((plan.operations.len(), left_out.count()), (4, 2));
    let rounds = world.settle(3);
    assert!(rounds.is_some_and(|rounds| rounds <= 2), "{rounds:?}");
    assert!(
        world
            .systems
            .right
            .records
            .values()
            .all(|record| { record.get("boss").and_then(Value::as_reference).is_some() })
    );
}

#[test]
fn what_waits_for_a_record_that_is_not_linked_says_so() {
    let mut world = open_world();
    world.put(
        Which::Left,
        "l1",
        &[("name", Value::from("a")), ("boss", boss("nobody"))],
    );
    world.put(
        Which::Left,
        "l2",
        &[("name", Value::from("b")), ("boss", boss("l1"))],
    );
    let plan = world.plan();
    assert!(plan.operations.is_empty());
    let blocked = |one: &record_link::Finding| matches!(one.what, FindingKind::Blocked { .. });
    assert_eq!(plan.findings.iter().filter(|one| blocked(one)).count(), 2);
}

#[test]
fn a_chain_of_ten_thousand_does_not_overflow() {
    let mut world = open_world();
    for at in 0..10_000 {
        let manager = boss(&format!("l{}", at + 1));
        world.put(Which::Left, &format!("l{at}"), &[("boss", manager)]);
    }
    world.put(Which::Left, "l10000", &[("boss", Value::Null)]);
    assert_eq!(world.plan().operations.len(), 10_001);
}

#[test]
fn creating_beside_a_candidate_asks_first() {
    let mut world = open_world();
    world.policy.sides.left.create = record_link::Permission::Never;
    world.put(Which::Left, "l1", &[("name", Value::from("Anna"))]);
    world.put(Which::Right, "r1", &[("name", Value::from("Anna"))]);
    world.candidates = vec![Candidate::likely(Sides::new(key("l1"), key("r1")), 800)];
    let found = |world: &World| {
        world
            .plan()
            .findings
            .into_iter()
            .map(|one| one.what)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        found(&world),
        [FindingKind::Candidates {
            keys: vec![key("r1")]
        }]
    );
    let about = About::Record {
        side: Which::Left,
        key: key("l1"),
    };
    let decide = |despite_candidates| {
        let seen = world
            .observation(Which::Left, "l1")
            .unwrap()
            .hash(&hash_key());
        let action = Action::Create { despite_candidates };
        Decision::new(connection(), kind(), about.clone(), action, time(0))
            .having_seen(Sides::new(Some(seen), None))
    };
    let (hasty, sure) = (decide(false), decide(true));
    world.decisions = vec![hasty.clone()];
    let because = Refusal::CreateShadowsCandidate {
        candidates: vec![key("r1")],
    };
    assert_eq!(
        found(&world),
        [FindingKind::Refused {
            decision: hasty.id(),
            because
        }]
    );
    world.decisions = vec![sure];
    assert_eq!(world.plan().totals.creates.right, 1);
}

#[test]
fn every_record_is_in_exactly_one_tab() {
    let mut world = open_world();
    for at in 0..4 {
        world.put(Which::Left, &format!("l{at}"), &[]);
    }
    let pair = |at: usize| Sides::new(key(&format!("l{at}")), key(&format!("r{at}")));
    let linked = Link::new(connection(), kind(), pair(0), Origin::Confirmed, 0);
    let mut unlinked = Link::new(connection(), kind(), pair(1), Origin::Confirmed, 0);
    unlinked.state = record_link::LinkState::Unlinked(record_link::Tombstone::new(time(0), None));
    let about = About::Record {
        side: Which::Left,
        key: key("l2"),
    };
    let until = record_link::Until::Forever;
    let nothing = Action::DoNothing {
        until,
        fields: Vec::new(),
    };
    let decisions = [Decision::new(connection(), kind(), about, nothing, time(0))];
    let candidates = [Candidate::likely(pair(3), 700)];
    let links = [linked.clone(), unlinked];
    let tabs = Tabs::new(&links, &decisions, &candidates, hash_key());
    let snapshot = world.snapshot(Which::Left);
    let shown: Vec<Tab> = tabs
        .all(Which::Left, &snapshot)
        .into_iter()
        .map(|(_, tab)| tab)
        .collect();
    let new = Tab::New(NewTab::Candidates);
    assert_eq!(
        shown,
        [Tab::Linked(linked.id), Tab::Unlinked, Tab::Ignored, new]
    );
    assert_eq!(
        tabs.of(Which::Right, &world.snapshot(Which::Right), "r9"),
        Tab::New(NewTab::OnlyHere)
    );
    assert!(RecordKey::new("").is_err());
}
