//! Lists, read while they arrive.

use std::fmt;

use super::Reader;
use super::error::{ReadError, ReadErrorKind};
use super::list::{List, ListItem, Page, Rejected, read_page};
use super::read::ReadOptions;

/// Reads a [`List`] piece by piece: of the document only the item that is still on its way is kept.
///
/// It reads exactly what [`List::from_xml`](crate::Document::from_xml) reads, however the document
/// is cut into pieces, and refuses the same documents.
///
/// ```
/// use kleer_model::{ClientDeliveryType, ListReader};
///
/// let mut reader = ListReader::<ClientDeliveryType>::default();
/// reader.push(b"<client-delivery-types><client-delivery-type><name>Mail</name><def")?;
/// assert!(reader.next_item().is_none(), "not there yet");
/// reader.push(b"ault>true</default></client-delivery-type></client-")?;
/// assert_eq!(reader.next_item().map(|item| item.name), Some("Mail".to_owned()));
/// reader.push(b"delivery-types>")?;
/// let rest = reader.finish()?; // an error, were the end not there
/// assert!(rest.items.is_empty() && rest.is_complete());
/// # Ok::<(), kleer_model::ReadError>(())
/// ```
pub struct ListReader<T> {
    options: ReadOptions,
    /// The document's beginning up to the root's start tag, and behind it what is not read yet.
    buffer: Vec<u8>,
    /// The length of that beginning, once it is there.
    beginning: Option<usize>,
    /// How far the buffer was scanned for markup.
    scanned: usize,
    markup: Markup,
    /// The number of open elements before `scanned`.
    depth: usize,
    /// The start tag that is scanned: whether a slash stands last in it.
    slash: bool,
    is_end_tag: bool,
    /// What of the document lies before the unread part of the buffer.
    read: Place,
    /// The root's end tag was read.
    ended: bool,
    position: usize,
    taken: usize,
    list: List<T>,
    next: usize,
}

/// A place in the document.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: usize,
    line: usize,
    column: usize,
}

impl Place {
    fn advance(&mut self, bytes: &[u8]) {
        self.offset += bytes.len();
        let is_first_byte = |byte: &&u8| **byte & 0xC0 != 0x80;
        if let Some(last) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.line += bytes.split(|byte| *byte == b'\n').count() - 1;
            self.column = 1 + bytes[last + 1..].iter().filter(is_first_byte).count();
        } else {
            self.column += bytes.iter().filter(is_first_byte).count();
        }
    }
}

/// In which markup the scan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Markup {
    Text,
    /// Behind `<`.
    Opened,
    /// In a tag; in quotes, if any.
    Tag(Option<u8>),
    /// Behind `<!`, with the number of bytes that began a comment or a CDATA section.
    Bang {
        comment: bool,
        matched: u8,
    },
    /// In a comment, a CDATA section or an instruction, with the number of bytes of its end.
    Until(&'static [u8], u8),
}

const COMMENT: &[u8] = b"-->";
const CDATA: &[u8] = b"]]>";
const INSTRUCTION: &[u8] = b"?>";

impl<T: ListItem> Default for ListReader<T> {
    fn default() -> Self {
        Self::new(ReadOptions::default())
    }
}

impl<T: ListItem> ListReader<T> {
    /// A reader under the caller's limits; [`max_bytes`](ReadOptions::max_bytes) is the size of the
    /// whole document.
    pub fn new(options: ReadOptions) -> Self {
        Self {
            options,
            buffer: Vec::new(),
            beginning: None,
            scanned: 0,
            markup: Markup::Text,
            depth: 0,
            slash: false,
            is_end_tag: false,
            read: Place {
                offset: 0,
                line: 1,
                column: 1,
            },
            ended: false,
            position: 0,
            taken: 0,
            list: List::default(),
            next: 0,
        }
    }

