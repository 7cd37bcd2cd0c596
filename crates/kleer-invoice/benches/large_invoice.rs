//! An invoice of 1,000, 10,000 and 100,000 lines, in XML and in JSON: the time by line, which must
//! not grow with their number, and the most memory that the process had.
//!
//! `cargo bench -p kleer-invoice --bench large_invoice`
//!
//! The memory is that of Linux (`VmHWM`) and left out elsewhere.

#![allow(clippy::print_stdout, reason = "a program that prints its result")]

use std::fmt::Write as _;
use std::time::Instant;

use kleer_invoice::{
    Catalogue, Context, ReadError, ReadLimits, Settings, SourceInvoice, map, missing_products,
};
use kleer_model::{ClientId, Document, ProductId, RateUnit};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"
  xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\"
  xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
  <cbc:ID>2026-17</cbc:ID><cbc:IssueDate>2026-01-29</cbc:IssueDate>
  <cbc:DueDate>2026-02-28</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>SEK</cbc:DocumentCurrencyCode><cbc:BuyerReference>R</cbc:BuyerReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode>
    </cac:Country></cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>SE202100548901</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>Exempel AB</cbc:RegistrationName>
      <cbc:CompanyID schemeID=\"0007\">2021005489</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cbc:EndpointID schemeID=\"0007\">2021005489</cbc:EndpointID>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>SE</cbc:IdentificationCode>
    </cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Exempel AB</cbc:RegistrationName>
    </cac:PartyLegalEntity>
  </cac:Party></cac:AccountingCustomerParty>
";

/// An invoice whose lines have what lines usually have: two articles at 25.50, quantity 2.
fn xml(lines: usize) -> String {
    let net = format!("{}.00", 51 * lines);
    let vat = format!("{}.{:02}", 51 * lines * 25 / 100, 51 * lines * 25 % 100);
    let cents = 51 * lines * 125;
    let gross = format!("{}.{:02}", cents / 100, cents % 100);
    let category = "<cbc:ID>S</cbc:ID><cbc:Percent>25</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>";
    let mut text = String::from(HEAD);
    let _ = write!(
        text,
        "<cac:TaxTotal><cbc:TaxAmount currencyID=\"SEK\">{vat}</cbc:TaxAmount><cac:TaxSubtotal>\
         <cbc:TaxableAmount currencyID=\"SEK\">{net}</cbc:TaxableAmount>\
         <cbc:TaxAmount currencyID=\"SEK\">{vat}</cbc:TaxAmount>\
         <cac:TaxCategory>{category}</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>\
         <cac:LegalMonetaryTotal>\
         <cbc:LineExtensionAmount currencyID=\"SEK\">{net}</cbc:LineExtensionAmount>\
         <cbc:TaxExclusiveAmount currencyID=\"SEK\">{net}</cbc:TaxExclusiveAmount>\
         <cbc:TaxInclusiveAmount currencyID=\"SEK\">{gross}</cbc:TaxInclusiveAmount>\
         <cbc:PayableAmount currencyID=\"SEK\">{gross}</cbc:PayableAmount></cac:LegalMonetaryTotal>"
    );
    for line in 1..=lines {
        let _ = write!(
            text,
            "\n  <cac:InvoiceLine>\n    <cbc:ID>{line}</cbc:ID>\n    \
             <cbc:InvoicedQuantity unitCode=\"EA\">2</cbc:InvoicedQuantity>\n    \
             <cbc:LineExtensionAmount currencyID=\"SEK\">51.00</cbc:LineExtensionAmount>\n    \
             <cac:OrderLineReference><cbc:LineID>{line}</cbc:LineID></cac:OrderLineReference>\n    \
             <cac:Item>\n      <cbc:Description>An article, described</cbc:Description>\n      \
             <cbc:Name>Article {line}</cbc:Name>\n      <cac:SellersItemIdentification>\
             <cbc:ID>A-{}</cbc:ID></cac:SellersItemIdentification>\n      \
             <cac:ClassifiedTaxCategory>{category}</cac:ClassifiedTaxCategory>\n    </cac:Item>\n    \
             <cac:Price><cbc:PriceAmount currencyID=\"SEK\">25.50</cbc:PriceAmount></cac:Price>\n  \
             </cac:InvoiceLine>",
            line % 1_000
        );
    }
    text.push_str("\n</Invoice>");
    text
}

