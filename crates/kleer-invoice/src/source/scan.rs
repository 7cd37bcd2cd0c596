//! A tokenizer for the second look at a document.
//!
//! The XML reader of the peer crate has already decided whether the document is well formed, and
//! keeps neither currencies nor raw values. This one only walks over the bytes again, so it may be
//! simple. It never fails and never panics: on text that is not well-formed it ends early.

use std::borrow::Cow;

/// What the scanner meets. Only a start tag needs its local name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A start tag: the local name, the length of the name with its prefix, the raw attributes.
    Start {
        name: &'a str,
        written: usize,
        attributes: &'a str,
        empty: bool,
    },
    /// An end tag with its name as written.
    End { name: &'a str },
    /// Character data as written, entities not yet resolved; not white space alone.
    Text(&'a str),
    /// The inside of a CDATA section: literal text.
    CData(&'a str),
    /// `<!DOCTYPE`, which no invoice needs.
    Doctype,
    /// The text ends inside a tag, a comment, a CDATA section or an instruction.
    Cut,
}

/// Walks over the tokens of one document. Comments and processing instructions are passed over.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    rest: &'a str,
    /// How much white space stood before the last tag, and how much text began with that tag.
    blank: usize,
    left: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            blank: 0,
            left: text.len(),
        }
    }

    /// How much text begins with the last tag.
    pub(crate) fn left(&self) -> usize {
        self.left
    }

    /// Where the white space before the last tag is in a text of this length.
    #[inline]
    pub(crate) fn blank(&self, length: usize) -> (usize, usize) {
        let end = length - self.left;
        (end - self.blank, end)
    }

    /// Cuts `rest` after `end` and returns what stood before it.
    fn take_until(&mut self, skip: usize, end: &str) -> Option<&'a str> {
        let body = self.rest.get(skip..)?;
        // Every `end` ends in `>`, which is rarer than what a general search is made for.
        let mut from = 0;
        loop {
            let at = from + find(body.as_bytes().get(from..)?, b'>')?;
            if body.as_bytes()[..=at].ends_with(end.as_bytes()) {
                self.rest = &body[at + 1..];
                return body.get(..at + 1 - end.len());
            }
            from = at + 1;
        }
    }

    fn cut(&mut self) -> Token<'a> {
        self.rest = "";
        Token::Cut
    }

    /// What begins with `<!` or `<?`; `None` for what is passed over. Rare, and so kept apart from
    /// the tags.
    #[inline(never)]
    fn other_markup(&mut self) -> Option<Token<'a>> {
        let after = &self.rest[1..];
        if after.starts_with('?') {
            return match self.take_until(2, "?>") {
                Some(_) => None,
                None => Some(self.cut()),
            };
        }
        if after.starts_with("!--") {
            return match self.take_until(4, "-->") {
                Some(_) => None,
                None => Some(self.cut()),
            };
        }
        if after.starts_with("![CDATA[") {
            return match self.take_until(9, "]]>") {
                Some(body) => Some(Token::CData(body)),
                None => Some(self.cut()),
            };
        }
        if after.starts_with("!DOCTYPE") {
            // Whoever sees this stops: the subset inside is not walked.
            self.rest = "";
            return Some(Token::Doctype);
        }
        Some(self.start(after))
    }

    #[inline]
    fn end(&mut self, after: &'a str) -> Token<'a> {
        let Some(end) = find(after.as_bytes(), b'>') else {
            return self.cut();
        };
        self.rest = &after[end + 1..];
        Token::End {
            name: &after[1..end],
        }
    }

    #[inline]
    fn start(&mut self, after: &'a str) -> Token<'a> {
        let bytes = after.as_bytes();
        let Some(stop) = end_of_name(bytes) else {
            return self.cut();
        };
        let empty_name = stop > 0 && bytes[stop - 1] == b'/';
        let written = if empty_name { stop - 1 } else { stop };
        let name = local_name(after.get(..written).unwrap_or_default());
        if bytes[stop] == b'>' {
            self.rest = &after[stop + 1..];
            return Token::Start {
                name,
                written,
                attributes: "",
                empty: empty_name,
            };
        }
        self.start_with_attributes(after, written, name)
    }

    #[inline(never)]
    fn start_with_attributes(
        &mut self,
        after: &'a str,
        written: usize,
        name: &'a str,
    ) -> Token<'a> {
        let bytes = after.as_bytes();
        // A `>` inside a quoted value does not end the tag.
        let Some(end) = end_of_tag(&bytes[written..]) else {
            return self.cut();
        };
        let end = written + end;
        self.rest = &after[end + 1..];
        let empty = bytes[end - 1] == b'/';
        let attributes = after
            .get(written..end - usize::from(empty))
            .unwrap_or_default();
        Token::Start {
            name,
            written,
            attributes,
            empty,
        }
    }

    /// The text of an element that was just opened and holds text only, which is passed over
    /// together with its end tag. `None`, and nothing passed over, if it holds anything else.
    /// `written` is the length of its name with the prefix.
    #[inline]
    pub(crate) fn whole_text(&mut self, written: usize) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let end = find(bytes, b'<')?;
        if bytes.get(end + 1) != Some(&b'/') {
            return None;
        }
        // White space may follow the name of an end tag.
        let mut close = end + 2 + written;
        while *bytes.get(close)? != b'>' {
            close += 1;
        }
        let text = &self.rest[..end];
        self.rest = self.rest.get(close + 1..)?;
        Some(text)
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Token<'a>;

    #[inline]
    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let blank = blank_before(self.rest.as_bytes());
            let markup = &self.rest[blank..];
            match markup.as_bytes() {
                [] => return None,
                [b'<', second, ..] => {
                    self.rest = markup;
                    (self.blank, self.left) = (blank, markup.len());
                    let after = &markup[1..];
                    return Some(match second {
                        b'/' => self.end(after),
                        b'!' | b'?' => match self.other_markup() {
                            Some(token) => token,
                            None => continue,
                        },
                        _ => self.start(after),
                    });
                }
                [b'<'] => return Some(self.cut()),
                _ => {
                    let end = find(self.rest.as_bytes(), b'<').unwrap_or(self.rest.len());
                    let (text, rest) = self.rest.split_at(end);
                    self.rest = rest;
                    return Some(Token::Text(text));
                }
            }
        }
    }
}

