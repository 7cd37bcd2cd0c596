//! OCR references and agreements.

use swedish_ids::{
    NonDigits, OcrAgreement, OcrLayout, OcrLengths, OcrReference, ParseErrorKind, PaymentReference,
};

fn build(number: &str, non_digits: NonDigits, layout: OcrLayout) -> Result<String, ParseErrorKind> {
    OcrReference::from_invoice_number(number, non_digits, layout)
        .map(|reference| reference.to_string())
        .map_err(|error| error.kind())
}

#[test]
fn read() {
    #[rustfmt::skip]
    let rows = [
        ("1230", false, "barsoom/banktools-se ocr_spec.rb"),
        ("4564", false, "barsoom/banktools-se ocr_spec.rb"),
        ("00", false, "barsoom/banktools-se ocr_spec.rb"),
        ("12351", true, "Bankgirot, Bankgiro Inbetalningar 2016, 5.2"),
        ("12369", false, "barsoom/banktools-se ocr_spec.rb: wrong length digit"),
        ("123067", true, "barsoom/banktools-se ocr_spec.rb"),
        ("123456789023", true, "barsoom/banktools-se ocr_spec.rb"),
        ("1234567890037", true, "barsoom/banktools-se ocr_spec.rb"),
        ("1071000368667269", true, "InExchange, help page 360001888178"),
    ];
    for (text, length_digit, source) in rows {
        let reference: OcrReference = text.parse().expect(source);
        assert_eq!(reference.to_string(), text);
        assert_eq!(
            reference.length_digit_fits(),
            length_digit,
            "{text} {source}"
        );
        let number = reference.number(OcrLayout::with_length_digit());
        assert_eq!(number.is_ok(), length_digit);
    }
    assert_eq!(
        "1071 0003 6866 7269"
            .parse::<OcrReference>()
            .unwrap()
            .digits()
            .len(),
        16
    );
    let length = |found| ParseErrorKind::Length {
        found,
        expected: "2 to 25",
    };
    #[rustfmt::skip]
    let rows = [
        ("1231", ParseErrorKind::CheckDigit, Some(3)),
        ("1234", ParseErrorKind::CheckDigit, Some(3)),
        ("0", length(1), None),
        ("12345678901234567890123456", length(26), None),
        ("12-30", ParseErrorKind::Separator, Some(2)),
        ("garbage", ParseErrorKind::Letter, Some(0)),
    ];
    for (text, kind, position) in rows {
        let error = text.parse::<OcrReference>().unwrap_err();
        assert_eq!((error.kind(), error.position()), (kind, position), "{text}");
    }
}

#[test]
fn built() {
    let (plain, length) = (OcrLayout::new(), OcrLayout::with_length_digit());
    let refuse = NonDigits::Refuse;
    assert_eq!(build("123", refuse, plain).as_deref(), Ok("1230"));
    assert_eq!(build("123", refuse, length).as_deref(), Ok("12351"));
    assert_eq!(
        build("1234567890", refuse, length).as_deref(),
        Ok("123456789023")
    );
    assert_eq!(build("garbage", refuse, plain), Err(ParseErrorKind::Letter));
    assert_eq!(
        build("1234567890123456789012345", refuse, plain),
        Err(ParseErrorKind::Length {
            found: 25,
            expected: "1 to 24"
        })
    );
    assert_eq!(
        build("123456789012345678901234", refuse, length),
        Err(ParseErrorKind::Length {
            found: 24,
            expected: "1 to 23"
        })
    );
    assert_eq!(
        build("123", refuse, plain.filled_to(8)).as_deref(),
        Ok("00001230")
    );
    assert_eq!(
        build("123", refuse, plain.filled_to(2)).as_deref(),
        Ok("1230")
    );
    assert!(matches!(
        build("123", refuse, plain.filled_to(26)),
        Err(ParseErrorKind::Length { .. })
    ));
}

#[test]
fn letters_are_the_callers_choice() {
    let layout = OcrLayout::new();
    #[rustfmt::skip]
    let rows = [
        ("F2026-17", NonDigits::Refuse, Err(ParseErrorKind::Letter)),
        ("2026-17", NonDigits::Refuse, Err(ParseErrorKind::Separator)),
        ("2026/17", NonDigits::Refuse, Err(ParseErrorKind::Character)),
        ("F2026-17", NonDigits::Drop, build("202617", NonDigits::Refuse, layout)),
        ("F2026-17B", NonDigits::KeepLastDigits, build("17", NonDigits::Refuse, layout)),
        (
            "FAKTURA",
            NonDigits::Drop,
            Err(ParseErrorKind::Length {
                found: 0,
                expected: "1 to 24",
            }),
        ),
        ("F１７", NonDigits::Drop, Err(ParseErrorKind::ForeignDigit)),
    ];
    for (number, choice, expected) in rows {
        assert_eq!(
            build(number, choice, layout),
            expected,
            "{number} {choice:?}"
        );
    }
}

#[test]
fn agreements() {
    let fixed = OcrAgreement::CheckDigitAndFixedLength(OcrLengths::new(&[4, 12]).unwrap());
    #[rustfmt::skip]
    let rows = [
        // reference, soft, check digit, check and length digit, fixed length
        ("1230", [true, true, false, true]),
        ("12351", [true, true, true, false]),
        ("123456789023", [true, true, true, true]),
        ("1231", [true, false, false, false]),
        ("Invoice 17", [true, false, false, false]),
        ("", [false, false, false, false]),
    ];
    for (text, accepted) in rows {
        let agreements = [
            OcrAgreement::Soft,
            OcrAgreement::CheckDigit,
            OcrAgreement::CheckAndLengthDigit,
            fixed,
        ];
        for (agreement, accepted) in agreements.into_iter().zip(accepted) {
            let checked = agreement.check(text);
            assert_eq!(checked.is_ok(), accepted, "{text} {agreement:?}");
            if text.parse::<OcrReference>().is_ok() && accepted {
                assert!(matches!(checked, Ok(PaymentReference::Ocr(_))));
            }
        }
    }
    let error = OcrAgreement::CheckAndLengthDigit
        .check("12369")
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.position()),
        (ParseErrorKind::LengthDigit, Some(3))
    );
    assert!(OcrLengths::new(&[1]).is_err());
    assert!(OcrLengths::new(&[26]).is_err());
    assert!(OcrLengths::new(&[usize::MAX]).is_err());
    assert!(OcrLengths::new(&[]).is_err());
}
