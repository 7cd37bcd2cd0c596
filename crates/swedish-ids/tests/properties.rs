//! What must hold of every number, not only of the published ones.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, which may panic"
)]

use std::fmt::Display;
use std::str::FromStr;

use proptest::prelude::*;
use swedish_ids::{
    AccountCheck, AccountType, BankAccount, Bankgiro, ClearingNumber, Date, Listing, NonDigits,
    NumberFormat, OcrAgreement, OcrLayout, OcrReference, OrganisationNumber, ParseError,
    ParseErrorKind, ParseOptions, PersonalIdentityNumber, Plusgiro, TaxColumn, TaxTable, VatNumber,
    clearing_ranges,
};

fn today() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

/// The Luhn sum the long way: from the left, with a cast-out nine in the place of a digit sum.
fn luhn_sum(digits: &str) -> u32 {
    let length = digits.len();
    digits
        .chars()
        .enumerate()
        .map(|(index, digit)| {
            let digit = digit.to_digit(10).unwrap();
            match (length - index) % 2 {
                0 if digit > 4 => 2 * digit - 9,
                0 => 2 * digit,
                _ => digit,
            }
        })
        .sum()
}

fn with_check_digit(body: &str) -> String {
    let digit = (0..10)
        .map(|digit| format!("{body}{digit}"))
        .find(|text| luhn_sum(text).is_multiple_of(10));
    digit.expect("one of ten digits always fits")
}

/// A valid number of twelve digits, with a birth date from 1800 until `today`.
fn personal_digits() -> impl Strategy<Value = String> {
    (0..82_000_i32, 1..=999_u32, any::<bool>()).prop_map(|(days_ago, serial, coordination)| {
        let born = today().plus_days(-days_ago).unwrap();
        let day = born.day() + if coordination { 60 } else { 0 };
        let ten = with_check_digit(&format!(
            "{:02}{:02}{day:02}{serial:03}",
            born.year() % 100,
            born.month()
        ));
        format!("{:02}{ten}", born.year() / 100)
    })
}

/// A valid number of ten digits of an organisation.
fn organisation_digits() -> impl Strategy<Value = String> {
    (0..=99_u32, 20..=99_u32, 0..=99_999_u32).prop_map(|(start, group, rest)| {
        with_check_digit(&format!("{start:02}{group:02}{rest:05}"))
    })
}

fn luhn_digits(body_lengths: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(0..10_u8, body_lengths).prop_map(|digits| {
        let body: String = digits
            .into_iter()
            .map(|digit| char::from(b'0' + digit))
            .collect();
        with_check_digit(&body)
    })
}

/// As `luhn_digits`, but 0 is not the first.
fn giro_digits(body_lengths: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
    luhn_digits(body_lengths).prop_filter("no leading zero", |digits| !digits.starts_with('0'))
}

/// A valid account: clearing number and account number with all its zeros.
fn account_parts() -> impl Strategy<Value = (String, String, AccountType, usize)> {
    let ranges: Vec<_> = clearing_ranges()
        .iter()
        .filter(|range| range.account_type.is_some() && range.listing == Listing::Current)
        .collect();
    (
        prop::sample::select(ranges),
        any::<u16>(),
        0..10_000_000_000_u64,
    )
        .prop_filter_map(
            "one in eleven has no check digit",
            |(range, pick, digits)| {
                let clearing = range.first + pick % (range.last - range.first + 1);
                let account_type = range.account_type?;
                let length = account_type.full_length();
                let body = format!("{digits:010}")[11 - length..].to_owned();
                (0..10)
                    .map(|check| format!("{body}{check}"))
                    .find(|account| fits(account_type, clearing, account))
                    .map(|account| (clearing.to_string(), account, account_type, range.shortest))
            },
        )
}

