//! `serde`: every type as a string, and no personal number in an error.
#![cfg(feature = "serde")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests, which may panic"
)]

use std::fmt::{Debug, Display};

use serde_json::json;
use swedish_ids::{
    BankAccount, Bankgiro, ClearingNumber, Date, OcrReference, OrganisationNumber,
    PersonalIdentityNumber, Plusgiro, TaxColumn, TaxTable, VatNumber,
};

fn as_text<T>(text: &str)
where
    T: serde::Serialize + serde::de::DeserializeOwned + Display + Debug + PartialEq,
{
    let value: T = serde_json::from_value(json!(text)).expect(text);
    assert_eq!(value.to_string(), text);
    assert_eq!(serde_json::to_value(&value).unwrap(), json!(text));
    assert!(serde_json::from_value::<T>(json!("x")).is_err());
    assert!(serde_json::from_value::<T>(json!(null)).is_err());
}

#[test]
fn every_type_is_a_string() {
    as_text::<PersonalIdentityNumber>("19701063-2391");
    as_text::<OrganisationNumber>("556016-0680");
    as_text::<VatNumber>("SE556016068001");
    as_text::<Bankgiro>("5402-9681");
    as_text::<Plusgiro>("28 65 43-4");
    as_text::<OcrReference>("1230");
    as_text::<ClearingNumber>("8327");
    as_text::<BankAccount>("8327-0147258925");
    as_text::<TaxTable>("33");
    as_text::<TaxColumn>("1");
    as_text::<Date>("2026-06-06");
}

#[test]
fn an_account_that_cannot_be_checked_is_kept() {
    as_text::<BankAccount>("9999-1234567");
}

#[test]
fn tax_tables_are_numbers_in_some_systems() {
    assert_eq!(serde_json::from_str::<TaxTable>("33").unwrap().number(), 33);
    assert_eq!(serde_json::from_str::<TaxColumn>("7").unwrap().number(), 7);
    for number in ["28", "43", "-33", "300", "33.5", "18446744073709551615"] {
        assert!(
            serde_json::from_str::<TaxTable>(number).is_err(),
            "{number}"
        );
    }
    assert!(serde_json::from_str::<TaxColumn>("-1").is_err());
}

#[test]
fn an_error_does_not_repeat_a_personal_number() {
    for json in [
        "\"197010632390\"",
        "197010632391",
        "-197010632391",
        "1970.10632391",
        "\"7010632391\"",
    ] {
        let error = serde_json::from_str::<PersonalIdentityNumber>(json)
            .unwrap_err()
            .to_string();
        assert!(
            !error.contains("1970") && !error.contains("0632"),
            "{error}"
        );
        let error = serde_json::from_str::<PersonalIdentityNumber>(json).unwrap_err();
        assert!(!format!("{error:?}").contains("1970"), "{error:?}");
    }
}
