//! Swedish bank account numbers: clearing number and account number.
//!
//! Sources: those of the [table](crate::clearing_ranges), and the tests of REPO
//! Bankinfrastruktur/BankData and swantzter/kontonummer for padding and Swedbank's fifth
//! digit.

use alloc::string::String;
use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

use crate::clearing::{self, AccountType, ClearingNumber, Listing};
use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::luhn;
use crate::text::{Between, Digits, Input, read_digits};

/// A bank account that is not known to be wrong: its check digit fits, or
/// [cannot be checked](CannotBeChecked).
///
/// Two numbers are equal if they are the same account, however they were written: with or without
/// Swedbank's fifth clearing digit, and with or without zeros in front of the account number.
///
/// # Written forms
/// The digits of both parts in a row, or in groups with a hyphen, comma or space from one group to
/// the next (`8424-4,983 189 224-6`). A clearing number from 8000 to 8999 can have its fifth digit.
/// Where that digit is not set apart, it is taken for one if both it and the account number after
/// it fit. `Display` writes the normalised form: four digits, a hyphen, and the account number with
/// the zeros that the bank leaves out (`8424-9831892246`).
///
/// # Three answers
/// [`check`](Self::check) and [`check_parts`](Self::check_parts) say that a number is valid,
/// invalid, or cannot be checked. [`FromStr`] makes an error of the second only: for typed entry
/// that is right. On numbers that already stand in another system, treat an invalid one as a
/// warning; the bank is the judge.
///
/// # Secrecy
/// `Debug` shows no digit (a Nordea personkonto is its holder's personal number). `Display` shows
/// all.
///
/// ```
/// use swedish_ids::{AccountCheck, BankAccount, CannotBeChecked, ParseErrorKind};
///
/// let account: BankAccount = "8424-4,983 189 224-6".parse()?;
/// assert_eq!(account.bank(), Some("Swedbank"));
/// assert_eq!(account.to_string(), "8424-9831892246");
/// assert_eq!(account, "84249831892246".parse()?);
///
/// match BankAccount::check_parts("6789", "123456788") {
///     AccountCheck::Invalid(error) => assert_eq!(error.kind(), ParseErrorKind::CheckDigit),
///     other => panic!("{other:?}"),
/// }
/// match BankAccount::check("9999-0123454") {
///     AccountCheck::CannotBeChecked(account, why) => {
///         assert_eq!(account.to_string(), "9999-0123454");
///         assert!(matches!(why, CannotBeChecked::UnknownClearingNumber { .. }));
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BankAccount {
    clearing: ClearingNumber,
    /// With the zeros in front that the type asks for.
    account: Digits<10>,
}

/// The answer to whether a bank account number can be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountCheck {
    /// Length and check digit fit the bank. Whether the account exists only the bank knows.
    Valid(BankAccount),
    /// No such account can exist. The error names the part: the
    /// [clearing number](Identifier::ClearingNumber) or the
    /// [account number](Identifier::BankAccount).
    Invalid(ParseError),
    /// Nothing speaks against the number, but nothing proves it.
    CannotBeChecked(BankAccount, CannotBeChecked),
}

/// Why a bank account number cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CannotBeChecked {
    /// The clearing number is in no known range: a new bank, or a slip.
    UnknownClearingNumber {
        /// Whether the number would pass one of the two rules of type 1, which new banks mostly
        /// get. If it does not, it is more likely a slip.
        fits_type_1: bool,
    },
    /// The clearing number is known, but no rule for its account numbers is published.
    NoRulePublished,
    /// The check digit fits the rule that was in force for a bank whose clearing numbers are no
    /// longer listed.
    ClearingNumberWithdrawn,
}

impl AccountCheck {
    /// The account, unless the number is invalid.
    pub const fn account(&self) -> Option<&BankAccount> {
        match self {
            Self::Valid(account) | Self::CannotBeChecked(account, _) => Some(account),
            Self::Invalid(_) => None,
        }
    }

