//! What must hold for any input. Shared by the fuzz target and by the test that replays its corpus.

use kleer_model::{ROOTS, ReadOptions, RewriteError, RootElement};

/// Reads the input as a document and, if that succeeds, writes it and reads it again.
///
/// # Panics
/// When what is written reads as another value, or not at all, or is not written alike again.
pub fn check(input: &[u8]) {
    let Some((choice, xml)) = input.split_first() else {
        return;
    };
    let root = match usize::from(*choice) {
        // The root that the document names, so that the corpus outlives changes of the registry.
        0 => match named_root(xml) {
            Some(root) => root,
            None => return,
        },
        number => &ROOTS[(number - 1) % ROOTS.len()],
    };
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

/// The root whose start tag comes first.
fn named_root(xml: &[u8]) -> Option<&'static RootElement> {
    let starts = xml.iter().enumerate().filter(|(_, byte)| **byte == b'<');
    starts.into_iter().find_map(|(at, _)| {
        let rest = &xml[at + 1..];
        let end = rest.iter().position(|byte| b" \t\r\n/>".contains(byte))?;
        RootElement::find(std::str::from_utf8(&rest[..end]).ok()?)
    })
}

fn show(error: &RewriteError) -> String {
    match error {
        RewriteError::Read(error) => format!("{error:?}"),
        error => error.to_string(),
    }
}
