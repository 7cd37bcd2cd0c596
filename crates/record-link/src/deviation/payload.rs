//! What an operation was tried with, to be looked at and never to be sent again.

use std::fmt;

use flat_record::{FieldName, Record, Sensitivity, Value};
use serde::{Deserialize, Serialize};

/// The values that an operation was tried with, for a person to look at.
///
/// Reprocessing never sends them again: it plans anew from the data of that day. Each value knows
/// how sensitive it is, and shows only to those who may see so much.
///
/// ```
/// use flat_record::{Field, Fields, Record, Sensitivity, ValueKind};
/// use record_link::Payload;
///
/// let fields = Fields::new([
///     Field::new("city", ValueKind::Text)?.sensitivity(Sensitivity::Internal),
///     Field::new("salary", ValueKind::Integer)?.sensitivity(Sensitivity::Sensitive),
/// ])?;
/// let record = Record::new(&fields).with("city", "Umeå")?.with("salary", 32_500)?;
/// let payload = Payload::new(&record);
/// let seen: Vec<_> = payload.visible_to(Sensitivity::Internal).collect();
/// assert_eq!(seen[0].1.and_then(|value| value.as_text()), Some("Umeå"));
/// assert_eq!(seen[1].1, None); // there is a salary, and that is all
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Vec<Entry>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    field: FieldName,
    sensitivity: Sensitivity,
    /// `None` if it was not to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "kept")]
    value: Option<Value>,
}

/// An optional value of which null is one: serde would read it as none.
mod kept {
    use flat_record::Value;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde gives the field so")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

impl Payload {
    /// The values of a record.
    pub fn new(record: &Record) -> Self {
        let entry = |(field, value): (&flat_record::Field, &Value)| Entry {
            field: field.name.clone(),
            sensitivity: field.sensitivity,
            value: Some(value.clone()),
        };
        Self(record.iter().map(entry).collect())
    }

    /// The same, but values more sensitive than `limit` are not kept; that they were there is.
    #[must_use]
    pub fn keeping(mut self, limit: Sensitivity) -> Self {
        for entry in &mut self.0 {
            if entry.sensitivity > limit {
                entry.value = None;
            }
        }
        self
    }

    /// The fields, and the values as far as somebody who may see `limit` may see them.
    pub fn visible_to(
        &self,
        limit: Sensitivity,
    ) -> impl Iterator<Item = (&FieldName, Option<&Value>)> {
        self.0.iter().map(move |entry| {
            let is_visible = entry.sensitivity <= limit;
            (&entry.field, entry.value.as_ref().filter(|_| is_visible))
        })
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Payload {
    /// Names the fields and hides all values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.0.iter().map(|entry| &entry.field);
        f.debug_set().entries(fields).finish()
    }
}
