//! Each transform; and values that could be taken for others: refused, or taken the one way that is
//! no guess.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use chrono::NaiveDate;
use field_map::{Circumstances, Mapper, Problem, Profile, RowOutcome};
use flat_record::{Field, Fields, Kind, Record, Reference, Sensitivity, Value, ValueKind};
use serde_json::{Value as Json, json};

fn on() -> Circumstances<'static> {
    Circumstances::on(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap())
}

fn fields() -> Fields {
    let field = |name, kind| Field::new(name, kind).unwrap();
    Fields::new([
        field("text", ValueKind::Text),
        field("integer", ValueKind::Integer),
        field("flag", ValueKind::Bool),
        field("reference", ValueKind::Reference),
        field("decimal", ValueKind::Decimal),
        field("date", ValueKind::Date),
        field("list", ValueKind::List),
        field("set", ValueKind::Set),
    ])
    .unwrap()
}

fn compile(target: &str, transform: &str) -> Mapper {
    compiled(target, transform, "")
}

fn compiled(target: &str, transform: &str, direction: &str) -> Mapper {
    let text = format!(
        "name = 'p'\n[tables.t]\na = '1'\nb = '2'\n[[row]]\ntarget = '{target}'\nsource = 'x'\n{direction}transform = [{transform}]\n"
    );
    let profile = Profile::from_toml(&text).unwrap_or_else(|error| panic!("{error}"));
    let compiled = profile.compile_for(&fields()).compile();
    compiled.unwrap_or_else(|error| panic!("{error}"))
}

fn make(target: &str, transform: &str, value: &Json) -> Result<Value, Problem> {
    let mapper = compiled(target, transform, "direction = 'export'\n");
    match mapper.export(&json!({ "x": value }), &on()) {
        Ok(record) => Ok(record.get(target).cloned().unwrap()),
        Err(error) => Err(error.failures[0].problem.clone()),
    }
}

#[test]
fn transforms_of_texts() {
    let as_text = |transform: &str, value: &str| make("text", transform, &json!(value));
    let ok = |value: &str| Ok(Value::from(value));
    assert_eq!(as_text("'trim'", "  a b "), ok("a b"));
    assert_eq!(as_text("'collapse'", " a \t  b\u{a0}c "), ok("a b c"));
    assert_eq!(as_text("'upper'", "åsa"), ok("ÅSA"));
    assert_eq!(as_text("'lower'", "ÅSA"), ok("åsa"));
    assert_eq!(as_text("'empty-to-null'", "  "), Ok(Value::Null));
    assert_eq!(as_text("'empty-to-null'", " a"), ok(" a"));
    assert_eq!(make("text", "'null-to-empty'", &json!(null)), ok(""));
    assert_eq!(
        as_text(
            "{ split = { separator = ' ', take = 'before-first' } }",
            "a b c"
        ),
        ok("a")
    );
    assert_eq!(
        as_text(
            "{ split = { separator = ' ', take = 'after-first' } }",
            "a b c"
        ),
        ok("b c")
    );
    assert_eq!(
        as_text(
            "{ split = { separator = ' ', take = 'before-last' } }",
            "a b c"
        ),
        ok("a b")
    );
    assert_eq!(
        as_text(
            "{ split = { separator = ' ', take = 'after-last' } }",
            "a b c"
        ),
        ok("c")
    );
    assert_eq!(
        as_text(
            "{ split = { separator = '/', take = 'after-last' } }",
            "a b c"
        ),
        ok("")
    );
    assert_eq!(
        as_text("{ replace = { from = '-', to = '' } }", "1-2-3"),
        ok("123")
    );
    assert_eq!(as_text("{ lookup = 't' }", "a"), ok("1"));
    assert!(as_text("{ lookup = 't' }", "c").is_err());
    assert_eq!(
        as_text("{ lookup = { table = 't', unknown = 'keep' } }", "c"),
        ok("c")
    );
    assert_eq!(
        as_text("{ lookup = { table = 't', unknown = 'null' } }", "c"),
        Ok(Value::Null)
    );
}

#[test]
fn transforms_from_and_to_texts() {
    let as_text = |transform: &str, value: &str| make("text", transform, &json!(value));
    let ok = |value: &str| Ok(Value::from(value));
    assert_eq!(make("text", "{ default = 'SE' }", &json!(null)), ok("SE"));
    assert_eq!(as_text("{ default = 'SE' }", "NO"), ok("NO"));
    assert_eq!(make("text", "{ text = 'integer' }", &json!(17)), ok("17"));
    assert_eq!(make("text", "{ text = 'integer' }", &json!("17")), ok("17"));
    assert_eq!(make("text", "{ text = 'bool' }", &json!(true)), ok("true"));
    assert_eq!(as_text("{ prefix = 'PD=' }", "30"), ok("PD=30"));
    assert_eq!(
        as_text("{ normalise = 'personal-number' }", "121212+1212"),
        ok("19121212-1212")
    );
    assert!(as_text("{ normalise = 'personal-number' }", "121212+1213").is_err());
    assert_eq!(
        as_text("{ normalise = 'organisation-number' }", "5560160680"),
        ok("556016-0680")
    );
}

