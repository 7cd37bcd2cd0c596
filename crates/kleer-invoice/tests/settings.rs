//! What a company's settings change: payment references, custom fields, templates, products,
//! accounts, tolerance, and documents of special kinds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{
    Catalogue, Context, CorrectedInvoice, Mapping, OcrForm, OcrLetters, OcrSettings, Prepaid,
    Reason, ReasonCode, RemarkCode, Settings, SourceInvoice, StatedReference, Term, map,
    missing_products,
};
use kleer_model::{Cents, ClientId, CustomField, Product, ProductId, Rate, RateUnit};
use support::map_stocked;
use support::ubl::{Line, Ubl, dec, preceding};

fn read(xml: &str) -> SourceInvoice {
    SourceInvoice::from_ubl(xml.as_bytes()).unwrap()
}

fn mapped(ubl: &Ubl, settings: &Settings) -> Mapping {
    map_stocked(&read(&ubl.xml()), settings).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn reasons(source: &SourceInvoice, settings: &Settings) -> Vec<(ReasonCode, String)> {
    let refusal = map_stocked(source, settings).unwrap_err();
    let of = |reason: &Reason| (reason.code, reason.subject.to_string());
    refusal.reasons.iter().map(of).collect()
}

fn simple() -> Ubl {
    Ubl::new(vec![Line::new("2", "10.50")])
}

fn fates(mapping: &Mapping, term: u16) -> Vec<String> {
    let entries = mapping.report.of(Term::bt(term));
    entries.map(|entry| entry.fate.to_string()).collect()
}

fn codes(mapping: &Mapping) -> Vec<RemarkCode> {
    let remarks = mapping.report.remarks.iter();
    remarks.map(|remark| remark.code).collect()
}

fn numbered(number: &str, body: &str) -> SourceInvoice {
    let mut ubl = simple();
    body.clone_into(&mut ubl.body);
    read(&ubl.xml().replacen(">F-100<", &format!(">{number}<"), 1))
}

const PAID_WITH: &str = "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>\
                         <cbc:PaymentID>1230</cbc:PaymentID></cac:PaymentMeans>";

#[test]
fn an_ocr_number_stands_in_the_notes_or_in_a_field() {
    let source = numbered("1017", "");
    let ocr = OcrSettings::new(OcrForm::Number);
    let mapping = map_stocked(&source, &Settings::default().with_ocr(ocr.clone())).unwrap();
    assert_eq!(mapping.payment_reference.as_deref(), Some("10173"));
    let notes = mapping.invoice.notes.unwrap();
    assert!(
        notes.lines().any(|line| line == "OCR-nummer: 10173"),
        "{notes}"
    );
    assert!(mapping.invoice.fields.is_none());

    let settings = Settings::default().with_ocr(ocr.in_field("ocr"));
    let mapping = map_stocked(&source, &settings).unwrap();
    assert_eq!(
        mapping.invoice.fields.unwrap(),
        [CustomField::new("ocr", "10173")]
    );
    assert!(!mapping.invoice.notes.unwrap().contains("OCR"));
    // Off, there is none.
    let off = map_stocked(&source, &Settings::default()).unwrap();
    assert_eq!(off.payment_reference, None);
}

#[test]
fn letters_are_refused_or_dropped_before_an_ocr_number_is_made() {
    let source = numbered("F2026-17", "");
    let ocr = OcrSettings::new(OcrForm::NumberAndLengthDigit);
    let refuse = Settings::default().with_ocr(ocr.clone());
    assert_eq!(
        reasons(&source, &refuse),
        [(ReasonCode::NoPaymentReference, "BT-1".to_owned())]
    );
    let drop = Settings::default().with_ocr(ocr.with_letters(OcrLetters::Drop));
    let mapping = map_stocked(&source, &drop).unwrap();
    assert_eq!(mapping.payment_reference.as_deref(), Some("20261780"));
}

#[test]
fn a_stated_reference_is_kept_unless_the_settings_replace_it() {
    let source = numbered("1017", PAID_WITH);
    let ocr = OcrSettings::new(OcrForm::Number);
    let mapping = map_stocked(&source, &Settings::default().with_ocr(ocr.clone())).unwrap();
    assert_eq!(mapping.payment_reference.as_deref(), Some("1230"));
    assert!(
        !format!("{mapping:?}").contains("1230"),
        "may name a person"
    );
    assert_eq!(fates(&mapping, 83), ["carried in notes"]);
    assert_eq!(codes(&mapping), [RemarkCode::PaymentReferenceKept]);

    let replace = ocr.with_stated(StatedReference::Replace);
    let mapping = map_stocked(&source, &Settings::default().with_ocr(replace)).unwrap();
    assert_eq!(mapping.payment_reference.as_deref(), Some("10173"));
    assert!(fates(&mapping, 83)[0].starts_with("dropped"));
}

#[test]
fn a_credit_has_no_payment_reference() {
    let ubl = Ubl::credit_note(vec![Line::new("1", "1")]);
    let ocr = OcrSettings::new(OcrForm::Number);
    let mapping = mapped(&ubl, &Settings::default().with_ocr(ocr));
    assert_eq!(mapping.payment_reference, None);
}

#[test]
fn custom_fields_take_terms_of_the_document_and_of_lines() {
    let mut line = Line::new("2", "10.50");
    line.extra = "<cac:OrderLineReference><cbc:LineID>7</cbc:LineID></cac:OrderLineReference>";
    let mut ubl = Ubl::new(vec![line, Line::new("1", "5")]);
    ubl.head = "<cbc:AccountingCost>K-1</cbc:AccountingCost>\
                <cac:ProjectReference><cbc:ID>P-4</cbc:ID></cac:ProjectReference>"
        .to_owned();
    let settings = Settings::default()
        .with_custom_field(Term::bt(19), "kontering")
        .with_custom_field(Term::bt(30), "saljare")
        .with_custom_field(Term::bt(132), "orderrad");
    let mapping = mapped(&ubl, &settings);
    assert_eq!(
        mapping.invoice.fields.as_deref(),
        Some(
            &[
                CustomField::new("kontering", "K-1"),
                CustomField::new("saljare", "2120000142 (0007)")
            ][..]
        )
    );
    assert_eq!(
        mapping.invoice.rows[0].fields.as_deref(),
        Some(&[CustomField::new("orderrad", "7")][..])
    );
    assert_eq!(mapping.invoice.rows[0].description, "Vara 1");
    assert!(mapping.invoice.rows[1].fields.is_none());
    let notes = mapping.invoice.notes.clone().unwrap();
    assert!(!notes.contains("K-1") && notes.contains("P-4"), "{notes}");
    assert_eq!(fates(&mapping, 19), ["carried in fields/field[kontering]"]);
    assert_eq!(fates(&mapping, 30), ["carried in fields/field[saljare]"]);
    assert_eq!(
        fates(&mapping, 132),
        ["carried in rows/row/fields/field[orderrad]"]
    );
}

#[test]
fn a_custom_field_for_no_term_is_refused() {
    for (term, alias) in [(Term::bg(25), "a"), (Term::bt(4), "a"), (Term::bt(19), " ")] {
        let settings = Settings::default().with_custom_field(term, alias);
        assert_eq!(
            reasons(&read(&simple().xml()), &settings),
            [(ReasonCode::UnusableSettings, term.to_string())]
        );
    }
}

#[test]
fn a_template_orders_the_notes_and_what_it_leaves_out_is_told() {
    let mut ubl = simple();
    ubl.head = "<cbc:Note>Hej</cbc:Note><cbc:AccountingCost>K-1</cbc:AccountingCost>".to_owned();
    // A note stands before the currency in the schema; the reader takes both orders.
    let template = |text: &str| Settings::default().with_notes_template(text.parse().unwrap());

    let all = mapped(
        &ubl,
        &template("Faktura {BT-1} ({BT-27})\nVillkor: {BT-20}\n{rest}"),
    );
    assert_eq!(
        all.invoice.notes.as_deref(),
        Some("Faktura F-100 (Säljaren AB)\nKöparens kontering: K-1\nMeddelande: Hej")
    );
    assert_eq!(fates(&all, 27), ["carried in notes"]);

    let some = mapped(&ubl, &template("{BT-22}"));
    assert_eq!(some.invoice.notes.as_deref(), Some("Hej"));
    assert_eq!(fates(&some, 22), ["carried in notes"]);
    for term in [1, 19] {
        let fate = "dropped: the notes template leaves it out";
        assert_eq!(fates(&some, term), [fate], "{term}");
    }
}

#[test]
fn money_and_payment_references_stand_in_the_notes_whatever_the_template_says() {
    let mut ubl = simple();
    ubl.paid = Some(dec("5"));
    let settings = Settings::default()
        .with_prepaid(Prepaid::CarryInNotes)
        .with_ocr(OcrSettings::new(OcrForm::Number).with_letters(OcrLetters::Drop))
        .with_notes_template("Tack".parse().unwrap());
    let mapping = mapped(&ubl, &settings);
    assert_eq!(
        mapping.invoice.notes.as_deref(),
        Some("Tack\nRedan betalt: 5.00\nOCR-nummer: 1008")
    );
    assert_eq!(fates(&mapping, 113), ["carried in notes"]);
    let named = settings.with_notes_template("Betala {ocr}".parse().unwrap());
    let mapping = mapped(&ubl, &named);
    assert_eq!(
        mapping.invoice.notes.as_deref(),
        Some("Betala 1008\nRedan betalt: 5.00")
    );
}

#[test]
fn what_is_paid_can_be_deducted_by_a_row() {
    let mut ubl = simple();
    ubl.paid = Some(dec("6.25"));
    ubl.rounding = Some(dec("0.25"));
    let source = read(&ubl.xml());
    assert_eq!(
        reasons(&source, &Settings::default()),
        [(ReasonCode::Prepaid, "BT-113".to_owned())]
    );
    let no_product = Settings::default().with_prepaid(Prepaid::DeductRow);
    assert_eq!(
        reasons(&source, &no_product),
        [(ReasonCode::NoDefaultProduct, "BT-113".to_owned())]
    );
    let mapping = mapped(
        &ubl,
        &Settings::default().with_prepaid_product(ProductId(99)),
    );
    let row = mapping.invoice.rows.last().unwrap();
    assert_eq!(
        (row.product.id, row.quantity, row.price, row.vat.0),
        (ProductId(99), dec("-1"), Cents(625), dec("0"))
    );
    // What Kleer asks for is what is due.
    assert_eq!(mapping.sums.gross(), Some(source.totals().due));
    assert_eq!(fates(&mapping, 113), ["-> rows/row"]);
    assert!(codes(&mapping).contains(&RemarkCode::PrepaidRow));
    // More than the total would make a claim of the buyer's.
    ubl.paid = Some(dec("100"));
    let over = Settings::default().with_prepaid_product(ProductId(99));
    let found = reasons(&read(&ubl.xml()), &over);
    assert!(found.iter().any(|(code, _)| *code == ReasonCode::Prepaid));
}

/// An invoice whose sender computed one cent of VAT more than the rate gives.
fn with_more_vat(cents: i64) -> SourceInvoice {
    let vat = dec("5.25") + dec("0.01") * dec(&cents.to_string());
    let gross = dec("21.00") + vat;
    let xml = simple()
        .xml()
        .replace(">5.25<", &format!(">{vat}<"))
        .replace(">26.25<", &format!(">{gross}<"));
    read(&xml)
}

#[test]
fn the_tolerance_is_zero_unless_it_is_given() {
    for off in [1, -1] {
        let source = with_more_vat(off);
        let both = ["BT-110", "BT-112"].map(|term| (ReasonCode::SumsDiffer, term.to_owned()));
        assert_eq!(reasons(&source, &Settings::default()), both);
        let settings = Settings::default().with_vat_tolerance(Cents(1));
        let mapping = map_stocked(&source, &settings).unwrap();
        assert_eq!(codes(&mapping), [RemarkCode::VatWithinTolerance]);
        assert!(!mapping.report.totals.unwrap().agrees());
        assert_eq!(reasons(&with_more_vat(2 * off), &settings), both);
    }
}

#[test]
fn the_sum_without_vat_has_no_tolerance() {
    let mut ubl = simple();
    ubl.wrong = dec("0.01");
    let settings = Settings::default()
        .with_vat_tolerance(Cents(100))
        .with_rule_policy(
            kleer_invoice::RulePolicy::default()
                .passing("BR-CO-13")
                .passing("BR-CO-15")
                .passing("BR-S-08"),
        );
    let found = reasons(&read(&ubl.xml()), &settings);
    assert!(
        found.contains(&(ReasonCode::SumsDiffer, "BT-109".to_owned())),
        "{found:?}"
    );
}

#[test]
fn an_amount_due_that_the_totals_do_not_give_is_refused() {
    let xml = simple()
        .xml()
        .replace(">26.25</cbc:PayableAmount>", ">36.25</cbc:PayableAmount>");
    let passing = kleer_invoice::RulePolicy::default().passing("BR-CO-16");
    assert_eq!(
        reasons(&read(&xml), &Settings::default().with_rule_policy(passing)),
        [(ReasonCode::SumsDiffer, "BT-115".to_owned())]
    );
}

#[test]
fn products_to_be_created_have_the_sales_account_of_their_rate() {
    let mut reduced = Line::new("1", "10");
    reduced.vat = ("S", dec("12"));
    reduced.item_id = "A1";
    let mut ubl = Ubl::new(vec![Line::new("1", "10"), reduced]);
    ubl.rounding = Some(dec("0.30"));
    let settings = Settings::default()
        .with_sales_account("S", dec("25"), 3001)
        .with_other_sales_account(3000)
        .with_rounding_account(3740);
    let catalogue = Catalogue::new(&[], RateUnit::Percent);
    let missing = missing_products(&read(&ubl.xml()), &catalogue, &settings);
    let accounts: Vec<_> = missing.iter().map(|product| product.account_nr).collect();
    assert_eq!(accounts, [Some(3001), Some(3000), Some(3740)]);
    let none = missing_products(&read(&ubl.xml()), &catalogue, &Settings::default());
    assert!(none.iter().all(|product| product.account_nr.is_none()));
}

fn product(id: i32, percent: &str) -> Product {
    let mut product = Product::new("x", "EA", Cents(0));
    product.id = ProductId(id);
    product.vat_percentage = Some(Rate(dec(percent)));
    product
}

#[test]
fn allowances_and_charges_take_the_products_that_are_named_for_them() {
    let mut ubl = simple();
    ubl.allowance = Some(dec("2.00"));
    ubl.charge = Some(dec("1.00"));
    let settings = Settings::default()
        .with_allowance_product("S", dec("25"), ProductId(41))
        .with_charge_product("S", dec("25"), ProductId(42));
    let mapping = mapped(&ubl, &settings);
    let products: Vec<_> = mapping
        .invoice
        .rows
        .iter()
        .map(|row| row.product.id)
        .collect();
    assert_eq!(products, [ProductId(1), ProductId(41), ProductId(42)]);
    // For another rate nothing is named.
    let other = Settings::default().with_allowance_product("S", dec("12"), ProductId(41));
    let mapping = mapped(&ubl, &other);
    assert_eq!(mapping.invoice.rows[1].product.id, ProductId(1));
}

#[test]
fn a_named_product_with_another_vat_rate_in_kleer_is_refused() {
    let source = read(&simple().xml());
    let settings = Settings::default().with_default_product("S", dec("25"), ProductId(7));
    let code = |percent: &str| {
        let catalogue = Catalogue::new(&[product(7, percent)], RateUnit::Percent);
        let context = Context::new(ClientId(1), "k", &catalogue);
        map(&source, &context, &settings).map_err(|refusal| refusal.reasons[0].code)
    };
    assert!(code("25.0").is_ok());
    assert_eq!(code("12").unwrap_err(), ReasonCode::VatMismatch);
}

#[test]
fn the_unit_of_rates_is_given_or_told_by_the_products_and_never_guessed() {
    let silent = [product(1, "0")];
    assert!(Catalogue::of(&silent, &Settings::default()).is_err());
    let given = Settings::default().with_rate_unit(RateUnit::Fraction);
    let catalogue = Catalogue::of(&silent, &given).unwrap();
    assert_eq!(catalogue.rate_unit(), RateUnit::Fraction);
    let told = Catalogue::of(&[product(1, "25")], &Settings::default()).unwrap();
    assert_eq!(told.rate_unit(), RateUnit::Percent);
}

#[test]
fn unit_codes_can_have_texts() {
    let settings = Settings::default().with_unit_text("EA", "st");
    let mapping = mapped(&simple(), &settings);
    assert_eq!(mapping.invoice.rows[0].unit, "st");
    assert_eq!(fates(&mapping, 130), ["-> rows/row/unit"]);
}

#[test]
fn a_corrected_invoice_is_refused_or_taken_for_the_difference() {
    let typed = |code: &str, quantity: &str| {
        let mut ubl = Ubl::new(vec![Line::new(quantity, "10.50")]);
        ubl.head = preceding("A-1");
        let xml = ubl.xml();
        let typed = format!(">{code}</cbc:InvoiceTypeCode>");
        read(&xml.replace(">380</cbc:InvoiceTypeCode>", &typed))
    };
    assert_eq!(
        reasons(&typed("384", "2"), &Settings::default()),
        [(ReasonCode::CorrectedInvoice, "BT-3".to_owned())]
    );
    let settings = Settings::default().with_corrected_invoice(CorrectedInvoice::Difference);
    let more = map_stocked(&typed("384", "2"), &settings).unwrap();
    assert_eq!(more.invoice.debit_invoice_nr, None);
    assert_eq!(codes(&more), [RemarkCode::CorrectedInvoicePosted]);
    assert_eq!(fates(&more, 3), ["carried in notes"]);
    let less = map_stocked(&typed("384", "-2"), &settings).unwrap();
    assert_eq!(less.invoice.debit_invoice_nr, Some(4711));
    assert_eq!(
        reasons(&typed("325", "2"), &settings),
        [(ReasonCode::NotAnInvoice, "BT-3".to_owned())]
    );
}

#[test]
fn file_names_lead_nowhere_else() {
    let mut ubl = simple();
    ubl.head = "<cac:AdditionalDocumentReference><cbc:ID>B1</cbc:ID><cac:Attachment>\
                <cbc:EmbeddedDocumentBinaryObject mimeCode=\"text/csv\" \
                filename=\"../a&#10;b.csv\">YWJj</cbc:EmbeddedDocumentBinaryObject>\
                </cac:Attachment></cac:AdditionalDocumentReference>"
        .to_owned();
    let mapping = mapped(&ubl, &Settings::default());
    assert_eq!(
        mapping.invoice.files.as_ref().unwrap()[0].filename,
        ".._a_b.csv"
    );
    assert_eq!(codes(&mapping), [RemarkCode::FileNameChanged]);
}
