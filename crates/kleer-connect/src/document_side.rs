//! A side of a system that keeps JSON documents, behind a mapping profile.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use field_map::{Circumstances, Mapper};
use flat_record::{FieldName, Fields, Kind, Record};
use record_link::{
    Capabilities, ClientKey, Conditional, Found, Observation, Receipt, RecordKey, Recovery,
    RejectReason, Scope, Side, SideError, SideErrorKind, SideFuture, SideOperation, Snapshot,
};
use serde_json::Value as Json;

use crate::{JsonApi, OffsetList};

/// The system of a [`DocumentSide`]: what only it knows.
///
/// A document is what the profile maps: a record of the system with what belongs to it put into it.
pub trait Documents: fmt::Debug + Send + Sync {
    /// Where requests go.
    fn api(&self) -> &JsonApi;

    /// All documents; each has its `id`.
    fn list(&self) -> SideFuture<'_, OffsetList>;

    /// One document; `None` if it is not there.
    fn get<'a>(&'a self, id: &'a str) -> SideFuture<'a, Option<Json>>;

    /// The requests that make a document say what `after` says where `before` says something else,
    /// in the order in which they are to be sent. Both are what the profile makes of a record.
    ///
    /// Of a new document, `document` is null; the first request creates it, and wherever a later
    /// one needs its id, [`NEW_ID`] stands in the top of its body.
    fn requests<'a>(
        &'a self,
        document: &'a Json,
        before: &'a Json,
        after: &'a Json,
        client_key: Option<&'a ClientKey>,
    ) -> SideFuture<'a, Vec<Request>>;

    /// The id in the answer to the request that created a document.
    fn created<'a>(&self, answer: &'a Json) -> Option<&'a str>;

    /// Whether a document keeps the client key: where none can, a create whose answer was lost
    /// waits for a person.
    fn keeps_client_key(&self) -> bool {
        false
    }

    /// Adds to an observation what the profile does not say.
    fn complete(&self, document: &Json, seen: Observation) -> Observation {
        let _ = document;
        seen
    }
}

/// What stands for the id of a document that is being created.
pub const NEW_ID: &str = "$id";

/// One request of a write.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// What is done.
    pub operation: SideOperation,
    /// Where.
    pub path: String,
    /// What is sent.
    pub body: Json,
    /// The fields that are not written unless it succeeds.
    pub fields: Vec<FieldName>,
}

impl Request {
    /// A request that writes these fields.
    pub fn new<'a>(
        operation: SideOperation,
        path: impl Into<String>,
        body: Json,
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let fields = fields
            .into_iter()
            .filter_map(|name| FieldName::new(name).ok());
        Self {
            operation,
            path: path.into(),
            body,
            fields: fields.collect(),
        }
    }
}

/// A side of a system that keeps JSON documents. A profile maps them both ways; a write sends only
/// what changes.
///
/// A write of several requests can stop in between: then the [`Receipt`] says what is missing.
#[derive(Debug)]
pub struct DocumentSide<D> {
    documents: D,
    kind: Kind,
    mapper: Mapper,
    read_only: Vec<FieldName>,
    problems: Mutex<BTreeMap<RecordKey, Vec<String>>>,
}

impl<D: Documents> DocumentSide<D> {
    /// For records of this kind, with a profile that was compiled for their fields.
    pub fn new(documents: D, kind: Kind, mapper: Mapper) -> Self {
        Self {
            documents,
            kind,
            mapper,
            read_only: Vec::new(),
            problems: Mutex::default(),
        }
    }

    /// Fields that the system has not, or that are never written there.
    #[must_use]
    pub fn never_writes<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        let fields = fields
            .into_iter()
            .filter_map(|name| FieldName::new(name).ok());
        self.read_only.extend(fields);
        self
    }

    /// The system.
    pub fn documents(&self) -> &D {
        &self.documents
    }

    /// Which rows of the profile a document does not fit, as it was read last, without values. Such
    /// a record is shown without those fields. It should not be written to the other side: half a
    /// record is worse than none.
    pub fn problems(&self, key: &RecordKey) -> Vec<String> {
        self.known_problems().get(key).cloned().unwrap_or_default()
    }

    fn known_problems(&self) -> MutexGuard<'_, BTreeMap<RecordKey, Vec<String>>> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fields(&self) -> &Fields {
        self.mapper.fields()
    }

    fn check(&self, kind: &Kind, operation: SideOperation) -> Result<(), SideError> {
        if *kind == self.kind {
            return Ok(());
        }
        Err(SideError::unsupported(operation))
    }

    fn observe(&self, document: &Json, at: DateTime<Utc>) -> Option<Observation> {
        let explained = self
            .mapper
            .explain(document, &Circumstances::on(at.date_naive()));
        let id = document["id"].as_str()?;
        let seen = Observation::new(id, explained.record().clone(), at).ok()?;
        let seen = self.documents.complete(document, seen);
        let problems: Vec<String> = explained
            .failures()
            .iter()
            .map(ToString::to_string)
            .collect();
        if problems.is_empty() {
            self.known_problems().remove(&seen.key);
        } else {
            self.known_problems().insert(seen.key.clone(), problems);
        }
        Some(seen)
    }

    async fn requests(
        &self,
        operation: SideOperation,
        document: &Json,
        records: [&Record; 2],
        client_key: Option<&ClientKey>,
    ) -> Result<Vec<Request>, SideError> {
        let circumstances = Circumstances::on(Utc::now().date_naive());
        let made = records.map(|record| self.mapper.import(record, &circumstances));
        let refused = |error: field_map::MappingError| {
            SideError::new(operation, SideErrorKind::Refused).with_message(error.to_string())
        };
        let [before, after] = made;
        let (before, after) = (before.map_err(refused)?, after.map_err(refused)?);
        self.documents
            .requests(document, &before, &after, client_key)
            .await
    }

    async fn send(&self, request: &Request) -> Result<Json, SideError> {
        let api = self.documents.api();
        api.send(request.operation, &request.path, &[], Some(&request.body))
            .await
    }

    /// Sends what is left to send, and tells how far it came.
    async fn finish(
        &self,
        operation: SideOperation,
        key: &RecordKey,
        requests: &[Request],
        mut is_begun: bool,
    ) -> Result<Receipt, SideError> {
        let mut missing = Vec::new();
        let mut reason = None;
        for request in requests {
            if reason.is_none() {
                match self.send(request).await {
                    Ok(_) => {
                        is_begun = true;
                        continue;
                    }
                    Err(error) if !is_begun => return Err(error),
                    Err(error) => reason = Some(error),
                }
            }
            missing.extend(request.fields.iter().cloned());
        }
        let document = self.documents.get(key.as_str()).await.ok().flatten();
        let seen = document.and_then(|document| self.observe(&document, Utc::now()));
        // Something was written, and what the record says now is not known.
        let seen = seen.ok_or_else(|| SideError::new(operation, SideErrorKind::OutcomeUnknown))?;
        Ok(match reason {
            None => Receipt::whole(seen),
            Some(reason) => Receipt::partly(seen, missing, reason),
        })
    }
}

