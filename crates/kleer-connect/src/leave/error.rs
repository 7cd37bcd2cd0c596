//! Why an export stopped.

use kleer_employee::leave::ActivityError;
use record_link::{LeaseHeld, StoreError};
use thiserror::Error;

use super::LeaveSourceError;

/// An export that stopped. What it had done until then is in the store, and the next run goes on
/// from there. What happens to single leaves and employees is no error, but a deviation.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LeaveExportError {
    /// The leave was given in a way that makes no sense. Nothing was done.
    #[error(transparent)]
    Source(#[from] LeaveSourceError),
    /// Another run works on the leave of this connection. Nothing was done.
    #[error("another export of leave is under way: {0}")]
    Busy(LeaseHeld),
    /// This run was paused so long that another took its place. Its last request may have been
    /// carried out; the other run finds it.
    #[error("this export was paused too long, and another took over; its result counts")]
    Overtaken,
    /// The store fails: nothing can be done safely any more.
    #[error("the store failed: {0}")]
    Store(#[source] StoreError),
    /// Kleer refuses the token.
    #[error("Kleer refuses the token, so no leave can be exported: {0}")]
    Unauthorized(#[source] kleer_client::Error),
    /// The activities for absence cannot be read.
    #[error("Kleer's activities, on which absence is reported, cannot be read: {0}")]
    Activities(#[source] kleer_client::Error),
    /// Some activities could not be understood, and one for absence may be among them.
    #[error(
        "{unread} of Kleer's activities could not be understood; one for absence may be among them"
    )]
    UnreadActivities {
        /// How many.
        unread: usize,
    },
    /// The activities for absence cannot be told apart.
    #[error(transparent)]
    AmbiguousActivities(#[from] ActivityError),
}

impl LeaveExportError {
    /// Whether the same run may succeed later although nobody does anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Busy(_) | Self::Overtaken => true,
            Self::Store(error) => error.is_retryable(),
            Self::Activities(error) => error.is_retryable(),
            _ => false,
        }
    }
}

impl From<StoreError> for LeaveExportError {
    fn from(error: StoreError) -> Self {
        use record_link::{Conflict, Precondition};
        match error.conflict() {
            Some(Conflict::Precondition(
                Precondition::LeaseHeld { .. }
                | Precondition::LeaseFence { .. }
                | Precondition::LeaseUnchanged { .. },
            )) => Self::Overtaken,
            _ => Self::Store(error),
        }
    }
}
