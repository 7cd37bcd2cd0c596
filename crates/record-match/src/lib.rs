//! Who is who: which records of two systems are the same person or company.
//!
//! Give the records of two sides and say what their fields hold; get pairs, one to one, each with a
//! score, a margin, a band and an explanation that a payroll clerk can read. Nothing here knows what
//! a link or an employee is, does I/O or reads a clock.
//!
//! | To | see |
//! |---|---|
//! | say what is compared, and as what | [`Comparisons`], [`Comparison`], [`FieldKind`], [`KeyUse`] |
//! | give the records of a side | [`Population`] |
//! | match, with options | [`Matcher`] |
//! | read what was found | [`Outcome`], [`Candidate`], [`Band`], [`Duplicates`], [`Warning`] |
//! | know why | [`Explanation`], [`Evidence`], [`Level`], [`Caution`] |
//! | tell what a person has decided | [`Decision`] |
//! | look only at what changed since the last run | [`Memory`], [`Matcher::run_again`] |
//! | find duplicates within one side | [`Matcher::duplicates`] |
//! | keep what was learned | [`Model`] |
//!
//! ```
//! use flat_record::{Field, Fields, Record, ValueKind};
//! use record_match::{Band, Comparison, Comparisons, FieldKind, Matcher, Population};
//!
//! let fields = Fields::new([
//!     Field::new("personal_number", ValueKind::Text)?,
//!     Field::new("given_name", ValueKind::Text)?,
//!     Field::new("surname", ValueKind::Text)?,
//!     Field::new("born", ValueKind::Text)?,
//! ])?;
//! let person = |number: &str, given: &str, surname: &str, born: &str| {
//!     Record::new(&fields)
//!         .with("personal_number", number)?
//!         .with("given_name", given)?
//!         .with("surname", surname)?
//!         .with("born", born)
//! };
//! let hr = [
//!     ("17", person("19121212-1212", "Anna", "Ek", "1912-12-12")?),
//!     ("18", person("", "Karl-Erik", "Hägglund", "1980-03-04")?),
//! ];
//! let payroll = [
//!     ("a", person("121212+1212", "Anna", "Berg", "1912-12-12")?),
//!     ("b", person("", "Kalle", "Hagglund", "1980-03-04")?),
//! ];
//!
//! let comparisons = Comparisons::new([
//!     Comparison::new("personal_number", FieldKind::PersonalNumber),
//!     Comparison::new("given_name", FieldKind::GivenName),
//!     Comparison::new("surname", FieldKind::Surname),
//!     Comparison::new("born", FieldKind::Date),
//! ])?;
//! let left = Population::complete(hr.iter().map(|(key, record)| (*key, record)));
//! let right = Population::complete(payroll.iter().map(|(key, record)| (*key, record)));
//! let outcome = Matcher::new(comparisons).run(&left, &right, &[])?;
//!
//! // She married; the number is hers alone on both sides.
//! let anna = &outcome.candidates[0];
//! assert_eq!((anna.left.as_str(), anna.right.as_str(), anna.band), ("17", "a", Band::Auto));
//! // Without a number it takes a person to say so.
//! let karl = &outcome.candidates[1];
//! assert_eq!((karl.left.as_str(), karl.right.as_str(), karl.band), ("18", "b", Band::Suggest));
//! assert!(karl.explanation.to_string().contains("given name: another form of the name"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it works
//! 1. **Keys.** A verified key that one record on each of two complete sides has links them, unless
//!    another verified key differs. Personal and organisation numbers (with the right check digit)
//!    and our own client key are such keys; an e-mail address suggests.
//! 2. **Pairs.** Up to 150 million pairs, every one is looked at, over distinct values; beyond that,
//!    those that share a block, with an estimate of what blocking missed ([`BlockingReport`]).
//! 3. **Score.** Each field agrees at a [`Level`], which counts some bits for or against (Fellegi
//!    and Sunter), by how rare an equal value is. What is empty on a side counts nothing. How often
//!    levels occur in pairs that are the same is learned from the data, with the shipped weights
//!    behind it. Relatives are counted within each side, and a pair that agrees only in what a
//!    household shares is weighed against them.
//! 4. **One to one.** The best way to pair the records as a whole; the margin of a pair is what
//!    would be lost without it. Ties are never accepted.
//!
//! The result depends neither on the order of the records nor on the number of threads.
//!
//! A worked example, from two snapshots to a plan, is the chapter "Who is who" of
//! `docs/connector-guide.md`; it runs with the tests of `kleer-connect`.
//!
//! # Personal data
//! Explanations, models and memories hold no value of a record; candidates, decisions and memories
//! hold keys. No `Debug` here shows a key or a value.

mod assignment;
mod columns;
mod compare;
mod comparison;
mod decision;
mod error;
mod explanation;
mod households;
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
mod rivals;
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
