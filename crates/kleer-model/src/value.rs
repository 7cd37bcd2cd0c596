//! Values: amounts, rates, dates, texts, bytes.
//!
//! | schema | Rust |
//! |---|---|
//! | `xs:string` | `String`, exactly as it stands, white space included |
//! | `xs:int`, `xs:long` | `i32`, `i64`; [`Cents`] where the schema says "in cent"; [`SalaryAmount`] where the unit is not established |
//! | `xs:decimal` | [`rust_decimal::Decimal`]; [`Rate`] where its unit is not established |
//! | `xs:boolean` | `bool` |
//! | `xs:date` | [`chrono::NaiveDate`]; a time zone is accepted and dropped |
//! | `xs:dateTime` | [`Timestamp`], which keeps its offset if it had one |
//! | `xs:hexBinary` | [`HexBinary`] |

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use rust_decimal::Decimal;

use crate::codec::error::{ReadError, WriteError, WriteErrorKind};
use crate::codec::reveal::reveal_by_debug;
use crate::codec::{Described, Reader, Value, Writer};
use crate::{Content, TypeDescription};

/// An amount of money in hundredths of its currency ("in cent" in the schema; öre for SEK).
///
/// ```
/// use kleer_model::Cents;
///
/// let price = Cents(12_550);
/// assert_eq!(price.to_string(), "125.50");
/// assert_eq!(Cents::from_decimal_exact("125.5".parse()?), Some(price));
/// assert_eq!(Cents::from_decimal_exact("125.505".parse()?), None);
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Cents(pub i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, unless it is out of range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it is out of range.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The same amount with the other sign, unless it is out of range.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// The amount in whole units of its currency, with two decimals.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// An amount from whole units of its currency; `None` if it has a part of a cent or is out of
    /// range. Nothing is rounded.
    pub fn from_decimal_exact(amount: Decimal) -> Option<Self> {
        let cents = amount.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
        if cents.scale() == 0 {
            i64::try_from(cents.mantissa()).ok().map(Self)
        } else {
            None
        }
    }
}

impl fmt::Display for Cents {
    /// Units and hundredths: `-12.05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.unsigned_abs();
        let digits = format!("{}.{:02}", cents / 100, cents % 100);
        f.pad_integral(self.0 >= 0, "", &digits)
    }
}

/// A percentage as Kleer writes it. Whether 25 % is written `25` or `0.25` is not established, so
/// the value has no unit of its own: say which with [`RateUnit`].
///
/// ```
/// use kleer_model::{Rate, RateUnit};
///
/// let vat = Rate::from_percent(25.into(), RateUnit::Fraction);
/// assert_eq!(vat.0.to_string(), "0.25");
/// assert_eq!(vat.to_percent(RateUnit::Fraction), 25.into());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Rate(pub Decimal);

impl Rate {
    /// The rate for a percentage (25 for 25 %). A fraction beyond 28 decimals is rounded.
    pub fn from_percent(percent: Decimal, unit: RateUnit) -> Self {
        match unit {
            RateUnit::Percent => Self(percent.normalize()),
            RateUnit::Fraction => Self((percent / Decimal::ONE_HUNDRED).normalize()),
        }
    }

    /// The percentage (25 for 25 %). A fraction too large to be one is cut to the largest number.
    pub fn to_percent(self, unit: RateUnit) -> Decimal {
        match unit {
            RateUnit::Percent => self.0.normalize(),
            RateUnit::Fraction => {
                let percent = self.0.checked_mul(Decimal::ONE_HUNDRED);
                percent.unwrap_or(Decimal::MAX).normalize()
            }
        }
    }
}

/// How a [`Rate`] is written. There is no default: ask the user, or [`detect`](Self::detect) it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum RateUnit {
    /// `25` is 25 %.
    Percent,
    /// `0.25` is 25 %.
    Fraction,
}

impl RateUnit {
    /// Finds out how rates are written from rates that are known to be VAT rates of products.
    ///
    /// A rate of 1 or more is a percentage (no VAT rate is 100 %), one between 0 and 1 is a
    /// fraction (no VAT rate is below 1 %). `None` when no rate tells, or when they contradict
    /// each other.
    ///
    /// ```
    /// use kleer_model::{Rate, RateUnit};
    ///
    /// let rates = ["0", "0.06", "0.25"].map(|rate| Rate(rate.parse().unwrap()));
    /// assert_eq!(RateUnit::detect(rates), Some(RateUnit::Fraction));
    /// assert_eq!(RateUnit::detect([Rate(0.into())]), None);
    /// ```
    pub fn detect(rates: impl IntoIterator<Item = Rate>) -> Option<Self> {
        let mut found = None;
        for Rate(rate) in rates {
            let unit = if rate >= Decimal::ONE {
                Self::Percent
            } else if rate > Decimal::ZERO {
                Self::Fraction
            } else {
                continue;
            };
            if *found.get_or_insert(unit) != unit {
                return None;
            }
        }
        found
    }
}

