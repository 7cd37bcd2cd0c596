//! Quality and speed, with published figures of other engines beside them.
//!
//! `KLEER_CORPUS=... cargo bench -p record-match --bench table [-- million]`
//!
//! The figures of others were measured elsewhere (on another machine with two cores, with today's
//! releases and their published configurations) and stand here for orientation; only ours are
//! measured by this program. CPU time is that of all threads. Memory is the peak of the process, of
//! which the records themselves are a part.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a program that measures"
)]

use std::{collections::BTreeSet, fs, path::PathBuf, time::Instant};

use record_match::{Band, Matcher, Outcome, Population};

#[path = "../tests/febrl/mod.rs"]
mod febrl;
#[path = "../tests/nordic/mod.rs"]
mod nordic;

fn main() {
    println!("| data | pairs | F1 | wrong | missed | wrong auto | wall s | CPU s | peak MB |");
    println!("|---|---|---|---|---|---|---|---|---|");
    match std::env::var_os("KLEER_CORPUS") {
        Some(corpus) => measure_febrl(
            &PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../..")
                .join(corpus)
                .join("linkage"),
        ),
        None => println!("| FEBRL 4 left out: KLEER_CORPUS is not set | | | | | | | | |"),
    }
    let mut sizes = vec![6_250, 125_000];
    if std::env::args().any(|argument| argument == "million") {
        sizes.push(1_250_000);
    }
    for people in sizes {
        let (left, right) = nordic::population(42, people);
        let matcher = Matcher::new(nordic::comparisons());
        let partners = nordic::partners(&left, &right);
        let name = format!("Nordic, {} x {}", left.len(), right.len());
        measure(&name, &matcher, &left, &right, partners, |l, r| {
            nordic::person(l) == nordic::person(r)
        });
    }
    println!();
    println!("Measured elsewhere, one to one at their threshold .5 unless said otherwise:");
    println!("| engine | data | F1 | wrong | missed | wall s | peak MB |");
    println!("|---|---|---|---|---|---|---|");
    for row in PEERS {
        println!("{row}");
    }
}

const PEERS: &[&str] = &[
    "| Splink 5, detailed demo | full | .9991 | 0 | 9 | 3.2 | 279 |",
    "| recordlinkage 0.16 ECM | full | .9999 | 0 | 1 | 1.1 | 229 |",
    "| Splink 5, demo and address levels | nossn | .9970 | 0 | 30 | 6.4 | 274 |",
    "| recordlinkage 0.16 ECM | nossn | .9947 | 0 | 53 | 0.8 | 228 |",
    "| Splink 5, demo and address levels | nossn_half | .9976 | 0 | 12 | 1.7 | 256 |",
    "| recordlinkage 0.16 ECM | nossn_half | .9962 | 0 | 19 | 0.5 | 220 |",
    "| Splink 5, demo and postcode levels | hr_half | .9829 | 0 | 84 | 1.5 | 249 |",
    "| Splink 5, the same at threshold .01 | hr_half | .9901 | 1 | 48 | | |",
    "| recordlinkage 0.16 ECM | hr_half | .9452 | 23 | 239 | 0.5 | 214 |",
    "| recordlinkage 0.16, two of four agree | hr_half | .9858 | 2 | 68 | 0.5 | |",
    "| Splink 5, 8 blocking rules | other synthetic people, 100k x 100k | .9926 | 10 | 729 | 4.5 | 614 |",
];

fn measure_febrl(folder: &std::path::Path) {
    let kept = fs::read_to_string(folder.join("febrl4_half_b.txt")).unwrap();
    let kept: BTreeSet<&str> = kept.split_whitespace().collect();
    for (mode, parts) in [
        ("hr", vec![febrl::HR]),
        ("nossn", vec![febrl::HR, febrl::MORE]),
        ("full", vec![febrl::HR, febrl::MORE, febrl::NUMBER]),
    ] {
        let fields = parts.concat();
        let left = febrl::read(&folder.join("dataset4a.csv"), &fields);
        for half in [false, true] {
            let mut right = febrl::read(&folder.join("dataset4b.csv"), &fields);
            if half {
                right.retain(|(key, _)| kept.contains(key.as_str()));
            }
            let name = format!("FEBRL 4 {mode}{}", if half { "_half" } else { "" });
            let number = |key: &str| key.split('-').nth(1).unwrap().to_owned();
            measure(
                &name,
                &Matcher::new(febrl::comparisons(&fields)),
                &left,
                &right,
                right.len(),
                |l, r| number(l) == number(r),
            );
        }
    }
}

fn measure(
    name: &str,
    matcher: &Matcher,
    left: &nordic::Side,
    right: &nordic::Side,
    partners: usize,
    same: impl Fn(&str, &str) -> bool,
) {
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let outcome: Outcome = matcher.run(&all(left), &all(right), &[]).unwrap();
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let right_ones = outcome
        .candidates
        .iter()
        .filter(|c| same(&c.left, &c.right))
        .count();
    let wrong = outcome.candidates.len() - right_ones;
    let wrong_auto = outcome
        .candidates
        .iter()
        .filter(|c| c.band == Band::Auto && !same(&c.left, &c.right))
        .count();
    let missed = partners - right_ones;
    let f1 = 2.0 * right_ones as f64 / (2 * right_ones + wrong + missed) as f64;
    println!(
        "| {name} | {} | {f1:.4} | {wrong} | {missed} | {wrong_auto} | {wall:.2} | {cpu:.2} | {} |",
        outcome.candidates.len(),
        peak_megabytes()
    );
    if let Some(blocking) = &outcome.statistics.blocking {
        println!(
            "| - blocked: {} passes, {:.1} M pairs looked at, about {:.0} missed by its own estimate | | | | | | | | |",
            blocking.passes.len(),
            blocking.looked_at as f64 / 1e6,
            blocking.estimated_missed
        );
    }
}

fn all(side: &nordic::Side) -> Population<'_> {
    Population::complete(side.iter().map(|(key, record)| (key.as_str(), record)))
}

/// User time of the process so far, where Linux tells it; in hundredths, as Linux counts.
fn cpu_seconds() -> f64 {
    let Ok(stat) = fs::read_to_string("/proc/self/stat") else {
        return 0.0;
    };
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name
        .split_whitespace()
        .nth(11)
        .and_then(|ticks| ticks.parse::<f64>().ok());
    ticks.unwrap_or_default() / 100.0
}

fn peak_megabytes() -> u64 {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return 0;
    };
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.trim()
        .split(' ')
        .next()
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap_or_default()
        / 1024
}
