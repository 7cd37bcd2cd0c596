//! How single terms become fields of Kleer's invoice.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use kleer_invoice::{
    Catalogue, Context, DefaultProduct, Fate, Language, MappingReport, ROUNDING_PRODUCT,
    ReasonCode, RemarkCode, Settings, SourceInvoice, Term, UnknownProduct, VatMismatch, map,
    missing_products,
};
use kleer_model::{
    Cents, ClientId, ClientInvoice, Discount, Product, ProductId, Rate, RateUnit, UserId,
};
use support::ubl::{Line, Ubl, dec, preceding};
use support::{map_stocked, stocked};

fn read(ubl: &Ubl) -> SourceInvoice {
    SourceInvoice::from_ubl(ubl.xml().as_bytes()).unwrap()
}

fn mapped(ubl: &Ubl) -> (ClientInvoice, MappingReport) {
    let mapping =
        map_stocked(&read(ubl), &Settings::default()).unwrap_or_else(|refusal| panic!("{refusal}"));
    (mapping.invoice, mapping.report)
}

fn fate(report: &MappingReport, term: u16) -> String {
    let mut entries = report.of(Term::bt(term));
    let fate = entries
        .next()
        .map(|entry| entry.fate.to_string())
        .unwrap_or_default();
    assert!(entries.next().is_none(), "BT-{term} more than once");
    fate
}

fn with_head(head: &str) -> Ubl {
    let mut ubl = Ubl::new(vec![Line::new("2", "10.50")]);
    head.clone_into(&mut ubl.head);
    ubl
}

#[test]
fn a_draft_is_neither_certified_nor_sent_nor_automatic() {
    let (invoice, _) = mapped(&with_head(""));
    assert!(!invoice.certified && !invoice.sent && !invoice.disabled);
    assert_eq!(invoice.automatic_actions_disabled, Some(true));
    assert_eq!(
        (invoice.client_ref.id, invoice.foreign_id.as_str()),
        (ClientId(12), "kc1-test")
    );
    assert_eq!(invoice.our_reference.id, UserId(0));
    assert_eq!(invoice.currency, "SEK");
    assert_eq!(invoice.invoice_date.to_string(), "2026-01-29");
    assert_eq!(invoice.due_date.to_string(), "2026-02-28");
    assert_eq!(invoice.debit_invoice_nr, None);
}

#[test]
fn the_users_of_the_context_are_set() {
    let source = read(&with_head(""));
    let catalogue = stocked(&source, &Settings::default());
    let context = Context::new(ClientId(1), "k", &catalogue)
        .with_our_reference(UserId(7))
        .with_approver(UserId(8));
    let invoice = map(&source, &context, &Settings::default())
        .unwrap()
        .invoice;
    assert_eq!(invoice.our_reference.id, UserId(7));
    assert_eq!(invoice.approver.unwrap().id, UserId(8));
}

#[test]
fn whole_cents_stay_quantity_and_price() {
    let (invoice, report) = mapped(&with_head(""));
    let row = &invoice.rows[0];
    assert_eq!(
        (row.quantity, row.price, row.unit.as_str()),
        (dec("2"), Cents(1050), "EA")
    );
    assert_eq!(
        (row.vat, row.description.as_str()),
        (Rate(dec("25")), "Vara 1")
    );
    assert_eq!(fate(&report, 129), "-> rows/row/quantity");
    assert_eq!(fate(&report, 130), "-> rows/row/unit");
    assert_eq!(fate(&report, 146), "-> rows/row/price");
    assert!(report.remarks.is_empty());
}

#[test]
fn a_price_below_a_cent_posts_the_line_as_its_total() {
    let ubl = Ubl::new(vec![Line::new("1234", "0.2891")]);
    let (invoice, report) = mapped(&ubl);
    let row = &invoice.rows[0];
    assert_eq!(
        (row.quantity, row.price, row.unit.as_str()),
        (dec("1"), Cents(35_675), "")
    );
    assert_eq!(row.description, "Vara 1; Antal och pris: 1234 EA x 0.2891");
    assert_eq!(fate(&report, 129), "carried in rows/row/description");
    assert_eq!(report.remarks[0].code, RemarkCode::LinePostedAsTotal);
    assert_eq!(report.remarks[0].line, Some(1));
}