    /// Whether length and check digit are known to fit.
    pub const fn is_valid(&self) -> bool {
        matches!(self, Self::Valid(_))
    }
}

impl BankAccount {
    /// Checks clearing and account number written in one text.
    pub fn check(text: &str) -> AccountCheck {
        match split(text) {
            Ok((input, clearing, at, digits)) => judge(
                clearing,
                &input,
                digits.bytes().get(at..).unwrap_or_default(),
                at,
            ),
            Err(error) => AccountCheck::Invalid(error),
        }
    }

    /// Checks clearing and account number that are kept apart, as Kleer and most payroll systems
    /// do. The place in an error is one in the part that the error names.
    pub fn check_parts(clearing: &str, account: &str) -> AccountCheck {
        let check = || {
            let clearing = clearing.parse()?;
            let input = Input::new(Identifier::BankAccount, account);
            let digits: Digits<15> =
                read_digits(&input, Between::HyphenOrSpace, "2 to 10", |_, _| true)?;
            Ok(judge(clearing, &input, digits.bytes(), 0))
        };
        check().unwrap_or_else(AccountCheck::Invalid)
    }

    /// The clearing number.
    pub const fn clearing_number(&self) -> ClearingNumber {
        self.clearing
    }

    /// The account number with the zeros in front that payment files want.
    pub fn account_number(&self) -> &str {
        self.account.as_str()
    }

    /// The bank, if it is known.
    pub fn bank(&self) -> Option<&'static str> {
        self.clearing.bank()
    }

    /// How the number is built, if it is known.
    pub fn account_type(&self) -> Option<AccountType> {
        self.clearing.range().and_then(|range| range.account_type)
    }

    /// Why the number could not be checked; `None` if it was, and fits.
    pub fn unchecked(&self) -> Option<CannotBeChecked> {
        match self.clearing.range() {
            None => Some(CannotBeChecked::UnknownClearingNumber {
                fits_type_1: self.account.bytes().len() == 7
                    && [AccountType::Type1Comment1, AccountType::Type1Comment2]
                        .into_iter()
                        .any(|rule| fits(rule, self.clearing, self.account.bytes())),
            }),
            Some(range) if range.account_type.is_none() => Some(CannotBeChecked::NoRulePublished),
            Some(range) if range.listing == Listing::Withdrawn => {
                Some(CannotBeChecked::ClearingNumberWithdrawn)
            }
            Some(_) => None,
        }
    }

    /// The form that the bank shows, with Swedbank's fifth clearing digit: `8424-4 9831892246`.
    /// At other banks it is the same as `Display`, with a space in the place of the hyphen.
    pub fn with_clearing_check_digit(&self) -> String {
        let mut text = self.clearing.with_check_digit();
        text.push(' ');
        text.push_str(self.account_number());
        text
    }
}

/// The check digit rule of a type. The account number has its full length.
fn fits(rule: AccountType, clearing: ClearingNumber, account: &[u8]) -> bool {
    let clearing = clearing.ascii();
    match rule {
        AccountType::Type1Comment1 => {
            luhn::is_valid_modulus_11(clearing[1..].iter().chain(account))
        }
        AccountType::Type1Comment2 => luhn::is_valid_modulus_11(clearing.iter().chain(account)),
        AccountType::Type2Comment2 => luhn::is_valid_modulus_11(account.iter()),
        AccountType::Type2Comment1 | AccountType::Type2Comment3 => luhn::is_valid(account),
    }
}

/// Checks an account number whose first digit is the `first`th of the input.
fn judge(
    clearing: ClearingNumber,
    input: &Input<'_>,
    written: &[u8],
    first: usize,
) -> AccountCheck {
    let range = clearing.range();
    let account_type = range.and_then(|range| range.account_type);
    let lengths = lengths(range);
    if !lengths.contains(&written.len()) {
        return AccountCheck::Invalid(input.length(written.len(), in_words(&lengths)));
    }
    let mut account = Digits::<10>::new();
    let zeros = account_type.map_or(0, |rule| rule.full_length().saturating_sub(written.len()));
    for _ in 0..zeros {
        account.push(b'0');
    }
    account.extend(written);
    if let Some(rule) = account_type
        && !fits(rule, clearing, account.bytes())
    {
        let last = first + written.len() - 1;
        return AccountCheck::Invalid(input.error_at_digit(ParseErrorKind::CheckDigit, last));
    }
    let account = BankAccount { clearing, account };
    match account.unchecked() {
        Some(why) => AccountCheck::CannotBeChecked(account, why),
        None => AccountCheck::Valid(account),
    }
}

