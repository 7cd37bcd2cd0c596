//! Expenses: what employees have paid and want back.
//!
//! It takes three steps: upload the files of the receipts, make an entry of each
//! ([`ExpenseEntryWritable`]), and bundle entries into an expense ([`ExpenseWritable`]).
//! [`ExpenseEntryForm`] says what may be chosen in an entry.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{enumeration, id, record};
use crate::{
    Cents, ClientProjectId, ClientProjectReference, CompanyCardId, CompanyCardReference,
    DimensionEntryId, DimensionEntryReference, DimensionId, ExpenseEntryId, ExpenseEntryReference,
    ExpenseFileId, ExpenseFileReference, ExpenseTypeId, ExpenseTypeReference, HexBinary, Rate,
    Timestamp,
};

id! {
    /// An expense: a bundle of entries.
    pub struct ExpenseId(i32);
}

record! {
    /// An expense: a bundle of entries that one person wants back (an anonymous type of the
    /// schema). Read only; see [`ExpenseWritable`].
    ///
    /// Kleer lists only the expenses of the user that the token belongs to.
    pub struct ExpenseReadable = "", list "expense-readables" / "expense" {
        /// Kleer's id.
        required id: ExpenseId = "id";
        /// The expense's number.
        required nr: i32 = "nr";
        /// The date.
        required date: NaiveDate = "date";
        /// Deprecated by Kleer, since entries may be of several cards. Take it from
        /// [`ExpenseEntryReadable::company_card`].
        optional company_card: CompanyCardReadable = "company-card";
        /// The sum, in cent.
        required amount: Cents = "amount", personal;
        /// The currency (ISO 4217).
        required currency_type: String = "currency-type";
        /// Whether it was paid, by a payout of its own. For any way of paying see
        /// [`paid`](Self::paid).
        required reimbursed: bool = "reimbursed";
        /// Whether it was paid, in whatever way.
        required paid: bool = "paid";
        /// The number of entries.
        required entries: i32 = "entries";
        /// Whether it is certified.
        required certified: bool = "certified";
        /// Whether another user, as a rule the manager, has approved it. What is certified counts
        /// as approved.
        required approved: bool = "approved";
    }
}

impl ExpenseReadable {
    /// An expense of one entry that nobody has looked at; for tests and sandboxes, since Kleer
    /// only sends it.
    pub fn new(id: ExpenseId, nr: i32, date: NaiveDate, amount: Cents) -> Self {
        Self {
            id,
            nr,
            date,
            amount,
            currency_type: "SEK".to_owned(),
            entries: 1,
            ..Self::blank()
        }
    }
}

record! {
    /// Bundles entries into an expense (schema type `expense-writable`). Write only.
    pub struct ExpenseWritable = "expense-writable", root "expense-writable" {
        /// The entries, at least one.
        nonempty_list expense_entries: ExpenseEntryReference = "expense-entries" / "expense-entry";
    }
}

impl ExpenseWritable {
    /// An expense of these entries. Without any it cannot be written.
    ///
    /// ```
    /// use kleer_model::{Document, ExpenseEntryId, ExpenseWritable};
    ///
    /// let xml = ExpenseWritable::new([ExpenseEntryId(4), ExpenseEntryId(5)]).to_xml()?;
    /// assert!(xml.contains("<expense-entry><id>4</id></expense-entry>"));
    /// assert!(ExpenseWritable::new([]).to_xml().is_err());
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(entries: impl IntoIterator<Item = ExpenseEntryId>) -> Self {
        Self {
            expense_entries: entries.into_iter().map(Into::into).collect(),
            ..Self::blank()
        }
    }
}

