//! The demo.

use std::io::Write;

use crate::session::Failed;

/// Runs it.
///
/// # Errors
/// When it cannot go on.
pub async fn run(out: &mut (dyn Write + Send)) -> Result<(), Failed> {
    writeln!(out, "x")?;
    Ok(())
}
