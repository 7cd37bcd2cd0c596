//! Two runners on one store and two systems, in every order that chance brings.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};

use super::fake_side::{FakeSide, Fault};
use super::faulty_store::{FaultyStore, StoreFault};
use super::fuse::Fuse;
use super::manual_clock::ManualClock;
use super::report::{Ended, Report, ensure};
use super::waiting::yield_now;
use crate::{
    Batch, BoxFuture, Capabilities, Conditional, ConnectionId, Entity, EventQuery, FindingKind,
    Keeping, Lease, LinkId, LinkState, Policy, RecordKey, Recovery, Retries, RunCause, RunError,
    RunOutcome, RunQuery, RunReport, Runner, Side, SideErrorKind, SideOperation, Sides, Store,
    StoreErrorKind, Which, Write, all_links, fold_events,
};

/// How long the lease of a runner is; short, so that it runs out often.
const LEASE: Duration = Duration::from_secs(60);

/// How long a process is frozen at a time: longer than its lease.
const FREEZE: Duration = Duration::from_secs(90);

/// How often at most.
const FREEZES: u32 = 3;

/// How long the other system may still carry out what was sent. Longer than all freezes together:
/// a request that is under way for longer than its side says cannot be told from one that was lost.
const SETTLE: Duration = Duration::from_secs(600);

/// How often a runner tries that finds the other one at work.
const TRIES: u32 = 12;

/// The people, each of whom is to be in payroll once.
const PEOPLE: [&str; 3] = ["Anna", "Bo", "Cilla"];

/// Lets two runners work on one store and the same two systems, one step at a time, in an order that
/// is chosen by a seed: while one waits for the store or a side, the other goes on. One of them is
/// frozen now and then until its lease has run out; requests are lost, and answers; a process dies.
/// Whatever happens, at the end everybody is in both systems once, with one link, nothing is open,
/// and the log adds up.
///
/// A call of the store is one step, however long a disk or a server takes for it, so that a seed
/// means the same order on every store. (How a store does with two calls at once is for
/// [`check_store`](super::check_store).)
///
/// It works in connections of its own, whose ids begin with `prefix`; give each call another prefix
/// if the store is kept. From 50 seeds on it is checked, too, that the runners met in all ways.
///
/// ```
/// use std::sync::Arc;
/// use record_link::{MemoryStore, testing};
///
/// let store = Arc::new(MemoryStore::new());
/// let report = testing::block_on(testing::check_two_runners(store, "one", 0..50));
/// report.into_result().unwrap();
/// ```
#[must_use = "a report that nobody reads proves nothing"]
pub async fn check_two_runners(store: Arc<dyn Store>, prefix: &str, seeds: Range<u64>) -> Report {
    let mut report = Report::new("two runners");
    let mut met = Seen::default();
    let of = seeds.end.saturating_sub(seeds.start);
    let mut result = Ok(());
    for seed in seeds {
        let one = play(&store, prefix, seed, &mut met).await;
        if let Err(Ended::Broken(how)) = one {
            result = Err(Ended::Broken(format!("seed {seed}: {how}")));
            break;
        }
    }
    let is_whole = result.is_ok();
    report.add("two_runners_never_create_a_double_or_lose_a_record", result);
    // A test that never comes to what it is about proves nothing.
    if is_whole && of >= 50 {
        report.add("the_runners_met_in_all_ways", met.is_enough());
    }
    report
}

/// What happened in all plays together.
#[derive(Debug, Default)]
struct Seen {
    busy: u32,
    overtaken: u32,
    finished: u32,
    failed: u32,
    recovered: u64,
    died: u32,
    both_worked: u32,
}

impl Seen {
    fn count(&mut self, result: &Result<RunReport, RunError>) -> bool {
        match result {
            Ok(report) => {
                self.recovered += report.record.totals.recovered;
                let is_finished = report.record.outcome == RunOutcome::Finished;
                self.finished += u32::from(is_finished);
                self.failed += u32::from(!is_finished);
                report.record.totals.done > 0
            }
            Err(RunError::Busy(_)) => {
                self.busy += 1;
                false
            }
            Err(RunError::LeaseLost) => {
                self.overtaken += 1;
                false
            }
            Err(_) => {
                self.failed += 1;
                false
            }
        }
    }

