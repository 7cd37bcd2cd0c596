//! The hard cases of the codec, on types made for them.

#![allow(unreachable_pub, reason = "the macros declare public types")]

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::declare::{choice, enumeration, polymorphic, record};
use crate::{
    AnyValue, Cents, Document, HexBinary, List, Nillable, ReadError, ReadErrorKind, ReadOptions,
    Timestamp, WriteErrorKind,
};

record! {
    /// A record with one field of each cardinality.
    pub struct Everything = "everything", root "everything", list "everythings" / "everything" paged {
        /// Required.
        required name: String = "name", personal;
        /// Optional.
        optional price: Cents = "price";
        /// A list whose wrapper must stand.
        list rows: Row = "rows" / "row";
        /// A list whose wrapper may be absent.
        optional_list tags: String = "tags" / "tag";
        /// Repeated without a wrapper.
        repeated activity: i32 = "activity";
        /// Repeated too, so that the two may be mixed.
        repeated user: i32 = "user";
        /// Must stand, but may be nil.
        nillable end_date: NaiveDate = "end-date";
        /// May be absent, nil, or a value.
        optional_nillable approver: i32 = "approver";
        /// Must stand, but may be blank.
        blankable delivery_date: NaiveDate = "delivery-date";
        /// One of two elements among the others.
        optional_choice scope: Scope = "project" | "dimension";
        /// Open enumeration.
        optional colour: Colour = "colour";
        /// Bytes.
        optional data: HexBinary = "data";
        /// A moment.
        optional at: Timestamp = "at";
        /// A number.
        optional hours: Decimal = "hours";
        /// A truth.
        optional active: bool = "active";
    }
}

record! {
    /// A row.
    pub struct Row = "row" {
        /// How many.
        required quantity: Decimal = "quantity";
        /// A choice that is the content of an element.
        optional scope: Scope = "scope";
    }
}

record! {
    /// An entry.
    pub struct Entry = "entry" {
        /// How much.
        required quantity: Decimal = "quantity";
    }
}

choice! {
    /// One of two.
    pub enum Scope = "" {
        /// A project.
        Project(i32) = "project",
        /// An entry.
        Dimension(Entry) = "dimension",
    }
}

enumeration! {
    /// Colours.
    pub enum Colour = "colour" {
        /// Red.
        Red = "Red",
    }
}

record! {
    /// A record with the rarer cardinalities.
    pub struct Rare = "rare", root "rare" {
        /// Demanded, tolerated.
        expected name: String = "name";
        /// Likewise, in a wrapper.
        expected_list tags: String = "tags" / "tag";
        /// At least one, in a wrapper.
        nonempty_list files: i32 = "files" / "file";
        /// At least one if any, in a wrapper.
        optional_nonempty_list notes: i32 = "notes" / "note";
        /// At least one, without a wrapper.
        nonempty status: i32 = "status";
        /// Any of two, in any order.
        repeated_choice scopes: Scope = "project" | "dimension";
        /// Of a type that only the document says.
        repeated shape: Shape = "shape";
        /// Of any type.
        optional value: AnyValue = "value";
    }
}

polymorphic! {
    /// An abstract type.
    pub enum Shape = "shape" {
        /// A row.
        Row(Row) = "row",
        /// An entry.
        Entry(Entry) = "entry",
    }
}

/// The least that is a valid document, with more in the middle.
fn document(more: &str) -> String {
    format!(
        "<everything><name>n</name>{more}<rows/><end-date>2026-01-31</end-date>\
         <delivery-date>2026-02-28</delivery-date></everything>"
    )
}

fn read(xml: &str) -> Result<Everything, ReadError> {
    Everything::from_xml(xml.as_bytes())
}

fn kind(xml: &str) -> ReadErrorKind {
    read(xml).unwrap_err().kind().clone()
}

fn value_error(xml: &str) -> (String, ReadErrorKind) {
    let error = read(xml).unwrap_err();
    (error.path().to_owned(), error.kind().clone())
}

fn round_trip(xml: &str) -> String {
    let value = read(xml).unwrap();
    let written = value.to_xml().unwrap();
    assert_eq!(read(&written).unwrap(), value);
    written
}

