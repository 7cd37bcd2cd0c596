//! The reader: bounded, event by event, borrowing text from the document.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::BufRead;

use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::error::{ReadError, ReadErrorKind};
use super::unknown::Unknown;

/// The namespace of `xsi:nil`.
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Longer texts are searched faster by the parser.
const LONGEST_PLAIN_TEXT: usize = 64;

/// Limits and manners of reading.
///
/// The default accepts what Kleer may send: unknown elements are kept, elements may stand in any
/// order.
///
/// ```
/// use kleer_model::{Created, Document, ReadOptions};
///
/// let options = ReadOptions::default().with_max_bytes(1_000).with_strict(true);
/// assert!(Created::from_xml_with(b"<created><id>7</id><x/></created>", &options).is_err());
/// assert_eq!(Created::from_xml(b"<created><id>7</id><x/></created>")?.id, 7);
/// # Ok::<(), kleer_model::ReadError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The largest document read, in bytes. Default 256 MiB: lists of invoices inline their files.
    pub max_bytes: usize,
    /// The deepest nesting, in elements. Default 64; the schema itself reaches 9.
    pub max_depth: usize,
    /// Refuse elements that the schema does not have, and elements out of the schema's order.
    /// Default `false`; meant for checking what somebody is about to send.
    pub strict: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_bytes: 256 * 1024 * 1024,
            max_depth: 64,
            strict: false,
        }
    }
}

impl ReadOptions {
    /// Sets [`max_bytes`](Self::max_bytes).
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Sets [`max_depth`](Self::max_depth).
    #[must_use]
    pub fn with_max_depth(mut self, max_depth: usize) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// Sets [`strict`](Self::strict).
    #[must_use]
    pub fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
}

/// One element name of a record, and the field it belongs to.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) wire: &'static str,
    pub(crate) slot: u8,
    /// May stand several times without a wrapper.
    pub(crate) many: bool,
}

/// What [`read_record`] must know of a record type.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) names: &'static [Name],
    /// A bit for each field (by slot) that must be seen.
    pub(crate) required: u64,
}

/// A record while it is filled. Object-safe, so that one copy of [`read_record`] serves all types.
pub(crate) trait Fields {
    /// The record's element names.
    fn layout(&self) -> &'static Layout;
    /// Reads one element into the field of `slot`.
    ///
    /// # Errors
    /// When the element's content does not fit its type.
    fn read_field(
        &mut self,
        slot: u8,
        name: &'static str,
        reader: &mut Reader<'_>,
    ) -> Result<(), ReadError>;
    /// Takes note of `xsi:nil`; `false` where the field cannot be nil (it then counts as absent).
    fn read_nil(&mut self, slot: u8) -> bool;
    /// Where unknown elements are kept.
    fn unknown_mut(&mut self) -> &mut Unknown;
}

/// A prefix that an open element declares.
#[derive(Debug)]
struct Prefix {
    /// The depth of the element.
    depth: usize,
    name: String,
    namespace: String,
}

/// More prefixes, or longer namespaces, are no part of any honest document; every unknown element
/// takes along those that it uses, and must not grow by them without bound.
const MOST_PREFIXES: usize = 64;
const LONGEST_NAMESPACE: usize = 256;

/// A place up to which lines and columns were counted.
#[derive(Debug)]
struct Counted {
    offset: usize,
    line: usize,
    column: usize,
}

/// An XML document while it is read.
#[derive(Debug)]
pub struct Reader<'x> {
    events: quick_xml::Reader<&'x [u8]>,
    source: &'x str,
    depth: usize,
    max_depth: usize,
    strict: bool,
    /// The element opened last carries `xsi:nil="true"`.
    nil: bool,
    /// The `xsi:type` of the element opened last: its namespace and local name.
    type_name: Option<(String, String)>,
    /// Where the event read last begins.
    event_start: usize,
    /// Where the text read last begins.
    text_start: usize,
    /// Prefixes in scope.
    prefixes: Vec<Prefix>,
    /// The element opened last stands in a namespace of its own, so it is none of Kleer's.
    foreign: bool,
    /// How far line and column were counted for errors that are kept.
    counted: Counted,
}

fn position(at: u64) -> usize {
    // The source is in memory, so its positions fit.
    usize::try_from(at).unwrap_or(usize::MAX)
}

fn clip(name: &str) -> String {
    name.chars().take(64).collect()
}

