//! What must hold for any input. Shared by the fuzz target and by the test that replays its corpus.

use kleer_model::{ROOTS, ReadOptions, RewriteError};

/// Reads the input as a document and, if that succeeds, writes it and reads it again.
///
/// # Panics
/// When what is written reads as another value, or not at all, or is not written alike again.
pub fn check(input: &[u8]) {
    let Some((root, xml)) = input.split_first() else {
        return;
    };
    let root = &ROOTS[usize::from(*root) % ROOTS.len()];
    // In strict mode only to see that it comes to an end.
    let _ = root.rewrite_with(xml, &ReadOptions::default().with_strict(true));
    // A document that lacks what the schema demands can be read but not written.
    let Ok(written) = root.rewrite(xml) else {
        return;
    };
    match root.verify(xml) {
        Ok(again) => assert_eq!(again, written),
        Err(error) => panic!(
            "<{}> is read but does not survive: {}",
            root.name,
            show(&error)
        ),
    }
    match root.verify(written.as_bytes()) {
        Ok(again) => assert_eq!(again, written),
        Err(error) => panic!("<{}> is not read as written: {}", root.name, show(&error)),
    }
}

fn show(error: &RewriteError) -> String {
    match error {
        RewriteError::Read(error) => format!("{error:?}"),
        error => error.to_string(),
    }
}
