//! Organisationsnummer, with sole traders' personal numbers told apart.
//!
//! Sources: lag (1974:174) om identitetsbeteckning för juridiska personer m.fl.; the specification,
//! `types.md` and test data of the organisationsnummer project (organisationsnummer/meta).

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::date::Date;
use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::luhn;
use crate::personal_identity_number::{
    ParseOptions, PersonalIdentityNumber, PersonalNumberKind, pair,
};
use crate::text::{Glyph, Input, as_str, glyph};

/// The number of a Swedish organisation: an organisationsnummer, or the personal identity number
/// of a sole trader, who has no other.
///
/// Always ten checked digits. The two kinds cannot be confused: the third and fourth digits of an
/// organisation number are 20 or more, where a personal number has the month. Of a sole trader
/// the ten digits are kept, without the century: that is the number with which the business is
/// registered.
///
/// # Written forms
/// `NNNNNN-NNNC` and `NNNNNNNNNC`; both also with the prefix `16` that authorities use to fill an
/// organisation number up to twelve digits. A sole trader's also with the century, and with `+`.
/// Which hyphens are read, and that surrounding white space is dropped, is said in the
/// [crate documentation](crate#what-is-read).
///
/// # Secrecy
/// `Debug` shows the number of an organisation, but no digit of a sole trader's. `Display` shows
/// the number as `NNNNNN-NNNC`.
///
/// ```
/// use swedish_ids::{OrganisationGroup, OrganisationNumber};
///
/// let number: OrganisationNumber = "165560160680".parse()?;
/// assert_eq!(number, "556016-0680".parse()?);
/// assert_eq!(number.to_string(), "556016-0680");
/// assert_eq!(number.digits(), "5560160680");
/// assert_eq!(number.group(), OrganisationGroup::LimitedCompany);
///
/// let sole_trader: OrganisationNumber = "19121212-1212".parse()?;
/// assert!(sole_trader.is_personal());
/// assert_eq!(sole_trader.to_string(), "121212-1212");
/// assert_eq!(format!("{sole_trader:?}"), "OrganisationNumber(redacted)");
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationNumber {
    ascii: [u8; 10],
}

/// What kind of organisation a number belongs to, by its first digit (organisationsnummer/meta
/// `types.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrganisationGroup {
    /// A person's own number: a sole trader (enskild firma).
    SoleTrader,
    /// 1: the estate of a deceased person (dödsbo).
    EstateOfDeceasedPerson,
    /// 2: state, region, municipality or parish (stat, region, kommun, församling).
    PublicBody,
    /// 3: a foreign company that does business or owns property in Sweden.
    ForeignCompany,
    /// 5: a limited company (aktiebolag).
    LimitedCompany,
    /// 6: a simple partnership (enkelt bolag).
    SimplePartnership,
    /// 7: an economic association or a housing co-operative (ekonomisk förening,
    /// bostadsrättsförening).
    EconomicAssociation,
    /// 8: a non-profit association or a foundation (ideell förening, stiftelse).
    NonProfitOrFoundation,
    /// 9: a trading or limited partnership (handelsbolag, kommanditbolag).
    TradingPartnership,
    /// 0 or 4: no meaning is published.
    Unknown,
}

impl OrganisationNumber {
    /// The ten digits alone, as Peppol wants them.
    pub fn digits(&self) -> &str {
        as_str(&self.ascii)
    }

    /// Whether this is the personal number of a sole trader, and so personal data.
    pub fn is_personal(&self) -> bool {
        pair(&self.ascii, 2) < 20
    }

    /// What kind of organisation this is.
    pub fn group(&self) -> OrganisationGroup {
        if self.is_personal() {
            return OrganisationGroup::SoleTrader;
        }
        match self.ascii[0] {
            b'1' => OrganisationGroup::EstateOfDeceasedPerson,
            b'2' => OrganisationGroup::PublicBody,
            b'3' => OrganisationGroup::ForeignCompany,
            b'5' => OrganisationGroup::LimitedCompany,
            b'6' => OrganisationGroup::SimplePartnership,
            b'7' => OrganisationGroup::EconomicAssociation,
            b'8' => OrganisationGroup::NonProfitOrFoundation,
            b'9' => OrganisationGroup::TradingPartnership,
            _ => OrganisationGroup::Unknown,
        }
    }

    /// The form with twelve digits, `16NNNNNNNNNC`. `None` for a sole trader, whose twelve digits
    /// begin with the century, which ten digits do not say: see
    /// [`personal_identity_number`](Self::personal_identity_number).
    pub fn twelve_digits(&self) -> Option<String> {
        if self.is_personal() {
            return None;
        }
        let mut text = String::with_capacity(12);
        text.push_str("16");
        text.push_str(self.digits());
        Some(text)
    }

