//! Reads Kleer documents and writes them again, so that other tools can compare the two.
//!
//! `cargo run -p kleer-model --example roundtrip -- IN_DIR OUT_DIR` reads every `*.xml` below
//! `IN_DIR`, chooses the type by the root element, and writes the document to the same relative
//! path below `OUT_DIR`. It says what it could not read. Exit status: 0 all written, 1 some were
//! not, 2 the folders could not be used.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kleer_model::RootElement;

/// The name of the root element, found without reading the document.
fn root_name(xml: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(xml).ok()?;
    let start = text
        .match_indices('<')
        .map(|(at, _)| &text[at + 1..])
        .find(|rest| !rest.starts_with(['?', '!']))?;
    let end = start.find([' ', '\t', '\r', '\n', '/', '>'])?;
    Some(start[..end].to_owned())
}

fn xml_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(xml_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn run(input: &Path, output: &Path) -> std::io::Result<(usize, usize)> {
    let (mut written, mut failed) = (0, 0);
    for file in xml_files(input)? {
        let relative = file.strip_prefix(input).unwrap_or(&file);
        let xml = std::fs::read(&file)?;
        let root = root_name(&xml).unwrap_or_default();
        let result = match RootElement::find(&root) {
            None => Err(format!("no type for the root element <{root}>")),
            Some(root) => root.rewrite(&xml).map_err(|error| error.to_string()),
        };
        match result {
            Ok(xml) => {
                let target = output.join(relative);
                if let Some(parent) = target.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                std::fs::write(target, xml)?;
                written += 1;
            }
            Err(why) => {
                println!("{}: {why}", relative.display());
                failed += 1;
            }
        }
    }
    Ok((written, failed))
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: roundtrip IN_DIR OUT_DIR");
        return ExitCode::from(2);
    };
    match run(input, output) {
        Ok((written, failed)) => {
            println!("{written} written, {failed} not read");
            ExitCode::from(u8::from(failed > 0))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
