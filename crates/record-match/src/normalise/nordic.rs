//! Numbers of people and companies in the other Nordic countries, by their check digits.

/// A Finnish personal identity code (`131052-308T`) without the sign of its century, and the
/// century (Digital and Population Data Services Agency, "The personal identity code").
pub(crate) fn finnish_person(text: &str) -> Option<(String, u8)> {
    const CHECKS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.len() != 11 || !text.is_ascii() {
        return None;
    }
    let century = match bytes[6].to_ascii_uppercase() {
        b'+' => 18,
        b'-' | b'U'..=b'Y' => 19,
        b'A'..=b'F' => 20,
        _ => return None,
    };
    let number: u64 = format!("{}{}", &text[..6], &text[7..10]).parse().ok()?;
    let expected = CHECKS[usize::try_from(number % 31).ok()?];
    let within = |part: &str, most: u8| part.parse().is_ok_and(|n: u8| (1..=most).contains(&n));
    (bytes[10].to_ascii_uppercase() == expected
        && within(&text[..2], 31)
        && within(&text[2..4], 12))
    .then(|| {
        let rest = text[7..].to_ascii_lowercase();
        // Ten digits would be a Swedish number.
        (format!("fi{}{rest}", &text[..6]), century)
    })
}

/// Whether eleven digits are a Norwegian birth number, D number or synthetic number
/// (Skatteetaten, "National identity number": both check digits modulo 11).
pub(crate) fn is_norwegian_person(digits: &str) -> bool {
    let Some(numbers) = numbers(digits, 11) else {
        return false;
    };
    let day = 10 * numbers[0] + numbers[1];
    let month = 10 * numbers[2] + numbers[3];
    matches!(day, 1..=31 | 41..=71)
        && matches!(month % 40, 1..=12)
        && weighted(&numbers, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0]).is_multiple_of(11)
        && weighted(&numbers, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// The digits of a Norwegian, Danish or Finnish organisation number, bare or as a VAT number.
///
/// All have one check digit modulo 11 (Brønnøysundregistrene, Erhvervsstyrelsen, and the Finnish
/// Patent and Registration Office).
pub(crate) fn organisation(folded: &str) -> Option<&str> {
    let bare = ["no", "dk", "fi"]
        .into_iter()
        .find_map(|country| folded.strip_prefix(country))
        .unwrap_or(folded);
    let bare = bare.strip_suffix("mva").unwrap_or(bare);
    let right = match bare.len() {
        9 => weighted(&numbers(bare, 9)?, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
        8 => {
            let numbers = numbers(bare, 8)?;
            weighted(&numbers, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
                || weighted(&numbers, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
        }
        _ => false,
    };
    right.then_some(bare)
}

fn numbers(digits: &str, length: usize) -> Option<Vec<u32>> {
    let numbers: Vec<u32> = digits.chars().map_while(|c| c.to_digit(10)).collect();
    (digits.len() == length && numbers.len() == length).then_some(numbers)
}

fn weighted(numbers: &[u32], weights: &[u32]) -> u32 {
    numbers.iter().zip(weights).map(|(n, w)| n * w).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finnish_code_has_its_check_character() {
        // The agency's own example.
        for text in ["131052-308T", " 131052-308t "] {
            assert_eq!(finnish_person(text), Some(("fi131052308t".into(), 19)));
        }
        assert_eq!(finnish_person("131052A308T").map(|found| found.1), Some(20));
        for text in ["131052-308U", "131052-318T", "191212121212", "å31052-308T"] {
            assert_eq!(finnish_person(text), None, "{text}");
        }
    }

    #[test]
    fn a_norwegian_number_has_two_check_digits() {
        // Synthetic: 80 is added to the month, so that it is nobody's.
        let valid: Vec<String> = (0..100)
            .map(|checks| format!("019280500{checks:02}"))
            .filter(|digits| is_norwegian_person(digits))
            .collect();
        assert_eq!(valid.len(), 1, "{valid:?}");
        assert!(!is_norwegian_person("00000000000"));
        assert!(!is_norwegian_person("0192805001"));
    }
}
