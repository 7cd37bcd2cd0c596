//! Personal identity numbers, coordination numbers and interim numbers.

use swedish_ids::{
    Date, Identifier, LegalGender, NumberFormat, OrganisationNumber, ParseErrorKind, ParseOptions,
    PersonalIdentityNumber, PersonalNumberKind,
};

use crate::today;

/// Twelve digits, and whether it is a coordination number and a man's.
#[rustfmt::skip]
const VALID: &[(&str, bool, bool, &str)] = &[
    ("197010632391", true, true, "Skatteverket, rättslig vägledning 2016.5, samordningsnummer"),
    ("201701012393", false, true, "Skatteverket, open data set of test numbers"),
    ("191212121212", false, true, "organisationsnummer/meta testdata/list.json"),
    ("190905271474", false, true, "personnummer/meta testdata/list.json"),
    ("200002292399", false, true, "personnummer/meta testdata/list.json"),
    ("195704289999", false, true, "personnummer/meta testdata/list.json"),
    ("197302889931", true, true, "personnummer/meta testdata/list.json"),
    ("194608239986", false, false, "personnummer/meta testdata/list.json"),
    ("202107919967", true, false, "personnummer/meta testdata/list.json"),
    ("190901219931", false, true, "personnummer/meta testdata/list.json"),
    ("200004059937", false, true, "personnummer/meta testdata/list.json"),
    ("198211059954", false, true, "personnummer/meta testdata/list.json, earlier version"),
    ("195705749959", true, true, "personnummer/meta testdata/list.json, earlier version"),
    ("199012119948", false, false, "personnummer/meta testdata/list.json, earlier version"),
    ("197306749982", true, false, "personnummer/meta testdata/list.json, earlier version"),
    ("187912219990", false, true, "personnummer/meta testdata/list.json, earlier version"),
    ("200012099891", false, true, "personnummer/meta testdata/list.json, earlier version"),
    ("195102179974", false, true, "organisationsnummer/meta testdata/list.json"),
    ("194912109958", false, true, "organisationsnummer/meta testdata/list.json"),
    ("197906889972", true, true, "organisationsnummer/meta testdata/list.json"),
    ("199502809990", true, true, "organisationsnummer/meta testdata/list.json"),
    ("196802709995", true, true, "organisationsnummer/meta testdata/list.json"),
    ("200304839996", true, true, "organisationsnummer/meta testdata/list.json"),
    ("197904739997", true, true, "organisationsnummer/meta testdata/list.json"),
    ("194511809891", true, true, "organisationsnummer/meta testdata/list.json"),
    ("198601769915", true, true, "organisationsnummer/meta testdata/list.json"),
    ("196102709976", true, true, "organisationsnummer/meta testdata/list.json"),
    ("195212779895", true, true, "organisationsnummer/meta testdata/list.json"),
];

#[test]
fn valid_in_every_form() {
    for &(digits, coordination, male, source) in VALID {
        let number: PersonalIdentityNumber = digits.parse().expect(source);
        assert_eq!(number.twelve_digits(), digits, "{source}");
        assert_eq!(
            number.is_coordination_number(),
            coordination,
            "{digits} {source}"
        );
        let gender = if male {
            LegalGender::Male
        } else {
            LegalGender::Female
        };
        assert_eq!(number.legal_gender(), Some(gender), "{digits} {source}");

        let (date, serial) = digits.split_at(8);
        let short_date = &date[2..];
        let year: i32 = digits[..4].parse().unwrap();
        let sign = if 2026 - year >= 100 { '+' } else { '-' };
        let forms = [
            format!("{date}{serial}"),
            format!("{date}-{serial}"),
            format!("{date}+{serial}"),
            format!("{short_date}{sign}{serial}"),
        ];
        for form in &forms {
            assert_eq!(
                PersonalIdentityNumber::parse_at(form, today()),
                Ok(number),
                "{form}"
            );
        }
        assert_eq!(number.to_string(), forms[1]);
        let short = number.format(NumberFormat::TenDigitsSeparated { today: today() });
        assert_eq!(short, forms[3]);
        // Without a separator the century is this one or the last.
        let bare = number.format(NumberFormat::TenDigits);
        let read = PersonalIdentityNumber::parse_at(&bare, today());
        assert_eq!(read == Ok(number), sign == '-', "{bare}");
    }
}

