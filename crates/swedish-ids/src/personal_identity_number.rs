//! Personnummer, samordningsnummer and interim numbers.
//!
//! Sources: the specification and test data of the personnummer project (personnummer/meta);
//! Skatteverket, rättslig vägledning 2016.5 "Samordningsnummer" (the example 701063-2391);
//! RUSTSEC-2020-0166 (serial number 000); SPAR's advice to use twelve digits everywhere.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::date::Date;
use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::luhn;
use crate::text::{Glyph, Input, as_str, glyph};

/// The letters that stand in the place of the first serial digit of an interim number
/// (personnummer/meta `testdata/interim.json`).
const INTERIM_LETTERS: &[u8] = b"TRSUWXJKLMNP";

/// The years of birth that can be read. Numbers are given out since 1947, so that nobody who has
/// one was born before 1800; after 2199 a later version of this crate will be needed.
const YEARS: core::ops::RangeInclusive<i32> = 1800..=2199;

/// A Swedish personal identity number (personnummer) or coordination number (samordningsnummer).
///
/// Always a checked number of a birth date that exists. Two numbers are equal if they are the same
/// person's, in whichever form they were written; the order is that of the birth dates.
///
/// # Written forms
/// `YYYYMMDD-NNNC`, `YYYYMMDDNNNC` (twelve digits) and `YYMMDD-NNNC`, `YYMMDD+NNNC`, `YYMMDDNNNC`
/// (ten digits). Ten digits do not say the century, so they need to know what day it is:
/// [`parse_at`](Self::parse_at). [`FromStr`] has no clock and takes twelve digits only.
///
/// - With `-` or without a separator the year is the latest with these two digits that is not
///   after this year. With `+` it is the latest that is a hundred or more before this year: the
///   separator becomes `+` in the year in which a person turns 100.
/// - In front of twelve digits the separator says nothing that the digits do not say, and either
///   one is taken.
/// - Which hyphens are read, and that surrounding white space is dropped, is said in the
///   [crate documentation](crate#what-is-read). A space in the place of the hyphen is refused, as
///   the test data of the personnummer project asks.
/// - A coordination number has 60 added to the day. An interim number has a letter in the place of
///   the first serial digit; it is read only if [`ParseOptions::interim_numbers`] is on.
///
/// # Secrecy
/// `Debug` shows no digit. `Display` shows the whole number, as `YYYYMMDD-NNNC`: the form with
/// which nothing is lost, and the one that Kleer stores.
///
/// ```
/// use swedish_ids::{Date, LegalGender, NumberFormat, ParseErrorKind, PersonalIdentityNumber};
///
/// let today = Date::new(2026, 11, 20).unwrap();
/// // Skatteverket's own example of a coordination number, born on 3 October 1970.
/// let number = PersonalIdentityNumber::parse_at("701063-2391", today)?;
/// assert!(number.is_coordination_number());
/// assert_eq!(number.birth_date(), Date::new(1970, 10, 3).unwrap());
/// assert_eq!(number.legal_gender(), Some(LegalGender::Male));
/// assert_eq!(number, "197010632391".parse()?);
/// assert_eq!(number.to_string(), "19701063-2391");
/// assert_eq!(number.format(NumberFormat::TenDigitsSeparated { today }), "701063-2391");
/// assert_eq!(format!("{number:?}"), "PersonalIdentityNumber(redacted)");
///
/// // Ten digits need today's date.
/// let error = "701063-2391".parse::<PersonalIdentityNumber>().unwrap_err();
/// assert_eq!(error.kind(), ParseErrorKind::CenturyNeedsToday);
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonalIdentityNumber {
    /// `YYYYMMDDNNNC` in ASCII; the day with 60 added in a coordination number, the first `N` a
    /// letter in an interim number.
    ascii: [u8; 12],
}

