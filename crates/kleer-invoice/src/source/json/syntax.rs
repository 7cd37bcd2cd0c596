//! JSON (RFC 8259) as a flat list of values, every text and number as it is written.
//!
//! A reader of our own, because a number must keep each of its digits: the usual ones make a
//! floating-point number of `0.10`, or need a setting that changes every other user of theirs.

use std::borrow::Cow;

/// How deep values may be nested. An element of UBL takes two levels, and none is 20 deep.
pub(super) const MAX_DEPTH: usize = 128;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    /// The name of the member whose value follows.
    Name,
    Text,
    /// Text without escapes.
    PlainText,
    Number,
    True,
    False,
    Null,
}

/// A value or a name. The values inside an object or array follow it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Where it is written, without the quotes of a text.
    start: u32,
    end: u32,
    /// The number of the first node that is not inside it.
    pub(super) after: u32,
}

/// Why a text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SyntaxError {
    /// It ends too early.
    Cut,
    TooDeep,
    /// What is wrong, and at which byte.
    At(usize, &'static str),
}

/// A document and its values in the order in which they are written.
#[derive(Debug)]
pub(super) struct Json<'a> {
    pub(super) text: &'a str,
    pub(super) nodes: Vec<Node>,
}

impl<'a> Json<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        if u32::try_from(text.len()).is_err() {
            return Err(SyntaxError::At(0, "it is larger than 4 GB"));
        }
        let mut parser = Parser {
            text,
            at: 0,
            // UBL in JSON has a value or name every 15 bytes.
            nodes: Vec::with_capacity(text.len() / 15),
        };
        parser.blanks();
        parser.value(0)?;
        parser.blanks();
        if parser.at < text.len() {
            return Err(parser.wrong("something follows the end"));
        }
        Ok(Self {
            text,
            nodes: parser.nodes,
        })
    }

    /// What is written for a node.
    fn written(&self, node: Node) -> &'a str {
        let range = node.start as usize..node.end as usize;
        self.text.get(range).unwrap_or_default()
    }

    /// The text of a scalar: a text without its escapes, a number as written. `None` for null and
    /// for what is no scalar.
    pub(super) fn scalar(&self, node: Node) -> Option<Cow<'a, str>> {
        match node.kind {
            Kind::PlainText | Kind::Number | Kind::True | Kind::False => {
                Some(Cow::Borrowed(self.written(node)))
            }
            Kind::Text | Kind::Name => Some(unescape(self.written(node))),
            Kind::Object | Kind::Array | Kind::Null => None,
        }
    }

    pub(super) fn node(&self, number: usize) -> Option<Node> {
        self.nodes.get(number).copied()
    }

    /// The items of an array, or the names of an object, which their values follow.
    pub(super) fn inside(&self, number: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.node(number).map_or(0, |node| node.after as usize);
        let mut at = number + 1;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let this = at;
            let node = self.node(this)?;
            at = match node.kind {
                // A name and its value.
                Kind::Name => self.node(this + 1)?.after as usize,
                _ => node.after as usize,
            };
            Some(this)
        })
    }

    /// The line and the column of a node, from 1.
    pub(super) fn position(&self, number: usize) -> (u32, u32) {
        let at = self.node(number).map_or(0, |node| node.start as usize);
        position(self.text, at)
    }
}

/// The line and the column of a byte, from 1.
pub(super) fn position(text: &str, at: usize) -> (u32, u32) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
    (
        count(before.bytes().filter(|byte| *byte == b'\n').count()),
        count(before[line_start..].chars().count()),
    )
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nodes: Vec<Node>,
}

