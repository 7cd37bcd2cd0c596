//! Our findings against those of the official rules, over every document of the corpus.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use kleer_invoice::{RulePolicy, SourceInvoice};
use serde_json::Value;
use support::documents::{Document, all};

/// What the official rules say of each document: the rules that fire in a layer.
fn expected(test: &str) -> Option<serde_json::Map<String, Value>> {
    let path = support::corpus_root(test)?.join("expected.json");
    let json = std::fs::read_to_string(path).unwrap();
    let Value::Object(mut whole) = serde_json::from_str(&json).unwrap() else {
        panic!("not an object");
    };
    let Some(Value::Object(docs)) = whole.remove("docs") else {
        panic!("no documents");
    };
    Some(docs)
}

/// A rule, its severity and how often it fires.
type Fired = (String, String, u64);

/// The rules that fire in a layer; `None` if the layer did not run.
fn layer(document: &Value, name: &str) -> Option<BTreeSet<Fired>> {
    let found = document.get(name)?.as_array()?;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Some(
        found
            .iter()
            .map(|each| (text(&each[0]), text(&each[1]), each[2].as_u64().unwrap()))
            .collect(),
    )
}

#[test]
fn the_corpus_is_unpacked_as_the_official_verdicts_have_it() {
    let test = "the_corpus_is_unpacked_as_the_official_verdicts_have_it";
    let Some(expected) = expected(test) else {
        return;
    };
    let documents = all(test).unwrap();
    let found: BTreeSet<&str> = documents.iter().map(|each| each.key.as_str()).collect();
    let wanted: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
    let differing: Vec<_> = found.symmetric_difference(&wanted).collect();
    assert!(differing.is_empty(), "{differing:?}");
    assert_eq!(documents.len(), 1427);
}