/// What to accept when a personal identity number is read.
///
/// ```
/// use swedish_ids::{ParseOptions, PersonalIdentityNumber};
///
/// let options = ParseOptions::new().interim_numbers(true);
/// assert!(PersonalIdentityNumber::parse_with("20000101-T220", options).is_ok());
/// assert!(PersonalIdentityNumber::parse_with("20000101-T220", ParseOptions::new()).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseOptions {
    today: Option<Date>,
    coordination_numbers: bool,
    interim_numbers: bool,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ParseOptions {
    /// Coordination numbers are accepted, interim numbers are not, and today is not known.
    pub const fn new() -> Self {
        Self {
            today: None,
            coordination_numbers: true,
            interim_numbers: false,
        }
    }

    /// The date of today: needed for ten digits, and to refuse birth dates in the future.
    #[must_use]
    pub fn today(self, today: impl Into<Date>) -> Self {
        Self {
            today: Some(today.into()),
            ..self
        }
    }

    /// Whether coordination numbers (samordningsnummer) are accepted. They are by default.
    #[must_use]
    pub const fn coordination_numbers(self, accepted: bool) -> Self {
        Self {
            coordination_numbers: accepted,
            ..self
        }
    }

    /// Whether interim numbers are accepted: temporary numbers with a letter that some registers
    /// (schools, care) give out themselves. They are not by default.
    #[must_use]
    pub const fn interim_numbers(self, accepted: bool) -> Self {
        Self {
            interim_numbers: accepted,
            ..self
        }
    }
}

/// How to write a personal identity number; see [`PersonalIdentityNumber::format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberFormat {
    /// `YYYYMMDDNNNC`
    TwelveDigits,
    /// `YYYYMMDD-NNNC`; what `Display` writes.
    TwelveDigitsSeparated,
    /// `YYMMDDNNNC`, which does not say the century.
    TenDigits,
    /// `YYMMDD-NNNC`, or `YYMMDD+NNNC` from the year in which the person turns 100.
    TenDigitsSeparated {
        /// The date on which the text is written.
        today: Date,
    },
}

/// The legal gender that a number was given out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LegalGender {
    /// The last serial digit is even.
    Female,
    /// The last serial digit is odd.
    Male,
}

/// The kinds of number that [`PersonalIdentityNumber`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PersonalNumberKind {
    /// Personnummer: for those who are or were in the population register.
    PersonalIdentityNumber,
    /// Samordningsnummer: for those who are not.
    CoordinationNumber,
    /// A temporary number with a letter.
    InterimNumber,
}

impl PersonalIdentityNumber {
    /// Reads a number in any form. `today` decides the century of ten digits, and birth dates
    /// after it are refused.
    ///
    /// # Errors
    /// A [`ParseError`] that says what is wrong and where; see [`ParseErrorKind`].
    pub fn parse_at(text: &str, today: impl Into<Date>) -> Result<Self, ParseError> {
        parse(text, ParseOptions::new().today(today))
    }

    /// Reads a number as the options say.
    ///
    /// # Errors
    /// A [`ParseError`] that says what is wrong and where; see [`ParseErrorKind`].
    pub fn parse_with(text: &str, options: ParseOptions) -> Result<Self, ParseError> {
        parse(text, options)
    }

    /// The birth date. Of a coordination number this is what was stated when it was given out, and
    /// may be approximate.
    pub fn birth_date(&self) -> Date {
        let year = i32::from(pair(&self.ascii, 0)) * 100 + i32::from(pair(&self.ascii, 2));
        let day = pair(&self.ascii, 6);
        let day = if day > 60 { day - 60 } else { day };
        // Never the fallback: the date was checked when the number was read.
        Date::new(year, pair(&self.ascii, 4), day).unwrap_or(Date::MIN)
    }

    /// The legal gender, from the ninth of the ten digits: odd is male, even is female. An interim
    /// number does not say.
    pub fn legal_gender(&self) -> Option<LegalGender> {
        match self.kind() {
            PersonalNumberKind::InterimNumber => None,
            _ if self.ascii[10] % 2 == 1 => Some(LegalGender::Male),
            _ => Some(LegalGender::Female),
        }
    }

    /// Personnummer, samordningsnummer or interim number.
    pub fn kind(&self) -> PersonalNumberKind {
        if self.ascii[8].is_ascii_uppercase() {
            PersonalNumberKind::InterimNumber
        } else if pair(&self.ascii, 6) > 60 {
            PersonalNumberKind::CoordinationNumber
        } else {
            PersonalNumberKind::PersonalIdentityNumber
        }
    }

