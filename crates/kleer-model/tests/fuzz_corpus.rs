//! Replays the corpus of the fuzz target `reader`, and documents damaged on purpose.
#![allow(clippy::unwrap_used, clippy::panic, unreachable_pub, reason = "tests")]

#[path = "../fuzz/check.rs"]
mod check;

use check::check;
use kleer_model::ROOTS;

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

/// The corpus says which root by a number that shifts when a root is added, so that each input is
/// tried with the root that it names as well.
#[test]
fn each_input_is_also_tried_with_its_own_root() {
    let mut read = 0;
    for input in corpus() {
        let text = String::from_utf8_lossy(&input);
        let named = ROOTS.iter().position(|root| {
            let start = format!("<{}", root.name);
            text.match_indices(&start).any(|(at, _)| {
                matches!(
                    text.as_bytes().get(at + start.len()),
                    Some(b'>' | b'/' | b' ')
                )
            })
        });
        if let Some(root) = named {
            let mut input = input;
            input[0] = u8::try_from(root).unwrap();
            read += usize::from(ROOTS[root].rewrite(&input[1..]).is_ok());
            check(&input);
        }
    }
    assert!(read >= 10, "only {read} inputs are documents");
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
