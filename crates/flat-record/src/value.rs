//! One value of a record.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate};
use rust_decimal::Decimal;

use crate::name::Kind;
use crate::reveal::{Part, Reveal, hidden_debug};
use crate::text::Text;

/// One value of a record.
///
/// [`Null`](Value::Null) is a value: a side says that there is nothing. That a record *has no
/// value* for a field is something else (`Option::None` in a [`Record`](crate::Record)): the side
/// did not say, or may not be asked.
///
/// `==` is strict about kinds and looks at what a value means: `1.0` is `1.00`, a timestamp is its
/// instant whatever its offset. How a field wants its values compared is its
/// [`Equivalence`](crate::Equivalence).
///
/// A value takes 24 bytes. `Debug` shows the kind only; see [`Revealed`](crate::Revealed).
///
/// As JSON (or another format that describes itself), a value reads back as what it was:
///
/// ```
/// use flat_record::{Set, Value};
///
/// let tags = Value::from(Set::from_iter(["b", "a", "b"]));
/// assert_eq!(serde_json::to_string(&tags)?, r#"{"set":["a","b"]}"#);
/// assert_eq!(serde_json::from_str::<Value>(r#"{"set":["a","b"]}"#)?, tags);
///
/// let amount: Value = serde_json::from_str(r#"{"decimal":"12.50"}"#)?;
/// assert_eq!(amount.as_decimal().map(|amount| amount.to_string()), Some("12.50".to_owned()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing, said explicitly. JSON: `null`.
    #[default]
    Null,
    /// Yes or no. JSON: `true`.
    Bool(bool),
    /// A whole number. JSON: `42`.
    Integer(i64),
    /// An exact decimal number; its trailing zeros are kept, but mean nothing. JSON:
    /// `{"decimal":"12.50"}`.
    Decimal(Decimal),
    /// A day. JSON: `{"date":"2026-11-20"}`.
    Date(NaiveDate),
    /// An instant, with the offset in which it was told. JSON:
    /// `{"timestamp":"2026-11-20T08:00:00+01:00"}`.
    Timestamp(DateTime<FixedOffset>),
    /// A text. JSON: `"Anna"`.
    Text(Text),
    /// Values whose order counts. JSON: `["a","b"]`.
    List(Box<[Value]>),
    /// Values whose order does not count. JSON: `{"set":["a","b"]}`.
    Set(Set),
    /// Another record of the same side. JSON: `{"reference":{"kind":"client","key":"17"}}`.
    Reference(Box<Reference>),
}

/// What kind of value a field takes. [`Value::Null`] has none: every field takes it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ValueKind {
    /// [`Value::Bool`].
    Bool,
    /// [`Value::Integer`].
    Integer,
    /// [`Value::Decimal`].
    Decimal,
    /// [`Value::Date`].
    Date,
    /// [`Value::Timestamp`].
    Timestamp,
    /// [`Value::Text`].
    Text,
    /// [`Value::List`].
    List,
    /// [`Value::Set`].
    Set,
    /// [`Value::Reference`].
    Reference,
}

impl ValueKind {
    /// The name, as in JSON: `text`, `decimal`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Text => "text",
            Self::List => "list",
            Self::Set => "set",
            Self::Reference => "reference",
        }
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Values without order and without doubles.
///
/// ```
/// use flat_record::Set;
///
/// let set = Set::from_iter(["b", "a", "b"]);
/// assert_eq!(set, Set::from_iter(["a", "b"]));
/// assert!(set.contains(&"a".into()));
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(Box<[Value]>);

impl Set {
    /// The elements, in the order of [`Value`].
    pub fn as_slice(&self) -> &[Value] {
        &self.0
    }

    /// The elements, in the order of [`Value`].
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.0.iter()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an element is in the set, by `==`.
    pub fn contains(&self, element: &Value) -> bool {
        self.0.binary_search(element).is_ok()
    }
}

impl<V: Into<Value>> FromIterator<V> for Set {
    fn from_iter<I: IntoIterator<Item = V>>(elements: I) -> Self {
        let mut elements: Vec<Value> = elements.into_iter().map(Into::into).collect();
        elements.sort();
        elements.dedup();
        Self(elements.into())
    }
}

impl<'a> IntoIterator for &'a Set {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A record of some kind on the same side: a project's client, an employee's manager.
///
/// ```
/// use flat_record::{Kind, Reference, Value};
///
/// let client = Value::from(Reference::new(Kind::new("client")?, "17"));
/// assert_eq!(client.as_reference().map(|client| client.key.as_str()), Some("17"));
/// # Ok::<(), flat_record::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The kind of the record.
    pub kind: Kind,
    /// Its key on the side that the referring record is on.
    pub key: Text,
}