#[test]
fn a_base_quantity_divides_the_price_if_that_comes_out() {
    let mut even = Line::new("2000", "150");
    even.base = Some(dec("1000"));
    let mut odd = Line::new("2000", "150.50");
    odd.base = Some(dec("1000"));
    let (invoice, report) = mapped(&Ubl::new(vec![even, odd]));
    assert_eq!(
        (invoice.rows[0].quantity, invoice.rows[0].price),
        (dec("2000"), Cents(15))
    );
    assert_eq!(
        (invoice.rows[1].quantity, invoice.rows[1].price),
        (dec("1"), Cents(30_100))
    );
    assert!(
        invoice.rows[1]
            .description
            .ends_with("2000 EA x 150.5 / 1000 EA")
    );
    let fates: Vec<_> = report
        .of(Term::bt(149))
        .map(|e| e.fate.to_string())
        .collect();
    assert_eq!(
        fates,
        ["-> rows/row/price", "carried in rows/row/description"]
    );
}

#[test]
fn line_allowances_are_a_discount_and_line_charges_a_row() {
    let mut line = Line::new("2", "10.50");
    line.allowance = Some(dec("1.00"));
    line.charge = Some(dec("3.00"));
    let (invoice, report) = mapped(&Ubl::new(vec![line]));
    assert_eq!(invoice.rows.len(), 2);
    assert_eq!(
        invoice.rows[0].discount,
        Some(Discount::Absolute(Cents(100)))
    );
    assert_eq!(invoice.rows[0].description, "Vara 1; Rabatt: Radvillkor");
    let charge = &invoice.rows[1];
    assert_eq!((charge.quantity, charge.price), (dec("1"), Cents(300)));
    assert_eq!(charge.description, "Avgift: Radvillkor");
    assert_eq!(charge.product, invoice.rows[0].product);
    assert_eq!(fate(&report, 136), "-> rows/row");
    assert_eq!(fate(&report, 141), "-> rows/row");
}

#[test]
fn an_allowance_on_a_negative_row_is_a_row_of_its_own() {
    let mut line = Line::new("2", "10.50");
    line.allowance = Some(dec("1.00"));
    let (invoice, _) = mapped(&Ubl::credit_note(vec![line]));
    assert_eq!(invoice.rows[0].discount, None);
    assert_eq!(
        (invoice.rows[0].quantity, invoice.rows[0].price),
        (dec("-2"), Cents(1050))
    );
    assert_eq!(
        (invoice.rows[1].quantity, invoice.rows[1].price),
        (dec("1"), Cents(100))
    );
}

#[test]
fn a_negative_quantity_stays_negative_and_a_price_never_is() {
    let lines = vec![
        Line::new("5", "10"),
        Line::new("-1", "10"),
        Line::new("1", "-10"),
    ];
    let (invoice, _) = mapped(&Ubl::new(lines));
    let rows: Vec<_> = invoice
        .rows
        .iter()
        .map(|row| (row.quantity, row.price))
        .collect();
    let minus = (dec("-1"), Cents(1000));
    assert_eq!(rows, [(dec("5"), Cents(1000)), minus, minus]);
}

#[test]
fn document_allowances_charges_and_rounding_are_rows() {
    let mut ubl = Ubl::new(vec![Line::new("1", "100")]);
    ubl.allowance = Some(dec("10.00"));
    ubl.charge = Some(dec("5.01"));
    ubl.rounding = Some(dec("0.24"));
    let (invoice, report) = mapped(&ubl);
    let rows: Vec<_> = invoice
        .rows
        .iter()
        .map(|row| (row.quantity, row.price, row.vat.0, row.description.as_str()))
        .collect();
    assert_eq!(
        rows[1..],
        [
            (dec("-1"), Cents(1000), dec("25"), "Rabatt: Villkor"),
            (dec("1"), Cents(501), dec("25"), "Avgift: Villkor"),
            (dec("1"), Cents(24), dec("0"), "Öresavrundning"),
        ]
    );
    assert_eq!(fate(&report, 92), "-> rows/row");
    assert_eq!(fate(&report, 99), "-> rows/row");
    assert_eq!(fate(&report, 114), "-> rows/row");
    assert_eq!(report.remarks[0].code, RemarkCode::RoundingRow);
    let totals = report.totals.unwrap();
    assert_eq!(totals.net.stated, Cents(9_525));
    assert!(totals.agrees());
}

