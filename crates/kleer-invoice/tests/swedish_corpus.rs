//! The 90 Swedish files of the corpus: what is mapped, what is refused, that the sums agree, and
//! that the report accounts for every term. And all files: that nothing panics.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kleer_invoice::{Refusal, Settings, SourceInvoice};
use kleer_model::{ClientInvoice, Document};
use quick_xml::events::Event;
use rust_decimal::{Decimal, RoundingStrategy};
use support::{corpus, map_stocked, name, swedish};

/// A leaf or attribute of a document: its path of local names and its text.
type Leaf = (String, String);

/// All leaves of an XML document with text, in order, read by another reader than the crate's.
/// Attributes come after their element as `path/@name`.
fn leaves(xml: &[u8]) -> Vec<Leaf> {
    let xml = std::str::from_utf8(xml)
        .unwrap()
        .trim_start_matches('\u{FEFF}');
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut attributes: Vec<Leaf> = Vec::new();
    let mut text = String::new();
    let mut out = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
                attributes = start
                    .attributes()
                    .map(|attribute| {
                        let attribute = attribute.unwrap();
                        let key = attribute.key.as_ref().to_owned();
                        let value = attribute.value.into_owned();
                        (format!("{}/@{key}", path.join("/")), value)
                    })
                    .collect();
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(piece) => text.push_str(&piece),
            Event::CData(piece) => text.push_str(&piece),
            Event::End(_) => {
                if !text.trim().is_empty() {
                    out.push((path.join("/"), text.trim().to_owned()));
                    out.append(&mut attributes);
                }
                attributes.clear();
                text.clear();
                path.pop();
            }
            Event::Eof => return out,
            _ => {}
        }
    }
}

fn amount(leaves: &[Leaf], path: &str) -> Decimal {
    let found = leaves.iter().find(|(at, _)| at.ends_with(path));
    found.map_or(Decimal::ZERO, |(_, text)| text.parse().unwrap())
}

/// The sums that the rows of Kleer's XML give, computed here from the XML alone.
fn kleer_sums(invoice: &ClientInvoice) -> (Decimal, Decimal) {
    let xml = invoice.to_xml().unwrap();
    let leaves = leaves(xml.as_bytes());
    let rows = "client-invoice/rows/row/";
    let mut groups: BTreeMap<Decimal, Decimal> = BTreeMap::new();
    let round = |d: Decimal| d.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    let (mut net, mut rate) = (Decimal::ZERO, Decimal::ZERO);
    let mut quantity = Decimal::ZERO;
    let mut open = false;
    for (path, text) in leaves {
        let Some(field) = path.strip_prefix(rows) else {
            continue;
        };
        match field {
            "quantity" => {
                if open {
                    *groups.entry(rate).or_default() += net;
                }
                open = true;
                quantity = text.parse().unwrap();
            }
            "price" => net = round(quantity * text.parse::<Decimal>().unwrap()),
            "vat" => rate = text.parse::<Decimal>().unwrap().normalize(),
            "discount/absolute" => net -= text.parse::<Decimal>().unwrap(),
            _ => {}
        }
    }
    if open {
        *groups.entry(rate).or_default() += net;
    }
    let cents = Decimal::ONE_HUNDRED;
    let vat: Decimal = groups
        .iter()
        .map(|(rate, net)| round(net * rate / cents))
        .sum();
    let net: Decimal = groups.values().sum();
    (net / cents, vat / cents)
}

fn outcome(refusal: &Refusal) -> String {
    let mut text = String::from("refused");
    for reason in &refusal.reasons {
        let _ = write!(text, " {:?}({})", reason.code, reason.subject);
    }
    text
}

