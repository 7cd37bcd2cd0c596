//! What several tests need: the corpus, a Kleer that creates products, UBL text.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod documents;
pub(crate) mod sums;
pub(crate) mod terms;
pub(crate) mod tree;
pub(crate) mod ubl;

use std::io::Write;
use std::path::{Path, PathBuf};

use kleer_invoice::missing_products;
use kleer_invoice::{Catalogue, Context, Mapping, Refusal, Settings, SourceInvoice, map};
use kleer_model::{ClientId, ProductId, RateUnit};

/// The folder of the UBL corpus; `None`, said loudly, if there is none.
pub(crate) fn corpus_root(test: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("KLEER_CORPUS") else {
        // Not eprintln!, which the test runner swallows when the test passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {test}: set KLEER_CORPUS to the folder that holds ubl/"
        );
        return None;
    };
    // Cargo runs tests in the package's folder; a relative path is meant from the workspace's.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Some(workspace.join(root).join("ubl"))
}

/// The UBL files of the corpus, sorted; `None`, said loudly, if there is no corpus.
pub(crate) fn corpus(test: &str) -> Option<Vec<PathBuf>> {
    let root = corpus_root(test)?;
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(!files.is_empty(), "no UBL files under {}", root.display());
    Some(files)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| {
            extension.eq_ignore_ascii_case("xml") || extension.eq_ignore_ascii_case("xm")
        }) {
            files.push(path);
        }
    }
}

/// The group and the name of a corpus file.
pub(crate) fn name(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let at = parts.iter().position(|part| part == "ubl").unwrap();
    format!("{}/{}", parts[at + 1], parts[parts.len() - 1])
}

/// The 90 files of the Swedish groups and the Peppol examples.
pub(crate) fn swedish(files: Vec<PathBuf>) -> Vec<PathBuf> {
    const GROUPS: [&str; 5] = [
        "en16931-testfiles/",
        "sfti-testbolaget/",
        "sfti-typfall/",
        "sfti-maxmin/",
        "peppol-examples/",
    ];
    let wanted = |path: &PathBuf| GROUPS.iter().any(|group| name(path).starts_with(group));
    files.into_iter().filter(wanted).collect()
}

/// A catalogue with everything that the invoice needs, as an app would have created it.
pub(crate) fn stocked(source: &SourceInvoice, settings: &Settings) -> Catalogue {
    let mut catalogue = Catalogue::new(&[], RateUnit::Percent);
    for (id, mut product) in (1..).zip(missing_products(source, &catalogue, settings)) {
        product.id = ProductId(id);
        catalogue.insert(&product);
    }
    catalogue
}

/// Maps with a stocked catalogue, and every preceding invoice known as number 4711.
pub(crate) fn map_stocked(source: &SourceInvoice, settings: &Settings) -> Result<Mapping, Refusal> {
    let catalogue = stocked(source, settings);
    let mut context = Context::new(ClientId(12), "kc1-test", &catalogue);
    for preceding in source.preceding_invoices() {
        context = context.with_debit_invoice(preceding, 4711);
    }
    map(source, &context, settings)
}