/// Every byte of a word one.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The high bit of every byte of a word.
const HIGH: u64 = ONES << 7;

/// The high bit of the bytes that are `wanted`; of the first of them for certain.
fn equal(word: u64, wanted: u8) -> u64 {
    let differing = word ^ (ONES * u64::from(wanted));
    differing.wrapping_sub(ONES) & !differing & HIGH
}

/// The high bit of the bytes that are more than a blank or a control character.
fn visible(word: u64) -> u64 {
    (((word & !HIGH) + ONES * (0x7F - 0x20)) | word) & HIGH
}

/// The place of the first byte that is marked in its word, or that `is_it` in the rest.
///
/// Eight bytes at a time: names and texts in an invoice are too short for a search that has to be
/// set up, and too many for one that looks at each byte.
fn first(text: &[u8], mark: impl Fn(u64) -> u64, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let marked = mark(u64::from_le_bytes(*word));
        if marked != 0 {
            return Some(at * 8 + marked.trailing_zeros() as usize / 8);
        }
    }
    rest.iter()
        .position(|byte| is_it(*byte))
        .map(|at| words.len() * 8 + at)
}

/// The place of a byte.
fn find(text: &[u8], wanted: u8) -> Option<usize> {
    first(text, |word| equal(word, wanted), |byte| byte == wanted)
}

/// The place of the `>` or the white space that ends a name.
fn end_of_name(text: &[u8]) -> Option<usize> {
    // Letters have this bit. What ends a name has not, and the colon after a prefix neither.
    const LETTER: u8 = 0x40;
    let mut from = 0;
    loop {
        let at = from
            + first(
                &text[from..],
                |word| !word & !(equal(word, b':') >> 1) & (ONES * u64::from(LETTER)),
                |byte| byte & LETTER == 0,
            )?;
        if text[at] == b'>' || text[at] <= b' ' {
            return Some(at);
        }
        from = at + 1;
    }
}

