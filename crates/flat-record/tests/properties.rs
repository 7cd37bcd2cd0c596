#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! Laws that hold for all values, rules and records.

use chrono::{DateTime, FixedOffset, NaiveDate};
use flat_record::{
    Alignment, Change, Equivalence, Field, Fields, HashKey, Kind, Precision, Record, Reference,
    Set, Value, ValueKind, WhiteSpace, difference,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::de::DeserializeSeed;

/// Texts that often meet under folding, trimming and composing.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[aAåÅ ]{0,3}",
        "[ ]{0,2}[a\u{e5}\u{c5}\u{30a}sSſßẞςΣİıK\u{212a}\u{a0}\t ]{0,4}",
        any::<String>(),
    ]
}

fn scalar() -> BoxedStrategy<Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => prop_oneof![-2_i64..3, any::<i64>()].prop_map(Value::from),
        2 => (-30_i64..30, 0_u32..4).prop_map(|(digits, scale)| Value::from(Decimal::new(digits, scale))),
        1 => (0_i32..800_000).prop_map(|day| Value::from(NaiveDate::from_num_days_from_ce_opt(day + 1).unwrap())),
        2 => (0_i64..90, 0_u32..3, -2_i32..3).prop_map(|(second, milli, hour)| {
            let instant = DateTime::from_timestamp(second, milli * 400_000_001).unwrap();
            Value::from(instant.with_timezone(&FixedOffset::east_opt(hour * 3600 + hour).unwrap()))
        }),
        3 => text().prop_map(Value::from),
        1 => "[a-c]{1,2}".prop_map(|key| Value::from(Reference::new(Kind::new("client").unwrap(), key))),
    ]
    .boxed()
}

fn value() -> BoxedStrategy<Value> {
    prop_oneof![
        6 => scalar(),
        1 => prop::collection::vec(scalar(), 0..4).prop_map(Value::list),
        1 => prop::collection::vec(scalar(), 0..4).prop_map(Value::set),
    ]
    .boxed()
}

