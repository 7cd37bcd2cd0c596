//! The published Swedish and Peppol example invoices, through the program into the sandbox.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use kleer_connect::invoices::Outcome;
use kleer_model::Cents;
use qvalia_invoices::files::collect;
use support::{Desk, poster, sandbox};

const GROUPS: [&str; 5] = [
    "en16931-testfiles",
    "sfti-testbolaget",
    "sfti-typfall",
    "sfti-maxmin",
    "peppol-examples",
];

/// The folders of the groups, or `None` with a loud word when they are not there.
fn groups(test: &str) -> Option<Vec<PathBuf>> {
    let Some(corpus) = std::env::var_os("KLEER_CORPUS") else {
        // Not eprintln!, which the test runner swallows when the test passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {test}: set KLEER_CORPUS to the folder that holds ubl/"
        );
        return None;
    };
    // Cargo runs tests in the package's folder; a relative path is meant from the workspace's.
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(corpus)
        .join("ubl");
    Some(GROUPS.iter().map(|group| corpus.join(group)).collect())
}

/// The first amount of an element with this local name, in cents; looked up in the text, so that
/// no reader of ours or of others is trusted.
fn amount(xml: &str, name: &str) -> Option<i64> {
    let at = xml
        .find(&format!(":{name} "))
        .or_else(|| xml.find(&format!("<{name} ")))?;
    let text = xml[at..]
        .split_once('>')?
        .1
        .split_once('<')?
        .0
        .trim()
        .trim_start_matches('+');
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let cents: i64 = format!("0{whole}{fraction:0<2}").parse().ok()?;
    Some(sign * cents)
}

#[tokio::test]
async fn at_least_65_of_90_arrive_with_the_sums_that_they_state() {
    let name = "at_least_65_of_90_arrive_with_the_sums_that_they_state";
    let Some(groups) = groups(name) else { return };
    let files = collect(&groups).unwrap();
    assert_eq!(files.len(), 90);
    let mut listing = String::new();
    let mut arrived = 0;
    for file in &files {
        // Each into a Kleer of its own: the examples use numbers again.
        let sandbox = sandbox().await;
        let mut poster = poster(&sandbox).await;
        let mut results = vec![poster.post(file).await];
        poster.verify(&mut results).await;
        let result = &results[0];
        let group = groups
            .iter()
            .position(|group| file.starts_with(group))
            .unwrap();
        let file_name = file.file_name().unwrap().to_str().unwrap();
        write!(
            listing,
            "{}/{file_name}: {}",
            GROUPS[group],
            result.outcome.as_str()
        )
        .unwrap();
        for reason in &result.reasons {
            // The rule or term; the rest of the text has a test of its own.
            write!(listing, " {}", reason.split([':', ' ']).next().unwrap()).unwrap();
        }
        listing.push('\n');
        match result.outcome {
            Outcome::Posted => {
                arrived += 1;
                let xml = std::fs::read_to_string(file).unwrap();
                let excluding = amount(&xml, "TaxExclusiveAmount").unwrap();
                let including = amount(&xml, "TaxInclusiveAmount").unwrap();
                let rounding = amount(&xml, "PayableRoundingAmount").unwrap_or(0);
                let payable = amount(&xml, "PayableAmount").unwrap();
                assert_eq!(
                    including + rounding,
                    payable,
                    "{file_name}: nothing is prepaid"
                );
                let invoice = &sandbox.client_invoices()[0];
                let sums = (invoice.amount.unwrap(), invoice.vat.unwrap());
                let stated = (Cents(excluding + rounding), Cents(including - excluding));
                assert_eq!(sums, stated, "{file_name}");
            }
            Outcome::Refused => assert!(sandbox.client_invoices().is_empty()),
            other => panic!("{file_name}: {other:?} {:?}", result.reasons),
        }
    }
    assert!(arrived >= 65, "{arrived} of {} were posted", files.len());
    insta::assert_snapshot!("each_example", listing);
}

#[tokio::test]
async fn editions_of_the_same_invoice_are_posted_once() {
    let Some(groups) = groups("editions_of_the_same_invoice_are_posted_once") else {
        return;
    };
    let folders: Vec<&str> = groups.iter().map(|group| group.to_str().unwrap()).collect();
    let desk = Desk::new();
    let printed = desk
        .run(&[&folders[..], &["--format", "json"]].concat())
        .await;
    assert_eq!(printed.status, 1);
    let count = |outcome: &str| {
        printed
            .json()
            .iter()
            .filter(|one| one["outcome"] == outcome)
            .count()
    };
    // Of 68 that can be posted, 22 are other editions of one of the others.
    assert_eq!(
        (count("posted"), count("unchanged"), count("refused")),
        (46, 22, 22)
    );
}
