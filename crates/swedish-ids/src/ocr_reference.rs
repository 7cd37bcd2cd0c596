//! OCR references: the payment references of bankgiro and plusgiro.
//!
//! Sources: Bankgirot, "Bankgiro Inbetalningar, användarmanual" (October 2016), section 5.2, and
//! its page "OCR-referenskontroll"; barsoom/banktools-se (`ocr.rb` and its spec).

use alloc::string::String;
use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::luhn;
use crate::text::{Between, Digits, Glyph, Input, as_str, glyph, read_digits};

/// The fewest and the most digits, with the check digit.
const DIGITS: RangeInclusive<usize> = 2..=25;
const EXPECTED: &str = "2 to 25";

/// An OCR reference: 2 to 25 digits, the last of which is a Luhn check digit.
///
/// `Display` writes the digits. Read are the digits alone, or in groups with one space between
/// them, as some invoices print them.
///
/// ```
/// use swedish_ids::{NonDigits, OcrLayout, OcrReference};
///
/// let layout = OcrLayout::with_length_digit();
/// let reference = OcrReference::from_invoice_number("1234567890", NonDigits::Refuse, layout)?;
/// assert_eq!(reference.to_string(), "123456789023");
/// assert_eq!(reference, "123456789023".parse()?);
/// assert_eq!(reference.number(layout)?, "1234567890");
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OcrReference {
    digits: Digits<25>,
}

/// What to do with the letters and signs of an invoice number, which an OCR reference cannot hold.
///
/// There is no default. Leaving characters out can give two invoices the same reference: only
/// whoever numbers the invoices knows whether it does.
///
/// A digit of another script or width is refused in every case: leaving it out would change the
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonDigits {
    /// Refuse the number.
    Refuse,
    /// Leave them out: `F2026-17` becomes `202617`.
    Drop,
    /// Keep only the last run of digits: `F2026-17` becomes `17`.
    KeepLastDigits,
}

/// How a reference is put together.
///
/// ```
/// use swedish_ids::{NonDigits, OcrLayout, OcrReference};
///
/// let build = |layout| OcrReference::from_invoice_number("123", NonDigits::Refuse, layout);
/// assert_eq!(build(OcrLayout::new())?.digits(), "1230");
/// assert_eq!(build(OcrLayout::with_length_digit())?.digits(), "12351");
/// assert_eq!(build(OcrLayout::new().filled_to(8))?.digits(), "00001230");
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OcrLayout {
    length_digit: bool,
    filled_to: usize,
}

impl OcrLayout {
    /// The number and the check digit.
    pub const fn new() -> Self {
        Self {
            length_digit: false,
            filled_to: 0,
        }
    }

    /// The number, the length digit and the check digit. The length digit is the last digit of the
    /// total length, with itself and the check digit counted.
    pub const fn with_length_digit() -> Self {
        Self {
            length_digit: true,
            filled_to: 0,
        }
    }

    /// Puts zeros in front of a shorter number, so that the reference has so many digits in all:
    /// for agreements on a fixed length. A longer one is left as it is.
    #[must_use]
    pub const fn filled_to(self, total_digits: usize) -> Self {
        Self {
            filled_to: total_digits,
            ..self
        }
    }

    /// How many digits the layout adds to the number.
    const fn added(self) -> usize {
        if self.length_digit { 2 } else { 1 }
    }
}

impl OcrReference {
    /// Builds the reference for an invoice number (or a customer number, or both in a row).
    ///
    /// # Errors
    /// [`ParseErrorKind::Letter`], [`Separator`](ParseErrorKind::Separator) or
    /// [`Character`](ParseErrorKind::Character) for a character that `non_digits` refuses,
    /// [`ForeignDigit`](ParseErrorKind::ForeignDigit) in every case,
    /// [`Length`](ParseErrorKind::Length) when no digit is left or the reference would be longer
    /// than 25 digits.
    pub fn from_invoice_number(
        invoice_number: &str,
        non_digits: NonDigits,
        layout: OcrLayout,
    ) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::OcrReference, invoice_number);
        let mut number = Digits::<25>::new();
        let mut found = 0_usize;
        let mut run_is_over = false;
        for (byte, character) in input.text().char_indices() {
            match (glyph(character), non_digits) {
                (Glyph::Digit(digit), _) => {
                    if run_is_over {
                        number = Digits::new();
                        found = 0;
                        run_is_over = false;
                    }
                    number.push(digit);
                    found += 1;
                }
                (Glyph::Unusable(ParseErrorKind::ForeignDigit), _) => {
                    return Err(input.error_at(ParseErrorKind::ForeignDigit, byte));
                }
                (other, NonDigits::Refuse) => return Err(input.unusable(other, byte)),
                (_, NonDigits::Drop) => {}
                (_, NonDigits::KeepLastDigits) => run_is_over = true,
            }
        }
        let total = (found + layout.added()).max(layout.filled_to);
        if found == 0 || !DIGITS.contains(&total) {
            let expected = if layout.length_digit {
                "1 to 23"
            } else {
                "1 to 24"
            };
            return Err(input.length(found.max(total.saturating_sub(layout.added())), expected));
        }
        let mut digits = Digits::<25>::new();
        for _ in 0..total - found - layout.added() {
            digits.push(b'0');
        }
        digits.extend(number.bytes());
        if layout.length_digit {
            digits.push(length_digit(total));
        }
        digits.push(luhn::check_digit(digits.bytes()));
        Ok(Self { digits })
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        self.digits.as_str()
    }

    /// Whether the last digit but one is a length digit. One reference in ten that was built
    /// without a length digit looks as if it had one.
    pub fn length_digit_fits(&self) -> bool {
        let bytes = self.digits.bytes();
        bytes.len() > 2 && bytes[bytes.len() - 2] == length_digit(bytes.len())
    }

    /// The number that the reference was built from, with the zeros that filled it.
    ///
    /// # Errors
    /// [`ParseErrorKind::LengthDigit`] when the layout has a length digit and the reference has
    /// not.
    pub fn number(&self, layout: OcrLayout) -> Result<&str, ParseError> {
        let bytes = self.digits.bytes();
        if layout.length_digit && !self.length_digit_fits() {
            return Err(ParseError::new(
                Identifier::OcrReference,
                ParseErrorKind::LengthDigit,
                Some(bytes.len() - 2),
            ));
        }
        Ok(as_str(&bytes[..bytes.len() - layout.added()]))
    }
}

