//! Documents that were not posted: to view, to reprocess, to ignore, to forget.

use std::fmt;

use chrono::{DateTime, Utc};
use record_link::{
    Batch, ConnectionId, Deviation, DeviationChange, DeviationEvent, DeviationId, DeviationQuery,
    DeviationState, IgnoredUntil, Store, StoreError, Subject, Topic, Write,
};
use thiserror::Error;

use super::target::Target;

/// The operation, in the topics of deviations.
const POST: &str = "post";

pub(crate) fn topic_of(connection: &ConnectionId, target: Target, document: &str) -> Topic {
    Topic::new(
        connection,
        POST,
        Subject::document(target.as_str(), document),
    )
}

/// A document that was not posted, and why: a [`Deviation`] of a store, with what it is about.
#[derive(Clone)]
#[non_exhaustive]
pub struct NotPosted {
    /// The name that the document was given, by which it can be fetched again.
    pub document: String,
    /// What it was to become.
    pub target: Target,
    /// Why, since when, how often, and where it stands.
    pub deviation: Deviation,
}

impl NotPosted {
    /// The document that a deviation is about, if it is one of this service's.
    pub fn of(deviation: Deviation) -> Option<Self> {
        let topic = deviation.topic();
        let Subject::Document { kind, key } = &topic.subject else {
            return None;
        };
        let target = Target::of_kind(kind).filter(|_| topic.operation == POST)?;
        Some(Self {
            document: key.clone(),
            target,
            deviation,
        })
    }

    /// The connection that it was to be posted on.
    pub fn connection(&self) -> &ConnectionId {
        &self.deviation.topic().connection
    }

    /// The deviation's id.
    pub fn id(&self) -> DeviationId {
        self.deviation.id()
    }

    /// Whether somebody still has to do something: it is open, or was being reprocessed when a run
    /// was killed.
    pub fn is_unsettled(&self) -> bool {
        matches!(
            self.deviation.state(),
            DeviationState::Open | DeviationState::Reprocessing
        )
    }
}

impl fmt::Debug for NotPosted {
    /// Hides the document's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotPosted")
            .field("target", &self.target)
            .field("deviation", &self.deviation)
            .finish_non_exhaustive()
    }
}

/// A deviation was not found, or not changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeviationsError {
    /// No deviation, or more than one, has an id that begins so.
    #[error("no deviation, or more than one, has an id that begins with {0:?}: list them all")]
    UnknownId(String),
    /// The store failed, or what was to be done does not fit where the deviation stands.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
}

/// The documents that were not posted, as a store has them, of all its connections.
///
/// This needs no Kleer and takes no lease: what it does can be done while a run is under way, also
/// on another machine.
///
/// ```
/// use kleer_connect::invoices::NotPostedDocuments;
/// use record_link::MemoryStore;
///
/// # record_link::testing::block_on(async {
/// let store = MemoryStore::new();
/// let documents = NotPostedDocuments::of(&store);
/// assert!(documents.list(false).await?.is_empty());
/// assert!(documents.find("05af924f").await.is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct NotPostedDocuments<'a> {
    store: &'a dyn Store,
}

impl<'a> NotPostedDocuments<'a> {
    /// Those of a store.
    pub fn of(store: &'a dyn Store) -> Self {
        Self { store }
    }

    /// The unsettled ones, or with `all` also those that were ignored or are posted by now: of each
    /// connection the one that failed last first.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn list(&self, all: bool) -> Result<Vec<NotPosted>, StoreError> {
        let mut found = Vec::new();
        for connection in self.store.connections().await? {
            let query = if all {
                DeviationQuery::all()
            } else {
                DeviationQuery::unsettled()
            };
            let mut query = query.limit(1_000);
            loop {
                let page = self.store.deviations(&connection, &query).await?;
                found.extend(page.items.into_iter().filter_map(NotPosted::of));
                if page.next.is_none() {
                    break;
                }
                query = query.after(page.next);
            }
        }
        Ok(found)
    }

    /// One of them, by its id or the beginning of it.
    ///
    /// # Errors
    /// When none, or more than one, has an id that begins so; and if the store cannot be read.
    pub async fn find(&self, id: &str) -> Result<NotPosted, DeviationsError> {
        let all = self.list(true).await?;
        let is_it = |one: &NotPosted| one.id().to_string().starts_with(id);
        let mut found = all.into_iter().filter(is_it);
        match (found.next(), found.next()) {
            (Some(one), None) if !id.is_empty() => Ok(one),
            _ => Err(DeviationsError::UnknownId(id.to_owned())),
        }
    }

    /// Leaves one as it is, until it fails for another reason: it is listed only among all.
    ///
    /// # Errors
    /// When it is resolved by now, or the store fails.
    pub async fn ignore(&self, one: &NotPosted, now: DateTime<Utc>) -> Result<(), StoreError> {
        let until = IgnoredUntil::Change;
        let change = DeviationChange::Ignored { until };
        let event = DeviationEvent::new(one.id(), change, now);
        self.commit(one, Write::Deviation(event), now).await
    }

    /// Removes one with all that it says, whatever its state: the document's name, its number and
    /// the reasons may be personal data. If it fails again, it is a new one.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn forget(&self, one: &NotPosted, now: DateTime<Utc>) -> Result<(), StoreError> {
        let write = Write::DeviationForgotten(one.id());
        self.commit(one, write, now).await
    }

    async fn commit(
        &self,
        one: &NotPosted,
        write: Write,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let batch = Batch::new(one.connection(), now).write(write);
        self.store.commit(batch).await
    }
}
