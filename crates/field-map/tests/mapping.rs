//! What a compiled profile makes of documents and records.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::NaiveDate;
use field_map::{
    Circumstances, Explanation, Function, Mapper, Problem, Profile, RowOutcome, read_json,
};
use flat_record::{Field, Fields, Record, Sensitivity, Value, ValueKind};
use serde_json::{Value as Json, json};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn on() -> Circumstances<'static> {
    Circumstances::on(day()).of("emp-17")
}

fn fields() -> Fields {
    let field = |name, kind| Field::new(name, kind).unwrap();
    Fields::new([
        field("text", ValueKind::Text),
        field("other", ValueKind::Text),
        field("integer", ValueKind::Integer),
        field("decimal", ValueKind::Decimal),
        field("date", ValueKind::Date),
        field("timestamp", ValueKind::Timestamp),
        field("flag", ValueKind::Bool),
        field("list", ValueKind::List),
        field("set", ValueKind::Set),
        field("reference", ValueKind::Reference),
        field("secret", ValueKind::Text).sensitivity(Sensitivity::Sensitive),
    ])
    .unwrap()
}

fn compile(rows: &str) -> Mapper {
    let text = format!("name = \"p\"\n{rows}");
    let profile = Profile::from_toml(&text).unwrap_or_else(|error| panic!("{error}"));
    let fields = fields();
    let mapper = profile.compile_for(&fields).compile();
    mapper.unwrap_or_else(|error| panic!("{error}"))
}

fn export_row(target: &str, rest: &str) -> String {
    format!("[[row]]\ntarget = \"{target}\"\ndirection = \"export\"\n{rest}\n")
}

/// What one row makes of a document.
fn one(target: &str, rest: &str, document: &Json) -> Result<Option<Value>, Problem> {
    let mapper = compile(&export_row(target, rest));
    match mapper.export(document, &on()) {
        Ok(record) => Ok(record.get(target).cloned()),
        Err(error) => Err(error.failures[0].problem.clone()),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "compared with what `one` gives")]
fn text(value: &str) -> Result<Option<Value>, Problem> {
    Ok(Some(Value::from(value)))
}

#[test]
fn paths_lead_to_values() {
    let document = json!({
        "a": { "b": "deep", "": 1, "with space": "quoted" },
        "list": ["first", "second", "last"],
        "phones": [
            { "type": "work", "number": "08-1", "main": true },
            { "type": "home", "number": "08-2", "main": false, "rank": 2 }
        ],
        "nothing": null
    });
    let at = |path: &str| one("text", &format!("source = '{path}'"), &document);
    assert_eq!(at("a.b"), text("deep"));
    assert_eq!(at("a.\"with space\""), text("quoted"));
    assert_eq!(at("list[0]"), text("first"));
    assert_eq!(at("list[-1]"), text("last"));
    assert_eq!(at("list[-4]"), Ok(None));
    assert_eq!(at("list[7]"), Ok(None));
    assert_eq!(at("phones[type=home].number"), text("08-2"));
    assert_eq!(at("phones[main=true].number"), text("08-1"));
    assert_eq!(at("phones[rank=2].number"), text("08-2"));
    assert_eq!(at("phones[type=fax].number"), Ok(None));
    assert_eq!(at("missing.below"), Ok(None));
    // What is below nothing is nothing, and known to be.
    assert_eq!(at("nothing"), Ok(Some(Value::Null)));
    assert_eq!(at("nothing.below[0].x"), Ok(Some(Value::Null)));
}

