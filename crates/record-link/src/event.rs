//! What happened to a link: the audit, and the source that links can be rebuilt from.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flat_record::FieldName;
use serde::{Deserialize, Serialize};

use crate::identity::{LinkId, Which};
use crate::link::{Link, Presence};
use crate::plan::{FieldChange, OperationId};

/// Something that happened to a link, with the link as it was afterwards.
///
/// Events are appended in the same transaction as the change that they tell of, and never changed.
/// Folded in order, they give every link exactly ([`fold_events`]).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// In which run, if it happened in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Who did it, if it was a person: whatever the application knows them by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// By which operation, if a plan asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationId>,
    /// What.
    pub what: EventKind,
    /// The link afterwards.
    pub link: Link,
    /// Whether the values were taken out of it: values that were overwritten are
    /// [hidden](FieldChange::is_hidden) then, and the base of the link is empty.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_redacted: bool,
}

impl Event {
    /// This happened to the link, which is now as it is given here.
    pub fn new(what: EventKind, link: Link, at: DateTime<Utc>) -> Self {
        Self {
            at,
            run: None,
            by: None,
            operation: None,
            what,
            link,
            is_redacted: false,
        }
    }

    /// The event without values. What happened, to which fields, when, by whom and why stays.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        self.link = self.link.redacted();
        if let EventKind::Updated { changes, .. } = &mut self.what {
            let hidden = std::mem::take(changes).into_iter();
            *changes = hidden.map(FieldChange::hidden).collect();
        }
        self.is_redacted = true;
        self
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

    /// This operation asked for it.
    #[must_use]
    pub fn of_operation(mut self, operation: OperationId) -> Self {
        self.operation = Some(operation);
        self
    }
}

impl std::fmt::Debug for Event {
    /// Hides who did it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("at", &self.at)
            .field("what", &self.what)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

/// What happened to a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EventKind {
    /// A record is to be created: the link is there before the record is.
    CreateIntended {
        /// Where.
        on: Which,
    },
    /// The record was created, or found by its client key.
    Created {
        /// Where.
        on: Which,
    },
    /// A create was refused.
    CreateFailed {
        /// Where.
        on: Which,
    },
    /// What became of a create is not known.
    CreateInDoubt {
        /// Where.
        on: Which,
    },
    /// Two records that were there were linked.
    Linked,
    /// Fields were written. The values that were overwritten are kept here, with who and why.
    Updated {
        /// Where.
        on: Which,
        /// What was written, over what, and why.
        changes: Vec<FieldChange>,
        /// Fields that the other system did not take over.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        not_taken: Vec<FieldName>,
    },
    /// Both sides were found to say the same.
    Agreed {
        /// Of which fields.
        fields: Vec<FieldName>,
    },
    /// The pair was unlinked.
    Unlinked,
    /// A record was found gone.
    Orphaned {
        /// Which one.
        gone: Which,
    },
    /// A record that was gone is there again.
    Returned {
        /// Which one.
        back: Which,
    },
    /// A record was deleted.
    Deleted {
        /// Where.
        on: Which,
    },
    /// A record was looked for.
    Noted {
        /// Which one.
        side: Which,
        /// Whether it was there.
        presence: Presence,
    },
    /// The link was taken over from somewhere else, or made again after the store was lost.
    Imported,
    /// The values were taken out of the link and of all events before.
    Redacted,
}

/// An event is missing, stands twice, or is out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "event {position} makes version {found} of link {link}, but version {expected} comes next: an \
     event is missing, stands twice or is out of order"
)]
#[non_exhaustive]
pub struct EventOrderError {
    /// Which event, counted from 0.
    pub position: usize,
    /// The link.
    pub link: LinkId,
    /// The version that should come.
    pub expected: u64,
    /// The version that came.
    pub found: u64,
}

/// The links that a log of events adds up to.
///
/// # Errors
/// When the versions of a link do not follow one another.
pub fn fold_events<'a>(
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<BTreeMap<LinkId, Link>, EventOrderError> {
    let mut links: BTreeMap<LinkId, Link> = BTreeMap::new();
    for (position, event) in events.into_iter().enumerate() {
        let link = &event.link;
        let expected = links.get(&link.id).map_or(1, |before| before.version + 1);
        if link.version != expected {
            return Err(EventOrderError {
                position,
                link: link.id,
                expected,
                found: link.version,
            });
        }
        links.insert(link.id, link.clone());
    }
    Ok(links)
}
