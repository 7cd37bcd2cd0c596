//! What cannot happen to a link.

use crate::identity::{LinkId, Sides, Which};
use crate::link::Link;
use crate::observation::Observation;
use crate::plan::Operation;

/// Something cannot happen to a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransitionError {
    /// The step does not go with the state of the link.
    #[error("link {link} is {state}: {step} does not go with that; make the plan anew")]
    WrongState {
        /// The link.
        link: LinkId,
        /// Its state.
        state: &'static str,
        /// The step.
        step: &'static str,
    },
    /// There is no such link.
    #[error("there is no link {0}: make the plan anew")]
    NoLink(LinkId),
    /// A record is missing that the step needs.
    #[error("{step} on link {link} needs the record of the {side} side: read it first")]
    NoRecord {
        /// The link.
        link: LinkId,
        /// The side.
        side: Which,
        /// The step.
        step: &'static str,
    },
    /// A local step was to be sent, or a remote one to be carried out without sending.
    #[error(
        "{0} cannot be done this way: remote steps are begun and acknowledged, local ones carried out"
    )]
    WrongWay(&'static str),
}

pub(super) fn known<'l>(
    operation: &Operation,
    link: Option<&'l Link>,
) -> Result<&'l Link, TransitionError> {
    link.ok_or(TransitionError::NoLink(operation.link))
}

pub(super) fn needed<'o>(
    operation: &Operation,
    records: Sides<Option<&'o Observation>>,
    side: Which,
) -> Result<&'o Observation, TransitionError> {
    records[side].ok_or(TransitionError::NoRecord {
        link: operation.link,
        side,
        step: operation.step.as_str(),
    })
}

pub(super) fn wrong_state(operation: &Operation, link: &Link) -> TransitionError {
    TransitionError::WrongState {
        link: link.id,
        state: link.state.as_str(),
        step: operation.step.as_str(),
    }
}
