//! The export of leave against the sandbox.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod exporting;
mod failing;
mod guarding;
mod killed;
mod remembering;
mod support;
