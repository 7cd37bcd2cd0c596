//! What all sides of Kleer have in common about what they saw.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use flat_record::{Field, FieldName, HashKey, Record, Value};
use kleer_client::model::List;
use record_link::{
    ClientKey, Clock, Observation, Receipt, RecordHash, RejectReason, SideError, Snapshot,
};

/// How long after a lost answer a look is believed, unless somebody says otherwise. Kleer says
/// nothing about it.
pub(crate) const SETTLE: Duration = Duration::from_secs(5);

/// Tells the time at which something was seen.
pub(crate) type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

pub(crate) fn system_clock() -> Now {
    Arc::new(Utc::now)
}

pub(crate) fn told_by(clock: impl Clock + 'static) -> Now {
    Arc::new(move || clock.now())
}

/// Versions must be the same in each process, since plans keep them. Nothing is hidden by the key:
/// who sees a version sees a hash of a whole record.
const VERSION: HashKey = HashKey::new(*b"kleer-connect v1");

/// A record's version: a hash of the fields that Kleer showed, since Kleer has no versions.
pub(crate) fn version_of(record: &Record) -> String {
    RecordHash::of(record, &VERSION).to_string()
}

/// A record as it was seen; `None` if the key cannot be one, which an id is.
pub(crate) fn observed(
    id: String,
    record: Record,
    client_key: Option<ClientKey>,
    seen_at: DateTime<Utc>,
) -> Option<Observation> {
    let version = version_of(&record);
    let observation = Observation::new(id, record, seen_at).ok()?.version(version);
    Some(match client_key {
        Some(key) => observation.client_key(key.to_string()),
        None => observation,
    })
}

/// The client key in a `foreign-id`. A foreign id that is none belongs to somebody else.
pub(crate) fn client_key_in(foreign_id: Option<&str>) -> Option<ClientKey> {
    // Keys have no capitals: what a system made of them on its way is undone.
    let text = foreign_id?.trim().to_ascii_lowercase();
    text.parse().ok()
}

/// Whether a list is the whole of what Kleer has.
pub(crate) fn is_whole<T>(list: &List<T>) -> bool {
    let size = list.page.and_then(|page| page.size);
    let is_cut =
        size.is_some_and(|size| usize::try_from(size).is_ok_and(|size| size > list.items.len()));
    list.is_complete() && !is_cut
}

/// A snapshot of a list: complete if the list is, and with the items set aside that could not be
/// read.
pub(crate) fn rejected_items<T>(mut snapshot: Snapshot, list: &List<T>) -> Snapshot {
    for _ in &list.rejected {
        snapshot.reject(None, RejectReason::Unreadable("item-unreadable".to_owned()));
    }
    if is_whole(list) {
        snapshot.complete()
    } else {
        snapshot
    }
}

/// What a write of several steps came to: all of it, unless a step failed and a field does not show
/// what was asked for.
pub(crate) fn achieved(
    observation: Observation,
    asked: &Record,
    failed: Option<SideError>,
) -> Receipt {
    let Some(failed) = failed else {
        return Receipt::whole(observation);
    };
    let missing = missing(&observation.record, asked);
    if missing.is_empty() {
        // Only the answer was lost.
        return Receipt::whole(observation);
    }
    Receipt::partly(observation, missing, failed)
}

/// The fields that were asked for and do not show their values.
fn missing(shown: &Record, asked: &Record) -> Vec<FieldName> {
    let is_there = |field: &Field, value: &Value| match shown.get(&field.name) {
        Some(shown) => field.equivalence.equal(value, shown),
        // That there is none needs no saying.
        None => value.is_null(),
    };
    let missing = asked
        .iter()
        .filter(|(field, value)| !is_there(field, value));
    missing.map(|(field, _)| field.name.clone()).collect()
}
