//! The queries of a store: what to ask the database, and what its rows say.
//!
//! Each takes one round trip.

mod lists;
mod pages;
mod soundness;
mod summed;

use record_link::StoreError;

pub use lists::{
    Approvals, Connections, Decisions, DeviationById, Intents, LeaseByName, LinkById, LiveLink,
    Schedules, Scopes, Touches,
};
pub use pages::{Deviations, Events, Links, Runs};
pub use soundness::Soundness;
pub use summed::Summed;

use crate::{Answer, Failed, Statement, Transaction};

/// A query of a store.
pub trait Question: std::fmt::Debug + Send + Sync + 'static {
    /// What it is answered with.
    type Answer: Send + 'static;

    /// The statements to ask.
    ///
    /// # Errors
    /// If the question makes no sense: its cursor is not one of its own.
    fn statements(&self) -> Result<Vec<Statement>, Failed>;

    /// What the answers to the statements say.
    ///
    /// # Errors
    /// If what is stored cannot be read.
    fn read(&self, answers: Vec<Answer>) -> Result<Self::Answer, Failed>;
}

/// Asks a question in a transaction.
///
/// # Errors
/// If the question makes no sense, or the database cannot be read.
pub async fn ask<Q: Question>(
    transaction: &mut dyn Transaction,
    question: &Q,
) -> Result<Q::Answer, Failed> {
    let statements = question.statements()?;
    let answers = transaction.run(&statements).await?;
    question.read(answers)
}

fn foreign_cursor() -> Failed {
    StoreError::new(record_link::StoreErrorKind::Invalid)
        .with_detail("the cursor is not one of this query's")
        .into()
}

/// The rows of the one statement that a question asks.
fn rows(answers: Vec<Answer>) -> Vec<crate::Row> {
    answers.into_iter().flat_map(|answer| answer.rows).collect()
}
