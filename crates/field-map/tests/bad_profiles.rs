//! Profiles that cannot be used: every problem at once, each with its place and what to do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use field_map::{Function, Profile, ProfileError, ProfileProblemKind};
use flat_record::{Field, Fields, ValueKind};
use proptest::prelude::*;

fn fields() -> Fields {
    Fields::new([
        Field::new("name", ValueKind::Text).unwrap(),
        Field::new("city", ValueKind::Text).unwrap(),
        Field::new("hired", ValueKind::Date).unwrap(),
        Field::new("salary", ValueKind::Integer).unwrap(),
        Field::new("tags", ValueKind::Set).unwrap(),
    ])
    .unwrap()
}

fn problems(text: &str) -> ProfileError {
    match Profile::from_toml(text) {
        Err(error) => error,
        Ok(profile) => profile.compile_for(&fields()).compile().unwrap_err(),
    }
}

fn kinds(text: &str) -> Vec<ProfileProblemKind> {
    problems(text)
        .problems
        .iter()
        .map(|problem| problem.kind)
        .collect()
}

/// A profile of one row of this text.
fn row(text: &str) -> String {
    format!("name = \"p\"\n[[row]]\n{text}\n")
}

#[test]
fn everything_that_is_wrong_with_the_text_is_reported_at_once() {
    let error = problems(
        r#"
name = "wrong"
descripton = "misspelt"

[settings.work]
description = "no default"

[tables.countries]
Sweden = 46

[paths]
employment = "employments[valid start]"
one = "$two.x"
two = "$one.y"
deep = "$employment.z"

[[row]]
target = "name"
source = "firstName..lastName"

[[row]]
target = "city"
source = "city"
value = "Borås"
transform = ["trimm", { lookup = "country" }, { scale = 0 }, { date = "%Y-%m" }, "prefix"]

[[row]]
source = "x"
direction = "sideways"
when = { path = "x" }
required = "yes"

[[row]]
target = "hired"
source = ["only"]
when = { path = "x", equals = 1, present = true }
"#,
    );
    insta::assert_snapshot!(error);
}

#[test]
fn everything_that_does_not_fit_the_target_is_reported_at_once() {
    let error = problems(
        r#"
name = "unfit"

[tables.towns]
Gothenburg = "Göteborg"
"Gothenburg city" = "Göteborg"

[[row]]
target = "nmae"
source = "name"

[[row]]
target = "hired"
source = "employments[valid start end].start"

[[row]]
target = "salary"
source = "salary"
transform = [{ prefix = "SEK " }]

[[row]]
target = "tags"
source = "tags"
transform = [{ call = "shorten" }]

[[row]]
target = "city"
source = "city"
when = { setting = "use-city", equals = true }
transform = ["upper"]

[[row]]
target = "city"
source = "town"
transform = [{ lookup = "towns" }]

[[row]]
target = "city"
source = "place.name"
when = { path = "place", present = true }

[[row]]
target = "city"
value = "Borås"

[[row]]
target = "city"
value = "Skövde"

[[row]]
target = "name"
source = "town.name"

[[row]]
target = "name"
source = ["first", "last"]
transform = [{ join = " " }]

[[row]]
target = "name"
source = "a"
when = { field = "cty", present = true }
"#,
    );
    insta::assert_snapshot!(error);
}

#[test]
fn a_text_that_is_no_document_is_refused_with_its_place() {
    let error = Profile::from_toml("name = \"x\"\n[[row]\n").unwrap_err();
    assert_eq!(error.problems[0].kind, ProfileProblemKind::Syntax);
    assert_eq!(error.problems[0].line, 2);
    for text in [
        "",
        "{",
        "{} {}",
        "// c\n{}",
        "{'name':'x'}",
        "{\"name\":\"x\",}",
        "[1]",
        "null",
    ] {
        assert!(Profile::from_json(text).is_err(), "{text}");
    }
    let twice = Profile::from_json("{\n \"name\": \"x\",\n \"name\": \"y\"\n}").unwrap_err();
    assert_eq!(
        twice.problems[0].to_string(),
        "line 3, column 2: the key `name` stands twice"
    );
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    assert!(Profile::from_json(&deep).is_err());
    assert!(Profile::from_json(&"[".repeat(100_000)).is_err());
    assert!(Profile::from_toml(&format!("a = {}", "[".repeat(100_000))).is_err());
}

