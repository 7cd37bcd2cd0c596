//! Reports: tables that Kleer has laid out for people to read. Read only.
//!
//! Sections, the rows of a table and their items each are of several types, which a document
//! names by `xsi:type`. A type that this version of the model does not know is kept and written
//! back. No call is known that answers with a report.
//!
//! ```
//! use kleer_model::{Document, Report, ReportSection, ReportSectionSimpleTableObject};
//!
//! let xml = r#"<report xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
//!   <name>Resultat</name><company><id>1</id><name>Exempel AB</name></company>
//!   <sections xsi:type="report-section-simple-table"><name>Intäkter</name>
//!     <objects xsi:type="report-section-model-item-row">
//!       <items xsi:type="report-section-model-string-item"><value>Försäljning</value></items>
//!       <items xsi:type="report-section-model-bigdecimal-item"><value>1250.50</value></items>
//!     </objects>
//!   </sections></report>"#;
//! let report = Report::from_xml(xml.as_bytes())?;
//! let ReportSection::SimpleTable(table) = &report.sections[0] else { panic!("a table") };
//! let ReportSectionSimpleTableObject::ItemRow(row) = &table.objects[0] else { panic!("a row") };
//! let values: Vec<&str> = row.items.iter().filter_map(|item| Some(item.value()?.as_xml())).collect();
//! assert_eq!(values, ["Försäljning", "1250.50"]);
//! # Ok::<(), kleer_model::ReadError>(())
//! ```

use crate::codec::Value;
use crate::codec::declare::{polymorphic, record};
use crate::{AnyValue, Company};

record! {
    /// A report (schema type `report`). Read only.
    ///
    /// The schema's type is abstract, and the only type that extends it is the root element's own,
    /// which adds nothing.
    pub struct Report = "report", root "report" {
        /// The report's name.
        required name: String = "name";
        /// The company that it is about.
        required company: Company = "company";
        /// What stands above it: the period, who asked for it.
        repeated headers: ReportHeader = "headers";
        /// Its sections, at least one.
        nonempty sections: ReportSection = "sections";
    }
}

impl Report {
    /// A report without headers; for tests and sandboxes, since Kleer only sends it.
    pub fn new(name: impl Into<String>, company: Company, sections: Vec<ReportSection>) -> Self {
        Self {
            name: name.into(),
            company,
            sections,
            ..Self::blank()
        }
    }
}

record! {
    /// A line above a report (schema type `report-header`). Read only.
    pub struct ReportHeader = "report-header" {
        /// What it tells.
        required name: String = "name";
        /// What it says, which may be a person's name.
        required value: String = "value", personal;
    }
}

impl ReportHeader {
    /// A line; for tests and sandboxes, since Kleer only sends it.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            ..Self::blank()
        }
    }
}

polymorphic! {
    /// A section of a report (abstract schema type `report-section`).
    pub enum ReportSection = "report-section" {
        /// A table.
        SimpleTable(ReportSectionSimpleTable) = "report-section-simple-table",
    }
}

record! {
    /// A section that is a table (schema type `report-section-simple-table`). Read only.
    pub struct ReportSectionSimpleTable = "report-section-simple-table" {
        /// The section's name.
        required name: String = "name";
        /// Its headings and rows, in order.
        repeated objects: ReportSectionSimpleTableObject = "objects";
    }
}

impl ReportSectionSimpleTable {
    /// A table; for tests and sandboxes, since Kleer only sends it.
    pub fn new(name: impl Into<String>, objects: Vec<ReportSectionSimpleTableObject>) -> Self {
        Self {
            name: name.into(),
            objects,
            ..Self::blank()
        }
    }
}

polymorphic! {
    /// A heading or row of a table (abstract schema type `report-section-simple-table-object`).
    pub enum ReportSectionSimpleTableObject = "report-section-simple-table-object" {
        /// A heading.
        Header(ReportSectionModelHeader) = "report-section-model-header",
        /// The row that names the columns.
        HeaderRow(ReportSectionModelHeaderRow) = "report-section-model-header-row",
        /// A row of values.
        ItemRow(ReportSectionModelItemRow) = "report-section-model-item-row",
        /// A row below, of sums as a rule.
        FooterRow(ReportSectionModelFooterRow) = "report-section-model-footer-row",
    }
}

impl ReportSectionSimpleTableObject {
    /// The items of the row; none for a type that this version of the model does not know.
    pub fn items(&self) -> &[ReportSectionModelItem] {
        match self {
            Self::Header(row) => &row.items,
            Self::HeaderRow(row) => &row.items,
            Self::ItemRow(row) => &row.items,
            Self::FooterRow(row) => &row.items,
            Self::Other(_) => &[],
        }
    }
}

record! {
    /// A heading in a table (schema type `report-section-model-header`). Read only.
    pub struct ReportSectionModelHeader = "report-section-model-header" {
        /// Further items.
        repeated items: ReportSectionModelItem = "items";
        /// The heading itself.
        required item: ReportSectionModelItem = "item";
    }
}