pub(crate) fn is_space(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

impl<'x> Reader<'x> {
    /// Checks size and encoding and stands before the root element.
    pub(crate) fn new(xml: &'x [u8], options: &ReadOptions) -> Result<Self, ReadError> {
        if xml.len() > options.max_bytes {
            let kind = ReadErrorKind::TooLarge {
                limit: options.max_bytes,
            };
            return Err(ReadError::new(kind, 0));
        }
        let without_bom = xml.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(xml);
        let source = std::str::from_utf8(without_bom)
            .map_err(|error| ReadError::new(ReadErrorKind::Encoding, error.valid_up_to()))?;
        if source.starts_with('\u{FEFF}') {
            // The parser would pass over a second byte order mark without counting it.
            let kind = ReadErrorKind::Syntax("two byte order marks".to_owned());
            return Err(ReadError::new(kind, 0));
        }
        let mut events = quick_xml::Reader::from_str(source);
        events.config_mut().expand_empty_elements = true;
        events.config_mut().check_end_names = true;
        Ok(Self {
            events,
            source,
            depth: 0,
            max_depth: options.max_depth,
            strict: options.strict,
            nil: false,
            type_name: None,
            event_start: 0,
            text_start: 0,
            prefixes: Vec::new(),
            foreign: false,
            counted: Counted {
                offset: 0,
                line: 1,
                column: 1,
            },
        })
    }

    pub(crate) fn fail(&self, kind: ReadErrorKind) -> ReadError {
        ReadError::new(kind, self.event_start)
    }

    pub(crate) fn bad_value(&self, expected: &str) -> ReadError {
        let kind = ReadErrorKind::Value {
            expected: expected.to_owned(),
        };
        ReadError::new(kind, self.text_start)
    }

    /// Fills in line and column of an error that is kept while reading goes on. Such errors come in
    /// the document's order, so each byte is counted once.
    #[cold]
    pub(crate) fn locate(&mut self, error: ReadError) -> ReadError {
        let Some(new) = self.source.get(self.counted.offset..error.offset()) else {
            return error.located(self.source.as_bytes());
        };
        for character in new.chars() {
            if character == '\n' {
                self.counted.line += 1;
                self.counted.column = 1;
            } else {
                self.counted.column += 1;
            }
        }
        self.counted.offset = error.offset();
        error.at(self.counted.line, self.counted.column)
    }

    /// How far the document was read, in bytes.
    pub(crate) fn position(&self) -> usize {
        position(self.events.buffer_position())
    }

    /// The number of open elements.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether the element opened last was nil; asking clears it.
    fn take_nil(&mut self) -> bool {
        std::mem::take(&mut self.nil)
    }

    fn event(&mut self) -> Result<Event<'x>, ReadError> {
        let read = self.read_event();
        self.looked_at(&read)?;
        read.map_err(|error| self.syntax(&error))
    }

    /// Reads an event, to be shown to [`looked_at`](Self::looked_at) next.
    ///
    /// Where speed counts the two are called one by one, and the event is looked at where it lies:
    /// to move it out of its result would cost as much as to read it.
    #[inline]
    fn read_event(&mut self) -> Result<Event<'x>, quick_xml::Error> {
        self.event_start = position(self.events.buffer_position());
        self.events.read_event()
    }

    /// Keeps account of an event just read, and refuses what no document may hold.
    #[inline]
    fn looked_at<'e>(
        &mut self,
        read: &'e Result<Event<'x>, quick_xml::Error>,
    ) -> Result<&'e Event<'x>, ReadError> {
        let event = match read {
            Ok(event) => event,
            Err(error) => return Err(self.syntax(error)),
        };
        match event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > self.max_depth {
                    return Err(self.fail(ReadErrorKind::TooDeep {
                        limit: self.max_depth,
                    }));
                }
            }
            Event::End(_) => {
                while self
                    .prefixes
                    .last()
                    .is_some_and(|prefix| prefix.depth == self.depth)
                {
                    self.prefixes.pop();
                }
                self.depth -= 1;
            }
            Event::DocType(_) => return Err(self.fail(ReadErrorKind::Doctype)),
            Event::Eof if self.depth > 0 => return Err(self.fail(ReadErrorKind::Truncated)),
            _ => {}
        }
        Ok(event)
    }

    #[cold]
    fn syntax(&self, error: &quick_xml::Error) -> ReadError {
        let at = position(self.events.error_position());
        let kind = match error {
            quick_xml::Error::Syntax(SyntaxError::InvalidBangMarkup) => {
                ReadErrorKind::Syntax("markup that begins with <! and is none".to_owned())
            }
            // All others say that the document ends before something is closed.
            quick_xml::Error::Syntax(_) => ReadErrorKind::Truncated,
            quick_xml::Error::IllFormed(quick_xml::errors::IllFormedError::MissingEndTag(_)) => {
                ReadErrorKind::Truncated
            }
            // The other messages quote names from the document; the place says enough.
            quick_xml::Error::IllFormed(_) => {
                ReadErrorKind::Syntax("start and end tags do not match".to_owned())
            }
            quick_xml::Error::InvalidAttr(_) => {
                ReadErrorKind::Syntax("a malformed attribute".to_owned())
            }
            _ => ReadErrorKind::Syntax("the markup is broken".to_owned()),
        };
        ReadError::new(kind, at)
    }

    /// Opens the root element, which must have this name, and gives its attributes.
    pub(crate) fn open_root(&mut self, expected: &str) -> Result<BytesStart<'x>, ReadError> {
        loop {
            match self.event()? {
                Event::Start(start) => {
                    let found = start.name();
                    if found.as_ref() != expected {
                        let found = clip(found.as_ref());
                        let expected = expected.to_owned();
                        return Err(self.fail(ReadErrorKind::WrongRoot { expected, found }));
                    }
                    self.attributes(&start)?;
                    if self.foreign {
                        return Err(self.fail(ReadErrorKind::Namespace));
                    }
                    return Ok(start);
                }
                Event::Decl(declaration) => {
                    let declared = declaration.encoding().and_then(Result::ok);
                    let known = declared.is_none_or(|name| {
                        name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii")
                    });
                    // Every other encoding that is read here as UTF-8 agrees on ASCII only.
                    if !known && !self.source.is_ascii() {
                        return Err(self.fail(ReadErrorKind::Encoding));
                    }
                }
                Event::Text(text) if is_space(&text) => {}
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => return Err(self.fail(ReadErrorKind::Truncated)),
                _ => {
                    let kind = ReadErrorKind::Syntax("no root element".to_owned());
                    return Err(self.fail(kind));
                }
            }
        }
    }

    /// Makes sure that nothing follows the root element.
    pub(crate) fn finish(&mut self) -> Result<(), ReadError> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Text(text) if is_space(&text) => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(self.fail(ReadErrorKind::TrailingContent)),
            }
        }
    }

    /// Looks at the attributes of an element that was just opened.
    #[inline]
    fn attributes(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        self.nil = false;
        self.foreign = false;
        self.type_name = None;
        if is_space(start.attributes_raw()) {
            Ok(())
        } else {
            self.attributes_slow(start)
        }
    }

    #[cold]
    fn attributes_slow(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        self.declare_prefixes(start)?;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.syntax(&error.into()))?;
            let key: &str = attribute.key.as_ref();
            if key == "xmlns" {
                self.foreign = !attribute.value.is_empty();
            }
            let Some((prefix, name)) = key.split_once(':') else {
                continue;
            };
            let is_xsi = match self.namespace_of(prefix) {
                Some(namespace) => namespace == XSI,
                None => prefix == "xsi",
            };
            match name {
                "nil" if is_xsi => self.nil = matches!(attribute.value.trim(), "true" | "1"),
                "type" if is_xsi => {
                    let value = attribute.value.trim();
                    let (prefix, name) = match value.split_once(':') {
                        Some((prefix, name)) if is_name(prefix) && is_name(name) => (prefix, name),
                        None if is_name(value) => ("", value),
                        _ => {
                            let expected = "the name of a type (in its attribute xsi:type)";
                            let expected = expected.to_owned();
                            return Err(self.fail(ReadErrorKind::Value { expected }));
                        }
                    };
                    let namespace = self.namespace_of(prefix).unwrap_or_default().to_owned();
                    self.type_name = Some((namespace, name.to_owned()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn declare_prefixes(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.syntax(&error.into()))?;
            let key: &str = attribute.key.as_ref();
            let Some(name) = key.strip_prefix("xmlns:") else {
                continue;
            };
            if !is_name(name) {
                let why = "a namespace prefix that is no name".to_owned();
                return Err(self.fail(ReadErrorKind::Syntax(why)));
            }
            if self.prefixes.len() >= MOST_PREFIXES || attribute.value.len() > LONGEST_NAMESPACE {
                let why = format!(
                    "more than {MOST_PREFIXES} prefixes, or a namespace of more than \
                     {LONGEST_NAMESPACE} bytes"
                );
                return Err(self.fail(ReadErrorKind::Syntax(why)));
            }
            self.prefixes.push(Prefix {
                depth: self.depth,
                name: name.to_owned(),
                // As it stands, escapes included, but fit for the quotes that writers use.
                namespace: attribute.value.replace('"', "&quot;"),
            });
        }
        Ok(())
    }

    /// The `xsi:type` of the element opened last, where it is a type of Kleer's schema.
    pub(crate) fn type_name(&self) -> Option<&str> {
        let (namespace, name) = self.type_name.as_ref()?;
        namespace.is_empty().then_some(name)
    }

    /// The `xsi:type` of the element opened last: its namespace and local name.
    pub(crate) fn take_type(&mut self) -> Option<(String, String)> {
        self.type_name.take()
    }

    /// The content of the open element as it stands, and the prefixes that it takes from its
    /// surroundings; its end tag is consumed.
    pub(crate) fn raw_content(&mut self) -> Result<(String, Vec<(String, String)>), ReadError> {
        let from = position(self.events.buffer_position());
        let mut used = Used::default();
        let outer = self.scope(self.depth);
        let end = self.skim(self.depth + 1, &mut used)?;
        let whole = self.source.get(from..end.max(from)).unwrap_or_default();
        Ok((whole.to_owned(), used.of(outer)))
    }

    /// The prefixes that elements up to this depth declare, innermost declarations first. Readers
    /// know `xsi` undeclared, and writers declare it at places of their own; so that it makes no
    /// difference where, it counts as declared everywhere.
    fn scope(&self, depth: usize) -> Vec<(String, String)> {
        let outer = self
            .prefixes
            .iter()
            .rev()
            .filter(|prefix| prefix.depth <= depth);
        let outer = outer.map(|prefix| (prefix.name.clone(), prefix.namespace.clone()));
        outer.chain([("xsi".to_owned(), XSI.to_owned())]).collect()
    }

    /// Whether an open element from this depth on declares the prefix.
    fn is_declared_from(&self, depth: usize, prefix: &str) -> bool {
        let mut own = self.prefixes.iter().filter(|known| known.depth >= depth);
        own.any(|known| known.name == prefix)
    }

    /// Passes over the rest of the open element to behind its end tag, and gives where that tag
    /// begins. Makes sure that what is passed over can be written as it stands.
    ///
    /// Takes note of the prefixes used there that no element from the depth `own` on declares.
    fn skim(&mut self, own: usize, used: &mut Used) -> Result<usize, ReadError> {
        let (depth, mut end) = (self.depth, self.event_start);
        while self.depth >= depth {
            let event = self.event()?;
            end = self.event_start;
            match &event {
                Event::Start(start) => {
                    self.declare_prefixes(start)?;
                    used.by(start, |prefix| self.is_declared_from(own, prefix))
                        .map_err(|error| self.syntax(&error.into()))?;
                }
                Event::Text(text) if !text.chars().all(is_xml_character) => {
                    let why = "a character that XML forbids".to_owned();
                    return Err(self.fail(ReadErrorKind::Syntax(why)));
                }
                Event::GeneralRef(reference) => {
                    self.character(reference)?;
                }
                _ => {}
            }
        }
        Ok(end)
    }

    /// The character that a reference stands for.
    fn character(&self, reference: &BytesRef<'_>) -> Result<char, ReadError> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) if is_xml_character(character) => Ok(character),
            Ok(Some(_)) | Err(_) => {
                let why = "a reference to a character that XML forbids".to_owned();
                Err(self.fail(ReadErrorKind::Syntax(why)))
            }
            Ok(None) => match &**reference {
                "lt" => Ok('<'),
                "gt" => Ok('>'),
                "amp" => Ok('&'),
                "apos" => Ok('\''),
                "quot" => Ok('"'),
                _ => Err(self.fail(ReadErrorKind::UnknownEntity)),
            },
        }
    }

    fn namespace_of(&self, prefix: &str) -> Option<&str> {
        let found = self
            .prefixes
            .iter()
            .rev()
            .find(|known| known.name == prefix);
        found.map(|known| known.namespace.as_str())
    }

    /// The text of the open element; its end tag is consumed.
    #[inline]
    pub(crate) fn text(&mut self) -> Result<Cow<'x, str>, ReadError> {
        self.text_start = position(self.events.buffer_position());
        let mut whole: Cow<'x, str> = Cow::Borrowed(self.plain_text());
        loop {
            let read = self.read_event();
            let piece = match self.looked_at(&read)? {
                Event::End(_) => return Ok(whole),
                Event::Text(text) => text.xml10_content(),
                Event::CData(text) => text.xml10_content(),
                Event::GeneralRef(reference) => {
                    let character = self.character(reference)?;
                    whole.to_mut().push(character);
                    continue;
                }
                Event::Comment(_) | Event::PI(_) => continue,
                _ => return Err(self.fail(ReadErrorKind::UnexpectedElement)),
            };
            if whole.is_empty() {
                whole = piece;
            } else {
                whole.to_mut().push_str(&piece);
            }
        }
    }

    /// Takes the text that stands next, if it is short and needs no decoding; otherwise nothing.
    ///
    /// Nearly every text is such, and taking it from the source saves an event, and with it a
    /// second look at every byte.
    #[inline]
    fn plain_text(&mut self) -> &'x str {
        let (start, source) = (self.text_start, self.source);
        let (before, rest) = source.as_bytes().split_at(start.min(source.len()));
        // The end of `<x/>` is an event that the parser holds already.
        if before.ends_with(b"/>") {
            return "";
        }
        let special = |byte: &u8| matches!(byte, b'<' | b'&' | b'\r');
        let end = rest.iter().take(LONGEST_PLAIN_TEXT).position(special);
        match end.and_then(|end| Some((end, source.get(start..start + end)?))) {
            Some((length, text)) if rest[length] == b'<' => {
                self.events.stream().consume(length);
                text
            }
            _ => "",
        }
    }

    /// The next child of the open element, or `None` at its end tag.
    pub(crate) fn child(&mut self) -> Result<Option<Child<'x>>, ReadError> {
        loop {
            let read = self.read_event();
            match self.looked_at(&read)? {
                Event::Start(start) => {
                    self.attributes(start)?;
                    let (from, length) = (self.event_start, start.name().as_ref().len());
                    // Behind the "<"; from the source, which outlives the event.
                    let name = self
                        .source
                        .get(from + 1..=from + length)
                        .unwrap_or_default();
                    // An element in a namespace of its own is unknown, whatever its name.
                    let name = if self.foreign { "" } else { name };
                    return Ok(Some(Child { name, from }));
                }
                Event::End(_) => return Ok(None),
                Event::Text(text) if is_space(text) => {}
                Event::Comment(_) | Event::PI(_) => {}
                _ => return Err(self.fail(ReadErrorKind::UnexpectedText)),
            }
        }
    }

    /// Skips to behind the end tag of the element at this depth.
    pub(crate) fn skip_to_end_of(&mut self, depth: usize) -> Result<(), ReadError> {
        while self.depth >= depth {
            self.event()?;
        }
        Ok(())
    }

    /// Keeps an unknown child, whose start tag was just read, as it stands.
    #[cold]
    pub(crate) fn keep(&mut self, child: &Child<'x>) -> Result<String, ReadError> {
        let tag_end = position(self.events.buffer_position()).min(self.source.len());
        let tag = self.source.get(child.from + 1..tag_end).unwrap_or_default();
        let tag = tag.trim_end_matches('>').trim_end_matches('/');
        let name_end = tag.find([' ', '\t', '\n', '\r']).unwrap_or(tag.len());
        let start = BytesStart::from_content(tag, name_end);
        if self.strict {
            let element = clip(&tag[..name_end]);
            return Err(self.fail(ReadErrorKind::UnknownElement { element }));
        }
        let depth = self.depth;
        let outer = self.scope(depth - 1);
        let mut used = Used::default();
        used.by(&start, |prefix| self.is_declared_from(depth, prefix))
            .map_err(|error| self.syntax(&error.into()))?;
        self.skim(depth, &mut used)?;
        let end = position(self.events.buffer_position()).min(self.source.len());
        let xml = self.source.get(child.from..end).unwrap_or_default();
        let mut declarations = String::new();
        for (prefix, namespace) in used.of(outer) {
            declarations.extend([" xmlns:", &prefix, "=\"", &namespace, "\""]);
        }
        let (before, after) = xml.split_at_checked(1 + name_end).unwrap_or((xml, ""));
        Ok(format!("{before}{declarations}{after}"))
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.strict
    }
}

