//! The model of `en16931`, walked field by field: each is a business term that the report accounts
//! for and that settings can send anywhere. A field that is new there is not in the table here, and
//! the test fails until somebody has said what becomes of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "helpers of tests, which the configuration allows to panic and print only inside tests"
)]

#[path = "support/maximal.rs"]
mod maximal;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use kleer_invoice::{
    Catalogue, Fate, MappingReport, NotesTemplate, Prepaid, RevenueContext, Settings,
    SourceInvoice, Term, map_revenue, missing_products,
};
use kleer_model::{ClientId, File, ProductId, RateUnit, RevenueLedgerId};
use support::map_stocked;

/// What a field of the model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    /// A business term.
    Term(u16),
    /// A business group: its fields are listed too.
    Group(u16),
    /// A part of a term's value: a scheme, the year of a date, the bytes of a file.
    Part,
    /// No business term, for the reason beside it.
    None,
}
use Field::{Group, None as NoTerm, Part, Term as Bt};

/// The field that an address, party or identifier has at the place where it stands.
const FIELDS: &[(&str, Field)] = &[
    // Which of the two root elements it was; the amounts' sign says it in Kleer.
    ("kind", NoTerm),
    // Extensions are outside the core model. UBL's are listed by path as elements that are no term.
    ("extensions", NoTerm),
    ("extensions.advance_payments", NoTerm),
    ("extensions.sub_invoice_lines", NoTerm),
    ("extensions.third_party_payments", NoTerm),
    // The standard has these two for the seller only.
    ("buyer.tax_registration", NoTerm),
    ("buyer.additional_legal_information", NoTerm),
    // One of BG-17, BG-18 and BG-19.
    ("payment.means", NoTerm),
    ("number", Bt(1)),
    ("issue_date", Bt(2)),
    ("type_code", Bt(3)),
    ("currency", Bt(5)),
    ("vat_accounting_currency", Bt(6)),
    ("vat_point_date", Bt(7)),
    ("vat_point_date_code", Bt(8)),
    ("due_date", Bt(9)),
    ("buyer_reference", Bt(10)),
    ("project_reference", Bt(11)),
    ("contract_reference", Bt(12)),
    ("purchase_order_reference", Bt(13)),
    ("sales_order_reference", Bt(14)),
    ("receiving_advice_reference", Bt(15)),
    ("despatch_advice_reference", Bt(16)),
    ("tender_reference", Bt(17)),
    ("object_identifier", Bt(18)),
    ("accounting_reference", Bt(19)),
    ("payment_terms", Bt(20)),
    ("notes", Group(1)),
    ("notes.subject_code", Bt(21)),
    ("notes.note", Bt(22)),
    ("business_process", Bt(23)),
    ("specification_id", Bt(24)),
    ("preceding_invoices", Group(3)),
    ("preceding_invoices.reference", Bt(25)),
    ("preceding_invoices.issue_date", Bt(26)),
    ("seller", Group(4)),
    ("seller.name", Bt(27)),
    ("seller.trading_name", Bt(28)),
    ("seller.identifiers", Bt(29)),
    ("seller.legal_registration", Bt(30)),
    ("seller.vat_identifier", Bt(31)),
    ("seller.tax_registration", Bt(32)),
    ("seller.additional_legal_information", Bt(33)),
    ("seller.electronic_address", Bt(34)),
    ("seller.address", Group(5)),
    ("seller.address.line1", Bt(35)),
    ("seller.address.line2", Bt(36)),
    ("seller.address.line3", Bt(162)),
    ("seller.address.city", Bt(37)),
    ("seller.address.post_code", Bt(38)),
    ("seller.address.subdivision", Bt(39)),
    ("seller.address.country", Bt(40)),
    ("seller.contact", Group(6)),
    ("seller.contact.name", Bt(41)),
    ("seller.contact.phone", Bt(42)),
    ("seller.contact.email", Bt(43)),
    ("buyer", Group(7)),
    ("buyer.name", Bt(44)),
    ("buyer.trading_name", Bt(45)),
    ("buyer.identifiers", Bt(46)),
    ("buyer.legal_registration", Bt(47)),
    ("buyer.vat_identifier", Bt(48)),
    ("buyer.electronic_address", Bt(49)),
    ("buyer.address", Group(8)),
    ("buyer.address.line1", Bt(50)),
    ("buyer.address.line2", Bt(51)),
    ("buyer.address.line3", Bt(163)),
    ("buyer.address.city", Bt(52)),
    ("buyer.address.post_code", Bt(53)),
    ("buyer.address.subdivision", Bt(54)),
    ("buyer.address.country", Bt(55)),
    ("buyer.contact", Group(9)),
    ("buyer.contact.name", Bt(56)),
    ("buyer.contact.phone", Bt(57)),
    ("buyer.contact.email", Bt(58)),
    ("payee", Group(10)),
    ("payee.name", Bt(59)),
    ("payee.identifier", Bt(60)),
    ("payee.legal_registration", Bt(61)),
    ("tax_representative", Group(11)),
    ("tax_representative.name", Bt(62)),
    ("tax_representative.vat_identifier", Bt(63)),
    ("tax_representative.address", Group(12)),
    ("tax_representative.address.line1", Bt(64)),
    ("tax_representative.address.line2", Bt(65)),
    ("tax_representative.address.line3", Bt(164)),
    ("tax_representative.address.city", Bt(66)),
    ("tax_representative.address.post_code", Bt(67)),
    ("tax_representative.address.subdivision", Bt(68)),
    ("tax_representative.address.country", Bt(69)),
    ("delivery", Group(13)),
    ("delivery.party_name", Bt(70)),
    ("delivery.location", Bt(71)),
    ("delivery.date", Bt(72)),
    ("invoicing_period", Group(14)),
    ("invoicing_period.start", Bt(73)),
    ("invoicing_period.end", Bt(74)),
    ("delivery.address", Group(15)),
    ("delivery.address.line1", Bt(75)),
    ("delivery.address.line2", Bt(76)),
    ("delivery.address.line3", Bt(165)),
    ("delivery.address.city", Bt(77)),
    ("delivery.address.post_code", Bt(78)),
    ("delivery.address.subdivision", Bt(79)),
    ("delivery.address.country", Bt(80)),
    ("payment", Group(16)),
    ("payment.means_code", Bt(81)),
    ("payment.means_text", Bt(82)),
    ("payment.remittance_information", Bt(83)),
    ("payment.means.account_identifier", Bt(84)),
    ("payment.means.account_name", Bt(85)),
    ("payment.means.provider_identifier", Bt(86)),
    ("payment.means.primary_account_number", Bt(87)),
    ("payment.means.holder_name", Bt(88)),
    ("payment.means.mandate_reference", Bt(89)),
    ("payment.means.creditor_identifier", Bt(90)),
    ("payment.means.debited_account", Bt(91)),
    ("allowances", Group(20)),
    ("allowances.amount", Bt(92)),
    ("allowances.base_amount", Bt(93)),
    ("allowances.percentage", Bt(94)),
    ("allowances.vat", Part),
    ("allowances.vat.category", Bt(95)),
    ("allowances.vat.rate", Bt(96)),
    ("allowances.reason", Bt(97)),
    ("allowances.reason_code", Bt(98)),
    ("charges", Group(21)),
    ("charges.amount", Bt(99)),
    ("charges.base_amount", Bt(100)),
    ("charges.percentage", Bt(101)),
    ("charges.vat", Part),
    ("charges.vat.category", Bt(102)),
    ("charges.vat.rate", Bt(103)),
    ("charges.reason", Bt(104)),
    ("charges.reason_code", Bt(105)),
    ("totals", Group(22)),
    ("totals.line_total", Bt(106)),
    ("totals.allowance_total", Bt(107)),
    ("totals.charge_total", Bt(108)),
    ("totals.taxable_total", Bt(109)),
    ("totals.vat_total", Bt(110)),
    ("totals.vat_total_accounting", Bt(111)),
    ("totals.gross_total", Bt(112)),
    ("totals.paid", Bt(113)),
    ("totals.rounding", Bt(114)),
    ("totals.due", Bt(115)),
    ("vat_breakdown", Group(23)),
    ("vat_breakdown.taxable_amount", Bt(116)),
    ("vat_breakdown.tax_amount", Bt(117)),
    ("vat_breakdown.category", Bt(118)),
    ("vat_breakdown.rate", Bt(119)),
    ("vat_breakdown.exemption_reason", Bt(120)),
    ("vat_breakdown.exemption_reason_code", Bt(121)),
    ("attachments", Group(24)),
    ("attachments.reference", Bt(122)),
    ("attachments.description", Bt(123)),
    ("attachments.uri", Bt(124)),
    ("attachments.attachment", Bt(125)),
    ("lines", Group(25)),
    ("lines.id", Bt(126)),
    ("lines.note", Bt(127)),
    ("lines.object_identifier", Bt(128)),
    ("lines.quantity", Bt(129)),
    ("lines.unit_code", Bt(130)),
    ("lines.net_amount", Bt(131)),
    ("lines.order_line_reference", Bt(132)),
    ("lines.accounting_reference", Bt(133)),
    ("lines.period", Group(26)),
    ("lines.period.start", Bt(134)),
    ("lines.period.end", Bt(135)),
    ("lines.allowances", Group(27)),
    ("lines.allowances.amount", Bt(136)),
    ("lines.allowances.base_amount", Bt(137)),
    ("lines.allowances.percentage", Bt(138)),
    ("lines.allowances.reason", Bt(139)),
    ("lines.allowances.reason_code", Bt(140)),
    ("lines.charges", Group(28)),
    ("lines.charges.amount", Bt(141)),
    ("lines.charges.base_amount", Bt(142)),
    ("lines.charges.percentage", Bt(143)),
    ("lines.charges.reason", Bt(144)),
    ("lines.charges.reason_code", Bt(145)),
    ("lines.price", Group(29)),
    ("lines.price.net_price", Bt(146)),
    ("lines.price.price_discount", Bt(147)),
    ("lines.price.gross_price", Bt(148)),
    ("lines.price.base_quantity", Bt(149)),
    ("lines.price.base_quantity_code", Bt(150)),
    ("lines.vat", Group(30)),
    ("lines.vat.category", Bt(151)),
    ("lines.vat.rate", Bt(152)),
    ("lines.item", Group(31)),
    ("lines.item.name", Bt(153)),
    ("lines.item.description", Bt(154)),
    ("lines.item.seller_identifier", Bt(155)),
    ("lines.item.buyer_identifier", Bt(156)),
    ("lines.item.standard_identifier", Bt(157)),
    ("lines.item.classification_identifiers", Bt(158)),
    ("lines.item.origin_country", Bt(159)),
    ("lines.item.attributes", Group(32)),
    ("lines.item.attributes.name", Bt(160)),
    ("lines.item.attributes.value", Bt(161)),
];

