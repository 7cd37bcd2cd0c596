//! The few functions of `XPath` 2.0 that the Swedish rules are written with. The verdict of a rule
//! depends on their corners: what counts as a number, which blanks are taken away.

use rust_decimal::Decimal;

/// The white space of XML. Others, such as a no-break space, are characters like any.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// `normalize-space`: trimmed, and inner white space as one blank.
pub(super) fn normalize_space(text: &str) -> String {
    text.split(BLANKS)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `string-length(normalize-space(.))`.
pub(super) fn normalized_length(text: &str) -> usize {
    normalize_space(text).chars().count()
}

/// Whether `number(.)` gives a number: blanks around it, a sign, a decimal point and an exponent
/// are allowed, a hyphen or a blank inside is not. Infinity is a number.
pub(super) fn is_number(text: &str) -> bool {
    let text = text.trim_matches(BLANKS);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "INF" {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_is_one = digits(whole) && digits(part) && !(whole.is_empty() && part.is_empty());
    let exponent_is_one = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    mantissa_is_one && exponent_is_one
}

/// `number(.)`; `None` for what is no number, or one too large or too fine to be a VAT rate.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let text = text.trim_matches(BLANKS);
    if !is_number(text) {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(text).ok())
}

/// Whether an organisation number passes as the rules test it: digits only, at least ten of them,
/// the tenth being the Luhn digit of the nine before. Digits after the tenth are not looked at;
/// another rule is about the length.
pub(super) fn is_organisation_number(text: &str) -> bool {
    let text = normalize_space(text);
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let Some(ten) = text.as_bytes().first_chunk::<10>() else {
        return false;
    };
    // The weights are 2 and 1 in turn from the first digit on, and so 1 on the tenth.
    let mut sum = 0;
    for (place, byte) in ten.iter().enumerate() {
        let digit = u32::from(byte - b'0');
        let weighted = if place % 2 == 0 { digit * 2 } else { digit };
        sum += weighted / 10 + weighted % 10;
    }
    sum % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_number() {
        for text in [
            "1", " 12\n", "+1", "-1.5", ".5", "5.", "1E2", "1e-2", "INF", "-INF",
        ] {
            assert!(is_number(text), "{text:?}");
        }
        for text in [
            "", " ", ".", "-", "1-2", "1 2", "1,5", "E2", "1E", "NaN", "inf", "0x1", "\u{a0}1",
        ] {
            assert!(!is_number(text), "{text:?}");
        }
        assert_eq!(number(" 25.00 "), Some(Decimal::from(25)));
        assert_eq!(number("2.5E1"), Some(Decimal::from(25)));
        assert_eq!(number("+6"), Some(Decimal::from(6)));
        assert_eq!(number("6 %"), None);
    }

    #[test]
    fn white_space_is_that_of_xml() {
        assert_eq!(normalize_space(" a \t\n b "), "a b");
        assert_eq!(normalized_length(" åäö "), 3);
        assert_eq!(normalized_length("\u{a0}"), 1);
    }

    #[test]
    fn the_check_digit_of_an_organisation_number() {
        // The published number of a Swedish authority.
        assert!(is_organisation_number("2021005489"));
        assert!(is_organisation_number(" 2021005489 "));
        assert!(
            is_organisation_number("20210054891"),
            "only ten are looked at"
        );
        for text in ["2021005488", "202100548", "202100-5489", "", "SE2021005489"] {
            assert!(!is_organisation_number(text), "{text:?}");
        }
    }
}
