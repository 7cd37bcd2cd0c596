//! What a deviation is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hash::{self, hash_type};

hash_type! {
    /// The id of a deviation: the same for the same operation on the same thing.
    ///
    /// Written as 32 hexadecimal digits.
    DeviationId, "the id of a deviation"
}

/// What a deviation is about: one operation on one thing, on one connection.
///
/// There is at most one deviation for a topic, so that an item that fails every night stands in
/// the list once, with a count, and not a hundred times.
///
/// ```
/// use record_link::{Subject, Topic};
///
/// let topic = Topic::new("acme->4875", "post", Subject::document("invoice", "in/17.xml"));
/// let again = Topic::new("acme->4875", "post", Subject::document("invoice", "in/17.xml"));
/// assert_eq!(topic.id(), again.id());
/// assert!(!format!("{topic:?}").contains("17.xml")); // a key may be a personal number
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Topic {
    /// The connection.
    pub connection: String,
    /// The operation, as a stable word such as `create` or `update`.
    pub operation: String,
    /// The thing that it was tried on.
    pub subject: Subject,
}

/// The thing that an operation was tried on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Subject {
    /// The whole connection: refused credentials, for instance.
    Connection,
    /// All records of a kind: a guard that stopped a plan, for instance.
    Kind {
        /// The kind.
        kind: String,
    },
    /// A record of one side.
    Record {
        /// The side that has it.
        side: String,
        /// Its kind.
        kind: String,
        /// Its key there.
        key: String,
    },
    /// A linked pair.
    Link {
        /// The kind of its records.
        kind: String,
        /// The link.
        link: String,
    },
    /// Something that is not a record of a side: a file, a message.
    Document {
        /// What kind of document.
        kind: String,
        /// What it is known by: a path, a message id.
        key: String,
    },
}

impl Subject {
    /// A document: a file, a message.
    pub fn document(kind: impl Into<String>, key: impl Into<String>) -> Self {
        Self::Document {
            kind: kind.into(),
            key: key.into(),
        }
    }

    /// The words that name the subject, first of all which variant it is.
    fn parts(&self) -> [&str; 4] {
        match self {
            Self::Connection => ["connection", "", "", ""],
            Self::Kind { kind } => ["kind", kind, "", ""],
            Self::Record { side, kind, key } => ["record", side, kind, key],
            Self::Link { kind, link } => ["link", kind, link, ""],
            Self::Document { kind, key } => ["document", kind, key, ""],
        }
    }
}

impl Topic {
    /// A topic.
    pub fn new(
        connection: impl Into<String>,
        operation: impl Into<String>,
        subject: Subject,
    ) -> Self {
        Self {
            connection: connection.into(),
            operation: operation.into(),
            subject,
        }
    }

    /// The id of this topic's deviation.
    ///
    /// Computed, so that whoever meets the same failure again, in another run or another process,
    /// finds the deviation without a look into the store. It is a hash without a secret: the key
    /// in it is out of sight, not out of reach.
    pub fn id(&self) -> DeviationId {
        let head = [self.connection.as_str(), self.operation.as_str()];
        let parts = head.into_iter().chain(self.subject.parts());
        DeviationId(hash::of_parts(parts.map(str::as_bytes)))
    }
}

impl fmt::Debug for Subject {
    /// Hides keys, which may be personal numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection => f.write_str("Connection"),
            Self::Kind { kind } => write!(f, "Kind({kind})"),
            Self::Record { side, kind, .. } => write!(f, "Record({side} {kind} [hidden])"),
            Self::Link { kind, link } => write!(f, "Link({kind} {link})"),
            Self::Document { kind, .. } => write!(f, "Document({kind} [hidden])"),
        }
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Topic")
            .field("connection", &self.connection)
            .field("operation", &self.operation)
            .field("subject", &self.subject)
            .finish()
    }
}