impl Parser<'_> {
    fn peek(&self) -> Result<u8, SyntaxError> {
        self.text
            .as_bytes()
            .get(self.at)
            .copied()
            .ok_or(SyntaxError::Cut)
    }

    fn wrong(&self, what: &'static str) -> SyntaxError {
        SyntaxError::At(self.at, what)
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
    }

    /// Begins a node at this byte; the caller sets its end.
    fn push(&mut self, kind: Kind, start: usize, end: usize) -> usize {
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let number = self.nodes.len();
        self.nodes.push(Node {
            kind,
            start: short(start),
            end: short(end),
            after: short(number + 1),
        });
        number
    }

    fn value(&mut self, depth: usize) -> Result<(), SyntaxError> {
        if depth > MAX_DEPTH {
            return Err(SyntaxError::TooDeep);
        }
        match self.peek()? {
            b'{' => self.container(Kind::Object, b'}', depth),
            b'[' => self.container(Kind::Array, b']', depth),
            b'"' => {
                let (start, end, escaped) = self.string()?;
                let kind = if escaped { Kind::Text } else { Kind::PlainText };
                self.push(kind, start, end);
                Ok(())
            }
            b't' => self.word("true", Kind::True),
            b'f' => self.word("false", Kind::False),
            b'n' => self.word("null", Kind::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.wrong("a value must stand here")),
        }
    }

    fn container(&mut self, kind: Kind, end: u8, depth: usize) -> Result<(), SyntaxError> {
        let number = self.push(kind, self.at, self.at + 1);
        self.at += 1;
        self.blanks();
        if self.peek()? == end {
            self.at += 1;
            return Ok(());
        }
        loop {
            if kind == Kind::Object {
                if self.peek()? != b'"' {
                    return Err(self.wrong("a name in quotes must stand here"));
                }
                let (start, end, _) = self.string()?;
                self.push(Kind::Name, start, end);
                self.blanks();
                if self.peek()? != b':' {
                    return Err(self.wrong("a colon must follow a name"));
                }
                self.at += 1;
                self.blanks();
            }
            self.value(depth + 1)?;
            self.blanks();
            match self.peek()? {
                b',' => {
                    self.at += 1;
                    self.blanks();
                }
                byte if byte == end => {
                    self.at += 1;
                    let after = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
                    if let Some(node) = self.nodes.get_mut(number) {
                        node.after = after;
                    }
                    return Ok(());
                }
                _ => return Err(self.wrong("a comma or the closing bracket must stand here")),
            }
        }
    }

    /// Where the text inside the quotes begins and ends, and whether it has escapes.
    fn string(&mut self) -> Result<(usize, usize, bool), SyntaxError> {
        let start = self.at + 1;
        let mut escaped = false;
        self.at = start;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            // Attachments are texts of megabytes without an escape.
            let plain = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F));
            self.at += plain.ok_or(SyntaxError::Cut)?;
            match self.peek()? {
                b'"' => {
                    let end = self.at;
                    self.at += 1;
                    return Ok((start, end, escaped));
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.wrong("a control character must be written as an escape")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        match self.peek()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 1;
                Ok(())
            }
            b'u' => {
                let first = self.unit()?;
                let is_whole = match first {
                    0xD800..=0xDBFF => {
                        let follows = self.text[self.at..].starts_with("\\u");
                        if follows {
                            self.at += 1;
                        }
                        follows && matches!(self.unit()?, 0xDC00..=0xDFFF)
                    }
                    0xDC00..=0xDFFF => false,
                    _ => true,
                };
                if is_whole {
                    Ok(())
                } else {
                    Err(self.wrong("half of a surrogate pair is no character"))
                }
            }
            _ => Err(self.wrong("an escape that JSON does not have")),
        }
    }

    /// The four digits after `u`.
    fn unit(&mut self) -> Result<u32, SyntaxError> {
        let from = self.at + 1;
        let digits = self.text.as_bytes().get(from..from + 4);
        let digits = digits.ok_or(SyntaxError::Cut)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(self.wrong("four hexadecimal digits must follow"));
        }
        self.at = from + 4;
        let text = self.text.get(from..from + 4).unwrap_or_default();
        u32::from_str_radix(text, 16).map_err(|_| self.wrong("four hexadecimal digits must follow"))
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), SyntaxError> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.push(kind, self.at, self.at + word.len());
            self.at += word.len();
            return Ok(());
        }
        if word.as_bytes().starts_with(rest) {
            return Err(SyntaxError::Cut);
        }
        Err(self.wrong("a value must stand here"))
    }

    fn digits(&mut self) -> Result<(), SyntaxError> {
        if !self.peek()?.is_ascii_digit() {
            return Err(self.wrong("a digit must stand here"));
        }
        while let Some(b'0'..=b'9') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        if self.peek()? == b'-' {
            self.at += 1;
        }
        let whole = self.at;
        self.digits()?;
        if self.text.as_bytes()[whole] == b'0' && self.at > whole + 1 {
            return Err(self.wrong("a number must not begin with a zero"));
        }
        if self.text.as_bytes().get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.text.as_bytes().get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.text.as_bytes().get(self.at) {
                self.at += 1;
            }
            self.digits()?;
        }
        self.push(Kind::Number, start, self.at);
        Ok(())
    }
}

