//! Links between the records of two systems.

mod client_key;
mod deviation;
mod hash;

pub use client_key::{ClientKey, ParseClientKeyError};
pub use deviation::{
    Deviation, DeviationChange, DeviationClass, DeviationError, DeviationEvent, DeviationId,
    DeviationState, Failure, Fingerprint, IgnoredUntil, Payload, Subject, Topic,
};
pub use hash::ParseHashError;