#[test]
fn a_list_keeps_the_good_items_around_a_bad_one() {
    let bad = document("<price>much</price>");
    let nested = document("<rows><row><quantity>1</quantity><scope><x/></scope></row></rows>")
        .replacen("<rows/>", "", 1);
    let xml = format!(
        "<everythings offset=\"10\" limit=\"4\" size=\"99\">{}{bad}<stranger/>{nested}{}</everythings>",
        document(""),
        document("<price>5</price>")
    );
    let list = List::<Everything>::from_xml(xml.as_bytes()).unwrap();
    assert_eq!(list.items.len(), 3);
    assert_eq!(list.items[2].price, Some(Cents(5)));
    assert_eq!(list.rejected.len(), 1);
    assert_eq!(list.rejected[0].position, 1);
    assert_eq!(
        list.rejected[0].error.path(),
        "everythings/everything[2]/price"
    );
    assert_eq!(list.rejected[0].error.line(), 1);
    assert!(!list.is_complete());
    let page = list.page.unwrap();
    assert_eq!(
        (page.offset, page.limit, page.size),
        (Some(10), Some(4), Some(99))
    );
    let written = list.to_xml().unwrap();
    assert!(written.starts_with("<everythings offset=\"10\" limit=\"4\" size=\"99\"><everything>"));
    assert!(
        written.contains("</everything><stranger/><everything>"),
        "{written}"
    );
}

#[test]
fn a_list_does_not_survive_broken_markup() {
    let truncated = format!("<everythings>{}<everything><name>", document(""));
    let error = List::<Everything>::from_xml(truncated.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), &ReadErrorKind::Truncated);
    let doctype = format!("<everythings>{}<!DOCTYPE x></everythings>", document(""));
    let error = List::<Everything>::from_xml(doctype.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), &ReadErrorKind::Doctype);
}

#[test]
fn interleaved_repeated_elements_are_sorted_by_name_in_order() {
    let value = read(&document(
        "<activity>1</activity><user>7</user><activity>2</activity><user>8</user>",
    ))
    .unwrap();
    assert_eq!((value.activity, value.user), (vec![1, 2], vec![7, 8]));
}

#[test]
fn an_absent_list_is_not_an_empty_one() {
    let absent = read(&document("")).unwrap();
    let empty = read(&document("<tags/>")).unwrap();
    assert_eq!(
        (absent.tags.clone(), empty.tags.clone()),
        (None, Some(vec![]))
    );
    assert!(!absent.to_xml().unwrap().contains("tags"));
    assert!(empty.to_xml().unwrap().contains("<tags/>"));
    let missing = document("").replace("<rows/>", "");
    assert_eq!(
        kind(&missing),
        ReadErrorKind::Missing {
            element: "rows".into()
        }
    );
}

#[test]
fn nil_absent_and_a_value_are_three_things() {
    const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let nil = format!("<approver {XSI} xsi:nil=\"true\"/>");
    let other_prefix = nil.replace("xsi", "i");
    for xml in [&nil, &other_prefix] {
        let value = read(&document(xml)).unwrap();
        assert_eq!(value.approver, Nillable::Nil);
        assert!(value.to_xml().unwrap().contains(&nil));
    }
    assert_eq!(read(&document("")).unwrap().approver, Nillable::Absent);
    let value = read(&document("<approver>7</approver>")).unwrap();
    assert_eq!(value.approver, Nillable::Value(7));
    let not_nil = format!("<approver {XSI} xsi:nil=\"false\">7</approver>");
    assert_eq!(
        read(&document(&not_nil)).unwrap().approver,
        Nillable::Value(7)
    );

    let end = document("").replace("<end-date>2026-01-31</end-date>", "<end-date xsi:nil='1'/>");
    let value = read(&end).unwrap();
    assert_eq!(value.end_date, None);
    assert!(value.to_xml().unwrap().contains("<end-date xmlns:xsi"));

    // Nil where the schema allows none counts as absent.
    let price = read(&document("<price xsi:nil='true'/>")).unwrap();
    assert_eq!(price.price, None);
    let name = document("").replace("<name>n</name>", "<name xsi:nil='true'/>");
    assert_eq!(
        kind(&name),
        ReadErrorKind::Missing {
            element: "name".into()
        }
    );
    // A foreign attribute that is called nil says nothing.
    let foreign = "<price xmlns:f='urn:f' f:nil='true'>3</price>";
    assert_eq!(read(&document(foreign)).unwrap().price, Some(Cents(3)));
}

#[test]
fn a_choice_is_read_as_content_and_among_siblings() {
    let value = read(&document("<project>4</project>")).unwrap();
    assert_eq!(value.scope, Some(Scope::Project(4)));
    assert!(value.to_xml().unwrap().contains("<project>4</project>"));
    let both = document("<project>4</project><dimension><quantity>1</quantity></dimension>");
    assert_eq!(value_error(&both).1, ReadErrorKind::Duplicate);

    let rows = "<rows><row><quantity>1</quantity><scope><project>4</project></scope></row></rows>";
    let inside = document("").replace("<rows/>", rows);
    assert_eq!(
        read(&inside).unwrap().rows[0].scope,
        Some(Scope::Project(4))
    );
    let neither = inside.replace("<project>4</project>", "");
    let (path, kind) = value_error(&neither);
    assert_eq!(path, "everything/rows/row[1]/scope");
    assert_eq!(
        kind,
        ReadErrorKind::Missing {
            element: "project> or <dimension".into()
        }
    );
    // An alternative of tomorrow survives.
    let new = inside.replace("<project>4</project>", "<team><id>9</id></team>");
    assert!(round_trip(&new).contains("<scope><team><id>9</id></team></scope>"));
}

