//! A record: a layout, and a value or none for each of its fields.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};

use crate::field::{Field, Fields};
use crate::name::FieldName;
use crate::reveal::{Part, Reveal, hidden_debug};
use crate::text::Text;
use crate::value::{Value, ValueKind};

/// A value that does not go into a record.
///
/// The message holds names and kinds, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The layout has no such field.
    #[error("there is no field `{name}` in this record: add it to the layout, or correct the name")]
    UnknownField {
        /// The name that was asked for, cut after 100 characters.
        name: String,
    },
    /// The field takes values of another kind.
    #[error(
        "field `{name}` takes a value of kind {expected} or null, not {found}: convert it first"
    )]
    WrongKind {
        /// The field.
        name: FieldName,
        /// The kind it takes.
        expected: ValueKind,
        /// The kind that it was given.
        found: ValueKind,
    },
    /// Not as many slots as the layout has fields.
    #[error("the layout has {expected} fields, but {found} slots were given")]
    SlotCount {
        /// The number of fields.
        expected: usize,
        /// The number of slots given.
        found: usize,
    },
}

/// A flat record: for each field of its layout a [`Value`], or none.
///
/// None means that nothing was said about the field; that the field is empty is [`Value::Null`].
///
/// As JSON, a record is an object of its values; [`Fields::record`] reads one back.
///
/// ```
/// use flat_record::{Field, Fields, Record, Value, ValueKind};
///
/// let fields = Fields::new([
///     Field::new("name", ValueKind::Text)?,
///     Field::new("manager", ValueKind::Text)?,
///     Field::new("hired", ValueKind::Date)?,
/// ])?;
/// let record = Record::new(&fields).with("name", "Anna")?.with("manager", Value::Null)?;
/// assert_eq!(record.get("name").and_then(Value::as_text), Some("Anna"));
/// assert_eq!(record.get("manager"), Some(&Value::Null)); // she has none
/// assert_eq!(record.get("hired"), None); // nobody said when
/// assert!(record.with("hired", "2026").is_err()); // a text is no date
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    fields: Fields,
    slots: Box<[Option<Value>]>,
}

fn check(field: &Field, value: &Value) -> Result<(), RecordError> {
    match value.kind() {
        Some(found) if found != field.kind => Err(RecordError::WrongKind {
            name: field.name.clone(),
            expected: field.kind,
            found,
        }),
        _ => Ok(()),
    }
}

impl Record {
    /// A record without values.
    pub fn new(fields: &Fields) -> Self {
        Self {
            fields: fields.clone(),
            slots: vec![None; fields.len()].into(),
        }
    }

    /// A record of one value or none for each slot: the quick way for many records.
    ///
    /// # Errors
    /// When there are not as many slots as fields, or a value is of the wrong kind.
    pub fn from_slots(fields: &Fields, slots: Vec<Option<Value>>) -> Result<Self, RecordError> {
        if slots.len() != fields.len() {
            return Err(RecordError::SlotCount {
                expected: fields.len(),
                found: slots.len(),
            });
        }
        for (field, value) in fields.iter().zip(&slots) {
            if let Some(value) = value {
                check(field, value)?;
            }
        }
        Ok(Self {
            fields: fields.clone(),
            slots: slots.into(),
        })
    }

    fn slot(&self, name: &str) -> Result<usize, RecordError> {
        self.fields
            .slot(name)
            .ok_or_else(|| RecordError::UnknownField {
                name: name.chars().take(100).collect(),
            })
    }

    /// Sets a field; `None::<&str>` and the like set it to [`Value::Null`].
    ///
    /// # Errors
    /// When the layout has no such field, or the value is of another kind.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> Result<(), RecordError> {
        let slot = self.slot(name)?;
        let value = value.into();
        if let (Some(field), Some(place)) = (self.fields.field(slot), self.slots.get_mut(slot)) {
            check(field, &value)?;
            *place = Some(value);
        }
        Ok(())
    }

    /// The record with a field set.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Result<Self, RecordError> {
        self.set(name, value)?;
        Ok(self)
    }

    /// Takes a field's value out, so that nothing is said about it any more.
    ///
    /// # Errors
    /// When the layout has no such field.
    pub fn unset(&mut self, name: &str) -> Result<Option<Value>, RecordError> {
        let slot = self.slot(name)?;
        Ok(self.slots.get_mut(slot).and_then(Option::take))
    }

    /// The value of a field; `None` if nothing was said, or the layout has no such field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.get_slot(self.fields.slot(name)?)
    }

    /// The value in a slot, if there is one.
    pub fn get_slot(&self, slot: usize) -> Option<&Value> {
        self.slots.get(slot)?.as_ref()
    }

    /// One value or none for each field, in the order of the layout.
    pub fn slots(&self) -> &[Option<Value>] {
        &self.slots
    }

    /// The layout.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The fields about which something was said, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&Field, &Value)> {
        let pairs = self.fields.iter().zip(&self.slots);
        pairs.filter_map(|(field, value)| Some((field, value.as_ref()?)))
    }
}

impl Reveal for Record {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        f.write_str("Record ")?;
        let entries = self
            .iter()
            .map(|(field, value)| (&field.name, Part(value, show)));
        f.debug_map().entries(entries).finish()
    }
}

hidden_debug!(Record);

/// As an object with the values that are there.
impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(field, value)| (&field.name, value)))
    }
}

/// Reads records of one layout; see [`Fields::record`].
#[derive(Debug, Clone, Copy)]
pub struct RecordSeed<'a>(&'a Fields);

impl Fields {
    /// Reads a record of this layout from JSON or another format that describes itself.
    ///
    /// A field that the layout lacks, that stands twice, or whose value is of another kind is an
    /// error.
    ///
    /// ```
    /// use flat_record::{Field, Fields, ValueKind};
    /// use serde::de::DeserializeSeed;
    ///
    /// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
    /// let mut json = serde_json::Deserializer::from_str(r#"{"name":"Anna"}"#);
    /// let record = fields.record().deserialize(&mut json)?;
    /// assert_eq!(serde_json::to_string(&record)?, r#"{"name":"Anna"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record(&self) -> RecordSeed<'_> {
        RecordSeed(self)
    }
}

impl<'de> DeserializeSeed<'de> for RecordSeed<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of a record's values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let mut record = Record::new(self.0);
        while let Some(name) = map.next_key::<Text>()? {
            if record.get(&name).is_some() {
                return Err(A::Error::custom(format_args!(
                    "field `{}` stands twice",
                    &*name
                )));
            }
            record
                .set(&name, map.next_value::<Value>()?)
                .map_err(A::Error::custom)?;
        }
        Ok(record)
    }
}
