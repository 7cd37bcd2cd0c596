//! What the system holds, and what a call does to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use flat_record::{FieldName, Kind, Record, Value};

use super::Fault;
use crate::{
    Capabilities, ClientKey, Conditional, Observation, Receipt, RecordKey, Recovery, SideError,
    SideErrorKind, SideOperation,
};

/// Says of which records something is true.
pub(super) type Says = Arc<dyn Fn(&Record) -> bool + Send + Sync>;

/// Changes what is written, as systems that trim, round or reformat do.
pub(super) type Normalise = Arc<dyn Fn(&mut Record) + Send + Sync>;

#[derive(Default)]
pub(super) struct System {
    pub(super) kinds: BTreeMap<Kind, KindOfRecord>,
    pub(super) faults: Vec<Armed>,
    pub(super) late: Vec<Late>,
    pub(super) calls: Vec<SideOperation>,
    pub(super) next: u64,
}

/// A fault that has not come yet.
pub(super) struct Armed {
    pub(super) operation: SideOperation,
    /// Only at calls about such a record.
    pub(super) is_it: Option<Says>,
    pub(super) fault: Fault,
}

/// The record that a call is about.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    /// All of them, or one that nobody knows yet.
    None,
    /// One that is to be created.
    New(&'a Record),
    /// One that is there.
    There(&'a Kind, &'a RecordKey),
}

pub(super) struct KindOfRecord {
    pub(super) capabilities: Capabilities,
    pub(super) records: BTreeMap<RecordKey, Stored>,
    pub(super) normalise: Option<Normalise>,
    pub(super) refuses: Option<Says>,
    /// What each write left behind.
    pub(super) history: Vec<(RecordKey, Record)>,
}

#[derive(Clone)]
pub(super) struct Stored {
    pub(super) version: u64,
    pub(super) record: Record,
    pub(super) client_key: Option<ClientKey>,
}

/// A write whose effect comes late.
pub(super) struct Late {
    pub(super) calls_left: u32,
    pub(super) kind: Kind,
    pub(super) write: Effect,
}

pub(super) enum Effect {
    Create(ClientKey, Record),
    Update(RecordKey, Record),
    Delete(RecordKey),
}

impl System {
    pub(super) fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A clock that goes one second with each call.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let calls = i64::try_from(self.calls.len()).unwrap_or(i64::MAX);
        let passed = TimeDelta::try_seconds(calls).unwrap_or_default();
        DateTime::UNIX_EPOCH + passed
    }

    pub(super) fn take_fault(
        &mut self,
        operation: SideOperation,
        about: About<'_>,
    ) -> Option<Fault> {
        let record = match about {
            About::None => None,
            About::New(record) => Some(record),
            About::There(kind, key) => {
                let kind = self.kinds.get(kind);
                let stored = kind.and_then(|kind| kind.records.get(key));
                stored.map(|stored| &stored.record)
            }
        };
        let is_meant = |armed: &Armed| {
            let is_it = armed.is_it.as_ref();
            armed.operation == operation
                && is_it.is_none_or(|is_it| record.is_some_and(|record| is_it(record)))
        };
        let at = self.faults.iter().position(is_meant)?;
        Some(self.faults.remove(at).fault)
    }

    /// A call passes, and late effects come nearer.
    pub(super) fn tick(&mut self) {
        for late in &mut self.late {
            late.calls_left = late.calls_left.saturating_sub(1);
        }
        let is_due = |late: &mut Late| late.calls_left == 0;
        let due: Vec<_> = self.late.extract_if(.., is_due).collect();
        for late in due {
            self.land(late);
        }
    }

    pub(super) fn land(&mut self, late: Late) {
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

    pub(super) fn kind(
        &mut self,
        operation: SideOperation,
        kind: &Kind,
    ) -> Result<&mut KindOfRecord, SideError> {
        self.kinds
            .get_mut(kind)
            .ok_or_else(|| SideError::new(operation, SideErrorKind::Unsupported))
    }

    pub(super) fn create(
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

    pub(super) fn update(
        &mut self,
        kind: &Kind,
        key: &RecordKey,
        changes: &Record,
    ) -> Result<(), SideError> {
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
    pub(super) fn edit_meanwhile(
        &mut self,
        kind: &Kind,
        key: &RecordKey,
        field: &FieldName,
        value: Value,
    ) {
        let version = self.next_number();
        let kind = self.kinds.get_mut(kind);
        if let Some(stored) = kind.and_then(|kind| kind.records.get_mut(key))
            && stored.record.set(field, value).is_ok()
        {
            stored.version = version;
        }
    }

    /// Refuses a write to a record that is gone, or not in the version that the caller saw.
    pub(super) fn check_version(
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
    pub(super) fn version(&self) -> String {
        format!("v{}", self.version)
    }
}

impl KindOfRecord {
    pub(super) fn is_versioned(&self) -> bool {
        self.capabilities.update != Some(Conditional::Unversioned)
    }

    pub(super) fn observe(&self, key: &RecordKey, now: DateTime<Utc>) -> Option<Observation> {
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
    pub(super) fn written(
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

pub(super) fn without(record: &Record, fields: &[FieldName]) -> Record {
    let mut record = record.clone();
    for field in fields {
        // A field that the record does not have is left out already.
        let _ = record.unset(field);
    }
    record
}

pub(super) fn malfunction(operation: SideOperation) -> SideError {
    SideError::new(operation, SideErrorKind::Malfunction)
}

impl System {
    pub(super) fn is_late<T>(
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

    pub(super) fn written(
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
