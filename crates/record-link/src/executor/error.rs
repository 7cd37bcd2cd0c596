//! Why a plan was not carried out, or not to its end.

use std::error::Error as StdError;
use std::fmt;

use crate::plan::{Digest, PlanError};
use crate::transition::TransitionError;
use crate::{Applied, StoreError, Which};

/// A plan could not be carried out, or not to its end. What was done is stored, and told by
/// [`applied`](Self::applied).
///
/// What happens to single records is no error but an [`Outcome`](crate::Outcome).
#[derive(Debug)]
pub struct ExecutionError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ExecutionErrorKind,
    applied: Option<Applied>,
}

/// Why a plan was not carried out, or not to its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExecutionErrorKind {
    /// A guard rail stopped the plan: nothing was done.
    Quarantined(Digest),
    /// The plan does not hold together, as one that was edited: nothing was done.
    Plan(PlanError),
    /// The store failed: nothing can be done safely any more.
    Store(StoreError),
    /// The lease was lost to another worker, or could not be renewed in time. Nothing is written
    /// any more; the worker that has it now finds out what became of what was under way.
    LeaseLost,
    /// A side refuses the credentials: nothing will succeed until a person gives others.
    Unauthenticated(Which),
    /// The plan does not go with what is stored.
    Transition(TransitionError),
}

impl ExecutionError {
    pub(crate) fn new(kind: ExecutionErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            applied: None,
        }))
    }

    pub(crate) fn after(mut self, applied: Applied) -> Self {
        self.0.applied = Some(applied);
        self
    }

    /// Why.
    pub fn kind(&self) -> &ExecutionErrorKind {
        &self.0.kind
    }

    /// What was done before; `None` if nothing was begun.
    pub fn applied(&self) -> Option<&Applied> {
        self.0.applied.as_ref()
    }

    /// Whether another worker has the lease now.
    pub fn is_lease_lost(&self) -> bool {
        matches!(self.0.kind, ExecutionErrorKind::LeaseLost)
    }

    /// The side that refuses the credentials, if that is why.
    pub fn refused_credentials(&self) -> Option<Which> {
        match self.0.kind {
            ExecutionErrorKind::Unauthenticated(which) => Some(which),
            _ => None,
        }
    }

    /// Whether a later run may succeed although nobody does anything.
    pub fn is_retryable(&self) -> bool {
        match &self.0.kind {
            ExecutionErrorKind::Store(error) => error.is_retryable() || error.is_conflict(),
            ExecutionErrorKind::LeaseLost | ExecutionErrorKind::Transition(_) => true,
            _ => false,
        }
    }
}

impl fmt::Display for ExecutionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            ExecutionErrorKind::Quarantined(digest) => write!(
                f,
                "the plan was stopped by a guard rail: approve digest {digest}, or find out what \
                 is wrong"
            ),
            ExecutionErrorKind::Plan(error) => error.fmt(f),
            ExecutionErrorKind::Store(error) => error.fmt(f),
            ExecutionErrorKind::LeaseLost => f.write_str(
                "the lease ran out and another worker may have it: nothing more was written; take \
                 the lease again, and begin with what is not known",
            ),
            ExecutionErrorKind::Unauthenticated(which) => {
                write!(
                    f,
                    "the {which} side refuses the credentials: enter new ones"
                )
            }
            ExecutionErrorKind::Transition(error) => error.fmt(f),
        }
    }
}

impl StdError for ExecutionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.kind {
            ExecutionErrorKind::Plan(error) => error.source(),
            ExecutionErrorKind::Store(error) => error.source(),
            ExecutionErrorKind::Transition(error) => error.source(),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($error:ident => $kind:ident),*) => { $(
        impl From<$error> for ExecutionError {
            fn from(error: $error) -> Self {
                Self::new(ExecutionErrorKind::$kind(error))
            }
        }
    )* };
}

from!(PlanError => Plan, StoreError => Store, TransitionError => Transition);
