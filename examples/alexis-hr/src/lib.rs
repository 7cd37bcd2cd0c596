//! Keeps the employees of Alexis HR and of Kleer in step, and takes leave into Kleer: everything of
//! the program but its `main`. What is not particular to Alexis is in `kleer-connect`.
//!
//! | | |
//! |---|---|
//! | the API of Alexis: lists, pages, relations | [`api`] |
//! | what an employee consists of there | [`side`] |
//! | its leave | [`leave`] |
//! | settings, both systems and the store | [`settings`], [`session`] |
//! | the commands | [`run`] |
//! | the demo, and the Alexis it talks to | [`demo`], [`fake`] |

pub mod api;
pub mod demo;
pub mod fake;
pub mod leave;
pub mod run;
pub mod session;
pub mod settings;
pub mod side;
