//! What a probe has found, without anything of the company's own.

use std::fmt;

use kleer_client::model::endpoint::{Endpoint, Provenance};

/// What came of reading one endpoint.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// It answers with the document that the table says.
    Answers,
    /// It answers with a document of the schema that the table does not say.
    OtherDocument(&'static str),
    /// It answers with something else.
    Foreign,
    /// Kleer refused it: the path may be right, and a right be missing.
    Refused(u16, Option<String>),
    /// There is nothing at this path.
    NothingThere(u16),
    /// It failed, and says nothing of the path.
    Failed(String),
    /// It was not tried: nothing was found to fill this parameter with.
    NotTried(&'static str),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answers => f.write_str("answers as the table says"),
            Self::OtherDocument(root) => {
                write!(f, "answers with `{root}`, not with what the table says")
            }
            Self::Foreign => f.write_str("answers with what is no document of the schema"),
            Self::Refused(status, Some(exception)) => {
                write!(f, "refused with {status}: `{exception}`")
            }
            Self::Refused(status, None) => {
                write!(f, "refused with {status}: a right may be missing")
            }
            Self::NothingThere(status) => write!(f, "nothing there ({status}): the path is wrong"),
            Self::Failed(error) => f.write_str(error),
            Self::NotTried(parameter) => write!(f, "not tried: nothing known for `{parameter}`"),
        }
    }
}

/// Everything that a probe has found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) verdicts: Vec<(&'static Endpoint, Verdict)>,
    pub(crate) paging: Vec<(&'static str, &'static str)>,
    pub(crate) foreign_ids: Vec<(&'static str, usize, usize)>,
    pub(crate) units: Vec<String>,
    pub(crate) shapes: Vec<(&'static str, String)>,
}

impl Report {
    /// The entries of the table that this probe would promote from inferred to confirmed.
    pub(crate) fn promoted(&self) -> Vec<&'static str> {
        let promote = |(endpoint, verdict): &(&'static Endpoint, Verdict)| {
            let found = endpoint.provenance == Provenance::Inferred && *verdict == Verdict::Answers;
            found.then_some(endpoint.name)
        };
        self.verdicts.iter().filter_map(promote).collect()
    }

    /// The entries whose path seems to be wrong.
    pub(crate) fn doubted(&self) -> Vec<&'static str> {
        let doubt = |(endpoint, verdict): &(&'static Endpoint, Verdict)| {
            let wrong = matches!(
                verdict,
                Verdict::NothingThere(_) | Verdict::OtherDocument(_) | Verdict::Foreign
            );
            wrong.then_some(endpoint.name)
        };
        self.verdicts.iter().filter_map(doubt).collect()
    }
}

fn names(f: &mut fmt::Formatter<'_>, title: &str, names: &[&str]) -> fmt::Result {
    writeln!(f, "## {title}\n")?;
    if names.is_empty() {
        writeln!(f, "None.")?;
    }
    for name in names {
        writeln!(f, "* `{name}`")?;
    }
    writeln!(f)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# Probe of Kleer\n\nOnly reads were sent. kleer-client {}.\n",
            env!("CARGO_PKG_VERSION")
        )?;
        names(
            f,
            "To be promoted from inferred to confirmed",
            &self.promoted(),
        )?;
        names(
            f,
            "Whose path or answer is not as the table says",
            &self.doubted(),
        )?;
        writeln!(
            f,
            "## Every read\n\n| endpoint | known | found |\n|---|---|---|"
        )?;
        for (endpoint, verdict) in &self.verdicts {
            let known = match endpoint.provenance {
                Provenance::Confirmed => "confirmed",
                _ => "inferred",
            };
            writeln!(f, "| `{}` | {known} | {verdict} |", endpoint.name)?;
        }
        writeln!(f, "\n## Paging by `offset` and `limit`\n")?;
        for (endpoint, found) in &self.paging {
            writeln!(f, "* `{endpoint}`: {found}")?;
        }
        writeln!(f, "\n## Foreign ids\n")?;
        for (endpoint, given, distinct) in &self.foreign_ids {
            let remark = if *given == 0 {
                "nothing to tell from"
            } else if given == distinct {
                "all different"
            } else {
                "NOT unique"
            };
            writeln!(
                f,
                "* `{endpoint}`: {given} given, {distinct} different: {remark}"
            )?;
        }
        writeln!(f, "\n## Units\n")?;
        for line in &self.units {
            writeln!(f, "* {line}")?;
        }
        writeln!(f, "\n## Shapes of the JSON\n")?;
        for (endpoint, shape) in &self.shapes {
            writeln!(f, "* `{endpoint}`: `{shape}`")?;
        }
        Ok(())
    }
}
