//! Every document of the corpus, those inside test sets too: nothing panics, the report accounts
//! for every term that stands in the document, and the sums of what is mapped are the source's.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use std::collections::BTreeMap;

use kleer_invoice::{Fate, MappingReport, Prepaid, RuleBase, RulePolicy, Settings, SourceInvoice};
use rust_decimal::Decimal;
use support::documents::{Document, all};
use support::map_stocked;
use support::sums::kleer_sums;
use support::terms::{Counts, count_terms};
use support::tree::tree;

fn report(source: &SourceInvoice, settings: &Settings) -> MappingReport {
    match map_stocked(source, settings) {
        Ok(mapping) => mapping.report,
        Err(refusal) => *refusal.report,
    }
}

#[test]
fn every_term_that_is_present_is_mapped_carried_or_dropped() {
    let Some(documents) = all("every_term_that_is_present_is_mapped_carried_or_dropped") else {
        return;
    };
    let mut fates = [0usize; 3];
    let (mut total, mut read) = (0, 0);
    let mut differences = Vec::new();
    for Document { key, bytes } in documents {
        let Ok(source) = SourceInvoice::from_ubl(&bytes) else {
            continue;
        };
        read += 1;
        let report = report(&source, &Settings::default());
        let mut reported = Counts::new();
        for entry in &report.entries {
            let place = (entry.term.number(), entry.line);
            *reported.entry(place).or_insert(0) += 1;
            match entry.fate {
                Fate::Mapped { .. } => fates[0] += 1,
                Fate::Carried { .. } => fates[1] += 1,
                Fate::Dropped { .. } => fates[2] += 1,
                _ => panic!("{key}: {}", entry.fate),
            }
        }
        let present = count_terms(&bytes).unwrap();
        total += present.values().sum::<usize>();
        for place in present.keys().chain(reported.keys()) {
            if present.get(place) != reported.get(place) {
                let (there, said) = (present.get(place), reported.get(place));
                differences.push(format!(
                    "{key} {place:?}: {there:?} there, {said:?} reported"
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    let [mapped, carried, dropped] = fates;
    eprintln!(
        "{total} terms in {read} documents = {mapped} mapped + {carried} carried + {dropped} dropped"
    );
    assert_eq!(total, mapped + carried + dropped);
    assert_eq!(read, 1426);
    assert!(total > 50_000, "{total}");
}

/// The reader gets a text without the white space between tags. What it reads is to be the same.
#[test]
fn the_model_is_that_of_the_bytes_as_they_are() {
    let Some(documents) = all("the_model_is_that_of_the_bytes_as_they_are") else {
        return;
    };
    let mut differ = Vec::new();
    let mut read = 0;
    for Document { key, bytes } in documents {
        let ours = SourceInvoice::from_ubl(&bytes);
        let theirs = en16931_formats::read(&bytes);
        assert_eq!(ours.is_ok(), theirs.is_ok(), "{key}");
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            read += 1;
            if *ours.as_en16931() != theirs.invoice {
                differ.push(key);
            }
        }
    }
    assert_eq!(read, 1426);
    // Those with an amount without a digit beside its point, which the reader alone refuses.
    let names = differ.iter().map(|key| key.rsplit('/').next().unwrap());
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "BR-CO-12.xml#3",
            "Testbolagets_Faktura_102003030.xml",
            "Testbolagets_Kreditnota_102003033.xml"
        ]
    );
}

/// Settings under which as much as possible is mapped: the sums must agree all the same.
fn lenient() -> Settings {
    let mut policy = RulePolicy::default();
    policy.base = RuleBase::Nothing;
    Settings::default()
        .with_rule_policy(policy)
        .with_missing_profile(true)
        .with_profile("")
        .with_prepaid(Prepaid::CarryInNotes)
}

#[test]
fn nothing_panics_and_the_sums_of_what_is_mapped_are_those_of_the_source() {
    let test = "nothing_panics_and_the_sums_of_what_is_mapped_are_those_of_the_source";
    let Some(documents) = all(test) else {
        return;
    };
    let mut mapped = BTreeMap::<&str, usize>::new();
    for Document { key, bytes } in documents {
        let Ok(source) = SourceInvoice::from_ubl(&bytes) else {
            continue;
        };
        let _ = source.identity().as_source_key();
        let _ = source.fingerprint();
        let _ = kleer_invoice::propose_client(&source);
        let strict = Settings::default().with_rule_policy(RulePolicy::strict());
        for (name, settings) in [
            ("default", Settings::default()),
            ("strict", strict),
            ("lenient", lenient()),
        ] {
            let mapping = match map_stocked(&source, &settings) {
                Ok(mapping) => mapping,
                Err(refusal) => {
                    assert!(!refusal.reasons.is_empty(), "{key}");
                    assert!(!refusal.report.render().is_empty(), "{key}");
                    continue;
                }
            };
            *mapped.entry(name).or_default() += 1;
            assert!(!mapping.report.render().is_empty());
            let root = tree(std::str::from_utf8(&bytes).unwrap()).unwrap();
            let total = |name: &str| {
                let amount = root.text_at(&["LegalMonetaryTotal", name]);
                let amount = amount.filter(|amount| !amount.is_empty());
                amount.unwrap_or("0").parse::<Decimal>().unwrap()
            };
            let currency = root.text_at(&["DocumentCurrencyCode"]);
            // With two totals in the currency of the document, the one with a breakdown counts.
            let totals = || {
                let totals = root
                    .children
                    .iter()
                    .filter(|child| child.name == "TaxTotal");
                totals.filter(|total| {
                    let amount = total.child("TaxAmount");
                    let own = amount.and_then(|amount| amount.attribute("currencyID"));
                    own.is_none() || own == currency
                })
            };
            let vat = totals()
                .find(|total| total.child("TaxSubtotal").is_some())
                .or_else(|| totals().next())
                .map_or(Decimal::ZERO, |total| {
                    total.text_at(&["TaxAmount"]).unwrap().parse().unwrap()
                });
            let sign = match root.name.as_str() {
                "CreditNote" => Decimal::NEGATIVE_ONE,
                _ => Decimal::ONE,
            };
            let rounding = total("PayableRoundingAmount");
            let (net, computed_vat) = kleer_sums(&mapping.invoice);
            assert_eq!(
                net,
                sign * (total("TaxExclusiveAmount") + rounding),
                "{key}"
            );
            assert_eq!(computed_vat, sign * vat, "{key}");
            let gross = sign * (total("TaxInclusiveAmount") + rounding);
            assert_eq!(net + computed_vat, gross, "{key}");
        }
    }
    eprintln!("mapped of 1426: {mapped:?}");
    assert!(
        mapped["default"] > 300 && mapped["strict"] > 50,
        "{mapped:?}"
    );
    assert!(mapped["lenient"] >= mapped["default"], "{mapped:?}");
}