/// The parts of the values of identifiers, dates and files.
const PARTS: [&str; 8] = [
    "content",
    "scheme",
    "scheme_version",
    "year",
    "month",
    "day",
    "filename",
    "mime_code",
];

/// The paths of all fields of a value, from its `Debug` output: `derive` prints every field.
fn fields(debug: &str) -> BTreeSet<String> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut found = BTreeSet::new();
    for line in debug.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        while open.last().is_some_and(|(at, _)| *at >= indent) {
            open.pop();
        }
        let Some((name, _)) = text.split_once(": ") else {
            continue;
        };
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !name.bytes().all(is_name) {
            continue;
        }
        open.push((indent, name));
        let path: Vec<&str> = open.iter().map(|(_, name)| *name).collect();
        found.insert(path.join("."));
    }
    found
}

fn sources() -> [SourceInvoice; 3] {
    maximal::PAYMENTS
        .map(|payment| SourceInvoice::from_ubl(maximal::document(payment).as_bytes()).unwrap())
}

fn settings() -> Settings {
    Settings::default().with_prepaid(Prepaid::CarryInNotes)
}

#[test]
fn every_field_of_the_model_is_known_here() {
    let mut found = BTreeSet::new();
    for source in &sources() {
        found.extend(fields(&format!("{:#?}", source.as_en16931())));
    }
    let known: BTreeMap<&str, Field> = FIELDS.iter().copied().collect();
    assert_eq!(known.len(), FIELDS.len(), "a field stands twice");
    let is_part = |path: &str| {
        let (owner, part) = path.rsplit_once('.').unwrap_or(("", path));
        PARTS.contains(&part) && matches!(known.get(owner), Some(Bt(_)))
    };
    let new: Vec<&String> = found
        .iter()
        .filter(|path| !known.contains_key(path.as_str()) && !is_part(path))
        .collect();
    assert!(new.is_empty(), "say what becomes of these: {new:?}");
    let gone: Vec<&&str> = known
        .keys()
        .filter(|path| !found.contains(**path))
        .collect();
    assert!(gone.is_empty(), "the maximal document lacks {gone:?}");
}