/// How much white space there is before the first other byte, or the end.
fn blank_before(text: &[u8]) -> usize {
    match text.first() {
        Some(byte) if *byte > b' ' => 0,
        _ => first(text, visible, |byte| byte > b' ').unwrap_or(text.len()),
    }
}

/// Where a tag ends, outside quoted values.
fn end_of_tag(after: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += first(
            &after[at..],
            |word| equal(word, b'>') | equal(word, b'"') | equal(word, b'\''),
            |byte| matches!(byte, b'>' | b'"' | b'\''),
        )?;
        match after[at] {
            b'>' => return Some(at),
            quote => at += 2 + find(&after[at + 1..], quote)?,
        }
    }
}

/// Whether a text has a character outside XML 1.0's `Char`.
pub(crate) fn has_forbidden_character(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut from = 0;
    let control = |word: u64| word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    while let Some(at) = first(
        &bytes[from..],
        |word| control(word) | equal(word, 0xEF),
        |byte| byte < 0x20 || byte == 0xEF,
    ) {
        match bytes[from + at..] {
            // U+FFFE and U+FFFF are EF BF BE and EF BF BF in UTF-8.
            [0xEF, 0xBF, 0xBE | 0xBF, ..] => return true,
            [b'\t' | b'\n' | b'\r' | 0xEF, ..] => {}
            _ => return true,
        }
        from += at + 1;
    }
    false
}

