//! Matches two CSV files and writes the pairs with score and band.
//!
//! ```text
//! cargo run --release -p record-match --example match_csv -- \
//!     --left hr.csv --right payroll.csv --fields fields.toml --out pairs.csv
//! ```
//!
//! The fields are named in a small TOML file:
//!
//! ```toml
//! # The columns with the records' keys. `key = "id"` if they are called the same.
//! left_key = "employee_id"
//! right_key = "number"
//!
//! [fields]
//! # A column that is called the same in both files, and its kind...
//! given_name = "given_name"
//! surname = "surname"
//! date_of_birth = "date"
//! # ...and one that is not. `key = "links"` for a number that identifies in both systems,
//! # `key = "suggests"` for one that only hints, `key = "none"` to score it and no more.
//! email = { kind = "email", right = "e_mail", key = "suggests" }
//! # Several columns are joined.
//! name = { kind = "person_name", left = ["first", "last"], right = "name" }
//! ```
//!
//! Without a key the first column is taken. Columns are separated by a comma, a semicolon, a tab or
//! a bar, whichever stands in the first line; their names may differ from those above in case,
//! spaces, hyphens and underscores. Files are UTF-8, UTF-16 with its mark, or else Windows-1252. The
//! kinds are those of `FieldKind`: `given_name`,
//! `surname`, `person_name`, `date`, `personal_number`, `organisation_number`, `identifier`,
//! `client_key`, `email`, `phone`, `organisation_name`, `address`, `postcode`, `text`, `code`.
//!
//! `PAIRS` has the columns `left`, `right`, `score` (bits), `probability`, `margin` (bits), `band`
//! (`auto` or `suggest`) and `reason`; no record stands in two of its lines. What somebody must
//! choose between goes to `--contested`, with the same columns.
#![allow(clippy::print_stderr, reason = "a program")]