#[test]
fn each_file_is_mapped_with_equal_sums_or_refused_with_reasons() {
    let Some(files) = corpus("each_file_is_mapped_with_equal_sums_or_refused_with_reasons") else {
        return;
    };
    let files = swedish(files);
    assert_eq!(files.len(), 90);
    let mut listing = String::new();
    let mut mapped = 0;
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let source = SourceInvoice::from_ubl(&bytes).unwrap();
        let file = name(&path);
        match map_stocked(&source, &Settings::default()) {
            Ok(mapping) => {
                mapped += 1;
                let stated = leaves(&bytes);
                let total =
                    |path: &str| amount(&stated, &format!("LegalMonetaryTotal/{path}")).normalize();
                let vat = stated
                    .iter()
                    .find(|(at, _)| at.ends_with("TaxTotal/TaxAmount"))
                    .map_or(Decimal::ZERO, |(_, text)| text.parse().unwrap());
                let sign = if bytes_are_credit_note(&stated) {
                    -Decimal::ONE
                } else {
                    Decimal::ONE
                };
                let rounding = total("PayableRoundingAmount");
                let (net, computed_vat) = kleer_sums(&mapping.invoice);
                assert_eq!(
                    net,
                    sign * (total("TaxExclusiveAmount") + rounding),
                    "{file}"
                );
                assert_eq!(computed_vat, sign * vat, "{file}");
                assert_eq!(
                    net + computed_vat,
                    sign * (total("TaxInclusiveAmount") + rounding),
                    "{file}"
                );
                assert_eq!(mapping.sums.net.to_decimal(), net, "{file}");
                assert_eq!(mapping.sums.vat.to_decimal(), computed_vat, "{file}");
                let mut remarks: Vec<String> = Vec::new();
                for remark in &mapping.report.remarks {
                    remarks.push(format!("{:?}", remark.code));
                }
                remarks.sort();
                remarks.dedup();
                let findings: Vec<&str> = mapping
                    .report
                    .findings
                    .iter()
                    .map(|finding| finding.rule.as_ref())
                    .collect();
                let rows = mapping.invoice.rows.len();
                let _ = writeln!(
                    listing,
                    "{file}: mapped, {rows} rows; remarks {remarks:?}; findings {findings:?}"
                );
            }
            Err(refusal) => {
                let _ = writeln!(listing, "{file}: {}", outcome(&refusal));
            }
        }
    }
    let _ = writeln!(listing, "mapped: {mapped} of 90");
    assert!(mapped >= 65, "{listing}");
    insta::assert_snapshot!("swedish_files", listing);
}

fn bytes_are_credit_note(leaves: &[Leaf]) -> bool {
    leaves[0].0.starts_with("CreditNote/")
}

