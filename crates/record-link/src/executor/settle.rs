//! Finds out what became of writes whose outcome is not known.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use flat_record::{FieldName, Kind};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::operation::{Ended, Looked, One, without};
use super::resemblance::{Shown, shown};
use super::session::Session;
use super::tell::source_gone;
use super::{ExecutionError, Executor, Outcome};
use crate::plan::{FieldChange, Operation, Step};
use crate::transition::Transition;
use crate::{
    ClientKey, Failure, Found, Link, LinkState, Observation, Receipt, Recovery, References,
    SideError, Sides, Which, Write,
};

/// A write whose outcome is not known.
pub(super) struct Open {
    pub(super) kind: Kind,
    /// The operation as it was sent.
    pub(super) sent: Operation,
    /// When it was sent, at the latest.
    pub(super) since: DateTime<Utc>,
}

/// What became of a write of unknown outcome.
pub(super) enum Fate {
    /// It took effect, and what came of it is stored.
    Ended(Outcome),
    /// It did not take effect, or what it did is seen by the next plan: its intent is closed.
    Closed,
    /// It is still not known.
    Unknown(Failure),
}

/// What looking for a client key gave.
type Answers = HashMap<ClientKey, Result<Found, Failure>>;

impl Executor<'_> {
    /// How long a write of unknown outcome may take to show.
    pub(super) fn settle(&self, on: Which, kind: &Kind) -> std::time::Duration {
        let able = self.sides[on].capabilities(kind);
        able.map(|able| able.settle).unwrap_or_default()
    }
}

impl Session<'_> {
    /// Looks what became of these writes: all creates of a kind on a side are looked for at once.
    pub(super) async fn look_for(&self, open: &[Open]) -> Result<Vec<Fate>, ExecutionError> {
        let mut links = self.links_of(open).await?;
        let mut groups: BTreeMap<(Kind, Which), Vec<ClientKey>> = BTreeMap::new();
        for (one, link) in open.iter().zip(&links) {
            if let Some((on, key)) = sought(one, link.as_ref()) {
                groups.entry((one.kind.clone(), on)).or_default().push(key);
            }
        }
        let mut answers = HashMap::new();
        for ((kind, on), keys) in groups {
            answers.extend(self.find_all(&kind, on, &keys).await?);
        }
        let work = open
            .iter()
            .zip(links.drain(..))
            .enumerate()
            .map(|(place, (one, link))| {
                let answer = sought(one, link.as_ref()).and_then(|(_, key)| answers.remove(&key));
                async move {
                    let one_of = One {
                        session: self,
                        kind: &one.kind,
                        operation: &one.sent,
                    };
                    (place, one_of.resolve(link, one.since, answer).await)
                }
            });
        self.side_by_side(work).await
    }

    /// The links of these writes.
    async fn links_of(&self, open: &[Open]) -> Result<Vec<Option<Link>>, ExecutionError> {
        let work = open.iter().enumerate().map(|(place, one)| async move {
            let one = One {
                session: self,
                kind: &one.kind,
                operation: &one.sent,
            };
            (place, one.link().await)
        });
        self.side_by_side(work).await
    }

    /// Runs as many futures at once as is allowed, and gives what they give in order.
    async fn side_by_side<T>(
        &self,
        mut work: impl Iterator<Item = impl Future<Output = (usize, Result<T, ExecutionError>)>>,
    ) -> Result<Vec<T>, ExecutionError> {
        let mut running = FuturesUnordered::new();
        let mut done: BTreeMap<usize, T> = BTreeMap::new();
        loop {
            while running.len() < self.executor.concurrency
                && let Some(next) = work.next()
            {
                running.push(next);
            }
            match running.next().await {
                Some((place, result)) => drop(done.insert(place, result?)),
                None => return Ok(done.into_values().collect()),
            }
        }
    }

    /// Looks for records by their client keys: with one listing where that is how a side finds.
    pub(super) async fn find_all(
        &self,
        kind: &Kind,
        on: Which,
        keys: &[ClientKey],
    ) -> Result<Answers, ExecutionError> {
        let side = self.executor.sides[on];
        let recovery = side.capabilities(kind).and_then(|able| able.create);
        let parts = match recovery {
            Some(Recovery::ByListing) => 1,
            _ => self.executor.concurrency,
        };
        let part = keys.len().div_ceil(parts).max(1);
        let work = keys
            .chunks(part)
            .enumerate()
            .map(|(place, keys)| async move { (place, self.find_some(kind, on, keys).await) });
        let answers = self.side_by_side(work).await?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn find_some(
        &self,
        kind: &Kind,
        on: Which,
        keys: &[ClientKey],
    ) -> Result<Vec<(ClientKey, Result<Found, Failure>)>, ExecutionError> {
        let side = self.executor.sides[on];
        let error = match self.call(None, on, || side.find_all(kind, keys)).await? {
            Ok(found) => {
                // A side that forgets a key does not tell.
                let mut found: HashMap<ClientKey, Found> = found.into_iter().collect();
                let mut answer = |key| found.remove(&key).unwrap_or(Found::Undecided);
                return Ok(keys.iter().map(|key| (*key, Ok(answer(*key)))).collect());
            }
            Err(error) => error,
        };
        let recovery = side.capabilities(kind).and_then(|able| able.create);
        let is_listing = recovery == Some(Recovery::ByListing);
        if keys.len() == 1 || is_listing || self.is_stopping() {
            let failure = |key: &ClientKey| (*key, Err(error.to_failure()));
            return Ok(keys.iter().map(failure).collect());
        }
        // One of them may be the reason.
        let mut answers = Vec::with_capacity(keys.len());
        for key in keys {
            let found = self.call(None, on, || side.find(kind, key)).await?;
            answers.push((*key, found.map_err(|error| error.to_failure())));
        }
        Ok(answers)
    }
}