impl ReportSectionModelHeader {
    /// A heading without further items; for tests and sandboxes, since Kleer only sends it.
    pub fn new(item: ReportSectionModelItem) -> Self {
        Self {
            item,
            ..Self::blank()
        }
    }
}

/// Declares a row of a table: the items of `report-section-simple-table-object` and no more.
macro_rules! row {
    ($(#[$meta:meta])* $name:ident = $schema:literal) => {
        record! {
            $(#[$meta])*
            pub struct $name = $schema {
                /// The items, one for each column.
                repeated items: ReportSectionModelItem = "items";
            }
        }

        impl $name {
            /// A row; for tests and sandboxes, since Kleer only sends it.
            pub fn new(items: Vec<ReportSectionModelItem>) -> Self {
                Self {
                    items,
                    ..Self::blank()
                }
            }
        }
    };
}

row! {
    /// The row of a table that names its columns (schema type `report-section-model-header-row`).
    /// Read only.
    ReportSectionModelHeaderRow = "report-section-model-header-row"
}

row! {
    /// A row of values in a table (schema type `report-section-model-item-row`). Read only.
    ReportSectionModelItemRow = "report-section-model-item-row"
}

row! {
    /// A row below a table, of sums as a rule (schema type `report-section-model-footer-row`). Read
    /// only.
    ReportSectionModelFooterRow = "report-section-model-footer-row"
}

polymorphic! {
    /// An item of a row (abstract schema type `report-section-model-item`).
    ///
    /// Its type says how the value is meant; the value itself is kept as it stands, since the
    /// schema says nothing of it.
    pub enum ReportSectionModelItem = "report-section-model-item" {
        /// A decimal number.
        Bigdecimal(ReportSectionModelBigdecimalItem) = "report-section-model-bigdecimal-item",
        /// An amount.
        Bigamount(ReportSectionModelBigamountItem) = "report-section-model-bigamount-item",
        /// A currency.
        Currency(ReportSectionModelCurrencyItem) = "report-section-model-currency-item",
        /// A date.
        Date(ReportSectionModelDateItem) = "report-section-model-date-item",
        /// A whole number.
        Number(ReportSectionModelNumberItem) = "report-section-model-number-item",
        /// A percentage.
        Percentage(ReportSectionModelPercentageItem) = "report-section-model-percentage-item",
        /// A text.
        String(ReportSectionModelStringItem) = "report-section-model-string-item",
        /// A month of a year.
        Yearmonth(ReportSectionModelYearmonthItem) = "report-section-model-yearmonth-item",
    }
}

impl ReportSectionModelItem {
    /// The value; `None` for a type that this version of the model does not know.
    pub fn value(&self) -> Option<&AnyValue> {
        match self {
            Self::Bigdecimal(item) => Some(&item.value),
            Self::Bigamount(item) => Some(&item.value),
            Self::Currency(item) => Some(&item.value),
            Self::Date(item) => Some(&item.value),
            Self::Number(item) => Some(&item.value),
            Self::Percentage(item) => Some(&item.value),
            Self::String(item) => Some(&item.value),
            Self::Yearmonth(item) => Some(&item.value),
            Self::Other(_) => None,
        }
    }
}

/// Declares an item of a row: the value of `report-section-model-item` and no more.
macro_rules! item {
    ($(#[$meta:meta])* $name:ident = $schema:literal) => {
        record! {
            $(#[$meta])*
            pub struct $name = $schema {
                /// The value, in a form that the schema does not say. `Debug` hides it.
                required value: AnyValue = "value", personal;
            }
        }

        impl $name {
            /// An item; for tests and sandboxes, since Kleer only sends it.
            pub fn new(value: AnyValue) -> Self {
                Self {
                    value,
                    ..Self::blank()
                }
            }
        }
    };
}

item! {
    /// A decimal number in a table (schema type `report-section-model-bigdecimal-item`). Read only.
    ReportSectionModelBigdecimalItem = "report-section-model-bigdecimal-item"
}

item! {
    /// An amount in a table (schema type `report-section-model-bigamount-item`). Read only. Whether
    /// it is in cent is not established.
    ReportSectionModelBigamountItem = "report-section-model-bigamount-item"
}

item! {
    /// A currency in a table (schema type `report-section-model-currency-item`). Read only.
    ReportSectionModelCurrencyItem = "report-section-model-currency-item"
}

item! {
    /// A date in a table (schema type `report-section-model-date-item`). Read only.
    ReportSectionModelDateItem = "report-section-model-date-item"
}

item! {
    /// A whole number in a table (schema type `report-section-model-number-item`). Read only.
    ReportSectionModelNumberItem = "report-section-model-number-item"
}

item! {
    /// A percentage in a table (schema type `report-section-model-percentage-item`). Read only. Its
    /// unit is not established.
    ReportSectionModelPercentageItem = "report-section-model-percentage-item"
}

item! {
    /// A text in a table (schema type `report-section-model-string-item`). Read only.
    ReportSectionModelStringItem = "report-section-model-string-item"
}

item! {
    /// A month of a year in a table (schema type `report-section-model-yearmonth-item`). Read only.
    ReportSectionModelYearmonthItem = "report-section-model-yearmonth-item"
}
