//! Parts that several types share: addresses, files, custom fields, periods, dimensions.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{choice, record};
use crate::{Cents, DimensionEntryId, HexBinary, Rate};

record! {
    /// A postal address (schema type `address`). Every part is required by the schema; empty text
    /// means "none".
    pub struct Address = "address" {
        /// The first line; integrations write "c/o" lines here.
        required address1: String = "address1", personal;
        /// The second line; for people, street and number.
        required address2: String = "address2", personal;
        /// The postal code.
        required zip_code: String = "zip-code", personal;
        /// The town (the name is Kleer's).
        required state: String = "state", personal;
        /// The country, as text.
        required country: String = "country";
    }
}

impl Default for Address {
    /// An address of empty texts.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// A file that is attached to something (schema type `file`).
    ///
    /// The bytes travel as hexadecimal text, twice their size.
    pub struct File = "file" {
        /// The file's name.
        required filename: String = "filename", personal;
        /// The file's bytes.
        required data: HexBinary = "data";
    }
}

impl File {
    /// A file from its name and bytes.
    pub fn new(filename: impl Into<String>, data: impl Into<HexBinary>) -> Self {
        Self {
            filename: filename.into(),
            data: data.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A value of a field that the company has defined itself (schema type `field`).
    pub struct CustomField = "field" {
        /// The field's name. Kleer sends it and ignores it when written.
        optional name: String = "name";
        /// The field's key.
        required alias: String = "alias";
        /// The value.
        required value: String = "value", personal;
    }
}

impl CustomField {
    /// A value for the field with this alias.
    pub fn new(alias: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            alias: alias.into(),
            value: value.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// The days over which an amount is accrued, both included (an anonymous type of the schema).
    pub struct AccrualPeriod = "" {
        /// The first day.
        required start_date: NaiveDate = "start-date";
        /// The last day.
        required end_date: NaiveDate = "end-date";
    }
}

impl AccrualPeriod {
    /// A period from its first and last day.
    pub fn new(start_date: NaiveDate, end_date: NaiveDate) -> Self {
        Self {
            start_date,
            end_date,
            ..Self::blank()
        }
    }
}

record! {
    /// Days from a first to a last one (schema type `period`).
    ///
    /// Revenues and the payroll use it. Rows of invoices have [`AccrualPeriod`], which means the
    /// same but has other element names.
    pub struct Period = "period" {
        /// The first day.
        required start: NaiveDate = "start";
        /// The last day.
        required end: NaiveDate = "end";
    }
}

impl Period {
    /// A period from its first and last day.
    pub fn new(start: NaiveDate, end: NaiveDate) -> Self {
        Self {
            start,
            end,
            ..Self::blank()
        }
    }
}

record! {
    /// An amount and its currency (schema type `currency-amount`).
    pub struct CurrencyAmount = "currency-amount" {
        /// The currency (ISO 4217).
        required currency_type: String = "currency-type";
        /// The amount, in cent of the currency.
        required amount: Cents = "amount";
    }
}

impl CurrencyAmount {
    /// An amount in a currency.
    pub fn new(currency_type: impl Into<String>, amount: Cents) -> Self {
        Self {
            currency_type: currency_type.into(),
            amount,
            ..Self::blank()
        }
    }
}

record! {
    /// The part of an amount that belongs to one month (schema type `accrual`).
    pub struct Accrual = "accrual" {
        /// The month. Its form is not established.
        required month: String = "month";
        /// The part, in cent.
        required sum: Cents = "sum";
    }
}

impl Accrual {
    /// The part of one month.
    pub fn new(month: impl Into<String>, sum: Cents) -> Self {
        Self {
            month: month.into(),
            sum,
            ..Self::blank()
        }
    }
}

record! {
    /// An element without content (an anonymous type of the schema): that it stands says it all.
    pub struct Empty = "" {}
}

impl Default for Empty {
    /// The element.
    fn default() -> Self {
        Self::blank()
    }
}

choice! {
    /// A discount on a row (an anonymous type of the schema).
    pub enum Discount = "" {
        /// An amount off the row, in cent.
        Absolute(Cents) = "absolute",
        /// A percentage off the row; its unit is not established.
        Percentage(Rate) = "percentage",
    }
}

record! {
    /// How an amount is spread over entries of dimensions (schema type
    /// `dimensions-distribution`).
    pub struct DimensionsDistribution = "dimensions-distribution" {
        /// The shares.
        repeated dimension_entry: DimensionShare = "dimension-entry";
    }
}

impl Default for DimensionsDistribution {
    /// A distribution over nothing.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// One share of a [`DimensionsDistribution`] (an anonymous type of the schema).
    pub struct DimensionShare = "" {
        /// The entry.
        required id: DimensionEntryId = "id";
        /// The share as a fraction: 1 is all of it, and the default.
        optional percentage: Decimal = "percentage";
    }
}

impl DimensionShare {
    /// The whole amount on one entry.
    pub fn whole(id: DimensionEntryId) -> Self {
        Self {
            id,
            ..Self::blank()
        }
    }
}
