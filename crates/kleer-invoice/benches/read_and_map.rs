//! What the mapping costs beyond reading: `en16931_formats::read` alone, against reading,
//! validation, mapping, report and writing Kleer's XML, in turns over the same 31 files.
//!
//! `KLEER_CORPUS=... cargo bench -p kleer-invoice --bench read_and_map`

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its result"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kleer_invoice::{Catalogue, Context, Settings, SourceInvoice, map, missing_products};
use kleer_model::{ClientId, Document, ProductId, RateUnit};

/// The Peppol billing invoices and credit notes of ordinary size among the Peppol examples: the
/// nine base examples, not the national ones of Greece and Norway.
const PEPPOL: [&str; 9] = [
    "Allowance-example.xml",
    "Vat-category-S.xml",
    "base-creditnote-correction.xml",
    "base-example.xml",
    "base-negative-inv-correction.xml",
    "sales-order-example.xml",
    "vat-category-E.xml",
    "vat-category-O.xml",
    "vat-category-Z.xml",
];
const ROUNDS: usize = 201;

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn typical(corpus: &Path) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    collect(&corpus.join("ubl/en16931-testfiles"), &mut files);
    collect(&corpus.join("ubl/peppol-examples"), &mut files);
    files.sort();
    files
        .iter()
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("BIS_Billing_30-") || PEPPOL.contains(&name.as_ref())
        })
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn main() {
    let Some(corpus) = std::env::var_os("KLEER_CORPUS") else {
        eprintln!("SKIPPED: set KLEER_CORPUS to the folder of the test corpus to measure");
        return;
    };
    // Cargo runs benchmarks in the package's folder; a relative path is meant from the workspace's.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let documents = typical(&workspace.join(corpus));
    let settings = Settings::default();
    // One catalogue for all, as an app has.
    let mut catalogue = Catalogue::new(&[], RateUnit::Percent);
    for bytes in &documents {
        let Ok(source) = SourceInvoice::from_ubl(bytes) else {
            continue;
        };
        for mut product in missing_products(&source, &catalogue, &settings) {
            product.id = ProductId(i32::try_from(catalogue.len()).unwrap_or(0) + 1);
            catalogue.insert(&product);
        }
    }
    let context = Context::new(ClientId(1), "kc1-bench", &catalogue)
        .with_debit_invoice("Snippet1", 1)
        .with_debit_invoice("123456", 2);
    // Each phase goes through all documents, as an app would, and each round begins with another
    // phase. The time is taken by document, so that an interruption spoils one time only.
    let mut times = vec![[const { Vec::new() }; 3]; documents.len()];
    let mut mapped = 0;
    for round in 0..ROUNDS {
        for turn in 0..3 {
            let phase = (round + turn) % 3;
            for (bytes, times) in documents.iter().zip(&mut times) {
                let start = Instant::now();
                match phase {
                    0 => drop(black_box(en16931_formats::read(black_box(bytes)))),
                    1 => drop(black_box(SourceInvoice::from_ubl(black_box(bytes)))),
                    _ => {
                        let Ok(source) = SourceInvoice::from_ubl(black_box(bytes)) else {
                            continue;
                        };
                        let outcome = map(&source, &context, &settings);
                        mapped += usize::from(round == 0 && outcome.is_ok());
                        let xml = outcome
                            .as_ref()
                            .ok()
                            .map(|mapping| mapping.invoice.to_xml());
                        drop(black_box((source, outcome, xml)));
                    }
                }
                times[phase].push(start.elapsed());
            }
        }
    }
    let mut sums = [0.0; 3];
    for document in &mut times {
        for (sum, phase) in sums.iter_mut().zip(document) {
            *sum += median(phase);
        }
    }
    let size: usize = documents.iter().map(Vec::len).sum();
    let count = documents.len();
    #[expect(clippy::cast_precision_loss, reason = "a count of files")]
    let per_document = |micros: f64| micros / count as f64;
    let [read, source_only, all] = sums;
    println!(
        "{count} documents, {size} bytes, {mapped} mapped; sums of medians of {ROUNDS} rounds"
    );
    println!(
        "en16931_formats::read       {:8.1} us/document",
        per_document(read)
    );
    println!(
        "  + validation and census   {:8.1} us/document",
        per_document(source_only)
    );
    println!(
        "  + mapping, report and XML {:8.1} us/document",
        per_document(all)
    );
    println!("speed against reading alone {:8.3}", read / all);
}
