//! Names of fields and of kinds of records.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest name, in bytes.
const LONGEST: usize = 100;

/// A text that is not a name.
///
/// It holds the offending text: names stand in profiles and policies, and are not personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is not a name: write 1 to 100 bytes of letters, digits and `_ - . : /`, beginning \
     with a letter, a digit or `_`"
)]
#[non_exhaustive]
pub struct NameError {
    /// The text that was given, cut after 100 characters.
    pub name: String,
}

fn check(text: &str) -> Result<(), NameError> {
    let begins_well = text.starts_with(|first: char| first.is_alphanumeric() || first == '_');
    let allowed = |one: char| one.is_alphanumeric() || "_-.:/".contains(one);
    if begins_well && text.len() <= LONGEST && text.chars().all(allowed) {
        Ok(())
    } else {
        Err(NameError {
            name: text.chars().take(LONGEST).collect(),
        })
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// Checks a text and makes it a name.
            ///
            /// # Errors
            /// When it is empty, longer than 100 bytes, or has other characters than letters,
            /// digits and `_ - . : /`.
            pub fn new(text: impl AsRef<str>) -> Result<Self, NameError> {
                let text = text.as_ref();
                check(text)?;
                Ok(Self(text.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = NameError;

            fn try_from(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        // A map keyed by names can be asked with a `&str`.
        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $type {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $type {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

name! {
    /// The name of a field: checked, cheap to clone, compared as text.
    ///
    /// ```
    /// use flat_record::FieldName;
    ///
    /// let name = FieldName::new("address.postal-code")?;
    /// assert_eq!(name, "address.postal-code");
    /// assert!(FieldName::new("postal code").is_err());
    /// # Ok::<(), flat_record::NameError>(())
    /// ```
    FieldName
}

name! {
    /// The kind of a record, such as `employee` or `client`: the same rules as a [`FieldName`].
    ///
    /// ```
    /// assert_eq!(flat_record::Kind::new("employee")?, "employee");
    /// # Ok::<(), flat_record::NameError>(())
    /// ```
    Kind
}
