//! Tax tables (skattetabeller) and their columns.
//!
//! Sources: Skatteverket's open data set of tax tables (checked for 2025 and 2026); its brochures
//! for 2013 to 2021; the glossary of Fortnox ("Skattetabell") for the meaning of the columns.

use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

use crate::error::{Identifier, ParseError, ParseErrorKind};
use crate::text::{Between, Digits, Input, read_digits};

/// The number of a tax table for preliminary income tax: the whole per cent of local tax that it
/// was made for.
///
/// ```
/// use swedish_ids::TaxTable;
///
/// let table: TaxTable = "33".parse()?;
/// assert_eq!(table.number(), 33);
/// assert_eq!(TaxTable::range(2026), 29..=42);
/// assert!(TaxTable::for_year(41, 2026).is_ok());
/// assert!(TaxTable::for_year(41, 2021).is_err());
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxTable(u8);

impl TaxTable {
    /// The tables of a year: 29 to 37 until 2014, 29 to 40 until 2025, 29 to 42 from 2026.
    ///
    /// Seen in what Skatteverket published for 2013 to 2021 and for 2026. The years between are
    /// taken to be like those before them.
    pub const fn range(year: i32) -> RangeInclusive<u8> {
        match year {
            ..=2014 => 29..=37,
            2015..=2025 => 29..=40,
            _ => 29..=42,
        }
    }

    /// A table that exists in some year.
    ///
    /// # Errors
    /// [`ParseErrorKind::OutOfRange`]
    pub fn new(number: u8) -> Result<Self, ParseError> {
        Self::within(number, &Self::range(i32::MAX), None)
    }

    /// A table that exists in this year.
    ///
    /// # Errors
    /// [`ParseErrorKind::OutOfRange`]
    pub fn for_year(number: u8, year: i32) -> Result<Self, ParseError> {
        Self::within(number, &Self::range(year), None)
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Whether the table exists in this year.
    pub fn exists_in(self, year: i32) -> bool {
        Self::range(year).contains(&self.0)
    }

    fn within(
        number: u8,
        range: &RangeInclusive<u8>,
        position: Option<usize>,
    ) -> Result<Self, ParseError> {
        if range.contains(&number) {
            Ok(Self(number))
        } else {
            Err(out_of_range(Identifier::TaxTable, range, position))
        }
    }
}

fn out_of_range(
    identifier: Identifier,
    range: &RangeInclusive<u8>,
    position: Option<usize>,
) -> ParseError {
    let kind = ParseErrorKind::OutOfRange {
        lowest: u16::from(*range.start()),
        highest: u16::from(*range.end()),
    };
    ParseError::new(identifier, kind, position)
}

impl fmt::Display for TaxTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A table that exists in some year.
impl FromStr for TaxTable {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (input, number) = small_number(Identifier::TaxTable, text)?;
        Self::new(number).map_err(|error| input.error_at_digit(error.kind(), 0))
    }
}

/// One or two digits.
fn small_number(identifier: Identifier, text: &str) -> Result<(Input<'_>, u8), ParseError> {
    let input = Input::new(identifier, text);
    let digits: Digits<2> = read_digits(&input, Between::Nothing, "1 or 2", |_, _| false)?;
    let number = digits
        .bytes()
        .iter()
        .fold(0, |sum, ascii| sum * 10 + (ascii - b'0'));
    Ok((input, number))
}

/// A column of a tax table: which kind of income, and whether the person is old enough for the
/// higher deductions of pensioners.
///
/// Columns 1 to 6 are in every year's tables. Column 7 is read, but see
/// [`warning`](Self::warning).
///
/// ```
/// use swedish_ids::{TaxColumn, TaxColumnMeaning, TaxColumnWarning};
///
/// let column: TaxColumn = "1".parse()?;
/// assert_eq!(column.meaning(), TaxColumnMeaning::WageUnderAgeLimit);
/// assert_eq!(column.warning(2026), None);
/// assert_eq!(TaxColumn::new(7)?.warning(2026), Some(TaxColumnWarning::Empty));
/// # Ok::<(), swedish_ids::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxColumn(u8);

/// What a column of the tax tables is for.
///
/// The age limit is the age at the start of the year: 65 until 2022, and 66 from 2023, as far as
/// the sources of this crate go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaxColumnMeaning {
    /// 1: wage to someone under the age limit.
    WageUnderAgeLimit,
    /// 2: pension to someone at or over the age limit.
    PensionFromAgeLimit,
    /// 3: wage to someone at or over the age limit.
    WageFromAgeLimit,
    /// 4: sickness or activity compensation to someone under the age limit. In earlier years: wage
    /// to someone born in 1937 or before.
    SicknessOrActivityCompensation,
    /// 5: other income that gives pension rights, such as unemployment benefit.
    OtherPensionableIncome,
    /// 6: pension to someone under the age limit.
    PensionUnderAgeLimit,
    /// 7: wage to someone who was 65 but not 66 at the start of the year.
    WageAtSixtyFive,
}

/// Why a column deserves a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaxColumnWarning {
    /// The column is empty in this year's tables: no tax can be found in it. Known of 2026, and
    /// taken to hold of later years and of those before 2023.
    Empty,
    /// The column was in the tables, for those only who were 65 but not 66 at the start of the
    /// year. Known of 2025.
    OnlyAtSixtyFive,
    /// As `OnlyAtSixtyFive`, but inferred: the age limit moved in 2023, and the tables of 2023 and
    /// 2024 were not seen.
    Inferred,
}

impl TaxColumn {
    /// All columns that have ever been in use.
    pub const RANGE: RangeInclusive<u8> = 1..=7;

    /// A column, 1 to 7.
    ///
    /// # Errors
    /// [`ParseErrorKind::OutOfRange`]
    pub fn new(number: u8) -> Result<Self, ParseError> {
        if Self::RANGE.contains(&number) {
            Ok(Self(number))
        } else {
            Err(out_of_range(Identifier::TaxColumn, &Self::RANGE, None))
        }
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// What the column is for.
    pub const fn meaning(self) -> TaxColumnMeaning {
        match self.0 {
            1 => TaxColumnMeaning::WageUnderAgeLimit,
            2 => TaxColumnMeaning::PensionFromAgeLimit,
            3 => TaxColumnMeaning::WageFromAgeLimit,
            4 => TaxColumnMeaning::SicknessOrActivityCompensation,
            5 => TaxColumnMeaning::OtherPensionableIncome,
            6 => TaxColumnMeaning::PensionUnderAgeLimit,
            _ => TaxColumnMeaning::WageAtSixtyFive,
        }
    }

    /// A warning if the column is not one of the six that every year's tables have.
    pub const fn warning(self, year: i32) -> Option<TaxColumnWarning> {
        match (self.0, year) {
            (1..=6, _) => None,
            (_, 2025) => Some(TaxColumnWarning::OnlyAtSixtyFive),
            (_, 2023 | 2024) => Some(TaxColumnWarning::Inferred),
            _ => Some(TaxColumnWarning::Empty),
        }
    }
}

impl fmt::Display for TaxColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaxColumn {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (input, number) = small_number(Identifier::TaxColumn, text)?;
        Self::new(number).map_err(|error| input.error_at_digit(error.kind(), 0))
    }
}
