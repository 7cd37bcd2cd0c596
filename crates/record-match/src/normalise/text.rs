//! Folding text of any script to what is compared.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A text is read so far; whatever its length, no more than this is compared.
pub(crate) const LONGEST_TEXT: usize = 200;

/// Lower case, without diacritics, letters and digits of every script, one space between words.
///
/// An apostrophe is dropped (O'Brien is obrien); everything else that is neither letter nor digit
/// separates words. A text that is too long ends in a fingerprint of all of it, so that two of them
/// are equal only if they are.
pub(crate) fn fold(text: &str) -> String {
    fold_keeping(text, |_| false)
}

/// A single name, as it is looked up among nicknames.
pub(crate) fn fold_name(name: &str) -> String {
    fold(name)
}

/// As it is written, of a bounded length.
pub(crate) fn verbatim(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}~{:016x}", &text[..end], fingerprint(text.as_bytes())),
        None => text.to_owned(),
    }
}

/// As [`fold`], but keeps the characters that `keep` says (of the folded text).
pub(crate) fn fold_keeping(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut folded = String::with_capacity(text.len().min(LONGEST_TEXT) + 1);
    let mut space = false;
    let mut push = |character: char| {
        if character.is_alphanumeric() || keep(character) {
            if space && !folded.is_empty() {
                folded.push(' ');
            }
            space = false;
            folded.push(character);
        } else if !matches!(
            character,
            '\'' | '\u{2019}' | '\u{b4}' | '`' | '\u{200b}' | '\u{feff}' | '\u{ad}'
        ) {
            space = true;
        }
    };
    // Cut first: the decomposition buffers a run of combining marks, however long.
    let (head, cut) = match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    };
    if head.is_ascii() {
        head.chars()
            .for_each(|character| push(character.to_ascii_lowercase()));
    } else {
        for character in head
            .nfkd()
            .filter(|character| !is_combining_mark(*character))
        {
            match character {
                'ø' | 'Ø' => push('o'),
                'æ' | 'Æ' => "ae".chars().for_each(&mut push),
                'œ' | 'Œ' => "oe".chars().for_each(&mut push),
                'ß' | 'ẞ' => "ss".chars().for_each(&mut push),
                'ł' | 'Ł' => push('l'),
                'đ' | 'Đ' | 'ð' | 'Ð' => push('d'),
                'þ' | 'Þ' => "th".chars().for_each(&mut push),
                'ı' => push('i'),
                other => other.to_lowercase().for_each(&mut push),
            }
        }
    }
    if cut {
        use std::fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = write!(folded, "~{:016x}", fingerprint(text.as_bytes()));
    }
    folded
}

/// FNV-1a: fixed for ever, so that what is stored can be compared later.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    fingerprint_from(0xcbf2_9ce4_8422_2325, bytes)
}

/// Goes on where another fingerprint ended.
pub(crate) fn fingerprint_from(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_to_what_people_would_type() {
        for (text, expected) in [
            ("  Åsa-Märta  ", "asa marta"),
            ("O'Brien", "obrien"),
            ("SØRENSEN", "sorensen"),
            ("Łukasz Żółć", "lukasz zolc"),
            ("Weiß", "weiss"),
            ("Þórður", "thordur"),
            ("ﬁlip", "filip"),
            ("Ｊａｎ", "jan"),
            ("Иванов", "иванов"),
            ("李 小龍", "李 小龍"),
            ("--", ""),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn long_texts_are_cut_but_stay_apart() {
        let (left, right) = ("x".repeat(10_000_000), "x".repeat(10_000_001));
        let (left, right) = (fold(&left), fold(&right));
        assert!(left.len() < 300);
        assert_ne!(left, right);
        let marks = format!("a{}", "\u{301}".repeat(5_000_000));
        assert!(fold(&marks).starts_with("a~"));
    }
}
