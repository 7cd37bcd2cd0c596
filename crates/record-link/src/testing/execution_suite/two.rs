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
const SETTLE: Duration = Duration::from_secs(10);
/// For how long a lease is taken.
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
    *store = Some(lent.give_back()?);
    result?;
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
        let fault = faults[usize::from(order.below(3) as u8)].clone();
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
                10 => Duration::from_secs(31),
                11 if order.below(3) == 0 => {
                    Met::count(&met.killed);
                    two[one].begin();
                    Duration::ZERO
                }
                _ if all_sleep => Duration::from_secs(1),
                _ => Duration::ZERO,
            };
            pass(passes, &mut two, &world, &mut since_landing);
        }
    })
    .await?;
    drop(two);
    // Whatever is left is brought to its end by one process alone.
    world.target.settle();
    world.clock = ManualClock::new(world.now());
    world.quiesce(store.as_ref()).await?;
    let result = world.result(store.as_ref()).await?;
    ensure!(
        result.target().len() == PEOPLE.len(),
        "there are {} records for {} people",
        result.target().len(),
        PEOPLE.len()
    );
    Ok(())
}

/// Lets time pass, as far as the system keeps its promise: a request that has left shows within its
/// time to settle, though its process may be paused for longer.
fn pass(time: Duration, two: &mut [Process; 2], world: &World, since_landing: &mut Duration) {
    let mut left = time;
    while !left.is_zero() {
        let second = left.min(Duration::from_secs(1));
        for process in two.iter_mut() {
            if process.world.target.under_way() > 0 {
                process.flight += second;
                if process.flight >= SETTLE {
                    return;
                }
            }
        }
        *since_landing += second;
        if *since_landing >= SETTLE {
            world.target.settle();
            *since_landing = Duration::ZERO;
        }
        world.clock.advance(second);
        left -= second;
    }
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
