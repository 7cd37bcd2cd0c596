//! How far a schedule has come.

use std::fmt;

use chrono::{DateTime, Utc};
use flat_record::Kind;
use serde::{Deserialize, Serialize};

/// How far the schedule of a kind has come, kept so that a restart neither skips a run nor repeats
/// one.
///
/// Like a link it has a version, which is its compare-and-swap: a person who pauses a schedule and
/// a runner that ends a run do not overwrite each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ScheduleState {
    /// The kind of the records: a connection has one schedule for each.
    pub kind: Kind,
    /// Counts the changes: 1 is the first that is stored.
    pub version: u64,
    /// When the next run is due; none if it never ran, or is not run by the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_due: Option<DateTime<Utc>>,
    /// When a run began last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_started: Option<DateTime<Utc>>,
    /// When a run ended last, however it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_finished: Option<DateTime<Utc>>,
    /// Nothing runs until somebody resumes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
}

/// Since when a schedule is paused, and why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Pause {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub because: PauseReason,
    /// Who did it, if it was a person: whatever the application knows them by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Why a schedule is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PauseReason {
    /// A side refused its credentials: trying again may lock an account.
    Credentials,
    /// Somebody wants it so.
    ByHand,
}

impl ScheduleState {
    /// The state of a schedule that never ran and was never stored.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            version: 0,
            next_due: None,
            last_started: None,
            last_finished: None,
            paused: None,
        }
    }

    /// The same, as the version that may be stored next.
    #[must_use]
    pub fn next_version(mut self) -> Self {
        self.version = self.version.saturating_add(1);
        self
    }
}

impl Pause {
    /// Paused since then, for this reason.
    pub fn new(since: DateTime<Utc>, because: PauseReason) -> Self {
        let by = None;
        Self { since, because, by }
    }

    /// This person did it.
    #[must_use]
    pub fn by(mut self, person: impl Into<String>) -> Self {
        self.by = Some(person.into());
        self
    }
}

impl fmt::Debug for Pause {
    /// Hides who did it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pause")
            .field("since", &self.since)
            .field("because", &self.because)
            .finish_non_exhaustive()
    }
}
