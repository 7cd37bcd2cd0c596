#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! What goes in, what is refused, and what `Debug` hides.

use flat_record::{
    Change, Equivalence, Field, FieldName, Fields, FieldsError, HashKey, Kind, NameError,
    Precision, Record, RecordError, Reference, Revealed, Sensitivity, Set, Text, Value, ValueKind,
    WhiteSpace, difference,
};
use rust_decimal::Decimal;
use serde::de::DeserializeSeed;

fn fields() -> Fields {
    Fields::new([
        Field::new("name", ValueKind::Text).unwrap(),
        Field::new("salary", ValueKind::Decimal).unwrap(),
        Field::new("roles", ValueKind::Set).unwrap(),
    ])
    .unwrap()
}

#[test]
fn a_value_takes_24_bytes_and_a_slot_no_more() {
    assert_eq!(size_of::<Value>(), 24);
    assert_eq!(size_of::<Option<Value>>(), 24);
    assert_eq!(size_of::<Record>(), 24);
}

#[test]
fn names_are_checked() {
    for good in ["a", "address.postal-code", "Förnamn", "_id", "kc:1/x", "9"] {
        assert_eq!(FieldName::new(good).unwrap(), good);
    }
    for bad in ["", " a", "a b", ".a", "a\n", &"a".repeat(101)] {
        let Err(NameError { name, .. }) = FieldName::new(bad) else {
            panic!("{bad:?} was taken");
        };
        assert!(bad.starts_with(&name));
    }
    assert!(serde_json::from_str::<FieldName>("\"a b\"").is_err());
    assert!(Kind::new("employee").is_ok());
}

#[test]
fn what_does_not_fit_is_refused_with_the_place() {
    let mut record = Record::new(&fields());
    assert_eq!(
        record.set("shoe-size", 42_i64),
        Err(RecordError::UnknownField {
            name: "shoe-size".to_owned()
        })
    );
    assert_eq!(
        record.set("salary", "much"),
        Err(RecordError::WrongKind {
            name: FieldName::new("salary").unwrap(),
            expected: ValueKind::Decimal,
            found: ValueKind::Text,
        })
    );
    assert!(
        !record
            .set("salary", "Anna")
            .unwrap_err()
            .to_string()
            .contains("Anna")
    );
    assert_eq!(
        Record::from_slots(&fields(), vec![None]),
        Err(RecordError::SlotCount {
            expected: 3,
            found: 1
        })
    );
    assert!(Record::from_slots(&fields(), vec![None, Some("much".into()), None]).is_err());
    assert_eq!(
        Fields::new([
            Field::new("a", ValueKind::Text).unwrap(),
            Field::new("a", ValueKind::Date).unwrap()
        ]),
        Err(FieldsError::Duplicate(FieldName::new("a").unwrap()))
    );
}

#[test]
fn null_is_said_and_absence_is_not() {
    let silent = Record::new(&fields());
    let empty = silent.clone().with("name", Value::Null).unwrap();
    assert_eq!(silent.get("name"), None);
    assert_eq!(empty.get("name"), Some(&Value::Null));
    assert_eq!(
        difference(&silent, &empty).get("name"),
        Some(&Change::OnlyRight(&Value::Null))
    );
    let mut unset = empty.clone();
    assert_eq!(unset.unset("name"), Ok(Some(Value::Null)));
    assert_eq!(unset, silent);
    assert_ne!(empty, silent);
    assert_eq!(Value::from(None::<&str>), Value::Null);
}

#[test]
fn debug_hides_what_a_record_says() {
    let record = Record::new(&fields())
        .with("name", "Anna")
        .unwrap()
        .with("salary", Decimal::new(32_123, 0))
        .unwrap()
        .with("roles", Set::from_iter(["cashier"]))
        .unwrap();
    let other = record.clone().with("name", "Berit").unwrap();
    let reference = Value::from(Reference::new(Kind::new("client").unwrap(), "Anna"));
    let key = HashKey::new(*b"Anna, Berit, 321");
    let hidden = format!(
        "{record:?} {:?} {reference:?} {:?} {key:?} {:?}",
        difference(&record, &other),
        Text::from("Anna"),
        Value::list(["Anna"]),
    );
    for secret in ["Anna", "Berit", "321", "cashier"] {
        assert!(!hidden.contains(secret), "{hidden}");
    }
    let shown = format!(
        "{:?} {:?}",
        Revealed(&record),
        Revealed(&difference(&record, &other))
    );
    for secret in ["Anna", "Berit", "32123", "cashier"] {
        assert!(shown.contains(secret), "{shown}");
    }
}