impl Reference {
    /// A reference to the record of this kind with this key.
    pub fn new(kind: Kind, key: impl Into<Text>) -> Self {
        Self {
            kind,
            key: key.into(),
        }
    }
}

impl Value {
    /// A list of values, in this order.
    ///
    /// ```
    /// use flat_record::Value;
    ///
    /// assert_eq!(Value::list(["a", "b"]).as_list().map(<[Value]>::len), Some(2));
    /// ```
    pub fn list<V: Into<Self>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }

    /// A set of values, without order and doubles.
    pub fn set<V: Into<Self>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::Set(elements.into_iter().collect())
    }

    /// What kind of value it is; `None` for [`Value::Null`].
    pub fn kind(&self) -> Option<ValueKind> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => ValueKind::Bool,
            Self::Integer(_) => ValueKind::Integer,
            Self::Decimal(_) => ValueKind::Decimal,
            Self::Date(_) => ValueKind::Date,
            Self::Timestamp(_) => ValueKind::Timestamp,
            Self::Text(_) => ValueKind::Text,
            Self::List(_) => ValueKind::List,
            Self::Set(_) => ValueKind::Set,
            Self::Reference(_) => ValueKind::Reference,
        })
    }

    /// Whether this is [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, if it is a [`Value::Bool`].
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The value, if it is a [`Value::Integer`].
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The value, if it is a [`Value::Decimal`].
    pub fn as_decimal(&self) -> Option<Decimal> {
        if let Self::Decimal(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The value, if it is a [`Value::Date`].
    pub fn as_date(&self) -> Option<NaiveDate> {
        if let Self::Date(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The value, if it is a [`Value::Timestamp`].
    pub fn as_timestamp(&self) -> Option<DateTime<FixedOffset>> {
        if let Self::Timestamp(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The value, if it is a [`Value::Text`].
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(value) = self {
            Some(value)
        } else {
            None
        }
    }

    /// The elements, if it is a [`Value::List`].
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(value) = self {
            Some(value)
        } else {
            None
        }
    }

    /// The elements, if it is a [`Value::Set`].
    pub fn as_set(&self) -> Option<&Set> {
        if let Self::Set(value) = self {
            Some(value)
        } else {
            None
        }
    }

    /// The value, if it is a [`Value::Reference`].
    pub fn as_reference(&self) -> Option<&Reference> {
        if let Self::Reference(value) = self {
            Some(value)
        } else {
            None
        }
    }
}

impl Reveal for Value {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        fn scalar(
            f: &mut fmt::Formatter<'_>,
            name: &str,
            value: &dyn fmt::Debug,
            show: bool,
        ) -> fmt::Result {
            if show {
                f.debug_tuple(name).field(value).finish()
            } else {
                write!(f, "{name}(..)")
            }
        }
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(value) => scalar(f, "Bool", value, show),
            Self::Integer(value) => scalar(f, "Integer", value, show),
            Self::Decimal(value) => scalar(f, "Decimal", value, show),
            Self::Date(value) => scalar(f, "Date", value, show),
            Self::Timestamp(value) => scalar(f, "Timestamp", value, show),
            Self::Text(value) => value.reveal(f, show),
            Self::List(value) => {
                f.write_str("List")?;
                f.debug_list()
                    .entries(value.iter().map(|one| Part(one, show)))
                    .finish()
            }
            Self::Set(value) => value.reveal(f, show),
            Self::Reference(value) => value.reveal(f, show),
        }
    }
}

impl Reveal for Set {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        f.write_str("Set")?;
        f.debug_list()
            .entries(self.iter().map(|one| Part(one, show)))
            .finish()
    }
}

impl Reveal for Reference {
    fn reveal(&self, f: &mut fmt::Formatter<'_>, show: bool) -> fmt::Result {
        f.debug_struct("Reference")
            .field("kind", &self.kind)
            .field("key", &Part(&self.key, show))
            .finish()
    }
}

hidden_debug!(Value, Set, Reference);

macro_rules! from {
    ($($source:ty => $pattern:ident => $value:expr),* $(,)?) => { $(
        impl From<$source> for Value {
            fn from($pattern: $source) -> Self {
                $value
            }
        }
    )* };
}

from! {
    bool => value => Self::Bool(value),
    i64 => value => Self::Integer(value),
    i32 => value => Self::Integer(value.into()),
    u32 => value => Self::Integer(value.into()),
    Decimal => value => Self::Decimal(value),
    NaiveDate => value => Self::Date(value),
    DateTime<FixedOffset> => value => Self::Timestamp(value),
    DateTime<chrono::Utc> => value => Self::Timestamp(value.fixed_offset()),
    Text => value => Self::Text(value),
    &str => value => Self::Text(value.into()),
    String => value => Self::Text(value.into()),
    Set => value => Self::Set(value),
    Reference => value => Self::Reference(Box::new(value)),
}

/// `None` becomes [`Value::Null`].
impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
