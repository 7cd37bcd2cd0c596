//! Keeps the employees of Alexis HR and of Kleer in step, and takes leave into Kleer: everything of
//! the program but its `main`. What is not particular to Alexis is in `kleer-connect`.

pub mod api;
pub mod demo;
pub mod fake;
pub mod leave;
pub mod run;
pub mod session;
pub mod settings;
pub mod side;