#[test]
fn the_swedish_rules_agree_on_every_document() {
    let test = "the_swedish_rules_agree_on_every_document";
    let Some(expected) = expected(test) else {
        return;
    };
    let (mut compared, mut fired) = (0, BTreeMap::<String, usize>::new());
    let mut differences = Vec::new();
    for Document { key, bytes } in all(test).unwrap() {
        let verdict = &expected[&key];
        let Some(mut official) = layer(verdict, "peppol").or_else(|| layer(verdict, "peppol-sb"))
        else {
            // The official rules could not read it, and neither can we.
            assert!(SourceInvoice::from_ubl(&bytes).is_err(), "{key}");
            continue;
        };
        official.retain(|(rule, ..)| rule.starts_with("SE-R-"));
        let source = match SourceInvoice::from_ubl(&bytes) {
            Ok(source) => source,
            Err(error) => {
                differences.push(format!("{key}: {error}"));
                continue;
            }
        };
        let mut ours = BTreeMap::<(String, String), u64>::new();
        for finding in source.findings(&RulePolicy::default()) {
            if finding.rule.starts_with("SE-R-") {
                let key = (finding.rule.to_string(), finding.severity.to_string());
                *ours.entry(key).or_default() += 1;
            }
        }
        let ours: BTreeSet<Fired> = ours
            .into_iter()
            .map(|((rule, severity), count)| (rule, severity, count))
            .collect();
        compared += 1;
        for (rule, ..) in &ours {
            *fired.entry(rule.clone()).or_default() += 1;
        }
        if ours != official {
            differences.push(format!("{key}: official {official:?}, ours {ours:?}"));
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    eprintln!("{compared} documents compared; fired {fired:?}");
    assert_eq!(compared, 1426);
    assert_eq!(fired.len(), 13, "each of the rules is tried: {fired:?}");
}

/// Who finds a rule broken that the other does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Only {
    Official,
    Ours,
}

use Only::{Official, Ours};

const ABSENT: &str = "The model of the reader holds zero for an amount that is absent or has a \
    third decimal, and the official rule compares nothing or fails on nothing. The absence is \
    reported by its own rule (`BR-12` to `BR-15`, `BR-22`, `BR-24`, `BR-26`, `BR-45`, `BR-46`), \
    the third decimal by `BR-DEC-*`.";
const GROUP: &str = "The crate `en16931` wants the term also when its group is absent; the \
    official rule is tested inside the group only. The standard makes the group mandatory, or \
    its absence is a broken rule of its own.";
const SCHEME: &str = "The official rule counts only VAT categories whose tax scheme is `VAT`, \
    and the model has no scheme: the document has another, or none.";
const INDICATOR: &str = "An `AllowanceCharge` without `ChargeIndicator` is read as an allowance \
    (with `READ-MALFORMED`), and the official rules see neither allowance nor charge.";
const CODES: &str = "A code or a currency in a place that the model does not keep: an attribute of \
    a code, a currency on each amount, a code whose group is otherwise empty, or one that is empty.";
const BREAKDOWN: &str = "An amount or a rate of the VAT breakdown or of a line is absent, or has \
    too many decimals. The official rule fails on it or passes it over; the model holds zero for \
    an amount, and compares.";
const TOTALS: &str = "The official rule wants exactly one `TaxTotal` in a currency, and reads the \
    VAT from it; the model holds one VAT total per currency, and another VAT total or none \
    stands in the document.";
const FOREIGN: &str = "The national rules of other countries are not tested.";
const SYNTAX: &str = "A rule about the XML, not about terms. The elements that `UBL-CR-*` forbids \
    stand in the report as elements that are no term; cardinalities (`UBL-SR-*`) and attributes \
    (`UBL-DT-*`) are tested as far as the reader needs them, under `READ-*`.";
const OWN: &str = "A rule of the crate `en16931`, which no official rule set has.";

/// Why our findings and the official ones differ about a rule. Each was looked up in documents.
fn cause(rule: &str, only: Only) -> Option<&'static str> {
    let countries = ["DE-", "DK-", "GR-", "IS-", "IT-", "NL-", "NO-"];
    if countries.iter().any(|country| rule.starts_with(country)) {
        return (only == Official).then_some(FOREIGN);
    }
    if rule.starts_with("UBL-") {
        return Some(SYNTAX);
    }
    if rule.starts_with("EN-") {
        return Some(OWN);
    }
    // The sums and taxes of the VAT categories, such as BR-S-08.
    if let Some((category, "08" | "09")) = rule.strip_prefix("BR-").and_then(|r| r.split_once('-'))
        && ["S", "Z", "E", "AE", "IC", "G", "O", "AF", "AG"].contains(&category)
    {
        return Some(BREAKDOWN);
    }
    Some(match (rule, only) {
        (
            "BR-08" | "BR-09" | "BR-10" | "BR-11" | "BR-19" | "BR-20" | "BR-57" | "BR-CO-26",
            Ours,
        ) => GROUP,
        ("BR-31" | "BR-32" | "BR-33" | "BR-41" | "BR-42" | "BR-CO-21" | "BR-CO-23", Ours) => {
            INDICATOR
        }
        ("BR-47" | "BR-48" | "BR-CO-04" | "BR-S-01" | "BR-S-03" | "BR-S-04", Official)
        | ("BR-AE-01" | "BR-AE-02" | "BR-AE-05" | "BR-G-10" | "BR-S-05", Ours) => SCHEME,
        ("BR-AF-01" | "BR-AG-01", Official) => {
            "The official rule wants a line, allowance or charge for a breakdown of its category as \
             well as the other way round; the crate `en16931` tests the other way only."
        }
        ("BR-03", Ours) => "The issue date is no date, and so absent from the model.",
        ("BR-27", Official) => {
            "The official rule fails on an absent price as well, which is `BR-26` here."
        }
        ("BR-50", Ours) => {
            "The account stands there without its number, and the payment is none by credit \
             transfer, for which alone the official rule is tested."
        }
        ("BR-52" | "BR-55", Official) => {
            "The group stands there without the element that holds the reference, or with an empty \
             one, and the reader makes nothing of it."
        }
        ("BR-61", Ours) => {
            "One `PaymentMeans` has an account, and a card or mandate besides. The model holds one \
             kind of payment, and not the account."
        }
        ("BR-CO-09", Official) => {
            "The party has a second VAT number, which is not read (`READ-REPEATED`), or the prefix is \
             in small letters, which the crate `en16931` takes."
        }
        ("BR-CO-19", Official) => "An `InvoicePeriod` without dates is no term for the reader.",
        ("BR-CO-25", Ours) => {
            "The standard has the rule, and the official rules for UBL do not test it: it fires in \
             none of the documents."
        }
        ("BR-CO-14" | "BR-CO-15", _) => TOTALS,
        ("BR-CO-10" | "BR-CO-11" | "BR-CO-12" | "BR-CO-13" | "BR-CO-16" | "BR-CO-17", _) => ABSENT,
        ("BR-CL-14", Official) => {
            "The crate `en16931` tests the countries of seller and buyer only; here it is that of \
             the delivery."
        }
        ("BR-CL-19" | "BR-CL-20", Official) => {
            "The crate `en16931` tests the reason codes of the document's allowances and charges \
             only; here it is one of a line."
        }
        (rule, Official) if rule.starts_with("BR-CL-") => CODES,
        ("BR-DEC-13", Ours) => {
            "The official rule looks for the currency inside the amount, finds none, and never \
             fires."
        }
        (rule, Official) if rule.starts_with("BR-DEC-") => {
            "The official rule counts the line end after the number as decimals."
        }
        ("PEPPOL-EN16931-R061", _) => {
            "The model holds one kind of payment: with an account beside it a mandate is not kept, \
             and with neither it does not know that the payment is a direct debit."
        }
        _ => return None,
    })
}

