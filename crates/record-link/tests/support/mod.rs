//! Two systems in memory, a plan of what is in them, and its application.

#![allow(
    dead_code,
    clippy::needless_for_each,
    reason = "each test file uses a part; these are tests"
)]

pub(crate) mod invariants;
pub(crate) mod scenario;

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{
    Equivalence, Field, FieldName, Fields, HashKey, Kind, Record, Reference, Sensitivity, Value,
    ValueKind,
};
use record_link::transition::{IntentWrite, Progress, Stale, Transition, Transitions};
use record_link::{
    Candidate, ConnectionId, Decision, Event, Keeping, Link, LinkId, Observation, Operation, Plan,
    Planner, Policy, RecordKey, References, Scope, Sides, Snapshot, Step, Which,
};

pub(crate) const FIELDS: [&str; 5] = ["boss", "city", "grade", "name", "tags"];

/// How often what was met: a property that meets nothing proves nothing.
#[derive(Default)]
pub(crate) struct Coverage(RefCell<BTreeMap<&'static str, u64>>);

impl Coverage {
    pub(crate) fn met(&self, what: &'static str) {
        *self.0.borrow_mut().entry(what).or_default() += 1;
    }

    pub(crate) fn of(&self, what: &str) -> u64 {
        self.0.borrow().get(what).copied().unwrap_or_default()
    }

    /// Fails if something was met too seldom.
    pub(crate) fn demand(&self, demands: &[(&'static str, u64)]) -> Result<(), String> {
        for (what, least) in demands {
            if self.of(what) < *least {
                let met = self.of(what);
                return Err(format!(
                    "`{what}` was met {met} times, not {least}: the test proves nothing"
                ));
            }
        }
        Ok(())
    }
}

pub(crate) fn kind() -> Kind {
    Kind::new("employee").unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("hr->payroll").unwrap()
}

pub(crate) fn name(field: &str) -> FieldName {
    FieldName::new(field).unwrap()
}

pub(crate) fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

pub(crate) fn hash_key() -> HashKey {
    HashKey::new([9; 16])
}

pub(crate) fn time(hour: i64) -> DateTime<Utc> {
    DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(500_000 + hour)
}

/// The layout of a side: the two sides have their fields in another order.
pub(crate) fn layout(which: Which) -> Fields {
    let field = |name: &str, kind| {
        Field::new(name, kind)
            .unwrap()
            .sensitivity(Sensitivity::Internal)
    };
    let mut fields = vec![
        field("name", ValueKind::Text),
        field("city", ValueKind::Text).equivalence(Equivalence::EXACT.fold_case()),
        field("grade", ValueKind::Integer),
        field("tags", ValueKind::Set),
        field("boss", ValueKind::Reference),
    ];
    if which == Which::Right {
        fields.reverse();
    }
    Fields::new(fields).unwrap()
}

/// A value of a field: 0 is null, the others differ from one another; `way` is another way of
/// writing the same, where the field's equivalence knows one.
pub(crate) fn value(field: &str, number: u8, way: bool) -> Value {
    if number == 0 {
        return Value::Null;
    }
    let word = ["", "a", "b", "c"][usize::from(number.min(3))];
    match field {
        "city" if way => Value::from(word.to_uppercase()),
        "name" | "city" => Value::from(word),
        "grade" => Value::from(i64::from(number)),
        "tags" => Value::set([["", "x", "y", "z"][usize::from(number.min(3))], "k"]),
        _ => panic!("no values for {field}"),
    }
}

pub(crate) fn boss(key: &str) -> Value {
    Value::from(Reference::new(kind(), key))
}

/// One of the two systems.
#[derive(Clone)]
pub(crate) struct System {
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) client_keys: BTreeMap<String, String>,
    /// How the system writes what it is given.
    pub(crate) writes_as: fn(&str, Value) -> Value,
    pub(crate) next: u32,
}

impl System {
    fn new() -> Self {
        Self {
            records: BTreeMap::new(),
            client_keys: BTreeMap::new(),
            writes_as: |_, value| value,
            next: 100,
        }
    }
}

/// What goes wrong with a remote call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    None,
    /// The request never arrives, and the caller does not know.
    LostRequest,
    /// It is carried out, but the answer is lost.
    LostAnswer,
    Refused,
}

/// Two systems, and what we remember of them.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) systems: Sides<System>,
    pub(crate) links: BTreeMap<LinkId, Link>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) policy: Policy,
    pub(crate) keeping: Keeping,
    pub(crate) scopes: Sides<Option<Scope>>,
    pub(crate) is_complete: Sides<bool>,
    pub(crate) asks: Sides<Scope>,
    pub(crate) events: Vec<Event>,
    /// Every write to a system: side, key, fields.
    pub(crate) writes: Vec<(Which, String, Vec<FieldName>)>,
    pub(crate) hour: i64,
    pub(crate) is_reversed: bool,
    /// A listing shows the client keys; if not, a record can only be asked for by its key.
    pub(crate) shows_client_keys: bool,
}

