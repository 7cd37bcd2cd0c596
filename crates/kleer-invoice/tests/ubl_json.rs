//! One invoice in XML and in JSON maps equally.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use std::fmt::Write as _;

use kleer_invoice::{ReadError, RulePolicy, Settings, SourceInvoice};
use proptest::prelude::*;
use support::documents::{Document, all};
use support::map_stocked;
use support::tree::{Element, tree};
use support::ubl::{Line, Ubl};

/// How a document is written in JSON, all of it the same to its reader.
#[derive(Clone, Copy)]
struct Style {
    /// The members of an object in the reverse of their order.
    reversed: bool,
    /// Numbers as numbers, lists of one as objects.
    short: bool,
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A text that JSON can hold as a number with the same digits.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(part) && (whole == "0" || !whole.starts_with('0'))
}

fn write_object(element: &Element, style: Style, out: &mut String) {
    let mut members: Vec<String> = Vec::new();
    for (name, value) in &element.attributes {
        members.push(format!("{}:{}", quoted(name), quoted(value)));
    }
    if element.children.is_empty() {
        let text = if style.short && is_number(&element.text) {
            element.text.clone()
        } else {
            quoted(&element.text)
        };
        members.push(format!("\"_\":{text}"));
    }
    let mut names: Vec<&str> = Vec::new();
    for child in &element.children {
        if !names.contains(&child.name.as_str()) {
            names.push(&child.name);
        }
    }
    for name in names {
        let same: Vec<_> = element
            .children
            .iter()
            .filter(|child| child.name == name)
            .collect();
        let mut list = String::new();
        for (at, child) in same.iter().enumerate() {
            if at > 0 {
                list.push(',');
            }
            write_object(child, style, &mut list);
        }
        let list = if style.short && same.len() == 1 {
            list
        } else {
            format!("[{list}]")
        };
        members.push(format!("{}:{list}", quoted(name)));
    }
    if style.reversed {
        members.reverse();
    }
    let _ = write!(out, "{{{}}}", members.join(",\n"));
}

fn json(xml: &str, style: Style) -> Option<String> {
    let root = tree(xml)?;
    let mut out = format!("{{{}:[", quoted(&root.name));
    write_object(&root, style, &mut out);
    out.push_str("]}");
    Some(out)
}

const STYLES: [Style; 2] = [
    Style {
        reversed: false,
        short: false,
    },
    Style {
        reversed: true,
        short: true,
    },
];

/// Fails with the first difference: the values are long.
fn assert_same<T: PartialEq + std::fmt::Debug>(key: &str, json: &T, xml: &T) {
    if json != xml {
        let (json, xml) = (format!("{json:#?}"), format!("{xml:#?}"));
        let first = json.lines().zip(xml.lines()).find(|(a, b)| a != b);
        panic!("{key}: {first:?}");
    }
}

/// Everything that must be equal.
fn assert_equal(key: &str, xml: &SourceInvoice, json: &SourceInvoice) -> bool {
    let policy = RulePolicy::default();
    assert_same(key, json.as_en16931(), xml.as_en16931());
    assert_same(key, &json.findings(&policy), &xml.findings(&policy));
    assert_eq!(json.fingerprint(), xml.fingerprint(), "{key}");
    assert_eq!(json.identity(), xml.identity(), "{key}");
    let settings = Settings::default();
    let mapped = map_stocked(xml, &settings);
    assert_same(key, &map_stocked(json, &settings), &mapped);
    mapped.is_ok()
}

