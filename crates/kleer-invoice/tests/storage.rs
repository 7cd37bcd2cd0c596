//! Settings, reports and refusals as an app stores them. Needs the feature `serde`.

#![cfg(feature = "serde")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{
    MappingReport, OcrForm, OcrSettings, Prepaid, Refusal, RulePolicy, Settings, SourceInvoice,
    Term, UnknownProduct,
};
use kleer_model::{Cents, ProductId, RateUnit, RevenueLedgerId};
use support::map_stocked;
use support::ubl::{Line, Ubl, dec};

fn read(ubl: &Ubl) -> SourceInvoice {
    SourceInvoice::from_ubl(ubl.xml().as_bytes()).unwrap()
}

#[test]
fn settings_come_back_and_may_be_given_in_part() {
    let settings = Settings::default()
        .with_default_product("S", dec("25"), ProductId(4))
        .with_rule_policy(RulePolicy::strict().passing("BR-CL-04"))
        .with_prepaid(Prepaid::CarryInNotes);
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);

    let part = r#"{ "unknown_product": "refuse", "rule_policy": { "base": "every-fatal" } }"#;
    let settings: Settings = serde_json::from_str(part).unwrap();
    assert_eq!(settings.unknown_product, UnknownProduct::Refuse);
    assert_eq!(settings.rule_policy, RulePolicy::strict());
    assert!(settings.create_default_products);
}

#[test]
fn every_setting_comes_back() {
    let settings = Settings::default()
        .with_ocr(OcrSettings::new(OcrForm::Number).in_field("ocr"))
        .with_custom_field(Term::bt(19), "kontering")
        .with_notes_template("{BT-1}\n{rest}".parse().unwrap())
        .with_sales_account("S", dec("25"), 3001)
        .with_allowance_product("S", dec("25"), ProductId(4))
        .with_vat_tolerance(Cents(1))
        .with_unit_text("HUR", "tim")
        .with_rate_unit(RateUnit::Percent)
        .with_revenue_ledger(RevenueLedgerId(3))
        .with_prepaid_product(ProductId(9));
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json["custom_fields"]["BT-19"], "kontering");
    assert_eq!(json["notes_template"], "{BT-1}\n{rest}");
    assert_eq!(json["ocr"]["carrier"]["field"], "ocr");
    assert_eq!(json["vat_tolerance"], 1);
    assert_eq!(json["sales_accounts"][0]["rate"], "25");
    assert_eq!(serde_json::from_value::<Settings>(json).unwrap(), settings);
}

#[test]
fn a_misspelt_setting_is_told_and_not_ignored() {
    for json in [
        r#"{ "vat_tolerence": 1 }"#,
        r#"{ "ocr": { "from": "number" } }"#,
        r#"{ "notes_template": "{BT-153}" }"#,
        r#"{ "custom_fields": { "19": "x" } }"#,
    ] {
        assert!(serde_json::from_str::<Settings>(json).is_err(), "{json}");
    }
}

#[test]
fn reports_and_refusals_come_back() {
    let mut ubl = Ubl::new(vec![Line::new("3", "0.333")]);
    ubl.rounding = Some(dec("0.10"));
    let report = map_stocked(&read(&ubl), &Settings::default())
        .unwrap()
        .report;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["entries"][0]["term"], "BT-24");
    assert_eq!(json["entries"][0]["group"], "BG-2");
    assert_eq!(
        serde_json::from_value::<MappingReport>(json).unwrap(),
        report
    );

    ubl.paid = Some(dec("1"));
    let refusal = map_stocked(&read(&ubl), &Settings::default()).unwrap_err();
    let json = serde_json::to_value(&refusal).unwrap();
    assert_eq!(json["reasons"][0]["code"], "prepaid");
    assert_eq!(serde_json::from_value::<Refusal>(json).unwrap(), refusal);
}
