//! The accounts: years, balances, vouchers, rates of exchange.

use super::{CREATE, Endpoint, PAGING, READ, Recovery, endpoints, inferred};

endpoints! {
    /// All accounting years.
    pub const ACCOUNTING_YEAR_LIST: Endpoint = Endpoint {
        name: "accounting_year.list",
        path: "accounting/year",
        response: &["accounting-year-readables"],
        note: "By analogy with accounting/account.",
        ..inferred(READ)
    };

    /// One accounting year.
    pub const ACCOUNTING_YEAR_READ: Endpoint = Endpoint {
        name: "accounting_year.read",
        path: "accounting/year/{accounting-year-id}",
        response: &["accounting-year-readable"],
        note: "By analogy with accounting/account.",
        ..inferred(READ)
    };

    /// What is locked in an accounting year.
    pub const ACCOUNTING_YEAR_RESTRICTIONS: Endpoint = Endpoint {
        name: "accounting_year.restrictions",
        path: "accounting/year/{accounting-year-id}/restriction",
        response: &["accounting-year-restriction-readables"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// All accounts, with their balances over a span of days.
    pub const ACCOUNT_LIST: Endpoint = Endpoint {
        name: "account.list",
        path: "accounting/account/{start-date}/{end-date}/metadata",
        response: &["account-metadatas"],
        ..READ
    };

    /// Vouchers.
    pub const VOUCHER_LIST: Endpoint = Endpoint {
        name: "voucher.list",
        path: "accounting/voucher",
        response: &["vouchers-readable"],
        note: "By analogy with accounting/account. Its filters are not known.",
        ..inferred(READ)
    };

    /// Vouchers, with what each amount comes from.
    pub const VOUCHER_LIST_DETAILED: Endpoint = Endpoint {
        name: "voucher.list_detailed",
        path: "accounting/voucher/detailed",
        query: PAGING,
        response: &["vouchers-detailed"],
        note: "Only the type is known; the path is a guess. Its filters are not known.",
        ..inferred(READ)
    };

    /// One voucher, by what makes it unique: accounting year, series and number.
    pub const VOUCHER_READ: Endpoint = Endpoint {
        name: "voucher.read",
        path: "accounting/voucher/{accounting-year-id}/{serie}/{number}",
        response: &["voucher-readable"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };

    /// Books a voucher.
    pub const VOUCHER_CREATE: Endpoint = Endpoint {
        name: "voucher.create",
        path: "accounting/voucher",
        request: Some("voucher-writeable"),
        recovery: Recovery::Listing {
            list: "voucher.list",
        },
        note: "By analogy with PUT client. It has no foreign id: a mark of your own in the description makes it recognisable.",
        ..inferred(CREATE)
    };

    /// The rate of exchange between two currencies on a day.
    pub const EXCHANGE_RATE_READ: Endpoint = Endpoint {
        name: "exchange_rate.read",
        path: "accounting/exchange-rate/{from-currency}/{to-currency}/{date}",
        response: &["exchange-rate"],
        note: "Only the type is known; the path is a guess.",
        ..inferred(READ)
    };
}
