//! Base64 as XML Schema's `base64Binary` has it: the standard alphabet, white space anywhere.

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Visits the six-bit digits; `false` on anything else than digits, white space and padding at
/// the end. Missing padding is accepted, because nothing is lost without it.
fn visit(text: &str, mut each: impl FnMut(u8)) -> bool {
    let (mut digits, mut padding) = (0usize, 0usize);
    for byte in text.bytes() {
        if byte.is_ascii_whitespace() {
            continue;
        }
        if byte == b'=' {
            padding += 1;
            continue;
        }
        let Some(value) = digit(byte) else {
            return false;
        };
        if padding > 0 {
            return false;
        }
        digits += 1;
        each(value);
    }
    digits % 4 != 1 && padding <= 2 && (padding == 0 || (digits + padding) % 4 == 0)
}

/// Whether the text is base64.
pub(crate) fn is_valid(text: &str) -> bool {
    visit(text, |_| ())
}

/// The bytes, or `None` if the text is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u32);
    let valid = visit(text, |value| {
        bits = (bits << 6 | u32::from(value)) & 0x00ff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    });
    valid.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_decodes_with_and_without_padding_and_white_space() {
        for text in ["YWJjZA==", "YWJj\n ZA", " Y W J j Z A = = "] {
            assert_eq!(decode(text).as_deref(), Some(&b"abcd"[..]), "{text}");
            assert!(is_valid(text));
        }
        assert_eq!(decode(""), Some(Vec::new()));
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for text in ["YWJj*", "YWJjZ", "YW=JjZA", "YWJjZA=", "====", "åäö"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
