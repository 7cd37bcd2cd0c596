//! A seeded population of made-up Nordic people as an HR and a payroll system would hold them.
//!
//! It has what real registers have: households with one telephone, twins, changed and double
//! surnames, nicknames, letters that one system cannot write, moves, rehires (two records of one
//! person on one side), and people that one side lacks. There are no personal numbers in it.

#![allow(dead_code, reason = "tests and benchmarks use different parts")]

use flat_record::{Field, Fields, Record, ValueKind};
use record_match::{Comparison, Comparisons, FieldKind, KeyUse};

/// `SplitMix64`.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from((u128::from(self.next()) * limit as u128) >> 64).unwrap()
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// The first words far more often than the last ones.
    fn common<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let (a, b) = (self.below(words.len()), self.below(words.len()));
        words[a.min(b)]
    }
}

const WOMEN: &[&str] = &[
    "Anna",
    "Maria",
    "Eva",
    "Kristina",
    "Elisabeth",
    "Karin",
    "Margareta",
    "Sara",
    "Lena",
    "Emma",
    "Birgitta",
    "Ingrid",
    "Linnéa",
    "Sofia",
    "Malin",
    "Jenny",
    "Åsa",
    "Annika",
    "Hanna",
    "Johanna",
    "Katarina",
    "Cecilia",
    "Ulrika",
    "Märta",
    "Camilla",
    "Frida",
    "Moa",
    "Ebba",
    "Saga",
    "Tuva",
    "Astrid",
    "Alva",
    "Fatima",
    "Amina",
    "Zeynep",
    "Svetlana",
    "Agnieszka",
    "Päivi",
    "Guðrún",
    "Søs",
];
const MEN: &[&str] = &[
    "Lars",
    "Mikael",
    "Anders",
    "Johan",
    "Erik",
    "Per",
    "Karl",
    "Peter",
    "Jan",
    "Thomas",
    "Daniel",
    "Fredrik",
    "Hans",
    "Andreas",
    "Stefan",
    "Nils",
    "Björn",
    "Göran",
    "Åke",
    "Gustav",
    "Oskar",
    "Magnus",
    "Alexander",
    "Viktor",
    "Jonas",
    "Håkan",
    "Sven",
    "Kjell",
    "Torbjörn",
    "Mattias",
    "Mohammed",
    "Ali",
    "Piotr",
    "Jukka",
    "Sigurður",
    "Jørgen",
    "Øyvind",
    "Søren",
    "Dmitri",
    "Emil",
];
const SURNAMES: &[&str] = &[
    "Andersson",
    "Johansson",
    "Karlsson",
    "Nilsson",
    "Eriksson",
    "Larsson",
    "Olsson",
    "Persson",
    "Svensson",
    "Gustafsson",
    "Pettersson",
    "Jonsson",
    "Jansson",
    "Hansson",
    "Bengtsson",
    "Jönsson",
    "Carlsson",
    "Lindberg",
    "Öberg",
    "Åkesson",
    "Sjöström",
    "Hägglund",
    "Ek",
    "Ask",
];
const HEADS: &[&str] = &[
    "Lind", "Berg", "Sjö", "Ny", "Ek", "Björk", "Häll", "Åker", "Öster", "Väster", "Norr", "Sand",
    "Gran", "Alm", "Holm", "Lund", "Ström", "Hög", "Dal", "Stål", "Silver", "Fors", "Wall", "Blom",
];
const TAILS: &[&str] = &[
    "ström", "kvist", "gren", "man", "qvist", "lund", "blad", "vall", "dahl", "stedt", "berg",
    "sson", "feldt", "mark", "ner", "ell", "én", "holm", "fors", "backa", "sköld", "hjelm", "rot",
    "löf",
];
const STREETS: &[&str] = &[
    "Stor",
    "Kungs",
    "Drottning",
    "Skol",
    "Kyrko",
    "Ny",
    "Järnvägs",
    "Parkvägs",
    "Björk",
    "Ekbacks",
    "Sjö",
    "Ängs",
    "Linné",
    "Vasa",
    "Hamn",
    "Torg",
    "Bergs",
    "Östra Lång",
    "Södra Ring",
    "Gamla Brogs",
];
const NICKNAMES: &[(&str, &str)] = &[
    ("Elisabeth", "Lisa"),
    ("Margareta", "Greta"),
    ("Katarina", "Kajsa"),
    ("Kristina", "Stina"),
    ("Mikael", "Micke"),
    ("Lars", "Lasse"),
    ("Karl", "Kalle"),
    ("Thomas", "Tompa"),
    ("Fredrik", "Fredde"),
    ("Alexander", "Alex"),
    ("Stefan", "Steffe"),
    ("Magnus", "Mange"),
];