#[test]
fn an_amount_without_a_digit_before_its_point_is_read() {
    let mut ubl = Ubl::new(vec![Line::new("1", "100.32")]);
    ubl.rounding = Some(dec("-0.40"));
    let text = ubl.xml().replace(">-0.40<", ">-.40<");
    assert!(text.contains(">-.40<"));
    let source = SourceInvoice::from_ubl(text.as_bytes()).unwrap();
    assert_eq!(source.totals().rounding, Some(Cents(-40)));
    let mapping = map_stocked(&source, &Settings::default()).unwrap();
    assert_eq!(mapping.sums.gross(), Some(Cents(12_500)));
}

#[test]
fn credits_are_negative_and_name_what_they_credit() {
    let lines = vec![Line::new("2", "10.50")];
    let (invoice, report) = mapped(&Ubl::credit_note(lines));
    assert_eq!(invoice.debit_invoice_nr, Some(4711));
    assert_eq!(invoice.rows[0].quantity, dec("-2"));
    assert_eq!(fate(&report, 25), "-> debit-invoice-nr");
    assert!(invoice.notes.unwrap().contains("Avser faktura: A-1"));

    // An invoice with a negative total is a credit too, a negative credit note is none.
    let mut negative = Ubl::new(vec![Line::new("-2", "10.50")]);
    negative.head = preceding("A-1");
    let (invoice, _) = mapped(&negative);
    assert_eq!(
        (invoice.debit_invoice_nr, invoice.rows[0].quantity),
        (Some(4711), dec("-2"))
    );
    let mut positive = Ubl::credit_note(vec![Line::new("-2", "10.50")]);
    positive.head = String::new();
    let (invoice, _) = mapped(&positive);
    assert_eq!(
        (invoice.debit_invoice_nr, invoice.rows[0].quantity),
        (None, dec("2"))
    );
}

#[test]
fn the_credited_invoice_is_never_guessed() {
    let code = |head: String, known: &[(&str, i32)]| {
        let mut ubl = Ubl::credit_note(vec![Line::new("1", "1")]);
        ubl.head = head;
        let source = read(&ubl);
        let catalogue = stocked(&source, &Settings::default());
        let mut context = Context::new(ClientId(1), "k", &catalogue);
        for (number, nr) in known {
            context = context.with_debit_invoice(*number, *nr);
        }
        match map(&source, &context, &Settings::default()) {
            Ok(mapping) => Ok(mapping.invoice.debit_invoice_nr),
            Err(refusal) => {
                assert_eq!(refusal.reasons.len(), 1);
                assert_eq!(refusal.reasons[0].subject, "BT-25");
                Err(refusal.reasons[0].code)
            }
        }
    };
    let both = preceding("A-1") + &preceding("A-2");
    assert_eq!(
        code(String::new(), &[]),
        Err(ReasonCode::CreditedInvoiceMissing)
    );
    assert_eq!(
        code(preceding("A-1"), &[("A-2", 5)]),
        Err(ReasonCode::CreditedInvoiceUnknown)
    );
    assert_eq!(
        code(both.clone(), &[("A-2", 5)]),
        Err(ReasonCode::CreditedInvoiceUnknown)
    );
    let several = &[("A-1", 4), ("A-2", 5)];
    assert_eq!(
        code(both.clone(), several),
        Err(ReasonCode::SeveralCreditedInvoices)
    );
    assert_eq!(code(both, &[("A-1", 5), ("A-2", 5)]), Ok(Some(5)));
}

fn product(id: i32, foreign_id: &str, percent: Option<&str>) -> Product {
    let mut product = Product::new("x", "EA", Cents(0));
    product.id = ProductId(id);
    foreign_id.clone_into(&mut product.foreign_id);
    product.vat_percentage = percent.map(|percent| Rate(dec(percent)));
    product
}

