//! Swedish VAT numbers (momsregistreringsnummer).
//!
//! Sources: organisationsnummer/meta (specification 1.1 and test data); Peppol BIS Billing 3.0,
//! rules SE-R-001 (14 characters) and SE-R-002 (the last twelve are numeric).

use core::fmt;
use core::str::FromStr;

use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::organisation_number::OrganisationNumber;
use crate::text::{Glyph, Input, glyph};

/// A Swedish VAT number: `SE`, the ten digits of the organisation number, and two more digits,
/// nearly always `01`.
///
/// `Display` writes the 14 characters. Read are also a small `se`, and one space or hyphen after
/// `SE`, before the last four digits of the organisation number, and before the last two. As with
/// the [organisation number](OrganisationNumber), `Debug` shows nothing of a sole trader's.
///
/// ```
/// use swedish_ids::{OrganisationNumber, VatNumber};
///
/// let company: OrganisationNumber = "556016-0680".parse()?;
/// let number = VatNumber::from(company);
/// assert_eq!(number.to_string(), "SE556016068001");
/// assert_eq!(number, "SE 556016-0680 01".parse()?);
/// assert_eq!(number.organisation_number(), company);
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatNumber {
    organisation: OrganisationNumber,
    /// ASCII.
    suffix: [u8; 2],
}

impl VatNumber {
    /// The organisation that is registered.
    pub const fn organisation_number(&self) -> OrganisationNumber {
        self.organisation
    }

    /// The last two digits: 1 for `01`.
    pub const fn suffix(&self) -> u8 {
        (self.suffix[0] - b'0') * 10 + self.suffix[1] - b'0'
    }
}

/// With the last two digits `01`.
impl From<OrganisationNumber> for VatNumber {
    fn from(organisation: OrganisationNumber) -> Self {
        Self {
            organisation,
            suffix: *b"01",
        }
    }
}

impl fmt::Display for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SE{}{:02}", self.organisation.digits(), self.suffix())
    }
}

impl fmt::Debug for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.organisation.is_personal() {
            f.write_str("VatNumber(redacted)")
        } else {
            write!(f, "VatNumber({self})")
        }
    }
}

impl FromStr for VatNumber {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::VatNumber, text);
        if input.text().is_empty() {
            return Err(input.error(ParseErrorKind::Empty));
        }
        if !input
            .text()
            .get(..2)
            .is_some_and(|prefix| prefix.eq_ignore_ascii_case("SE"))
        {
            return Err(input.error_at(ParseErrorKind::CountryCode, 0));
        }
        let mut ascii = [0; 12];
        let mut len = 0_usize;
        let mut after_separator = false;
        for (byte, character) in input.text().char_indices().skip(2) {
            let glyph = glyph(character);
            match glyph {
                Glyph::Digit(digit) => {
                    if let Some(place) = ascii.get_mut(len) {
                        *place = digit;
                    }
                    len += 1;
                    after_separator = false;
                }
                Glyph::Hyphen | Glyph::Space if !after_separator && matches!(len, 0 | 6 | 10) => {
                    after_separator = true;
                }
                _ => return Err(input.unusable(glyph, byte)),
            }
        }
        if len != 12 {
            return Err(input.length(len, "12"));
        }
        let mut ten = [0; 10];
        ten.copy_from_slice(&ascii[..10]);
        let organisation = OrganisationNumber::from_ten_digits(ten)
            .map_err(|(kind, digit)| input.error_at_digit(kind, digit))?;
        Ok(Self {
            organisation,
            suffix: [ascii[10], ascii[11]],
        })
    }
}
