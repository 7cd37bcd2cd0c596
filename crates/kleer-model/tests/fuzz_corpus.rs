//! Replays the corpus of the fuzz target `reader`, and documents damaged on purpose.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "tests")]

#[path = "../fuzz/check.rs"]
mod check;

use check::check;
use kleer_model::{ROOTS, RootElement};

fn corpus() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/reader");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files.map(|file| std::fs::read(file).unwrap()).collect()
}

#[test]
fn the_corpus_holds_no_input_that_breaks_the_reader() {
    let inputs = corpus();
    assert!(inputs.len() >= 20, "the corpus is missing");
    for input in &inputs {
        check(input);
    }
}

#[test]
fn the_corpus_holds_documents_that_are_read() {
    let is_read = |input: &Vec<u8>| {
        let is_read = |root: &RootElement| root.rewrite(&input[1..]).is_ok();
        !input.is_empty() && ROOTS.iter().any(is_read)
    };
    let read = corpus().iter().filter(|input| is_read(input)).count();
    assert!(read >= 15, "only {read} inputs are documents");
}

#[test]
fn cutting_and_changing_bytes_breaks_nothing() {
    for input in corpus().iter().filter(|input| input.len() < 600) {
        for at in 1..input.len() {
            check(&input[..at]);
            for byte in *b"<>&/\0\xEF " {
                let mut changed = input.clone();
                changed[at] = byte;
                check(&changed);
            }
        }
    }
}
