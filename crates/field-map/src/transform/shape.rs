//! What is known of a value before any is seen.

use flat_record::ValueKind;

/// What is known of a value before any is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Whatever the document has.
    Any,
    Text,
    Integer,
    Decimal,
    Bool,
    Date,
    Timestamp,
    List,
    Set,
    Reference,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "any value",
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Decimal => "a number",
            Self::Bool => "true or false",
            Self::Date => "a date",
            Self::Timestamp => "a timestamp",
            Self::List => "a list",
            Self::Set => "a set",
            Self::Reference => "a reference",
        }
    }

    /// That of a field's values.
    pub(crate) fn of(kind: ValueKind) -> Self {
        match kind {
            ValueKind::Text => Shape::Text,
            ValueKind::Integer => Shape::Integer,
            ValueKind::Decimal => Shape::Decimal,
            ValueKind::Bool => Shape::Bool,
            ValueKind::Date => Shape::Date,
            ValueKind::Timestamp => Shape::Timestamp,
            ValueKind::List => Shape::List,
            ValueKind::Set => Shape::Set,
            ValueKind::Reference => Shape::Reference,
            _ => Shape::Any,
        }
    }

    /// Whether a shape can go into a field of the kind, at least for some values.
    pub(crate) fn fits(self, kind: ValueKind) -> bool {
        match self {
            Shape::Any => true,
            Shape::Text => matches!(
                kind,
                ValueKind::Text | ValueKind::Date | ValueKind::Timestamp
            ),
            Shape::Integer | Shape::Decimal => {
                matches!(kind, ValueKind::Integer | ValueKind::Decimal)
            }
            Shape::List => matches!(kind, ValueKind::List | ValueKind::Set),
            other => Self::of(kind) == other,
        }
    }
}
