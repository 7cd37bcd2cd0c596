//! VAT numbers.

use swedish_ids::{ParseErrorKind, VatNumber};

#[test]
fn forms() {
    let expected: VatNumber = "SE556016068001".parse().unwrap();
    for text in [
        "SE556016068001",
        "se556016068001",
        "SE 556016068001",
        "SE 556016-0680 01",
        "SE-556016-0680-01",
        "SE\u{a0}5560160680\u{2009}01",
    ] {
        assert_eq!(text.parse(), Ok(expected), "{text}");
    }
    assert_eq!(expected.suffix(), 1);
    let other: VatNumber = "SE556016068002".parse().unwrap();
    assert_ne!(other, expected);
    assert_eq!(other.suffix(), 2);
    assert_eq!(other.to_string(), "SE556016068002");
}

#[test]
fn invalid() {
    #[rustfmt::skip]
    let rows = [
        ("SE556016068101", ParseErrorKind::CheckDigit, Some(11)),
        ("SE556103425001", ParseErrorKind::CheckDigit, Some(11)),
        ("556016068001", ParseErrorKind::CountryCode, Some(0)),
        ("FI556016068001", ParseErrorKind::CountryCode, Some(0)),
        ("SE5560160680", ParseErrorKind::Length { found: 10, expected: "12" }, None),
        ("SE5560-160680-01", ParseErrorKind::Separator, Some(6)),
        ("SE55601-6068001", ParseErrorKind::Separator, Some(7)),
        ("SE 556016--068001", ParseErrorKind::Separator, Some(10)),
        ("SE55601606800A", ParseErrorKind::Letter, Some(13)),
        ("", ParseErrorKind::Empty, None),
    ];
    for (text, kind, position) in rows {
        let error = text.parse::<VatNumber>().unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    }
}