#[test]
fn unknown_values_of_an_enumeration_survive() {
    let written = round_trip(&document("<colour>Infra &amp; Red</colour>"));
    assert!(written.contains("<colour>Infra &amp; Red</colour>"));
    let value = read(&written).unwrap();
    assert_eq!(value.colour.unwrap().as_str(), "Infra & Red");
    assert_eq!(
        read(&document("<colour>Red</colour>")).unwrap().colour,
        Some(Colour::Red)
    );
}

#[test]
fn unknown_elements_are_written_back_in_place() {
    let xml = "<everything><first a=\"1\"/><name>n</name><second>x<y/> </second><price>1</price>\
               <rows><before/><row><quantity>1</quantity><within>&amp;</within></row><after/></rows>\
               <end-date>2026-01-31</end-date><delivery-date>2026-02-28</delivery-date>\
               <last/></everything>";
    assert_eq!(round_trip(xml), xml);
    assert_eq!(read(xml).unwrap().unknown_elements().elements().count(), 5);
}

#[test]
fn a_list_made_shorter_keeps_its_unknown_elements() {
    let rows =
        "<rows><row><quantity>1</quantity></row><row><quantity>2</quantity></row><late/></rows>";
    let mut value = read(&document("").replace("<rows/>", rows)).unwrap();
    value.rows.clear();
    assert!(value.to_xml().unwrap().contains("<rows><late/></rows>"));
}

#[test]
fn an_unknown_element_takes_its_prefixes_along() {
    let xml = "<everything xmlns:k=\"urn:k\" xmlns:x=\"urn:x\"><k:new k:a=\"1\"><k:deep/></k:new>\
               <name>n</name><rows/><end-date>2026-01-31</end-date>\
               <delivery-date>2026-02-28</delivery-date></everything>";
    let written = round_trip(xml);
    assert!(
        written
            .starts_with("<everything><k:new xmlns:k=\"urn:k\" k:a=\"1\"><k:deep/></k:new><name>"),
        "{written}"
    );
}

#[test]
fn elements_may_stand_in_any_order_unless_reading_is_strict() {
    let xml = document("")
        .replace("<name>n</name>", "")
        .replace("</everything>", "<name>n</name></everything>");
    assert_eq!(read(&xml).unwrap(), read(&document("")).unwrap());
    let strict = ReadOptions::default().with_strict(true);
    let error = Everything::from_xml_with(xml.as_bytes(), &strict).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (&ReadErrorKind::OutOfOrder, "everything/name")
    );
    let unknown = document("<new/>");
    let error = Everything::from_xml_with(unknown.as_bytes(), &strict).unwrap_err();
    assert_eq!(
        error.kind(),
        &ReadErrorKind::UnknownElement {
            element: "new".into()
        }
    );
    assert!(Everything::from_xml_with(document("").as_bytes(), &strict).is_ok());
}

