//! The values that both sides had when they were last in step.

use std::sync::Arc;

use flat_record::{Equivalence, FieldName, HashKey, Sensitivity, Value};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::identity::{Sides, Which};
use crate::observation::{Observation, hex64};

/// What is kept of a value: itself, or its keyed hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remembered {
    /// The hash, under the key and the equivalence of the field.
    Hash(#[serde(with = "hex64")] u64),
    /// The value.
    Value(Value),
}

impl Remembered {
    /// Whether a value is the one that is remembered. `key` is the field's.
    pub fn is(&self, value: &Value, equivalence: &Equivalence, key: &HashKey) -> bool {
        match self {
            Self::Hash(hash) => *hash == key.hash(value, equivalence),
            Self::Value(remembered) => equivalence.equal(remembered, value),
        }
    }

    /// The value, if it was kept.
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Hash(_) => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// What was agreed on one field.
///
/// Agreement is stated here and never inferred: that neither side changed does not make two values
/// the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseField {
    /// Nothing was agreed yet.
    #[default]
    Unknown,
    /// Both sides had the value with this hash.
    Hash(#[serde(with = "hex64")] u64),
    /// Both sides had this value.
    Value(Box<Value>),
    /// The sides had a value each.
    Pair(Box<BasePair>),
}

/// Two values that a link's sides had at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BasePair {
    /// What each side had.
    pub sides: Sides<Remembered>,
    /// Whether they stand for the same: one side was given the other's value, and answered with
    /// its own way of writing it (in capitals, trimmed, rounded). If not, they are known to differ.
    pub is_acknowledged: bool,
}

impl BasePair {
    /// What each side had, and whether it stands for the same.
    pub fn new(sides: Sides<Remembered>, is_acknowledged: bool) -> Self {
        Self {
            sides,
            is_acknowledged,
        }
    }
}

/// How bases keep values, and so what lies in the store of a person.
///
/// | | hashes | values up to a class | values |
/// |---|---|---|---|
/// | what both sides agreed on last can be shown | no | of fields up to it | yes |
/// | two changed sets are merged by their elements | no | of fields up to it | yes |
/// | survives a lost or changed key | no | of fields up to it | yes |
/// | an event shows what was overwritten | yes | of fields up to it | yes |
/// | agreed values at rest | none | of fields up to it | all |
///
/// Under all of them an open [`Intent`](crate::Intent) holds the values of its operation until it is
/// settled, and a [deviation](crate::Deviation) the messages of the other system. Hashes need the
/// key to be tried, but whoever has it can try the few values that a field like a gender may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BaseForm {
    /// As keyed hashes: the least memory. What a value was before cannot be shown, and a set cannot
    /// be merged by its elements. (An event of an update keeps what was overwritten.)
    #[default]
    Hashes,
    /// As values.
    Values,
    /// As values for fields whose [sensitivity](flat_record::Field::sensitivity) is at most this;
    /// of others, keyed hashes, and what was overwritten is not kept in events either. Where the
    /// sides disagree about a field, the higher one counts.
    ValuesUpTo(Sensitivity),
}

/// How values are remembered and hashed: the same for all plans and changes of a connection.
///
/// # The key
///
/// Sixteen random bytes, one key for each connection, kept like a password and apart from the
/// store: whoever has both can try values until a hash fits. From it, each field gets a key of its
/// own ([`HashKey::for_field`]). It is the key of the bases that are hashes, of the hashes by which
/// a decision and a plan know the records they were made on, and of the writes that are remembered
/// to notice two systems that correct each other.
///
/// # When it is lost or changed
///
/// Every base that is a hash fits no value any more, so that both sides of every field count as
/// changed: what is equal is agreed anew, what differs is a conflict, or is written anew if a side
/// owns the field, and decisions and plans are stale, also those to do nothing. [`Guard::all_changed_from`](crate::Guard::all_changed_from) stops such a plan until
/// somebody approves it. The same happens to a single field when its
/// [`Equivalence`] changes, since a hash is of the canonical form; and to bases that are values,
/// neither happens. To change the key on purpose, bring both sides in step, change it, look at the
/// plan, which should agree and write nothing, and approve its digest.
///
/// Going from hashes to values or back needs no care: a base says field by field what it is, and
/// takes the new form when the field is next agreed on.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Keeping {
    /// The secret of the hashes; see [above](Self#the-key).
    pub hash_key: HashKey,
    /// How bases keep values.
    pub form: BaseForm,
}

