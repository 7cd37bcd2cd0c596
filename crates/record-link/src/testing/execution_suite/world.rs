//! Two systems and a connector between them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::{Field, FieldName, Fields, HashKey, Kind, Record, ValueKind};

use crate::testing::report::{Ended, ensure};
use crate::testing::{FakeSide, ManualClock};
use crate::{
    Applied, Base, Capabilities, Clock, Conditional, ConnectionId, DeviationQuery, EventQuery,
    Executor, Guard, Keeping, Link, Permission, Plan, Planner, Policy, RecordKey, Recovered,
    Recovery, Retries, Side, Sides, Store, Which, all_links, fold_events,
};

/// Two systems and a connector between them: what is on the side `from` is brought to the other.
#[derive(Clone)]
pub(super) struct World {
    pub(super) connection: ConnectionId,
    pub(super) kind: Kind,
    pub(super) fields: Fields,
    pub(super) from: Which,
    pub(super) source: FakeSide,
    pub(super) target: FakeSide,
    pub(super) clock: ManualClock,
    pub(super) policy: Policy,
}

/// What there is when everything is done, told so that it can be compared: keys that a system gave
/// by chance are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Result {
    source: BTreeMap<String, Record>,
    target: BTreeMap<String, Record>,
    links: BTreeSet<(String, Option<String>, &'static str, u64)>,
    bases: BTreeMap<String, Base>,
    unsettled: Vec<(String, &'static str)>,
}

pub(super) fn key(text: &str) -> std::result::Result<RecordKey, Ended> {
    Ok(RecordKey::new(text)?)
}

impl World {
    pub(super) fn new(
        connection: &str,
        from: Which,
        recovery: Recovery,
        settle: Duration,
    ) -> std::result::Result<Self, Ended> {
        let fields = Fields::new([
            Field::new("name", ValueKind::Text)?,
            Field::new("city", ValueKind::Text)?,
            Field::new("grade", ValueKind::Integer)?,
        ])?;
        let kind = Kind::new("employee")?;
        let able = Capabilities::read_only(&fields)
            .creates(recovery)
            .settles_within(settle)
            .updates(Conditional::Atomic)
            .deletes();
        let read_only = Capabilities::read_only(&fields);
        let mut policy = Policy::owned_by(from);
        policy.guard = Guard::OFF;
        policy.missing_after = 1;
        policy.sides[from.other()].delete = Permission::Automatic;
        let is_bad = |record: &Record| record.get("grade") == Some(&(-1).into());
        Ok(Self {
            connection: ConnectionId::new(connection)?,
            source: FakeSide::new().with_capabilities(&kind, read_only),
            // Writes cities in its own way, which is no change of anybody's.
            target: FakeSide::new()
                .with_capabilities(&kind, able)
                .normalising(&kind, trim_city)
                .refusing(&kind, is_bad),
            clock: ManualClock::new(DateTime::UNIX_EPOCH),
            kind,
            fields,
            from,
            policy,
        })
    }

    /// Puts a record in on the source.
    pub(super) fn put(&self, name: &str, city: &str, grade: i64) -> std::result::Result<(), Ended> {
        let record = Record::new(&self.fields).with("name", name)?;
        let record = record.with("city", city)?.with("grade", grade)?;
        let there = self.source.insert(&self.kind, &key(name)?, record);
        there.ok_or_else(|| Ended::Broken("the fake does not know its kind".into()))
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn keeping() -> Keeping {
        Keeping::hashes(HashKey::new([7; 16]))
    }

    /// The sides, as a process sees them.
    fn sides(&self) -> Sides<&dyn Side> {
        let mut sides = Sides::<&dyn Side>::new(&self.source, &self.source);
        sides[self.from.other()] = &self.target;
        sides
    }

    pub(super) fn executor<'a>(&'a self, store: &'a dyn Store) -> Executor<'a> {
        let retries = Retries::new(3).first_wait(Duration::from_millis(100));
        Executor::new(store, self.sides(), Self::keeping(), &self.clock)
            .retries(retries)
            .concurrency(3)
    }

    pub(super) async fn plan(&self, store: &dyn Store) -> std::result::Result<Plan, Ended> {
        let links = all_links(store, &self.connection, &self.kind).await?;
        let decisions = store.decisions(&self.connection, &self.kind).await?;
        let scopes = store.scopes(&self.connection, &self.kind).await?;
        let sides = self.sides();
        let left = sides.left.list(&self.kind).await?;
        let right = sides.right.list(&self.kind).await?;
        let (connection, kind) = (self.connection.clone(), self.kind.clone());
        let planner = Planner::new(connection, kind, &self.policy, Self::keeping())
            .links(&links)
            .decisions(&decisions)
            .known_scopes(scopes);
        Ok(planner.plan(Sides::new(&left, &right), self.now())?)
    }

    /// One run; `None` if there was nothing to do.
    pub(super) async fn run(
        &self,
        store: &dyn Store,
        executor: &Executor<'_>,
    ) -> std::result::Result<(Recovered, Option<Applied>), Ended> {
        let recovered = executor.recover(&self.connection).await?;
        let plan = self.plan(store).await?;
        let applied = executor.apply(&plan).await?;
        if plan.operations.is_empty() {
            return Ok((recovered, None));
        }
        ensure!(
            applied.totals.all() == applied.records.len() as u64 + plan.totals.in_step,
            "the totals of the outcomes do not add up"
        );
        let creates = applied.doubtful_creates().chain(&recovered.creates);
        let audited = executor.audit(&self.connection, creates).await?;
        ensure!(audited.doubles.is_empty(), "there are doubles");
        Ok((recovered, Some(applied)))
    }

    /// Runs until there is nothing to do; what the runs came to.
    pub(super) async fn quiesce(
        &self,
        store: &dyn Store,
    ) -> std::result::Result<Vec<Applied>, Ended> {
        const MOST_RUNS: usize = 12;
        let executor = self.executor(store);
        let mut runs = Vec::new();
        for _ in 0..MOST_RUNS {
            match self.run(store, &executor).await?.1 {
                Some(applied) => runs.push(applied),
                None => return Ok(runs),
            }
        }
        Err(Ended::Broken(format!(
            "{MOST_RUNS} runs did not come to an end"
        )))
    }

    /// Checks that the log of events adds up to the links (I22).
    pub(super) async fn adds_up(&self, store: &dyn Store) -> std::result::Result<(), Ended> {
        let mut events = Vec::new();
        let mut query = EventQuery::new();
        loop {
            let page = store.events(&self.connection, &query).await?;
            events.extend(page.items.into_iter().map(|logged| logged.event));
            if page.next.is_none() {
                break;
            }
            query = query.after(page.next);
        }
        let links = all_links(store, &self.connection, &self.kind).await?;
        let folded = fold_events(&events)?;
        ensure!(
            folded.len() == links.len()
                && links.iter().all(|link| folded.get(&link.id) == Some(link)),
            "the events do not add up to the links"
        );
        Ok(())
    }

    fn by_name(&self, side: &FakeSide) -> std::result::Result<BTreeMap<String, Record>, Ended> {
        let mut named = BTreeMap::new();
        for record in side.records(&self.kind).into_values() {
            let name = name_of(&record);
            ensure!(
                named.insert(name, record).is_none(),
                "a record was created twice"
            );
        }
        Ok(named)
    }

    /// What there is when everything is done.
    pub(super) async fn result(&self, store: &dyn Store) -> std::result::Result<Result, Ended> {
        ensure!(
            self.target.doubles(&self.kind).is_empty(),
            "a create made two records (I8)"
        );
        let open = store.intents(&self.connection).await?;
        ensure!(open.is_empty(), "{} intents are left open", open.len());
        self.adds_up(store).await?;
        let links = all_links(store, &self.connection, &self.kind).await?;
        let there = self.target.records(&self.kind);
        let of = |link: &Link| {
            let source = link.keys[self.from].as_ref();
            let source = source.map_or("", RecordKey::as_str).to_owned();
            let target = link.keys[self.from.other()].as_ref();
            let target = target.and_then(|key| there.get(key)).map(name_of);
            (source, target, link.state.as_str(), link.incarnation)
        };
        let bases = links.iter().map(|link| (of(link).0, link.base.clone()));
        let unsettled = DeviationQuery::unsettled();
        let unsettled = store.deviations(&self.connection, &unsettled).await?.items;
        let told = unsettled.iter().map(|one| {
            let operation = one.topic().operation.clone();
            (operation, one.class().as_str())
        });
        let mut told: Vec<_> = told.collect();
        told.sort_unstable();
        Ok(Result {
            source: self.by_name(&self.source)?,
            target: self.by_name(&self.target)?,
            links: links.iter().map(of).collect(),
            bases: bases.collect(),
            unsettled: told,
        })
    }
}

impl Result {
    /// The records of the system that is written to.
    pub(super) fn target(&self) -> &BTreeMap<String, Record> {
        &self.target
    }

    /// What is told to be wrong: the operation and the class of each deviation.
    pub(super) fn unsettled(&self) -> &[(String, &'static str)] {
        &self.unsettled
    }

    /// In what two results differ, without a value.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let parts = [
            (self.source == other.source, "the source"),
            (self.target == other.target, "the records"),
            (self.links == other.links, "the links"),
            (self.bases == other.bases, "the bases"),
            (self.unsettled == other.unsettled, "the deviations"),
        ];
        let differing = parts.iter().filter(|(is_same, _)| !is_same);
        let differing: Vec<_> = differing.map(|(_, what)| *what).collect();
        if differing.is_empty() {
            return None;
        }
        let told = format!(
            "{}: links {:?} and {:?}, deviations {:?} and {:?}",
            differing.join(", "),
            self.links,
            other.links,
            self.unsettled,
            other.unsettled
        );
        Some(told)
    }
}

pub(super) fn name_of(record: &Record) -> String {
    let name = record.get("name").and_then(flat_record::Value::as_text);
    name.unwrap_or_default().to_owned()
}

fn trim_city(record: &mut Record) {
    let city = record.get("city").and_then(flat_record::Value::as_text);
    if let Some(city) = city.map(|city| city.trim().to_uppercase()) {
        // The field is there, and takes a text.
        let _ = record.set("city", city.as_str());
    }
}

pub(super) fn field(name: &str) -> std::result::Result<FieldName, Ended> {
    Ok(FieldName::new(name)?)
}