    fn is_enough(&self) -> Result<(), Ended> {
        let is_enough = self.busy > 0
            && self.overtaken > 0
            && self.finished > 0
            && self.failed > 0
            && self.recovered > 0
            && self.died > 0
            && self.both_worked > 0;
        ensure!(is_enough, "of all plays together: {self:?}");
        Ok(())
    }
}

/// Numbers that a seed gives (the generator `SplitMix64`).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let number = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// The systems, and what the runners share.
struct Stage {
    connection: ConnectionId,
    kind: Kind,
    people: FakeSide,
    payroll: FakeSide,
    clock: ManualClock,
    store: Arc<dyn Store>,
    leases: Leases,
}

/// A lease that was stored, and when.
type StoredLease = (DateTime<Utc>, Lease);

/// The leases that were stored, in their order.
#[derive(Debug, Clone, Default)]
struct Leases(Arc<Mutex<Vec<StoredLease>>>);

impl Leases {
    fn note(&self, batch: &Batch) {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        leases.extend(batch.writes.iter().filter_map(|write| match write {
            Write::Lease(lease) => Some((batch.at, lease.clone())),
            _ => None,
        }));
    }

    /// Checks that nobody took one that another one held: the fence would save what is stored, but
    /// the other one was at work.
    fn were_respected(&self) -> Result<(), Ended> {
        let leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (place, (at, taken)) in leases.iter().enumerate() {
            // Somebody who was late may have renewed it after the look, which does not count.
            let mut before = leases.iter().take(place).rev();
            let before = before.find(|(then, one)| one.fence < taken.fence && then <= at);
            let is_new = !leases
                .iter()
                .take(place)
                .any(|(_, one)| one.fence == taken.fence);
            if let Some((_, held)) = before
                && is_new
            {
                ensure!(
                    held.until <= *at,
                    "a lease was taken that {} held still (fence {})",
                    held.holder,
                    held.fence
                );
            }
        }
        ensure!(!leases.is_empty(), "nobody took a lease");
        Ok(())
    }
}

impl Stage {
    fn new(store: &Arc<dyn Store>, prefix: &str, seed: u64) -> Result<Self, Ended> {
        let connection = ConnectionId::new(format!("{prefix} two runners {seed}"))?;
        let kind = Kind::new("employee")?;
        let fields = ["name", "city"].map(|name| Field::new(name, ValueKind::Text));
        let [name, city] = fields;
        let fields = Fields::new([name?, city?])?;
        let able = Capabilities::read_only(&fields)
            .creates(Recovery::ByClientKey)
            .updates(Conditional::Atomic)
            .deletes()
            .settles_within(SETTLE);
        let side = || FakeSide::new().with_capabilities(&kind, able.clone());
        let (people, payroll) = (side(), side());
        for person in PEOPLE {
            let record = Record::new(&fields).with("name", person)?;
            let record = record.with("city", "Luleå")?;
            people.insert(&kind, &RecordKey::new(person)?, record);
        }
        Ok(Self {
            connection,
            kind,
            people,
            payroll,
            clock: ManualClock::new(DateTime::UNIX_EPOCH),
            store: Arc::clone(store),
            leases: Leases::default(),
        })
    }

    /// Somebody's address changes meanwhile.
    fn somebody_moves(&self, chance: &mut Chance) {
        let number = chance.below(PEOPLE.len() as u64);
        let person = usize::try_from(number).ok().and_then(|at| PEOPLE.get(at));
        if let Some(key) = person.and_then(|person| RecordKey::new(*person).ok()) {
            let city = format!("city {}", chance.below(1000));
            self.people.edit(&self.kind, &key, "city", city);
        }
    }