#[test]
fn transforms_to_dates() {
    let date = |transform: &str, value: &str| make("date", transform, &json!(value));
    assert_eq!(
        date("{ date = '%d/%m/%Y' }", "20/11/2026"),
        Ok(Value::Date(on().day))
    );
    assert_eq!(
        date("{ date = ['%Y%m%d', '%d.%m.%Y'] }", "20.11.2026"),
        Ok(Value::Date(on().day))
    );
    assert!(date("{ date = '%d/%m/%Y' }", "2026-11-20").is_err());
    assert_eq!(
        date("'date-of-timestamp'", "2026-11-20T00:00:00.000Z"),
        Ok(Value::Date(on().day))
    );
    assert_eq!(
        date("'date-of-timestamp'", "2026-11-20"),
        Ok(Value::Date(on().day))
    );
    assert_eq!(
        date("'date-of-timestamp'", "2026-11-19T23:00:00Z"),
        Err(Problem::NotMidnight)
    );
    assert_eq!(
        date(
            "{ date-of-timestamp = 'ignore-time' }",
            "2026-11-20T23:00:00Z"
        ),
        Ok(Value::Date(on().day))
    );
}

#[test]
fn transforms_of_numbers() {
    let number = |transform: &str, value: &Json| make("decimal", transform, value);
    let decimal = |text: &str| Ok(Value::Decimal(text.parse().unwrap()));
    let swedish = "{ number = { decimal = ',', group = ' ' } }";
    assert_eq!(number(swedish, &json!("32 500,50")), decimal("32500.50"));
    assert!(number(swedish, &json!("32.500,50")).is_err());
    assert_eq!(number("{ scale = 100 }", &json!(325.05)), decimal("32505"));
    assert_eq!(number("{ scale = 0.01 }", &json!(32505)), decimal("325.05"));
    assert_eq!(number("{ round = 1 }", &json!(0.25)), decimal("0.3"));
    assert_eq!(
        number("{ parse = 'decimal' }", &json!("0.10")),
        decimal("0.10")
    );
    assert_eq!(
        make("integer", "{ parse = 'integer' }", &json!(" 12 ")),
        Ok(12.into())
    );
    assert_eq!(
        make("flag", "{ parse = 'bool' }", &json!("false")),
        Ok(false.into())
    );
}

#[test]
fn transforms_to_references() {
    let reference = make("reference", "{ reference = 'client' }", &json!("17")).unwrap();
    let reference = reference.as_reference().unwrap();
    assert_eq!(
        (reference.kind.as_str(), reference.key.as_str()),
        ("client", "17")
    );
    assert!(make("reference", "{ reference = 'client' }", &json!(17)).is_ok());
}

/// "12.50" is not 1250, whatever separates groups.
#[test]
fn groups_of_a_number_have_three_digits() {
    let number = |text: &str| {
        make(
            "decimal",
            "{ number = { decimal = ',', group = '.' } }",
            &json!(text),
        )
    };
    let decimal = |text: &str| Ok(Value::Decimal(text.parse().unwrap()));
    assert_eq!(number("1.234.567,5"), decimal("1234567.5"));
    assert_eq!(number("-12.345"), decimal("-12345"));
    assert_eq!(number("1234567"), decimal("1234567"));
    for wrong in [
        "12.50", "1.2345", "1..234", "1.234.5", "1,2.345", "1,2,3", "1-2", "", ",", "1.234.",
    ] {
        assert_eq!(number(wrong), Err(Problem::NotANumber), "{wrong}");
    }
    let spaced = |text: &str| {
        make(
            "decimal",
            "{ number = { decimal = ',', group = ' ' } }",
            &json!(text),
        )
    };
    for space in [' ', '\u{a0}', '\u{202f}'] {
        assert_eq!(spaced(&format!("32{space}500,50")), decimal("32500.50"));
    }
    assert_eq!(
        make("decimal", "{ parse = 'decimal' }", &json!("1_000")),
        Err(Problem::NotANumber)
    );
}

