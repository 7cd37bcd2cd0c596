//! What a conformance suite found.

use std::fmt;

/// What a conformance suite found: each promise that it checked, and whether it is kept.
///
/// A test ends with `report.into_result().unwrap()`, whose message lists what is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    suite: &'static str,
    checks: Vec<Check>,
}

/// One promise, and whether it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// The promise, as the name of a test.
    pub name: &'static str,
    /// Whether it is kept.
    pub outcome: Outcome,
}

/// Whether a promise is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is.
    Passed,
    /// It is broken, and how.
    Failed(String),
    /// It was not checked, since what is tested does not claim it.
    Skipped(String),
}

/// Promises are broken. The message lists them.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotConforming {
    /// All that was checked.
    pub report: Report,
}

impl Report {
    pub(crate) fn new(suite: &'static str) -> Self {
        Self {
            suite,
            checks: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, name: &'static str, result: Result<(), Ended>) {
        let outcome = match result {
            Ok(()) => Outcome::Passed,
            Err(Ended::Broken(how)) => Outcome::Failed(how),
            Err(Ended::Skipped(why)) => Outcome::Skipped(why),
        };
        self.checks.push(Check { name, outcome });
    }

    /// All checks, in the order in which they ran.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// How many promises are kept.
    pub fn passed(&self) -> usize {
        let kept = self.checks.iter();
        kept.filter(|check| check.outcome == Outcome::Passed)
            .count()
    }

    /// The names of the promises that are broken.
    pub fn broken(&self) -> impl Iterator<Item = &'static str> {
        let failed = |check: &&Check| matches!(check.outcome, Outcome::Failed(_));
        self.checks.iter().filter(failed).map(|check| check.name)
    }

    /// The names of what was not checked, since it is not claimed.
    pub fn skipped(&self) -> impl Iterator<Item = &'static str> {
        let skipped = |check: &&Check| matches!(check.outcome, Outcome::Skipped(_));
        self.checks.iter().filter(skipped).map(|check| check.name)
    }

    /// The report, if every promise is kept that is claimed.
    ///
    /// # Errors
    /// When a promise is broken.
    pub fn into_result(self) -> Result<Self, NotConforming> {
        if self.broken().next().is_none() {
            Ok(self)
        } else {
            Err(NotConforming { report: self })
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} of {} promises kept",
            self.suite,
            self.passed(),
            self.checks.len()
        )?;
        for Check { name, outcome } in &self.checks {
            match outcome {
                Outcome::Passed => writeln!(f, "  kept     {name}")?,
                Outcome::Failed(how) => writeln!(f, "  BROKEN   {name}: {how}")?,
                Outcome::Skipped(why) => writeln!(f, "  skipped  {name}: {why}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for NotConforming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.report)
    }
}

impl fmt::Debug for NotConforming {
    /// As `Display`: this is what `unwrap` shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.report)
    }
}

impl std::error::Error for NotConforming {}

/// Why a check ended before its end.
#[derive(Debug, Clone)]
pub(crate) enum Ended {
    Broken(String),
    Skipped(String),
}

/// What the test does with an error that it did not ask for.
impl<E: std::error::Error> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Broken(format!("unexpected error: {error}"))
    }
}

/// Ends the check as broken unless a condition holds.
macro_rules! ensure {
    ($condition:expr, $($how:tt)+) => {
        if !$condition {
            return Err($crate::testing::report::Ended::Broken(format!($($how)+)));
        }
    };
}
pub(crate) use ensure;
