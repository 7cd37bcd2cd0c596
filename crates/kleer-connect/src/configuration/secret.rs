//! Secrets: where they are, and how they are fetched.

use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// The largest file that is taken for a secret.
const LARGEST: u64 = 64 * 1024;

/// Why a secret is refused that stands in the configuration itself.
pub(super) const INLINE: &str = "a secret does not stand in the configuration, which is copied, shown and kept in version \
     control: write { env = \"NAME\" } for an environment variable or { file = \"path\" } for a file, \
     and give whoever issued the secret a reason to issue a new one if this file was ever shared";

/// Where a secret is. In TOML: `{ env = "NAME" }` or `{ file = "path" }`, and never the secret.
///
/// For the app's own secrets, too: in the table `source` it is read like any other type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretRef {
    /// In an environment variable of this name.
    Env(String),
    /// In a file that holds nothing else. White space at its end does not count.
    File {
        /// The file.
        path: PathBuf,
        /// Others than its owner may read it. Without this such a file is refused on Unix: that of a
        /// container's secret, for instance, is often open to all within the container.
        readable_by_others: bool,
    },
}

impl SecretRef {
    /// The secret in an environment variable.
    pub fn env(name: impl Into<String>) -> Self {
        Self::Env(name.into())
    }

    /// The secret in a file that nobody but its owner may read.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::File {
            path: path.into(),
            readable_by_others: false,
        }
    }

    /// A file that is not absolute is meant from this folder.
    pub fn relative_to(&mut self, folder: &Path) {
        if let Self::File { path, .. } = self {
            *path = folder.join(&*path);
        }
    }

    /// Fetches the secret.
    ///
    /// # Errors
    /// [`SecretError`], which names the variable or the file and shows nothing of the secret.
    ///
    /// ```
    /// use kleer_connect::configuration::{Environment, ExposeSecret, SecretRef};
    ///
    /// // In a program: Environment::new(|name| std::env::var(name).ok()).
    /// let environment = Environment::new(|name| (name == "TOKEN").then(|| "t0k3n".to_owned()));
    /// let token = SecretRef::env("TOKEN").resolve(&environment)?;
    /// assert_eq!(token.expose_secret(), "t0k3n");
    /// assert!(SecretRef::env("TOKNE").resolve(&environment).is_err());
    /// # Ok::<(), kleer_connect::configuration::SecretError>(())
    /// ```
    pub fn resolve(&self, secrets: &dyn Secrets) -> Result<SecretString, SecretError> {
        match self {
            Self::Env(name) => {
                let text = secrets.variable(name);
                let text = text.filter(|text| !text.trim().is_empty());
                let text = text.ok_or_else(|| SecretError::NoVariable { name: name.clone() })?;
                Ok(text.trim().to_owned().into())
            }
            Self::File {
                path,
                readable_by_others,
            } => secrets.file(path, *readable_by_others),
        }
    }
}

/// Where secrets are fetched from: the environment, files, or a vault that takes the place of both.
///
/// Libraries read no environment: the program hands it over.
pub trait Secrets {
    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// What a file holds. By default it is read from the disk, and refused on Unix if others than
    /// its owner may read it and that was not said.
    ///
    /// # Errors
    /// When the file cannot be read, is too open, empty, too large, or no text.
    fn file(&self, path: &Path, readable_by_others: bool) -> Result<SecretString, SecretError> {
        read_file(path, readable_by_others)
    }
}

/// The environment that the program hands over, and files of the disk.
pub struct Environment<F>(F);

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// Variables by this function: `|name| std::env::var(name).ok()`.
    pub fn new(variable: F) -> Self {
        Self(variable)
    }
}

impl<F: Fn(&str) -> Option<String>> Secrets for Environment<F> {
    fn variable(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }
}

impl<F> fmt::Debug for Environment<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment(..)")
    }
}

fn read_file(path: &Path, readable_by_others: bool) -> Result<SecretString, SecretError> {
    use std::io::Read;

    let unreadable = |source| SecretError::File {
        path: path.to_owned(),
        source,
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    // Of the opened file, so that nobody can exchange it in between.
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SecretError::NoFile {
            path: path.to_owned(),
        });
    }
    check_permissions(path, &metadata, readable_by_others)?;
    let mut text = String::new();
    let read = file.take(LARGEST + 1).read_to_string(&mut text);
    match read {
        Err(source) if source.kind() == std::io::ErrorKind::InvalidData => {
            Err(SecretError::NoSecret {
                path: path.to_owned(),
                why: "it is no UTF-8 text",
            })
        }
        Err(source) => Err(unreadable(source)),
        Ok(bytes) if u64::try_from(bytes).unwrap_or(u64::MAX) > LARGEST => {
            Err(SecretError::NoSecret {
                path: path.to_owned(),
                why: "it is larger than 64 KiB",
            })
        }
        Ok(_) if text.trim().is_empty() => Err(SecretError::NoSecret {
            path: path.to_owned(),
            why: "it is empty",
        }),
        Ok(_) => Ok(text.trim().to_owned().into()),
    }
}

