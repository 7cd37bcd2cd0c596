//! The two check sums: modulus 10 (Luhn, "10-modulen") and modulus 11.
//!
//! Both take ASCII digits with the check digit last.

/// Whether the last digit is the Luhn check digit of those before it: from the right, every second
/// digit is doubled, the digits of the products are added, and the sum is a multiple of ten.
#[inline]
pub(crate) fn is_valid(digits: &[u8]) -> bool {
    sum(digits.iter().rev(), false).is_multiple_of(10)
}

/// The digit (ASCII) that makes `digits` valid when it is put after them.
pub(crate) fn check_digit(digits: &[u8]) -> u8 {
    let rest = sum(digits.iter().rev(), true) % 10;
    u8::try_from((10 - rest) % 10).map_or(b'0', |digit| b'0' + digit)
}

/// The Luhn sum from the right; the first digit is doubled or not.
#[inline]
fn sum<'a>(from_right: impl Iterator<Item = &'a u8>, mut double: bool) -> u32 {
    let mut total = 0;
    for ascii in from_right {
        let digit = u32::from(ascii & 0x0F);
        let doubled = if digit > 4 { 2 * digit - 9 } else { 2 * digit };
        total += if double { doubled } else { digit };
        double = !double;
    }
    total
}

/// Whether the sum of the digits, weighted 1, 2, …, 10, 1, … from the right, is a multiple of 11.
pub(crate) fn is_valid_modulus_11<'a>(digits: impl DoubleEndedIterator<Item = &'a u8>) -> bool {
    let total: u32 = digits
        .rev()
        .zip((1..=10).cycle())
        .map(|(ascii, weight)| u32::from(ascii.wrapping_sub(b'0')) * weight)
        .sum();
    total.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::{check_digit, is_valid, is_valid_modulus_11};

    #[test]
    fn modulus_10_of_published_numbers() {
        // Modulus 10 samples of Bankinfrastruktur/BankData, NET/Bankinfrastruktur.Tests.
        for number in ["83279", "123456782", "3316812057492"] {
            assert!(is_valid(number.as_bytes()), "{number}");
            let (body, last) = number.as_bytes().split_at(number.len() - 1);
            assert_eq!(check_digit(body), last[0], "{number}");
        }
        assert!(!is_valid(b"83270"));
    }

    #[test]
    fn modulus_11_of_published_numbers() {
        // From the same file: the first character is not part of the sum there.
        for number in [
            "1041234562",
            "1021234567",
            "2763608957",
            "12763608956",
            "912763608909",
        ] {
            assert!(is_valid_modulus_11(number.as_bytes().iter()), "{number}");
        }
        assert!(!is_valid_modulus_11(b"1041234563".iter()));
    }

    #[test]
    fn a_long_sum_does_not_overflow() {
        assert!(is_valid(&[b'9'; 1000]));
        assert!(!is_valid(&[b'9'; 1001]));
    }
}
