//! How long it takes to create many records on a system that takes its time, and what the executor
//! itself costs.
//!
//! `cargo bench -p record-link --bench execute [-- records]`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement"
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
use record_link::testing::FakeSide;
use record_link::{
    BoxFuture, Capabilities, ClientKey, Clock, ConnectionId, Executor, Keeping, MemoryStore,
    Observation, Planner, Policy, Receipt, RecordKey, Recovery, Side, SideFuture, Sides, Snapshot,
    Store, Which,
};

const LATENCY: Duration = Duration::from_millis(30);
const CONCURRENCY: usize = 16;

/// Wakes at a time: one thread for all.
#[derive(Debug, Default)]
struct Timer(
    Mutex<BinaryHeap<Reverse<(Instant, u64)>>>,
    Mutex<Vec<Option<Waker>>>,
    Condvar,
);

impl Timer {
    fn start() -> Arc<Self> {
        let timer = Arc::new(Self::default());
        let of_thread = Arc::clone(&timer);
        thread::spawn(move || {
            let mut waiting = of_thread.0.lock().unwrap();
            loop {
                let now = Instant::now();
                while waiting.peek().is_some_and(|Reverse((at, _))| *at <= now) {
                    let Reverse((_, number)) = waiting.pop().unwrap();
                    let number = usize::try_from(number).unwrap();
                    if let Some(waker) = of_thread.1.lock().unwrap()[number].take() {
                        waker.wake();
                    }
                }
                let wait = waiting
                    .peek()
                    .map_or(Duration::from_secs(1), |Reverse((at, _))| {
                        at.saturating_duration_since(now)
                    });
                waiting = of_thread.2.wait_timeout(waiting, wait).unwrap().0;
            }
        });
        timer
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send + '_ {
        let at = Instant::now() + time;
        std::future::poll_fn(move |context: &mut Context<'_>| {
            if Instant::now() >= at {
                return Poll::Ready(());
            }
            let number = {
                let mut wakers = self.1.lock().unwrap();
                wakers.push(Some(context.waker().clone()));
                wakers.len() as u64 - 1
            };
            self.0.lock().unwrap().push(Reverse((at, number)));
            self.2.notify_one();
            Poll::Pending
        })
    }
}

#[derive(Debug)]
struct RealClock(Arc<Timer>);

impl Clock for RealClock {
    fn now(&self) -> DateTime<Utc> {
        std::time::SystemTime::now().into()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(self.0.sleep(time))
    }
}

/// A system that takes its time to create a record.
#[derive(Debug)]
struct Slow(FakeSide, Arc<Timer>, Duration);

impl Side for Slow {
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
            if !self.2.is_zero() {
                self.1.sleep(self.2).await;
            }
            self.0.create(kind, client_key, record).await
        })
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

fn measure(records: usize, latency: Duration, timer: &Arc<Timer>) -> Duration {
    let names = [
        "name", "city", "street", "email", "phone", "title", "team", "note",
    ];
    let fields = names.map(|name| Field::new(name, ValueKind::Text).unwrap());
    let fields = Fields::new(fields).unwrap();
    let kind = Kind::new("employee").unwrap();
    let hr = FakeSide::new().with_capabilities(&kind, Capabilities::read_only(&fields));
    for number in 0..records {
        let mut record = Record::new(&fields);
        for name in names {
            record.set(name, format!("{name} {number}")).unwrap();
        }
        let key = RecordKey::new(format!("e-{number}")).unwrap();
        hr.insert(&kind, &key, record).unwrap();
    }
    let able = Capabilities::read_only(&fields).creates(Recovery::ByClientKey);
    let payroll = FakeSide::new().with_capabilities(&kind, able);
    let payroll = Slow(payroll, Arc::clone(timer), latency);
    let (store, clock) = (MemoryStore::new(), RealClock(Arc::clone(timer)));
    let connection = ConnectionId::new("hr->payroll").unwrap();
    let mut policy = Policy::owned_by(Which::Left);
    policy.guard = record_link::Guard::OFF;
    let keeping = Keeping::hashes(HashKey::new([7; 16]));
    let sides = Sides::<&dyn Side>::new(&hr, &payroll);
    block_on(async {
        let (left, right) = (
            hr.list(&kind).await.unwrap(),
            payroll.list(&kind).await.unwrap(),
        );
        let plan = Planner::new(connection.clone(), kind, &policy, keeping)
            .plan(Sides::new(&left, &right), clock.now())
            .unwrap();
        let executor = Executor::new(&store, sides, keeping, &clock).concurrency(CONCURRENCY);
        let begun = Instant::now();
        let applied = executor.apply(&plan).await.unwrap();
        let taken = begun.elapsed();
        assert_eq!(applied.totals.created, records as u64);
        assert!(store.intents(&connection).await.unwrap().is_empty());
        taken
    })
}

fn main() {
    let records = std::env::args()
        .find_map(|one| one.parse().ok())
        .unwrap_or(5_000);
    let timer = Timer::start();
    let ideal = LATENCY * u32::try_from(records.div_ceil(CONCURRENCY)).unwrap();
    let taken = measure(records, LATENCY, &timer);
    println!(
        "{records} creates, {CONCURRENCY} at once, {LATENCY:?} each: {taken:.2?}, {:.2} times the \
         ideal {ideal:.2?}",
        taken.as_secs_f64() / ideal.as_secs_f64()
    );
    for records in [records / 4, records, records * 4] {
        let taken = measure(records, Duration::ZERO, &timer);
        println!(
            "{records} creates without latency: {taken:.2?}, {:.1} µs each",
            taken.as_secs_f64() * 1e6 / records as f64
        );
    }
}
