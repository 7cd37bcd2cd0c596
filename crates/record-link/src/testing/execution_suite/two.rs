//! Two processes on one connection.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::world::World;
use super::{ExecutionChecks, Lent};
use crate::testing::report::{Ended, ensure};
use crate::testing::{Fault, FaultyStore, Fuse, ManualClock, yield_now};
use crate::{
    BoxFuture, Clock, Executor, Lease, Recovery, Side, SideOperation, Sides, Store, Which,
};

pub(super) const CHECKS: [(&str, Recovery); 2] = [
    ("two_processes_never_create_a_double", Recovery::ByClientKey),
    (
        "two_processes_that_find_by_listing_never_create_a_double",
        Recovery::ByListing,
    ),
];

/// What a system promises: a write shows within this time.
const SETTLE: Duration = Duration::from_secs(25);
/// For how long a lease is taken. Half of it is less than the time to settle: what was sent while it
/// was held may show when another process has it.
const LEASE: Duration = Duration::from_secs(30);
const PEOPLE: [&str; 4] = ["Anna", "Bo", "Cilla", "Doris"];

/// What was met in all orders, so that a suite that proves nothing is noticed.
#[derive(Debug, Default)]
struct Met {
    lost: AtomicU64,
    waited: AtomicU64,
    taken_over: AtomicU64,
    killed: AtomicU64,
    recovered: AtomicU64,
}

impl Met {
    fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

pub(super) async fn check<S: Store + 'static>(
    store: &mut Option<S>,
    prefix: &str,
    checks: &ExecutionChecks,
    recovery: Recovery,
) -> Result<(), Ended> {
    let met = Arc::new(Met::default());
    let lent = Lent::take(store)?;
    let mut result = Ok(());
    for seed in 0..checks.seeds {
        let connection = format!("{prefix} {seed}");
        result = one_order(&connection, &lent.shared(), recovery, seed, &met).await;
        if let Err(Ended::Broken(how)) = result {
            result = Err(Ended::Broken(format!("order {seed}: {how}")));
            break;
        }
    }
    let pauses = match &result {
        Ok(()) => {
            let connection = format!("{prefix} paused");
            every_pause(&connection, &lent.shared(), recovery, checks.every, &met).await
        }
        Err(_) => Ok(0),
    };
    *store = Some(lent.give_back()?);
    result?;
    let pauses = pauses?;
    ensure!(
        pauses >= 100 / checks.every,
        "only {pauses} pauses prove nothing"
    );
    let seen = |counter: &AtomicU64, of: u64| {
        counter.load(Ordering::Relaxed) >= (checks.seeds / of).max(1)
    };
    ensure!(
        checks.seeds < 5
            || seen(&met.lost, 10)
                && seen(&met.waited, 2)
                && seen(&met.taken_over, 10)
                && seen(&met.killed, 10)
                && seen(&met.recovered, 10),
        "too little was met to prove anything: {met:?}"
    );
    Ok(())
}

/// The clock as one process has it: it is known whether the process sleeps.
#[derive(Debug, Clone)]
struct ProcessClock {
    clock: ManualClock,
    sleeps: Arc<AtomicBool>,
}

impl Clock for ProcessClock {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        let sleep = self.clock.sleep(time);
        Box::pin(async move {
            self.sleeps.store(true, Ordering::SeqCst);
            sleep.await;
            self.sleeps.store(false, Ordering::SeqCst);
        })
    }

    fn alarm(&self, at: DateTime<Utc>) -> BoxFuture<'_, ()> {
        self.clock.alarm(at)
    }
}

/// A process: what it works with, and where it stands.
struct Process {
    world: World,
    clock: ProcessClock,
    store: Arc<dyn Store>,
    steps: Fuse,
    name: String,
    met: Arc<Met>,
    /// For how long a request of it has been under way.
    flight: Duration,
    /// How often it was polled without a step.
    idle: u32,
    future: Option<Pin<Box<dyn Future<Output = Result<(), Ended>> + Send>>>,
}

