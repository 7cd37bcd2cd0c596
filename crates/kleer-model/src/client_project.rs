//! Client projects: what is done for clients, who may report time on them, and at what price.
//!
//! Not the projects of the accounts: those are [`project`](crate::project).

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::codec::Value;
use crate::codec::declare::{enumeration, record};
use crate::{
    ActivityId, ActivityReference, Cents, ClientId, ClientInvoiceReference, ClientProjectId,
    ClientProjectReference, ClientReference, CustomField, DeliveryMethod, DimensionEntryReference,
    DimensionsDistribution, FixedPricePlannedInvoiceReference,
    FixedPricePlannedInvoiceRowReference, Nillable, ProductId, ProductReference, UserId,
    UserReference,
};

record! {
    /// A client project (schema type `client-project-readable`), as Kleer sends it.
    ///
    /// Whether a user may report time on an activity: every activity is allowed where
    /// [`all_activities`](Self::all_activities) says so. Otherwise it must stand in
    /// [`activity`](Self::activity) and, where the user's own list in [`user`](Self::user) holds
    /// any, in that too; where only the user's list holds any, that counts.
    pub struct ClientProjectReadable = "client-project-readable", root "client-project-readable", list "client-project-readables" / "client-project-readable" {
        /// Kleer's id, as a reference.
        required id: ClientProjectReference = "id";
        /// The client.
        optional client: ClientReference = "client";
        /// The client that is billed in place of [`client`](Self::client).
        optional broker_client: ClientReference = "broker-client";
        /// Whether it has a fixed price.
        required fixed_price: bool = "fixed-price";
        /// The number that the company gives it.
        required number: String = "number";
        /// The name.
        required name: String = "name";
        /// The currency (ISO 4217).
        required currency_type: String = "currency-type";
        /// Whether the project is in use.
        required active: bool = "active";
        /// The client's reference, for invoices: a person or a code.
        optional your_reference: String = "your-reference", personal;
        /// The user who answers for the invoices.
        optional our_reference: UserReference = "our-reference";
        /// How invoices are sent.
        optional delivery_type: DeliveryMethod = "delivery-type";
        /// Free text.
        required comment: String = "comment", personal;
        /// Days from an invoice's date to its due date (`xs:integer` in the schema; 64 bits here).
        optional payment_days: i64 = "payment-days";
        /// The client's order number.
        optional po_nr: String = "po-nr";
        /// How many hours are planned.
        required budget_hours: Decimal = "budget-hours";
        /// The amount that is planned, in cent.
        required budget_amount: Cents = "budget-amount";
        /// What had been invoiced before Kleer, without VAT, in cent.
        required incoming_invoiced_amount: Cents = "incoming-invoiced-amount";
        /// The VAT on it, in cent.
        required incoming_invoiced_vat_amount: Cents = "incoming-invoiced-vat-amount";
        /// Whether time can be reported on every activity.
        required all_activities: bool = "all-activities";
        /// Activities and their prices.
        repeated activity: ClientProjectActivity = "activity";
        /// Whether every user can report time.
        required all_users: bool = "all-users";
        /// Users and their prices.
        repeated user: ClientProjectUser = "user";
        /// Who leads it. Each element holds one, in spite of its name.
        repeated leads: Lead = "leads";
        /// Invoices that are planned, where the price is fixed.
        repeated fixed_price_planned_invoice: FixedPricePlannedInvoice = "fixed-price-planned-invoice";
        /// What has been written off.
        repeated write_off: ClientProjectWriteOff = "write-off";
        /// The entry that stands for this project where amounts are booked on projects.
        optional dimension_entry: DimensionEntryReference = "dimension-entry";
        /// Whether it has been opened or closed.
        required status: ClientProjectStatusType = "status";
        /// The day on which it opens.
        optional opening_date: NaiveDate = "opening-date";
        /// The day on which it closes. It does not close the project by itself.
        optional closing_date: NaiveDate = "closing-date";
        /// How what concerns the project is spread over entries of dimensions. Written as
        /// [`ClientProjectWritable::dimension_entries`].
        optional dimensions: DimensionsDistribution = "dimensions";
        /// Free text for new invoices.
        optional default_notes: String = "default-notes", personal;
        /// Fields that the company has defined itself.
        optional_list fields: CustomField = "fields" / "field";
    }
}

