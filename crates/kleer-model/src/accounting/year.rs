//! Accounting years, and the parts of them that are locked.

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::{enumeration, id, record};
use crate::{Timestamp, UserId, UserReference};

id! {
    /// An accounting year.
    pub struct AccountingYearId(i32);
}

record! {
    /// An accounting year of the company (schema type `accounting-year-readable`). Read only.
    pub struct AccountingYearReadable = "accounting-year-readable", root "accounting-year-readable", list "accounting-year-readables" / "accounting-year-readable" {
        /// Kleer's id.
        required id: AccountingYearId = "id";
        /// The first day.
        required start_date: NaiveDate = "start-date";
        /// The last day.
        required end_date: NaiveDate = "end-date";
    }
}

impl AccountingYearReadable {
    /// A year; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: AccountingYearId, start_date: NaiveDate, end_date: NaiveDate) -> Self {
        Self {
            id,
            start_date,
            end_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A span of days of an accounting year in which vouchers are restricted (schema type
    /// `accounting-year-restriction-readable`). Read only.
    pub struct AccountingYearRestrictionReadable = "accounting-year-restriction-readable", root "accounting-year-restriction-readable", list "accounting-year-restriction-readables" / "accounting-year-restriction-readable" {
        /// Kleer's id.
        required id: i32 = "id";
        /// The accounting year.
        required accounting_year_id: AccountingYearId = "accounting-year-id";
        /// What is restricted.
        required restriction_type: AccountingYearRestrictionType = "type";
        /// The first day.
        required start_date: NaiveDate = "start-date";
        /// The last day.
        required end_date: NaiveDate = "end-date";
        /// Why; may be empty.
        required comment: String = "comment", personal;
        /// Who restricted it.
        required registration_user: UserReference = "registration-user";
        /// When.
        required registration_date: Timestamp = "registration-date";
    }
}

impl AccountingYearRestrictionReadable {
    /// A restriction without a comment; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: i32,
        accounting_year_id: AccountingYearId,
        restriction_type: AccountingYearRestrictionType,
        (start_date, end_date): (NaiveDate, NaiveDate),
        registration_user: UserId,
        registration_date: Timestamp,
    ) -> Self {
        Self {
            id,
            accounting_year_id,
            restriction_type,
            start_date,
            end_date,
            registration_user: registration_user.into(),
            registration_date,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// What may not be booked in a span of days (schema type `accounting-year-restriction-type`).
    /// The schema gives the names only; `A` and `F` are presumably series of vouchers.
    pub enum AccountingYearRestrictionType = "accounting-year-restriction-type" {
        /// Nothing is restricted.
        None = "None",
        /// All but `A`.
        AllExceptA = "AllExceptA",
        /// All but `F`.
        AllExceptF = "AllExceptF",
        /// Everything.
        All = "All",
        /// Everything is allowed expressly.
        GrantAll = "GrantAll",
    }
}