/// The client key by which a create is looked for that is still open.
fn sought(open: &Open, link: Option<&Link>) -> Option<(Which, ClientKey)> {
    let link = link?;
    match open.sent.step {
        Step::Create { on, .. } if link.state.creates_on() == Some(on) => {
            Some((on, link.client_key()?))
        }
        _ => None,
    }
}

impl One<'_> {
    /// Finds out what became of the operation, which was sent. `answer` is what looking for its
    /// client key gave, if it is a create.
    async fn resolve(
        &self,
        link: Option<Link>,
        since: DateTime<Utc>,
        answer: Option<Result<Found, Failure>>,
    ) -> Result<Fate, ExecutionError> {
        let Some(link) = link else {
            return self.close(None).await;
        };
        match (&self.operation.step, answer) {
            (Step::Create { on, .. }, Some(answer)) => {
                self.note_create(Some(&link), true);
                match self.judge(*on, answer, Some(since)) {
                    Looked::Absent => self.close(Some(&link)).await,
                    Looked::There(record) => self.found(*on, *record, link).await,
                    Looked::Unknown(failure) => Ok(Fate::Unknown(failure)),
                }
            }
            (Step::Update { on, changes }, _) if link.state == LinkState::Linked => {
                let seen = match self.pair().await? {
                    Ok(seen) => seen,
                    Err(error) => return Ok(Fate::Unknown(error.to_failure())),
                };
                let Some(others) = changed_by_others(changes, seen[*on].as_ref()) else {
                    return self.close(Some(&link)).await;
                };
                // What somebody edited since is not acknowledged: the next plan sees a change.
                let operation = &without(self.operation, &others);
                let ours = One { operation, ..*self };
                ours.took_effect(*on, seen, link).await
            }
            (Step::Delete { on }, _) if matches!(link.state, LinkState::Orphaned { .. }) => {
                let key = self.operation.keys[*on].as_ref();
                let found = match key {
                    Some(key) => self.get(*on, key).await?,
                    None => Ok(None),
                };
                match found {
                    Ok(None) => self.took_effect(*on, Sides::new(None, None), link).await,
                    Ok(Some(_)) => self.close(Some(&link)).await,
                    Err(error) => Ok(Fate::Unknown(error.to_failure())),
                }
            }
            // The link moved on: what was done is seen by the next plan.
            _ => self.close(None).await,
        }
    }

    /// The record of a create is there: it is linked with its source.
    async fn found(
        &self,
        on: Which,
        record: Observation,
        link: Link,
    ) -> Result<Fate, ExecutionError> {
        let source = match &link.keys[on.other()] {
            Some(key) => self.get(on.other(), key).await?,
            None => Ok(None),
        };
        match source {
            Ok(Some(source)) => {
                let mut seen = Sides::new(None, None);
                (seen[on], seen[on.other()]) = (Some(record), Some(source));
                self.took_effect(on, seen, link).await
            }
            Ok(None) => Ok(Fate::Unknown(source_gone())),
            Err(error) => Ok(Fate::Unknown(error.to_failure())),
        }
    }

    async fn took_effect(
        &self,
        on: Which,
        mut seen: Sides<Option<Observation>>,
        link: Link,
    ) -> Result<Fate, ExecutionError> {
        let receipt = seen[on].take().map(Receipt::whole);
        let references: &References<'_> = &self.session.executor.references;
        Ok(
            match self.conclude(references, seen, receipt, Some(link)).await? {
                Ended::As(outcome) => Fate::Ended(outcome),
                Ended::InDoubt(_) => Fate::Closed,
            },
        )
    }

    /// Both records, as far as they are there.
    async fn pair(&self) -> Result<Result<Sides<Option<Observation>>, SideError>, ExecutionError> {
        let mut seen = Sides::new(None, None);
        for which in Which::BOTH {
            if let Some(key) = &self.operation.keys[which] {
                match self.get(which, key).await? {
                    Ok(found) => seen[which] = found,
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
        Ok(Ok(seen))
    }

    /// Closes the intent of an operation that did not take effect.
    async fn close(&self, link: Option<&Link>) -> Result<Fate, ExecutionError> {
        let references = &self.session.executor.references;
        let next = self.transitions(references);
        let closed = link.and_then(|link| next.not_done(self.operation, Some(link)).ok());
        let versions = closed.iter().filter(|closed| closed.link.is_some()).count();
        let batch = match closed {
            Some(closed) => self.batch().transition(closed),
            None => self.batch().write(Write::IntentClosed(self.operation.id)),
        };
        // A link that moved on says itself what is to be done.
        if self.session.executor.commit(batch).await?.is_ok() {
            let mut shared = self.session.shared();
            shared
                .progress
                .note_versions(self.operation.link, u64::from(versions > 0));
        }
        Ok(Fate::Closed)
    }

    /// Stores that nobody knows, from now on; see [`Transitions::unknown`].
    ///
    /// [`Transitions::unknown`]: crate::transition::Transitions::unknown
    pub(super) async fn mark_unknown(&self, link: &Link) -> Result<(), ExecutionError> {
        let references = &self.session.executor.references;
        let next = self.transitions(references);
        let unknown = next.unknown(self.operation, Some(link)).unwrap_or_default();
        if unknown != Transition::default() {
            let batch = self.batch().transition(unknown);
            let _ = self.session.executor.commit(batch).await?;
        }
        Ok(())
    }
}

/// Whether an update took effect, by the record as it is now: none if no field shows it, and
/// otherwise the fields that somebody changed since.
fn changed_by_others(
    changes: &[FieldChange],
    record: Option<&Observation>,
) -> Option<Vec<FieldName>> {
    let record = &record?.record;
    let (mut others, mut took_effect) = (Vec::new(), false);
    for change in changes {
        let field = record.fields().get(&change.field)?;
        let now = record.get(&change.field)?;
        match shown(&change.was, &change.to, now, &field.equivalence) {
            Shown::Ours => took_effect = true,
            Shown::Before => {}
            Shown::Others => others.push(change.field.clone()),
        }
    }
    took_effect.then_some(others)
}
