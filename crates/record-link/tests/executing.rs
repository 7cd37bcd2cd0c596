//! Several operations at once, retries, leases, cancellation, progress, recovery and audit.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, Reference, Value, ValueKind};
use record_link::testing::{FakeSide, Fault, FaultyStore, ManualClock, StoreFault, block_on};
use record_link::transition::Stale;
use record_link::{
    Applied, BoxFuture, Cancellation, Capabilities, ClientKey, Clock, Conditional, ConnectionId,
    Deviation, DeviationClass, DeviationQuery, DeviationState, ExecutionErrorKind, Executor, Found,
    Guard, Keeping, Lease, Link, LinkState, MemoryStore, Observation, Outcome, Plan, Planner,
    Policy, ProgressEvent, Receipt, RecordKey, Recovery, References, Retries, Side, SideError,
    SideErrorKind, SideFuture, SideOperation, Sides, SkipReason, Snapshot, Step, Store,
    StoreErrorKind, Subject, Which, all_links,
};

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
    let name = Field::new("name", ValueKind::Text).unwrap();
    let boss = Field::new("boss", ValueKind::Reference).unwrap();
    Fields::new([name, boss]).unwrap()
}

fn keeping() -> Keeping {
    Keeping::hashes(HashKey::new([7; 16]))
}

fn able(recovery: Recovery) -> Capabilities {
    Capabilities::read_only(&fields())
        .creates(recovery)
        .updates(Conditional::Atomic)
        .deletes()
}

struct World {
    people: FakeSide,
    payroll: FakeSide,
    store: FaultyStore,
    clock: ManualClock,
    policy: Policy,
}

impl World {
    fn new(payroll: Capabilities, people: usize) -> Self {
        let mut policy = Policy::owned_by(Which::Left);
        policy.guard = Guard::OFF;
        let world = Self {
            people: FakeSide::new().with_capabilities(&kind(), Capabilities::read_only(&fields())),
            payroll: FakeSide::new().with_capabilities(&kind(), payroll),
            store: FaultyStore::new(MemoryStore::new()),
            clock: ManualClock::default(),
            policy,
        };
        for number in 0..people {
            world.person(&format!("person {number}"), None);
        }
        world
    }

    fn person(&self, name: &str, boss: Option<&str>) {
        let boss = boss.map_or(Value::Null, |boss| Reference::new(kind(), boss).into());
        let record = Record::new(&fields()).with("name", name).unwrap();
        let record = record.with("boss", boss).unwrap();
        self.people.insert(&kind(), &key(name), record).unwrap();
    }

    fn links(&self) -> Vec<Link> {
        block_on(all_links(&self.store, &connection(), &kind())).unwrap()
    }

    fn plan(&self) -> Plan {
        let links = self.links();
        block_on(async {
            let left = self.people.list(&kind()).await.unwrap();
            let right = self.payroll.list(&kind()).await.unwrap();
            Planner::new(connection(), kind(), &self.policy, keeping())
                .links(&links)
                .plan(Sides::new(&left, &right), self.clock.now())
                .unwrap()
        })
    }

    fn executor(&self) -> Executor<'_> {
        self.over(&self.payroll)
    }

    fn over<'a>(&'a self, payroll: &'a dyn Side) -> Executor<'a> {
        let sides = Sides::<&dyn Side>::new(&self.people, payroll);
        Executor::new(&self.store, sides, keeping(), &self.clock).run("run 1")
    }

    fn apply(&self) -> Applied {
        block_on(self.executor().apply(&self.plan())).unwrap()
    }

    fn deviations(&self) -> Vec<Deviation> {
        let query = DeviationQuery::unsettled();
        let page = block_on(self.store.deviations(&connection(), &query));
        page.unwrap().items
    }

    fn lease(&self, holder: &str, time: Duration) -> Lease {
        block_on(async {
            let held = self.store.lease(&connection(), "sync").await.unwrap();
            let now = self.clock.now();
            let taken = Lease::take(&connection(), held.as_ref(), "sync", holder, now, time);
            let (lease, batch) = taken.unwrap();
            self.store.commit(batch).await.unwrap();
            lease
        })
    }
}

