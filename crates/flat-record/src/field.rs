//! The fields of a record: names, kinds, and how each is compared and kept.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::equivalence::Equivalence;
use crate::name::FieldName;
use crate::value::ValueKind;

/// How much a field says about a person, and so where it may be seen.
///
/// The classes are ordered: what may be shown at one class may be shown at every lower one.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Sensitivity {
    /// May be seen by everybody: a currency, a country.
    Public,
    /// May be seen within the company: a cost centre, a project's name.
    Internal,
    /// Says something about a person: a name, an e-mail address. The default.
    #[default]
    Personal,
    /// Needs particular care: a personal number, a salary, an account number, a reason for absence.
    Sensitive,
}

/// One field of a record.
///
/// ```
/// use flat_record::{Equivalence, Field, Sensitivity, ValueKind};
///
/// let salary = Field::new("salary", ValueKind::Decimal)?
///     .sensitivity(Sensitivity::Sensitive)
///     .equivalence(Equivalence::EXACT.decimal_places(2));
/// assert_eq!(salary.name, "salary");
/// # Ok::<(), flat_record::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Field {
    /// Its name, unique in the record.
    pub name: FieldName,
    /// The kind of its values.
    pub kind: ValueKind,
    /// How much it says about a person.
    #[serde(default)]
    pub sensitivity: Sensitivity,
    /// When two of its values are the same.
    #[serde(default)]
    pub equivalence: Equivalence,
}

impl Field {
    /// A field with exact comparison and [`Sensitivity::Personal`].
    ///
    /// # Errors
    /// When the text is not a [`FieldName`].
    pub fn new(name: impl AsRef<str>, kind: ValueKind) -> Result<Self, crate::NameError> {
        Ok(Self {
            name: FieldName::new(name)?,
            kind,
            sensitivity: Sensitivity::default(),
            equivalence: Equivalence::EXACT,
        })
    }

    /// Says how much the field says about a person.
    #[must_use]
    pub fn sensitivity(mut self, sensitivity: Sensitivity) -> Self {
        self.sensitivity = sensitivity;
        self
    }

    /// Says when two values of the field are the same.
    #[must_use]
    pub fn equivalence(mut self, equivalence: Equivalence) -> Self {
        self.equivalence = equivalence;
        self
    }
}

/// A list of fields that cannot be the layout of a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldsError {
    /// A name stands twice.
    #[error("field `{0}` stands twice: give each field a name of its own")]
    Duplicate(FieldName),
    /// More fields than a record can have.
    #[error("{0} fields are more than the 65535 that a record can have")]
    TooMany(usize),
}

#[derive(Debug, PartialEq, Eq)]
struct Layout {
    fields: Box<[Field]>,
    /// Slots in the order of the names, for binary search.
    by_name: Box<[u16]>,
}

/// The fields of a record, in order: its layout. Many records share one.
///
/// A field's place is its *slot*. Programs that handle many records look a name up once and then
/// use slots.
///
/// ```
/// use flat_record::{Field, Fields, ValueKind};
///
/// let fields = Fields::new([
///     Field::new("name", ValueKind::Text)?,
///     Field::new("hired", ValueKind::Date)?,
/// ])?;
/// assert_eq!(fields.slot("hired"), Some(1));
/// assert!(Fields::new([Field::new("a", ValueKind::Text)?, Field::new("a", ValueKind::Date)?]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fields(Arc<Layout>);

impl Fields {
    /// A layout of these fields, in this order.
    ///
    /// # Errors
    /// When two fields have the same name, or there are more than 65535.
    pub fn new(fields: impl IntoIterator<Item = Field>) -> Result<Self, FieldsError> {
        let fields: Box<[Field]> = fields.into_iter().collect();
        let count = u16::try_from(fields.len()).map_err(|_| FieldsError::TooMany(fields.len()))?;
        let name = |slot: u16| &fields[usize::from(slot)].name;
        let mut by_name: Box<[u16]> = (0..count).collect();
        by_name.sort_by_key(|slot| name(*slot));
        for pair in by_name.windows(2) {
            if name(pair[0]) == name(pair[1]) {
                return Err(FieldsError::Duplicate(name(pair[0]).clone()));
            }
        }
        Ok(Self(Arc::new(Layout { fields, by_name })))
    }

    /// The slot of a field.
    pub fn slot(&self, name: &str) -> Option<usize> {
        let place = self.0.by_name.binary_search_by(|slot| {
            let field = &self.0.fields[usize::from(*slot)];
            field.name.as_str().cmp(name)
        });
        Some(usize::from(self.0.by_name[place.ok()?]))
    }

    /// The field in a slot.
    pub fn field(&self, slot: usize) -> Option<&Field> {
        self.0.fields.get(slot)
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.field(self.slot(name)?)
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.fields.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.fields.is_empty()
    }

    /// The fields, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.0.fields.iter()
    }

    /// Whether this is the very same layout, shared, and not only an equal one.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Layouts are equal if their fields are; a shared one is found equal without looking.
impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.0.fields == other.0.fields
    }
}

impl Eq for Fields {}

impl<'a> IntoIterator for &'a Fields {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// As the list of the fields.
impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.fields.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::<Field>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
