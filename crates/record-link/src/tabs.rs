//! Where a record is shown: new, linked, ignored or unlinked.

use std::collections::{BTreeMap, BTreeSet};

use flat_record::HashKey;

use crate::candidate::Candidate;
use crate::decision::{About, Action, Decision, Until};
use crate::identity::{LinkId, RecordKey, Sides, Which};
use crate::link::{Link, LinkState};
use crate::snapshot::Snapshot;

/// Where a record is shown. Every record is in exactly one of these; the tab *All* shows them all,
/// with this as a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tab {
    /// It is not linked, and nobody decided about it.
    New(NewTab),
    /// A live link holds it.
    Linked(LinkId),
    /// Somebody decided to do nothing.
    Ignored,
    /// It was unlinked.
    Unlinked,
}

/// The parts of the tab *New*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NewTab {
    /// Only its side has it, as far as anybody knows.
    OnlyHere,
    /// There are records that it may be the same as.
    Candidates,
}

/// Tells where records are shown: questions to links, decisions and candidates, and no state of
/// its own.
#[derive(Debug)]
pub struct Tabs<'a> {
    live: Sides<BTreeMap<&'a str, LinkId>>,
    unlinked: Sides<BTreeSet<&'a str>>,
    ignored: BTreeMap<(Which, &'a str), &'a Decision>,
    candidates: Sides<BTreeMap<&'a str, Vec<&'a Candidate>>>,
    rejected: BTreeSet<&'a Sides<RecordKey>>,
    hash_key: HashKey,
}

impl<'a> Tabs<'a> {
    /// From all links, decisions and candidates of a kind on a connection.
    pub fn new(
        links: &'a [Link],
        decisions: &'a [Decision],
        candidates: &'a [Candidate],
        hash_key: HashKey,
    ) -> Self {
        let mut tabs = Self {
            live: Sides::default(),
            unlinked: Sides::default(),
            ignored: BTreeMap::new(),
            candidates: Sides::default(),
            rejected: BTreeSet::new(),
            hash_key,
        };
        // Of the links that are not live, the latest life of a record counts.
        let mut latest: Sides<BTreeMap<&str, (u64, bool)>> = Sides::default();
        for link in links {
            for which in Which::BOTH {
                let Some(key) = &link.keys[which] else {
                    continue;
                };
                if link.is_live() {
                    tabs.live[which].insert(key.as_str(), link.id);
                } else {
                    let is_unlinked = matches!(link.state, LinkState::Unlinked(_));
                    let life = (link.incarnation, is_unlinked);
                    let latest = latest[which].entry(key.as_str()).or_insert(life);
                    *latest = life.max(*latest);
                }
            }
        }
        tabs.unlinked = latest.map(|lives| {
            let unlinked = lives
                .into_iter()
                .filter(|(_, (_, is_unlinked))| *is_unlinked);
            unlinked.map(|(key, _)| key).collect()
        });
        for decision in decisions {
            match (&decision.about, &decision.action) {
                (About::Record { side, key }, Action::DoNothing { .. }) => {
                    tabs.ignored.insert((*side, key.as_str()), decision);
                }
                (About::Pair { keys }, Action::Reject) => {
                    tabs.rejected.insert(keys);
                }
                _ => {}
            }
        }
        for candidate in candidates {
            for which in Which::BOTH {
                let key = candidate.keys[which].as_str();
                tabs.candidates[which]
                    .entry(key)
                    .or_default()
                    .push(candidate);
            }
        }
        tabs
    }

    /// Where a record of a snapshot is shown.
    pub fn of(&self, side: Which, snapshot: &Snapshot, key: &str) -> Tab {
        if let Some(link) = self.live[side].get(key) {
            return Tab::Linked(*link);
        }
        if self.unlinked[side].contains(key) {
            return Tab::Unlinked;
        }
        if let Some(decision) = self.ignored.get(&(side, key)) {
            let forever = matches!(
                decision.action,
                Action::DoNothing {
                    until: Until::Forever,
                    ..
                }
            );
            let now = snapshot
                .get(key)
                .map(|one| decision.hash_of(&one.record, &self.hash_key));
            if forever || now == decision.seen[side] {
                return Tab::Ignored;
            }
        }
        let is_free = |side: Which, key: &str| {
            !self.live[side].contains_key(key) && !self.unlinked[side].contains(key)
        };
        let mut candidates = self.candidates[side].get(key).into_iter().flatten();
        let has_candidate = candidates.any(|candidate| {
            is_free(side.other(), candidate.keys[side.other()].as_str())
                && !self.rejected.contains(&candidate.keys)
        });
        Tab::New(if has_candidate {
            NewTab::Candidates
        } else {
            NewTab::OnlyHere
        })
    }

    /// Every record of a snapshot with the tab it is shown in, in the order of the keys.
    pub fn all<'s>(&self, side: Which, snapshot: &'s Snapshot) -> Vec<(&'s RecordKey, Tab)> {
        let keys = snapshot.observations().iter().map(|one| &one.key);
        let mut all: Vec<_> = keys
            .map(|key| (key, self.of(side, snapshot, key.as_str())))
            .collect();
        all.sort_by_key(|(key, _)| *key);
        all
    }
}
