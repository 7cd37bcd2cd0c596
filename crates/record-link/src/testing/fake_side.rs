//! A system in memory, with faults on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{FieldName, Fields, Kind, Record, Value};

use super::fuse::Fuse;
use super::waiting::yield_now;
use crate::{
    BoxFuture, Capabilities, ClientKey, Conditional, Found, Observation, Receipt, RecordKey,
    Recovery, RejectReason, Scope, Side, SideError, SideErrorKind, SideOperation, Snapshot,
};

/// What goes wrong with a call of a [`FakeSide`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It fails before it has an effect: an outage, a refusal, a limit.
    Before(SideErrorKind),
    /// It takes effect, but the answer is lost.
    AnswerLost,
    /// The answer is lost, and the effect comes only after so many more calls of the side: a late
    /// double is waiting to happen.
    EffectLate(u32),
    /// A write leaves these fields out and says so.
    Partly(Vec<FieldName>),
    /// Just before a write, somebody sets a field of the record by hand.
    EditedMeanwhile(FieldName, Value),
    /// A list ends early and says so.
    PageLost,
    /// A list shows its first record twice, as a page that shifted does.
    PageTwice,
    /// A list has a record that could not be read.
    Unreadable,
}

/// A system in memory: its records, its capabilities, and what goes wrong with it.
///
/// Clones share the system, so that a test can keep one to look and to edit by hand while a
/// connector works with another.
///
/// ```
/// use flat_record::{Field, Fields, Kind, Record, ValueKind};
/// use record_link::testing::{FakeSide, Fault, block_on};
/// use record_link::{ClientKey, Found, Side, SideOperation};
///
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let kind = Kind::new("employee")?;
/// let side = FakeSide::new().with_kind(&kind, &fields);
/// side.fail_next(SideOperation::Create, Fault::AnswerLost);
///
/// let key = ClientKey::new("acme->4875", "employee", "e-17");
/// let anna = Record::new(&fields).with("name", "Anna")?;
/// let error = block_on(side.create(&kind, &key, &anna)).unwrap_err();
/// assert!(error.outcome_is_unknown());
/// assert!(matches!(block_on(side.find(&kind, &key))?, Found::One(_))); // it is there
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FakeSide {
    system: Arc<Mutex<System>>,
    fuse: Fuse,
    /// Writes of this process that have left and were not answered.
    under_way: Arc<AtomicUsize>,
}

/// A write that has left and was not answered, or nobody waits for any more.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Says which records a system refuses.
type Refuses = Arc<dyn Fn(&Record) -> bool + Send + Sync>;

/// Changes what is written, as systems that trim, round or reformat do.
type Normalise = Arc<dyn Fn(&mut Record) + Send + Sync>;

#[derive(Default)]
struct System {
    kinds: BTreeMap<Kind, KindOfRecord>,
    faults: Vec<(SideOperation, Fault)>,
    late: Vec<Late>,
    calls: Vec<SideOperation>,
    next: u64,
}

struct KindOfRecord {
    capabilities: Capabilities,
    records: BTreeMap<RecordKey, Stored>,
    normalise: Option<Normalise>,
    refuses: Option<Refuses>,
    /// What each write left behind.
    history: Vec<(RecordKey, Record)>,
}

#[derive(Clone)]
struct Stored {
    version: u64,
    record: Record,
    client_key: Option<ClientKey>,
}

/// A write whose effect comes late.
struct Late {
    calls_left: u32,
    kind: Kind,
    write: Effect,
}

enum Effect {
    Create(ClientKey, Record),
    Update(RecordKey, Record),
    Delete(RecordKey),
}

impl Default for FakeSide {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeSide {
    /// A system without records of any kind.
    pub fn new() -> Self {
        Self {
            system: Arc::default(),
            fuse: Fuse::never(),
            under_way: Arc::default(),
        }
    }

