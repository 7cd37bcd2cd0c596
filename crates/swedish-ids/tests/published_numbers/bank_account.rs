//! Bank accounts and clearing numbers.

use swedish_ids::{
    AccountCheck, AccountType, BankAccount, CannotBeChecked, ClearingNumber, Identifier,
    ParseErrorKind,
};

#[derive(Debug, PartialEq)]
enum Answer {
    Valid,
    Unchecked(CannotBeChecked),
    Wrong(Identifier, ParseErrorKind),
}
use Answer::{Unchecked, Valid, Wrong};

fn answer(check: AccountCheck) -> Answer {
    match check {
        AccountCheck::Valid(_) => Valid,
        AccountCheck::CannotBeChecked(_, why) => Unchecked(why),
        AccountCheck::Invalid(error) => Wrong(error.identifier(), error.kind()),
        other => panic!("{other:?}"),
    }
}

/// brocc-ab/se-bank-account-js, `test/account.test.js` (November 2023).
#[test]
fn se_bank_account() {
    let valid = "9660-1000010 9550-0100000 9580-1000100 9680-0000000 9470-1000010 9040-1000100 \
                 1200-0000010 9190-1000100 9700-1000010 9590-0000100 9270-0010000 9170-0001000 \
                 9670-0000000 9780-0000100 9390-0000001 9710-0000000 9630-0000001 3400-0001000 \
                 9020-0100000 9230-1000001 9070-0000100 9640-0010000 1100-0000001 1400-0001000 \
                 3000-1001000 3410-0100000 4000-1000000 9100-0000100 9750-1000001 9280-1000000 \
                 9880-0001000 9460-0010000 9250-0000001 5000-1001000 9120-0010000 9130-1000000 \
                 9150-0000010 7000-1001000 2300-0000001 9180-1000000008 6000-100000010 \
                 9500-1000000008 3300-7505092556 3782-7505092556 9890-1000000008 \
                 9570-1000000008 9300-1000000008";
    for text in valid.split_whitespace() {
        let check = BankAccount::check(text);
        assert_eq!(answer(check), Valid, "{text}");
        let (clearing, account) = text.split_once('-').unwrap();
        assert_eq!(BankAccount::check_parts(clearing, account), check, "{text}");
        assert_eq!(BankAccount::check(&text.replace('-', "")), check, "{text}");
        let normalised = check.account().unwrap().to_string();
        assert_eq!(normalised, format!("{}-{account}", &clearing[..4]));
    }
    // The project does not check Swedbank's fifth digit, and its sample has a wrong one: by the
    // rule of kontonummer and BankData, and by the sample 8000-2 of banktools, it is a 2. The
    // account number itself is right.
    assert_eq!(
        answer(BankAccount::check("80001-1000000008")),
        Wrong(
            Identifier::ClearingNumber,
            ParseErrorKind::ClearingCheckDigit
        )
    );
    assert!(BankAccount::check("8000-1000000008").is_valid());
    assert!(BankAccount::check("80002-1000000008").is_valid());
    // Banks whose clearing numbers have left Bankgirot's list since.
    for text in ["9400-0001000", "9650-1000000"] {
        let check = BankAccount::check(text);
        assert_eq!(
            answer(check),
            Unchecked(CannotBeChecked::ClearingNumberWithdrawn)
        );
    }
    // Bankgirot's own number is in no list of banks.
    assert!(matches!(
        BankAccount::check("9900-2000008"),
        AccountCheck::CannotBeChecked(_, CannotBeChecked::UnknownClearingNumber { .. })
    ));
    assert_eq!(
        answer(BankAccount::check("0000-0000000")),
        Wrong(
            Identifier::ClearingNumber,
            ParseErrorKind::OutOfRange {
                lowest: 1000,
                highest: 9999
            }
        )
    );
}

