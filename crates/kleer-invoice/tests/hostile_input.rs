//! Documents that are made to cost time, or to slip something past the checks.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "tests"
)]

mod support;

use kleer_invoice::{Context, ReadError, ReasonCode, RulePolicy, Settings, SourceInvoice, map};
use kleer_model::{Cents, ClientId};
use support::ubl::{Line, Ubl, dec, preceding};
use support::{map_stocked, stocked};

fn sample() -> String {
    Ubl::new(vec![Line::new("2", "100")]).xml()
}

/// The sample with something before the seller.
fn with(text: &str) -> String {
    let seller = "<cac:AccountingSupplierParty>";
    sample().replace(seller, &format!("{text}{seller}"))
}

fn read(xml: &str) -> SourceInvoice {
    SourceInvoice::from_ubl(xml.as_bytes()).unwrap()
}

// The next three take a second, and hours if the time grows with the square of the size.

#[test]
fn ampersands_without_a_semicolon_are_searched_once() {
    let text = with(&format!("<cbc:Note>{}</cbc:Note>", "&a".repeat(1_000_000)));
    let error = SourceInvoice::from_ubl(text.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::NotXml { .. }), "{error}");
}

#[test]
fn elements_of_many_names_are_counted_in_linear_time() {
    let names = |number: u32| format!("<cbc:x{number}><cbc:y/></cbc:x{number}>");
    let source = read(&with(&(0..100_000).map(names).collect::<String>()));
    assert_eq!(source.number(), Some("F-100"));
}

#[test]
fn lines_that_break_many_rules_are_judged_in_linear_time() {
    let line =
        |number: u32| format!("<cac:InvoiceLine><cbc:ID>{number}</cbc:ID></cac:InvoiceLine>");
    let lines: String = (0..50_000).map(line).collect();
    let source = read(&sample().replace("</Invoice>", &format!("{lines}</Invoice>")));
    let findings = source.findings(&RulePolicy::default());
    let without_amount = findings.iter().filter(|one| one.rule == "BR-24").count();
    assert_eq!(without_amount, 50_000);
}

#[test]
fn an_element_of_ten_thousand_attributes_is_refused_before_they_are_compared() {
    let attributes: String = (0..100_000)
        .map(|number| format!(" a{number}=''"))
        .collect();
    let text = with(&format!("<cbc:Note{attributes}>x</cbc:Note>"));
    let error = SourceInvoice::from_ubl(text.as_bytes()).unwrap_err();
    assert_eq!(error, ReadError::TooManyAttributes { line: 5 });
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

/// The reader gets another text than the one that was sent. It is to refuse what it would have
/// refused.
#[test]
fn an_encoding_that_is_not_the_declared_one_is_refused_also_in_another_spelling() {
    let mut ubl = Ubl::new(vec![Line::new("2", "100")]);
    ubl.rounding = Some(dec("-0.40"));
    let text = ubl.xml().replace(">-0.40<", ">-.40<");
    assert_eq!(read(&text).totals().rounding, Some(Cents(-40)));

    let latin = text.replace("UTF-8", "ISO-8859-1");
    let error = SourceInvoice::from_ubl(latin.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Encoding { .. }), "{error}");
    let error = SourceInvoice::from_ubl(&utf16(&text)).unwrap_err();
    assert!(matches!(error, ReadError::Encoding { .. }), "{error}");

    let mut wide = utf16(&text.replace("UTF-8", "UTF-16"));
    let source = SourceInvoice::from_ubl(&wide).unwrap();
    assert_eq!(source.totals().rounding, Some(Cents(-40)));
    // Half a character at the end.
    wide.push(b' ');
    let error = SourceInvoice::from_ubl(&wide).unwrap_err();
    assert!(matches!(error, ReadError::Encoding { .. }), "{error}");
}