#[test]
fn numbers_take_every_form_of_xml_schema_and_no_other() {
    for (text, number) in [
        ("+12", "12"),
        (" 1.50 ", "1.50"),
        ("1", "1"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("7.", "7"),
    ] {
        let value = read(&document(&format!("<hours>{text}</hours>"))).unwrap();
        assert_eq!(value.hours.unwrap().to_string(), number, "{text}");
    }
    for text in [
        "", ".", "1e3", "1_000", "0x1", "NaN", "1,5", "--1", "1 2", "٣",
    ] {
        assert!(
            read(&document(&format!("<hours>{text}</hours>"))).is_err(),
            "{text}"
        );
        assert!(
            read(&document(&format!("<price>{text}</price>"))).is_err(),
            "{text}"
        );
    }
    let digits = "0.1234567890123456789012345678";
    let value = read(&document(&format!("<hours>{digits}</hours>"))).unwrap();
    assert_eq!(value.hours.unwrap().to_string(), digits);
    // More digits than fit are refused, not rounded; zeros at the end are no digits.
    assert!(read(&document(&format!("<hours>{digits}9</hours>"))).is_err());
    assert!(read(&document(&format!("<hours>{digits}000</hours>"))).is_ok());
    for text in ["9223372036854775807", "-9223372036854775808", "+1", "007"] {
        assert!(
            read(&document(&format!("<price>{text}</price>"))).is_ok(),
            "{text}"
        );
    }
    assert!(read(&document("<price>9223372036854775808</price>")).is_err());
    assert!(read(&document("<activity>2147483648</activity>")).is_err());
}

#[test]
fn dates_are_read_with_and_without_a_zone() {
    let date = |text: &str| {
        let xml = document("").replace("2026-01-31", text);
        read(&xml).map(|value| value.end_date.unwrap().to_string())
    };
    for text in [
        "2024-02-29",
        "2024-02-29Z",
        "2024-02-29+01:00",
        "2024-02-29-13:59",
        " 2024-02-29 ",
    ] {
        assert_eq!(date(text).unwrap(), "2024-02-29", "{text}");
    }
    for text in [
        "",
        "2026-02-29",
        "2026-02-30",
        "2026-13-01",
        "26-01-01",
        "2026-1-1",
        "2026-01-01T00:00:00",
        "2026-01-01+1:00",
        "2026-01-01+15:00",
        "2026-01-01Z+01:00",
        "20260101",
        "-2026-01-01",
    ] {
        assert!(date(text).is_err(), "{text}");
    }
    let error = read(&document("").replace("2026-01-31", "2026-02-30")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "everything/end-date: the text is not a date that exists (YYYY-MM-DD) (line 1, column 44)"
    );
}

#[test]
fn a_blank_date_is_none_and_is_written_as_the_year_one() {
    for blank in ["", "0001-01-01", "0001-01-01Z"] {
        let value = read(&document("").replace("2026-02-28", blank)).unwrap();
        assert_eq!(value.delivery_date, None, "{blank}");
        assert!(
            value
                .to_xml()
                .unwrap()
                .contains("<delivery-date>0001-01-01</delivery-date>")
        );
    }
    assert!(read(&document("").replace("2026-02-28", "soon")).is_err());
}

#[test]
fn timestamps_keep_their_offset_and_fraction() {
    for text in [
        "2026-11-20T08:00:00",
        "2026-11-20T08:00:00Z",
        "2026-11-20T08:00:00.5+01:00",
        "2026-11-20T08:00:00.000000001-09:30",
    ] {
        let value = read(&document(&format!("<at>{text}</at>"))).unwrap();
        assert_eq!(value.at.unwrap().to_string(), text);
    }
    let midnight = read(&document("<at>2026-12-31T24:00:00</at>")).unwrap();
    assert_eq!(midnight.at.unwrap().to_string(), "2027-01-01T00:00:00");
    for text in [
        "2026-11-20",
        "2026-11-20T25:00:00",
        "2026-11-20T08:00:60",
        "2026-11-20T08:00:00.",
        "2026-11-20 08:00:00",
    ] {
        assert!(
            read(&document(&format!("<at>{text}</at>"))).is_err(),
            "{text}"
        );
    }
}

#[test]
fn hex_is_read_in_either_case() {
    let value = read(&document("<data>00fFA1</data>")).unwrap();
    assert_eq!(value.data.as_ref().unwrap().0, [0, 255, 161]);
    assert!(value.to_xml().unwrap().contains("<data>00FFA1</data>"));
    assert_eq!(
        read(&document("<data/>")).unwrap().data.unwrap().0,
        [0_u8; 0]
    );
    for text in ["0", "0g", "00 11", "c3å"] {
        assert!(
            read(&document(&format!("<data>{text}</data>"))).is_err(),
            "{text}"
        );
    }
}

#[test]
fn text_in_pieces_is_put_together() {
    let xml = document("").replace(
        "<name>n</name>",
        "<name> a&amp;<![CDATA[<b>]]><!-- not this --><?nor this?>&#229;&#x1F600;&apos;\r\n\n </name>",
    );
    let value = read(&xml).unwrap();
    assert_eq!(value.name, " a&<b>å😀'\n\n ");
    assert_eq!(read(&value.to_xml().unwrap()).unwrap(), value);
}

#[test]
fn a_carriage_return_survives() {
    let mut value = read(&document("")).unwrap();
    value.name = "a\rb\r\nc\t]]>".to_owned();
    let xml = value.to_xml().unwrap();
    assert!(xml.contains("a&#13;b&#13;\nc\t]]&gt;"));
    assert_eq!(read(&xml).unwrap(), value);
}

#[test]
fn characters_that_xml_forbids_are_errors_that_name_the_field() {
    for (text, character) in [
        ("a\0", '\0'),
        ("\u{1b}[0m", '\u{1b}'),
        ("x\u{FFFE}", '\u{FFFE}'),
        ("\u{FFFF}", '\u{FFFF}'),
    ] {
        let mut value = read(&document("")).unwrap();
        value.tags = Some(vec!["fine: ￼ �".to_owned(), text.to_owned()]);
        let error = value.to_xml().unwrap_err();
        assert_eq!(error.kind(), WriteErrorKind::ForbiddenCharacter(character));
        assert_eq!(error.path(), "everything/tags/tag[2]");
    }
    for reference in ["&#0;", "&#x1b;", "&#xFFFE;", "&#xD800;", "&#x110000;"] {
        assert!(read(&document(&format!("<tags><tag>{reference}</tag></tags>"))).is_err());
    }
}

#[test]
fn a_date_before_the_year_one_cannot_be_written() {
    let mut value = read(&document("")).unwrap();
    value.end_date = NaiveDate::from_ymd_opt(0, 12, 31);
    let error = value.to_xml().unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (WriteErrorKind::Date, "everything/end-date")
    );
}