/// The same in JSON; the lists of the document in one pass over the XML above.
fn json(lines: usize) -> String {
    let net = 51 * lines;
    let cents = 51 * lines * 125;
    let gross = format!("{}.{:02}", cents / 100, cents % 100);
    let vat = format!("{}.{:02}", net * 25 / 100, net * 25 % 100);
    let category = r#"{"ID":[{"_":"S"}],"Percent":[{"_":25}],"TaxScheme":[{"ID":[{"_":"VAT"}]}]}"#;
    let amount = |text: &str| format!(r#"[{{"_":{text},"currencyID":"SEK"}}]"#);
    let mut text = format!(
        r#"{{"Invoice":[{{"CustomizationID":[{{"_":"urn:cen.eu:en16931:2017"}}],"ID":[{{"_":"2026-17"}}],
"IssueDate":[{{"_":"2026-01-29"}}],"DueDate":[{{"_":"2026-02-28"}}],"InvoiceTypeCode":[{{"_":"380"}}],
"DocumentCurrencyCode":[{{"_":"SEK"}}],
"TaxTotal":[{{"TaxAmount":{vat},"TaxSubtotal":[{{"TaxableAmount":{net},"TaxAmount":{vat},
"TaxCategory":[{category}]}}]}}],"LegalMonetaryTotal":[{{"LineExtensionAmount":{net},
"TaxExclusiveAmount":{net},"TaxInclusiveAmount":{gross},"PayableAmount":{gross}}}],"InvoiceLine":["#,
        vat = amount(&vat),
        net = amount(&net.to_string()),
        gross = amount(&gross),
    );
    for line in 1..=lines {
        let comma = if line == 1 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}
{{"ID":[{{"_":"{line}"}}],"InvoicedQuantity":[{{"_":2,"unitCode":"EA"}}],"LineExtensionAmount":{net},
"OrderLineReference":[{{"LineID":[{{"_":"{line}"}}]}}],"Item":[{{"Description":[{{"_":"An article, described"}}],
"Name":[{{"_":"Article {line}"}}],"SellersItemIdentification":[{{"ID":[{{"_":"A-{article}"}}]}}],
"ClassifiedTaxCategory":[{category}]}}],"Price":[{{"PriceAmount":{price}}}]}}"#,
            net = amount("51.00"),
            price = amount("25.50"),
            article = line % 1_000,
        );
    }
    text.push_str("]}]}");
    text
}

/// The most memory that the process had, in MB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

type Read = fn(&[u8], &ReadLimits) -> Result<SourceInvoice, ReadError>;

fn run(form: &str, lines: usize, document: &str, read: Read) {
    let settings = Settings::default();
    let limits = ReadLimits::default().with_max_bytes(1_000_000_000);
    let before = peak();
    let start = Instant::now();
    let Ok(source) = read(document.as_bytes(), &limits) else {
        println!("{form} {lines}: not read");
        return;
    };
    let read_after = start.elapsed();
    let mut catalogue = Catalogue::new(&[], RateUnit::Percent);
    for (id, mut product) in (1..).zip(missing_products(&source, &catalogue, &settings)) {
        product.id = ProductId(id);
        catalogue.insert(&product);
    }
    let context = Context::new(ClientId(1), "kc1-bench", &catalogue);
    let outcome = map(&source, &context, &settings);
    let written = match &outcome {
        Ok(mapping) => mapping.invoice.to_xml().map_or(0, |xml| xml.len()),
        Err(refusal) => {
            println!("{form} {lines}: {refusal}");
            0
        }
    };
    let all = start.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "a count of lines")]
    let by_line = all.as_secs_f64() * 1e6 / lines as f64;
    println!(
        "{form:4} {lines:7} lines, {:9} bytes: read {:8.1} ms, all {:8.1} ms, {by_line:6.2} us/line, \
         {written} bytes of Kleer's XML, peak {before:?} -> {:?} MB",
        document.len(),
        read_after.as_secs_f64() * 1e3,
        all.as_secs_f64() * 1e3,
        peak(),
    );
}

fn main() {
    // The peak never falls: the smaller ones come first, and one form at a time may be asked for.
    let wanted = std::env::args().find(|argument| argument == "xml" || argument == "json");
    for lines in [1_000, 10_000, 100_000] {
        if wanted.as_deref() != Some("json") {
            run("XML", lines, &xml(lines), SourceInvoice::from_ubl_with);
        }
        if wanted.as_deref() != Some("xml") {
            run(
                "JSON",
                lines,
                &json(lines),
                SourceInvoice::from_ubl_json_with,
            );
        }
    }
}