#[test]
fn every_term_of_the_standard_is_a_field_of_the_model() {
    let terms: BTreeSet<Term> = FIELDS
        .iter()
        .filter_map(|(_, field)| match field {
            Bt(number) => Some(Term::bt(*number)),
            _ => None,
        })
        .collect();
    assert_eq!(terms, Term::all().collect());
    for (path, field) in FIELDS {
        if let Bt(number) = field
            && let Some((owner, _)) = path.rsplit_once('.')
        {
            let group = FIELDS.iter().find(|(path, _)| *path == owner).unwrap().1;
            if let Group(expected) = group {
                // BG-22 and the like; groups that are no struct of their own are told by the table.
                assert_eq!(
                    Term::bt(*number).group(),
                    Some(Term::bg(expected)),
                    "{path}"
                );
            }
        }
    }
}

fn accounted(report: &MappingReport) -> BTreeSet<Term> {
    report.entries.iter().map(|entry| entry.term).collect()
}

#[test]
fn every_term_and_group_is_in_the_report() {
    let mut terms = BTreeSet::new();
    let mut groups = BTreeSet::new();
    for source in &sources() {
        let mapping = map_stocked(source, &settings()).unwrap_or_else(|e| panic!("{e}"));
        assert!(mapping.report.unmapped.iter().all(|one| {
            // UBL demands the network of a card, and the standard has no term for it.
            one.path.ends_with("NetworkID")
        }));
        terms.extend(accounted(&mapping.report));
        groups.extend(mapping.report.groups().iter().map(|one| one.group));
        let counted: u32 = mapping
            .report
            .groups()
            .iter()
            .map(|one| one.mapped + one.carried + one.dropped)
            .sum();
        let in_groups = mapping.report.entries.iter();
        let in_groups = in_groups.filter(|entry| entry.group.is_some()).count();
        assert_eq!(usize::try_from(counted).unwrap(), in_groups);
    }
    assert_eq!(terms, Term::all().collect());
    assert_eq!(groups, Term::all_groups().collect());
}