    /// Adds a kind of record with which everything can be done.
    #[must_use]
    pub fn with_kind(self, kind: &Kind, fields: &Fields) -> Self {
        let everything = Capabilities::read_only(fields)
            .creates(Recovery::ByClientKey)
            .updates(Conditional::Atomic)
            .deletes();
        self.with_capabilities(kind, everything)
    }

    /// Adds a kind of record, or changes what can be done with it. The system keeps to it: without
    /// [`Recovery::ByClientKey`] it forgets client keys, for instance.
    #[must_use]
    pub fn with_capabilities(self, kind: &Kind, capabilities: Capabilities) -> Self {
        let mut system = self.system();
        if let Some(known) = system.kinds.get_mut(kind) {
            known.capabilities = capabilities;
        } else {
            let new = KindOfRecord {
                capabilities,
                records: BTreeMap::new(),
                normalise: None,
                refuses: None,
                history: Vec::new(),
            };
            system.kinds.insert(kind.clone(), new);
        }
        drop(system);
        self
    }

    /// Changes what is written to records of a kind, as systems that trim, round or reformat do.
    #[must_use]
    pub fn normalising(
        self,
        kind: &Kind,
        normalise: impl Fn(&mut Record) + Send + Sync + 'static,
    ) -> Self {
        if let Some(kind) = self.system().kinds.get_mut(kind) {
            kind.normalise = Some(Arc::new(normalise));
        }
        self
    }

    /// Refuses to have records of a kind written that are so, as systems with rules do.
    #[must_use]
    pub fn refusing(
        self,
        kind: &Kind,
        refuses: impl Fn(&Record) -> bool + Send + Sync + 'static,
    ) -> Self {
        if let Some(kind) = self.system().kinds.get_mut(kind) {
            kind.refuses = Some(Arc::new(refuses));
        }
        self
    }

    /// The same system, used by a process that dies when the fuse blows.
    #[must_use]
    pub fn with_fuse(&self, fuse: Fuse) -> Self {
        Self {
            system: Arc::clone(&self.system),
            fuse,
            under_way: Arc::default(),
        }
    }

    /// The next call of this operation fails so. Several faults of one operation come one after
    /// the other, each at a call of its own.
    pub fn fail_next(&self, operation: SideOperation, fault: Fault) {
        self.system().faults.push((operation, fault));
    }

