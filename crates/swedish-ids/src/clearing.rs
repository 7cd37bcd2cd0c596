//! Clearing numbers: which bank, and how its account numbers are built.
//!
//! # Sources of the table
//! As of 8 September 2025, the state of the first source when it was last compared:
//! - Bankinfrastruktur/BankData, `Data/source.psv` (2025-09-08): ranges, check rules and the
//!   shortest account numbers. The project watches the lists of Bankgirot and of
//!   Bankinfrastruktur i Sverige AB (BSAB) for changes.
//! - Bankgirot, "Bankernas kontonummer" (2023-11-07, as read by the same project): types, and the
//!   ranges of Aion, Lunar and Riksgälden. Since that edition all Swedbank accounts can be checked.
//! - swantzter/kontonummer `src/banks.ts` (March 2024): the lengths at Riksgälden, and
//!   the range 9650 to 9659. Its range 3400 to 3499 overlaps Nordea's; all other sources end it at 3409.
//! - BSAB, clearing numbers by number (2023-08-08): ranges without account numbers for payments.
//! - barsoom/banktools-se (April 2026): plusgiro accounts from two digits, and old names.

use alloc::string::String;
use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::luhn;
use crate::text::{Between, Digits, Input, read_digits};

/// How the account numbers behind a clearing number are built and checked. The names are those of
/// Bankgirot's manual "Bankernas kontonummer".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AccountType {
    /// Type 1, comment 1: seven digits; modulus 11 over the last three digits of the clearing
    /// number and the account number.
    Type1Comment1,
    /// Type 1, comment 2: seven digits; modulus 11 over the whole clearing number and the account
    /// number.
    Type1Comment2,
    /// Type 2, comment 1: ten digits; modulus 10 over the account number.
    Type2Comment1,
    /// Type 2, comment 2 (Handelsbanken): nine digits; modulus 11 over the account number.
    Type2Comment2,
    /// Type 2, comment 3: up to ten digits; modulus 10 over the account number.
    Type2Comment3,
}

impl AccountType {
    /// How many digits an account number has when zeros have been put in front of a shorter one.
    pub const fn full_length(self) -> usize {
        match self {
            Self::Type1Comment1 | Self::Type1Comment2 => 7,
            Self::Type2Comment2 => 9,
            Self::Type2Comment1 | Self::Type2Comment3 => 10,
        }
    }
}

/// Whether a range of clearing numbers is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Listing {
    /// In Bankgirot's or BSAB's list.
    Current,
    /// No longer in Bankgirot's list of account numbers; some other lists still have it.
    Withdrawn,
}

/// A range of clearing numbers that belongs to one bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ClearingRange {
    /// The first clearing number of the range.
    pub first: u16,
    /// The last clearing number of the range.
    pub last: u16,
    /// The bank.
    pub bank: &'static str,
    /// How its accounts are built, or `None` where no rule is published (participants in clearing
    /// that have no accounts for ordinary payments).
    pub account_type: Option<AccountType>,
    /// The fewest digits that an account number is written with; shorter than
    /// [`AccountType::full_length`] where the bank leaves zeros out.
    pub shortest: usize,
    /// Whether the range is in use.
    pub listing: Listing,
}

/// Every known range, in ascending order. They do not overlap.
pub const fn clearing_ranges() -> &'static [ClearingRange] {
    RANGES
}

/// The range of a clearing number of four digits.
pub(crate) fn find(clearing: u16) -> Option<&'static ClearingRange> {
    let index = RANGES.partition_point(|range| range.last < clearing);
    RANGES.get(index).filter(|range| range.first <= clearing)
}

/// Accounts of type 1 are always written with seven digits.
const fn t1c1(range: RangeInclusive<u16>, bank: &'static str) -> ClearingRange {
    row(
        range,
        bank,
        Some(AccountType::Type1Comment1),
        7,
        Listing::Current,
    )
}