/// "2026111" is the 1st of November or the 11th of January.
#[test]
fn a_date_without_separators_has_all_its_digits() {
    let date = |text: &str| make("date", "{ date = '%Y%m%d' }", &json!(text));
    assert!(date("20261120").is_ok());
    for wrong in ["2026111", "202611", "202611200"] {
        assert!(matches!(date(wrong), Err(Problem::Date { .. })), "{wrong}");
    }
    assert!(make("date", "{ date = '%d/%m/%Y' }", &json!("1/5/2026")).is_ok());
}

/// A set that is written as one text must come back as the same set.
#[test]
fn a_set_whose_elements_contain_the_separator_is_not_joined() {
    let mapper = compile("set", "{ set = ',' }");
    let import = |elements: &[&str]| {
        let set = Value::set(elements.iter().copied());
        mapper.import(
            &Record::new(mapper.fields()).with("set", set).unwrap(),
            &on(),
        )
    };
    assert_eq!(import(&["a", "b"]).unwrap(), json!({ "x": "a,b" }));
    for wrong in ["a,b", "", " a"] {
        let error = import(&[wrong, "c"]).unwrap_err();
        assert!(
            matches!(error.failures[0].problem, Problem::NotSeparable { .. }),
            "{wrong:?}"
        );
    }
}

/// What is done with one value is done with each of a list, both ways.
#[test]
fn each_element_of_a_list_is_transformed() {
    let cases = [
        (
            "list",
            "{ parse = 'integer' }",
            json!(["7", "12"]),
            Value::list([7, 12]),
        ),
        (
            "set",
            "{ parse = 'integer' }, 'set'",
            json!(["12", "7"]),
            Value::set([7, 12]),
        ),
        (
            "list",
            "{ normalise = 'organisation-number' }",
            json!(["556016-0680"]),
            Value::list(["556016-0680"]),
        ),
        (
            "list",
            "{ text = 'integer' }",
            json!([7, 12]),
            Value::list(["7", "12"]),
        ),
        (
            "set",
            "{ set = ',' }, { prefix = 'PD=' }, { reference = 'dimension-entry' }",
            json!("30,40"),
            Value::set(["PD=30", "PD=40"].map(|key| {
                Value::from(Reference::new(Kind::new("dimension-entry").unwrap(), key))
            })),
        ),
        (
            "list",
            "{ reference = 'client' }",
            json!(["a", "b"]),
            Value::list(
                ["a", "b"]
                    .map(|key| Value::from(Reference::new(Kind::new("client").unwrap(), key))),
            ),
        ),
    ];
    for (target, transform, document, expected) in cases {
        let mapper = compile(target, transform);
        let document = json!({ "x": document });
        let record = mapper
            .export(&document, &on())
            .unwrap_or_else(|error| panic!("{transform}: {error}"));
        assert_eq!(record.get(target), Some(&expected), "{transform}");
        let back = mapper
            .import(&record, &on())
            .unwrap_or_else(|error| panic!("{transform}: {error}"));
        let again = mapper.export(&back, &on()).unwrap();
        assert_eq!(again, record, "{transform}");
    }
}

/// A setting that decides a part of a condition decides the row: nothing of the document does.
#[test]
fn a_row_that_a_setting_switches_off_says_so() {
    let text = "name = 'p'\n[settings.s]\ndefault = false\n[[row]]\ntarget = 'text'\nsource = 'x'\ndirection = 'export'\nwhen = { all = [{ setting = 's', equals = true }, { path = 'y', present = true }] }\n";
    let profile = Profile::from_toml(text).unwrap();
    let mapper = profile.compile_for(&fields()).compile().unwrap();
    let document = json!({ "x": "a", "y": 1 });
    let explanation = mapper.explain(&document, &on());
    assert_eq!(
        explanation.rows().next().unwrap().outcome,
        RowOutcome::SwitchedOff
    );
}

/// A default is not from where nothing was.
#[test]
fn an_explanation_tells_a_default_from_a_value() {
    let mapper = compile("text", "'empty-to-null', { default = 'SE' }");
    let told = |document: Json| {
        let explanation = mapper.explain(&document, &on());
        (
            explanation.render(Sensitivity::Personal),
            explanation.render(Sensitivity::Internal),
        )
    };
    for nothing in [json!({}), json!({ "x": null }), json!({ "x": "" })] {
        let (shown, hidden) = told(nothing);
        assert_eq!(
            shown,
            "text: SE, the row's default, since there is nothing in x\n"
        );
        assert_eq!(
            hidden,
            "text: (not shown), the row's default, since there is nothing in x\n"
        );
    }
    assert_eq!(told(json!({ "x": "NO" })).0, "text: NO, from x\n");
}