#[test]
fn columns_are_counted_in_characters() {
    let error = problems("name = \"åäö\"\n[[row]]\ntarget = \"name\"\nsource = 'ö.ö..'\n");
    assert_eq!((error.problems[0].line, error.problems[0].column), (4, 10));
    let error = problems(&row(
        "label = \"åäö\"\ntarget = \"name\"\nsource = \"x\"\n\"ååå\" = 1",
    ));
    assert_eq!((error.problems[0].line, error.problems[0].column), (6, 1));
}

#[test]
fn json_and_toml_are_read_alike() {
    let toml = r#"
name = "p"
[settings.work]
default = false
[[row]]
target = "city"
source = "homeAddress.city"
when = { setting = "work", equals = true }
transform = ["trim", { prefix = "x" }]
"#;
    let json = r#"{
        "name": "p",
        "settings": { "work": { "default": false } },
        "row": [{
            "target": "city",
            "source": "homeAddress.city",
            "when": { "setting": "work", "equals": true },
            "transform": ["trim", { "prefix": "x" }]
        }]
    }"#;
    let toml = Profile::from_toml(toml).unwrap();
    let json = Profile::from_json(json).unwrap();
    assert_eq!(toml.to_markdown(), json.to_markdown());
}

#[test]
fn what_cannot_be_reversed_says_so_unless_it_is_exported_only() {
    use ProfileProblemKind::Irreversible;
    for text in [
        r#"target = "city"
source = "city"
transform = ["upper"]"#,
        r#"target = "city"
source = "city"
transform = [{ split = { separator = ",", take = "before-first" } }]"#,
        r#"target = "city"
source = "cities[0]""#,
        r#"target = "city"
source = "city"
when = { path = "city", present = true }"#,
        r#"target = "name"
source = ["a", "b"]
transform = [{ join = " " }]"#,
        r#"target = "name"
source = ["a", "b", "c"]
transform = [{ join = { separator = " ", back = "last" } }]"#,
        r#"target = "hired"
source = "hired"
transform = [{ date-of-timestamp = "ignore-time" }]"#,
    ] {
        assert_eq!(kinds(&row(text)), [Irreversible], "{text}");
        let profile = row(&format!("{text}\ndirection = \"export\""));
        let profile = Profile::from_toml(&profile).unwrap();
        assert!(profile.compile_for(&fields()).compile().is_ok(), "{text}");
    }
}

#[test]
fn settings_and_functions_must_be_known_and_of_their_kind() {
    let profile = Profile::from_toml(
        r#"
name = "p"
[settings.work]
default = false
[[row]]
target = "name"
source = "name"
transform = [{ call = "initials" }]
direction = "export"
"#,
    )
    .unwrap();
    let fields = fields();
    let initials = || Function::new(|value| Ok(value.clone()));
    let compiler = || {
        profile
            .compile_for(&fields)
            .function("initials", initials())
    };
    assert!(compiler().setting("work", true).compile().is_ok());
    let wrong = compiler().setting("work", "yes").compile().unwrap_err();
    assert!(
        wrong
            .to_string()
            .contains("takes true or false, not a text")
    );
    let unknown = compiler().setting("wrk", true).compile().unwrap_err();
    assert!(unknown.to_string().contains("did you mean `work`?"));
    let missing = profile.compile_for(&fields).function("initial", initials());
    let missing = missing.compile().unwrap_err();
    assert!(
        missing.to_string().contains("did you mean `initial`?"),
        "{missing}"
    );
}

#[test]
fn a_function_without_a_way_back_cannot_be_imported() {
    let text = row("target = \"name\"\nsource = \"name\"\ntransform = [{ call = \"f\" }]");
    let profile = Profile::from_toml(&text).unwrap();
    let fields = fields();
    let one_way = Function::new(|value| Ok(value.clone()));
    let error = profile
        .compile_for(&fields)
        .function("f", one_way.clone())
        .compile()
        .unwrap_err();
    assert_eq!(error.problems[0].kind, ProfileProblemKind::Irreversible);
    let both = one_way.reversed_by(|value| Ok(value.clone()));
    assert!(
        profile
            .compile_for(&fields)
            .function("f", both)
            .compile()
            .is_ok()
    );
}

#[test]
fn one_path_cannot_be_written_within_another() {
    let text = "name = \"p\"\n[[row]]\ntarget = \"name\"\nsource = \"a\"\n[[row]]\ntarget = \"city\"\nsource = \"a.b\"\n";
    let error = problems(text);
    assert!(
        error
            .to_string()
            .contains("into what row 1 writes as a whole"),
        "{error}"
    );
}

