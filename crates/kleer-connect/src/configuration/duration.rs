//! Times as people write them: `15m`.

use std::time::Duration;

const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// A number and a unit (`ms`, `s`, `m`, `h`, `d`), or several of them: `1h30m`.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let letters = after.len()
            - after
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        let (unit, after) = after.split_at(letters);
        let number: u64 = number.parse().ok()?;
        let (_, factor) = UNITS.iter().find(|(known, _)| *known == unit)?;
        total = total.checked_add(number.checked_mul(*factor)?)?;
        rest = after.trim_start();
    }
    Some(Duration::from_millis(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them() {
        for (text, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("1h30m", 5_400),
            ("1h 30m", 5_400),
            (" 2d ", 172_800),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
        for text in [
            "",
            " ",
            "15",
            "m",
            "15 m x",
            "-1m",
            "1.5h",
            "1y",
            "99999999999999999999s",
            "9999999999999999d",
            "１m",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
