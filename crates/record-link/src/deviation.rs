//! Items that failed, kept until they are reprocessed or ignored.
//!
//! A [`Deviation`] is a fold of [`DeviationEvent`]s; nothing else changes it. The states and what
//! leads from one to another:
//!
//! | from \ event | failed | reprocessing | ignored | reopened | succeeded |
//! |---|---|---|---|---|---|
//! | (none) | open | - | - | - | - |
//! | open | open | reprocessing | ignored | open | resolved |
//! | reprocessing | open | reprocessing | ignored | open | resolved |
//! | ignored | ignored, or open if something changed | reprocessing | ignored | open | resolved |
//! | resolved | open, counted anew | - | - | - | resolved |
//!
//! A dash is a [`DeviationError`]. Reprocessing may begin again while it is under way: what began
//! it may have died, and an item is planned anew each time, never replayed. (That two do it at the
//! same time is for the store's leases to prevent.)

mod event;
mod failure;
mod payload;
mod topic;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use event::{DeviationChange, DeviationEvent, IgnoredUntil};
pub use failure::{DeviationClass, Failure, Fingerprint};
pub use payload::Payload;
pub use topic::{DeviationId, Subject, Topic};

/// Where a deviation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeviationState {
    /// Somebody has to look at it, or a later run has to succeed.
    Open,
    /// It is being tried again.
    Reprocessing,
    /// The operation succeeded later, or is no longer needed.
    Resolved,
    /// Somebody decided to leave it.
    Ignored,
}

impl DeviationState {
    /// The word for it, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reprocessing => "reprocessing",
            Self::Resolved => "resolved",
            Self::Ignored => "ignored",
        }
    }
}

impl fmt::Display for DeviationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An item that failed, as its events tell.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use record_link::{
///     ConnectionId, Deviation, DeviationChange, DeviationClass, DeviationEvent, DeviationState,
///     Failure, Subject, Topic,
/// };
///
/// let at = DateTime::<Utc>::UNIX_EPOCH;
/// let connection = ConnectionId::new("acme->4875")?;
/// let topic = Topic::new(&connection, "post", Subject::document("invoice", "in/17.xml"));
/// let failure = Failure::new(DeviationClass::Validation, "BR-CO-15", "the sums differ by 0.01");
///
/// let failed = DeviationEvent::failed(topic, failure, at);
/// let mut deviation = Deviation::opened_by(&failed)?;
/// deviation.apply(&failed)?;
/// assert_eq!((deviation.state(), deviation.attempts()), (DeviationState::Open, 2));
///
/// deviation.apply(&DeviationEvent::new(deviation.id(), DeviationChange::Succeeded, at))?;
/// assert_eq!(deviation.state(), DeviationState::Resolved);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    topic: Topic,
    state: DeviationState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ignored_until: Option<IgnoredUntil>,
    failure: Failure,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    attempts: u32,
    repeats: u32,
    first_seen: DateTime<Utc>,
    last_seen: DateTime<Utc>,
    changed_at: DateTime<Utc>,
}

/// An event does not fit the deviation. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeviationError {
    /// The event is about another deviation.
    #[error("the event is about deviation {event}, not {deviation}: apply it there")]
    OtherDeviation {
        /// The deviation that the event is about.
        event: DeviationId,
        /// The deviation that it was applied to.
        deviation: DeviationId,
    },
    /// A deviation begins with a failure.
    #[error("deviation {id} is not known yet, and only a failure begins one: is an event missing?")]
    NotOpened {
        /// The deviation.
        id: DeviationId,
    },
    /// What is resolved can only fail again.
    #[error("deviation {id} is resolved: there is nothing left to {verb}")]
    Resolved {
        /// The deviation.
        id: DeviationId,
        /// What was to be done.
        verb: &'static str,
    },
}

impl Deviation {
    /// The deviation that a first failure opens.
    ///
    /// # Errors
    /// When the event is not a failure, or its id is not that of its topic.
    pub fn opened_by(event: &DeviationEvent) -> Result<Self, DeviationError> {
        let DeviationChange::Failed { topic, failure } = &event.change else {
            return Err(DeviationError::NotOpened { id: event.id });
        };
        check_id(event, topic.id())?;
        Ok(Self {
            topic: (**topic).clone(),
            state: DeviationState::Open,
            ignored_until: None,
            failure: (**failure).clone(),
            run: event.run.clone(),
            attempts: 1,
            repeats: 1,
            first_seen: event.at,
            last_seen: event.at,
            changed_at: event.at,
        })
    }

    /// What a deviation is after an event: the one step of the fold.
    ///
    /// # Errors
    /// As [`Deviation::opened_by`] and [`Deviation::apply`].
    pub fn after(before: Option<Self>, event: &DeviationEvent) -> Result<Self, DeviationError> {
        match before {
            None => Self::opened_by(event),
            Some(mut deviation) => deviation.apply(event).map(|()| deviation),
        }
    }

