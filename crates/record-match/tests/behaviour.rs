//! What users rely on: keys, ties, decisions, memory, order, threads, and bad input.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{num::NonZeroUsize, ops::ControlFlow};

use flat_record::{Field, Fields, Record, ValueKind};
use record_match::{
    Band, Candidate, Caution, Comparison, Comparisons, Decision, DuplicateReason, FieldKind,
    KeyUse, Level, MatchError, Matcher, Nicknames, Outcome, Population, Reason, Side, Warning,
};

mod nordic;

type Rows = Vec<(String, Record)>;

fn rows(fields: &[&str], rows: &[&[&str]]) -> Rows {
    let layout = Fields::new(
        fields
            .iter()
            .map(|name| Field::new(name, ValueKind::Text).unwrap()),
    )
    .unwrap();
    rows.iter()
        .map(|row| {
            let mut record = Record::new(&layout);
            for (name, value) in fields.iter().zip(&row[1..]) {
                if !value.is_empty() {
                    record.set(name, *value).unwrap();
                }
            }
            (row[0].to_owned(), record)
        })
        .collect()
}

fn all(rows: &Rows) -> Population<'_> {
    Population::complete(rows.iter().map(|(key, record)| (key.as_str(), record)))
}

fn some(rows: &Rows) -> Population<'_> {
    Population::incomplete(rows.iter().map(|(key, record)| (key.as_str(), record)))
}

fn people() -> Comparisons {
    Comparisons::new([
        Comparison::new("personal_number", FieldKind::PersonalNumber),
        Comparison::new("given_name", FieldKind::GivenName),
        Comparison::new("surname", FieldKind::Surname),
        Comparison::new("email", FieldKind::Email),
    ])
    .unwrap()
}

const PERSON: [&str; 4] = ["personal_number", "given_name", "surname", "email"];

fn pairs(outcome: &Outcome) -> Vec<(&str, &str, Band)> {
    outcome
        .candidates
        .iter()
        .map(|c| (c.left.as_str(), c.right.as_str(), c.band))
        .collect()
}

fn run(left: &Rows, right: &Rows) -> Outcome {
    Matcher::new(people())
        .run(&all(left), &all(right), &[])
        .unwrap()
}

#[test]
fn a_personal_number_links_however_it_is_written() {
    // Published test numbers.
    let left = rows(
        &PERSON,
        &[
            &["l1", "19121212-1212", "Anna", "Ek", ""],
            &["l2", "20170101-2393", "Bo", "Ask", ""],
        ],
    );
    let right = rows(
        &PERSON,
        &[
            &["r1", "1212121212", "Anna", "Berg", ""],
            &["r2", "201701012393", "Bo", "Ask", ""],
        ],
    );
    let outcome = run(&left, &right);
    assert_eq!(
        pairs(&outcome),
        [("l1", "r1", Band::Auto), ("l2", "r2", Band::Auto)]
    );
    let reason = Reason::Key {
        comparison: "personal_number".to_owned(),
    };
    assert_eq!(outcome.candidates[0].explanation.reason, reason);
}

#[test]
fn nothing_is_linked_to_an_incomplete_side() {
    let left = rows(&PERSON, &[&["l1", "19121212-1212", "Anna", "Ek", ""]]);
    let right = rows(&PERSON, &[&["r1", "1212121212", "Anna", "Ek", ""]]);
    let outcome = Matcher::new(people())
        .run(&all(&left), &some(&right), &[])
        .unwrap();
    assert_eq!(pairs(&outcome), [("l1", "r1", Band::Suggest)]);
    assert_eq!(
        outcome.candidates[0].explanation.cautions,
        [Caution::IncompleteSide(Side::Right)]
    );
}

#[test]
fn a_wrong_check_digit_links_nobody() {
    let left = rows(&PERSON, &[&["l1", "19121212-1213", "Anna", "Ek", ""]]);
    let right = rows(&PERSON, &[&["r1", "19121212-1213", "Anna", "Ek", ""]]);
    assert!(
        run(&left, &right)
            .candidates
            .iter()
            .all(|c| c.band != Band::Auto)
    );
}