#[test]
fn a_document_of_another_shape_is_an_error_with_the_place() {
    let document = json!({ "a": "text", "o": { "x": 1 }, "list": [{ "k": 1 }, { "k": 1 }] });
    let at = |path: &str| {
        one("text", &format!("source = '{path}'"), &document)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(at("a.b"), "`a` is a text, not an object");
    assert_eq!(at("o.x.y"), "`o.x` is a number, not an object");
    assert_eq!(at("o[0]"), "`o` is an object, not a list");
    let all = one("list", "source = 'o[*].y'", &document).unwrap_err();
    assert_eq!(all.to_string(), "`o` is an object, not a list");
    assert_eq!(
        at("list[k=1].x"),
        "`list[k=1]` fits 2 elements; which of them is meant would be a guess"
    );
    assert_eq!(
        at("o"),
        "an object stands there; name one of its keys in the path"
    );
    let error = compile(&export_row("text", "source = 'x'"))
        .export(&json!([1]), &on())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "record emp-17 does not fit the profile `p`:\n  row 1 (text <- x): `the document` is a list, not an object"
    );
}

#[test]
fn the_element_that_is_valid_on_the_day() {
    let at = |jobs: Json| {
        one(
            "integer",
            "source = 'jobs[valid from to].n'",
            &json!({ "jobs": jobs }),
        )
    };
    let job = |n, from: &str, to: Json| json!({ "n": n, "from": from, "to": to });
    let past = job(1, "2020-01-01", json!("2026-11-19"));
    let now = job(2, "2026-11-20", json!(null));
    let last_day = job(3, "2026-01-01", json!("2026-11-20"));
    let future = job(4, "2026-11-21T00:00:00Z", json!(null));
    assert_eq!(at(json!([past, now, future])), Ok(Some(2.into())));
    assert_eq!(at(json!([past, last_day])), Ok(Some(3.into())));
    assert_eq!(at(json!([past, future])), Ok(None));
    assert_eq!(
        at(json!([{ "n": 5 }])),
        Ok(Some(5.into())),
        "open at both ends"
    );
    let two = at(json!([now, last_day])).unwrap_err().to_string();
    assert!(two.contains("fits 2 elements"), "{two}");
    let backwards = at(json!([job(1, "2026-02-01", json!("2026-01-01"))])).unwrap_err();
    assert!(
        backwards.to_string().contains("before it begins"),
        "{backwards}"
    );
    let no_date = at(json!([job(1, "soon", json!(null))])).unwrap_err();
    assert!(
        no_date.to_string().contains("has no date in `from`"),
        "{no_date}"
    );
}

#[test]
fn the_element_that_began_last() {
    let at = |pay: Json| {
        one(
            "integer",
            "source = 'pay[latest from].n'",
            &json!({ "pay": pay }),
        )
    };
    let pay = |n, from: &str| json!({ "n": n, "from": from });
    let (first, second, third) = (
        pay(1, "2025-01-01"),
        pay(2, "2026-11-20"),
        pay(3, "2027-01-01"),
    );
    assert_eq!(at(json!([third, first, second])), Ok(Some(2.into())));
    assert_eq!(at(json!([third])), Ok(None));
    assert!(at(json!([first, pay(9, "2025-01-01")])).is_err());
}

#[test]
fn all_elements_as_a_list_or_a_set() {
    let document = json!({ "tags": [{ "n": "b" }, { "n": "a" }, {}, { "n": "b" }] });
    let list = one("list", "source = 'tags[*].n'", &document);
    assert_eq!(list, Ok(Some(Value::list(["b", "a", "b"]))));
    let set = one(
        "set",
        "source = 'tags[*].n'\ntransform = [{ prefix = 'PD=' }]",
        &document,
    );
    assert_eq!(set, Ok(Some(Value::set(["PD=a", "PD=b"]))));
    let split = one(
        "set",
        "source = 't'\ntransform = [{ set = ',' }]",
        &json!({ "t": "x, y,,x" }),
    );
    assert_eq!(split, Ok(Some(Value::set(["x", "y"]))));
}

