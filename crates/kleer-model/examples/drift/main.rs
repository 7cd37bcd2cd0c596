//! Says where the schema that Kleer publishes differs from the types of this crate.
//!
//! `cargo run -p kleer-model --example drift -- FILE`, where `FILE` is Kleer's schema as it is
//! today. Every difference is printed with its path, then how much of the schema has types. Exit
//! status: 0 nothing differs, 1 something does, 2 the file is no schema or could not be read.
//!
//! With `--coverage` before `FILE` it prints the page `docs/coverage.md` instead.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a program"
)]

mod compare;
mod coverage;
mod schema;

use std::process::ExitCode;

use kleer_model::{ROOTS, UNREACHABLE};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let (page, file) = match arguments.as_slice() {
        [file] => (false, file),
        [option, file] if option == "--coverage" => (true, file),
        _ => {
            eprintln!("usage: drift [--coverage] FILE");
            return ExitCode::from(2);
        }
    };
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
    let schema = match text.and_then(|text| schema::read(&text)) {
        Ok(schema) => schema,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            return ExitCode::from(2);
        }
    };
    let report = compare::compare(&schema, ROOTS, UNREACHABLE);
    if page {
        print!("{}", report.coverage.page());
        return ExitCode::SUCCESS;
    }
    for difference in &report.differences {
        println!("{difference}");
    }
    for root in &report.undeclared_roots {
        println!("{root}: a root in the schema, not in the model");
    }
    for name in &report.undeclared_types {
        println!("type {name}: in the schema, not in the model");
    }
    let undeclared = report.undeclared_roots.len() + report.undeclared_types.len();
    let differences = report.differences.len() + undeclared;
    println!("{differences} differences\n\n{}", report.coverage);
    ExitCode::from(u8::from(differences > 0))
}