#[test]
fn two_right_numbers_are_two_people() {
    // Twins would agree in all the rest.
    let fields = ["personal_number", "given_name", "surname", "email"];
    let left = rows(
        &fields,
        &[&["l1", "191212121212", "Anna", "Ek", "ek@example.com"]],
    );
    let right = rows(
        &fields,
        &[&["r1", "201701012393", "Anna", "Ek", "ek@example.com"]],
    );
    assert_eq!(run(&left, &right).candidates, []);
}

#[test]
fn a_key_that_stands_twice_is_a_duplicate_and_not_a_link() {
    let left = rows(
        &PERSON,
        &[
            &["l1", "19121212-1212", "Anna", "Ek", ""],
            &["l2", "19121212-1212", "Anna", "Ek", ""],
        ],
    );
    let right = rows(&PERSON, &[&["r1", "19121212-1212", "Anna", "Ek", ""]]);
    let outcome = run(&left, &right);
    assert_eq!(outcome.candidates, []);
    assert_eq!(outcome.duplicates[0].keys, ["l1", "l2"]);
    assert_eq!(outcome.duplicates[0].side, Side::Left);
    let reason = DuplicateReason::Key {
        comparison: "personal_number".to_owned(),
    };
    assert_eq!(outcome.duplicates[0].reason, reason);
}

#[test]
fn keys_that_contradict_each_other_link_nobody() {
    let comparisons = Comparisons::new([
        Comparison::new("number", FieldKind::Identifier).key(KeyUse::Links),
        Comparison::new("badge", FieldKind::Identifier).key(KeyUse::Links),
        Comparison::new("surname", FieldKind::Surname),
    ])
    .unwrap();
    let fields = ["number", "badge", "surname"];
    let left = rows(&fields, &[&["l1", "10001", "B-7001", "Ek"]]);
    let right = rows(
        &fields,
        &[
            &["r1", "10001", "B-9342", "Ek"],
            &["r2", "20002", "B-7001", "Ek"],
        ],
    );
    let outcome = Matcher::new(comparisons)
        .run(&all(&left), &all(&right), &[])
        .unwrap();
    assert!(
        outcome
            .candidates
            .iter()
            .all(|candidate| candidate.band != Band::Auto)
    );
    assert_eq!(outcome.contested.len(), 2);
}

#[test]
fn an_address_of_their_own_suggests() {
    let left = rows(&PERSON, &[&["l1", "", "Anna", "Ek", "anna.ek@example.com"]]);
    let right = rows(
        &PERSON,
        &[&["r1", "", "Anna", "Berg", "ANNA.EK@example.com "]],
    );
    assert_eq!(pairs(&run(&left, &right)), [("l1", "r1", Band::Suggest)]);
    // A family's address does not.
    let right = rows(
        &PERSON,
        &[&["r1", "", "Per", "Berg", "anna.ek@example.com"]],
    );
    assert_eq!(run(&left, &right).candidates, []);
}

#[test]
fn a_number_that_stands_with_another_name_is_looked_at() {
    // Her number was filled in for him: what agrees besides is what a household shares.
    let fields = ["personal_number", "given_name", "surname", "born"];
    let comparisons = Comparisons::new([
        Comparison::new("personal_number", FieldKind::PersonalNumber),
        Comparison::new("given_name", FieldKind::GivenName),
        Comparison::new("surname", FieldKind::Surname),
        Comparison::new("born", FieldKind::Date),
    ])
    .unwrap();
    let number = "19121212-1212";
    let left = rows(&fields, &[&["l1", number, "Bo", "Ek", "1912-12-12"]]);
    let right = rows(&fields, &[&["r1", number, "Anna", "Ek", "1912-12-12"]]);
    let outcome = Matcher::new(comparisons)
        .run(&all(&left), &all(&right), &[])
        .unwrap();
    assert_eq!(pairs(&outcome), [("l1", "r1", Band::Suggest)]);
    assert_eq!(
        outcome.candidates[0].explanation.cautions,
        [Caution::OwnFieldsDiffer]
    );
    // One name in one field is enough to differ.
    let fields = ["organisation_number", "name"];
    let comparisons = Comparisons::new([
        Comparison::new("organisation_number", FieldKind::OrganisationNumber),
        Comparison::new("name", FieldKind::OrganisationName),
    ])
    .unwrap();
    let left = rows(&fields, &[&["l1", "556016-0680", "Berg Holding AB"]]);
    let right = rows(&fields, &[&["r1", "5560160680", "Solteknik Handelsbolag"]]);
    let outcome = Matcher::new(comparisons)
        .run(&all(&left), &all(&right), &[])
        .unwrap();
    assert!(outcome.candidates.iter().all(|c| c.band != Band::Auto));
}

