//! A calendar date, small enough to be everywhere and independent of any date library.

use core::fmt;
use core::str::FromStr;

use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::text::{Input, glyph};

/// A day of the Gregorian calendar.
///
/// The crate's own type, so that everything works without the feature `chrono` too. With that
/// feature (it is on by default) a `chrono::NaiveDate` can be given wherever a date is asked for
/// (`impl Into<Date>`), [`From`] goes both ways without loss, and the two compare.
///
/// ```
/// use swedish_ids::{Date, Weekday};
///
/// let date: Date = "2026-06-06".parse()?;
/// assert_eq!(date, Date::new(2026, 6, 6).unwrap());
/// assert_eq!(date.weekday(), Weekday::Saturday);
/// assert_eq!(date.to_string(), "2026-06-06");
/// # #[cfg(feature = "chrono")]
/// assert_eq!(date, chrono::NaiveDate::from_ymd_opt(2026, 6, 6).unwrap());
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    // In this order, so that the derived order is that of time.
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The first day, 1 January of the year -262143: the first that chrono knows.
    pub const MIN: Self = Self {
        year: -262_143,
        month: 1,
        day: 1,
    };
    /// The last day, 31 December 262142: the last that chrono knows.
    pub const MAX: Self = Self {
        year: 262_142,
        month: 12,
        day: 31,
    };

    /// The date, or `None` if there is no such day (or the year is out of all reason, see
    /// [`Self::MIN`]). Months and days count from 1.
    pub const fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        if year < Self::MIN.year
            || year > Self::MAX.year
            || day == 0
            || day > days_in_month(year, month)
        {
            return None;
        }
        Some(Self { year, month, day })
    }

    /// The year.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The day of the week.
    pub const fn weekday(self) -> Weekday {
        // Day 0 (1 January 1970) was a Thursday.
        match (self.day_number() + 3).rem_euclid(7) {
            0 => Weekday::Monday,
            1 => Weekday::Tuesday,
            2 => Weekday::Wednesday,
            3 => Weekday::Thursday,
            4 => Weekday::Friday,
            5 => Weekday::Saturday,
            _ => Weekday::Sunday,
        }
    }

    /// The date so many days later (or earlier, if negative), or `None` beyond [`Self::MIN`] and
    /// [`Self::MAX`].
    pub const fn plus_days(self, days: i32) -> Option<Self> {
        Self::from_day_number(self.day_number() + days as i64)
    }

    /// Days since 1 January 1970. The year is taken to begin in March, so that the leap day is its
    /// last (Hinnant, "chrono-compatible low-level date algorithms").
    const fn day_number(self) -> i64 {
        let january_or_february = self.month <= 2;
        let year = self.year as i64 - january_or_february as i64;
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let months_since_march = (self.month as i64 + 9) % 12;
        let day_of_year = (153 * months_since_march + 2) / 5 + self.day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    const fn from_day_number(day_number: i64) -> Option<Self> {
        if day_number < Self::MIN.day_number() || day_number > Self::MAX.day_number() {
            return None;
        }
        let shifted = day_number + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let months_since_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * months_since_march + 2) / 5 + 1;
        let month = (months_since_march + 2) % 12 + 1;
        let year = era * 400 + year_of_era + (month <= 2) as i64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked first: the year fits, the month is 1 to 12, the day 1 to 31"
        )]
        Some(Self {
            year: year as i32,
            month: month as u8,
            day: day as u8,
        })
    }
}

/// 0 for a month that does not exist.
const fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// `YYYY-MM-DD`
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (0..=9999).contains(&self.year) {
            write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
        } else {
            // ISO 8601 asks for a sign on years that are not four digits long.
            write!(f, "{:+05}-{:02}-{:02}", self.year, self.month, self.day)
        }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `YYYY-MM-DD`, with surrounding white space dropped; a year before 0 or after 9999 with a sign,
/// as `Display` writes it.
impl FromStr for Date {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::Date, text);
        let bytes = input.text().as_bytes();
        if bytes.is_empty() {
            return Err(input.error(ParseErrorKind::Empty));
        }
        let sign = usize::from(matches!(bytes[0], b'+' | b'-'));
        // The last six characters are "-MM-DD"; what stands before them is the year.
        let year_end = bytes.len().saturating_sub(6).max(sign);
        // Of what does not belong at all first: beyond it, bytes are characters.
        let misfit = input
            .text()
            .char_indices()
            .skip(sign)
            .find(|(_, character)| !character.is_ascii_digit() && *character != '-');
        if let Some((at, character)) = misfit {
            return Err(input.unusable(glyph(character), at));
        }
        let mut numbers = [0_i32; 3];
        let mut part = 0_usize;
        let mut digits = 0_usize;
        for (at, byte) in bytes.iter().enumerate().skip(sign) {
            if byte.is_ascii_digit() {
                numbers[part] = numbers[part]
                    .saturating_mul(10)
                    .saturating_add(i32::from(byte - b'0'));
                digits += 1;
            } else if at == year_end || at == year_end + 3 {
                part = (part + 1).min(2);
            } else {
                return Err(input.error_at(ParseErrorKind::Separator, at));
            }
        }
        let year_digits = year_end - sign;
        let four = year_digits == 4 && sign == 0;
        let signed = sign == 1 && (4..=6).contains(&year_digits);
        if part != 2 || digits != year_digits + 4 || !(four || signed) {
            return Err(input.error(ParseErrorKind::Length {
                found: digits,
                expected: "eight as YYYY-MM-DD",
            }));
        }
        let year = if bytes[0] == b'-' {
            -numbers[0]
        } else {
            numbers[0]
        };
        let month = u8::try_from(numbers[1]).unwrap_or(0);
        let day = u8::try_from(numbers[2]).unwrap_or(0);
        Self::new(year, month, day).ok_or_else(|| input.error_at(ParseErrorKind::NoSuchDate, sign))
    }
}

#[cfg(feature = "chrono")]
mod chrono_conversions {
    use chrono::{Datelike, NaiveDate};

    use super::Date;

    impl From<NaiveDate> for Date {
        fn from(date: NaiveDate) -> Self {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "chrono's month is 1 to 12 and its day 1 to 31"
            )]
            Self {
                year: date.year(),
                month: date.month() as u8,
                day: date.day() as u8,
            }
        }
    }

    impl From<Date> for NaiveDate {
        fn from(date: Date) -> Self {
            // Never the default: `Date` has exactly the days that chrono has.
            Self::from_ymd_opt(date.year, u32::from(date.month), u32::from(date.day))
                .unwrap_or_default()
        }
    }

    impl PartialEq<NaiveDate> for Date {
        fn eq(&self, other: &NaiveDate) -> bool {
            *self == Self::from(*other)
        }
    }

    impl PartialEq<Date> for NaiveDate {
        fn eq(&self, other: &Date) -> bool {
            *other == *self
        }
    }

    impl PartialOrd<NaiveDate> for Date {
        fn partial_cmp(&self, other: &NaiveDate) -> Option<core::cmp::Ordering> {
            self.partial_cmp(&Self::from(*other))
        }
    }

    impl PartialOrd<Date> for NaiveDate {
        fn partial_cmp(&self, other: &Date) -> Option<core::cmp::Ordering> {
            Date::from(*self).partial_cmp(other)
        }
    }
}
