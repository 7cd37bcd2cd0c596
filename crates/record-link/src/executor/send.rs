//! Sends one operation to its side.

use flat_record::{FieldName, Record, RecordError, Value};

use super::ExecutionError;
use super::operation::One;
use crate::plan::Step;
use crate::{Link, Observation, Receipt, SideError, SideErrorKind, SideOperation, Sides, Which};

/// What came of a request to a side.
pub(super) enum Sent {
    /// The record as it is now; `None` after a delete.
    Done(Option<Receipt>),
    Failed(SideError),
}

impl From<Result<Receipt, SideError>> for Sent {
    fn from(result: Result<Receipt, SideError>) -> Self {
        match result {
            Ok(receipt) => Self::Done(Some(receipt)),
            Err(error) => Self::Failed(error),
        }
    }
}

impl One<'_> {
    pub(super) async fn send(
        &self,
        on: Which,
        link: Option<&Link>,
        seen: &Sides<Option<Observation>>,
    ) -> Result<Sent, ExecutionError> {
        let (side, kind) = (self.session.executor.sides[on], self.kind);
        let Some(able) = side.capabilities(kind) else {
            let error = SideError::new(SideOperation::Get, SideErrorKind::Unsupported);
            return Ok(Sent::Failed(error));
        };
        let record = |values: &mut dyn Iterator<Item = (&FieldName, &Value)>| {
            let mut record = Record::new(&able.fields);
            for (field, value) in values {
                record.set(field, value.clone())?;
            }
            Ok::<_, RecordError>(record)
        };
        let refused = |operation, error: RecordError| {
            let refused = SideError::new(operation, SideErrorKind::Refused);
            Ok(Sent::Failed(refused.with_source(error)))
        };
        let (session, id) = (self.session, Some(self.operation.id));
        let present = seen[on].as_ref();
        let version = present.and_then(|present| present.version.as_deref());
        match &self.operation.step {
            Step::Create { values, .. } => {
                let Some(key) = link.and_then(Link::client_key) else {
                    let error = SideError::new(SideOperation::Create, SideErrorKind::Malfunction);
                    return Ok(Sent::Failed(error));
                };
                match record(&mut values.iter()) {
                    Ok(record) => {
                        let create = || side.create(kind, &key, &record);
                        Ok(session.call(id, on, create).await?.into())
                    }
                    Err(error) => refused(SideOperation::Create, error),
                }
            }
            Step::Update { changes, .. } => {
                let (Some(present), values) = (present, changes.iter()) else {
                    let error = SideError::new(SideOperation::Update, SideErrorKind::NotFound);
                    return Ok(Sent::Failed(error));
                };
                match record(&mut values.map(|change| (&change.field, &change.to))) {
                    Ok(record) => {
                        let update = || side.update(kind, &present.key, &record, version);
                        Ok(session.call(id, on, update).await?.into())
                    }
                    Err(error) => refused(SideOperation::Update, error),
                }
            }
            _ => {
                let Some(present) = present else {
                    return Ok(Sent::Done(None)); // gone already
                };
                let delete = || side.delete(kind, &present.key, version);
                Ok(match session.call(id, on, delete).await? {
                    Ok(()) => Sent::Done(None),
                    Err(error) => Sent::Failed(error),
                })
            }
        }
    }
}
