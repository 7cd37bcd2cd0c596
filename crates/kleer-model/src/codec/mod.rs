//! How the types of this crate are read from XML and written to it.
//!
//! * `declare`: the macros by which every schema type is declared once;
//! * `read`, `write`: the event-driven reader and the writer;
//! * `unknown`: elements that the model does not know, kept;
//! * `list`: documents that are lists, with bad items set aside;
//! * `list_reader`: the same while the document arrives;
//! * `any`: content of any type;
//! * `describe`: the declarations as constant data;
//! * `reveal`: `Debug` without personal data.
//!
//! Nothing here knows a particular type.

pub(crate) mod any;
pub(crate) mod declare;
pub(crate) mod describe;
pub(crate) mod error;
pub(crate) mod list;
pub(crate) mod list_reader;
pub(crate) mod read;
pub(crate) mod reveal;
pub(crate) mod unknown;
pub(crate) mod write;

#[cfg(test)]
mod tests;

pub(crate) use describe::Described;
pub(crate) use read::{Fields, Layout, Name, Reader};
pub(crate) use reveal::Reveal;
pub(crate) use unknown::Unknown;
pub(crate) use write::Writer;

use error::{ReadError, WriteError};
use read::ReadOptions;

/// The content of an element. Sealed: only this crate can name it.
pub trait Value: Sized + Described + Reveal {
    /// Reads the content of the element just opened and consumes its end tag.
    ///
    /// # Errors
    /// When the content is not of this type.
    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError>;

    /// Writes the content, without the element's tags.
    ///
    /// # Errors
    /// When XML cannot hold the value.
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError>;

    /// What a required field holds before it is read.
    fn blank() -> Self;

    /// The attributes of the element, as they are written; only types chosen by `xsi:type` have
    /// any.
    fn attributes(&self) -> Option<String> {
        None
    }
}

/// A choice of elements that stand among the other fields of a record.
pub(crate) trait Branches: Sized + Reveal {
    /// Reads the branch of this element name.
    ///
    /// # Errors
    /// When the element's content is not of the branch's type.
    fn read_branch(name: &str, reader: &mut Reader<'_>) -> Result<Self, ReadError>;

    /// Writes the branch with its element.
    ///
    /// # Errors
    /// When XML cannot hold the value.
    fn write_branch(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

/// The part of a document that differs between records and lists. Sealed.
pub trait Root: Sized {
    /// Reads the content of the root element just opened.
    ///
    /// # Errors
    /// When the content is not of this type.
    fn read_root(
        reader: &mut Reader<'_>,
        root: &quick_xml::events::BytesStart<'_>,
    ) -> Result<Self, ReadError>;

    /// Writes the root element.
    ///
    /// # Errors
    /// When XML cannot hold the value.
    fn write_root(&self, writer: &mut Writer) -> Result<(), WriteError>;
}

/// A type that may be the root of a Kleer XML document.
///
/// ```
/// use kleer_model::{Document, ErrorMessage};
///
/// let error = ErrorMessage::from_xml(b"<error><message>Tekniskt fel</message></error>")?;
/// assert_eq!(error.message, "Tekniskt fel");
/// assert_eq!(error.to_xml()?, "<error><message>Tekniskt fel</message></error>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Document: Root {
    /// The name of the root element.
    const ROOT: &'static str;

    /// Reads a document as tolerantly as [`ReadOptions::default`] says.
    ///
    /// # Errors
    /// When the document is not well-formed, has another root, exceeds a limit, or does not fit
    /// the type; see [`ReadErrorKind`](crate::ReadErrorKind).
    fn from_xml(xml: &[u8]) -> Result<Self, ReadError> {
        Self::from_xml_with(xml, &ReadOptions::default())
    }

    /// Reads a document under the caller's limits.
    ///
    /// # Errors
    /// As [`from_xml`](Self::from_xml).
    fn from_xml_with(xml: &[u8], options: &ReadOptions) -> Result<Self, ReadError> {
        let located =
            |error: ReadError| error.located(xml.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(xml));
        let mut reader = Reader::new(xml, options).map_err(located)?;
        let root = reader.open_root(Self::ROOT).map_err(located)?;
        let value = Self::read_root(&mut reader, &root)
            .map_err(|error| located(error.within(Self::ROOT)))?;
        reader.finish().map_err(located)?;
        Ok(value)
    }

    /// Writes the document as the schema wants it: elements in the schema's order, no XML
    /// declaration, no namespace, UTF-8.
    ///
    /// # Errors
    /// When a field holds what XML or the schema cannot; the error names the field.
    fn to_xml(&self) -> Result<String, WriteError> {
        let mut writer = Writer::default();
        self.write_root(&mut writer)
            .map_err(|error| error.within(Self::ROOT))?;
        Ok(writer.into_string())
    }
}

/// An optional element that may also say "no value": absent, nil and a value are three things.
///
/// On an update, [`Absent`](Self::Absent) leaves what Kleer has, [`Nil`](Self::Nil) clears it.
///
/// ```
/// use kleer_model::{Client, Nillable, UserId, UserReference};
///
/// let mut client = Client::new("Exempel AB", "SE");
/// assert_eq!(client.approver, Nillable::Absent);
/// client.approver = Nillable::Value(UserReference::new(UserId(7)));
/// assert_eq!(client.approver.value().map(|user| user.id), Some(UserId(7)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Nillable<T> {
    /// The element does not stand.
    #[default]
    Absent,
    /// The element stands and says that there is no value (`xsi:nil`).
    Nil,
    /// The element stands with a value.
    Value(T),
}

impl<T> Nillable<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Nil => None,
        }
    }

    /// Whether the element does not stand at all.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
