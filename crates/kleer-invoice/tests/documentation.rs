//! The tables of `docs/invoice-mapping.md` are those of the code, and the code does what they say.
//!
//! After a change: `UPDATE_DOCS=1 cargo test -p kleer-invoice --test documentation`

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use kleer_invoice::{DESTINATIONS, Fate, Settings, SourceInvoice, Term};
use support::{corpus, map_stocked, name};

fn table() -> String {
    let mut table = String::from("| term | name | where it goes |\n|---|---|---|\n");
    for entry in DESTINATIONS {
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
        let _ = writeln!(
            table,
            "| {} | {} | {} |",
            entry.term,
            entry.term.name(),
            places.join("; ")
        );
    }
    table
}

#[test]
fn the_table_by_term_is_in_the_documentation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/invoice-mapping.md");
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
    if given == table() {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "set UPDATE_DOCS=1 to update {path:?}"
    );
    std::fs::write(&path, format!("{before}{begin}{}{end}{after}", table())).unwrap();
}

#[test]
fn every_term_of_the_standard_has_a_destination() {
    let listed: Vec<Term> = DESTINATIONS.iter().map(|entry| entry.term).collect();
    assert_eq!(listed, Term::all().collect::<Vec<_>>());
}

#[test]
fn the_mapping_does_what_the_table_says() {
    let Some(files) = corpus("the_mapping_does_what_the_table_says") else {
        return;
    };
    let mut checked = 0;
    for path in files {
        let Ok(source) = SourceInvoice::from_ubl(&std::fs::read(&path).unwrap()) else {
            continue;
        };
        let Ok(mapping) = map_stocked(&source, &Settings::default()) else {
            continue;
        };
        for entry in &mapping.report.entries {
            let known = DESTINATIONS
                .iter()
                .find(|known| known.term == entry.term)
                .unwrap();
            let agrees = match &entry.fate {
                Fate::Mapped { field } => known.fields.contains(&field.as_ref()),
                Fate::Carried { place } => known.carried.contains(&place.as_ref()),
                // A second value of a term that stands once is dropped wherever the first goes.
                Fate::Dropped { reason } => {
                    known.dropped == reason || mapping.report.of(entry.term).count() > 1
                }
                _ => false,
            };
            assert!(agrees, "{}: {} {}", name(&path), entry.term, entry.fate);
            checked += 1;
        }
    }
    assert!(checked > 10_000, "{checked}");
}
