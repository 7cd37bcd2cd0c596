//! Path templates, and how they are filled in.

use std::fmt;

use super::Endpoint;

/// A path could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// The template has a parameter that was not given.
    Missing(&'static str),
    /// A parameter was given that the template does not have.
    Unknown(String),
    /// A value is empty, `.` or `..`, and would change the path. Holds the parameter's name.
    Unsafe(String),
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "the path needs a value for {{{name}}}"),
            Self::Unknown(name) => write!(f, "the path has no {{{name}}}"),
            Self::Unsafe(name) => write!(f, "{{{name}}} must not be empty, '.' or '..'"),
        }
    }
}

impl std::error::Error for PathError {}

impl Endpoint {
    /// The names of the path's parameters, in order.
    ///
    /// ```
    /// use kleer_model::endpoint::CLIENT_READ;
    ///
    /// assert_eq!(CLIENT_READ.parameters().collect::<Vec<_>>(), ["client-id"]);
    /// ```
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(parameter)
    }

    /// The path's segments with the parameters filled in, *not* percent-encoded.
    ///
    /// ```
    /// use kleer_model::endpoint::CLIENT_READ;
    ///
    /// assert_eq!(CLIENT_READ.fill(&[("client-id", "17")])?, ["client", "17"]);
    /// assert!(CLIENT_READ.fill(&[("client-id", "..")]).is_err());
    /// # Ok::<(), kleer_model::endpoint::PathError>(())
    /// ```
    ///
    /// # Errors
    /// When a parameter is missing or not known, or when its value would change the path: empty,
    /// `.` or `..`.
    pub fn fill(&self, values: &[(&str, &str)]) -> Result<Vec<String>, PathError> {
        if let Some((name, _)) = values
            .iter()
            .find(|(name, _)| self.parameters().all(|known| known != *name))
        {
            return Err(PathError::Unknown((*name).to_owned()));
        }
        let segment = |template: &'static str| match parameter(template) {
            None => Ok(template.to_owned()),
            Some(name) => match values.iter().find(|(given, _)| *given == name) {
                None => Err(PathError::Missing(name)),
                Some((_, "" | "." | "..")) => Err(PathError::Unsafe(name.to_owned())),
                Some((_, value)) => Ok((*value).to_owned()),
            },
        };
        self.path.split('/').map(segment).collect()
    }
}

fn parameter(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::CLIENT_INVOICE_READ;

    #[test]
    fn a_path_is_filled_exactly_or_refused() {
        let fill = |values: &[(&str, &str)]| CLIENT_INVOICE_READ.fill(values);
        assert_eq!(
            fill(&[("client-invoice-id", "7/../8")]),
            Ok(vec!["client".into(), "invoice".into(), "7/../8".into()])
        );
        assert_eq!(fill(&[]), Err(PathError::Missing("client-invoice-id")));
        assert_eq!(
            fill(&[("client-invoice-id", "7"), ("x", "8")]),
            Err(PathError::Unknown("x".into()))
        );
        for bad in ["", ".", ".."] {
            assert_eq!(
                fill(&[("client-invoice-id", bad)]),
                Err(PathError::Unsafe("client-invoice-id".into()))
            );
        }
    }
}