impl Keeping {
    /// Bases as hashes under this key.
    pub fn hashes(hash_key: HashKey) -> Self {
        let form = BaseForm::Hashes;
        Self { hash_key, form }
    }

    /// Bases as values; the key is for the hashes by which a record is known again.
    pub fn values(hash_key: HashKey) -> Self {
        let form = BaseForm::Values;
        Self { hash_key, form }
    }

    /// Bases as values for fields of at most this sensitivity, as hashes for others: see
    /// [`BaseForm::ValuesUpTo`].
    ///
    /// ```
    /// use flat_record::{HashKey, Sensitivity};
    /// use record_link::{BaseForm, Keeping};
    ///
    /// let keeping = Keeping::values_up_to(Sensitivity::Personal, HashKey::new([7; 16]));
    /// assert_eq!(keeping.form.of(Sensitivity::Personal), BaseForm::Values);
    /// assert_eq!(keeping.form.of(Sensitivity::Sensitive), BaseForm::Hashes);
    /// ```
    pub fn values_up_to(limit: Sensitivity, hash_key: HashKey) -> Self {
        let form = BaseForm::ValuesUpTo(limit);
        Self { hash_key, form }
    }

    /// How a field of two records is kept.
    pub(crate) fn form_of(&self, name: &str, records: Sides<&Observation>) -> BaseForm {
        self.form.of(sensitivity(name, records))
    }

    /// Whether what was overwritten in a field may stand in an event.
    pub(crate) fn tells(&self, name: &str, records: Sides<&Observation>) -> bool {
        match self.form {
            BaseForm::ValuesUpTo(limit) => sensitivity(name, records) <= limit,
            BaseForm::Hashes | BaseForm::Values => true,
        }
    }
}

/// How sensitive a field of two records is: the higher, where the sides disagree.
fn sensitivity(name: &str, records: Sides<&Observation>) -> Sensitivity {
    let of = |record: &Observation| {
        let field = record.record.fields().get(name);
        field.map(|field| field.sensitivity)
    };
    let known = of(records.left).max(of(records.right));
    known.unwrap_or(Sensitivity::Sensitive)
}

impl BaseForm {
    /// The form for a field of this sensitivity: hashes or values.
    #[must_use]
    pub fn of(self, sensitivity: Sensitivity) -> Self {
        match self {
            Self::ValuesUpTo(limit) if sensitivity <= limit => Self::Values,
            Self::ValuesUpTo(_) => Self::Hashes,
            form => form,
        }
    }

    /// What to keep of a value. `key` is the field's. Of [`ValuesUpTo`](Self::ValuesUpTo) ask the
    /// form [of](Self::of) the field; without that, it is a hash.
    pub fn remember(self, value: &Value, equivalence: &Equivalence, key: &HashKey) -> Remembered {
        match self {
            Self::Hashes | Self::ValuesUpTo(_) => Remembered::Hash(key.hash(value, equivalence)),
            Self::Values => Remembered::Value(value.clone()),
        }
    }

    /// What to keep of a field of which both sides say the same.
    pub fn agree(self, value: &Value, equivalence: &Equivalence, key: &HashKey) -> BaseField {
        match self.remember(value, equivalence, key) {
            Remembered::Hash(hash) => BaseField::Hash(hash),
            Remembered::Value(value) => BaseField::Value(Box::new(value)),
        }
    }
}

impl BaseField {
    /// Whether nothing was agreed yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether one side's value is what it was. `key` is the field's. `None` if nothing was agreed.
    pub fn is_unchanged(
        &self,
        which: Which,
        value: &Value,
        equivalence: &Equivalence,
        key: &HashKey,
    ) -> Option<bool> {
        Some(match self {
            Self::Unknown => return None,
            Self::Hash(hash) => *hash == key.hash(value, equivalence),
            Self::Value(agreed) => equivalence.equal(agreed, value),
            Self::Pair(pair) => pair.sides[which].is(value, equivalence, key),
        })
    }