#[test]
fn values_go_into_the_kind_of_their_field_where_that_is_no_guess() {
    let make = |target: &str, value: Json| one(target, "source = 'x'", &json!({ "x": value }));
    assert_eq!(make("integer", json!(12)), Ok(Some(12.into())));
    assert_eq!(make("integer", json!(12.0)), Ok(Some(12.into())));
    assert_eq!(make("integer", json!(12.5)), Err(Problem::NotWhole));
    assert!(make("integer", json!("12")).is_err());
    assert!(make("text", json!(12)).is_err());
    assert!(make("flag", json!("true")).is_err());
    assert_eq!(
        make("decimal", json!(0.1)),
        Ok(Some(Value::Decimal("0.1".parse().unwrap())))
    );
    assert_eq!(
        make("decimal", json!(1e-7)),
        Ok(Some(Value::Decimal("0.0000001".parse().unwrap())))
    );
    assert_eq!(
        make("decimal", json!(u64::MAX))
            .unwrap()
            .unwrap()
            .to_string_for_test(),
        u64::MAX.to_string()
    );
    assert_eq!(make("decimal", json!(1e300)), Err(Problem::Number));
    assert_eq!(make("integer", json!(u64::MAX)), Err(Problem::NotWhole));
    assert_eq!(
        make("date", json!("2026-11-20")),
        Ok(Some(Value::Date(day())))
    );
    for wrong in [
        "2026-11-31",
        "20/11/2026",
        "2026-1-5",
        "2026-11-20T00:00:00Z",
        "",
    ] {
        assert!(make("date", json!(wrong)).is_err(), "{wrong}");
    }
    assert!(make("timestamp", json!("2026-11-20T08:00:00+01:00")).is_ok());
    assert!(make("timestamp", json!("2026-11-20")).is_err());
    assert_eq!(make("text", json!(null)), Ok(Some(Value::Null)));
}

trait Shown {
    fn to_string_for_test(&self) -> String;
}

impl Shown for Value {
    fn to_string_for_test(&self) -> String {
        match self {
            Value::Decimal(decimal) => decimal.to_string(),
            other => panic!("{:?}", other.kind()),
        }
    }
}

#[test]
fn several_sources_are_joined() {
    let rest = "source = ['first', 'last']\ntransform = ['trim', { join = ' ' }]";
    let at = |document: Json| one("text", rest, &document);
    assert_eq!(
        at(json!({ "first": " Anna", "last": "Ek " })),
        text("Anna Ek")
    );
    assert_eq!(at(json!({ "first": null, "last": "Ek" })), text("Ek"));
    assert_eq!(at(json!({ "first": "", "last": "Ek" })), text("Ek"));
    assert_eq!(
        at(json!({ "first": null, "last": null })),
        Ok(Some(Value::Null))
    );
    assert_eq!(at(json!({})), Ok(None));
    assert!(at(json!({ "first": true })).is_err());
}

#[test]
fn conditions() {
    let when = |condition: &str, document: Json| {
        let rest = format!("source = 'v'\nwhen = {condition}");
        let mut document = document;
        document["v"] = json!("yes");
        one("text", &rest, &document).unwrap().is_some()
    };
    let x = |value: Json| json!({ "x": value });
    assert!(when("{ path = 'x', equals = 'a' }", x(json!("a"))));
    assert!(!when("{ path = 'x', equals = 'a' }", x(json!("b"))));
    assert!(!when("{ path = 'x', equals = 'a' }", json!({})));
    assert!(
        !when("{ path = 'x', equals = '1' }", x(json!(1))),
        "a text is no number"
    );
    assert!(when("{ path = 'x', equals = 1.0 }", x(json!(1))));
    assert!(when("{ path = 'x', not-equals = 'a' }", json!({})));
    assert!(when("{ path = 'x', in = ['a', 2] }", x(json!(2))));
    assert!(!when("{ path = 'x', in = [] }", x(json!(2))));
    assert!(when("{ path = 'x', less = 10 }", x(json!(9.99))));
    assert!(!when("{ path = 'x', less = 10 }", x(json!(10))));
    assert!(when("{ path = 'x', less-or-equal = 10 }", x(json!(10))));
    assert!(when(
        "{ path = 'x', greater = '2026-01-01' }",
        x(json!("2026-01-02"))
    ));
    assert!(when("{ path = 'x', greater-or-equal = 1 }", x(json!(1))));
    assert!(!when("{ path = 'x', greater = 1 }", x(json!("2"))));
    assert!(when("{ path = 'x', present = true }", x(json!({}))));
    assert!(when("{ path = 'x', present = false }", x(json!(null))));
    assert!(when("{ path = 'x', present = false }", json!({})));
    assert!(when(
        "{ path = 'x[*].k', equals = 2 }",
        x(json!([{ "k": 1 }, { "k": 2 }]))
    ));
    let both = "{ all = [{ path = 'x', greater = 1 }, { path = 'x', less = 3 }] }";
    assert!(when(both, x(json!(2))) && !when(both, x(json!(3))));
    let either = "{ any = [{ path = 'x', equals = 1 }, { path = 'x', equals = 3 }] }";
    assert!(when(either, x(json!(3))) && !when(either, x(json!(2))));
    assert!(when("{ not = { path = 'x', equals = 1 } }", x(json!(2))));
    assert!(when("{ all = [] }", json!({})));
    assert!(!when("{ any = [] }", json!({})));
}