/// The rules that we find broken, those of `UBL-*` that a finding about reading cites included.
fn ours(source: &SourceInvoice) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for finding in source.findings(&RulePolicy::default()) {
        if finding.rule.starts_with("READ-") {
            let cited = finding.message.rsplit_once(" (");
            let cited = cited.map(|(_, cited)| cited.trim_end_matches(')'));
            rules.extend(cited.filter(|c| c.starts_with("UBL-")).map(str::to_owned));
        } else {
            rules.insert(finding.rule.into_owned());
        }
    }
    rules
}

/// The official findings to compare with: those of EN 16931, and for a Peppol document those of
/// Peppol.
fn official(verdict: &Value, source: &SourceInvoice) -> Option<BTreeSet<String>> {
    let mut rules = layer(verdict, "en16931")?;
    if source.profile().starts_with("Peppol") {
        rules.extend(layer(verdict, "peppol")?);
    }
    Some(rules.into_iter().map(|(rule, ..)| rule).collect())
}

/// The table of `docs/invoice-rules.md`.
fn table(documents: Vec<Document>, expected: &serde_json::Map<String, Value>) -> String {
    let mut rows = BTreeMap::<(&str, String, Only), BTreeMap<String, usize>>::new();
    let mut unexplained = Vec::new();
    let (mut compared, mut equal) = (0, 0);
    for Document { key, bytes } in documents {
        let Ok(source) = SourceInvoice::from_ubl(&bytes) else {
            continue;
        };
        let Some(official) = official(&expected[&key], &source) else {
            continue;
        };
        // The rules of XRechnung are not among the official verdicts; the Swedish ones agree.
        let mut ours = ours(&source);
        let mut official = official;
        for rules in [&mut ours, &mut official] {
            let others = ["BR-DE-", "BR-DEX-", "SE-R-"];
            rules.retain(|rule| others.iter().all(|other| !rule.starts_with(other)));
        }
        compared += 1;
        equal += usize::from(official == ours);
        let group = key.split('/').next().unwrap();
        let differing = official.difference(&ours).map(|rule| (rule, Official));
        for (rule, only) in differing.chain(ours.difference(&official).map(|rule| (rule, Ours))) {
            let Some(cause) = cause(rule, only) else {
                unexplained.push(format!("{key}: {rule} {only:?}"));
                continue;
            };
            let family = match cause {
                SYNTAX => format!("{}-*", &rule[..6]),
                FOREIGN => format!("{}-*", &rule[..4]),
                _ => rule.clone(),
            };
            let row = rows.entry((cause, family, only)).or_default();
            *row.entry(group.to_owned()).or_default() += 1;
        }
    }
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let mut text = format!(
        "Compared: {compared} documents. Equal in every rule: {equal}.\n\n\
         | cause | rule | found by | how often, by group of the corpus |\n|---|---|---|---|\n"
    );
    let mut before = "";
    for ((cause, rule, only), groups) in rows {
        let by = match only {
            Official => "the official rules",
            Ours => "us",
        };
        let groups: Vec<String> = groups
            .iter()
            .map(|(group, count)| format!("{group} {count}"))
            .collect();
        let shown = if cause == before { "as above" } else { cause };
        before = cause;
        let _ = writeln!(
            text,
            "| {shown} | `{rule}` | {by} | {} |",
            groups.join(", ")
        );
    }
    text
}

#[test]
fn every_other_disagreement_is_listed_with_its_cause() {
    let test = "every_other_disagreement_is_listed_with_its_cause";
    let Some(expected) = expected(test) else {
        return;
    };
    let table = table(all(test).unwrap(), &expected);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/invoice-rules.md");
    let Ok(document) = std::fs::read_to_string(&path) else {
        eprintln!(
            "SKIPPED: {} is not part of the published crate",
            path.display()
        );
        return;
    };
    let (begin, end) = (
        "<!-- disagreements: generated -->\n",
        "<!-- disagreements: end -->",
    );
    let (before, rest) = document.split_once(begin).unwrap();
    let (given, after) = rest.split_once(end).unwrap();
    if given == table {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "set UPDATE_DOCS=1 to update {path:?}"
    );
    std::fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
}