#[test]
fn keys_that_differ_in_what_normalising_drops_are_two() {
    let linked = |kind: FieldKind, left: &str, right: &str| {
        let comparisons =
            Comparisons::new([Comparison::new("key", kind).key(KeyUse::Links)]).unwrap();
        let (left, right) = (
            rows(&["key"], &[&["l1", left]]),
            rows(&["key"], &[&["r1", right]]),
        );
        let outcome = Matcher::new(comparisons)
            .run(&all(&left), &all(&right), &[])
            .unwrap();
        outcome.candidates.iter().any(|c| c.band == Band::Auto)
    };
    for (kind, left, right, expected) in [
        (FieldKind::ClientKey, "kc1-12-3", "kc1-12-3", true),
        (FieldKind::ClientKey, "kc1-12-3", "kc1-1-23", false),
        (FieldKind::ClientKey, "aB3", "Ab3", false),
        (FieldKind::Identifier, "E-1001", "e1001", true),
        (FieldKind::Identifier, "12-345", "123-45", false),
        (
            FieldKind::OrganisationName,
            "Berg AB",
            "Aktiebolaget Berg",
            true,
        ),
        (FieldKind::OrganisationName, "Berg AB", "Berg HB", false),
        (FieldKind::Address, "Storgatan 5", "Storg. 5", true),
        (FieldKind::Address, "Storgatan 5", "Storgatan 7", false),
    ] {
        assert_eq!(linked(kind, left, right), expected, "{left} {right}");
    }
}

#[test]
fn a_familys_address_is_no_reason() {
    let left = rows(&PERSON, &[&["l1", "", "Anna", "Ek", "ek@example.com"]]);
    let right = rows(&PERSON, &[&["r1", "", "Per", "Ek", "ek@example.com"]]);
    let outcome = run(&left, &right);
    assert!(
        outcome
            .candidates
            .iter()
            .all(|c| c.explanation.reason == Reason::Score && c.score < 5.0),
        "{outcome:?}"
    );
}

#[test]
fn a_tie_is_contested() {
    let fields = ["given_name", "surname", "born"];
    let left = rows(&fields, &[&["l1", "Anna", "Ek", "1980-01-02"]]);
    let right = rows(
        &fields,
        &[
            &["r1", "Anna", "Ek", "1980-01-02"],
            &["r2", "Anna", "Ek", "1980-01-02"],
        ],
    );
    let comparisons = Comparisons::new([
        Comparison::new("given_name", FieldKind::GivenName),
        Comparison::new("surname", FieldKind::Surname),
        Comparison::new("born", FieldKind::Date),
    ])
    .unwrap();
    let outcome = Matcher::new(comparisons)
        .run(&all(&left), &all(&right), &[])
        .unwrap();
    assert_eq!(outcome.candidates, []);
    assert_eq!(outcome.contested.len(), 2);
    assert!(
        outcome
            .contested
            .iter()
            .all(|c| c.explanation.cautions.contains(&Caution::Tie))
    );
    assert_eq!(outcome.duplicates[0].keys, ["r1", "r2"]);
}