impl ClientProjectReadable {
    /// What Kleer would send of a project that was written, open and in use; for tests and
    /// sandboxes.
    pub fn from_writable(id: ClientProjectId, project: ClientProjectWritable) -> Self {
        Self {
            id: id.into(),
            client: project.client,
            broker_client: match project.broker_client {
                Nillable::Value(client) => Some(client),
                _ => None,
            },
            fixed_price: project.fixed_price,
            number: project.number,
            name: project.name,
            currency_type: project.currency_type.unwrap_or_default(),
            active: true,
            your_reference: project.your_reference,
            our_reference: project.our_reference,
            delivery_type: project.delivery_type,
            comment: project.comment,
            payment_days: project.payment_days,
            po_nr: project.po_nr,
            budget_hours: project.budget_hours,
            budget_amount: project.budget_amount,
            incoming_invoiced_amount: project.incoming_invoiced_amount,
            incoming_invoiced_vat_amount: project.incoming_invoiced_vat_amount,
            all_activities: project.all_activities,
            activity: project.activity,
            all_users: project.all_users,
            user: project.user,
            leads: project.leads,
            fixed_price_planned_invoice: project.fixed_price_planned_invoice,
            status: ClientProjectStatusType::Open,
            opening_date: project.opening_date,
            closing_date: project.closing_date,
            dimensions: project.dimension_entries,
            default_notes: project.default_notes,
            fields: project.fields,
            ..Self::blank()
        }
    }
}

record! {
    /// A client project (schema type `client-project-writeable`), as it is written.
    ///
    /// Client, name and whether the price is fixed can be set on a create only. Opening and
    /// closing are other operations.
    pub struct ClientProjectWritable = "client-project-writeable", root "client-project-writeable" {
        /// The client; on a create only.
        optional client: ClientReference = "client";
        /// The client that new invoices bill in place of [`client`](Self::client). Absent: none on
        /// a create, unchanged on an update. Nil clears it.
        optional_nillable broker_client: ClientReference = "broker-client";
        /// Whether it has a fixed price; on a create only.
        required fixed_price: bool = "fixed-price";
        /// The number that the company gives it.
        required number: String = "number";
        /// The name; on a create only.
        required name: String = "name";
        /// The currency (ISO 4217).
        optional currency_type: String = "currency-type";
        /// The client's reference, for invoices: a person or a code.
        optional your_reference: String = "your-reference", personal;
        /// The user who answers for the invoices.
        optional our_reference: UserReference = "our-reference";
        /// How invoices are sent.
        optional delivery_type: DeliveryMethod = "delivery-type";
        /// Free text; may be empty.
        required comment: String = "comment", personal;
        /// Days from an invoice's date to its due date (`xs:integer` in the schema; 64 bits here).
        optional payment_days: i64 = "payment-days";
        /// The client's order number.
        optional po_nr: String = "po-nr";
        /// How many hours are planned.
        required budget_hours: Decimal = "budget-hours";
        /// The amount that is planned, in cent.
        required budget_amount: Cents = "budget-amount";
        /// What had been invoiced before Kleer, without VAT, in cent.
        required incoming_invoiced_amount: Cents = "incoming-invoiced-amount";
        /// The VAT on it, in cent.
        required incoming_invoiced_vat_amount: Cents = "incoming-invoiced-vat-amount";
        /// Whether time can be reported on every activity.
        required all_activities: bool = "all-activities";
        /// Activities and their prices.
        repeated activity: ClientProjectActivity = "activity";
        /// Whether every user can report time.
        required all_users: bool = "all-users";
        /// Users and their prices.
        repeated user: ClientProjectUser = "user";
        /// Who leads it. Each element holds one, in spite of its name.
        repeated leads: Lead = "leads";
        /// Invoices that are planned, where the price is fixed.
        repeated fixed_price_planned_invoice: FixedPricePlannedInvoice = "fixed-price-planned-invoice";
        /// The day on which it opens.
        optional opening_date: NaiveDate = "opening-date";
        /// The day on which it closes. It does not close the project: that is another operation.
        optional closing_date: NaiveDate = "closing-date";
        /// Free text for new invoices.
        optional default_notes: String = "default-notes", personal;
        /// How what concerns the project is spread over entries of dimensions. Absent on an
        /// update: unchanged. Read as [`ClientProjectReadable::dimensions`].
        optional dimension_entries: DimensionsDistribution = "dimension-entries";
        /// Fields that the company has defined itself.
        optional_list fields: CustomField = "fields" / "field";
    }
}

