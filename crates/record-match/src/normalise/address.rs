//! Street addresses: the words apart from the numbers.

use super::{form::Phrase, text::fold};

pub(crate) struct Address {
    pub(crate) street: Phrase,
    /// House number, entrance, flat: what follows the street, joined.
    pub(crate) numbers: String,
}

/// Endings and words that are abbreviated as people like, with what they become.
const WORDS: [(&str, &str); 22] = [
    ("alle", "al"),
    ("allee", "al"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("boulevard", "blvd"),
    ("circuit", "cct"),
    ("close", "cl"),
    ("court", "ct"),
    ("crescent", "cres"),
    ("drive", "dr"),
    ("gate", "g"),
    ("gatan", "g"),
    ("lane", "ln"),
    ("place", "pl"),
    ("plass", "pl"),
    ("road", "rd"),
    ("saint", "st"),
    ("square", "sq"),
    ("street", "st"),
    ("terrace", "tce"),
    ("vagen", "v"),
    ("veien", "v"),
];
const ENDINGS: [(&str, &str); 12] = [
    ("gatan", "g"),
    ("vagen", "v"),
    ("grand", "gr"),
    ("stigen", "st"),
    ("torget", "t"),
    ("gaten", "g"),
    ("veien", "v"),
    ("vej", "v"),
    ("gade", "g"),
    ("strasse", "str"),
    ("gata", "g"),
    ("vag", "v"),
];

pub(crate) fn read(text: &str) -> Option<Address> {
    let folded = fold(text);
    let (mut street, mut numbers) = (String::new(), String::new());
    for word in folded.split(' ') {
        if word.starts_with(|c: char| c.is_ascii_digit())
            || (!numbers.is_empty() && word.len() == 1)
        {
            numbers.push_str(word);
        } else if !matches!(word, "lgh" | "no" | "nr" | "apt" | "") {
            if !street.is_empty() {
                street.push(' ');
            }
            street.push_str(&shorten(word));
        }
    }
    if street.is_empty() && numbers.is_empty() {
        return None;
    }
    Some(Address {
        street: Phrase::new(&street),
        numbers,
    })
}

fn shorten(word: &str) -> String {
    if let Some((_, short)) = WORDS.iter().find(|(long, _)| *long == word) {
        return (*short).to_owned();
    }
    for (long, short) in ENDINGS {
        if let Some(stem) = word.strip_suffix(long).filter(|stem| stem.len() >= 2) {
            return format!("{stem}{short}");
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_and_flats_do_not_hide_a_street() {
        for (left, right) in [
            ("Storgatan 5 B", "Storg. 5B"),
            ("12 Light Street", "12 light st"),
            ("Nygatan 3 lgh 1101", "nyg 3 1101"),
        ] {
            let (left, right) = (read(left).unwrap(), read(right).unwrap());
            assert_eq!(
                (left.street.joined, left.numbers),
                (right.street.joined, right.numbers)
            );
        }
    }
}
