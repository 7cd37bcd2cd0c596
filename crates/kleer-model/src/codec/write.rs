//! The writer: elements in the schema's order, no declaration, no indentation.

use super::error::{WriteError, WriteErrorKind};
use super::read::{XSI, is_xml_character};
use super::unknown::Unknown;

/// A document while it is written.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
}

/// Bytes that text cannot hold as they are: markup, carriage return (a reader would turn it into a
/// line feed), control characters, and 0xEF, with which U+FFFE and U+FFFF begin.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = byte != b'\t' as usize && byte != b'\n' as usize;
        byte += 1;
    }
    table[b'&' as usize] = true;
    table[b'<' as usize] = true;
    table[b'>' as usize] = true;
    table[0xEF] = true;
    table
};

impl Writer {
    pub(crate) fn into_string(self) -> String {
        self.out
    }

    /// Writes an element around what `content` writes.
    #[inline]
    pub(crate) fn element(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.element_with_attributes(name, "", content)
    }

    /// Like [`element`](Self::element), with attributes (` name="value"`, already escaped).
    #[inline]
    pub(crate) fn element_with_attributes(
        &mut self,
        name: &str,
        attributes: &str,
        content: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.open(name, attributes);
        let start = self.out.len();
        content(self)?;
        self.close(name, start);
        Ok(())
    }

    fn open(&mut self, name: &str, attributes: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push_str(attributes);
        self.out.push('>');
    }

    fn close(&mut self, name: &str, content_start: usize) {
        if self.out.len() == content_start {
            self.out.pop();
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    /// Writes an element that says "no value" (`xsi:nil`).
    pub(crate) fn nil(&mut self, name: &str) {
        self.raw("<");
        self.raw(name);
        self.raw(" xmlns:xsi=\"");
        self.raw(XSI);
        self.raw("\" xsi:nil=\"true\"/>");
    }

    /// Writes what is known to need no escaping.
    pub(crate) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes something that formats to digits and signs only.
    pub(crate) fn display(&mut self, value: impl std::fmt::Display) {
        use std::fmt::Write;
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
    }

    /// Writes text, escaped.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), WriteError> {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| SPECIAL[usize::from(byte)]) {
            let (plain, special) = rest.split_at(at);
            self.out.push_str(plain);
            let Some(character) = special.chars().next() else {
                break;
            };
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                // Needed for "]]>", which text must not hold.
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#13;"),
                _ if is_xml_character(character) => self.out.push(character),
                _ => {
                    return Err(WriteError::new(WriteErrorKind::ForbiddenCharacter(
                        character,
                    )));
                }
            }
            rest = &special[character.len_utf8()..];
        }
        self.out.push_str(rest);
        Ok(())
    }

    /// Writes the unknown elements that stood behind this many fields.
    #[inline]
    pub(crate) fn unknown(&mut self, unknown: &Unknown, fields_before: u8) {
        if !unknown.is_empty() {
            unknown.between(fields_before).for_each(|xml| self.raw(xml));
        }
    }

    /// Writes a value as an element, and names it in an error.
    #[inline]
    pub(crate) fn value<T: super::Value>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), WriteError> {
        self.unnamed_value(name, value)
            .map_err(|error| error.within(name))
    }

    /// Likewise; the caller names it in an error, since only it knows its position.
    #[inline]
    fn unnamed_value<T: super::Value>(&mut self, name: &str, value: &T) -> Result<(), WriteError> {
        let attributes = value.attributes();
        let attributes = attributes.as_deref().unwrap_or_default();
        self.element_with_attributes(name, attributes, |writer| value.write(writer))
    }

    /// Writes elements that stand without a wrapper.
    pub(crate) fn repeated<T: super::Value>(
        &mut self,
        name: &str,
        values: &[T],
    ) -> Result<(), WriteError> {
        for (position, value) in values.iter().enumerate() {
            self.item(name, position, value)?;
        }
        Ok(())
    }

    fn item<T: super::Value>(
        &mut self,
        name: &str,
        position: usize,
        value: &T,
    ) -> Result<(), WriteError> {
        self.unnamed_value(name, value)
            .map_err(|error| error.within_item(name, position))
    }

    /// What the schema wants, though a reader took its absence.
    #[expect(clippy::unused_self, reason = "reads like the other ways of writing")]
    pub(crate) fn expected<'a, T>(
        &self,
        name: &str,
        value: Option<&'a T>,
    ) -> Result<&'a T, WriteError> {
        value.ok_or_else(|| WriteError::new(WriteErrorKind::Missing).within(name))
    }

    /// A list that the schema wants at least one item in.
    #[expect(clippy::unused_self, reason = "reads like the other ways of writing")]
    pub(crate) fn nonempty<'a, T>(
        &self,
        name: &str,
        items: &'a [T],
    ) -> Result<&'a [T], WriteError> {
        if items.is_empty() {
            return Err(WriteError::new(WriteErrorKind::EmptyList).within(name));
        }
        Ok(items)
    }

    /// Writes the items of a list inside its wrapper element.
    pub(crate) fn items<T: super::Value>(
        &mut self,
        wrapper: &str,
        item: &str,
        items: &[T],
        unknown: &Unknown,
        slot: u8,
    ) -> Result<(), WriteError> {
        self.element(wrapper, |writer| {
            writer.list_content(item, items, unknown, slot)
        })
        .map_err(|error| error.within(wrapper))
    }

    /// Writes the items of a list, and unknown elements where they stood among them.
    pub(crate) fn list_content<T: super::Value>(
        &mut self,
        item: &str,
        items: &[T],
        unknown: &Unknown,
        slot: u8,
    ) -> Result<(), WriteError> {
        for (position, value) in items.iter().enumerate() {
            if !unknown.is_empty() {
                unknown
                    .inside(slot, position, false)
                    .for_each(|xml| self.raw(xml));
            }
            self.item(item, position, value)?;
        }
        if !unknown.is_empty() {
            unknown
                .inside(slot, items.len(), true)
                .for_each(|xml| self.raw(xml));
        }
        Ok(())
    }
}