record! {
    /// An entry of an expense to make: one receipt (schema type `expense-entry-writable`). Write
    /// only.
    pub struct ExpenseEntryWritable = "expense-entry-writable", root "expense-entry-writable" {
        /// The file of the receipt.
        required expense_file: ExpenseFileReference = "expense-file";
        /// The company card that it was paid with; absent, it was paid privately.
        optional company_card: CompanyCardReference = "company-card";
        /// What was bought.
        required expense_type: ExpenseTypeReference = "expense-type";
        /// Who was there, for entertainment ([`ExpenseTypeClassification::Representation`]). At
        /// least one, if any.
        optional_nonempty_list persons: String = "persons" / "name", personal;
        /// The date of the receipt.
        required date: NaiveDate = "date";
        /// What it was for.
        required description: String = "description", personal;
        /// Whether the receipt was digital from the start.
        required digital: bool = "digital";
        /// What was paid, in cent. Whether it includes the VAT is not established; a receipt's
        /// total does.
        required amount: Cents = "amount", personal;
        /// The VAT, in cent.
        required vat: Cents = "vat", personal;
        /// The currency (ISO 4217).
        required currency_type: String = "currency-type";
        /// The country of the purchase (ISO 3166-1 alpha-2).
        required country_code: String = "country-code";
        /// Entries of dimensions, at least one.
        nonempty_list dimension_entries: DimensionEntryReference = "dimension-entries" / "dimension-entry";
        /// The client project on which the client is charged.
        optional re_invoicing: ExpenseReInvoicingWritable = "re-invoicing";
    }
}

impl ExpenseEntryWritable {
    /// An entry in kronor for a purchase in Sweden, paid privately, by a receipt on paper.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{
    ///     Cents, DimensionEntryId, Document, ExpenseEntryWritable, ExpenseFileId, ExpenseTypeId,
    /// };
    ///
    /// let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    /// let mut entry = ExpenseEntryWritable::new(
    ///     ExpenseFileId(31), ExpenseTypeId(2), date, "Tåg till kund", Cents(84_800), Cents(4_800),
    ///     [DimensionEntryId(5)]);
    /// entry.digital = true;
    /// assert!(entry.to_xml()?.contains("<amount>84800</amount><vat>4800</vat>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(
        file: ExpenseFileId,
        expense_type: ExpenseTypeId,
        date: NaiveDate,
        description: impl Into<String>,
        amount: Cents,
        vat: Cents,
        dimension_entries: impl IntoIterator<Item = DimensionEntryId>,
    ) -> Self {
        Self {
            expense_file: file.into(),
            expense_type: expense_type.into(),
            date,
            description: description.into(),
            amount,
            vat,
            currency_type: "SEK".to_owned(),
            country_code: "SE".to_owned(),
            dimension_entries: dimension_entries.into_iter().map(Into::into).collect(),
            ..Self::blank()
        }
    }
}

record! {
    /// The client project on which an expense is charged (an anonymous type of the schema). Write
    /// only.
    pub struct ExpenseReInvoicingWritable = "" {
        /// The project.
        required client_project: ClientProjectReference = "client-project";
    }
}

