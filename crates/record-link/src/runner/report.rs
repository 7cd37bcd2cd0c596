//! What came of a run.

use std::error::Error as StdError;
use std::fmt;

use crate::{
    Applied, Audited, DeviationClass, ExecutionError, ExecutionErrorKind, LeaseHeld, Pause, Plan,
    PlannerError, Recovered, RunRecord, SideError, StoreError, Which,
};

/// What came of a run that was begun: it is stored, too, as far as the [`record`](Self::record)
/// tells.
#[derive(Debug)]
#[non_exhaustive]
pub struct RunReport {
    /// The run, as it is stored.
    pub record: RunRecord,
    /// Whether only touched records were read.
    pub is_partial: bool,
    /// What was planned; its findings are for people. None if it did not come to that.
    pub plan: Option<Box<Plan>>,
    /// What was applied; none if it did not come to that.
    pub applied: Option<Box<Applied>>,
    /// What was found out about writes of earlier runs.
    pub recovered: Recovered,
    /// The look for doubles at the end.
    pub audited: Audited,
    /// Why it did not come to its end.
    pub failure: Option<RunFailure>,
}

/// Why a run did not come to its end. What was done before is stored.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunFailure {
    /// A side could not be read.
    Side {
        /// Which.
        which: Which,
        /// Why.
        error: SideError,
    },
    /// What the planner was given does not go together: a mistake in the policy, for instance.
    Planner(PlannerError),
    /// The plan could not be carried out.
    Execution(ExecutionError),
    /// The store failed in between; what it could not say is found out by the next run.
    Store(StoreError),
}

impl RunFailure {
    /// What sort of failure it is.
    pub fn class(&self) -> DeviationClass {
        match self {
            Self::Side { error, .. } => error.kind().class(),
            Self::Planner(_) => DeviationClass::Bug,
            Self::Execution(error) => match error.kind() {
                ExecutionErrorKind::Quarantined(_) => DeviationClass::Guard,
                ExecutionErrorKind::Unauthenticated(_) => DeviationClass::Authentication,
                _ if error.is_retryable() => DeviationClass::Transient,
                _ => DeviationClass::Bug,
            },
            Self::Store(error) => match error.is_retryable() || error.is_conflict() {
                true => DeviationClass::Transient,
                false => DeviationClass::Bug,
            },
        }
    }

    /// The side that refuses the credentials, if that is why.
    pub fn refused_credentials(&self) -> Option<Which> {
        match self {
            Self::Side { which, error } => {
                let is_refused = error.kind() == crate::SideErrorKind::Unauthenticated;
                is_refused.then_some(*which)
            }
            Self::Execution(error) => error.refused_credentials(),
            _ => None,
        }
    }
}

impl fmt::Display for RunFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Side { which, error } => write!(f, "the {which} side: {error}"),
            Self::Planner(error) => error.fmt(f),
            Self::Execution(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl StdError for RunFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Side { error, .. } => error.source(),
            Self::Planner(error) => error.source(),
            Self::Execution(error) => error.source(),
            Self::Store(error) => error.source(),
        }
    }
}

/// A run was not begun, or could not be brought to a stored end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Another runner works on it: nothing is wrong.
    #[error(transparent)]
    Busy(#[from] LeaseHeld),
    /// The schedule is paused: resume it, or run by hand.
    #[error("the schedule is paused since {}: resume it, or run by hand", .0.since)]
    Paused(Pause),
    /// The lease ran out during the run and another runner took it, which goes on from where this
    /// one was.
    #[error("the lease ran out and another runner has it: it goes on from here")]
    LeaseLost,
    /// The store failed, so that nothing could be begun, or its end could not be stored. The next
    /// run finds out what became of what was under way.
    #[error(transparent)]
    Store(StoreError),
    /// A plan is applied by the entity that it was made for.
    #[error("the plan is of another connection or kind: apply it with the entity it was made for")]
    OtherPlan,
    /// A preview could not be made.
    #[error(transparent)]
    Failed(Box<RunFailure>),
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl RunError {
    /// Whether another runner works on it, so that there is nothing to do.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::LeaseLost)
    }
}
