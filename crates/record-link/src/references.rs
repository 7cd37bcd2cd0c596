//! What a reference to a record of one side is called on the other.

use std::borrow::Cow;
use std::collections::HashMap;

use flat_record::{Reference, Value};

use crate::change::BlockedOn;
use crate::identity::{RecordKey, Sides, Which};
use crate::link::{Link, LinkState};

/// What records that other records refer to are called on the other side: read from their links.
///
/// ```
/// use flat_record::{Kind, Reference, Value};
/// use record_link::{ConnectionId, Link, Origin, RecordKey, References, Sides, Which};
///
/// let (connection, kind) = (ConnectionId::new("crm->kleer")?, Kind::new("client")?);
/// let keys = Sides::new(RecordKey::new("c-1")?, RecordKey::new("17")?);
/// let links = [Link::new(connection, kind.clone(), keys, Origin::Confirmed, 0)];
/// let references = References::of(&links);
///
/// let client = Value::from(Reference::new(kind.clone(), "c-1"));
/// assert_eq!(*references.translate(&client, Which::Left)?, Value::from(Reference::new(kind, "17")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct References<'a> {
    /// By side, kind and key; only ever asked, so that its order does not matter.
    kinds: HashMap<&'a str, Sides<HashMap<&'a str, &'a RecordKey>>>,
    /// Who is asked for what is not here.
    below: Option<&'a Self>,
}

impl<'a> References<'a> {
    /// From the links of any kinds.
    pub fn of(links: impl IntoIterator<Item = &'a Link>) -> Self {
        let mut references = Self::default();
        references.add(links);
        references
    }

    /// These references, to which others can be added without a copy of all of them.
    pub fn over(&self) -> References<'_> {
        References {
            kinds: HashMap::new(),
            below: Some(self),
        }
    }

    /// Adds links.
    pub fn add(&mut self, links: impl IntoIterator<Item = &'a Link>) {
        for link in links {
            let Sides {
                left: Some(left),
                right: Some(right),
            } = &link.keys
            else {
                continue;
            };
            if link.state == LinkState::Linked {
                let sides = self.kinds.entry(link.kind.as_str()).or_default();
                sides.left.insert(left.as_str(), right);
                sides.right.insert(right.as_str(), left);
            }
        }
    }

    /// What a record is called on the other side.
    pub fn other_key(&self, kind: &str, which: Which, key: &str) -> Option<&'a RecordKey> {
        let here = self.kinds.get(kind).and_then(|keys| keys[which].get(key));
        here.copied()
            .or_else(|| self.below?.other_key(kind, which, key))
    }

    /// A value in the terms of the other side: references, also in lists and sets, are translated,
    /// everything else stays.
    ///
    /// # Errors
    /// When it refers to a record that is not linked.
    pub fn translate<'v>(&self, value: &'v Value, from: Which) -> Result<Cow<'v, Value>, Unlinked> {
        let elements = |elements: &[Value]| {
            let translated = elements
                .iter()
                .map(|one| Ok(self.translate(one, from)?.into_owned()));
            translated.collect::<Result<Vec<Value>, Unlinked>>()
        };
        match value {
            Value::Reference(reference) => {
                let other = self.other_key(&reference.kind, from, &reference.key);
                let other = other.ok_or_else(|| Unlinked::new(reference, from))?;
                let there = Reference::new(reference.kind.clone(), other.as_text());
                Ok(Cow::Owned(Value::from(there)))
            }
            Value::List(list) => Ok(Cow::Owned(Value::list(elements(list)?))),
            Value::Set(set) => Ok(Cow::Owned(Value::set(elements(set.as_slice())?))),
            _ => Ok(Cow::Borrowed(value)),
        }
    }
}

/// A value refers to a record that is not linked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a value refers to a record of kind `{}` on the {} side that is not linked: link that first", .0.kind, .0.side)]
pub struct Unlinked(
    /// The record.
    pub BlockedOn,
);

impl Unlinked {
    fn new(reference: &Reference, side: Which) -> Self {
        let kind = reference.kind.clone();
        // A key that cannot be one is nobody's; it is shown as what it can be shown as.
        let key = RecordKey::new(reference.key.clone()).unwrap_or_else(|_| RecordKey::unknown());
        Self(BlockedOn { side, kind, key })
    }
}

/// All references in a value.
pub(crate) fn references_in(value: &Value) -> Vec<&Reference> {
    match value {
        Value::Reference(reference) => vec![reference],
        Value::List(list) => list.iter().flat_map(references_in).collect(),
        Value::Set(set) => set.iter().flat_map(references_in).collect(),
        _ => Vec::new(),
    }
}
