//! A seeded register of made-up Nordic companies as a customer register and a ledger would hold them.
//!
//! It has what real ones have: groups whose companies share name, address and telephone, the same
//! name with another legal form next door, trading names, legal forms left out, written in full or
//! in front, moves, and companies that one side lacks. There are no organisation numbers in it: with
//! them it would be easy.

use flat_record::{Field, Fields, Record, ValueKind};
use record_match::{Comparison, Comparisons, FieldKind};

use crate::nordic::{Random, Side};

const HEADS: &[&str] = &[
    "Nord", "Öst", "Väst", "Berg", "Sjö", "Malm", "Skog", "Stål", "Norr", "Sol", "Vind", "Hav",
    "Granit", "Ek", "Björk", "Lund", "Dal", "Ström", "Älv", "Kust", "Fjäll", "Åker", "Häst", "Lax",
];
const TAILS: &[&str] = &[
    "teknik", "data", "el", "rör", "plåt", "frakt", "ljus", "form", "kraft", "bygg", "vård", "mat",
    "tryck", "lås", "glas", "golv", "tak", "mek", "skruv", "pack", "konsult", "park", "verk",
    "son",
];
const TRADES: &[&str] = &[
    "Måleri",
    "Entreprenad",
    "Redovisning",
    "Transport",
    "Fastigheter",
    "Restaurang",
    "Konsult",
    "Snickeri",
    "Maskin",
    "Import",
    "Design",
    "Städ",
    "Bemanning",
    "Elektriska",
    "Trädgård",
    "VVS",
];
const PARTS: &[&str] = &[
    "Fastigheter",
    "Holding",
    "Invest",
    "Service",
    "Norden",
    "Produktion",
    "Logistik",
    "Leasing",
];
const TOWNS: &[(&str, usize)] = &[
    ("Stockholm", 11),
    ("Göteborg", 41),
    ("Malmö", 21),
    ("Uppsala", 75),
    ("Örebro", 70),
    ("Västerås", 72),
    ("Umeå", 90),
    ("Växjö", 35),
    ("Sundsvall", 85),
    ("Karlstad", 65),
];
const STREETS: &[&str] = &[
    "Industri",
    "Stor",
    "Hamn",
    "Kungs",
    "Fabriks",
    "Järnvägs",
    "Verkstads",
    "Ny",
    "Norra Ring",
];
/// Short, in full.
const FORMS: &[(&str, &str)] = &[
    ("AB", "Aktiebolag"),
    ("AB", "Aktiebolag"),
    ("AB", "Aktiebolag"),
    ("AB", "Aktiebolag"),
    ("HB", "Handelsbolag"),
    ("KB", "Kommanditbolag"),
    ("AS", "Aksjeselskap"),
    ("ApS", "Anpartsselskab"),
    ("Oy", "Osakeyhtiö"),
];