/// The business term of each path of UBL, written down again from the syntax binding. `|` names
/// what a neighbouring element must say.
const PATHS: &[(&str, u16)] = &[
    ("ID", 1),
    ("IssueDate", 2),
    ("InvoiceTypeCode", 3),
    ("CreditNoteTypeCode", 3),
    ("DocumentCurrencyCode", 5),
    ("TaxCurrencyCode", 6),
    ("TaxPointDate", 7),
    ("InvoicePeriod/DescriptionCode", 8),
    ("DueDate", 9),
    ("BuyerReference", 10),
    ("ProjectReference/ID", 11),
    ("ContractDocumentReference/ID", 12),
    ("OrderReference/ID", 13),
    ("OrderReference/SalesOrderID", 14),
    ("ReceiptDocumentReference/ID", 15),
    ("DespatchDocumentReference/ID", 16),
    ("OriginatorDocumentReference/ID", 17),
    ("AccountingCost", 19),
    ("PaymentTerms/Note", 20),
    ("Note", 22),
    ("ProfileID", 23),
    ("CustomizationID", 24),
    ("BillingReference/InvoiceDocumentReference/ID", 25),
    ("BillingReference/InvoiceDocumentReference/IssueDate", 26),
    (
        "AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName",
        27,
    ),
    ("AccountingSupplierParty/Party/PartyName/Name", 28),
    ("AccountingSupplierParty/Party/PartyIdentification/ID", 29),
    (
        "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID",
        30,
    ),
    (
        "AccountingSupplierParty/Party/PartyLegalEntity/CompanyLegalForm",
        33,
    ),
    ("AccountingSupplierParty/Party/EndpointID", 34),
    ("AccountingSupplierParty/Party/PostalAddress/StreetName", 35),
    (
        "AccountingSupplierParty/Party/PostalAddress/AdditionalStreetName",
        36,
    ),
    ("AccountingSupplierParty/Party/PostalAddress/CityName", 37),
    ("AccountingSupplierParty/Party/PostalAddress/PostalZone", 38),
    (
        "AccountingSupplierParty/Party/PostalAddress/CountrySubentity",
        39,
    ),
    (
        "AccountingSupplierParty/Party/PostalAddress/Country/IdentificationCode",
        40,
    ),
    (
        "AccountingSupplierParty/Party/PostalAddress/AddressLine/Line",
        162,
    ),
    ("AccountingSupplierParty/Party/Contact/Name", 41),
    ("AccountingSupplierParty/Party/Contact/Telephone", 42),
    ("AccountingSupplierParty/Party/Contact/ElectronicMail", 43),
    (
        "AccountingCustomerParty/Party/PartyLegalEntity/RegistrationName",
        44,
    ),
    ("AccountingCustomerParty/Party/PartyName/Name", 45),
    ("AccountingCustomerParty/Party/PartyIdentification/ID", 46),
    (
        "AccountingCustomerParty/Party/PartyLegalEntity/CompanyID",
        47,
    ),
    ("AccountingCustomerParty/Party/EndpointID", 49),
    ("AccountingCustomerParty/Party/PostalAddress/StreetName", 50),
    (
        "AccountingCustomerParty/Party/PostalAddress/AdditionalStreetName",
        51,
    ),
    ("AccountingCustomerParty/Party/PostalAddress/CityName", 52),
    ("AccountingCustomerParty/Party/PostalAddress/PostalZone", 53),
    (
        "AccountingCustomerParty/Party/PostalAddress/CountrySubentity",
        54,
    ),
    (
        "AccountingCustomerParty/Party/PostalAddress/Country/IdentificationCode",
        55,
    ),
    (
        "AccountingCustomerParty/Party/PostalAddress/AddressLine/Line",
        163,
    ),
    ("AccountingCustomerParty/Party/Contact/Name", 56),
    ("AccountingCustomerParty/Party/Contact/Telephone", 57),
    ("AccountingCustomerParty/Party/Contact/ElectronicMail", 58),
    ("PayeeParty/PartyName/Name", 59),
    ("PayeeParty/PartyIdentification/ID", 60),
    ("PayeeParty/PartyLegalEntity/CompanyID", 61),
    ("TaxRepresentativeParty/PartyName/Name", 62),
    ("TaxRepresentativeParty/PartyTaxScheme/CompanyID", 63),
    ("TaxRepresentativeParty/PostalAddress/StreetName", 64),
    (
        "TaxRepresentativeParty/PostalAddress/AdditionalStreetName",
        65,
    ),
    ("TaxRepresentativeParty/PostalAddress/CityName", 66),
    ("TaxRepresentativeParty/PostalAddress/PostalZone", 67),
    ("TaxRepresentativeParty/PostalAddress/CountrySubentity", 68),
    (
        "TaxRepresentativeParty/PostalAddress/Country/IdentificationCode",
        69,
    ),
    ("TaxRepresentativeParty/PostalAddress/AddressLine/Line", 164),
    ("Delivery/DeliveryParty/PartyName/Name", 70),
    ("Delivery/DeliveryLocation/ID", 71),
    ("Delivery/ActualDeliveryDate", 72),
    ("InvoicePeriod/StartDate", 73),
    ("InvoicePeriod/EndDate", 74),
    ("Delivery/DeliveryLocation/Address/StreetName", 75),
    ("Delivery/DeliveryLocation/Address/AdditionalStreetName", 76),
    ("Delivery/DeliveryLocation/Address/CityName", 77),
    ("Delivery/DeliveryLocation/Address/PostalZone", 78),
    ("Delivery/DeliveryLocation/Address/CountrySubentity", 79),
    (
        "Delivery/DeliveryLocation/Address/Country/IdentificationCode",
        80,
    ),
    ("Delivery/DeliveryLocation/Address/AddressLine/Line", 165),
    ("PaymentMeans/PaymentMeansCode", 81),
    ("PaymentMeans/PaymentMeansCode/@name", 82),
    ("PaymentMeans/PaymentID", 83),
    ("PaymentMeans/PayeeFinancialAccount/ID", 84),
    ("PaymentMeans/PayeeFinancialAccount/Name", 85),
    (
        "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID",
        86,
    ),
    ("PaymentMeans/CardAccount/PrimaryAccountNumberID", 87),
    ("PaymentMeans/CardAccount/HolderName", 88),
    ("PaymentMeans/PaymentMandate/ID", 89),
    ("PaymentMeans/PaymentMandate/PayerFinancialAccount/ID", 91),
    ("LegalMonetaryTotal/LineExtensionAmount", 106),
    ("LegalMonetaryTotal/AllowanceTotalAmount", 107),
    ("LegalMonetaryTotal/ChargeTotalAmount", 108),
    ("LegalMonetaryTotal/TaxExclusiveAmount", 109),
    ("LegalMonetaryTotal/TaxInclusiveAmount", 112),
    ("LegalMonetaryTotal/PrepaidAmount", 113),
    ("LegalMonetaryTotal/PayableRoundingAmount", 114),
    ("LegalMonetaryTotal/PayableAmount", 115),
    ("TaxTotal/TaxSubtotal/TaxableAmount", 116),
    ("TaxTotal/TaxSubtotal/TaxAmount", 117),
    ("TaxTotal/TaxSubtotal/TaxCategory/ID", 118),
    ("TaxTotal/TaxSubtotal/TaxCategory/Percent", 119),
    ("TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReason", 120),
    (
        "TaxTotal/TaxSubtotal/TaxCategory/TaxExemptionReasonCode",
        121,
    ),
    ("AdditionalDocumentReference/DocumentDescription", 123),
    (
        "AdditionalDocumentReference/Attachment/ExternalReference/URI",
        124,
    ),
    (
        "AdditionalDocumentReference/Attachment/EmbeddedDocumentBinaryObject",
        125,
    ),
    ("LINE/ID", 126),
    ("LINE/Note", 127),
    ("LINE/DocumentReference/ID", 128),
    ("LINE/InvoicedQuantity", 129),
    ("LINE/CreditedQuantity", 129),
    ("LINE/InvoicedQuantity/@unitCode", 130),
    ("LINE/CreditedQuantity/@unitCode", 130),
    ("LINE/LineExtensionAmount", 131),
    ("LINE/OrderLineReference/LineID", 132),
    ("LINE/AccountingCost", 133),
    ("LINE/InvoicePeriod/StartDate", 134),
    ("LINE/InvoicePeriod/EndDate", 135),
    ("LINE/Price/PriceAmount", 146),
    ("LINE/Price/AllowanceCharge/Amount", 147),
    ("LINE/Price/AllowanceCharge/BaseAmount", 148),
    ("LINE/Price/BaseQuantity", 149),
    ("LINE/Price/BaseQuantity/@unitCode", 150),
    ("LINE/Item/ClassifiedTaxCategory/ID", 151),
    ("LINE/Item/ClassifiedTaxCategory/Percent", 152),
    ("LINE/Item/Name", 153),
    ("LINE/Item/Description", 154),
    ("LINE/Item/SellersItemIdentification/ID", 155),
    ("LINE/Item/BuyersItemIdentification/ID", 156),
    ("LINE/Item/StandardItemIdentification/ID", 157),
    (
        "LINE/Item/CommodityClassification/ItemClassificationCode",
        158,
    ),
    ("LINE/Item/OriginCountry/IdentificationCode", 159),
    ("LINE/Item/AdditionalItemProperty/Name", 160),
    ("LINE/Item/AdditionalItemProperty/Value", 161),
];