/// Records of one side with their keys; a key ends in the number of the person.
pub(crate) type Side = Vec<(String, Record)>;

#[derive(Clone)]
struct Person {
    number: usize,
    given: String,
    surname: String,
    born: (usize, usize, usize),
    street: String,
    postcode: usize,
    phone: usize,
    email: String,
}

pub(crate) fn layout() -> Fields {
    let names = [
        "given_name",
        "surname",
        "born",
        "street",
        "postcode",
        "phone",
        "email",
        "number",
    ];
    Fields::new(names.map(|name| Field::new(name, ValueKind::Text).unwrap())).unwrap()
}

pub(crate) fn comparisons() -> Comparisons {
    Comparisons::new([
        Comparison::new("given_name", FieldKind::GivenName),
        Comparison::new("surname", FieldKind::Surname),
        Comparison::new("born", FieldKind::Date),
        Comparison::new("street", FieldKind::Address),
        Comparison::new("postcode", FieldKind::Postcode),
        Comparison::new("phone", FieldKind::Phone),
        Comparison::new("email", FieldKind::Email),
        Comparison::new("number", FieldKind::Identifier)
            .key(KeyUse::Links)
            .scored(false),
    ])
    .unwrap()
}

/// The number of the person that a key stands for.
pub(crate) fn person(key: &str) -> usize {
    key.split('-').nth(1).unwrap().parse().unwrap()
}

/// How many people stand on both sides.
pub(crate) fn partners(left: &Side, right: &Side) -> usize {
    let people = |side: &Side| -> std::collections::BTreeSet<usize> {
        side.iter().map(|(key, _)| person(key)).collect()
    };
    people(left).intersection(&people(right)).count()
}

/// About `people` people, of whom about 60 % stand on both sides.
pub(crate) fn population(seed: u64, people: usize) -> (Side, Side) {
    let mut random = Random(seed);
    let layout = layout();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut number = 0;
    while number < people {
        let home = household(&mut random, &mut number);
        for one in home {
            let where_ = random.below(10);
            if where_ < 8 {
                let record = clean(&layout, &one, &mut random);
                left.push((format!("L{}-{}", random.below(1000), one.number), record));
            }
            if where_ >= 2 {
                let other = changed(&one, &mut random);
                let record = dirty(&layout, &other, &mut random);
                right.push((format!("R{}-{}", random.below(1000), one.number), record));
                if random.percent(2) {
                    // Employed twice.
                    let record = dirty(&layout, &other, &mut random);
                    right.push((format!("S{}-{}", random.below(1000), one.number), record));
                }
            }
        }
    }
    (left, right)
}

fn household(random: &mut Random, number: &mut usize) -> Vec<Person> {
    let surname = surname(random);
    let street = format!(
        "{}{} {}",
        random.pick(STREETS),
        random.pick(&["gatan", "vägen"]),
        1 + random.below(120)
    );
    let (postcode, phone) = (
        10_000 + 7 * random.below(12_000),
        700_000_000 + random.below(99_999_999),
    );
    let size = [1, 1, 1, 1, 1, 2, 2, 3, 4][random.below(9)];
    let mut home: Vec<Person> = Vec::new();
    for index in 0..size {
        let year = 1950 + random.below(55);
        let mut born = (year, 1 + random.below(12), 1 + random.below(28));
        if index > 0 && random.percent(8) {
            born = home[index - 1].born; // twins
        }
        let surname = if index > 0 && random.percent(25) {
            self::surname(random)
        } else {
            surname.clone()
        };
        let given = given(random);
        home.push(Person {
            number: *number,
            email: email(&given, &surname, *number, random),
            given,
            surname,
            born,
            street: street.clone(),
            postcode,
            phone: if random.percent(35) {
                phone
            } else {
                700_000_000 + random.below(99_999_999)
            },
        });
        *number += 1;
    }
    home
}

fn given(random: &mut Random) -> String {
    let names = if random.percent(50) { WOMEN } else { MEN };
    let first = random.common(names);
    if random.percent(12) {
        format!(
            "{first}{}{}",
            random.pick(&["-", " "]),
            random.common(names)
        )
    } else {
        first.to_owned()
    }
}