#[test]
fn the_first_row_of_a_field_that_has_a_value_fills_it() {
    let mapper = compile(&format!(
        "{}{}{}",
        export_row(
            "text",
            "source = 'a'\nwhen = { path = 'use', equals = 'a' }"
        ),
        export_row("text", "source = 'b'"),
        export_row("text", "source = 'c'\nfallback = ['d', 'e']"),
    ));
    let at = |document: Json| {
        mapper
            .export(&document, &on())
            .unwrap()
            .get("text")
            .cloned()
    };
    let document = json!({ "use": "a", "a": "1", "b": "2", "c": "3" });
    assert_eq!(at(document), Some("1".into()));
    assert_eq!(
        at(json!({ "a": "1", "b": "2", "c": "3" })),
        Some("2".into())
    );
    assert_eq!(
        at(json!({ "b": null, "c": "3" })),
        Some(Value::Null),
        "null is a value"
    );
    assert_eq!(at(json!({ "c": null, "e": "5" })), Some("5".into()));
    assert_eq!(at(json!({ "c": null })), Some(Value::Null));
    assert_eq!(at(json!({})), None);
}

#[test]
fn what_a_missing_value_does() {
    assert_eq!(one("text", "source = 'x'", &json!({})), Ok(None));
    assert_eq!(
        one("text", "source = 'x'\non-missing = 'clear'", &json!({})),
        Ok(Some(Value::Null))
    );
    let required = "source = 'x'\nrequired = true";
    assert_eq!(one("text", required, &json!({})), Err(Problem::Missing));
    assert_eq!(
        one("text", required, &json!({ "x": null })),
        Err(Problem::Missing)
    );
    let empty = "source = 'x'\non-missing = 'error'\ntransform = ['empty-to-null']";
    assert_eq!(
        one("text", empty, &json!({ "x": " " })),
        Err(Problem::Missing)
    );
    let default = "source = 'x'\nrequired = true\ntransform = [{ default = 'd' }]";
    assert_eq!(one("text", default, &json!({})), text("d"));
    assert_eq!(one("text", "value = 'always'", &json!({})), text("always"));
}

#[test]
fn every_failure_of_a_document_is_reported_at_once_and_without_values() {
    let mapper = compile(&format!(
        "{}{}{}",
        export_row("integer", "source = 'planted-key'"),
        export_row("date", "source = 'd'"),
        export_row("text", "source = 't'\nrequired = true"),
    ));
    let error = mapper
        .export(
            &json!({ "planted-key": "planted-value", "d": "planted-value" }),
            &on(),
        )
        .unwrap_err();
    let rows: Vec<_> = error.failures.iter().map(|failure| failure.row).collect();
    assert_eq!(rows, [1, 2, 3]);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("record emp-17") && shown.contains("planted-key"));
    assert!(!shown.contains("planted-value"), "{shown}");
}

