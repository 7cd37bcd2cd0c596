//! The difference of two records, field by field.

use std::fmt;

use crate::equivalence::Equivalence;
use crate::field::{Field, Fields};
use crate::record::Record;
use crate::reveal::{Part, Reveal, hidden_debug};
use crate::value::{Set, Value};

/// How the slots of two layouts belong together: computed once for many pairs of records.
///
/// ```
/// use flat_record::{Alignment, Field, Fields, Record, ValueKind};
///
/// let left = Fields::new([Field::new("name", ValueKind::Text)?])?;
/// let right = Fields::new([Field::new("id", ValueKind::Integer)?, Field::new("name", ValueKind::Text)?])?;
/// let alignment = Alignment::new(&left, &right);
/// let one = Record::new(&left).with("name", "Anna")?;
/// let other = Record::new(&right).with("name", "Anna")?;
/// assert!(alignment.difference(&one, &other).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Alignment {
    /// The layouts were equal: slot by slot, `pairs` is empty.
    same: bool,
    pairs: Vec<(Option<usize>, Option<usize>)>,
}

impl Alignment {
    /// Aligns two layouts by the names of their fields: first those of the left in their order,
    /// then those that only the right has.
    pub fn new(left: &Fields, right: &Fields) -> Self {
        if left == right {
            return Self {
                same: true,
                pairs: Vec::new(),
            };
        }
        let of_left = left.iter().enumerate();
        let of_left = of_left.map(|(slot, field)| (Some(slot), right.slot(&field.name)));
        let only_right = right.iter().enumerate();
        let only_right = only_right.filter(|(_, field)| left.slot(&field.name).is_none());
        Self {
            same: false,
            pairs: of_left
                .chain(only_right.map(|(slot, _)| (None, Some(slot))))
                .collect(),
        }
    }

    /// The difference of two records of these layouts; see [`difference()`].
    pub fn difference<'a>(&self, left: &'a Record, right: &'a Record) -> Difference<'a> {
        let mut fields = Vec::new();
        let mut compare = |left_slot: Option<usize>, right_slot: Option<usize>| {
            let of = |record: &'a Record, slot: Option<usize>| {
                slot.and_then(|slot| Some((record.fields().field(slot)?, record.get_slot(slot))))
            };
            let (of_left, of_right) = (of(left, left_slot), of(right, right_slot));
            let Some((field, _)) = of_left.or(of_right) else {
                return;
            };
            let value =
                |side: Option<(&'a Field, Option<&'a Value>)>| side.and_then(|(_, value)| value);
            let change = match (value(of_left), value(of_right)) {
                (None, None) => return,
                (Some(value), None) => Change::OnlyLeft(value),
                (None, Some(value)) => Change::OnlyRight(value),
                (Some(one), Some(other)) if field.equivalence.equal(one, other) => {
                    Change::Unchanged
                }
                (Some(one), Some(other)) => Change::Changed {
                    left: one,
                    right: other,
                    elements: ElementChanges::between(one, other, &field.equivalence),
                },
            };
            fields.push(FieldDifference { field, change });
        };
        if self.same {
            (0..left.fields().len()).for_each(|slot| compare(Some(slot), Some(slot)));
        } else {
            self.pairs
                .iter()
                .for_each(|(one, other)| compare(*one, *other));
        }
        Difference { fields }
    }
}

/// The difference of two records.
///
/// Fields are matched by name and compared by their [`Equivalence`]; where the two layouts say
/// different things about a field, the left one counts. A field about which neither record says
/// anything does not appear.
///
/// ```
/// use flat_record::{Change, Field, Fields, Record, Set, Value, ValueKind, difference};
///
/// let fields = Fields::new([
///     Field::new("name", ValueKind::Text)?,
///     Field::new("roles", ValueKind::Set)?,
/// ])?;
/// let record = Record::new(&fields).with("name", "Anna")?;
/// let before = record.clone().with("roles", Set::from_iter(["clerk", "cashier"]))?;
/// let after = record.with("roles", Set::from_iter(["clerk", "manager"]))?;
///
/// let difference = difference(&before, &after);
/// assert_eq!(difference.get("name"), Some(&Change::Unchanged));
/// let Some(Change::Changed { elements: Some(elements), .. }) = difference.get("roles") else { panic!() };
/// assert_eq!(elements.added, [&Value::from("manager")]);
/// assert_eq!(elements.removed, [&Value::from("cashier")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// For many pairs of records whose layouts differ, compute an [`Alignment`] once.
pub fn difference<'a>(left: &'a Record, right: &'a Record) -> Difference<'a> {
    Alignment::new(left.fields(), right.fields()).difference(left, right)
}