#[test]
fn every_document_of_the_corpus_maps_equally_from_json() {
    let Some(documents) = all("every_document_of_the_corpus_maps_equally_from_json") else {
        return;
    };
    let (mut compared, mut mapped, mut disordered) = (0, 0, 0);
    for Document { key, bytes } in documents {
        let Ok(source) = SourceInvoice::from_ubl(&bytes) else {
            continue;
        };
        // JSON has no order of members, so that a wrong one in XML cannot be told in it.
        let findings = source.findings(&RulePolicy::default());
        if findings.iter().any(|finding| finding.rule == "READ-ORDER") {
            disordered += 1;
            continue;
        }
        for style in STYLES {
            let json = json(std::str::from_utf8(&bytes).unwrap(), style).unwrap();
            let read = SourceInvoice::from_ubl_json(json.as_bytes());
            let read = read.unwrap_or_else(|error| panic!("{key}: {error}\n{json}"));
            mapped += usize::from(assert_equal(&key, &source, &read));
        }
        compared += 1;
    }
    eprintln!("{compared} compared, {mapped} mapped in two styles, {disordered} disordered");
    assert!(compared > 1_300 && mapped > 300, "{compared} {mapped}");
}

fn sample() -> String {
    Ubl::new(vec![Line::new("2", "10.50"), Line::new("0.125", "1000")]).xml()
}

#[test]
fn an_invoice_of_our_own_maps_equally_and_is_told_from_xml() {
    let xml = sample();
    let source = SourceInvoice::from_bytes(xml.as_bytes()).unwrap();
    for style in STYLES {
        let json = json(&xml, style).unwrap();
        let with_mark = format!("\u{FEFF} \n{json}");
        let utf16: Vec<u8> = std::iter::once(0xFEFFu16)
            .chain(json.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [json.as_bytes(), with_mark.as_bytes(), &utf16] {
            let read = SourceInvoice::from_bytes(bytes).unwrap();
            assert!(assert_equal("sample", &source, &read));
        }
    }
}

#[test]
fn a_number_keeps_digits_that_a_float_would_lose() {
    let price = "1000.0000000000000000000000001";
    let xml = sample().replace(">1000<", &format!(">{price}<"));
    let json = json(&xml, STYLES[1]).unwrap();
    assert!(json.contains(&format!(":{price}")), "written as a number");
    let read = SourceInvoice::from_ubl_json(json.as_bytes()).unwrap();
    let kept = read.as_en16931().lines[1].price.net_price.into_decimal();
    assert_eq!(kept.to_string(), price);
}

#[test]
fn a_json_document_that_was_cut_off_is_told_wherever_it_ends() {
    let whole = json(&sample(), STYLES[0]).unwrap();
    for end in (1..whole.len() - 1).step_by(53) {
        let Some(cut) = whole.get(..end) else {
            continue;
        };
        let error = SourceInvoice::from_ubl_json(cut.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Truncated { .. }), "{error:?}");
    }
}

#[test]
fn an_answer_of_a_server_and_other_json_are_refused_with_a_hint() {
    for (json, hint) in [
        (r#"{"status":"success","data":[{}]}"#, "each document"),
        (r#"{"Order":[{}]}"#, "route it elsewhere"),
        (
            r#"{"Invoice":[{"ID":[{"IdentifierContent":"1"}]}]}"#,
            "version 2.0",
        ),
        (r#"{"Invoice":[{"cbc:ID":"1"}]}"#, "version 2.0"),
    ] {
        let error = SourceInvoice::from_bytes(json.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(hint), "{error}");
    }
    let attack = format!("{{\"Invoice\":{}", "[".repeat(200_000));
    assert!(matches!(
        SourceInvoice::from_bytes(attack.as_bytes()),
        Err(ReadError::TooDeep { .. })
    ));
}

#[test]
fn errors_about_json_hold_no_content() {
    let json = r#"{"Invoice":[{"Note":[{"_":"Anna Andersson","secret member":"x"}]}]}"#;
    let error = SourceInvoice::from_ubl_json(json.as_bytes()).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("Anna") && !shown.contains("secret"),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn bytes_never_make_it_panic(text in "\\PC{0,200}", at in 0usize..4_000, with in any::<u8>()) {
        let _ = SourceInvoice::from_ubl_json(text.as_bytes());
        let mut json = json(&sample(), STYLES[0]).unwrap().into_bytes();
        let place = at % json.len();
        json[place] = with;
        if let Ok(source) = SourceInvoice::from_bytes(&json) {
            let _ = map_stocked(&source, &Settings::default());
        }
    }
}