#[test]
fn one_switch_drops_a_class_both_ways() {
    let profile = Profile::from_toml(
        "name = 'p'\n[[row]]\ntarget = 'secret'\nsource = 's'\n[[row]]\ntarget = 'text'\nsource = 't'\nsensitivity = 'sensitive'\n[[row]]\ntarget = 'other'\nsource = 'o'\nsensitivity = 'public'\n",
    )
    .unwrap();
    let fields = fields();
    let mapper = profile
        .compile_for(&fields)
        .drop_class(Sensitivity::Sensitive)
        .compile()
        .unwrap();
    let document = json!({ "s": "a", "t": "b", "o": "c" });
    let record = mapper.export(&document, &on()).unwrap();
    assert_eq!(record.iter().count(), 1);
    assert_eq!(record.get("other"), Some(&"c".into()));
    let whole = Record::new(&fields)
        .with("secret", "a")
        .unwrap()
        .with("other", "c")
        .unwrap();
    assert_eq!(mapper.import(&whole, &on()).unwrap(), json!({ "o": "c" }));
    let explanation = mapper.explain(&document, &on());
    let dropped: Vec<_> = explanation
        .rows()
        .filter(|row| row.outcome == RowOutcome::DroppedClass)
        .map(|row| row.target)
        .collect();
    assert_eq!(dropped, ["secret", "text"]);
}

#[test]
fn a_setting_chooses_among_rows() {
    let profile = Profile::from_toml(
        "name = 'p'\n[settings.work]\ndefault = false\n[[row]]\ntarget = 'text'\nsource = 'private'\nwhen = { setting = 'work', equals = false }\n[[row]]\ntarget = 'text'\nsource = 'work'\nwhen = { setting = 'work', equals = true }\n",
    )
    .unwrap();
    let fields = fields();
    let document = json!({ "private": "p", "work": "w" });
    let record = Record::new(&fields).with("text", "x").unwrap();
    for (work, expected, back) in [
        (false, "p", json!({ "private": "x" })),
        (true, "w", json!({ "work": "x" })),
    ] {
        let mapper = profile
            .compile_for(&fields)
            .setting("work", work)
            .compile()
            .unwrap();
        let exported = mapper.export(&document, &on()).unwrap();
        assert_eq!(exported.get("text"), Some(&expected.into()));
        assert_eq!(mapper.import(&record, &on()).unwrap(), back);
    }
}

#[test]
fn what_is_exported_is_imported_again() {
    let rows = r#"
[tables.countries]
Sverige = "SE"
Norge = "NO"

[[row]]
target = "text"
source = ["name.first", "name.last"]
transform = ["trim", { join = { separator = " ", back = "last" } }]

[[row]]
target = "other"
source = "country"
transform = [{ lookup = "countries" }]

[[row]]
target = "integer"
source = "pay.amount"
transform = [{ scale = 100 }]

[[row]]
target = "decimal"
source = "pay.rate"
transform = [{ number = { decimal = "," } }]

[[row]]
target = "date"
source = "hired"
transform = [{ date = "%d/%m/%Y" }]

[[row]]
target = "timestamp"
source = "changed"

[[row]]
target = "flag"
source = "active"
transform = [{ parse = "bool" }]

[[row]]
target = "list"
source = "list"

[[row]]
target = "set"
source = "tags"
transform = [{ prefix = "PD=" }, "set"]

[[row]]
target = "reference"
source = "client"
transform = [{ reference = "client" }]

[[row]]
target = "secret"
source = "ssn"
transform = ["empty-to-null", { normalise = "personal-number" }]
"#;
    let mapper = compile(rows);
    let document = json!({
        "name": { "first": "Anna Maria", "last": "Ek" },
        "country": "Norge",
        "pay": { "amount": 32500.5, "rate": "0,25" },
        "hired": "01/09/2026",
        "changed": "2026-11-20T08:00:00Z",
        "active": "true",
        "list": ["b", "a", "b"],
        "tags": ["30", "40"],
        "client": "c-17",
        "ssn": "19121212-1212"
    });
    let record = mapper.export(&document, &on()).unwrap();
    assert_eq!(record.iter().count(), 11);
    assert_eq!(record.get("integer"), Some(&3_250_050.into()));
    let back = mapper.import(&record, &on()).unwrap();
    assert_eq!(back, document);
    // Nothing is said of what the record does not say.
    let partial = Record::new(mapper.fields()).with("integer", 100).unwrap();
    assert_eq!(
        mapper.import(&partial, &on()).unwrap(),
        json!({ "pay": { "amount": 1 } })
    );
    // Null clears, and both parts of a joined text.
    let null = Record::new(mapper.fields())
        .with("text", Value::Null)
        .unwrap();
    assert_eq!(
        mapper.import(&null, &on()).unwrap(),
        json!({ "name": { "first": null, "last": null } })
    );
}

