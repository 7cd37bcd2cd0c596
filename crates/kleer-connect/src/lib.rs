//! Kleer as one side of a connector.

mod clock;
pub mod invoices;

pub use clock::TokioClock;