fn surname(random: &mut Random) -> String {
    let one = |random: &mut Random| {
        if random.percent(45) {
            random.common(SURNAMES).to_owned()
        } else {
            format!("{}{}", random.pick(HEADS), random.pick(TAILS))
        }
    };
    let first = one(random);
    if random.percent(6) {
        format!("{first} {}", one(random))
    } else {
        first
    }
}

/// What happened to the person since the other system heard of them.
fn changed(person: &Person, random: &mut Random) -> Person {
    let mut person = person.clone();
    if random.percent(4) {
        person.surname = surname(random);
    } else if let Some((first, _)) = person
        .surname
        .split_once(' ')
        .filter(|_| random.percent(40))
    {
        person.surname = first.to_owned();
    }
    if random.percent(8) {
        person.street = format!("{}gatan {}", random.pick(STREETS), 1 + random.below(120));
        person.postcode = 10_000 + 7 * random.below(12_000);
    }
    if let Some((_, short)) = NICKNAMES.iter().find(|(long, _)| *long == person.given)
        && random.percent(30)
    {
        person.given = (*short).to_owned();
    } else if random.percent(40) {
        person.given = person.given.split([' ', '-']).next().unwrap().to_owned();
    }
    person
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'å' | 'ä' => 'a',
            'Å' | 'Ä' => 'A',
            'ö' | 'ø' => 'o',
            'Ö' | 'Ø' => 'O',
            'é' => 'e',
            'ð' => 'd',
            'ú' => 'u',
            other => other,
        })
        .collect()
}

fn slip(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let place = random.below(letters.len());
    match random.below(3) {
        0 if letters.len() > 3 => {
            letters.remove(place);
        }
        1 if place + 1 < letters.len() => letters.swap(place, place + 1),
        _ => letters[place] = 'e',
    }
    letters.into_iter().collect()
}

fn record(layout: &Fields, values: &[(&str, String)]) -> Record {
    values
        .iter()
        .fold(Record::new(layout), |record, (name, value)| {
            record.with(name, value.as_str()).unwrap()
        })
}

fn clean(layout: &Fields, person: &Person, random: &mut Random) -> Record {
    let (year, month, day) = person.born;
    let mut values = vec![
        ("given_name", person.given.clone()),
        ("surname", person.surname.clone()),
        ("born", format!("{year}-{month:02}-{day:02}")),
        ("street", person.street.clone()),
        (
            "postcode",
            format!("{} {:02}", person.postcode / 100, person.postcode % 100),
        ),
        ("phone", format!("0{}", person.phone)),
    ];
    if random.percent(80) {
        values.push(("email", format!("{}@storbolaget.se", person.email)));
    }
    if random.percent(60) {
        values.push(("number", format!("{:06}", person.number)));
    }
    record(layout, &values)
}

/// Some companies number their namesakes, and no two people have one address.
fn email(given: &str, surname: &str, number: usize, random: &mut Random) -> String {
    let local = plain(&format!("{given}.{surname}"))
        .to_lowercase()
        .replace([' ', '-'], "");
    if random.percent(50) {
        format!("{local}{number}")
    } else {
        format!("{}.{number}", &local[..2])
    }
}

fn dirty(layout: &Fields, person: &Person, random: &mut Random) -> Record {
    let (mut year, mut month, mut day) = person.born;
    match random.below(200) {
        0 => (month, day) = (day.min(12), month),
        1 | 2 => day = 1 + (day + 10) % 28,
        3 => year += 1,
        _ => {}
    }
    let (mut given, mut surname) = (person.given.clone(), person.surname.clone());
    if random.percent(25) {
        (given, surname) = (plain(&given), plain(&surname));
    }
    if random.percent(2) {
        given = slip(&given, random);
    }
    if random.percent(3) {
        surname = slip(&surname, random);
    }
    if random.below(200) == 0 {
        (given, surname) = (surname, given);
    }
    let mut values = vec![("given_name", given), ("surname", surname)];
    if random.percent(92) {
        values.push(("born", format!("{year}{month:02}{day:02}")));
    }
    if random.percent(85) {
        values.push((
            "street",
            person.street.replace("gatan", "g.").to_uppercase(),
        ));
        values.push(("postcode", person.postcode.to_string()));
    }
    if random.percent(70) {
        values.push(("phone", format!("+46 {}", person.phone)));
    }
    if random.percent(50) {
        let domain = if random.percent(70) {
            "storbolaget.se"
        } else {
            "example.com"
        };
        values.push(("email", format!("{}@{domain}", person.email)));
    }
    if random.percent(60) {
        values.push(("number", format!("{:06}", person.number)));
    }
    record(layout, &values)
}
