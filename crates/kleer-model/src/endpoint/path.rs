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
    /// A segment of another template is no word that can stand in a path.
    NoWord(String),
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "the path needs a value for {{{name}}}"),
            Self::Unknown(name) => write!(f, "the path has no {{{name}}}"),
            Self::Unsafe(name) => write!(f, "{{{name}}} must not be empty, '.' or '..'"),
            Self::NoWord(_) => f.write_str(
                "a segment of the path must be letters, digits, '-', '_' and '.', and not empty",
            ),
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
        self.fill_as(self.path, values)
    }

    /// Like [`fill`](Self::fill), with another template for the same parameters: for paths that
    /// turn out to be other than the table says.
    ///
    /// ```
    /// use kleer_model::endpoint::CLIENT_READ;
    ///
    /// let path = CLIENT_READ.fill_as("customer/{client-id}/full", &[("client-id", "17")])?;
    /// assert_eq!(path, ["customer", "17", "full"]);
    /// assert!(CLIENT_READ.check_template("customer/{customer-id}").is_err());
    /// # Ok::<(), kleer_model::endpoint::PathError>(())
    /// ```
    ///
    /// # Errors
    /// As [`fill`](Self::fill) and [`check_template`](Self::check_template).
    pub fn fill_as(
        &self,
        template: &str,
        values: &[(&str, &str)],
    ) -> Result<Vec<String>, PathError> {
        if let Some((name, _)) = values
            .iter()
            .find(|(name, _)| self.parameters().all(|known| known != *name))
        {
            return Err(PathError::Unknown((*name).to_owned()));
        }
        let segment = |template: &str| match parameter(template) {
            None => Ok(template.to_owned()),
            Some(name) => match values.iter().find(|(given, _)| *given == name) {
                None => Err(self.missing(name)),
                Some((_, "" | "." | "..")) => Err(PathError::Unsafe(name.to_owned())),
                Some((_, value)) => Ok((*value).to_owned()),
            },
        };
        template.split('/').map(segment).collect()
    }

    /// Whether a template can stand for this endpoint's path: it has the same parameters, each
    /// once, and otherwise words of letters, digits, `-`, `_` and `.`.
    ///
    /// # Errors
    /// When a parameter is missing, unknown or doubled, or a segment is no word.
    pub fn check_template(&self, template: &str) -> Result<(), PathError> {
        let names: Vec<&str> = template.split('/').filter_map(parameter).collect();
        for (index, name) in names.iter().enumerate() {
            let is_known = self.parameters().any(|known| known == *name);
            if !is_known || names[..index].contains(name) {
                return Err(PathError::Unknown((*name).to_owned()));
            }
        }
        if let Some(missing) = self.parameters().find(|known| !names.contains(known)) {
            return Err(PathError::Missing(missing));
        }
        let is_word = |segment: &str| {
            !matches!(segment, "" | "." | "..")
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        let mut words = template
            .split('/')
            .filter(|segment| parameter(segment).is_none());
        match words.find(|word| !is_word(word)) {
            Some(word) => Err(PathError::NoWord(word.to_owned())),
            None => Ok(()),
        }
    }

    fn missing(&self, name: &str) -> PathError {
        match self.parameters().find(|known| *known == name) {
            Some(name) => PathError::Missing(name),
            None => PathError::Unknown(name.to_owned()),
        }
    }
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::CLIENT_INVOICE_READ;

    #[test]
    fn another_template_has_the_same_parameters_and_plain_words() {
        let check = |template: &str| CLIENT_INVOICE_READ.check_template(template);
        assert_eq!(check("v2/invoice.full/{client-invoice-id}"), Ok(()));
        assert_eq!(
            check("invoice"),
            Err(PathError::Missing("client-invoice-id"))
        );
        for unknown in [
            "i/{id}/{client-invoice-id}",
            "{client-invoice-id}/{client-invoice-id}",
        ] {
            assert!(
                matches!(check(unknown), Err(PathError::Unknown(_))),
                "{unknown}"
            );
        }
        for bad in [
            "", "/", "..", ".", "a//b", "a?x", "a#x", "a%2e", "a b", "{", "å", "a\n",
        ] {
            let template = format!("{{client-invoice-id}}/{bad}");
            assert!(
                matches!(check(&template), Err(PathError::NoWord(_))),
                "{bad}"
            );
        }
    }

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
