//! How much of the schema has types, for people and for `docs/coverage.md`.

use std::fmt;

/// How much of the schema the model has.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    pub roots: Share,
    pub types: Share,
    pub enumerations: Share,
    /// Types without a name of their own, those that only extend another one among them.
    pub anonymous: Share,
}

/// So many of so many.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub covered: usize,
    pub of: usize,
}

impl Share {
    /// Counts those that are covered.
    pub fn of(parts: impl Iterator<Item = bool>) -> Self {
        let mut share = Self::default();
        for covered in parts {
            share.of += 1;
            share.covered += usize::from(covered);
        }
        share
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.covered, self.of)
    }
}

impl fmt::Display for Coverage {
    /// A table in Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| part of the schema | declared |")?;
        writeln!(f, "|---|---|")?;
        writeln!(f, "| root elements | {} |", self.roots)?;
        writeln!(f, "| named complex types | {} |", self.types)?;
        writeln!(f, "| enumerations | {} |", self.enumerations)?;
        writeln!(f, "| complex types without a name | {} |", self.anonymous)
    }
}

impl Coverage {
    /// The page `docs/coverage.md`.
    pub fn page(&self) -> String {
        format!(
            "# How much of Kleer's schema has types\n\n\
             Made by comparing the schema with the types' own descriptions, from the root elements \
             down. A type\ncounts when it was reached and compared. Made, and kept true by a test, \
             with\n\n```sh\n{COMMAND}\n```\n\n{self}"
        )
    }
}

const COMMAND: &str = "cargo run -q -p kleer-model --example drift -- --coverage \\\n    \
                       ../shared/domain/kleer.xsd > docs/coverage.md";
