//! The canonical client: the fields on which every source and Kleer meet.

use std::sync::LazyLock;

use flat_record::{Equivalence, Fields, Sensitivity, ValueKind};

use crate::conversion::{CODE, Declared, TEXT, layout};

/// The kind of record that a client is, for references and links.
pub const KIND: &str = "client";

/// The [type](field::CLIENT_TYPE) of a company, an association, an authority.
pub const ORGANISATION: &str = "Organisation";

/// The [type](field::CLIENT_TYPE) of a natural person.
pub const PERSON: &str = "Person";

/// The names of the fields. They are those of Kleer's schema.
pub mod field {
    /// Whether the client is in use.
    pub const ACTIVE: &str = "active";
    /// The name.
    pub const NAME: &str = "name";
    /// [`ORGANISATION`](super::ORGANISATION) or [`PERSON`](super::PERSON).
    pub const CLIENT_TYPE: &str = "client-type";
    /// The organisation number, `NNNNNN-NNNN`; of a person or sole trader the personal number.
    pub const ORGNO: &str = "orgno";
    /// The VAT number.
    pub const VAT_NR: &str = "vat-nr";
    /// A person to turn to; "your reference" of invoices.
    pub const CONTACT: &str = "contact";
    /// The e-mail address, to which invoices are sent.
    pub const EMAIL: &str = "email";
    /// The telephone number.
    pub const PHONE: &str = "phone";
    /// The first line of the address.
    pub const ADDRESS1: &str = "address1";
    /// The second line of the address.
    pub const ADDRESS2: &str = "address2";
    /// The postal code.
    pub const ZIP_CODE: &str = "zip-code";
    /// The town: Kleer calls the field so.
    pub const STATE: &str = "state";
    /// The country in the address, as text.
    pub const COUNTRY: &str = "country";
    /// The country (ISO 3166-1 alpha-2).
    pub const COUNTRY_CODE: &str = "country-code";
    /// The currency of invoices (ISO 4217).
    pub const CURRENCY_TYPE: &str = "currency-type";
    /// Days from an invoice's date to its due date.
    pub const PAYMENT_DAYS: &str = "payment-days";
    /// How invoices are sent, by the name of one of the company's delivery types.
    pub const DELIVERY_TYPE: &str = "delivery-type";
    /// The Global Location Number.
    pub const GLN: &str = "gln";
    /// The recipient of e-invoices at the operator. Kleer looks it up; it cannot be written.
    pub const EDI_RECIPIENT: &str = "edi-recipient";
    /// Who is responsible for the client: a reference to an employee.
    pub const USER: &str = "user";
    /// Who approves new invoices: a reference to an employee.
    pub const APPROVER: &str = "approver";
    /// The dimension entries that its invoices are booked on, by their ids.
    pub const DIMENSION_ENTRIES: &str = "dimension-entries";
    /// Free text.
    pub const NOTES: &str = "notes";
}

const FIELDS: [Declared; 23] = {
    use Sensitivity::{Internal, Personal};
    let exact = Equivalence::EXACT;
    [
        (field::ACTIVE, ValueKind::Bool, Internal, exact),
        (field::NAME, ValueKind::Text, Personal, TEXT),
        (field::CLIENT_TYPE, ValueKind::Text, Internal, TEXT),
        // A sole trader's is a personal number.
        (field::ORGNO, ValueKind::Text, Sensitivity::Sensitive, TEXT),
        (field::VAT_NR, ValueKind::Text, Sensitivity::Sensitive, CODE),
        (field::CONTACT, ValueKind::Text, Personal, TEXT),
        (field::EMAIL, ValueKind::Text, Personal, CODE),
        (field::PHONE, ValueKind::Text, Personal, TEXT),
        (field::ADDRESS1, ValueKind::Text, Personal, TEXT),
        (field::ADDRESS2, ValueKind::Text, Personal, TEXT),
        (field::ZIP_CODE, ValueKind::Text, Personal, TEXT),
        (field::STATE, ValueKind::Text, Personal, TEXT),
        (field::COUNTRY, ValueKind::Text, Internal, TEXT),
        (field::COUNTRY_CODE, ValueKind::Text, Internal, CODE),
        (field::CURRENCY_TYPE, ValueKind::Text, Internal, CODE),
        (field::PAYMENT_DAYS, ValueKind::Integer, Internal, exact),
        (field::DELIVERY_TYPE, ValueKind::Text, Internal, TEXT),
        (field::GLN, ValueKind::Text, Internal, TEXT),
        (field::EDI_RECIPIENT, ValueKind::Text, Personal, TEXT),
        (field::USER, ValueKind::Reference, Internal, exact),
        (field::APPROVER, ValueKind::Reference, Internal, exact),
        (field::DIMENSION_ENTRIES, ValueKind::Set, Internal, exact),
        (field::NOTES, ValueKind::Text, Personal, TEXT),
    ]
};

/// The fields of the canonical client: their kinds, how they are compared, and how much each says
/// about a person. All records of clients share this layout.
///
/// ```
/// use kleer_connect::clients::{self, field};
/// use kleer_connect::record::ValueKind;
///
/// let days = clients::fields().get(field::PAYMENT_DAYS).ok_or("no such field")?;
/// assert_eq!(days.kind, ValueKind::Integer);
/// # Ok::<(), &str>(())
/// ```
pub fn fields() -> &'static Fields {
    static LAYOUT: LazyLock<Fields> = LazyLock::new(|| {
        #[expect(
            clippy::expect_used,
            reason = "the layout is made of constants, and every test makes it"
        )]
        layout(&FIELDS).expect("the layout of a client is one")
    });
    &LAYOUT
}