    /// How many faults have not come yet.
    pub fn armed_faults(&self) -> usize {
        self.system().faults.len()
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<SideOperation> {
        self.system().calls.clone()
    }

    /// How many writes were asked for so far.
    pub fn writes(&self) -> usize {
        let calls = self.calls();
        calls.iter().filter(|call| call.is_write()).count()
    }

    /// Puts a record in, or replaces one, by hand. `None` if the kind is unknown.
    pub fn insert(&self, kind: &Kind, key: &RecordKey, record: Record) -> Option<()> {
        let mut system = self.system();
        let version = system.next_number();
        let kind = system.kinds.get_mut(kind)?;
        let client_key = kind.records.get(key).and_then(|known| known.client_key);
        let stored = Stored {
            version,
            record,
            client_key,
        };
        kind.records.insert(key.clone(), stored);
        Some(())
    }

    /// Sets a field of a record by hand. `None` if there is no such record or field.
    pub fn edit(
        &self,
        kind: &Kind,
        key: &RecordKey,
        field: &str,
        value: impl Into<Value>,
    ) -> Option<()> {
        let mut system = self.system();
        let version = system.next_number();
        let stored = system.kinds.get_mut(kind)?.records.get_mut(key)?;
        stored.record.set(field, value).ok()?;
        stored.version = version;
        Some(())
    }

    /// Deletes a record by hand.
    pub fn remove(&self, kind: &Kind, key: &RecordKey) -> Option<Record> {
        let mut system = self.system();
        let stored = system.kinds.get_mut(kind)?.records.remove(key)?;
        Some(stored.record)
    }

    /// The records of a kind, as they are.
    pub fn records(&self, kind: &Kind) -> BTreeMap<RecordKey, Record> {
        let system = self.system();
        let records = system.kinds.get(kind).map(|kind| &kind.records);
        let copy = |(key, stored): (&RecordKey, &Stored)| (key.clone(), stored.record.clone());
        records.into_iter().flatten().map(copy).collect()
    }

    /// What each write left behind, in order: the records as they were at every instant. What was
    /// put in or edited by hand is not among it.
    pub fn history(&self, kind: &Kind) -> Vec<(RecordKey, Record)> {
        let system = self.system();
        let kind = system.kinds.get(kind);
        kind.map(|kind| kind.history.clone()).unwrap_or_default()
    }

    /// How many writes of this process have left and were not answered yet. (A process is what
    /// [`with_fuse`](Self::with_fuse) gives, with its clones.)
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// The client keys that more than one record of a kind carries: doubles.
    pub fn doubles(&self, kind: &Kind) -> BTreeSet<ClientKey> {
        let system = self.system();
        let records = system.kinds.get(kind).map(|kind| kind.records.values());
        let mut seen = BTreeSet::new();
        let keys = records
            .into_iter()
            .flatten()
            .filter_map(|stored| stored.client_key);
        keys.filter(|key| !seen.insert(*key)).collect()
    }

    /// Lets every write land whose effect is late.
    pub fn settle(&self) {
        let mut system = self.system();
        for late in std::mem::take(&mut system.late) {
            system.land(late);
        }
    }

    fn system(&self) -> MutexGuard<'_, System> {
        // A panic elsewhere in a test must not hide what it is about.
        self.system.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a call: a step of the fuse before it, one after it, and a fault in between.
    async fn call<T>(
        &self,
        operation: SideOperation,
        work: impl FnOnce(&mut System, Option<Fault>) -> Result<T, SideError>,
    ) -> Result<T, SideError> {
        let fail = |kind| Err(SideError::new(operation, kind));
        let _under_way = operation.is_write().then(|| {
            self.under_way.fetch_add(1, Ordering::SeqCst);
            UnderWay(&self.under_way)
        });
        // Others go on here, as they do while a request is under way.
        yield_now().await;
        if !self.fuse.step() {
            return fail(SideErrorKind::Unavailable);
        }
        let result = {
            let mut system = self.system();
            system.calls.push(operation);
            system.tick();
            let fault = system.take_fault(operation);
            if let Some(Fault::Before(kind)) = fault {
                return fail(kind);
            }
            let is_lost = matches!(fault, Some(Fault::AnswerLost));
            let result = work(&mut system, fault);
            if is_lost && operation.is_write() && result.is_ok() {
                return fail(SideErrorKind::OutcomeUnknown);
            } else if is_lost {
                return fail(SideErrorKind::Unavailable);
            }
            result
        };
        yield_now().await;
        if self.fuse.step() {
            result
        } else if operation.is_write() {
            fail(SideErrorKind::OutcomeUnknown)
        } else {
            fail(SideErrorKind::Unavailable)
        }
    }
}

impl System {
    fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A clock that goes one second with each call.
    fn now(&self) -> DateTime<Utc> {
        let calls = i64::try_from(self.calls.len()).unwrap_or(i64::MAX);
        let passed = TimeDelta::try_seconds(calls).unwrap_or_default();
        DateTime::UNIX_EPOCH + passed
    }

    fn take_fault(&mut self, operation: SideOperation) -> Option<Fault> {
        let at = self.faults.iter().position(|(of, _)| *of == operation)?;
        Some(self.faults.remove(at).1)
    }

    /// A call passes, and late effects come nearer.
    fn tick(&mut self) {
        for late in &mut self.late {
            late.calls_left = late.calls_left.saturating_sub(1);
        }
        let is_due = |late: &mut Late| late.calls_left == 0;
        let due: Vec<_> = self.late.extract_if(.., is_due).collect();
        for late in due {
            self.land(late);
        }
    }

