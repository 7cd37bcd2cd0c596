//! What can go wrong when Kleer's XML is read or written.

use std::fmt;

/// Why a document, or one item of a list, could not be read.
///
/// It names the place (path, line, column) and never holds a value from the document, so that it
/// can be logged: values are wages and names.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReadError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Inner {
    kind: ReadErrorKind,
    path: String,
    offset: usize,
    line: usize,
    column: usize,
}

/// What was wrong, without any value of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The document is larger than [`ReadOptions::max_bytes`](crate::ReadOptions::max_bytes).
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Elements are nested deeper than [`ReadOptions::max_depth`](crate::ReadOptions::max_depth).
    TooDeep {
        /// The limit, in elements.
        limit: usize,
    },
    /// The bytes are not UTF-8, or the document declares another encoding.
    Encoding,
    /// The document has a DOCTYPE. Kleer sends none, and one can hide an attack.
    Doctype,
    /// The document is not well-formed XML; the text is the parser's.
    Syntax(String),
    /// The document ends inside an element.
    Truncated,
    /// The root element is not the one of this type.
    WrongRoot {
        /// The element this type is read from.
        expected: String,
        /// The element found.
        found: String,
    },
    /// The root element stands in an XML namespace; Kleer's have none.
    Namespace,
    /// Something other than white space and comments follows the root element.
    TrailingContent,
    /// An element that the schema requires is not there.
    Missing {
        /// The missing element.
        element: String,
    },
    /// An element that may stand once stands twice.
    Duplicate,
    /// Text where only elements may stand.
    UnexpectedText,
    /// An element where only text may stand.
    UnexpectedElement,
    /// An entity other than the five of XML itself.
    UnknownEntity,
    /// The text is not a value of the element's type.
    Value {
        /// What the type allows, in words.
        expected: String,
    },
    /// Strict reading only: an element that the schema does not have.
    UnknownElement {
        /// The element.
        element: String,
    },
    /// Strict reading only: an element stands after one that the schema puts behind it.
    OutOfOrder,
}

impl ReadErrorKind {
    /// Whether the rest of the document cannot be trusted either, so that a list must not go on.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::TooDeep { .. }
                | Self::Encoding
                | Self::Doctype
                | Self::Syntax(_)
                | Self::Truncated
                | Self::WrongRoot { .. }
                | Self::TrailingContent
        )
    }
}

impl ReadError {
    pub(crate) fn new(kind: ReadErrorKind, offset: usize) -> Self {
        Self(Box::new(Inner {
            kind,
            path: String::new(),
            offset,
            line: 0,
            column: 0,
        }))
    }

    /// Puts an enclosing element in front of the path, while the error travels outwards.
    #[cold]
    pub(crate) fn within(mut self, element: &str) -> Self {
        if self.0.path.is_empty() {
            element.clone_into(&mut self.0.path);
        } else {
            self.0.path.insert(0, '/');
            self.0.path.insert_str(0, element);
        }
        self
    }

    /// Like [`within`](Self::within), for the item at a position (counted from 0) of a list.
    #[cold]
    pub(crate) fn within_item(self, element: &str, position: usize) -> Self {
        self.within(&format!("{element}[{}]", position + 1))
    }

    /// Fills in line and column from the document.
    #[cold]
    pub(crate) fn located(mut self, source: &[u8]) -> Self {
        if self.0.line == 0 {
            let before = &source[..self.0.offset.min(source.len())];
            self.0.line = before.split(|byte| *byte == b'\n').count();
            let line_start = before
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            self.0.column = 1 + String::from_utf8_lossy(&before[line_start..])
                .chars()
                .count();
        }
        self
    }

    /// Fills in line and column, counted by the reader.
    #[cold]
    pub(crate) fn at(mut self, line: usize, column: usize) -> Self {
        (self.0.line, self.0.column) = (line, column);
        self
    }

    /// The same error in a document of which only a part was shown to the reader.
    #[cold]
    pub(crate) fn moved_to(mut self, offset: usize, line: usize, column: usize) -> Self {
        self.0.offset = offset;
        self.at(line, column)
    }

