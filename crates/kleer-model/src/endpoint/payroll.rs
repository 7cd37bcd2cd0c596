//! The payroll: employees, absences, schedules, runs, month reports.

use super::{ACT, CREATE, DELETE, Endpoint, PAGING, READ, Recovery, UPDATE, endpoints, inferred};

endpoints! {
    /// All employees.
    pub const PAYROLL_USER_LIST: Endpoint = Endpoint {
        name: "payroll_user.list",
        path: "payroll/user",
        response: &["payroll-user-readables"],
        ..READ
    };

    /// The employment of a user.
    pub const PAYROLL_USER_READ: Endpoint = Endpoint {
        name: "payroll_user.read",
        path: "payroll/user/{user-id}",
        response: &["payroll-user-readable"],
        note: "Answers 500, not 404, for a user without an employment.",
        ..READ
    };

    /// Employs a user; the personal number and the first day are required.
    pub const PAYROLL_USER_CREATE: Endpoint = Endpoint {
        name: "payroll_user.create",
        path: "payroll/user/{user-id}",
        request: Some("payroll-user-writable"),
        response: &["created", "saved", "ok"],
        recovery: Recovery::NaturalKey {
            element: "user",
            read: "payroll_user.read",
        },
        note: "By analogy with POST payroll/user/{user-id}. A user has one employment.",
        ..inferred(CREATE)
    };

    /// Changes an employment; what is absent stays as it is.
    pub const PAYROLL_USER_UPDATE: Endpoint = Endpoint {
        name: "payroll_user.update",
        path: "payroll/user/{user-id}",
        request: Some("payroll-user-writable"),
        response: &["ok", "saved"],
        ..UPDATE
    };

    /// What a user works on each day of a span.
    pub const PAYROLL_USER_SCHEDULE: Endpoint = Endpoint {
        name: "payroll_user.schedule",
        path: "payroll/user/{user-id}/schedule/{start-date}/to/{end-date}",
        response: &["payroll-user-schedule-metadatas"],
        ..READ
    };

    /// The absences of a user over a span of days.
    pub const PAYROLL_EVENT_LIST: Endpoint = Endpoint {
        name: "payroll_event.list",
        path: "payroll/user/{user-id}/event/from/{from-date}/to/{to-date}",
        response: &["payroll-events"],
        ..READ
    };

    /// Reports an absence on a day.
    pub const PAYROLL_EVENT_CREATE: Endpoint = Endpoint {
        name: "payroll_event.create",
        path: "payroll/user/{user-id}/event",
        request: Some("payroll-event"),
        recovery: Recovery::Listing {
            list: "payroll_event.list",
        },
        note: "By analogy with PUT event. An absence can also be written as an event, whose path is confirmed.",
        ..inferred(CREATE)
    };

    /// Changes an absence.
    pub const PAYROLL_EVENT_UPDATE: Endpoint = Endpoint {
        name: "payroll_event.update",
        path: "payroll/user/{user-id}/event/{payroll-event-id}",
        request: Some("payroll-event"),
        note: "By analogy with POST event/{event-id}.",
        ..inferred(UPDATE)
    };

    /// Deletes an absence.
    pub const PAYROLL_EVENT_DELETE: Endpoint = Endpoint {
        name: "payroll_event.delete",
        path: "payroll/user/{user-id}/event/{payroll-event-id}",
        note: "By analogy with DELETE event/{event-id}.",
        ..inferred(DELETE)
    };

    /// Registers a child of a user, for whom the user may be absent.
    pub const PAYROLL_CHILD_CREATE: Endpoint = Endpoint {
        name: "payroll_child.create",
        path: "payroll/user/{user-id}/child",
        request: Some("payroll-child"),
        response: &["created", "saved", "ok"],
        recovery: Recovery::State {
            element: "children",
            read: "payroll_user.read",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// All working schedules.
    pub const PAYROLL_SCHEDULE_LIST: Endpoint = Endpoint {
        name: "payroll_schedule.list",
        path: "payroll/schedule",
        response: &["payroll-schedules-readable"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// One working schedule.
    pub const PAYROLL_SCHEDULE_READ: Endpoint = Endpoint {
        name: "payroll_schedule.read",
        path: "payroll/schedule/{payroll-schedule-id}",
        response: &["payroll-schedule-readable"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Creates a schedule that begins anew after some weeks.
    pub const PAYROLL_SCHEDULE_CREATE_ROLLING: Endpoint = Endpoint {
        name: "payroll_schedule.create_rolling",
        path: "payroll/schedule/rolling",
        request: Some("payroll-rolling-schedule-writeable"),
        recovery: Recovery::Listing {
            list: "payroll_schedule.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Updates a schedule that begins anew after some weeks.
    pub const PAYROLL_SCHEDULE_UPDATE_ROLLING: Endpoint = Endpoint {
        name: "payroll_schedule.update_rolling",
        path: "payroll/schedule/rolling/{payroll-schedule-id}",
        request: Some("payroll-rolling-schedule-writeable"),
        note: "Only the type is known; the path is a guess. Absent intervals stay, present ones replace all.",
        ..inferred(UPDATE)
    };

    /// Creates a schedule of given days.
    pub const PAYROLL_SCHEDULE_CREATE_FIXED: Endpoint = Endpoint {
        name: "payroll_schedule.create_fixed",
        path: "payroll/schedule/fixed",
        request: Some("payroll-fixed-schedule-writeable"),
        recovery: Recovery::Listing {
            list: "payroll_schedule.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Updates a schedule of given days.
    pub const PAYROLL_SCHEDULE_UPDATE_FIXED: Endpoint = Endpoint {
        name: "payroll_schedule.update_fixed",
        path: "payroll/schedule/fixed/{payroll-schedule-id}",
        request: Some("payroll-fixed-schedule-writeable"),
        note: "Only the type is known; the path is a guess. Absent intervals stay, present ones replace all.",
        ..inferred(UPDATE)
    };

    /// Payroll runs.
    pub const PAYROLL_RUN_LIST: Endpoint = Endpoint {
        name: "payroll_run.list",
        path: "payroll/run",
        query: PAGING,
        response: &["payroll-runs"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Creates a payroll run: what is paid to whom on a day.
    pub const PAYROLL_RUN_CREATE: Endpoint = Endpoint {
        name: "payroll_run.create",
        path: "payroll/run",
        request: Some("payroll-run-create"),
        recovery: Recovery::Listing {
            list: "payroll_run.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(CREATE)
    };

    /// Pays a payroll run.
    pub const PAYROLL_RUN_PAY: Endpoint = Endpoint {
        name: "payroll_run.pay",
        path: "payroll/run/{payroll-run-id}/pay",
        request: Some("payroll-run-pay"),
        recovery: Recovery::State {
            element: "paid",
            read: "payroll_run.list",
        },
        note: "Only the type is known; the path is a guess.",
        ..inferred(ACT)
    };

    /// What was paid, article by article.
    pub const PAYROLL_TRANSACTION_LIST: Endpoint = Endpoint {
        name: "payroll_transaction.list",
        path: "payroll/transaction",
        query: PAGING,
        response: &["payroll-transactions"],
        note: "Only the type is known; the path is a guess. Its filters are not known.",
        ..inferred(READ)
    };

    /// The month reports of all users; January is month 0.
    pub const PAYROLL_MONTH_REPORT_LIST: Endpoint = Endpoint {
        name: "payroll_month_report.list",
        path: "payroll/month-report/{year}/{month}",
        response: &["payroll-month-report-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// The month report of a user; January is month 0.
    pub const PAYROLL_MONTH_REPORT_READ: Endpoint = Endpoint {
        name: "payroll_month_report.read",
        path: "payroll/user/{user-id}/month-report/{year}/{month}",
        response: &["payroll-month-report-readable"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Changes the month report of a user; January is month 0.
    pub const PAYROLL_MONTH_REPORT_UPDATE: Endpoint = Endpoint {
        name: "payroll_month_report.update",
        path: "payroll/user/{user-id}/month-report/{year}/{month}",
        request: Some("payroll-month-report-writeable"),
        note: "Only the type is known; the path is a guess. Absent lists stay, present ones replace all.",
        ..inferred(UPDATE)
    };

    /// All payroll articles.
    pub const PAYROLL_ARTICLE_LIST: Endpoint = Endpoint {
        name: "payroll_article.list",
        path: "payroll/article",
        response: &["payroll-article-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };
}
