//! Both sides, the links and the decisions, as they were at one moment.

use std::collections::BTreeMap;

use flat_record::{HashKey, Kind};
use record_link::{
    About, Action, Candidate, Decision, IdentityError, Link, LinkId, LinkState, NewTab, RecordKey,
    Scope, Sides, Snapshot, Subject, Tab, Tabs, Which,
};
use record_match::{Band, Outcome};
use serde::Serialize;

/// Both sides, the links and the decisions, as they were at one moment.
#[derive(Debug)]
#[non_exhaustive]
pub struct Picture {
    /// The records.
    pub snapshots: Sides<Snapshot>,
    /// All links, live or not.
    pub links: Vec<Link>,
    /// What is decided, and not carried out yet.
    pub decisions: Vec<Decision>,
    /// What the matcher found, if there is one.
    pub matched: Option<Outcome>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) scopes: Sides<Option<Scope>>,
    pub(super) hash_key: HashKey,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Standing {
    /// It is not linked, and nothing like it is on the other side.
    New,
    /// It is not linked, and may be the same as a record of the other side.
    MayMatch,
    /// It is to be created on the other side, and is not known to be there: the create failed, or is
    /// in doubt.
    Unfinished,
    /// It is linked.
    Linked,
    /// Somebody decided to do nothing.
    Ignored,
    /// It was unlinked.
    Unlinked,
}

impl Standing {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::MayMatch => "may-match",
            Self::Unfinished => "unfinished",
            Self::Linked => "linked",
            Self::Ignored => "ignored",
            Self::Unlinked => "unlinked",
        }
    }

    /// Whether it belongs into the tab of records that are not linked.
    pub fn is_unlinked(self) -> bool {
        self != Self::Linked
    }
}

/// A record in a tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Listed {
    /// Its key.
    pub key: RecordKey,
    /// Where it stands.
    pub standing: Standing,
    /// Its link, if it is linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkId>,
    /// The record on the other side, if it is linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<RecordKey>,
}

impl Picture {
    /// Every record of a side, with where it stands; in the order of the keys.
    pub fn tab(&self, side: Which) -> Vec<Listed> {
        let tabs = Tabs::new(
            &self.links,
            &self.decisions,
            &self.candidates,
            self.hash_key,
        );
        let links: BTreeMap<LinkId, &Link> =
            self.links.iter().map(|link| (link.id, link)).collect();
        let all = tabs.all(side, &self.snapshots[side]).into_iter();
        all.map(|(key, tab)| {
            let (standing, link) = match tab {
                Tab::Linked(link) => (Standing::Linked, Some(link)),
                Tab::New(NewTab::Candidates) => (Standing::MayMatch, None),
                Tab::Ignored => (Standing::Ignored, None),
                Tab::Unlinked => (Standing::Unlinked, None),
                _ => (Standing::New, None),
            };
            let creates = link.and_then(|link| links.get(&link)?.state.creates_on());
            let standing = if creates.is_some() {
                Standing::Unfinished
            } else {
                standing
            };
            let partner = link.and_then(|link| links.get(&link)?.keys[side.other()].clone());
            let key = key.clone();
            Listed {
                key,
                standing,
                link,
                partner,
            }
        })
        .collect()
    }

    /// The records of a side that may be created on the other one: nobody decided about them, and
    /// nothing there is like them.
    pub fn creatable(&self, side: Which) -> Vec<RecordKey> {
        let tab = self.tab(side).into_iter();
        let new = tab.filter(|one| one.standing == Standing::New);
        new.map(|one| one.key).collect()
    }

    /// Where a record stands; `None` if it is not there.
    pub fn standing(&self, side: Which, key: &RecordKey) -> Option<Standing> {
        let tab = self.tab(side).into_iter();
        tab.filter(|one| one.key == *key)
            .map(|one| one.standing)
            .next()
    }

    /// The records that a deviation is about, if it is about records of this kind.
    pub fn keys_of(&self, subject: &Subject, of: &Kind) -> Sides<Option<RecordKey>> {
        let mut keys = Sides::default();
        match subject {
            Subject::Record { side, kind, key } if kind == of => keys[*side] = Some(key.clone()),
            Subject::Link { kind, link } if kind == of => {
                let known = self.links.iter().find(|one| one.id == *link);
                keys = known.map(|link| link.keys.clone()).unwrap_or_default();
            }
            _ => {}
        }
        keys
    }

    /// The live link of a record.
    pub fn link_of(&self, side: Which, key: &RecordKey) -> Option<&Link> {
        let holds = |link: &&Link| link.is_live() && link.keys[side].as_ref() == Some(key);
        self.links.iter().find(holds)
    }

    /// What a record says of a field, as text; nothing if it says nothing.
    pub fn text(&self, side: Which, key: &RecordKey, field: &str) -> Option<String> {
        let seen = self.snapshots[side].get(key.as_str())?;
        Some(seen.record.get(field)?.as_text()?.to_owned())
    }

    /// The pairs that the matcher proposes: those that it would take, then those of which somebody
    /// has to choose. Those that are linked already are left out.
    pub fn proposals(&self) -> Vec<&record_match::Candidate> {
        let all = self.matched.iter();
        let all = all.flat_map(|found| found.candidates.iter().chain(&found.contested));
        let is_open = |which: Which, key: &str| {
            let held = |link: &Link| {
                link.is_live()
                    && link.keys[which]
                        .as_ref()
                        .is_some_and(|known| known.as_str() == key)
            };
            !self.links.iter().any(held)
        };
        all.filter(|one| is_open(Which::Left, &one.left) && is_open(Which::Right, &one.right))
            .collect()
    }
}

/// What people have decided about pairs, in the matcher's terms: links, pairs taken apart, pairs
/// that were rejected.
pub(super) fn verdicts(links: &[Link], decisions: &[Decision]) -> Vec<record_match::Decision> {
    let mut verdicts = Vec::new();
    for link in links {
        if let (Some(left), Some(right)) = (&link.keys.left, &link.keys.right) {
            let (left, right) = (left.as_str(), right.as_str());
            if link.is_live() {
                verdicts.push(record_match::Decision::confirmed(left, right));
            } else if matches!(link.state, LinkState::Unlinked(_)) {
                verdicts.push(record_match::Decision::rejected(left, right));
            }
        }
    }
    for decision in decisions {
        if let (About::Pair { keys }, Action::Reject) = (&decision.about, &decision.action) {
            let (left, right) = (keys.left.as_str(), keys.right.as_str());
            verdicts.push(record_match::Decision::rejected(left, right));
        }
    }
    verdicts
}

/// The proposed pairs in the planner's terms, the contested ones too: what is like one of them is
/// not created by itself.
pub(super) fn candidates(matched: Option<&Outcome>) -> Result<Vec<Candidate>, IdentityError> {
    let pairs = matched
        .iter()
        .flat_map(|found| found.candidates.iter().chain(&found.contested));
    pairs
        .map(|pair| {
            let keys = Sides::new(RecordKey::new(&*pair.left)?, RecordKey::new(&*pair.right)?);
            if pair.band == Band::Auto {
                return Ok(Candidate::certain(keys));
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a probability is between 0 and 1"
            )]
            let per_mille = (pair.probability() * 1000.0).round() as u16;
            Ok(Candidate::likely(keys, per_mille))
        })
        .collect()
}