    fn land(&mut self, late: Late) {
        // What is refused by then has no effect; nobody waits for the answer.
        let _ = match late.write {
            Effect::Create(key, record) => self.create(&late.kind, key, &record).map(drop),
            Effect::Update(key, changes) => self.update(&late.kind, &key, &changes).map(drop),
            Effect::Delete(key) => {
                if let Some(kind) = self.kinds.get_mut(&late.kind) {
                    kind.records.remove(&key);
                }
                Ok(())
            }
        };
    }

    fn kind(
        &mut self,
        operation: SideOperation,
        kind: &Kind,
    ) -> Result<&mut KindOfRecord, SideError> {
        self.kinds
            .get_mut(kind)
            .ok_or_else(|| SideError::new(operation, SideErrorKind::Unsupported))
    }

    fn create(
        &mut self,
        kind: &Kind,
        client_key: ClientKey,
        record: &Record,
    ) -> Result<RecordKey, SideError> {
        let number = self.next_number();
        let kind = self.kind(SideOperation::Create, kind)?;
        // A system shows all of its fields; those that nobody filled are empty.
        let fields = &kind.capabilities.fields;
        let empty = vec![Some(Value::Null); fields.len()];
        let empty = Record::from_slots(fields, empty)
            .map_err(|error| malfunction(SideOperation::Create).with_source(error))?;
        let record = kind.written(SideOperation::Create, empty, record)?;
        let keeps_keys = matches!(
            kind.capabilities.create,
            Some(Recovery::ByClientKey | Recovery::ByListing)
        );
        let stored = Stored {
            version: number,
            record,
            client_key: keeps_keys.then_some(client_key),
        };
        let key = RecordKey::new(format!("fake-{number}"));
        let key = key.map_err(|error| malfunction(SideOperation::Create).with_source(error))?;
        kind.history.push((key.clone(), stored.record.clone()));
        kind.records.insert(key.clone(), stored);
        Ok(key)
    }

    fn update(&mut self, kind: &Kind, key: &RecordKey, changes: &Record) -> Result<(), SideError> {
        let number = self.next_number();
        let kind = self.kind(SideOperation::Update, kind)?;
        let not_found = || SideError::new(SideOperation::Update, SideErrorKind::NotFound);
        let before = kind.records.get(key).ok_or_else(not_found)?.record.clone();
        let after = kind.written(SideOperation::Update, before, changes)?;
        if let Some(stored) = kind.records.get_mut(key) {
            kind.history.push((key.clone(), after.clone()));
            stored.record = after;
            stored.version = number;
        }
        Ok(())
    }

    /// Somebody's edit just before a write.
    fn edit_meanwhile(&mut self, kind: &Kind, key: &RecordKey, field: &FieldName, value: Value) {
        let version = self.next_number();
        let kind = self.kinds.get_mut(kind);
        if let Some(stored) = kind.and_then(|kind| kind.records.get_mut(key))
            && stored.record.set(field, value).is_ok()
        {
            stored.version = version;
        }
    }

    /// Refuses a write to a record that is gone, or not in the version that the caller saw.
    fn check_version(
        &mut self,
        operation: SideOperation,
        kind: &Kind,
        key: &RecordKey,
        if_version: Option<&str>,
    ) -> Result<(), SideError> {
        let kind = self.kind(operation, kind)?;
        let Some(stored) = kind.records.get(key) else {
            return Err(SideError::new(operation, SideErrorKind::NotFound));
        };
        let is_versioned = kind.is_versioned();
        match if_version {
            Some(seen) if is_versioned && *seen != stored.version() => {
                Err(SideError::new(operation, SideErrorKind::Changed))
            }
            _ => Ok(()),
        }
    }
}

impl Stored {
    fn version(&self) -> String {
        format!("v{}", self.version)
    }
}

impl KindOfRecord {
    fn is_versioned(&self) -> bool {
        self.capabilities.update != Some(Conditional::Unversioned)
    }