/// What is wrong with one key hides nothing of what is wrong with the next.
#[test]
fn a_row_is_read_to_its_end() {
    let error = problems(&row(
        "target = 1\nsource = \"a..b\"\ntransform = [\"trimm\"]\nrequired = 1",
    ));
    assert_eq!(error.problems.len(), 4, "{error}");
    let error = problems(&row(
        "target = \"name\"\nsource = \"a\"\ndirection = \"export\"\ntransform = [{ call = \"f\" }, { call = \"g\" }]\nwhen = { setting = \"s\", equals = 1 }",
    ));
    assert_eq!(error.problems.len(), 3, "{error}");
}

/// A key that says nothing in its row: whoever wrote it meant something else.
#[test]
fn a_key_without_effect_is_refused() {
    for text in [
        "source = ['a', 'b']\nfallback = ['c']\ntransform = [{ join = ' ' }]\ndirection = 'export'",
        "value = 'x'\nfallback = ['c']",
        "value = 'x'\nimport-when = { field = 'name', present = true }",
        "source = 'a'\ndirection = 'import'\nrequired = true",
        "source = 'a'\ndirection = 'import'\non-missing = 'clear'",
        "source = 'a'\ndirection = 'import'\nfallback = ['b']",
        "source = 'a'\ndirection = 'export'\nimport-transform = ['trim']",
        "source = 'a'\nrequired = true\non-missing = 'clear'",
    ] {
        let text = row(&format!("target = 'name'\n{text}"));
        assert_eq!(kinds(&text), [ProfileProblemKind::Value], "{text}");
    }
    let both = row("target = 'name'\nsource = 'a'\nrequired = true\non-missing = 'error'");
    assert!(Profile::from_toml(&both).is_ok());
}

/// The order of the keys of a row says nothing.
#[test]
fn a_constant_is_exported_unless_it_is_said_otherwise() {
    for text in [
        "value = 'x'\ndirection = 'both'",
        "direction = 'both'\nvalue = 'x'",
        "direction = 'import'\nvalue = 'x'",
    ] {
        let text = row(&format!("target = 'name'\n{text}"));
        assert_eq!(kinds(&text), [ProfileProblemKind::Irreversible], "{text}");
    }
}

/// A test of another kind than what it looks at never holds: the row would be off, unseen.
#[test]
fn what_is_compared_must_be_of_one_kind() {
    for condition in [
        "{ setting = 'work', equals = 'true' }",
        "{ setting = 'work', not-equals = 1 }",
        "{ setting = 'work', less = true }",
        "{ field = 'salary', equals = 'Hourly' }",
        "{ field = 'hired', greater = '20/11/2026' }",
        "{ field = 'name', in = ['a', 1] }",
        "{ field = 'tags', equals = 'a' }",
    ] {
        let text = format!(
            "name = 'p'\n[settings.work]\ndefault = false\n[[row]]\ntarget = 'name'\nsource = 'a'\nimport-when = {condition}"
        );
        assert_eq!(kinds(&text), [ProfileProblemKind::Kind], "{condition}");
    }
}

/// What the profile itself says would fail for each record.
#[test]
fn constants_and_defaults_must_fit_the_field() {
    for text in [
        "target = 'hired'\nvalue = '20/11/2026'",
        "target = 'salary'\nvalue = 1.5",
        "target = 'salary'\nsource = 'a'\ntransform = [{ default = 'none' }]",
        "target = 'name'\nsource = 'a'\ntransform = [{ default = 0 }]",
        "target = 'hired'\nsource = 'a'\ntransform = [{ default = 'x' }, { date = '%d/%m/%Y' }]",
        "target = 'name'\nvalue = '556016-0681'\ntransform = [{ normalise = 'organisation-number' }]",
    ] {
        assert_eq!(kinds(&row(text)), [ProfileProblemKind::Kind], "{text}");
    }
    for text in [
        "target = 'hired'\nvalue = '2026-11-20'",
        "target = 'salary'\nsource = 'a'\ntransform = [{ default = 1 }, { scale = 100 }]",
        "target = 'hired'\nsource = 'a'\ntransform = [{ default = '01/02/2026' }, { date = '%d/%m/%Y' }]",
    ] {
        let profile = Profile::from_toml(&row(text)).unwrap();
        assert!(profile.compile_for(&fields()).compile().is_ok(), "{text}");
    }
}

