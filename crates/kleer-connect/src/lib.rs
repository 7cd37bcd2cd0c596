//! Kleer as one side of a connector.

mod clock;
pub mod leave;

pub use clock::TokioClock;