    /// Whether this is a samordningsnummer.
    pub fn is_coordination_number(&self) -> bool {
        self.kind() == PersonalNumberKind::CoordinationNumber
    }

    /// `YYYYMMDDNNNC`, without an allocation.
    pub fn twelve_digits(&self) -> &str {
        as_str(&self.ascii)
    }

    /// `YYMMDDNNNC`, without an allocation. It does not say the century.
    pub fn ten_digits(&self) -> &str {
        as_str(&self.ascii[2..])
    }

    /// The number in one of its written forms.
    ///
    /// ```
    /// use swedish_ids::{Date, NumberFormat, PersonalIdentityNumber};
    ///
    /// let today = Date::new(2026, 11, 20).unwrap();
    /// let number: PersonalIdentityNumber = "191212121212".parse()?;
    /// assert_eq!(number.format(NumberFormat::TwelveDigits), "191212121212");
    /// assert_eq!(number.format(NumberFormat::TwelveDigitsSeparated), "19121212-1212");
    /// assert_eq!(number.format(NumberFormat::TenDigits), "1212121212");
    /// assert_eq!(number.format(NumberFormat::TenDigitsSeparated { today }), "121212+1212");
    /// # Ok::<(), swedish_ids::ParseError>(())
    /// ```
    pub fn format(&self, format: NumberFormat) -> String {
        let (start, separator) = match format {
            NumberFormat::TwelveDigits => (0, None),
            NumberFormat::TwelveDigitsSeparated => (0, Some('-')),
            NumberFormat::TenDigits => (2, None),
            NumberFormat::TenDigitsSeparated { today } => {
                let turns = today.year().saturating_sub(self.birth_date().year());
                (2, Some(if turns >= 100 { '+' } else { '-' }))
            }
        };
        let mut text = String::with_capacity(13);
        text.push_str(as_str(&self.ascii[start..8]));
        text.extend(separator);
        text.push_str(as_str(&self.ascii[8..]));
        text
    }
}

/// `YYYYMMDD-NNNC`: the whole number, in clear.
impl fmt::Display for PersonalIdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, serial) = self.ascii.split_at(8);
        write!(f, "{}-{}", as_str(date), as_str(serial))
    }
}

impl fmt::Debug for PersonalIdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalIdentityNumber(redacted)")
    }
}

/// Twelve digits; ten are refused with [`ParseErrorKind::CenturyNeedsToday`]. Birth dates in the
/// future cannot be seen without a date of today either. Interim numbers are refused.
impl FromStr for PersonalIdentityNumber {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text, ParseOptions::new())
    }
}

/// The number that two ASCII digits write. All that is stored are digits, so nothing wraps.
pub(crate) fn pair(ascii: &[u8], at: usize) -> u8 {
    ascii[at]
        .wrapping_sub(b'0')
        .wrapping_mul(10)
        .wrapping_add(ascii[at + 1].wrapping_sub(b'0'))
}

/// What the text is made of, before its meaning is looked at.
struct Characters {
    ascii: [u8; 12],
    /// 10 or 12.
    len: usize,
    /// `+` before the last four.
    plus: bool,
    /// A letter in the place of the first serial digit.
    letter: bool,
}

