//! The page that describes the language of profiles is made of the JSON Schema and of the crate's
//! documentation, so that it cannot say anything else than they do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fmt::Write as _;
use std::path::Path;

use field_map::{Profile, json_schema};
use serde_json::Value as Json;

const EXAMPLE: &str = r#"name = "an HR system"
description = "Employees, as the HR system's API sends them"
source-label = "HR"
target-label = "Kleer"

[settings.use-work-email]
default = false
description = "The work e-mail address is used, and not the private one"

[tables.countries]
Sweden = "SE"
Norway = "NO"

[paths]
employment = "employments[valid startDate endDate]"

[[row]]
target = "email"
source = "privateEmail"
when = { setting = "use-work-email", equals = false }

[[row]]
target = "email"
source = "workEmail"
when = { setting = "use-work-email", equals = true }

[[row]]
target = "country-code"
source = "homeAddress.country"
transform = ["trim", { lookup = "countries" }, { default = "SE" }]

[[row]]
target = "monthly-salary"
source = "$employment.salary"
when = { all = [{ path = "$employment.period", equals = "MONTHLY" }, { path = "$employment.salary", greater = 0 }] }
direction = "export"
on-missing = "clear"
"#;

/// A part of the crate's documentation, from one heading to the next.
fn section(heading: &str) -> String {
    let documentation: Vec<_> = include_str!("../src/lib.rs")
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let start = documentation
        .iter()
        .position(|line| *line == format!("# {heading}"))
        .unwrap_or_else(|| panic!("the documentation has no section {heading}"));
    let lines = documentation[start + 1..]
        .iter()
        .take_while(|line| !line.starts_with("# "));
    let text: Vec<_> = lines.copied().collect();
    // Links of the documentation lead nowhere from here.
    let text = text.join("\n").replace("[`", "`").replace("`]", "`");
    format!("## {heading}\n\n{}\n", text.trim())
}

/// A table of keys, of the properties of a part of the schema.
fn keys(heading: &str, properties: &Json, required: &Json) -> String {
    let mut text = format!("## {heading}\n\n| key | takes | says |\n|---|---|---|\n");
    for (name, property) in properties.as_object().unwrap() {
        let must = required
            .as_array()
            .is_some_and(|all| all.contains(&Json::from(name.as_str())));
        let description = property["description"].as_str().unwrap_or_default();
        let _ = writeln!(
            text,
            "| `{name}`{} | {} | {description} |",
            if must { " (required)" } else { "" },
            takes(property)
        );
    }
    text
}

fn takes(property: &Json) -> String {
    let reference = property["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    if let Some(name) = reference {
        return match name {
            "literal" => "a text, a number, true or false".to_owned(),
            name => format!("a {name}"),
        };
    }
    if let Some(words) = property["enum"].as_array() {
        let all: Vec<_> = words
            .iter()
            .map(|word| format!("`{}`", word.as_str().unwrap()))
            .collect();
        return all.join(", ");
    }
    if let Some(choices) = property["oneOf"].as_array() {
        let all: Vec<_> = choices.iter().map(takes).collect();
        return all.join(", or ");
    }
    match property["type"].as_str() {
        Some("string") => "a text".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => {
            let of = takes(&property["items"]);
            let of = of.strip_prefix("a ").unwrap_or(&of);
            format!("a list, each a {of}")
        }
        Some("object") => "a table".to_owned(),
        other => panic!("a type that the page has no words for: {other:?}"),
    }
}

fn identifiers(schema: &Json) -> String {
    let choices = schema["$defs"]["transform"]["oneOf"].as_array().unwrap();
    let normalise = choices
        .iter()
        .find_map(|choice| choice["properties"].get("normalise"));
    takes(normalise.unwrap())
}

fn page() -> String {
    let schema = json_schema();
    let row = &schema["$defs"]["row"];
    let test = &schema["$defs"]["condition"]["oneOf"][0]["properties"];
    let setting = &schema["properties"]["settings"]["additionalProperties"];
    let parts = [
        "<!-- Generated from the JSON Schema and the crate's documentation; a test keeps them equal. -->\n\n\
         # The language of mapping profiles\n\n\
         A profile is a table of rows in TOML or JSON: which path of a source's documents fills which \
         field of a record, under which condition and through which transform. The JSON Schema for \
         editors is [profile.schema.json](../schemas/profile.schema.json); the built-in profiles are \
         [alexis-hr](alexis-hr.md) and [simployer-one](simployer-one.md).\n"
            .to_owned(),
        format!("```toml\n{EXAMPLE}```\n"),
        keys("A profile", &schema["properties"], &schema["required"]),
        keys("A setting", &setting["properties"], &setting["required"]),
        keys("A row", &row["properties"], &row["required"]),
        "A row has a `source` or a `value`. A row with a `value` is exported only. A key that has no \
         effect in its row is refused. Missing and null are not the same: of a missing value nothing is \
         said, and the field is left as it is; null clears it.\n"
            .to_owned(),
        keys("A condition", test, &Json::Null),
        "A condition has one of `path`, `field` and `setting`, and one test. Or it has only `all` or \
         `any`, with a list of conditions, or `not`, with one. A date is compared as a text, \
         `YYYY-MM-DD`. What is missing or null is not present, and equal to nothing. A setting or a \
         field is compared with values of its own kind only.\n"
            .to_owned(),
        section("Paths"),
        section("Transforms"),
        format!("The identifiers of `normalise` are {}.\n", identifiers(&schema)),
    ];
    parts.join("\n")
}

#[test]
fn the_example_is_a_profile() {
    let profile = Profile::from_toml(EXAMPLE).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(profile.row_count(), 4);
}

/// The documentation's table has every transform of the schema.
#[test]
fn no_transform_is_left_out() {
    let table = section("Transforms");
    for choice in json_schema()["$defs"]["transform"]["oneOf"]
        .as_array()
        .unwrap()
    {
        let plain = choice["enum"].as_array().into_iter().flatten();
        for name in plain {
            let written = format!("`\"{}\"`", name.as_str().unwrap());
            assert!(table.contains(&written), "{written}");
        }
        for name in choice["required"].as_array().into_iter().flatten() {
            let written = format!("`{{ {} = ", name.as_str().unwrap());
            assert!(table.contains(&written), "{written}");
        }
    }
}

/// After a change: `UPDATE_DOCS=1 cargo test -p field-map --test language_page`
#[test]
fn the_page_is_in_the_documentation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profiles/README.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "{} is not what the code says: UPDATE_DOCS=1 cargo test -p field-map --test language_page",
        path.display()
    );
}