#[test]
fn what_is_no_kleer_document_is_refused() {
    assert_eq!(
        kind("<nothing/>"),
        ReadErrorKind::WrongRoot {
            expected: "everything".into(),
            found: "nothing".into()
        }
    );
    assert!(matches!(
        kind("<e:everything xmlns:e='urn:e'/>"),
        ReadErrorKind::WrongRoot { .. }
    ));
    assert_eq!(
        kind("<everything xmlns='urn:e'/>"),
        ReadErrorKind::Namespace
    );
    assert_eq!(
        kind(&format!("<!DOCTYPE everything>{}", document(""))),
        ReadErrorKind::Doctype
    );
    assert_eq!(
        kind(&format!("{}<x/>", document(""))),
        ReadErrorKind::TrailingContent
    );
    assert_eq!(
        kind(&format!("{} junk", document(""))),
        ReadErrorKind::TrailingContent
    );
    for empty in ["", "  \n", "<!-- only this -->", "<?xml version=\"1.0\"?>"] {
        assert_eq!(kind(empty), ReadErrorKind::Truncated, "{empty}");
    }
    assert!(matches!(kind("{\"id\":7}"), ReadErrorKind::Syntax(_)));
    for (at, _) in document("<price>1</price>").char_indices().skip(1) {
        let cut = &document("<price>1</price>")[..at];
        assert_eq!(kind(cut), ReadErrorKind::Truncated, "{cut}");
    }
}

#[test]
fn what_stands_where_it_must_not_is_refused() {
    assert_eq!(kind(&document("loose text")), ReadErrorKind::UnexpectedText);
    assert_eq!(
        kind(&document("<price>1<b/></price>")),
        ReadErrorKind::UnexpectedElement
    );
    assert_eq!(
        kind(&document("<price>1</price><price>1</price>")),
        ReadErrorKind::Duplicate
    );
    assert_eq!(
        kind(&document("<tags><tag>&nbsp;</tag></tags>")),
        ReadErrorKind::UnknownEntity
    );
    assert!(matches!(
        kind(&document("</price>")),
        ReadErrorKind::Syntax(_)
    ));
    assert!(matches!(
        kind(&document("<price a=1>1</price>")),
        ReadErrorKind::Syntax(_)
    ));
}

#[test]
fn encodings_other_than_utf_8_are_refused() {
    let latin1 = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>";
    let mut bytes = format!("{latin1}{}", document("")).into_bytes();
    assert!(
        Everything::from_xml(&bytes).is_ok(),
        "ASCII is the same in both"
    );
    let at = bytes.iter().position(|byte| *byte == b'n').unwrap();
    bytes[at] = 0xE5;
    assert_eq!(
        Everything::from_xml(&bytes).unwrap_err().kind(),
        &ReadErrorKind::Encoding
    );
    let declared = format!("{latin1}{}", document("").replace(">n<", ">å<"));
    assert_eq!(kind(&declared), ReadErrorKind::Encoding);
    let utf16: Vec<u8> = format!("\u{FEFF}{}", document(""))
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(
        Everything::from_xml(&utf16).unwrap_err().kind(),
        &ReadErrorKind::Encoding
    );
    let bom = format!(
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{}",
        document("")
    );
    assert!(read(&bom).is_ok());
}

#[test]
fn size_and_depth_are_bounded() {
    let options = ReadOptions::default().with_max_bytes(10).with_max_depth(3);
    let error = Everything::from_xml_with(document("").as_bytes(), &options).unwrap_err();
    assert_eq!(error.kind(), &ReadErrorKind::TooLarge { limit: 10 });
    let deep = document(&format!(
        "<x>{}{}</x>",
        "<a>".repeat(100_000),
        "</a>".repeat(100_000)
    ));
    assert_eq!(kind(&deep), ReadErrorKind::TooDeep { limit: 64 });
}

