//! Runs happen when they are due, by one process at a time, and what stops one is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod due;
mod lease;
mod runs;
mod stops;
mod touches;

use chrono::{DateTime, Utc};
use flat_record::{Field, Fields, HashKey, Kind, Record, ValueKind};
use record_link::Store;
use record_link::testing::{FakeSide, FaultyStore, ManualClock, block_on};
use record_link::{
    ConnectionId, Deviation, DeviationQuery, Entity, Keeping, Lease, MemoryStore, Policy,
    RecordKey, Retries, RunCause, RunOutcome, RunQuery, RunRecord, RunReport, Runner, Schedule,
    ScheduleState, Side, Sides, Which, all_links,
};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

fn connection() -> ConnectionId {
    ConnectionId::new("people->payroll").unwrap()
}

fn fields() -> Fields {
    let fields = ["name", "city"].map(|name| Field::new(name, ValueKind::Text).unwrap());
    Fields::new(fields).unwrap()
}

fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

fn person(name: &str) -> Record {
    let record = Record::new(&fields()).with("name", name).unwrap();
    record.with("city", "Luleå").unwrap()
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Two systems, a store and a clock whose sleeps end at once.
struct World {
    people: FakeSide,
    payroll: FakeSide,
    memory: MemoryStore,
    store: FaultyStore,
    clock: ManualClock,
    policy: Policy,
    schedule: Option<Schedule>,
}

impl World {
    fn new(people: &[&str]) -> Self {
        let side = || FakeSide::new().with_kind(&kind(), &fields());
        let memory = MemoryStore::new();
        let world = Self {
            people: side(),
            payroll: side(),
            store: FaultyStore::new(memory.clone()),
            memory,
            clock: ManualClock::new(noon()),
            policy: Policy::owned_by(Which::Left),
            schedule: None,
        };
        for name in people {
            world.hire(name);
        }
        world
    }

    fn hire(&self, name: &str) {
        let person = person(name);
        self.people.insert(&kind(), &key(name), person).unwrap();
    }

    fn entity(&self) -> Entity {
        self.entity_of(connection())
    }

    fn entity_of(&self, connection: ConnectionId) -> Entity {
        let sides = Sides::<Arc<dyn Side>>::new(
            Arc::new(self.people.clone()),
            Arc::new(self.payroll.clone()),
        );
        let keeping = Keeping::hashes(HashKey::new([7; 16]));
        let entity = Entity::new(connection, kind(), sides, self.policy.clone(), keeping);
        match self.schedule {
            Some(schedule) => entity.schedule(schedule),
            None => entity,
        }
    }

    fn runner(&self) -> Runner {
        Runner::new(
            Arc::new(self.store.clone()),
            Arc::new(self.clock.clone()),
            "worker 1",
        )
        .retries(Retries::none())
        .entity(self.entity())
    }

    fn run(&self, cause: RunCause) -> RunReport {
        block_on(self.runner().run_once(&self.entity(), cause)).unwrap()
    }

    /// What was due, as why and what came of it.
    fn due(&self) -> Vec<(RunCause, RunOutcome)> {
        let runs = block_on(self.runner().run_due()).unwrap();
        let told = runs
            .into_iter()
            .map(|run| (run.cause, run.result.unwrap().record.outcome));
        told.collect()
    }

    fn state(&self) -> ScheduleState {
        let states = block_on(self.memory.schedules(&connection())).unwrap();
        states.into_iter().find(|one| one.kind == kind()).unwrap()
    }

    fn runs(&self) -> Vec<RunRecord> {
        let runs = block_on(self.memory.runs(&connection(), &RunQuery::new()));
        runs.unwrap().items
    }

    fn deviations(&self) -> Vec<Deviation> {
        let all = DeviationQuery::all();
        let found = block_on(self.memory.deviations(&connection(), &all));
        found.unwrap().items
    }

    fn lease(&self) -> Lease {
        let lease = block_on(self.memory.lease(&connection(), "run/employee"));
        lease.unwrap().unwrap()
    }

    fn touch(&self, which: Which, keys: &[&str]) {
        let keys = keys.iter().map(|text| key(text));
        block_on(self.runner().touch(&connection(), &kind(), which, keys)).unwrap();
    }

    fn touched(&self) -> usize {
        let touched = block_on(self.memory.touched(&connection(), &kind()));
        touched.unwrap().len()
    }

    /// Everybody is in payroll once, and nothing is left open.
    fn assert_in_step(&self, context: &str) {
        let people = self.people.records(&kind());
        let payroll = self.payroll.records(&kind());
        assert_eq!(people.len(), payroll.len(), "{context}");
        assert!(self.payroll.doubles(&kind()).is_empty(), "{context}");
        let links = block_on(all_links(&self.memory, &connection(), &kind())).unwrap();
        assert_eq!(links.len(), people.len(), "{context}");
        for link in links {
            let left = &people[link.keys.left.as_ref().unwrap()];
            assert_eq!(
                left,
                &payroll[link.keys.right.as_ref().unwrap()],
                "{context}"
            );
        }
        let intents = block_on(self.memory.intents(&connection())).unwrap();
        assert_eq!(intents.len(), 0, "{context}");
    }
}
