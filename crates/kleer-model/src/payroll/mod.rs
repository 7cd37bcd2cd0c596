//! Payroll: agreements, absence, schedules, runs, month reports, articles.
//!
//! | to find | look in |
//! |---|---|
//! | an employee's payroll agreement | [`PayrollUserReadable`], [`PayrollUserWritable`] |
//! | absence and worked hours | [`PayrollEvent`] |
//! | working schedules | [`PayrollScheduleReadable`], [`PayrollUserScheduleMetadata`] |
//! | paying | [`PayrollRunCreate`], [`PayrollRun`], [`PayrollTransaction`] |
//! | what a person is paid in a month | [`PayrollMonthReportReadable`], [`PayrollMonthReportWritable`] |
//! | kinds of pay | [`PayrollArticleReadable`] |
//!
//! Amounts of an agreement are [`SalaryAmount`](crate::SalaryAmount): their unit is not
//! established. Sums and prices of runs, transactions and month reports are
//! [`Cents`](crate::Cents), like every other sum of the schema; for payroll the schema does not
//! say it.
//!
//! Everything here is about people. `Debug` hides what they are paid, why they are away and what
//! is written about them.

mod article;
mod event;
mod month_report;
mod run;
mod schedule;
mod user;

pub use article::*;
pub use event::*;
pub use month_report::*;
pub use run::*;
pub use schedule::*;
pub use user::*;

use crate::codec::Value;
use crate::codec::declare::record;
use crate::{Timestamp, UserReference};

record! {
    /// Who did something in the payroll, and when: approved or certified a month report, or paid a
    /// run (anonymous types of the schema). Read only.
    pub struct PayrollSignature = "" {
        /// Who.
        required user: UserReference = "user";
        /// When.
        required datetime: Timestamp = "datetime";
    }
}

impl PayrollSignature {
    /// A signature; for tests and sandboxes, since Kleer only sends it.
    pub fn new(user: impl Into<UserReference>, datetime: Timestamp) -> Self {
        Self {
            user: user.into(),
            datetime,
            ..Self::blank()
        }
    }
}
