//! Plusgiro numbers.
//!
//! Sources: the samples of barsoom/banktools-se (`plusgiro_spec.rb`); Peppol rules SE-R-007
//! and SE-R-010 (2 to 8 digits).

use core::fmt;
use core::str::FromStr;

use crate::bankgiro::is_90_konto;
use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::luhn;
use crate::text::{Between, Digits, Input, as_str, read_digits};

/// A plusgiro number (formerly postgiro): 2 to 8 digits, the last of which is a Luhn check digit.
///
/// `Display` writes pairs and the check digit, as it is printed on invoices: `28 65 43-4`, with
/// three digits first if there is an odd one. Read are the digits alone or in groups, with one
/// hyphen, space, or hyphen between spaces from one group to the next.
///
/// ```
/// use swedish_ids::Plusgiro;
///
/// let plusgiro: Plusgiro = "2865434".parse()?;
/// assert_eq!(plusgiro.to_string(), "28 65 43-4");
/// assert_eq!(plusgiro, "28 65 43-4".parse()?);
/// assert_eq!(plusgiro.digits(), "2865434"); // as Peppol wants it
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plusgiro {
    digits: Digits<8>,
}

impl Plusgiro {
    /// The digits alone.
    pub fn digits(&self) -> &str {
        self.digits.as_str()
    }

    /// Whether this is a 90-konto (90 00 00-0 to 90 49 99-9): an account for fundraising that is
    /// under the control of Svensk Insamlingskontroll.
    pub fn is_fundraising_account(&self) -> bool {
        is_90_konto(self.digits.bytes())
    }
}

impl fmt::Display for Plusgiro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.digits.bytes();
        let (body, check_digit) = bytes.split_at(bytes.len() - 1);
        for (index, _) in body.iter().enumerate() {
            // A pair begins here, but a single digit does not stand alone before the first.
            let rest = body.len() - index;
            if rest.is_multiple_of(2) && index > 1 {
                f.write_str(" ")?;
            }
            f.write_str(as_str(&body[index..=index]))?;
        }
        write!(f, "-{}", as_str(check_digit))
    }
}

impl fmt::Debug for Plusgiro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plusgiro({self})")
    }
}

impl FromStr for Plusgiro {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::Plusgiro, text);
        let digits: Digits<8> = read_digits(&input, Between::HyphenOrSpace, "2 to 8", |_, _| true)?;
        let bytes = digits.bytes();
        if bytes.len() < 2 {
            return Err(input.length(bytes.len(), "2 to 8"));
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
