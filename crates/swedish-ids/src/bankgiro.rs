//! Bankgiro numbers.
//!
//! Sources: the samples of Bankgirot and of barsoom/banktools-se (`bankgiro_spec.rb`); Peppol
//! rules SE-R-008 and SE-R-009 (7 or 8 digits).

use core::fmt;
use core::str::FromStr;

use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::luhn;
use crate::text::{Between, Digits, Input, as_str, read_digits};

/// A bankgiro number: 7 or 8 digits, the last of which is a Luhn check digit.
///
/// `Display` writes `NNN-NNNN` or `NNNN-NNNN`, as it is printed on invoices. Read are the digits
/// alone, or with a hyphen, a space, or a hyphen between spaces before the last four.
///
/// ```
/// use swedish_ids::Bankgiro;
///
/// let bankgiro: Bankgiro = "54029681".parse()?;
/// assert_eq!(bankgiro.to_string(), "5402-9681");
/// assert_eq!(bankgiro.digits(), "54029681"); // as Peppol wants it
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bankgiro {
    digits: Digits<8>,
}

impl Bankgiro {
    /// The digits alone.
    pub fn digits(&self) -> &str {
        self.digits.as_str()
    }

    /// Whether this is a 90-konto (900-0000 to 904-9999): an account for fundraising that is under
    /// the control of Svensk Insamlingskontroll.
    pub fn is_fundraising_account(&self) -> bool {
        is_90_konto(self.digits.bytes())
    }
}

/// Bankgiro and plusgiro have the same series of 90-konto: seven digits, 900 to 904 first.
pub(crate) fn is_90_konto(digits: &[u8]) -> bool {
    digits.len() == 7 && digits.starts_with(b"90") && digits[2] <= b'4'
}

impl fmt::Display for Bankgiro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits.bytes();
        let (start, end) = digits.split_at(digits.len() - 4);
        write!(f, "{}-{}", as_str(start), as_str(end))
    }
}

impl fmt::Debug for Bankgiro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bankgiro({self})")
    }
}

impl FromStr for Bankgiro {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::Bankgiro, text);
        let mut separator = None;
        let digits: Digits<8> =
            read_digits(&input, Between::HyphenOrSpace, "7 or 8", |before, byte| {
                separator.replace((before, byte)).is_none()
            })?;
        let bytes = digits.bytes();
        if bytes.len() < 7 {
            return Err(input.length(bytes.len(), "7 or 8"));
        }
        if let Some((before, byte)) = separator
            && before != bytes.len() - 4
        {
            return Err(input.error_at(ParseErrorKind::Separator, byte));
        }
        if bytes[0] == b'0' {
            return Err(input.error_at_digit(ParseErrorKind::LeadingZero, 0));
        }
        if !luhn::is_valid(bytes) {
            return Err(input.error_at_digit(ParseErrorKind::CheckDigit, bytes.len() - 1));
        }
        Ok(Self { digits })
    }
}
