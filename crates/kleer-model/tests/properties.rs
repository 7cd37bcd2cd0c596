//! What holds for every value.
#![allow(clippy::unwrap_used, reason = "tests")]

use chrono::NaiveDate;
use kleer_model::{
    AccrualPeriod, Cents, Client, ClientId, ClientInvoice, ClientInvoiceRow, ClientKey,
    CustomField, Discount, Document, File, List, Nillable, ProductId, Rate, RateUnit, ReadOptions,
    UserReference,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Any text that XML can hold, with the awkward characters more often than chance would have them.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => any::<char>(),
        1 => prop::sample::select(vec!['<', '>', '&', '"', '\'', '\r', '\n', '\t', ' ', ']', 'å', '😀']),
    ];
    let allowed = |text: &String| {
        text.chars().all(
            |character| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..),
        )
    };
    prop::collection::vec(character, 0..20)
        .prop_map(String::from_iter)
        .prop_filter("XML cannot hold it", allowed)
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (2..2_900_000).prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).unwrap())
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0_u32..18).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn discount() -> impl Strategy<Value = Discount> {
    prop_oneof![
        any::<i64>().prop_map(|cents| Discount::Absolute(Cents(cents))),
        decimal().prop_map(|rate| Discount::Percentage(Rate(rate))),
    ]
}

prop_compose! {
    fn row()(
        product in any::<i32>(), quantity in decimal(), price in any::<i64>(), description in text(),
        vat in decimal(), unit in text(), discount in prop::option::of(discount()),
        days in prop::option::of((date(), date())),
        fields in prop::option::of(prop::collection::vec((text(), text()), 0..3)),
    ) -> ClientInvoiceRow {
        let mut row =
            ClientInvoiceRow::new(ProductId(product), quantity, Cents(price), description);
        row.vat = Rate(vat);
        row.unit = unit;
        row.discount = discount;
        row.period = days.map(|(start, end)| AccrualPeriod::new(start, end));
        row.fields = fields.map(|fields| {
            fields.into_iter().map(|(alias, value)| CustomField::new(alias, value)).collect()
        });
        row
    }
}

prop_compose! {
    fn invoice()(
        client in any::<i32>(), issued in date(), due in date(), currency in text(),
        rows in prop::collection::vec(row(), 0..4), delivered in prop::option::of(date()),
        notes in prop::option::of(text()), certified in any::<bool>(),
        files in prop::option::of(prop::collection::vec(
            (text(), prop::collection::vec(any::<u8>(), 0..40)), 0..3)),
    ) -> ClientInvoice {
        let mut invoice = ClientInvoice::draft(ClientId(client), issued, due, currency, rows);
        invoice.delivery_date = delivered;
        invoice.notes = notes;
        invoice.certified = certified;
        invoice.files = files.map(|files| {
            files.into_iter().map(|(name, bytes)| File::new(name, bytes)).collect()
        });
        invoice
    }
}

prop_compose! {
    fn client()(
        texts in prop::array::uniform5(text()), approver in 0..3, user in any::<i32>(),
        active in prop::option::of(any::<bool>()),
    ) -> Client {
        let [name, country, email, street, orgno] = texts;
        let mut client = Client::new(name, country);
        client.email = email;
        client.address.address2 = street;
        client.orgno = orgno;
        client.active = active;
        client.approver = match approver {
            0 => Nillable::Absent,
            1 => Nillable::Nil,
            _ => Nillable::Value(UserReference::new(user.into())),
        };
        client
    }
}

