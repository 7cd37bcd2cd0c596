//! What a run sees of the two sides: everything, or only what was touched.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Entity, RunFailure};
use crate::testing::join_all;
use crate::{
    About, BoxFuture, Decision, Link, LinkState, Observation, RecordKey, Scope, Side, SideError,
    SideErrorKind, SideOperation, Sides, Snapshot, Touch, Which,
};

/// The links of touched records, if reading those pairs is enough. It is not when a record has no
/// partner yet: whoever does not know all records of the other side cannot know that it has none
/// there, and would make a double.
pub(super) fn touched_pairs<'l>(
    touches: &[Touch],
    links: &'l [Link],
    at_most: usize,
) -> Option<Vec<&'l Link>> {
    if touches.is_empty() || touches.len() > at_most {
        return None;
    }
    let touched: BTreeSet<(Which, &str)> = touches
        .iter()
        .map(|touch| (touch.which, touch.key.as_str()))
        .collect();
    let mut known = BTreeSet::new();
    let mut pairs = Vec::new();
    for link in links {
        let mut is_touched = false;
        for which in Which::BOTH {
            let key = link.keys[which].as_ref().map(RecordKey::as_str);
            if let Some(record) = key.and_then(|key| touched.get(&(which, key))) {
                is_touched = true;
                known.insert(*record);
            }
        }
        match link.state {
            LinkState::Linked if is_touched => pairs.push(link),
            // Of what was unlinked, nothing is done.
            LinkState::Linked | LinkState::Unlinked(_) => {}
            // What is not a pair needs the whole picture.
            _ if is_touched => return None,
            _ => {}
        }
    }
    (known.len() == touched.len()).then_some(pairs)
}

/// Everything that both sides have, as far as the entity wants it.
pub(super) async fn all(
    entity: &Entity,
    links: &[Link],
    decisions: &[Decision],
) -> Result<Sides<Snapshot>, RunFailure> {
    let list = |which: Which| -> BoxFuture<'_, Result<Snapshot, SideError>> {
        entity.sides[which].list(&entity.kind)
    };
    // Both at once: they are two systems.
    let mut listed = join_all(vec![list(Which::Left), list(Which::Right)]).await;
    let (right, left) = (listed.pop(), listed.pop());
    let told = |which, listed: Option<Result<Snapshot, SideError>>| {
        let none = || SideError::new(SideOperation::List, SideErrorKind::Malfunction);
        let listed = listed.unwrap_or_else(|| Err(none()));
        listed.map_err(|error| RunFailure::Side { which, error })
    };
    let snapshots = Sides::new(told(Which::Left, left)?, told(Which::Right, right)?);
    if entity.filter.is_none() {
        return Ok(snapshots);
    }
    let mut wanted: BTreeSet<(Which, &str)> = BTreeSet::new();
    for link in links {
        for which in Which::BOTH {
            wanted.extend(link.keys[which].as_ref().map(|key| (which, key.as_str())));
        }
    }
    for decision in decisions {
        match &decision.about {
            About::Record { side, key } => drop(wanted.insert((*side, key.as_str()))),
            About::Pair { keys } => {
                wanted.extend(Which::BOTH.map(|which| (which, keys[which].as_str())));
            }
            About::Link { .. } => {}
        }
    }
    let Sides { left, right } = snapshots;
    Ok(Sides::new(
        filtered(entity, Which::Left, left, &wanted),
        filtered(entity, Which::Right, right, &wanted),
    ))
}

/// A snapshot without the records that the entity does not want.
fn filtered(
    entity: &Entity,
    which: Which,
    snapshot: Snapshot,
    wanted: &BTreeSet<(Which, &str)>,
) -> Snapshot {
    let Some(filter) = &entity.filter else {
        return snapshot;
    };
    let (kind, fields) = (snapshot.kind().clone(), snapshot.fields());
    let mut kept = Snapshot::new(kind, fields, snapshot.scope(), snapshot.taken_at());
    for (position, observation) in snapshot.observations().iter().enumerate() {
        let is_wanted =
            || wanted.contains(&(which, observation.key.as_str())) || filter(which, observation);
        if !snapshot.is_contradicted(position) && is_wanted() {
            kept.observe(observation.clone());
        }
    }
    for rejected in snapshot.rejected() {
        kept.reject(rejected.key.clone(), rejected.reason.clone());
    }
    for key in snapshot.deleted() {
        kept.add_deleted(key.clone());
    }
    if snapshot.is_complete() {
        kept.complete()
    } else {
        kept
    }
}

/// Both records of these pairs, each read by itself. The snapshots are not complete: nothing is
/// concluded from what is not in them.
pub(super) async fn pairs(
    entity: &Entity,
    pairs: &[&Link],
    at_once: usize,
    now: DateTime<Utc>,
) -> Result<Sides<Snapshot>, RunFailure> {
    let mut snapshots = BTreeMap::new();
    for which in Which::BOTH {
        let side: &dyn Side = &*entity.sides[which];
        let Some(able) = side.capabilities(&entity.kind) else {
            let error = SideError::unsupported(SideOperation::Get);
            return Err(RunFailure::Side { which, error });
        };
        let scope = Scope::of(["touched records"]);
        let snapshot = Snapshot::new(entity.kind.clone(), &able.fields, scope, now);
        snapshots.insert(which, snapshot);
    }
    let keys = pairs.iter().flat_map(|link| {
        Which::BOTH
            .into_iter()
            .filter_map(|which| Some((which, link.keys[which].as_ref()?)))
    });
    let keys: BTreeSet<(Which, &RecordKey)> = keys.collect();
    let keys: Vec<_> = keys.into_iter().collect();
    for chunk in keys.chunks(at_once.max(1)) {
        let reads = chunk.iter().map(|(which, key)| {
            let (which, key) = (*which, *key);
            let read = entity.sides[which].get(&entity.kind, key);
            let read: BoxFuture<'_, (Which, Result<Option<Observation>, SideError>)> =
                Box::pin(async move { (which, read.await) });
            read
        });
        for (which, read) in join_all(reads.collect()).await {
            let read = read.map_err(|error| RunFailure::Side { which, error })?;
            // One that is not there is not shown; the next full list says what that means.
            if let (Some(observation), Some(snapshot)) = (read, snapshots.get_mut(&which)) {
                snapshot.observe(observation);
            }
        }
    }
    let mut take = |which| {
        let error = SideError::unsupported(SideOperation::Get);
        snapshots
            .remove(&which)
            .ok_or(RunFailure::Side { which, error })
    };
    Ok(Sides::new(take(Which::Left)?, take(Which::Right)?))
}
