//! Whatever a document or a record holds: a result or problems, and never a panic or a value in an
//! error.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate};
use field_map::{Circumstances, Function, Mapper, Profile};
use flat_record::{Field, Fields, Kind, Record, Reference, Sensitivity, Value, ValueKind};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// Every transform, selector and test, over few keys, so that documents often have them.
const PROFILE: &str = r#"
name = "everything"
[settings.s]
default = true
[tables.t]
a = "b"
b = "a"
[paths]
valid = "a[valid b c]"

[[row]]
target = "text"
source = "$valid.d"
direction = "export"
transform = ["trim", "collapse", "lower", "upper", { split = { separator = "a", take = "after-first" } }, { replace = { from = "b", to = "" } }]
[[row]]
target = "text"
source = "a.b"
fallback = ["b[latest a]", "c[-1]", "d[a=b].c"]
direction = "export"
when = { any = [{ path = "a.b", greater = "b" }, { not = { path = "c[*].a", in = ["a", 1, true] } }] }
[[row]]
target = "text"
source = ["a", "b"]
direction = "import"
transform = [{ join = { separator = " ", back = "first" } }]
[[row]]
target = "integer"
source = "c"
transform = [{ scale = 100 }, { round = 0 }]
import-transform = [{ scale = 0.01 }]
[[row]]
target = "integer"
source = "c.a"
direction = "export"
transform = [{ parse = "integer" }, { default = 7 }]
[[row]]
target = "decimal"
source = "d"
transform = [{ number = { decimal = ",", group = " " } }, { scale = 3 }]
[[row]]
target = "date"
source = "e"
transform = [{ date = ["%d/%m/%Y", "%Y%m%d"] }]
[[row]]
target = "timestamp"
source = "f"
[[row]]
target = "flag"
source = "g"
transform = [{ parse = "bool" }]
[[row]]
target = "list"
source = "h"
transform = [{ normalise = "bank-account" }]
[[row]]
target = "set"
source = "i"
transform = [{ set = "," }, { lookup = { table = "t", unknown = "keep" } }, { prefix = "a" }]
[[row]]
target = "reference"
source = "j"
transform = [{ reference = "client" }]
[[row]]
target = "secret"
source = "k"
transform = ["empty-to-null", { normalise = "personal-number" }, { call = "f" }]
[[row]]
target = "day"
source = "l"
transform = ["date-of-timestamp"]
"#;

static MAPPER: LazyLock<Mapper> = LazyLock::new(|| {
    let field = |name, kind| Field::new(name, kind).unwrap();
    let fields = Fields::new([
        field("text", ValueKind::Text),
        field("integer", ValueKind::Integer),
        field("decimal", ValueKind::Decimal),
        field("date", ValueKind::Date),
        field("timestamp", ValueKind::Timestamp),
        field("flag", ValueKind::Bool),
        field("list", ValueKind::List),
        field("set", ValueKind::Set),
        field("reference", ValueKind::Reference),
        field("secret", ValueKind::Text).sensitivity(Sensitivity::Sensitive),
        field("day", ValueKind::Date),
    ])
    .unwrap();
    let profile = Profile::from_toml(PROFILE).unwrap_or_else(|error| panic!("{error}"));
    let same = Function::new(|value| Ok(value.clone())).reversed_by(|value| Ok(value.clone()));
    let compiled = profile.compile_for(&fields).function("f", same).compile();
    compiled.unwrap_or_else(|error| panic!("{error}"))
});

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ab ,]{0,6}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?",
        "[0-9]{1,2}/[0-9]{1,2}/[0-9]{1,5}",
        "-?[0-9 ]{1,34}(,[0-9]{1,34})?",
        "[0-9]{6}[-+]?[0-9]{4}",
        Just("true".to_owned()),
        Just("1912-12-12T00:00:00+23:59".to_owned()),
        Just("marker\u{301}\u{0}".to_owned()),
    ]
}

fn documents() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        texts().prop_map(Json::from),
    ];
    let value = leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("[a-e]", inner), 0..5)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    });
    prop_oneof![
        1 => value.clone(),
        9 => prop::collection::vec(("[a-l]", value), 0..14)
            .prop_map(|entries| Json::Object(entries.into_iter().collect())),
    ]
}

fn decimals() -> impl Strategy<Value = Decimal> {
    (any::<[u32; 3]>(), any::<bool>(), 0..=28_u32).prop_map(
        |([low, middle, high], negative, scale)| {
            Decimal::from_parts(low, middle, high, negative, scale)
        },
    )
}

