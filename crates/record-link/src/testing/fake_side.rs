//! A system in memory, with faults on demand.

mod calls;
mod system;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flat_record::{FieldName, Fields, Kind, Record, Value};

use super::fuse::Fuse;
use crate::{
    Capabilities, ClientKey, Conditional, RecordKey, Recovery, SideErrorKind, SideOperation,
};
use system::{Armed, KindOfRecord, Stored, System};

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
        self.arm(operation, None, fault);
    }

    /// The next call of this operation that is about such a record fails so: one that is to be
    /// created, or the one that is there. Unlike [`fail_next`](Self::fail_next), it does not depend
    /// on the order in which calls come.
    pub fn fail_next_for(
        &self,
        operation: SideOperation,
        is_it: impl Fn(&Record) -> bool + Send + Sync + 'static,
        fault: Fault,
    ) {
        self.arm(operation, Some(Arc::new(is_it)), fault);
    }

    fn arm(&self, operation: SideOperation, is_it: Option<system::Says>, fault: Fault) {
        self.system().faults.push(Armed {
            operation,
            is_it,
            fault,
        });
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