/// A side that counts what is under way, or takes its time, or makes mistakes of its own.
#[derive(Debug)]
struct Watched<'a> {
    side: &'a FakeSide,
    /// How many creates are under way, and how many there were at once at most.
    creates: Mutex<(usize, usize)>,
    /// Called before each create.
    before: Before<'a>,
}

struct Before<'a>(Box<dyn Fn(usize) -> Option<SideError> + Send + Sync + 'a>);

impl std::fmt::Debug for Before<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Before(..)")
    }
}

impl<'a> Watched<'a> {
    fn new(side: &'a FakeSide) -> Self {
        Self::before(side, |_| None)
    }

    /// Before each create this is called with its number.
    fn before(
        side: &'a FakeSide,
        before: impl Fn(usize) -> Option<SideError> + Send + Sync + 'a,
    ) -> Self {
        Self {
            side,
            creates: Mutex::default(),
            before: Before(Box::new(before)),
        }
    }
}

impl Side for Watched<'_> {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        self.side.capabilities(kind)
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot> {
        self.side.list(kind)
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> SideFuture<'a, Option<Observation>> {
        self.side.get(kind, key)
    }

    fn find<'a>(&'a self, kind: &'a Kind, client_key: &'a ClientKey) -> SideFuture<'a, Found> {
        self.side.find(kind, client_key)
    }

    fn find_all<'a>(
        &'a self,
        kind: &'a Kind,
        client_keys: &'a [ClientKey],
    ) -> SideFuture<'a, Vec<(ClientKey, Found)>> {
        Box::pin(async move { Ok(self.side.list(kind).await?.find_all(client_keys)) })
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            let number = self.side.writes();
            {
                let mut creates = self.creates.lock().unwrap();
                creates.0 += 1;
                creates.1 = creates.1.max(creates.0);
            }
            let receipt = match (self.before.0)(number) {
                Some(error) => Err(error),
                None => self.side.create(kind, client_key, record).await,
            };
            self.creates.lock().unwrap().0 -= 1;
            receipt
        })
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> SideFuture<'a, Receipt> {
        self.side.update(kind, key, changes, if_version)
    }
}

#[test]
fn so_many_operations_are_under_way_as_is_allowed() {
    for allowed in [1, 5, 16] {
        let world = World::new(able(Recovery::ByClientKey), 40);
        let payroll = Watched::new(&world.payroll);
        let executor = world.over(&payroll).concurrency(allowed);
        let committed = world.store.committed();
        let applied = block_on(executor.apply(&world.plan())).unwrap();
        assert_eq!(applied.totals.created, 40);
        assert_eq!(payroll.creates.lock().unwrap().1, allowed);
        // The intent, and what came of it; one more at the end for the scopes.
        assert_eq!(world.store.committed() - committed, 2 * 40 + 1);
        assert!(world.plan().operations.is_empty());
    }
}

#[test]
fn who_is_referred_to_is_created_before_whatever_goes_on_beside() {
    let world = World::new(able(Recovery::ByClientKey), 0);
    // A chain of ten, each the boss of the next, among thirty who have none.
    for number in 0..10 {
        let boss = (number > 0).then(|| format!("boss {}", number - 1));
        world.person(&format!("boss {number}"), boss.as_deref());
    }
    for number in 0..30 {
        world.person(&format!("person {number}"), None);
    }
    let applied = block_on(world.executor().concurrency(16).apply(&world.plan())).unwrap();
    assert_eq!((applied.totals.created, applied.totals.all()), (40, 40));
    let there = world.payroll.records(&kind());
    let named = |name: &str| {
        let found = there
            .iter()
            .find(|(_, one)| one.get("name") == Some(&name.into()));
        found.unwrap()
    };
    for number in 1..10 {
        let (boss, _) = named(&format!("boss {}", number - 1));
        let (_, record) = named(&format!("boss {number}"));
        let reference = Reference::new(kind(), boss.as_str());
        assert_eq!(record.get("boss"), Some(&reference.into()));
    }
    // Those who wait for one that failed are told so, and the others go on.
    world.person("lonely", None);
    world.person("waiting", Some("lonely"));
    world.person("free", None);
    let refused = Fault::Before(SideErrorKind::Refused);
    world
        .payroll
        .fail_next(SideOperation::Create, refused.clone());
    world.payroll.fail_next(SideOperation::Create, refused);
    let links = world.links();
    let executor = world
        .executor()
        .references(References::of(&links))
        .concurrency(1);
    let applied = block_on(executor.apply(&world.plan())).unwrap();
    let totals = applied.totals;
    assert_eq!(
        (totals.failed, totals.skipped, totals.unchanged),
        (2, 1, 40)
    );
    let is_waiting = |outcome: &Outcome| {
        matches!(
            outcome,
            Outcome::Skipped {
                because: SkipReason::Waits { .. }
            }
        )
    };
    assert_eq!(
        applied
            .records
            .iter()
            .filter(|one| is_waiting(&one.outcome))
            .count(),
        1
    );
}