use std::{
    error::Error,
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::Parser;
use flat_record::Record;
use record_match::{Candidate, Comparison, Comparisons, Matcher, Population, Reason};
use serde::Deserialize;

mod csv_file;

#[derive(Parser)]
#[command(about = "Matches two CSV files and writes the pairs with score and band")]
struct Arguments {
    /// CSV file of the left side.
    #[arg(long)]
    left: PathBuf,
    /// CSV file of the right side.
    #[arg(long)]
    right: PathBuf,
    /// TOML file of fields and kinds.
    #[arg(long)]
    fields: PathBuf,
    /// Where the pairs are written.
    #[arg(long)]
    out: PathBuf,
    /// Where pairs are written that somebody must choose between.
    #[arg(long)]
    contested: Option<PathBuf>,
    /// Where each pair is explained in words. Holds keys, but no values.
    #[arg(long)]
    explain: Option<PathBuf>,
    /// Suggest from this probability on.
    #[arg(long, default_value_t = 0.5)]
    threshold: f64,
    /// What separates the columns; found out from the first line by default (comma, semicolon, tab
    /// or bar).
    #[arg(long)]
    delimiter: Option<char>,
    /// The left file does not hold all records of its side.
    #[arg(long)]
    left_incomplete: bool,
    /// The right file does not hold all records of its side.
    #[arg(long)]
    right_incomplete: bool,
    /// Threads; as many as there are by default. The result is the same.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    key: Option<String>,
    left_key: Option<String>,
    right_key: Option<String>,
    fields: toml::Table,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let start = Instant::now();
    let config: Config = toml::from_str(&read(&arguments.fields)?)
        .map_err(|error| format!("{}: {error}", arguments.fields.display()))?;
    let comparisons = comparisons(&config.fields)?;
    let left_fields = comparisons
        .iter()
        .flat_map(|c| c.left_fields().to_vec())
        .collect();
    let right_fields = comparisons
        .iter()
        .flat_map(|c| c.right_fields().to_vec())
        .collect();
    let left_key = config.left_key.as_ref().or(config.key.as_ref());
    let right_key = config.right_key.as_ref().or(config.key.as_ref());
    let left = read_side(&arguments.left, left_key, left_fields, arguments.delimiter)?;
    let right = read_side(
        &arguments.right,
        right_key,
        right_fields,
        arguments.delimiter,
    )?;
    let reading = start.elapsed();

    let mut matcher = Matcher::new(comparisons).suggest_at(arguments.threshold);
    if let Some(threads) = arguments.threads {
        matcher = matcher.threads(threads);
    }
    let outcome = matcher.run(
        &population(&left, arguments.left_incomplete),
        &population(&right, arguments.right_incomplete),
        &[],
    )?;
    let matching = start.elapsed().saturating_sub(reading);

    write(&arguments.out, &outcome.candidates)?;
    if let Some(path) = &arguments.contested {
        write(path, &outcome.contested)?;
    }
    if let Some(path) = &arguments.explain {
        let line = |candidate: &Candidate| {
            let (left, right, explanation) =
                (&candidate.left, &candidate.right, &candidate.explanation);
            format!("{left} = {right}: {explanation}\n")
        };
        let text: Vec<String> = outcome.candidates.iter().map(line).collect();
        let text = text.join("\n");
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for warning in &outcome.warnings {
        eprintln!("warning: {warning}");
    }
    let statistics = &outcome.statistics;
    eprintln!(
        "{} and {} records: {} pairs, {} contested, {} duplicate groups; {} scored; read in {:.2} s, matched in {:.2} s",
        statistics.left,
        statistics.right,
        outcome.candidates.len(),
        outcome.contested.len(),
        outcome.duplicates.len(),
        statistics.scored,
        reading.as_secs_f64(),
        matching.as_secs_f64(),
    );
    if let Some(blocking) = &statistics.blocking {
        eprintln!(
            "blocked by {} passes, {} pairs looked at; about {:.0} or more missed",
            blocking.passes.len(),
            blocking.looked_at,
            blocking.estimated_missed
        );
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// `surname = "surname"`, or a table with everything that a comparison can say.
fn comparisons(fields: &toml::Table) -> Result<Comparisons, Box<dyn Error>> {
    let mut comparisons = Vec::new();
    for (name, field) in fields {
        let mut table = match field {
            toml::Value::Table(table) => table.clone(),
            kind => toml::Table::from_iter([("kind".to_owned(), kind.clone())]),
        };
        table.insert("name".to_owned(), toml::Value::String(name.clone()));
        let comparison: Comparison = table
            .try_into()
            .map_err(|error| format!("field {name}: {error}"))?;
        comparisons.push(comparison);
    }
    Ok(Comparisons::new(comparisons)?)
}

fn read_side(
    path: &Path,
    key: Option<&String>,
    columns: Vec<String>,
    delimiter: Option<char>,
) -> Result<Vec<(String, Record)>, Box<dyn Error>> {
    let place = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = fs::read(path).map_err(|error| place(&error))?;
    let file = csv_file::read(&bytes, key.map(String::as_str), columns, delimiter)
        .map_err(|error| place(&error))?;
    if file.guessed_encoding {
        eprintln!(
            "warning: {}: not UTF-8, read as Windows-1252; save it as UTF-8 if names look wrong",
            path.display()
        );
    }
    Ok(file.records)
}

fn population(records: &[(String, Record)], incomplete: bool) -> Population<'_> {
    let entries = records.iter().map(|(key, record)| (key.as_str(), record));
    if incomplete {
        Population::incomplete(entries)
    } else {
        Population::complete(entries)
    }
}

fn write(path: &Path, candidates: &[Candidate]) -> Result<(), Box<dyn Error>> {
    let mut writer =
        csv::Writer::from_path(path).map_err(|error| format!("{}: {error}", path.display()))?;
    writer.write_record([
        "left",
        "right",
        "score",
        "probability",
        "margin",
        "band",
        "reason",
    ])?;
    for candidate in candidates {
        let reason = match &candidate.explanation.reason {
            Reason::Key { comparison } => comparison.clone(),
            Reason::Confirmed => "confirmed".to_owned(),
            _ => "score".to_owned(),
        };
        writer.write_record([
            candidate.left.as_str(),
            candidate.right.as_str(),
            &format!("{:.2}", candidate.score),
            &format!("{:.6}", candidate.probability()),
            &format!("{:.2}", candidate.margin),
            candidate.band.as_str(),
            &reason,
        ])?;
    }
    Ok(writer.flush()?)
}
