//! A `PostgreSQL` server for the tests of this workspace, gone when they end.
//!
//! | to | use |
//! |---|---|
//! | get a schema of one's own for a test | [`schema`] |
//! | start, stop and start again a server of one's own | [`Cluster`] |
//!
//! `KLEER_TEST_POSTGRES_URL` names a server that is there already; each test gets a schema of its own
//! on it, which is dropped at the end. Without it, a cluster is made of the installed binaries, once
//! for each test process, in a temporary folder. Where there are none, the tests say `SKIPPED` on
//! standard error, and pass.
//!
//! Only for tests: it reads the environment, prints and starts processes. It is never published.

mod cluster;
mod schema;

pub use cluster::{Cluster, ClusterBuilder, ClusterError};
pub use schema::{Schema, URL_VARIABLE, schema};
