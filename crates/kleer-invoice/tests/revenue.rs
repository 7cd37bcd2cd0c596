//! Invoices that were issued elsewhere, as revenues that Kleer only books.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{
    Prepaid, ReasonCode, Refusal, RemarkCode, RevenueContext, RevenueMapping, Settings,
    SourceInvoice, Term, map_revenue, propose_new_client,
};
use kleer_model::{
    Cents, ClientId, Document, File, ProductId, RevenueExternalId, RevenueId, RevenueLedgerId,
    RevenueReference,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use support::ubl::{Line, Ubl, dec, preceding};
use support::{corpus, name, stocked};

const LEDGER: RevenueLedgerId = RevenueLedgerId(3);

fn read(ubl: &Ubl) -> SourceInvoice {
    SourceInvoice::from_ubl(ubl.xml().as_bytes()).unwrap()
}

fn file() -> File {
    File::new("F-100.xml", b"<Invoice/>".to_vec())
}

/// The settings of a company that books revenues.
fn company() -> Settings {
    Settings::default().with_revenue_ledger(LEDGER)
}

fn book(source: &SourceInvoice, settings: &Settings) -> Result<RevenueMapping, Box<Refusal>> {
    let catalogue = stocked(source, settings);
    let mut context = RevenueContext::new(ClientId(12), "kc1-test", &catalogue).with_file(file());
    for preceding in source.preceding_invoices() {
        context = context.with_debit_revenue(preceding, RevenueId(4711));
    }
    map_revenue(source, &context, settings).map_err(Box::new)
}

fn booked(ubl: &Ubl) -> RevenueMapping {
    book(&read(ubl), &company()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn amounts(mapping: &RevenueMapping) -> Vec<(i64, i64)> {
    let rows = mapping.revenue.rows.iter();
    rows.map(|row| (row.original_amount.amount.0, row.original_amount.vat.0))
        .collect()
}

fn fate(mapping: &RevenueMapping, term: u16) -> String {
    let mut entries = mapping.report.of(Term::bt(term));
    entries.next().unwrap().fate.to_string()
}

#[test]
fn a_line_is_a_row_with_its_net_amount_and_vat() {
    let mut line = Line::new("2", "10.50");
    line.allowance = Some(dec("1.00"));
    line.charge = Some(dec("3.00"));
    let mut ubl = Ubl::new(vec![line, Line::new("1234", "0.2891")]);
    ubl.allowance = Some(dec("10.00"));
    ubl.charge = Some(dec("5.01"));
    ubl.rounding = Some(dec("0.24"));
    let mapping = booked(&ubl);
    // 23.00, 356.75, -10.00, 5.01 at 25 %: 374.76 and 93.69; VAT is rounded on the sum so far.
    assert_eq!(
        amounts(&mapping),
        [
            (2300, 575),
            (35_675, 8919),
            (-1000, -250),
            (501, 125),
            (24, 0)
        ]
    );
    let revenue = &mapping.revenue;
    assert_eq!(revenue.ledger.id, LEDGER);
    assert_eq!(revenue.external_id, "kc1-test");
    assert_eq!(revenue.client.as_ref().unwrap().id, ClientId(12));
    assert!(revenue.new_client.is_none());
    assert_eq!(revenue.country_code, "SE");
    assert_eq!(revenue.transaction_date.to_string(), "2026-01-29");
    assert_eq!(revenue.rows[0].original_amount.currency, "SEK");
    assert_eq!(revenue.files[0].filename, "F-100.xml");
    assert_eq!(fate(&mapping, 131), "-> row/original-amount/amount");
    assert_eq!(fate(&mapping, 117), "-> row/original-amount/vat");
    assert_eq!(fate(&mapping, 55), "-> country-code");
    assert!(fate(&mapping, 153).starts_with("dropped: a revenue has no field"));
    // What is sent is a document of Kleer's.
    let xml = revenue.to_xml().unwrap();
    assert!(xml.contains("<external-id>kc1-test</external-id>"));
}

#[test]
fn vat_that_the_sender_rounds_in_another_way_is_booked_as_stated() {
    let ubl = Ubl::new(vec![Line::new("1", "10"), Line::new("1", "100")]);
    let xml = ubl
        .xml()
        .replace(">27.50<", ">27.53<")
        .replace(">137.50<", ">137.53<");
    let source = SourceInvoice::from_ubl(xml.as_bytes()).unwrap();
    let mapping = book(&source, &company()).unwrap();
    // The difference is on the largest row.
    assert_eq!(amounts(&mapping), [(1000, 250), (10_000, 2503)]);
    assert_eq!(mapping.report.remarks[0].code, RemarkCode::VatAsStated);
    assert_eq!(mapping.sums.gross(), Some(source.totals().gross));
    // Beyond what the standard allows it is an error, whatever the policy lets pass.
    let xml = ubl
        .xml()
        .replace(">27.50<", ">28.50<")
        .replace(">137.50<", ">138.50<");
    let source = SourceInvoice::from_ubl(xml.as_bytes()).unwrap();
    let policy = kleer_invoice::RulePolicy::default()
        .passing("BR-CO-17")
        .passing("BR-S-09");
    let settings = company().with_rule_policy(policy);
    let refusal = book(&source, &settings).unwrap_err();
    assert!(refusal.has(ReasonCode::SumsDiffer), "{refusal}");
}

/// The sums of both rates are right, and neither rate is.
#[test]
fn vat_of_one_rate_does_not_make_up_for_that_of_another() {
    let mut low = Line::new("1", "100.00");
    low.vat = ("S", dec("12"));
    let xml = Ubl::new(vec![Line::new("1", "100.00"), low]).xml();
    let xml = xml
        .replace(">25.00</cbc:TaxAmount>", ">30.00</cbc:TaxAmount>")
        .replace(">12.00</cbc:TaxAmount>", ">7.00</cbc:TaxAmount>");
    let source = SourceInvoice::from_ubl(xml.as_bytes()).unwrap();
    let mut policy = kleer_invoice::RulePolicy::default();
    policy.base = kleer_invoice::RuleBase::Nothing;
    let refusal = book(&source, &company().with_rule_policy(policy)).unwrap_err();
    let texts: Vec<_> = refusal.reasons.iter().map(|reason| &reason.text).collect();
    assert_eq!(
        texts,
        [
            "the stated VAT of S 25 % is off by 5.00",
            "the stated VAT of S 12 % is off by -5.00"
        ]
    );
}

#[test]
fn a_credit_names_the_revenue_that_it_credits_by_either_key() {
    let ubl = Ubl::credit_note(vec![Line::new("2", "10.50")]);
    let mapping = booked(&ubl);
    assert_eq!(amounts(&mapping), [(-2100, -525)]);
    assert_eq!(
        mapping.revenue.debit_revenue,
        Some(RevenueReference::Id(RevenueId(4711)))
    );
    assert_eq!(fate(&mapping, 25), "-> debit-revenue");

    let source = read(&ubl);
    let catalogue = stocked(&source, &company());
    let context = RevenueContext::new(ClientId(1), "k", &catalogue).with_file(file());
    let refusal = map_revenue(&source, &context, &company()).unwrap_err();
    assert!(refusal.has(ReasonCode::CreditedInvoiceUnknown));
    let context = context.with_debit_revenue("A-1", RevenueExternalId::new("A-1", LEDGER));
    let revenue = map_revenue(&source, &context, &company()).unwrap().revenue;
    let xml = revenue.to_xml().unwrap();
    assert!(
        xml.contains("<debit-revenue><external-id><id>A-1</id>"),
        "{xml}"
    );

    // A negative invoice is a credit too; a negative credit note is none.
    let mut negative = Ubl::new(vec![Line::new("-2", "10.50")]);
    negative.head = preceding("A-1");
    assert!(booked(&negative).revenue.debit_revenue.is_some());
    let positive = booked(&Ubl::credit_note(vec![Line::new("-2", "10.50")]));
    assert!(positive.revenue.debit_revenue.is_none());
    assert_eq!(amounts(&positive), [(2100, 525)]);
}

#[test]
fn without_ledger_file_key_or_country_there_is_no_revenue() {
    let xml = Ubl::new(vec![Line::new("1", "1")]).xml().replacen(
        "<cbc:PostalZone>111 22</cbc:PostalZone><cac:Country>\
         <cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country>",
        "",
        1,
    );
    let source = SourceInvoice::from_ubl(xml.as_bytes()).unwrap();
    let catalogue = stocked(&source, &company());
    let context = RevenueContext::new(ClientId(1), " ", &catalogue);
    let refusal = map_revenue(&source, &context, &Settings::default()).unwrap_err();
    let codes: Vec<_> = refusal.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(
        codes,
        [
            ReasonCode::MissingTerm,
            ReasonCode::NoLedger,
            ReasonCode::NoFile,
            ReasonCode::NoExternalId
        ]
    );
    let mut context = context.with_country("NO").with_file(file());
    context.external_id = "F-100".to_owned();
    let mapping = map_revenue(&source, &context, &company()).unwrap();
    assert_eq!(mapping.revenue.country_code, "NO");
    assert_eq!(fate(&mapping, 1), "-> external-id");
}

#[test]
fn an_attachment_is_a_file_too_and_a_new_client_can_be_made() {
    let mut ubl = Ubl::new(vec![Line::new("1", "1")]);
    ubl.head = "<cac:AdditionalDocumentReference><cbc:ID>B1</cbc:ID><cac:Attachment>\
                <cbc:EmbeddedDocumentBinaryObject mimeCode=\"text/csv\" filename=\"tid.csv\">YWJj\
                </cbc:EmbeddedDocumentBinaryObject></cac:Attachment>\
                </cac:AdditionalDocumentReference>"
        .to_owned();
    let source = read(&ubl);
    let catalogue = stocked(&source, &company());
    let client = propose_new_client(&source, "kc1-client");
    let context = RevenueContext::new(client, "k", &catalogue);
    let mapping = map_revenue(&source, &context, &company()).unwrap();
    let revenue = &mapping.revenue;
    assert_eq!(revenue.files[0].filename, "tid.csv");
    assert_eq!(fate(&mapping, 125), "-> file");
    assert!(revenue.client.is_none());
    assert_eq!(revenue.new_client.as_ref().unwrap().name, "Köparen AB");
    assert_eq!(fate(&mapping, 44), "-> new-client/name");
}

#[test]
fn periods_are_those_of_the_line_or_of_the_document() {
    let mut own = Line::new("1", "1");
    own.extra = "<cac:InvoicePeriod><cbc:StartDate>2026-02-01</cbc:StartDate>\
                 <cbc:EndDate>2026-02-28</cbc:EndDate></cac:InvoicePeriod>";
    let mut ubl = Ubl::new(vec![own, Line::new("1", "1")]);
    ubl.head = "<cac:InvoicePeriod><cbc:StartDate>2026-01-01</cbc:StartDate>\
                <cbc:EndDate>2026-01-31</cbc:EndDate></cac:InvoicePeriod>"
        .to_owned();
    let mapping = booked(&ubl);
    let starts: Vec<_> = mapping
        .revenue
        .rows
        .iter()
        .map(|row| row.period.as_ref().unwrap().start.to_string())
        .collect();
    assert_eq!(starts, ["2026-02-01", "2026-01-01"]);
    assert_eq!(fate(&mapping, 73), "-> row/period/start");
    assert_eq!(fate(&mapping, 135), "-> row/period/end");
}

#[test]
fn what_is_paid_is_refused_left_open_or_deducted() {
    let mut ubl = Ubl::new(vec![Line::new("1", "100")]);
    ubl.paid = Some(dec("25.00"));
    let source = read(&ubl);
    let refusal = book(&source, &company()).unwrap_err();
    assert!(refusal.has(ReasonCode::Prepaid));
    let open = company().with_prepaid(Prepaid::CarryInNotes);
    let mapping = book(&source, &open).unwrap();
    assert_eq!(
        mapping.report.remarks[0].code,
        RemarkCode::PrepaidNotDeducted
    );
    assert_eq!(mapping.sums.gross(), Some(Cents(12_500)));
    let deduct = company().with_prepaid_product(ProductId(99));
    let mapping = book(&source, &deduct).unwrap();
    assert_eq!(amounts(&mapping), [(10_000, 2500), (-2500, 0)]);
    assert_eq!(mapping.sums.gross(), Some(Cents(10_000)));
    ubl.paid = Some(dec("125.01"));
    assert!(
        book(&read(&ubl), &deduct)
            .unwrap_err()
            .has(ReasonCode::Prepaid)
    );
}

prop_compose! {
    fn documents()(
        parts in prop::collection::vec(
            (-50_000i64..50_000, 0i64..1_000_000, 0u32..5, prop::sample::select(vec![
                ("S", 25), ("S", 12), ("S", 6), ("Z", 0),
            ])),
            1..12,
        ),
        credit_note in any::<bool>(),
        allowance in prop::option::weighted(0.3, 1i64..9_999),
        charge in prop::option::weighted(0.3, 1i64..9_999),
        rounding in prop::option::weighted(0.3, -50i64..50),
    ) -> Ubl {
        let lines = parts.into_iter().map(|(quantity, price, scale, (category, rate))| {
            let mut line = Line::new("1", "1");
            line.quantity = Decimal::new(quantity, 2);
            line.price = Decimal::new(price, scale);
            line.vat = (category, Decimal::from(rate));
            line
        }).collect();
        let mut ubl = if credit_note { Ubl::credit_note(lines) } else { Ubl::new(lines) };
        ubl.head = preceding("A-1");
        ubl.allowance = allowance.map(|cents| Decimal::new(cents, 2));
        ubl.charge = charge.map(|cents| Decimal::new(cents, 2));
        ubl.rounding = rounding.map(|cents| Decimal::new(cents, 2));
        ubl
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_rows_add_up_and_each_has_about_the_vat_of_its_rate(ubl in documents()) {
        let source = read(&ubl);
        let mapping = book(&source, &company())
            .map_err(|refusal| TestCaseError::fail(format!("{refusal}\n{}", ubl.xml())))?;
        let (net, vat, gross) = ubl.sums();
        let sign = if ubl.credit_note { -Decimal::ONE } else { Decimal::ONE };
        let rounding = ubl.rounding.unwrap_or_default();
        prop_assert_eq!(mapping.sums.net.to_decimal(), sign * (net + rounding));
        prop_assert_eq!(mapping.sums.vat.to_decimal(), sign * vat);
        prop_assert_eq!(
            mapping.sums.gross().unwrap().to_decimal(),
            sign * (gross + rounding)
        );
        let rows = amounts(&mapping);
        prop_assert_eq!(rows.iter().map(|row| row.0).sum::<i64>(), mapping.sums.net.0);
        prop_assert_eq!(rows.iter().map(|row| row.1).sum::<i64>(), mapping.sums.vat.0);
        for (row, line) in rows.iter().zip(&ubl.lines) {
            let exact = Decimal::from(row.0) * line.vat.1 / Decimal::ONE_HUNDRED;
            prop_assert!((exact - Decimal::from(row.1)).abs() <= Decimal::ONE, "{row:?}");
        }
        mapping.revenue.to_xml().unwrap();
    }
}

/// Every document of the corpus that can be booked adds up to what it states, and the report
/// accounts for as many terms as that of an invoice does.
#[test]
fn every_document_of_the_corpus_is_booked_to_the_cent_or_refused() {
    let Some(files) = corpus("every_document_of_the_corpus_is_booked_to_the_cent_or_refused")
    else {
        return;
    };
    let mut booked = 0;
    for path in files {
        let Ok(source) = SourceInvoice::from_ubl(&std::fs::read(&path).unwrap()) else {
            continue;
        };
        let invoice = support::map_stocked(&source, &company());
        let terms = match &invoice {
            Ok(mapping) => mapping.report.entries.len(),
            Err(refusal) => refusal.report.entries.len(),
        };
        match book(&source, &company()) {
            Ok(mapping) => {
                booked += 1;
                assert_eq!(mapping.report.entries.len(), terms, "{}", name(&path));
                let totals = source.totals();
                let sign = match source.kind() {
                    kleer_invoice::DocumentKind::Invoice => 1,
                    kleer_invoice::DocumentKind::CreditNote => -1,
                };
                let rounding = totals.rounding.unwrap_or_default().0;
                let (net, vat) = amounts(&mapping)
                    .iter()
                    .fold((0, 0), |(net, vat), row| (net + row.0, vat + row.1));
                assert_eq!(net, sign * (totals.net.0 + rounding), "{}", name(&path));
                assert_eq!(
                    vat,
                    sign * totals.vat.unwrap_or_default().0,
                    "{}",
                    name(&path)
                );
                mapping.revenue.to_xml().unwrap();
            }
            Err(refusal) => {
                assert_eq!(refusal.report.entries.len(), terms, "{}", name(&path));
                // What an invoice can be, a revenue can be, where there is a country.
                if invoice.is_ok() {
                    let country = |reason: &kleer_invoice::Reason| {
                        reason.code == ReasonCode::MissingTerm && reason.subject == "BT-55"
                    };
                    assert!(
                        refusal.reasons.iter().all(country),
                        "{}: {refusal}",
                        name(&path)
                    );
                }
            }
        }
    }
    assert!(booked > 100, "{booked}");
}
