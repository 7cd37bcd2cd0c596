//! Why a workbench could not do its work.

use record_link::{
    Digest, IdentityError, PlanError, PlannerError, RunError, SideError, StoreError,
};
use record_match::MatchError;

/// A workbench could not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkbenchError {
    /// A side could not be read.
    #[error(transparent)]
    Side(#[from] SideError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another run is under way, or this one was not carried out to its end; what was done is
    /// stored.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Policy, links and sides do not go together.
    #[error(transparent)]
    Planner(#[from] PlannerError),
    /// The plan does not hold together.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The records cannot be compared.
    #[error(transparent)]
    Match(#[from] MatchError),
    /// A record has a key that is none.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A guard rail stopped the plan, and nobody approved it.
    #[error(
        "a guard rail stopped the plan: more is to be changed at once than the policy lets pass. \
         Look at it, and approve {0} if it is right"
    )]
    Guarded(Digest),
    /// There is no such record.
    #[error("there is no {key} in {side}: look with `status`")]
    Unknown {
        /// What the side is called.
        side: &'static str,
        /// What was asked for.
        key: String,
    },
    /// A record is not linked, and what was chosen needs a link.
    #[error("{key} in {side} is not linked: match or create it first")]
    NotLinked {
        /// What the side is called.
        side: &'static str,
        /// The record.
        key: String,
    },
    /// No deviation has an id that begins so, or several have.
    #[error("there is not exactly one deviation whose id begins with {0}: look with the list")]
    NoDeviation(String),
}