#[test]
fn invalid() {
    use ParseErrorKind::{
        CheckDigit, NoSuchDate, OrganisationNumber as Organisation, Separator, SerialNumber,
    };
    #[rustfmt::skip]
    let rows: &[(&str, ParseErrorKind, &str)] = &[
        ("201509160006", SerialNumber, "personnummer/meta list.json; RUSTSEC-2020-0166"),
        ("197004289895", CheckDigit, "personnummer/meta testdata/list.json"),
        ("194205669899", CheckDigit, "personnummer/meta testdata/list.json"),
        ("196004309886", CheckDigit, "personnummer/meta testdata/list.json"),
        ("197210869924", CheckDigit, "personnummer/meta testdata/list.json"),
        ("19090527 1474", Separator, "personnummer/meta testdata/list.json"),
        ("090527 1474", Separator, "personnummer/meta testdata/list.json"),
        ("198707049996", CheckDigit, "personnummer/meta list.json, earlier version"),
        ("193901829913", CheckDigit, "personnummer/meta list.json, earlier version"),
        ("201211209941", CheckDigit, "personnummer/meta list.json, earlier version"),
        ("201210759984", CheckDigit, "personnummer/meta list.json, earlier version"),
        // The published crate personnummer 3.1.1 takes this one, and refuses 701063-2391.
        ("800161-3294", CheckDigit, "found by running personnummer 3.1.1"),
        ("8572090606", Organisation, "personnummer/meta testdata/orgnumber.json"),
        ("802005-1952", Organisation, "personnummer/meta testdata/orgnumber.json"),
        ("8020057538", Organisation, "personnummer/meta testdata/orgnumber.json"),
        ("802406-2302", Organisation, "personnummer/meta testdata/orgnumber.json"),
        ("855104-0721", Organisation, "personnummer/meta testdata/orgnumber.json"),
        ("8020144120", Organisation, "personnummer/meta testdata/orgnumber.json"),
        ("165560160680", Organisation, "organisationsnummer/meta: prefix 16"),
        ("900230-0017", NoSuchDate, "30 February"),
        ("20230229-2398", NoSuchDate, "29 February of a year that has none"),
        ("900290-0014", NoSuchDate, "30 February of a coordination number"),
    ];
    for &(text, kind, source) in rows {
        let error = PersonalIdentityNumber::parse_at(text, today()).expect_err(source);
        assert_eq!(error.kind(), kind, "{text} {source}");
        assert_eq!(error.identifier(), Identifier::PersonalIdentityNumber);
    }
}

/// personnummer/meta `testdata/interim.json`: each letter with the serial rest 22 and the check
/// digit 0, and E as the letter that is none.
#[test]
fn interim_numbers() {
    let options = ParseOptions::new().today(today()).interim_numbers(true);
    for letter in "TRSUWXJKLMNP".chars() {
        for text in [
            format!("20000101{letter}220"),
            format!("20000101-{letter}220"),
            format!("000101{letter}220"),
            format!("000101-{letter}220"),
        ] {
            let number = PersonalIdentityNumber::parse_with(&text, options).expect(&text);
            assert_eq!(number.kind(), PersonalNumberKind::InterimNumber);
            assert_eq!(number.birth_date(), Date::new(2000, 1, 1).unwrap());
            assert_eq!(
                number.legal_gender(),
                None,
                "interim.json: neither man nor woman"
            );
            assert_eq!(number.to_string(), format!("20000101-{letter}220"));
            let error = PersonalIdentityNumber::parse_at(&text, today()).unwrap_err();
            assert_eq!(error.kind(), ParseErrorKind::InterimNumberNotAllowed);
            assert!(OrganisationNumber::try_from(number).is_err());
        }
    }
    let error = PersonalIdentityNumber::parse_with("20000101E221", options).unwrap_err();
    assert_eq!(
        (error.kind(), error.position()),
        (ParseErrorKind::Letter, Some(8))
    );
    // An interim number stands for a personnummer to come: there is none with 60 on the day.
    for check in 0..10 {
        let text = format!("20000161T22{check}");
        let error = PersonalIdentityNumber::parse_with(&text, options).unwrap_err();
        assert_eq!(error.kind(), ParseErrorKind::NoSuchDate, "{text}");
    }
    // The letter counts as 1.
    let error = PersonalIdentityNumber::parse_with("20000101T221", options).unwrap_err();
    assert_eq!(
        (error.kind(), error.position()),
        (ParseErrorKind::CheckDigit, Some(11))
    );
}

#[test]
fn the_century_of_ten_digits() {
    let born = |text: &str, year: i32, month: u8, day: u8| {
        let today = Date::new(year, month, day).unwrap();
        PersonalIdentityNumber::parse_at(text, today).map(|number| number.birth_date().year())
    };
    // Without a plus: the latest year that is not after this one.
    assert_eq!(born("121212-1212", 2026, 11, 20), Ok(2012));
    assert_eq!(born("1212121212", 2026, 11, 20), Ok(2012));
    assert_eq!(born("121212-1212", 2011, 12, 31), Ok(1912));
    // With a plus: a hundred years or more ago, counted in calendar years.
    assert_eq!(born("121212+1212", 2026, 11, 20), Ok(1912));
    assert_eq!(born("121212+1212", 2012, 1, 1), Ok(1912));
    assert_eq!(born("121212+1212", 2011, 12, 31), Ok(1812));
    // In the year itself, before the day: not born yet.
    let error = born("121212-1212", 2012, 12, 11).unwrap_err();
    assert_eq!(error.kind(), ParseErrorKind::FutureBirthDate);
    assert_eq!(born("121212-1212", 2012, 12, 12), Ok(2012));
    // 2000 had a 29 February, 1900 had none.
    assert_eq!(born("000229-2399", 2026, 11, 20), Ok(2000));
    let error = born("000229+2399", 2026, 11, 20).unwrap_err();
    assert_eq!(error.kind(), ParseErrorKind::NoSuchDate);
    // Outside of all centuries with such numbers.
    assert_eq!(
        born("121212+1212", 1850, 1, 1).unwrap_err().kind(),
        ParseErrorKind::Century
    );
    assert_eq!(
        born("121212-1212", 250_000, 1, 1).unwrap_err().kind(),
        ParseErrorKind::Century
    );
}

#[test]
fn the_plus_on_output_comes_with_the_year() {
    let number: PersonalIdentityNumber = "191212121212".parse().unwrap();
    let on = |year, month, day| {
        let today = Date::new(year, month, day).unwrap();
        number.format(NumberFormat::TenDigitsSeparated { today })
    };
    assert_eq!(on(2011, 12, 31), "121212-1212");
    assert_eq!(on(2012, 1, 1), "121212+1212");
}