#[test]
fn a_side_that_was_not_there_is_asked_again_after_longer_and_longer_times() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    for _ in 0..3 {
        let away = Fault::Before(SideErrorKind::Unavailable);
        world.payroll.fail_next(SideOperation::Create, away);
    }
    let waits = Mutex::new(Vec::new());
    let retries = Retries::new(4).first_wait(Duration::from_secs(2)).seed(17);
    let executor = world.executor().retries(retries).progress(|event| {
        if let ProgressEvent::Waiting {
            wait, because, on, ..
        } = event
        {
            assert_eq!(
                (*because, *on),
                (Some(SideErrorKind::Unavailable), Some(Which::Right))
            );
            waits.lock().unwrap().push(*wait);
        }
    });
    let plan = world.plan();
    let applied = block_on(executor.apply(&plan)).unwrap();
    assert_eq!(applied.totals.created, 1);
    let waits = waits.lock().unwrap().clone();
    assert_eq!(waits.iter().sum::<Duration>(), world.clock.slept());
    for (wait, longest) in waits.iter().zip([2, 4, 8]) {
        let longest = Duration::from_secs(longest);
        assert!(*wait >= longest / 2 && *wait <= longest, "{wait:?}");
    }
    assert_eq!(waits.len(), 3);
    // Another seed, other times; the same seed, the same.
    let number = 4711;
    assert_ne!(retries.wait(1, number), retries.seed(18).wait(1, number));
    assert_eq!(retries.wait(1, number), retries.wait(1, number));
    assert!(world.deviations().is_empty());

    // It has an end.
    world.person("Bo", None);
    for _ in 0..9 {
        let away = Fault::Before(SideErrorKind::Unavailable);
        world.payroll.fail_next(SideOperation::Create, away);
    }
    let executor = world.executor().retries(retries);
    let applied = block_on(executor.apply(&world.plan())).unwrap();
    assert_eq!(
        (applied.totals.failed, world.payroll.armed_faults()),
        (1, 5)
    );
    assert_eq!(world.deviations()[0].class(), DeviationClass::Transient);
    block_on(world.store.intents(&connection()))
        .unwrap()
        .is_empty()
        .then_some(())
        .unwrap();
}

#[test]
fn a_side_that_asks_to_wait_is_given_the_time_if_it_is_bearable() {
    for (asked, is_done) in [(20, true), (3600, false)] {
        let world = World::new(able(Recovery::ByClientKey), 1);
        let has_asked = Mutex::new(false);
        let payroll = Watched::before(&world.payroll, |_| {
            let has_asked = std::mem::replace(&mut *has_asked.lock().unwrap(), true);
            let error = SideError::new(SideOperation::Create, SideErrorKind::RateLimited);
            (!has_asked).then(|| error.with_wait(Duration::from_secs(asked)))
        });
        let applied = block_on(world.over(&payroll).apply(&world.plan())).unwrap();
        assert_eq!(applied.totals.created == 1, is_done);
        let waited = Duration::from_secs(if is_done { asked } else { 0 });
        assert_eq!(world.clock.slept(), waited);
    }
}