fn with_item(item_id: &'static str) -> SourceInvoice {
    let mut line = Line::new("1", "80");
    line.item_id = item_id;
    read(&Ubl::new(vec![line]))
}

fn row_product(
    source: &SourceInvoice,
    catalogue: &Catalogue,
    settings: &Settings,
) -> Result<(ProductId, Vec<RemarkCode>), ReasonCode> {
    match map(source, &Context::new(ClientId(1), "k", catalogue), settings) {
        Ok(mapping) => {
            let remarks = mapping
                .report
                .remarks
                .iter()
                .map(|remark| remark.code)
                .collect();
            Ok((mapping.invoice.rows[0].product.id, remarks))
        }
        Err(refusal) => Err(refusal.reasons[0].code),
    }
}

#[test]
fn products_are_found_by_the_sellers_item_id() {
    let settings = Settings::default();
    let default = product(2, "kleer-connect:default:S:25", Some("25"));
    let choose = |products: &[Product], settings: &Settings| {
        row_product(
            &with_item(" A1 "),
            &Catalogue::new(products, RateUnit::Percent),
            settings,
        )
    };
    let known = product(1, "A1", Some("25"));
    assert_eq!(
        choose(&[known.clone(), default.clone()], &settings),
        Ok((ProductId(1), vec![]))
    );
    let no_rate = product(1, "A1", None);
    assert_eq!(
        choose(&[no_rate], &settings),
        Ok((ProductId(1), vec![RemarkCode::ProductVatUnknown]))
    );
    let twice = [known.clone(), product(3, "A1", Some("25"))];
    assert_eq!(choose(&twice, &settings), Err(ReasonCode::AmbiguousProduct));

    let other_rate = [product(1, "A1", Some("12")), default.clone()];
    assert_eq!(
        choose(&other_rate, &settings),
        Ok((ProductId(2), vec![RemarkCode::VatMismatchRerouted]))
    );
    let strict = Settings::default().with_vat_mismatch(VatMismatch::Refuse);
    assert_eq!(choose(&other_rate, &strict), Err(ReasonCode::VatMismatch));

    assert_eq!(
        choose(std::slice::from_ref(&default), &settings),
        Err(ReasonCode::ProductToCreate)
    );
    let refuse = Settings::default().with_unknown_product(UnknownProduct::Refuse);
    assert_eq!(
        choose(std::slice::from_ref(&default), &refuse),
        Err(ReasonCode::UnknownProduct)
    );
    let fall_back = Settings::default().with_unknown_product(UnknownProduct::DefaultProduct);
    assert_eq!(
        choose(&[default], &fall_back),
        Ok((ProductId(2), vec![RemarkCode::UnknownProductRerouted]))
    );
}

#[test]
fn a_default_product_is_named_or_found_or_created_or_refused() {
    let choose = |products: &[Product], settings: &Settings| {
        row_product(
            &with_item(""),
            &Catalogue::new(products, RateUnit::Fraction),
            settings,
        )
    };
    let named = Settings::default().with_default_product("S", dec("25.0"), ProductId(9));
    let found = product(2, &DefaultProduct::foreign_id("S", dec("25")), Some("0.25"));
    assert_eq!(
        choose(std::slice::from_ref(&found), &named),
        Ok((ProductId(9), vec![]))
    );
    assert_eq!(
        choose(&[found], &Settings::default()),
        Ok((ProductId(2), vec![]))
    );
    assert_eq!(
        choose(&[], &Settings::default()),
        Err(ReasonCode::ProductToCreate)
    );
    let never = Settings::default().with_create_default_products(false);
    assert_eq!(choose(&[], &never), Err(ReasonCode::NoDefaultProduct));
    let wrong = product(2, &DefaultProduct::foreign_id("S", dec("25")), Some("0.12"));
    assert_eq!(
        choose(&[wrong], &Settings::default()),
        Err(ReasonCode::VatMismatch)
    );
}

