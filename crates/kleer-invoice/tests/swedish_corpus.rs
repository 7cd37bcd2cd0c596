//! The 90 Swedish files of the corpus: what is mapped, what is refused, and that the sums agree.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kleer_invoice::{Refusal, Settings, SourceInvoice};
use rust_decimal::Decimal;
use support::sums::{Leaf, amount, kleer_sums, leaves};
use support::{corpus, map_stocked, name, swedish};

fn outcome(refusal: &Refusal) -> String {
    let mut text = String::from("refused");
    for reason in &refusal.reasons {
        let _ = write!(text, " {:?}({})", reason.code, reason.subject);
    }
    text
}

#[test]
fn each_file_is_mapped_with_equal_sums_or_refused_with_reasons() {
    let Some(files) = corpus("each_file_is_mapped_with_equal_sums_or_refused_with_reasons") else {
        return;
    };
    let files = swedish(files);
    assert_eq!(files.len(), 90);
    let mut listing = String::new();
    let mut mapped = 0;
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let source = SourceInvoice::from_ubl(&bytes).unwrap();
        let file = name(&path);
        match map_stocked(&source, &Settings::default()) {
            Ok(mapping) => {
                mapped += 1;
                let stated = leaves(&bytes);
                let total =
                    |path: &str| amount(&stated, &format!("LegalMonetaryTotal/{path}")).normalize();
                let vat = stated
                    .iter()
                    .find(|(at, _)| at.ends_with("TaxTotal/TaxAmount"))
                    .map_or(Decimal::ZERO, |(_, text)| text.parse().unwrap());
                let sign = if bytes_are_credit_note(&stated) {
                    -Decimal::ONE
                } else {
                    Decimal::ONE
                };
                let rounding = total("PayableRoundingAmount");
                let (net, computed_vat) = kleer_sums(&mapping.invoice);
                assert_eq!(
                    net,
                    sign * (total("TaxExclusiveAmount") + rounding),
                    "{file}"
                );
                assert_eq!(computed_vat, sign * vat, "{file}");
                assert_eq!(
                    net + computed_vat,
                    sign * (total("TaxInclusiveAmount") + rounding),
                    "{file}"
                );
                assert_eq!(mapping.sums.net.to_decimal(), net, "{file}");
                assert_eq!(mapping.sums.vat.to_decimal(), computed_vat, "{file}");
                let mut remarks: Vec<String> = Vec::new();
                for remark in &mapping.report.remarks {
                    remarks.push(format!("{:?}", remark.code));
                }
                remarks.sort();
                remarks.dedup();
                let findings: Vec<&str> = mapping
                    .report
                    .findings
                    .iter()
                    .map(|finding| finding.rule.as_ref())
                    .collect();
                let rows = mapping.invoice.rows.len();
                let _ = writeln!(
                    listing,
                    "{file}: mapped, {rows} rows; remarks {remarks:?}; findings {findings:?}"
                );
            }
            Err(refusal) => {
                let _ = writeln!(listing, "{file}: {}", outcome(&refusal));
            }
        }
    }
    let _ = writeln!(listing, "mapped: {mapped} of 90");
    assert!(mapped >= 65, "{listing}");
    insta::assert_snapshot!("swedish_files", listing);
}

fn bytes_are_credit_note(leaves: &[Leaf]) -> bool {
    leaves[0].0.starts_with("CreditNote/")
}

#[test]
fn no_term_that_is_read_goes_without_a_word() {
    let Some(files) = corpus("no_term_that_is_read_goes_without_a_word") else {
        return;
    };
    let mut unread: BTreeMap<String, usize> = BTreeMap::new();
    for path in swedish(files) {
        let source = SourceInvoice::from_ubl(&std::fs::read(&path).unwrap()).unwrap();
        let report = match map_stocked(&source, &Settings::default()) {
            Ok(mapping) => mapping.report,
            Err(refusal) => *refusal.report,
        };
        for entry in &report.entries {
            if entry.fate.to_string().contains("a further occurrence") {
                *unread
                    .entry(format!("{} {}", name(&path), entry.term))
                    .or_insert(0) += 1;
            }
        }
    }
    insta::assert_snapshot!("unread_terms", format!("{unread:#?}"));
}