#[test]
fn a_store_that_is_locked_is_asked_again_and_a_lost_commit_is_read_back() {
    let world = World::new(able(Recovery::ByClientKey), 2);
    let plan = world.plan();
    let faults = [
        StoreFault::Before(StoreErrorKind::Unavailable),
        StoreFault::AnswerLost,
        StoreFault::AnswerLost,
        StoreFault::Before(StoreErrorKind::Unavailable),
        StoreFault::AnswerLost,
    ];
    for fault in faults {
        world.store.fail_next_commit(fault);
    }
    world.store.fail_next_query(StoreErrorKind::Unavailable);
    let applied = block_on(world.executor().apply(&plan)).unwrap();
    assert_eq!((applied.totals.created, applied.totals.all()), (2, 2));
    assert_eq!(world.payroll.writes(), 2);
    // An update's intent comes without an event, and is read back as well.
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "Anna")
        .unwrap();
    let plan = world.plan();
    world.store.fail_next_commit(StoreFault::AnswerLost);
    let applied = block_on(world.executor().apply(&plan)).unwrap();
    assert_eq!((applied.totals.updated, world.payroll.writes()), (1, 3));
    assert!(world.plan().operations.is_empty());
    // It has an end as well.
    world
        .people
        .edit(&kind(), &key("person 0"), "name", "Annika")
        .unwrap();
    let plan = world.plan();
    for _ in 0..4 {
        world
            .store
            .fail_next_commit(StoreFault::Before(StoreErrorKind::Unavailable));
    }
    let error = block_on(world.executor().apply(&plan)).unwrap_err();
    assert!(matches!(error.kind(), ExecutionErrorKind::Store(error) if error.is_retryable()));
    assert!(error.is_retryable());
    assert_eq!(world.payroll.writes(), 3);
}

#[test]
fn refused_credentials_end_the_run_at_once() {
    let world = World::new(able(Recovery::ByClientKey), 20);
    let refused = Fault::Before(SideErrorKind::Unauthenticated);
    for _ in 0..20 {
        world
            .payroll
            .fail_next(SideOperation::Create, refused.clone());
    }
    let plan = world.plan();
    let error = block_on(world.executor().concurrency(3).apply(&plan)).unwrap_err();
    assert_eq!(error.refused_credentials(), Some(Which::Right));
    assert!(!error.is_retryable());
    let applied = error.applied().unwrap();
    let totals = applied.totals;
    assert_eq!((totals.failed, totals.skipped, totals.all()), (3, 17, 20));
    // One deviation, about the connection; nothing is open, and no record is to blame.
    let deviations = world.deviations();
    assert_eq!(deviations.len(), 1);
    assert_eq!(deviations[0].topic().subject, Subject::Connection);
    assert_eq!(deviations[0].class(), DeviationClass::Authentication);
    assert_eq!(applied.deviations().next(), Some(deviations[0].id()));
    assert!(
        block_on(world.store.intents(&connection()))
            .unwrap()
            .is_empty()
    );
    let is_failed = |link: &Link| matches!(link.state, LinkState::Failed { .. });
    assert!(!world.links().iter().any(is_failed));

    // New credentials: everything is done, and the deviation settled.
    while world.payroll.armed_faults() > 0 {
        let record = Record::new(&fields());
        let key = ClientKey::new("other", "employee", "0");
        block_on(world.payroll.create(&kind(), &key, &record)).unwrap_err();
    }
    assert_eq!(world.apply().totals.created, 20);
    assert!(world.deviations().is_empty());
}

#[test]
fn who_cancels_finds_everything_stored_that_was_begun() {
    let world = World::new(able(Recovery::ByClientKey), 20);
    let cancellation = Cancellation::new();
    let plan = world.plan();
    let executor = world.executor().concurrency(3).cancellation(&cancellation);
    let executor = executor.progress(|event| {
        if matches!(event, ProgressEvent::Ended { number: 5, .. }) {
            cancellation.cancel();
        }
    });
    let applied = block_on(executor.apply(&plan)).unwrap();
    assert!(applied.is_cancelled);
    let totals = applied.totals;
    assert!(totals.created >= 5 && totals.created <= 8, "{totals:?}");
    assert_eq!(totals.created + totals.skipped, 20);
    assert!(
        block_on(world.store.intents(&connection()))
            .unwrap()
            .is_empty()
    );
    assert_eq!(world.links().len(), world.payroll.records(&kind()).len());
    assert_eq!(world.apply().totals.all(), 20);
    assert_eq!(world.payroll.records(&kind()).len(), 20);
}