const fn t1c2(range: RangeInclusive<u16>, bank: &'static str) -> ClearingRange {
    row(
        range,
        bank,
        Some(AccountType::Type1Comment2),
        7,
        Listing::Current,
    )
}

const fn t2c1(range: RangeInclusive<u16>, bank: &'static str, shortest: usize) -> ClearingRange {
    row(
        range,
        bank,
        Some(AccountType::Type2Comment1),
        shortest,
        Listing::Current,
    )
}

const fn t2c2(range: RangeInclusive<u16>, bank: &'static str, shortest: usize) -> ClearingRange {
    row(
        range,
        bank,
        Some(AccountType::Type2Comment2),
        shortest,
        Listing::Current,
    )
}

const fn t2c3(range: RangeInclusive<u16>, bank: &'static str, shortest: usize) -> ClearingRange {
    row(
        range,
        bank,
        Some(AccountType::Type2Comment3),
        shortest,
        Listing::Current,
    )
}

const fn no_rule(range: RangeInclusive<u16>, bank: &'static str) -> ClearingRange {
    row(range, bank, None, SHORTEST, Listing::Current)
}

const fn withdrawn(
    range: RangeInclusive<u16>,
    bank: &'static str,
    account_type: Option<AccountType>,
) -> ClearingRange {
    let shortest = if account_type.is_some() { 7 } else { SHORTEST };
    row(range, bank, account_type, shortest, Listing::Withdrawn)
}

const fn row(
    range: RangeInclusive<u16>,
    bank: &'static str,
    account_type: Option<AccountType>,
    shortest: usize,
    listing: Listing,
) -> ClearingRange {
    ClearingRange {
        first: *range.start(),
        last: *range.end(),
        bank,
        account_type,
        shortest,
        listing,
    }
}

/// The fewest digits of an account number whose bank is not known: no bank is known to write fewer.
/// (Plusgiro accounts can be shorter, but their clearing numbers are known.)
pub(crate) const SHORTEST: usize = 5;