#[test]
fn every_term_is_in_the_report_of_a_revenue() {
    let mut terms = BTreeSet::new();
    for source in &sources() {
        let settings = settings().with_revenue_ledger(RevenueLedgerId(1));
        let mut catalogue = Catalogue::new(&[], RateUnit::Percent);
        for (id, mut product) in (1..).zip(missing_products(source, &catalogue, &settings)) {
            product.id = ProductId(id);
            catalogue.insert(&product);
        }
        let context = RevenueContext::new(ClientId(1), "100", &catalogue)
            .with_file(File::new("100.xml", b"<x/>".to_vec()));
        let mapping = map_revenue(source, &context, &settings).unwrap_or_else(|e| panic!("{e}"));
        terms.extend(accounted(&mapping.report));
    }
    assert_eq!(terms, Term::all().collect());
}

/// Every term can go to a template or a custom field, with its own value.
#[test]
fn every_term_has_its_value() {
    let mut values: BTreeMap<Term, String> = BTreeMap::new();
    for source in &sources() {
        for term in Term::all() {
            let value = if term.is_of_line() {
                let settings = settings().with_custom_field(term, "alias");
                let mapping = map_stocked(source, &settings).unwrap();
                let fields = mapping.invoice.rows[0].fields.as_ref();
                fields.map(|fields| fields[0].value.clone())
            } else {
                let template: NotesTemplate = format!("{{{term}}}").parse().unwrap();
                let settings = settings().with_prepaid(Prepaid::DeductRow);
                let settings = settings
                    .with_prepaid_product(ProductId(99))
                    .with_notes_template(template);
                let mapping = map_stocked(source, &settings).unwrap();
                let fates: Vec<_> = mapping.report.of(term).map(|entry| &entry.fate).collect();
                if mapping.invoice.notes.is_some() {
                    // What the template shows is not called dropped.
                    let dropped = |fate: &&&Fate| matches!(fate, Fate::Dropped { .. });
                    assert!(!fates.iter().any(|fate| dropped(&fate)), "{term} {fates:?}");
                }
                mapping.invoice.notes
            };
            if let Some(value) = value {
                values.insert(term, value);
            }
        }
    }
    let mut text = String::new();
    for term in Term::all() {
        let value = values.get(&term).map_or("-", String::as_str);
        let _ = writeln!(text, "{term} {}: {value}", term.name());
    }
    insta::assert_snapshot!("values", text);
}
