//! Who may be who, for a runner: [`record_match`] behind [`record_link`]'s interface.

use std::collections::{BTreeSet, HashSet};

use record_link::{
    Candidate, IdentityError, Link, LinkState, Matching, RecordKey, Sides, Snapshot, Which,
};
use record_match::{Band, Comparisons, Decision, MatchError, Matcher, Outcome, Population};

/// Proposes which records of two sides may be one, by a [`Matcher`]: what an
/// [`Entity`](record_link::Entity) is given, so that nobody is created who may be there already.
///
/// - Live links are confirmed pairs: their records leave the competition, and teach the matcher. If
///   one side has no other records, nothing is compared at all.
/// - Unlinked pairs are rejected ones, and are not proposed again.
/// - A pair is [certain](Candidate::is_certain) only by a verified key that one record has on each of
///   two complete sides; all others are for a person, contested ones among them.
///
/// ```
/// use kleer_connect::RecordMatching;
/// use kleer_connect::employee::{self, field};
/// use kleer_connect::employees;
/// use kleer_connect::link::{Matching, Scope, Sides, Snapshot};
/// use kleer_connect::record::{Kind, Record};
///
/// let take = |key: &str, name: &str, email: &str| -> Result<Snapshot, Box<dyn std::error::Error>> {
///     let (kind, now) = (Kind::new("employee")?, chrono::DateTime::UNIX_EPOCH);
///     let mut all = Snapshot::new(kind, employee::fields(), Scope::of(["all"]), now);
///     let record = Record::new(employee::fields()).with(field::NAME, name)?;
///     all.add(key, record.with(field::EMAIL, email)?.with(field::SSN, "19121212-1212")?);
///     Ok(all.complete())
/// };
/// let hr = take("e-1", "Anna Ek", "anna@example.com")?;
/// let kleer = take("21", "Anna Berg", "anna.berg@example.com")?;
///
/// let matching = RecordMatching::by(employees::comparisons()?);
/// let candidates = matching.candidates(Sides::new(&hr, &kleer), &[]);
/// assert!(candidates[0].is_certain);
/// // Why, for a person:
/// let outcome = matching.outcome(Sides::new(&hr, &kleer), &[])?;
/// assert!(outcome.candidates[0].explanation.to_string().contains("ssn"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # When it cannot be matched
///
/// A matcher that was given a model of other comparisons, or that is told to stop, proposes nothing
/// that could be relied on; and whoever is not proposed may be created. So each record that is not
/// linked is then proposed with one of the other side, at a probability of 0: that holds every
/// create back for a person. [`outcome`](Self::outcome) says what is wrong.
#[derive(Debug, Clone)]
pub struct RecordMatching {
    matcher: Matcher,
}

impl RecordMatching {
    /// By these comparisons, with the matcher's defaults: those of
    /// [employees](crate::employees::comparisons), [clients](crate::clients::comparisons),
    /// [projects](crate::projects::comparisons), or your own.
    pub fn by(comparisons: Comparisons) -> Self {
        Self::with(Matcher::new(comparisons))
    }

    /// By a matcher with options of its own.
    pub fn with(matcher: Matcher) -> Self {
        Self { matcher }
    }

    /// The matcher.
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// The pairs with their scores and explanations, those of live links among them.
    ///
    /// # Errors
    /// As [`Matcher::run`].
    pub fn outcome(
        &self,
        snapshots: Sides<&Snapshot>,
        links: &[Link],
    ) -> Result<Outcome, MatchError> {
        let left = population(snapshots.left);
        let right = population(snapshots.right);
        self.matcher.run(&left, &right, &verdicts(links))
    }
}

impl Matching for RecordMatching {
    fn candidates(&self, snapshots: Sides<&Snapshot>, links: &[Link]) -> Vec<Candidate> {
        let linked = Sides::from_fn(|which| linked_on(links, which));
        let free = Sides::from_fn(|which| {
            let records = snapshots[which].observations().iter();
            let mut free = records.filter(|one| !linked[which].contains(one.key.as_str()));
            free.next().map(|one| one.key.clone())
        });
        let (Some(free_left), Some(free_right)) = (free.left, free.right) else {
            return Vec::new();
        };
        let outcome = match self.outcome(snapshots, links) {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(%error, "records could not be matched; nothing is created");
                return held_back(snapshots, &linked, &Sides::new(free_left, free_right));
            }
        };
        let pairs = outcome.candidates.iter().chain(&outcome.contested);
        let is_new = |pair: &&record_match::Candidate| {
            !linked.left.contains(&*pair.left) && !linked.right.contains(&*pair.right)
        };
        // A key of a snapshot is a key.
        pairs
            .filter(is_new)
            .filter_map(|pair| candidate(pair).ok())
            .collect()
    }
}

fn candidate(pair: &record_match::Candidate) -> Result<Candidate, IdentityError> {
    let keys = Sides::new(RecordKey::new(&*pair.left)?, RecordKey::new(&*pair.right)?);
    if pair.band == Band::Auto {
        return Ok(Candidate::certain(keys));
    }
    // The number of whole thousandths that it exceeds, so that none is rounded to certainty.
    let is_above = |thousandths: &u16| pair.probability() * 1000.0 >= f64::from(*thousandths);
    let per_mille = (0..=999).rev().find(is_above).unwrap_or_default();
    Ok(Candidate::likely(keys, per_mille))
}

/// Every record that is not linked, with one of the other side.
fn held_back(
    snapshots: Sides<&Snapshot>,
    linked: &Sides<HashSet<&str>>,
    partners: &Sides<RecordKey>,
) -> Vec<Candidate> {
    let mut held = Vec::new();
    for which in Which::BOTH {
        for one in snapshots[which].observations() {
            if !linked[which].contains(one.key.as_str()) {
                let mut keys = partners.clone();
                keys[which] = one.key.clone();
                held.push(Candidate::likely(keys, 0));
            }
        }
    }
    held
}

/// What is compared of a snapshot. Whether all records are there matters: nothing is linked by a key
/// to a side of which records are missing.
fn population(snapshot: &Snapshot) -> Population<'_> {
    let records = snapshot.observations().iter();
    let entries = records.map(|one| (one.key.as_str(), &one.record));
    if snapshot.is_complete() {
        Population::complete(entries)
    } else {
        Population::incomplete(entries)
    }
}

/// The records of a side that live links hold.
fn linked_on(links: &[Link], which: Which) -> HashSet<&str> {
    let live = links.iter().filter(|link| link.is_live());
    live.filter_map(|link| Some(link.keys[which].as_ref()?.as_str()))
        .collect()
}

/// What the links say about pairs.
fn verdicts(links: &[Link]) -> Vec<Decision> {
    let mut confirmed: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut rejected: Vec<(&str, &str)> = Vec::new();
    for link in links {
        let (Some(left), Some(right)) = (&link.keys.left, &link.keys.right) else {
            continue;
        };
        let pair = (left.as_str(), right.as_str());
        if link.is_live() {
            confirmed.insert(pair);
        } else if matches!(link.state, LinkState::Unlinked(_)) {
            rejected.push(pair);
        }
    }
    // Whoever was unlinked and linked again is linked.
    rejected.retain(|pair| !confirmed.contains(pair));
    let rejected = rejected.into_iter();
    let rejected = rejected.map(|(left, right)| Decision::rejected(left, right));
    let confirmed = confirmed.into_iter();
    let confirmed = confirmed.map(|(left, right)| Decision::confirmed(left, right));
    confirmed.chain(rejected).collect()
}
