//! Values that could be taken for others: refused, or taken the one way that is no guess.
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
        field("decimal", ValueKind::Decimal),
        field("date", ValueKind::Date),
        field("list", ValueKind::List),
        field("set", ValueKind::Set),
    ])
    .unwrap()
}

fn compile(target: &str, transform: &str) -> Mapper {
    let text = format!(
        "name = 'p'\n[[row]]\ntarget = '{target}'\nsource = 'x'\ntransform = [{transform}]\n"
    );
    let profile = Profile::from_toml(&text).unwrap_or_else(|error| panic!("{error}"));
    let compiled = profile.compile_for(&fields()).compile();
    compiled.unwrap_or_else(|error| panic!("{error}"))
}

fn make(target: &str, transform: &str, value: &Json) -> Result<Value, Problem> {
    match compile(target, transform).export(&json!({ "x": value }), &on()) {
        Ok(record) => Ok(record.get(target).cloned().unwrap()),
        Err(error) => Err(error.failures[0].problem.clone()),
    }
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