#[test]
fn who_cancels_does_not_wait_for_another_try() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    let away = Fault::Before(SideErrorKind::Unavailable);
    world.payroll.fail_next(SideOperation::Create, away);
    let cancellation = Cancellation::new();
    // Its sleeps would never end.
    let clock = ManualClock::held(DateTime::UNIX_EPOCH);
    let sides = Sides::<&dyn Side>::new(&world.people, &world.payroll);
    let executor = Executor::new(&world.store, sides, keeping(), &clock)
        .cancellation(&cancellation)
        .progress(|event| {
            if matches!(event, ProgressEvent::Waiting { .. }) {
                cancellation.cancel();
            }
        });
    let applied = block_on(executor.apply(&world.plan())).unwrap();
    assert_eq!((applied.totals.failed, applied.is_cancelled), (1, true));
    assert!(
        block_on(world.store.intents(&connection()))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn progress_is_told_from_beginning_to_end() {
    let world = World::new(able(Recovery::ByClientKey), 3);
    let told = Mutex::new(Vec::new());
    let executor = world
        .executor()
        .progress(|event| told.lock().unwrap().push(event.clone()));
    block_on(executor.apply(&world.plan())).unwrap();
    drop(executor);
    let told = told.into_inner().unwrap();
    assert_eq!(told[0], ProgressEvent::Started { operations: 3 });
    for (place, event) in told[1..4].iter().enumerate() {
        let ProgressEvent::Ended {
            number,
            of,
            step,
            outcome,
            ..
        } = event
        else {
            panic!()
        };
        assert_eq!((*number, *of, *step), (place + 1, 3, "create"));
        assert_eq!(*outcome, Outcome::Created { on: Which::Right });
    }
    assert!(matches!(told[4], ProgressEvent::Finished { totals } if totals.created == 3));
    assert_eq!(told.len(), 5);
    assert!(!format!("{told:?}").contains("person"), "no personal data");
}

#[test]
fn a_lost_lease_stops_everything_and_nothing_more_is_written() {
    let world = World::new(able(Recovery::ByClientKey), 10);
    let plan = world.plan();
    let minute = Duration::from_secs(60);
    let lease = world.lease("worker 1", minute);
    let (before, records) = (Mutex::new(0), Mutex::new(0));
    // In the middle of a request, the worker is paused, and another one takes over.
    let payroll = Watched::before(&world.payroll, |number| {
        if number == 3 {
            world.clock.advance(Duration::from_secs(61));
            world.lease("worker 2", minute);
            *before.lock().unwrap() = world.store.committed();
            *records.lock().unwrap() = world.payroll.records(&kind()).len();
        }
        None
    });
    let executor = world.over(&payroll).concurrency(1).under(lease, minute);
    let error = block_on(executor.apply(&plan)).unwrap_err();
    assert!(error.is_lease_lost(), "{error}");
    assert_eq!(error.applied().unwrap().totals.created, 3);
    assert_eq!(
        world.store.committed(),
        *before.lock().unwrap(),
        "nothing was written"
    );
    assert_eq!(*records.lock().unwrap(), 3);
    // The other worker finds out what became of what was under way.
    let held = block_on(world.store.lease(&connection(), "sync"))
        .unwrap()
        .unwrap();
    let executor = world.executor().under(held, minute);
    let recovered = block_on(executor.recover(&connection())).unwrap();
    assert_eq!(recovered.settled.len(), 1);
    block_on(executor.apply(&world.plan())).unwrap();
    assert_eq!(world.payroll.records(&kind()).len(), 10);
    assert!(world.payroll.doubles(&kind()).is_empty());
}

/// Its own clock says that it has the lease; the store knows better.
#[test]
fn a_worker_whose_clock_is_slow_commits_nothing() {
    let world = World::new(able(Recovery::ByClientKey), 10);
    let plan = world.plan();
    let minute = Duration::from_secs(60);
    let lease = world.lease("worker 1", minute);
    let before = Mutex::new(0);
    let payroll = Watched::before(&world.payroll, |number| {
        if number == 3 {
            let later = world.clock.now() + TimeDelta::seconds(61);
            let held = block_on(world.store.lease(&connection(), "sync")).unwrap();
            let taken = Lease::take(&connection(), held.as_ref(), "sync", "2", later, minute);
            block_on(world.store.commit(taken.unwrap().1)).unwrap();
            *before.lock().unwrap() = world.store.committed();
        }
        None
    });
    let executor = world.over(&payroll).concurrency(1).under(lease, minute);
    assert!(block_on(executor.apply(&plan)).unwrap_err().is_lease_lost());
    assert_eq!(
        world.store.committed(),
        *before.lock().unwrap(),
        "nothing was written"
    );
}

#[test]
fn a_worker_whose_lease_ran_out_sends_nothing() {
    let world = World::new(able(Recovery::ByClientKey), 2);
    let plan = world.plan();
    let minute = Duration::from_secs(60);
    let lease = world.lease("worker 1", minute);
    world.clock.advance(Duration::from_secs(61));
    world.lease("worker 2", minute);
    let executor = world.executor().under(lease, minute);
    assert!(block_on(executor.apply(&plan)).unwrap_err().is_lease_lost());
    assert_eq!((world.payroll.writes(), world.links().len()), (0, 0));
}

#[test]
fn a_lease_is_renewed_while_there_is_work() {
    let world = World::new(able(Recovery::ByClientKey), 10);
    let plan = world.plan();
    let time = Duration::from_secs(60);
    let lease = world.lease("worker 1", time);
    // Each request takes twenty seconds: all of them, three times the lease.
    let payroll = Watched::before(&world.payroll, |_| {
        world.clock.advance(Duration::from_secs(20));
        None
    });
    let executor = world
        .over(&payroll)
        .concurrency(1)
        .under(lease.clone(), time);
    assert_eq!(block_on(executor.apply(&plan)).unwrap().totals.created, 10);
    let held = block_on(world.store.lease(&connection(), "sync"))
        .unwrap()
        .unwrap();
    assert_eq!(held.fence, lease.fence);
    assert!(held.until > world.clock.now());
    assert!(held.until > lease.until + TimeDelta::seconds(100));
}

#[test]
fn a_lease_is_renewed_beside_a_request_that_takes_long() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    let plan = world.plan();
    let (time, clock) = (
        Duration::from_secs(60),
        ManualClock::held(DateTime::UNIX_EPOCH),
    );
    let lease = world.lease("worker 1", time);
    let payroll = Slow(&world.payroll, &clock);
    let sides = Sides::<&dyn Side>::new(&world.people, &payroll);
    let executor = Executor::new(&world.store, sides, keeping(), &clock).under(lease, time);
    let applied = block_on(async {
        let mut work = std::pin::pin!(executor.apply(&plan));
        std::future::poll_fn(|context| {
            clock.advance(Duration::from_secs(1));
            work.as_mut().poll(context)
        })
        .await
    });
    assert_eq!(applied.unwrap().totals.created, 1);
    let held = block_on(world.store.lease(&connection(), "sync"))
        .unwrap()
        .unwrap();
    assert!(held.until > clock.now(), "{} {}", held.until, clock.now());
}

