//! What happens to a deviation.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{DeviationId, Failure, Topic};

/// Something that happened to a deviation. What a deviation is, is what its events add up to; kept
/// in order, they are its audit.
///
/// As JSON an event is one object, its field `event` telling which change it is: a log of them may
/// be a file of lines.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeviationEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// To which deviation.
    pub id: DeviationId,
    /// In which run, if it happened in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Who did it, if it was a person: whatever the application knows them by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What.
    #[serde(flatten)]
    pub change: DeviationChange,
}

/// What happened to a deviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DeviationChange {
    /// The operation failed, for the first time or again.
    Failed {
        /// What it is about; every failure tells, so that an event can be understood alone.
        topic: Box<Topic>,
        /// Why.
        failure: Box<Failure>,
    },
    /// The operation is tried again, planned anew from the data of today.
    Reprocessing,
    /// Somebody decided to leave it.
    Ignored {
        /// For how long.
        until: IgnoredUntil,
    },
    /// Somebody wants it looked at again; or what was to reprocess it gave up.
    Reopened,
    /// The operation succeeded, or is no longer needed.
    Succeeded,
}

/// For how long a deviation is left alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IgnoredUntil {
    /// Until it fails with another fingerprint, or from other inputs.
    #[default]
    Change,
    /// Until somebody reopens or reprocesses it.
    Forever,
}

impl DeviationEvent {
    /// The operation of `topic` failed.
    pub fn failed(topic: Topic, failure: Failure, at: DateTime<Utc>) -> Self {
        let id = topic.id();
        let (topic, failure) = (Box::new(topic), Box::new(failure));
        Self::new(id, DeviationChange::Failed { topic, failure }, at)
    }

    /// Something else happened to a deviation that there is.
    pub fn new(id: DeviationId, change: DeviationChange, at: DateTime<Utc>) -> Self {
        Self {
            at,
            id,
            run: None,
            by: None,
            change,
        }
    }

    /// It happened in this run.
    #[must_use]
    pub fn in_run(mut self, run: impl Into<String>) -> Self {
        self.run = Some(run.into());
        self
    }

    /// This person did it.
    #[must_use]
    pub fn by(mut self, person: impl Into<String>) -> Self {
        self.by = Some(person.into());
        self
    }
}

impl fmt::Debug for DeviationEvent {
    /// Hides who did it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviationEvent")
            .field("at", &self.at)
            .field("id", &self.id)
            .field("run", &self.run)
            .field("change", &self.change)
            .finish_non_exhaustive()
    }
}