impl ExpenseReInvoicingWritable {
    /// Charged on this project.
    pub fn new(client_project: ClientProjectId) -> Self {
        Self {
            client_project: client_project.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An entry of an expense, as Kleer writes it (schema type `expense-entry-readable`). Read
    /// only; see [`ExpenseEntryWritable`].
    pub struct ExpenseEntryReadable = "expense-entry-readable", root "expense-entry-readable", list "expense-entry-readables" / "expense-entry" {
        /// Kleer's id.
        required id: ExpenseEntryId = "id";
        /// The number of the expense that it is bundled into, once it is.
        optional expense_nr: i32 = "expense-nr";
        /// The file of the receipt.
        required expense_file: ExpenseFileReference = "expense-file";
        /// The company card that it was paid with; absent, it was paid privately.
        optional company_card: CompanyCardReadable = "company-card";
        /// What was bought.
        required expense_type: ExpenseTypeReadable = "expense-type";
        /// Who was there. The schema demands at least one; an empty list is read all the same.
        nonempty_list persons: String = "persons" / "name", personal;
        /// The date of the receipt.
        required date: NaiveDate = "date";
        /// What it was for.
        required description: String = "description", personal;
        /// Whether the receipt was digital from the start.
        required digital: bool = "digital";
        /// What was paid, in cent.
        required amount: Cents = "amount", personal;
        /// The VAT, in cent.
        required vat: Cents = "vat", personal;
        /// The currency (ISO 4217).
        required currency_type: String = "currency-type";
        /// The rate of exchange to the currency of the accounts.
        required currency_rate: Decimal = "currency-rate";
        /// The country of the purchase (ISO 3166-1 alpha-2).
        required country_code: String = "country-code";
        /// When the entry was made.
        required registration_date: Timestamp = "registration-date";
        /// The first day of its period. The schema demands the element, so `None` is
        /// written as the 1 January of the year 1; that date and an empty text are read as `None`.
        blankable period_start_date: NaiveDate = "period-start-date";
        /// The last day of its period; `None` as for the first.
        blankable period_end_date: NaiveDate = "period-end-date";
        /// Entries of dimensions. The schema demands at least one; an empty list is read all the
        /// same.
        nonempty_list dimension_entries: ExpenseEntryDimensionEntry = "dimension-entries" / "dimension-entry";
        /// The client project on which the client is charged, if any.
        required re_invoicing: ExpenseReInvoicingReadable = "re-invoicing";
    }
}

impl ExpenseEntryReadable {
    /// An entry in kronor for a purchase in Sweden, paid privately, for one person, in no expense
    /// yet; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: ExpenseEntryId,
        file: ExpenseFileId,
        expense_type: ExpenseTypeReadable,
        person: impl Into<String>,
        date: NaiveDate,
        amount: Cents,
        dimension_entry: ExpenseEntryDimensionEntry,
    ) -> Self {
        Self {
            id,
            expense_file: file.into(),
            expense_type,
            persons: vec![person.into()],
            date,
            amount,
            currency_type: "SEK".to_owned(),
            currency_rate: Decimal::ONE,
            country_code: "SE".to_owned(),
            registration_date: Timestamp {
                local: date.and_time(chrono::NaiveTime::MIN),
                offset: None,
            },
            dimension_entries: vec![dimension_entry],
            ..Self::blank()
        }
    }
}

record! {
    /// An entry of a dimension that an expense entry is booked on (an anonymous type of the
    /// schema). Read only.
    pub struct ExpenseEntryDimensionEntry = "" {
        /// Its id.
        required id: DimensionEntryId = "id";
        /// Its name, which may be a person's.
        required name: String = "name", personal;
        /// The dimension that it is of.
        required dimension: ExpenseDimension = "dimension";
    }
}

impl ExpenseEntryDimensionEntry {
    /// An entry of a dimension; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: DimensionEntryId, name: impl Into<String>, dimension: ExpenseDimension) -> Self {
        Self {
            id,
            name: name.into(),
            dimension,
            ..Self::blank()
        }
    }
}

record! {
    /// A dimension (an anonymous type of the schema). Read only.
    pub struct ExpenseDimension = "" {
        /// Its id.
        required id: DimensionId = "id";
        /// Its name.
        required name: String = "name";
    }
}

impl ExpenseDimension {
    /// A dimension; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: DimensionId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An entry of a dimension, where the dimension is said elsewhere (an anonymous type of the
    /// schema). Read only.
    pub struct ExpenseDimensionEntry = "" {
        /// Its id.
        required id: DimensionEntryId = "id";
        /// Its name, which may be a person's.
        required name: String = "name", personal;
    }
}

impl ExpenseDimensionEntry {
    /// An entry of a dimension; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: DimensionEntryId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// The client project on which an expense is charged (an anonymous type of the schema). Read
    /// only.
    pub struct ExpenseReInvoicingReadable = "" {
        /// The project; absent when nobody is charged.
        optional client_project: ExpenseClientProject = "client-project";
    }
}

impl ExpenseReInvoicingReadable {
    /// Charged on this project, or on none; for tests and sandboxes, since Kleer only sends it.
    pub fn new(client_project: Option<ExpenseClientProject>) -> Self {
        Self {
            client_project,
            ..Self::blank()
        }
    }
}

