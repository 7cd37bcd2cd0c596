//! Kinds of pay, benefits and deductions.

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{PayrollArticleId, PayrollArticleReference};

record! {
    /// An article of the payroll: a kind of pay, benefit or deduction (schema type
    /// `payroll-article-readable`). Read only.
    ///
    /// [`PayrollMonthReportArticle`](crate::PayrollMonthReportArticle) and
    /// [`PayrollPayoutArticle`](crate::PayrollPayoutArticle) refer to it.
    pub struct PayrollArticleReadable = "payroll-article-readable", list "payroll-article-readables" / "payroll-article-readable" {
        /// Kleer's id, which this type wraps in a reference.
        required id: PayrollArticleReference = "id";
        /// The name.
        required name: String = "name";
    }
}

impl PayrollArticleReadable {
    /// An article; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: PayrollArticleId, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            ..Self::blank()
        }
    }
}

enumeration! {
    /// What a quantity of an article counts (schema type `payroll-unit-type`).
    pub enum PayrollUnitType = "payroll-unit-type" {
        /// Pieces, or nothing in particular.
        Generic = "Generic",
        /// Swedish miles of 10 km, as Sweden reckons travel.
        Mile = "Mile",
        /// Hours.
        Hour = "Hour",
        /// Days.
        Day = "Day",
    }
}
