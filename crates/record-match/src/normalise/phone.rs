//! Telephone numbers without what depends on who writes them.

/// The country whose national numbers are written with a leading zero and no code: Sweden.
const HOME: &str = "46";

/// The digits that identify a subscriber: national ones without the trunk zero, foreign ones with
/// their country code. Only the first number counts where several are written.
pub(crate) fn read(text: &str) -> Option<String> {
    let head = text.split([',', ';', '/']).next().unwrap_or(text).trim();
    let international = head.starts_with('+') || head.starts_with("00");
    let digits: String = head.chars().filter(char::is_ascii_digit).take(40).collect();
    let mut number = digits.as_str();
    if international {
        number = number.trim_start_matches('0');
        if let Some(national) = number.strip_prefix(HOME) {
            number = national;
        }
    }
    let number = number.trim_start_matches('0');
    (number.len() >= 5).then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in [
            "070-174 06 05",
            "+46 70 174 06 05",
            "+46 (0)70-1740605",
            "0046701740605",
        ] {
            assert_eq!(read(text).as_deref(), Some("701740605"), "{text}");
        }
        assert_eq!(read("+47 22 12 34 56").as_deref(), Some("4722123456"));
        assert_eq!(read("112"), None);
        assert_eq!(
            read("070-174 06 05 / 08-465 004 00").as_deref(),
            Some("701740605")
        );
    }
}
