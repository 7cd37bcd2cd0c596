//! The text that the reader gets: what it has no use for is left out, what it cannot read spelt as
//! it can.
//!
//! An invoice is a quarter white space between tags, and the reader makes a node of each. Without
//! it the reader gives the same model and the same notices in four fifths of the time.

/// A copy of a document with some of its parts left out or replaced, made from its start on.
pub(super) struct Condensed<'a> {
    text: &'a str,
    out: String,
    /// What of the text is in the copy, or left out of it.
    done: usize,
}

impl<'a> Condensed<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            out: String::new(),
            done: 0,
        }
    }

    /// Puts something else in the place of a part, which must come after the parts before.
    fn replace(&mut self, start: usize, end: usize, with: &str) {
        let Some(before) = self.text.get(self.done..start) else {
            return;
        };
        if self.done == 0 {
            self.out.reserve(self.text.len());
        }
        self.out.push_str(before);
        self.out.push_str(with);
        self.done = end;
    }

    /// Leaves out white space before a tag. Control characters are left where they are: XML
    /// forbids them, and the reader is to say so.
    #[inline]
    pub(super) fn leave_out(&mut self, start: usize, end: usize) {
        let blank = self.text.as_bytes().get(start..end).unwrap_or_default();
        let is_white = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        if blank.iter().all(is_white) {
            self.replace(start, end, "");
        }
    }

    /// Spells an amount without a digit before or after its decimal point (`-.40`, `7.`), which XML
    /// Schema allows and the reader refuses. The amount must be a slice of the text.
    pub(super) fn respell(&mut self, amount: &'a str) {
        let (sign, digits) = match amount.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", amount.strip_prefix('+').unwrap_or(amount)),
        };
        let Some((whole, part)) = digits.split_once('.') else {
            return;
        };
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let one_is_empty = whole.is_empty() != part.is_empty();
        if !one_is_empty || !all_digits(whole) || !all_digits(part) {
            return;
        }
        let zero = |text: &'a str| if text.is_empty() { "0" } else { text };
        // The difference of the places of a text and a slice of it is the slice's offset.
        let Some(start) = amount
            .as_ptr()
            .addr()
            .checked_sub(self.text.as_ptr().addr())
        else {
            return;
        };
        let spelling = format!("{sign}{}.{}", zero(whole), zero(part));
        self.replace(start, start + amount.len(), &spelling);
    }

    /// The copy; `None` if it would be the text itself.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.done == 0 {
            return None;
        }
        self.out.push_str(self.text.get(self.done..)?);
        Some(self.out)
    }
}
