//! One error type for every identifier: what was read, what is wrong with it, and where.

use core::fmt;

/// Why a text is not the identifier it was read as.
///
/// The error never holds or prints any digit or letter of the text, so it can be logged even when
/// the text was a personal identity number or a bank account.
///
/// ```
/// use swedish_ids::{Bankgiro, ParseErrorKind};
///
/// let error = "5402-9682".parse::<Bankgiro>().unwrap_err();
/// assert_eq!(error.kind(), ParseErrorKind::CheckDigit);
/// assert_eq!(error.position(), Some(8)); // the ninth character
/// assert_eq!(error.to_string(), "bankgiro number: the check digit is wrong (character 9)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParseError {
    identifier: Identifier,
    kind: ParseErrorKind,
    position: Option<usize>,
}

impl ParseError {
    pub(crate) const fn new(
        identifier: Identifier,
        kind: ParseErrorKind,
        position: Option<usize>,
    ) -> Self {
        Self {
            identifier,
            kind,
            position,
        }
    }

    /// What the text was read as.
    pub const fn identifier(&self) -> Identifier {
        self.identifier
    }

    /// What is wrong.
    pub const fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// Where it is wrong: the index, counted from 0 in characters (`str::chars`) of the text as it
    /// was given, where the wrong part begins. `None` when no place can be named (an empty text, a
    /// wrong length, or a value that was not given as text).
    ///
    /// `Display` counts from 1, as people do.
    pub const fn position(&self) -> Option<usize> {
        self.position
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.identifier, self.kind)?;
        match self.position {
            Some(position) => write!(f, " (character {})", position + 1),
            None => Ok(()),
        }
    }
}

impl core::error::Error for ParseError {}

/// The identifiers that this crate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Identifier {
    /// [`PersonalIdentityNumber`](crate::PersonalIdentityNumber)
    PersonalIdentityNumber,
    /// [`OrganisationNumber`](crate::OrganisationNumber)
    OrganisationNumber,
    /// [`VatNumber`](crate::VatNumber)
    VatNumber,
    /// [`Bankgiro`](crate::Bankgiro)
    Bankgiro,
    /// [`Plusgiro`](crate::Plusgiro)
    Plusgiro,
    /// [`OcrReference`](crate::OcrReference)
    OcrReference,
    /// [`ClearingNumber`](crate::ClearingNumber), also as the first part of a bank account
    ClearingNumber,
    /// [`BankAccount`](crate::BankAccount): the account number after the clearing number
    BankAccount,
    /// [`TaxTable`](crate::TaxTable)
    TaxTable,
    /// [`TaxColumn`](crate::TaxColumn)
    TaxColumn,
    /// [`Date`](crate::Date)
    Date,
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PersonalIdentityNumber => "personal identity number",
            Self::OrganisationNumber => "organisation number",
            Self::VatNumber => "VAT number",
            Self::Bankgiro => "bankgiro number",
            Self::Plusgiro => "plusgiro number",
            Self::OcrReference => "OCR reference",
            Self::ClearingNumber => "clearing number",
            Self::BankAccount => "bank account number",
            Self::TaxTable => "tax table",
            Self::TaxColumn => "tax table column",
            Self::Date => "date",
        })
    }
}

/// What can be wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// Nothing but white space.
    Empty,
    /// Too few or too many digits.
    Length {
        /// How many digits there were.
        found: usize,
        /// How many there should be, in words.
        expected: &'static str,
    },
    /// A digit that is not one of the ASCII digits 0 to 9, for example a full-width one.
    ForeignDigit,
    /// A letter where a digit belongs.
    Letter,
    /// A hyphen, plus, comma or space where none belongs, or one too many.
    Separator,
    /// Any other character, for example a point, an em dash or an invisible character.
    Character,
    /// Ten digits do not say the century: [`parse_at`](crate::PersonalIdentityNumber::parse_at)
    /// with today's date does.
    CenturyNeedsToday,
    /// The first two of twelve digits are not a century in which a holder can be born, or not a
    /// prefix that this identifier has.
    Century,
    /// A day that does not exist, such as 30 February.
    NoSuchDate,
    /// A birth date after today.
    FutureBirthDate,
    /// The serial number 000, which is never given out.
    SerialNumber,
    /// The check digit does not fit the other digits.
    CheckDigit,
    /// A coordination number, and the [`ParseOptions`](crate::ParseOptions) do not allow them.
    CoordinationNumberNotAllowed,
    /// An interim number where none is allowed; see
    /// [`ParseOptions`](crate::ParseOptions::interim_numbers).
    InterimNumberNotAllowed,
    /// The number is an organisation number, which is not a personal identity number.
    OrganisationNumber,
    /// The third and fourth digits are below 20, which no organisation number has.
    NotAnOrganisationNumber,
    /// A VAT number that does not begin with SE.
    CountryCode,
    /// A zero at the beginning, where the number series has none.
    LeadingZero,
    /// The length digit (the last but one) of an OCR reference does not fit its length.
    LengthDigit,
    /// The fifth digit that Swedbank shows after a clearing number 8000 to 8999 does not fit.
    ClearingCheckDigit,
    /// A number outside of its range.
    OutOfRange {
        /// The lowest value allowed.
        lowest: u16,
        /// The highest value allowed.
        highest: u16,
    },
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the text is empty",
            Self::Length { found, expected } => {
                return write!(f, "{found} digits found, {expected} expected");
            }
            Self::ForeignDigit => {
                "a digit of another script or width; write it with the digits 0 to 9"
            }
            Self::Letter => "a letter where a digit belongs",
            Self::Separator => "a separator or space where none belongs",
            Self::Character => "a character that does not belong here",
            Self::CenturyNeedsToday => {
                "ten digits do not say the century; read it with parse_at and today's date, or \
                 write twelve digits"
            }
            Self::Century => "the first two digits are not a century or prefix in use",
            Self::NoSuchDate => "no such date",
            Self::FutureBirthDate => "the birth date is after today",
            Self::SerialNumber => "the serial number 000 is never given out",
            Self::CheckDigit => "the check digit is wrong",
            Self::CoordinationNumberNotAllowed => "a coordination number is not allowed here",
            Self::InterimNumberNotAllowed => "an interim number is not allowed here",
            Self::OrganisationNumber => "this is an organisation number, not a person's",
            Self::NotAnOrganisationNumber => {
                "the third and fourth digits of an organisation number are 20 or more"
            }
            Self::CountryCode => "a Swedish VAT number begins with SE",
            Self::LeadingZero => "the number does not begin with 0; leave filling zeros out",
            Self::LengthDigit => "the length digit (the last but one) is wrong",
            Self::ClearingCheckDigit => "the fifth digit of the clearing number is wrong",
            Self::OutOfRange { lowest, highest } => {
                return write!(f, "not in the range {lowest} to {highest}");
            }
        })
    }
}
