//! Payroll runs: paying people, and what was paid.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{PayrollSignature, PayrollUnitType};
use crate::codec::Value;
use crate::codec::declare::{id, record};
use crate::{
    Cents, DimensionsDistribution, PayrollArticleId, PayrollArticleReference, PayrollPayoutId,
    PayrollPayoutReference, Period, ProjectReference, UserId, UserReference,
};

id! {
    /// A payroll run. Not its number: that is given when it has been paid.
    pub struct PayrollRunId(i32);
}

record! {
    /// A payroll run to create (schema type `payroll-run-create`). Write only.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{
    ///     Cents, Document, PayrollPayoutArticle, PayrollRunCreate, PayrollRunCreatePayout, UserId,
    /// };
    ///
    /// let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    /// let mut payout = PayrollRunCreatePayout::new(UserId(12), day(1), day(30));
    /// let bonus = PayrollPayoutArticle::new("Bonus", 1.into(), Cents(500_000));
    /// payout.articles.salary.push(bonus);
    /// let run = PayrollRunCreate::new(day(25), vec![payout]);
    /// assert!(run.to_xml()?.contains("<salary><description>Bonus</description>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub struct PayrollRunCreate = "payroll-run-create", root "payroll-run-create" {
        /// The day on which it is to be paid.
        required payment_date: NaiveDate = "payment-date";
        /// What each person is to be paid.
        list payouts: PayrollRunCreatePayout = "payouts" / "payout";
    }
}

impl PayrollRunCreate {
    /// A run of these payouts.
    pub fn new(payment_date: NaiveDate, payouts: Vec<PayrollRunCreatePayout>) -> Self {
        Self {
            payment_date,
            payouts,
            ..Self::blank()
        }
    }
}

record! {
    /// What one person is to be paid in a run (an anonymous type of the schema). Write only.
    pub struct PayrollRunCreatePayout = "" {
        /// Who. The user must have a payroll agreement.
        required user: UserReference = "user";
        /// The project of the accounts that bears the cost.
        optional project: ProjectReference = "project";
        /// The first day that is paid for.
        required period_start: NaiveDate = "period-start";
        /// The last day that is paid for.
        required period_end: NaiveDate = "period-end";
        /// What is paid.
        required articles: PayrollRunCreateArticles = "articles";
    }
}

impl PayrollRunCreatePayout {
    /// A payout without articles.
    pub fn new(
        user: impl Into<UserReference>,
        period_start: NaiveDate,
        period_end: NaiveDate,
    ) -> Self {
        Self {
            user: user.into(),
            period_start,
            period_end,
            ..Self::blank()
        }
    }
}

record! {
    /// What a payout consists of, by kind (an anonymous type of the schema). Write only.
    pub struct PayrollRunCreateArticles = "" {
        /// Benefits. Kleer chooses the article.
        repeated benefit: PayrollPayoutArticle = "benefit";
        /// Salary. Kleer chooses the article.
        repeated salary: PayrollPayoutArticle = "salary";
        /// Provision. Kleer chooses the article.
        repeated provision: PayrollPayoutArticle = "provision";
        /// Everything else, by the article that each names.
        repeated other_articles: PayrollPayoutArticle = "other-articles";
    }
}

impl Default for PayrollRunCreateArticles {
    /// Nothing.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// One thing that is paid (schema type `payroll-payout-article`). Write only.
    pub struct PayrollPayoutArticle = "payroll-payout-article" {
        /// The text on the payslip.
        required description: String = "description", personal;
        /// How many.
        required quantity: Decimal = "quantity";
        /// The price of one, in cent.
        required price: Cents = "price", personal;
        /// The project of the accounts that bears the cost.
        optional project: ProjectReference = "project";
        /// The article. Kleer heeds it among the other articles and overwrites it elsewhere.
        optional article: PayrollArticleReference = "article";
        /// The days that it is for.
        optional period: Period = "period";
        /// How it is spread over entries of dimensions.
        optional dimensions: DimensionsDistribution = "dimensions";
    }
}

impl PayrollPayoutArticle {
    /// A benefit, a salary or a provision, for which Kleer chooses the article.
    pub fn new(description: impl Into<String>, quantity: Decimal, price: Cents) -> Self {
        Self {
            description: description.into(),
            quantity,
            price,
            ..Self::blank()
        }
    }

