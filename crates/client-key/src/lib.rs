//! The identity that we give to what we create: [`ClientKey`].
//!
//! It stands by itself, because both who keeps links between any two systems and who speaks to one
//! of them must compute the very same key: two definitions that come apart would make doubles.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A deterministic identity for one create, stamped into the new record where its system has room
/// for a reference of ours.
///
/// Hardly any remote system has an idempotency key. But whoever computes this key again from the
/// same source record can look for it, and so find out whether a create whose answer was lost took
/// effect. It is also how a lost store is built up again.
///
/// The key is made of the *connection*, the *kind* of record, the record's *key in the source*,
/// and the *incarnation*: which life of the record this is. It is a hash of 30 to 44 ASCII
/// characters, all of them lower-case letters, digits and hyphens.
///
/// The hash keeps what it is made of out of sight, not out of reach: whoever knows the connection
/// can try all personal numbers in seconds. Where the source's key is one, make a secret of your
/// own part of the connection.
///
/// ```
/// use client_key::ClientKey;
///
/// let key = ClientKey::new("acme->4875", "client-invoice", "seller 202100-5489, number 1017");
/// assert_eq!(key.to_string(), "kc1-dyo6aqyoicrnekme5jqdvqbtul");
///
/// let key = ClientKey::new("hr->payroll", "employee", "e-17");
/// let rehired = key.with_incarnation(2);
/// assert!(rehired.same_source(&key) && rehired != key);
/// assert_eq!(rehired.to_string().parse(), Ok(rehired));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct ClientKey {
    source: [u8; 16],
    incarnation: u64,
}

/// A text that is not a [`ClientKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseClientKeyError;

const PREFIX: &str = "kc1-";

/// RFC 4648's base 32, in lower case: no character that a path, an XML text or an eye mistakes.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// 128 bits are 26 digits of five bits, the first of them not full.
const SOURCE_DIGITS: u32 = 26;

fn write_base32(number: u128, digits: u32, text: &mut String) {
    for digit in (0..digits).rev() {
        let index = usize::try_from((number >> (digit * 5)) & 31).unwrap_or_default();
        text.push(char::from(ALPHABET[index]));
    }
}

fn from_base32(text: &str) -> Option<u128> {
    text.bytes().try_fold(0_u128, |number, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        let digit = u128::try_from(digit).ok()?;
        number.checked_mul(32)?.checked_add(digit)
    })
}

impl ClientKey {
    /// The key of the first life of a source record.
    pub fn new(connection: &str, kind: &str, source_key: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [connection, kind, source_key] {
            // The length keeps "ab" + "c" apart from "a" + "bc".
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut source = [0; 16];
        source.copy_from_slice(&hash.finalize()[..16]);
        Self {
            source,
            incarnation: 0,
        }
    }

    /// The key of another life of the same source record.
    #[must_use]
    pub fn with_incarnation(self, incarnation: u64) -> Self {
        Self {
            incarnation,
            ..self
        }
    }

    /// Which life of the source record this is; 0 is the first.
    pub fn incarnation(&self) -> u64 {
        self.incarnation
    }

    /// Whether both keys stand for the same source record, perhaps in different lives.
    pub fn same_source(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = PREFIX.to_owned();
        write_base32(u128::from_be_bytes(self.source), SOURCE_DIGITS, &mut text);
        if self.incarnation != 0 {
            text.push('-');
            let digits = (u64::BITS - self.incarnation.leading_zeros()).div_ceil(5);
            write_base32(self.incarnation.into(), digits, &mut text);
        }
        f.pad(&text)
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKey({self})")
    }
}

impl FromStr for ClientKey {
    type Err = ParseClientKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let rest = text.strip_prefix(PREFIX)?;
            let (source, incarnation) = match rest.split_once('-') {
                Some((source, life)) => (source, u64::try_from(from_base32(life)?).ok()?),
                None => (rest, 0),
            };
            Some(Self {
                source: from_base32(source)?.to_be_bytes(),
                incarnation,
            })
        };
        // A key has one written form, so that texts can be compared in place of keys.
        parse()
            .filter(|key| key.to_string() == text)
            .ok_or(ParseClientKeyError)
    }
}

impl fmt::Display for ParseClientKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a client key: kc1-, 26 letters or digits, and perhaps an incarnation are expected",
        )
    }
}

impl std::error::Error for ParseClientKeyError {}

impl From<ClientKey> for String {
    fn from(key: ClientKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for ClientKey {
    type Error = ParseClientKeyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_written_form_never_changes() {
        // Stamped into records of other systems: another form would not find them again.
        let key = ClientKey::new(
            "acme->4875",
            "client-invoice",
            "seller 202100-5489, number 1017",
        );
        assert_eq!(key.to_string(), "kc1-dyo6aqyoicrnekme5jqdvqbtul");
        assert_eq!(
            key.with_incarnation(u64::MAX).to_string(),
            "kc1-dyo6aqyoicrnekme5jqdvqbtul-p777777777777"
        );
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "kc1-",
            "kc2-dyo6aqyoicrnekme5jqdvqbtul",
            "kc1-dyo6aqyoicrnekme5jqdvqbtu",
            "kc1-DYO6AQYOICRNEKME5JQDVQBTUL",
            "kc1-dyo6aqyoicrnekme5jqdvqbtul-a",
            "kc1-dyo6aqyoicrnekme5jqdvqbtul-",
            "kc1-zyo6aqyoicrnekme5jqdvqbtul",
            "kc1-dyo6aqyoicrnekme5jqdvqbtul-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(
                text.parse::<ClientKey>(),
                Err(ParseClientKeyError),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_key_is_read_as_it_was_written(parts in any::<[String; 3]>(), incarnation: u64) {
            let key = ClientKey::new(&parts[0], &parts[1], &parts[2]).with_incarnation(incarnation);
            let text = key.to_string();
            prop_assert!((30..=44).contains(&text.len()));
            prop_assert_eq!(text.parse(), Ok(key));
        }

        #[cfg(feature = "serde")]
        #[test]
        fn a_key_is_stored_as_it_is_written(parts in any::<[String; 3]>(), incarnation: u64) {
            let key = ClientKey::new(&parts[0], &parts[1], &parts[2]).with_incarnation(incarnation);
            let json = serde_json::to_string(&key).unwrap();
            prop_assert_eq!(&json, &format!("\"{key}\""));
            prop_assert_eq!(serde_json::from_str::<ClientKey>(&json).unwrap(), key);
        }

        #[test]
        fn parts_do_not_run_into_each_other(a in "[a-c]{0,3}", b in "[a-c]{0,3}", c in "[a-c]{0,3}") {
            let whole = format!("{a}{b}{c}");
            let split = ClientKey::new(&a, &b, &c);
            prop_assert_eq!(split == ClientKey::new(&whole, "", ""), b.is_empty() && c.is_empty());
        }
    }
}