/// A child element whose start tag was just read.
#[derive(Debug)]
pub(crate) struct Child<'x> {
    pub(crate) name: &'x str,
    from: usize,
}

/// The prefixes that a subtree uses without declaring them.
#[derive(Debug, Default)]
struct Used {
    names: BTreeSet<String>,
}

impl Used {
    /// Takes note of what a start tag uses; `own` tells what is declared within the subtree.
    fn by(
        &mut self,
        start: &BytesStart<'_>,
        own: impl Fn(&str) -> bool,
    ) -> Result<(), quick_xml::events::attributes::AttrError> {
        let mut take = |name: &str| {
            if let Some((prefix, _)) = name.split_once(':')
                && !matches!(prefix, "xml" | "xmlns")
                && !own(prefix)
                && !self.names.contains(prefix)
            {
                self.names.insert(prefix.to_owned());
            }
        };
        take(start.name().as_ref());
        for attribute in start.attributes() {
            let attribute = attribute?;
            let key: &str = attribute.key.as_ref();
            take(key);
            // The name of a type in xsi:type has a prefix, too.
            if key.ends_with(":type") {
                take(attribute.value.trim());
            }
        }
        Ok(())
    }

    /// The declarations that are needed, each prefix once, in alphabetical order.
    fn of(self, scope: Vec<(String, String)>) -> Vec<(String, String)> {
        let mut needed: Vec<(String, String)> = Vec::new();
        // Innermost first: what comes later is hidden by what came before.
        for (prefix, namespace) in scope {
            if self.names.contains(&prefix) && needed.iter().all(|(known, _)| *known != prefix) {
                needed.push((prefix, namespace));
            }
        }
        needed.sort();
        needed
    }
}