/// How many digits an account number is written with.
fn lengths(range: Option<&'static clearing::ClearingRange>) -> RangeInclusive<usize> {
    let shortest = range.map_or(clearing::SHORTEST, |range| range.shortest);
    let longest = range
        .and_then(|range| range.account_type)
        .map_or(10, AccountType::full_length);
    shortest..=longest
}

fn in_words(lengths: &RangeInclusive<usize>) -> &'static str {
    match (lengths.start(), lengths.end()) {
        (7, 7) => "7 in the account number",
        (10, 10) => "10 in the account number",
        (7, 9) => "7 to 9 in the account number",
        (7, 10) => "7 to 10 in the account number",
        (5, 10) => "5 to 10 in the account number",
        _ => "2 to 10 in the account number",
    }
}

/// The clearing number, and how many digits of the text belong to it.
type Split<'a> = (Input<'a>, ClearingNumber, usize, Digits<15>);

/// Finds where the clearing number ends and the account number begins.
fn split(text: &str) -> Result<Split<'_>, ParseError> {
    let input = Input::new(Identifier::BankAccount, text);
    // How many digits stand before the first and the second separator.
    let mut ends = [usize::MAX; 2];
    let mut seen = 0_usize;
    let digits: Digits<15> = read_digits(
        &input,
        Between::HyphenCommaOrSpace,
        "6 to 15 in both parts",
        |before, _| {
            if let Some(end) = ends.get_mut(seen) {
                *end = before;
            }
            seen += 1;
            true
        },
    )?;
    let bytes = digits.bytes();
    let about_clearing = input.about(Identifier::ClearingNumber);
    let swedbank = bytes[0] == b'8';
    let first_group = ends[0].min(bytes.len());
    if first_group < 4 || bytes.len() < 6 || (first_group == 5 && !swedbank) {
        let expected = "4, or 5 at Swedbank,";
        return Err(if bytes.len() < 6 {
            input.length(bytes.len(), "6 to 15 in both parts")
        } else {
            about_clearing.length(first_group, expected)
        });
    }
    // Set apart as "84244 …" or "8424-4 …": the writer says that it is a fifth digit.
    let set_apart = first_group == 5 || (first_group == 4 && ends[1] == 5);
    let at = if swedbank && (set_apart || is_fifth_digit(bytes)) {
        5
    } else {
        4
    };
    let clearing = ClearingNumber::from_digits(&bytes[..at])
        .map_err(|(kind, digit)| about_clearing.error_at_digit(kind, digit))?;
    Ok((input, clearing, at, digits))
}

/// Whether the fifth digit can be the check digit of Swedbank's clearing number: it fits, and so
/// does the account number after it. If it were the first digit of an account number, that would
/// not fit as well, unless it is 0: then both readings are the same account.
fn is_fifth_digit(digits: &[u8]) -> bool {
    let (clearing, account) = digits.split_at(5);
    (7..=10).contains(&account.len()) && luhn::is_valid(clearing) && luhn::is_valid(account)
}

/// The normalised form: four digits of the clearing number, a hyphen, the account number.
impl fmt::Display for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.clearing, self.account_number())
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankAccount(redacted)")
    }
}

/// Accepts what is valid or cannot be checked; see [`BankAccount::check`] to tell them apart.
impl FromStr for BankAccount {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match Self::check(text) {
            AccountCheck::Valid(account) | AccountCheck::CannotBeChecked(account, _) => Ok(account),
            AccountCheck::Invalid(error) => Err(error),
        }
    }
}
