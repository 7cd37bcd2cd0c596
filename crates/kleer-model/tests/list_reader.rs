//! A list that arrives in pieces is read as the whole would be.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use kleer_model::{
    ClientDeliveryType, ClientInvoice, Document, List, ListReader, ReadError, ReadOptions,
};
use proptest::prelude::*;

/// Reads in pieces of these lengths, again and again.
fn in_pieces(xml: &[u8], lengths: &[usize]) -> Result<List<ClientDeliveryType>, ReadError> {
    let mut reader = ListReader::new(ReadOptions::default().with_max_bytes(100_000));
    let mut rest = xml;
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at((*lengths.next().unwrap()).clamp(1, rest.len()));
        reader.push(piece)?;
        rest = behind;
    }
    reader.finish()
}

/// Items, good and bad, and what may stand around and between them.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zåäö]{0,9}".prop_map(|name| format!(
            "<client-delivery-type><name>{name}</name><default>true</default></client-delivery-type>"
        )),
        1 => Just("<client-delivery-type><name/><default>perhaps</default></client-delivery-type>".to_owned()),
        1 => Just("<client-delivery-type/>".to_owned()),
        1 => Just("<client-delivery-type><name><![CDATA[a]]]><b>]]></name><default>1</default></client-delivery-type>".to_owned()),
        1 => Just("<new a='>' b=\"/>\"><client-delivery-type/></new>".to_owned()),
        1 => Just("<e:new><!-- <x> --->".to_owned()),
        1 => Just("<!-- a > -- b -->\n".to_owned()),
        1 => Just("<?pi > ?> ".to_owned()),
        1 => Just("\r\n  ".to_owned()),
        1 => Just("text".to_owned()),
        1 => "[<>/!?&;'\"=a \\-\\[\\]DC]{1,6}",
    ]
}

fn document() -> impl Strategy<Value = String> {
    let root = "client-delivery-types";
    let before = prop_oneof![
        6 => Just(String::new()),
        1 => Just("\u{FEFF}".to_owned()),
        1 => Just("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned()),
        1 => Just("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>".to_owned()),
        1 => Just("<!-- <clients> -->".to_owned()),
        1 => Just("<!DOCTYPE x>".to_owned()),
        1 => "[<>/!?&a \\-\\[\\]]{1,4}",
    ];
    let start = prop_oneof![
        6 => Just(format!("<{root}>")),
        1 => Just(format!("<{root} offset=\"0\" size='2' xmlns:e=\"urn:e\" >")),
        1 => Just(format!("<{root} offset=\"x\">")),
        1 => Just("<clients>".to_owned()),
        1 => Just(format!("<{root}/>")),
    ];
    let end = prop_oneof![
        6 => Just(format!("</{root}>")),
        1 => Just(format!("</{root} >\n<!-- end -->")),
        1 => Just(format!("</{root}>x")),
        1 => Just(format!("</{root}><a/>")),
        1 => Just("</clients>".to_owned()),
        1 => Just(String::new()),
        1 => Just("</client".to_owned()),
    ];
    (before, start, prop::collection::vec(part(), 0..6), end)
        .prop_map(|(before, start, parts, end)| format!("{before}{start}{}{end}", parts.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn pieces_read_as_the_whole(xml in document(), lengths in prop::collection::vec(1_usize..40, 1..4)) {
        let whole = List::<ClientDeliveryType>::from_xml(xml.as_bytes());
        let pieces = in_pieces(xml.as_bytes(), &lengths);
        match (&whole, &pieces) {
            (Ok(whole), Ok(pieces)) => prop_assert_eq!(whole, pieces, "{}", xml),
            // Which of two faults is told first may differ; that there is one may not.
            (Err(_), Err(_)) => {}
            _ => prop_assert!(false, "{xml}: {whole:?} but in pieces {pieces:?}"),
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let whole = List::<ClientDeliveryType>::from_xml(&bytes);
        prop_assert_eq!(whole.is_ok(), in_pieces(&bytes, &[7]).is_ok());
    }
}

#[test]
fn errors_name_the_place_in_the_whole_document() {
    let item = "<client-delivery-type><name>å</name><default>true</default></client-delivery-type>";
    let bad = "<client-delivery-type><name/><default>ja</default></client-delivery-type>";
    let xml = format!(
        "<?xml version=\"1.0\"?>\n<client-delivery-types>\n {item}\n{item}{bad}\n{bad}\n{item}</client-delivery-types>"
    );
    let whole = List::<ClientDeliveryType>::from_xml(xml.as_bytes()).unwrap();
    assert_eq!(whole.rejected.len(), 2);
    for length in [1, 3, 50, 90, 1000] {
        let pieces = in_pieces(xml.as_bytes(), &[length]).unwrap();
        assert_eq!(pieces, whole, "{length}");
        assert_eq!(pieces.rejected[1].error.line(), 5);
        assert_eq!(
            pieces.rejected[1].error.to_string(),
            whole.rejected[1].error.to_string()
        );
    }
    let broken = xml.replace("</client-delivery-types>", "</clients>");
    let error = in_pieces(broken.as_bytes(), &[20]).unwrap_err();
    assert_eq!(error.line(), 6, "{error}");
}

#[test]
fn items_come_as_they_arrive_and_are_not_kept() {
    let item = "<client-delivery-type><name>A</name><default>true</default></client-delivery-type>";
    let mut reader = ListReader::<ClientDeliveryType>::default();
    reader.push(b"<client-delivery-types size=\"3\">").unwrap();
    for number in 0..3 {
        reader
            .push(item.replace('A', &number.to_string()).as_bytes())
            .unwrap();
        if number == 1 {
            for expected in ["0", "1"] {
                assert_eq!(reader.next_item().unwrap().name, expected);
            }
            assert!(reader.next_item().is_none());
        }
    }
    reader.push(b"<new/></client-delivery-types>\n").unwrap();
    let rest = reader.finish().unwrap();
    assert_eq!(rest.items.len(), 1);
    assert_eq!(rest.items[0].name, "2");
}

#[test]
fn size_and_depth_are_limited_before_an_item_is_whole() {
    let options = ReadOptions::default().with_max_bytes(1_000);
    let mut reader = ListReader::<ClientInvoice>::new(options);
    reader.push(b"<client-invoices><client-invoice>").unwrap();
    let refused = (0..100)
        .find_map(|_| reader.push(&[b'a'; 100]).err())
        .unwrap();
    assert!(refused.to_string().contains("1000 bytes"), "{refused}");

    let mut reader = ListReader::<ClientInvoice>::default();
    reader.push(b"<client-invoices>").unwrap();
    let refused = (0..100).find_map(|_| reader.push(b"<a>").err()).unwrap();
    assert!(refused.to_string().contains("deeper than 64"), "{refused}");
}