#[test]
fn an_import_that_would_lose_something_fails() {
    let mapper = compile(
        "[tables.t]\na = '1'\n[[row]]\ntarget = 'text'\nsource = 't'\ntransform = [{ lookup = 't' }]\n[[row]]\ntarget = 'other'\nsource = 'o'\ntransform = [{ prefix = 'PD=' }]\n[[row]]\ntarget = 'decimal'\nsource = 'd'\ntransform = [{ scale = 3 }]\n[[row]]\ntarget = 'set'\nsource = 's'\n",
    );
    let fields = mapper.fields().clone();
    let fails = |name: &str, value: Value| {
        let record = Record::new(&fields).with(name, value).unwrap();
        mapper.import(&record, &on()).unwrap_err().failures[0]
            .problem
            .clone()
    };
    assert!(matches!(
        fails("text", "2".into()),
        Problem::NotInTable { .. }
    ));
    assert!(matches!(
        fails("other", "30".into()),
        Problem::NoPrefix { .. }
    ));
    assert!(matches!(
        fails("decimal", Value::Decimal(1.into())),
        Problem::NotDivisible { .. }
    ));
    let long = "0.1234567890123456789012345678".parse().unwrap();
    let mapper = compile("[[row]]\ntarget = 'decimal'\nsource = 'd'\n");
    let record = Record::new(mapper.fields())
        .with("decimal", Value::Decimal(long))
        .unwrap();
    let error = mapper.import(&record, &on()).unwrap_err();
    assert_eq!(error.failures[0].problem, Problem::Number);
}

#[test]
fn two_rows_that_write_one_place_must_agree() {
    let mapper = compile(
        "[[row]]\ntarget = 'integer'\nsource = 'amount'\nimport-when = { field = 'text', not-equals = 'hour' }\n[[row]]\ntarget = 'decimal'\nsource = 'amount'\nimport-when = { field = 'text', not-equals = 'month' }\n",
    );
    let record = |text: &str| {
        let record = Record::new(mapper.fields()).with("text", text).unwrap();
        let record = record.with("integer", 1).unwrap();
        record.with("decimal", Value::Decimal(2.into())).unwrap()
    };
    let import = |text: &str| mapper.import(&record(text), &on());
    assert_eq!(import("month").unwrap(), json!({ "amount": 1 }));
    assert_eq!(import("hour").unwrap(), json!({ "amount": 2 }));
    let error = import("other").unwrap_err();
    assert_eq!(error.failures[0].problem, Problem::Contradicts { other: 1 });
}

#[test]
fn a_record_of_another_layout_is_imported_by_names() {
    let mapper = compile(
        "[[row]]\ntarget = 'text'\nsource = 't'\nimport-when = { field = 'flag', equals = true }\n",
    );
    let other = Fields::new([
        Field::new("flag", ValueKind::Bool).unwrap(),
        Field::new("unknown", ValueKind::Text).unwrap(),
        Field::new("text", ValueKind::Text).unwrap(),
    ])
    .unwrap();
    let record = |flag: bool| {
        let record = Record::new(&other).with("text", "x").unwrap();
        record.with("flag", flag).unwrap()
    };
    assert_eq!(
        mapper.import(&record(true), &on()).unwrap(),
        json!({ "t": "x" })
    );
    assert_eq!(mapper.import(&record(false), &on()).unwrap(), json!({}));
}