/// The terms of an `AllowanceCharge` as an allowance; a charge's are 7 or, on a line, 5 higher.
const ALLOWANCE: &[(&str, u16, u16)] = &[
    ("Amount", 92, 136),
    ("BaseAmount", 93, 137),
    ("MultiplierFactorNumeric", 94, 138),
    ("TaxCategory/ID", 95, 0),
    ("TaxCategory/Percent", 96, 0),
    ("AllowanceChargeReason", 97, 139),
    ("AllowanceChargeReasonCode", 98, 140),
];

/// Counts the terms of a document, by (term, line).
fn count_terms(xml: &[u8]) -> BTreeMap<(u16, Option<u32>), usize> {
    let leaves = leaves(xml);
    let mut counts = BTreeMap::new();
    let mut add = |term: u16, line: Option<u32>| *counts.entry((term, line)).or_insert(0) += 1;
    let mut line = 0;
    let mut charge = false;
    let currency = leaves
        .iter()
        .find(|(at, _)| at.ends_with("/DocumentCurrencyCode"))
        .map_or("", |(_, text)| text.as_str());
    for (at, (path, text)) in leaves.iter().enumerate() {
        let (root, path) = path.split_once('/').unwrap();
        let own = format!("{root}Line/");
        let (path, on_line) = match path.strip_prefix(&own) {
            Some(rest) => (format!("LINE/{rest}"), true),
            None => (path.to_owned(), false),
        };
        if path == "LINE/ID" {
            line += 1;
        }
        let place = on_line.then_some(line);
        // A document reference ends where another path begins.
        let next = |wanted: &str| {
            leaves[at + 1..]
                .iter()
                .take_while(|(other, _)| !other.ends_with("Reference/ID"))
                .find(|(other, _)| other.ends_with(wanted))
                .map(|(_, text)| text.as_str())
        };
        match path.as_str() {
            "AdditionalDocumentReference/ID" => {
                let term = match next("AdditionalDocumentReference/DocumentTypeCode") {
                    Some("130") => 18,
                    Some("50") if root == "CreditNote" => 11,
                    _ => 122,
                };
                add(term, None);
            }
            "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID" => {
                let scheme = next("PartyTaxScheme/TaxScheme/ID");
                add(if scheme == Some("VAT") { 31 } else { 32 }, None);
            }
            // A buyer has a VAT number and no other tax registration (BT-48).
            "AccountingCustomerParty/Party/PartyTaxScheme/CompanyID" => {
                if next("PartyTaxScheme/TaxScheme/ID") == Some("VAT") {
                    add(48, None);
                }
            }
            "PaymentMeans/PaymentDueDate" if root == "CreditNote" => add(9, None),
            "TaxTotal/TaxAmount" => {
                let own = leaves[at + 1..]
                    .iter()
                    .find(|(other, _)| other.ends_with("@currencyID"));
                let is_own = own.is_none_or(|(_, code)| code == currency);
                add(if is_own { 110 } else { 111 }, None);
            }
            "AllowanceCharge/ChargeIndicator" | "LINE/AllowanceCharge/ChargeIndicator" => {
                charge = text == "true";
            }
            "Note" => {
                if text.starts_with('#') && text.get(4..5) == Some("#") {
                    add(21, None);
                }
                add(22, None);
            }
            other => {
                let within = other
                    .strip_prefix("AllowanceCharge/")
                    .map(|rest| (rest, false))
                    .or_else(|| {
                        other
                            .strip_prefix("LINE/AllowanceCharge/")
                            .map(|rest| (rest, true))
                    });
                if let Some((rest, of_line)) = within {
                    if let Some((_, document, line)) = ALLOWANCE.iter().find(|row| row.0 == rest) {
                        let term = if of_line { *line } else { *document };
                        let offset = if of_line { 5 } else { 7 };
                        if term != 0 {
                            add(if charge { term + offset } else { term }, place);
                        }
                    }
                } else if let Some((_, term)) = PATHS.iter().find(|(known, _)| *known == other) {
                    add(*term, place);
                }
            }
        }
    }
    counts
}