#[test]
fn decisions_are_kept() {
    let (left, right) = nordic::population(7, 400);
    let matcher = Matcher::new(nordic::comparisons());
    let first = matcher.run(&all(&left), &all(&right), &[]).unwrap();
    let rejected: &Candidate = first
        .candidates
        .iter()
        .find(|c| c.band == Band::Auto)
        .unwrap();
    let other = first
        .candidates
        .iter()
        .find(|c| c.left != rejected.left)
        .unwrap();
    let decisions = [
        Decision::rejected(&rejected.left, &rejected.right),
        Decision::confirmed(&other.left, &other.right),
        Decision::confirmed("nobody", "here"),
    ];
    let second = matcher.run(&all(&left), &all(&right), &decisions).unwrap();
    let everything = || second.candidates.iter().chain(&second.contested);
    assert!(!everything().any(|c| c.left == rejected.left && c.right == rejected.right));
    let kept = everything().find(|c| c.left == other.left).unwrap();
    assert_eq!(
        (kept.right.as_str(), kept.band),
        (other.right.as_str(), Band::Auto)
    );
    assert_eq!(kept.explanation.reason, Reason::Confirmed);

    let contradicting = [
        Decision::confirmed(&other.left, &other.right),
        Decision::confirmed(&other.left, &rejected.right),
    ];
    assert_eq!(
        matcher
            .run(&all(&left), &all(&right), &contradicting)
            .unwrap_err(),
        MatchError::ContradictingDecisions {
            first: 0,
            second: 1
        }
    );
}

#[test]
fn confirmed_pairs_teach() {
    // Nobody's e-mail ever agrees: a model that has seen it does not hold it against a pair.
    let fields = ["given_name", "surname", "email"];
    let comparisons = Comparisons::new([
        Comparison::new("given_name", FieldKind::GivenName),
        Comparison::new("surname", FieldKind::Surname),
        Comparison::new("email", FieldKind::Email),
    ])
    .unwrap();
    let names = [
        "Åsa Ek",
        "Bo Ask",
        "Eva Alm",
        "Per Dal",
        "Ida Lund",
        "Ove Berg",
        "Ulf Ström",
        "Siv Holm",
    ];
    let side = |mark: &str, domain: &str| {
        let lines: Vec<Vec<String>> = names
            .iter()
            .map(|name| {
                let (given, surname) = name.split_once(' ').unwrap();
                vec![
                    format!("{mark}-{given}"),
                    given.into(),
                    surname.into(),
                    format!("{}@{domain}", given.len() + surname.len() * 77),
                ]
            })
            .collect();
        let lines: Vec<Vec<&str>> = lines
            .iter()
            .map(|line| line.iter().map(String::as_str).collect())
            .collect();
        rows(
            &fields,
            &lines.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        )
    };
    let (left, right) = (side("l", "hr.example"), side("r", "payroll.example"));
    let matcher = Matcher::new(comparisons);
    let weight = |decisions: &[Decision]| {
        let outcome = matcher.run(&all(&left), &all(&right), decisions).unwrap();
        outcome.model.comparisons[2].bits(Level::Different)
    };
    let decisions: Vec<Decision> = names
        .iter()
        .map(|name| name.split(' ').next().unwrap())
        .map(|given| Decision::confirmed(format!("l-{given}"), format!("r-{given}")))
        .collect();
    assert!(
        weight(&decisions) > weight(&[]),
        "{} {}",
        weight(&decisions),
        weight(&[])
    );
}

fn facts(outcome: &Outcome) -> String {
    serde_json::to_string(&(
        &outcome.candidates,
        &outcome.contested,
        &outcome.duplicates,
        &outcome.model,
    ))
    .unwrap()
}

#[test]
fn order_and_threads_change_nothing() {
    let (left, right) = nordic::population(8, 900);
    let (mut turned_left, mut turned_right) = (left.clone(), right.clone());
    turned_left.reverse();
    turned_right.rotate_left(right.len() / 3);
    for limit in [u64::MAX, 1000] {
        let matcher = Matcher::new(nordic::comparisons()).exhaustive_up_to(limit);
        let one = matcher
            .clone()
            .threads(NonZeroUsize::MIN)
            .run(&all(&left), &all(&right), &[])
            .unwrap();
        let five = NonZeroUsize::new(5).unwrap();
        let other = matcher
            .threads(five)
            .run(&all(&turned_left), &all(&turned_right), &[])
            .unwrap();
        assert_eq!(facts(&one), facts(&other));
        assert_eq!(one.statistics.blocking.is_some(), limit == 1000);
    }
}