/// The difference of two records: one entry for each field that at least one of them has.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference<'a> {
    fields: Vec<FieldDifference<'a>>,
}

/// What became of one field between the left record and the right one.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldDifference<'a> {
    /// The field; of the left layout, if both have it.
    pub field: &'a Field,
    /// What became of it.
    pub change: Change<'a>,
}

/// What became of a field between the left record and the right one.
#[derive(Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// Both say the same.
    Unchanged,
    /// Only the left record says something.
    OnlyLeft(&'a Value),
    /// Only the right record says something.
    OnlyRight(&'a Value),
    /// They say different things.
    Changed {
        /// What the left record says.
        left: &'a Value,
        /// What the right record says.
        right: &'a Value,
        /// If both are sets: which elements came and went.
        elements: Option<ElementChanges<'a>>,
    },
}

/// The elements by which one set differs from another.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ElementChanges<'a> {
    /// In the right set only.
    pub added: Vec<&'a Value>,
    /// In the left set only.
    pub removed: Vec<&'a Value>,
}

impl<'a> ElementChanges<'a> {
    /// Compares two sets element by element; `None` if one of the values is no set. Null counts as
    /// the empty set.
    pub fn between(left: &'a Value, right: &'a Value, equivalence: &Equivalence) -> Option<Self> {
        if left.is_null() && right.is_null() {
            return None;
        }
        let elements = |value: &'a Value| match value {
            Value::Null => Some(&[][..]),
            Value::Set(set) => Some(set.as_slice()),
            _ => None,
        };
        let (left, right) = (elements(left)?, elements(right)?);
        let canonical = |elements: &[Value]| -> Set {
            elements
                .iter()
                .map(|one| equivalence.canonical(one).into_owned())
                .collect()
        };
        let (in_left, in_right) = (canonical(left), canonical(right));
        let not_in = |elements: &'a [Value], others: &Set| {
            let mut missing: Vec<&'a Value> = elements.iter().collect();
            missing.retain(|one| !others.contains(&equivalence.canonical(one)));
            missing
        };
        Some(Self {
            added: not_in(right, &in_left),
            removed: not_in(left, &in_right),
        })
    }
}

impl<'a> Difference<'a> {
    /// Whether the records say the same about every field.
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none()
    }

    /// The fields in which the records differ.
    pub fn changes(&self) -> impl Iterator<Item = &FieldDifference<'a>> {
        self.fields
            .iter()
            .filter(|one| one.change != Change::Unchanged)
    }

    /// Every field that at least one of the records has.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldDifference<'a>> {
        self.fields.iter()
    }

    /// What became of one field; `None` if neither record says anything about it.
    pub fn get(&self, name: &str) -> Option<&Change<'a>> {
        let found = self.fields.iter().find(|one| one.field.name == name)?;
        Some(&found.change)
    }
}

impl<'a> IntoIterator for &'a Difference<'_> {
    type Item = &'a FieldDifference<'a>;
    type IntoIter = std::slice::Iter<'a, FieldDifference<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Reveal for Change<'_> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        match self {
            Self::Unchanged => f.write_str("Unchanged"),
            Self::OnlyLeft(value) => f
                .debug_tuple("OnlyLeft")
                .field(&Part(*value, show))
                .finish(),
            Self::OnlyRight(value) => f
                .debug_tuple("OnlyRight")
                .field(&Part(*value, show))
                .finish(),
            Self::Changed { left, right, .. } => f
                .debug_struct("Changed")
                .field("left", &Part(*left, show))
                .field("right", &Part(*right, show))
                .finish_non_exhaustive(),
        }
    }
}

impl Reveal for FieldDifference<'_> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        write!(f, "{}: ", self.field.name)?;
        self.change.reveal(f, show)
    }
}

impl Reveal for ElementChanges<'_> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        let parts = |values: &[&Value]| {
            format!(
                "{:?}",
                values
                    .iter()
                    .map(|one| Part(*one, show))
                    .collect::<Vec<_>>()
            )
        };
        write!(
            f,
            "ElementChanges {{ added: {}, removed: {} }}",
            parts(&self.added),
            parts(&self.removed)
        )
    }
}

impl Reveal for Difference<'_> {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        f.debug_list()
            .entries(self.fields.iter().map(|one| Part(one, show)))
            .finish()
    }
}

hidden_debug!(
    Difference<'_>,
    FieldDifference<'_>,
    Change<'_>,
    ElementChanges<'_>
);