/// An amount of an employee's payroll agreement as Kleer writes it. Whether 35,000 kronor a month
/// are written `35000` or `3500000` is not established, so the value has no unit of its own: say
/// which with [`SalaryUnit`].
///
/// ```
/// use kleer_model::{Cents, SalaryAmount, SalaryUnit};
///
/// let salary = SalaryAmount::from_cents_exact(Cents(3_500_000), SalaryUnit::Kronor);
/// assert_eq!(salary, Some(SalaryAmount(35_000)));
/// assert_eq!(SalaryAmount(35_000).to_cents(SalaryUnit::Kronor), Some(Cents(3_500_000)));
/// assert_eq!(SalaryAmount(35_000).to_cents(SalaryUnit::Ore), Some(Cents(35_000)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct SalaryAmount(pub i64);

impl SalaryAmount {
    /// The amount in cent (öre), unless it is out of range.
    pub fn to_cents(self, unit: SalaryUnit) -> Option<Cents> {
        match unit {
            SalaryUnit::Kronor => self.0.checked_mul(100).map(Cents),
            SalaryUnit::Ore => Some(Cents(self.0)),
        }
    }

    /// An amount from cent (öre); `None` if it must be written in kronor and has a part of one.
    /// Nothing is rounded.
    pub fn from_cents_exact(cents: Cents, unit: SalaryUnit) -> Option<Self> {
        match unit {
            SalaryUnit::Kronor => (cents.0 % 100 == 0).then_some(Self(cents.0 / 100)),
            SalaryUnit::Ore => Some(Self(cents.0)),
        }
    }
}

/// How a [`SalaryAmount`] is written. There is no default: ask the user, or compare a salary that
/// is known with what Kleer sends for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum SalaryUnit {
    /// `35000` is 35,000 kronor.
    Kronor,
    /// `3500000` is 35,000 kronor.
    Ore,
}

/// The bytes of a file (schema type `xs:hexBinary`). Not base64.
///
/// `Debug` shows only how many there are.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct HexBinary(pub Vec<u8>);

impl HexBinary {
    fn to_hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .map(|digit| char::from(DIGITS[usize::from(digit)]))
            .collect()
    }

    fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let pairs = text.as_bytes().chunks(2).map(|pair| match *pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        });
        pairs.collect::<Option<Vec<u8>>>().map(Self)
    }
}