    /// What was wrong.
    pub fn kind(&self) -> &ReadErrorKind {
        &self.0.kind
    }

    /// Where: element names from the root, items counted from 1
    /// (`client-invoice/rows/row[3]/price`).
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.0.column
    }

    /// The byte offset from the start of the document.
    pub fn offset(&self) -> usize {
        self.0.offset
    }
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => {
                write!(f, "the document is larger than the limit of {limit} bytes")
            }
            Self::TooDeep { limit } => write!(f, "elements are nested deeper than {limit}"),
            Self::Encoding => f.write_str("the document is not UTF-8"),
            Self::Doctype => f.write_str("the document has a DOCTYPE, which is refused"),
            Self::Syntax(why) => write!(f, "not well-formed XML: {why}"),
            Self::Truncated => f.write_str("the document ends inside an element"),
            Self::WrongRoot { expected, found } => {
                write!(f, "the root element is <{found}>, expected <{expected}>")
            }
            Self::Namespace => f.write_str("the element stands in an XML namespace"),
            Self::TrailingContent => f.write_str("something follows the root element"),
            Self::Missing { element } => write!(f, "the required element <{element}> is missing"),
            Self::Duplicate => f.write_str("the element stands more than once"),
            Self::UnexpectedText => f.write_str("text where only elements may stand"),
            Self::UnexpectedElement => f.write_str("an element where only text may stand"),
            Self::UnknownEntity => f.write_str("an entity that XML does not define"),
            Self::Value { expected } => write!(f, "the text is not {expected}"),
            Self::UnknownElement { element } => {
                write!(f, "the schema has no element <{element}> here")
            }
            Self::OutOfOrder => {
                f.write_str("the element stands behind one that the schema puts after it")
            }
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "{}: ", self.0.path)?;
        }
        write!(f, "{}", self.0.kind)?;
        if self.0.line > 0 {
            write!(f, " (line {}, column {})", self.0.line, self.0.column)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadError")
            .field("kind", &self.0.kind)
            .field("path", &self.0.path)
            .field("line", &self.0.line)
            .field("column", &self.0.column)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ReadError {}

/// Why a value could not be written as XML. It names the field, never its value.
#[derive(Clone, PartialEq, Eq)]
pub struct WriteError {
    kind: WriteErrorKind,
    path: String,
}

/// What could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteErrorKind {
    /// A character that XML 1.0 cannot hold in any form, such as a control character.
    ForbiddenCharacter(char),
    /// A list that the schema wants at least one item in is empty.
    EmptyList,
    /// The schema demands the element, and there is no value for it.
    Missing,
    /// A date that XML Schema has no form for (a year before 1).
    Date,
}

impl WriteError {
    pub(crate) fn new(kind: WriteErrorKind) -> Self {
        Self {
            kind,
            path: String::new(),
        }
    }

    #[cold]
    pub(crate) fn within(mut self, element: &str) -> Self {
        if self.path.is_empty() {
            element.clone_into(&mut self.path);
        } else {
            self.path = format!("{element}/{}", self.path);
        }
        self
    }

    #[cold]
    pub(crate) fn within_item(self, element: &str, position: usize) -> Self {
        self.within(&format!("{element}[{}]", position + 1))
    }

    /// What could not be written.
    pub fn kind(&self) -> WriteErrorKind {
        self.kind
    }

    /// Where: element names from the root, items counted from 1.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for WriteErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForbiddenCharacter(character) => {
                write!(
                    f,
                    "the text holds U+{:04X}, which XML cannot carry: remove it",
                    u32::from(*character)
                )
            }
            Self::Missing => f.write_str("the schema demands a value here"),
            Self::EmptyList => f.write_str("the schema wants at least one item in this list"),
            Self::Date => f.write_str("the date lies before the year 1"),
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.kind)
    }
}

impl fmt::Debug for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteError")
            .field("kind", &self.kind)
            .field("path", &self.path)
            .finish()
    }
}

impl std::error::Error for WriteError {}
