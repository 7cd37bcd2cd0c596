//! Month reports: what a person shall be paid for a month beside the salary.

use chrono::Month;
use rust_decimal::Decimal;

use super::{PayrollSignature, PayrollUnitType};
use crate::codec::Value;
use crate::codec::declare::record;
use crate::{
    Cents, DimensionsDistribution, PayrollArticleId, PayrollArticleReference, Period,
    ProjectReference, UserId, UserReference,
};

record! {
    /// An employee's month report, as Kleer writes it (schema type
    /// `payroll-month-report-readable`). Read only; see [`PayrollMonthReportWritable`].
    pub struct PayrollMonthReportReadable = "payroll-month-report-readable", root "payroll-month-report-readable", list "payroll-month-report-readables" / "payroll-month-report-readable" {
        /// Whose it is.
        required user: UserReference = "user";
        /// The year.
        required year: i32 = "year";
        /// The month **counted from 0**: January is 0 and December 11. Take it from
        /// [`calendar_month`](Self::calendar_month).
        required month: i32 = "month";
        /// Provisions.
        list provisions: PayrollMonthReportProvision = "provisions" / "provision";
        /// Notes; may be empty.
        required notes: String = "notes", personal;
        /// The pay before tax, in cent.
        required gross: Cents = "gross", personal;
        /// The value of the benefits, in cent.
        required benefits: Cents = "benefits", personal;
        /// What is paid out, in cent.
        required payout: Cents = "payout", personal;
        /// The tax, in cent.
        required tax: Cents = "tax", personal;
        /// The employer's social fees, in cent.
        required social_fees: Cents = "social-fees", personal;
        /// Articles.
        list articles: PayrollMonthReportArticle = "articles" / "article";
        /// Who approved it and when, once that was done.
        optional approved: PayrollSignature = "approved";
        /// Who certified it and when, once that was done.
        optional certified: PayrollSignature = "certified";
    }
}

impl PayrollMonthReportReadable {
    /// An empty report of a month; for tests and sandboxes, since Kleer only sends it.
    ///
    /// ```
    /// use chrono::Month;
    /// use kleer_model::{Document, PayrollMonthReportReadable, UserId};
    ///
    /// let report = PayrollMonthReportReadable::new(UserId(12), 2026, Month::March);
    /// assert_eq!(report.month, 2);
    /// assert_eq!(report.calendar_month(), Some(Month::March));
    /// assert!(report.to_xml()?.contains("<year>2026</year><month>2</month>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(user: UserId, year: i32, month: Month) -> Self {
        Self {
            user: user.into(),
            year,
            month: Self::month_number(month),
            ..Self::blank()
        }
    }

    /// The month of the report; `None` if Kleer's number is not 0 to 11.
    pub fn calendar_month(&self) -> Option<Month> {
        let number = u8::try_from(self.month).ok()?.checked_add(1)?;
        Month::try_from(number).ok()
    }

    /// The number that Kleer gives a month in month reports, which is counted from 0.
    ///
    /// ```
    /// use chrono::Month;
    /// use kleer_model::PayrollMonthReportReadable;
    ///
    /// assert_eq!(PayrollMonthReportReadable::month_number(Month::December), 11);
    /// ```
    pub fn month_number(month: Month) -> i32 {
        i32::try_from(month.number_from_month()).unwrap_or_default() - 1
    }
}

record! {
    /// What to change in an employee's month report (schema type
    /// `payroll-month-report-writeable`). Write only.
    ///
    /// Whose report of which month it is stands in the path, where the month is presumably counted
    /// from 0 as well: see [`PayrollMonthReportReadable::month_number`].
    pub struct PayrollMonthReportWritable = "payroll-month-report-writeable", root "payroll-month-report-writeable" {
        /// Provisions. Absent leaves them; present replaces them all, and an empty list clears
        /// them.
        optional_list provisions: PayrollMonthReportProvision = "provisions" / "provision";
        /// Articles. Absent leaves them; present replaces them all, and an empty list clears them.
        optional_list articles: PayrollMonthReportArticle = "articles" / "article";
    }
}

impl PayrollMonthReportWritable {
    /// A change of nothing: set what shall be replaced.
    ///
    /// ```
    /// use kleer_model::{
    ///     Cents, Document, PayrollArticleId, PayrollMonthReportArticle,
    ///     PayrollMonthReportWritable, PayrollUnitType,
    /// };
    ///
    /// let mut report = PayrollMonthReportWritable::update();
    /// assert_eq!(report.to_xml()?, "<payroll-month-report-writeable/>");
    ///
    /// let travel = PayrollMonthReportArticle::new(
    ///     PayrollArticleId(7), "Resa till kund", 12.into(), PayrollUnitType::Mile, Cents(2_500));
    /// report.articles = Some(vec![travel]);
    /// report.provisions = Some(Vec::new());
    /// assert!(report.to_xml()?.contains("<provisions/><articles><article>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn update() -> Self {
        Self::blank()
    }
}

record! {
    /// A provision in a month report (schema type `payroll-month-report-provision`), read and
    /// written.
    pub struct PayrollMonthReportProvision = "payroll-month-report-provision" {
        /// The amount, in cent.
        required amount: Cents = "amount", personal;
        /// What it is for.
        required description: String = "description", personal;
        /// The project of the accounts that bears the cost.
        optional project: ProjectReference = "project";
    }
}

impl PayrollMonthReportProvision {
    /// A provision.
    pub fn new(amount: Cents, description: impl Into<String>) -> Self {
        Self {
            amount,
            description: description.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An article in a month report (schema type `payroll-month-report-article`), read and
    /// written.
    pub struct PayrollMonthReportArticle = "payroll-month-report-article" {
        /// Your own key; may be empty.
        required foreign_id: String = "foreign-id";
        /// The article.
        required article: PayrollArticleReference = "article";
        /// The text on the payslip.
        required description: String = "description", personal;
        /// How many.
        required quantity: Decimal = "quantity";
        /// The price of one, in cent.
        required price: Cents = "price", personal;
        /// What the quantity counts.
        required unit: PayrollUnitType = "unit";
        /// The days that it is for.
        optional period: Period = "period";
        /// The project of the accounts that bears the cost.
        optional project: ProjectReference = "project";
        /// How it is spread over entries of dimensions.
        optional dimensions: DimensionsDistribution = "dimensions";
    }
}

impl PayrollMonthReportArticle {
    /// An article without a key of yours.
    pub fn new(
        article: PayrollArticleId,
        description: impl Into<String>,
        quantity: Decimal,
        unit: PayrollUnitType,
        price: Cents,
    ) -> Self {
        Self {
            article: article.into(),
            description: description.into(),
            quantity,
            unit,
            price,
            ..Self::blank()
        }
    }
}