    /// A runner of a process that dies when the fuse blows, with its entity.
    fn runner(&self, holder: &str, fuse: &Fuse) -> (Runner, Entity, FaultyStore) {
        let leases = self.leases.clone();
        let store = FaultyStore::sharing(Arc::clone(&self.store))
            .with_fuse(fuse.clone())
            .showing(move |batch| leases.note(batch));
        let sides = Sides::<Arc<dyn Side>>::new(
            Arc::new(self.people.with_fuse(fuse.clone())),
            Arc::new(self.payroll.with_fuse(fuse.clone())),
        );
        let keeping = Keeping::hashes(HashKey::new([7; 16]));
        let policy = Policy::owned_by(Which::Left);
        let entity = Entity::new(
            self.connection.clone(),
            self.kind.clone(),
            sides,
            policy,
            keeping,
        );
        let clock = Arc::new(self.clock.clone());
        let runner = Runner::new(Arc::new(store.clone()), clock, holder)
            .lease_time(LEASE)
            .retries(Retries::none())
            .longest_settle(Duration::ZERO);
        (runner, entity, store)
    }
}

/// One play: two runners, each of which runs twice, and then what is left is made up for.
async fn play(
    store: &Arc<dyn Store>,
    prefix: &str,
    seed: u64,
    met: &mut Seen,
) -> Result<(), Ended> {
    let stage = Stage::new(store, prefix, seed)?;
    let mut chance = Chance(seed);
    // One process in four dies.
    let fuse = if chance.once_in(4) {
        Fuse::blowing_at(chance.below(120))
    } else {
        Fuse::never()
    };
    let one = stage.runner("one", &fuse);
    let two = stage.runner("two", &Fuse::never());
    for (_, _, store) in [&one, &two] {
        if chance.once_in(4) {
            store.fail_next_commit(StoreFault::AnswerLost);
        }
        if chance.once_in(6) {
            store.fail_next_query(StoreErrorKind::Unavailable);
        }
    }
    for fault in [Fault::AnswerLost, Fault::EffectLate(3)] {
        if chance.once_in(3) {
            stage.payroll.fail_next(SideOperation::Create, fault);
        }
    }
    if chance.once_in(6) {
        let down = Fault::Before(SideErrorKind::Unavailable);
        stage.people.fail_next(SideOperation::Get, down);
    }
    let persists = async |runner: &Runner, entity: &Entity| {
        let mut results = Vec::new();
        // Until it has worked twice, or the other one never lets go.
        for _ in 0..TRIES {
            let result = runner.run_once(entity, RunCause::ByHand).await;
            let is_busy = matches!(result, Err(RunError::Busy(_)));
            results.push(result);
            let worked = results
                .iter()
                .filter(|one| !matches!(one, Err(RunError::Busy(_))));
            if worked.count() == 2 {
                break;
            }
            if is_busy {
                for _ in 0..10 {
                    yield_now().await;
                }
            }
        }
        results
    };
    let results = interleaved(
        [
            Box::pin(persists(&one.0, &one.1)),
            Box::pin(persists(&two.0, &two.1)),
        ],
        [&one.2, &two.2],
        &stage,
        &mut chance,
    )
    .await;
    let mut worked = 0;
    for of_one in &results {
        let has_worked = of_one
            .iter()
            .map(|result| met.count(result))
            .fold(false, |any, one| any | one);
        worked += u32::from(has_worked);
    }
    met.both_worked += u32::from(worked == 2);
    met.died += u32::from(fuse.has_blown());

    // Then one that is well makes up for it: what is late shows, and what is in doubt settles.
    let (runner, entity, _) = stage.runner("three", &Fuse::never());
    stage.payroll.settle();
    let mut shown = BTreeSet::new();
    for _ in 0..4 {
        stage.clock.advance(SETTLE + LEASE);
        let report = runner.run_once(&entity, RunCause::ByHand).await?;
        met.recovered += report.record.totals.recovered;
        let findings = report.plan.into_iter().flat_map(|plan| plan.findings);
        let conflicts = findings.filter(|one| one.what == FindingKind::Conflict);
        shown = conflicts.filter_map(|one| one.link).collect();
    }
    check(&stage, store, &shown).await
}

