//! What a deviation is about.

use std::borrow::Cow;
use std::fmt;

use flat_record::Kind;
use serde::{Deserialize, Serialize};

use crate::hash::{self, hash_type};
use crate::{ConnectionId, LinkId, RecordKey, Which};

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
/// use record_link::{ConnectionId, Subject, Topic};
///
/// let connection = ConnectionId::new("acme->4875")?;
/// let topic = Topic::new(&connection, "post", Subject::document("invoice", "in/17.xml"));
/// let again = Topic::new(&connection, "post", Subject::document("invoice", "in/17.xml"));
/// assert_eq!(topic.id(), again.id());
/// assert!(!format!("{topic:?}").contains("17.xml")); // a key may be a personal number
/// # Ok::<(), record_link::IdentityError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Topic {
    /// The connection.
    pub connection: ConnectionId,
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
        kind: Kind,
    },
    /// A record of one side.
    Record {
        /// The side that has it.
        side: Which,
        /// Its kind.
        kind: Kind,
        /// Its key there.
        key: RecordKey,
    },
    /// A linked pair.
    Link {
        /// The kind of its records.
        kind: Kind,
        /// The link.
        link: LinkId,
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
    fn parts(&self) -> [Cow<'_, str>; 4] {
        let [is, one, two, three] = match self {
            Self::Connection => ["connection", "", "", ""],
            Self::Kind { kind } => ["kind", kind, "", ""],
            Self::Record { side, kind, key } => ["record", side.as_str(), kind, key.as_str()],
            Self::Link { kind, link } => {
                let link = Cow::Owned(link.to_string());
                return ["link".into(), Cow::Borrowed(kind), link, "".into()];
            }
            Self::Document { kind, key } => ["document", kind, key, ""],
        };
        [is.into(), one.into(), two.into(), three.into()]
    }
}

impl Topic {
    /// A topic.
    pub fn new(connection: &ConnectionId, operation: impl Into<String>, subject: Subject) -> Self {
        Self {
            connection: connection.clone(),
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
        let subject = self.subject.parts();
        let parts = head.into_iter().chain(subject.iter().map(AsRef::as_ref));
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
