//! What is not an invoice, and invoices that must not be posted.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{
    MissingDueDate, Prepaid, ReadError, ReadLimits, ReasonCode, Refusal, RulePolicy, Settings,
    SourceInvoice, Term,
};
use support::map_stocked;
use support::ubl::{Line, Ubl, dec};

fn read(text: &str) -> SourceInvoice {
    SourceInvoice::from_ubl(text.as_bytes()).unwrap()
}

fn read_error(bytes: &[u8]) -> ReadError {
    let error = SourceInvoice::from_ubl(bytes).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(':'), "says what to do: {text}");
    error
}

fn refused(xml: &str) -> Refusal {
    map_stocked(&read(xml), &Settings::default()).unwrap_err()
}

fn codes(refusal: &Refusal) -> Vec<ReasonCode> {
    let mut codes: Vec<_> = refusal.reasons.iter().map(|reason| reason.code).collect();
    codes.sort();
    codes.dedup();
    codes
}

fn one_line() -> Ubl {
    Ubl::new(vec![Line::new("2", "10.50")])
}

#[test]
fn the_sample_itself_is_mapped() {
    map_stocked(&read(&one_line().xml()), &Settings::default()).unwrap();
}

#[test]
fn nothing_at_all() {
    assert_eq!(read_error(b""), ReadError::Empty);
    assert_eq!(read_error(b" \r\n\t"), ReadError::Empty);
}

#[test]
fn too_large_is_known_before_anything_is_parsed() {
    let limits = ReadLimits::default().with_max_bytes(10);
    let error = SourceInvoice::from_ubl_with(b"<<<<<<<<<<<<<<", &limits).unwrap_err();
    assert_eq!(
        error,
        ReadError::TooLarge {
            bytes: 14,
            limit: 10
        }
    );
}

