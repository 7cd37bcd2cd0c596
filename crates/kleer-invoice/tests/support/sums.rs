//! Sums as the test computes them, from XML alone.

use std::collections::BTreeMap;

use kleer_model::{ClientInvoice, Document};
use quick_xml::events::Event;
use rust_decimal::{Decimal, RoundingStrategy};

/// A leaf or attribute of a document: its path of local names and its text.
pub(crate) type Leaf = (String, String);

/// All leaves of an XML document with text, in order, read by another reader than the crate's.
/// Attributes come after their element as `path/@name`.
pub(crate) fn leaves(xml: &[u8]) -> Vec<Leaf> {
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

pub(crate) fn amount(leaves: &[Leaf], path: &str) -> Decimal {
    let found = leaves.iter().find(|(at, _)| at.ends_with(path));
    found.map_or(Decimal::ZERO, |(_, text)| text.parse().unwrap())
}

/// The sums that the rows of Kleer's XML give, computed here from the XML alone.
pub(crate) fn kleer_sums(invoice: &ClientInvoice) -> (Decimal, Decimal) {
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
