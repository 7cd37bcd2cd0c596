//! Reading digits out of text that people have typed or pasted, and saying where it went wrong.

use crate::error::{Identifier, ParseError, ParseErrorKind};

/// What a character means to the readers in this crate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// ASCII 0 to 9, as ASCII.
    Digit(u8),
    /// ASCII A to Z, as ASCII.
    Letter(u8),
    /// One of the horizontal strokes that are used as a hyphen.
    Hyphen,
    Plus,
    Comma,
    /// Unicode `White_Space`, no-break and thin spaces among them.
    Space,
    /// Not accepted anywhere; the kind says what it is.
    Unusable(ParseErrorKind),
}

#[inline]
pub(crate) fn glyph(character: char) -> Glyph {
    match character {
        '0'..='9' => Glyph::Digit(character as u8),
        'A'..='Z' => Glyph::Letter(character as u8),
        // Hyphen-minus, hyphen, no-break hyphen, figure dash, en dash, minus sign. The em dash and
        // the soft hyphen are not among them: they come from running text, not from numbers.
        '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' => Glyph::Hyphen,
        '+' => Glyph::Plus,
        ',' => Glyph::Comma,
        _ if character.is_whitespace() => Glyph::Space,
        _ if character.is_numeric() => Glyph::Unusable(ParseErrorKind::ForeignDigit),
        _ if character.is_alphabetic() => Glyph::Unusable(ParseErrorKind::Letter),
        _ => Glyph::Unusable(ParseErrorKind::Character),
    }
}

/// White space, and the two invisible characters that spreadsheets and CSV files put round a value.
fn is_surrounding(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{FEFF}' | '\u{200B}')
}

/// A text being read: knows what is trimmed off, so that an error can name the place in the
/// original.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    identifier: Identifier,
    original: &'a str,
    trimmed: &'a str,
    /// Bytes trimmed off the start.
    offset: usize,
}

impl<'a> Input<'a> {
    #[inline]
    pub(crate) fn new(identifier: Identifier, original: &'a str) -> Self {
        // Mostly there is nothing to trim.
        if let [first, .., last] = original.as_bytes()
            && first.is_ascii_alphanumeric()
            && last.is_ascii_digit()
        {
            return Self {
                identifier,
                original,
                trimmed: original,
                offset: 0,
            };
        }
        let from_start = original.trim_start_matches(is_surrounding);
        let offset = original.len() - from_start.len();
        let trimmed = from_start.trim_end_matches(is_surrounding);
        Self {
            identifier,
            original,
            trimmed,
            offset,
        }
    }

    /// The same text, but the error is about another part of it.
    pub(crate) const fn about(self, identifier: Identifier) -> Self {
        Self { identifier, ..self }
    }

    pub(crate) const fn text(&self) -> &'a str {
        self.trimmed
    }

    /// An error without a place.
    #[cold]
    pub(crate) const fn error(&self, kind: ParseErrorKind) -> ParseError {
        ParseError::new(self.identifier, kind, None)
    }

    /// An error at a byte offset of [`Self::text`].
    #[cold]
    pub(crate) fn error_at(&self, kind: ParseErrorKind, byte: usize) -> ParseError {
        let before = self
            .original
            .get(..self.offset + byte)
            .unwrap_or(self.original);
        ParseError::new(self.identifier, kind, Some(before.chars().count()))
    }

    /// An error at the `index`th digit (from 0). The letter of an interim number stands where a
    /// digit would, and counts as one.
    #[cold]
    pub(crate) fn error_at_digit(&self, kind: ParseErrorKind, index: usize) -> ParseError {
        let letters = self.identifier == Identifier::PersonalIdentityNumber;
        let byte = self
            .trimmed
            .char_indices()
            .filter(|(_, c)| c.is_ascii_digit() || (letters && c.is_ascii_uppercase()))
            .nth(index)
            .map(|(byte, _)| byte);
        match byte {
            Some(byte) => self.error_at(kind, byte),
            None => self.error(kind),
        }
    }

    #[cold]
    pub(crate) fn length(&self, found: usize, expected: &'static str) -> ParseError {
        if self.trimmed.is_empty() {
            self.error(ParseErrorKind::Empty)
        } else {
            self.error(ParseErrorKind::Length { found, expected })
        }
    }

    /// The error for a character that is not accepted where it stands.
    #[cold]
    pub(crate) fn unusable(&self, glyph: Glyph, byte: usize) -> ParseError {
        let kind = match glyph {
            Glyph::Unusable(kind) => kind,
            Glyph::Letter(_) => ParseErrorKind::Letter,
            Glyph::Hyphen | Glyph::Plus | Glyph::Comma | Glyph::Space => ParseErrorKind::Separator,
            Glyph::Digit(_) => ParseErrorKind::Character,
        };
        self.error_at(kind, byte)
    }
}