#[test]
fn blocking_misses_little_and_says_how_much() {
    let (left, right) = nordic::population(9, 2500);
    let matcher = Matcher::new(nordic::comparisons());
    let every = matcher.run(&all(&left), &all(&right), &[]).unwrap();
    let blocked = matcher
        .exhaustive_up_to(1000)
        .run(&all(&left), &all(&right), &[])
        .unwrap();
    let found = |outcome: &Outcome| outcome.candidates.len();
    assert!(
        found(&blocked) * 1000 >= found(&every) * 995,
        "{} of {}",
        found(&blocked),
        found(&every)
    );
    let report = blocked.statistics.blocking.unwrap();
    assert!(report.looked_at < (left.len() * right.len() / 20) as u64);
    assert!(report.accepted > 0 && report.estimated_missed < 50.0 && report.passes.len() > 4);
}

#[test]
fn only_what_changed_is_looked_at_again() {
    let (left, mut right) = nordic::population(11, 900);
    let matcher = Matcher::new(nordic::comparisons());
    let first = matcher.run(&all(&left), &all(&right), &[]).unwrap();
    // What is remembered survives being stored.
    let memory = serde_json::from_str(&serde_json::to_string(&first.memory).unwrap()).unwrap();
    let same = matcher
        .run_again(&all(&left), &all(&right), &[], &memory)
        .unwrap();
    assert_eq!((same.statistics.changed, same.statistics.compared), (0, 0));

    let links = |outcome: &Outcome| -> Vec<(String, String, Band)> {
        outcome
            .candidates
            .iter()
            .map(|c| (c.left.clone(), c.right.clone(), c.band))
            .collect()
    };
    assert_eq!(links(&same), links(&first));

    right.remove(3);
    for (_, record) in &mut right[10..20] {
        record.set("surname", "Bergström").unwrap();
    }
    let again = matcher
        .run_again(&all(&left), &all(&right), &[], &memory)
        .unwrap();
    assert_eq!(again.statistics.changed, 10);
    let anew = matcher.model(first.model.clone()).training(false);
    let anew = anew.run(&all(&left), &all(&right), &[]).unwrap();
    assert!(again.statistics.compared < anew.statistics.compared);
    let (again, anew) = (links(&again), links(&anew));
    let differing = again.iter().filter(|pair| !anew.contains(pair)).count();
    assert!(differing <= 2, "{differing}");

    let other = Matcher::new(people()).run_again(&all(&left), &all(&right), &[], &memory);
    assert_eq!(other.unwrap_err(), MatchError::OtherMemory);
}

#[test]
fn empty_sides_and_empty_fields_are_no_trouble() {
    let nothing = Rows::new();
    let blank = rows(
        &PERSON,
        &[&["l1", "", "", "", ""], &["l2", " ", "--", "", "?"]],
    );
    for (left, right) in [
        (&nothing, &nothing),
        (&nothing, &blank),
        (&blank, &nothing),
        (&blank, &blank),
    ] {
        assert_eq!(run(left, right).candidates, []);
    }
    let outcome = run(&blank, &rows(&PERSON, &[&["r1", "", "Anna", "Ek", ""]]));
    let empty = |name: &str, side| Warning::EmptyField {
        comparison: name.to_owned(),
        side,
    };
    assert!(outcome.warnings.contains(&empty("surname", Side::Left)));
    assert!(outcome.warnings.contains(&Warning::UnreadableValues {
        comparison: "email".to_owned(),
        values: 1
    }));
}

