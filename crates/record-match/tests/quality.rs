//! How good the proposals are: on published data of others, and on people of our own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{collections::BTreeSet, fs, io::Write as _, path::PathBuf};

use record_match::{Band, Comparisons, FieldKind, Matcher, Outcome, Population};

mod companies;
mod febrl;
mod nordic;

fn population(side: &nordic::Side) -> Population<'_> {
    Population::complete(side.iter().map(|(key, record)| (key.as_str(), record)))
}

struct Quality {
    right: usize,
    wrong: usize,
    wrong_auto: usize,
    missed: usize,
}

impl Quality {
    fn new(outcome: &Outcome, partners: usize, same: impl Fn(&str, &str) -> bool) -> Self {
        let (mut right, mut wrong, mut wrong_auto) = (0, 0, 0);
        for candidate in &outcome.candidates {
            if same(&candidate.left, &candidate.right) {
                right += 1;
            } else {
                wrong += 1;
                wrong_auto += usize::from(candidate.band == Band::Auto);
            }
        }
        Self {
            right,
            wrong,
            wrong_auto,
            missed: partners - right,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    fn f1(&self) -> f64 {
        let right = 2.0 * self.right as f64;
        right / (right + (self.wrong + self.missed) as f64)
    }
}

/// The folder of the linkage data, or a note that the test was skipped.
fn corpus() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("KLEER_CORPUS") else {
        let mut stderr = std::io::stderr();
        writeln!(stderr, "SKIPPED: KLEER_CORPUS does not name the corpora").unwrap();
        return None;
    };
    let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    Some(base.join(folder).join("linkage"))
}

fn febrl(file: &str, fields: &[(&str, FieldKind)]) -> Option<nordic::Side> {
    Some(febrl::read(&corpus()?.join(file), fields))
}

fn without_number() -> Vec<(&'static str, FieldKind)> {
    [febrl::HR, febrl::MORE].concat()
}

/// FEBRL 4 with half of the right side taken away, so that half of the left has no partner.
fn half(fields: &[(&str, FieldKind)]) -> Option<Quality> {
    let left = febrl("dataset4a.csv", fields)?;
    let mut right = febrl("dataset4b.csv", fields)?;
    let kept = fs::read_to_string(corpus()?.join("febrl4_half_b.txt")).unwrap();
    let kept: BTreeSet<&str> = kept.split_whitespace().collect();
    right.retain(|(key, _)| kept.contains(key.as_str()));
    assert_eq!((left.len(), right.len()), (5000, 2500));
    let matcher = Matcher::new(febrl::comparisons(fields));
    let outcome = matcher
        .run(&population(&left), &population(&right), &[])
        .unwrap();
    Some(Quality::new(&outcome, 2500, |l, r| {
        l.split('-').nth(1) == r.split('-').nth(1)
    }))
}

#[test]
fn febrl_with_four_fields() {
    let Some(quality) = half(febrl::HR) else {
        return;
    };
    assert_eq!(quality.wrong, 0);
    assert!(quality.f1() >= 0.995, "F1 {}", quality.f1());
}

#[test]
fn febrl_without_the_number() {
    let Some(quality) = half(&without_number()) else {
        return;
    };
    assert_eq!(quality.wrong, 0);
    assert!(quality.f1() >= 0.999, "F1 {}", quality.f1());
}

#[test]
fn febrl_duplicates_within_one_side() {
    let Some(side) = febrl("dataset1.csv", &without_number()) else {
        return;
    };
    let outcome = Matcher::new(febrl::comparisons(&without_number()))
        .duplicates(&population(&side))
        .unwrap();
    let number = |key: &str| key.split('-').nth(1).unwrap().to_owned();
    let wrong = outcome
        .candidates
        .iter()
        .filter(|c| number(&c.left) != number(&c.right))
        .count();
    let right = outcome.candidates.len() - wrong;
    assert_eq!(wrong, 0);
    assert!(right >= 490, "{right} of 500 found");
    assert!(
        outcome
            .candidates
            .iter()
            .all(|candidate| candidate.band == Band::Suggest)
    );
}

#[test]
fn nordic_people_are_never_linked_wrongly() {
    for (seed, people) in [(1, 30), (2, 300), (3, 3000), (4, 3000), (5, 100)] {
        let (left, right) = nordic::population(seed, people);
        let matcher = Matcher::new(nordic::comparisons());
        let outcome = matcher
            .run(&population(&left), &population(&right), &[])
            .unwrap();
        let partners = nordic::partners(&left, &right);
        let quality = Quality::new(&outcome, partners, |l, r| {
            nordic::person(l) == nordic::person(r)
        });
        writeln!(
            std::io::stderr(),
            "seed {seed}: {} right, {} wrong, {} missed of {partners}, F1 {:.4}",
            quality.right,
            quality.wrong,
            quality.missed,
            quality.f1()
        )
        .unwrap();
        assert_eq!(quality.wrong_auto, 0, "seed {seed}");
        assert!(
            quality.wrong * 200 <= quality.right,
            "seed {seed}: {} wrong",
            quality.wrong
        );
        assert!(quality.f1() >= 0.95, "seed {seed}: F1 {}", quality.f1());
    }
}

#[test]
fn nor_by_score_when_that_is_allowed() {
    for seed in 10..14 {
        let (left, right) = nordic::population(seed, 2000);
        let matcher = Matcher::new(nordic::comparisons()).auto_by_score(0.9999, 6.0);
        let outcome = matcher
            .run(&population(&left), &population(&right), &[])
            .unwrap();
        let quality = Quality::new(&outcome, nordic::partners(&left, &right), |l, r| {
            nordic::person(l) == nordic::person(r)
        });
        assert_eq!(quality.wrong_auto, 0, "seed {seed}");
    }
}

#[test]
fn strangers_are_not_linked() {
    let (left, _) = nordic::population(20, 1500);
    let (_, right) = nordic::population(21, 1500);
    // Numbers of two companies mean nothing to each other.
    let scored = nordic::comparisons()
        .iter()
        .filter(|c| c.name() != "number")
        .cloned()
        .collect::<Vec<_>>();
    let matcher = Matcher::new(Comparisons::new(scored).unwrap());
    let outcome = matcher
        .run(&population(&left), &population(&right), &[])
        .unwrap();
    assert!(
        outcome
            .candidates
            .iter()
            .all(|candidate| candidate.band != Band::Auto)
    );
    assert!(
        outcome.candidates.len() <= 15,
        "{} suggestions",
        outcome.candidates.len()
    );
}

/// Without organisation numbers, and with groups whose companies share all but a word.
#[test]
fn nordic_companies_are_told_apart() {
    for (seed, companies) in [(31, 60), (32, 800), (33, 3000), (34, 3000)] {
        let (left, right) = companies::population(seed, companies);
        let matcher = Matcher::new(companies::comparisons()).auto_by_score(0.999, 6.0);
        let outcome = matcher
            .run(&population(&left), &population(&right), &[])
            .unwrap();
        let partners = nordic::partners(&left, &right);
        let quality = Quality::new(&outcome, partners, |l, r| {
            nordic::person(l) == nordic::person(r)
        });
        writeln!(
            std::io::stderr(),
            "seed {seed}: {} right, {} wrong, {} missed of {partners}, {} contested, F1 {:.4}",
            quality.right,
            quality.wrong,
            quality.missed,
            outcome.contested.len(),
            quality.f1()
        )
        .unwrap();
        assert_eq!(quality.wrong_auto, 0, "seed {seed}");
        assert!(
            quality.wrong * 100 <= quality.right,
            "seed {seed}: {} wrong",
            quality.wrong
        );
        assert!(quality.f1() >= 0.95, "seed {seed}: F1 {}", quality.f1());
    }
}