impl ClientProjectWritable {
    /// A new project on which every user can report time on every activity, without a budget or a
    /// fixed price.
    ///
    /// ```
    /// use kleer_model::{ClientId, ClientProjectWritable, Document};
    ///
    /// let mut project = ClientProjectWritable::new(ClientId(17), "P-104", "Ny webbplats");
    /// project.budget_hours = 120.into();
    /// assert!(project.to_xml()?.contains("<all-users>true</all-users>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(client: ClientId, number: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            client: Some(client.into()),
            number: number.into(),
            name: name.into(),
            all_activities: true,
            all_users: true,
            ..Self::blank()
        }
    }
}

record! {
    /// An activity of a client project and its price (schema type `client-project-activity`).
    pub struct ClientProjectActivity = "client-project-activity" {
        /// The activity.
        required activity: ActivityReference = "activity";
        /// What the client pays per hour, in cent; absent: the activity's own price.
        optional price: Cents = "price";
        /// What a subcontractor is paid per hour, in cent.
        optional supplier_price: Cents = "supplier-price";
    }
}

impl ClientProjectActivity {
    /// An activity at its own price.
    pub fn new(activity: ActivityId) -> Self {
        Self {
            activity: activity.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// A user of a client project (schema type `client-project-user`).
    pub struct ClientProjectUser = "client-project-user" {
        /// The user.
        required user: UserReference = "user";
        /// The activities on which this user can report time, and their prices.
        repeated activity: ClientProjectUserActivity = "activity";
    }
}

impl ClientProjectUser {
    /// A user without activities of their own.
    pub fn new(user: UserId) -> Self {
        Self {
            user: user.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An activity of a user in a client project (schema type `client-project-user-activity`).
    pub struct ClientProjectUserActivity = "client-project-user-activity" {
        /// The activity.
        required activity: ActivityReference = "activity";
        /// What the client pays per hour, in cent.
        optional price: Cents = "price";
        /// What a subcontractor is paid per hour, in cent.
        optional supplier_price: Cents = "supplier-price", personal;
        /// The share that goes on the user's own entry, as a fraction: 1 is all of it.
        optional dimension_user_percentage: Decimal = "dimension-user-percentage";
    }
}

impl ClientProjectUserActivity {
    /// An activity at the project's price.
    pub fn new(activity: ActivityId) -> Self {
        Self {
            activity: activity.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// Somebody who leads a client project (schema type `lead`).
    pub struct Lead = "lead" {
        /// Who.
        required user: UserReference = "user";
    }
}

impl Lead {
    /// A user as lead.
    pub fn new(user: UserId) -> Self {
        Self {
            user: user.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An invoice that is planned for a project with a fixed price (schema type
    /// `fixed-price-planned-invoice`).
    pub struct FixedPricePlannedInvoice = "fixed-price-planned-invoice" {
        /// Kleer's id, as a reference; absent on a new one.
        optional id: FixedPricePlannedInvoiceReference = "id";
        /// The date that the invoice shall have.
        required invoice_date: NaiveDate = "invoice-date";
        /// The invoice that was made of it.
        optional client_invoice: ClientInvoiceReference = "client-invoice";
        /// The rows.
        repeated row: FixedPricePlannedInvoiceRow = "row";
    }
}

impl FixedPricePlannedInvoice {
    /// A new planned invoice.
    pub fn new(invoice_date: NaiveDate, row: Vec<FixedPricePlannedInvoiceRow>) -> Self {
        Self {
            invoice_date,
            row,
            ..Self::blank()
        }
    }
}

record! {
    /// A row of a [`FixedPricePlannedInvoice`] (schema type `fixed-price-planned-invoice-row`).
    ///
    /// The unit stands before the price, other than in
    /// [`ClientInvoiceRow`](crate::ClientInvoiceRow).
    pub struct FixedPricePlannedInvoiceRow = "fixed-price-planned-invoice-row" {
        /// Kleer's id, as a reference; absent on a new one.
        optional id: FixedPricePlannedInvoiceRowReference = "id";
        /// The product, which decides VAT and account.
        required product: ProductReference = "product";
        /// How many units.
        required quantity: Decimal = "quantity";
        /// The unit, as text that is printed.
        required unit: String = "unit";
        /// The price per unit without VAT, in cent.
        required price: Cents = "price";
        /// What is billed.
        required description: String = "description";
    }
}

impl FixedPricePlannedInvoiceRow {
    /// A new row for this many units of a product.
    pub fn new(
        product: ProductId,
        quantity: Decimal,
        price: Cents,
        description: impl Into<String>,
    ) -> Self {
        Self {
            product: product.into(),
            quantity,
            price,
            description: description.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// An amount of a client project that is written off (schema type `client-project-write-off`).
    /// Read only.
    pub struct ClientProjectWriteOff = "client-project-write-off" {
        /// The day.
        required date: NaiveDate = "date";
        /// The amount in the project's currency, in cent.
        required amount: Cents = "amount";
        /// The amount in the currency of the accounts, in cent.
        required accounting_amount: Cents = "accounting-amount";
        /// Why.
        required description: String = "description", personal;
    }
}

impl ClientProjectWriteOff {
    /// An amount in the currency of the accounts; for tests and sandboxes, since Kleer only sends
    /// it.
    pub fn new(date: NaiveDate, amount: Cents) -> Self {
        Self {
            date,
            amount,
            accounting_amount: amount,
            ..Self::blank()
        }
    }
}

record! {
    /// An activity: what time is reported on (schema type `activity-readable`). Read only.
    ///
    /// Kinds of absence are activities too, found by the Swedish names that the company gave them.
    pub struct ActivityReadable = "activity-readable", root "activity-readable", list "activity-readables" / "activity-readable" {
        /// Kleer's id, as a reference.
        required id: ActivityReference = "id";
        /// The name.
        required name: String = "name";
        /// What it is.
        required description: String = "description";
        /// What a client pays per hour, in cent.
        optional price: Cents = "price";
        /// Whether an event must name a child, as for the care of a sick one.
        required mandatory_child_when_reporting: bool = "mandatory-child-when-reporting";
        /// The product by which it is invoiced.
        optional invoice_product: ProductReference = "invoice-product";
    }
}

impl ActivityReadable {
    /// An activity without a price; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: ActivityId, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            ..Self::blank()
        }
    }
}

record! {
    /// What an hour of a user costs the company (schema type `internal-hourly-cost-readable`), as
    /// Kleer sends it.
    pub struct InternalHourlyCostReadable = "internal-hourly-cost-readable", root "internal-hourly-cost-readable", list "internal-hourly-cost-readables" / "internal-hourly-cost-readable" {
        /// The activity; absent: every activity that has no cost of its own.
        optional activity: ActivityReference = "activity";
        /// The day from which it counts.
        required start_date: NaiveDate = "start-date";
        /// The cost per hour, presumably in cent. It tells of the user's salary.
        required price: Cents = "price", personal;
    }
}

impl InternalHourlyCostReadable {
    /// A cost for every activity; for tests and sandboxes, since Kleer only sends it.
    pub fn new(start_date: NaiveDate, price: Cents) -> Self {
        Self {
            start_date,
            price,
            ..Self::blank()
        }
    }
}

record! {
    /// What an hour of a user costs the company (schema type `internal-hourly-cost-writable`), as
    /// it is written: alone, or as a list.
    pub struct InternalHourlyCostWritable = "internal-hourly-cost-writable", root "internal-hourly-cost-writable", list "internal-hourly-cost-writables" / "internal-hourly-cost-writable" {
        /// The activity; absent: every activity that has no cost of its own.
        optional activity: ActivityReference = "activity";
        /// The day from which it counts.
        required start_date: NaiveDate = "start-date";
        /// The cost per hour, presumably in cent; absent: the activity's default. It tells of the
        /// user's salary.
        optional price: Cents = "price", personal;
    }
}

impl InternalHourlyCostWritable {
    /// A cost for every activity.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use kleer_model::{Cents, Document, InternalHourlyCostWritable, List};
    ///
    /// let start = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
    /// let costs = List::from(vec![InternalHourlyCostWritable::new(start, Cents(48_000))]);
    /// assert!(costs.to_xml()?.contains("<price>48000</price>"));
    /// assert!(!format!("{costs:?}").contains("48000"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(start_date: NaiveDate, price: Cents) -> Self {
        Self {
            start_date,
            price: Some(price),
            ..Self::blank()
        }
    }
}

enumeration! {
    /// Whether a client project has been opened or closed (schema type
    /// `client-project-status-type`).
    pub enum ClientProjectStatusType = "client-project-status-type" {
        /// Not opened yet.
        Draft = "Draft",
        /// Open: time can be reported.
        Open = "Open",
        /// Closed.
        Closed = "Closed",
    }
}