/// The last digit of the total length, in ASCII.
fn length_digit(total: usize) -> u8 {
    u8::try_from(total % 10).map_or(b'0', |digit| b'0' + digit)
}

impl fmt::Display for OcrReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.digits())
    }
}

impl fmt::Debug for OcrReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OcrReference({self})")
    }
}

impl FromStr for OcrReference {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::OcrReference, text);
        let digits: Digits<25> = read_digits(&input, Between::Space, EXPECTED, |_, _| true)?;
        let bytes = digits.bytes();
        if !DIGITS.contains(&bytes.len()) {
            return Err(input.length(bytes.len(), EXPECTED));
        }
        if !luhn::is_valid(bytes) {
            return Err(input.error_at_digit(ParseErrorKind::CheckDigit, bytes.len() - 1));
        }
        Ok(Self { digits })
    }
}

/// What the payee has agreed with the bank: which references the banks let through.
///
/// ```
/// use swedish_ids::{OcrAgreement, OcrLengths, PaymentReference};
///
/// let hard = OcrAgreement::CheckAndLengthDigit;
/// assert!(matches!(hard.check("12351"), Ok(PaymentReference::Ocr(_))));
/// assert!(hard.check("1230").is_err());
///
/// let fixed = OcrAgreement::CheckDigitAndFixedLength(OcrLengths::new(&[4, 8])?);
/// assert!(fixed.check("1230").is_ok());
/// assert!(fixed.check("12351").is_err());
///
/// // Under a soft agreement the payer is warned, and the payment goes through.
/// let soft = OcrAgreement::Soft;
/// assert_eq!(soft.check("Invoice 17"), Ok(PaymentReference::Text("Invoice 17".into())));
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OcrAgreement {
    /// Mjuk kontroll: any reference is let through, after a warning.
    Soft,
    /// Hård kontroll: the check digit must fit.
    CheckDigit,
    /// Hård kontroll, variable length: the check digit and the length digit must fit.
    CheckAndLengthDigit,
    /// Hård kontroll, fixed length: the check digit must fit, and the length must be one of those
    /// agreed.
    CheckDigitAndFixedLength(OcrLengths),
}

/// The lengths of an agreement on fixed lengths.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OcrLengths {
    /// Bit `n` stands for `n` digits.
    bits: u32,
}

impl OcrLengths {
    /// The lengths, with the check digit counted.
    ///
    /// # Errors
    /// [`ParseErrorKind::OutOfRange`] for a length below 2 or above 25, and
    /// [`ParseErrorKind::Empty`] for none.
    pub fn new(lengths: &[usize]) -> Result<Self, ParseError> {
        let error = |kind| ParseError::new(Identifier::OcrReference, kind, None);
        let mut bits = 0;
        for length in lengths {
            if !DIGITS.contains(length) {
                return Err(error(ParseErrorKind::OutOfRange {
                    lowest: 2,
                    highest: 25,
                }));
            }
            bits |= 1 << length;
        }
        if bits == 0 {
            Err(error(ParseErrorKind::Empty))
        } else {
            Ok(Self { bits })
        }
    }

    /// Whether so many digits are agreed.
    pub fn contains(self, length: usize) -> bool {
        DIGITS.contains(&length) && self.bits >> length & 1 == 1
    }
}

impl fmt::Debug for OcrLengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(DIGITS.filter(|length| self.contains(*length)))
            .finish()
    }
}

/// A reference that a bank lets through.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PaymentReference {
    /// An OCR reference.
    Ocr(OcrReference),
    /// Any other text, under a soft agreement; surrounding white space is dropped.
    Text(String),
}

impl OcrAgreement {
    /// Whether a payment with this reference is let through.
    ///
    /// # Errors
    /// What is wrong with the reference. A soft agreement refuses only an empty one.
    pub fn check(self, text: &str) -> Result<PaymentReference, ParseError> {
        let input = Input::new(Identifier::OcrReference, text);
        let reference = match (text.parse::<OcrReference>(), self) {
            (Ok(reference), _) => reference,
            (Err(error), Self::Soft) if error.kind() != ParseErrorKind::Empty => {
                return Ok(PaymentReference::Text(String::from(input.text())));
            }
            (Err(error), _) => return Err(error),
        };
        let len = reference.digits().len();
        match self {
            Self::CheckAndLengthDigit if !reference.length_digit_fits() => {
                Err(input.error_at_digit(ParseErrorKind::LengthDigit, len - 2))
            }
            Self::CheckDigitAndFixedLength(lengths) if !lengths.contains(len) => {
                Err(input.length(len, "one of the agreed lengths"))
            }
            _ => Ok(PaymentReference::Ocr(reference)),
        }
    }
}