const RANGES: &[ClearingRange] = &[
    no_rule(1000..=1099, "Sveriges Riksbank"),
    t1c1(1100..=1199, "Nordea"),
    t1c1(1200..=1399, "Danske Bank"),
    t1c1(1400..=2099, "Nordea"),
    t1c2(2300..=2399, "Ålandsbanken"),
    t1c1(2400..=2499, "Danske Bank"),
    t1c1(3000..=3299, "Nordea"),
    // Personkonto: the account number is the ten digits of the holder's personal number, and is
    // never shortened. 3782 reaches the same accounts and is hardly used.
    t2c1(3300..=3300, "Nordea", 10),
    t1c1(3301..=3399, "Nordea"),
    t1c1(3400..=3409, "Länsförsäkringar Bank"),
    t1c1(3410..=3781, "Nordea"),
    t2c1(3782..=3782, "Nordea", 10),
    t1c1(3783..=3999, "Nordea"),
    t1c2(4000..=4999, "Nordea"),
    t1c1(5000..=5999, "SEB"),
    // An account number is unique in the bank, whatever the clearing number.
    t2c2(6000..=6999, "Handelsbanken", 7),
    t1c1(7000..=7999, "Swedbank"),
    t2c3(8000..=8999, "Swedbank", 7),
    t1c2(9020..=9029, "Länsförsäkringar Bank"),
    t1c2(9040..=9049, "Citibank"),
    t1c1(9060..=9069, "Länsförsäkringar Bank"),
    t1c1(9070..=9079, "Multitude Bank"),
    no_rule(9080..=9089, "Crédit Agricole"),
    withdrawn(9090..=9099, "Royal Bank of Scotland", None),
    t1c2(9100..=9109, "Nordnet Bank"),
    t1c1(9120..=9124, "SEB"),
    t1c1(9130..=9149, "SEB"),
    t1c2(9150..=9169, "Skandiabanken"),
    t1c1(9170..=9179, "Ikano Bank"),
    t2c1(9180..=9189, "Danske Bank", 7),
    t1c2(9190..=9199, "DNB Bank"),
    t1c1(9230..=9239, "Marginalen Bank"),
    t1c1(9250..=9259, "SBAB"),
    t1c2(9260..=9269, "DNB Bank"),
    t1c1(9270..=9279, "ICA Banken"),
    t1c1(9280..=9289, "Resurs Bank"),
    // Formerly Sparbanken Öresund.
    t2c1(9300..=9349, "Swedbank", 7),
    no_rule(9380..=9389, "Pareto Securities"),
    t1c2(9390..=9399, "Landshypotek"),
    withdrawn(9400..=9449, "Forex Bank", Some(AccountType::Type1Comment1)),
    t1c1(9460..=9469, "Santander Consumer Bank"),
    t1c2(9470..=9479, "BNP Paribas"),
    no_rule(9490..=9499, "Brite"),
    // Plusgiro numbers have from two digits.
    t2c3(9500..=9549, "Nordea (Plusgirot)", 2),
    t1c2(9550..=9569, "Avanza Bank"),
    t2c1(9570..=9579, "Sparbanken Syd", 5),
    t1c1(9580..=9589, "Aion Bank"),
    t1c2(9590..=9599, "Erik Penser Bank"),
    no_rule(9600..=9609, "Banking Circle"),
    no_rule(9610..=9619, "Volvofinans Bank"),
    no_rule(9620..=9629, "Bank of China"),
    t1c1(9630..=9639, "Lån & Spar Bank"),
    t1c2(9640..=9649, "NOBA Bank Group"),
    withdrawn(
        9650..=9659,
        "MedMera Bank",
        Some(AccountType::Type1Comment2),
    ),
    t1c2(9660..=9669, "Svea Bank"),
    t1c2(9670..=9679, "JAK Medlemsbank"),
    t1c1(9680..=9689, "Bluestep Finans"),
    no_rule(9690..=9699, "Folkia"),
    t1c2(9700..=9709, "Ekobanken"),
    t1c2(9710..=9719, "Lunar Bank"),
    t1c2(9750..=9759, "Northmill Bank"),
    // Formerly FTCS.
    no_rule(9770..=9779, "Intergiro"),
    t1c2(9780..=9789, "Klarna Bank"),
    no_rule(9860..=9869, "Privatgirot"),
    no_rule(9870..=9879, "Nasdaq"),
    t1c2(9880..=9889, "Riksgälden"),
    t2c1(9890..=9899, "Riksgälden", 10),
    no_rule(9951..=9951, "Teller Branch Norway"),
    no_rule(9952..=9952, "Bankernas Automatbolag"),
    no_rule(9953..=9953, "Teller Branch Sweden"),
    no_rule(9954..=9954, "Kortaccept Nordic"),
    no_rule(9955..=9955, "Kommuninvest"),
    no_rule(9956..=9956, "VP Securities"),
    t2c3(9960..=9969, "Nordea (Plusgirot)", 2),
];

/// A clearing number, 1000 to 9999: the bank's part of an account number.
///
/// Swedbank shows the numbers 8000 to 8999 with a fifth digit, the Luhn check digit of the four
/// (`8327-9`). It is checked when it is there, and dropped: payments do not carry it, and it can be
/// [worked out again](Self::check_digit). `Display` writes the four digits.
///
/// ```
/// use swedish_ids::{AccountType, ClearingNumber};
///
/// let clearing: ClearingNumber = "8327-9".parse()?;
/// assert_eq!(clearing, "8327".parse()?);
/// assert_eq!(clearing.to_string(), "8327");
/// assert_eq!(clearing.with_check_digit(), "8327-9");
/// let range = clearing.range().unwrap();
/// assert_eq!(range.bank, "Swedbank");
/// assert_eq!(range.account_type, Some(AccountType::Type2Comment3));
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClearingNumber {
    number: u16,
}

