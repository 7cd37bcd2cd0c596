//! Whether a value is another one in a system's own way of writing it.

use flat_record::{Equivalence, Value, WhiteSpace};

/// What a record shows in a field that was written when nobody knows what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// What was written, as it was written or in the system's own way.
    Ours,
    /// What was there before.
    Before,
    /// Something else: somebody changed it since.
    Others,
}

/// Tells what a record shows in a field into which `to` was written over `was`.
///
/// Where it is neither, there are two explanations: the system writes values in its own way, or
/// somebody edited the field. It is taken for ours only if it differs from it in nothing but how
/// it is written, so that an edit that says something else is never taken for ours, nor is what
/// was there before.
pub(super) fn shown(was: &Value, to: &Value, now: &Value, equivalence: &Equivalence) -> Shown {
    if equivalence.equal(to, now) {
        Shown::Ours
    } else if equivalence.equal(was, now) {
        Shown::Before
    } else if is_same_content(to, now) {
        Shown::Ours
    } else {
        Shown::Others
    }
}

/// Whether two values differ in nothing but how they are written: in case, white space and the
/// separators of numbers, or in decimal places that `now` does not have.
fn is_same_content(to: &Value, now: &Value) -> bool {
    match (to, now) {
        (Value::Text(to), Value::Text(now)) => {
            let (to, now) = (content(to), content(now));
            to == now && !to.is_empty()
        }
        (Value::Decimal(_), Value::Decimal(shown)) => {
            let places = shown.normalize().scale();
            Equivalence::EXACT.decimal_places(places).equal(to, now)
        }
        (Value::List(to), Value::List(now)) => {
            let mut pairs = to.iter().zip(now);
            to.len() == now.len() && pairs.all(|(to, now)| is_same_element(to, now))
        }
        (Value::Set(to), Value::Set(now)) => {
            let mut wanted = to.iter();
            to.len() == now.len()
                && wanted.all(|to| now.iter().any(|now| is_same_element(to, now)))
                && now
                    .iter()
                    .all(|now| to.iter().any(|to| is_same_element(to, now)))
        }
        _ => false,
    }
}

fn is_same_element(to: &Value, now: &Value) -> bool {
    to == now || is_same_content(to, now)
}

/// A text without its case, its white space, and what separates groups of digits or letters.
fn content(text: &str) -> String {
    let folded = Equivalence::EXACT
        .fold_case()
        .composed()
        .white_space(WhiteSpace::Trim);
    let folded = folded.canonical_text(text);
    let mut content = String::with_capacity(folded.len());
    for letter in folded.chars() {
        // At the beginning, a hyphen is a sign.
        let is_separator = matches!(letter, '-' | '/' | '(' | ')') && !content.is_empty();
        if !letter.is_whitespace() && !is_separator {
            content.push(letter);
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(was: &str, to: &str, now: &str) -> Shown {
        shown(&was.into(), &to.into(), &now.into(), &Equivalence::EXACT)
    }

    #[test]
    fn a_systems_own_way_of_writing_is_ours_and_an_edit_is_not() {
        for (to, now) in [
            ("Luleå ", "LULEÅ"),
            ("070-123 45 67", "0701234567"),
            ("Anna  Maria", "Anna Maria"),
            ("ANNA", "anna"),
        ] {
            assert_eq!(of("Kiruna", to, now), Shown::Ours, "{to} {now}");
        }
        for (to, now) in [
            ("Luleå", "Umeå"),
            ("Luleå", ""),
            ("", "Luleå"),
            ("-5", "5"),
            ("1.5", "15"),
            ("Anna Maria", "Anna"),
        ] {
            assert_eq!(of("Kiruna", to, now), Shown::Others, "{to} {now}");
        }
        assert_eq!(of("LULEÅ", "luleå", "LULEÅ"), Shown::Before);
    }

    #[test]
    fn a_rounded_number_is_ours() {
        let number = |text: &str| Value::Decimal(text.parse().unwrap());
        let of = |to, now| shown(&number("7"), &number(to), &number(now), &Equivalence::EXACT);
        assert_eq!(of("1.256", "1.26"), Shown::Ours);
        assert_eq!(of("1.256", "1.3"), Shown::Ours);
        assert_eq!(of("1.256", "1.25"), Shown::Others);
        assert_eq!(of("1.2", "1.21"), Shown::Others);
    }
}
