//! The kinds of records that the sandbox keeps.

use super::{Kept, Resource};

/// A kind of which nothing is known.
pub(super) const RESOURCE: Resource = Resource {
    area: "",
    list: "",
    name: "",
    first_id: 0,
    is_part: false,
    renamed: &[],
    kept: Kept::These(&[]),
    unique: None,
};

/// Every kind of records, except clients, products and client invoices, which have books of their
/// own.
pub(crate) const RESOURCES: &[Resource] = &[
    Resource {
        area: "user",
        list: "users",
        name: "user",
        first_id: 100,
        kept: Kept::All,
        ..RESOURCE
    },
    Resource {
        area: "access",
        list: "accesses",
        name: "access",
        is_part: true,
        unique: Some("type"),
        ..RESOURCE
    },
    Resource {
        area: "access_role",
        list: "access-roles",
        name: "access-role",
        ..RESOURCE
    },
    Resource {
        area: "subcontractor",
        list: "subcontractor-readables",
        name: "subcontractor",
        first_id: 8_000,
        ..RESOURCE
    },
    Resource {
        area: "client_agreement",
        list: "client-agreements",
        name: "client-agreement",
        first_id: 30_000,
        ..RESOURCE
    },
    Resource {
        area: "supplier",
        list: "suppliers",
        name: "supplier",
        first_id: 3_000,
        ..RESOURCE
    },
    Resource {
        area: "supplier_invoice",
        list: "supplier-invoices",
        name: "supplier-invoice",
        first_id: 40_000,
        renamed: &[("supplier", "supplier-ref")],
        ..RESOURCE
    },
    Resource {
        area: "project",
        list: "projects",
        name: "project",
        first_id: 6_000,
        ..RESOURCE
    },
    Resource {
        area: "client_project",
        list: "client-project-readables",
        name: "client-project",
        first_id: 9_000,
        renamed: &[("dimension-entries", "dimensions")],
        kept: Kept::These(&["dimensions", "broker-client"]),
        ..RESOURCE
    },
    Resource {
        area: "activity",
        list: "activity-readables",
        name: "activity",
        first_id: 200,
        ..RESOURCE
    },
    Resource {
        area: "internal_hourly_cost",
        list: "internal-hourly-cost-readables",
        name: "internal-hourly-cost",
        is_part: true,
        ..RESOURCE
    },
    Resource {
        area: "event",
        list: "event-readables",
        name: "event",
        first_id: 100_000,
        ..RESOURCE
    },
    Resource {
        area: "payroll_user",
        list: "payroll-user-readables",
        name: "payroll-user",
        kept: Kept::All,
        ..RESOURCE
    },
    Resource {
        area: "payroll_event",
        list: "payroll-events",
        name: "payroll-event",
        first_id: 200_000,
        is_part: true,
        ..RESOURCE
    },
    Resource {
        area: "payroll_schedule",
        list: "payroll-schedules-readable",
        name: "payroll-schedule",
        first_id: 700,
        kept: Kept::These(&["intervals"]),
        ..RESOURCE
    },
    Resource {
        area: "payroll_run",
        list: "payroll-runs",
        name: "payroll-run",
        first_id: 50_000,
        ..RESOURCE
    },
    Resource {
        area: "payroll_transaction",
        list: "payroll-transactions",
        name: "payroll-transaction",
        first_id: 510_000,
        ..RESOURCE
    },
    Resource {
        area: "payroll_month_report",
        list: "payroll-month-report-readables",
        name: "payroll-month-report",
        is_part: true,
        ..RESOURCE
    },
    Resource {
        area: "payroll_article",
        list: "payroll-article-readables",
        name: "payroll-article",
        first_id: 800,
        ..RESOURCE
    },
    Resource {
        area: "expense",
        list: "expense-readables",
        name: "expense",
        first_id: 60_000,
        ..RESOURCE
    },
    Resource {
        area: "expense_file",
        list: "expense-file-readables",
        name: "expense-file",
        first_id: 61_000,
        ..RESOURCE
    },
    Resource {
        area: "expense_entry",
        list: "expense-entry-readables",
        name: "expense-entry",
        first_id: 62_000,
        ..RESOURCE
    },
    Resource {
        area: "dimension",
        list: "dimensions",
        name: "dimension",
        first_id: 10,
        unique: Some("foreign-id"),
        ..RESOURCE
    },
    Resource {
        area: "dimension_entry",
        list: "dimension-entries",
        name: "dimension-entry",
        first_id: 2_000,
        is_part: true,
        unique: Some("foreign-id"),
        ..RESOURCE
    },
    Resource {
        area: "accounting_year",
        list: "accounting-year-readables",
        name: "accounting-year",
        first_id: 20,
        ..RESOURCE
    },
    Resource {
        area: "accounting_year_restriction",
        list: "accounting-year-restriction-readables",
        name: "accounting-year-restriction",
        first_id: 30,
        is_part: true,
        ..RESOURCE
    },
    Resource {
        area: "account",
        list: "account-metadatas",
        name: "account",
        ..RESOURCE
    },
    Resource {
        area: "voucher",
        list: "vouchers-readable",
        name: "voucher",
        first_id: 70_000,
        ..RESOURCE
    },
    Resource {
        area: "revenue_ledger",
        list: "revenue-ledgers",
        name: "revenue-ledger",
        first_id: 40,
        ..RESOURCE
    },
    Resource {
        area: "revenue",
        list: "revenues",
        name: "revenue",
        first_id: 80_000,
        unique: Some("external-id"),
        ..RESOURCE
    },
    Resource {
        area: "bank_account",
        list: "bank-accounts",
        name: "bank-account",
        first_id: 50,
        ..RESOURCE
    },
    Resource {
        area: "bank_transaction",
        list: "bank-transactions",
        name: "bank-transaction",
        first_id: 90_000,
        renamed: &[("bankAccountId", "bank-account")],
        ..RESOURCE
    },
    Resource {
        area: "bank_transaction_distribution",
        list: "bank-transaction-distributions",
        name: "bank-transaction-distribution",
        first_id: 95_000,
        is_part: true,
        ..RESOURCE
    },
    Resource {
        area: "foundation_grant",
        list: "foundation-grants",
        name: "foundation-grant",
        first_id: 11_000,
        renamed: &[
            ("dimensions-distribution", "dimensions"),
            ("grant-amount", "currency-amount"),
        ],
        kept: Kept::All,
        ..RESOURCE
    },
    Resource {
        area: "foundation_grant_payment",
        list: "foundation-grant-payments",
        name: "foundation-grant-payment",
        first_id: 12_000,
        kept: Kept::All,
        ..RESOURCE
    },
    Resource {
        area: "foundation_grant_repayment",
        list: "foundation-grant-repayments",
        name: "foundation-grant-repayment",
        first_id: 13_000,
        ..RESOURCE
    },
    Resource {
        area: "sub_foundation",
        list: "sub-foundations-readables",
        name: "sub-foundation",
        ..RESOURCE
    },
];
