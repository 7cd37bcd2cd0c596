//! Items of a list that could not be used: each is told, until it can be used.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Entity;
use crate::{
    DeviationChange, DeviationClass, DeviationEvent, DeviationId, DeviationQuery, Failure,
    RecordKey, RejectReason, Rejected, Sides, Snapshot, Store, StoreError, Subject, Topic, Which,
};

/// The operation of the deviation of one item.
const READ: &str = "read";

/// So many items of a side are told one by one; of more, how many there are. A system whose answers
/// cannot be read at all is one thing to look at, and not ten thousand.
const MOST: usize = 100;

/// What is to be told of the items that could not be used, and what is settled.
#[derive(Debug, Default)]
pub(super) struct RejectedItems {
    failed: Vec<(Topic, Failure)>,
    settled: BTreeSet<DeviationId>,
}

impl RejectedItems {
    /// Looks at what was read, and at what was told before. `is_partial`: only some records were
    /// asked for, which says nothing about the lists.
    pub(super) async fn of(
        store: &dyn Store,
        entity: &Entity,
        seen: Sides<&Snapshot>,
        is_partial: bool,
    ) -> Result<Self, StoreError> {
        let mut items = Self::default();
        for which in Which::BOTH {
            items.add(entity, which, seen[which], is_partial);
        }
        let failed: BTreeSet<DeviationId> =
            items.failed.iter().map(|(topic, _)| topic.id()).collect();
        let mut query = DeviationQuery::unsettled();
        loop {
            let page = store.deviations(&entity.connection, &query).await?;
            for known in &page.items {
                let Topic {
                    operation, subject, ..
                } = known.topic();
                let can_be_used = match subject {
                    Subject::Record { side, kind, key }
                        if operation == READ && *kind == entity.kind =>
                    {
                        // Shown again, or certainly not there any more.
                        seen[*side].get(key.as_str()).is_some() || seen[*side].is_complete()
                    }
                    _ => false,
                };
                if can_be_used && !failed.contains(&known.id()) {
                    items.settled.insert(known.id());
                }
            }
            if page.next.is_none() {
                break;
            }
            query = query.after(page.next);
        }
        Ok(items)
    }

    fn add(&mut self, entity: &Entity, which: Which, seen: &Snapshot, is_partial: bool) {
        let mut told: BTreeSet<&RecordKey> = BTreeSet::new();
        let mut others = Vec::new();
        for rejected in seen.rejected() {
            match &rejected.key {
                // Two items contradict each other: one thing to look at.
                Some(key) if told.contains(key) => {}
                Some(key) if told.len() < MOST => {
                    told.insert(key);
                    let subject = Subject::Record {
                        side: which,
                        kind: entity.kind.clone(),
                        key: key.clone(),
                    };
                    let topic = Topic::new(&entity.connection, READ, subject);
                    self.failed.push((topic, failure(which, &rejected.reason)));
                }
                _ => others.push(rejected),
            }
        }
        let kind = entity.kind.clone();
        let topic = Topic::new(
            &entity.connection,
            format!("read-items-{which}"),
            Subject::Kind { kind },
        );
        if !others.is_empty() {
            self.failed.push((topic, failure_of_all(which, &others)));
        } else if !is_partial {
            self.settled.insert(topic.id());
        }
    }

    /// The events for the store.
    pub(super) fn events(&self, run: &str, now: DateTime<Utc>) -> Vec<DeviationEvent> {
        let failed = self.failed.iter();
        let failed = failed
            .map(|(topic, failure)| DeviationEvent::failed(topic.clone(), failure.clone(), now));
        let settled = self.settled.iter();
        let settled = settled.map(|id| DeviationEvent::new(*id, DeviationChange::Succeeded, now));
        let all = failed.chain(settled);
        all.map(|event| event.in_run(run)).collect()
    }
}

/// Why an item could not be used, in one word and in a sentence that says what to do.
fn failure(which: Which, reason: &RejectReason) -> Failure {
    let failure = |class, code: &str, what: &str| Failure::new(class, code, what);
    let bad = DeviationClass::Validation;
    match reason {
        RejectReason::NoKey => failure(
            bad,
            "no-key",
            &format!("it has no key on the {which} side: give it one there"),
        ),
        RejectReason::DuplicateKey { .. } => failure(
            bad,
            "duplicate-key",
            &format!(
                "the {which} side shows several records with this key that differ: delete the \
                 wrong ones there, or give them keys of their own"
            ),
        ),
        RejectReason::OtherLayout => failure(
            DeviationClass::Bug,
            "other-layout",
            &format!(
                "the connector of the {which} side gave it other fields than it said: tell who \
                 made it"
            ),
        ),
        RejectReason::Unreadable(code) => failure(
            bad,
            "unreadable",
            &format!("the {which} side shows it in a way that cannot be read ({code}): correct it"),
        )
        .distinguished_by(code.as_str()),
    }
}

/// What cannot be told one by one.
fn failure_of_all(which: Which, rejected: &[&Rejected]) -> Failure {
    let number = rejected.len();
    let message = format!(
        "{number} items of the list of the {which} side cannot be used, and are not told one by \
         one: nothing is concluded from what is missing until they can"
    );
    let mut failure = Failure::new(DeviationClass::Validation, "unusable-items", message);
    for one in rejected.iter().take(10) {
        // Counted from one, as a person counts.
        let place = one.position.saturating_add(1);
        let code = match &one.reason {
            RejectReason::NoKey => "no key",
            RejectReason::DuplicateKey { .. } => "a key that another one has",
            RejectReason::OtherLayout => "other fields",
            RejectReason::Unreadable(code) => code,
        };
        failure = failure.and(format!("item {place}: {code}"));
    }
    failure
}