fn dates() -> impl Strategy<Value = NaiveDate> {
    prop_oneof![
        (-3_000_000..3_000_000).prop_filter_map("a date", NaiveDate::from_num_days_from_ce_opt),
        Just(NaiveDate::MAX),
        Just(NaiveDate::MIN),
    ]
}

fn records() -> impl Strategy<Value = Record> {
    let element = prop_oneof![
        texts().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        decimals().prop_map(Value::Decimal),
        texts().prop_map(|key| Value::from(Reference::new(
            Kind::new("client").unwrap(),
            key.as_str()
        ))),
        Just(Value::Null),
    ];
    let elements = || prop::collection::vec(element.clone(), 0..5);
    let timestamps =
        (-70_000_000_000..300_000_000_000_i64).prop_filter_map("a timestamp", |seconds| {
            DateTime::from_timestamp(seconds, 0).map(|at| Value::Timestamp(at.fixed_offset()))
        });
    (
        texts(),
        any::<i64>(),
        decimals(),
        dates(),
        timestamps,
        any::<bool>(),
        elements(),
        elements(),
        (texts(), texts(), dates()),
        any::<u16>(),
        any::<u16>(),
    )
        .prop_map(
            |(
                text,
                integer,
                decimal,
                date,
                timestamp,
                flag,
                list,
                set,
                (key, secret, day),
                said,
                null,
            )| {
                let kind = Kind::new(if flag { "client" } else { "project" }).unwrap();
                let values = [
                    ("text", Value::from(text)),
                    ("integer", Value::from(integer)),
                    ("decimal", Value::Decimal(decimal)),
                    ("date", Value::Date(date)),
                    ("timestamp", timestamp),
                    ("flag", Value::from(flag)),
                    ("list", Value::list(list)),
                    ("set", Value::set(set)),
                    ("reference", Value::from(Reference::new(kind, key.as_str()))),
                    ("secret", Value::from(secret)),
                    ("day", Value::Date(day)),
                ];
                let mut record = Record::new(MAPPER.fields());
                for (index, (name, value)) in values.into_iter().enumerate() {
                    if said & 1 << index != 0 {
                        let value = if null & 1 << index != 0 {
                            Value::Null
                        } else {
                            value
                        };
                        record.set(name, value).unwrap();
                    }
                }
                record
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    /// Mapping and explaining agree, and neither panics nor tells a value.
    #[test]
    fn any_document_is_mapped_or_refused(document in documents(), day in dates()) {
        let mapper = &*MAPPER;
        let circumstances = Circumstances::on(day);
        let explanation = mapper.explain(&document, &circumstances);
        let _ = explanation.render(Sensitivity::Sensitive);
        let shown = format!("{explanation} {explanation:?}");
        prop_assert!(!shown.contains("marker"), "{shown}");
        match mapper.export(&document, &circumstances) {
            Ok(record) => {
                prop_assert_eq!(&record, explanation.record());
                prop_assert!(explanation.failures().is_empty());
                // What came out can be offered to the way back.
                let _ = mapper.import(&record, &circumstances);
            }
            Err(error) => {
                prop_assert_eq!(error.failures.as_slice(), explanation.failures());
                let told = format!("{error} {error:?}");
                prop_assert!(!told.contains("marker"), "{}", told);
            }
        }
    }

    /// Any record becomes a patch or is refused, and what a patch says is exported as the record
    /// said it, where it can be exported at all.
    #[test]
    fn any_record_is_imported_or_refused(record in records(), day in dates()) {
        let mapper = &*MAPPER;
        let circumstances = Circumstances::on(day);
        match mapper.import(&record, &circumstances) {
            Ok(patch) => {
                prop_assert!(patch.is_object());
                let again = mapper.explain(&patch, &circumstances);
                for name in ["decimal", "date", "timestamp", "flag", "set", "reference"] {
                    let Some(value) = record.get(name) else { continue };
                    let failed = again.failures().iter().any(|failure| failure.target == name);
                    let found = again.record().get(name);
                    prop_assert!(failed || found == Some(value), "{name}: {value:?} became {found:?}");
                }
            }
            Err(error) => {
                let told = format!("{error} {error:?}");
                prop_assert!(!told.contains("marker"), "{}", told);
            }
        }
    }
}