/// What became of the operations of a plan.
#[derive(Default, Debug)]
pub(crate) struct Applied {
    pub(crate) done: usize,
    pub(crate) stale: Vec<Stale>,
    pub(crate) unknown: usize,
    pub(crate) refused: usize,
    pub(crate) wrong: usize,
}

impl World {
    pub(crate) fn new() -> Self {
        let scope = Scope::of(["all"]);
        Self {
            systems: Sides::new(System::new(), System::new()),
            links: BTreeMap::new(),
            decisions: Vec::new(),
            candidates: Vec::new(),
            policy: Policy::default(),
            keeping: Keeping::hashes(hash_key()),
            scopes: Sides::new(Some(scope), Some(scope)),
            is_complete: Sides::new(true, true),
            asks: Sides::new(scope, scope),
            events: Vec::new(),
            writes: Vec::new(),
            hour: 0,
            is_reversed: false,
            shows_client_keys: true,
        }
    }

    pub(crate) fn put(&mut self, which: Which, key: &str, fields: &[(&str, Value)]) {
        let mut record = Record::new(&layout(which));
        for (name, value) in fields {
            record.set(name, value.clone()).unwrap();
        }
        self.systems[which].records.insert(key.to_owned(), record);
    }

    pub(crate) fn observation(&self, which: Which, key: &str) -> Option<Observation> {
        let record = self.systems[which].records.get(key)?;
        let observation = Observation::new(key, record.clone(), time(self.hour)).unwrap();
        Some(match self.systems[which].client_keys.get(key) {
            Some(client_key) if self.shows_client_keys => {
                observation.client_key(client_key.as_str())
            }
            _ => observation,
        })
    }

    pub(crate) fn snapshot(&self, which: Which) -> Snapshot {
        let mut snapshot = Snapshot::new(kind(), &layout(which), self.asks[which], time(self.hour));
        let mut keys: Vec<&String> = self.systems[which].records.keys().collect();
        if self.is_reversed {
            keys.reverse();
        }
        for key in keys {
            snapshot.observe(self.observation(which, key).unwrap());
        }
        if self.is_complete[which] {
            snapshot.complete()
        } else {
            snapshot
        }
    }

    pub(crate) fn plan(&self) -> Plan {
        let snapshots = Sides::from_fn(|which| self.snapshot(which));
        let mut links: Vec<Link> = self.links.values().cloned().collect();
        let (mut decisions, mut candidates) = (self.decisions.clone(), self.candidates.clone());
        if self.is_reversed {
            links.reverse();
            decisions.reverse();
            candidates.reverse();
        }
        let planner = Planner::new(connection(), kind(), &self.policy, self.keeping)
            .links(&links)
            .decisions(&decisions)
            .candidates(&candidates)
            .known_scopes(self.scopes);
        planner.plan(snapshots.as_ref(), time(self.hour)).unwrap()
    }

    /// Takes a change over, as a store would.
    pub(crate) fn store(&mut self, transition: Transition) {
        if let Some(write) = transition.link {
            let stored = self.links.get(&write.link.id).map(|link| link.version);
            assert_eq!(
                stored, write.before,
                "a store refuses a change of another version"
            );
            self.links.insert(write.link.id, write.link);
        }
        self.events.extend(transition.event);
        if let Some(spent) = transition.spent {
            self.decisions.retain(|decision| decision.id() != spent);
        }
        assert!(!matches!(transition.intent, IntentWrite::Put(intent) if intent.attempts == 0));
    }

    fn write(&mut self, operation: &Operation, references: &References<'_>) -> Option<String> {
        let (on, key, values) = match &operation.step {
            Step::Create {
                on,
                values,
                pending,
                ..
            } => {
                let mut values: Vec<(FieldName, Value)> = values.clone().into_iter().collect();
                for (name, value) in pending {
                    let there = references.translate(value, on.other()).ok()?.into_owned();
                    values.push((name.clone(), there));
                }
                let system = &mut self.systems[*on];
                system.next += 1;
                (
                    *on,
                    format!(
                        "{}{}",
                        if *on == Which::Left { "l" } else { "r" },
                        system.next
                    ),
                    values,
                )
            }
            Step::Update { on, changes } => {
                let values = changes
                    .iter()
                    .map(|one| (one.field.clone(), one.to.clone()))
                    .collect();
                (
                    *on,
                    operation.keys[*on].as_ref()?.as_str().to_owned(),
                    values,
                )
            }
            Step::Delete { on } => {
                let key = operation.keys[*on].as_ref()?.as_str().to_owned();
                self.systems[*on].records.remove(&key);
                self.writes.push((*on, key.clone(), Vec::new()));
                return Some(key);
            }
            _ => return None,
        };
        let system = &mut self.systems[on];
        let writes_as = system.writes_as;
        let empty = || {
            // What a system is not told, it leaves empty.
            let mut record = Record::new(&layout(on));
            FIELDS
                .iter()
                .for_each(|name| record.set(name, Value::Null).unwrap());
            record
        };
        let record = system.records.entry(key.clone()).or_insert_with(empty);
        for (name, value) in &values {
            record.set(name, writes_as(name, value.clone())).unwrap();
        }
        if let Some(client_key) = self.links.get(&operation.link).and_then(Link::client_key)
            && matches!(operation.step, Step::Create { .. })
        {
            system
                .client_keys
                .insert(key.clone(), client_key.to_string());
        }
        let names = values.into_iter().map(|(name, _)| name).collect();
        self.writes.push((on, key.clone(), names));
        Some(key)
    }

