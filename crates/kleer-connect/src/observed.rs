//! What all sides of Kleer have in common about what they saw.

use flat_record::{HashKey, Record};
use record_link::{ClientKey, RecordHash};

/// Versions must be the same in each process, since plans keep them. Nothing is hidden by the key:
/// who sees a version sees a hash of a whole record.
const VERSION: HashKey = HashKey::new(*b"kleer-connect v1");

/// A record's version: a hash of the fields that Kleer showed, since Kleer has no versions.
pub(crate) fn version_of(record: &Record) -> String {
    RecordHash::of(record, &VERSION).to_string()
}

/// The client key in a `foreign-id`. A foreign id that is none belongs to somebody else.
pub(crate) fn client_key_in(foreign_id: Option<&str>) -> Option<ClientKey> {
    // Keys have no capitals: what a system made of them on its way is undone.
    let text = foreign_id?.trim().to_ascii_lowercase();
    text.parse().ok()
}
