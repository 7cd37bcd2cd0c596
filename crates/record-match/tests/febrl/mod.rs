//! The published FEBRL data: which fields it has, and how a file of it is read.

#![allow(dead_code, reason = "tests and benchmarks use different parts")]

use std::path::Path;

use flat_record::{Field, Fields, Record, ValueKind};
use record_match::{Comparison, Comparisons, FieldKind};

/// What an HR system shares at the least.
pub(crate) const HR: &[(&str, FieldKind)] = &[
    ("given_name", FieldKind::GivenName),
    ("surname", FieldKind::Surname),
    ("date_of_birth", FieldKind::Date),
    ("postcode", FieldKind::Postcode),
];
/// The rest, without the number.
pub(crate) const MORE: &[(&str, FieldKind)] = &[
    ("street_number", FieldKind::Code),
    ("address_1", FieldKind::Address),
    ("address_2", FieldKind::Text),
    ("suburb", FieldKind::Text),
    ("state", FieldKind::Code),
];
/// The number that tells people apart by itself.
pub(crate) const NUMBER: &[(&str, FieldKind)] = &[("soc_sec_id", FieldKind::Identifier)];

/// Each field compared as what it is.
pub(crate) fn comparisons(fields: &[(&str, FieldKind)]) -> Comparisons {
    Comparisons::new(
        fields
            .iter()
            .map(|(name, kind)| Comparison::new(*name, *kind)),
    )
    .unwrap()
}

/// The people of a file, by the key in its first column; what is empty has no value.
pub(crate) fn read(path: &Path, fields: &[(&str, FieldKind)]) -> Vec<(String, Record)> {
    let layout = Fields::new(
        fields
            .iter()
            .map(|(name, _)| Field::new(name, ValueKind::Text).unwrap()),
    )
    .unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .unwrap();
    let headers = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let mut record = Record::new(&layout);
            for (name, _) in fields {
                let column = headers.iter().position(|header| header == *name).unwrap();
                if !row[column].is_empty() {
                    record.set(name, &row[column]).unwrap();
                }
            }
            (row[0].to_owned(), record)
        })
        .collect()
}