fn parse(text: &str, options: ParseOptions) -> Result<PersonalIdentityNumber, ParseError> {
    let input = Input::new(Identifier::PersonalIdentityNumber, text);
    let Characters {
        mut ascii,
        len,
        plus,
        letter,
    } = read(&input)?;
    if letter && !options.interim_numbers {
        return Err(input.error_at_digit(ParseErrorKind::InterimNumberNotAllowed, len - 4));
    }
    // Index of the first of the ten digits in the text, for the places in errors.
    let first = len - 10;
    let (month, day) = (pair(&ascii, 4), pair(&ascii, 6));
    if month >= 20 || (len == 12 && &ascii[..2] == b"16") {
        return Err(input.error_at_digit(ParseErrorKind::OrganisationNumber, first));
    }
    let year = if len == 12 {
        let year = i32::from(pair(&ascii, 0)) * 100 + i32::from(pair(&ascii, 2));
        if YEARS.contains(&year) {
            Some(year)
        } else {
            None
        }
    } else {
        let Some(today) = options.today else {
            return Err(input.error(ParseErrorKind::CenturyNeedsToday));
        };
        // The latest year with these two digits that is not after the base. Wrapping cannot
        // happen: dates lie within a quarter of a million years.
        let base = if plus {
            today.year() - 100
        } else {
            today.year()
        };
        let year = base - (base - i32::from(pair(&ascii, 2))).rem_euclid(100);
        if YEARS.contains(&year) {
            let century = u8::try_from(year / 100).unwrap_or_default();
            ascii[0] = b'0' + century / 10;
            ascii[1] = b'0' + century % 10;
            Some(year)
        } else {
            None
        }
    };
    let Some(year) = year else {
        return Err(input.error_at_digit(ParseErrorKind::Century, 0));
    };
    let coordination = day > 60;
    // An interim number stands for a personnummer to come, so its day is a plain one.
    let day = if coordination && !letter {
        day - 60
    } else {
        day
    };
    let Some(birth_date) = Date::new(year, month, day) else {
        return Err(input.error_at_digit(ParseErrorKind::NoSuchDate, 0));
    };
    if &ascii[8..11] == b"000" {
        return Err(input.error_at_digit(ParseErrorKind::SerialNumber, len - 4));
    }
    if !check_digit_fits(&ascii, letter) {
        return Err(input.error_at_digit(ParseErrorKind::CheckDigit, len - 1));
    }
    if coordination && !options.coordination_numbers {
        return Err(input.error_at_digit(ParseErrorKind::CoordinationNumberNotAllowed, first + 4));
    }
    if options.today.is_some_and(|today| birth_date > today) {
        return Err(input.error_at_digit(ParseErrorKind::FutureBirthDate, 0));
    }
    Ok(PersonalIdentityNumber { ascii })
}

/// Luhn over the ten digits without the century, with 60 left on the day of a coordination number;
/// the letter of an interim number counts as 1.
fn check_digit_fits(ascii: &[u8; 12], letter: bool) -> bool {
    let mut ten = [0; 10];
    ten.copy_from_slice(&ascii[2..]);
    if letter {
        ten[6] = b'1';
    }
    luhn::is_valid(&ten)
}

/// Ten digits are put at the end, behind two that are still to be found.
fn read(input: &Input<'_>) -> Result<Characters, ParseError> {
    let mut ascii = [b'0'; 12];
    let mut len = 0_usize;
    // How many digits stood before the separator or the letter, and where it is in the text.
    let mut separator: Option<(usize, usize, bool)> = None;
    let mut letter: Option<(usize, usize)> = None;
    for (byte, character) in input.text().char_indices() {
        let glyph = glyph(character);
        match glyph {
            Glyph::Digit(digit) => {
                if let Some(place) = ascii.get_mut(len) {
                    *place = digit;
                }
                len += 1;
            }
            Glyph::Hyphen | Glyph::Plus if separator.is_none() && matches!(len, 6 | 8) => {
                separator = Some((len, byte, glyph == Glyph::Plus));
            }
            Glyph::Letter(upper)
                if letter.is_none() && matches!(len, 6 | 8) && INTERIM_LETTERS.contains(&upper) =>
            {
                letter = Some((len, byte));
                ascii[len] = upper;
                len += 1;
            }
            _ => return Err(input.unusable(glyph, byte)),
        }
    }
    if len != 10 && len != 12 {
        return Err(input.length(len, "10 or 12"));
    }
    // Before the last four, which is known only now.
    if let Some((digits, byte, _)) = separator
        && digits != len - 4
    {
        return Err(input.error_at(ParseErrorKind::Separator, byte));
    }
    if let Some((digits, byte)) = letter
        && digits != len - 4
    {
        return Err(input.error_at(ParseErrorKind::Letter, byte));
    }
    if len == 10 {
        ascii.copy_within(..10, 2);
    }
    Ok(Characters {
        ascii,
        len,
        plus: separator.is_some_and(|(_, _, plus)| plus),
        letter: letter.is_some(),
    })
}
