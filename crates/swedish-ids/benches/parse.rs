//! Reading and checking personal identity numbers, here and in the crate `personnummer` 3.1.1.
//!
//! `cargo bench -p swedish-ids`. The two run in the same process on the same numbers, all of which
//! both accept: plain numbers of twelve digits, in the form with a hyphen.

use divan::{Bencher, black_box};
use swedish_ids::{BankAccount, Date, OrganisationNumber, PersonalIdentityNumber, public_holidays};

/// Published test numbers; see `tests/published_numbers.rs`.
const NUMBERS: [&str; 8] = [
    "19121212-1212",
    "20170101-2393",
    "19090527-1474",
    "20000229-2399",
    "19570428-9999",
    "19460823-9986",
    "20000405-9937",
    "19901211-9948",
];

fn main() {
    for number in NUMBERS {
        assert!(number.parse::<PersonalIdentityNumber>().is_ok());
        assert!(personnummer::Personnummer::parse(number).is_ok_and(|number| number.valid()));
    }
    divan::main();
}

/// One iteration is eight numbers; divan's `item` column is one.
fn each<T>(bencher: Bencher<'_, '_>, mut read: impl FnMut(&'static str) -> T) {
    bencher
        .counter(divan::counter::ItemsCount::new(NUMBERS.len()))
        .bench_local(|| {
            for number in NUMBERS {
                black_box(read(black_box(number)));
            }
        });
}

#[divan::bench]
fn ours_twelve_digits(bencher: Bencher<'_, '_>) {
    each(bencher, |number| {
        number.parse::<PersonalIdentityNumber>().is_ok()
    });
}

#[divan::bench]
fn ours_ten_digits(bencher: Bencher<'_, '_>) {
    let today = black_box(Date::new(2026, 11, 20).unwrap_or(Date::MIN));
    each(bencher, |number| {
        PersonalIdentityNumber::parse_at(&number[2..], today)
    });
}

#[divan::bench]
fn personnummer_crate_twelve_digits(bencher: Bencher<'_, '_>) {
    each(bencher, |number| {
        personnummer::Personnummer::parse(number).is_ok_and(|number| number.valid())
    });
}

#[divan::bench]
fn organisation_number() -> bool {
    black_box("556016-0680")
        .parse::<OrganisationNumber>()
        .is_ok()
}

#[divan::bench]
fn bank_account() -> bool {
    BankAccount::check(black_box("8424-4,983 189 224-6")).is_valid()
}

#[divan::bench]
fn public_holidays_of_a_year() -> usize {
    public_holidays(black_box(2026)).len()
}
