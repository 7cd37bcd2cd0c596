//! Employees against a stateful Kleer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod failing;
mod promises;
mod support;
