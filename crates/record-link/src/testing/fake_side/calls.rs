//! The calls of the system, and what goes wrong with them.

use std::sync::atomic::{AtomicUsize, Ordering};

use flat_record::{FieldName, Kind, Record};

use super::system::{About, Effect, Stored, System, without};
use super::{FakeSide, Fault};
use crate::testing::yield_now;
use crate::{
    BoxFuture, Capabilities, ClientKey, Found, Observation, Receipt, RecordKey, Recovery,
    RejectReason, Scope, Side, SideError, SideErrorKind, SideOperation, Snapshot,
};

/// A write that has left and was not answered, or nobody waits for any more.
struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl FakeSide {
    /// Runs a call: a step of the fuse before it, one after it, and a fault in between.
    async fn call<T>(
        &self,
        operation: SideOperation,
        about: About<'_>,
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
            let fault = system.take_fault(operation, about);
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

impl Side for FakeSide {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        let system = self.system();
        system.kinds.get(kind).map(|kind| kind.capabilities.clone())
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> BoxFuture<'a, Result<Snapshot, SideError>> {
        Box::pin(
            self.call(SideOperation::List, About::None, move |system, fault| {
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
            }),
        )
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> BoxFuture<'a, Result<Option<Observation>, SideError>> {
        Box::pin(self.call(
            SideOperation::Get,
            About::There(kind, key),
            move |system, _| {
                let now = system.now();
                Ok(system.kind(SideOperation::Get, kind)?.observe(key, now))
            },
        ))
    }

    fn find<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
    ) -> BoxFuture<'a, Result<Found, SideError>> {
        Box::pin(
            self.call(SideOperation::Find, About::None, move |system, _| {
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
            }),
        )
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> BoxFuture<'a, Result<Receipt, SideError>> {
        let operation = SideOperation::Create;
        Box::pin(
            self.call(operation, About::New(record), move |system, fault| {
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
            }),
        )
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        if_version: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Receipt, SideError>> {
        let operation = SideOperation::Update;
        Box::pin(self.call(
            operation,
            About::There(kind, key),
            move |system, mut fault| {
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
            },
        ))
    }

    fn delete<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        if_version: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), SideError>> {
        let operation = SideOperation::Delete;
        Box::pin(self.call(
            operation,
            About::There(kind, key),
            move |system, mut fault| {
                if !system.kind(operation, kind)?.capabilities.delete {
                    return Err(SideError::new(operation, SideErrorKind::Unsupported));
                }
                if let Some(Fault::EditedMeanwhile(field, value)) = fault.take_if(Fault::is_edit) {
                    system.edit_meanwhile(kind, key, &field, value);
                }
                system.check_version(operation, kind, key, if_version)?;
                if let Some(Fault::EffectLate(calls_left)) = fault {
                    return system.is_late(
                        operation,
                        kind,
                        Effect::Delete(key.clone()),
                        calls_left,
                    );
                }
                system.kind(operation, kind)?.records.remove(key);
                Ok(())
            },
        ))
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