#[test]
fn debug_hides_what_is_personal_and_errors_hold_no_values() {
    let mut value = read(&document(
        "<tags><tag>open</tag></tags><secret>19811218</secret>",
    ))
    .unwrap();
    value.name = "Anna Andersson".to_owned();
    for shown in [
        format!("{value:?}"),
        format!("{value:#?}"),
        format!("{:?}", List::from(vec![value.clone()])),
    ] {
        assert!(
            !shown.contains("Anna") && !shown.contains("19811218"),
            "{shown}"
        );
        assert!(
            shown.contains("[personal]") && shown.contains("open"),
            "{shown}"
        );
    }
    assert!(format!("{:?}", crate::Revealed(&value)).contains("Anna"));
    let error = read(&document("<price>Anna</price>")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Anna"));
}

#[test]
fn an_error_names_line_and_column_in_characters() {
    let error = read(&document("\n<tags>\n<tag>å</tag><tag>ö<b/></tag></tags>")).unwrap_err();
    assert_eq!(
        (error.path(), error.line(), error.column()),
        ("everything/tags/tag[2]", 3, 19)
    );
}

fn rare(xml: &str) -> Result<Rare, ReadError> {
    Rare::from_xml(format!("<rare>{xml}</rare>").as_bytes())
}

#[test]
fn what_kleer_may_leave_out_is_read_but_not_written() {
    let mut value = rare("<files><file>1</file></files><status>1</status>").unwrap();
    assert_eq!((&value.name, &value.tags), (&None, &None));
    let error = value.to_xml().unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (WriteErrorKind::Missing, "rare/name")
    );
    value.name = Some(String::new());
    value.tags = Some(vec![]);
    assert_eq!(
        value.to_xml().unwrap(),
        "<rare><name/><tags/><files><file>1</file></files><status>1</status></rare>"
    );
}

#[test]
fn a_list_that_must_not_be_empty_is_checked_on_writing() {
    type Change = (&'static str, fn(&mut Rare));
    let full = "<name/><tags/><files><file>1</file></files><notes><note>2</note></notes>\
                <status>3</status>";
    let value = rare(full).unwrap();
    assert_eq!(value.to_xml().unwrap(), format!("<rare>{full}</rare>"));
    // Readers take what Kleer sends.
    assert!(rare("<files/>").is_ok());
    let changes: [Change; 3] = [
        ("rare/files", |value| value.files.clear()),
        ("rare/notes", |value| value.notes = Some(vec![])),
        ("rare/status", |value| value.status.clear()),
    ];
    for (path, change) in changes {
        let mut value = value.clone();
        change(&mut value);
        let error = value.to_xml().unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (WriteErrorKind::EmptyList, path)
        );
    }
}

#[test]
fn a_repeated_choice_keeps_the_order_of_its_branches() {
    let xml = "<name/><tags/><files><file>1</file></files><status>1</status><project>1</project>\
               <dimension><quantity>2</quantity></dimension><project>3</project>";
    let value = rare(xml).unwrap();
    assert_eq!(value.scopes.len(), 3);
    assert_eq!(value.scopes[2], Scope::Project(3));
    assert_eq!(value.to_xml().unwrap(), format!("<rare>{xml}</rare>"));
}

#[test]
fn the_type_of_an_element_is_chosen_by_its_attribute() {
    let xsi = "xmlns:x=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let xml = format!(
        "<rare {xsi} xmlns:s=\"http://www.w3.org/2001/XMLSchema\"><name/><tags/>\
         <files><file>1</file></files><status>1</status>\
         <shape x:type=\"entry\"><quantity>1</quantity></shape>\
         <shape x:type=\"row\"><quantity>2</quantity></shape>\
         <shape x:type=\"circle\"><r x:type=\"s:int\">3</r></shape>\
         <value x:type=\"s:decimal\">1.50</value></rare>"
    );
    let value = Rare::from_xml(xml.as_bytes()).unwrap();
    assert!(matches!(&value.shape[0], Shape::Entry(entry) if entry.quantity == Decimal::ONE));
    assert!(matches!(&value.shape[1], Shape::Row(row) if row.quantity == Decimal::TWO));
    let any = value.value.as_ref().unwrap();
    assert_eq!((any.as_xml(), any.type_name()), ("1.50", Some("decimal")));
    let written = value.to_xml().unwrap();
    assert!(
        written.contains("xsi:type=\"entry\"><quantity>1<"),
        "{written}"
    );
    assert!(
        written.contains("x:type=\"circle\"><r x:type=\"s:int\">3</r></shape>"),
        "{written}"
    );
    assert_eq!(
        Rare::from_xml(written.as_bytes()).unwrap(),
        Rare::from_xml(
            Rare::from_xml(written.as_bytes())
                .unwrap()
                .to_xml()
                .unwrap()
                .as_bytes()
        )
        .unwrap()
    );
    let again = Rare::from_xml(written.as_bytes()).unwrap();
    assert_eq!(again.shape[..2], value.shape[..2]);
    assert_eq!(again.value.unwrap().type_name(), Some("decimal"));
}

