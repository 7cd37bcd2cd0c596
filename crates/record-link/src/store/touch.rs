//! Records that somebody says have changed.

use chrono::{DateTime, Utc};
use flat_record::Kind;
use serde::{Deserialize, Serialize};

use crate::{RecordKey, Which};

/// A record that somebody says has changed: a webhook, a message, a person. The next run reads it
/// before the next full listing would.
///
/// However often it is touched, it stands in the store once. It is closed as it was read
/// ([`Write::TouchClosed`](super::Write::TouchClosed)): one that was touched again meanwhile stays
/// for the run after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Touch {
    /// The kind of the record.
    pub kind: Kind,
    /// The side that has it.
    pub which: Which,
    /// Its key there.
    pub key: RecordKey,
    /// When it was touched last, as whoever did it says.
    pub at: DateTime<Utc>,
    /// How often it was touched since it was closed the last time: 1 or more. Clocks may differ, so
    /// it is this that tells one that was touched again.
    pub times: u64,
}

impl Touch {
    /// A record that was touched so often, at this time for the last time.
    pub fn new(kind: Kind, which: Which, key: RecordKey, at: DateTime<Utc>, times: u64) -> Self {
        Self {
            kind,
            which,
            key,
            at,
            times,
        }
    }
}
