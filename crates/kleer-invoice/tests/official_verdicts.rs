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

use kleer_invoice::{RulePolicy, SourceInvoice};
use serde_json::Value;
use support::documents::{Document, all};

/// What the official rules say of each document: the rules that fire in a layer.
fn expected(test: &str) -> Option<serde_json::Map<String, Value>> {
    let path = support::corpus_root(test)?.join("expected.json");
    let text = std::fs::read_to_string(path).unwrap();
    let Value::Object(mut whole) = serde_json::from_str(&text).unwrap() else {
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