impl fmt::Debug for HexBinary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HexBinary({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for HexBinary {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<HexBinary> for String {
    fn from(binary: HexBinary) -> Self {
        binary.to_hex()
    }
}

impl TryFrom<String> for HexBinary {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::from_hex(&text).ok_or_else(|| "expected an even number of hex digits".to_owned())
    }
}

/// A date and time as Kleer wrote it: with an offset from UTC, or without (schema type
/// `xs:dateTime`). Which zone Kleer means without one is not established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Timestamp {
    /// The date and time of day as written.
    pub local: NaiveDateTime,
    /// The offset from UTC as written.
    pub offset: Option<FixedOffset>,
}

impl fmt::Display for Timestamp {
    /// The form of `xs:dateTime`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { local, offset } = self;
        write_date(f, local.date())?;
        write!(
            f,
            "T{:02}:{:02}:{:02}",
            local.hour(),
            local.minute(),
            local.second()
        )?;
        let nanosecond = local.nanosecond() % 1_000_000_000;
        if nanosecond != 0 {
            let digits = format!("{nanosecond:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        match offset.map(|offset| offset.local_minus_utc() / 60) {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl FromStr for Timestamp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_timestamp(text).ok_or_else(|| format!("expected {TIMESTAMP_FORM}"))
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A value that an enumeration does not know. Read it through the enumeration's `as_str`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OtherValue(Box<str>);

impl OtherValue {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

const TIMESTAMP_FORM: &str = "a date and time (YYYY-MM-DDThh:mm:ss)";
const DATE_FORM: &str = "a date that exists (YYYY-MM-DD)";

/// What stands for "no date" where the schema demands one: integrations write the year 1.
pub(crate) const BLANK_DATE: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// XML Schema's white space, around every value that is not text.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

fn digits<T: FromStr>(text: &str, length: usize) -> Option<T> {
    let well_formed = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if well_formed { text.parse().ok() } else { None }
}

/// Splits off a time zone: what stands before it, and its offset.
fn split_zone(text: &str) -> Option<(&str, Option<FixedOffset>)> {
    if let Some(before) = text.strip_suffix('Z') {
        return Some((before, FixedOffset::east_opt(0)));
    }
    let Some((before, zone)) = text
        .len()
        .checked_sub(6)
        .and_then(|at| text.split_at_checked(at))
    else {
        return Some((text, None));
    };
    let sign = match zone.as_bytes() {
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return Some((text, None)),
    };
    let (hours, minutes) = (
        digits::<i32>(&zone[1..3], 2)?,
        digits::<i32>(&zone[4..6], 2)?,
    );
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    Some((
        before,
        FixedOffset::east_opt(sign * (hours * 60 + minutes) * 60),
    ))
}

fn parse_plain_date(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let [b'-', _, _, b'-', _, _] = rest.as_bytes() else {
        return None;
    };
    // XML Schema wants at least four digits of year; years before 1 have no use here.
    if year.len() < 4 || (year.len() > 4 && year.starts_with('0')) {
        return None;
    }
    let year = digits(year, year.len()).filter(|year| *year > 0)?;
    NaiveDate::from_ymd_opt(year, digits(&rest[1..3], 2)?, digits(&rest[4..6], 2)?)
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    parse_plain_date(text).or_else(|| {
        let (date, zone) = split_zone(text)?;
        zone.and_then(|_| parse_plain_date(date))
    })
}

fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let (local, offset) = split_zone(text)?;
    let (date, time) = local.split_once('T')?;
    let date = parse_plain_date(date)?;
    let (clock, fraction) = match time.split_once('.') {
        Some((_, "")) => return None,
        Some((clock, fraction)) => (clock, fraction),
        None => (time, ""),
    };
    let [_, _, b':', _, _, b':', _, _] = clock.as_bytes() else {
        return None;
    };
    let part = |at: usize| digits::<u32>(clock.get(at..at + 2)?, 2);
    let (hour, minute, second) = (part(0)?, part(3)?, part(6)?);
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Kleer's clock cannot be finer than a nanosecond; more digits are cut.
    let nanosecond = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let local = if (hour, minute, second, nanosecond) == (24, 0, 0, 0) {
        // XML Schema's other name for midnight.
        date.succ_opt()?.and_time(NaiveTime::MIN)
    } else {
        date.and_hms_nano_opt(hour, minute, second, nanosecond)
            .filter(|_| second < 60)?
    };
    Some(Timestamp { local, offset })
}

fn write_date(f: &mut impl fmt::Write, date: NaiveDate) -> fmt::Result {
    write!(
        f,
        "{:04}-{:02}-{:02}",
        date.year(),
        date.month(),
        date.day()
    )
}

/// Reads a decimal in XML Schema's form, which is wider than Rust's (`+12`, `1.`, `.5`) and
/// narrower (no exponent, no underscore). More digits than 28 are refused, not rounded.
pub(crate) fn parse_decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    // Zeros at the end of a long fraction carry no value but would not fit.
    let fraction = if fraction.len() > 20 {
        fraction.trim_end_matches('0')
    } else {
        fraction
    };
    if !whole.is_empty() && !fraction.is_empty() && text.len() < 20 && !text.starts_with('+') {
        // As nearly every decimal is written: Rust's form too.
        return Decimal::from_str_exact(text).ok();
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if text.starts_with('-') { "-" } else { "" };
    if fraction.is_empty() {
        Decimal::from_str_exact(&format!("{sign}{whole}")).ok()
    } else {
        Decimal::from_str_exact(&format!("{sign}{whole}.{fraction}")).ok()
    }
}

/// Reads a date where an empty text and the year 1 stand for "none".
pub(crate) fn read_blankable(reader: &mut Reader<'_>) -> Result<Option<NaiveDate>, ReadError> {
    let text = reader.text()?;
    match trim(&text) {
        "" => Ok(None),
        text => match parse_date(text) {
            Some(date) => Ok((date != BLANK_DATE).then_some(date)),
            None => Err(reader.bad_value(DATE_FORM)),
        },
    }
}

/// Implements [`Value`] for a type whose content is text.
macro_rules! text_value {
    (
        $type:ty, $schema:literal, blank $blank:expr,
        read |$text:ident| $read:expr, or $expected:expr,
        write |$value:ident, $writer:ident| $write:expr
    ) => {
        impl Value for $type {
            #[inline]
            fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
                let text = reader.text()?;
                let $text = trim(&text);
                let value: Option<Self> = $read;
                value.ok_or_else(|| reader.bad_value($expected))
            }

            #[inline]
            fn write(&self, $writer: &mut Writer) -> Result<(), WriteError> {
                let $value = self;
                $write
            }

            fn blank() -> Self {
                $blank
            }
        }

        impl Described for $type {
            const DESCRIPTION: &'static TypeDescription = &TypeDescription {
                schema: "",
                rust: stringify!($type),
                content: Content::Text($schema),
            };
        }
    };
}

/// Likewise, for a number that formats to digits.
macro_rules! number_value {
    ($type:ty, $schema:literal, $expected:literal) => {
        text_value!(
            $type, $schema, blank 0,
            read |text| text.parse().ok(), or $expected,
            write |value, writer| { writer.display(value); Ok(()) }
        );
    };
}

number_value!(i32, "int", "a whole number of 32 bits");
number_value!(i64, "long", "a whole number of 64 bits");

text_value!(
    Cents, "long", blank Cents::ZERO,
    read |text| text.parse().ok().map(Cents), or "a whole number of 64 bits (an amount in cent)",
    write |value, writer| { writer.display(value.0); Ok(()) }
);

text_value!(
    SalaryAmount, "long", blank SalaryAmount(0),
    read |text| text.parse().ok().map(SalaryAmount), or "a whole number of 64 bits (a salary)",
    write |value, writer| { writer.display(value.0); Ok(()) }
);

text_value!(
    Decimal, "decimal", blank Decimal::ZERO,
    read |text| parse_decimal(text), or "a decimal number of at most 28 digits",
    write |value, writer| { writer.display(value); Ok(()) }
);

text_value!(
    Rate, "decimal", blank Rate(Decimal::ZERO),
    read |text| parse_decimal(text).map(Rate), or "a decimal number of at most 28 digits",
    write |value, writer| { writer.display(value.0); Ok(()) }
);

text_value!(
    bool, "boolean", blank false,
    read |text| match text { "true" | "1" => Some(true), "false" | "0" => Some(false), _ => None },
    or "true or false",
    write |value, writer| { writer.raw(if *value { "true" } else { "false" }); Ok(()) }
);

text_value!(
    NaiveDate, "date", blank BLANK_DATE,
    read |text| parse_date(text), or DATE_FORM,
    write |value, writer| {
        if value.year() < 1 {
            return Err(WriteError::new(WriteErrorKind::Date));
        }
        writer.date(*value);
        Ok(())
    }
);

text_value!(
    Timestamp, "dateTime", blank Timestamp { local: BLANK_DATE.and_time(NaiveTime::MIN), offset: None },
    read |text| parse_timestamp(text), or TIMESTAMP_FORM,
    write |value, writer| {
        if value.local.year() < 1 {
            return Err(WriteError::new(WriteErrorKind::Date));
        }
        writer.display(value);
        Ok(())
    }
);

text_value!(
    HexBinary, "hexBinary", blank HexBinary::default(),
    read |text| HexBinary::from_hex(text), or "an even number of hexadecimal digits",
    write |value, writer| { writer.raw(&value.to_hex()); Ok(()) }
);

impl Value for String {
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        reader.text().map(std::borrow::Cow::into_owned)
    }

    #[inline]
    fn write(&self, writer: &mut Writer) -> Result<(), WriteError> {
        writer.text(self)
    }

    fn blank() -> Self {
        Self::new()
    }
}

impl Described for String {
    const DESCRIPTION: &'static TypeDescription = &TypeDescription {
        schema: "",
        rust: "String",
        content: Content::Text("string"),
    };
}

reveal_by_debug!(
    i32,
    i64,
    bool,
    String,
    Cents,
    SalaryAmount,
    Decimal,
    Rate,
    NaiveDate,
    Timestamp,
    HexBinary
);

impl Writer {
    pub(crate) fn date(&mut self, date: NaiveDate) {
        self.display(DateForm(date));
    }
}

struct DateForm(NaiveDate);

impl fmt::Display for DateForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_date(f, self.0)
    }
}