    fn current(&self, operation: &Operation, link: Option<&Link>) -> Sides<Option<Observation>> {
        Sides::from_fn(|which| {
            let known = link.and_then(|link| link.keys[which].as_ref());
            let key = operation.keys[which].as_ref().or(known)?;
            self.observation(which, key.as_str())
        })
    }

    pub(crate) fn apply(&mut self, plan: &Plan) -> Applied {
        self.apply_with(plan, &mut Progress::default(), |_| Fault::None)
    }

    /// Applies a plan as an executor would.
    pub(crate) fn apply_with(
        &mut self,
        plan: &Plan,
        progress: &mut Progress,
        mut fault: impl FnMut(&Operation) -> Fault,
    ) -> Applied {
        let mut applied = Applied::default();
        if !plan.is_clear() {
            return applied;
        }
        for operation in &plan.operations {
            let links: Vec<Link> = self.links.values().cloned().collect();
            let references = References::of(&links);
            let mut transitions = Transitions::new(
                connection(),
                kind(),
                self.keeping,
                &references,
                time(self.hour),
            );
            transitions.run = Some("run".to_owned());
            let link = self.links.get(&operation.link).cloned();
            let now = self.current(operation, link.as_ref());
            let hashes = now
                .as_ref()
                .map(|one| one.as_ref().map(|one| one.hash(&hash_key())));
            if let Err(stale) = progress.check(operation, link.as_ref(), hashes) {
                applied.stale.push(stale);
                continue;
            }
            if operation.step.writes_on().is_none() {
                let records = now.as_ref().map(Option::as_ref);
                match transitions.carry_out(operation, link.as_ref(), records) {
                    Ok(transition) => {
                        progress.note(operation, &transition);
                        progress.done(operation, None);
                        self.store(transition);
                        applied.done += 1;
                    }
                    Err(_) => applied.wrong += 1,
                }
                continue;
            }
            let Ok(begun) = transitions.begin(operation, link.as_ref()) else {
                applied.wrong += 1;
                continue;
            };
            progress.note(operation, &begun);
            self.store(begun);
            let fault = fault(operation);
            let client_key = self.links[&operation.link].client_key();
            let found = match (&operation.step, client_key) {
                (
                    Step::Create {
                        on,
                        look_first: true,
                        ..
                    },
                    Some(client_key),
                ) => {
                    let keys = &self.systems[*on].client_keys;
                    let text = client_key.to_string();
                    keys.iter()
                        .find(|(_, one)| **one == text)
                        .map(|(key, _)| key.clone())
                }
                _ => None,
            };
            let written = match (fault, found) {
                (_, Some(found)) => Some(found),
                (Fault::None | Fault::LostAnswer, None) => self.write(operation, &references),
                _ => None,
            };
            let link = self.links.get(&operation.link).cloned();
            let on = operation.step.writes_on().unwrap();
            let transition = match fault {
                Fault::Refused => {
                    applied.refused += 1;
                    let source = now[on.other()].as_ref();
                    transitions.refuse(operation, link.as_ref(), source)
                }
                Fault::None => {
                    let mut records = now.clone();
                    records[on] = written.and_then(|key| self.observation(on, &key));
                    let hash = records[on].as_ref().map(|one| (on, one.hash(&hash_key())));
                    progress.done(operation, hash);
                    applied.done += 1;
                    let records = records.as_ref().map(Option::as_ref);
                    transitions.acknowledge(operation, link.as_ref(), records)
                }
                Fault::LostRequest | Fault::LostAnswer => {
                    applied.unknown += 1;
                    transitions.unknown(operation, link.as_ref())
                }
            };
            let transition = transition.unwrap();
            progress.note(operation, &transition);
            self.store(transition);
        }
        for which in Which::BOTH {
            self.scopes[which] = plan.scopes[which].or(self.scopes[which]);
        }
        applied
    }

    /// Plans and applies until nothing is left to do; tells how many rounds did something.
    pub(crate) fn settle(&mut self, most: usize) -> Option<usize> {
        for round in 0..=most {
            self.hour += 1;
            let plan = self.plan();
            if plan.operations.is_empty() {
                return Some(round);
            }
            self.apply(&plan);
        }
        None
    }

    pub(crate) fn value_of(&self, which: Which, key: &str, field: &str) -> Option<Value> {
        self.systems[which].records.get(key)?.get(field).cloned()
    }
}
