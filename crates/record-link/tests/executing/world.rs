//! Two systems, a store and a plan between them.

use std::sync::Mutex;
use std::time::Duration;

use flat_record::{Field, Fields, HashKey, Kind, Record, Reference, Value, ValueKind};
use record_link::testing::{FakeSide, FaultyStore, ManualClock, block_on};
use record_link::{
    Applied, Capabilities, ClientKey, Clock, Conditional, ConnectionId, Deviation, DeviationQuery,
    Executor, Found, Guard, Keeping, Lease, Link, MemoryStore, Observation, Plan, Planner, Policy,
    Receipt, RecordKey, Recovery, References, Side, SideError, SideFuture, Sides, Snapshot, Store,
    Which, all_links,
};

pub(crate) fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("people->payroll").unwrap()
}

pub(crate) fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

pub(crate) fn fields() -> Fields {
    let name = Field::new("name", ValueKind::Text).unwrap();
    let boss = Field::new("boss", ValueKind::Reference).unwrap();
    Fields::new([name, boss]).unwrap()
}

pub(crate) fn keeping() -> Keeping {
    Keeping::hashes(HashKey::new([7; 16]))
}

pub(crate) fn able(recovery: Recovery) -> Capabilities {
    Capabilities::read_only(&fields())
        .creates(recovery)
        .updates(Conditional::Atomic)
        .deletes()
}

pub(crate) struct World {
    pub(crate) people: FakeSide,
    pub(crate) payroll: FakeSide,
    pub(crate) store: FaultyStore,
    pub(crate) clock: ManualClock,
    pub(crate) policy: Policy,
}

impl World {
    pub(crate) fn new(payroll: Capabilities, people: usize) -> Self {
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

    pub(crate) fn person(&self, name: &str, boss: Option<&str>) {
        let boss = boss.map_or(Value::Null, |boss| Reference::new(kind(), boss).into());
        let record = Record::new(&fields()).with("name", name).unwrap();
        let record = record.with("boss", boss).unwrap();
        self.people.insert(&kind(), &key(name), record).unwrap();
    }

    pub(crate) fn links(&self) -> Vec<Link> {
        block_on(all_links(&self.store, &connection(), &kind())).unwrap()
    }

    pub(crate) fn plan(&self) -> Plan {
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

    pub(crate) fn executor(&self) -> Executor<'_> {
        self.over(&self.payroll)
    }

    pub(crate) fn over<'a>(&'a self, payroll: &'a dyn Side) -> Executor<'a> {
        let sides = Sides::<&dyn Side>::new(&self.people, payroll);
        Executor::new(&self.store, sides, keeping(), &self.clock).run("run 1")
    }

    pub(crate) fn apply(&self) -> Applied {
        block_on(self.executor().apply(&self.plan())).unwrap()
    }

    /// A run as a process makes it: what was left open, and then a plan.
    pub(crate) fn run(&self) -> Applied {
        let links = self.links();
        block_on(
            self.executor()
                .references(References::of(&links))
                .recover(&connection()),
        )
        .unwrap();
        let links = self.links();
        let executor = self.executor().references(References::of(&links));
        block_on(executor.apply(&self.plan())).unwrap()
    }

    pub(crate) fn deviations(&self) -> Vec<Deviation> {
        let query = DeviationQuery::unsettled();
        let page = block_on(self.store.deviations(&connection(), &query));
        page.unwrap().items
    }

    pub(crate) fn lease(&self, holder: &str, time: Duration) -> Lease {
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
pub(crate) struct Watched<'a> {
    pub(crate) side: &'a FakeSide,
    /// How many creates are under way, and how many there were at once at most.
    pub(crate) creates: Mutex<(usize, usize)>,
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
    pub(crate) fn new(side: &'a FakeSide) -> Self {
        Self::before(side, |_| None)
    }

    /// Before each create this is called with its number.
    pub(crate) fn before(
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