#[cfg(unix)]
fn check_permissions(
    path: &Path,
    metadata: &std::fs::Metadata,
    readable_by_others: bool,
) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt;

    let mode = metadata.permissions().mode() & 0o777;
    // What others may write they may exchange, whatever was said of reading.
    let refused = if readable_by_others { 0o022 } else { 0o077 };
    if mode & refused == 0 {
        return Ok(());
    }
    Err(SecretError::TooOpen {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(not(unix))]
fn check_permissions(
    _path: &Path,
    _metadata: &std::fs::Metadata,
    _readable_by_others: bool,
) -> Result<(), SecretError> {
    Ok(())
}

/// A secret that cannot be fetched. Shows nothing of it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The environment variable is not set, or empty.
    #[error("the environment variable {name} is not set or empty; set it to the secret")]
    NoVariable {
        /// Its name.
        name: String,
    },
    /// The file cannot be read.
    #[error("the secret's file {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is a folder, a device or a pipe.
    #[error("the secret's file {} is no file", path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// Others than its owner may read or write the file.
    #[error(
        "the secret's file {} is open to others than its owner (mode {mode:03o}); `chmod 600` it, or \
         write `readable-by-others = true` beside it if only reading is open, and meant to be",
        path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its mode, such as 0o644.
        mode: u32,
    },
    /// What the file holds is no secret.
    #[error("the secret's file {} holds no secret: {why}", path.display())]
    NoSecret {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The hash key is not made of 32 hexadecimal digits.
    #[error(
        "the hash key is not 32 hexadecimal digits; make one with `openssl rand -hex 16`, and keep it: \
         without it nothing is known of what was in step"
    )]
    HashKey,
}

/// As the configuration's reader takes it, for the tables of apps.
impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reference;

        impl<'de> Visitor<'de> for Reference {
            type Value = SecretRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("{ env = \"NAME\" } or { file = \"path\" }")
            }

            fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<SecretRef, E> {
                Err(E::custom(INLINE))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretRef, A::Error> {
                use serde::de::Error;

                let (mut env, mut file, mut open) = (None, None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "env" => env = Some(map.next_value::<String>()?),
                        "file" => file = Some(map.next_value::<PathBuf>()?),
                        "readable-by-others" => open = Some(map.next_value::<bool>()?),
                        _ => return Err(A::Error::unknown_field(&key, &SECRET_KEYS)),
                    }
                }
                secret_ref(env, file, open).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Reference)
    }
}

/// The keys of a secret's table.
pub(super) const SECRET_KEYS: [&str; 3] = ["env", "file", "readable-by-others"];

/// What the keys of a secret's table add up to.
pub(super) fn secret_ref(
    env: Option<String>,
    file: Option<PathBuf>,
    open: Option<bool>,
) -> Result<SecretRef, &'static str> {
    match (env, file, open) {
        (Some(env), None, None) if is_name(&env) => Ok(SecretRef::Env(env)),
        (Some(_), None, None) => Err(
            "`env` takes the name of an environment variable (letters, digits and `_`), and never the secret itself",
        ),
        (None, Some(path), open) if !path.as_os_str().is_empty() => Ok(SecretRef::File {
            path,
            readable_by_others: open.unwrap_or(false),
        }),
        (Some(_), None, Some(_)) => Err("`readable-by-others` goes with `file`"),
        _ => Err("a secret is { env = \"NAME\" } or { file = \"path\" }, one of the two"),
    }
}

/// Whether a text can be the name of a variable. A token has other characters, mostly.
fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// The shape of a secret's table, for the schema.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
enum SecretShape {
    /// In an environment variable.
    Env {
        /// The name of the variable.
        #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
        env: String,
    },
    /// In a file that holds nothing else.
    File {
        /// The file; one that is not absolute is meant from the folder of the configuration.
        file: String,
        /// Others than its owner may read the file. Without this such a file is refused on Unix.
        #[schemars(rename = "readable-by-others")]
        readable_by_others: Option<bool>,
    },
}

impl JsonSchema for SecretRef {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = SecretShape::json_schema(generator);
        let text = "Where a secret is: never the secret itself.";
        schema.insert("description".to_owned(), text.into());
        schema
    }
}