impl Process {
    fn new(world: &World, store: &Arc<dyn Store>, number: usize, met: &Arc<Met>) -> Self {
        let mut process = Self {
            world: world.clone(),
            clock: ProcessClock {
                clock: world.clock.clone(),
                sleeps: Arc::default(),
            },
            store: Arc::clone(store),
            steps: Fuse::never(),
            name: format!("process {number}"),
            met: Arc::clone(met),
            flight: Duration::ZERO,
            idle: 0,
            future: None,
        };
        process.begin();
        process
    }

    /// Begins, or begins anew after it died.
    fn begin(&mut self) {
        let steps = Fuse::blowing_at(u64::MAX - 1);
        self.world.source = self.world.source.with_fuse(steps.clone());
        self.world.target = self.world.target.with_fuse(steps.clone());
        self.clock.sleeps.store(false, Ordering::SeqCst);
        let store = FaultyStore::sharing(Arc::clone(&self.store)).with_fuse(steps.clone());
        let (world, clock) = (self.world.clone(), self.clock.clone());
        let (name, met) = (self.name.clone(), Arc::clone(&self.met));
        self.steps = steps;
        self.future = Some(Box::pin(async move {
            work(&world, &clock, &store, &name, &met).await
        }));
    }

    /// Lets it go on for one step at most. Whether it made one; nothing if it waits for the store.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Ended>> {
        let before = self.steps.steps();
        if let Some(future) = &mut self.future
            && let Poll::Ready(result) = future.as_mut().poll(context)
        {
            self.future = None;
            result?;
        }
        let has_gone_on = self.future.is_none()
            || self.steps.steps() > before
            || self.clock.sleeps.load(Ordering::SeqCst);
        self.idle = if has_gone_on { 0 } else { self.idle + 1 };
        if self.world.target.under_way() == 0 {
            self.flight = Duration::ZERO;
        }
        // One that was polled so often and does nothing waits for a real store.
        if self.idle > 5 {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

/// What a process does: takes the lease when it can, and works until there is nothing to do.
async fn work(
    world: &World,
    clock: &ProcessClock,
    store: &dyn Store,
    name: &str,
    met: &Met,
) -> Result<(), Ended> {
    loop {
        let held = store.lease(&world.connection, "sync").await?;
        let was_held = held.as_ref().is_some_and(|held| held.holder != name);
        let now = clock.now();
        let taken = Lease::take(&world.connection, held.as_ref(), "sync", name, now, LEASE);
        let Ok((lease, batch)) = taken else {
            Met::count(&met.waited);
            yield_now().await;
            continue;
        };
        match store.commit(batch).await {
            Ok(()) => {}
            Err(error) if error.is_conflict() => continue,
            Err(error) => return Err(error.into()),
        }
        if was_held {
            Met::count(&met.taken_over);
        }
        match under(world, clock, store, lease.clone(), met).await? {
            Worked::Lost => Met::count(&met.lost),
            Worked::Done => {
                let release = lease.release(&world.connection, clock.now());
                // Somebody who took it over releases it as well.
                let _ = store.commit(release).await;
                return Ok(());
            }
        }
    }
}

enum Worked {
    Done,
    Lost,
}

async fn under(
    world: &World,
    clock: &ProcessClock,
    store: &dyn Store,
    lease: Lease,
    met: &Met,
) -> Result<Worked, Ended> {
    let mut sides = Sides::<&dyn Side>::new(&world.source, &world.source);
    sides[world.from.other()] = &world.target;
    let executor = Executor::new(store, sides, World::keeping(), clock)
        .concurrency(2)
        .under(lease, LEASE);
    for _ in 0..12 {
        let recovered = match executor.recover(&world.connection).await {
            Ok(recovered) => recovered,
            Err(error) if error.is_lease_lost() => return Ok(Worked::Lost),
            Err(error) => return Err(error.into()),
        };
        if !recovered.creates.is_empty() {
            Met::count(&met.recovered);
        }
        let plan = world.plan(store).await?;
        if plan.operations.is_empty() {
            return Ok(Worked::Done);
        }
        match executor.apply(&plan).await {
            Ok(_) => {}
            Err(error) if error.is_lease_lost() => return Ok(Worked::Lost),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Ended::Broken("twelve runs did not come to an end".into()))
}

/// Two processes work in one order, which is computed from a seed.
async fn one_order(
    connection: &str,
    store: &Arc<dyn Store>,
    recovery: Recovery,
    seed: u64,
    met: &Arc<Met>,
) -> Result<(), Ended> {
    let mut world = World::new(connection, Which::Left, recovery, SETTLE)?;
    world.clock = ManualClock::held(DateTime::UNIX_EPOCH);
    for name in PEOPLE {
        world.put(name, "Umeå", 1)?;
    }
    let faults = [
        Fault::AnswerLost,
        Fault::EffectLate(9),
        Fault::EffectLate(u32::MAX),
    ];
    let mut order = Order(seed);
    for _ in 0..order.below(3) {
        let fault = faults[usize::try_from(order.below(3)).unwrap_or(0)].clone();
        world.target.fail_next(SideOperation::Create, fault);
    }
    let mut two = [1, 2].map(|number| Process::new(&world, store, number, met));
    let mut since_landing = Duration::ZERO;
    let mut polled = 0_u64;
    let mut stuck = None;
    std::future::poll_fn(|context| {
        loop {
            polled += 1;
            let working: Vec<usize> = (0..2).filter(|one| two[*one].future.is_some()).collect();
            if working.is_empty() || polled > 20_000 {
                return Poll::Ready(Ok(()));
            }
            // Who waits for a real store is asked again when that wakes us.
            let one = stuck.take().unwrap_or_else(|| {
                working[usize::try_from(order.below(working.len() as u64)).unwrap_or(0)]
            });
            match two[one].poll(context) {
                Poll::Pending => {
                    stuck = Some(one);
                    return Poll::Pending;
                }
                Poll::Ready(result) => {
                    if let Err(ended) = result {
                        return Poll::Ready(Err(ended));
                    }
                }
            }
            let all_sleep = working
                .iter()
                .all(|one| two[*one].clock.sleeps.load(Ordering::SeqCst));
            let passes = match order.below(100) {
                0..8 => Duration::from_secs(1),
                8..10 => Duration::from_secs(9),
                10 => LEASE,
                11 if order.below(3) == 0 => {
                    Met::count(&met.killed);
                    two[one].begin();
                    Duration::ZERO
                }
                _ if all_sleep => Duration::from_secs(1),
                _ => Duration::ZERO,
            };
            if let Err(ended) = pass(passes, &mut two, &world, &mut since_landing, context) {
                return Poll::Ready(Err(ended));
            }
        }
    })
    .await?;
    drop(two);
    finish(world, store).await
}

/// Lets a second pass after the other, as far as the system keeps its promise: a request that has
/// left shows within its time to settle, though its process may be paused for longer.
fn pass(
    time: Duration,
    processes: &mut [Process],
    world: &World,
    since_landing: &mut Duration,
    context: &mut Context<'_>,
) -> Result<(), Ended> {
    let second = Duration::from_secs(1);
    for _ in 0..time.as_secs() {
        for process in processes.iter_mut() {
            process.flight += second;
            let is_due = |one: &Process| one.flight >= SETTLE && one.world.target.under_way() > 0;
            for _ in 0..10 {
                if is_due(process)
                    && let Poll::Ready(result) = process.poll(context)
                {
                    result?;
                }
            }
            if process.world.target.under_way() == 0 {
                process.flight = Duration::ZERO;
            }
        }
        *since_landing += second;
        if *since_landing >= SETTLE {
            world.target.settle();
            *since_landing = Duration::ZERO;
        }
        world.clock.advance(second);
    }
    Ok(())
}

/// A process is paused at each of its steps in turn, for so long that its lease runs out; another
/// one takes over and brings the work to its end; then the first one goes on.
async fn every_pause(
    connection: &str,
    store: &Arc<dyn Store>,
    recovery: Recovery,
    every: u64,
    met: &Arc<Met>,
) -> Result<u64, Ended> {
    let mut pauses = 0;
    for step in (0..).step_by(usize::try_from(every).unwrap_or(1)) {
        let mut is_over = true;
        // At once; or shortly before the half of the lease is over, so that it goes on once more
        // without a look at the lease.
        for first in [0, 14] {
            let connection = format!("{connection} {step} {first}");
            let paused = one_pause(&connection, store, recovery, step, first, met).await;
            let is_paused = paused.map_err(|ended| match ended {
                Ended::Broken(how) => {
                    Ended::Broken(format!("paused at step {step} after {first} s: {how}"))
                }
                skipped @ Ended::Skipped(_) => skipped,
            })?;
            pauses += u64::from(is_paused);
            is_over &= !is_paused;
        }
        if is_over {
            break;
        }
    }
    Ok(pauses)
}

enum Phase {
    /// The first process works.
    Before,
    /// It goes on after a short pause.
    Again,
    /// It is paused, and the second one works.
    Paused,
    /// It goes on.
    After,
}

/// Whether the first process was paused, and did not end before.
async fn one_pause(
    connection: &str,
    store: &Arc<dyn Store>,
    recovery: Recovery,
    step: u64,
    first_pause: u64,
    met: &Arc<Met>,
) -> Result<bool, Ended> {
    let world = world(connection, recovery)?;
    let mut two = vec![Process::new(&world, store, 1, met)];
    let (mut phase, mut since_landing, mut polled) = (Phase::Before, Duration::ZERO, 0_u64);
    let mut is_paused = false;
    std::future::poll_fn(|context| {
        loop {
            polled += 1;
            if polled > 20_000 {
                return Poll::Ready(Err(Ended::Broken("it comes to no end".into())));
            }
            let of = usize::from(matches!(phase, Phase::Paused));
            let steps = two[0].steps.steps();
            let pause = match phase {
                Phase::Before if two[0].future.is_none() => return Poll::Ready(Ok(())),
                Phase::Before if steps >= step => {
                    phase = Phase::Again;
                    first_pause
                }
                Phase::Again if two[0].future.is_none() || steps > step + 1 => {
                    is_paused = true;
                    phase = Phase::Paused;
                    two.push(Process::new(&world, store, 2, met));
                    LEASE.as_secs() + 1 - first_pause
                }
                Phase::Paused if two[1].future.is_none() => {
                    phase = Phase::After;
                    0
                }
                Phase::After if two[0].future.is_none() => return Poll::Ready(Ok(())),
                _ => match two[of].poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(ended)) => return Poll::Ready(Err(ended)),
                    // Who sleeps, or waits for the lease, needs the time to pass.
                    Poll::Ready(Ok(())) => {
                        let sleeps = two[of].clock.sleeps.load(Ordering::SeqCst);
                        u64::from(sleeps || polled.is_multiple_of(50))
                    }
                },
            };
            let passes = Duration::from_secs(pause);
            if let Err(ended) = pass(passes, &mut two, &world, &mut since_landing, context) {
                return Poll::Ready(Err(ended));
            }
        }
    })
    .await?;
    drop(two);
    finish(world, store).await.map(|()| is_paused)
}

fn world(connection: &str, recovery: Recovery) -> Result<World, Ended> {
    let mut world = World::new(connection, Which::Left, recovery, SETTLE)?;
    world.clock = ManualClock::held(DateTime::UNIX_EPOCH);
    for name in PEOPLE {
        world.put(name, "Umeå", 1)?;
    }
    Ok(world)
}

/// Whatever is left is brought to its end by one process alone.
async fn finish(mut world: World, store: &Arc<dyn Store>) -> Result<(), Ended> {
    world.target.settle();
    world.clock = ManualClock::new(world.now());
    world.quiesce(store.as_ref()).await?;
    let result = world.result(store.as_ref()).await?;
    let (records, people) = (result.target().len(), PEOPLE.len());
    ensure!(
        records == people,
        "there are {records} records for {people} people"
    );
    Ok(())
}

/// Numbers that look like chance, and are the same each time.
struct Order(u64);

impl Order {
    fn below(&mut self, number: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % number.max(1)
    }
}
