//! What is stored has one form: a later version has to read it, or to migrate it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
use record_link::testing::{FakeSide, Fault, ManualClock, block_on};
use record_link::{
    About, Action, Approval, Batch, Clock, ConnectionId, Decision, Deviation, DeviationQuery,
    Digest, Entity, Event, EventQuery, Intent, Keeping, Lease, Link, LinkQuery, LinkState,
    MemoryStore, Owner, Policy, Presence, RecordKey, Retries, RunQuery, RunRecord, Runner,
    Schedule, ScheduleState, Side, SideErrorKind, SideOperation, Sides, Store, Tombstone, Which,
    Write,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One of each of what a store keeps, as it is written.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Stored {
    states: Vec<LinkState>,
    presences: Vec<Presence>,
    links: Vec<Link>,
    events: Vec<Event>,
    intents: Vec<Intent>,
    decisions: Vec<Decision>,
    deviations: Vec<Deviation>,
    approval: Approval,
    lease: Lease,
    schedules: Vec<ScheduleState>,
    runs: Vec<RunRecord>,
}

fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

fn stored() -> Stored {
    let (kind, clock) = (Kind::new("employee").unwrap(), ManualClock::default());
    let connection = ConnectionId::new("people->payroll").unwrap();
    let fields = ["name", "city"].map(|name| Field::new(name, ValueKind::Text).unwrap());
    let fields = Fields::new(fields).unwrap();
    let able = record_link::Capabilities::read_only(&fields)
        .creates(record_link::Recovery::ByClientKey)
        .updates(record_link::Conditional::Atomic)
        .settles_within(Duration::from_secs(3600));
    let people = FakeSide::new().with_kind(&kind, &fields);
    let payroll = FakeSide::new().with_capabilities(&kind, able);
    let store = MemoryStore::new();
    let hire = |name: &str| {
        let record = Record::new(&fields).with("name", name).unwrap();
        people.insert(&kind, &key(name), record.with("city", "Luleå").unwrap());
    };
    let sides = Sides::<Arc<dyn Side>>::new(Arc::new(people.clone()), Arc::new(payroll.clone()));
    let keeping = Keeping::values(HashKey::new([7; 16]));
    let mut policy = Policy::owned_by(Which::Left);
    policy.guard = record_link::Guard::OFF;
    let entity = Entity::new(connection.clone(), kind.clone(), sides, policy, keeping)
        .schedule(Schedule::every(Duration::from_secs(3600)));
    let runner = Runner::new(Arc::new(store.clone()), Arc::new(clock.clone()), "worker 1")
        .retries(Retries::none())
        .longest_settle(Duration::ZERO);
    let run = || block_on(runner.run_for(&entity, "Åsa")).unwrap();
    hire("Anna");
    hire("Bo");
    run();
    people.edit(&kind, &key("Anna"), "city", "Kiruna");
    let refused = Fault::Before(SideErrorKind::Refused);
    payroll.fail_next(SideOperation::Update, refused);
    run();
    run();
    hire("Cilla");
    payroll.fail_next(SideOperation::Create, Fault::EffectLate(1000));
    run();
    let now = clock.now();
    let about = About::Record {
        side: Which::Left,
        key: key("Doris"),
    };
    let wait = Action::DoNothing {
        until: record_link::Until::Forever,
        fields: Vec::new(),
    };
    let mut decision = Decision::new(connection.clone(), kind.clone(), about, wait, now);
    decision.by = Some("Åsa".to_owned());
    let batch = Batch::new(&connection, now).write(Write::Decision(Box::new(decision)));
    block_on(store.commit(batch)).unwrap();
    block_on(runner.pause(&connection, &kind, "Åsa")).unwrap();

    block_on(async {
        let all = LinkQuery::new();
        let mut links = store.links(&connection, &all).await.unwrap().items;
        let owner = Owner::new(kind.clone(), Which::Left, key("Anna"));
        links[0] = links[0].clone().owned_by(owner);
        let events = store.events(&connection, &EventQuery::new()).await.unwrap();
        let deviations = store.deviations(&connection, &DeviationQuery::all()).await;
        let runs = store.runs(&connection, &RunQuery::new()).await.unwrap();
        let (on, gone) = (Which::Right, Which::Left);
        Stored {
            states: vec![
                LinkState::Creating { on },
                LinkState::InDoubt { on },
                LinkState::Failed { on, tried: None },
                LinkState::Linked,
                LinkState::Orphaned { gone },
                LinkState::Unlinked(Tombstone::new(now, Some("Åsa".to_owned()))),
                LinkState::Ended,
            ],
            presences: vec![
                Presence::Present,
                Presence::Missing { times: 2, at: now },
                Presence::OutOfScope,
            ],
            links,
            events: events.items.into_iter().map(|one| one.event).collect(),
            intents: store.intents(&connection).await.unwrap(),
            decisions: store.decisions(&connection, &kind).await.unwrap(),
            deviations: deviations.unwrap().items,
            approval: Approval::new(
                "00112233445566778899aabbccddeeff"
                    .parse::<Digest>()
                    .unwrap(),
                kind.clone(),
                now,
            )
            .by("Åsa"),
            lease: store
                .lease(&connection, "run/employee")
                .await
                .unwrap()
                .unwrap(),
            schedules: store.schedules(&connection).await.unwrap(),
            runs: runs.items,
        }
    })
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// If this fails, what customers have stored is of another form than what is written now: give the
/// new field a default, or write a migration for each store; and only then take over the new form.
#[test]
fn what_is_stored_keeps_its_form() {
    let known = include_str!("support/stored.json");
    let stored = stored();
    assert!(!stored.intents.is_empty() && stored.events.len() > 4);
    assert!(!stored.deviations.is_empty() && !stored.decisions.is_empty());
    let text = serde_json::to_string_pretty(&stored).unwrap() + "\n";
    if text != known {
        let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/stored.json");
        std::fs::write(file, &text).unwrap();
        panic!("what is stored has another form than tests/support/stored.json; now: {file}");
    }
    assert_eq!(read::<Stored>(known), stored);
}