/// swantzter/kontonummer, `test/index.test.ts`, and its deep dive.
#[test]
fn kontonummer() {
    #[rustfmt::skip]
    let rows = [
        ("9071, 417 23 83", "Multitude Bank", "9071-4172383"),
        ("6789123456789", "Handelsbanken", "6789-123456789"),
        ("8424-4,983 189 224-6", "Swedbank", "8424-9831892246"),
        ("8351-9,392 242 224-5", "Swedbank", "8351-3922422245"),
        ("8129-9,043 386 711-6", "Swedbank", "8129-0433867116"),
        ("3300 000620-5124", "Nordea", "3300-0006205124"),
        ("97891111113", "Klarna Bank", "9789-1111113"),
    ];
    for (text, bank, normalised) in rows {
        let check = BankAccount::check(text);
        assert!(check.is_valid(), "{text}");
        let account = check.account().unwrap();
        assert_eq!(account.bank(), Some(bank));
        assert_eq!(account.to_string(), normalised);
    }
    let account = Identifier::BankAccount;
    let clearing = Identifier::ClearingNumber;
    #[rustfmt::skip]
    let rows = [
        ("6789123456788", Wrong(account, ParseErrorKind::CheckDigit)),
        ("8424-1,983 189 224-6", Wrong(clearing, ParseErrorKind::ClearingCheckDigit)),
        (
            "123456789",
            Wrong(
                account,
                ParseErrorKind::Length {
                    found: 5,
                    expected: "7 in the account number",
                },
            ),
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(answer(BankAccount::check(text)), expected, "{text}");
    }
}

/// Bankinfrastruktur/BankData, `NET/Bankinfrastruktur.Tests/AccountTests.cs`.
#[test]
#[expect(clippy::too_many_lines, reason = "one row of the table each")]
fn bankdata() {
    let length = |found, expected| {
        Wrong(
            Identifier::BankAccount,
            ParseErrorKind::Length { found, expected },
        )
    };
    let check_digit = || Wrong(Identifier::BankAccount, ParseErrorKind::CheckDigit);
    let unknown = |fits_type_1| Unchecked(CannotBeChecked::UnknownClearingNumber { fits_type_1 });
    #[rustfmt::skip]
    let rows = [
        ("1274", "0235 305", Valid, "1274-0235305"),
        ("3300", "101010-1010", Valid, "3300-1010101010"),
        ("6114", "5171 82351", Valid, "6114-517182351"),
        ("81034", "978 3242", Valid, "8103-0009783242"),
        ("8327-9", "014 725 892-5", Valid, "8327-0147258925"),
        ("9022", "11 14884", Valid, "9022-1114884"),
        ("9570", "12344", Valid, "9570-0000012344"),
        ("9570", "525 004 176 0", Valid, "9570-5250041760"),
        ("5140", "0010004", Valid, "5140-0010004"),
        ("3782", "101010-1010", Valid, "3782-1010101010"),
        ("9180", "1111111116", Valid, "9180-1111111116"),
        ("9190", "6543218", Valid, "9190-6543218"),
        ("9500", "1111111116", Valid, "9500-1111111116"),
        ("9960", "1111111116", Valid, "9960-1111111116"),
        ("1294", "01 45237", Valid, "1294-0145237"),
        ("3473", "17 01473", Valid, "3473-1701473"),
        ("5491", "000 0003", Valid, "5491-0000003"),
        ("5839", "8257466", Valid, "5839-8257466"),
        ("9040", "1106944", Valid, "9040-1106944"),
        // A bank that nobody knows: one of the rules of type 1 is met, or none.
        ("9999", "0123454", unknown(true), "9999-0123454"),
        ("9999", "0123456", unknown(true), "9999-0123456"),
        ("9999", "1234567", unknown(false), "9999-1234567"),
        ("9999", "18", length(2, "5 to 10 in the account number"), ""),
        ("5140", "10004", length(5, "7 in the account number"), ""),
        ("9272", "18297523", length(8, "7 in the account number"), ""),
        ("9272", "182975", length(6, "7 in the account number"), ""),
        ("9272", "1829751", check_digit(), ""),
        ("3300", "12344", length(5, "10 in the account number"), ""),
        ("1234", "56789", length(5, "7 in the account number"), ""),
        ("1234", "3456789", check_digit(), ""),
        ("6789", "123456788", check_digit(), ""),
        // The fifth digit is 1 here: found wrong before the account number is looked at.
        (
            "8424-1",
            "014 725 892-6",
            Wrong(
                Identifier::ClearingNumber,
                ParseErrorKind::ClearingCheckDigit,
            ),
            "",
        ),
        (
            "83270",
            "123456782",
            Wrong(
                Identifier::ClearingNumber,
                ParseErrorKind::ClearingCheckDigit,
            ),
            "",
        ),
        (
            "64040",
            "123456782",
            Wrong(
                Identifier::ClearingNumber,
                ParseErrorKind::Length {
                    found: 5,
                    expected: "4, or 5 at Swedbank,",
                },
            ),
            "",
        ),
        (
            "0000",
            "123456788",
            Wrong(
                Identifier::ClearingNumber,
                ParseErrorKind::OutOfRange {
                    lowest: 1000,
                    highest: 9999,
                },
            ),
            "",
        ),
    ];
    for (clearing, account, expected, normalised) in rows {
        let check = BankAccount::check_parts(clearing, account);
        assert_eq!(answer(check), expected, "{clearing} {account}");
        if let Some(account) = check.account() {
            assert_eq!(account.to_string(), normalised);
            assert_eq!(normalised.parse().as_ref(), Ok(account), "{normalised}");
        }
        let together = BankAccount::check(&format!("{clearing}, {account}"));
        assert_eq!(answer(together), expected, "{clearing}, {account}");
    }
    // That project wants the fifth digit; payments drop it, so that four must do here.
    assert!(BankAccount::check_parts("8327", "123456782").is_valid());
    // The account digit after it is wrong, whatever the clearing digit says.
    assert_eq!(
        answer(BankAccount::check("8424-4 014 725 892-6")),
        check_digit()
    );
    assert_eq!(
        answer(BankAccount::check("8327-9 014 725 892-6")),
        check_digit()
    );
}

/// The same file: which bank.
#[test]
fn bank_names() {
    #[rustfmt::skip]
    let rows = [
        ("3300", Some("Nordea")),
        ("4001", Some("Nordea")),
        ("5839", Some("SEB")),
        ("6501", Some("Handelsbanken")),
        ("7104", Some("Swedbank")),
        ("8129-9", Some("Swedbank")),
        ("8129", Some("Swedbank")),
        ("9272", Some("ICA Banken")),
        ("9420", Some("Forex Bank")),
        ("9570", Some("Sparbanken Syd")),
        ("9789", Some("Klarna Bank")),
        ("9999", None),
    ];
    for (clearing, bank) in rows {
        assert_eq!(
            clearing.parse::<ClearingNumber>().unwrap().bank(),
            bank,
            "{clearing}"
        );
    }
}

/// barsoom/banktools-se `account_spec.rb`, where zeros are all that matters for length.
#[test]
fn banktools() {
    assert!(BankAccount::check("3300-800928-6249").is_valid());
    assert!(BankAccount::check("3782-800928-6249").is_valid());
    assert!(BankAccount::check("9500-00").is_valid());
    assert!(BankAccount::check("9960-00").is_valid());
    let account: BankAccount = "8000-2-80000003".parse().unwrap();
    assert_eq!(account.to_string(), "8000-0080000003");
    assert_eq!(account.with_clearing_check_digit(), "8000-2 0080000003");
    let no_rule = BankAccount::check("1000-0000009");
    assert_eq!(answer(no_rule), Unchecked(CannotBeChecked::NoRulePublished));
}

/// The ranges of Bankgirot's manual and of Bankinfrastruktur/BankData, written down a second time,
/// by rule.
#[test]
fn every_clearing_number_has_its_rule() {
    use AccountType::{Type1Comment1, Type1Comment2, Type2Comment1, Type2Comment2, Type2Comment3};
    let rules = [
        (
            Type1Comment1,
            "1100-1399 1400-2099 2400-2499 3000-3299 3301-3781 3783-3999 5000-5999 7000-7999 \
             9060-9079 9120-9124 9130-9149 9170-9179 9230-9239 9250-9259 9270-9289 9400-9449 \
             9460-9469 9580-9589 9630-9639 9680-9689",
        ),
        (
            Type1Comment2,
            "2300-2399 4000-4999 9020-9029 9040-9049 9100-9109 9150-9169 9190-9199 9260-9269 \
             9390-9399 9470-9479 9550-9569 9590-9599 9640-9679 9700-9719 9750-9759 9780-9789 \
             9880-9889",
        ),
        (
            Type2Comment1,
            "3300-3300 3782-3782 9180-9189 9300-9349 9570-9579 9890-9899",
        ),
        (Type2Comment2, "6000-6999"),
        (Type2Comment3, "8000-8999 9500-9549 9960-9969"),
    ];
    for number in 1000..=9999_u16 {
        let expected = rules.iter().find_map(|(rule, ranges)| {
            let found = ranges.split(' ').any(|range| {
                let (first, last) = range.split_once('-').unwrap();
                (first.parse().unwrap()..=last.parse().unwrap()).contains(&number)
            });
            found.then_some(*rule)
        });
        let clearing: ClearingNumber = number.to_string().parse().unwrap();
        let rule = clearing.range().and_then(|range| range.account_type);
        assert_eq!(rule, expected, "{number}");
    }
}

/// How short an account number can be written, of each kind of bank.
#[test]
fn shortest_and_longest() {
    let rows = [
        ("1100", 7, 7),
        ("4000", 7, 7),
        ("3300", 10, 10),
        ("3782", 10, 10),
        ("6000", 7, 9),
        ("8000", 7, 10),
        ("9180", 7, 10),
        ("9300", 7, 10),
        ("9500", 2, 10),
        ("9960", 2, 10),
        ("9570", 5, 10),
        ("9890", 10, 10),
        ("9999", 5, 10),
    ];
    for (clearing, shortest, longest) in rows {
        for length in 1..=15 {
            // Whatever the check digit says: only of the length.
            let account = "0".repeat(length);
            let check = BankAccount::check_parts(clearing, &account);
            let wrong_length = matches!(
                check,
                AccountCheck::Invalid(error)
                    if matches!(error.kind(), ParseErrorKind::Length { .. })
            );
            assert_eq!(
                wrong_length,
                !(shortest..=longest).contains(&length),
                "{clearing} {length}"
            );
        }
    }
}

/// The account number begins with the digit that Swedbank would show as the fifth: only the check
/// digits say which of the two it is.
#[test]
fn a_first_digit_like_the_fifth_clearing_digit() {
    for text in [
        "83279000000001",
        "8327-9000000001",
        "8327 900 000 000-1",
        "8327-9 9000000001",
    ] {
        let check = BankAccount::check(text);
        assert!(check.is_valid(), "{text}");
        assert_eq!(
            check.account().unwrap().to_string(),
            "8327-9000000001",
            "{text}"
        );
    }
    // A 0 is the same account either way.
    for text in [
        "80010147258925",
        "8001-0147258925",
        "8001-0 147258925",
        "800100147258925",
    ] {
        let clearing: ClearingNumber = "8001".parse().unwrap();
        assert_eq!(clearing.check_digit(), Some(0), "the premise of this test");
        let check = BankAccount::check(text);
        assert_eq!(
            check.account().unwrap().to_string(),
            "8001-0147258925",
            "{text}"
        );
    }
}