record! {
    /// A client project, by id and name (an anonymous type of the schema). Read only.
    pub struct ExpenseClientProject = "" {
        /// Its id.
        required id: ClientProjectId = "id";
        /// Its name.
        required name: String = "name";
    }
}

impl ExpenseClientProject {
    /// A client project; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: ClientProjectId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// What may be chosen in an expense entry (schema type `expense-entry-form`). Read only.
    pub struct ExpenseEntryForm = "expense-entry-form", root "expense-entry-form" {
        /// The company cards that the user may have paid with.
        list company_cards: CompanyCardReadable = "company-cards" / "company-card";
        /// The types of expenses.
        list expense_types: ExpenseTypeReadable = "expense-types" / "expense-type";
        /// The currencies (ISO 4217).
        list currency_types: String = "currency-types" / "currency-type";
        /// The countries, with their VAT rates.
        list countries: ExpenseFormCountry = "countries" / "country";
        /// The dimensions and their entries.
        list dimensions: ExpenseFormDimension = "dimensions" / "dimension";
        /// The client projects on which an expense may be charged.
        list re_invoicing: ExpenseClientProject = "re-invoicing" / "client-project";
    }
}

impl Default for ExpenseEntryForm {
    /// A form that offers nothing; for tests and sandboxes, since Kleer only sends it.
    fn default() -> Self {
        Self::blank()
    }
}

record! {
    /// A country in which an expense may have been paid (an anonymous type of the schema). Read
    /// only.
    pub struct ExpenseFormCountry = "" {
        /// The country (ISO 3166-1 alpha-2).
        required code: String = "code";
        /// Its VAT rates; their unit is not established.
        list vat_percentages: Rate = "vat-percentages" / "vat-percentage";
    }
}

impl ExpenseFormCountry {
    /// A country; for tests and sandboxes, since Kleer only sends it.
    pub fn new(code: impl Into<String>, vat_percentages: Vec<Rate>) -> Self {
        Self {
            code: code.into(),
            vat_percentages,
            ..Self::blank()
        }
    }
}

record! {
    /// A dimension and the entries that may be chosen of it (an anonymous type of the schema).
    /// Read only.
    pub struct ExpenseFormDimension = "" {
        /// Its id.
        required id: DimensionId = "id";
        /// Its name.
        required name: String = "name";
        /// Whether one of its entries must be chosen.
        required required: bool = "required";
        /// Its entries.
        list entries: ExpenseDimensionEntry = "entries" / "entry";
    }
}

impl ExpenseFormDimension {
    /// A dimension; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: DimensionId,
        name: impl Into<String>,
        required: bool,
        entries: Vec<ExpenseDimensionEntry>,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            required,
            entries,
            ..Self::blank()
        }
    }
}

record! {
    /// What a form for an expense entry is filled in with (schema type
    /// `expense-entry-form-defaults`). Read only.
    pub struct ExpenseEntryFormDefaults = "expense-entry-form-defaults", root "expense-entry-form-defaults" {
        /// The company card, if any.
        optional company_card: CompanyCardReadable = "company-card";
        /// The date. The schema demands the element, so `None` is written as the 1 January of the
        /// year 1; that date and an empty text are read as `None`.
        blankable date: NaiveDate = "date";
        /// The type of expense, if any.
        optional expense_type: ExpenseTypeReadable = "type";
        /// What it was for; may be empty.
        required description: String = "description", personal;
        /// Whether the receipt is digital.
        required digital: bool = "digital";
        /// The currency (ISO 4217).
        required currency_type: String = "currency-type";
        /// The country (ISO 3166-1 alpha-2).
        required country_code: String = "country-code";
        /// The dimensions that have a default.
        list dimensions: ExpenseDefaultDimension = "dimensions" / "dimension";
    }
}