#[test]
fn a_second_byte_order_mark_is_refused() {
    let xml = document("<new>\u{e5}</new>");
    assert!(read(&format!("\u{feff}{xml}")).is_ok());
    let twice = read(&format!("\u{feff}\u{feff}{xml}")).unwrap_err();
    assert!(matches!(twice.kind(), ReadErrorKind::Syntax(_)), "{twice}");
}

#[test]
fn short_long_and_broken_texts_read_alike() {
    for length in [0, 1, 30, 63, 64, 65, 66, 200] {
        let text = "\u{e5}".repeat(length / 2) + &"x".repeat(length % 2);
        for (written, read_as) in [
            (text.clone(), text.clone()),
            (format!("{text}&amp;{text}"), format!("{text}&{text}")),
            (format!("{text}<!-- c -->{text}"), format!("{text}{text}")),
            (
                format!("{text}<![CDATA[<]]>{text}"),
                format!("{text}<{text}"),
            ),
            (format!("{text}\r\n{text}"), format!("{text}\n{text}")),
        ] {
            let xml = document("").replace("<name>n</name>", &format!("<name>{written}</name>"));
            assert_eq!(read(&xml).unwrap().name, read_as, "{written}");
        }
    }
    // Behind an empty element stands what is not its text.
    let empty = document("").replace("<name>n</name>", "<name a='/'/>text");
    assert_eq!(kind(&empty), ReadErrorKind::UnexpectedText);
}

#[test]
fn unknown_elements_do_not_depend_on_the_order_of_the_others() {
    // Behind an element that stands too late, and behind one that counts as absent.
    let late = document("<z/>").replace("</everything>", "<y/><price>1</price><x/></everything>");
    let written = round_trip(&late);
    assert!(written.starts_with("<everything><name>n</name><z/><price>1</price><x/><rows/>"));
    assert!(
        written.ends_with("</delivery-date><y/></everything>"),
        "{written}"
    );
    let nil = document("<price xsi:nil='true'/><z/>");
    assert!(round_trip(&nil).contains("<name>n</name><z/><rows/>"));
}

#[test]
fn an_element_in_a_namespace_of_its_own_is_unknown_and_kept() {
    let foreign = "<price xmlns='urn:e'>much<deep/></price>";
    let value = read(&document(foreign)).unwrap();
    assert_eq!(value.price, None);
    assert!(value.to_xml().unwrap().contains(foreign));
    // An element that leaves a namespace stands in none.
    assert_eq!(
        read(&document("<price xmlns=''>1</price>")).unwrap().price,
        Some(Cents(1))
    );
}

#[test]
fn what_is_kept_declares_each_prefix_once_and_where_it_is_used() {
    let inside = |xml: &str| {
        let with = document(xml).replacen("<everything>", "<everything xmlns:a='urn:1'>", 1);
        let written = round_trip(&with);
        let start = written.find("<name>n</name>").unwrap() + "<name>n</name>".len();
        written[start..written.find("<rows/>").unwrap()].to_owned()
    };
    let same = [
        "<x xmlns:a = 'urn:2'><a:y/></x>",
        "<x b='a:b'>a:b xmlns:a=</x>",
        "<x><y/></x>",
    ];
    for xml in same {
        assert_eq!(inside(xml), xml);
    }
    assert_eq!(
        inside("<a:x xmlns:a = 'urn:2'/>"),
        "<a:x xmlns:a = 'urn:2'/>"
    );
    assert_eq!(
        inside("<a:x><a:y xmlns:a='urn:2'/></a:x>"),
        "<a:x xmlns:a=\"urn:1\"><a:y xmlns:a='urn:2'/></a:x>"
    );
    assert_eq!(
        inside("<x><y xmlns:a='urn:2'/><a:y/></x>"),
        "<x xmlns:a=\"urn:1\"><y xmlns:a='urn:2'/><a:y/></x>"
    );
    assert_eq!(
        inside("<x><y a:b='1'/></x>"),
        "<x xmlns:a=\"urn:1\"><y a:b='1'/></x>"
    );
}

#[test]
fn what_could_not_be_written_back_is_not_kept() {
    for bad in [
        "<x>\u{1}</x>",
        "<x>&foo;</x>",
        "<x>&#0;</x>",
        "<x><y a=b/></x>",
        "<x a='1' a='2'/>",
    ] {
        assert!(read(&document(bad)).is_err(), "{bad}");
    }
}