#[test]
fn functions_of_the_app() {
    let text =
        "name = 'p'\n[[row]]\ntarget = 'text'\nsource = 't'\ntransform = [{ call = 'reverse' }]\n";
    let profile = Profile::from_toml(text).unwrap();
    let reverse = |value: &Value| match value.as_text() {
        Some("no") => Err("write anything but no".to_owned()),
        Some(text) => Ok(Value::from(text.chars().rev().collect::<String>())),
        None => Ok(7.into()),
    };
    let fields = fields();
    let mapper = profile
        .compile_for(&fields)
        .function("reverse", Function::new(reverse).reversed_by(reverse))
        .compile()
        .unwrap();
    let export = |value: Json| mapper.export(&json!({ "t": value }), &on());
    let record = export(json!("abc")).unwrap();
    assert_eq!(record.get("text"), Some(&"cba".into()));
    assert_eq!(
        mapper.import(&record, &on()).unwrap(),
        json!({ "t": "abc" })
    );
    assert_eq!(export(json!(null)).unwrap().get("text"), Some(&Value::Null));
    let error = export(json!("no")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`reverse`: write anything but no")
    );
    assert!(matches!(
        export(json!(1)).unwrap_err().failures[0].problem,
        Problem::Kind { .. }
    ));
}

fn explained() -> (Mapper, Json) {
    let mapper = compile(&format!(
        "[settings.off]\ndefault = false\n{}{}{}{}{}{}{}",
        export_row("text", "source = 'a'\nfallback = ['b']"),
        export_row("text", "source = 'c'"),
        export_row(
            "other",
            "source = 'c'\nwhen = { path = 'c', equals = 'never' }"
        ),
        export_row("integer", "source = 'missing'"),
        export_row("date", "source = 'b'"),
        export_row("secret", "source = 'c'"),
        export_row(
            "flag",
            "source = 'c'\nwhen = { setting = 'off', equals = true }"
        ),
    ));
    (mapper, json!({ "b": "from b", "c": "from c" }))
}

#[test]
fn an_explanation_says_what_became_of_each_row() {
    let (mapper, document) = explained();
    let explanation = mapper.explain(&document, &on());
    insta::assert_snapshot!(explanation.render(Sensitivity::Personal));
    assert_eq!(explanation.failures().len(), 1);
    assert_eq!(explanation.record().get("text"), Some(&"from b".into()));
}

#[test]
fn an_explanation_shows_values_only_when_it_is_told_to() {
    let (mapper, document) = explained();
    let explanation: Explanation<'_> = mapper.explain(&document, &on());
    let quiet = format!("{explanation} {explanation:?}");
    assert!(
        !quiet.contains("from b,") && !quiet.contains("\"from"),
        "{quiet}"
    );
    assert!(
        explanation
            .render(Sensitivity::Sensitive)
            .contains("secret: from c")
    );
}

#[test]
fn a_document_is_read_without_losing_anything() {
    let error = |text: &str| read_json(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        error("{\n \"a\": { \"k\": 1,\n \"k\": 2 } }"),
        "the key `k` stands twice at line 3, column 4"
    );
    assert!(error("{ \"n\": 12345678901234567890123 }").contains("more digits"));
    assert!(error("{ \"n\": 1e400 }").contains("out of range"));
    assert!(error("{} {}").contains("trailing"));
    assert!(error("").contains("EOF"));
    assert!(error(&"[".repeat(100_000)).contains("recursion limit"));
    let whole = read_json(br#"{ "a": [1, -2, 18446744073709551615, 0.5, true, null, "x"] }"#);
    assert_eq!(
        whole.unwrap(),
        json!({ "a": [1, -2, u64::MAX, 0.5, true, null, "x"] })
    );
}