    fn observe(&self, key: &RecordKey, now: DateTime<Utc>) -> Option<Observation> {
        let stored = self.records.get(key)?;
        let record = stored.record.clone();
        let mut observation = Observation::new(key.as_text(), record, now).ok()?;
        if self.is_versioned() {
            observation = observation.version(stored.version());
        }
        if let Some(client_key) = stored.client_key {
            observation = observation.client_key(client_key.to_string());
        }
        Some(observation)
    }

    /// The record after a write, or why the system refuses it.
    fn written(
        &self,
        operation: SideOperation,
        mut record: Record,
        changes: &Record,
    ) -> Result<Record, SideError> {
        for (field, value) in changes.iter() {
            let refused = |code: &str| {
                SideError::new(operation, SideErrorKind::Refused)
                    .with_code(code)
                    .concerning([field.name.clone()])
            };
            if self.capabilities.read_only.contains(&field.name) {
                return Err(refused("read-only"));
            }
            let set = record.set(&field.name, value.clone());
            set.map_err(|error| refused("invalid").with_source(error))?;
        }
        if let Some(normalise) = &self.normalise {
            normalise(&mut record);
        }
        if self
            .refuses
            .as_ref()
            .is_some_and(|refuses| refuses(&record))
        {
            return Err(SideError::new(operation, SideErrorKind::Refused).with_code("rule"));
        }
        Ok(record)
    }
}

fn without(record: &Record, fields: &[FieldName]) -> Record {
    let mut record = record.clone();
    for field in fields {
        // A field that the record does not have is left out already.
        let _ = record.unset(field);
    }
    record
}

fn malfunction(operation: SideOperation) -> SideError {
    SideError::new(operation, SideErrorKind::Malfunction)
}

impl Side for FakeSide {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        let system = self.system();
        system.kinds.get(kind).map(|kind| kind.capabilities.clone())
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> BoxFuture<'a, Result<Snapshot, SideError>> {
        Box::pin(self.call(SideOperation::List, move |system, fault| {
            let now = system.now();
            let records = system.kind(SideOperation::List, kind)?;
            let keys = records.records.keys();
            let mut seen: Vec<_> = keys.filter_map(|key| records.observe(key, now)).collect();
            let is_whole = !matches!(fault, Some(Fault::PageLost));
            let is_unreadable = matches!(fault, Some(Fault::Unreadable));
            match fault {
                Some(Fault::PageLost) => seen.truncate(seen.len() / 2),
                Some(Fault::PageTwice) => seen.extend(seen.first().cloned()),
                Some(Fault::Unreadable) => drop(seen.pop()),
                _ => {}
            }
            let scope = Scope::of(["fake", kind.as_str()]);
            let mut snapshot =
                Snapshot::new(kind.clone(), &records.capabilities.fields, scope, now);
            for observation in seen {
                snapshot.observe(observation);
            }
            if is_unreadable {
                let code = "unreadable".to_owned();
                snapshot.reject(None, RejectReason::Unreadable(code));
            }
            Ok(if is_whole {
                snapshot.complete()
            } else {
                snapshot
            })
        }))
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> BoxFuture<'a, Result<Option<Observation>, SideError>> {
        Box::pin(self.call(SideOperation::Get, move |system, _| {
            let now = system.now();
            Ok(system.kind(SideOperation::Get, kind)?.observe(key, now))
        }))
    }

