//! Bankgiro and plusgiro.

use swedish_ids::{Bankgiro, ParseErrorKind, Plusgiro};

#[test]
fn bankgiro() {
    #[rustfmt::skip]
    let rows = [
        ("5402-9681", "barsoom/banktools-se bankgiro_spec.rb"),
        ("297-3675", "barsoom/banktools-se bankgiro_spec.rb"),
        ("640-5070", "barsoom/banktools-se bankgiro_spec.rb"),
        ("902-0033", "barsoom/banktools-se bankgiro_spec.rb"),
        ("160-9908", "Bankgirot's own"),
    ];
    for (text, source) in rows {
        let number: Bankgiro = text.parse().expect(source);
        assert_eq!(number.to_string(), text);
        assert_eq!(number.digits(), text.replace('-', ""));
        for form in [
            text.replace('-', ""),
            text.replace('-', " "),
            text.replace('-', " – "),
        ] {
            assert_eq!(form.parse(), Ok(number), "{form}");
        }
        assert_eq!(
            number.is_fundraising_account(),
            text.starts_with("90"),
            "{source}"
        );
    }
    #[rustfmt::skip]
    let rows = [
        ("5402-9682", ParseErrorKind::CheckDigit, Some(8)),
        ("902-0034", ParseErrorKind::CheckDigit, Some(7)),
        ("54-0296", ParseErrorKind::Length { found: 6, expected: "7 or 8" }, None),
        ("5402-96810", ParseErrorKind::Length { found: 9, expected: "7 or 8" }, None),
        ("5402-9681X", ParseErrorKind::Letter, Some(9)),
        ("540-29681", ParseErrorKind::Separator, Some(3)),
        ("5402--9681", ParseErrorKind::Separator, Some(5)),
        ("02973675", ParseErrorKind::LeadingZero, Some(0)),
    ];
    for (text, kind, position) in rows {
        let error = text.parse::<Bankgiro>().unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    }
}

#[test]
fn plusgiro() {
    #[rustfmt::skip]
    let rows = [
        ("28 65 43-4", "barsoom/banktools-se plusgiro_spec.rb"),
        ("410 54 68-5", "barsoom/banktools-se plusgiro_spec.rb"),
        ("4-2", "barsoom/banktools-se plusgiro_spec.rb"),
        ("90 20 03-3", "barsoom/banktools-se plusgiro_spec.rb"),
    ];
    for (text, source) in rows {
        let number: Plusgiro = text.parse().expect(source);
        assert_eq!(number.to_string(), text);
        let digits = text.replace([' ', '-'], "");
        assert_eq!(number.digits(), digits);
        assert_eq!(digits.parse(), Ok(number));
        assert_eq!(text.replace('-', " - ").parse(), Ok(number));
        assert_eq!(
            number.is_fundraising_account(),
            text.starts_with("90"),
            "{source}"
        );
    }
    #[rustfmt::skip]
    let rows = [
        ("410 54 68-6", ParseErrorKind::CheckDigit, Some(10)),
        ("90 20 03-4", ParseErrorKind::CheckDigit, Some(9)),
        ("410 54 68-51", ParseErrorKind::Length { found: 9, expected: "2 to 8" }, None),
        ("1", ParseErrorKind::Length { found: 1, expected: "2 to 8" }, None),
        ("410 54 68-5X", ParseErrorKind::Letter, Some(11)),
        ("028 65 43-4", ParseErrorKind::LeadingZero, Some(0)),
    ];
    for (text, kind, position) in rows {
        let error = text.parse::<Plusgiro>().unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    }
}

/// 900-0000 to 904-9999 (barsoom/banktools-se; svenska Wikipedia, "90-konto"), as bankgiro and as
/// plusgiro.
#[test]
fn accounts_for_fundraising() {
    let complete = |body: &str| -> String {
        let candidates = (0..10).map(|digit| format!("{body}{digit}"));
        candidates
            .into_iter()
            .find(|text| text.parse::<Plusgiro>().is_ok())
            .unwrap()
    };
    for (body, fundraising) in [
        ("899999", false),
        ("900000", true),
        ("904999", true),
        ("905000", false),
        ("909999", false),
        ("9000000", false), // eight digits
    ] {
        let text = complete(body);
        let bankgiro: Bankgiro = text.parse().unwrap();
        assert_eq!(bankgiro.is_fundraising_account(), fundraising, "{text}");
        let plusgiro: Plusgiro = text.parse().unwrap();
        assert_eq!(plusgiro.is_fundraising_account(), fundraising, "{text}");
    }
}