#[derive(Clone)]
struct Company {
    number: usize,
    core: String,
    form: usize,
    street: String,
    town: (&'static str, usize),
    phone: usize,
    site: String,
}

fn company(random: &mut Random, number: usize) -> Company {
    let head = format!("{}{}", random.pick(HEADS), random.pick(TAILS));
    let core = match random.below(10) {
        0..=4 => format!("{head} {}", random.pick(TRADES)),
        5 | 6 => format!(
            "{} & {} {}",
            random.pick(HEADS),
            random.pick(HEADS),
            random.pick(TRADES)
        ),
        7 => format!("{head} i {}", TOWNS[random.below(TOWNS.len())].0),
        _ => head,
    };
    Company {
        number,
        site: format!(
            "{}{}",
            core.to_lowercase().replace([' ', '&'], ""),
            random.below(100)
        ),
        core,
        form: random.below(FORMS.len()),
        street: street(random),
        town: TOWNS[random.below(TOWNS.len())],
        phone: 800_000_000 + random.below(99_999_999),
    }
}

fn street(random: &mut Random) -> String {
    format!("{}gatan {}", random.pick(STREETS), 1 + random.below(90))
}

/// One company, or a group: what is shared stands in all of them.
fn group(random: &mut Random, number: &mut usize) -> Vec<Company> {
    let first = company(random, *number);
    let mut all = vec![first.clone()];
    let size = [0, 0, 0, 0, 0, 0, 1, 1, 2, 4][random.below(10)];
    for index in 0..size {
        let mut other = first.clone();
        other.number = first.number + index + 1;
        if random.percent(20) {
            // The same name with another legal form: two companies all the same.
            other.form = (first.form + 4) % FORMS.len();
        } else {
            other.core = format!(
                "{} {}",
                first.core,
                PARTS[(index + random.below(2) * 4) % 8]
            );
        }
        if random.percent(40) {
            other.street = street(random);
        }
        if random.percent(50) {
            other.phone = 800_000_000 + random.below(99_999_999);
        }
        if all
            .iter()
            .all(|one| (&one.core, one.form) != (&other.core, other.form))
        {
            all.push(other);
        }
    }
    *number += 1 + size;
    all
}

fn layout() -> Fields {
    let names = ["name", "street", "postcode", "town", "phone", "email"];
    Fields::new(names.map(|name| Field::new(name, ValueKind::Text).unwrap())).unwrap()
}

pub(crate) fn comparisons() -> Comparisons {
    Comparisons::new([
        Comparison::new("name", FieldKind::OrganisationName),
        Comparison::new("street", FieldKind::Address),
        Comparison::new("postcode", FieldKind::Postcode),
        Comparison::new("town", FieldKind::Text),
        Comparison::new("phone", FieldKind::Phone),
        Comparison::new("email", FieldKind::Email).shared(true),
    ])
    .unwrap()
}

fn record(
    layout: &Fields,
    company: &Company,
    name: &str,
    random: &mut Random,
    sure: usize,
) -> Record {
    // Derived from the street, so that a move changes it.
    let zip = company.town.1 * 1000 + company.street.bytes().map(usize::from).sum::<usize>() % 997;
    let mut record = Record::new(layout).with("name", name).unwrap();
    record.set("town", company.town.0).unwrap();
    if random.percent(sure) {
        record.set("street", company.street.as_str()).unwrap();
        record.set("postcode", zip.to_string()).unwrap();
    }
    if random.percent(sure) {
        record.set("phone", format!("0{}", company.phone)).unwrap();
    }
    if random.percent(sure) {
        let mailbox = random.pick(&["info", "faktura", "ekonomi"]);
        record
            .set("email", format!("{mailbox}@{}.example", company.site))
            .unwrap();
    }
    record
}

/// About `companies` companies, of which about 60 % stand on both sides.
pub(crate) fn population(seed: u64, companies: usize) -> (Side, Side) {
    let mut random = Random(seed);
    let random = &mut random;
    let layout = layout();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut number = 0;
    while number < companies {
        for one in group(random, &mut number) {
            let where_ = random.below(10);
            let (short, full) = FORMS[one.form];
            if where_ < 8 {
                let name = format!("{} {short}", one.core);
                let record = record(&layout, &one, &name, random, 95);
                left.push((format!("L{}-{}", random.below(1000), one.number), record));
            }
            if where_ >= 2 {
                let mut other = one.clone();
                if random.percent(10) {
                    other.street = street(random);
                }
                let mut name = match random.below(10) {
                    0..=3 => format!("{} {short}", other.core),
                    4 => format!("{short} {}", other.core),
                    5 | 6 => format!("{} {full}", other.core),
                    7 => format!("{} {short}", other.core.replace('&', "och")),
                    _ => other.core.clone(),
                };
                if random.percent(25) {
                    name = name.to_uppercase();
                } else if random.percent(4) {
                    name = name.replace('n', "m");
                } else if random.percent(3) {
                    // A trading name.
                    name = format!("{} {}", random.pick(HEADS), random.pick(TRADES));
                }
                let record = record(&layout, &other, &name, random, 80);
                right.push((format!("R{}-{}", random.below(1000), other.number), record));
            }
        }
    }
    (left, right)
}
