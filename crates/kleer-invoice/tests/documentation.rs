//! The tables of `docs/invoice-mapping.md` are those of the code, and the code does what they say.
//!
//! After a change: `UPDATE_DOCS=1 cargo test -p kleer-invoice --all-features --test documentation`

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kleer_invoice::{
    DESTINATIONS, Destination, Fate, MappingReport, REVENUE_DESTINATIONS, RevenueContext, Settings,
    SourceInvoice, Term, map_revenue,
};
use kleer_model::{ClientId, File, RevenueId, RevenueLedgerId};
use support::{corpus, map_stocked, name, stocked};

fn places(entry: &Destination) -> String {
    let mut places = Vec::new();
    for field in entry.fields {
        places.push(format!("`{field}`"));
    }
    for place in entry.carried {
        places.push(format!("text in `{place}`"));
    }
    if !entry.dropped.is_empty() {
        places.push(format!("dropped: {}", entry.dropped));
    }
    places.join("; ")
}

fn table() -> String {
    let mut table =
        String::from("| term | name | in a client invoice | in a revenue |\n|---|---|---|---|\n");
    for (invoice, revenue) in DESTINATIONS.iter().zip(REVENUE_DESTINATIONS) {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} |",
            invoice.term,
            invoice.term.name(),
            places(invoice),
            places(revenue)
        );
    }
    table
}

/// The file as it is and as the code has it, unless it is to be updated.
fn same_or_updated(path: &Path, given: &str, wanted: &str) {
    if given == wanted {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "set UPDATE_DOCS=1 to update {}",
        path.display()
    );
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, wanted).unwrap();
}

/// A file of the repository that is not part of the published crate.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

#[test]
fn the_table_by_term_is_in_the_documentation() {
    let path = repository("docs/invoice-mapping.md");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!(
            "SKIPPED: {} is not part of the published crate",
            path.display()
        );
        return;
    };
    let (begin, end) = ("<!-- terms: generated -->\n", "<!-- terms: end -->");
    let (before, rest) = text.split_once(begin).unwrap();
    let (given, after) = rest.split_once(end).unwrap();
    assert!(!given.is_empty());
    same_or_updated(
        &path,
        &text,
        &format!("{before}{begin}{}{end}{after}", table()),
    );
}

/// The schema that editors use is the one of the code.
#[cfg(feature = "schema")]
#[test]
fn the_schema_of_the_settings_is_in_the_documentation() {
    let path = repository("docs/schemas/invoice-settings.schema.json");
    if !repository("docs/invoice-mapping.md").exists() {
        eprintln!("SKIPPED: docs are not part of the published crate");
        return;
    }
    let given = std::fs::read_to_string(&path).unwrap_or_default();
    same_or_updated(&path, &given, &(Settings::json_schema() + "\n"));
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_describes_every_setting_as_it_is_stored() {
    let schema: serde_json::Value = serde_json::from_str(&Settings::json_schema()).unwrap();
    let properties = |schema: &serde_json::Value| -> Vec<String> {
        let properties = schema["properties"].as_object().unwrap();
        properties.keys().cloned().collect()
    };
    let stored = serde_json::to_value(Settings::default()).unwrap();
    let keys: Vec<String> = stored.as_object().unwrap().keys().cloned().collect();
    assert_eq!(properties(&schema), keys);
    for (key, property) in schema["properties"].as_object().unwrap() {
        assert!(
            property["description"].is_string(),
            "{key} has no description"
        );
        assert_eq!(property.get("default"), Some(&stored[key]), "{key}");
    }
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn every_term_of_the_standard_has_a_destination() {
    for table in [DESTINATIONS, REVENUE_DESTINATIONS] {
        let listed: Vec<Term> = table.iter().map(|entry| entry.term).collect();
        assert_eq!(listed, Term::all().collect::<Vec<_>>());
    }
}

#[cfg(feature = "serde")]
#[test]
fn the_settings_in_the_documentation_are_settings() {
    let Ok(text) = std::fs::read_to_string(repository("docs/invoice-mapping.md")) else {
        eprintln!("SKIPPED: docs are not part of the published crate");
        return;
    };
    let (_, rest) = text.split_once("```json\n").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    let settings: Settings = serde_json::from_str(json).unwrap();
    assert_eq!(settings.custom_fields.len(), 2);
}

#[test]
fn every_reason_for_refusing_is_in_the_documentation() {
    let Ok(text) = std::fs::read_to_string(repository("docs/invoice-mapping.md")) else {
        eprintln!("SKIPPED: docs are not part of the published crate");
        return;
    };
    let (_, rest) = include_str!("../src/refusal.rs")
        .split_once("pub enum ReasonCode {")
        .unwrap();
    let (variants, _) = rest.split_once("\n}").unwrap();
    let codes = variants
        .lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter(|line| line.bytes().all(|b| b.is_ascii_alphabetic()));
    let mut count = 0;
    for code in codes {
        assert!(text.contains(&format!("`{code}`")), "{code}");
        count += 1;
    }
    assert!(count > 25, "{count}");
}

fn check(table: &[Destination], report: &MappingReport, file: &Path) -> usize {
    for entry in &report.entries {
        let known = table.iter().find(|known| known.term == entry.term).unwrap();
        let agrees = match &entry.fate {
            Fate::Mapped { field } => known.fields.contains(&field.as_ref()),
            Fate::Carried { place } => known.carried.contains(&place.as_ref()),
            // A second value of a term that stands once is dropped wherever the first goes.
            Fate::Dropped { reason } => {
                known.dropped == reason || report.of(entry.term).count() > 1
            }
            _ => false,
        };
        assert!(agrees, "{}: {} {}", name(file), entry.term, entry.fate);
    }
    report.entries.len()
}

#[test]
fn the_mapping_does_what_the_table_says() {
    let Some(files) = corpus("the_mapping_does_what_the_table_says") else {
        return;
    };
    let settings = Settings::default().with_revenue_ledger(RevenueLedgerId(1));
    let (mut invoices, mut revenues) = (0, 0);
    for path in files {
        let Ok(source) = SourceInvoice::from_ubl(&std::fs::read(&path).unwrap()) else {
            continue;
        };
        if let Ok(mapping) = map_stocked(&source, &settings) {
            invoices += check(DESTINATIONS, &mapping.report, &path);
        }
        let catalogue = stocked(&source, &settings);
        let file = File::new("source.xml", b"<x/>".to_vec());
        let mut context = RevenueContext::new(ClientId(1), "k", &catalogue).with_file(file);
        for preceding in source.preceding_invoices() {
            context = context.with_debit_revenue(preceding, RevenueId(1));
        }
        if let Ok(mapping) = map_revenue(&source, &context, &settings) {
            revenues += check(REVENUE_DESTINATIONS, &mapping.report, &path);
        }
    }
    assert!(invoices > 10_000, "{invoices}");
    assert!(revenues > 10_000, "{revenues}");
}
