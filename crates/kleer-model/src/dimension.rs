//! Dimensions of the accounts: cost centres, projects, employees, whatever the company counts by.
//!
//! How an amount is spread over entries is a
//! [`DimensionsDistribution`](crate::DimensionsDistribution).

use chrono::NaiveDate;

use crate::codec::Value;
use crate::codec::declare::record;
use crate::{DimensionEntryId, DimensionId};

record! {
    /// A dimension (schema type `dimension`). Read only.
    pub struct Dimension = "dimension", list "dimensions" / "dimension" {
        /// Kleer's id.
        required id: DimensionId = "id";
        /// Your own key; unique among the company's dimensions.
        optional foreign_id: String = "foreign-id";
        /// The name.
        required name: String = "name";
        /// What it is for.
        required description: String = "description";
        /// Whether the dimension is in use.
        required active: bool = "active";
    }
}

impl Dimension {
    /// A dimension in use; for tests and sandboxes, since Kleer only sends it.
    pub fn new(id: DimensionId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            active: true,
            ..Self::blank()
        }
    }
}

record! {
    /// An entry of a dimension (schema type `dimension-entry`), as Kleer sends it.
    ///
    /// Its name can be a person's, since users have entries too.
    pub struct DimensionEntry = "dimension-entry", list "dimension-entries" / "dimension-entry" {
        /// Kleer's id.
        required id: DimensionEntryId = "id";
        /// Your own key; unique within the dimension.
        optional foreign_id: String = "foreign-id";
        /// The name.
        required name: String = "name", personal;
        /// What it is for.
        required description: String = "description", personal;
        /// The first day on which it can be used.
        optional start_date: NaiveDate = "start-date";
        /// The last day on which it can be used.
        optional end_date: NaiveDate = "end-date";
        /// Whether the entry is in use.
        required active: bool = "active";
    }
}

impl DimensionEntry {
    /// What Kleer would send of an entry that was written; for tests and sandboxes.
    pub fn from_writable(id: DimensionEntryId, entry: DimensionEntryWritable) -> Self {
        Self {
            id,
            foreign_id: entry.foreign_id,
            name: entry.name,
            description: entry.description,
            start_date: entry.start_date,
            end_date: entry.end_date,
            active: entry.active,
            ..Self::blank()
        }
    }
}

record! {
    /// An entry of a dimension (schema type `dimension-entry-writeable`), as it is written.
    ///
    /// The order differs from [`DimensionEntry`]: the name stands before the key.
    pub struct DimensionEntryWritable = "dimension-entry-writeable", root "dimension-entry-writeable" {
        /// The name.
        required name: String = "name", personal;
        /// Your own key; it must be unique within the dimension.
        optional foreign_id: String = "foreign-id";
        /// What it is for.
        required description: String = "description", personal;
        /// The first day on which it can be used.
        optional start_date: NaiveDate = "start-date";
        /// The last day on which it can be used.
        optional end_date: NaiveDate = "end-date";
        /// Whether the entry is in use.
        required active: bool = "active";
    }
}

impl DimensionEntryWritable {
    /// A new entry in use.
    ///
    /// ```
    /// use kleer_model::{DimensionEntryWritable, Document};
    ///
    /// let mut entry = DimensionEntryWritable::new("Lager Umeå");
    /// entry.foreign_id = Some("KS-310".to_owned());
    /// assert!(entry.to_xml()?.contains("<foreign-id>KS-310</foreign-id>"));
    /// # Ok::<(), kleer_model::WriteError>(())
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            active: true,
            ..Self::blank()
        }
    }
}