    /// Takes the next piece of the document, and reads the items that are whole now.
    ///
    /// # Errors
    /// As [`Document::from_xml`](crate::Document::from_xml). The reader is of no use afterwards.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let unread = self.buffer.len() - self.beginning.unwrap_or_default();
        if self.read.offset + unread + bytes.len() > self.options.max_bytes {
            let limit = self.options.max_bytes;
            return Err(ReadError::new(ReadErrorKind::TooLarge { limit }, 0).at(1, 1));
        }
        self.buffer.extend_from_slice(bytes);
        let Some(whole) = self.scan()? else {
            return Ok(());
        };
        self.read_to(whole)
    }

    /// The next item that was read.
    pub fn next_item(&mut self) -> Option<T> {
        // Taken from the front without moving the others: the space is given back with the last.
        if self.next == 0 {
            self.list.items.reverse();
            self.next = self.list.items.len();
        }
        let item = self.list.items.pop()?;
        self.next -= 1;
        self.taken += 1;
        Some(item)
    }

    /// The attributes of the list, once its root element is there.
    pub fn page(&self) -> Option<Page> {
        self.list.page
    }

    /// The items so far that could not be read.
    pub fn rejected(&self) -> &[Rejected] {
        &self.list.rejected
    }

    /// Ends the document: gives the items that were not taken, and all that were rejected.
    ///
    /// # Errors
    /// When the document is not at its end.
    pub fn finish(mut self) -> Result<List<T>, ReadError> {
        if self.ended {
            self.in_order();
            return Ok(self.list);
        }
        // What is wrong with the rest, the one reader that knows it says.
        let end = self.buffer.len();
        match self.read_to(end) {
            Err(error) => Err(error),
            Ok(()) => Err(self.placed(ReadError::new(ReadErrorKind::Truncated, end))),
        }
    }

    /// Puts the items back into the document's order after some were taken.
    fn in_order(&mut self) {
        if self.next > 0 {
            self.list.items.reverse();
            self.next = 0;
        }
    }

    /// Scans what is new for the end of a whole child of the root, and gives the last one's.
    fn scan(&mut self) -> Result<Option<usize>, ReadError> {
        let mut whole = None;
        while self.scanned < self.buffer.len() {
            if self.markup == Markup::Text {
                let rest = &self.buffer[self.scanned..];
                let Some(steps) = rest.iter().position(|byte| *byte == b'<') else {
                    self.refuse_text(self.scanned, self.buffer.len())?;
                    self.scanned = self.buffer.len();
                    break;
                };
                self.refuse_text(self.scanned, self.scanned + steps)?;
                self.scanned += steps;
            }
            let byte = self.buffer[self.scanned];
            let at = self.scanned;
            self.scanned += 1;
            self.markup = match self.markup {
                Markup::Text => Markup::Opened,
                Markup::Opened => self.opened(byte, at)?,
                Markup::Tag(Some(quote)) if byte == quote => Markup::Tag(None),
                Markup::Tag(Some(quote)) => Markup::Tag(Some(quote)),
                Markup::Tag(None) => match byte {
                    b'>' => {
                        if self.close_tag(&mut whole)? {
                            break;
                        }
                        Markup::Text
                    }
                    b'"' | b'\'' if !self.is_end_tag => Markup::Tag(Some(byte)),
                    _ => {
                        self.slash = byte == b'/';
                        Markup::Tag(None)
                    }
                },
                Markup::Bang { comment, matched } => self.bang(byte, comment, matched)?,
                Markup::Until(end, matched) => until(end, matched, byte),
            };
        }
        Ok(whole)
    }

    fn opened(&mut self, byte: u8, at: usize) -> Result<Markup, ReadError> {
        if matches!(byte, b'?' | b'!') {
            return Ok(if byte == b'?' {
                Markup::Until(INSTRUCTION, 0)
            } else {
                Markup::Bang {
                    comment: false,
                    matched: 0,
                }
            });
        }
        if self.ended {
            let error = ReadError::new(ReadErrorKind::TrailingContent, at.saturating_sub(1));
            return Err(self.placed(error));
        }
        self.is_end_tag = byte == b'/';
        self.slash = false;
        if byte == b'>' {
            // `<>` is no tag; the reader says so when it comes to it.
            return self.malformed();
        }
        Ok(Markup::Tag(None))
    }

    fn bang(&mut self, byte: u8, comment: bool, matched: u8) -> Result<Markup, ReadError> {
        const OPENS_CDATA: &[u8] = b"[CDATA[";
        let matched = usize::from(matched);
        if matched == 0 && byte == b'-' {
            return Ok(Markup::Bang {
                comment: true,
                matched: 1,
            });
        }
        if comment && byte == b'-' {
            return Ok(Markup::Until(COMMENT, 0));
        }
        if !comment && OPENS_CDATA.get(matched) == Some(&byte) && self.depth > 0 {
            return Ok(if matched + 1 == OPENS_CDATA.len() {
                Markup::Until(CDATA, 0)
            } else {
                Markup::Bang {
                    comment,
                    matched: u8::try_from(matched + 1).unwrap_or_default(),
                }
            });
        }
        if matched == 0 && byte.eq_ignore_ascii_case(&b'd') {
            let error = ReadError::new(ReadErrorKind::Doctype, self.scanned.saturating_sub(3));
            return Err(self.placed(error));
        }
        self.malformed()
    }

    /// Takes account of a tag that ends here; `true` once the root has ended.
    fn close_tag(&mut self, whole: &mut Option<usize>) -> Result<bool, ReadError> {
        let end = self.scanned;
        if self.is_end_tag {
            self.depth = self.depth.saturating_sub(1);
        } else {
            if self.depth >= self.options.max_depth {
                let limit = self.options.max_depth;
                return Err(self.placed(ReadError::new(ReadErrorKind::TooDeep { limit }, end)));
            }
            if !self.slash {
                self.depth += 1;
            }
        }
        if self.beginning.is_none() {
            return self.open_root(end).map(|()| false);
        }
        match self.depth {
            0 => {
                // All of the document but what may follow it.
                self.markup = Markup::Text;
                self.read_to(end)?;
                *whole = None;
                self.scan_rest()?;
                return Ok(true);
            }
            1 => *whole = Some(end),
            _ => {}
        }
        Ok(false)
    }

    /// Behind the root only space, comments and instructions may stand.
    fn scan_rest(&mut self) -> Result<(), ReadError> {
        self.scan().map(|_| ())
    }

    /// The root's start tag ends here.
    fn open_root(&mut self, end: usize) -> Result<(), ReadError> {
        let opened = Reader::new(&self.buffer[..end], &self.options)
            .and_then(|mut reader| {
                let root = reader.open_root(T::LIST)?;
                read_page(&reader, &root).map_err(|error| error.within(T::LIST))
            })
            .map_err(|error| error.located(&self.buffer[..end]));
        self.list.page = opened?;
        // Places are counted without the byte order mark.
        let mark = if self.buffer.starts_with(b"\xEF\xBB\xBF") {
            3
        } else {
            0
        };
        self.buffer.drain(..mark);
        self.scanned -= mark;
        let end = end - mark;
        self.beginning = Some(end);
        self.read.advance(&self.buffer[..end]);
        if self.depth == 0 {
            self.ended = true;
        }
        Ok(())
    }

    /// Reads the children up to this place of the buffer and lets them go.
    fn read_to(&mut self, end: usize) -> Result<(), ReadError> {
        self.in_order();
        let Some(beginning) = self.beginning else {
            // Without a root: what is wrong, the reader says.
            let document = &self.buffer[..end];
            let read = Reader::new(document, &self.options)
                .and_then(|mut reader| reader.open_root(T::LIST).map(|_| ()));
            return read.map_err(|error| error.located(document));
        };
        let rejected = self.list.rejected.len();
        let result = self.read_children(end);
        for index in rejected..self.list.rejected.len() {
            let error = self.list.rejected[index].error.clone();
            self.list.rejected[index].error = self.placed(error);
        }
        result.map_err(|error| self.placed(error))?;
        self.read.advance(&self.buffer[beginning..end]);
        self.buffer.drain(beginning..end);
        self.scanned -= end - beginning;
        Ok(())
    }

    fn read_children(&mut self, end: usize) -> Result<(), ReadError> {
        let Self {
            buffer,
            list,
            options,
            ..
        } = self;
        let mut reader = Reader::new(&buffer[..end], options)?;
        reader.open_root(T::LIST)?;
        while reader.position() < end {
            let Some(child) = reader.child().map_err(|error| error.within(T::LIST))? else {
                self.ended = true;
                break;
            };
            let read = self.taken + list.items.len();
            self.position = list
                .read_child(&mut reader, &child, self.position, read)
                .map_err(|error| error.within(T::LIST))?;
        }
        Ok(())
    }

    /// An error of the buffer, at its place in the document.
    #[cold]
    fn placed(&self, error: ReadError) -> ReadError {
        let beginning = self.beginning.unwrap_or_default();
        let at = error.offset().clamp(beginning, self.buffer.len());
        let mut place = self.read;
        place.advance(&self.buffer[beginning..at]);
        error.moved_to(place.offset, place.line, place.column)
    }

    /// Before and behind the root there is no text.
    fn refuse_text(&self, from: usize, to: usize) -> Result<(), ReadError> {
        if self.depth > 0 {
            return Ok(());
        }
        let text = &self.buffer[from..to];
        // A byte order mark may come in pieces; the reader takes one at the start only.
        let is_mark = |byte: &u8| from < 3 && matches!(byte, 0xEF | 0xBB | 0xBF);
        let stray = text
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') && !is_mark(byte));
        let Some(stray) = stray else {
            return Ok(());
        };
        if self.ended {
            let error = ReadError::new(ReadErrorKind::TrailingContent, from + stray);
            return Err(self.placed(error));
        }
        self.malformed().map(|_: Markup| ())
    }

    /// What the one reader says of a document that cannot go on like this.
    #[cold]
    fn malformed<R>(&self) -> Result<R, ReadError> {
        let said = Reader::new(&self.buffer, &self.options).and_then(|mut reader| {
            reader.open_root(T::LIST)?;
            while let Some(child) = reader.child()? {
                reader.keep(&child)?;
            }
            reader.finish()
        });
        let error = match said {
            // Truncated only because the rest has not come.
            Err(error) if *error.kind() != ReadErrorKind::Truncated => error,
            _ => {
                let why = "markup that is none".to_owned();
                ReadError::new(ReadErrorKind::Syntax(why), self.scanned.saturating_sub(1))
            }
        };
        Err(self.placed(error))
    }
}

fn until(end: &'static [u8], matched: u8, byte: u8) -> Markup {
    let count = usize::from(matched);
    if end.get(count) == Some(&byte) {
        if count + 1 == end.len() {
            return Markup::Text;
        }
        return Markup::Until(end, matched + 1);
    }
    // "--->" and "]]]>": the bytes before the last may still begin the end.
    let repeats = end.len() == 3 && count == 2 && byte == end[0];
    let begins = u8::from(byte == end[0]);
    Markup::Until(end, if repeats { 2 } else { begins })
}

impl<T> fmt::Debug for ListReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListReader")
            .field("bytes", &self.read.offset)
            .field("waiting", &self.list.items.len())
            .field("rejected", &self.list.rejected.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