impl ExpenseEntryFormDefaults {
    /// Kronor, Sweden, and a date; for tests and sandboxes, since Kleer only sends it.
    pub fn new(date: NaiveDate) -> Self {
        Self {
            date: Some(date),
            currency_type: "SEK".to_owned(),
            country_code: "SE".to_owned(),
            ..Self::blank()
        }
    }
}

record! {
    /// A dimension and the entry that is its default (an anonymous type of the schema). Read only.
    pub struct ExpenseDefaultDimension = "" {
        /// Its id.
        required id: DimensionId = "id";
        /// Its name.
        required name: String = "name";
        /// The entry.
        required entry: ExpenseDimensionEntry = "entry";
    }
}

impl ExpenseDefaultDimension {
    /// A dimension and its default; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: DimensionId, name: impl Into<String>, entry: ExpenseDimensionEntry) -> Self {
        Self {
            id,
            name: name.into(),
            entry,
            ..Self::blank()
        }
    }
}

record! {
    /// A type of expenses (schema type `expense-type-readable`). Read only.
    pub struct ExpenseTypeReadable = "expense-type-readable" {
        /// Kleer's id.
        required id: ExpenseTypeId = "id";
        /// The name.
        required name: String = "name";
        /// What it is for.
        required description: String = "description";
        /// What is asked of its entries.
        required classification: ExpenseTypeClassification = "classification";
        /// The entries of dimensions that it is booked on by default.
        list dimensions: ExpenseDefaultDimension = "dimensions" / "dimension";
    }
}

impl ExpenseTypeReadable {
    /// A type of expenses; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: ExpenseTypeId,
        name: impl Into<String>,
        classification: ExpenseTypeClassification,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            classification,
            ..Self::blank()
        }
    }
}

enumeration! {
    /// What is asked of the entries of a type of expenses (schema type
    /// `expense-type-classification`).
    pub enum ExpenseTypeClassification = "expense-type-classification" {
        /// Nothing in particular.
        Basic = "Basic",
        /// Entertainment: who was there.
        Representation = "Representation",
    }
}

record! {
    /// The file of a receipt (an anonymous type of the schema). Read only.
    ///
    /// The file itself is not here, only a small picture of it.
    pub struct ExpenseFileReadable = "", list "expense-file-readables" / "expense-file" {
        /// Kleer's id.
        required id: ExpenseFileId = "id";
        /// A description; may be empty.
        required description: String = "description", personal;
        /// The file's name.
        required filename: String = "filename", personal;
        /// A small picture of it. Its format is not established.
        required thumbnail: HexBinary = "thumbnail";
        /// When it was uploaded.
        required registration_date: Timestamp = "registration-date";
    }
}

impl ExpenseFileReadable {
    /// A file without a picture; for tests and sandboxes, since Kleer only sends it.
    pub fn new(
        id: ExpenseFileId,
        filename: impl Into<String>,
        registration_date: Timestamp,
    ) -> Self {
        Self {
            id,
            filename: filename.into(),
            registration_date,
            ..Self::blank()
        }
    }
}

record! {
    /// A company card, by which employees pay (schema type `company-card-readable`). Read only.
    pub struct CompanyCardReadable = "company-card-readable" {
        /// Kleer's id.
        required id: CompanyCardId = "id";
        /// The card's name, which may be a person's.
        required name: String = "name", personal;
    }
}

impl CompanyCardReadable {
    /// A company card; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: CompanyCardId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// Asks for the files of Eurocard company cards (schema type `eurocard-files-request`). Write
    /// only. What Kleer answers, and where, is not known.
    pub struct EurocardFilesRequest = "eurocard-files-request", root "eurocard-files-request" {
        /// From this day on.
        optional from_date: NaiveDate = "from-date";
        /// Until this day.
        optional to_date: NaiveDate = "to-date";
        /// Of the company with this organisation number.
        optional orgno: String = "orgno";
        /// By this name.
        optional filename: String = "filename";
    }
}

impl Default for EurocardFilesRequest {
    /// A request that narrows nothing down.
    fn default() -> Self {
        Self::blank()
    }
}