/// A system that takes five minutes for a create.
#[derive(Debug)]
struct Slow<'a>(&'a FakeSide, &'a ManualClock);

impl Side for Slow<'_> {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        self.0.capabilities(kind)
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot> {
        self.0.list(kind)
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> SideFuture<'a, Option<Observation>> {
        self.0.get(kind, key)
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            self.1.sleep(Duration::from_secs(300)).await;
            self.0.create(kind, client_key, record).await
        })
    }
}

#[test]
fn an_old_plan_is_not_carried_out_a_second_time() {
    let world = World::new(able(Recovery::ByClientKey), 2);
    let old = world.plan();
    world.apply();
    let writes = world.payroll.writes();
    let again = block_on(world.executor().apply(&old)).unwrap();
    assert_eq!((again.totals.stale, again.totals.all()), (2, 2));
    let because = Stale::Link;
    assert_eq!(again.records[0].outcome, Outcome::Stale { because });
    assert_eq!(world.payroll.writes(), writes);
}

#[test]
fn what_we_wrote_is_no_change_of_the_other_side() {
    let shouts = |record: &mut Record| {
        let name = record
            .get("name")
            .and_then(Value::as_text)
            .unwrap_or_default();
        let name = name.trim().to_uppercase();
        record.set("name", name.as_str()).unwrap();
    };
    // Both may change a name, and nobody wins by himself: an echo would be a conflict.
    for policy in [Policy::owned_by(Which::Left), Policy::default()] {
        let mut world = World::new(able(Recovery::ByClientKey), 0);
        world.payroll = world.payroll.normalising(&kind(), shouts);
        world.policy = policy;
        world.policy.guard = Guard::OFF;
        world.policy.sides.right.create = record_link::Permission::Automatic;
        world.person(" anna ", None);
        assert_eq!(world.apply().totals.created, 1);
        let plan = world.plan();
        assert_eq!((plan.operations.len(), plan.findings.len()), (0, 0));
        world
            .people
            .edit(&kind(), &key(" anna "), "name", " anna maria")
            .unwrap();
        assert_eq!(world.apply().totals.updated, 1);
        let plan = world.plan();
        assert_eq!((plan.operations.len(), plan.findings.len()), (0, 0));
        let there = world.payroll.records(&kind()).pop_first().unwrap().1;
        assert_eq!(there.get("name"), Some(&"ANNA MARIA".into()));
    }
}

