//! Keeps the employees of Alexis HR and of Kleer in step, and takes leave into Kleer.

pub mod api;
pub mod fake;
pub mod side;
