//! A remote write that is about to happen: stored before, removed after.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::identity::ConnectionId;
use crate::plan::{Operation, OperationId};
use client_key::ClientKey;

/// A remote write that is about to happen. It is stored before the write and removed in the same
/// transaction as the change that the write brings, so that no write is ever forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Intent {
    /// The connection.
    pub connection: ConnectionId,
    /// What is to be done.
    pub operation: Operation,
    /// The client key that the record gets, if it is a create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key: Option<ClientKey>,
    /// Where it stands.
    pub state: IntentState,
    /// How often it was begun.
    pub attempts: u32,
    /// When anything happened to it last.
    pub at: DateTime<Utc>,
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IntentState {
    /// It is about to be sent, or was; whoever finds it after a crash cannot know.
    Begun,
    /// It was sent, and what became of it is not known.
    InDoubt,
}

impl Intent {
    /// An operation that is about to be sent.
    pub fn new(connection: ConnectionId, operation: Operation, at: DateTime<Utc>) -> Self {
        Self {
            connection,
            operation,
            client_key: None,
            state: IntentState::Begun,
            attempts: 1,
            at,
        }
    }

    /// The create carries this client key.
    #[must_use]
    pub fn with_client_key(mut self, key: ClientKey) -> Self {
        self.client_key = Some(key);
        self
    }

    /// Its id: that of the operation.
    pub fn id(&self) -> OperationId {
        self.operation.id
    }
}
