//! Who is who, by the presets: what links, what is suggested, what links and unlinked pairs say.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use chrono::{DateTime, Utc};
use common::kind;
use kleer_connect::employee::{self, field};
use kleer_connect::link::{
    Candidate, ConnectionId, Link, LinkState, Matching, Origin, RecordKey, Scope, Sides, Snapshot,
    Tombstone,
};
use kleer_connect::matching::{Comparisons, Matcher};
use kleer_connect::record::{Fields, Record, Value};
use kleer_connect::{RecordMatching, clients, employees, projects};

type Row<'a> = (&'a str, &'a [(&'a str, &'a str)]);

fn snapshot(name: &str, fields: &Fields, rows: &[Row<'_>], is_complete: bool) -> Snapshot {
    let (now, scope) = (DateTime::<Utc>::UNIX_EPOCH, Scope::of(["all"]));
    let mut all = Snapshot::new(kind(name), fields, scope, now);
    for (key, values) in rows {
        let mut record = Record::new(fields);
        for (name, value) in *values {
            record.set(name, Value::from(*value)).unwrap();
        }
        all.add(*key, record);
    }
    if is_complete { all.complete() } else { all }
}

fn people(rows: &[Row<'_>]) -> Snapshot {
    snapshot("employee", employee::fields(), rows, true)
}

fn key(text: &str) -> RecordKey {
    RecordKey::new(text).unwrap()
}

/// The pairs, and whether they are certain.
fn pairs(candidates: &[Candidate]) -> Vec<(&str, &str, bool)> {
    let mut pairs: Vec<_> = candidates
        .iter()
        .map(|one| {
            (
                one.keys.left.as_str(),
                one.keys.right.as_str(),
                one.is_certain,
            )
        })
        .collect();
    pairs.sort_unstable();
    pairs
}

fn by(comparisons: Comparisons) -> RecordMatching {
    RecordMatching::by(comparisons)
}

const ANNA: &[(&str, &str)] = &[
    (field::NAME, "Anna Ek"),
    (field::SSN, "19121212-1212"),
    (field::EMAIL, "anna@example.com"),
];
const ANNA_BERG: &[(&str, &str)] = &[
    (field::NAME, "Anna Berg"),
    (field::SSN, "121212+1212"),
    (field::EMAIL, "anna.berg@example.org"),
];
const BO: &[(&str, &str)] = &[
    (field::NAME, "Bo Karl-Erik Hägglund"),
    (field::EMAIL, "bo.h@example.com"),
    (field::PHONE, "070-174 06 05"),
];
const BOSSE: &[(&str, &str)] = &[
    (field::NAME, "Hägglund, Bosse"),
    (field::EMAIL, "BO.H@example.com"),
    (field::PHONE, "+46 70 174 06 05"),
];
const CILLA: &[(&str, &str)] = &[
    (field::NAME, "Cilla Ny"),
    (field::EMAIL, "cilla@example.com"),
];

#[test]
fn a_personal_number_links_and_the_rest_suggests() {
    let hr = people(&[("e-1", ANNA), ("e-2", BO), ("e-3", CILLA)]);
    let kleer = people(&[("21", ANNA_BERG), ("22", BOSSE)]);
    let matching = by(employees::comparisons().unwrap());
    let found = matching.candidates(Sides::new(&hr, &kleer), &[]);
    assert_eq!(pairs(&found), [("e-1", "21", true), ("e-2", "22", false)]);
    let bo = found
        .iter()
        .find(|one| one.keys.left.as_str() == "e-2")
        .unwrap();
    assert!((500..=999).contains(&bo.per_mille), "{}", bo.per_mille);
}

#[test]
fn nothing_is_certain_where_records_are_missing_or_a_number_stands_twice() {
    let matching = by(employees::comparisons().unwrap());
    let hr = people(&[("e-1", ANNA)]);
    let part = snapshot("employee", employee::fields(), &[("21", ANNA_BERG)], false);
    let found = matching.candidates(Sides::new(&hr, &part), &[]);
    assert_eq!(pairs(&found), [("e-1", "21", false)]);

    let twice = people(&[("21", ANNA_BERG), ("22", ANNA)]);
    let found = matching.candidates(Sides::new(&hr, &twice), &[]);
    assert!(
        !found.is_empty() && found.iter().all(|one| !one.is_certain),
        "{found:?}"
    );
}

#[test]
fn a_birth_date_of_the_source_is_held_against_the_personal_number() {
    let mut fields: Vec<_> = employee::fields().iter().cloned().collect();
    fields.push(
        kleer_connect::record::Field::new("birth-date", kleer_connect::record::ValueKind::Text)
            .unwrap(),
    );
    let fields = Fields::new(fields).unwrap();
    let evidence = |born: &str| {
        let row = [(field::NAME, "Anna Ek"), ("birth-date", born)];
        let hr = snapshot("employee", &fields, &[("e-1", &row)], true);
        let kleer = people(&[("21", &ANNA[..2])]);
        let matching = by(employees::comparisons().unwrap());
        matching
            .candidates(Sides::new(&hr, &kleer), &[])
            .first()
            .map(|one| one.per_mille)
    };
    let (same, other) = (evidence("1912-12-12").unwrap(), evidence("1980-03-04"));
    assert!(
        same >= 900 && other.is_none_or(|other| other < same),
        "{same} {other:?}"
    );
}

#[test]
fn a_coordination_number_links_with_and_without_its_century() {
    let row = |ssn: &'static str| [(field::NAME, "Anna Ek"), (field::SSN, ssn)];
    let kleer = row("19701063-2391");
    for written in ["197010632391", "701063-2391", "7010632391"] {
        let hr = row(written);
        let (hr, kleer) = (people(&[("e-1", &hr)]), people(&[("21", &kleer)]));
        let matching = by(employees::comparisons().unwrap());
        let found = matching.candidates(Sides::new(&hr, &kleer), &[]);
        assert_eq!(pairs(&found), [("e-1", "21", true)], "{written}");
    }
}

/// A household shares all but the number, the first name and sometimes even the address of e-mail.
#[test]
fn a_family_is_never_linked_by_what_it_shares() {
    let of = |name: &'static str, ssn: &'static str| {
        [
            (field::NAME, name),
            (field::SSN, ssn),
            (field::EMAIL, "familjen@example.com"),
            (field::PHONE, "070-174 06 05"),
            (field::ADDRESS2, "Storgatan 1"),
            (field::ZIP_CODE, "503 30"),
        ]
    };
    let (parent, child) = (of("Anna Ek", "19121212-1212"), of("Bo Ek", "19701063-2391"));
    let matching = by(employees::comparisons().unwrap());
    let (hr, kleer) = (people(&[("e-1", &parent)]), people(&[("21", &child)]));
    let found = matching.candidates(Sides::new(&hr, &kleer), &[]);
    assert!(found.iter().all(|one| !one.is_certain), "{found:?}");
    // And each finds the own record.
    let (hr, kleer) = (
        people(&[("e-1", &parent), ("e-2", &child)]),
        people(&[("21", &child), ("22", &parent)]),
    );
    let found = matching.candidates(Sides::new(&hr, &kleer), &[]);
    let certain: Vec<_> = pairs(&found).into_iter().filter(|one| one.2).collect();
    assert_eq!(certain, [("e-1", "22", true), ("e-2", "21", true)]);
}

fn link(left: &str, right: &str, state: LinkState) -> Link {
    let connection = ConnectionId::new("hr->4875").unwrap();
    let keys = Sides::new(key(left), key(right));
    let mut link = Link::new(connection, kind("employee"), keys, Origin::Confirmed, 0);
    link.state = state;
    link
}

#[test]
fn links_and_unlinked_pairs_are_verdicts() {
    let matching = by(employees::comparisons().unwrap());
    let hr = people(&[("e-1", ANNA), ("e-2", BO)]);
    let kleer = people(&[("21", ANNA_BERG), ("22", BOSSE)]);
    let sides = Sides::new(&hr, &kleer);
    let live = link("e-1", "21", LinkState::Linked);
    let gone = || LinkState::Unlinked(Tombstone::new(DateTime::UNIX_EPOCH, None));
    let found = matching.candidates(sides, std::slice::from_ref(&live));
    assert_eq!(
        pairs(&found),
        [("e-2", "22", false)],
        "whoever is linked is not proposed"
    );
    let outcome = matching
        .outcome(sides, std::slice::from_ref(&live))
        .unwrap();
    assert!(
        outcome.candidates.iter().any(|pair| pair.left == "e-1"),
        "but shown"
    );

    let found = matching.candidates(sides, &[link("e-1", "21", gone())]);
    assert!(
        found
            .iter()
            .all(|one| one.keys != live.keys.clone().map(Option::unwrap))
    );
    // Linked again, the old refusal does not count.
    let found = matching.candidates(sides, &[link("e-1", "21", gone()), live]);
    assert_eq!(pairs(&found), [("e-2", "22", false)]);

    // Where a side has nobody left, nothing is compared: not even a matcher that cannot is asked.
    let others = Matcher::new(projects::comparisons().unwrap());
    let none = kleer_connect::matching::Population::complete([]);
    let model = others.run(&none, &none, &[]).unwrap().model;
    let broken = Matcher::new(employees::comparisons().unwrap()).model(model);
    let broken = RecordMatching::with(broken);
    let links = [
        link("e-1", "21", LinkState::Linked),
        link("e-2", "22", LinkState::Linked),
    ];
    assert!(broken.candidates(sides, &links).is_empty());
    assert_eq!(
        broken.candidates(sides, &links[..1]).len(),
        2,
        "held back on both sides"
    );
}

#[test]
fn an_organisation_number_links_clients_and_branches_are_left_to_people() {
    use clients::field;
    let of = |rows: &[Row<'_>]| snapshot(clients::KIND, clients::fields(), rows, true);
    let matching = by(clients::comparisons().unwrap());
    let crm = of(&[
        (
            "c-1",
            &[
                (field::NAME, "Exempel Aktiebolag"),
                (field::ORGNO, "5560160680"),
            ],
        ),
        (
            "c-2",
            &[
                (field::NAME, "Norrskensbyrån AB"),
                (field::EMAIL, "faktura@byra.example"),
            ],
        ),
    ]);
    let kleer = of(&[
        (
            "17",
            &[
                (field::NAME, "Exempel i Borås"),
                (field::ORGNO, "556016-0680"),
            ],
        ),
        (
            "18",
            &[
                (field::NAME, "Norrskensbyrån"),
                (field::EMAIL, "faktura@byra.example"),
            ],
        ),
    ]);
    let found = matching.candidates(Sides::new(&crm, &kleer), &[]);
    assert_eq!(pairs(&found), [("c-1", "17", true), ("c-2", "18", false)]);
    let branches = of(&[
        (
            "17",
            &[
                (field::NAME, "Exempel Borås"),
                (field::ORGNO, "556016-0680"),
            ],
        ),
        (
            "18",
            &[(field::NAME, "Exempel Lund"), (field::ORGNO, "556016-0680")],
        ),
    ]);
    let found = matching.candidates(Sides::new(&crm, &branches), &[]);
    assert!(
        !found.is_empty() && found.iter().all(|one| !one.is_certain),
        "{found:?}"
    );
}

#[test]
fn a_number_links_projects() {
    use projects::field;
    let of = |rows: &[Row<'_>]| snapshot(projects::KIND, projects::fields(), rows, true);
    let matching = by(projects::comparisons().unwrap());
    let crm = of(&[
        (
            "p-1",
            &[(field::NUMBER, "P-104"), (field::NAME, "Ny webbplats")],
        ),
        (
            "p-2",
            &[
                (field::NUMBER, "P-105"),
                (field::NAME, "Underhåll av webbplats"),
            ],
        ),
    ]);
    let kleer = of(&[
        (
            "9001",
            &[(field::NUMBER, "P-104"), (field::NAME, "Ny webbplats")],
        ),
        (
            "9002",
            &[
                (field::NUMBER, "7"),
                (field::NAME, "Underhåll av webbplats"),
            ],
        ),
    ]);
    let found = matching.candidates(Sides::new(&crm, &kleer), &[]);
    assert_eq!(
        pairs(&found),
        [("p-1", "9001", true), ("p-2", "9002", false)]
    );
    // Under another name it may be another project: people look.
    let renamed = of(&[(
        "9001",
        &[(field::NUMBER, "P-104"), (field::NAME, "Lagerflytt")],
    )]);
    let found = matching.candidates(Sides::new(&crm, &renamed), &[]);
    assert_eq!(pairs(&found), [("p-1", "9001", false)]);
}

#[test]
fn policies_fit_their_layouts() {
    use kleer_connect::link::Which;
    for hr in Which::BOTH {
        for policy in [employees::one_way(hr), employees::two_way(hr)] {
            policy
                .check(Sides::new(employee::fields(), employee::fields()))
                .unwrap();
            let kleer = hr.other();
            assert!(policy.may_write(field::SSN, kleer));
            assert!(!policy.may_write(field::NOTES, kleer));
        }
        assert!(!employees::one_way(hr).may_write(field::SSN, hr));
        for policy in [clients::one_way(hr), clients::two_way(hr)] {
            policy
                .check(Sides::new(clients::fields(), clients::fields()))
                .unwrap();
            assert!(policy.is_read_only(clients::field::EDI_RECIPIENT, hr.other()));
        }
        for policy in [projects::one_way(hr), projects::two_way(hr)] {
            policy
                .check(Sides::new(projects::fields(), projects::fields()))
                .unwrap();
        }
    }
}
