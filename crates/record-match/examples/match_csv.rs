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
//! Without a key the first column is taken. The kinds are those of `FieldKind`: `given_name`,
//! `surname`, `person_name`, `date`, `personal_number`, `organisation_number`, `identifier`,
//! `client_key`, `email`, `phone`, `organisation_name`, `address`, `postcode`, `text`, `code`.
//!
//! `PAIRS` has the columns `left`, `right`, `score` (bits), `probability`, `margin` (bits), `band`
//! (`auto` or `suggest`) and `reason`; no record stands in two of its lines. What somebody must
//! choose between goes to `--contested`, with the same columns.
#![allow(clippy::print_stderr, reason = "a program")]

use std::{error::Error, fs, num::NonZeroUsize, path::PathBuf, time::Instant};

use clap::Parser;
use flat_record::{Field, Fields, Record, Sensitivity, ValueKind};
use record_match::{Candidate, Comparison, Comparisons, Matcher, Population, Reason};
use serde::Deserialize;

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

fn main() -> Result<(), Box<dyn Error>> {
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
    let left = records(&arguments.left, left_key, left_fields)?;
    let right = records(&arguments.right, right_key, right_fields)?;
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
        fs::write(path, text)?;
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

fn read(path: &PathBuf) -> Result<String, Box<dyn Error>> {
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

fn records(
    path: &PathBuf,
    key: Option<&String>,
    mut columns: Vec<String>,
) -> Result<Vec<(String, Record)>, Box<dyn Error>> {
    columns.sort();
    columns.dedup();
    let place = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|e| place(&e))?;
    let headers = reader.headers().map_err(|e| place(&e))?.clone();
    let column = |name: &str| {
        headers
            .iter()
            .position(|header| header.trim_start_matches('\u{feff}') == name)
            .ok_or_else(|| {
                place(&format!(
                    "no column {name:?}; there are {}",
                    headers.iter().collect::<Vec<_>>().join(", ")
                ))
            })
    };
    let key = key.map_or(Ok(0), |name| column(name))?;
    let mut places = Vec::new();
    let mut layout = Vec::new();
    for name in &columns {
        places.push(column(name)?);
        layout.push(Field::new(name, ValueKind::Text)?.sensitivity(Sensitivity::Personal));
    }
    let layout = Fields::new(layout)?;
    let mut records = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| place(&e))?;
        let mut record = Record::new(&layout);
        for (name, column) in columns.iter().zip(&places) {
            let value = row.get(*column).unwrap_or_default();
            if !value.is_empty() {
                record.set(name, value)?;
            }
        }
        records.push((row.get(key).unwrap_or_default().to_owned(), record));
    }
    Ok(records)
}

fn population(records: &[(String, Record)], incomplete: bool) -> Population<'_> {
    let entries = records.iter().map(|(key, record)| (key.as_str(), record));
    if incomplete {
        Population::incomplete(entries)
    } else {
        Population::complete(entries)
    }
}

fn write(path: &PathBuf, candidates: &[Candidate]) -> Result<(), Box<dyn Error>> {
    let mut writer = csv::Writer::from_path(path)?;
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
