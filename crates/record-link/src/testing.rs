//! Proof that a side or a store keeps its promises, and fakes with faults on demand.
//!
//! | to | use |
//! |---|---|
//! | prove a store | [`check_store`], and [`check_reopened_store`] if it is durable |
//! | prove that plans are carried out once over a store, whatever happens | [`check_execution`] |
//! | prove a side | [`check_side`] |
//! | play a system | [`FakeSide`], with [`Fault`]s |
//! | play a store that fails | [`FaultyStore`] round any store, with [`StoreFault`]s |
//! | kill a process at each of its steps | [`Fuse`], shared by sides and store |
//! | play the time | [`ManualClock`] |
//! | run futures without a runtime | [`block_on`] |
//!
//! Everything here is for tests, and always compiled: it needs no dependency that the rest does not
//! need. Nothing in it panics; a suite gives a [`Report`].

mod execution_suite;
mod fake_side;
mod faulty_store;
mod fuse;
mod manual_clock;
mod report;
mod side_suite;
mod store_suite;
mod waiting;

pub use execution_suite::{ExecutionChecks, check_execution};
pub use fake_side::{FakeSide, Fault};
pub use faulty_store::{FaultyStore, StoreFault};
pub use fuse::Fuse;
pub use manual_clock::ManualClock;
pub use report::{Check, NotConforming, Outcome, Report};
pub use side_suite::{Samples, check_side};
pub use store_suite::{check_reopened_store, check_store};
pub(crate) use waiting::join_all;
pub use waiting::{block_on, yield_now};