#[test]
fn many_creates_in_doubt_are_found_with_one_listing() {
    let settle = able(Recovery::ByListing).settles_within(Duration::from_secs(5));
    let world = World::new(settle, 50);
    for number in 0..50 {
        let fault = if number % 2 == 0 {
            Fault::AnswerLost
        } else {
            Fault::EffectLate(u32::MAX)
        };
        world.payroll.fail_next(SideOperation::Create, fault);
    }
    let plan = world.plan();
    let payroll = Watched::new(&world.payroll);
    // This run does not wait: it leaves everything in doubt, as one that dies does.
    let executor = world.over(&payroll).longest_settle(Duration::ZERO);
    let applied = block_on(executor.apply(&plan)).unwrap();
    assert_eq!((applied.totals.in_doubt, applied.totals.all()), (50, 50));
    assert_eq!(applied.doubtful_creates().count(), 50);
    let lists = |calls: Vec<SideOperation>| {
        calls
            .iter()
            .filter(|call| **call == SideOperation::List)
            .count()
    };
    let before = lists(world.payroll.calls());
    let executor = world.over(&payroll);
    let recovered = block_on(executor.recover(&connection())).unwrap();
    assert_eq!(
        (recovered.settled.len(), recovered.not_done.len()),
        (25, 25)
    );
    assert_eq!(recovered.creates.len(), 50);
    // One at once, and one when those that were not there had their time.
    assert_eq!(lists(world.payroll.calls()) - before, 2);
    assert!(!world.payroll.calls().contains(&SideOperation::Find));
    // They look first when they are planned again: once more for all.
    let plan = world.plan();
    let looks = |one: &record_link::Operation| {
        matches!(
            one.step,
            Step::Create {
                look_first: true,
                ..
            }
        )
    };
    assert_eq!(plan.operations.iter().filter(|one| looks(one)).count(), 25);
    let before = lists(world.payroll.calls());
    assert_eq!(block_on(executor.apply(&plan)).unwrap().totals.created, 25);
    assert_eq!(lists(world.payroll.calls()) - before, 1);
    assert_eq!(world.payroll.records(&kind()).len(), 50);
    assert!(world.deviations().is_empty());
}

#[test]
fn within_a_run_what_is_provably_not_there_is_sent_again() {
    let settle = able(Recovery::ByClientKey).settles_within(Duration::from_secs(5));
    let world = World::new(settle, 4);
    let never = Fault::EffectLate(u32::MAX);
    for fault in [never.clone(), Fault::AnswerLost, never] {
        world.payroll.fail_next(SideOperation::Create, fault);
    }
    let applied = world.apply();
    assert_eq!((applied.totals.created, applied.totals.all()), (4, 4));
    assert_eq!(
        (world.payroll.writes(), world.clock.slept()),
        (6, Duration::from_secs(5))
    );
    assert!(world.deviations().is_empty() && world.plan().operations.is_empty());
}