impl<D: Documents> Side for DocumentSide<D> {
    fn capabilities(&self, kind: &Kind) -> Option<Capabilities> {
        let recovery = if self.documents.keeps_client_key() {
            Recovery::ByListing
        } else {
            Recovery::Never
        };
        let able = Capabilities::read_only(self.fields()).creates(recovery);
        let able = able.updates(Conditional::Unversioned);
        (*kind == self.kind).then(|| able.never_writes(self.read_only.iter().cloned()))
    }

    fn list<'a>(&'a self, kind: &'a Kind) -> SideFuture<'a, Snapshot> {
        Box::pin(async move {
            self.check(kind, SideOperation::List)?;
            let at = Utc::now();
            let list = self.documents.list().await?;
            let scope = Scope::of([self.mapper.profile(), kind.as_str()]);
            let mut snapshot = Snapshot::new(kind.clone(), self.fields(), scope, at);
            for document in &list.records {
                match self.observe(document, at) {
                    Some(seen) => snapshot.observe(seen),
                    None => snapshot.reject(None, RejectReason::NoKey),
                };
            }
            Ok(if list.is_whole {
                snapshot.complete()
            } else {
                snapshot
            })
        })
    }

    fn get<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
    ) -> SideFuture<'a, Option<Observation>> {
        Box::pin(async move {
            self.check(kind, SideOperation::Get)?;
            let document = self.documents.get(key.as_str()).await?;
            Ok(document.and_then(|document| self.observe(&document, Utc::now())))
        })
    }

    fn find<'a>(&'a self, kind: &'a Kind, client_key: &'a ClientKey) -> SideFuture<'a, Found> {
        Box::pin(async move {
            if self.documents.keeps_client_key() {
                Ok(self.list(kind).await?.find(client_key))
            } else {
                Ok(Found::Undecided)
            }
        })
    }

    fn create<'a>(
        &'a self,
        kind: &'a Kind,
        client_key: &'a ClientKey,
        record: &'a Record,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            let operation = SideOperation::Create;
            self.check(kind, operation)?;
            let records = [&Record::new(self.fields()), record];
            let mut requests = self
                .requests(operation, &Json::Null, records, Some(client_key))
                .await?;
            if requests.is_empty() {
                let nothing = SideError::new(operation, SideErrorKind::Refused);
                return Err(nothing.with_code("nothing-to-create"));
            }
            let answer = self.send(&requests.remove(0)).await?;
            let key = self.documents.created(&answer).map(RecordKey::new);
            let Some(Ok(key)) = key else {
                return Err(SideError::new(operation, SideErrorKind::OutcomeUnknown));
            };
            for request in &mut requests {
                for value in request
                    .body
                    .as_object_mut()
                    .into_iter()
                    .flat_map(|all| all.values_mut())
                {
                    if value == NEW_ID {
                        *value = key.as_str().into();
                    }
                }
            }
            self.finish(operation, &key, &requests, true).await
        })
    }

    fn update<'a>(
        &'a self,
        kind: &'a Kind,
        key: &'a RecordKey,
        changes: &'a Record,
        _: Option<&'a str>,
    ) -> SideFuture<'a, Receipt> {
        Box::pin(async move {
            let operation = SideOperation::Update;
            self.check(kind, operation)?;
            let document = self.documents.get(key.as_str()).await?.unwrap_or_default();
            let Some(seen) = self.observe(&document, Utc::now()) else {
                return Err(SideError::new(operation, SideErrorKind::NotFound));
            };
            // A row may depend on fields that do not change, such as the period of a salary.
            let mut after = seen.record.clone();
            for (field, value) in changes.iter() {
                let refused = |_| SideError::new(operation, SideErrorKind::Refused);
                after.set(&field.name, value.clone()).map_err(refused)?;
            }
            let records = [&seen.record, &after];
            let requests = self.requests(operation, &document, records, None).await?;
            self.finish(operation, key, &requests, false).await
        })
    }
}