/// Whether a text can stand for a name in a tag without being taken for something else.
fn is_name(text: &str) -> bool {
    let separates = |character: char| {
        character.is_whitespace() || character.is_control() || ":\"'<>&=/".contains(character)
    };
    !text.is_empty() && !text.contains(separates)
}

/// Whether XML 1.0 can hold the character at all (its production `Char`).
pub(crate) fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// Reads the children of the open element into a record, in any order.
///
/// The schema's order is only a hint for the search, so that the next name is usually found at the
/// first comparison.
pub(crate) fn read_record(
    record: &mut dyn Fields,
    reader: &mut Reader<'_>,
) -> Result<(), ReadError> {
    let layout = record.layout();
    let names = layout.names;
    let mut seen = 0_u64;
    let mut hint = 0;
    let mut last_slot = 0_u8;
    let mut after = 0_u8;
    while let Some(child) = reader.child()? {
        let found = {
            let is_it = |known: &Name| known.wire == child.name;
            match names[hint..].iter().position(is_it) {
                Some(steps) => Some(hint + steps),
                None => names[..hint].iter().position(is_it),
            }
        };
        let Some(index) = found else {
            let xml = reader.keep(&child)?;
            record.unknown_mut().push_between(after, xml);
            continue;
        };
        let Name { wire, slot, many } = names[index];
        hint = index;
        if reader.is_strict() && slot < last_slot {
            return Err(reader.fail(ReadErrorKind::OutOfOrder).within(wire));
        }
        last_slot = slot;
        let bit = 1_u64 << slot;
        if seen & bit != 0 && !many {
            return Err(reader.fail(ReadErrorKind::Duplicate).within(wire));
        }
        if reader.take_nil() {
            if record.read_nil(slot) {
                seen |= bit;
                after = slot + 1;
            }
            let depth = reader.depth();
            reader.skip_to_end_of(depth)?;
            continue;
        }
        record
            .read_field(slot, wire, reader)
            .map_err(|error| error.within(wire))?;
        seen |= bit;
        after = slot + 1;
        if !many && hint + 1 < names.len() {
            hint += 1;
        }
    }
    let missing = layout.required & !seen;
    if missing != 0 {
        let slot = missing.trailing_zeros();
        let name = names.iter().find(|name| u32::from(name.slot) == slot);
        let element = name.map_or_else(String::new, |name| name.wire.to_owned());
        return Err(reader.fail(ReadErrorKind::Missing { element }));
    }
    record.unknown_mut().sort();
    Ok(())
}

/// Reads the items of a wrapper element; strangers among them are kept with their position.
pub(crate) fn read_items<T: super::Value>(
    reader: &mut Reader<'_>,
    item: &'static str,
    unknown: &mut Unknown,
    slot: u8,
) -> Result<Vec<T>, ReadError> {
    let mut items = Vec::new();
    while let Some(child) = reader.child()? {
        if child.name == item {
            let value = T::read(reader).map_err(|error| error.within_item(item, items.len()))?;
            items.push(value);
        } else {
            let xml = reader.keep(&child)?;
            unknown.push_inside(slot, items.len(), xml);
        }
    }
    Ok(items)
}