#[test]
fn a_double_that_landed_late_is_told_with_the_keys_of_both() {
    for recovery in [Recovery::ByClientKey, Recovery::ByListing] {
        // The system promises that nothing shows late, and it is not true.
        let world = World::new(able(recovery), 3);
        world
            .payroll
            .fail_next(SideOperation::Create, Fault::EffectLate(u32::MAX));
        let payroll = Watched::new(&world.payroll);
        let executor = world.over(&payroll);
        let applied = block_on(executor.apply(&world.plan())).unwrap();
        assert_eq!(applied.totals.created, 3);
        world.payroll.settle();
        let calls = world.payroll.calls().len();
        let connection = connection();
        let audited = executor.audit(&connection, applied.doubtful_creates());
        let audited = block_on(audited).unwrap();
        assert_eq!((audited.looked_for, audited.doubles.len()), (1, 1));
        assert_eq!(world.payroll.calls().len() - calls, 1, "one look for all");
        let double = &audited.doubles[0];
        assert_eq!(double.keys.len(), 2);
        let deviation = block_on(world.store.deviation(&connection, double.deviation));
        let deviation = deviation.unwrap().unwrap();
        assert_eq!(deviation.failure().code(), "doubles");
        for key in &double.keys {
            assert!(
                deviation
                    .failure()
                    .messages()
                    .iter()
                    .any(|one| one == key.as_str())
            );
            assert!(!format!("{deviation:?} {audited:?}").contains(key.as_str()));
        }
        // Somebody deletes one of them, and the next audit settles it.
        world.payroll.remove(&kind(), &double.keys[1]).unwrap();
        let audited = executor.audit(&connection, &applied.creates);
        assert_eq!(block_on(audited).unwrap().looked_for, 3);
        let deviation = block_on(world.store.deviation(&connection, deviation.id()));
        assert_eq!(
            deviation.unwrap().unwrap().state(),
            DeviationState::Resolved
        );
    }
}

#[test]
fn a_create_that_exists_already_is_ours_if_it_carries_our_key() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    let payroll = Watched::before(&world.payroll, |number| {
        (number == 0).then(|| {
            // It was carried out by somebody, and the system says so.
            let name = Record::new(&fields()).with("name", "person 0").unwrap();
            let key = ClientKey::new("people->payroll", "employee", "person 0");
            block_on(world.payroll.create(&kind(), &key, &name)).unwrap();
            SideError::new(SideOperation::Create, SideErrorKind::AlreadyExists)
        })
    });
    let applied = block_on(world.over(&payroll).apply(&world.plan())).unwrap();
    assert_eq!(applied.totals.created, 1);
    assert_eq!(world.payroll.records(&kind()).len(), 1);
    assert!(world.plan().operations.is_empty());
}

#[test]
fn unlinking_asks_no_side() {
    let world = World::new(able(Recovery::ByClientKey), 1);
    world.apply();
    let link = world.links().pop().unwrap();
    let decision = record_link::Decision::new(
        connection(),
        kind(),
        record_link::About::Link { id: link.id },
        record_link::Action::Unlink,
        world.clock.now(),
    );
    let snapshots = block_on(async {
        let left = world.people.list(&kind()).await.unwrap();
        (left, world.payroll.list(&kind()).await.unwrap())
    });
    let decisions = [decision];
    let links = world.links();
    let plan = Planner::new(connection(), kind(), &world.policy, keeping())
        .links(&links)
        .decisions(&decisions)
        .plan(Sides::new(&snapshots.0, &snapshots.1), world.clock.now())
        .unwrap();
    let calls = (world.people.calls().len(), world.payroll.calls().len());
    let applied = block_on(world.executor().apply(&plan)).unwrap();
    assert_eq!((applied.totals.unlinked, applied.totals.all()), (1, 1));
    assert_eq!(
        calls,
        (world.people.calls().len(), world.payroll.calls().len())
    );
}

/// What a runtime with several threads asks of a future.
#[test]
fn the_futures_can_move_between_threads() {
    fn is_send<T: Send>(one: T) -> T {
        one
    }
    let world = World::new(able(Recovery::ByClientKey), 1);
    let plan = world.plan();
    let executor = is_send(world.executor());
    block_on(is_send(executor.recover(&connection()))).unwrap();
    let applied = block_on(is_send(executor.apply(&plan))).unwrap();
    block_on(is_send(executor.audit(&connection(), &applied.creates))).unwrap();
    let _: BoxFuture<'_, ()> = Box::pin(async {
        let _ = executor.apply(&plan).await;
    });
    let _: DateTime<Utc> = world.clock.now();
}
