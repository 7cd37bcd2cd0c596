//! Dates as eight digits, also such as no calendar has.

/// Year, month and day as eight ASCII digits.
///
/// A slip of the keyboard makes days that no calendar has; they are kept, since seven right digits
/// still say a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DateDigits(pub(crate) [u8; 8]);

impl DateDigits {
    /// Reads year first (`2026-11-20`, `20261120`, with a time after it too) and year last
    /// (`20.11.2026`, `20/11/2026`, and `11/20/2026` where only that can be meant).
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 40 {
            return None;
        }
        let mut groups = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|group| !group.is_empty());
        let first = groups.next()?;
        if first.len() == 8 {
            let digits: [u8; 8] = first.as_bytes().try_into().ok()?;
            let year_first = plausible(&first[..4], &first[4..6], &first[6..]);
            let year_last = plausible(&first[4..], &first[2..4], &first[..2]);
            if year_last && !year_first {
                return Self::from_parts(&first[4..], &first[2..4], &first[..2]);
            }
            return Some(Self(digits));
        }
        let (second, third) = (groups.next()?, groups.next()?);
        if first.len() == 4 && second.len() <= 2 {
            return Self::from_parts(first, second, &third[..third.len().min(2)]);
        }
        if third.len() == 4 && first.len() <= 2 && second.len() <= 2 {
            let american = second.parse::<u8>().is_ok_and(|number| number > 12);
            return if american {
                Self::from_parts(third, first, second)
            } else {
                Self::from_parts(third, second, first)
            };
        }
        None
    }

    fn from_parts(year: &str, month: &str, day: &str) -> Option<Self> {
        let mut digits = [b'0'; 8];
        digits[..4].copy_from_slice(year.as_bytes().get(..4)?);
        for (part, end) in [(month, 6), (day, 8)] {
            digits[end - part.len()..end].copy_from_slice(part.as_bytes());
        }
        Some(Self(digits))
    }

    pub(crate) fn as_str(&self) -> &str {
        // Only digits are ever put in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Day and month the other way round.
    pub(crate) fn swapped(self) -> Self {
        let mut digits = self.0;
        digits[4..].rotate_left(2);
        Self(digits)
    }
}

fn plausible(year: &str, month: &str, day: &str) -> bool {
    let within = |text: &str, most: u8| text.parse().is_ok_and(|n: u8| (1..=most).contains(&n));
    matches!(&year[..2], "18" | "19" | "20" | "21") && within(month, 12) && within(day, 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_systems_write() {
        for (text, expected) in [
            ("2026-11-20", "20261120"),
            ("2026-11-20T10:11:12+01:00", "20261120"),
            ("20261120", "20261120"),
            ("20.11.2026", "20261120"),
            ("11/20/2026", "20261120"),
            ("1/2/2026", "20260201"),
            ("20112026", "20261120"),
            ("19951345", "19951345"),
        ] {
            assert_eq!(
                DateDigits::read(text)
                    .map(|date| date.as_str().to_owned())
                    .as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in ["", "1980", "in May", "123456789", "1-2-3"] {
            assert_eq!(DateDigits::read(text), None, "{text}");
        }
    }
}
