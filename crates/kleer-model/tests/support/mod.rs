//! Where the tests find what is not part of this repository.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder that `KLEER_CORPUS` names, or `None` with a loud word when it is not set.
pub fn corpus(test: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("KLEER_CORPUS") else {
        // Not eprintln!, which the test runner swallows when the test passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {test}: set KLEER_CORPUS to the folder that holds kleer-xml/"
        );
        return None;
    };
    // Cargo runs tests in the package's folder; a relative path is meant from the workspace's.
    Some(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(folder),
    )
}