    /// The value that one side had, if it was kept.
    pub fn value(&self, which: Which) -> Option<&Value> {
        match self {
            Self::Unknown | Self::Hash(_) => None,
            Self::Value(value) => Some(value),
            Self::Pair(pair) => pair.sides[which].value(),
        }
    }
}

/// The names of the fields of a base, shared by many.
#[derive(Debug, Clone, Default)]
pub struct BaseNames(Arc<[FieldName]>);

impl BaseNames {
    /// These names, in this order. A name that stands twice counts once.
    pub fn new(names: impl IntoIterator<Item = FieldName>) -> Self {
        let mut unique: Vec<FieldName> = Vec::new();
        for name in names {
            if !unique.contains(&name) {
                unique.push(name);
            }
        }
        Self(unique.into())
    }

    /// The names.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldName> {
        self.0.iter()
    }

    /// Whether this is the very same list, shared.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn slot(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|one| *one == *name)
    }
}

impl<'a> IntoIterator for &'a BaseNames {
    type Item = &'a FieldName;
    type IntoIter = std::slice::Iter<'a, FieldName>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The values that both sides had when they were last in step, field by field.
///
/// As JSON: an object with what is known.
#[derive(Debug, Clone, Default)]
pub struct Base {
    names: BaseNames,
    slots: Box<[BaseField]>,
}

impl Base {
    /// A base in which nothing is agreed.
    pub fn new(names: &BaseNames) -> Self {
        Self {
            names: names.clone(),
            slots: vec![BaseField::Unknown; names.0.len()].into(),
        }
    }

    /// What was agreed on a field.
    pub fn get(&self, name: &str) -> &BaseField {
        let slot = self.names.slot(name).and_then(|slot| self.slots.get(slot));
        slot.unwrap_or(&BaseField::Unknown)
    }

    /// Sets what is agreed on a field, which is added if the base does not have it yet.
    pub fn set(&mut self, name: &FieldName, field: BaseField) {
        let known = self.names.slot(name);
        if let Some(place) = known.and_then(|slot| self.slots.get_mut(slot)) {
            *place = field;
            return;
        }
        self.names = BaseNames::new(self.names.iter().chain([name]).cloned());
        let mut slots = std::mem::take(&mut self.slots).into_vec();
        slots.push(field);
        self.slots = slots.into();
    }

    /// The names of the fields, in the order of the slots.
    pub fn names(&self) -> &BaseNames {
        &self.names
    }

    /// What was agreed, in the order of the names.
    pub fn slots(&self) -> &[BaseField] {
        &self.slots
    }

    /// What is known: fields on which something was agreed.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldName, &BaseField)> {
        self.names
            .iter()
            .zip(&self.slots)
            .filter(|(_, field)| !field.is_unknown())
    }

    /// The same base with these names, shared with others; what has another name is dropped.
    #[must_use]
    pub fn with_names(mut self, names: &BaseNames) -> Self {
        if !self.names.is_same(names) {
            let slots = names.iter().map(|name| match self.names.slot(name) {
                Some(slot) => self
                    .slots
                    .get_mut(slot)
                    .map(std::mem::take)
                    .unwrap_or_default(),
                None => BaseField::Unknown,
            });
            self.slots = slots.collect();
            self.names = names.clone();
        }
        self
    }
}

/// Bases are equal if the same is known, in whatever order.
impl PartialEq for Base {
    fn eq(&self, other: &Self) -> bool {
        self.iter().count() == other.iter().count()
            && self.iter().all(|(name, field)| other.get(name) == field)
    }
}

impl Eq for Base {}

impl Serialize for Base {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Base {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BaseVisitor;

        impl<'de> Visitor<'de> for BaseVisitor {
            type Value = Base;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of what was agreed on each field")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Base, A::Error> {
                let (mut names, mut slots) = (Vec::new(), Vec::new());
                while let Some((name, field)) = map.next_entry::<FieldName, BaseField>()? {
                    if names.contains(&name) {
                        return Err(serde::de::Error::custom(format_args!(
                            "field `{name}` stands twice"
                        )));
                    }
                    names.push(name);
                    slots.push(field);
                }
                let (names, slots) = (BaseNames(names.into()), slots.into());
                Ok(Base { names, slots })
            }
        }

        deserializer.deserialize_map(BaseVisitor)
    }
}
