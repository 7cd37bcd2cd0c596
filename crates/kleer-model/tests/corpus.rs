//! Instances of Kleer's schema that nobody here wrote: read, written, read again.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "tests")]

mod support;
mod undeclared;

use std::path::{Path, PathBuf};

use kleer_model::{ROOTS, ReadOptions, RootElement};

fn sorted_entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn check(root: &RootElement, file: &Path) {
    let name = file.display();
    let xml = std::fs::read(file).unwrap();
    let written = root
        .verify(&xml)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    // What is written stands in the schema's order and holds nothing that it does not know.
    let strict = ReadOptions::default().with_strict(true);
    let again = root
        .rewrite_with(written.as_bytes(), &strict)
        .unwrap_or_else(|error| panic!("{name}: written wrongly: {error}"));
    assert_eq!(again, written, "{name}");
}

#[test]
fn every_instance_of_every_root_survives() {
    let Some(corpus) = support::corpus("every_instance_of_every_root_survives") else {
        return;
    };
    let folders = sorted_entries(&corpus.join("kleer-xml"));
    let (mut met, mut files) = (Vec::new(), 0);
    for folder in folders.iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let Some(root) = RootElement::find(name) else {
            assert!(
                undeclared::ROOTS.contains(&name),
                "no entry in ROOTS for <{name}>"
            );
            continue;
        };
        met.push(root.name);
        for file in sorted_entries(folder) {
            check(root, &file);
            files += 1;
        }
    }
    for root in ROOTS {
        assert!(met.contains(&root.name), "no instances of <{}>", root.name);
    }
    assert_eq!(files, 4 * ROOTS.len(), "four instances of each root");
}

#[test]
fn the_registry_is_sorted_and_holds_each_root_once() {
    let sorted = ROOTS.windows(2).find(|pair| pair[0].name >= pair[1].name);
    assert!(sorted.is_none(), "{sorted:?} stand in the wrong order");
}
