//! Working under a lease.

use super::*;

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
            let polled = work.as_mut().poll(context);
            // Nobody else can take it, however long the request takes.
            let held = block_on(world.store.lease(&connection(), "sync")).unwrap();
            assert!(held.unwrap().until > clock.now());
            polled
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