#[test]
fn all_the_same_name_gives_ties_and_no_links() {
    let line = |index: usize| (format!("k{index:06}"), index);
    let layout =
        Fields::new(["given_name", "surname"].map(|n| Field::new(n, ValueKind::Text).unwrap()))
            .unwrap();
    let crowd = |count: usize| -> Rows {
        let record = Record::new(&layout)
            .with("given_name", "Anna")
            .unwrap()
            .with("surname", "Andersson")
            .unwrap();
        (0..count)
            .map(|index| (line(index).0, record.clone()))
            .collect()
    };
    let comparisons = Comparisons::new([
        Comparison::new("given_name", FieldKind::GivenName),
        Comparison::new("surname", FieldKind::Surname),
    ])
    .unwrap();
    for count in [3, 400, 20_000] {
        let side = crowd(count);
        let outcome = Matcher::new(comparisons.clone())
            .run(&all(&side), &all(&side), &[])
            .unwrap();
        assert_eq!(outcome.candidates, [], "{count}");
        assert!(count < 100 || !outcome.warnings.is_empty());
    }
}

#[test]
fn a_crowd_of_duplicates_is_listed_in_part() {
    // Twelve records of each of a hundred people, on both sides: 14,400 pairs that are alike.
    let fields = ["name", "born"];
    let side: Vec<[String; 3]> = (0..1200)
        .map(|index| {
            let person = index / 12;
            let letter = |place: usize| String::from(char::from(b"abdefgiklmoprstuvy"[place % 18]));
            let (first, last) = (letter(person).repeat(5), letter(person / 18).repeat(9));
            let (year, month) = (1940 + person % 60, 1 + person % 12);
            [
                format!("k{index:04}"),
                format!("{first} {last}"),
                format!("{year}-{month:02}-04"),
            ]
        })
        .collect();
    let lines: Vec<Vec<&str>> = side
        .iter()
        .map(|l| l.iter().map(String::as_str).collect())
        .collect();
    let side = rows(
        &fields,
        &lines.iter().map(Vec::as_slice).collect::<Vec<_>>(),
    );
    let comparisons = Comparisons::new([
        Comparison::new("name", FieldKind::PersonName),
        Comparison::new("born", FieldKind::Date),
    ])
    .unwrap();
    let outcome = Matcher::new(comparisons)
        .households(0.0)
        .run(&all(&side), &all(&side), &[])
        .unwrap();
    assert_eq!(outcome.candidates, []);
    // Each record has somebody to look at, and most have not all twelve.
    let lefts: std::collections::BTreeSet<&str> =
        outcome.contested.iter().map(|c| c.left.as_str()).collect();
    assert_eq!(lefts.len(), 1200);
    assert!(
        outcome.contested.len() <= 8 * 1200,
        "{}",
        outcome.contested.len()
    );
    assert!(
        outcome
            .warnings
            .contains(&Warning::ManyChoices { records: 800 }),
        "{:?}",
        outcome.warnings
    );
}

#[test]
fn long_strings_and_every_script_are_bounded() {
    let long = "Å".repeat(5_000_000);
    let scripts = [
        "李小龍",
        "Иванов",
        "محمد",
        "ธนา",
        "😀😀",
        "\u{202e}abc",
        "e\u{301}\u{301}\u{301}",
    ];
    let mut lines: Vec<[&str; 5]> = scripts
        .iter()
        .map(|text| [*text, "", text, text, text])
        .collect();
    lines.push(["long", long.as_str(), &long, &long, &long]);
    let lines: Vec<&[&str]> = lines.iter().map(<[&str; 5]>::as_slice).collect();
    let side = rows(&PERSON, &lines);
    let outcome = run(&side, &side);
    assert!(outcome.warnings.contains(&Warning::LongValues {
        comparison: "surname".to_owned(),
        values: 2
    }));
    assert!(
        outcome
            .candidates
            .iter()
            .all(|candidate| candidate.left == candidate.right)
    );
}

