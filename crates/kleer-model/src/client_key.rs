//! The identity that we give to what we create.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A deterministic identity for one create, stamped into Kleer's `foreign-id`.
///
/// Kleer has no idempotency key. But whoever computes this key again from the same source record
/// can look for it, and so find out whether a create whose answer was lost took effect.
///
/// The key is made of the *connection* (which source account is paired with which Kleer company),
/// the *kind* of record, the record's *key in the source*, and its *incarnation*: which life of the
/// record this is, where one key is used for several. It is a hash of 30 to 44 ASCII characters.
///
/// The hash keeps what it is made of out of sight, not out of reach: whoever knows the connection
/// can try all personal numbers in seconds. Where the source's key is one, make a secret of your
/// own part of the connection.
///
/// ```
/// use kleer_model::ClientKey;
///
/// let key = ClientKey::new("acme->4875", "client-invoice", "seller 202100-5489, number 1017");
/// assert_eq!(key.to_string(), "kc1-dyo6aqyoicrnekme5jqdvqbtul");
/// let again = key.with_incarnation(2);
/// assert!(again.same_source(&key) && again != key);
/// assert_eq!(again.to_string().parse(), Ok(again));
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

fn base32(number: u128, digits: u32) -> impl Iterator<Item = char> {
    (0..digits).rev().map(move |digit| {
        let index = (number >> (digit * 5)) & 31;
        char::from(ALPHABET[usize::try_from(index).unwrap_or_default()])
    })
}

fn from_base32(text: &str) -> Option<u128> {
    text.bytes().try_fold(0_u128, |number, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        number
            .checked_mul(32)?
            .checked_add(u128::try_from(digit).ok()?)
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
        text.extend(base32(u128::from_be_bytes(self.source), 26));
        if self.incarnation != 0 {
            text.push('-');
            let digits = (u64::BITS - self.incarnation.leading_zeros()).div_ceil(5);
            text.extend(base32(self.incarnation.into(), digits));
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
                Some((source, incarnation)) => {
                    (source, u64::try_from(from_base32(incarnation)?).ok()?)
                }
                None => (rest, 0),
            };
            let source = from_base32(source)?.to_be_bytes();
            Some(Self {
                source,
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
        f.write_str("not a client key (kc1- and 26 letters or digits)")
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
