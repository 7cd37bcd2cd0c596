//! The canonical client project: the fields on which every source and Kleer meet.

use std::sync::LazyLock;

use flat_record::{Equivalence, Fields, Sensitivity, ValueKind};

use crate::conversion::{CODE, Declared, MONEY, TEXT, layout};

/// The kind of record that a client project is, for references and links.
pub const KIND: &str = "client-project";

/// The [status](field::STATUS) of a project that is not opened yet. Kleer shows it; it cannot be
/// written.
pub const DRAFT: &str = "Draft";

/// The [status](field::STATUS) of a project on which time can be reported.
pub const OPEN: &str = "Open";

/// The [status](field::STATUS) of a project that is closed.
pub const CLOSED: &str = "Closed";

/// The names of the fields. They are those of Kleer's schema.
pub mod field {
    /// The number that the company gives the project. Kleer requires one.
    pub const NUMBER: &str = "number";
    /// The name. Set when the project is created, and not changed after.
    pub const NAME: &str = "name";
    /// The client: a reference to a [client](crate::clients::KIND). Set when the project is created,
    /// and not changed after.
    pub const CLIENT: &str = "client";
    /// The client that is billed in its place: a reference.
    pub const BROKER_CLIENT: &str = "broker-client";
    /// Whether the price is fixed. Set when the project is created, and not changed after.
    pub const FIXED_PRICE: &str = "fixed-price";
    /// [`OPEN`](super::OPEN), [`CLOSED`](super::CLOSED) or [`DRAFT`](super::DRAFT). Opening and
    /// closing are requests of their own.
    pub const STATUS: &str = "status";
    /// Whether the project is in use. It follows from the status; it cannot be written.
    pub const ACTIVE: &str = "active";
    /// The currency (ISO 4217).
    pub const CURRENCY_TYPE: &str = "currency-type";
    /// The client's reference, for invoices: a person or a code.
    pub const YOUR_REFERENCE: &str = "your-reference";
    /// Who answers for the invoices: a reference to an employee.
    pub const OUR_REFERENCE: &str = "our-reference";
    /// How invoices are sent: `Mail`, `Email`, `Manually`, `Svea` or `Efaktura`.
    pub const DELIVERY_TYPE: &str = "delivery-type";
    /// Days from an invoice's date to its due date.
    pub const PAYMENT_DAYS: &str = "payment-days";
    /// The client's order number.
    pub const PO_NR: &str = "po-nr";
    /// How many hours are planned.
    pub const BUDGET_HOURS: &str = "budget-hours";
    /// The amount that is planned, in the project's currency.
    pub const BUDGET_AMOUNT: &str = "budget-amount";
    /// The day on which it opens.
    pub const OPENING_DATE: &str = "opening-date";
    /// The day on which it is meant to close. It closes nothing.
    pub const CLOSING_DATE: &str = "closing-date";
    /// Whether every user can report time.
    pub const ALL_USERS: &str = "all-users";
    /// Who can report time: references to employees. Their activities and prices are kept.
    pub const USERS: &str = "users";
    /// Who leads it: references to employees.
    pub const LEADS: &str = "leads";
    /// Whether time can be reported on every activity.
    pub const ALL_ACTIVITIES: &str = "all-activities";
    /// Free text.
    pub const COMMENT: &str = "comment";
    /// Free text for new invoices.
    pub const DEFAULT_NOTES: &str = "default-notes";
}

const FIELDS: [Declared; 23] = {
    use Sensitivity::{Internal, Personal};
    let exact = Equivalence::EXACT;
    [
        (field::NUMBER, ValueKind::Text, Internal, TEXT),
        (field::NAME, ValueKind::Text, Internal, TEXT),
        (field::CLIENT, ValueKind::Reference, Internal, exact),
        (field::BROKER_CLIENT, ValueKind::Reference, Internal, exact),
        (field::FIXED_PRICE, ValueKind::Bool, Internal, exact),
        (field::STATUS, ValueKind::Text, Internal, TEXT),
        (field::ACTIVE, ValueKind::Bool, Internal, exact),
        (field::CURRENCY_TYPE, ValueKind::Text, Internal, CODE),
        (field::YOUR_REFERENCE, ValueKind::Text, Personal, TEXT),
        (field::OUR_REFERENCE, ValueKind::Reference, Internal, exact),
        (field::DELIVERY_TYPE, ValueKind::Text, Internal, TEXT),
        (field::PAYMENT_DAYS, ValueKind::Integer, Internal, exact),
        (field::PO_NR, ValueKind::Text, Internal, TEXT),
        (field::BUDGET_HOURS, ValueKind::Decimal, Internal, exact),
        (field::BUDGET_AMOUNT, ValueKind::Decimal, Internal, MONEY),
        (field::OPENING_DATE, ValueKind::Date, Internal, exact),
        (field::CLOSING_DATE, ValueKind::Date, Internal, exact),
        (field::ALL_USERS, ValueKind::Bool, Internal, exact),
        (field::USERS, ValueKind::Set, Internal, exact),
        (field::LEADS, ValueKind::Set, Internal, exact),
        (field::ALL_ACTIVITIES, ValueKind::Bool, Internal, exact),
        (field::COMMENT, ValueKind::Text, Personal, TEXT),
        (field::DEFAULT_NOTES, ValueKind::Text, Personal, TEXT),
    ]
};

/// The fields of the canonical client project: their kinds, how they are compared, and how much
/// each says about a person. All records of client projects share this layout.
pub fn fields() -> &'static Fields {
    static LAYOUT: LazyLock<Fields> = LazyLock::new(|| {
        #[expect(
            clippy::expect_used,
            reason = "the layout is made of constants, and every test makes it"
        )]
        layout(&FIELDS).expect("the layout of a client project is one")
    });
    &LAYOUT
}