#[test]
fn keys_must_be_unique() {
    let twice = rows(
        &PERSON,
        &[
            &["k", "", "Anna", "Ek", ""],
            &["j", "", "Bo", "Ek", ""],
            &["k", "", "Bo", "Ask", ""],
        ],
    );
    let error = Matcher::new(people())
        .run(&all(&twice), &all(&twice), &[])
        .unwrap_err();
    assert_eq!(
        error,
        MatchError::DoubleKey {
            side: Side::Left,
            first: 0,
            second: 2
        }
    );
}

#[test]
fn progress_can_stop_it() {
    let side = rows(&PERSON, &[&["k", "", "Anna", "Ek", ""]]);
    let matcher = Matcher::new(people()).on_progress(|_| ControlFlow::Break(()));
    assert_eq!(
        matcher.run(&all(&side), &all(&side), &[]).unwrap_err(),
        MatchError::Stopped
    );
}

#[test]
fn names_in_other_forms_are_found() {
    let fields = ["given_name", "surname", "born"];
    let comparisons = || {
        Comparisons::new([
            Comparison::new("given_name", FieldKind::GivenName),
            Comparison::new("surname", FieldKind::Surname),
            Comparison::new("born", FieldKind::Date),
        ])
        .unwrap()
    };
    let level = |matcher: &Matcher, left: [&str; 4], right: [&str; 4]| {
        let (left, right) = (rows(&fields, &[&left]), rows(&fields, &[&right]));
        let outcome = matcher.run(&all(&left), &all(&right), &[]).unwrap();
        outcome.candidates[0]
            .explanation
            .evidence
            .iter()
            .map(|e| e.level)
            .collect::<Vec<_>>()
    };
    let matcher = Matcher::new(comparisons()).suggest_at(0.001);
    let born = "1980-03-04";
    for (left, right, expected) in [
        (
            ["Åsa", "Öberg", born],
            ["ASA", "Oberg", born],
            [Level::Exact, Level::Exact, Level::Exact],
        ),
        (
            ["Lars", "Ekdahl", born],
            ["Lasse", "Ekdal", born],
            [Level::Variant, Level::Near, Level::Exact],
        ),
        (
            ["Karl-Erik", "Ask", born],
            ["Karl", "Ask Berg", born],
            [Level::Variant, Level::Variant, Level::Exact],
        ),
        (
            ["Märta", "Sköld", born],
            ["Sköld", "Märta", born],
            [Level::Swapped, Level::Swapped, Level::Exact],
        ),
        (
            ["M", "Sköld", born],
            ["Märta", "Sköld", "1980-04-03"],
            [Level::Related, Level::Exact, Level::Swapped],
        ),
    ] {
        let left = ["l", left[0], left[1], left[2]];
        let right = ["r", right[0], right[1], right[2]];
        assert_eq!(level(&matcher, left, right), expected, "{left:?} {right:?}");
    }
    let plain = matcher.nicknames(Nicknames::none());
    let levels = level(
        &plain,
        ["l", "Bo", "Ekdahl", born],
        ["r", "Kalle", "Ekdahl", born],
    );
    assert_eq!(levels[0], Level::Different);
}

#[test]
fn a_clerk_can_read_why() {
    let left = rows(
        &PERSON,
        &[&["l1", "", "Karl", "Svensson", "kalle@example.com"]],
    );
    let right = rows(
        &PERSON,
        &[&["r1", "", "Kalle", "Svensson", "kalle@example.com"]],
    );
    let outcome = run(&left, &right);
    let text = outcome.candidates[0].explanation.to_string();
    for part in [
        "Both have the same email, and nobody else has it.",
        "  given name: another form of the name, or one of two names, +",
        "  surname: the same (2 of 2 records have it), +",
        "  personal number: empty on one side, not counted",
        "  before looking, ",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("Svensson") && !format!("{outcome:?}").contains("Svensson"));
    assert!(
        !format!("{outcome:?}").contains("l1"),
        "keys may be numbers of persons"
    );
    let stored = serde_json::to_string(&outcome.candidates[0]).unwrap();
    let read: Candidate = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        read.explanation.reason,
        outcome.candidates[0].explanation.reason
    );
}