#[test]
fn prefixes_are_bounded() {
    let declared = |count: usize| -> String {
        (0..count)
            .map(|number| [" xmlns:p", &number.to_string(), "='urn:p'"].concat())
            .collect()
    };
    assert!(read(&document(&format!("<x{}/>", declared(64)))).is_ok());
    let many = document(&format!("<x{}/>", declared(65)));
    assert!(matches!(kind(&many), ReadErrorKind::Syntax(_)));
    let long = document(&format!("<x xmlns:p='{}'/>", "u".repeat(257)));
    assert!(matches!(kind(&long), ReadErrorKind::Syntax(_)));
    // They do not add up over siblings.
    assert!(read(&document(&format!("<x{0}/><y{0}/>", declared(64)))).is_ok());
}

#[test]
fn each_rejected_item_knows_its_own_place() {
    let bad = document("<price>x</price>");
    let xml = format!("<everythings>\n{bad}\n\n<!-- åäö -->{bad}{bad}\n</everythings>");
    let list = List::<Everything>::from_xml(xml.as_bytes()).unwrap();
    let places: Vec<_> = list
        .rejected
        .iter()
        .map(|one| (one.error.line(), one.error.column()))
        .collect();
    let behind = |before: &str| before.chars().count() + bad.find('x').unwrap() + 1;
    let comment = "<!-- åäö -->";
    let second = format!("{comment}{bad}");
    assert_eq!(
        places,
        [(2, behind("")), (4, behind(comment)), (4, behind(&second))]
    );
}

#[test]
fn the_name_of_a_type_cannot_break_out_of_its_attribute() {
    let mut value = rare("<files><file>1</file></files><status>1</status>").unwrap();
    (value.name, value.tags) = (Some(String::new()), Some(vec![]));
    value.value = Some(AnyValue::text("<&\0>").with_type("x\" y=\"<"));
    let written = value.to_xml().unwrap();
    assert!(
        written.contains("xsi:type=\"xs:xy\">&lt;&amp;&gt;</value>"),
        "{written}"
    );
    assert_eq!(Rare::from_xml(written.as_bytes()).unwrap(), value);
}

#[test]
fn the_name_of_a_type_must_be_a_name() {
    let shaped = |shape: &str| {
        rare(&format!(
            "<name/><tags/><files><file>1</file></files><status>1</status>{shape}"
        ))
    };
    assert_eq!(
        shaped("<shape xsi:type='new'>x</shape>")
            .unwrap()
            .shape
            .len(),
        1
    );
    for wrong in ["", "::", "a:", ":a", "a:b:c", "a\"b", "a b"] {
        let error = shaped(&format!("<shape xsi:type='{wrong}'>x</shape>")).unwrap_err();
        assert!(
            matches!(error.kind(), ReadErrorKind::Value { .. }),
            "{wrong}: {error}"
        );
    }
    let error = shaped("<shape xmlns:='urn:x'/>").unwrap_err();
    assert!(matches!(error.kind(), ReadErrorKind::Syntax(_)), "{error}");
}

#[test]
fn where_a_prefix_is_declared_changes_nothing() {
    const XSD: &str = "http://www.w3.org/2001/XMLSchema";
    for value in [
        "<value xsi:type='new'>xsi: xs: xs_:</value>".to_owned(),
        format!("<value xmlns:q='{XSD}' xsi:type='q:string'>xsi: xs:</value>"),
        format!("<value xmlns:xs='urn:x' xmlns:q='{XSD}' xsi:type='q:date'>xs: xs_:</value>"),
        "<value>xsi:</value>".to_owned(),
        "<value><a xsi:nil='true'/></value>".to_owned(),
        format!("<value xmlns:q='{XSD}'><a xsi:type='q:date'/></value>"),
        format!("<value xmlns:q='{XSD}'><a/></value>"),
        // Writing declares xsi on the shape.
        "<shape xsi:type='row'><quantity>1</quantity><new>xsi:</new></shape>".to_owned(),
        "<shape xsi:type='row'><quantity>1</quantity><new xsi:type='x'/></shape>".to_owned(),
        "<shape xsi:type='row'><quantity>1</quantity><new a='xsi:&gt;'/></shape>".to_owned(),
        "<new/x xsi:type='x'></new/x>".to_owned(),
        "<value xmlns:xsi='urn:\"x&amp;\"'><a xsi:b='c'/></value>".to_owned(),
        "<new xmlns:n='urn:\"x&amp;\"'><n:a/></new>".to_owned(),
    ] {
        let xml = format!("<name/><tags/><files><file>1</file></files><status>1</status>{value}");
        let Ok(read) = rare(&xml) else {
            assert!(value.contains("new/x"), "{value}");
            continue;
        };
        let written = read.to_xml().unwrap();
        let again = Rare::from_xml(written.as_bytes()).unwrap();
        assert_eq!(again, read, "{written}");
        assert_eq!(again.to_xml().unwrap(), written);
        assert_eq!(
            written.contains("xmlns:q="),
            value.contains("<a xsi:type='q:"),
            "{written}"
        );
    }
}
