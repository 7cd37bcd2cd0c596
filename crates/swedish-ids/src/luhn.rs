//! The two check sums: modulus 10 (Luhn, "10-modulen") and modulus 11.
//!
//! Both take ASCII digits with the check digit last.

/// Whether the last digit is the Luhn check digit of those before it: from the right, every second
/// digit is doubled, the digits of the products are added, and the sum is a multiple of ten.
pub(crate) fn is_valid(digits: &[u8]) -> bool {
    sum(digits, 0).is_multiple_of(10)
}

/// The digit (ASCII) that makes `digits` valid when it is put after them.
pub(crate) fn check_digit(digits: &[u8]) -> u8 {
    b'0' + (10 - sum(digits, 1) % 10) % 10
}

/// The Luhn sum; `places` is how many places to the left of the end the digits stand.
fn sum(digits: &[u8], places: usize) -> u8 {
    /// The digit sum of twice the digit.
    const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let mut total = 0_u8;
    for (place, ascii) in digits.iter().rev().enumerate() {
        let digit = ascii.wrapping_sub(b'0') % 10;
        let weighted = if (place + places) % 2 == 1 {
            DOUBLED[usize::from(digit)]
        } else {
            digit
        };
        // Only the last digit of the sum counts, so that no length can overflow it.
        total = (total + weighted) % 10;
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
        // Modulus 10 samples of REPO Bankinfrastruktur/BankData, NET/Bankinfrastruktur.Tests.
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
            "12763608909",
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
