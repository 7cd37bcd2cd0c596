//! Which fields are compared, and as what.

use serde::{Deserialize, Serialize};

use crate::{
    error::MatchError,
    kind::{FieldKind, KeyUse},
    level::Pattern,
};

/// One comparison: a field of the left side, the field of the right side that holds the same thing,
/// and what that is.
///
/// ```
/// use record_match::{Comparison, FieldKind, KeyUse};
///
/// let plain = Comparison::new("surname", FieldKind::Surname);
/// let renamed = Comparison::new("e_mail", FieldKind::Email).right("email");
/// // A name in one field here, in two there.
/// let joined = Comparison::new("name", FieldKind::PersonName).right_parts(["first", "last"]);
/// // A number that the two systems are known to share.
/// let key = Comparison::new("employee_number", FieldKind::Identifier).key(KeyUse::Links);
/// # let _ = (plain, renamed, joined, key);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Comparison {
    name: String,
    kind: FieldKind,
    left: Vec<String>,
    right: Vec<String>,
    key: KeyUse,
    shared: bool,
    scored: bool,
}

/// The form in files: what is not said is as the kind has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    kind: FieldKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Names>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    right: Option<Names>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<KeyUse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shared: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scored: Option<bool>,
}

/// One field, or several that are joined.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        match names {
            Names::One(name) => vec![name],
            Names::Several(names) => names,
        }
    }
}

impl From<Written> for Comparison {
    fn from(written: Written) -> Self {
        let mut comparison = Self::new(written.name, written.kind);
        if let Some(left) = written.left {
            comparison.left = left.into();
        }
        if let Some(right) = written.right {
            comparison.right = right.into();
        }
        comparison.key = written.key.unwrap_or(comparison.key);
        comparison.shared = written.shared.unwrap_or(comparison.shared);
        comparison.scored = written.scored.unwrap_or(comparison.scored);
        comparison
    }
}

impl From<Comparison> for Written {
    fn from(comparison: Comparison) -> Self {
        let Comparison {
            name,
            kind,
            left,
            right,
            key,
            shared,
            scored,
        } = comparison;
        Self {
            name,
            kind,
            left: Some(Names::Several(left)),
            right: Some(Names::Several(right)),
            key: Some(key),
            shared: Some(shared),
            scored: Some(scored),
        }
    }
}

impl Comparison {
    /// Compares the fields of this name on both sides.
    pub fn new(name: impl Into<String>, kind: FieldKind) -> Self {
        let name = name.into();
        Self {
            left: vec![name.clone()],
            right: vec![name.clone()],
            name,
            kind,
            key: kind.default_key(),
            shared: kind.default_shared(),
            scored: kind != FieldKind::ClientKey,
        }
    }

    /// The field's name on the left side, where it is another than that of the comparison.
    #[must_use]
    pub fn left(self, field: impl Into<String>) -> Self {
        self.left_parts([field.into()])
    }

    /// The field's name on the right side, where it is another than that of the comparison.
    #[must_use]
    pub fn right(self, field: impl Into<String>) -> Self {
        self.right_parts([field.into()])
    }

    /// Several fields of the left side, joined by a space.
    #[must_use]
    pub fn left_parts<N: Into<String>>(mut self, fields: impl IntoIterator<Item = N>) -> Self {
        self.left = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Several fields of the right side, joined by a space.
    #[must_use]
    pub fn right_parts<N: Into<String>>(mut self, fields: impl IntoIterator<Item = N>) -> Self {
        self.right = fields.into_iter().map(Into::into).collect();
        self
    }

    /// What an equal value says by itself.
    ///
    /// By default personal and organisation numbers and our own client key link, an e-mail address
    /// suggests, and everything else is only scored.
    #[must_use]
    pub fn key(mut self, key: KeyUse) -> Self {
        self.key = key;
        self
    }

    /// Whether a household, or the companies of a group, have the value in common.
    ///
    /// Shared values cannot tell relatives apart: a pair that agrees in nothing else is held to be
    /// two of one household. By default surname, address, postal code, telephone, texts and codes.
    #[must_use]
    pub fn shared(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// Whether it counts in the score. A client key does not by default: it is equal or absent.
    #[must_use]
    pub fn scored(mut self, scored: bool) -> Self {
        self.scored = scored;
        self
    }

    /// The name by which explanations call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the field holds.
    pub fn kind(&self) -> FieldKind {
        self.kind
    }

    /// The fields of the left side.
    pub fn left_fields(&self) -> &[String] {
        &self.left
    }

    /// The fields of the right side.
    pub fn right_fields(&self) -> &[String] {
        &self.right
    }

    /// What an equal value says by itself.
    pub fn key_use(&self) -> KeyUse {
        self.key
    }

    /// Whether a household or group has the value in common.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// Whether it counts in the score.
    pub fn is_scored(&self) -> bool {
        self.scored
    }
}

/// The comparisons of one kind of entity, in the order in which explanations list them.
///
/// Plain data, so that presets (employees, companies) can be kept where the field names are known,
/// or in a file. The order of verified keys is the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Comparison>", into = "Vec<Comparison>")]
pub struct Comparisons(Vec<Comparison>);

impl Comparisons {
    /// As many as there may be.
    pub const MAXIMUM: usize = Pattern::CAPACITY;

    /// Checks and keeps them.
    ///
    /// # Errors
    /// [`MatchError::NoComparison`], [`MatchError::TooManyComparisons`], and
    /// [`MatchError::DoubleComparison`] or [`MatchError::NoField`] with the name.
    pub fn new(comparisons: impl IntoIterator<Item = Comparison>) -> Result<Self, MatchError> {
        let comparisons: Vec<Comparison> = comparisons.into_iter().collect();
        if comparisons.is_empty() {
            return Err(MatchError::NoComparison);
        }
        if comparisons.len() > Self::MAXIMUM {
            return Err(MatchError::TooManyComparisons {
                count: comparisons.len(),
            });
        }
        for (index, comparison) in comparisons.iter().enumerate() {
            if comparisons[..index]
                .iter()
                .any(|other| other.name == comparison.name)
            {
                return Err(MatchError::DoubleComparison {
                    name: comparison.name.as_str().into(),
                });
            }
            if comparison.left.is_empty() || comparison.right.is_empty() {
                return Err(MatchError::NoField {
                    name: comparison.name.as_str().into(),
                });
            }
        }
        Ok(Self(comparisons))
    }

    /// In their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Comparison> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn as_slice(&self) -> &[Comparison] {
        &self.0
    }
}

impl TryFrom<Vec<Comparison>> for Comparisons {
    type Error = MatchError;

    fn try_from(comparisons: Vec<Comparison>) -> Result<Self, MatchError> {
        Self::new(comparisons)
    }
}

impl From<Comparisons> for Vec<Comparison> {
    fn from(comparisons: Comparisons) -> Self {
        comparisons.0
    }
}

impl<'a> IntoIterator for &'a Comparisons {
    type Item = &'a Comparison;
    type IntoIter = std::slice::Iter<'a, Comparison>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