#[test]
fn missing_products_are_listed_once_with_what_the_line_says() {
    let mut line = Line::new("3", "19.90");
    line.item_id = "A1";
    let again = line.clone();
    let mut other_rate = line.clone();
    other_rate.vat = ("S", dec("12"));
    let mut fine_price = Line::new("3", "0.125");
    fine_price.item_id = "B2";
    let mut ubl = Ubl::new(vec![
        line,
        again,
        other_rate,
        fine_price,
        Line::new("1", "1"),
    ]);
    ubl.rounding = Some(dec("0.10"));
    let source = read(&ubl);
    let empty = Catalogue::new(&[], RateUnit::Fraction);
    let missing = missing_products(&source, &empty, &Settings::default());
    let listed: Vec<_> = missing
        .iter()
        .map(|p| {
            (
                p.foreign_id.as_str(),
                p.unit.as_str(),
                p.price.0,
                p.vat_percentage.unwrap().0,
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("A1", "EA", 1990, dec("0.25")),
            ("kleer-connect:default:S:12", "", 0, dec("0.12")),
            ("B2", "EA", 0, dec("0.25")),
            ("kleer-connect:default:S:25", "", 0, dec("0.25")),
            (ROUNDING_PRODUCT, "", 0, dec("0")),
        ]
    );
    assert_eq!(missing[0].name, "Vara 1");
    let refusal = map(
        &source,
        &Context::new(ClientId(1), "k", &empty),
        &Settings::default(),
    )
    .unwrap_err();
    assert!(refusal.only_products_missing());
    assert_eq!(refusal.reasons.len(), 5);
    // Created and inserted, nothing is missing any more.
    let full = stocked(&source, &Settings::default());
    assert!(missing_products(&source, &full, &Settings::default()).is_empty());
}

#[test]
fn references_have_their_fields_or_stand_in_the_notes() {
    let mut ubl = with_head(
        "<cbc:AccountingCost>K-1</cbc:AccountingCost>\
         <cbc:BuyerReference>REF</cbc:BuyerReference>\
         <cac:OrderReference><cbc:ID>PO-7</cbc:ID><cbc:SalesOrderID>SO-9</cbc:SalesOrderID>\
         </cac:OrderReference>\
         <cac:DespatchDocumentReference><cbc:ID>D-1</cbc:ID></cac:DespatchDocumentReference>\
         <cac:ContractDocumentReference><cbc:ID>C-3</cbc:ID></cac:ContractDocumentReference>\
         <cac:ProjectReference><cbc:ID>P-4</cbc:ID></cac:ProjectReference>",
    );
    ubl.buyer.push_str(
        "<cac:Contact><cbc:Name>Kim Kontakt</cbc:Name>\
         <cbc:ElectronicMail>faktura@example.se</cbc:ElectronicMail></cac:Contact>",
    );
    let (invoice, report) = mapped(&ubl);
    assert_eq!(invoice.po_nr, "PO-7");
    assert_eq!(invoice.agreement_nr.as_deref(), Some("C-3"));
    assert_eq!(invoice.your_reference, "REF");
    assert_eq!(invoice.invoice_email, "faktura@example.se");
    let notes = invoice.notes.unwrap();
    for line in [
        "Säljarens fakturanummer: F-100",
        "Säljarens order: SO-9",
        "Följesedel: D-1",
        "Projekt: P-4",
        "Köparens kontering: K-1",
        "Köparens kontakt: Kim Kontakt",
    ] {
        assert!(
            notes.lines().any(|given| given == line),
            "{line} in {notes}"
        );
    }
    assert_eq!(fate(&report, 13), "-> po-nr");
    assert_eq!(fate(&report, 14), "carried in notes");
}

#[test]
fn na_beside_a_sales_order_is_no_order_number() {
    let order = |id: &str, sales: &str| {
        let head = format!("<cac:OrderReference><cbc:ID>{id}</cbc:ID>{sales}</cac:OrderReference>");
        mapped(&with_head(&head)).0.po_nr
    };
    assert_eq!(order("NA", "<cbc:SalesOrderID>SO-9</cbc:SalesOrderID>"), "");
    assert_eq!(order("NA", ""), "NA");
}

#[test]
fn without_a_buyer_reference_the_contact_is_the_reference() {
    let mut ubl = with_head("");
    ubl.buyer
        .push_str("<cac:Contact><cbc:Name>Kim Kontakt</cbc:Name></cac:Contact>");
    let (invoice, report) = mapped(&ubl);
    assert_eq!(invoice.your_reference, "Kim Kontakt");
    assert_eq!(fate(&report, 56), "-> your-reference");
}

#[test]
fn addresses_delivery_and_identifiers() {
    let mut ubl = with_head("");
    ubl.buyer = "<cac:PartyTaxScheme><cbc:CompanyID>SE202100548901</cbc:CompanyID>\
                 <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
        .to_owned();
    ubl.body = "<cac:Delivery><cbc:ActualDeliveryDate>2026-01-20</cbc:ActualDeliveryDate>\
                <cac:DeliveryLocation><cbc:ID>L-1</cbc:ID><cac:Address>\
                <cbc:StreetName>Kajen 2</cbc:StreetName><cbc:CityName>Hamnen</cbc:CityName>\
                <cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode></cac:Country>\
                </cac:Address></cac:DeliveryLocation><cac:DeliveryParty><cac:PartyName>\
                <cbc:Name>Lagret</cbc:Name></cac:PartyName></cac:DeliveryParty></cac:Delivery>"
        .to_owned();
    let xml = ubl.xml().replacen(
        "<cac:AccountingCustomerParty><cac:Party>",
        "<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification>\
         <cbc:ID schemeID=\"0088\">7300010000001</cbc:ID></cac:PartyIdentification>\
         <cac:PartyIdentification><cbc:ID>K-77</cbc:ID></cac:PartyIdentification>",
        1,
    );
    let source = SourceInvoice::from_ubl(xml.as_bytes()).unwrap();
    let mapping = map_stocked(&source, &Settings::default()).unwrap();
    let invoice = mapping.invoice;
    assert_eq!(invoice.invoice_address.address2, "Gatan 1");
    assert_eq!(invoice.invoice_address.zip_code, "111 22");
    assert_eq!(invoice.invoice_address.state, "Staden");
    assert_eq!(invoice.delivery_name, "Lagret");
    assert_eq!(invoice.delivery_address.state, "Hamnen");
    assert_eq!(invoice.delivery_date.unwrap().to_string(), "2026-01-20");
    assert_eq!(invoice.gln.as_deref(), Some("7300010000001"));
    assert_eq!(invoice.vat_nr.as_deref(), Some("SE202100548901"));
    let notes = invoice.notes.unwrap();
    assert!(notes.contains("Leveransplats: L-1"));
    let fates: Vec<_> = mapping
        .report
        .of(Term::bt(46))
        .map(|e| e.fate.to_string())
        .collect();
    // The standard has one buyer identifier, and the reader keeps the first.
    assert_eq!(fates[0], "-> gln");
    assert!(fates[1].starts_with("dropped"), "{}", fates[1]);
    assert!(
        mapping
            .report
            .findings
            .iter()
            .any(|finding| finding.rule == "READ-REPEATED")
    );
}

#[test]
fn a_period_needs_both_days() {
    let period = |inside: &str| {
        mapped(&with_head(&format!(
            "<cac:InvoicePeriod>{inside}</cac:InvoicePeriod>"
        )))
    };
    let start = "<cbc:StartDate>2026-01-01</cbc:StartDate>";
    let (invoice, report) = period(&format!("{start}<cbc:EndDate>2026-01-31</cbc:EndDate>"));
    assert_eq!(invoice.period.unwrap().end_date.to_string(), "2026-01-31");
    assert_eq!(fate(&report, 73), "-> period/start-date");
    let (invoice, report) = period(start);
    assert!(invoice.period.is_none());
    assert!(
        invoice
            .notes
            .unwrap()
            .contains("Period från och med: 2026-01-01")
    );
    assert_eq!(fate(&report, 73), "carried in notes");
}

#[test]
fn what_a_line_says_beside_its_fields_is_in_the_description() {
    let mut line = Line::new("1", "1");
    line.extra = "<cbc:AccountingCost>K-2</cbc:AccountingCost>\
                  <cac:InvoicePeriod><cbc:EndDate>2026-01-31</cbc:EndDate></cac:InvoicePeriod>\
                  <cac:OrderLineReference><cbc:LineID>7</cbc:LineID></cac:OrderLineReference>";
    line.item = "<cac:StandardItemIdentification><cbc:ID schemeID=\"0160\">0735</cbc:ID>\
                 </cac:StandardItemIdentification>";
    let (invoice, report) = mapped(&Ubl::new(vec![line]));
    assert_eq!(
        invoice.rows[0].description,
        "Vara 1; Standardartikelnummer: 0735 (0160); Orderrad: 7; Köparens kontering: K-2; \
         Period till och med: 2026-01-31"
    );
    assert_eq!(fate(&report, 135), "carried in rows/row/description");
}

#[test]
fn labels_are_english_on_request() {
    let source = read(&with_head(""));
    let settings = Settings::default().with_language(Language::English);
    let invoice = map_stocked(&source, &settings).unwrap().invoice;
    assert_eq!(
        invoice.notes.as_deref(),
        Some("Seller's invoice number: F-100")
    );
}

#[test]
fn attachments_are_files_and_their_references_stand_in_the_notes() {
    let ubl = with_head(
        "<cac:AdditionalDocumentReference><cbc:ID>B1</cbc:ID>\
         <cbc:DocumentDescription>Tidrapport</cbc:DocumentDescription><cac:Attachment>\
         <cbc:EmbeddedDocumentBinaryObject mimeCode=\"text/csv\" filename=\"tid.csv\">YWJj\
         </cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>",
    );
    let (invoice, report) = mapped(&ubl);
    let files = invoice.files.unwrap();
    assert_eq!(
        (files[0].filename.as_str(), files[0].data.0.as_slice()),
        ("tid.csv", &b"abc"[..])
    );
    assert!(invoice.notes.unwrap().contains("Bilaga: B1, Tidrapport"));
    assert_eq!(fate(&report, 125), "-> files/file");
}

#[test]
fn a_credit_notes_own_due_date_and_project_are_read() {
    let mut ubl = Ubl::credit_note(vec![Line::new("1", "1")]);
    ubl.head.push_str(
        "<cac:AdditionalDocumentReference><cbc:ID>P-4</cbc:ID>\
         <cbc:DocumentTypeCode>50</cbc:DocumentTypeCode></cac:AdditionalDocumentReference>",
    );
    ubl.body = "<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>\
                <cbc:PaymentDueDate>2026-03-15</cbc:PaymentDueDate></cac:PaymentMeans>"
        .to_owned();
    let (invoice, report) = mapped(&ubl);
    assert_eq!(invoice.due_date.to_string(), "2026-03-15");
    assert_eq!(fate(&report, 9), "-> due-date");
    assert_eq!(fate(&report, 11), "carried in notes");
    assert!(invoice.notes.unwrap().contains("Projekt: P-4"));
}

#[test]
fn elements_that_are_no_term_are_listed() {
    let xml = with_head("").xml().replacen(
        "<cbc:IssueDate>",
        "<cbc:UUID>3fa85f64</cbc:UUID><cbc:IssueDate>",
        1,
    );
    let source = SourceInvoice::from_ubl(xml.as_bytes()).unwrap();
    let report = map_stocked(&source, &Settings::default()).unwrap().report;
    assert_eq!(report.unmapped.len(), 1);
    assert_eq!(
        (report.unmapped[0].path.as_str(), report.unmapped[0].count),
        ("Invoice/UUID", 1)
    );
}

#[test]
fn a_control_character_in_our_own_key_is_refused() {
    let source = read(&with_head(""));
    let catalogue = stocked(&source, &Settings::default());
    let context = Context::new(ClientId(1), "k\u{1}", &catalogue);
    let refusal = map(&source, &context, &Settings::default()).unwrap_err();
    assert_eq!(refusal.reasons[0].code, ReasonCode::ForbiddenCharacter);
    assert_eq!(refusal.reasons[0].subject, "foreign-id");
}

#[test]
fn the_report_reads_well() {
    let mut ubl = with_head("<cbc:BuyerReference>REF</cbc:BuyerReference>");
    ubl.rounding = Some(dec("-0.25"));
    let (_, report) = mapped(&ubl);
    insta::assert_snapshot!("report", report.render());
    assert!(
        report
            .entries
            .iter()
            .all(|e| !matches!(&e.fate, Fate::Dropped { reason } if reason.is_empty()))
    );
}
