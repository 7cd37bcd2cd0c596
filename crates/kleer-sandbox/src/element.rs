//! An element of a document, whatever its type: what the records of the sandbox are kept as.
//!
//! Only XML that `kleer-model` has written is read here, so that reading is simple: no namespaces
//! but `xsi:nil`, no comments, no processing instructions.

use std::fmt::Write;
use std::str::FromStr;

use chrono::NaiveDate;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rust_decimal::Decimal;

/// The attribute that says "no value".
const NIL: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"";

/// An element: a text, or children, or explicitly nothing.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// Whether it says "no value" (`xsi:nil`).
    pub(crate) nil: bool,
    /// Offset, limit and size of a page; nothing else has attributes here.
    pub(crate) page: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl std::fmt::Debug for Element {
    /// Shows names, never values: they may be personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct(&self.name);
        shown.field("children", &self.children);
        shown.finish_non_exhaustive()
    }
}

impl Element {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// An element with this text.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers give numbers, days and texts alike"
    )]
    pub(crate) fn leaf(name: &str, text: impl ToString) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_string(),
            ..Self::default()
        }
    }

    /// An element that refers to a record: `<user><id>7</id></user>`.
    pub(crate) fn reference(name: &str, id: i64) -> Self {
        Self::new(name).with(Self::leaf("id", id))
    }

    /// The same with one more child.
    pub(crate) fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// The same with one more child that has this text.
    pub(crate) fn having(self, name: &str, text: impl ToString) -> Self {
        self.with(Self::leaf(name, text))
    }

    /// The same under another name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at a path of names: `client-project/id`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .try_fold(self, |element, name| element.child(name))
    }

    /// The text at a path; an empty one is as good as none.
    pub(crate) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path)
            .map(|element| element.text.as_str())
            .filter(|text| !text.is_empty())
    }

    fn parsed_at<T: FromStr>(&self, path: &str) -> Option<T> {
        self.text_at(path)?.parse().ok()
    }

    /// The whole number at a path.
    pub(crate) fn number_at(&self, path: &str) -> Option<i64> {
        self.parsed_at(path)
    }

    /// The id at a path; 0 is how integrations write "none".
    pub(crate) fn id_at(&self, path: &str) -> Option<i64> {
        self.number_at(path).filter(|id| *id != 0)
    }

    pub(crate) fn decimal_at(&self, path: &str) -> Option<Decimal> {
        self.parsed_at(path)
    }

    pub(crate) fn date_at(&self, path: &str) -> Option<NaiveDate> {
        self.parsed_at(path)
    }

    pub(crate) fn is_true_at(&self, path: &str) -> bool {
        self.text_at(path) == Some("true")
    }

    /// Puts a child in the place of all of its name, or behind the others.
    pub(crate) fn put(&mut self, child: Self) {
        let place = self.children.iter().position(|old| old.name == child.name);
        self.remove(&child.name);
        match place {
            Some(place) => self.children.insert(place, child),
            None => self.children.push(child),
        }
    }

    /// Puts a text in the place of all children of this name.
    pub(crate) fn set(&mut self, name: &str, text: impl ToString) {
        self.put(Self::leaf(name, text));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.children.retain(|child| child.name != name);
    }

    /// The child of this name, made if need be.
    pub(crate) fn child_mut(&mut self, name: &str) -> Option<&mut Self> {
        if self.child(name).is_none() {
            self.children.push(Self::new(name));
        }
        self.children.iter_mut().find(|child| child.name == name)
    }

    /// Reads a document.
    ///
    /// # Errors
    /// Where the XML is broken.
    pub(crate) fn from_xml(xml: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(xml);
        let mut open: Vec<Self> = Vec::new();
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(start) => open.push(Self::started(&start)),
                Event::Empty(start) => {
                    let element = Self::started(&start);
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => return Ok(element),
                    }
                }
                Event::End(_) => {
                    let mut element = open.pop().ok_or("an end tag too many")?;
                    if !element.children.is_empty() {
                        element.text.clear();
                    }
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => return Ok(element),
                    }
                }
                Event::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml10_content());
                    }
                }
                Event::CData(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml10_content());
                    }
                }
                Event::GeneralRef(reference) => {
                    if let Some(element) = open.last_mut() {
                        let resolved = reference
                            .resolve_char_ref()
                            .map_err(|error| error.to_string())?;
                        let character = match resolved {
                            Some(character) => Some(character),
                            None => named_character(&reference),
                        };
                        element.text.extend(character);
                    }
                }
                Event::Eof => return Err("the document has no end".to_owned()),
                _ => {}
            }
        }
    }

    fn started(start: &BytesStart<'_>) -> Self {
        let mut element = Self::new(start.name().as_ref());
        for attribute in start.attributes().flatten() {
            let name = attribute.key.as_ref().to_owned();
            let value = attribute.value.into_owned();
            match name.as_str() {
                "xsi:nil" => element.nil = value == "true" || value == "1",
                "offset" | "limit" | "size" => element.page.push((name, value)),
                _ => {}
            }
        }
        element
    }

    /// Where a text has a character that XML cannot carry, and the character. JSON can carry it.
    pub(crate) fn forbidden(&self) -> Option<(String, char)> {
        if let Some(found) = forbidden_character(&self.text) {
            return Some((self.name.clone(), found));
        }
        let (below, found) = self.children.iter().find_map(Self::forbidden)?;
        Some((format!("{}/{below}", self.name), found))
    }

    /// Writes the element with its tags.
    pub(crate) fn to_xml(&self) -> String {
        let mut xml = String::new();
        self.write(&mut xml);
        xml
    }

    fn write(&self, xml: &mut String) {
        // Writing to a string cannot fail.
        let _ = write!(xml, "<{}", self.name);
        for (name, value) in &self.page {
            let _ = write!(xml, " {name}=\"");
            escape(value, xml);
            xml.push('"');
        }
        if self.nil {
            xml.push_str(NIL);
        }
        if self.text.is_empty() && self.children.is_empty() {
            xml.push_str("/>");
            return;
        }
        xml.push('>');
        escape(&self.text, xml);
        for child in &self.children {
            child.write(xml);
        }
        let _ = write!(xml, "</{}>", self.name);
    }
}

/// The first character that no document of XML 1.0 has.
pub(crate) fn forbidden_character(text: &str) -> Option<char> {
    text.chars().find(|character| {
        matches!(character, '\u{FFFE}' | '\u{FFFF}')
            || (*character < ' ' && !matches!(character, '\t' | '\n' | '\r'))
    })
}

fn named_character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// Carriage returns are escaped, because readers of XML turn them into line feeds.
fn escape(text: &str, xml: &mut String) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\r' => xml.push_str("&#13;"),
            _ => xml.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let element = Element::new("a")
            .having("b", "Åke & <Son> \"x\" ]]> 'y'\r\n z")
            .with(Element {
                nil: true,
                ..Element::new("c")
            })
            .with(Element::reference("d", 7));
        let xml = element.to_xml();
        assert_eq!(Element::from_xml(&xml).unwrap(), element, "{xml}");
        assert_eq!(element.id_at("d/id"), Some(7));
        assert_eq!(element.text_at("c"), None);
    }

    #[test]
    fn debug_shows_no_values() {
        let shown = format!("{:?}", Element::new("user").having("name", "Anna"));
        assert!(shown.contains("name") && !shown.contains("Anna"), "{shown}");
    }
}