/// Bankgirot's rules once more, from the left.
fn fits(account_type: AccountType, clearing: u16, account: &str) -> bool {
    let over = match account_type {
        AccountType::Type1Comment1 => format!("{:03}{account}", clearing % 1000),
        AccountType::Type1Comment2 => format!("{clearing}{account}"),
        AccountType::Type2Comment2 => account.to_owned(),
        _ => return luhn_sum(account).is_multiple_of(10),
    };
    let weights = [1, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let weights = &weights[weights.len() - over.len()..];
    let sum: u32 = over
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .sum();
    sum.is_multiple_of(11)
}

/// Every change of one digit (at a byte of the text, which is ASCII).
fn one_digit_changes(text: &str, covered: impl Fn(usize) -> bool) -> Vec<String> {
    let digits = (0..text.len()).filter(|at| text.as_bytes()[*at].is_ascii_digit() && covered(*at));
    digits
        .flat_map(|at| {
            (0..10_u8)
                .map(move |digit| (at, char::from(b'0' + digit)))
                .filter_map(|(at, digit)| {
                    let changed = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
                    (changed != text).then_some(changed)
                })
        })
        .collect()
}

/// Every exchange of two neighbours of different value; `blind` to those that Luhn cannot see.
fn transpositions(text: &str, covered: impl Fn(usize) -> bool, luhn: bool) -> Vec<String> {
    (1..text.len())
        .filter(|at| covered(at - 1) && covered(*at))
        .filter_map(|at| {
            let (a, b) = (text.as_bytes()[at - 1], text.as_bytes()[at]);
            let invisible = luhn && matches!((a, b), (b'0', b'9') | (b'9', b'0'));
            if a == b || invisible || !a.is_ascii_digit() || !b.is_ascii_digit() {
                return None;
            }
            let (a, b) = (char::from(a), char::from(b));
            Some(format!("{}{b}{a}{}", &text[..at - 1], &text[at + 1..]))
        })
        .collect()
}

/// Reads back what it writes, in `Display` form and in the bare digits given.
fn round_trip<T>(digits: &str) -> T
where
    T: FromStr<Err = ParseError> + Display + PartialEq + std::fmt::Debug,
{
    let value: T = digits
        .parse()
        .unwrap_or_else(|error| panic!("{digits}: {error}"));
    assert_eq!(value.to_string().parse::<T>().as_ref(), Ok(&value));
    value
}

fn assert_all_refused<T: FromStr<Err = ParseError>>(texts: &[String]) {
    for text in texts {
        assert!(text.parse::<T>().is_err(), "{text} was accepted");
    }
}

proptest! {
    #[test]
    fn a_person_is_the_same_in_every_form(digits in personal_digits()) {
        let number = round_trip::<PersonalIdentityNumber>(&digits);
        prop_assert_eq!(number.twelve_digits(), &digits);
        let today = today();
        for format in [
            NumberFormat::TwelveDigits,
            NumberFormat::TwelveDigitsSeparated,
            NumberFormat::TenDigits,
            NumberFormat::TenDigitsSeparated { today },
        ] {
            let text = number.format(format);
            // Ten digits without a separator say the century only of those below 100 years, and
            // with a plus of those below 200.
            let age = today.year() - number.birth_date().year();
            let says_century = match format {
                NumberFormat::TenDigits => age < 100,
                NumberFormat::TenDigitsSeparated { .. } => age < 200,
                _ => true,
            };
            // A newborn of later this year does not exist: such a short number is refused.
            let read = PersonalIdentityNumber::parse_at(&text, today);
            prop_assert_eq!(read == Ok(number), says_century, "{}", text);
            if text.len() > 11 {
                prop_assert_eq!(text.parse(), Ok(number));
            }
            for hyphen in ["\u{2011}", "\u{2013}", "\u{2212}"] {
                let text = format!("\u{a0}{}\u{2009}", text.replace('-', hyphen));
                let pasted = PersonalIdentityNumber::parse_at(&text, today);
                prop_assert_eq!(
                    pasted.map_err(|error| error.kind()),
                    read.map_err(|error| error.kind())
                );
            }
        }
        let sole_trader = round_trip::<OrganisationNumber>(&digits);
        prop_assert_eq!(OrganisationNumber::try_from(number), Ok(sole_trader));
        prop_assert!(sole_trader.is_personal());
        prop_assert_eq!(sole_trader.digits(), number.ten_digits());
        prop_assert_eq!(number.ten_digits().parse(), Ok(sole_trader));
    }

    #[test]
    fn a_slip_in_a_personal_number_is_seen(digits in personal_digits()) {
        // The century is not under the check digit.
        assert_all_refused::<PersonalIdentityNumber>(&one_digit_changes(&digits, |at| at >= 2));
        assert_all_refused::<PersonalIdentityNumber>(&transpositions(&digits, |at| at >= 2, true));
        let options = ParseOptions::new().today(today());
        let short = &digits[2..];
        for text in one_digit_changes(short, |_| true)
            .into_iter()
            .chain(transpositions(short, |_| true, true))
        {
            prop_assert!(PersonalIdentityNumber::parse_with(&text, options).is_err());
            prop_assert!(text.parse::<OrganisationNumber>().is_err());
        }
    }

    #[test]
    fn an_organisation_is_the_same_in_every_form(digits in organisation_digits()) {
        let number = round_trip::<OrganisationNumber>(&digits);
        prop_assert_eq!(number.digits(), &digits);
        prop_assert!(!number.is_personal());
        let (start, end) = digits.split_at(6);
        for text in [format!("{start}-{end}"), format!("16{digits}"), format!("16{start}-{end}")] {
            prop_assert_eq!(text.parse(), Ok(number));
            let person = PersonalIdentityNumber::parse_at(&text, today()).unwrap_err();
            prop_assert_eq!(person.kind(), ParseErrorKind::OrganisationNumber);
        }
        let vat = round_trip::<VatNumber>(&format!("SE{digits}01"));
        prop_assert_eq!(VatNumber::from(number), vat);
        prop_assert_eq!(vat.organisation_number(), number);
        assert_all_refused::<OrganisationNumber>(&one_digit_changes(&digits, |_| true));
        assert_all_refused::<OrganisationNumber>(&transpositions(&digits, |_| true, true));
        let vat = vat.to_string();
        let covered = |at| (2..12).contains(&at);
        assert_all_refused::<VatNumber>(&one_digit_changes(&vat, covered));
        assert_all_refused::<VatNumber>(&transpositions(&vat, covered, true));
    }

    #[test]
    fn giro_numbers(bankgiro in giro_digits(6..=7), plusgiro in giro_digits(1..=7)) {
        let number = round_trip::<Bankgiro>(&bankgiro);
        prop_assert_eq!(number.digits(), &bankgiro);
        assert_all_refused::<Bankgiro>(&one_digit_changes(&bankgiro, |_| true));
        assert_all_refused::<Bankgiro>(&transpositions(&bankgiro, |_| true, true));

        let number = round_trip::<Plusgiro>(&plusgiro);
        prop_assert_eq!(number.digits(), &plusgiro);
        assert_all_refused::<Plusgiro>(&one_digit_changes(&plusgiro, |_| true));
        assert_all_refused::<Plusgiro>(&transpositions(&plusgiro, |_| true, true));
    }

    #[test]
    fn ocr_references(digits in luhn_digits(1..=24), invoice in "[0-9]{1,23}", fill in 0..=25_usize) {
        let reference = round_trip::<OcrReference>(&digits);
        prop_assert_eq!(reference.digits(), &digits);
        assert_all_refused::<OcrReference>(&one_digit_changes(&digits, |_| true));
        assert_all_refused::<OcrReference>(&transpositions(&digits, |_| true, true));

        for layout in [OcrLayout::new(), OcrLayout::with_length_digit()] {
            let layout = layout.filled_to(fill);
            let built =
                OcrReference::from_invoice_number(&invoice, NonDigits::Refuse, layout).unwrap();
            prop_assert!(built.digits().len() >= fill);
            let number = built.number(layout).unwrap();
            prop_assert!(number.ends_with(&invoice));
            prop_assert!(number[..number.len() - invoice.len()].chars().all(|zero| zero == '0'));
            prop_assert_eq!(built.digits().parse(), Ok(built));
        }
        let built = OcrReference::from_invoice_number(
            &invoice, NonDigits::Refuse, OcrLayout::with_length_digit(),
        ).unwrap();
        prop_assert!(OcrAgreement::CheckAndLengthDigit.check(built.digits()).is_ok());
        // Letters between the digits, dropped.
        let lettered: String = invoice.chars().flat_map(|digit| [digit, 'X', '-']).collect();
        let dropped = OcrReference::from_invoice_number(
            &lettered, NonDigits::Drop, OcrLayout::with_length_digit(),
        );
        prop_assert_eq!(dropped, Ok(built));
    }

    #[test]
    fn bank_accounts((clearing, account, account_type, shortest) in account_parts()) {
        let check = BankAccount::check_parts(&clearing, &account);
        let AccountCheck::Valid(read) = check else {
            return Err(TestCaseError::fail(format!("{clearing}-{account}: {check:?}")));
        };
        prop_assert_eq!(read.account_type(), Some(account_type));
        prop_assert_eq!(read.to_string(), format!("{clearing}-{account}"));
        let normalised = round_trip::<BankAccount>(&read.to_string());
        prop_assert_eq!(normalised, read);
        prop_assert_eq!(read.with_clearing_check_digit().parse(), Ok(read));

        // With the zeros left out, as far as the bank does.
        let short = account.trim_start_matches('0');
        let short = if short.len() < shortest { &account[account.len() - shortest..] } else { short };
        let shown = read.clearing_number().with_check_digit();
        for text in [
            format!("{clearing}{account}"),
            format!("{clearing}{short}"),
            format!("{clearing} {short}"),
            format!("{clearing}, {short}"),
            format!("{shown}, {short}"),
            format!("{shown} {account}"),
            format!("{}{short}", shown.replace('-', "")),
        ] {
            prop_assert_eq!(BankAccount::check(&text), check, "{}", text);
        }
        prop_assert_eq!(BankAccount::check_parts(&shown, short), check);

        let luhn =
            matches!(account_type, AccountType::Type2Comment1 | AccountType::Type2Comment3);
        for slip in one_digit_changes(&account, |_| true)
            .into_iter()
            .chain(transpositions(&account, |_| true, luhn))
        {
            let check = BankAccount::check_parts(&clearing, &slip);
            prop_assert!(matches!(check, AccountCheck::Invalid(_)), "{} {}", clearing, slip);
        }
        if let Some(digit) = read.clearing_number().check_digit() {
            let wrong = format!("{clearing}-{}", (digit + 1) % 10);
            prop_assert!(wrong.parse::<ClearingNumber>().is_err());
        }
    }

    /// Where the published crate is right (twelve digits, nobody of a coordination number), both
    /// say the same.
    #[test]
    fn as_the_published_crate(
        year in 1800..2026_i32, month in 0..14_u8, day in 0..33_u8, serial in 1..=999_u32, check in 0..10_u8,
    ) {
        let text = format!("{year}{month:02}{day:02}-{serial:03}{check}");
        let theirs = personnummer::Personnummer::parse(&text).is_ok_and(|number| number.valid());
        prop_assert_eq!(text.parse::<PersonalIdentityNumber>().is_ok(), theirs, "{}", text);
    }
}

/// Text that gets far into the readers: digits and what stands between them, with accidents.
fn almost_a_number() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => "[0-9]{1,6}",
        4 => "[-+ ,]",
        1 => Just("SE".to_owned()),
        1 => Just("16".to_owned()),
        1 => "[TRSUWXJKLMNP]",
        2 => "[\u{a0}\u{2009}\u{2010}-\u{2015}\u{2212}\u{feff}\u{ff10}-\u{ff19}åÅ²½]",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn no_reader_panics(text: &str) {
    fn read<T: FromStr<Err = ParseError> + Display + std::fmt::Debug>(text: &str) {
        match text.parse::<T>() {
            Ok(value) => {
                let _ = format!("{value} {value:?}");
            }
            Err(error) => check_error(error, text),
        }
    }
    fn check_error(error: ParseError, text: &str) {
        if let Some(position) = error.position() {
            assert!(
                position < text.chars().count().max(1),
                "{error} in {text:?}"
            );
        }
        assert!(!error.to_string().is_empty());
    }
    read::<PersonalIdentityNumber>(text);
    read::<OrganisationNumber>(text);
    read::<VatNumber>(text);
    read::<Bankgiro>(text);
    read::<Plusgiro>(text);
    read::<OcrReference>(text);
    read::<ClearingNumber>(text);
    read::<BankAccount>(text);
    read::<TaxTable>(text);
    read::<TaxColumn>(text);
    read::<Date>(text);
    for options in [
        ParseOptions::new().today(today()).interim_numbers(true),
        ParseOptions::new()
            .today(today())
            .coordination_numbers(false),
        ParseOptions::new().today(Date::MIN),
        ParseOptions::new().today(Date::MAX),
    ] {
        match PersonalIdentityNumber::parse_with(text, options) {
            Ok(number) => {
                for today in [Date::MIN, today(), Date::MAX] {
                    let _ = number.format(NumberFormat::TenDigitsSeparated { today });
                }
                let _ = (number.birth_date(), number.legal_gender(), number.kind());
            }
            Err(error) => check_error(error, text),
        }
    }
    if let Ok(number) = text.parse::<OrganisationNumber>() {
        let _ = (
            number.group(),
            number.twelve_digits(),
            number.personal_identity_number(today()),
        );
    }
    for layout in [
        OcrLayout::new(),
        OcrLayout::with_length_digit().filled_to(usize::MAX),
    ] {
        for choice in [
            NonDigits::Refuse,
            NonDigits::Drop,
            NonDigits::KeepLastDigits,
        ] {
            if let Err(error) = OcrReference::from_invoice_number(text, choice, layout) {
                check_error(error, text);
            }
        }
    }
    let _ = OcrAgreement::Soft.check(text);
    for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
        let (clearing, account) = text.split_at(cut);
        let _ = BankAccount::check_parts(clearing, account);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>()) {
        no_reader_panics(&text);
    }

    #[test]
    fn no_near_miss_makes_a_reader_panic(text in almost_a_number()) {
        no_reader_panics(&text);
    }

    /// An error that is logged must not repeat what was read.
    #[test]
    fn errors_do_not_repeat_digits(digits in personal_digits(), at in 2..12_usize, digit in 0..10_u8) {
        let wrong = format!("{}{digit}{}", &digits[..at], &digits[at + 1..]);
        if let Err(error) = wrong.parse::<PersonalIdentityNumber>() {
            let shown = format!("{error} {error:?}");
            for window in wrong.as_bytes().windows(4) {
                let window = std::str::from_utf8(window).unwrap();
                prop_assert!(!shown.contains(window), "{}", shown);
            }
        }
    }
}
