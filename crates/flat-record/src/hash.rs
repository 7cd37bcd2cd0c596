//! Keyed hashes of values: to remember what a value was without keeping it.

use std::fmt;
use std::hash::Hasher;

use chrono::Datelike;
use siphasher::sip::SipHasher13;

use crate::equivalence::Equivalence;
use crate::name::FieldName;
use crate::value::Value;

/// A secret key for hashes of values.
///
/// The hash (SipHash-1-3, 64 bits) is the same on every machine and in every version of this
/// crate, so it can be stored. Without the key, nobody can try values until a hash fits; with it,
/// they can, so it is kept like a password. Two different values have the same hash once in about
/// 2^64 comparisons.
///
/// ```
/// use flat_record::{Equivalence, FieldName, HashKey, Value};
///
/// let key = HashKey::new([7; 16]).for_field(&FieldName::new("city")?);
/// let city = Equivalence::EXACT.fold_case();
/// assert_eq!(key.hash(&"Umeå".into(), &city), key.hash(&"UMEÅ".into(), &city));
/// assert_ne!(key.hash(&"Umeå".into(), &city), key.hash(&"Luleå".into(), &city));
/// # Ok::<(), flat_record::NameError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HashKey([u8; 16]);

/// Shows nothing of the key.
impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(..)")
    }
}

impl HashKey {
    /// A key of 16 bytes, which should be random.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A key of its own for one field, so that the same value in two fields has two hashes.
    #[must_use]
    pub fn for_field(&self, name: &FieldName) -> Self {
        let mut bytes = [0; 16];
        for (half, salt) in bytes.chunks_exact_mut(8).zip([0_u8, 1]) {
            let mut hasher = SipHasher13::new_with_key(&self.0);
            hasher.write(&[salt]);
            hasher.write(name.as_bytes());
            half.copy_from_slice(&hasher.finish().to_le_bytes());
        }
        Self(bytes)
    }

    /// The hash of a value. Values that are the same under `equivalence` have the same hash.
    pub fn hash(&self, value: &Value, equivalence: &Equivalence) -> u64 {
        let sip = SipHasher13::new_with_key(&self.0);
        // Texts first: they are what records are made of, and most are short.
        if let Value::Text(text) = value {
            let text = equivalence.canonical_text(text);
            if !text.is_empty() {
                let mut buffer = [0_u8; 64];
                if let Some(target) = buffer.get_mut(..=text.len()) {
                    target[0] = tag(value);
                    target[1..].copy_from_slice(text.as_bytes());
                    return sip.hash(target);
                }
            }
        }
        let mut hasher = sip;
        write(&mut hasher, &equivalence.canonical(value));
        hasher.finish()
    }

    /// The hash of a text that is no value, such as a record's key.
    pub fn hash_text(&self, text: &str) -> u64 {
        SipHasher13::new_with_key(&self.0).hash(text.as_bytes())
    }
}

/// Fixed for ever: stored hashes depend on it.
const fn tag(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Integer(_) => 2,
        Value::Decimal(_) => 3,
        Value::Date(_) => 4,
        Value::Timestamp(_) => 5,
        Value::Text(_) => 6,
        Value::List(_) => 7,
        Value::Set(_) => 8,
        Value::Reference(_) => 9,
    }
}

fn write(hasher: &mut SipHasher13, value: &Value) {
    let length = |hasher: &mut SipHasher13, length: usize| {
        hasher.write(&u64::try_from(length).unwrap_or(u64::MAX).to_le_bytes());
    };
    hasher.write(&[tag(value)]);
    match value {
        Value::Null => {}
        Value::Bool(value) => hasher.write(&[u8::from(*value)]),
        Value::Integer(value) => hasher.write(&value.to_le_bytes()),
        Value::Decimal(value) => {
            // Canonical, therefore without trailing zeros: equal numbers have equal parts.
            hasher.write(&value.mantissa().to_le_bytes());
            hasher.write(&value.scale().to_le_bytes());
        }
        Value::Date(value) => hasher.write(&value.num_days_from_ce().to_le_bytes()),
        Value::Timestamp(value) => {
            hasher.write(&value.timestamp().to_le_bytes());
            hasher.write(&value.timestamp_subsec_nanos().to_le_bytes());
        }
        // A text at the top has no length, as in the short cut above; within a list, its end must
        // be known, and there `element` says it.
        Value::Text(value) => hasher.write(value.as_bytes()),
        Value::List(elements) => elements.iter().for_each(|one| {
            element(hasher, one, length);
        }),
        Value::Set(elements) => elements.iter().for_each(|one| {
            element(hasher, one, length);
        }),
        Value::Reference(reference) => {
            length(hasher, reference.kind.len());
            hasher.write(reference.kind.as_bytes());
            hasher.write(reference.key.as_bytes());
        }
    }
}

fn element(hasher: &mut SipHasher13, value: &Value, length: fn(&mut SipHasher13, usize)) {
    match value {
        Value::Text(text) => length(hasher, text.len()),
        Value::List(elements) => length(hasher, elements.len()),
        Value::Set(elements) => length(hasher, elements.len()),
        Value::Reference(reference) => length(hasher, reference.key.len()),
        // Of a fixed length, which the tag tells.
        _ => {}
    }
    write(hasher, value);
}