#[test]
fn rules_meet_where_they_should() {
    let equal = |rules: Equivalence, left: &str, right: &str| {
        rules.equal(&Value::from(left), &Value::from(right))
    };
    assert!(!equal(Equivalence::EXACT, "a", "A"));
    assert!(equal(Equivalence::EXACT.fold_case(), "Straße", "STRASSE"));
    assert!(equal(Equivalence::EXACT.fold_case(), "ẞ", "ß"));
    assert!(equal(Equivalence::EXACT.composed(), "e\u{301}", "é"));
    assert!(!equal(Equivalence::EXACT, "e\u{301}", "é"));
    assert!(equal(
        Equivalence::EXACT.white_space(WhiteSpace::Trim),
        " a",
        "a\u{a0}"
    ));
    assert!(!equal(
        Equivalence::EXACT.white_space(WhiteSpace::Trim),
        "a  b",
        "a b"
    ));
    assert!(equal(
        Equivalence::EXACT.white_space(WhiteSpace::Collapse),
        "a\t\nb",
        "a b"
    ));

    let blank = Equivalence::EXACT
        .white_space(WhiteSpace::Trim)
        .empty_is_null();
    assert!(blank.equal(&Value::from("  "), &Value::Null));
    assert!(blank.equal(&Value::set::<Value>([]), &Value::Null));
    assert!(!Equivalence::EXACT.equal(&Value::from(""), &Value::Null));

    let kronor = Equivalence::EXACT.decimal_places(2);
    let amount = |text: &str| Value::from(text.parse::<Decimal>().unwrap());
    assert!(Equivalence::EXACT.equal(&amount("1.0"), &amount("1.00")));
    assert!(kronor.equal(&amount("1.005"), &amount("1.01")));
    assert!(kronor.equal(&amount("-0.001"), &amount("0")));
    assert!(
        !Equivalence::EXACT.equal(&amount("1"), &Value::from(1_i64)),
        "kinds are strict"
    );

    let instant =
        |text: &str| serde_json::from_str::<Value>(&format!("{{\"timestamp\":{text:?}}}")).unwrap();
    let (winter, utc) = (
        instant("2026-11-20T08:00:00.9+01:00"),
        instant("2026-11-20T07:00:00Z"),
    );
    assert!(!Equivalence::EXACT.equal(&winter, &utc));
    assert!(
        Equivalence::EXACT
            .precision(Precision::Second)
            .equal(&winter, &utc)
    );

    let tags = Equivalence::EXACT.fold_case();
    assert!(tags.equal(&Value::set(["A", "a", "b"]), &Value::set(["B", "a"])));
    assert!(!tags.equal(&Value::list(["a", "b"]), &Value::list(["b", "a"])));
}

#[test]
fn stored_hashes_stay_valid() {
    // These numbers stand in databases: a change here is a change of everybody's bases.
    let key = HashKey::new([1; 16]).for_field(&FieldName::new("city").unwrap());
    let hashes: Vec<u64> = [
        Value::Null,
        Value::from("Umeå"),
        Value::from(
            "a text of more than sixty-three bytes, which takes the long way round to its hash",
        ),
        Value::from(Decimal::new(1250, 2)),
        Value::set(["a", "b"]),
    ]
    .iter()
    .map(|value| key.hash(value, &Equivalence::EXACT))
    .collect();
    assert_eq!(
        hashes,
        [
            17_438_833_592_175_882_005,
            66_415_008_036_247_585,
            15_745_138_979_618_765_406,
            90_749_361_956_684_953,
            3_622_446_826_464_313_014,
        ]
    );
}

#[test]
fn bad_json_is_refused_without_repeating_it() {
    for (bad, hint) in [
        ("0.1", "decimal"),
        ("18446744073709551615", "decimal"),
        ("{}", "empty object"),
        (r#"{"Anna":1}"#, "one of the keys"),
        (r#"{"decimal":"Anna"}"#, "12.50"),
        (r#"{"date":"Anna"}"#, "2026-11-20"),
        (r#"{"timestamp":"Anna"}"#, "2026-11-20"),
        (r#"{"decimal":"1","Anna":2}"#, "exactly one key"),
        (r#"{"reference":{"kind":"a b","key":"1"}}"#, "not a name"),
    ] {
        let message = serde_json::from_str::<Value>(bad).unwrap_err().to_string();
        assert!(
            message.contains(hint) && !message.contains("Anna"),
            "{bad}: {message}"
        );
    }
    let deep = "[".repeat(100_000);
    assert!(serde_json::from_str::<Value>(&deep).is_err());
    let fields = fields();
    for (bad, hint) in [
        (r#"{"shoe-size":1}"#, "shoe-size"),
        (r#"{"salary":"Anna"}"#, "decimal"),
        (r#"{"name":"a","name":"b"}"#, "twice"),
    ] {
        let mut json = serde_json::Deserializer::from_str(bad);
        let message = fields
            .record()
            .deserialize(&mut json)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains(hint) && !message.contains("Anna"),
            "{bad}: {message}"
        );
    }
    assert!(
        serde_json::from_str::<Fields>(
            r#"[{"name":"a","kind":"text"},{"name":"a","kind":"text"}]"#
        )
        .is_err()
    );
}

#[test]
fn sensitivity_is_ordered_and_careful_by_default() {
    assert!(Sensitivity::Public < Sensitivity::Internal);
    assert!(Sensitivity::Internal < Sensitivity::Personal);
    assert!(Sensitivity::Personal < Sensitivity::Sensitive);
    assert_eq!(
        Field::new("a", ValueKind::Text).unwrap().sensitivity,
        Sensitivity::Personal
    );
}
