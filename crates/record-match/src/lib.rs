//! Who is who.

mod assignment;
mod columns;
mod compare;
mod comparison;
mod decision;
mod error;
mod explanation;
mod judge;
mod kind;
mod level;
mod matcher;
mod memory;
mod model;
mod nicknames;
mod normalise;
mod outcome;
mod pairs;
mod parallel;
mod population;
mod rules;
mod similarity;
mod training;
mod verdicts;

pub use comparison::{Comparison, Comparisons};
pub use decision::{Decision, Verdict};
pub use error::MatchError;
pub use explanation::{Caution, Evidence, Explanation, Frequency, Reason, RunnerUp};
pub use kind::{FieldKind, KeyUse};
pub use level::Level;
pub use matcher::{Matcher, Progress};
pub use memory::Memory;
pub use model::{LevelProbabilities, Model};
pub use nicknames::Nicknames;
pub use outcome::{Band, Candidate, DuplicateReason, Duplicates, Outcome, Statistics, Warning};
pub use pairs::blocked::Report as BlockingReport;
pub use population::{Population, Side};
