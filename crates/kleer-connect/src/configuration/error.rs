//! What is wrong with a configuration, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::reader::{Lines, suggestion};

/// A configuration that cannot be used: everything that is wrong with it.
///
/// It shows names and places, and never what stands where a secret belongs.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfigurationError {
    /// The file, if it was one.
    pub file: Option<PathBuf>,
    /// What is wrong, in the order of the text. Empty if the file cannot be read.
    pub problems: Vec<ConfigurationProblem>,
    source: Option<io::Error>,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigurationProblem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for ConfigurationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}

impl ConfigurationError {
    pub(super) fn of(mut problems: Vec<ConfigurationProblem>) -> Self {
        problems.sort_by(|one, other| (one.line, one.column).cmp(&(other.line, other.column)));
        Self {
            file: None,
            problems,
            source: None,
        }
    }

    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self {
            file: Some(path.to_owned()),
            problems: Vec::new(),
            source: Some(source),
        }
    }

    pub(super) fn not_text(bytes: &[u8], error: std::str::Utf8Error) -> Self {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let good = std::str::from_utf8(good).unwrap_or_default();
        let message = "this is no UTF-8; save the file as UTF-8".to_owned();
        Self::of(vec![Lines::of(good).problem(good.len(), message)])
    }

    pub(super) fn in_file(mut self, path: &Path) -> Self {
        self.file = Some(path.to_owned());
        self
    }
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration")?;
        if let Some(file) = &self.file {
            write!(f, " {}", file.display())?;
        }
        if let Some(source) = &self.source {
            return write!(f, " cannot be read: {source}");
        }
        f.write_str(" cannot be used:")?;
        for problem in &self.problems {
            write!(f, "\n- {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigurationError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

/// There is no connection of this label.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "there is no connection {label:?}{}; there {}",
    hint(label, known),
    list(known)
)]
#[non_exhaustive]
pub struct UnknownConnection {
    /// The label.
    pub label: String,
    /// The labels that there are.
    pub known: Vec<String>,
}

impl UnknownConnection {
    pub(super) fn new(label: &str, known: Vec<String>) -> Self {
        Self {
            label: label.to_owned(),
            known,
        }
    }
}

fn hint(label: &str, known: &[String]) -> String {
    suggestion(label, known.iter().map(String::as_str))
        .map(|known| format!(", did you mean {known:?}?"))
        .unwrap_or_default()
}

fn list(known: &[String]) -> String {
    match known {
        [] => "are none".to_owned(),
        known => format!("is {}", known.join(", ")),
    }
}