#[test]
fn what_is_not_xml_is_told_with_its_place() {
    assert!(matches!(
        read_error(b"Fakturanummer;Belopp\n1;2"),
        ReadError::NotXml { .. }
    ));
    let broken = one_line().xml().replacen("</cbc:ID>", "</cbc:IX>", 1);
    match read_error(broken.as_bytes()) {
        ReadError::NotXml { line, column } => assert!(line >= 4 && column > 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_document_that_was_cut_off_is_told_from_a_broken_one() {
    let whole = one_line().xml();
    let inside_root = whole.find("<cbc:CustomizationID>").unwrap();
    for end in (inside_root..whole.len() - 1).step_by(97) {
        let mut end = end;
        while !whole.is_char_boundary(end) {
            end += 1;
        }
        let error = read_error(&whole.as_bytes()[..end]);
        assert!(
            matches!(error, ReadError::Truncated { .. }),
            "{end}: {error:?}"
        );
    }
}

#[test]
fn another_root_is_named_with_a_hint() {
    let envelope = format!(
        "<StandardBusinessDocument xmlns='urn:x'>{}</StandardBusinessDocument>",
        one_line().xml().split_once("?>").unwrap().1
    );
    match read_error(envelope.as_bytes()) {
        ReadError::WrongRoot { found, hint } => {
            assert_eq!(found, "StandardBusinessDocument");
            assert!(hint.contains("unwrap"));
        }
        other => panic!("{other:?}"),
    }
    let no_namespace = read_error(b"<Invoice/>");
    assert!(
        matches!(no_namespace, ReadError::WrongRoot { hint, .. } if hint.contains("namespace"))
    );
    assert!(matches!(
        read_error(b"<html><br></html>"),
        ReadError::WrongRoot { .. }
    ));
}

#[test]
fn a_doctype_is_refused() {
    let text = one_line()
        .xml()
        .replacen("?>", "?><!DOCTYPE Invoice SYSTEM 'file:///x'>", 1);
    assert_eq!(read_error(text.as_bytes()), ReadError::Doctype);
}

#[test]
fn ten_thousand_nested_elements_are_too_deep() {
    let xml = one_line().xml();
    let deep = format!(
        "{}{}",
        "<cac:Party>".repeat(10_000),
        "</cac:Party>".repeat(10_000)
    );
    let xml = xml
        .replacen("<cac:AccountingSupplierParty>", &format!("{deep}$"), 1)
        .replacen('$', "<cac:AccountingSupplierParty>", 1);
    assert!(
        matches!(read_error(xml.as_bytes()), ReadError::TooDeep { depth, .. } if depth > 9_999)
    );
}

#[test]
fn latin_1_is_refused_by_name() {
    let text = one_line().xml().replacen("UTF-8", "ISO-8859-1", 1);
    let mut latin1 = Vec::new();
    for character in text.chars() {
        latin1.push(u8::try_from(u32::from(character)).unwrap());
    }
    let error = read_error(&latin1);
    assert_eq!(
        error,
        ReadError::Encoding {
            found: "ISO-8859-1".to_owned()
        }
    );
    // The same when all its characters are ASCII.
    let ascii: String = text.chars().filter(char::is_ascii).collect();
    assert!(matches!(
        read_error(ascii.as_bytes()),
        ReadError::Encoding { .. }
    ));
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let text = one_line().xml();
    let expected = map_stocked(&read(&text), &Settings::default()).unwrap();
    let with_mark = format!("\u{FEFF}{text}");
    let utf16: Vec<u8> = std::iter::once(0xFEFFu16)
        .chain(text.replacen("UTF-8", "UTF-16", 1).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [with_mark.as_bytes(), &utf16] {
        let source = SourceInvoice::from_ubl(bytes).unwrap();
        assert_eq!(
            map_stocked(&source, &Settings::default()).unwrap(),
            expected
        );
    }
}

#[test]
fn an_unknown_profile_is_refused_with_its_value() {
    let mut ubl = one_line();
    ubl.profile = "urn:example:other";
    let refusal = refused(&ubl.xml());
    assert_eq!(codes(&refusal), [ReasonCode::UnknownProfile]);
    assert!(refusal.reasons[0].text.contains("urn:example:other"));
    let accepting = Settings::default().with_profile("urn:example:");
    map_stocked(&read(&ubl.xml()), &accepting).unwrap();

    ubl.profile = "";
    assert_eq!(codes(&refused(&ubl.xml())), [ReasonCode::UnknownProfile]);
    map_stocked(
        &read(&ubl.xml()),
        &Settings::default().with_missing_profile(true),
    )
    .unwrap();
}

#[test]
fn self_billing_is_refused_by_profile_and_by_type() {
    let mut ubl = one_line();
    ubl.profile = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0";
    assert_eq!(codes(&refused(&ubl.xml())), [ReasonCode::SelfBilled]);
    let mut ubl = one_line();
    ubl.type_code = "389";
    assert_eq!(codes(&refused(&ubl.xml())), [ReasonCode::SelfBilled]);
}

#[test]
fn a_type_code_that_contradicts_the_root_is_refused() {
    let mut ubl = one_line();
    ubl.type_code = "381";
    assert_eq!(codes(&refused(&ubl.xml())), [ReasonCode::ContradictoryType]);
    let mut ubl = Ubl::credit_note(vec![Line::new("1", "1")]);
    ubl.type_code = "380";
    assert_eq!(codes(&refused(&ubl.xml())), [ReasonCode::ContradictoryType]);
}

#[test]
fn sums_that_do_not_add_up_are_refused_with_the_difference() {
    let mut ubl = one_line();
    ubl.wrong = dec("0.01");
    let refusal = refused(&ubl.xml());
    assert_eq!(
        codes(&refusal),
        [ReasonCode::RuleBroken, ReasonCode::SumsDiffer]
    );
    let sums = refusal
        .reasons
        .iter()
        .find(|r| r.code == ReasonCode::SumsDiffer)
        .unwrap();
    assert_eq!(sums.subject, "BT-109");
    assert!(sums.text.contains("difference -0.01"), "{}", sums.text);
    assert!(!refusal.report.totals.unwrap().agrees());
    // Letting the rule pass does not let the sums pass.
    let lenient = kleer_invoice::RulePolicy::default()
        .passing("BR-CO-13")
        .passing("BR-CO-15");
    let settings = Settings::default().with_rule_policy(lenient);
    let refusal = map_stocked(&read(&ubl.xml()), &settings).unwrap_err();
    assert_eq!(codes(&refusal), [ReasonCode::SumsDiffer]);
}

#[test]
fn a_third_decimal_is_refused_not_rounded() {
    let xml = one_line().xml().replacen(
        "<cbc:PayableAmount currencyID=\"SEK\">26.25<",
        "<cbc:PayableAmount currencyID=\"SEK\">26.251<",
        1,
    );
    let refusal = refused(&xml);
    assert!(
        refusal
            .reasons
            .iter()
            .any(|r| r.subject == "READ-MALFORMED"),
        "{refusal}"
    );
    let xml = one_line().xml().replacen(
        ">21.00</cbc:LineExtensionAmount><cac:Item",
        ">21.001</cbc:LineExtensionAmount><cac:Item",
        1,
    );
    let refusal = refused(&xml);
    assert!(refusal.has(ReasonCode::RuleBroken), "{refusal}");
}

#[test]
fn a_quantity_or_price_that_is_no_number_is_refused() {
    for (from, to, term) in [
        (">2</cbc:Inv", ">två</cbc:Inv", "BT-129"),
        (">10.50<", ">10,50<", "BT-146"),
    ] {
        let xml = one_line().xml().replacen(from, to, 1);
        let refusal = refused(&xml);
        let reason = refusal
            .reasons
            .iter()
            .find(|r| r.code == ReasonCode::NotANumber)
            .unwrap();
        assert_eq!(
            (reason.subject.as_ref(), reason.place.as_str()),
            (term, "line 1")
        );
    }
}

#[test]
fn decimals_that_the_currency_does_not_have_are_refused() {
    let in_yen = |price: &str| {
        Ubl::new(vec![Line::new("2", price)])
            .xml()
            .replace("SEK", "JPY")
    };
    // 21.00 without VAT, but 5.25 VAT.
    let reasons = refused(&in_yen("10.50")).reasons;
    let reason = reasons
        .iter()
        .find(|reason| reason.code == ReasonCode::TooManyDecimals)
        .unwrap();
    assert_eq!(reason.subject, "BT-110");
    assert!(reason.text.contains("JPY has none"), "{}", reason.text);
    // 20.00 and 5.00 are whole, however they are written.
    map_stocked(&read(&in_yen("10.00")), &Settings::default()).unwrap();
}

#[test]
fn amounts_in_two_currencies_are_refused() {
    let xml = one_line().xml().replacen(
        "<cbc:PriceAmount currencyID=\"SEK\">",
        "<cbc:PriceAmount currencyID=\"EUR\">",
        1,
    );
    let refusal = refused(&xml);
    let reason = refusal
        .reasons
        .iter()
        .find(|r| r.code == ReasonCode::MixedCurrencies)
        .unwrap();
    assert_eq!(
        (reason.subject.as_ref(), reason.place.as_str()),
        ("BT-146", "line 1")
    );
}

fn with_attachment(attributes: &str, content: &str) -> Ubl {
    let mut ubl = one_line();
    ubl.head = format!(
        "<cac:AdditionalDocumentReference><cbc:ID>Bilaga 1</cbc:ID><cac:Attachment>\
         <cbc:EmbeddedDocumentBinaryObject {attributes}>{content}\
         </cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    );
    ubl
}

#[test]
fn an_attachment_that_is_not_base64_is_refused() {
    for attributes in [
        "mimeCode='text/csv' filename='a.csv'",
        "mimeCode='text/csv'",
    ] {
        let refusal = refused(&with_attachment(attributes, "YW%Jj").xml());
        assert_eq!(codes(&refusal), [ReasonCode::AttachmentNotBase64]);
        assert_eq!(refusal.reasons[0].subject, "BT-125");
    }
}

#[test]
fn an_attachment_without_a_name_gets_one() {
    let xml = with_attachment("mimeCode='text/csv'", "YWJj").xml();
    let mapping = map_stocked(&read(&xml), &Settings::default()).unwrap();
    let files = mapping.invoice.files.unwrap();
    assert_eq!(files[0].filename, "Bilaga_1.csv");
    assert_eq!(files[0].data.0, b"abc");
    assert!(
        mapping
            .report
            .remarks
            .iter()
            .any(|r| r.term.number() == 125)
    );
}

#[test]
fn a_paid_amount_is_refused_or_carried() {
    let mut ubl = one_line();
    ubl.paid = Some(dec("5.00"));
    assert_eq!(codes(&refused(&ubl.xml())), [ReasonCode::Prepaid]);
    let carrying = Settings::default().with_prepaid(Prepaid::CarryInNotes);
    let mapping = map_stocked(&read(&ubl.xml()), &carrying).unwrap();
    assert!(
        mapping
            .invoice
            .notes
            .unwrap()
            .contains("Redan betalt: 5.00")
    );
    ubl.paid = Some(dec("0"));
    map_stocked(&read(&ubl.xml()), &Settings::default()).unwrap();
}

#[test]
fn missing_terms_are_all_named_at_once() {
    let xml = one_line()
        .xml()
        .replacen("<cbc:ID>F-100</cbc:ID>", "", 1)
        .replacen("<cbc:IssueDate>2026-01-29</cbc:IssueDate>", "", 1)
        .replacen(
            "<cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode>",
            "",
            1,
        );
    let refusal = refused(&xml);
    let missing: Vec<_> = refusal
        .reasons
        .iter()
        .filter(|r| r.code == ReasonCode::MissingTerm)
        .map(|r| r.subject.to_string())
        .collect();
    assert_eq!(missing, ["BT-1", "BT-2", "BT-5"]);
}

#[test]
fn an_invoice_without_lines_is_refused() {
    assert!(refused(&Ubl::new(Vec::new()).xml()).has(ReasonCode::NoLines));
}

#[test]
fn a_missing_due_date_is_judged_by_the_settings() {
    let mut ubl = one_line();
    ubl.due = "";
    let source = read(&ubl.xml());
    let due = |choice| {
        let settings = Settings::default().with_missing_due_date(choice);
        map_stocked(&source, &settings).map(|mapping| mapping.invoice.due_date.to_string())
    };
    assert_eq!(due(MissingDueDate::IssueDate).unwrap(), "2026-01-29");
    assert_eq!(
        due(MissingDueDate::DaysAfterIssue(30)).unwrap(),
        "2026-02-28"
    );
    assert_eq!(
        codes(&due(MissingDueDate::Refuse).unwrap_err()),
        [ReasonCode::NoDueDate]
    );
}

#[test]
fn a_value_that_stands_twice_is_refused() {
    let xml = one_line().xml().replacen(
        "<cbc:IssueDate>",
        "<cbc:IssueDate>2025-01-01</cbc:IssueDate><cbc:IssueDate>",
        1,
    );
    let refusal = refused(&xml);
    assert!(
        refusal
            .reasons
            .iter()
            .any(|r| r.subject == "READ-DUPLICATE"),
        "{refusal}"
    );
}

#[test]
fn errors_and_debug_output_hold_no_names() {
    let mut ubl = one_line();
    ubl.wrong = dec("1");
    let source = read(&ubl.xml());
    let refusal = refused(&ubl.xml());
    let shown = format!(
        "{source:?} {:?} {:?} {refusal}",
        source.seller(),
        source.identity()
    );
    for secret in ["Köparen", "Säljaren", "2021005489", "Gatan", "F-100"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}

/// Where a rule is broken, and whether that stops the invoice.
fn found(source: &SourceInvoice, rule: &str) -> Vec<(String, bool)> {
    let findings = source.findings(&RulePolicy::default());
    findings
        .into_iter()
        .filter(|finding| finding.rule == rule)
        .map(|finding| (finding.place, finding.stops))
        .collect()
}

#[test]
fn two_lines_with_one_id_stay_two() {
    let xml = Ubl::new(vec![Line::new("2", "10.50"), Line::new("1", "4")])
        .xml()
        .replacen("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>", 1);
    let mapping = map_stocked(&read(&xml), &Settings::default()).unwrap();
    assert_eq!(mapping.invoice.rows.len(), 2);
    let lines: Vec<_> = mapping
        .report
        .of(Term::bt(126))
        .map(|entry| entry.line)
        .collect();
    assert_eq!(lines, [Some(1), Some(2)]);
}

#[test]
fn an_unknown_unit_code_is_told_and_kept() {
    let xml = one_line()
        .xml()
        .replacen("unitCode=\"EA\"", "unitCode=\"KARTONG\"", 1);
    let source = read(&xml);
    assert_eq!(
        found(&source, "BR-CL-23"),
        [("BG-25[0]/BT-130".to_owned(), false)]
    );
    let mapping = map_stocked(&source, &Settings::default()).unwrap();
    assert_eq!(mapping.invoice.rows[0].unit, "KARTONG");
}

#[test]
fn a_vat_currency_of_its_own_is_no_mixture() {
    let mut ubl = one_line();
    ubl.head = "<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>".to_owned();
    let xml = ubl.xml().replacen(
        "<cac:LegalMonetaryTotal>",
        "<cac:TaxTotal><cbc:TaxAmount currencyID=\"EUR\">0.47</cbc:TaxAmount></cac:TaxTotal>\
         <cac:LegalMonetaryTotal>",
        1,
    );
    let mapping = map_stocked(&read(&xml), &Settings::default()).unwrap();
    assert_eq!(mapping.sums.vat.0, 525);
    for term in [6, 111] {
        assert_eq!(mapping.report.of(Term::bt(term)).count(), 1, "BT-{term}");
    }
    // In a third currency it is one.
    let xml = xml.replacen("currencyID=\"EUR\">0.47", "currencyID=\"USD\">0.47", 1);
    let refusal = refused(&xml);
    assert!(refusal.has(ReasonCode::MixedCurrencies), "{refusal}");
}

#[test]
fn percentages_that_contradict_amounts_are_refused() {
    // 25 % of 21.00 is stated, and called 12 %.
    let xml = one_line()
        .xml()
        .replace("<cbc:Percent>25<", "<cbc:Percent>12<");
    let refusal = refused(&xml);
    let broken: Vec<_> = refusal
        .reasons
        .iter()
        .map(|reason| reason.subject.as_ref())
        .collect();
    assert!(broken.contains(&"BR-CO-17"), "{broken:?}");
    assert!(refusal.has(ReasonCode::SumsDiffer), "{refusal}");

    // An allowance of 10 % that is not 10 %.
    let mut ubl = one_line();
    ubl.allowance = Some(dec("5.00"));
    let percent = |percent: &str| {
        ubl.xml().replacen(
            "<cbc:Amount currencyID=\"SEK\">5.00</cbc:Amount>",
            &format!(
                "<cbc:MultiplierFactorNumeric>{percent}</cbc:MultiplierFactorNumeric>\
                 <cbc:Amount currencyID=\"SEK\">5.00</cbc:Amount>\
                 <cbc:BaseAmount currencyID=\"SEK\">50.00</cbc:BaseAmount>"
            ),
            1,
        )
    };
    map_stocked(&read(&percent("10")), &Settings::default()).unwrap();
    let reasons = refused(&percent("20")).reasons;
    assert_eq!(reasons[0].subject, "PEPPOL-EN16931-R040");
}

#[test]
fn an_attachment_of_fifty_megabytes_is_read_and_mapped() {
    // Each three bytes are four characters of base64.
    let content = "AAAA".repeat(50_000_000 / 3);
    let xml = with_attachment("mimeCode='application/pdf' filename='stor.pdf'", &content).xml();
    drop(content);
    match SourceInvoice::from_ubl(xml.as_bytes()) {
        Err(ReadError::TooLarge { limit, .. }) => assert_eq!(limit, 50_000_000),
        other => panic!("{other:?}"),
    }
    let limits = ReadLimits::default().with_max_bytes(100_000_000);
    let source = SourceInvoice::from_ubl_with(xml.as_bytes(), &limits).unwrap();
    drop(xml);
    let mapping = map_stocked(&source, &Settings::default()).unwrap();
    let files = mapping.invoice.files.unwrap();
    assert_eq!(files[0].data.0.len(), 50_000_000 / 3 * 3);
}

#[test]
fn the_name_of_an_attachment_leads_nowhere() {
    for given in [
        "../../etc/passwd",
        "C:\\temp\\bilaga.pdf",
        "a&#9;b&#x7F;.pdf",
        "..",
        "mapp/",
        "gpj.&#x202E;exe",
    ] {
        // With a media type the reader keeps the file, without one it is recovered.
        for media_type in ["mimeCode='application/pdf'", ""] {
            let xml = with_attachment(&format!("{media_type} filename='{given}'"), "YWJj").xml();
            let mapping = map_stocked(&read(&xml), &Settings::default()).unwrap();
            let name = &mapping.invoice.files.unwrap()[0].filename;
            let refused = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '\u{202E}');
            assert!(!name.contains(refused) && name != "..", "{given} -> {name}");
            let remarks = &mapping.report.remarks;
            assert!(remarks.iter().any(|r| r.term == Term::bt(125)), "{given}");
        }
    }
    let xml = with_attachment("mimeCode='text/csv' filename='&#1;.csv'", "YWJj").xml();
    let error = read_error(xml.as_bytes());
    assert!(matches!(error, ReadError::NotXml { .. }), "{error:?}");
}

#[test]
fn an_order_of_elements_that_the_schema_forbids_loses_nothing() {
    let xml = one_line().xml();
    let expected = map_stocked(&read(&xml), &Settings::default()).unwrap();
    let issued = "<cbc:IssueDate>2026-01-29</cbc:IssueDate>";
    let moved = xml.replacen(issued, "", 1).replacen(
        "</cac:LegalMonetaryTotal>",
        &format!("</cac:LegalMonetaryTotal>{issued}"),
        1,
    );
    let source = read(&moved);
    assert_eq!(
        found(&source, "READ-ORDER"),
        [("Invoice/IssueDate".to_owned(), false)]
    );
    let mapping = map_stocked(&source, &Settings::default()).unwrap();
    assert_eq!(mapping.invoice, expected.invoice);
    assert_eq!(mapping.report.entries.len(), expected.report.entries.len());
    let strict = Settings::default().with_rule_policy(RulePolicy::default().stopping("READ-*"));
    assert!(map_stocked(&source, &strict).is_err());
    assert!(found(&read(&xml), "READ-ORDER").is_empty());
}

#[test]
fn absent_amounts_and_empty_elements_are_told_under_their_rules() {
    let without = |element: &str| {
        let xml = one_line().xml();
        let (before, rest) = xml.split_once(&format!("<cbc:{element}")).unwrap();
        let (_, after) = rest.split_once(&format!("</cbc:{element}>")).unwrap();
        read(&format!("{before}{after}"))
    };
    for (element, rule, place) in [
        ("PayableAmount", "BR-15", "BG-22/BT-115"),
        ("TaxInclusiveAmount", "BR-14", "BG-22/BT-112"),
        ("InvoicedQuantity", "BR-22", "BG-25[0]/BT-129"),
        ("PriceAmount", "BR-26", "BG-25[0]/BT-146"),
        ("TaxableAmount", "BR-45", "BG-23[0]/BT-116"),
    ] {
        assert_eq!(found(&without(element), rule), [(place.to_owned(), true)]);
    }
    let xml = one_line().xml();
    let empty = xml.replacen(
        "</cbc:IssueDate>",
        "</cbc:IssueDate><cbc:UUID> </cbc:UUID>",
        1,
    );
    assert_eq!(
        found(&read(&empty), "PEPPOL-EN16931-R008"),
        [("Invoice/UUID".to_owned(), false)]
    );
    assert!(found(&read(&xml), "PEPPOL-EN16931-R008").is_empty());
}

#[test]
fn a_rate_that_sweden_does_not_have_is_refused() {
    let mut line = Line::new("2", "10.00");
    line.vat = ("S", dec("20"));
    let refusal = refused(&Ubl::new(vec![line]).xml());
    let rule = refusal
        .reasons
        .iter()
        .find(|reason| reason.subject == "SE-R-006")
        .unwrap();
    assert!(rule.place.starts_with("Invoice/TaxTotal"), "{}", rule.place);
}
