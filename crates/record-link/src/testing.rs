//! Proof that a side or a store keeps its promises, and fakes with faults on demand.

mod fake_side;
mod fuse;
mod report;
mod waiting;

pub use fake_side::{FakeSide, Fault};
pub use fuse::Fuse;
pub use report::{Check, NotConforming, Outcome, Report};
pub use waiting::{block_on, yield_now};