/// The name without its prefix: real documents choose their own prefixes.
fn local_name(name: &str) -> &str {
    // The usual prefixes have three letters.
    if name.as_bytes().get(3) == Some(&b':') {
        return &name[4..];
    }
    match name.bytes().position(|b| b == b':') {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

/// The value of an attribute without a prefix, entities resolved; `None` when it is not there.
pub(crate) fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    let mut rest = attributes;
    loop {
        rest = &rest[blank_before(rest.as_bytes())..];
        let equals = find(rest.as_bytes(), b'=')?;
        let name = rest[..equals].trim_ascii_end();
        let value = &rest[equals + 1..];
        let value = &value[blank_before(value.as_bytes())..];
        let quote = *value.as_bytes().first()?;
        if quote != b'"' && quote != b'\'' {
            return None;
        }
        let body = &value[1..];
        let end = find(body.as_bytes(), quote)?;
        if name == wanted {
            return Some(resolve(&body[..end]));
        }
        rest = &body[end + 1..];
    }
}

/// Resolves the five named entities of XML and character references. What is none of them stays
/// as it is written.
pub(crate) fn resolve(raw: &str) -> Cow<'_, str> {
    if find(raw.as_bytes(), b'&').is_none() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        // Not beyond the next one: a text of nothing but ampersands would be searched each time.
        let end = after.find([';', '&']);
        let resolved = end
            .filter(|end| after.as_bytes()[*end] == b';')
            .and_then(|end| {
                let name = &after[..end];
                let character = match name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => {
                        let number = name.strip_prefix('#')?;
                        let code = match number.strip_prefix('x') {
                            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                            None => number.parse().ok()?,
                        };
                        char::from_u32(code)?
                    }
                };
                Some((character, end + 1))
            });
        if let Some((character, used)) = resolved {
            out.push(character);
            rest = &after[used..];
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether a text that is not well formed is a document that was cut off: every tag closed so far
/// matches, and the end comes inside a tag or an open element.
pub(crate) fn is_cut_off(text: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut any = false;
    for token in Scanner::new(text) {
        match token {
            Token::Start { name, empty, .. } => {
                any = true;
                if !empty {
                    open.push(name);
                }
            }
            Token::End { name } => {
                if open.pop() != Some(local_name(name.trim_end())) {
                    return false;
                }
            }
            Token::Cut => return true,
            Token::Doctype => return false,
            Token::Text(_) | Token::CData(_) => {}
        }
    }
    any && !open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_text_and_sections_come_in_order() {
        let text = "<?xml version='1.0'?><!-- <x> --><p:a b='>' c=\"1\">t<![CDATA[<]]><d/></p:a>";
        let tokens: Vec<_> = Scanner::new(text).collect();
        assert_eq!(
            tokens,
            [
                Token::Start {
                    name: "a",
                    written: 3,
                    attributes: " b='>' c=\"1\"",
                    empty: false
                },
                Token::Text("t"),
                Token::CData("<"),
                Token::Start {
                    name: "d",
                    written: 1,
                    attributes: "",
                    empty: true
                },
                Token::End { name: "p:a" },
            ]
        );
    }

    #[test]
    fn a_byte_is_found_wherever_it_stands() {
        for length in 0..40 {
            for place in 0..length {
                let mut text = vec![b'='; length];
                text[place] = b'<';
                assert_eq!(find(&text, b'<'), Some(place), "{length}");
                text[place] = 0xBC;
                assert_eq!(find(&text, b'<'), None, "{length}");
                for end in [b'>', b' ', b'\n'] {
                    text[place] = end;
                    assert_eq!(end_of_name(&text), Some(place), "{length}");
                }
                let mut blank = vec![b' '; length];
                for other in [b'<', b'!', 0x7F, 0x80, 0xFF] {
                    blank[place] = other;
                    assert_eq!(blank_before(&blank), place, "{length}");
                }
            }
        }
    }

    #[test]
    fn a_forbidden_character_is_found_wherever_it_stands() {
        for length in 0..20 {
            for place in 0..=length {
                for (c, forbidden) in [
                    ('\u{1}', true),
                    ('\u{1F}', true),
                    ('\u{FFFE}', true),
                    ('\u{FFFF}', true),
                    ('\n', false),
                    ('\u{7F}', false),
                    ('\u{FFFD}', false),
                    ('\u{1FFFE}', false),
                ] {
                    for around in [' ', '\t', 'å'] {
                        let mut text = vec![around; length];
                        text.insert(place, c);
                        let text: String = text.into_iter().collect();
                        assert_eq!(has_forbidden_character(&text), forbidden, "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_text_of_a_leaf_is_taken_with_its_end_tag() {
        let mut scanner = Scanner::new("12 </c:a ><b/>");
        assert_eq!(scanner.whole_text(3), Some("12 "));
        assert!(matches!(
            scanner.next(),
            Some(Token::Start { name: "b", .. })
        ));
        for other in ["1<!-- -->2</a>", "<b/></a>", "1", "1</", "1</a"] {
            let mut scanner = Scanner::new(other);
            assert_eq!(scanner.whole_text(1), None, "{other}");
            assert_eq!(scanner.rest, other);
        }
    }

    #[test]
    fn attributes_are_found_by_their_whole_name() {
        let raw = " schemeID = '00&#48;7' ID=\"a&amp;b\"";
        assert_eq!(attribute(raw, "ID").as_deref(), Some("a&b"));
        assert_eq!(attribute(raw, "schemeID").as_deref(), Some("0007"));
        assert_eq!(attribute(raw, "scheme"), None);
        assert_eq!(attribute(" broken", "broken"), None);
    }

    #[test]
    fn a_document_that_ends_too_early_is_told_from_a_broken_one() {
        for cut in ["<a><b>", "<a><b", "<a><!-- ", "<a>text", "<a><b/>"] {
            assert!(is_cut_off(cut), "{cut}");
        }
        for broken in ["<a></b>", "text", "", "<a></a><", "<a><b></a>"] {
            assert_eq!(is_cut_off(broken), broken == "<a></a><", "{broken}");
        }
    }

    #[test]
    fn unknown_entities_stay_as_written() {
        assert_eq!(resolve("a &amp; b &nope; &#x41; & c"), "a & b &nope; A & c");
        assert_eq!(resolve("&a&amp;&&lt;"), "&a&&<");
    }
}
