//! Hashes of texts that stand side by side.

use std::fmt;

use sha2::{Digest, Sha256};

/// 128 bits of SHA-256 over `parts`: enough that two different things never share a hash.
pub(crate) fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps "ab" + "c" apart from "a" + "bc".
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes
}

/// Writes a hash as 32 lower-case hexadecimal digits.
pub(crate) fn write_hex(hash: [u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.pad(&format!("{:032x}", u128::from_be_bytes(hash)))
}

/// Reads what [`write_hex`] wrote; only that one form.
pub(crate) fn from_hex(text: &str) -> Option<[u8; 16]> {
    let is_ours = text.len() == 32
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_ours
        .then(|| u128::from_str_radix(text, 16).ok())?
        .map(u128::to_be_bytes)
}

/// Declares a hash type with one written form (32 hexadecimal digits), also in serde.
macro_rules! hash_type {
    ($(#[$meta:meta])* $name:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::hash::write_hex(self.0, f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseHashError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::hash::from_hex(text)
                    .map(Self)
                    .ok_or($crate::ParseHashError { what: $what })
            }
        }

        impl From<$name> for String {
            fn from(hash: $name) -> Self {
                hash.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ParseHashError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    };
}
pub(crate) use hash_type;

/// A text that is not the written form of a hash (32 lower-case hexadecimal digits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseHashError {
    pub(crate) what: &'static str,
}

impl fmt::Display for ParseHashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not {}: 32 lower-case hexadecimal digits are expected",
            self.what
        )
    }
}

impl std::error::Error for ParseHashError {}
