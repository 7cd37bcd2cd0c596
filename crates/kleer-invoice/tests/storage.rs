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
    MappingReport, Prepaid, Refusal, RulePolicy, Settings, SourceInvoice, UnknownProduct,
};
use kleer_model::ProductId;
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
fn reports_and_refusals_come_back() {
    let mut ubl = Ubl::new(vec![Line::new("3", "0.333")]);
    ubl.rounding = Some(dec("0.10"));
    let report = map_stocked(&read(&ubl), &Settings::default())
        .unwrap()
        .report;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["entries"][0]["term"], "BT-24");
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