    /// One of the other articles.
    pub fn of_article(
        article: PayrollArticleId,
        description: impl Into<String>,
        quantity: Decimal,
        price: Cents,
    ) -> Self {
        Self {
            article: Some(article.into()),
            ..Self::new(description, quantity, price)
        }
    }
}

record! {
    /// A payroll run (schema type `payroll-run`). Read only.
    pub struct PayrollRun = "payroll-run", list "payroll-runs" / "payroll-run" paged {
        /// Kleer's id.
        required id: PayrollRunId = "id";
        /// The run's number, once it has been paid.
        optional nr: i32 = "nr";
        /// The day on which it is or was to be paid.
        required payment_date: NaiveDate = "payment-date";
        /// What each person is paid.
        list payouts: PayrollRunPayout = "payouts" / "payout";
        /// Who paid it and when, once that was done.
        optional paid: PayrollSignature = "paid";
        /// What Kleer warns of, for instance that it is not sure how to book the run.
        optional info: String = "info", personal;
    }
}

impl PayrollRun {
    /// A run that has not been paid; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: PayrollRunId, payment_date: NaiveDate, payouts: Vec<PayrollRunPayout>) -> Self {
        Self {
            id,
            payment_date,
            payouts,
            ..Self::blank()
        }
    }
}

record! {
    /// What one person is paid in a run (an anonymous type of the schema). Read only.
    pub struct PayrollRunPayout = "" {
        /// Kleer's id of the payout, which this type wraps in a reference.
        required payout_id: PayrollPayoutReference = "payout-id";
        /// Who.
        required user: UserReference = "user";
        /// The project of the accounts that bears the cost.
        optional project: ProjectReference = "project";
        /// The first day that is paid for.
        required period_start: NaiveDate = "period-start";
        /// The last day that is paid for.
        required period_end: NaiveDate = "period-end";
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
    }
}

impl PayrollRunPayout {
    /// A payout of nothing; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        payout_id: PayrollPayoutId,
        user: UserId,
        period_start: NaiveDate,
        period_end: NaiveDate,
    ) -> Self {
        Self {
            payout_id: payout_id.into(),
            user: user.into(),
            period_start,
            period_end,
            ..Self::blank()
        }
    }
}

record! {
    /// Pays a run (schema type `payroll-run-pay`). Write only.
    pub struct PayrollRunPay = "payroll-run-pay", root "payroll-run-pay" {
        /// The day of payment. Presumably the run keeps its own when it is absent.
        optional payment_date: NaiveDate = "payment-date";
    }
}

impl PayrollRunPay {
    /// Pays on a day, or leaves the day to Kleer.
    pub fn new(payment_date: Option<NaiveDate>) -> Self {
        Self {
            payment_date,
            ..Self::blank()
        }
    }
}

record! {
    /// One row of what was paid to someone (schema type `payroll-transaction`). Read only.
    pub struct PayrollTransaction = "payroll-transaction", list "payroll-transactions" / "payroll-transaction" paged {
        /// Kleer's id.
        required id: i32 = "id";
        /// Who was paid.
        required user: UserReference = "user";
        /// The payout that it belongs to; see [`PayrollRunPayout::payout_id`].
        required payroll_payout: PayrollPayoutReference = "payroll-payout";
        /// What was paid.
        required payroll_article: PayrollArticleReference = "payroll-article";
        /// The days that it is for.
        required period: Period = "period";
        /// The text on the payslip.
        required description: String = "description", personal;
        /// How many.
        required quantity: Decimal = "quantity";
        /// What the quantity counts.
        required unit: PayrollUnitType = "unit";
        /// The price of one, in cent.
        required price: Cents = "price", personal;
        /// The employer's social fees, in cent.
        required social_fees: Cents = "social-fees", personal;
    }
}

impl PayrollTransaction {
    /// A row of one piece and no price; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: i32,
        user: UserId,
        payout: PayrollPayoutId,
        article: PayrollArticleId,
        period: Period,
    ) -> Self {
        Self {
            id,
            user: user.into(),
            payroll_payout: payout.into(),
            payroll_article: article.into(),
            period,
            quantity: Decimal::ONE,
            unit: PayrollUnitType::Generic,
            ..Self::blank()
        }
    }
}
