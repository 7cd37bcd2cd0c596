//! Every test number that a specification, an authority or another project has published, with its
//! source, and what becomes of it here.
//!
//! No number of a real person is among them: they are the test numbers of Skatteverket and of the
//! projects named.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which may panic"
)]

mod bank_account;
mod giro;
mod ocr_reference;
mod organisation_number;
mod personal_identity_number;
mod vat_number;

use swedish_ids::{Date, ParseErrorKind, TaxColumn, TaxColumnWarning, TaxTable};

fn today() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

/// Skatteverket's open data of 2026 (tables 29 to 42, column 7 empty) and 2025 (column 7 in use).
#[test]
fn tax_tables_and_columns() {
    assert_eq!(TaxTable::range(2014), 29..=37);
    assert_eq!(TaxTable::range(2021), 29..=40);
    assert_eq!(TaxTable::range(2026), 29..=42);
    for number in 0..=u8::MAX {
        assert_eq!(TaxTable::new(number).is_ok(), (29..=42).contains(&number));
        assert_eq!(
            TaxTable::for_year(number, 2026).is_ok(),
            (29..=42).contains(&number)
        );
        assert_eq!(
            TaxTable::for_year(number, 2020).is_ok(),
            (29..=40).contains(&number)
        );
        assert_eq!(
            number.to_string().parse::<TaxTable>().is_ok(),
            (29..=42).contains(&number)
        );
        assert_eq!(TaxColumn::new(number).is_ok(), (1..=7).contains(&number));
        assert_eq!(
            number.to_string().parse::<TaxColumn>().is_ok(),
            (1..=7).contains(&number)
        );
        if let Ok(column) = TaxColumn::new(number) {
            assert_eq!(column.warning(2026).is_some(), number == 7);
            assert_eq!(column.warning(2025).is_some(), number == 7);
        }
    }
    let seven = TaxColumn::new(7).unwrap();
    assert_eq!(seven.warning(2022), Some(TaxColumnWarning::Empty));
    assert_eq!(seven.warning(2023), Some(TaxColumnWarning::Inferred));
    assert_eq!(seven.warning(2025), Some(TaxColumnWarning::OnlyAtSixtyFive));
    assert_eq!(seven.warning(2026), Some(TaxColumnWarning::Empty));
    assert_eq!(" 33 ".parse::<TaxTable>().unwrap().number(), 33);
    let error = "43".parse::<TaxTable>().unwrap_err();
    assert_eq!(
        error.kind(),
        ParseErrorKind::OutOfRange {
            lowest: 29,
            highest: 42
        }
    );
    assert_eq!(
        error.to_string(),
        "tax table: not in the range 29 to 42 (character 1)"
    );
    assert!("33:1".parse::<TaxTable>().is_err());
    assert!("-33".parse::<TaxTable>().is_err());
    assert!(TaxTable::new(41).unwrap().exists_in(2026));
    assert!(!TaxTable::new(41).unwrap().exists_in(2020));
}