/// A text without its escapes, which the parser has found right.
fn unescape(written: &str) -> Cow<'_, str> {
    if !written.contains('\\') {
        return Cow::Borrowed(written);
    }
    let mut out = String::with_capacity(written.len());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut characters = after.chars();
        let (character, used) = match characters.next() {
            Some('u') => unit_at(after, 1),
            Some('b') => ('\u{8}', 1),
            Some('f') => ('\u{C}', 1),
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('t') => ('\t', 1),
            Some(other) => (other, other.len_utf8()),
            None => break,
        };
        out.push(character);
        rest = after.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of `uXXXX` or `uXXXX\uXXXX`, and how many bytes it takes.
fn unit_at(text: &str, from: usize) -> (char, usize) {
    let unit = |from: usize| {
        let digits = text.get(from..from + 4).unwrap_or_default();
        u16::from_str_radix(digits, 16).unwrap_or_default()
    };
    let first = unit(from);
    if let Some(character) = char::from_u32(u32::from(first)) {
        return (character, from + 4);
    }
    let pair = [first, unit(from + 6)];
    let character = char::decode_utf16(pair).next().and_then(Result::ok);
    (character.unwrap_or(char::REPLACEMENT_CHARACTER), from + 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> SyntaxError {
        Json::parse(text).unwrap_err()
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = "[0.10, 12345678901234567890.123456789, -0, 1E+2]";
        let json = Json::parse(text).unwrap();
        let numbers: Vec<_> = json
            .inside(0)
            .map(|at| json.scalar(json.nodes[at]).unwrap().into_owned())
            .collect();
        assert_eq!(
            numbers,
            ["0.10", "12345678901234567890.123456789", "-0", "1E+2"]
        );
    }

    #[test]
    fn escapes_are_resolved() {
        let json = Json::parse(r#""\"\\\/\b\f\n\r\t\u00e5\ud83d\ude00x""#).unwrap();
        assert_eq!(
            json.scalar(json.nodes[0]).unwrap(),
            "\"\\/\u{8}\u{C}\n\r\tå😀x"
        );
    }

    #[test]
    fn members_and_items_are_walked_without_what_is_inside_them() {
        let json = Json::parse(r#"{"a":[1,{"b":2}],"c":{},"d":[]}"#).unwrap();
        let names: Vec<_> = json
            .inside(0)
            .map(|at| json.scalar(json.nodes[at]).unwrap())
            .collect();
        assert_eq!(names, ["a", "c", "d"]);
        let first = json.inside(0).next().unwrap() + 1;
        assert_eq!(json.inside(first).count(), 2);
    }

    #[test]
    fn what_is_not_json_is_told_with_its_place() {
        for cut in [
            "", "{", "[1,", "{\"a\":", "\"ab", "tru", "-", "1.", "\"\\u00", "{\"a\"",
        ] {
            assert_eq!(error(cut), SyntaxError::Cut, "{cut}");
        }
        for (text, at) in [
            ("[1 2]", 3),
            ("{a:1}", 1),
            ("{\"a\" 1}", 5),
            ("[01]", 3),
            ("[1,]", 3),
            ("1 2", 2),
            ("'a'", 0),
            ("[+1]", 1),
            ("[\"\\x\"]", 3),
            ("[\"a\nb\"]", 3),
            ("[NaN]", 1),
        ] {
            assert!(
                matches!(error(text), SyntaxError::At(found, _) if found == at),
                "{text}"
            );
        }
        assert!(matches!(error(r#""\ud800x""#), SyntaxError::At(..)));
        assert!(matches!(error(r#""\ude00""#), SyntaxError::At(..)));
        assert!(matches!(error(r#""\ud800\u0041""#), SyntaxError::At(..)));
        assert_eq!(error(&"[".repeat(100_000)), SyntaxError::TooDeep);
        assert_eq!(position("a\nåb", 4), (2, 2));
    }
}