#[test]
fn every_term_of_the_source_has_one_fate() {
    let Some(files) = corpus("every_term_of_the_source_has_one_fate") else {
        return;
    };
    let mut total = 0;
    for path in swedish(files) {
        let bytes = std::fs::read(&path).unwrap();
        let source = SourceInvoice::from_ubl(&bytes).unwrap();
        let report = match map_stocked(&source, &Settings::default()) {
            Ok(mapping) => mapping.report,
            Err(refusal) => *refusal.report,
        };
        let mut reported: BTreeMap<(u16, Option<u32>), usize> = BTreeMap::new();
        for entry in &report.entries {
            *reported
                .entry((entry.term.number(), entry.line))
                .or_insert(0) += 1;
        }
        let counted = count_terms(&bytes);
        total += counted.values().sum::<usize>();
        for (key, count) in &counted {
            assert_eq!(reported.get(key), Some(count), "{} BT-{key:?}", name(&path));
        }
        for key in reported.keys() {
            assert!(
                counted.contains_key(key),
                "{} BT-{key:?} is not there",
                name(&path)
            );
        }
    }
    assert!(total > 7_500, "only {total} terms in the corpus?");
}

#[test]
fn no_term_that_is_read_goes_without_a_word() {
    let Some(files) = corpus("no_term_that_is_read_goes_without_a_word") else {
        return;
    };
    let mut unread: BTreeMap<String, usize> = BTreeMap::new();
    for path in swedish(files) {
        let source = SourceInvoice::from_ubl(&std::fs::read(&path).unwrap()).unwrap();
        let report = match map_stocked(&source, &Settings::default()) {
            Ok(mapping) => mapping.report,
            Err(refusal) => *refusal.report,
        };
        for entry in &report.entries {
            if entry.fate.to_string().contains("a further occurrence") {
                *unread
                    .entry(format!("{} {}", name(&path), entry.term))
                    .or_insert(0) += 1;
            }
        }
    }
    insta::assert_snapshot!("unread_terms", format!("{unread:#?}"));
}

