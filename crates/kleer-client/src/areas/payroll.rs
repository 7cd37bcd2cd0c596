//! The payroll: employees, absences, schedules, runs, month reports.

use chrono::NaiveDate;
use kleer_model::{
    PayrollArticleReadable, PayrollChild, PayrollEvent, PayrollEventId,
    PayrollFixedScheduleWritable, PayrollMonthReportReadable, PayrollMonthReportWritable,
    PayrollRollingScheduleWritable, PayrollRun, PayrollRunCreate, PayrollRunId, PayrollRunPay,
    PayrollScheduleId, PayrollScheduleReadable, PayrollSchedulesReadable, PayrollTransaction,
    PayrollUserReadable, PayrollUserScheduleMetadata, PayrollUserWritable, UserId,
};

use super::area;
use crate::handle::At;

area! {
    /// The payroll. From [`Kleer::payroll`](crate::Kleer::payroll).
    ///
    /// ```no_run
    /// # async fn example(kleer: kleer_client::Kleer) -> Result<(), kleer_client::Error> {
    /// use kleer_client::model::{PayrollUserWritable, UserId};
    ///
    /// let mut changes = PayrollUserWritable::update();
    /// changes.phone = Some("070-1740605".to_owned());
    /// kleer.payroll().user(UserId(21)).update(&changes).await?;
    /// # Ok(()) }
    /// ```
    Payroll {
        /// All employees.
        list users() -> PayrollUserReadable = PAYROLL_USER_LIST confirmed;
        /// The month reports of all users. **January is month 0.**
        list month_reports(year: i32 => "year", month: u32 => "month") -> PayrollMonthReportReadable = PAYROLL_MONTH_REPORT_LIST inferred;
        /// All payroll articles: kinds of pay, benefit and deduction.
        list articles() -> PayrollArticleReadable = PAYROLL_ARTICLE_LIST inferred;
        /// What was paid, article by article.
        paged transactions() -> PayrollTransaction = PAYROLL_TRANSACTION_LIST inferred;
    }
}

impl<'a> Payroll<'a> {
    /// The employment of a user.
    pub fn user(&self, id: UserId) -> PayrollOfUser<'a> {
        let id = ("user-id", i64::from(id.0));
        PayrollOfUser::at(At::with(self.at.kleer(), Some(id)))
    }

    /// Working schedules.
    pub fn schedules(&self) -> PayrollSchedules<'a> {
        PayrollSchedules::at(self.at)
    }

    /// Payroll runs: what is paid to whom on a day.
    pub fn runs(&self) -> PayrollRuns<'a> {
        PayrollRuns::at(self.at)
    }
}

area! {
    /// The employment of one user. From [`Payroll::user`].
    PayrollOfUser {
        /// The employment. Kleer answers 500, not 404, for a user without one;
        /// [`Error::is_not_found`](crate::Error::is_not_found) knows both.
        read get() -> PayrollUserReadable = PAYROLL_USER_READ confirmed;
        /// Employs the user; the personal number and the first day are required. A user has one
        /// employment, so after an unknown outcome [`get`](Self::get) tells.
        update create(; employment: &PayrollUserWritable) -> UserId = PAYROLL_USER_CREATE inferred;
        /// Changes the employment; what is absent stays as it is.
        update update(; changes: &PayrollUserWritable) -> UserId = PAYROLL_USER_UPDATE confirmed;
        /// What the user works on each day of a span.
        list schedule(from: NaiveDate => "start-date", to: NaiveDate => "end-date") -> PayrollUserScheduleMetadata = PAYROLL_USER_SCHEDULE confirmed;
        /// The absences of a span of days.
        list events(from: NaiveDate => "from-date", to: NaiveDate => "to-date") -> PayrollEvent = PAYROLL_EVENT_LIST confirmed;
        /// Reports an absence on a day. It has no foreign id: rather report absences as
        /// [events](crate::Events), whose path is confirmed.
        create create_event(; event: &PayrollEvent) -> PayrollEventId = PAYROLL_EVENT_CREATE inferred;
        /// Changes an absence.
        update update_event(id: PayrollEventId => "payroll-event-id"; event: &PayrollEvent) -> PayrollEventId = PAYROLL_EVENT_UPDATE inferred;
        /// Deletes an absence.
        act delete_event(id: PayrollEventId => "payroll-event-id") -> PayrollEventId = PAYROLL_EVENT_DELETE inferred;
        /// Registers a child, for whom the user may be absent.
        update add_child(; child: &PayrollChild) -> i32 = PAYROLL_CHILD_CREATE inferred;
        /// The month report. **January is month 0.**
        read month_report(year: i32 => "year", month: u32 => "month") -> PayrollMonthReportReadable = PAYROLL_MONTH_REPORT_READ inferred;
        /// Changes the month report; absent lists stay, present ones replace all. **January is
        /// month 0.**
        update update_month_report(year: i32 => "year", month: u32 => "month"; report: &PayrollMonthReportWritable) -> i32 = PAYROLL_MONTH_REPORT_UPDATE inferred;
    }
}

area! {
    /// Working schedules. From [`Payroll::schedules`].
    PayrollSchedules {
        /// All schedules.
        read list() -> PayrollSchedulesReadable = PAYROLL_SCHEDULE_LIST inferred;
        /// One schedule.
        read get(id: PayrollScheduleId => "payroll-schedule-id") -> PayrollScheduleReadable = PAYROLL_SCHEDULE_READ inferred;
        /// Creates a schedule that begins anew after some weeks. It has no foreign id: take the
        /// list before.
        create create_rolling(; schedule: &PayrollRollingScheduleWritable) -> PayrollScheduleId = PAYROLL_SCHEDULE_CREATE_ROLLING inferred;
        /// Updates such a schedule. Absent intervals stay, present ones replace all.
        update update_rolling(id: PayrollScheduleId => "payroll-schedule-id"; schedule: &PayrollRollingScheduleWritable) -> PayrollScheduleId = PAYROLL_SCHEDULE_UPDATE_ROLLING inferred;
        /// Creates a schedule of given days. It has no foreign id: take the list before.
        create create_fixed(; schedule: &PayrollFixedScheduleWritable) -> PayrollScheduleId = PAYROLL_SCHEDULE_CREATE_FIXED inferred;
        /// Updates such a schedule. Absent intervals stay, present ones replace all.
        update update_fixed(id: PayrollScheduleId => "payroll-schedule-id"; schedule: &PayrollFixedScheduleWritable) -> PayrollScheduleId = PAYROLL_SCHEDULE_UPDATE_FIXED inferred;
    }
}

area! {
    /// Payroll runs: what is paid to whom on a day. From [`Payroll::runs`].
    PayrollRuns {
        /// The runs, page by page.
        paged list() -> PayrollRun = PAYROLL_RUN_LIST inferred;
        /// Creates a run. It has no foreign id: take the list before, so that after an unknown
        /// outcome you can tell what is new.
        create create(; run: &PayrollRunCreate) -> PayrollRunId = PAYROLL_RUN_CREATE inferred;
        /// **Pays** a run. After an unknown outcome the list tells whether it is paid.
        update pay(id: PayrollRunId => "payroll-run-id"; payment: &PayrollRunPay) -> PayrollRunId = PAYROLL_RUN_PAY inferred;
    }
}