impl ClearingNumber {
    /// The clearing number of four digits.
    pub const fn number(self) -> u16 {
        self.number
    }

    /// Bank and account type, or `None` if the number is in no known range.
    pub fn range(self) -> Option<&'static ClearingRange> {
        find(self.number)
    }

    /// The bank, if it is known.
    pub fn bank(self) -> Option<&'static str> {
        self.range().map(|range| range.bank)
    }

    /// The fifth digit that Swedbank shows after 8000 to 8999; other numbers have none.
    pub fn check_digit(self) -> Option<u8> {
        (8000..=8999)
            .contains(&self.number)
            .then(|| luhn::check_digit(&self.ascii()) - b'0')
    }

    /// The number as the bank shows it: `8327-9` at Swedbank, four digits elsewhere.
    pub fn with_check_digit(self) -> String {
        use fmt::Write as _;

        let mut text = String::with_capacity(6);
        // Writing into a String does not fail.
        let _ = write!(text, "{self}");
        if let Some(digit) = self.check_digit() {
            let _ = write!(text, "-{digit}");
        }
        text
    }

    pub(crate) fn ascii(self) -> [u8; 4] {
        let digit = |divisor: u16| {
            u8::try_from(self.number / divisor % 10).map_or(b'0', |digit| b'0' + digit)
        };
        [digit(1000), digit(100), digit(10), digit(1)]
    }

    /// Four or five ASCII digits; the error says which digit is wrong.
    pub(crate) fn from_digits(digits: &[u8]) -> Result<Self, (ParseErrorKind, usize)> {
        let (four, fifth) = digits.split_at(4.min(digits.len()));
        let number = four
            .iter()
            .fold(0, |sum, ascii| sum * 10 + u16::from(ascii - b'0'));
        if number < 1000 {
            return Err((
                ParseErrorKind::OutOfRange {
                    lowest: 1000,
                    highest: 9999,
                },
                0,
            ));
        }
        if !fifth.is_empty() && !luhn::is_valid(digits) {
            return Err((ParseErrorKind::ClearingCheckDigit, 4));
        }
        Ok(Self { number })
    }
}

impl fmt::Display for ClearingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.number)
    }
}

impl fmt::Debug for ClearingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClearingNumber({self})")
    }
}

/// Four digits, or five from 80000 on, with a hyphen or space before the fifth or without.
impl FromStr for ClearingNumber {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let input = Input::new(Identifier::ClearingNumber, text);
        let expected = "4, or 5 at Swedbank,";
        let digits: Digits<5> =
            read_digits(&input, Between::HyphenOrSpace, expected, |before, _| {
                before == 4
            })?;
        let bytes = digits.bytes();
        if bytes.len() < 4 || (bytes.len() == 5 && bytes[0] != b'8') {
            return Err(input.length(bytes.len(), expected));
        }
        Self::from_digits(bytes).map_err(|(kind, digit)| input.error_at_digit(kind, digit))
    }
}

#[cfg(test)]
mod tests {
    use super::{RANGES, find};

    #[test]
    fn the_ranges_are_in_order_and_do_not_overlap() {
        for range in RANGES {
            assert!(range.first <= range.last, "{range:?}");
            assert!(
                (1000..=9999).contains(&range.first) && range.last <= 9999,
                "{range:?}"
            );
            if let Some(account_type) = range.account_type {
                assert!(range.shortest <= account_type.full_length(), "{range:?}");
            }
        }
        for pair in RANGES.windows(2) {
            assert!(pair[0].last < pair[1].first, "{pair:?}");
        }
    }

    #[test]
    fn every_number_is_found_in_its_range_only() {
        for clearing in 0..=u16::MAX {
            let expected = RANGES
                .iter()
                .find(|r| (r.first..=r.last).contains(&clearing));
            assert_eq!(find(clearing), expected, "{clearing}");
        }
    }
}
