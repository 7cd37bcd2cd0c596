//! The export profile of Alexis HR over 100,000 distinct employees, and what explanations cost.
//!
//! `cargo bench -p kleer-employee --bench alexis_profile`
//!
//! Each round maps all employees both ways, in turns, so that the ratio is of the same moment of
//! the machine. The documents are parsed beforehand; records are made and dropped.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod support;

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use field_map::Circumstances;

const EMPLOYEES: u64 = 100_000;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let profile = kleer_employee::alexis_hr()?;
    let mapper = profile.compile_for(kleer_employee::fields()).compile()?;
    let employees: Vec<_> = (0..EMPLOYEES).map(support::employee).collect();
    let text: usize = employees
        .iter()
        .take(1000)
        .map(|employee| employee.to_string().len())
        .sum();
    let circumstances =
        Circumstances::on(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default());

    let mut plain = Vec::new();
    let mut explained = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for employee in &employees {
            black_box(mapper.export(employee, &circumstances)?);
        }
        plain.push(start.elapsed());
        let start = Instant::now();
        for employee in &employees {
            black_box(mapper.explain(employee, &circumstances));
        }
        explained.push(start.elapsed());
    }
    let mut ratios: Vec<f64> = plain
        .iter()
        .zip(&explained)
        .map(|(plain, explained)| explained.as_secs_f64() / plain.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    println!(
        "{EMPLOYEES} distinct employees of {} bytes, {} rows, {ROUNDS} rounds, medians",
        text / 1000,
        profile.row_count()
    );
    println!("records            {:>9.0} a second", rate(&mut plain));
    println!(
        "with explanations  {:>9.0} a second, {:.2} times the time",
        rate(&mut explained),
        ratios[ROUNDS / 2]
    );
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(times: &mut [Duration]) -> f64 {
    times.sort();
    EMPLOYEES as f64 / times[times.len() / 2].as_secs_f64()
}