/// Up to `N` digits (fewer than 256), as ASCII, without the heap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Digits<const N: usize> {
    ascii: [u8; N],
    len: u8,
}

impl<const N: usize> Digits<N> {
    pub(crate) const fn new() -> Self {
        Self {
            ascii: [0; N],
            len: 0,
        }
    }

    /// False when there is no room.
    pub(crate) fn push(&mut self, ascii: u8) -> bool {
        match self.ascii.get_mut(usize::from(self.len)) {
            Some(place) => {
                *place = ascii;
                self.len += 1;
                true
            }
            None => false,
        }
    }

    pub(crate) fn extend(&mut self, ascii: &[u8]) -> bool {
        ascii.iter().all(|digit| self.push(*digit))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.ascii.get(..usize::from(self.len)).unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        as_str(self.bytes())
    }
}

/// ASCII digits as text. Only digits are ever stored, so the empty string is never the answer.
pub(crate) fn as_str(ascii: &[u8]) -> &str {
    core::str::from_utf8(ascii).unwrap_or_default()
}

/// The separators that may stand between two digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Between {
    /// Nothing.
    Nothing,
    /// One space.
    Space,
    /// A hyphen, a space, or a hyphen with a space on either side.
    HyphenOrSpace,
    /// As before, and a comma in the place of the hyphen.
    HyphenCommaOrSpace,
}

/// Reads digits and separators; `boundary` hears of each separator by the number of digits before
/// it and its byte offset. More than `N` digits are counted, so that the error can say how many.
pub(crate) fn read_digits<const N: usize>(
    input: &Input<'_>,
    between: Between,
    expected: &'static str,
    mut boundary: impl FnMut(usize, usize) -> bool,
) -> Result<Digits<N>, ParseError> {
    let mut digits = Digits::<N>::new();
    let mut found = 0_usize;
    // The separators since the last digit: where they begin, the spaces, and whether one of them
    // was a hyphen or comma.
    let mut separators: Option<(usize, u8, bool)> = None;
    for (byte, character) in input.text().char_indices() {
        let glyph = glyph(character);
        match glyph {
            Glyph::Digit(digit) => {
                if let Some((start, _, _)) = separators.take()
                    && !boundary(found, start)
                {
                    return Err(input.error_at(ParseErrorKind::Separator, start));
                }
                digits.push(digit);
                found += 1;
            }
            Glyph::Hyphen | Glyph::Comma | Glyph::Space if found > 0 => {
                let stroke = glyph != Glyph::Space;
                let (start, spaces, stroke_before) = separators.unwrap_or((byte, 0, false));
                let allowed = match between {
                    Between::Nothing => false,
                    Between::Space => !stroke && separators.is_none(),
                    Between::HyphenOrSpace | Between::HyphenCommaOrSpace => {
                        let comma = glyph == Glyph::Comma;
                        if comma && between == Between::HyphenOrSpace {
                            false
                        } else if stroke {
                            !stroke_before
                        } else {
                            // One space before the stroke and one after it, but not two in a row.
                            spaces == 0
                                || (spaces == 1 && stroke_before && {
                                    input
                                        .text()
                                        .get(..byte)
                                        .is_some_and(|t| !t.ends_with(char::is_whitespace))
                                })
                        }
                    }
                };
                if !allowed {
                    return Err(input.error_at(ParseErrorKind::Separator, byte));
                }
                separators = Some((start, spaces + u8::from(!stroke), stroke_before || stroke));
            }
            _ => return Err(input.unusable(glyph, byte)),
        }
    }
    if let Some((start, _, _)) = separators {
        return Err(input.error_at(ParseErrorKind::Separator, start));
    }
    if found == 0 || found > N {
        return Err(input.length(found, expected));
    }
    Ok(digits)
}
