//! A text with places for business terms, from which the notes of an invoice are made.

use std::fmt;
use std::str::FromStr;

use crate::Term;

/// How the notes of Kleer's invoice read.
///
/// A text with places: `{BT-20}` is the value of a term of the document (several values with
/// commas between them), `{ocr}` the payment reference, and `{rest}` everything else that has no
/// field in Kleer, each with its label on a line of its own. `{{` and `}}` are braces. A line whose
/// places are all empty is left out.
///
/// A text without `{rest}` leaves out what it does not name; the report then says that those terms
/// are dropped.
///
/// ```
/// use kleer_invoice::NotesTemplate;
///
/// let template: NotesTemplate = "Faktura {BT-1}\nVillkor: {BT-20}\n{rest}".parse()?;
/// assert!("{BT-153}".parse::<NotesTemplate>().is_err()); // a term of a line
/// # Ok::<(), kleer_invoice::NotesTemplateError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
pub struct NotesTemplate {
    text: String,
    lines: Vec<Vec<Part>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Term(Term),
    PaymentReference,
    Rest,
}

/// A text that is no [`NotesTemplate`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotesTemplateError {
    /// A brace without its other one.
    #[error("line {line}: a brace stands alone; write {{{{ or }}}} for a brace that is printed")]
    LoneBrace {
        /// The line, from 1.
        line: usize,
    },
    /// A place with an unknown name.
    #[error(
        "line {line}: {{{name}}} is no place; write {{BT-…}} with the number of a term, {{ocr}} or \
         {{rest}}"
    )]
    UnknownPlace {
        /// The line, from 1.
        line: usize,
        /// The name between the braces.
        name: String,
    },
    /// A term of an invoice line, which the notes of the whole invoice cannot show.
    #[error("line {line}: {term} is a term of an invoice line, and the notes are the document's")]
    TermOfLine {
        /// The line, from 1.
        line: usize,
        /// The term.
        term: Term,
    },
}

impl fmt::Debug for NotesTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NotesTemplate").field(&self.text).finish()
    }
}

impl FromStr for NotesTemplate {
    type Err = NotesTemplateError;

    fn from_str(text: &str) -> Result<Self, NotesTemplateError> {
        let lines = text
            .lines()
            .zip(1..)
            .map(|(line, number)| parts(line, number));
        Ok(Self {
            text: text.to_owned(),
            lines: lines.collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<String> for NotesTemplate {
    type Error = NotesTemplateError;

    fn try_from(text: String) -> Result<Self, NotesTemplateError> {
        text.parse()
    }
}

impl From<NotesTemplate> for String {
    fn from(template: NotesTemplate) -> Self {
        template.text
    }
}

impl NotesTemplate {
    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it has a place for this term.
    pub(crate) fn names(&self, term: Term) -> bool {
        self.parts()
            .any(|part| matches!(part, Part::Term(named) if *named == term))
    }

    /// Whether it has a place for everything that it does not name.
    pub(crate) fn has_rest(&self) -> bool {
        self.parts().any(|part| matches!(part, Part::Rest))
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.lines.iter().flatten()
    }

    /// The text with the places filled. A line whose places are all empty is left out.
    pub(crate) fn fill(&self, mut value: impl FnMut(&Part) -> String) -> String {
        let mut filled = Vec::with_capacity(self.lines.len());
        for parts in &self.lines {
            let mut line = String::new();
            let (mut places, mut empty) = (0, 0);
            for part in parts {
                if let Part::Text(text) = part {
                    line.push_str(text);
                    continue;
                }
                let value = value(part);
                places += 1;
                empty += usize::from(value.is_empty());
                line.push_str(&value);
            }
            if places == 0 || places > empty {
                filled.push(line);
            }
        }
        filled.join("\n").trim().to_owned()
    }
}

fn parts(line: &str, number: usize) -> Result<Vec<Part>, NotesTemplateError> {
    let unpaired = || NotesTemplateError::LoneBrace { line: number };
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(unpaired());
        }
        let (name, after) = rest.split_once('}').ok_or_else(unpaired)?;
        rest = after;
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        parts.push(place(name.trim(), number)?);
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

fn place(name: &str, line: usize) -> Result<Part, NotesTemplateError> {
    match name {
        "rest" => return Ok(Part::Rest),
        "ocr" => return Ok(Part::PaymentReference),
        _ => {}
    }
    match name.parse::<Term>() {
        Ok(term) if !term.is_group() && !term.name().is_empty() => {
            if term.is_of_line() {
                return Err(NotesTemplateError::TermOfLine { line, term });
            }
            Ok(Part::Term(term))
        }
        _ => Err(NotesTemplateError::UnknownPlace {
            line,
            name: name.chars().take(40).collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> String {
        let template: NotesTemplate = text.parse().unwrap();
        template.fill(|part| match part {
            Part::Term(term) if term.number() == 1 => "F-100".to_owned(),
            Part::Rest => "a\nb".to_owned(),
            _ => String::new(),
        })
    }

    #[test]
    fn places_are_filled_and_lines_without_values_left_out() {
        assert_eq!(
            fill("Nr {BT-1} {{x}}\nVillkor: {BT-20}\nFast\n{rest}"),
            "Nr F-100 {x}\nFast\na\nb"
        );
        assert_eq!(fill("{BT-20} {ocr}"), "");
        assert_eq!(fill("{BT-20} {BT-1}"), " F-100".trim());
    }

    #[test]
    fn what_is_no_template_is_told() {
        let error = |text: &str| text.parse::<NotesTemplate>().unwrap_err();
        assert_eq!(error("a\n{BT-1"), NotesTemplateError::LoneBrace { line: 2 });
        assert_eq!(error("}"), NotesTemplateError::LoneBrace { line: 1 });
        for name in ["BT-4", "BG-4", "", "order"] {
            let found = error(&format!("{{{name}}}"));
            assert!(
                matches!(found, NotesTemplateError::UnknownPlace { line: 1, .. }),
                "{name}"
            );
        }
        assert_eq!(
            error("{BT-153}"),
            NotesTemplateError::TermOfLine {
                line: 1,
                term: Term::bt(153)
            }
        );
    }
}