#[test]
fn no_file_of_the_corpus_makes_it_panic() {
    let Some(files) = corpus("no_file_of_the_corpus_makes_it_panic") else {
        return;
    };
    let (mut readable, mut mapped) = (0, 0);
    for path in &files {
        let Ok(source) = SourceInvoice::from_ubl(&std::fs::read(path).unwrap()) else {
            continue;
        };
        readable += 1;
        let _ = source.identity().as_source_key();
        let _ = source.fingerprint();
        let _ = kleer_invoice::propose_client(&source);
        for settings in [
            Settings::default(),
            Settings::default()
                .with_rule_policy(kleer_invoice::RulePolicy::strict())
                .with_missing_profile(true)
                .with_profile(""),
        ] {
            let outcome = map_stocked(&source, &settings);
            mapped += usize::from(outcome.is_ok());
            match outcome {
                Ok(mapping) => {
                    assert!(mapping.report.totals.unwrap().agrees());
                    mapping.invoice.to_xml().unwrap();
                    assert!(!mapping.report.render().is_empty());
                }
                Err(refusal) => assert!(!refusal.reasons.is_empty()),
            }
        }
    }
    eprintln!(
        "{} files, {readable} readable, {mapped} mapped under two policies",
        files.len()
    );
    assert!(readable > 400);
}
