//! A record as a side showed it.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use flat_record::{Equivalence, FieldName, HashKey, Record, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::identity::{IdentityError, RecordKey};

/// A record as a side showed it: its key, its version, its fields.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use flat_record::{Field, Fields, Record, ValueKind};
/// use record_link::Observation;
///
/// let fields = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let seen = Observation::new("e-17", Record::new(&fields).with("name", "Anna")?, DateTime::<Utc>::UNIX_EPOCH)?
///     .version("W/\"3\"");
/// assert_eq!(seen.key.as_str(), "e-17");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observation {
    /// What the side knows the record by.
    pub key: RecordKey,
    /// What the side says about its version (an `ETag`, a counter), if it does. A hint for writing;
    /// what has changed is told by comparing values.
    pub version: Option<Text>,
    /// The client key that the record carries, if we created it and the side keeps such a thing.
    pub client_key: Option<Text>,
    /// The fields.
    pub record: Record,
    /// When the side was asked.
    pub seen_at: DateTime<Utc>,
    /// When the record was changed, if the side says so.
    pub changed_at: Option<Box<ChangedAt>>,
}

/// When a record was changed, as its side tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangedAt {
    /// When anything in the record was changed last. It says nothing certain about a single field.
    pub record: Option<DateTime<Utc>>,
    /// When single fields were changed last.
    pub fields: BTreeMap<FieldName, DateTime<Utc>>,
}

impl Observation {
    /// A record with this key, seen at this time.
    ///
    /// # Errors
    /// When the key cannot be one; see [`RecordKey::new`].
    pub fn new(
        key: impl Into<Text>,
        record: Record,
        seen_at: DateTime<Utc>,
    ) -> Result<Self, IdentityError> {
        Ok(Self {
            key: RecordKey::new(key)?,
            version: None,
            client_key: None,
            record,
            seen_at,
            changed_at: None,
        })
    }

    /// With the version that the side gave.
    #[must_use]
    pub fn version(mut self, version: impl Into<Text>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// With the client key that the record carries.
    #[must_use]
    pub fn client_key(mut self, key: impl Into<Text>) -> Self {
        self.client_key = Some(key.into());
        self
    }

    /// With the time when anything in the record was changed last.
    #[must_use]
    pub fn changed_at(mut self, at: DateTime<Utc>) -> Self {
        self.changed_at.get_or_insert_default().record = Some(at);
        self
    }

    /// With the time when a field was changed last.
    #[must_use]
    pub fn field_changed_at(mut self, field: FieldName, at: DateTime<Utc>) -> Self {
        let times = self.changed_at.get_or_insert_default();
        times.fields.insert(field, at);
        self
    }

    /// A hash of the record's fields, to notice that it is no longer what somebody saw.
    pub fn hash(&self, key: &HashKey) -> RecordHash {
        RecordHash::of(&self.record, key)
    }
}

/// A keyed hash of a record's fields: equal for records that are the same under the equivalences
/// of their fields, whatever the order of the layout.
///
/// Written as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordHash(u64);

impl RecordHash {
    /// The hash of all fields of a record.
    pub fn of(record: &Record, key: &HashKey) -> Self {
        Self::of_fields(record, key, |_| true)
    }

    /// The hash of some fields of a record.
    pub fn of_fields(
        record: &Record,
        key: &HashKey,
        is_of_interest: impl Fn(&FieldName) -> bool,
    ) -> Self {
        // A sum does not depend on the order, and keyed hashes cannot be chosen to cancel out.
        let hashes = record
            .iter()
            .filter(|(field, _)| is_of_interest(&field.name));
        let hashes =
            hashes.map(|(field, value)| key.for_field(&field.name).hash(value, &field.equivalence));
        let sum = hashes.fold(0_u64, u64::wrapping_add);
        // Once more, so that the hash of one field's value is not that of a base.
        Self(key.hash(
            &i64::from_ne_bytes(sum.to_ne_bytes()).into(),
            &Equivalence::EXACT,
        ))
    }
}

impl fmt::Display for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordHash({self})")
    }
}

impl Serialize for RecordHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        hex64::deserialize(deserializer).map(Self)
    }
}

/// A `u64` as 16 hexadecimal digits: JSON numbers of that size are cut by JavaScript.
pub(crate) mod hex64 {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde's `with` asks for it"
    )]
    pub(crate) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{number:016x}"))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_ours = text.len() == 16 && text.bytes().all(|one| one.is_ascii_hexdigit());
        let number = is_ours
            .then(|| u64::from_str_radix(&text, 16).ok())
            .flatten();
        number.ok_or_else(|| serde::de::Error::custom("16 hexadecimal digits are expected"))
    }
}
