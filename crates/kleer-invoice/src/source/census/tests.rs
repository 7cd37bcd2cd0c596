use super::*;

fn terms(text: &str) -> Vec<(u16, Option<u32>)> {
    take(text)
        .0
        .occurrences
        .iter()
        .map(|o| (o.term, (o.line != NO_LINE).then_some(o.line)))
        .collect()
}

#[test]
fn terms_are_told_apart_by_their_neighbours() {
    let text = "<Invoice xmlns='x'>\
        <AllowanceCharge><ChargeIndicator>true</ChargeIndicator><Amount currencyID='SEK'>1\
        </Amount></AllowanceCharge>\
        <AllowanceCharge><ChargeIndicator>false</ChargeIndicator><Amount>1</Amount>\
        </AllowanceCharge>\
        <AdditionalDocumentReference><ID>a</ID><DocumentTypeCode>130</DocumentTypeCode>\
        </AdditionalDocumentReference>\
        <AdditionalDocumentReference><ID>b</ID></AdditionalDocumentReference>\
        <AccountingSupplierParty><Party>\
        <PartyTaxScheme><CompanyID>SE</CompanyID><TaxScheme><ID>VAT</ID></TaxScheme>\
        </PartyTaxScheme>\
        <PartyTaxScheme><CompanyID>G</CompanyID><TaxScheme><ID>TAX</ID></TaxScheme>\
        </PartyTaxScheme></Party></AccountingSupplierParty>\
        <Note>#AAI#x</Note><InvoiceLine><InvoicedQuantity unitCode='EA'>2</InvoicedQuantity>\
        </InvoiceLine></Invoice>";
    assert_eq!(
        terms(text),
        [
            (99, None),
            (92, None),
            (18, None),
            (122, None),
            (31, None),
            (32, None),
            (21, None),
            (22, None),
            (129, Some(0)),
            (130, Some(0)),
        ]
    );
}

#[test]
fn what_is_no_term_is_listed_by_path() {
    let (census, _) = take(
        "<Invoice><UUID>1</UUID><Delivery><Despatch><ID>1</ID></Despatch></Delivery>\
         <InvoiceLine><ID/><DocumentReference><ID>7</ID></DocumentReference></InvoiceLine>\
         </Invoice>",
    );
    assert!(census.occurrences.is_empty());
    let paths: Vec<_> = census.unmapped.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "Invoice/Delivery/Despatch",
            "Invoice/InvoiceLine/DocumentReference/ID",
            "Invoice/UUID"
        ]
    );
}

#[test]
fn tax_totals_and_foreign_amounts_are_told_by_currency() {
    let (census, _) = take(
        "<Invoice><DocumentCurrencyCode>EUR</DocumentCurrencyCode>\
         <TaxCurrencyCode>SEK</TaxCurrencyCode>\
         <TaxTotal><TaxAmount currencyID='EUR'>1</TaxAmount></TaxTotal>\
         <TaxTotal><TaxAmount currencyID='SEK'>11</TaxAmount></TaxTotal>\
         <LegalMonetaryTotal><PayableAmount currencyID='USD'>1</PayableAmount>\
         </LegalMonetaryTotal></Invoice>",
    );
    let found: Vec<_> = census.occurrences.iter().map(|o| o.term).collect();
    assert_eq!(found, [5, 6, 110, 111, 115]);
    assert_eq!(census.foreign_amounts.len(), 1);
    assert_eq!(census.foreign_amounts[0].term, 115);
}

#[test]
fn numbers_the_reader_takes_for_zero_are_known() {
    let (census, _) = take(
        "<Invoice><InvoiceLine><InvoicedQuantity>two</InvoicedQuantity><Price><PriceAmount>\
         1,50</PriceAmount></Price></InvoiceLine></Invoice>",
    );
    let found: Vec<_> = census.not_numbers.iter().map(|o| o.term).collect();
    assert_eq!(found, [129, 146]);
}

#[test]
fn amounts_without_a_digit_beside_the_point_are_respelled() {
    let text = "<Invoice><LegalMonetaryTotal><PayableRoundingAmount> -.40 </PayableRoundingAmount>\
                <PayableAmount>7.</PayableAmount><PrepaidAmount>.</PrepaidAmount>\
                <TaxExclusiveAmount>1.5</TaxExclusiveAmount></LegalMonetaryTotal></Invoice>";
    let wanted = text.replace("-.40", "-0.40").replace("7.", "7.0");
    assert_eq!(take(text).1, Some(wanted));
}

#[test]
fn white_space_between_tags_is_left_out_and_no_text() {
    let text = "<?xml version='1.0'?>\n<Invoice>\r\n\t<!-- a --> <Note> a\n</Note>\n <ID>\n</ID>\
                <Note> <b/> x <i/> <i/> </Note> <UUID> <b> </b> </UUID>\n<Delivery >\n\u{1} <Note/>\n\
                </Delivery>\n<Note> <![CDATA[ ]]> </Note> <Note>1<!-- --> <!-- -->2</Note>\n</Invoice>\n";
    let wanted = "<?xml version='1.0'?><Invoice>\r\n\t<!-- a --><Note> a\n</Note><ID>\n</ID>\
                <Note> <b/> x <i/> <i/> </Note><UUID> <b> </b> </UUID><Delivery >\n\u{1} <Note/>\
                </Delivery><Note> <![CDATA[ ]]> </Note><Note>1<!-- --> <!-- -->2</Note></Invoice>\n";
    assert_eq!(take(text).1.as_deref(), Some(wanted));
    // Nothing to leave out, and so no copy.
    assert_eq!(take("<Invoice><ID>1 </ID></Invoice>").1, None);
}

#[test]
fn the_bytes_of_an_unnamed_attachment_are_kept() {
    let (census, _) = take(
        "<Invoice><AdditionalDocumentReference><ID>d</ID><Attachment>\
         <EmbeddedDocumentBinaryObject mimeCode='text/csv'>YWJj</EmbeddedDocumentBinaryObject>\
         </Attachment></AdditionalDocumentReference><AdditionalDocumentReference><ID>e</ID>\
         <Attachment><EmbeddedDocumentBinaryObject mimeCode='a/b' filename='c'>Y*Jj\
         </EmbeddedDocumentBinaryObject></Attachment></AdditionalDocumentReference></Invoice>",
    );
    let recovered = census.documents[0].recovered.as_ref().unwrap();
    assert_eq!(recovered.content, b"abc");
    assert!(census.documents[1].not_base64);
}