    /// The person, if this is a sole trader's number. `today` decides the century: the latest in
    /// which the birth date is not in a later year. Someone who has turned 100 is taken for the
    /// newborn with the same ten digits; only twelve digits, or a `+`, can say otherwise.
    pub fn personal_identity_number(
        &self,
        today: impl Into<Date>,
    ) -> Option<PersonalIdentityNumber> {
        let options = ParseOptions::new().today(today);
        PersonalIdentityNumber::parse_with(self.digits(), options).ok()
    }

    /// Checks ten ASCII digits; the error says which of them is wrong.
    pub(crate) fn from_ten_digits(ascii: [u8; 10]) -> Result<Self, (ParseErrorKind, usize)> {
        let number = Self { ascii };
        if number.is_personal() {
            let day = pair(&ascii, 4);
            let day = if day > 60 { day - 60 } else { day };
            // Without the century, 29 February exists if it does in some century: 1900 had none,
            // but 2000 had. The years 2000 to 2099 stand for all.
            if Date::new(2000 + i32::from(pair(&ascii, 0)), pair(&ascii, 2), day).is_none() {
                return Err((ParseErrorKind::NoSuchDate, 0));
            }
            if &ascii[6..9] == b"000" {
                return Err((ParseErrorKind::SerialNumber, 6));
            }
        }
        if !luhn::is_valid(&ascii) {
            return Err((ParseErrorKind::CheckDigit, 9));
        }
        Ok(number)
    }
}

/// `NNNNNN-NNNC`, of a sole trader too: in clear.
impl fmt::Display for OrganisationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = self.ascii.split_at(6);
        write!(f, "{}-{}", as_str(start), as_str(end))
    }
}

impl fmt::Debug for OrganisationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_personal() {
            f.write_str("OrganisationNumber(redacted)")
        } else {
            write!(f, "OrganisationNumber({self})")
        }
    }
}

/// The number under which the person trades. An interim number is none: it is refused with
/// [`ParseErrorKind::InterimNumberNotAllowed`].
impl TryFrom<PersonalIdentityNumber> for OrganisationNumber {
    type Error = ParseError;

    fn try_from(number: PersonalIdentityNumber) -> Result<Self, ParseError> {
        if number.kind() == PersonalNumberKind::InterimNumber {
            return Err(ParseError::new(
                Identifier::OrganisationNumber,
                ParseErrorKind::InterimNumberNotAllowed,
                None,
            ));
        }
        let mut ascii = [0; 10];
        ascii.copy_from_slice(number.ten_digits().as_bytes());
        Ok(Self { ascii })
    }
}

impl FromStr for OrganisationNumber {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::OrganisationNumber, text);
        let mut ascii = [b'0'; 12];
        let mut len = 0_usize;
        let mut separator: Option<(usize, usize, bool)> = None;
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
                _ => return Err(input.unusable(glyph, byte)),
            }
        }
        if len != 10 && len != 12 {
            return Err(input.length(len, "10 or 12"));
        }
        if let Some((digits, byte, _)) = separator
            && digits != len - 4
        {
            return Err(input.error_at(ParseErrorKind::Separator, byte));
        }
        let first = len - 10;
        let mut ten = [0; 10];
        ten.copy_from_slice(&ascii[first..len]);
        let personal = pair(&ten, 2) < 20;
        if len == 12 {
            match (&ascii[..2], personal) {
                (b"16", false) => {}
                (b"16", true) => {
                    let kind = ParseErrorKind::NotAnOrganisationNumber;
                    return Err(input.error_at_digit(kind, first + 2));
                }
                (b"18" | b"19" | b"20" | b"21", true) => {
                    // With the century, 29 February can be checked in full.
                    let day = pair(&ten, 4);
                    let day = if day > 60 { day - 60 } else { day };
                    let year = i32::from(pair(&ascii, 0)) * 100 + i32::from(pair(&ascii, 2));
                    if Date::new(year, pair(&ten, 2), day).is_none() {
                        return Err(input.error_at_digit(ParseErrorKind::NoSuchDate, 0));
                    }
                }
                _ => return Err(input.error_at_digit(ParseErrorKind::Century, 0)),
            }
        }
        if let Some((_, byte, true)) = separator
            && !personal
        {
            return Err(input.error_at(ParseErrorKind::Separator, byte));
        }
        Self::from_ten_digits(ten)
            .map_err(|(kind, digit)| input.error_at_digit(kind, first + digit))
    }
}
