//! Swedish identifiers, bank accounts, payment references, tax tables and public holidays.
//!
//! | Read, check and write | Type |
//! |---|---|
//! | personnummer, samordningsnummer, interim numbers | [`PersonalIdentityNumber`] |
//! | organisationsnummer, and sole traders' personal numbers | [`OrganisationNumber`] |
//! | momsregistreringsnummer | [`VatNumber`] |
//! | bankgiro and plusgiro | [`Bankgiro`], [`Plusgiro`] |
//! | OCR references, built from invoice numbers too | [`OcrReference`], [`OcrAgreement`] |
//! | bank accounts, and which bank has which clearing number | [`BankAccount`], [`ClearingNumber`] |
//! | tax tables and their columns | [`TaxTable`], [`TaxColumn`] |
//! | public holidays and working days | [`public_holidays`], [`WorkingDays`] |
//!
//! Nothing here does I/O or reads a clock: where the century of a number depends on what day it is,
//! today is a parameter. A value of one of these types has been checked.
//!
//! ```
//! use swedish_ids::{
//!     BankAccount, Bankgiro, ClearingNumber, Date, NonDigits, OcrLayout, OcrReference,
//!     OrganisationNumber, PersonalIdentityNumber, Plusgiro, TaxColumn, TaxTable, VatNumber,
//!     WorkingDays, public_holidays,
//! };
//!
//! let today = Date::new(2026, 11, 20).unwrap();
//!
//! // One person, however the number is written.
//! let person = PersonalIdentityNumber::parse_at("121212+1212", today)?;
//! assert_eq!(person, "191212121212".parse()?);
//! assert_eq!(person.to_string(), "19121212-1212");
//! assert_eq!(person.birth_date(), Date::new(1912, 12, 12).unwrap());
//!
//! // A company, and the VAT number that follows from its number.
//! let company: OrganisationNumber = "16556016-0680".parse()?;
//! assert_eq!(company.to_string(), "556016-0680");
//! assert_eq!(VatNumber::from(company).to_string(), "SE556016068001");
//!
//! // Where to pay, and with which reference.
//! assert_eq!("54029681".parse::<Bankgiro>()?.to_string(), "5402-9681");
//! assert_eq!("2865434".parse::<Plusgiro>()?.to_string(), "28 65 43-4");
//! let layout = OcrLayout::with_length_digit();
//! let reference = OcrReference::from_invoice_number("INV-123", NonDigits::Drop, layout)?;
//! assert_eq!(reference.to_string(), "12351");
//!
//! // Where the wage goes.
//! let account: BankAccount = "8327-9 014 725 892-5".parse()?;
//! assert_eq!(account.bank(), Some("Swedbank"));
//! assert_eq!(account.to_string(), "8327-0147258925");
//! assert_eq!("6789".parse::<ClearingNumber>()?.bank(), Some("Handelsbanken"));
//!
//! // How it is taxed.
//! assert!(TaxTable::for_year(33, 2026).is_ok());
//! assert_eq!("1".parse::<TaxColumn>()?.number(), 1);
//!
//! // When nobody works.
//! assert_eq!(public_holidays(2026).len(), 13);
//! assert!(!WorkingDays::new().contains(Date::new(2026, 12, 24).unwrap()));
//! # Ok::<(), swedish_ids::ParseError>(())
//! ```
//!
//! # What is read
//! Every type is read with [`FromStr`](core::str::FromStr) and written with
//! [`Display`](core::fmt::Display). What people really paste is accepted:
//! - White space before and after, of every kind that Unicode has (no-break and thin spaces among
//!   them), and the two invisible characters that spreadsheets and CSV files leave there: the
//!   byte-order mark U+FEFF and the zero-width space U+200B.
//! - As a hyphen: the ordinary one, the hyphen U+2010, the no-break hyphen U+2011, the figure dash
//!   U+2012, the en dash U+2013 and the minus sign U+2212. Not the em dash, and not the soft hyphen.
//! - Inside of a number only what its type names. A personal identity number, an organisation
//!   number and a tax table take no inner space; giro, OCR, VAT and account numbers do, because they
//!   are printed with them. Wherever a space is taken, a no-break or thin one is too.
//!
//! All else is refused with a [`ParseError`] that says what is wrong and where. Digits of other
//! scripts and widths are refused as [`ParseErrorKind::ForeignDigit`], not converted: whoever sends
//! them should know.
//!
//! # Personal data
//! `Debug` of a personal identity number, of a bank account, and of an organisation or VAT number
//! that is a sole trader's, shows no digit. `Display` shows all of it; that is the explicit way.
//! Errors never hold a character of what was read.
//!
//! # Features
//! - `chrono` (default): `chrono::NaiveDate` wherever a date goes in, and [`From`] both ways. Without
//!   it, use [`Date`]; nothing else is lost.
//! - `serde`: every type as a string; tax tables and columns are read from numbers too.
//!
//! The crate is `no_std` with `alloc`. (The two features bring in crates that are built with `std`
//! in this workspace.)
//!
//! # Speed
//! `cargo bench -p swedish-ids` reads and checks personal identity numbers, in the same run as the
//! crate `personnummer` 3.1.1; see the README of this crate for figures.
#![no_std]

extern crate alloc;

mod bank_account;
mod bankgiro;
mod calendar;
mod clearing;
mod date;
mod error;
mod luhn;
mod ocr_reference;
mod organisation_number;
mod personal_identity_number;
mod plusgiro;
#[cfg(feature = "serde")]
mod serde_text;
mod tax_table;
mod text;
mod vat_number;

pub use bank_account::{AccountCheck, BankAccount, CannotBeChecked};
pub use bankgiro::Bankgiro;
pub use calendar::{
    DeFactoDayOff, PublicHoliday, WorkingDays, de_facto_day_off, de_facto_days_off, easter_sunday,
    is_public_holiday, public_holiday, public_holidays,
};
pub use clearing::{AccountType, ClearingNumber, ClearingRange, Listing, clearing_ranges};
pub use date::{Date, Weekday};
pub use error::{Identifier, ParseError, ParseErrorKind};
pub use ocr_reference::{
    NonDigits, OcrAgreement, OcrLayout, OcrLengths, OcrReference, PaymentReference,
};
pub use organisation_number::{OrganisationGroup, OrganisationNumber};
pub use personal_identity_number::{
    LegalGender, NumberFormat, ParseOptions, PersonalIdentityNumber, PersonalNumberKind,
};
pub use plusgiro::Plusgiro;
pub use tax_table::{TaxColumn, TaxColumnMeaning, TaxColumnWarning, TaxTable};
pub use vat_number::VatNumber;

/// The example in the README, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