    fn find<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
    ) -> BoxFuture<'a, Result<Found, SideError>> {
        Box::pin(self.call(SideOperation::Find, move |system, _| {
            let now = system.now();
            let kind = system.kind(SideOperation::Find, kind)?;
            if kind
                .capabilities
                .create
                .is_none_or(|by| by == Recovery::Never)
            {
                return Ok(Found::Undecided);
            }
            let has_key = |stored: &Stored| stored.client_key.as_ref() == Some(client_key);
            let found = kind.records.iter().filter(|(_, stored)| has_key(stored));
            let found = found.filter_map(|(key, _)| kind.observe(key, now));
            Ok(found.collect())
        }))
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> BoxFuture<'a, Result<Receipt, SideError>> {
        let operation = SideOperation::Create;
        Box::pin(self.call(operation, move |system, fault| {
            if system.kind(operation, kind)?.capabilities.create.is_none() {
                return Err(SideError::new(operation, SideErrorKind::Unsupported));
            }
            if let Some(Fault::EffectLate(calls_left)) = fault {
                let write = Effect::Create(*client_key, record.clone());
                return system.is_late(operation, kind, write, calls_left);
            }
            let left_out = fault.map(Fault::left_out).unwrap_or_default();
            let key = system.create(kind, *client_key, &without(record, &left_out))?;
            system.written(operation, kind, &key, left_out)
        }))
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Receipt, SideError>> {
        let operation = SideOperation::Update;
        Box::pin(self.call(operation, move |system, mut fault| {
            if system.kind(operation, kind)?.capabilities.update.is_none() {
                return Err(SideError::new(operation, SideErrorKind::Unsupported));
            }
            if let Some(Fault::EditedMeanwhile(field, value)) = fault.take_if(Fault::is_edit) {
                system.edit_meanwhile(kind, key, &field, value);
            }
            system.check_version(operation, kind, key, if_version)?;
            if let Some(Fault::EffectLate(calls_left)) = fault {
                let write = Effect::Update(key.clone(), changes.clone());
                return system.is_late(operation, kind, write, calls_left);
            }
            let left_out = fault.map(Fault::left_out).unwrap_or_default();
            system.update(kind, key, &without(changes, &left_out))?;
            system.written(operation, kind, key, left_out)
        }))
    }

    fn delete<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        if_version: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), SideError>> {
        let operation = SideOperation::Delete;
        Box::pin(self.call(operation, move |system, mut fault| {
            if !system.kind(operation, kind)?.capabilities.delete {
                return Err(SideError::new(operation, SideErrorKind::Unsupported));
            }
            if let Some(Fault::EditedMeanwhile(field, value)) = fault.take_if(Fault::is_edit) {
                system.edit_meanwhile(kind, key, &field, value);
            }
            system.check_version(operation, kind, key, if_version)?;
            if let Some(Fault::EffectLate(calls_left)) = fault {
                return system.is_late(operation, kind, Effect::Delete(key.clone()), calls_left);
            }
            system.kind(operation, kind)?.records.remove(key);
            Ok(())
        }))
    }
}

impl Fault {
    fn is_edit(fault: &mut Self) -> bool {
        matches!(fault, Self::EditedMeanwhile(..))
    }

    fn left_out(self) -> Vec<FieldName> {
        match self {
            Self::Partly(fields) => fields,
            _ => Vec::new(),
        }
    }
}

impl System {
    fn is_late<T>(
        &mut self,
        operation: SideOperation,
        kind: &Kind,
        write: Effect,
        calls_left: u32,
    ) -> Result<T, SideError> {
        self.late.push(Late {
            calls_left,
            kind: kind.clone(),
            write,
        });
        Err(SideError::new(operation, SideErrorKind::OutcomeUnknown))
    }

    fn written(
        &mut self,
        operation: SideOperation,
        kind: &Kind,
        key: &RecordKey,
        left_out: Vec<FieldName>,
    ) -> Result<Receipt, SideError> {
        let now = self.now();
        let observation = self.kind(operation, kind)?.observe(key, now);
        let observation = observation.ok_or_else(|| malfunction(operation))?;
        if left_out.is_empty() {
            return Ok(Receipt::whole(observation));
        }
        let reason = SideError::new(operation, SideErrorKind::Unavailable);
        Ok(Receipt::partly(observation, left_out, reason))
    }
}

impl fmt::Debug for FakeSide {
    /// Hides the records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = self.system();
        f.debug_struct("FakeSide")
            .field("kinds", &system.kinds.keys())
            .field("faults", &system.faults.len())
            .finish_non_exhaustive()
    }
}