/// Which settings are chosen does not decide whether a profile is one.
#[test]
fn a_row_that_a_setting_switches_on_does_not_make_the_next_unreachable() {
    let text = "name = 'p'\n[settings.fixed]\ndefault = false\n[[row]]\ntarget = 'city'\nvalue = 'Borås'\nwhen = { setting = 'fixed', equals = true }\n[[row]]\ntarget = 'city'\nsource = 'city'\ndirection = 'export'\n";
    let profile = Profile::from_toml(text).unwrap();
    for fixed in [false, true] {
        let fields = fields();
        let compiled = profile
            .compile_for(&fields)
            .setting("fixed", fixed)
            .compile();
        assert!(compiled.is_ok(), "{fixed}");
    }
}

#[test]
fn a_date_format_that_does_not_tell_the_century_is_refused() {
    let text = row("target = 'hired'\nsource = 'a'\ntransform = [{ date = '%d/%m/%y' }]");
    assert_eq!(kinds(&text), [ProfileProblemKind::Value]);
}

/// A table of postal codes, of which reading must not take the square of its length.
#[test]
fn a_large_table_is_read() {
    let lines: Vec<_> = (0..100_000)
        .map(|code| format!("\"{code}\": \"x{code}\""))
        .collect();
    let text = format!(
        "{{ \"name\": \"p\", \"tables\": {{ \"t\": {{ {} }} }}, \"row\": [{{ \"target\": \"city\", \"source\": \"a\" }}] }}",
        lines.join(",")
    );
    assert!(Profile::from_json(&text).is_ok());
}

const WHOLE: &str = r#"
name = "whole"
description = "Every feature"

[settings.work]
default = false
description = "Work or private"

[tables.countries]
Sweden = "SE"

[paths]
employment = "employments[valid start end]"

[[row]]
target = "name"
source = ["first", "last"]
transform = ["trim", { join = { separator = " ", back = "last" } }]

[[row]]
target = "city"
source = "address.city"
fallback = ["town"]
when = { all = [{ setting = "work", equals = false }, { not = { path = "address", present = false } }] }
import-when = { any = [{ field = "salary", greater = 10 }, { field = "city", in = ["a", "b"] }] }
on-missing = "clear"
sensitivity = "sensitive"
label = "Town"
note = "a | b"

[[row]]
target = "hired"
source = "$employment.start"
transform = [{ date = ["%Y-%m-%d", "%d/%m/%Y"] }]
direction = "export"
required = true

[[row]]
target = "salary"
source = "salary"
transform = [{ number = { decimal = ",", group = " " } }, { scale = 100 }, { round = 0 }]
import-transform = [{ scale = 0.01 }]

[[row]]
target = "tags"
source = "tags"
transform = [{ prefix = "PD=" }, "set"]
"#;

#[test]
fn the_profile_of_every_feature_is_one() {
    let profile = Profile::from_toml(WHOLE).unwrap();
    let mapper = profile.compile_for(&fields()).compile();
    assert!(mapper.is_ok(), "{}", mapper.unwrap_err());
    insta::assert_snapshot!(profile.to_markdown());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Any text gives a profile or problems with a place within it.
    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        for read in [Profile::from_toml(&text), Profile::from_json(&text)] {
            if let Err(error) = read {
                prop_assert!(!error.problems.is_empty());
            }
        }
    }

    /// A profile of which a piece was taken away, doubled or replaced.
    #[test]
    fn a_damaged_profile_gives_problems_with_a_place(
        from in 0..WHOLE.len(), length in 0..60_usize, with in "[a-z\\[\\]{}=\"., 0-9$*\n]{0,6}",
    ) {
        let whole: Vec<char> = WHOLE.chars().collect();
        let from = from.min(whole.len());
        let to = (from + length).min(whole.len());
        let mut text: String = whole[..from].iter().collect();
        text.push_str(&with);
        text.extend(&whole[to..]);
        let lines = text.matches('\n').count() + 1;
        let error = match Profile::from_toml(&text) {
            Ok(profile) => profile.compile_for(&fields()).compile().err(),
            Err(error) => Some(error),
        };
        for problem in error.iter().flat_map(|error| &error.problems) {
            prop_assert!((1..=lines).contains(&problem.line), "{problem}");
            prop_assert!(problem.column >= 1);
        }
    }
}