#[test]
fn a_control_character_between_tags_is_refused() {
    let text = with(" \u{1} ");
    let error = SourceInvoice::from_ubl(text.as_bytes()).unwrap_err();
    assert!(
        matches!(error, ReadError::NotXml { line: 5, .. }),
        "{error}"
    );
}

/// The rule about it lets the VAT of each rate deviate, and the sum of both is right.
#[test]
fn vat_that_is_too_much_at_one_rate_and_too_little_at_another_is_refused() {
    let mut low = Line::new("1", "100.00");
    low.vat = ("S", dec("12"));
    let right = Ubl::new(vec![Line::new("1", "100.00"), low]).xml();
    let source = read(&right);
    map_stocked(&source, &Settings::default()).unwrap();

    let shifted = |high: &str, low: &str| {
        let text = right.replacen(
            ">25.00</cbc:TaxAmount>",
            &format!(">{high}</cbc:TaxAmount>"),
            1,
        );
        let text = text.replacen(
            ">12.00</cbc:TaxAmount>",
            &format!(">{low}</cbc:TaxAmount>"),
            1,
        );
        assert_ne!(text, right);
        read(&text)
    };
    let source = shifted("25.50", "11.50");
    let refusal = map_stocked(&source, &Settings::default()).unwrap_err();
    let reasons = &refusal.reasons;
    assert_eq!(reasons.len(), 2, "{refusal}");
    for (reason, text) in reasons.iter().zip([
        "VAT of 12 %: stated 11.50, computed 12.00",
        "VAT of 25 %: stated 25.50, computed 25.00",
    ]) {
        assert_eq!(reason.code, ReasonCode::SumsDiffer);
        assert_eq!(reason.text, text);
    }
    let tolerant = Settings::default().with_vat_tolerance(Cents(50));
    let mapping = map_stocked(&source, &tolerant).unwrap();
    assert_eq!(mapping.report.remarks.len(), 2);
}

#[test]
fn a_price_for_another_unit_than_the_quantitys_is_not_the_rows() {
    let mut line = Line::new("2", "100");
    line.base = Some(dec("1"));
    let text = Ubl::new(vec![line]).xml();
    let text = text.replace(
        "BaseQuantity unitCode=\"EA\"",
        "BaseQuantity unitCode=\"KGM\"",
    );
    let mapping = map_stocked(&read(&text), &Settings::default()).unwrap();
    let row = &mapping.invoice.rows[0];
    assert_eq!((row.quantity, row.price), (dec("1"), Cents(20_000)));
    assert!(
        row.description.contains("2 EA x 100 / 1 KGM"),
        "{}",
        row.description
    );
    let unit = mapping
        .report
        .of(kleer_invoice::Term::bt(150))
        .next()
        .unwrap();
    assert_eq!(unit.fate.to_string(), "carried in rows/row/description");
}

#[test]
fn a_preceding_number_is_found_with_blanks_round_it() {
    let mut credit = Ubl::credit_note(vec![Line::new("2", "100")]);
    credit.head = preceding(" A-1 ");
    let source = read(&credit.xml());
    let catalogue = stocked(&source, &Settings::default());
    let context = Context::new(ClientId(1), "key", &catalogue).with_debit_invoice("A-1\n", 7);
    let mapping = map(&source, &context, &Settings::default()).unwrap();
    assert_eq!(mapping.invoice.debit_invoice_nr, Some(7));
}

#[test]
fn a_namespace_in_json_is_no_attribute_and_an_absent_extension_no_element() {
    let json =
        br#"{"Invoice":{"xmlns":"urn:other","ID":{"_":"1","xmlns":"x"},"UBLExtensions":null}}"#;
    let source = SourceInvoice::from_ubl_json(json).unwrap();
    assert_eq!(source.number(), Some("1"));
    let refusal = map_stocked(&source, &Settings::default()).unwrap_err();
    assert!(
        refusal.report.unmapped.is_empty(),
        "{:?}",
        refusal.report.unmapped
    );
}
