//! Which side, which connection, which record, which link.

use std::fmt;
use std::sync::Arc;

use flat_record::{Kind, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::{self, hash_type};

/// Which of the two sides of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The one that is named first.
    Left,
    /// The one that is named second.
    Right,
}

impl Which {
    /// Both, the left one first.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// `left` or `right`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One thing for each side.
///
/// ```
/// use record_link::{Sides, Which};
///
/// let sides = Sides::new("HR", "payroll");
/// assert_eq!(sides[Which::Right], "payroll");
/// assert_eq!(sides.swapped(), Sides::new("payroll", "HR"));
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Sides<T> {
    /// For the left side.
    pub left: T,
    /// For the right side.
    pub right: T,
}

impl<T> Sides<T> {
    /// One for the left side, one for the right.
    pub const fn new(left: T, right: T) -> Self {
        Self { left, right }
    }

    /// Computes one for each side.
    pub fn from_fn(mut of: impl FnMut(Which) -> T) -> Self {
        Self::new(of(Which::Left), of(Which::Right))
    }

    /// What is for one side only; the other gets the default.
    pub fn only(which: Which, thing: T) -> Self
    where
        T: Default,
    {
        match which {
            Which::Left => Self::new(thing, T::default()),
            Which::Right => Self::new(T::default(), thing),
        }
    }

    /// Each as a reference.
    pub const fn as_ref(&self) -> Sides<&T> {
        Sides::new(&self.left, &self.right)
    }

    /// Changes each.
    pub fn map<U>(self, mut to: impl FnMut(T) -> U) -> Sides<U> {
        Sides::new(to(self.left), to(self.right))
    }

    /// The left one for the right side, and the other way round.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self::new(self.right, self.left)
    }
}

impl<T> std::ops::Index<Which> for Sides<T> {
    type Output = T;

    fn index(&self, which: Which) -> &T {
        match which {
            Which::Left => &self.left,
            Which::Right => &self.right,
        }
    }
}

impl<T> std::ops::IndexMut<Which> for Sides<T> {
    fn index_mut(&mut self, which: Which) -> &mut T {
        match which {
            Which::Left => &mut self.left,
            Which::Right => &mut self.right,
        }
    }
}

/// A text that cannot be an id or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} is empty, longer than {longest} bytes, or has control characters: give it another")]
#[non_exhaustive]
pub struct IdentityError {
    what: &'static str,
    longest: usize,
}

fn check(what: &'static str, text: &str, longest: usize) -> Result<(), IdentityError> {
    let is_good = !text.trim().is_empty() && text.len() <= longest;
    if is_good && !text.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(IdentityError { what, longest })
    }
}

/// A connection: one account of one system, paired with one of another.
///
/// A text of 1 to 200 bytes that the application chooses, and never changes: client keys are made
/// of it.
///
/// ```
/// assert_eq!(record_link::ConnectionId::new("acme->4875")?.as_str(), "acme->4875");
/// # Ok::<(), record_link::IdentityError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(Arc<str>);

impl ConnectionId {
    /// Checks a text and makes it the id of a connection.
    ///
    /// # Errors
    /// When it is blank, longer than 200 bytes or has control characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, IdentityError> {
        check("a connection's id", text.as_ref(), 200)?;
        Ok(Self(text.as_ref().into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionId({})", self.0)
    }
}

/// A record's key on its side: what the system knows it by.
///
/// It may be a personal number, so `Debug` hides it and there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(Text);

impl RecordKey {
    /// Checks a text and makes it a key.
    ///
    /// # Errors
    /// When it is blank, longer than 1000 bytes or has control characters.
    pub fn new(text: impl Into<Text>) -> Result<Self, IdentityError> {
        let text = text.into();
        check("a record's key", &text, 1000)?;
        Ok(Self(text))
    }

    /// Stands for a key that cannot be one.
    pub(crate) fn unknown() -> Self {
        Self(Text::from("?"))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as the text that it is.
    pub fn as_text(&self) -> &Text {
        &self.0
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(..)")
    }
}

macro_rules! serde_as_text {
    ($($type:ident),*) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    )* };
}

serde_as_text!(ConnectionId, RecordKey);

hash_type! {
    /// The id of a link, computed: whoever makes the same link again gives it the same id.
    ///
    /// Written as 32 hexadecimal digits.
    LinkId, "the id of a link"
}

impl LinkId {
    /// The id of the link that is made for a record, in this of its lives.
    ///
    /// `anchor` is the side of the record it is made for; a link of two records that were there
    /// before is made for the left one.
    pub fn new(
        connection: &ConnectionId,
        kind: &Kind,
        anchor: Which,
        key: &RecordKey,
        incarnation: u64,
    ) -> Self {
        let incarnation = incarnation.to_be_bytes();
        let words = [connection.as_str(), kind, anchor.as_str(), key.as_str()];
        let parts = words
            .map(str::as_bytes)
            .into_iter()
            .chain([&incarnation[..]]);
        Self(hash::of_parts(parts))
    }
}