fn equivalence() -> impl Strategy<Value = Equivalence> {
    let spaces = prop::sample::select(vec![
        WhiteSpace::Exact,
        WhiteSpace::Trim,
        WhiteSpace::Collapse,
    ]);
    let precisions = prop::sample::select(vec![
        Precision::Exact,
        Precision::Millisecond,
        Precision::Second,
        Precision::Minute,
    ]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (flags, spaces, precisions, prop::option::of(0_u32..4)).prop_map(
        |((fold, composed, empty), space, precision, places)| {
            let mut rules = Equivalence::EXACT.white_space(space).precision(precision);
            rules = if fold { rules.fold_case() } else { rules };
            rules = if composed { rules.composed() } else { rules };
            rules = if empty { rules.empty_is_null() } else { rules };
            places.map_or(rules, |places| rules.decimal_places(places))
        },
    )
}

/// A value that often is equivalent to the given one, and often not.
fn variant(value: &Value, choice: u8) -> Value {
    match (value, choice) {
        (Value::Text(text), 0) => Value::from(text.to_uppercase()),
        (Value::Text(text), 1) => Value::from(format!(" {} ", text.as_str())),
        (Value::Text(text), 2) => Value::from(text.replace('\u{e5}', "a\u{30a}")),
        (Value::Decimal(amount), 0) => Value::from(*amount + Decimal::new(1, 3)),
        (Value::Decimal(amount), _) => {
            let mut same = *amount;
            same.rescale(6);
            Value::from(same)
        }
        (Value::Timestamp(instant), 0) => {
            Value::from(*instant + chrono::TimeDelta::microseconds(1))
        }
        (Value::Timestamp(instant), _) => Value::from(instant.to_utc()),
        (Value::List(elements), _) => Value::list(elements.iter().map(|one| variant(one, choice))),
        (Value::Set(elements), _) => Value::set(elements.iter().map(|one| variant(one, choice))),
        (other, _) => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_gives_every_value_back(value in value()) {
        let json = serde_json::to_string(&value).unwrap();
        let back: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&back, &value);
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), json);
    }

    #[test]
    fn canonical_forms_are_stable(value in value(), rules in equivalence()) {
        let canonical = rules.canonical(&value).into_owned();
        prop_assert_eq!(rules.canonical(&canonical).into_owned(), canonical.clone());
        prop_assert!(rules.equal(&value, &canonical));
    }

    #[test]
    fn equivalent_values_hash_equal_and_others_do_not(
        value in value(), other in value(), choice in 0_u8..4, rules in equivalence(), key in any::<[u8; 16]>(),
    ) {
        let key = HashKey::new(key);
        for other in [variant(&value, choice), other] {
            let equal = rules.equal(&value, &other);
            prop_assert_eq!(rules.equal(&other, &value), equal);
            prop_assert_eq!(key.hash(&value, &rules) == key.hash(&other, &rules), equal);
            // Strict equality is the finest of all.
            prop_assert!(equal || value != other);
        }
    }

    #[test]
    fn differences_mirror(
        left in prop::collection::vec(prop::option::of(value()), 4),
        choice in 0_u8..4,
        change in prop::collection::vec(0_u8..4, 4),
        rules in equivalence(),
    ) {
        let kinds: Vec<ValueKind> = left
            .iter()
            .map(|value| value.as_ref().and_then(Value::kind).unwrap_or(ValueKind::Text))
            .collect();
        let field = |slot: usize| Field::new(format!("f{slot}"), kinds[slot]).unwrap().equivalence(rules);
        let fields = Fields::new((0..4).map(field)).unwrap();
        let turned = Fields::new((0..4).rev().map(field)).unwrap();
        let right: Vec<Option<Value>> = left.iter().zip(&change).map(|(value, change)| match change {
            0 => value.clone(),
            1 => None,
            2 => Some(Value::Null),
            _ => value.as_ref().map(|value| variant(value, choice)),
        }).collect();
        let one = Record::from_slots(&fields, left).unwrap();
        let other = Record::from_slots(&fields, right.clone()).unwrap();
        let other_turned = Record::from_slots(&turned, right.into_iter().rev().collect()).unwrap();

        let there = difference(&one, &other);
        let back = difference(&other, &one);
        let across = Alignment::new(&fields, &turned).difference(&one, &other_turned);
        for field in &fields {
            let name = &*field.name;
            prop_assert_eq!(there.get(name), across.get(name));
            match (there.get(name), back.get(name)) {
                (None, None) => {
                    prop_assert!(one.get(name).is_none() && other.get(name).is_none());
                }
                (Some(Change::Unchanged), Some(Change::Unchanged)) => {
                    prop_assert!(rules.equal(one.get(name).unwrap(), other.get(name).unwrap()));
                }
                (Some(Change::OnlyLeft(a)), Some(Change::OnlyRight(b))) => prop_assert_eq!(a, b),
                (Some(Change::OnlyRight(a)), Some(Change::OnlyLeft(b))) => prop_assert_eq!(a, b),
                (
                    Some(Change::Changed { left: a, right: b, elements }),
                    Some(Change::Changed { left: c, right: d, elements: mirrored }),
                ) => {
                    prop_assert_eq!((a, b), (d, c));
                    prop_assert!(!rules.equal(a, b));
                    prop_assert_eq!(elements.is_some(), mirrored.is_some());
                    if let (Some(elements), Some(mirrored)) = (elements, mirrored) {
                        prop_assert_eq!(&elements.added, &mirrored.removed);
                        prop_assert_eq!(&elements.removed, &mirrored.added);
                    }
                }
                (there, back) => prop_assert!(false, "{:?} does not mirror {:?}", there, back),
            }
        }
        prop_assert_eq!(there.is_empty(), one.iter().count() == other.iter().count()
            && one.iter().all(|(field, value)| other.get(&field.name).is_some_and(|other| rules.equal(value, other))));
    }

    #[test]
    fn set_elements_that_came_and_went_make_one_set_the_other(
        left in prop::collection::vec(scalar(), 0..5), right in prop::collection::vec(scalar(), 0..5),
    ) {
        let (left, right) = (Value::set(left), Value::set(right));
        let elements = flat_record::ElementChanges::between(&left, &right, &Equivalence::EXACT).unwrap();
        let kept = left.as_set().unwrap().iter().filter(|one| !elements.removed.contains(one));
        let made: Set = kept.chain(elements.added.iter().copied()).cloned().collect();
        prop_assert_eq!(&Value::from(made), &right);
    }

    #[test]
    fn json_gives_records_back(slots in prop::collection::vec(prop::option::of(value()), 3)) {
        let fields = Fields::new(slots.iter().enumerate().map(|(slot, value)| {
            let kind = value.as_ref().and_then(Value::kind).unwrap_or(ValueKind::Date);
            Field::new(format!("f{slot}"), kind).unwrap()
        })).unwrap();
        let record = Record::from_slots(&fields, slots).unwrap();
        let json = serde_json::to_string(&record).unwrap();
        let back = fields.record().deserialize(&mut serde_json::Deserializer::from_str(&json)).unwrap();
        prop_assert_eq!(back, record);
        let layout = serde_json::to_string(&fields).unwrap();
        prop_assert_eq!(serde_json::from_str::<Fields>(&layout).unwrap(), fields);
    }
}