    /// Changes as the event says.
    ///
    /// # Errors
    /// When the event is about another deviation, or asks for a resolved one to be reprocessed,
    /// ignored or reopened.
    pub fn apply(&mut self, event: &DeviationEvent) -> Result<(), DeviationError> {
        let id = self.id();
        check_id(event, id)?;
        let unless_resolved = |verb| match self.state {
            DeviationState::Resolved => Err(DeviationError::Resolved { id, verb }),
            _ => Ok(()),
        };
        match &event.change {
            DeviationChange::Failed { topic, failure } => {
                check_id(event, topic.id())?;
                self.fail(failure, event);
            }
            DeviationChange::Reprocessing => {
                unless_resolved("reprocess")?;
                self.set_state(DeviationState::Reprocessing);
            }
            DeviationChange::Ignored { until } => {
                unless_resolved("ignore")?;
                self.set_state(DeviationState::Ignored);
                self.ignored_until = Some(*until);
            }
            DeviationChange::Reopened => {
                unless_resolved("reopen")?;
                self.set_state(DeviationState::Open);
            }
            DeviationChange::Succeeded => self.set_state(DeviationState::Resolved),
        }
        self.changed_at = event.at;
        Ok(())
    }

    fn fail(&mut self, failure: &Failure, event: &DeviationEvent) {
        let is_same = self.is_same_failure(failure);
        if self.state == DeviationState::Resolved {
            // It was settled, and what comes now is a new story.
            (self.attempts, self.repeats) = (0, 0);
            self.first_seen = event.at;
        }
        self.attempts = self.attempts.saturating_add(1);
        self.repeats = if is_same {
            self.repeats.saturating_add(1)
        } else {
            1
        };
        let stays_ignored = match self.ignored_until {
            Some(IgnoredUntil::Forever) => true,
            Some(IgnoredUntil::Change) => is_same && self.failure.inputs() == failure.inputs(),
            None => false,
        };
        if !stays_ignored {
            self.set_state(DeviationState::Open);
        }
        self.failure.clone_from(failure);
        self.run.clone_from(&event.run);
        self.last_seen = event.at;
    }

    fn is_same_failure(&self, failure: &Failure) -> bool {
        failure.fingerprint(&self.topic.operation) == self.fingerprint()
    }

    fn set_state(&mut self, state: DeviationState) {
        self.state = state;
        self.ignored_until = None;
    }

    /// The deviation without values: see [`Failure::redacted`]. Its topic stays, and so its id.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        self.failure = self.failure.redacted();
        self
    }

    /// The id: that of the topic.
    pub fn id(&self) -> DeviationId {
        self.topic.id()
    }

    /// What it is about.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }

    /// Where it stands.
    pub fn state(&self) -> DeviationState {
        self.state
    }

    /// For how long it is left alone, if it is ignored.
    pub fn ignored_until(&self) -> Option<IgnoredUntil> {
        self.ignored_until
    }

    /// Why it failed, the last time.
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// What sort of failure it is.
    pub fn class(&self) -> DeviationClass {
        self.failure.class()
    }

    /// What failed, apart from what it failed on: the same for all deviations with one cause.
    pub fn fingerprint(&self) -> Fingerprint {
        self.failure.fingerprint(&self.topic.operation)
    }

    /// The run of the last failure, if it happened in one.
    pub fn run(&self) -> Option<&str> {
        self.run.as_deref()
    }

    /// How often it failed since it was opened, or since it was resolved the last time.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How many of the latest failures in a row had the same fingerprint.
    pub fn repeats(&self) -> u32 {
        self.repeats
    }

    /// When it failed first, since it was opened or since it was resolved the last time.
    pub fn first_seen(&self) -> DateTime<Utc> {
        self.first_seen
    }

    /// When it failed last.
    pub fn last_seen(&self) -> DateTime<Utc> {
        self.last_seen
    }

    /// When anything happened to it last.
    pub fn changed_at(&self) -> DateTime<Utc> {
        self.changed_at
    }
}

impl fmt::Debug for Deviation {
    /// Hides keys and messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deviation")
            .field("topic", &self.topic)
            .field("state", &self.state)
            .field("failure", &self.failure)
            .field("attempts", &self.attempts)
            .field("first_seen", &self.first_seen)
            .field("last_seen", &self.last_seen)
            .finish_non_exhaustive()
    }
}

fn check_id(event: &DeviationEvent, deviation: DeviationId) -> Result<(), DeviationError> {
    if event.id == deviation {
        return Ok(());
    }
    let event = event.id;
    Err(DeviationError::OtherDeviation { event, deviation })
}