/// Polls two futures, one step of one of them after the other, as chance has it. A call of the store
/// is waited for before anything else happens: neither is left in the middle of one, where it might
/// hold what the other one needs.
async fn interleaved<T>(
    futures: [BoxFuture<'_, T>; 2],
    stores: [&FaultyStore; 2],
    stage: &Stage,
    chance: &mut Chance,
) -> Vec<T> {
    let mut running: Vec<Option<BoxFuture<'_, T>>> = futures.into_iter().map(Some).collect();
    let mut done: Vec<Option<T>> = running.iter().map(|_| None).collect();
    let left = Cell::new(running.len());
    let mut freezes = 0;
    // Which one is frozen, and for how many steps more.
    let mut frozen = (0, 0_u64);
    let mut step = |index: usize, context: &mut Context<'_>| {
        let Some(future) = running.get_mut(index) else {
            return;
        };
        if let Some(polled) = future
            && let Poll::Ready(value) = Pin::new(polled).poll(context)
        {
            *future = None;
            if let Some(place) = done.get_mut(index) {
                *place = Some(value);
            }
            left.set(left.get() - 1);
        }
    };
    std::future::poll_fn(|context| {
        let waits = || stores.iter().position(|store| store.is_waited_for());
        if let Some(index) = waits() {
            step(index, context);
        } else {
            if freezes < FREEZES && chance.once_in(60) {
                // Wherever it is: with a request on its way, perhaps. If it has the lease, the other
                // one takes it.
                stage.clock.advance(FREEZE);
                freezes += 1;
                frozen = (usize::from(chance.once_in(2)), 20 + chance.below(200));
            }
            if chance.once_in(40) {
                stage.somebody_moves(chance);
            }
            stage.clock.advance(Duration::from_millis(20));
            let first = usize::from(chance.once_in(2));
            for index in [first, 1 - first] {
                // It may be that only one of them gets on.
                let is_frozen = frozen.1 > 0 && index == frozen.0;
                if is_frozen || waits().is_some() || (index != first && chance.once_in(2)) {
                    continue;
                }
                step(index, context);
            }
            frozen.1 = frozen.1.saturating_sub(1);
        }
        if left.get() == 0 {
            return Poll::Ready(());
        }
        // The store wakes whoever waits for it; anybody else may go on at once.
        if waits().is_none() {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    })
    .await;
    done.into_iter().flatten().collect()
}

/// Checks what is left at the end.
async fn check(
    stage: &Stage,
    store: &Arc<dyn Store>,
    shown: &BTreeSet<LinkId>,
) -> Result<(), Ended> {
    let (connection, kind) = (&stage.connection, &stage.kind);
    let there = stage.payroll.records(kind);
    ensure!(
        there.len() == PEOPLE.len() && stage.payroll.doubles(kind).is_empty(),
        "payroll has {} records of {} people",
        there.len(),
        PEOPLE.len()
    );
    let people = stage.people.records(kind);
    let links = all_links(&**store, connection, kind).await?;
    ensure!(
        links.len() == PEOPLE.len(),
        "there are {} links of {} people",
        links.len(),
        PEOPLE.len()
    );
    for link in &links {
        let record = |side: &BTreeMap<RecordKey, Record>, which: Which| {
            let key = link.keys[which].as_ref()?;
            side.get(key).cloned()
        };
        let pair = (record(&people, Which::Left), record(&there, Which::Right));
        ensure!(
            link.state == LinkState::Linked && pair.0.is_some() && pair.1.is_some(),
            "a link is {} and has not both records",
            link.state.as_str()
        );
        // Somebody moved while the answer to a create was lost: a person has to say who is right.
        ensure!(
            pair.0 == pair.1 || shown.contains(&link.id),
            "two records of a link differ, and nobody is told"
        );
    }
    let intents = store.intents(connection).await?;
    ensure!(intents.is_empty(), "{} writes are left open", intents.len());
    let log = EventQuery::new().limit(10_000);
    let log = store.events(connection, &log).await?;
    let folded = fold_events(log.items.iter().map(|one| &one.event))?;
    ensure!(
        folded.values().eq(links.iter()),
        "the events do not add up to the links"
    );
    // Whoever was overtaken stores nothing more: the fence of a run is in its id.
    let fences = log.items.iter().filter_map(|one| {
        let (_, fence) = one.event.run.as_deref()?.split_once('/')?;
        fence.parse::<u64>().ok()
    });
    let fences: Vec<u64> = fences.collect();
    ensure!(
        fences.is_sorted(),
        "a run that was overtaken stored something: {fences:?}"
    );
    stage.leases.were_respected()?;
    let running = RunQuery::new().running();
    let running = store.runs(connection, &running).await?.items;
    ensure!(running.is_empty(), "{} runs have no end", running.len());
    Ok(())
}