/// Reads back what was written, strictly.
fn again<T: Document>(value: &T) -> T {
    let xml = value.to_xml().unwrap();
    let strict = ReadOptions::default().with_strict(true);
    T::from_xml_with(xml.as_bytes(), &strict).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_reads_equal(invoice in invoice(), client in client()) {
        prop_assert_eq!(&again(&invoice), &invoice);
        prop_assert_eq!(&again(&client), &client);
        let list = List::from(vec![invoice.clone(), invoice]);
        prop_assert_eq!(again(&list), list);
    }

    #[test]
    fn an_unknown_element_survives_wherever_it_stands(invoice in invoice(), at in any::<prop::sample::Index>()) {
        let xml = invoice.to_xml().unwrap();
        // Behind any end tag that is not a leaf's is a place where an element may stand.
        let places: Vec<usize> =
            xml.match_indices("><").map(|(place, _)| place + 1).filter(|place| {
                let (before, after) = xml.split_at(*place);
                let opens = before.rfind('<').is_some_and(|tag| !before[tag..].starts_with("</"));
                // Not inside an empty leaf: "<po-nr></po-nr>" is written "<po-nr/>".
                !(opens && after.starts_with("</"))
            }).collect();
        let place = places[at.index(places.len())];
        let with = format!("{}<kommande><a b=\"1\">&amp;</a></kommande>{}", &xml[..place], &xml[place..]);
        // A choice takes one element, so a second one beside it is refused, and that is seen.
        match ClientInvoice::from_xml(with.as_bytes()) {
            Ok(read) => prop_assert_eq!(read.to_xml().unwrap(), with),
            Err(error) => prop_assert!(error.path().contains("/discount"), "{}", error),
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serde_stores_everything(invoice in invoice(), client in client()) {
        // An unknown element must survive storage too.
        let with = invoice.to_xml().unwrap().replacen("<id>", "<ny/><id>", 1);
        let invoice = ClientInvoice::from_xml(with.as_bytes()).unwrap();
        let stored = serde_json::to_string(&invoice).unwrap();
        prop_assert_eq!(serde_json::from_str::<ClientInvoice>(&stored).unwrap(), invoice);
        let stored = serde_json::to_string(&client).unwrap();
        prop_assert_eq!(serde_json::from_str::<Client>(&stored).unwrap(), client);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ClientInvoice::from_xml(&bytes);
        let _ = List::<Client>::from_xml(&bytes);
    }

    #[test]
    fn no_damage_to_a_document_makes_the_reader_panic(
        invoice in invoice(), cut in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let mut bytes = invoice.to_xml().unwrap().into_bytes();
        let at = cut.index(bytes.len());
        bytes[at] = byte;
        let _ = ClientInvoice::from_xml(&bytes);
        bytes.truncate(at);
        prop_assert!(ClientInvoice::from_xml(&bytes).is_err());
    }

    #[test]
    fn cents_and_decimals_agree(cents in any::<i64>()) {
        let amount = Cents(cents);
        prop_assert_eq!(Cents::from_decimal_exact(amount.to_decimal()), Some(amount));
        prop_assert_eq!(amount.to_string().parse::<Decimal>().unwrap(), amount.to_decimal());
    }

    #[test]
    fn a_rate_keeps_its_percentage(hundredths in 0_i64..10_000) {
        let percent = Decimal::new(hundredths, 2);
        for unit in [RateUnit::Percent, RateUnit::Fraction] {
            prop_assert_eq!(Rate::from_percent(percent, unit).to_percent(unit), percent);
        }
    }

    #[test]
    fn a_client_key_has_one_written_form(
        parts in prop::array::uniform3(".{0,12}"), incarnation in any::<u64>(),
    ) {
        let [connection, kind, source] = &parts;
        let key = ClientKey::new(connection, kind, source).with_incarnation(incarnation);
        let text = key.to_string();
        prop_assert!(text.len() <= 44 && text.is_ascii());
        prop_assert_eq!(text.parse(), Ok(key));
        prop_assert!(text.to_uppercase().parse::<ClientKey>().is_err());
    }

    #[test]
    fn client_keys_tell_their_parts_apart(text in "[a-c]{2,8}", cut in any::<prop::sample::Index>()) {
        let at = 1 + cut.index(text.len() - 1);
        let (left, right) = text.split_at(at);
        prop_assert_ne!(ClientKey::new(left, right, ""), ClientKey::new(&text, "", ""));
        prop_assert_ne!(ClientKey::new("", left, right), ClientKey::new("", "", &text));
    }
}
